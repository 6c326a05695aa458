/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where text from a browser meets SQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/prng.h"
#include "dashboard/bind.h"

static const struct board board = {
    .params = {{STR_INIT("category"), PARAM_TEXT, 12}, {STR_INIT("top"), PARAM_INTEGER, 0}},
    .param_count = 2,
};

static bool bind(const char *template, const char *category, const char *top, struct buf *out) {
    struct binding b = {.from_ms = 1000, .to_ms = 2000, .has = {category != NULL, top != NULL}};
    struct error err;
    b.values[0] = str_of(category);
    b.values[1] = str_of(top);
    buf_init(out, 4096);
    return bind_sql(&board, str_of(template), &b, out, &err);
}

static const struct {
    const char *template, *category, *top, *want; /* want NULL: refused */
} cases[] = {
    {"t >= {from} AND t < {to} LIMIT 5", NULL, NULL, "t >= 1000 AND t < 2000 LIMIT 5"},
    {"{category:in c} LIMIT 1", NULL, NULL, "c IS NOT NULL LIMIT 1"},
    {"{category:in c} LIMIT 1", "Books", NULL, "c IN ('Books') LIMIT 1"},
    {"c = {category} LIMIT 1", "O'Neil", NULL, "c = 'O''Neil' LIMIT 1"},
    {"c = {category} LIMIT 1", "' OR ''='", NULL, "c = ''' OR ''''=''' LIMIT 1"},
    {"c = {category} LIMIT 1", "{from}", NULL, "c = '{from}' LIMIT 1"},
    {"c = {category} LIMIT 1", "a -- b /*", NULL, "c = 'a -- b /*' LIMIT 1"},
    {"c = {category} LIMIT 1",
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
     NULL,
     "c = '\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9' LIMIT 1"},
    {"c = {category} LIMIT 1", "thirteen char", NULL, NULL},
    {"c = {category} LIMIT 1", "\xff\xfe", NULL, NULL},
    {"c = {category} LIMIT 1", "a\nb", NULL, NULL},
    {"c = {category} LIMIT 1", "a\x7f", NULL, NULL},
    {"c = {category} LIMIT 1", "option(a=b)", NULL, NULL},
    {"c = {category} LIMIT 1", "a; SET x=y", NULL, NULL},
    {"c = {category} LIMIT 1", "a\\", NULL, NULL},
    {"c = {category} LIMIT 1", NULL, NULL, NULL},
    {"n > {top} LIMIT 1", NULL, "42", "n > 42 LIMIT 1"},
    {"n > {top} LIMIT 1", NULL, "-7", "n > -7 LIMIT 1"},
    {"n > {top} LIMIT 1", NULL, "4 OR 1=1", NULL},
    {"n > {top} LIMIT 1", NULL, "9223372036854775808", NULL},
    {"n > {top} LIMIT 1", NULL, "", NULL},
    {"n > {top} LIMIT 1", NULL, "0x10", NULL},
    {"{top:in n} LIMIT 1", NULL, "007", "n IN (7) LIMIT 1"},
};

static void test_binding(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        bool ok = bind(cases[i].template, cases[i].category, cases[i].top, &out);
        bool want = cases[i].want != NULL;
        if (ok != want || (ok && !str_eq(buf_str(&out), str_of(cases[i].want))))
            fail_msg("case %zu: %s gave %d, %s", i, cases[i].template, ok, buf_c_string(&out));
        buf_release(&out);
    }
}

static const struct {
    const char *template;
    bool ok;
} templates[] = {
    {"SELECT a FROM t LIMIT 10", true},
    {"SELECT a FROM t WHERE {category:in product_category} LIMIT 10", true},
    {"SELECT a FROM t", false},
    {"SELECT a FROM t LIMIT", false},
    {"SELECT a FROM t LIMIT {top}", false},
    {"SELECT a FROM t LIMIT 10;", false},
    {"SET x=y; SELECT a FROM t LIMIT 10", false},
    {"SELECT {unknown} LIMIT 1", false},
    {"SELECT {category LIMIT 1", false},
    {"SELECT category} LIMIT 1", false},
    {"SELECT {} LIMIT 1", false},
    {"SELECT {category:in a b} LIMIT 1", false},
    {"SELECT {category:in 1a} LIMIT 1", false},
    {"SELECT {category:like c} LIMIT 1", false},
    {"SELECT {category:in c) OR (1=1} LIMIT 1", false},
};

static void test_check(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        struct error err;
        if (bind_check(&board, str_of(templates[i].template), &err) != templates[i].ok)
            fail_msg("%s", templates[i].template);
    }
}

/* Whatever the value: either refused, or the SQL is the prefix, one closed literal, the suffix. */
static bool is_one_literal(struct str sql) {
    struct str prefix = STR("c = '"), suffix = STR("' LIMIT 1");
    if (!str_starts(sql, prefix) || !str_ends(sql, suffix)) return false;
    struct str inside = str_sub(sql, prefix.len, sql.len - prefix.len - suffix.len);
    for (size_t i = 0; i < inside.len; i++) {
        if (strchr("();\\", inside.ptr[i]) || (unsigned char)inside.ptr[i] < ' ') return false;
        if (inside.ptr[i] != '\'') continue;
        if (i + 1 == inside.len || inside.ptr[i + 1] != '\'') return false;
        i++;
    }
    return utf8_valid(inside);
}

static void test_random_values(void **state) {
    (void)state;
    static const char alphabet[] = "''''\"\\;(){}%-/*ab \n\t\xc3\xa9\xff\0:";
    const char *seed_text = getenv("SEED");
    uint64_t seed = 20260101;
    if (seed_text && !parse_u64(str_of(seed_text), &seed)) fail_msg("SEED is no number");
    struct prng prng = {seed};
    int bound = 0;
    for (int round = 0; round < 200000; round++) {
        char value[16];
        size_t n = prng_below(&prng, sizeof(value));
        for (size_t i = 0; i < n; i++)
            value[i] = alphabet[prng_below(&prng, sizeof(alphabet) - 1)];
        struct binding b = {.has = {true}, .values = {{value, n}}};
        struct error err;
        struct buf out;
        buf_init(&out, 256);
        if (bind_sql(&board, STR("c = {category} LIMIT 1"), &b, &out, &err)) {
            bound++;
            if (!is_one_literal(buf_str(&out)))
                fail_msg("SEED=%llu round %d: %s", (unsigned long long)seed, round,
                         buf_c_string(&out));
        }
        buf_release(&out);
    }
    assert_true(bound > 1000); /* the property was not empty */
}

static void test_uses(void **state) {
    (void)state;
    assert_true(bind_uses_range(STR("a {to} LIMIT 1")));
    assert_false(bind_uses_range(STR("a {category:in to} LIMIT 1")));
    assert_true(bind_uses_param(STR("a {category:in to} LIMIT 1"), STR("category")));
    assert_false(bind_uses_param(STR("category LIMIT 1"), STR("category")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binding),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_random_values),
        cmocka_unit_test(test_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
