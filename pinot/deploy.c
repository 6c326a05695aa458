/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is there, and comparing. See apply.c for doing. */
#include "pinot/deploy.h"

#include "common/clock.h"

enum { DETAIL_BYTES_MAX = 1 << 16, KAFKA_ANSWER_MS = 5000 };

/* --- what the job needs --- */

static struct deploy_topic *find_topic(struct deployment *d, struct str name) {
    for (uint32_t i = 0; i < d->topic_count; i++)
        if (str_eq(d->topics[i].name, name)) return &d->topics[i];
    return NULL;
}

static void need_topic(struct deployment *d, struct str name, const struct table *table,
                       bool compact) {
    struct deploy_topic *topic = find_topic(d, name);
    if (!topic) {
        topic = &d->topics[d->topic_count++];
        *topic = (struct deploy_topic){.name = name, .table = table};
    }
    topic->compact = topic->compact || compact;
}

static bool is_kafka(const struct table *table) {
    return table->connector == CONNECTOR_KAFKA || table->connector == CONNECTOR_UPSERT_KAFKA;
}

/* Sources first: their partitions are the model for the others. */
static void need_topics(struct deployment *d, const struct plan *plan, struct arena *job) {
    d->topics = ARENA_NEW(job, plan->scan_count + plan->sink_count + 1, struct deploy_topic);
    const struct table *last = NULL;
    for (uint32_t i = 0; i < plan->scan_count + plan->sink_count; i++) {
        const struct table *table = i < plan->scan_count
                                        ? plan->scans[i]->scan.table
                                        : plan->sinks[i - plan->scan_count]->sink.table;
        if (is_kafka(table))
            need_topic(d, table->kafka.topic, table, table->connector == CONNECTOR_UPSERT_KAFKA);
        if (is_kafka(table) && !last) last = table;
    }
    if (plan->settings.dead_letter_topic.len && last)
        need_topic(d, plan->settings.dead_letter_topic, last, false);
}

/* --- Kafka --- */

static int64_t rest_ms(const struct deployment *d) {
    int64_t left = (d->deadline_ns - clock_mono_ns()) / 1000000;
    return left > 0 ? (left + 999) / 1000 * 1000 : 0; /* whole seconds, as messages print them */
}

/* 0 when the topic does not exist: one question for all topics, so that a slow answer is never
 * taken for a missing topic. */
static bool partitions_there(struct kafka_client *client, struct str name, int32_t *out,
                             struct error *err) {
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(kafka_client_handle(client), 1, NULL, &metadata, KAFKA_ANSWER_MS);
    if (code) {
        error_set(err, ERROR_RETRY, "E0502", "the topics cannot be listed: %s",
                  rd_kafka_err2str(code));
        return error_place(err, "kafka://%s", kafka_client_servers(client));
    }
    *out = 0;
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (str_eq(str_of(metadata->topics[i].topic), name) && !metadata->topics[i].err)
            *out = metadata->topics[i].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    return true;
}

static void describe_topic(const struct deployment *d, struct deploy_topic *topic,
                           struct str policy, bool exists, struct arena *job) {
    struct deploy_item *item = topic->item;
    int32_t wanted = d->options->partitions;
    item->detail = arena_printf(job, "%d partitions%s", topic->partitions,
                                topic->compact ? ", cleanup.policy=compact" : "");
    item->mark = exists ? DEPLOY_SAME : DEPLOY_CREATE;
    if (!exists && !topic->compact) item->remark = STR("cleanup.policy as the broker's default");
    if (!exists || !topic->compact) return;
    if (!str_eq(policy, STR("compact"))) {
        item->mark = DEPLOY_BLOCKED;
        item->detail = arena_printf(job, "cleanup.policy " STR_FMT " → compact", STR_ARG(policy));
        item->remark = STR(
            "blocked: Kafka may have deleted keys already; set it by hand when the topic is whole");
    } else if (wanted && wanted != topic->partitions) {
        item->mark = DEPLOY_BLOCKED;
        item->detail = arena_printf(job, "%d partitions → %d", topic->partitions, wanted);
        item->remark = STR("blocked: keys would move to other partitions and stand there twice");
    }
}

static bool read_topic(struct deployment *d, struct deploy_topic *topic, int32_t fallback,
                       struct arena *job, struct error *err) {
    struct str policy = STR("");
    if (d->options->pinot) {
        const char *from = NULL;
        if (!d->options->kafka.client(d->options->kafka.self, topic->table, &topic->client, &from,
                                      err) ||
            !kafka_client_wait(topic->client, rest_ms(d), from, err) ||
            !partitions_there(topic->client, topic->name, &topic->partitions, err))
            return false;
    }
    bool exists = topic->partitions > 0;
    if (!exists) topic->partitions = d->options->partitions ? d->options->partitions : fallback;
    if (exists && topic->compact &&
        !kafka_topic_config_get(topic->client, topic->name, "cleanup.policy", KAFKA_ANSWER_MS, job,
                                &policy, err))
        return false;
    describe_topic(d, topic, policy, exists, job);
    return true;
}

