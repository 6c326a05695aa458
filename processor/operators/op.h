/* SPDX-License-Identifier: Apache-2.0 */
/* One operator: the run-time state of one plan node. An operator gets batches from its input and hands
 * its own to every consumer; nobody copies and nobody writes a batch that it was given. A filter narrows
 * the selection in an array of its own, a projection has columns of its own.
 *
 * To add an operator: a file op_<name>.c with its struct (struct op first) and its struct op_type, its
 * op_new_<name> here, and a row in the table of graph.c. */
#ifndef OPERATORS_OP_H
#define OPERATORS_OP_H

#include "operators/graph.h"
#include "operators/groups.h"

struct op;

struct op_type {
    bool (*push)(struct op *op, const struct batch *batch, struct error *err);
    bool (*commit)(struct op *op, int64_t now_ms, struct error *err); /* NULL: nothing to do */
    void (*state)(const struct op *op, struct node_stats *out);       /* NULL: has no state */
    void (*release)(struct op *op); /* NULL: all in the job arena */
};

/* What all operators of a graph share. */
struct op_context {
    struct arena *job;
    struct arena scratch; /* text of the rows that a commit emits; reset after each batch */
    struct graph_output output;
    uint64_t hash_seed;
    uint32_t identity[BATCH_ROWS]; /* 0, 1, 2, …: the row numbers of a batch without selection */
};

struct op {
    const struct op_type *type;
    const struct plan_node *node;
    struct op_context *context;
    struct op *input;    /* NULL for a scan */
    struct op **outputs; /* consumers */
    uint32_t output_count;
    uint64_t rows_in, rows_out;
    bool waiting;     /* set by commit: changed rows stay back for a fire delay */
    uint64_t dropped; /* filtered, duplicate, late or NULL into NOT NULL, by the kind of the node */
};

typedef struct op *op_new(const struct plan_node *node, struct op *input,
                          struct op_context *context);
op_new op_new_scan, op_new_calc, op_new_dedup, op_new_group, op_new_window, op_new_sink;
struct op *op_new_watermark(const struct plan_node *node, struct op *input,
                            struct op_context *context, uint32_t partitions);

/* Hands a batch to all consumers. */
bool op_emit(struct op *op, const struct batch *batch, struct error *err) MUST_CHECK;
/* Row numbers of the selected rows. */
const uint32_t *op_rows(const struct op *op, const struct batch *batch);

/* --- op_watermark.c --- */

/* The nearest watermark operator at or above `op`, or NULL. */
struct op *op_find_watermark(struct op *op);
int64_t op_watermark_ms(const struct op *op); /* INT64_MIN: none yet */
void op_watermark_idle(struct op *op, uint32_t partition, bool at_end, int64_t now_ms);
void op_watermark_finish(struct op *op); /* end of bounded input */
struct watermark_status op_watermark_status(const struct op *op);

/* --- emit.c: rows of changed groups --- */

/* Output batch of an aggregating operator. */
struct emitter {
    struct batch batch;
    uint8_t kinds[BATCH_ROWS];
};
void emitter_init(struct emitter *emitter, const struct op *op);

/* Sends the dirty groups to the consumers and cleans them. `bounds`, if not NULL, are window start and
 * end for the two columns behind the aggregates. */
bool emit_dirty(struct op *op, struct emitter *emitter, struct groups *groups,
                const struct group_layout *layout, struct group_work *work, const int64_t *bounds,
                int64_t now_ms, struct error *err) MUST_CHECK;

#endif
