/* SPDX-License-Identifier: Apache-2.0 */
/* String slices and the number texts of options and settings. */
#include "common/str.h"

#include <errno.h>
#include <stdlib.h>

static unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return (unsigned char)(u >= 'A' && u <= 'Z' ? u + 32 : u);
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
    return true;
}

bool str_starts(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq((struct str){s.ptr, prefix.len}, prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s) {
    while (s.len && is_blank(s.ptr[0]))
        s.ptr++, s.len--;
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct str str_from(struct str s, size_t start) {
    if (start >= s.len) return STR("");
    return (struct str){s.ptr + start, s.len - start};
}

struct str str_sub(struct str s, size_t start, size_t len) {
    struct str tail = str_from(s, start);
    if (tail.len > len) tail.len = len;
    return tail;
}

bool str_find(struct str s, struct str needle, size_t *at) {
    for (size_t i = 0; needle.len <= s.len && i <= s.len - needle.len; i++)
        if (str_eq((struct str){s.ptr + i, needle.len}, needle)) return *at = i, true;
    return false;
}

struct str str_split(struct str s, char separator, struct str *rest, bool *more) {
    const char *hit = s.len ? memchr(s.ptr, separator, s.len) : NULL;
    *more = hit != NULL;
    if (!hit) {
        *rest = STR("");
        return s;
    }
    size_t at = (size_t)(hit - s.ptr);
    *rest = str_from(s, at + 1);
    return (struct str){s.ptr, at};
}

bool parse_u64(struct str s, uint64_t *out) {
    uint64_t value = 0;
    if (s.len == 0) return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool parse_i64(struct str s, int64_t *out) {
    bool negative = s.len && s.ptr[0] == '-';
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) s = str_from(s, 1);
    uint64_t magnitude;
    if (!parse_u64(s, &magnitude)) return false;
    if (magnitude > (uint64_t)INT64_MAX + negative) return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool parse_f64(struct str s, double *out) {
    char text[512];
    if (s.len == 0 || s.len >= sizeof text || is_blank(s.ptr[0])) return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    char *end;
    double value = strtod(text, &end);
    if (end != text + s.len) return false;
    *out = value;
    return true;
}

bool parse_bool(struct str s, bool *out) {
    if (str_eq_nocase(s, STR("true"))) return *out = true, true;
    if (str_eq_nocase(s, STR("false"))) return *out = false, true;
    return false;
}

struct unit {
    struct str name;
    uint64_t factor;
};

/* Number, optional blanks, unit from the table; fractions are not accepted. */
static bool parse_with_unit(struct str s, const struct unit *units, size_t n, uint64_t *out) {
    size_t digits = 0;
    s = str_trim(s);
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
        digits++;
    uint64_t number;
    if (!parse_u64((struct str){s.ptr, digits}, &number)) return false;
    struct str unit = str_trim(str_from(s, digits));
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(unit, units[i].name))
            return !__builtin_mul_overflow(number, units[i].factor, out);
    return false;
}

bool parse_duration_ms(struct str s, int64_t *out_ms) {
    static const struct unit units[] = {
        {STR_INIT(""), 1},          {STR_INIT("ms"), 1},          {STR_INIT("milli"), 1},
        {STR_INIT("millis"), 1},    {STR_INIT("millisecond"), 1}, {STR_INIT("milliseconds"), 1},
        {STR_INIT("s"), 1000},      {STR_INIT("sec"), 1000},      {STR_INIT("secs"), 1000},
        {STR_INIT("second"), 1000}, {STR_INIT("seconds"), 1000},  {STR_INIT("m"), 60000},
        {STR_INIT("min"), 60000},   {STR_INIT("minute"), 60000},  {STR_INIT("minutes"), 60000},
        {STR_INIT("h"), 3600000},   {STR_INIT("hour"), 3600000},  {STR_INIT("hours"), 3600000},
        {STR_INIT("d"), 86400000},  {STR_INIT("day"), 86400000},  {STR_INIT("days"), 86400000},
    };
    uint64_t ms;
    if (!parse_with_unit(s, units, ARRAY_LEN(units), &ms) || ms > (uint64_t)INT64_MAX) return false;
    *out_ms = (int64_t)ms;
    return true;
}

bool parse_size_bytes(struct str s, uint64_t *out_bytes) {
    static const struct unit units[] = {
        {STR_INIT(""), 1},          {STR_INIT("b"), 1},          {STR_INIT("k"), 1u << 10},
        {STR_INIT("kb"), 1u << 10}, {STR_INIT("kib"), 1u << 10}, {STR_INIT("m"), 1u << 20},
        {STR_INIT("mb"), 1u << 20}, {STR_INIT("mib"), 1u << 20}, {STR_INIT("g"), 1u << 30},
        {STR_INIT("gb"), 1u << 30}, {STR_INIT("gib"), 1u << 30},
    };
    return parse_with_unit(s, units, ARRAY_LEN(units), out_bytes);
}

unsigned str_distance(struct str a, struct str b) {
    unsigned row[65];
    if (a.len > 64 || b.len > 64) return 255;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned cost = diagonal + (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < cost) cost = row[j] + 1;
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1;
            row[j] = cost;
        }
    }
    return row[b.len];
}

unsigned utf8_length(const uint8_t *p, const uint8_t *end) {
    size_t left = (size_t)(end - p);
    if (left == 0) return 0;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xC2 || left < 2 || (p[1] & 0xC0) != 0x80) return 0;
    if (p[0] < 0xE0) return 2;
    if (left < 3 || (p[2] & 0xC0) != 0x80) return 0;
    if (p[0] < 0xF0) {
        if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
        if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogate */
        return 3;
    }
    if (p[0] > 0xF4 || left < 4 || (p[3] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
}

bool utf8_valid(struct str s) {
    const uint8_t *p = (const uint8_t *)s.ptr, *end = p + s.len;
    while (p < end) {
        unsigned n = utf8_length(p, end);
        if (n == 0) return false;
        p += n;
    }
    return true;
}

size_t utf8_chars(struct str s) {
    size_t chars = 0;
    for (size_t i = 0; i < s.len; i++)
        chars += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return chars;
}

unsigned utf8_put(uint32_t c, char *out) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) {
        out[0] = (char)(0xC0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | (c >> 12));
        out[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (c >> 18));
    out[1] = (char)(0x80 | ((c >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((c >> 6) & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

uint64_t str_hash(struct str s) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    return hash;
}
