/* SPDX-License-Identifier: Apache-2.0 */
/* Types that meet: the common type of two, implicit and explicit casts, and what an INSERT may assign. Casts
 * become rows of functions.def by physical type; where only the name of the type changes (TIMESTAMP and
 * TIMESTAMP_LTZ in UTC, VARCHAR(5) and STRING) the expression is retyped and costs nothing. */
#include "plan/bind.h"

#include "data/decimal.h"
#include "data/numtext.h"

/* ---- families ---- */

static bool type_supported(const struct type *type) {
    switch (type->id) {
    case TYPE_NULL:
    case TYPE_BOOLEAN:
    case TYPE_INT:
    case TYPE_BIGINT:
    case TYPE_DOUBLE:
    case TYPE_DECIMAL:
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_INTERVAL_MONTH:
    case TYPE_INTERVAL_MS: return true;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ: return type->precision <= 3;
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_FLOAT:
    case TYPE_BINARY:
    case TYPE_VARBINARY:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET:
    case TYPE_ROW: return false;
    }
    return false;
}

static const char *nearest_type(const struct type *type) {
    switch (type->id) {
    case TYPE_TINYINT:
    case TYPE_SMALLINT: return "declare it INT";
    case TYPE_FLOAT: return "declare it DOUBLE";
    case TYPE_DATE:
    case TYPE_TIME: return "declare it STRING, or use TIMESTAMP(3)";
    case TYPE_TIMESTAMP: return "declare it TIMESTAMP(3): plain TIMESTAMP is TIMESTAMP(6)";
    case TYPE_TIMESTAMP_LTZ: return "declare it TIMESTAMP_LTZ(3)";
    default: return "declare it STRING: JSON of nested values is kept as its text";
    }
}

bool require_supported(struct binder *b, const struct type *type, struct span span,
                       struct str what) {
    if (type_supported(type)) return true;
    return bind_error(b, span, "E0304", nearest_type(type),
                      "type " STR_FMT " of " STR_FMT " is not supported",
                      STR_ARG(type_text(b->job, type)), STR_ARG(what));
}

bool require_utc(struct binder *b, struct span span, const char *what) {
    if (!b->zone_is_utc)
        return bind_error(
            b, span, "E0337", "SET 'table.local-time-zone' = 'UTC'; or use TIMESTAMP(3)",
            "%s needs the session time zone; '" STR_FMT "' is not supported, only UTC", what,
            STR_ARG(b->settings.zone));
    if (!b->zone_was_set && !b->zone_noticed && !b->quiet) {
        b->zone_noticed = true;
        bind_notice(b, span, "N0407", "SET 'table.local-time-zone' = 'UTC';",
                    "%s reads the session time zone, which is not set; UTC is used", what);
    }
    return true;
}

/* ---- common types ---- */

static uint8_t at_most(unsigned value, unsigned limit) {
    return (uint8_t)(value < limit ? value : limit);
}
static unsigned max_of(unsigned a, unsigned c) {
    return a > c ? a : c;
}

struct type type_as_decimal(const struct type *type) {
    if (type->id == TYPE_DECIMAL) return *type;
    uint8_t digits = type->id == TYPE_TINYINT    ? 3
                     : type->id == TYPE_SMALLINT ? 5
                     : type->id == TYPE_INT      ? 10
                                                 : 19;
    return type_nullable(type_decimal(digits, 0), type->nullable);
}

static struct type common_decimal(const struct type *a, const struct type *b) {
    struct type x = type_as_decimal(a), y = type_as_decimal(b);
    unsigned whole = max_of((unsigned)(x.precision - x.scale), (unsigned)(y.precision - y.scale));
    unsigned scale = max_of(x.scale, y.scale);
    whole = at_most(whole, DECIMAL_PRECISION_MAX);
    scale = at_most(scale, DECIMAL_PRECISION_MAX - whole);
    return type_decimal((uint8_t)(whole + scale), (uint8_t)scale);
}

