-- Operands that do not fit.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT k || 1, v FROM t WHERE k = 10;
INSERT INTO pr SELECT CASE WHEN ok THEN 1 ELSE 'a' END, v FROM t;
INSERT INTO pr SELECT CAST(b AS TIMESTAMP(3)), 10 / 0 FROM t;
INSERT INTO pr SELECT CONCAT('a', NULL), ts - ts FROM t;
INSERT INTO pr SELECT NULL, v FROM t;
INSERT INTO pr SELECT DATE_FORMAT(ts, '%Y-%m'), SUM(k) FROM t GROUP BY ts;
INSERT INTO pr SELECT k, TIMESTAMPDIFF(SECOND, ts, p) FROM t WHERE v;
INSERT INTO pr SELECT k, 99999999999999999999 FROM t;
INSERT INTO pr SELECT k, tags FROM t;
INSERT INTO pr SELECT k, v, b FROM t;
INSERT INTO pr SELECT v, k FROM t;
