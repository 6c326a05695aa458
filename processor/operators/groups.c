/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/groups.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "operators/eval.h"

/* At least this many entries per commit, and a full round in 64 commits. */
enum { SWEEP_SLOTS_MIN = 4096, SWEEP_ROUND = 64 };

static struct distinct *distinct_of(struct group_layout *layout, uint32_t argument) {
    for (uint32_t i = 0; i < layout->distinct_count; i++) {
        struct distinct *distinct = &layout->distincts[i];
        if (distinct->argument == argument && distinct->call_count < MEMBERS_CALLS_MAX)
            return distinct;
    }
    struct distinct *distinct = &layout->distincts[layout->distinct_count++];
    distinct->argument = argument;
    return distinct;
}

void group_layout_init(struct group_layout *layout, const uint32_t *keys, uint32_t key_count,
                       const struct aggregate_call *calls, uint32_t call_count, int64_t ttl_ms,
                       uint64_t seed, struct arena *job) {
    *layout = (struct group_layout){.keys = keys,
                                    .key_count = key_count,
                                    .calls = calls,
                                    .call_count = call_count,
                                    .ttl_ms = ttl_ms,
                                    .seed = seed};
    layout->functions = ARENA_NEW(job, call_count, const struct aggregate *);
    layout->offsets = ARENA_NEW(job, call_count, uint32_t);
    layout->distincts = ARENA_NEW(job, call_count, struct distinct);
    for (uint32_t c = 0; c < call_count; c++) {
        layout->functions[c] = aggregate_find(calls[c].id);
        layout->offsets[c] = layout->state_bytes;
        layout->state_bytes += layout->functions[c]->state_bytes;
        if (layout->functions[c]->update) continue;
        struct distinct *distinct = distinct_of(layout, calls[c].argument);
        distinct->calls[distinct->call_count++] = c;
    }
    for (uint32_t d = 0; d < layout->distinct_count; d++) {
        layout->distincts[d].head_at = layout->state_bytes;
        layout->state_bytes += 8;
    }
}

void groups_init(struct groups *groups, const struct group_layout *layout) {
    keyed_init(&groups->keyed, layout->state_bytes, layout->ttl_ms > 0, layout->seed);
    groups->members = memory_new(layout->distinct_count, sizeof *groups->members);
    for (uint32_t d = 0; d < layout->distinct_count; d++)
        members_init(&groups->members[d], layout->seed);
}

void groups_release(struct groups *groups, const struct group_layout *layout) {
    for (uint32_t d = 0; groups->members && d < layout->distinct_count; d++)
        keyed_release(&groups->members[d].keyed);
    free(groups->members);
    keyed_release(&groups->keyed);
    *groups = (struct groups){0};
}

void groups_clear(struct groups *groups, const struct group_layout *layout) {
    keyed_clear(&groups->keyed);
    for (uint32_t d = 0; d < layout->distinct_count; d++)
        keyed_clear(&groups->members[d].keyed);
}

uint64_t groups_bytes(const struct groups *groups, const struct group_layout *layout) {
    uint64_t bytes = keyed_bytes(&groups->keyed);
    for (uint32_t d = 0; d < layout->distinct_count; d++)
        bytes += keyed_bytes(&groups->members[d].keyed);
    return bytes;
}

void group_work_release(struct group_work *work) {
    if (!work) return;
    keys_release(&work->keys);
    keys_release(&work->member_keys);
}

/* Frees what the state holds outside its block: texts and members. */
static void state_free(struct groups *groups, const struct group_layout *layout, uint8_t *block) {
    for (uint32_t c = 0; c < layout->call_count; c++)
        if (layout->functions[c]->release)
            layout->functions[c]->release(block + layout->offsets[c], &groups->keyed.heap);
    for (uint32_t d = 0; d < layout->distinct_count; d++) {
        uint32_t head;
        memcpy(&head, block + layout->distincts[d].head_at, sizeof head);
        members_drop(&groups->members[d], head);
    }
}

/* A group past its TTL that is not swept yet starts again from zero, as if it had been. */
static void refresh(struct groups *groups, const struct group_layout *layout,
                    struct group_work *work, uint32_t count, int64_t now_ms) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t *touched = keyed_touched(&groups->keyed, work->ids[i]);
        bool is_new = work->created[i / 64] >> i % 64 & 1;
        if (!is_new && now_ms - *touched >= layout->ttl_ms) {
            state_free(groups, layout, work->blocks[i]);
            memset(work->blocks[i], 0, layout->state_bytes);
            keyed_entry(&groups->keyed, work->ids[i])->flags &= ~(uint32_t)ENTRY_EMITTED;
            work->returned++;
        }
        *touched = now_ms;
    }
}

/* Rows that a call counts: filter TRUE and argument not NULL. */
static void call_pass(const struct aggregate_call *call, const struct vec *columns,
                      uint64_t pass[BATCH_WORDS]) {
    if (call->filter == COLUMN_NONE)
        memset(pass, 0xff, BATCH_WORDS * sizeof *pass);
    else
        vec_true_bits(&columns[call->filter], pass);
    if (call->argument == COLUMN_NONE || call->id == AGGREGATE_COUNT_STAR) return;
    const uint64_t *valid = columns[call->argument].valid;
    for (uint32_t w = 0; w < BATCH_WORDS; w++)
        pass[w] &= valid[w];
}

