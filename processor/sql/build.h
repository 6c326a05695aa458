/* SPDX-License-Identifier: Apache-2.0 */
/* What the actions of grammar.y call: functions that make tree nodes from tokens and smaller nodes.
 * They look nothing up. A rule that the grammar cannot express (a bad interval, a date that does not
 * exist, nesting) is reported to `errors`; the node is made all the same, so that parsing goes on.
 *
 * Spans are cheap: the generated parser reduces a rule right before it shifts the next token, so a
 * node that is being built ends where the token before that one ended: `end`. */
#ifndef SQL_BUILD_H
#define SQL_BUILD_H

#include "sql/ast.h"
#include "sql/token.h"

struct builder {
    struct str text;
    struct arena *arena;
    struct diagnostics *errors;
    struct ast_statement *statement; /* the result, once the grammar accepted */
    uint32_t end;                    /* end of the last token that was shifted */
    bool failed;                     /* an error was reported for this statement */
    bool stop;                       /* give this statement up: nested too deeply */
};

/* Makes room for one more item of a list in the arena; returns the items. */
void *list_room(struct builder *b, void *items, uint32_t count, uint32_t *capacity, size_t size);
#define LIST_APPEND(b, list, item)                                                                 \
    do {                                                                                           \
        (list)->items = list_room((b), (list)->items, (list)->count, &(list)->capacity,            \
                                  sizeof *(list)->items);                                          \
        (list)->items[(list)->count++] = (item);                                                   \
    } while (0)

/* A diagnostic of this statement. help may be NULL. */
void build_error(struct builder *b, struct span span, const char *code, const char *help,
                 const char *format, ...) PRINTF_LIKE(5, 6);
/* E0107, once per statement. */
void build_too_deep(struct builder *b, struct span span);
struct span span_from(const struct builder *b, uint32_t start); /* start .. b->end */
struct str span_text(const struct builder *b, struct span span);
struct str span_upper(struct builder *b, struct span span); /* in upper case, in the arena */

/* ---- literal.c ---- */

struct ast_ident build_ident(struct builder *b, struct token token);
struct str build_string(struct builder *b, struct token token); /* '…', N'…', U&'…' decoded */
/* 'key' = 'value' */
struct ast_option build_option(struct builder *b, struct token key, struct token value);
/* E0105 when the text has ${X} or {{x}} in it. */
void build_template(struct builder *b, struct str text, struct span span);
struct ast_expr *build_literal(struct builder *b, struct token token);
struct ast_expr *build_datetime(struct builder *b, struct token word, struct token string);

/* (3), (10, 2); -1 for what is absent. */
struct precision {
    int32_t first, second;
};
struct precision build_precision(struct builder *b, struct token first, struct token second);
/* DAY(2) TO SECOND(3); end.type 0 for a single unit. */
struct ast_interval_qualifier build_qualifier(struct builder *b, struct token start,
                                              struct precision a, struct token end,
                                              struct precision z);
/* INTERVAL [sign] value qualifier; sign.type 0: none. */
struct ast_expr *build_interval(struct builder *b, struct token word, struct token sign,
                                struct token value, struct ast_interval_qualifier qualifier);

/* ---- ast.c: expressions ---- */

/* A node that starts at `start` and ends at b->end. */
struct ast_expr *build_expr(struct builder *b, enum ast_expr_kind kind, uint32_t start);
/* Puts a node above its children: its height grows; E0107 beyond AST_HEIGHT_MAX. NULL is fine. */
void expr_above(struct builder *b, struct ast_expr *expr, const struct ast_expr *child);
void expr_above_list(struct builder *b, struct ast_expr *expr, const struct ast_exprs *list);
void expr_above_query(struct builder *b, struct ast_expr *expr, const struct ast_query *query);
void expr_above_order(struct builder *b, struct ast_expr *expr,
                      const struct ast_order_items *order);

struct ast_name build_name(struct builder *b, struct ast_ident first);
struct ast_expr *build_unary(struct builder *b, struct token op, struct ast_expr *operand);
struct ast_expr *build_binary(struct builder *b, struct ast_expr *left, struct token op,
                              struct ast_expr *right);
