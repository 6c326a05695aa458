/* SPDX-License-Identifier: Apache-2.0 */
/* DECIMAL against vectors computed by Python's decimal (make_decimal_vectors.py), and the text forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/decimal.h"

static i128 read_number(const char *text) {
    bool negative = *text == '-';
    u128 value = 0;
    for (text += negative; *text; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return negative ? -(i128)value : (i128)value;
}

struct vector {
    char operation[16], a[48], b[48], result[48];
    unsigned a_scale, b_scale, precision, scale;
};

static bool compute(const struct vector *v, i128 a, i128 b, i128 *out) {
    typedef bool operation(i128, unsigned, i128, unsigned, unsigned, unsigned, i128 *);
    static const struct {
        const char *name;
        operation *run;
    } operations[] = {{"add", decimal_add},
                      {"subtract", decimal_subtract},
                      {"multiply", decimal_multiply},
                      {"divide", decimal_divide}};
    for (uint32_t i = 0; i < ARRAY_LEN(operations); i++)
        if (strcmp(v->operation, operations[i].name) == 0)
            return operations[i].run(a, v->a_scale, b, v->b_scale, v->precision, v->scale, out);
    if (strcmp(v->operation, "compare") == 0) {
        *out = decimal_compare(a, v->a_scale, b, v->b_scale);
        return true;
    }
    assert_string_equal(v->operation, "rescale");
    return decimal_rescale(a, v->a_scale, v->scale, v->precision, out);
}

static void test_vectors(void **state) {
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/tests/unit/data/decimal_vectors.txt", "r");
    assert_non_null(file);
    struct vector v;
    uint32_t lines = 0;
    while (fscanf(file, "%15s %47s %u %47s %u %u %u %47s", v.operation, v.a, &v.a_scale, v.b,
                  &v.b_scale, &v.precision, &v.scale, v.result) == 8) {
        i128 out = 0;
        bool ok = compute(&v, read_number(v.a), read_number(v.b), &out);
        lines++;
        bool want = strcmp(v.result, "null") != 0;
        if (ok != want || (ok && out != read_number(v.result)))
            fail_msg("line %u: %s %s/%u %s/%u to (%u, %u): expected %s", lines, v.operation, v.a,
                     v.a_scale, v.b, v.b_scale, v.precision, v.scale, v.result);
    }
    fclose(file);
    assert_int_equal(lines, 900);
}

static void test_print(void **state) {
    (void)state;
    static const struct {
        i128 value;
        unsigned scale;
        const char *want;
    } cases[] = {{0, 0, "0"},          {0, 2, "0.00"}, {-5, 2, "-0.05"}, {1250, 2, "12.50"},
                 {-1250, 2, "-12.50"}, {7, 0, "7"},    {100, 1, "10.0"}, {1, 10, "0.0000000001"}};
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 100);
        decimal_print(&out, cases[i].value, cases[i].scale);
        assert_string_equal(buf_c_string(&out), cases[i].want);
        buf_release(&out);
    }
}

static void test_print_is_reversed_by_parse(void **state) {
    (void)state;
    i128 values[] = {0, 1, -1, 999, -123456789, decimal_power(38) - 1, -(decimal_power(38) - 1)};
    for (uint32_t i = 0; i < ARRAY_LEN(values); i++)
        for (unsigned scale = 0; scale <= 38; scale++) {
            struct buf out;
            i128 back = 0;
            buf_init(&out, 100);
            decimal_print(&out, values[i], scale);
            assert_int_equal(decimal_parse(buf_str(&out), 38, scale, &back), DECIMAL_OK);
            assert_true(back == values[i]);
            buf_release(&out);
        }
}

static void test_parse(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned precision, scale;
        enum decimal_parse result;
        int64_t value;
    } cases[] = {
        {"12.50", 10, 2, DECIMAL_OK, 1250},
        {"+12.5", 10, 2, DECIMAL_OK, 1250},
        {"-0.005", 10, 2, DECIMAL_OK, -1},
        {"0.0049999999999999999999999999999999999999999", 10, 2, DECIMAL_OK, 0},
        {"1e3", 10, 2, DECIMAL_OK, 100000},
        {"1.5E-2", 10, 2, DECIMAL_OK, 2},
        {".5", 10, 0, DECIMAL_OK, 1},
        {"5.", 10, 0, DECIMAL_OK, 5},
        {"000000000000000000000000000000000000000000000000001.10", 3, 1, DECIMAL_OK, 11},
        {"0e999", 3, 1, DECIMAL_OK, 0},
        {"1e-999999999", 3, 1, DECIMAL_OK, 0},
        {"99.95", 3, 1, DECIMAL_OVERFLOW, 0},
        {"99.94", 3, 1, DECIMAL_OK, 999},
        {"1e999999999", 38, 0, DECIMAL_OVERFLOW, 0},
        {"1e9999999999999", 38, 0, DECIMAL_BAD, 0},
        {"100000000000000000000000000000000000000", 38, 0, DECIMAL_OVERFLOW, 0},
        {"", 38, 0, DECIMAL_BAD, 0},
        {".", 38, 0, DECIMAL_BAD, 0},
        {"-", 38, 0, DECIMAL_BAD, 0},
        {"1e", 38, 0, DECIMAL_BAD, 0},
        {"1.2.3", 38, 0, DECIMAL_BAD, 0},
        {" 1", 38, 0, DECIMAL_BAD, 0},
        {"NaN", 38, 0, DECIMAL_BAD, 0},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        i128 out = 0;
        enum decimal_parse result =
            decimal_parse(str_of(cases[i].text), cases[i].precision, cases[i].scale, &out);
        if (result != cases[i].result || (result == DECIMAL_OK && out != cases[i].value))
            fail_msg("'%s': result %d, value %lld", cases[i].text, (int)result,
                     (long long)(int64_t)out);
    }
}

/* Against strtod, which rounds correctly. */
static void test_to_double(void **state) {
    (void)state;
    i128 values[] = {0,
                     1,
                     110,
                     -333,
                     9007199254740993,
                     decimal_power(38) - 1,
                     (i128)123456789012345678 * 1000003};
    for (uint32_t i = 0; i < ARRAY_LEN(values); i++)
        for (unsigned scale = 0; scale <= 38; scale++) {
            struct buf out;
            buf_init(&out, 100);
            decimal_print(&out, values[i], scale);
            double want = strtod(buf_c_string(&out), NULL);
            double is = decimal_to_double(values[i], scale);
            assert_memory_equal(&is, &want, sizeof is);
            buf_release(&out);
        }
}

static void test_from_double(void **state) {
    (void)state;
    i128 out = 0;
    assert_true(decimal_from_double(2.345, 10, 2, &out)); /* by its text, not its exact value */
    assert_true(out == 235);
    assert_true(decimal_from_double(-1e-7, 10, 2, &out));
    assert_true(out == 0);
    assert_false(decimal_from_double(1e20, 10, 2, &out));
    assert_false(decimal_from_double(__builtin_nan(""), 10, 2, &out));
    assert_false(decimal_from_double(__builtin_inf(), 10, 2, &out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_print_is_reversed_by_parse),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_to_double),
        cmocka_unit_test(test_from_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
