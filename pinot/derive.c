/* SPDX-License-Identifier: Apache-2.0 */
/* See derive.h. Why the settings are what they are:
 *
 *   comparison   _version decides which row of a key counts, never the time column: two rows of a
 *                window have the same time.
 *   deletion     always declared where Pinot can: it cannot be added to a table that has rows.
 *   partitions   Pinot prunes by partition only where the Kafka key is the column's text:
 *                key.format = raw over one text column. A JSON key is not a column's value.
 *   SYNC         otherwise a query may miss or double a key for a moment; a snapshot would be up to
 *                its refresh interval old, so that `verify` would find rows older than the topic's.
 *   smallest     the default, largest, would skip rows written before the table was created. */
#include "pinot/derive.h"

#include "encode/encode.h"

enum field_kind { FIELD_DIMENSION, FIELD_METRIC, FIELD_TIME, FIELD_KIND_COUNT };

static const struct pinot_type {
    const char *avro, *pinot;
    enum field_kind kind;
    const char *instead;
} types[] = {
#define PINOT_TYPE(sql, avro, pinot, kind, instead) [sql] = {avro, pinot, kind, instead},
#include "pinot/types.def"
#undef PINOT_TYPE
};

enum {
    TEXT_CHARS_DEFAULT = 512
}; /* Pinot cuts longer text unless a field's maxLength says otherwise */

bool is_pinot_table(const struct table *table) {
    return table->connector == CONNECTOR_UPSERT_KAFKA && table->value_format.format == FORMAT_AVRO;
}

static json_t *text(struct str s) {
    return json_stringn(s.ptr, s.len);
}

static void set(json_t *object, const char *name, const char *value) {
    json_object_set_new(object, name, json_string(value));
}

/* --- the time column --- */

/* The first TIMESTAMP of the primary key, else the last TIMESTAMP of the table, else -1 (then
 * _version, the commit clock in milliseconds, is the time). */
static int32_t time_column(const struct table *table) {
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        if (table->columns[table->primary_key[i]].type.id == TYPE_TIMESTAMP)
            return (int32_t)table->primary_key[i];
    for (uint32_t i = table->column_count; i > 0; i--)
        if (column_is_persisted(&table->columns[i - 1]) &&
            table->columns[i - 1].type.id == TYPE_TIMESTAMP)
            return (int32_t)(i - 1);
    return -1;
}

/* --- Pinot schema --- */

static const char *const kind_names[FIELD_KIND_COUNT] = {
    [FIELD_DIMENSION] = "dimensionFieldSpecs",
    [FIELD_METRIC] = "metricFieldSpecs",
    [FIELD_TIME] = "dateTimeFieldSpecs",
};

struct schema_writer {
    const struct table *table;
    struct pinot_version version;
    json_t *fields[FIELD_KIND_COUNT];
};

static void add_field(struct schema_writer *writer, enum field_kind kind, struct str name,
                      const char *type, const char *format, bool not_null, uint32_t chars) {
    json_t *field = json_object();
    json_object_set_new(field, "name", text(name));
    set(field, "dataType", type);
    if (chars > TEXT_CHARS_DEFAULT) json_object_set_new(field, "maxLength", json_integer(chars));
    if (kind == FIELD_TIME) {
        set(field, "format", format);
        set(field, "granularity", "1:MILLISECONDS");
    }
    if (not_null && pinot_has(writer->version, FEATURE_NULLS_BY_COLUMN))
        json_object_set_new(field, "notNull", json_true());
    json_array_append_new(writer->fields[kind], field);
}

/* Only a declared length raises the limit: a STRING has none. */
static uint32_t declared_chars(const struct type *type) {
    return type->id == TYPE_VARCHAR && type->length != TYPE_LENGTH_MAX ? type->length : 0;
}

static bool add_column(struct schema_writer *writer, uint32_t number, struct error *err) {
    const struct column *column = &writer->table->columns[number];
    const struct pinot_type *type = &types[column->type.id];
    bool key = table_is_key_column(writer->table, number);
    if (!type->pinot) {
        struct arena scratch = {0};
        error_at(err, column->span, "E0603",
                 "Pinot cannot hold column '" STR_FMT "' of '" STR_FMT "': " STR_FMT,
                 STR_ARG(column->name), STR_ARG(writer->table->name),
                 STR_ARG(type_text(&scratch, &column->type)));
        arena_release(&scratch);
        return error_help(err, "%s", type->instead);
    }
    enum field_kind kind = key && type->kind == FIELD_METRIC ? FIELD_DIMENSION : type->kind;
    add_field(writer, kind, column->name, type->pinot, "TIMESTAMP", key || !column->type.nullable,
              key ? 0 : declared_chars(&column->type));
    return true;
}

