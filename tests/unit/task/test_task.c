/* SPDX-License-Identifier: Apache-2.0 */
/* A task over plans made from SQL: the commit clock, offsets, policies for bad records and refused keys, counters
 * that reconcile on random input, and results that do not depend on where batches and commits end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/prng.h"
#include "encode/encode.h"
#include "task/task.h"

enum { PARTITIONS = 3, SINKS_MAX = 4, TEXT_MAX = 1 << 22 };

#define KAFKA "'properties.bootstrap.servers' = 'localhost:9092'"
#define SOURCE(options)                                                                                    \
    "CREATE TABLE ev (id STRING, k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'events', " KAFKA \
    ", 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'" options ");"
#define TOTALS                                                                                     \
    "CREATE TABLE totals (k STRING, n BIGINT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ("      \
    "'connector' = 'upsert-kafka', 'topic' = 'totals', " KAFKA                                     \
    ", 'key.format' = 'raw', 'value.format' = 'avro');"
#define COUNT_BY_K                                                                                 \
    TOTALS "INSERT INTO totals SELECT k, COUNT(*), SUM(CAST(v AS BIGINT)) FROM ev GROUP BY k;"
#define LENIENT ", 'json.ignore-parse-errors' = 'true'"

/* The newest row of a key in a sink, as text. */
struct seen_row {
    struct seen_row *next;
    uint32_t sink;
    struct str key, cells;
    int64_t version;
};

struct fixture {
    struct arena job;
    struct plan *plan;
    struct task *task;
    struct seen_row *rows;
    uint64_t upserts;
    int64_t last_version;
    /* the last dead letter */
    uint32_t letters;
    struct str letter_key, letter_value;
    int64_t letter_offset;
    enum bad_reason letter_reason;
    int64_t next_offset[PARTITIONS];
};

static bool on_upsert(void *self, const struct upsert *upsert, struct error *err) {
    struct fixture *f = self;
    const struct table *table = f->plan->sinks[upsert->sink]->sink.table;
    struct value values[16];
    struct buf text;
    int64_t version;
    bool deleted;
    assert_true(table->column_count <= 16);
    if (!upsert_value_decode(table, upsert->value, values, &version, &deleted, err)) return false;
    assert_int_equal(version, upsert->version);
    struct seen_row *row = f->rows;
    while (row && !(row->sink == upsert->sink && str_eq(row->key, upsert->key)))
        row = row->next;
    if (!row) {
        row = ARENA_NEW(&f->job, 1, struct seen_row);
        *row =
            (struct seen_row){f->rows, upsert->sink, arena_str(&f->job, upsert->key), STR(""), 0};
        f->rows = row;
    }
    assert_true(version > row->version); /* a key's versions rise: Pinot keeps the highest */
    buf_init(&text, TEXT_MAX);
    for (uint32_t c = 0; c < table->column_count; c++) {
        buf_append_char(&text, ' ');
        value_print(&text, &table->columns[c].type, &values[c]);
    }
    row->cells = arena_str(&f->job, buf_str(&text));
    row->version = f->last_version = version;
    f->upserts++;
    buf_release(&text);
    return true;
}

static bool on_dead_letter(void *self, const struct plan_node *scan, const struct record *record,
                           const struct bad_record *bad, struct error *err) {
    struct fixture *f = self;
    (void)err;
    assert_true(str_eq(scan->scan.table->name, STR("ev")));
    f->letters++;
    f->letter_key = arena_str(&f->job, record->key);
    f->letter_value = arena_str(&f->job, record->value);
    f->letter_offset = record->offset;
    f->letter_reason = bad->reason;
    return true;
}

