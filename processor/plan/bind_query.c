/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: FROM, WHERE, SELECT without GROUP BY, WITH, and the ROW_NUMBER pattern. Views, derived tables and
 * CTEs are bound in place; share.c finds out that they are the same. */
#include "plan/bind.h"

/* ---- projections ---- */

void projection_append(struct binder *b, struct projection *list, const struct expr *expr,
                       struct str name) {
    uint32_t capacity = list->capacity;
    list->exprs = bind_grow(b->job, list->exprs, list->count, &capacity, sizeof *list->exprs);
    BIND_GROW(b, list->columns, list->count, list->capacity);
    list->exprs[list->count] = expr;
    list->columns[list->count++] = (struct plan_column){name, expr->type};
}

uint32_t projection_add(struct binder *b, struct projection *list, const struct expr *expr,
                        struct str name) {
    for (uint32_t i = 0; i < list->count; i++)
        if (expr_equal(list->exprs[i], expr)) return i;
    projection_append(b, list, expr, name);
    return list->count - 1;
}

static enum column_role role_of(const struct relation *input, const struct expr *expr) {
    if (expr->kind != EXPR_COLUMN) return ROLE_PLAIN;
    for (uint32_t i = 0; i < input->count; i++)
        if (input->columns[i].column == expr->column &&
            type_equal(&input->columns[i].type, &expr->type))
            return input->columns[i].role;
    return ROLE_PLAIN;
}

/* Window columns keep their meaning only with their row time, which then travels along unseen. */
static void carry_window(struct binder *b, const struct relation *input, struct projection *list,
                         struct relation *out) {
    out->has_window = false;
    for (uint32_t i = 0; i < out->count; i++)
        out->has_window = out->has_window || out->columns[i].role != ROLE_PLAIN;
    if (!out->has_window) return;
    const struct plan_column *rowtime = &input->node->schema.columns[input->window.rowtime];
    const struct expr *column = expr_column(b, input->window.rowtime, rowtime->type,
                                            out->node ? out->node->span : (struct span){0, 0});
    out->window = input->window;
    out->window.rowtime = projection_add(b, list, column, rowtime->name);
}

static bool refuse_filter(struct binder *b, const struct relation *input,
                          const struct expr *condition) {
    const struct plan_node *source = condition ? node_updating_source(input->node) : NULL;
    if (!source) return true;
    struct buf name;
    buf_init(&name, 1024);
    node_flink_name(&name, source);
    bind_error(b, condition->span, "E0309",
               "filter the rows before they are aggregated, or keep all groups and filter in Pinot",
               "a filter above an updating result is not supported: groups of " STR_FMT
               " that stop to fit would "
               "have to be deleted",
               STR_ARG(buf_str(&name)));
    buf_release(&name);
    return false;
}

bool relation_project(struct binder *b, const struct relation *input, const struct expr *condition,
                      const struct expr *const *items, const struct str *names, uint32_t count,
                      struct span span, struct relation *out) {
    if (!refuse_filter(b, input, condition)) return false;
    struct projection list = {0};
    struct relation result = {.columns = ARENA_NEW(b->job, count + 1u, struct scope_column),
                              .count = count};
    for (uint32_t i = 0; i < count; i++) {
        projection_append(b, &list, items[i], names[i]);
        result.columns[i] =
            (struct scope_column){STR(""), names[i], i, items[i]->type, role_of(input, items[i])};
    }
    if (input->has_window) carry_window(b, input, &list, &result);
    result.node = share_calc(b, input->node, condition, &list, span);
    *out = result;
    return true;
}

/* ---- FROM ---- */

/* An alias hides the former names; alias columns rename from the left. */
static bool apply_alias(struct binder *b, const struct ast_alias *alias,
                        struct relation *relation) {
    struct scope_column *columns = ARENA_NEW(b->job, relation->count + 1u, struct scope_column);
    memcpy(columns, relation->columns, relation->count * sizeof *columns);
    relation->columns = columns;
    if (alias->name.text.len) relation->name = alias->name.text;
    for (uint32_t i = 0; i < relation->count; i++)
        columns[i].qualifier = relation->name;
    if (alias->columns.count == 0) return true;
    if (alias->columns.count != relation->count)
        return bind_error(
            b, alias->name.span, "E0207", NULL,
            "List of column aliases must have same degree as table; table has %u columns, alias list "
            "has %u",
            relation->count, alias->columns.count);
    for (uint32_t i = 0; i < relation->count; i++)
        columns[i].name = alias->columns.items[i].text;
    return true;
}

