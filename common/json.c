/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "common/json.h"

bool json_parse(struct str text, const char *what, json_t **out, struct error *err) {
    json_error_t bad;
    json_t *value = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &bad);
    if (!value)
        return error_set(err, ERROR_USER, "E0901",
                         "%.200s is not valid JSON: line %d, column %d: %s", what, bad.line,
                         bad.column, bad.text);
    *out = value;
    return true;
}

static int append_chunk(const char *bytes, size_t len, void *context) {
    return buf_append_bytes(context, bytes, len) ? 0 : -1;
}

bool json_write(struct buf *out, const json_t *value) {
    return json_dump_callback(value, append_chunk, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
}

struct str json_get_str(const json_t *object, const char *name, struct str fallback) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return fallback;
    return (struct str){json_string_value(value), json_string_length(value)};
}

int64_t json_get_i64(const json_t *object, const char *name, int64_t fallback) {
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_get_bool(const json_t *object, const char *name, bool fallback) {
    const json_t *value = json_object_get(object, name);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}