static json_t *key_columns(const struct table *table) {
    json_t *names = json_array();
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        json_array_append_new(names, text(table->columns[table->primary_key[i]].name));
    return names;
}

static json_t *schema_head(const struct table *table, struct pinot_version version) {
    json_t *schema = json_object();
    json_object_set_new(schema, "schemaName", text(table->name));
    if (pinot_has(version, FEATURE_NULLS_BY_COLUMN))
        json_object_set_new(schema, "enableColumnBasedNullHandling", json_true());
    json_object_set_new(schema, "primaryKeyColumns", key_columns(table));
    return schema;
}

static bool derive_schema(const struct table *table, const struct pinot_target *target,
                          struct derived *out, struct error *err) {
    struct schema_writer writer = {.table = table, .version = target->version};
    bool ok = true;
    for (int kind = 0; kind < FIELD_KIND_COUNT; kind++)
        writer.fields[kind] = json_array();
    for (uint32_t i = 0; ok && i < table->column_count; i++)
        if (column_is_persisted(&table->columns[i])) ok = add_column(&writer, i, err);
    enum field_kind version_kind = time_column(table) < 0 ? FIELD_TIME : FIELD_DIMENSION;
    add_field(&writer, version_kind, STR(VERSION_COLUMN), "LONG", "1:MILLISECONDS:EPOCH", true, 0);
    add_field(&writer, FIELD_DIMENSION, STR(DELETED_COLUMN), "BOOLEAN", NULL, true, 0);
    out->schema = schema_head(table, target->version);
    for (int kind = 0; kind < FIELD_KIND_COUNT; kind++) {
        if (json_array_size(writer.fields[kind]))
            json_object_set(out->schema, kind_names[kind], writer.fields[kind]);
        json_decref(writer.fields[kind]);
    }
    return ok;
}

/* --- table config --- */

static json_t *segments_config(const struct table *table, const struct pinot_target *target,
                               const struct derived *derived) {
    json_t *config = json_object();
    if (!pinot_has(target->version, FEATURE_SCHEMA_BY_TABLE_NAME))
        json_object_set_new(config, "schemaName", text(table->name));
    json_object_set_new(config, "timeColumnName", text(derived->time_column));
    set(config, "replication", "1");
    if (!pinot_has(target->version, FEATURE_REPLICATION_FOR_REALTIME))
        set(config, "replicasPerPartition", "1");
    int32_t time = time_column(table);
    if (target->retention_days > 0 && time >= 0 && table_is_key_column(table, (uint32_t)time)) {
        set(config, "retentionTimeUnit", "DAYS");
        json_object_set_new(config, "retentionTimeValue",
                            json_sprintf("%lld", (long long)target->retention_days));
    }
    return config;
}

/* The column whose text is the Kafka key, byte for byte; or NULL. */
static const struct column *partition_column(const struct table *table) {
    if (table->primary_key_count != 1 || table->key_format.format != FORMAT_RAW) return NULL;
    const struct column *column = &table->columns[table->primary_key[0]];
    return type_is_text(column->type.id) ? column : NULL;
}

static json_t *index_config(const struct table *table, const struct pinot_target *target) {
    json_t *config = json_object();
    const struct column *column = partition_column(table);
    set(config, "loadMode", "MMAP");
    json_object_set_new(config, "nullHandlingEnabled", json_true());
    if (!column) return config;
    json_t *columns = json_object(), *partitions = json_object();
    json_t *function =
        json_pack("{s:s, s:i}", "functionName", "Murmur", "numPartitions", (int)target->partitions);
    json_object_setn_new(columns, column->name.ptr, column->name.len, function);
    json_object_set_new(partitions, "columnPartitionMap", columns);
    json_object_set_new(config, "segmentPartitionConfig", partitions);
    return config;
}

static json_t *routing_config(const struct table *table) {
    json_t *config = json_object();
    if (partition_column(table))
        json_object_set_new(config, "segmentPrunerTypes", json_pack("[s]", "partition"));
    set(config, "instanceSelectorType", "strictReplicaGroup");
    return config;
}

