/* SPDX-License-Identifier: Apache-2.0 */
/* CREATE TABLE: columns, types, PRIMARY KEY and WATERMARK. What is wrong here is wrong even when nothing uses
 * the table; WITH options wait until something does (bind_options.c). */
#include "plan/bind.h"

int32_t table_column(const struct table *table, struct str name) {
    for (uint32_t i = 0; i < table->column_count; i++)
        if (str_eq(table->columns[i].name, name)) return (int32_t)i;
    return -1;
}

/* ---- types as written ---- */

static uint8_t precision_or(int32_t precision, uint8_t preset) {
    return precision < 0 ? preset : (uint8_t)precision;
}

static bool bad_precision(struct binder *b, const struct ast_type *ast, const char *limits) {
    return bind_error(b, ast->span, "E0210", limits, "type " STR_FMT " is out of range",
                      STR_ARG(bind_source(b, ast->span)));
}

static bool bind_element(struct binder *b, const struct ast_type *ast, const struct type **out) {
    struct type *type = ARENA_NEW(b->job, 1, struct type);
    if (!bind_type(b, ast, type)) return false;
    *out = type;
    return true;
}

static bool bind_row_type(struct binder *b, const struct ast_type *ast, struct type *out) {
    struct row_field *fields = ARENA_NEW(b->job, ast->fields.count + 1u, struct row_field);
    for (uint32_t i = 0; i < ast->fields.count; i++) {
        fields[i].name = ast->fields.items[i].name.text;
        if (!bind_type(b, ast->fields.items[i].type, &fields[i].type)) return false;
    }
    out->fields = fields;
    out->field_count = ast->fields.count;
    return true;
}

static bool bind_nested(struct binder *b, const struct ast_type *ast, struct type *out) {
    if (ast->kind == AST_TYPE_ROW) return bind_row_type(b, ast, out);
    if (ast->key && !bind_element(b, ast->key, &out->key)) return false;
    return bind_element(b, ast->element, &out->element);
}

static bool bind_decimal(struct binder *b, const struct ast_type *ast, struct type *out) {
    int32_t precision = ast->precision < 0 ? 10 : ast->precision,
            scale = ast->scale < 0 ? 0 : ast->scale;
    if (precision < 1 || precision > 38 || scale > precision)
        return bad_precision(b, ast, "DECIMAL(p, s): p from 1 to 38, s from 0 to p");
    out->precision = (uint8_t)precision;
    out->scale = (uint8_t)scale;
    return true;
}

static bool bind_length(struct binder *b, const struct ast_type *ast, uint32_t preset,
                        struct type *out) {
    if (ast->precision == 0) return bad_precision(b, ast, "a length is at least 1");
    out->length = ast->precision < 0 ? preset : (uint32_t)ast->precision;
    return true;
}

static bool bind_time(struct binder *b, const struct ast_type *ast, uint8_t preset,
                      struct type *out) {
    if (ast->precision > 9) return bad_precision(b, ast, "precision is from 0 to 9");
    out->precision = precision_or(ast->precision, preset);
    return true;
}

