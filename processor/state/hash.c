/* SPDX-License-Identifier: Apache-2.0 */
#include "state/hash.h"

#include <sys/random.h>

#include "common/clock.h"

uint64_t hash_seed(void) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) return seed;
    /* Only before the kernel has entropy: the address layout and the clock are better than nothing. */
    return hash_mix((uint64_t)clock_mono_ns(), (uint64_t)(uintptr_t)&seed | 1);
}
