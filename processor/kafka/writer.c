/* SPDX-License-Identifier: Apache-2.0 */
#include "kafka/writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/log.h"
#include "common/murmur2.h"

enum { GROUPS = 1024, FULL_POLL_MS = 10 };

/* Rows of one commit that are not acknowledged yet; a ring over group numbers. */
struct group {
    uint64_t outstanding;
};

struct sink {
    const struct table *table;
    struct kafka_client *client; /* borrowed from `clients`; NULL: not a Kafka sink */
    rd_kafka_topic_t *topic;
    int32_t partitions;
    bool print;
};

struct writer {
    struct arena job;
    struct kafka_client *
        *clients; /* one per cluster: sinks with the same bootstrap servers share it */
    uint32_t client_count;
    struct sink *sinks;
    uint32_t sink_count;
    rd_kafka_topic_t *dead_letters;
    struct kafka_client *dead_letter_client;
    struct group groups[GROUPS];
    uint64_t open_group, delivered; /* numbers; open_group is the one being written */
    bool open_group_used;
    const volatile sig_atomic_t *stop; /* NULL: not heeded yet */
    int64_t drain_ms, stopped_ns;      /* stopped_ns: when the stop was noticed; 0: not yet */
    uint64_t failed;
    char failure[256];
};

static bool is_kafka(const struct table *table) {
    return table->connector == CONNECTOR_KAFKA || table->connector == CONNECTOR_UPSERT_KAFKA;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    struct writer *writer = opaque;
    uint64_t number = (uint64_t)(uintptr_t)message->_private;
    writer->groups[number % GROUPS].outstanding--;
    if (!message->err) return;
    if (writer->failed++ == 0)
        snprintf(writer->failure, sizeof writer->failure, "%s[%d]: %s",
                 rd_kafka_topic_name(message->rkt), message->partition,
                 rd_kafka_err2str(message->err));
}

static struct kafka_client *shared_client(struct writer *writer, const char *servers) {
    for (uint32_t i = 0; i < writer->client_count; i++)
        if (str_eq(str_of(kafka_client_servers(writer->clients[i])), str_of(servers)))
            return writer->clients[i];
    return NULL;
}

static const char *servers_of(const struct kafka_settings *settings, struct arena *job) {
    const char *servers = "";
    for (size_t i = 0; i < settings->count; i++)
        if (str_eq(settings->properties[i].key, STR("bootstrap.servers")))
            servers = arena_c_string(job, settings->properties[i].value);
    return servers;
}

static bool open_client(struct writer *writer, const struct writer_options *options,
                        const struct table *table, struct kafka_client **out, struct error *err) {
    struct kafka_settings settings;
    producer_settings(table, options->overrides, options->override_count, &writer->job, &settings);
    *out = shared_client(writer, servers_of(&settings, &writer->job));
    if (*out) return true;
    struct kafka_callbacks callbacks = {on_delivery, writer};
    if (!kafka_client_new(KAFKA_PRODUCER, settings.properties, settings.count, &callbacks, out,
                          err))
        return false;
    writer->clients[writer->client_count++] = *out;
    return kafka_client_wait(*out, options->wait_ms, settings.from, err);
}

static rd_kafka_topic_t *topic_handle(struct writer *writer, struct kafka_client *client,
                                      struct str name) {
    return rd_kafka_topic_new(kafka_client_handle(client), arena_c_string(&writer->job, name),
                              NULL);
}

static bool open_sink(struct writer *writer, const struct writer_options *options,
                      const struct table *table, struct sink *sink, struct error *err) {
    sink->table = table;
    sink->print = table->connector == CONNECTOR_PRINT;
    if (!is_kafka(table)) return true;
    if (!open_client(writer, options, table, &sink->client, err) ||
        !kafka_topic_partitions(sink->client, table->kafka.topic, options->wait_ms,
                                &sink->partitions, err))
        return false;
    sink->topic = topic_handle(writer, sink->client, table->kafka.topic);
    if (sink->topic) return true;
    return error_set(err, ERROR_STOP, "E0502", "topic '" STR_FMT "' cannot be opened",
                     STR_ARG(table->kafka.topic));
}

