/* SPDX-License-Identifier: Apache-2.0 */
/* Columnar micro-batch: up to BATCH_ROWS rows, one vector per column, plain arrays and a validity
 * bitmap. Filters do not copy: they narrow the selection.
 *
 *   columns[c].i64[row]                value; garbage where the row is not valid
 *   columns[c].valid[row / 64]         bit row % 64 set = not NULL
 *   selection == NULL                  all rows 0 … rows-1
 *   selection[0 … selected-1]          ascending row numbers otherwise
 *
 * Text values point into `scratch` (or into memory that outlives the batch); nothing may keep a pointer
 * into a batch after batch_clear. Rows beyond the selection are undefined: a kernel that cannot fail may
 * compute them, a kernel that can fail must not look at them. */
#ifndef DATA_BATCH_H
#define DATA_BATCH_H

#include "data/value.h"

enum { BATCH_ROWS = 1024, BATCH_WORDS = BATCH_ROWS / 64 };

/* How a row changes a table (Flink's RowKind). An insert-only batch has kinds == NULL. */
enum row_kind { ROW_INSERT, ROW_UPDATE_BEFORE, ROW_UPDATE_AFTER, ROW_DELETE };

struct vec {
    enum phys phys;
    uint64_t *valid; /* BATCH_WORDS words */
    union {
        void *data; /* BATCH_ROWS values, 64-byte aligned */
        uint8_t *boolean;
        int32_t *i32;
        int64_t *i64;
        float *f32;
        double *f64;
        i128 *dec;
        struct str *str;
    };
};

struct batch {
    uint32_t rows;     /* rows filled, <= BATCH_ROWS */
    uint32_t selected; /* rows of the selection; == rows when selection is NULL */
    const uint32_t *selection;
    const uint8_t *kinds; /* enum row_kind per row, or NULL: all ROW_INSERT */
    struct vec *columns;
    uint32_t column_count;
    uint32_t partition;    /* dense number of the source partition that all rows come from */
    int64_t now_ms;        /* wall clock of the batch: PROCTIME(), CURRENT_TIMESTAMP, TTL */
    struct arena *scratch; /* text of this batch; reset with it */
};

/* Vectors for `types`; data and bitmaps come from `job`, text goes to `scratch` (borrowed). */
void batch_init(struct batch *batch, const struct type *types, uint32_t count, struct arena *job,
                struct arena *scratch);
void vec_init(struct vec *vec, enum phys phys, struct arena *job);
/* rows = 0, no selection; does not touch the scratch arena: its owner resets that. */
void batch_clear(struct batch *batch);

static inline bool vec_is_valid(const struct vec *vec, uint32_t row) {
    return (vec->valid[row / 64] >> (row % 64)) & 1;
}
static inline void vec_set_valid(struct vec *vec, uint32_t row, bool valid) {
    uint64_t bit = (uint64_t)1 << (row % 64);
    vec->valid[row / 64] = (vec->valid[row / 64] & ~bit) | (valid ? bit : 0);
}
/* The i-th selected row number. */
static inline uint32_t batch_row(const struct batch *batch, uint32_t i) {
    return batch->selection ? batch->selection[i] : i;
}
static inline enum row_kind batch_kind(const struct batch *batch, uint32_t row) {
    return batch->kinds ? (enum row_kind)batch->kinds[row] : ROW_INSERT;
}

struct value vec_get(const struct vec *vec, uint32_t row);
void vec_set(struct vec *vec, uint32_t row, const struct value *value); /* text is not copied */

#endif
