/* SPDX-License-Identifier: Apache-2.0 */
#include "task/task.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "encode/encode.h"

enum {
    ROW_BYTES_MAX = 900 * 1024 /* a Kafka record takes 1,000,000 bytes by default */,
    SCRATCH_BYTES_MAX = 8 * 1024 * 1024
};

/* One input partition. Decoders learn field orders, so each partition has its own. */
struct input {
    struct decoder *decoder;
    int64_t next_offset, committed_offset;
};

/* One scan: its partitions and the batch that is being filled, whose rows all come from one partition. */
struct source {
    const struct plan_node *node;
    struct input *inputs;
    uint32_t partitions;
    struct batch batch;
    struct arena scratch; /* text of the batch */
    struct scan_counters counters;
    bool drops_bad; /* ignore-parse-errors: drop and count; otherwise the job fails as in Flink */
};

struct task {
    const struct plan *plan;
    struct arena job;
    struct graph *graph;
    struct source *sources;
    struct encoder **encoders; /* [sink] */
    struct task_sink_counters *sinks;
    struct task_output output;
    struct buf key, value;
    int64_t clock_ms; /* version of the group that is being folded */
    uint64_t sequence, group_upserts;
    bool group_open; /* clock_ms is decided */
    bool lenient;    /* some source drops bad records: rows with refused keys are dropped as well */
};

static bool is_lenient(const struct table *table) {
    return table->value_format.ignore_parse_errors || table->key_format.ignore_parse_errors;
}

static bool open_source(struct task *task, uint32_t number, uint32_t partitions,
                        struct error *err) {
    struct source *source = &task->sources[number];
    const struct plan_node *node = task->plan->scans[number];
    struct type *types = ARENA_NEW(&task->job, node->schema.count, struct type);
    for (uint32_t i = 0; i < node->schema.count; i++)
        types[i] = node->schema.columns[i].type;
    source->node = node;
    source->partitions = partitions;
    source->drops_bad = is_lenient(node->scan.table);
    source->inputs = ARENA_NEW(&task->job, partitions, struct input);
    batch_init(&source->batch, types, node->schema.count, &task->job, &source->scratch);
    task->lenient |= source->drops_bad;
    for (uint32_t p = 0; p < partitions; p++) {
        source->inputs[p].next_offset = source->inputs[p].committed_offset = -1;
        if (!decoder_new(node, &source->inputs[p].decoder, err)) return false;
    }
    return true;
}

/* Encodes the rows of one sink and hands them on. */
static bool write_row(struct task *task, const struct plan_node *sink, const struct batch *rows,
                      uint32_t row, struct error *err) {
    uint32_t number = sink->sink.number;
    struct task_sink_counters *counters = &task->sinks[number];
    enum row_kind kind = batch_kind(rows, row);
    if (kind == ROW_UPDATE_BEFORE) return true; /* an upsert topic has no use for it */
    struct upsert upsert = {
        .sink = number, .version = task->clock_ms, .deleted = kind == ROW_DELETE};
    struct error refused;
    buf_clear(&task->key);
    buf_clear(&task->value);
    if (!encode_row(task->encoders[number], rows, row, upsert.version, upsert.deleted, &task->key,
                    &task->value, &refused)) {
        if (refused.kind == ERROR_RECORD && task->lenient) {
            counters->rows_refused++;
            return true;
        }
        if (err) *err = refused;
        return false;
    }
    upsert.key = buf_str(&task->key);
    upsert.value = buf_str(&task->value);
    counters->upserts++;
    counters->deletes += upsert.deleted;
    counters->bytes += upsert.key.len + upsert.value.len;
    task->group_upserts++;
    return task->output.upsert(task->output.self, &upsert, err);
}

static bool on_rows(void *self, const struct plan_node *sink, const struct batch *rows,
                    struct error *err) {
    for (uint32_t i = 0; i < rows->selected; i++)
        if (!write_row(self, sink, rows, batch_row(rows, i), err)) return false;
    return true;
}

static bool open_all(struct task *task, const struct task_config *config, struct error *err) {
    const struct plan *plan = config->plan;
    for (uint32_t s = 0; s < plan->scan_count; s++)
        if (!open_source(task, s, config->partitions[s], err)) return false;
    for (uint32_t s = 0; s < plan->sink_count; s++)
        if (!encoder_new(plan->sinks[s], &task->job, &task->encoders[s], err)) return false;
    return true;
}