/* letters: bad records go to the dead-letter callback. */
static void fixture_start(struct fixture *f, const char *sql, int64_t version_floor, bool letters) {
    struct diagnostics found;
    struct error err;
    *f = (struct fixture){0};
    diagnostics_init(&found, &f->job, 20);
    if (!plan_from_text(STR("case.sql"), str_of(sql), NULL, 0, &f->job, &found, &f->plan))
        fail_msg("%s: %s", found.items[0].code, found.items[0].text);
    uint32_t partitions[SINKS_MAX] = {PARTITIONS, PARTITIONS, PARTITIONS, PARTITIONS};
    assert_true(f->plan->scan_count <= SINKS_MAX);
    struct task_config config = {
        f->plan, partitions, version_floor, {on_upsert, letters ? on_dead_letter : NULL, f}};
    assert_true(task_new(&config, &f->task, &err));
}

static void fixture_stop(struct fixture *f) {
    task_free(f->task);
    arena_release(&f->job);
}

static bool feed_bytes(struct fixture *f, uint32_t partition, struct str key, struct str value,
                       bool is_null, int64_t now_ms, struct error *err) {
    struct record record = {.key = key,
                            .value = value,
                            .key_is_null = key.len == 0,
                            .value_is_null = is_null,
                            .partition = (int32_t)partition,
                            .offset = f->next_offset[partition]++,
                            .timestamp_ms = now_ms};
    return task_record(f->task, 0, partition, &record, now_ms, err);
}

static void feed(struct fixture *f, uint32_t partition, const char *value, int64_t now_ms) {
    struct error err;
    if (!feed_bytes(f, partition, STR(""), str_of(value), false, now_ms, &err))
        fail_msg("%s", err.text);
}

static struct commit commit(struct fixture *f, int64_t now_ms) {
    struct commit commit;
    struct error err;
    if (!task_commit(f->task, now_ms, &commit, &err)) fail_msg("%s", err.text);
    return commit;
}

static const char *cells_of(const struct fixture *f, uint32_t sink, const char *key) {
    for (const struct seen_row *row = f->rows; row; row = row->next)
        if (row->sink == sink && str_eq(row->key, str_of(key))) return row->cells.ptr;
    return "(no row)";
}

/* --- clock and offsets --- */

static void the_commit_clock_rises_whatever_the_wall_clock_does(void **state) {
    (void)state;
    static const struct {
        int64_t now_ms, clock_ms;
    } steps[] = {{1000, 1000}, {1000, 1001}, {400, 1002}, {-7, 1003},
                 {1003, 1004}, {9000, 9000}, {8999, 9001}};
    struct fixture f;
    fixture_start(&f, SOURCE("") COUNT_BY_K, 0, false);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        feed(&f, 0, "{\"k\":\"a\",\"v\":1}", steps[i].now_ms);
        struct commit done = commit(&f, steps[i].now_ms);
        assert_int_equal(done.clock_ms, steps[i].clock_ms);
        assert_int_equal(done.sequence, i + 1);
        assert_int_equal(done.upserts, 1);
        assert_int_equal(f.last_version, done.clock_ms);
    }
    assert_int_equal(commit(&f, 9000).upserts, 0); /* nothing changed, nothing written */
    fixture_stop(&f);
}

static void versions_stand_above_the_floor(void **state) {
    (void)state;
    struct fixture f;
    fixture_start(&f, SOURCE("") COUNT_BY_K, 50000, false);
    feed(&f, 0, "{\"k\":\"a\",\"v\":1}", 1000); /* the clock of this machine is behind */
    assert_int_equal(commit(&f, 1000).clock_ms, 50001);
    assert_int_equal(f.last_version, 50001);
    assert_int_equal(commit(&f, 1000).clock_ms, 50002);
    fixture_stop(&f);
}

