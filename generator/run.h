/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a stream to an output on schedule and measures how well that went. */
#ifndef GENERATOR_RUN_H
#define GENERATOR_RUN_H

#include <signal.h>

#include "common/clock.h"
#include "generator/output.h"
#include "generator/stream.h"

struct run_report {
    struct stream_counts counts;         /* handed to the output */
    uint64_t bytes;                      /* keys and values */
    double seconds;                      /* from the first due time to the last record sent */
    double drain_seconds;                /* from there to the last acknowledgement */
    double asked, reached;               /* records per second sent; asked is INFINITY for max */
    uint64_t delay_p50_us, delay_p99_us; /* from due to sent; 0 without a rate */
    int64_t behind_ms;                   /* of the newest record */
    struct delivery delivery;            /* final once the run is over */
    bool stopped;                        /* by a signal, or because the reader went away */
};

struct run_settings {
    double rate;    /* records per second, INFINITY: as fast as possible */
    double speed;   /* event time that passes per second of real time, with a rate */
    int64_t for_ms; /* 0: until the stream ends */
    int64_t drain_ms;
    struct clock clock;
    const volatile sig_atomic_t *stop;
    void (*progress)(void *self,
                     const struct run_report *so_far); /* about once a second; may be NULL */
    void *self;
};

/* Returns false when the output broke; the report is filled either way. */
bool generator_run(struct stream *stream, struct output *output,
                   const struct run_settings *settings, struct run_report *report,
                   struct error *err) MUST_CHECK;

/* "1,000,000 events, 284 MB in 20.0 s: 50,000/s asked, 49,996/s sent; …" and, if any, the
 * faults. */
void report_text(const struct run_report *report, struct buf *out);
/* One line: {"schema":"decant.generate/1",…} */
void report_json(const struct run_report *report, struct str scenario, uint64_t seed,
                 struct buf *out);
/* The live line of a run in progress. */
void report_progress(const struct run_report *report, struct buf *out);

#endif