static bool read_topics(struct deployment *d, struct arena *job, struct error *err) {
    for (uint32_t i = 0; i < d->topic_count; i++) {
        struct deploy_topic *topic = &d->topics[i];
        topic->item = &d->items[d->item_count++];
        *topic->item = (struct deploy_item){.object = DEPLOY_TOPIC, .name = topic->name};
        if (!read_topic(d, topic, i ? d->topics[0].partitions : PARTITIONS_DEFAULT, job, err))
            return false;
    }
    return true;
}

/* --- Pinot --- */

/* What stands at `path`, or NULL: a missing schema is 404, a missing table an empty object. Pinot
 * 0.11 answers 500 for neither. */
static bool read_json(struct pinot *pinot, const char *kind, struct str name, json_t **out,
                      struct error *err) {
    struct arena scratch = {0};
    struct buf message;
    int status = 0;
    json_t *answer = NULL;
    struct str path = arena_printf(&scratch, "/%s/" STR_FMT, kind, STR_ARG(name));
    buf_init(&message, 2048);
    bool ok = pinot_request(pinot, "GET", path.ptr, NULL, &status, &answer, &message, err);
    if (ok && status != 200 && status != 404) {
        ok = error_set(err, ERROR_RETRY, "E0604",
                       "Pinot does not tell what it has: GET %s → %d \"%s\"", path.ptr, status,
                       buf_c_string(&message));
        error_place(err, "%s", pinot->controller);
    }
    *out = ok && status == 200 ? json_incref(answer) : NULL;
    json_decref(answer);
    buf_release(&message);
    arena_release(&scratch);
    return ok;
}

static bool read_present(struct pinot *pinot, struct deploy_table *table, struct error *err) {
    json_t *tables;
    struct str name = table->derived.table->name;
    if (!read_json(pinot, "schemas", name, &table->have_schema, err) ||
        !read_json(pinot, "tables", name, &tables, err))
        return false;
    table->have_table = json_incref(json_object_get(tables, "REALTIME"));
    json_decref(tables);
    return true;
}

static void join_names(struct buf *out, json_t *names) {
    for (size_t i = 0; i < json_array_size(names); i++)
        buf_printf(out, "%s%s", i ? ", " : "", json_string_value(json_array_get(names, i)));
}

static struct str schema_text(const struct derived *derived, struct arena *job) {
    struct buf text;
    buf_init(&text, DETAIL_BYTES_MAX);
    buf_append(&text, STR("key ("));
    join_names(&text, json_object_get(derived->schema, "primaryKeyColumns"));
    size_t metrics = json_array_size(json_object_get(derived->schema, "metricFieldSpecs"));
    buf_printf(&text, "), %zu metric%s, time " STR_FMT, metrics, metrics == 1 ? "" : "s",
               STR_ARG(derived->time_column));
    struct str copy = arena_str(job, buf_str(&text));
    buf_release(&text);
    return copy;
}

static struct str table_text(const struct deploy_table *table, struct arena *job) {
    return arena_printf(job, "upsert FULL, compare _version, murmur2, %d partitions",
                        table->topic->partitions);
}

/* Of several differences the blocked ones count, and only they are shown then. */
static void describe(struct deploy_item *item, const struct differences *found, struct arena *job) {
    struct buf detail;
    const char *why = NULL;
    if (found->count == 0) return;
    buf_init(&detail, DETAIL_BYTES_MAX);
    for (uint32_t i = 0; i < found->count; i++) {
        const struct difference *difference = &found->items[i];
        if (found->blocked && !difference->why) continue;
        if (detail.len) buf_append(&detail, STR("; "));
        buf_append(&detail, difference->text);
        if (!why) why = difference->why;
    }
    item->mark = found->blocked ? DEPLOY_BLOCKED : DEPLOY_CHANGE;
    item->detail = arena_str(job, buf_str(&detail));
    item->remark = why ? arena_printf(job, "blocked: %s", why) : STR("safe, in place");
    buf_release(&detail);
}

static void compare_present(struct deploy_table *table, struct arena *job) {
    struct differences found;
    table->schema_item->mark = table->have_schema ? DEPLOY_SAME : DEPLOY_CREATE;
    table->table_item->mark = table->have_table ? DEPLOY_SAME : DEPLOY_CREATE;
    if (table->have_schema) {
        compare_schema(table->have_schema, table->derived.schema, job, &found);
        describe(table->schema_item, &found, job);
    }
    if (table->have_table) {
        compare_table(table->have_table, table->derived.realtime, job, &found);
        describe(table->table_item, &found, job);
    }
}

static struct deploy_item *add_item(struct deployment *d, enum deploy_object object,
                                    struct str name, struct str detail) {
    struct deploy_item *item = &d->items[d->item_count++];
    *item = (struct deploy_item){.object = object, .name = name, .detail = detail};
    return item;
}

