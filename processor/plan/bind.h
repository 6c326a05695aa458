/* SPDX-License-Identifier: Apache-2.0 */
/* What the binder's files share; private to this room.
 *
 *   bind.c         statements in order, names of tables and views, findings
 *   settings.c     SET, RESET and -X: one table of keys
 *   bind_table.c   CREATE TABLE: columns, keys, watermark
 *   bind_options.c WITH (…): one table of options, Flink's sentences
 *   bind_query.c   FROM, WHERE, SELECT, ROW_NUMBER
 *   bind_group.c   GROUP BY, aggregates, windows
 *   bind_expr.c    operators, CASE, CAST, literals, names
 *   bind_call.c    functions by name
 *   coerce.c       common types, casts, what may be assigned
 *   bind_insert.c  the query meets its sink
 *   share.c        nodes; structurally equal ones exist once
 *   prune.c        merges calcs, drops columns nobody reads, numbers the plan
 *   keys.c         changelog mode and upsert key of a node
 *
 * Convention: a function that fails has reported why (bind_error) and returns NULL or false; callers go on
 * with what does not depend on it, so that one pass shows all independent errors. */
#ifndef PLAN_BIND_H
#define PLAN_BIND_H

#include "plan/plan.h"
#include "sql/ast.h"

/* ---- the binder ---- */

struct setting_value {
    struct str key, value;
    struct span span;
};

struct catalog_entry {
    struct str database, name;
    bool temporary;
    bool dropped;
    struct table *table;                /* NULL for a view */
    const struct ast_create_view *view; /* NULL for a table */
    bool broken;                        /* its declaration had errors: uses of it stay silent */
    bool checked; /* options of the table were checked because something uses it */
    bool options_bad;
    struct span span;
};

struct cte_scope {
    const struct ast_cte *cte;
    const struct cte_scope *outer;
};

struct binder {
    struct arena *job;
    struct diagnostics *found;
    struct str file, text;
    const struct plan_override *overrides;
    uint32_t override_count;
    bool partial;   /* statements are missing because they did not parse */
    uint32_t quiet; /* > 0: findings are not recorded (trial binding) */

    struct catalog_entry *entries;
    uint32_t entry_count, entry_capacity;
    struct str *databases;
    uint32_t database_count;
    struct str database; /* current one */

    struct setting_value *set; /* SET keys in force, in script order */
    uint32_t set_count, set_capacity;
    struct plan_settings settings;
    bool zone_is_utc, zone_was_set, zone_noticed;
    struct buf ignored; /* names of Flink tuning settings, for one notice */
    struct span ignored_at;

    const struct cte_scope *ctes;
    uint32_t view_depth;
    bool declaring; /* a view is only being checked: options of its tables are not */

    struct plan_node **nodes; /* in order of creation: inputs stand before */
    uint32_t node_count, node_capacity;
    struct plan_node **sinks;
    uint32_t sink_count, sink_capacity;
    struct plan_settings first_settings; /* of the first INSERT */
    uint32_t insert_count, statement_sets, set_inserts;
};

/* Records a finding unless it is a repetition or the binder is quiet. All return false. */
bool bind_error(struct binder *b, struct span span, const char *code, const char *help,
                const char *format, ...) PRINTF_LIKE(5, 6);
bool bind_warn(struct binder *b, struct span span, const char *code, const char *help,
               const char *format, ...) PRINTF_LIKE(5, 6);
bool bind_notice(struct binder *b, struct span span, const char *code, const char *help,
                 const char *format, ...) PRINTF_LIKE(5, 6);
