-- One scan, one watermark, one deduplication under three INSERTs; settings between them split nothing.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
CREATE TABLE up (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'up', 'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'raw', 'value.format' = 'avro');
CREATE VIEW first_rows (key_text, number) AS
SELECT k, v FROM (SELECT k, v, b, ROW_NUMBER() OVER (PARTITION BY k, b ORDER BY p) AS rn FROM t WHERE b > 0) WHERE rn <= 1 AND v <> 7;
BEGIN STATEMENT SET;
INSERT INTO up SELECT key_text, COUNT(*) FROM first_rows GROUP BY key_text;
INSERT INTO up SELECT key_text, SUM(number) FROM first_rows AS f GROUP BY f.key_text;
INSERT INTO pr SELECT key_text, number FROM first_rows;
END;
