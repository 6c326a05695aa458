/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a Pinot broker, without blocking, and reads its answers.
 *
 * A broker says HTTP 200 also for queries that failed, so `exceptions` is looked at first. After
 * FAILURES_MAX transport failures in a row the circuit opens: nothing is asked for 10 s, then one
 * query probes.
 *
 * Null handling (SET enableNullHandling) is not asked for: Pinot 0.11 takes the option, and then SUM
 * fails over consuming segments ("getDoubleResult not supported for class
 * ObjectAggregationResultHolder"). Boards select columns that are never NULL, and group their sums,
 * so that no row comes back where there is nothing to sum. */
#ifndef DASHBOARD_BROKER_H
#define DASHBOARD_BROKER_H

#include "common/http_client.h"
#include "common/json.h"

enum broker_failure {
    BROKER_OK,
    BROKER_UNREACHABLE, /* no answer, or one that says that servers are missing: old data stays */
    BROKER_NO_TABLE,    /* the table was not created yet */
    BROKER_REFUSED,     /* the query is wrong for this Pinot */
};

struct broker_answer {
    enum broker_failure failure;
    char text[400];               /* why; empty when BROKER_OK */
    const json_t *columns, *rows; /* arrays; borrowed for the callback, NULL unless BROKER_OK */
    int64_t took_ms, scanned;     /* Pinot's own time; rows scanned */
    int64_t fresh_ms;             /* minConsumingFreshnessTimeMs, epoch; 0 unknown */
    int64_t servers_queried, servers_responded;
    bool partial, group_limit;
};

typedef void broker_done(void *context, const struct broker_answer *answer);

struct broker;
/* `url` like "http://localhost:8099"; copied. `multi` is borrowed as long as the broker lives. */
struct broker *broker_new(const char *url, struct http_multi *multi);
/* Callbacks of running queries do not come any more; free the multi handle first. */
void broker_free(struct broker *broker);

/* Sends one statement. `done` is called exactly once, later; with an open circuit it is not called
 * and false is returned. */
bool broker_ask(struct broker *broker, struct str sql, broker_done *done, void *context);

/* Why the circuit is open: the last failure; empty while it is closed. */
struct str broker_trouble(const struct broker *broker);

struct broker_counts {
    uint64_t queries, failures; /* failures: of transport and of queries */
    int64_t took_total_ms;      /* wall time from sending to answer */
};
struct broker_counts broker_count(const struct broker *broker);

/* Pure part: reads an answer. *root keeps columns and rows alive: json_decref. */
void broker_read(int status, struct str body, struct broker_answer *answer, json_t **root);

#endif
