/* SPDX-License-Identifier: Apache-2.0 */
/* The server of http_server.h over libevent's bufferevents.
 *
 * Life of a connection:
 *
 *   accept ─► IDLE ─first byte─► HEADER ─whole header section─► gate ─► handler ─► IDLE
 *               │                   │                             │          └──► STREAM
 *               └──── deadline ─────┴──── refused ────────────────┴─► CLOSING (output drains)
 *                                                                     ─► LINGER (input discarded) ─► gone
 *
 * LINGER exists because closing a socket with unread input makes the kernel send RST, which can
 * destroy the refusal before the client has read it. */
#include "common/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/http_client.h"
#include "common/http_request.h"

enum {
    HEADER_DEADLINE_DEFAULT_MS = 10000,
    IDLE_DEADLINE_MS = 30000,
    LINGER_DEADLINE_MS = 1000,
    CONNECTIONS_MAX = 256,
    PER_ADDRESS_MAX = 16,
    PER_LOOPBACK_MAX = 64, /* a reverse proxy and a developer's tabs share one address */
    STREAMS_DEFAULT_MAX = 1000,
    PIPELINE_BYTES_MAX = 256 << 10, /* output queued for one connection before it is closed */
    ROUTES_MAX = 32,
    TIMERS_MAX = 8,
    HOSTS_MAX = 32,
    HOST_BYTES_MAX = 262,
};

enum connection_state { IDLE, HEADER, STREAM, CLOSING, LINGER };

struct http_stream {
    void (*closed)(void *context, struct http_stream *stream);
    void *context;
    struct connection *connection;
};

struct connection {
    struct http_server *server;
    struct connection *next, **link;
    struct bufferevent *bev;
    struct event *deadline;
    enum connection_state state;
    bool counts_as_stream;
    struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
    struct http_stream stream;
};

struct http_exchange {
    struct connection *connection;
    struct http_head head;
    bool answered;
};

struct route {
    struct str path;
    http_handler *handler;
    void *context;
};

struct timer {
    struct event *event;
    void (*tick)(void *context);
    void *context;
};

struct watched_fd {
    struct watched_fd *next;
    struct event *event;
    struct http_multi *multi;
    int fd;
};

struct http_server {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *stop_event, *accept_again, *multi_timer;
    int stop_pipe[2];
    uint16_t port;
    bool every_address; /* bound to 0.0.0.0 or [::] */
    uint32_t streams_max, header_deadline_ms;
    struct connection *connections;
    struct watched_fd *watched;
    struct http_multi *timer_multi;
    struct route routes[ROUTES_MAX];
    struct timer timers[TIMERS_MAX];
    char hosts[HOSTS_MAX][HOST_BYTES_MAX];
    size_t route_count, timer_count, host_count;
    struct http_server_counts counts;
};

