/* SPDX-License-Identifier: Apache-2.0 */
#include "common/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"

enum { EVENTS_PER_MINUTE = 100, SITES = 64, STATUS_BYTES = 512 };

struct site {
    const char *event; /* identity of the text, not of the pointer */
    int64_t minute;
    unsigned count, suppressed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum log_level threshold = LOG_INFO;
static struct site sites[SITES];
static char status[STATUS_BYTES];

void log_set_level(enum log_level level) {
    pthread_mutex_lock(&lock);
    threshold = level;
    pthread_mutex_unlock(&lock);
}

bool log_is_terminal(void) {
    return isatty(STDERR_FILENO) == 1;
}

/* Counts the event; false when its minute is full. *suppressed tells what the last minute dropped. */
static bool site_admits(const char *event, int64_t minute, unsigned *suppressed) {
    struct site *site = &sites[str_hash(str_of(event)) % SITES];
    *suppressed = 0;
    if (!site->event || !str_eq(str_of(site->event), str_of(event)))
        *site = (struct site){.event = event, .minute = minute};
    if (site->minute != minute) {
        *suppressed = site->suppressed;
        site->minute = minute;
        site->count = site->suppressed = 0;
    }
    if (site->count >= EVENTS_PER_MINUTE) {
        site->suppressed++;
        return false;
    }
    site->count++;
    return true;
}

static void write_line(struct buf *line) {
    bool live = status[0] && log_is_terminal();
    if (live) fputs("\r\x1b[K", stderr);
    fwrite(line->ptr, 1, line->len, stderr);
    if (live) fputs(status, stderr);
    fflush(stderr);
}

void log_event(enum log_level level, const char *component, const char *event, const char *format,
               ...) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char fields[2048];
    va_list args;
    va_start(args, format);
    int need = vsnprintf(fields, sizeof fields, format, args);
    va_end(args);
    if (need < 0) fields[0] = 0;

    int64_t now_ms = clock_real_ms();
    char time_text[CLOCK_TEXT_BYTES];
    clock_format_iso(now_ms, time_text);
    pthread_mutex_lock(&lock);
    unsigned suppressed;
    if (level <= threshold && site_admits(event, now_ms / 60000, &suppressed)) {
        struct buf line;
        buf_init(&line, 4096);
        buf_printf(&line, "ts=%sZ level=%s component=%s event=%s%s%s", time_text, names[level],
                   component, event, fields[0] ? " " : "", fields);
        if (suppressed) buf_printf(&line, " suppressed=%u", suppressed);
        buf_append_char(&line, '\n');
        write_line(&line);
        buf_release(&line);
    }
    pthread_mutex_unlock(&lock);
}

const char *log_quote(char *out, size_t out_bytes, struct str value) {
    struct buf text;
    buf_init(&text, out_bytes > 3 ? out_bytes - 3 : 0);
    struct buf visible;
    buf_init(&visible, 4096);
    buf_append_visible(&visible, value, 200);
    buf_append_json(&text, buf_str(&visible));
    snprintf(out, out_bytes, "\"%s\"", buf_c_string(&text));
    buf_release(&visible);
    buf_release(&text);
    return out;
}

void log_status_line(struct str line) {
    if (!log_is_terminal()) return;
    pthread_mutex_lock(&lock);
    snprintf(status, sizeof status, STR_FMT, STR_ARG(line));
    fputs("\r\x1b[K", stderr);
    fputs(status, stderr);
    fflush(stderr);
    pthread_mutex_unlock(&lock);
}
