/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder: where each column of a scan comes from, and a record through it.
 *
 *   value bytes ─► json or raw ─┐
 *   key bytes   ─► json or raw ─┼─► one row, or a reason why not
 *   topic, offset, time …      ─┘
 *
 * With 'value.fields-include' = 'ALL' the key's columns are read from the value, as Flink does. Flink then
 * ignores the key bytes; here they must say the same, because records of one key are aggregated by the task
 * that owns their partition, and a foreign key would split one group over two tasks. */
#include <stdlib.h>

#include "common/fatal.h"
#include "decode/json_internal.h"
#include "decode/raw.h"

/* Columns that one format slot fills. */
struct slot {
    enum format format; /* FORMAT_NONE: unused */
    struct json_reader json;
    struct raw_column raw;
};

struct metadata_column {
    enum metadata metadata;
    uint32_t column;
};

struct decoder {
    struct arena job;
    const struct plan_node *scan;
    struct slot key, value;
    int32_t key_checked; /* column that must equal key.raw; -1: none */
    struct metadata_column *metadata;
    uint32_t metadata_count;
    struct decoder_stats stats;
    /* The next row of the same batch finds its validity bits clear. */
    const struct batch *batch;
    uint32_t next_row;
};

/* ---- compiling ----------------------------------------------------------------------------------- */

static int32_t scan_column(const struct plan_node *scan, uint32_t table_column) {
    for (uint32_t i = 0; i < scan->schema.count; i++)
        if (scan->scan.columns[i] == table_column) return (int32_t)i;
    return -1;
}

static bool is_key_field(const struct table *table, uint32_t column) {
    for (uint32_t i = 0; i < table->key_field_count; i++)
        if (table->key_fields[i] == column) return true;
    return false;
}

/* Table columns that the slot holds: physical ones, without the key's where the value lacks them. */
static uint32_t slot_columns(const struct table *table, bool key, uint32_t *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        bool in_key = is_key_field(table, i);
        bool held = key ? in_key : !in_key || table->key_fields_in_value;
        if (table->columns[i].kind == COLUMN_PHYSICAL && held) out[count++] = i;
    }
    return count;
}

static bool raw_slot(struct decoder *d, struct slot *slot, const struct format_options *options,
                     const uint32_t *columns, uint32_t count, struct error *err) {
    const struct table *table = d->scan->scan.table;
    if (count != 1)
        return error_set(err, ERROR_USER, "E0302", "the raw format holds one column, not %u",
                         count);
    const struct column *column = &table->columns[columns[0]];
    slot->raw = (struct raw_column){column->name, column->type.id, options->little_endian,
                                    scan_column(d->scan, columns[0])};
    return raw_check(&slot->raw, err);
}

static bool json_slot(struct decoder *d, struct slot *slot, const struct format_options *options,
                      const uint32_t *columns, uint32_t count, struct error *err) {
    const struct table *table = d->scan->scan.table;
    struct json_field *fields = ARENA_NEW(&d->job, count + 1, struct json_field);
    struct type *types = ARENA_NEW(&d->job, count + 1, struct type);
    for (uint32_t i = 0; i < count; i++) {
        const struct column *column = &table->columns[columns[i]];
        fields[i] =
            (struct json_field){.name = column->name, .column = scan_column(d->scan, columns[i])};
        types[i] = column->type;
    }
    return json_reader_init(&slot->json, options, fields, types, count, &d->job, err);
}

static bool slot_compile(struct decoder *d, struct slot *slot, bool key, struct error *err) {
    const struct table *table = d->scan->scan.table;
    const struct format_options *options = key ? &table->key_format : &table->value_format;
    uint32_t *columns = ARENA_NEW(&d->job, table->column_count + 1, uint32_t);
    uint32_t count = slot_columns(table, key, columns);
    slot->format = options->format;
    switch (options->format) {
    case FORMAT_JSON: return json_slot(d, slot, options, columns, count, err);
    case FORMAT_RAW: return raw_slot(d, slot, options, columns, count, err);
    case FORMAT_NONE:
    case FORMAT_AVRO:
    case FORMAT_AVRO_CONFLUENT:
    case FORMAT_CSV: break;
    }
    error_at(err, table->span, "E0302", "the %s format of table '" STR_FMT "' cannot be read yet",
             key ? "key" : "value", STR_ARG(table->name));
    return error_help(err, "json and raw can be read");
}