static void check_hints(struct binder *b, const struct ast_hints *hints) {
    for (uint32_t i = 0; i < hints->count; i++) {
        const struct ast_hint *hint = &hints->items[i];
        if (str_eq_nocase(hint->name.text, STR("OPTIONS")))
            bind_error(b, hint->span, "E0336", "write the options into CREATE TABLE … WITH",
                       "the hint OPTIONS is not supported");
        else
            bind_notice(b, hint->span, "N0406", NULL, "hint " STR_FMT " has no effect here",
                        STR_ARG(hint->name.text));
    }
}

static bool bind_view(struct binder *b, const struct catalog_entry *entry, struct span span,
                      struct relation *out) {
    if (entry->broken) return false;
    if (b->view_depth >= 64)
        return bind_error(b, span, "E0301", NULL, "views are nested more than 64 deep");
    const struct ast_create_view *view = entry->view;
    struct str name = entry->name;
    const struct cte_scope *ctes = b->ctes;
    b->ctes = NULL;
    b->view_depth++;
    bool ok = bind_query(b, view->query, out);
    b->view_depth--;
    b->ctes = ctes;
    struct ast_alias alias = {.name = {.text = name, .span = span}, .columns = view->columns};
    return ok && apply_alias(b, &alias, out);
}

static const struct cte_scope *find_cte(const struct binder *b, const struct ast_name *name) {
    if (name->parts.count != 1) return NULL;
    for (const struct cte_scope *scope = b->ctes; scope; scope = scope->outer)
        if (str_eq(scope->cte->name.text, name->parts.items[0].text)) return scope;
    return NULL;
}

static bool bind_cte(struct binder *b, const struct cte_scope *scope, struct relation *out) {
    const struct cte_scope *inner = b->ctes;
    b->ctes = scope->outer; /* a CTE sees only those before it */
    bool ok = bind_query(b, scope->cte->query, out);
    b->ctes = inner;
    struct ast_alias alias = {.name = scope->cte->name, .columns = scope->cte->columns};
    return ok && apply_alias(b, &alias, out);
}

static bool bind_named(struct binder *b, const struct ast_name *name, struct relation *out) {
    const struct cte_scope *cte = find_cte(b, name);
    if (cte) return bind_cte(b, cte, out);
    struct catalog_entry *entry = bind_lookup(b, name);
    if (!entry) return false;
    if (entry->view) return bind_view(b, entry, name->span, out);
    return bind_scan(b, entry, name->span, out);
}

static bool refuse_clause(struct binder *b, const struct ast_opaque *clause) {
    if (clause->word.len == 0) return true;
    bool match = str_starts(clause->word, STR("MATCH"));
    return bind_error(
        b, clause->span, match ? "E0342" : "E0343",
        match
            ? "nearest supported form: TUMBLE window with COUNT(*) FILTER (WHERE …); or run this file "
              "on Flink unchanged"
            : "run this file on Flink unchanged",
        STR_FMT " is not supported%s", STR_ARG(clause->word),
        match ? " (Flink: pattern recognition)" : "");
}

static bool refuse_join(struct binder *b, const struct ast_table_ref *ref) {
    static const char *const names[] = {
        [AST_JOIN_COMMA] = "a comma join", [AST_JOIN_INNER] = "JOIN",
        [AST_JOIN_LEFT] = "LEFT JOIN",     [AST_JOIN_RIGHT] = "RIGHT JOIN",
        [AST_JOIN_FULL] = "FULL JOIN",     [AST_JOIN_CROSS] = "CROSS JOIN"};
    return bind_error(b, ref->join.join_span, "E0306",
                      "write both sides to one topic, or run this file on Flink unchanged",
                      "%s is not supported (Flink: regular, interval and temporal joins)",
                      names[ref->join.kind]);
}

static bool bind_table_name(struct binder *b, const struct ast_table_ref *ref,
                            struct relation *out) {
    check_hints(b, &ref->table.hints);
    if (ref->table.as_of)
        return bind_error(b, ref->span, "E0338", "run this file on Flink unchanged",
                          "FOR SYSTEM_TIME AS OF is not supported (Flink: temporal join)");
    return bind_named(b, &ref->table.name, out);
}

