/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree of a script: what was written, and where. It knows no tables, no types of columns
 * and no functions; the binder looks names up and decides everything else.
 *
 * Spans. Every node carries the byte range of the text it was read from, first byte to one past the
 * last, so that a caret can stand under exactly that text. Brackets around an expression or a query
 * belong to its span. A list node has no span of its own unless the struct says so.
 *
 * Ownership. Everything lives in the `job` arena that sql_parse was given; strings that needed no
 * decoding borrow the script's text. Absent optional parts are NULL pointers, empty lists, or
 * empty identifiers (text.len == 0).
 *
 * Depth. No path from a statement to a leaf is longer than AST_HEIGHT_MAX nodes, so a walk may
 * recurse. */
#ifndef SQL_AST_H
#define SQL_AST_H

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

enum { AST_HEIGHT_MAX = 1000 };

/* Declares `struct list` as a growing array of `element` in the arena; walk items[0 .. count-1]. */
#define AST_LIST(list, element)                                                                    \
    struct list {                                                                                  \
        element *items;                                                                            \
        uint32_t count, capacity;                                                                  \
    }

struct ast_expr;
struct ast_query;
struct ast_statement;
struct ast_table_ref;
struct ast_type;
AST_LIST(ast_exprs, struct ast_expr *);
AST_LIST(ast_statements, struct ast_statement *);

/* ---- names, options, hints ---- */

/* text is the name itself: back-ticks removed, doubled ones undone, case kept. span includes the
 * back-ticks. */
struct ast_ident {
    struct str text;
    struct span span;
    bool quoted; /* was written in back-ticks: never a keyword or a function without brackets */
};
AST_LIST(ast_idents, struct ast_ident);

/* a, a.b, a.b.c: one to many parts; span covers all of them. */
struct ast_name {
    struct ast_idents parts;
    struct span span;
};

/* 'key' = 'value' of WITH, SET (…), OPTIONS(…); spans include the quotes. RESET ('key') leaves the
 * value empty. */
struct ast_option {
    struct str key, value;
    struct span key_span, value_span;
    bool is_name; /* a hint's argument that was written without quotes */
};
AST_LIST(ast_options, struct ast_option);

/* NAME, NAME(arg, …) or NAME('key' = 'value', …) inside a hint comment. Arguments without a key have
 * key.len == 0 and their text, quoted or not, in `value`. */
struct ast_hint {
    struct ast_ident name;
    struct ast_options args;
    struct span span;
};
AST_LIST(ast_hints, struct ast_hint);

/* ---- types as written ---- */

enum ast_type_kind {
    AST_TYPE_BOOLEAN,
    AST_TYPE_TINYINT,
    AST_TYPE_SMALLINT,
    AST_TYPE_INT,
    AST_TYPE_BIGINT,
    AST_TYPE_FLOAT,
    AST_TYPE_REAL, /* parses; no Flink version supports it */
    AST_TYPE_DOUBLE,
    AST_TYPE_DECIMAL, /* DEC, NUMERIC too */
    AST_TYPE_CHAR,
    AST_TYPE_VARCHAR,
    AST_TYPE_STRING,
    AST_TYPE_BINARY,
    AST_TYPE_VARBINARY,
    AST_TYPE_BYTES,
    AST_TYPE_DATE,
    AST_TYPE_TIME,
    AST_TYPE_TIMESTAMP,
    AST_TYPE_TIMESTAMP_LTZ, /* TIMESTAMP_LTZ and TIMESTAMP WITH LOCAL TIME ZONE */
    AST_TYPE_INTERVAL,      /* qualifier */
    AST_TYPE_ROW,           /* fields */
    AST_TYPE_ARRAY,         /* element */
    AST_TYPE_MULTISET,      /* element */
    AST_TYPE_MAP,           /* key, element */
    AST_TYPE_RAW,           /* RAW('class', 'serializer') */
    AST_TYPE_NULL,          /* the type named NULL */
    AST_TYPE_NAMED,         /* a user-defined type: name */
};

enum ast_unit {
    AST_UNIT_YEAR,
    AST_UNIT_MONTH,
    AST_UNIT_DAY,
    AST_UNIT_HOUR,
    AST_UNIT_MINUTE,
    AST_UNIT_SECOND,
};

