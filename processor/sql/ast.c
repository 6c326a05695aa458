/* SPDX-License-Identifier: Apache-2.0 */
/* The builders of the tree: a node with its span, its children, and its height. */
#include <stdarg.h>
#include <stdio.h>

#include "sql/build.h"
#include "sql/grammar.h"

void *list_room(struct builder *b, void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return items;
    uint32_t wanted = count < 4 ? 4 : count * 2; /* tokens are bounded, so this cannot overflow */
    void *grown = arena_alloc(b->arena, wanted * size);
    if (count) memcpy(grown, items, count * size);
    *capacity = wanted;
    return grown;
}

void build_error(struct builder *b, struct span span, const char *code, const char *help,
                 const char *format, ...) {
    char text[sizeof((struct error *)0)->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct error err;
    error_at(&err, span, code, "%s", text);
    if (help) error_help(&err, "%s", help);
    diagnostics_add(b->errors, &err);
    b->failed = true;
}

void build_too_deep(struct builder *b, struct span span) {
    if (!b->stop)
        build_error(b, span, "E0107", "split it: a view per step reads better and has no limit",
                    "this is nested too deeply");
    b->stop = true;
}

struct span span_from(const struct builder *b, uint32_t start) {
    return (struct span){start, b->end};
}

/* The height of a node above a child of height `below`. */
static uint32_t raised(struct builder *b, uint32_t height, uint32_t below, struct span span) {
    if (below < height) return height;
    if (below >= AST_HEIGHT_MAX) {
        build_too_deep(b, span);
        return AST_HEIGHT_MAX;
    }
    return below + 1;
}

/* ---- expressions ---- */

struct ast_expr *build_expr(struct builder *b, enum ast_expr_kind kind, uint32_t start) {
    struct ast_expr *expr = ARENA_NEW(b->arena, 1, struct ast_expr);
    expr->kind = kind;
    expr->span = span_from(b, start);
    expr->height = 1;
    return expr;
}

void expr_above(struct builder *b, struct ast_expr *expr, const struct ast_expr *child) {
    if (child) expr->height = raised(b, expr->height, child->height, expr->span);
}

void expr_above_list(struct builder *b, struct ast_expr *expr, const struct ast_exprs *list) {
    for (uint32_t i = 0; i < list->count; i++)
        expr_above(b, expr, list->items[i]);
}

void expr_above_query(struct builder *b, struct ast_expr *expr, const struct ast_query *query) {
    if (query) expr->height = raised(b, expr->height, query->height, expr->span);
}

void expr_above_order(struct builder *b, struct ast_expr *expr,
                      const struct ast_order_items *order) {
    for (uint32_t i = 0; i < order->count; i++)
        expr_above(b, expr, order->items[i].expr);
}

struct ast_name build_name(struct builder *b, struct ast_ident first) {
    struct ast_name name = {.span = first.span};
    LIST_APPEND(b, &name.parts, first);
    return name;
}

struct ast_expr *build_unary(struct builder *b, struct token op, struct ast_expr *operand) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_UNARY, op.span.start);
    expr->unary.op = op.type == TK_NOT     ? AST_OP_NOT
                     : op.type == TK_MINUS ? AST_OP_NEGATE
                                           : AST_OP_PLUS;
    expr->unary.operand = operand;
    expr_above(b, expr, operand);
    return expr;
}

static enum ast_binary_op binary_op(int type) {
    static const struct {
        int type;
        enum ast_binary_op op;
    } ops[] = {
        {TK_OR, AST_OP_OR},
        {TK_AND, AST_OP_AND},
        {TK_EQ, AST_OP_EQ},
        {TK_NE, AST_OP_NE},
        {TK_LT, AST_OP_LT},
        {TK_LE, AST_OP_LE},
        {TK_GT, AST_OP_GT},
        {TK_GE, AST_OP_GE},
        {TK_OVERLAPS, AST_OP_OVERLAPS},
        {TK_CONTAINS, AST_OP_CONTAINS},
        {TK_EQUALS, AST_OP_EQUALS},
        {TK_PRECEDES, AST_OP_PRECEDES},
        {TK_SUCCEEDS, AST_OP_SUCCEEDS},
        {TK_MEMBER, AST_OP_MEMBER_OF},
        {TK_PLUS, AST_OP_ADD},
        {TK_MINUS, AST_OP_SUB},
        {TK_STAR, AST_OP_MUL},
        {TK_SLASH, AST_OP_DIV},
        {TK_PERCENT, AST_OP_MOD},
        {TK_CONCAT, AST_OP_CONCAT},
    };
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(ops) && ops[i].type != type)
        i++;
    return ops[i].op;
}

