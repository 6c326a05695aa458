/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder as the task sees it: where columns come from (value, key, metadata), what is no row, what is
 * bad and how that reads, counters, and memory that does not grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "decode/decode.h"

enum { COLUMNS_MAX = 12 };

/* A table, a scan of some of its columns, and a decoder for it. */
struct fixture {
    struct arena job, scratch;
    struct column columns[COLUMNS_MAX];
    uint32_t used[COLUMNS_MAX];
    struct plan_column schema[COLUMNS_MAX];
    uint32_t key_fields[2];
    struct table table;
    struct plan_node scan;
    struct type types[COLUMNS_MAX];
    struct batch batch;
    struct decoder *decoder;
    struct bad_record bad;
    struct error err;
};

static void fixture_init(struct fixture *f) {
    *f = (struct fixture){0};
    f->table.columns = f->columns;
    f->table.name = STR("raw_events");
    f->table.kafka.topic = STR("raw-events");
    f->table.value_format.format = FORMAT_JSON;
    f->table.connector = CONNECTOR_KAFKA;
    f->table.key_fields = f->key_fields;
    f->scan.scan.table = &f->table;
    f->scan.scan.columns = f->used;
    f->scan.schema.columns = f->schema;
}

static void column_add(struct fixture *f, const char *name, struct type type, bool used) {
    uint32_t at = f->table.column_count++;
    f->columns[at] = (struct column){.name = str_of(name), .type = type};
    if (!used) return;
    f->schema[f->scan.schema.count] = (struct plan_column){str_of(name), type};
    f->types[f->scan.schema.count] = type;
    f->used[f->scan.schema.count++] = at;
}

static void metadata_add(struct fixture *f, const char *name, struct type type,
                         enum metadata metadata) {
    column_add(f, name, type, true);
    f->columns[f->table.column_count - 1].kind = COLUMN_METADATA;
    f->columns[f->table.column_count - 1].metadata = metadata;
}

static void key_set(struct fixture *f, enum format format, bool in_value) {
    f->table.key_format.format = format;
    f->table.key_field_count = 1;
    f->table.key_fields_in_value = in_value;
}

static bool fixture_open(struct fixture *f) {
    if (!decoder_new(&f->scan, &f->decoder, &f->err)) return false;
    batch_init(&f->batch, f->types, f->scan.schema.count, &f->job, &f->scratch);
    return true;
}

static void fixture_close(struct fixture *f) {
    decoder_free(f->decoder);
    arena_release(&f->job);
    arena_release(&f->scratch);
}

static struct record record_of(const char *key, const char *value) {
    return (struct record){.key = str_of(key),
                           .value = str_of(value),
                           .key_is_null = !key,
                           .value_is_null = !value,
                           .partition = 3,
                           .offset = 42,
                           .timestamp_ms = 1700000000000};
}

static enum decode_result take(struct fixture *f, const char *key, const char *value) {
    struct record record = record_of(key, value);
    return decode_record(f->decoder, &record, &f->batch, &f->bad);
}

/* "x|NULL" of a row */
static void assert_row(struct fixture *f, uint32_t row, const char *expected) {
    struct buf text;
    buf_init(&text, 4096);
    for (uint32_t c = 0; c < f->scan.schema.count; c++) {
        struct value value = {.is_null = !vec_is_valid(&f->batch.columns[c], row)};
        if (!value.is_null) value = vec_get(&f->batch.columns[c], row);
        if (c) buf_append_char(&text, '|');
        value_print(&text, &f->types[c], &value);
    }
    assert_string_equal(buf_c_string(&text), expected);
    buf_release(&text);
}

