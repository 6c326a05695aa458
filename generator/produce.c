/* SPDX-License-Identifier: Apache-2.0 */
/* The producer. When its queue is full (500,000 records or 64 MiB wait for the broker), `write`
 * serves delivery reports until there is room: the stream gets late, which the caller measures,
 * and loses nothing. */
#include "generator/produce.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/kafka_client.h"
#include "common/murmur2.h"

struct kafka_output {
    struct output output;
    struct kafka_client *client;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    int32_t partitions;
    const volatile sig_atomic_t *stop;
    uint64_t produced;
    struct delivery delivery;
    char failure[160]; /* why the newest failed record failed */
};

static const struct kafka_property defaults[] = {
    {STR_INIT("bootstrap.servers"), STR_INIT("localhost:9092"), NULL},
    {STR_INIT("enable.idempotence"), STR_INIT("true"), NULL},
    {STR_INIT("linger.ms"), STR_INIT("5"), NULL},
    {STR_INIT("compression.codec"), STR_INIT("lz4"), NULL},
    {STR_INIT("queue.buffering.max.messages"), STR_INIT("500000"), NULL},
    {STR_INIT("queue.buffering.max.kbytes"), STR_INIT("65536"), NULL},
    {STR_INIT("batch.num.messages"), STR_INIT("10000"), NULL},
    {STR_INIT("message.max.bytes"), STR_INIT("1048576"), NULL}, /* room for the 1 MB string */
    {STR_INIT("message.timeout.ms"), STR_INIT("120000"), NULL},
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    struct kafka_output *kafka = opaque;
    if (LIKELY(!message->err)) {
        kafka->delivery.acknowledged++;
        return;
    }
    kafka->delivery.failed++;
    struct str why = str_of(rd_kafka_message_errstr(message));
    size_t len = why.len < sizeof kafka->failure - 1 ? why.len : sizeof kafka->failure - 1;
    memcpy(kafka->failure, why.ptr, len);
    kafka->failure[len] = 0;
}

/* Says what happened to records that cannot be delivered any more. */
static bool give_up(struct kafka_output *kafka, const char *why, struct error *err) {
    char problem[160];
    kafka_client_problem(kafka->client, problem, sizeof problem);
    error_set(err, ERROR_RETRY, "E0503", "%llu of %llu records were not acknowledged: %s",
              (unsigned long long)(kafka->produced - kafka->delivery.acknowledged),
              (unsigned long long)kafka->produced, why);
    error_place(err, "kafka://%s", kafka_client_servers(kafka->client));
    if (problem[0]) error_evidence(err, "newest problem  %s", problem);
    return error_help(err, "look at the brokers; --drain 2m waits longer for the last records");
}

static bool check_fatal(struct kafka_output *kafka, struct error *err) {
    char why[256];
    return !kafka_client_fatal(kafka->client, why, sizeof why) || give_up(kafka, why, err);
}

/* Null is a NULL pointer to librdkafka, and an empty text is a pointer to nothing in particular. */
static void *bytes_of(struct str s, bool null, char *empty) {
    void *bytes;
    if (null) return NULL;
    if (!s.len) return empty;
    memcpy(&bytes, &s.ptr, sizeof bytes); /* RD_KAFKA_MSG_F_COPY only reads */
    return bytes;
}

static bool kafka_write(struct output *output, const struct record *record, struct error *err) {
    struct kafka_output *kafka = (struct kafka_output *)output;
    char empty[1] = "";
    int32_t partition = murmur2_partition(record->key, kafka->partitions);
    const void *key = bytes_of(record->key, record->key_null, empty);
    void *value = bytes_of(record->value, record->value_null, empty);
    while (rd_kafka_produce(kafka->topic, partition, RD_KAFKA_MSG_F_COPY, value, record->value.len,
                            key, record->key.len, NULL) < 0) {
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            kafka->produced++;
            return give_up(kafka, rd_kafka_err2str(code), err);
        }
        if (*kafka->stop) return output->closed = true;
        rd_kafka_poll(kafka->rk, 10);
        if (!check_fatal(kafka, err)) return false;
    }
    kafka->produced++;
    return true;
}

static bool kafka_wait(struct output *output, int timeout_ms, struct error *err) {
    struct kafka_output *kafka = (struct kafka_output *)output;
    rd_kafka_poll(kafka->rk, timeout_ms);
    return check_fatal(kafka, err);
}

