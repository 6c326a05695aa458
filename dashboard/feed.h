/* SPDX-License-Identifier: Apache-2.0 */
/* One board's data, kept fresh for all its viewers.
 *
 *   viewer ──range, params──► cells: one per panel ◄──shared── other viewers
 *                               │ once per tick
 *                               ▼
 *                             broker            one query per cell and tick, however many viewers
 *
 * A cell is a panel under the values that its SQL mentions: a panel without {from} and {to} has one
 * cell for all ranges. Its time range ends at the server's tick, not at the viewer's clock.
 *
 * Events sent to a stream (data is JSON):
 *   hello  {version, board_hash, now, range, params, streams}   first
 *   board  the board file                                       second
 *   panel  state and rows of a panel, after a change and on (re)connection
 *   same   state alone, while rows stay the same or the last query failed
 *   beat   {now}, every 5 s
 *   bye    {reason}, last: "restart", "slow"
 * State: id, version, as_of, answered, from, to, took_ms, scanned, cause, flags, latest, error. */
#ifndef DASHBOARD_FEED_H
#define DASHBOARD_FEED_H

#include "common/http_server.h"
#include "dashboard/board.h"
#include "dashboard/broker.h"
#include "dashboard/processors.h"

struct feed;

struct feed *feed_new(const struct board *board, struct broker *broker,
                      const struct processors *processors);
/* Streams are closed with "bye"; call it before http_server_free and after http_multi_free. */
void feed_free(struct feed *feed);

/* Answers a stream request: parameters `range` and those of the board. 400 for a value that does
 * not fit, 503 when too many different views are open. */
void feed_join(struct feed *feed, struct http_exchange *exchange);

/* Asks for every cell that has a viewer. Call every board->tick_ms. */
void feed_tick(struct feed *feed);
void feed_beat(struct feed *feed);
/* Tells every viewer the reason and closes their streams. */
void feed_bye(struct feed *feed, const char *reason);

struct feed_counts {
    uint64_t events_sent, events_skipped, streams_dropped;
    uint32_t viewers, cells;
};
struct feed_counts feed_count(const struct feed *feed);

/* Why data are older than the board's slo; pure, for tests. All times epoch ms, 0 = unknown.
 *   pinot_ms  how far Pinot is known to have come */
struct freshness {
    int64_t as_of_ms;
    const char *cause; /* NULL while as_of is within the slo */
};
struct freshness feed_freshness(int64_t now_ms, int64_t slo_ms, int64_t answered_ms,
                                int64_t pinot_ms, enum broker_failure failure,
                                const struct processors_state *processors);

#endif