static struct ast_expr *binary_expr(struct builder *b, struct ast_expr *left, enum ast_binary_op op,
                                    struct span op_span, struct ast_expr *right) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_BINARY, left->span.start);
    expr->binary.op = op;
    expr->binary.op_span = op_span;
    expr->binary.left = left;
    expr->binary.right = right;
    expr_above(b, expr, left);
    expr_above(b, expr, right);
    return expr;
}

struct ast_expr *build_binary(struct builder *b, struct ast_expr *left, struct token op,
                              struct ast_expr *right) {
    return binary_expr(b, left, binary_op(op.type), op.span, right);
}

struct ast_expr *build_distinct_from(struct builder *b, struct ast_expr *left, struct token is,
                                     bool negated, struct token from, struct ast_expr *right) {
    struct span op_span = {is.span.start, from.span.end};
    return binary_expr(b, left, negated ? AST_OP_IS_NOT_DISTINCT : AST_OP_IS_DISTINCT, op_span,
                       right);
}

struct ast_expr *build_is(struct builder *b, struct ast_expr *operand, struct word_op op) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_IS, operand->span.start);
    expr->is.operand = operand;
    expr->is.test = op.test;
    expr->is.negated = op.negated;
    expr_above(b, expr, operand);
    return expr;
}

struct ast_expr *build_between(struct builder *b, struct ast_expr *operand, struct word_op op,
                               struct ast_expr *low, struct ast_expr *high) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_BETWEEN, operand->span.start);
    expr->between.operand = operand;
    expr->between.low = low;
    expr->between.high = high;
    expr->between.negated = op.negated;
    expr->between.symmetric = op.symmetric;
    expr_above(b, expr, operand);
    expr_above(b, expr, low);
    expr_above(b, expr, high);
    return expr;
}

struct ast_expr *build_like(struct builder *b, struct ast_expr *operand, struct word_op op,
                            struct ast_expr *pattern, struct ast_expr *escape) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_LIKE, operand->span.start);
    expr->like.operand = operand;
    expr->like.pattern = pattern;
    expr->like.escape = escape;
    expr->like.like = op.like;
    expr->like.negated = op.negated;
    expr_above(b, expr, operand);
    expr_above(b, expr, pattern);
    expr_above(b, expr, escape);
    return expr;
}

struct ast_expr *build_in(struct builder *b, struct ast_expr *operand, bool negated,
                          struct ast_exprs list, struct ast_query *query) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_IN, operand->span.start);
    expr->in.operand = operand;
    expr->in.list = list;
    expr->in.query = query;
    expr->in.negated = negated;
    expr_above(b, expr, operand);
    expr_above_list(b, expr, &list);
    expr_above_query(b, expr, query);
    return expr;
}

struct ast_expr *build_quantified(struct builder *b, struct ast_expr *operand, struct token op,
                                  enum ast_quantifier quantifier, struct ast_exprs list,
                                  struct ast_query *query) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_QUANTIFIED, operand->span.start);
    expr->quantified.operand = operand;
    expr->quantified.op = binary_op(op.type);
    expr->quantified.quantifier = quantifier;
    expr->quantified.list = list;
    expr->quantified.query = query;
    expr_above(b, expr, operand);
    expr_above_list(b, expr, &list);
    expr_above_query(b, expr, query);
    return expr;
}

struct ast_expr *build_query_expr(struct builder *b, enum ast_expr_kind kind, uint32_t start,
                                  struct ast_query *query) {
    struct ast_expr *expr = build_expr(b, kind, start);
    expr->query = query;
    expr_above_query(b, expr, query);
    return expr;
}

struct ast_expr *build_collection(struct builder *b, enum ast_expr_kind kind, struct token word,
                                  struct ast_query *query) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_COLLECTION, word.span.start);
    expr->collection.kind = kind;
    expr->collection.query = query;
    expr_above_query(b, expr, query);
    return expr;
}