/* SECOND, SECOND(3), DAY TO SECOND(3): start == end for a single unit; -1 for an absent precision. */
struct ast_interval_qualifier {
    enum ast_unit start, end;
    int32_t precision; /* digits of the leading field */
    int32_t fraction;  /* digits behind the second's decimal point */
    struct span span;
};

enum ast_nullability { AST_NULL_UNSPECIFIED, AST_NULLABLE, AST_NOT_NULL };

struct ast_row_field {
    struct ast_ident name;
    struct ast_type *type;
    struct str comment;
};
AST_LIST(ast_row_fields, struct ast_row_field);

struct ast_type {
    enum ast_type_kind kind;
    enum ast_nullability nullability;
    struct span span;         /* with precision and element types, without NOT NULL */
    int32_t precision, scale; /* as written; -1 when absent; never negative otherwise */
    uint32_t height;
    struct ast_type *key, *element;          /* MAP; ARRAY, MULTISET, MAP */
    struct ast_row_fields fields;            /* ROW */
    struct ast_interval_qualifier qualifier; /* INTERVAL */
    struct ast_name name;                    /* NAMED */
    struct str raw_class, raw_serializer;    /* RAW */
};

/* ---- expressions ---- */

enum ast_expr_kind {
    AST_EXPR_LITERAL,
    AST_EXPR_NAME, /* a, t.a, t.r.f; unquoted CURRENT_TIMESTAMP, USER, … too */
    AST_EXPR_STAR, /* *, t.*: only in a select list, and as COUNT's only argument */
    AST_EXPR_UNARY,
    AST_EXPR_BINARY,
    AST_EXPR_IS, /* x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON … */
    AST_EXPR_BETWEEN,
    AST_EXPR_IN,         /* a list or a query */
    AST_EXPR_LIKE,       /* LIKE, SIMILAR TO */
    AST_EXPR_QUANTIFIED, /* x = ANY (…) */
    AST_EXPR_EXISTS,
    AST_EXPR_SUBQUERY, /* scalar; as a function's argument: a table */
    AST_EXPR_CASE,
    AST_EXPR_CAST,
    AST_EXPR_CALL,
    AST_EXPR_ROW,             /* ROW(a, b), (a, b) */
    AST_EXPR_ARRAY,           /* ARRAY[…] */
    AST_EXPR_MULTISET,        /* MULTISET[…] */
    AST_EXPR_MAP,             /* MAP[k, v, …]: keys and values alternate */
    AST_EXPR_COLLECTION,      /* ARRAY(query), MAP(query), MULTISET(query) */
    AST_EXPR_INDEX,           /* a[i], m['k'] */
    AST_EXPR_FIELD,           /* e.f where e is not itself a name: a[1].f, (r).f, g(x).f */
    AST_EXPR_INTERVAL,        /* INTERVAL (expr) SECOND; a constant one is a literal */
    AST_EXPR_TIME_DIFFERENCE, /* (a - b) DAY TO SECOND */
    AST_EXPR_SYMBOL,          /* a keyword as argument: SECOND, BOTH, DEFAULT; upper case */
    AST_EXPR_TABLE,           /* TABLE t [PARTITION BY …] [ORDER BY …] as argument */
    AST_EXPR_DESCRIPTOR,      /* DESCRIPTOR(c, …) */
};

enum ast_literal_kind {
    AST_LITERAL_NULL,
    AST_LITERAL_BOOLEAN,   /* value 0 or 1 */
    AST_LITERAL_UNKNOWN,   /* BOOLEAN NULL */
    AST_LITERAL_INTEGER,   /* text: digits */
    AST_LITERAL_DECIMAL,   /* text: digits with a point */
    AST_LITERAL_DOUBLE,    /* text: with an exponent */
    AST_LITERAL_STRING,    /* text: decoded UTF-8 */
    AST_LITERAL_BINARY,    /* text: the bytes of X'…' */
    AST_LITERAL_DATE,      /* text: yyyy-MM-dd, fields in range, day in month */
    AST_LITERAL_TIME,      /* text: HH:mm:ss[.f], precision = digits of f */
    AST_LITERAL_TIMESTAMP, /* text: yyyy-MM-dd HH:mm:ss[.f], precision = digits of f (0 to 9) */
    AST_LITERAL_MONTHS,    /* year-month interval: value = months */
    AST_LITERAL_MILLIS,    /* day-time interval: value = milliseconds */
};

