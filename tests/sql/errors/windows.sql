-- Windows that are refused.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT k, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) GROUP BY k, window_start, window_end;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY SESSION(ts, INTERVAL '1' MINUTE), k;
INSERT INTO pr SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(b), INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end;
INSERT INTO pr SELECT k, COUNT(*) FROM (SELECT k, CAST(ts AS TIMESTAMP(3)) AS ts FROM t) GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY TUMBLE(p, INTERVAL '1' MINUTE), k;
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MONTH), k;
INSERT INTO pr SELECT DATE_FORMAT(TUMBLE_START(ts, INTERVAL '2' MINUTE), 'HH'), COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);
INSERT INTO pr SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY k, window_start;
SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '1 s';
INSERT INTO pr SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end;
SET 'table.exec.emit.late-fire.enabled' = 'true';
SET 'table.exec.emit.late-fire.delay' = '2 h';
INSERT INTO pr SELECT k, COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k;
