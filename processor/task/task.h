/* SPDX-License-Identifier: Apache-2.0 */
/* The pure heart: a task folds records into state and yields commits. It owns its state alone, reads no
 * clock, knows no Kafka and no thread: records, time and the output are handed in, so that the real Kafka,
 * a file and a simulated log are interchangeable.
 *
 *   task_record … task_record ─► task_commit ─► upserts with one _version (the commit clock) ─► output
 *
 * The commit clock is in milliseconds and strictly rising per task, whatever the wall clock does: Pinot
 * keeps the highest version of a key, so a replay cannot win over a newer row. */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "decode/decode.h"
#include "operators/graph.h"
#include "plan/plan.h"

struct task;

/* One row for a sink's topic. Bytes are valid during the call. */
struct upsert {
    uint32_t sink; /* number in plan->sinks */
    struct str key, value;
    int64_t version;
    bool deleted;
};

/* Where a task's results go. Called between task_commit's begin and return, in one thread. */
struct task_output {
    bool (*upsert)(void *self, const struct upsert *upsert, struct error *err);
    /* A record that the table's policy drops. May be NULL: it is only counted then. */
    bool (*dead_letter)(void *self, const struct plan_node *scan, const struct record *record,
                        const struct bad_record *bad, struct error *err);
    void *self;
};

struct task_config {
    const struct plan *plan;
    const uint32_t *partitions; /* [scan]: number of source partitions */
    int64_t
        version_floor; /* every version is above this: the newest one found in the sink topics */
    struct task_output output;
};

bool task_new(const struct task_config *config, struct task **out, struct error *err) MUST_CHECK;
void task_free(struct task *task);

/* Folds one record of (scan, partition). Rows are gathered into a batch and pushed when it is full, when the
 * partition changes, or at task_commit. now_ms: the wall clock, read once per group of records.
 * Errors: a record that cannot be decoded while the table's policy is to fail (E0801, with
 * topic[partition]@offset and the remedy); whatever graph_push reports. After an error the task is dead. */
bool task_record(struct task *task, uint32_t scan, uint32_t partition, const struct record *record,
                 int64_t now_ms, struct error *err) MUST_CHECK;

/* The partition's end is (not) reached: for idle timeouts. */
void task_idle(struct task *task, uint32_t scan, uint32_t partition, bool at_end, int64_t now_ms);

/* No more records will come (bounded input): fires what is open at the next commit. */
bool task_finish(struct task *task, int64_t now_ms, struct error *err) MUST_CHECK;

struct commit {
    uint64_t sequence;
    int64_t clock_ms; /* the version of all its rows */
    bool settled;     /* no changed row stays back for a fire delay */
    uint64_t upserts;
    int64_t duration_ns; /* left to the caller */
};
/* Ends the group: pushes the rest, emits one row per changed key to the output. */
bool task_commit(struct task *task, int64_t now_ms, struct commit *commit,
                 struct error *err) MUST_CHECK;

/* The next offset of every input partition that the last commit covers; -1 before the first record. */
int64_t task_next_offset(const struct task *task, uint32_t scan, uint32_t partition);

struct scan_counters {
    uint64_t records, bytes;        /* everything that was read */
    uint64_t rows;                  /* decoded */
    uint64_t skipped;               /* null or empty values */
    uint64_t bad[BAD_REASON_COUNT]; /* dropped, by reason */
    uint64_t field_nulls;           /* bad fields that ignore-parse-errors turned NULL */
    uint64_t dead_letters;
};
struct scan_counters task_scan_counters(const struct task *task, uint32_t scan);
uint64_t scan_dropped(const struct scan_counters *counters);

struct task_sink_counters {
    struct sink_counters rows; /* in = folded + filtered + duplicate + late, of decoded rows */
    uint64_t upserts, deletes, bytes;
    uint64_t
        rows_refused; /* rows not written: their key would be cut by Pinot, or they are too large */
};
struct task_sink_counters task_sink_counters(const struct task *task, uint32_t sink);

/* What became of the records of the topic behind a sink: records = decoded rows + skipped + dropped. */
struct record_fate {
    uint64_t records, skipped, dropped;
};
struct record_fate task_sink_records(const struct task *task, uint32_t sink);

/* A line per sink: "product_analytics: in 18 = folded 10 + filtered 6 + duplicate 1 + late 0 + dropped 1; upserts
 * 4". `in` counts every record that was read. */
void task_reconciliation(struct buf *out, const struct task *task);

const struct graph *task_graph(const struct task *task);

#endif
