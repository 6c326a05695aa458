/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that Flink 1.20 writes for the same rows (without our two last columns), Jackson's JSON, the guards of
 * keys, and reading back. The expected hex was captured from a real upsert-kafka sink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "encode/encode.h"

enum { COLUMNS_MAX = 12 };

/* A sink table with one row in a batch; columns are added one by one. */
struct fixture {
    struct arena job;
    struct table table;
    struct column columns[COLUMNS_MAX];
    struct type types[COLUMNS_MAX];
    struct value values[COLUMNS_MAX];
    uint32_t keys[COLUMNS_MAX], positions[COLUMNS_MAX];
    struct plan_node sink;
    struct batch batch;
    struct buf key, value;
};

static void fixture_init(struct fixture *f, enum format key, enum format value) {
    *f = (struct fixture){0};
    f->table = (struct table){.name = STR("t"),
                              .columns = f->columns,
                              .primary_key = f->keys,
                              .connector = CONNECTOR_UPSERT_KAFKA,
                              .key_format = {.format = key},
                              .value_format = {.format = value}};
    buf_init(&f->key, 1 << 16);
    buf_init(&f->value, 1 << 24);
}

static void add(struct fixture *f, const char *name, struct type type, struct value value) {
    uint32_t n = f->table.column_count++;
    f->columns[n] = (struct column){.name = str_of(name), .type = type};
    f->types[n] = type;
    f->values[n] = value;
    f->positions[n] = n;
}

static void add_key(struct fixture *f, uint32_t column) {
    f->keys[f->table.primary_key_count++] = column;
}

static struct value text(const char *s) {
    return (struct value){.str = str_of(s)};
}
static struct value i64(int64_t n) {
    return (struct value){.i64 = n};
}
static struct value f64(double n) {
    return (struct value){.f64 = n};
}
static struct value null(void) {
    return (struct value){.is_null = true};
}

static bool encode(struct fixture *f, int64_t version, bool deleted, struct error *err) {
    struct encoder *encoder;
    f->sink = (struct plan_node){.kind = NODE_SINK};
    f->sink.sink = (struct node_sink){.table = &f->table,
                                      .columns = f->positions,
                                      .key = f->keys,
                                      .key_count = f->table.primary_key_count};
    batch_init(&f->batch, f->types, f->table.column_count, &f->job, &f->job);
    for (uint32_t c = 0; c < f->table.column_count; c++)
        vec_set(&f->batch.columns[c], 0, &f->values[c]);
    f->batch.rows = f->batch.selected = 1;
    return encoder_new(&f->sink, &f->job, &encoder, err) &&
           encode_row(encoder, &f->batch, 0, version, deleted, &f->key, &f->value, err);
}

static void fixture_release(struct fixture *f) {
    buf_release(&f->key);
    buf_release(&f->value);
    arena_release(&f->job);
}

static void assert_hex(struct str bytes, const char *expected) {
    static const char digits[] = "0123456789abcdef";
    struct buf hex;
    buf_init(&hex, 1 << 20);
    for (size_t i = 0; i < bytes.len; i++) {
        char pair[2] = {digits[(unsigned char)bytes.ptr[i] >> 4], digits[bytes.ptr[i] & 15]};
        buf_append_bytes(&hex, pair, 2);
    }
    assert_string_equal(buf_c_string(&hex), expected);
    buf_release(&hex);
}

static void assert_text(struct str bytes, const char *expected) {
    assert_int_equal(bytes.len, strlen(expected));
    assert_memory_equal(bytes.ptr, expected, bytes.len);
}

