/* SPDX-License-Identifier: Apache-2.0 */
#include "state/keyed.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "state/hash.h"

enum { PROBE = 64, SEGMENT_MIN = 16, KEY_INLINE = 16, SEGMENT_SHIFT = 26 };

/* A segment without memory of its own: one empty slot that is never written. */
static uint64_t no_slots[1];

static const struct segment segment_empty = {no_slots, 0, 0};

void keyed_init(struct keyed *keyed, uint32_t state_bytes, bool timed, uint64_t seed) {
    *keyed = (struct keyed){.timed = timed, .seed = seed};
    for (uint32_t i = 0; i < KEYED_SEGMENTS; i++)
        keyed->segments[i] = segment_empty;
    keyed->state_at = (uint32_t)(sizeof(struct entry) + (timed ? sizeof(int64_t) : 0));
    keyed->entry_bytes = keyed->state_at + ((state_bytes + 7) & ~7u);
}

static bool segment_owned(const struct segment *segment) {
    return segment->slots != no_slots;
}

void keyed_release(struct keyed *keyed) {
    for (uint32_t i = 0; i < KEYED_SEGMENTS; i++)
        if (keyed->segments[i].slots && segment_owned(&keyed->segments[i]))
            free(keyed->segments[i].slots);
    for (uint32_t i = 0; i < keyed->chunk_count; i++)
        free(keyed->chunks[i]);
    free(keyed->chunks);
    free(keyed->dirty);
    heap_release(&keyed->heap);
    *keyed = (struct keyed){0};
}

void keyed_clear(struct keyed *keyed) {
    for (uint32_t i = 0; i < KEYED_SEGMENTS; i++) {
        struct segment *segment = &keyed->segments[i];
        if (!segment->count) continue;
        memset(segment->slots, 0, ((size_t)segment->mask + 1) * sizeof *segment->slots);
        segment->count = 0;
    }
    keyed->used = keyed->live = keyed->free = keyed->dirty_count = keyed->sweep = 0;
    heap_clear(&keyed->heap);
}

size_t keyed_bytes(const struct keyed *keyed) {
    return keyed->index_bytes + keyed->slab_bytes + keyed->heap.bytes +
           keyed->dirty_capacity * sizeof *keyed->dirty;
}

static uint64_t slot_of(uint32_t fragment, uint32_t id) {
    return (uint64_t)fragment << 32 | ((uint64_t)id + 1);
}
static uint32_t slot_fragment(uint64_t slot) {
    return (uint32_t)(slot >> 32);
}
static uint32_t slot_id(uint64_t slot) {
    return (uint32_t)slot - 1;
}

static struct segment *segment_of(struct keyed *keyed, uint32_t fragment) {
    return &keyed->segments[fragment >> SEGMENT_SHIFT];
}

static void segment_grow(struct keyed *keyed, struct segment *segment) {
    bool owned = segment_owned(segment);
    uint32_t old_size = owned ? segment->mask + 1 : 0, size = owned ? old_size * 2 : SEGMENT_MIN;
    uint64_t *slots = memory_new(size, sizeof *slots);
    for (uint32_t i = 0; i < old_size; i++) {
        if (!segment->slots[i]) continue;
        uint32_t at = slot_fragment(segment->slots[i]) & (size - 1);
        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = segment->slots[i];
    }
    if (owned) free(segment->slots);
    segment->slots = slots;
    segment->mask = size - 1;
    keyed->index_bytes += (size_t)(size - old_size) * sizeof *slots;
}

static void chunk_add(struct keyed *keyed) {
    if (keyed->chunk_count == keyed->chunk_capacity) {
        uint32_t capacity = keyed->chunk_capacity ? keyed->chunk_capacity * 2 : 16;
        keyed->chunks = memory_resize(keyed->chunks, capacity, sizeof *keyed->chunks);
        keyed->slab_bytes += (capacity - keyed->chunk_capacity) * sizeof *keyed->chunks;
        keyed->chunk_capacity = capacity;
    }
    size_t bytes = (size_t)KEYED_CHUNK * keyed->entry_bytes;
    keyed->chunks[keyed->chunk_count++] = memory_resize(NULL, 1, bytes);
    keyed->slab_bytes += bytes;
}

