/* SPDX-License-Identifier: Apache-2.0 */
/* The gate and the streams through raw sockets: what a browser would never send. The server runs
 * in a thread, as the operations endpoint does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/http_server.h"

enum { FILLER_BYTES = 20000 };

static struct http_server *server;
static struct http_stream *stream;
static atomic_int streams_closed;
static pthread_t thread;
static const char *const more_hosts[] = {"dash.example"};

static void on_hello(void *context, struct http_exchange *x) {
    (void)context;
    char memory[32];
    struct str name = STR("nobody");
    http_exchange_parameter(x, STR("name"), memory, sizeof(memory), &name);
    http_reply(x, &(struct http_reply){.body = name, .document = true});
}

static void on_closed(void *context, struct http_stream *closed) {
    (void)context;
    if (closed == stream) stream = NULL;
    atomic_fetch_add(&streams_closed, 1);
}

static void on_stream(void *context, struct http_exchange *x) {
    (void)context;
    stream = http_stream_open(x, on_closed, NULL);
    if (stream) http_stream_send(stream, STR("event: one\ndata: 1\n\n"));
}

static void *run(void *context) {
    http_server_run(context);
    return NULL;
}

static int start(void **state) {
    (void)state;
    struct http_server_options options = {.listen = "127.0.0.1:0",
                                          .hosts = more_hosts,
                                          .host_count = 1,
                                          .streams_max = 2,
                                          .header_deadline_ms = 300};
    struct error err;
    if (!http_server_start(&options, &server, &err)) return -1;
    http_server_route(server, "/hello", on_hello, NULL);
    http_server_route(server, "/api/", on_hello, NULL);
    http_server_route(server, "/stream", on_stream, NULL);
    return pthread_create(&thread, NULL, run, server);
}

static int stop(void **state) {
    (void)state;
    http_server_stop(server);
    pthread_join(thread, NULL);
    http_server_free(server);
    return 0;
}

static int dial(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_server_port(server))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* Reads until the server closes, or until `marker` was seen; NUL-terminated. */
static void receive(int fd, char *out, size_t out_bytes, const char *marker) {
    size_t n = 0;
    out[0] = '\0';
    while (n + 1 < out_bytes) {
        ssize_t got = recv(fd, out + n, out_bytes - 1 - n, 0);
        if (got <= 0) return;
        n += (size_t)got;
        out[n] = '\0';
        if (marker && strstr(out, marker)) return;
    }
}

/* Sends `request` ("@" becomes the port), returns the status of the first answer. */
static int ask(const char *request, char *answer, size_t answer_bytes) {
    char text[4096];
    size_t n = 0;
    for (const char *p = request; *p; p++) {
        if (*p == '@') {
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%u", http_server_port(server));
        } else {
            text[n++] = *p;
        }
    }
    int fd = dial(), status = 0;
    assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
    receive(fd, answer, answer_bytes, NULL);
    close(fd);
    assert_int_equal(sscanf(answer, "HTTP/1.1 %d", &status), 1);
    return status;
}

#define GOOD "Host: 127.0.0.1:@\r\nConnection: close\r\n"

