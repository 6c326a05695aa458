/* SPDX-License-Identifier: Apache-2.0 */
#include "kafka/source.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "common/log.h"

#define WITNESS "decant:"

struct partition {
    rd_kafka_queue_t *queue;
    int64_t start, next; /* next: offset after the last record handed over, or of the end marker */
    int64_t end;         /* end offset as of the start */
    int64_t stop;        /* bounded: where to stop; else INT64_MAX */
    bool at_end;
};

struct source {
    const struct table *table;
    char topic[256];
    struct kafka_client *client;
    struct partition *partitions;
    uint32_t count;
    bool bounded, commits;
    int64_t wait_ms;
};

static rd_kafka_t *handle(struct source *source) {
    return kafka_client_handle(source->client);
}

static bool offset_error(struct source *source, uint32_t partition, const char *why,
                         struct error *err) {
    error_set(err, ERROR_STOP, "E0505", "%s[%u] cannot be read: %s", source->topic, partition, why);
    return error_place(err, "kafka://%s", kafka_client_servers(source->client));
}

/* --- start offsets --- */

static rd_kafka_topic_partition_list_t *partition_list(struct source *source) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)source->count);
    for (uint32_t p = 0; p < source->count; p++)
        rd_kafka_topic_partition_list_add(list, source->topic, (int32_t)p);
    return list;
}

/* What the group has committed. Offsets that carry our witness belong to state that this version does not
 * keep over a restart: the job recomputes from the beginning. */
static bool start_from_group(struct source *source, struct error *err) {
    rd_kafka_topic_partition_list_t *list = partition_list(source);
    rd_kafka_resp_err_t code = rd_kafka_committed(handle(source), list, (int)source->wait_ms);
    for (uint32_t p = 0; !code && p < source->count; p++) {
        const rd_kafka_topic_partition_t *entry = &list->elems[p];
        struct str metadata = {entry->metadata ? entry->metadata : "", entry->metadata_size};
        bool foreign = entry->offset >= 0 && !str_starts(metadata, STR(WITNESS));
        if (foreign) source->partitions[p].start = entry->offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code ? offset_error(source, 0, rd_kafka_err2str(code), err) : true;
}

static bool start_from_time(struct source *source, int64_t timestamp_ms, struct error *err) {
    rd_kafka_topic_partition_list_t *list = partition_list(source);
    for (uint32_t p = 0; p < source->count; p++)
        list->elems[p].offset = timestamp_ms;
    rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(handle(source), list, (int)source->wait_ms);
    for (uint32_t p = 0; !code && p < source->count; p++)
        if (list->elems[p].offset >= 0)
            source->partitions[p].start = list->elems[p].offset;
        else
            source->partitions[p].start =
                source->partitions[p].stop; /* nothing that new: the end */
    rd_kafka_topic_partition_list_destroy(list);
    return code ? offset_error(source, 0, rd_kafka_err2str(code), err) : true;
}

static bool start_offsets(struct source *source, const struct source_options *options,
                          struct error *err) {
    const struct kafka_options *kafka = &source->table->kafka;
    enum startup_mode startup = options->earliest ? STARTUP_EARLIEST : kafka->startup;
    for (uint32_t p = 0; p < source->count; p++) {
        struct partition *partition = &source->partitions[p];
        if (!kafka_offsets(source->client, kafka->topic, (int32_t)p, source->wait_ms,
                           &partition->start, &partition->stop, err))
            return false;
        if (startup == STARTUP_LATEST) partition->start = partition->stop;
    }
    if (startup == STARTUP_GROUP_OFFSETS && !start_from_group(source, err)) return false;
    if (startup == STARTUP_TIMESTAMP && !start_from_time(source, kafka->startup_timestamp_ms, err))
        return false;
    for (uint32_t i = 0; startup == STARTUP_SPECIFIC && i < kafka->startup_offset_count; i++) {
        const struct partition_offset *given = &kafka->startup_offsets[i];
        if (given->partition < 0 || (uint32_t)given->partition >= source->count)
            return offset_error(
                source, (uint32_t)given->partition,
                "'scan.startup.specific-offsets' names a partition that the topic does not have",
                err);
        source->partitions[given->partition].start = given->offset;
    }
    for (uint32_t p = 0; p < source->count; p++) {
        struct partition *partition = &source->partitions[p];
        if (options->stops && options->stops[p] < partition->stop)
            partition->stop = options->stops[p];
        partition->next = partition->start;
        partition->end = partition->stop;
        partition->at_end = partition->start >= partition->stop;
        if (!source->bounded) partition->stop = INT64_MAX;
    }
    return true;
}

/* --- fetching --- */

/* Begins to fetch once more: what was fetched before its queue was our own went to the consumer's queue, which
 * source_serve only clears of errors. A seek makes all that outdated, so it is fetched and delivered again. */
static bool restart(struct source *source, rd_kafka_topic_partition_list_t *list,
                    struct error *err) {
    rd_kafka_error_t *error = rd_kafka_seek_partitions(handle(source), list, (int)source->wait_ms);
    rd_kafka_resp_err_t code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error) rd_kafka_error_destroy(error);
    for (int p = 0; p < list->cnt && !code; p++)
        code = list->elems[p].err;
    return !code || offset_error(source, 0, rd_kafka_err2str(code), err);
}

