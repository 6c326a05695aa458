/* SPDX-License-Identifier: Apache-2.0 */
/* SET, RESET and -X. One table says which settings have an effect; Flink settings that only tune Flink are
 * gathered into one notice; settings that would change results and are not implemented are refused. */
#include <stddef.h>

#include "plan/bind.h"
#include "plan/kafka_properties.h"

enum setting_type {
    SET_TEXT,     /* struct str */
    SET_ZONE,     /* struct str */
    SET_DURATION, /* int64_t, ms */
    SET_SIZE,     /* uint64_t, bytes */
    SET_FLAG,     /* emit.*.enabled: handled together with the delay */
    SET_ENFORCER, /* bool: ERROR | DROP */
    SET_ACCEPT,   /* checked against `values`, no effect in this version */
};

struct setting_rule {
    const char *key;
    enum setting_type type;
    size_t field; /* in struct plan_settings */
    const char *preset;
    int64_t min, max;   /* DURATION, ms; SIZE, bytes */
    const char *values; /* ACCEPT: "a|b"; others: what fits, in words */
};

#define FIELD(name) offsetof(struct plan_settings, name)
enum { HOUR_MS = 3600000 };
static const int64_t CENTURY_MS = (int64_t)100 * 366 * 24 * HOUR_MS;

/* clang-format off */
static const struct setting_rule rules[] = {
    {"decant.commit.interval", SET_DURATION, FIELD(commit_interval_ms), "200 ms", 10, 60000, "a duration from 10 ms to 60 s"},
    {"decant.dead-letter.topic", SET_TEXT, FIELD(dead_letter_topic), "", 0, 0, "the name of a topic"},
    {"decant.state.max.bytes", SET_SIZE, FIELD(state_max_bytes), "4GiB", 1 << 20, INT64_MAX, "a size of at least 1MiB, such as 4GiB"},
    {"decant.watermark.max.future", SET_DURATION, FIELD(watermark_max_future_ms), "1 h", 0, INT64_MAX, "a duration such as 1 h; 0 takes the guard away"},
    {"execution.checkpointing.interval", SET_DURATION, FIELD(commit_interval_ms), "200 ms", 10, INT64_MAX, "a duration such as 1 s"},
    {"pipeline.name", SET_TEXT, FIELD(pipeline_name), "", 0, 0, "text"},
    {"table.exec.emit.allow-lateness", SET_DURATION, FIELD(allow_lateness_ms), NULL, 0, INT64_MAX, "a duration such as 10 min"},
    {"table.exec.emit.early-fire.delay", SET_DURATION, FIELD(early_fire_ms), NULL, 0, INT64_MAX, "a duration such as 1 s"},
    {"table.exec.emit.early-fire.enabled", SET_FLAG, 0, "false", 0, 0, "true or false"},
    {"table.exec.emit.late-fire.delay", SET_DURATION, FIELD(late_fire_ms), NULL, 0, INT64_MAX, "a duration such as 0 s"},
    {"table.exec.emit.late-fire.enabled", SET_FLAG, 0, "false", 0, 0, "true or false"},
    {"table.exec.sink.not-null-enforcer", SET_ENFORCER, FIELD(not_null_drop), "ERROR", 0, 0, "ERROR or DROP"},
    {"table.exec.sink.upsert-materialize", SET_ACCEPT, 0, "AUTO", 0, 0, "AUTO|NONE"},
    {"table.exec.source.idle-timeout", SET_DURATION, FIELD(idle_timeout_ms), "0", 0, INT64_MAX, "a duration such as 30 s; 0 means never idle"},
    {"table.exec.state.ttl", SET_DURATION, FIELD(state_ttl_ms), "0", 0, INT64_MAX, "a duration such as 1 h; 0 keeps state for ever"},
    {"table.local-time-zone", SET_ZONE, FIELD(zone), "UTC", 0, 0, "UTC"},
};

/* Settings of Flink that do not change a result: by prefix, as in Flink's documentation. */
static const char *const tuning[] = {
    "execution.checkpointing.", "execution.attached", "execution.target", "execution.savepoint.",
    "execution.buffer-timeout", "execution.batch.", "execution.shutdown-on-", "sql-client.", "table.dynamic-table-result-mode",
    "parallelism.default", "table.exec.resource.", "pipeline.operator-chaining", "pipeline.object-reuse",
    "pipeline.max-parallelism", "pipeline.jars", "pipeline.classpaths", "pipeline.auto-watermark-interval",
    "table.exec.mini-batch.", "table.optimizer.", "state.", "restart-strategy", "table.dml-sync",
    "table.exec.sink.keyed-shuffle", "table.exec.async-lookup.", "taskmanager.", "jobmanager.", "rest.", "yarn.",
    "kubernetes.", "metrics.", "python.", "env.", "table.exec.spill-compression.", "table.exec.window-agg.",
};

