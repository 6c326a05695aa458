/* SPDX-License-Identifier: Apache-2.0 */
/* Derives the Avro schema of a sink, as Flink's AvroSchemaConverter does (1.20, legacy timestamp mapping),
 * and lets avro-c parse it: Pinot accepts a table whose schema does not parse and then never consumes.
 * The only file that includes avro-c. */
#include "encode/steps.h"

#include <avro.h>

static bool refuse(const struct table *table, const struct column *column, struct error *err,
                   const char *sentence, const char *help) {
    struct arena scratch = {0};
    struct str type = type_text(&scratch, &column->type);
    error_at(err, column->span, "E0701", "%s (column '" STR_FMT "' " STR_FMT " of '" STR_FMT "')",
             sentence, STR_ARG(column->name), STR_ARG(type), STR_ARG(table->name));
    arena_release(&scratch);
    return error_help(err, "%s", help);
}

static bool append_type(struct buf *out, const struct table *table, const struct column *column,
                        struct error *err) {
    const struct type *type = &column->type;
    switch (type->id) {
    case TYPE_BOOLEAN: return buf_append(out, STR("\"boolean\""));
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT: return buf_append(out, STR("\"int\""));
    case TYPE_BIGINT: return buf_append(out, STR("\"long\""));
    case TYPE_FLOAT: return buf_append(out, STR("\"float\""));
    case TYPE_DOUBLE: return buf_append(out, STR("\"double\""));
    case TYPE_CHAR:
    case TYPE_VARCHAR: return buf_append(out, STR("\"string\""));
    case TYPE_BINARY:
    case TYPE_VARBINARY: return buf_append(out, STR("\"bytes\""));
    case TYPE_DATE: return buf_append(out, STR("{\"type\":\"int\",\"logicalType\":\"date\"}"));
    case TYPE_TIME:
        return buf_append(out, STR("{\"type\":\"int\",\"logicalType\":\"time-millis\"}"));
    case TYPE_DECIMAL:
        return buf_printf(
            out, "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%u,\"scale\":%u}",
            type->precision, type->scale);
    case TYPE_TIMESTAMP:
        if (type->precision <= 3)
            return buf_append(out, STR("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}"));
        return refuse(
            table, column, err,
            "Avro does not support TIMESTAMP type with this precision, it only supports precision less than 3.",
            "declare the column as TIMESTAMP(3)");
    case TYPE_TIMESTAMP_LTZ:
        return refuse(table, column, err, "Unsupported to derive Schema for type: TIMESTAMP_LTZ",
                      "declare the column as TIMESTAMP(3) and cast in the query");
    case TYPE_NULL:
    case TYPE_INTERVAL_MONTH:
    case TYPE_INTERVAL_MS:
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET:
    case TYPE_ROW: break;
    }
    return refuse(table, column, err, "this type cannot be written as Avro in this version",
                  "use BOOLEAN, INT, BIGINT, DOUBLE, DECIMAL, STRING or TIMESTAMP(3)");
}

/* Avro names: a letter or underscore, then letters, digits, underscores. */
static bool name_fits(const struct table *table, const struct column *column, struct error *err) {
    for (size_t i = 0; i < column->name.len; i++) {
        char c = column->name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return refuse(table, column, err, "Illegal character in an Avro name",
                          "rename the column: letters, digits and underscores");
    }
    return true;
}

static bool append_field(struct buf *out, const struct table *table, uint32_t number,
                         struct error *err) {
    const struct column *column = &table->columns[number];
    if (!name_fits(table, column, err)) return false;
    bool nullable = column->type.nullable && !table_is_key_column(table, number);
    buf_printf(out, "{\"name\":\"" STR_FMT "\",\"type\":", STR_ARG(column->name));
    if (nullable) buf_append(out, STR("[\"null\","));
    if (!append_type(out, table, column, err)) return false;
    return buf_append(out, nullable ? STR("],\"default\":null}") : STR("}"));
}

static bool parses(struct str schema, const struct table *table, struct error *err) {
    avro_schema_t parsed = NULL;
    if (avro_schema_from_json_length(schema.ptr, schema.len, &parsed) == 0) {
        avro_schema_decref(parsed);
        return true;
    }
    return error_at(err, table->span, "E0701",
                    "the Avro schema derived for '" STR_FMT "' does not parse: %s",
                    STR_ARG(table->name), avro_strerror());
}

bool avro_schema_derive(const struct table *table, bool with_version, struct arena *job,
                        struct str *out, struct error *err) {
    struct buf text;
    buf_init(&text, 16 * 1024 * 1024);
    buf_append(
        &text,
        STR("{\"type\":\"record\",\"name\":\"record\",\"namespace\":\"org.apache.flink.avro.generated\",\"fields\":["));
    uint32_t count = persisted_columns(table, NULL);
    uint32_t *columns = ARENA_NEW(job, count, uint32_t);
    persisted_columns(table, columns);
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        if (i) buf_append_char(&text, ',');
        ok = append_field(&text, table, columns[i], err);
    }
    if (with_version)
        buf_append(&text, STR(",{\"name\":\"" VERSION_COLUMN
                              "\",\"type\":\"long\"},{\"name\":\"" DELETED_COLUMN
                              "\",\"type\":\"boolean\"}"));
    buf_append(&text, STR("]}"));
    ok = ok && parses(buf_str(&text), table, err);
    if (ok) *out = arena_str(job, buf_str(&text));
    buf_release(&text);
    return ok;
}