bool task_new(const struct task_config *config, struct task **out, struct error *err) {
    struct task *task = memory_new(1, sizeof *task);
    const struct plan *plan = config->plan;
    task->plan = plan;
    task->output = config->output;
    task->clock_ms = config->version_floor;
    task->sources = ARENA_NEW(&task->job, plan->scan_count, struct source);
    task->encoders = ARENA_NEW(&task->job, plan->sink_count, struct encoder *);
    task->sinks = ARENA_NEW(&task->job, plan->sink_count, struct task_sink_counters);
    buf_init(&task->key, ROW_BYTES_MAX);
    buf_init(&task->value, ROW_BYTES_MAX);
    if (!open_all(task, config, err)) {
        task_free(task);
        return false;
    }
    struct graph_output output = {on_rows, task};
    task->graph = graph_new(plan, config->partitions, output, &task->job);
    *out = task;
    return true;
}

void task_free(struct task *task) {
    if (!task) return;
    if (task->graph) graph_free(task->graph);
    for (uint32_t s = 0; s < task->plan->scan_count; s++) {
        struct source *source = &task->sources[s];
        for (uint32_t p = 0; source->inputs && p < source->partitions; p++)
            decoder_free(source->inputs[p].decoder);
        arena_release(&source->scratch);
    }
    buf_release(&task->key);
    buf_release(&task->value);
    arena_release(&task->job);
    free(task);
}

/* Decides the version of a group's rows once, when its first record comes: rows of append-only paths leave
 * before the commit. */
static void begin_group(struct task *task, int64_t now_ms) {
    if (task->group_open) return;
    int64_t next = task->clock_ms + 1;
    task->clock_ms = now_ms > next ? now_ms : next;
    task->group_open = true;
}

static bool push(struct task *task, uint32_t scan, int64_t now_ms, struct error *err) {
    struct source *source = &task->sources[scan];
    if (source->batch.rows == 0) return true;
    source->batch.now_ms = now_ms;
    source->batch.selected = source->batch.rows;
    bool ok = graph_push(task->graph, scan, &source->batch, err);
    batch_clear(&source->batch);
    if (source->scratch.total_bytes > SCRATCH_BYTES_MAX)
        arena_release(&source->scratch); /* after a burst */
    arena_reset(&source->scratch);
    return ok;
}

/* The end of the job: Flink's default for a bad record. */
static bool fail_job(const struct table *table, const struct record *record,
                     const struct bad_record *bad, struct error *err) {
    struct error place = {0};
    struct buf text;
    buf_init(&text, 4096);
    bad_record_print(&text, bad, record, table);
    error_place(&place, STR_FMT "[%d]@%lld", STR_ARG(table->kafka.topic), record->partition,
                (long long)record->offset);
    struct str sentence = buf_str(&text), where = str_of(place.place);
    if (str_starts(sentence, where))
        sentence = str_from(sentence, where.len + 2); /* ": " follows */
    error_set(err, ERROR_USER, "E0801", "a record cannot be decoded: " STR_FMT, STR_ARG(sentence));
    error_place(err, "%s", place.place);
    error_help(
        err,
        "correct the table, or drop and count such records: '%sjson.ignore-parse-errors' = 'true', or keep them: SET 'decant.dead-letter.topic' = '…'",
        table->key_field_count ? "value." : "");
    buf_release(&text);
    return false;
}

/* A bad record: dropped and counted, or the end of the job, as the table says. */
static bool refuse(struct task *task, struct source *source, const struct record *record,
                   const struct bad_record *bad, struct error *err) {
    source->counters.bad[bad->reason]++;
    if (task->output.dead_letter) {
        source->counters.dead_letters++;
        return task->output.dead_letter(task->output.self, source->node, record, bad, err);
    }
    return source->drops_bad || fail_job(source->node->scan.table, record, bad, err);
}

bool task_record(struct task *task, uint32_t scan, uint32_t partition, const struct record *record,
                 int64_t now_ms, struct error *err) {
    struct source *source = &task->sources[scan];
    struct input *input = &source->inputs[partition];
    struct bad_record bad;
    if (source->batch.rows == BATCH_ROWS || source->batch.partition != partition)
        if (!push(task, scan, now_ms, err)) return false;
    source->batch.partition = partition;
    source->counters.records++;
    source->counters.bytes += record->key.len + record->value.len;
    begin_group(task, now_ms);
    input->next_offset = record->offset + 1;
    switch (decode_record(input->decoder, record, &source->batch, &bad)) {
    case DECODE_ROW: source->counters.rows++; return true;
    case DECODE_SKIP: source->counters.skipped++; return true;
    case DECODE_BAD: return refuse(task, source, record, &bad, err);
    }
    return true;
}