static const struct {
    const char *name, *request;
    int want;
    const char *contains;
} cases[] = {
    {"route", "GET /hello HTTP/1.1\r\n" GOOD "\r\n", 200, "\r\n\r\nnobody"},
    {"parameter", "GET /hello?name=A%20B HTTP/1.1\r\n" GOOD "\r\n", 200, "\r\n\r\nA B"},
    {"localhost", "GET /hello HTTP/1.1\r\nHost: LOCALHOST:@\r\nConnection: close\r\n\r\n", 200,
     "nobody"},
    {"named host", "GET /hello HTTP/1.1\r\nHost: dash.example\r\nConnection: close\r\n\r\n", 200,
     "nobody"},
    {"policy", "GET /hello HTTP/1.1\r\n" GOOD "\r\n", 200,
     "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"nosniff", "GET /hello HTTP/1.1\r\n" GOOD "\r\n", 200, "X-Content-Type-Options: nosniff"},
    {"no route", "GET /../../etc/passwd HTTP/1.1\r\n" GOOD "\r\n", 404, ""},
    {"rebinding", "GET /hello HTTP/1.1\r\nHost: evil.example:@\r\n\r\n", 403, "Connection: close"},
    {"other port", "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 403, ""},
    {"host without port", "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 403, ""},
    {"foreign origin", "GET /api/x HTTP/1.1\r\n" GOOD "Origin: http://evil.example\r\n\r\n", 403,
     ""},
    {"null origin", "GET /api/x HTTP/1.1\r\n" GOOD "Origin: null\r\n\r\n", 403, ""},
    {"own origin", "GET /api/x HTTP/1.1\r\n" GOOD "Origin: http://127.0.0.1:@\r\n\r\n", 200, ""},
    {"cross-site", "GET /api/x HTTP/1.1\r\n" GOOD "Sec-Fetch-Site: cross-site\r\n\r\n", 403, ""},
    {"same-site", "GET /api/x HTTP/1.1\r\n" GOOD "Sec-Fetch-Site: same-site\r\n\r\n", 403, ""},
    {"same-origin", "GET /api/x HTTP/1.1\r\n" GOOD "Sec-Fetch-Site: same-origin\r\n\r\n", 200, ""},
    {"a page may be linked to", "GET /hello HTTP/1.1\r\n" GOOD "Sec-Fetch-Site: cross-site\r\n\r\n",
     200, ""},
    {"POST", "POST /hello HTTP/1.1\r\n" GOOD "\r\n", 405, "Allow: GET, HEAD"},
    {"bare LF", "GET /hello HTTP/1.1\nHost: 127.0.0.1:@\n\n", 400, ""},
    {"smuggled body",
     "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:@\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: 127.0.0.1:@\r\n\r\n",
     400, ""},
    {"refusal ends the connection",
     "GET /hello HTTP/1.1\r\nHost: evil\r\n\r\nGET /hello HTTP/1.1\r\n" GOOD "\r\n", 403, ""},
};

static void test_gate(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char answer[8192];
        int got = ask(cases[i].request, answer, sizeof(answer));
        if (got != cases[i].want || !strstr(answer, cases[i].contains))
            fail_msg("%s: got %d, want %d:\n%s", cases[i].name, got, cases[i].want, answer);
        if (got >= 400 && got != 404 && strstr(answer, "HTTP/1.1 200"))
            fail_msg("%s: a request after the refused one was answered", cases[i].name);
    }
}

static void test_head_has_no_body(void **state) {
    (void)state;
    char answer[8192];
    assert_int_equal(ask("HEAD /hello HTTP/1.1\r\n" GOOD "\r\n", answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "Content-Length: 6\r\n"));
    assert_null(strstr(answer, "nobody"));
}

static void test_pipelined_requests(void **state) {
    (void)state;
    char answer[8192];
    assert_int_equal(ask("GET /hello?name=first HTTP/1.1\r\nHost: 127.0.0.1:@\r\n\r\n"
                         "GET /hello?name=second HTTP/1.1\r\n" GOOD "\r\n",
                         answer, sizeof(answer)),
                     200);
    const char *first = strstr(answer, "first");
    assert_non_null(first);
    assert_non_null(strstr(first, "second"));
}

/* The deadline counts from the first byte, so bytes that trickle do not extend it. */
static void test_slow_header_is_cut(void **state) {
    (void)state;
    char answer[4096];
    int fd = dial();
    struct timeval pause = {.tv_usec = 50000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause));
    size_t n = 0;
    for (int i = 0; i < 400 && n == 0; i++) {
        (void)!send(fd, "G", 1, MSG_NOSIGNAL);
        ssize_t got = recv(fd, answer, sizeof(answer) - 1, 0);
        if (got > 0) n = (size_t)got;
    }
    answer[n] = '\0';
    assert_non_null(strstr(answer, "HTTP/1.1 408"));
    close(fd);
}

static void test_large_header_is_refused(void **state) {
    (void)state;
    char answer[4096];
    static char filler[FILLER_BYTES];
    memset(filler, 'a', sizeof(filler));
    int fd = dial();
    (void)!send(fd, "GET / HTTP/1.1\r\nA: ", 19, MSG_NOSIGNAL);
    (void)!send(fd, filler, sizeof(filler), MSG_NOSIGNAL);
    receive(fd, answer, sizeof(answer), "\r\n\r\n");
    assert_non_null(strstr(answer, "HTTP/1.1 431"));
    close(fd);
}

static int open_stream(char *answer, size_t bytes, const char *marker) {
    char request[128];
    int n = snprintf(request, sizeof(request), "GET /stream HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
                     http_server_port(server));
    int fd = dial();
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    receive(fd, answer, bytes, marker);
    return fd;
}

static void test_streams(void **state) {
    (void)state;
    char answer[4096];
    int first = open_stream(answer, sizeof(answer), "data: 1\n\n");
    assert_non_null(strstr(answer, "Content-Type: text/event-stream"));
    assert_non_null(strstr(answer, "data: 1\n\n"));
    int second = open_stream(answer, sizeof(answer), "data: 1\n\n");
    int third = open_stream(answer, sizeof(answer), "\r\n\r\n");
    assert_non_null(strstr(answer, "HTTP/1.1 503"));
    close(third);
    close(first);
    close(second);
    for (int i = 0; i < 2000 && atomic_load(&streams_closed) < 2; i++)
        poll(NULL, 0, 10);
    assert_int_equal(atomic_load(&streams_closed), 2);
}

static void test_too_many_connections(void **state) {
    (void)state;
    int fds[80], refused = 0;
    char answer[512];
    for (size_t i = 0; i < 80; i++)
        fds[i] = dial();
    for (size_t i = 64; i < 80; i++) {
        receive(fds[i], answer, sizeof(answer), "\r\n\r\n");
        refused += strstr(answer, "HTTP/1.1 503") != NULL;
    }
    for (size_t i = 0; i < 80; i++)
        close(fds[i]);
    assert_int_equal(refused, 16);
}

/* As in a container: services reach each other by short names. */
static void test_every_address(void **state) {
    (void)state;
    static const struct {
        const char *request;
        int want;
    } hosts[] = {
        {"GET /hello HTTP/1.1\r\nHost: run:@\r\nConnection: close\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: 10.1.2.3:@\r\nConnection: close\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: run:1\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: run\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: evil.example:@\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: 1.evil:@\r\n\r\n", 403},
    };
    struct error err;
    struct http_server *loopback = server;
    char answer[4096];
    pthread_t other;
    struct http_server_options options = {.listen = "0.0.0.0:0"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (strstr(hosts[i].request, ":@")) /* a server on one address takes none of them */
            assert_int_equal(ask(hosts[i].request, answer, sizeof(answer)), 403);
    assert_true(http_server_start(&options, &server, &err));
    http_server_route(server, "/hello", on_hello, NULL);
    assert_int_equal(pthread_create(&other, NULL, run, server), 0);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        assert_int_equal(ask(hosts[i].request, answer, sizeof(answer)), hosts[i].want);
    http_server_stop(server);
    pthread_join(other, NULL);
    http_server_free(server);
    server = loopback;
}

static void test_bad_address(void **state) {
    (void)state;
    struct error err = {0};
    struct http_server *none = NULL;
    char taken[32];
    snprintf(taken, sizeof(taken), "127.0.0.1:%u", http_server_port(server));
    assert_false(
        http_server_start(&(struct http_server_options){.listen = "nonsense"}, &none, &err));
    assert_int_equal(err.kind, ERROR_USER);
    assert_false(http_server_start(&(struct http_server_options){.listen = taken}, &none, &err));
    assert_int_equal(err.kind, ERROR_STOP);
    assert_non_null(strstr(err.text, taken));
    assert_null(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_head_has_no_body),
        cmocka_unit_test(test_pipelined_requests),
        cmocka_unit_test(test_slow_header_is_cut),
        cmocka_unit_test(test_large_header_is_refused),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_every_address),
        cmocka_unit_test(test_bad_address),
        cmocka_unit_test(test_too_many_connections),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
