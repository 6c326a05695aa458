/* SPDX-License-Identifier: Apache-2.0 */
/* The keyed table against a plain array: random puts, removes and sweeps. SEED=n repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/prng.h"
#include "state/keyed.h"

enum { KEYS = 5000 };

static char names[KEYS][64];
static const uint32_t column_zero[] = {0};

struct fixture {
    struct arena job;
    struct vec column;
    struct keys keys;
    struct keyed keyed;
    uint32_t ids[BATCH_ROWS], rows[BATCH_ROWS];
    uint64_t created[BATCH_WORDS];
};

static void setup(struct fixture *f, bool timed) {
    memset(f, 0, sizeof *f);
    vec_init(&f->column, PHYS_STR, &f->job);
    keyed_init(&f->keyed, 8, timed, 42);
    for (uint32_t i = 0; i < BATCH_ROWS; i++)
        f->rows[i] = i;
    for (int i = 0; i < KEYS; i++)
        snprintf(names[i], sizeof names[i], "%0*d", 1 + i % 50, i);
}

static void teardown(struct fixture *f) {
    keyed_release(&f->keyed);
    keys_release(&f->keys);
    arena_release(&f->job);
}

static void put(struct fixture *f, const uint32_t *numbers, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct value value = {.str = str_of(names[numbers[i]])};
        vec_set(&f->column, i, &value);
    }
    keys_encode(&f->keys, &f->column, column_zero, 1, f->rows, count, NULL);
    keyed_put(&f->keyed, &f->keys, f->ids, f->created);
}

static bool was_created(const struct fixture *f, uint32_t i) {
    return f->created[i / 64] >> i % 64 & 1;
}

static uint64_t *counter(struct fixture *f, uint32_t id) {
    return (uint64_t *)(void *)keyed_state(&f->keyed, id);
}

static uint64_t base_seed(void) {
    const char *text = getenv("SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)clock_real_ms();
    print_message("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void check_key(const struct fixture *f, uint32_t number, uint32_t id) {
    uint32_t len;
    const uint8_t *key = keyed_key(&f->keyed, id, &len);
    assert_int_equal(len, strlen(names[number]) + 1); /* a byte of NULL bits, the text */
    assert_memory_equal(key + 1, names[number], len - 1);
}

/* An id and its address stay while the key lives; counts are those of the array. */
static void test_against_array(void **state) {
    (void)state;
    static struct fixture f;
    static uint64_t counts[KEYS];
    static uint32_t id_of[KEYS];
    static uint8_t *at[KEYS];
    struct prng prng = {base_seed()};
    setup(&f, false);
    memset(counts, 0, sizeof counts);
    uint32_t live = 0;
    for (uint32_t round = 0; round < 600; round++) {
        uint32_t numbers[BATCH_ROWS], count = 1 + prng_below(&prng, 300);
        uint32_t range = round % 3 ? KEYS : 64;
        for (uint32_t i = 0; i < count; i++)
            numbers[i] = prng_below(&prng, range);
        put(&f, numbers, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t n = numbers[i];
            assert_int_equal(was_created(&f, i), counts[n] == 0);
            if (counts[n] == 0) {
                id_of[n] = f.ids[i];
                at[n] = keyed_state(&f.keyed, f.ids[i]);
                live++;
            }
            assert_int_equal(f.ids[i], id_of[n]);
            assert_ptr_equal(keyed_state(&f.keyed, f.ids[i]), at[n]);
            assert_int_equal(*counter(&f, f.ids[i]), counts[n]);
            counts[n] = ++*counter(&f, f.ids[i]);
        }
        for (uint32_t k = 0; k < 200; k++) {
            uint32_t n = prng_below(&prng, KEYS);
            if (!counts[n]) continue;
            check_key(&f, n, id_of[n]);
            keyed_remove(&f.keyed, id_of[n]);
            counts[n] = 0;
            live--;
        }
        assert_int_equal(f.keyed.live, live);
        if (round == 300) { /* as a window that ends */
            keyed_clear(&f.keyed);
            memset(counts, 0, sizeof counts);
            live = 0;
        }
    }
    for (uint32_t n = 0; n < KEYS; n++)
        if (counts[n]) assert_int_equal(*counter(&f, id_of[n]), counts[n]);
    teardown(&f);
}

static void test_dirty_list(void **state) {
    (void)state;
    static struct fixture f;
    const uint32_t numbers[] = {1, 2, 1, 3, 2, 1};
    setup(&f, false);
    put(&f, numbers, 6);
    keyed_mark_dirty(&f.keyed, f.ids, 6);
    keyed_mark_dirty(&f.keyed, f.ids, 6);
    assert_int_equal(f.keyed.dirty_count, 3);
    assert_int_equal(f.keyed.dirty[0], f.ids[0]);
    assert_int_equal(f.keyed.dirty[2], f.ids[3]);
    keyed_clean(&f.keyed);
    assert_int_equal(f.keyed.dirty_count, 0);
    keyed_mark_dirty(&f.keyed, f.ids + 3, 1);
    assert_int_equal(f.keyed.dirty_count, 1);
    teardown(&f);
}

static void expire(void *self, uint32_t id) {
    keyed_remove(self, id);
}

/* Slices of 7 go round once over all ids; what is not old enough stays. */
static void test_sweep(void **state) {
    (void)state;
    static struct fixture f;
    uint32_t numbers[100];
    setup(&f, true);
    for (uint32_t i = 0; i < 100; i++)
        numbers[i] = i;
    put(&f, numbers, 100);
    for (uint32_t i = 0; i < 100; i++)
        *keyed_touched(&f.keyed, f.ids[i]) = i;
    for (uint32_t slice = 0; slice < 15; slice++) {
        assert_in_range(f.keyed.live, 100 - slice * 7, 100);
        keyed_sweep(&f.keyed, 7, 59, expire, &f.keyed);
    }
    assert_int_equal(f.keyed.live, 40);
    put(&f, numbers, 100);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(was_created(&f, i), i < 60);
    assert_int_equal(f.keyed.used, 100); /* freed ids are used again */
    teardown(&f);
}

static void test_no_memory_for_known_keys(void **state) {
    (void)state;
    static struct fixture f;
    uint32_t numbers[1000];
    setup(&f, false);
    for (uint32_t i = 0; i < 1000; i++)
        numbers[i] = i;
    put(&f, numbers, 1000);
    keyed_mark_dirty(&f.keyed, f.ids, 1000);
    size_t bytes = keyed_bytes(&f.keyed);
    for (uint32_t round = 0; round < 10; round++) {
        keyed_clear(&f.keyed);
        put(&f, numbers, 1000);
        keyed_mark_dirty(&f.keyed, f.ids, 1000);
    }
    assert_int_equal(keyed_bytes(&f.keyed), bytes);
    teardown(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_array),
        cmocka_unit_test(test_dirty_list),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_no_memory_for_known_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
