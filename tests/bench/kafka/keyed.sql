-- The benchmark's job: one keyed aggregate per minute and product, few upserts for many events.
SET 'pipeline.name' = 'bench-keyed';
SET 'table.exec.source.idle-timeout' = '30 s';
CREATE TABLE raw_events (
  event_id STRING, event_timestamp TIMESTAMP(3), event_type STRING, user_id STRING, session_id STRING,
  product_id STRING, product_category STRING, quantity INT, total_amount DECIMAL(14, 2),
  ts AS COALESCE(event_timestamp, TIMESTAMP '1970-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bench-events', 'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'decant-bench', 'scan.startup.mode' = 'earliest-offset',
  'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE bench_minute (
  window_start TIMESTAMP(3), product_id STRING, events BIGINT, purchases BIGINT, units BIGINT, revenue DOUBLE,
  PRIMARY KEY (window_start, product_id) NOT ENFORCED
) WITH ('connector' = 'upsert-kafka', 'topic' = 'bench-minute', 'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'json', 'value.format' = 'avro');
INSERT INTO bench_minute
SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), product_id, COUNT(*), COUNT(*) FILTER (WHERE event_type = 'purchase'),
  SUM(CAST(quantity AS BIGINT)), CAST(SUM(total_amount) AS DOUBLE)
FROM raw_events WHERE product_id IS NOT NULL
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), product_id;
