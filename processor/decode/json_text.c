/* SPDX-License-Identifier: Apache-2.0 */
/* Strings as Jackson reads and Java writes them. A Java string is UTF-16, so text is built from UTF-16
 * units here too: two halves of a surrogate pair join wherever they come from (\ud83d\ude00, or the six
 * bytes of CESU-8), and a half that stays alone becomes '?', which is what Java's UTF-8 encoder writes. */
#include "decode/json_internal.h"

struct writer {
    char *out;
    size_t len;
    uint32_t high; /* a high surrogate that waits for its partner, or 0 */
};

static void unit_put(struct writer *w, uint32_t unit) {
    bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (w->high && low) {
        w->len += utf8_put(0x10000 + ((w->high - 0xD800) << 10) + (unit - 0xDC00), w->out + w->len);
        w->high = 0;
        return;
    }
    if (w->high) w->out[w->len++] = '?';
    w->high = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
    if (w->high) return;
    if (low) {
        w->out[w->len++] = '?';
    } else {
        w->len += utf8_put(unit, w->out + w->len);
    }
}

static bool hex4(const uint8_t *p, const uint8_t *end, uint32_t *value) {
    *value = 0;
    if (end - p < 4) return false;
    for (int i = 0; i < 4; i++) {
        uint8_t c = p[i], lower = c | 0x20;
        bool digit = c >= '0' && c <= '9';
        if (!digit && (lower < 'a' || lower > 'f')) return false;
        *value = *value << 4 | (uint32_t)(digit ? c - '0' : lower - 'a' + 10);
    }
    return true;
}

/* p is at the backslash; returns the length, or 0. */
static unsigned escape_take(const uint8_t *p, const uint8_t *end, struct writer *w) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (end - p < 2) return 0;
    if (p[1] == 'u') {
        uint32_t unit;
        if (!hex4(p + 2, end, &unit)) return 0;
        unit_put(w, unit);
        return 6;
    }
    const char *at = p[1] ? strchr(names, p[1]) : NULL;
    if (!at) return 0;
    unit_put(w, (uint8_t)meanings[at - names]);
    return 2;
}

/* A sequence of two to four bytes; returns its length, or 0. Jackson looks only at the first byte's class
 * and at the continuation bits. It turns impossible four-byte forms into garbage; here they are bad. */
static unsigned sequence_take(const uint8_t *p, const uint8_t *end, struct writer *w) {
    unsigned len = p[0] >= 0xF8 || p[0] < 0xC0 ? 0 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (len == 0 || end - p < (ptrdiff_t)len) return 0;
    uint32_t code = p[0] & (0xFFu >> (len + 1));
    for (unsigned i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if (len < 4) {
        unit_put(w, code);
        return len;
    }
    if (code < 0x10000 || code > 0x10FFFF) return 0;
    unit_put(w, 0xD800 + ((code - 0x10000) >> 10));
    unit_put(w, 0xDC00 + (code & 0x3FF));
    return len;
}

bool json_text_decode(const uint8_t **at, const uint8_t *end, char *out, size_t *len) {
    struct writer w = {.out = out};
    const uint8_t *p = *at;
    while (p < end && *p != '"') {
        unsigned taken = 1;
        if (*p == '\\') {
            taken = escape_take(p, end, &w);
        } else if (*p >= 0x80) {
            taken = sequence_take(p, end, &w);
        } else if (w.high) {
            unit_put(&w, *p);
        } else {
            out[w.len++] = (char)*p;
        }
        if (taken == 0) break;
        p += taken;
    }
    bool ok = p < end && *p == '"';
    if (w.high) w.out[w.len++] = '?';
    *at = ok ? p + 1 : p;
    if (ok) *len = w.len;
    return ok;
}

/* ---- numbers and words --------------------------------------------------------------------------- */

static size_t digits_skip(const uint8_t **p, const uint8_t *end) {
    const uint8_t *first = *p;
    while (*p < end && **p >= '0' && **p <= '9')
        (*p)++;
    return (size_t)(*p - first);
}

bool json_number_scan(const uint8_t **p, const uint8_t *end, bool *integer) {
    *integer = true;
    if (*p < end && **p == '-') (*p)++;
    const uint8_t *first = *p;
    size_t count = digits_skip(p, end), total = count;
    if (count == 0) return false;
    if (*first == '0' && count > 1) return *p = first + 1, false;
    if (*p < end && **p == '.') {
        (*p)++;
        total += count = digits_skip(p, end);
        if (count == 0) return false;
        *integer = false;
    }
    if (*p < end && (**p | 0x20) == 'e') {
        (*p)++;
        if (*p < end && (**p == '+' || **p == '-')) (*p)++;
        total += count = digits_skip(p, end);
        if (count == 0) return false;
        *integer = false;
    }
    return total <= JSON_NUMBER_DIGITS_MAX;
}

bool json_word_scan(const uint8_t **p, const uint8_t *end, const char *word) {
    for (; *word; word++, (*p)++)
        if (*p == end || **p != (uint8_t)*word) return false;
    return true;
}
