/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic, comparison and IN. Integers are Java's: they wrap, so they are computed unsigned. */
#include <math.h>

#include "data/decimal.h"
#include "operators/kernels.h"

/* Every row, valid or not: nothing here can fail. */
#define UNARY(ID, OUT, IN, TYPE, EXPRESSION)                                                       \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const TYPE *restrict a = step_arg(eval, step, 0)->IN;                                      \
        TYPE *restrict out = step_out(eval, step)->OUT;                                            \
        for (uint32_t i = 0; i < eval->rows; i++)                                                  \
            out[i] = (TYPE)(EXPRESSION);                                                           \
        return true;                                                                               \
    }

#define BINARY(ID, OUT, OUT_TYPE, IN, TYPE, EXPRESSION)                                            \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const TYPE *a = step_arg(eval, step, 0)->IN, *b = step_arg(eval, step, 1)->IN;             \
        OUT_TYPE *restrict out = step_out(eval, step)->OUT;                                        \
        for (uint32_t i = 0; i < eval->rows; i++)                                                  \
            out[i] = (OUT_TYPE)(EXPRESSION);                                                       \
        return true;                                                                               \
    }

BINARY(ADD_I32, i32, int32_t, i32, int32_t, (uint32_t)a[i] + (uint32_t)b[i])
BINARY(ADD_I64, i64, int64_t, i64, int64_t, (uint64_t)a[i] + (uint64_t)b[i])
BINARY(ADD_F64, f64, double, f64, double, a[i] + b[i])
BINARY(SUB_I32, i32, int32_t, i32, int32_t, (uint32_t)a[i] - (uint32_t)b[i])
BINARY(SUB_I64, i64, int64_t, i64, int64_t, (uint64_t)a[i] - (uint64_t)b[i])
BINARY(SUB_F64, f64, double, f64, double, a[i] - b[i])
BINARY(MUL_I32, i32, int32_t, i32, int32_t, (uint32_t)a[i] * (uint32_t)b[i])
BINARY(MUL_I64, i64, int64_t, i64, int64_t, (uint64_t)a[i] * (uint64_t)b[i])
BINARY(MUL_F64, f64, double, f64, double, a[i] * b[i])
BINARY(DIV_F64, f64, double, f64, double, a[i] / b[i])
UNARY(NEG_I32, i32, i32, int32_t, 0u - (uint32_t)a[i])
UNARY(NEG_I64, i64, i64, int64_t, (uint64_t)0 - (uint64_t)a[i])
UNARY(NEG_F64, f64, f64, double, -a[i])
UNARY(NEG_DEC, dec, dec, i128, (u128)0 - (u128)a[i])
UNARY(ABS_I32, i32, i32, int32_t, a[i] < 0 ? 0u - (uint32_t)a[i] : (uint32_t)a[i])
UNARY(ABS_I64, i64, i64, int64_t, a[i] < 0 ? (uint64_t)0 - (uint64_t)a[i] : (uint64_t)a[i])
UNARY(ABS_F64, f64, f64, double, fabs(a[i]))
UNARY(ABS_DEC, dec, dec, i128, a[i] < 0 ? (u128)0 - (u128)a[i] : (u128)a[i])

/* Division and remainder by 0 fail the job; -1 is special because INT_MIN / -1 traps. */
#define DIVISION(ID, FIELD, TYPE, UNSIGNED, BY_MINUS_ONE, EXPRESSION)                              \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const TYPE *a = step_arg(eval, step, 0)->FIELD, *b = step_arg(eval, step, 1)->FIELD;       \
        struct vec *out = step_out(eval, step);                                                    \
        FOR_ACTIVE(eval, out->valid, i) {                                                          \
            if (b[i] == 0) return eval_fail(eval, step, "/ by zero");                              \
            out->FIELD[i] = b[i] == -1 ? (TYPE)(BY_MINUS_ONE) : (TYPE)(EXPRESSION);                \
        }                                                                                          \
        return true;                                                                               \
    }

DIVISION(DIV_I32, i32, int32_t, uint32_t, 0u - (uint32_t)a[i], a[i] / b[i])
DIVISION(DIV_I64, i64, int64_t, uint64_t, (uint64_t)0 - (uint64_t)a[i], a[i] / b[i])
DIVISION(MOD_I32, i32, int32_t, uint32_t, 0, a[i] % b[i])
DIVISION(MOD_I64, i64, int64_t, uint64_t, 0, a[i] % b[i])

typedef bool decimal_op(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                        unsigned scale, i128 *out);

static bool decimal_rows(struct eval *eval, const struct step *step, decimal_op *op, bool divides) {
    const struct vec *a = step_arg(eval, step, 0), *b = step_arg(eval, step, 1);
    const struct type *a_type = &step->expr->args[0]->type, *b_type = &step->expr->args[1]->type;
    const struct type *type = &step->expr->type;
    struct vec *out = step_out(eval, step);
    uint64_t both[BATCH_WORDS];
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        both[w] = a->valid[w] & b->valid[w];
    vec_clear_valid(out);
    FOR_ACTIVE(eval, both, i) {
        if (divides && b->dec[i] == 0) return eval_fail(eval, step, "Division by zero");
        vec_set_valid(out, i,
                      op(a->dec[i], a_type->scale, b->dec[i], b_type->scale, type->precision,
                         type->scale, &out->dec[i]));
    }
    return true;
}

