/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/value.h"

/* Each list ascends. */
static void check_order(enum phys phys, const struct value *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < count; k++) {
            assert_int_equal(value_compare(phys, &values[i], &values[k]), (i > k) - (i < k));
            assert_int_equal(value_equal(phys, &values[i], &values[k]), i == k);
        }
}

static void test_order(void **state) {
    (void)state;
    const struct value doubles[] = {{.f64 = -__builtin_inf()},
                                    {.f64 = -1},
                                    {.f64 = -0.0},
                                    {.f64 = 0},
                                    {.f64 = 1e-300},
                                    {.f64 = 5},
                                    {.f64 = __builtin_inf()},
                                    {.f64 = __builtin_nan("")}};
    const struct value texts[] = {{.str = STR("")},
                                  {.str = STR("B")},
                                  {.str = STR("a")},
                                  {.str = STR("aa")},
                                  {.str = STR("é")}};
    const struct value numbers[] = {
        {.i64 = INT64_MIN}, {.i64 = -1}, {.i64 = 0}, {.i64 = INT64_MAX}};
    const struct value bools[] = {{.boolean = false}, {.boolean = true}};
    const struct value decimals[] = {
        {.dec = -((i128)1 << 100)}, {.dec = 0}, {.dec = (i128)1 << 100}};
    check_order(PHYS_F64, doubles, ARRAY_LEN(doubles));
    check_order(PHYS_STR, texts, ARRAY_LEN(texts));
    check_order(PHYS_I64, numbers, ARRAY_LEN(numbers));
    check_order(PHYS_BOOL, bools, ARRAY_LEN(bools));
    check_order(PHYS_I128, decimals, ARRAY_LEN(decimals));
}

static void test_null_equals_null(void **state) {
    (void)state;
    struct value null = {.is_null = true}, zero = {.i64 = 0};
    assert_true(value_equal(PHYS_I64, &null, &null));
    assert_false(value_equal(PHYS_I64, &null, &zero));
}

static void test_print(void **state) {
    (void)state;
    struct type time = type_of(TYPE_TIME), seconds = type_timestamp(0);
    time.precision = 2;
    const struct {
        struct type type;
        struct value value;
        const char *want;
    } cases[] = {
        {type_of(TYPE_INT), {.is_null = true}, "NULL"},
        {type_of(TYPE_BOOLEAN), {.boolean = true}, "TRUE"},
        {type_of(TYPE_INT), {.i32 = -7}, "-7"},
        {type_of(TYPE_BIGINT), {.i64 = INT64_MIN}, "-9223372036854775808"},
        {type_of(TYPE_DOUBLE), {.f64 = 1e7}, "1.0E7"},
        {type_decimal(10, 2), {.dec = 1250}, "12.50"},
        {type_string(), {.str = STR("as it is")}, "as it is"},
        {type_timestamp(3), {.i64 = 1767261600000}, "2026-01-01 10:00:00.000"},
        {seconds, {.i64 = 1767261600999}, "2026-01-01 10:00:00"},
        {type_of(TYPE_DATE), {.i32 = -1}, "1969-12-31"},
        {time, {.i32 = 3723456}, "01:02:03.45"},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 100);
        value_print(&out, &cases[i].type, &cases[i].value);
        assert_string_equal(buf_c_string(&out), cases[i].want);
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_null_equals_null),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
