/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer that owns its memory and is born with a maximum. What would exceed the
 * maximum is not appended and `overflow` sticks, so a writer may check once at the end. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/str.h"

struct buf {
    char *ptr;
    size_t len, capacity, max;
    bool overflow;
};

/* No memory is taken before the first append. */
void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf); /* zeroed afterwards; fine on a zeroed buf */
void buf_clear(struct buf *buf);   /* empty, keeps the capacity, resets overflow */

/* Makes room for `extra` more bytes and returns the write position, or NULL (overflow set). */
char *buf_reserve(struct buf *buf, size_t extra);
bool buf_append(struct buf *buf, struct str s);
bool buf_append_bytes(struct buf *buf, const void *bytes, size_t len);
bool buf_append_char(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
bool buf_append_i64(struct buf *buf, int64_t value);
/* The string with JSON escapes and without quotes: control characters, quote, backslash. Bytes that
 * are not UTF-8 become U+FFFD. */
bool buf_append_json(struct buf *buf, struct str s);
/* For terminals and logs: control bytes, bidi marks and invalid UTF-8 as \xNN, cut at max_chars
 * with an ellipsis. Text from topics is hostile. */
bool buf_append_visible(struct buf *buf, struct str s, size_t max_chars);
/* 1234567 as 1,234,567 */
bool buf_append_grouped(struct buf *buf, int64_t value);

static inline struct str buf_str(const struct buf *buf) {
    return (struct str){buf->len ? buf->ptr : "", buf->len};
}
/* NUL-terminated view, valid until the next append. */
const char *buf_c_string(struct buf *buf);

#endif
