/* SPDX-License-Identifier: Apache-2.0 */
/* From the bound graph to the plan, in passes over the nodes that a sink reaches (inputs before consumers):
 *
 *   1 merge    a calc over a calc becomes one, where nobody else reads the lower one
 *   2 prune    columns that no consumer reads disappear, down to the scan; sharing stays
 *   3 absorb   a calc that only picks columns goes away under nodes that name columns by number
 *   4 unite    nodes that became equal are one again
 *   5 number   ids, scans, sinks, changelog mode, upsert keys */
#include "plan/bind.h"

struct finish {
    struct binder *b;
    struct plan_node **nodes; /* reachable, in topological order */
    uint32_t count;
    uint32_t *consumers; /* by node id, which is the position in nodes */
};

static uint32_t *numbers(struct binder *b, uint32_t count) {
    return ARENA_NEW(b->job, count + 1u, uint32_t);
}

/* Marks, orders and counts. Node ids are positions afterwards. */
static void collect(struct finish *f) {
    struct binder *b = f->b;
    uint32_t total = 0;
    bool *seen = ARENA_NEW(b->job, b->node_count + 1u, bool);
    for (uint32_t i = 0; i < b->node_count; i++)
        b->nodes[i]->id = i;
    for (uint32_t s = 0; s < b->sink_count; s++)
        for (struct plan_node *node = b->sinks[s]; node && !seen[node->id]; node = node->input)
            seen[node->id] = true, total++;
    f->nodes = ARENA_NEW(b->job, total + 1u, struct plan_node *);
    f->count = 0;
    for (uint32_t i = 0; i < b->node_count; i++)
        if (seen[i]) f->nodes[f->count++] = b->nodes[i];
    f->consumers = numbers(b, f->count);
    for (uint32_t i = 0; i < f->count; i++)
        f->nodes[i]->id = i;
    for (uint32_t i = 0; i < f->count; i++)
        if (f->nodes[i]->input) f->consumers[f->nodes[i]->input->id]++;
}

/* ---- 1 merge ---- */

static bool picks_columns(const struct plan_node *node) {
    if (node->kind != NODE_CALC || node->calc.condition) return false;
    for (uint32_t i = 0; i < node->schema.count; i++)
        if (node->calc.exprs[i]->kind != EXPR_COLUMN) return false;
    return true;
}

static void count_uses(const struct expr *expr, uint32_t *uses) {
    if (expr->kind == EXPR_COLUMN) uses[expr->column]++;
    for (uint32_t i = 0; i < expr->arg_count; i++)
        count_uses(expr->args[i], uses);
}

/* Nothing is computed twice, grows too large, or fails on a row that the lower filter would have stopped. */
static bool can_merge(const struct finish *f, const struct plan_node *upper,
                      const struct plan_node *lower) {
    if (f->consumers[lower->id] > 1 && !picks_columns(lower)) return false;
    if (lower->calc.condition && upper->calc.condition && expr_can_fail(upper->calc.condition))
        return false;
    uint32_t *uses = numbers(f->b, lower->schema.count);
    if (upper->calc.condition) count_uses(upper->calc.condition, uses);
    for (uint32_t i = 0; i < upper->schema.count; i++)
        count_uses(upper->calc.exprs[i], uses);
    uint64_t size = 0;
    for (uint32_t i = 0; i < lower->schema.count; i++) {
        if (uses[i] > 1 && lower->calc.exprs[i]->size > 1) return false;
        size += (uint64_t)uses[i] * lower->calc.exprs[i]->size;
    }
    return size <= EXPR_SIZE_MAX;
}

struct lower_calc {
    struct binder *b;
    const struct plan_node *node;
};

static const struct expr *from_lower(void *self, const struct expr *column) {
    const struct lower_calc *lower = self;
    const struct expr *expr = lower->node->calc.exprs[column->column];
    if (type_equal(&expr->type, &column->type)) return expr;
    return expr_retype(lower->b, expr, column->type);
}

