-- Flink has them, this program refuses them by name.
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
CREATE TABLE t (
  k STRING, v INT, b BIGINT, d DOUBLE, c DECIMAL(10, 2), ok BOOLEAN, tags ARRAY<STRING>,
  ts TIMESTAMP(3), p AS PROCTIME(), part BIGINT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO pr SELECT a.k, a.v FROM t AS a LEFT JOIN t AS c ON a.k = c.k;
INSERT INTO pr SELECT k, v FROM (SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM t) WHERE rn = 1;
INSERT INTO pr SELECT k, v FROM (SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY p) AS rn FROM t) WHERE rn <= 3;
INSERT INTO pr SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY p) FROM t;
INSERT INTO pr SELECT k, v FROM t ORDER BY v;
INSERT INTO pr SELECT k, v FROM t LIMIT 3;
INSERT INTO pr SELECT k, v FROM t UNION ALL SELECT k, v FROM t;
INSERT INTO pr SELECT k, v FROM t WHERE k LIKE 'a%' OR k IN (SELECT k FROM t);
INSERT INTO pr SELECT tags[1], ROUND(d) FROM t;
INSERT INTO pr SELECT k, 1 FROM t MATCH_RECOGNIZE (PARTITION BY k MEASURES A.x AS y PATTERN (A) DEFINE A AS A.x = 1);
INSERT INTO pr VALUES ('a', 1);
INSERT OVERWRITE pr SELECT k, v FROM t;
CREATE FUNCTION f AS 'com.example.F';
DELETE FROM pr WHERE k = 'a';
CREATE TABLE copy_of AS SELECT k FROM t;
