/* SPDX-License-Identifier: Apache-2.0 */
/* What parses, and into which tree: each case is printed back in the printer's normal form, which
 * shows every clause, and what is printed must parse to the same again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/file.h"
#include "sql/grammar.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql/token.h"

/* Parses and prints; fails the test with the diagnostics when it does not parse. */
static struct ast_script *parse(struct str text, struct arena *job, const char *name) {
    struct diagnostics errors;
    struct ast_script *script;
    diagnostics_init(&errors, job, 20);
    if (!sql_parse(text, job, &errors, &script)) {
        struct buf out;
        buf_init(&out, 1 << 20);
        for (uint32_t i = 0; i < errors.count; i++)
            error_print(&out, &errors.items[i], str_of(name), text);
        print_error("%s\n", buf_c_string(&out));
        buf_release(&out);
        fail_msg("%s does not parse", name);
    }
    return script;
}

static struct str print(const struct ast_script *script, struct arena *job) {
    struct buf out;
    buf_init(&out, 16 << 20);
    sql_print_script(&out, script);
    assert_false(out.overflow);
    struct str text = arena_str(job, buf_str(&out));
    buf_release(&out);
    return text;
}

static const struct {
    const char *text, *printed; /* NULL: printed as written */
} cases[] = {
    /* operators: precedence of Calcite, brackets only where they matter */
    {"SELECT a + b * c - d, (a + b) * c, -(-x), +x", NULL},
    {"SELECT a or b and not c = d, (a or b) and c, not (a and b)",
     "SELECT a OR b AND NOT c = d, (a OR b) AND c, NOT (a AND b)"},
    {"SELECT a || b + c, a || b * c, a - (b - c), a / (b / c), (a % b) % c",
     "SELECT a || b + c, a || b * c, a - (b - c), a / (b / c), a % b % c"},
    {"SELECT a = b = c, a = (b = c), (a < b) IS TRUE, a <> b IS NOT UNKNOWN",
     "SELECT a = b = c, a = (b = c), a < b IS TRUE, a <> b IS NOT UNKNOWN"},
    {"SELECT a = b NOT IN (1), a IS DISTINCT FROM b AND c IS NOT DISTINCT FROM d", NULL},
    {"SELECT a BETWEEN 1 AND 2 AND b, a NOT BETWEEN SYMMETRIC b - 1 AND b + 1 OR c", NULL},
    {"SELECT a BETWEEN ASYMMETRIC 1 AND 2", "SELECT a BETWEEN 1 AND 2"},
    {"SELECT a LIKE 'x!_' ESCAPE '!', a NOT LIKE b || 'c', a SIMILAR TO '[0-9]+'", NULL},
    {"SELECT x IS NULL, x IS NOT NULL, x IS JSON, x IS NOT JSON OBJECT, x IS JSON ARRAY", NULL},
    {"SELECT a IN (1, 2), a NOT IN (SELECT x FROM y), (a, b) IN ((1, 'x'))",
     "SELECT a IN (1, 2), a NOT IN (SELECT x FROM y), ROW(a, b) IN (ROW(1, 'x'))"},
    {"SELECT a > ALL (SELECT 1), a = SOME (1, 2), EXISTS (SELECT 1)",
     "SELECT a > ALL (SELECT 1), a = ANY (1, 2), EXISTS (SELECT 1)"},
    {"SELECT a.b.c, (r).f, a[1].f, m['k'][i + 1], f(x).g",
     "SELECT a.b.c, (r).f, a[1].f, m['k'][i + 1], F(x).g"},

    /* names and keywords */
    {"select `value`, `a b`.`c``d`, key, type, `from`, \xc3\xa9 from `t`",
     "SELECT `value`, `a b`.`c``d`, `key`, type, `from`, `\xc3\xa9` FROM t"},
    {"SELECT CURRENT_TIMESTAMP, localtime, `current_date`, user FROM t",
     "SELECT CURRENT_TIMESTAMP, LOCALTIME, `current_date`, USER FROM t"},
    {"SELECT first, last, map, json, zone, error, format, view, plan, weeks, days FROM hop tumble",
     "SELECT `first`, `last`, `map`, `json`, `zone`, `error`, `format`, `view`, `plan`, `weeks`, "
     "`days` FROM hop AS tumble"},
    {"SELECT ignore, respect, try_cast, json_query, descriptor FROM t AS overwrite",
     "SELECT `ignore`, `respect`, `try_cast`, `json_query`, `descriptor` FROM t AS `overwrite`"},

    /* literals */
    {"SELECT 1, 1.5, .5, 1., 1e3, 1.5E-3, 9223372036854775808",
     "SELECT 1, 1.5, .5, 1., 1E3, 1.5E-3, 9223372036854775808"},
    {"SELECT 'it''s', '\\n', U&'\\00e9\\\\', n'x', X'0fA0', ''",
     "SELECT 'it''s', '\\n', '\xc3\xa9\\', 'x', X'0fa0', ''"},
    {"SELECT NULL, true, FALSE, unknown", "SELECT NULL, TRUE, FALSE, UNKNOWN"},
    {"SELECT DATE '2024-02-29', TIME '03:04:05', TIMESTAMP '2024-01-02 03:04:05.123'", NULL},
    {"SELECT INTERVAL '5' SECONDS, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL 5 MINUTE",
     "SELECT INTERVAL '5' SECOND, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL 5 MINUTE"},
    {"SELECT INTERVAL -'1-2' YEAR TO MONTH, INTERVAL '100' SECOND(3), INTERVAL (a + 1) DAY",
     "SELECT INTERVAL '-1-2' YEAR TO MONTH, INTERVAL '100' SECOND(3), INTERVAL (a + 1) DAY"},
    {"SELECT (a - b) DAY TO SECOND, (a - b) days, INTERVAL x MINUTES",
     "SELECT (a - b) DAY TO SECOND, a - b AS `days`, INTERVAL (x) MINUTE"},

    /* functions with a syntax of their own */
    {"SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, CASE WHEN a THEN b WHEN c THEN d END", NULL},
    {"SELECT CAST(a AS VARCHAR), TRY_CAST(a AS DECIMAL(10, 2))", NULL},
    {"SELECT EXTRACT(dow FROM ts), EXTRACT(YEAR FROM ts), YEAR(ts), LEFT(a, 2), RIGHT(a, 1)",
     "SELECT EXTRACT(DOW FROM ts), EXTRACT(YEAR FROM ts), YEAR(ts), LEFT(a, 2), RIGHT(a, 1)"},
    {"SELECT TRIM(BOTH 'x' FROM a), TRIM(a), TRIM('x' FROM a), TRIM(LEADING FROM a)", NULL},
    {"SELECT SUBSTRING(a FROM 2 FOR 3), SUBSTRING(a FROM 2), SUBSTRING(a, 2, 3)", NULL},
    {"SELECT POSITION('x' IN a), POSITION('x' IN (a)), POSITION('x' IN a FROM 2)",
     "SELECT POSITION('x' IN a), POSITION('x' IN a), POSITION('x' IN a FROM 2)"},
    {"SELECT OVERLAY(a PLACING 'b' FROM 2 FOR 1), FLOOR(ts TO HOUR), CEIL(x), CEIL(ts TO week)",
     "SELECT OVERLAY(a PLACING 'b' FROM 2 FOR 1), FLOOR(ts TO HOUR), CEIL(x), CEIL(ts TO WEEK)"},
    {"SELECT TIMESTAMPDIFF(SECOND, a, b), TIMESTAMPADD(week, 1, a)",
     "SELECT TIMESTAMPDIFF(SECOND, a, b), TIMESTAMPADD(WEEK, 1, a)"},
    {"SELECT if(a, b, c), coalesce(a, 1), db.f(x), `MyFunc`(x), f()",
     "SELECT IF(a, b, c), COALESCE(a, 1), db.f(x), `MyFunc`(x), F()"},
    {"SELECT ARRAY[1, 2], ARRAY[], MAP['a', 1], MULTISET[1], ROW(1, 2), (1, 2), ROW(1)",
     "SELECT ARRAY[1, 2], ARRAY[], MAP['a', 1], MULTISET[1], ROW(1, 2), ROW(1, 2), ROW(1)"},
    {"SELECT ARRAY(SELECT 1), MAP(SELECT 1, 2)", NULL},
    {"SELECT JSON_VALUE(s, '$.a' RETURNING INT NULL ON EMPTY DEFAULT 1 ON ERROR)", NULL},
    {"SELECT JSON_VALUE(s, '$.a'), JSON_EXISTS(s, '$.x' TRUE ON ERROR), json_value(s, p ERROR ON ERROR)",
     "SELECT JSON_VALUE(s, '$.a'), JSON_EXISTS(s, '$.x' TRUE ON ERROR), JSON_VALUE(s, p ERROR ON ERROR)"},
    {"SELECT JSON_QUERY(s, '$' WITH CONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR)",
     "SELECT JSON_QUERY(s, '$' WITH CONDITIONAL WRAPPER EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR)"},
    {"SELECT JSON_OBJECT('a' VALUE 1, KEY 'b' VALUE x ABSENT ON NULL), JSON_OBJECT(), JSON_ARRAY(1, 2)",
     "SELECT JSON_OBJECT(KEY 'a' VALUE 1, KEY 'b' VALUE x ABSENT ON NULL), JSON_OBJECT(), JSON_ARRAY(1, 2)"},

    /* aggregates and windows */
    {"SELECT COUNT(*), COUNT(DISTINCT a) FILTER (WHERE b > 1), SUM(ALL a)",
     "SELECT COUNT(*), COUNT(DISTINCT a) FILTER (WHERE b > 1), SUM(a)"},
    {"SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY b DESC NULLS LAST), ARRAY_AGG(a ORDER BY b)",
     NULL},
    {"SELECT ROW_NUMBER() OVER (PARTITION BY a, b ORDER BY c ASC) AS rn",
     "SELECT ROW_NUMBER() OVER (PARTITION BY a, b ORDER BY c) AS rn"},
    {"SELECT SUM(a) OVER (ORDER BY t RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)",
     NULL},
    {"SELECT LAST_VALUE(a) IGNORE NULLS OVER (w ROWS UNBOUNDED PRECEDING), MAX(b) OVER w FROM t "
     "WINDOW w AS (PARTITION BY a ORDER BY b), x AS (w)",
     NULL},

    /* queries */
    {"SELECT DISTINCT a x, b AS y, t.*, * FROM t", "SELECT DISTINCT a AS x, b AS y, t.*, * FROM t"},
    {"SELECT a FROM t WHERE b GROUP BY a HAVING COUNT(*) > 1 ORDER BY a DESC, b NULLS FIRST LIMIT 5 "
     "OFFSET 2",
     NULL},
    {"SELECT a FROM t OFFSET 2 ROWS FETCH FIRST 5 ROWS ONLY", "SELECT a FROM t LIMIT 5 OFFSET 2"},
    {"SELECT a FROM t GROUP BY GROUPING SETS ((a, b), (a), ()), ROLLUP (a, b), CUBE (c), GROUPING(a)",
     "SELECT a FROM t GROUP BY GROUPING SETS ((a, b), a, ()), ROLLUP (a, b), CUBE (c), GROUPING(a)"},
    {"SELECT 1 UNION ALL SELECT 2 UNION SELECT 3 INTERSECT SELECT 4 EXCEPT SELECT 5", NULL},
    {"SELECT 1 UNION ALL (SELECT 2 UNION SELECT 3)", NULL},
    {"(SELECT 1 ORDER BY a LIMIT 1) UNION ALL (SELECT 2) ORDER BY b",
     "(SELECT 1 ORDER BY a LIMIT 1) UNION ALL SELECT 2 ORDER BY b"},
    {"((SELECT 1))", "SELECT 1"},
    {"(SELECT 1 LIMIT 5) LIMIT 3", "SELECT * FROM (SELECT 1 LIMIT 5) LIMIT 3"},
    {"WITH a (x) AS (SELECT 1), b AS (VALUES 1, (2, 3)) SELECT * FROM a, b",
     "WITH a (x) AS (SELECT 1), b AS (VALUES 1, ROW(2, 3)) SELECT * FROM a, b"},
    {"SELECT ((SELECT 1)), x IN ((SELECT 1)) FROM ((SELECT 1) UNION (SELECT 2)) u",
     "SELECT (SELECT 1), x IN (SELECT 1) FROM (SELECT 1 UNION SELECT 2) AS u"},
    {"SELECT /*+ STATE_TTL('ev' = '0 s'), LOOKUP('table'='x') */ a FROM t /*+ OPTIONS('k'='v') */ AS x",
     "SELECT /*+ STATE_TTL('ev' = '0 s'), LOOKUP('table' = 'x') */ a FROM t /*+ OPTIONS('k' = 'v') */ AS x"},
    {"SELECT /*+ BROADCAST(a, b) NO_HASH */ 1", "SELECT /*+ BROADCAST(a, b), NO_HASH */ 1"},

    /* FROM */
    {"SELECT * FROM a INNER JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (k, l) CROSS JOIN d, e",
     "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (k, l) CROSS JOIN d, e"},
    {"SELECT * FROM a NATURAL LEFT JOIN b RIGHT JOIN c ON 1 = 1 FULL OUTER JOIN d ON 2 = 2",
     "SELECT * FROM a NATURAL LEFT JOIN b RIGHT JOIN c ON 1 = 1 FULL JOIN d ON 2 = 2"},
    {"SELECT * FROM a JOIN (b JOIN c ON x = y) ON z = w, (d, e)",
     "SELECT * FROM a JOIN (b JOIN c ON x = y) ON z = w, (d, e)"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w",
     "SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS w"},
    {"SELECT * FROM TABLE(HOP(DATA => TABLE db.t, TIMECOL => DESCRIPTOR(ts), `OFFSET` => INTERVAL '1' DAY))",
     NULL},
    {"SELECT * FROM TABLE(SESSION(TABLE t PARTITION BY a, b, DESCRIPTOR(ts), INTERVAL '1' MINUTE))",
     "SELECT * FROM TABLE(SESSION(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '1' MINUTE))"},
    {"SELECT * FROM TABLE(CUMULATE((SELECT * FROM t), DESCRIPTOR(ts), a, b)), TUMBLE(TABLE t)",
     NULL},
    {"SELECT * FROM o, LATERAL TABLE(f(x)) AS l(a, b) CROSS JOIN UNNEST(arr) WITH ORDINALITY u (x, y)",
     "SELECT * FROM o, LATERAL TABLE(F(x)) AS l(a, b) CROSS JOIN UNNEST(arr) WITH ORDINALITY AS u(x, y)"},
    {"SELECT * FROM o LEFT JOIN UNNEST(o.a, o.b) AS t(x) ON TRUE, LATERAL (SELECT 1) AS s", NULL},
    {"SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS x ON o.k = x.k", NULL},
    {"SELECT * FROM tx MATCH_RECOGNIZE ( PATTERN (A {2,3}? B | C) DEFINE A AS x > ')' ) AS T",
     NULL},
    {"SELECT * FROM t TABLESAMPLE BERNOULLI (10) x",
     "SELECT * FROM t TABLESAMPLE BERNOULLI (10) AS x"},

    /* CREATE TABLE */
    {"create temporary table if not exists a.b.c (id int not null primary key not enforced comment 'k', "
     "b as id + 1 comment 'c', p bigint metadata from 'partition' virtual, h map<string, bytes> metadata)",
     "CREATE TEMPORARY TABLE IF NOT EXISTS a.b.c (id INT NOT NULL PRIMARY KEY NOT ENFORCED COMMENT 'k', "
     "b AS id + 1 COMMENT 'c', p BIGINT METADATA FROM 'partition' VIRTUAL, h MAP<STRING, BYTES> METADATA)"},
    {"CREATE TABLE t (WATERMARK FOR r.t AS t - INTERVAL '5' SECOND, a INT, "
     "CONSTRAINT pk PRIMARY KEY (a, b) NOT ENFORCED, UNIQUE (a))",
     "CREATE TABLE t (a INT, WATERMARK FOR r.t AS t - INTERVAL '5' SECOND, "
     "CONSTRAINT pk PRIMARY KEY (a, b) NOT ENFORCED, UNIQUE (a))"},
    {"CREATE TABLE t (a INT) COMMENT 'it''s' DISTRIBUTED BY HASH(a) INTO 4 BUCKETS PARTITIONED BY (a, b) "
     "WITH ('k' = 'v', 'k' = 'w') LIKE x.y (INCLUDING ALL EXCLUDING OPTIONS)",
     NULL},
    {"CREATE TABLE t WITH () AS SELECT 1", NULL},
    {"CREATE TABLE t (a, b) AS SELECT 1, 2", NULL},
    {"CREATE TABLE t (a CHARACTER VARYING(10), b DOUBLE PRECISION, c INT ARRAY, d ROW(x INT 'c', y ROW<>), "
     "e TIMESTAMP(3) WITHOUT TIME ZONE, f TIMESTAMP WITH LOCAL TIME ZONE, g DEC(5), h NUMERIC(5, 2))",
     "CREATE TABLE t (a VARCHAR(10), b DOUBLE, c ARRAY<INT>, d ROW<x INT 'c', y ROW<>>, e TIMESTAMP(3), "
     "f TIMESTAMP_LTZ, g DECIMAL(5), h DECIMAL(5, 2))"},
    {"CREATE TABLE t (a MULTISET<INT NOT NULL>, b RAW('x', 'y'), c INTERVAL DAY(2) TO SECOND(3), d my.type, "
     "e BINARY VARYING, f TIME(3), g INT NULL, h ROW<a ARRAY<MAP<STRING, ROW<b INT>>>>)",
     "CREATE TABLE t (a MULTISET<INT NOT NULL>, b RAW('x', 'y'), c INTERVAL DAY(2) TO SECOND(3), d my.type, "
     "e VARBINARY, f TIME(3), g INT NULL, h ROW<a ARRAY<MAP<STRING, ROW<b INT>>>>)"},

    /* other statements */
    {"CREATE VIEW IF NOT EXISTS v (a, b COMMENT 'x') COMMENT 'c' AS SELECT 1, 2",
     "CREATE VIEW IF NOT EXISTS v (a, b) COMMENT 'c' AS SELECT 1, 2"},
    {"CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1", NULL},
    {"CREATE DATABASE IF NOT EXISTS db COMMENT 'x' WITH ('a' = 'b')", NULL},
    {"CREATE CATALOG c WITH ('type' = 'generic_in_memory')", NULL},
    {"DROP TABLE IF EXISTS a.b; DROP TEMPORARY VIEW v; DROP DATABASE d CASCADE; DROP CATALOG c",
     "DROP TABLE IF EXISTS a.b;\nDROP TEMPORARY VIEW v;\nDROP DATABASE d CASCADE;\nDROP CATALOG c"},
    {"ALTER TABLE t SET ('a' = 'b'); ALTER TABLE t RESET ('a', 'b'); ALTER TABLE IF EXISTS a.t RENAME TO u",
     "ALTER TABLE t SET ('a' = 'b');\nALTER TABLE t RESET ('a', 'b');\n"
     "ALTER TABLE IF EXISTS a.t RENAME TO u"},
    {"INSERT INTO t (a, b) VALUES (1, 2), (3, DEFAULT)",
     "INSERT INTO t (a, b) VALUES ROW(1, 2), ROW(3, DEFAULT)"},
    {"INSERT OVERWRITE t PARTITION (a = 1, b) (SELECT 1)",
     "INSERT OVERWRITE t PARTITION (a = 1, b) SELECT 1"},
    {"INSERT INTO t /*+ OPTIONS('a' = 'b') */ (a) WITH x AS (SELECT 1) SELECT * FROM x", NULL},
    {"EXECUTE INSERT INTO t TABLE u; EXECUTE SELECT 1", "INSERT INTO t TABLE u;\nSELECT 1"},
    {"BEGIN STATEMENT SET; INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END",
     "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END"},
    {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END; SELECT 2",
     "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;\nSELECT 2"},
    {"EXPLAIN SELECT 1; EXPLAIN PLAN FOR INSERT INTO t SELECT 1",
     "EXPLAIN SELECT 1;\nEXPLAIN INSERT INTO t SELECT 1"},
    {"EXPLAIN JSON_EXECUTION_PLAN, CHANGELOG_MODE SELECT 1",
     "EXPLAIN CHANGELOG_MODE, JSON_EXECUTION_PLAN SELECT 1"},
    {"EXPLAIN PLAN_ADVICE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END", NULL},
    {"SET; SET 'a.b' = 'it''s'; SET a.b-c = 1 min; RESET; RESET 'a'; RESET a.b",
     "SET;\nSET 'a.b' = 'it''s';\nSET 'a.b-c' = '1 min';\nRESET;\nRESET 'a';\nRESET 'a.b'"},
    {"DESCRIBE t; DESC EXTENDED a.b; USE CATALOG c; USE a.b",
     "DESCRIBE t;\nDESCRIBE a.b;\nUSE CATALOG c;\nUSE a.b"},
    {"SHOW TABLES; SHOW CREATE TABLE a.`b`; SHOW FULL MODULES; ADD JAR '/a--b.jar'; HELP",
     "SHOW TABLES;\nSHOW CREATE TABLE a.`b`;\nSHOW FULL MODULES;\nADD JAR '/a--b.jar';\nHELP"},
    {"-- a comment; with a semicolon\nSELECT /* ; */ 1 -- end", "SELECT 1"},
    {"\xef\xbb\xbfSELECT 1;;;", "SELECT 1"},
    {"QUIT; this is # not read", "QUIT"},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena job = {0};
        struct str text = str_of(cases[i].text);
        struct str printed = print(parse(text, &job, cases[i].text), &job);
        struct str want =
            arena_printf(&job, "%s;\n", cases[i].printed ? cases[i].printed : cases[i].text);
        assert_string_equal(printed.ptr, want.ptr);
        struct str again = print(parse(printed, &job, printed.ptr), &job);
        assert_string_equal(again.ptr, printed.ptr);
        arena_release(&job);
    }
}

