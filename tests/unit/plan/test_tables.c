/* SPDX-License-Identifier: Apache-2.0 */
/* The lists behind the binder, and what it makes of CREATE TABLE. */
#include "plan/kafka_properties.h"
#include "script.h"

static void test_kafka_properties(void **state) {
    (void)state;
    for (uint32_t i = 0; i < kafka_property_rule_count; i++) {
        const struct kafka_property_rule *rule = &kafka_property_rules[i];
        if (i)
            assert_true(strcmp(kafka_property_rules[i - 1].name, rule->name) <
                        0); /* sorted, unique */
        assert_true((rule->fate == PROPERTY_PASS) == (rule->detail[0] == 0));
        assert_ptr_equal(kafka_property_find(str_of(rule->name)), rule);
        if (rule->fate == PROPERTY_RENAME && kafka_property_find(str_of(rule->detail)))
            assert_int_equal(kafka_property_find(str_of(rule->detail))->fate, PROPERTY_PASS);
    }
    assert_null(kafka_property_find(STR("sasl.user")));
}

static void test_functions(void **state) {
    (void)state;
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        assert_true(functions[i].name && functions[i].doc[0]);
    for (size_t i = 0; i < AGGREGATE_ID_COUNT; i++)
        assert_true(aggregate_rows[i].name && aggregate_rows[i].doc[0]);
}

/* A source and a sink with everything that can be said about them. */
static const char *const full =
    "CREATE TABLE src (id BIGINT, k STRING, ts_ms BIGINT, o BIGINT METADATA FROM 'offset' VIRTUAL,"
    " at_time AS TO_TIMESTAMP_LTZ(ts_ms, 3), WATERMARK FOR at_time AS at_time - INTERVAL '1' SECOND) WITH ("
    "'connector'='kafka','topic'='in','properties.bootstrap.servers'='a:1,b:2','properties.group.id'='g',"
    "'properties.fetch.max.wait.ms'='7','properties.client.id'='c1','properties.client.id'='c2',"
    "'properties.sasl.jaas.config'='org.x.PlainLoginModule required username=\"u\" password=\"p\";',"
    "'scan.startup.mode'='specific-offsets','scan.startup.specific-offsets'='partition:0,offset:42;partition:3,offset:7',"
    "'scan.bounded.mode'='latest-offset','key.format'='raw','key.fields'='k','value.format'='json',"
    "'value.fields-include'='EXCEPT_KEY','value.json.ignore-parse-errors'='true',"
    "'value.json.timestamp-format.standard'='ISO-8601');"
    "CREATE TABLE dst (id BIGINT, k STRING, n BIGINT, PRIMARY KEY (k, id) NOT ENFORCED) WITH ("
    "'connector'='upsert-kafka','topic'='out','properties.bootstrap.servers'='a:1','key.format'='json','value.format'='json',"
    "'value.json.encode.decimal-as-plain-number'='true');"
    "SET 'table.exec.state.ttl'='1 h';"
    "INSERT INTO dst SELECT id, k, COUNT(*) FROM src WHERE o > 5 GROUP BY id, k;";

static void test_source(void **state) {
    (void)state;
    struct bound b;
    bind_text_of(&b, full);
    assert_non_null(b.plan);
    assert_int_equal(b.plan->scan_count, 1);
    const struct plan_node *scan = b.plan->scans[0];
    const struct table *t = scan->scan.table;
    assert_true(str_eq(t->kafka.topic, STR("in")) &&
                str_eq(t->kafka.bootstrap_servers, STR("a:1,b:2")));
    assert_true(str_eq(t->kafka.group_id, STR("g")) && t->kafka.bounded);
    assert_int_equal(t->kafka.startup, STARTUP_SPECIFIC);
    assert_int_equal(t->kafka.startup_offset_count, 2);
    assert_int_equal(t->kafka.startup_offsets[1].partition, 3);
    assert_int_equal(t->kafka.startup_offsets[1].offset, 7);
    assert_int_equal(t->kafka.property_count,
                     4); /* a repeated key counts once; user and password make two */
    assert_true(str_eq(t->kafka.properties[0].key, STR("fetch.wait.max.ms")));
    assert_true(str_eq(t->kafka.properties[1].value, STR("c2")));
    assert_true(str_eq(t->kafka.properties[2].key, STR("sasl.username")) &&
                str_eq(t->kafka.properties[2].value, STR("u")));
    assert_true(!t->key_fields_in_value && t->key_field_count == 1 && t->key_fields[0] == 1);
    assert_true(t->value_format.ignore_parse_errors && t->value_format.iso_8601 &&
                !t->value_format.fail_on_missing_field);
    assert_int_equal(scan->schema.count, 4); /* id, k, ts_ms, o */
    assert_int_equal(scan->scan.columns[3], 3);
    bound_release(&b);
}

static void test_sink(void **state) {
    (void)state;
    struct bound b;
    bind_text_of(&b, full);
    assert_non_null(b.plan);
    const struct plan_node *sink = b.plan->sinks[0];
    const struct table *t = sink->sink.table;
    assert_int_equal(t->primary_key[0],
                     1); /* the order of the PRIMARY KEY clause, not of the table */
    assert_int_equal(t->primary_key[1], 0);
    assert_false(t->columns[0].type.nullable);
    assert_true(t->value_format.decimal_as_plain);
    assert_int_equal(sink->sink.key_count, 2);
    assert_true(str_eq(sink->schema.columns[sink->sink.key[0]].name, STR("k")));
    assert_true(sink->updating && sink->upsert_key_count == 2);
    for (uint32_t i = 0; i < b.plan->node_count; i++) {
        const struct plan_node *node = b.plan->nodes[i];
        assert_int_equal(node->id, i);
        assert_true(!node->input || node->input->id < i);
    }
    bound_release(&b);
}

/* -X beats SET, wherever SET stands; nonsense is named with its place. */
static void test_overrides(void **state) {
    (void)state;
    struct arena job = {0};
    struct plan_override given[] = {{STR("table.exec.state.ttl"), STR("2 h")},
                                    {STR("src/bootstrap.servers"), STR("c:3")}};
    struct diagnostics found;
    struct plan *plan;
    diagnostics_init(&found, &job, 20);
    assert_true(plan_from_text(STR("x"), str_of(full), given, 2, &job, &found, &plan));
    assert_int_equal(plan->settings.state_ttl_ms, 7200000);
    struct plan_override bad[] = {{STR("decant.commit.intervall"), STR("1 s")},
                                  {STR("decant.commit.interval"), STR("1")}};
    diagnostics_init(&found, &job, 20);
    assert_false(plan_from_text(STR("x"), str_of(full), bad, 2, &job, &found, &plan));
    assert_int_equal(found.errors, 2);
    assert_string_equal(found.items[0].place, "-X decant.commit.intervall");
    assert_string_equal(found.items[0].help, "did you mean decant.commit.interval?");
    assert_string_equal(found.items[1].code, "E0402");
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kafka_properties),
                                       cmocka_unit_test(test_functions),
                                       cmocka_unit_test(test_source), cmocka_unit_test(test_sink),
                                       cmocka_unit_test(test_overrides)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
