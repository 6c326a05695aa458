/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a batch as bytes. Equal keys (NULL equals NULL, NaN equals NaN, 0.0 and -0.0 differ) have equal
 * bytes and different keys different ones:
 *
 *   NULL bits, one per column, low bit first │ column │ column │ …
 *   number: its bytes, zero if NULL          text: length (4 bytes, not for the last column), bytes
 *
 * Each key starts at a multiple of 16 and is padded with zero bytes, so hash and comparison read whole
 * words. */
#ifndef STATE_KEYS_H
#define STATE_KEYS_H

#include "data/batch.h"

enum { KEY_PAD = 16, KEY_COLUMNS_MAX = 64 };

static inline size_t key_padded(size_t len) {
    return len ? (len + KEY_PAD - 1) & ~(size_t)(KEY_PAD - 1) : KEY_PAD;
}

struct keys {
    uint8_t *data; /* owned, grows to the largest batch */
    size_t capacity;
    size_t offset[BATCH_ROWS];
    uint32_t len[BATCH_ROWS];
    uint32_t count;
};

void keys_release(struct keys *keys);

/* Key i is made of the columns columns[numbers[0…count-1]] of row rows[i]. `prefix`, if not NULL, puts
 * the 4 bytes of prefix[i] in front. Keys over 16 MiB are cut off by the caller's record limit. */
void keys_encode(struct keys *keys, const struct vec *columns, const uint32_t *numbers,
                 uint32_t count, const uint32_t *rows, uint32_t row_count, const uint32_t *prefix);

static inline const uint8_t *keys_at(const struct keys *keys, uint32_t i) {
    return keys->data + keys->offset[i];
}

/* The reverse, for keys without prefix: key i becomes row i of out[0…count-1]; text points into the
 * key. */
void keys_decode(const uint8_t *const *key, const uint32_t *len, uint32_t rows, struct vec *out,
                 uint32_t count);

#endif
