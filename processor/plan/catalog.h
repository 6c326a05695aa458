/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as CREATE TABLE declares them, with their connector and format options checked and typed. Built
 * by the binder, read-only afterwards; everything lives in the job arena. */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H

#include "common/error.h"
#include "data/type.h"

struct ast_expr;

enum connector {
    CONNECTOR_KAFKA,
    CONNECTOR_UPSERT_KAFKA,
    CONNECTOR_PRINT,
    CONNECTOR_BLACKHOLE,
    CONNECTOR_FILESYSTEM,
    CONNECTOR_DATAGEN,
    CONNECTOR_UNKNOWN, /* an error only when the table is used (Flink validates options at use) */
};

enum format {
    FORMAT_NONE,
    FORMAT_JSON,
    FORMAT_AVRO,
    FORMAT_AVRO_CONFLUENT,
    FORMAT_RAW,
    FORMAT_CSV
};

enum column_kind { COLUMN_PHYSICAL, COLUMN_COMPUTED, COLUMN_METADATA };

/* Kafka record fields that METADATA columns read. */
enum metadata {
    METADATA_TOPIC,
    METADATA_PARTITION,
    METADATA_OFFSET,
    METADATA_TIMESTAMP,
    METADATA_TIMESTAMP_TYPE,
    METADATA_LEADER_EPOCH,
    METADATA_HEADERS,
};

struct column {
    struct str name;
    struct type type; /* of a computed column: the type of its expression */
    enum column_kind kind;
    enum metadata metadata;
    bool virtual_metadata;
    const struct ast_expr *computed; /* COLUMN_COMPUTED: bound again at each use */
    struct span span;
};

struct table_option {
    struct str key, value;
    struct span key_span, value_span;
};

/* Options of one format slot (key or value); the fields of other formats are unused. */
struct format_options {
    enum format format;
    bool fail_on_missing_field;                /* json */
    bool ignore_parse_errors;                  /* json, csv */
    bool iso_8601;                             /* json.timestamp-format.standard = ISO-8601 */
    bool decimal_as_plain;                     /* json.encode.decimal-as-plain-number */
    bool ignore_null_fields;                   /* json.encode.ignore-null-fields */
    bool little_endian;                        /* raw.endianness */
    struct str registry_url, registry_subject; /* avro-confluent */
};

enum startup_mode {
    STARTUP_GROUP_OFFSETS, /* Flink's default */
    STARTUP_EARLIEST,
    STARTUP_LATEST,
    STARTUP_TIMESTAMP,
    STARTUP_SPECIFIC,
};

struct partition_offset {
    int32_t partition;
    int64_t offset;
};

struct kafka_options {
    struct str topic; /* exactly one in this version */
    struct str bootstrap_servers;
    struct str group_id;
    enum startup_mode startup;
    int64_t startup_timestamp_ms;
    const struct partition_offset *startup_offsets;
    uint32_t startup_offset_count;
    bool bounded; /* scan.bounded.mode = latest-offset */
    const struct table_option
        *properties; /* properties.* with the prefix cut, checked against an allow-list */
    uint32_t property_count;
};

struct table {
    struct str name;
    struct column *columns;
    uint32_t column_count;
    const uint32_t *primary_key; /* column numbers in the order of the PRIMARY KEY clause */
    uint32_t primary_key_count;
    const uint32_t *key_fields; /* kafka: 'key.fields'; upsert-kafka: the primary key */
    uint32_t key_field_count;
    bool key_fields_in_value; /* value.fields-include = ALL */
    bool has_watermark;
    uint32_t watermark_column;
    const struct ast_expr *watermark_expr;
    enum connector connector;
    struct format_options key_format, value_format;
    struct kafka_options kafka;
    const struct table_option *options; /* all of WITH, as written */
    uint32_t option_count;
    struct span span; /* the name in CREATE TABLE */
};

/* Part of a sink's rows: all but computed and virtual metadata columns (Flink's persisted columns). */
static inline bool column_is_persisted(const struct column *column) {
    return column->kind == COLUMN_PHYSICAL ||
           (column->kind == COLUMN_METADATA && !column->virtual_metadata);
}

static inline bool table_is_key_column(const struct table *table, uint32_t column) {
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        if (table->primary_key[i] == column) return true;
    return false;
}

/* Column number by name, or -1. Names are case-sensitive. */
int32_t table_column(const struct table *table, struct str name);

#endif
