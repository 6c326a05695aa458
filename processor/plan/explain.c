/* SPDX-License-Identifier: Apache-2.0 */
/* EXPLAIN: the plan as text, one block per INSERT, from the sink down to the scan. A node that several INSERTs
 * share is told in full once and named by its number afterwards. The text is a product with golden files. */
#include "plan/plan.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "plan/bind.h"

static void columns(struct buf *out, const struct plan_schema *schema, const uint32_t *list,
                    uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(schema->columns[list[i]].name));
}

static const char *connector_name(enum connector connector) {
    switch (connector) {
    case CONNECTOR_KAFKA: return "kafka";
    case CONNECTOR_UPSERT_KAFKA: return "upsert-kafka";
    case CONNECTOR_PRINT: return "print";
    case CONNECTOR_BLACKHOLE: return "blackhole";
    case CONNECTOR_FILESYSTEM: return "filesystem";
    case CONNECTOR_DATAGEN: return "datagen";
    case CONNECTOR_UNKNOWN: break;
    }
    return "unknown";
}

static const char *format_text(enum format format) {
    switch (format) {
    case FORMAT_JSON: return "json";
    case FORMAT_AVRO: return "avro";
    case FORMAT_AVRO_CONFLUENT: return "avro-confluent";
    case FORMAT_RAW: return "raw";
    case FORMAT_CSV: return "csv";
    case FORMAT_NONE: break;
    }
    return "";
}

/* ---- state ---- */

static uint64_t value_bytes(const struct type *type) {
    enum phys phys = type_phys(type->id);
    return phys == PHYS_STR ? 24 : phys_bytes(phys); /* a short text */
}

static uint64_t key_bytes(const struct plan_schema *schema, const uint32_t *keys, uint32_t count) {
    uint64_t bytes = 24; /* index entry and header */
    for (uint32_t i = 0; i < count; i++)
        bytes += value_bytes(&schema->columns[keys[i]].type);
    return bytes;
}

static uint64_t aggregate_bytes(const struct aggregate_call *calls, uint32_t count) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += 8 + value_bytes(&calls[i].result);
    return bytes;
}

uint64_t node_state_bytes(const struct plan_node *node) {
    const struct plan_schema *input = node->input ? &node->input->schema : NULL;
    if (node->kind == NODE_DEDUP) return key_bytes(input, node->dedup.keys, node->dedup.key_count);
    if (node->kind == NODE_GROUP)
        return key_bytes(input, node->group.keys, node->group.key_count) +
               aggregate_bytes(node->group.aggregates, node->group.aggregate_count);
    if (node->kind == NODE_WINDOW)
        return 8 + key_bytes(input, node->window.keys, node->window.key_count) +
               aggregate_bytes(node->window.aggregates, node->window.aggregate_count);
    return 0;
}

static bool has_distinct(const struct aggregate_call *calls, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (calls[i].id == AGGREGATE_COUNT_DISTINCT) return true;
    return false;
}

static void state(struct buf *out, const struct plan_node *node, const struct aggregate_call *calls,
                  uint32_t count) {
    buf_printf(out, "state about %llu B/key", (unsigned long long)node_state_bytes(node));
    if (has_distinct(calls, count)) buf_append(out, STR(" and one entry per distinct value"));
}

static void ttl(struct buf *out, int64_t ttl_ms) {
    if (ttl_ms == 0) {
        buf_append(out, STR(", kept for ever"));
        return;
    }
    buf_append(out, STR(", TTL "));
    duration_print(out, ttl_ms);
}

/* ---- lines ---- */

static void next_line(struct buf *out) {
    buf_append(out, STR("\n              "));
}

static void changelog(struct buf *out, const struct plan_node *node) {
    next_line(out);
    if (!node->updating) {
        buf_append(out, STR("emits inserts"));
        return;
    }
    buf_append(out, STR("emits updates, upsert key ("));
    if (node->upsert_key)
        columns(out, &node->schema, node->upsert_key, node->upsert_key_count);
    else
        buf_append(out, STR("lost"));
    buf_append_char(out, ')');
}