static void assert_sentence(struct fixture *f, const char *key, const char *value,
                            const char *part) {
    struct buf text;
    struct record record = record_of(key, value);
    buf_init(&text, 4096);
    bad_record_print(&text, &f->bad, &record, &f->table);
    if (!strstr(buf_c_string(&text), part)) fail_msg("'%s' lacks '%s'", buf_c_string(&text), part);
    assert_true(strncmp(buf_c_string(&text), "raw-events[3]@42: ", 18) == 0);
    buf_release(&text);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static void test_rows(void **state) {
    (void)state;
    struct fixture f;
    fixture_init(&f);
    column_add(&f, "a", type_of(TYPE_BIGINT), true);
    column_add(&f, "unused", type_of(TYPE_INT), false);
    column_add(&f, "s", type_string(), true);
    f.table.value_format.ignore_parse_errors = true;
    assert_true(fixture_open(&f));
    f.batch.columns[0].valid[0] = f.batch.columns[1].valid[0] =
        ~(uint64_t)0; /* what a former batch left */
    assert_int_equal(take(&f, NULL, "{\"a\":1,\"s\":\"x\"}"), DECODE_ROW);
    assert_int_equal(take(&f, NULL, NULL), DECODE_SKIP);
    assert_int_equal(take(&f, NULL, ""), DECODE_SKIP);
    assert_int_equal(take(&f, NULL, "{\"a\":2,\"s\":\"y\""), DECODE_BAD);
    assert_int_equal(f.bad.reason, BAD_DOCUMENT);
    assert_int_equal(take(&f, NULL, "{\"unused\":\"x\"}"), DECODE_ROW);
    assert_int_equal(take(&f, NULL, "{\"a\":\"x\",\"s\":3}"), DECODE_ROW);
    assert_int_equal(f.batch.rows, 3);
    assert_int_equal(f.batch.selected, 3);
    assert_row(&f, 0, "1|x");
    assert_row(&f, 1, "NULL|NULL");
    assert_row(&f, 2, "NULL|3");
    struct decoder_stats stats = decoder_stats(f.decoder);
    assert_true(stats.rows == 3 && stats.skipped == 2 && stats.bad == 1 && stats.field_nulls == 1);
    fixture_close(&f);
}

/* Whole batches, twice: rows are those of their events, and the second round takes no memory. */
static void test_batches(void **state) {
    (void)state;
    struct fixture f;
    size_t scratch_bytes = 0;
    fixture_init(&f);
    column_add(&f, "a", type_of(TYPE_BIGINT), true);
    column_add(&f, "s", type_string(), true);
    assert_true(fixture_open(&f));
    for (int round = 0; round < 50; round++) {
        arena_reset(&f.scratch);
        batch_clear(&f.batch);
        for (int i = 0; i < BATCH_ROWS; i++) {
            char text[128];
            snprintf(text, sizeof text,
                     i % 3 ? "{\"a\":%d,\"s\":\"text %d\"}" : "{\"s\":null,\"a\":%d}", i, i);
            assert_int_equal(take(&f, NULL, text), DECODE_ROW);
            if (i % 100 == 0) assert_int_equal(take(&f, NULL, "{\"a\":1,\"s\":\"x\""), DECODE_BAD);
        }
        for (int i = 0; i < BATCH_ROWS; i++) {
            char text[128];
            snprintf(text, sizeof text, i % 3 ? "%d|text %d" : "%d|NULL", i, i);
            assert_row(&f, (uint32_t)i, text);
        }
        if (round == 2) scratch_bytes = f.scratch.total_bytes;
        if (round > 2) assert_int_equal(f.scratch.total_bytes, scratch_bytes);
    }
    assert_true(decoder_stats(f.decoder).template_hits > 50 * BATCH_ROWS / 2);
    fixture_close(&f);
}

static void test_too_large(void **state) {
    (void)state;
    struct fixture f;
    fixture_init(&f);
    column_add(&f, "a", type_of(TYPE_BIGINT), true);
    assert_true(fixture_open(&f));
    size_t len = DECODE_RECORD_BYTES_MAX + 1u;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, ' ', len);
    memcpy(text, "{\"a\":1}", 7);
    struct record record = record_of(NULL, "");
    record.value = (struct str){text, len - 1};
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_ROW);
    record.value.len = len;
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_BAD);
    assert_int_equal(f.bad.reason, BAD_TOO_LARGE);
    assert_sentence(&f, NULL, "x", "the limit is 8 MiB");
    free(text);
    fixture_close(&f);
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static void key_columns(struct fixture *f) {
    fixture_init(f);
    column_add(f, "k", type_string(), true);
    column_add(f, "a", type_of(TYPE_INT), true);
}

