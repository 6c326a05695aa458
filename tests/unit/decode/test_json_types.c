/* SPDX-License-Identifier: Apache-2.0 */
/* Flink's conversions, value by value: JSON text → column, or an error that becomes NULL when errors are
 * ignored. All rows were compared with Flink 1.20.3's own decoder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/decode/tiers.h"

static const char E[] = "error"; /* the value does not fit */

struct conversion {
    enum type_id type;
    const char *json, *result;
};

static const struct conversion conversions[] = {
    {TYPE_INT, "3.7", "3"},
    {TYPE_INT, "-3.7", "-3"},
    {TYPE_INT, "1e2", "100"},
    {TYPE_INT, "-0", "0"},
    {TYPE_INT, "2147483647", "2147483647"},
    {TYPE_INT, "2147483648", E},
    {TYPE_INT, "-2147483648", "-2147483648"},
    {TYPE_INT, "-2147483649", E},
    {TYPE_INT, "2147483647.0", "2147483647"},
    {TYPE_INT, "2147483647.5", E},
    {TYPE_INT, "1e400", E},
    {TYPE_INT, "\" 5 \"", "5"},
    {TYPE_INT, "\"+5\"", "5"},
    {TYPE_INT, "\"007\"", "7"},
    {TYPE_INT, "\"\\t5\\n\"", "5"},
    {TYPE_INT, "\"5\\u00a0\"", E},
    {TYPE_INT, "\"\uff11\uff12\"", "12"},
    {TYPE_INT, "\"3.7\"", E},
    {TYPE_INT, "\"1e2\"", E},
    {TYPE_INT, "\"0x10\"", E},
    {TYPE_INT, "\"\"", E},
    {TYPE_INT, "\"+\"", E},
    {TYPE_INT, "true", E},
    {TYPE_INT, "{}", E},
    {TYPE_BIGINT, "9223372036854775807", "9223372036854775807"},
    {TYPE_BIGINT, "-9223372036854775808", "-9223372036854775808"},
    {TYPE_BIGINT, "9223372036854775808", E},
    {TYPE_BIGINT, "\"-9223372036854775808\"", "-9223372036854775808"},
    {TYPE_BIGINT, "9007199254740993.0", "9007199254740992"},
    {TYPE_BIGINT, "0.9999999999999999999", "1"},
    {TYPE_BIGINT, "9223372036854775808.0", "9223372036854775807"},
    {TYPE_BIGINT, "1e19", E},
    {TYPE_TINYINT, "127", "127"},
    {TYPE_TINYINT, "128", E},
    {TYPE_TINYINT, "-128", "-128"},
    {TYPE_TINYINT, "3.7", E},
    {TYPE_TINYINT, "\"12\"", "12"},
    {TYPE_SMALLINT, "-32768", "-32768"},
    {TYPE_SMALLINT, "32768", E},
    {TYPE_SMALLINT, "1e2", E},
    {TYPE_DOUBLE, "1.5", "1.5"},
    {TYPE_DOUBLE, "1e400", "Infinity"},
    {TYPE_DOUBLE, "-1e400", "-Infinity"},
    {TYPE_DOUBLE, "1e-400", "0.0"},
    {TYPE_DOUBLE, "-0", "-0.0"},
    {TYPE_DOUBLE, "9007199254740993", "9.007199254740992E15"},
    {TYPE_DOUBLE, "123456789.012345678901234567890", "1.2345678901234567E8"},
    {TYPE_DOUBLE, "1e23", "1.0E23"},
    {TYPE_DOUBLE, "5e-324", "4.9E-324"},
    {TYPE_DOUBLE, "\"NaN\"", "NaN"},
    {TYPE_DOUBLE, "\"-Infinity\"", "-Infinity"},
    {TYPE_DOUBLE, "\" 1.5 \"", "1.5"},
    {TYPE_DOUBLE, "\"1.5f\"", "1.5"},
    {TYPE_DOUBLE, "\"0x1p3\"", "8.0"},
    {TYPE_DOUBLE, "\"0x1.8p1\"", "3.0"},
    {TYPE_DOUBLE, "\".5\"", "0.5"},
    {TYPE_DOUBLE, "\"5.\"", "5.0"},
    {TYPE_DOUBLE, "\"0x1\"", E},
    {TYPE_DOUBLE, "\"inf\"", E},
    {TYPE_DOUBLE, "\"1_0\"", E},
    {TYPE_DOUBLE, "\".\"", E},
    {TYPE_DOUBLE, "\"1e\"", E},
    {TYPE_DOUBLE, "\"\"", E},
    {TYPE_DOUBLE, "true", E},
    {TYPE_DOUBLE, "[]", E},
    {TYPE_BOOLEAN, "true", "TRUE"},
    {TYPE_BOOLEAN, "false", "FALSE"},
    {TYPE_BOOLEAN, "\" True \"", "TRUE"},
    {TYPE_BOOLEAN, "\"yes\"", "FALSE"},
    {TYPE_BOOLEAN, "\"\"", "FALSE"},
    {TYPE_BOOLEAN, "1", "FALSE"},
    {TYPE_BOOLEAN, "{\"a\":1}", E}, /* Flink reads on inside of it */
    {TYPE_DECIMAL, "1.005", "1.01"},
    {TYPE_DECIMAL, "-1.005", "-1.01"},
    {TYPE_DECIMAL, "-0.001", "0.00"},
    {TYPE_DECIMAL, "12", "12.00"},
    {TYPE_DECIMAL, "99999999.994", "99999999.99"},
    {TYPE_DECIMAL, "99999999.995", "NULL"},
    {TYPE_DECIMAL, "123456789012", "NULL"},
    {TYPE_DECIMAL, "1e1000", "NULL"},
    {TYPE_DECIMAL, "0e5000", "0.00"},
    {TYPE_DECIMAL, "1e-5000", "0.00"},
    {TYPE_DECIMAL, "\"1e3\"", "1000.00"},
    {TYPE_DECIMAL, "\" 1.5 \"", "1.50"},
    {TYPE_DECIMAL, "\".5\"", "0.50"},
    {TYPE_DECIMAL, "\"5.\"", "5.00"},
    {TYPE_DECIMAL, "\"\u0661\"", "1.00"},
    {TYPE_DECIMAL, "\"abc\"", E},
    {TYPE_DECIMAL, "\"\"", E},
    {TYPE_DECIMAL, "true", E},
    {TYPE_VARCHAR, "1.50", "1.50"},
    {TYPE_VARCHAR, "1e2", "1e2"},
    {TYPE_VARCHAR, "-0", "-0"},
    {TYPE_VARCHAR, "12345678901234567890123", "12345678901234567890123"},
    {TYPE_VARCHAR, "true", "true"},
    {TYPE_VARCHAR, "{ }", "{}"},
    {TYPE_VARCHAR, "[1 , {\"a\" : null}]", "[1,{\"a\":null}]"},
    {TYPE_VARCHAR, "{\"b\": 1e2, \"a\": [true, \"\\u00e9\\/\"], \"b\": -0}",
     "{\"b\":0,\"a\":[true,\"\u00e9/\"]}"},
    {TYPE_VARCHAR,
     "{\"x\":1,\"y\":{\"c\":1,\"c\":2},\"x\":{\"d\":3,\"d\":4},\"y\":6,\"\\u0078\":7}",
     "{\"x\":7,\"y\":6}"},
    {TYPE_VARCHAR, "[1.50,1e2,-0.0,1e400,0.00001,12345678.9]",
     "[1.5,100.0,-0.0,\"Infinity\",1.0E-5,1.23456789E7]"},
    {TYPE_VARCHAR, "[\"\\u0001\\u001f\\n\\\"\\\\\"]", "[\"\\u0001\\u001F\\n\\\"\\\\\"]"},
    {TYPE_DATE, "\"2024-01-02\"", "2024-01-02"},
    {TYPE_DATE, "\"2024-1-2\"", E},
    {TYPE_DATE, "\"2024-02-30\"", E},
    {TYPE_DATE, "20240102", E},
    {TYPE_TIME, "\"03:04:05.678\"", "03:04:05"},
    {TYPE_TIME, "\"24:00:00\"", "00:00:00"},
    {TYPE_TIME, "\"03:04\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:05\"", "2024-01-02 03:04:05.000"},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:05.123999999\"", "2024-01-02 03:04:05.123"},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:05.\"", "2024-01-02 03:04:05.000"},
    {TYPE_TIMESTAMP, "\"2024-02-30 00:00:00\"", "2024-02-29 00:00:00.000"},
    {TYPE_TIMESTAMP, "\"2024-01-02 24:00:00\"", "2024-01-03 00:00:00.000"},
    {TYPE_TIMESTAMP, "\"9999-12-31 23:59:59.999\"", "9999-12-31 23:59:59.999"},
    {TYPE_TIMESTAMP, "\"1969-12-31 23:59:59.9995\"", "1969-12-31 23:59:59.999"},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:05.1234567890\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02T03:04:05\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:05Z\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02\"", E},
    {TYPE_TIMESTAMP, "\" 2024-01-02 03:04:05\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:04:60\"", E},
    {TYPE_TIMESTAMP, "\"2024-01-02 03:0a:00\"", E},
    {TYPE_TIMESTAMP, "1704164645000", E},
};