static struct timeval timeval_of_ms(int64_t ms) {
    return (struct timeval){.tv_sec = (time_t)(ms / 1000),
                            .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

static struct event *event_must(struct event *event) {
    if (!event) fatal_oom(0);
    return event;
}

/* ---- connections ---- */

static void connection_free(struct connection *c) {
    struct http_server *server = c->server;
    *c->link = c->next;
    if (c->next) c->next->link = c->link;
    server->counts.connections--;
    if (c->counts_as_stream) server->counts.streams--;
    event_free(c->deadline);
    bufferevent_free(c->bev); /* closes the socket */
    free(c);
}

/* A stream's owner hears of the end once; a stream that the owner closed has no `closed` left. */
static void connection_lost(struct connection *c) {
    void (*closed)(void *, struct http_stream *) = c->stream.closed;
    c->stream.closed = NULL;
    if (closed) closed(c->stream.context, &c->stream);
    connection_free(c);
}

static void connection_deadline(struct connection *c, int64_t ms) {
    struct timeval wait = timeval_of_ms(ms);
    event_add(c->deadline, &wait);
}

static void connection_linger(struct connection *c) {
    c->state = LINGER;
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    bufferevent_enable(c->bev, EV_READ);
    connection_deadline(c, LINGER_DEADLINE_MS);
}

/* The connection ends when its output has left. */
static void connection_close(struct connection *c) {
    c->state = CLOSING;
    bufferevent_disable(c->bev, EV_READ);
    connection_deadline(c, c->counts_as_stream ? LINGER_DEADLINE_MS : IDLE_DEADLINE_MS);
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0) connection_linger(c);
}

/* ---- replies ---- */

static const char *reason_of(int status) {
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

static void write_date(struct evbuffer *out) {
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t now_ms = clock_real_ms();
    struct civil t = civil_from_ms(now_ms);
    evbuffer_add_printf(out, "Date: %s, %02d %s %04lld %02d:%02d:%02d GMT\r\n",
                        days[floor_mod(floor_div(now_ms, 86400000), 7)], t.day, months[t.month - 1],
                        (long long)t.year, t.hour, t.minute, t.second);
}

static void write_common(struct evbuffer *out, int status, const char *content_type) {
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", status, reason_of(status),
                        content_type);
    write_date(out);
    evbuffer_add_printf(out, "X-Content-Type-Options: nosniff\r\n"
                             "Cross-Origin-Opener-Policy: same-origin\r\n"
                             "Cross-Origin-Resource-Policy: same-origin\r\n"
                             "Referrer-Policy: no-referrer\r\n");
}

static void write_reply(struct connection *c, const struct http_reply *reply, bool head_only,
                        bool keep_alive) {
    struct evbuffer *out = bufferevent_get_output(c->bev);
    int status = reply->status ? reply->status : 200;
    write_common(out, status,
                 reply->content_type ? reply->content_type : "text/plain; charset=utf-8");
    evbuffer_add_printf(out, "Content-Length: %zu\r\nCache-Control: %s\r\n", reply->body.len,
                        reply->immutable ? "public, max-age=31536000, immutable" : "no-store");
    if (reply->gzip)
        evbuffer_add_printf(out, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    if (reply->document)
        evbuffer_add_printf(out, "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                                 "style-src 'self'; connect-src 'self'; img-src 'self'; "
                                 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                                 "require-trusted-types-for 'script'; trusted-types 'none'\r\n");
    if (status == 405) evbuffer_add_printf(out, "Allow: GET, HEAD\r\n");
    if (status == 503) evbuffer_add_printf(out, "Retry-After: 2\r\n");
    evbuffer_add_printf(out, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
    if (!head_only && reply->body.len) evbuffer_add(out, reply->body.ptr, reply->body.len);
}

static struct str refusal_text(int status) {
    switch (status) {
    case 403:
        return STR("This address is not served under that name. Open it by the address that the "
                   "server printed, or start it with --host NAME.\n");
    case 405: return STR("Only GET and HEAD are answered here.\n");
    case 408: return STR("The request did not arrive within 10 seconds.\n");
    case 503: return STR("Too many connections; try again in a moment.\n");
    default: return STR("The request is not acceptable.\n");
    }
}

static void connection_refuse(struct connection *c, int status) {
    c->server->counts.refused++;
    write_reply(c, &(struct http_reply){.status = status, .body = refusal_text(status)}, false,
                false);
    connection_close(c);
}

void http_reply(struct http_exchange *x, const struct http_reply *reply) {
    struct connection *c = x->connection;
    x->answered = true;
    struct evbuffer *out = bufferevent_get_output(c->bev);
    bool keep = x->head.keep_alive && evbuffer_get_length(out) < PIPELINE_BYTES_MAX;
    write_reply(c, reply, x->head.head_only, keep);
    if (keep) {
        c->state = IDLE;
        connection_deadline(c, IDLE_DEADLINE_MS);
    } else {
        connection_close(c);
    }
}

/* ---- streams ---- */

struct http_stream *http_stream_open(struct http_exchange *x,
                                     void (*closed)(void *, struct http_stream *), void *context) {
    struct connection *c = x->connection;
    struct http_server *server = c->server;
    if (server->counts.streams >= server->streams_max) {
        http_reply(x, &(struct http_reply){.status = 503,
                                           .body = STR("Too many viewers; see --max-streams.\n")});
        return NULL;
    }
    x->answered = true;
    struct evbuffer *out = bufferevent_get_output(c->bev);
    write_common(out, 200, "text/event-stream; charset=utf-8");
    evbuffer_add_printf(out, "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
                             "Connection: close\r\n\r\n");
    if (x->head.head_only) {
        connection_close(c);
        return NULL;
    }
    c->state = STREAM;
    c->counts_as_stream = true;
    server->counts.streams++;
    event_del(c->deadline);
    c->stream = (struct http_stream){.closed = closed, .context = context, .connection = c};
    return &c->stream;
}

size_t http_stream_pending_bytes(const struct http_stream *stream) {
    return evbuffer_get_length(bufferevent_get_output(stream->connection->bev));
}

size_t http_stream_send(struct http_stream *stream, struct str bytes) {
    evbuffer_add(bufferevent_get_output(stream->connection->bev), bytes.ptr, bytes.len);
    return http_stream_pending_bytes(stream);
}

void http_stream_close(struct http_stream *stream) {
    stream->closed = NULL;
    connection_close(stream->connection);
}

/* ---- the gate ---- */

/* "run:9464", "10.1.2.3:9464" */
static bool is_dotless_or_ipv4(struct str host, uint16_t our_port) {
    struct str port_text;
    bool has_port, letters = false, dots = false;
    uint64_t port;
    struct str name = str_split(host, ':', &port_text, &has_port);
    if (!has_port || name.len == 0 || !parse_u64(port_text, &port) || port != our_port)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (!digit && !letter && c != '.') return false;
        letters |= letter;
        dots |= c == '.';
    }
    return !letters || !dots;
}

static bool host_allowed(const struct http_server *server, struct str host) {
    for (size_t i = 0; i < server->host_count; i++)
        if (str_eq_nocase(host, str_of(server->hosts[i]))) return true;
    return server->every_address && is_dotless_or_ipv4(host, server->port);
}

static bool origin_matches(struct str origin, struct str host) {
    struct str rest = str_starts(origin, STR("https://"))  ? str_from(origin, 8)
                      : str_starts(origin, STR("http://")) ? str_from(origin, 7)
                                                           : (struct str){"", 0};
    return str_eq_nocase(rest, host);
}

static bool same_site(const struct http_head *head) {
    if (head->origin.len && !origin_matches(head->origin, head->host)) return false;
    return head->fetch_site.len == 0 || str_eq(head->fetch_site, STR("same-origin")) ||
           str_eq(head->fetch_site, STR("none"));
}

/* 0, or the status to refuse with. */
static int gate(const struct http_server *server, struct str section, struct http_head *head) {
    int status = http_request_parse(section, head);
    if (status) return status;
    if (!host_allowed(server, head->host)) return 403;
    if (str_starts(head->path, STR("/api/")) && !same_site(head)) return 403;
    return 0;
}

static const struct route *route_find(const struct http_server *server, struct str path) {
    const struct route *best = NULL;
    for (size_t i = 0; i < server->route_count; i++) {
        const struct route *r = &server->routes[i];
        bool below = r->path.len > 1 && str_ends(r->path, STR("/")) && str_starts(path, r->path);
        if (!below && !str_eq(path, r->path)) continue;
        if (!best || r->path.len > best->path.len) best = r;
    }
    return best;
}

static void dispatch(struct connection *c, const struct http_head *head) {
    struct http_exchange x = {.connection = c, .head = *head};
    const struct route *route = route_find(c->server, head->path);
    c->server->counts.requests++;
    if (route) route->handler(route->context, &x);
    if (!x.answered)
        http_reply(&x,
                   &(struct http_reply){.status = 404, .body = STR("There is nothing here.\n")});
}

/* Handles one request of the input; false when there is no further one to look at now. */
static bool serve_one(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t len = evbuffer_get_length(in);
    if (len == 0) return false;
    if (len > HTTP_HEAD_BYTES_MAX + 1) len = HTTP_HEAD_BYTES_MAX + 1;
    struct str bytes = {(const char *)evbuffer_pullup(in, (ev_ssize_t)len), len};
    int end = http_request_end(bytes);
    if (end == 0) {
        if (c->state == IDLE) connection_deadline(c, c->server->header_deadline_ms);
        c->state = HEADER;
        return false;
    }
    struct http_head head = {0};
    int status = end < 0 ? -end : gate(c->server, str_sub(bytes, 0, (size_t)end), &head);
    if (status) {
        connection_refuse(c, status);
        return false;
    }
    dispatch(c, &head);
    evbuffer_drain(in, (size_t)end);
    return c->state == IDLE;
}

static void discard_input(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->bev);
    evbuffer_drain(in, evbuffer_get_length(in));
}

static void on_readable(struct bufferevent *bev, void *context) {
    (void)bev;
    struct connection *c = context;
    if (c->state == IDLE || c->state == HEADER) {
        while (serve_one(c)) {
        }
    } else {
        discard_input(c); /* nothing that follows a stream or a refusal is a request */
    }
}

static void on_drained(struct bufferevent *bev, void *context) {
    (void)bev;
    struct connection *c = context;
    if (c->state == CLOSING) connection_linger(c);
}

static void on_event(struct bufferevent *bev, short what, void *context) {
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) connection_lost(context);
}