static uint32_t entry_new(struct keyed *keyed) {
    uint32_t id;
    if (keyed->free) {
        id = keyed->free - 1;
        keyed->free = keyed_entry(keyed, id)->key_len;
    } else {
        if (keyed->used == UINT32_MAX - 1) fatal_oom(SIZE_MAX); /* ids are 32 bits */
        id = keyed->used++;
        if (id / KEYED_CHUNK == keyed->chunk_count) chunk_add(keyed);
    }
    keyed->live++;
    memset(keyed_entry(keyed, id), 0, keyed->entry_bytes);
    return id;
}

static uint32_t entry_add(struct keyed *keyed, const uint8_t *key, uint32_t len) {
    uint32_t id = entry_new(keyed);
    struct entry *entry = keyed_entry(keyed, id);
    entry->key_len = len;
    entry->flags = ENTRY_LIVE;
    if (len <= KEY_INLINE) {
        memcpy(entry->key, key, KEY_INLINE);
    } else { /* with its padding, so that comparison and hash read whole words */
        memcpy(heap_new(&keyed->heap, key_padded(len), &entry->key_handle), key, key_padded(len));
    }
    return id;
}

const uint8_t *keyed_key(const struct keyed *keyed, uint32_t id, uint32_t *len) {
    const struct entry *entry = keyed_entry(keyed, id);
    *len = entry->key_len;
    return entry->key_len <= KEY_INLINE ? entry->key : heap_at(&keyed->heap, entry->key_handle);
}

static bool entry_matches(const struct keyed *keyed, const struct entry *entry, const uint8_t *key,
                          uint32_t len) {
    if (entry->key_len != len) return false;
    if (len <= KEY_INLINE) {
        uint64_t words[2];
        memcpy(words, key, sizeof words);
        return !((words[0] ^ entry->key_words[0]) | (words[1] ^ entry->key_words[1]));
    }
    return memcmp(heap_at(&keyed->heap, entry->key_handle), key, len) == 0;
}

static uint32_t find_or_add(struct keyed *keyed, uint32_t fragment, const uint8_t *key,
                            uint32_t len, bool *added) {
    struct segment *segment = segment_of(keyed, fragment);
    uint32_t at = fragment & segment->mask;
    for (uint64_t slot; (slot = segment->slots[at]); at = (at + 1) & segment->mask)
        if (slot_fragment(slot) == fragment &&
            entry_matches(keyed, keyed_entry(keyed, slot_id(slot)), key, len))
            return slot_id(slot);
    uint64_t size = segment_owned(segment) ? (uint64_t)segment->mask + 1 : 0;
    if (((uint64_t)segment->count + 1) * 4 > size * 3) {
        segment_grow(keyed, segment);
        at = fragment & segment->mask;
        while (segment->slots[at])
            at = (at + 1) & segment->mask;
    }
    uint32_t id = entry_add(keyed, key, len);
    segment->slots[at] = slot_of(fragment, id);
    segment->count++;
    *added = true;
    return id;
}

/* Entry in the first slot with this fragment: mostly the key's, if it has one; NULL: the key is new. */
static uint32_t hint_of(const struct segment *segment, uint32_t fragment) {
    uint32_t at = fragment & segment->mask;
    uint64_t slot;
    while ((slot = segment->slots[at]) && slot_fragment(slot) != fragment)
        at = (at + 1) & segment->mask;
    return slot_id(slot); /* UINT32_MAX: none */
}

/* Each loop only asks for the memory that the next one reads. Entries do not move and none is removed
 * meanwhile, so a hint that matches is the answer; otherwise the key is new, or two fragments met. */
static void probe(struct keyed *keyed, const struct keys *keys, const uint32_t *fragments,
                  uint32_t from, uint32_t to, uint32_t *ids, uint64_t *created) {
    struct entry *entries[PROBE];
    for (uint32_t i = from; i < to; i++) {
        const struct segment *segment = segment_of(keyed, fragments[i]);
        __builtin_prefetch(&segment->slots[fragments[i] & segment->mask]);
    }
    for (uint32_t i = from; i < to; i++) {
        uint32_t id = ids[i] = hint_of(segment_of(keyed, fragments[i]), fragments[i]);
        entries[i - from] = id == UINT32_MAX ? NULL : keyed_entry(keyed, id);
        __builtin_prefetch(entries[i - from], 1);
    }
    for (uint32_t i = from; i < to; i++)
        if (keys->len[i] > KEY_INLINE && entries[i - from] &&
            entries[i - from]->key_len > KEY_INLINE)
            __builtin_prefetch(heap_at(&keyed->heap, entries[i - from]->key_handle));
    for (uint32_t i = from; i < to; i++) {
        const struct entry *entry = entries[i - from];
        bool added = false;
        if (LIKELY(entry && entry_matches(keyed, entry, keys_at(keys, i), keys->len[i]))) continue;
        ids[i] = find_or_add(keyed, fragments[i], keys_at(keys, i), keys->len[i], &added);
        created[i / 64] |= (uint64_t)added << i % 64;
    }
}