static void merge(struct finish *f, struct plan_node *upper) {
    while (upper->kind == NODE_CALC && upper->input->kind == NODE_CALC &&
           can_merge(f, upper, upper->input)) {
        struct plan_node *below = upper->input;
        struct lower_calc lower = {f->b, below};
        const struct expr **exprs =
            ARENA_NEW(f->b->job, upper->schema.count + 1u, const struct expr *);
        for (uint32_t i = 0; i < upper->schema.count; i++)
            exprs[i] = expr_rewrite(f->b, upper->calc.exprs[i], from_lower, &lower);
        const struct expr *condition = upper->calc.condition;
        if (condition) condition = expr_rewrite(f->b, condition, from_lower, &lower);
        upper->calc.exprs = exprs;
        upper->calc.condition = expr_and(f->b, below->calc.condition, condition);
        upper->input = below->input;
        if (--f->consumers[below->id] > 0) f->consumers[below->input->id]++;
    }
}

/* ---- 2 prune ---- */

static void mark_expr(const struct expr *expr, bool *needed) {
    if (expr->kind == EXPR_COLUMN) needed[expr->column] = true;
    for (uint32_t i = 0; i < expr->arg_count; i++)
        mark_expr(expr->args[i], needed);
}

static void mark_list(const uint32_t *columns, uint32_t count, bool *needed) {
    for (uint32_t i = 0; i < count; i++)
        needed[columns[i]] = true;
}

static void mark_calls(const struct aggregate_call *calls, uint32_t count, const bool *own,
                       bool *needed) {
    for (uint32_t i = 0; i < count; i++) {
        if (!own[i]) continue;
        if (calls[i].argument != COLUMN_NONE) needed[calls[i].argument] = true;
        if (calls[i].filter != COLUMN_NONE) needed[calls[i].filter] = true;
    }
}

static void mark_same(const bool *own, uint32_t count, bool *needed) {
    for (uint32_t i = 0; i < count; i++)
        needed[i] = needed[i] || own[i];
}

/* What `node` reads of its input, given which of its own columns are read. */
static void mark_input(const struct plan_node *node, const bool *own, bool *needed) {
    switch (node->kind) {
    case NODE_SCAN: return;
    case NODE_CALC:
        if (node->calc.condition) mark_expr(node->calc.condition, needed);
        for (uint32_t i = 0; i < node->schema.count; i++)
            if (own[i]) mark_expr(node->calc.exprs[i], needed);
        return;
    case NODE_WATERMARK:
        mark_same(own, node->schema.count, needed);
        needed[node->watermark.rowtime] = true;
        mark_expr(node->watermark.expr, needed);
        return;
    case NODE_DEDUP:
        mark_same(own, node->schema.count, needed);
        mark_list(node->dedup.keys, node->dedup.key_count, needed);
        return;
    case NODE_GROUP:
        mark_list(node->group.keys, node->group.key_count, needed);
        mark_calls(node->group.aggregates, node->group.aggregate_count, own + node->group.key_count,
                   needed);
        return;
    case NODE_WINDOW:
        needed[node->window.rowtime] = true;
        mark_list(node->window.keys, node->window.key_count, needed);
        mark_calls(node->window.aggregates, node->window.aggregate_count,
                   own + node->window.key_count, needed);
        return;
    case NODE_SINK: mark_list(node->sink.columns, node->schema.count, needed); return;
    }
}

/* Old column numbers to new ones; COLUMN_NONE for those that went. */
struct renumber {
    struct binder *b;
    const uint32_t *map;
};

static const struct expr *renumbered(void *self, const struct expr *column) {
    const struct renumber *r = self;
    return expr_column(r->b, r->map[column->column], column->type, column->span);
}

static const uint32_t *renumber_list(const struct renumber *r, const uint32_t *columns,
                                     uint32_t count) {
    uint32_t *out = numbers(r->b, count);
    for (uint32_t i = 0; i < count; i++)
        out[i] = r->map[columns[i]];
    return out;
}

