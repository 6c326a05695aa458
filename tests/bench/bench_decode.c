/* SPDX-License-Identifier: Apache-2.0 */
/* What decoding one event costs: the tiers of the JSON decoder beside memcpy and jansson, in one run.
 *
 *   bench_decode [EVENTS]      one JSON line per measurement; default 1,000,000 (jansson reads fewer)
 *
 * Shapes: e260 has 12 fields and about 260 bytes, 6 are used; shop is the shop's table, 13 of 18 used.
 * Rounds are interleaved and the median is reported; believe the ratios, not the nanoseconds. Exit 1 when
 * an answer is wrong or our decoder allocates in steady state: then it has no speed. */
#include <jansson.h>

#include "common/fatal.h"
#include "common/prng.h"
#include "tests/bench/count_mallocs.h"
#include "tests/bench/cpu_time.h"
#include "tests/unit/decode/tiers.h"

enum { EVENTS = 4096, ROUNDS = 7, JANSSON_SHARE = 32, EVENT_BYTES_MAX = 1024 };

/* ---- events -------------------------------------------------------------------------------------- */

struct events {
    char *bytes;
    struct str text[EVENTS];
};

static const char *const kinds[] = {"page_view", "product_view", "add_to_cart", "purchase"};

static int e260_event(char *out, struct prng *prng, uint32_t i) {
    return snprintf(
        out, EVENT_BYTES_MAX,
        "{\"event_id\":\"%08x-%04x\",\"ts\":\"2026-01-01T10:%02u:%02u.%03u\",\"type\":\"%s\","
        "\"user_id\":\"user-%u\",\"session_id\":\"s-%u\",\"device\":\"mobile\",\"os\":\"Android\","
        "\"page_url\":\"/product/%u?ref=start\",\"time_spent\":%u.%u,\"price\":%u.%02u,"
        "\"quantity\":%u,\"country\":\"NO\"}",
        (unsigned)prng_next(prng), prng_below(prng, 65536), i / 1024 % 60, i / 16 % 60, i % 1000,
        kinds[i % 4], prng_below(prng, 1000000), prng_below(prng, 1000000), prng_below(prng, 10000),
        prng_below(prng, 300), prng_below(prng, 10), prng_below(prng, 900), prng_below(prng, 100),
        1 + prng_below(prng, 5));
}

static int shop_event(char *out, struct prng *prng, uint32_t i) {
    uint32_t price = prng_below(prng, 90000), quantity = 1 + prng_below(prng, 4);
    return snprintf(
        out, EVENT_BYTES_MAX,
        "{\"event_id\":\"%08x%08x\",\"event_timestamp\":\"2026-01-01T10:%02u:%02u.%03u\","
        "\"event_type\":\"purchase\",\"user_id\":\"u%u\",\"session_id\":\"s%u\","
        "\"device_type\":\"desktop\",\"os\":\"Linux\",\"browser\":\"Firefox\",\"location\":\"Oslo\","
        "\"page_url\":\"/cart\",\"referrer_url\":null,\"time_spent\":%u.%u,\"product_id\":\"p%u\","
        "\"product_name\":\"Lamp %u\",\"product_category\":\"Home & Garden\",\"price\":%u.%02u,"
        "\"quantity\":%u,\"total_amount\":%u.%02u,\"order_id\":\"o%u\"}",
        (unsigned)prng_next(prng), (unsigned)prng_next(prng), i / 1024 % 60, i / 16 % 60, i % 1000,
        prng_below(prng, 100000), prng_below(prng, 100000), prng_below(prng, 300),
        prng_below(prng, 10), prng_below(prng, 1000), prng_below(prng, 1000), price / 100,
        price % 100, quantity, price * quantity / 100, price * quantity % 100, i);
}

struct shape {
    const char *name;
    int (*event)(char *out, struct prng *prng, uint32_t i);
    struct tiers_column columns[20];
    uint32_t column_count;
};

