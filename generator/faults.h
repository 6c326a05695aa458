/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong on purpose. An event gets at most one fault, so that the counts of a run can be
 * reconciled with what a processor says it did. The dice are the faults' own: switching a fault on
 * changes no event that it does not hit.
 *
 *     duplicate     the same bytes again, 1 to 1,000 events later
 *     out of order  held back 1 to 4 s of event time (under a watermark delay of 5 s)
 *     late          held back for longer, inside an allowed lateness of 10 minutes
 *     too late      held back 20 to 60 minutes
 *     nulls         one field null or missing, in turn
 *     bad           one of nine kinds in turn, see defect_name
 *     hostile       one of six kinds in turn: 1 MB string, NUL byte, \u0000, year 9999, null key,
 *                   key of more than 512 characters */
#ifndef GENERATOR_FAULTS_H
#define GENERATOR_FAULTS_H

#include "common/prng.h"
#include "generator/scenario.h"

struct fault_settings {
    double percent[FAULTS]; /* of the events; 0 for FAULT_NONE; sum at most 100 */
    int64_t late_min_ms, late_max_ms;
};

struct faults {
    struct prng prng;
    bool any;
    double below[FAULTS]; /* a draw from [0, 100) below this, and not below the one before, hits */
    uint32_t turn[FAULTS];
    int64_t late_min_ms, late_max_ms;
};

/* How long an event waits, in event time or in events; both 0: not at all. */
struct hold {
    int64_t ms;
    uint32_t events; /* only of duplicates: the copy waits, the event does not */
};

void faults_init(struct faults *faults, const struct fault_settings *settings, uint64_t seed);
/* Sets event->fault, defect and turn. */
struct hold faults_decide(struct faults *faults, struct event *event);
/* Turns a rendered record into one with the event's defect, where that concerns the whole
 * record. */
void faults_apply(const struct event *event, struct record *record);

const char *fault_name(enum fault fault);    /* "out_of_order" */
const char *defect_name(enum defect defect); /* "cut_json" */

#endif