bool bind_type(struct binder *b, const struct ast_type *ast, struct type *out) {
    /* clang-format off */
    static const struct { enum type_id id; bool known; } ids[] = {
        [AST_TYPE_BOOLEAN] = {TYPE_BOOLEAN, true}, [AST_TYPE_TINYINT] = {TYPE_TINYINT, true},
        [AST_TYPE_SMALLINT] = {TYPE_SMALLINT, true}, [AST_TYPE_INT] = {TYPE_INT, true},
        [AST_TYPE_BIGINT] = {TYPE_BIGINT, true}, [AST_TYPE_FLOAT] = {TYPE_FLOAT, true},
        [AST_TYPE_REAL] = {TYPE_FLOAT, false}, [AST_TYPE_DOUBLE] = {TYPE_DOUBLE, true},
        [AST_TYPE_DECIMAL] = {TYPE_DECIMAL, true}, [AST_TYPE_CHAR] = {TYPE_CHAR, true},
        [AST_TYPE_VARCHAR] = {TYPE_VARCHAR, true}, [AST_TYPE_STRING] = {TYPE_VARCHAR, true},
        [AST_TYPE_BINARY] = {TYPE_BINARY, true}, [AST_TYPE_VARBINARY] = {TYPE_VARBINARY, true},
        [AST_TYPE_BYTES] = {TYPE_VARBINARY, true}, [AST_TYPE_DATE] = {TYPE_DATE, true},
        [AST_TYPE_TIME] = {TYPE_TIME, true}, [AST_TYPE_TIMESTAMP] = {TYPE_TIMESTAMP, true},
        [AST_TYPE_TIMESTAMP_LTZ] = {TYPE_TIMESTAMP_LTZ, true}, [AST_TYPE_INTERVAL] = {TYPE_INTERVAL_MS, false},
        [AST_TYPE_ROW] = {TYPE_ROW, true}, [AST_TYPE_ARRAY] = {TYPE_ARRAY, true},
        [AST_TYPE_MULTISET] = {TYPE_MULTISET, true}, [AST_TYPE_MAP] = {TYPE_MAP, true},
        [AST_TYPE_RAW] = {TYPE_NULL, false}, [AST_TYPE_NULL] = {TYPE_NULL, false},
        [AST_TYPE_NAMED] = {TYPE_NULL, false},
    };
    /* clang-format on */
    if (!ids[ast->kind].known)
        return bind_error(b, ast->span, "E0304",
                          ast->kind == AST_TYPE_REAL ? "write FLOAT or DOUBLE" : NULL,
                          "type " STR_FMT " is not supported", STR_ARG(bind_source(b, ast->span)));
    struct type type = {.id = ids[ast->kind].id, .nullable = ast->nullability != AST_NOT_NULL};
    bool ok = true;
    if (type.id == TYPE_DECIMAL) ok = bind_decimal(b, ast, &type);
    if (type.id == TYPE_CHAR || type.id == TYPE_BINARY) ok = bind_length(b, ast, 1, &type);
    if (type.id == TYPE_VARCHAR || type.id == TYPE_VARBINARY)
        ok = bind_length(b, ast, TYPE_LENGTH_MAX, &type);
    if (type.id == TYPE_TIME) ok = bind_time(b, ast, 0, &type);
    if (type_is_instant(type.id)) ok = bind_time(b, ast, 6, &type);
    if (type_phys(type.id) == PHYS_NESTED) ok = bind_nested(b, ast, &type);
    if (ok) *out = type;
    return ok;
}

/* ---- columns ---- */

static const struct {
    const char *key;
    enum metadata metadata;
    enum type_id type;
    bool supported;
} metadata_keys[] = {
    {"topic", METADATA_TOPIC, TYPE_VARCHAR, true},
    {"partition", METADATA_PARTITION, TYPE_INT, true},
    {"offset", METADATA_OFFSET, TYPE_BIGINT, true},
    {"timestamp", METADATA_TIMESTAMP, TYPE_TIMESTAMP_LTZ, true},
    {"timestamp-type", METADATA_TIMESTAMP_TYPE, TYPE_VARCHAR, false},
    {"leader-epoch", METADATA_LEADER_EPOCH, TYPE_INT, false},
    {"headers", METADATA_HEADERS, TYPE_MAP, false},
};

/* The type that the record itself gives; the declared one is cast to. */
static struct type metadata_type(enum metadata metadata) {
    for (size_t i = 0; i < ARRAY_LEN(metadata_keys); i++) {
        if (metadata_keys[i].metadata != metadata) continue;
        struct type type = {.id = metadata_keys[i].type,
                            .nullable = metadata == METADATA_TIMESTAMP};
        if (type.id == TYPE_VARCHAR) type.length = TYPE_LENGTH_MAX;
        if (type.id == TYPE_TIMESTAMP_LTZ) type.precision = 3;
        return type;
    }
    return type_of(TYPE_NULL);
}

static bool bind_metadata(struct binder *b, const struct ast_column *ast, const struct table *table,
                          struct column *out) {
    struct str key = ast->has_metadata_key ? ast->metadata_key : ast->name.text;
    for (size_t i = 0; i < ARRAY_LEN(metadata_keys); i++) {
        if (!str_eq(key, str_of(metadata_keys[i].key))) continue;
        if (!metadata_keys[i].supported)
            return bind_error(b, ast->metadata_span, "E0214", "topic, partition, offset, timestamp",
                              "metadata key '" STR_FMT "' is not supported", STR_ARG(key));
        out->metadata = metadata_keys[i].metadata;
        out->virtual_metadata = ast->is_virtual;
        struct type from = metadata_type(out->metadata);
        bool same = from.id == out->type.id;
        if (same || coerce(b, expr_column(b, 0, from, ast->span), &out->type)) return true;
        return bind_error(b, ast->metadata_span, "E0214", NULL,
                          "Invalid data type for metadata column '" STR_FMT "' of table '" STR_FMT
                          "': metadata key '" STR_FMT "' has the data type " STR_FMT,
                          STR_ARG(ast->name.text), STR_ARG(table->name), STR_ARG(key),
                          STR_ARG(type_text(b->job, &from)));
    }
    return bind_error(b, ast->metadata_span, "E0214", "topic, partition, offset, timestamp",
                      "Invalid metadata key '" STR_FMT "' in column '" STR_FMT
                      "' of table '" STR_FMT "'",
                      STR_ARG(key), STR_ARG(ast->name.text), STR_ARG(table->name));
}

