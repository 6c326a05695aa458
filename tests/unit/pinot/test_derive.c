/* SPDX-License-Identifier: Apache-2.0 */
/* What CREATE TABLE becomes in Pinot, for both ends of the supported versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pinot/derive.h"
#include "tables.h"

/* key = json over a time and a number */
static struct column minute_columns[] = {
    COLUMN("window_end", NULLABLE(TYPE_TIMESTAMP)),
    COLUMN("window_start", NULLABLE(TYPE_TIMESTAMP)),
    COLUMN("shard", NULLABLE(TYPE_INT)),
    COLUMN("total", NULLABLE(TYPE_INT)),
};
static const uint32_t minute_key[] = {1, 2};
static struct table minutes = {
    .name = STR_INIT("minutes"),
    .columns = minute_columns,
    .column_count = 4,
    .primary_key = minute_key,
    .primary_key_count = 2,
    .key_fields = minute_key,
    .key_field_count = 2,
    .connector = CONNECTOR_UPSERT_KAFKA,
    .key_format = {.format = FORMAT_JSON},
    .value_format = {.format = FORMAT_AVRO},
    .kafka = {.topic = STR_INIT("minutes"), .bootstrap_servers = STR_INIT("localhost:9092")},
};

static const struct pinot_version old = {0, 11, 0}, new = {1, 5, 1};

static struct pinot_target target_of(struct pinot_version version) {
    return (struct pinot_target){
        .version = version, .servers = STR("kafka:29092"), .partitions = 6};
}

static struct derived derive(const struct table *table, struct pinot_version version,
                             struct arena *job) {
    struct derived derived;
    struct error err;
    struct pinot_target target = target_of(version);
    assert_true(derive_table(table, &target, job, &derived, &err));
    return derived;
}

/* Looks along "a/b/0/c". */
static const json_t *at(const json_t *value, const char *path) {
    struct str rest = str_of(path), name;
    bool more = true;
    while (more && value) {
        char key[128];
        int64_t index;
        name = str_split(rest, '/', &rest, &more);
        assert_true(name.len < sizeof key);
        memcpy(key, name.ptr, name.len);
        key[name.len] = 0;
        value = json_is_array(value) && parse_i64(name, &index)
                    ? json_array_get(value, (size_t)index)
                    : json_object_get(value, key);
    }
    return value;
}

static void assert_at(const json_t *value, const char *path, const char *expected) {
    const json_t *found = at(value, path);
    char *shown = found ? json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!expected)
        assert_null(shown);
    else {
        assert_non_null(shown);
        assert_string_equal(shown, expected);
    }
    free(shown);
}

