/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kafka_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/log.h"
#include "common/options.h"

enum { TRIES_MAX = 8, TRY_BYTES = 160, POLL_MS = 100 };

/* One distinct connection failure and how often it was met. */
struct try {
    char text[TRY_BYTES];
    unsigned count;
};

struct kafka_client {
    rd_kafka_t *rk;
    enum kafka_role role;
    struct kafka_callbacks callbacks;
    char servers[512];
    pthread_mutex_t lock; /* protects what follows: librdkafka's threads report here */
    struct try tries[TRIES_MAX];
    unsigned try_count;
    char problem[TRY_BYTES];
    int64_t problem_ms;
};

/* Settings that load code, name files or change what this program relies on. */
static const char *const refused[] = {
    "plugin.library.paths", "ssl.engine.location", "ssl.providers", "builtin.features", "opaque",
    "interceptors"};

static const struct kafka_property defaults[] = {
    {STR_INIT("client.id"), STR_INIT("decant"), NULL},
    {STR_INIT("socket.nagle.disable"), STR_INIT("true"), NULL},
    {STR_INIT("log.connection.close"), STR_INIT("false"), NULL},
    {STR_INIT("reconnect.backoff.max.ms"), STR_INIT("5000"), NULL},
};

/* "host:9092/bootstrap: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state
 * CONNECT)" becomes "127.0.0.1:9092 connection failed: Connection refused". */
static void shorten_reason(char *out, size_t bytes, struct str reason) {
    size_t at, end;
    struct str text = reason;
    if (str_find(text, STR("Connect to "), &at)) text = str_from(text, at + 11);
    if (str_find(text, STR("#"), &at) && at < 6) text = str_from(text, at + 1);
    if (str_find(text, STR(" (after "), &end)) text.len = end;
    struct buf visible;
    buf_init(&visible, bytes - 1);
    buf_append_visible(&visible, text, bytes / 2);
    memcpy(out, visible.len ? visible.ptr : "", visible.len);
    out[visible.len] = 0;
    buf_release(&visible);
}

static void note_problem(struct kafka_client *client, const char *reason) {
    char text[TRY_BYTES];
    shorten_reason(text, sizeof text, str_of(reason));
    pthread_mutex_lock(&client->lock);
    memcpy(client->problem, text, sizeof text);
    client->problem_ms = clock_real_ms();
    unsigned i = 0;
    while (i < client->try_count && !str_eq(str_of(client->tries[i].text), str_of(text)))
        i++;
    if (i < TRIES_MAX) {
        if (i == client->try_count) {
            memcpy(client->tries[i].text, text, sizeof text);
            client->tries[i].count = 0;
            client->try_count++;
        }
        client->tries[i].count++;
    }
    pthread_mutex_unlock(&client->lock);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque) {
    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return; /* says nothing the others did not */
    note_problem(opaque, reason);
    char quoted[512];
    log_event(LOG_DEBUG, "kafka", "client_error", "code=%s reason=%s",
              rd_kafka_err2name((rd_kafka_resp_err_t)code),
              log_quote(quoted, sizeof quoted, str_of(reason)));
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text) {
    (void)rk;
    char quoted[512];
    (void)level;
    log_event(LOG_DEBUG, "librdkafka", facility, "text=%s",
              log_quote(quoted, sizeof quoted, str_of(text)));
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    struct kafka_client *client = opaque;
    client->callbacks.delivery(rk, message, client->callbacks.opaque);
}

/* Names that users know; librdkafka lists them under others (linger.ms as queue.buffering.max.ms). */
static const char *const aliases[] = {"bootstrap.servers", "linger.ms", "acks",
                                      "compression.type",  "retries",   "max.in.flight",
                                      "batch.num.messages"};

static bool unknown_property(rd_kafka_conf_t *conf, const struct kafka_property *property,
                             struct error *err) {
    size_t count;
    const char **dump = rd_kafka_conf_dump(conf, &count);
    size_t named = count / 2 + ARRAY_LEN(aliases);
    const char **names = memory_new(named, sizeof *names);
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        names[i] = aliases[i];
    for (size_t i = 0; i < count / 2; i++)
        names[ARRAY_LEN(aliases) + i] = dump[2 * i];
    const char *near = nearest_name(property->key, names, named);
    error_set(err, ERROR_USER, "E0401", "there is no setting '" STR_FMT "'",
              STR_ARG(property->key));
    error_place(err, "%s", property->origin);
    if (near)
        error_help(err, "did you mean %s (Kafka client)?", near);
    else
        error_help(err, "Kafka client settings are those of librdkafka's CONFIGURATION.md");
    free(names);
    rd_kafka_conf_dump_free(dump, count);
    return false;
}

