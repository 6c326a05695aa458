/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and times as text. Flink's texts are those of java.lang.Double and java.time, so the odd rules
 * here (24:00:00, 02-30, "56." as seconds) are theirs: java.time resolves SMART unless a formatter was
 * made STRICT, and only ISO_LOCAL_DATE_TIME as a whole is strict in Flink's json format.
 *
 * Everything is arithmetic on digits: no strptime, no locale, no time zone. */
#include "data/numtext.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000 };
/* Beyond this year the milliseconds leave int64 (java.time goes to 999,999,999). */
enum { YEAR_MAX = 292000000 };

/* ---- doubles ------------------------------------------------------------------------------------- */

/* A decimal 0.d1d2d3… * 10^exponent. */
struct digits {
    char text[24];
    int count, exponent;
};

/* The nearest decimal of `count` digits, as printf rounds: exactly, ties to even. */
static void digits_nearest(struct digits *out, double number, int count) {
    char text[40];
    snprintf(text, sizeof text, "%.*e", count - 1, number);
    out->text[0] = text[0];
    memcpy(out->text + 1, text + 2, (size_t)count - 1);
    out->count = count;
    out->exponent = (int)strtol(text + (count > 1 ? count + 2 : 2), NULL, 10) + 1;
}

static void digits_increment(struct digits *d) {
    int i = d->count - 1;
    while (i >= 0 && d->text[i] == '9')
        d->text[i--] = '0';
    if (i >= 0) {
        d->text[i]++;
        return;
    }
    d->text[0] = '1';
    d->exponent++;
}

static double digits_value(const struct digits *d) {
    char text[48];
    snprintf(text, sizeof text, "0.%.*se%d", d->count, d->text, d->exponent);
    return strtod(text, NULL);
}

/* Does some decimal of `count` digits read back as `number`? The nearest one decides, except at a power
 * of two: there the values below lie closer together than those above, so the nearest may be a little
 * too low while the next one up still reads back. */
static bool digits_find(struct digits *out, double number, int count) {
    digits_nearest(out, number, count);
    double value = digits_value(out);
    if (value == number) return true;
    if (value > number) return false;
    digits_increment(out);
    return digits_value(out) == number;
}

/* Values such as prices, without printf: an integer of at most 15 digits over a power of ten names the
 * only decimal of that length that reads back. */
static bool digits_short(struct digits *out, double number) {
    double scaled = number;
    for (int places = 0; places <= 4; places++) {
        static const double power[] = {1, 10, 100, 1000, 10000};
        scaled = nearbyint(number * power[places]);
        if (scaled >= 1e15) return false;
        if (scaled / power[places] != number) continue;
        char reversed[24];
        int n = 0;
        for (uint64_t rest = (uint64_t)scaled; rest; rest /= 10)
            reversed[n++] = (char)('0' + rest % 10);
        for (int i = 0; i < n; i++)
            out->text[i] = reversed[n - 1 - i];
        out->count = n;
        out->exponent = n - places;
        return true;
    }
    return false;
}

/* Java 19 and later: the shortest decimal of two or more digits that reads back, and of those the
 * nearest. Longer decimals read back when a shorter one does, so the length is found by bisection. */
