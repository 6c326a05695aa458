/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as the browser's parser reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dashboard/sse.h"

static const struct {
    const char *name;
    int64_t id;
    struct str data;
    const char *want;
} cases[] = {
    {"beat", -1, STR_INIT("{}"), "event: beat\ndata: {}\n\n"},
    {"panel", 17, STR_INIT("{\"a\":1}"), "id: 17\nevent: panel\ndata: {\"a\":1}\n\n"},
    {"panel", 0, STR_INIT(""), "id: 0\nevent: panel\ndata: \n\n"},
    {"x", -1, STR_INIT("a\nb"), "event: x\ndata: a\ndata: b\n\n"},
    {"x", -1, STR_INIT("a\r\nb\rc\n"), "event: x\ndata: a\ndata: b\ndata: c\ndata: \n\n"},
    {"x", -1, STR_INIT("\n\nevent: y"), "event: x\ndata: \ndata: \ndata: event: y\n\n"},
};

static void test_frames(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        buf_init(&out, 4096);
        sse_event(&out, cases[i].name, cases[i].id, cases[i].data);
        assert_string_equal(buf_c_string(&out), cases[i].want);
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_frames)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
