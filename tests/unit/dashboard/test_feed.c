/* SPDX-License-Identifier: Apache-2.0 */
/* How old data are, and whose fault it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dashboard/feed.h"

enum { NOW = 1000000, SLO = 10000 };

static const struct {
    const char *name;
    int64_t answered_ms, pinot_ms;
    enum broker_failure failure;
    struct processors_state processors;
    int64_t as_of_ms;
    const char *cause;
} cases[] = {
    {"all fresh", NOW, NOW - 1000, BROKER_OK, {.lag_records = -1}, NOW - 1000, NULL},
    {"Pinot's figure unknown", NOW, 0, BROKER_OK, {.lag_records = -1}, NOW, NULL},
    {"watermark holds", NOW, NOW, BROKER_OK, {1, 1, NOW - 6000, 0}, NOW - 6000, NULL},
    {"broker gone",
     NOW - 60000,
     NOW - 60000,
     BROKER_UNREACHABLE,
     {.lag_records = -1},
     NOW - 60000,
     "broker unreachable"},
    {"query wrong",
     NOW - 60000,
     0,
     BROKER_REFUSED,
     {.lag_records = -1},
     NOW - 60000,
     "query failed"},
    {"processor gone",
     NOW,
     NOW - 60000,
     BROKER_OK,
     {.watched = 1, .lag_records = -1},
     NOW - 60000,
     "processor not reachable"},
    {"Pinot behind",
     NOW,
     NOW - 60000,
     BROKER_OK,
     {1, 1, NOW - 5000, 0},
     NOW - 60000,
     "Pinot behind"},
    {"processor behind",
     NOW,
     NOW - 60000,
     BROKER_OK,
     {1, 1, NOW - 60000, 5000},
     NOW - 60000,
     "processor behind"},
    {"source quiet",
     NOW,
     NOW - 60000,
     BROKER_OK,
     {1, 1, NOW - 60000, 0},
     NOW - 60000,
     "source quiet"},
    {"nothing watched",
     NOW,
     NOW - 60000,
     BROKER_OK,
     {.lag_records = -1},
     NOW - 60000,
     "no new data reaches Pinot"},
    {"just within", NOW, NOW - SLO, BROKER_OK, {.lag_records = -1}, NOW - SLO, NULL},
    {"just beyond",
     NOW,
     NOW - SLO - 1,
     BROKER_OK,
     {.lag_records = -1},
     NOW - SLO - 1,
     "no new data reaches Pinot"},
};

static void test_freshness(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct freshness f = feed_freshness(NOW, SLO, cases[i].answered_ms, cases[i].pinot_ms,
                                            cases[i].failure, &cases[i].processors);
        bool same = f.cause == cases[i].cause ||
                    (f.cause && cases[i].cause && strcmp(f.cause, cases[i].cause) == 0);
        if (f.as_of_ms != cases[i].as_of_ms || !same)
            fail_msg("%s: as of %lld, cause %s", cases[i].name, (long long)f.as_of_ms,
                     f.cause ? f.cause : "none");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_freshness)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
