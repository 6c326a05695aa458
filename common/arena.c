/* SPDX-License-Identifier: Apache-2.0 */
#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fatal.h"

/*  first ──► [block 16 KiB] ──► [block 32 KiB] ──► …      current points into this list;
 *  a block that is too small for a request is skipped, so a reset arena reuses all of them. */
struct arena_block {
    struct arena_block *next;
    size_t size;
};

enum { BLOCK_BYTES_MIN = 16 * 1024, BLOCK_BYTES_MAX = 1024 * 1024, ALIGNMENT = 16 };

static char *block_data(struct arena_block *block) {
    return (char *)block + sizeof *block;
}

static struct arena_block *block_append(struct arena *arena, size_t bytes) {
    size_t size = arena->total_bytes;
    if (size < BLOCK_BYTES_MIN) size = BLOCK_BYTES_MIN;
    if (size > BLOCK_BYTES_MAX) size = BLOCK_BYTES_MAX;
    if (size < bytes) size = bytes;
    struct arena_block *block = memory_new(1, sizeof *block + size);
    block->size = size;
    arena->total_bytes += size;
    if (!arena->current) {
        block->next = arena->first;
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes) {
    size_t rounded;
    if (__builtin_add_overflow(bytes, ALIGNMENT - 1, &rounded)) fatal_oom(bytes);
    rounded &= ~(size_t)(ALIGNMENT - 1);
    if (!arena->current || arena->current->size - arena->used < rounded) {
        struct arena_block *next = arena->current ? arena->current->next : arena->first;
        if (!next || next->size < rounded) next = block_append(arena, rounded);
        arena->current = next;
        arena->used = 0;
    }
    void *out = block_data(arena->current) + arena->used;
    arena->used += rounded;
    return out;
}

void *arena_new(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) fatal_oom(SIZE_MAX);
    void *out = arena_alloc(arena, bytes);
    memset(out, 0, bytes);
    return out;
}

struct str arena_str(struct arena *arena, struct str s) {
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len) memcpy(copy, s.ptr, s.len);
    copy[s.len] = 0;
    return (struct str){copy, s.len};
}

const char *arena_c_string(struct arena *arena, struct str s) {
    return arena_str(arena, s).ptr;
}

struct str arena_printf(struct arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t len = need < 0 ? 0 : (size_t)need;
    char *text = arena_alloc(arena, len + 1);
    text[0] = 0;
    if (need >= 0) vsnprintf(text, len + 1, format, again);
    va_end(again);
    return (struct str){text, len};
}

void arena_shrink(struct arena *arena, const void *ptr, size_t bytes, size_t bytes_needed) {
    size_t rounded = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    size_t needed = (bytes_needed + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    bool newest = arena->current && arena->used >= rounded &&
                  block_data(arena->current) + (arena->used - rounded) == ptr;
    if (newest && needed < rounded) arena->used -= rounded - needed;
}

void arena_reset(struct arena *arena) {
    arena->current = arena->first;
    arena->used = 0;
}

void arena_release(struct arena *arena) {
    for (struct arena_block *block = arena->first, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}