struct ast_expr *build_case(struct builder *b, struct token first, struct ast_expr *operand,
                            struct ast_whens whens, struct ast_expr *otherwise) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_CASE, first.span.start);
    expr->switch_case.operand = operand;
    expr->switch_case.whens = whens;
    expr->switch_case.otherwise = otherwise;
    expr_above(b, expr, operand);
    expr_above(b, expr, otherwise);
    for (uint32_t i = 0; i < whens.count; i++) {
        expr_above(b, expr, whens.items[i].when);
        expr_above(b, expr, whens.items[i].then);
    }
    return expr;
}

struct ast_expr *build_cast(struct builder *b, struct token first, bool safe,
                            struct ast_expr *operand, struct ast_type *type) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_CAST, first.span.start);
    expr->cast.operand = operand;
    expr->cast.type = type;
    expr->cast.safe = safe;
    expr_above(b, expr, operand);
    return expr;
}

struct ast_expr *build_items(struct builder *b, enum ast_expr_kind kind, struct token first,
                             struct ast_exprs items) {
    struct ast_expr *expr = build_expr(b, kind, first.span.start);
    expr->items = items;
    expr_above_list(b, expr, &items);
    if (kind == AST_EXPR_MAP && items.count % 2)
        build_error(b, expr->span, "E0100", "write keys and values in turn: MAP['a', 1, 'b', 2]",
                    "MAP needs a value for every key, but has %u items", items.count);
    return expr;
}

struct ast_expr *build_index(struct builder *b, struct ast_expr *base, struct ast_expr *index) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_INDEX, base->span.start);
    expr->index.base = base;
    expr->index.index = index;
    expr_above(b, expr, base);
    expr_above(b, expr, index);
    return expr;
}

struct ast_expr *build_field(struct builder *b, struct ast_expr *base, struct ast_ident field) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_FIELD, base->span.start);
    expr->field.base = base;
    expr->field.field = field;
    expr_above(b, expr, base);
    return expr;
}

struct ast_expr *build_interval_expr(struct builder *b, struct token first,
                                     struct ast_expr *operand,
                                     struct ast_interval_qualifier qualifier) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_INTERVAL, first.span.start);
    expr->interval.operand = operand;
    expr->interval.qualifier = qualifier;
    expr_above(b, expr, operand);
    return expr;
}

struct ast_expr *build_difference(struct builder *b, struct token first, struct ast_expr *operand,
                                  struct ast_interval_qualifier qualifier) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_TIME_DIFFERENCE, first.span.start);
    expr->difference.qualifier = qualifier;
    if (operand->kind != AST_EXPR_BINARY || operand->binary.op != AST_OP_SUB) {
        build_error(b, qualifier.span, "E0100", "for example (a - b) SECOND, or x AS `second`",
                    "an interval unit in this place needs a difference in brackets before it");
        expr->difference.left = expr->difference.right = operand;
    } else {
        expr->difference.left = operand->binary.left;
        expr->difference.right = operand->binary.right;
    }
    expr_above(b, expr, operand);
    return expr;
}

struct ast_expr *build_symbol(struct builder *b, struct token word) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_SYMBOL, word.span.start);
    expr->span = word.span;
    expr->symbol = span_upper(b, word.span);
    return expr;
}

/* ---- calls ---- */

struct ast_call *build_args(struct builder *b) {
    return ARENA_NEW(b->arena, 1, struct ast_call);
}

void args_append(struct builder *b, struct ast_call *call, const struct ast_ident *name,
                 struct ast_expr *value) {
    if (name && call->arg_names.count < call->args.count)
        build_error(b, name->span, "E0100", "name all arguments or none",
                    "a named argument cannot follow one without a name");
    if (!name && call->arg_names.count > 0)
        build_error(b, value->span, "E0100", "name all arguments or none",
                    "an argument without a name cannot follow a named one");
    if (name) LIST_APPEND(b, &call->arg_names, *name);
    LIST_APPEND(b, &call->args, value);
}

static bool call_is(const struct ast_call *call, const char *name) {
    return call->name.parts.count == 1 &&
           str_eq_nocase(call->name.parts.items[0].text, str_of(name));
}

/* TIMESTAMPDIFF(WEEK, a, b): units that are no reserved words look like columns; they are symbols.
 * Anywhere else a bare unit is a reserved word used as a name. */
