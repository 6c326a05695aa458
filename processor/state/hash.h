/* SPDX-License-Identifier: Apache-2.0 */
/* Hash of encoded keys. Strangers choose the keys, so it is seeded per process; nothing durable and no
 * output order may depend on it. 64-bit multiply-mix: two words at a time, folded from 128 bits. */
#ifndef STATE_HASH_H
#define STATE_HASH_H

#include "data/type.h"

/* Drawn once per graph. */
uint64_t hash_seed(void);

static inline uint64_t hash_mix(uint64_t a, uint64_t b) {
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keys are padded with zero bytes to a multiple of 16, so whole words are read. */
static inline uint64_t hash_key(const uint8_t *padded, uint32_t len, uint64_t seed) {
    const uint64_t p0 = 0x9e3779b97f4a7c15u, p1 = 0xd6e8feb86659fd93u, p2 = 0xa0761d6478bd642fu;
    uint64_t hash = seed ^ p0;
    for (uint32_t at = 0; at < len; at += 16) {
        uint64_t word[2];
        memcpy(word, padded + at, sizeof word);
        hash = hash_mix(word[0] ^ p1 ^ hash, word[1] ^ p2 ^ seed);
    }
    return hash_mix(hash ^ len, p1);
}

#endif
