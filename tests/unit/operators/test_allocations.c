/* SPDX-License-Identifier: Apache-2.0 */
/* No malloc in steady state: the shape of the shop job over 2,000 batches whose keys, texts and windows
 * repeat in kind; over the second thousand, a million rows and their commits, nothing may be allocated. Up
 * to 8 are let pass: how full an index segment is depends on the hash seed, so one may still double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/prng.h"
#include "data/numtext.h"
#include "plan_builder.h"
#include "tests/bench/count_mallocs.h"

enum { EVENT, SESSION, USER, TYPE, PRODUCT, NAME, AMOUNT, TS, COLUMNS };
enum { BATCHES = 2000, EVENTS = 60000 };

static char texts[EVENTS][48];

static struct plan_node *scan_events(struct plan_builder *b) {
    const struct plan_column columns[COLUMNS] = {{STR("event_id"), type_string()},
                                                 {STR("session_id"), type_string()},
                                                 {STR("user_id"), type_string()},
                                                 {STR("event_type"), type_string()},
                                                 {STR("product_id"), type_string()},
                                                 {STR("product_name"), type_string()},
                                                 {STR("total_amount"), type_decimal(14, 2)},
                                                 {STR("ts"), type_timestamp(3)}};
    return plan_scan(b, columns, COLUMNS);
}

/* DATE_FORMAT(ts, …) || product_name, event_type = 'purchase', and the columns */
static struct plan_node *calc_events(struct plan_builder *b, struct plan_node *in) {
    struct expr *exprs[COLUMNS + 2];
    for (uint32_t i = 0; i < COLUMNS; i++)
        exprs[i] = expr_column(b, in, i);
    struct expr *format[] = {exprs[TS]};
    struct expr *text = expr_call(b, FUNCTION_DATE_FORMAT, type_string(), 1, format);
    uint32_t bad_at;
    assert_true(
        date_pattern_parse(STR("yyyy-MM-dd HH:mm:ss.SSS"), &b->job, &text->pattern, &bad_at));
    struct expr *concat[] = {text, exprs[NAME]};
    exprs[COLUMNS] = expr_call(b, FUNCTION_CONCAT, type_string(), 2, concat);
    struct expr *equal[] = {exprs[TYPE], expr_text(b, "purchase")};
    exprs[COLUMNS + 1] = expr_call(b, FUNCTION_EQ_STR, type_of(TYPE_BOOLEAN), 2, equal);
    return plan_calc(b, in, NULL, exprs, COLUMNS + 2);
}

static void shop_plan(struct plan_builder *b) {
    static const uint32_t event_key[] = {SESSION, EVENT}, product_key[] = {PRODUCT};
    struct type big = type_of(TYPE_BIGINT);
    struct plan_node *in = plan_watermark(b, scan_events(b), TS, 5000);
    in = calc_events(b, plan_dedup(b, in, event_key, 2, 3000));
    struct aggregate_call product[] = {
        call_of(AGGREGATE_MAX_STR, in, COLUMNS, COLUMN_NONE, type_string()),
        call_of(AGGREGATE_COUNT_STAR, in, COLUMN_NONE, COLUMNS + 1, big),
        call_of(AGGREGATE_SUM_DEC, in, AMOUNT, COLUMNS + 1, type_decimal(38, 2)),
        call_of(AGGREGATE_MAX_I64, in, TS, COLUMN_NONE, type_timestamp(3))};
    struct aggregate_call minute[] = {
        call_of(AGGREGATE_COUNT_DISTINCT, in, USER, COLUMN_NONE, big),
        call_of(AGGREGATE_COUNT_DISTINCT, in, SESSION, COLUMNS + 1, big),
        call_of(AGGREGATE_COUNT_STAR, in, COLUMN_NONE, COLUMN_NONE, big)};
    plan_sink(b, plan_group(b, in, product_key, 1, product, 4, 0), 1);
    struct plan_node *window = plan_window(b, in, TS, NULL, 0, minute, 3);
    window->window.early_fire_ms = 1000;
    window->window.late_fire_ms = 0;
    window->window.allow_lateness_ms = 20000;
    window->updating = true;
    plan_sink(b, window, 0);
}

static void fill(struct batch *batch, struct prng *prng, uint32_t number) {
    static const char *const types[] = {"page_view", "product_view", "add_to_cart", "purchase"};
    batch_clear(batch);
    for (uint32_t i = 0; i < BATCH_ROWS; i++) {
        uint32_t event = (number * BATCH_ROWS + i) % EVENTS, product = prng_below(prng, 200);
        const struct value values[COLUMNS] = {
            [EVENT] = {.str = str_of(texts[event])},
            [SESSION] = {.str = str_of(texts[event / 8])},
            [USER] = {.str = str_of(texts[prng_below(prng, 500)])},
            [TYPE] = {.str = str_of(types[prng_below(prng, 4)])},
            [PRODUCT] = {.str = str_of(texts[product])},
            [NAME] = {.str = str_of(texts[product + 1000])},
            [AMOUNT] = {.dec = prng_below(prng, 10000)},
            [TS] = {.i64 = 1000000 + (int64_t)number * 500 - prng_below(prng, 4000)},
        };
        for (uint32_t c = 0; c < COLUMNS; c++)
            vec_set(&batch->columns[c], i, &values[c]);
    }
    batch->rows = batch->selected = BATCH_ROWS;
}

static bool count_rows(void *self, const struct plan_node *sink, const struct batch *rows,
                       struct error *err) {
    (void)sink, (void)err;
    *(uint64_t *)self += rows->selected;
    return true;
}

static void test_no_malloc_in_steady_state(void **state) {
    (void)state;
#ifdef MALLOCS_NOT_COUNTED
    print_message("the sanitizer owns malloc: nothing to count\n");
    skip();
#endif
    struct plan_builder b;
    struct arena scratch = {0};
    struct batch batch;
    struct error err = {0};
    struct prng prng = {3};
    static const uint32_t partitions[] = {1};
    uint64_t written = 0, before = 0, rows_before = 0;
    for (uint32_t i = 0; i < EVENTS; i++)
        snprintf(texts[i], sizeof texts[i], "%08x-0000-4000-8000-%012x", i, i * 7);
    builder_init(&b);
    shop_plan(&b);
    struct graph *graph =
        graph_new(&b.plan, partitions, (struct graph_output){count_rows, &written}, &b.job);
    batch_for(&b, b.scans[0], &batch, &scratch);
    for (uint32_t i = 0; i < BATCHES; i++) {
        if (i == BATCHES / 2) before = malloc_count, rows_before = written;
        arena_reset(&scratch);
        fill(&batch, &prng, i);
        batch.now_ms = (int64_t)i * 100;
        if (!graph_push(graph, 0, &batch, &err)) fail_msg("%s", err.text);
        if (i % 5 == 4 && !graph_commit(graph, batch.now_ms, &err)) fail_msg("%s", err.text);
    }
    print_message("%llu allocations in the first thousand batches, %llu in the second\n",
                  (unsigned long long)before, (unsigned long long)(malloc_count - before));
    assert_true(before > 0);
    assert_true(written - rows_before > 1000);
    assert_in_range(malloc_count - before, 0, 8);
    graph_free(graph);
    arena_release(&scratch);
    builder_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_malloc_in_steady_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
