/* SPDX-License-Identifier: Apache-2.0 */
/* From a sink's CREATE TABLE to what Pinot needs, without asking any server:
 *
 *   columns, PRIMARY KEY ─► Avro schema ─────────────┐
 *                        └► Pinot schema             ├─► REALTIME table with FULL upsert
 *   topic, partitions, Kafka's address, version ─────┘
 *
 * The result depends on the arguments alone; keys of the JSON objects keep one order. */
#ifndef PINOT_DERIVE_H
#define PINOT_DERIVE_H

#include "pinot/features.h"
#include "plan/catalog.h"

enum { PARTITIONS_DEFAULT = 4 };

/* Where the table will live. */
struct pinot_target {
    struct pinot_version version;
    struct str servers;     /* bootstrap.servers as Pinot sees Kafka */
    int32_t partitions;     /* of the table's topic */
    int64_t retention_days; /* 0: rows stay. Used only where time is part of the key: elsewhere an
                               idle key would vanish with its segment */
};

struct derived {
    const struct table *table;
    struct str avro;  /* text of the value's schema */
    json_t *schema;   /* owned */
    json_t *realtime; /* owned: the table config */
    struct str time_column, servers;
};

/* The upsert-kafka sinks with Avro values become Pinot tables. */
bool is_pinot_table(const struct table *table);

/* E0603 for a column type that Pinot cannot take, E0701 as avro_schema_derive. Texts live in `job`;
 * release the rest with derived_release. */
bool derive_table(const struct table *table, const struct pinot_target *target, struct arena *job,
                  struct derived *out, struct error *err) MUST_CHECK;
void derived_release(struct derived *derived); /* accepts a zeroed one */

/* {"tableName", "schema", "realtime"}: the body of POST /tableConfigs. Returns owned. */
json_t *derived_body(const struct derived *derived);

#endif
