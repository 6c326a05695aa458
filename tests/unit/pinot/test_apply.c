/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of apply against a controller that answers as we say. The topics are there already, so
 * Kafka is never asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "canned.h"
#include "pinot/deploy.h"
#include "tables.h"

#define CONSUMING(p)                                                                               \
    "\"products__" p "__0__X\":[{\"consumerState\":\"CONSUMING\",\"partitionToOffsetMap\":{\"" p   \
    "\":\"0\"}}]"

static struct canned server;

/* A deployment of one table whose topic has two partitions. */
struct fixture {
    struct arena job;
    struct pinot pinot;
    struct deploy_options options;
    struct deploy_item items[3];
    struct deploy_topic topic;
    struct deploy_table table;
    struct deployment deployment;
    char steps[1024];
};

static int start(void **state) {
    (void)state;
    if (!canned_start(&server)) return -1;
    canned_set(&server, 0, "POST /tableConfigs/validate", 200, "{\"unrecognizedProperties\":{}}");
    canned_set(&server, 1, "GET /tables/products/consumingSegmentsInfo", 200,
               "{\"_segmentToConsumingInfoMap\":{" CONSUMING("0") "," CONSUMING("1") "}}");
    return 0;
}

static int stop(void **state) {
    (void)state;
    canned_stop(&server);
    return 0;
}

static void setup(struct fixture *f, const char *have_schema, const char *have_table) {
    static const struct kafka_property nowhere = {STR_INIT("bootstrap.servers"),
                                                  STR_INIT("127.0.0.1:1"), "test"};
    struct pinot_target target = {
        .version = {0, 11, 0}, .servers = STR("kafka:1"), .partitions = 2};
    struct error err;
    *f = (struct fixture){.options = {.wait_ms = 1000}};
    pinot_open(&f->pinot, server.address, NULL);
    f->options.pinot = &f->pinot;
    f->topic =
        (struct deploy_topic){.name = STR("products"), .partitions = 2, .item = &f->items[0]};
    assert_true(kafka_client_new(KAFKA_PRODUCER, &nowhere, 1, NULL, &f->topic.client, &err));
    f->table = (struct deploy_table){
        .topic = &f->topic, .schema_item = &f->items[1], .table_item = &f->items[2]};
    f->items[1].mark = have_schema ? DEPLOY_SAME : DEPLOY_CREATE;
    f->items[2].mark = have_table ? DEPLOY_CHANGE : DEPLOY_CREATE;
    if (have_schema)
        assert_true(json_parse(str_of(have_schema), "schema", &f->table.have_schema, &err));
    if (have_table)
        assert_true(json_parse(str_of(have_table), "table", &f->table.have_table, &err));
    assert_true(derive_table(&products, &target, &f->job, &f->table.derived, &err));
    f->deployment = (struct deployment){.options = &f->options,
                                        .topics = &f->topic,
                                        .tables = &f->table,
                                        .items = f->items,
                                        .topic_count = 1,
                                        .table_count = 1,
                                        .item_count = 3};
    server.requests = 0;
}

static void teardown(struct fixture *f) {
    kafka_client_free(f->topic.client);
    deploy_release(&f->deployment);
    pinot_close(&f->pinot);
    arena_release(&f->job);
}

static void note_step(void *self, uint32_t step, uint32_t steps, struct str what) {
    struct fixture *f = self;
    size_t len = strlen(f->steps);
    snprintf(f->steps + len, sizeof f->steps - len, "[%u/%u] " STR_FMT "\n", step, steps,
             STR_ARG(what));
}

static bool run(struct fixture *f, struct error *err) {
    struct deploy_progress progress = {note_step, f};
    return deploy_apply(&f->deployment, &progress, &f->job, err);
}

