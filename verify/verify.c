/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify.h"

#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "encode/encode.h"
#include "kafka/source.h"
#include "task/task.h"
#include "verify/rowset.h"

enum { DRAIN_RECORDS = 1024, PINOT_ROWS_MAX = 20000000 };

struct verify {
    const struct verify_options *options;
    const struct plan *plan;
    struct arena *job;
    struct pinot pinot;
    int64_t clock_ms;   /* V */
    struct rowset *raw; /* [sink] */
};

/* --- reading a topic to an end --- */

/* Drains all partitions until their stops; the sink sees records of one partition in order. */
static bool drain_to_end(struct source *source, int64_t wait_ms, source_sink *sink, void *self,
                         struct error *err) {
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    while (!source_finished(source)) {
        uint64_t drained = 0;
        for (uint32_t p = 0; p < source_partitions(source); p++) {
            uint32_t count;
            if (!source_drain(source, p, DRAIN_RECORDS, sink, self, &count, err)) return false;
            drained += count;
        }
        source_serve(source);
        if (drained) {
            deadline_ns = clock_mono_ns() + wait_ms * 1000000;
            continue;
        }
        if (clock_mono_ns() > deadline_ns) {
            error_set(err, ERROR_RETRY, "E0505",
                      "the topic was not read to its end: nothing came for %lld s",
                      (long long)(wait_ms / 1000));
            return error_place(err, "kafka://%s", kafka_client_servers(source_client(source)));
        }
        poll(NULL, 0, 5);
    }
    return true;
}

static bool open_source(struct verify *verify, const struct table *table, bool earliest,
                        const int64_t *stops, struct source **out, struct error *err) {
    const struct verify_options *options = verify->options;
    struct source_options source = {.table = table,
                                    .bounded = true,
                                    .earliest = earliest,
                                    .stops = stops,
                                    .wait_ms = options->wait_ms,
                                    .wake_fd = -1};
    consumer_settings(table, options->overrides, options->override_count, verify->job,
                      &source.settings);
    return source_open(&source, out, err);
}

/* --- the raw recomputation --- */

static bool on_upsert(void *self, const struct upsert *upsert, struct error *err) {
    struct verify *verify = self;
    struct rowset *set = &verify->raw[upsert->sink];
    struct value *values = memory_new(set->column_count, sizeof *values);
    int64_t version;
    bool deleted;
    bool ok = upsert_value_decode(set->table, upsert->value, values, &version, &deleted, err);
    if (ok) rowset_put(set, values, version, deleted);
    free(values);
    return ok;
}

/* One source of the recomputation: what source_drain hands records to. */
struct feed {
    struct task *task;
    uint32_t scan;
};

static bool on_record(void *self, uint32_t partition, const struct record *record,
                      struct error *err) {
    struct feed *feed = self;
    return task_record(feed->task, feed->scan, partition, record, clock_real_ms(), err);
}

/* Bad records take the same way as in the job (dropped), but nothing is written. */
static bool on_dead_letter(void *self, const struct plan_node *scan, const struct record *record,
                           const struct bad_record *bad, struct error *err) {
    (void)self;
    (void)scan;
    (void)record;
    (void)bad;
    (void)err;
    return true;
}

/* The offsets of a settled commit of the job, and its clock: waits for the next one while the job runs. */
static bool committed_offsets(struct verify *verify, uint32_t scan, int64_t **offsets,
                              struct error *err) {
    const struct table *table = verify->plan->scans[scan]->scan.table;
    int64_t deadline_ns = clock_mono_ns() + verify->options->wait_ms * 1000000;
    struct source *source;
    if (!open_source(verify, table, true, NULL, &source, err)) return false;
    struct committed committed = {.next =
                                      ARENA_NEW(verify->job, source_partitions(source), int64_t)};
    bool ok;
    while ((ok = source_committed(source, &committed, err)) && !committed.settled &&
           clock_mono_ns() < deadline_ns)
        poll(NULL, 0, 20);
    source_close(source);
    if (!ok) return false;
    if (committed.clock_ms == INT64_MIN || !committed.settled) {
        error_set(err, ERROR_STOP, "E0803",
                  "the job has not committed everything for '" STR_FMT "' yet",
                  STR_ARG(table->name));
        return error_help(
            err, "start it: decant run FILE.sql; the source needs a 'properties.group.id'");
    }
    *offsets = committed.next;
    if (committed.clock_ms < verify->clock_ms) verify->clock_ms = committed.clock_ms;
    return true;
}

static bool fold(struct verify *verify, struct task *task, struct source **sources,
                 struct error *err) {
    struct commit commit;
    for (uint32_t s = 0; s < verify->plan->scan_count; s++) {
        struct feed feed = {task, s};
        if (!drain_to_end(sources[s], verify->options->wait_ms, on_record, &feed, err))
            return false;
    }
    return task_commit(task, clock_real_ms(), &commit, err);
}

