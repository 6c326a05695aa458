/* SPDX-License-Identifier: Apache-2.0 */
/* INSERT: the query meets its sink. Columns go by position, types by Flink's rules of assignment, and the
 * changelog of the query must be one that the sink can take. */
#include "plan/bind.h"

#define TABLE_PATH "default_catalog.default_database." STR_FMT

/* What the sink writes: its physical columns, in table order. */
struct target {
    const struct table *table;
    const uint32_t *columns; /* numbers in the table */
    uint32_t count;
};

static bool sink_columns(struct binder *b, const struct table *table, struct target *out) {
    uint32_t *columns = ARENA_NEW(b->job, table->column_count + 1u, uint32_t);
    *out = (struct target){.table = table, .columns = columns};
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->kind == COLUMN_METADATA && !column->virtual_metadata)
            return bind_error(b, column->span, "E0214", "declare the column VIRTUAL",
                              "writing metadata is not supported: column '" STR_FMT "'",
                              STR_ARG(column->name));
        if (column->kind != COLUMN_PHYSICAL) continue;
        if (!require_supported(b, &column->type, column->span,
                               arena_printf(b->job, "column '" STR_FMT "'", STR_ARG(column->name))))
            return false;
        columns[out->count++] = i;
    }
    return true;
}

/* ---- matching columns ---- */

static void print_schema(struct buf *out, const char *title, uint32_t count,
                         struct str (*name)(const void *, uint32_t),
                         const struct type *(*type)(const void *, uint32_t), const void *self) {
    buf_printf(out, "%s[", title);
    for (uint32_t i = 0; i < count; i++) {
        buf_printf(out, "%s" STR_FMT ": ", i ? ", " : "", STR_ARG(name(self, i)));
        type_print(out, type(self, i), false);
    }
    buf_append(out, STR("]"));
}

static struct str query_name(const void *self, uint32_t i) {
    return ((const struct relation *)self)->columns[i].name;
}
static const struct type *query_type(const void *self, uint32_t i) {
    return &((const struct relation *)self)->columns[i].type;
}
static struct str target_name(const void *self, uint32_t i) {
    const struct target *target = self;
    return target->table->columns[target->columns[i]].name;
}
static const struct type *target_type(const void *self, uint32_t i) {
    const struct target *target = self;
    return &target->table->columns[target->columns[i]].type;
}

static bool mismatch(struct binder *b, struct span span, const struct relation *query,
                     const struct target *target, const char *cause) {
    struct buf text;
    buf_init(&text, 1 << 16);
    print_schema(&text, "Query schema: ", query->count, query_name, query_type, query);
    print_schema(&text, "\nSink schema:  ", target->count, target_name, target_type, target);
    struct error err;
    (void)error_at(&err, span, "E0207",
                   "Column types of query result and sink for '" TABLE_PATH
                   "' do not match. Cause: %s",
                   STR_ARG(target->table->name), cause);
    (void)error_evidence(&err, STR_FMT, STR_ARG(buf_str(&text)));
    (void)error_help(&err, "CAST the columns in the query, or change the sink's columns");
    if (!b->quiet) (void)diagnostics_add(b->found, &err);
    buf_release(&text);
    return false;
}

/* INSERT INTO t (c, k): positions in the target of the listed columns. */
static bool listed_columns(struct binder *b, const struct ast_idents *names,
                           const struct target *target, uint32_t *positions) {
    for (uint32_t i = 0; i < names->count; i++) {
        positions[i] = COLUMN_NONE;
        for (uint32_t c = 0; c < target->count; c++)
            if (str_eq(target_name(target, c), names->items[i].text)) positions[i] = c;
        if (positions[i] == COLUMN_NONE)
            return bind_error(b, names->items[i].span, "E0201", NULL,
                              "Unknown target column '" STR_FMT "'", STR_ARG(names->items[i].text));
        for (uint32_t j = 0; j < i; j++)
            if (positions[j] == positions[i])
                return bind_error(b, names->items[i].span, "E0211", NULL,
                                  "Target column '" STR_FMT "' is assigned more than once",
                                  STR_ARG(names->items[i].text));
    }
    return true;
}