bool bind_from(struct binder *b, const struct ast_table_ref *ref, struct relation *out) {
    if (!refuse_clause(b, &ref->clause) || !refuse_clause(b, &ref->clause_after)) return false;
    bool ok = false;
    switch (ref->kind) {
    case AST_TABLE_NAME: ok = bind_table_name(b, ref, out); break;
    case AST_TABLE_QUERY: ok = bind_query(b, ref->query, out); break;
    case AST_TABLE_FUNCTION: ok = bind_table_function(b, ref, out); break;
    case AST_TABLE_UNNEST:
        return bind_error(b, ref->span, "E0330", "run this file on Flink unchanged",
                          "UNNEST is not supported");
    case AST_TABLE_JOIN: return refuse_join(b, ref);
    }
    if (!ok) return false;
    if (ref->kind == AST_TABLE_QUERY) out->name = STR("");
    return apply_alias(b, &ref->alias, out);
}

/* ---- ROW_NUMBER: keep the first row of a key ---- */

static const struct ast_call *rank_call(const struct ast_expr *expr) {
    if (expr->kind != AST_EXPR_CALL || !expr->call->over || expr->call->name.parts.count != 1)
        return NULL;
    return str_eq_nocase(expr->call->name.parts.items[0].text, STR("ROW_NUMBER")) ? expr->call
                                                                                  : NULL;
}

static const struct ast_expr *find_rank(const struct ast_select *select) {
    for (uint32_t i = 0; i < select->items.count; i++)
        if (rank_call(select->items.items[i].expr)) return select->items.items[i].expr;
    return NULL;
}

static bool check_rank_order(struct expr_scope *scope, const struct ast_expr *ast) {
    const struct ast_window *over = ast->call->over;
    const char *form = "ROW_NUMBER() OVER (PARTITION BY k ORDER BY p ASC) with p AS PROCTIME()";
    if (over->order_by.count != 1 || over->base.text.len || over->frame != AST_FRAME_NONE)
        return bind_error(scope->b, ast->span, "E0322", form,
                          "this form of ROW_NUMBER is not supported (Flink: Top-N)");
    const struct ast_order_item *item = &over->order_by.items[0];
    const struct expr *order = bind_expr(scope, item->expr);
    if (!order) return false;
    if (order->type.time == TIME_PROCESSING && !item->descending) return true;
    const char *what = order->type.time == TIME_PROCESSING
                           ? "keep-last deduplication (ORDER BY proctime DESC)"
                       : order->type.time == TIME_EVENT ? "deduplication by row time"
                                                        : "Top-N (ORDER BY a value)";
    return bind_error(scope->b, item->expr->span, "E0322", form, "%s is not supported", what);
}

static bool contains(const uint32_t *list, uint32_t count, uint32_t number) {
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == number) return true;
    return false;
}

static bool bind_rank_keys(struct expr_scope *scope, const struct ast_expr *ast,
                           struct projection *list, struct rank_spec *rank) {
    const struct ast_exprs *by = &ast->call->over->partition_by;
    uint32_t *keys = ARENA_NEW(scope->b->job, by->count + 1u, uint32_t), count = 0;
    if (by->count == 0)
        return bind_error(scope->b, ast->span, "E0322",
                          "PARTITION BY the columns that make a row unique",
                          "ROW_NUMBER without PARTITION BY is not supported");
    for (uint32_t i = 0; i < by->count; i++) {
        const struct expr *key = bind_expr(scope, by->items[i]);
        if (!key) return false;
        keys[count] = projection_add(scope->b, list, key, STR("$key"));
        count += !contains(keys, count, keys[count]);
    }
    *rank = (struct rank_spec){keys, count, ast->span};
    return true;
}

/* ---- the select list ---- */

struct select_list {
    const struct expr **exprs;
    struct str *names;
    uint32_t count, capacity;
    uint32_t rank; /* item that is ROW_NUMBER(), or COLUMN_NONE */
};

static void list_add(struct binder *b, struct select_list *list, const struct expr *expr,
                     struct str name) {
    uint32_t capacity = list->capacity;
    list->exprs = bind_grow(b->job, list->exprs, list->count, &capacity, sizeof *list->exprs);
    BIND_GROW(b, list->names, list->count, list->capacity);
    list->exprs[list->count] = expr;
    list->names[list->count++] = name;
}

