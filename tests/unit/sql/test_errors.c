/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser says about mistakes: position, code, sentence and remedy of every diagnostic, in the
 * order they are found; the statements around a mistake survive it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql/parse.h"

/* One line per error: line:column-width code text [help]. */
static struct str report(struct str text, struct arena *job, uint32_t *statements) {
    struct diagnostics errors;
    struct ast_script *script;
    struct buf out;
    diagnostics_init(&errors, job, 50);
    buf_init(&out, 1 << 20);
    bool ok = sql_parse(text, job, &errors, &script);
    assert_int_equal(ok, errors.errors == 0);
    for (uint32_t i = 0; i < errors.count; i++) {
        const struct error *err = &errors.items[i];
        uint32_t line, column;
        span_position(text, err->span.start, &line, &column);
        buf_printf(&out, "%s%u:%u-%u %s %s", i ? "\n" : "", line, column,
                   err->span.end - err->span.start, err->code, err->text);
        if (err->help[0]) buf_printf(&out, " [%s]", err->help);
    }
    struct str result = arena_str(job, buf_str(&out));
    buf_release(&out);
    *statements = script->statements.count;
    return result;
}

static const struct {
    const char *text, *want;
    uint32_t statements; /* that are whole */
} cases[] = {
    {"CREATE TABLE t (value STRING, count INT, order STRING, user INT)",
     "1:17-5 E0101 `value` is a reserved word: write `` `value` ``\n"
     "1:31-5 E0101 `count` is a reserved word: write `` `count` ``\n"
     "1:42-5 E0101 `order` is a reserved word: write `` `order` ``\n"
     "1:56-4 E0101 `user` is a reserved word: write `` `user` ``",
     0},
    {"SELECT value, COUNT(*) AS count, year FROM t WHERE timestamp > 5 GROUP BY t.value",
     "1:8-5 E0101 `value` is a reserved word: write `` `value` ``\n"
     "1:27-5 E0101 `count` is a reserved word: write `` `count` ``\n"
     "1:34-4 E0101 `year` is a reserved word: write `` `year` ``\n"
     "1:52-9 E0101 `timestamp` is a reserved word: write `` `timestamp` ``\n"
     "1:77-5 E0101 `value` is a reserved word: write `` `value` ``",
     0},
    {"SELECT COUNT(day), f(a, SECOND) FROM t",
     "1:14-3 E0101 `day` is a reserved word: write `` `day` ``\n"
     "1:25-6 E0101 `SECOND` is a reserved word: write `` `SECOND` ``",
     0},
    {"SELECT a != 1, \"x y\", b == 2 FROM t;\n"
     "SELECT 1",
     "1:10-2 E0102 Bang equal '!=' is not allowed under the current SQL conformance level [write <>]\n"
     "1:16-5 E0103 double quotes mean nothing in Flink SQL: write `x y` or 'x y' [a name stands in back-ticks, a text in single quotes]\n"
     "1:25-2 E0100 == is not an operator of SQL [write =]",
     1},
    {"CREATE TABLE t (a STRING) WITH (\"connector\" = 'kafka')",
     "1:33-11 E0103 double quotes mean nothing in Flink SQL: write `connector` or 'connector' [a name stands in back-ticks, a text in single quotes]",
     0},
    {"SELECT a, FROM t; SELECT (a, b,); CREATE TABLE t (a INT,) WITH ('a' = 'b'); SELECT 1",
     "1:9-1 E0100 nothing follows this comma [remove the comma, or add what is missing behind it]\n"
     "1:31-1 E0100 nothing follows this comma [remove the comma, or add what is missing behind it]\n"
     "1:56-1 E0100 nothing follows this comma [remove the comma, or add what is missing behind it]",
     1},
    {"CREATE TABLE t (a INT) WITH ('a' = 'b',)",
     "1:39-1 E0100 nothing follows this comma [remove the comma, or add what is missing behind it]",
     0},
    {"CREATE TABLE t (a INT) WITH (connector = 'kafka')",
     "1:30-9 E0100 unexpected connector; expected a string, ')' [write it in single quotes: 'connector']",
     0},
    {"CREATE TABLE t (a INT) WITH ('topic' = '${TOPIC}')",
     "1:40-10 E0105 this file is a template: Flink SQL has no placeholders [write the value; what differs between environments is given at the start, as -X NAME=VALUE or in the environment]",
     0},
    {"SELECT ${X} FROM t; SELECT {{ x }}; SELECT a FROM %s; SET a.b = ${X}; SELECT 1",
     "1:8-2 E0105 this file is a template: Flink SQL has no placeholders [write the value; what differs between environments is given at the start, as -X NAME=VALUE or in the environment]\n"
     "1:28-2 E0105 this file is a template: Flink SQL has no placeholders [write the value; what differs between environments is given at the start, as -X NAME=VALUE or in the environment]\n"
     "1:51-2 E0105 this file is a template: Flink SQL has no placeholders [write the value; what differs between environments is given at the start, as -X NAME=VALUE or in the environment]\n"
     "1:59-10 E0105 this file is a template: Flink SQL has no placeholders [write the value; what differs between environments is given at the start, as -X NAME=VALUE or in the environment]",
     1},
    {"SELECT INTERVAL '100' SECOND, INTERVAL '1440' MINUTE, INTERVAL '5' MINUTE(4)",
     "1:17-5 E0106 Interval field value 100 exceeds precision of SECOND(2) field [give it more digits: INTERVAL '100' SECOND(3)]\n"
     "1:40-6 E0106 Interval field value 1440 exceeds precision of MINUTE(2) field [three digits are the most; use a larger unit, as INTERVAL '1' DAY for 1440 minutes]\n"
     "1:68-9 E0106 DAY_INTERVAL_TYPES precision is not supported: 4 (1 to 3) [use the next larger unit: INTERVAL '1' DAY for 1440 minutes]",
     0},
    {"SELECT INTERVAL '2' WEEK, INTERVAL '5' MILLISECONDS, INTERVAL 'x' DAY, INTERVAL '1:99' HOUR TO MINUTE",
     "1:21-4 E0106 `WEEK` is not a unit of an interval in Flink [write weeks in days, quarters in months, milliseconds as a fraction: INTERVAL '14' DAY, INTERVAL '3' MONTH, INTERVAL '0.250' SECOND]\n"
     "1:40-12 E0106 `MILLISECONDS` is not a unit of an interval in Flink [write weeks in days, quarters in months, milliseconds as a fraction: INTERVAL '14' DAY, INTERVAL '3' MONTH, INTERVAL '0.250' SECOND]\n"
     "1:63-3 E0106 Illegal interval literal 'x' for DAY [for example INTERVAL '5' SECOND, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH]\n"
     "1:81-6 E0106 Illegal interval literal '1:99' for HOUR TO MINUTE [for example INTERVAL '5' SECOND, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH]",
     0},
    {"SELECT INTERVAL '1' DAY TO YEAR",
     "1:21-11 E0106 an interval cannot run from DAY to YEAR [YEAR TO MONTH, or from a larger to a smaller of DAY, HOUR, MINUTE, SECOND]\n"
     "1:17-3 E0106 Illegal interval literal '1' for DAY TO YEAR [for example INTERVAL '5' SECOND, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH]",
     0},
    {"SELECT DATE '2024-02-30', TIMESTAMP '2024-01-02T03:04:05', TIME '12:00'",
     "1:13-12 E0109 Illegal DATE literal '2024-02-30' [DATE '2024-01-31']\n"
     "1:37-21 E0109 Illegal TIMESTAMP literal '2024-01-02T03:04:05' [TIMESTAMP '2024-01-31 13:45:00', optionally with a fraction of the second]\n"
     "1:65-7 E0109 Illegal TIME literal '12:00' [TIME '13:45:00']",
     0},
    {"SELECT a form t",
     "1:15-1 E0100 unexpected t; expected ',', FROM, ORDER, LIMIT, the end of the statement [did you mean FROM?]",
     0},
    {"SELCT a FROM t; SELECT 1",
     "1:1-5 E0100 unexpected SELCT; expected '(', SELECT, VALUES, INSERT, CREATE, DROP, TABLE, WITH [did you mean SELECT?]",
     1},
    {"SELECT a FROM t GRUOP BY a",
     "1:23-2 E0100 unexpected BY; expected ',', '(', JOIN, WHERE, GROUP, HAVING, ORDER, LIMIT … [did you mean GROUP?]",
     0},
    {"SELECT a FROM t WHERE", "1:22-0 E0100 unexpected end of file; expected an expression", 0},
    {"SELECT (1 + 2 FROM t", "1:15-4 E0100 unexpected FROM; expected an operator, ')', ','", 0},
    {"SELECT 1 WHERE a = 1",
     "1:10-5 E0100 unexpected WHERE; expected an operator, a name, ',', AS, FROM, ORDER, LIMIT, the end of the statement",
     0},
    {"SELECT * FROM t\n"
     "INSERT INTO x SELECT 1;",
     "1:16-0 E0100 missing ; before INSERT [end each statement with ;]", 1},
    {"CREATE TABLE t (a INT) WITH ('k' = 'v')\n"
     "CREATE TABLE u (b INT) WITH ('k' = 'v');",
     "1:40-0 E0100 missing ; before CREATE [end each statement with ;]", 1},
    {"SELECT 0x1F FROM t; SELECT 12abc FROM t",
     "1:8-4 E0100 0x1F is not a number [numbers are 1, 1.5 or 1e3, without hexadecimal form; a name that starts with a digit stands in back-ticks]\n"
     "1:28-5 E0100 12abc is not a number [numbers are 1, 1.5 or 1e3, without hexadecimal form; a name that starts with a digit stands in back-ticks]",
     0},
    {"SELECT 'a' 'b'",
     "1:12-3 E0100 two strings side by side are not joined [write 'a' || 'b'; a quote inside a text is doubled: 'it''s']",
     0},
    {"SELECT CAST(a AS TIMESTAMP WITH TIME ZONE) FROM t",
     "1:33-4 E0100 Flink has no type TIMESTAMP WITH TIME ZONE [TIMESTAMP_LTZ(3) is the type of an instant]",
     0},
    {"SELECT CAST(a AS STRING(5)), CAST(a AS BIGINT(3)), CAST(a AS TIMESTAMP(3, 2))",
     "1:18-9 E0100 the type STRING takes no length or precision\n"
     "1:40-9 E0100 the type BIGINT takes no length or precision\n"
     "1:62-15 E0100 the type TIMESTAMP takes one number in brackets",
     0},
    {"SELECT a /*+ HINT */ + 1",
     "1:10-3 E0100 a hint has no meaning here [hints follow SELECT, or the name of a table; a comment starts with /* and a blank]",
     0},
    {"SET a = b\n"
     "SET c = d;",
     "1:5-5 E0100 missing ; behind this setting [end the line with ;]", 1},
    {"SET 'a' 'b'; SET abc; RESET a = b; SET 'a' = 'b' 'c'; SET 'ok' = '1'",
     "1:9-3 E0100 SET needs = and a value in single quotes here [for example SET 'table.exec.state.ttl' = '1 h';]\n"
     "1:18-3 E0100 SET needs a key, = and a value [for example SET 'table.exec.state.ttl' = '1 h';]\n"
     "1:29-5 E0100 RESET needs a key alone [for example RESET 'table.exec.state.ttl';]\n"
     "1:50-3 E0100 unexpected 'c'; expected ';' [a quote inside the value is doubled: 'it''s']",
     1},
    {"SELECT # FROM t; SELECT `` FROM t; SELECT 1",
     "1:8-1 E0100 unexpected character #\n"
     "1:25-2 E0100 a name cannot be empty",
     1},
    {"INSERT INTO t VALUES ('abc, 1);\n"
     "SELECT 1;",
     "1:23-1 E0104 this string is not closed [add the closing quote; a quote inside a text is doubled: 'it''s']",
     1},
    {"INSERT INTO t VALUES ('abc, 1);\n"
     "SELECT 'def' FROM t;\n"
     "SELECT 1;",
     "1:23-1 E0104 this string is not closed [add the closing quote; a quote inside a text is doubled: 'it''s']",
     2},
    {"CREATE TABLE t (a INT) WITH (\n"
     "  'topic' = 'abc,\n"
     "  'format' = 'json'\n"
     ");\n"
     "SELECT 1;",
     "2:13-1 E0104 this string is not closed [add the closing quote; a quote inside a text is doubled: 'it''s']",
     1},
    {"SELECT a FROM `abc;\n"
     "SELECT 1",
     "1:15-1 E0104 this name in back-ticks is not closed [add the closing back-tick]", 1},
    {"SELECT 1; /* never closed\n"
     "SELECT 2;",
     "1:11-1 E0104 this comment is not closed [add */]", 1},
    {"END; SELECT 1",
     "1:1-3 E0110 END without an open statement set [open it with EXECUTE STATEMENT SET BEGIN]", 1},
    {"EXECUTE STATEMENT SET BEGIN\n"
     "SELECT 1;\n"
     "INSERT INTO a SELECT FROM;\n"
     "INSERT INTO b SELECT 2;\n"
     "END;\n"
     "SELECT 3",
     "2:1-8 E0110 only INSERT statements may stand in a statement set [move it in front of the set, or close the set with END;]\n"
     "3:22-4 E0100 unexpected FROM; expected an expression",
     2},
    {"BEGIN STATEMENT SET;\n"
     "INSERT INTO a SELECT 1;",
     "1:1-19 E0110 this statement set is not closed [add END; behind the last INSERT]", 0},
    {"BEGIN STATEMENT SET; BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END;",
     "1:22-5 E0110 a statement set cannot stand in another one [close the first set with END;]", 1},
    {"CREATE TABLE t (a, b INT)",
     "1:17-1 E0100 column a has no type [for example: name STRING, or: name AS expression]", 0},
    {"DROP t; CREATE foo; ALTER TABLE t SET (a)",
     "1:6-1 E0100 unexpected t; expected TABLE, VIEW, DATABASE\n"
     "1:16-3 E0100 unexpected foo; expected TABLE, VIEW, DATABASE\n"
     "1:40-1 E0100 unexpected a; expected a string [write it in single quotes: 'a']",
     0},
    {"SELECT f(a => 1, 2), f(1, a => 2)",
     "1:18-1 E0100 an argument without a name cannot follow a named one [name all arguments or none]\n"
     "1:27-1 E0100 a named argument cannot follow one without a name [name all arguments or none]",
     0},
    {"SELECT MAP['a', 1, 'b']",
     "1:8-16 E0100 MAP needs a value for every key, but has 3 items [write keys and values in turn: MAP['a', 1, 'b', 2]]",
     0},
    {"SELECT (a + b) SECOND",
     "1:16-6 E0100 an interval unit in this place needs a difference in brackets before it [for example (a - b) SECOND, or x AS `second`]",
     0},
    {"CREATE TABLE t LIKE u (INCLUDING EVERYTHING)",
     "1:34-10 E0100 `EVERYTHING` is nothing that LIKE could take over [one of ALL, CONSTRAINTS, DISTRIBUTION, GENERATED, METADATA, OPTIONS, PARTITIONS, WATERMARKS]",
     0},
    {"SELECT U&'\\00g1', X'0', X'zz'\n"
     "",
     "1:8-9 E0100 a Unicode escape in this string is not valid [four hexadecimal digits follow the backslash: U&'\\00e9']\n"
     "1:19-4 E0100 this binary string is not made of pairs of hexadecimal digits [write two hexadecimal digits per byte: X'0fa0']\n"
     "1:25-5 E0100 this binary string is not made of pairs of hexadecimal digits [write two hexadecimal digits per byte: X'0fa0']",
     0},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena job = {0};
        uint32_t statements;
        struct str got = report(str_of(cases[i].text), &job, &statements);
        if (!str_eq(got, str_of(cases[i].want)))
            fail_msg("%s\ngives\n%s\ninstead of\n%s", cases[i].text, got.ptr, cases[i].want);
        if (statements != cases[i].statements)
            fail_msg("%s\nleaves %u statements", cases[i].text, statements);
        arena_release(&job);
    }
}

