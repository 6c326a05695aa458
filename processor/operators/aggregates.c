/* SPDX-License-Identifier: Apache-2.0 */
/* Semantics are Flink's: SUM keeps the argument's type and integers wrap; AVG of integers sums in
 * BIGINT and truncates; SUM of DECIMAL becomes NULL on overflow and starts again with the next value,
 * AVG of DECIMAL stays NULL; MIN and MAX compare as SQL does, so a first NaN is never replaced. */
#include "operators/aggregates.h"

#include "data/decimal.h"

static bool passes(const struct fold *fold, uint32_t row) {
    return fold->pass[row / 64] >> row % 64 & 1;
}

/* `statement` sees `state` (a pointer of this type) and `value` (the argument). */
#define EACH_ROW(STATE, TYPE, FIELD, STATEMENT)                                                    \
    const TYPE *column = fold->argument->FIELD;                                                    \
    for (uint32_t i = 0; i < fold->count; i++) {                                                   \
        uint32_t row = fold->rows[i];                                                              \
        if (!passes(fold, row)) continue;                                                          \
        STATE *state = (STATE *)(void *)(fold->blocks[i] + fold->offset);                          \
        TYPE value = column[row];                                                                  \
        STATEMENT;                                                                                 \
    }

#define EACH_GROUP(STATE, STATEMENT)                                                               \
    for (uint32_t i = 0; i < finish->count; i++) {                                                 \
        const STATE *state = (const STATE *)(const void *)(finish->blocks[i] + finish->offset);    \
        STATEMENT;                                                                                 \
    }

/* --- COUNT: one number, and every call has the same state --- */

static void update_count(const struct fold *fold) {
    for (uint32_t i = 0; i < fold->count; i++)
        *(int64_t *)(void *)(fold->blocks[i] + fold->offset) += passes(fold, fold->rows[i]);
}

static void merge_count(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                        const struct heap *from_heap) {
    (void)into_heap, (void)from_heap;
    *(int64_t *)(void *)into += *(const int64_t *)(const void *)from;
}

static void result_count(const struct finish *finish) {
    memset(finish->out->valid, 0xff, BATCH_WORDS * sizeof *finish->out->valid);
    EACH_GROUP(int64_t, finish->out->i64[i] = *state)
}

const struct aggregate aggregate_COUNT_STAR = {8, update_count, merge_count, result_count, NULL};
const struct aggregate aggregate_COUNT = {8, update_count, merge_count, result_count, NULL};
/* Members of two tables cannot be merged by their counts: whoever merges groups merges the members
 * and counts the new ones. */
const struct aggregate aggregate_COUNT_DISTINCT = {8, NULL, NULL, result_count, NULL};

/* --- SUM and AVG of integers and DOUBLE: a sum and how many; SUM only looks at "any" --- */

struct sum_i64 {
    int64_t sum, count;
};
struct sum_f64 {
    double sum;
    int64_t count;
};

