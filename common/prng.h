/* SPDX-License-Identifier: Apache-2.0 */
/* splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). Deterministic on
 * every machine; never for secrets. */
#ifndef COMMON_PRNG_H
#define COMMON_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state;
};

static inline uint64_t prng_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}
static inline uint64_t prng_next(struct prng *prng) {
    return prng_mix(prng->state += 0x9e3779b97f4a7c15u);
}
/* [0, 1), 53 bits */
static inline double prng_unit(struct prng *prng) {
    return (double)(prng_next(prng) >> 11) * 0x1p-53;
}
/* [0, n), n > 0 */
static inline uint32_t prng_below(struct prng *prng, uint32_t n) {
    return (uint32_t)(((prng_next(prng) >> 32) * n) >> 32);
}

#endif
