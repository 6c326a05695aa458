-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE activity_raw ( event_id STRING, user_id STRING, event_type STRING, `timestamp` TIMESTAMP(3), `value` INT, proc AS PROCTIME(),
  ts AS COALESCE(`timestamp`, TIMESTAMP '1970-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'user_events', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'decant-activity',
  'scan.startup.mode' = 'earliest-offset', 'key.format' = 'raw', 'key.fields' = 'user_id',
  'value.format' = 'json', 'value.fields-include' = 'ALL', 'value.json.ignore-parse-errors' = 'true', 'value.json.timestamp-format.standard' = 'ISO-8601');
CREATE VIEW ue AS SELECT event_id, user_id, event_type, `value`, ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id, event_id ORDER BY proc ASC) AS copy_no FROM activity_raw
  WHERE event_id IS NOT NULL AND user_id IS NOT NULL AND `timestamp` IS NOT NULL AND event_type IN ('click', 'view', 'purchase')) WHERE copy_no = 1;
INSERT INTO user_event_counts SELECT /*+ STATE_TTL('ue' = '0 s') */ user_id, event_type, COUNT(*), SUM(CAST(`value` AS BIGINT)), MIN(ts), MAX(ts) FROM ue GROUP BY user_id, event_type;
INSERT INTO user_event_summary SELECT /*+ STATE_TTL('ue' = '0 s') */ user_id, COUNT(*) FILTER (WHERE event_type = 'click'), COUNT(*) FILTER (WHERE event_type = 'view'),
  COUNT(*) FILTER (WHERE event_type = 'purchase'), COUNT(*), SUM(CAST(`value` AS BIGINT)), MIN(ts), MAX(ts),
  CAST(COUNT(*) FILTER (WHERE event_type = 'purchase') AS DOUBLE) / NULLIF(COUNT(*) FILTER (WHERE event_type = 'view'), 0) FROM ue GROUP BY user_id;
INSERT INTO event_timeline_1m SELECT window_start, window_end, event_type, COUNT(*), SUM(CAST(`value` AS BIGINT)), COUNT(DISTINCT user_id)
FROM TABLE(TUMBLE(TABLE ue, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, event_type;
INSERT INTO user_visits SELECT user_id, window_start, window_end, MAX(ts), COUNT(*), COUNT(*) FILTER (WHERE event_type = 'purchase'), SUM(CAST(`value` AS BIGINT))
FROM TABLE(SESSION(TABLE ue PARTITION BY user_id, DESCRIPTOR(ts), INTERVAL '30' MINUTE)) GROUP BY user_id, window_start, window_end;
