/* SPDX-License-Identifier: Apache-2.0 */
/* What may follow 'properties.' in WITH (…), and what becomes of it. */
#ifndef PLAN_KAFKA_PROPERTIES_H
#define PLAN_KAFKA_PROPERTIES_H

#include "common/str.h"

enum property_fate { PROPERTY_PASS, PROPERTY_RENAME, PROPERTY_IGNORE, PROPERTY_REFUSE };

struct kafka_property_rule {
    const char *name;
    enum property_fate fate;
    const char *detail; /* RENAME: librdkafka's name; IGNORE, REFUSE: the reason */
};

extern const struct kafka_property_rule kafka_property_rules[];
extern const uint32_t kafka_property_rule_count;

/* NULL when there is none of this name. */
const struct kafka_property_rule *kafka_property_find(struct str name);

#endif
