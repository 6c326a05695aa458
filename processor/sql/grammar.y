/* SPDX-License-Identifier: Apache-2.0 */
/* Flink SQL as a grammar for lemon. It is meant to be read as the manual: precedence first, then
 * expressions, queries, types, statements. Actions build tree nodes (build.h) and do nothing else.
 *
 * parse.c feeds one statement at a time, without its semicolon. It asks grammar_accepts() before it
 * feeds a token, so a syntax error never arises in here, and it resolves with one token of look-ahead
 * what a grammar of this kind cannot: NOT IN as an operator, LEFT( as a function, MATCH_RECOGNIZE
 * with its brackets as one token. SET, RESET, the frame of a statement set, and statements that are
 * known by name only do not reach it. */
%name SqlGrammar
%token_prefix TK_
%token_type {struct token}
%extra_context {struct builder *b}
%start_symbol script
%stack_size 2500
%stack_overflow { build_too_deep(b, span_from(b, b->end ? b->end - 1 : 0)); }
%syntax_error { assert(!"parse.c feeds only what grammar_accepts"); (void)yymajor; (void)TOKEN; }
%include {
#include <assert.h>
#include "sql/build.h"

#define START(token) ((token).span.start)
static const struct token no_token;
static const struct precision no_precision = {-1, -1};
}

/* Lowest first. LOW marks a rule that ends early where a longer form could go on. */
%nonassoc LOW.
%nonassoc VALUE RP COMMA TO OPAQUE FORMAT ORDER.
%left UNION EXCEPT.
%left INTERSECT.
%left OR.
%left AND.
%right NOT.
%left IS.
%left EQ NE LT GT LE GE OVERLAPS CONTAINS EQUALS PRECEDES SUCCEEDS MEMBER.
%left BETWEEN IN LIKE ILIKE RLIKE SIMILAR NOT_INFIX.
%nonassoc ESCAPE.
%left PLUS MINUS.
%left STAR SLASH PERCENT CONCAT.
%right SIGN.
%left LP LB DOT.

/* Words that are names wherever the keyword does not fit. */
%fallback ID
  ABSENT ASC BUCKETS CATALOG CONDITIONAL DATABASE DESC DESCRIPTOR DROP_MODE ENFORCED ERROR
  EXPLAIN_DETAIL FIRST FOLLOWING FORMAT IF IGNORE JSON KEY LAST LIKE_MODE MAP METADATA NULLS OBJECT
  ORDINALITY OVERWRITE PARTITIONED PLACING PLAN PRECEDING REPLACE RESPECT RETURNING SCALAR SETS
  TEMPORARY TRY_CAST UNBOUNDED UNCONDITIONAL UNIT_FREE VIEW VIRTUAL WRAPPER ZONE.
/* No rule uses these: not a token of SQL; a reserved word without a role. */
%token ILLEGAL RESERVED SEMI.

script ::= statement. { b->statement->span.end = b->end; }

/* ---------------- names ---------------- */

%type ident {struct ast_ident}
ident(A) ::= ID(T). { A = build_ident(b, T); }

%type idents {struct ast_idents}
idents(A) ::= ident(N).                 { A = (struct ast_idents){0}; LIST_APPEND(b, &A, N); }
idents(A) ::= idents(A) COMMA ident(N). { LIST_APPEND(b, &A, N); }

%type idents_opt {struct ast_idents}
idents_opt(A) ::= . [LOW]          { A = (struct ast_idents){0}; }
idents_opt(A) ::= LP idents(N) RP. { A = N; }

%type name {struct ast_name}
name(A) ::= ident(N).             { A = build_name(b, N); }
name(A) ::= name(A) DOT ident(N). { LIST_APPEND(b, &A.parts, N); A.span.end = b->end; }

/* ---------------- expressions ---------------- */

%type expr {struct ast_expr *}
%type exprs {struct ast_exprs}
exprs(A) ::= expr(E). [LOW]           { A = (struct ast_exprs){0}; LIST_APPEND(b, &A, E); }
exprs(A) ::= exprs(A) COMMA expr(E).  { LIST_APPEND(b, &A, E); }
%type exprs_opt {struct ast_exprs}
exprs_opt(A) ::= .         { A = (struct ast_exprs){0}; }
exprs_opt(A) ::= exprs(E). { A = E; }

expr(A) ::= expr(B) OR(O) expr(C).  { A = build_binary(b, B, O, C); }
expr(A) ::= expr(B) AND(O) expr(C). { A = build_binary(b, B, O, C); }
expr(A) ::= NOT(O) expr(B).         { A = build_unary(b, O, B); }

expr(A) ::= expr(B) IS is_test(T). [IS]     { A = build_is(b, B, T); }
expr(A) ::= expr(B) IS(I) DISTINCT FROM(F) expr(C). [EQ]
                                            { A = build_distinct_from(b, B, I, false, F, C); }
expr(A) ::= expr(B) IS(I) NOT DISTINCT FROM(F) expr(C). [EQ]
                                            { A = build_distinct_from(b, B, I, true, F, C); }
%type is_test {struct word_op}
%type is_what {struct word_op}
is_test(A) ::= is_what(A).
is_test(A) ::= NOT is_what(B).     { A = B; A.negated = true; }
is_what(A) ::= NULL.               { A = (struct word_op){.test = AST_IS_NULL}; }
is_what(A) ::= TRUE.               { A = (struct word_op){.test = AST_IS_TRUE}; }
is_what(A) ::= FALSE.              { A = (struct word_op){.test = AST_IS_FALSE}; }
is_what(A) ::= UNKNOWN.            { A = (struct word_op){.test = AST_IS_UNKNOWN}; }
is_what(A) ::= JSON. [LOW]         { A = (struct word_op){.test = AST_IS_JSON}; }
is_what(A) ::= JSON VALUE.         { A = (struct word_op){.test = AST_IS_JSON}; }
is_what(A) ::= JSON OBJECT.        { A = (struct word_op){.test = AST_IS_JSON_OBJECT}; }
is_what(A) ::= JSON ARRAY.         { A = (struct word_op){.test = AST_IS_JSON_ARRAY}; }
is_what(A) ::= JSON SCALAR.        { A = (struct word_op){.test = AST_IS_JSON_SCALAR}; }

expr(A) ::= expr(B) EQ|NE|LT|GT|LE|GE(O) expr(C). { A = build_binary(b, B, O, C); }
expr(A) ::= expr(B) OVERLAPS|CONTAINS|EQUALS|PRECEDES|SUCCEEDS(O) expr(C).
                                                  { A = build_binary(b, B, O, C); }
expr(A) ::= expr(B) MEMBER(O) OF expr(C). [MEMBER]{ A = build_binary(b, B, O, C); }
expr(A) ::= expr(B) EQ|NE|LT|GT|LE|GE(O) quantifier(Q) query_parens(S). [EQ]
                     { A = build_quantified(b, B, O, Q, (struct ast_exprs){0}, S); }
expr(A) ::= expr(B) EQ|NE|LT|GT|LE|GE(O) quantifier(Q) LP exprs(L) RP. [EQ]
                     { A = build_quantified(b, B, O, Q, L, NULL); }
%type quantifier {enum ast_quantifier}
quantifier(A) ::= ANY. { A = AST_ANY; }
quantifier(A) ::= ALL. { A = AST_ALL; }

%type between {struct word_op}
%type symmetry {bool}
expr(A) ::= expr(B) between(O) expr(C) AND expr(D). [BETWEEN] { A = build_between(b, B, O, C, D); }
between(A) ::= BETWEEN symmetry(S).           { A = (struct word_op){.symmetric = S}; }
between(A) ::= NOT_INFIX BETWEEN symmetry(S). { A = (struct word_op){.symmetric = S, .negated = true}; }
symmetry(A) ::= .           { A = false; }
symmetry(A) ::= ASYMMETRIC. { A = false; }
symmetry(A) ::= SYMMETRIC.  { A = true; }

expr(A) ::= expr(B) IN LP exprs(L) RP.             { A = build_in(b, B, false, L, NULL); }
expr(A) ::= expr(B) NOT_INFIX IN LP exprs(L) RP.   { A = build_in(b, B, true, L, NULL); }
expr(A) ::= expr(B) IN query_parens(S). [IN]       { A = build_in(b, B, false, (struct ast_exprs){0}, S); }
expr(A) ::= expr(B) NOT_INFIX IN query_parens(S). [IN]
                                                   { A = build_in(b, B, true, (struct ast_exprs){0}, S); }

