/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/rowset.h"

#include <stdlib.h>

#include "common/fatal.h"

void rowset_init(struct rowset *set, const struct table *table) {
    *set = (struct rowset){.table = table, .bucket_count = 1024};
    set->buckets = memory_new(set->bucket_count, sizeof *set->buckets);
    set->columns = ARENA_NEW(&set->arena, table->column_count, uint32_t);
    for (uint32_t c = 0; c < table->column_count; c++)
        if (column_is_persisted(&table->columns[c])) set->columns[set->column_count++] = c;
}

void rowset_release(struct rowset *set) {
    free(set->buckets);
    arena_release(&set->arena);
    *set = (struct rowset){0};
}

static const struct type *column_type(const struct rowset *set, uint32_t column) {
    return &set->table->columns[set->columns[column]].type;
}

static void print_column(struct buf *out, const struct rowset *set, const struct value *value,
                         uint32_t column) {
    struct buf text;
    buf_init(&text, 1 << 20);
    value_print(&text, column_type(set, column), value);
    buf_printf(out, STR_FMT "=", STR_ARG(set->table->columns[set->columns[column]].name));
    buf_append_visible(out, buf_str(&text), 600);
    buf_release(&text);
}

void row_print_column(struct buf *out, const struct rowset *set, const struct row *row,
                      uint32_t column) {
    print_column(out, set, &row->values[column], column);
}

static uint32_t position(const struct rowset *set, uint32_t table_column) {
    uint32_t i = 0;
    while (set->columns[i] != table_column)
        i++;
    return i;
}

struct str row_key(const struct rowset *set, const struct value *values, struct arena *arena) {
    struct buf text;
    buf_init(&text, 1 << 20);
    for (uint32_t i = 0; i < set->table->primary_key_count; i++) {
        uint32_t column = position(set, set->table->primary_key[i]);
        if (i) buf_append_char(&text, ' ');
        print_column(&text, set, &values[column], column);
    }
    struct str key = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return key;
}

static void grow(struct rowset *set) {
    uint32_t count = set->bucket_count * 2;
    struct row **buckets = memory_new(count, sizeof *buckets);
    for (uint32_t b = 0; b < set->bucket_count; b++) {
        for (struct row *row = set->buckets[b], *next; row; row = next) {
            next = row->next;
            struct row **bucket = &buckets[str_hash(row->key) & (count - 1)];
            row->next = *bucket;
            *bucket = row;
        }
    }
    free(set->buckets);
    set->buckets = buckets;
    set->bucket_count = count;
}

struct row *rowset_find(const struct rowset *set, struct str key) {
    struct row *row = set->buckets[str_hash(key) & (set->bucket_count - 1)];
    while (row && !str_eq(row->key, key))
        row = row->next;
    return row;
}

struct row *rowset_find_version(const struct rowset *set, struct str key, int64_t version) {
    struct row *row = set->buckets[str_hash(key) & (set->bucket_count - 1)];
    while (row && !(row->version == version && str_eq(row->key, key)))
        row = row->next;
    return row;
}

static void store(struct rowset *set, struct row *row, const struct value *values, int64_t version,
                  bool deleted) {
    row->values = ARENA_NEW(&set->arena, set->column_count, struct value);
    for (uint32_t i = 0; i < set->column_count; i++) {
        row->values[i] = values[i];
        if (!values[i].is_null && type_phys(column_type(set, i)->id) == PHYS_STR)
            row->values[i].str = arena_str(&set->arena, values[i].str);
    }
    row->version = version;
    row->deleted = deleted;
}

static struct row *insert(struct rowset *set, struct str key) {
    if (set->row_count >= set->bucket_count) grow(set);
    struct row *row = ARENA_NEW(&set->arena, 1, struct row);
    struct row **bucket = &set->buckets[str_hash(key) & (set->bucket_count - 1)];
    row->key = key;
    row->next = *bucket;
    *bucket = row;
    set->row_count++;
    return row;
}

void rowset_put(struct rowset *set, const struct value *values, int64_t version, bool deleted) {
    struct str key = row_key(set, values, &set->arena);
    struct row *row = rowset_find(set, key);
    if (row && version < row->version) return;
    if (!row) row = insert(set, key);
    store(set, row, values, version, deleted);
}

void rowset_add(struct rowset *set, const struct value *values, int64_t version, bool deleted) {
    struct str key = row_key(set, values, &set->arena);
    struct row *row = rowset_find_version(set, key, version);
    if (!row) row = insert(set, key);
    store(set, row, values, version, deleted);
}

static bool near(double a, double b, double tolerance) {
    if (a == b || (a != a && b != b)) return true;
    double size = a < 0 ? -a : a, other = b < 0 ? -b : b, distance = a < b ? b - a : a - b;
    return distance <= tolerance * (size > other ? size : other);
}

int32_t row_difference(const struct rowset *set, const struct row *a, const struct row *b,
                       double tolerance) {
    for (uint32_t i = 0; i < set->column_count; i++) {
        const struct value *x = &a->values[i], *y = &b->values[i];
        enum phys phys = type_phys(column_type(set, i)->id);
        if (!x->is_null && !y->is_null) {
            if (phys == PHYS_F64 && near(x->f64, y->f64, tolerance)) continue;
            if (phys == PHYS_F32 && near((double)x->f32, (double)y->f32, tolerance)) continue;
        }
        if (!value_equal(phys, x, y)) return (int32_t)i;
    }
    return -1;
}
