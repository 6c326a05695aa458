/* SPDX-License-Identifier: Apache-2.0 */
/* The engine against a naive model that shares nothing with it: rows in an array, groups by linear search,
 * windows by definition. Small alphabets, NULL common, random batches and commits. After every commit
 * the table that the sink shows must be the model's. SEED=n repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/prng.h"
#include "data/decimal.h"
#include "plan_builder.h"

enum { ID, KEY, USER, V, MONEY, FLAG, TS, REAL, COLUMNS };
enum { ROWS_MAX = 4000, WINDOW_MS = 10000, DELAY_MS = 5000 };

struct row {
    int id, key, user; /* -1: NULL */
    bool has_v, flag_null, flag, has_ts;
    int64_t v, money, ts;
    uint32_t partition;
    int64_t now_ms;
    bool duplicate, late;
    int64_t watermark; /* before its batch */
};

static struct row rows[ROWS_MAX];
static uint32_t row_count;

enum { IDS = 2000 };
static char ids[IDS][40]; /* of different lengths, some beyond 16 bytes */
static const char *const keys[] = {"", "k1", "a key of more than sixteen bytes", "k3"};
static const char *const users[] = {"u1", "u2", "a user whose name is quite long", "",
                                    "another user with a long name, longer still"};

static struct plan_node *make_scan(struct plan_builder *b) {
    const struct plan_column columns[COLUMNS] = {
        [ID] = {STR("id"), type_string()},
        [KEY] = {STR("key"), type_string()},
        [USER] = {STR("user"), type_string()},
        [V] = {STR("v"), type_of(TYPE_BIGINT)},
        [MONEY] = {STR("money"), type_decimal(10, 2)},
        [FLAG] = {STR("flag"), type_of(TYPE_BOOLEAN)},
        [TS] = {STR("ts"), type_timestamp(3)},
        [REAL] = {STR("real"), type_of(TYPE_DOUBLE)},
    };
    return plan_scan(b, columns, COLUMNS);
}

enum { CALLS = 16 };
static void make_calls(struct plan_node *in, struct aggregate_call out[CALLS]) {
    struct type big = type_of(TYPE_BIGINT);
    uint32_t n = 0;
    out[n++] = call_of(AGGREGATE_COUNT_STAR, in, COLUMN_NONE, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_COUNT_STAR, in, COLUMN_NONE, FLAG, big);
    out[n++] = call_of(AGGREGATE_COUNT, in, V, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_SUM_I64, in, V, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_SUM_I64, in, V, FLAG, big);
    out[n++] = call_of(AGGREGATE_AVG_I64, in, V, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_MIN_I64, in, V, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_MAX_I64, in, V, FLAG, big);
    out[n++] = call_of(AGGREGATE_SUM_DEC, in, MONEY, COLUMN_NONE, type_decimal(38, 2));
    out[n++] = call_of(AGGREGATE_AVG_DEC, in, MONEY, COLUMN_NONE, type_decimal(38, 6));
    out[n++] = call_of(AGGREGATE_MIN_STR, in, USER, COLUMN_NONE, type_string());
    out[n++] = call_of(AGGREGATE_MAX_STR, in, USER, FLAG, type_string());
    out[n++] = call_of(AGGREGATE_COUNT_DISTINCT, in, USER, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_COUNT_DISTINCT, in, USER, FLAG, big);
    out[n++] = call_of(AGGREGATE_COUNT_DISTINCT, in, V, COLUMN_NONE, big);
    out[n++] = call_of(AGGREGATE_MAX_F64, in, REAL, COLUMN_NONE, type_of(TYPE_DOUBLE));
    assert_int_equal(n, CALLS);
}

static void put(struct batch *batch, uint32_t column, uint32_t row, struct value value) {
    vec_set(&batch->columns[column], row, &value);
}