static void events_make(struct events *events, const struct shape *shape) {
    struct prng prng = {42};
    size_t used = 0;
    events->bytes = memory_new(EVENTS, EVENT_BYTES_MAX);
    for (uint32_t i = 0; i < EVENTS; i++) {
        char *at = events->bytes + used;
        int len = shape->event(at, &prng, i);
        if (len <= 0 || len >= EVENT_BYTES_MAX) abort();
        events->text[i] = (struct str){at, (size_t)len};
        used += (size_t)len;
    }
}

/* ---- what is measured ---------------------------------------------------------------------------- */

enum subject {
    SUBJECT_MEMCPY,
    SUBJECT_TEMPLATE,
    SUBJECT_GENERAL,
    SUBJECT_FULL,
    SUBJECT_ALL,
    SUBJECT_JANSSON,
    SUBJECTS
};
static const char *const subject_names[] = {"memcpy", "template", "general",
                                            "full",   "decoder",  "jansson"};

static uint64_t checksum; /* keeps the compiler from leaving work out */

static void batch_restart(struct batch *out) {
    arena_reset(out->scratch);
    for (uint32_t c = 0; c < out->column_count; c++)
        memset(out->columns[c].valid, 0, BATCH_WORDS * sizeof(uint64_t));
}

/* CPU time, because other work may share the cores. */
static bool one_event(struct tiers *t, enum subject subject, struct str text, struct batch *out,
                      uint32_t number) {
    struct json_row row;
    bool ok = false;
    if (subject == SUBJECT_ALL)
        return json_read(&t->reader, text, out, number, &t->bad) == DECODE_ROW;
    json_row_begin(&row, text, out, number);
    if (subject == SUBJECT_TEMPLATE) ok = json_walk_template(&t->reader, t->templates[0], &row);
    if (subject == SUBJECT_GENERAL) ok = json_walk_general(&t->reader, &row);
    if (subject == SUBJECT_FULL) ok = json_read_full(&t->reader, &row, &t->bad) == DECODE_ROW;
    json_row_end(&row);
    return ok;
}

/* As a decoder on jansson would do it: parse, then look up each used column. */
static bool jansson_event(const struct shape *shape, struct str text) {
    json_t *tree = json_loadb(text.ptr, text.len, 0, NULL);
    for (uint32_t c = 0; tree && c < shape->column_count; c++) {
        if (shape->columns[c].unused) continue;
        const json_t *value = json_object_get(tree, shape->columns[c].name);
        if (json_is_string(value)) checksum += json_string_length(value);
        if (json_is_number(value)) checksum += json_number_value(value) > 0;
    }
    json_decref(tree);
    return tree != NULL;
}