%type like {struct word_op}
%type like_word {struct word_op}
expr(A) ::= expr(B) like(O) expr(P). [LIKE]                  { A = build_like(b, B, O, P, NULL); }
expr(A) ::= expr(B) like(O) expr(P) ESCAPE expr(E). [ESCAPE] { A = build_like(b, B, O, P, E); }
like(A) ::= like_word(A).
like(A) ::= NOT_INFIX like_word(W). { A = W; A.negated = true; }
like_word(A) ::= LIKE.              { A = (struct word_op){.like = AST_LIKE}; }
like_word(A) ::= ILIKE.             { A = (struct word_op){.like = AST_ILIKE}; }
like_word(A) ::= RLIKE.             { A = (struct word_op){.like = AST_RLIKE}; }
like_word(A) ::= SIMILAR TO.        { A = (struct word_op){.like = AST_SIMILAR_TO}; }

expr(A) ::= expr(B) PLUS|MINUS(O) expr(C).                { A = build_binary(b, B, O, C); }
expr(A) ::= expr(B) STAR|SLASH|PERCENT|CONCAT(O) expr(C). { A = build_binary(b, B, O, C); }
expr(A) ::= PLUS|MINUS(O) expr(B). [SIGN]                 { A = build_unary(b, O, B); }

expr(A) ::= expr(B) LB expr(I) RB.   { A = build_index(b, B, I); }
expr(A) ::= expr(B) DOT ident(F).    { A = build_field(b, B, F); }
expr(A) ::= name(N). [LOW] {
    A = build_expr(b, AST_EXPR_NAME, N.span.start);
    A->name = N;
}
expr(A) ::= CONTEXT(T). {
    A = build_expr(b, AST_EXPR_NAME, START(T));
    A->name = build_name(b, build_ident(b, T));
}
expr(A) ::= LP(L) expr(E) RP. { A = E; A->span = span_from(b, START(L)); }
expr(A) ::= LP(L) expr(E) COMMA exprs(R) RP. {
    struct ast_exprs items = {0};
    LIST_APPEND(b, &items, E);
    for (uint32_t i = 0; i < R.count; i++) LIST_APPEND(b, &items, R.items[i]);
    A = build_items(b, AST_EXPR_ROW, L, items);
}
expr(A) ::= query_parens(S). [LOW]    { A = build_query_expr(b, AST_EXPR_SUBQUERY, S->span.start, S); }
expr(A) ::= EXISTS(T) query_parens(S). { A = build_query_expr(b, AST_EXPR_EXISTS, START(T), S); }

expr(A) ::= ROW(T) LP exprs_opt(L) RP.        { A = build_items(b, AST_EXPR_ROW, T, L); }
expr(A) ::= ARRAY(T) LB exprs_opt(L) RB.      { A = build_items(b, AST_EXPR_ARRAY, T, L); }
expr(A) ::= MULTISET(T) LB exprs_opt(L) RB.   { A = build_items(b, AST_EXPR_MULTISET, T, L); }
expr(A) ::= MAP_VALUE(T) LB exprs_opt(L) RB.  { A = build_items(b, AST_EXPR_MAP, T, L); }
expr(A) ::= ARRAY(T) query_parens(S).         { A = build_collection(b, AST_EXPR_ARRAY, T, S); }
expr(A) ::= MULTISET(T) query_parens(S).      { A = build_collection(b, AST_EXPR_MULTISET, T, S); }
expr(A) ::= MAP_VALUE(T) query_parens(S).     { A = build_collection(b, AST_EXPR_MAP, T, S); }

/* ---- literals ---- */

expr(A) ::= INTEGER(T). { A = build_literal(b, T); }
expr(A) ::= DECIMAL(T). { A = build_literal(b, T); }
expr(A) ::= DOUBLE_NUMBER(T). { A = build_literal(b, T); }
expr(A) ::= STRING(T). { A = build_literal(b, T); }
expr(A) ::= BINARY_STRING(T). { A = build_literal(b, T); }
expr(A) ::= NULL(T). { A = build_literal(b, T); }
expr(A) ::= TRUE(T). { A = build_literal(b, T); }
expr(A) ::= FALSE(T). { A = build_literal(b, T); }
expr(A) ::= UNKNOWN(T). { A = build_literal(b, T); }
expr(A) ::= DEFAULT_VALUE(T).         { A = build_symbol(b, T); }
expr(A) ::= DATE_PREFIX(W) STRING(S). { A = build_datetime(b, W, S); }

expr(A) ::= INTERVAL(I) STRING|INTEGER|DECIMAL(V) qualifier(Q). {
    A = build_interval(b, I, no_token, V, Q);
}
expr(A) ::= INTERVAL(I) PLUS|MINUS(G) STRING|INTEGER|DECIMAL(V) qualifier(Q). {
    A = build_interval(b, I, G, V, Q);
}
expr(A) ::= INTERVAL(I) LP expr(E) RP qualifier(Q). { A = build_interval_expr(b, I, E, Q); }
expr(A) ::= INTERVAL(I) name(N) qualifier(Q). {
    struct ast_expr *operand = build_expr(b, AST_EXPR_NAME, N.span.start);
    operand->span.end = N.span.end;
    operand->name = N;
    A = build_interval_expr(b, I, operand, Q);
}
/* Only the reserved units: `(a - b) DAYS` gives the difference a name. */
expr(A) ::= LP(L) expr(E) RP difference_unit(Q). { A = build_difference(b, L, E, Q); }

%type qualifier {struct ast_interval_qualifier}
%type difference_unit {struct ast_interval_qualifier}
%type precision {struct precision}
qualifier(A) ::= unit(U) precision(P). [LOW] { A = build_qualifier(b, U, P, no_token, no_precision); }
qualifier(A) ::= unit(U) precision(P) TO unit(V) precision(Q). { A = build_qualifier(b, U, P, V, Q); }
difference_unit(A) ::= UNIT(U) precision(P). [LOW] {
    A = build_qualifier(b, U, P, no_token, no_precision);
}
difference_unit(A) ::= UNIT(U) precision(P) TO unit(V) precision(Q). {
    A = build_qualifier(b, U, P, V, Q);
}
%type unit {struct token}
unit(A) ::= UNIT|UNIT_FREE(T). { A = T; }
precision(A) ::= . [LOW]                        { A = no_precision; }
precision(A) ::= LP INTEGER(P) RP.                { A = build_precision(b, P, no_token); }
precision(A) ::= LP INTEGER(P) COMMA INTEGER(S) RP. { A = build_precision(b, P, S); }

/* ---- CASE, CAST ---- */

expr(A) ::= CASE(T) case_operand(O) whens(W) case_else(E) END. { A = build_case(b, T, O, W, E); }
%type case_operand {struct ast_expr *}
case_operand(A) ::= .        { A = NULL; }
case_operand(A) ::= expr(E). { A = E; }
%type whens {struct ast_whens}
whens(A) ::= WHEN expr(C) THEN expr(R). {
    A = (struct ast_whens){0};
    LIST_APPEND(b, &A, ((struct ast_when){C, R}));
}
whens(A) ::= whens(A) WHEN expr(C) THEN expr(R). { LIST_APPEND(b, &A, ((struct ast_when){C, R})); }
%type case_else {struct ast_expr *}
case_else(A) ::= .             { A = NULL; }
case_else(A) ::= ELSE expr(E). { A = E; }

expr(A) ::= CAST(T) LP expr(E) AS type(Y) RP.     { A = build_cast(b, T, false, E, Y); }
expr(A) ::= TRY_CAST(T) LP expr(E) AS type(Y) RP. { A = build_cast(b, T, true, E, Y); }

/* ---- calls ---- */

expr(A) ::= call(A).
%type call {struct ast_expr *}
%type args {struct ast_call *}
%type arg_list {struct ast_call *}
call(A) ::= name(N) LP args(L) RP. { A = build_call(b, N, AST_CALL_PLAIN, L); }
call(A) ::= FUNCTION(T) LP args(L) RP. {
    A = build_call(b, build_name(b, build_ident(b, T)), AST_CALL_PLAIN, L);
}
call(A) ::= call(A) FILTER LP WHERE expr(E) RP.             { call_filter(b, A, E); }
call(A) ::= call(A) WITHIN GROUP LP ORDER BY order_items(O) RP. { call_within_group(b, A, O); }
call(A) ::= call(A) IGNORE NULLS.  { A->call->nulls = AST_IGNORE_NULLS; A->span.end = b->end; }
call(A) ::= call(A) RESPECT NULLS. { A->call->nulls = AST_RESPECT_NULLS; A->span.end = b->end; }
call(A) ::= call(A) OVER over(W).  { call_over(b, A, W); }