static bool bind_column(struct binder *b, const struct ast_column *ast, const struct table *table,
                        struct column *out) {
    *out = (struct column){.name = ast->name.text, .span = ast->span};
    if (table_column(table, ast->name.text) >= 0)
        return bind_error(b, ast->name.span, "E0211", NULL,
                          "A column named '" STR_FMT "' already exists in the table.",
                          STR_ARG(ast->name.text));
    switch (ast->kind) {
    case AST_COLUMN_COMPUTED:
        out->kind = COLUMN_COMPUTED;
        out->computed = ast->expr;
        return true;
    case AST_COLUMN_METADATA:
        out->kind = COLUMN_METADATA;
        return bind_type(b, ast->type, &out->type) && bind_metadata(b, ast, table, out);
    case AST_COLUMN_PHYSICAL: break;
    }
    if (!ast->type)
        return bind_error(b, ast->span, "E0301", "declare the type", "a column needs a type");
    return bind_type(b, ast->type, &out->type);
}

/* Columns of the table that an expression of kind computed (or the watermark) may use. */
static struct relation table_relation(struct binder *b, const struct table *table,
                                      bool with_computed) {
    struct relation relation = {
        .columns = ARENA_NEW(b->job, table->column_count + 1u, struct scope_column),
        .name = table->name};
    for (uint32_t i = 0; i < table->column_count; i++)
        if (with_computed || table->columns[i].kind != COLUMN_COMPUTED)
            relation.columns[relation.count++] = (struct scope_column){
                table->name, table->columns[i].name, i, table->columns[i].type, ROLE_PLAIN};
    return relation;
}

static bool bind_computed(struct binder *b, struct table *table) {
    struct relation relation = table_relation(b, table, false);
    struct expr_scope scope = {.b = b, .input = &relation, .clause = "a computed column"};
    bool ok = true;
    for (uint32_t i = 0; i < table->column_count; i++) {
        struct column *column = &table->columns[i];
        if (column->kind != COLUMN_COMPUTED) continue;
        const struct expr *expr = bind_expr(&scope, column->computed);
        if (expr)
            column->type = expr->type;
        else
            ok = false;
    }
    return ok;
}

/* ---- PRIMARY KEY, WATERMARK ---- */

static bool bind_primary_key(struct binder *b, const struct ast_constraint *ast,
                             struct table *table) {
    if (ast->kind == AST_UNIQUE)
        return bind_error(b, ast->span, "E0212", "use PRIMARY KEY (…) NOT ENFORCED",
                          "UNIQUE constraint is not supported yet");
    if (ast->enforcement != AST_NOT_ENFORCED)
        return bind_error(
            b, ast->span, "E0212", "write NOT ENFORCED behind it",
            "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT "
            "ENFORCED controls if the constraint checks are performed on the "
            "incoming/outgoing data. Flink does not own the data therefore the only "
            "supported mode is the NOT ENFORCED mode");
    if (table->primary_key_count)
        return bind_error(b, ast->span, "E0212", NULL, "Duplicate primary key definition");
    uint32_t *key = ARENA_NEW(b->job, ast->columns.count + 1u, uint32_t);
    for (uint32_t i = 0; i < ast->columns.count; i++) {
        int32_t column = table_column(table, ast->columns.items[i].text);
        if (column < 0 || table->columns[column].kind != COLUMN_PHYSICAL)
            return bind_error(b, ast->columns.items[i].span, "E0212", NULL,
                              "Primary key column '" STR_FMT "' is not %s",
                              STR_ARG(ast->columns.items[i].text),
                              column < 0 ? "defined in the schema" : "a physical column");
        key[i] = (uint32_t)column;
        table->columns[column].type.nullable = false;
    }
    table->primary_key = key;
    table->primary_key_count = ast->columns.count;
    return true;
}

