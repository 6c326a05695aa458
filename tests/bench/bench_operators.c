/* SPDX-License-Identifier: Apache-2.0 */
/* What a row costs in the operators: hand-built plans over generated columns, no decoding, no output.
 *
 *   bench_operators [ROWS]     one JSON line per measurement; default 8,000,000
 *
 * Only graph_push and graph_commit are timed; a commit follows every 200 batches. The first half of the
 * rows warms up: keys appear, memory grows; the second half is measured. Exit 1 when an answer is wrong
 * or the steady cases allocate. */
#include "tests/bench/count_mallocs.h"
#include "tests/bench/cpu_time.h"

#include "common/prng.h"
#include "data/numtext.h"
#include "tests/unit/operators/plan_builder.h"

enum { ID, NAME, V, MONEY, KIND, TS, COLUMNS };
enum { BATCHES_PER_COMMIT = 200, TEXTS = 1 << 20, TEXT_BYTES = 40 };

static char (*texts)[TEXT_BYTES];

struct bench {
    const char *name;
    uint32_t keys; /* different values of ID and NAME */
    void (*build)(struct plan_builder *b, struct plan_node *in);
    uint32_t once; /* rows that pass a deduplication are few: NAME does not repeat before this */
    bool steady;   /* no allocation in the second half, but for index segments that double late */
};

static struct plan_node *scan_rows(struct plan_builder *b) {
    const struct plan_column columns[COLUMNS] = {
        {STR("id"), type_of(TYPE_BIGINT)}, {STR("name"), type_string()},
        {STR("v"), type_of(TYPE_BIGINT)},  {STR("money"), type_decimal(14, 2)},
        {STR("kind"), type_string()},      {STR("ts"), type_timestamp(3)}};
    return plan_watermark(b, plan_scan(b, columns, COLUMNS), TS, 5000);
}

/* COUNT(*), SUM(v), MIN(v), MAX(v) */
static void four_calls(struct plan_node *in, struct aggregate_call calls[4]) {
    struct type big = type_of(TYPE_BIGINT);
    calls[0] = call_of(AGGREGATE_COUNT_STAR, in, COLUMN_NONE, COLUMN_NONE, big);
    calls[1] = call_of(AGGREGATE_SUM_I64, in, V, COLUMN_NONE, big);
    calls[2] = call_of(AGGREGATE_MIN_I64, in, V, COLUMN_NONE, big);
    calls[3] = call_of(AGGREGATE_MAX_I64, in, V, COLUMN_NONE, big);
}

static void group_by(struct plan_builder *b, struct plan_node *in, uint32_t key) {
    struct aggregate_call calls[4];
    four_calls(in, calls);
    plan_sink(b, plan_group(b, in, &key, 1, calls, 4, 0), 1);
}
static void group_by_id(struct plan_builder *b, struct plan_node *in) {
    group_by(b, in, ID);
}
static void group_by_name(struct plan_builder *b, struct plan_node *in) {
    group_by(b, in, NAME);
}

static void tumble(struct plan_builder *b, struct plan_node *in) {
    static const uint32_t key[] = {ID};
    struct aggregate_call calls[4];
    four_calls(in, calls);
    struct plan_node *window = plan_window(b, in, TS, key, 1, calls, 4);
    plan_sink(b, window, 1);
}

static void tumble_distinct(struct plan_builder *b, struct plan_node *in) {
    struct aggregate_call call =
        call_of(AGGREGATE_COUNT_DISTINCT, in, ID, COLUMN_NONE, type_of(TYPE_BIGINT));
    plan_sink(b, plan_window(b, in, TS, NULL, 0, &call, 1), 0);
}

static void dedup(struct plan_builder *b, struct plan_node *in) {
    static const uint32_t key[] = {NAME, ID};
    plan_sink(b, plan_dedup(b, in, key, 2, 3600000), 1);
}