static struct type type_for(enum type_id id) {
    struct type type = type_of(id);
    if (id == TYPE_DECIMAL) type = type_decimal(10, 2);
    if (id == TYPE_VARCHAR) type = type_string();
    if (id == TYPE_TIMESTAMP || id == TYPE_TIMESTAMP_LTZ) type.precision = 3;
    return type;
}

/* The value alone, and between other members: as a repeated shape it meets the template walk. */
static void assert_conversion(struct tiers *t, bool ignore, const char *json, const char *result) {
    char text[512];
    int len = snprintf(text, sizeof text, "{\"x\":[],\"v\":%s,\"y\":1}", json);
    struct str value = {text, (size_t)len};
    bool ok = tiers_read(t, TIER_FULL, value);
    if (result == E && !ignore) {
        if (ok) fail_msg("%s was taken as %s", json, tiers_row(t, TIER_FULL).ptr);
        assert_int_equal(t->bad.reason, BAD_FIELD);
        assert_int_equal(t->bad.byte, 12);
    } else {
        if (!ok) fail_msg("%s was not taken", json);
        assert_string_equal(tiers_row(t, TIER_FULL).ptr, result == E ? "NULL" : result);
    }
    const char *wrong = tiers_disagree(t, value);
    if (wrong) fail_msg("%s: %s", json, wrong);
    len = snprintf(text, sizeof text, "{\"w\":\"\",\"v\":%s,\"y\":1}", json);
    t->template_count = 0;
    tiers_learn(t, STR("{\"w\":\"\",\"v\":null,\"y\":1}"));
    wrong = tiers_disagree(t, (struct str){text, (size_t)len});
    if (wrong) fail_msg("%s: %s", json, wrong);
}