static bool expand_star(struct binder *b, const struct relation *input, const struct ast_expr *star,
                        struct select_list *list) {
    uint32_t before = list->count, n = star->name.parts.count;
    for (uint32_t i = 0; i < input->count; i++) {
        const struct scope_column *column = &input->columns[i];
        if (n && !str_eq(column->qualifier, star->name.parts.items[n - 1].text)) continue;
        if (column->role == ROLE_ROW_NUMBER)
            return bind_error(b, star->span, "E0322",
                              "filter it in the query directly around: WHERE rn = 1",
                              "the row number '" STR_FMT "' can only be filtered with = 1",
                              STR_ARG(column->name));
        list_add(b, list, expr_column(b, column->column, column->type, star->span), column->name);
    }
    if (list->count > before) return true;
    return bind_error(b, star->span, "E0201", NULL, "Unknown identifier '" STR_FMT "'",
                      STR_ARG(bind_source(b, star->name.span)));
}

struct str select_item_name(struct binder *b, const struct ast_select_item *item, uint32_t number) {
    if (item->alias.text.len) return item->alias.text;
    if (item->expr->kind == AST_EXPR_NAME)
        return item->expr->name.parts.items[item->expr->name.parts.count - 1].text;
    return arena_printf(b->job, "EXPR$%u", number);
}

static bool bind_select_list(struct expr_scope *scope, const struct ast_select *select,
                             struct select_list *list) {
    bool ok = true;
    list->rank = COLUMN_NONE;
    for (uint32_t i = 0; i < select->items.count; i++) {
        const struct ast_select_item *item = &select->items.items[i];
        if (item->expr->kind == AST_EXPR_STAR) {
            ok = expand_star(scope->b, scope->input, item->expr, list) && ok;
            continue;
        }
        bool rank = rank_call(item->expr) && list->rank == COLUMN_NONE;
        if (rank) list->rank = list->count;
        const struct expr *expr =
            rank ? expr_i64(scope->b, 1, item->expr->span) : bind_expr(scope, item->expr);
        if (expr && expr->type.id == TYPE_NULL)
            expr = bind_error(scope->b, expr->span, "E0217",
                              "CAST(NULL AS STRING), or the type that is meant",
                              "Illegal use of 'NULL'")
                       ? expr
                       : NULL;
        if (expr)
            list_add(scope->b, list, expr, select_item_name(scope->b, item, i));
        else
            ok = false;
    }
    return ok;
}

static bool project_ranked(struct expr_scope *scope, const struct ast_select *select,
                           const struct expr *where, const struct select_list *list,
                           struct span span, struct relation *out) {
    const struct ast_expr *call = find_rank(select);
    struct projection columns = {0};
    struct relation result = {.columns =
                                  ARENA_NEW(scope->b->job, list->count + 1u, struct scope_column),
                              .count = list->count,
                              .has_rank = true};
    for (uint32_t i = 0; i < list->count; i++) {
        projection_append(scope->b, &columns, list->exprs[i], list->names[i]);
        result.columns[i] =
            (struct scope_column){STR(""), list->names[i], i, list->exprs[i]->type, ROLE_PLAIN};
    }
    result.columns[list->rank].role = ROLE_ROW_NUMBER;
    if (!refuse_filter(scope->b, scope->input, where) || !check_rank_order(scope, call) ||
        !bind_rank_keys(scope, call, &columns, &result.rank))
        return false;
    if (node_is_updating(scope->input->node))
        return bind_error(scope->b, call->span, "E0310",
                          "deduplicate the source before it is aggregated",
                          "deduplication of an updating result is not supported");
    result.node = share_calc(scope->b, scope->input->node, where, &columns, span);
    *out = result;
    return true;
}

/* ---- WHERE, and the filter that a row number waits for ---- */

static bool names_rank(const struct relation *input, const struct ast_expr *ast) {
    if (ast->kind != AST_EXPR_NAME) return false;
    struct str name = ast->name.parts.items[ast->name.parts.count - 1].text;
    for (uint32_t i = 0; i < input->count; i++)
        if (input->columns[i].role == ROLE_ROW_NUMBER && str_eq(input->columns[i].name, name))
            return true;
    return false;
}

static bool small_integer(const struct ast_expr *ast, int64_t *out) {
    return ast->kind == AST_EXPR_LITERAL && ast->literal.kind == AST_LITERAL_INTEGER &&
           parse_i64(ast->literal.text, out);
}

