/* SPDX-License-Identifier: Apache-2.0 */
#include "pinot/compare.h"

#include <stdio.h>

enum { TEXT_BYTES_MAX = 1 << 16, SHOWN_CHARS = 60, PATH_DEPTH_MAX = 32 };

#define DECODER_SCHEMA "stream.kafka.decoder.prop.schema"

/* What cannot change under rows that are there: paths that begin with one of these. */
static const struct {
    const char *path;
    const char *why;
} guarded[] = {
    {"upsertConfig/mode", "rows of a key would no longer replace each other as they did"},
    {"upsertConfig/comparisonColumn", "rows that are there were compared by another column"},
    {"upsertConfig/deleteRecordColumn", "deleted rows that are there would stay visible"},
    {"tableIndexConfig/segmentPartitionConfig",
     "keys would move to other partitions and stand there twice"},
    {"segmentsConfig/timeColumnName", "segments that are there carry the times of another column"},
    {"ingestionConfig/streamIngestionConfig/streamConfigMaps/0/stream.kafka.topic.name",
     "Pinot would continue at the offsets of another topic"},
    {"ingestionConfig/streamIngestionConfig/streamConfigMaps/0/" DECODER_SCHEMA,
     "rows in the topic were written with the other columns, and would be misread or dropped"},
};

static const char *guard_of(struct str path) {
    for (size_t i = 0; i < ARRAY_LEN(guarded); i++)
        if (str_starts(path, str_of(guarded[i].path))) return guarded[i].why;
    return NULL;
}

static void add(struct differences *out, struct str text, const char *why) {
    if (out->count < DIFFERENCES_MAX) out->items[out->count] = (struct difference){text, why};
    out->count += out->count < DIFFERENCES_MAX;
    out->blocked += why != NULL;
}

/* A value as a reader wants to see it: text without quotes, lists in parentheses. */
static void show(struct buf *out, json_t *value) {
    struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    if (json_is_string(value)) {
        buf_append_bytes(&text, json_string_value(value), json_string_length(value));
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            buf_append(&text, i ? STR(", ") : STR("("));
            show(&text, json_array_get(value, i));
        }
        buf_append(&text, json_array_size(value) ? STR(")") : STR("none"));
    } else if (!value || json_is_null(value)) {
        buf_append(&text, STR("none"));
    } else {
        json_write(&text, value);
    }
    buf_append_visible(out, buf_str(&text), SHOWN_CHARS);
    buf_release(&text);
}

static struct str change_text(struct arena *job, struct str what, json_t *have, json_t *want) {
    struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    buf_append(&text, what);
    buf_append_char(&text, ' ');
    show(&text, have);
    buf_append(&text, STR(" → "));
    show(&text, want);
    struct str copy = arena_str(job, buf_str(&text));
    buf_release(&text);
    return copy;
}

/* --- equality by meaning --- */

static struct str scalar_text(json_t *value, char number[32]) {
    if (json_is_string(value))
        return (struct str){json_string_value(value), json_string_length(value)};
    if (json_is_true(value)) return STR("true");
    if (json_is_false(value)) return STR("false");
    struct buf text;
    buf_init(&text, 31);
    if (json_is_number(value)) json_write(&text, value);
    memcpy(number, text.len ? text.ptr : "", text.len);
    struct str copy = {number, text.len};
    buf_release(&text);
    return copy;
}

static bool same_scalar(json_t *have, json_t *want) {
    char a[32], b[32];
    if (!have || json_is_null(have) || json_is_object(have) || json_is_array(have)) return false;
    return str_eq(scalar_text(have, a), scalar_text(want, b));
}

static bool same_array(json_t *have, json_t *want) {
    if (json_array_size(have) != json_array_size(want)) return false;
    for (size_t i = 0; i < json_array_size(want); i++)
        if (!same_scalar(json_array_get(have, i), json_array_get(want, i))) return false;
    return true;
}

/* Avro schemas are text in the table config: blanks and the order of attributes mean nothing. */
static bool same_avro(json_t *have, json_t *want) {
    json_t *a = NULL, *b = NULL;
    char unused[32];
    bool same = json_is_string(have) && json_parse(scalar_text(have, unused), "avro", &a, NULL) &&
                json_parse(scalar_text(want, unused), "avro", &b, NULL) && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return same;
}

/* --- table config --- */

struct walk {
    struct arena *job;
    struct differences *out;
    unsigned depth;
};

static void compare_value(struct walk *walk, struct str path, json_t *have, json_t *want);

static struct str path_join(struct arena *job, struct str path, const char *name) {
    return arena_printf(job, STR_FMT "%s%s", STR_ARG(path), path.len ? "/" : "", name);
}

static void compare_object(struct walk *walk, struct str path, json_t *have, json_t *want) {
    const char *name;
    json_t *value;
    json_object_foreach(want, name, value)
        compare_value(walk, path_join(walk->job, path, name), json_object_get(have, name), value);
}

static void compare_list(struct walk *walk, struct str path, json_t *have, json_t *want) {
    for (size_t i = 0; i < json_array_size(want); i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        compare_value(walk, path_join(walk->job, path, name), json_array_get(have, i),
                      json_array_get(want, i));
    }
}