static uint32_t renumber_one(const struct renumber *r, uint32_t column) {
    return column == COLUMN_NONE ? COLUMN_NONE : r->map[column];
}

/* Numbers the kept columns and shortens the schema. */
static uint32_t *keep_columns(struct binder *b, struct plan_node *node, const bool *needed) {
    uint32_t *map = numbers(b, node->schema.count), kept = 0;
    struct plan_column *columns = ARENA_NEW(b->job, node->schema.count + 1u, struct plan_column);
    for (uint32_t i = 0; i < node->schema.count; i++) {
        map[i] = needed[i] ? kept : COLUMN_NONE;
        if (needed[i]) columns[kept++] = node->schema.columns[i];
    }
    node->schema = (struct plan_schema){columns, kept};
    return map;
}

static uint32_t *prune_scan(struct binder *b, struct plan_node *node, const bool *needed) {
    uint32_t before = node->schema.count, *map = keep_columns(b, node, needed),
             *columns = numbers(b, before);
    for (uint32_t i = 0; i < before; i++)
        if (map[i] != COLUMN_NONE) columns[map[i]] = node->scan.columns[i];
    node->scan.columns = columns;
    return map;
}

static uint32_t *prune_calc(struct renumber *r, struct plan_node *node, const bool *needed) {
    uint32_t before = node->schema.count, *map = keep_columns(r->b, node, needed);
    const struct expr **exprs = ARENA_NEW(r->b->job, before + 1u, const struct expr *);
    for (uint32_t i = 0; i < before; i++)
        if (map[i] != COLUMN_NONE)
            exprs[map[i]] = expr_rewrite(r->b, node->calc.exprs[i], renumbered, r);
    node->calc.exprs = exprs;
    if (node->calc.condition)
        node->calc.condition = expr_rewrite(r->b, node->calc.condition, renumbered, r);
    return map;
}

/* Keys and window bounds always stay; `calls` loses the aggregates that nobody reads. */
static uint32_t *prune_aggregates(struct renumber *r, struct plan_node *node, bool *needed,
                                  uint32_t keys, const struct aggregate_call **calls,
                                  uint32_t *count) {
    uint32_t total = *count, kept = 0;
    struct aggregate_call *out = ARENA_NEW(r->b->job, total + 1u, struct aggregate_call);
    for (uint32_t i = 0; i < node->schema.count; i++)
        needed[i] = needed[i] || i < keys || i >= keys + total;
    for (uint32_t i = 0; i < total; i++) {
        if (!needed[keys + i]) continue;
        out[kept] = (*calls)[i];
        out[kept].argument = renumber_one(r, out[kept].argument);
        out[kept].filter = renumber_one(r, out[kept].filter);
        kept++;
    }
    *calls = out;
    *count = kept;
    return keep_columns(r->b, node, needed);
}

/* Rewrites one node for its pruned input and returns the map of its own columns. */
static const uint32_t *prune_node(struct renumber *r, struct plan_node *node, bool *needed) {
    switch (node->kind) {
    case NODE_SCAN: return prune_scan(r->b, node, needed);
    case NODE_CALC: return prune_calc(r, node, needed);
    case NODE_WATERMARK:
        node->schema = node->input->schema;
        node->watermark.rowtime = r->map[node->watermark.rowtime];
        node->watermark.expr = expr_rewrite(r->b, node->watermark.expr, renumbered, r);
        return r->map;
    case NODE_DEDUP:
        node->schema = node->input->schema;
        node->dedup.keys = renumber_list(r, node->dedup.keys, node->dedup.key_count);
        return r->map;
    case NODE_GROUP:
        node->group.keys = renumber_list(r, node->group.keys, node->group.key_count);
        return prune_aggregates(r, node, needed, node->group.key_count, &node->group.aggregates,
                                &node->group.aggregate_count);
    case NODE_WINDOW:
        node->window.rowtime = r->map[node->window.rowtime];
        node->window.keys = renumber_list(r, node->window.keys, node->window.key_count);
        return prune_aggregates(r, node, needed, node->window.key_count, &node->window.aggregates,
                                &node->window.aggregate_count);
    case NODE_SINK:
        node->sink.columns = renumber_list(r, node->sink.columns, node->schema.count);
        node->sink.key = renumber_list(r, node->sink.key, node->sink.key_count);
        node->schema = node->input->schema;
        return r->map;
    }
    return r->map;
}