static void convert_all(bool ignore) {
    for (size_t i = 0; i < ARRAY_LEN(conversions); i++) {
        struct tiers t;
        const struct format_options options = {.format = FORMAT_JSON,
                                               .ignore_parse_errors = ignore};
        const struct tiers_column column = {"v", type_for(conversions[i].type), false};
        tiers_init(&t, &column, 1, &options);
        assert_conversion(&t, ignore, conversions[i].json, conversions[i].result);
        tiers_release(&t);
    }
}

static void test_fail(void **state) {
    (void)state;
    convert_all(false);
}

static void test_ignore(void **state) {
    (void)state;
    convert_all(true);
}

/* Times by the ISO standard, and with the Z that TIMESTAMP_LTZ needs. */
static void test_times(void **state) {
    (void)state;
    static const struct {
        enum type_id type;
        bool iso;
        const char *json;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {TYPE_TIMESTAMP, true, "\"2024-01-02T03:04:05.12\"", 1704164645120},
        {TYPE_TIMESTAMP, true, "\"2024-01-02t03:04\"", 1704164640000},
        {TYPE_TIMESTAMP, true, "\"2024-02-30T00:00:00\"", -1},
        {TYPE_TIMESTAMP, true, "\"2024-01-02T24:00:00\"", -1},
        {TYPE_TIMESTAMP, true, "\"2024-01-02 03:04:05\"", -1},
        {TYPE_TIMESTAMP, true, "\"2024-01-02T03:04:05Z\"", -1},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02T03:04:05.120Z\"", 1704164645120},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02T03:04Z\"", 1704164640000},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-02-30T24:00:00Z\"", 1709251200000},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02t03:04:05Z\"", -1},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02T03:04:05z\"", -1},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02T03:04:05+01:00\"", -1},
        {TYPE_TIMESTAMP_LTZ, true, "\"2024-01-02T03:04:05\"", -1},
        {TYPE_TIMESTAMP_LTZ, false, "\"2024-01-02 03:04:05.12Z\"", 1704164645120},
        {TYPE_TIMESTAMP_LTZ, false, "\"2024-01-02 03:04Z\"", -1},
        {TYPE_TIMESTAMP_LTZ, false, "1704164645000", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tiers t;
        const struct format_options options = {.format = FORMAT_JSON, .iso_8601 = cases[i].iso};
        const struct tiers_column column = {"v", type_for(cases[i].type), false};
        char text[128];
        tiers_init(&t, &column, 1, &options);
        struct str value = {text, (size_t)snprintf(text, sizeof text, "{\"v\":%s}", cases[i].json)};
        bool ok = tiers_read(&t, TIER_FULL, value);
        if (ok != (cases[i].ms >= 0)) fail_msg("%s", cases[i].json);
        if (ok) assert_int_equal(t.out[TIER_FULL].columns[0].i64[0], cases[i].ms);
        tiers_learn(&t, STR("{\"v\":null}"));
        const char *wrong = tiers_disagree(&t, value);
        if (wrong) fail_msg("%s: %s", cases[i].json, wrong);
        tiers_release(&t);
    }
}