static bool common_number(const struct type *a, const struct type *b, struct type *out) {
    bool decimal = a->id == TYPE_DECIMAL || b->id == TYPE_DECIMAL;
    if (a->id == TYPE_DOUBLE || b->id == TYPE_DOUBLE ||
        ((a->id == TYPE_FLOAT || b->id == TYPE_FLOAT) && decimal))
        *out = type_of(TYPE_DOUBLE);
    else if (a->id == TYPE_FLOAT || b->id == TYPE_FLOAT)
        *out = type_of(TYPE_FLOAT);
    else if (decimal)
        *out = common_decimal(a, b);
    else
        *out = type_of(a->id > b->id ? a->id : b->id);
    return true;
}

static bool common_text(const struct type *a, const struct type *b, struct type *out) {
    *out = type_string();
    out->length = a->length > b->length ? a->length : b->length;
    if (a->id == TYPE_CHAR && b->id == TYPE_CHAR && a->length == b->length) out->id = TYPE_CHAR;
    return true;
}

static bool common_instant(const struct type *a, const struct type *b, struct type *out) {
    *out = type_of(a->id == b->id ? a->id : TYPE_TIMESTAMP_LTZ);
    out->precision = a->precision > b->precision ? a->precision : b->precision;
    return true;
}

bool type_common(const struct type *first, const struct type *second, struct type *out) {
    const struct type copies[] = {*first, *second}; /* *out may be one of them */
    const struct type *a = &copies[0], *b = &copies[1];
    bool nullable = a->nullable || b->nullable;
    bool ok = true;
    if (a->id == TYPE_NULL)
        *out = *b, nullable = true;
    else if (b->id == TYPE_NULL)
        *out = *a, nullable = true;
    else if (type_is_numeric(a->id) && type_is_numeric(b->id))
        ok = common_number(a, b, out);
    else if (type_is_text(a->id) && type_is_text(b->id))
        ok = common_text(a, b, out);
    else if (type_is_instant(a->id) && type_is_instant(b->id))
        ok = common_instant(a, b, out);
    else if (type_equal(a, b))
        *out = *a;
    else
        ok = false;
    if (!ok) return false;
    out->nullable = nullable;
    out->time = TIME_NONE;
    return true;
}

/* Integer digits come first; the scale keeps at least 6 digits if it had them. */
static struct type adjust_decimal(unsigned precision, unsigned scale) {
    if (precision <= DECIMAL_PRECISION_MAX) return type_decimal((uint8_t)precision, (uint8_t)scale);
    unsigned whole = precision - scale;
    unsigned least = scale < 6 ? scale : 6;
    unsigned left = whole < DECIMAL_PRECISION_MAX ? DECIMAL_PRECISION_MAX - whole : 0;
    return type_decimal(DECIMAL_PRECISION_MAX, (uint8_t)max_of(left, least));
}

struct type type_decimal_result(enum ast_binary_op op, const struct type *a, const struct type *b) {
    struct type x = type_as_decimal(a), y = type_as_decimal(b);
    unsigned p1 = x.precision, s1 = x.scale, p2 = y.precision, s2 = y.scale;
    unsigned scale;
    switch (op) {
    case AST_OP_MUL: return adjust_decimal(p1 + p2 + 1, s1 + s2);
    case AST_OP_DIV:
        scale = max_of(6, s1 + p2 + 1);
        return adjust_decimal(p1 - s1 + s2 + scale, scale);
    default:
        scale = max_of(s1, s2);
        return adjust_decimal(max_of(p1 - s1, p2 - s2) + scale + 1, scale);
    }
}

/* ---- literals are cast here, once ---- */