/* path in schema or table config, text at 0.11.0, text at 1.5.1; NULL: absent */
static const struct {
    struct table *table;
    bool schema;
    const char *path, *at_old, *at_new;
} rows[] = {
    /* clang-format off */
    {&products, true, "schemaName", "\"products\"", "\"products\""},
    {&products, true, "primaryKeyColumns", "[\"product_id\"]", "[\"product_id\"]"},
    {&products, true, "enableColumnBasedNullHandling", NULL, "true"},
    {&products, true, "dimensionFieldSpecs/0", "{\"name\":\"product_id\",\"dataType\":\"STRING\"}", "{\"name\":\"product_id\",\"dataType\":\"STRING\",\"notNull\":true}"},
    {&products, true, "dimensionFieldSpecs/1", "{\"name\":\"product_name\",\"dataType\":\"STRING\"}", "{\"name\":\"product_name\",\"dataType\":\"STRING\"}"},
    {&products, true, "dimensionFieldSpecs/2/dataType", "\"BOOLEAN\"", "\"BOOLEAN\""},
    {&products, true, "dimensionFieldSpecs/3", "{\"name\":\"_version\",\"dataType\":\"LONG\"}", "{\"name\":\"_version\",\"dataType\":\"LONG\",\"notNull\":true}"},
    {&products, true, "dimensionFieldSpecs/4/name", "\"_deleted\"", "\"_deleted\""},
    {&products, true, "metricFieldSpecs/0", "{\"name\":\"views\",\"dataType\":\"LONG\"}", "{\"name\":\"views\",\"dataType\":\"LONG\"}"},
    {&products, true, "metricFieldSpecs/1/dataType", "\"DOUBLE\"", "\"DOUBLE\""},
    {&products, true, "dateTimeFieldSpecs/1/name", "\"update_time\"", "\"update_time\""},
    {&products, true, "dateTimeFieldSpecs/1/dataType", "\"TIMESTAMP\"", "\"TIMESTAMP\""},
    {&products, false, "tableName", "\"products_REALTIME\"", "\"products_REALTIME\""},
    {&products, false, "segmentsConfig/timeColumnName", "\"update_time\"", "\"update_time\""},
    {&products, false, "segmentsConfig/schemaName", "\"products\"", NULL},
    {&products, false, "segmentsConfig/replicasPerPartition", "\"1\"", NULL},
    {&products, false, "segmentsConfig/retentionTimeUnit", NULL, NULL},
    {&products, false, "tableIndexConfig/segmentPartitionConfig/columnPartitionMap/product_id", "{\"functionName\":\"Murmur\",\"numPartitions\":6}", "{\"functionName\":\"Murmur\",\"numPartitions\":6}"},
    {&products, false, "routing/segmentPrunerTypes", "[\"partition\"]", "[\"partition\"]"},
    {&products, false, "routing/instanceSelectorType", "\"strictReplicaGroup\"", "\"strictReplicaGroup\""},
    {&products, false, "upsertConfig", "{\"mode\":\"FULL\",\"comparisonColumn\":\"_version\"}", "{\"mode\":\"FULL\",\"comparisonColumns\":[\"_version\"],\"deleteRecordColumn\":\"_deleted\",\"snapshot\":\"ENABLE\",\"preload\":\"ENABLE\",\"consistencyMode\":\"SYNC\"}"},
    {&products, false, "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.topic.name", "\"products\"", "\"products\""},
    {&products, false, "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.broker.list", "\"kafka:29092\"", "\"kafka:29092\""},
    {&products, false, "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.consumer.type", "\"lowlevel\"", NULL},
    {&products, false, "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.consumer.factory.class.name", "\"org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory\"", "\"org.apache.pinot.plugin.stream.kafka30.KafkaConsumerFactory\""},
    {&products, false, "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.consumer.prop.auto.offset.reset", "\"smallest\"", "\"smallest\""},
    {&minutes, true, "primaryKeyColumns", "[\"window_start\",\"shard\"]", "[\"window_start\",\"shard\"]"},
    {&minutes, true, "dimensionFieldSpecs/0/name", "\"shard\"", "\"shard\""},
    {&minutes, true, "metricFieldSpecs/0/name", "\"total\"", "\"total\""},
    {&minutes, true, "metricFieldSpecs/1", NULL, NULL},
    {&minutes, true, "dateTimeFieldSpecs/1/notNull", NULL, "true"},
    {&minutes, false, "segmentsConfig/timeColumnName", "\"window_start\"", "\"window_start\""},
    {&minutes, false, "tableIndexConfig/segmentPartitionConfig", NULL, NULL},
    {&minutes, false, "routing/segmentPrunerTypes", NULL, NULL},
    /* clang-format on */
};

static void derives_for_both_versions(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int newer = 0; newer < 2; newer++) {
            struct arena job = {0};
            struct derived derived = derive(rows[i].table, newer ? new : old, &job);
            assert_at(rows[i].schema ? derived.schema : derived.realtime, rows[i].path,
                      newer ? rows[i].at_new : rows[i].at_old);
            derived_release(&derived);
            arena_release(&job);
        }
    }
}

static void puts_the_avro_schema_into_the_table(void **state) {
    (void)state;
    struct arena job = {0};
    struct derived derived = derive(&products, new, &job);
    const json_t *value = at(
        derived.realtime,
        "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.decoder.prop.schema");
    assert_string_equal(json_string_value(value), derived.avro.ptr);
    json_t *avro;
    assert_true(json_parse(derived.avro, "avro", &avro, NULL));
    size_t fields = json_array_size(json_object_get(avro, "fields"));
    assert_int_equal(fields, products.column_count + 2);
    assert_at(avro, "fields/7/name", "\"_version\"");
    assert_at(avro, "fields/8/name", "\"_deleted\"");
    json_decref(avro);
    derived_release(&derived);
    arena_release(&job);
}

static void is_the_same_each_time(void **state) {
    (void)state;
    struct arena job = {0};
    struct derived a = derive(&minutes, new, &job), b = derive(&minutes, new, &job);
    char *left = json_dumps(a.realtime, 0), *right = json_dumps(b.realtime, 0);
    assert_string_equal(left, right);
    free(left);
    free(right);
    derived_release(&a);
    derived_release(&b);
    arena_release(&job);
}

/* A table without any TIMESTAMP takes its time from the commit clock. */
static void takes_the_version_as_time(void **state) {
    (void)state;
    struct arena job = {0};
    struct table plain = products;
    plain.column_count = 5;
    struct derived derived = derive(&plain, old, &job);
    assert_at(derived.realtime, "segmentsConfig/timeColumnName", "\"_version\"");
    assert_at(
        derived.schema, "dateTimeFieldSpecs/0",
        "{\"name\":\"_version\",\"dataType\":\"LONG\",\"format\":\"1:MILLISECONDS:EPOCH\",\"granularity\":\"1:MILLISECONDS\"}");
    assert_at(derived.schema, "dimensionFieldSpecs/3/name", "\"_deleted\"");
    derived_release(&derived);
    arena_release(&job);
}

