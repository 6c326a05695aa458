-- TUMBLE as a table function: filter below, HAVING above, through a CTE and a derived table.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE w (k STRING, ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT, PRIMARY KEY (k, ws) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'w', 'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'json', 'value.format' = 'json', 'value.json.encode.decimal-as-plain-number' = 'true');
INSERT INTO w SELECT k, window_start, window_end, SUM(b)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
WHERE k IS NOT NULL GROUP BY k, window_start, window_end HAVING SUM(b) > 0;
INSERT INTO w WITH x AS (SELECT * FROM t WHERE v > 3)
SELECT k, ws, we, COUNT(*) FROM (
  SELECT k, window_end AS we, window_start AS ws
  FROM TABLE(TUMBLE(DATA => TABLE x, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' HOUR, `OFFSET` => INTERVAL '10' MINUTE)))
GROUP BY ws, we, k;
