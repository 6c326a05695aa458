/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/eval.h"

#include <stdarg.h>
#include <stdio.h>

#include "operators/kernels.h"

enum { TEXT_BYTES_MAX = 64 * 1024 * 1024 };

static const struct {
    kernel *run;
    enum null_rule nulls;
} kernels[FUNCTION_COUNT] = {
#define FUNCTION(id, name, nulls, doc) {kernel_##id, nulls},
#include "plan/functions.def"
#undef FUNCTION
};

/* A register that may be used again, see `known`. */
struct known {
    const struct expr *expr;
    uint32_t reg;
};

struct program {
    struct eval eval;
    struct arena *job;
    uint32_t input_columns;
    struct step *steps;
    uint32_t step_count, step_capacity;
    uint32_t reg_count, reg_capacity;
    struct known *known; /* a scope forgets what was computed under its narrower mask */
    uint32_t known_count, known_capacity;
    uint32_t depth, depth_max; /* of the mask stack */
};

/* Grows an array of the job arena by doubling; the old one stays behind, twice the final size at most. */
static void *grown(struct arena *job, void *old, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return old;
    uint32_t larger = *capacity ? *capacity * 2 : 16;
    char *out = arena_new(job, larger, size);
    if (count) memcpy(out, old, count * size);
    *capacity = larger;
    return out;
}

struct program *program_new(uint32_t input_columns, struct arena *job) {
    struct program *program = ARENA_NEW(job, 1, struct program);
    program->job = job;
    program->input_columns = program->reg_count = input_columns;
    program->reg_capacity = input_columns + 16;
    program->eval.regs = ARENA_NEW(job, program->reg_capacity, struct vec);
    program->depth_max = 1;
    program->eval.masks = arena_new(job, 1, sizeof *program->eval.masks);
    buf_init(&program->eval.text, TEXT_BYTES_MAX);
    return program;
}

void program_release(struct program *program) {
    if (program) buf_release(&program->eval.text);
}

uint32_t program_end(const struct program *program) {
    return program->step_count;
}

static uint32_t reg_new(struct program *program, const struct type *type) {
    struct eval *eval = &program->eval;
    eval->regs = grown(program->job, eval->regs, program->reg_count, &program->reg_capacity,
                       sizeof *eval->regs);
    vec_init(&eval->regs[program->reg_count], type_phys(type->id), program->job);
    return program->reg_count++;
}

static struct step *step_new(struct program *program, kernel *run, uint32_t arg_count) {
    program->steps = grown(program->job, program->steps, program->step_count,
                           &program->step_capacity, sizeof *program->steps);
    struct step *step = &program->steps[program->step_count++];
    *step = (struct step){.run = run, .arg_count = arg_count};
    return step;
}

static void step_one(struct program *program, kernel *run, uint32_t out, uint32_t arg) {
    uint32_t *args = ARENA_NEW(program->job, 1, uint32_t);
    args[0] = arg;
    struct step *step = step_new(program, run, 1);
    step->out = out;
    step->args = args;
}

static void mask_push(struct program *program) {
    step_new(program, kernel_mask_push, 0);
    if (++program->depth >= program->depth_max) program->depth_max = program->depth + 1;
}

static void mask_pop(struct program *program) {
    step_new(program, kernel_mask_pop, 0);
    program->depth--;
}

static uint32_t literal_reg(struct program *program, const struct expr *expr) {
    uint32_t reg = reg_new(program, &expr->type);
    for (uint32_t row = 0; row < BATCH_ROWS; row++)
        vec_set(&program->eval.regs[reg], row, &expr->literal);
    return reg;
}

/* CASE: under a mask of its own, each value is computed for the rows that its condition leaves, then
 * those rows leave the mask. The first condition is reached by all rows and may be shared. */
static uint32_t case_reg(struct program *program, const struct expr *expr) {
    uint32_t out = reg_new(program, &expr->type), known;
    uint32_t condition = program_add(program, expr->args[0]);
    mask_push(program);
    known = program->known_count;
    for (uint32_t i = 0; i + 1 < expr->arg_count; i += 2) {
        if (i) condition = program_add(program, expr->args[i]);
        uint32_t before = program->known_count;
        mask_push(program);
        step_one(program, kernel_mask_true, 0, condition);
        uint32_t value = program_add(program, expr->args[i + 1]);
        step_one(program, kernel_copy, out, value);
        mask_pop(program);
        program->known_count = before;
        step_one(program, kernel_mask_not_true, 0, condition);
    }
    uint32_t otherwise = program_add(program, expr->args[expr->arg_count - 1]);
    step_one(program, kernel_copy, out, otherwise);
    mask_pop(program);
    program->known_count = known;
    return out;
}

/* The mask that a later argument of a short-circuit function is computed under. */
static kernel *reach_kernel(enum function_id function) {
    switch (function) {
    case FUNCTION_AND: return kernel_mask_not_false;
    case FUNCTION_OR: return kernel_mask_not_true;
    case FUNCTION_COALESCE: return kernel_mask_null;
    default: return NULL;
    }
}

