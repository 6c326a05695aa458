/* SPDX-License-Identifier: Apache-2.0 */
/* Golden files: NAME.sql in tests/sql/explain and tests/sql/errors, beside it NAME.txt with everything that is
 * printed, findings first, then the plan. The plan of pipelines/shop.sql is explain/shop.txt.
 * UPDATE_GOLDEN=1 in the environment writes the .txt files: read the difference before it is committed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "script.h"

enum { OUTPUT_MAX = 16 << 20, FILES_MAX = 1000 };

static bool read_text(struct arena *job, const char *path, struct str *out) {
    struct error err;
    return file_read(path, OUTPUT_MAX, job, out, &err);
}

static void render(struct arena *job, struct str name, struct str text, struct buf *out) {
    struct diagnostics found;
    struct plan *plan;
    diagnostics_init(&found, job, 100);
    bool ok = plan_from_text(name, text, NULL, 0, job, &found, &plan);
    for (uint32_t i = 0; i < found.count; i++)
        error_print(out, &found.items[i], name, text);
    if (ok) plan_explain(out, plan);
    assert_false(out->overflow);
}

static void write_text(const char *path, struct str text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void first_difference(struct str expected, struct str got, const char *path) {
    bool more_expected = true, more_got = true;
    for (unsigned line = 1; more_expected || more_got; line++) {
        struct str a = str_split(expected, '\n', &expected, &more_expected);
        struct str b = str_split(got, '\n', &got, &more_got);
        if (!str_eq(a, b))
            fail_msg("%s:%u\n  expected " STR_FMT "\n  got      " STR_FMT, path, line, STR_ARG(a),
                     STR_ARG(b));
    }
}

/* folder/name.txt against the script at sql_path. */
static void check(const char *sql_path, const char *folder, struct str name) {
    struct arena job = {0};
    struct str sql, expected = STR("");
    const char *golden =
        arena_printf(&job, SOURCE_DIR "/tests/sql/%s/" STR_FMT ".txt", folder, STR_ARG(name)).ptr;
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    assert_true(read_text(&job, sql_path, &sql));
    render(&job, arena_printf(&job, STR_FMT ".sql", STR_ARG(name)), sql, &out);
    if (getenv("UPDATE_GOLDEN")) write_text(golden, buf_str(&out));
    if (!read_text(&job, golden, &expected))
        fail_msg("%s is missing; UPDATE_GOLDEN=1 writes it", golden);
    if (!str_eq(expected, buf_str(&out))) first_difference(expected, buf_str(&out), golden);
    buf_release(&out);
    arena_release(&job);
}

static unsigned check_folder(const char *folder) {
    struct arena job = {0};
    unsigned checked = 0;
    DIR *directory = opendir(arena_printf(&job, SOURCE_DIR "/tests/sql/%s", folder).ptr);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) && checked < FILES_MAX;) {
        struct str name = str_of(entry->d_name);
        if (!str_ends(name, STR(".sql"))) continue;
        name.len -= 4;
        check(arena_printf(&job, SOURCE_DIR "/tests/sql/%s/%s", folder, entry->d_name).ptr, folder,
              arena_str(&job, name));
        checked++;
    }
    closedir(directory);
    arena_release(&job);
    return checked;
}

static void test_explain(void **state) {
    (void)state;
    assert_true(check_folder("explain") > 0);
    check(SOURCE_DIR "/pipelines/shop.sql", "explain", STR("shop"));
}

static void test_errors(void **state) {
    (void)state;
    assert_true(check_folder("errors") > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_explain),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