static const struct expr *assigned(struct binder *b, const struct relation *query, uint32_t from,
                                   const struct target *target, uint32_t to, struct span span) {
    const struct scope_column *source = &query->columns[from];
    const struct type *type = target_type(target, to);
    if (!type_assignable(&source->type, type)) {
        mismatch(b, span, query, target,
                 bind_text(b, "Incompatible types for sink column '" STR_FMT "' at position %u.",
                           STR_ARG(target_name(target, to)), to));
        return NULL;
    }
    const struct expr *expr = expr_column(b, source->column, source->type, span);
    if (type_is_text(type->id))
        return expr_retype(b, expr, type_nullable(*type, source->type.nullable)); /* never cut */
    return coerce(b, expr, type);
}

static const struct expr *missing_column(struct binder *b, const struct target *target, uint32_t to,
                                         struct span span) {
    struct type type = *target_type(target, to);
    if (!type.nullable) {
        bind_error(b, span, "E0215", "add it to the column list",
                   "Column '" STR_FMT "' has no default value and does not allow NULLs",
                   STR_ARG(target_name(target, to)));
        return NULL;
    }
    return expr_literal(b, type, (struct value){.is_null = true}, span);
}

static bool match_columns(struct binder *b, const struct ast_insert *ast,
                          const struct relation *query, const struct target *target,
                          struct projection *list) {
    uint32_t *positions = ARENA_NEW(b->job, target->count + ast->columns.count + 1u, uint32_t);
    uint32_t expected = ast->columns.count ? ast->columns.count : target->count;
    if (!listed_columns(b, &ast->columns, target, positions)) return false;
    if (query->count != expected)
        return mismatch(b, ast->target_span, query, target, "Different number of columns.");
    for (uint32_t c = 0; c < target->count; c++) {
        uint32_t from = ast->columns.count ? COLUMN_NONE : c;
        for (uint32_t i = 0; i < ast->columns.count; i++)
            if (positions[i] == c) from = i;
        const struct expr *expr = from == COLUMN_NONE
                                      ? missing_column(b, target, c, ast->target_span)
                                      : assigned(b, query, from, target, c, ast->target_span);
        if (!expr) return false;
        projection_append(b, list, expr, target_name(target, c));
    }
    return true;
}

/* ---- changelog ---- */

static void print_names(struct buf *out, const struct plan_schema *schema, const uint32_t *columns,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(schema->columns[columns[i]].name));
}

static void print_primary_key(struct buf *out, const struct table *table) {
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        buf_printf(out, "%s" STR_FMT, i ? ", " : "",
                   STR_ARG(table->columns[table->primary_key[i]].name));
}

/* One column of each class of the query's key, named as in the sink; false when a class was lost. */
static bool print_query_key(struct buf *out, const struct key_classes *keys,
                            const struct plan_schema *schema) {
    for (uint32_t k = 1; k <= keys->count; k++) {
        uint32_t i = 0;
        while (i < schema->count && keys->of[i] != k)
            i++;
        if (i == schema->count) return false;
        buf_printf(out, "%s" STR_FMT, k > 1 ? ", " : "", STR_ARG(schema->columns[i].name));
    }
    return true;
}

static bool append_sink(struct binder *b, const struct plan_node *input, const struct table *table,
                        struct span span) {
    const struct plan_node *source = node_updating_source(input);
    if (!source)
        return bind_error(b, span, "E0317", "use 'connector' = 'upsert-kafka' with a PRIMARY KEY",
                          "writing to a 'kafka' table is not supported");
    struct key_classes keys = node_key_classes(b->job, input);
    struct buf name, key;
    buf_init(&name, 1024);
    buf_init(&key, 1024);
    node_flink_name(&name, source);
    bool has_key = print_query_key(&key, &keys, &input->schema) && keys.count;
    bind_error(b, span, "E0307",
               bind_text(b,
                         "declare " STR_FMT
                         " with 'connector' = 'upsert-kafka' and PRIMARY KEY (" STR_FMT
                         ") NOT ENFORCED",
                         STR_ARG(table->name), STR_ARG(has_key ? buf_str(&key) : STR("…"))),
               "Table sink '" TABLE_PATH
               "' doesn't support consuming update changes which is produced by node " STR_FMT,
               STR_ARG(table->name), STR_ARG(buf_str(&name)));
    buf_release(&name);
    buf_release(&key);
    return false;
}