static void offsets_stand_after_the_commit(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_start(&f, SOURCE(LENIENT) COUNT_BY_K, 0, false);
    f.next_offset[1] = 41;
    feed(&f, 0, "{\"k\":\"a\",\"v\":1}", 10);
    feed(&f, 1, "{\"k\":\"b\",\"v\":1}", 10);
    feed(&f, 1, "not JSON", 10);
    assert_true(feed_bytes(&f, 1, STR(""), STR(""), true, 10, &err));
    for (uint32_t p = 0; p < PARTITIONS; p++)
        assert_int_equal(task_next_offset(f.task, 0, p), -1);
    commit(&f, 10);
    assert_int_equal(task_next_offset(f.task, 0, 0), 1);
    assert_int_equal(task_next_offset(f.task, 0, 1),
                     44); /* dropped and null records are covered too */
    assert_int_equal(task_next_offset(f.task, 0, 2), -1);
    fixture_stop(&f);
}

/* --- policies --- */

static void a_bad_record_fails_the_job_by_default(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_start(&f, SOURCE("") COUNT_BY_K, 0, false);
    feed(&f, 2, "{\"k\":\"a\",\"v\":1}", 10);
    f.next_offset[2] = 1041;
    assert_false(feed_bytes(&f, 2, STR(""), STR("{\"k\":\"a\",\"v\":\"many\"}"), false, 10, &err));
    assert_string_equal(err.code, "E0801");
    assert_string_equal(err.place, "events[2]@1041");
    assert_non_null(strstr(err.text, "'v'"));
    assert_non_null(strstr(err.text, "many"));
    assert_non_null(strstr(err.help, "'json.ignore-parse-errors' = 'true'"));
    assert_non_null(strstr(err.help, "decant.dead-letter.topic"));
    fixture_stop(&f);
}

static void ignore_parse_errors_drops_and_counts(void **state) {
    (void)state;
    struct fixture f;
    fixture_start(&f, SOURCE(LENIENT) COUNT_BY_K, 0, false);
    feed(&f, 0, "{\"k\":\"a\",\"v\":1}", 10);
    feed(&f, 0, "{\"k\":\"a\",", 10);
    feed(&f, 0, "{\"k\":\"a\",\"v\":\"many\"}",
         10); /* Flink: the field is NULL, the record stays */
    commit(&f, 10);
    struct scan_counters counters = task_scan_counters(f.task, 0);
    assert_int_equal(counters.records, 3);
    assert_int_equal(counters.rows, 2);
    assert_int_equal(counters.bad[BAD_DOCUMENT], 1);
    assert_int_equal(scan_dropped(&counters), 1);
    assert_int_equal(counters.field_nulls, 1);
    assert_int_equal(counters.dead_letters, 0);
    assert_string_equal(cells_of(&f, 0, "a"), " a 2 1");
    fixture_stop(&f);
}

static void a_dead_letter_has_the_original_bytes(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    struct str value = STR("{\"k\":\"a\0b\",\xff\n"), key = STR("k\0y");
    fixture_start(&f, SOURCE("") COUNT_BY_K, 0,
                  true); /* without ignore-parse-errors: kept, not fatal */
    feed(&f, 1, "{\"k\":\"a\",\"v\":1}", 10);
    assert_true(feed_bytes(&f, 1, key, value, false, 10, &err));
    commit(&f, 10);
    assert_int_equal(f.letters, 1);
    assert_true(str_eq(f.letter_key, key));
    assert_true(str_eq(f.letter_value, value));
    assert_int_equal(f.letter_offset, 1);
    assert_int_equal(f.letter_reason, BAD_DOCUMENT);
    struct scan_counters counters = task_scan_counters(f.task, 0);
    assert_int_equal(counters.dead_letters, 1);
    assert_int_equal(scan_dropped(&counters), 1);
    assert_string_equal(cells_of(&f, 0, "a"), " a 1 1");
    fixture_stop(&f);
}

static void feed_long_key(struct fixture *f, size_t length) {
    struct buf json;
    buf_init(&json, TEXT_MAX);
    buf_append(&json, STR("{\"v\":1,\"k\":\""));
    for (size_t i = 0; i < length; i++)
        buf_append(&json, STR("\xC3\xA9")); /* é: two bytes, one character */
    buf_append(&json, STR("\"}"));
    feed(f, 0, buf_c_string(&json), 10);
    buf_release(&json);
}

