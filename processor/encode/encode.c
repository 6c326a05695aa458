/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles a sink into two row formats, one for the Kafka key and one for the value, and guards what Pinot
 * would silently damage: NULL keys collapse there, keys over 512 characters are cut and merge. */
#include "encode/steps.h"

struct encoder {
    const struct table *table;
    bool print;   /* a line of text for a terminal */
    bool discard; /* blackhole: nothing to write */
    struct row_format key, value;
};

uint32_t persisted_columns(const struct table *table, uint32_t *columns) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (!column_is_persisted(&table->columns[i])) continue;
        if (columns) columns[count] = i;
        count++;
    }
    return count;
}

static struct encode_step step_new(const struct table *table, uint32_t table_column,
                                   uint32_t input_column, bool first, struct arena *job) {
    const struct column *column = &table->columns[table_column];
    return (struct encode_step){
        .name = column->name,
        .type = column->type,
        .column = input_column,
        .nullable = column->type.nullable && !table_is_key_column(table, table_column),
        .prefix = json_prefix(job, column->name, first),
    };
}

static bool format_check(const struct table *table, enum format format, uint32_t columns,
                         const char *slot, struct error *err) {
    switch (format) {
    case FORMAT_JSON:
    case FORMAT_AVRO: return true;
    case FORMAT_RAW:
        if (columns == 1) return true;
        error_at(err, table->span, "E0702",
                 "The 'raw' format only supports single physical column; the %s of '" STR_FMT
                 "' has %u",
                 slot, STR_ARG(table->name), columns);
        return error_help(err, "write '%s.format' = 'json'", slot);
    case FORMAT_NONE:
    case FORMAT_AVRO_CONFLUENT:
    case FORMAT_CSV: break;
    }
    error_at(err, table->span, "E0702",
             "the %s format of '" STR_FMT "' cannot be written in this version", slot,
             STR_ARG(table->name));
    return error_help(err, "formats for a key: raw, json; for a value: avro, json, raw");
}

static void value_format(const struct plan_node *sink, struct arena *job, struct row_format *out) {
    const struct table *table = sink->sink.table;
    uint32_t count = persisted_columns(table, NULL);
    uint32_t *columns = ARENA_NEW(job, count, uint32_t);
    struct encode_step *steps = ARENA_NEW(job, count, struct encode_step);
    persisted_columns(table, columns);
    for (uint32_t i = 0; i < count; i++)
        steps[i] = step_new(table, columns[i], sink->sink.columns[i], i == 0, job);
    *out = (struct row_format){table->value_format.format, &table->value_format, steps, count};
}

static void key_format(const struct plan_node *sink, struct arena *job, struct row_format *out) {
    const struct table *table = sink->sink.table;
    uint32_t count = sink->sink.key_count;
    struct encode_step *steps = ARENA_NEW(job, count, struct encode_step);
    for (uint32_t i = 0; i < count; i++)
        steps[i] = step_new(table, table->primary_key[i], sink->sink.key[i], i == 0, job);
    *out = (struct row_format){table->key_format.format, &table->key_format, steps, count};
}

bool encoder_new(const struct plan_node *sink, struct arena *job, struct encoder **out,
                 struct error *err) {
    struct encoder *encoder = ARENA_NEW(job, 1, struct encoder);
    encoder->table = sink->sink.table;
    encoder->print = encoder->table->connector == CONNECTOR_PRINT;
    encoder->discard = encoder->table->connector == CONNECTOR_BLACKHOLE;
    value_format(sink, job, &encoder->value);
    if (encoder->print || encoder->discard) {
        *out = encoder;
        return true;
    }
    key_format(sink, job, &encoder->key);
    if (!format_check(encoder->table, encoder->value.format, encoder->value.count, "value", err))
        return false;
    if (encoder->key.count &&
        !format_check(encoder->table, encoder->key.format, encoder->key.count, "key", err))
        return false;
    *out = encoder;
    return true;
}

static bool refuse_null(const struct encoder *encoder, const struct encode_step *step,
                        struct error *err) {
    error_at(err, encoder->table->span, "E0305",
             "Column '" STR_FMT
             "' is NOT NULL, however, a null value is being written into it (sink '" STR_FMT "')",
             STR_ARG(step->name), STR_ARG(encoder->table->name));
    return error_help(
        err,
        "filter such rows with WHERE, or drop them silently: SET 'table.exec.sink.not-null-enforcer' = 'DROP'");
}

