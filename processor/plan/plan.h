/* SPDX-License-Identifier: Apache-2.0 */
/* The typed, read-only plan of a script: a DAG of nodes in one job arena. Several INSERTs of a statement
 * set share the nodes that are structurally equal (one scan, one deduplication under four aggregates).
 *
 *   scan ─► calc (computed columns) ─► watermark ─► calc ─► dedup ─► calc ─┬─► group ─► calc ─► sink
 *                                                                          └─► window ─► calc ─► sink
 *
 * Invariants after plan_build: every expression has a type, every column a number; each node's input
 * stands before it in `nodes`; columns nobody reads are gone; the plan is never written again. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/catalog.h"
#include "plan/expr.h"

struct plan_column {
    struct str name;
    struct type type;
};

struct plan_schema {
    struct plan_column *columns;
    uint32_t count;
};

/* SET values that stand when an INSERT is met, and our own settings. Times in milliseconds, 0 = off. */
struct plan_settings {
    struct str pipeline_name;
    struct str zone; /* table.local-time-zone */
    int64_t idle_timeout_ms;
    int64_t state_ttl_ms;
    int64_t early_fire_ms; /* -1: early fire disabled; 0: every row */
    int64_t late_fire_ms;  /* -1: disabled */
    int64_t allow_lateness_ms;
    bool not_null_drop; /* table.exec.sink.not-null-enforcer = DROP */
    int64_t commit_interval_ms;
    int64_t watermark_max_future_ms; /* decant.watermark.max.future */
    uint64_t state_max_bytes;        /* decant.state.max.bytes */
    struct str dead_letter_topic;
};

enum node_kind {
    NODE_SCAN,
    NODE_CALC,
    NODE_WATERMARK,
    NODE_DEDUP,
    NODE_GROUP,
    NODE_WINDOW,
    NODE_SINK
};

/* Reads a table: physical and metadata columns that somebody uses, in table order. */
struct node_scan {
    const struct table *table;
    const uint32_t *columns; /* columns[i]: table column of output column i */
};

/* Filter, then project. */
struct node_calc {
    const struct expr *condition;    /* NULL: all rows; only TRUE passes */
    const struct expr *const *exprs; /* one per output column */
};

/* Tracks the watermark of each source partition: the greatest value of `column` after `expr`. */
struct node_watermark {
    uint32_t rowtime;        /* column that is the time attribute */
    const struct expr *expr; /* over the input columns; NULL results are ignored */
    int64_t idle_timeout_ms; /* 0: never idle */
    int64_t
        max_future_ms; /* a watermark further ahead of the wall clock is not taken; 0: no guard */
};

/* ROW_NUMBER() OVER (PARTITION BY keys ORDER BY proctime ASC) = 1: the first row of a key passes. */
struct node_dedup {
    const uint32_t *keys;
    uint32_t key_count;
    int64_t ttl_ms;
};

/* Unbounded GROUP BY. Output: keys, then one column per aggregate. */
struct node_group {
    const uint32_t *keys;
    uint32_t key_count;
    const struct aggregate_call *aggregates;
    uint32_t aggregate_count;
    int64_t ttl_ms;
};

enum window_kind { WINDOW_TUMBLE };

/* Windowed GROUP BY. Output: keys, aggregates, window_start, window_end (TIMESTAMP(3)).
 * A group window (GROUP BY TUMBLE(…)) obeys table.exec.emit.*; a table function window fires once. */
struct node_window {
    enum window_kind window;
    bool group_window;
    uint32_t rowtime;
    int64_t size_ms, offset_ms;
    const uint32_t *keys;
    uint32_t key_count;
    const struct aggregate_call *aggregates;
    uint32_t aggregate_count;
    int64_t early_fire_ms, late_fire_ms; /* -1: disabled */
    int64_t allow_lateness_ms;
};

struct node_sink {
    const struct table *table;
    const uint32_t
        *columns; /* input column of each table column that the sink writes (persisted ones) */
    const uint32_t *key; /* input columns of the primary key, in PRIMARY KEY order */
    uint32_t key_count;
    bool not_null_drop;
    uint32_t number;  /* 0 … sink_count-1 */
    struct span span; /* the INSERT */
};

struct plan_node {
    enum node_kind kind;
    uint32_t id;             /* position in plan.nodes */
    struct plan_node *input; /* NULL for a scan */
    struct plan_schema schema;
    bool updating; /* may emit a key again (changelog I, UA); false: insert-only */
    const uint32_t
        *upsert_key; /* output columns that identify a row of an updating result; may be NULL */
    uint32_t upsert_key_count;
    struct span span;
    union {
        struct node_scan scan;
        struct node_calc calc;
        struct node_watermark watermark;
        struct node_dedup dedup;
        struct node_group group;
        struct node_window window;
        struct node_sink sink;
    };
};

struct plan {
    struct str file, text; /* the script, for error places */
    struct plan_node **nodes;
    uint32_t node_count;
    struct plan_node **scans, **sinks;
    uint32_t scan_count, sink_count;
    const struct table *const *tables; /* all tables of the script */
    uint32_t table_count, view_count;
    uint32_t statement_sets, set_inserts; /* EXECUTE STATEMENT SETs, and INSERTs inside them */
    struct plan_settings settings;        /* of the job: those of the first INSERT */
};

/* Overrides from the command line (-X key=value), applied over SET and WITH. */
struct plan_override {
    struct str key, value;
};

struct ast_script;

/* Binds a whole script. All independent errors, warnings and notices go to `found`; the plan is written
 * only when there are no errors. */
bool plan_build(const struct ast_script *script, struct str file, struct str text,
                const struct plan_override *overrides, uint32_t override_count, struct arena *job,
                struct diagnostics *found, struct plan **out) MUST_CHECK;

/* Parses and binds (sql_parse + plan_build). */
bool plan_from_text(struct str file, struct str text, const struct plan_override *overrides,
                    uint32_t override_count, struct arena *job, struct diagnostics *found,
                    struct plan **out) MUST_CHECK;

/* EXPLAIN: a tested product. One block per sink, an indented line per node: operator, keys, aggregates,
 * types, changelog mode, upsert key, watermark, state bytes per key, decoded columns. */
void plan_explain(struct buf *out, const struct plan *plan);

#endif
