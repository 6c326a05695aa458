/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario invents events; everything around it (when they are due, which are broken, held back
 * or sent twice, where they go) is the same for all scenarios. It works in two steps so that an
 * event can wait: `next` decides an event and stores it in 40 plain bytes, `render` writes those
 * bytes out as a record. Both are deterministic; rendering the same event twice gives the same
 * bytes.
 *
 * A new scenario is one file and one row in scenario.c. */
#ifndef GENERATOR_SCENARIO_H
#define GENERATOR_SCENARIO_H

#include "common/arena.h"

enum { EVENT_DETAIL_BYTES = 40 };

/* What is wrong with a record. The scenario writes the field-level ones; those of the whole record
 * are made from a rendered one in faults.c. */
enum defect {
    DEFECT_NONE,
    /* --nulls */
    DEFECT_NULL_FIELD,
    DEFECT_MISSING_FIELD,
    /* --bad */
    DEFECT_CUT,
    DEFECT_ARRAY,
    DEFECT_EMPTY,
    DEFECT_UTF8,
    DEFECT_TIMESTAMP,
    DEFECT_NO_ID,
    DEFECT_UNKNOWN_TYPE,
    DEFECT_NUMBER_TYPE,
    DEFECT_TOMBSTONE,
    /* --hostile */
    DEFECT_LONG_STRING,
    DEFECT_NUL_BYTE,
    DEFECT_ESCAPED_NUL,
    DEFECT_YEAR_9999,
    DEFECT_NULL_KEY,
    DEFECT_LONG_KEY,
    DEFECTS
};

enum fault {
    FAULT_NONE,
    FAULT_DUPLICATE,
    FAULT_OUT_OF_ORDER,
    FAULT_LATE,
    FAULT_TOO_LATE,
    FAULT_NULLS,
    FAULT_BAD,
    FAULT_HOSTILE,
    FAULTS
};

struct event {
    int64_t time_ms;       /* event time, epoch milliseconds UTC */
    uint8_t fault, defect; /* enum fault, enum defect */
    uint32_t turn; /* counts the records of this defect: which field is null, where it is cut */
    _Alignas(8) unsigned char detail[EVENT_DETAIL_BYTES]; /* the scenario's own */
};

/* One rendered record; borrows the renderer's memory until the next event. */
struct record {
    struct str key, value;
    bool key_null, value_null;
};

struct scenario_settings {
    uint64_t seed;
    double events_per_second; /* of event time */
    int64_t users;
    double skew; /* Zipf exponent of the scenario's main dimension */
};

/* Bounds the text of every scenario, so that renderers write without checks. */
enum { LONG_STRING_BYTES = 1000000, LONG_KEY_BYTES = 600, RECORD_BYTES = 8192 };

struct scenario {
    const char *name, *topic, *summary;
    /* State in `job`, which lives as long as the run. */
    void *(*open)(const struct scenario_settings *settings, struct arena *job);
    void (*close)(void *state);
    /* Fills event->detail with the next event. season scales how many visits begin: 1 is
     * ordinary. */
    void (*next)(void *state, double season, struct event *event);
    /* Writes the record to `out`, which holds RECORD_BYTES, and LONG_STRING_BYTES more when the
     * defect is DEFECT_LONG_STRING. */
    void (*render)(void *state, const struct event *event, char *out, struct record *record);
};

const struct scenario *scenario_find(struct str name);
/* Names of all scenarios, for messages and "did you mean". */
const char *const *scenario_names(size_t *count);

extern const struct scenario scenario_shop;

#endif
