/* SPDX-License-Identifier: Apache-2.0 */
/* Single behaviours of the graph, each with a plan and a few rows of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan_builder.h"

/* scan(k STRING, v BIGINT, ts TIMESTAMP(3)) ─► watermark(ts - 5 s); a test adds the rest. */
enum { K, V, TS, COLUMNS };

struct fixture {
    struct plan_builder b;
    struct plan_node *scan, *source;
    struct graph *graph;
    struct arena scratch;
    struct batch batch;
    struct seen seen;
    struct error err;
    int64_t now_ms;
    uint32_t partitions;
};

static struct fixture *fixture_new(void) {
    static struct fixture f;
    const struct plan_column columns[COLUMNS] = {{STR("k"), type_string()},
                                                 {STR("v"), type_of(TYPE_BIGINT)},
                                                 {STR("ts"), type_timestamp(3)}};
    memset(&f, 0, sizeof f);
    builder_init(&f.b);
    f.scan = plan_scan(&f.b, columns, COLUMNS);
    f.source = plan_watermark(&f.b, f.scan, TS, 5000);
    f.now_ms = 1000000;
    f.partitions = 1;
    return &f;
}

static void start(struct fixture *f) {
    f->graph = graph_new(&f->b.plan, &f->partitions, (struct graph_output){seen_rows, &f->seen},
                         &f->b.job);
    batch_for(&f->b, f->scan, &f->batch, &f->scratch);
}

static void stop(struct fixture *f) {
    graph_free(f->graph);
    arena_release(&f->scratch);
    seen_clear(&f->seen);
    builder_release(&f->b);
}

/* v or ts below 0 is NULL, k NULL is NULL. */
static bool push_row(struct fixture *f, uint32_t partition, const char *k, int64_t v, int64_t ts) {
    struct value values[COLUMNS] = {[K] = {.is_null = !k, .str = str_of(k)},
                                    [V] = {.is_null = v < 0, .i64 = v},
                                    [TS] = {.is_null = ts < 0, .i64 = ts}};
    batch_clear(&f->batch);
    for (uint32_t c = 0; c < COLUMNS; c++)
        vec_set(&f->batch.columns[c], 0, &values[c]);
    f->batch.rows = f->batch.selected = 1;
    f->batch.partition = partition;
    f->batch.now_ms = f->now_ms;
    return graph_push(f->graph, 0, &f->batch, &f->err);
}

static void push_ok(struct fixture *f, uint32_t partition, const char *k, int64_t v, int64_t ts) {
    if (!push_row(f, partition, k, v, ts)) fail_msg("%s", f->err.text);
}

static void commit(struct fixture *f) {
    if (!graph_commit(f->graph, f->now_ms, &f->err)) fail_msg("%s", f->err.text);
}

static const char *row_of(struct fixture *f, const char *key) {
    struct seen_row *row = seen_find(&f->seen, key);
    return row ? row->row : "(none)";
}

static struct plan_node *count_window(struct fixture *f) {
    static const uint32_t keys[] = {K};
    struct aggregate_call call =
        call_of(AGGREGATE_SUM_I64, f->source, V, COLUMN_NONE, type_of(TYPE_BIGINT));
    struct plan_node *window = plan_window(&f->b, f->source, TS, keys, 1, &call, 1);
    uint32_t *key = ARENA_NEW(&f->b.job, 2, uint32_t);
    key[1] = 2;
    struct plan_node *sink = plan_sink(&f->b, window, 2);
    sink->sink.key = key;
    return window;
}

static struct plan_node *sum_group(struct fixture *f) {
    static const uint32_t keys[] = {K};
    struct aggregate_call call =
        call_of(AGGREGATE_SUM_I64, f->source, V, COLUMN_NONE, type_of(TYPE_BIGINT));
    return plan_group(&f->b, f->source, keys, 1, &call, 1, 0);
}

#define FIRST "a|1970-01-01 00:00:00.000"
#define FIRST_ROW(sum) "a|" sum "|1970-01-01 00:00:00.000|1970-01-01 00:01:00.000"