static enum ast_binary_op mirrored(enum ast_binary_op op) {
    switch (op) {
    case AST_OP_LT: return AST_OP_GT;
    case AST_OP_LE: return AST_OP_GE;
    case AST_OP_GT: return AST_OP_LT;
    case AST_OP_GE: return AST_OP_LE;
    default: return op;
    }
}

enum rank_filter { RANK_NONE, RANK_FIRST, RANK_OTHER };

/* rn = 1, rn <= 1, rn < 2, either way round */
static enum rank_filter rank_filter_of(const struct relation *input, const struct ast_expr *ast) {
    if (ast->kind != AST_EXPR_BINARY) return RANK_NONE;
    enum ast_binary_op op = ast->binary.op;
    const struct ast_expr *name = ast->binary.left, *number = ast->binary.right;
    if (!names_rank(input, name)) {
        name = ast->binary.right, number = ast->binary.left;
        op = mirrored(op);
    }
    int64_t n;
    if (!names_rank(input, name)) return RANK_NONE;
    if (!small_integer(number, &n)) return RANK_OTHER;
    bool first =
        (op == AST_OP_EQ && n == 1) || (op == AST_OP_LE && n == 1) || (op == AST_OP_LT && n == 2);
    return first ? RANK_FIRST : RANK_OTHER;
}

/* The AND terms of a condition, left to right; out may be NULL to count them. */
static uint32_t and_terms(const struct ast_expr *ast, const struct ast_expr **out, uint32_t count) {
    if (ast->kind == AST_EXPR_BINARY && ast->binary.op == AST_OP_AND)
        return and_terms(ast->binary.right, out, and_terms(ast->binary.left, out, count));
    if (out) out[count] = ast;
    return count + 1;
}

static void add_dedup(struct binder *b, struct relation *input) {
    struct plan_node proto = {
        .kind = NODE_DEDUP,
        .input = input->node,
        .schema = input->node->schema,
        .span = input->rank.span,
        .dedup = {input->rank.keys, input->rank.key_count, b->settings.state_ttl_ms}};
    input->node = share_node(b, &proto);
    warn_unbounded(b, input->node, b->settings.state_ttl_ms, input->rank.span);
    input->has_rank = false;
    for (uint32_t i = 0; i < input->count; i++)
        if (input->columns[i].role == ROLE_ROW_NUMBER) input->columns[i].role = ROLE_PLAIN;
}

/* Takes the row number's term out of WHERE and puts the deduplication under the rest. */
static bool bind_where(struct binder *b, const struct ast_expr *ast, struct relation *input,
                       const struct expr **out) {
    *out = NULL;
    if (!ast) return true;
    uint32_t count = and_terms(ast, NULL, 0), taken = COLUMN_NONE;
    const struct ast_expr **terms = ARENA_NEW(b->job, count, const struct ast_expr *);
    (void)and_terms(ast, terms, 0);
    for (uint32_t i = 0; input->has_rank && i < count; i++) {
        enum rank_filter filter = rank_filter_of(input, terms[i]);
        if (filter == RANK_OTHER)
            return bind_error(b, terms[i]->span, "E0322", "WHERE rn = 1",
                              "Top-N with more than one row is not supported");
        if (filter == RANK_FIRST) taken = i;
    }
    if (taken != COLUMN_NONE) add_dedup(b, input);
    struct expr_scope scope = {.b = b, .input = input, .clause = "WHERE"};
    if (taken == COLUMN_NONE) return (*out = bind_condition(&scope, ast)) != NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (i == taken) continue;
        const struct expr *term = bind_condition(&scope, terms[i]);
        if (!term) return false;
        *out = expr_and(b, *out, term);
    }
    return true;
}

/* ---- SELECT ---- */

/* DISTINCT is GROUP BY of all columns. */
static bool add_distinct(struct binder *b, struct span span, struct relation *relation) {
    if (node_is_updating(relation->node))
        return bind_error(b, span, "E0310", "drop DISTINCT",
                          "DISTINCT of an updating result is not supported");
    uint32_t *keys = ARENA_NEW(b->job, relation->count + 1u, uint32_t);
    struct plan_column *schema = ARENA_NEW(b->job, relation->count + 1u, struct plan_column);
    for (uint32_t i = 0; i < relation->count; i++) {
        if (!require_supported(
                b, &relation->columns[i].type, span,
                arena_printf(b->job, "column '" STR_FMT "'", STR_ARG(relation->columns[i].name))))
            return false;
        keys[i] = relation->columns[i].column;
        relation->columns[i].type.time = TIME_NONE;
        relation->columns[i].role = ROLE_PLAIN;
        relation->columns[i].column = i;
        schema[i] = (struct plan_column){relation->columns[i].name, relation->columns[i].type};
    }
    struct plan_node proto = {
        .kind = NODE_GROUP,
        .input = relation->node,
        .schema = {schema, relation->count},
        .span = span,
        .group = {.keys = keys, .key_count = relation->count, .ttl_ms = b->settings.state_ttl_ms}};
    relation->node = share_node(b, &proto);
    warn_unbounded(b, relation->node, b->settings.state_ttl_ms, span);
    relation->has_window = false;
    return true;
}

