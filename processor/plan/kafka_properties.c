/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kafka_properties.h"

const struct kafka_property_rule kafka_property_rules[] = {
#define KAFKA_PROPERTY(name, fate, detail) {name, PROPERTY_##fate, detail},
#include "plan/kafka_properties.def"
#undef KAFKA_PROPERTY
};
const uint32_t kafka_property_rule_count = ARRAY_LEN(kafka_property_rules);

const struct kafka_property_rule *kafka_property_find(struct str name) {
    for (uint32_t i = 0; i < kafka_property_rule_count; i++)
        if (str_eq(name, str_of(kafka_property_rules[i].name))) return &kafka_property_rules[i];
    return NULL;
}
