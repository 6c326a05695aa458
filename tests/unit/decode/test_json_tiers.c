/* SPDX-License-Identifier: Apache-2.0 */
/* The tiers among themselves: damaged records, the end of memory, what a template may be learned from,
 * field orders that change, deep and large documents; and jansson as a second opinion on what is JSON. */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/prng.h"
#include "decode/json_scan.h"
#include "tests/unit/decode/tiers.h"

static const char *const events[] = {
    "{\"event_id\":\"e1\",\"ts\":\"2026-01-01T10:00:05.000\",\"user\":{\"id\":7,\"tags\":{}},\"price\":20.00,"
    "\"n\":-12,\"spent\":1.25e1,\"ok\":true,\"none\":null,\"z\":\"caf\u00e9 \\u00e9\\n\"}",
    "{ \"z\" : [1, {\"a\": [\"x\", false]}], \"event_id\" : \"\\\"q\\\"\", \"n\" : \"42\", \"spent\" : \"1.5\" } ",
};

static const struct tiers_column columns[] = {
    {"event_id", {.id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX}, false},
    {"ts", {.id = TYPE_TIMESTAMP, .nullable = true, .precision = 3}, false},
    {"price", {.id = TYPE_DECIMAL, .nullable = true, .precision = 12, .scale = 2}, false},
    {"n", {.id = TYPE_BIGINT, .nullable = true}, false},
    {"spent", {.id = TYPE_DOUBLE, .nullable = true}, false},
    {"ok", {.id = TYPE_BOOLEAN, .nullable = true}, false},
    {"none", {.id = TYPE_INT, .nullable = true}, true},
};

static const struct format_options policies[] = {
    {.format = FORMAT_JSON, .iso_8601 = true},
    {.format = FORMAT_JSON, .iso_8601 = true, .ignore_parse_errors = true},
    {.format = FORMAT_JSON, .iso_8601 = true, .fail_on_missing_field = true},
};

static void assert_agree(struct tiers *t, struct str value) {
    const char *wrong = tiers_disagree(t, value);
    if (wrong) fail_msg("%.*s: %s", (int)value.len, value.ptr, wrong);
}

static void each_policy(void (*test)(struct tiers *t)) {
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct tiers t;
        tiers_init(&t, columns, ARRAY_LEN(columns), &policies[i]);
        for (size_t k = 0; k < ARRAY_LEN(events); k++)
            tiers_learn(&t, str_of(events[k]));
        test(&t);
        tiers_release(&t);
    }
}

/* A record cut at every byte is never a row, unless only what follows its last brace is missing. */
static void cut_everywhere(struct tiers *t) {
    for (size_t k = 0; k < ARRAY_LEN(events); k++) {
        struct str whole = str_trim(str_of(events[k]));
        for (size_t len = 1; len < whole.len; len++) {
            /* a copy of exactly this length, for the sanitizer */
            char *copy = malloc(len);
            assert_non_null(copy);
            memcpy(copy, whole.ptr, len);
            assert_false(tiers_read(t, TIER_FULL, (struct str){copy, len}));
            assert_agree(t, (struct str){copy, len});
            free(copy);
        }
    }
}

static void replace_everywhere(struct tiers *t) {
    static const char bytes[16] = {'"', '\\', '{', '}', '[',  ']',  ':',    ',',
                                   '0', '-',  'e', ' ', '\0', '\n', '\x80', '\xE2'};
    for (size_t k = 0; k < ARRAY_LEN(events); k++) {
        char copy[512];
        size_t len = strlen(events[k]);
        for (size_t at = 0; at < len; at++)
            for (size_t b = 0; b < sizeof bytes; b++) {
                memcpy(copy, events[k], len);
                copy[at] = bytes[b];
                assert_agree(t, (struct str){copy, len});
            }
    }
}

/* The record ends where memory ends. */
static void end_at_unmapped_page(struct tiers *t) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
    for (size_t k = 0; k < ARRAY_LEN(events); k++)
        for (size_t len = 1; len <= strlen(events[k]); len++) {
            memcpy(memory + page - len, events[k], len);
            assert_agree(t, (struct str){memory + page - len, len});
        }
    munmap(memory, 2 * page);
}

