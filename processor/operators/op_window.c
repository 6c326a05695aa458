/* SPDX-License-Identifier: Apache-2.0 */
/* TUMBLE windows. Each open window has group tables of its own ("pane") in a small array sorted by start,
 * so that a window that is over is freed as a whole.
 *
 *      start        end-1             end-1 + lateness
 *        │ early phase │ late phase         │ gone: rows are late
 *   ─────┴─────────────┴────────────────────┴──────────► watermark
 *   commits emit:  dirty groups if early fire is on │ all dirty groups once │ dirty groups again
 *
 * This is Flink's emit strategy with rows coalesced per commit: without a late fire setting each late row
 * fires at once there, so dirty groups of the late phase always go out with the next commit, and a late
 * fire delay only stretches that. A table function window has neither early fire nor lateness. */
#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "operators/op.h"

enum { SPARE_PANES = 4 };

struct pane {
    int64_t start_ms;
    struct groups groups;
    int64_t emitted_ms; /* commit clock of the last emission; INT64_MIN: none */
    bool fired;         /* the watermark has passed its end */
    uint64_t batch;     /* number of the batch that last used it, and its slot there */
    uint32_t slot;
};

struct window {
    struct op op;
    const struct op *watermark;
    struct group_layout layout;
    int64_t early_fire_ms, late_fire_ms, lateness_ms;
    struct pane **panes; /* by start */
    uint32_t pane_count, pane_capacity;
    struct pane *spare[SPARE_PANES]; /* empty, with their memory: the next window needs none */
    uint32_t spare_count;
    uint64_t batch_number;
    struct group_work work;
    struct emitter emitter;
    /* one batch: its panes, slot per row, rows ordered by slot */
    struct pane *used[BATCH_ROWS];
    uint32_t used_count, slots[BATCH_ROWS], rows[BATCH_ROWS], sorted[BATCH_ROWS];
    uint32_t counts[BATCH_ROWS + 1];
};

static int64_t saturating_add(int64_t a, int64_t b) {
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

/* Start of the window that contains an instant; wraps for instants at the ends of int64. */
static int64_t window_start(const struct node_window *node, int64_t ms) {
    int64_t shifted = (int64_t)((uint64_t)ms - (uint64_t)node->offset_ms);
    uint64_t start = (uint64_t)floor_div(shifted, node->size_ms) * (uint64_t)node->size_ms;
    return (int64_t)(start + (uint64_t)node->offset_ms);
}

static int64_t window_last(const struct window *window, int64_t start_ms) {
    return saturating_add(start_ms, window->op.node->window.size_ms - 1);
}

/* Nothing of the window can change any more. */
static bool window_over(const struct window *window, int64_t start_ms, int64_t watermark_ms) {
    return watermark_ms >= saturating_add(window_last(window, start_ms), window->lateness_ms);
}

static struct pane *pane_new(struct window *window) {
    if (window->spare_count) return window->spare[--window->spare_count];
    struct pane *pane = memory_new(1, sizeof *pane);
    groups_init(&pane->groups, &window->layout);
    return pane;
}

static void pane_free(struct window *window, struct pane *pane) {
    groups_release(&pane->groups, &window->layout);
    free(pane);
}

static void pane_retire(struct window *window, struct pane *pane) {
    if (window->spare_count == SPARE_PANES) {
        pane_free(window, pane);
        return;
    }
    groups_clear(&pane->groups, &window->layout);
    window->spare[window->spare_count++] = pane;
}

static struct pane *pane_insert(struct window *window, uint32_t at, int64_t start_ms) {
    if (window->pane_count == window->pane_capacity) {
        window->pane_capacity = window->pane_capacity ? window->pane_capacity * 2 : 16;
        window->panes = memory_resize(window->panes, window->pane_capacity, sizeof *window->panes);
    }
    memmove(window->panes + at + 1, window->panes + at,
            (window->pane_count - at) * sizeof *window->panes);
    struct pane *pane = window->panes[at] = pane_new(window);
    window->pane_count++;
    pane->start_ms = start_ms;
    pane->emitted_ms = INT64_MIN;
    pane->fired = false;
    pane->batch = 0;
    return pane;
}

static struct pane *pane_of(struct window *window, int64_t start_ms) {
    uint32_t low = 0, high = window->pane_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->panes[middle]->start_ms < start_ms)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < window->pane_count && window->panes[low]->start_ms == start_ms)
        return window->panes[low];
    return pane_insert(window, low, start_ms);
}