static void test_key_in_value(void **state) {
    (void)state;
    struct fixture f;
    key_columns(&f);
    key_set(&f, FORMAT_RAW, true);
    assert_true(fixture_open(&f));
    assert_int_equal(take(&f, "s1", "{\"k\":\"s1\",\"a\":1}"), DECODE_ROW);
    assert_int_equal(take(&f, NULL, "{\"k\":\"s1\",\"a\":2}"), DECODE_ROW);
    assert_int_equal(take(&f, "s1", "{\"a\":3}"), DECODE_ROW);
    assert_row(&f, 0, "s1|1");
    assert_row(&f, 1, "s1|2");
    assert_row(&f, 2, "NULL|3");
    static const char *const others[] = {"s2", "s", "s11", ""};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_int_equal(take(&f, others[i], "{\"k\":\"s1\",\"a\":1}"), DECODE_BAD);
        assert_int_equal(f.bad.reason, BAD_KEY_MISMATCH);
    }
    assert_sentence(&f, "s2\x1b", "{}", "'s2\\x1b' differs from column 'k'");
    assert_int_equal(f.batch.rows, 3);
    fixture_close(&f);
}

static void test_key_number_in_value(void **state) {
    (void)state;
    struct fixture f;
    fixture_init(&f);
    column_add(&f, "k", type_of(TYPE_INT), true);
    key_set(&f, FORMAT_RAW, true);
    assert_true(fixture_open(&f));
    struct record record = record_of(NULL, "{\"k\":258}");
    record.key_is_null = false;
    record.key = STR("\0\0\1\2");
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_ROW);
    record.key = STR("\0\0\1\3");
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_BAD);
    fixture_close(&f);
}

static void test_key_only(void **state) {
    (void)state;
    struct fixture f;
    key_columns(&f);
    key_set(&f, FORMAT_RAW, false);
    assert_true(fixture_open(&f));
    assert_int_equal(take(&f, "s1", "{\"k\":\"not a column here\",\"a\":1}"), DECODE_ROW);
    assert_int_equal(take(&f, NULL, "{\"a\":2}"), DECODE_ROW);
    assert_int_equal(take(&f, "\xE2\x82(\xED\xA0\x80", "{\"a\":3}"), DECODE_ROW);
    assert_int_equal(take(&f, "", "{\"a\":4}"), DECODE_ROW);
    assert_row(&f, 0, "s1|1");
    assert_row(&f, 1, "NULL|2");
    assert_row(&f, 2, "\uFFFD(\uFFFD|3");
    assert_row(&f, 3, "|4");
    fixture_close(&f);
}

static void test_key_json(void **state) {
    (void)state;
    struct fixture f;
    key_columns(&f);
    key_set(&f, FORMAT_JSON, false);
    assert_true(fixture_open(&f));
    assert_int_equal(take(&f, "{\"k\":\"s1\"}", "{\"a\":1}"), DECODE_ROW);
    assert_int_equal(take(&f, NULL, "{\"a\":2}"), DECODE_ROW);
    assert_int_equal(take(&f, "s1", "{\"a\":3}"), DECODE_BAD);
    assert_int_equal(f.bad.reason, BAD_KEY);
    assert_row(&f, 0, "s1|1");
    assert_row(&f, 1, "NULL|2");
    fixture_close(&f);
}

