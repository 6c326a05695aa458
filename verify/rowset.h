/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one sink by primary key, as text: the form in which the raw recomputation, the upsert topic and
 * Pinot are compared. A row is the values of the persisted columns, in table order. */
#ifndef VERIFY_ROWSET_H
#define VERIFY_ROWSET_H

#include "data/value.h"
#include "plan/catalog.h"

struct row {
    struct row *next;     /* in the hash bucket */
    struct str key;       /* primary key columns as text, for people and as identity */
    struct value *values; /* [column] */
    int64_t version;
    bool deleted, seen; /* seen: set by the comparison */
};

struct rowset {
    const struct table *table;
    uint32_t *columns; /* table column of values[i] */
    uint32_t column_count;
    struct row **buckets;
    uint32_t bucket_count, row_count;
    struct arena arena; /* rows and their text */
};

void rowset_init(struct rowset *set, const struct table *table);
void rowset_release(struct rowset *set);

/* Keeps the row of the highest version per key (a tie goes to the later call); copies the text. */
void rowset_put(struct rowset *set, const struct value *values, int64_t version, bool deleted);
/* As rowset_put, but rows of one key and different versions all stay: find them with rowset_find_version. */
void rowset_add(struct rowset *set, const struct value *values, int64_t version, bool deleted);
struct row *rowset_find(const struct rowset *set, struct str key);
struct row *rowset_find_version(const struct rowset *set, struct str key, int64_t version);

/* Visits all rows: for (uint32_t b = 0; b < set->bucket_count; b++) for (row = set->buckets[b]; …). */

/* The first column in which two rows differ, or -1. DOUBLE and FLOAT agree within a relative tolerance: sums
 * of doubles depend on the order of the rows. */
int32_t row_difference(const struct rowset *set, const struct row *a, const struct row *b,
                       double tolerance);

/* "window_start=2026-01-01 10:00:00.000 product_category=Books" */
struct str row_key(const struct rowset *set, const struct value *values, struct arena *arena);
/* "revenue=40.0" of one column, visible on a terminal. */
void row_print_column(struct buf *out, const struct rowset *set, const struct row *row,
                      uint32_t column);

#endif