struct ast_expr *build_distinct_from(struct builder *b, struct ast_expr *left, struct token is,
                                     bool negated, struct token from, struct ast_expr *right);

/* An operator in words, read before its right side: [NOT] IN, IS [NOT] TRUE, NOT BETWEEN SYMMETRIC. */
struct word_op {
    bool negated, symmetric;
    enum ast_like_kind like;
    enum ast_is_test test;
};
struct ast_expr *build_is(struct builder *b, struct ast_expr *operand, struct word_op op);
struct ast_expr *build_between(struct builder *b, struct ast_expr *operand, struct word_op op,
                               struct ast_expr *low, struct ast_expr *high);
struct ast_expr *build_like(struct builder *b, struct ast_expr *operand, struct word_op op,
                            struct ast_expr *pattern, struct ast_expr *escape);
/* A list or a query. */
struct ast_expr *build_in(struct builder *b, struct ast_expr *operand, bool negated,
                          struct ast_exprs list, struct ast_query *query);
struct ast_expr *build_quantified(struct builder *b, struct ast_expr *operand, struct token op,
                                  enum ast_quantifier quantifier, struct ast_exprs list,
                                  struct ast_query *query);
/* EXISTS, SUBQUERY */
struct ast_expr *build_query_expr(struct builder *b, enum ast_expr_kind kind, uint32_t start,
                                  struct ast_query *query);
struct ast_expr *build_collection(struct builder *b, enum ast_expr_kind kind, struct token word,
                                  struct ast_query *query);
struct ast_expr *build_case(struct builder *b, struct token first, struct ast_expr *operand,
                            struct ast_whens whens, struct ast_expr *otherwise);
struct ast_expr *build_cast(struct builder *b, struct token first, bool safe,
                            struct ast_expr *operand, struct ast_type *type);
/* ROW, ARRAY, MAP, MULTISET */
struct ast_expr *build_items(struct builder *b, enum ast_expr_kind kind, struct token first,
                             struct ast_exprs items);
struct ast_expr *build_index(struct builder *b, struct ast_expr *base, struct ast_expr *index);
struct ast_expr *build_field(struct builder *b, struct ast_expr *base, struct ast_ident field);
struct ast_expr *build_interval_expr(struct builder *b, struct token first,
                                     struct ast_expr *operand,
                                     struct ast_interval_qualifier qualifier);
struct ast_expr *build_difference(struct builder *b, struct token first, struct ast_expr *expr,
                                  struct ast_interval_qualifier qualifier);
struct ast_expr *build_symbol(struct builder *b, struct token word);

/* The arguments of a call while they are read. */
struct ast_call *build_args(struct builder *b);
void args_append(struct builder *b, struct ast_call *call, const struct ast_ident *name,
                 struct ast_expr *value);
/* A finished call; `call` holds the arguments. */
struct ast_expr *build_call(struct builder *b, struct ast_name name, enum ast_call_syntax syntax,
                            struct ast_call *call);
/* A call written with keywords, its arguments in fixed order. */
struct ast_expr *build_special(struct builder *b, struct token word, enum ast_call_syntax syntax,
                               struct ast_expr *x, struct ast_expr *y, struct ast_expr *z,
                               struct ast_expr *w);
/* A plain call from a list of expressions. */
struct ast_expr *build_list_call(struct builder *b, struct token word,
                                 const struct ast_exprs *args);
struct ast_expr *build_json_call(struct builder *b, struct token word, enum ast_call_syntax syntax,
                                 const struct ast_exprs *args, struct ast_json_options *options);
/* FILTER, WITHIN GROUP, OVER behind a call: the call's span and height grow. */
void call_filter(struct builder *b, struct ast_expr *expr, struct ast_expr *condition);
void call_within_group(struct builder *b, struct ast_expr *expr, struct ast_order_items order);
void call_over(struct builder *b, struct ast_expr *expr, struct ast_window *window);

/* ---- ast.c: queries ---- */