static void prune(struct finish *f) {
    struct arena *job = f->b->job;
    bool **needed = ARENA_NEW(job, f->count + 1u, bool *);
    const uint32_t **maps = ARENA_NEW(job, f->count + 1u, const uint32_t *);
    for (uint32_t i = 0; i < f->count; i++)
        needed[i] = ARENA_NEW(job, f->nodes[i]->schema.count + 1u, bool);
    for (uint32_t i = f->count; i > 0; i--) {
        const struct plan_node *node = f->nodes[i - 1];
        if (node->input) mark_input(node, needed[i - 1], needed[node->input->id]);
    }
    for (uint32_t i = 0; i < f->count; i++) {
        struct plan_node *node = f->nodes[i];
        struct renumber r = {f->b, node->input ? maps[node->input->id] : NULL};
        maps[i] = prune_node(&r, node, needed[i]);
    }
}

/* ---- 3 absorb ---- */

static bool keeps_types(const struct plan_node *calc) {
    for (uint32_t i = 0; i < calc->schema.count; i++)
        if (!type_equal(&calc->calc.exprs[i]->type,
                        &calc->input->schema.columns[calc->calc.exprs[i]->column].type))
            return false;
    return true;
}

static bool is_identity(const struct plan_node *calc) {
    if (!picks_columns(calc) || !keeps_types(calc) ||
        calc->schema.count != calc->input->schema.count)
        return false;
    for (uint32_t i = 0; i < calc->schema.count; i++)
        if (calc->calc.exprs[i]->column != i) return false;
    return true;
}

static struct aggregate_call *renumber_calls(const struct renumber *r,
                                             const struct aggregate_call *calls, uint32_t count) {
    struct aggregate_call *out = ARENA_NEW(r->b->job, count + 1u, struct aggregate_call);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = calls[i];
        out[i].argument = renumber_one(r, calls[i].argument);
        out[i].filter = renumber_one(r, calls[i].filter);
    }
    return out;
}

static void absorb(struct finish *f, struct plan_node *node) {
    while (node->input && is_identity(node->input))
        node->input = node->input->input;
    bool by_number =
        node->kind == NODE_GROUP || node->kind == NODE_WINDOW || node->kind == NODE_SINK;
    if (!by_number || !picks_columns(node->input) || !keeps_types(node->input)) return;
    const struct plan_node *calc = node->input;
    uint32_t *map = numbers(f->b, calc->schema.count);
    for (uint32_t i = 0; i < calc->schema.count; i++)
        map[i] = calc->calc.exprs[i]->column;
    struct renumber r = {f->b, map};
    node->input = calc->input;
    if (node->kind == NODE_GROUP) {
        node->group.keys = renumber_list(&r, node->group.keys, node->group.key_count);
        node->group.aggregates =
            renumber_calls(&r, node->group.aggregates, node->group.aggregate_count);
    } else if (node->kind == NODE_WINDOW) {
        node->window.rowtime = map[node->window.rowtime];
        node->window.keys = renumber_list(&r, node->window.keys, node->window.key_count);
        node->window.aggregates =
            renumber_calls(&r, node->window.aggregates, node->window.aggregate_count);
    } else {
        node->sink.columns = renumber_list(&r, node->sink.columns, calc->schema.count);
        node->sink.key = renumber_list(&r, node->sink.key, node->sink.key_count);
        node->schema = node->input->schema;
    }
}

