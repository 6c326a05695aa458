/* SPDX-License-Identifier: Apache-2.0 */
/* Where decoded rows enter the graph: counts and hands on. */
#include "operators/op.h"

static bool scan_push(struct op *op, const struct batch *batch, struct error *err) {
    op->rows_in += batch->selected;
    op->rows_out += batch->selected;
    return op_emit(op, batch, err);
}

static const struct op_type scan_type = {.push = scan_push};

struct op *op_new_scan(const struct plan_node *node, struct op *input, struct op_context *context) {
    (void)node, (void)input;
    struct op *op = ARENA_NEW(context->job, 1, struct op);
    op->type = &scan_type;
    return op;
}