static bool bind_ungrouped(struct binder *b, const struct ast_select *select, struct span span,
                           struct relation *input, const struct expr *where, struct relation *out) {
    struct expr_scope scope = {.b = b, .input = input, .clause = "SELECT"};
    struct select_list list = {0};
    check_hints(b, &select->hints);
    if (!bind_select_list(&scope, select, &list)) return false;
    if (list.rank != COLUMN_NONE && select->distinct)
        return bind_error(b, span, "E0322", "drop DISTINCT",
                          "DISTINCT with ROW_NUMBER is not supported");
    if (list.rank != COLUMN_NONE) return project_ranked(&scope, select, where, &list, span, out);
    return relation_project(b, input, where, list.exprs, list.names, list.count, span, out);
}

static bool bind_select(struct binder *b, const struct ast_select *select, struct span span,
                        struct relation *out) {
    if (!select->from)
        return bind_error(b, span, "E0332", "SELECT … FROM a table",
                          "SELECT without FROM is not supported (Flink: VALUES)");
    struct relation input;
    const struct expr *where;
    if (!bind_from(b, select->from, &input)) return false;
    if (select->windows.count)
        return bind_error(b, select->windows.items[0].span, "E0323", "a window with GROUP BY",
                          "WINDOW (Flink: OVER aggregate) is not supported");
    bool ok = bind_where(b, select->where, &input, &where);
    bool grouped = select_is_grouped(select);
    if (grouped)
        ok = bind_grouped(b, select, &input, where, out) && ok;
    else
        ok = bind_ungrouped(b, select, span, &input, where, out) && ok;
    if (ok && select->distinct) ok = add_distinct(b, span, out);
    return ok;
}

/* ---- queries ---- */

static bool refuse_order(struct binder *b, const struct ast_query *query) {
    if (query->limit || query->offset)
        return bind_error(b, (query->limit ? query->limit : query->offset)->span, "E0328",
                          "limit where the result is read, in Pinot",
                          "LIMIT is not supported (Flink: Top-N)");
    if (query->order_by.count)
        return bind_error(b, query->order_span, "E0328", "sort where the result is read, in Pinot",
                          "Sort on a non-time-attribute field is not supported.");
    return true;
}

static bool bind_body(struct binder *b, const struct ast_query *query, struct relation *out) {
    static const char *const ops[] = {
        [AST_UNION] = "UNION", [AST_INTERSECT] = "INTERSECT", [AST_EXCEPT] = "EXCEPT"};
    switch (query->kind) {
    case AST_QUERY_SELECT: return bind_select(b, query->select, query->span, out);
    case AST_QUERY_TABLE: return bind_named(b, &query->table, out);
    case AST_QUERY_VALUES:
        return bind_error(b, query->span, "E0332", "write the rows to a topic",
                          "VALUES is not supported");
    case AST_QUERY_SET:
        return bind_error(
            b, query->set.op_span, "E0327",
            "one INSERT per part into sinks of their own, or one CASE in a single SELECT",
            "%s%s is not supported", ops[query->set.op], query->set.all ? " ALL" : "");
    }
    return false;
}

bool bind_query(struct binder *b, const struct ast_query *query, struct relation *out) {
    const struct cte_scope *outer = b->ctes;
    if (query->recursive)
        return bind_error(b, query->span, "E0301", NULL, "WITH RECURSIVE is not supported");
    for (uint32_t i = 0; i < query->with.count; i++) {
        struct cte_scope *scope = ARENA_NEW(b->job, 1, struct cte_scope);
        *scope = (struct cte_scope){&query->with.items[i], b->ctes};
        b->ctes = scope;
    }
    bool ok = refuse_order(b, query);
    ok = bind_body(b, query, out) && ok;
    b->ctes = outer;
    return ok;
}