static json_t *upsert_config(struct pinot_version version) {
    json_t *config = json_object();
    set(config, "mode", "FULL");
    if (pinot_has(version, FEATURE_COMPARISON_COLUMNS))
        json_object_set_new(config, "comparisonColumns", json_pack("[s]", VERSION_COLUMN));
    else
        set(config, "comparisonColumn", VERSION_COLUMN);
    if (pinot_has(version, FEATURE_DELETE_COLUMN))
        set(config, "deleteRecordColumn", DELETED_COLUMN);
    if (pinot_has(version, FEATURE_ENABLEMENT)) {
        set(config, "snapshot", "ENABLE");
        set(config, "preload", "ENABLE");
    } else {
        if (pinot_has(version, FEATURE_SNAPSHOT))
            json_object_set_new(config, "enableSnapshot", json_true());
        if (pinot_has(version, FEATURE_PRELOAD))
            json_object_set_new(config, "enablePreload", json_true());
    }
    if (pinot_has(version, FEATURE_CONSISTENCY_MODE)) set(config, "consistencyMode", "SYNC");
    return config;
}

static json_t *stream_config(const struct table *table, const struct pinot_target *target,
                             const struct derived *derived) {
    json_t *config = json_object();
    set(config, "streamType", "kafka");
    json_object_set_new(config, "stream.kafka.topic.name", text(table->kafka.topic));
    json_object_set_new(config, "stream.kafka.broker.list", text(target->servers));
    if (!pinot_has(target->version, FEATURE_CONSUMER_TYPE_IMPLIED))
        set(config, "stream.kafka.consumer.type", "lowlevel");
    set(config, "stream.kafka.consumer.factory.class.name",
        pinot_has(target->version, FEATURE_KAFKA_30)
            ? "org.apache.pinot.plugin.stream.kafka30.KafkaConsumerFactory"
            : "org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory");
    set(config, "stream.kafka.decoder.class.name",
        "org.apache.pinot.plugin.inputformat.avro.SimpleAvroMessageDecoder");
    json_object_set_new(config, "stream.kafka.decoder.prop.schema", text(derived->avro));
    set(config, "stream.kafka.consumer.prop.auto.offset.reset", "smallest");
    /* no transactions are written, but otherwise each hole of compaction is reported as lost data
     * */
    set(config, "stream.kafka.isolation.level", "read_committed");
    set(config, "realtime.segment.flush.threshold.rows", "0");
    set(config, "realtime.segment.flush.threshold.time", "6h");
    set(config, "realtime.segment.flush.threshold.segment.size", "100M");
    return config;
}

static json_t *table_config(const struct table *table, const struct pinot_target *target,
                            const struct derived *derived) {
    json_t *config = json_object();
    json_object_set_new(config, "tableName",
                        json_sprintf(STR_FMT "_REALTIME", STR_ARG(table->name)));
    set(config, "tableType", "REALTIME");
    json_object_set_new(config, "segmentsConfig", segments_config(table, target, derived));
    json_object_set_new(
        config, "tenants",
        json_pack("{s:s, s:s}", "broker", "DefaultTenant", "server", "DefaultTenant"));
    json_object_set_new(config, "tableIndexConfig", index_config(table, target));
    json_object_set_new(config, "metadata", json_object());
    json_object_set_new(config, "routing", routing_config(table));
    json_object_set_new(config, "upsertConfig", upsert_config(target->version));
    json_t *ingestion = json_pack("{s:{s:[o]}}", "streamIngestionConfig", "streamConfigMaps",
                                  stream_config(table, target, derived));
    json_object_set_new(config, "ingestionConfig", ingestion);
    return config;
}

bool derive_table(const struct table *table, const struct pinot_target *target, struct arena *job,
                  struct derived *out, struct error *err) {
    struct derived derived = {.table = table, .servers = target->servers};
    int32_t time = time_column(table);
    derived.time_column = time < 0 ? STR(VERSION_COLUMN) : table->columns[time].name;
    if (!derive_schema(table, target, &derived, err) ||
        !avro_schema_derive(table, true, job, &derived.avro, err)) {
        derived_release(&derived);
        return false;
    }
    derived.realtime = table_config(table, target, &derived);
    *out = derived;
    return true;
}

void derived_release(struct derived *derived) {
    json_decref(derived->schema);
    json_decref(derived->realtime);
    *derived = (struct derived){0};
}

json_t *derived_body(const struct derived *derived) {
    json_t *body = json_object();
    json_object_set_new(body, "tableName", text(derived->table->name));
    json_object_set(body, "schema", derived->schema);
    json_object_set(body, "realtime", derived->realtime);
    return body;
}