/* WHERE kind IN (4 texts) AND v > 10: SELECT v * 2 + id, CASE WHEN kind = 'purchase' THEN money END */
static void expressions(struct plan_builder *b, struct plan_node *in) {
    struct expr *kind = expr_column(b, in, KIND), *v = expr_column(b, in, V);
    struct expr *list[] = {kind, expr_text(b, "view"), expr_text(b, "cart"),
                           expr_text(b, "purchase"), expr_text(b, "return")};
    struct expr *more[] = {expr_bigint(b, 10), v};
    struct expr *both[] = {expr_call(b, FUNCTION_IN_STR, type_of(TYPE_BOOLEAN), 5, list),
                           expr_call(b, FUNCTION_LT_I64, type_of(TYPE_BOOLEAN), 2, more)};
    struct expr *twice[] = {v, expr_bigint(b, 2)};
    struct expr *sum[] = {expr_call(b, FUNCTION_MUL_I64, type_of(TYPE_BIGINT), 2, twice),
                          expr_column(b, in, ID)};
    struct expr *equal[] = {kind, expr_text(b, "purchase")};
    struct expr *branches[] = {
        expr_call(b, FUNCTION_EQ_STR, type_of(TYPE_BOOLEAN), 2, equal), expr_column(b, in, MONEY),
        expr_literal(b, type_decimal(14, 2), (struct value){.is_null = true})};
    struct expr *exprs[] = {expr_call(b, FUNCTION_ADD_I64, type_of(TYPE_BIGINT), 2, sum),
                            expr_args(b, EXPR_CASE, type_decimal(14, 2), 3, branches)};
    plan_sink(
        b, plan_calc(b, in, expr_call(b, FUNCTION_AND, type_of(TYPE_BOOLEAN), 2, both), exprs, 2),
        1);
}

/* MAX(DATE_FORMAT(ts, …) || name) per product: the "value of the latest event" of the shop */
static void latest_text(struct plan_builder *b, struct plan_node *in) {
    static const uint32_t key[] = {0};
    uint32_t bad_at;
    struct expr *ts[] = {expr_column(b, in, TS)};
    struct expr *format = expr_call(b, FUNCTION_DATE_FORMAT, type_string(), 1, ts);
    if (!date_pattern_parse(STR("yyyy-MM-dd HH:mm:ss.SSS"), &b->job, &format->pattern, &bad_at))
        abort();
    struct expr *both[] = {format, expr_column(b, in, NAME)};
    struct expr *exprs[] = {expr_column(b, in, ID),
                            expr_call(b, FUNCTION_CONCAT, type_string(), 2, both)};
    struct plan_node *calc = plan_calc(b, in, NULL, exprs, 2);
    struct aggregate_call call = call_of(AGGREGATE_MAX_STR, calc, 1, COLUMN_NONE, type_string());
    plan_sink(b, plan_group(b, calc, key, 1, &call, 1, 0), 1);
}

static const struct bench benches[] = {
    {.name = "group_bigint_1k", .keys = 1000, .build = group_by_id, .steady = true},
    {.name = "group_bigint_1m", .keys = 1000000, .build = group_by_id},
    {.name = "group_text36_1k", .keys = 1000, .build = group_by_name, .steady = true},
    {.name = "group_text36_1m", .keys = 1000000, .build = group_by_name},
    {.name = "tumble_1k", .keys = 1000, .build = tumble, .steady = true},
    {.name = "tumble_distinct_100k", .keys = 100000, .build = tumble_distinct},
    {.name = "dedup_duplicates", .keys = 1000, .build = dedup, .steady = true},
    {.name = "dedup_new_keys", .keys = TEXTS, .build = dedup, .once = 1},
    {.name = "expressions", .keys = 1000, .build = expressions, .steady = true},
    {.name = "latest_text_1k", .keys = 1000, .build = latest_text, .steady = true},
};

static void fill(struct batch *batch, struct prng *prng, const struct bench *bench, uint64_t row) {
    static const char *const kinds[] = {"view", "cart", "purchase", "page"};
    batch_clear(batch);
    for (uint32_t i = 0; i < BATCH_ROWS; i++, row++) {
        uint32_t key = bench->once ? (uint32_t)(row % bench->keys) : prng_below(prng, bench->keys);
        const struct value values[COLUMNS] = {
            [ID] = {.i64 = bench->once ? (int64_t)row : key},
            [NAME] = {.str = {texts[key], 36}},
            [V] = {.i64 = prng_below(prng, 1000)},
            [MONEY] = {.dec = prng_below(prng, 100000)},
            [KIND] = {.str = str_of(kinds[prng_below(prng, 4)])},
            [TS] = {.i64 = (int64_t)(row / 20) - prng_below(prng, 3000)}};
        for (uint32_t c = 0; c < COLUMNS; c++)
            vec_set(&batch->columns[c], i, &values[c]);
    }
    batch->rows = batch->selected = BATCH_ROWS;
    batch->now_ms = (int64_t)(row / 1000);
}

