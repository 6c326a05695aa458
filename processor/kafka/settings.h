/* SPDX-License-Identifier: Apache-2.0 */
/* Kafka client settings of a job: our defaults, then WITH ('properties.…') of the table, then -X from the
 * command line. */
#ifndef KAFKA_SETTINGS_H
#define KAFKA_SETTINGS_H

#include "common/kafka_client.h"
#include "plan/plan.h"

struct kafka_settings {
    struct kafka_property *properties;
    size_t count;
    const char *from; /* where bootstrap.servers was given, for E0501 */
};

void consumer_settings(const struct table *table, const struct plan_override *overrides,
                       uint32_t override_count, struct arena *job, struct kafka_settings *out);
void producer_settings(const struct table *table, const struct plan_override *overrides,
                       uint32_t override_count, struct arena *job, struct kafka_settings *out);

#endif