static int64_t wrapping_add(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void update_sum_i32(const struct fold *fold) {
    EACH_ROW(struct sum_i64, int32_t, i32, state->sum += value; state->count++)
}
static void update_sum_i64(const struct fold *fold) {
    EACH_ROW(struct sum_i64, int64_t, i64, state->sum = wrapping_add(state->sum, value);
             state->count++)
}
static void update_sum_f64(const struct fold *fold) {
    EACH_ROW(struct sum_f64, double, f64,
             state->sum = state->count ? state->sum + value : value; /* keeps -0.0 */
             state->count++)
}

static void merge_sum_i64(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                          const struct heap *from_heap) {
    (void)into_heap, (void)from_heap;
    struct sum_i64 *a = (struct sum_i64 *)(void *)into;
    const struct sum_i64 *b = (const struct sum_i64 *)(const void *)from;
    a->sum = wrapping_add(a->sum, b->sum);
    a->count += b->count;
}
static void merge_sum_f64(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                          const struct heap *from_heap) {
    (void)into_heap, (void)from_heap;
    struct sum_f64 *a = (struct sum_f64 *)(void *)into;
    const struct sum_f64 *b = (const struct sum_f64 *)(const void *)from;
    if (b->count) a->sum = a->count ? a->sum + b->sum : b->sum;
    a->count += b->count;
}

#define SUM_RESULT(NAME, STATE, FIELD, TYPE, EXPRESSION)                                           \
    static void NAME(const struct finish *finish) {                                                \
        struct vec *out = finish->out;                                                             \
        EACH_GROUP(STATE, vec_set_valid(out, i, state->count != 0);                                \
                   if (state->count) out->FIELD[i] = (TYPE)(EXPRESSION))                           \
    }

SUM_RESULT(result_sum_i32, struct sum_i64, i32, int32_t, (uint64_t)state->sum)
SUM_RESULT(result_sum_i64, struct sum_i64, i64, int64_t, state->sum)
SUM_RESULT(result_sum_f64, struct sum_f64, f64, double, state->sum)
SUM_RESULT(result_avg_i32, struct sum_i64, i32, int32_t, (uint64_t)(state->sum / state->count))
SUM_RESULT(result_avg_i64, struct sum_i64, i64, int64_t, state->sum / state->count)
SUM_RESULT(result_avg_f64, struct sum_f64, f64, double, state->sum / (double)state->count)

const struct aggregate aggregate_SUM_I32 = {sizeof(struct sum_i64), update_sum_i32, merge_sum_i64,
                                            result_sum_i32, NULL};
const struct aggregate aggregate_SUM_I64 = {sizeof(struct sum_i64), update_sum_i64, merge_sum_i64,
                                            result_sum_i64, NULL};
const struct aggregate aggregate_SUM_F64 = {sizeof(struct sum_f64), update_sum_f64, merge_sum_f64,
                                            result_sum_f64, NULL};
const struct aggregate aggregate_AVG_I32 = {sizeof(struct sum_i64), update_sum_i32, merge_sum_i64,
                                            result_avg_i32, NULL};
const struct aggregate aggregate_AVG_I64 = {sizeof(struct sum_i64), update_sum_i64, merge_sum_i64,
                                            result_avg_i64, NULL};
const struct aggregate aggregate_AVG_F64 = {sizeof(struct sum_f64), update_sum_f64, merge_sum_f64,
                                            result_avg_f64, NULL};

/* --- SUM and AVG of DECIMAL --- */

/* States are aligned to 8 bytes only, so the 128 bits stand as two halves. */
struct sum_dec {
    uint64_t low, high;
    int64_t count;
    uint64_t overflow; /* AVG: NULL for ever */
};

static i128 sum_get(const struct sum_dec *state) {
    return (i128)((u128)state->high << 64 | state->low);
}
static void sum_put(struct sum_dec *state, i128 value) {
    state->low = (uint64_t)(u128)value;
    state->high = (uint64_t)((u128)value >> 64);
}

/* False when the sum has more than 38 digits. */
static bool sum_add(struct sum_dec *state, i128 value) {
    i128 sum;
    if (__builtin_add_overflow(sum_get(state), value, &sum)) return false;
    if (!decimal_fits(sum, DECIMAL_PRECISION_MAX)) return false;
    sum_put(state, sum);
    return true;
}

static void sum_dec_one(struct sum_dec *state, i128 value, int64_t count) {
    state->count += count;
    if (sum_add(state, value)) return;
    *state = (struct sum_dec){0}; /* NULL; the next value starts again */
}
static void avg_dec_one(struct sum_dec *state, i128 value, int64_t count) {
    state->count += count;
    if (!sum_add(state, value)) state->overflow = 1;
}

static void update_sum_dec(const struct fold *fold) {
    EACH_ROW(struct sum_dec, i128, dec, sum_dec_one(state, value, 1))
}
static void update_avg_dec(const struct fold *fold) {
    EACH_ROW(struct sum_dec, i128, dec, avg_dec_one(state, value, 1))
}

static void merge_sum_dec(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                          const struct heap *from_heap) {
    (void)into_heap, (void)from_heap;
    const struct sum_dec *b = (const struct sum_dec *)(const void *)from;
    sum_dec_one((struct sum_dec *)(void *)into, sum_get(b), b->count);
}
static void merge_avg_dec(uint8_t *into, struct heap *into_heap, const uint8_t *from,
                          const struct heap *from_heap) {
    (void)into_heap, (void)from_heap;
    const struct sum_dec *b = (const struct sum_dec *)(const void *)from;
    struct sum_dec *a = (struct sum_dec *)(void *)into;
    avg_dec_one(a, sum_get(b), b->count);
    a->overflow |= b->overflow;
}

static void result_sum_dec(const struct finish *finish) {
    struct vec *out = finish->out;
    EACH_GROUP(struct sum_dec, vec_set_valid(out, i, state->count != 0);
               out->dec[i] = sum_get(state))
}

static bool average(const struct sum_dec *state, const struct aggregate_call *call, i128 *out) {
    if (!state->count || state->overflow) return false;
    return decimal_divide(sum_get(state), call->argument_type.scale, state->count, 0,
                          call->result.precision, call->result.scale, out);
}

static void result_avg_dec(const struct finish *finish) {
    struct vec *out = finish->out;
    EACH_GROUP(struct sum_dec, vec_set_valid(out, i, average(state, finish->call, &out->dec[i])))
}

const struct aggregate aggregate_SUM_DEC = {sizeof(struct sum_dec), update_sum_dec, merge_sum_dec,
                                            result_sum_dec, NULL};
const struct aggregate aggregate_AVG_DEC = {sizeof(struct sum_dec), update_avg_dec, merge_avg_dec,
                                            result_avg_dec, NULL};

/* --- MIN and MAX --- */

#define EXTREME(ID, FIELD, TYPE, BEFORE)                                                           \
    struct extreme_##ID {                                                                          \
        TYPE value;                                                                                \
        uint64_t any;                                                                              \
    };                                                                                             \
    static void update_##ID(const struct fold *fold) {                                             \
        EACH_ROW(struct extreme_##ID, TYPE, FIELD,                                                 \
                 if (!state->any || value BEFORE state->value) state->value = value;               \
                 state->any = 1)                                                                   \
    }                                                                                              \
    static void merge_##ID(uint8_t *into, struct heap *into_heap, const uint8_t *from,             \
                           const struct heap *from_heap) {                                         \
        (void)into_heap, (void)from_heap;                                                          \
        struct extreme_##ID *a = (struct extreme_##ID *)(void *)into;                              \
        const struct extreme_##ID *b = (const struct extreme_##ID *)(const void *)from;            \
        if (b->any && (!a->any || b->value BEFORE a->value)) *a = *b;                              \
    }                                                                                              \
    static void result_##ID(const struct finish *finish) {                                         \
        struct vec *out = finish->out;                                                             \
        EACH_GROUP(struct extreme_##ID, vec_set_valid(out, i, state->any != 0);                    \
                   out->FIELD[i] = state->value)                                                   \
    }                                                                                              \
    const struct aggregate aggregate_##ID = {sizeof(struct extreme_##ID), update_##ID, merge_##ID, \
                                             result_##ID, NULL};

