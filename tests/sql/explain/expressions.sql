-- How expressions are printed, and what becomes of CASE, IN, BETWEEN, NULLIF, casts.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT CASE v WHEN 1 THEN 'a' WHEN 2 THEN NULL ELSE k END, NULLIF(b, 3) FROM t
WHERE ts > '2026-01-01 00:00:00' AND (v BETWEEN 1 AND b OR NOT (ok AND d * 2 > 1e3)) AND k NOT IN ('a', 'it''s');
INSERT INTO pr (n) SELECT (v + 1) * 2 - TIMESTAMPDIFF(MINUTE, ts, LOCALTIMESTAMP) FROM t WHERE v IS DISTINCT FROM 3;
INSERT INTO pr SELECT CAST(c / v AS STRING) || TRY_CAST(ok AS STRING), COALESCE(b, part, -1) FROM t WHERE ok IS NOT FALSE;
INSERT INTO pr SELECT DISTINCT k, b FROM t;
