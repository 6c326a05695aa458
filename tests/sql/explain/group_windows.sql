-- TUMBLE in GROUP BY, its bounds and row time; a window over a window.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
CREATE TABLE bh (k STRING, `at` TIMESTAMP(3)) WITH ('connector' = 'blackhole');
INSERT INTO bh SELECT k, TUMBLE_ROWTIME(ts, INTERVAL '1' DAY) FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' DAY);
INSERT INTO pr SELECT 'x', SUM(n) FROM (
  SELECT TUMBLE_ROWTIME(ts, INTERVAL '1' MINUTE) AS rt, COUNT(DISTINCT k) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE))
GROUP BY TUMBLE(rt, INTERVAL '1' HOUR);