static void test_cut(void **state) {
    (void)state;
    each_policy(cut_everywhere);
}

static void test_replace(void **state) {
    (void)state;
    each_policy(replace_everywhere);
}

static void test_unmapped(void **state) {
    (void)state;
    each_policy(end_at_unmapped_page);
}

/* ---- templates ----------------------------------------------------------------------------------- */

static void reader_open(struct tiers *t) {
    tiers_init(t, columns, ARRAY_LEN(columns), &policies[0]);
}

static void test_template_takes(void **state) {
    (void)state;
    struct tiers t;
    reader_open(&t);
    assert_true(tiers_learn(&t, str_of(events[0])));
    static const struct {
        const char *json;
        bool taken;
    } cases[] = {
        /* other values, other kinds of scalars, null, what follows the last brace */
        {"{\"event_id\":7,\"ts\":null,\"user\":{\"id\":\"x\",\"tags\":{}},\"price\":\"1.5\",\"n\":0,\"spent\":0,"
         "\"ok\":false,\"none\":1,\"z\":true} {",
         true},
        /* an object where a scalar was, a moved name, a name more, a name less, an escaped name */
        {"{\"event_id\":\"e1\",\"ts\":null,\"user\":{\"id\":{},\"tags\":{}},\"price\":2,\"n\":1,\"spent\":1,"
         "\"ok\":true,\"none\":null,\"z\":\"\"}",
         false},
        {"{\"ts\":null,\"event_id\":\"e1\",\"user\":{\"id\":7,\"tags\":{}},\"price\":2,\"n\":1,\"spent\":1,"
         "\"ok\":true,\"none\":null,\"z\":\"\"}",
         false},
        {"{\"event_id\":\"e1\",\"ts\":null,\"user\":{\"id\":7,\"tags\":{}},\"price\":2,\"n\":1,\"spent\":1,"
         "\"ok\":true,\"none\":null,\"z\":\"\",\"y\":1}",
         false},
        {"{\"event_id\":\"e1\",\"ts\":null}", false},
        {"{\"event\\u005fid\":\"e1\",\"ts\":null,\"user\":{\"id\":7,\"tags\":{}},\"price\":2,\"n\":1,\"spent\":1,"
         "\"ok\":true,\"none\":null,\"z\":\"\"}",
         false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (tiers_read(&t, TIER_TEMPLATE, str_of(cases[i].json)) != cases[i].taken)
            fail_msg("%s", cases[i].json);
        assert_agree(&t, str_of(cases[i].json));
    }
    tiers_release(&t);
}

static void test_template_limits(void **state) {
    (void)state;
    struct tiers t;
    struct buf many;
    reader_open(&t);
    assert_false(tiers_learn(&t, STR("{\"n\":1,\"z\":[]}")));
    assert_false(tiers_learn(&t, STR("{\"n\":1,\"z\\n\":1}")));
    assert_false(tiers_learn(&t, STR("{\"n\":1,\"n\":2}")));
    assert_false(tiers_learn(&t, STR("{\"n\":1")));
    for (int count = JSON_STEPS_MAX; count <= JSON_STEPS_MAX + 1; count++) {
        buf_init(&many, 1 << 20);
        for (int i = 0; i < count; i++)
            buf_printf(&many, "%c\"%d\":%d", i ? ',' : '{', i, i);
        buf_append_char(&many, '}');
        assert_int_equal(tiers_learn(&t, buf_str(&many)), count == JSON_STEPS_MAX);
        assert_agree(&t, buf_str(&many));
        buf_release(&many);
    }
    buf_init(&many, 1 << 20);
    for (int i = 0; i < 9; i++)
        buf_printf(&many, "%c\"%01000d\":1", i ? ',' : '{', i);
    buf_append_char(&many, '}');
    assert_false(tiers_learn(&t, buf_str(&many)));
    buf_release(&many);
    tiers_release(&t);
}

/* The orders of four fields; some of them twice, to fill the places. */
static struct str order_make(char *out, size_t room, unsigned order) {
    static const char *const members[] = {"\"event_id\":\"a\"", "\"n\":5", "\"ok\":true",
                                          "\"x\":\"y\""};
    unsigned first = order % 4, second = order / 4 % 4;
    int len = snprintf(out, room, "{\"order%u\":1", order);
    for (unsigned i = 0; i < 4; i++)
        len += snprintf(out + len, room - (size_t)len, ",%s",
                        members[((i * (second % 2 ? 3 : 1)) + first) % 4]);
    return (struct str){out, (size_t)(len + snprintf(out + len, room - (size_t)len, "}"))};
}

/* One order is learned at once. Sixteen that alternate are right as well, and the template walk rests. */
static void test_alternating_orders(void **state) {
    (void)state;
    struct tiers t;
    char text[256];
    reader_open(&t);
    for (int i = 0; i < 1000; i++)
        assert_true(tiers_read(&t, TIER_ALL, order_make(text, sizeof text, 3)));
    assert_int_equal(t.reader.hits, 999);
    for (unsigned i = 0; i < 5000; i++) {
        struct str value = order_make(text, sizeof text, i % 16);
        assert_true(tiers_read(&t, TIER_ALL, value));
        assert_true(tiers_read(&t, TIER_FULL, value));
        assert_true(tiers_equal(&t, TIER_ALL, TIER_FULL));
    }
    assert_int_equal(t.reader.template_count, JSON_TEMPLATES_MAX);
    assert_true(t.reader.rest_rows > 0);
    uint64_t hits = t.reader.hits, misses = t.reader.misses;
    while (t.reader.rest_rows)
        assert_true(tiers_read(&t, TIER_ALL, order_make(text, sizeof text, 3)));
    assert_true(t.reader.hits == hits && t.reader.misses == misses);
    for (int i = 0; i < 100; i++)
        assert_true(tiers_read(&t, TIER_ALL, order_make(text, sizeof text, 3)));
    assert_true(t.reader.hits >= hits + 99);
    tiers_release(&t);
}

/* A date that only one of the two time types takes must not reach the other by the cache. */
static void test_date_cache(void **state) {
    (void)state;
    struct tiers t;
    const struct tiers_column both[] = {columns[1], {"at", columns[1].type, false}};
    struct tiers_column times[] = {both[0], both[1]};
    times[1].type.id = TYPE_TIMESTAMP_LTZ;
    tiers_init(&t, times, 2, &policies[1]);
    const struct str value =
        STR("{\"at\":\"2024-02-30T00:00:00Z\",\"ts\":\"2024-02-30T00:00:00\"}");
    assert_true(tiers_read(&t, TIER_ALL, value));
    assert_true(vec_is_valid(&t.out[TIER_ALL].columns[1], 0));
    assert_false(vec_is_valid(&t.out[TIER_ALL].columns[0], 0));
    assert_agree(&t, STR("{\"ts\":\"\0\0\0\0\0\0\0\0\0\0T00:00:00\"}"));
    tiers_release(&t);
}

/* ---- size ---------------------------------------------------------------------------------------- */

static struct str nested_make(struct buf *out, const char *name, char open, unsigned depth) {
    buf_init(out, 1 << 20);
    buf_printf(out, "{\"%s\":", name);
    for (unsigned i = 0; i < depth; i++)
        buf_printf(out, open == '[' ? "[" : i + 1 < depth ? "{\"k\":" : "{");
    for (unsigned i = 0; i < depth; i++)
        buf_append_char(out, open == '[' ? ']' : '}');
    buf_append_char(out, '}');
    return buf_str(out);
}

/* The root object is the first of a thousand levels. */
static void test_depth(void **state) {
    (void)state;
    struct tiers t;
    reader_open(&t);
    for (unsigned depth = JSON_DEPTH_MAX - 2; depth <= JSON_DEPTH_MAX; depth++)
        for (int i = 0; i < 4; i++) {
            struct buf text;
            struct str value =
                nested_make(&text, i % 2 ? "z" : "event_id", i / 2 ? '[' : '{', depth);
            assert_int_equal(tiers_read(&t, TIER_FULL, value), depth < JSON_DEPTH_MAX);
            assert_agree(&t, value);
            buf_release(&text);
        }
    tiers_release(&t);
}

static void test_long_texts(void **state) {
    (void)state;
    enum { BYTES = 1024 * 1024 };
    struct tiers t;
    struct buf text;
    reader_open(&t);
    buf_init(&text, 4u << 20);
    buf_append(&text, STR("{\"event_id\":\""));
    for (int i = 0; i < BYTES; i++)
        buf_append_char(&text, (char)('a' + i % 26));
    buf_append(&text, STR("\",\"n\":1}"));
    assert_true(tiers_read(&t, TIER_FULL, buf_str(&text)));
    assert_int_equal(t.out[TIER_FULL].columns[0].str[0].len, BYTES);
    assert_agree(&t, buf_str(&text));
    tiers_learn(&t, buf_str(&text));
    assert_true(tiers_read(&t, TIER_TEMPLATE, buf_str(&text)));
    assert_agree(&t, buf_str(&text));
    buf_release(&text);
    tiers_release(&t);
}

static void test_long_numbers(void **state) {
    (void)state;
    struct tiers t;
    reader_open(&t);
    for (int digits = JSON_NUMBER_DIGITS_MAX; digits <= JSON_NUMBER_DIGITS_MAX + 1; digits++) {
        struct buf text;
        buf_init(&text, 1 << 20);
        buf_append(&text, STR("{\"z\":"));
        for (int i = 0; i < digits; i++)
            buf_append_char(&text, '7');
        buf_append_char(&text, '}');
        assert_int_equal(tiers_read(&t, TIER_FULL, buf_str(&text)),
                         digits == JSON_NUMBER_DIGITS_MAX);
        assert_agree(&t, buf_str(&text));
        buf_release(&text);
    }
    tiers_release(&t);
}

/* Names of one length that begin and end alike share a hash; more fields than a word has bits. */
static void test_many_similar_names(void **state) {
    (void)state;
    struct tiers t;
    struct tiers_column many[TIERS_COLUMNS_MAX];
    char names[TIERS_COLUMNS_MAX][32];
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < TIERS_COLUMNS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "same_head_%02d_same_tail", i);
        many[i] = (struct tiers_column){names[i], type_of(TYPE_INT), false};
        buf_printf(&text, "%c\"same_head_%02d_same_tail\":%d", i ? ',' : '{',
                   TIERS_COLUMNS_MAX - 1 - i, i);
    }
    buf_append(&text, STR(",\"same_head_zz_same_tail\":1,\"same_head_1\":2}"));
    tiers_init(&t, many, TIERS_COLUMNS_MAX, &policies[0]);
    assert_true(tiers_read(&t, TIER_GENERAL, buf_str(&text)));
    for (int i = 0; i < TIERS_COLUMNS_MAX; i++)
        assert_int_equal(t.out[TIER_GENERAL].columns[i].i32[0], TIERS_COLUMNS_MAX - 1 - i);
    assert_agree(&t, buf_str(&text));
    buf_release(&text);
    tiers_release(&t);
}