/* Text columns of rows without a bit are poisoned: nobody may look at them. */
static void fill(struct batch *batch, const struct row *from, uint32_t count) {
    batch_clear(batch);
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = &from[i];
        put(batch, ID, i, (struct value){.str = str_of(ids[row->id])});
        put(batch, KEY, i,
            (struct value){.is_null = row->key < 0,
                           .str = str_of(row->key < 0 ? "" : keys[row->key])});
        put(batch, USER, i,
            (struct value){.is_null = row->user < 0,
                           .str = str_of(row->user < 0 ? "" : users[row->user])});
        if (row->key < 0) batch->columns[KEY].str[i] = (struct str){(const char *)1, 99};
        put(batch, V, i, (struct value){.is_null = !row->has_v, .i64 = row->v});
        put(batch, MONEY, i, (struct value){.is_null = !row->has_v, .dec = row->money});
        put(batch, FLAG, i, (struct value){.is_null = row->flag_null, .boolean = row->flag});
        put(batch, TS, i, (struct value){.is_null = !row->has_ts, .i64 = row->ts});
        put(batch, REAL, i, (struct value){.is_null = !row->has_v, .f64 = (double)row->v / 2});
    }
    batch->rows = batch->selected = count;
    batch->partition = from->partition;
    batch->now_ms = from->now_ms;
}

/* --- the model --- */

struct set {
    int values[ROWS_MAX];
    uint32_t count;
};
static void set_add(struct set *set, int value) {
    for (uint32_t i = 0; i < set->count; i++)
        if (set->values[i] == value) return;
    set->values[set->count++] = value;
}

static void print(struct buf *out, struct type type, struct value value) {
    buf_append_char(out, '|');
    value_print(out, &type, &value);
}

static i128 half_up(i128 value, i128 divisor) {
    i128 twice = value * 2, rounded = twice < 0 ? twice - divisor : twice + divisor;
    return rounded / (divisor * 2);
}

/* Results over members[0 … count-1] in the order of make_calls. */
static void model_results(struct buf *out, const uint32_t *members, uint32_t count) {
    static struct set all, flagged, numbers_seen;
    int64_t star_flag = 0, values = 0, sum = 0, sum_flag = 0, flag_values = 0, min = 0,
            max_flag = 0;
    i128 money = 0;
    double real = 0;
    const char *least = NULL, *greatest = NULL;
    all.count = flagged.count = numbers_seen.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = &rows[members[i]];
        bool flag = !row->flag_null && row->flag;
        star_flag += flag;
        if (row->user >= 0) {
            const char *user = users[row->user];
            set_add(&all, row->user);
            if (flag) set_add(&flagged, row->user);
            if (!least || strcmp(user, least) < 0) least = user;
            if (flag && (!greatest || strcmp(user, greatest) > 0)) greatest = user;
        }
        if (!row->has_v) continue;
        set_add(&numbers_seen, (int)row->v);
        sum += row->v;
        money += row->money;
        if (!values || row->v < min) min = row->v;
        if (!values || (double)row->v / 2 > real) real = (double)row->v / 2;
        if (flag && (!flag_values || row->v > max_flag)) max_flag = row->v;
        values++;
        sum_flag += flag ? row->v : 0;
        flag_values += flag;
    }
    struct type big = type_of(TYPE_BIGINT);
    print(out, big, (struct value){.i64 = count});
    print(out, big, (struct value){.i64 = star_flag});
    print(out, big, (struct value){.i64 = values});
    print(out, big, (struct value){.is_null = !values, .i64 = sum});
    print(out, big, (struct value){.is_null = !flag_values, .i64 = sum_flag});
    print(out, big, (struct value){.is_null = !values, .i64 = values ? sum / values : 0});
    print(out, big, (struct value){.is_null = !values, .i64 = min});
    print(out, big, (struct value){.is_null = !flag_values, .i64 = max_flag});
    print(out, type_decimal(38, 2), (struct value){.is_null = !values, .dec = money});
    print(out, type_decimal(38, 6),
          (struct value){.is_null = !values, .dec = values ? half_up(money * 10000, values) : 0});
    print(out, type_string(), (struct value){.is_null = !least, .str = str_of(least)});
    print(out, type_string(), (struct value){.is_null = !greatest, .str = str_of(greatest)});
    print(out, big, (struct value){.i64 = all.count});
    print(out, big, (struct value){.i64 = flagged.count});
    print(out, big, (struct value){.i64 = numbers_seen.count});
    print(out, type_of(TYPE_DOUBLE), (struct value){.is_null = !values, .f64 = real});
}