static void refused_keys_are_counted_when_lenient(void **state) {
    (void)state;
    struct fixture f;
    fixture_start(&f, SOURCE(LENIENT) COUNT_BY_K, 0, false);
    feed_long_key(&f, KEY_CHARS_MAX);
    feed_long_key(&f, KEY_CHARS_MAX + 1);
    assert_int_equal(commit(&f, 10).upserts, 1);
    assert_int_equal(task_sink_counters(f.task, 0).rows_refused, 1);
    assert_int_equal(task_sink_counters(f.task, 0).upserts, 1);
    struct buf line;
    buf_init(&line, TEXT_MAX);
    task_reconciliation(&line, f.task);
    assert_string_equal(buf_c_string(&line),
                        "totals: in 2 = folded 2 + filtered 0 + duplicate 0 + late 0 + dropped 0; "
                        "upserts 1, rows refused 1\n");
    buf_release(&line);
    fixture_stop(&f);
}

static void refused_keys_are_fatal_otherwise(void **state) {
    (void)state;
    struct fixture f;
    struct commit done;
    struct error err;
    fixture_start(&f, SOURCE("") COUNT_BY_K, 0, false);
    feed_long_key(&f, KEY_CHARS_MAX + 1);
    assert_false(task_commit(f.task, 10, &done, &err));
    assert_string_equal(err.code, "E0704");
    assert_non_null(strstr(err.text, "totals"));
    assert_int_equal(f.upserts, 0);
    fixture_stop(&f);
}

/* --- random input --- */

#define RANDOM_JOB(watermark_delay)                                                                                 \
    "SET 'table.exec.emit.early-fire.enabled' = 'true'; SET 'table.exec.emit.early-fire.delay' = '1 s';"            \
    "CREATE TABLE ev (id STRING, k STRING, v INT, t TIMESTAMP(3), proc AS PROCTIME(), "                             \
    "ts AS COALESCE(t, TIMESTAMP '1970-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL " watermark_delay        \
    ") WITH ('connector' = 'kafka', 'topic' = 'events', " KAFKA                                                     \
    ", 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.ignore-parse-errors' = 'true');"           \
    "CREATE VIEW once AS SELECT k, v, t, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY proc ASC) " \
    "AS rn FROM ev) WHERE rn = 1;" TOTALS                                                                           \
    "CREATE TABLE minutes (w TIMESTAMP(3), k STRING, n BIGINT, s BIGINT, PRIMARY KEY (w, k) NOT ENFORCED) WITH ("   \
    "'connector' = 'upsert-kafka', 'topic' = 'minutes', " KAFKA                                                     \
    ", 'key.format' = 'json', 'value.format' = 'avro');"                                                            \
    "EXECUTE STATEMENT SET BEGIN "                                                                                  \
    "INSERT INTO totals SELECT k, COUNT(*), SUM(CAST(v AS BIGINT)) FROM once WHERE k IS NOT NULL GROUP BY k;"       \
    "INSERT INTO minutes SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), k, COUNT(*), SUM(CAST(v AS BIGINT)) "        \
    "FROM once WHERE k IS NOT NULL AND t IS NOT NULL GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k; END;"

enum { RECORDS = 4000, KEYS = 9 };
enum fate { GOOD, COPY, BROKEN, NULL_VALUE, LATE, NO_KEY };
static const int64_t START_MS = 1767225600000; /* 2026-01-01 00:00:00 */

/* What is sent, and what must come of it. */
struct input {
    enum fate fate;
    uint32_t partition, number, key, value;
    struct str json;
};

struct model {
    struct input records[RECORDS];
    uint64_t count[NO_KEY + 1];
    uint64_t n[KEYS], sum[KEYS];
};