struct output {
    uint64_t rows, batches;
};
static bool drop_rows(void *self, const struct plan_node *sink, const struct batch *rows,
                      struct error *err) {
    struct output *output = self;
    (void)sink, (void)err;
    output->rows += rows->selected;
    output->batches++;
    return true;
}

struct cost {
    int64_t push_ns, commit_ns;
    uint64_t mallocs;
};

static bool run_rows(struct graph *graph, struct batch *batch, struct arena *scratch,
                     struct prng *prng, const struct bench *bench, uint64_t from, uint64_t to,
                     struct cost *cost) {
    struct error err = {0};
    uint64_t batches = 0, mallocs = malloc_count;
    *cost = (struct cost){0};
    for (uint64_t row = from; row < to; row += BATCH_ROWS) {
        arena_reset(scratch);
        fill(batch, prng, bench, row);
        int64_t start = cpu_ns();
        if (!graph_push(graph, 0, batch, &err)) return fprintf(stderr, "%s\n", err.text), false;
        int64_t pushed = cpu_ns();
        cost->push_ns += pushed - start;
        if (++batches % BATCHES_PER_COMMIT) continue;
        if (!graph_commit(graph, batch->now_ms, &err))
            return fprintf(stderr, "%s\n", err.text), false;
        cost->commit_ns += cpu_ns() - pushed;
    }
    cost->mallocs = malloc_count - mallocs;
    return true;
}

static bool run_bench(const struct bench *bench, uint64_t rows) {
    struct plan_builder b;
    struct arena scratch = {0};
    struct batch batch;
    struct output output = {0};
    struct prng prng = {99};
    struct cost warm, cost;
    static const uint32_t partitions[] = {1};
    builder_init(&b);
    bench->build(&b, scan_rows(&b));
    struct graph *graph =
        graph_new(&b.plan, partitions, (struct graph_output){drop_rows, &output}, &b.job);
    batch_for(&b, b.scans[0], &batch, &scratch);
    uint64_t half = (rows / 2 + BATCH_ROWS - 1) / BATCH_ROWS * BATCH_ROWS;
    bool ok = run_rows(graph, &batch, &scratch, &prng, bench, 0, half, &warm);
    uint64_t written = output.rows;
    ok = ok && run_rows(graph, &batch, &scratch, &prng, bench, half, 2 * half, &cost);
    struct sink_counters counters = graph_sink_counters(graph, 0);
    struct node_stats stats = {0};
    graph_state(graph, &stats, 1);
    if (ok)
        printf("{\"bench\":\"%s\",\"rows\":%llu,\"ns_per_row\":%.1f,\"ns_per_row_first_half\":%.1f,"
               "\"commit_ns_per_row_out\":%.1f,\"rows_out\":%llu,\"mallocs\":%llu,\"keys\":%llu,"
               "\"state_bytes\":%llu}\n",
               bench->name, (unsigned long long)half, (double)cost.push_ns / (double)half,
               (double)warm.push_ns / (double)half,
               output.rows > written && cost.commit_ns
                   ? (double)cost.commit_ns / (double)(output.rows - written)
                   : 0.0,
               (unsigned long long)(output.rows - written), (unsigned long long)cost.mallocs,
               (unsigned long long)stats.keys, (unsigned long long)stats.state_bytes);
    if (counters.in != 2 * half ||
        counters.in != counters.folded + counters.filtered + counters.duplicate + counters.late) {
        fprintf(stderr, "%s: the counters do not reconcile\n", bench->name);
        ok = false;
    }
    if (bench->steady && rows >= 4000000 && cost.mallocs > 64) {
        fprintf(stderr, "%s: %llu allocations\n", bench->name, (unsigned long long)cost.mallocs);
        ok = false;
    }
    graph_free(graph);
    arena_release(&scratch);
    builder_release(&b);
    return ok;
}

int main(int argc, char **argv) {
    uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 8000000;
    bool ok = true;
    texts = malloc(sizeof *texts * TEXTS);
    if (!texts || rows < BATCH_ROWS) return 2;
    for (uint32_t i = 0; i < TEXTS; i++)
        snprintf(texts[i], TEXT_BYTES, "%08x-0000-4000-8000-%012x", i, i * 7);
    for (uint32_t i = 0; i < ARRAY_LEN(benches); i++)
        ok = run_bench(&benches[i], rows) && ok;
    free(texts);
    return ok ? 0 : 1;
}