static void call_symbols(struct builder *b, struct ast_call *call) {
    bool takes_unit = call_is(call, "TIMESTAMPDIFF") || call_is(call, "TIMESTAMPADD");
    for (uint32_t i = 0; i < call->args.count; i++) {
        struct ast_expr *arg = call->args.items[i];
        if (takes_unit && i == 0 && arg->kind == AST_EXPR_NAME && arg->name.parts.count == 1 &&
            !arg->name.parts.items[0].quoted) {
            arg->kind = AST_EXPR_SYMBOL;
            arg->symbol = span_upper(b, arg->span);
        } else if (arg->kind == AST_EXPR_SYMBOL && !str_eq(arg->symbol, STR("DEFAULT")) &&
                   !(takes_unit && i == 0)) {
            struct str word = span_text(b, arg->span);
            build_error(b, arg->span, "E0101", NULL,
                        "`" STR_FMT "` is a reserved word: write `` `" STR_FMT "` ``",
                        STR_ARG(word), STR_ARG(word));
        }
    }
}

/* TABLE t PARTITION BY a, b, DESCRIPTOR(c): without brackets the grammar takes b for an argument. */
static void call_partitions(struct builder *b, struct ast_call *call) {
    if (call->args.count < 2 || call->arg_names.count) return;
    struct ast_expr *table = call->args.items[0];
    if (table->kind != AST_EXPR_TABLE || table->table.partition_by.count != 1) return;
    uint32_t moved = 0;
    while (moved + 1 < call->args.count) {
        const struct ast_expr *arg = call->args.items[moved + 1];
        if (arg->kind != AST_EXPR_NAME || arg->name.parts.count != 1) break;
        LIST_APPEND(b, &table->table.partition_by, arg->name.parts.items[0]);
        table->span.end = arg->span.end;
        moved++;
    }
    call->args.count -= moved;
    for (uint32_t i = 1; moved && i < call->args.count; i++)
        call->args.items[i] = call->args.items[i + moved];
}

struct ast_expr *build_call(struct builder *b, struct ast_name name, enum ast_call_syntax syntax,
                            struct ast_call *call) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_CALL, name.span.start);
    expr->call = call;
    call->name = name;
    call->syntax = syntax;
    if (syntax == AST_CALL_PLAIN) {
        call_symbols(b, call);
        call_partitions(b, call);
    }
    expr_above_list(b, expr, &call->args);
    expr_above_order(b, expr, &call->order_by);
    return expr;
}

struct ast_expr *build_special(struct builder *b, struct token word, enum ast_call_syntax syntax,
                               struct ast_expr *x, struct ast_expr *y, struct ast_expr *z,
                               struct ast_expr *w) {
    struct ast_call *call = build_args(b);
    struct ast_expr *args[] = {x, y, z, w};
    uint32_t count = ARRAY_LEN(args);
    while (count > 0 && !args[count - 1])
        count--;
    call->args.items = ARENA_NEW(b->arena, count, struct ast_expr *);
    memcpy(call->args.items, args, count * sizeof args[0]);
    call->args.count = call->args.capacity = count;
    return build_call(b, build_name(b, build_ident(b, word)), syntax, call);
}

struct ast_expr *build_list_call(struct builder *b, struct token word,
                                 const struct ast_exprs *args) {
    struct ast_call *call = build_args(b);
    call->args = *args;
    return build_call(b, build_name(b, build_ident(b, word)), AST_CALL_PLAIN, call);
}

struct ast_expr *build_json_call(struct builder *b, struct token word, enum ast_call_syntax syntax,
                                 const struct ast_exprs *args, struct ast_json_options *options) {
    struct ast_call *call = build_args(b);
    if (args) call->args = *args;
    call->json = options;
    if (syntax == AST_CALL_JSON && !options) syntax = AST_CALL_PLAIN;
    struct ast_expr *expr = build_call(b, build_name(b, build_ident(b, word)), syntax, call);
    if (!options) return expr;
    expr_above(b, expr, options->on_empty.expr);
    expr_above(b, expr, options->on_error.expr);
    expr_above(b, expr, options->on_null.expr);
    return expr;
}

void json_merge(struct ast_json_options *options, const struct ast_json_options *more) {
    if (more->returning) options->returning = more->returning;
    if (more->on_empty.kind) options->on_empty = more->on_empty;
    if (more->on_error.kind) options->on_error = more->on_error;
    if (more->on_null.kind) options->on_null = more->on_null;
    if (more->wrapper) options->wrapper = more->wrapper;
}

void call_filter(struct builder *b, struct ast_expr *expr, struct ast_expr *condition) {
    expr->call->filter = condition;
    expr->span.end = b->end;
    expr_above(b, expr, condition);
}

