/* SPDX-License-Identifier: Apache-2.0 */
/* The printer: one function per struct of ast.h, in its order. Brackets come from the precedence of
 * operators alone. */
#include "sql/print.h"

#include "sql/grammar.h"
#include "sql/token.h"

static void put(struct buf *out, const char *text) {
    buf_append(out, str_of(text));
}

static void put_quoted(struct buf *out, struct str text, char quote) {
    buf_append_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        buf_append_char(out, text.ptr[i]);
        if (text.ptr[i] == quote) buf_append_char(out, quote);
    }
    buf_append_char(out, quote);
}

static void put_string(struct buf *out, struct str text) {
    put_quoted(out, text, '\'');
}

static void put_upper(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        buf_append_char(out, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
}

/* ---- names, options, hints ---- */

static bool is_plain_name(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        if (!letter && (i == 0 || c < '0' || c > '9')) return false;
    }
    return text.len > 0 && !keyword_find(text);
}

void sql_print_ident(struct buf *out, const struct ast_ident *ident) {
    if (is_plain_name(ident->text))
        buf_append(out, ident->text);
    else
        put_quoted(out, ident->text, '`');
}

void sql_print_name(struct buf *out, const struct ast_name *name) {
    for (uint32_t i = 0; i < name->parts.count; i++) {
        if (i) buf_append_char(out, '.');
        sql_print_ident(out, &name->parts.items[i]);
    }
}

static void put_idents(struct buf *out, const struct ast_idents *list) {
    buf_append_char(out, '(');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i) put(out, ", ");
        sql_print_ident(out, &list->items[i]);
    }
    buf_append_char(out, ')');
}

static void put_option(struct buf *out, const struct ast_option *option) {
    put_string(out, option->key);
    put(out, " = ");
    put_string(out, option->value);
}

static void put_options(struct buf *out, const struct ast_options *options) {
    put(out, "(");
    for (uint32_t i = 0; i < options->count; i++) {
        if (i) put(out, ", ");
        put_option(out, &options->items[i]);
    }
    put(out, ")");
}

static void put_hint(struct buf *out, const struct ast_hint *hint) {
    sql_print_ident(out, &hint->name);
    if (!hint->args.count) return;
    put(out, "(");
    for (uint32_t i = 0; i < hint->args.count; i++) {
        const struct ast_option *arg = &hint->args.items[i];
        if (i) put(out, ", ");
        if (arg->key.len)
            put_option(out, arg);
        else if (arg->is_name)
            buf_append(out, arg->value);
        else
            put_string(out, arg->value);
    }
    put(out, ")");
}

static void put_hints(struct buf *out, const struct ast_hints *hints) {
    if (!hints->count) return;
    put(out, " /*+ ");
    for (uint32_t i = 0; i < hints->count; i++) {
        if (i) put(out, ", ");
        put_hint(out, &hints->items[i]);
    }
    put(out, " */");
}

static void put_comment(struct buf *out, struct str comment) {
    if (!comment.len) return;
    put(out, " COMMENT ");
    put_string(out, comment);
}

/* ---- types ---- */

static const char *const unit_names[] = {
    [AST_UNIT_YEAR] = "YEAR", [AST_UNIT_MONTH] = "MONTH",   [AST_UNIT_DAY] = "DAY",
    [AST_UNIT_HOUR] = "HOUR", [AST_UNIT_MINUTE] = "MINUTE", [AST_UNIT_SECOND] = "SECOND",
};

static void put_qualifier(struct buf *out, const struct ast_interval_qualifier *q) {
    bool range = q->start != q->end;
    put(out, unit_names[q->start]);
    if (q->precision != -1 && !range && q->fraction != -1)
        buf_printf(out, "(%d, %d)", q->precision, q->fraction);
    else if (q->precision != -1)
        buf_printf(out, "(%d)", q->precision);
    if (!range) return;
    buf_printf(out, " TO %s", unit_names[q->end]);
    if (q->fraction != -1) buf_printf(out, "(%d)", q->fraction);
}

static const char *const type_names[] = {
    [AST_TYPE_BOOLEAN] = "BOOLEAN",
    [AST_TYPE_TINYINT] = "TINYINT",
    [AST_TYPE_SMALLINT] = "SMALLINT",
    [AST_TYPE_INT] = "INT",
    [AST_TYPE_BIGINT] = "BIGINT",
    [AST_TYPE_FLOAT] = "FLOAT",
    [AST_TYPE_REAL] = "REAL",
    [AST_TYPE_DOUBLE] = "DOUBLE",
    [AST_TYPE_DECIMAL] = "DECIMAL",
    [AST_TYPE_CHAR] = "CHAR",
    [AST_TYPE_VARCHAR] = "VARCHAR",
    [AST_TYPE_STRING] = "STRING",
    [AST_TYPE_BINARY] = "BINARY",
    [AST_TYPE_VARBINARY] = "VARBINARY",
    [AST_TYPE_BYTES] = "BYTES",
    [AST_TYPE_DATE] = "DATE",
    [AST_TYPE_TIME] = "TIME",
    [AST_TYPE_TIMESTAMP] = "TIMESTAMP",
    [AST_TYPE_TIMESTAMP_LTZ] = "TIMESTAMP_LTZ",
    [AST_TYPE_INTERVAL] = "INTERVAL ",
    [AST_TYPE_ROW] = "ROW<",
    [AST_TYPE_ARRAY] = "ARRAY<",
    [AST_TYPE_MULTISET] = "MULTISET<",
    [AST_TYPE_MAP] = "MAP<",
    [AST_TYPE_RAW] = "RAW(",
    [AST_TYPE_NULL] = "NULL",
    [AST_TYPE_NAMED] = "",
};

