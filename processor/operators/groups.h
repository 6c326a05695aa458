/* SPDX-License-Identifier: Apache-2.0 */
/* Grouped state: what an unbounded GROUP BY has once and a windowed one once per open window. The layout
 * is made once per plan node; a fold takes the rows of one batch that belong to one table:
 *
 *   key columns ─► key bytes ─► probe ─► state blocks ─► update of each call over all rows
 *
 *   state block = state of call 0 │ state of call 1 │ … │ head of the member list per DISTINCT argument */
#ifndef OPERATORS_GROUPS_H
#define OPERATORS_GROUPS_H

#include "operators/aggregates.h"
#include "plan/plan.h"
#include "state/members.h"

/* The calls COUNT(DISTINCT x) over one x share one member table, a bit per call. */
struct distinct {
    uint32_t argument, head_at, call_count;
    uint32_t calls[MEMBERS_CALLS_MAX];
};

struct group_layout {
    const uint32_t *keys;
    uint32_t key_count;
    const struct aggregate_call *calls;
    const struct aggregate **functions;
    uint32_t *offsets; /* of the calls in the state block */
    uint32_t call_count;
    struct distinct *distincts;
    uint32_t distinct_count;
    uint32_t state_bytes;
    int64_t ttl_ms; /* 0: groups stay */
    uint64_t seed;
};

void group_layout_init(struct group_layout *layout, const uint32_t *keys, uint32_t key_count,
                       const struct aggregate_call *calls, uint32_t call_count, int64_t ttl_ms,
                       uint64_t seed, struct arena *job);

struct groups {
    struct keyed keyed;
    struct members *members; /* one per distinct */
};

void groups_init(struct groups *groups, const struct group_layout *layout);
void groups_release(struct groups *groups, const struct group_layout *layout);
void groups_clear(struct groups *groups, const struct group_layout *layout);
uint64_t groups_bytes(const struct groups *groups, const struct group_layout *layout);

/* Work space of folds and results, one per operator; no allocation per batch. */
struct group_work {
    struct keys keys, member_keys;
    uint32_t ids[BATCH_ROWS];
    uint8_t *blocks[BATCH_ROWS];
    uint64_t created[BATCH_WORDS];
    uint32_t member_rows[BATCH_ROWS], member_groups[BATCH_ROWS], member_bits[BATCH_ROWS];
    uint32_t *member_heads[BATCH_ROWS];
    uint8_t *member_blocks[BATCH_ROWS];
    const uint8_t *key_bytes[BATCH_ROWS];
    uint32_t key_len[BATCH_ROWS];
    uint64_t returned; /* expired groups that came back from zero */
};
void group_work_release(struct group_work *work);

/* Folds `count` rows of the batch and marks their groups dirty. */
void groups_fold(struct groups *groups, const struct group_layout *layout, struct group_work *work,
                 const struct batch *batch, const uint32_t *rows, uint32_t count);

/* Keys and results of the groups ids[0 … count-1] (<= BATCH_ROWS) as rows of out[key columns, calls].
 * Text points into the state. */
void groups_read(struct groups *groups, const struct group_layout *layout, struct group_work *work,
                 const uint32_t *ids, uint32_t count, struct vec *out);

/* Removes groups whose TTL is over, a slice per call. */
void groups_expire(struct groups *groups, const struct group_layout *layout, int64_t now_ms);

#endif