/* A float is rounded once, not by way of double. */
static void test_float(void **state) {
    (void)state;
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON};
    const struct tiers_column column = {"v", type_of(TYPE_FLOAT), false};
    tiers_init(&t, &column, 1, &options);
    const struct str value = STR("{\"v\":1.00000017881393432617187499}");
    assert_true(tiers_read(&t, TIER_FULL, value));
    assert_true(t.out[TIER_FULL].columns[0].f32[0] == 0x1.000002p0f);
    tiers_learn(&t, STR("{\"v\":1}"));
    assert_null(tiers_disagree(&t, value));
    assert_null(tiers_disagree(&t, STR("{\"v\":\"0x1p3f\"}")));
    tiers_release(&t);
}

/* With a DECIMAL column anywhere in the table, numbers inside of objects are BigDecimals. */
static void test_object_numbers_as_decimals(void **state) {
    (void)state;
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON};
    const struct tiers_column columns[] = {{"v", type_string(), false},
                                           {"m", type_decimal(10, 2), true}};
    tiers_init(&t, columns, 2, &options);
    const struct str value =
        STR("{\"v\":[1.50,1e2,-0.0,1e400,0.00001,0.0000001,12345678.90,1.25E-9,100000000.0,1]}");
    assert_true(tiers_read(&t, TIER_FULL, value));
    assert_string_equal(tiers_row(&t, TIER_FULL).ptr,
                        "[1.5,1E+2,0,\"Infinity\",0.00001,1E-7,12345678.9,1.25E-9,1E+8,1]");
    tiers_release(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_ignore),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_object_numbers_as_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
