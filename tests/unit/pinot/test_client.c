/* SPDX-License-Identifier: Apache-2.0 */
/* Pinot's answers as recorded from 0.11.0 and as the sources of 1.5.1 write them, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "canned.h"
#include "pinot/client.h"

static struct canned server;
static struct pinot pinot;

static int start(void **state) {
    (void)state;
    if (!canned_start(&server)) return -1;
    pinot_open(&pinot, server.address, server.address);
    return 0;
}

static int stop(void **state) {
    (void)state;
    pinot_close(&pinot);
    canned_stop(&server);
    return 0;
}

static void reads_the_version(void **state) {
    (void)state;
    struct pinot_version version;
    struct error err;
    canned_set(&server, 0, "GET /version", 200,
               "{\"pinot-core\":\"9.9.9\",\"pinot-spi\":\"0.11.0-1b4d6b6b\"}");
    assert_true(pinot_version(&pinot, 0, &version, &err));
    assert_true(version.major == 0 && version.minor == 11 && version.patch == 0);
    static const char *const strange[] = {"{}", "OK", "{\"pinot-spi\":\"new\"}", "[1]"};
    for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
        canned_set(&server, 0, "GET /version", 200, strange[i]);
        assert_false(pinot_version(&pinot, 0, &version, &err));
        assert_string_equal(err.code, "E0605");
    }
}

static void names_what_cannot_be_reached(void **state) {
    (void)state;
    struct pinot nobody;
    struct pinot_version version;
    struct error err;
    json_t *answer;
    const json_t *rows;
    int status;
    pinot_open(&nobody, "http://127.0.0.1:1", "http://127.0.0.1:1");
    assert_false(pinot_version(&nobody, 0, &version, &err));
    assert_string_equal(err.code, "E0601");
    assert_string_equal(err.place, "http://127.0.0.1:1");
    assert_non_null(strstr(err.evidence, "refused"));
    assert_false(pinot_request(&nobody, "GET", "/x", NULL, &status, &answer, NULL, &err));
    assert_string_equal(err.code, "E0601");
    assert_false(pinot_query(&nobody, STR("SELECT 1"), 1000, &answer, &rows, &err));
    assert_string_equal(err.code, "E0601");
    assert_non_null(strstr(err.text, "broker"));
    pinot_close(&nobody);
}

static void takes_the_first_line_of_a_failure(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *body, *message;
    } rows[] = {
        {400, "{\"code\":400,\"error\":\"Invalid TableConfigs. No key\\n\\tat org.apache\"}",
         "Invalid TableConfigs. No key"},
        {500, "<html>broken</html>\nmore", "<html>broken</html>"},
        {500, "", ""},
        {200, "{\"status\":\"done\"}", ""},
    };
    struct buf message;
    buf_init(&message, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status;
        json_t *answer;
        struct error err;
        json_t *body = json_pack("{s:s}", "tableName", "t");
        canned_set(&server, 0, "POST /tables", rows[i].status, rows[i].body);
        assert_true(
            pinot_request(&pinot, "POST", "/tables", body, &status, &answer, &message, &err));
        assert_int_equal(status, rows[i].status);
        assert_string_equal(buf_c_string(&message), rows[i].message);
        assert_non_null(strstr(server.last, "\r\n\r\n{\"tableName\":\"t\"}"));
        json_decref(answer);
        json_decref(body);
    }
    buf_release(&message);
}

static void returns_rows(void **state) {
    (void)state;
    json_t *answer;
    const json_t *rows;
    struct error err;
    canned_set(
        &server, 0, "POST /query/sql", 200,
        "{\"resultTable\":{\"dataSchema\":{},\"rows\":[[\"a\",9007199254740993]]},\"exceptions\":[],\"numServersQueried\":1,\"numServersResponded\":1}");
    assert_true(pinot_query(&pinot, STR("SELECT \"k\", 1 FROM t"), 2000, &answer, &rows, &err));
    assert_true(json_integer_value(json_array_get(json_array_get(rows, 0), 1)) == 9007199254740993);
    assert_non_null(
        strstr(server.last,
               "{\"sql\":\"SELECT \\\"k\\\", 1 FROM t\",\"queryOptions\":\"timeoutMs=2000\"}"));
    json_decref(answer);
}

/* The broker says 200 for all of these. */
static void refuses_failed_and_partial_answers(void **state) {
    (void)state;
    static const struct {
        const char *body, *code, *text;
    } rows[] = {
        {"{\"exceptions\":[{\"errorCode\":190,\"message\":\"TableDoesNotExistError\\nmore\"}]}",
         "E0614", "TableDoesNotExistError (code 190)"},
        {"{\"resultTable\":{\"rows\":[[1]]},\"exceptions\":[{\"errorCode\":427,\"message\":\"1 servers not responded\"}]}",
         "E0614", "427"},
        {"{\"resultTable\":{\"rows\":[[1]]},\"exceptions\":[],\"partialResult\":true}", "E0614",
         "partially"},
        {"{\"resultTable\":{\"rows\":[[1]]},\"exceptions\":[],\"numServersQueried\":2,\"numServersResponded\":1}",
         "E0614", "1 of 2"},
        {"{\"exceptions\":[]}", "E0605", "rows"},
        {"not json", "E0605", "rows"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *answer;
        const json_t *found;
        struct error err;
        canned_set(&server, 0, "POST /query/sql", 200, rows[i].body);
        assert_false(pinot_query(&pinot, STR("SELECT 1"), 2000, &answer, &found, &err));
        assert_string_equal(err.code, rows[i].code);
        assert_non_null(strstr(err.text, rows[i].text));
    }
}

#define OLD_ENTRY(p, offset)                                                                                                   \
    "[{\"serverName\":\"Server_1\",\"consumerState\":\"CONSUMING\",\"lastConsumedTimestamp\":1,\"partitionToOffsetMap\":{\"" p \
    "\":\"" offset "\"}}]"
#define NEW_ENTRY(p, state, offset)                                                                \
    "{\"serverName\":\"Server_1\",\"consumerState\":\"" state                                      \
    "\",\"partitionOffsetInfo\":{\"currentOffsetsMap\":{\"" p "\":\"" offset                       \
    "\"},\"latestUpstreamOffsetMap\":{\"" p "\":\"99\"}}}"

static void reads_consumed_offsets(void **state) {
    (void)state;
    static const struct {
        const char *what, *body;
        int64_t offsets[3];
    } rows[] = {
        {"0.11",
         "{\"_segmentToConsumingInfoMap\":{\"t__0__0__20260101T1000Z\":" OLD_ENTRY(
             "0", "12") ",\"t__2__7__20260101T1000Z\":" OLD_ENTRY("2", "0") "}}",
         {12, -1, 0}},
        {"1.5, least of two replicas",
         "{\"serversFailingToRespond\":0,\"_segmentToConsumingInfoMap\":{\"t__1__0__X\":[" NEW_ENTRY(
             "1", "CONSUMING", "9") "," NEW_ENTRY("1", "CONSUMING", "7") "]}}",
         {-1, 7, -1}},
        {"not consuming",
         "{\"_segmentToConsumingInfoMap\":{\"t__0__0__X\":[" NEW_ENTRY("0", "NOT_CONSUMING",
                                                                       "9") "]}}",
         {-1, -1, -1}},
        {"never started",
         "{\"_segmentToConsumingInfoMap\":{\"t__0__0__X\":[],\"t__1__0__X\":[]}}",
         {-1, -1, -1}},
        {"unknown",
         "{\"_segmentToConsumingInfoMap\":{\"t__0__0__X\":[" NEW_ENTRY("0", "CONSUMING",
                                                                       "UNKNOWN") "]}}",
         {-1, -1, -1}},
        {"a silent server",
         "{\"serversFailingToRespond\":1,\"_segmentToConsumingInfoMap\":{\"t__0__0__X\":[" NEW_ENTRY(
             "0", "CONSUMING", "9") "]}}",
         {-1, -1, -1}},
        {"other names",
         "{\"_segmentToConsumingInfoMap\":{\"t2__0__0__X\":[" NEW_ENTRY(
             "0", "CONSUMING", "9") "],\"t__9__0__X\":[],\"t__x\":[]}}",
         {-1, -1, -1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t offsets[3];
        struct error err;
        canned_set(&server, 0, "GET /tables/t/consumingSegmentsInfo", 200, rows[i].body);
        assert_true(pinot_consumed(&pinot, STR("t"), offsets, 3, &err));
        for (int p = 0; p < 3; p++)
            if (offsets[p] != rows[i].offsets[p])
                fail_msg("%s: partition %d has %lld", rows[i].what, p, (long long)offsets[p]);
    }
}

static void says_which_partition_is_behind(void **state) {
    (void)state;
    struct error err;
    int64_t want[] = {12, 0};
    canned_set(&server, 0, "GET /tables/t/consumingSegmentsInfo", 200,
               "{\"_segmentToConsumingInfoMap\":{\"t__0__0__X\":" OLD_ENTRY(
                   "0", "12") ",\"t__1__0__X\":" OLD_ENTRY("1", "5") "}}");
    assert_true(pinot_wait_consumed(&pinot, STR("t"), NULL, 2, 0, &err));
    assert_true(pinot_wait_consumed(&pinot, STR("t"), want, 2, 0, &err));
    want[1] = 6;
    assert_false(pinot_wait_consumed(&pinot, STR("t"), want, 2, 0, &err));
    assert_string_equal(err.code, "E0611");
    assert_non_null(strstr(err.text, "partition 1 of 't' has consumed up to offset 5 of 6"));
    assert_false(pinot_wait_consumed(&pinot, STR("t"), NULL, 3, 0, &err));
    assert_non_null(strstr(err.text, "partition 2 of 't' does not consume"));
    assert_false(pinot_wait_consumed(&pinot, STR("missing"), NULL, 1, 0, &err));
    assert_string_equal(err.code, "E0615");
    assert_int_equal(err.kind, ERROR_STOP); /* not waited for */
    assert_non_null(strstr(err.evidence, "nothing here"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_version),
        cmocka_unit_test(names_what_cannot_be_reached),
        cmocka_unit_test(takes_the_first_line_of_a_failure),
        cmocka_unit_test(returns_rows),
        cmocka_unit_test(refuses_failed_and_partial_answers),
        cmocka_unit_test(reads_consumed_offsets),
        cmocka_unit_test(says_which_partition_is_behind),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
