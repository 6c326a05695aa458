/* SPDX-License-Identifier: Apache-2.0 */
/* The type of every expression, as Flink decides it. The query has one column and the sink two, so the
 * refusal prints the query's schema: that is what is compared. */
#include "script.h"

static const struct {
    const char *sql, *type;
} rows[] = {
    /* literals */
    {"1", "INT NOT NULL"},
    {"2147483647", "INT NOT NULL"},
    {"2147483648", "BIGINT NOT NULL"},
    {"-1", "INT NOT NULL"},
    {"1.0", "DECIMAL(2, 1) NOT NULL"},
    {".5", "DECIMAL(1, 1) NOT NULL"},
    {"1e0", "DOUBLE NOT NULL"},
    {"'abc'", "CHAR(3) NOT NULL"},
    {"'é😀'", "CHAR(2) NOT NULL"},
    {"TRUE", "BOOLEAN NOT NULL"},
    {"TIMESTAMP '2024-01-02 03:04:05.12'", "TIMESTAMP(2) NOT NULL"},
    /* numbers */
    {"i + i", "INT"},
    {"i + b", "BIGINT"},
    {"i / i", "INT"},
    {"b % i", "BIGINT"},
    {"i + d", "DOUBLE"},
    {"c + d", "DOUBLE"},
    {"c + c", "DECIMAL(11, 2)"},
    {"c - i", "DECIMAL(13, 2)"},
    {"c * c", "DECIMAL(21, 4)"},
    {"5.0 * 2", "DECIMAL(13, 1)"},
    {"c / c", "DECIMAL(23, 13)"},
    {"c / i", "DECIMAL(21, 13)"},
    {"1 / 3.0", "DECIMAL(17, 6)"},
    {"c2 / c2", "DECIMAL(38, 6)"},
    {"c2 * c2", "DECIMAL(38, 6)"},
    {"-c", "DECIMAL(10, 2)"},
    {"ABS(b)", "BIGINT"},
    {"MOD(i, 3)", "INT"},
    {"MOD(b, i)", "BIGINT"},
    /* choice */
    {"CASE WHEN ok THEN i ELSE 2.5 END", "DECIMAL(11, 1)"},
    {"CASE WHEN ok THEN i ELSE b END", "BIGINT"},
    {"CASE WHEN ok THEN i END", "INT"},
    {"CASE i WHEN 1 THEN 'a' ELSE 'bcd' END", "VARCHAR(3) NOT NULL"},
    {"CASE WHEN ok THEN i ELSE d END", "DOUBLE"},
    {"COALESCE(i, b, 0)", "BIGINT NOT NULL"},
    {"COALESCE(c, 0)", "DECIMAL(12, 2) NOT NULL"},
    {"COALESCE(ts, TIMESTAMP '1970-01-01 00:00:00')", "TIMESTAMP(3) NOT NULL"},
    {"COALESCE(s, 'x')", "STRING NOT NULL"},
    {"IFNULL(i, 0)", "INT NOT NULL"},
    {"IF(ok, 1, 2)", "INT NOT NULL"},
    {"NULLIF(b, 0)", "BIGINT"},
    {"NULLIF(1, 0)", "INT"},
    /* predicates */
    {"i = 1", "BOOLEAN"},
    {"1 = 1", "BOOLEAN NOT NULL"},
    {"i IS NULL", "BOOLEAN NOT NULL"},
    {"ok IS NOT TRUE", "BOOLEAN NOT NULL"},
    {"i IN (1, NULL)", "BOOLEAN"},
    {"i IS DISTINCT FROM b", "BOOLEAN NOT NULL"},
    {"ok AND NOT ok", "BOOLEAN"},
    {"b BETWEEN 1 AND 2.5", "BOOLEAN"},
    {"ts > '2024-01-01 00:00:00'", "BOOLEAN"},
    {"ts < ltz", "BOOLEAN"},
    {"s = TRUE", "BOOLEAN"},
    /* text */
    {"s || 'x'", "STRING"},
    {"s5 || 'x'", "VARCHAR(6)"},
    {"CONCAT('a', 'b')", "VARCHAR(2) NOT NULL"},
    {"SUBSTRING(s, 2)", "STRING"},
    {"SUBSTRING(s FROM 2 FOR 3)", "STRING"},
    {"UPPER(s5)", "VARCHAR(5)"},
    {"CHAR_LENGTH(s)", "INT"},
    {"TRIM(BOTH ' ' FROM s)", "STRING"},
    /* time */
    {"ts - INTERVAL '5' SECOND", "TIMESTAMP(3)"},
    {"INTERVAL '1' DAY + ltz", "TIMESTAMP_LTZ(3)"},
    {"ts + INTERVAL '1' MONTH", "TIMESTAMP(3)"},
    {"DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS')", "STRING"},
    {"TO_TIMESTAMP(s)", "TIMESTAMP(3)"},
    {"TO_TIMESTAMP(s, 'yyyy/MM/dd')", "TIMESTAMP(3)"},
    {"TO_TIMESTAMP_LTZ(b, 3)", "TIMESTAMP_LTZ(3)"},
    {"TO_TIMESTAMP_LTZ(d, 0)", "TIMESTAMP_LTZ(3)"},
    {"TIMESTAMPDIFF(SECOND, ts, ts)", "INT"},
    {"TIMESTAMPDIFF(MONTH, ts, ts)", "INT"},
    {"CURRENT_TIMESTAMP", "TIMESTAMP_LTZ(3) NOT NULL"},
    {"LOCALTIMESTAMP", "TIMESTAMP(3) NOT NULL"},
    {"p", "TIMESTAMP_LTZ(3) NOT NULL"},
    /* casts */
    {"CAST(s AS INT)", "INT"},
    {"TRY_CAST('1' AS INT)", "INT"},
    {"CAST(i AS BIGINT)", "BIGINT"},
    {"CAST(1 AS DECIMAL(5,1))", "DECIMAL(5, 1) NOT NULL"},
    {"CAST(d AS DECIMAL)", "DECIMAL(10, 0)"},
    {"CAST(ok AS STRING)", "STRING"},
    {"CAST(s AS VARCHAR(3))", "VARCHAR(3)"},
    {"CAST(i AS CHAR(4))", "CHAR(4)"},
    {"CAST(ts AS TIMESTAMP_LTZ(3))", "TIMESTAMP_LTZ(3)"},
    {"CAST(ts AS TIMESTAMP(0))", "TIMESTAMP(0)"},
    {"CAST(NULL AS BIGINT)", "BIGINT"},
    {"CAST(ok AS DECIMAL(3,1))", "DECIMAL(3, 1)"},
    /* aggregates */
    {"COUNT(*)", "BIGINT NOT NULL"},
    {"COUNT(DISTINCT s)", "BIGINT NOT NULL"},
    {"COUNT(1) FILTER (WHERE ok)", "BIGINT NOT NULL"},
    {"SUM(i)", "INT"},
    {"SUM(b) + 1", "BIGINT"},
    {"SUM(c)", "DECIMAL(38, 2)"},
    {"AVG(i)", "INT"},
    {"AVG(c)", "DECIMAL(38, 6)"},
    {"AVG(c2)", "DECIMAL(38, 18)"},
    {"AVG(d)", "DOUBLE"},
    {"MIN(ts)", "TIMESTAMP(3)"},
    {"MAX(s)", "STRING"},
    {"MIN(ok)", "BOOLEAN"},
    {"COALESCE(SUM(c) FILTER (WHERE ok), 0)", "DECIMAL(38, 2) NOT NULL"},
};

static void test_types(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bound b;
        struct arena text = {0};
        bind_script(&b,
                    arena_printf(&text, "INSERT INTO two SELECT %s AS x FROM t;", rows[i].sql).ptr);
        const struct error *err = finding(&b, SEVERITY_ERROR);
        struct str line = str_split(str_of(err->evidence), '\n', &(struct str){0}, &(bool){0});
        struct str expected = arena_printf(&text, "Query schema: [x: %s]", rows[i].type);
        if (!str_eq(line, expected))
            fail_msg("%s: expected %s, got %.*s (%s)", rows[i].sql, rows[i].type, (int)line.len,
                     line.ptr, err->text);
        arena_release(&text);
        bound_release(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