/* Settings that would change results; `safe` is the value without effect. */
static const struct { const char *key, *safe, *instead; } refused[] = {
    {"execution.runtime-mode", "streaming", "'scan.bounded.mode' = 'latest-offset' ends a job at the end of its input"},
    {"table.sql-dialect", "default", "write Flink's default dialect"},
    {"table.exec.legacy-cast-behaviour", "DISABLED", "use TRY_CAST where NULL is wanted"},
    {"table.exec.sink.type-length-enforcer", "IGNORE", "cast to VARCHAR(n) in the query"},
    {"table.exec.source.cdc-events-duplicate", "false", "run this file on Flink unchanged"},
};
/* clang-format on */

static const struct setting_rule *rule_find(struct str key) {
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (str_eq(key, str_of(rules[i].key))) return &rules[i];
    return NULL;
}

static const char *nearest_setting(struct binder *b, struct str key) {
    struct str names[ARRAY_LEN(rules)];
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        names[i] = str_of(rules[i].key);
    return bind_nearest(b, key, names, ARRAY_LEN(rules));
}

/* A duration or size whose unit is missing is a mistake, 0 excepted; Flink's own keys take bare ms. */
static bool has_unit(struct str value) {
    return value.len && (value.ptr[value.len - 1] < '0' || value.ptr[value.len - 1] > '9');
}

static bool zone_is_utc(struct str zone) {
    static const char *const names[] = {"UTC",       "Etc/UTC",   "GMT",    "Etc/GMT",
                                        "Z",         "+00:00",    "UTC+0",  "GMT+0",
                                        "UTC+00:00", "GMT+00:00", "default"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(zone, str_of(names[i]))) return true;
    return false;
}

/* false: the value does not fit. */
static bool store(struct binder *b, const struct setting_rule *rule, struct str value) {
    char *field = (char *)&b->settings + rule->field;
    int64_t ms;
    uint64_t bytes;
    bool flag;
    switch (rule->type) {
    case SET_TEXT: *(struct str *)(void *)field = value; return true;
    case SET_ZONE:
        *(struct str *)(void *)field = value;
        b->zone_is_utc = zone_is_utc(value);
        b->zone_was_set = !str_eq(value, STR("default"));
        return true;
    case SET_DURATION:
        if (!parse_duration_ms(value, &ms) || ms < rule->min || ms > rule->max || ms > CENTURY_MS)
            return false;
        if (str_starts(str_of(rule->key), STR("decant.")) && ms != 0 && !has_unit(value))
            return false;
        *(int64_t *)(void *)field = ms;
        return true;
    case SET_SIZE:
        if (!parse_size_bytes(value, &bytes) || bytes < (uint64_t)rule->min) return false;
        *(uint64_t *)(void *)field = bytes;
        return true;
    case SET_FLAG: return parse_bool(value, &flag);
    case SET_ENFORCER:
        *(bool *)(void *)field = str_eq_nocase(value, STR("DROP"));
        return *(bool *)(void *)field || str_eq_nocase(value, STR("ERROR"));
    case SET_ACCEPT: return str_eq_nocase(value, STR("AUTO")) || str_eq_nocase(value, STR("NONE"));
    }
    return false;
}

/* ---- the SET list ---- */

static struct setting_value *set_find(struct binder *b, struct str key) {
    for (uint32_t i = 0; i < b->set_count; i++)
        if (str_eq(b->set[i].key, key)) return &b->set[i];
    return NULL;
}

static bool set_flag(struct binder *b, const char *key) {
    const struct setting_value *value = set_find(b, str_of(key));
    bool flag;
    return value && parse_bool(value->value, &flag) && flag;
}