static void aggregates(struct buf *out, const struct plan_schema *input,
                       const struct aggregate_call *calls, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        next_line(out);
        bool distinct = calls[i].id == AGGREGATE_COUNT_DISTINCT;
        buf_printf(out, "%s(%s", aggregate_rows[calls[i].id].name, distinct ? "DISTINCT " : "");
        buf_append(out, calls[i].argument == COLUMN_NONE ? STR("*")
                                                         : input->columns[calls[i].argument].name);
        buf_append_char(out, ')');
        if (calls[i].filter != COLUMN_NONE)
            buf_printf(out, " FILTER (" STR_FMT ")", STR_ARG(input->columns[calls[i].filter].name));
        buf_append_char(out, ' ');
        type_print(out, &calls[i].result, false);
    }
}

static void scan(struct buf *out, const struct plan_node *node) {
    const struct table *table = node->scan.table;
    buf_printf(out, STR_FMT "   %s \"" STR_FMT "\" %s", STR_ARG(table->name),
               connector_name(table->connector), STR_ARG(table->kafka.topic),
               format_text(table->value_format.format));
    if (table->key_field_count) {
        buf_printf(out, ", key %s (", format_text(table->key_format.format));
        for (uint32_t i = 0; i < table->key_field_count; i++)
            buf_printf(out, "%s" STR_FMT, i ? ", " : "",
                       STR_ARG(table->columns[table->key_fields[i]].name));
        buf_append_char(out, ')');
    }
    if (table->kafka.bounded) buf_append(out, STR(", bounded"));
    next_line(out);
    uint32_t declared = 0;
    for (uint32_t i = 0; i < table->column_count; i++)
        declared += table->columns[i].kind != COLUMN_COMPUTED;
    buf_printf(out, "decodes %u of %u columns: ", node->schema.count, declared);
    for (uint32_t i = 0; i < node->schema.count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(node->schema.columns[i].name));
}

static void calc(struct buf *out, const struct plan_node *node) {
    const struct plan_schema *input = &node->input->schema;
    if (node->calc.condition) {
        buf_append(out, STR("where "));
        expr_print(out, node->calc.condition, input);
        next_line(out);
    }
    bool listed = false; /* plain columns first, in one line */
    for (uint32_t i = 0; i < node->schema.count; i++) {
        const struct expr *expr = node->calc.exprs[i];
        if (expr->kind != EXPR_COLUMN ||
            !str_eq(node->schema.columns[i].name, input->columns[expr->column].name))
            continue;
        buf_printf(out, "%s" STR_FMT, listed ? ", " : "", STR_ARG(node->schema.columns[i].name));
        listed = true;
    }
    for (uint32_t i = 0; i < node->schema.count; i++) {
        const struct expr *expr = node->calc.exprs[i];
        if (expr->kind == EXPR_COLUMN &&
            str_eq(node->schema.columns[i].name, input->columns[expr->column].name))
            continue;
        if (listed) next_line(out);
        listed = true;
        struct buf text;
        buf_init(&text, 1 << 20);
        expr_print(&text, expr, input);
        buf_append(out, buf_str(&text));
        if (!str_eq(buf_str(&text), node->schema.columns[i].name))
            buf_printf(out, " AS " STR_FMT, STR_ARG(node->schema.columns[i].name));
        buf_release(&text);
    }
}

static void watermark(struct buf *out, const struct plan_node *node) {
    buf_printf(out, STR_FMT ": ", STR_ARG(node->schema.columns[node->watermark.rowtime].name));
    expr_print(out, node->watermark.expr, &node->input->schema);
    if (node->watermark.idle_timeout_ms) {
        buf_append(out, STR(", partition idle after "));
        duration_print(out, node->watermark.idle_timeout_ms);
    } else {
        buf_append(out, STR(", a silent partition holds it back"));
    }
}

static void dedup(struct buf *out, const struct plan_node *node) {
    buf_append(out, STR("first row of ("));
    columns(out, &node->input->schema, node->dedup.keys, node->dedup.key_count);
    buf_append_char(out, ')');
    changelog(out, node);
    buf_append(out, STR("; "));
    state(out, node, NULL, 0);
    ttl(out, node->dedup.ttl_ms);
}

