/* SPDX-License-Identifier: Apache-2.0 */
/* Flink's conversions of JSON scalars, complete: every token to every column type. They follow
 * JsonParserToRowDataConverters (Flink 1.20), which leaves most of the work to Jackson's number
 * conversions and to Integer.parseInt, Double.parseDouble and BigDecimal; hence their grammars here. */
#include "data/decimal.h"
#include "data/numtext.h"
#include "decode/json_internal.h"

#include <stdlib.h>

/* String.trim: everything up to U+0020 goes, at both ends. */
static struct str java_trim(struct str s) {
    while (s.len && (uint8_t)s.ptr[0] <= ' ')
        s.ptr++, s.len--;
    while (s.len && (uint8_t)s.ptr[s.len - 1] <= ' ')
        s.len--;
    return s;
}

/* ---- integers ------------------------------------------------------------------------------------ */

/* The zeros of Unicode's decimal digits (general category Nd) of the basic plane. */
static const uint16_t unicode_zeros[] = {
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

/* Value of the digit at p with its length in bytes, or -1. */
static int unicode_digit(const uint8_t *p, const uint8_t *end, unsigned *len) {
    *len = utf8_length(p, end);
    uint32_t code = 0;
    if (*len == 1) code = p[0];
    if (*len == 2) code = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    if (*len == 3) code = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    for (size_t i = 0; i < ARRAY_LEN(unicode_zeros); i++)
        if (code >= unicode_zeros[i] && code < unicode_zeros[i] + 10u)
            return (int)(code - unicode_zeros[i]);
    return -1;
}

/* Long.parseLong(text.trim()) */
static bool java_integer(struct str text, int64_t *out) {
    text = java_trim(text);
    const uint8_t *p = (const uint8_t *)text.ptr, *end = p + text.len;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end) return false;
    int64_t value = 0; /* counts downwards, so that the smallest number fits */
    while (p < end) {
        unsigned len;
        int digit = unicode_digit(p, end, &len);
        if (digit < 0 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
        p += len;
    }
    if (!negative && value == INT64_MIN) return false;
    *out = negative ? value : -value;
    return true;
}

/* Jackson takes a number with fraction or exponent through double; 2^63 itself saturates. */
static bool double_to_i64(double number, int64_t min, int64_t max, int64_t *out) {
    if (number < (double)min || number > (double)max) return false;
    *out = number >= 0x1p63 ? INT64_MAX : (int64_t)number;
    return true;
}

static bool integer_convert(const struct json_token *token, bool truncates, int64_t min,
                            int64_t max, int64_t *out) {
    if (token->kind == JSON_TOKEN_DECIMAL && truncates)
        return double_to_i64(json_double(token->text), min, max, out);
    return java_integer(token->text, out) && *out >= min && *out <= max;
}

/* ---- doubles ------------------------------------------------------------------------------------- */

static size_t count_digits(struct str s, bool hex) {
    size_t count = 0;
    for (; count < s.len; count++) {
        char c = s.ptr[count], lower = (char)(c | 0x20);
        if (!(c >= '0' && c <= '9') && !(hex && lower >= 'a' && lower <= 'f')) break;
    }
    return count;
}

/* Skips an exponent whose letter is `letter`; false when the letter is there but no digit. */
static bool exponent_skip(struct str *s, char letter, bool *found) {
    *found = s->len && (s->ptr[0] | 0x20) == letter;
    if (!*found) return true;
    *s = str_from(*s, 1);
    if (s->len && (s->ptr[0] == '+' || s->ptr[0] == '-')) *s = str_from(*s, 1);
    size_t digits = count_digits(*s, false);
    *s = str_from(*s, digits);
    return digits > 0;
}

/* The grammar of Double.valueOf: 1 .5 5. 1e3 0x1p3 1.5f NaN -Infinity; not "", "1_0", "inf". */
static bool is_java_double(struct str s) {
    bool exponent;
    if (s.len && (s.ptr[0] == '+' || s.ptr[0] == '-')) s = str_from(s, 1);
    if (str_eq(s, STR("NaN")) || str_eq(s, STR("Infinity"))) return true;
    bool hex = s.len > 1 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x';
    if (hex) s = str_from(s, 2);
    size_t digits = count_digits(s, hex);
    s = str_from(s, digits);
    if (s.len && s.ptr[0] == '.') {
        size_t fraction = count_digits(str_from(s, 1), hex);
        digits += fraction;
        s = str_from(s, 1 + fraction);
    }
    if (digits == 0 || !exponent_skip(&s, hex ? 'p' : 'e', &exponent) || (hex && !exponent))
        return false;
    if (s.len && memchr("fFdD", s.ptr[0], 4)) s = str_from(s, 1);
    return s.len == 0;
}

/* strtod and strtof round exactly, as Java does, and stop at the suffix. */
static bool java_double(struct json_reader *reader, struct str text, double *f64, float *f32) {
    text = java_trim(text);
    if (!is_java_double(text)) return false;
    arena_reset(&reader->work);
    const char *c_string = arena_c_string(&reader->work, text);
    if (f64) *f64 = strtod(c_string, NULL);
    if (f32) *f32 = strtof(c_string, NULL);
    return true;
}

enum { NUMBER_BYTES_MAX = JSON_NUMBER_DIGITS_MAX + 16 }; /* sign, point and exponent come on top */

static const char *number_c_string(struct str text, char copy[NUMBER_BYTES_MAX]) {
    size_t len = text.len < NUMBER_BYTES_MAX ? text.len : NUMBER_BYTES_MAX - 1;
    memcpy(copy, text.ptr, len);
    copy[len] = 0;
    return copy;
}

double json_double(struct str text) {
    char copy[NUMBER_BYTES_MAX];
    return strtod(number_c_string(text, copy), NULL);
}

float json_float(struct str text) {
    char copy[NUMBER_BYTES_MAX];
    return strtof(number_c_string(text, copy), NULL);
}

/* ---- the rest ------------------------------------------------------------------------------------ */

bool json_timestamp(const struct json_reader *reader, enum json_op op, struct str text,
                    int64_t *ms) {
    if (op == JSON_TIMESTAMP_LTZ)
        return timestamp_parse_utc(text, reader->iso_8601 ? 'T' : ' ', ms);
    return reader->iso_8601 ? timestamp_parse_iso(text, ms) : timestamp_parse_sql(text, ms);
}

static bool boolean_convert(const struct json_token *token) {
    return token->kind == JSON_TOKEN_TRUE || str_eq_nocase(java_trim(token->text), STR("true"));
}

/* BigDecimal too takes the digits of all scripts. */
static struct str ascii_digits(struct json_reader *reader, struct str text) {
    const uint8_t *p = (const uint8_t *)text.ptr, *end = p + text.len;
    arena_reset(&reader->work);
    char *out = arena_alloc(&reader->work, text.len + 1);
    size_t len = 0;
    while (p < end) {
        unsigned taken;
        int digit = unicode_digit(p, end, &taken);
        out[len++] = digit < 0 ? (char)*p : (char)('0' + digit);
        p += digit < 0 ? 1 : taken;
    }
    return (struct str){out, len};
}

static bool decimal_convert(struct json_reader *reader, const struct json_field *field,
                            const struct json_token *token, i128 *out, bool *is_null) {
    if (token->kind == JSON_TOKEN_TRUE || token->kind == JSON_TOKEN_FALSE) return false;
    struct str text = java_trim(token->text);
    if (token->kind == JSON_TOKEN_STRING) text = ascii_digits(reader, text);
    enum decimal_parse result = decimal_parse(text, field->precision, field->scale, out);
    *is_null = result == DECIMAL_OVERFLOW;
    return result != DECIMAL_BAD;
}

bool json_convert(struct json_reader *reader, const struct json_field *field,
                  const struct json_token *token, struct vec *vec, uint32_t row) {
    int64_t integer = 0;
    bool ok = true, is_null = false;
    switch (field->op) {
    case JSON_SKIP: return true;
    case JSON_BOOLEAN: vec->boolean[row] = boolean_convert(token); break;
    case JSON_TINYINT:
        ok = integer_convert(token, false, INT8_MIN, INT8_MAX, &integer);
        if (ok) vec->i32[row] = (int32_t)integer;
        break;
    case JSON_SMALLINT:
        ok = integer_convert(token, false, INT16_MIN, INT16_MAX, &integer);
        if (ok) vec->i32[row] = (int32_t)integer;
        break;
    case JSON_INT:
        ok = integer_convert(token, true, INT32_MIN, INT32_MAX, &integer);
        if (ok) vec->i32[row] = (int32_t)integer;
        break;
    case JSON_BIGINT:
        ok = integer_convert(token, true, INT64_MIN, INT64_MAX, &vec->i64[row]);
        break;
    case JSON_FLOAT: ok = java_double(reader, token->text, NULL, &vec->f32[row]); break;
    case JSON_DOUBLE: ok = java_double(reader, token->text, &vec->f64[row], NULL); break;
    case JSON_DECIMAL: ok = decimal_convert(reader, field, token, &vec->dec[row], &is_null); break;
    case JSON_TEXT: vec->str[row] = token->text; break;
    case JSON_DATE: ok = date_parse_iso(token->text, &vec->i32[row]); break;
    case JSON_TIME: ok = time_parse_sql(token->text, &vec->i32[row]); break;
    case JSON_TIMESTAMP:
    case JSON_TIMESTAMP_LTZ:
        ok = json_timestamp(reader, field->op, token->text, &vec->i64[row]);
        break;
    }
    vec_set_valid(vec, row, ok && !is_null);
    return ok;
}
