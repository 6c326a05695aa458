/* SPDX-License-Identifier: Apache-2.0 */
/* CAST and TRY_CAST. Rules of Flink: integers wrap, DOUBLE saturates, DECIMAL that does not fit is NULL,
 * text that cannot be read fails the job (TRY_CAST: NULL). */
#include <stdlib.h>

#include "data/decimal.h"
#include "data/numtext.h"
#include "operators/kernels.h"

/* TINYINT and SMALLINT live in 32 bits. */
static int32_t wrap_to(enum type_id id, int64_t value) {
    if (id == TYPE_TINYINT) return (int8_t)(uint64_t)value;
    if (id == TYPE_SMALLINT) return (int16_t)(uint64_t)value;
    return (int32_t)(uint64_t)value;
}

static int64_t limit_of(enum type_id id) {
    switch (id) {
    case TYPE_TINYINT: return INT8_MAX;
    case TYPE_SMALLINT: return INT16_MAX;
    case TYPE_BIGINT: return INT64_MAX;
    default: return INT32_MAX;
    }
}

static int32_t saturate_i32(enum type_id id, double number) {
    double limit = (double)limit_of(id);
    if (number != number) return 0;
    if (number >= limit) return (int32_t)limit;
    if (number <= -limit - 1) return (int32_t)(-limit - 1);
    return (int32_t)number;
}

static int64_t saturate_i64(double number) {
    if (number != number) return 0;
    if (number >= 0x1p63) return INT64_MAX;
    if (number < -0x1p63) return INT64_MIN;
    return (int64_t)number;
}

static i128 whole_part(i128 value, unsigned scale) {
    return value / decimal_power(scale);
}

/* Every row: a conversion that cannot fail. */
#define CAST_ALL(ID, FROM, FROM_TYPE, TO, TO_TYPE, EXPRESSION)                                     \
    bool kernel_CAST_##ID(struct eval *eval, const struct step *step) {                            \
        const FROM_TYPE *restrict a = step_arg(eval, step, 0)->FROM;                               \
        TO_TYPE *restrict out = step_out(eval, step)->TO;                                          \
        for (uint32_t i = 0; i < eval->rows; i++)                                                  \
            out[i] = (TO_TYPE)(EXPRESSION);                                                        \
        return true;                                                                               \
    }

CAST_ALL(B_I32, boolean, uint8_t, i32, int32_t, a[i])
CAST_ALL(B_I64, boolean, uint8_t, i64, int64_t, a[i])
CAST_ALL(B_F64, boolean, uint8_t, f64, double, a[i])
CAST_ALL(I32_B, i32, int32_t, boolean, uint8_t, a[i] != 0)
CAST_ALL(I32_I64, i32, int32_t, i64, int64_t, a[i])
CAST_ALL(I32_F64, i32, int32_t, f64, double, a[i])
CAST_ALL(I64_B, i64, int64_t, boolean, uint8_t, a[i] != 0)
CAST_ALL(I64_I32, i64, int64_t, i32, int32_t, wrap_to(step->expr->type.id, a[i]))
CAST_ALL(I64_F64, i64, int64_t, f64, double, a[i])
CAST_ALL(F64_B, f64, double, boolean, uint8_t, a[i] != 0)
CAST_ALL(F64_I32, f64, double, i32, int32_t, saturate_i32(step->expr->type.id, a[i]))
CAST_ALL(F64_I64, f64, double, i64, int64_t, saturate_i64(a[i]))

static unsigned arg_scale(const struct step *step) {
    return step->expr->args[0]->type.scale;
}

/* Rows that count and are not NULL. */
#define CAST_EACH(ID, STATEMENT)                                                                   \
    bool kernel_CAST_##ID(struct eval *eval, const struct step *step) {                            \
        const struct vec *a = step_arg(eval, step, 0);                                             \
        struct vec *out = step_out(eval, step);                                                    \
        FOR_ACTIVE(eval, a->valid, i) {                                                            \
            STATEMENT;                                                                             \
        }                                                                                          \
        return true;                                                                               \
    }

