/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/raw.h"

/* Bytes of a fixed-width type; 0: text or bytes; -1: no raw form. */
static int raw_width(enum type_id type) {
    switch (type) {
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_BINARY:
    case TYPE_VARBINARY: return 0;
    case TYPE_BOOLEAN:
    case TYPE_TINYINT: return 1;
    case TYPE_SMALLINT: return 2;
    case TYPE_INT:
    case TYPE_FLOAT: return 4;
    case TYPE_BIGINT:
    case TYPE_DOUBLE: return 8;
    case TYPE_NULL:
    case TYPE_DECIMAL:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ:
    case TYPE_INTERVAL_MONTH:
    case TYPE_INTERVAL_MS:
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET:
    case TYPE_ROW: return -1;
    }
    return -1;
}

bool raw_check(const struct raw_column *raw, struct error *err) {
    if (raw_width(raw->type) >= 0) return true;
    error_set(err, ERROR_USER, "E0302",
              "column '" STR_FMT "' has a type that the raw format cannot hold",
              STR_ARG(raw->name));
    return error_help(err, "raw takes STRING, BYTES, BOOLEAN, TINYINT to BIGINT, FLOAT and DOUBLE");
}

/* How many bytes at p Java's decoder replaces by one U+FFFD: a start byte with the continuations that
 * could follow it. A surrogate of three bytes counts as one. */
static unsigned malformed_length(const uint8_t *p, const uint8_t *end) {
    size_t left = (size_t)(end - p);
    unsigned len = p[0] < 0xC2 || p[0] > 0xF4 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (len == 1 || left < 2 || (p[1] & 0xC0) != 0x80) return 1;
    bool impossible = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90) ||
                      (p[0] == 0xF4 && p[1] > 0x8F);
    if (impossible) return 1;
    unsigned taken = 2;
    while (taken < len && taken < left && (p[taken] & 0xC0) == 0x80)
        taken++;
    return taken;
}

static struct str text_copy(struct str bytes, struct arena *scratch) {
    if (utf8_valid(bytes)) return arena_str(scratch, bytes);
    const uint8_t *p = (const uint8_t *)bytes.ptr, *end = p + bytes.len;
    char *out = arena_alloc(scratch, bytes.len * 3);
    size_t len = 0;
    while (p < end) {
        unsigned good = utf8_length(p, end);
        unsigned taken = good ? good : malformed_length(p, end);
        memcpy(out + len, good ? (const char *)p : "\xEF\xBF\xBD", good ? good : 3);
        len += good ? good : 3;
        p += taken;
    }
    return (struct str){out, len};
}

static uint64_t fixed_read(const struct raw_column *raw, struct str bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        size_t at = raw->little_endian ? bytes.len - 1 - i : i;
        value = value << 8 | (uint8_t)bytes.ptr[at];
    }
    return value;
}

bool raw_decode(const struct raw_column *raw, struct str bytes, struct arena *scratch,
                struct value *out) {
    int width = raw_width(raw->type);
    if (width > 0 && bytes.len != (size_t)width) return false;
    *out = (struct value){.is_null = false};
    if (width == 0) {
        bool text = raw->type == TYPE_CHAR || raw->type == TYPE_VARCHAR;
        out->str = text ? text_copy(bytes, scratch) : arena_str(scratch, bytes);
        return true;
    }
    uint64_t fixed = fixed_read(raw, bytes);
    uint32_t low = (uint32_t)fixed;
    if (raw->type == TYPE_BOOLEAN) {
        out->boolean = fixed != 0;
    } else if (raw->type == TYPE_TINYINT) {
        out->i32 = (int8_t)(uint8_t)fixed;
    } else if (raw->type == TYPE_SMALLINT) {
        out->i32 = (int16_t)(uint16_t)fixed;
    } else if (raw->type == TYPE_INT) {
        out->i32 = (int32_t)low;
    } else if (raw->type == TYPE_FLOAT) {
        memcpy(&out->f32, &low, sizeof low);
    } else if (raw->type == TYPE_DOUBLE) {
        memcpy(&out->f64, &fixed, sizeof fixed);
    } else {
        out->i64 = (int64_t)fixed;
    }
    return true;
}
