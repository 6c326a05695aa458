/* SPDX-License-Identifier: Apache-2.0 */
/* The operations endpoint: /livez, /readyz, /startupz, /status.json, /metrics. Its thread answers from texts
 * that the worker replaces once a second, so a scrape never touches the data path. */
#include <pthread.h>
#include <stdlib.h>

#include "common/fatal.h"
#include "common/http_server.h"
#include "kafka/status.h"

enum { TEXT_BYTES_MAX = 4 * 1024 * 1024 };

struct ops {
    struct http_server *server;
    pthread_t thread;
    pthread_mutex_t lock; /* protects what follows */
    struct buf json, metrics;
    bool ready, started;
};

static void answer(struct http_exchange *exchange, int status, const char *type, struct str body) {
    http_reply(exchange,
               &(struct http_reply){.status = status, .content_type = type, .body = body});
}

static void on_livez(void *context, struct http_exchange *exchange) {
    (void)context; /* looks at nothing: the process answers, so it lives */
    answer(exchange, 200, NULL, STR("ok\n"));
}

static void answer_flag(struct ops *ops, const bool *flag, struct http_exchange *exchange) {
    pthread_mutex_lock(&ops->lock);
    bool set = *flag;
    pthread_mutex_unlock(&ops->lock);
    answer(exchange, set ? 200 : 503, NULL, set ? STR("ok\n") : STR("not ready\n"));
}

static void on_readyz(void *context, struct http_exchange *exchange) {
    struct ops *ops = context;
    answer_flag(ops, &ops->ready, exchange);
}

static void on_startupz(void *context, struct http_exchange *exchange) {
    struct ops *ops = context;
    answer_flag(ops, &ops->started, exchange);
}

static void on_status(void *context, struct http_exchange *exchange) {
    struct ops *ops = context;
    pthread_mutex_lock(&ops->lock);
    answer(exchange, 200, "application/json; charset=utf-8", buf_str(&ops->json));
    pthread_mutex_unlock(&ops->lock);
}

static void on_metrics(void *context, struct http_exchange *exchange) {
    struct ops *ops = context;
    pthread_mutex_lock(&ops->lock);
    answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&ops->metrics));
    pthread_mutex_unlock(&ops->lock);
}

static void *serve(void *context) {
    struct ops *ops = context;
    http_server_run(ops->server);
    return NULL;
}

static void ops_free(struct ops *ops) {
    http_server_free(ops->server);
    pthread_mutex_destroy(&ops->lock);
    buf_release(&ops->json);
    buf_release(&ops->metrics);
    free(ops);
}

bool ops_start(const char *listen, struct ops **out, struct error *err) {
    *out = NULL;
    if (!listen || str_eq(str_of(listen), STR("off"))) return true;
    struct ops *ops = memory_new(1, sizeof *ops);
    struct http_server_options options = {.listen = listen};
    pthread_mutex_init(&ops->lock, NULL);
    buf_init(&ops->json, TEXT_BYTES_MAX);
    buf_init(&ops->metrics, TEXT_BYTES_MAX);
    buf_append(&ops->json,
               STR("{\"schema\":\"decant.status/1\",\"state\":\"starting\",\"ready\":false}\n"));
    if (!http_server_start(&options, &ops->server, err)) {
        error_help(
            err,
            "another job may own the port: --ops 127.0.0.1:0 takes a free one, --ops off none");
        ops_free(ops);
        return false;
    }
    http_server_route(ops->server, "/livez", on_livez, ops);
    http_server_route(ops->server, "/readyz", on_readyz, ops);
    http_server_route(ops->server, "/startupz", on_startupz, ops);
    http_server_route(ops->server, "/status.json", on_status, ops);
    http_server_route(ops->server, "/metrics", on_metrics, ops);
    if (pthread_create(&ops->thread, NULL, serve, ops) != 0) {
        ops_free(ops);
        return error_set(err, ERROR_STOP, "E0406", "the operations endpoint cannot start a thread");
    }
    *out = ops;
    return true;
}

void ops_publish(struct ops *ops, const struct job_status *status) {
    if (!ops) return;
    struct buf json, metrics;
    buf_init(&json, TEXT_BYTES_MAX);
    buf_init(&metrics, TEXT_BYTES_MAX);
    status_json(&json, status);
    status_metrics(&metrics, status);
    pthread_mutex_lock(&ops->lock);
    struct buf old_json = ops->json, old_metrics = ops->metrics;
    ops->json = json;
    ops->metrics = metrics;
    ops->ready = status->ready;
    ops->started |= status->ready;
    pthread_mutex_unlock(&ops->lock);
    buf_release(&old_json);
    buf_release(&old_metrics);
}

void ops_stop(struct ops *ops) {
    if (!ops) return;
    http_server_stop(ops->server);
    pthread_join(ops->thread, NULL);
    ops_free(ops);
}