/* Delays count only where the fire is enabled; lateness only with late fire, as WindowEmitStrategy has it. */
static void derive_emit(struct binder *b) {
    struct plan_settings *s = &b->settings;
    int64_t ms;
    const struct setting_value *early = set_find(b, STR("table.exec.emit.early-fire.delay"));
    const struct setting_value *late = set_find(b, STR("table.exec.emit.late-fire.delay"));
    const struct setting_value *allow = set_find(b, STR("table.exec.emit.allow-lateness"));
    bool late_on = set_flag(b, "table.exec.emit.late-fire.enabled");
    bool early_on = set_flag(b, "table.exec.emit.early-fire.enabled");
    s->early_fire_ms = early_on && early && parse_duration_ms(early->value, &ms) ? ms : -1;
    s->late_fire_ms = late_on && late && parse_duration_ms(late->value, &ms) ? ms : -1;
    s->allow_lateness_ms = !late_on                                        ? 0
                           : allow && parse_duration_ms(allow->value, &ms) ? ms
                                                                           : s->state_ttl_ms;
}

bool settings_has_ttl(struct binder *b) {
    return set_find(b, STR("table.exec.state.ttl")) != NULL;
}

bool settings_check_emit(struct binder *b, struct span span) {
    const struct plan_settings *s = &b->settings;
    bool early_on = set_flag(b, "table.exec.emit.early-fire.enabled");
    bool late_on = set_flag(b, "table.exec.emit.late-fire.enabled");
    if (early_on && s->early_fire_ms < 0)
        return bind_error(b, span, "E0318", "SET 'table.exec.emit.early-fire.delay' = '1 s';",
                          "Early-fire delay should not be null or negative value when enable "
                          "early-fire emit strategy.");
    if (late_on && s->allow_lateness_ms <= 0)
        return bind_error(b, span, "E0318", "SET 'table.exec.emit.allow-lateness' = '10 min';",
                          "The 'AFTER WATERMARK' emit strategy requires set 'allow-lateness' or "
                          "'minIdleStateRetentionTime' in table config.");
    if (late_on && s->late_fire_ms < 0)
        return bind_error(
            b, span, "E0318", "SET 'table.exec.emit.late-fire.delay' = '0 s';",
            "Late-fire delay should not be null or negative value when enable late-fire "
            "emit strategy.");
    if (late_on && s->late_fire_ms > s->allow_lateness_ms)
        return bind_error(
            b, span, "E0318", NULL,
            "Allow-lateness [%lldms] should not be smaller than Late-fire delay [%lldms] "
            "when enable late-fire emit strategy.",
            (long long)s->allow_lateness_ms, (long long)s->late_fire_ms);
    return true;
}

/* ---- applying one key ---- */

static const struct plan_override *override_find(const struct binder *b, struct str key) {
    for (uint32_t i = b->override_count; i > 0; i--)
        if (str_eq(b->overrides[i - 1].key, key)) return &b->overrides[i - 1];
    return NULL;
}

static void remember(struct binder *b, struct str key, struct str value, struct span span) {
    struct setting_value *old = set_find(b, key);
    if (!old) {
        BIND_GROW(b, b->set, b->set_count, b->set_capacity);
        old = &b->set[b->set_count++];
    }
    *old = (struct setting_value){key, value, span};
}

static bool is_refused(struct binder *b, struct str key, struct str value, struct span span) {
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (str_eq(key, str_of(refused[i].key)) && !str_eq_nocase(value, str_of(refused[i].safe))) {
            bind_error(b, span, "E0408", refused[i].instead,
                       "'" STR_FMT "' = '" STR_FMT "' is not supported: it would change results",
                       STR_ARG(key), STR_ARG(value));
            return true;
        }
    return false;
}

static bool is_tuning(struct str key) {
    for (size_t i = 0; i < ARRAY_LEN(tuning); i++)
        if (str_starts(key, str_of(tuning[i]))) return true;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (str_eq(key, str_of(refused[i].key))) return true;
    return false;
}

static void apply_unknown(struct binder *b, struct str key, struct str value, struct span key_span,
                          struct span value_span) {
    if (is_refused(b, key, value, value_span)) return;
    if (is_tuning(key)) {
        if (b->ignored.len == 0) b->ignored_at = key_span;
        buf_printf(&b->ignored, "%s'" STR_FMT "'", b->ignored.len ? ", " : "", STR_ARG(key));
        return;
    }
    const char *near = nearest_setting(b, key);
    if (str_starts(key, STR("decant.")))
        bind_error(b, key_span, "E0401", near, "no setting named '" STR_FMT "'", STR_ARG(key));
    else
        bind_notice(b, key_span, "N0401", near,
                    "'" STR_FMT "' is not a setting known here; ignored", STR_ARG(key));
}

