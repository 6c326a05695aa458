/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "state/members.h"

/* One row: group, value and call bits; returns the calls for which it is new. */
static uint32_t add(struct members *members, struct keys *keys, struct vec *column, uint32_t group,
                    uint32_t *head, int64_t value, uint32_t bits) {
    const uint32_t row = 0;
    vec_set(column, 0, &(struct value){.i64 = value});
    members_add(members, keys, column, &row, &group, &head, &bits, 1);
    return bits;
}

static void test_bits_and_groups(void **state) {
    (void)state;
    struct arena job = {0};
    struct members members;
    static struct keys keys;
    struct vec column;
    uint32_t one = 0, two = 0;
    vec_init(&column, PHYS_I64, &job);
    members_init(&members, 1);
    assert_int_equal(add(&members, &keys, &column, 1, &one, 10, 1), 1);
    assert_int_equal(add(&members, &keys, &column, 1, &one, 10, 1), 0);
    assert_int_equal(add(&members, &keys, &column, 1, &one, 10, 7), 6);
    assert_int_equal(add(&members, &keys, &column, 1, &one, 11, 2), 2);
    assert_int_equal(add(&members, &keys, &column, 2, &two, 10, 1), 1);
    assert_int_equal(members.keyed.live, 3);
    members_drop(&members, one); /* group 1 goes, group 2 stays */
    one = 0;
    assert_int_equal(members.keyed.live, 1);
    assert_int_equal(add(&members, &keys, &column, 2, &two, 10, 1), 0);
    assert_int_equal(add(&members, &keys, &column, 1, &one, 10, 1), 1);
    keyed_release(&members.keyed);
    keys_release(&keys);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bits_and_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
