/* SPDX-License-Identifier: Apache-2.0 */
/* Three-valued logic on two bitmaps (TRUE rows, FALSE rows), the masks of short-circuit evaluation, and
 * copies between registers. A row that did not reach an argument holds garbage there, but then an
 * earlier argument has decided it, so the bitmaps may be combined blindly. */
#include "operators/kernels.h"

static void false_bits(const struct vec *vec, uint64_t out[BATCH_WORDS]) {
    vec_true_bits(vec, out);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        out[w] = vec->valid[w] & ~out[w];
}

/* Eight bits become eight bytes of 0 or 1. */
static void set_true_bits(struct vec *vec, const uint64_t bits[BATCH_WORDS]) {
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        for (uint32_t b = 0; b < 8; b++) {
            uint64_t spread = (bits[w] >> b * 8 & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
            uint64_t bytes = ((spread + 0x7f7f7f7f7f7f7f7fu) | spread) >> 7 & 0x0101010101010101u;
            memcpy(vec->boolean + w * 64 + b * 8, &bytes, sizeof bytes);
        }
}

bool kernel_AND(struct eval *eval, const struct step *step) {
    uint64_t is_true[BATCH_WORDS], is_false[BATCH_WORDS] = {0}, bits[BATCH_WORDS];
    memset(is_true, 0xff, sizeof is_true);
    for (uint32_t i = 0; i < step->arg_count; i++) {
        const struct vec *arg = step_arg(eval, step, i);
        vec_true_bits(arg, bits);
        for (uint32_t w = 0; w < BATCH_WORDS; w++) {
            is_true[w] &= bits[w];
            is_false[w] |= arg->valid[w] & ~bits[w];
        }
    }
    struct vec *out = step_out(eval, step);
    set_true_bits(out, is_true);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        out->valid[w] = is_true[w] | is_false[w];
    return true;
}

bool kernel_OR(struct eval *eval, const struct step *step) {
    uint64_t is_true[BATCH_WORDS] = {0}, is_false[BATCH_WORDS], bits[BATCH_WORDS];
    memset(is_false, 0xff, sizeof is_false);
    for (uint32_t i = 0; i < step->arg_count; i++) {
        const struct vec *arg = step_arg(eval, step, i);
        vec_true_bits(arg, bits);
        for (uint32_t w = 0; w < BATCH_WORDS; w++) {
            is_true[w] |= bits[w];
            is_false[w] &= arg->valid[w] & ~bits[w];
        }
    }
    struct vec *out = step_out(eval, step);
    set_true_bits(out, is_true);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        out->valid[w] = is_true[w] | is_false[w];
    return true;
}

bool kernel_NOT(struct eval *eval, const struct step *step) {
    const uint8_t *restrict a = step_arg(eval, step, 0)->boolean;
    uint8_t *restrict out = step_out(eval, step)->boolean;
    for (uint32_t i = 0; i < eval->rows; i++)
        out[i] = !a[i];
    return true;
}

static bool two_valued(struct eval *eval, const struct step *step, const uint64_t *bits) {
    struct vec *out = step_out(eval, step);
    set_true_bits(out, bits);
    memset(out->valid, 0xff, BATCH_WORDS * sizeof *out->valid);
    return true;
}

bool kernel_IS_NULL(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        bits[w] = ~step_arg(eval, step, 0)->valid[w];
    return two_valued(eval, step, bits);
}

bool kernel_IS_NOT_NULL(struct eval *eval, const struct step *step) {
    return two_valued(eval, step, step_arg(eval, step, 0)->valid);
}

bool kernel_IS_TRUE(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    vec_true_bits(step_arg(eval, step, 0), bits);
    return two_valued(eval, step, bits);
}

bool kernel_IS_FALSE(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    false_bits(step_arg(eval, step, 0), bits);
    return two_valued(eval, step, bits);
}

bool kernel_mask_push(struct eval *eval, const struct step *step) {
    (void)step;
    memcpy(eval->active + BATCH_WORDS, eval->active, BATCH_WORDS * sizeof *eval->active);
    eval->active += BATCH_WORDS;
    return true;
}

bool kernel_mask_pop(struct eval *eval, const struct step *step) {
    (void)step;
    eval->active -= BATCH_WORDS;
    return true;
}

bool kernel_mask_true(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    vec_true_bits(step_arg(eval, step, 0), bits);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        eval->active[w] &= bits[w];
    return true;
}

bool kernel_mask_not_true(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    vec_true_bits(step_arg(eval, step, 0), bits);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        eval->active[w] &= ~bits[w];
    return true;
}

bool kernel_mask_not_false(struct eval *eval, const struct step *step) {
    uint64_t bits[BATCH_WORDS];
    false_bits(step_arg(eval, step, 0), bits);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        eval->active[w] &= ~bits[w];
    return true;
}

bool kernel_mask_null(struct eval *eval, const struct step *step) {
    const uint64_t *valid = step_arg(eval, step, 0)->valid;
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        eval->active[w] &= ~valid[w];
    return true;
}

#define COPY_ROWS(FIELD)                                                                           \
    FOR_ACTIVE(eval, rows, row) {                                                                  \
        out->FIELD[row] = in->FIELD[row];                                                          \
    }                                                                                              \
    break

/* Values and validity of the rows of eval->active & rows. */
static void copy_rows(struct eval *eval, struct vec *out, const struct vec *in,
                      const uint64_t *rows) {
    switch (out->phys) {
    case PHYS_BOOL: COPY_ROWS(boolean);
    case PHYS_I32: COPY_ROWS(i32);
    case PHYS_I64: COPY_ROWS(i64);
    case PHYS_F32: COPY_ROWS(f32);
    case PHYS_F64: COPY_ROWS(f64);
    case PHYS_I128: COPY_ROWS(dec);
    case PHYS_STR: COPY_ROWS(str);
    case PHYS_NESTED: break;
    }
    for (uint32_t w = 0; w < BATCH_WORDS; w++) {
        uint64_t mask = eval->active[w] & rows[w];
        out->valid[w] = (out->valid[w] & ~mask) | (in->valid[w] & mask);
    }
}

/* A branch that is NULL has a value too: garbage that nobody reads, so only the validity is copied. */
bool kernel_copy(struct eval *eval, const struct step *step) {
    struct vec *out = step_out(eval, step);
    const struct vec *in = step_arg(eval, step, 0);
    copy_rows(eval, out, in, in->valid);
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        out->valid[w] &= ~(eval->active[w] & ~in->valid[w]);
    return true;
}

bool kernel_COALESCE(struct eval *eval, const struct step *step) {
    struct vec *out = step_out(eval, step);
    uint64_t missing[BATCH_WORDS], take[BATCH_WORDS];
    memset(missing, 0xff, sizeof missing);
    vec_clear_valid(out);
    for (uint32_t i = 0; i < step->arg_count; i++) {
        const struct vec *arg = step_arg(eval, step, i);
        for (uint32_t w = 0; w < BATCH_WORDS; w++) {
            take[w] = missing[w] & arg->valid[w];
            missing[w] &= ~arg->valid[w];
        }
        copy_rows(eval, out, arg, take);
    }
    return true;
}
