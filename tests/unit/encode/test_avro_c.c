/* SPDX-License-Identifier: Apache-2.0 */
/* avro-c reads what the direct encoder writes: random rows of every type, with NULLs, against the schema that the
 * table's topic gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <avro.h>

#include "common/prng.h"
#include "encode/encode.h"

enum { COLUMNS = 8, ROUNDS = 2000, TEXT_MAX = 40 };

struct fixture {
    struct arena job;
    struct column columns[COLUMNS];
    struct type types[COLUMNS];
    struct value values[COLUMNS];
    char texts[COLUMNS][TEXT_MAX];
    uint32_t positions[COLUMNS], key;
    struct table table;
    struct plan_node sink;
    struct batch batch;
    struct buf key_bytes, bytes;
    avro_schema_t schema;
    avro_value_iface_t *class;
};

static void fixture_init(struct fixture *f) {
    const struct type types[COLUMNS] = {
        type_not_null(type_string()),
        type_of(TYPE_BOOLEAN),
        type_of(TYPE_INT),
        type_of(TYPE_BIGINT),
        type_of(TYPE_DOUBLE),
        type_string(),
        type_timestamp(3),
        type_decimal(38, 4),
    };
    struct str schema;
    struct error err;
    *f = (struct fixture){0};
    for (uint32_t c = 0; c < COLUMNS; c++) {
        f->types[c] = types[c];
        f->positions[c] = c;
        f->columns[c] = (struct column){.name = arena_printf(&f->job, "c%u", c), .type = types[c]};
    }
    f->table = (struct table){.name = STR("t"),
                              .columns = f->columns,
                              .column_count = COLUMNS,
                              .primary_key = &f->key,
                              .primary_key_count = 1,
                              .connector = CONNECTOR_UPSERT_KAFKA,
                              .key_format = {.format = FORMAT_RAW},
                              .value_format = {.format = FORMAT_AVRO}};
    f->sink.sink = (struct node_sink){
        .table = &f->table, .columns = f->positions, .key = &f->key, .key_count = 1};
    batch_init(&f->batch, f->types, COLUMNS, &f->job, &f->job);
    f->batch.rows = f->batch.selected = 1;
    buf_init(&f->key_bytes, 1 << 16);
    buf_init(&f->bytes, 1 << 16);
    assert_true(avro_schema_derive(&f->table, true, &f->job, &schema, &err));
    assert_int_equal(avro_schema_from_json_length(schema.ptr, schema.len, &f->schema), 0);
    f->class = avro_generic_class_from_schema(f->schema);
}

static void fixture_release(struct fixture *f) {
    avro_value_iface_decref(f->class);
    avro_schema_decref(f->schema);
    buf_release(&f->key_bytes);
    buf_release(&f->bytes);
    arena_release(&f->job);
}

static struct value random_value(struct fixture *f, uint32_t c, struct prng *prng) {
    struct value value = {.is_null = c > 0 && prng_below(prng, 4) == 0};
    uint64_t bits = prng_next(prng) >> prng_below(prng, 64);
    switch (type_phys(f->types[c].id)) {
    case PHYS_BOOL: value.boolean = bits & 1; break;
    case PHYS_I32: value.i32 = (int32_t)(uint32_t)bits; break;
    case PHYS_I64: value.i64 = bits & 1 ? (int64_t)bits : -(int64_t)(bits >> 1); break;
    case PHYS_F64: value.f64 = (double)(int64_t)bits / 128; break;
    case PHYS_I128: value.dec = (i128)(int64_t)bits * ((i128)1 << 32) - (i128)(bits >> 3); break;
    case PHYS_STR: {
        size_t len = prng_below(prng, TEXT_MAX);
        for (size_t i = 0; i < len; i++)
            f->texts[c][i] = (char)(' ' + prng_below(prng, 90));
        value.str = (struct str){f->texts[c], len};
        break;
    }
    case PHYS_F32:
    case PHYS_NESTED: break; /* not among the columns */
    }
    return value;
}

