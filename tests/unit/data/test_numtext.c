/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and times as text. The doubles are those of JDK 19 and later, the times those of java.time with
 * the formatters that Flink builds; both were compared with the originals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/prng.h"
#include "data/numtext.h"

static void double_text(double number, char out[64]) {
    struct buf text;
    buf_init(&text, 64);
    double_print(&text, number);
    assert_true(text.len < 64);
    memcpy(out, buf_c_string(&text), text.len + 1);
    buf_release(&text);
}

static void test_double_print(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100.0, "100.0"},
        {19.99, "19.99"},
        {0.001, "0.001"},
        {9.9e-4, "9.9E-4"},
        {1e-4, "1.0E-4"},
        {9999999.0, "9999999.0"},
        {9999999.999999998, "9999999.999999998"},
        {1e7, "1.0E7"},
        {1.23456789e7, "1.23456789E7"},
        {1e10, "1.0E10"},
        {123456789012345680.0, "1.2345678901234568E17"},
        {0.30000000000000004, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2e23, "2.0E23"},
        {9007199254740992.0, "9.007199254740992E15"},
        {0x1p-44, "5.684341886080802E-14"},
        {2e-323, "2.0E-323"},
        {DBL_TRUE_MIN, "4.9E-324"},
        {DBL_MIN, "2.2250738585072014E-308"},
        {DBL_MAX, "1.7976931348623157E308"},
        {0x1p1023, "8.98846567431158E307"},
        {INFINITY, "Infinity"},
        {-INFINITY, "-Infinity"},
        {NAN, "NaN"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        double_text(cases[i].number, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* Any double reads back, and no decimal of fewer digits does. */
static void test_double_round_trip(void **state) {
    (void)state;
    struct prng prng = {1};
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = prng_next(&prng);
        double number;
        char text[64], shorter[64];
        if (i % 4 == 0) bits &= 0xFFF0000000000000u; /* powers of two */
        memcpy(&number, &bits, sizeof number);
        if (i % 4 == 1) number = (double)(int64_t)(prng_next(&prng) >> 30) / 100;
        if (!isfinite(number) || number == 0) continue;
        double_text(number, text);
        assert_true(strtod(text, NULL) == number);
        int digits = 0;
        for (const char *p = text; *p && *p != 'E'; p++)
            digits += *p >= '0' && *p <= '9';
        if (digits < 3 || fabs(number) < 1 || fabs(number) >= 10) continue;
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, number);
        assert_true(strtod(shorter, NULL) != number);
    }
}

static void test_timestamp_print(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        const char *digits[4], *json;
    } cases[] = {
        {0,
         {"1970-01-01 00:00:00", "1970-01-01 00:00:00.0", "1970-01-01 00:00:00.00",
          "1970-01-01 00:00:00.000"},
         "1970-01-01T00:00:00"},
        {1704164645120,
         {"2024-01-02 03:04:05", "2024-01-02 03:04:05.1", "2024-01-02 03:04:05.12",
          "2024-01-02 03:04:05.120"},
         "2024-01-02T03:04:05.12"},
        {-1,
         {"1969-12-31 23:59:59", "1969-12-31 23:59:59.9", "1969-12-31 23:59:59.99",
          "1969-12-31 23:59:59.999"},
         "1969-12-31T23:59:59.999"},
        {253402300799900,
         {"9999-12-31 23:59:59", "9999-12-31 23:59:59.9", "9999-12-31 23:59:59.90",
          "9999-12-31 23:59:59.900"},
         "9999-12-31T23:59:59.9"},
    };
    struct buf text;
    buf_init(&text, 100);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned digits = 0; digits < 4; digits++) {
            buf_clear(&text);
            timestamp_print(&text, cases[i].ms, digits);
            assert_string_equal(buf_c_string(&text), cases[i].digits[digits]);
        }
        buf_clear(&text);
        timestamp_print_json(&text, cases[i].ms, 'T');
        assert_string_equal(buf_c_string(&text), cases[i].json);
    }
    buf_release(&text);
}

#define BAD INT64_MIN

