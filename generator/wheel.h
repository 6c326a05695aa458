/* SPDX-License-Identifier: Apache-2.0 */
/* The visits that are going on, ordered by the time of their next event: a timing wheel, because
 * with a million of them a heap would miss the cache twenty times per event and a wheel misses
 * once.
 *
 *     bucket   now                                     now + 131,071
 *              [7]->[3]   [ ]   [12]   …                    [5]         one bucket = 64 ms
 *
 * Items are 32-bit numbers of the caller's; the caller keeps one `next` link per item. Within a
 * bucket, the last one put comes first: deterministic, and finer order has no meaning here. */
#ifndef GENERATOR_WHEEL_H
#define GENERATOR_WHEEL_H

#include "common/arena.h"

enum { WHEEL_BUCKETS = 1 << 17, WHEEL_BUCKET_MS = 64 };
#define WHEEL_NONE UINT32_MAX

struct wheel {
    uint32_t *first; /* [WHEEL_BUCKETS], WHEEL_NONE when empty */
    int64_t now;     /* number of the current bucket, ever rising */
};

static inline void wheel_init(struct wheel *wheel, struct arena *job) {
    wheel->first = ARENA_NEW(job, WHEEL_BUCKETS, uint32_t);
    for (uint32_t i = 0; i < WHEEL_BUCKETS; i++)
        wheel->first[i] = WHEEL_NONE;
    wheel->now = 0;
}

/* Due in delay_ms, at least one bucket from now and at most 139 minutes. */
static inline void wheel_put(struct wheel *wheel, uint32_t item, uint32_t *next, int64_t delay_ms) {
    int64_t ahead = delay_ms / WHEEL_BUCKET_MS;
    if (ahead < 1) ahead = 1;
    if (ahead > WHEEL_BUCKETS - 1) ahead = WHEEL_BUCKETS - 1;
    uint32_t *first = &wheel->first[(uint64_t)(wheel->now + ahead) % WHEEL_BUCKETS];
    *next = *first;
    *first = item;
}

/* First item of the current bucket, or WHEEL_NONE; it stays there until wheel_drop. */
static inline uint32_t wheel_peek(const struct wheel *wheel) {
    return wheel->first[(uint64_t)wheel->now % WHEEL_BUCKETS];
}
static inline void wheel_drop(struct wheel *wheel, uint32_t next) {
    wheel->first[(uint64_t)wheel->now % WHEEL_BUCKETS] = next;
}
/* The time at which the current bucket ends. */
static inline int64_t wheel_end_ms(const struct wheel *wheel) {
    return (wheel->now + 1) * WHEEL_BUCKET_MS;
}

#endif
