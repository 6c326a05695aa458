/* SPDX-License-Identifier: Apache-2.0 */
/* Pinot's REST interface as Decant uses it: controller (schemas, tables, consumption) and broker
 * (SQL). Knows no SQL files and no plans. Answers are bounded, every call has a time limit, and the
 * broker's `exceptions` are looked at before its rows: it answers HTTP 200 for failed queries. */
#ifndef PINOT_CLIENT_H
#define PINOT_CLIENT_H

#include "common/http_client.h"
#include "common/json.h"

struct pinot_version {
    int major, minor, patch;
};

struct pinot {
    struct http_client *http;
    const char *controller; /* "http://localhost:9000", without a slash at the end */
    const char *broker;     /* "http://localhost:8099"; NULL where only the controller is needed */
    uint32_t timeout_ms;    /* of one controller request; 30 s after pinot_open */
};

/* Both borrow the addresses. */
void pinot_open(struct pinot *pinot, const char *controller, const char *broker);
void pinot_close(struct pinot *pinot);

/* GET /version: the version of pinot-spi. E0601 when the controller cannot be reached (address,
 * cause, next step), waiting up to wait_ms for it; E0605 when something else answers. */
bool pinot_version(struct pinot *pinot, int64_t wait_ms, struct pinot_version *out,
                   struct error *err) MUST_CHECK;

/* One controller request.
 *   body     sent as JSON; NULL: none
 *   answer   owned by the caller, who decrefs it; NULL when the body is no JSON
 *   message  cleared, then the first line of Pinot's own text of a failure; may be NULL
 * *status and *answer are written for any HTTP status; err only for transport errors (E0601). */
bool pinot_request(struct pinot *pinot, const char *method, const char *path, const json_t *body,
                   int *status, json_t **answer, struct buf *message, struct error *err) MUST_CHECK;

/* Runs a query; *rows are the rows of the broker's resultTable, borrowed from *answer, which the
 * caller decrefs. E0614 with Pinot's error code and first line when the query failed or was
 * answered partially; E0601 when the broker cannot be reached; E0605 when it is no broker. */
bool pinot_query(struct pinot *pinot, struct str sql, int64_t timeout_ms, json_t **answer,
                 const json_t **rows, struct error *err) MUST_CHECK;

/* Consumed offsets of a table's partitions (the next offset that Pinot will read), from
 * consumingSegmentsInfo in either version's form; -1 for a partition that is not consuming, and for
 * all while a server does not answer. E0615 when the table is unknown. */
bool pinot_consumed(struct pinot *pinot, struct str table, int64_t *offsets, uint32_t partitions,
                    struct error *err) MUST_CHECK;
/* Waits until every partition is consuming and has read up to `offsets` (NULL: only until it
 * consumes). E0611 names the partition that is behind. */
bool pinot_wait_consumed(struct pinot *pinot, struct str table, const int64_t *offsets,
                         uint32_t partitions, int64_t wait_ms, struct error *err) MUST_CHECK;

#endif
