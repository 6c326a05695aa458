/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/prng.h"
#include "state/keys.h"

static const enum phys kinds[] = {PHYS_STR, PHYS_BOOL, PHYS_I32, PHYS_I64, PHYS_F32,
                                  PHYS_F64, PHYS_I128, PHYS_STR, PHYS_STR};
enum { COLUMNS = ARRAY_LEN(kinds), ROWS = 500 };

static struct value random_value(struct prng *prng, enum phys phys) {
    static const char *const texts[] = {"", "a", "b", "ab", "a text of more than sixteen bytes"};
    struct value value = {.is_null = prng_below(prng, 4) == 0};
    uint32_t n = prng_below(prng, 3);
    switch (phys) {
    case PHYS_BOOL: value.boolean = n == 1; break;
    case PHYS_I32: value.i32 = (int32_t)n - 1; break;
    case PHYS_I64: value.i64 = n == 1 ? INT64_MIN : (int64_t)n; break;
    case PHYS_F32: value.f32 = (float)n; break;
    case PHYS_F64: value.f64 = n == 1 ? -0.0 : n == 2 ? __builtin_nan("1") : 0.0; break;
    case PHYS_I128: value.dec = (i128)n << 100; break;
    default: value.str = str_of(texts[prng_below(prng, ARRAY_LEN(texts))]); break;
    }
    return value;
}

static bool same_key(const struct keys *keys, uint32_t a, uint32_t b) {
    return keys->len[a] == keys->len[b] &&
           memcmp(keys_at(keys, a), keys_at(keys, b), keys->len[a]) == 0;
}

/* decode(encode) is the identity, and bytes are equal exactly when all values are. */
static void test_round_trip(void **state) {
    (void)state;
    struct arena job = {0};
    struct vec columns[COLUMNS], back[COLUMNS];
    static struct keys keys;
    static uint32_t rows[ROWS], numbers[COLUMNS], len[ROWS];
    static const uint8_t *bytes[ROWS];
    struct prng prng = {7};
    for (uint32_t width = 0; width <= COLUMNS; width++) {
        for (uint32_t c = 0; c < COLUMNS; c++) {
            vec_init(&columns[c], kinds[c], &job);
            vec_init(&back[c], kinds[c], &job);
            numbers[c] = c;
            for (uint32_t i = 0; i < ROWS; i++) {
                struct value value = random_value(&prng, kinds[c]);
                vec_set(&columns[c], i, &value);
            }
        }
        for (uint32_t i = 0; i < ROWS; i++)
            rows[i] = i;
        keys_encode(&keys, columns, numbers, width, rows, ROWS, NULL);
        for (uint32_t i = 0; i < ROWS; i++) {
            bytes[i] = keys_at(&keys, i);
            len[i] = keys.len[i];
        }
        keys_decode(bytes, len, ROWS, back, width);
        for (uint32_t i = 0; i < ROWS; i++) {
            bool equal = true;
            for (uint32_t c = 0; c < width; c++) {
                struct value a = vec_get(&columns[c], i), b = vec_get(&back[c], i);
                struct value other = vec_get(&columns[c], (i + 1) % ROWS);
                assert_true(value_equal(kinds[c], &a, &b));
                equal &= value_equal(kinds[c], &a, &other);
            }
            assert_int_equal(same_key(&keys, i, (i + 1) % ROWS), equal);
        }
    }
    keys_release(&keys);
    arena_release(&job);
}

/* ("a", "bc") and ("ab", "c") differ, NULL and "" differ, NaN is one value, 0.0 and -0.0 are two. */
static void test_no_two_keys_meet(void **state) {
    (void)state;
    struct arena job = {0};
    struct vec columns[3];
    static struct keys keys;
    const uint32_t rows[] = {0, 1, 2, 3}, texts[] = {0, 1}, number[] = {2};
    const struct value left[] = {
        {.str = STR("a")}, {.str = STR("ab")}, {.str = STR("")}, {.is_null = true}};
    const struct value right[] = {
        {.str = STR("bc")}, {.str = STR("c")}, {.str = STR("")}, {.str = STR("")}};
    const struct value reals[] = {
        {.f64 = 0.0}, {.f64 = -0.0}, {.f64 = __builtin_nan("1")}, {.f64 = -__builtin_nan("2")}};
    vec_init(&columns[0], PHYS_STR, &job);
    vec_init(&columns[1], PHYS_STR, &job);
    vec_init(&columns[2], PHYS_F64, &job);
    for (uint32_t i = 0; i < 4; i++) {
        vec_set(&columns[0], i, &left[i]);
        vec_set(&columns[1], i, &right[i]);
        vec_set(&columns[2], i, &reals[i]);
    }
    keys_encode(&keys, columns, texts, 2, rows, 4, NULL);
    for (uint32_t a = 0; a < 4; a++)
        for (uint32_t b = 0; b < 4; b++)
            assert_int_equal(same_key(&keys, a, b), a == b);
    keys_encode(&keys, columns, number, 1, rows, 4, NULL);
    assert_false(same_key(&keys, 0, 1));
    assert_true(same_key(&keys, 2, 3));
    static const uint32_t prefix[] = {1, 2, 1, 2};
    keys_encode(&keys, columns, number, 1, rows, 4, prefix);
    assert_false(same_key(&keys, 2, 3));
    keys_release(&keys);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_no_two_keys_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
