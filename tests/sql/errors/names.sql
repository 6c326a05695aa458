-- Names that are not there.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT K, v FROM t;
INSERT INTO pr SELECT u.k, v FROM t;
INSERT INTO pr SELECT k, v FROM tt;
INSERT INTO prr SELECT k, v FROM t;
INSERT INTO pr SELECT k, CONT(v) FROM t GROUP BY k;
INSERT INTO pr SELECT k, MY_UDF(v) FROM t;
INSERT INTO pr (k, m) SELECT k, v FROM t;
CREATE VIEW v1 AS SELECT nope FROM t;
INSERT INTO pr SELECT nope, 1 FROM v1;
DROP TABLE gone;
USE elsewhere;
