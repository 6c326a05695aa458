/* SPDX-License-Identifier: Apache-2.0 */
/* The stream with faults: same settings, same bytes; counts that reconcile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "generator/shop.h"
#include "generator/stream.h"

static struct stream_settings settings_of(uint64_t count) {
    return (struct stream_settings){
        .scenario = &scenario_shop,
        .scenario_settings = {.seed = 7, .events_per_second = 1000, .users = 1000, .skew = 1},
        .faults = {.late_min_ms = 30000, .late_max_ms = 300000},
        .start_ms = INT64_C(1767225600000),
        .count = count,
    };
}

static void set_all_faults(struct stream_settings *settings) {
    static const double percent[FAULTS] = {
        [FAULT_DUPLICATE] = 2,  [FAULT_OUT_OF_ORDER] = 3, [FAULT_LATE] = 4,
        [FAULT_TOO_LATE] = 0.5, [FAULT_NULLS] = 1,        [FAULT_BAD] = 2.5,
        [FAULT_HOSTILE] = 0.1};
    memcpy(settings->faults.percent, percent, sizeof percent);
}

static uint64_t hash_stream(const struct stream_settings *settings, struct stream_counts *counts) {
    struct arena job = {0};
    struct stream stream;
    stream_open(&stream, settings, &job);
    struct event event;
    double due_ms, last_due_ms = 0;
    uint64_t hash = 1;
    while (stream_next(&stream, &event, &due_ms)) {
        struct record record;
        assert_true(due_ms >= last_due_ms);
        last_due_ms = due_ms;
        stream_render(&stream, &event, &record);
        hash = hash * 31 + str_hash(record.key) + 3 * str_hash(record.value) + record.value_null;
    }
    *counts = stream.counts;
    stream_close(&stream);
    arena_release(&job);
    return hash;
}

static void same_settings_same_bytes(void **state) {
    (void)state;
    struct stream_settings settings = settings_of(100000);
    struct stream_counts counts;
    uint64_t plain = hash_stream(&settings, &counts);
    assert_true(plain == hash_stream(&settings, &counts));
    set_all_faults(&settings);
    uint64_t faulty = hash_stream(&settings, &counts);
    assert_true(faulty == hash_stream(&settings, &counts) && faulty != plain);
    settings.season = true;
    uint64_t season = hash_stream(&settings, &counts);
    assert_true(season == hash_stream(&settings, &counts) && season != faulty);
    settings.scenario_settings.seed = 8;
    assert_true(season != hash_stream(&settings, &counts));
}

/* Each fault hits its share of the events, and all records are accounted for. */
static void fault_shares(void **state) {
    (void)state;
    struct stream_settings settings = settings_of(1000000);
    struct stream_counts counts;
    set_all_faults(&settings);
    settings.faults.percent[FAULT_HOSTILE] = 0; /* 1 MB strings take their time */
    hash_stream(&settings, &counts);
    assert_int_equal(counts.records, 1000000);
    uint64_t sum = 0, defects = 0;
    for (int fault = 0; fault < FAULTS; fault++)
        sum += counts.fault[fault];
    assert_true(sum == counts.records);
    double events = (double)(counts.records - counts.fault[FAULT_DUPLICATE]);
    for (int fault = 1; fault < FAULTS; fault++) {
        double p = settings.faults.percent[fault] / 100;
        double share = (double)counts.fault[fault] / events;
        if (fabs(share - p) > 3 * sqrt(p * (1 - p) / events))
            fail_msg("%s: %f", fault_name((enum fault)fault), share);
    }
    for (int defect = DEFECT_CUT; defect <= DEFECT_TOMBSTONE; defect++) {
        defects += counts.defect[defect];
        assert_true(counts.defect[defect] - counts.fault[FAULT_BAD] / 9 <= 1); /* in turn */
    }
    assert_true(defects == counts.fault[FAULT_BAD]);
    assert_true(counts.defect[DEFECT_NULL_FIELD] + counts.defect[DEFECT_MISSING_FIELD] ==
                counts.fault[FAULT_NULLS]);
}

/* What each held-back event may be behind the newest one, in milliseconds of event time. The
 * newest one may itself be a few events (1 ms each) short of the stream's time: its neighbours
 * are held back too. */
static void held_back_as_long_as_said(void **state) {
    (void)state;
    struct stream_settings settings = settings_of(8000000);
    set_all_faults(&settings);
    struct arena job = {0};
    struct stream stream;
    stream_open(&stream, &settings, &job);
    struct event event;
    double due_ms;
    int64_t newest_ms = 0;
    static const struct {
        int64_t min_ms, max_ms;
    } bounds[FAULTS] = {
        [FAULT_DUPLICATE] = {0, 1000},
        [FAULT_OUT_OF_ORDER] = {1000, 4000},
        [FAULT_LATE] = {30000, 300000},
        [FAULT_TOO_LATE] = {20 * 60000, 60 * 60000},
    };
    while (stream.planned < settings.count && stream_next(&stream, &event, &due_ms)) {
        if (event.time_ms > newest_ms) newest_ms = event.time_ms;
        int64_t behind_ms = newest_ms - event.time_ms;
        if (behind_ms < bounds[event.fault].min_ms - 10 || behind_ms > bounds[event.fault].max_ms)
            fail_msg("%s: %lld ms", fault_name((enum fault)event.fault), (long long)behind_ms);
    }
    for (int fault = 0; fault < FAULTS; fault++)
        assert_true(stream.counts.fault[fault] > 0);
    assert_int_equal(stream.counts.early, 0);
    stream_close(&stream);
    arena_release(&job);
}