struct ast_literal {
    enum ast_literal_kind kind;
    struct str text; /* intervals: what stood in the quotes, with a sign if one was given */
    int64_t value;
    int32_t precision;
    bool is_quoted;                          /* intervals: '5' SECOND; false: 5 SECOND */
    struct ast_interval_qualifier qualifier; /* intervals */
};

enum ast_unary_op { AST_OP_NOT, AST_OP_NEGATE, AST_OP_PLUS };

enum ast_binary_op {
    AST_OP_OR,
    AST_OP_AND,
    AST_OP_EQ,
    AST_OP_NE,
    AST_OP_LT,
    AST_OP_LE,
    AST_OP_GT,
    AST_OP_GE,
    AST_OP_IS_DISTINCT,     /* IS DISTINCT FROM */
    AST_OP_IS_NOT_DISTINCT, /* IS NOT DISTINCT FROM */
    AST_OP_OVERLAPS,
    AST_OP_CONTAINS,
    AST_OP_EQUALS,
    AST_OP_PRECEDES,
    AST_OP_SUCCEEDS,
    AST_OP_MEMBER_OF,
    AST_OP_ADD,
    AST_OP_SUB,
    AST_OP_MUL,
    AST_OP_DIV,
    AST_OP_MOD,
    AST_OP_CONCAT,
    AST_BINARY_OP_COUNT,
};

enum ast_is_test {
    AST_IS_NULL,
    AST_IS_TRUE,
    AST_IS_FALSE,
    AST_IS_UNKNOWN,
    AST_IS_JSON, /* IS JSON [VALUE] */
    AST_IS_JSON_OBJECT,
    AST_IS_JSON_ARRAY,
    AST_IS_JSON_SCALAR,
    AST_IS_TEST_COUNT,
};

enum ast_like_kind { AST_LIKE, AST_ILIKE, AST_RLIKE, AST_SIMILAR_TO };
enum ast_quantifier { AST_ANY, AST_ALL }; /* SOME is ANY */

struct ast_when {
    struct ast_expr *when, *then;
};
AST_LIST(ast_whens, struct ast_when);

enum ast_nulls { AST_NULLS_DEFAULT, AST_NULLS_FIRST, AST_NULLS_LAST };

struct ast_order_item {
    struct ast_expr *expr;
    bool descending;
    enum ast_nulls nulls;
};
AST_LIST(ast_order_items, struct ast_order_item);

enum ast_bound_kind {
    AST_BOUND_UNBOUNDED_PRECEDING,
    AST_BOUND_PRECEDING, /* expr */
    AST_BOUND_CURRENT_ROW,
    AST_BOUND_FOLLOWING, /* expr */
    AST_BOUND_UNBOUNDED_FOLLOWING,
};
struct ast_bound {
    enum ast_bound_kind kind;
    struct ast_expr *expr;
};
enum ast_frame_kind { AST_FRAME_NONE, AST_FRAME_ROWS, AST_FRAME_RANGE };

/* OVER (…), OVER name, and the definitions of a WINDOW clause. */
struct ast_window {
    struct ast_ident name; /* only in a WINDOW clause: the name being defined */
    struct ast_ident base; /* OVER w, or (w PARTITION BY …) */
    struct ast_exprs partition_by;
    struct ast_order_items order_by;
    enum ast_frame_kind frame;
    bool has_upper; /* BETWEEN lower AND upper; else only lower was written */
    struct ast_bound lower, upper;
    struct span span;
};
AST_LIST(ast_windows, struct ast_window);

/* How the arguments were written. All but PLAIN have a fixed argument order, whatever the spelling;
 * words such as SECOND or BOTH are AST_EXPR_SYMBOL arguments. */