void call_within_group(struct builder *b, struct ast_expr *expr, struct ast_order_items order) {
    expr->call->within_group = order;
    expr->span.end = b->end;
    expr_above_order(b, expr, &order);
}

void call_over(struct builder *b, struct ast_expr *expr, struct ast_window *window) {
    expr->call->over = window;
    expr->span.end = b->end;
    expr_above_list(b, expr, &window->partition_by);
    expr_above_order(b, expr, &window->order_by);
    expr_above(b, expr, window->lower.expr);
    expr_above(b, expr, window->upper.expr);
}

/* ---- queries ---- */

struct ast_query *build_query(struct builder *b, enum ast_query_kind kind, uint32_t start) {
    struct ast_query *query = ARENA_NEW(b->arena, 1, struct ast_query);
    query->kind = kind;
    query->span = span_from(b, start);
    query->height = 1;
    return query;
}

void query_above(struct builder *b, struct ast_query *query, uint32_t height) {
    query->height = raised(b, query->height, height, query->span);
}

static void query_above_expr(struct builder *b, struct ast_query *query,
                             const struct ast_expr *expr) {
    if (expr) query_above(b, query, expr->height);
}

struct ast_query *build_select(struct builder *b, uint32_t start, struct ast_select *select) {
    struct ast_query *query = build_query(b, AST_QUERY_SELECT, start);
    query->select = select;
    for (uint32_t i = 0; i < select->items.count; i++)
        query_above_expr(b, query, select->items.items[i].expr);
    if (select->from) query_above(b, query, select->from->height);
    query_above_expr(b, query, select->where);
    query_above_expr(b, query, select->having);
    for (uint32_t i = 0; i < select->group_by.count; i++)
        query_above(b, query, select->group_by.items[i].height);
    for (uint32_t i = 0; i < select->windows.count; i++) {
        const struct ast_window *window = &select->windows.items[i];
        for (uint32_t k = 0; k < window->partition_by.count; k++)
            query_above_expr(b, query, window->partition_by.items[k]);
        for (uint32_t k = 0; k < window->order_by.count; k++)
            query_above_expr(b, query, window->order_by.items[k].expr);
        query_above_expr(b, query, window->lower.expr);
        query_above_expr(b, query, window->upper.expr);
    }
    return query;
}

struct ast_query *build_set_query(struct builder *b, struct ast_query *left, struct token op,
                                  bool all, struct ast_query *right) {
    struct ast_query *query = build_query(b, AST_QUERY_SET, left->span.start);
    query->set.op = op.type == TK_UNION       ? AST_UNION
                    : op.type == TK_INTERSECT ? AST_INTERSECT
                                              : AST_EXCEPT;
    query->set.all = all;
    query->set.op_span = op.span;
    query->set.left = left;
    query->set.right = right;
    query_above(b, query, left->height);
    query_above(b, query, right->height);
    return query;
}

/* SELECT * FROM (query): what a bracketed query with its own LIMIT means under another LIMIT. */
static struct ast_query *wrap_query(struct builder *b, struct ast_query *inner) {
    struct ast_query *outer = build_query(b, AST_QUERY_SELECT, inner->span.start);
    outer->span = inner->span;
    outer->select = ARENA_NEW(b->arena, 1, struct ast_select);
    struct ast_select_item star = {.expr = build_expr(b, AST_EXPR_STAR, inner->span.start)};
    star.expr->span = inner->span;
    LIST_APPEND(b, &outer->select->items, star);
    outer->select->from = build_table(b, AST_TABLE_QUERY, inner->span.start);
    outer->select->from->span = inner->span;
    outer->select->from->query = inner;
    table_above(b, outer->select->from, inner->height);
    query_above(b, outer, outer->select->from->height);
    return outer;
}

struct ast_query *build_whole_query(struct builder *b, const struct with_clause *with,
                                    struct ast_query *query, const struct query_tail *tail) {
    bool has_tail = query->order_by.count || query->limit || query->offset;
    if ((tail && has_tail) || (with && query->with.count)) query = wrap_query(b, query);
    if (tail) {
        query->order_by = tail->order_by;
        query->order_span = tail->order_span;
        query->limit = tail->limit;
        query->offset = tail->offset;
        query->span.end = b->end;
        for (uint32_t i = 0; i < tail->order_by.count; i++)
            query_above_expr(b, query, tail->order_by.items[i].expr);
        query_above_expr(b, query, tail->limit);
        query_above_expr(b, query, tail->offset);
    }
    if (with) {
        query->with = with->ctes;
        query->recursive = with->recursive;
        query->span = span_from(b, with->start);
        for (uint32_t i = 0; i < with->ctes.count; i++)
            query_above(b, query, with->ctes.items[i].query->height);
    }
    return query;
}

