/* SPDX-License-Identifier: Apache-2.0 */
/* The whole server between raw sockets: a broker of a few lines on one side, viewers on the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/buf.h"
#include "dashboard/serve.h"

enum { ANSWER_BYTES_MAX = 1 << 20, VIEWERS = 20, STREAMS_MAX = 24 };

static int broker_fd = -1;
static atomic_int queries_all, queries_recent, queries_kind; /* by panel; kind = 'x' */
static atomic_int filler_bytes;                              /* length of the one row's text */
static struct serve *serve;
static volatile sig_atomic_t stop_flag;
static pthread_t serve_thread, broker_thread;

static uint16_t port_of(int fd) {
    struct sockaddr_in at;
    socklen_t len = sizeof(at);
    getsockname(fd, (struct sockaddr *)&at, &len);
    return ntohs(at.sin_port);
}

static int listen_somewhere(void) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 64) != 0) return -1;
    return fd;
}

static void count_query(const char *request) {
    if (strstr(request, "LIMIT 1\"")) atomic_fetch_add(&queries_all, 1);
    if (strstr(request, "LIMIT 2\"")) atomic_fetch_add(&queries_recent, 1);
    if (strstr(request, "k IN ('x')")) atomic_fetch_add(&queries_kind, 1);
}

/* Answers one query per connection; every answer differs from the former one. */
static void answer_query(int fd) {
    static int serial;
    char request[8192];
    size_t n = 0;
    struct buf body, head;
    while (n + 1 < sizeof(request)) {
        ssize_t got = recv(fd, request + n, sizeof(request) - 1 - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
        request[n] = '\0';
        if (strstr(request, "\"}")) break; /* the end of {"sql":"…"} */
    }
    request[n] = '\0';
    count_query(request);
    buf_init(&body, ANSWER_BYTES_MAX);
    buf_init(&head, 1024);
    buf_printf(&body, "{\"resultTable\":{\"dataSchema\":{\"columnNames\":[\"a\"]},\"rows\":[[\"%d",
               ++serial);
    for (int i = atomic_load(&filler_bytes); i > 0; i--)
        buf_append_char(&body, 'f');
    buf_append(&body, STR("\"]]},\"exceptions\":[]}"));
    buf_printf(&head, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
               body.len);
    (void)!send(fd, head.ptr, head.len, MSG_NOSIGNAL);
    for (size_t sent = 0; sent < body.len;) {
        ssize_t got = send(fd, body.ptr + sent, body.len - sent, MSG_NOSIGNAL);
        if (got <= 0) break;
        sent += (size_t)got;
    }
    buf_release(&body);
    buf_release(&head);
    close(fd);
}

static void *run_broker(void *context) {
    (void)context;
    for (int fd; (fd = accept(broker_fd, NULL, NULL)) >= 0;)
        answer_query(fd);
    return NULL;
}

static void *run_serve(void *context) {
    (void)context;
    serve_run(serve, &stop_flag);
    return NULL;
}

static int start(void **state) {
    (void)state;
    char broker[64];
    const char *boards[] = {SOURCE_DIR "/tests/unit/dashboard/serve_board.json"};
    struct error err;
    broker_fd = listen_somewhere();
    if (broker_fd < 0) return -1;
    snprintf(broker, sizeof(broker), "http://127.0.0.1:%u/", port_of(broker_fd));
    struct serve_options options = {.listen = "127.0.0.1:0",
                                    .pinot_broker = broker,
                                    .boards = boards,
                                    .board_count = 1,
                                    .streams_max = STREAMS_MAX};
    if (!serve_start(&options, &serve, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return pthread_create(&broker_thread, NULL, run_broker, NULL) ||
           pthread_create(&serve_thread, NULL, run_serve, NULL);
}

static void on_signal(int number) {
    (void)number;
    stop_flag = 1;
}

/* As SIGTERM does: a handler that runs in the serving thread sets the flag. */
static void end_serve(void) {
    struct sigaction action = {.sa_handler = on_signal};
    if (!serve) return;
    sigaction(SIGUSR1, &action, NULL);
    pthread_kill(serve_thread, SIGUSR1);
    pthread_join(serve_thread, NULL);
    serve_free(serve); /* drains what is queued, then closes */
    serve = NULL;
}

static int stop(void **state) {
    (void)state;
    end_serve();
    shutdown(broker_fd, SHUT_RDWR);
    pthread_join(broker_thread, NULL);
    close(broker_fd);
    return 0;
}

/* Sends a GET; the answer is read by receive(). A small receive window makes a slow client. */
static int get(const char *target, bool slow) {
    char request[512];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(serve_port(serve))};
    struct timeval limit = {.tv_sec = 20};
    int window = 4096, fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (slow) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
                     target, serve_port(serve),
                     strstr(target, "/stream") ? "" : "Connection: close\r\n");
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    return fd;
}

/* Appends until the marker was seen (NULL: until the server closes). */
static void receive(int fd, struct buf *text, const char *marker) {
    char chunk[16384];
    while (!marker || !strstr(buf_c_string(text), marker)) {
        ssize_t got = recv(fd, chunk, sizeof(chunk), 0);
        if (got <= 0) {
            if (marker) fail_msg("'%s' did not come; got %s", marker, buf_c_string(text));
            return;
        }
        assert_true(buf_append_bytes(text, chunk, (size_t)got));
    }
}

static void expect(const char *target, const char *marker) {
    struct buf text;
    buf_init(&text, 1 << 20);
    int fd = get(target, false);
    receive(fd, &text, marker);
    close(fd);
    buf_release(&text);
}

static long metric(const char *name) {
    struct buf text;
    char line[80];
    buf_init(&text, 1 << 20);
    int fd = get("/metrics", false);
    receive(fd, &text, NULL);
    close(fd);
    snprintf(line, sizeof(line), "\ndecant_%s ", name);
    const char *at = strstr(buf_c_string(&text), line);
    assert_non_null(at);
    long value = strtol(at + strlen(line), NULL, 10);
    buf_release(&text);
    return value;
}

static void test_stream_begins(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    int fd = get("/api/boards/b/stream?range=1h", false);
    receive(fd, &text, "\"columns\":[\"a\"],\"rows\":[[\"");
    const char *hello =
        strstr(buf_c_string(&text), "retry: 2000\nevent: hello\ndata: {\"version\":");
    assert_non_null(hello);
    assert_non_null(strstr(hello, "\"range\":\"1h\""));
    const char *board = strstr(hello, "event: board\ndata: {\"board\":\"b\"");
    assert_non_null(board);
    receive(fd, &text, "event: panel\ndata: {\"id\":\"recent\"");
    close(fd);
    buf_release(&text);
}

static void test_answers(void **state) {
    (void)state;
    expect("/livez", "HTTP/1.1 200");
    expect("/readyz", "HTTP/1.1 200");
    expect("/api/boards", "\"board\":\"b\"");
    expect("/", "Content-Security-Policy: default-src 'none'");
    expect("/b/b", "Content-Encoding: gzip");
    expect("/assets/nothing.js", "HTTP/1.1 404");
    expect("/api/boards/c/stream", "HTTP/1.1 404");
    expect("/api/boards/b/stream?range=7m", "HTTP/1.1 400");
    expect("/api/boards/b/stream?kind=a%28", "HTTP/1.1 400");
    expect("/api/boards/b/stream?kind=longer+than+it+may+be", "HTTP/1.1 400");
    assert_int_equal(atomic_load(&queries_kind), 0);
    expect("/api/boards/b/stream?kind=x", "\"kind\":\"x\"");
}

/* Twenty viewers with two ranges: a panel without a range is asked once per tick, one with a range
 * twice. Counts are compared with each other, so no clock is needed. */
static void test_one_query_for_all(void **state) {
    (void)state;
    int fds[VIEWERS];
    for (int i = 0; i < VIEWERS; i++) {
        fds[i] =
            get(i % 2 ? "/api/boards/b/stream?range=5m" : "/api/boards/b/stream?range=1h", false);
        struct buf text;
        buf_init(&text, 1 << 20);
        receive(fds[i], &text, "event: panel");
        buf_release(&text);
    }
    int all = atomic_load(&queries_all), recent = atomic_load(&queries_recent);
    for (int i = 0; i < 2000 && atomic_load(&queries_all) < all + 8; i++)
        poll(NULL, 0, 10);
    all = atomic_load(&queries_all) - all;
    recent = atomic_load(&queries_recent) - recent;
    assert_true(all >= 8);
    if (recent < all * 2 - 4 || recent > all * 2 + 4)
        fail_msg("%d queries of the panel without range, %d of the one with two ranges", all,
                 recent);
    for (int i = 0; i < VIEWERS; i++)
        close(fds[i]);
    for (int i = 0; i < 2000 && metric("sse_clients") > 0; i++)
        poll(NULL, 0, 10);
    assert_int_equal(metric("sse_clients"), 0);
}

static void test_streams_max(void **state) {
    (void)state;
    int fds[STREAMS_MAX];
    for (int i = 0; i < STREAMS_MAX; i++) {
        fds[i] = get("/api/boards/b/stream", false);
        struct buf text;
        buf_init(&text, 1 << 20);
        receive(fds[i], &text, "event: hello");
        buf_release(&text);
    }
    expect("/api/boards/b/stream", "HTTP/1.1 503");
    for (int i = 0; i < STREAMS_MAX; i++)
        close(fds[i]);
    for (int i = 0; i < 2000 && metric("sse_clients") > 0; i++)
        poll(NULL, 0, 10);
}

/* A client that does not read costs the server a bounded queue, and the others nothing. */
static void test_slow_viewer_is_skipped(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text, 64 << 20);
    atomic_store(&filler_bytes, 500000);
    int slow = get("/api/boards/b/stream", true);
    int quick = get("/api/boards/b/stream", false);
    for (int round = 0; round < 400 && metric("sse_skipped_total") < 4; round++) {
        buf_clear(&text);
        receive(quick, &text, "event: panel");
    }
    assert_true(metric("sse_skipped_total") >= 4);
    buf_clear(&text);
    receive(quick, &text, "event: panel");
    atomic_store(&filler_bytes, 0);
    close(slow);
    close(quick);
    buf_release(&text);
}

/* Last: ends the server. */
static void test_stop_says_bye(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text, 8 << 20);
    int fd = get("/api/boards/b/stream", false);
    receive(fd, &text, "event: panel");
    end_serve();
    receive(fd, &text, NULL);
    assert_non_null(strstr(buf_c_string(&text), "event: bye\ndata: {\"reason\":\"restart\"}\n\n"));
    close(fd);
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_begins),          cmocka_unit_test(test_answers),
        cmocka_unit_test(test_one_query_for_all),      cmocka_unit_test(test_streams_max),
        cmocka_unit_test(test_slow_viewer_is_skipped), cmocka_unit_test(test_stop_says_bye),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