static bool kafka_finish(struct output *output, int64_t drain_ms, struct delivery *delivery,
                         struct error *err) {
    struct kafka_output *kafka = (struct kafka_output *)output;
    int64_t deadline_ns = clock_mono_ns() + drain_ms * 1000000;
    char why[256];
    while (rd_kafka_flush(kafka->rk, 100) == RD_KAFKA_RESP_ERR__TIMED_OUT)
        if (clock_mono_ns() >= deadline_ns || kafka_client_fatal(kafka->client, why, sizeof why))
            break;
    kafka->delivery.outstanding =
        kafka->produced - kafka->delivery.acknowledged - kafka->delivery.failed;
    *delivery = kafka->delivery;
    if (delivery->failed) return give_up(kafka, kafka->failure, err);
    if (delivery->outstanding) return give_up(kafka, "no answer within --drain", err);
    return true;
}

static void kafka_close(struct output *output) {
    struct kafka_output *kafka = (struct kafka_output *)output;
    if (kafka->rk) rd_kafka_purge(kafka->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    if (kafka->topic) rd_kafka_topic_destroy(kafka->topic);
    kafka_client_free(kafka->client);
    free(kafka);
}

/* Our defaults, the environment, then -X in the order given. */
static bool collect_properties(const struct option_list *given, struct kafka_property *properties,
                               struct arena *job, size_t *count, const char **servers_from,
                               struct error *err) {
    memcpy(properties, defaults, sizeof defaults);
    size_t n = ARRAY_LEN(defaults);
    const char *servers = getenv("DECANT_KAFKA_BOOTSTRAP_SERVERS");
    *servers_from = "bootstrap.servers (default)";
    if (servers && servers[0]) {
        *servers_from = "env DECANT_KAFKA_BOOTSTRAP_SERVERS";
        properties[n++] =
            (struct kafka_property){STR("bootstrap.servers"), str_of(servers), *servers_from};
    }
    for (uint32_t i = 0; i < given->count; i++) {
        bool has_value;
        struct str value, key = str_split(str_of(given->items[i]), '=', &value, &has_value);
        if (!has_value || !key.len) {
            error_set(err, ERROR_USER, "E0402", "'%s' is not KEY=VALUE", given->items[i]);
            return error_place(err, "-X");
        }
        const char *origin = arena_printf(job, "-X " STR_FMT, STR_ARG(key)).ptr;
        properties[n++] = (struct kafka_property){key, value, origin};
        if (str_eq(key, STR("bootstrap.servers"))) *servers_from = origin;
    }
    *count = n;
    return true;
}

static bool reach_broker(struct kafka_output *kafka, const struct produce_settings *settings,
                         struct arena *job, struct error *err) {
    size_t count = ARRAY_LEN(defaults) + 1 + settings->properties.count;
    struct kafka_property *properties = ARENA_NEW(job, count, struct kafka_property);
    const char *servers_from;
    struct kafka_callbacks callbacks = {on_delivery, kafka};
    if (!collect_properties(&settings->properties, properties, job, &count, &servers_from, err) ||
        !kafka_client_new(KAFKA_PRODUCER, properties, count, &callbacks, &kafka->client, err))
        return false;
    kafka->rk = kafka_client_handle(kafka->client);
    return kafka_client_wait(kafka->client, settings->wait_ms, servers_from, err);
}

/* Creating first, because asking for a topic that is missing may create it with the broker's
 * number of partitions. Who may not create topics can still write to an existing one. */
static bool find_topic(struct kafka_output *kafka, const struct produce_settings *settings,
                       struct error *err) {
    struct str name = str_of(settings->topic);
    bool created;
    if (!kafka_topic_create(kafka->client, name, (int32_t)settings->partitions, NULL, 0,
                            settings->wait_ms, &created, err) &&
        !kafka_topic_partitions(kafka->client, name, 0, &kafka->partitions, NULL))
        return false;
    if (!kafka_topic_partitions(kafka->client, name, settings->wait_ms, &kafka->partitions, err))
        return false;
    kafka->topic = rd_kafka_topic_new(kafka->rk, settings->topic, NULL);
    return kafka->topic || error_set(err, ERROR_USER, "E0502", "topic '%s' cannot be used: %s",
                                     settings->topic, rd_kafka_err2str(rd_kafka_last_error()));
}

bool output_kafka_new(const struct produce_settings *settings, struct arena *job,
                      struct output **out, struct error *err) {
    struct kafka_output *kafka = memory_new(1, sizeof *kafka);
    kafka->output = (struct output){kafka_write, kafka_wait, kafka_finish, kafka_close, false};
    kafka->stop = settings->stop;
    if (!reach_broker(kafka, settings, job, err) || !find_topic(kafka, settings, err)) {
        kafka_close(&kafka->output);
        return false;
    }
    *out = &kafka->output;
    return true;
}
