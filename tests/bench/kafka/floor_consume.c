/* SPDX-License-Identifier: Apache-2.0 */
/* The cost of just reading a topic: the same librdkafka, allocator and settings as `decant run`, a callback
 * that adds up lengths, and nothing else. `decant run` is measured beside it.
 *
 *   floor_consume BOOTSTRAP TOPIC  ─►  {"records":…,"bytes":…,"read_ms":…,"cpu_ms":…} */
#include <stdio.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/kafka_client.h"
#include "kafka/settings.h"

enum { PARTITIONS_MAX = 64, WAIT_MS = 10000 };

struct floor {
    rd_kafka_queue_t *queues[PARTITIONS_MAX];
    int64_t left[PARTITIONS_MAX];
    uint64_t records, bytes;
    int32_t partition; /* that is being drained */
    uint32_t drained;
};

static void on_message(rd_kafka_message_t *message, void *opaque) {
    struct floor *floor = opaque;
    if (message->err) return;
    floor->records++;
    floor->bytes += message->len + message->key_len;
    floor->left[floor->partition]--;
    if (++floor->drained == 1024) rd_kafka_yield(NULL);
}

static bool open_partitions(struct floor *floor, struct kafka_client *client, struct str topic,
                            int32_t *partitions, struct error *err) {
    if (!kafka_client_wait(client, WAIT_MS, "the command line", err) ||
        !kafka_topic_partitions(client, topic, WAIT_MS, partitions, err))
        return false;
    if (*partitions > PARTITIONS_MAX) *partitions = PARTITIONS_MAX;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(*partitions);
    for (int32_t p = 0; p < *partitions; p++) {
        int64_t low, high;
        if (!kafka_offsets(client, topic, p, WAIT_MS, &low, &high, err)) return false;
        rd_kafka_topic_partition_list_add(list, topic.ptr, p)->offset = low;
        floor->left[p] = high - low;
    }
    rd_kafka_assign(kafka_client_handle(client), list);
    rd_kafka_topic_partition_list_destroy(list);
    for (int32_t p = 0; p < *partitions; p++) {
        floor->queues[p] = rd_kafka_queue_get_partition(kafka_client_handle(client), topic.ptr, p);
        rd_kafka_queue_forward(floor->queues[p], NULL);
    }
    return true;
}

static void drain(struct floor *floor, int32_t partitions) {
    for (bool more = true; more;) {
        more = false;
        for (floor->partition = 0; floor->partition < partitions; floor->partition++) {
            if (floor->left[floor->partition] <= 0) continue;
            more = true;
            floor->drained = 0;
            rd_kafka_consume_callback_queue(floor->queues[floor->partition], 1, on_message, floor);
        }
    }
}

static double cpu_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: floor_consume BOOTSTRAP TOPIC\n");
        return 64;
    }
    struct arena job = {0};
    struct floor floor = {0};
    struct error err;
    struct kafka_settings settings;
    struct kafka_client *client;
    int32_t partitions = 0;
    struct table table = {
        .name = STR("floor"),
        .kafka = {.topic = str_of(argv[2]), .bootstrap_servers = str_of(argv[1])}};
    consumer_settings(&table, NULL, 0, &job, &settings);
    if (!kafka_client_new(KAFKA_CONSUMER, settings.properties, settings.count, NULL, &client,
                          &err) ||
        !open_partitions(&floor, client, table.kafka.topic, &partitions, &err)) {
        fprintf(stderr, "floor_consume: %s\n", err.text);
        return 69;
    }
    int64_t start_ns = clock_mono_ns();
    drain(&floor, partitions);
    printf("{\"records\":%llu,\"bytes\":%llu,\"read_ms\":%lld,\"cpu_ms\":%.0f}\n",
           (unsigned long long)floor.records, (unsigned long long)floor.bytes,
           (long long)((clock_mono_ns() - start_ns) / 1000000), cpu_ms());
    for (int32_t p = 0; p < partitions; p++)
        rd_kafka_queue_destroy(floor.queues[p]);
    kafka_client_free(client);
    arena_release(&job);
    return 0;
}
