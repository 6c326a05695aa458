-- CREATE TABLE: wrong even when nothing uses the table.
CREATE TABLE a (x INT, x STRING) WITH ();
CREATE TABLE b (x INT, PRIMARY KEY (x)) WITH ();
CREATE TABLE c (x INT, UNIQUE (x)) WITH ();
CREATE TABLE d (ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH ();
CREATE TABLE e (v INT, w AS v * 2, x AS w + 1) WITH ();
CREATE TABLE f (o BIGINT METADATA FROM 'ofset' VIRTUAL) WITH ();
CREATE TABLE g (x DECIMAL(39, 1), y TIMESTAMP(10), z REAL) WITH ();
CREATE TABLE h (x INT, PRIMARY KEY (y) NOT ENFORCED) WITH ();
CREATE TABLE i (x INT) WITH ('connector' = 'jdbc');
CREATE TABLE i (x INT) WITH ('connector' = 'print');
