/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deployment.h"

#include "kafka/settings.h"

enum { MILLISECONDS_PER_DAY = 86400000 };

struct kafka_pool_entry {
    struct kafka_settings settings;
    struct kafka_client *client;
};

/* --- Kafka --- */

static bool same_settings(const struct kafka_settings *a, const struct kafka_settings *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_eq(a->properties[i].key, b->properties[i].key) ||
            !str_eq(a->properties[i].value, b->properties[i].value))
            return false;
    return true;
}

static bool pool_client(void *self, const struct table *table, struct kafka_client **out,
                        const char **from, struct error *err) {
    struct kafka_pool *pool = self;
    struct kafka_settings settings;
    producer_settings(table, pool->overrides, pool->override_count, pool->job, &settings);
    *from = settings.from;
    for (uint32_t i = 0; i < pool->count; i++)
        if (same_settings(&pool->entries[i].settings, &settings))
            return *out = pool->entries[i].client, true;
    struct kafka_pool_entry *entry = &pool->entries[pool->count];
    entry->settings = settings;
    if (!kafka_client_new(KAFKA_PRODUCER, settings.properties, settings.count, NULL, &entry->client,
                          err))
        return false;
    pool->count++;
    *out = entry->client;
    return true;
}

/* --- settings of our own --- */

#define OWN_PREFIX "decant.pinot."

/* -X decant.pinot.… belongs to plan and apply alone; the rest goes to the binder and the Kafka
 * client. */
static void split_overrides(const struct option_list *given, struct arena *job,
                            struct option_list *own, struct option_list *rest) {
    *own = (struct option_list){ARENA_NEW(job, given->count + 1, const char *), 0};
    *rest = (struct option_list){ARENA_NEW(job, given->count + 1, const char *), 0};
    for (uint32_t i = 0; i < given->count; i++) {
        struct option_list *list =
            str_starts(str_of(given->items[i]), STR(OWN_PREFIX)) ? own : rest;
        list->items[list->count++] = given->items[i];
    }
}

static bool take_retention(const struct plan_override *setting, struct deploy_options *options,
                           struct error *err) {
    int64_t ms;
    if (parse_duration_ms(setting->value, &ms) && ms % MILLISECONDS_PER_DAY == 0 && ms >= 0) {
        options->retention_days = ms / MILLISECONDS_PER_DAY;
        return true;
    }
    error_set(err, ERROR_USER, "E0402",
              "'" STR_FMT "' does not fit; retention is in whole days, such as 30d",
              STR_ARG(setting->value));
    return error_place(err, "-X " STR_FMT, STR_ARG(setting->key));
}

static bool take_own(const struct option_list *own, struct arena *job,
                     struct deploy_options *options, struct error *err) {
    struct plan_override *settings;
    uint32_t count;
    if (!parse_overrides(own, job, &settings, &count, err)) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq(settings[i].key, STR(OWN_PREFIX "bootstrap.servers"))) {
            options->pinot_servers = settings[i].value;
        } else if (str_eq(settings[i].key, STR(OWN_PREFIX "retention"))) {
            if (!take_retention(&settings[i], options, err)) return false;
        } else {
            error_set(err, ERROR_USER, "E0401", "there is no setting '" STR_FMT "'",
                      STR_ARG(settings[i].key));
            return error_help(err, "of this kind there are " OWN_PREFIX
                                   "bootstrap.servers and " OWN_PREFIX "retention");
        }
    }
    return true;
}

static bool take_version(const char *text, struct deploy_options *options, struct error *err) {
    if (pinot_version_parse(str_of(text), &options->version)) return true;
    error_set(err, ERROR_USER, "E0402",
              "'%s' does not fit; --pinot-version takes a version such as 1.5.1", text);
    return false;
}

/* --- opening --- */

bool deployment_open(const struct deployment_settings *settings, const char *path,
                     struct arena *job, struct job_deployment *out, int *status) {
    struct option_list own, rest;
    struct error err;
    *out = (struct job_deployment){
        .options = {.partitions = (int32_t)settings->partitions, .wait_ms = settings->wait_ms}};
    split_overrides(&settings->overrides, job, &own, &rest);
    if (!load_job(path, &rest, settings->quiet, job, &out->file, status)) return false;
    const struct plan *plan = out->file.plan;
    out->kafka =
        (struct kafka_pool){.overrides = out->file.overrides,
                            .override_count = out->file.override_count,
                            .job = job,
                            .entries = ARENA_NEW(job, plan->scan_count + plan->sink_count + 1,
                                                 struct kafka_pool_entry)};
    pinot_open(&out->pinot, settings->controller, settings->broker);
    out->options.plan = plan;
    out->options.kafka = (struct deploy_kafka){pool_client, &out->kafka};
    if (!settings->version) out->options.pinot = &out->pinot;
    if (take_own(&own, job, &out->options, &err) &&
        (!settings->version || take_version(settings->version, &out->options, &err)) &&
        deploy_read(&out->options, job, &out->deployment, &err))
        return true;
    *status = (int)fail(&err, out->file.name, out->file.text);
    return false;
}

