-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE users_raw ( results ARRAY<ROW<gender STRING, nat STRING, location ROW<city STRING, state STRING, country STRING, postcode STRING>,
  dob ROW<`date` STRING, age INT>, registered ROW<`date` STRING, age INT>, login ROW<uuid STRING>>>, fetched_at TIMESTAMP(3), proc AS PROCTIME(),
  ts AS COALESCE(fetched_at, TIMESTAMP '1970-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'users.raw', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'decant-people',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE VIEW customers AS SELECT uuid, ts, gender, nat, country, age, registered_age
FROM (SELECT u.login.uuid AS uuid, ts, COALESCE(u.gender, 'unknown') AS gender, u.nat AS nat, COALESCE(u.location.country, 'unknown') AS country,
  u.dob.age AS age, u.registered.age AS registered_age, ROW_NUMBER() OVER (PARTITION BY u.login.uuid ORDER BY proc ASC) AS copy_no
  FROM users_raw CROSS JOIN UNNEST(results) AS u (gender, nat, location, dob, registered, login)
  WHERE fetched_at IS NOT NULL AND u.login.uuid IS NOT NULL) WHERE copy_no = 1;
INSERT INTO customer_insights_1m SELECT window_end, window_start, n, male, female, n - male - female,
  age_sum, age_count, CAST(age_sum AS DOUBLE) / NULLIF(age_count, 0), reg_sum, reg_count, CAST(reg_sum AS DOUBLE) / NULLIF(reg_count, 0)
FROM (SELECT TUMBLE_END(ts, INTERVAL '1' MINUTE) AS window_end, TUMBLE_START(ts, INTERVAL '1' MINUTE) AS window_start, COUNT(*) AS n,
  COUNT(*) FILTER (WHERE gender = 'male') AS male, COUNT(*) FILTER (WHERE gender = 'female') AS female, COALESCE(SUM(CAST(age AS BIGINT)), 0) AS age_sum, COUNT(age) AS age_count,
  COALESCE(SUM(CAST(registered_age AS BIGINT)), 0) AS reg_sum, COUNT(registered_age) AS reg_count
  FROM customers GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE));
INSERT INTO customer_segments_1m SELECT TUMBLE_END(ts, INTERVAL '1' MINUTE), country, gender, COUNT(*),
  COALESCE(SUM(CAST(age AS BIGINT)), 0), COUNT(age), COALESCE(SUM(CAST(registered_age AS BIGINT)), 0), COUNT(registered_age)
FROM customers GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), country, gender;
INSERT INTO customer_totals SELECT country, gender, COUNT(*), COALESCE(SUM(CAST(age AS BIGINT)), 0), COUNT(age), COALESCE(SUM(CAST(registered_age AS BIGINT)), 0), COUNT(registered_age), MAX(ts)
FROM customers GROUP BY country, gender;
INSERT INTO customer_insights_sliding SELECT HOP_END(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE), COUNT(*), COUNT(*) FILTER (WHERE gender = 'male'), COUNT(*) FILTER (WHERE gender = 'female'),
  COUNT(*) FILTER (WHERE gender NOT IN ('male', 'female')), COALESCE(SUM(CAST(age AS BIGINT)), 0), COUNT(age)
FROM customers GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE);
