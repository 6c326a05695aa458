-- SPDX-License-Identifier: Apache-2.0
CREATE VIEW wiki_located AS SELECT *, CASE SPLIT_INDEX(server_name, '.', 0)
  WHEN 'de' THEN 'DE' WHEN 'fr' THEN 'FR' WHEN 'it' THEN 'IT' WHEN 'ja' THEN 'JP' WHEN 'pl' THEN 'PL' WHEN 'ru' THEN 'RU' WHEN 'uk' THEN 'UA' WHEN 'cs' THEN 'CZ'
  WHEN 'sv' THEN 'SE' WHEN 'tr' THEN 'TR' WHEN 'id' THEN 'ID' WHEN 'ko' THEN 'KR' WHEN 'vi' THEN 'VN' WHEN 'he' THEN 'IL' WHEN 'fa' THEN 'IR'
  WHEN 'en' THEN 'XX' WHEN 'es' THEN 'XX' WHEN 'pt' THEN 'XX' WHEN 'ar' THEN 'XX' WHEN 'zh' THEN 'XX' ELSE 'ZZ' END AS country
FROM wiki_events WHERE type IN ('edit', 'new');
INSERT INTO country_edits_1m SELECT TUMBLE_START(event_time, INTERVAL '1' MINUTE), TUMBLE_END(event_time, INTERVAL '1' MINUTE), country,
  COUNT(*), COUNT(*) FILTER (WHERE NOT is_bot), COUNT(*) FILTER (WHERE is_bot), COUNT(DISTINCT `user`), COALESCE(SUM(delta), 0), COALESCE(MAX(ABS(delta)), 0)
FROM wiki_located GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE), country;
INSERT INTO wiki_anomalies SELECT event_id, event_time, wiki, title, `user`, user_type, delta, CASE WHEN delta < 0 THEN 'LARGE_REMOVAL' ELSE 'LARGE_ADDITION' END
FROM wiki_located WHERE delta < -5000 OR delta > 50000;
