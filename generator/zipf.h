/* SPDX-License-Identifier: Apache-2.0 */
/* Zipf-distributed ranks: rank k of n (from 0) has the integer weight floor(2^40 / (k + 1)^s).
 * Integer weights make the table, and so the stream, the same on every machine. */
#ifndef GENERATOR_ZIPF_H
#define GENERATOR_ZIPF_H

#include "common/arena.h"
#include "common/prng.h"

struct zipf {
    uint64_t *sum_to; /* [count]: sum of the weights up to and including this rank */
    uint32_t count;
};

/* exponent 0 (uniform) to 4; count 1 to 10,000,000. The table lives in `job`. */
void zipf_init(struct zipf *zipf, uint32_t count, double exponent, struct arena *job);
uint32_t zipf_draw(const struct zipf *zipf, struct prng *prng);

#endif