static void product_row(struct fixture *f) {
    fixture_init(f, FORMAT_RAW, FORMAT_AVRO);
    add(f, "product_id", type_not_null(type_string()), text("p2"));
    add(f, "product_name", type_string(), text("Novel"));
    add(f, "product_category", type_string(), text("Books"));
    add(f, "view_count", type_of(TYPE_BIGINT), i64(1));
    add(f, "cart_adds", type_of(TYPE_BIGINT), i64(2));
    add(f, "purchases", type_of(TYPE_BIGINT), i64(2));
    add(f, "units", type_of(TYPE_BIGINT), i64(4));
    add(f, "revenue", type_of(TYPE_DOUBLE), f64(39.96));
    add(f, "update_time", type_timestamp(3), i64(1767262530000));
    add_key(f, 0);
}

static void avro_bytes_are_flinks(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    product_row(&f);
    assert_true(encode(&f, 5, false, &err));
    assert_text(buf_str(&f.key), "p2");
    assert_hex(buf_str(&f.value),
               "047032020a4e6f76656c020a426f6f6b730202020402040208027b14ae47e1fa434002a0a7f190ef66"
               "0a00"); /* _version 5, _deleted false */
    fixture_release(&f);
}

static void null_key_columns_and_unions(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_init(&f, FORMAT_RAW, FORMAT_AVRO);
    add(&f, "user_id", type_not_null(type_string()), text("11"));
    add(&f, "conversion", type_of(TYPE_DOUBLE), null());
    add_key(&f, 0);
    assert_true(encode(&f, -1, true, &err));
    assert_hex(buf_str(&f.value), "0431310001"
                                  "01");
    fixture_release(&f);

    fixture_init(&f, FORMAT_RAW, FORMAT_AVRO);
    add(&f, "user_id", type_string(), null());
    add_key(&f, 0);
    assert_false(encode(&f, 1, false, &err));
    assert_string_equal(err.code, "E0305");
    assert_int_equal(f.value.len, 0);
    fixture_release(&f);
}

static void json_keys_follow_the_primary_key(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_init(&f, FORMAT_JSON, FORMAT_AVRO);
    add(&f, "product_category", type_string(), text("B\"ooks é \xF0\x9F\x98\x80\x01"));
    add(&f, "window_start", type_timestamp(3), i64(1767261600000));
    add_key(&f, 1);
    add_key(&f, 0);
    assert_true(encode(&f, 1, false, &err));
    assert_text(
        buf_str(&f.key),
        "{\"window_start\":\"2026-01-01 10:00:00\",\"product_category\":\"B\\\"ooks é \\uD83D\\uDE00\\u0001\"}");
    fixture_release(&f);
}

static void json_values(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_init(&f, FORMAT_RAW, FORMAT_JSON);
    add(&f, "k", type_string(), text("a"));
    add(&f, "d", type_decimal(10, 2), (struct value){.dec = 10000});
    add(&f, "e", type_decimal(10, 2), (struct value){.dec = -110});
    add(&f, "f", type_decimal(20, 10), (struct value){.dec = 1});
    add(&f, "n", type_of(TYPE_DOUBLE), f64(1e10));
    add(&f, "b", type_of(TYPE_BOOLEAN), (struct value){.boolean = true});
    add(&f, "t", type_timestamp(3), i64(1767261600120));
    add(&f, "z", type_of(TYPE_INT), null());
    add_key(&f, 0);
    assert_true(encode(&f, 7, false, &err));
    assert_text(
        buf_str(&f.value),
        "{\"k\":\"a\",\"d\":1E+2,\"e\":-1.1,\"f\":1E-10,\"n\":1.0E10,\"b\":true,\"t\":\"2026-01-01 10:00:00.12\",\"z\":null,\"_version\":7,\"_deleted\":false}");
    fixture_release(&f);
}

static void raw_integers_are_big_endian(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    fixture_init(&f, FORMAT_RAW, FORMAT_RAW);
    add(&f, "n", type_of(TYPE_BIGINT), i64(258));
    add_key(&f, 0);
    assert_true(encode(&f, 1, false, &err));
    assert_hex(buf_str(&f.key), "0000000000000102");
    fixture_release(&f);
}

