/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of `decant apply`. Facts behind the order: a table before its topic is refused; a table
 * whose Kafka address does not work from the controller's machine holds the request for minutes, so
 * the request has its own limit and the error says which address Pinot was told; a misspelt setting
 * is accepted with status 200 and listed as unrecognised, which is an error here; POST
 * /tableConfigs creates schema and table together or not at all, but only when neither exists. */
#include <poll.h>

#include "common/clock.h"
#include "pinot/deploy.h"

enum {
    TOPIC_WAIT_MS = 15000,
    QUERY_TIMEOUT_MS = 5000,
    QUERY_POLL_MS = 200,
    LINE_BYTES_MAX = 1 << 12
};

struct walk {
    struct deployment *d;
    const struct deploy_progress *progress;
    struct arena *job;
    uint32_t step, steps;
};

static int64_t rest_ms(const struct walk *walk) {
    int64_t left = (walk->d->deadline_ns - clock_mono_ns()) / 1000000;
    return left > 0 ? left : 0;
}

static void done(struct walk *walk, struct str what) {
    walk->progress->done(walk->progress->self, ++walk->step, walk->steps, what);
}

static bool is_open(const struct deploy_item *item) {
    return item->mark != DEPLOY_SAME;
}

/* --- topics --- */

static bool make_topic(struct walk *walk, struct deploy_topic *topic, struct error *err) {
    static const struct kafka_topic_config compact = {"cleanup.policy", "compact"};
    bool created;
    if (!kafka_topic_create(topic->client, topic->name, topic->partitions, &compact,
                            topic->compact ? 1 : 0, TOPIC_WAIT_MS, &created, err))
        return false;
    topic->item->mark = DEPLOY_SAME;
    done(walk, arena_printf(walk->job, "topic " STR_FMT "   %s, %d partitions%s",
                            STR_ARG(topic->name), created ? "created" : "is there meanwhile",
                            topic->partitions, topic->compact ? ", compacted" : ""));
    return true;
}

/* --- requests --- */

/* What the user must know of a refusal: step, request, Pinot's words, the address Pinot was told. */
static bool refused(const struct walk *walk, const struct deploy_table *table, const char *request,
                    const char *why, struct error *err) {
    const struct deploy_topic *topic = table->topic;
    const struct derived *derived = &table->derived;
    error_set(err, ERROR_USER, "E0604", "Pinot refused table " STR_FMT,
              STR_ARG(derived->table->name));
    error_place(err, "%s", walk->d->options->pinot->controller);
    error_evidence(
        err,
        "step %u of %u   %s → %s\n"
        "Kafka         " STR_FMT " has %d partitions at %s; the table tells Pinot " STR_FMT "\n"
        "done so far   %u of %u steps; running apply again continues there",
        walk->step + 1, walk->steps, request, why, STR_ARG(topic->name), topic->partitions,
        kafka_client_servers(topic->client), STR_ARG(derived->servers), walk->step, walk->steps);
    return error_help(err,
                      "when Pinot runs on another machine or in a container, give Kafka's address "
                      "as Pinot sees it: -X decant.pinot.bootstrap.servers=HOST:PORT");
}

/* Settings that this Pinot did not understand, or NULL. */
static json_t *unrecognized(json_t *answer) {
    json_t *found = json_object_get(answer, "unrecognizedProperties");
    return json_object_size(found) ? found : NULL;
}

/* One request of a step; 2xx and nothing unrecognised, or E0604. */
static bool ask(const struct walk *walk, const struct deploy_table *table, const char *method,
                const char *path, json_t *body, struct error *err) {
    struct buf message, request, why;
    struct error cause;
    int status = 0;
    json_t *answer = NULL;
    buf_init(&message, LINE_BYTES_MAX);
    buf_init(&request, LINE_BYTES_MAX);
    buf_init(&why, LINE_BYTES_MAX);
    buf_printf(&request, "%s %s", method, path);
    bool answered = pinot_request(walk->d->options->pinot, method, path, body, &status, &answer,
                                  &message, &cause);
    if (!answered)
        buf_printf(&why, "%s", cause.evidence);
    else if (status >= 300)
        buf_printf(&why, "%d \"" STR_FMT "\"", status, STR_ARG(buf_str(&message)));
    else if (unrecognized(answer)) {
        buf_printf(&why, "%d, but it does not know these settings: ", status);
        json_write(&why, unrecognized(answer));
    }
    bool ok = why.len == 0 || refused(walk, table, buf_c_string(&request), buf_c_string(&why), err);
    json_decref(answer);
    buf_release(&message);
    buf_release(&request);
    buf_release(&why);
    return ok;
}

/* --- schema and table --- */

static bool validate(const struct walk *walk, const struct deploy_table *table, struct error *err) {
    json_t *body = derived_body(&table->derived);
    bool ok = ask(walk, table, "POST", "/tableConfigs/validate", body, err);
    json_decref(body);
    return ok;
}

