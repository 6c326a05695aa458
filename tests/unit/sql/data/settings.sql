-- SPDX-License-Identifier: Apache-2.0
SET 'pipeline.name' = 'NAME';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.source.idle-timeout' = '30 s';
SET 'table.exec.state.ttl' = '1 h';
SET 'table.exec.emit.early-fire.enabled' = 'true';   SET 'table.exec.emit.early-fire.delay' = '1 s';
SET 'table.exec.emit.late-fire.enabled' = 'true';    SET 'table.exec.emit.late-fire.delay' = '0 s';
SET 'table.exec.emit.allow-lateness' = '10 min';
SET 'decant.dead-letter.topic' = 'RAW-TOPIC.dead-letter';
