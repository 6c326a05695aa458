/* SPDX-License-Identifier: Apache-2.0 */
/* Plans by hand: what the binder would make, in a few calls per node, and batches from literal rows.
 * Everything lives in builder.job. */
#ifndef PLAN_BUILDER_H
#define PLAN_BUILDER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "operators/graph.h"

enum { BUILDER_NODES = 64 };

struct plan_builder {
    struct arena job;
    struct plan plan;
    struct plan_node *nodes[BUILDER_NODES], *scans[8], *sinks[8];
};

static inline void builder_init(struct plan_builder *b) {
    memset(b, 0, sizeof *b);
    b->plan.nodes = b->nodes;
    b->plan.scans = b->scans;
    b->plan.sinks = b->sinks;
}
static inline void builder_release(struct plan_builder *b) {
    arena_release(&b->job);
}

static inline struct plan_node *builder_node(struct plan_builder *b, enum node_kind kind,
                                             struct plan_node *input) {
    struct plan_node *node = ARENA_NEW(&b->job, 1, struct plan_node);
    node->kind = kind;
    node->input = input;
    node->id = b->plan.node_count;
    b->nodes[b->plan.node_count++] = node;
    return node;
}

static inline void builder_schema(struct plan_builder *b, struct plan_node *node, uint32_t count) {
    node->schema.count = count;
    node->schema.columns = ARENA_NEW(&b->job, count, struct plan_column);
}

/* --- expressions --- */

static inline struct expr *expr_column(struct plan_builder *b, struct plan_node *input,
                                       uint32_t column) {
    struct expr *expr = ARENA_NEW(&b->job, 1, struct expr);
    *expr = (struct expr){
        .kind = EXPR_COLUMN, .type = input->schema.columns[column].type, .column = column};
    return expr;
}
static inline struct expr *expr_literal(struct plan_builder *b, struct type type,
                                        struct value value) {
    struct expr *expr = ARENA_NEW(&b->job, 1, struct expr);
    *expr = (struct expr){.kind = EXPR_LITERAL, .type = type, .literal = value};
    return expr;
}
static inline struct expr *expr_text(struct plan_builder *b, const char *text) {
    return expr_literal(b, type_string(), (struct value){.str = str_of(text)});
}
static inline struct expr *expr_bigint(struct plan_builder *b, int64_t value) {
    return expr_literal(b, type_of(TYPE_BIGINT), (struct value){.i64 = value});
}
static inline struct expr *expr_args(struct plan_builder *b, enum expr_kind kind, struct type type,
                                     uint32_t count, struct expr *const *args) {
    struct expr *expr = ARENA_NEW(&b->job, 1, struct expr);
    expr->kind = kind;
    expr->type = type;
    expr->arg_count = count;
    expr->args = ARENA_NEW(&b->job, count, struct expr *);
    for (uint32_t i = 0; i < count; i++)
        expr->args[i] = args[i];
    return expr;
}
static inline struct expr *expr_call(struct plan_builder *b, enum function_id function,
                                     struct type type, uint32_t count, struct expr *const *args) {
    struct expr *expr = expr_args(b, EXPR_CALL, type, count, args);
    expr->function = function;
    return expr;
}

/* --- nodes --- */

static inline struct plan_node *plan_scan(struct plan_builder *b, const struct plan_column *columns,
                                          uint32_t count) {
    struct plan_node *node = builder_node(b, NODE_SCAN, NULL);
    builder_schema(b, node, count);
    memcpy(node->schema.columns, columns, count * sizeof *columns);
    b->scans[b->plan.scan_count++] = node;
    return node;
}

static inline struct plan_node *plan_calc(struct plan_builder *b, struct plan_node *input,
                                          struct expr *condition, struct expr *const *exprs,
                                          uint32_t count) {
    struct plan_node *node = builder_node(b, NODE_CALC, input);
    const struct expr **copy = ARENA_NEW(&b->job, count, const struct expr *);
    builder_schema(b, node, count);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = exprs[i];
        node->schema.columns[i] =
            (struct plan_column){arena_printf(&b->job, "c%u", i), exprs[i]->type};
    }
    node->calc.condition = condition;
    node->calc.exprs = copy;
    node->updating = input->updating;
    return node;
}

