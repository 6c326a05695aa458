/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "common/clock.h"
#include "generator/schedule.h"
#include "generator/text.h"

static void instants(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t ms;
    } cases[] = {
        {"1970-01-01T00:00:00", true, 0},
        {"2026-01-01T00:00:00Z", true, 1767225600000},
        {"2026-01-01T00:00:00.5", true, 1767225600500},
        {"2026-01-01T00:00:00.007Z", true, 1767225600007},
        {"2024-02-29T23:59:59.999", true, 1709251199999},
        {"2026-02-29T00:00:00", false, 0},
        {"2026-13-01T00:00:00", false, 0},
        {"2026-01-01T24:00:00", false, 0},
        {"2026-01-01 00:00:00", false, 0},
        {"2026-01-01T00:00", false, 0},
        {"2026-01-01T00:00:00.", false, 0},
        {"2026-01-01T00:00:00.1234", false, 0},
        {"2026-01-01T00:00:00x", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms = 0;
        if (parse_instant_ms(str_of(cases[i].text), &ms) != cases[i].ok || ms != cases[i].ms)
            fail_msg("%s gives %lld", cases[i].text, (long long)ms);
    }
}

static void even_without_season(void **state) {
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, 0, 3, false);
    for (uint64_t i = 0; i < 3000000; i++)
        if (fabs(schedule_next(&schedule) - (double)i * 1000 / 3) > 1e-6)
            fail_msg("event %u", (unsigned)i);
}

/* Events per hour follow the formula, and the quiet weekend. */
static void season_follows_the_hour(void **state) {
    (void)state;
    int64_t thursday = 1767225600000; /* 2026-01-01 */
    assert_true(fabs(season_factor(thursday + 15 * 3600000) - 1.5) < 1e-9);
    assert_true(fabs(season_factor(thursday + 3 * 3600000) - 0.5) < 1e-9);
    assert_true(fabs(season_factor(thursday + 9 * 3600000) - 1.0) < 1e-9);
    assert_true(fabs(season_factor(thursday + (48 + 15) * INT64_C(3600000)) - 1.2) < 1e-9);
    assert_true(fabs(season_factor(thursday + (96 + 15) * INT64_C(3600000)) - 1.5) < 1e-9);

    struct schedule schedule;
    schedule_init(&schedule, thursday, 10, true);
    unsigned hours[24] = {0};
    for (double ms; (ms = schedule_next(&schedule)) < 86400000;)
        hours[(int)(ms / 3600000)]++;
    for (int hour = 0; hour < 24; hour++) {
        double middle = 1 + 0.5 * sin(6.283185307179586 * (hour + 0.5 - 9) / 24);
        if (fabs(hours[hour] / (36000 * middle) - 1) > 0.01)
            fail_msg("hour %d: %u", hour, hours[hour]);
    }
}

static void texts(void **state) {
    (void)state;
    char out[64];
    struct text_time cache = {0};
    static const struct {
        int64_t ms;
        const char *want;
    } times[] = {
        {0, "1970-01-01T00:00:00.000"},
        {1767225600007, "2026-01-01T00:00:00.007"},
        {1767225600999, "2026-01-01T00:00:00.999"},
        {1709251199980, "2024-02-29T23:59:59.980"},
        {-1, "1969-12-31T23:59:59.999"},
    };
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        *text_time(out, times[i].ms, &cache) = 0;
        assert_string_equal(out, times[i].want);
    }
    *text_hex(out, 0x09afA0f1) = 0;
    assert_string_equal(out, "09afa0f1");
    *text_uuid(out, UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)) = 0;
    assert_string_equal(out, "01234567-89ab-4def-bedc-ba9876543210");
    *text_hundredths(out, 100007) = 0;
    assert_string_equal(out, "1000.07");
    *text_u64(out, UINT64_MAX) = 0;
    assert_string_equal(out, "18446744073709551615");
    *text_u64(out, 0) = 0;
    assert_string_equal(out, "0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants), cmocka_unit_test(even_without_season),
        cmocka_unit_test(season_follows_the_hour), cmocka_unit_test(texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
