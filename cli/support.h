/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs share: exit statuses, printing errors, reading a job file with its overrides, signals. */
#ifndef CLI_SUPPORT_H
#define CLI_SUPPORT_H

#include <signal.h>

#include "common/options.h"
#include "plan/plan.h"

/* BSD sysexits values; see docs/reference/exit-codes.md. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_NO = 1,           /* the answer is no: check, test, verify, plan --check */
    EXIT_USAGE = 64,       /* wrong verb or flag */
    EXIT_INPUT = 65,       /* the SQL, a test, a board or an event is wrong */
    EXIT_NO_INPUT = 66,    /* an input file is missing or unreadable */
    EXIT_UNAVAILABLE = 69, /* Kafka, Pinot or a registry cannot be reached or refuses */
    EXIT_BUG = 70,
    EXIT_CREATE = 73,
    EXIT_WRITE = 74,
    EXIT_RETRY = 75, /* a deadline passed while draining or waiting; nothing is lost */
    EXIT_SETTING = 78,
};

/* The status that belongs to an error's code. */
enum exit_status exit_status_of(const struct error *err);

/* Print to stderr; the text forms need the script for the caret (both empty: none). Return the status. */
enum exit_status fail(const struct error *err, struct str file, struct str text);
/* Parses the options of a verb. True: go on. False: *status is the exit status (0 after --help). */
bool parse_command(const struct command_help *help, const struct option *table, size_t count,
                   int argc, char **argv, struct arena *job, void *settings,
                   struct option_list *positional, int *status);

/* The whole of a verb that takes exactly one file: parses the options into *settings (zeroed or preset by the
 * caller), hands over with an arena that lives as long as the call, and returns the exit status. E0400 for any
 * other number of files. */
int command_on_file(const struct command_help *help, const struct option *table, size_t count,
                    int argc, char **argv, void *settings,
                    int (*run)(const void *settings, const char *path, struct arena *job));

/* -X key=value, in order; E0402 when the form is wrong. */
bool parse_overrides(const struct option_list *given, struct arena *job, struct plan_override **out,
                     uint32_t *count, struct error *err) MUST_CHECK;

/* Reads and plans a job file. On failure everything found has been printed to stderr and *status set. Warnings
 * and notices are printed to stderr as well, unless quiet. */
struct job_file {
    struct str name, text;
    struct plan_override *overrides;
    uint32_t override_count;
    struct plan *plan;
};
bool load_job(const char *path, const struct option_list *overrides, bool quiet, struct arena *job,
              struct job_file *out, int *status);

/* SIGINT and SIGTERM set the flag; a second one ends the process at once with 128 + n. */
volatile sig_atomic_t *stop_on_signals(void);

void print_out(const struct buf *text);

#endif