/* Watermark = column - delay. */
static inline struct plan_node *plan_watermark(struct plan_builder *b, struct plan_node *input,
                                               uint32_t rowtime, int64_t delay_ms) {
    struct plan_node *node = builder_node(b, NODE_WATERMARK, input);
    node->schema = input->schema;
    node->watermark.rowtime = rowtime;
    struct expr *args[] = {expr_column(b, input, rowtime), expr_bigint(b, delay_ms)};
    node->watermark.expr = expr_call(b, FUNCTION_SUB_I64, type_timestamp(3), 2, args);
    return node;
}

static inline uint32_t *numbers(struct plan_builder *b, const uint32_t *list, uint32_t count) {
    uint32_t *copy = ARENA_NEW(&b->job, count, uint32_t);
    if (count) memcpy(copy, list, count * sizeof *copy);
    return copy;
}

static inline struct plan_node *plan_dedup(struct plan_builder *b, struct plan_node *input,
                                           const uint32_t *keys, uint32_t count, int64_t ttl_ms) {
    struct plan_node *node = builder_node(b, NODE_DEDUP, input);
    node->schema = input->schema;
    node->dedup.keys = numbers(b, keys, count);
    node->dedup.key_count = count;
    node->dedup.ttl_ms = ttl_ms;
    return node;
}

static inline struct aggregate_call call_of(enum aggregate_id id, struct plan_node *input,
                                            uint32_t argument, uint32_t filter,
                                            struct type result) {
    struct aggregate_call call = {
        .id = id, .argument = argument, .filter = filter, .result = result};
    if (argument != COLUMN_NONE) call.argument_type = input->schema.columns[argument].type;
    return call;
}

static inline void aggregate_schema(struct plan_builder *b, struct plan_node *node,
                                    const uint32_t *keys, uint32_t key_count,
                                    const struct aggregate_call *calls, uint32_t call_count,
                                    uint32_t more) {
    builder_schema(b, node, key_count + call_count + more);
    for (uint32_t i = 0; i < key_count; i++)
        node->schema.columns[i] = node->input->schema.columns[keys[i]];
    for (uint32_t i = 0; i < call_count; i++)
        node->schema.columns[key_count + i] =
            (struct plan_column){arena_printf(&b->job, "a%u", i), calls[i].result};
    for (uint32_t i = 0; i < more; i++)
        node->schema.columns[key_count + call_count + i] =
            (struct plan_column){i ? STR("window_end") : STR("window_start"), type_timestamp(3)};
}

static inline struct plan_node *plan_group(struct plan_builder *b, struct plan_node *input,
                                           const uint32_t *keys, uint32_t key_count,
                                           const struct aggregate_call *calls, uint32_t call_count,
                                           int64_t ttl_ms) {
    struct plan_node *node = builder_node(b, NODE_GROUP, input);
    struct aggregate_call *copy = ARENA_NEW(&b->job, call_count, struct aggregate_call);
    memcpy(copy, calls, call_count * sizeof *calls);
    aggregate_schema(b, node, keys, key_count, calls, call_count, 0);
    node->updating = true;
    node->group = (struct node_group){.keys = numbers(b, keys, key_count),
                                      .key_count = key_count,
                                      .aggregates = copy,
                                      .aggregate_count = call_count,
                                      .ttl_ms = ttl_ms};
    return node;
}

/* A group window of one minute without early and late fire; set node->window for others. */
static inline struct plan_node *plan_window(struct plan_builder *b, struct plan_node *input,
                                            uint32_t rowtime, const uint32_t *keys,
                                            uint32_t key_count, const struct aggregate_call *calls,
                                            uint32_t call_count) {
    struct plan_node *node = builder_node(b, NODE_WINDOW, input);
    struct aggregate_call *copy = ARENA_NEW(&b->job, call_count, struct aggregate_call);
    memcpy(copy, calls, call_count * sizeof *calls);
    aggregate_schema(b, node, keys, key_count, calls, call_count, 2);
    node->window = (struct node_window){.window = WINDOW_TUMBLE,
                                        .group_window = true,
                                        .rowtime = rowtime,
                                        .size_ms = 60000,
                                        .keys = numbers(b, keys, key_count),
                                        .key_count = key_count,
                                        .aggregates = copy,
                                        .aggregate_count = call_count,
                                        .early_fire_ms = -1,
                                        .late_fire_ms = -1};
    return node;
}

