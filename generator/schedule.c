/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/schedule.h"

#include <math.h>

#include "common/clock.h"

double season_factor(int64_t ms) {
    double hour = (double)floor_mod(ms, 86400000) / 3600000;
    int64_t weekday = floor_mod(floor_div(ms, 86400000) + 3, 7); /* 0 is Monday */
    double day = 1 + 0.5 * sin(6.283185307179586 * (hour - 9) / 24);
    return weekday >= 5 ? 0.8 * day : day;
}

void schedule_init(struct schedule *schedule, int64_t start_ms, double events_per_second,
                   bool season) {
    *schedule = (struct schedule){.start_ms = start_ms,
                                  .gap_ms = 1000 / events_per_second,
                                  .season = season,
                                  .factor = 1,
                                  .minute = INT64_MIN};
}

static double next_with_season(struct schedule *schedule) {
    int64_t now_ms = schedule->start_ms + (int64_t)schedule->offset_ms;
    if (now_ms / 60000 != schedule->minute) {
        schedule->minute = now_ms / 60000;
        schedule->factor = season_factor(schedule->minute * 60000);
    }
    double offset = schedule->offset_ms;
    schedule->offset_ms += schedule->gap_ms / schedule->factor;
    return offset;
}

double schedule_next(struct schedule *schedule) {
    if (schedule->season) return next_with_season(schedule);
    return (double)schedule->index++ * schedule->gap_ms;
}

/* `digits` digits at *s, then the separator (0: none); moves *s behind both. */
static bool take_number(struct str *s, size_t digits, char separator, int64_t *out) {
    if (!parse_i64(str_sub(*s, 0, digits), out) || *out < 0) return false;
    *s = str_from(*s, digits);
    if (!separator) return true;
    if (!s->len || s->ptr[0] != separator) return false;
    *s = str_from(*s, 1);
    return true;
}

static bool take_fraction(struct str *s, int64_t *milli) {
    static const int64_t scale[] = {0, 100, 10, 1};
    *milli = 0;
    if (!s->len || s->ptr[0] != '.') return true;
    *s = str_from(*s, 1);
    size_t digits = s->len;
    return digits >= 1 && digits <= 3 && take_number(s, digits, 0, milli) &&
           (*milli *= scale[digits], true);
}

bool parse_instant_ms(struct str s, int64_t *out_ms) {
    int64_t year, month, day, hour, minute, second, milli;
    if (s.len && s.ptr[s.len - 1] == 'Z') s.len--;
    if (!take_number(&s, 4, '-', &year) || !take_number(&s, 2, '-', &month) ||
        !take_number(&s, 2, 'T', &day) || !take_number(&s, 2, ':', &hour) ||
        !take_number(&s, 2, ':', &minute) || !take_number(&s, 2, 0, &second) ||
        !take_fraction(&s, &milli) || s.len)
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    struct civil civil = {year,        (int)month,  (int)day,  (int)hour,
                          (int)minute, (int)second, (int)milli};
    *out_ms = ms_from_civil(&civil);
    return true;
}
