/* SPDX-License-Identifier: Apache-2.0 */
#include "state/keys.h"

#include <stdlib.h>

#include "common/fatal.h"

void keys_release(struct keys *keys) {
    free(keys->data);
    *keys = (struct keys){0};
}

static uint32_t null_bytes(uint32_t columns) {
    return (columns + 7) / 8;
}

/* Lengths first, so that the columns can be written one after the other. */
static void measure(struct keys *keys, const struct vec *columns, const uint32_t *numbers,
                    uint32_t count, const uint32_t *rows, bool prefix) {
    uint32_t fixed = null_bytes(count) + (prefix ? 4 : 0);
    for (uint32_t c = 0; c < count; c++) {
        const struct vec *vec = &columns[numbers[c]];
        if (vec->phys != PHYS_STR)
            fixed += (uint32_t)phys_bytes(vec->phys);
        else if (c + 1 < count)
            fixed += 4;
    }
    for (uint32_t i = 0; i < keys->count; i++)
        keys->len[i] = fixed;
    for (uint32_t c = 0; c < count; c++) {
        const struct vec *vec = &columns[numbers[c]];
        if (vec->phys != PHYS_STR) continue;
        for (uint32_t i = 0; i < keys->count; i++)
            if (vec_is_valid(vec, rows[i])) keys->len[i] += (uint32_t)vec->str[rows[i]].len;
    }
}

/* Places the keys and clears the first 16 bytes of each, for the NULL bits, and the last, the padding. */
static void place(struct keys *keys) {
    size_t total = 0;
    for (uint32_t i = 0; i < keys->count; i++) {
        keys->offset[i] = total;
        total += key_padded(keys->len[i]);
    }
    if (total > keys->capacity) {
        size_t capacity = keys->capacity ? keys->capacity : 16 * 1024;
        while (capacity < total)
            capacity *= 2;
        free(keys->data);
        keys->data = memory_resize(NULL, capacity, 1);
        keys->capacity = capacity;
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        uint8_t *start = keys->data + keys->offset[i];
        memset(start, 0, KEY_PAD);
        memset(start + key_padded(keys->len[i]) - KEY_PAD, 0, KEY_PAD);
    }
}

static void put_text(struct keys *keys, uint32_t *at, const struct vec *vec, const uint32_t *rows,
                     bool last) {
    for (uint32_t i = 0; i < keys->count; i++) {
        uint8_t *to = keys->data + keys->offset[i] + at[i];
        struct str text = vec_is_valid(vec, rows[i]) ? vec->str[rows[i]] : STR("");
        uint32_t len = (uint32_t)text.len;
        if (!last) {
            memcpy(to, &len, sizeof len);
            to += sizeof len;
            at[i] += (uint32_t)sizeof len;
        }
        if (len) memcpy(to, text.ptr, len);
        at[i] += len;
    }
}

/* Zero where NULL; every NaN becomes the same NaN. */
#define PUT_FIXED(TYPE, FIELD, FIX)                                                                \
    for (uint32_t i = 0; i < keys->count; i++) {                                                   \
        TYPE value = vec_is_valid(vec, rows[i]) ? vec->FIELD[rows[i]] : (TYPE)0;                   \
        FIX;                                                                                       \
        memcpy(keys->data + keys->offset[i] + at[i], &value, sizeof value);                        \
        at[i] += (uint32_t)sizeof value;                                                           \
    }

static void put_fixed(struct keys *keys, uint32_t *at, const struct vec *vec,
                      const uint32_t *rows) {
    switch (vec->phys) {
    case PHYS_BOOL: PUT_FIXED(uint8_t, boolean, value = value != 0) break;
    case PHYS_I32: PUT_FIXED(int32_t, i32, (void)0) break;
    case PHYS_I64: PUT_FIXED(int64_t, i64, (void)0) break;
    case PHYS_F32: PUT_FIXED(float, f32, if (value != value) value = __builtin_nanf("")) break;
    case PHYS_F64: PUT_FIXED(double, f64, if (value != value) value = __builtin_nan("")) break;
    case PHYS_I128: PUT_FIXED(i128, dec, (void)0) break;
    case PHYS_STR:
    case PHYS_NESTED: break;
    }
}

/* No NULL among the rows up to the last one (they ascend); cheap enough to ask first. */
static bool all_valid(const struct vec *vec, uint32_t last_row) {
    uint64_t missing = 0;
    for (uint32_t w = 0; w < last_row / 64; w++)
        missing |= ~vec->valid[w];
    return !(missing | (~vec->valid[last_row / 64] << (63 - last_row % 64)));
}

static void put_null_bits(struct keys *keys, uint32_t at, uint32_t column, const struct vec *vec,
                          const uint32_t *rows) {
    if (!keys->count || all_valid(vec, rows[keys->count - 1])) return;
    for (uint32_t i = 0; i < keys->count; i++)
        keys->data[keys->offset[i] + at + column / 8] |=
            (uint8_t)(!vec_is_valid(vec, rows[i]) << column % 8);
}

void keys_encode(struct keys *keys, const struct vec *columns, const uint32_t *numbers,
                 uint32_t count, const uint32_t *rows, uint32_t row_count, const uint32_t *prefix) {
    uint32_t at[BATCH_ROWS], nulls = null_bytes(count), front = prefix ? 4 : 0;
    keys->count = row_count;
    measure(keys, columns, numbers, count, rows, prefix != NULL);
    place(keys);
    for (uint32_t i = 0; i < row_count; i++) {
        uint8_t *to = keys->data + keys->offset[i];
        if (prefix) memcpy(to, &prefix[i], sizeof prefix[i]);
        at[i] = front + nulls;
    }
    for (uint32_t c = 0; c < count; c++) {
        const struct vec *vec = &columns[numbers[c]];
        put_null_bits(keys, front, c, vec, rows);
        if (vec->phys == PHYS_STR)
            put_text(keys, at, vec, rows, c + 1 == count);
        else
            put_fixed(keys, at, vec, rows);
    }
}

static void take_text(const uint8_t *const *key, const uint32_t *len, uint32_t *at, uint32_t rows,
                      struct vec *out, bool last) {
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t bytes = len[i] - at[i];
        if (!last) {
            memcpy(&bytes, key[i] + at[i], sizeof bytes);
            at[i] += (uint32_t)sizeof bytes;
        }
        out->str[i] = (struct str){bytes ? (const char *)key[i] + at[i] : "", bytes};
        at[i] += bytes;
    }
}

void keys_decode(const uint8_t *const *key, const uint32_t *len, uint32_t rows, struct vec *out,
                 uint32_t count) {
    uint32_t at[BATCH_ROWS];
    for (uint32_t i = 0; i < rows; i++)
        at[i] = null_bytes(count);
    for (uint32_t c = 0; c < count; c++) {
        for (uint32_t i = 0; i < rows; i++)
            vec_set_valid(&out[c], i, !(key[i][c / 8] >> c % 8 & 1));
        if (out[c].phys == PHYS_STR) {
            take_text(key, len, at, rows, &out[c], c + 1 == count);
            continue;
        }
        uint32_t bytes = (uint32_t)phys_bytes(out[c].phys);
        for (uint32_t i = 0; i < rows; i++) {
            memcpy((char *)out[c].data + i * bytes, key[i] + at[i], bytes);
            at[i] += bytes;
        }
    }
}
