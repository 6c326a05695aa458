/* SPDX-License-Identifier: Apache-2.0 */
/* `decant check`: everything that can be known about a job file without a server. All findings of all files
 * in one pass, on stdout; exit 1 when there are errors (or warnings, with --warnings-as-errors). */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "common/clock.h"
#include "common/file.h"
#include "sql/parse.h"

enum { OUTPUT_MAX = 64 << 20 };

struct settings {
    struct option_list overrides;
    int64_t max_errors;
    bool json, warnings_as_errors;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
               "setting that beats SET in the file; may be repeated"),
    OPTION_ROW(struct settings, max_errors, "max-errors", 0, OPTION_INTEGER, "N", "20", 1, 10000,
               "findings that are printed per file"),
    OPTION_ROW(struct settings, warnings_as_errors, "warnings-as-errors", 0, OPTION_FLAG, NULL,
               NULL, 0, 0, "exit 1 for warnings too"),
    OPTION_ROW(struct settings, json, "json", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "one JSON object per finding"),
};

static const struct command_help help = {
    .verb = "check",
    .synopsis = "FILE.sql... [--flags]",
    .summary = "finds all errors of a job file, without any server",
    .example = "decant check pipelines/shop.sql\ndecant check --json pipelines/*.sql",
};

struct counts {
    uint32_t errors, warnings, notices;
};

static struct counts count(const struct diagnostics *found) {
    struct counts n = {.errors = found->errors};
    for (uint32_t i = 0; i < found->count; i++) {
        n.warnings += found->items[i].severity == SEVERITY_WARNING;
        n.notices += found->items[i].severity == SEVERITY_NOTICE;
    }
    return n;
}

static void print_number(struct buf *out, uint32_t n, const char *what) {
    buf_printf(out, "%u %s%s", n, what, n == 1 ? "" : "s");
}

static void print_summary(struct buf *out, const struct plan *plan, struct counts n, double ms) {
    if (n.errors == 0 && plan) {
        buf_append(out, STR("ok: "));
        print_number(out, plan->table_count, "table");
        buf_append(out, STR(", "));
        print_number(out, plan->view_count, "view");
        buf_append(out, STR(", "));
        print_number(out, plan->sink_count, "insert");
        if (plan->statement_sets == 1 && plan->set_inserts == plan->sink_count)
            buf_append(out, STR(" in one statement set"));
        buf_append(out, STR(", "));
    }
    print_number(out, n.errors, "error");
    if (n.warnings) {
        buf_append(out, STR(", "));
        print_number(out, n.warnings, "warning");
    }
    buf_append(out, STR(", "));
    print_number(out, n.notices, "notice");
    buf_printf(out, " (%.0f ms)\n", ms);
}

static void print_findings(struct buf *out, const struct diagnostics *found, bool json,
                           struct str name, struct str text) {
    for (uint32_t i = 0; i < found->count; i++) {
        if (json) {
            error_print_json(out, &found->items[i], name, text);
            buf_append_char(out, '\n');
        } else {
            error_print(out, &found->items[i], name, text);
        }
    }
    if (found->suppressed && !json)
        buf_printf(out, "%u more not shown; --max-errors shows them\n", found->suppressed);
}

/* True when nothing is wrong with the file. */
static bool check_text(struct str name, struct str text, const struct settings *settings,
                       const struct plan_override *overrides, uint32_t override_count,
                       struct arena *job, struct buf *out) {
    int64_t start_ns = clock_mono_ns();
    struct diagnostics found;
    struct plan *plan = NULL;
    diagnostics_init(&found, job, (uint32_t)settings->max_errors);
    if (!plan_from_text(name, text, overrides, override_count, job, &found, &plan)) plan = NULL;
    struct counts n = count(&found);
    print_findings(out, &found, settings->json, name, text);
    if (!settings->json) print_summary(out, plan, n, (double)(clock_mono_ns() - start_ns) / 1e6);
    return plan && !(settings->warnings_as_errors && n.warnings);
}

static int check_files(const struct settings *settings, const struct option_list *files,
                       struct arena *job, struct buf *out) {
    struct plan_override *overrides;
    uint32_t override_count;
    struct error err;
    int status = EXIT_OK;
    if (!parse_overrides(&settings->overrides, job, &overrides, &override_count, &err))
        return (int)fail(&err, STR(""), STR(""));
    for (uint32_t i = 0; i < files->count; i++) {
        struct str text;
        if (!file_read(files->items[i], SQL_TEXT_MAX_BYTES, job, &text, &err)) {
            fail(&err, STR(""), STR(""));
            status = EXIT_NO_INPUT;
        } else if (!check_text(str_of(files->items[i]), text, settings, overrides, override_count,
                               job, out) &&
                   status == EXIT_OK) {
            status = EXIT_NO;
        }
    }
    return status;
}

int cmd_check(int argc, char **argv) {
    struct arena job = {0};
    struct settings settings = {0};
    struct option_list files = {0};
    int status;
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    if (parse_command(&help, table, ARRAY_LEN(table), argc, argv, &job, &settings, &files,
                      &status)) {
        struct error err;
        if (files.count == 0) {
            (void)error_set(&err, ERROR_USER, "E0400", "check needs a file");
            (void)error_help(&err, "decant check %s", help.synopsis);
            status = (int)fail(&err, STR(""), STR(""));
        } else {
            status = check_files(&settings, &files, &job, &out);
        }
        print_out(&out);
    }
    buf_release(&out);
    arena_release(&job);
    return status;
}