static void compare_value(struct walk *walk, struct str path, json_t *have, json_t *want) {
    if (++walk->depth < PATH_DEPTH_MAX && json_is_object(want)) {
        compare_object(walk, path, have, want);
    } else if (walk->depth < PATH_DEPTH_MAX && json_is_object(json_array_get(want, 0))) {
        compare_list(walk, path, have, want);
    } else if (str_ends(path, STR(DECODER_SCHEMA))) {
        if (!same_avro(have, want))
            add(walk->out, STR("columns of the Avro schema"), guard_of(path));
    } else if (json_is_array(want) ? !same_array(have, want) : !same_scalar(have, want)) {
        add(walk->out, change_text(walk->job, path, have, want), guard_of(path));
    }
    walk->depth--;
}

void compare_table(json_t *have, json_t *want, struct arena *job, struct differences *out) {
    struct walk walk = {.job = job, .out = out};
    *out = (struct differences){.count = 0};
    compare_value(&walk, STR(""), have, want);
}

/* --- schema --- */

static const char *const kinds[] = {"dimensionFieldSpecs", "metricFieldSpecs",
                                    "dateTimeFieldSpecs"};

/* The field and its kind, or NULL. */
static json_t *field_find(json_t *schema, struct str name, size_t *kind) {
    for (*kind = 0; *kind < ARRAY_LEN(kinds); (*kind)++) {
        json_t *fields = json_object_get(schema, kinds[*kind]);
        for (size_t i = 0; i < json_array_size(fields); i++) {
            json_t *field = json_array_get(fields, i);
            if (str_eq(json_get_str(field, "name", STR("")), name)) return field;
        }
    }
    return NULL;
}

/* notNull, maxLength, format, granularity. */
static void compare_attributes(json_t *have, json_t *want, struct str what, struct arena *job,
                               struct differences *out) {
    struct walk walk = {.job = job, .out = out};
    compare_object(&walk, what, have, want);
}

static void compare_field(json_t *have_schema, json_t *want, size_t want_kind, struct arena *job,
                          struct differences *out) {
    size_t kind;
    struct str name = json_get_str(want, "name", STR(""));
    json_t *have = field_find(have_schema, name, &kind);
    struct str what = arena_printf(job, "column " STR_FMT, STR_ARG(name));
    if (!have) {
        add(out, arena_printf(job, STR_FMT " added", STR_ARG(what)),
            "rows in the topic were written without it");
        return;
    }
    json_t *have_type = json_object_get(have, "dataType"),
           *want_type = json_object_get(want, "dataType");
    if (!same_scalar(have_type, want_type))
        add(out, change_text(job, what, have_type, want_type), "Pinot keeps the type of a column");
    else if (kind != want_kind)
        add(out,
            arena_printf(job, STR_FMT " %s → %s", STR_ARG(what), kinds[kind], kinds[want_kind]),
            "Pinot keeps the kind of a column");
    else
        compare_attributes(have, want, what, job, out);
}

static void find_dropped(json_t *have, json_t *want, struct arena *job, struct differences *out) {
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        json_t *fields = json_object_get(have, kinds[k]);
        for (size_t i = 0; i < json_array_size(fields); i++) {
            size_t kind;
            struct str name = json_get_str(json_array_get(fields, i), "name", STR(""));
            if (!field_find(want, name, &kind))
                add(out, arena_printf(job, "column " STR_FMT " dropped", STR_ARG(name)),
                    "Pinot keeps the columns of a table");
        }
    }
}

void compare_schema(json_t *have, json_t *want, struct arena *job, struct differences *out) {
    *out = (struct differences){.count = 0};
    json_t *have_key = json_object_get(have, "primaryKeyColumns"),
           *want_key = json_object_get(want, "primaryKeyColumns");
    if (!same_array(have_key, want_key))
        add(out, change_text(job, STR("key"), have_key, want_key),
            "rows that are there were replaced by another key");
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        json_t *fields = json_object_get(want, kinds[k]);
        for (size_t i = 0; i < json_array_size(fields); i++)
            compare_field(have, json_array_get(fields, i), k, job, out);
    }
    find_dropped(have, want, job, out);
    json_t *nulls = json_object_get(want, "enableColumnBasedNullHandling");
    if (nulls && !same_scalar(json_object_get(have, "enableColumnBasedNullHandling"), nulls))
        add(out, STR("null handling by column"), NULL);
}

/* --- overlay --- */

json_t *overlay(json_t *have, json_t *want) {
    if (json_is_object(have) && json_is_object(want)) {
        json_t *result = json_copy(have), *value;
        const char *name;
        json_object_foreach(want, name, value)
            json_object_set_new(result, name, overlay(json_object_get(have, name), value));
        return result;
    }
    bool lists =
        json_is_object(json_array_get(have, 0)) && json_array_size(have) == json_array_size(want);
    if (!lists || !json_is_object(json_array_get(want, 0))) return json_deep_copy(want);
    json_t *result = json_array();
    for (size_t i = 0; i < json_array_size(want); i++)
        json_array_append_new(result, overlay(json_array_get(have, i), json_array_get(want, i)));
    return result;
}