static void long_keys_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t chars;
        bool fits;
    } cases[] = {{512, true}, {513, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        struct error err;
        char key[2 * 513 + 1];
        for (size_t c = 0; c < cases[i].chars; c++)
            memcpy(key + 2 * c, "é", 2);
        key[2 * cases[i].chars] = 0;
        fixture_init(&f, FORMAT_RAW, FORMAT_AVRO);
        add(&f, "k", type_string(), text(key));
        add_key(&f, 0);
        assert_int_equal(encode(&f, 1, false, &err), cases[i].fits);
        if (!cases[i].fits) {
            assert_string_equal(err.code, "E0704");
            assert_int_equal(err.kind, ERROR_RECORD);
            assert_int_equal(f.key.len + f.value.len, 0);
        }
        fixture_release(&f);
    }
}

static void values_read_back(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    struct value values[COLUMNS_MAX];
    int64_t version;
    bool deleted;
    product_row(&f);
    add(&f, "amount", type_decimal(38, 2), (struct value){.dec = -((i128)1 << 100)});
    add(&f, "none", type_of(TYPE_INT), null());
    assert_true(encode(&f, 1767261600123, true, &err));
    assert_true(upsert_value_decode(&f.table, buf_str(&f.value), values, &version, &deleted, &err));
    for (uint32_t c = 0; c < f.table.column_count; c++)
        assert_true(value_equal(type_phys(f.types[c].id), &values[c], &f.values[c]));
    assert_true(version == 1767261600123 && deleted);
    /* every cut is noticed, and one byte too many */
    for (size_t len = 0; len < f.value.len; len++)
        assert_false(upsert_value_decode(&f.table, (struct str){f.value.ptr, len}, values, &version,
                                         &deleted, &err));
    buf_append_char(&f.value, 0);
    assert_false(
        upsert_value_decode(&f.table, buf_str(&f.value), values, &version, &deleted, &err));
    assert_string_equal(err.code, "E0703");
    fixture_release(&f);
}

static void schema_is_flinks(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    struct str schema;
    fixture_init(&f, FORMAT_RAW, FORMAT_AVRO);
    add(&f, "k", type_string(), null());
    add(&f, "n", type_of(TYPE_BIGINT), null());
    add(&f, "t", type_timestamp(3), null());
    add_key(&f, 0);
    assert_true(avro_schema_derive(&f.table, true, &f.job, &schema, &err));
    assert_text(
        schema,
        "{\"type\":\"record\",\"name\":\"record\",\"namespace\":\"org.apache.flink.avro.generated\",\"fields\":["
        "{\"name\":\"k\",\"type\":\"string\"},"
        "{\"name\":\"n\",\"type\":[\"null\",\"long\"],\"default\":null},"
        "{\"name\":\"t\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}],\"default\":null},"
        "{\"name\":\"_version\",\"type\":\"long\"},{\"name\":\"_deleted\",\"type\":\"boolean\"}]}");
    add(&f, "a-b", type_string(), null());
    assert_false(avro_schema_derive(&f.table, true, &f.job, &schema, &err));
    assert_string_equal(err.code, "E0701");
    fixture_release(&f);

    fixture_init(&f, FORMAT_RAW, FORMAT_AVRO);
    add(&f, "t", (struct type){.id = TYPE_TIMESTAMP_LTZ, .precision = 3, .nullable = true}, null());
    assert_false(avro_schema_derive(&f.table, true, &f.job, &schema, &err));
    assert_string_equal(err.code, "E0701");
    fixture_release(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(avro_bytes_are_flinks),
        cmocka_unit_test(null_key_columns_and_unions),
        cmocka_unit_test(json_keys_follow_the_primary_key),
        cmocka_unit_test(json_values),
        cmocka_unit_test(raw_integers_are_big_endian),
        cmocka_unit_test(long_keys_are_refused),
        cmocka_unit_test(values_read_back),
        cmocka_unit_test(schema_is_flinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