static void print_key(struct buf *out, int key) {
    buf_append(out, key < 0 ? STR("NULL") : str_of(keys[key]));
}

static void expect_row(struct seen *seen, const char *key, const char *row) {
    struct seen_row *found = seen_find(seen, key);
    if (!found)
        fail_msg("no row for key %s", key);
    else if (strcmp(found->row, row) != 0)
        fail_msg("key %s\n  is       %s\n  expected %s", key, found->row, row);
}

/* Rows of a key since its group was last away for longer than the TTL. */
static uint32_t group_members(int key, int64_t ttl_ms, uint32_t *members) {
    uint32_t count = 0;
    int64_t touched = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        if (rows[i].duplicate || rows[i].key != key) continue;
        if (ttl_ms && count && rows[i].now_ms - touched >= ttl_ms) count = 0;
        touched = rows[i].now_ms;
        members[count++] = i;
    }
    return count;
}

static void check_group(struct seen *seen, int64_t ttl_ms) {
    static uint32_t members[ROWS_MAX];
    uint32_t groups = 0;
    for (int key = -1; key < (int)ARRAY_LEN(keys); key++) {
        uint32_t count = group_members(key, ttl_ms, members);
        if (!count) continue;
        struct buf text, name;
        buf_init(&text, 1 << 16);
        buf_init(&name, 1 << 10);
        print_key(&name, key);
        print_key(&text, key);
        model_results(&text, members, count);
        expect_row(seen, buf_c_string(&name), buf_c_string(&text));
        buf_release(&text);
        buf_release(&name);
        groups++;
    }
    assert_int_equal(seen->count, groups);
}

static int64_t start_of(const struct row *row) {
    int64_t ts = row->has_ts ? row->ts : 0;
    return floor_div(ts, WINDOW_MS) * WINDOW_MS;
}

/* Every window that shows: open ones only with early fire. */
static void check_window(struct seen *seen, bool early, int64_t watermark) {
    static uint32_t members[ROWS_MAX];
    static bool done[ROWS_MAX];
    uint32_t groups = 0;
    memset(done, 0, sizeof done);
    for (uint32_t first = 0; first < row_count; first++) {
        const struct row *row = &rows[first];
        int64_t start = start_of(row);
        if (done[first] || row->duplicate || row->late) continue;
        if (!early && watermark < start + WINDOW_MS - 1) continue;
        uint32_t count = 0;
        for (uint32_t i = first; i < row_count; i++) {
            if (rows[i].duplicate || rows[i].late || rows[i].key != row->key ||
                start_of(&rows[i]) != start)
                continue;
            done[i] = true;
            members[count++] = i;
        }
        struct buf text, name;
        buf_init(&text, 1 << 16);
        buf_init(&name, 1 << 10);
        print_key(&text, row->key);
        model_results(&text, members, count);
        print(&text, type_timestamp(3), (struct value){.i64 = start});
        print(&text, type_timestamp(3), (struct value){.i64 = start + WINDOW_MS});
        print_key(&name, row->key);
        print(&name, type_timestamp(3), (struct value){.i64 = start});
        expect_row(seen, buf_c_string(&name), buf_c_string(&text));
        buf_release(&text);
        buf_release(&name);
        groups++;
    }
    assert_int_equal(seen->count, groups);
}

/* --- a run --- */

