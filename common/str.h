/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed bytes: pointer and length, not terminated, may contain NUL. C strings appear only at the
 * edges (argv, foreign calls, literals). An empty slice points at "", never NULL. */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/attributes.h"

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal "", sizeof(literal) - 1})
#define STR_INIT(literal)                                                                          \
    { "" literal "", sizeof(literal) - 1 } /* for static tables */
#define STR_FMT "%.*s"
/* For STR_FMT; evaluates its argument more than once, so never hand it a call with side effects. */
#define STR_ARG(s) (int)((s).len > 4096 ? 4096 : (s).len), (s).ptr

static inline struct str str_of(const char *c_string) {
    return (struct str){c_string ? c_string : "", c_string ? strlen(c_string) : 0};
}

static inline bool str_eq(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Byte order, shorter first on a tie: the order of Flink's BinaryStringData and of Kafka keys. */
static inline int str_compare(struct str a, struct str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s);                          /* blanks, tabs, CR, LF */
struct str str_from(struct str s, size_t start);            /* tail, empty beyond the end */
struct str str_sub(struct str s, size_t start, size_t len); /* clipped to s */
bool str_find(struct str s, struct str needle, size_t *at); /* first occurrence */

/* Splits off what stands before the first `separator`; *rest is the remainder after it (empty and
 * *more false when there is none). */
struct str str_split(struct str s, char separator, struct str *rest, bool *more);

/* Whole-slice number parsing: no blanks, no trailing text; false on overflow or empty. */
bool parse_i64(struct str s, int64_t *out) MUST_CHECK;
bool parse_u64(struct str s, uint64_t *out) MUST_CHECK;
bool parse_f64(struct str s, double *out) MUST_CHECK; /* decimal text; "C" locale */
bool parse_bool(struct str s, bool *out) MUST_CHECK;  /* true | false, any case */

/* "200ms", "5 s", "1 min", "10 h", "1 d", as Flink's TimeUtils names units; a bare number is
 * milliseconds. */
bool parse_duration_ms(struct str s, int64_t *out_ms) MUST_CHECK;
/* "64MiB", "4GiB", "512 kb", bare bytes. */
bool parse_size_bytes(struct str s, uint64_t *out_bytes) MUST_CHECK;

/* Levenshtein distance, capped at 255, for "did you mean". */
unsigned str_distance(struct str a, struct str b);

/* Length of the UTF-8 sequence at p (1..4), or 0 when it is malformed, overlong, a surrogate, above
 * U+10FFFF, or cut off at `end`. */
unsigned utf8_length(const uint8_t *p, const uint8_t *end);
bool utf8_valid(struct str s);
/* Number of code points; s must be valid UTF-8. */
size_t utf8_chars(struct str s);
/* Appends one code point as UTF-8 to out (>= 4 bytes); returns the length. */
unsigned utf8_put(uint32_t code_point, char *out);

/* FNV-1a, for small look-up tables only. */
uint64_t str_hash(struct str s);

#endif
