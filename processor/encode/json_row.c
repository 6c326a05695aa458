/* SPDX-License-Identifier: Apache-2.0 */
/* JSON and raw rows as Flink's formats write them (RowDataToJsonConverters on Jackson, RawFormat). */
#include "encode/steps.h"

#include "data/decimal.h"
#include "data/numtext.h"

static const char hex[] = "0123456789ABCDEF";

static void append_unicode(struct buf *out, uint32_t unit) {
    char text[6] = {
        '\\',          'u', hex[(unit >> 12) & 15], hex[(unit >> 8) & 15], hex[(unit >> 4) & 15],
        hex[unit & 15]};
    buf_append_bytes(out, text, 6);
}

/* Jackson leaves all but control characters, quote and backslash as they are, and writes characters beyond
 * the basic plane as a pair of surrogate escapes. */
void json_append_string(struct buf *out, struct str s) {
    static const char shorts[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    const uint8_t *p = (const uint8_t *)s.ptr, *end = p + s.len;
    buf_append_char(out, '"');
    while (p < end) {
        unsigned n = utf8_length(p, end);
        if (*p == '"' || *p == '\\' || (*p < 0x20 && shorts[*p])) {
            char pair[2] = {'\\', *p < 0x20 ? shorts[*p] : (char)*p};
            buf_append_bytes(out, pair, 2);
        } else if (*p < 0x20) {
            append_unicode(out, *p);
        } else if (n == 4) {
            uint32_t c = ((uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
                          (uint32_t)(p[2] & 63) << 6 | (p[3] & 63u)) -
                         0x10000;
            append_unicode(out, 0xD800 + (c >> 10));
            append_unicode(out, 0xDC00 + (c & 0x3FF));
        } else {
            buf_append_bytes(out, p, n ? n : 1);
        }
        p += n ? n : 1;
    }
    buf_append_char(out, '"');
}

struct str json_prefix(struct arena *job, struct str name, bool first) {
    struct buf text;
    buf_init(&text, 64 * 1024);
    buf_append_char(&text, first ? '{' : ',');
    json_append_string(&text, name);
    buf_append_char(&text, ':');
    struct str copy = arena_str(job, buf_str(&text));
    buf_release(&text);
    return copy;
}

/* BigDecimal.stripTrailingZeros().toString(): plain while scale >= 0 and the exponent is above -7, else
 * scientific (100.00 is 1E+2). */
static void append_decimal(struct buf *out, i128 value, int scale, bool plain) {
    while (value != 0 && value % 10 == 0)
        value /= 10, scale--;
    if (value == 0) scale = 0;
    struct buf digits;
    buf_init(&digits, 64);
    decimal_print(&digits, value < 0 ? -value : value, 0);
    int exponent = (int)digits.len - 1 - scale;
    if (value < 0) buf_append_char(out, '-');
    if (scale >= 0 && (exponent >= -6 || plain)) {
        decimal_print(out, value < 0 ? -value : value, (unsigned)scale);
    } else if (plain) {
        buf_append(out, buf_str(&digits));
        for (int i = scale; i < 0; i++)
            buf_append_char(out, '0');
    } else {
        buf_append_char(out, digits.ptr[0]);
        if (digits.len > 1) {
            buf_append_char(out, '.');
            buf_append(out, str_from(buf_str(&digits), 1));
        }
        buf_printf(out, "E%+d", exponent);
    }
    buf_release(&digits);
}

static void append_base64(struct buf *out, struct str s) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = (const uint8_t *)s.ptr;
    buf_append_char(out, '"');
    for (size_t i = 0; i < s.len; i += 3) {
        size_t n = s.len - i < 3 ? s.len - i : 3;
        uint32_t bits =
            (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0);
        char quad[4] = {alphabet[bits >> 18], alphabet[(bits >> 12) & 63],
                        n > 1 ? alphabet[(bits >> 6) & 63] : '=',
                        n > 2 ? alphabet[bits & 63] : '='};
        buf_append_bytes(out, quad, 4);
    }
    buf_append_char(out, '"');
}

static void append_double(struct buf *out, double number) {
    bool special = number != number || number - number != 0; /* NaN, Infinity: strings in Flink */
    if (special) buf_append_char(out, '"');
    double_print(out, number);
    if (special) buf_append_char(out, '"');
}

static void append_time(struct buf *out, const struct type *type, const struct vec *vec,
                        uint32_t row, bool iso) {
    buf_append_char(out, '"');
    if (type->id == TYPE_DATE) {
        struct buf text;
        buf_init(&text, 64);
        timestamp_print(&text, (int64_t)vec->i32[row] * 86400000, 0);
        buf_append(out, str_sub(buf_str(&text), 0, text.len - 9));
        buf_release(&text);
    } else if (type->id == TYPE_TIME) {
        int32_t s = vec->i32[row] / 1000;
        buf_printf(out, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    } else {
        timestamp_print_json(out, vec->i64[row], iso ? 'T' : ' ');
        if (type->id == TYPE_TIMESTAMP_LTZ) buf_append_char(out, 'Z');
    }
    buf_append_char(out, '"');
}

static void append_value(struct buf *out, const struct format_options *options,
                         const struct type *type, const struct vec *vec, uint32_t row) {
    if (type->id == TYPE_DATE || type->id == TYPE_TIME || type_is_instant(type->id)) {
        append_time(out, type, vec, row, options->iso_8601);
        return;
    }
    switch (vec->phys) {
    case PHYS_BOOL: buf_append(out, vec->boolean[row] ? STR("true") : STR("false")); return;
    case PHYS_I32: buf_append_i64(out, vec->i32[row]); return;
    case PHYS_I64: buf_append_i64(out, vec->i64[row]); return;
    case PHYS_F32: append_double(out, (double)vec->f32[row]); return;
    case PHYS_F64: append_double(out, vec->f64[row]); return;
    case PHYS_I128:
        append_decimal(out, vec->dec[row], type->scale, options->decimal_as_plain);
        return;
    case PHYS_STR:
        if (type_is_text(type->id))
            json_append_string(out, vec->str[row]);
        else
            append_base64(out, vec->str[row]);
        return;
    case PHYS_NESTED: return; /* refused by the binder */
    }
}

bool json_append_row(struct buf *out, const struct row_format *format, const struct batch *rows,
                     uint32_t row) {
    bool first = true;
    for (uint32_t i = 0; i < format->count; i++) {
        const struct encode_step *step = &format->steps[i];
        const struct vec *vec = &rows->columns[step->column];
        bool valid = vec_is_valid(vec, row);
        if (!valid && format->options->ignore_null_fields) continue;
        buf_append_char(out, first ? '{' : ',');
        buf_append(out, str_from(step->prefix, 1));
        if (valid)
            append_value(out, format->options, &step->type, vec, row);
        else
            buf_append(out, STR("null"));
        first = false;
    }
    if (first) buf_append_char(out, '{');
    return !out->overflow;
}

static void append_fixed(struct buf *out, uint64_t bits, unsigned bytes, bool little_endian) {
    for (unsigned i = 0; i < bytes; i++)
        buf_append_char(out, (char)(bits >> (8 * (little_endian ? i : bytes - 1 - i))));
}

bool raw_append(struct buf *out, const struct row_format *format, const struct batch *rows,
                uint32_t row) {
    const struct encode_step *step = &format->steps[0];
    const struct vec *vec = &rows->columns[step->column];
    bool little = format->options->little_endian;
    uint64_t bits = 0;
    if (!vec_is_valid(vec, row)) return true;
    switch (vec->phys) {
    case PHYS_BOOL: append_fixed(out, vec->boolean[row] != 0, 1, little); break;
    case PHYS_I32: {
        unsigned bytes = step->type.id == TYPE_TINYINT ? 1 : step->type.id == TYPE_SMALLINT ? 2 : 4;
        append_fixed(out, (uint64_t)(int64_t)vec->i32[row], bytes, little);
        break;
    }
    case PHYS_I64: append_fixed(out, (uint64_t)vec->i64[row], 8, little); break;
    case PHYS_F32:
        memcpy(&bits, &vec->f32[row], 4);
        append_fixed(out, bits, 4, little);
        break;
    case PHYS_F64:
        memcpy(&bits, &vec->f64[row], 8);
        append_fixed(out, bits, 8, little);
        break;
    case PHYS_STR: buf_append(out, vec->str[row]); break;
    case PHYS_I128:
    case PHYS_NESTED: return false; /* the raw format knows no such type; refused by the binder */
    }
    return !out->overflow;
}
