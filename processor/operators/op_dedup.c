/* SPDX-License-Identifier: Apache-2.0 */
/* Keep-first deduplication by processing time: the first row of a key passes, later ones are counted
 * and refresh nothing (Flink's TTL counts from the write, and a duplicate writes nothing). */
#include "operators/op.h"

struct dedup {
    struct op op;
    struct keyed seen; /* key → nothing */
    struct keys keys;
    int64_t ttl_ms;
    struct batch out;
    uint32_t ids[BATCH_ROWS], selection[BATCH_ROWS];
    uint64_t created[BATCH_WORDS];
};

/* A key that is past its TTL but not swept yet counts as new. */
static void renew_expired(struct dedup *dedup, uint32_t count, int64_t now_ms) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t *touched = keyed_touched(&dedup->seen, dedup->ids[i]);
        bool is_new = dedup->created[i / 64] >> i % 64 & 1;
        if (!is_new && now_ms - *touched < dedup->ttl_ms) continue;
        *touched = now_ms;
        dedup->created[i / 64] |= (uint64_t)1 << i % 64;
    }
}

static bool dedup_push(struct op *op, const struct batch *batch, struct error *err) {
    struct dedup *dedup = (struct dedup *)op;
    const struct node_dedup *node = &op->node->dedup;
    const uint32_t *rows = op_rows(op, batch);
    op->rows_in += batch->selected;
    keys_encode(&dedup->keys, batch->columns, node->keys, node->key_count, rows, batch->selected,
                NULL);
    keyed_put(&dedup->seen, &dedup->keys, dedup->ids, dedup->created);
    if (dedup->ttl_ms > 0) renew_expired(dedup, batch->selected, batch->now_ms);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->selected; i++) {
        dedup->selection[kept] = rows[i];
        kept += (uint32_t)(dedup->created[i / 64] >> i % 64) & 1;
    }
    op->dropped += batch->selected - kept;
    op->rows_out += kept;
    if (!kept) return true;
    dedup->out = *batch;
    dedup->out.selection = dedup->selection;
    dedup->out.selected = kept;
    return op_emit(op, &dedup->out, err);
}

static void expire_key(void *self, uint32_t id) {
    keyed_remove(self, id);
}

static bool dedup_commit(struct op *op, int64_t now_ms, struct error *err) {
    enum { SLOTS_MIN = 4096, ROUND = 64 };
    struct dedup *dedup = (struct dedup *)op;
    (void)err;
    if (dedup->ttl_ms <= 0) return true;
    uint32_t slots = dedup->seen.used / ROUND;
    if (slots < SLOTS_MIN) slots = SLOTS_MIN;
    keyed_sweep(&dedup->seen, slots, now_ms - dedup->ttl_ms, expire_key, &dedup->seen);
    return true;
}

static void dedup_state(const struct op *op, struct node_stats *out) {
    const struct dedup *dedup = (const struct dedup *)(const void *)op;
    out->keys = dedup->seen.live;
    out->state_bytes = keyed_bytes(&dedup->seen);
}

static void dedup_release(struct op *op) {
    struct dedup *dedup = (struct dedup *)op;
    keyed_release(&dedup->seen);
    keys_release(&dedup->keys);
}

static const struct op_type dedup_type = {
    .push = dedup_push, .commit = dedup_commit, .state = dedup_state, .release = dedup_release};

struct op *op_new_dedup(const struct plan_node *node, struct op *input,
                        struct op_context *context) {
    (void)input;
    struct dedup *dedup = ARENA_NEW(context->job, 1, struct dedup);
    dedup->op.type = &dedup_type;
    dedup->ttl_ms = node->dedup.ttl_ms;
    keyed_init(&dedup->seen, 0, dedup->ttl_ms > 0, context->hash_seed);
    return &dedup->op;
}