static double run_slice(struct tiers *t, const struct shape *shape, const struct events *events,
                        enum subject subject, uint32_t count) {
    static char copy[EVENT_BYTES_MAX];
    struct batch *out = &t->out[TIER_ALL];
    uint64_t taken = 0;
    int64_t start = cpu_ns();
    for (uint32_t i = 0; i < count; i++) {
        struct str text = events->text[i % EVENTS];
        bool ok = true;
        if (i % BATCH_ROWS == 0) batch_restart(out);
        if (subject == SUBJECT_MEMCPY) {
            memcpy(copy, text.ptr, text.len);
            checksum += (uint8_t)copy[i % text.len];
        } else if (subject == SUBJECT_JANSSON) {
            ok = jansson_event(shape, text);
        } else {
            ok = one_event(t, subject, text, out, i % BATCH_ROWS);
        }
        taken += ok;
    }
    int64_t ns = cpu_ns() - start;
    if (taken != count) {
        fprintf(stderr, "%s %s: %u events, %llu rows\n", shape->name, subject_names[subject], count,
                (unsigned long long)taken);
        exit(1);
    }
    return (double)ns / count;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Every tier gives the row that the full validator gives. */
static void check_answers(struct tiers *t, const struct shape *shape, const struct events *events) {
    for (uint32_t i = 0; i < EVENTS; i++) {
        const char *wrong = tiers_disagree(t, events->text[i]);
        if (!wrong && tiers_read(t, TIER_TEMPLATE, events->text[i])) continue;
        fprintf(stderr, "%s event %u: %s\n", shape->name, i, wrong ? wrong : "no template for it");
        exit(1);
    }
}

static bool shape_run(const struct shape *shape, uint32_t count) {
    static struct events events;
    static struct tiers t;
    double ns[SUBJECTS][ROUNDS];
    uint64_t mallocs[SUBJECTS] = {0};
    const struct format_options options = {
        .format = FORMAT_JSON, .ignore_parse_errors = true, .iso_8601 = true};
    events_make(&events, shape);
    tiers_init(&t, shape->columns, shape->column_count, &options);
    if (!tiers_learn(&t, events.text[0])) return false;
    check_answers(&t, shape, &events);
    for (int round = -1; round < ROUNDS; round++) /* -1: warm up */
        for (int subject = 0; subject < SUBJECTS; subject++) {
            uint32_t events_now = subject == SUBJECT_JANSSON ? count / JANSSON_SHARE + 1 : count;
            uint64_t before = malloc_count;
            double value = run_slice(&t, shape, &events, (enum subject)subject, events_now);
            if (round < 0) continue;
            ns[subject][round] = value;
            mallocs[subject] += (malloc_count - before) / events_now;
            if (subject != SUBJECT_JANSSON && malloc_count != before) {
                fprintf(stderr, "%s %s: %llu mallocs in steady state\n", shape->name,
                        subject_names[subject], (unsigned long long)(malloc_count - before));
                return false;
            }
        }
    for (int subject = 0; subject < SUBJECTS; subject++)
        qsort(ns[subject], ROUNDS, sizeof(double), compare_doubles);
    double jansson = ns[SUBJECT_JANSSON][ROUNDS / 2];
    for (int subject = 0; subject < SUBJECTS; subject++) {
        double median = ns[subject][ROUNDS / 2];
        printf(
            "{\"bench\":\"decode\",\"shape\":\"%s\",\"subject\":\"%s\",\"bytes\":%zu,\"ns\":%.1f,\"min\":%.1f,"
            "\"max\":%.1f,\"jansson_ratio\":%.1f,\"mallocs\":%llu}\n",
            shape->name, subject_names[subject], events.text[0].len, median, ns[subject][0],
            ns[subject][ROUNDS - 1], jansson / median,
            (unsigned long long)(mallocs[subject] / ROUNDS));
    }
    tiers_release(&t);
    free(events.bytes);
    return true;
}

int main(int argc, char **argv) {
    const struct type string = type_string(), time = type_timestamp(3), number = type_of(TYPE_INT),
                      real = type_of(TYPE_DOUBLE);
    const struct shape shapes[] = {
        {"e260",
         e260_event,
         {{"event_id", string, true},
          {"ts", time, false},
          {"type", string, false},
          {"user_id", string, false},
          {"session_id", string, true},
          {"device", string, true},
          {"os", string, true},
          {"page_url", string, true},
          {"time_spent", real, false},
          {"price", type_decimal(12, 2), false},
          {"quantity", number, false},
          {"country", string, true}},
         12},
        {"shop",
         shop_event,
         {{"event_id", string, false},
          {"event_timestamp", time, false},
          {"event_type", string, false},
          {"user_id", string, false},
          {"session_id", string, false},
          {"device_type", string, false},
          {"os", string, true},
          {"browser", string, true},
          {"location", string, true},
          {"page_url", string, true},
          {"referrer_url", string, true},
          {"time_spent", real, false},
          {"product_id", string, false},
          {"product_name", string, false},
          {"product_category", string, false},
          {"price", type_decimal(12, 2), true},
          {"quantity", number, false},
          {"total_amount", type_decimal(14, 2), false},
          {"order_id", string, false}},
         19},
    };
    int64_t count = 1000000;
    if (argc > 2 ||
        (argc == 2 && (!parse_i64(str_of(argv[1]), &count) || count < 1 || count > 100000000))) {
        fprintf(stderr, "usage: bench_decode [EVENTS]\n");
        return 2;
    }
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (!shape_run(&shapes[i], (uint32_t)count / ROUNDS + 1)) return 1;
    return checksum == 0;
}