static uint32_t slot_of(struct window *window, int64_t start_ms) {
    struct pane *pane = pane_of(window, start_ms);
    if (pane->batch != window->batch_number) {
        pane->batch = window->batch_number;
        pane->slot = window->used_count;
        window->used[window->used_count++] = pane;
    }
    return pane->slot;
}

/* Finds the window of each row; late rows are left out. Neighbours mostly share a window. */
static bool assign(struct window *window, const struct batch *batch, uint32_t *kept,
                   struct error *err) {
    const struct node_window *node = &window->op.node->window;
    const struct vec *times = &batch->columns[node->rowtime];
    const uint32_t *rows = op_rows(&window->op, batch);
    int64_t watermark_ms = op_watermark_ms(window->watermark);
    int64_t from = 0, until = 0; /* bounds of the last row's window */
    bool late = false;
    uint32_t slot = 0, count = 0;
    for (uint32_t i = 0; i < batch->selected; i++) {
        int64_t ms = times->i64[rows[i]];
        if (!vec_is_valid(times, rows[i])) {
            if (!node->group_window)
                return error_at(err, window->op.node->span, "E0813",
                                "RowTime field should not be null, please convert it to a "
                                "non-null long value.");
            ms = 0; /* Flink: the window of 1970-01-01 00:00 */
        }
        if (ms < from || ms >= until) {
            from = window_start(node, ms);
            until = saturating_add(from, node->size_ms);
            late = window_over(window, from, watermark_ms);
            if (!late) slot = slot_of(window, from);
        }
        window->rows[count] = rows[i];
        window->slots[count] = slot;
        count += !late;
    }
    *kept = count;
    return true;
}

/* Counting sort by slot; keeps the order of the rows of one window. */
static void sort_by_slot(struct window *window, uint32_t count) {
    memset(window->counts, 0, (window->used_count + 1) * sizeof *window->counts);
    for (uint32_t i = 0; i < count; i++)
        window->counts[window->slots[i] + 1]++;
    for (uint32_t s = 0; s < window->used_count; s++)
        window->counts[s + 1] += window->counts[s];
    uint32_t at[BATCH_ROWS];
    memcpy(at, window->counts, window->used_count * sizeof *at);
    for (uint32_t i = 0; i < count; i++)
        window->sorted[at[window->slots[i]]++] = window->rows[i];
}

static bool window_push(struct op *op, const struct batch *batch, struct error *err) {
    struct window *window = (struct window *)op;
    uint32_t kept = 0;
    window->batch_number++;
    window->used_count = 0;
    op->rows_in += batch->selected;
    if (!assign(window, batch, &kept, err)) return false;
    op->dropped += batch->selected - kept;
    sort_by_slot(window, kept);
    for (uint32_t s = 0; s < window->used_count; s++)
        groups_fold(&window->used[s]->groups, &window->layout, &window->work, batch,
                    window->sorted + window->counts[s], window->counts[s + 1] - window->counts[s]);
    return true;
}

/* Fire delays tick in step for all windows (at multiples of the delay), so that there are commits after which
 * nothing waits. */
static bool waited(const struct pane *pane, int64_t delay_ms, int64_t now_ms) {
    if (pane->emitted_ms == INT64_MIN || delay_ms <= 0) return true;
    return floor_div(now_ms, delay_ms) != floor_div(pane->emitted_ms, delay_ms);
}

