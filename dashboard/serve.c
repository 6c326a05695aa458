/* SPDX-License-Identifier: Apache-2.0 */
/* See serve.h. Routes:
 *
 *   /  /b/BOARD                     the page (one document; it reads the board from its address)
 *   /assets/…  /favicon.svg         embedded files
 *   /api/boards                     list of boards
 *   /api/boards/BOARD/stream?range=…&PARAM=…    server-sent events, see feed.h
 *   /livez  /readyz  /metrics       operations */
#include "dashboard/serve.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/file.h"
#include "common/http_client.h"
#include "common/http_server.h"
#include "dashboard/assets.h"
#include "dashboard/feed.h"

enum {
    BOARDS_MAX = 32,
    BOARD_BYTES_MAX = 1 << 20,
    BASE_TICK_MS = 250, /* boards tick on multiples of it */
    BEAT_MS = 5000,
    POLL_MS = 1000,
};

struct serving {
    struct board *board;
    struct feed *feed;
    int64_t due_ns;
};

struct serve {
    struct arena job;
    struct http_server *server;
    struct http_multi *multi;
    struct broker *broker;
    struct processors *processors;
    struct serving boards[BOARDS_MAX];
    size_t board_count;
    const volatile sig_atomic_t *stop;
};

/* ---- boards ---- */

static bool add_board(struct serve *serve, struct str text, const char *name, struct error *err) {
    struct board *board;
    if (!board_parse(text, name, &serve->job, &board, err)) return false;
    for (size_t i = 0; i < serve->board_count; i++)
        if (str_eq(serve->boards[i].board->id, board->id))
            return error_set(err, ERROR_USER, "E0902", "%.200s: there is already a board '%s'",
                             name, board->id.ptr);
    if (serve->board_count == BOARDS_MAX)
        return error_set(err, ERROR_USER, "E0902", "more than %d boards", BOARDS_MAX);
    serve->boards[serve->board_count++].board = board;
    return true;
}