static void on_deadline(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct connection *c = context;
    if (c->state == HEADER) {
        connection_refuse(c, 408);
    } else {
        connection_lost(c);
    }
}

/* ---- accepting ---- */

static struct in6_addr address_of(const struct sockaddr *peer) {
    struct in6_addr address = {0};
    if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, peer, sizeof(v6));
        return v6.sin6_addr;
    }
    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, peer, sizeof(v4));
        address.s6_addr[10] = address.s6_addr[11] = 0xff;
        memcpy(&address.s6_addr[12], &v4.sin_addr, 4);
    }
    return address;
}

static bool is_loopback(const struct in6_addr *a) {
    return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

static bool has_room(const struct http_server *server, const struct in6_addr *address) {
    uint32_t plain = server->counts.connections - server->counts.streams, same = 0;
    for (const struct connection *c = server->connections; c; c = c->next)
        same += !c->counts_as_stream && memcmp(&c->address, address, sizeof(*address)) == 0;
    uint32_t limit = is_loopback(address) ? PER_LOOPBACK_MAX : PER_ADDRESS_MAX;
    return plain < CONNECTIONS_MAX && same < limit;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_len, void *context) {
    (void)listener, (void)peer_len;
    static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 2\r\nConnection: close\r\n\r\n";
    struct http_server *server = context;
    struct in6_addr address = address_of(peer);
    if (!has_room(server, &address)) {
        server->counts.refused++;
        (void)!send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        evutil_closesocket(fd);
        return;
    }
    int one = 1; /* an event must not wait for the acknowledgement of the last one */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct connection *c = memory_new(1, sizeof(*c));
    *c = (struct connection){.server = server, .address = address, .next = server->connections};
    c->bev = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!c->bev) fatal_oom(0);
    c->deadline = event_must(event_new(server->base, -1, 0, on_deadline, c));
    c->link = &server->connections;
    if (c->next) c->next->link = &c->next;
    server->connections = c;
    server->counts.connections++;
    bufferevent_setwatermark(c->bev, EV_READ, 0, HTTP_HEAD_BYTES_MAX + 1);
    bufferevent_setcb(c->bev, on_readable, on_drained, on_event, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    connection_deadline(c, IDLE_DEADLINE_MS);
}

/* Out of file descriptors: the pending connection stays readable, so pause instead of spinning. */
static void on_accept_error(struct evconnlistener *listener, void *context) {
    struct http_server *server = context;
    struct timeval pause = timeval_of_ms(200);
    evconnlistener_disable(listener);
    event_add(server->accept_again, &pause);
}

static void on_accept_again(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct http_server *server = context;
    if (server->listener) evconnlistener_enable(server->listener);
}

/* ---- start ---- */

static void allow_host(struct http_server *server, const char *name, bool with_port) {
    if (server->host_count == HOSTS_MAX) return;
    struct buf line;
    buf_init(&line, HOST_BYTES_MAX - 1);
    bool ok = with_port ? buf_printf(&line, "%s:%u", name, server->port)
                        : buf_append(&line, str_of(name));
    if (ok && line.len) memcpy(server->hosts[server->host_count++], line.ptr, line.len);
    buf_release(&line);
}

/* A name may be reached through a proxy on another port, so --host is allowed without a port too. */
static void allow_hosts(struct http_server *server, const struct http_server_options *options) {
    static const char *const local[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < ARRAY_LEN(local); i++) {
        allow_host(server, local[i], true);
        if (server->port == 80) allow_host(server, local[i], false);
    }
    for (size_t i = 0; i < options->host_count; i++) {
        allow_host(server, options->hosts[i], true);
        allow_host(server, options->hosts[i], false);
    }
}

/* A bound address other than "any" is one of its own names. */
static void allow_bound(struct http_server *server, const struct sockaddr_storage *bound) {
    char text[INET6_ADDRSTRLEN + 2] = "";
    if (bound->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, bound, sizeof(v4));
        server->port = ntohs(v4.sin_port);
        if (v4.sin_addr.s_addr != htonl(INADDR_ANY))
            evutil_inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    } else {
        struct sockaddr_in6 v6;
        memcpy(&v6, bound, sizeof(v6));
        server->port = ntohs(v6.sin6_port);
        if (!IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) {
            char bare[INET6_ADDRSTRLEN];
            evutil_inet_ntop(AF_INET6, &v6.sin6_addr, bare, sizeof(bare));
            evutil_snprintf(text, sizeof(text), "[%s]", bare);
        }
    }
    if (text[0]) allow_host(server, text, true);
    server->every_address = !text[0];
}