struct ast_query *build_query(struct builder *b, enum ast_query_kind kind, uint32_t start);
void query_above(struct builder *b, struct ast_query *query, uint32_t height);
struct ast_query *build_select(struct builder *b, uint32_t start, struct ast_select *select);
struct ast_query *build_set_query(struct builder *b, struct ast_query *left, struct token op,
                                  bool all, struct ast_query *right);
/* ORDER BY, LIMIT, OFFSET behind a query; WITH in front of it. */
struct query_tail {
    struct ast_order_items order_by;
    struct span order_span;
    struct ast_expr *limit, *offset;
};
struct with_clause {
    struct ast_ctes ctes;
    uint32_t start;
    bool recursive;
};
struct ast_query *build_whole_query(struct builder *b, const struct with_clause *with,
                                    struct ast_query *query, const struct query_tail *tail);

struct ast_group_item build_group_item(struct builder *b, enum ast_group_kind kind, uint32_t start,
                                       struct ast_expr *expr, struct ast_group_items items);
struct ast_table_ref *build_table(struct builder *b, enum ast_table_kind kind, uint32_t start);
void table_above(struct builder *b, struct ast_table_ref *table, uint32_t height);
/* `join` is the operator: a JOIN without sides, see grammar.y. */
struct ast_table_ref *build_join(struct builder *b, struct ast_table_ref *left,
                                 struct ast_table_ref *join, struct ast_table_ref *right);
struct ast_opaque build_opaque(struct builder *b, struct token token);

/* ---- ast.c: types and statements ---- */

struct ast_type *build_type(struct builder *b, enum ast_type_kind kind, uint32_t start);
void type_above(struct builder *b, struct ast_type *type, const struct ast_type *element);
struct ast_type *build_simple_type(struct builder *b, struct token word,
                                   struct precision precision);

/* One thing between the brackets of CREATE TABLE; a column may bring its constraint. */
struct table_element {
    struct ast_column *column;
    struct ast_constraint *constraint;
    struct ast_watermark *watermark;
};
void table_add(struct builder *b, struct ast_create_table *table, struct table_element element);
struct ast_statement *build_statement(struct builder *b, enum ast_statement_kind kind,
                                      struct span first);

/* ---- values that live only on the parser's stack ---- */

struct ast_option_clause {
    struct ast_options options;
    struct span span; /* end 0: not written */
};
struct create_words {
    struct span span;
    bool temporary, or_replace;
};
struct constraint_words {
    enum ast_constraint_kind kind;
    struct ast_ident name;
    struct span span; /* end 0: not written */
};
struct table_tail {
    struct ast_name like;
    struct ast_like_options like_options;
    struct ast_query *query;
};
struct join_word {
    enum ast_join_kind kind;
    uint32_t start;
};
struct partition_words {
    struct ast_exprs items;
    struct span span;
};
struct explain_words {
    struct span span;
    uint32_t details;
};

/* Adds what `more` says. */
void json_merge(struct ast_json_options *options, const struct ast_json_options *more);
struct table_element build_column(struct builder *b, enum ast_column_kind kind,
                                  struct ast_ident name);
/* What can be said only once the whole CREATE TABLE was read. */
void table_check(struct builder *b, const struct ast_create_table *table);
struct ast_opaque build_opaque_from(struct builder *b, struct token word);
struct ast_like_option build_like_option(struct builder *b, struct token mode,
                                         struct token feature);
bool is_cascade(struct builder *b, struct token word);
uint32_t explain_detail(struct builder *b, struct token word);

/* ---- grammar.y ---- */

void *SqlGrammarAlloc(void *(*allocate)(size_t), struct builder *b);
void SqlGrammarFree(void *parser, void (*release)(void *));
void SqlGrammarInit(void *parser, struct builder *b);
void SqlGrammar(void *parser, int type, struct token token);
/* Would a token of this type be taken now? Changes nothing. */
bool grammar_accepts(const void *parser, int type);
/* The type of the word tokens that stand for a name where the keyword itself does not fit. */
int grammar_fallback(int type);

#endif