enum ast_call_syntax {
    AST_CALL_PLAIN,       /* f(a, b); TIMESTAMPDIFF(symbol, a, b); YEAR(x), LEFT(s, n) */
    AST_CALL_EXTRACT,     /* EXTRACT(unit FROM x)                          args: symbol, x */
    AST_CALL_TRIM,        /* TRIM([BOTH|LEADING|TRAILING] [c] FROM s)      args: symbol, c or NULL
                           pointer, s. TRIM(s) is PLAIN */
    AST_CALL_SUBSTRING,   /* SUBSTRING(s FROM p [FOR n])                   args: s, p [, n] */
    AST_CALL_POSITION,    /* POSITION(x IN s [FROM p])                     args: x, s [, p] */
    AST_CALL_OVERLAY,     /* OVERLAY(s PLACING r FROM p [FOR n])           args: s, r, p [, n] */
    AST_CALL_ROUND_TO,    /* FLOOR(x TO unit), CEIL(x TO unit)             args: x, symbol */
    AST_CALL_JSON,        /* JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_ARRAY, JSON_ARRAYAGG with
                           options: `json`. Without any they are PLAIN */
    AST_CALL_JSON_OBJECT, /* JSON_OBJECT, JSON_OBJECTAGG(KEY k VALUE v)  args: keys and values
                             alternate; always, even with no arguments */
};

enum ast_json_behavior_kind {
    AST_JSON_UNSPECIFIED,
    AST_JSON_NULL,
    AST_JSON_ERROR,
    AST_JSON_DEFAULT, /* expr */
    AST_JSON_TRUE,
    AST_JSON_FALSE,
    AST_JSON_UNKNOWN,
    AST_JSON_EMPTY_ARRAY,
    AST_JSON_EMPTY_OBJECT,
    AST_JSON_ABSENT,
};
struct ast_json_behavior {
    enum ast_json_behavior_kind kind;
    struct ast_expr *expr;
    struct span span;
};
enum ast_json_wrapper {
    AST_WRAPPER_UNSPECIFIED,
    AST_WRAPPER_WITHOUT,
    AST_WRAPPER_CONDITIONAL,
    AST_WRAPPER_UNCONDITIONAL, /* WITH WRAPPER, WITH UNCONDITIONAL WRAPPER */
};
struct ast_json_options {
    struct ast_type *returning;
    struct ast_json_behavior on_empty, on_error, on_null;
    enum ast_json_wrapper wrapper;
};

enum ast_null_treatment { AST_NULLS_UNSPECIFIED, AST_IGNORE_NULLS, AST_RESPECT_NULLS };

struct ast_call {
    struct ast_name name; /* as written; compare function names without regard to case */
    enum ast_call_syntax syntax;
    bool distinct; /* f(DISTINCT x) */
    bool star;     /* COUNT(*): args is empty */
    struct ast_exprs args;
    struct ast_idents arg_names; /* NAME => value: one per argument; count 0 when none is named */
    struct ast_order_items order_by; /* ARRAY_AGG(x ORDER BY y) */
    struct ast_order_items within_group;
    struct ast_expr *filter; /* FILTER (WHERE filter) */
    enum ast_null_treatment nulls;
    struct ast_window *over;
    struct ast_json_options *json; /* AST_CALL_JSON*, when options were given */
};

struct ast_expr {
    enum ast_expr_kind kind;
    struct span span;
    uint32_t height; /* longest path to a leaf; a leaf has 1 */
    union {
        struct ast_literal literal;
        struct ast_name name; /* NAME; STAR: the qualifier, no parts for a bare * */
        struct {
            enum ast_unary_op op;
            struct ast_expr *operand;
        } unary;
        struct {
            enum ast_binary_op op;
            struct span op_span; /* the operator alone */
            struct ast_expr *left, *right;
        } binary;
        struct {
            struct ast_expr *operand;
            enum ast_is_test test;
            bool negated;
        } is;
        struct {
            struct ast_expr *operand, *low, *high;
            bool negated, symmetric;
        } between;
        struct {
            struct ast_expr *operand;
            struct ast_exprs list;   /* either this … */
            struct ast_query *query; /* … or this */
            bool negated;
        } in;
        struct {
            struct ast_expr *operand, *pattern, *escape;
            enum ast_like_kind like;
            bool negated;
        } like;
        struct {
            struct ast_expr *operand;
            enum ast_binary_op op; /* EQ … GE */
            enum ast_quantifier quantifier;
            struct ast_exprs list;
            struct ast_query *query;
        } quantified;
        struct ast_query *query; /* EXISTS, SUBQUERY */
        struct {
            struct ast_expr *operand; /* NULL: CASE WHEN condition */
            struct ast_whens whens;
            struct ast_expr *otherwise;
        } switch_case;
        struct {
            struct ast_expr *operand;
            struct ast_type *type;
            bool safe; /* TRY_CAST */
        } cast;
        struct ast_call *call;
        struct ast_exprs items; /* ROW, ARRAY, MULTISET, MAP */
        struct {
            enum ast_expr_kind kind; /* AST_EXPR_ARRAY, AST_EXPR_MAP or AST_EXPR_MULTISET */
            struct ast_query *query;
        } collection;
        struct {
            struct ast_expr *base, *index;
        } index;
        struct {
            struct ast_expr *base;
            struct ast_ident field;
        } field;
        struct {
            struct ast_expr *operand;
            struct ast_interval_qualifier qualifier;
        } interval;
        struct {
            struct ast_expr *left, *right;
            struct ast_interval_qualifier qualifier;
        } difference;
        struct str symbol;
        struct {
            struct ast_name name;
            struct ast_hints hints;
            struct ast_idents partition_by;
            struct ast_order_items order_by;
        } table;
        struct ast_idents descriptor;
    };
};