args(A) ::= .                     { A = build_args(b); }
args(A) ::= STAR.                 { A = build_args(b); A->star = true; }
args(A) ::= arg_list(A).
args(A) ::= DISTINCT arg_list(L). { A = L; A->distinct = true; }
args(A) ::= ALL arg_list(L).      { A = L; }
args(A) ::= arg_list(L) ORDER BY order_items(O).          { A = L; A->order_by = O; }
args(A) ::= DISTINCT arg_list(L) ORDER BY order_items(O). { A = L; A->distinct = true; A->order_by = O; }
arg_list(A) ::= arg(E).                                { A = build_args(b); args_append(b, A, NULL, E); }
arg_list(A) ::= ident(N) ARROW arg(E).                 { A = build_args(b); args_append(b, A, &N, E); }
arg_list(A) ::= arg_list(A) COMMA arg(E).              { args_append(b, A, NULL, E); }
arg_list(A) ::= arg_list(A) COMMA ident(N) ARROW arg(E). { args_append(b, A, &N, E); }
%type arg {struct ast_expr *}
arg(A) ::= expr(E).    { A = E; }
arg(A) ::= UNIT(T).    { A = build_symbol(b, T); }
arg(A) ::= TABLE(T) name(N) hints(H) partition_arg(P) table_order(O). {
    A = build_expr(b, AST_EXPR_TABLE, START(T));
    A->table.name = N;
    A->table.hints = H;
    A->table.partition_by = P;
    A->table.order_by = O;
    expr_above_order(b, A, &O);
}
arg(A) ::= DESCRIPTOR(T) LP idents(N) RP. {
    A = build_expr(b, AST_EXPR_DESCRIPTOR, START(T));
    A->descriptor = N;
}
/* PARTITION BY a, b without brackets: build_call gathers the rest. */
%type table_order {struct ast_order_items}
table_order(A) ::= . [LOW]                { A = (struct ast_order_items){0}; }
table_order(A) ::= ORDER BY order_item(I). { A = (struct ast_order_items){0}; LIST_APPEND(b, &A, I); }
%type partition_arg {struct ast_idents}
partition_arg(A) ::= .                           { A = (struct ast_idents){0}; }
partition_arg(A) ::= PARTITION BY ident(N).      { A = (struct ast_idents){0}; LIST_APPEND(b, &A, N); }
partition_arg(A) ::= PARTITION BY LP idents(N) RP. { A = N; }

/* ---- calls with keywords between their arguments ---- */

%type unit_name {struct token}
unit_name(A) ::= UNIT|ID(T). { A = T; }
call(A) ::= EXTRACT(T) LP unit_name(U) FROM expr(E) RP. {
    A = build_special(b, T, AST_CALL_EXTRACT, build_symbol(b, U), E, NULL, NULL);
}
call(A) ::= ROUNDING(T) LP expr(E) TO unit_name(U) RP. {
    A = build_special(b, T, AST_CALL_ROUND_TO, E, build_symbol(b, U), NULL, NULL);
}
call(A) ::= ROUNDING(T) LP exprs(L) RP.  { A = build_list_call(b, T, &L); }
call(A) ::= SUBSTRING(T) LP exprs(L) RP. { A = build_list_call(b, T, &L); }
call(A) ::= OVERLAY(T) LP exprs(L) RP.   { A = build_list_call(b, T, &L); }
call(A) ::= SUBSTRING(T) LP expr(S) FROM expr(P) RP. {
    A = build_special(b, T, AST_CALL_SUBSTRING, S, P, NULL, NULL);
}
call(A) ::= SUBSTRING(T) LP expr(S) FROM expr(P) FOR expr(N) RP. {
    A = build_special(b, T, AST_CALL_SUBSTRING, S, P, N, NULL);
}
call(A) ::= OVERLAY(T) LP expr(S) PLACING expr(R) FROM expr(P) RP. {
    A = build_special(b, T, AST_CALL_OVERLAY, S, R, P, NULL);
}
call(A) ::= OVERLAY(T) LP expr(S) PLACING expr(R) FROM expr(P) FOR expr(N) RP. {
    A = build_special(b, T, AST_CALL_OVERLAY, S, R, P, N);
}
call(A) ::= POSITION(T) LP expr(X) IN expr(S) RP. {
    A = build_special(b, T, AST_CALL_POSITION, X, S, NULL, NULL);
}
call(A) ::= POSITION(T) LP expr(X) IN expr(S) FROM expr(P) RP. {
    A = build_special(b, T, AST_CALL_POSITION, X, S, P, NULL);
}
call(A) ::= TRIM(T) LP expr(S) RP. {
    struct ast_exprs args = {0};
    LIST_APPEND(b, &args, S);
    A = build_list_call(b, T, &args);
}
call(A) ::= TRIM(T) LP expr(C) FROM expr(S) RP. {
    A = build_special(b, T, AST_CALL_TRIM, NULL, C, S, NULL);
}
call(A) ::= TRIM(T) LP TRIM_SIDE(D) FROM expr(S) RP. {
    A = build_special(b, T, AST_CALL_TRIM, build_symbol(b, D), NULL, S, NULL);
}
call(A) ::= TRIM(T) LP TRIM_SIDE(D) expr(C) FROM expr(S) RP. {
    A = build_special(b, T, AST_CALL_TRIM, build_symbol(b, D), C, S, NULL);
}

/* ---- JSON ---- */

%type json_options {struct ast_json_options *}
%type json_option {struct ast_json_options *}
call(A) ::= JSON_FUNCTION(T) LP RP.         { A = build_json_call(b, T, AST_CALL_JSON, NULL, NULL); }
call(A) ::= JSON_FUNCTION(T) LP exprs(L) RP. { A = build_json_call(b, T, AST_CALL_JSON, &L, NULL); }
call(A) ::= JSON_FUNCTION(T) LP json_options(O) RP. { A = build_json_call(b, T, AST_CALL_JSON, NULL, O); }
call(A) ::= JSON_FUNCTION(T) LP exprs(L) json_options(O) RP. {
    A = build_json_call(b, T, AST_CALL_JSON, &L, O);
}
call(A) ::= JSON_OBJECT(T) LP RP. { A = build_json_call(b, T, AST_CALL_JSON_OBJECT, NULL, NULL); }
call(A) ::= JSON_OBJECT(T) LP json_pairs(L) RP. {
    A = build_json_call(b, T, AST_CALL_JSON_OBJECT, &L, NULL);
}
call(A) ::= JSON_OBJECT(T) LP json_options(O) RP. {
    A = build_json_call(b, T, AST_CALL_JSON_OBJECT, NULL, O);
}
call(A) ::= JSON_OBJECT(T) LP json_pairs(L) json_options(O) RP. {
    A = build_json_call(b, T, AST_CALL_JSON_OBJECT, &L, O);
}
%type json_pairs {struct ast_exprs}
json_pairs(A) ::= json_pair(P).                   { A = P; }
json_pairs(A) ::= json_pairs(A) COMMA json_pair(P). {
    for (uint32_t i = 0; i < P.count; i++) LIST_APPEND(b, &A, P.items[i]);
}
%type json_pair {struct ast_exprs}
json_pair(A) ::= json_key(K) VALUE expr(V) json_format. {
    A = (struct ast_exprs){0};
    LIST_APPEND(b, &A, K);
    LIST_APPEND(b, &A, V);
}
%type json_key {struct ast_expr *}
json_key(A) ::= expr(E).     { A = E; }
json_key(A) ::= KEY expr(E). { A = E; }
json_format ::= . [LOW]
json_format ::= FORMAT JSON.