void keyed_put(struct keyed *keyed, const struct keys *keys, uint32_t *ids, uint64_t *created) {
    uint32_t fragments[BATCH_ROWS];
    memset(created, 0, BATCH_WORDS * sizeof *created);
    for (uint32_t i = 0; i < keys->count; i++)
        fragments[i] = (uint32_t)(hash_key(keys_at(keys, i), keys->len[i], keyed->seed) >> 32);
    for (uint32_t from = 0; from < keys->count; from += PROBE) {
        uint32_t to = from + PROBE < keys->count ? from + PROBE : keys->count;
        probe(keyed, keys, fragments, from, to, ids, created);
    }
}

/* Backward shift: each follower whose home is not behind the hole moves into it, so no tombstones. */
static void slot_remove(struct segment *segment, uint32_t hole) {
    uint32_t mask = segment->mask;
    for (uint32_t at = (hole + 1) & mask; segment->slots[at]; at = (at + 1) & mask) {
        uint32_t home = slot_fragment(segment->slots[at]) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        segment->slots[hole] = segment->slots[at];
        hole = at;
    }
    segment->slots[hole] = 0;
    segment->count--;
}

void keyed_remove(struct keyed *keyed, uint32_t id) {
    struct entry *entry = keyed_entry(keyed, id);
    uint32_t len;
    const uint8_t *key = keyed_key(keyed, id, &len);
    uint32_t fragment = (uint32_t)(hash_key(key, len, keyed->seed) >> 32);
    struct segment *segment = segment_of(keyed, fragment);
    uint32_t at = fragment & segment->mask;
    while (segment->slots[at] != slot_of(fragment, id))
        at = (at + 1) & segment->mask;
    slot_remove(segment, at);
    if (len > KEY_INLINE) heap_free(&keyed->heap, entry->key_handle);
    entry->flags = 0;
    entry->key_len = keyed->free;
    keyed->free = id + 1;
    keyed->live--;
}

void keyed_mark_dirty(struct keyed *keyed, const uint32_t *ids, uint32_t count) {
    if (keyed->dirty_count + count > keyed->dirty_capacity) {
        uint32_t capacity = keyed->dirty_capacity ? keyed->dirty_capacity : 256;
        while (capacity < keyed->dirty_count + count)
            capacity *= 2;
        keyed->dirty = memory_resize(keyed->dirty, capacity, sizeof *keyed->dirty);
        keyed->dirty_capacity = capacity;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = keyed_entry(keyed, ids[i]);
        keyed->dirty[keyed->dirty_count] = ids[i]; /* taken back unless it was clean */
        keyed->dirty_count += !(entry->flags & ENTRY_DIRTY);
        entry->flags |= ENTRY_DIRTY;
    }
}

void keyed_clean(struct keyed *keyed) {
    for (uint32_t i = 0; i < keyed->dirty_count; i++)
        keyed_entry(keyed, keyed->dirty[i])->flags &= ~(uint32_t)ENTRY_DIRTY;
    keyed->dirty_count = 0;
}

void keyed_sweep(struct keyed *keyed, uint32_t slots, int64_t deadline_ms,
                 void (*expire)(void *self, uint32_t id), void *self) {
    if (slots > keyed->used) slots = keyed->used;
    for (uint32_t i = 0; i < slots; i++, keyed->sweep++) {
        if (keyed->sweep >= keyed->used) keyed->sweep = 0;
        struct entry *entry = keyed_entry(keyed, keyed->sweep);
        if (entry->flags && *keyed_touched(keyed, keyed->sweep) <= deadline_ms)
            expire(self, keyed->sweep);
    }
}
