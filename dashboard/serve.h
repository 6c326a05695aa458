/* SPDX-License-Identifier: Apache-2.0 */
/* `decant serve`: boards, page and streams behind one port. */
#ifndef DASHBOARD_SERVE_H
#define DASHBOARD_SERVE_H

#include <signal.h>

#include "common/error.h"

struct serve_options {
    const char *listen;            /* "127.0.0.1:8080" */
    const char *pinot_broker;      /* "http://localhost:8099" */
    const char *const *processors; /* addresses of operations endpoints; may be empty */
    size_t processor_count;
    const char *const *hosts; /* further allowed Host names */
    size_t host_count;
    const char *const *boards; /* board files or folders of them; empty: the embedded ones */
    size_t board_count;
    uint32_t streams_max; /* 0: default */
};

struct serve;

/* Reads the boards and binds the port; the options are borrowed for the call. */
bool serve_start(const struct serve_options *options, struct serve **out,
                 struct error *err) MUST_CHECK;
uint16_t serve_port(const struct serve *serve);
size_t serve_boards(const struct serve *serve);
size_t serve_panels(const struct serve *serve);

/* Asks the broker's /health once, for at most a second. */
bool serve_probe(const struct serve_options *options, struct error *err) MUST_CHECK;

/* Serves until *stop is not 0 (set by a signal handler), then tells every viewer and returns. */
void serve_run(struct serve *serve, const volatile sig_atomic_t *stop);
void serve_free(struct serve *serve);

#endif