static struct str event_json(struct arena *job, uint32_t number, int key, uint32_t value,
                             uint32_t second) {
    struct str k = key < 0 ? STR("null") : arena_printf(job, "\"k%d\"", key);
    return arena_printf(
        job, "{\"id\":\"e%u\",\"k\":" STR_FMT ",\"v\":%u,\"t\":\"2026-01-01 %02u:%02u:%02u\"}",
        number, STR_ARG(k), value, second / 3600, second / 60 % 60, second % 60);
}

static enum fate draw_fate(struct prng *random, uint32_t number, bool late) {
    uint32_t dice = prng_below(random, 100);
    if (number < 10 || dice < 70) return GOOD;
    if (dice < 80) return COPY;
    if (dice < 85) return BROKEN;
    if (dice < 88) return NULL_VALUE;
    if (dice < 94) return late ? LATE : GOOD;
    return NO_KEY;
}

/* Two hours of event time; each record up to 20 s behind the time of its number. */
static void draw_record(struct model *model, struct prng *random, uint32_t i, bool late,
                        struct arena *job) {
    static const char *const broken[] = {"{\"id\":", "[1,2]", "{\"id\":\"x\",}", "\"text\"",
                                         "{\"k\":\"\xff\"}"};
    struct input *record = &model->records[i];
    uint32_t second = 3600 + i * 7200 / RECORDS - prng_below(random, 20);
    record->fate = draw_fate(random, i, late);
    record->partition = prng_below(random, PARTITIONS);
    record->key = prng_below(random, KEYS);
    record->value = prng_below(random, 1000);
    model->count[record->fate]++;
    switch (record->fate) {
    case GOOD: record->json = event_json(job, i, (int)record->key, record->value, second); break;
    case LATE:
        record->json = event_json(job, i, (int)record->key, record->value, second - 3500);
        break;
    case NO_KEY: record->json = event_json(job, i, -1, record->value, second); break;
    case BROKEN: record->json = str_of(broken[prng_below(random, ARRAY_LEN(broken))]); break;
    case NULL_VALUE: record->json = STR(""); break;
    case COPY: /* of one of the first ten, with other content: the first counts */
        record->json =
            event_json(job, prng_below(random, 10), (int)record->key, record->value, second);
        break;
    }
    if (record->fate != GOOD && record->fate != LATE) return;
    model->n[record->key]++;
    model->sum[record->key] += record->value;
}

static struct model *model_new(uint64_t seed, bool late, struct arena *job) {
    struct model *model = ARENA_NEW(job, 1, struct model);
    struct prng random = {seed};
    for (uint32_t i = 0; i < RECORDS; i++)
        draw_record(model, &random, i, late, job);
    return model;
}

/* commit_every: records between commits; 0: random numbers of them. */
static void run_model(struct fixture *f, const struct model *model, uint32_t commit_every,
                      uint64_t seed) {
    struct prng random = {seed};
    struct error err;
    uint32_t left = commit_every ? commit_every : 1;
    for (uint32_t i = 0; i < RECORDS; i++) {
        const struct input *record = &model->records[i];
        int64_t now_ms = START_MS + (int64_t)i * 100;
        if (!feed_bytes(f, record->partition, STR(""), record->json, record->fate == NULL_VALUE,
                        now_ms, &err))
            fail_msg("%s", err.text);
        if (--left) continue;
        commit(f, now_ms);
        left = commit_every ? commit_every : 1 + prng_below(&random, 1500);
    }
    if (!task_finish(f->task, START_MS + RECORDS * 100, &err)) fail_msg("%s", err.text);
    commit(f, START_MS + RECORDS * 100);
}

