/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/prng.h"
#include "state/heap.h"

enum { TEXTS = 300 };

/* Texts of all lengths, changed at random; each slot keeps its own. */
static void test_texts_keep_their_content(void **state) {
    (void)state;
    struct heap heap = {0};
    static struct text_slot slots[TEXTS];
    static char want[TEXTS][5000];
    static size_t len[TEXTS];
    struct prng prng = {11};
    memset(slots, 0, sizeof slots);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t i = prng_below(&prng, TEXTS);
        struct str now = text_get(&slots[i], &heap);
        assert_int_equal(now.len, len[i]);
        assert_memory_equal(now.ptr, want[i], len[i]);
        if (prng_below(&prng, 10) == 0) {
            text_free(&slots[i], &heap);
            len[i] = 0;
            continue;
        }
        len[i] = prng_below(&prng, prng_below(&prng, 4) ? 40 : 5000);
        memset(want[i], 'a' + (int)(round % 26), len[i]);
        text_set(&slots[i], &heap, (struct str){want[i], len[i]});
    }
    heap_release(&heap);
}

static void test_freed_memory_is_used_again(void **state) {
    (void)state;
    struct heap heap = {0};
    uint64_t handles[1000];
    size_t bytes = 0;
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 1000; i++)
            memset(heap_new(&heap, 16 + i, &handles[i]), 0xaa, 16 + i);
        if (round == 0) bytes = heap.bytes;
        assert_int_equal(heap.bytes, bytes);
        if (round == 3)
            heap_clear(&heap);
        else
            for (uint32_t i = 0; i < 1000; i++)
                heap_free(&heap, handles[i]);
    }
    heap_release(&heap);
}

static void test_large(void **state) {
    (void)state;
    struct heap heap = {0};
    struct text_slot slot = {0};
    size_t bytes = 5000000;
    char *text = malloc(bytes);
    memset(text, 'x', bytes);
    text_set(&slot, &heap, (struct str){text, bytes});
    assert_int_equal(text_get(&slot, &heap).len, bytes);
    assert_memory_equal(text_get(&slot, &heap).ptr, text, bytes);
    text_set(&slot, &heap, STR("short"));
    assert_true(str_eq(text_get(&slot, &heap), STR("short")));
    free(text);
    heap_release(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_keep_their_content),
        cmocka_unit_test(test_freed_memory_is_used_again),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
