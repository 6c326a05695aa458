/* SPDX-License-Identifier: Apache-2.0 */
#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fatal.h"

void buf_init(struct buf *buf, size_t max_bytes) {
    *buf = (struct buf){.max = max_bytes};
}

void buf_release(struct buf *buf) {
    free(buf->ptr);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf) {
    buf->len = 0;
    buf->overflow = false;
}

char *buf_reserve(struct buf *buf, size_t extra) {
    size_t need;
    if (__builtin_add_overflow(buf->len, extra, &need) || need > buf->max) {
        buf->overflow = true;
        return NULL;
    }
    if (need + 1 > buf->capacity) {
        size_t capacity = buf->capacity ? buf->capacity * 2 : 256;
        if (capacity < need + 1) capacity = need + 1;
        buf->ptr = memory_resize(buf->ptr, capacity, 1);
        buf->capacity = capacity;
    }
    return buf->ptr + buf->len;
}

bool buf_append_bytes(struct buf *buf, const void *bytes, size_t len) {
    char *at = buf_reserve(buf, len);
    if (!at) return false;
    if (len) memcpy(at, bytes, len);
    buf->len += len;
    return true;
}

bool buf_append(struct buf *buf, struct str s) {
    return buf_append_bytes(buf, s.ptr, s.len);
}
bool buf_append_char(struct buf *buf, char c) {
    return buf_append_bytes(buf, &c, 1);
}

bool buf_printf(struct buf *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = need < 0 ? NULL : buf_reserve(buf, (size_t)need);
    if (at) {
        vsnprintf(at, (size_t)need + 1, format, again);
        buf->len += (size_t)need;
    }
    va_end(again);
    return at != NULL;
}

bool buf_append_i64(struct buf *buf, int64_t value) {
    char digits[20];
    size_t n = 0;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[n++] = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    char *at = buf_reserve(buf, n + (value < 0));
    if (!at) return false;
    if (value < 0) *at++ = '-', buf->len++;
    for (size_t i = 0; i < n; i++)
        at[i] = digits[n - 1 - i];
    buf->len += n;
    return true;
}

static const char hex[] = "0123456789abcdef";

bool buf_append_json(struct buf *buf, struct str s) {
    static const char shorts[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    const uint8_t *p = (const uint8_t *)s.ptr, *end = p + s.len;
    bool ok = true;
    while (p < end) {
        unsigned n = utf8_length(p, end);
        if (n == 0) {
            ok &= buf_append(buf, STR("\xEF\xBF\xBD"));
            p++;
        } else if (*p == '"' || *p == '\\') {
            char pair[2] = {'\\', (char)*p++};
            ok &= buf_append_bytes(buf, pair, 2);
        } else if (*p < 0x20) {
            char unicode[6] = {'\\', 'u', '0', '0', hex[*p >> 4], hex[*p & 15]};
            char brief[2] = {'\\', shorts[*p]};
            ok &= brief[1] ? buf_append_bytes(buf, brief, 2) : buf_append_bytes(buf, unicode, 6);
            p++;
        } else {
            const uint8_t *plain = p;
            while (p < end && *p >= 0x20 && *p != '"' && *p != '\\' && *p < 0x80)
                p++;
            if (p == plain) p += n;
            ok &= buf_append_bytes(buf, plain, (size_t)(p - plain));
        }
    }
    return ok;
}

/* C1 controls, bidi embeddings and isolates, zero-width marks: they can rewrite a terminal line. */
static bool is_hostile(const uint8_t *p, unsigned n) {
    if (n == 2) return p[0] == 0xC2 && p[1] < 0xA0;
    if (n != 3 || p[0] != 0xE2) return false;
    return (p[1] == 0x80 && ((p[2] >= 0x8B && p[2] <= 0x8F) || (p[2] >= 0xA8 && p[2] <= 0xAE))) ||
           (p[1] == 0x81 && p[2] >= 0xA0 && p[2] <= 0xAF);
}

bool buf_append_visible(struct buf *buf, struct str s, size_t max_chars) {
    const uint8_t *p = (const uint8_t *)s.ptr, *end = p + s.len;
    bool ok = true;
    for (size_t chars = 0; p < end; chars++) {
        if (chars == max_chars) return buf_append(buf, STR("…")) && ok;
        unsigned n = utf8_length(p, end);
        if (n == 0 || *p < 0x20 || *p == 0x7F || is_hostile(p, n)) {
            unsigned bytes = n ? n : 1;
            for (unsigned i = 0; i < bytes; i++) {
                char escape[4] = {'\\', 'x', hex[p[i] >> 4], hex[p[i] & 15]};
                ok &= buf_append_bytes(buf, escape, 4);
            }
            p += bytes;
        } else {
            ok &= buf_append_bytes(buf, p, n);
            p += n;
        }
    }
    return ok;
}

bool buf_append_grouped(struct buf *buf, int64_t value) {
    struct buf digits;
    buf_init(&digits, 32);
    bool ok = buf_append_i64(&digits, value);
    struct str text = buf_str(&digits);
    for (size_t i = 0; i < text.len; i++) {
        ok &= buf_append_char(buf, text.ptr[i]);
        size_t left = text.len - i - 1;
        if (left && left % 3 == 0 && text.ptr[i] != '-') ok &= buf_append_char(buf, ',');
    }
    buf_release(&digits);
    return ok;
}

const char *buf_c_string(struct buf *buf) {
    if (!buf->capacity) return "";
    buf->ptr[buf->len] = 0;
    return buf->ptr;
}