static void fold_call(struct groups *groups, const struct group_layout *layout,
                      const struct group_work *work, uint32_t call, const struct batch *batch,
                      const uint32_t *rows, uint32_t count) {
    uint64_t pass[BATCH_WORDS];
    const struct aggregate_call *plan = &layout->calls[call];
    call_pass(plan, batch->columns, pass);
    struct fold fold = {
        .blocks = work->blocks,
        .rows = rows,
        .count = count,
        .offset = layout->offsets[call],
        .pass = pass,
        .argument = plan->argument == COLUMN_NONE ? NULL : &batch->columns[plan->argument],
        .heap = &groups->keyed.heap,
    };
    layout->functions[call]->update(&fold);
}

/* Collects the rows that at least one call of `distinct` counts; returns how many. */
static uint32_t member_rows(const struct group_layout *layout, const struct distinct *distinct,
                            struct group_work *work, const struct batch *batch,
                            const uint32_t *rows, uint32_t count) {
    uint64_t pass[BATCH_WORDS];
    uint32_t bits[BATCH_ROWS] = {0}, found = 0;
    for (uint32_t k = 0; k < distinct->call_count; k++) {
        call_pass(&layout->calls[distinct->calls[k]], batch->columns, pass);
        for (uint32_t i = 0; i < count; i++)
            bits[i] |= (uint32_t)(pass[rows[i] / 64] >> rows[i] % 64 & 1) << k;
    }
    for (uint32_t i = 0; i < count; i++) {
        work->member_rows[found] = rows[i];
        work->member_groups[found] = work->ids[i];
        work->member_bits[found] = bits[i];
        work->member_blocks[found] = work->blocks[i];
        work->member_heads[found] = (uint32_t *)(void *)(work->blocks[i] + distinct->head_at);
        found += bits[i] != 0;
    }
    return found;
}

static void fold_distinct(struct groups *groups, const struct group_layout *layout,
                          struct group_work *work, uint32_t number, const struct batch *batch,
                          const uint32_t *rows, uint32_t count) {
    const struct distinct *distinct = &layout->distincts[number];
    uint32_t found = member_rows(layout, distinct, work, batch, rows, count);
    members_add(&groups->members[number], &work->member_keys, &batch->columns[distinct->argument],
                work->member_rows, work->member_groups, work->member_heads, work->member_bits,
                found);
    for (uint32_t i = 0; i < found; i++)
        for (uint32_t bits = work->member_bits[i]; bits; bits &= bits - 1) {
            uint32_t call = distinct->calls[__builtin_ctz(bits)];
            *(int64_t *)(void *)(work->member_blocks[i] + layout->offsets[call]) += 1;
        }
}

void groups_fold(struct groups *groups, const struct group_layout *layout, struct group_work *work,
                 const struct batch *batch, const uint32_t *rows, uint32_t count) {
    keys_encode(&work->keys, batch->columns, layout->keys, layout->key_count, rows, count, NULL);
    keyed_put(&groups->keyed, &work->keys, work->ids, work->created);
    for (uint32_t i = 0; i < count; i++)
        work->blocks[i] = keyed_state(&groups->keyed, work->ids[i]);
    if (layout->ttl_ms > 0) refresh(groups, layout, work, count, batch->now_ms);
    for (uint32_t c = 0; c < layout->call_count; c++)
        if (layout->functions[c]->update) fold_call(groups, layout, work, c, batch, rows, count);
    for (uint32_t d = 0; d < layout->distinct_count; d++)
        fold_distinct(groups, layout, work, d, batch, rows, count);
    keyed_mark_dirty(&groups->keyed, work->ids, count);
}

void groups_read(struct groups *groups, const struct group_layout *layout, struct group_work *work,
                 const uint32_t *ids, uint32_t count, struct vec *out) {
    for (uint32_t i = 0; i < count; i++) {
        work->blocks[i] = keyed_state(&groups->keyed, ids[i]);
        work->key_bytes[i] = keyed_key(&groups->keyed, ids[i], &work->key_len[i]);
    }
    keys_decode(work->key_bytes, work->key_len, count, out, layout->key_count);
    for (uint32_t c = 0; c < layout->call_count; c++) {
        struct finish finish = {.blocks = work->blocks,
                                .count = count,
                                .offset = layout->offsets[c],
                                .call = &layout->calls[c],
                                .heap = &groups->keyed.heap,
                                .out = &out[layout->key_count + c]};
        layout->functions[c]->result(&finish);
    }
}

struct expiry {
    struct groups *groups;
    const struct group_layout *layout;
};

static void expire_one(void *self, uint32_t id) {
    const struct expiry *expiry = self;
    state_free(expiry->groups, expiry->layout, keyed_state(&expiry->groups->keyed, id));
    keyed_remove(&expiry->groups->keyed, id);
}

void groups_expire(struct groups *groups, const struct group_layout *layout, int64_t now_ms) {
    struct expiry expiry = {groups, layout};
    uint32_t slots = groups->keyed.used / SWEEP_ROUND;
    if (layout->ttl_ms <= 0) return;
    if (slots < SWEEP_SLOTS_MIN) slots = SWEEP_SLOTS_MIN;
    keyed_sweep(&groups->keyed, slots, now_ms - layout->ttl_ms, expire_one, &expiry);
}
