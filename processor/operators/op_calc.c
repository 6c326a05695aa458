/* SPDX-License-Identifier: Apache-2.0 */
/* Filter, then project. The condition runs over all selected rows and narrows the selection; the
 * projections run over what is left. Columns that are only passed on are not copied. */
#include "operators/eval.h"
#include "operators/op.h"

struct calc {
    struct op op;
    struct program *program;
    bool has_condition;
    uint32_t condition, condition_end; /* register; steps of the condition */
    uint32_t *regs;                    /* of the output columns */
    struct batch out;
    uint32_t selection[BATCH_ROWS];
};

static uint32_t keep_true(struct calc *calc, const struct batch *batch) {
    uint64_t bits[BATCH_WORDS];
    uint32_t kept = 0;
    const uint32_t *rows = op_rows(&calc->op, batch);
    vec_true_bits(program_vec(calc->program, calc->condition), bits);
    for (uint32_t i = 0; i < batch->selected; i++) {
        calc->selection[kept] = rows[i];
        kept += (uint32_t)(bits[rows[i] / 64] >> rows[i] % 64) & 1;
    }
    return kept;
}

static bool calc_push(struct op *op, const struct batch *batch, struct error *err) {
    struct calc *calc = (struct calc *)op;
    struct program *program = calc->program;
    struct vec *columns = calc->out.columns;
    op->rows_in += batch->selected;
    program_begin(program, batch);
    if (!program_run(program, 0, calc->condition_end, err)) return false;
    calc->out = *batch;
    calc->out.columns = columns;
    calc->out.column_count = op->node->schema.count;
    if (calc->has_condition) {
        uint32_t kept = keep_true(calc, batch);
        op->dropped += batch->selected - kept;
        if (!kept) return true;
        calc->out.selection = calc->selection;
        calc->out.selected = kept;
        program_select(program, calc->selection, kept);
    }
    if (!program_run(program, calc->condition_end, program_end(program), err)) return false;
    for (uint32_t i = 0; i < calc->out.column_count; i++)
        columns[i] = *program_vec(program, calc->regs[i]);
    op->rows_out += calc->out.selected;
    return op_emit(op, &calc->out, err);
}

static void calc_release(struct op *op) {
    program_release(((struct calc *)op)->program);
}

static const struct op_type calc_type = {.push = calc_push, .release = calc_release};

struct op *op_new_calc(const struct plan_node *node, struct op *input, struct op_context *context) {
    struct calc *calc = ARENA_NEW(context->job, 1, struct calc);
    uint32_t count = node->schema.count;
    calc->op.type = &calc_type;
    calc->program = program_new(input->node->schema.count, context->job);
    calc->has_condition = node->calc.condition != NULL;
    if (calc->has_condition) calc->condition = program_add(calc->program, node->calc.condition);
    calc->condition_end = program_end(calc->program);
    calc->regs = ARENA_NEW(context->job, count, uint32_t);
    calc->out.columns = ARENA_NEW(context->job, count, struct vec);
    for (uint32_t i = 0; i < count; i++)
        calc->regs[i] = program_add(calc->program, node->calc.exprs[i]);
    return &calc->op;
}
