/* SPDX-License-Identifier: Apache-2.0 */
/* `decant test`: runs .test files; exit 1 when a case fails. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "common/clock.h"
#include "runner/testfile.h"

enum { FILES_MAX = 100000 };

struct settings {
    const char *filter;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, filter, "filter", 0, OPTION_TEXT, "TEXT", NULL, 0, 0,
               "only cases whose name contains the text"),
};

static const struct command_help help = {
    .verb = "test",
    .synopsis = "FILE.test|DIR... [--flags]",
    .summary = "runs test files: SQL, records in, expected rows out; no server, virtual time",
    .example = "decant test pipelines\ndecant test pipelines/shop.test --filter late",
};

struct file_list {
    const char **items;
    size_t count;
    struct arena *job;
};

static void add_file(struct file_list *files, const char *path) {
    if (files->count < FILES_MAX) files->items[files->count++] = path;
}

/* The .test files of a folder, not of its sub-folders. */
static void add_directory(struct file_list *files, const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (str_ends(str_of(entry->d_name), STR(".test")))
            add_file(files, arena_printf(files->job, "%s/%s", path, entry->d_name).ptr);
    closedir(directory);
}

static int by_name(const void *a, const void *b) {
    return str_compare(str_of(*(const char *const *)a), str_of(*(const char *const *)b));
}

static bool run_file(const char *path, struct str filter, struct test_report *total,
                     struct error *err) {
    struct test_report report = {0};
    struct buf out;
    int64_t start_ns = clock_mono_ns();
    buf_init(&out, 64u << 20);
    bool ok = test_file_run(path, filter, &out, &report, err);
    double ms = (double)(clock_mono_ns() - start_ns) / 1e6;
    if (ok && report.failed)
        printf("%-44s %3u cases  FAILED  %u\n", path, report.passed + report.failed, report.failed);
    else if (ok)
        printf("%-44s %3u cases  ok  %6.0f ms\n", path, report.passed, ms);
    print_out(&out);
    buf_release(&out);
    total->passed += report.passed;
    total->failed += report.failed;
    return ok;
}

static int run_files(const struct file_list *files, struct str filter) {
    struct test_report total = {0};
    int64_t start_ns = clock_mono_ns();
    for (size_t i = 0; i < files->count; i++) {
        struct error err;
        if (!run_file(files->items[i], filter, &total, &err))
            return (int)fail(&err, STR(""), STR(""));
    }
    printf("%u cases: %u passed, %u failed in %.0f ms\n", total.passed + total.failed, total.passed,
           total.failed, (double)(clock_mono_ns() - start_ns) / 1e6);
    return total.failed || total.passed == 0 ? EXIT_NO : EXIT_OK;
}

static int test(const struct settings *settings, const struct option_list *paths,
                struct arena *job) {
    struct file_list files = {ARENA_NEW(job, FILES_MAX, const char *), 0, job};
    for (uint32_t i = 0; i < paths->count; i++) {
        struct stat info;
        bool directory = stat(paths->items[i], &info) == 0 && S_ISDIR(info.st_mode);
        if (directory)
            add_directory(&files, paths->items[i]);
        else
            add_file(&files, paths->items[i]);
    }
    if (files.count) qsort(files.items, files.count, sizeof *files.items, by_name);
    return run_files(&files, str_of(settings->filter));
}

int cmd_test(int argc, char **argv) {
    struct arena job = {0};
    struct settings settings = {0};
    struct option_list positional = {0}, preset = {(const char *[]){"pipelines"}, 1};
    int status;
    if (parse_command(&help, table, ARRAY_LEN(table), argc, argv, &job, &settings, &positional,
                      &status))
        status = test(&settings, positional.count ? &positional : &preset, &job);
    arena_release(&job);
    return status;
}