static bool fold_number(const struct expr *expr, const struct type *to, struct value *out) {
    const struct value *v = &expr->literal;
    enum phys from = type_phys(expr->type.id);
    bool integer = from == PHYS_I32 || from == PHYS_I64;
    int64_t whole = from == PHYS_I32 ? v->i32 : v->i64;
    if (integer && to->id == TYPE_BIGINT) return out->i64 = whole, true;
    if (integer && to->id == TYPE_DOUBLE) return out->f64 = (double)whole, true;
    if (integer && to->id == TYPE_DECIMAL)
        return decimal_rescale(whole, 0, to->scale, to->precision, &out->dec);
    if (expr->type.id == TYPE_DECIMAL && to->id == TYPE_DECIMAL)
        return decimal_rescale(v->dec, expr->type.scale, to->scale, to->precision, &out->dec);
    if (expr->type.id == TYPE_DECIMAL && to->id == TYPE_DOUBLE)
        return out->f64 = decimal_to_double(v->dec, expr->type.scale), true;
    return false;
}

static const struct expr *fold(struct binder *b, const struct expr *expr, const struct type *to) {
    if (expr->kind != EXPR_LITERAL) return NULL;
    struct value value = {.is_null = expr->literal.is_null};
    bool known = value.is_null;
    if (!known && type_is_numeric(expr->type.id) && type_is_numeric(to->id))
        known = fold_number(expr, to, &value);
    if (!known && type_is_text(expr->type.id) && type_is_instant(to->id) && to->precision == 3)
        known = timestamp_parse_lenient(expr->literal.str, &value.i64);
    if (!known) return NULL;
    struct type type = *to;
    type.nullable = value.is_null;
    type.time = TIME_NONE;
    return expr_literal(b, type, value, expr->span);
}

/* ---- casts by physical type ---- */

static enum function_id cast_function(const struct type *from, const struct type *to) {
    /* clang-format off */
    static const uint16_t table[PHYS_STR + 1][PHYS_STR + 1] = {
        [PHYS_BOOL] = {[PHYS_I32] = FUNCTION_CAST_B_I32, [PHYS_I64] = FUNCTION_CAST_B_I64,
                       [PHYS_F64] = FUNCTION_CAST_B_F64, [PHYS_STR] = FUNCTION_CAST_B_STR},
        [PHYS_I32] = {[PHYS_BOOL] = FUNCTION_CAST_I32_B, [PHYS_I64] = FUNCTION_CAST_I32_I64,
                      [PHYS_F64] = FUNCTION_CAST_I32_F64, [PHYS_I128] = FUNCTION_CAST_I32_DEC,
                      [PHYS_STR] = FUNCTION_CAST_I32_STR},
        [PHYS_I64] = {[PHYS_BOOL] = FUNCTION_CAST_I64_B, [PHYS_I32] = FUNCTION_CAST_I64_I32,
                      [PHYS_F64] = FUNCTION_CAST_I64_F64, [PHYS_I128] = FUNCTION_CAST_I64_DEC,
                      [PHYS_STR] = FUNCTION_CAST_I64_STR},
        [PHYS_F64] = {[PHYS_BOOL] = FUNCTION_CAST_F64_B, [PHYS_I32] = FUNCTION_CAST_F64_I32,
                      [PHYS_I64] = FUNCTION_CAST_F64_I64, [PHYS_I128] = FUNCTION_CAST_F64_DEC,
                      [PHYS_STR] = FUNCTION_CAST_F64_STR},
        [PHYS_I128] = {[PHYS_BOOL] = FUNCTION_CAST_DEC_B, [PHYS_I32] = FUNCTION_CAST_DEC_I32,
                       [PHYS_I64] = FUNCTION_CAST_DEC_I64, [PHYS_F64] = FUNCTION_CAST_DEC_F64,
                       [PHYS_I128] = FUNCTION_CAST_DEC_DEC, [PHYS_STR] = FUNCTION_CAST_DEC_STR},
        [PHYS_STR] = {[PHYS_BOOL] = FUNCTION_CAST_STR_B, [PHYS_I32] = FUNCTION_CAST_STR_I32,
                      [PHYS_I64] = FUNCTION_CAST_STR_I64, [PHYS_F64] = FUNCTION_CAST_STR_F64,
                      [PHYS_I128] = FUNCTION_CAST_STR_DEC, [PHYS_STR] = FUNCTION_CAST_STR_STR},
    };
    /* clang-format on */
    if (type_is_instant(from->id))
        return to->id == TYPE_VARCHAR ? FUNCTION_CAST_TS_STR : FUNCTION_COUNT;
    if (type_is_instant(to->id))
        return type_is_text(from->id) ? FUNCTION_CAST_STR_TS : FUNCTION_COUNT;
    enum phys source = type_phys(from->id), target = type_phys(to->id);
    if (source == PHYS_F32 || target == PHYS_F32 || source == PHYS_NESTED || target == PHYS_NESTED)
        return FUNCTION_COUNT;
    return table[source][target] ? (enum function_id)table[source][target] : FUNCTION_COUNT;
}

