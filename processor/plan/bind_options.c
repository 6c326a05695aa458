/* SPDX-License-Identifier: Apache-2.0 */
/* WITH (…): every option is looked up in one table, so that a typo is an error with the nearest name. As in
 * Flink this happens when the table is used; for a table that nothing uses the same findings are a notice.
 * First sentences are Flink's, because that is what people search for. */
#include "plan/bind.h"
#include "plan/kafka_properties.h"

enum { K = 1, U = 2, P = 4, B = 8 };
enum option_kind { KIND_TEXT, KIND_FORMAT, KIND_ENUM, KIND_FLAG, KIND_TUNE, KIND_LATER };

static const struct option_rule {
    const char *name;
    unsigned connectors;
    enum option_kind kind;
    const char *values;
} rules[] = {
#define OPTION(name, connectors, kind, values) {name, connectors, KIND_##kind, values},
#include "plan/options.def"
#undef OPTION
};

static const struct format_rule {
    enum format format;
    const char *name;
    enum option_kind kind;
    size_t field;
    const char *values;
} format_rules[] = {
#define FORMAT_OPTION(format, name, kind, field, values)                                           \
    {FORMAT_##format, name, KIND_##kind, offsetof(struct format_options, field), values},
#include "plan/format_options.def"
#undef FORMAT_OPTION
};

static const struct {
    const char *name;
    enum connector connector;
    unsigned bit;
} connectors[] = {
    {"kafka", CONNECTOR_KAFKA, K},
    {"upsert-kafka", CONNECTOR_UPSERT_KAFKA, U},
    {"print", CONNECTOR_PRINT, P},
    {"blackhole", CONNECTOR_BLACKHOLE, B},
};

static const struct {
    const char *name;
    enum format format;
} formats[] = {{"json", FORMAT_JSON}, {"raw", FORMAT_RAW}, {"avro", FORMAT_AVRO}};

/* Formats and connectors of Flink that are not here, with the way round. */
static const struct {
    const char *name, *instead;
} foreign[] = {
    {"avro-confluent", "use 'avro' (no registry) or 'json'"},
    {"csv", "use 'json'"},
    {"debezium-json", "run this file on Flink unchanged"},
    {"debezium-avro-confluent", "use 'json'"},
    {"canal-json", "use 'json'"},
    {"maxwell-json", "use 'json'"},
    {"ogg-json", "use 'json'"},
    {"protobuf", "use 'json' or 'avro'"},
    {"filesystem", "write the rows to a topic and read it with 'kafka'"},
    {"datagen", "decant generate writes test events to a topic"},
    {"jdbc", "as a sink: write to 'upsert-kafka' and let Kafka Connect or Pinot take it"},
    {"elasticsearch-7", "as a sink: write to 'upsert-kafka' and let Kafka Connect take it"},
    {"hbase-2.2", "as a sink: write to 'upsert-kafka' and let Kafka Connect take it"},
    {"mysql-cdc", "publish the changes to a Debezium topic"},
    {"postgres-cdc", "publish the changes to a Debezium topic"},
};

static const char *way_round(struct str name) {
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (str_eq(name, str_of(foreign[i].name))) return foreign[i].instead;
    return NULL;
}

/* The last one of a repeated key wins. */
static const struct table_option *option_find(const struct table *table, const char *key) {
    for (uint32_t i = table->option_count; i > 0; i--)
        if (str_eq(table->options[i - 1].key, str_of(key))) return &table->options[i - 1];
    return NULL;
}

static struct str option_text(const struct table *table, const char *key) {
    const struct table_option *option = option_find(table, key);
    return option ? option->value : STR("");
}

static struct span with_span(const struct table *table) {
    return table->span;
}

static unsigned connector_bit(enum connector connector) {
    for (size_t i = 0; i < ARRAY_LEN(connectors); i++)
        if (connectors[i].connector == connector) return connectors[i].bit;
    return 0;
}

static struct str connector_name(enum connector connector) {
    for (size_t i = 0; i < ARRAY_LEN(connectors); i++)
        if (connectors[i].connector == connector) return str_of(connectors[i].name);
    return STR("?");
}

static bool in_values(const char *values, struct str value) {
    struct str rest = str_of(values), word;
    bool more;
    do {
        word = str_split(rest, '|', &rest, &more);
        if (str_eq(word, value)) return true;
    } while (more);
    return false;
}

/* ---- connector and formats ---- */

static bool find_connector(struct binder *b, struct table *table) {
    const struct table_option *option = option_find(table, "connector");
    if (!option && option_find(table, "connector.type"))
        return bind_error(
            b, option_find(table, "connector.type")->key_span, "E0339",
            "connector.type → connector, connector.topic → topic, connector.properties.x → "
            "properties.x, connector.startup-mode → scan.startup.mode, format.type → format; "
            "drop update-mode and format.derive-schema",
            "'connector.type' is the way of Flink before 1.11, which Flink refuses too");
    if (!option)
        return bind_error(
            b, with_span(table), "E0312", "'connector' = 'kafka'",
            "Table options do not contain an option key 'connector' for discovering a "
            "connector.");
    for (size_t i = 0; i < ARRAY_LEN(connectors); i++)
        if (str_eq(option->value, str_of(connectors[i].name))) {
            table->connector = connectors[i].connector;
            return true;
        }
    struct str names[] = {STR("kafka"), STR("upsert-kafka"), STR("print"), STR("blackhole")};
    const char *help = way_round(option->value);
    if (help)
        return bind_error(b, option->value_span, "E0302", help,
                          "connector '" STR_FMT "' is not supported", STR_ARG(option->value));
    help = bind_nearest(b, option->value, names, ARRAY_LEN(names));
    return bind_error(b, option->value_span, "E0302",
                      help ? help : "connectors are kafka, upsert-kafka, print, blackhole",
                      "Could not find any factory for identifier '" STR_FMT "'",
                      STR_ARG(option->value));
}

static bool find_format(struct binder *b, const struct table_option *option,
                        struct format_options *out) {
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (str_eq(option->value, str_of(formats[i].name))) {
            out->format = formats[i].format;
            return true;
        }
    const char *help = way_round(option->value);
    if (help)
        return bind_error(b, option->value_span, "E0303", help,
                          "format '" STR_FMT "' is not supported", STR_ARG(option->value));
    struct str names[] = {STR("json"), STR("raw"), STR("avro")};
    help = bind_nearest(b, option->value, names, ARRAY_LEN(names));
    return bind_error(b, option->value_span, "E0303", help ? help : "formats are json, raw, avro",
                      "Could not find any factory for identifier '" STR_FMT
                      "' that implements a format",
                      STR_ARG(option->value));
}

/* ---- options of a format slot ---- */

static bool format_value(struct binder *b, const struct table_option *option,
                         const struct format_rule *rule, struct format_options *slot) {
    bool *field = (bool *)(void *)((char *)slot + rule->field);
    bool flag;
    struct str rest;
    bool more;
    switch (rule->kind) {
    case KIND_FLAG:
        if (!parse_bool(option->value, &flag)) break;
        *field = flag;
        return true;
    case KIND_ENUM:
        if (!in_values(rule->values, option->value)) break;
        *field = !str_eq(str_split(str_of(rule->values), '|', &rest, &more), option->value);
        return true;
    case KIND_LATER:
        if (str_eq(option->value, str_of(rule->values))) return true;
        return bind_error(b, option->value_span, "E0313", NULL,
                          "'" STR_FMT "' = '" STR_FMT "' is not supported; only '%s'",
                          STR_ARG(option->key), STR_ARG(option->value), rule->values);
    case KIND_TEXT:
    case KIND_FORMAT:
    case KIND_TUNE: return true;
    }
    return bind_error(b, option->value_span, "E0313",
                      rule->kind == KIND_FLAG ? "true or false"
                                              : bind_text(b, "one of %s, spelt so", rule->values),
                      "Invalid value for option '" STR_FMT "': '" STR_FMT "'", STR_ARG(option->key),
                      STR_ARG(option->value));
}

static const char *format_name(enum format format) {
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (formats[i].format == format) return formats[i].name;
    return "";
}

/* "value.json.x" with prefix "value." and format json: the rest, "x". */
static bool strip_slot(struct str key, struct str prefix, enum format format, struct str *rest) {
    if (format == FORMAT_NONE || !str_starts(key, prefix)) return false;
    key = str_from(key, prefix.len);
    struct str name = str_of(format_name(format));
    if (!str_starts(key, name) || key.len <= name.len || key.ptr[name.len] != '.') return false;
    *rest = str_from(key, name.len + 1);
    return true;
}

static const struct format_rule *format_rule_find(enum format format, struct str name) {
    for (size_t i = 0; i < ARRAY_LEN(format_rules); i++)
        if (format_rules[i].format == format && str_eq(name, str_of(format_rules[i].name)))
            return &format_rules[i];
    return NULL;
}

/* Sets *mine when the key belongs to this slot's format. */
static bool format_option(struct binder *b, struct table *table, const struct table_option *option,
                          bool *mine) {
    struct str value_prefix = option_find(table, "value.format") ? STR("value.") : STR("");
    struct str rest;
    struct format_options *slot = NULL;
    if (strip_slot(option->key, STR("key."), table->key_format.format, &rest))
        slot = &table->key_format;
    else if (strip_slot(option->key, value_prefix, table->value_format.format, &rest))
        slot = &table->value_format;
    const struct format_rule *rule = slot ? format_rule_find(slot->format, rest) : NULL;
    *mine = rule != NULL;
    return !rule || format_value(b, option, rule, slot);
}

/* ---- properties.* ---- */

static void keep_property(struct table *table, struct table_option *kept, struct str key,
                          struct str value, const struct table_option *option) {
    kept[table->kafka.property_count++] =
        (struct table_option){key, value, option->key_span, option->value_span};
}

/* username="…" inside a login module's text. */
static bool jaas_value(struct str text, struct str name, struct str *out) {
    size_t at;
    if (!str_find(text, name, &at)) return false;
    struct str rest;
    bool more;
    *out = str_split(str_from(text, at + name.len), '"', &rest, &more);
    return more;
}

/* sasl.jaas.config of PLAIN and SCRAM is a user and a password; librdkafka has them as settings. */
static bool jaas_config(struct binder *b, struct table *table, const struct table_option *option,
                        struct table_option *kept) {
    struct str user, password;
    if (!jaas_value(option->value, STR("username=\""), &user) ||
        !jaas_value(option->value, STR("password=\""), &password))
        return bind_error(b, option->key_span, "E0316",
                          "'properties.sasl.username' and 'properties.sasl.password'",
                          "'properties.sasl.jaas.config' is understood for PLAIN and SCRAM only");
    keep_property(table, kept, STR("sasl.username"), user, option);
    keep_property(table, kept, STR("sasl.password"), password, option);
    return true;
}

/* Flink sets it itself unless the job starts from group offsets. */
static bool is_overridden(const struct table *table, struct str name) {
    struct str mode = option_text(table, "scan.startup.mode");
    return str_eq(name, STR("auto.offset.reset")) && mode.len &&
           !str_eq(mode, STR("group-offsets"));
}

static bool property(struct binder *b, struct table *table, const struct table_option *option,
                     struct table_option *kept) {
    struct str name = str_from(option->key, strlen("properties."));
    if (str_eq(name, STR("sasl.jaas.config"))) return jaas_config(b, table, option, kept);
    if (is_overridden(table, name))
        return !bind_notice(b, option->key_span, "N0406", NULL,
                            "'" STR_FMT "' has no effect beside 'scan.startup.mode'",
                            STR_ARG(option->key));
    if (str_eq(name, STR("bootstrap.servers")))
        return table->kafka.bootstrap_servers = option->value, true;
    if (str_eq(name, STR("group.id"))) return table->kafka.group_id = option->value, true;
    const struct kafka_property_rule *rule = kafka_property_find(name);
    if (!rule) {
        struct str *names = ARENA_NEW(b->job, kafka_property_rule_count, struct str);
        for (uint32_t i = 0; i < kafka_property_rule_count; i++)
            names[i] = str_of(kafka_property_rules[i].name);
        return bind_error(b, option->key_span, "E0316",
                          bind_nearest(b, name, names, kafka_property_rule_count),
                          "no Kafka client property named '" STR_FMT "'", STR_ARG(name));
    }
    if (rule->fate == PROPERTY_REFUSE)
        return bind_error(
            b, option->key_span, "E0316",
            "give the PEM file by -X ssl.ca.location=…, environment or properties file",
            "Kafka property '" STR_FMT "' is not taken from SQL: %s", STR_ARG(name), rule->detail);
    if (rule->fate == PROPERTY_IGNORE) {
        bind_notice(b, option->key_span, "N0406", NULL, "'" STR_FMT "' has no effect here: %s",
                    STR_ARG(option->key), rule->detail);
        return true;
    }
    keep_property(table, kept, rule->fate == PROPERTY_RENAME ? str_of(rule->detail) : name,
                  option->value, option);
    return true;
}

/* ---- one option ---- */

static bool unsupported(struct binder *b, const struct table *table,
                        const struct table_option *option, unsigned bit) {
    struct str names[ARRAY_LEN(rules) + 2 * ARRAY_LEN(format_rules)];
    uint32_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].connectors & bit) names[count++] = str_of(rules[i].name);
    const struct format_options *slots[] = {&table->value_format, &table->key_format};
    const char *prefixes[] = {option_find(table, "value.format") ? "value." : "", "key."};
    for (size_t s = 0; s < ARRAY_LEN(slots); s++)
        for (size_t i = 0; i < ARRAY_LEN(format_rules); i++)
            if (slots[s]->format == format_rules[i].format)
                names[count++] = arena_printf(b->job, "%s%s.%s", prefixes[s],
                                              format_name(slots[s]->format), format_rules[i].name);
    struct str connector = connector_name(table->connector);
    const char *near = bind_nearest(b, option->key, names, count);
    return bind_error(
        b, option->key_span, "E0311", near ? near : "decant explain E0311 lists the options",
        "Unsupported options found for '" STR_FMT "'. Unsupported option: '" STR_FMT "'",
        STR_ARG(connector), STR_ARG(option->key));
}

