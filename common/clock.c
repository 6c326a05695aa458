/* SPDX-License-Identifier: Apache-2.0 */
#include "common/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_real_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t real_now_ms(void *self) {
    (void)self;
    return clock_real_ms();
}

static int64_t real_mono_ns(void *self) {
    (void)self;
    return clock_mono_ns();
}

struct clock clock_system(void) {
    return (struct clock){real_now_ms, real_mono_ns, NULL};
}

int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *year, int *month, int *day) {
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153; /* March = 0 */
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

struct civil civil_from_ms(int64_t ms) {
    struct civil civil;
    int64_t in_day = floor_mod(ms, 86400000);
    civil_from_days(floor_div(ms, 86400000), &civil.year, &civil.month, &civil.day);
    civil.hour = (int)(in_day / 3600000);
    civil.minute = (int)(in_day / 60000 % 60);
    civil.second = (int)(in_day / 1000 % 60);
    civil.millisecond = (int)(in_day % 1000);
    return civil;
}

int64_t ms_from_civil(const struct civil *c) {
    int64_t days = days_from_civil(c->year, c->month, c->day);
    return ((days * 24 + c->hour) * 60 + c->minute) * 60000 + c->second * 1000 + c->millisecond;
}

bool is_leap_year(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

void clock_format_iso(int64_t ms, char out[CLOCK_TEXT_BYTES]) {
    struct civil c = civil_from_ms(ms);
    snprintf(out, CLOCK_TEXT_BYTES, "%04lld-%02d-%02dT%02d:%02d:%02d.%03d", (long long)c.year,
             c.month, c.day, c.hour, c.minute, c.second, c.millisecond);
}
