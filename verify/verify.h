/* SPDX-License-Identifier: Apache-2.0 */
/* `decant verify`: proves that three things agree, key by key and column by column, also while the job runs.
 *
 *   raw topic up to offsets O ─► recomputed from the beginning ─┐
 *                                                               ├─ equal?   (--from-raw)
 *   upsert topic, newest row per key with version <= V ─────────┘
 *   upsert topic, newest row per key ─── equal? ─── what Pinot answers through SQL
 *
 * O and V come from one commit of the job: the offsets that it committed to its consumer group, with the
 * commit clock as a witness. All rows up to version V were acknowledged before that commit was written. Pinot
 * may be ahead of what was read from the topic: its rows are compared with the topic's row of the same
 * version. */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "pinot/client.h"
#include "plan/plan.h"

struct verify_options {
    const struct plan *plan;
    const struct plan_override *overrides;
    uint32_t override_count;
    bool from_raw;
    struct str table; /* only this sink; empty: all */
    const char *controller, *broker;
    int64_t wait_ms;
    double tolerance;
    uint32_t differences_max; /* kept per table; all are counted */
};

struct verify_difference {
    struct str key, text; /* "revenue  topic 40.0  Pinot 39.0  (version 17…)" */
};

struct verify_result {
    struct str table;
    uint64_t keys;     /* live keys in the topic */
    uint64_t raw_keys; /* keys compared with the recomputation */
    uint64_t moved;    /* keys with a newer row only: the row of version V is compacted away */
    uint64_t pinot_rows;
    uint64_t stale_last; /* keys whose last record in the topic is not their highest version */
    uint64_t difference_count;
    struct verify_difference *differences;
    uint32_t kept;
};

/* results: one per sink of the plan that was compared; in `job`. True also when there are differences: they
 * are the answer. Errors: what keeps the comparison from being made (E05, E06, E0803 nothing committed). */
bool verify_job(const struct verify_options *options, struct arena *job,
                struct verify_result **results, uint32_t *count, struct error *err) MUST_CHECK;

#endif
