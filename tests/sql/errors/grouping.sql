-- What a grouped query may use.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT k, v FROM t GROUP BY k;
INSERT INTO pr SELECT k AS q, COUNT(*) FROM t GROUP BY q;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY 1;
INSERT INTO pr SELECT k, COUNT(*) FROM t WHERE COUNT(*) > 1 GROUP BY k;
INSERT INTO pr SELECT k, SUM(MAX(v)) FROM t GROUP BY k;
INSERT INTO pr SELECT k, COUNT(DISTINCT v, b) FROM t GROUP BY k;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY k HAVING COUNT(*) > 2;
INSERT INTO pr SELECT k, COUNT(*) FROM (SELECT k, COUNT(*) AS n FROM t GROUP BY k) GROUP BY k;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY ROLLUP (k);
INSERT INTO pr SELECT k, STDDEV_POP(v) FROM t GROUP BY k;
INSERT INTO pr SELECT /*+ STATE_TTL('x' = '1 d') */ k, COUNT(*) FROM t GROUP BY k;