static bool bind_watermark(struct binder *b, const struct ast_watermark *ast, struct table *table) {
    if (table->has_watermark)
        return bind_error(b, ast->span, "E0213", NULL,
                          "Multiple WATERMARK statements is not supported yet.");
    const struct ast_ident *name = &ast->column.parts.items[0];
    int32_t number = ast->column.parts.count == 1 ? table_column(table, name->text) : -1;
    if (number < 0)
        return bind_error(b, ast->column.span, "E0213", "name a column of this table",
                          "The rowtime attribute field '" STR_FMT
                          "' is not defined in the table schema",
                          STR_ARG(bind_source(b, ast->column.span)));
    struct column *column = &table->columns[number];
    if (!type_is_instant(column->type.id) || column->type.precision > 3 ||
        column->type.time == TIME_PROCESSING)
        return bind_error(
            b, ast->column.span, "E0213",
            "declare it TIMESTAMP(3), or compute one: ts AS TO_TIMESTAMP_LTZ(ms, 3)",
            "Invalid data type of time field for watermark definition. The field must be of "
            "type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to "
            "3, but the time field type is " STR_FMT,
            STR_ARG(type_text(b->job, &column->type)));
    struct relation relation = table_relation(b, table, true);
    struct expr_scope scope = {.b = b, .input = &relation, .clause = "WATERMARK"};
    const struct expr *expr = bind_expr(&scope, ast->expr);
    if (!expr) return false;
    if (!type_is_instant(expr->type.id))
        return bind_error(
            b, ast->expr->span, "E0213", "ts - INTERVAL '5' SECOND",
            "Invalid data type of expression for watermark definition. The field must be of "
            "type TIMESTAMP(p) or TIMESTAMP_LTZ(p), but the watermark expression type is " STR_FMT,
            STR_ARG(type_text(b->job, &expr->type)));
    table->has_watermark = true;
    table->watermark_column = (uint32_t)number;
    table->watermark_expr = ast->expr;
    column->type.time = TIME_EVENT;
    return true;
}

/* ---- the statement ---- */

static bool refuse_clauses(struct binder *b, const struct ast_create_table *ast, struct span span) {
    if (ast->as_query)
        return bind_error(b, ast->as_query->span, "E0301",
                          "CREATE TABLE with columns, then INSERT INTO",
                          "CREATE TABLE AS SELECT is not supported");
    if (ast->like.parts.count)
        return bind_error(b, ast->like.span, "E0301", "repeat the columns and options",
                          "CREATE TABLE … LIKE is not supported");
    if (ast->or_replace)
        return bind_error(b, span, "E0301", "DROP TABLE IF EXISTS, then CREATE TABLE",
                          "CREATE OR REPLACE TABLE is not supported");
    return true;
}

static void copy_options(struct binder *b, const struct ast_options *options, struct table *table) {
    struct table_option *list = ARENA_NEW(b->job, options->count + 1u, struct table_option);
    for (uint32_t i = 0; i < options->count; i++) {
        const struct ast_option *o = &options->items[i];
        list[i] = (struct table_option){o->key, o->value, o->key_span, o->value_span};
    }
    table->options = list;
    table->option_count = options->count;
}

static bool fill_table(struct binder *b, const struct ast_create_table *ast, struct table *table) {
    bool ok = true;
    table->columns = ARENA_NEW(b->job, ast->columns.count + 1u, struct column);
    for (uint32_t i = 0; i < ast->columns.count; i++) {
        struct column *column = &table->columns[table->column_count];
        if (bind_column(b, &ast->columns.items[i], table, column))
            table->column_count++;
        else
            ok = false;
    }
    if (!ok) return false; /* what follows would report columns that only failed above */
    ok = bind_computed(b, table);
    for (uint32_t i = 0; i < ast->constraints.count; i++)
        ok = bind_primary_key(b, &ast->constraints.items[i], table) && ok;
    if (!ok) return false;
    for (uint32_t i = 0; i < ast->watermarks.count; i++)
        ok = bind_watermark(b, &ast->watermarks.items[i], table) && ok;
    return ok;
}