/* Flink run w12: the window fires at the row that brings the watermark to end - 1 ms, not before. */
static void test_window_fires_at_its_last_millisecond(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    count_window(f)->window.group_window = false;
    start(f);
    push_ok(f, 0, "a", 1, 10000);
    push_ok(f, 0, "a", 2, 64998);
    commit(f);
    assert_int_equal(f->seen.count, 0);
    push_ok(f, 0, "a", 4, 20000); /* still counted */
    push_ok(f, 0, "b", 8, 64999);
    push_ok(f, 0, "a", 16, 30000); /* late */
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("5"));
    assert_int_equal(f->seen.count, 1);
    assert_int_equal(graph_sink_counters(f->graph, 0).late, 1);
    stop(f);
}

static void test_partitions_hold_the_watermark_back(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    f->partitions = 2;
    f->source->watermark.idle_timeout_ms = 1000;
    count_window(f);
    start(f);
    assert_false(graph_watermark(f->graph, 0).has_watermark);
    push_ok(f, 0, "a", 1, 600000);
    struct watermark_status status = graph_watermark(f->graph, 0);
    assert_false(status.has_watermark);
    assert_int_equal(status.holder, 1);
    assert_int_equal(status.last_event_ms, 600000);
    graph_idle(f->graph, 0, 1, false, f->now_ms);
    f->now_ms += 5000;
    graph_idle(f->graph, 0, 1, false, f->now_ms); /* silent but not at its end */
    assert_false(graph_watermark(f->graph, 0).has_watermark);
    graph_idle(f->graph, 0, 1, true, f->now_ms + 999);
    assert_false(graph_watermark(f->graph, 0).has_watermark);
    graph_idle(f->graph, 0, 1, true, f->now_ms + 1000);
    status = graph_watermark(f->graph, 0);
    assert_int_equal(status.watermark_ms, 595000);
    assert_int_equal(status.idle, 1);
    push_ok(f, 1, "a", 1, 100000); /* awake again; the watermark does not fall */
    status = graph_watermark(f->graph, 0);
    assert_int_equal(status.watermark_ms, 595000);
    assert_int_equal(status.idle, 0);
    stop(f);
}

static void test_all_idle_moves_nothing(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    f->source->watermark.idle_timeout_ms = 1000;
    count_window(f);
    start(f);
    push_ok(f, 0, "a", 1, 10000);
    graph_idle(f->graph, 0, 0, true, f->now_ms + 2000);
    assert_int_equal(graph_watermark(f->graph, 0).watermark_ms, 5000);
    stop(f);
}

static void test_far_future_does_not_move_the_watermark(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    f->source->watermark.max_future_ms = 60000;
    count_window(f);
    start(f);
    push_ok(f, 0, "a", 1, f->now_ms + 65000); /* exactly at the guard */
    assert_int_equal(graph_watermark(f->graph, 0).watermark_ms, f->now_ms + 60000);
    push_ok(f, 0, "a", 1, f->now_ms + 65001);
    push_ok(f, 0, "a", 1, 253402300799999);
    assert_int_equal(graph_watermark(f->graph, 0).watermark_ms, f->now_ms + 60000);
    assert_int_equal(graph_watermark(f->graph, 0).future_rows, 2);
    stop(f);
}

static void test_null_row_time(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    count_window(f)->window.group_window = false;
    start(f);
    assert_false(push_row(f, 0, "a", 1, -1));
    assert_string_equal(
        f->err.text,
        "RowTime field should not be null, please convert it to a non-null long value.");
    stop(f);
    f = fixture_new();
    count_window(f);
    start(f);
    push_ok(f, 0, "a", 7, -1); /* counts in 1970 until the watermark is there */
    push_ok(f, 0, "b", 1, 600000);
    push_ok(f, 0, "a", 7, -1);
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("7"));
    assert_int_equal(graph_sink_counters(f->graph, 0).late, 1);
    stop(f);
}

static void test_early_fire_distance(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct plan_node *window = count_window(f);
    window->window.early_fire_ms = 1000;
    window->updating = true;
    start(f);
    push_ok(f, 0, "a", 1, 1000);
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("1"));
    push_ok(f, 0, "a", 1, 1000);
    f->now_ms += 999;
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("1"));
    f->now_ms += 1;
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("2"));
    assert_int_equal(f->seen.updates, 1);
    f->now_ms += 5000;
    commit(f); /* nothing changed, nothing written */
    assert_int_equal(f->seen.written, 2);
    push_ok(f, 0, "a", 1, 1000);
    push_ok(f, 0, "b", 1, 70000);
    f->now_ms += 1;
    commit(f); /* on time: no waiting */
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("3"));
    stop(f);
}

