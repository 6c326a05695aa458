/* SPDX-License-Identifier: Apache-2.0 */
#include "data/value.h"

#include "common/clock.h"
#include "data/decimal.h"
#include "data/numtext.h"

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* The bits of a double as an integer whose order is Double.compare's: all NaN are one value above
 * Infinity, and -0.0 stands below 0.0. */
static int64_t double_rank(double number) {
    int64_t bits;
    if (number != number) return INT64_MAX;
    memcpy(&bits, &number, sizeof bits);
    return bits >= 0 ? bits : (int64_t)((uint64_t)INT64_MIN - (uint64_t)bits) - 1;
}

int value_compare(enum phys phys, const struct value *a, const struct value *b) {
    switch (phys) {
    case PHYS_BOOL: return ORDER(a->boolean, b->boolean);
    case PHYS_I32: return ORDER(a->i32, b->i32);
    case PHYS_I64: return ORDER(a->i64, b->i64);
    case PHYS_F32: return ORDER(double_rank(a->f32), double_rank(b->f32));
    case PHYS_F64: return ORDER(double_rank(a->f64), double_rank(b->f64));
    case PHYS_I128: return ORDER(a->dec, b->dec);
    case PHYS_STR: return ORDER(str_compare(a->str, b->str), 0);
    case PHYS_NESTED: break;
    }
    return 0;
}

bool value_equal(enum phys phys, const struct value *a, const struct value *b) {
    if (a->is_null || b->is_null) return a->is_null == b->is_null;
    return value_compare(phys, a, b) == 0;
}

static void print_date(struct buf *out, int32_t days) {
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    buf_printf(out, "%04lld-%02d-%02d", (long long)year, month, day);
}

static void print_time(struct buf *out, int32_t ms, unsigned digits) {
    static const int32_t cut[] = {1000, 100, 10, 1};
    buf_printf(out, "%02d:%02d:%02d", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60);
    if (digits > 3) digits = 3;
    if (digits) buf_printf(out, ".%0*d", (int)digits, ms % 1000 / cut[digits]);
}

void value_print(struct buf *out, const struct type *type, const struct value *value) {
    if (value->is_null) {
        buf_append(out, STR("NULL"));
        return;
    }
    switch (type->id) {
    case TYPE_DATE: print_date(out, value->i32); return;
    case TYPE_TIME: print_time(out, value->i32, type->precision); return;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ:
        timestamp_print(out, value->i64, type->precision > 3 ? 3 : type->precision);
        return;
    default: break;
    }
    switch (type_phys(type->id)) {
    case PHYS_BOOL: buf_append(out, value->boolean ? STR("TRUE") : STR("FALSE")); break;
    case PHYS_I32: buf_append_i64(out, value->i32); break;
    case PHYS_I64: buf_append_i64(out, value->i64); break;
    case PHYS_F32: double_print(out, value->f32); break;
    case PHYS_F64: double_print(out, value->f64); break;
    case PHYS_I128: decimal_print(out, value->dec, type->scale); break;
    case PHYS_STR: buf_append(out, value->str); break;
    case PHYS_NESTED: buf_append(out, STR("(nested)")); break;
    }
}
