/* SPDX-License-Identifier: Apache-2.0 */
/* Differences by meaning, and which of them are blocked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pinot/compare.h"

#define STREAM "\"ingestionConfig\":{\"streamIngestionConfig\":{\"streamConfigMaps\":[{"

static const struct {
    const char *what;
    bool schema;
    const char *have, *want;
    const char *text; /* of the first difference; NULL: none */
    bool blocked;
} rows[] = {
    /* clang-format off */
    {"equal", false, "{\"a\":1}", "{\"a\":1}", NULL, false},
    {"defaults that Pinot filled in", false, "{\"a\":1,\"b\":null,\"c\":{\"d\":2}}", "{\"a\":1}", NULL, false},
    {"numbers as text", false, "{\"a\":\"1\",\"b\":true}", "{\"a\":1,\"b\":\"true\"}", NULL, false},
    {"a missing setting", false, "{}", "{\"quota\":\"x\"}", "quota none → x", false},
    {"null is none", false, "{\"quota\":null}", "{\"quota\":\"x\"}", "quota none → x", false},
    {"a list", false, "{\"p\":[\"a\"]}", "{\"p\":[\"a\",\"b\"]}", "p (a) → (a, b)", false},
    {"retention", false, "{\"segmentsConfig\":{\"retentionTimeValue\":\"7\"}}", "{\"segmentsConfig\":{\"retentionTimeValue\":\"30\"}}", "segmentsConfig/retentionTimeValue 7 → 30", false},
    {"mode", false, "{\"upsertConfig\":{\"mode\":\"NONE\"}}", "{\"upsertConfig\":{\"mode\":\"FULL\"}}", "upsertConfig/mode NONE → FULL", true},
    {"no upsert at all", false, "{\"upsertConfig\":null}", "{\"upsertConfig\":{\"mode\":\"FULL\"}}", "upsertConfig/mode none → FULL", true},
    {"comparison", false, "{\"upsertConfig\":{\"comparisonColumns\":[\"ts\"]}}", "{\"upsertConfig\":{\"comparisonColumns\":[\"_version\"]}}", "upsertConfig/comparisonColumns (ts) → (_version)", true},
    {"partitions", false, "{\"tableIndexConfig\":{\"segmentPartitionConfig\":{\"columnPartitionMap\":{\"k\":{\"numPartitions\":4}}}}}", "{\"tableIndexConfig\":{\"segmentPartitionConfig\":{\"columnPartitionMap\":{\"k\":{\"numPartitions\":8}}}}}", "tableIndexConfig/segmentPartitionConfig/columnPartitionMap/k/numPartitions 4 → 8", true},
    {"another topic", false, "{" STREAM "\"stream.kafka.topic.name\":\"a\"}]}}}", "{" STREAM "\"stream.kafka.topic.name\":\"b\"}]}}}", "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.topic.name a → b", true},
    {"another address", false, "{" STREAM "\"stream.kafka.broker.list\":\"a:1\"}]}}}", "{" STREAM "\"stream.kafka.broker.list\":\"b:1\"}]}}}", "ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.broker.list a:1 → b:1", false},
    {"avro with blanks", false, "{" STREAM "\"stream.kafka.decoder.prop.schema\":\"{ \\\"name\\\":\\\"r\\\", \\\"type\\\": \\\"record\\\" }\"}]}}}", "{" STREAM "\"stream.kafka.decoder.prop.schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"r\\\"}\"}]}}}", NULL, false},
    {"avro columns", false, "{" STREAM "\"stream.kafka.decoder.prop.schema\":\"{\\\"name\\\":\\\"r\\\"}\"}]}}}", "{" STREAM "\"stream.kafka.decoder.prop.schema\":\"{\\\"name\\\":\\\"s\\\"}\"}]}}}", "columns of the Avro schema", true},
    {"same schema, another order", true, "{\"primaryKeyColumns\":[\"k\"],\"dimensionFieldSpecs\":[{\"name\":\"b\",\"dataType\":\"STRING\",\"maxLength\":512},{\"name\":\"k\",\"dataType\":\"STRING\"}]}", "{\"primaryKeyColumns\":[\"k\"],\"dimensionFieldSpecs\":[{\"name\":\"k\",\"dataType\":\"STRING\"},{\"name\":\"b\",\"dataType\":\"STRING\"}]}", NULL, false},
    {"key", true, "{\"primaryKeyColumns\":[\"a\",\"b\"]}", "{\"primaryKeyColumns\":[\"a\"]}", "key (a, b) → (a)", true},
    {"key order", true, "{\"primaryKeyColumns\":[\"a\",\"b\"]}", "{\"primaryKeyColumns\":[\"b\",\"a\"]}", "key (a, b) → (b, a)", true},
    {"column added", true, "{}", "{\"metricFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"LONG\"}]}", "column n added", true},
    {"column dropped", true, "{\"metricFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"LONG\"}]}", "{}", "column n dropped", true},
    {"column retyped", true, "{\"metricFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"LONG\"}]}", "{\"metricFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"DOUBLE\"}]}", "column n LONG → DOUBLE", true},
    {"column of another kind", true, "{\"dimensionFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"LONG\"}]}", "{\"metricFieldSpecs\":[{\"name\":\"n\",\"dataType\":\"LONG\"}]}", "column n dimensionFieldSpecs → metricFieldSpecs", true},
    {"longer text", true, "{\"dimensionFieldSpecs\":[{\"name\":\"s\",\"dataType\":\"STRING\",\"maxLength\":512}]}", "{\"dimensionFieldSpecs\":[{\"name\":\"s\",\"dataType\":\"STRING\",\"maxLength\":2000}]}", "column s/maxLength 512 → 2000", false},
    {"null handling", true, "{}", "{\"enableColumnBasedNullHandling\":true}", "null handling by column", false},
    /* clang-format on */
};