static bool own_queues(struct source *source, int wake_fd, struct error *err) {
    for (uint32_t p = 0; p < source->count; p++) {
        rd_kafka_queue_t *queue =
            rd_kafka_queue_get_partition(handle(source), source->topic, (int32_t)p);
        if (!queue) return offset_error(source, p, "librdkafka has no queue for it", err);
        rd_kafka_queue_forward(queue, NULL);
        if (wake_fd >= 0) rd_kafka_queue_io_event_enable(queue, wake_fd, "q", 1);
        source->partitions[p].queue = queue;
    }
    return true;
}

/* rd_kafka_assign forwards the queues to the consumer's; only then can they be taken back. */
static bool assign(struct source *source, int wake_fd, struct error *err) {
    rd_kafka_topic_partition_list_t *list = partition_list(source);
    for (uint32_t p = 0; p < source->count; p++)
        list->elems[p].offset = source->partitions[p].start;
    rd_kafka_resp_err_t code = rd_kafka_assign(handle(source), list);
    bool ok = code ? offset_error(source, 0, rd_kafka_err2str(code), err)
                   : own_queues(source, wake_fd, err) && restart(source, list, err);
    rd_kafka_topic_partition_list_destroy(list);
    return ok;
}

static bool open_topic(struct source *source, const struct source_options *options,
                       struct error *err) {
    const struct kafka_options *kafka = &options->table->kafka;
    int32_t partitions;
    if (!kafka_client_wait(source->client, options->wait_ms, options->settings.from, err) ||
        !kafka_topic_partitions(source->client, kafka->topic, options->wait_ms, &partitions, err))
        return false;
    source->count = (uint32_t)partitions;
    source->partitions = memory_new(source->count, sizeof *source->partitions);
    memcpy(source->topic, kafka->topic.ptr, kafka->topic.len); /* < 250 bytes, checked above */
    return start_offsets(source, options, err) && assign(source, options->wake_fd, err);
}

bool source_open(const struct source_options *options, struct source **out, struct error *err) {
    struct source *source = memory_new(1, sizeof *source);
    source->table = options->table;
    source->bounded = options->bounded || source->table->kafka.bounded;
    source->commits = source->table->kafka.group_id.len > 0;
    source->wait_ms = options->wait_ms;
    if (!kafka_client_new(KAFKA_CONSUMER, options->settings.properties, options->settings.count,
                          NULL, &source->client, err) ||
        !open_topic(source, options, err)) {
        source_close(source);
        return false;
    }
    *out = source;
    return true;
}

void source_close(struct source *source) {
    if (!source) return;
    for (uint32_t p = 0; source->partitions && p < source->count; p++)
        if (source->partitions[p].queue) rd_kafka_queue_destroy(source->partitions[p].queue);
    if (source->client && source->count) rd_kafka_assign(handle(source), NULL);
    kafka_client_free(source->client);
    free(source->partitions);
    free(source);
}

uint32_t source_partitions(const struct source *source) {
    return source->count;
}
struct kafka_client *source_client(struct source *source) {
    return source->client;
}

/* State of one drain call; librdkafka hands it to the callback. */
struct drain {
    struct source *source;
    uint32_t partition, count, max;
    source_sink *sink;
    void *self;
    bool failed;
    struct error *err;
};

static void on_event(struct drain *drain, const rd_kafka_message_t *message) {
    struct partition *partition = &drain->source->partitions[drain->partition];
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        partition->at_end = true;
        if (message->offset > partition->next) partition->next = message->offset;
        return;
    }
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT: return; /* librdkafka goes on trying */
    default: break;
    }
    drain->failed = true;
    offset_error(drain->source, drain->partition, rd_kafka_message_errstr(message), drain->err);
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
        error_help(
            drain->err,
            "records at this offset are gone (retention); choose a start with 'scan.startup.mode'");
}

static void on_message(rd_kafka_message_t *message, void *opaque) {
    struct drain *drain = opaque;
    struct partition *partition = &drain->source->partitions[drain->partition];
    if (drain->failed) return;
    if (message->err) {
        on_event(drain, message);
        return;
    }
    if (message->offset < partition->next) return; /* fetched twice around the start */
    if (message->offset >= partition->stop) {      /* bounded: behind the end as of the start */
        partition->at_end = true;
        return;
    }
    rd_kafka_timestamp_type_t timestamp_type;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &timestamp_type);
    struct record record = {
        .key = {message->key ? message->key : "", message->key_len},
        .value = {message->payload ? message->payload : "", message->len},
        .key_is_null = message->key == NULL,
        .value_is_null = message->payload == NULL,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = timestamp_ms,
        .log_append_time = timestamp_type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
    };
    partition->next = message->offset + 1;
    partition->at_end = false;
    if (!drain->sink(drain->self, drain->partition, &record, drain->err)) drain->failed = true;
    if (++drain->count >= drain->max || drain->failed) rd_kafka_yield(NULL);
}

