/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/graph.h"

#include "operators/op.h"
#include "state/hash.h"

struct graph {
    const struct plan *plan;
    struct op **ops;        /* by node id; an input stands before its consumers */
    struct op **watermarks; /* by scan; NULL: the table has none */
    struct op_context context;
};

static op_new *const constructors[] = {
    [NODE_SCAN] = op_new_scan,   [NODE_CALC] = op_new_calc,     [NODE_DEDUP] = op_new_dedup,
    [NODE_GROUP] = op_new_group, [NODE_WINDOW] = op_new_window, [NODE_SINK] = op_new_sink,
};

bool op_emit(struct op *op, const struct batch *batch, struct error *err) {
    for (uint32_t i = 0; i < op->output_count; i++)
        if (!op->outputs[i]->type->push(op->outputs[i], batch, err)) return false;
    return true;
}

const uint32_t *op_rows(const struct op *op, const struct batch *batch) {
    return batch->selection ? batch->selection : op->context->identity;
}

static uint32_t scan_number(const struct plan *plan, const struct op *op) {
    while (op->input)
        op = op->input;
    uint32_t number = 0;
    while (plan->scans[number] != op->node)
        number++;
    return number;
}

static struct op *make_op(struct graph *graph, const struct plan_node *node,
                          const uint32_t *partitions) {
    struct op *input = node->input ? graph->ops[node->input->id] : NULL;
    struct op *op;
    if (node->kind == NODE_WATERMARK) {
        uint32_t scan = scan_number(graph->plan, input);
        op = op_new_watermark(node, input, &graph->context, partitions[scan]);
        graph->watermarks[scan] = op;
    } else {
        op = constructors[node->kind](node, input, &graph->context);
    }
    op->node = node;
    op->input = input;
    op->context = &graph->context;
    return op;
}

static void connect(struct graph *graph) {
    const struct plan *plan = graph->plan;
    uint32_t *consumers = ARENA_NEW(graph->context.job, plan->node_count, uint32_t);
    for (uint32_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i]->input) consumers[plan->nodes[i]->input->id]++;
    for (uint32_t i = 0; i < plan->node_count; i++)
        graph->ops[i]->outputs = ARENA_NEW(graph->context.job, consumers[i], struct op *);
    for (uint32_t i = 0; i < plan->node_count; i++) {
        struct op *input = graph->ops[i]->input;
        if (input) input->outputs[input->output_count++] = graph->ops[i];
    }
}

struct graph *graph_new(const struct plan *plan, const uint32_t *partitions,
                        struct graph_output output, struct arena *job) {
    struct graph *graph = ARENA_NEW(job, 1, struct graph);
    graph->plan = plan;
    graph->context = (struct op_context){.job = job, .output = output, .hash_seed = hash_seed()};
    for (uint32_t i = 0; i < BATCH_ROWS; i++)
        graph->context.identity[i] = i;
    graph->ops = ARENA_NEW(job, plan->node_count, struct op *);
    graph->watermarks = ARENA_NEW(job, plan->scan_count, struct op *);
    for (uint32_t i = 0; i < plan->node_count; i++)
        graph->ops[i] = make_op(graph, plan->nodes[i], partitions);
    connect(graph);
    return graph;
}

void graph_free(struct graph *graph) {
    if (!graph) return;
    for (uint32_t i = 0; i < graph->plan->node_count; i++)
        if (graph->ops[i]->type->release) graph->ops[i]->type->release(graph->ops[i]);
    arena_release(&graph->context.scratch);
}

uint32_t graph_state(const struct graph *graph, struct node_stats *out, uint32_t max) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->plan->node_count && count < max; i++) {
        const struct op *op = graph->ops[i];
        if (!op->type->state) continue;
        out[count] = (struct node_stats){.node = op->node};
        op->type->state(op, &out[count++]);
    }
    return count;
}

static void describe_state(struct buf *out, const struct plan_node *node) {
    static const char *const names[] = {[NODE_DEDUP] = "the deduplication by",
                                        [NODE_GROUP] = "GROUP BY",
                                        [NODE_WINDOW] = "the windows of GROUP BY"};
    const uint32_t *keys = node->kind == NODE_DEDUP    ? node->dedup.keys
                           : node->kind == NODE_WINDOW ? node->window.keys
                                                       : node->group.keys;
    uint32_t count = node->kind == NODE_DEDUP    ? node->dedup.key_count
                     : node->kind == NODE_WINDOW ? node->window.key_count
                                                 : node->group.key_count;
    buf_printf(out, "%s (", names[node->kind]);
    for (uint32_t i = 0; i < count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "",
                   STR_ARG(node->input->schema.columns[keys[i]].name));
    buf_append_char(out, ')');
}