static bool recompute(struct verify *verify, struct error *err) {
    const struct plan *plan = verify->plan;
    struct source **sources = ARENA_NEW(verify->job, plan->scan_count, struct source *);
    uint32_t *partitions = ARENA_NEW(verify->job, plan->scan_count, uint32_t);
    struct task_config config = {.plan = plan,
                                 .partitions = partitions,
                                 .version_floor = INT64_MIN,
                                 .output = {on_upsert, on_dead_letter, verify}};
    struct task *task = NULL;
    bool ok = true;
    for (uint32_t s = 0; ok && s < plan->scan_count; s++) {
        int64_t *stops = NULL;
        ok = committed_offsets(verify, s, &stops, err) &&
             open_source(verify, plan->scans[s]->scan.table, false, stops, &sources[s], err);
        if (ok) partitions[s] = source_partitions(sources[s]);
    }
    ok = ok && task_new(&config, &task, err) && fold(verify, task, sources, err);
    task_free(task);
    for (uint32_t s = 0; s < plan->scan_count; s++)
        source_close(sources[s]);
    return ok;
}

/* --- the upsert topic --- */

/* What one sink's topic holds. `at_commit` and `newest` keep one row per key; `history` keeps every version
 * that was read, so that a row which Pinot shows can be found by its version. */
struct topic {
    struct verify *verify;
    struct rowset at_commit, newest, history;
    struct value *values;
    int64_t *ends; /* next offset after what was read, per partition */
    uint32_t partitions;
    uint64_t stale_last;
};

static bool on_topic_record(void *self, uint32_t partition, const struct record *record,
                            struct error *err) {
    struct topic *topic = self;
    int64_t version;
    bool deleted;
    (void)partition;
    if (record->value_is_null) return true; /* a tombstone: Pinot ignores it */
    if (!upsert_value_decode(topic->newest.table, record->value, topic->values, &version, &deleted,
                             err))
        return error_place(err, STR_FMT "[%d]@%lld", STR_ARG(topic->newest.table->kafka.topic),
                           record->partition, (long long)record->offset);
    if (version <= topic->verify->clock_ms)
        rowset_put(&topic->at_commit, topic->values, version, deleted);
    struct arena scratch = {0};
    struct row *former =
        rowset_find(&topic->newest, row_key(&topic->newest, topic->values, &scratch));
    arena_release(&scratch);
    topic->stale_last += former && version < former->version;
    rowset_put(&topic->newest, topic->values, version, deleted);
    rowset_add(&topic->history, topic->values, version, deleted);
    return true;
}

static void topic_init(struct topic *topic, struct verify *verify, const struct table *table) {
    *topic = (struct topic){.verify = verify};
    rowset_init(&topic->at_commit, table);
    rowset_init(&topic->newest, table);
    rowset_init(&topic->history, table);
    topic->values = memory_new(table->column_count, sizeof *topic->values);
}

static void topic_release(struct topic *topic) {
    rowset_release(&topic->at_commit);
    rowset_release(&topic->newest);
    rowset_release(&topic->history);
    free(topic->values);
}

static bool read_topic(struct topic *topic, struct error *err) {
    struct source *source;
    if (!open_source(topic->verify, topic->newest.table, true, NULL, &source, err)) return false;
    topic->partitions = source_partitions(source);
    topic->ends = ARENA_NEW(topic->verify->job, topic->partitions, int64_t);
    for (uint32_t p = 0; p < topic->partitions; p++)
        topic->ends[p] = source_stop(source, p);
    topic->stale_last = 0;
    bool ok = drain_to_end(source, topic->verify->options->wait_ms, on_topic_record, topic, err);
    source_close(source);
    return ok;
}

/* --- what Pinot answers --- */

static void append_columns(struct buf *sql, const struct rowset *set) {
    for (uint32_t i = 0; i < set->column_count; i++) {
        const struct column *column = &set->table->columns[set->columns[i]];
        bool instant = type_is_instant(column->type.id);
        buf_printf(sql, instant ? "CAST(\"" STR_FMT "\" AS LONG), " : "\"" STR_FMT "\", ",
                   STR_ARG(column->name));
    }
    buf_printf(sql, "\"%s\", \"%s\"", VERSION_COLUMN, DELETED_COLUMN);
}