static bool set_property(rd_kafka_conf_t *conf, const struct kafka_property *property,
                         struct error *err) {
    char key[128], value[4096], why[512];
    if (property->key.len >= sizeof key || property->value.len >= sizeof value)
        return error_set(err, ERROR_USER, "E0402", "a Kafka client setting is too long");
    memcpy(key, property->key.ptr, property->key.len);
    key[property->key.len] = 0;
    memcpy(value, property->value.ptr, property->value.len);
    value[property->value.len] = 0;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (!str_eq(property->key, str_of(refused[i]))) continue;
        error_set(err, ERROR_USER, "E0404", "the setting '%s' is not allowed here", key);
        return error_place(err, "%s", property->origin ? property->origin : "default");
    }
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, key, value, why, sizeof why);
    if (result == RD_KAFKA_CONF_OK || !property->origin) return true;
    if (result == RD_KAFKA_CONF_UNKNOWN) return unknown_property(conf, property, err);
    error_set(err, ERROR_USER, "E0402", "the value of '%s' does not fit: %s", key, why);
    return error_place(err, "%s", property->origin);
}

static bool configure(rd_kafka_conf_t *conf, const struct kafka_property *properties, size_t count,
                      struct error *err) {
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (!set_property(conf, &defaults[i], err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!set_property(conf, &properties[i], err)) return false;
    return true;
}

bool kafka_client_new(enum kafka_role role, const struct kafka_property *properties, size_t count,
                      const struct kafka_callbacks *callbacks, struct kafka_client **out,
                      struct error *err) {
    struct kafka_client *client = memory_new(1, sizeof *client);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    client->role = role;
    pthread_mutex_init(&client->lock, NULL);
    if (callbacks) client->callbacks = *callbacks;
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (client->callbacks.delivery) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    bool ok = configure(conf, properties, count, err);
    if (ok) {
        char why[512];
        size_t bytes = sizeof client->servers;
        if (rd_kafka_conf_get(conf, "bootstrap.servers", client->servers, &bytes) !=
            RD_KAFKA_CONF_OK)
            client->servers[0] = 0;
        client->rk = rd_kafka_new(role == KAFKA_CONSUMER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER,
                                  conf, why, sizeof why);
        ok = client->rk != NULL;
        if (!ok) error_set(err, ERROR_USER, "E0402", "librdkafka refuses the settings: %s", why);
    }
    if (!ok) {
        rd_kafka_conf_destroy(conf); /* rd_kafka_new takes it over only on success */
        kafka_client_free(client);
        return false;
    }
    *out = client;
    return true;
}

void kafka_client_free(struct kafka_client *client) {
    if (!client) return;
    /* Nobody here is a member of a group: closing the consumer would only wait for a broker that may be away. */
    if (client->rk) rd_kafka_destroy_flags(client->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    pthread_mutex_destroy(&client->lock);
    free(client);
}

rd_kafka_t *kafka_client_handle(struct kafka_client *client) {
    return client->rk;
}
const char *kafka_client_servers(const struct kafka_client *client) {
    return client->servers;
}

void kafka_client_problem(struct kafka_client *client, char *out, size_t bytes) {
    enum { RECENT_MS = 15000 };
    pthread_mutex_lock(&client->lock);
    bool recent = client->problem[0] && clock_real_ms() - client->problem_ms < RECENT_MS;
    struct str text = recent ? str_of(client->problem) : STR("");
    size_t len = text.len < bytes - 1 ? text.len : bytes - 1;
    memcpy(out, text.ptr, len);
    out[len] = 0;
    pthread_mutex_unlock(&client->lock);
}

bool kafka_client_fatal(struct kafka_client *client, char *out, size_t bytes) {
    return rd_kafka_fatal_error(client->rk, out, bytes) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Serves callbacks while waiting, so that errors are seen. */
static void serve(struct kafka_client *client) {
    rd_kafka_poll(client->rk, 0);
}

static void add_evidence(struct kafka_client *client, const char *from, struct error *err) {
    struct buf text;
    buf_init(&text, sizeof err->evidence - 1);
    pthread_mutex_lock(&client->lock);
    buf_append(&text, STR("tried  "));
    for (unsigned i = 0; i < client->try_count; i++)
        buf_printf(&text, "%s%s ×%u", i ? " · " : "", client->tries[i].text,
                   client->tries[i].count);
    if (!client->try_count)
        buf_append(&text, STR("connected, but no answer to a metadata request"));
    pthread_mutex_unlock(&client->lock);
    if (from) buf_printf(&text, "\nfrom   %s", from);
    error_evidence(err, "%s", buf_c_string(&text));
    buf_release(&text);
}

bool kafka_client_wait(struct kafka_client *client, int64_t wait_ms, const char *from,
                       struct error *err) {
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    do {
        const struct rd_kafka_metadata *metadata = NULL;
        rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 0, NULL, &metadata, 1000);
        if (metadata) rd_kafka_metadata_destroy(metadata);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            pthread_mutex_lock(&client->lock);
            client->problem[0] = 0;
            pthread_mutex_unlock(&client->lock);
            return true;
        }
        serve(client);
    } while (clock_mono_ns() < deadline_ns);
    error_set(err, ERROR_RETRY, "E0501", "no Kafka broker answered within %lld s",
              (long long)(wait_ms / 1000));
    error_place(err, "kafka://%s", client->servers);
    add_evidence(client, from, err);
    return error_help(
        err,
        "start one (stack/up kafka), or name another: -X bootstrap.servers=HOST:PORT, or wait longer: --wait 2m");
}

static bool topic_missing(struct kafka_client *client, struct str topic, rd_kafka_resp_err_t code,
                          struct error *err) {
    error_set(err, ERROR_RETRY, "E0502", "topic '" STR_FMT "' cannot be used: %s", STR_ARG(topic),
              rd_kafka_err2str(code));
    error_place(err, "kafka://%s", client->servers);
    return error_help(
        err,
        "create it: decant apply FILE.sql creates the topics of a job, decant generate its raw topic");
}

/* Metadata of one topic, once. The topic handle is needed by the call only. */
static rd_kafka_resp_err_t describe(struct kafka_client *client, const char *name,
                                    int32_t *partitions) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client->rk, name, NULL);
    if (!topic) return rd_kafka_last_error();
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 0, topic, &metadata, 2000);
    if (!code && metadata->topic_cnt == 1) {
        code = metadata->topics[0].err;
        *partitions = metadata->topics[0].partition_cnt;
        if (!code && *partitions == 0) code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    }
    if (metadata) rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
    return code;
}