/* Valid Flink that stays unread: the words that name it. */
static void test_known_statements(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } known[] = {
        {"CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS f AS 'a.B' LANGUAGE JAVA",
         "CREATE FUNCTION"},
        {"create model m input (a int) with ('x' = ';')", "CREATE MODEL"},
        {"CREATE OR ALTER MATERIALIZED TABLE t AS SELECT 1", "CREATE MATERIALIZED"},
        {"DROP TEMPORARY FUNCTION f", "DROP FUNCTION"},
        {"ALTER TABLE t ADD c INT", "ALTER TABLE"},
        {"ALTER TABLE a.b DROP PARTITION (x = 1)", "ALTER TABLE"},
        {"ALTER VIEW v AS SELECT 1", "ALTER VIEW"},
        {"UPDATE t SET a = 1", "UPDATE"},
        {"DELETE FROM t WHERE a = 'x;y'", "DELETE"},
        {"MERGE INTO x USING y ON a WHEN MATCHED THEN UPDATE SET a = CASE WHEN b THEN 1 END",
         "MERGE"},
        {"CALL sys.p(1)", "CALL"},
        {"COMPILE PLAN 'x' FOR STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN b THEN 1 END; END",
         "COMPILE"},
        {"EXECUTE PLAN 'x'", "EXECUTE PLAN"},
        {"LOAD MODULE hive WITH ('a' = 'b')", "LOAD"},
        {"USE MODULES a, b", "USE MODULES"},
        {"STOP JOB 'x' WITH SAVEPOINT", "STOP JOB"},
        {"TRUNCATE TABLE t", "TRUNCATE"},
        {"DESCRIBE CATALOG c", "DESCRIBE CATALOG"},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct arena job = {0};
        struct ast_script *script = parse(str_of(known[i].text), &job, known[i].text);
        assert_int_equal(script->statements.count, 1);
        const struct ast_statement *statement = script->statements.items[0];
        assert_int_equal(statement->kind, AST_OTHER);
        assert_string_equal(arena_c_string(&job, statement->other.words), known[i].words);
        assert_string_equal(arena_c_string(&job, statement->other.text), known[i].text);
        arena_release(&job);
    }
}