static bool read_table(struct deployment *d, const struct table *sink, struct arena *job,
                       struct error *err) {
    const struct deploy_options *options = d->options;
    struct deploy_table *table = &d->tables[d->table_count++];
    table->topic = find_topic(d, sink->kafka.topic);
    struct pinot_target target = {.version = d->version,
                                  .partitions = table->topic->partitions,
                                  .retention_days = options->retention_days,
                                  .servers = sink->kafka.bootstrap_servers};
    if (table->topic->client) target.servers = str_of(kafka_client_servers(table->topic->client));
    if (options->pinot_servers.len) target.servers = options->pinot_servers;
    if (!derive_table(sink, &target, job, &table->derived, err)) return false;
    if (options->pinot && !read_present(options->pinot, table, err)) return false;
    json_t *name = json_object_get(table->derived.realtime, "tableName");
    table->schema_item = add_item(d, DEPLOY_SCHEMA, sink->name, schema_text(&table->derived, job));
    table->table_item = add_item(d, DEPLOY_TABLE, arena_str(job, str_of(json_string_value(name))),
                                 table_text(table, job));
    compare_present(table, job);
    return true;
}

static bool read_tables(struct deployment *d, struct arena *job, struct error *err) {
    const struct plan *plan = d->options->plan;
    for (uint32_t i = 0; i < plan->sink_count; i++) {
        const struct table *sink = plan->sinks[i]->sink.table;
        bool again = false; /* two INSERTs may write one table */
        for (uint32_t s = 0; s < i; s++)
            again = again || plan->sinks[s]->sink.table == sink;
        if (!again && is_pinot_table(sink) && !read_table(d, sink, job, err)) return false;
    }
    return true;
}

/* --- all of it --- */

static bool read_all(struct deployment *d, struct arena *job, struct error *err) {
    const struct deploy_options *options = d->options;
    d->version = options->version;
    if (!read_topics(d, job, err)) return false;
    if (options->pinot && !pinot_version(options->pinot, rest_ms(d), &d->version, err))
        return false;
    if (!pinot_version_supported(d->version, err) || !read_tables(d, job, err)) return false;
    for (uint32_t i = 0; i < d->item_count; i++)
        d->count[d->items[i].mark]++;
    return true;
}

bool deploy_read(const struct deploy_options *options, struct arena *job, struct deployment *out,
                 struct error *err) {
    const struct plan *plan = options->plan;
    *out = (struct deployment){.options = options,
                               .deadline_ns = clock_mono_ns() + options->wait_ms * 1000000};
    need_topics(out, plan, job);
    out->tables = ARENA_NEW(job, plan->sink_count, struct deploy_table);
    out->items =
        ARENA_NEW(job, out->topic_count + 2 * (size_t)plan->sink_count, struct deploy_item);
    if (read_all(out, job, err)) return true;
    deploy_release(out);
    return false;
}

void deploy_release(struct deployment *d) {
    for (uint32_t i = 0; i < d->table_count; i++) {
        derived_release(&d->tables[i].derived);
        json_decref(d->tables[i].have_schema);
        json_decref(d->tables[i].have_table);
    }
    *d = (struct deployment){0};
}

bool deploy_allowed(const struct deployment *d, struct error *err) {
    if (!d->count[DEPLOY_BLOCKED]) return true;
    struct buf lines;
    buf_init(&lines, sizeof err->evidence - 1);
    for (uint32_t i = 0; i < d->item_count; i++) {
        const struct deploy_item *item = &d->items[i];
        if (item->mark != DEPLOY_BLOCKED) continue;
        buf_printf(&lines, "%s" STR_FMT ": " STR_FMT "; " STR_FMT, lines.len ? "\n" : "",
                   STR_ARG(item->name), STR_ARG(item->detail), STR_ARG(item->remark));
    }
    error_set(err, ERROR_USER, "E0616",
              "%u change%s would lose or misread rows; nothing was written",
              d->count[DEPLOY_BLOCKED], d->count[DEPLOY_BLOCKED] == 1 ? "" : "s");
    error_evidence(err, "%s", buf_c_string(&lines));
    buf_release(&lines);
    return error_help(
        err,
        "give the sink a new table and topic name and run the job again: it writes all rows; then delete the old ones");
}

json_t *deploy_document(const struct deploy_table *table) {
    json_t *document = json_object(), *topic = json_object(), *body = derived_body(&table->derived);
    json_object_set_new(topic, "name",
                        json_stringn(table->topic->name.ptr, table->topic->name.len));
    json_object_set_new(topic, "partitions", json_integer(table->topic->partitions));
    json_object_set_new(topic, "config", json_pack("{s:s}", "cleanup.policy", "compact"));
    json_object_set_new(document, "topic", topic);
    json_object_update(document, body);
    json_decref(body);
    return document;
}