static bool topic_name(struct str topic, char name[256], struct error *err) {
    if (topic.len == 0 || topic.len >= 250 || memchr(topic.ptr, 0, topic.len))
        return error_set(err, ERROR_USER, "E0502", "'" STR_FMT "' is no topic name",
                         STR_ARG(topic));
    memcpy(name, topic.ptr, topic.len);
    name[topic.len] = 0;
    return true;
}

bool kafka_topic_partitions(struct kafka_client *client, struct str topic, int64_t wait_ms,
                            int32_t *out, struct error *err) {
    char name[256];
    if (!topic_name(topic, name, err)) return false;
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    rd_kafka_resp_err_t code;
    for (;;) {
        int32_t partitions = 0;
        code = describe(client, name, &partitions);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return *out = partitions, true;
        if (clock_mono_ns() >= deadline_ns) break;
        serve(client);
        struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
        nanosleep(&pause, NULL);
    }
    return topic_missing(client, topic, code, err);
}

/* Waits for the answer to one admin request; NULL on a timeout. */
static rd_kafka_event_t *admin_wait(rd_kafka_queue_t *queue, int64_t wait_ms) {
    return rd_kafka_queue_poll(queue, (int)(wait_ms > 60000 ? 60000 : wait_ms));
}

static bool create_failed(struct kafka_client *client, struct str topic, const char *why,
                          struct error *err) {
    error_set(err, ERROR_RETRY, "E0502", "topic '" STR_FMT "' cannot be created: %s",
              STR_ARG(topic), why);
    return error_place(err, "kafka://%s", client->servers);
}

