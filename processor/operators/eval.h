/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions as a flat array of steps over registers. A register is a column (struct vec): first the
 * columns of the input batch, then literals (filled once), then one per computed step. A step handles
 * all rows of a batch, so types and functions are looked at once per batch, never per row.
 *
 *   price * quantity > 100     =>   r3 = CAST_I32_DEC r1 · r4 = MUL_DEC r0 r3 · r5 = LT_DEC r2 r4
 *
 * Rows that count are bits in a mask: the selected rows, narrowed further inside CASE, COALESCE, AND and OR to
 * those that reach the branch. A kernel on numbers that cannot fail computes every row, in a loop that
 * the compiler vectorises; one that can fail, or that follows a text pointer, visits only rows whose mask
 * bit and validity bits are set. Equal sub-expressions share a register as long as the mask that it
 * was computed under contains the place of use. */
#ifndef OPERATORS_EVAL_H
#define OPERATORS_EVAL_H

#include "data/batch.h"
#include "plan/expr.h"

struct eval;
struct step;
typedef bool kernel(struct eval *eval, const struct step *step);

struct step {
    kernel *run;
    const struct expr *expr; /* immediates, pattern, types, place; NULL for mask steps */
    uint32_t out, arg_count;
    const uint32_t *args;
    bool null_any; /* out.valid = AND of the arguments' before the kernel runs */
};

/* What a kernel sees. */
struct eval {
    struct vec *regs;
    uint32_t rows;
    uint64_t *active; /* mask of the rows that reach this step */
    int64_t now_ms;
    struct arena *scratch; /* text results */
    struct buf text;       /* work space of the text kernels */
    struct error *err;
    uint64_t (*masks)[BATCH_WORDS]; /* stack; active is its top */
};

struct program;

/* Everything lives in `job`, except eval.text: program_release frees that. */
struct program *program_new(uint32_t input_columns, struct arena *job);
void program_release(struct program *program);

/* Compiles an expression over the input columns; returns its register. */
uint32_t program_add(struct program *program, const struct expr *expr);
/* Number of steps so far: the end of one range for program_run and the start of the next. */
uint32_t program_end(const struct program *program);

/* Binds the input columns and the selection of a batch. */
void program_begin(struct program *program, const struct batch *batch);
/* Narrows the rows that count to these (ascending, a subset). */
void program_select(struct program *program, const uint32_t *selection, uint32_t selected);
/* Runs the steps from … to-1. Errors: ERROR_USER with the place in the SQL. */
bool program_run(struct program *program, uint32_t from, uint32_t to, struct error *err) MUST_CHECK;
const struct vec *program_vec(const struct program *program, uint32_t reg);

/* Bits of the rows where a BOOLEAN column is TRUE. */
void vec_true_bits(const struct vec *vec, uint64_t out[BATCH_WORDS]);

#endif