void bind_create_table(struct binder *b, const struct ast_create_table *ast, struct span span) {
    struct catalog_entry *entry = bind_declare_table(b, ast);
    if (!entry) return;
    struct table *table = ARENA_NEW(b->job, 1, struct table);
    *table =
        (struct table){.name = entry->name, .connector = CONNECTOR_UNKNOWN, .span = ast->name.span};
    entry->table = table;
    copy_options(b, &ast->options, table);
    if (!refuse_clauses(b, ast, span) || !fill_table(b, ast, table)) entry->broken = true;
}

/* ---- reading a table ---- */

static struct plan_node *scan_node(struct binder *b, const struct table *table, struct span span,
                                   struct relation *scanned) {
    uint32_t *columns = ARENA_NEW(b->job, table->column_count + 1u, uint32_t);
    struct plan_column *schema = ARENA_NEW(b->job, table->column_count + 1u, struct plan_column);
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->kind == COLUMN_COMPUTED) continue;
        struct type type =
            column->kind == COLUMN_METADATA ? metadata_type(column->metadata) : column->type;
        type.nullable =
            column->kind == COLUMN_PHYSICAL || type.nullable; /* NOT NULL is not enforced */
        schema[count] = (struct plan_column){column->name, type};
        scanned->columns[count] =
            (struct scope_column){table->name, column->name, count, type, ROLE_PLAIN};
        columns[count++] = i;
    }
    scanned->count = count;
    struct plan_node proto = {
        .kind = NODE_SCAN, .schema = {schema, count}, .span = span, .scan = {table, columns}};
    return scanned->node = share_node(b, &proto);
}

/* Declared columns in table order: what the record gave, cast where it is metadata, or computed. */
static const struct expr *table_expr(struct binder *b, const struct column *column,
                                     const struct relation *scanned, uint32_t *next) {
    if (column->kind == COLUMN_COMPUTED) {
        struct expr_scope scope = {.b = b, .input = scanned, .clause = "a computed column"};
        return bind_expr(&scope, column->computed);
    }
    const struct scope_column *from = &scanned->columns[(*next)++];
    const struct expr *expr = expr_column(b, from->column, from->type, column->span);
    if (column->kind == COLUMN_PHYSICAL) return expr_retype(b, expr, column->type);
    return coerce(b, expr, &column->type);
}

static struct plan_node *watermark_node(struct binder *b, const struct table *table,
                                        struct plan_node *input, int64_t idle_timeout_ms) {
    struct relation relation = table_relation(b, table, true);
    struct expr_scope scope = {.b = b, .input = &relation, .clause = "WATERMARK"};
    const struct expr *expr = bind_expr(&scope, table->watermark_expr);
    if (!expr) return NULL;
    struct plan_node proto = {.kind = NODE_WATERMARK,
                              .input = input,
                              .schema = input->schema,
                              .span = table->columns[table->watermark_column].span,
                              .watermark = {.rowtime = table->watermark_column,
                                            .expr = expr,
                                            .idle_timeout_ms = idle_timeout_ms,
                                            .max_future_ms = b->settings.watermark_max_future_ms}};
    return share_node(b, &proto);
}

/* 'scan.watermark.idle-timeout' of the table beats the setting of the job. */
static int64_t idle_timeout(const struct binder *b, const struct table *table) {
    int64_t ms = b->settings.idle_timeout_ms;
    for (uint32_t i = 0; i < table->option_count; i++)
        if (str_eq(table->options[i].key, STR("scan.watermark.idle-timeout")))
            (void)!parse_duration_ms(table->options[i].value, &ms);
    return ms;
}

bool bind_scan(struct binder *b, struct catalog_entry *entry, struct span span,
               struct relation *out) {
    const struct table *table = entry->table;
    if (entry->broken) return false;
    if (!b->declaring && !bind_options(b, entry, false)) return false;
    struct relation scanned = {
        .columns = ARENA_NEW(b->job, table->column_count + 1u, struct scope_column)};
    scan_node(b, table, span, &scanned);
    struct projection list = {0};
    uint32_t next = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct expr *expr = table_expr(b, &table->columns[i], &scanned, &next);
        if (!expr) return false;
        projection_append(b, &list, expr, table->columns[i].name);
        list.columns[i].type = table->columns[i].type;
    }
    *out = table_relation(b, table, true);
    out->node = share_calc(b, scanned.node, NULL, &list, span);
    if (table->has_watermark)
        out->node = watermark_node(b, table, out->node, idle_timeout(b, table));
    return out->node != NULL;
}