static bool add_file(struct serve *serve, const char *path, struct error *err) {
    struct str text;
    return file_read(path, BOARD_BYTES_MAX, &serve->job, &text, err) &&
           add_board(serve, text, path, err);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_json(const struct dirent *entry) {
    return str_ends(str_of(entry->d_name), STR(".json"));
}

static bool add_folder(struct serve *serve, const char *path, struct error *err) {
    struct dirent **entries;
    int count = scandir(path, &entries, is_json, by_name);
    if (count < 0) return error_set(err, ERROR_USER, "E0403", "%.200s cannot be read", path);
    bool ok =
        count > 0 || error_set(err, ERROR_USER, "E0902", "%.200s holds no board (*.json)", path);
    for (int i = 0; i < count; i++) {
        struct str file = arena_printf(&serve->job, "%s/%s", path, entries[i]->d_name);
        ok = ok && add_file(serve, file.ptr, err);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool add_boards(struct serve *serve, const struct serve_options *options,
                       struct error *err) {
    for (size_t i = 0; i < options->board_count; i++) {
        struct stat info;
        bool folder = stat(options->boards[i], &info) == 0 && S_ISDIR(info.st_mode);
        bool ok = folder ? add_folder(serve, options->boards[i], err)
                         : add_file(serve, options->boards[i], err);
        if (!ok) return false;
    }
    for (size_t i = 0; options->board_count == 0 && i < embedded_board_count; i++) {
        const struct embedded_board *e = &embedded_boards[i];
        if (!add_board(serve, (struct str){e->text, e->bytes}, e->name, err)) return false;
    }
    return true;
}

/* ---- page ---- */

static void send_asset(struct http_exchange *x, struct str path) {
    for (size_t i = 0; i < asset_count; i++) {
        const struct asset *a = &assets[i];
        if (!str_eq(path, str_of(a->path))) continue;
        if (!http_exchange_accepts_gzip(x)) {
            http_reply(x, &(struct http_reply){.status = 406, .body = STR("gzip is needed.\n")});
            return;
        }
        http_reply(x, &(struct http_reply){.content_type = a->content_type,
                                           .body = {(const char *)a->gzip, a->gzip_bytes},
                                           .gzip = true,
                                           .immutable = a->immutable,
                                           .document = str_eq(path, STR("/"))});
        return;
    }
    http_reply(x, &(struct http_reply){.status = 404, .body = STR("There is nothing here.\n")});
}

static void on_page(void *context, struct http_exchange *x) {
    (void)context;
    send_asset(x, STR("/"));
}

static void on_asset(void *context, struct http_exchange *x) {
    (void)context;
    send_asset(x, http_exchange_path(x));
}

/* ---- API ---- */

static void on_boards(void *context, struct http_exchange *x) {
    struct serve *serve = context;
    struct buf out;
    buf_init(&out, 64 << 10);
    buf_append(&out, STR("{\"schema\":\"decant.boards/1\",\"boards\":["));
    for (size_t i = 0; i < serve->board_count; i++) {
        const struct board *b = serve->boards[i].board;
        buf_printf(&out, "%s{\"board\":\"%s\",\"hash\":\"%s\",\"panels\":%zu,\"title\":\"",
                   i ? "," : "", b->id.ptr, b->hash, b->panel_count);
        buf_append_json(&out, b->title);
        buf_append(&out, STR("\"}"));
    }
    buf_append(&out, STR("]}\n"));
    http_reply(x, &(struct http_reply){.content_type = "application/json; charset=utf-8",
                                       .body = buf_str(&out)});
    buf_release(&out);
}

/* "/api/boards/BOARD/stream" */
static void on_board(void *context, struct http_exchange *x) {
    struct serve *serve = context;
    struct str action;
    bool more;
    struct str id =
        str_split(str_from(http_exchange_path(x), strlen("/api/boards/")), '/', &action, &more);
    for (size_t i = 0; i < serve->board_count; i++) {
        if (!str_eq(serve->boards[i].board->id, id) || !str_eq(action, STR("stream"))) continue;
        feed_join(serve->boards[i].feed, x);
        return;
    }
    http_reply(x, &(struct http_reply){.status = 404, .body = STR("There is no such board.\n")});
}

/* ---- operations ---- */

static void on_livez(void *context, struct http_exchange *x) {
    (void)context;
    http_reply(x, &(struct http_reply){.body = STR("ok\n")});
}

static void on_readyz(void *context, struct http_exchange *x) {
    struct serve *serve = context;
    struct str trouble = broker_trouble(serve->broker);
    if (trouble.len == 0) {
        http_reply(x, &(struct http_reply){.body = STR("ok\n")});
        return;
    }
    struct buf out;
    buf_init(&out, 1024);
    buf_printf(&out, "[-]pinot: %s\n", trouble.ptr);
    http_reply(x, &(struct http_reply){.status = 503, .body = buf_str(&out)});
    buf_release(&out);
}

static void metric(struct buf *out, const char *name, const char *type, const char *help,
                   double value) {
    buf_printf(out, "# HELP decant_%s %s\n# TYPE decant_%s %s\ndecant_%s %.17g\n", name, help, name,
               type, name, value);
}

static void on_metrics(void *context, struct http_exchange *x) {
    struct serve *serve = context;
    struct http_server_counts http = http_server_count(serve->server);
    struct broker_counts pinot = broker_count(serve->broker);
    struct feed_counts sum = {0};
    for (size_t i = 0; i < serve->board_count; i++) {
        struct feed_counts c = feed_count(serve->boards[i].feed);
        sum.events_sent += c.events_sent;
        sum.events_skipped += c.events_skipped;
        sum.streams_dropped += c.streams_dropped;
        sum.viewers += c.viewers;
        sum.cells += c.cells;
    }
    struct buf out;
    buf_init(&out, 64 << 10);
    buf_printf(&out,
               "# HELP decant_build_info Version of the program.\n"
               "# TYPE decant_build_info gauge\ndecant_build_info{version=\"%s\"} 1\n",
               DECANT_VERSION);
    metric(&out, "http_requests_total", "counter", "Requests that reached a route.",
           (double)http.requests);
    metric(&out, "http_refused_total", "counter", "Requests and connections refused by the gate.",
           (double)http.refused);
    metric(&out, "http_connections", "gauge", "Open connections.", http.connections);
    metric(&out, "sse_clients", "gauge", "Open event streams.", sum.viewers);
    metric(&out, "sse_events_total", "counter", "Events queued to streams.",
           (double)sum.events_sent);
    metric(&out, "sse_skipped_total", "counter", "Events skipped because a client was slow.",
           (double)sum.events_skipped);
    metric(&out, "sse_dropped_total", "counter", "Streams closed because a client was too slow.",
           (double)sum.streams_dropped);
    metric(&out, "board_cells", "gauge", "Panels under different ranges and parameters.",
           sum.cells);
    metric(&out, "pinot_queries_total", "counter", "Queries sent to the broker.",
           (double)pinot.queries);
    metric(&out, "pinot_query_failures_total", "counter", "Queries without a good answer.",
           (double)pinot.failures);
    metric(&out, "pinot_query_seconds_total", "counter", "Time between sending and answer, summed.",
           (double)pinot.took_total_ms / 1000.0);
    http_reply(x, &(struct http_reply){.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                       .body = buf_str(&out)});
    buf_release(&out);
}

/* ---- life ---- */

static void on_tick(void *context) {
    struct serve *serve = context;
    int64_t now_ns = clock_mono_ns();
    if (*serve->stop) {
        http_server_stop(serve->server);
        return;
    }
    for (size_t i = 0; i < serve->board_count; i++) {
        struct serving *s = &serve->boards[i];
        if (now_ns < s->due_ns) continue;
        s->due_ns = now_ns + (s->board->tick_ms - BASE_TICK_MS / 2) * 1000000;
        feed_tick(s->feed);
    }
}

static void on_beat(void *context) {
    struct serve *serve = context;
    for (size_t i = 0; i < serve->board_count; i++)
        feed_beat(serve->boards[i].feed);
}

static void on_poll(void *context) {
    struct serve *serve = context;
    processors_poll(serve->processors);
}

static void add_routes(struct serve *serve) {
    http_server_route(serve->server, "/", on_page, serve);
    http_server_route(serve->server, "/b/", on_page, serve);
    http_server_route(serve->server, "/assets/", on_asset, serve);
    http_server_route(serve->server, "/favicon.svg", on_asset, serve);
    http_server_route(serve->server, "/api/boards", on_boards, serve);
    http_server_route(serve->server, "/api/boards/", on_board, serve);
    http_server_route(serve->server, "/livez", on_livez, serve);
    http_server_route(serve->server, "/readyz", on_readyz, serve);
    http_server_route(serve->server, "/metrics", on_metrics, serve);
}

bool serve_start(const struct serve_options *options, struct serve **out, struct error *err) {
    struct serve *serve = memory_new(1, sizeof(*serve));
    struct http_server_options http = {.listen = options->listen,
                                       .hosts = options->hosts,
                                       .host_count = options->host_count,
                                       .streams_max = options->streams_max};
    if (!add_boards(serve, options, err) || !http_server_start(&http, &serve->server, err)) {
        serve_free(serve);
        return false;
    }
    struct http_loop loop = http_server_loop(serve->server);
    serve->multi = http_multi_new(&loop);
    serve->broker = broker_new(options->pinot_broker, serve->multi);
    serve->processors = processors_new(options->processors, options->processor_count, serve->multi);
    for (size_t i = 0; i < serve->board_count; i++)
        serve->boards[i].feed = feed_new(serve->boards[i].board, serve->broker, serve->processors);
    add_routes(serve);
    *out = serve;
    return true;
}

uint16_t serve_port(const struct serve *serve) {
    return http_server_port(serve->server);
}

size_t serve_boards(const struct serve *serve) {
    return serve->board_count;
}

size_t serve_panels(const struct serve *serve) {
    size_t panels = 0;
    for (size_t i = 0; i < serve->board_count; i++)
        panels += serve->boards[i].board->panel_count;
    return panels;
}

bool serve_probe(const struct serve_options *options, struct error *err) {
    struct buf url;
    buf_init(&url, 2048);
    buf_printf(&url, "%s/health", options->pinot_broker);
    struct http_client *client = http_client_new();
    struct http_response response = {0};
    struct http_request request = {
        .url = buf_c_string(&url), .connect_timeout_ms = 1000, .timeout_ms = 1000};
    bool ok = http_perform(client, &request, &response, err);
    if (ok && response.status != 200)
        ok = error_set(err, ERROR_RETRY, "E0605",
                       "%.200s answers with status %d; is it a Pinot broker?",
                       options->pinot_broker, response.status);
    http_response_release(&response);
    http_client_free(client);
    buf_release(&url);
    return ok;
}

void serve_run(struct serve *serve, const volatile sig_atomic_t *stop) {
    serve->stop = stop;
    http_server_every(serve->server, BASE_TICK_MS, on_tick, serve);
    http_server_every(serve->server, BEAT_MS, on_beat, serve);
    http_server_every(serve->server, POLL_MS, on_poll, serve);
    http_server_run(serve->server);
    for (size_t i = 0; i < serve->board_count; i++)
        feed_bye(serve->boards[i].feed, "restart");
}

void serve_free(struct serve *serve) {
    if (!serve) return;
    http_multi_free(serve->multi); /* first: its callbacks point into cells and processors */
    for (size_t i = 0; i < serve->board_count; i++)
        feed_free(serve->boards[i].feed);
    http_server_free(serve->server);
    processors_free(serve->processors);
    broker_free(serve->broker);
    arena_release(&serve->job);
    free(serve);
}
