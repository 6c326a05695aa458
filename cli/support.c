/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/support.h"

#include <stdio.h>
#include <unistd.h>

#include "common/file.h"

enum { SCRIPT_BYTES_MAX = 16 * 1024 * 1024, ERRORS_MAX = 20 };

/* The longest matching prefix wins; a code is E or W or N and four digits. */
static const struct {
    const char *prefix;
    enum exit_status status;
} statuses[] = {
    {"E01", EXIT_INPUT},    {"E02", EXIT_INPUT},         {"E03", EXIT_INPUT},
    {"E04", EXIT_SETTING},  {"E0400", EXIT_USAGE},       {"E0403", EXIT_NO_INPUT},
    {"E0405", EXIT_CREATE}, {"E0406", EXIT_UNAVAILABLE}, {"E05", EXIT_UNAVAILABLE},
    {"E0503", EXIT_RETRY},  {"E06", EXIT_UNAVAILABLE},   {"E0603", EXIT_INPUT},
    {"E0616", EXIT_INPUT},  {"E0617", EXIT_USAGE},       {"E07", EXIT_INPUT},
    {"E08", EXIT_INPUT},    {"E0802", EXIT_UNAVAILABLE}, {"E09", EXIT_INPUT},
};

enum exit_status exit_status_of(const struct error *err) {
    enum exit_status status = EXIT_BUG;
    size_t longest = 0;
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct str prefix = str_of(statuses[i].prefix);
        if (!str_starts(str_of(err->code), prefix) || prefix.len <= longest) continue;
        longest = prefix.len;
        status = statuses[i].status;
    }
    return status;
}

void print_out(const struct buf *text) {
    if (text->len) fwrite(text->ptr, 1, text->len, stdout);
}

static void print_error(const struct error *err, struct str file, struct str text) {
    struct buf out;
    buf_init(&out, 1 << 20);
    error_print(&out, err, file, text);
    fwrite(out.ptr, 1, out.len, stderr);
    buf_release(&out);
}

enum exit_status fail(const struct error *err, struct str file, struct str text) {
    print_error(err, file, text);
    return exit_status_of(err);
}

bool parse_command(const struct command_help *help, const struct option *table, size_t count,
                   int argc, char **argv, struct arena *job, void *settings,
                   struct option_list *positional, int *status) {
    struct error err;
    bool help_wanted;
    if (!options_parse(table, count, argc, argv, job, settings, positional, &help_wanted, &err)) {
        *status = (int)fail(&err, str_of(help->verb), STR(""));
        return false;
    }
    if (!help_wanted) return true;
    struct buf out;
    buf_init(&out, 1 << 20);
    options_help(&out, help, table, count);
    print_out(&out);
    buf_release(&out);
    *status = EXIT_OK;
    return false;
}

static bool one_file(const struct command_help *help, const struct option_list *positional) {
    struct error err;
    if (positional->count == 1) return true;
    error_set(&err, ERROR_USER, "E0400", "%s takes one file, %u were given", help->verb,
              positional->count);
    error_help(&err, "decant %s %s", help->verb, help->synopsis);
    print_error(&err, str_of(help->verb), STR(""));
    return false;
}

int command_on_file(const struct command_help *help, const struct option *table, size_t count,
                    int argc, char **argv, void *settings,
                    int (*run)(const void *settings, const char *path, struct arena *job)) {
    struct arena job = {0};
    struct option_list positional = {0};
    int status;
    if (parse_command(help, table, count, argc, argv, &job, settings, &positional, &status))
        status =
            one_file(help, &positional) ? run(settings, positional.items[0], &job) : EXIT_USAGE;
    arena_release(&job);
    return status;
}

bool parse_overrides(const struct option_list *given, struct arena *job, struct plan_override **out,
                     uint32_t *count, struct error *err) {
    struct plan_override *list = ARENA_NEW(job, given->count, struct plan_override);
    for (uint32_t i = 0; i < given->count; i++) {
        bool has_value;
        list[i].key = str_split(str_of(given->items[i]), '=', &list[i].value, &has_value);
        if (has_value && list[i].key.len) continue;
        error_set(err, ERROR_USER, "E0402", "'%s' is not of the form key=value", given->items[i]);
        error_place(err, "-X");
        return error_help(err, "for example: -X bootstrap.servers=localhost:9092");
    }
    *out = list;
    *count = given->count;
    return true;
}

static void print_findings(const struct diagnostics *found, const struct job_file *file,
                           bool quiet) {
    for (uint32_t i = 0; i < found->count; i++)
        if (!quiet || found->items[i].severity == SEVERITY_ERROR)
            print_error(&found->items[i], file->name, file->text);
    if (found->errors)
        fprintf(stderr, "%u error%s; nothing was started\n", found->errors,
                found->errors == 1 ? "" : "s");
}

bool load_job(const char *path, const struct option_list *overrides, bool quiet, struct arena *job,
              struct job_file *out, int *status) {
    struct error err;
    *out = (struct job_file){.name = str_of(path)};
    if (!file_read(path, SCRIPT_BYTES_MAX, job, &out->text, &err) ||
        !parse_overrides(overrides, job, &out->overrides, &out->override_count, &err)) {
        *status = (int)fail(&err, STR(""), STR(""));
        return false;
    }
    struct diagnostics found;
    diagnostics_init(&found, job, ERRORS_MAX);
    bool ok = plan_from_text(out->name, out->text, out->overrides, out->override_count, job, &found,
                             &out->plan);
    print_findings(&found, out, quiet);
    if (!ok) *status = found.count ? (int)exit_status_of(&found.items[0]) : EXIT_BUG;
    for (uint32_t i = 0; !ok && i < found.count; i++)
        if (found.items[i].severity == SEVERITY_ERROR) {
            *status = (int)exit_status_of(&found.items[i]);
            break;
        }
    return ok;
}

static volatile sig_atomic_t stop_wanted;

static void on_signal(int number) {
    if (stop_wanted) _exit(128 + number);
    stop_wanted = 1;
}

volatile sig_atomic_t *stop_on_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop_wanted;
}