static const struct option_rule *rule_find(struct str key, unsigned bit) {
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if ((rules[i].connectors & bit) && str_eq(key, str_of(rules[i].name))) return &rules[i];
    return NULL;
}

static bool check_value(struct binder *b, const struct table_option *option,
                        const struct option_rule *rule) {
    bool flag;
    switch (rule->kind) {
    case KIND_TEXT:
    case KIND_FORMAT: return true;
    case KIND_FLAG:
        if (parse_bool(option->value, &flag)) return true;
        break;
    case KIND_ENUM:
        if (in_values(rule->values, option->value)) return true;
        break;
    case KIND_TUNE:
        bind_notice(b, option->key_span, "N0406", NULL, "'" STR_FMT "' has no effect here",
                    STR_ARG(option->key));
        return true;
    case KIND_LATER:
        return bind_error(b, option->key_span, "E0313", rule->values,
                          "option '" STR_FMT "' is not supported", STR_ARG(option->key));
    }
    return bind_error(b, option->value_span, "E0313",
                      rule->kind == KIND_FLAG ? "true or false"
                                              : bind_text(b, "one of %s", rule->values),
                      "Invalid value for option '" STR_FMT "': '" STR_FMT "' is not supported",
                      STR_ARG(option->key), STR_ARG(option->value));
}