static void put_fields(struct buf *out, const struct ast_row_fields *fields) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct ast_row_field *field = &fields->items[i];
        if (i) put(out, ", ");
        sql_print_ident(out, &field->name);
        put(out, " ");
        sql_print_type(out, field->type);
        if (!field->comment.len) continue;
        put(out, " ");
        put_string(out, field->comment);
    }
    put(out, ">");
}

void sql_print_type(struct buf *out, const struct ast_type *type) {
    put(out, type_names[type->kind]);
    if (type->precision != -1 && type->scale != -1)
        buf_printf(out, "(%d, %d)", type->precision, type->scale);
    else if (type->precision != -1)
        buf_printf(out, "(%d)", type->precision);
    switch (type->kind) {
    case AST_TYPE_INTERVAL: put_qualifier(out, &type->qualifier); break;
    case AST_TYPE_ROW: put_fields(out, &type->fields); break;
    case AST_TYPE_MAP:
        sql_print_type(out, type->key);
        put(out, ", ");
        sql_print_type(out, type->element);
        put(out, ">");
        break;
    case AST_TYPE_ARRAY:
    case AST_TYPE_MULTISET:
        sql_print_type(out, type->element);
        put(out, ">");
        break;
    case AST_TYPE_RAW:
        put_string(out, type->raw_class);
        put(out, ", ");
        put_string(out, type->raw_serializer);
        put(out, ")");
        break;
    case AST_TYPE_NAMED: sql_print_name(out, &type->name); break;
    default: break;
    }
    if (type->nullability == AST_NOT_NULL) put(out, " NOT NULL");
    if (type->nullability == AST_NULLABLE) put(out, " NULL");
}

/* ---- expressions ---- */

/* How tightly an operator binds, as the precedence block of grammar.y has it. */
enum binding {
    BIND_OR = 1,
    BIND_AND,
    BIND_NOT,
    BIND_IS,
    BIND_COMPARE,
    BIND_BETWEEN,
    BIND_ADD,
    BIND_MULTIPLY,
    BIND_SIGN,
    BIND_PRIMARY,
};

static const struct {
    const char *text;
    enum binding binding;
} binary_ops[] = {
    [AST_OP_OR] = {"OR", BIND_OR},
    [AST_OP_AND] = {"AND", BIND_AND},
    [AST_OP_EQ] = {"=", BIND_COMPARE},
    [AST_OP_NE] = {"<>", BIND_COMPARE},
    [AST_OP_LT] = {"<", BIND_COMPARE},
    [AST_OP_LE] = {"<=", BIND_COMPARE},
    [AST_OP_GT] = {">", BIND_COMPARE},
    [AST_OP_GE] = {">=", BIND_COMPARE},
    [AST_OP_IS_DISTINCT] = {"IS DISTINCT FROM", BIND_COMPARE},
    [AST_OP_IS_NOT_DISTINCT] = {"IS NOT DISTINCT FROM", BIND_COMPARE},
    [AST_OP_OVERLAPS] = {"OVERLAPS", BIND_COMPARE},
    [AST_OP_CONTAINS] = {"CONTAINS", BIND_COMPARE},
    [AST_OP_EQUALS] = {"EQUALS", BIND_COMPARE},
    [AST_OP_PRECEDES] = {"PRECEDES", BIND_COMPARE},
    [AST_OP_SUCCEEDS] = {"SUCCEEDS", BIND_COMPARE},
    [AST_OP_MEMBER_OF] = {"MEMBER OF", BIND_COMPARE},
    [AST_OP_ADD] = {"+", BIND_ADD},
    [AST_OP_SUB] = {"-", BIND_ADD},
    [AST_OP_MUL] = {"*", BIND_MULTIPLY},
    [AST_OP_DIV] = {"/", BIND_MULTIPLY},
    [AST_OP_MOD] = {"%", BIND_MULTIPLY},
    [AST_OP_CONCAT] = {"||", BIND_MULTIPLY},
};

static enum binding binding_of(const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_EXPR_UNARY: return expr->unary.op == AST_OP_NOT ? BIND_NOT : BIND_SIGN;
    case AST_EXPR_BINARY: return binary_ops[expr->binary.op].binding;
    case AST_EXPR_IS: return BIND_IS;
    case AST_EXPR_BETWEEN:
    case AST_EXPR_IN:
    case AST_EXPR_LIKE: return BIND_BETWEEN;
    case AST_EXPR_QUANTIFIED: return BIND_COMPARE;
    default: return BIND_PRIMARY;
    }
}

/* In brackets when it binds less tightly than its place demands. */
static void put_operand(struct buf *out, const struct ast_expr *expr, enum binding least) {
    bool brackets = binding_of(expr) < least;
    if (brackets) put(out, "(");
    sql_print_expr(out, expr);
    if (brackets) put(out, ")");
}

static void put_exprs(struct buf *out, const struct ast_exprs *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (i) put(out, ", ");
        sql_print_expr(out, list->items[i]);
    }
}

static void put_sub_query(struct buf *out, const struct ast_query *query) {
    put(out, "(");
    sql_print_query(out, query);
    put(out, ")");
}

static void put_order(struct buf *out, const char *before, const struct ast_order_items *order) {
    for (uint32_t i = 0; i < order->count; i++) {
        const struct ast_order_item *item = &order->items[i];
        put(out, i ? ", " : before);
        sql_print_expr(out, item->expr);
        if (item->descending) put(out, " DESC");
        if (item->nulls == AST_NULLS_FIRST) put(out, " NULLS FIRST");
        if (item->nulls == AST_NULLS_LAST) put(out, " NULLS LAST");
    }
}

static void put_interval(struct buf *out, const struct ast_literal *literal) {
    put(out, "INTERVAL ");
    if (literal->is_quoted)
        put_string(out, literal->text);
    else
        buf_append(out, literal->text);
    put(out, " ");
    put_qualifier(out, &literal->qualifier);
}