struct scenario {
    const char *name;
    bool window, group_window, null_times;
    int64_t early_ms, late_ms, lateness_ms;
    int64_t dedup_ttl_ms, group_ttl_ms;
    uint32_t batch_max, ids;
    int64_t out_of_order_ms;
};

static void random_row(struct prng *prng, const struct scenario *s, struct row *row,
                       int64_t clock) {
    *row = (struct row){
        .id = (int)prng_below(prng, s->ids ? s->ids : 8),
        .key = (int)prng_below(prng, ARRAY_LEN(keys) + 1) - 1,
        .user = (int)prng_below(prng, ARRAY_LEN(users) + 1) - 1,
        .has_v = prng_below(prng, 4) != 0,
        .v = (int64_t)prng_below(prng, 9) - 4,
        .money = (int64_t)prng_below(prng, 2000) - 1000,
        .flag_null = prng_below(prng, 5) == 0,
        .flag = prng_below(prng, 2),
        .has_ts = !s->null_times || prng_below(prng, 20) != 0,
        .ts = clock - (int64_t)prng_below(prng, (uint32_t)s->out_of_order_ms + 1),
    };
    /* watermarks that meet a window's last millisecond exactly */
    if (prng_below(prng, 2)) row->ts = floor_div(row->ts, 1000) * 1000 + 999;
}

/* Keep-first by definition: no earlier kept row of the same key within the TTL. */
static bool model_duplicate(uint32_t at, int64_t ttl_ms) {
    for (uint32_t i = at; i-- > 0;) {
        if (rows[i].duplicate || rows[i].id != rows[at].id || rows[i].user != rows[at].user)
            continue;
        return !ttl_ms || rows[at].now_ms - rows[i].now_ms < ttl_ms;
    }
    return false;
}

struct run {
    struct plan_builder builder;
    struct graph *graph;
    struct plan_node *scan;
    struct seen *seen;
    struct arena scratch;
    struct batch batch;
    int64_t partition_watermark[2], watermark;
};

static void run_start(struct run *run, const struct scenario *s) {
    struct plan_builder *b = &run->builder;
    struct aggregate_call calls[CALLS];
    static const uint32_t dedup_keys[] = {ID, USER}, group_keys[] = {KEY}, partitions[] = {2};
    builder_init(b);
    run->scan = make_scan(b);
    struct plan_node *node = plan_watermark(b, run->scan, TS, DELAY_MS);
    node = plan_dedup(b, node, dedup_keys, 2, s->dedup_ttl_ms);
    make_calls(node, calls);
    if (s->window) {
        node = plan_window(b, node, TS, group_keys, 1, calls, CALLS);
        node->window.size_ms = WINDOW_MS;
        node->window.group_window = s->group_window;
        node->window.early_fire_ms = s->early_ms;
        node->window.late_fire_ms = s->late_ms;
        node->window.allow_lateness_ms = s->lateness_ms;
        node->updating = s->early_ms >= 0 || s->late_ms >= 0;
        node = plan_sink(b, node, 1);
        uint32_t *key = ARENA_NEW(&b->job, 2, uint32_t);
        key[0] = 0;
        key[1] = 1 + CALLS;
        node->sink.key = key;
        node->sink.key_count = 2;
    } else {
        node = plan_sink(b, plan_group(b, node, group_keys, 1, calls, CALLS, s->group_ttl_ms), 1);
    }
    node->sink.table =
        memcpy(ARENA_NEW(&b->job, 1, struct table), node->sink.table, sizeof(struct table));
    run->seen = calloc(1, sizeof *run->seen);
    run->graph =
        graph_new(&b->plan, partitions, (struct graph_output){seen_rows, run->seen}, &b->job);
    batch_for(b, run->scan, &run->batch, &run->scratch);
    run->partition_watermark[0] = run->partition_watermark[1] = run->watermark = INT64_MIN;
    row_count = 0;
}

static void run_end(struct run *run) {
    graph_free(run->graph);
    arena_release(&run->scratch);
    seen_clear(run->seen);
    free(run->seen);
    builder_release(&run->builder);
}

