/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a job: reads the sources, folds in one task, commits every `decant.commit.interval`, publishes, and
 * goes on until it is told to stop or bounded input ends. One thread does all of it; librdkafka's threads
 * fetch and send, and the operations endpoint has one of its own. */
#ifndef KAFKA_RUN_H
#define KAFKA_RUN_H

#include <signal.h>

#include "plan/plan.h"
#include "task/task.h"

struct run_options {
    const struct plan *plan;
    const struct plan_override *overrides;
    uint32_t override_count;
    bool until_end;   /* read to the end offsets as of the start, fire what is open, stop */
    int64_t wait_ms;  /* for Kafka at the start; once running, outages are waited out for ever */
    int64_t drain_ms; /* after SIGTERM: for the last rows to be acknowledged */
    const char *ops;  /* HOST:PORT of /livez /readyz /metrics /status.json, or "off" */
    /* Called when the job begins to read; returns the flag that a signal sets: commit and end. Before that nothing
     * is at stake, and a signal may end the process. */
    volatile sig_atomic_t *(*take_signals)(void);
};

struct run_summary {
    uint64_t records, upserts, commits;
    int64_t wall_ms; /* all of it */
    int64_t read_ms; /* from the first turn of the loop until the last row was acknowledged */
};

/* Errors: what fails before the start (E05…), what fails a Flink job (E03…, E08…), rows that could not be
 * delivered (E0503). The summary is written in any case. */
bool run_job(const struct run_options *options, struct run_summary *summary,
             struct error *err) MUST_CHECK;

#endif