/* The SQL text under a span. */
struct str bind_source(const struct binder *b, struct span span);
/* The same in one line, cut at 80 bytes or so: a name for a column that has none. */
struct str bind_label(struct binder *b, struct span span);
/* C string in the job arena, for help texts. */
const char *bind_text(struct binder *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* The nearest of `names`, as "did you mean x?", or NULL. */
const char *bind_nearest(struct binder *b, struct str given, const struct str *names,
                         uint32_t count);

/* Grows an arena array by one element's room. */
#define BIND_GROW(b, items, count, capacity)                                                       \
    ((items) = bind_grow((b)->job, (items), (count), &(capacity), sizeof *(items)))
void *bind_grow(struct arena *job, void *items, uint32_t count, uint32_t *capacity, size_t size);

/* The entry a name means now; NULL and E0202 when there is none. */
struct catalog_entry *bind_lookup(struct binder *b, const struct ast_name *name);

/* Room for a new table; NULL when the name is taken (reported, unless IF NOT EXISTS). */
struct catalog_entry *bind_declare_table(struct binder *b, const struct ast_create_table *ast);

/* ---- settings.c ---- */

void settings_init(struct binder *b);
void settings_set(struct binder *b, const struct ast_setting *setting);
void settings_reset(struct binder *b, const struct ast_setting *setting);
void settings_finish(struct binder *b); /* the one notice about ignored settings */
/* table.exec.state.ttl was set, perhaps to 0: keeping state for ever is meant. */
bool settings_has_ttl(struct binder *b);
/* Early and late fire as Flink checks them; false when they contradict one another. */
bool settings_check_emit(struct binder *b, struct span span);

/* ---- relations: what a FROM item or a query offers ---- */

enum column_role {
    ROLE_PLAIN,
    ROLE_WINDOW_START, /* of a window table function: GROUP BY both makes a window aggregate */
    ROLE_WINDOW_END,
    ROLE_WINDOW_TIME,
    ROLE_ROW_NUMBER, /* waits for its filter */
};

struct scope_column {
    struct str qualifier, name;
    uint32_t column; /* of relation.node */
    struct type type;
    enum column_role role;
};

struct window_spec {
    int64_t size_ms, offset_ms;
    uint32_t rowtime; /* column of relation.node */
};

struct rank_spec {
    const uint32_t *keys; /* columns of relation.node */
    uint32_t key_count;
    struct span span;
};

struct relation {
    struct plan_node *node;
    struct scope_column *columns;
    uint32_t count;
    bool has_window, has_rank;
    struct window_spec window;
    struct rank_spec rank;
    struct str name; /* alias or table: what STATE_TTL hints name */
};

/* ---- bind_table.c, bind_options.c ---- */

void bind_create_table(struct binder *b, const struct ast_create_table *ast, struct span span);
bool bind_type(struct binder *b, const struct ast_type *ast, struct type *out);
/* Checks the options of a table that is used; once per table. As notices when nothing uses it. */
bool bind_options(struct binder *b, struct catalog_entry *entry, bool as_sink);
void bind_unused_options(struct binder *b, struct catalog_entry *entry);
/* Scan, computed columns, watermark. */
bool bind_scan(struct binder *b, struct catalog_entry *entry, struct span span,
               struct relation *out);

/* ---- bind_query.c, bind_group.c ---- */

bool bind_query(struct binder *b, const struct ast_query *query, struct relation *out);
bool bind_table_function(struct binder *b, const struct ast_table_ref *ref, struct relation *out);
bool bind_from(struct binder *b, const struct ast_table_ref *ref, struct relation *out);

/* Columns are being collected for a projection or under an aggregation. */
struct projection {
    const struct expr **exprs;
    struct plan_column *columns;
    uint32_t count, capacity;
};
/* Position of an equal expression, or appends it. */
uint32_t projection_add(struct binder *b, struct projection *list, const struct expr *expr,
                        struct str name);
void projection_append(struct binder *b, struct projection *list, const struct expr *expr,
                       struct str name);

/* One grouped SELECT. Until everything is collected, columns of the result are numbered
 * key i → i, aggregate i → AGGREGATE_BASE + i, window_start and window_end → WINDOW_BASE, WINDOW_BASE + 1. */
enum { AGGREGATE_BASE = 1 << 20, WINDOW_BASE = 1 << 21 };

struct aggregate_use {
    enum aggregate_id id;
    const struct expr *argument, *filter; /* over the input; NULL: none */
    struct type argument_type, result;
    struct span span;
};

struct aggregation {
    const struct relation *input;
    const struct expr **keys; /* over the input */
    struct str *key_names;
    uint32_t key_count, key_capacity;
    bool has_window, group_window;
    struct window_spec window;
    const struct ast_call *window_call; /* TUMBLE(…) of a group window */
    struct aggregate_use *uses;
    uint32_t use_count, use_capacity;
};

/* items over `input`, grouped; writes the relation above the aggregation. */
bool bind_grouped(struct binder *b, const struct ast_select *select, const struct relation *input,
                  const struct expr *where, struct relation *out);
bool select_is_grouped(const struct ast_select *select);
/* A projection of `input` as a relation; roles and time attributes follow plain references. */
bool relation_project(struct binder *b, const struct relation *input, const struct expr *condition,
                      const struct expr *const *items, const struct str *names, uint32_t count,
                      struct span span, struct relation *out);
struct str select_item_name(struct binder *b, const struct ast_select_item *item, uint32_t number);

/* ---- bind_expr.c, bind_call.c ---- */

struct expr_scope {
    struct binder *b;
    const struct relation *input;
    struct aggregation *aggregation; /* NULL: aggregate functions are not allowed */
    const char *clause;              /* "WHERE", "SELECT": for messages */
};

const struct expr *bind_expr(struct expr_scope *scope, const struct ast_expr *ast);
const struct expr *bind_condition(struct expr_scope *scope, const struct ast_expr *ast);
const struct expr *bind_call(struct expr_scope *scope, const struct ast_expr *ast);
/* A name without brackets that is a function: CURRENT_TIMESTAMP, … NULL when it is none. */
const struct expr *bind_bare_call(struct expr_scope *scope, const struct ast_expr *ast,
                                  bool *known);
bool call_is_aggregate(const struct ast_call *call);
bool call_is_window_auxiliary(const struct ast_call *call);
/* in bind_group.c */
const struct expr *bind_aggregate(struct expr_scope *scope, const struct ast_expr *ast);
const struct expr *bind_window_auxiliary(struct expr_scope *scope, const struct ast_expr *ast);
/* The key or column that a grouped expression may use; NULL when it is no key (not reported). */
const struct expr *bind_grouped_key(struct expr_scope *scope, const struct ast_expr *ast);
const struct scope_column *relation_find(struct binder *b, const struct relation *input,
                                         const struct ast_name *name);

/* Building blocks; spans are those of the SQL they stand for. */
struct expr *expr_column(struct binder *b, uint32_t column, struct type type, struct span span);
struct expr *expr_literal(struct binder *b, struct type type, struct value value, struct span span);
struct expr *expr_i64(struct binder *b, int64_t value, struct span span); /* BIGINT NOT NULL */
struct expr *expr_call(struct binder *b, enum function_id function, struct type type,
                       struct span span, uint32_t count, const struct expr *const *args);
struct expr *expr_case(struct binder *b, struct type type, struct span span, uint32_t count,
                       const struct expr *const *args);
struct expr *expr_retype(struct binder *b, const struct expr *expr, struct type type);
const struct expr *expr_and(struct binder *b, const struct expr *a, const struct expr *c);
typedef const struct expr *expr_replace(void *self, const struct expr *column);
const struct expr *expr_rewrite(struct binder *b, const struct expr *expr, expr_replace *replace,
                                void *self);
const struct expr *expr_compare(struct binder *b, enum ast_binary_op op, const struct expr *l,
                                const struct expr *r, struct span span);
/* Casts the values of CASE arguments (odd positions and the last) to their common type. */
const struct expr *expr_unify_case(struct binder *b, const struct expr **args, uint32_t count,
                                   struct span span);
const struct expr *expr_need_boolean(struct binder *b, const struct expr *expr, const char *what);
bool expr_can_fail(const struct expr *expr); /* on some value of its arguments */

/* ---- coerce.c ---- */

/* The common type of CASE branches, comparisons, COALESCE; false when there is none. */
bool type_common(const struct type *a, const struct type *b, struct type *out);
struct type type_decimal_result(enum ast_binary_op op, const struct type *a, const struct type *b);
/* A numeric type as DECIMAL: INT is (10,0), BIGINT (19,0). */
struct type type_as_decimal(const struct type *type);
/* Implicit cast that cannot fail: between numbers, text, times. NULL when there is none (not reported). */
const struct expr *coerce(struct binder *b, const struct expr *expr, const struct type *to);
/* CAST and TRY_CAST with Flink's refusals. */
const struct expr *cast_explicit(struct binder *b, const struct expr *expr, const struct type *to,
                                 bool safe, struct span span);
bool type_assignable(const struct type *from, const struct type *to); /* on INSERT */
bool require_supported(struct binder *b, const struct type *type, struct span span,
                       struct str what);
/* Reads or writes wall clocks of TIMESTAMP_LTZ: only UTC for now. */
bool require_utc(struct binder *b, struct span span, const char *what);

/* ---- share.c ---- */

/* The node equal to *proto, made if there is none. */
struct plan_node *share_node(struct binder *b, const struct plan_node *proto);
bool node_equal(const struct plan_node *a, const struct plan_node *b);
struct plan_node *share_calc(struct binder *b, struct plan_node *input,
                             const struct expr *condition, const struct projection *list,
                             struct span span);

/* ---- bind_insert.c, prune.c, keys.c ---- */

void bind_insert(struct binder *b, const struct ast_insert *ast, struct span span);
struct plan *plan_finish(struct binder *b);

/* keys.c: columns of one class determine one another; a row of the result is identified by one column of
 * each class. */
#define KEY_NONE 0u
#define KEY_CONSTANT UINT32_MAX
struct key_classes {
    uint32_t *of; /* class of each output column: KEY_NONE, 1 … count, or KEY_CONSTANT */
    uint32_t count;
};
bool node_is_updating(const struct plan_node *node);
struct key_classes node_key_classes(struct arena *job, const struct plan_node *node);
/* The aggregation that makes a result updating, for messages; NULL for an insert-only one. */
const struct plan_node *node_updating_source(const struct plan_node *node);
/* "GroupAggregate(groupBy=[k], select=[…])" as Flink names it. */
/* W0301 for a group or deduplication whose keys are never forgotten. */
void warn_unbounded(struct binder *b, const struct plan_node *node, int64_t ttl_ms,
                    struct span span);
uint64_t node_state_bytes(const struct plan_node *node); /* per key, roughly; in explain.c */
void node_flink_name(struct buf *out, const struct plan_node *node);

#endif