enum key_fit { KEY_FITS, KEY_LOST, KEY_TOO_WIDE };

/* Is the sink's key the query's: every class of the one in the other, and nothing else? */
static enum key_fit fit_key(struct arena *job, const struct key_classes *keys, const uint32_t *key,
                            uint32_t key_count) {
    bool *seen = ARENA_NEW(job, keys->count + 1u, bool);
    bool wide = false;
    uint32_t found = 0;
    for (uint32_t i = 0; i < key_count; i++) {
        uint32_t k = keys->of[key[i]];
        if (k == KEY_NONE) wide = true;
        if (k == KEY_NONE || k == KEY_CONSTANT || seen[k]) continue;
        seen[k] = true;
        found++;
    }
    if (found < keys->count) return KEY_LOST;
    return wide ? KEY_TOO_WIDE : KEY_FITS;
}

/* The key of the query as the aggregation has it, whether or not it reaches the sink. */
static void print_source_key(struct buf *out, const struct plan_node *source) {
    bool window = source->kind == NODE_WINDOW;
    uint32_t count = window ? source->window.key_count : source->group.key_count;
    if (window) buf_append(out, count ? STR("window_start, ") : STR("window_start"));
    print_names(out, &source->input->schema, window ? source->window.keys : source->group.keys,
                count);
}

static bool refuse_key(struct binder *b, const struct plan_node *input, const struct target *target,
                       enum key_fit fit, struct span span) {
    struct buf mine, theirs;
    buf_init(&mine, 1024);
    buf_init(&theirs, 1024);
    print_primary_key(&theirs, target->table);
    print_source_key(&mine, node_updating_source(input));
    if (mine.len == 0)
        bind_error(
            b, span, "E0308", "select a constant into the key column: SELECT 'all', COUNT(*), …",
            "the query has one row, but the sink's PRIMARY KEY (" STR_FMT ") may change with it",
            STR_ARG(buf_str(&theirs)));
    else
        bind_error(
            b, span, "E0308",
            bind_text(b,
                      "select these columns as they are and declare PRIMARY KEY (" STR_FMT
                      ") NOT ENFORCED; group by an expression "
                      "in a sub-query if the key is one",
                      STR_ARG(buf_str(&mine))),
            fit == KEY_LOST
                ? "the sink's PRIMARY KEY (" STR_FMT ") does not hold the query's key (" STR_FMT
                  ") as it is: several rows would share one key (Flink: upsertMaterialize)"
                : "the sink's PRIMARY KEY (" STR_FMT ") is wider than the query's key (" STR_FMT
                  "): a row whose key changes would have to be deleted",
            STR_ARG(buf_str(&theirs)), STR_ARG(buf_str(&mine)));
    buf_release(&mine);
    buf_release(&theirs);
    return false;
}

static bool upsert_sink(struct binder *b, const struct plan_node *input,
                        const struct target *target, const uint32_t *key, struct span span) {
    struct key_classes keys = node_key_classes(b->job, input);
    enum key_fit fit = fit_key(b->job, &keys, key, target->table->primary_key_count);
    if (node_is_updating(input)) return fit == KEY_FITS || refuse_key(b, input, target, fit, span);
    if (fit == KEY_LOST || keys.count == 0) {
        struct buf names;
        buf_init(&names, 1024);
        print_primary_key(&names, target->table);
        bind_warn(b, span, "W0302", NULL,
                  "rows of an append-only query overwrite one another under PRIMARY KEY (" STR_FMT
                  "): the last one written stays",
                  STR_ARG(buf_str(&names)));
        buf_release(&names);
    }
    return true;
}

/* ---- what Avro can hold ---- */

static bool avro_name(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return name.len > 0;
}

