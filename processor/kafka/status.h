/* SPDX-License-Identifier: Apache-2.0 */
/* What a running job tells about itself: the status line, /status.json, /metrics. Rendered by the worker
 * once a second; the operations endpoint only copies the finished texts. */
#ifndef KAFKA_STATUS_H
#define KAFKA_STATUS_H

#include "kafka/run.h"
#include "kafka/source.h"
#include "kafka/writer.h"

struct ops; /* the endpoint's thread */

/* A snapshot of the figures that the texts are made of. */
struct job_status {
    const struct plan *plan;
    const struct task *task;
    struct source *const *sources; /* [scan] */
    struct writer *writer;
    const char *state; /* "starting", "running", "draining", "failed" */
    bool ready;
    int64_t now_ms, started_ms;
    uint64_t commits;
    int64_t commit_clock_ms, commit_duration_ns;
    uint64_t delivered_commits;
    double records_per_s, upserts_per_s;
};

/* "14:03:20  in 118,204/s  out 9,871/s  lag 0  watermark 5.3 s behind  late 0  dead 0  state 1,003,488 keys 97 MB
 * commit 11 ms" */
void status_line(struct buf *out, const struct job_status *status);
void status_json(struct buf *out, const struct job_status *status);
void status_metrics(struct buf *out,
                    const struct job_status *status); /* Prometheus text format 0.0.4 */

/* Starts the endpoint in its own thread; *out is NULL when `listen` is "off". E0406 when the port is taken. */
bool ops_start(const char *listen, struct ops **out, struct error *err) MUST_CHECK;
/* Replaces the texts that the endpoint answers with. NULL is fine. */
void ops_publish(struct ops *ops, const struct job_status *status);
void ops_stop(struct ops *ops);

#endif