void task_idle(struct task *task, uint32_t scan, uint32_t partition, bool at_end, int64_t now_ms) {
    graph_idle(task->graph, scan, partition, at_end, now_ms);
}

static bool push_all(struct task *task, int64_t now_ms, struct error *err) {
    for (uint32_t s = 0; s < task->plan->scan_count; s++)
        if (!push(task, s, now_ms, err)) return false;
    return true;
}

bool task_finish(struct task *task, int64_t now_ms, struct error *err) {
    begin_group(task, now_ms);
    return push_all(task, now_ms, err) && graph_finish(task->graph, err);
}

bool task_commit(struct task *task, int64_t now_ms, struct commit *commit, struct error *err) {
    begin_group(task, now_ms);
    if (!push_all(task, now_ms, err) || !graph_commit(task->graph, now_ms, err)) return false;
    for (uint32_t s = 0; s < task->plan->scan_count; s++)
        for (uint32_t p = 0; p < task->sources[s].partitions; p++)
            task->sources[s].inputs[p].committed_offset = task->sources[s].inputs[p].next_offset;
    *commit = (struct commit){.sequence = ++task->sequence,
                              .clock_ms = task->clock_ms,
                              .settled = graph_settled(task->graph),
                              .upserts = task->group_upserts};
    task->group_upserts = 0;
    task->group_open = false;
    return true;
}

int64_t task_next_offset(const struct task *task, uint32_t scan, uint32_t partition) {
    return task->sources[scan].inputs[partition].committed_offset;
}

struct scan_counters task_scan_counters(const struct task *task, uint32_t scan) {
    const struct source *source = &task->sources[scan];
    struct scan_counters counters = source->counters;
    for (uint32_t p = 0; p < source->partitions; p++)
        counters.field_nulls += decoder_stats(source->inputs[p].decoder).field_nulls;
    return counters;
}

uint64_t scan_dropped(const struct scan_counters *counters) {
    uint64_t dropped = 0;
    for (unsigned i = 0; i < BAD_REASON_COUNT; i++)
        dropped += counters->bad[i];
    return dropped;
}

struct task_sink_counters task_sink_counters(const struct task *task, uint32_t sink) {
    struct task_sink_counters counters = task->sinks[sink];
    counters.rows = graph_sink_counters(task->graph, sink);
    return counters;
}

struct record_fate task_sink_records(const struct task *task, uint32_t sink) {
    const struct plan_node *node = task->plan->sinks[sink];
    while (node->input)
        node = node->input;
    for (uint32_t s = 0; s < task->plan->scan_count; s++) {
        if (task->plan->scans[s] != node) continue;
        const struct scan_counters *counters = &task->sources[s].counters;
        return (struct record_fate){counters->records, counters->skipped, scan_dropped(counters)};
    }
    return (struct record_fate){0};
}

static void append_figure(struct buf *out, const char *name, uint64_t figure) {
    buf_printf(out, "%s ", name);
    buf_append_grouped(out, (int64_t)figure);
}

void task_reconciliation(struct buf *out, const struct task *task) {
    for (uint32_t s = 0; s < task->plan->sink_count; s++) {
        struct task_sink_counters counters = task_sink_counters(task, s);
        struct record_fate fate = task_sink_records(task, s);
        buf_append(out, task->plan->sinks[s]->sink.table->name);
        append_figure(out, ": in", fate.records);
        append_figure(out, " = folded", counters.rows.folded);
        append_figure(out, " + filtered", counters.rows.filtered);
        append_figure(out, " + duplicate", counters.rows.duplicate);
        append_figure(out, " + late", counters.rows.late);
        append_figure(out, " + dropped", fate.dropped);
        if (fate.skipped) append_figure(out, " + null values", fate.skipped);
        append_figure(out, "; upserts", counters.upserts);
        if (counters.rows_refused) append_figure(out, ", rows refused", counters.rows_refused);
        if (counters.rows.not_null_dropped)
            append_figure(out, ", NULL keys dropped", counters.rows.not_null_dropped);
        buf_append_char(out, '\n');
    }
}

const struct graph *task_graph(const struct task *task) {
    return task->graph;
}
