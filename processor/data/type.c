/* SPDX-License-Identifier: Apache-2.0 */
/* What the type ids have in common, as one table: physical type, family and Flink's name. */
#include "data/type.h"

enum family {
    FAMILY_OTHER,
    FAMILY_INTEGER,
    FAMILY_NUMBER,
    FAMILY_TEXT,
    FAMILY_BYTES,
    FAMILY_INSTANT
};

/* clang-format off */
static const struct { enum phys phys; enum family family; const char *name; } table[] = {
    [TYPE_NULL]           = {PHYS_BOOL,   FAMILY_OTHER,   "NULL"},
    [TYPE_BOOLEAN]        = {PHYS_BOOL,   FAMILY_OTHER,   "BOOLEAN"},
    [TYPE_TINYINT]        = {PHYS_I32,    FAMILY_INTEGER, "TINYINT"},
    [TYPE_SMALLINT]       = {PHYS_I32,    FAMILY_INTEGER, "SMALLINT"},
    [TYPE_INT]            = {PHYS_I32,    FAMILY_INTEGER, "INT"},
    [TYPE_BIGINT]         = {PHYS_I64,    FAMILY_INTEGER, "BIGINT"},
    [TYPE_FLOAT]          = {PHYS_F32,    FAMILY_NUMBER,  "FLOAT"},
    [TYPE_DOUBLE]         = {PHYS_F64,    FAMILY_NUMBER,  "DOUBLE"},
    [TYPE_DECIMAL]        = {PHYS_I128,   FAMILY_NUMBER,  "DECIMAL"},
    [TYPE_CHAR]           = {PHYS_STR,    FAMILY_TEXT,    "CHAR"},
    [TYPE_VARCHAR]        = {PHYS_STR,    FAMILY_TEXT,    "VARCHAR"},
    [TYPE_BINARY]         = {PHYS_STR,    FAMILY_BYTES,   "BINARY"},
    [TYPE_VARBINARY]      = {PHYS_STR,    FAMILY_BYTES,   "VARBINARY"},
    [TYPE_DATE]           = {PHYS_I32,    FAMILY_OTHER,   "DATE"},
    [TYPE_TIME]           = {PHYS_I32,    FAMILY_OTHER,   "TIME"},
    [TYPE_TIMESTAMP]      = {PHYS_I64,    FAMILY_INSTANT, "TIMESTAMP"},
    [TYPE_TIMESTAMP_LTZ]  = {PHYS_I64,    FAMILY_INSTANT, "TIMESTAMP_LTZ"},
    [TYPE_INTERVAL_MONTH] = {PHYS_I32,    FAMILY_OTHER,   "INTERVAL YEAR TO MONTH"},
    [TYPE_INTERVAL_MS]    = {PHYS_I64,    FAMILY_OTHER,   "INTERVAL DAY TO SECOND"},
    [TYPE_ARRAY]          = {PHYS_NESTED, FAMILY_OTHER,   "ARRAY"},
    [TYPE_MAP]            = {PHYS_NESTED, FAMILY_OTHER,   "MAP"},
    [TYPE_MULTISET]       = {PHYS_NESTED, FAMILY_OTHER,   "MULTISET"},
    [TYPE_ROW]            = {PHYS_NESTED, FAMILY_OTHER,   "ROW"},
};
/* clang-format on */

enum phys type_phys(enum type_id id) {
    return table[id].phys;
}

size_t phys_bytes(enum phys phys) {
    switch (phys) {
    case PHYS_BOOL: return 1;
    case PHYS_I32: return sizeof(int32_t);
    case PHYS_I64: return sizeof(int64_t);
    case PHYS_F32: return sizeof(float);
    case PHYS_F64: return sizeof(double);
    case PHYS_I128: return sizeof(i128);
    case PHYS_STR: return sizeof(struct str);
    case PHYS_NESTED: return 0;
    }
    return 0;
}

bool type_is_integer(enum type_id id) {
    return table[id].family == FAMILY_INTEGER;
}
bool type_is_numeric(enum type_id id) {
    return table[id].family == FAMILY_INTEGER || table[id].family == FAMILY_NUMBER;
}
bool type_is_text(enum type_id id) {
    return table[id].family == FAMILY_TEXT;
}
bool type_is_instant(enum type_id id) {
    return table[id].family == FAMILY_INSTANT;
}

static bool part_equal(const struct type *a, const struct type *b) {
    if (!a || !b) return a == b;
    return a->nullable == b->nullable && type_equal(a, b);
}

bool type_equal(const struct type *a, const struct type *b) {
    if (a->id != b->id || a->precision != b->precision || a->scale != b->scale ||
        a->length != b->length || a->field_count != b->field_count)
        return false;
    if (!part_equal(a->key, b->key) || !part_equal(a->element, b->element)) return false;
    for (uint32_t i = 0; i < a->field_count; i++)
        if (!str_eq(a->fields[i].name, b->fields[i].name) ||
            !part_equal(&a->fields[i].type, &b->fields[i].type))
            return false;
    return true;
}

static void print_row(struct buf *out, const struct type *type) {
    buf_append(out, STR("ROW<"));
    for (uint32_t i = 0; i < type->field_count; i++) {
        buf_printf(out, "%s`" STR_FMT "` ", i ? ", " : "", STR_ARG(type->fields[i].name));
        type_print(out, &type->fields[i].type, false);
    }
    buf_append_char(out, '>');
}

static void print_base(struct buf *out, const struct type *type) {
    const char *name = table[type->id].name;
    switch (type->id) {
    case TYPE_DECIMAL: buf_printf(out, "DECIMAL(%u, %u)", type->precision, type->scale); return;
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ: buf_printf(out, "%s(%u)", name, type->precision); return;
    case TYPE_VARCHAR:
    case TYPE_VARBINARY:
        if (type->length == TYPE_LENGTH_MAX) {
            buf_append(out, type->id == TYPE_VARCHAR ? STR("STRING") : STR("BYTES"));
            return;
        }
        buf_printf(out, "%s(%u)", name, type->length);
        return;
    case TYPE_CHAR:
    case TYPE_BINARY: buf_printf(out, "%s(%u)", name, type->length); return;
    case TYPE_ARRAY:
    case TYPE_MULTISET:
    case TYPE_MAP:
        buf_printf(out, "%s<", name);
        if (type->key) {
            type_print(out, type->key, false);
            buf_append(out, STR(", "));
        }
        if (type->element) type_print(out, type->element, false);
        buf_append_char(out, '>');
        return;
    case TYPE_ROW: print_row(out, type); return;
    case TYPE_NULL:
    case TYPE_BOOLEAN:
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT:
    case TYPE_BIGINT:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_DATE:
    case TYPE_INTERVAL_MONTH:
    case TYPE_INTERVAL_MS: buf_append(out, str_of(name)); return;
    }
}

void type_print(struct buf *out, const struct type *type, bool with_attributes) {
    print_base(out, type);
    if (with_attributes && type->time == TIME_EVENT) buf_append(out, STR(" *ROWTIME*"));
    if (with_attributes && type->time == TIME_PROCESSING) buf_append(out, STR(" *PROCTIME*"));
    if (!type->nullable) buf_append(out, STR(" NOT NULL"));
}

struct str type_text(struct arena *arena, const struct type *type) {
    struct buf text;
    buf_init(&text, 1 << 16);
    type_print(&text, type, false);
    struct str copy = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}
