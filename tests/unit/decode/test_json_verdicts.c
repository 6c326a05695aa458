/* SPDX-License-Identifier: Apache-2.0 */
/* Flink's verdicts on whole records: what fails, what is dropped, what becomes NULL. Each row is read by
 * every tier under both policies; a tier that answers must give the row that is written here.
 *
 * The columns are a BIGINT, s STRING, d DOUBLE. The expectations were compared with Flink 1.20.3's own
 * decoder; the rows marked * are the documented differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/decode/tiers.h"

static const char DOCUMENT[] = "bad document", FIELD[] = "bad field";

struct verdict {
    struct str json;
    const char *fail, *ignore; /* row, or one of the words above */
};

#define V(json, fail, ignore)                                                                      \
    { STR_INIT(json), fail, ignore }
#define BOTH(json, row)                                                                            \
    { STR_INIT(json), row, row }

static const struct verdict verdicts[] = {
    /* structure, also in undeclared fields and after all declared columns */
    BOTH("{\"a\":1,\"s\":\"x\",\"d\":2.5}", "1|x|2.5"),
    BOTH("{\"a\":1,\"s\":\"x\",\"d\":2.5", DOCUMENT),
    BOTH("{\"a\":1,\"s\":\"x\",\"d\":2.5,\"z\":tru}", DOCUMENT),
    BOTH("{\"a\":01}", DOCUMENT),
    BOTH("{\"a\":+1}", DOCUMENT),
    BOTH("{\"a\":1.}", DOCUMENT),
    BOTH("{\"a\":.5}", DOCUMENT),
    BOTH("{\"a\":NaN}", DOCUMENT),
    BOTH("{\"a\":nul}", DOCUMENT),
    BOTH("{\"z\":01}", DOCUMENT),
    BOTH("{\"z\":-}", DOCUMENT),
    BOTH("{\"z\":1e}", DOCUMENT),
    BOTH("{'a':7}", DOCUMENT),
    BOTH("{a:7}", DOCUMENT),
    BOTH("{\"a\":7/*c*/}", DOCUMENT),
    BOTH("{\"a\":7 \"s\":\"x\"}", DOCUMENT),
    BOTH("{\"a\":7,,\"s\":\"x\"}", DOCUMENT),
    BOTH("{\"a\":7,}", DOCUMENT),
    BOTH("{,\"a\":7}", DOCUMENT),
    BOTH("{\"a\" 7}", DOCUMENT),
    BOTH("{\"z\":[1,]}", DOCUMENT),
    BOTH("{\"z\":[1 2]}", DOCUMENT),
    BOTH("{\"z\":{\"a\":[}}", DOCUMENT),
    BOTH("{\"z\":{\"a\":1,}}", DOCUMENT),
    BOTH("{\"z\":[1}", DOCUMENT),
    /* blanks and what follows */
    BOTH(" \t\r\n{ \"a\" : 1 , \"s\"\t:\n\"x\" }", "1|x|NULL"),
    BOTH("{\"a\":1} xyz", "1|NULL|NULL"),
    BOTH("{\"a\":1}{\"a\":2}", "1|NULL|NULL"),
    BOTH("\xEF\xBB\xBF{\"a\":1}", "1|NULL|NULL"),
    BOTH(" \xEF\xBB\xBF{\"a\":1}", DOCUMENT),
    BOTH("{}", "NULL|NULL|NULL"),
    BOTH("null", DOCUMENT),
    BOTH("[]", DOCUMENT),
    BOTH("[{\"a\":1}]", DOCUMENT),
    BOTH("1", DOCUMENT),
    BOTH("\"x\"", DOCUMENT),
    BOTH("  ", DOCUMENT),
    /* strings */
    BOTH("{\"s\":\"a\tb\x01\"}", "NULL|a\tb\x01|NULL"),
    BOTH("{\"z\t\":1,\"a\":2}", "2|NULL|NULL"),
    BOTH("{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "NULL|\"\\/\b\f\n\r\t|NULL"),
    BOTH("{\"s\":\"\\u00e9\\u00E9\"}", "NULL|\u00e9\u00e9|NULL"),
    BOTH("{\"s\":\"\\ud83d\\ude00\"}", "NULL|\U0001F600|NULL"),
    BOTH("{\"s\":\"\\ud83d\"}", "NULL|?|NULL"),
    BOTH("{\"s\":\"\\ude00\\ud83dx\"}", "NULL|??x|NULL"),
    BOTH("{\"s\":\"\xED\xA0\x80\"}", "NULL|?|NULL"),
    BOTH("{\"s\":\"\xED\xA0\xBD\xED\xB8\x80\"}", "NULL|\U0001F600|NULL"),
    BOTH("{\"s\":\"\xC1\x81\xE0\x81\x81\"}", "NULL|AA|NULL"),
    BOTH("{\"s\":\"\\q\"}", DOCUMENT),
    BOTH("{\"z\":\"\\u12g4\"}", DOCUMENT),
    BOTH("{\"z\":\"\\", DOCUMENT),
    BOTH("{\"\\q\":1}", DOCUMENT),
    BOTH("{\"z\":\"\xFF\"}", DOCUMENT),
    BOTH("{\"\x80\":1}", DOCUMENT),
    BOTH("{\"z\":\"\xC3(\"}", DOCUMENT),
    BOTH("{\"z\":\"\xF0\x80\x80\x80\"}", DOCUMENT), /* * Flink stores garbage */
    BOTH("{\"z\":\"\xF4\x90\x80\x80\"}", DOCUMENT), /* * */
    /* names */
    BOTH("{\"\\u0061\":7}", "7|NULL|NULL"),
    BOTH("{\"A\":7}", "NULL|NULL|NULL"),
    BOTH("{\"\":7,\"aa\":8,\"a\":9}", "9|NULL|NULL"),
    BOTH("{\"z\":{\"a\":1},\"a\":2}", "2|NULL|NULL"),
    /* bad values of one column */
    V("{\"a\":\"\",\"s\":\"x\"}", FIELD, "NULL|x|NULL"),
    V("{\"a\":\"3.7\",\"s\":\"x\"}", FIELD, "NULL|x|NULL"),
    V("{\"a\":true,\"s\":\"x\"}", FIELD, "NULL|x|NULL"),
    V("{\"d\":true,\"s\":\"x\"}", FIELD, "NULL|x|NULL"),
    V("{\"a\":9223372036854775808}", FIELD, "NULL|NULL|NULL"),
    BOTH("{\"a\":null,\"s\":null,\"d\":null}", "NULL|NULL|NULL"),
    /* repeated names: occurrences are counted, not columns */
    BOTH("{\"a\":1,\"a\":2,\"s\":\"x\",\"d\":2.5}", "2|x|NULL"),
    BOTH("{\"a\":1,\"s\":\"x\",\"d\":2.5,\"a\":9}", "1|x|2.5"),
    BOTH("{\"a\":1,\"s\":\"x\",\"a\":9}", "9|x|NULL"),
    BOTH("{\"a\":1,\"a\":null}", "NULL|NULL|NULL"),
    BOTH("{\"a\":1,\"s\":\"x\",\"d\":2.5,\"a\":\"bad\"}", "1|x|2.5"),
    /* * an object where a scalar belongs: Flink reads on inside of it */
    V("{\"a\":{\"s\":\"leak\"},\"s\":\"real\",\"d\":1}", FIELD, "NULL|real|1.0"),
    V("{\"a\":[1,{\"s\":\"leak\"}],\"s\":\"real\",\"d\":1}", FIELD, "NULL|real|1.0"),
    V("{\"a\":[1,],\"s\":\"real\"}", DOCUMENT, DOCUMENT),
    /* values that contain what looks like the next member */
    BOTH("{\"s\":\"x\\\",\\\"a\\\":1\",\"a\":2}", "2|x\",\"a\":1|NULL"),
};