static void put_literal(struct buf *out, const struct ast_literal *literal) {
    switch (literal->kind) {
    case AST_LITERAL_NULL: put(out, "NULL"); break;
    case AST_LITERAL_BOOLEAN: put(out, literal->value ? "TRUE" : "FALSE"); break;
    case AST_LITERAL_UNKNOWN: put(out, "UNKNOWN"); break;
    case AST_LITERAL_INTEGER:
    case AST_LITERAL_DECIMAL:
    case AST_LITERAL_DOUBLE: put_upper(out, literal->text); break;
    case AST_LITERAL_STRING: put_string(out, literal->text); break;
    case AST_LITERAL_BINARY:
        put(out, "X'");
        for (size_t i = 0; i < literal->text.len; i++)
            buf_printf(out, "%02x", (unsigned)(unsigned char)literal->text.ptr[i]);
        put(out, "'");
        break;
    case AST_LITERAL_DATE: put(out, "DATE "), put_string(out, literal->text); break;
    case AST_LITERAL_TIME: put(out, "TIME "), put_string(out, literal->text); break;
    case AST_LITERAL_TIMESTAMP: put(out, "TIMESTAMP "), put_string(out, literal->text); break;
    case AST_LITERAL_MONTHS:
    case AST_LITERAL_MILLIS: put_interval(out, literal); break;
    }
}

/* CURRENT_TIMESTAMP and its like are functions only without back-ticks. */
static void put_column(struct buf *out, const struct ast_name *name) {
    const struct ast_ident *first = &name->parts.items[0];
    const struct keyword *keyword = keyword_find(first->text);
    bool context =
        name->parts.count == 1 && !first->quoted && keyword && keyword->type == TK_CONTEXT;
    if (context)
        put_upper(out, first->text);
    else
        sql_print_name(out, name);
}