static bool create_both(const struct walk *walk, const struct deploy_table *table,
                        struct error *err) {
    json_t *body = derived_body(&table->derived);
    bool ok = ask(walk, table, "POST", "/tableConfigs", body, err);
    json_decref(body);
    return ok;
}

static bool put_schema(const struct walk *walk, const struct deploy_table *table,
                       struct error *err) {
    if (!table->have_schema)
        return ask(walk, table, "POST", "/schemas", table->derived.schema, err);
    struct str path = arena_printf(walk->job, "/schemas/" STR_FMT "?reload=true",
                                   STR_ARG(table->derived.table->name));
    return ask(walk, table, "PUT", path.ptr, table->derived.schema, err);
}

static bool put_table(const struct walk *walk, const struct deploy_table *table,
                      struct error *err) {
    if (!table->have_table)
        return ask(walk, table, "POST", "/tables", table->derived.realtime, err);
    struct str path =
        arena_printf(walk->job, "/tables/" STR_FMT, STR_ARG(table->derived.table->name));
    json_t *body = overlay(table->have_table, table->derived.realtime);
    bool ok = ask(walk, table, "PUT", path.ptr, body, err);
    json_decref(body);
    return ok;
}

static bool make_table(struct walk *walk, struct deploy_table *table, struct error *err) {
    bool fresh = !table->have_schema && !table->have_table;
    bool ok = validate(walk, table, err);
    if (ok && fresh) ok = create_both(walk, table, err);
    if (ok && !fresh && is_open(table->schema_item)) ok = put_schema(walk, table, err);
    if (ok && !fresh && is_open(table->table_item)) ok = put_table(walk, table, err);
    if (!ok) return false;
    table->schema_item->mark = table->table_item->mark = DEPLOY_SAME;
    done(walk, arena_printf(walk->job, "schema and table " STR_FMT "   %s",
                            STR_ARG(table->derived.table->name), fresh ? "created" : "changed"));
    return true;
}

/* --- consuming, answering --- */

/* For a while after its creation a table answers with errors. */
static bool answers(const struct walk *walk, const struct deploy_table *table, struct error *err) {
    struct str sql = arena_printf(walk->job, "SELECT COUNT(*) FROM \"" STR_FMT "\" LIMIT 1",
                                  STR_ARG(table->derived.table->name));
    for (;;) {
        json_t *answer;
        const json_t *rows;
        if (pinot_query(walk->d->options->pinot, sql, QUERY_TIMEOUT_MS, &answer, &rows, err)) {
            json_decref(answer);
            return true;
        }
        if (rest_ms(walk) == 0) return false;
        poll(NULL, 0, QUERY_POLL_MS);
    }
}

static bool wait_table(struct walk *walk, const struct deploy_table *table, bool told,
                       struct error *err) {
    struct pinot *pinot = walk->d->options->pinot;
    uint32_t partitions = (uint32_t)table->topic->partitions;
    if (!pinot_wait_consumed(pinot, table->derived.table->name, NULL, partitions, rest_ms(walk),
                             err))
        return false;
    if (pinot->broker && !answers(walk, table, err)) return false;
    if (told)
        done(walk, arena_printf(walk->job, "consuming " STR_FMT "   %u of %u partitions%s",
                                STR_ARG(table->derived.table->name), partitions, partitions,
                                pinot->broker ? ", first query answered" : ""));
    return true;
}

/* Tables that are as they should be are waited for as well, but are no steps. */
static uint32_t count_steps(const struct deployment *d) {
    uint32_t steps = 0;
    for (uint32_t i = 0; i < d->topic_count; i++)
        steps += is_open(d->topics[i].item);
    for (uint32_t i = 0; i < d->table_count; i++)
        if (is_open(d->tables[i].schema_item) || is_open(d->tables[i].table_item)) steps += 2;
    return steps;
}

bool deploy_apply(struct deployment *d, const struct deploy_progress *progress, struct arena *job,
                  struct error *err) {
    struct walk walk = {.d = d, .progress = progress, .job = job, .steps = count_steps(d)};
    if (!deploy_allowed(d, err)) return false;
    for (uint32_t i = 0; i < d->topic_count; i++)
        if (is_open(d->topics[i].item) && !make_topic(&walk, &d->topics[i], err)) return false;
    bool *told = ARENA_NEW(job, d->table_count, bool);
    for (uint32_t i = 0; i < d->table_count; i++) {
        struct deploy_table *table = &d->tables[i];
        told[i] = is_open(table->schema_item) || is_open(table->table_item);
        if (told[i] && !make_table(&walk, table, err)) return false;
    }
    for (uint32_t i = 0; i < d->table_count; i++)
        if (!wait_table(&walk, &d->tables[i], told[i], err)) return false;
    return true;
}
