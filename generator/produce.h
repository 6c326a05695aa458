/* SPDX-License-Identifier: Apache-2.0 */
/* Records to a Kafka topic: an idempotent producer, every record acknowledged or counted as failed,
 * partition by murmur2 of the key as Kafka's Java producer and Pinot compute it. */
#ifndef GENERATOR_PRODUCE_H
#define GENERATOR_PRODUCE_H

#include <signal.h>

#include "common/options.h"
#include "generator/output.h"

struct produce_settings {
    const char *topic;
    int64_t partitions;                /* of the topic, if it has to be created */
    int64_t wait_ms;                   /* how long to look for a broker and the topic */
    struct option_list properties;     /* "key=value", as given with -X; the last of a name wins */
    const volatile sig_atomic_t *stop; /* ends the waiting for room in the producer's queue */
};

/* Connects, finds or creates the topic. Properties come from our defaults,
 * DECANT_KAFKA_BOOTSTRAP_SERVERS and `properties`, the later over the earlier. Errors: those of
 * kafka_client_new; E0501 no broker; E0502 the topic. Later, from `write` and `finish`: E0503
 * when the client gives up for good. */
bool output_kafka_new(const struct produce_settings *settings, struct arena *job,
                      struct output **out, struct error *err) MUST_CHECK;

#endif
