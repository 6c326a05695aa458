-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE wiki_raw (
  meta ROW<id STRING, dt STRING, domain STRING>, type STRING, namespace INT, title STRING, `user` STRING, bot BOOLEAN, minor BOOLEAN, wiki STRING, server_name STRING,
  `length` ROW<`old` BIGINT, `new` BIGINT>, ingest_time TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL, proc AS PROCTIME(),
  event_time AS COALESCE(TO_TIMESTAMP(REPLACE(REPLACE(REPLACE(meta.dt, 'T', ' '), 'Z', ''), '+00:00', '')), TIMESTAMP '1970-01-01 00:00:00'),
  WATERMARK FOR event_time AS event_time - INTERVAL '30' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'wiki.raw', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'decant-wiki',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE VIEW wiki_events AS SELECT event_id, event_time, ingest_time, wiki, server_name, namespace, title, type, `user`, is_bot, is_minor, delta,
  CASE WHEN is_bot THEN 'BOT' WHEN `user` IS NULL THEN 'UNKNOWN'
  WHEN REGEXP(`user`, '^[0-9]{1,3}([.][0-9]{1,3}){3}$') OR REGEXP(`user`, '^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}$') THEN 'ANONYMOUS'
  WHEN `user` LIKE '~2___-%' THEN 'TEMPORARY' ELSE 'REGISTERED' END AS user_type
FROM (SELECT meta.id AS event_id, event_time, ingest_time, wiki, server_name, namespace, title, type, `user`, COALESCE(bot, FALSE) AS is_bot, COALESCE(minor, FALSE) AS is_minor,
  CASE WHEN type = 'edit' THEN `length`.`new` - `length`.`old` WHEN type = 'new'  THEN `length`.`new` - COALESCE(`length`.`old`, 0) END AS delta,
  ROW_NUMBER() OVER (PARTITION BY meta.id ORDER BY proc ASC) AS copy_no FROM wiki_raw
  WHERE meta.id IS NOT NULL AND meta.domain IS NOT NULL AND meta.domain <> 'canary' AND event_time > TIMESTAMP '1970-01-01 00:00:00')
WHERE copy_no = 1;
INSERT INTO silver_wiki_events SELECT event_id, ingest_time, event_time, wiki, server_name, title, namespace, type, `user`, is_bot, is_minor, delta,
  CASE WHEN delta IS NULL THEN 'NONE' WHEN delta > 500 THEN 'LARGE' WHEN delta < -500 THEN 'LARGE_REMOVAL' ELSE 'SMALL' END, user_type, TIMESTAMPDIFF(SECOND, event_time, ingest_time)
FROM wiki_events;
INSERT INTO gold_wiki_kpis SELECT window_start, window_end, total_edits, unique_editors, active_pages, bot_edits, total_edits - bot_edits, net_bytes,
  CAST(net_bytes AS DOUBLE) / NULLIF(sized_edits, 0), large_edits, revert_like_edits, abs_bytes, 100.0E0 * bot_edits / total_edits, total_edits / 5.0E0,
  CASE WHEN net_bytes > 0 THEN 'GROWING' WHEN net_bytes < 0 THEN 'SHRINKING' ELSE 'STABLE' END
FROM (SELECT TUMBLE_START(event_time, INTERVAL '5' MINUTE) AS window_start, TUMBLE_END(event_time, INTERVAL '5' MINUTE) AS window_end,
  COUNT(*) AS total_edits, COUNT(DISTINCT `user`) AS unique_editors, COUNT(DISTINCT wiki || '|' || title) AS active_pages, COUNT(*) FILTER (WHERE user_type = 'BOT') AS bot_edits,
  COUNT(delta) AS sized_edits, COALESCE(SUM(delta), 0) AS net_bytes, COALESCE(SUM(ABS(delta)), 0) AS abs_bytes,
  COUNT(*) FILTER (WHERE ABS(delta) > 500) AS large_edits, COUNT(*) FILTER (WHERE delta < -500) AS revert_like_edits
  FROM wiki_events WHERE type IN ('edit', 'new') GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE));
INSERT INTO wiki_rate_10s SELECT TUMBLE_START(event_time, INTERVAL '10' SECOND), TUMBLE_END(event_time, INTERVAL '10' SECOND),
  COUNT(*), COUNT(*) FILTER (WHERE type IN ('edit', 'new')), COUNT(*) FILTER (WHERE is_bot), COALESCE(SUM(delta), 0),
  AVG(CAST(TIMESTAMPDIFF(SECOND, event_time, ingest_time) AS DOUBLE)), MAX(TIMESTAMPDIFF(SECOND, event_time, ingest_time))
FROM wiki_events GROUP BY TUMBLE(event_time, INTERVAL '10' SECOND);
INSERT INTO wiki_breakdown_1m SELECT TUMBLE_START(event_time, INTERVAL '1' MINUTE), TUMBLE_END(event_time, INTERVAL '1' MINUTE),
  server_name, type, user_type, COUNT(*), COALESCE(SUM(delta), 0), COALESCE(SUM(ABS(delta)), 0)
FROM wiki_events WHERE server_name IS NOT NULL AND type IS NOT NULL GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE), server_name, type, user_type;
INSERT INTO wiki_hot_pages SELECT HOP_START(event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE), HOP_END(event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE),
  wiki, title, COUNT(*), COUNT(DISTINCT `user`), SUM(delta)
FROM wiki_events WHERE type IN ('edit', 'new') AND NOT is_bot AND wiki IS NOT NULL AND title IS NOT NULL
GROUP BY HOP(event_time, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE), wiki, title HAVING COUNT(DISTINCT `user`) >= 2;