json_options(A) ::= json_option(A).
json_options(A) ::= json_options(A) json_option(O). { json_merge(A, O); }
json_option(A) ::= RETURNING bare_type(Y). {
    A = ARENA_NEW(b->arena, 1, struct ast_json_options);
    A->returning = Y;
}
json_option(A) ::= json_behavior(V) ON EMPTY. {
    A = ARENA_NEW(b->arena, 1, struct ast_json_options);
    A->on_empty = V;
}
json_option(A) ::= json_behavior(V) ON ERROR. {
    A = ARENA_NEW(b->arena, 1, struct ast_json_options);
    A->on_error = V;
}
json_option(A) ::= json_behavior(V) ON NULL. {
    A = ARENA_NEW(b->arena, 1, struct ast_json_options);
    A->on_null = V;
}
json_option(A) ::= json_wrapper(W) WRAPPER. {
    A = ARENA_NEW(b->arena, 1, struct ast_json_options);
    A->wrapper = W;
}
json_option(A) ::= FORMAT JSON. { A = ARENA_NEW(b->arena, 1, struct ast_json_options); }
%type json_behavior {struct ast_json_behavior}
json_behavior(A) ::= NULL(T). { A = (struct ast_json_behavior){AST_JSON_NULL, NULL, T.span}; }
json_behavior(A) ::= ERROR(T). { A = (struct ast_json_behavior){AST_JSON_ERROR, NULL, T.span}; }
json_behavior(A) ::= TRUE(T). { A = (struct ast_json_behavior){AST_JSON_TRUE, NULL, T.span}; }
json_behavior(A) ::= FALSE(T). { A = (struct ast_json_behavior){AST_JSON_FALSE, NULL, T.span}; }
json_behavior(A) ::= UNKNOWN(T). { A = (struct ast_json_behavior){AST_JSON_UNKNOWN, NULL, T.span}; }
json_behavior(A) ::= ABSENT(T). { A = (struct ast_json_behavior){AST_JSON_ABSENT, NULL, T.span}; }
json_behavior(A) ::= DEFAULT(T) expr(E). {
    A = (struct ast_json_behavior){AST_JSON_DEFAULT, E, span_from(b, START(T))};
}
json_behavior(A) ::= EMPTY(T) ARRAY. {
    A = (struct ast_json_behavior){AST_JSON_EMPTY_ARRAY, NULL, span_from(b, START(T))};
}
json_behavior(A) ::= EMPTY(T) OBJECT. {
    A = (struct ast_json_behavior){AST_JSON_EMPTY_OBJECT, NULL, span_from(b, START(T))};
}
%type json_wrapper {enum ast_json_wrapper}
json_wrapper(A) ::= WITHOUT json_array.            { A = AST_WRAPPER_WITHOUT; }
json_wrapper(A) ::= WITH json_array.               { A = AST_WRAPPER_UNCONDITIONAL; }
json_wrapper(A) ::= WITH UNCONDITIONAL json_array. { A = AST_WRAPPER_UNCONDITIONAL; }
json_wrapper(A) ::= WITH CONDITIONAL json_array.   { A = AST_WRAPPER_CONDITIONAL; }
json_array ::= .
json_array ::= ARRAY.

/* ---- windows of OVER ---- */

%type over {struct ast_window *}
%type window {struct ast_window *}
over(A) ::= ident(N). {
    A = ARENA_NEW(b->arena, 1, struct ast_window);
    A->base = N;
    A->span = N.span;
}
over(A) ::= LP(L) window(W) RP. { A = W; A->span = span_from(b, START(L)); }
window(A) ::= window_base(A) partition_by(P) order_by_opt(O) frame(F). {
    A->partition_by = P;
    A->order_by = O;
    A->frame = F->frame;
    A->has_upper = F->has_upper;
    A->lower = F->lower;
    A->upper = F->upper;
}
%type window_base {struct ast_window *}
window_base(A) ::= .         { A = ARENA_NEW(b->arena, 1, struct ast_window); }
window_base(A) ::= ident(N). { A = ARENA_NEW(b->arena, 1, struct ast_window); A->base = N; }
%type partition_by {struct ast_exprs}
partition_by(A) ::= .                     { A = (struct ast_exprs){0}; }
partition_by(A) ::= PARTITION BY exprs(E). { A = E; }
%type frame {struct ast_window *}
%type frame_kind {enum ast_frame_kind}
frame(A) ::= . { A = ARENA_NEW(b->arena, 1, struct ast_window); }
frame(A) ::= frame_kind(K) bound(L). {
    A = ARENA_NEW(b->arena, 1, struct ast_window);
    A->frame = K;
    A->lower = L;
}
frame(A) ::= frame_kind(K) BETWEEN bound(L) AND bound(U). {
    A = ARENA_NEW(b->arena, 1, struct ast_window);
    A->frame = K;
    A->has_upper = true;
    A->lower = L;
    A->upper = U;
}
frame_kind(A) ::= ROWS.  { A = AST_FRAME_ROWS; }
frame_kind(A) ::= RANGE. { A = AST_FRAME_RANGE; }
%type bound {struct ast_bound}
bound(A) ::= UNBOUNDED PRECEDING. { A = (struct ast_bound){AST_BOUND_UNBOUNDED_PRECEDING, NULL}; }
bound(A) ::= UNBOUNDED FOLLOWING. { A = (struct ast_bound){AST_BOUND_UNBOUNDED_FOLLOWING, NULL}; }
bound(A) ::= CURRENT ROW.         { A = (struct ast_bound){AST_BOUND_CURRENT_ROW, NULL}; }
bound(A) ::= expr(E) PRECEDING.   { A = (struct ast_bound){AST_BOUND_PRECEDING, E}; }
bound(A) ::= expr(E) FOLLOWING.   { A = (struct ast_bound){AST_BOUND_FOLLOWING, E}; }

/* ---------------- queries ---------------- */

/* A query in brackets may be an operand of UNION, a scalar, or a table: `query_expr` never starts and
 * ends with the same pair of brackets, `query_parens` always does, and `operand` is either. */
%type query {struct ast_query *}
%type query_parens {struct ast_query *}
%type query_expr {struct ast_query *}
%type simple {struct ast_query *}
%type operand {struct ast_query *}
query(A) ::= query_expr(A).
query(A) ::= query_parens(A). [LOW]
query_parens(A) ::= LP(L) query_expr(Q) RP.   { A = Q; A->span = span_from(b, START(L)); }
query_parens(A) ::= LP(L) query_parens(Q) RP. { A = Q; A->span = span_from(b, START(L)); }

query_expr(A) ::= simple(A).
query_expr(A) ::= operand(O) tail(T).         { A = build_whole_query(b, NULL, O, T); }
query_expr(A) ::= with(W) operand(O).         { A = build_whole_query(b, &W, O, NULL); }
query_expr(A) ::= with(W) operand(O) tail(T). { A = build_whole_query(b, &W, O, T); }
operand(A) ::= simple(A).
operand(A) ::= query_parens(A).

simple(A) ::= operand(L) UNION|EXCEPT(O) set_all(D) operand(R). [UNION]
                                                { A = build_set_query(b, L, O, D, R); }
simple(A) ::= operand(L) INTERSECT(O) set_all(D) operand(R). [INTERSECT]
                                                { A = build_set_query(b, L, O, D, R); }
%type set_all {bool}
set_all(A) ::= .         { A = false; }
set_all(A) ::= DISTINCT. { A = false; }
set_all(A) ::= ALL.      { A = true; }

simple(A) ::= VALUES(T) exprs(L). {
    A = build_query(b, AST_QUERY_VALUES, START(T));
    A->rows = L;
    for (uint32_t i = 0; i < L.count; i++) query_above(b, A, L.items[i]->height);
}
simple(A) ::= TABLE(T) name(N). { A = build_query(b, AST_QUERY_TABLE, START(T)); A->table = N; }
simple(A) ::= SELECT(T) hints(H) stream distinct(D) select_items(I) select_body(S). {
    S->hints = H;
    S->distinct = D;
    S->items = I;
    A = build_select(b, START(T), S);
}
/* As in Flink, WHERE and what follows it need a FROM. */
%type select_body {struct ast_select *}
select_body(A) ::= . { A = ARENA_NEW(b->arena, 1, struct ast_select); }
select_body(A) ::= FROM tables(F) where(W) group_by(G) having(V) window_clause(N). {
    A = G;
    A->from = F;
    A->where = W;
    A->having = V;
    A->windows = N;
}
stream ::= .
stream ::= STREAM.
%type distinct {bool}
distinct(A) ::= .         { A = false; }
distinct(A) ::= ALL.      { A = false; }
distinct(A) ::= DISTINCT. { A = true; }

%type select_items {struct ast_select_items}
%type select_item {struct ast_select_item}
select_items(A) ::= select_item(I).                       { A = (struct ast_select_items){0}; LIST_APPEND(b, &A, I); }
select_items(A) ::= select_items(A) COMMA select_item(I). { LIST_APPEND(b, &A, I); }
select_item(A) ::= expr(E).             { A = (struct ast_select_item){.expr = E}; }
select_item(A) ::= expr(E) AS ident(N). { A = (struct ast_select_item){E, N}; }
select_item(A) ::= expr(E) ident(N).    { A = (struct ast_select_item){E, N}; }
select_item(A) ::= STAR(T). { A = (struct ast_select_item){.expr = build_expr(b, AST_EXPR_STAR, START(T))}; }
select_item(A) ::= name(N) DOT STAR. {
    A = (struct ast_select_item){.expr = build_expr(b, AST_EXPR_STAR, N.span.start)};
    A.expr->name = N;
}

%type where {struct ast_expr *}
where(A) ::= .              { A = NULL; }
where(A) ::= WHERE expr(E). { A = E; }
%type having {struct ast_expr *}
having(A) ::= .               { A = NULL; }
having(A) ::= HAVING expr(E). { A = E; }