static void on_stop(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct http_server *server = context;
    event_base_loopbreak(server->base);
}

static void on_multi_timer(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct http_server *server = context;
    http_multi_timeout(server->timer_multi);
}

static struct http_server *server_new(const struct http_server_options *options) {
    struct http_server *server = memory_new(1, sizeof(*server));
    server->streams_max = options->streams_max ? options->streams_max : STREAMS_DEFAULT_MAX;
    server->header_deadline_ms =
        options->header_deadline_ms ? options->header_deadline_ms : HEADER_DEADLINE_DEFAULT_MS;
    server->base = event_base_new();
    if (!server->base || pipe(server->stop_pipe) != 0) fatal_oom(0);
    for (int i = 0; i < 2; i++) {
        evutil_make_socket_nonblocking(server->stop_pipe[i]);
        evutil_make_socket_closeonexec(server->stop_pipe[i]);
    }
    server->stop_event =
        event_must(event_new(server->base, server->stop_pipe[0], EV_READ, on_stop, server));
    event_add(server->stop_event, NULL);
    server->accept_again = event_must(event_new(server->base, -1, 0, on_accept_again, server));
    server->multi_timer = event_must(event_new(server->base, -1, 0, on_multi_timer, server));
    return server;
}

/* "IP:PORT"; libevent's own parser refuses port 0. */
static bool parse_listen(const char *text, struct sockaddr_storage *address, int *len) {
    struct str all = str_of(text), host = all;
    char name[INET6_ADDRSTRLEN + 2];
    uint64_t port;
    while (host.len && host.ptr[host.len - 1] != ':')
        host.len--;
    if (host.len < 2 || host.len > sizeof(name)) return false;
    if (!parse_u64(str_from(all, host.len), &port) || port > UINT16_MAX) return false;
    memcpy(name, host.ptr, host.len - 1);
    name[host.len - 1] = '\0';
    *len = (int)sizeof(*address);
    if (evutil_parse_sockaddr_port(name, (struct sockaddr *)address, len) != 0) return false;
    in_port_t at = htons((uint16_t)port);
    if (address->ss_family == AF_INET) {
        memcpy((char *)address + offsetof(struct sockaddr_in, sin_port), &at, sizeof(at));
    } else {
        memcpy((char *)address + offsetof(struct sockaddr_in6, sin6_port), &at, sizeof(at));
    }
    return true;
}

