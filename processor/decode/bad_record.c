/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences for bad records. They are built only when somebody reads them: for the error that ends a job,
 * a rate-limited log line, a dead letter's header.
 *
 *   raw-events[2]@1041: column 'event_timestamp' TIMESTAMP(3) cannot take "2026-01-01T10:00:00" (byte 31);
 *   set 'value.json.timestamp-format.standard' = 'ISO-8601'
 */
#include "decode/decode.h"

enum { SHOWN_CHARS = 80 };

const char *bad_reason_name(enum bad_reason reason) {
    static const char *const names[BAD_REASON_COUNT] = {
        [BAD_DOCUMENT] = "document",           [BAD_FIELD] = "field",
        [BAD_MISSING_FIELD] = "missing-field", [BAD_KEY] = "key",
        [BAD_KEY_MISMATCH] = "key-mismatch",   [BAD_TOO_LARGE] = "too-large",
        [BAD_ROW_TIME] = "row-time",
    };
    return reason < BAD_REASON_COUNT ? names[reason] : "unknown";
}

/* The value's bytes from `byte` on: a whole scalar, or what fits on a line. */
static struct str offending_text(const struct bad_record *bad, const struct record *record) {
    struct str text = str_from(record->value, bad->byte);
    size_t len = 0;
    bool quoted = text.len && text.ptr[0] == '"';
    if (bad->reason != BAD_FIELD || (text.len && (text.ptr[0] == '{' || text.ptr[0] == '[')))
        return text;
    for (len = quoted; len < text.len; len++) {
        char c = text.ptr[len];
        if (quoted && c == '\\' && len + 1 < text.len) {
            len++;
        } else if (quoted ? c == '"' : c == ',' || c == '}') {
            break;
        }
    }
    if (quoted && len < text.len) len++;
    return (struct str){text.ptr, len < text.len ? len : text.len};
}

/* 'value.json.' or 'json.', whichever way the table spells its format. */
static struct str option_prefix(const struct table *table) {
    for (uint32_t i = 0; i < table->option_count; i++)
        if (str_eq(table->options[i].key, STR("value.format"))) return STR("value.json.");
    return STR("json.");
}

static bool is_quoted(struct str text) {
    return text.len && text.ptr[0] == '"';
}

static void time_help(struct buf *out, const struct table *table, const struct column *column,
                      struct str text) {
    struct str prefix = option_prefix(table);
    bool has_t = text.len > 11 && (text.ptr[11] | 0x20) == 't';
    bool zoned = text.len > 2 && text.ptr[text.len - 2] == 'Z';
    if (!is_quoted(text)) {
        buf_append(
            out,
            STR("declare the column BIGINT and compute the time with TO_TIMESTAMP_LTZ(column, 3)"));
    } else if (has_t != table->value_format.iso_8601) {
        buf_printf(out, "set '" STR_FMT "timestamp-format.standard' = '%s'", STR_ARG(prefix),
                   has_t ? "ISO-8601" : "SQL");
    } else if (zoned && column->type.id == TYPE_TIMESTAMP) {
        buf_append(out, STR("declare the column TIMESTAMP_LTZ(3): the text ends in Z"));
    } else if (!zoned && column->type.id == TYPE_TIMESTAMP_LTZ) {
        buf_append(out, STR("declare the column TIMESTAMP(3): the text does not end in Z"));
    } else {
        buf_append(out, STR("declare the column STRING and convert it with TO_TIMESTAMP"));
    }
}

static void field_help(struct buf *out, const struct table *table, const struct column *column,
                       struct str text) {
    bool time = column->type.id == TYPE_TIMESTAMP || column->type.id == TYPE_TIMESTAMP_LTZ;
    if (text.len && (text.ptr[0] == '{' || text.ptr[0] == '[')) {
        buf_append(out, STR("declare the column STRING to get the JSON text"));
    } else if (time) {
        time_help(out, table, column, text);
    } else if (type_is_numeric(column->type.id)) {
        buf_append(out, STR("declare the column STRING and convert it with TRY_CAST"));
    } else {
        buf_append(out, STR("declare the column STRING"));
    }
    buf_printf(out, ", or set '" STR_FMT "ignore-parse-errors' = 'true' to take NULL instead",
               STR_ARG(option_prefix(table)));
}

static void document_print(struct buf *out, const struct bad_record *bad,
                           const struct record *record, const struct table *table) {
    struct str rest = offending_text(bad, record);
    if (rest.len == 0) {
        buf_printf(out, "the value ends in the middle of its JSON object (byte %u)", bad->byte);
    } else {
        buf_printf(out, "the value is not a JSON object: byte %u reads '", bad->byte);
        buf_append_visible(out, rest, SHOWN_CHARS);
        buf_append_char(out, '\'');
    }
    if (table->value_format.ignore_parse_errors) return;
    buf_printf(out,
               "; set '" STR_FMT
               "ignore-parse-errors' = 'true' to drop and count such records, and "
               "SET 'decant.dead-letter.topic' to keep them",
               STR_ARG(option_prefix(table)));
}

static void field_print(struct buf *out, const struct bad_record *bad, const struct record *record,
                        const struct table *table) {
    int32_t number = table_column(table, bad->column);
    if (number < 0) return;
    const struct column *column = &table->columns[number];
    struct str text = offending_text(bad, record);
    buf_printf(out, "column '" STR_FMT "' ", STR_ARG(column->name));
    type_print(out, &column->type, false);
    buf_append(out, STR(" cannot take "));
    buf_append_visible(out, text, SHOWN_CHARS);
    buf_printf(out, " (byte %u); ", bad->byte);
    field_help(out, table, column, text);
}

static void key_print(struct buf *out, const struct bad_record *bad, const struct record *record) {
    buf_append(out, STR("the key '"));
    buf_append_visible(out, record->key, SHOWN_CHARS);
    if (bad->reason == BAD_KEY_MISMATCH) {
        buf_printf(out,
                   "' differs from column '" STR_FMT
                   "' in the value; records must be keyed by that "
                   "column, or remove 'key.format' and 'key.fields' from the table",
                   STR_ARG(bad->column));
    } else {
        buf_append(out, STR("' cannot be decoded; check 'key.format'"));
        if (bad->column.len)
            buf_printf(out, " and the type of column '" STR_FMT "'", STR_ARG(bad->column));
    }
}

void bad_record_print(struct buf *out, const struct bad_record *bad, const struct record *record,
                      const struct table *table) {
    buf_append(out, table->kafka.topic);
    buf_printf(out, "[%d]@%lld: ", record->partition, (long long)record->offset);
    switch (bad->reason) {
    case BAD_DOCUMENT: document_print(out, bad, record, table); break;
    case BAD_FIELD: field_print(out, bad, record, table); break;
    case BAD_MISSING_FIELD:
        buf_printf(out,
                   "field '" STR_FMT "' is missing; remove '" STR_FMT
                   "fail-on-missing-field' to take NULL",
                   STR_ARG(bad->column), STR_ARG(option_prefix(table)));
        break;
    case BAD_KEY:
    case BAD_KEY_MISMATCH: key_print(out, bad, record); break;
    case BAD_TOO_LARGE:
        buf_printf(out, "the record has a value of %zu bytes; the limit is %d MiB",
                   record->value.len, DECODE_RECORD_BYTES_MAX / (1024 * 1024));
        break;
    case BAD_ROW_TIME:
        buf_append(out,
                   STR("the row's time is too far in the future to move the watermark; check the "
                       "producer's clock, or raise 'decant.watermark.max.future'"));
        break;
    case BAD_REASON_COUNT: break;
    }
}