/* Where the key has columns of its own it is decoded; where the value has them too it is compared. */
static bool key_compile(struct decoder *d, struct error *err) {
    const struct table *table = d->scan->scan.table;
    d->key_checked = -1;
    if (table->key_field_count == 0) return true;
    if (!table->key_fields_in_value) return slot_compile(d, &d->key, true, err);
    if (table->key_format.format != FORMAT_RAW) return true;
    if (!slot_compile(d, &d->key, true, err)) return false;
    d->key_checked = d->key.raw.column;
    return true;
}

static enum type_id metadata_type(enum metadata metadata) {
    switch (metadata) {
    case METADATA_TOPIC:
    case METADATA_TIMESTAMP_TYPE: return TYPE_VARCHAR;
    case METADATA_PARTITION: return TYPE_INT;
    case METADATA_OFFSET: return TYPE_BIGINT;
    case METADATA_TIMESTAMP: return TYPE_TIMESTAMP_LTZ;
    case METADATA_LEADER_EPOCH:
    case METADATA_HEADERS: break;
    }
    return TYPE_NULL;
}

static bool metadata_compile(struct decoder *d, struct error *err) {
    d->metadata = ARENA_NEW(&d->job, d->scan->schema.count + 1, struct metadata_column);
    for (uint32_t i = 0; i < d->scan->schema.count; i++) {
        const struct column *column = &d->scan->scan.table->columns[d->scan->scan.columns[i]];
        if (column->kind != COLUMN_METADATA) continue;
        if (column->type.id != metadata_type(column->metadata)) {
            error_at(err, column->span, "E0302",
                     "metadata column '" STR_FMT "' cannot be read with this type",
                     STR_ARG(column->name));
            return error_help(
                err, "topic and timestamp-type are STRING, partition INT, offset BIGINT, "
                     "timestamp TIMESTAMP_LTZ(3); headers and leader-epoch are not read yet");
        }
        d->metadata[d->metadata_count++] = (struct metadata_column){column->metadata, i};
    }
    return true;
}

bool decoder_new(const struct plan_node *scan, struct decoder **out, struct error *err) {
    struct decoder *d = memory_new(1, sizeof *d);
    d->scan = scan;
    if (slot_compile(d, &d->value, false, err) && key_compile(d, err) && metadata_compile(d, err)) {
        *out = d;
        return true;
    }
    decoder_free(d);
    return false;
}

void decoder_free(struct decoder *d) {
    if (!d) return;
    json_reader_release(&d->key.json);
    json_reader_release(&d->value.json);
    arena_release(&d->job);
    free(d);
}