bool http_server_start(const struct http_server_options *options, struct http_server **out,
                       struct error *err) {
    struct sockaddr_storage address = {0};
    int len;
    if (!parse_listen(options->listen, &address, &len))
        return error_set(err, ERROR_USER, "E0406",
                         "'%.100s' is not an address to listen on; write IP:PORT, for example "
                         "127.0.0.1:8080 or [::1]:8080",
                         options->listen);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    struct http_server *server = server_new(options);
    server->listener =
        evconnlistener_new_bind(server->base, on_accept, server,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                512, (struct sockaddr *)&address, len);
    if (!server->listener) {
        int cause = errno;
        http_server_free(server);
        return error_set(err, ERROR_STOP, "E0406", "cannot listen on %.100s: %s", options->listen,
                         strerror(cause));
    }
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    struct sockaddr_storage bound = {0};
    socklen_t bound_len = sizeof(bound);
    getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&bound, &bound_len);
    allow_bound(server, &bound);
    allow_hosts(server, options);
    *out = server;
    return true;
}

uint16_t http_server_port(const struct http_server *server) {
    return server->port;
}

struct http_server_counts http_server_count(const struct http_server *server) {
    return server->counts;
}

void http_server_route(struct http_server *server, const char *path, http_handler *handler,
                       void *context) {
    if (server->route_count == ROUTES_MAX) fatal_oom(sizeof(struct route));
    server->routes[server->route_count++] =
        (struct route){.path = str_of(path), .handler = handler, .context = context};
}

/* ---- request views ---- */

