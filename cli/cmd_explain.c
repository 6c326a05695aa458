/* SPDX-License-Identifier: Apache-2.0 */
/* `decant explain FILE.sql` prints the plan; `decant explain E0307` what an error code means. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"

enum { OUTPUT_MAX = 64 << 20, WIDTH = 100 };

struct settings {
    struct option_list overrides;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
               "setting that beats SET in the file; may be repeated"),
};

static const struct command_help help = {
    .verb = "explain",
    .synopsis = "FILE.sql|CODE [--flags]",
    .summary = "shows the plan of a job, or what an error code means",
    .example = "decant explain pipelines/shop.sql\ndecant explain E0307",
};

/* E0307, W0301, N0402: a letter and four digits. */
static bool is_code(struct str text) {
    if (text.len != 5 || !strchr("EWNewn", text.ptr[0])) return false;
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
    return true;
}

/* Breaks at blanks. */
static void print_wrapped(struct buf *out, struct str text) {
    size_t column = 0;
    bool more = true;
    while (more) {
        struct str word = str_split(text, ' ', &text, &more);
        size_t width = utf8_chars(word);
        if (column > 0 && column + 1 + width > WIDTH) {
            buf_append_char(out, '\n');
            column = 0;
        } else if (column > 0) {
            buf_append_char(out, ' ');
            column++;
        }
        buf_append(out, word);
        column += width;
    }
    buf_append_char(out, '\n');
}

static int explain_code(struct str code, struct buf *out) {
    const struct error_entry *entry = error_find(code);
    if (!entry) {
        struct error err;
        (void)error_set(&err, ERROR_USER, "E0400", "no code " STR_FMT, STR_ARG(code));
        (void)error_help(
            &err, "codes stand behind the word error, warning or notice: E0201, W0301, N0402");
        return (int)fail(&err, STR(""), STR(""));
    }
    buf_printf(out, "%s: %s\n\n", entry->code, entry->title);
    print_wrapped(out, str_of(entry->text));
    return EXIT_OK;
}

static int explain_file(const char *path, const struct settings *settings, struct arena *job,
                        struct buf *out) {
    struct job_file file;
    int status = EXIT_OK;
    if (!load_job(path, &settings->overrides, true, job, &file, &status)) return status;
    plan_explain(out, file.plan);
    return EXIT_OK;
}

static int explain(const void *settings, const char *what, struct arena *job) {
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    int status = is_code(str_of(what)) ? explain_code(str_of(what), &out)
                                       : explain_file(what, settings, job, &out);
    print_out(&out);
    buf_release(&out);
    return status;
}

int cmd_explain(int argc, char **argv) {
    struct settings settings = {0};
    return command_on_file(&help, table, ARRAY_LEN(table), argc, argv, &settings, explain);
}
