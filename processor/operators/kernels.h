/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of functions.def and what their files share. A row of the table without a kernel is a
 * link error. */
#ifndef OPERATORS_KERNELS_H
#define OPERATORS_KERNELS_H

#include "operators/eval.h"

#define FUNCTION(id, name, nulls, doc) kernel kernel_##id;
#include "plan/functions.def"
#undef FUNCTION

/* Not called by name in SQL: what CASE, AND, OR and COALESCE compile to around their arguments. */
kernel kernel_mask_push; /* a copy of the mask becomes the top */
kernel kernel_mask_pop;
kernel kernel_mask_true;      /* narrows the mask to rows where the argument is TRUE … */
kernel kernel_mask_not_true;  /* … FALSE or NULL */
kernel kernel_mask_not_false; /* … TRUE or NULL */
kernel kernel_mask_null;      /* … NULL */
kernel kernel_copy;           /* out = argument where the mask is set */

static inline struct vec *step_out(struct eval *eval, const struct step *step) {
    return &eval->regs[step->out];
}
static inline const struct vec *step_arg(const struct eval *eval, const struct step *step,
                                         uint32_t i) {
    return &eval->regs[step->args[i]];
}
static inline uint32_t eval_words(const struct eval *eval) {
    return (eval->rows + 63) / 64;
}

/* for each row whose bit is set in eval->active and in `valid` */
#define FOR_ACTIVE(eval, valid_words, row)                                                         \
    for (uint32_t row##_word = 0; row##_word < eval_words(eval); row##_word++)                     \
        for (uint64_t row##_bits = (eval)->active[row##_word] & (valid_words)[row##_word];         \
             row##_bits; row##_bits &= row##_bits - 1)                                             \
            for (uint32_t row = row##_word * 64 + (uint32_t)__builtin_ctzll(row##_bits),           \
                          row##_once = 1;                                                          \
                 row##_once; row##_once = 0)

void vec_clear_valid(struct vec *vec);

/* Copies the content of eval->text to the scratch arena. */
struct str eval_take_text(struct eval *eval);
/* Uninitialised text of the scratch arena. */
char *eval_new_text(struct eval *eval, size_t bytes);

/* Fails the job at this expression; the sentence is Flink's. Returns false. */
bool eval_fail(struct eval *eval, const struct step *step, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
