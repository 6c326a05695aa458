/* SPDX-License-Identifier: Apache-2.0 */
/* The committed configurations of the shipped pipelines are what the code derives. After a wanted
 * change: DECANT_UPDATE=1 and run this test once, then look at the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/file.h"
#include "pinot/deploy.h"

static const char *const jobs[] = {"shop"};

enum { FILE_BYTES_MAX = 1 << 20, ERRORS_MAX = 20 };

static struct plan *read_plan(const char *name, struct arena *job) {
    struct str path = arena_printf(job, "%s/pipelines/%s.sql", SOURCE_DIR, name), text;
    struct error err;
    struct diagnostics found;
    struct plan *plan;
    assert_true(file_read(path.ptr, FILE_BYTES_MAX, job, &text, &err));
    diagnostics_init(&found, job, ERRORS_MAX);
    assert_true(plan_from_text(path, text, NULL, 0, job, &found, &plan));
    return plan;
}

static void derive_job(const char *name, struct pinot_version version, struct arena *job,
                       struct deployment *out) {
    struct deploy_options *options = ARENA_NEW(job, 1, struct deploy_options);
    struct error err;
    *options = (struct deploy_options){.plan = read_plan(name, job), .version = version};
    assert_true(deploy_read(options, job, out, &err));
    assert_true(out->table_count > 0);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void check_table(const char *name, const struct deploy_table *table, struct arena *job) {
    struct str path = arena_printf(job, "%s/pinot/derived/%s/" STR_FMT ".json", SOURCE_DIR, name,
                                   STR_ARG(table->derived.table->name));
    json_t *document = deploy_document(table);
    char *body = json_dumps(document, JSON_INDENT(2));
    struct str text = arena_printf(job, "%s\n", body), committed;
    struct error err;
    if (getenv("DECANT_UPDATE")) write_file(path.ptr, text.ptr);
    if (!file_read(path.ptr, FILE_BYTES_MAX, job, &committed, &err)) fail_msg("%s", err.text);
    assert_string_equal(committed.ptr, text.ptr);
    free(body);
    json_decref(document);
}

static void committed_files_are_derived(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        struct arena job = {0};
        struct deployment deployment;
        derive_job(jobs[i], PINOT_NEWEST, &job, &deployment);
        for (uint32_t t = 0; t < deployment.table_count; t++)
            check_table(jobs[i], &deployment.tables[t], &job);
        deploy_release(&deployment);
        arena_release(&job);
    }
}

/* Between the two ends only what features.def lists differs; columns and keys never do. */
static void columns_are_the_same_for_the_oldest_version(void **state) {
    (void)state;
    struct arena job = {0};
    struct deployment older, newer;
    derive_job("shop", (struct pinot_version){0, 11, 0}, &job, &older);
    derive_job("shop", PINOT_NEWEST, &job, &newer);
    assert_int_equal(older.table_count, newer.table_count);
    for (uint32_t i = 0; i < older.table_count; i++) {
        struct differences found;
        compare_schema(newer.tables[i].derived.schema, older.tables[i].derived.schema, &job,
                       &found);
        assert_int_equal(found.count, 0);
        assert_true(str_eq(older.tables[i].derived.avro, newer.tables[i].derived.avro));
    }
    deploy_release(&older);
    deploy_release(&newer);
    arena_release(&job);
}

static void names_every_topic_once(void **state) {
    (void)state;
    struct arena job = {0};
    struct deployment shop;
    derive_job("shop", PINOT_NEWEST, &job, &shop);
    static const char *const topics[] = {"raw-events",        "active_users_per_minute",
                                         "product_analytics", "user_session_analytics",
                                         "category_minute",   "raw-events.dead-letter"};
    assert_int_equal(shop.topic_count, ARRAY_LEN(topics));
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        assert_true(str_eq(shop.topics[i].name, str_of(topics[i])));
        assert_int_equal(shop.topics[i].partitions, PARTITIONS_DEFAULT);
        assert_int_equal(shop.topics[i].compact, i >= 1 && i <= 4);
    }
    assert_int_equal(shop.count[DEPLOY_CREATE], shop.item_count);
    deploy_release(&shop);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_files_are_derived),
        cmocka_unit_test(columns_are_the_same_for_the_oldest_version),
        cmocka_unit_test(names_every_topic_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