/* A sink table with the columns of its input, all nullable; the first key_count are the key. */
static inline struct plan_node *plan_sink(struct plan_builder *b, struct plan_node *input,
                                          uint32_t key_count) {
    struct plan_node *node = builder_node(b, NODE_SINK, input);
    struct table *table = ARENA_NEW(&b->job, 1, struct table);
    uint32_t count = input->schema.count, *columns = ARENA_NEW(&b->job, count, uint32_t);
    node->schema = input->schema;
    table->name = STR("out");
    table->columns = ARENA_NEW(&b->job, count, struct column);
    table->column_count = count;
    for (uint32_t i = 0; i < count; i++) {
        columns[i] = i;
        table->columns[i] = (struct column){.name = input->schema.columns[i].name,
                                            .type = input->schema.columns[i].type};
        table->columns[i].type.nullable = true;
    }
    node->sink = (struct node_sink){.table = table,
                                    .columns = columns,
                                    .key = columns,
                                    .key_count = key_count,
                                    .number = b->plan.sink_count};
    b->sinks[b->plan.sink_count++] = node;
    return node;
}

/* An empty batch for a scan. */
static inline void batch_for(struct plan_builder *b, struct plan_node *scan, struct batch *batch,
                             struct arena *scratch) {
    struct type *types = ARENA_NEW(&b->job, scan->schema.count, struct type);
    for (uint32_t i = 0; i < scan->schema.count; i++)
        types[i] = scan->schema.columns[i].type;
    batch_init(batch, types, scan->schema.count, &b->job, scratch);
}

/* --- what a sink shows: the last row of each key, printed --- */

struct seen_row {
    char *key, *row;
    bool deleted;
};
struct seen {
    struct seen_row rows[8192];
    uint32_t count, calls;
    uint64_t written, updates;
};

static inline char *seen_print(const struct plan_schema *schema, const struct batch *rows,
                               uint32_t row, const uint32_t *columns, uint32_t count) {
    struct buf out;
    buf_init(&out, 1 << 20);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t column = columns[i];
        struct value value = vec_get(&rows->columns[column], row);
        if (i) buf_append_char(&out, '|');
        value_print(&out, &schema->columns[column].type, &value);
    }
    char *text = strdup(buf_c_string(&out));
    buf_release(&out);
    return text;
}

static inline struct seen_row *seen_find(struct seen *seen, const char *key) {
    for (uint32_t i = 0; i < seen->count; i++)
        if (strcmp(seen->rows[i].key, key) == 0) return &seen->rows[i];
    return NULL;
}

static inline bool seen_rows(void *self, const struct plan_node *sink, const struct batch *rows,
                             struct error *err) {
    struct seen *seen = self;
    (void)err;
    seen->calls++;
    for (uint32_t i = 0; i < rows->selected; i++) {
        uint32_t row = batch_row(rows, i);
        char *key = seen_print(&sink->schema, rows, row, sink->sink.key, sink->sink.key_count);
        struct seen_row *old = seen_find(seen, key);
        seen->written++;
        seen->updates += batch_kind(rows, row) == ROW_UPDATE_AFTER;
        if (old) {
            free(old->row);
            free(key);
        } else {
            old = &seen->rows[seen->count++];
            old->key = key;
        }
        old->row = seen_print(&sink->schema, rows, row, sink->sink.columns, sink->schema.count);
        old->deleted = batch_kind(rows, row) == ROW_DELETE;
    }
    return true;
}

static inline void seen_clear(struct seen *seen) {
    for (uint32_t i = 0; i < seen->count; i++) {
        free(seen->rows[i].key);
        free(seen->rows[i].row);
    }
    memset(seen, 0, sizeof *seen);
}

#endif