static void test_late_fire(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct plan_node *window = count_window(f);
    window->window.late_fire_ms = 1000;
    window->window.allow_lateness_ms = 30000;
    window->updating = true;
    start(f);
    push_ok(f, 0, "a", 1, 1000);
    push_ok(f, 0, "b", 1, 70000); /* watermark 65,000 */
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("1"));
    push_ok(f, 0, "a", 1, 1000);
    f->now_ms += 500;
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("1"));
    f->now_ms += 500;
    commit(f);
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("2"));
    push_ok(f, 0, "a", 1, 1000);
    push_ok(f, 0, "b", 1, 94999); /* watermark 89,999 = end - 1 + lateness */
    push_ok(f, 0, "a", 1, 1000);  /* late for good */
    commit(f);                    /* the window goes, with its last update */
    assert_string_equal(row_of(f, FIRST), FIRST_ROW("3"));
    assert_int_equal(graph_sink_counters(f->graph, 0).late, 1);
    struct node_stats stats[4];
    assert_int_equal(graph_state(f->graph, stats, 4), 1);
    assert_int_equal(stats[0].keys, 1); /* b's window */
    stop(f);
}

static void test_window_offset_and_negative_times(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct plan_node *window = count_window(f);
    window->window.offset_ms = -10000;
    window->window.early_fire_ms = 0;
    window->updating = true;
    start(f);
    push_ok(f, 0, "a", 1, 0);
    push_ok(f, 0, "a", 2, 49999);
    push_ok(f, 0, "a", 4, 50000);
    commit(f);
    assert_string_equal(row_of(f, "a|1969-12-31 23:59:50.000"),
                        "a|3|1969-12-31 23:59:50.000|1970-01-01 00:00:50.000");
    assert_string_equal(row_of(f, "a|1970-01-01 00:00:50.000"),
                        "a|4|1970-01-01 00:00:50.000|1970-01-01 00:01:50.000");
    stop(f);
}

static struct plan_node *null_sink(struct fixture *f) {
    struct plan_node *sink = plan_sink(&f->b, f->source, 1);
    static struct table table;
    static struct column columns[COLUMNS];
    table = *sink->sink.table;
    for (uint32_t i = 0; i < COLUMNS; i++)
        columns[i] = table.columns[i];
    columns[V].type.nullable = false;
    table.columns = columns;
    sink->sink.table = &table;
    sink->sink.span = (struct span){10, 20};
    return sink;
}

static void test_not_null_enforcer(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    null_sink(f);
    start(f);
    push_ok(f, 0, "a", 1, 1000);
    assert_false(push_row(f, 0, "b", -1, 1000));
    assert_string_equal(
        f->err.text,
        "Column 'v' is NOT NULL, however, a null value is being written into it. You can set job "
        "configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and drop "
        "such records silently.");
    assert_int_equal(f->err.span.start, 10);
    stop(f);
    f = fixture_new();
    null_sink(f)->sink.not_null_drop = true;
    start(f);
    push_ok(f, 0, "a", 1, 1000);
    push_ok(f, 0, "b", -1, 1000);
    struct sink_counters counters = graph_sink_counters(f->graph, 0);
    assert_int_equal(counters.rows_out, 1);
    assert_int_equal(counters.not_null_dropped, 1);
    assert_int_equal(counters.folded, 2);
    assert_int_equal(f->seen.count, 1);
    stop(f);
}

/* One scan, a filter on one branch only: the other branch must not see the narrowed selection. */
static void test_fan_out(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct expr *args[] = {expr_bigint(&f->b, 5), expr_column(&f->b, f->source, V)};
    struct expr *more = expr_call(&f->b, FUNCTION_LT_I64, type_of(TYPE_BOOLEAN), 2, args);
    struct expr *exprs[] = {expr_column(&f->b, f->source, K), expr_column(&f->b, f->source, V)};
    struct plan_node *calc = plan_calc(&f->b, f->source, more, exprs, 2);
    plan_sink(&f->b, calc, 1);
    plan_sink(&f->b, sum_group(f), 1);
    start(f);
    push_ok(f, 0, "a", 9, 1000);
    push_ok(f, 0, "b", 3, 1000);
    push_ok(f, 0, "c", -1, 1000); /* NULL is not TRUE */
    assert_int_equal(f->seen.count, 1);
    struct sink_counters first = graph_sink_counters(f->graph, 0);
    struct sink_counters second = graph_sink_counters(f->graph, 1);
    assert_int_equal(first.in, 3);
    assert_int_equal(first.filtered, 2);
    assert_int_equal(first.folded, 1);
    assert_int_equal(second.filtered, 0);
    assert_int_equal(second.folded, 3);
    commit(f);
    assert_int_equal(f->seen.count, 3);
    stop(f);
}