void deployment_close(struct job_deployment *open) {
    deploy_release(&open->deployment);
    for (uint32_t i = 0; i < open->kafka.count; i++)
        kafka_client_free(open->kafka.entries[i].client);
    if (open->pinot.http) pinot_close(&open->pinot);
}

/* --- printing --- */

static const char *const glyphs[] = {
    [DEPLOY_SAME] = "=", [DEPLOY_CREATE] = "+", [DEPLOY_CHANGE] = "~", [DEPLOY_BLOCKED] = "!"};
static const char *const verbs[] = {[DEPLOY_SAME] = "same",
                                    [DEPLOY_CREATE] = "create",
                                    [DEPLOY_CHANGE] = "change",
                                    [DEPLOY_BLOCKED] = "blocked"};
static const char *const objects[] = {
    [DEPLOY_TOPIC] = "topic", [DEPLOY_SCHEMA] = "schema", [DEPLOY_TABLE] = "table"};

static size_t widest_name(const struct deployment *deployment) {
    size_t width = 0;
    for (uint32_t i = 0; i < deployment->item_count; i++)
        if (deployment->items[i].name.len > width) width = deployment->items[i].name.len;
    return width;
}

static void print_sum(struct buf *out, const struct deployment *deployment) {
    static const struct {
        enum deploy_mark mark;
        const char *text;
    } sums[] = {
        {DEPLOY_CREATE, "to create"}, {DEPLOY_CHANGE, "to change"}, {DEPLOY_BLOCKED, "blocked"}};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        uint32_t count = deployment->count[sums[i].mark];
        if (!count) continue;
        buf_printf(out, "%s%u %s", any ? ", " : "", count, sums[i].text);
        any = true;
    }
    buf_append(out, any ? STR("\n") : STR("nothing to change\n"));
}

void deployment_print(struct buf *out, const struct deployment *deployment) {
    int width = (int)widest_name(deployment);
    for (uint32_t i = 0; i < deployment->item_count; i++) {
        const struct deploy_item *item = &deployment->items[i];
        buf_printf(out, "%s %-6s  %-*.*s  " STR_FMT, glyphs[item->mark], objects[item->object],
                   width, (int)item->name.len, item->name.ptr, STR_ARG(item->detail));
        if (item->remark.len) buf_printf(out, "   " STR_FMT, STR_ARG(item->remark));
        buf_append_char(out, '\n');
    }
    print_sum(out, deployment);
}

static json_t *text(struct str s) {
    return json_stringn(s.ptr, s.len);
}

static json_t *item_json(const struct deploy_item *item) {
    json_t *json = json_object();
    json_object_set_new(json, "change", json_string(verbs[item->mark]));
    json_object_set_new(json, "object", json_string(objects[item->object]));
    json_object_set_new(json, "name", text(item->name));
    json_object_set_new(json, "detail", text(item->detail));
    json_object_set_new(json, "remark", text(item->remark));
    return json;
}

void deployment_print_json(struct buf *out, const struct deployment *deployment) {
    struct pinot_version version = deployment->version;
    json_t *items = json_array(), *tables = json_array(), *json = json_object();
    for (uint32_t i = 0; i < deployment->item_count; i++)
        json_array_append_new(items, item_json(&deployment->items[i]));
    for (uint32_t i = 0; i < deployment->table_count; i++)
        json_array_append_new(tables, deploy_document(&deployment->tables[i]));
    json_object_set_new(json, "schema", json_string("decant.plan/1"));
    json_object_set_new(json, "pinot_version",
                        json_sprintf("%d.%d.%d", version.major, version.minor, version.patch));
    json_object_set_new(json, "items", items);
    json_object_set_new(json, "create", json_integer(deployment->count[DEPLOY_CREATE]));
    json_object_set_new(json, "change", json_integer(deployment->count[DEPLOY_CHANGE]));
    json_object_set_new(json, "blocked", json_integer(deployment->count[DEPLOY_BLOCKED]));
    json_object_set_new(json, "tables", tables);
    json_write(out, json);
    buf_append_char(out, '\n');
    json_decref(json);
}
