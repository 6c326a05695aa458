/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options from one table per command: the table drives parsing, environment names,
 * limits, --help and "did you mean".
 *
 *     struct serve_options { const char *listen; int64_t max_streams; bool open; };
 *     static const struct option table[] = {
 *         OPTION_TEXT_ROW(struct serve_options, listen, "listen", "HOST:PORT", "127.0.0.1:8080", "address to listen on"),
 *         OPTION_INTEGER_ROW(struct serve_options, max_streams, "max-streams", "N", "1000", 1, 100000, "…"),
 *     };
 *
 * Precedence: command line > environment (DECANT_MAX_STREAMS) > default. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include "common/error.h"

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_INTEGER,  /* int64_t */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_SIZE,     /* int64_t, bytes */
    OPTION_RATE,     /* double, per second; "1k/s", "50000", "max" = INFINITY */
    OPTION_NUMBER,   /* double */
    OPTION_LIST,     /* struct option_list: may be given several times */
};

struct option_list {
    const char **items;
    uint32_t count;
};

struct option {
    const char *name; /* long name without dashes */
    char letter;      /* short name or 0 */
    enum option_type type;
    const char *value_name;   /* "HOST:PORT"; NULL for a flag */
    const char *default_text; /* NULL: zero, NULL or empty list */
    double min, max;          /* of the numeric types; both 0: no limits */
    const char *help;         /* one sentence, small letters, no full stop */
    size_t field;             /* offset in the target struct */
};

#define OPTION_ROW(target, field, name, letter, type, value, preset, min, max, help)               \
    { name, letter, type, value, preset, min, max, help, offsetof(target, field) }

struct command_help {
    const char *verb;     /* "serve" */
    const char *synopsis; /* "[BOARD.json|DIR…] [--flags]" */
    const char *summary;  /* one sentence */
    const char *example;  /* one command line or several, separated by LF */
};

/* Fills *target (zeroed by the caller) from defaults, environment and argv[1..]; positional arguments
 * go to *positional (in `job`). "--" ends options. -h and --help set *help_wanted and return true.
 * Errors: E0400 unknown name with the nearest one, E0402 bad value with limits. */
bool options_parse(const struct option *table, size_t count, int argc, char **argv,
                   struct arena *job, void *target, struct option_list *positional,
                   bool *help_wanted, struct error *err) MUST_CHECK;

/* Synopsis, flags with defaults and environment names, and the example; at most 40 lines. */
void options_help(struct buf *out, const struct command_help *help, const struct option *table,
                  size_t count);

/* "did you mean": the nearest of `names` within distance 2 (3 for long names), or NULL. */
const char *nearest_name(struct str given, const char *const *names, size_t count);

#endif
