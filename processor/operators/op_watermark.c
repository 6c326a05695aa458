/* SPDX-License-Identifier: Apache-2.0 */
/* Watermarks as Flink's Kafka source makes them: each source partition has the greatest value of the
 * expression so far, the stream has the minimum over the partitions that are not idle. It moves only
 * between batches, so no row is late because of a row of its own batch, and it never falls.
 *
 * A partition is idle when its end is reached and nothing came for the idle timeout: a partition
 * that we have merely not read yet must hold the others back. A row far ahead of the wall clock does
 * not move the watermark, or one bad record from 2099 would close every window. */
#include "operators/eval.h"
#include "operators/op.h"

struct source_partition {
    int64_t watermark_ms; /* INT64_MIN: no row yet */
    int64_t active_ms;    /* wall clock of the last row, or of the first look */
    bool seen, idle;
};

struct watermark {
    struct op op;
    struct program *program;
    uint32_t reg;
    struct source_partition *partitions;
    uint32_t partition_count;
    int64_t watermark_ms, last_event_ms;
    uint64_t future_rows;
};

static void advance(struct watermark *watermark) {
    int64_t minimum = INT64_MAX;
    bool any = false;
    for (uint32_t i = 0; i < watermark->partition_count; i++) {
        const struct source_partition *partition = &watermark->partitions[i];
        if (partition->idle) continue;
        any = true;
        if (partition->watermark_ms < minimum) minimum = partition->watermark_ms;
    }
    if (any && minimum > watermark->watermark_ms) watermark->watermark_ms = minimum;
}

/* Greatest watermark of the batch's rows. */
static int64_t batch_watermark(struct watermark *watermark, const struct batch *batch) {
    const struct vec *values = program_vec(watermark->program, watermark->reg);
    const uint32_t *rows = op_rows(&watermark->op, batch);
    int64_t guard = watermark->op.node->watermark.max_future_ms, limit = INT64_MAX;
    int64_t greatest = INT64_MIN;
    if (guard > 0 && __builtin_add_overflow(batch->now_ms, guard, &limit)) limit = INT64_MAX;
    for (uint32_t i = 0; i < batch->selected; i++) {
        if (!vec_is_valid(values, rows[i])) continue;
        int64_t value = values->i64[rows[i]];
        if (value > limit)
            watermark->future_rows++;
        else if (value > greatest)
            greatest = value;
    }
    return greatest;
}

static void note_events(struct watermark *watermark, const struct batch *batch) {
    const struct vec *times = &batch->columns[watermark->op.node->watermark.rowtime];
    const uint32_t *rows = op_rows(&watermark->op, batch);
    for (uint32_t i = 0; i < batch->selected; i++)
        if (vec_is_valid(times, rows[i]) && times->i64[rows[i]] > watermark->last_event_ms)
            watermark->last_event_ms = times->i64[rows[i]];
}

static bool watermark_push(struct op *op, const struct batch *batch, struct error *err) {
    struct watermark *watermark = (struct watermark *)op;
    op->rows_in += batch->selected;
    op->rows_out += batch->selected;
    program_begin(watermark->program, batch);
    if (!program_run(watermark->program, 0, program_end(watermark->program), err)) return false;
    int64_t greatest = batch_watermark(watermark, batch);
    note_events(watermark, batch);
    if (!op_emit(op, batch, err)) return false;
    struct source_partition *partition = &watermark->partitions[batch->partition];
    if (greatest > partition->watermark_ms) partition->watermark_ms = greatest;
    if (batch->selected) {
        partition->seen = true;
        partition->active_ms = batch->now_ms;
        partition->idle = false;
    }
    advance(watermark);
    return true;
}

void op_watermark_idle(struct op *op, uint32_t number, bool at_end, int64_t now_ms) {
    struct watermark *watermark = (struct watermark *)op;
    struct source_partition *partition = &watermark->partitions[number];
    int64_t timeout = op->node->watermark.idle_timeout_ms;
    if (!partition->seen || !at_end) {
        partition->seen = true;
        partition->active_ms = now_ms;
        return;
    }
    if (timeout > 0 && now_ms - partition->active_ms >= timeout) partition->idle = true;
    advance(watermark);
}

void op_watermark_finish(struct op *op) {
    ((struct watermark *)op)->watermark_ms = INT64_MAX;
}

int64_t op_watermark_ms(const struct op *op) {
    return ((const struct watermark *)(const void *)op)->watermark_ms;
}

struct watermark_status op_watermark_status(const struct op *op) {
    const struct watermark *watermark = (const struct watermark *)(const void *)op;
    struct watermark_status status = {.has_watermark = watermark->watermark_ms != INT64_MIN,
                                      .watermark_ms = watermark->watermark_ms,
                                      .last_event_ms = watermark->last_event_ms,
                                      .future_rows = watermark->future_rows};
    int64_t minimum = INT64_MAX;
    for (uint32_t i = 0; i < watermark->partition_count; i++) {
        const struct source_partition *partition = &watermark->partitions[i];
        status.idle += partition->idle;
        if (partition->idle || partition->watermark_ms >= minimum) continue;
        minimum = partition->watermark_ms;
        status.holder = i;
    }
    return status;
}

static void watermark_release(struct op *op) {
    program_release(((struct watermark *)op)->program);
}

static const struct op_type watermark_type = {.push = watermark_push, .release = watermark_release};

struct op *op_new_watermark(const struct plan_node *node, struct op *input,
                            struct op_context *context, uint32_t partitions) {
    struct watermark *watermark = ARENA_NEW(context->job, 1, struct watermark);
    watermark->op.type = &watermark_type;
    watermark->program = program_new(input->node->schema.count, context->job);
    watermark->reg = program_add(watermark->program, node->watermark.expr);
    watermark->partition_count = partitions;
    watermark->partitions = ARENA_NEW(context->job, partitions, struct source_partition);
    for (uint32_t i = 0; i < partitions; i++)
        watermark->partitions[i].watermark_ms = INT64_MIN;
    watermark->watermark_ms = watermark->last_event_ms = INT64_MIN;
    return &watermark->op;
}

struct op *op_find_watermark(struct op *op) {
    while (op && op->node->kind != NODE_WATERMARK)
        op = op->input;
    return op;
}