/* The dead-letter topic is ours alone: it is created where it does not exist. */
static bool open_dead_letters(struct writer *writer, const struct writer_options *options,
                              struct error *err) {
    struct str topic = options->plan->settings.dead_letter_topic;
    if (!topic.len || options->plan->scan_count == 0) return true;
    const struct table *table = options->plan->scans[0]->scan.table;
    if (!is_kafka(table)) return true;
    static const struct kafka_topic_config configs[] = {{"cleanup.policy", "delete"}};
    bool created;
    if (!open_client(writer, options, table, &writer->dead_letter_client, err) ||
        !kafka_topic_create(writer->dead_letter_client, topic, 1, configs, ARRAY_LEN(configs),
                            options->wait_ms, &created, err))
        return false;
    writer->dead_letters = topic_handle(writer, writer->dead_letter_client, topic);
    return writer->dead_letters != NULL ||
           error_set(err, ERROR_STOP, "E0502", "topic '" STR_FMT "' cannot be opened",
                     STR_ARG(topic));
}

static bool open_sinks(struct writer *writer, const struct writer_options *options,
                       struct error *err) {
    for (uint32_t s = 0; s < writer->sink_count; s++)
        if (!open_sink(writer, options, options->plan->sinks[s]->sink.table, &writer->sinks[s],
                       err))
            return false;
    return open_dead_letters(writer, options, err);
}

bool writer_open(const struct writer_options *options, struct writer **out, struct error *err) {
    struct writer *writer = memory_new(1, sizeof *writer);
    writer->sink_count = options->plan->sink_count;
    writer->open_group = 1;
    writer->sinks = ARENA_NEW(&writer->job, writer->sink_count, struct sink);
    writer->clients = ARENA_NEW(&writer->job, writer->sink_count + 1u, struct kafka_client *);
    if (!open_sinks(writer, options, err)) {
        writer_close(writer);
        return false;
    }
    *out = writer;
    return true;
}

void writer_close(struct writer *writer) {
    if (!writer) return;
    for (uint32_t s = 0; s < writer->sink_count; s++)
        if (writer->sinks[s].topic) rd_kafka_topic_destroy(writer->sinks[s].topic);
    if (writer->dead_letters) rd_kafka_topic_destroy(writer->dead_letters);
    for (uint32_t c = 0; c < writer->client_count; c++)
        kafka_client_free(writer->clients[c]);
    arena_release(&writer->job);
    free(writer);
}

/* --- the newest version in the sink topics --- */

/* Polls until `wanted` partitions have given their last record; its timestamp is the version of its row. */
static bool newest_timestamps(rd_kafka_t *consumer, int wanted, int64_t *out) {
    enum { WAIT_MS = 30000 };
    int64_t deadline_ns = clock_mono_ns() + (int64_t)WAIT_MS * 1000000;
    while (wanted > 0 && clock_mono_ns() < deadline_ns) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (!message) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) wanted--;
        rd_kafka_timestamp_type_t type;
        int64_t timestamp = message->err ? INT64_MIN : rd_kafka_message_timestamp(message, &type);
        if (timestamp > *out) *out = timestamp;
        rd_kafka_message_destroy(message);
    }
    return wanted == 0;
}

