/* SPDX-License-Identifier: Apache-2.0 */
/* A librdkafka handle with the manners that all commands share: properties checked with "did you mean",
 * a start that waits for a broker and says what was tried, topics described and created.
 *
 * Data paths (processor/kafka, the generator) take the raw handle; this file owns configuration, waiting
 * and errors. One thread uses a client, but kafka_client_problem may be asked from any. */
#ifndef COMMON_KAFKA_CLIENT_H
#define COMMON_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "common/error.h"

enum kafka_role { KAFKA_CONSUMER, KAFKA_PRODUCER };

/* Later properties win over earlier ones of the same key. `origin` is where the user wrote it
 * ("-X linger.ms", "'properties.acks' of raw_events"), NULL for our own defaults: those are skipped when the
 * linked library does not know them. */
struct kafka_property {
    struct str key, value;
    const char *origin;
};

struct kafka_callbacks {
    void (*delivery)(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);
    void
        *opaque; /* rd_kafka_opaque of the handle is the client; this one is handed to `delivery` */
};

struct kafka_client;

/* E0401 unknown property with the nearest one, E0402 a value that librdkafka refuses, E0404 a property that
 * loads code or names files (plugin.library.paths, ssl.engine.location, …). Secrets are never printed. */
bool kafka_client_new(enum kafka_role role, const struct kafka_property *properties, size_t count,
                      const struct kafka_callbacks *callbacks, struct kafka_client **out,
                      struct error *err) MUST_CHECK;
void kafka_client_free(struct kafka_client *client); /* does not wait for a broker; NULL is fine */
rd_kafka_t *kafka_client_handle(struct kafka_client *client);
const char *kafka_client_servers(const struct kafka_client *client);

/* Waits until a broker answers a metadata request. E0501 lists what was tried, how often and why it failed;
 * `from` says where the address was given. */
bool kafka_client_wait(struct kafka_client *client, int64_t wait_ms, const char *from,
                       struct error *err) MUST_CHECK;

/* Number of partitions; waits until the topic is known. E0502 when it does not exist. */
bool kafka_topic_partitions(struct kafka_client *client, struct str topic, int64_t wait_ms,
                            int32_t *out, struct error *err) MUST_CHECK;

struct kafka_topic_config {
    const char *key, *value;
};
/* Creates the topic unless it exists; *created tells which. E0502 with the broker's words. Waits until the
 * metadata shows it. Replication 1 unless a config "replication.factor" is given. */
bool kafka_topic_create(struct kafka_client *client, struct str topic, int32_t partitions,
                        const struct kafka_topic_config *configs, size_t count, int64_t wait_ms,
                        bool *created, struct error *err) MUST_CHECK;
/* Value of one topic configuration ("cleanup.policy") into `job`. */
bool kafka_topic_config_get(struct kafka_client *client, struct str topic, const char *key,
                            int64_t wait_ms, struct arena *job, struct str *out,
                            struct error *err) MUST_CHECK;

/* First and next offset of a partition, asked of the broker. E0504. */
bool kafka_offsets(struct kafka_client *client, struct str topic, int32_t partition,
                   int64_t wait_ms, int64_t *low, int64_t *high, struct error *err) MUST_CHECK;

/* The newest connection problem for a status line, or an empty text when all is well: "127.0.0.1:9092:
 * Connection refused". Copied into out. */
void kafka_client_problem(struct kafka_client *client, char *out, size_t bytes);
/* librdkafka's fatal error, if any (an idempotent producer that cannot go on). */
bool kafka_client_fatal(struct kafka_client *client, char *out, size_t bytes);

#endif