static enum function_id try_function(enum function_id function) {
    switch (function) {
    case FUNCTION_CAST_STR_B: return FUNCTION_TRY_CAST_STR_B;
    case FUNCTION_CAST_STR_I32: return FUNCTION_TRY_CAST_STR_I32;
    case FUNCTION_CAST_STR_I64: return FUNCTION_TRY_CAST_STR_I64;
    case FUNCTION_CAST_STR_F64: return FUNCTION_TRY_CAST_STR_F64;
    case FUNCTION_CAST_STR_DEC: return FUNCTION_TRY_CAST_STR_DEC;
    case FUNCTION_CAST_STR_TS: return FUNCTION_TRY_CAST_STR_TS;
    default: return function; /* cannot fail */
    }
}

static const struct expr *cast_once(struct binder *b, const struct expr *expr,
                                    const struct type *to, bool safe, struct span span) {
    enum function_id function = cast_function(&expr->type, to);
    if (function == FUNCTION_COUNT) return NULL;
    struct type type = *to;
    type.time = TIME_NONE;
    bool may_be_null = to->id == TYPE_DECIMAL || safe;
    type.nullable = expr->type.nullable || may_be_null;
    return expr_call(b, safe ? try_function(function) : function, type, span, 1, &expr);
}

/* Fraction digits are cut toward the past: the start of the window of 10^(3 - p) ms. */
static const struct expr *cast_instant(struct binder *b, const struct expr *expr,
                                       const struct type *to, struct span span) {
    if (expr->type.id != to->id &&
        !require_utc(b, span, "a cast between TIMESTAMP and TIMESTAMP_LTZ"))
        return NULL;
    struct type type = *to;
    type.nullable = expr->type.nullable;
    if (to->precision >= expr->type.precision) return expr_retype(b, expr, type);
    struct expr *cut = expr_call(b, FUNCTION_TUMBLE_START, type, span, 1, &expr);
    cut->imm = to->precision == 0 ? 1000 : to->precision == 1 ? 100 : 10;
    return cut;
}

static const struct expr *cast_text(struct binder *b, const struct expr *expr,
                                    const struct type *to, struct span span) {
    struct type type = *to;
    type.nullable = expr->type.nullable;
    bool fits = to->id == TYPE_VARCHAR && to->length >= expr->type.length;
    if (fits || (expr->type.id == to->id && expr->type.length == to->length))
        return expr_retype(b, expr, type);
    return cast_once(b, expr, to, false, span);
}