EXTREME(MIN_B, boolean, uint8_t, <)
EXTREME(MIN_I32, i32, int32_t, <)
EXTREME(MIN_I64, i64, int64_t, <)
EXTREME(MIN_F64, f64, double, <)
EXTREME(MAX_B, boolean, uint8_t, >)
EXTREME(MAX_I32, i32, int32_t, >)
EXTREME(MAX_I64, i64, int64_t, >)
EXTREME(MAX_F64, f64, double, >)

/* DECIMAL shares the sum's state: `count` says whether there is a value. */
#define EXTREME_DEC(ID, BEFORE)                                                                    \
    static void keep_##ID(struct sum_dec *state, i128 value) {                                     \
        if (!state->count || value BEFORE sum_get(state)) sum_put(state, value);                   \
        state->count = 1;                                                                          \
    }                                                                                              \
    static void update_##ID(const struct fold *fold) {                                             \
        EACH_ROW(struct sum_dec, i128, dec, keep_##ID(state, value))                               \
    }                                                                                              \
    static void merge_##ID(uint8_t *into, struct heap *into_heap, const uint8_t *from,             \
                           const struct heap *from_heap) {                                         \
        (void)into_heap, (void)from_heap;                                                          \
        const struct sum_dec *b = (const struct sum_dec *)(const void *)from;                      \
        if (b->count) keep_##ID((struct sum_dec *)(void *)into, sum_get(b));                       \
    }                                                                                              \
    const struct aggregate aggregate_##ID = {sizeof(struct sum_dec), update_##ID, merge_##ID,      \
                                             result_sum_dec, NULL};

EXTREME_DEC(MIN_DEC, <)
EXTREME_DEC(MAX_DEC, >)

struct extreme_text {
    struct text_slot text;
    uint64_t any;
};

#define EXTREME_TEXT(ID, BEFORE)                                                                   \
    static void keep_##ID(struct extreme_text *state, struct heap *heap, struct str value) {       \
        if (!state->any || str_compare(value, text_get(&state->text, heap)) BEFORE 0)              \
            text_set(&state->text, heap, value);                                                   \
        state->any = 1;                                                                            \
    }                                                                                              \
    static void update_##ID(const struct fold *fold) {                                             \
        EACH_ROW(struct extreme_text, struct str, str, keep_##ID(state, fold->heap, value))        \
    }                                                                                              \
    static void merge_##ID(uint8_t *into, struct heap *into_heap, const uint8_t *from,             \
                           const struct heap *from_heap) {                                         \
        const struct extreme_text *b = (const struct extreme_text *)(const void *)from;            \
        if (b->any)                                                                                \
            keep_##ID((struct extreme_text *)(void *)into, into_heap,                              \
                      text_get(&b->text, from_heap));                                              \
    }                                                                                              \
    const struct aggregate aggregate_##ID = {sizeof(struct extreme_text), update_##ID, merge_##ID, \
                                             result_text, release_text};

static void result_text(const struct finish *finish) {
    struct vec *out = finish->out;
    EACH_GROUP(struct extreme_text, vec_set_valid(out, i, state->any != 0);
               out->str[i] = text_get(&state->text, finish->heap))
}

static void release_text(uint8_t *state, struct heap *heap) {
    text_free(&((struct extreme_text *)(void *)state)->text, heap);
}

EXTREME_TEXT(MIN_STR, <)
EXTREME_TEXT(MAX_STR, >)

static const struct aggregate *const aggregates[AGGREGATE_ID_COUNT] = {
#define AGGREGATE(id, name, argument, result, doc) &aggregate_##id,
#include "plan/aggregates.def"
#undef AGGREGATE
};

const struct aggregate *aggregate_find(enum aggregate_id id) {
    return aggregates[id];
}
