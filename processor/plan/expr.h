/* SPDX-License-Identifier: Apache-2.0 */
/* Typed expressions of the plan. The binder decides every type, NULL-ability, column number and function
 * row; nothing later can fail for reasons of SQL, only for reasons of data (division by zero, CAST). */
#ifndef PLAN_EXPR_H
#define PLAN_EXPR_H

#include "common/error.h"
#include "data/value.h"

enum function_id {
#define FUNCTION(id, name, nulls, doc) FUNCTION_##id,
#include "plan/functions.def"
#undef FUNCTION
    FUNCTION_COUNT
};

enum null_rule { NULL_ANY, NULL_OWN };

struct function {
    const char *id, *name; /* "ADD_I32", "+" */
    enum null_rule nulls;
    const char *doc;
};
extern const struct function functions[FUNCTION_COUNT];

enum expr_kind {
    EXPR_COLUMN,  /* of the node's input */
    EXPR_LITERAL, /* value at expr.type */
    EXPR_CALL,
    EXPR_CASE, /* args: condition, value, condition, value, …, else; a value is computed only for rows
                  that reach it */
};

struct date_pattern;

struct expr {
    enum expr_kind kind;
    struct type type;
    struct span span;     /* in the SQL text, for run-time errors */
    uint32_t column;      /* EXPR_COLUMN */
    struct value literal; /* EXPR_LITERAL; text lives in the job arena */
    enum function_id function;
    struct expr **args; /* EXPR_CALL, EXPR_CASE */
    uint32_t arg_count;
    uint32_t size;     /* nodes of the tree that it stands for; shared parts count each time */
    int64_t imm, imm2; /* constants of a function row: unit in ms, window size, offset … */
    const struct date_pattern *pattern; /* DATE_FORMAT, TO_TIMESTAMP with a pattern */
};

enum aggregate_id {
#define AGGREGATE(id, name, argument, result, doc) AGGREGATE_##id,
#include "plan/aggregates.def"
#undef AGGREGATE
    AGGREGATE_ID_COUNT
};

struct aggregate_row {
    const char *id, *name; /* "SUM_DEC", "SUM" */
    enum phys argument, result;
    const char *doc;
};
extern const struct aggregate_row aggregate_rows[AGGREGATE_ID_COUNT];

#define COLUMN_NONE UINT32_MAX

/* One aggregate call over columns of the node's input; the calc below computes arguments and filters. */
struct aggregate_call {
    enum aggregate_id id;
    uint32_t argument; /* column, or COLUMN_NONE for COUNT(*) */
    uint32_t filter;   /* BOOLEAN column, or COLUMN_NONE; only TRUE rows count */
    struct type argument_type, result;
    struct span span;
};

enum { EXPR_SIZE_MAX = 20000 }; /* the binder refuses larger ones */

/* Structural equality: same kind, type, function and arguments. */
bool expr_equal(const struct expr *a, const struct expr *b);
/* As in EXPLAIN: "ts >= TIMESTAMP '…' AND event_type IN ('a', 'b')"; names of the input columns. */
struct plan_schema;
void expr_print(struct buf *out, const struct expr *expr, const struct plan_schema *input);
/* "5 s", "10 min", "1 d", "1500 ms": the largest unit that divides it. */
void duration_print(struct buf *out, int64_t ms);

#endif