/* ---- oracles ------------------------------------------------------------------------------------- */

static void test_scan_twins(void **state) {
    (void)state;
#if defined(__SSE2__)
    struct prng prng = {7};
    static const uint8_t stops[] = {'"', '\\', 0x80, 0xFF, 'a', '!', '#', '[', ']', 0x7F, 0};
    for (int round = 0; round < 20000; round++) {
        uint8_t text[80];
        size_t len = prng_below(&prng, sizeof text + 1);
        memset(text, 'x', sizeof text);
        for (int i = 0; i < 3; i++)
            text[prng_below(&prng, sizeof text)] = stops[prng_below(&prng, sizeof stops)];
        assert_ptr_equal(json_stop_sse2(text, text + len), json_stop_scalar(text, text + len));
    }
#endif
    char literal[64] = "abcdefghijklmnopqrstuvwxyz0123456789", text[64];
    for (uint32_t len = 0; len <= 36; len++)
        for (uint32_t at = 0; at <= 36; at++) {
            memcpy(text, literal, sizeof text);
            text[at] = '#';
            const uint8_t *p = (const uint8_t *)text;
            assert_int_equal(json_matches(p, p + sizeof text, literal, len), at >= len);
            assert_int_equal(json_matches(p, p + len, literal, len), at >= len);
            assert_false(len > 0 && json_matches(p, p + len - 1, literal, len));
        }
}

