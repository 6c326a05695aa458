/* SPDX-License-Identifier: Apache-2.0 */
#include "kafka/settings.h"

#define DEFAULT(key, value)                                                                        \
    { STR_INIT(key), STR_INIT(value), NULL }

/* Measured: before librdkafka 2.2 a full local queue stops the fetcher for a second, so the queue must hold
 * more than a second's work; from 2.2 on the back-off is a setting and small queues keep payloads in cache.
 * Settings without an origin are skipped when the linked library does not know them. */
static const struct kafka_property consumer_defaults[] = {
    DEFAULT("enable.auto.commit", "false"),
    DEFAULT("enable.auto.offset.store", "false"),
    DEFAULT("enable.partition.eof", "true"),
    DEFAULT("auto.offset.reset", "error"), /* never jump silently */
    DEFAULT("check.crcs", "true"),
    DEFAULT("fetch.wait.max.ms", "100"),
    DEFAULT("fetch.message.max.bytes", "2097152"),
    DEFAULT("queued.min.messages", "200000"),
    DEFAULT("queued.max.messages.kbytes", "65536"),
    DEFAULT("fetch.queue.backoff.ms", "1"),
    DEFAULT("group.id", "decant"),
};

/* Order, no duplicates after a retry, and a bound on memory; the partition of each row is explicit. */
static const struct kafka_property producer_defaults[] = {
    DEFAULT("enable.idempotence", "true"),
    DEFAULT("linger.ms", "5"),
    DEFAULT("compression.codec", "lz4"),
    DEFAULT("queue.buffering.max.messages", "500000"),
    DEFAULT("queue.buffering.max.kbytes", "65536"),
    DEFAULT("message.timeout.ms", "0"), /* outages are waited out; --drain bounds the end */
};

static const struct str binder_prefixes[] = {STR_INIT("decant."), STR_INIT("table."),
                                             STR_INIT("pipeline."), STR_INIT("execution.")};

/* -X keys that are not for the binder are Kafka client settings. */
static bool is_kafka_override(struct str key) {
    for (size_t i = 0; i < ARRAY_LEN(binder_prefixes); i++)
        if (str_starts(key, binder_prefixes[i])) return false;
    return true;
}

static void add(struct kafka_settings *out, struct str key, struct str value, const char *origin) {
    out->properties[out->count++] = (struct kafka_property){key, value, origin};
}

/* 'properties.x' of the table. */
static void add_table(const struct table *table, struct arena *job, struct kafka_settings *out) {
    add(out, STR("bootstrap.servers"), table->kafka.bootstrap_servers, "the job");
    out->from =
        arena_printf(job, "'properties.bootstrap.servers' of " STR_FMT, STR_ARG(table->name)).ptr;
    for (uint32_t i = 0; i < table->kafka.property_count; i++) {
        const struct table_option *property = &table->kafka.properties[i];
        const char *origin = arena_printf(job, "'properties." STR_FMT "' of " STR_FMT,
                                          STR_ARG(property->key), STR_ARG(table->name))
                                 .ptr;
        add(out, property->key, property->value, origin);
    }
}

/* "bootstrap.servers=…" for all tables, "orders/bootstrap.servers=…" for one. */
static void add_override(const struct plan_override *override, const struct table *table,
                         struct arena *job, struct kafka_settings *out) {
    struct str key = override->key, rest;
    bool scoped;
    struct str first = str_split(key, '/', &rest, &scoped);
    if (scoped && !str_eq(first, table->name)) return;
    if (scoped) key = rest;
    const char *origin = arena_printf(job, "-X " STR_FMT, STR_ARG(override->key)).ptr;
    add(out, key, override->value, origin);
    if (str_eq(key, STR("bootstrap.servers"))) out->from = origin;
}

static void collect(const struct kafka_property *defaults, size_t default_count,
                    const struct table *table, const struct plan_override *overrides,
                    uint32_t override_count, struct arena *job, struct kafka_settings *out) {
    size_t room = default_count + table->kafka.property_count + override_count + 2;
    *out = (struct kafka_settings){.properties = ARENA_NEW(job, room, struct kafka_property)};
    for (size_t i = 0; i < default_count; i++)
        out->properties[out->count++] = defaults[i];
    add_table(table, job, out);
    for (uint32_t i = 0; i < override_count; i++)
        if (is_kafka_override(overrides[i].key)) add_override(&overrides[i], table, job, out);
}

void consumer_settings(const struct table *table, const struct plan_override *overrides,
                       uint32_t override_count, struct arena *job, struct kafka_settings *out) {
    collect(consumer_defaults, ARRAY_LEN(consumer_defaults), table, overrides, override_count, job,
            out);
    if (table->kafka.group_id.len) add(out, STR("group.id"), table->kafka.group_id, "the job");
}

void producer_settings(const struct table *table, const struct plan_override *overrides,
                       uint32_t override_count, struct arena *job, struct kafka_settings *out) {
    collect(producer_defaults, ARRAY_LEN(producer_defaults), table, overrides, override_count, job,
            out);
}
