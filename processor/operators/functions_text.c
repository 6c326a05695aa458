/* SPDX-License-Identifier: Apache-2.0 */
/* Text functions. Lengths and positions count code points; text is valid UTF-8 (the decoder saw to it).
 * Results that are part of an argument point into it, new text goes to the batch's scratch. */
#include "operators/kernels.h"

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

static int32_t count_chars(struct str s) {
    int32_t chars = 0;
    for (size_t i = 0; i < s.len; i++)
        chars += !is_continuation(s.ptr[i]);
    return chars;
}

/* Byte position of code point `chars`, or the end. */
static size_t char_offset(struct str s, int64_t chars) {
    size_t at = 0;
    for (; at < s.len; at++)
        if (!is_continuation(s.ptr[at]) && chars-- == 0) break;
    return at;
}

bool kernel_CONCAT(struct eval *eval, const struct step *step) {
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        size_t len = 0;
        for (uint32_t k = 0; k < step->arg_count; k++)
            len += step_arg(eval, step, k)->str[i].len;
        char *text = eval_new_text(eval, len), *at = text;
        for (uint32_t k = 0; k < step->arg_count; k++) {
            struct str part = step_arg(eval, step, k)->str[i];
            if (part.len) memcpy(at, part.ptr, part.len);
            at += part.len;
        }
        out->str[i] = (struct str){text, len};
    }
    return true;
}

/* Flink: 0 acts as 1, a start before the text gives the empty text, a negative length is NULL. */
static struct str substring(struct str s, int32_t from, int32_t length) {
    int64_t start = from > 0 ? (int64_t)from - 1 : 0;
    if (from < 0) start = (int64_t)count_chars(s) + from;
    if (start < 0) return STR("");
    struct str tail = str_from(s, char_offset(s, start));
    return str_sub(tail, 0, char_offset(tail, length));
}

bool kernel_SUBSTRING(struct eval *eval, const struct step *step) {
    const struct vec *text = step_arg(eval, step, 0), *from = step_arg(eval, step, 1);
    const struct vec *length = step->arg_count > 2 ? step_arg(eval, step, 2) : NULL;
    struct vec *out = step_out(eval, step);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        out->valid[w] = text->valid[w] & from->valid[w] & (length ? length->valid[w] : UINT64_MAX);
    FOR_ACTIVE(eval, out->valid, i) {
        int32_t chars = length ? length->i32[i] : INT32_MAX;
        if (chars < 0)
            vec_set_valid(out, i, false);
        else
            out->str[i] = substring(text->str[i], from->i32[i], chars);
    }
    return true;
}

bool kernel_CHAR_LENGTH(struct eval *eval, const struct step *step) {
    const struct str *a = step_arg(eval, step, 0)->str;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        out->i32[i] = count_chars(a[i]);
    }
    return true;
}

bool kernel_TRIM(struct eval *eval, const struct step *step) {
    const struct str *a = step_arg(eval, step, 0)->str;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        struct str s = a[i];
        while (s.len && s.ptr[s.len - 1] == ' ')
            s.len--;
        while (s.len && s.ptr[0] == ' ')
            s = str_from(s, 1);
        out->str[i] = s;
    }
    return true;
}

/* Latin blocks: pairs of (upper, lower) stand next to each other, on even or odd code points. */
static bool pairs_even(uint32_t c) {
    return (c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177);
}
static bool pairs_odd(uint32_t c) {
    return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
}

static uint32_t to_lower(uint32_t c) {
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c < 0xc0 || c == 0xd7 || c == 0x130) return c; /* 130: two code points in Java */
    if (c <= 0xde) return c + 32;
    if (c == 0x178) return 0xff;
    if (pairs_even(c)) return c | 1;
    return pairs_odd(c) && c % 2 ? c + 1 : c;
}

static uint32_t to_upper(uint32_t c) {
    if (c >= 'a' && c <= 'z') return c - 32;
    if (c == 0xb5) return 0x39c; /* micro sign */
    if (c < 0xe0 || c == 0xf7) return c;
    if (c <= 0xfe) return c - 32;
    if (c == 0xff) return 0x178;
    if (c == 0x131) return 'I';
    if (c == 0x17f) return 'S';
    if (pairs_even(c)) return c & ~1u;
    return pairs_odd(c) && c % 2 == 0 ? c - 1 : c;
}

/* Only one- and two-byte sequences change, and none becomes longer. */
static struct str map_chars(struct eval *eval, struct str s, uint32_t (*map)(uint32_t)) {
    char *text = eval_new_text(eval, s.len + 4);
    size_t to = 0;
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x80) {
            text[to++] = (char)map(c);
            i++;
        } else if ((c & 0xe0) == 0xc0 && i + 1 < s.len) {
            uint32_t point = (c & 0x1fu) << 6 | ((unsigned char)s.ptr[i + 1] & 0x3fu);
            to += utf8_put(map(point), text + to);
            i += 2;
        } else {
            text[to++] = s.ptr[i++];
        }
    }
    return (struct str){text, to};
}

bool kernel_UPPER(struct eval *eval, const struct step *step) {
    const struct str *a = step_arg(eval, step, 0)->str;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        out->str[i] = map_chars(eval, a[i], to_upper);
    }
    return true;
}

bool kernel_LOWER(struct eval *eval, const struct step *step) {
    const struct str *a = step_arg(eval, step, 0)->str;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        out->str[i] = map_chars(eval, a[i], to_lower);
    }
    return true;
}