static void creates_schema_and_table_together(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(&f, NULL, NULL);
    canned_set(&server, 2, "POST /tableConfigs", 200,
               "{\"unrecognizedProperties\":{},\"status\":\"done\"}");
    assert_true(run(&f, &err));
    assert_string_equal(
        f.steps,
        "[1/2] schema and table products   created\n[2/2] consuming products   2 of 2 partitions\n");
    assert_int_equal(server.requests, 3);
    teardown(&f);
}

static void repeats_pinots_words(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(&f, NULL, NULL);
    canned_set(&server, 2, "POST /tableConfigs", 500,
               "{\"code\":500,\"error\":\"Topic does not exist: products\\n\\tat x\"}");
    assert_false(run(&f, &err));
    assert_string_equal(err.code, "E0604");
    assert_non_null(strstr(
        err.evidence, "step 1 of 2   POST /tableConfigs → 500 \"Topic does not exist: products\""));
    assert_non_null(strstr(
        err.evidence, "products has 2 partitions at 127.0.0.1:1; the table tells Pinot kafka:1"));
    assert_non_null(strstr(err.evidence, "0 of 2 steps"));
    assert_non_null(strstr(err.help, "decant.pinot.bootstrap.servers"));
    teardown(&f);
}

/* Pinot says 200 and takes no notice of a misspelt setting. */
static void refuses_settings_that_pinot_ignores(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(&f, NULL, NULL);
    canned_set(&server, 0, "POST /tableConfigs/validate", 200,
               "{\"unrecognizedProperties\":{\"/realtime/upsertConfig/typo\":1}}");
    assert_false(run(&f, &err));
    assert_string_equal(err.code, "E0604");
    assert_non_null(strstr(err.evidence, "/realtime/upsertConfig/typo"));
    assert_int_equal(server.requests, 1);
    canned_set(&server, 0, "POST /tableConfigs/validate", 200, "{\"unrecognizedProperties\":{}}");
    teardown(&f);
}

/* POST /tableConfigs is refused when one of the two is there. */
static void adds_the_table_to_a_schema(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(&f, "{\"schemaName\":\"products\"}", NULL);
    canned_set(&server, 2, "POST /tables", 200, "{\"unrecognizedProperties\":{}}");
    assert_true(run(&f, &err));
    assert_non_null(strstr(f.steps, "changed"));
    teardown(&f);
}

static void keeps_settings_of_others(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(
        &f, "{\"schemaName\":\"products\"}",
        "{\"quota\":{\"storage\":\"1G\"},\"upsertConfig\":{\"mode\":\"FULL\",\"hashFunction\":\"NONE\"}}");
    canned_set(&server, 2, "PUT /tables/products", 400, "{\"error\":\"no\"}");
    assert_false(run(&f, &err));
    assert_non_null(strstr(server.last, "\"quota\":{\"storage\":\"1G\"}"));
    assert_non_null(strstr(
        server.last,
        "\"upsertConfig\":{\"mode\":\"FULL\",\"hashFunction\":\"NONE\",\"comparisonColumn\":\"_version\"}"));
    teardown(&f);
}

static void writes_nothing_while_anything_is_blocked(void **state) {
    (void)state;
    struct fixture f;
    struct error err;
    setup(&f, NULL, NULL);
    f.items[2] = (struct deploy_item){.mark = DEPLOY_BLOCKED,
                                      .name = STR("products_REALTIME"),
                                      .detail = STR("key (a) → (b)"),
                                      .remark = STR("blocked: why")};
    f.deployment.count[DEPLOY_BLOCKED] = 1;
    assert_false(run(&f, &err));
    assert_string_equal(err.code, "E0616");
    assert_string_equal(err.evidence, "products_REALTIME: key (a) → (b); blocked: why");
    assert_int_equal(server.requests, 0);
    teardown(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creates_schema_and_table_together),
        cmocka_unit_test(repeats_pinots_words),
        cmocka_unit_test(refuses_settings_that_pinot_ignores),
        cmocka_unit_test(adds_the_table_to_a_schema),
        cmocka_unit_test(keeps_settings_of_others),
        cmocka_unit_test(writes_nothing_while_anything_is_blocked),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