static bool sink_floor(const struct sink *sink, struct kafka_client *reader, int64_t *out,
                       struct error *err) {
    const char *topic = rd_kafka_topic_name(sink->topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(sink->partitions);
    bool ok = true;
    for (int32_t p = 0; ok && p < sink->partitions; p++) {
        int64_t low, high;
        ok = kafka_offsets(reader, sink->table->kafka.topic, p, 10000, &low, &high, err);
        if (ok && high > low) rd_kafka_topic_partition_list_add(list, topic, p)->offset = high - 1;
    }
    if (ok && list->cnt) {
        rd_kafka_assign(kafka_client_handle(reader), list);
        ok = newest_timestamps(kafka_client_handle(reader), list->cnt, out);
        if (!ok) {
            error_set(err, ERROR_RETRY, "E0505", "the newest records of %s cannot be read", topic);
            error_place(err, "kafka://%s", kafka_client_servers(reader));
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return ok;
}

bool writer_version_floor(struct writer *writer, int64_t *out, struct error *err) {
    *out = INT64_MIN;
    bool ok = true;
    for (uint32_t s = 0; ok && s < writer->sink_count; s++) {
        const struct sink *sink = &writer->sinks[s];
        if (!sink->client) continue;
        struct kafka_property properties[] = {
            {STR("bootstrap.servers"), str_of(kafka_client_servers(sink->client)), "the job"},
            {STR("group.id"), STR("decant-version"), NULL},
            {STR("enable.auto.commit"), STR("false"), NULL},
            {STR("enable.partition.eof"), STR("true"), NULL},
        };
        struct kafka_client *reader;
        ok =
            kafka_client_new(KAFKA_CONSUMER, properties, ARRAY_LEN(properties), NULL, &reader, err);
        if (!ok) break;
        ok = sink_floor(sink, reader, out, err);
        kafka_client_free(reader);
    }
    return ok;
}

/* --- writing --- */

static bool delivery_failed(struct writer *writer, struct error *err) {
    error_set(err, ERROR_RETRY, "E0503", "%llu rows could not be delivered; the first: %s",
              (unsigned long long)writer->failed, writer->failure);
    return error_help(err, "start the job again: it recomputes and overwrites");
}

/* One pass over the clients' callbacks. */
static bool serve_clients(struct writer *writer, int timeout_ms, struct error *err) {
    char why[256];
    for (uint32_t c = 0; c < writer->client_count; c++) {
        rd_kafka_poll(kafka_client_handle(writer->clients[c]), timeout_ms);
        if (!kafka_client_fatal(writer->clients[c], why, sizeof why)) continue;
        error_set(err, ERROR_RETRY, "E0503", "the producer cannot go on: %s", why);
        error_place(err, "kafka://%s", kafka_client_servers(writer->clients[c]));
        return error_help(err, "start the job again: it recomputes and overwrites");
    }
    return writer->failed == 0 || delivery_failed(writer, err);
}

/* One record for a topic; bytes are copied by librdkafka. */
struct outgoing {
    struct kafka_client *client;
    rd_kafka_topic_t *topic;
    int32_t partition;
    struct str key, value;
    bool key_is_null, value_is_null;
    int64_t timestamp_ms;
    const rd_kafka_headers_t *headers; /* may be NULL; copied */
};

static rd_kafka_resp_err_t try_produce(const struct outgoing *out, void *opaque) {
    rd_kafka_headers_t *headers = out->headers ? rd_kafka_headers_copy(out->headers) : NULL;
    rd_kafka_vu_t arguments[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = out->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = out->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {out->key_is_null ? NULL : (void *)(uintptr_t)out->key.ptr, out->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {out->value_is_null ? NULL : (void *)(uintptr_t)out->value.ptr, out->value.len}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = out->timestamp_ms},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = opaque},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    size_t count = ARRAY_LEN(arguments) - (headers ? 0 : 1);
    rd_kafka_error_t *error =
        rd_kafka_produceva(kafka_client_handle(out->client), arguments, count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers) rd_kafka_headers_destroy(headers); /* taken over only on success */
    return code;
}

/* Rows that wait for the brokers' answer. */
static uint64_t writer_queued(const struct writer *writer) {
    uint64_t queued = 0;
    for (uint32_t c = 0; c < writer->client_count; c++)
        queued += (uint64_t)rd_kafka_outq_len(kafka_client_handle(writer->clients[c]));
    return queued;
}

/* One turn of waiting for room in a queue, or for acknowledgements. */
static bool wait_turn(struct writer *writer, struct error *err) {
    if (!serve_clients(writer, FULL_POLL_MS, err)) return false;
    if (!writer->stop || !*writer->stop) return true;
    int64_t now_ns = clock_mono_ns();
    if (!writer->stopped_ns) writer->stopped_ns = now_ns;
    if (now_ns - writer->stopped_ns < writer->drain_ms * 1000000) return true;
    error_set(err, ERROR_RETRY, "E0503",
              "%llu rows were not acknowledged within %lld s of the stop",
              (unsigned long long)writer_queued(writer), (long long)(writer->drain_ms / 1000));
    return error_help(err, "nothing is lost: start the job again, or wait longer with --drain");
}

static bool produce(struct writer *writer, const struct outgoing *out, struct error *err) {
    void *opaque = (void *)(uintptr_t)writer->open_group;
    for (;;) {
        rd_kafka_resp_err_t code = try_produce(out, opaque);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            error_set(err, ERROR_STOP, "E0503", "a row of %zu bytes cannot be sent to %s: %s",
                      out->value.len, rd_kafka_topic_name(out->topic), rd_kafka_err2str(code));
            return error_place(err, "kafka://%s", kafka_client_servers(out->client));
        }
        if (!wait_turn(writer, err)) return false;
    }
    writer->groups[writer->open_group % GROUPS].outstanding++;
    writer->open_group_used = true;
    return true;
}

bool writer_upsert(struct writer *writer, const struct upsert *upsert, struct error *err) {
    const struct sink *sink = &writer->sinks[upsert->sink];
    if (sink->print) {
        fwrite(upsert->value.ptr, 1, upsert->value.len, stdout);
        return true;
    }
    if (!sink->client) return true; /* blackhole */
    struct outgoing out = {
        .client = sink->client,
        .topic = sink->topic,
        .partition = murmur2_partition(upsert->key, sink->partitions),
        .key = upsert->key,
        .value = upsert->value,
        .timestamp_ms = upsert->version,
    };
    return produce(writer, &out, err);
}

static void add_header(rd_kafka_headers_t *headers, const char *name, struct str value) {
    rd_kafka_header_add(headers, name, -1, value.ptr, (ssize_t)value.len);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t number) {
    struct buf text;
    buf_init(&text, 32);
    buf_append_i64(&text, number);
    add_header(headers, name, buf_str(&text));
    buf_release(&text);
}

/* A record that the broker took may still be too large for ours, which has headers: its tail goes, and a header says
 * how long it was. A bad record must not end the job. */
static struct str cut_to(rd_kafka_headers_t *headers, const char *name, struct str bytes,
                         size_t max) {
    if (bytes.len <= max) return bytes;
    add_number(headers, name, (int64_t)bytes.len);
    return str_sub(bytes, 0, max);
}

bool writer_dead_letter(struct writer *writer, const struct plan_node *scan,
                        const struct record *record, const struct bad_record *bad,
                        struct error *err) {
    enum { KEY_BYTES_MAX = 64 * 1024, VALUE_BYTES_MAX = 800 * 1024 };
    rd_kafka_headers_t *headers = rd_kafka_headers_new(7);
    add_header(headers, "reason", str_of(bad_reason_name(bad->reason)));
    if (bad->column.len) add_header(headers, "column", bad->column);
    add_header(headers, "topic", scan->scan.table->kafka.topic);
    add_number(headers, "partition", record->partition);
    add_number(headers, "offset", record->offset);
    struct outgoing out = {
        .client = writer->dead_letter_client,
        .topic = writer->dead_letters,
        .key = cut_to(headers, "key-bytes", record->key, KEY_BYTES_MAX),
        .value = cut_to(headers, "value-bytes", record->value, VALUE_BYTES_MAX),
        .key_is_null = record->key_is_null,
        .value_is_null = record->value_is_null,
        .timestamp_ms = record->timestamp_ms > 0 ? record->timestamp_ms : 0,
        .headers = headers,
    };
    bool ok = produce(writer, &out, err);
    rd_kafka_headers_destroy(headers);
    return ok;
}

void writer_heed(struct writer *writer, const volatile sig_atomic_t *stop, int64_t drain_ms) {
    writer->stop = stop;
    writer->drain_ms = drain_ms;
}

uint64_t writer_seal(struct writer *writer) {
    if (!writer->open_group_used) return writer->open_group - 1;
    writer->open_group_used = false;
    return writer->open_group++;
}

bool writer_serve(struct writer *writer, uint64_t *delivered, struct error *err) {
    if (!serve_clients(writer, 0, err)) return false;
    while (writer->delivered + 1 < writer->open_group &&
           writer->groups[(writer->delivered + 1) % GROUPS].outstanding == 0)
        writer->delivered++;
    /* The ring must not lap itself: wait for the oldest group when it is nearly full. */
    while (writer->open_group - writer->delivered > GROUPS - 2) {
        if (!wait_turn(writer, err)) return false;
        if (writer->groups[(writer->delivered + 1) % GROUPS].outstanding == 0) writer->delivered++;
    }
    *delivered = writer->delivered;
    return true;
}

bool writer_flush(struct writer *writer, int64_t wait_ms, struct error *err) {
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    fflush(stdout);
    for (uint32_t c = 0; c < writer->client_count; c++) {
        int64_t left_ms = (deadline_ns - clock_mono_ns()) / 1000000;
        rd_kafka_flush(kafka_client_handle(writer->clients[c]), left_ms > 0 ? (int)left_ms : 0);
    }
    uint64_t missing = writer_queued(writer);
    if (missing) {
        error_set(err, ERROR_RETRY, "E0503", "%llu rows were not acknowledged within %lld s",
                  (unsigned long long)missing, (long long)(wait_ms / 1000));
        return error_help(err, "nothing is lost: start the job again, or wait longer with --drain");
    }
    return writer->failed == 0 || delivery_failed(writer, err);
}

void writer_problem(struct writer *writer, char *out, size_t bytes) {
    out[0] = 0;
    for (uint32_t c = 0; c < writer->client_count && !out[0]; c++)
        kafka_client_problem(writer->clients[c], out, bytes);
}
