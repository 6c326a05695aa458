/* SPDX-License-Identifier: Apache-2.0 */
/* Plan nodes exist once. Before a node is made, an equal one is looked for: same kind, same input, same
 * parameters. So four INSERTs over one view share its scan, its watermark and its deduplication, and the
 * rows are read and kept once. Names of columns do not count: an alias changes no row. */
#include "plan/bind.h"

static bool numbers_equal(const uint32_t *a, uint32_t a_count, const uint32_t *b,
                          uint32_t b_count) {
    if (a_count != b_count) return false;
    for (uint32_t i = 0; i < a_count; i++)
        if (a[i] != b[i]) return false;
    return true;
}

static bool exprs_equal(const struct expr *const *a, const struct expr *const *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!expr_equal(a[i], b[i])) return false;
    return true;
}

static bool calls_equal(const struct aggregate_call *a, uint32_t a_count,
                        const struct aggregate_call *b, uint32_t b_count) {
    if (a_count != b_count) return false;
    for (uint32_t i = 0; i < a_count; i++)
        if (a[i].id != b[i].id || a[i].argument != b[i].argument || a[i].filter != b[i].filter ||
            !type_equal(&a[i].argument_type, &b[i].argument_type) ||
            !type_equal(&a[i].result, &b[i].result))
            return false;
    return true;
}

static bool calc_equal(const struct plan_node *a, const struct plan_node *b) {
    if (a->schema.count != b->schema.count) return false;
    if (!a->calc.condition != !b->calc.condition) return false;
    if (a->calc.condition && !expr_equal(a->calc.condition, b->calc.condition)) return false;
    return exprs_equal(a->calc.exprs, b->calc.exprs, a->schema.count);
}

static bool window_equal(const struct node_window *a, const struct node_window *b) {
    return a->window == b->window && a->group_window == b->group_window &&
           a->rowtime == b->rowtime && a->size_ms == b->size_ms && a->offset_ms == b->offset_ms &&
           a->early_fire_ms == b->early_fire_ms && a->late_fire_ms == b->late_fire_ms &&
           a->allow_lateness_ms == b->allow_lateness_ms &&
           numbers_equal(a->keys, a->key_count, b->keys, b->key_count) &&
           calls_equal(a->aggregates, a->aggregate_count, b->aggregates, b->aggregate_count);
}

bool node_equal(const struct plan_node *a, const struct plan_node *b) {
    if (a->kind != b->kind || a->input != b->input) return false;
    switch (a->kind) {
    case NODE_SCAN:
        return a->scan.table == b->scan.table &&
               numbers_equal(a->scan.columns, a->schema.count, b->scan.columns, b->schema.count);
    case NODE_CALC: return calc_equal(a, b);
    case NODE_WATERMARK:
        return a->watermark.rowtime == b->watermark.rowtime &&
               a->watermark.idle_timeout_ms == b->watermark.idle_timeout_ms &&
               a->watermark.max_future_ms == b->watermark.max_future_ms &&
               expr_equal(a->watermark.expr, b->watermark.expr);
    case NODE_DEDUP:
        return a->dedup.ttl_ms == b->dedup.ttl_ms &&
               numbers_equal(a->dedup.keys, a->dedup.key_count, b->dedup.keys, b->dedup.key_count);
    case NODE_GROUP:
        return a->group.ttl_ms == b->group.ttl_ms &&
               numbers_equal(a->group.keys, a->group.key_count, b->group.keys,
                             b->group.key_count) &&
               calls_equal(a->group.aggregates, a->group.aggregate_count, b->group.aggregates,
                           b->group.aggregate_count);
    case NODE_WINDOW: return window_equal(&a->window, &b->window);
    case NODE_SINK: return false; /* each INSERT writes for itself */
    }
    return false;
}

struct plan_node *share_node(struct binder *b, const struct plan_node *proto) {
    for (uint32_t i = 0; i < b->node_count; i++)
        if (node_equal(b->nodes[i], proto)) return b->nodes[i];
    struct plan_node *node = ARENA_NEW(b->job, 1, struct plan_node);
    *node = *proto;
    node->id = b->node_count;
    BIND_GROW(b, b->nodes, b->node_count, b->node_capacity);
    b->nodes[b->node_count++] = node;
    return node;
}

/* Every row, every column in place: the input itself does. */
static bool is_identity(const struct plan_node *input, const struct expr *condition,
                        const struct projection *list) {
    if (condition || list->count != input->schema.count) return false;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->exprs[i]->kind != EXPR_COLUMN || list->exprs[i]->column != i ||
            !type_equal(&list->exprs[i]->type, &input->schema.columns[i].type))
            return false;
    return true;
}

struct plan_node *share_calc(struct binder *b, struct plan_node *input,
                             const struct expr *condition, const struct projection *list,
                             struct span span) {
    if (is_identity(input, condition, list)) return input;
    struct plan_node proto = {
        .kind = NODE_CALC,
        .input = input,
        .schema = {list->columns, list->count},
        .span = span,
        .calc = {.condition = condition, .exprs = list->exprs},
    };
    return share_node(b, &proto);
}