static void model_watermark(struct run *run, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) {
        int64_t *partition = &run->partition_watermark[rows[i].partition];
        if (rows[i].has_ts && rows[i].ts - DELAY_MS > *partition)
            *partition = rows[i].ts - DELAY_MS;
    }
    int64_t minimum = run->partition_watermark[0] < run->partition_watermark[1]
                          ? run->partition_watermark[0]
                          : run->partition_watermark[1];
    if (minimum > run->watermark) run->watermark = minimum;
}

static void push(struct run *run, const struct scenario *s, uint32_t from, uint32_t to) {
    struct error err = {0};
    for (uint32_t i = from; i < to; i++) {
        int64_t last = start_of(&rows[i]) + WINDOW_MS - 1;
        rows[i].duplicate = model_duplicate(i, s->dedup_ttl_ms);
        rows[i].late = run->watermark >= last + (s->group_window ? s->lateness_ms : 0);
        row_count = i + 1;
    }
    fill(&run->batch, rows + from, to - from);
    if (!graph_push(run->graph, 0, &run->batch, &err)) fail_msg("%s", err.text);
    model_watermark(run, from, to);
    assert_true(graph_watermark(run->graph, 0).watermark_ms == run->watermark);
}

static void check(struct run *run, const struct scenario *s) {
    if (!s->window)
        check_group(run->seen, s->group_ttl_ms);
    else if (s->early_ms <= 0 && s->late_ms <= 0)
        check_window(run->seen, s->early_ms == 0, run->watermark);
}

static void check_counters(struct run *run, const struct scenario *s) {
    struct sink_counters counters = graph_sink_counters(run->graph, 0);
    uint64_t duplicates = 0, late = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        duplicates += rows[i].duplicate;
        late += s->window && !rows[i].duplicate && rows[i].late;
    }
    assert_int_equal(counters.in, row_count);
    assert_int_equal(counters.duplicate, duplicates);
    assert_int_equal(counters.late, late);
    assert_int_equal(counters.in,
                     counters.folded + counters.filtered + counters.duplicate + counters.late);
    assert_int_equal(counters.rows_out, run->seen->written);
}

static void finish(struct run *run, const struct scenario *s, int64_t now_ms) {
    struct error err = {0};
    assert_true(graph_finish(run->graph, &err));
    run->watermark = INT64_MAX;
    if (!graph_commit(run->graph, now_ms, &err)) fail_msg("%s", err.text);
    if (s->window)
        check_window(run->seen, true, INT64_MAX);
    else
        check_group(run->seen, s->group_ttl_ms);
    if (s->window && !s->group_window) assert_int_equal(run->seen->written, run->seen->count);
    check_counters(run, s);
}

static void run_scenario(const struct scenario *s, uint64_t seed) {
    static struct run run;
    struct prng prng = {seed};
    struct error err = {0};
    memset(&run, 0, sizeof run);
    int64_t clock = 20000, now_ms = 1000000;
    run_start(&run, s);
    for (uint32_t at = 0; at + s->batch_max < 1500;) {
        uint32_t count = 1 + prng_below(&prng, s->batch_max), partition = prng_below(&prng, 2);
        for (uint32_t i = at; i < at + count; i++) {
            clock += prng_below(&prng, 300);
            random_row(&prng, s, &rows[i], clock);
            rows[i].partition = partition;
            rows[i].now_ms = now_ms;
        }
        push(&run, s, at, at + count);
        at += count;
        now_ms += prng_below(&prng, 400);
        if (prng_below(&prng, 3)) continue;
        if (!graph_commit(run.graph, now_ms, &err)) fail_msg("%s", err.text);
        check(&run, s);
    }
    finish(&run, s, now_ms);
    run_end(&run);
}