/* Without its format an option of a slot cannot be told from a typo. */
static bool check_option(struct binder *b, struct table *table, const struct table_option *option,
                         bool formats_known, struct table_option *kept) {
    unsigned bit = connector_bit(table->connector);
    const struct option_rule *rule = rule_find(option->key, bit);
    if (rule) return check_value(b, option, rule);
    if ((bit & (K | U)) && str_starts(option->key, STR("properties.")))
        return property(b, table, option, kept);
    bool mine;
    bool ok = format_option(b, table, option, &mine);
    return mine ? ok : !formats_known || unsupported(b, table, option, bit);
}

/* ---- kafka and upsert-kafka ---- */

static bool missing(struct binder *b, const struct table *table, const char *name,
                    const char *help) {
    return bind_error(
        b, with_span(table), "E0312", help,
        "One or more required options are missing. Missing required options are: '%s' "
        "(table '" STR_FMT "')",
        name, STR_ARG(table->name));
}

static bool slot_format(struct binder *b, struct table *table, const char *key,
                        struct format_options *slot) {
    const struct table_option *option = option_find(table, key);
    return !option || find_format(b, option, slot);
}

static bool bind_formats(struct binder *b, struct table *table) {
    if (!(connector_bit(table->connector) & (K | U))) return true;
    bool ok = slot_format(b, table, "key.format", &table->key_format);
    const char *value = option_find(table, "value.format") ? "value.format" : "format";
    if (table->connector == CONNECTOR_UPSERT_KAFKA) value = "value.format";
    return slot_format(b, table, value, &table->value_format) && ok;
}

