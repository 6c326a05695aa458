/* SPDX-License-Identifier: Apache-2.0 */
/* Time functions on milliseconds. The session zone is UTC, so TIMESTAMP and TIMESTAMP_LTZ read alike. */
#include "common/clock.h"
#include "data/decimal.h"
#include "data/numtext.h"
#include "operators/kernels.h"

enum { MS_PER_DAY = 86400000 };

/* The instants that TO_TIMESTAMP_LTZ takes: years 0000 to 9999. */
static const int64_t EPOCH_MS_MIN = -62167219200000, EPOCH_MS_MAX = 253402300799999;

bool kernel_DATE_FORMAT(struct eval *eval, const struct step *step) {
    const int64_t *a = step_arg(eval, step, 0)->i64;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        buf_clear(&eval->text);
        date_pattern_format(step->expr->pattern, a[i], &eval->text);
        out->str[i] = eval_take_text(eval);
    }
    return true;
}

bool kernel_TO_TIMESTAMP(struct eval *eval, const struct step *step) {
    const struct vec *a = step_arg(eval, step, 0);
    struct vec *out = step_out(eval, step);
    const struct date_pattern *pattern = step->expr->pattern;
    vec_clear_valid(out);
    FOR_ACTIVE(eval, a->valid, i) {
        vec_set_valid(out, i,
                      pattern ? date_pattern_read(pattern, a->str[i], &out->i64[i])
                              : timestamp_parse_lenient(a->str[i], &out->i64[i]));
    }
    return true;
}

static bool epoch_from_number(int64_t number, bool seconds, int64_t *ms) {
    if (number < (seconds ? floor_div(EPOCH_MS_MIN, 1000) : EPOCH_MS_MIN)) return false;
    if (number > (seconds ? EPOCH_MS_MAX / 1000 : EPOCH_MS_MAX)) return false;
    *ms = seconds ? number * 1000 : number;
    return true;
}

static bool epoch_from_double(double number, bool seconds, int64_t *ms) {
    double scaled = seconds ? number * 1000 : number; /* seconds keep their fraction */
    if (!(scaled >= (double)EPOCH_MS_MIN && scaled <= (double)EPOCH_MS_MAX)) return false;
    *ms = (int64_t)scaled;
    return true;
}

bool kernel_TO_TIMESTAMP_LTZ(struct eval *eval, const struct step *step) {
    const struct vec *a = step_arg(eval, step, 0);
    const struct expr *expr = step->expr;
    struct vec *out = step_out(eval, step);
    int64_t precision = expr->arg_count > 1 ? expr->args[1]->literal.i32 : expr->imm;
    bool seconds = precision == 0;
    vec_clear_valid(out);
    FOR_ACTIVE(eval, a->valid, i) {
        int64_t *ms = &out->i64[i];
        bool ok = false;
        switch (a->phys) {
        case PHYS_I32: ok = epoch_from_number(a->i32[i], seconds, ms); break;
        case PHYS_I64: ok = epoch_from_number(a->i64[i], seconds, ms); break;
        case PHYS_F64: ok = epoch_from_double(a->f64[i], seconds, ms); break;
        case PHYS_I128: { /* the fraction is lost */
            i128 whole = a->dec[i] / decimal_power(expr->args[0]->type.scale);
            ok = whole == (int64_t)whole && epoch_from_number((int64_t)whole, seconds, ms);
            break;
        }
        default: break;
        }
        vec_set_valid(out, i, ok);
    }
    return true;
}

bool kernel_TIMESTAMPDIFF_MS(struct eval *eval, const struct step *step) {
    const int64_t *a = step_arg(eval, step, 0)->i64, *b = step_arg(eval, step, 1)->i64;
    struct vec *out = step_out(eval, step);
    const int64_t unit = step->expr->imm;
    FOR_ACTIVE(eval, out->valid, i) {
        int64_t difference = (int64_t)((uint64_t)b[i] - (uint64_t)a[i]);
        out->i32[i] = (int32_t)(uint64_t)(difference / unit);
    }
    return true;
}

/* A day plus whole months, clipped to the last day of the month. */
static int64_t add_months(int64_t days, int64_t months) {
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    int64_t total = year * 12 + (month - 1) + months;
    year = floor_div(total, 12);
    month = (int)floor_mod(total, 12) + 1;
    int last = days_in_month(year, month);
    return days_from_civil(year, month, day < last ? day : last);
}

/* Whole months between two days, as Calcite counts: from an estimate that is never too large. */
static int64_t months_between_days(int64_t later, int64_t earlier) {
    if (later < earlier) return -months_between_days(earlier, later);
    for (int64_t months = (later - earlier) / 31;; months++) {
        if (add_months(earlier, months) >= later) return months;
        if (add_months(earlier, months + 1) > later) return months;
    }
}

static int64_t months_between(int64_t a, int64_t b) {
    int64_t a_day = floor_div(a, MS_PER_DAY), b_day = floor_div(b, MS_PER_DAY);
    int64_t months = months_between_days(b_day, a_day);
    bool whole =
        add_months(a_day, months) != b_day || floor_mod(b, MS_PER_DAY) >= floor_mod(a, MS_PER_DAY);
    return whole ? months : months - 1;
}

bool kernel_TIMESTAMPDIFF_MONTH(struct eval *eval, const struct step *step) {
    const int64_t *a = step_arg(eval, step, 0)->i64, *b = step_arg(eval, step, 1)->i64;
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        out->i32[i] = (int32_t)(months_between(a[i], b[i]) / step->expr->imm);
    }
    return true;
}

bool kernel_ADD_MONTHS(struct eval *eval, const struct step *step) {
    const struct vec *a = step_arg(eval, step, 0), *months = step_arg(eval, step, 1);
    struct vec *out = step_out(eval, step);
    FOR_ACTIVE(eval, out->valid, i) {
        int64_t day = add_months(floor_div(a->i64[i], MS_PER_DAY), months->i32[i]);
        out->i64[i] = day * MS_PER_DAY + floor_mod(a->i64[i], MS_PER_DAY);
    }
    return true;
}

static bool batch_clock(struct eval *eval, const struct step *step) {
    struct vec *out = step_out(eval, step);
    for (uint32_t i = 0; i < eval->rows; i++)
        out->i64[i] = eval->now_ms;
    memset(out->valid, 0xff, BATCH_WORDS * sizeof *out->valid);
    return true;
}

bool kernel_PROCTIME(struct eval *eval, const struct step *step) {
    return batch_clock(eval, step);
}
bool kernel_CURRENT_TIMESTAMP(struct eval *eval, const struct step *step) {
    return batch_clock(eval, step);
}

bool kernel_TUMBLE_START(struct eval *eval, const struct step *step) {
    const int64_t *a = step_arg(eval, step, 0)->i64;
    struct vec *out = step_out(eval, step);
    const int64_t size = step->expr->imm, offset = step->expr->imm2;
    FOR_ACTIVE(eval, out->valid, i) {
        out->i64[i] = floor_div(a[i] - offset, size) * size + offset;
    }
    return true;
}