struct ast_group_item build_group_item(struct builder *b, enum ast_group_kind kind, uint32_t start,
                                       struct ast_expr *expr, struct ast_group_items items) {
    struct ast_group_item item = {
        .kind = kind, .span = span_from(b, start), .expr = expr, .items = items, .height = 1};
    if (expr) item.height = raised(b, item.height, expr->height, item.span);
    for (uint32_t i = 0; i < items.count; i++)
        item.height = raised(b, item.height, items.items[i].height, item.span);
    return item;
}

struct ast_table_ref *build_table(struct builder *b, enum ast_table_kind kind, uint32_t start) {
    struct ast_table_ref *table = ARENA_NEW(b->arena, 1, struct ast_table_ref);
    table->kind = kind;
    table->span = span_from(b, start);
    table->height = 1;
    return table;
}

void table_above(struct builder *b, struct ast_table_ref *table, uint32_t height) {
    table->height = raised(b, table->height, height, table->span);
}

struct ast_table_ref *build_join(struct builder *b, struct ast_table_ref *left,
                                 struct ast_table_ref *join, struct ast_table_ref *right) {
    join->span = span_from(b, left->span.start);
    join->join.left = left;
    join->join.right = right;
    table_above(b, join, left->height);
    table_above(b, join, right->height);
    if (join->join.on) table_above(b, join, join->join.on->height);
    return join;
}

/* A token that parse.c made of a word and its brackets. */
struct ast_opaque build_opaque(struct builder *b, struct token token) {
    struct str text = span_text(b, token.span);
    struct span word = token.span;
    word.end = word.start;
    while (word.end < token.span.end &&
           ((b->text.ptr[word.end] | 0x20) >= 'a' || b->text.ptr[word.end] == '_'))
        word.end++;
    return (struct ast_opaque){span_upper(b, word), text, word};
}

struct ast_opaque build_opaque_from(struct builder *b, struct token word) {
    struct span all = span_from(b, word.span.start);
    return (struct ast_opaque){span_upper(b, word.span), span_text(b, all), word.span};
}

/* ---- types ---- */

enum { TYPE_HEIGHT_MAX = 64 };

struct ast_type *build_type(struct builder *b, enum ast_type_kind kind, uint32_t start) {
    struct ast_type *type = ARENA_NEW(b->arena, 1, struct ast_type);
    type->kind = kind;
    type->span = span_from(b, start);
    type->precision = type->scale = -1;
    type->height = 1;
    return type;
}

void type_above(struct builder *b, struct ast_type *type, const struct ast_type *element) {
    if (element->height < type->height) return;
    if (element->height >= TYPE_HEIGHT_MAX)
        build_too_deep(b, type->span);
    else
        type->height = element->height + 1;
}

struct ast_type *build_simple_type(struct builder *b, struct token word,
                                   struct precision precision) {
    static const struct {
        const char *word;
        enum ast_type_kind kind;
    } types[] = {
        {"BOOLEAN", AST_TYPE_BOOLEAN},
        {"TINYINT", AST_TYPE_TINYINT},
        {"SMALLINT", AST_TYPE_SMALLINT},
        {"INT", AST_TYPE_INT},
        {"INTEGER", AST_TYPE_INT},
        {"BIGINT", AST_TYPE_BIGINT},
        {"FLOAT", AST_TYPE_FLOAT},
        {"REAL", AST_TYPE_REAL},
        {"DOUBLE", AST_TYPE_DOUBLE},
        {"DECIMAL", AST_TYPE_DECIMAL},
        {"DEC", AST_TYPE_DECIMAL},
        {"NUMERIC", AST_TYPE_DECIMAL},
        {"CHAR", AST_TYPE_CHAR},
        {"CHARACTER", AST_TYPE_CHAR},
        {"VARCHAR", AST_TYPE_VARCHAR},
        {"STRING", AST_TYPE_STRING},
        {"BINARY", AST_TYPE_BINARY},
        {"VARBINARY", AST_TYPE_VARBINARY},
        {"BYTES", AST_TYPE_BYTES},
        {"DATE", AST_TYPE_DATE},
        {"TIME", AST_TYPE_TIME},
        {"TIMESTAMP", AST_TYPE_TIMESTAMP},
        {"TIMESTAMP_LTZ", AST_TYPE_TIMESTAMP_LTZ},
        {"NULL", AST_TYPE_NULL},
    };
    struct str text = span_text(b, word.span);
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(types) && !str_eq_nocase(text, str_of(types[i].word)))
        i++;
    struct ast_type *type = build_type(b, types[i].kind, word.span.start);
    type->precision = precision.first;
    type->scale = precision.second;
    bool takes_one = type->kind >= AST_TYPE_CHAR && type->kind != AST_TYPE_STRING &&
                     type->kind != AST_TYPE_BYTES && type->kind != AST_TYPE_DATE;
    bool takes_two = type->kind == AST_TYPE_DECIMAL;
    if ((type->precision != -1 && !takes_one && !takes_two) || (type->scale != -1 && !takes_two))
        build_error(b, type->span, "E0100", NULL, "the type " STR_FMT " takes %s", STR_ARG(text),
                    takes_one ? "one number in brackets" : "no length or precision");
    return type;
}