static void test_state_limit(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    plan_sink(&f->b, sum_group(f), 1);
    f->b.plan.settings.state_max_bytes = 200000;
    start(f);
    char key[32];
    uint32_t i = 0;
    for (; i < 100000; i++) {
        snprintf(key, sizeof key, "key number %u", i);
        if (!push_row(f, 0, key, 1, 1000)) break;
    }
    assert_in_range(i, 1000, 5000);
    assert_int_equal(f->err.kind, ERROR_STOP);
    assert_string_equal(f->err.code, "E0810");
    assert_non_null(strstr(f->err.text, "GROUP BY (k)"));
    assert_non_null(strstr(f->err.help, "table.exec.state.ttl"));
    stop(f);
}

/* Expired groups are swept although nobody asks for them, and their memory is used again. */
static void test_expired_groups_are_swept(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct plan_node *group = sum_group(f);
    struct aggregate_call calls[2] = {
        call_of(AGGREGATE_MAX_STR, f->source, K, COLUMN_NONE, type_string()),
        call_of(AGGREGATE_COUNT_DISTINCT, f->source, V, COLUMN_NONE, type_of(TYPE_BIGINT))};
    group->group.aggregates = calls;
    group->group.aggregate_count = 2;
    group->group.ttl_ms = 1000;
    aggregate_schema(&f->b, group, group->group.keys, 1, calls, 2, 0);
    plan_sink(&f->b, group, 1);
    start(f);
    struct node_stats stats;
    uint64_t bytes = 0;
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 1000; i++) {
            char key[64];
            snprintf(key, sizeof key, "round %u, a long key with the number %u", round, i);
            push_ok(f, 0, key, i, 1000);
        }
        commit(f);
        assert_int_equal(graph_state(f->graph, &stats, 1), 1);
        assert_int_equal(stats.keys, 1000);
        if (round == 1) bytes = stats.state_bytes;
        /* the index depends a little on the hash seed */
        if (round > 1) assert_in_range(stats.state_bytes, 0, bytes + bytes / 10);
        f->now_ms += 1000;
        commit(f);
        graph_state(f->graph, &stats, 1);
        assert_int_equal(stats.keys, 0);
        seen_clear(&f->seen);
    }
    stop(f);
}

/* GROUP BY (): one row, and none before the first input row. */
static void test_global_aggregate(void **state) {
    (void)state;
    struct fixture *f = fixture_new();
    struct aggregate_call call =
        call_of(AGGREGATE_COUNT_STAR, f->source, COLUMN_NONE, COLUMN_NONE, type_of(TYPE_BIGINT));
    plan_sink(&f->b, plan_group(&f->b, f->source, NULL, 0, &call, 1, 0), 0);
    start(f);
    commit(f);
    assert_int_equal(f->seen.count, 0);
    push_ok(f, 0, "a", 1, 1000);
    push_ok(f, 0, NULL, 1, 1000);
    commit(f);
    assert_string_equal(row_of(f, ""), "2");
    stop(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_fires_at_its_last_millisecond),
        cmocka_unit_test(test_partitions_hold_the_watermark_back),
        cmocka_unit_test(test_all_idle_moves_nothing),
        cmocka_unit_test(test_far_future_does_not_move_the_watermark),
        cmocka_unit_test(test_null_row_time),
        cmocka_unit_test(test_early_fire_distance),
        cmocka_unit_test(test_late_fire),
        cmocka_unit_test(test_window_offset_and_negative_times),
        cmocka_unit_test(test_not_null_enforcer),
        cmocka_unit_test(test_fan_out),
        cmocka_unit_test(test_state_limit),
        cmocka_unit_test(test_expired_groups_are_swept),
        cmocka_unit_test(test_global_aggregate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