static void test_key_wrong_width(void **state) {
    (void)state;
    struct fixture f;
    fixture_init(&f);
    column_add(&f, "k", type_of(TYPE_BIGINT), true);
    column_add(&f, "a", type_of(TYPE_INT), true);
    key_set(&f, FORMAT_RAW, false);
    assert_true(fixture_open(&f));
    assert_int_equal(take(&f, "7 bytes", "{\"a\":3}"), DECODE_BAD);
    assert_int_equal(f.bad.reason, BAD_KEY);
    assert_sentence(&f, "7 bytes", "{}", "type of column 'k'");
    assert_int_equal(take(&f, "8 bytes!", "{\"a\":3}"), DECODE_ROW);
    fixture_close(&f);
}

/* ---- metadata and raw values --------------------------------------------------------------------- */

static void test_metadata(void **state) {
    (void)state;
    struct fixture f;
    struct type instant = type_timestamp(3);
    instant.id = TYPE_TIMESTAMP_LTZ;
    fixture_init(&f);
    metadata_add(&f, "t", type_string(), METADATA_TOPIC);
    column_add(&f, "a", type_of(TYPE_INT), true);
    metadata_add(&f, "p", type_of(TYPE_INT), METADATA_PARTITION);
    metadata_add(&f, "o", type_of(TYPE_BIGINT), METADATA_OFFSET);
    metadata_add(&f, "tt", type_string(), METADATA_TIMESTAMP_TYPE);
    metadata_add(&f, "ts", instant, METADATA_TIMESTAMP);
    assert_true(fixture_open(&f));
    struct record record = record_of(NULL, "{\"a\":1}");
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_ROW);
    record.log_append_time = true;
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_ROW);
    record.timestamp_ms = -1;
    assert_int_equal(decode_record(f.decoder, &record, &f.batch, &f.bad), DECODE_ROW);
    assert_int_equal(f.batch.columns[5].i64[0], 1700000000000);
    assert_true(str_eq(f.batch.columns[4].str[0], STR("CreateTime")));
    assert_true(str_eq(f.batch.columns[4].str[1], STR("LogAppendTime")));
    assert_true(str_eq(f.batch.columns[4].str[2], STR("NoTimestampType")));
    f.scan.schema.count = 5; /* an instant prints in a zone */
    assert_row(&f, 0, "raw-events|1|3|42|CreateTime");
    fixture_close(&f);
}

