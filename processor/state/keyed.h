/* SPDX-License-Identifier: Apache-2.0 */
/* The keyed table: key bytes → a state block of fixed size. All state of a job lives in such tables.
 *
 *   index: 64 segments by the top bits of the hash, each doubles alone
 *     slot (8 bytes) = hash fragment (32) │ entry id + 1 (32)          0: empty
 *   slab: chunks of 256 entries, never moved
 *     entry = key length │ flags │ key (16 bytes inline, else a heap handle) │ [touched] │ state block
 *
 * Entry ids are stable while the key lives, so that dirty lists, DISTINCT members and, later, the cursor
 * of a rolling snapshot can name entries by id; a freed id is used again. State blocks are plain bytes,
 * a multiple of 8, without pointers: to save one is to copy it. A block of zero bytes is the state of
 * a key that was never seen.
 *
 * Probes come in batches of up to BATCH_ROWS keys: index slots, entries and long keys are prefetched for
 * 64 keys at a time, so one cache miss hides behind another. */
#ifndef STATE_KEYED_H
#define STATE_KEYED_H

#include "state/heap.h"
#include "state/keys.h"

enum { KEYED_SEGMENTS = 64, KEYED_CHUNK = 256 };

struct segment {
    uint64_t *slots;
    uint32_t mask, count;
};

enum { ENTRY_LIVE = 1, ENTRY_DIRTY = 2, ENTRY_EMITTED = 4 };

struct entry {
    uint32_t key_len;
    uint32_t flags; /* 0: free, then key_len is 1 + the next free id */
    union {
        uint8_t key[16];
        uint64_t key_words[2];
        uint64_t key_handle;
    };
    /* [int64_t touched_ms] state block */
};

struct keyed {
    struct segment segments[KEYED_SEGMENTS];
    uint8_t **chunks;
    uint32_t chunk_count, chunk_capacity;
    uint32_t entry_bytes, state_at; /* state_at: offset of the state block in the entry */
    bool timed;
    uint32_t used, live, free; /* ids handed out; keys; 1 + first free id */
    uint32_t *dirty;
    uint32_t dirty_count, dirty_capacity;
    uint32_t sweep; /* id at which the next sweep starts */
    uint64_t seed;
    size_t index_bytes, slab_bytes;
    struct heap heap; /* long keys, and texts of the states */
};

/* timed: each entry carries the time of its last write, for keyed_sweep. */
void keyed_init(struct keyed *keyed, uint32_t state_bytes, bool timed, uint64_t seed);
void keyed_release(struct keyed *keyed);
/* Empty, keeps the memory for the next window. */
void keyed_clear(struct keyed *keyed);
size_t keyed_bytes(const struct keyed *keyed);

/* Finds or adds each key. ids[i]: entry of key i; bit i of created: it was added by key i, its state
 * is zero. */
void keyed_put(struct keyed *keyed, const struct keys *keys, uint32_t *ids, uint64_t *created);

static inline struct entry *keyed_entry(const struct keyed *keyed, uint32_t id) {
    return (struct entry *)(void *)(keyed->chunks[id / KEYED_CHUNK] +
                                    (size_t)(id % KEYED_CHUNK) * keyed->entry_bytes);
}
static inline uint8_t *keyed_state(const struct keyed *keyed, uint32_t id) {
    return (uint8_t *)keyed_entry(keyed, id) + keyed->state_at;
}
static inline int64_t *keyed_touched(const struct keyed *keyed, uint32_t id) {
    return (int64_t *)(void *)(keyed_entry(keyed, id) + 1);
}
/* Key bytes; borrows until the key is removed. */
const uint8_t *keyed_key(const struct keyed *keyed, uint32_t id, uint32_t *len);

/* Removes a key that is not dirty. The caller has freed the texts of its state. */
void keyed_remove(struct keyed *keyed, uint32_t id);

/* Each id is in the list once until keyed_clean. */
void keyed_mark_dirty(struct keyed *keyed, const uint32_t *ids, uint32_t count);
void keyed_clean(struct keyed *keyed);

/* Looks at the next `slots` ids, round and round, and calls `expire` for those last touched at or before
 * `deadline_ms`; that call removes the key. Cost follows `slots`, not the number of keys. */
void keyed_sweep(struct keyed *keyed, uint32_t slots, int64_t deadline_ms,
                 void (*expire)(void *self, uint32_t id), void *self);

#endif
