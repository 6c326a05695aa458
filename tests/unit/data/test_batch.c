/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"

static void test_get_gives_what_set_put(void **state) {
    (void)state;
    struct arena job = {0};
    const struct {
        enum phys phys;
        struct value value;
    } cases[] = {{PHYS_BOOL, {.boolean = true}}, {PHYS_I32, {.i32 = -5}},
                 {PHYS_I64, {.i64 = INT64_MIN}}, {PHYS_F32, {.f32 = 1.5f}},
                 {PHYS_F64, {.f64 = -0.0}},      {PHYS_I128, {.dec = -((i128)1 << 100)}},
                 {PHYS_STR, {.str = STR("x")}}};
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vec vec;
        vec_init(&vec, cases[i].phys, &job);
        assert_int_equal((uintptr_t)vec.data % 64, 0);
        for (uint32_t row = 0; row < BATCH_ROWS; row += 63) {
            assert_true(vec_get(&vec, row).is_null);
            vec_set(&vec, row, &cases[i].value);
            struct value back = vec_get(&vec, row);
            assert_true(value_equal(cases[i].phys, &back, &cases[i].value));
            vec_set(&vec, row, &(struct value){.is_null = true});
            assert_true(vec_get(&vec, row).is_null);
        }
    }
    arena_release(&job);
}

static void test_batch(void **state) {
    (void)state;
    struct arena job = {0}, scratch = {0};
    struct batch batch;
    const struct type types[] = {type_string(), type_decimal(10, 2)};
    static const uint32_t selection[] = {3, 700};
    static const uint8_t kinds[] = {ROW_INSERT, ROW_DELETE};
    batch_init(&batch, types, 2, &job, &scratch);
    assert_int_equal(batch.column_count, 2);
    assert_int_equal(batch.columns[0].phys, PHYS_STR);
    assert_int_equal(batch.columns[1].phys, PHYS_I128);
    assert_int_equal(batch_row(&batch, 5), 5);
    assert_int_equal(batch_kind(&batch, 1), ROW_INSERT);
    batch.selection = selection;
    batch.kinds = kinds;
    batch.rows = 701;
    batch.selected = 2;
    assert_int_equal(batch_row(&batch, 1), 700);
    assert_int_equal(batch_kind(&batch, 1), ROW_DELETE);
    batch_clear(&batch);
    assert_int_equal(batch.rows, 0);
    assert_null(batch.selection);
    assert_null(batch.kinds);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_gives_what_set_put),
        cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
