/* SPDX-License-Identifier: Apache-2.0 */
/* Unbounded GROUP BY: folds during push, sends one row per changed group at commit. */
#include "operators/op.h"

struct group {
    struct op op;
    struct group_layout layout;
    struct groups groups;
    struct group_work work;
    struct emitter emitter;
};

static bool group_push(struct op *op, const struct batch *batch, struct error *err) {
    struct group *group = (struct group *)op;
    (void)err;
    op->rows_in += batch->selected;
    groups_fold(&group->groups, &group->layout, &group->work, batch, op_rows(op, batch),
                batch->selected);
    return true;
}

static bool group_commit(struct op *op, int64_t now_ms, struct error *err) {
    struct group *group = (struct group *)op;
    if (!emit_dirty(op, &group->emitter, &group->groups, &group->layout, &group->work, NULL, now_ms,
                    err))
        return false;
    groups_expire(&group->groups, &group->layout, now_ms);
    return true;
}

static void group_state(const struct op *op, struct node_stats *out) {
    const struct group *group = (const struct group *)(const void *)op;
    out->keys = group->groups.keyed.live;
    out->state_bytes = groups_bytes(&group->groups, &group->layout);
}

static void group_release(struct op *op) {
    struct group *group = (struct group *)op;
    groups_release(&group->groups, &group->layout);
    group_work_release(&group->work);
}

static const struct op_type group_type = {
    .push = group_push, .commit = group_commit, .state = group_state, .release = group_release};

struct op *op_new_group(const struct plan_node *node, struct op *input,
                        struct op_context *context) {
    (void)input;
    struct group *group = ARENA_NEW(context->job, 1, struct group);
    const struct node_group *plan = &node->group;
    group->op.type = &group_type;
    group->op.node = node;
    group->op.context = context;
    group_layout_init(&group->layout, plan->keys, plan->key_count, plan->aggregates,
                      plan->aggregate_count, plan->ttl_ms, context->hash_seed, context->job);
    groups_init(&group->groups, &group->layout);
    emitter_init(&group->emitter, &group->op);
    return &group->op;
}