struct decoder_stats decoder_stats(const struct decoder *d) {
    struct decoder_stats stats = d->stats;
    stats.field_nulls = d->value.json.field_nulls + d->key.json.field_nulls;
    stats.template_hits = d->value.json.hits;
    stats.template_misses = d->value.json.misses;
    return stats;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* Clears the validity bits of this row and of those behind it in its word, which is once in 64 rows. */
static void row_prepare(struct decoder *d, struct batch *out) {
    uint32_t row = out->rows;
    if (LIKELY(d->batch == out && d->next_row == row && row % 64)) return;
    for (uint32_t i = 0; i < out->column_count; i++)
        out->columns[i].valid[row / 64] &= ((uint64_t)1 << (row % 64)) - 1;
}

static void row_forget(struct batch *out) {
    for (uint32_t i = 0; i < out->column_count; i++)
        vec_set_valid(&out->columns[i], out->rows, false);
}

static bool bad_set(struct bad_record *bad, enum bad_reason reason, struct str column) {
    *bad = (struct bad_record){reason, 0, column};
    return false;
}

static bool raw_take(const struct slot *slot, struct str bytes, struct batch *out,
                     enum bad_reason reason, struct bad_record *bad) {
    struct value value;
    if (!raw_decode(&slot->raw, bytes, out->scratch, &value))
        return bad_set(bad, reason, slot->raw.name);
    if (slot->raw.column >= 0) vec_set(&out->columns[slot->raw.column], out->rows, &value);
    return true;
}

/* A null value gives a row with NULL in raw, and none in json; so does an empty one in json. */
static enum decode_result value_take(struct decoder *d, const struct record *record,
                                     struct batch *out, struct bad_record *bad) {
    if (d->value.format == FORMAT_RAW) {
        if (record->value_is_null) return DECODE_ROW;
        return raw_take(&d->value, record->value, out, BAD_FIELD, bad) ? DECODE_ROW : DECODE_BAD;
    }
    if (record->value_is_null || record->value.len == 0) return DECODE_SKIP;
    return json_read(&d->value.json, record->value, out, out->rows, bad);
}

/* Equal bytes are equal keys; other texts for the same value do not exist in raw. */
static bool key_agrees(const struct decoder *d, const struct record *record, struct batch *out,
                       struct bad_record *bad) {
    const struct vec *vec = &out->columns[d->key_checked];
    if (!vec_is_valid(vec, out->rows)) return true; /* no text, no group */
    struct value in_key, in_value = vec_get(vec, out->rows);
    if (vec->phys == PHYS_STR) {
        if (str_eq(in_value.str, record->key)) return true;
    } else if (raw_decode(&d->key.raw, record->key, out->scratch, &in_key) &&
               value_equal(vec->phys, &in_key, &in_value)) {
        return true;
    }
    return bad_set(bad, BAD_KEY_MISMATCH, d->key.raw.name);
}

static bool key_take(struct decoder *d, const struct record *record, struct batch *out,
                     struct bad_record *bad) {
    if (d->key.format == FORMAT_NONE || record->key_is_null) return true;
    if (d->scan->scan.table->key_fields_in_value)
        return d->key_checked < 0 || key_agrees(d, record, out, bad);
    if (d->key.format == FORMAT_RAW) return raw_take(&d->key, record->key, out, BAD_KEY, bad);
    if (record->key.len == 0) return true;
    if (json_read(&d->key.json, record->key, out, out->rows, bad) == DECODE_ROW) return true;
    return bad_set(bad, BAD_KEY, bad->column);
}

static void metadata_take(const struct decoder *d, const struct record *record, struct batch *out) {
    uint32_t row = out->rows;
    for (uint32_t i = 0; i < d->metadata_count; i++) {
        struct vec *vec = &out->columns[d->metadata[i].column];
        switch (d->metadata[i].metadata) {
        case METADATA_TOPIC: vec->str[row] = d->scan->scan.table->kafka.topic; break;
        case METADATA_PARTITION: vec->i32[row] = record->partition; break;
        case METADATA_OFFSET: vec->i64[row] = record->offset; break;
        case METADATA_TIMESTAMP: vec->i64[row] = record->timestamp_ms; break;
        case METADATA_TIMESTAMP_TYPE:
            vec->str[row] = record->timestamp_ms < 0  ? STR("NoTimestampType")
                            : record->log_append_time ? STR("LogAppendTime")
                                                      : STR("CreateTime");
            break;
        case METADATA_LEADER_EPOCH:
        case METADATA_HEADERS: continue;
        }
        vec_set_valid(vec, row, true);
    }
}

static enum decode_result record_take(struct decoder *d, const struct record *record,
                                      struct batch *out, struct bad_record *bad) {
    if (record->value.len > DECODE_RECORD_BYTES_MAX || record->key.len > DECODE_RECORD_BYTES_MAX) {
        bad_set(bad, BAD_TOO_LARGE, STR(""));
        return DECODE_BAD;
    }
    enum decode_result result = value_take(d, record, out, bad);
    if (result == DECODE_ROW && !key_take(d, record, out, bad)) result = DECODE_BAD;
    return result;
}

enum decode_result decode_record(struct decoder *d, const struct record *record, struct batch *out,
                                 struct bad_record *bad) {
    row_prepare(d, out);
    enum decode_result result = record_take(d, record, out, bad);
    if (result == DECODE_ROW) {
        metadata_take(d, record, out);
        d->batch = out;
        d->next_row = ++out->rows;
        out->selected = out->rows;
        d->stats.rows++;
        return result;
    }
    row_forget(out);
    d->batch = NULL;
    if (result == DECODE_SKIP) {
        d->stats.skipped++;
    } else {
        d->stats.bad++;
    }
    return result;
}
