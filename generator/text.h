/* SPDX-License-Identifier: Apache-2.0 */
/* Writing record text without snprintf: each function writes at a cursor and returns the cursor
 * behind. The caller's buffer has room for the longest record (scenario.h), so nothing is
 * checked. */
#ifndef GENERATOR_TEXT_H
#define GENERATOR_TEXT_H

#include "common/clock.h"

static inline char *text_bytes(char *at, const char *bytes, size_t len) {
    memcpy(at, bytes, len);
    return at + len;
}
#define TEXT(at, literal) text_bytes((at), "" literal "", sizeof(literal) - 1)

static inline char *text_str(char *at, struct str s) {
    return text_bytes(at, s.ptr, s.len);
}

static inline char *text_u64(char *at, uint64_t value) {
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return text_bytes(at, digits + n, sizeof digits - n);
}

static inline char *text_pair(char *at, unsigned value) { /* two digits */
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

/* 1234 as 12.34 */
static inline char *text_hundredths(char *at, uint64_t value) {
    at = text_u64(at, value / 100);
    *at++ = '.';
    return text_pair(at, (unsigned)(value % 100));
}

/* Eight hexadecimal digits: spreads the nibbles over eight bytes, then adds '0', or 'a' - 10
 * where a nibble exceeds 9, to all of them at once. */
static inline char *text_hex(char *at, uint32_t value) {
    uint64_t x = value;
    x = (x & 0xffff0000u) << 16 | (x & 0xffffu);
    x = (x & 0x0000ff000000ff00u) << 8 | (x & 0x000000ff000000ffu);
    x = (x & 0x00f000f000f000f0u) << 4 | (x & 0x000f000f000f000fu);
    uint64_t above_9 = (x + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
    x += 0x3030303030303030u + above_9 * ('a' - 10 - '0');
    for (int i = 0; i < 8; i++)
        at[i] = (char)(x >> (56 - 8 * i)); /* one bswap and one store */
    return at + 8;
}

/* A version 4 UUID from 128 random bits. */
static inline char *text_uuid(char *at, uint64_t high, uint64_t low) {
    char hex[32];
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
    text_hex(hex, (uint32_t)(high >> 32));
    text_hex(hex + 8, (uint32_t)high);
    text_hex(hex + 16, (uint32_t)(low >> 32));
    text_hex(hex + 24, (uint32_t)low);
    memcpy(at, hex, 8);
    memcpy(at + 9, hex + 8, 4);
    memcpy(at + 14, hex + 12, 4);
    memcpy(at + 19, hex + 16, 4);
    memcpy(at + 24, hex + 20, 12);
    at[8] = at[13] = at[18] = at[23] = '-';
    return at + 36;
}

/* "2026-01-01T10:00:00.123"; the calendar is asked once per second of event time. */
struct text_time {
    int64_t second; /* that `text` shows; 0 and an empty text at first */
    char text[CLOCK_TEXT_BYTES];
};

enum { TIME_TEXT_BYTES = 23 }; /* years 0000 to 9999 */

static inline char *text_time(char *at, int64_t ms, struct text_time *cache) {
    int64_t second = floor_div(ms, 1000);
    unsigned milli = (unsigned)floor_mod(ms, 1000);
    if (second != cache->second || !cache->text[0]) {
        clock_format_iso(second * 1000, cache->text);
        cache->second = second;
    }
    memcpy(at, cache->text, TIME_TEXT_BYTES);
    at[20] = (char)('0' + milli / 100);
    text_pair(at + 21, milli % 100);
    return at + TIME_TEXT_BYTES;
}

#endif