static const struct tiers_column columns[] = {
    {"a", {.id = TYPE_BIGINT, .nullable = true}, false},
    {"s", {.id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX}, false},
    {"d", {.id = TYPE_DOUBLE, .nullable = true}, false},
};

static void assert_verdict(struct tiers *t, struct str json, const char *expected) {
    bool ok = tiers_read(t, TIER_FULL, json);
    if (expected == DOCUMENT || expected == FIELD) {
        if (ok) fail_msg("%s: a row, expected %s", json.ptr, expected);
        assert_int_equal(t->bad.reason, expected == FIELD ? BAD_FIELD : BAD_DOCUMENT);
        assert_true(t->bad.byte <= json.len);
    } else {
        if (!ok) fail_msg("%s: bad at byte %u, expected %s", json.ptr, t->bad.byte, expected);
        assert_string_equal(tiers_row(t, TIER_FULL).ptr, expected);
    }
    tiers_learn(t, json);
    const char *wrong = tiers_disagree(t, json);
    if (wrong) fail_msg("%s: %s", json.ptr, wrong);
}

static void verdicts_by_policy(bool ignore) {
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON, .ignore_parse_errors = ignore};
    tiers_init(&t, columns, ARRAY_LEN(columns), &options);
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        assert_verdict(&t, verdicts[i].json, ignore ? verdicts[i].ignore : verdicts[i].fail);
    tiers_release(&t);
}