static bool check_avro(struct binder *b, const struct target *target) {
    if (target->table->value_format.format != FORMAT_AVRO) return true;
    bool ok = true;
    for (uint32_t i = 0; i < target->count; i++) {
        const struct column *column = &target->table->columns[target->columns[i]];
        if (column->type.id == TYPE_TIMESTAMP_LTZ)
            ok = bind_error(b, column->span, "E0701", "declare it TIMESTAMP(3)",
                            "Unsupported to derive Schema for type: " STR_FMT,
                            STR_ARG(type_text(b->job, &column->type)));
        if (!avro_name(column->name))
            ok = bind_error(b, column->span, "E0701", "use letters, digits and underscores",
                            "Illegal character in: " STR_FMT, STR_ARG(column->name));
    }
    return ok;
}

/* ---- the sink ---- */

static void add_sink(struct binder *b, struct plan_node *input, const struct table *table,
                     const uint32_t *key, uint32_t columns, struct span span) {
    uint32_t *all = ARENA_NEW(b->job, columns + 1u, uint32_t);
    for (uint32_t i = 0; i < columns; i++)
        all[i] = i;
    struct plan_node proto = {.kind = NODE_SINK,
                              .input = input,
                              .schema = input->schema,
                              .span = span,
                              .sink = {.table = table,
                                       .columns = all,
                                       .key = key,
                                       .key_count = table->primary_key_count,
                                       .not_null_drop = b->settings.not_null_drop,
                                       .number = b->sink_count,
                                       .span = span}};
    BIND_GROW(b, b->sinks, b->sink_count, b->sink_capacity);
    b->sinks[b->sink_count++] = share_node(b, &proto);
}

static bool check_sink(struct binder *b, struct plan_node *input, const struct target *target,
                       const uint32_t *key, struct span span) {
    switch (target->table->connector) {
    case CONNECTOR_KAFKA: return append_sink(b, input, target->table, span);
    case CONNECTOR_UPSERT_KAFKA: return upsert_sink(b, input, target, key, span);
    case CONNECTOR_PRINT:
    case CONNECTOR_BLACKHOLE:
    case CONNECTOR_FILESYSTEM:
    case CONNECTOR_DATAGEN:
    case CONNECTOR_UNKNOWN: break;
    }
    return true;
}

static bool refuse_forms(struct binder *b, const struct ast_insert *ast) {
    if (ast->overwrite)
        return bind_error(b, ast->target_span, "E0333", "INSERT INTO an upsert-kafka table",
                          "INSERT OVERWRITE is not supported");
    if (ast->partition_span.end > ast->partition_span.start)
        return bind_error(b, ast->partition_span, "E0333", "drop PARTITION",
                          "INSERT … PARTITION is not supported");
    return true;
}

static struct catalog_entry *sink_entry(struct binder *b, const struct ast_insert *ast) {
    struct catalog_entry *entry = bind_lookup(b, &ast->table);
    if (!entry) return NULL;
    if (entry->view) {
        bind_error(b, ast->table.span, "E0317", "INSERT INTO a table",
                   "'" STR_FMT "' is a view; rows go into tables", STR_ARG(entry->name));
        return NULL;
    }
    return entry->broken || !bind_options(b, entry, true) ? NULL : entry;
}

void bind_insert(struct binder *b, const struct ast_insert *ast, struct span span) {
    if (b->insert_count++ == 0) b->first_settings = b->settings;
    if (!refuse_forms(b, ast)) return;
    struct catalog_entry *entry = sink_entry(b, ast);
    struct relation query;
    bool bound = bind_query(b, ast->query, &query);
    if (!entry || !bound) return;
    struct target target;
    struct projection list = {0};
    if (!sink_columns(b, entry->table, &target) || !check_avro(b, &target) ||
        !match_columns(b, ast, &query, &target, &list))
        return;
    struct plan_node *input = share_calc(b, query.node, NULL, &list, span);
    uint32_t *key = ARENA_NEW(b->job, entry->table->primary_key_count + 1u, uint32_t);
    for (uint32_t k = 0; k < entry->table->primary_key_count; k++)
        for (uint32_t c = 0; c < target.count; c++)
            if (target.columns[c] == entry->table->primary_key[k]) key[k] = c;
    if (check_sink(b, input, &target, key, ast->target_span))
        add_sink(b, input, entry->table, key, target.count, ast->target_span);
}
