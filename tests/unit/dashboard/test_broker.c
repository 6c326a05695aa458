/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a broker: HTTP 200 says nothing, `exceptions` is looked at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dashboard/broker.h"

#define TABLE "\"resultTable\":{\"dataSchema\":{\"columnNames\":[\"a\"]},\"rows\":[[1]]}"
#define FAILED(code, text) "{\"exceptions\":[{\"errorCode\":" code ",\"message\":\"" text "\"}]"

static const struct {
    const char *name;
    int status;
    const char *body;
    enum broker_failure want;
    const char *text;
} cases[] = {
    {"good", 200, "{" TABLE ",\"exceptions\":[]}", BROKER_OK, ""},
    {"no exceptions member", 200, "{" TABLE "}", BROKER_OK, ""},
    {"no table", 200, FAILED("190", "TableDoesNotExistError") "}", BROKER_NO_TABLE,
     "TableDoesNotExist"},
    {"not served yet", 200, FAILED("410", "BrokerResourceMissingError") "}", BROKER_NO_TABLE,
     "Resource"},
    {"segments missing", 200, FAILED("305", "unavailable") "}", BROKER_UNREACHABLE, "unavailable"},
    {"server silent", 200, FAILED("427", "server not responding") "," TABLE "}", BROKER_UNREACHABLE,
     "not responding"},
    {"some servers silent", 200,
     FAILED("427", "x") "," TABLE ",\"numServersQueried\":3,\"numServersResponded\":2}", BROKER_OK,
     ""},
    {"all servers silent", 200,
     FAILED("427", "x") "," TABLE ",\"numServersQueried\":3,\"numServersResponded\":0}",
     BROKER_UNREACHABLE, "x"},
    {"parse error", 200, FAILED("150", "SQLParsingError") "}", BROKER_REFUSED, "SQLParsing"},
    {"unknown column", 200, FAILED("710", "Unknown columnName\\n at stack.Trace") "}",
     BROKER_REFUSED, "Unknown columnName"},
    {"cause on the second line", 200,
     FAILED("200", "QueryExecutionError:\\njava.lang.Cause: why\\n\\tat stack.Trace") "}",
     BROKER_REFUSED, "QueryExecutionError: java.lang.Cause: why"},
    {"no result", 200, "{}", BROKER_REFUSED, "no result table"},
    {"rows are no array", 200, "{\"resultTable\":{\"dataSchema\":{\"columnNames\":[]},\"rows\":7}}",
     BROKER_REFUSED, "no result"},
    {"not JSON", 200, "<html>", BROKER_UNREACHABLE, "not valid JSON"},
    {"proxy", 502, "bad gateway", BROKER_UNREACHABLE, "502"},
};

static void test_answers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct broker_answer answer;
        json_t *root;
        broker_read(cases[i].status, str_of(cases[i].body), &answer, &root);
        bool rows = answer.rows != NULL && answer.columns != NULL;
        if (answer.failure != cases[i].want || rows != (cases[i].want == BROKER_OK) ||
            !strstr(answer.text, cases[i].text) || strstr(answer.text, "stack.Trace"))
            fail_msg("%s: failure %d, '%s'", cases[i].name, (int)answer.failure, answer.text);
        json_decref(root);
    }
}

static void test_figures(void **state) {
    (void)state;
    struct broker_answer answer;
    json_t *root;
    broker_read(200,
                STR("{" TABLE ",\"numServersQueried\":3,\"numServersResponded\":2,\"timeUsedMs\":4,"
                    "\"numDocsScanned\":50,\"minConsumingFreshnessTimeMs\":1700000000000,"
                    "\"numGroupsLimitReached\":true}"),
                &answer, &root);
    assert_int_equal(answer.took_ms, 4);
    assert_int_equal(answer.scanned, 50);
    assert_true(answer.fresh_ms == INT64_C(1700000000000));
    assert_true(answer.partial);
    assert_true(answer.group_limit);
    json_decref(root);
    broker_read(200, STR("{" TABLE ",\"minConsumingFreshnessTimeMs\":9223372036854775807}"),
                &answer, &root);
    assert_true(answer.fresh_ms == 0); /* nothing consumed yet */
    assert_false(answer.partial);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_figures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
