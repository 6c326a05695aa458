/* SPDX-License-Identifier: Apache-2.0 */
#include "state/heap.h"

#include <stdlib.h>

#include "common/fatal.h"

enum { CHUNK_BYTES = 32 * 1024 };

/* 32, 48, 64, 96, 128, 192, … */
static size_t class_bytes(uint32_t class) {
    size_t base = (size_t)32 << (class / 2);
    return class % 2 ? base + base / 2 : base;
}

static uint32_t class_of(size_t bytes) {
    uint32_t class = 0;
    while (class_bytes(class) < bytes)
        if (++class == HEAP_CLASSES) fatal_oom(bytes);
    return class;
}

static uint32_t slots_per_chunk(uint32_t class) {
    size_t bytes = class_bytes(class);
    return bytes >= CHUNK_BYTES ? 1 : (uint32_t)(CHUNK_BYTES / bytes);
}

static uint8_t *slot_at(const struct heap *heap, uint32_t class, uint32_t slot) {
    uint32_t per_chunk = slots_per_chunk(class);
    return heap->classes[class].chunks[slot / per_chunk] + slot % per_chunk * class_bytes(class);
}

static void class_grow(struct heap *heap, uint32_t number) {
    struct heap_class *class = &heap->classes[number];
    if (class->chunk_count == class->chunk_capacity) {
        uint32_t capacity = class->chunk_capacity ? class->chunk_capacity * 2 : 4;
        class->chunks = memory_resize(class->chunks, capacity, sizeof *class->chunks);
        heap->bytes += (capacity - class->chunk_capacity) * sizeof *class->chunks;
        class->chunk_capacity = capacity;
    }
    size_t bytes = class_bytes(number) * slots_per_chunk(number);
    class->chunks[class->chunk_count++] = memory_resize(NULL, 1, bytes);
    heap->bytes += bytes;
}

uint8_t *heap_new(struct heap *heap, size_t bytes, uint64_t *handle) {
    uint32_t number = class_of(bytes), slot;
    struct heap_class *class = &heap->classes[number];
    uint8_t *at;
    if (class->free) {
        slot = class->free - 1;
        at = slot_at(heap, number, slot);
        memcpy(&class->free, at, sizeof class->free);
    } else {
        slot = class->used++;
        if (slot / slots_per_chunk(number) == class->chunk_count) class_grow(heap, number);
        at = slot_at(heap, number, slot);
    }
    *handle = (uint64_t)number << 32 | slot;
    return at;
}

void heap_free(struct heap *heap, uint64_t handle) {
    struct heap_class *class = &heap->classes[handle >> 32];
    memcpy(heap_at(heap, handle), &class->free, sizeof class->free);
    class->free = (uint32_t)handle + 1;
}

uint8_t *heap_at(const struct heap *heap, uint64_t handle) {
    return slot_at(heap, (uint32_t)(handle >> 32), (uint32_t)handle);
}

void heap_clear(struct heap *heap) {
    for (uint32_t i = 0; i < HEAP_CLASSES; i++)
        heap->classes[i].used = heap->classes[i].free = 0;
}

void heap_release(struct heap *heap) {
    for (uint32_t i = 0; i < HEAP_CLASSES; i++) {
        for (uint32_t c = 0; c < heap->classes[i].chunk_count; c++)
            free(heap->classes[i].chunks[c]);
        free(heap->classes[i].chunks);
    }
    *heap = (struct heap){0};
}

struct str text_get(const struct text_slot *slot, const struct heap *heap) {
    if (slot->tag != TEXT_FAR) return (struct str){slot->inline_bytes, slot->tag};
    return (struct str){(const char *)heap_at(heap, slot->far.handle), slot->far.len};
}

void text_free(struct text_slot *slot, struct heap *heap) {
    if (slot->tag == TEXT_FAR) heap_free(heap, slot->far.handle);
    memset(slot, 0, sizeof *slot);
}

void text_set(struct text_slot *slot, struct heap *heap, struct str text) {
    if (slot->tag == TEXT_FAR && text.len > TEXT_INLINE &&
        class_of(text.len) == slot->far.handle >> 32) { /* same size class: in place */
        memcpy(heap_at(heap, slot->far.handle), text.ptr, text.len);
        slot->far.len = (uint32_t)text.len;
        return;
    }
    text_free(slot, heap);
    if (text.len <= TEXT_INLINE) {
        if (text.len) memcpy(slot->inline_bytes, text.ptr, text.len);
        slot->tag = (uint8_t)text.len;
        return;
    }
    uint64_t handle;
    memcpy(heap_new(heap, text.len, &handle), text.ptr, text.len);
    slot->far.handle = handle;
    slot->far.len = (uint32_t)text.len;
    slot->tag = TEXT_FAR;
}