/* A new select that has its GROUP BY only. */
%type group_by {struct ast_select *}
%type group_items {struct ast_group_items}
%type group_item {struct ast_group_item}
group_by(A) ::= . { A = ARENA_NEW(b->arena, 1, struct ast_select); }
group_by(A) ::= GROUP(T) BY distinct(D) group_items(G). {
    A = ARENA_NEW(b->arena, 1, struct ast_select);
    A->group_by_distinct = D;
    A->group_by = G;
    A->group_by_span = span_from(b, START(T));
}
group_items(A) ::= group_item(I).                      { A = (struct ast_group_items){0}; LIST_APPEND(b, &A, I); }
group_items(A) ::= group_items(A) COMMA group_item(I). { LIST_APPEND(b, &A, I); }
group_item(A) ::= expr(E).   { A = build_group_item(b, AST_GROUP_EXPR, E->span.start, E, (struct ast_group_items){0}); }
group_item(A) ::= LP(L) RP.  { A = build_group_item(b, AST_GROUP_EMPTY, START(L), NULL, (struct ast_group_items){0}); }
group_item(A) ::= GROUPING(T) SETS LP group_items(G) RP. { A = build_group_item(b, AST_GROUP_SETS, START(T), NULL, G); }
group_item(A) ::= ROLLUP(T) LP group_items(G) RP. { A = build_group_item(b, AST_GROUP_ROLLUP, START(T), NULL, G); }
group_item(A) ::= CUBE(T) LP group_items(G) RP.   { A = build_group_item(b, AST_GROUP_CUBE, START(T), NULL, G); }

%type window_clause {struct ast_windows}
%type window_list {struct ast_windows}
%type window_def {struct ast_window *}
window_clause(A) ::= .                     { A = (struct ast_windows){0}; }
window_clause(A) ::= WINDOW window_list(L). { A = L; }
window_list(A) ::= window_def(W).                   { A = (struct ast_windows){0}; LIST_APPEND(b, &A, *W); }
window_list(A) ::= window_list(A) COMMA window_def(W). { LIST_APPEND(b, &A, *W); }
window_def(A) ::= ident(N) AS LP window(W) RP. { A = W; A->name = N; A->span = span_from(b, N.span.start); }

%type order_by_opt {struct ast_order_items}
order_by_opt(A) ::= .                        { A = (struct ast_order_items){0}; }
order_by_opt(A) ::= ORDER BY order_items(O). { A = O; }
%type order_items {struct ast_order_items}
%type order_item {struct ast_order_item}
%type direction {bool}
%type nulls {enum ast_nulls}
order_items(A) ::= order_item(I).                      { A = (struct ast_order_items){0}; LIST_APPEND(b, &A, I); }
order_items(A) ::= order_items(A) COMMA order_item(I). { LIST_APPEND(b, &A, I); }
order_item(A) ::= expr(E) direction(D) nulls(N). { A = (struct ast_order_item){E, D, N}; }
direction(A) ::= .     { A = false; }
direction(A) ::= ASC.  { A = false; }
direction(A) ::= DESC. { A = true; }
nulls(A) ::= .            { A = AST_NULLS_DEFAULT; }
nulls(A) ::= NULLS FIRST. { A = AST_NULLS_FIRST; }
nulls(A) ::= NULLS LAST.  { A = AST_NULLS_LAST; }

%type tail {struct query_tail *}
%type limit {struct query_tail}
tail(A) ::= ORDER(T) BY order_items(O). {
    A = ARENA_NEW(b->arena, 1, struct query_tail);
    A->order_by = O;
    A->order_span = span_from(b, START(T));
}
tail(A) ::= limit(L). {
    A = ARENA_NEW(b->arena, 1, struct query_tail);
    *A = L;
}
tail(A) ::= tail(A) limit(L). {
    if (L.limit) A->limit = L.limit;
    if (L.offset) A->offset = L.offset;
}
limit(A) ::= LIMIT expr(E).              { A = (struct query_tail){.limit = E}; }
limit(A) ::= LIMIT ALL.                  { A = (struct query_tail){0}; }
limit(A) ::= OFFSET expr(E).             { A = (struct query_tail){.offset = E}; }
limit(A) ::= OFFSET expr(E) rows.        { A = (struct query_tail){.offset = E}; }
limit(A) ::= FETCH FIRST|NEXT expr(E) rows ONLY. { A = (struct query_tail){.limit = E}; }
rows ::= ROW.
rows ::= ROWS.

%type with {struct with_clause}
%type cte {struct ast_cte}
with(A) ::= WITH(T) cte(C). { A = (struct with_clause){.start = START(T)}; LIST_APPEND(b, &A.ctes, C); }
with(A) ::= WITH(T) RECURSIVE cte(C). {
    A = (struct with_clause){.start = START(T), .recursive = true};
    LIST_APPEND(b, &A.ctes, C);
}
with(A) ::= with(A) COMMA cte(C). { LIST_APPEND(b, &A.ctes, C); }
cte(A) ::= ident(N) idents_opt(C) AS query_parens(Q). {
    A = (struct ast_cte){N, C, Q, span_from(b, N.span.start)};
}

/* ---- hints ---- */

%type hints {struct ast_hints}
%type hint_list {struct ast_hints}
%type hint {struct ast_hint}
%type hint_args {struct ast_options}
%type hint_arg {struct ast_option}
hints(A) ::= .                                     { A = (struct ast_hints){0}; }
hints(A) ::= HINT_OPEN hint_list(L) HINT_CLOSE.    { A = L; }
hint_list(A) ::= hint(H).                          { A = (struct ast_hints){0}; LIST_APPEND(b, &A, H); }
hint_list(A) ::= hint_list(A) hint(H).             { LIST_APPEND(b, &A, H); }
hint_list(A) ::= hint_list(A) COMMA hint(H).       { LIST_APPEND(b, &A, H); }
hint(A) ::= ident(N).                              { A = (struct ast_hint){.name = N, .span = N.span}; }
hint(A) ::= ident(N) LP RP.                        { A = (struct ast_hint){.name = N, .span = span_from(b, N.span.start)}; }
hint(A) ::= ident(N) LP hint_args(L) RP.           { A = (struct ast_hint){N, L, span_from(b, N.span.start)}; }
hint_args(A) ::= hint_arg(O).                      { A = (struct ast_options){0}; LIST_APPEND(b, &A, O); }
hint_args(A) ::= hint_args(A) COMMA hint_arg(O).   { LIST_APPEND(b, &A, O); }
hint_arg(A) ::= name(N). {
    A = (struct ast_option){.value = span_text(b, N.span), .value_span = N.span, .is_name = true};
    if (N.parts.count == 1) A.value = N.parts.items[0].text;
}
hint_arg(A) ::= STRING(V).  { A = (struct ast_option){.value = build_string(b, V), .value_span = V.span}; }
hint_arg(A) ::= INTEGER(V). { A = (struct ast_option){.value = span_text(b, V.span), .value_span = V.span, .is_name = true}; }
hint_arg(A) ::= option(A).
hint_arg(A) ::= ident(K) EQ STRING(V). {
    A = (struct ast_option){K.text, build_string(b, V), K.span, V.span, false};
}

%type option {struct ast_option}
%type options {struct ast_options}
%type options_opt {struct ast_options}
option(A) ::= STRING(K) EQ STRING(V). { A = build_option(b, K, V); }
options(A) ::= option(O).                  { A = (struct ast_options){0}; LIST_APPEND(b, &A, O); }
options(A) ::= options(A) COMMA option(O). { LIST_APPEND(b, &A, O); }
options_opt(A) ::= .           { A = (struct ast_options){0}; }
options_opt(A) ::= options(A).

/* ---- FROM ---- */