/* Where jansson and Flink see the same JSON: no repeated names (jansson takes the last), numbers and
 * escapes of ordinary size, no U+0000, valid UTF-8. */
static void member_random(struct buf *out, struct prng *prng, unsigned depth) {
    static const char *const scalars[] = {
        "1",     "-12.50", "true", "false",     "null",
        "\"x\"", "\"\"",   "1e3",  "\"a\\nb\"", "\"\\u00e9\"",
        "0",     "0.25",   "[]",   "{}",        "\"2026-01-01T10:00:05.000\"",
        "-",     "01",     "tru",  "\"\\x\"",   "\"",
        ""};
    unsigned pick = prng_below(prng, 26);
    if (pick < ARRAY_LEN(scalars) || depth > 3) {
        buf_append(out, str_of(scalars[pick < 15 ? pick : prng_below(prng, ARRAY_LEN(scalars))]));
        return;
    }
    bool object = pick % 2;
    unsigned count = prng_below(prng, 4);
    buf_append_char(out, object ? '{' : '[');
    for (unsigned i = 0; i < count; i++) {
        if (i) buf_append_char(out, ',');
        if (object) buf_printf(out, "\"k%u\": ", i);
        member_random(out, prng, depth + 1);
    }
    buf_append_char(out, object ? '}' : ']');
}