static void test_timestamp_parse(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t sql, iso, lenient;
    } cases[] = {
        {"2024-01-02 03:04:05", 1704164645000, BAD, 1704164645000},
        {"2024-01-02T03:04:05", BAD, 1704164645000, BAD},
        {"2024-01-02t03:04:05.5", BAD, 1704164645500, BAD},
        {"2024-01-02T03:04", BAD, 1704164640000, BAD},
        {"2024-01-02T03:04:", BAD, BAD, BAD},
        {"2024-01-02 03:04", BAD, BAD, BAD},
        {"2024-01-02 03:04:05.", 1704164645000, BAD, 1704164645000},
        {"2024-01-02 03:04:05.123456789", 1704164645123, BAD, 1704164645123},
        {"2024-01-02 03:04:05.1234567891", BAD, BAD, BAD},
        {"2024-1-2 3:4:5", BAD, BAD, 1704164645000},
        {"2024-01-02", BAD, BAD, 1704153600000},
        {"2024-02-30 00:00:00", 1709164800000, BAD, 1709164800000},
        {"2024-04-31 00:00:00", 1714435200000, BAD, 1714435200000},
        {"2024-04-32 00:00:00", BAD, BAD, BAD},
        {"2024-02-30T00:00:00", BAD, BAD, BAD},
        {"2024-01-02 24:00:00.000", 1704240000000, BAD, 1704240000000},
        {"2024-01-02 24:00:00.001", BAD, BAD, BAD},
        {"2024-01-02T24:00:00", BAD, BAD, BAD},
        {"2024-13-01 00:00:00", BAD, BAD, BAD},
        {"2024-01-02 03:60:00", BAD, BAD, BAD},
        {"2024-01-02 03:04:60", BAD, BAD, BAD},
        {"2024-01-02 03:04:05Z", BAD, BAD, BAD},
        {" 2024-01-02 03:04:05", BAD, BAD, BAD},
        {"2024-01-02 03:04:05 ", BAD, BAD, BAD},
        {"+2024-01-02 03:04:05", BAD, BAD, BAD},
        {"12024-01-02 03:04:05", BAD, BAD, BAD},
        {"+12024-01-02 03:04:05", 317273684645000, BAD, 317273684645000},
        {"-0001-01-02 03:04:05", -62198657755000, BAD, BAD},
        {"-0000-01-02 03:04:05", BAD, BAD, BAD},
        {"9999-12-31 23:59:59.999", 253402300799999, BAD, 253402300799999},
        {"+999999999-01-01 00:00:00", BAD, BAD, BAD}, /* leaves int64 */
        {"", BAD, BAD, BAD},
        {"yesterday", BAD, BAD, BAD},
    };
    bool (*const parsers[])(struct str, int64_t *) = {timestamp_parse_sql, timestamp_parse_iso,
                                                      timestamp_parse_lenient};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int64_t expected[] = {cases[i].sql, cases[i].iso, cases[i].lenient};
        for (size_t p = 0; p < ARRAY_LEN(parsers); p++) {
            int64_t ms = BAD;
            bool ok = parsers[p](str_of(cases[i].text), &ms);
            if (ok != (expected[p] != BAD) || ms != expected[p])
                fail_msg("'%s' by parser %zu: %lld", cases[i].text, p, (long long)ms);
        }
    }
}

static void test_other_times(void **state) {
    (void)state;
    int64_t ms;
    int32_t value;
    assert_true(timestamp_parse_utc(STR("2024-01-02 03:04:05.12Z"), ' ', &ms) &&
                ms == 1704164645120);
    assert_true(timestamp_parse_utc(STR("2024-01-02T03:04Z"), 'T', &ms) && ms == 1704164640000);
    assert_true(timestamp_parse_utc(STR("2024-02-30T24:00:00Z"), 'T', &ms) && ms == 1709251200000);
    assert_false(timestamp_parse_utc(STR("2024-01-02 03:04Z"), ' ', &ms));
    assert_false(timestamp_parse_utc(STR("2024-01-02t03:04:05Z"), 'T', &ms));
    assert_false(timestamp_parse_utc(STR("2024-01-02T03:04:05z"), 'T', &ms));
    assert_false(timestamp_parse_utc(STR("2024-01-02T03:04:05"), 'T', &ms));
    assert_true(date_parse_iso(STR("1969-12-31"), &value) && value == -1);
    assert_false(date_parse_iso(STR("2024-02-30"), &value));
    assert_false(date_parse_iso(STR("2024-1-2"), &value));
    assert_true(time_parse_sql(STR("03:04:05.678"), &value) && value == 11045000);
    assert_true(time_parse_sql(STR("24:00:00"), &value) && value == 0);
    assert_false(time_parse_sql(STR("03:04"), &value));
}