static const struct scenario scenarios[] = {
    {.name = "group", .batch_max = 40, .ids = IDS, .out_of_order_ms = 3000},
    {.name = "group, one row per batch", .batch_max = 1, .ids = 200, .out_of_order_ms = 3000},
    {.name = "group, TTL",
     .batch_max = 5,
     .ids = IDS,
     .out_of_order_ms = 3000,
     .group_ttl_ms = 700},
    {.name = "dedup and group, TTL",
     .batch_max = 5,
     .out_of_order_ms = 3000,
     .dedup_ttl_ms = 5000,
     .group_ttl_ms = 1500},
    {.name = "table function window",
     .window = true,
     .early_ms = -1,
     .late_ms = -1,
     .batch_max = 30,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 30000},
    {.name = "group window",
     .window = true,
     .group_window = true,
     .null_times = true,
     .early_ms = -1,
     .late_ms = -1,
     .batch_max = 30,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 30000},
    {.name = "group window, early and late fire",
     .window = true,
     .group_window = true,
     .null_times = true,
     .late_ms = 0,
     .lateness_ms = 12000,
     .batch_max = 30,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 40000},
    {.name = "group window, late fire only",
     .window = true,
     .group_window = true,
     .early_ms = -1,
     .late_ms = 0,
     .lateness_ms = 12000,
     .batch_max = 10,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 40000},
    {.name = "group window, lateness without late fire",
     .window = true,
     .group_window = true,
     .early_ms = -1,
     .late_ms = -1,
     .lateness_ms = 12000,
     .batch_max = 10,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 40000},
    {.name = "group window, slow early and late fire",
     .window = true,
     .group_window = true,
     .early_ms = 1500,
     .late_ms = 900,
     .lateness_ms = 12000,
     .batch_max = 10,
     .dedup_ttl_ms = 900,
     .out_of_order_ms = 40000},
};

static uint64_t base_seed(void) {
    const char *text = getenv("SEED");
    return text ? strtoull(text, NULL, 10) : (uint64_t)clock_real_ms();
}

static void test_scenarios(void **state) {
    (void)state;
    uint64_t seed = base_seed();
    print_message("SEED=%llu\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < ARRAY_LEN(scenarios); i++)
        for (uint32_t round = 0; round < 4; round++) {
            print_message("%s, seed %llu\n", scenarios[i].name, (unsigned long long)(seed + round));
            run_scenario(&scenarios[i], seed + round);
        }
}

/* The same rows in batches of 1, 2, 7 and 1,024 give the same table, as long as no row is late. */
static void test_batch_sizes(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1, 2, 7, 1024};
    static struct run run;
    uint64_t seed = base_seed();
    print_message("SEED=%llu\n", (unsigned long long)seed);
    for (uint32_t windows = 0; windows < 2; windows++)
        for (uint32_t k = 0; k < ARRAY_LEN(sizes); k++) {
            struct scenario s = {.window = windows,
                                 .group_window = true,
                                 .late_ms = 0,
                                 .lateness_ms = 1000,
                                 .out_of_order_ms = DELAY_MS - 1,
                                 .ids = IDS};
            struct prng prng = {seed};
            struct error err = {0};
            int64_t clock = 20000;
            memset(&run, 0, sizeof run);
            run_start(&run, &s);
            for (uint32_t i = 0; i < 3000; i++) {
                clock += prng_below(&prng, 20);
                random_row(&prng, &s, &rows[i], clock);
                rows[i].now_ms = 1000;
            }
            for (uint32_t at = 0; at < 3000; at += sizes[k]) {
                push(&run, &s, at, at + sizes[k] < 3000 ? at + sizes[k] : 3000);
                if (at % 700 == 0) assert_true(graph_commit(run.graph, 1000 + at, &err));
            }
            finish(&run, &s, 100000);
            run_end(&run);
        }
}

int main(void) {
    for (int i = 0; i < IDS; i++)
        snprintf(ids[i], sizeof ids[i], "%0*d", 1 + i % 30, i);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenarios),
        cmocka_unit_test(test_batch_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