static void assert_as_jansson(struct tiers *t, struct str text) {
    json_t *tree = json_loadb(text.ptr, text.len, 0, NULL);
    bool ok = tiers_read(t, TIER_FULL, text);
    if (ok != (tree != NULL))
        fail_msg("%.*s: jansson %s", (int)text.len, text.ptr, tree ? "takes it" : "refuses");
    const json_t *name = json_object_get(tree, "event_id"), *number = json_object_get(tree, "n");
    const struct batch *out = &t->out[TIER_FULL];
    if (json_is_string(name)) {
        assert_int_equal(out->columns[0].str[0].len, json_string_length(name));
        assert_memory_equal(out->columns[0].str[0].ptr, json_string_value(name),
                            json_string_length(name));
    }
    if (json_is_integer(number))
        assert_int_equal(out->columns[3].i64[0], json_integer_value(number));
    if (json_is_null(number) || json_is_object(number))
        assert_false(vec_is_valid(&out->columns[3], 0));
    json_decref(tree);
}

static void test_jansson(void **state) {
    (void)state;
    struct tiers t;
    struct prng prng = {2026};
    tiers_init(&t, columns, ARRAY_LEN(columns), &policies[1]);
    for (int round = 0; round < 20000; round++) {
        struct buf text;
        buf_init(&text, 1 << 20);
        static const char *const names[] = {"event_id", "n", "spent", "price", "ok", "ts", "other"};
        for (unsigned i = 0, count = 1 + prng_below(&prng, ARRAY_LEN(names)); i < count; i++) {
            buf_printf(&text, "%s\"%s\" :", i ? ", " : "{", names[i]);
            member_random(&text, &prng, 0);
        }
        buf_append_char(&text, '}');
        assert_as_jansson(&t, buf_str(&text));
        assert_agree(&t, buf_str(&text));
        buf_release(&text);
    }
    tiers_release(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_unmapped),
        cmocka_unit_test(test_template_takes),
        cmocka_unit_test(test_template_limits),
        cmocka_unit_test(test_alternating_orders),
        cmocka_unit_test(test_date_cache),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_long_numbers),
        cmocka_unit_test(test_many_similar_names),
        cmocka_unit_test(test_scan_twins),
        cmocka_unit_test(test_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
