/* SPDX-License-Identifier: Apache-2.0 */
/* Watches the operations endpoints of running processors (GET /status.json, once per second): how
 * far event time has come, and how much is still to be read. Freshness and its cause come from it.
 *
 * Read fields, all optional, at the top of the document:
 *   watermark_ms  epoch; the least over all partitions
 *   lag_records   records in the topics that were not yet read */
#ifndef DASHBOARD_PROCESSORS_H
#define DASHBOARD_PROCESSORS_H

#include "common/http_client.h"

struct processors;

/* `urls` like "http://127.0.0.1:9464"; copied. `multi` is borrowed. */
struct processors *processors_new(const char *const *urls, size_t count, struct http_multi *multi);
void processors_free(struct processors *processors);

/* Asks each one that does not owe an answer. */
void processors_poll(struct processors *processors);

struct processors_state {
    size_t watched, reachable; /* reachable: answered within the last 5 s */
    int64_t watermark_ms;      /* the least of all; 0 unknown */
    int64_t lag_records;       /* sum; -1 unknown */
};
struct processors_state processors_state(const struct processors *processors);

#endif