static bool create_result(struct kafka_client *client, struct str topic, rd_kafka_event_t *event,
                          bool *created, struct error *err) {
    if (!event) return create_failed(client, topic, "no answer in time", err);
    if (rd_kafka_event_error(event))
        return create_failed(client, topic, rd_kafka_event_error_string(event), err);
    size_t count;
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
    rd_kafka_resp_err_t code =
        count ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR__FAIL;
    *created = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (*created || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return true;
    const char *why = count ? rd_kafka_topic_result_error_string(topics[0]) : NULL;
    return create_failed(client, topic, why ? why : rd_kafka_err2str(code), err);
}

bool kafka_topic_create(struct kafka_client *client, struct str topic, int32_t partitions,
                        const struct kafka_topic_config *configs, size_t count, int64_t wait_ms,
                        bool *created, struct error *err) {
    char name[256], why[512];
    if (!topic_name(topic, name, err)) return false;
    int64_t replication = 1;
    for (size_t i = 0; i < count; i++)
        if (str_eq(str_of(configs[i].key), STR("replication.factor")) &&
            !parse_i64(str_of(configs[i].value), &replication))
            return create_failed(client, topic, "replication.factor is no number", err);
    rd_kafka_NewTopic_t *request =
        rd_kafka_NewTopic_new(name, partitions, (int)replication, why, sizeof why);
    if (!request) return create_failed(client, topic, why, err);
    for (size_t i = 0; i < count; i++)
        if (!str_eq(str_of(configs[i].key), STR("replication.factor")))
            rd_kafka_NewTopic_set_config(request, configs[i].key, configs[i].value);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->rk);
    rd_kafka_CreateTopics(client->rk, &request, 1, NULL, queue);
    rd_kafka_event_t *event = admin_wait(queue, wait_ms);
    bool ok = create_result(client, topic, event, created, err);
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(request);
    int32_t seen;
    return ok && kafka_topic_partitions(client, topic, wait_ms, &seen, err);
}

static bool config_result(rd_kafka_event_t *event, const char *key, struct arena *job,
                          struct str *out) {
    if (!event || rd_kafka_event_error(event)) return false;
    size_t resources, entries;
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    const rd_kafka_ConfigResource_t **list =
        rd_kafka_DescribeConfigs_result_resources(result, &resources);
    if (resources != 1) return false;
    const rd_kafka_ConfigEntry_t **configs = rd_kafka_ConfigResource_configs(list[0], &entries);
    for (size_t i = 0; i < entries; i++) {
        if (!str_eq(str_of(rd_kafka_ConfigEntry_name(configs[i])), str_of(key))) continue;
        *out = arena_str(job, str_of(rd_kafka_ConfigEntry_value(configs[i])));
        return true;
    }
    return false;
}

bool kafka_topic_config_get(struct kafka_client *client, struct str topic, const char *key,
                            int64_t wait_ms, struct arena *job, struct str *out,
                            struct error *err) {
    char name[256];
    if (!topic_name(topic, name, err)) return false;
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->rk);
    rd_kafka_DescribeConfigs(client->rk, &resource, 1, NULL, queue);
    rd_kafka_event_t *event = admin_wait(queue, wait_ms);
    bool ok = config_result(event, key, job, out);
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy(resource);
    if (ok) return true;
    error_set(err, ERROR_RETRY, "E0502", "the setting %s of topic '" STR_FMT "' cannot be read",
              key, STR_ARG(topic));
    return error_place(err, "kafka://%s", client->servers);
}

bool kafka_offsets(struct kafka_client *client, struct str topic, int32_t partition,
                   int64_t wait_ms, int64_t *low, int64_t *high, struct error *err) {
    char name[256];
    if (!topic_name(topic, name, err)) return false;
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    rd_kafka_resp_err_t code;
    do {
        code = rd_kafka_query_watermark_offsets(client->rk, name, partition, low, high, 2000);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
        serve(client);
    } while (clock_mono_ns() < deadline_ns);
    error_set(err, ERROR_RETRY, "E0504", "the offsets of " STR_FMT "[%d] cannot be read: %s",
              STR_ARG(topic), partition, rd_kafka_err2str(code));
    return error_place(err, "kafka://%s", client->servers);
}
