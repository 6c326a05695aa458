-- SPDX-License-Identifier: Apache-2.0
--
-- The shop: what is being looked at, put into carts and bought, right now?
--
-- Reads    raw-events: one JSON object per event of a web shop (page_view,
--          product_view, add_to_cart, purchase), record key = session_id.
--          `decant generate shop` writes such events.
-- Writes   active_users_per_minute   distinct users and sessions per minute
--          product_analytics         views, carts, purchases, revenue per product
--          user_session_analytics    one row per visit
--          category_minute           revenue and orders per minute and category
--          Each is a compacted topic of keyed Avro rows with the table's name,
--          and Pinot serves it as an upsert table of the same name.
-- Try      decant check pipelines/shop.sql
--          decant explain pipelines/shop.sql
--          decant run pipelines/shop.sql
--          SELECT product_name, revenue FROM product_analytics
--            ORDER BY revenue DESC LIMIT 10        (in Pinot)
--
-- The file is plain Flink SQL and runs unchanged on Apache Flink 1.20.

SET 'pipeline.name' = 'shop';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.source.idle-timeout' = '30 s';
SET 'table.exec.state.ttl' = '1 h';
-- A window that is still open shows its row at most once per second. A late
-- event corrects the row at once until the window is 10 minutes old.
SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '1 s';
SET 'table.exec.emit.late-fire.enabled' = 'true';
SET 'table.exec.emit.late-fire.delay' = '0 s';
SET 'table.exec.emit.allow-lateness' = '10 min';
SET 'decant.dead-letter.topic' = 'raw-events.dead-letter';

CREATE TABLE raw_events (
  event_id STRING,
  event_timestamp TIMESTAMP(3),
  event_type STRING,
  user_id STRING,
  session_id STRING,
  device_type STRING,
  os STRING,
  browser STRING,
  location STRING,
  page_url STRING,
  referrer_url STRING,
  time_spent DOUBLE,
  product_id STRING,
  product_name STRING,
  product_category STRING,
  price DECIMAL(12, 2),
  quantity INT,
  total_amount DECIMAL(14, 2),
  order_id STRING,
  proc AS PROCTIME(),
  -- A NULL row time would fail the job, and a filter behind it comes too late.
  -- 1970 cannot move the watermark; the view below then drops such events.
  ts AS COALESCE(event_timestamp, TIMESTAMP '1970-01-01 00:00:00'),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'raw-events',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'decant-shop',
  'scan.startup.mode' = 'earliest-offset',
  'key.format' = 'raw',
  'key.fields' = 'session_id',
  'value.format' = 'json',
  'value.fields-include' = 'ALL',
  'value.json.ignore-parse-errors' = 'true',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

-- Every aggregate reads this view, so that an event sent twice counts once in
-- all of them. session_id is the record key: both copies are in one partition.
CREATE VIEW ev AS
SELECT event_id, ts, event_type, user_id, session_id, device_type, product_id, product_name,
  product_category, quantity, total_amount, order_id, time_spent
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY session_id, event_id ORDER BY proc ASC) AS copy_no
  FROM raw_events
  WHERE event_id IS NOT NULL AND event_timestamp IS NOT NULL AND session_id IS NOT NULL
    AND event_type IN ('page_view', 'product_view', 'add_to_cart', 'purchase')
)
WHERE copy_no = 1;

CREATE TABLE active_users_per_minute (
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  active_users BIGINT,
  active_sessions BIGINT,
  events BIGINT,
  PRIMARY KEY (window_start, window_end) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'active_users_per_minute',
  'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'json',
  'value.format' = 'avro'
);

CREATE TABLE product_analytics (
  product_id STRING,
  product_name STRING,
  product_category STRING,
  view_count BIGINT,
  cart_adds BIGINT,
  purchases BIGINT,
  units BIGINT,
  revenue DOUBLE,
  update_time TIMESTAMP(3),
  PRIMARY KEY (product_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'product_analytics',
  'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'raw',
  'value.format' = 'avro'
);

CREATE TABLE user_session_analytics (
  session_id STRING,
  user_id STRING,
  mixed_users BOOLEAN,
  session_start TIMESTAMP(3),
  session_end TIMESTAMP(3),
  duration_seconds INT,
  events BIGINT,
  page_views BIGINT,
  product_views BIGINT,
  cart_adds BIGINT,
  purchases BIGINT,
  total_spent DOUBLE,
  converted BOOLEAN,
  bounced BOOLEAN,
  PRIMARY KEY (session_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'user_session_analytics',
  'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'raw',
  'value.format' = 'avro'
);

CREATE TABLE category_minute (
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  product_category STRING,
  view_count BIGINT,
  cart_adds BIGINT,
  purchases BIGINT,
  orders BIGINT,
  units BIGINT,
  revenue DOUBLE,
  PRIMARY KEY (window_start, product_category) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'category_minute',
  'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'json',
  'value.format' = 'avro'
);

EXECUTE STATEMENT SET BEGIN

INSERT INTO active_users_per_minute
SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), TUMBLE_END(ts, INTERVAL '1' MINUTE),
  COUNT(DISTINCT user_id), COUNT(DISTINCT session_id), COUNT(*)
FROM ev
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);

-- Totals of all time: the hint keeps this state for ever. A product's name and
-- category are those of its latest event: the greatest of time and text glued
-- together, with the 23 characters of the time cut off again.
INSERT INTO product_analytics
SELECT /*+ STATE_TTL('ev' = '0 s') */ product_id,
  SUBSTRING(MAX(DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') || product_name), 24),
  SUBSTRING(MAX(DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') || product_category), 24),
  COUNT(*) FILTER (WHERE event_type = 'product_view'),
  COUNT(*) FILTER (WHERE event_type = 'add_to_cart'),
  COUNT(*) FILTER (WHERE event_type = 'purchase'),
  COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE event_type = 'purchase'), 0),
  CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE),
  MAX(ts)
FROM ev
WHERE product_id IS NOT NULL
GROUP BY product_id;

-- A visit that is silent for more than a day starts again from zero.
INSERT INTO user_session_analytics
SELECT /*+ STATE_TTL('ev' = '1 d') */ session_id,
  MIN(user_id), MIN(user_id) <> MAX(user_id),
  MIN(ts), MAX(ts), TIMESTAMPDIFF(SECOND, MIN(ts), MAX(ts)),
  COUNT(*),
  COUNT(*) FILTER (WHERE event_type = 'page_view'),
  COUNT(*) FILTER (WHERE event_type = 'product_view'),
  COUNT(*) FILTER (WHERE event_type = 'add_to_cart'),
  COUNT(*) FILTER (WHERE event_type = 'purchase'),
  CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE),
  COUNT(*) FILTER (WHERE event_type = 'purchase') > 0,
  COUNT(*) = 1
FROM ev
GROUP BY session_id;

INSERT INTO category_minute
SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), TUMBLE_END(ts, INTERVAL '1' MINUTE),
  product_category,
  COUNT(*) FILTER (WHERE event_type = 'product_view'),
  COUNT(*) FILTER (WHERE event_type = 'add_to_cart'),
  COUNT(*) FILTER (WHERE event_type = 'purchase'),
  COUNT(DISTINCT order_id),
  COALESCE(SUM(CAST(quantity AS BIGINT)) FILTER (WHERE event_type = 'purchase'), 0),
  CAST(COALESCE(SUM(total_amount) FILTER (WHERE event_type = 'purchase'), 0) AS DOUBLE)
FROM ev
WHERE product_category IS NOT NULL
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), product_category;

END;