/* NULL where the format has no place for it: bare Avro columns and all key columns. */
static bool nulls_fit(const struct encoder *encoder, const struct row_format *format,
                      const struct batch *rows, uint32_t row, struct error *err) {
    for (uint32_t i = 0; i < format->count; i++) {
        const struct encode_step *step = &format->steps[i];
        if (!step->nullable && !vec_is_valid(&rows->columns[step->column], row))
            return refuse_null(encoder, step, err);
    }
    return true;
}

static bool key_fits(const struct encoder *encoder, struct str key, struct error *err) {
    bool is_text = encoder->key.format != FORMAT_RAW || type_is_text(encoder->key.steps[0].type.id);
    if (!is_text || key.len <= KEY_CHARS_MAX) return true;
    if (!utf8_valid(key) || utf8_chars(key) > KEY_CHARS_MAX) {
        error_set(err, ERROR_RECORD, "E0704",
                  "a key of '" STR_FMT
                  "' is longer than %d characters (%zu bytes); Pinot would cut it and merge rows",
                  STR_ARG(encoder->table->name), KEY_CHARS_MAX, key.len);
        return error_help(err, "shorten or hash the PRIMARY KEY columns in the query");
    }
    return true;
}

static bool append_format(struct buf *out, const struct row_format *format,
                          const struct batch *rows, uint32_t row) {
    switch (format->format) {
    case FORMAT_AVRO: return avro_append_row(out, format, rows, row);
    case FORMAT_JSON: return json_append_row(out, format, rows, row) && buf_append_char(out, '}');
    case FORMAT_RAW: return raw_append(out, format, rows, row);
    case FORMAT_NONE:
    case FORMAT_AVRO_CONFLUENT:
    case FORMAT_CSV: break;
    }
    return false; /* refused by encoder_new */
}

static void append_value(struct buf *out, const struct row_format *format, const struct batch *rows,
                         uint32_t row, int64_t version, bool deleted) {
    if (format->format == FORMAT_AVRO) {
        avro_append_row(out, format, rows, row);
        avro_append_long(out, version);
        buf_append_char(out, (char)deleted);
    } else if (format->format == FORMAT_JSON) {
        json_append_row(out, format, rows, row);
        buf_append(out, STR(",\"" VERSION_COLUMN "\":"));
        buf_append_i64(out, version);
        buf_append(out, deleted ? STR(",\"" DELETED_COLUMN "\":true}")
                                : STR(",\"" DELETED_COLUMN "\":false}"));
    } else {
        append_format(out, format, rows, row);
    }
}

static bool too_large(const struct encoder *encoder, const struct buf *value, struct error *err) {
    return error_set(err, ERROR_RECORD, "E0705", "a row of '" STR_FMT "' is larger than %zu bytes",
                     STR_ARG(encoder->table->name), value->max);
}

/* As Flink's print connector: "+I[a, 1]" and a line feed. */
static void append_print(struct buf *out, const struct encoder *encoder, const struct batch *rows,
                         uint32_t row) {
    static const char *const kinds[] = {"+I", "-U", "+U", "-D"};
    buf_printf(out, "%s[", kinds[batch_kind(rows, row)]);
    for (uint32_t i = 0; i < encoder->value.count; i++) {
        const struct encode_step *step = &encoder->value.steps[i];
        struct value value = vec_get(&rows->columns[step->column], row);
        if (i) buf_append(out, STR(", "));
        if (!value.is_null &&
            type_is_text(step->type.id)) /* foreign text may not rewrite a terminal */
            buf_append_visible(out, value.str, value.str.len);
        else
            value_print(out, &step->type, &value);
    }
    buf_append(out, STR("]\n"));
}

bool encode_row(struct encoder *encoder, const struct batch *rows, uint32_t row, int64_t version,
                bool deleted, struct buf *key, struct buf *value, struct error *err) {
    size_t key_start = key->len, value_start = value->len;
    if (encoder->discard) return true;
    if (encoder->print) {
        append_print(value, encoder, rows, row);
        return !value->overflow || too_large(encoder, value, err);
    }
    if (!nulls_fit(encoder, &encoder->key, rows, row, err) ||
        !nulls_fit(encoder, &encoder->value, rows, row, err))
        return false;
    if (encoder->key.count) append_format(key, &encoder->key, rows, row);
    append_value(value, &encoder->value, rows, row, version, deleted);
    bool ok = !key->overflow && !value->overflow;
    if (!ok)
        too_large(encoder, value, err);
    else if (encoder->key.count)
        ok = key_fits(encoder, str_from(buf_str(key), key_start), err);
    if (!ok) {
        key->len = key_start;
        value->len = value_start;
    }
    return ok;
}
