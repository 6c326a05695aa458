/* SPDX-License-Identifier: Apache-2.0 */
/* How late records went out, as a histogram: eight buckets per power of two of microseconds, so a
 * percentile is at most 12.5 % too high and adding costs a few instructions. */
#ifndef GENERATOR_DELAYS_H
#define GENERATOR_DELAYS_H

#include <stdint.h>

struct delays {
    uint64_t buckets[62 * 8];
    uint64_t count;
};

static inline void delays_add(struct delays *delays, int64_t delay_ns) {
    uint64_t us = delay_ns > 0 ? (uint64_t)delay_ns / 1000 : 0;
    unsigned bucket = (unsigned)us;
    if (us >= 8) {
        unsigned power = 63 - (unsigned)__builtin_clzll(us); /* 3 to 63 */
        bucket = (power - 2) * 8 + (unsigned)(us >> (power - 3) & 7);
    }
    delays->buckets[bucket]++;
    delays->count++;
}

/* Upper end of the bucket in which the share (0 to 1) of all delays is reached; 0 when empty. */
static inline uint64_t delays_us(const struct delays *delays, double share) {
    uint64_t want = (uint64_t)((double)delays->count * share), seen = 0;
    if (!delays->count) return 0;
    for (unsigned bucket = 0; bucket < 62 * 8; bucket++) {
        seen += delays->buckets[bucket];
        if (seen > want || seen == delays->count)
            return bucket < 8 ? bucket : ((bucket & 7) + 9ull) << (bucket / 8 - 1);
    }
    return 0;
}

#endif