/* ---- queries ---- */

struct ast_select_item {
    struct ast_expr *expr; /* AST_EXPR_STAR for * and t.* */
    struct ast_ident alias;
};
AST_LIST(ast_select_items, struct ast_select_item);

enum ast_group_kind {
    AST_GROUP_EXPR,   /* expr; (a, b) is an AST_EXPR_ROW */
    AST_GROUP_EMPTY,  /* () */
    AST_GROUP_SETS,   /* GROUPING SETS (items) */
    AST_GROUP_ROLLUP, /* ROLLUP (items) */
    AST_GROUP_CUBE,   /* CUBE (items) */
};
struct ast_group_item;
AST_LIST(ast_group_items, struct ast_group_item);
struct ast_group_item {
    enum ast_group_kind kind;
    struct span span;
    struct ast_expr *expr;
    struct ast_group_items items;
    uint32_t height;
};

struct ast_select {
    struct ast_hints hints;
    bool distinct;
    struct ast_select_items items;
    struct ast_table_ref *from; /* NULL: no FROM; a comma is an AST_JOIN_COMMA */
    struct ast_expr *where, *having;
    bool group_by_distinct; /* GROUP BY DISTINCT */
    struct ast_group_items group_by;
    struct ast_windows windows;
    struct span group_by_span; /* GROUP … last item; empty without GROUP BY */
};

/* WITH name [(columns)] AS (query) */
struct ast_cte {
    struct ast_ident name;
    struct ast_idents columns;
    struct ast_query *query;
    struct span span;
};
AST_LIST(ast_ctes, struct ast_cte);

enum ast_query_kind {
    AST_QUERY_SELECT,
    AST_QUERY_VALUES, /* rows: AST_EXPR_ROW, or any other expression for one column */
    AST_QUERY_SET,    /* left UNION|INTERSECT|EXCEPT [ALL] right */
    AST_QUERY_TABLE,  /* TABLE t */
};
enum ast_set_op { AST_UNION, AST_INTERSECT, AST_EXCEPT };

struct ast_query {
    enum ast_query_kind kind;
    struct span span;
    uint32_t height;
    struct ast_ctes with;
    bool recursive; /* WITH RECURSIVE */
    struct ast_order_items order_by;
    struct ast_expr *limit; /* LIMIT n, FETCH FIRST n ROWS ONLY */
    struct ast_expr *offset;
    struct span order_span; /* ORDER BY … last item; empty without */
    union {
        struct ast_select *select;
        struct ast_exprs rows;
        struct {
            enum ast_set_op op;
            bool all;
            struct span op_span;
            struct ast_query *left, *right;
        } set;
        struct ast_name table;
    };
};

struct ast_alias {
    struct ast_ident name; /* text.len == 0: none */
    struct ast_idents columns;
};

enum ast_table_kind {
    AST_TABLE_NAME,
    AST_TABLE_QUERY,    /* (query), (VALUES …) */
    AST_TABLE_FUNCTION, /* [LATERAL] TABLE(f(…)), f(…) */
    AST_TABLE_UNNEST,   /* UNNEST(e, …) [WITH ORDINALITY] */
    AST_TABLE_JOIN,
};
enum ast_join_kind {
    AST_JOIN_COMMA,
    AST_JOIN_INNER,
    AST_JOIN_LEFT,
    AST_JOIN_RIGHT,
    AST_JOIN_FULL,
    AST_JOIN_CROSS,
};

