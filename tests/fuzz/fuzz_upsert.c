/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an upsert value, as `decant verify` may find them in a topic that somebody else wrote to: decoding ends,
 * text lies inside of the value, and what was decoded is written again as bytes that decode to the same row. */
#include <stdio.h>
#include <stdlib.h>

#include "common/fatal.h"
#include "data/batch.h"
#include "encode/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 9, BYTES_MAX = 1 << 20 };

/* One sink with each physical type; the first column is its key. */
static struct column columns[COLUMNS];
static uint32_t key[] = {0}, positions[COLUMNS];
static struct table table;
static struct plan_node sink;
static struct arena job, scratch;
static struct batch batch;
static struct encoder *encoder;

static void require(bool condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void sink_init(void) {
    struct type types[COLUMNS] = {
        type_not_null(type_string()),
        type_string(),
        type_of(TYPE_BOOLEAN),
        type_of(TYPE_INT),
        type_of(TYPE_BIGINT),
        type_of(TYPE_DOUBLE),
        type_of(TYPE_FLOAT),
        type_decimal(38, 2),
        type_timestamp(3),
    };
    for (uint32_t i = 0; i < COLUMNS; i++) {
        columns[i] = (struct column){.name = arena_printf(&job, "c%u", i), .type = types[i]};
        positions[i] = i;
    }
    table = (struct table){.name = STR("t"),
                           .columns = columns,
                           .column_count = COLUMNS,
                           .primary_key = key,
                           .primary_key_count = 1,
                           .connector = CONNECTOR_UPSERT_KAFKA,
                           .key_format = {.format = FORMAT_RAW},
                           .value_format = {.format = FORMAT_AVRO}};
    sink = (struct plan_node){.kind = NODE_SINK};
    sink.sink =
        (struct node_sink){.table = &table, .columns = positions, .key = key, .key_count = 1};
    batch_init(&batch, types, COLUMNS, &job, &scratch);
    struct error err;
    require(encoder_new(&sink, &job, &encoder, &err), "no encoder");
}

static bool is_inside(struct str text, const char *bytes, size_t size) {
    return text.ptr >= bytes && text.len <= size && (size_t)(text.ptr - bytes) <= size - text.len;
}

/* Bits: NaN equals itself, -0.0 is not 0.0. */
static bool is_same(enum phys phys, const struct value *a, const struct value *b) {
    if (a->is_null || b->is_null) return a->is_null == b->is_null;
    switch (phys) {
    case PHYS_F32: return memcmp(&a->f32, &b->f32, sizeof a->f32) == 0;
    case PHYS_F64: return memcmp(&a->f64, &b->f64, sizeof a->f64) == 0;
    default: return value_equal(phys, a, b);
    }
}

/* Writes the row again and reads that. A key that Pinot would cut is refused by the encoder. */
static void check_again(const struct value *values, int64_t version, bool deleted) {
    struct buf key_bytes, value_bytes;
    struct value again[COLUMNS];
    struct error err;
    int64_t again_version;
    bool again_deleted;
    buf_init(&key_bytes, BYTES_MAX);
    buf_init(&value_bytes, BYTES_MAX);
    batch_clear(&batch);
    for (uint32_t i = 0; i < COLUMNS; i++)
        vec_set(&batch.columns[i], 0, &values[i]);
    batch.rows = batch.selected = 1;
    if (encode_row(encoder, &batch, 0, version, deleted, &key_bytes, &value_bytes, &err)) {
        require(upsert_value_decode(&table, buf_str(&value_bytes), again, &again_version,
                                    &again_deleted, &err),
                "what was written does not decode");
        require(version == again_version && deleted == again_deleted, "version or deletion differ");
        for (uint32_t i = 0; i < COLUMNS; i++)
            require(is_same(type_phys(columns[i].type.id), &values[i], &again[i]),
                    "a value differs");
    } else {
        require(str_eq(str_of(err.code), STR("E0704")), "a decoded row is refused");
    }
    buf_release(&key_bytes);
    buf_release(&value_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct value values[COLUMNS];
    struct error err;
    int64_t version;
    bool deleted;
    if (!encoder) sink_init();
    char *bytes =
        memory_new(size, 1); /* a copy of its exact length: the sanitizer sees one byte too many */
    if (size) memcpy(bytes, data, size);
    if (upsert_value_decode(&table, (struct str){bytes, size}, values, &version, &deleted, &err)) {
        for (uint32_t i = 0; i < COLUMNS; i++)
            if (!values[i].is_null && type_phys(columns[i].type.id) == PHYS_STR)
                require(is_inside(values[i].str, bytes, size), "text outside of the value");
        check_again(values, version, deleted);
    }
    free(bytes);
    return 0;
}
