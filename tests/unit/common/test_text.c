/* SPDX-License-Identifier: Apache-2.0 */
/* Slices, buffers, numbers of options, errors with a caret, calendar, partitioner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/murmur2.h"
#include "common/options.h"
#include "common/prng.h"

static void durations_and_sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t ms;
    } durations[] = {
        {"200ms", true, 200},     {"5 s", true, 5000},     {"1 min", true, 60000},
        {"10 h", true, 36000000}, {"1 d", true, 86400000}, {"250", true, 250},
        {"", false, 0},           {"s", false, 0},         {"5 parsecs", false, 0},
        {"-1 s", false, 0},       {"1.5 s", false, 0},     {"99999999999999999999 s", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        int64_t ms = -1;
        assert_int_equal(parse_duration_ms(str_of(durations[i].text), &ms), durations[i].ok);
        if (durations[i].ok) assert_true(ms == durations[i].ms);
    }
    uint64_t bytes;
    assert_true(parse_size_bytes(STR("64MiB"), &bytes) && bytes == 64u << 20);
    assert_true(parse_size_bytes(STR("4 GB"), &bytes) && bytes == (uint64_t)4 << 30);
    assert_false(parse_size_bytes(STR("4 TB"), &bytes));
    assert_false(parse_size_bytes(STR("99999999999 GB"), &bytes));
}

static void integers(void **state) {
    (void)state;
    int64_t n;
    assert_true(parse_i64(STR("-9223372036854775808"), &n) && n == INT64_MIN);
    assert_true(parse_i64(STR("+7"), &n) && n == 7);
    assert_false(parse_i64(STR("9223372036854775808"), &n));
    assert_false(parse_i64(STR("1 "), &n));
    assert_false(parse_i64(STR("-"), &n));
    assert_false(parse_i64(STR(""), &n));
}

static void utf8(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"abc", true},
        {"é", true},
        {"\xF0\x9F\x98\x80", true},
        {"\xC0\x80", false},
        {"\xED\xA0\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"\x80", false},
        {"\xE2\x82", false},
        {"\xFF", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(utf8_valid(str_of(cases[i].bytes)), cases[i].valid);
}

static void buffers_have_a_maximum(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 4);
    assert_true(buf_append(&buf, STR("abcd")));
    assert_false(buf_append(&buf, STR("e")));
    assert_true(buf.overflow);
    assert_string_equal(buf_c_string(&buf), "abcd");
    buf_release(&buf);
}

static void foreign_text_is_made_visible(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain é", "plain é"},
        {"\x1b[31mred\n", "\\x1b[31mred\\x0a"},
        {"\xE2\x80\xAEtxt", "\\xe2\\x80\\xaetxt"}, /* right-to-left override */
        {"\xFF", "\\xff"},
        {"0123456789", "012345678…"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf buf;
        buf_init(&buf, 1000);
        buf_append_visible(&buf, str_of(cases[i].in), 9);
        assert_string_equal(buf_c_string(&buf), cases[i].out);
        buf_release(&buf);
    }
}