/* A JSON number or text of Pinot as a value of the column; false when it does not fit. */
static bool value_from_json(const json_t *json, const struct type *type, struct value *out) {
    *out = (struct value){0};
    if (json_is_null(json)) return out->is_null = true, true;
    switch (type_phys(type->id)) {
    case PHYS_BOOL: out->boolean = json_is_true(json); return json_is_boolean(json);
    case PHYS_I32: out->i32 = (int32_t)json_integer_value(json); return json_is_integer(json);
    case PHYS_I64:
        out->i64 =
            json_is_integer(json) ? json_integer_value(json) : (int64_t)json_real_value(json);
        return json_is_number(json);
    case PHYS_F32: out->f32 = (float)json_number_value(json); return json_is_number(json);
    case PHYS_F64: out->f64 = json_number_value(json); return json_is_number(json);
    case PHYS_STR:
        out->str = (struct str){json_string_value(json), json_string_length(json)};
        return json_is_string(json);
    case PHYS_I128:
    case PHYS_NESTED: break; /* refused when the Pinot schema is derived */
    }
    return false;
}

static bool row_from_json(const struct rowset *set, const json_t *json, struct value *values,
                          int64_t *version, bool *deleted) {
    if (json_array_size(json) != set->column_count + 2) return false;
    for (uint32_t i = 0; i < set->column_count; i++)
        if (!value_from_json(json_array_get(json, i), &set->table->columns[set->columns[i]].type,
                             &values[i]))
            return false;
    *version = json_integer_value(json_array_get(json, set->column_count));
    *deleted = json_is_true(json_array_get(json, set->column_count + 1));
    return true;
}

static bool query_rows(struct verify *verify, const struct table *table, struct rowset *out,
                       struct error *err) {
    struct buf sql;
    buf_init(&sql, 1 << 20);
    buf_append(&sql, STR("SET enableNullHandling=true; SELECT "));
    append_columns(&sql, out);
    buf_printf(&sql, " FROM \"" STR_FMT "\" WHERE \"%s\" = false LIMIT %d", STR_ARG(table->name),
               DELETED_COLUMN, PINOT_ROWS_MAX);
    json_t *answer;
    const json_t *rows;
    bool ok =
        pinot_query(&verify->pinot, buf_str(&sql), verify->options->wait_ms, &answer, &rows, err);
    buf_release(&sql);
    if (!ok) return false;
    struct value *values = memory_new(out->column_count, sizeof *values);
    size_t index;
    json_t *json;
    json_array_foreach(rows, index, json) {
        int64_t version;
        bool deleted;
        ok = row_from_json(out, json, values, &version, &deleted);
        if (!ok) break;
        rowset_put(out, values, version, deleted);
    }
    free(values);
    json_decref(answer);
    if (ok) return true;
    error_set(err, ERROR_STOP, "E0614",
              "Pinot's answer for '" STR_FMT "' does not have the columns of the job",
              STR_ARG(table->name));
    return error_help(
        err, "the table may be older than the job: decant plan FILE.sql shows the difference");
}

/* --- comparing --- */

static void note(struct verify *verify, struct verify_result *result, struct str key,
                 struct str text) {
    result->difference_count++;
    if (result->kept == verify->options->differences_max) return;
    result->differences[result->kept++] =
        (struct verify_difference){arena_str(verify->job, key), text};
}

static void note_columns(struct verify *verify, struct verify_result *result,
                         const struct rowset *set, const char *left_name, const struct row *left,
                         const char *right_name, const struct row *right) {
    int32_t column = row_difference(set, left, right, verify->options->tolerance);
    if (column < 0) return;
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_printf(&text, "%s ", left_name);
    row_print_column(&text, set, left, (uint32_t)column);
    buf_printf(&text, "  %s ", right_name);
    row_print_column(&text, set, right, (uint32_t)column);
    buf_printf(&text, "  _version %lld", (long long)right->version);
    note(verify, result, right->key, arena_str(verify->job, buf_str(&text)));
    buf_release(&text);
}

static void compare_raw(struct verify *verify, struct verify_result *result,
                        const struct rowset *raw, const struct topic *topic) {
    for (uint32_t b = 0; b < raw->bucket_count; b++) {
        for (const struct row *row = raw->buckets[b]; row; row = row->next) {
            struct row *written = rowset_find(&topic->at_commit, row->key);
            const struct row *newest = rowset_find(&topic->newest, row->key);
            result->raw_keys++;
            if (written) {
                written->seen = true;
                if (written->deleted != row->deleted)
                    note(verify, result, row->key, STR("deleted on one side only: raw and topic"));
                else
                    note_columns(verify, result, raw, "raw", row, "topic", written);
            } else if (newest) {
                result->moved++;
            } else {
                note(verify, result, row->key, STR("computed from raw, but not in the topic"));
            }
        }
    }
    for (uint32_t b = 0; b < topic->at_commit.bucket_count; b++)
        for (const struct row *row = topic->at_commit.buckets[b]; row; row = row->next)
            if (!row->seen && !row->deleted)
                note(verify, result, row->key, STR("in the topic, but not computed from raw"));
}

