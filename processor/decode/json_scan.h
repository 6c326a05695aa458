/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loop of the JSON walks: find the end of a string. One mask finds quote, backslash and
 * non-ASCII bytes together, so that plain ASCII pays nothing for being validated.
 *
 * SSE2 belongs to every x86-64, so there is no run-time dispatch; wider vectors measured the same on
 * events of some hundred bytes. The scalar twin is compiled everywhere, is what other processors use, and
 * is chosen for all code by -DDECANT_SCALAR. Nothing here reads a byte at or after `end`. */
#ifndef DECODE_JSON_SCAN_H
#define DECODE_JSON_SCAN_H

#include "common/str.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#if defined(__SSE2__) && !defined(DECANT_SCALAR)
#define JSON_SSE2 1
#else
#define JSON_SSE2 0
#endif

static inline bool json_is_blank(uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const uint8_t *json_blanks(const uint8_t *p, const uint8_t *end) {
    while (p < end && json_is_blank(*p))
        p++;
    return p;
}

/* First quote, backslash or non-ASCII byte at or after p; `end` when there is none. */
static inline const uint8_t *json_stop_scalar(const uint8_t *p, const uint8_t *end) {
    while (p < end && *p != '"' && *p != '\\' && *p < 0x80)
        p++;
    return p;
}

#if defined(__SSE2__)
static inline const uint8_t *json_stop_sse2(const uint8_t *p, const uint8_t *end) {
    const __m128i quote = _mm_set1_epi8('"'), escape = _mm_set1_epi8('\\');
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, escape));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(v, hit)); /* bit 7: non-ASCII */
        if (mask) return p + __builtin_ctz(mask);
    }
    return json_stop_scalar(p, end);
}
#endif

static inline const uint8_t *json_stop(const uint8_t *p, const uint8_t *end) {
#if JSON_SSE2
    return json_stop_sse2(p, end);
#else
    return json_stop_scalar(p, end);
#endif
}

/* Are the `len` bytes at p those of `literal`? The literal is padded to a multiple of 16 bytes; p is not,
 * so the last bytes of a record take the plain way. */
static inline bool json_matches(const uint8_t *p, const uint8_t *end, const char *literal,
                                uint32_t len) {
#if JSON_SSE2
    if (end - p >= (ptrdiff_t)((len + 15) & ~15u)) {
        while (len > 16) {
            __m128i a = _mm_loadu_si128((const void *)p),
                    b = _mm_loadu_si128((const void *)literal);
            if (_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) != 0xFFFF) return false;
            p += 16, literal += 16, len -= 16;
        }
        __m128i a = _mm_loadu_si128((const void *)p), b = _mm_loadu_si128((const void *)literal);
        unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
        return (~equal & ((1u << len) - 1)) == 0;
    }
#endif
    return end - p >= (ptrdiff_t)len && (len == 0 || memcmp(p, literal, len) == 0);
}

/* Copies text of a record; `out` has 16 bytes more than needed. Most texts are short, and two moves are
 * cheaper than a call. */
static inline void json_text_copy(char *out, const uint8_t *p, size_t len, const uint8_t *end) {
#if JSON_SSE2
    if (len <= 32 && end - p >= 32) {
        _mm_storeu_si128((void *)out, _mm_loadu_si128((const void *)p));
        if (len > 16) _mm_storeu_si128((void *)(out + 16), _mm_loadu_si128((const void *)(p + 16)));
        return;
    }
#else
    (void)end;
#endif
    if (len) memcpy(out, p, len);
}

#endif