/* Spans: the text under each node of one statement. */
static void test_spans(void **state) {
    (void)state;
    struct arena job = {0};
    struct str text =
        STR("INSERT INTO dst (a) SELECT (x + 1) * y, f(z) OVER w AS q FROM t /*+ H */ AS u\n"
            "WHERE x NOT IN (1, 2) GROUP BY a, b ;");
    struct ast_script *script = parse(text, &job, "spans");
    const struct ast_statement *insert = script->statements.items[0];
    const struct ast_select *select = insert->insert->query->select;
    const struct ast_expr *product = select->items.items[0].expr;
    const struct {
        struct span span;
        const char *want;
    } spans[] = {
        {insert->insert->target_span, "INSERT INTO dst (a)"},
        {insert->insert->columns.items[0].span, "a"},
        {product->span, "(x + 1) * y"},
        {product->binary.op_span, "*"},
        {product->binary.left->span, "(x + 1)"},
        {product->binary.left->binary.right->span, "1"},
        {select->items.items[1].expr->span, "f(z) OVER w"},
        {select->items.items[1].alias.span, "q"},
        {select->from->span, "t /*+ H */ AS u"},
        {select->from->table.name.span, "t"},
        {select->from->table.hints.items[0].span, "H"},
        {select->where->span, "x NOT IN (1, 2)"},
        {select->group_by_span, "GROUP BY a, b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        struct str under =
            str_sub(text, spans[i].span.start, spans[i].span.end - spans[i].span.start);
        assert_string_equal(arena_c_string(&job, under), spans[i].want);
    }
    assert_int_equal(insert->span.start, 0);
    assert_int_equal(insert->span.end, text.len - 2);
    arena_release(&job);
}

/* ---- the shipped pipelines: print and parse again, and nothing was lost on the way ---- */

/* The next token that carries meaning: brackets, AS and what else the printer normalises is left out. */
static struct str next_meaning(struct lexer *lexer) {
    static const int noise[] = {TK_LP, TK_RP, TK_AS, TK_ASC, TK_ROW, TK_SEMI, TK_INNER};
    for (;;) {
        struct token token = lexer_next(lexer);
        struct str text = str_sub(lexer->text, token.span.start, token.span.end - token.span.start);
        bool skip = false;
        for (size_t i = 0; i < ARRAY_LEN(noise); i++)
            skip |= token.type == noise[i];
        if (skip) continue;
        return str_starts(text, STR("`")) ? str_sub(text, 1, text.len - 2) : text;
    }
}

static void test_pipelines(void **state) {
    (void)state;
    static const char *const files[] = {
        "tests/unit/sql/data/activity.sql", "tests/unit/sql/data/people.sql",
        "tests/unit/sql/data/settings.sql", "tests/unit/sql/data/shop-carts.sql",
        "tests/unit/sql/data/shop.sql",     "tests/unit/sql/data/wiki-countries.sql",
        "tests/unit/sql/data/wiki.sql",     "pipelines/shop.sql",
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct arena job = {0};
        struct error err = {0};
        struct str text, path = arena_printf(&job, "%s/%s", SOURCE_DIR, files[i]);
        if (!file_read(path.ptr, 1 << 20, &job, &text, &err)) fail_msg("%s", err.text);
        struct str printed = print(parse(text, &job, files[i]), &job);
        struct str again = print(parse(printed, &job, files[i]), &job);
        assert_string_equal(again.ptr, printed.ptr);
        struct lexer written, read_back;
        lexer_init(&written, text);
        lexer_init(&read_back, printed);
        struct str a, b;
        do {
            a = next_meaning(&written);
            b = next_meaning(&read_back);
            if (!str_eq_nocase(a, b))
                fail_msg("%s: '" STR_FMT "' was printed as '" STR_FMT "'", files[i], STR_ARG(a),
                         STR_ARG(b));
        } while (a.len);
        arena_release(&job);
    }
}

/* Every reserved word parses in back-ticks, and bare only where Flink lets it. */
static void test_keywords(void **state) {
    (void)state;
    size_t count;
    const struct keyword *keywords = keyword_table(&count);
    for (size_t i = 0; i < count; i++) {
        struct arena job = {0};
        struct diagnostics errors;
        struct ast_script *script;
        const struct keyword *k = &keywords[i];
        if (i) assert_true(str_compare(keywords[i - 1].word, k->word) < 0);
        parse(arena_printf(&job, "CREATE TABLE t (`" STR_FMT "` INT)", STR_ARG(k->word)), &job,
              "quoted");
        diagnostics_init(&errors, &job, 5);
        struct str bare =
            arena_printf(&job, "CREATE TABLE t (a INT, " STR_FMT " INT)", STR_ARG(k->word));
        bool ok = sql_parse(bare, &job, &errors, &script);
        if (ok == k->reserved) fail_msg("bare " STR_FMT, STR_ARG(k->word));
        arena_release(&job);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),    cmocka_unit_test(test_known_statements),
        cmocka_unit_test(test_spans),    cmocka_unit_test(test_pipelines),
        cmocka_unit_test(test_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
