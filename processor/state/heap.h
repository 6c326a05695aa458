/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings of a state table that do not fit their entry: long keys, long MIN and MAX texts.
 *
 * A slot belongs to a size class (32, 48, 64, 96, 128, …); a chunk holds slots of one class and never
 * moves. A slot is named by a handle (class and slot number), not by an address: state blocks stay
 * plain bytes without pointers. Freed slots are used again by their class. */
#ifndef STATE_HEAP_H
#define STATE_HEAP_H

#include "data/type.h"

enum { HEAP_CLASSES = 48 };

struct heap_class {
    uint8_t **chunks;
    uint32_t chunk_count, chunk_capacity;
    uint32_t used; /* slots handed out so far, freed ones included */
    uint32_t free; /* 1 + first free slot; its first 4 bytes continue the list */
};

struct heap {
    struct heap_class classes[HEAP_CLASSES];
    size_t bytes; /* memory taken */
};

/* Zero is a valid empty heap. */
void heap_release(struct heap *heap);
/* Forgets the content, keeps the memory. */
void heap_clear(struct heap *heap);

/* At least `bytes` long (1 … 2^31), aligned to 16; *handle names it. */
uint8_t *heap_new(struct heap *heap, size_t bytes, uint64_t *handle);
void heap_free(struct heap *heap, uint64_t handle);
uint8_t *heap_at(const struct heap *heap, uint64_t handle);

/* A text in a state block: up to 15 bytes inline, else in the heap. Zero bytes are the empty text. */
struct text_slot {
    union {
        char inline_bytes[15];
        struct {
            uint64_t handle;
            uint32_t len;
        } far;
        struct {
            char pad[15];
            uint8_t tag; /* length, or TEXT_FAR */
        };
    };
};
enum { TEXT_INLINE = 15, TEXT_FAR = 255 };

struct str text_get(const struct text_slot *slot,
                    const struct heap *heap); /* borrows until text_set */
void text_set(struct text_slot *slot, struct heap *heap, struct str text); /* copies */
void text_free(struct text_slot *slot, struct heap *heap);                 /* empty afterwards */

#endif
