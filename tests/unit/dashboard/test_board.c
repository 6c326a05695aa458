/* SPDX-License-Identifier: Apache-2.0 */
/* Board files: what is accepted, and which sentence refuses the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/file.h"
#include "dashboard/board.h"

#define PANEL "{\"id\":\"a\",\"title\":\"A\",\"table\":\"t\",\"sql\":\"SELECT x FROM t LIMIT 1\"}"
#define HEAD "\"board\":\"b\",\"title\":\"B\",\"ranges\":[\"5m\"]"

static const struct {
    const char *text;
    const char *want; /* part of the error; NULL: accepted */
} cases[] = {
    {"{" HEAD ",\"panels\":[" PANEL "]}", NULL},
    {"{" HEAD ",\"range\":\"5m\",\"tick\":\"250ms\",\"slo\":\"1m\",\"panels\":[" PANEL "]}", NULL},
    {"{" HEAD ",\"params\":{\"n\":{\"type\":\"integer\"}},\"panels\":[" PANEL "]}", NULL},
    {"", "not valid JSON"},
    {"[]", "board"},
    {"{\"a\":1,\"a\":2}", "not valid JSON"},
    {"{\"board\":\"B B\",\"title\":\"B\",\"ranges\":[\"5m\"],\"panels\":[" PANEL "]}", "board"},
    {"{\"board\":\"b\",\"ranges\":[\"5m\"],\"panels\":[" PANEL "]}", "title"},
    {"{\"board\":\"b\",\"title\":\"B\",\"panels\":[" PANEL "]}", "ranges"},
    {"{\"board\":\"b\",\"title\":\"B\",\"ranges\":[\"5x\"],\"panels\":[" PANEL "]}", "ranges"},
    {"{\"board\":\"b\",\"title\":\"B\",\"ranges\":[\"90d\"],\"panels\":[" PANEL "]}", "ranges"},
    {"{" HEAD ",\"range\":\"1h\",\"panels\":[" PANEL "]}", "range"},
    {"{" HEAD ",\"tick\":\"1ms\",\"panels\":[" PANEL "]}", "tick"},
    {"{" HEAD ",\"tick\":7,\"panels\":[" PANEL "]}", "tick"},
    {"{" HEAD ",\"panels\":[]}", "panels"},
    {"{" HEAD ",\"panels\":[" PANEL "," PANEL "]}", "used twice"},
    {"{" HEAD
     ",\"panels\":[{\"id\":\"../x\",\"title\":\"A\",\"table\":\"t\",\"sql\":\"S LIMIT 1\"}]}",
     "\"id\""},
    {"{" HEAD ",\"panels\":[{\"id\":\"a\",\"table\":\"t\",\"sql\":\"SELECT 1 LIMIT 1\"}]}",
     "\"title\""},
    {"{" HEAD ",\"panels\":[{\"id\":\"a\",\"title\":\"A\",\"sql\":\"SELECT 1 LIMIT 1\"}]}",
     "\"table\""},
    {"{" HEAD ",\"panels\":[{\"id\":\"a\",\"title\":\"A\",\"table\":\"t\"}]}", "LIMIT"},
    {"{" HEAD
     ",\"panels\":[{\"id\":\"a\",\"title\":\"A\",\"table\":\"t\",\"sql\":\"SELECT {x} LIMIT 1\"}]}",
     "no parameter 'x'"},
    {"{" HEAD ",\"params\":{\"range\":{\"type\":\"text\"}},\"panels\":[" PANEL "]}",
     "parameter name"},
    {"{" HEAD ",\"params\":{\"c\":{\"type\":\"date\"}},\"panels\":[" PANEL "]}", "text or integer"},
    {"{" HEAD ",\"params\":{\"c\":{\"type\":\"text\",\"chars_max\":100000}},\"panels\":[" PANEL
     "]}",
     "chars_max"},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena job = {0};
        struct board *board = NULL;
        struct error err = {0};
        bool ok = board_parse(str_of(cases[i].text), "b.json", &job, &board, &err);
        if (ok != (cases[i].want == NULL) || (board != NULL) != ok)
            fail_msg("%s: %d %s", cases[i].text, ok, err.text);
        if (!ok && !strstr(err.text, cases[i].want))
            fail_msg("%s: '%s' does not say '%s'", cases[i].text, err.text, cases[i].want);
        arena_release(&job);
    }
}

static void test_shipped_board(void **state) {
    (void)state;
    struct arena job = {0};
    struct str text;
    struct board *board;
    struct error err;
    size_t range;
    assert_true(file_read(SOURCE_DIR "/dashboard/boards/shop.json", 1 << 20, &job, &text, &err));
    if (!board_parse(text, "shop.json", &job, &board, &err)) fail_msg("%s", err.text);
    assert_true(str_eq(board->id, STR("shop")));
    assert_true(str_eq(board->pipeline, STR("pipelines/shop.sql")));
    assert_int_equal(board->tick_ms, 1000);
    assert_int_equal(board->panel_count, 6);
    assert_true(board_range_find(board, STR(""), &range));
    assert_true(str_eq(board->ranges[range].name, STR("15m")));
    assert_true(board_range_find(board, STR("1h"), &range));
    assert_int_equal(board->ranges[range].ms, 3600000);
    assert_false(board_range_find(board, STR("1h "), &range));
    /* a row with _deleted = true stays visible in Pinot before 1.0 */
    for (size_t i = 0; i < board->panel_count; i++)
        assert_non_null(strstr(board->panels[i].sql.ptr, "_deleted = false"));
    arena_release(&job);
}

/* Every prefix of a good board is refused with a sentence, never accepted and never read past. */
static void test_every_prefix(void **state) {
    (void)state;
    struct str whole = STR("{" HEAD ",\"panels\":[" PANEL "]}");
    for (size_t n = 0; n < whole.len; n++) {
        struct arena job = {0};
        struct board *board;
        struct error err = {0};
        assert_false(board_parse(str_sub(whole, 0, n), "b.json", &job, &board, &err));
        assert_true(err.text[0] != '\0');
        arena_release(&job);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_shipped_board),
        cmocka_unit_test(test_every_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