/* A row of Pinot must be the topic's row of the same version, and at least as new as what the topic held when
 * Pinot had consumed it. */
static void compare_pinot(struct verify *verify, struct verify_result *result, struct topic *before,
                          const struct topic *after, struct rowset *pinot) {
    for (uint32_t b = 0; b < pinot->bucket_count; b++) {
        for (const struct row *row = pinot->buckets[b]; row; row = row->next) {
            struct row *written = rowset_find_version(&after->history, row->key, row->version);
            struct row *former = rowset_find(&before->newest, row->key);
            result->pinot_rows++;
            if (former) former->seen = true;
            if (!written)
                note(verify, result, row->key,
                     STR("in Pinot, but no record of the topic has its version"));
            else if (former && former->version > row->version)
                note(verify, result, row->key, STR("Pinot shows an older version than the topic"));
            else
                note_columns(verify, result, pinot, "topic", written, "Pinot", row);
        }
    }
    for (uint32_t b = 0; b < before->newest.bucket_count; b++) {
        for (const struct row *row = before->newest.buckets[b]; row; row = row->next) {
            result->keys += !row->deleted;
            if (row->seen || row->deleted) continue;
            const struct row *later = rowset_find(&after->newest, row->key);
            if (!later->deleted)
                note(verify, result, row->key, STR("in the topic, but not in Pinot"));
        }
    }
}

static bool verify_pinot(struct verify *verify, struct verify_result *result, struct topic *before,
                         struct error *err) {
    const struct table *table = before->newest.table;
    struct rowset rows;
    struct topic after;
    rowset_init(&rows, table);
    topic_init(&after, verify, table);
    bool ok = pinot_wait_consumed(&verify->pinot, table->name, before->ends, before->partitions,
                                  verify->options->wait_ms, err) &&
              query_rows(verify, table, &rows, err) && read_topic(&after, err);
    if (ok) compare_pinot(verify, result, before, &after, &rows);
    rowset_release(&rows);
    topic_release(&after);
    return ok;
}

static bool verify_sink(struct verify *verify, uint32_t sink, struct verify_result *result,
                        struct error *err) {
    const struct table *table = verify->plan->sinks[sink]->sink.table;
    struct topic topic;
    *result = (struct verify_result){.table = table->name};
    result->differences =
        ARENA_NEW(verify->job, verify->options->differences_max, struct verify_difference);
    topic_init(&topic, verify, table);
    bool ok = read_topic(&topic, err);
    if (ok && verify->raw) compare_raw(verify, result, &verify->raw[sink], &topic);
    if (ok) ok = verify_pinot(verify, result, &topic, err);
    result->stale_last = topic.stale_last;
    topic_release(&topic);
    return ok;
}

static bool is_wanted(const struct verify *verify, uint32_t sink) {
    const struct table *table = verify->plan->sinks[sink]->sink.table;
    if (table->connector != CONNECTOR_UPSERT_KAFKA || table->value_format.format != FORMAT_AVRO)
        return false;
    return verify->options->table.len == 0 || str_eq(verify->options->table, table->name);
}

static bool verify_sinks(struct verify *verify, struct verify_result *results, uint32_t *count,
                         struct error *err) {
    *count = 0;
    for (uint32_t s = 0; s < verify->plan->sink_count; s++)
        if (is_wanted(verify, s) && !verify_sink(verify, s, &results[(*count)++], err))
            return false;
    if (*count) return true;
    error_set(err, ERROR_USER, "E0804", "there is no upsert-kafka sink with avro values to verify");
    return verify->options->table.len
               ? error_help(err, "--table takes the name of a sink of the job")
               : false;
}

bool verify_job(const struct verify_options *options, struct arena *job,
                struct verify_result **results, uint32_t *count, struct error *err) {
    struct verify verify = {
        .options = options, .plan = options->plan, .job = job, .clock_ms = INT64_MAX};
    uint32_t sinks = options->plan->sink_count;
    pinot_open(&verify.pinot, options->controller, options->broker);
    *results = ARENA_NEW(job, sinks, struct verify_result);
    bool ok = true;
    if (options->from_raw) {
        verify.raw = ARENA_NEW(job, sinks, struct rowset);
        for (uint32_t s = 0; s < sinks; s++)
            rowset_init(&verify.raw[s], options->plan->sinks[s]->sink.table);
        ok = recompute(&verify, err);
    }
    ok = ok && verify_sinks(&verify, *results, count, err);
    for (uint32_t s = 0; verify.raw && s < sinks; s++)
        rowset_release(&verify.raw[s]);
    pinot_close(&verify.pinot);
    return ok;
}