/* ---- 4 unite ---- */

static void unite(struct finish *f) {
    struct plan_node **canonical = ARENA_NEW(f->b->job, f->count + 1u, struct plan_node *);
    for (uint32_t i = 0; i < f->count; i++) {
        struct plan_node *node = f->nodes[i];
        if (node->input) node->input = canonical[node->input->id];
        canonical[i] = node;
        for (uint32_t j = 0; j < i && canonical[i] == node; j++)
            if (canonical[j] == f->nodes[j] && node_equal(f->nodes[j], node))
                canonical[i] = f->nodes[j];
    }
}

/* ---- 5 number ---- */

static void set_upsert_key(struct binder *b, struct plan_node *node) {
    node->updating = node_is_updating(node);
    if (!node->updating) return;
    struct key_classes keys = node_key_classes(b->job, node);
    uint32_t *key = numbers(b, keys.count);
    for (uint32_t k = 1; k <= keys.count; k++) {
        uint32_t i = 0;
        while (i < node->schema.count && keys.of[i] != k)
            i++;
        if (i == node->schema.count) return; /* lost: upsert_key stays NULL */
        key[k - 1] = i;
    }
    node->upsert_key = key;
    node->upsert_key_count = keys.count;
}

static void list_tables(struct binder *b, struct plan *plan) {
    const struct table **tables = ARENA_NEW(b->job, b->entry_count + 1u, const struct table *);
    for (uint32_t i = 0; i < b->entry_count; i++) {
        if (b->entries[i].table)
            tables[plan->table_count++] = b->entries[i].table;
        else
            plan->view_count++;
    }
    plan->tables = tables;
}

/* The calc under a sink writes the sink's columns: it has their names, whatever the query called them. */
static void name_sink_columns(struct finish *f, const struct plan_node *sink) {
    struct plan_node *calc = sink->input;
    const struct table *table = sink->sink.table;
    if (calc->kind != NODE_CALC || f->consumers[calc->id] > 1) return;
    struct plan_column *columns = ARENA_NEW(f->b->job, calc->schema.count + 1u, struct plan_column);
    memcpy(columns, calc->schema.columns, calc->schema.count * sizeof *columns);
    for (uint32_t i = 0, c = 0; i < table->column_count; i++)
        if (table->columns[i].kind == COLUMN_PHYSICAL)
            columns[sink->sink.columns[c++]].name = table->columns[i].name;
    calc->schema.columns = columns;
}

static struct plan *number(struct finish *f) {
    struct binder *b = f->b;
    struct plan *plan = ARENA_NEW(b->job, 1, struct plan);
    *plan = (struct plan){.file = b->file,
                          .text = b->text,
                          .nodes = f->nodes,
                          .node_count = f->count,
                          .sinks = b->sinks,
                          .sink_count = b->sink_count,
                          .statement_sets = b->statement_sets,
                          .set_inserts = b->set_inserts};
    plan->scans = ARENA_NEW(b->job, f->count + 1u, struct plan_node *);
    for (uint32_t i = 0; i < f->count; i++) {
        struct plan_node *node = f->nodes[i];
        if (node->kind == NODE_SINK) {
            name_sink_columns(f, node);
            node->schema = node->input->schema;
        }
        if (node->kind == NODE_SCAN) plan->scans[plan->scan_count++] = node;
        set_upsert_key(b, node);
    }
    plan->settings = b->insert_count ? b->first_settings : b->settings;
    list_tables(b, plan);
    return plan;
}

struct plan *plan_finish(struct binder *b) {
    struct finish f = {.b = b};
    collect(&f);
    for (uint32_t i = 0; i < f.count; i++)
        merge(&f, f.nodes[i]);
    collect(&f);
    prune(&f);
    for (uint32_t i = 0; i < f.count; i++)
        absorb(&f, f.nodes[i]);
    collect(&f);
    unite(&f);
    collect(&f);
    return number(&f);
}
