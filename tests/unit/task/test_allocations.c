/* SPDX-License-Identifier: Apache-2.0 */
/* No allocation per event in steady state: once its keys are known, a task decodes, folds, commits and encodes
 * any number of records without asking for memory. */
#include "tests/bench/count_mallocs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "task/task.h"

enum { RECORDS = 200000, COMMIT_EVERY = 5000, PRODUCTS = 100, TEXT_BYTES = 512 };

#define KAFKA "'properties.bootstrap.servers' = 'localhost:9092'"
static const char job_sql[] =
    "CREATE TABLE ev (event_timestamp TIMESTAMP(3), event_type STRING, user_id STRING, product_id STRING, quantity INT,"
    " total_amount DECIMAL(14, 2)) WITH ('connector' = 'kafka', 'topic' = 'ev', " KAFKA
    ", 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');"
    "CREATE TABLE totals (product_id STRING, n BIGINT, purchases BIGINT, users BIGINT, units INT, revenue DOUBLE, newest STRING,"
    " PRIMARY KEY (product_id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'totals', " KAFKA
    ", 'key.format' = 'raw', 'value.format' = 'avro');"
    "INSERT INTO totals SELECT product_id, COUNT(*), COUNT(*) FILTER (WHERE event_type = 'purchase'), COUNT(DISTINCT user_id),"
    " SUM(quantity), CAST(SUM(total_amount) AS DOUBLE), MAX(DATE_FORMAT(event_timestamp, 'HH:mm:ss') || user_id)"
    " FROM ev WHERE product_id IS NOT NULL GROUP BY product_id;";

static uint64_t upserts;

static bool on_upsert(void *self, const struct upsert *upsert, struct error *err) {
    (void)self;
    (void)upsert;
    (void)err;
    upserts++;
    return true;
}

/* One event of the first minute of 2026; snprintf takes no memory from the heap. */
static struct str event(char text[TEXT_BYTES], unsigned number) {
    int len = snprintf(
        text, TEXT_BYTES,
        "{\"event_id\":\"e%u\",\"event_timestamp\":\"2026-01-01T00:00:%02u.%03u\",\"event_type\":\"%s\",\"user_id\":\"user \\u00e9 %u\","
        "\"session_id\":\"s%u\",\"product_id\":\"p-%03u\",\"product_category\":\"Books\",\"quantity\":%u,\"total_amount\":%u.%02u}",
        number, number % 50, number % 1000, number % 3 ? "product_view" : "purchase", number % 977,
        number % 4001, number % PRODUCTS, 1 + number % 5, number % 1000, number % 100);
    return (struct str){text, (size_t)len};
}

static void feed(struct task *task, unsigned first, unsigned count) {
    char text[TEXT_BYTES];
    struct error err;
    struct commit commit;
    for (unsigned i = first; i < first + count; i++) {
        struct record record = {
            .key = STR("k"), .value = event(text, i), .offset = i, .timestamp_ms = 0};
        assert_true(task_record(task, 0, 0, &record, 1767225600000 + i, &err));
        if (i % COMMIT_EVERY == COMMIT_EVERY - 1)
            assert_true(task_commit(task, 1767225600000 + i, &commit, &err));
    }
}

static void steady_state_takes_no_memory(void **state) {
    (void)state;
#ifdef MALLOCS_NOT_COUNTED
    skip(); /* a sanitizer owns malloc: the other builds count */
#endif
    struct arena job = {0};
    struct diagnostics found;
    struct plan *plan;
    struct task *task;
    struct error err;
    uint32_t partitions = 1;
    diagnostics_init(&found, &job, 20);
    assert_true(plan_from_text(STR("job.sql"), str_of(job_sql), NULL, 0, &job, &found, &plan));
    struct task_config config = {
        .plan = plan, .partitions = &partitions, .output = {.upsert = on_upsert}};
    assert_true(task_new(&config, &task, &err));
    feed(task, 0, RECORDS);
    uint64_t before = malloc_count, rows = upserts;
    assert_true(rows > 0);
    feed(task, RECORDS, RECORDS);
    print_message("%d records, %llu upserts: %llu allocations\n", RECORDS,
                  (unsigned long long)(upserts - rows),
                  (unsigned long long)(malloc_count - before));
    assert_int_equal(malloc_count - before, 0);
    struct scan_counters counters = task_scan_counters(task, 0);
    assert_int_equal(counters.rows, 2 * RECORDS);
    task_free(task);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(steady_state_takes_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
