/* SPDX-License-Identifier: Apache-2.0 */
/* When events are due. Event i has its place on the time line before anybody sends it (open loop):
 * a slow receiver makes delivery late, never the events.
 *
 *     without season   offset of event i = i / rate
 *     with season      the rate follows the hour: rate * (1 + 0.5 sin(2 pi (hour - 9) / 24)), and
 *                      0.8 of that on Saturday and Sunday, UTC */
#ifndef GENERATOR_SCHEDULE_H
#define GENERATOR_SCHEDULE_H

#include "common/error.h"

struct schedule {
    int64_t start_ms; /* event time of event 0 */
    double gap_ms;    /* between events, at the ordinary rate */
    bool season;
    uint64_t index;   /* of the next event */
    double offset_ms; /* with season: of the next event */
    double factor;    /* with season: of the current minute */
    int64_t minute;
};

void schedule_init(struct schedule *schedule, int64_t start_ms, double events_per_second,
                   bool season);
/* Offset of the next event from the start, in event time; never decreases. */
double schedule_next(struct schedule *schedule);
/* The season's factor at an instant; between 0.4 and 1.5. */
double season_factor(int64_t ms);

/* "2026-01-01T00:00:00", with a fraction of up to three digits and a Z or not; always UTC. */
bool parse_instant_ms(struct str s, int64_t *out_ms) MUST_CHECK;

#endif