%type tables {struct ast_table_ref *}
%type joined {struct ast_table_ref *}
%type table {struct ast_table_ref *}
%type join {struct ast_table_ref *}
%type join_kind {struct join_word}
tables(A) ::= joined(A).
tables(A) ::= tables(L) COMMA(C) joined(R). {
    struct ast_table_ref *join = build_table(b, AST_TABLE_JOIN, START(C));
    join->join.kind = AST_JOIN_COMMA;
    join->join.join_span = C.span;
    A = build_join(b, L, join, R);
}
joined(A) ::= table(A).
joined(A) ::= joined(L) join(J) table(R). [LOW]             { A = build_join(b, L, J, R); }
joined(A) ::= joined(L) join(J) table(R) ON expr(E).        { J->join.on = E; A = build_join(b, L, J, R); }
joined(A) ::= joined(L) join(J) table(R) USING LP idents(N) RP. { J->join.using = N; A = build_join(b, L, J, R); }
join(A) ::= JOIN(T). {
    A = build_table(b, AST_TABLE_JOIN, START(T));
    A->join.kind = AST_JOIN_INNER;
    A->join.join_span = A->span;
}
join(A) ::= join_kind(K) JOIN(T). {
    A = build_table(b, AST_TABLE_JOIN, START(T));
    A->join.kind = K.kind;
    A->join.join_span = span_from(b, K.start);
}
join(A) ::= NATURAL(N) JOIN. {
    A = build_table(b, AST_TABLE_JOIN, START(N));
    A->join.kind = AST_JOIN_INNER;
    A->join.natural = true;
    A->join.join_span = A->span;
}
join(A) ::= NATURAL(N) join_kind(K) JOIN. {
    A = build_table(b, AST_TABLE_JOIN, START(N));
    A->join.kind = K.kind;
    A->join.natural = true;
    A->join.join_span = A->span;
}
join_kind(A) ::= INNER(T).       { A = (struct join_word){AST_JOIN_INNER, START(T)}; }
join_kind(A) ::= CROSS(T).       { A = (struct join_word){AST_JOIN_CROSS, START(T)}; }
join_kind(A) ::= LEFT(T) outer.  { A = (struct join_word){AST_JOIN_LEFT, START(T)}; }
join_kind(A) ::= RIGHT(T) outer. { A = (struct join_word){AST_JOIN_RIGHT, START(T)}; }
join_kind(A) ::= FULL(T) outer.  { A = (struct join_word){AST_JOIN_FULL, START(T)}; }
outer ::= .
outer ::= OUTER.

/* `source` is a table without its alias. */
%type source {struct ast_table_ref *}
table(A) ::= LP(L) tables(T) RP. { A = T; A->span = span_from(b, START(L)); }
table(A) ::= source(S) opaque(C) alias(N) opaque(D). {
    A = S;
    A->clause = C;
    A->alias = N;
    A->clause_after = D;
    A->span.end = b->end;
}
source(A) ::= name(N) hints(H) as_of(T). {
    A = build_table(b, AST_TABLE_NAME, N.span.start);
    A->table.name = N;
    A->table.hints = H;
    A->table.as_of = T;
    if (T) table_above(b, A, T->height);
}
source(A) ::= query_parens(Q). [LOW] {
    A = build_table(b, AST_TABLE_QUERY, Q->span.start);
    A->query = Q;
    table_above(b, A, Q->height);
}
source(A) ::= LATERAL(T) query_parens(Q). {
    A = build_table(b, AST_TABLE_QUERY, START(T));
    A->query = Q;
    A->lateral = true;
    table_above(b, A, Q->height);
}
source(A) ::= TABLE(T) LP call(E) RP. {
    A = build_table(b, AST_TABLE_FUNCTION, START(T));
    A->function.call = E;
    table_above(b, A, E->height);
}
source(A) ::= LATERAL(L) TABLE LP call(E) RP. {
    A = build_table(b, AST_TABLE_FUNCTION, START(L));
    A->function.call = E;
    A->lateral = true;
    table_above(b, A, E->height);
}
source(A) ::= name(N) LP args(L) RP. {
    A = build_table(b, AST_TABLE_FUNCTION, N.span.start);
    A->function.call = build_call(b, N, AST_CALL_PLAIN, L);
    A->function.bare = true;
    table_above(b, A, A->function.call->height);
}
source(A) ::= UNNEST(T) LP exprs(E) RP ordinality(O). {
    A = build_table(b, AST_TABLE_UNNEST, START(T));
    A->unnest.args = E;
    A->unnest.ordinality = O;
    for (uint32_t i = 0; i < E.count; i++) table_above(b, A, E.items[i]->height);
}
source(A) ::= LATERAL(T) UNNEST LP exprs(E) RP ordinality(O). {
    A = build_table(b, AST_TABLE_UNNEST, START(T));
    A->unnest.args = E;
    A->unnest.ordinality = O;
    A->lateral = true;
    for (uint32_t i = 0; i < E.count; i++) table_above(b, A, E.items[i]->height);
}
%type ordinality {bool}
ordinality(A) ::= .                { A = false; }
ordinality(A) ::= WITH ORDINALITY. { A = true; }
%type as_of {struct ast_expr *}
as_of(A) ::= .                              { A = NULL; }
as_of(A) ::= FOR SYSTEM_TIME AS OF expr(E). { A = E; }
%type opaque {struct ast_opaque}
opaque(A) ::= . [LOW]    { A = (struct ast_opaque){0}; }
opaque(A) ::= OPAQUE(T). { A = build_opaque(b, T); }
%type alias {struct ast_alias}
alias(A) ::= . [LOW]                    { A = (struct ast_alias){0}; }
alias(A) ::= ident(N) idents_opt(C).    { A = (struct ast_alias){N, C}; }
alias(A) ::= AS ident(N) idents_opt(C). { A = (struct ast_alias){N, C}; }

/* ---------------- types ---------------- */

%type type {struct ast_type *}
%type bare_type {struct ast_type *}
%type nullability {enum ast_nullability}
type(A) ::= bare_type(T) nullability(N). { A = T; A->nullability = N; }
nullability(A) ::= .         { A = AST_NULL_UNSPECIFIED; }
nullability(A) ::= NULL.     { A = AST_NULLABLE; }
nullability(A) ::= NOT NULL. { A = AST_NOT_NULL; }

bare_type(A) ::= TYPE(T) precision(P).             { A = build_simple_type(b, T, P); }
bare_type(A) ::= CHAR(T) precision(P).             { A = build_simple_type(b, T, P); }
bare_type(A) ::= CHAR(T) VARYING precision(P).     { A = build_simple_type(b, T, P); A->kind = AST_TYPE_VARCHAR; }
bare_type(A) ::= BINARY(T) precision(P).           { A = build_simple_type(b, T, P); }
bare_type(A) ::= BINARY(T) VARYING precision(P).   { A = build_simple_type(b, T, P); A->kind = AST_TYPE_VARBINARY; }
bare_type(A) ::= DOUBLE(T).                        { A = build_simple_type(b, T, no_precision); }
bare_type(A) ::= DOUBLE(T) PRECISION.              { A = build_simple_type(b, T, no_precision); }
bare_type(A) ::= DATE(T).                          { A = build_simple_type(b, T, no_precision); }
bare_type(A) ::= NULL(T).                          { A = build_simple_type(b, T, no_precision); }
bare_type(A) ::= TIME(T) precision(P).             { A = build_simple_type(b, T, P); }
bare_type(A) ::= TIME(T) precision(P) WITHOUT_ZONE TIME ZONE.      { A = build_simple_type(b, T, P); }
bare_type(A) ::= TIMESTAMP(T) precision(P).        { A = build_simple_type(b, T, P); }
bare_type(A) ::= TIMESTAMP(T) precision(P) WITHOUT_ZONE TIME ZONE. { A = build_simple_type(b, T, P); }
bare_type(A) ::= TIMESTAMP(T) precision(P) WITH_ZONE LOCAL TIME ZONE. {
    A = build_simple_type(b, T, P);
    A->kind = AST_TYPE_TIMESTAMP_LTZ;
}
bare_type(A) ::= INTERVAL(T) qualifier(Q). {
    A = build_type(b, AST_TYPE_INTERVAL, START(T));
    A->qualifier = Q;
}
bare_type(A) ::= ARRAY(T) LT type(E) GT. {
    A = build_type(b, AST_TYPE_ARRAY, START(T));
    A->element = E;
    type_above(b, A, E);
}
bare_type(A) ::= MULTISET(T) LT type(E) GT. {
    A = build_type(b, AST_TYPE_MULTISET, START(T));
    A->element = E;
    type_above(b, A, E);
}
bare_type(A) ::= bare_type(E) ARRAY. {
    A = build_type(b, AST_TYPE_ARRAY, E->span.start);
    A->element = E;
    type_above(b, A, E);
}
bare_type(A) ::= bare_type(E) MULTISET. {
    A = build_type(b, AST_TYPE_MULTISET, E->span.start);
    A->element = E;
    type_above(b, A, E);
}
bare_type(A) ::= MAP(T) LT type(K) COMMA type(V) GT. {
    A = build_type(b, AST_TYPE_MAP, START(T));
    A->key = K;
    A->element = V;
    type_above(b, A, K);
    type_above(b, A, V);
}
bare_type(A) ::= row_type(R) GT|RP. { A = R; A->span.end = b->end; }
bare_type(A) ::= ROW(T) NE.         { A = build_type(b, AST_TYPE_ROW, START(T)); }
bare_type(A) ::= RAW(T) LP STRING(C) COMMA STRING(S) RP. {
    A = build_type(b, AST_TYPE_RAW, START(T));
    A->raw_class = build_string(b, C);
    A->raw_serializer = build_string(b, S);
}
bare_type(A) ::= name(N). {
    A = build_type(b, AST_TYPE_NAMED, N.span.start);
    A->name = N;
}
%type row_type {struct ast_type *}
row_type(A) ::= ROW(T) LT|LP row_field(F). {
    A = build_type(b, AST_TYPE_ROW, START(T));
    LIST_APPEND(b, &A->fields, F);
    type_above(b, A, F.type);
}
row_type(A) ::= row_type(A) COMMA row_field(F). {
    LIST_APPEND(b, &A->fields, F);
    type_above(b, A, F.type);
}
%type row_field {struct ast_row_field}
row_field(A) ::= ident(N) type(T).           { A = (struct ast_row_field){.name = N, .type = T}; }
row_field(A) ::= ident(N) type(T) STRING(C). { A = (struct ast_row_field){N, T, build_string(b, C)}; }