/* ---- limits: bounded time and memory, whatever the text ---- */

static struct str repeat(struct arena *job, const char *before, const char *part, uint32_t times,
                         const char *after) {
    struct buf out;
    buf_init(&out, 32 << 20);
    buf_append(&out, str_of(before));
    for (uint32_t i = 0; i < times; i++)
        buf_append(&out, str_of(part));
    buf_append(&out, str_of(after));
    assert_false(out.overflow);
    struct str text = arena_str(job, buf_str(&out));
    buf_release(&out);
    return text;
}

static const struct {
    const char *name, *before, *part, *after;
    uint32_t times;
    const char *code; /* NULL: parses */
} limits[] = {
    {"brackets that fit", "SELECT ", "(",
     "1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))", 64, NULL},
    {"brackets too deep", "SELECT ", "(", "1", 65, "E0107"},
    {"brackets far too deep", "SELECT ", "(", "", 1000000, "E0107"},
    {"sub-queries", "SELECT ", "(SELECT ", "", 100000, "E0107"},
    {"cases", "SELECT ", "CASE WHEN ", "", 100000, "E0107"},
    {"array indexes", "SELECT ", "a[", "", 100000, "E0107"},
    {"types", "CREATE TABLE t (a ", "ARRAY<", "", 100000, "E0107"},
    {"signs", "SELECT ", "- ", "1", 100000, "E0107"},
    {"negations", "SELECT ", "NOT ", "a", 100000, "E0107"},
    {"a long chain that fits", "SELECT a", " || a", "", 900, NULL},
    {"a chain too long", "SELECT a", " + a", "", 100000, "E0107"},
    {"unions too many", "SELECT 1", " UNION ALL SELECT 1", "", 100000, "E0107"},
    {"joins too many", "SELECT 1 FROM t", ", t", "", 100000, "E0107"},
    {"many columns", "CREATE TABLE t (a INT", ", a STRING", ")", 100000, NULL},
    {"many items", "SELECT 1", ", a AS b", "", 100000, NULL},
    {"many rows", "INSERT INTO t VALUES (1)", ", (1, 'x')", "", 100000, NULL},
    {"many statements", "", "SELECT 1;", "", 100000, NULL},
    {"10 MB of one name", "SELECT ", "abcdefghij", "", 1000000, NULL},
    {"10 MB of comment", "SELECT 1 /*", "**********", "*/", 1000000, NULL},
    {"10 MB of quotes", "SELECT '", "''''''''''", "'", 1000000, NULL},
    {"10 MB of unknown bytes", "SELECT ", "#?#?#?#?#?", "", 1000000, "E0100"},
    {"10 MB of back-ticks", "SELECT ", "`a`.`b`.`c", "", 1000000, "E0100"},
    {"too many tokens", "SELECT 1", ",1", "", 2500000, "E0108"},
    {"too large", "SELECT 1 --", "0123456789", "", 1700000, "E0108"},
};