static bool pane_due(const struct window *window, const struct pane *pane, int64_t watermark_ms,
                     int64_t now_ms) {
    if (watermark_ms < window_last(window, pane->start_ms))
        return window->early_fire_ms >= 0 && waited(pane, window->early_fire_ms, now_ms);
    return !pane->fired || window->late_fire_ms <= 0 ||
           waited(pane, window->late_fire_ms, now_ms) ||
           window_over(window, pane->start_ms, watermark_ms);
}

static bool pane_emit(struct window *window, struct pane *pane, int64_t now_ms, struct error *err) {
    int64_t bounds[2] = {pane->start_ms,
                         saturating_add(pane->start_ms, window->op.node->window.size_ms)};
    pane->emitted_ms = now_ms;
    return emit_dirty(&window->op, &window->emitter, &pane->groups, &window->layout, &window->work,
                      bounds, now_ms, err);
}

/* An open window without early fire does not wait: it has nothing to show yet. */
static bool pane_waits(const struct window *window, const struct pane *pane, int64_t watermark_ms) {
    return pane->groups.keyed.dirty_count &&
           (window->early_fire_ms >= 0 || watermark_ms >= window_last(window, pane->start_ms));
}

static bool window_commit(struct op *op, int64_t now_ms, struct error *err) {
    struct window *window = (struct window *)op;
    int64_t watermark_ms = op_watermark_ms(window->watermark);
    uint32_t over = 0;
    op->waiting = false;
    for (uint32_t i = 0; i < window->pane_count; i++) {
        struct pane *pane = window->panes[i];
        if (pane->groups.keyed.dirty_count && pane_due(window, pane, watermark_ms, now_ms) &&
            !pane_emit(window, pane, now_ms, err))
            return false;
        op->waiting |= pane_waits(window, pane, watermark_ms);
        if (watermark_ms >= window_last(window, pane->start_ms)) pane->fired = true;
        if (window_over(window, pane->start_ms, watermark_ms)) over = i + 1;
    }
    for (uint32_t i = 0; i < over; i++)
        pane_retire(window, window->panes[i]);
    window->pane_count -= over;
    if (over)
        memmove(window->panes, window->panes + over, window->pane_count * sizeof *window->panes);
    return true;
}

static void window_state(const struct op *op, struct node_stats *out) {
    const struct window *window = (const struct window *)(const void *)op;
    for (uint32_t i = 0; i < window->pane_count; i++) {
        out->keys += window->panes[i]->groups.keyed.live;
        out->state_bytes += groups_bytes(&window->panes[i]->groups, &window->layout);
    }
    for (uint32_t i = 0; i < window->spare_count; i++)
        out->state_bytes += groups_bytes(&window->spare[i]->groups, &window->layout);
}

static void window_release(struct op *op) {
    struct window *window = (struct window *)op;
    for (uint32_t i = 0; i < window->pane_count; i++)
        pane_free(window, window->panes[i]);
    for (uint32_t i = 0; i < window->spare_count; i++)
        pane_free(window, window->spare[i]);
    free(window->panes);
    group_work_release(&window->work);
}

static const struct op_type window_type = {
    .push = window_push, .commit = window_commit, .state = window_state, .release = window_release};

struct op *op_new_window(const struct plan_node *node, struct op *input,
                         struct op_context *context) {
    struct window *window = ARENA_NEW(context->job, 1, struct window);
    const struct node_window *plan = &node->window;
    window->op.type = &window_type;
    window->op.node = node;
    window->op.context = context;
    window->watermark = op_find_watermark(input);
    window->early_fire_ms = plan->group_window ? plan->early_fire_ms : -1;
    window->late_fire_ms = plan->late_fire_ms;
    window->lateness_ms = plan->group_window ? plan->allow_lateness_ms : 0;
    group_layout_init(&window->layout, plan->keys, plan->key_count, plan->aggregates,
                      plan->aggregate_count, 0, context->hash_seed, context->job);
    emitter_init(&window->emitter, &window->op);
    return &window->op;
}
