/* SPDX-License-Identifier: Apache-2.0 */
/* The aggregate functions of aggregates.def: what execution needs. A state is plain bytes at an offset
 * of the group's state block, a multiple of 8, and zero bytes are the state of no rows; so there is no
 * init, and a block may be copied as it is. */
#ifndef OPERATORS_AGGREGATES_H
#define OPERATORS_AGGREGATES_H

#include "data/batch.h"
#include "plan/expr.h"
#include "state/heap.h"

/* One call over rows of a batch: row rows[i] goes to the group with the state block blocks[i], if its
 * bit in `pass` is set (filter TRUE and argument not NULL). Rows of one group come in arrival order. */
struct fold {
    uint8_t *const *blocks;
    const uint32_t *rows;
    uint32_t count, offset;
    const uint64_t *pass;
    const struct vec *argument; /* NULL for COUNT(*) */
    struct heap *heap;          /* texts of the states */
};

/* The results of `count` groups become the rows 0 … count-1 of `out`. Text points into the state. */
struct finish {
    uint8_t *const *blocks;
    uint32_t count, offset;
    const struct aggregate_call *call;
    const struct heap *heap;
    struct vec *out;
};

struct aggregate {
    uint32_t state_bytes;
    void (*update)(const struct fold *fold); /* NULL: the members table counts (COUNT_DISTINCT) */
    /* Adds a state over later rows to one over earlier rows. */
    void (*merge)(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                  const struct heap *from_heap);
    void (*result)(const struct finish *finish);
    void (*release)(uint8_t *state, struct heap *heap); /* frees its text; NULL: has none */
};

#define AGGREGATE(id, name, argument, result, doc) extern const struct aggregate aggregate_##id;
#include "plan/aggregates.def"
#undef AGGREGATE

const struct aggregate *aggregate_find(enum aggregate_id id);

#endif
