/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP/1.1 server for GET and HEAD: the dashboard and the operations endpoints
 * (/livez, /readyz, /metrics, /status.json). This pair of files is the only place that includes
 * libevent.
 *
 * One instance is one event loop in one thread; instances share nothing, so a process may run
 * several, each in a thread of its own. All functions belong to the thread of http_server_run,
 * except http_server_stop.
 *
 * THE GATE. Every request passes it before any route sees it:
 *
 *   line ends       CRLF only; a bare LF or CR, NUL or other control byte, folded header    400
 *   size            header section over 16 KiB                                              431
 *   time            10 s from the first byte to the end of the header section               408
 *   method          GET or HEAD; other known or unknown tokens                              405
 *   version         HTTP/1.1 or HTTP/1.0                                                    505
 *   target          origin form only ("/…"; absolute form, "*" refused), <= 2,048 bytes     400
 *   body            any Transfer-Encoding; Content-Length other than 0                      400, 413
 *   Host            exactly one, in the allow-list (guards against DNS rebinding): loopback
 *                   names and the bound address with our port, and what the options name;
 *                   bound to every address also IPv4 addresses and names without a dot with
 *                   our port (services of containers), which nobody else's DNS can hand out  400, 403
 *   /api/… only     Origin, if sent, is this host; Sec-Fetch-Site, if sent, is
 *                   same-origin or none                                                     403
 *   connections     256 plain ones, 16 per address (64 for loopback)                        503
 *
 * A refused request closes its connection, so no byte after it is ever read as a request. Idle
 * connections close after 30 s.
 *
 * Why not evhttp: it passes bare LF, folded headers, two Hosts, absolute targets and unknown
 * transfer codings on without telling, restarts its timer at each byte and counts no connections.
 * A gate in front would have to parse everything first, and that parser is all that is needed. */
#ifndef COMMON_HTTP_SERVER_H
#define COMMON_HTTP_SERVER_H

#include "common/error.h"
#include "common/str.h"

struct http_server;
struct http_loop;     /* common/http_client.h */
struct http_exchange; /* one request and its pending reply; valid until answered */
struct http_stream;   /* one open server-sent event stream */

struct http_server_options {
    const char *listen;       /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one            */
    const char *const *hosts; /* further allowed Host values, without port; borrowed for the call */
    size_t host_count;
    uint32_t streams_max;        /* open streams; default 1000 */
    uint32_t header_deadline_ms; /* default 10,000; tests shorten it */
};

/* Binds and listens; answers nothing before http_server_run. Ignores SIGPIPE in the process.
 * Errors: ERROR_USER for an address that cannot be parsed, ERROR_STOP for one that cannot be
 * bound (in use, not ours, no permission). */
bool http_server_start(const struct http_server_options *options, struct http_server **out,
                       struct error *err) MUST_CHECK;
/* The bound port. */
uint16_t http_server_port(const struct http_server *server);

typedef void http_handler(void *context, struct http_exchange *exchange);

/* Requests whose path equals `path` go to the handler; a path that ends in "/" takes everything
 * below it. The longest match wins. `path` is static text. A handler must answer each exchange
 * exactly once before it returns: http_reply or http_stream_open. */
void http_server_route(struct http_server *server, const char *path, http_handler *handler,
                       void *context);

/* Views into the request, valid until answered. */
struct str http_exchange_path(const struct http_exchange *exchange);
/* Value of a query parameter, percent-decoded into `out`; false when absent, malformed, not UTF-8,
 * or longer than out_bytes. */
bool http_exchange_parameter(const struct http_exchange *exchange, struct str name, char *out,
                             size_t out_bytes, struct str *value);
/* False only when the client sent Accept-Encoding without gzip. */
bool http_exchange_accepts_gzip(const struct http_exchange *exchange);

struct http_reply {
    int status;               /* 200 when 0 */
    const char *content_type; /* with charset; "text/plain; charset=utf-8" when NULL */
    struct str body;
    bool gzip;      /* the body is gzip data */
    bool immutable; /* cache for ever (the name holds a content hash); otherwise no-store */
    bool document;  /* an HTML page: add the content security policy */
};
void http_reply(struct http_exchange *exchange, const struct http_reply *reply);

/* Opens a stream of server-sent events. Returns NULL when streams_max is reached; the exchange has
 * then been answered with 503.
 *   closed  called once when the stream ended for any reason other than http_stream_close or
 *           http_server_free; forget the stream then. */
struct http_stream *http_stream_open(struct http_exchange *exchange,
                                     void (*closed)(void *context, struct http_stream *stream),
                                     void *context);
/* Queues bytes; returns how many bytes the client has not taken yet, these included. There is no
 * back-pressure: a caller that sees the figure grow skips, or closes. */
size_t http_stream_send(struct http_stream *stream, struct str bytes);
size_t http_stream_pending_bytes(const struct http_stream *stream);
/* Sends what is queued (for at most a second) and closes; the stream is gone for the caller. */
void http_stream_close(struct http_stream *stream);

/* Calls `tick` every `ms` from the loop. At most 8 timers per server. */
void http_server_every(struct http_server *server, int64_t ms, void (*tick)(void *context),
                       void *context);
/* Lets http_multi live on this server's loop; valid as long as the server. */
struct http_loop http_server_loop(struct http_server *server);

/* Runs until http_server_stop. */
void http_server_run(struct http_server *server);
/* May be called from any thread and from a signal handler; the loop ends within 50 ms. */
void http_server_stop(struct http_server *server);
/* Closes everything; streams get up to a second to take what is queued. NULL is fine. */
void http_server_free(struct http_server *server);

struct http_server_counts {
    uint64_t requests, refused; /* refused: by the gate */
    uint32_t connections, streams;
};
struct http_server_counts http_server_count(const struct http_server *server);

#endif