struct str http_exchange_path(const struct http_exchange *x) {
    return x->head.path;
}

bool http_exchange_parameter(const struct http_exchange *x, struct str name, char *out,
                             size_t out_bytes, struct str *value) {
    struct str raw;
    return http_query_get(x->head.query, name, &raw) && http_decode(raw, out, out_bytes, value);
}

bool http_exchange_accepts_gzip(const struct http_exchange *x) {
    size_t at;
    return !x->head.has_accept_encoding || str_find(x->head.accept_encoding, STR("gzip"), &at);
}

/* ---- the loop ---- */

static void on_timer(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct timer *timer = context;
    timer->tick(timer->context);
}

void http_server_every(struct http_server *server, int64_t ms, void (*tick)(void *),
                       void *context) {
    if (server->timer_count == TIMERS_MAX) fatal_oom(sizeof(struct timer));
    struct timer *timer = &server->timers[server->timer_count++];
    *timer = (struct timer){.tick = tick, .context = context};
    timer->event = event_must(event_new(server->base, -1, EV_PERSIST, on_timer, timer));
    struct timeval period = timeval_of_ms(ms);
    event_add(timer->event, &period);
}

static void on_fd(evutil_socket_t fd, short what, void *context) {
    struct watched_fd *watched = context; /* may be freed inside: nothing is read afterwards */
    http_multi_ready(watched->multi, fd, what & EV_READ, what & EV_WRITE);
}

static void watch_fd(void *context, struct http_multi *multi, int fd, bool read, bool write) {
    struct http_server *server = context;
    struct watched_fd **at = &server->watched;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    struct watched_fd *w = *at;
    if (w) event_free(w->event);
    if (!read && !write) {
        if (!w) return;
        *at = w->next;
        free(w);
        return;
    }
    if (!w) {
        w = memory_new(1, sizeof(*w));
        *w = (struct watched_fd){.fd = fd, .next = server->watched};
        server->watched = w;
    }
    w->multi = multi;
    short what = (short)((read ? EV_READ : 0) | (write ? EV_WRITE : 0) | EV_PERSIST);
    w->event = event_must(event_new(server->base, fd, what, on_fd, w));
    event_add(w->event, NULL);
}

static void arm_multi_timer(void *context, struct http_multi *multi, int64_t ms) {
    struct http_server *server = context;
    server->timer_multi = multi;
    event_del(server->multi_timer);
    if (ms < 0) return;
    struct timeval wait = timeval_of_ms(ms);
    event_add(server->multi_timer, &wait);
}

struct http_loop http_server_loop(struct http_server *server) {
    return (struct http_loop){.context = server, .watch = watch_fd, .timer = arm_multi_timer};
}

void http_server_run(struct http_server *server) {
    event_base_loop(server->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void http_server_stop(struct http_server *server) {
    int saved = errno;
    (void)!write(server->stop_pipe[1], "x", 1); /* a full pipe says stop just as well */
    errno = saved;
}

/* Lets closing connections drain: no new ones, no timers but their deadlines. */
static void drain(struct http_server *server) {
    for (struct connection *c = server->connections, *next; c; c = next) {
        next = c->next;
        if (c->state != CLOSING) connection_free(c);
    }
    int64_t end_ns = clock_mono_ns() + (int64_t)LINGER_DEADLINE_MS * 1000000;
    struct timeval slice = timeval_of_ms(20);
    while (server->connections && clock_mono_ns() < end_ns) {
        bool waiting = false;
        for (struct connection *c = server->connections; c; c = c->next)
            waiting |= c->state == CLOSING;
        if (!waiting) break;
        event_base_loopexit(server->base, &slice);
        event_base_dispatch(server->base);
    }
}

void http_server_free(struct http_server *server) {
    if (!server) return;
    if (server->listener) evconnlistener_free(server->listener);
    server->listener = NULL;
    for (size_t i = 0; i < server->timer_count; i++)
        event_free(server->timers[i].event);
    event_free(server->stop_event);
    drain(server);
    while (server->connections)
        connection_free(server->connections);
    while (server->watched) {
        struct watched_fd *w = server->watched;
        server->watched = w->next;
        event_free(w->event);
        free(w);
    }
    event_free(server->accept_again);
    event_free(server->multi_timer);
    event_base_free(server->base);
    close(server->stop_pipe[0]);
    close(server->stop_pipe[1]);
    free(server);
}