CAST_EACH(DEC_B, out->boolean[i] = a->dec[i] != 0)
CAST_EACH(DEC_I32, out->i32[i] = wrap_to(step->expr->type.id,
                                         (int64_t)whole_part(a->dec[i], arg_scale(step))))
CAST_EACH(DEC_I64, out->i64[i] = (int64_t)whole_part(a->dec[i], arg_scale(step)))
CAST_EACH(DEC_F64, out->f64[i] = decimal_to_double(a->dec[i], arg_scale(step)))

/* To DECIMAL(p, s): NULL when it does not fit. */
#define CAST_TO_DECIMAL(ID, EXPRESSION)                                                            \
    bool kernel_CAST_##ID(struct eval *eval, const struct step *step) {                            \
        const struct vec *a = step_arg(eval, step, 0);                                             \
        struct vec *out = step_out(eval, step);                                                    \
        unsigned precision = step->expr->type.precision, scale = step->expr->type.scale;           \
        vec_clear_valid(out);                                                                      \
        FOR_ACTIVE(eval, a->valid, i) {                                                            \
            vec_set_valid(out, i, (EXPRESSION));                                                   \
        }                                                                                          \
        return true;                                                                               \
    }

CAST_TO_DECIMAL(I32_DEC, decimal_rescale(a->i32[i], 0, scale, precision, &out->dec[i]))
CAST_TO_DECIMAL(I64_DEC, decimal_rescale(a->i64[i], 0, scale, precision, &out->dec[i]))
CAST_TO_DECIMAL(F64_DEC, decimal_from_double(a->f64[i], precision, scale, &out->dec[i]))
CAST_TO_DECIMAL(DEC_DEC,
                decimal_rescale(a->dec[i], arg_scale(step), scale, precision, &out->dec[i]))

/* To text: `PRINT` writes to `text`. */
#define CAST_TO_TEXT(ID, PRINT)                                                                    \
    bool kernel_CAST_##ID(struct eval *eval, const struct step *step) {                            \
        const struct vec *a = step_arg(eval, step, 0);                                             \
        struct vec *out = step_out(eval, step);                                                    \
        struct buf *text = &eval->text;                                                            \
        FOR_ACTIVE(eval, a->valid, i) {                                                            \
            buf_clear(text);                                                                       \
            PRINT;                                                                                 \
            out->str[i] = eval_take_text(eval);                                                    \
        }                                                                                          \
        return true;                                                                               \
    }

CAST_TO_TEXT(I32_STR, buf_append_i64(text, a->i32[i]))
CAST_TO_TEXT(I64_STR, buf_append_i64(text, a->i64[i]))
CAST_TO_TEXT(F64_STR, double_print(text, a->f64[i]))
CAST_TO_TEXT(DEC_STR, decimal_print(text, a->dec[i], arg_scale(step)))
CAST_TO_TEXT(TS_STR, timestamp_print(text, a->i64[i],
                                     step->expr->args[0]->type.precision > 3
                                         ? 3u
                                         : step->expr->args[0]->type.precision))

CAST_EACH(B_STR, out->str[i] = a->boolean[i] ? STR("TRUE") : STR("FALSE"))

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* CHAR(n), VARCHAR(n): cut to n code points; CHAR is padded with blanks. */
bool kernel_CAST_STR_STR(struct eval *eval, const struct step *step) {
    const struct vec *a = step_arg(eval, step, 0);
    struct vec *out = step_out(eval, step);
    const struct type *type = &step->expr->type;
    FOR_ACTIVE(eval, a->valid, i) {
        struct str text = a->str[i];
        size_t end = 0, chars = 0;
        for (; end < text.len; end++) {
            if (is_continuation(text.ptr[end])) continue;
            if (chars == type->length) break;
            chars++;
        }
        text.len = end;
        if (type->id == TYPE_CHAR && chars < type->length) {
            size_t pad = type->length - chars;
            char *padded = eval_new_text(eval, text.len + pad);
            memcpy(padded, text.ptr, text.len);
            memset(padded + text.len, ' ', pad);
            text = (struct str){padded, text.len + pad};
        }
        out->str[i] = text;
    }
    return true;
}

