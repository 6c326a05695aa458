-- SET: unknown, badly valued, refused, only tuning.
SET 'decant.state.max.byte' = '1GiB';
SET 'decant.commit.interval' = '5';
SET 'table.exec.state.tll' = '1 h';
SET 'table.exec.state.ttl' = 'an hour';
SET 'execution.runtime-mode' = 'batch';
SET 'parallelism.default' = '4';
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.local-time-zone' = 'Europe/Zurich';
SET table.exec.source.idle-timeout = 5 s;
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT DATE_FORMAT(p, 'HH:mm'), v FROM t;
SHOW TABLES;