/* ---- statements ---- */

struct ast_statement *build_statement(struct builder *b, enum ast_statement_kind kind,
                                      struct span first) {
    struct ast_statement *statement = ARENA_NEW(b->arena, 1, struct ast_statement);
    statement->kind = kind;
    statement->span = span_from(b, first.start);
    return statement;
}

struct table_element build_column(struct builder *b, enum ast_column_kind kind,
                                  struct ast_ident name) {
    struct ast_column *column = ARENA_NEW(b->arena, 1, struct ast_column);
    column->kind = kind;
    column->name = name;
    column->span = span_from(b, name.span.start);
    return (struct table_element){.column = column};
}

void table_add(struct builder *b, struct ast_create_table *table, struct table_element element) {
    if (element.column) LIST_APPEND(b, &table->columns, *element.column);
    if (element.constraint) LIST_APPEND(b, &table->constraints, *element.constraint);
    if (element.watermark) LIST_APPEND(b, &table->watermarks, *element.watermark);
}

void table_check(struct builder *b, const struct ast_create_table *table) {
    for (uint32_t i = 0; i < table->columns.count; i++) {
        const struct ast_column *column = &table->columns.items[i];
        if (column->type || column->kind == AST_COLUMN_COMPUTED) continue;
        if (column->kind == AST_COLUMN_PHYSICAL && table->as_query) continue;
        build_error(b, column->name.span, "E0100",
                    "for example: name STRING, or: name AS expression",
                    "column " STR_FMT " has no type", STR_ARG(column->name.text));
    }
}

struct ast_like_option build_like_option(struct builder *b, struct token mode,
                                         struct token feature) {
    static const char *const features[] = {"ALL",      "CONSTRAINTS", "DISTRIBUTION", "GENERATED",
                                           "METADATA", "OPTIONS",     "PARTITIONS",   "WATERMARKS"};
    static const char *const modes[] = {"INCLUDING", "EXCLUDING", "OVERWRITING"};
    struct ast_like_option option = {.feature = span_upper(b, feature.span)};
    option.span = span_from(b, mode.span.start);
    struct str word = span_upper(b, mode.span);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq(word, str_of(modes[i]))) option.mode = (enum ast_like_mode)i;
    for (size_t i = 0; i < ARRAY_LEN(features); i++)
        if (str_eq(option.feature, str_of(features[i]))) return option;
    build_error(
        b, feature.span, "E0100",
        "one of ALL, CONSTRAINTS, DISTRIBUTION, GENERATED, METADATA, OPTIONS, PARTITIONS, WATERMARKS",
        "`" STR_FMT "` is nothing that LIKE could take over", STR_ARG(option.feature));
    return option;
}

bool is_cascade(struct builder *b, struct token word) {
    return str_eq_nocase(span_text(b, word.span), STR("CASCADE"));
}

uint32_t explain_detail(struct builder *b, struct token word) {
    static const char *const details[] = {"CHANGELOG_MODE", "ESTIMATED_COST", "JSON_EXECUTION_PLAN",
                                          "PLAN_ADVICE"};
    for (size_t i = 0; i < ARRAY_LEN(details); i++)
        if (str_eq_nocase(span_text(b, word.span), str_of(details[i]))) return 1u << i;
    return 0;
}
