/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that must be the same everywhere: splitmix64 by its published vectors, Zipf
 * shares by arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "generator/zipf.h"

static void splitmix64_vectors(void **state) {
    (void)state;
    static const struct {
        uint64_t seed, want[3];
    } cases[] = {
        {0, {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f}},
        {1, {0x910a2dec89025cc1, 0xbeeb8da1658eec67, 0xf893a2eefb32555e}},
        {7, {0x63cbe1e459320dd7, 0x044c3cd7f43c661c, 0xe6984080bab12a02}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct prng prng = {cases[i].seed};
        for (size_t n = 0; n < 3; n++)
            assert_true(prng_next(&prng) == cases[i].want[n]);
    }
}

/* Share of the most frequent 1 and 10 of n, in percent, as published for these exponents. */
static void zipf_shares(void **state) {
    (void)state;
    static const struct {
        uint32_t count;
        double exponent, top_1, top_10;
    } cases[] = {
        {100, 1.0, 19.3, 56.5},  {10000, 1.0, 10.2, 29.9}, {100000, 1.0, 8.3, 24.2},
        {100000, 0.8, 2.2, 7.8}, {1000, 0.0, 0.1, 1.0},    {1, 1.0, 100, 100},
    };
    enum { DRAWS = 1000000 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena job = {0};
        struct zipf zipf;
        zipf_init(&zipf, cases[i].count, cases[i].exponent, &job);
        double total = (double)zipf.sum_to[zipf.count - 1];
        uint32_t tenth = zipf.count < 10 ? zipf.count - 1 : 9;
        assert_true(fabs(100 * (double)zipf.sum_to[0] / total - cases[i].top_1) < 0.06);
        assert_true(fabs(100 * (double)zipf.sum_to[tenth] / total - cases[i].top_10) < 0.06);

        struct prng prng = {42};
        double first = 0, p = (double)zipf.sum_to[0] / total;
        for (int n = 0; n < DRAWS; n++) {
            uint32_t rank = zipf_draw(&zipf, &prng);
            assert_true(rank < zipf.count);
            first += rank == 0;
        }
        assert_true(fabs(first / DRAWS - p) <= 3 * sqrt(p * (1 - p) / DRAWS));
        arena_release(&job);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(splitmix64_vectors),
                                       cmocka_unit_test(zipf_shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
