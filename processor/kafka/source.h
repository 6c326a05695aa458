/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one scan's topic: every partition has a queue of its own, drained in turn, so that partitions
 * advance together and a batch comes from one partition. Offsets are assigned, never balanced by a group;
 * they are committed to the group for lag tools and for `verify`. */
#ifndef KAFKA_SOURCE_H
#define KAFKA_SOURCE_H

#include "decode/decode.h"
#include "kafka/settings.h"
#include "task/task.h"

struct source;

/* What a drained record goes to; false stops the drain. */
typedef bool source_sink(void *self, uint32_t partition, const struct record *record,
                         struct error *err);

struct source_options {
    const struct table *table; /* its topic and start options */
    struct kafka_settings settings;
    bool bounded;         /* stop at the end offsets as of the start */
    bool earliest;        /* from the beginning, whatever the table says */
    const int64_t *stops; /* bounded: stop before these offsets instead; [partition], may be NULL */
    int64_t wait_ms;      /* for Kafka and the topic at the start */
    int wake_fd;          /* gets a byte when a queue fills up after having been empty; -1: none */
};

/* Connects, finds partitions and start offsets (E0501, E0502, E0504, E0505) and begins to fetch. */
bool source_open(const struct source_options *options, struct source **out,
                 struct error *err) MUST_CHECK;
void source_close(struct source *source);

uint32_t source_partitions(const struct source *source);

/* Hands over at most max_records that are there already; *drained counts them. Errors: what the sink
 * reports, or E0505 when the partition cannot be read any further. */
bool source_drain(struct source *source, uint32_t partition, uint32_t max_records,
                  source_sink *sink, void *self, uint32_t *drained, struct error *err) MUST_CHECK;

/* Serves rebalance, error and statistics callbacks; call about ten times a second. */
void source_serve(struct source *source);

bool source_at_end(const struct source *source, uint32_t partition); /* nothing newer for now */
bool source_finished(const struct source *source); /* bounded, and all ends reached */
int64_t source_lag(const struct source *source);   /* records behind the newest known offsets */
struct kafka_client *source_client(struct source *source);

/* What the group has committed, one per partition (-1: nothing), with the clock of the witness (INT64_MIN when the
 * job has committed nothing) and whether that commit was settled. */
struct committed {
    int64_t *next;
    int64_t clock_ms;
    bool settled;
};
bool source_committed(struct source *source, struct committed *out, struct error *err) MUST_CHECK;
/* End offset (as of the start, or the stop that was given) of a bounded source. */
int64_t source_stop(const struct source *source, uint32_t partition);

/* Commits the next offsets (one per partition, -1: none yet) to the group, asynchronously unless `wait`.
 * The metadata carries the commit clock as a witness: "decant:CLOCK", or "decant:CLOCK:settled". Nothing happens
 * without a 'properties.group.id'. */
void source_commit_offsets(struct source *source, const int64_t *next, const struct commit *commit,
                           bool wait);

#endif
