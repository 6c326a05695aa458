/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON reader whose tiers are asked one by one, for the tests and the fuzzer of the decoder. */
#ifndef TESTS_TIERS_H
#define TESTS_TIERS_H

#include <stdio.h>
#include <stdlib.h>

#include "decode/json_internal.h"

enum tier { TIER_FULL, TIER_GENERAL, TIER_TEMPLATE, TIER_ALL, TIER_COUNT };

enum { TIERS_COLUMNS_MAX = 64, TIERS_TEMPLATES_MAX = 4 };

struct tiers_column {
    const char *name;
    struct type type;
    bool unused; /* declared, but not read by the plan */
};

struct tiers {
    struct json_reader reader;
    struct type types[TIERS_COLUMNS_MAX]; /* of the batch */
    uint32_t column_count;
    struct batch out[TIER_COUNT];
    struct arena job, scratch[TIER_COUNT];
    struct json_template *templates[TIERS_TEMPLATES_MAX];
    uint32_t template_count;
    struct bad_record bad;
};

static inline void tiers_init(struct tiers *t, const struct tiers_column *columns, uint32_t count,
                              const struct format_options *options) {
    struct error err;
    *t = (struct tiers){0};
    struct json_field *fields = ARENA_NEW(&t->job, count + 1, struct json_field);
    struct type *types = ARENA_NEW(&t->job, count + 1, struct type);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].name = str_of(columns[i].name);
        fields[i].column = columns[i].unused ? -1 : (int32_t)t->column_count;
        types[i] = columns[i].type;
        if (!columns[i].unused) t->types[t->column_count++] = columns[i].type;
    }
    if (!json_reader_init(&t->reader, options, fields, types, count, &t->job, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    for (int i = 0; i < TIER_COUNT; i++) {
        batch_init(&t->out[i], t->types, t->column_count, &t->job, &t->scratch[i]);
        for (uint32_t c = 0; c < t->column_count; c++)
            memset(t->out[i].columns[c].valid, 0, BATCH_WORDS * sizeof(uint64_t));
    }
}

static inline void tiers_release(struct tiers *t) {
    json_reader_release(&t->reader);
    arena_release(&t->job);
    for (int i = 0; i < TIER_COUNT; i++)
        arena_release(&t->scratch[i]);
}

/* Learns a template from a document, if the general walk accepts it. */
static inline bool tiers_learn(struct tiers *t, struct str value) {
    struct json_row row;
    if (t->template_count == TIERS_TEMPLATES_MAX) t->template_count = 0;
    uint32_t at = t->template_count;
    if (!t->templates[at]) t->templates[at] = ARENA_NEW(&t->job, 1, struct json_template);
    json_row_begin(&row, value, &t->out[TIER_GENERAL], 0);
    bool ok = json_walk_general(&t->reader, &row) &&
              json_template_learn(&t->reader, &row, t->templates[at]);
    json_row_clear(&t->reader, &row);
    json_row_end(&row);
    t->template_count += ok;
    return ok;
}

/* Row 0 of the tier's batch by this tier alone. False: "not me", or bad. */
static inline bool tiers_read(struct tiers *t, enum tier tier, struct str value) {
    struct json_row row;
    struct batch *out = &t->out[tier];
    bool ok = false;
    arena_reset(out->scratch);
    for (uint32_t c = 0; c < t->column_count; c++)
        vec_set_valid(&out->columns[c], 0, false);
    if (tier == TIER_ALL) return json_read(&t->reader, value, out, 0, &t->bad) == DECODE_ROW;
    json_row_begin(&row, value, out, 0);
    if (tier == TIER_FULL) ok = json_read_full(&t->reader, &row, &t->bad) == DECODE_ROW;
    if (tier == TIER_GENERAL) ok = json_walk_general(&t->reader, &row);
    for (uint32_t i = 0; tier == TIER_TEMPLATE && !ok && i < t->template_count; i++) {
        json_row_clear(&t->reader, &row);
        ok = json_walk_template(&t->reader, t->templates[i], &row);
    }
    if (!ok) json_row_clear(&t->reader, &row);
    json_row_end(&row);
    return ok;
}

/* "1|x|NULL" */
static inline struct str tiers_row(struct tiers *t, enum tier tier) {
    struct buf text;
    buf_init(&text, 64u << 20);
    for (uint32_t c = 0; c < t->column_count; c++) {
        const struct vec *vec = &t->out[tier].columns[c];
        struct value value = {.is_null = !vec_is_valid(vec, 0)};
        if (!value.is_null) value = vec_get(vec, 0);
        if (c) buf_append_char(&text, '|');
        value_print(&text, &t->types[c], &value);
    }
    struct str copy = arena_str(t->out[tier].scratch, buf_str(&text));
    buf_release(&text);
    return copy;
}

static inline bool tiers_equal(const struct tiers *t, enum tier a, enum tier b) {
    for (uint32_t c = 0; c < t->column_count; c++) {
        const struct vec *x = &t->out[a].columns[c], *y = &t->out[b].columns[c];
        if (vec_is_valid(x, 0) != vec_is_valid(y, 0)) return false;
        if (!vec_is_valid(x, 0)) continue;
        struct value u = vec_get(x, 0), v = vec_get(y, 0);
        if (!value_equal(x->phys, &u, &v)) return false;
    }
    return true;
}

/* The property: whatever tier answers, the full validator gives the same row. NULL, or what is wrong. */
static inline const char *tiers_disagree(struct tiers *t, struct str value) {
    bool full = tiers_read(t, TIER_FULL, value);
    if (tiers_read(t, TIER_GENERAL, value) && (!full || !tiers_equal(t, TIER_FULL, TIER_GENERAL)))
        return full ? "the general walk gives another row" : "the general walk takes a bad record";
    if (tiers_read(t, TIER_TEMPLATE, value) && (!full || !tiers_equal(t, TIER_FULL, TIER_TEMPLATE)))
        return full ? "the template walk gives another row"
                    : "the template walk takes a bad record";
    if (tiers_read(t, TIER_ALL, value) != full) return "all together give another verdict";
    return !full || tiers_equal(t, TIER_FULL, TIER_ALL) ? NULL : "all together give another row";
}

#endif
