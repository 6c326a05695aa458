/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/zipf.h"

#include <math.h>

void zipf_init(struct zipf *zipf, uint32_t count, double exponent, struct arena *job) {
    zipf->count = count;
    zipf->sum_to = ARENA_NEW(job, count, uint64_t);
    uint64_t sum = 0;
    for (uint32_t rank = 0; rank < count; rank++) {
        sum += (uint64_t)(0x1p40 / pow(rank + 1.0, exponent));
        zipf->sum_to[rank] = sum;
    }
}

uint32_t zipf_draw(const struct zipf *zipf, struct prng *prng) {
    uint64_t total = zipf->sum_to[zipf->count - 1];
    uint64_t at = (uint64_t)(prng_unit(prng) * (double)total);
    uint32_t low = 0, high = zipf->count - 1; /* the first rank whose sum exceeds `at` */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zipf->sum_to[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