static bool specific_offsets(struct binder *b, struct table *table) {
    const struct table_option *option = option_find(table, "scan.startup.specific-offsets");
    if (!option)
        return missing(b, table, "scan.startup.specific-offsets", "'partition:0,offset:42'");
    struct partition_offset *list =
        ARENA_NEW(b->job, option->value.len / 2 + 1, struct partition_offset);
    struct str rest = option->value;
    bool more = true;
    while (more) {
        struct str item = str_split(rest, ';', &rest, &more), offset;
        bool two;
        struct str partition = str_split(item, ',', &offset, &two);
        int64_t p, o;
        if (!str_starts(partition, STR("partition:")) || !str_starts(offset, STR("offset:")) ||
            !parse_i64(str_from(partition, 10), &p) || !parse_i64(str_from(offset, 7), &o) ||
            p < 0 || p > INT32_MAX || o < 0)
            return bind_error(
                b, option->value_span, "E0313", "'partition:0,offset:42;partition:1,offset:300'",
                "Invalid properties 'scan.startup.specific-offsets': '" STR_FMT "'", STR_ARG(item));
        list[table->kafka.startup_offset_count++] = (struct partition_offset){(int32_t)p, o};
    }
    table->kafka.startup_offsets = list;
    return true;
}

static bool startup(struct binder *b, struct table *table) {
    static const struct {
        const char *name;
        enum startup_mode mode;
    } modes[] = {{"earliest-offset", STARTUP_EARLIEST},
                 {"latest-offset", STARTUP_LATEST},
                 {"group-offsets", STARTUP_GROUP_OFFSETS},
                 {"timestamp", STARTUP_TIMESTAMP},
                 {"specific-offsets", STARTUP_SPECIFIC}};
    struct str mode = option_text(table, "scan.startup.mode");
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq(mode, str_of(modes[i].name))) table->kafka.startup = modes[i].mode;
    table->kafka.bounded = str_eq(option_text(table, "scan.bounded.mode"), STR("latest-offset"));
    if (table->kafka.startup == STARTUP_SPECIFIC) return specific_offsets(b, table);
    if (table->kafka.startup != STARTUP_TIMESTAMP) return true;
    const struct table_option *at = option_find(table, "scan.startup.timestamp-millis");
    if (!at) return missing(b, table, "scan.startup.timestamp-millis", "milliseconds since 1970");
    if (parse_i64(at->value, &table->kafka.startup_timestamp_ms)) return true;
    return bind_error(b, at->value_span, "E0313", "milliseconds since 1970",
                      "Invalid value for option 'scan.startup.timestamp-millis': '" STR_FMT "'",
                      STR_ARG(at->value));
}

