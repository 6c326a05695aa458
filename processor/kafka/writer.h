/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes upserts: an idempotent producer per cluster, rows placed by Java's murmur2 of the key, delivery
 * counted per commit group. */
#ifndef KAFKA_WRITER_H
#define KAFKA_WRITER_H

#include <signal.h>

#include "kafka/settings.h"
#include "task/task.h"

struct writer;

struct writer_options {
    const struct plan *plan;
    const struct plan_override *overrides;
    uint32_t override_count;
    int64_t wait_ms;
};

/* Connects to the clusters of all Kafka sinks and finds their partition counts (E0501, E0502). Sinks of other
 * connectors (print, blackhole) are written here as well: to stdout, or nowhere. */
bool writer_open(const struct writer_options *options, struct writer **out,
                 struct error *err) MUST_CHECK;
void writer_close(struct writer *writer);

/* The newest record timestamp in the sink topics: rows are stamped with their version, so a restarted job
 * that begins above it can only overwrite. INT64_MIN when the topics are empty. */
bool writer_version_floor(struct writer *writer, int64_t *out, struct error *err) MUST_CHECK;

/* Waits while the producer's queue is full; serves delivery reports meanwhile. E0503 when a row can no longer
 * be delivered. */
bool writer_upsert(struct writer *writer, const struct upsert *upsert,
                   struct error *err) MUST_CHECK;
/* The original bytes with headers reason, column, topic, partition, offset; beyond 64 KiB of key and 800 KiB of value
 * they are cut, and key-bytes, value-bytes tell the original length. */
bool writer_dead_letter(struct writer *writer, const struct plan_node *scan,
                        const struct record *record, const struct bad_record *bad,
                        struct error *err) MUST_CHECK;

/* From now on waits for room give up `drain_ms` after *stop is set, with E0503: an outage may not keep the process
 * alive. */
void writer_heed(struct writer *writer, const volatile sig_atomic_t *stop, int64_t drain_ms);

/* Closes a commit group: rows written since the last call belong to it. Returns its number, from 1 on; that of the
 * group before when nothing was written. */
uint64_t writer_seal(struct writer *writer);
/* Serves delivery reports; *delivered is the newest group of which every row is acknowledged (0: none). */
bool writer_serve(struct writer *writer, uint64_t *delivered, struct error *err) MUST_CHECK;
/* Waits for everything that was written. E0503 (exit 75) names how many rows are missing. */
bool writer_flush(struct writer *writer, int64_t wait_ms, struct error *err) MUST_CHECK;
/* Newest connection problem, or empty. */
void writer_problem(struct writer *writer, char *out, size_t bytes);

#endif
