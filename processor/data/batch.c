/* SPDX-License-Identifier: Apache-2.0 */
#include "data/batch.h"

/* Bitmap first, then values: one allocation each, aligned for vector loads. */
static void *aligned_alloc_in(struct arena *job, size_t bytes) {
    enum { ALIGN = 64 };
    uintptr_t at = (uintptr_t)arena_alloc(job, bytes + ALIGN);
    return (void *)((at + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
}

void vec_init(struct vec *vec, enum phys phys, struct arena *job) {
    size_t bytes = phys_bytes(phys) * BATCH_ROWS;
    vec->phys = phys;
    vec->valid = aligned_alloc_in(job, BATCH_WORDS * sizeof *vec->valid);
    vec->data = aligned_alloc_in(job, bytes);
    memset(vec->valid, 0, BATCH_WORDS * sizeof *vec->valid);
    memset(vec->data, 0, bytes);
}

void batch_init(struct batch *batch, const struct type *types, uint32_t count, struct arena *job,
                struct arena *scratch) {
    *batch = (struct batch){
        .columns = ARENA_NEW(job, count, struct vec), .column_count = count, .scratch = scratch};
    for (uint32_t i = 0; i < count; i++)
        vec_init(&batch->columns[i], type_phys(types[i].id), job);
}

void batch_clear(struct batch *batch) {
    batch->rows = 0;
    batch->selected = 0;
    batch->selection = NULL;
    batch->kinds = NULL;
}

struct value vec_get(const struct vec *vec, uint32_t row) {
    struct value value = {.is_null = !vec_is_valid(vec, row)};
    if (value.is_null) return value;
    switch (vec->phys) {
    case PHYS_BOOL: value.boolean = vec->boolean[row] != 0; break;
    case PHYS_I32: value.i32 = vec->i32[row]; break;
    case PHYS_I64: value.i64 = vec->i64[row]; break;
    case PHYS_F32: value.f32 = vec->f32[row]; break;
    case PHYS_F64: value.f64 = vec->f64[row]; break;
    case PHYS_I128: value.dec = vec->dec[row]; break;
    case PHYS_STR: value.str = vec->str[row]; break;
    case PHYS_NESTED: value.is_null = true; break;
    }
    return value;
}

void vec_set(struct vec *vec, uint32_t row, const struct value *value) {
    vec_set_valid(vec, row, !value->is_null);
    if (value->is_null) return;
    switch (vec->phys) {
    case PHYS_BOOL: vec->boolean[row] = value->boolean; break;
    case PHYS_I32: vec->i32[row] = value->i32; break;
    case PHYS_I64: vec->i64[row] = value->i64; break;
    case PHYS_F32: vec->f32[row] = value->f32; break;
    case PHYS_F64: vec->f64[row] = value->f64; break;
    case PHYS_I128: vec->dec[row] = value->dec; break;
    case PHYS_STR: vec->str[row] = value->str; break;
    case PHYS_NESTED: vec_set_valid(vec, row, false); break;
    }
}
