/* SPDX-License-Identifier: Apache-2.0 */
/* Sending on schedule, on a clock that moves only when the output works or waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "generator/run.h"
#include "generator/shop.h"

struct world {
    struct output output;     /* first */
    int64_t now_ns, write_ns; /* what one write costs */
    uint64_t records, hash, stop_after;
    volatile sig_atomic_t stop;
    bool breaks;
};

static bool world_write(struct output *output, const struct record *record, struct error *err) {
    struct world *world = (struct world *)output;
    world->now_ns += world->write_ns;
    world->hash = world->hash * 31 + str_hash(record->value);
    if (++world->records == world->stop_after) world->stop = 1;
    return !world->breaks || error_set(err, ERROR_STOP, "E0405", "broken");
}

static bool world_wait(struct output *output, int timeout_ms, struct error *err) {
    (void)err;
    ((struct world *)output)->now_ns += timeout_ms * INT64_C(1000000);
    return true;
}

static bool world_finish(struct output *output, int64_t drain_ms, struct delivery *delivery,
                         struct error *err) {
    (void)drain_ms, (void)err;
    *delivery = (struct delivery){.acknowledged = ((struct world *)output)->records};
    return true;
}

static int64_t world_mono_ns(void *self) {
    return ((struct world *)self)->now_ns;
}

struct plan {
    double rate, event_rate;
    uint64_t count, stop_after;
    int64_t for_ms, write_ns;
    bool breaks;
};

static struct run_report run_plan(const struct plan *plan, uint64_t *hash) {
    struct world world = {.output = {world_write, world_wait, world_finish, NULL, false},
                          .write_ns = plan->write_ns,
                          .stop_after = plan->stop_after,
                          .breaks = plan->breaks};
    struct stream_settings settings = {
        .scenario = &scenario_shop,
        .scenario_settings = {.seed = 1,
                              .events_per_second = plan->event_rate,
                              .users = 100,
                              .skew = 1},
        .start_ms = INT64_C(1767225600000),
        .count = plan->count,
    };
    const struct run_settings run = {.rate = plan->rate,
                                     .speed = plan->rate / plan->event_rate,
                                     .for_ms = plan->for_ms,
                                     .clock = {NULL, world_mono_ns, &world},
                                     .stop = &world.stop};
    struct arena job = {0};
    struct stream stream;
    stream_open(&stream, &settings, &job);
    struct run_report report;
    struct error err = {0};
    bool ok = generator_run(&stream, &world.output, &run, &report, &err);
    assert_true(ok == !plan->breaks && (ok || str_eq(str_of(err.text), STR("broken"))));
    assert_true(report.counts.records == world.records || plan->breaks);
    stream_close(&stream);
    arena_release(&job);
    if (hash) *hash = world.hash;
    return report;
}

static void the_rate_does_not_change_the_bytes(void **state) {
    (void)state;
    static const double rates[] = {1, 77.7, 1000, 2e6, INFINITY};
    uint64_t want, hash;
    struct plan plan = {.rate = 500, .event_rate = 1000, .count = 5000};
    run_plan(&plan, &want);
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        plan.rate = rates[i];
        plan.write_ns = (int64_t)i * 1000;
        struct run_report report = run_plan(&plan, &hash);
        assert_true(hash == want);
        assert_int_equal(report.counts.records, 5000);
    }
}

static void a_fast_output_keeps_the_schedule(void **state) {
    (void)state;
    struct run_report report =
        run_plan(&(struct plan){.rate = 1000, .event_rate = 10, .for_ms = 20000}, NULL);
    assert_int_equal(report.counts.records, 20000);
    assert_true(fabs(report.seconds - 20) < 0.01 && fabs(report.reached - 1000) < 1);
    assert_true(report.delay_p99_us <= 1000 && !report.stopped);
}

/* 1 ms per record is 1,000 records per second, whatever is asked; the report says so. */
static void a_slow_output_is_reported(void **state) {
    (void)state;
    struct run_report report = run_plan(
        &(struct plan){.rate = 4000, .event_rate = 4000, .count = 8000, .write_ns = 1000000}, NULL);
    assert_int_equal(report.counts.records, 8000);
    assert_true(fabs(report.reached - 1000) < 5);
    /* the last record was due after 2 s and left after 8 s; the middle one after 1 s and 4 s */
    assert_true(report.delay_p50_us >= 2900000 && report.delay_p50_us <= 3500000);
    assert_true(report.delay_p99_us >= 5800000 && report.delay_p99_us <= 6700000);
}

static void a_slow_output_ends_in_time(void **state) {
    (void)state;
    struct run_report report = run_plan(
        &(struct plan){.rate = 4000, .event_rate = 4000, .for_ms = 5000, .write_ns = 1000000},
        NULL);
    assert_true(report.seconds >= 5.9 && report.seconds < 6.2);
    report = run_plan(
        &(struct plan){.rate = INFINITY, .event_rate = 1, .for_ms = 5000, .write_ns = 1000}, NULL);
    assert_true(fabs(report.seconds - 5) < 0.1 && report.asked == INFINITY);
}

static void stops_and_breaks(void **state) {
    (void)state;
    struct run_report report =
        run_plan(&(struct plan){.rate = 100, .event_rate = 100, .stop_after = 777}, NULL);
    assert_true(report.stopped);
    assert_int_equal(report.counts.records, 777);
    assert_int_equal(report.delivery.acknowledged, 777);
    report = run_plan(&(struct plan){.rate = 100, .event_rate = 100, .breaks = true}, NULL);
    assert_int_equal(report.counts.records, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_rate_does_not_change_the_bytes),
                                       cmocka_unit_test(a_fast_output_keeps_the_schedule),
                                       cmocka_unit_test(a_slow_output_is_reported),
                                       cmocka_unit_test(a_slow_output_ends_in_time),
                                       cmocka_unit_test(stops_and_breaks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