/* MATCH_RECOGNIZE (…), PIVOT (…), UNPIVOT (…), TABLESAMPLE … (…): recognised by name, not read. */
struct ast_opaque {
    struct str word;  /* upper case; empty: none */
    struct str text;  /* from the word to the closing bracket, as written */
    struct span span; /* of the word alone */
};

struct ast_table_ref {
    enum ast_table_kind kind;
    struct span span; /* with alias, without the comma */
    uint32_t height;
    struct ast_alias alias;
    struct ast_opaque clause;       /* stands before the alias */
    struct ast_opaque clause_after; /* stands behind the alias */
    bool lateral;                   /* QUERY, FUNCTION, UNNEST */
    union {
        struct {
            struct ast_name name;
            struct ast_hints hints;
            struct ast_expr *as_of; /* FOR SYSTEM_TIME AS OF as_of */
        } table;
        struct ast_query *query;
        struct {
            struct ast_expr *call; /* AST_EXPR_CALL */
            bool bare;             /* written without TABLE( ): valid from Flink 2.0 only */
        } function;
        struct {
            struct ast_exprs args;
            bool ordinality;
        } unnest;
        struct {
            enum ast_join_kind kind;
            bool natural;
            struct ast_table_ref *left, *right;
            struct ast_expr *on;
            struct ast_idents using;
            struct span join_span; /* LEFT OUTER JOIN, or the comma */
        } join;
    };
};

/* ---- statements ---- */

enum ast_column_kind {
    AST_COLUMN_PHYSICAL, /* type; NULL only in CREATE TABLE t (a, b) AS query */
    AST_COLUMN_COMPUTED, /* expr */
    AST_COLUMN_METADATA, /* type, metadata_key */
};
enum ast_enforcement { AST_ENFORCED_UNSPECIFIED, AST_ENFORCED, AST_NOT_ENFORCED };
enum ast_constraint_kind { AST_PRIMARY_KEY, AST_UNIQUE };

/* PRIMARY KEY (a, b) NOT ENFORCED; an inline one has its column as the only member. */
struct ast_constraint {
    enum ast_constraint_kind kind;
    struct ast_ident name; /* CONSTRAINT name */
    struct ast_idents columns;
    enum ast_enforcement enforcement;
    bool is_inline;
    struct span span;
};
AST_LIST(ast_constraints, struct ast_constraint);

struct ast_column {
    enum ast_column_kind kind;
    struct ast_ident name;
    struct ast_type *type; /* nullability in it */
    struct ast_expr *expr;
    bool has_metadata_key; /* METADATA FROM 'key' */
    struct str metadata_key;
    struct span metadata_span; /* the key with its quotes, or the word METADATA */
    bool is_virtual;
    struct str comment;
    struct span span;
};
AST_LIST(ast_columns, struct ast_column);

struct ast_watermark {
    struct ast_name column; /* more than one part: r.t, which Flink refuses */
    struct ast_expr *expr;
    struct span span; /* WATERMARK … expr */
};
AST_LIST(ast_watermarks, struct ast_watermark);

/* {INCLUDING|EXCLUDING|OVERWRITING} {ALL|CONSTRAINTS|DISTRIBUTION|GENERATED|METADATA|OPTIONS|
 * PARTITIONS|WATERMARKS} */
enum ast_like_mode { AST_INCLUDING, AST_EXCLUDING, AST_OVERWRITING };
struct ast_like_option {
    enum ast_like_mode mode;
    struct str feature; /* upper case */
    struct span span;
};
AST_LIST(ast_like_options, struct ast_like_option);

struct ast_create_table {
    struct ast_name name;
    bool temporary, if_not_exists, or_replace;
    struct ast_columns columns;         /* in order; constraints and watermarks may stand between */
    struct ast_constraints constraints; /* inline ones too */
    struct ast_watermarks watermarks;
    struct str comment;
    struct ast_idents partitioned_by;
    struct ast_opaque distribution; /* DISTRIBUTED …: kept as text */
    struct ast_options options;     /* in order, repeated keys kept: the last one wins */
    bool has_options;               /* WITH was written, possibly with () */
    struct span options_span;       /* WITH ( … ) */
    struct ast_name like;           /* LIKE like; no parts: none */
    struct ast_like_options like_options;
    struct ast_query *as_query; /* CREATE TABLE … AS query */
};

struct ast_create_view {
    struct ast_name name;
    bool temporary, if_not_exists, or_replace;
    struct ast_idents columns;
    struct str comment;
    struct ast_query *query;
};