static void group(struct buf *out, const struct plan_node *node) {
    const struct node_group *g = &node->group;
    buf_append(out, g->key_count ? STR("by ") : STR("all rows together"));
    columns(out, &node->input->schema, g->keys, g->key_count);
    aggregates(out, &node->input->schema, g->aggregates, g->aggregate_count);
    changelog(out, node);
    buf_append(out, STR("; "));
    state(out, node, g->aggregates, g->aggregate_count);
    ttl(out, g->ttl_ms);
}

static void fire(struct buf *out, const char *name, int64_t delay_ms) {
    if (delay_ms < 0) return;
    buf_printf(out, ", %s ", name);
    if (delay_ms == 0) {
        buf_append(out, STR("at once"));
        return;
    }
    buf_append(out, STR("every "));
    duration_print(out, delay_ms);
}

static void window(struct buf *out, const struct plan_node *node) {
    const struct node_window *w = &node->window;
    const struct plan_schema *input = &node->input->schema;
    buf_printf(out, "TUMBLE(" STR_FMT ", ", STR_ARG(input->columns[w->rowtime].name));
    duration_print(out, w->size_ms);
    if (w->offset_ms) {
        buf_append(out, STR(", offset "));
        duration_print(out, w->offset_ms);
    }
    buf_append_char(out, ')');
    if (w->key_count) buf_append(out, STR(" by "));
    columns(out, input, w->keys, w->key_count);
    aggregates(out, input, w->aggregates, w->aggregate_count);
    changelog(out, node);
    buf_append(out, STR("; at window end"));
    fire(out, "early", w->early_fire_ms);
    fire(out, "late", w->late_fire_ms);
    if (w->allow_lateness_ms) {
        buf_append(out, STR(", late rows count for "));
        duration_print(out, w->allow_lateness_ms);
    }
    next_line(out);
    state(out, node, w->aggregates, w->aggregate_count);
    buf_append(out, STR(" and window"));
}

static void details(struct buf *out, const struct plan_node *node) {
    switch (node->kind) {
    case NODE_SCAN: scan(out, node); return;
    case NODE_CALC: calc(out, node); return;
    case NODE_WATERMARK: watermark(out, node); return;
    case NODE_DEDUP: dedup(out, node); return;
    case NODE_GROUP: group(out, node); return;
    case NODE_WINDOW: window(out, node); return;
    case NODE_SINK: return;
    }
}

static void insert(struct buf *out, const struct plan_node *sink) {
    const struct table *table = sink->sink.table;
    buf_printf(out, "insert " STR_FMT "   %s", STR_ARG(table->name),
               connector_name(table->connector));
    if (table->connector == CONNECTOR_UPSERT_KAFKA || table->connector == CONNECTOR_KAFKA) {
        buf_printf(out, " \"" STR_FMT "\"", STR_ARG(table->kafka.topic));
        if (table->key_field_count) {
            buf_printf(out, "   key %s (", format_text(table->key_format.format));
            for (uint32_t i = 0; i < table->key_field_count; i++)
                buf_printf(out, "%s" STR_FMT, i ? ", " : "",
                           STR_ARG(table->columns[table->key_fields[i]].name));
            buf_append_char(out, ')');
        }
        buf_printf(out, "   value %s", format_text(table->value_format.format));
    }
    buf_append(out, sink->updating ? STR("   updates\n") : STR("   inserts\n"));
}

void plan_explain(struct buf *out, const struct plan *plan) {
    static const char *const names[] = {
        [NODE_SCAN] = "scan",   [NODE_CALC] = "calc",   [NODE_WATERMARK] = "watermark",
        [NODE_DEDUP] = "dedup", [NODE_GROUP] = "group", [NODE_WINDOW] = "window",
        [NODE_SINK] = "sink"};
    bool *told = memory_new(plan->node_count + 1u, sizeof *told);
    for (uint32_t s = 0; s < plan->sink_count; s++) {
        if (s) buf_append_char(out, '\n');
        insert(out, plan->sinks[s]);
        for (const struct plan_node *node = plan->sinks[s]->input; node; node = node->input) {
            buf_printf(out, "%3u %-9s ", node->id, names[node->kind]);
            if (told[node->id]) {
                buf_append(out, STR("as above\n"));
                break;
            }
            told[node->id] = true;
            details(out, node);
            buf_append_char(out, '\n');
        }
    }
    free(told);
}