/* ---------------- statements ---------------- */

statement ::= query(Q). {
    b->statement = build_statement(b, AST_QUERY, Q->span);
    b->statement->query = Q;
}

%type if_exists {bool}
%type if_not_exists {bool}
%type temporary {bool}
%type comment {struct str}
if_exists(A) ::= .              { A = false; }
if_exists(A) ::= IF EXISTS.     { A = true; }
if_not_exists(A) ::= .              { A = false; }
if_not_exists(A) ::= IF NOT EXISTS. { A = true; }
temporary(A) ::= .          { A = false; }
temporary(A) ::= TEMPORARY. { A = true; }
comment(A) ::= .                  { A = (struct str){"", 0}; }
comment(A) ::= COMMENT STRING(S). { A = build_string(b, S); }
%type with_options {struct ast_option_clause}
with_options(A) ::= .                             { A = (struct ast_option_clause){0}; }
with_options(A) ::= WITH(T) LP options_opt(O) RP. {
    A = (struct ast_option_clause){O, span_from(b, START(T))};
}

/* ---- CREATE ---- */

%type create {struct create_words}
create(A) ::= CREATE(T) temporary(Y).            { A = (struct create_words){T.span, Y, false}; }
create(A) ::= CREATE(T) OR REPLACE temporary(Y). { A = (struct create_words){T.span, Y, true}; }

%type elements_opt {struct ast_create_table *}
%type elements {struct ast_create_table *}
statement ::= create(C) TABLE if_not_exists(X) name(N) elements_opt(E) comment(M) distribution(D)
              partitioned(P) with_options(W) table_tail(T). {
    E->name = N;
    E->temporary = C.temporary;
    E->or_replace = C.or_replace;
    E->if_not_exists = X;
    E->comment = M;
    E->distribution = D;
    E->partitioned_by = P;
    E->options = W.options;
    E->has_options = W.span.end > 0;
    E->options_span = W.span;
    E->like = T.like;
    E->like_options = T.like_options;
    E->as_query = T.query;
    b->statement = build_statement(b, AST_CREATE_TABLE, C.span);
    b->statement->create_table = E;
    table_check(b, E);
}
elements_opt(A) ::= .                   { A = ARENA_NEW(b->arena, 1, struct ast_create_table); }
elements_opt(A) ::= LP elements(E) RP.  { A = E; }
elements(A) ::= element(E). {
    A = ARENA_NEW(b->arena, 1, struct ast_create_table);
    table_add(b, A, E);
}
elements(A) ::= elements(A) COMMA element(E). { table_add(b, A, E); }

%type element {struct table_element}
%type column {struct table_element}
%type enforcement {enum ast_enforcement}
element(A) ::= column(A).
element(A) ::= WATERMARK(T) FOR name(N) AS expr(E). {
    A = (struct table_element){.watermark = ARENA_NEW(b->arena, 1, struct ast_watermark)};
    *A.watermark = (struct ast_watermark){N, E, span_from(b, START(T))};
}
element(A) ::= constraint_name(N) key_word(K) LP idents(C) RP enforcement(F). {
    uint32_t start = N.span.end ? N.span.start : K.span.start;
    A = (struct table_element){.constraint = ARENA_NEW(b->arena, 1, struct ast_constraint)};
    *A.constraint = (struct ast_constraint){K.kind, N.name, C, F, false, span_from(b, start)};
}
%type constraint_name {struct constraint_words}
%type key_word {struct constraint_words}
constraint_name(A) ::= .                      { A = (struct constraint_words){0}; }
constraint_name(A) ::= CONSTRAINT(T) ident(N). { A = (struct constraint_words){.name = N, .span = T.span}; }
key_word(A) ::= PRIMARY(T) KEY. { A = (struct constraint_words){.kind = AST_PRIMARY_KEY, .span = T.span}; }
key_word(A) ::= UNIQUE(T).      { A = (struct constraint_words){.kind = AST_UNIQUE, .span = T.span}; }
enforcement(A) ::= .             { A = AST_ENFORCED_UNSPECIFIED; }
enforcement(A) ::= ENFORCED.     { A = AST_ENFORCED; }
enforcement(A) ::= NOT ENFORCED. { A = AST_NOT_ENFORCED; }

column(A) ::= ident(N).             { A = build_column(b, AST_COLUMN_PHYSICAL, N); }
column(A) ::= ident(N) type(T).     { A = build_column(b, AST_COLUMN_PHYSICAL, N); A.column->type = T; }
column(A) ::= ident(N) AS expr(E).  { A = build_column(b, AST_COLUMN_COMPUTED, N); A.column->expr = E; }
column(A) ::= column(A) METADATA(T). {
    A.column->kind = AST_COLUMN_METADATA;
    A.column->metadata_span = T.span;
    A.column->span.end = b->end;
}
column(A) ::= column(A) METADATA FROM STRING(S). {
    A.column->kind = AST_COLUMN_METADATA;
    A.column->has_metadata_key = true;
    A.column->metadata_key = build_string(b, S);
    A.column->metadata_span = S.span;
    A.column->span.end = b->end;
}
column(A) ::= column(A) VIRTUAL.           { A.column->is_virtual = true; A.column->span.end = b->end; }
column(A) ::= column(A) COMMENT STRING(S). { A.column->comment = build_string(b, S); A.column->span.end = b->end; }
column(A) ::= column(A) constraint_name(N) key_word(K) enforcement(F). {
    uint32_t start = N.span.end ? N.span.start : K.span.start;
    A.column->span.end = b->end;
    A.constraint = ARENA_NEW(b->arena, 1, struct ast_constraint);
    *A.constraint = (struct ast_constraint){K.kind, N.name, {0}, F, true, span_from(b, start)};
    LIST_APPEND(b, &A.constraint->columns, A.column->name);
}

%type distribution {struct ast_opaque}
distribution(A) ::= .                                       { A = (struct ast_opaque){0}; }
distribution(A) ::= DISTRIBUTED(T) BY distribution_kind LP idents RP. { A = build_opaque_from(b, T); }
distribution(A) ::= DISTRIBUTED(T) BY distribution_kind LP idents RP INTO INTEGER BUCKETS. { A = build_opaque_from(b, T); }
distribution(A) ::= DISTRIBUTED(T) INTO INTEGER BUCKETS.    { A = build_opaque_from(b, T); }
distribution_kind ::= .
distribution_kind ::= HASH.
distribution_kind ::= RANGE.
%type partitioned {struct ast_idents}
partitioned(A) ::= .                                { A = (struct ast_idents){0}; }
partitioned(A) ::= PARTITIONED BY LP idents(N) RP.  { A = N; }

%type table_tail {struct table_tail}
%type like_options {struct ast_like_options}
%type like_option {struct ast_like_option}
table_tail(A) ::= .               { A = (struct table_tail){0}; }
table_tail(A) ::= AS query(Q).    { A = (struct table_tail){.query = Q}; }
table_tail(A) ::= LIKE name(N).   { A = (struct table_tail){.like = N}; }
table_tail(A) ::= LIKE name(N) LP like_options(O) RP. { A = (struct table_tail){.like = N, .like_options = O}; }
like_options(A) ::= like_option(O).                 { A = (struct ast_like_options){0}; LIST_APPEND(b, &A, O); }
like_options(A) ::= like_options(A) like_option(O). { LIST_APPEND(b, &A, O); }
like_option(A) ::= LIKE_MODE(M) ALL|METADATA|ID(F). { A = build_like_option(b, M, F); }