/* Faults change no event that they do not hit: without the hit ones, the stream is the plain
 * one. */
static void faults_leave_the_rest_alone(void **state) {
    (void)state;
    struct arena job = {0};
    struct stream plain, faulty;
    struct stream_settings settings = settings_of(0);
    stream_open(&plain, &settings, &job);
    set_all_faults(&settings);
    stream_open(&faulty, &settings, &job);
    struct event a, b;
    double due_ms;
    assert_true(stream_next(&plain, &a, &due_ms));
    for (unsigned same = 0; same < 50000;) {
        assert_true(stream_next(&faulty, &b, &due_ms));
        if (b.fault) continue;
        while (a.time_ms < b.time_ms)
            assert_true(stream_next(&plain, &a, &due_ms));
        assert_memory_equal(a.detail, b.detail, sizeof(struct shop_event));
        assert_true(a.time_ms == b.time_ms);
        same++;
    }
    stream_close(&plain);
    stream_close(&faulty);
    arena_release(&job);
}

static bool has(struct str value, const char *text) {
    size_t at;
    return str_find(value, str_of(text), &at);
}

/* One record per defect, by its mark. */
static void defects_look_as_named(void **state) {
    (void)state;
    struct arena job = {0};
    struct stream stream;
    struct stream_settings settings = settings_of(0);
    set_all_faults(&settings);
    stream_open(&stream, &settings, &job);
    unsigned seen = 0;
    struct event event;
    double due_ms;
    for (int i = 0; i < 200000 && seen != (1u << DEFECTS) - 1; i++) {
        struct record r;
        assert_true(stream_next(&stream, &event, &due_ms));
        stream_render(&stream, &event, &r);
        struct str v = r.value;
        seen |= 1u << event.defect;
        bool ok = false;
        switch ((enum defect)event.defect) {
        case DEFECT_NONE: ok = v.ptr[0] == '{' && v.ptr[v.len - 1] == '}' && r.key.len == 36; break;
        case DEFECT_NULL_FIELD: ok = has(v, ":null"); break;
        case DEFECT_MISSING_FIELD:
            ok = !has(v, "\"referrer_url\"") || !has(v, "\"time_spent\"") ||
                 !has(v, "\"product_id\"");
            break;
        case DEFECT_CUT: ok = v.len >= 1 && v.ptr[0] == '{' && v.ptr[v.len - 1] != '}'; break;
        case DEFECT_ARRAY: ok = str_eq(v, STR("[]")); break;
        case DEFECT_EMPTY: ok = v.len == 0 && !r.value_null; break;
        case DEFECT_UTF8: ok = !utf8_valid(v); break;
        case DEFECT_TIMESTAMP: ok = has(v, "\"event_timestamp\":\"yesterday\""); break;
        case DEFECT_NO_ID: ok = !has(v, "event_id"); break;
        case DEFECT_UNKNOWN_TYPE: ok = has(v, "\"event_type\":\"refund\""); break;
        case DEFECT_NUMBER_TYPE: ok = has(v, ":\"n/a\""); break;
        case DEFECT_TOMBSTONE: ok = r.value_null && v.len == 0 && r.key.len == 36; break;
        case DEFECT_LONG_STRING: ok = v.len > LONG_STRING_BYTES && v.ptr[v.len - 1] == '}'; break;
        case DEFECT_NUL_BYTE: ok = memchr(v.ptr, 0, v.len) != NULL; break;
        case DEFECT_ESCAPED_NUL: ok = has(v, "\\u0000\""); break;
        case DEFECT_YEAR_9999: ok = has(v, "\"9999-12-31T23:59:59.999\""); break;
        case DEFECT_NULL_KEY: ok = r.key_null && r.key.len == 0; break;
        case DEFECT_LONG_KEY: ok = r.key.len == 36 + LONG_KEY_BYTES; break;
        case DEFECTS: break;
        }
        if (!ok) fail_msg("%s: " STR_FMT, defect_name((enum defect)event.defect), STR_ARG(v));
    }
    assert_int_equal(seen, (1u << DEFECTS) - 1);
    stream_close(&stream);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_settings_same_bytes), cmocka_unit_test(fault_shares),
        cmocka_unit_test(held_back_as_long_as_said), cmocka_unit_test(faults_leave_the_rest_alone),
        cmocka_unit_test(defects_look_as_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
