/* SPDX-License-Identifier: Apache-2.0 */
/* An error is a value with a whole sentence in it. It is filled once, at the place that knows: what is
 * wrong, where, which value, what to do. Callers add a place (file, topic, address), not a second
 * sentence of blame. Libraries never print and never exit; the command does both.
 *
 * Convention: functions return true for success; `err` is the last parameter, may be NULL, and is
 * untouched on success; outputs are written on success only. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include "common/arena.h"
#include "common/buf.h"

enum error_kind {
    ERROR_USER,    /* the SQL, an option, a board is wrong: report, exit; nothing to retry */
    ERROR_RECORD,  /* this one record is bad: the caller applies the table's policy and goes on */
    ERROR_RETRY,   /* the outside said no for now: back off, same call again */
    ERROR_RESTORE, /* outcome unknown, or somebody else owns the log: drop memory, claim, restore */
    ERROR_STOP, /* a limit or the environment: stop cleanly, say which limit and how to raise it */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTICE };

/* Byte range of a file's text; line and column are computed only when it is printed. end == start
 * marks a point. */
struct span {
    uint32_t start, end;
};

struct error {
    enum error_kind kind;
    enum severity severity;
    const char *code; /* static text, a row of errors.def: E0201, W0301, N0402 */
    bool has_span;    /* `span` points into the SQL or board text */
    struct span span;
    char place[192];    /* other places: kafka://host:9092, http://…, -X name; empty: none */
    char text[640];     /* one sentence: what is wrong, with the offending value */
    char evidence[640]; /* further lines, separated by LF; may be empty */
    char help[512];     /* what to do, ready to paste; may be empty */
};

/* Fills *err (severity error) and returns false, so that `return error_set(err, …)` reads well. */
bool error_set(struct error *err, enum error_kind kind, const char *code, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* As error_set with ERROR_USER and a place in the text that is being planned. */
bool error_at(struct error *err, struct span span, const char *code, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Add to an error that was just set; all return false and accept NULL. */
bool error_help(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool error_evidence(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool error_place(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* All findings of one file in one pass, in the order they were found; bounded. */
struct diagnostics {
    struct error *items; /* in the arena given to diagnostics_init */
    uint32_t count, errors, capacity;
    uint32_t suppressed; /* errors beyond the capacity: counted, not kept */
};

void diagnostics_init(struct diagnostics *list, struct arena *job, uint32_t max_errors);
/* Copies; returns false when severity is error (so a caller can `return diagnostics_add(…)`). */
bool diagnostics_add(struct diagnostics *list, const struct error *err);

/* 1-based line and column of a byte; the column counts terminal cells (tabs to 8, wide characters 2). */
void span_position(struct str text, uint32_t byte, uint32_t *line, uint32_t *column);

/* Renders in the gcc manner, with the source line and a caret when the error has a span:
 *   file:line:col: error CODE: text / evidence / help: … / more: decant explain CODE */
void error_print(struct buf *out, const struct error *err, struct str file, struct str text);
/* {"schema":"decant.error/1","code":…,"severity":…,"place":{…},"message":…,"evidence":[],"help":[]} */
void error_print_json(struct buf *out, const struct error *err, struct str file, struct str text);

/* Title and long text of a code from errors.def, or NULL. */
struct error_entry {
    const char *code, *title, *text;
};
const struct error_entry *error_find(struct str code);
const struct error_entry *error_table(size_t *count);

#endif
