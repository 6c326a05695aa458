/* SPDX-License-Identifier: Apache-2.0 */
/* The log on stderr: one event per line, logfmt. Rooms below `task` do not log; they return errors or
 * count. A live status line (run, generate on a terminal) is erased before a log line and redrawn. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/str.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Default LOG_INFO. Thread-safe, like all functions here. */
void log_set_level(enum log_level level);

/* ts=… level=info component=kafka event=assigned key=value …
 *   component, event   stable names, no blanks
 *   format             the rest of the line in logfmt: "topic=%s partitions=%d"; values that may hold
 *                      blanks or foreign bytes go through log_quote first
 * At most 100 lines per event name and minute; the next minute begins with suppressed=N. */
void log_event(enum log_level level, const char *component, const char *event, const char *format,
               ...) PRINTF_LIKE(4, 5);

/* Quotes a foreign text for logfmt into `out`, cut at 200 characters; returns out. */
const char *log_quote(char *out, size_t out_bytes, struct str value);

/* Shows `line` as the live status line when stderr is a terminal; otherwise logs nothing. An empty
 * line removes it. */
void log_status_line(struct str line);
bool log_is_terminal(void);

#endif