bool kernel_ADD_DEC(struct eval *eval, const struct step *step) {
    return decimal_rows(eval, step, decimal_add, false);
}
bool kernel_SUB_DEC(struct eval *eval, const struct step *step) {
    return decimal_rows(eval, step, decimal_subtract, false);
}
bool kernel_MUL_DEC(struct eval *eval, const struct step *step) {
    return decimal_rows(eval, step, decimal_multiply, false);
}
bool kernel_DIV_DEC(struct eval *eval, const struct step *step) {
    return decimal_rows(eval, step, decimal_divide, true);
}

#define COMPARISON(SUFFIX, FIELD, TYPE)                                                            \
    BINARY(EQ_##SUFFIX, boolean, uint8_t, FIELD, TYPE, a[i] == b[i])                               \
    BINARY(NE_##SUFFIX, boolean, uint8_t, FIELD, TYPE, a[i] != b[i])                               \
    BINARY(LT_##SUFFIX, boolean, uint8_t, FIELD, TYPE, a[i] < b[i])                                \
    BINARY(LE_##SUFFIX, boolean, uint8_t, FIELD, TYPE, a[i] <= b[i])

COMPARISON(B, boolean, uint8_t)
COMPARISON(I32, i32, int32_t)
COMPARISON(I64, i64, int64_t)
COMPARISON(F64, f64, double)

#define COMPARISON_DEC(ID, OPERATOR)                                                               \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const i128 *a = step_arg(eval, step, 0)->dec, *b = step_arg(eval, step, 1)->dec;           \
        unsigned a_scale = step->expr->args[0]->type.scale;                                        \
        unsigned b_scale = step->expr->args[1]->type.scale;                                        \
        struct vec *out = step_out(eval, step);                                                    \
        FOR_ACTIVE(eval, out->valid, i) {                                                          \
            out->boolean[i] = decimal_compare(a[i], a_scale, b[i], b_scale) OPERATOR 0;            \
        }                                                                                          \
        return true;                                                                               \
    }

COMPARISON_DEC(EQ_DEC, ==)
COMPARISON_DEC(NE_DEC, !=)
COMPARISON_DEC(LT_DEC, <)
COMPARISON_DEC(LE_DEC, <=)

#define COMPARISON_STR(ID, EXPRESSION)                                                             \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const struct str *a = step_arg(eval, step, 0)->str, *b = step_arg(eval, step, 1)->str;     \
        struct vec *out = step_out(eval, step);                                                    \
        FOR_ACTIVE(eval, out->valid, i) {                                                          \
            out->boolean[i] = (EXPRESSION);                                                        \
        }                                                                                          \
        return true;                                                                               \
    }

COMPARISON_STR(EQ_STR, str_eq(a[i], b[i]))
COMPARISON_STR(NE_STR, !str_eq(a[i], b[i]))
COMPARISON_STR(LT_STR, str_compare(a[i], b[i]) < 0)
COMPARISON_STR(LE_STR, str_compare(a[i], b[i]) <= 0)

/* The list is literals: row 0 of their registers stands for all rows. A hit is TRUE; a miss is NULL
 * when the list contains NULL; NULL IN (…) is NULL. */
#define IN_LIST(ID, FIELD, EQUAL)                                                                  \
    bool kernel_##ID(struct eval *eval, const struct step *step) {                                 \
        const struct vec *a = step_arg(eval, step, 0);                                             \
        struct vec *out = step_out(eval, step);                                                    \
        bool null_listed = false;                                                                  \
        for (uint32_t k = 1; k < step->arg_count; k++)                                             \
            null_listed |= !vec_is_valid(step_arg(eval, step, k), 0);                              \
        vec_clear_valid(out);                                                                      \
        FOR_ACTIVE(eval, a->valid, i) {                                                            \
            bool hit = false;                                                                      \
            for (uint32_t k = 1; k < step->arg_count && !hit; k++) {                               \
                const struct vec *b = step_arg(eval, step, k);                                     \
                hit = vec_is_valid(b, 0) && (EQUAL);                                               \
            }                                                                                      \
            out->boolean[i] = hit;                                                                 \
            vec_set_valid(out, i, hit || !null_listed);                                            \
        }                                                                                          \
        return true;                                                                               \
    }

IN_LIST(IN_I32, i32, a->i32[i] == b->i32[0])
IN_LIST(IN_I64, i64, a->i64[i] == b->i64[0])
IN_LIST(IN_F64, f64, a->f64[i] == b->f64[0])
IN_LIST(IN_DEC, dec, a->dec[i] == b->dec[0])
IN_LIST(IN_STR, str, str_eq(a->str[i], b->str[0]))