static bool key_fields(struct binder *b, struct table *table) {
    const struct table_option *fields = option_find(table, "key.fields");
    const struct table_option *format = option_find(table, "key.format");
    if (!fields && !format) return true;
    if (!fields || !format)
        return bind_error(b, (fields ? fields : format)->key_span, "E0312", NULL,
                          "The options 'key.format' and 'key.fields' must be declared together");
    uint32_t *list = ARENA_NEW(b->job, fields->value.len + 1, uint32_t);
    struct str rest = fields->value;
    bool more = true;
    while (more) {
        struct str name = str_split(rest, ';', &rest, &more);
        int32_t column = table_column(table, name);
        if (column < 0 || table->columns[column].kind != COLUMN_PHYSICAL)
            return bind_error(b, fields->value_span, "E0313", NULL,
                              "Could not find the field '" STR_FMT
                              "' in the table schema for usage in the key format",
                              STR_ARG(name));
        list[table->key_field_count++] = (uint32_t)column;
    }
    table->key_fields = list;
    return true;
}

static uint32_t physical_count(const struct table *table, bool without_key) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++)
        if (table->columns[i].kind == COLUMN_PHYSICAL) count++;
    return without_key ? count - table->key_field_count : count;
}

static bool raw_is_single(struct binder *b, const struct table *table) {
    bool key_bad = table->key_format.format == FORMAT_RAW && table->key_field_count != 1;
    bool value_bad = table->value_format.format == FORMAT_RAW &&
                     physical_count(table, !table->key_fields_in_value) != 1;
    if (!key_bad && !value_bad) return true;
    return bind_error(b, with_span(table), "E0313", "use 'json' for several columns",
                      "The 'raw' format only supports single physical column. However the defined "
                      "schema of '" STR_FMT "' has several in its %s",
                      STR_ARG(table->name), key_bad ? "key" : "value");
}