statement ::= create(C) VIEW if_not_exists(X) name(N) view_columns(L) comment(M) AS query(Q). {
    struct ast_create_view *view = ARENA_NEW(b->arena, 1, struct ast_create_view);
    *view = (struct ast_create_view){N, C.temporary, X, C.or_replace, L, M, Q};
    b->statement = build_statement(b, AST_CREATE_VIEW, C.span);
    b->statement->create_view = view;
}
%type view_columns {struct ast_idents}
%type view_column_list {struct ast_idents}
view_columns(A) ::= .                           { A = (struct ast_idents){0}; }
view_columns(A) ::= LP view_column_list(L) RP.  { A = L; }
view_column_list(A) ::= ident(N) comment.       { A = (struct ast_idents){0}; LIST_APPEND(b, &A, N); }
view_column_list(A) ::= view_column_list(A) COMMA ident(N) comment. { LIST_APPEND(b, &A, N); }

%type space {enum ast_statement_kind}
space(A) ::= DATABASE. { A = AST_CREATE_DATABASE; }
space(A) ::= CATALOG.  { A = AST_CREATE_CATALOG; }
statement ::= create(C) space(K) if_not_exists(X) name(N) comment(M) with_options(W). {
    struct ast_create_space *space = ARENA_NEW(b->arena, 1, struct ast_create_space);
    *space = (struct ast_create_space){N, X, M, W.options};
    b->statement = build_statement(b, K, C.span);
    b->statement->create_space = space;
}

/* ---- DROP, ALTER ---- */

%type object {enum ast_object}
object(A) ::= TABLE.    { A = AST_OBJECT_TABLE; }
object(A) ::= VIEW.     { A = AST_OBJECT_VIEW; }
object(A) ::= DATABASE. { A = AST_OBJECT_DATABASE; }
object(A) ::= CATALOG.  { A = AST_OBJECT_CATALOG; }
%type drop_mode {bool}
drop_mode(A) ::= .             { A = false; }
drop_mode(A) ::= DROP_MODE(T). { A = is_cascade(b, T); }
statement ::= DROP(T) temporary(Y) object(O) if_exists(X) name(N) drop_mode(M). {
    struct ast_drop *drop = ARENA_NEW(b->arena, 1, struct ast_drop);
    *drop = (struct ast_drop){O, N, Y, X, M};
    b->statement = build_statement(b, AST_DROP, T.span);
    b->statement->drop = drop;
}

%type alter {struct ast_alter_table *}
alter(A) ::= SET LP options(O) RP. {
    A = ARENA_NEW(b->arena, 1, struct ast_alter_table);
    A->kind = AST_ALTER_SET;
    A->options = O;
}
alter(A) ::= RESET LP option_keys(O) RP. {
    A = ARENA_NEW(b->arena, 1, struct ast_alter_table);
    A->kind = AST_ALTER_RESET;
    A->options = O;
}
alter(A) ::= RENAME TO name(N). {
    A = ARENA_NEW(b->arena, 1, struct ast_alter_table);
    A->kind = AST_ALTER_RENAME;
    A->new_name = N;
}
%type option_keys {struct ast_options}
option_keys(A) ::= STRING(K). {
    A = (struct ast_options){0};
    LIST_APPEND(b, &A, ((struct ast_option){.key = build_string(b, K), .key_span = K.span}));
}
option_keys(A) ::= option_keys(A) COMMA STRING(K). {
    LIST_APPEND(b, &A, ((struct ast_option){.key = build_string(b, K), .key_span = K.span}));
}
statement ::= ALTER(T) TABLE if_exists(X) name(N) alter(A). {
    A->name = N;
    A->if_exists = X;
    b->statement = build_statement(b, AST_ALTER_TABLE, T.span);
    b->statement->alter_table = A;
}

/* ---- INSERT, EXPLAIN, the rest ---- */

%type insert {struct ast_statement *}
%type insert_columns {struct ast_statement *}
%type insert_table {struct ast_statement *}
%type overwrite {bool}
statement ::= insert(S). { b->statement = S; }
insert(A) ::= insert_table(A) query(Q).   { A->insert->query = Q; A->span.end = b->end; }
insert(A) ::= insert_columns(A) query(Q). { A->insert->query = Q; A->span.end = b->end; }
insert_columns(A) ::= insert_table(A) LP idents(N) RP. {
    A->insert->columns = N;
    A->insert->target_span.end = b->end;
}
insert_table(A) ::= INSERT(T) overwrite(O) name(N) hints(H) partition(P). {
    A = build_statement(b, AST_INSERT, T.span);
    A->insert = ARENA_NEW(b->arena, 1, struct ast_insert);
    *A->insert = (struct ast_insert){.table = N, .hints = H, .overwrite = O, .partition = P.items,
                                     .partition_span = P.span, .target_span = A->span};
}
overwrite(A) ::= INTO.      { A = false; }
overwrite(A) ::= OVERWRITE. { A = true; }
%type partition {struct partition_words}
%type partition_items {struct ast_exprs}
%type partition_item {struct ast_expr *}
partition(A) ::= .                                     { A = (struct partition_words){0}; }
partition(A) ::= PARTITION(T) LP partition_items(L) RP. { A = (struct partition_words){L, span_from(b, START(T))}; }
partition_items(A) ::= partition_item(E).                       { A = (struct ast_exprs){0}; LIST_APPEND(b, &A, E); }
partition_items(A) ::= partition_items(A) COMMA partition_item(E). { LIST_APPEND(b, &A, E); }
partition_item(A) ::= name(N). {
    A = build_expr(b, AST_EXPR_NAME, N.span.start);
    A->name = N;
}
partition_item(A) ::= name(N) EQ(O) expr(E). {
    struct ast_expr *left = build_expr(b, AST_EXPR_NAME, N.span.start);
    left->span.end = N.span.end;
    left->name = N;
    A = build_binary(b, left, O, E);
}

%type explain {struct explain_words}
%type explain_details {uint32_t}
explain(A) ::= EXPLAIN(T).                    { A = (struct explain_words){T.span, 0}; }
explain(A) ::= EXPLAIN(T) PLAN FOR.           { A = (struct explain_words){T.span, 0}; }
explain(A) ::= EXPLAIN(T) explain_details(D). { A = (struct explain_words){T.span, D}; }
explain_details(A) ::= EXPLAIN_DETAIL(D).                          { A = explain_detail(b, D); }
explain_details(A) ::= explain_details(L) COMMA EXPLAIN_DETAIL(D). { A = L | explain_detail(b, D); }
statement ::= explain(E) insert(S). {
    b->statement = build_statement(b, AST_EXPLAIN, E.span);
    b->statement->explain = (struct ast_explain){E.details, S};
}
statement ::= explain(E) query(Q). {
    struct ast_statement *target = build_statement(b, AST_QUERY, Q->span);
    target->query = Q;
    b->statement = build_statement(b, AST_EXPLAIN, E.span);
    b->statement->explain = (struct ast_explain){E.details, target};
}

statement ::= DESCRIBE|DESC(T) extended name(N). {
    b->statement = build_statement(b, AST_DESCRIBE, T.span);
    b->statement->name = N;
}
extended ::= .
extended ::= EXTENDED.
statement ::= USE(T) CATALOG name(N). {
    b->statement = build_statement(b, AST_USE_CATALOG, T.span);
    b->statement->name = N;
}
statement ::= USE(T) name(N). {
    b->statement = build_statement(b, AST_USE_DATABASE, T.span);
    b->statement->name = N;
}

%code {
/* Follows the table as the parser would, on a small stack laid over the real one: reductions until
 * the token is shifted or is an error. */
bool grammar_accepts(const void *parser, int type) {
    const yyParser *p = parser;
    const yyStackEntry *base = p->yytos;
    YYACTIONTYPE pushed[64];
    uint32_t count = 0;
    YYACTIONTYPE state = base->stateno;
    for (;;) {
        YYACTIONTYPE action = yy_find_shift_action((YYCODETYPE)type, state);
        if (action <= YY_MAX_SHIFTREDUCE || action == YY_ACCEPT_ACTION) return true;
        if (action < YY_MIN_REDUCE) return false;
        uint32_t rule = (uint32_t)(action - YY_MIN_REDUCE);
        uint32_t pop = (uint32_t)-yyRuleInfoNRhs[rule];
        uint32_t here = pop < count ? pop : count;
        count -= here;
        base -= pop - here;
        state = yy_find_reduce_action(count ? pushed[count - 1] : base->stateno, yyRuleInfoLhs[rule]);
        assert(count < sizeof pushed / sizeof *pushed);
        pushed[count++] = state;
    }
}

int grammar_fallback(int type) { return SqlGrammarFallback(type); }
}