static void assert_reconciled(const struct fixture *f, const struct model *model) {
    for (uint32_t s = 0; s < f->plan->sink_count; s++) {
        struct sink_counters rows = task_sink_counters(f->task, s).rows;
        struct record_fate fate = task_sink_records(f->task, s);
        assert_int_equal(fate.records, RECORDS);
        assert_int_equal(fate.dropped, model->count[BROKEN]);
        assert_int_equal(fate.skipped, model->count[NULL_VALUE]);
        assert_int_equal(rows.duplicate, model->count[COPY]);
        assert_int_equal(rows.filtered, model->count[NO_KEY]);
        assert_int_equal(rows.folded + rows.late, model->count[GOOD] + model->count[LATE]);
        assert_int_equal(rows.in, rows.folded + rows.filtered + rows.duplicate + rows.late);
        assert_int_equal(fate.records, rows.in + fate.dropped + fate.skipped);
    }
}

static void counters_and_totals_reconcile_on_random_input(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct arena job = {0};
        struct fixture f;
        const struct model *model = model_new(seed, true, &job);
        fixture_start(&f, RANDOM_JOB("'30' SECOND"), 0, false);
        run_model(&f, model, 0, seed);
        assert_reconciled(&f, model);
        assert_int_equal(task_sink_counters(f.task, 0).rows.late,
                         0); /* no window, nothing is late */
        assert_in_range(task_sink_counters(f.task, 1).rows.late, 1, model->count[LATE]);
        for (uint32_t k = 0; k < KEYS; k++) {
            struct str key = arena_printf(&job, "k%u", k);
            struct str row =
                arena_printf(&job, " k%u %llu %llu", k, (unsigned long long)model->n[k],
                             (unsigned long long)model->sum[k]);
            assert_string_equal(cells_of(&f, 0, key.ptr), row.ptr);
        }
        fixture_stop(&f);
        arena_release(&job);
    }
}

static int by_text(const void *a, const void *b) {
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* All rows in byte order of sink and key. */
static struct str final_state(const struct fixture *f, struct arena *job) {
    struct str *lines = ARENA_NEW(job, RECORDS, struct str);
    size_t count = 0;
    for (const struct seen_row *row = f->rows; row; row = row->next) {
        assert_true(count < RECORDS);
        lines[count++] = arena_printf(job, "%u " STR_FMT ":" STR_FMT "\n", row->sink,
                                      STR_ARG(row->key), STR_ARG(row->cells));
    }
    qsort(lines, count, sizeof *lines, by_text);
    struct buf text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < count; i++)
        buf_append(&text, lines[i]);
    struct str all = arena_str(job, buf_str(&text));
    buf_release(&text);
    return all;
}

static void results_do_not_depend_on_the_split(void **state) {
    (void)state;
    static const uint32_t splits[] = {1, 2, 7, 1023, 1024, 1025, RECORDS + 1, 0};
    struct arena job = {0};
    const struct model *model = model_new(77, false, &job);
    struct str first = STR("");
    for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
        struct fixture f;
        /* Partitions may be apart by a whole batch, so the watermark waits for the whole span: nothing is late. */
        fixture_start(&f, RANDOM_JOB("'3' HOUR"), 0, false);
        run_model(&f, model, splits[i], 5);
        assert_reconciled(&f, model);
        assert_int_equal(task_sink_counters(f.task, 1).rows.late, 0);
        struct str rows = final_state(&f, &job);
        if (i == 0) first = rows;
        assert_true(first.len > 5000);
        assert_string_equal(rows.ptr, first.ptr);
        fixture_stop(&f);
    }
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commit_clock_rises_whatever_the_wall_clock_does),
        cmocka_unit_test(versions_stand_above_the_floor),
        cmocka_unit_test(offsets_stand_after_the_commit),
        cmocka_unit_test(a_bad_record_fails_the_job_by_default),
        cmocka_unit_test(ignore_parse_errors_drops_and_counts),
        cmocka_unit_test(a_dead_letter_has_the_original_bytes),
        cmocka_unit_test(refused_keys_are_counted_when_lenient),
        cmocka_unit_test(refused_keys_are_fatal_otherwise),
        cmocka_unit_test(counters_and_totals_reconcile_on_random_input),
        cmocka_unit_test(results_do_not_depend_on_the_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
