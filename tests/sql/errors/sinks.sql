-- A query and a sink that do not fit.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE up (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'up', 'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'raw', 'value.format' = 'avro');
CREATE TABLE app (k STRING, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO app SELECT k, COUNT(*) FROM t GROUP BY k;
INSERT INTO app SELECT k, b FROM t;
INSERT INTO up SELECT UPPER(k), COUNT(*) FROM t GROUP BY k;
INSERT INTO up SELECT k, COUNT(*) FROM t GROUP BY k, v;
INSERT INTO up SELECT CAST(MAX(v) AS STRING), COUNT(*) FROM t;
INSERT INTO up (n) SELECT b FROM t;
INSERT INTO up SELECT k, b FROM t;
CREATE TABLE wide (k STRING, n BIGINT, PRIMARY KEY (k, n) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'o', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json');
INSERT INTO wide SELECT k, COUNT(*) FROM t GROUP BY k;
CREATE TABLE zoned (k STRING, `a-b` TIMESTAMP_LTZ(3), PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'o', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'value.format' = 'avro');
INSERT INTO zoned SELECT k, p FROM t;
