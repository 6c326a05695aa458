/* SPDX-License-Identifier: Apache-2.0 */
/* The finished stream: the scenario's events on the schedule, with faults. Same settings, same
 * bytes in the same order, however fast it is read.
 *
 *     scenario ─► schedule ─► faults ─┬──────────────► next record
 *                                     └─► held back ──►    (whichever is due first)
 *
 * An event held back keeps its event time and comes when the stream has got that much further;
 * what still waits when the last event was made comes then, at once (counted as `early`). */
#ifndef GENERATOR_STREAM_H
#define GENERATOR_STREAM_H

#include "generator/faults.h"
#include "generator/schedule.h"

/* 4 Mi events of 80 bytes; what exceeds that is released before its time and counted. */
enum { HELD_MAX = 1 << 22 };

struct stream_settings {
    const struct scenario *scenario;
    struct scenario_settings scenario_settings;
    struct fault_settings faults;
    int64_t start_ms;
    bool season;
    uint64_t count; /* records, duplicates included; 0: without end */
};

struct stream_counts {
    uint64_t records;
    uint64_t fault[FAULTS]; /* fault[FAULT_DUPLICATE]: the second copies */
    uint64_t defect[DEFECTS];
    uint64_t early; /* held back for less than was drawn */
};

struct held {
    double due_ms;
    uint64_t order; /* of two with the same due time, the first put comes first */
    struct event event;
};

struct stream {
    const struct scenario *scenario;
    void *state;
    struct faults faults;
    struct schedule schedule;
    uint64_t planned, count; /* records made or promised, and how many there shall be */
    double next_ms;          /* schedule's place of the next event that the scenario makes */
    struct held *held;       /* binary heap by (due_ms, order); malloc'd, doubled when full */
    uint32_t held_count, held_capacity;
    uint64_t held_order;
    struct stream_counts counts; /* of the records handed out */
    char *out;
};

/* The stream borrows `job` for its life; stream_close frees what is not in it. */
void stream_open(struct stream *stream, const struct stream_settings *settings, struct arena *job);
void stream_close(struct stream *stream);
/* The next record's event, and its due time as milliseconds of event time since the start; false
 * at the end. */
bool stream_next(struct stream *stream, struct event *event, double *due_ms) MUST_CHECK;
/* The bytes of an event; borrowed until the next call. */
void stream_render(struct stream *stream, const struct event *event, struct record *record);

#endif