/* Readers of text: NULL when it was read, else why not, in Flink's words. */
typedef const char *text_reader(struct eval *eval, const struct type *type, struct str text,
                                struct vec *out, uint32_t row, bool *is_null);

static const char *read_bool(struct eval *eval, const struct type *type, struct str text,
                             struct vec *out, uint32_t row, bool *is_null) {
    static const struct str words[2][5] = {
        {STR_INIT("f"), STR_INIT("false"), STR_INIT("n"), STR_INIT("no"), STR_INIT("0")},
        {STR_INIT("t"), STR_INIT("true"), STR_INIT("y"), STR_INIT("yes"), STR_INIT("1")}};
    (void)eval, (void)type, (void)is_null;
    for (uint8_t value = 0; value < 2; value++)
        for (uint32_t w = 0; w < 5; w++)
            if (str_eq_nocase(text, words[value][w])) {
                out->boolean[row] = value;
                return NULL;
            }
    return "Cannot parse '%.*s' as BOOLEAN.";
}

/* [sign] digits [. digits]: the fraction is checked and cut. */
static const char *read_integer(enum type_id id, struct str text, int64_t *out) {
    text = str_trim(text);
    if (!text.len) return "For input string: '%.*s'. Input is empty.";
    size_t at = 0;
    bool negative = text.ptr[0] == '-';
    if (negative || text.ptr[0] == '+') at = 1;
    if (at == text.len)
        return "For input string: '%.*s'. Input has only positive or negative symbol.";
    int64_t value = 0, limit = limit_of(id); /* negative, because its range is one larger */
    bool fraction = false;
    for (; at < text.len; at++) {
        if (text.ptr[at] == '.' && !fraction) {
            fraction = true;
            continue;
        }
        int digit = text.ptr[at] - '0';
        if (digit < 0 || digit > 9) return "For input string: '%.*s'. Invalid character found.";
        if (fraction) continue;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value) || value < -limit - 1)
            return "For input string: '%.*s'. Overflow.";
    }
    if (!negative && value < -limit) return "For input string: '%.*s'. Overflow.";
    *out = negative ? value : -value;
    return NULL;
}

static const char *read_i32(struct eval *eval, const struct type *type, struct str text,
                            struct vec *out, uint32_t row, bool *is_null) {
    (void)eval, (void)is_null;
    int64_t value = 0;
    const char *why = read_integer(type->id, text, &value);
    if (!why) out->i32[row] = (int32_t)value;
    return why;
}

static const char *read_i64(struct eval *eval, const struct type *type, struct str text,
                            struct vec *out, uint32_t row, bool *is_null) {
    (void)eval, (void)is_null;
    return read_integer(type->id, text, &out->i64[row]);
}

/* Java's grammar of a decimal floating point number, without its suffix: [sign] digits [. digits]
 * [exponent], a digit on at least one side of the point. */
static bool is_java_double(struct str s) {
    size_t at = 0, digits = 0;
    if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+')) at++;
    for (bool point = false; at < s.len; at++) {
        if (s.ptr[at] == '.' && !point)
            point = true;
        else if (s.ptr[at] >= '0' && s.ptr[at] <= '9')
            digits++;
        else
            break;
    }
    if (!digits) return false;
    if (at == s.len) return true;
    if (s.ptr[at] != 'e' && s.ptr[at] != 'E') return false;
    at++;
    if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+')) at++;
    if (at == s.len) return false;
    for (; at < s.len; at++)
        if (s.ptr[at] < '0' || s.ptr[at] > '9') return false;
    return true;
}