static void test_raw_value(void **state) {
    (void)state;
    static const struct {
        struct type type;
        bool little_endian;
        struct str bytes;
        const char *row; /* NULL: bad */
    } cases[] = {
        {{.id = TYPE_VARCHAR, .length = TYPE_LENGTH_MAX}, false, STR_INIT("text"), "text"},
        {{.id = TYPE_VARCHAR, .length = TYPE_LENGTH_MAX}, false, STR_INIT(""), ""},
        {{.id = TYPE_VARCHAR, .length = TYPE_LENGTH_MAX},
         false,
         STR_INIT("\xC0\x80 \xF0\x9F\x98 \xE2\x82"),
         "\uFFFD\uFFFD \uFFFD \uFFFD"},
        {{.id = TYPE_INT}, false, STR_INIT("\0\0\1\2"), "258"},
        {{.id = TYPE_INT}, true, STR_INIT("\2\1\0\0"), "258"},
        {{.id = TYPE_INT}, false, STR_INIT("\0\1\2"), NULL},
        {{.id = TYPE_SMALLINT}, false, STR_INIT("\xFF\xFE"), "-2"},
        {{.id = TYPE_TINYINT}, false, STR_INIT("\xFE"), "-2"},
        {{.id = TYPE_BIGINT}, false, STR_INIT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"), "-2"},
        {{.id = TYPE_DOUBLE}, false, STR_INIT("\x3F\xF8\0\0\0\0\0\0"), "1.5"},
        {{.id = TYPE_BOOLEAN}, false, STR_INIT("\1"), "TRUE"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_init(&f);
        column_add(&f, "v", cases[i].type, true);
        f.table.value_format.format = FORMAT_RAW;
        f.table.value_format.little_endian = cases[i].little_endian;
        assert_true(fixture_open(&f));
        struct record record = record_of(NULL, "");
        record.value = cases[i].bytes;
        enum decode_result result = decode_record(f.decoder, &record, &f.batch, &f.bad);
        assert_int_equal(result, cases[i].row ? DECODE_ROW : DECODE_BAD);
        if (cases[i].row) assert_row(&f, 0, cases[i].row);
        assert_int_equal(take(&f, NULL, NULL), DECODE_ROW);
        assert_row(&f, f.batch.rows - 1, "NULL");
        fixture_close(&f);
    }
}

/* ---- refusals and sentences ---------------------------------------------------------------------- */

static void test_refused_types(void **state) {
    (void)state;
    static const enum type_id ids[] = {TYPE_ROW, TYPE_ARRAY, TYPE_MAP, TYPE_VARBINARY};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct fixture f;
        struct type element = type_string();
        struct row_field field = {STR("x"), element};
        struct type type = {
            .id = ids[i], .key = &element, .element = &element, .fields = &field, .field_count = 1};
        fixture_init(&f);
        column_add(&f, "nested", type, true);
        assert_false(fixture_open(&f));
        assert_string_equal(f.err.code, "E0302");
        assert_non_null(strstr(f.err.text, "nested"));
        fixture_close(&f);
    }
}

static void test_refused_formats(void **state) {
    (void)state;
    struct fixture f;
    fixture_init(&f);
    column_add(&f, "a", type_string(), true);
    f.table.value_format.format = FORMAT_CSV;
    assert_false(fixture_open(&f));
    assert_string_equal(f.err.code, "E0302");
    f.table.value_format.format = FORMAT_RAW;
    column_add(&f, "b", type_string(), true);
    assert_false(fixture_open(&f));
    fixture_close(&f);
}

static void test_sentences(void **state) {
    (void)state;
    static const struct {
        const char *value, *part;
    } cases[] = {
        {"{\"ts\":\"2026-01-01T10:00:00\"}", "cannot take \"2026-01-01T10:00:00\" (byte 6); set "
                                             "'value.json.timestamp-format.standard' = 'ISO-8601'"},
        {"{\"ts\":\"2026-01-01 10:00:00Z\"}", "declare the column TIMESTAMP_LTZ(3)"},
        {"{\"ts\":1700000000000}", "TO_TIMESTAMP_LTZ(column, 3)"},
        {"{\"ts\":\"yesterday\"}", "convert it with TO_TIMESTAMP"},
        {"{\"a\":\"x\\\"y\",\"b\":1}",
         "column 'a' INT cannot take \"x\\\"y\" (byte 5); declare the column STRING"},
        {"{\"a\":12345678901,\"b\":1}", "cannot take 12345678901 (byte 5)"},
        {"{\"a\":{\"b\":1}}", "declare the column STRING to get the JSON text"},
        {"{\"a\":tru}", "byte 8 reads '}'; set 'value.json.ignore-parse-errors' = 'true'"},
        {"{\"a\":1", "ends in the middle"},
    };
    struct fixture f;
    static const struct table_option option = {.key = STR_INIT("value.format"),
                                               .value = STR_INIT("json")};
    fixture_init(&f);
    column_add(&f, "ts", type_timestamp(3), true);
    column_add(&f, "a", type_of(TYPE_INT), true);
    f.table.options = &option;
    f.table.option_count = 1;
    assert_true(fixture_open(&f));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(take(&f, NULL, cases[i].value), DECODE_BAD);
        assert_sentence(&f, NULL, cases[i].value, cases[i].part);
    }
    fixture_close(&f);
    for (int i = 0; i < BAD_REASON_COUNT; i++)
        assert_true(strlen(bad_reason_name((enum bad_reason)i)) > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_key_in_value),
        cmocka_unit_test(test_key_number_in_value),
        cmocka_unit_test(test_key_only),
        cmocka_unit_test(test_key_json),
        cmocka_unit_test(test_key_wrong_width),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_raw_value),
        cmocka_unit_test(test_refused_types),
        cmocka_unit_test(test_refused_formats),
        cmocka_unit_test(test_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
