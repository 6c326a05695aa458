-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE raw_events (
  event_id STRING, event_timestamp TIMESTAMP(3), event_type STRING, user_id STRING, session_id STRING, device_type STRING, os STRING, browser STRING, location STRING,
  page_url STRING, referrer_url STRING, time_spent DOUBLE,
  product_id STRING, product_name STRING, product_category STRING, price DECIMAL(12, 2), quantity INT, total_amount DECIMAL(14, 2), order_id STRING, proc AS PROCTIME(),
  ts AS COALESCE(event_timestamp, TIMESTAMP '1970-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'raw-events', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'decant-shop',
  'scan.startup.mode' = 'earliest-offset', 'key.format' = 'raw', 'key.fields' = 'session_id',
  'value.format' = 'json', 'value.fields-include' = 'ALL', 'value.json.ignore-parse-errors' = 'true', 'value.json.timestamp-format.standard' = 'ISO-8601');
CREATE VIEW ev AS SELECT event_id, ts, event_type, user_id, session_id, device_type, product_id, product_name, product_category, quantity, total_amount, order_id, time_spent
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY session_id, event_id ORDER BY proc ASC) AS copy_no FROM raw_events
  WHERE event_id IS NOT NULL AND event_timestamp IS NOT NULL AND session_id IS NOT NULL AND event_type IN ('page_view', 'product_view', 'add_to_cart', 'purchase'))
WHERE copy_no = 1;
INSERT INTO active_users_per_minute SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), TUMBLE_END(ts, INTERVAL '1' MINUTE), COUNT(DISTINCT user_id), COUNT(DISTINCT session_id), COUNT(*)
FROM ev GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);
INSERT INTO product_analytics SELECT /*+ STATE_TTL('ev' = '0 s') */ product_id,
  SUBSTRING(MAX(DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') || product_name), 24), SUBSTRING(MAX(DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') || product_category), 24),
  COUNT(*) FILTER (WHERE event_type = 'product_view'), COUNT(*) FILTER (WHERE event_type = 'add_to_cart'), COUNT(*) FILTER (WHERE event_type = 'purchase'),
  COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE event_type = 'purchase'), 0), CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE), MAX(ts)
FROM ev WHERE product_id IS NOT NULL GROUP BY product_id;
INSERT INTO user_session_analytics SELECT /*+ STATE_TTL('ev' = '1 d') */ session_id, MIN(user_id), MIN(user_id) <> MAX(user_id), MIN(ts), MAX(ts), TIMESTAMPDIFF(SECOND, MIN(ts), MAX(ts)), COUNT(*),
  COUNT(*) FILTER (WHERE event_type = 'page_view'), COUNT(*) FILTER (WHERE event_type = 'product_view'),
  COUNT(*) FILTER (WHERE event_type = 'add_to_cart'), COUNT(*) FILTER (WHERE event_type = 'purchase'),
  CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE), COUNT(*) FILTER (WHERE event_type = 'purchase') > 0, COUNT(*) = 1
FROM ev GROUP BY session_id;
INSERT INTO category_minute SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), TUMBLE_END(ts, INTERVAL '1' MINUTE), product_category,
  COUNT(*) FILTER (WHERE event_type = 'product_view'), COUNT(*) FILTER (WHERE event_type = 'add_to_cart'), COUNT(*) FILTER (WHERE event_type = 'purchase'),
  COUNT(DISTINCT order_id), COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE event_type = 'purchase'), 0),
  CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE)
FROM ev WHERE product_category IS NOT NULL GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), product_category;