static const char *read_f64(struct eval *eval, const struct type *type, struct str text,
                            struct vec *out, uint32_t row, bool *is_null) {
    (void)type, (void)is_null;
    struct str number = str_trim(text), name = number;
    bool negative = name.len && name.ptr[0] == '-';
    if (name.len && (negative || name.ptr[0] == '+')) name = str_from(name, 1);
    if (str_eq(name, STR("NaN"))) return out->f64[row] = __builtin_nan(""), NULL;
    if (str_eq(name, STR("Infinity"))) {
        out->f64[row] = negative ? -__builtin_inf() : __builtin_inf();
        return NULL;
    }
    if (!number.len) return "empty String";
    char last = number.ptr[number.len - 1];
    if (last == 'd' || last == 'D' || last == 'f' || last == 'F') number.len--;
    if (!is_java_double(number)) return "For input string: \"%.*s\"";
    buf_clear(&eval->text);
    buf_append(&eval->text, number);
    out->f64[row] =
        strtod(buf_c_string(&eval->text), NULL); /* beyond the range: Infinity, as Java */
    return NULL;
}

static const char *read_decimal(struct eval *eval, const struct type *type, struct str text,
                                struct vec *out, uint32_t row, bool *is_null) {
    (void)eval;
    switch (decimal_parse(str_trim(text), type->precision, type->scale, &out->dec[row])) {
    case DECIMAL_OK: return NULL;
    case DECIMAL_OVERFLOW: return *is_null = true, NULL;
    case DECIMAL_BAD: break;
    }
    return "For input string: '%.*s'. Invalid character found.";
}

static const char *read_timestamp(struct eval *eval, const struct type *type, struct str text,
                                  struct vec *out, uint32_t row, bool *is_null) {
    (void)eval, (void)type, (void)is_null;
    if (timestamp_parse_lenient(text, &out->i64[row])) return NULL;
    return "Fail to parse '%.*s' to timestamp.";
}

/* The words may contain %.*s once, for the text. */
static bool fail_reading(struct eval *eval, const struct step *step, const char *why,
                         struct str text) {
    struct str words = str_of(why), mark = STR("%.*s");
    size_t at;
    if (!str_find(words, mark, &at)) return eval_fail(eval, step, "%s", why);
    buf_clear(&eval->text);
    buf_append_visible(&eval->text, text, 100);
    return eval_fail(eval, step, STR_FMT STR_FMT STR_FMT, (int)at, why,
                     STR_ARG(buf_str(&eval->text)), STR_ARG(str_from(words, at + mark.len)));
}

static bool read_rows(struct eval *eval, const struct step *step, text_reader *read, bool try) {
    const struct vec *a = step_arg(eval, step, 0);
    struct vec *out = step_out(eval, step);
    vec_clear_valid(out);
    FOR_ACTIVE(eval, a->valid, i) {
        bool is_null = false;
        const char *why = read(eval, &step->expr->type, a->str[i], out, i, &is_null);
        if (why && !try) return fail_reading(eval, step, why, a->str[i]);
        vec_set_valid(out, i, !why && !is_null);
    }
    return true;
}

#define READERS(SUFFIX, READ)                                                                      \
    bool kernel_CAST_STR_##SUFFIX(struct eval *eval, const struct step *step) {                    \
        return read_rows(eval, step, READ, false);                                                 \
    }                                                                                              \
    bool kernel_TRY_CAST_STR_##SUFFIX(struct eval *eval, const struct step *step) {                \
        return read_rows(eval, step, READ, true);                                                  \
    }

READERS(B, read_bool)
READERS(I32, read_i32)
READERS(I64, read_i64)
READERS(F64, read_f64)
READERS(DEC, read_decimal)
READERS(TS, read_timestamp)
