/* SPDX-License-Identifier: Apache-2.0 */
/* What a job needs in Kafka and Pinot, what is there, and the way from one to the other. `decant
 * plan` prints it, `decant apply` walks it:
 *
 *   topics ─► schema and table of each upsert sink ─► each partition consumes ─► a query answers
 *
 * Nothing is ever deleted. What would lose or misread rows is blocked, and while anything is
 * blocked nothing is written at all. */
#ifndef PINOT_DEPLOY_H
#define PINOT_DEPLOY_H

#include "common/kafka_client.h"
#include "pinot/compare.h"
#include "pinot/derive.h"
#include "plan/plan.h"

/* How a Kafka of a table is reached. The caller owns the clients and may share one between tables.
 * `from` says where the address was given. */
struct deploy_kafka {
    bool (*client)(void *self, const struct table *table, struct kafka_client **out,
                   const char **from, struct error *err);
    void *self;
};

struct deploy_options {
    const struct plan *plan;
    struct pinot *pinot;       /* NULL: ask no server, everything is to be created for `version` */
    struct deploy_kafka kafka; /* unused without pinot */
    struct pinot_version version; /* used without pinot */
    struct str
        pinot_servers;  /* bootstrap.servers as Pinot sees Kafka; empty: as this program does */
    int32_t partitions; /* of topics that are created; 0: as the source, else PARTITIONS_DEFAULT */
    int64_t retention_days;
    int64_t wait_ms; /* for Kafka and Pinot to come up, and for Pinot to consume */
};

enum deploy_mark { DEPLOY_SAME, DEPLOY_CREATE, DEPLOY_CHANGE, DEPLOY_BLOCKED };
enum deploy_object { DEPLOY_TOPIC, DEPLOY_SCHEMA, DEPLOY_TABLE };

/* One line of the plan. Texts live in the job arena. */
struct deploy_item {
    enum deploy_mark mark;
    enum deploy_object object;
    struct str name;
    struct str detail; /* what it will be, or what changes */
    struct str remark; /* of a change: "safe, in place"; of a blocked one: why */
};

struct deploy_topic {
    struct str name;
    const struct table *table; /* whose Kafka it lives in */
    struct kafka_client *client;
    bool compact;
    int32_t partitions; /* that are there, or will be */
    struct deploy_item *item;
};

struct deploy_table {
    struct derived derived;
    struct deploy_topic *topic;
    json_t *have_schema, *have_table; /* owned; NULL: not there */
    struct deploy_item *schema_item, *table_item;
};

struct deployment {
    const struct deploy_options *options;
    struct pinot_version version;
    struct deploy_topic *topics;
    struct deploy_table *tables;
    struct deploy_item *items; /* topics, then schema and table of each sink */
    uint32_t topic_count, table_count, item_count;
    uint32_t count[DEPLOY_BLOCKED + 1]; /* items by mark */
    int64_t deadline_ns;                /* of all waiting together */
};

/* Waits for Kafka and Pinot, reads what is there and compares. Writes nothing.
 * Errors: E0501 and E0601 not reachable, E0602 version, E0603 a sink that cannot become a table. */
bool deploy_read(const struct deploy_options *options, struct arena *job, struct deployment *out,
                 struct error *err) MUST_CHECK;
void deploy_release(struct deployment *deployment); /* accepts a zeroed one */

/* E0616 with all that is blocked, one line each; true when nothing is. */
bool deploy_allowed(const struct deployment *deployment, struct error *err) MUST_CHECK;

/* Called after each step: number and total, and what was done. */
struct deploy_progress {
    void (*done)(void *self, uint32_t step, uint32_t steps, struct str what);
    void *self;
};

/* Does what is open, in order, and waits until every table consumes (and answers, when
 * pinot->broker is set). Safe to repeat: what is done is not done again. Errors: E0616 as
 * deploy_allowed; E0502 a topic; E0604 with Pinot's own words; E0611 a partition that does not
 * consume; E0614 a table that does not answer. */
bool deploy_apply(struct deployment *deployment, const struct deploy_progress *progress,
                  struct arena *job, struct error *err) MUST_CHECK;

/* {"topic": {name, partitions, config}, "tableName", "schema", "realtime"}: a table as it is
 * committed next to the sources and as plan --json shows it. Returns owned. */
json_t *deploy_document(const struct deploy_table *table);

#endif