static uint32_t call_reg(struct program *program, const struct expr *expr) {
    uint32_t *args = ARENA_NEW(program->job, expr->arg_count, uint32_t);
    kernel *reach = expr->arg_count > 1 ? reach_kernel(expr->function) : NULL;
    uint32_t known = 0;
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        if (reach && i == 1) {
            mask_push(program);
            known = program->known_count;
        }
        if (reach && i) step_one(program, reach, 0, args[i - 1]);
        args[i] = program_add(program, expr->args[i]);
    }
    if (reach) {
        mask_pop(program);
        program->known_count = known;
    }
    uint32_t out = reg_new(program, &expr->type);
    struct step *step = step_new(program, kernels[expr->function].run, expr->arg_count);
    step->expr = expr;
    step->out = out;
    step->args = args;
    step->null_any = kernels[expr->function].nulls == NULL_ANY && expr->arg_count > 0;
    return out;
}

uint32_t program_add(struct program *program, const struct expr *expr) {
    if (expr->kind == EXPR_COLUMN) return expr->column;
    for (uint32_t i = 0; i < program->known_count; i++)
        if (expr_equal(program->known[i].expr, expr)) return program->known[i].reg;
    uint32_t reg = expr->kind == EXPR_LITERAL ? literal_reg(program, expr)
                   : expr->kind == EXPR_CASE  ? case_reg(program, expr)
                                              : call_reg(program, expr);
    program->known = grown(program->job, program->known, program->known_count,
                           &program->known_capacity, sizeof *program->known);
    program->known[program->known_count++] = (struct known){expr, reg};
    struct eval *eval = &program->eval;
    eval->masks = NULL; /* made when the depth is known */
    return reg;
}

static void select_rows(uint64_t mask[BATCH_WORDS], const uint32_t *selection, uint32_t selected) {
    memset(mask, 0, BATCH_WORDS * sizeof *mask);
    if (selection) {
        for (uint32_t i = 0; i < selected; i++)
            mask[selection[i] / 64] |= (uint64_t)1 << selection[i] % 64;
        return;
    }
    for (uint32_t w = 0; w < selected / 64; w++)
        mask[w] = UINT64_MAX;
    if (selected % 64) mask[selected / 64] = ((uint64_t)1 << selected % 64) - 1;
}

void program_begin(struct program *program, const struct batch *batch) {
    struct eval *eval = &program->eval;
    if (!eval->masks)
        eval->masks = arena_new(program->job, program->depth_max, sizeof *eval->masks);
    for (uint32_t i = 0; i < program->input_columns; i++)
        eval->regs[i] = batch->columns[i];
    eval->rows = batch->rows;
    eval->now_ms = batch->now_ms;
    eval->scratch = batch->scratch;
    program_select(program, batch->selection, batch->selected);
}

void program_select(struct program *program, const uint32_t *selection, uint32_t selected) {
    program->eval.active = program->eval.masks[0];
    select_rows(program->eval.active, selection, selected);
}

static void and_validity(struct eval *eval, const struct step *step) {
    uint64_t *out = step_out(eval, step)->valid;
    memcpy(out, step_arg(eval, step, 0)->valid, BATCH_WORDS * sizeof *out);
    for (uint32_t i = 1; i < step->arg_count; i++) {
        const uint64_t *valid = step_arg(eval, step, i)->valid;
        for (uint32_t w = 0; w < BATCH_WORDS; w++)
            out[w] &= valid[w];
    }
}

bool program_run(struct program *program, uint32_t from, uint32_t to, struct error *err) {
    struct eval *eval = &program->eval;
    eval->err = err;
    for (uint32_t i = from; i < to; i++) {
        const struct step *step = &program->steps[i];
        if (step->null_any) and_validity(eval, step);
        if (!step->run(eval, step)) return false;
    }
    return true;
}

const struct vec *program_vec(const struct program *program, uint32_t reg) {
    return &program->eval.regs[reg];
}

/* Eight bytes of 0 or 1 become eight bits at a time. */
void vec_true_bits(const struct vec *vec, uint64_t out[BATCH_WORDS]) {
    for (uint32_t w = 0; w < BATCH_WORDS; w++) {
        uint64_t bits = 0;
        for (uint32_t b = 0; b < 8; b++) {
            uint64_t bytes;
            memcpy(&bytes, vec->boolean + w * 64 + b * 8, sizeof bytes);
            bits |= (bytes & 0x0101010101010101u) * 0x0102040810204080u >> 56 << b * 8;
        }
        out[w] = bits & vec->valid[w];
    }
}

void vec_clear_valid(struct vec *vec) {
    memset(vec->valid, 0, BATCH_WORDS * sizeof *vec->valid);
}

char *eval_new_text(struct eval *eval, size_t bytes) {
    return arena_alloc(eval->scratch, bytes);
}

struct str eval_take_text(struct eval *eval) {
    struct str text = buf_str(&eval->text);
    if (!text.len) return text;
    char *copy = eval_new_text(eval, text.len);
    memcpy(copy, text.ptr, text.len);
    return (struct str){copy, text.len};
}

bool eval_fail(struct eval *eval, const struct step *step, const char *format, ...) {
    char text[sizeof eval->err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_at(eval->err, step->expr->span, "E0811", "%s", text);
}
