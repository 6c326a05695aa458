/* SPDX-License-Identifier: Apache-2.0 */
/* End of a path: checks NOT NULL columns as Flink's enforcer does and hands the rows out. */
#include "operators/op.h"

/* A NOT NULL column of the table and the input column that feeds it. */
struct not_null {
    uint32_t column;
    struct str name;
};

struct sink {
    struct op op;
    struct not_null *checks;
    uint32_t check_count;
    struct batch out;
    uint32_t selection[BATCH_ROWS];
};

/* Bits of the rows that have no NULL in a NOT NULL column; *culprit is such a column if any selected
 * row has one. */
static uint32_t complete_rows(struct sink *sink, const struct batch *batch,
                              const struct not_null **culprit) {
    const uint32_t *rows = op_rows(&sink->op, batch);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->selected; i++) {
        const struct not_null *missing = NULL;
        for (uint32_t c = 0; c < sink->check_count && !missing; c++)
            if (!vec_is_valid(&batch->columns[sink->checks[c].column], rows[i]))
                missing = &sink->checks[c];
        sink->selection[kept] = rows[i];
        kept += !missing;
        if (missing && !*culprit) *culprit = missing;
    }
    return kept;
}

static bool fail_null(const struct sink *sink, const struct not_null *culprit, struct error *err) {
    const struct node_sink *node = &sink->op.node->sink;
    error_at(
        err, node->span, "E0812",
        "Column '" STR_FMT "' is NOT NULL, however, a null value is being written into it. You "
        "can set job configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this "
        "exception and drop such records silently.",
        STR_ARG(culprit->name));
    return error_place(err, "table " STR_FMT, STR_ARG(node->table->name));
}

static bool sink_push(struct op *op, const struct batch *batch, struct error *err) {
    struct sink *sink = (struct sink *)op;
    const struct graph_output *output = &op->context->output;
    op->rows_in += batch->selected;
    sink->out = *batch;
    if (sink->check_count) {
        const struct not_null *culprit = NULL;
        uint32_t kept = complete_rows(sink, batch, &culprit);
        if (culprit && !op->node->sink.not_null_drop) return fail_null(sink, culprit, err);
        op->dropped += batch->selected - kept;
        if (!kept) return true;
        if (culprit) {
            sink->out.selection = sink->selection;
            sink->out.selected = kept;
        }
    }
    op->rows_out += sink->out.selected;
    return output->rows(output->self, op->node, &sink->out, err);
}

static const struct op_type sink_type = {.push = sink_push};

static void add_check(struct sink *sink, uint32_t column, struct str name) {
    for (uint32_t i = 0; i < sink->check_count; i++)
        if (sink->checks[i].column == column) return;
    sink->checks[sink->check_count++] = (struct not_null){column, name};
}

struct op *op_new_sink(const struct plan_node *node, struct op *input, struct op_context *context) {
    struct sink *sink = ARENA_NEW(context->job, 1, struct sink);
    const struct table *table = node->sink.table;
    (void)input;
    sink->op.type = &sink_type;
    sink->checks = ARENA_NEW(context->job, table->column_count, struct not_null);
    uint32_t written = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (!column_is_persisted(column)) continue;
        bool required = !column->type.nullable;
        for (uint32_t k = 0; k < table->primary_key_count; k++)
            required |= table->primary_key[k] == i;
        if (required) add_check(sink, node->sink.columns[written], column->name);
        written++;
    }
    return &sink->op;
}