static const struct date_pattern *pattern_of(const char *text, struct arena *job) {
    const struct date_pattern *pattern;
    uint32_t bad_at;
    if (!date_pattern_parse(str_of(text), job, &pattern, &bad_at))
        fail_msg("pattern %s is bad at %u", text, bad_at);
    return pattern;
}

static void test_pattern_format(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        int64_t ms;
        const char *text;
    } cases[] = {
        {"yyyy-MM-dd HH:mm:ss.SSS", 1704164645120, "2024-01-02 03:04:05.120"},
        {"yyyyMMddHHmmss", 1704164645120, "20240102030405"},
        {"yy/M/d H:m:s", 1704164645120, "24/1/2 3:4:5"},
        {"uuuu D DDD", 1704164645120, "2024 2 002"},
        {"EEE E EEEE EEEEE, MMM MMMM MMMMM", 1704164645120, "Tue Tue Tuesday T, Jan January J"},
        {"hh:mm a, h a", 1704164645120, "03:04 AM, 3 AM"},
        {"hh a", 1704153600000, "12 AM"},
        {"h a", 1704196800000, "12 PM"},
        {"S SS SSS SSSSSS", 1704164645128, "1 12 128 128000"},
        {"'at' HH 'o''clock' ''", 1704164645120, "at 03 o'clock '"},
        {"yyyy", 253402300800000, "+10000"},
        {"y", 253402300800000, "10000"},
        {"yyyy u", -62198657755000, "0002 -1"},
        {"HH:mm", -1, "23:59"},
    };
    struct arena job = {0};
    struct buf text;
    buf_init(&text, 200);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&text);
        date_pattern_format(pattern_of(cases[i].pattern, &job), cases[i].ms, &text);
        assert_string_equal(buf_c_string(&text), cases[i].text);
    }
    buf_release(&text);
    arena_release(&job);
}

static void test_pattern_refused(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        uint32_t bad_at;
    } cases[] = {{"%Y-%m", 1}, {"yyyy-MM-dd z", 11}, {"yyyy'x", 4}, {"HHH", 0},
                 {"[HH]", 0},  {"MMMMMM", 0},        {"ddd", 0}};
    struct arena job = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct date_pattern *pattern;
        uint32_t bad_at = 99;
        assert_false(date_pattern_parse(str_of(cases[i].pattern), &job, &pattern, &bad_at));
        assert_int_equal(bad_at, cases[i].bad_at);
    }
    arena_release(&job);
}

static void test_pattern_read(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *text;
        int64_t ms;
    } cases[] = {
        {"yyyy-MM-dd HH:mm:ss", "2024-01-02 03:04:05", 1704164645000},
        {"yyyyMMddHHmmssSSS", "20240102030405120", 1704164645120},
        {"dd/MM/yyyy", "02/01/2024", 1704153600000},
        {"d MMM yy, h:mm a", "2 Jan 24, 3:04 PM", 1704207840000},
        {"yyyy", "2024", 1704067200000},
        {"HH:mm", "03:04", 11040000},
        {"yyyy-MM-dd'T'HH:mm:ss'Z'", "2024-01-02T03:04:05Z", 1704164645000},
        {"EEE yyyy-MM-dd", "Tue 2024-01-02", 1704153600000},
        {"EEE yyyy-MM-dd", "Wed 2024-01-02", BAD},
        {"yyyy D", "2024 2", 1704153600000},
        {"yyyy-MM-dd", "2024-02-30", 1709164800000},
        {"yyyy-MM-dd", "2024-13-01", BAD},
        {"yyyy-MM-dd", "2024-01-02 x", BAD},
        {"yyyy-MM-dd", "x", BAD},
        {"dd/MM/yyyy", "2024-1-2", 1704153600000}, /* Flink's way out, whatever the pattern */
        {"dd/MM/yyyy", "2024-1-2 3:4:5", 1704164645000},
    };
    struct arena job = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms = BAD;
        bool ok = date_pattern_read(pattern_of(cases[i].pattern, &job), str_of(cases[i].text), &ms);
        if (ok != (cases[i].ms != BAD) || ms != cases[i].ms)
            fail_msg("'%s' as '%s': %lld", cases[i].text, cases[i].pattern, (long long)ms);
    }
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_double_print),    cmocka_unit_test(test_double_round_trip),
        cmocka_unit_test(test_timestamp_print), cmocka_unit_test(test_timestamp_parse),
        cmocka_unit_test(test_other_times),     cmocka_unit_test(test_pattern_format),
        cmocka_unit_test(test_pattern_refused), cmocka_unit_test(test_pattern_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