static bool check_idle_timeout(struct binder *b, const struct table *table) {
    const struct table_option *option = option_find(table, "scan.watermark.idle-timeout");
    int64_t ms;
    if (!option || (parse_duration_ms(option->value, &ms) && ms >= 0)) return true;
    return bind_error(b, option->value_span, "E0313", "a duration such as 30 s",
                      "Invalid value for option 'scan.watermark.idle-timeout': '" STR_FMT "'",
                      STR_ARG(option->value));
}

static bool kafka_tables(struct binder *b, struct table *table) {
    bool ok = true;
    struct str topic = option_text(table, "topic");
    if (topic.len == 0)
        ok = bind_error(b, with_span(table), "E0312", "'topic' = '…'",
                        "Either 'topic' or 'topic-pattern' must be set (table '" STR_FMT "')",
                        STR_ARG(table->name));
    else if (memchr(topic.ptr, ';', topic.len))
        ok = bind_error(b, option_find(table, "topic")->value_span, "E0313", "name one topic",
                        "a list of topics is not supported");
    table->kafka.topic = topic;
    if (table->kafka.bootstrap_servers.len == 0)
        ok = missing(b, table, "properties.bootstrap.servers",
                     "'properties.bootstrap.servers' = 'localhost:9092'");
    table->key_fields_in_value =
        !str_eq(option_text(table, "value.fields-include"), STR("EXCEPT_KEY"));
    ok = check_idle_timeout(b, table) && ok;
    return startup(b, table) && ok;
}

static bool append_table(struct binder *b, struct table *table) {
    bool ok = kafka_tables(b, table);
    if (!option_find(table, "format") && !option_find(table, "value.format"))
        ok = missing(b, table, "format", "'format' = 'json'");
    if (!key_fields(b, table)) return false;
    if (table->primary_key_count > 0 && table->value_format.format != FORMAT_NONE)
        ok = bind_error(
            b, with_span(table), "E0315",
            "use 'connector' = 'upsert-kafka', or drop the PRIMARY KEY",
            "The Kafka table 'default_catalog.default_database." STR_FMT "' with '%s' format "
            "doesn't support defining PRIMARY KEY constraint on the table, because it can't "
            "guarantee the semantic of primary key.",
            STR_ARG(table->name), format_name(table->value_format.format));
    return ok && raw_is_single(b, table);
}

static bool upsert_table(struct binder *b, struct table *table) {
    bool ok = kafka_tables(b, table);
    if (!option_find(table, "key.format"))
        ok = missing(b, table, "key.format",
                     "'key.format' = 'raw' for one STRING column, else 'json'");
    if (!option_find(table, "value.format"))
        ok = missing(b, table, "value.format", "'value.format' = 'avro'");
    if (table->key_format.format == FORMAT_AVRO)
        ok = bind_error(b, option_find(table, "key.format")->value_span, "E0303",
                        "use 'raw' or 'json'", "format 'avro' is not supported for keys");
    if (table->primary_key_count == 0)
        return bind_error(
            b, with_span(table), "E0314", "PRIMARY KEY (…) NOT ENFORCED",
            "'upsert-kafka' tables require to define a PRIMARY KEY constraint. The PRIMARY "
            "KEY specifies which columns should be read from or write to the Kafka message "
            "key. The PRIMARY KEY also defines records in the 'upsert-kafka' table should "
            "update or delete on which keys.");
    table->key_fields = table->primary_key;
    table->key_field_count = table->primary_key_count;
    return ok && raw_is_single(b, table);
}