static void keeps_lifetime_rows(void **state) {
    (void)state;
    struct arena job = {0};
    struct error err;
    struct derived a, b;
    struct pinot_target target = target_of(new);
    target.retention_days = 30;
    assert_true(derive_table(&minutes, &target, &job, &a, &err));
    assert_true(derive_table(&products, &target, &job, &b, &err));
    assert_at(a.realtime, "segmentsConfig/retentionTimeValue", "\"30\"");
    assert_at(b.realtime, "segmentsConfig/retentionTimeValue", NULL);
    derived_release(&a);
    derived_release(&b);
    arena_release(&job);
}

static void raises_the_limit_of_declared_text(void **state) {
    (void)state;
    struct arena job = {0};
    struct column columns[7];
    memcpy(columns, product_columns, sizeof columns);
    columns[1].type.length = 2000;
    struct table longer = products;
    longer.columns = columns;
    struct derived derived = derive(&longer, old, &job);
    assert_at(derived.schema, "dimensionFieldSpecs/1/maxLength", "2000");
    derived_release(&derived);
    arena_release(&job);
}

static void refuses_what_pinot_cannot_hold(void **state) {
    (void)state;
    static const enum type_id refused[] = {TYPE_DECIMAL, TYPE_TIMESTAMP_LTZ, TYPE_INTERVAL_MS,
                                           TYPE_ARRAY,   TYPE_MAP,           TYPE_ROW};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct arena job = {0};
        struct error err;
        struct derived derived;
        struct column columns[7];
        memcpy(columns, product_columns, sizeof columns);
        columns[2].type.id = refused[i];
        columns[2].type.key = columns[2].type.element = &product_columns[0].type;
        struct table table = products;
        table.columns = columns;
        struct pinot_target target = target_of(new);
        assert_false(derive_table(&table, &target, &job, &derived, &err));
        assert_string_equal(err.code, "E0603");
        assert_non_null(strstr(err.text, "'views' of 'products'"));
        assert_true(err.help[0] != 0);
        arena_release(&job);
    }
}

static void only_avro_upserts_become_tables(void **state) {
    (void)state;
    struct table table = products;
    assert_true(is_pinot_table(&table));
    table.value_format.format = FORMAT_JSON;
    assert_false(is_pinot_table(&table));
    table = products;
    table.connector = CONNECTOR_KAFKA;
    assert_false(is_pinot_table(&table));
}

static void parses_versions(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool fits;
        struct pinot_version version;
    } versions[] = {
        {"0.11.0-1b4d6b6b0a27422c1552ea1a936ad145056f7033", true, {0, 11, 0}},
        {"1.5.1", true, {1, 5, 1}},
        {"1.6.0-SNAPSHOT-abc", true, {1, 6, 0}},
        {"", false, {0}},
        {"1.5", false, {0}},
        {"1.5.x", false, {0}},
        {"1.5.1.2", false, {0}},
        {"99999.1.1", false, {0}},
        {"latest", false, {0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct pinot_version version;
        assert_int_equal(pinot_version_parse(str_of(versions[i].text), &version), versions[i].fits);
        if (versions[i].fits) assert_memory_equal(&version, &versions[i].version, sizeof version);
    }
    struct error err;
    assert_true(pinot_version_supported(old, &err));
    assert_false(pinot_version_supported((struct pinot_version){0, 10, 3}, &err));
    assert_string_equal(err.code, "E0602");
}

static void features_stand_in_order(void **state) {
    (void)state;
    for (int f = 0; f < FEATURE_COUNT; f++) {
        const struct pinot_feature_row *row = pinot_feature_row((enum pinot_feature)f);
        assert_true(row->text[0] != 0);
        assert_false(pinot_has(old, (enum pinot_feature)f));
        assert_true(pinot_has(PINOT_NEWEST, (enum pinot_feature)f));
        if (f > 0)
            assert_false(pinot_version_less(row->first,
                                            pinot_feature_row((enum pinot_feature)(f - 1))->first));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_for_both_versions),
        cmocka_unit_test(puts_the_avro_schema_into_the_table),
        cmocka_unit_test(is_the_same_each_time),
        cmocka_unit_test(takes_the_version_as_time),
        cmocka_unit_test(keeps_lifetime_rows),
        cmocka_unit_test(raises_the_limit_of_declared_text),
        cmocka_unit_test(refuses_what_pinot_cannot_hold),
        cmocka_unit_test(only_avro_upserts_become_tables),
        cmocka_unit_test(parses_versions),
        cmocka_unit_test(features_stand_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