static void apply(struct binder *b, struct str key, struct str value, struct span key_span,
                  struct span value_span) {
    const struct setting_rule *rule = rule_find(key);
    if (!rule) {
        apply_unknown(b, key, value, key_span, value_span);
        return;
    }
    if (override_find(b, key)) return; /* -X beats SET */
    if (!store(b, rule, value)) {
        bind_error(b, value_span, "E0402", bind_text(b, "write %s", rule->values),
                   "'" STR_FMT "' does not fit '%s'", STR_ARG(value), rule->key);
        return;
    }
    remember(b, key, value, value_span);
    derive_emit(b);
}

void settings_set(struct binder *b, const struct ast_setting *setting) {
    if (setting->kind == AST_SET_ALL) {
        bind_notice(b, setting->key_span, "N0405", "decant config FILE.sql prints settings",
                    "SET without a key only prints; it has no effect here");
        return;
    }
    if (!setting->quoted)
        bind_warn(b, setting->key_span, "W0401",
                  bind_text(b, "SET '" STR_FMT "' = '" STR_FMT "';", STR_ARG(setting->key),
                            STR_ARG(setting->value)),
                  "SET without quotes is a parse error in newer Flink SQL clients");
    apply(b, setting->key, setting->value, setting->key_span, setting->value_span);
}

static void reset_key(struct binder *b, const struct setting_rule *rule) {
    if (override_find(b, str_of(rule->key))) return;
    struct setting_value *old = set_find(b, str_of(rule->key));
    if (old) *old = b->set[--b->set_count];
    if (rule->preset) (void)store(b, rule, str_of(rule->preset));
    if (rule->type == SET_ZONE) b->zone_was_set = false;
    derive_emit(b);
}

void settings_reset(struct binder *b, const struct ast_setting *setting) {
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (setting->kind == AST_SET_ALL || str_eq(setting->key, str_of(rules[i].key)))
            reset_key(b, &rules[i]);
}

/* ---- -X ---- */

static void override_error(struct binder *b, struct str key, const char *code, const char *help,
                           const char *text) {
    struct error err;
    (void)error_set(&err, ERROR_USER, code, "%s", text);
    (void)error_place(&err, "-X " STR_FMT, STR_ARG(key));
    if (help) (void)error_help(&err, "%s", help);
    (void)diagnostics_add(b->found, &err);
}

/* A Kafka client property, perhaps as table/property; the Kafka room applies it. */
static bool is_kafka_property(struct str key) {
    struct str rest;
    bool scoped;
    (void)str_split(key, '/', &rest, &scoped);
    if (scoped) key = rest;
    return str_eq(key, STR("bootstrap.servers")) || str_eq(key, STR("group.id")) ||
           kafka_property_find(key);
}

static const char *nearest_property(struct binder *b, struct str key) {
    struct str *names = ARENA_NEW(b->job, kafka_property_rule_count + 2, struct str);
    for (uint32_t i = 0; i < kafka_property_rule_count; i++)
        names[i] = str_of(kafka_property_rules[i].name);
    names[kafka_property_rule_count] = STR("bootstrap.servers");
    names[kafka_property_rule_count + 1] = STR("group.id");
    return bind_nearest(b, key, names, kafka_property_rule_count + 2);
}

static void apply_override(struct binder *b, const struct plan_override *override) {
    const struct setting_rule *rule = rule_find(override->key);
    if (rule) {
        if (store(b, rule, override->value))
            remember(b, override->key, override->value, (struct span){0, 0});
        else
            override_error(b, override->key, "E0402", bind_text(b, "give %s", rule->values),
                           bind_text(b, "'" STR_FMT "' does not fit", STR_ARG(override->value)));
        return;
    }
    if (is_kafka_property(override->key) || is_tuning(override->key)) return;
    const char *near = nearest_setting(b, override->key);
    override_error(b, override->key, "E0401", near ? near : nearest_property(b, override->key),
                   "no setting of this name");
}

void settings_init(struct binder *b) {
    b->settings = (struct plan_settings){.early_fire_ms = -1, .late_fire_ms = -1};
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].preset) (void)store(b, &rules[i], str_of(rules[i].preset));
    b->zone_was_set = false;
    for (uint32_t i = 0; i < b->override_count; i++)
        apply_override(b, &b->overrides[i]);
    derive_emit(b);
}

void settings_finish(struct binder *b) {
    if (b->ignored.len == 0) return;
    bool many = memchr(b->ignored.ptr, ',', b->ignored.len) != NULL;
    bind_notice(b, b->ignored_at, "N0402", NULL, STR_FMT " only tune%s Flink; ignored here",
                STR_ARG(buf_str(&b->ignored)), many ? "" : "s");
}
