/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/faults.h"

static const char *const fault_names[FAULTS] = {
    [FAULT_NONE] = "none", [FAULT_DUPLICATE] = "duplicate", [FAULT_OUT_OF_ORDER] = "out_of_order",
    [FAULT_LATE] = "late", [FAULT_TOO_LATE] = "too_late",   [FAULT_NULLS] = "nulls",
    [FAULT_BAD] = "bad",   [FAULT_HOSTILE] = "hostile",
};

/* The fault that brings a defect about, and the defect's name in reports. In the order of their
 * turns. */
static const struct {
    enum fault fault;
    const char *name;
} defects[DEFECTS] = {
    [DEFECT_NONE] = {FAULT_NONE, "none"},
    [DEFECT_NULL_FIELD] = {FAULT_NULLS, "null_field"},
    [DEFECT_MISSING_FIELD] = {FAULT_NULLS, "missing_field"},
    [DEFECT_CUT] = {FAULT_BAD, "cut_json"},
    [DEFECT_ARRAY] = {FAULT_BAD, "array"},
    [DEFECT_EMPTY] = {FAULT_BAD, "empty_value"},
    [DEFECT_UTF8] = {FAULT_BAD, "invalid_utf8"},
    [DEFECT_TIMESTAMP] = {FAULT_BAD, "unreadable_timestamp"},
    [DEFECT_NO_ID] = {FAULT_BAD, "missing_event_id"},
    [DEFECT_UNKNOWN_TYPE] = {FAULT_BAD, "unknown_event_type"},
    [DEFECT_NUMBER_TYPE] = {FAULT_BAD, "wrong_number_type"},
    [DEFECT_TOMBSTONE] = {FAULT_BAD, "null_value"},
    [DEFECT_LONG_STRING] = {FAULT_HOSTILE, "long_string"},
    [DEFECT_NUL_BYTE] = {FAULT_HOSTILE, "nul_byte"},
    [DEFECT_ESCAPED_NUL] = {FAULT_HOSTILE, "escaped_nul"},
    [DEFECT_YEAR_9999] = {FAULT_HOSTILE, "year_9999"},
    [DEFECT_NULL_KEY] = {FAULT_HOSTILE, "null_key"},
    [DEFECT_LONG_KEY] = {FAULT_HOSTILE, "long_key"},
};

const char *fault_name(enum fault fault) {
    return fault_names[fault];
}
const char *defect_name(enum defect defect) {
    return defects[defect].name;
}

void faults_init(struct faults *faults, const struct fault_settings *settings, uint64_t seed) {
    *faults = (struct faults){.prng = {~prng_mix(seed)},
                              .late_min_ms = settings->late_min_ms,
                              .late_max_ms = settings->late_max_ms};
    double sum = 0;
    for (uint32_t fault = FAULT_NONE + 1; fault < FAULTS; fault++)
        faults->below[fault] = sum += settings->percent[fault];
    faults->any = sum > 0;
}

static enum fault draw_fault(struct faults *faults) {
    double at = prng_unit(&faults->prng) * 100;
    for (uint32_t fault = FAULT_NONE + 1; fault < FAULTS; fault++)
        if (at < faults->below[fault]) return (enum fault)fault;
    return FAULT_NONE;
}

/* The turn-th defect of a fault, around and around; *round counts the full rounds. */
static enum defect defect_in_turn(enum fault fault, uint32_t turn, uint32_t *round) {
    uint32_t first = 0, count = 0;
    for (uint32_t defect = 0; defect < DEFECTS; defect++)
        if (defects[defect].fault == fault && count++ == 0) first = defect;
    *round = turn / count;
    return (enum defect)(first + turn % count);
}

static int64_t draw_ms(struct prng *prng, int64_t min_ms, int64_t max_ms) {
    return min_ms + prng_below(prng, (uint32_t)(max_ms - min_ms + 1));
}

struct hold faults_decide(struct faults *faults, struct event *event) {
    struct hold hold = {0};
    event->fault = FAULT_NONE;
    event->defect = DEFECT_NONE;
    if (!faults->any) return hold;
    enum fault fault = draw_fault(faults);
    event->fault = (uint8_t)fault;
    switch (fault) {
    case FAULT_DUPLICATE: hold.events = 1 + prng_below(&faults->prng, 1000); break;
    case FAULT_OUT_OF_ORDER: hold.ms = draw_ms(&faults->prng, 1000, 4000); break;
    case FAULT_LATE:
        hold.ms = draw_ms(&faults->prng, faults->late_min_ms, faults->late_max_ms);
        break;
    case FAULT_TOO_LATE: hold.ms = draw_ms(&faults->prng, 20 * 60000, 60 * 60000); break;
    case FAULT_NULLS:
    case FAULT_BAD:
    case FAULT_HOSTILE:
        event->defect = (uint8_t)defect_in_turn(fault, faults->turn[fault]++, &event->turn);
        break;
    case FAULT_NONE:
    case FAULTS: break;
    }
    return hold;
}

void faults_apply(const struct event *event, struct record *record) {
    switch ((enum defect)event->defect) {
    case DEFECT_CUT: /* anywhere inside: a proper prefix of an object is never JSON */
        record->value.len = 1 + prng_mix(event->turn + 1) % (record->value.len - 1);
        break;
    case DEFECT_ARRAY: record->value = STR("[]"); break;
    case DEFECT_EMPTY: record->value = STR(""); break;
    case DEFECT_TOMBSTONE:
        record->value = STR("");
        record->value_null = true;
        break;
    case DEFECT_NULL_KEY:
        record->key = STR("");
        record->key_null = true;
        break;
    case DEFECT_NONE:
    case DEFECT_NULL_FIELD:
    case DEFECT_MISSING_FIELD:
    case DEFECT_UTF8:
    case DEFECT_TIMESTAMP:
    case DEFECT_NO_ID:
    case DEFECT_UNKNOWN_TYPE:
    case DEFECT_NUMBER_TYPE:
    case DEFECT_LONG_STRING:
    case DEFECT_NUL_BYTE:
    case DEFECT_ESCAPED_NUL:
    case DEFECT_YEAR_9999:
    case DEFECT_LONG_KEY:
    case DEFECTS: break;
    }
}
