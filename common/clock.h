/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the clocks that `main` passes down, and calendar arithmetic as pure functions. The proleptic
 * Gregorian calendar of java.time; all values are int64 milliseconds since 1970-01-01 00:00 of
 * whichever wall clock the caller means. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include "common/str.h"

/* Passed in, so that a whole pipeline runs on virtual time in tests. */
struct clock {
    int64_t (*now_ms)(void *self);  /* wall clock, epoch milliseconds; may jump */
    int64_t (*mono_ns)(void *self); /* monotonic, for durations */
    void *self;
};

int64_t clock_real_ms(void);
int64_t clock_mono_ns(void);
struct clock clock_system(void);

struct civil {
    int64_t year;
    int month, day, hour, minute, second, millisecond; /* month and day from 1 */
};

/* Source of the algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);
struct civil civil_from_ms(int64_t ms);
int64_t ms_from_civil(const struct civil *civil);
int days_in_month(int64_t year, int month);
bool is_leap_year(int64_t year);

/* Floor division and its remainder, for negative instants. divisor > 0. */
static inline int64_t floor_div(int64_t value, int64_t divisor) {
    int64_t q = value / divisor;
    return q - (value % divisor < 0);
}
static inline int64_t floor_mod(int64_t value, int64_t divisor) {
    int64_t r = value % divisor;
    return r < 0 ? r + divisor : r;
}

enum { CLOCK_TEXT_BYTES = 40 };
/* "2026-01-01T10:00:00.123" (always three decimals), NUL-terminated. */
void clock_format_iso(int64_t ms, char out[CLOCK_TEXT_BYTES]);

#endif