static bool fail_full(const struct node_stats *largest, uint64_t bytes, uint64_t max,
                      struct error *err) {
    struct buf name;
    buf_init(&name, 256);
    describe_state(&name, largest->node);
    error_set(
        err, ERROR_STOP, "E0810",
        "the state has grown to %llu bytes and decant.state.max.bytes allows %llu; most of it, "
        "%llu bytes, is %s with %llu keys",
        (unsigned long long)bytes, (unsigned long long)max,
        (unsigned long long)largest->state_bytes, buf_c_string(&name),
        (unsigned long long)largest->keys);
    buf_release(&name);
    return error_help(err,
                      "let unused keys expire: SET 'table.exec.state.ttl' = '1 h'; or allow more: "
                      "SET 'decant.state.max.bytes' = '%lluMiB'; or share the keys out to more "
                      "instances",
                      (unsigned long long)(max / (1 << 20) * 2 + 1));
}

static bool check_state(const struct graph *graph, struct error *err) {
    uint64_t max = graph->plan->settings.state_max_bytes, bytes = 0;
    struct node_stats largest = {0};
    if (!max) return true;
    for (uint32_t i = 0; i < graph->plan->node_count; i++) {
        const struct op *op = graph->ops[i];
        struct node_stats stats = {.node = op->node};
        if (!op->type->state) continue;
        op->type->state(op, &stats);
        bytes += stats.state_bytes;
        if (stats.state_bytes >= largest.state_bytes) largest = stats;
    }
    return bytes <= max || fail_full(&largest, bytes, max, err);
}

bool graph_push(struct graph *graph, uint32_t scan, struct batch *batch, struct error *err) {
    struct op *op = graph->ops[graph->plan->scans[scan]->id];
    return op->type->push(op, batch, err) && check_state(graph, err);
}

void graph_idle(struct graph *graph, uint32_t scan, uint32_t partition, bool at_end,
                int64_t now_ms) {
    if (graph->watermarks[scan])
        op_watermark_idle(graph->watermarks[scan], partition, at_end, now_ms);
}

bool graph_commit(struct graph *graph, int64_t now_ms, struct error *err) {
    for (uint32_t i = 0; i < graph->plan->node_count; i++) {
        struct op *op = graph->ops[i];
        if (op->type->commit && !op->type->commit(op, now_ms, err)) return false;
    }
    return true;
}

bool graph_finish(struct graph *graph, struct error *err) {
    (void)err; /* operators that hold rows back until the end will use it */
    for (uint32_t i = 0; i < graph->plan->scan_count; i++)
        if (graph->watermarks[i]) op_watermark_finish(graph->watermarks[i]);
    return true;
}

/* Goes from the scan to the operator that takes the rows up: an aggregate, else the sink. What
 * stands behind an aggregate sees results, not input rows. */
static void count_path(const struct op *op, struct sink_counters *counters, bool *folded) {
    if (op->input) count_path(op->input, counters, folded);
    if (*folded) return;
    switch (op->node->kind) {
    case NODE_SCAN: counters->in = op->rows_in; break;
    case NODE_CALC: counters->filtered += op->dropped; break;
    case NODE_WATERMARK: break;
    case NODE_DEDUP: counters->duplicate += op->dropped; break;
    case NODE_WINDOW:
        counters->late = op->dropped;
        counters->folded = op->rows_in - op->dropped;
        *folded = true;
        break;
    case NODE_GROUP:
    case NODE_SINK:
        counters->folded = op->rows_in;
        *folded = true;
        break;
    }
}

struct sink_counters graph_sink_counters(const struct graph *graph, uint32_t sink) {
    const struct op *op = graph->ops[graph->plan->sinks[sink]->id];
    struct sink_counters counters = {.rows_out = op->rows_out, .not_null_dropped = op->dropped};
    bool folded = false;
    count_path(op, &counters, &folded);
    return counters;
}

bool graph_settled(const struct graph *graph) {
    for (uint32_t i = 0; i < graph->plan->node_count; i++)
        if (graph->ops[i]->waiting) return false;
    return true;
}

struct watermark_status graph_watermark(const struct graph *graph, uint32_t scan) {
    if (graph->watermarks[scan]) return op_watermark_status(graph->watermarks[scan]);
    return (struct watermark_status){.watermark_ms = INT64_MIN, .last_event_ms = INT64_MIN};
}