bool source_drain(struct source *source, uint32_t partition, uint32_t max_records,
                  source_sink *sink, void *self, uint32_t *drained, struct error *err) {
    struct drain drain = {source, partition, 0, max_records, sink, self, false, err};
    rd_kafka_consume_callback_queue(source->partitions[partition].queue, 0, on_message, &drain);
    *drained = drain.count;
    return !drain.failed;
}

void source_serve(struct source *source) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(handle(source), 0);
    if (message)
        rd_kafka_message_destroy(message); /* errors of the group; records come by the queues */
}

bool source_at_end(const struct source *source, uint32_t partition) {
    return source->partitions[partition].at_end;
}

bool source_finished(const struct source *source) {
    if (!source->bounded) return false;
    for (uint32_t p = 0; p < source->count; p++) {
        const struct partition *partition = &source->partitions[p];
        if (partition->next < partition->stop && !partition->at_end) return false;
    }
    return true;
}

int64_t source_lag(const struct source *source) {
    int64_t lag = 0;
    for (uint32_t p = 0; p < source->count; p++) {
        int64_t low = -1, high = -1;
        const struct partition *partition = &source->partitions[p];
        rd_kafka_get_watermark_offsets(kafka_client_handle(source->client), source->topic,
                                       (int32_t)p, &low, &high);
        if (high < partition->end) high = partition->end; /* before the first answer to a fetch */
        if (high > partition->next) lag += high - partition->next;
    }
    return lag;
}

int64_t source_stop(const struct source *source, uint32_t partition) {
    return source->partitions[partition].stop;
}

/* "decant:CLOCK[:settled]" */
static bool parse_witness(struct str metadata, int64_t *clock_ms, bool *settled) {
    struct str rest;
    bool more;
    if (!str_starts(metadata, STR(WITNESS))) return false;
    struct str clock = str_split(str_from(metadata, sizeof WITNESS - 1), ':', &rest, &more);
    *settled = str_eq(rest, STR("settled"));
    return parse_i64(clock, clock_ms);
}

bool source_committed(struct source *source, struct committed *out, struct error *err) {
    rd_kafka_topic_partition_list_t *list = partition_list(source);
    rd_kafka_resp_err_t code = rd_kafka_committed(handle(source), list, (int)source->wait_ms);
    out->clock_ms = INT64_MIN;
    out->settled = true;
    for (uint32_t p = 0; !code && p < source->count; p++) {
        const rd_kafka_topic_partition_t *entry = &list->elems[p];
        struct str metadata = {entry->metadata ? entry->metadata : "", entry->metadata_size};
        int64_t clock_ms;
        bool settled;
        out->next[p] = -1;
        if (entry->offset < 0 || !parse_witness(metadata, &clock_ms, &settled)) continue;
        out->next[p] = entry->offset;
        out->settled &= settled;
        if (clock_ms > out->clock_ms) out->clock_ms = clock_ms;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code ? offset_error(source, 0, rd_kafka_err2str(code), err) : true;
}

/* Waiting has a bound: without a broker librdkafka would try for a minute, and only lag tools would miss it. */
static void send_offsets(struct source *source, rd_kafka_topic_partition_list_t *list, bool wait) {
    enum { WAIT_MS = 2000 };
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle(source));
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(handle(source), list, queue, NULL, NULL);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, wait ? WAIT_MS : 0);
    if (event)
        code = rd_kafka_event_error(event);
    else if (wait)
        code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code)
        log_event(LOG_WARNING, "kafka", "offset_commit_failed", "error=%s",
                  rd_kafka_err2name(code));
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
}

void source_commit_offsets(struct source *source, const int64_t *next, const struct commit *commit,
                           bool wait) {
    if (!source->commits) return;
    struct buf text;
    buf_init(&text, 64);
    buf_append(&text, STR(WITNESS));
    buf_append_i64(&text, commit->clock_ms);
    if (commit->settled) buf_append(&text, STR(":settled"));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)source->count);
    for (uint32_t p = 0; p < source->count; p++) {
        if (next[p] < 0) continue;
        rd_kafka_topic_partition_t *entry =
            rd_kafka_topic_partition_list_add(list, source->topic, (int32_t)p);
        entry->offset = next[p];
        entry->metadata = memory_new(1, text.len); /* librdkafka frees it with the list */
        memcpy(entry->metadata, text.ptr, text.len);
        entry->metadata_size = text.len;
    }
    if (list->cnt) send_offsets(source, list, wait);
    rd_kafka_topic_partition_list_destroy(list);
    buf_release(&text);
}