static void digits_of(struct digits *out, double number) {
    if (number >= 1e-3 && digits_short(out, number)) return;
    int low = 2, high = 17;
    while (low < high) {
        int middle = (low + high) / 2;
        if (digits_find(out, number, middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if (!digits_find(out, number, low)) digits_nearest(out, number, 17);
}

static char digit_at(const struct digits *d, int i) {
    return i >= 0 && i < d->count ? d->text[i] : '0';
}

void double_print(struct buf *out, double number) {
    if (isnan(number)) {
        buf_append(out, STR("NaN"));
        return;
    }
    if (signbit(number)) buf_append_char(out, '-');
    number = fabs(number);
    if (isinf(number) || number == 0) {
        buf_append(out, number == 0 ? STR("0.0") : STR("Infinity"));
        return;
    }
    struct digits d;
    digits_of(&d, number);
    while (d.count > 1 && d.text[d.count - 1] == '0')
        d.count--;
    bool plain = number >= 1e-3 && number < 1e7;
    int point = plain ? d.exponent : 1; /* digits before the point */
    if (point <= 0) buf_append_char(out, '0');
    for (int i = 0; i < point; i++)
        buf_append_char(out, digit_at(&d, i));
    buf_append_char(out, '.');
    for (int i = point; i < d.count; i++)
        buf_append_char(out, digit_at(&d, i));
    if (point >= d.count) buf_append_char(out, '0');
    if (!plain) buf_printf(out, "E%d", d.exponent - 1);
}

/* ---- printing times ------------------------------------------------------------------------------ */

/* `value` >= 0 with at least `width` (<= 20) digits. DATE_FORMAT runs once per row: no printf here. */
static void number_put(struct buf *out, int64_t value, int width) {
    char digits[24];
    size_t at = sizeof digits;
    for (uint64_t rest = (uint64_t)value; rest || width > 0 || at == sizeof digits;
         rest /= 10, width--)
        digits[--at] = (char)('0' + rest % 10);
    buf_append_bytes(out, digits + at, sizeof digits - at);
}

static int number_digits(int64_t value) {
    int count = 1;
    while (value /= 10)
        count++;
    return count;
}

/* As ISO_LOCAL_DATE: four digits, a plus sign before more. */
static void year_put(struct buf *out, int64_t year) {
    if (year > 9999) buf_append_char(out, '+');
    if (year < 0) buf_append_char(out, '-');
    number_put(out, year < 0 ? -year : year, 4);
}

static void date_time_put(struct buf *out, const struct civil *t, char separator) {
    year_put(out, t->year);
    const struct {
        char before;
        int value;
    } parts[] = {
        {'-', t->month}, {'-', t->day}, {separator, t->hour}, {':', t->minute}, {':', t->second}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char text[3] = {parts[i].before, (char)('0' + parts[i].value / 10),
                        (char)('0' + parts[i].value % 10)};
        buf_append_bytes(out, text, sizeof text);
    }
}

static void fraction_put(struct buf *out, int millisecond, unsigned digits) {
    char text[4] = {'.', (char)('0' + millisecond / 100), (char)('0' + millisecond / 10 % 10),
                    (char)('0' + millisecond % 10)};
    if (digits) buf_append_bytes(out, text, 1 + digits);
}

void timestamp_print(struct buf *out, int64_t ms, unsigned digits) {
    struct civil t = civil_from_ms(ms);
    date_time_put(out, &t, ' ');
    fraction_put(out, t.millisecond, digits);
}

void timestamp_print_json(struct buf *out, int64_t ms, char separator) {
    struct civil t = civil_from_ms(ms);
    date_time_put(out, &t, separator);
    unsigned digits = t.millisecond == 0         ? 0
                      : t.millisecond % 100 == 0 ? 1
                      : t.millisecond % 10 == 0  ? 2
                                                 : 3;
    fraction_put(out, t.millisecond, digits);
}

/* ---- reading times ------------------------------------------------------------------------------- */

struct cursor {
    const char *p, *end;
};

static bool take_char(struct cursor *in, char c) {
    if (in->p == in->end || *in->p != c) return false;
    in->p++;
    return true;
}

/* Up to `max` digits; returns how many there were. */
static unsigned take_digits(struct cursor *in, unsigned max, int64_t *value) {
    unsigned count = 0;
    *value = 0;
    while (count < max && in->p < in->end && *in->p >= '0' && *in->p <= '9') {
        *value = *value * 10 + (*in->p++ - '0');
        count++;
    }
    return count;
}

static bool take_number(struct cursor *in, unsigned min, unsigned max, int *value) {
    int64_t number;
    if (take_digits(in, max, &number) < min) return false;
    *value = (int)number;
    return true;
}

/* Four digits; more only after a plus sign; a minus sign, but no minus zero. */
static bool take_year(struct cursor *in, int64_t *year) {
    bool plus = take_char(in, '+'), minus = !plus && take_char(in, '-');
    unsigned count = take_digits(in, 10, year);
    if (count < 4 || (plus && count == 4) || (!plus && !minus && count > 4)) return false;
    if (minus && *year == 0) return false;
    if (minus) *year = -*year;
    return *year >= -YEAR_MAX && *year <= YEAR_MAX;
}

/* '.' and up to nine digits; the point alone is fine. */
static int take_fraction_ns(struct cursor *in) {
    int64_t value = 0;
    if (!take_char(in, '.')) return 0;
    for (unsigned count = take_digits(in, 9, &value); count < 9; count++)
        value *= 10;
    return (int)value;
}

struct moment {
    int64_t year;
    int month, day, hour, minute, second, nanosecond;
};

/* SMART takes 24:00:00 for the next day and any day up to 31 for the last of its month. */
static bool moment_ms(const struct moment *m, bool smart, int64_t *ms) {
    int day = m->day;
    if (m->month < 1 || m->month > 12 || day < 1 || day > 31) return false;
    int last = days_in_month(m->year, m->month);
    if (day > last && !smart) return false;
    if (day > last) day = last;
    bool midnight =
        smart && m->hour == 24 && m->minute == 0 && m->second == 0 && m->nanosecond == 0;
    if ((m->hour > 23 && !midnight) || m->minute > 59 || m->second > 59) return false;
    *ms = days_from_civil(m->year, m->month, day) * DAY_MS + (int64_t)m->hour * HOUR_MS +
          m->minute * MINUTE_MS + m->second * 1000 + m->nanosecond / 1000000;
    return true;
}

static bool take_date(struct cursor *in, struct moment *m) {
    return take_year(in, &m->year) && take_char(in, '-') && take_number(in, 2, 2, &m->month) &&
           take_char(in, '-') && take_number(in, 2, 2, &m->day);
}

static bool take_time(struct cursor *in, bool seconds_needed, struct moment *m) {
    if (!take_number(in, 2, 2, &m->hour) || !take_char(in, ':') ||
        !take_number(in, 2, 2, &m->minute))
        return false;
    if (!take_char(in, ':')) return !seconds_needed;
    if (!take_number(in, 2, 2, &m->second)) return false;
    m->nanosecond = take_fraction_ns(in);
    return true;
}

static struct cursor cursor_of(struct str text) {
    return (struct cursor){text.ptr, text.ptr + text.len};
}

bool timestamp_parse_sql(struct str text, int64_t *ms) {
    struct cursor in = cursor_of(text);
    struct moment m = {0};
    return take_date(&in, &m) && take_char(&in, ' ') && take_time(&in, true, &m) &&
           in.p == in.end && moment_ms(&m, true, ms);
}

bool timestamp_parse_iso(struct str text, int64_t *ms) {
    struct cursor in = cursor_of(text);
    struct moment m = {0};
    return take_date(&in, &m) && (take_char(&in, 'T') || take_char(&in, 't')) &&
           take_time(&in, false, &m) && in.p == in.end && moment_ms(&m, false, ms);
}

bool timestamp_parse_utc(struct str text, char separator, int64_t *ms) {
    struct cursor in = cursor_of(text);
    struct moment m = {0};
    return take_date(&in, &m) && take_char(&in, separator) &&
           take_time(&in, separator == ' ', &m) && take_char(&in, 'Z') && in.p == in.end &&
           moment_ms(&m, true, ms);
}

bool date_parse_iso(struct str text, int32_t *days) {
    struct cursor in = cursor_of(text);
    struct moment m = {0};
    int64_t ms;
    if (!take_date(&in, &m) || in.p != in.end || !moment_ms(&m, false, &ms)) return false;
    int64_t day = floor_div(ms, DAY_MS);
    if (day < INT32_MIN || day > INT32_MAX) return false;
    *days = (int32_t)day;
    return true;
}

bool time_parse_sql(struct str text, int32_t *ms) {
    struct cursor in = cursor_of(text);
    struct moment m = {.year = 1970, .month = 1, .day = 1};
    int64_t instant;
    if (!take_time(&in, true, &m) || in.p != in.end || !moment_ms(&m, true, &instant)) return false;
    *ms = (int32_t)(instant % DAY_MS / 1000 * 1000);
    return true;
}

/* " H:m:s[.f]", one or two digits each. */
static bool take_lenient_time(struct cursor *in, struct moment *m) {
    if (!take_char(in, ' ') || !take_number(in, 1, 2, &m->hour) || !take_char(in, ':') ||
        !take_number(in, 1, 2, &m->minute) || !take_char(in, ':') ||
        !take_number(in, 1, 2, &m->second))
        return false;
    m->nanosecond = take_fraction_ns(in);
    return true;
}

bool timestamp_parse_lenient(struct str text, int64_t *ms) {
    struct cursor in = cursor_of(text);
    struct moment m = {0};
    if (!take_year(&in, &m.year) || m.year < 1 || !take_char(&in, '-') ||
        !take_number(&in, 1, 2, &m.month) || !take_char(&in, '-') ||
        !take_number(&in, 1, 2, &m.day))
        return false;
    if (in.p < in.end && !take_lenient_time(&in, &m)) return false;
    return in.p == in.end && moment_ms(&m, true, ms);
}

/* ---- patterns ------------------------------------------------------------------------------------ */

/* One letter run or one piece of literal text. `reserve` counts the digits of the fixed-width numbers
 * that follow without anything between, so that "yyyyMMdd" knows where its year ends. */
struct pattern_item {
    char letter; /* 0: literal */
    uint8_t width, reserve;
    struct str literal;
};

struct date_pattern {
    struct pattern_item *items;
    uint32_t count;
};

/* What java.time makes of each letter; widths beyond `width_max` are an error there too. */
static const struct letter_rule {
    char letter;
    uint8_t width_max;
} letter_rules[] = {{'y', 19}, {'u', 19}, {'M', 5}, {'d', 2}, {'D', 3}, {'H', 2},
                    {'h', 2},  {'m', 2},  {'s', 2}, {'S', 9}, {'a', 1}, {'E', 5}};

static const struct letter_rule *letter_rule(char letter) {
    for (size_t i = 0; i < ARRAY_LEN(letter_rules); i++)
        if (letter_rules[i].letter == letter) return &letter_rules[i];
    return NULL;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool item_is_number(const struct pattern_item *item) {
    return item->letter && item->letter != 'a' && item->letter != 'E' &&
           !(item->letter == 'M' && item->width > 2);
}

/* A number of exactly `width` digits. */
static bool item_is_fixed(const struct pattern_item *item) {
    if (!item_is_number(item)) return false;
    if (item->letter == 'D') return item->width == 3;
    return item->letter == 'S' || item->width == 2;
}

/* Quoted text from after the opening quote; '' is one quote. */
static bool quoted_read(struct cursor *in, struct arena *job, struct str *out) {
    char *text = arena_alloc(job, (size_t)(in->end - in->p) + 1);
    size_t len = 0;
    while (in->p < in->end) {
        char c = *in->p++;
        if (c == '\'' && !take_char(in, '\'')) {
            *out = (struct str){len ? text : "'", len ? len : 1}; /* '' outside quotes is a quote */
            return true;
        }
        text[len++] = c;
    }
    return false;
}

static bool item_read(struct cursor *in, struct arena *job, struct pattern_item *item) {
    char c = *in->p;
    *item = (struct pattern_item){0};
    if (c == '\'') {
        in->p++;
        return quoted_read(in, job, &item->literal);
    }
    if (!is_letter(c)) {
        /* java.time reserves these; optional sections are not supported. */
        if (memchr("[]{}#", c, 5)) return false;
        item->literal = arena_str(job, (struct str){in->p++, 1});
        return true;
    }
    const struct letter_rule *rule = letter_rule(c);
    const char *start = in->p;
    while (in->p < in->end && *in->p == c)
        in->p++;
    size_t width = (size_t)(in->p - start);
    if (!rule || width > rule->width_max) return in->p = start, false;
    item->letter = c;
    item->width = (uint8_t)width;
    return true;
}

bool date_pattern_parse(struct str text, struct arena *job, const struct date_pattern **out,
                        uint32_t *bad_at) {
    struct date_pattern *pattern = ARENA_NEW(job, 1, struct date_pattern);
    struct cursor in = cursor_of(text);
    pattern->items = ARENA_NEW(job, text.len + 1, struct pattern_item);
    while (in.p < in.end) {
        const char *start = in.p;
        if (!item_read(&in, job, &pattern->items[pattern->count])) {
            *bad_at = (uint32_t)(start - text.ptr);
            return false;
        }
        pattern->count++;
    }
    for (uint32_t i = pattern->count; i-- > 1;) {
        const struct pattern_item *next = &pattern->items[i];
        if (item_is_fixed(next))
            pattern->items[i - 1].reserve = (uint8_t)(next->reserve + next->width);
    }
    *out = pattern;
    return true;
}

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const day_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};

/* Width 1 to 3: "Jan"; 4: "January"; 5: "J". */
static struct str name_text(const char *name, unsigned width) {
    struct str text = str_of(name);
    if (width != 4) text.len = width == 5 ? 1 : 3;
    return text;
}

static int day_of_week(int64_t days) {
    return (int)floor_mod(days + 3, 7);
} /* 0 is Monday */

static void year_format(struct buf *out, int64_t year, unsigned width) {
    if (width == 2) {
        number_put(out, floor_mod(year, 100), 2);
        return;
    }
    if (year < 0) buf_append_char(out, '-');
    /* EXCEEDS_PAD: a year longer than its pad gets a plus sign, but only from width 4 on. */
    if (width >= 4 && year > 0 && number_digits(year) > (int)width) buf_append_char(out, '+');
    number_put(out, year < 0 ? -year : year, (int)width);
}

static int64_t civil_days(const struct civil *t) {
    return days_from_civil(t->year, t->month, t->day);
}

static void item_format(const struct pattern_item *item, const struct civil *t, struct buf *out) {
    unsigned width = item->width;
    int hour12 = t->hour % 12 == 0 ? 12 : t->hour % 12;
    switch (item->letter) {
    case 0: buf_append(out, item->literal); break;
    case 'y': year_format(out, t->year > 0 ? t->year : 1 - t->year, width); break;
    case 'u': year_format(out, t->year, width); break;
    case 'M':
        if (width > 2) {
            buf_append(out, name_text(month_names[t->month - 1], width));
        } else {
            number_put(out, t->month, (int)width);
        }
        break;
    case 'd': number_put(out, t->day, (int)width); break;
    case 'D':
        number_put(out, civil_days(t) - days_from_civil(t->year, 1, 1) + 1, (int)width);
        break;
    case 'H': number_put(out, t->hour, (int)width); break;
    case 'h': number_put(out, hour12, (int)width); break;
    case 'm': number_put(out, t->minute, (int)width); break;
    case 's': number_put(out, t->second, (int)width); break;
    case 'S': /* a fraction of a second: milliseconds cut to the width, or filled up with zeros */
        number_put(out,
                   width >= 3   ? t->millisecond
                   : width == 2 ? t->millisecond / 10
                                : t->millisecond / 100,
                   width < 3 ? (int)width : 3);
        if (width > 3) buf_append_bytes(out, "000000", width - 3);
        break;
    case 'a': buf_append(out, t->hour < 12 ? STR("AM") : STR("PM")); break;
    case 'E': buf_append(out, name_text(day_names[day_of_week(civil_days(t))], width)); break;
    }
}

void date_pattern_format(const struct date_pattern *pattern, int64_t ms, struct buf *out) {
    struct civil t = civil_from_ms(ms);
    for (uint32_t i = 0; i < pattern->count; i++)
        item_format(&pattern->items[i], &t, out);
}

/* What a text gave; -1: not given. */
struct pattern_fields {
    int64_t year;
    bool has_year;
    int month, day, year_day, hour, hour12, half, minute, second, nanosecond, week_day;
};

static bool take_name(struct cursor *in, const char *const *names, int count, unsigned width,
                      int *value) {
    for (int i = 0; i < count; i++) {
        struct str name = name_text(names[i], width);
        if ((size_t)(in->end - in->p) < name.len || memcmp(in->p, name.ptr, name.len) != 0)
            continue;
        in->p += name.len;
        *value = i;
        return true;
    }
    return false;
}

static unsigned digits_ahead(const struct cursor *in) {
    unsigned count = 0;
    while (in->p + count < in->end && count < 64 && in->p[count] >= '0' && in->p[count] <= '9')
        count++;
    return count;
}

static bool take_pattern_year(struct cursor *in, const struct pattern_item *item,
                              struct pattern_fields *f) {
    unsigned width = item->width;
    bool plus = width >= 4 && take_char(in, '+'), minus = !plus && width != 2 && take_char(in, '-');
    unsigned ahead = digits_ahead(in);
    unsigned max = ahead > item->reserve ? ahead - item->reserve : 0;
    if (width == 2) max = 2;
    if (max < width || max > 9) return false;
    if (width >= 4 && !minus && plus != (max > width)) return false;
    if (take_digits(in, max, &f->year) < width) return false;
    if (width == 2) f->year += 2000;
    if (minus) f->year = -f->year;
    f->has_year = true;
    return item->letter == 'u' ? !(minus && f->year == 0) : f->year > 0;
}

static bool take_pattern_number(struct cursor *in, const struct pattern_item *item, int *value) {
    unsigned ahead = digits_ahead(in), max = item->width;
    if (item->width == 1) max = ahead > item->reserve ? ahead - item->reserve : 0;
    if (item->letter == 'D') max = 3;
    return max >= 1 && max <= 9 && take_number(in, item->width, max, value);
}

static bool take_item(struct cursor *in, const struct pattern_item *item,
                      struct pattern_fields *f) {
    switch (item->letter) {
    case 'y':
    case 'u': return take_pattern_year(in, item, f);
    case 'M':
        if (item->width <= 2) return take_pattern_number(in, item, &f->month);
        if (!take_name(in, month_names, 12, item->width, &f->month)) return false;
        f->month++;
        return true;
    case 'd': return take_pattern_number(in, item, &f->day);
    case 'D': return take_pattern_number(in, item, &f->year_day);
    case 'H': return take_pattern_number(in, item, &f->hour);
    case 'h': return take_pattern_number(in, item, &f->hour12) && f->hour12 >= 1 && f->hour12 <= 12;
    case 'm': return take_pattern_number(in, item, &f->minute);
    case 's': return take_pattern_number(in, item, &f->second);
    case 'S':
        if (!take_number(in, item->width, item->width, &f->nanosecond)) return false;
        for (unsigned i = item->width; i < 9; i++)
            f->nanosecond *= 10;
        return true;
    case 'a':
        f->half = in->end - in->p >= 2 && in->p[0] == 'P';
        return (take_char(in, 'A') || take_char(in, 'P')) && take_char(in, 'M');
    case 'E': return take_name(in, day_names, 7, item->width, &f->week_day);
    }
    size_t len = item->literal.len;
    if ((size_t)(in->end - in->p) < len || memcmp(in->p, item->literal.ptr, len) != 0) return false;
    in->p += len;
    return true;
}

static int given_or(int value, int otherwise) {
    return value < 0 ? otherwise : value;
}

/* Missing parts are those of 1970-01-01 00:00. */
static bool fields_ms(const struct pattern_fields *f, int64_t *ms) {
    struct moment m = {.year = f->has_year ? f->year : 1970,
                       .month = given_or(f->month, 1),
                       .day = given_or(f->day, 1),
                       .hour = given_or(f->hour, 0),
                       .minute = given_or(f->minute, 0),
                       .second = given_or(f->second, 0),
                       .nanosecond = given_or(f->nanosecond, 0)};
    if (f->hour < 0 && f->hour12 >= 0 && f->half >= 0) m.hour = f->hour12 % 12 + 12 * f->half;
    int64_t instant;
    if (m.year < -YEAR_MAX || m.year > YEAR_MAX || !moment_ms(&m, true, &instant)) return false;
    if (f->year_day >= 0 && f->has_year) {
        int64_t first = days_from_civil(m.year, 1, 1);
        if (f->year_day < 1 || f->year_day > 365 + is_leap_year(m.year)) return false;
        instant = (first + f->year_day - 1) * DAY_MS + floor_mod(instant, DAY_MS);
    }
    if (f->week_day >= 0 && day_of_week(floor_div(instant, DAY_MS)) != f->week_day) return false;
    *ms = instant;
    return true;
}

bool date_pattern_read(const struct date_pattern *pattern, struct str text, int64_t *ms) {
    struct cursor in = cursor_of(text);
    struct pattern_fields f = {0, false, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    bool ok = true;
    for (uint32_t i = 0; ok && i < pattern->count; i++)
        ok = take_item(&in, &pattern->items[i], &f);
    if (ok && in.p == in.end && fields_ms(&f, ms)) return true;
    /* Flink's way out for "1999-9-10 05:20:10" and "1999-9-10", whatever the pattern says. */
    return timestamp_parse_lenient(str_trim(text), ms);
}