static void test_limits(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct arena job = {0};
        struct diagnostics errors;
        struct ast_script *script;
        struct str text =
            repeat(&job, limits[i].before, limits[i].part, limits[i].times, limits[i].after);
        diagnostics_init(&errors, &job, 20);
        bool ok = sql_parse(text, &job, &errors, &script);
        if (ok != !limits[i].code)
            fail_msg("%s: %s", limits[i].name, ok ? "parses" : errors.items[0].text);
        if (!ok) assert_string_equal(errors.items[0].code, limits[i].code);
        arena_release(&job);
    }
}

/* NUL and other bytes that are no text are reported, not read over. */
static void test_bytes(void **state) {
    (void)state;
    static const struct str texts[] = {
        STR_INIT("SELECT a\0b FROM t"), STR_INIT("SELECT \x01"),     STR_INIT("SELECT '\xff'"),
        STR_INIT("SELECT `\xc3`"),      STR_INIT("SELECT \xe2\x82"),
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena job = {0};
        uint32_t statements;
        assert_true(report(texts[i], &job, &statements).len > 0);
        assert_int_equal(statements, 0);
        arena_release(&job);
    }
    struct arena job = {0};
    uint32_t statements;
    /* bytes of another encoding in a comment harm nobody; NUL inside a string is data */
    assert_int_equal(report(STR("-- \xe9t\xe9\nSELECT 'a\0b'"), &job, &statements).len, 0);
    assert_int_equal(statements, 1);
    assert_int_equal(report(STR(""), &job, &statements).len, 0);
    assert_int_equal(statements, 0);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
