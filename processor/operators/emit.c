/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/op.h"

void emitter_init(struct emitter *emitter, const struct op *op) {
    const struct plan_schema *schema = &op->node->schema;
    struct type *types = ARENA_NEW(op->context->job, schema->count, struct type);
    for (uint32_t i = 0; i < schema->count; i++)
        types[i] = schema->columns[i].type;
    batch_init(&emitter->batch, types, schema->count, op->context->job, &op->context->scratch);
}

/* A group that was written before is updated, the others are new rows. */
static void set_kinds(struct emitter *emitter, struct keyed *keyed, const uint32_t *ids,
                      uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = keyed_entry(keyed, ids[i]);
        emitter->kinds[i] = entry->flags & ENTRY_EMITTED ? ROW_UPDATE_AFTER : ROW_INSERT;
        entry->flags |= ENTRY_EMITTED;
    }
}

static void set_constant(struct vec *vec, uint32_t rows, int64_t value) {
    for (uint32_t i = 0; i < rows; i++)
        vec->i64[i] = value;
    memset(vec->valid, 0xff, BATCH_WORDS * sizeof *vec->valid);
}

bool emit_dirty(struct op *op, struct emitter *emitter, struct groups *groups,
                const struct group_layout *layout, struct group_work *work, const int64_t *bounds,
                int64_t now_ms, struct error *err) {
    struct keyed *keyed = &groups->keyed;
    struct batch *batch = &emitter->batch;
    uint32_t first_bound = layout->key_count + layout->call_count;
    for (uint32_t from = 0; from < keyed->dirty_count; from += BATCH_ROWS) {
        const uint32_t *ids = keyed->dirty + from;
        uint32_t count = keyed->dirty_count - from;
        if (count > BATCH_ROWS) count = BATCH_ROWS;
        groups_read(groups, layout, work, ids, count, batch->columns);
        set_kinds(emitter, keyed, ids, count);
        for (uint32_t i = 0; bounds && i < 2; i++)
            set_constant(&batch->columns[first_bound + i], count, bounds[i]);
        batch->rows = batch->selected = count;
        batch->kinds = op->node->updating ? emitter->kinds : NULL;
        batch->now_ms = now_ms;
        op->rows_out += count;
        if (!op_emit(op, batch, err)) return false;
        arena_reset(&op->context->scratch);
    }
    keyed_clean(keyed);
    return true;
}