/* NULL when there is no such cast. */
static const struct expr *cast_any(struct binder *b, const struct expr *expr, const struct type *to,
                                   bool safe, struct span span) {
    const struct type *from = &expr->type;
    if (type_equal(from, to)) return expr;
    const struct expr *folded = safe ? NULL : fold(b, expr, to);
    if (folded) return folded;
    if (type_is_instant(from->id) && type_is_instant(to->id))
        return cast_instant(b, expr, to, span);
    if (type_is_text(from->id) && type_is_text(to->id)) return cast_text(b, expr, to, span);
    if (type_is_text(to->id) && !(to->id == TYPE_VARCHAR && to->length == TYPE_LENGTH_MAX)) {
        struct type string = type_string();
        const struct expr *text = cast_any(b, expr, &string, safe, span);
        return text ? cast_text(b, text, to, span) : NULL;
    }
    if (from->id == TYPE_BOOLEAN && to->id == TYPE_DECIMAL) {
        struct type digit = type_of(TYPE_INT);
        expr = cast_any(b, expr, &digit, safe, span);
    }
    if ((type_is_instant(from->id) && type_is_text(to->id) && from->id == TYPE_TIMESTAMP_LTZ) ||
        (type_is_text(from->id) && to->id == TYPE_TIMESTAMP_LTZ))
        if (!require_utc(b, span, "a cast between text and TIMESTAMP_LTZ")) return NULL;
    return cast_once(b, expr, to, safe, span);
}

const struct expr *coerce(struct binder *b, const struct expr *expr, const struct type *to) {
    return cast_any(b, expr, to, false, expr->span);
}

static bool is_interval(enum type_id id) {
    return id == TYPE_INTERVAL_MS || id == TYPE_INTERVAL_MONTH;
}

const struct expr *cast_explicit(struct binder *b, const struct expr *expr, const struct type *to,
                                 bool safe, struct span span) {
    const struct type *from = &expr->type;
    if (!require_supported(b, to, span, STR("this CAST"))) return NULL;
    if (type_is_numeric(from->id) && type_is_instant(to->id)) {
        bind_error(
            b, span, "E0218",
            "TO_TIMESTAMP_LTZ(x, 3) for milliseconds, TO_TIMESTAMP_LTZ(x, 0) for seconds",
            "The cast from NUMERIC type to TIMESTAMP type is not allowed. It's recommended to use "
            "TO_TIMESTAMP(FROM_UNIXTIME(numeric_col)) instead, note the numeric is in seconds.");
        return NULL;
    }
    bool refused = (type_is_instant(from->id) && type_is_numeric(to->id)) ||
                   is_interval(from->id) || (from->id == TYPE_BOOLEAN && type_is_instant(to->id)) ||
                   (to->id == TYPE_BOOLEAN && type_is_instant(from->id));
    const struct expr *cast = refused ? NULL : cast_any(b, expr, to, safe, span);
    if (!cast && !(type_is_instant(from->id) && !refused)) {
        bind_error(b, span, "E0218", NULL,
                   "Cast function cannot convert value of type " STR_FMT " to type " STR_FMT,
                   STR_ARG(type_text(b->job, from)), STR_ARG(type_text(b->job, to)));
        return NULL;
    }
    if (cast == expr && expr->type.time != TIME_NONE) { /* a CAST loses the time attribute */
        struct type plain = expr->type;
        plain.time = TIME_NONE;
        return expr_retype(b, expr, plain);
    }
    return cast;
}

/* ---- INSERT ---- */

bool type_assignable(const struct type *from, const struct type *to) {
    if (from->id == TYPE_NULL) return true;
    if (type_is_integer(from->id))
        return (type_is_integer(to->id) && to->id >= from->id) || to->id == TYPE_FLOAT ||
               to->id == TYPE_DOUBLE || to->id == TYPE_DECIMAL;
    if (from->id == TYPE_FLOAT) return to->id == TYPE_FLOAT || to->id == TYPE_DOUBLE;
    if (from->id == TYPE_DECIMAL) return to->id == TYPE_DECIMAL || to->id == TYPE_DOUBLE;
    if (from->id == TYPE_DOUBLE) return to->id == TYPE_DOUBLE || to->id == TYPE_DECIMAL;
    if (from->id == TYPE_CHAR)
        return to->id == TYPE_VARCHAR || (to->id == TYPE_CHAR && to->length == from->length);
    if (from->id == TYPE_VARCHAR) return to->id == TYPE_VARCHAR;
    if (type_is_instant(from->id)) return type_is_instant(to->id);
    return type_equal(from, to);
}