static void test_fail(void **state) {
    (void)state;
    verdicts_by_policy(false);
}

static void test_ignore(void **state) {
    (void)state;
    verdicts_by_policy(true);
}

/* A NUL does not end a text. */
static void test_nul_bytes(void **state) {
    (void)state;
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON};
    tiers_init(&t, columns, ARRAY_LEN(columns), &options);
    const struct str texts[] = {STR("{\"s\":\"a\0b\"}"), STR("{\"s\":\"a\\u0000b\"}"),
                                STR("{\"s\":\"a\xC0\x80"
                                    "b\"}")};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_true(tiers_read(&t, TIER_FULL, texts[i]));
        const struct str *text = &t.out[TIER_FULL].columns[1].str[0];
        assert_int_equal(text->len, 3);
        assert_memory_equal(text->ptr, "a\0b", 3);
        assert_null(tiers_disagree(&t, texts[i]));
    }
    tiers_release(&t);
}

/* fail-on-missing-field: an explicit null is there, and a repeated name counts for a missing one. */
static void test_missing(void **state) {
    (void)state;
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON, .fail_on_missing_field = true};
    static const struct {
        struct str json;
        const char *missing; /* NULL: a row */
    } cases[] = {
        {STR_INIT("{\"a\":1,\"s\":null,\"d\":2}"), NULL},
        {STR_INIT("{\"a\":1,\"d\":2}"), "s"},
        {STR_INIT("{}"), "a"},
        {STR_INIT("{\"a\":1,\"a\":2,\"d\":2}"), NULL},
    };
    tiers_init(&t, columns, ARRAY_LEN(columns), &options);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(tiers_read(&t, TIER_FULL, cases[i].json), !cases[i].missing);
        if (cases[i].missing) {
            assert_int_equal(t.bad.reason, BAD_MISSING_FIELD);
            assert_true(str_eq(t.bad.column, str_of(cases[i].missing)));
        }
        tiers_learn(&t, cases[i].json);
        assert_null(tiers_disagree(&t, cases[i].json));
    }
    tiers_release(&t);
}

/* Declared columns that the plan does not read: checked where errors count, skipped where they do not. */
static void test_unused_columns(void **state) {
    (void)state;
    const struct tiers_column with_unused[] = {
        columns[0], {"s", columns[1].type, true}, {"d", columns[2].type, true}};
    for (int ignore = 0; ignore < 2; ignore++) {
        struct tiers t;
        const struct format_options options = {.format = FORMAT_JSON,
                                               .ignore_parse_errors = ignore};
        const struct str good = STR("{\"a\":1,\"s\":\"x\",\"d\":2}"),
                         bad = STR("{\"a\":1,\"s\":\"x\",\"d\":\"x\"}"),
                         repeated = STR("{\"s\":\"x\",\"s\":\"x\",\"d\":2,\"a\":1}");
        tiers_init(&t, with_unused, 3, &options);
        tiers_learn(&t, good);
        assert_true(tiers_read(&t, TIER_FULL, good));
        assert_int_equal(tiers_read(&t, TIER_FULL, bad), ignore);
        assert_int_equal(t.reader.field_nulls, 0);
        assert_null(tiers_disagree(&t, bad));
        assert_true(tiers_read(&t, TIER_FULL, repeated));
        assert_string_equal(tiers_row(&t, TIER_FULL).ptr, "NULL");
        assert_null(tiers_disagree(&t, repeated));
        tiers_release(&t);
    }
}

static void test_field_nulls_counted(void **state) {
    (void)state;
    struct tiers t;
    const struct format_options options = {.format = FORMAT_JSON, .ignore_parse_errors = true};
    tiers_init(&t, columns, ARRAY_LEN(columns), &options);
    assert_true(tiers_read(&t, TIER_ALL, STR("{\"a\":\"x\",\"d\":{},\"s\":1}")));
    assert_int_equal(t.reader.field_nulls, 2);
    tiers_release(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail),           cmocka_unit_test(test_ignore),
        cmocka_unit_test(test_nul_bytes),      cmocka_unit_test(test_missing),
        cmocka_unit_test(test_unused_columns), cmocka_unit_test(test_field_nulls_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
