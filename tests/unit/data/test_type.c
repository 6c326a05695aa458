/* SPDX-License-Identifier: Apache-2.0 */
/* Types: their physical form, what Flink calls them, and when two are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "data/type.h"

static const struct type bigint = {.id = TYPE_BIGINT, .nullable = true};
static const struct row_field fields[] = {
    {STR_INIT("a"), {.id = TYPE_INT, .nullable = true}},
    {STR_INIT("b c"), {.id = TYPE_VARCHAR, .length = TYPE_LENGTH_MAX}}};

static const struct {
    struct type type;
    const char *text;
} texts[] = {
    {{.id = TYPE_BOOLEAN, .nullable = true}, "BOOLEAN"},
    {{.id = TYPE_BIGINT}, "BIGINT NOT NULL"},
    {{.id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX}, "STRING"},
    {{.id = TYPE_VARCHAR, .nullable = true, .length = 5}, "VARCHAR(5)"},
    {{.id = TYPE_CHAR, .length = 3}, "CHAR(3) NOT NULL"},
    {{.id = TYPE_VARBINARY, .nullable = true, .length = TYPE_LENGTH_MAX}, "BYTES"},
    {{.id = TYPE_DECIMAL, .nullable = true, .precision = 10, .scale = 2}, "DECIMAL(10, 2)"},
    {{.id = TYPE_TIMESTAMP, .nullable = true, .precision = 3, .time = TIME_EVENT},
     "TIMESTAMP(3) *ROWTIME*"},
    {{.id = TYPE_TIMESTAMP_LTZ, .precision = 3, .time = TIME_PROCESSING},
     "TIMESTAMP_LTZ(3) *PROCTIME* NOT NULL"},
    {{.id = TYPE_ARRAY, .nullable = true, .element = &bigint}, "ARRAY<BIGINT>"},
    {{.id = TYPE_MAP, .nullable = true, .key = &bigint, .element = &bigint}, "MAP<BIGINT, BIGINT>"},
    {{.id = TYPE_ROW, .nullable = true, .field_count = 2, .fields = fields},
     "ROW<`a` INT, `b c` STRING NOT NULL>"},
};

static void test_text(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buf out;
        buf_init(&out, 1024);
        type_print(&out, &texts[i].type, true);
        assert_string_equal(buf_c_string(&out), texts[i].text);
        buf_release(&out);
    }
}

static void test_physical(void **state) {
    (void)state;
    static const struct {
        enum type_id id;
        size_t bytes;
    } sizes[] = {{TYPE_BOOLEAN, 1},        {TYPE_INT, 4},       {TYPE_DATE, 4},
                 {TYPE_BIGINT, 8},         {TYPE_TIMESTAMP, 8}, {TYPE_FLOAT, 4},
                 {TYPE_DOUBLE, 8},         {TYPE_DECIMAL, 16},  {TYPE_INTERVAL_MS, 8},
                 {TYPE_INTERVAL_MONTH, 4}, {TYPE_ARRAY, 0}};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        assert_int_equal(phys_bytes(type_phys(sizes[i].id)), sizes[i].bytes);
    assert_true(type_is_integer(TYPE_TINYINT) && type_is_numeric(TYPE_TINYINT));
    assert_true(type_is_numeric(TYPE_DECIMAL) && !type_is_integer(TYPE_DECIMAL));
    assert_true(type_is_text(TYPE_CHAR) && !type_is_text(TYPE_BINARY));
    assert_true(type_is_instant(TYPE_TIMESTAMP_LTZ) && !type_is_instant(TYPE_DATE));
}

static void test_equal(void **state) {
    (void)state;
    struct type a = type_decimal(10, 2), b = type_decimal(10, 2);
    b.nullable = false;
    b.time = TIME_EVENT;
    assert_true(type_equal(&a, &b)); /* NULL-ability and time attribute do not count */
    b.scale = 3;
    assert_false(type_equal(&a, &b));
    struct type text = type_string(), chars = {.id = TYPE_CHAR, .length = TYPE_LENGTH_MAX};
    assert_false(type_equal(&text, &chars));
    struct type ints = {.id = TYPE_ARRAY, .element = &bigint},
                strings = {.id = TYPE_ARRAY, .element = &text};
    assert_false(type_equal(&ints, &strings));
    assert_true(type_equal(&ints, &ints));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_physical),
                                       cmocka_unit_test(test_equal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
