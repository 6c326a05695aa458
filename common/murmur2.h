/* SPDX-License-Identifier: Apache-2.0 */
/* The partitioner of Kafka's Java producer and of Pinot's "Murmur" partition function:
 * (murmur2(key) & 0x7fffffff) % partitions. librdkafka's default is CRC32 and would put a key into
 * another partition. Source: org.apache.kafka.common.utils.Utils#murmur2. */
#ifndef COMMON_MURMUR2_H
#define COMMON_MURMUR2_H

#include "common/str.h"

uint32_t murmur2(struct str key);
/* partitions > 0 */
static inline int32_t murmur2_partition(struct str key, int32_t partitions) {
    return (int32_t)((murmur2(key) & 0x7fffffffu) % (uint32_t)partitions);
}

#endif