/* CREATE DATABASE, CREATE CATALOG */
struct ast_create_space {
    struct ast_name name;
    bool if_not_exists;
    struct str comment;
    struct ast_options options;
};

enum ast_object { AST_OBJECT_TABLE, AST_OBJECT_VIEW, AST_OBJECT_DATABASE, AST_OBJECT_CATALOG };
struct ast_drop {
    enum ast_object object;
    struct ast_name name;
    bool temporary, if_exists, cascade;
};

enum ast_alter_kind { AST_ALTER_SET, AST_ALTER_RESET, AST_ALTER_RENAME };
struct ast_alter_table { /* every other ALTER is AST_OTHER */
    enum ast_alter_kind kind;
    struct ast_name name;
    bool if_exists;
    struct ast_options options; /* SET: keys and values; RESET: keys */
    struct ast_name new_name;
};

struct ast_insert {
    struct ast_name table;
    struct ast_hints hints;
    bool overwrite;
    struct ast_exprs partition; /* PARTITION (a = 1, b): AST_EXPR_BINARY EQ, or AST_EXPR_NAME */
    struct span partition_span;
    struct ast_idents columns; /* empty: by position, all of them */
    struct ast_query *query;
    struct span target_span; /* INSERT INTO table [(columns)] */
};

enum ast_set_kind { AST_SET_ALL, AST_SET_ONE }; /* SET; and SET k = v; RESET; and RESET k */
struct ast_setting {
    enum ast_set_kind kind;
    struct str key, value;
    struct span key_span, value_span;
    bool quoted; /* SET 'k' = 'v'; false: SET k = v, which newer Flink clients refuse */
};

enum ast_explain_detail {
    AST_EXPLAIN_CHANGELOG_MODE = 1u << 0,
    AST_EXPLAIN_ESTIMATED_COST = 1u << 1,
    AST_EXPLAIN_JSON_PLAN = 1u << 2,
    AST_EXPLAIN_PLAN_ADVICE = 1u << 3,
};
struct ast_explain {
    uint32_t details;             /* ast_explain_detail, or-ed */
    struct ast_statement *target; /* QUERY, INSERT or STATEMENT_SET */
};

enum ast_statement_kind {
    AST_CREATE_TABLE,
    AST_CREATE_VIEW,
    AST_CREATE_DATABASE, /* create_space */
    AST_CREATE_CATALOG,  /* create_space */
    AST_DROP,
    AST_ALTER_TABLE,
    AST_INSERT,
    AST_STATEMENT_SET, /* both spellings: set */
    AST_QUERY,         /* a bare query */
    AST_SET,           /* setting */
    AST_RESET,         /* setting */
    AST_EXPLAIN,
    AST_DESCRIBE,     /* name */
    AST_USE_CATALOG,  /* name */
    AST_USE_DATABASE, /* name */
    AST_SHOW,         /* other: words "TABLES", "CREATE TABLE", …; name for SHOW CREATE … t */
    AST_JAR,          /* ADD JAR, REMOVE JAR: other */
    AST_QUIT,         /* QUIT, EXIT: nothing behind it is read into the tree */
    AST_CLIENT,       /* HELP, CLEAR: other; no effect */
    AST_OTHER,        /* valid Flink that is only known by its name: other */
};

/* A statement that is recognised by its first words and not read further. */
struct ast_other {
    struct str words; /* the words that name it, upper case: "CREATE FUNCTION", "MERGE", "TABLES" */
    struct str text;  /* the whole statement as written, without the semicolon */
    struct span words_span;
    struct ast_name name; /* SHOW CREATE TABLE|VIEW name */
};

struct ast_statement {
    enum ast_statement_kind kind;
    struct span span; /* first to last token, without the semicolon */
    union {
        struct ast_create_table *create_table;
        struct ast_create_view *create_view;
        struct ast_create_space *create_space;
        struct ast_drop *drop;
        struct ast_alter_table *alter_table;
        struct ast_insert *insert;
        struct ast_statements set; /* AST_INSERT only */
        struct ast_query *query;
        struct ast_setting setting;
        struct ast_explain explain;
        struct ast_name name;
        struct ast_other other;
    };
};

struct ast_script {
    struct str text; /* what all spans point into */
    struct ast_statements statements;
};

#endif