static void put_bound(struct buf *out, const struct ast_bound *bound) {
    static const char *const texts[] = {
        [AST_BOUND_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING",
        [AST_BOUND_PRECEDING] = " PRECEDING",
        [AST_BOUND_CURRENT_ROW] = "CURRENT ROW",
        [AST_BOUND_FOLLOWING] = " FOLLOWING",
        [AST_BOUND_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING",
    };
    if (bound->expr) sql_print_expr(out, bound->expr);
    put(out, texts[bound->kind]);
}

/* The inside of OVER (…). */
static void put_window(struct buf *out, const struct ast_window *window) {
    const char *blank = "";
    if (window->base.text.len) sql_print_ident(out, &window->base), blank = " ";
    if (window->partition_by.count) {
        buf_printf(out, "%sPARTITION BY ", blank);
        put_exprs(out, &window->partition_by);
        blank = " ";
    }
    if (window->order_by.count) {
        put(out, blank);
        put_order(out, "ORDER BY ", &window->order_by);
        blank = " ";
    }
    if (window->frame == AST_FRAME_NONE) return;
    buf_printf(out, "%s%s ", blank, window->frame == AST_FRAME_ROWS ? "ROWS" : "RANGE");
    if (window->has_upper) put(out, "BETWEEN ");
    put_bound(out, &window->lower);
    if (!window->has_upper) return;
    put(out, " AND ");
    put_bound(out, &window->upper);
}

static bool is_bare_window(const struct ast_window *window) {
    return window->base.text.len && !window->partition_by.count && !window->order_by.count &&
           window->frame == AST_FRAME_NONE;
}

static void put_behavior(struct buf *out, const struct ast_json_behavior *behavior,
                         const char *when) {
    static const char *const texts[] = {
        [AST_JSON_UNSPECIFIED] = "",
        [AST_JSON_NULL] = "NULL",
        [AST_JSON_ERROR] = "ERROR",
        [AST_JSON_DEFAULT] = "DEFAULT ",
        [AST_JSON_TRUE] = "TRUE",
        [AST_JSON_FALSE] = "FALSE",
        [AST_JSON_UNKNOWN] = "UNKNOWN",
        [AST_JSON_EMPTY_ARRAY] = "EMPTY ARRAY",
        [AST_JSON_EMPTY_OBJECT] = "EMPTY OBJECT",
        [AST_JSON_ABSENT] = "ABSENT",
    };
    if (behavior->kind == AST_JSON_UNSPECIFIED) return;
    buf_printf(out, " %s", texts[behavior->kind]);
    if (behavior->expr) sql_print_expr(out, behavior->expr);
    buf_printf(out, " ON %s", when);
}

static void put_json_options(struct buf *out, const struct ast_json_options *json) {
    static const char *const wrappers[] = {
        [AST_WRAPPER_UNSPECIFIED] = "",
        [AST_WRAPPER_WITHOUT] = " WITHOUT WRAPPER",
        [AST_WRAPPER_CONDITIONAL] = " WITH CONDITIONAL WRAPPER",
        [AST_WRAPPER_UNCONDITIONAL] = " WITH WRAPPER",
    };
    if (!json) return;
    if (json->returning) put(out, " RETURNING "), sql_print_type(out, json->returning);
    put(out, wrappers[json->wrapper]);
    put_behavior(out, &json->on_null, "NULL");
    put_behavior(out, &json->on_empty, "EMPTY");
    put_behavior(out, &json->on_error, "ERROR");
}

/* Arguments with a word in front of each; a NULL argument is left out with its word. */
static void put_worded(struct buf *out, const struct ast_exprs *args, const char *const *words) {
    bool first = true;
    for (uint32_t i = 0; i < args->count; i++) {
        if (!args->items[i]) continue;
        if (!first) put(out, " ");
        if (words[i]) buf_printf(out, "%s ", words[i]);
        /* IN and FROM inside an argument would be taken for the word */
        put_operand(out, args->items[i], BIND_ADD);
        first = false;
    }
}

static void put_trim(struct buf *out, const struct ast_exprs *args) {
    for (uint32_t i = 0; i < 2; i++) {
        if (!args->items[i]) continue;
        put_operand(out, args->items[i], BIND_ADD);
        put(out, " ");
    }
    put(out, "FROM ");
    put_operand(out, args->items[2], BIND_ADD);
}

static void put_args(struct buf *out, const struct ast_call *call) {
    if (call->star) put(out, "*");
    if (call->distinct) put(out, "DISTINCT ");
    for (uint32_t i = 0; i < call->args.count; i++) {
        if (i) put(out, ", ");
        if (i < call->arg_names.count) {
            sql_print_ident(out, &call->arg_names.items[i]);
            put(out, " => ");
        }
        sql_print_expr(out, call->args.items[i]);
    }
    put_order(out, " ORDER BY ", &call->order_by);
}

static void put_pairs(struct buf *out, const struct ast_exprs *args) {
    for (uint32_t i = 0; i + 1 < args->count; i += 2) {
        put(out, i ? ", KEY " : "KEY ");
        sql_print_expr(out, args->items[i]);
        put(out, " VALUE ");
        sql_print_expr(out, args->items[i + 1]);
    }
}

static void put_call_args(struct buf *out, const struct ast_call *call) {
    static const char *const extract[] = {NULL, "FROM"};
    static const char *const substring[] = {NULL, "FROM", "FOR"};
    static const char *const position[] = {NULL, "IN", "FROM"};
    static const char *const overlay[] = {NULL, "PLACING", "FROM", "FOR"};
    static const char *const round_to[] = {NULL, "TO"};
    switch (call->syntax) {
    case AST_CALL_PLAIN:
    case AST_CALL_JSON: put_args(out, call); break;
    case AST_CALL_EXTRACT: put_worded(out, &call->args, extract); break;
    case AST_CALL_TRIM: put_trim(out, &call->args); break;
    case AST_CALL_SUBSTRING: put_worded(out, &call->args, substring); break;
    case AST_CALL_POSITION: put_worded(out, &call->args, position); break;
    case AST_CALL_OVERLAY: put_worded(out, &call->args, overlay); break;
    case AST_CALL_ROUND_TO: put_worded(out, &call->args, round_to); break;
    case AST_CALL_JSON_OBJECT: put_pairs(out, &call->args); break;
    }
    put_json_options(out, call->json);
}

static void put_call(struct buf *out, const struct ast_call *call) {
    const struct ast_ident *name = &call->name.parts.items[0];
    if (call->name.parts.count > 1)
        sql_print_name(out, &call->name);
    else if (name->quoted)
        put_quoted(out, name->text, '`');
    else
        put_upper(out, name->text);
    put(out, "(");
    put_call_args(out, call);
    put(out, ")");
    if (call->within_group.count) {
        put_order(out, " WITHIN GROUP (ORDER BY ", &call->within_group);
        put(out, ")");
    }
    if (call->filter) {
        put(out, " FILTER (WHERE ");
        sql_print_expr(out, call->filter);
        put(out, ")");
    }
    if (call->nulls == AST_IGNORE_NULLS) put(out, " IGNORE NULLS");
    if (call->nulls == AST_RESPECT_NULLS) put(out, " RESPECT NULLS");
    if (!call->over) return;
    put(out, is_bare_window(call->over) ? " OVER " : " OVER (");
    put_window(out, call->over);
    if (!is_bare_window(call->over)) put(out, ")");
}

static void put_is(struct buf *out, const struct ast_expr *expr) {
    static const char *const tests[] = {
        [AST_IS_NULL] = "NULL",
        [AST_IS_TRUE] = "TRUE",
        [AST_IS_FALSE] = "FALSE",
        [AST_IS_UNKNOWN] = "UNKNOWN",
        [AST_IS_JSON] = "JSON",
        [AST_IS_JSON_OBJECT] = "JSON OBJECT",
        [AST_IS_JSON_ARRAY] = "JSON ARRAY",
        [AST_IS_JSON_SCALAR] = "JSON SCALAR",
    };
    put_operand(out, expr->is.operand, BIND_IS);
    put(out, expr->is.negated ? " IS NOT " : " IS ");
    put(out, tests[expr->is.test]);
}

static void put_like(struct buf *out, const struct ast_expr *expr) {
    static const char *const words[] = {[AST_LIKE] = "LIKE ",
                                        [AST_ILIKE] = "ILIKE ",
                                        [AST_RLIKE] = "RLIKE ",
                                        [AST_SIMILAR_TO] = "SIMILAR TO "};
    put_operand(out, expr->like.operand, BIND_BETWEEN);
    put(out, expr->like.negated ? " NOT " : " ");
    put(out, words[expr->like.like]);
    put_operand(out, expr->like.pattern, BIND_ADD);
    if (!expr->like.escape) return;
    put(out, " ESCAPE ");
    put_operand(out, expr->like.escape, BIND_ADD);
}

static void put_list_or_query(struct buf *out, const struct ast_exprs *list,
                              const struct ast_query *query) {
    put(out, "(");
    if (query)
        sql_print_query(out, query);
    else
        put_exprs(out, list);
    put(out, ")");
}

static void put_case(struct buf *out, const struct ast_expr *expr) {
    put(out, "CASE");
    if (expr->switch_case.operand) put(out, " "), sql_print_expr(out, expr->switch_case.operand);
    for (uint32_t i = 0; i < expr->switch_case.whens.count; i++) {
        put(out, " WHEN ");
        sql_print_expr(out, expr->switch_case.whens.items[i].when);
        put(out, " THEN ");
        sql_print_expr(out, expr->switch_case.whens.items[i].then);
    }
    if (expr->switch_case.otherwise)
        put(out, " ELSE "), sql_print_expr(out, expr->switch_case.otherwise);
    put(out, " END");
}

static void put_binary(struct buf *out, const struct ast_expr *expr) {
    enum binding binding = binary_ops[expr->binary.op].binding;
    put_operand(out, expr->binary.left, binding);
    buf_printf(out, " %s ", binary_ops[expr->binary.op].text);
    put_operand(out, expr->binary.right, binding + 1);
}

static void put_unary(struct buf *out, const struct ast_expr *expr) {
    static const char *const signs[] = {
        [AST_OP_NOT] = "NOT ", [AST_OP_NEGATE] = "-", [AST_OP_PLUS] = "+"};
    put(out, signs[expr->unary.op]);
    /* a sign behind a sign goes into brackets: -- would be a comment */
    put_operand(out, expr->unary.operand, expr->unary.op == AST_OP_NOT ? BIND_NOT : BIND_PRIMARY);
}

static const char *collection_word(enum ast_expr_kind kind) {
    return kind == AST_EXPR_ARRAY ? "ARRAY" : kind == AST_EXPR_MAP ? "MAP" : "MULTISET";
}

static void put_table_arg(struct buf *out, const struct ast_expr *expr) {
    put(out, "TABLE ");
    sql_print_name(out, &expr->table.name);
    put_hints(out, &expr->table.hints);
    if (expr->table.partition_by.count)
        put(out, " PARTITION BY "), put_idents(out, &expr->table.partition_by);
    put_order(out, " ORDER BY ", &expr->table.order_by);
}

void sql_print_expr(struct buf *out, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_EXPR_LITERAL: put_literal(out, &expr->literal); break;
    case AST_EXPR_NAME: put_column(out, &expr->name); break;
    case AST_EXPR_STAR:
        sql_print_name(out, &expr->name);
        put(out, expr->name.parts.count ? ".*" : "*");
        break;
    case AST_EXPR_UNARY: put_unary(out, expr); break;
    case AST_EXPR_BINARY: put_binary(out, expr); break;
    case AST_EXPR_IS: put_is(out, expr); break;
    case AST_EXPR_BETWEEN:
        put_operand(out, expr->between.operand, BIND_BETWEEN);
        put(out, expr->between.negated ? " NOT BETWEEN " : " BETWEEN ");
        if (expr->between.symmetric) put(out, "SYMMETRIC ");
        put_operand(out, expr->between.low, BIND_ADD);
        put(out, " AND ");
        put_operand(out, expr->between.high, BIND_ADD);
        break;
    case AST_EXPR_IN:
        put_operand(out, expr->in.operand, BIND_BETWEEN);
        put(out, expr->in.negated ? " NOT IN " : " IN ");
        put_list_or_query(out, &expr->in.list, expr->in.query);
        break;
    case AST_EXPR_LIKE: put_like(out, expr); break;
    case AST_EXPR_QUANTIFIED:
        put_operand(out, expr->quantified.operand, BIND_COMPARE);
        buf_printf(out, " %s %s ", binary_ops[expr->quantified.op].text,
                   expr->quantified.quantifier == AST_ALL ? "ALL" : "ANY");
        put_list_or_query(out, &expr->quantified.list, expr->quantified.query);
        break;
    case AST_EXPR_EXISTS:
        put(out, "EXISTS ");
        put_sub_query(out, expr->query);
        break;
    case AST_EXPR_SUBQUERY: put_sub_query(out, expr->query); break;
    case AST_EXPR_CASE: put_case(out, expr); break;
    case AST_EXPR_CAST:
        put(out, expr->cast.safe ? "TRY_CAST(" : "CAST(");
        sql_print_expr(out, expr->cast.operand);
        put(out, " AS ");
        sql_print_type(out, expr->cast.type);
        put(out, ")");
        break;
    case AST_EXPR_CALL: put_call(out, expr->call); break;
    case AST_EXPR_ROW:
        put(out, "ROW(");
        put_exprs(out, &expr->items);
        put(out, ")");
        break;
    case AST_EXPR_ARRAY:
    case AST_EXPR_MULTISET:
    case AST_EXPR_MAP:
        buf_printf(out, "%s[", collection_word(expr->kind));
        put_exprs(out, &expr->items);
        put(out, "]");
        break;
    case AST_EXPR_COLLECTION:
        put(out, collection_word(expr->collection.kind));
        put_sub_query(out, expr->collection.query);
        break;
    case AST_EXPR_INDEX:
        put_operand(out, expr->index.base, BIND_PRIMARY);
        put(out, "[");
        sql_print_expr(out, expr->index.index);
        put(out, "]");
        break;
    case AST_EXPR_FIELD: {
        /* (a).b is a field of a; a.b would be a longer name */
        bool brackets = expr->field.base->kind == AST_EXPR_NAME;
        if (brackets) put(out, "(");
        put_operand(out, expr->field.base, BIND_PRIMARY);
        put(out, brackets ? ")." : ".");
        sql_print_ident(out, &expr->field.field);
        break;
    }
    case AST_EXPR_INTERVAL:
        put(out, "INTERVAL (");
        sql_print_expr(out, expr->interval.operand);
        put(out, ") ");
        put_qualifier(out, &expr->interval.qualifier);
        break;
    case AST_EXPR_TIME_DIFFERENCE:
        put(out, "(");
        put_operand(out, expr->difference.left, BIND_ADD);
        put(out, " - ");
        put_operand(out, expr->difference.right, BIND_MULTIPLY);
        put(out, ") ");
        put_qualifier(out, &expr->difference.qualifier);
        break;
    case AST_EXPR_SYMBOL: buf_append(out, expr->symbol); break;
    case AST_EXPR_TABLE: put_table_arg(out, expr); break;
    case AST_EXPR_DESCRIPTOR:
        put(out, "DESCRIPTOR");
        put_idents(out, &expr->descriptor);
        break;
    }
}

/* ---- queries ---- */

/* (a, b): as ROW(a, b) it would be one value. */
static void put_group_expr(struct buf *out, const struct ast_expr *expr) {
    bool list = expr->kind == AST_EXPR_ROW && expr->items.count > 1;
    if (!list) {
        sql_print_expr(out, expr);
        return;
    }
    put(out, "(");
    put_exprs(out, &expr->items);
    put(out, ")");
}

static void put_group_items(struct buf *out, const struct ast_group_items *items) {
    static const char *const words[] = {[AST_GROUP_EXPR] = "",
                                        [AST_GROUP_EMPTY] = "()",
                                        [AST_GROUP_SETS] = "GROUPING SETS (",
                                        [AST_GROUP_ROLLUP] = "ROLLUP (",
                                        [AST_GROUP_CUBE] = "CUBE ("};
    for (uint32_t i = 0; i < items->count; i++) {
        const struct ast_group_item *item = &items->items[i];
        if (i) put(out, ", ");
        put(out, words[item->kind]);
        if (item->kind == AST_GROUP_EXPR) put_group_expr(out, item->expr);
        if (!item->items.count) continue;
        put_group_items(out, &item->items);
        put(out, ")");
    }
}

static void put_alias(struct buf *out, const struct ast_alias *alias) {
    if (!alias->name.text.len) return;
    put(out, " AS ");
    sql_print_ident(out, &alias->name);
    if (alias->columns.count) put_idents(out, &alias->columns);
}

static void put_opaque(struct buf *out, const struct ast_opaque *opaque) {
    if (!opaque->word.len) return;
    put(out, " ");
    buf_append(out, opaque->text);
}

static void put_table(struct buf *out, const struct ast_table_ref *table);

static void put_join(struct buf *out, const struct ast_table_ref *table) {
    static const char *const words[] = {
        [AST_JOIN_COMMA] = ", ",        [AST_JOIN_INNER] = "JOIN ",
        [AST_JOIN_LEFT] = "LEFT JOIN ", [AST_JOIN_RIGHT] = "RIGHT JOIN ",
        [AST_JOIN_FULL] = "FULL JOIN ", [AST_JOIN_CROSS] = "CROSS JOIN ",
    };
    const struct ast_table_ref *left = table->join.left, *right = table->join.right;
    bool comma = table->join.kind == AST_JOIN_COMMA;
    /* a comma binds less tightly than JOIN, and both group to the left */
    bool left_brackets =
        !comma && left->kind == AST_TABLE_JOIN && left->join.kind == AST_JOIN_COMMA;
    bool right_brackets =
        right->kind == AST_TABLE_JOIN && (!comma || right->join.kind == AST_JOIN_COMMA);
    if (left_brackets) put(out, "(");
    put_table(out, left);
    if (left_brackets) put(out, ")");
    if (!comma) put(out, " ");
    if (table->join.natural) put(out, "NATURAL ");
    put(out, words[table->join.kind]);
    if (right_brackets) put(out, "(");
    put_table(out, right);
    if (right_brackets) put(out, ")");
    if (table->join.on) put(out, " ON "), sql_print_expr(out, table->join.on);
    if (table->join.using.count) put(out, " USING "), put_idents(out, &table->join.using);
}

static void put_table(struct buf *out, const struct ast_table_ref *table) {
    if (table->lateral) put(out, "LATERAL ");
    switch (table->kind) {
    case AST_TABLE_NAME:
        sql_print_name(out, &table->table.name);
        put_hints(out, &table->table.hints);
        if (table->table.as_of) {
            put(out, " FOR SYSTEM_TIME AS OF ");
            sql_print_expr(out, table->table.as_of);
        }
        break;
    case AST_TABLE_QUERY: put_sub_query(out, table->query); break;
    case AST_TABLE_FUNCTION:
        if (!table->function.bare) put(out, "TABLE(");
        sql_print_expr(out, table->function.call);
        if (!table->function.bare) put(out, ")");
        break;
    case AST_TABLE_UNNEST:
        put(out, "UNNEST(");
        put_exprs(out, &table->unnest.args);
        put(out, table->unnest.ordinality ? ") WITH ORDINALITY" : ")");
        break;
    case AST_TABLE_JOIN: put_join(out, table); return;
    }
    put_opaque(out, &table->clause);
    put_alias(out, &table->alias);
    put_opaque(out, &table->clause_after);
}

static void put_select(struct buf *out, const struct ast_select *select) {
    put(out, "SELECT");
    put_hints(out, &select->hints);
    if (select->distinct) put(out, " DISTINCT");
    for (uint32_t i = 0; i < select->items.count; i++) {
        put(out, i ? ", " : " ");
        sql_print_expr(out, select->items.items[i].expr);
        if (!select->items.items[i].alias.text.len) continue;
        put(out, " AS ");
        sql_print_ident(out, &select->items.items[i].alias);
    }
    if (!select->from) return;
    put(out, " FROM ");
    put_table(out, select->from);
    if (select->where) put(out, " WHERE "), sql_print_expr(out, select->where);
    if (select->group_by.count) {
        put(out, select->group_by_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
        put_group_items(out, &select->group_by);
    }
    if (select->having) put(out, " HAVING "), sql_print_expr(out, select->having);
    for (uint32_t i = 0; i < select->windows.count; i++) {
        put(out, i ? ", " : " WINDOW ");
        sql_print_ident(out, &select->windows.items[i].name);
        put(out, " AS (");
        put_window(out, &select->windows.items[i]);
        put(out, ")");
    }
}

static bool has_tail(const struct ast_query *query) {
    return query->order_by.count || query->limit || query->offset || query->with.count;
}

static void put_set_query(struct buf *out, const struct ast_query *query) {
    static const char *const words[] = {
        [AST_UNION] = "UNION", [AST_INTERSECT] = "INTERSECT", [AST_EXCEPT] = "EXCEPT"};
    const struct ast_query *left = query->set.left, *right = query->set.right;
    bool tight = query->set.op == AST_INTERSECT;
    bool left_brackets =
        has_tail(left) || (left->kind == AST_QUERY_SET && tight && left->set.op != AST_INTERSECT);
    bool right_brackets = has_tail(right) || (right->kind == AST_QUERY_SET &&
                                              (tight || right->set.op != AST_INTERSECT));
    if (left_brackets)
        put_sub_query(out, left);
    else
        sql_print_query(out, left);
    buf_printf(out, " %s%s ", words[query->set.op], query->set.all ? " ALL" : "");
    if (right_brackets)
        put_sub_query(out, right);
    else
        sql_print_query(out, right);
}

static void put_ctes(struct buf *out, const struct ast_query *query) {
    for (uint32_t i = 0; i < query->with.count; i++) {
        const struct ast_cte *cte = &query->with.items[i];
        put(out, i ? ", " : query->recursive ? "WITH RECURSIVE " : "WITH ");
        sql_print_ident(out, &cte->name);
        if (cte->columns.count) put(out, " "), put_idents(out, &cte->columns);
        put(out, " AS ");
        put_sub_query(out, cte->query);
    }
    if (query->with.count) put(out, " ");
}

void sql_print_query(struct buf *out, const struct ast_query *query) {
    put_ctes(out, query);
    switch (query->kind) {
    case AST_QUERY_SELECT: put_select(out, query->select); break;
    case AST_QUERY_VALUES:
        put(out, "VALUES ");
        put_exprs(out, &query->rows);
        break;
    case AST_QUERY_SET: put_set_query(out, query); break;
    case AST_QUERY_TABLE:
        put(out, "TABLE ");
        sql_print_name(out, &query->table);
        break;
    }
    put_order(out, " ORDER BY ", &query->order_by);
    if (query->limit) put(out, " LIMIT "), sql_print_expr(out, query->limit);
    if (query->offset) put(out, " OFFSET "), sql_print_expr(out, query->offset);
}

/* ---- statements ---- */

static void put_enforcement(struct buf *out, enum ast_enforcement enforcement) {
    if (enforcement == AST_ENFORCED) put(out, " ENFORCED");
    if (enforcement == AST_NOT_ENFORCED) put(out, " NOT ENFORCED");
}

static void put_constraint_word(struct buf *out, const struct ast_constraint *constraint) {
    if (constraint->name.text.len) {
        put(out, "CONSTRAINT ");
        sql_print_ident(out, &constraint->name);
        put(out, " ");
    }
    put(out, constraint->kind == AST_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE");
}

static void put_table_column(struct buf *out, const struct ast_create_table *table,
                             const struct ast_column *column) {
    sql_print_ident(out, &column->name);
    if (column->type) put(out, " "), sql_print_type(out, column->type);
    if (column->kind == AST_COLUMN_COMPUTED) put(out, " AS "), sql_print_expr(out, column->expr);
    if (column->kind == AST_COLUMN_METADATA) put(out, " METADATA");
    if (column->has_metadata_key) put(out, " FROM "), put_string(out, column->metadata_key);
    if (column->is_virtual) put(out, " VIRTUAL");
    for (uint32_t i = 0; i < table->constraints.count; i++) {
        const struct ast_constraint *constraint = &table->constraints.items[i];
        if (!constraint->is_inline ||
            constraint->columns.items[0].span.start != column->name.span.start)
            continue;
        put(out, " ");
        put_constraint_word(out, constraint);
        put_enforcement(out, constraint->enforcement);
    }
    put_comment(out, column->comment);
}

static void put_elements(struct buf *out, const struct ast_create_table *table) {
    const char *before = " (";
    for (uint32_t i = 0; i < table->columns.count; i++, before = ", ") {
        put(out, before);
        put_table_column(out, table, &table->columns.items[i]);
    }
    for (uint32_t i = 0; i < table->watermarks.count; i++, before = ", ") {
        buf_printf(out, "%sWATERMARK FOR ", before);
        sql_print_name(out, &table->watermarks.items[i].column);
        put(out, " AS ");
        sql_print_expr(out, table->watermarks.items[i].expr);
    }
    for (uint32_t i = 0; i < table->constraints.count; i++) {
        const struct ast_constraint *constraint = &table->constraints.items[i];
        if (constraint->is_inline) continue;
        put(out, before);
        put_constraint_word(out, constraint);
        put(out, " ");
        put_idents(out, &constraint->columns);
        put_enforcement(out, constraint->enforcement);
        before = ", ";
    }
    if (before[0] == ',') put(out, ")");
}

static void put_create(struct buf *out, bool temporary, bool or_replace, const char *noun,
                       bool if_not_exists, const struct ast_name *name) {
    buf_printf(out, "CREATE %s%s%s %s", or_replace ? "OR REPLACE " : "",
               temporary ? "TEMPORARY " : "", noun, if_not_exists ? "IF NOT EXISTS " : "");
    sql_print_name(out, name);
}

static void put_create_table(struct buf *out, const struct ast_create_table *table) {
    static const char *const modes[] = {[AST_INCLUDING] = "INCLUDING ",
                                        [AST_EXCLUDING] = "EXCLUDING ",
                                        [AST_OVERWRITING] = "OVERWRITING "};
    put_create(out, table->temporary, table->or_replace, "TABLE", table->if_not_exists,
               &table->name);
    put_elements(out, table);
    put_comment(out, table->comment);
    put_opaque(out, &table->distribution);
    if (table->partitioned_by.count)
        put(out, " PARTITIONED BY "), put_idents(out, &table->partitioned_by);
    if (table->has_options) put(out, " WITH "), put_options(out, &table->options);
    if (table->like.parts.count) put(out, " LIKE "), sql_print_name(out, &table->like);
    for (uint32_t i = 0; i < table->like_options.count; i++) {
        put(out, i ? " " : " (");
        put(out, modes[table->like_options.items[i].mode]);
        buf_append(out, table->like_options.items[i].feature);
    }
    if (table->like_options.count) put(out, ")");
    if (table->as_query) put(out, " AS "), sql_print_query(out, table->as_query);
}

static void put_create_view(struct buf *out, const struct ast_create_view *view) {
    put_create(out, view->temporary, view->or_replace, "VIEW", view->if_not_exists, &view->name);
    if (view->columns.count) put(out, " "), put_idents(out, &view->columns);
    put_comment(out, view->comment);
    put(out, " AS ");
    sql_print_query(out, view->query);
}

static void put_create_space(struct buf *out, const char *noun,
                             const struct ast_create_space *space) {
    put_create(out, false, false, noun, space->if_not_exists, &space->name);
    put_comment(out, space->comment);
    if (space->options.count) put(out, " WITH "), put_options(out, &space->options);
}

static void put_drop(struct buf *out, const struct ast_drop *drop) {
    static const char *const objects[] = {[AST_OBJECT_TABLE] = "TABLE ",
                                          [AST_OBJECT_VIEW] = "VIEW ",
                                          [AST_OBJECT_DATABASE] = "DATABASE ",
                                          [AST_OBJECT_CATALOG] = "CATALOG "};
    put(out, drop->temporary ? "DROP TEMPORARY " : "DROP ");
    put(out, objects[drop->object]);
    if (drop->if_exists) put(out, "IF EXISTS ");
    sql_print_name(out, &drop->name);
    if (drop->cascade) put(out, " CASCADE");
}

static void put_alter(struct buf *out, const struct ast_alter_table *alter) {
    put(out, alter->if_exists ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ");
    sql_print_name(out, &alter->name);
    switch (alter->kind) {
    case AST_ALTER_SET:
        put(out, " SET ");
        put_options(out, &alter->options);
        break;
    case AST_ALTER_RESET:
        for (uint32_t i = 0; i < alter->options.count; i++) {
            put(out, i ? ", " : " RESET (");
            put_string(out, alter->options.items[i].key);
        }
        put(out, ")");
        break;
    case AST_ALTER_RENAME:
        put(out, " RENAME TO ");
        sql_print_name(out, &alter->new_name);
        break;
    }
}

static void put_insert(struct buf *out, const struct ast_insert *insert) {
    put(out, insert->overwrite ? "INSERT OVERWRITE " : "INSERT INTO ");
    sql_print_name(out, &insert->table);
    put_hints(out, &insert->hints);
    if (insert->partition.count) {
        put(out, " PARTITION (");
        put_exprs(out, &insert->partition);
        put(out, ")");
    }
    if (insert->columns.count) put(out, " "), put_idents(out, &insert->columns);
    put(out, " ");
    sql_print_query(out, insert->query);
}

static void put_set(struct buf *out, const struct ast_statements *set) {
    put(out, "STATEMENT SET BEGIN ");
    for (uint32_t i = 0; i < set->count; i++) {
        sql_print_statement(out, set->items[i]);
        put(out, "; ");
    }
    put(out, "END");
}

static void put_setting(struct buf *out, const char *verb, const struct ast_setting *setting,
                        bool with_value) {
    put(out, verb);
    if (setting->kind == AST_SET_ALL) return;
    put(out, " ");
    put_string(out, setting->key);
    if (!with_value) return;
    put(out, " = ");
    put_string(out, setting->value);
}

static void put_explain(struct buf *out, const struct ast_explain *explain) {
    static const char *const details[] = {"CHANGELOG_MODE", "ESTIMATED_COST", "JSON_EXECUTION_PLAN",
                                          "PLAN_ADVICE"};
    put(out, "EXPLAIN ");
    const char *before = "";
    for (uint32_t i = 0; i < ARRAY_LEN(details); i++) {
        if (!(explain->details & 1u << i)) continue;
        buf_printf(out, "%s%s", before, details[i]);
        before = ", ";
    }
    if (before[0]) put(out, " ");
    if (explain->target->kind == AST_STATEMENT_SET)
        put_set(out, &explain->target->set);
    else
        sql_print_statement(out, explain->target);
}

void sql_print_statement(struct buf *out, const struct ast_statement *statement) {
    switch (statement->kind) {
    case AST_CREATE_TABLE: put_create_table(out, statement->create_table); break;
    case AST_CREATE_VIEW: put_create_view(out, statement->create_view); break;
    case AST_CREATE_DATABASE: put_create_space(out, "DATABASE", statement->create_space); break;
    case AST_CREATE_CATALOG: put_create_space(out, "CATALOG", statement->create_space); break;
    case AST_DROP: put_drop(out, statement->drop); break;
    case AST_ALTER_TABLE: put_alter(out, statement->alter_table); break;
    case AST_INSERT: put_insert(out, statement->insert); break;
    case AST_STATEMENT_SET:
        put(out, "EXECUTE ");
        put_set(out, &statement->set);
        break;
    case AST_QUERY: sql_print_query(out, statement->query); break;
    case AST_SET: put_setting(out, "SET", &statement->setting, true); break;
    case AST_RESET: put_setting(out, "RESET", &statement->setting, false); break;
    case AST_EXPLAIN: put_explain(out, &statement->explain); break;
    case AST_DESCRIBE: put(out, "DESCRIBE "), sql_print_name(out, &statement->name); break;
    case AST_USE_CATALOG: put(out, "USE CATALOG "), sql_print_name(out, &statement->name); break;
    case AST_USE_DATABASE: put(out, "USE "), sql_print_name(out, &statement->name); break;
    case AST_SHOW:
    case AST_JAR:
    case AST_QUIT:
    case AST_CLIENT:
    case AST_OTHER: buf_append(out, statement->other.text); break;
    }
}

void sql_print_script(struct buf *out, const struct ast_script *script) {
    for (uint32_t i = 0; i < script->statements.count; i++) {
        sql_print_statement(out, script->statements.items[i]);
        put(out, ";\n");
    }
}