static void grouped_numbers(void **state) {
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {-1234567, "-1,234,567"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
        {-999, "-999"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        buf_append_grouped(&buf, cases[i].n);
        assert_string_equal(buf_c_string(&buf), cases[i].text);
        buf_release(&buf);
    }
}

static void an_error_has_a_caret(void **state) {
    (void)state;
    struct str text = STR("SELECT a,\n\tproduct_categry, é FROM t\n");
    struct error err;
    struct buf out;
    buf_init(&out, 4096);
    error_at(&err, (struct span){11, 26}, "E0999", "view \"%s\" has no column \"%s\"", "ev",
             "product_categry");
    error_help(&err, "did you mean %s?", "product_category");
    error_print(&out, &err, STR("shop.sql"), text);
    assert_string_equal(buf_c_string(&out),
                        "shop.sql:2:9: error E0999: view \"ev\" has no column \"product_categry\"\n"
                        "  2 |         product_categry, é FROM t\n"
                        "    |         ^~~~~~~~~~~~~~~\n"
                        "  help: did you mean product_category?\n");
    buf_release(&out);
}

static void long_errors_are_cut_between_characters(void **state) {
    (void)state;
    char long_text[1000];
    struct error err;
    for (size_t i = 0; i + 2 < sizeof long_text; i += 2)
        memcpy(long_text + i, "é", 2);
    long_text[sizeof long_text - 2] = 0;
    error_set(&err, ERROR_USER, "E0999", "x%s", long_text);
    assert_true(strlen(err.text) < sizeof err.text);
    assert_true(utf8_valid(str_of(err.text)));
}

struct target {
    const char *name;
    int64_t count, wait_ms;
    double rate;
    bool flag;
    struct option_list list;
};

static const struct option table[] = {
    OPTION_ROW(struct target, name, "name", 'n', OPTION_TEXT, "TEXT", "preset", 0, 0, "a name"),
    OPTION_ROW(struct target, count, "count", 0, OPTION_INTEGER, "N", "1", 1, 10, "a number"),
    OPTION_ROW(struct target, wait_ms, "wait", 0, OPTION_DURATION, "DUR", NULL, 0, 0, "a time"),
    OPTION_ROW(struct target, rate, "rate", 0, OPTION_RATE, "N/s", NULL, 0, 0, "a rate"),
    OPTION_ROW(struct target, flag, "flag", 0, OPTION_FLAG, NULL, NULL, 0, 0, "a flag"),
    OPTION_ROW(struct target, list, "set", 'X', OPTION_LIST, "K=V", NULL, 0, 0, "a setting"),
};

static bool parse(struct target *target, struct option_list *files, struct arena *job,
                  struct error *err, int argc, const char *const *argv) {
    bool help;
    *target = (struct target){0};
    *files = (struct option_list){0};
    return options_parse(table, ARRAY_LEN(table), argc, (char **)(uintptr_t)argv, job, target,
                         files, &help, err);
}

static void options_come_from_the_table(void **state) {
    (void)state;
    struct arena job = {0};
    struct target target;
    struct option_list files;
    struct error err;
    const char *good[] = {"verb",   "a.sql", "--count=7", "-X",     "a=1", "--rate", "50k/s",
                          "--wait", "2m",    "-Xb=2",     "--flag", "--",  "--x"};
    assert_true(parse(&target, &files, &job, &err, ARRAY_LEN(good), good));
    assert_string_equal(target.name, "preset");
    assert_true(target.count == 7 && target.wait_ms == 120000 && target.flag);
    assert_true(target.rate > 49999 && target.rate < 50001);
    assert_int_equal(target.list.count, 2);
    assert_string_equal(target.list.items[1], "b=2");
    assert_int_equal(files.count, 2);

    const char *limit[] = {"verb", "--count", "11"}, *unit[] = {"verb", "--wait", "5"},
               *typo[] = {"verb", "--cuont", "5"}, *missing[] = {"verb", "--name"};
    assert_false(parse(&target, &files, &job, &err, 3, limit));
    assert_string_equal(err.code, "E0402");
    assert_false(parse(&target, &files, &job, &err, 3, unit));
    assert_string_equal(err.code, "E0402");
    assert_false(parse(&target, &files, &job, &err, 3, typo));
    assert_string_equal(err.code, "E0400");
    assert_string_equal(err.help, "did you mean --count?");
    assert_false(parse(&target, &files, &job, &err, 2, missing));
    arena_release(&job);
}

static void calendar_is_the_gregorian(void **state) {
    (void)state;
    struct prng prng = {42};
    int64_t year;
    int month, day;
    civil_from_days(0, &year, &month, &day);
    assert_true(year == 1970 && month == 1 && day == 1);
    civil_from_days(-1, &year, &month, &day);
    assert_true(year == 1969 && month == 12 && day == 31);
    civil_from_days(11016, &year, &month, &day);
    assert_true(year == 2000 && month == 2 && day == 29);
    for (int i = 0; i < 100000; i++) { /* round trip, and the day after is one day later */
        int64_t ms = (int64_t)(prng_next(&prng) % 600000000000000u) - 300000000000000;
        struct civil civil = civil_from_ms(ms);
        assert_true(ms_from_civil(&civil) == ms);
        assert_true(civil.month >= 1 && civil.month <= 12 && civil.day >= 1 &&
                    civil.day <= days_in_month(civil.year, civil.month));
    }
}

static void keys_are_placed_as_java_places_them(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int32_t partition;
    } of_four[] = {
        {"a", 0},
        {"b", 0},
        {"user-1", 0},
        {"12345", 0},
        {"", 1},
        {"c", 2},
        {"é", 3},
        {"p1", 2},
        {"p2", 2},
        {"7", 3},
        {"{\"window_start\":\"2026-01-01 10:00:00\",\"product_category\":\"Books\"}", 2},
        {"{\"country\":\"Türkiye\",\"gender\":\"female\"}", 0},
        {"da6ca520-4daa-4282-84f3-af48b1129426", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(of_four); i++)
        assert_int_equal(murmur2_partition(str_of(of_four[i].key), 4), of_four[i].partition);
}

static void error_codes_are_sorted(void **state) {
    (void)state;
    size_t count;
    const struct error_entry *entries = error_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(entries[i].title[0] && entries[i].text[0]);
        if (i) assert_true(str_compare(str_of(entries[i - 1].code), str_of(entries[i].code)) < 0);
    }
    assert_non_null(error_find(STR("e0401")));
}

static void arenas_are_reused(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++)
            memset(arena_alloc(&arena, 100), 1, 100);
        memset(arena_alloc(&arena, 1 << 20), 2, 1 << 20);
        size_t bytes = arena.total_bytes;
        arena_reset(&arena);
        if (round) assert_true(arena.total_bytes == bytes);
    }
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x").ptr, "7-x");
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_and_sizes),
        cmocka_unit_test(integers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(buffers_have_a_maximum),
        cmocka_unit_test(foreign_text_is_made_visible),
        cmocka_unit_test(grouped_numbers),
        cmocka_unit_test(an_error_has_a_caret),
        cmocka_unit_test(long_errors_are_cut_between_characters),
        cmocka_unit_test(options_come_from_the_table),
        cmocka_unit_test(calendar_is_the_gregorian),
        cmocka_unit_test(keys_are_placed_as_java_places_them),
        cmocka_unit_test(error_codes_are_sorted),
        cmocka_unit_test(arenas_are_reused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
