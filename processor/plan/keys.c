/* SPDX-License-Identifier: Apache-2.0 */
/* Changelog mode and upsert key. A result is updating when a row of it may be replaced; its upsert key is
 * the set of columns that say which one. Keys survive a plain reference, a new name and a widening of
 * integers; any other expression loses them (Flink's rule).
 *
 * Columns come in classes: window_start and window_end are one, because either tells the window. */
#include "plan/bind.h"

const struct plan_node *node_updating_source(const struct plan_node *node) {
    for (; node; node = node->input) {
        if (node->kind == NODE_GROUP) return node;
        if (node->kind == NODE_WINDOW)
            return node->window.early_fire_ms >= 0 || node->window.late_fire_ms >= 0 ? node : NULL;
    }
    return NULL;
}

bool node_is_updating(const struct plan_node *node) {
    return node_updating_source(node) != NULL;
}

static struct key_classes no_keys(struct arena *job, uint32_t columns) {
    return (struct key_classes){.of = ARENA_NEW(job, columns + 1u, uint32_t)};
}

static struct key_classes aggregate_keys(struct arena *job, const struct plan_node *node) {
    struct key_classes keys = no_keys(job, node->schema.count);
    bool window = node->kind == NODE_WINDOW;
    keys.count = window ? node->window.key_count : node->group.key_count;
    for (uint32_t i = 0; i < keys.count; i++)
        keys.of[i] = i + 1;
    if (window) {
        keys.count++;
        keys.of[node->schema.count - 2] = keys.of[node->schema.count - 1] = keys.count;
    }
    return keys;
}

static struct key_classes dedup_keys(struct arena *job, const struct plan_node *node) {
    struct key_classes keys = no_keys(job, node->schema.count);
    keys.count = node->dedup.key_count;
    for (uint32_t i = 0; i < keys.count; i++)
        keys.of[node->dedup.keys[i]] = i + 1;
    return keys;
}

/* The column that an expression passes on without loss of identity, or COLUMN_NONE. */
static uint32_t carried_column(const struct expr *expr) {
    while (expr->kind == EXPR_CALL && expr->function == FUNCTION_CAST_I32_I64)
        expr = expr->args[0];
    return expr->kind == EXPR_COLUMN ? expr->column : COLUMN_NONE;
}

static struct key_classes calc_keys(struct arena *job, const struct plan_node *node) {
    struct key_classes below = node_key_classes(job, node->input);
    struct key_classes keys = no_keys(job, node->schema.count);
    keys.count = below.count;
    for (uint32_t i = 0; i < node->schema.count; i++) {
        uint32_t column = carried_column(node->calc.exprs[i]);
        if (column != COLUMN_NONE)
            keys.of[i] = below.of[column];
        else if (node->calc.exprs[i]->kind == EXPR_LITERAL)
            keys.of[i] = KEY_CONSTANT;
    }
    return keys;
}

struct key_classes node_key_classes(struct arena *job, const struct plan_node *node) {
    switch (node->kind) {
    case NODE_GROUP:
    case NODE_WINDOW: return aggregate_keys(job, node);
    case NODE_CALC: return calc_keys(job, node);
    case NODE_WATERMARK:
    case NODE_SINK: return node_key_classes(job, node->input);
    case NODE_DEDUP: return dedup_keys(job, node);
    case NODE_SCAN: break;
    }
    return no_keys(job, node->schema.count);
}

static void print_columns(struct buf *out, const struct plan_schema *schema,
                          const uint32_t *columns, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(schema->columns[columns[i]].name));
}

void node_flink_name(struct buf *out, const struct plan_node *node) {
    const struct plan_schema *input = &node->input->schema;
    bool window = node->kind == NODE_WINDOW;
    buf_append(out,
               window ? STR("GroupWindowAggregate(groupBy=[") : STR("GroupAggregate(groupBy=["));
    print_columns(out, input, window ? node->window.keys : node->group.keys,
                  window ? node->window.key_count : node->group.key_count);
    buf_append(out, STR("]"));
    if (window) {
        buf_printf(out, ", window=[TumblingGroupWindow('w$, " STR_FMT ", ",
                   STR_ARG(input->columns[node->window.rowtime].name));
        buf_append_i64(out, node->window.size_ms);
        buf_append(out, STR(")]"));
    }
    buf_append(out, STR(", select=["));
    for (uint32_t i = 0; i < node->schema.count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(node->schema.columns[i].name));
    buf_append(out, STR("])"));
}

void warn_unbounded(struct binder *b, const struct plan_node *node, int64_t ttl_ms,
                    struct span span) {
    if (ttl_ms != 0 || b->declaring || settings_has_ttl(b)) return;
    struct buf keys;
    buf_init(&keys, 1024);
    print_columns(&keys, &node->input->schema,
                  node->kind == NODE_GROUP ? node->group.keys : node->dedup.keys,
                  node->kind == NODE_GROUP ? node->group.key_count : node->dedup.key_count);
    if (keys.len)
        bind_warn(b, span, "W0301",
                  "SET 'table.exec.state.ttl' = '24 h'; or say that all keys are meant: '0 s'",
                  "state grows without bound: about %llu bytes for each (" STR_FMT
                  ") that ever appears",
                  (unsigned long long)node_state_bytes(node), STR_ARG(buf_str(&keys)));
    buf_release(&keys);
}
