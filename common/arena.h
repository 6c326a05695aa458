/* SPDX-License-Identifier: Apache-2.0 */
/* A region of memory that is freed as a whole. The parameter name of an arena says how long the
 * result lives: `job` until the job stops, `scratch` until the batch is reset. */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include "common/str.h"

struct arena_block;

/* Zero is a valid empty arena. */
struct arena {
    struct arena_block *first, *current; /* blocks are kept over a reset */
    size_t used;                         /* bytes taken from `current` */
    size_t total_bytes;                  /* bytes of all blocks, for metrics and limits */
};

/* Returns 16-byte aligned, uninitialised memory; never NULL. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* Zeroed array; aborts when count * size overflows. */
void *arena_new(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, count, type) ((type *)arena_new((arena), (count), sizeof(type)))

/* Gives back the tail of an allocation of `bytes` bytes, when it is the newest; otherwise does nothing. For
 * text whose length is known only when it is written. */
void arena_shrink(struct arena *arena, const void *ptr, size_t bytes, size_t bytes_needed);

/* Copies; the result is followed by a NUL that does not count. */
struct str arena_str(struct arena *arena, struct str s);
const char *arena_c_string(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Forgets the content, keeps the blocks: no malloc in steady state. */
void arena_reset(struct arena *arena);
/* Frees everything and leaves zero behind. */
void arena_release(struct arena *arena);

#endif