static bool both_policies(struct binder *b, const struct table *table,
                          const struct format_options *slot) {
    if (!slot->fail_on_missing_field || !slot->ignore_parse_errors) return true;
    return bind_error(b, with_span(table), "E0313", "choose one of the two",
                      "fail-on-missing-field and ignore-parse-errors shouldn't both be true.");
}

static bool check_all(struct binder *b, struct table *table) {
    if (!find_connector(b, table)) return false;
    bool formats_known = bind_formats(b, table), ok = formats_known;
    struct table_option *kept =
        ARENA_NEW(b->job, 2 * table->option_count + 1u, struct table_option);
    table->kafka.properties = kept;
    for (uint32_t i = 0; i < table->option_count; i++)
        if (&table->options[i] == option_find(table, arena_c_string(b->job, table->options[i].key)))
            ok = check_option(b, table, &table->options[i], formats_known, kept) && ok;
    if (!both_policies(b, table, &table->value_format)) ok = false;
    if (table->connector == CONNECTOR_KAFKA) ok = append_table(b, table) && ok;
    if (table->connector == CONNECTOR_UPSERT_KAFKA) ok = upsert_table(b, table) && ok;
    return ok;
}

/* ---- as source, as sink ---- */

static bool check_source(struct binder *b, const struct table *table) {
    switch (table->connector) {
    case CONNECTOR_KAFKA: break;
    case CONNECTOR_UPSERT_KAFKA:
        return bind_error(
            b, with_span(table), "E0317", "read the topic with 'connector' = 'kafka'",
            "'upsert-kafka' as a source (Flink: ChangelogNormalize) is not supported");
    case CONNECTOR_PRINT:
    case CONNECTOR_BLACKHOLE:
    case CONNECTOR_FILESYSTEM:
    case CONNECTOR_DATAGEN:
    case CONNECTOR_UNKNOWN:
        return bind_error(b, with_span(table), "E0317", "read from a 'kafka' table",
                          "Connector '" STR_FMT
                          "' can only be used as a sink. It cannot be used as a source.",
                          STR_ARG(connector_name(table->connector)));
    }
    if (table->value_format.format == FORMAT_AVRO || table->key_format.format == FORMAT_AVRO)
        return bind_error(b, with_span(table), "E0303", "use 'json' or 'raw'",
                          "format 'avro' is not supported for sources");
    if (table->kafka.startup == STARTUP_GROUP_OFFSETS && table->kafka.group_id.len == 0)
        return bind_error(b, with_span(table), "E0312",
                          "'properties.group.id' = '…', or 'scan.startup.mode' = 'earliest-offset'",
                          "Property group.id is required when using committed offset for offsets "
                          "initializer");
    return true;
}

bool bind_options(struct binder *b, struct catalog_entry *entry, bool as_sink) {
    if (!entry->checked) {
        entry->checked = true;
        entry->options_bad = !check_all(b, entry->table);
    }
    if (entry->options_bad) return false;
    return as_sink || check_source(b, entry->table);
}

void bind_unused_options(struct binder *b, struct catalog_entry *entry) {
    struct diagnostics *found = b->found, own;
    diagnostics_init(&own, b->job, 4);
    b->found = &own;
    bool ok = check_all(b, entry->table);
    b->found = found;
    if (ok) return;
    const char *why = "its options do not fit";
    for (uint32_t i = 0; i < own.count; i++)
        if (own.items[i].severity == SEVERITY_ERROR) {
            why = own.items[i].text;
            break;
        }
    bind_notice(b, entry->span, "N0404", "it becomes an error when an INSERT uses the table",
                "table '" STR_FMT "' is not used; %s", STR_ARG(entry->name), why);
}