/* The field's value, or false when its union holds null. */
static bool field_get(avro_value_t *record, uint32_t c, bool nullable, avro_value_t *out) {
    avro_value_t field;
    int branch = 0;
    assert_int_equal(avro_value_get_by_index(record, c, &field, NULL), 0);
    if (!nullable) return *out = field, true;
    assert_int_equal(avro_value_get_discriminant(&field, &branch), 0);
    assert_int_equal(avro_value_get_current_branch(&field, out), 0);
    return branch == 1;
}

static i128 big_endian(const unsigned char *bytes, size_t len) {
    u128 value = len && (bytes[0] & 0x80) ? ~(u128)0 : 0;
    for (size_t i = 0; i < len; i++)
        value = (value << 8) | bytes[i];
    return (i128)value;
}

static void assert_field(const struct type *type, avro_value_t *field, const struct value *want) {
    const void *bytes = NULL;
    const char *text = NULL;
    size_t len = 0;
    double number = 0;
    int64_t wide = 0;
    int32_t narrow = 0;
    int flag = 0;
    switch (type_phys(type->id)) {
    case PHYS_BOOL:
        assert_int_equal(avro_value_get_boolean(field, &flag), 0);
        assert_int_equal(flag, want->boolean);
        break;
    case PHYS_I32:
        assert_int_equal(avro_value_get_int(field, &narrow), 0);
        assert_true(narrow == want->i32);
        break;
    case PHYS_I64:
        assert_int_equal(avro_value_get_long(field, &wide), 0);
        assert_true(wide == want->i64);
        break;
    case PHYS_F64:
        assert_int_equal(avro_value_get_double(field, &number), 0);
        assert_memory_equal(&number, &want->f64, sizeof number);
        break;
    case PHYS_STR: /* avro-c counts the NUL that it appends */
        assert_int_equal(avro_value_get_string(field, &text, &len), 0);
        assert_int_equal(len, want->str.len + 1);
        assert_memory_equal(text, want->str.ptr, want->str.len);
        break;
    case PHYS_I128:
        assert_int_equal(avro_value_get_bytes(field, &bytes, &len), 0);
        assert_true(big_endian(bytes, len) == want->dec);
        break;
    case PHYS_F32:
    case PHYS_NESTED: fail(); break;
    }
}

static void read_back(struct fixture *f, int64_t version, bool deleted) {
    avro_reader_t reader = avro_reader_memory(f->bytes.ptr, (int64_t)f->bytes.len);
    avro_value_t record, field;
    int64_t wide = 0;
    int flag = 0;
    assert_int_equal(avro_generic_value_new(f->class, &record), 0);
    assert_int_equal(avro_value_read(reader, &record), 0);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        assert_int_equal(field_get(&record, c, c > 0, &field), !f->values[c].is_null);
        if (!f->values[c].is_null) assert_field(&f->types[c], &field, &f->values[c]);
    }
    assert_true(field_get(&record, COLUMNS, false, &field));
    assert_int_equal(avro_value_get_long(&field, &wide), 0);
    assert_true(wide == version);
    assert_true(field_get(&record, COLUMNS + 1, false, &field));
    assert_int_equal(avro_value_get_boolean(&field, &flag), 0);
    assert_int_equal(flag, deleted);
    avro_value_decref(&record);
    avro_reader_free(reader);
}

static void random_rows_read_back_equal(void **state) {
    (void)state;
    struct fixture f;
    struct encoder *encoder;
    struct error err;
    const char *seed = getenv("SEED");
    struct prng prng = {seed ? strtoull(seed, NULL, 10) : 20261120};
    print_message("seed %llu\n", (unsigned long long)prng.state);
    fixture_init(&f);
    assert_true(encoder_new(&f.sink, &f.job, &encoder, &err));
    for (int round = 0; round < ROUNDS; round++) {
        int64_t version = (int64_t)(prng_next(&prng) >> 1);
        bool deleted = prng_below(&prng, 2);
        for (uint32_t c = 0; c < COLUMNS; c++) {
            f.values[c] = random_value(&f, c, &prng);
            vec_set(&f.batch.columns[c], 0, &f.values[c]);
        }
        buf_clear(&f.key_bytes);
        buf_clear(&f.bytes);
        assert_true(
            encode_row(encoder, &f.batch, 0, version, deleted, &f.key_bytes, &f.bytes, &err));
        read_back(&f, version, deleted);
    }
    fixture_release(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_rows_read_back_equal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
