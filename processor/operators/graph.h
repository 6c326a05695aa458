/* SPDX-License-Identifier: Apache-2.0 */
/* The running form of a plan: one operator with run-time state per plan node, rows pushed from the scans
 * to the sinks. One task owns a graph alone; nothing here is thread-safe, reads a clock or does I/O.
 *
 * Between two commits the aggregating operators only fold and mark keys dirty; graph_commit sends one row
 * per changed key to the sinks. Rows of append-only paths reach the sinks during graph_push. */
#ifndef OPERATORS_GRAPH_H
#define OPERATORS_GRAPH_H

#include "data/batch.h"
#include "plan/plan.h"

struct graph;

/* Where rows for a sink go. `rows` has the columns of the sink's input node; kinds as in batch.h
 * (ROW_INSERT and ROW_UPDATE_AFTER are upserts, ROW_DELETE removes the key). Valid during the call. */
struct graph_output {
    bool (*rows)(void *self, const struct plan_node *sink, const struct batch *rows,
                 struct error *err);
    void *self;
};

/* partitions[s]: number of source partitions of plan->scans[s]; batch.partition is below that.
 * Everything that lives as long as the graph comes from `job` or is freed by graph_free. */
struct graph *graph_new(const struct plan *plan, const uint32_t *partitions,
                        struct graph_output output, struct arena *job);
void graph_free(struct graph *graph);

/* Feeds rows of one partition of one scan, columns as in that scan node's schema. Advances watermarks
 * after the batch (never inside one) and marks what they make due.
 * Errors: ERROR_USER for what fails a Flink job (division by zero, CAST of bad text, NULL into a NOT NULL
 * column), with the place in the SQL; ERROR_STOP when state exceeds decant.state.max.bytes. */
bool graph_push(struct graph *graph, uint32_t scan, struct batch *batch,
                struct error *err) MUST_CHECK;

/* A partition has no more data for now (its end is reached): counts for the idle timeout. now_ms is the
 * wall clock. Called about once per commit even when nothing arrives. */
void graph_idle(struct graph *graph, uint32_t scan, uint32_t partition, bool at_end,
                int64_t now_ms);

/* Emits the changed keys: windows that are due (fired by the watermark, early and late fires) and dirty
 * groups; then expires windows and state past its TTL. */
bool graph_commit(struct graph *graph, int64_t now_ms, struct error *err) MUST_CHECK;

/* True after a commit that sent everything it may show: no changed row stays back for a fire delay. Only such a
 * commit can be compared with a recomputation. */
bool graph_settled(const struct graph *graph);

/* End of bounded input: watermark MAX; the next graph_commit emits every open event-time window. */
bool graph_finish(struct graph *graph, struct error *err) MUST_CHECK;

/* Fate of the decoded rows on the path from the scan to one sink: in = folded + filtered + duplicate + late.
 * A row that an append-only path wrote to the sink counts as folded. */
struct sink_counters {
    uint64_t in, folded, filtered, duplicate, late, rows_out, not_null_dropped;
};
struct sink_counters graph_sink_counters(const struct graph *graph, uint32_t sink);

struct node_stats {
    const struct plan_node *node;
    uint64_t keys, state_bytes;
};
/* State of each plan node that has some; returns the number written (<= max). */
uint32_t graph_state(const struct graph *graph, struct node_stats *out, uint32_t max);

/* Watermark of a scan (INT64_MIN before the first), and the partition that holds it back. */
struct watermark_status {
    bool has_watermark;
    int64_t watermark_ms;
    uint32_t holder;       /* partition with the smallest watermark */
    uint32_t idle;         /* partitions left out */
    int64_t last_event_ms; /* greatest row time seen */
    uint64_t future_rows;  /* rows too far ahead of the wall clock to move it */
};
struct watermark_status graph_watermark(const struct graph *graph, uint32_t scan);

#endif