static json_t *parse(const char *text) {
    json_t *json;
    struct error err;
    if (!json_parse(str_of(text), "row", &json, &err)) fail_msg("%s: %s", text, err.text);
    return json;
}

static void finds_differences(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena job = {0};
        struct differences found;
        json_t *have = parse(rows[i].have), *want = parse(rows[i].want);
        if (rows[i].schema)
            compare_schema(have, want, &job, &found);
        else
            compare_table(have, want, &job, &found);
        if (found.count != (rows[i].text != NULL))
            fail_msg("%s: %u differences", rows[i].what, found.count);
        if (rows[i].text) {
            assert_string_equal(found.items[0].text.ptr, rows[i].text);
            if ((found.items[0].why != NULL) != rows[i].blocked || found.blocked != rows[i].blocked)
                fail_msg("%s: blocked is not %d", rows[i].what, rows[i].blocked);
        }
        json_decref(have);
        json_decref(want);
        arena_release(&job);
    }
}

/* What PUT sends keeps what others have set. */
static void overlays(void **state) {
    (void)state;
    json_t *have = parse(
        "{\"a\":{\"x\":1,\"y\":2},\"list\":[{\"k\":1,\"own\":true}],\"names\":[\"p\"],\"other\":5}");
    json_t *want =
        parse("{\"a\":{\"x\":3},\"list\":[{\"k\":2}],\"names\":[\"q\",\"r\"],\"new\":{\"z\":1}}");
    json_t *both = overlay(have, want);
    char *text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(
        text,
        "{\"a\":{\"x\":3,\"y\":2},\"list\":[{\"k\":2,\"own\":true}],\"names\":[\"q\",\"r\"],\"new\":{\"z\":1},\"other\":5}");
    free(text);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(have, "a"), "x")), 1);
    json_decref(both);
    json_decref(have);
    json_decref(want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_differences),
        cmocka_unit_test(overlays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
