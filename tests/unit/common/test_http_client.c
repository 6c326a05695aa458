/* SPDX-License-Identifier: Apache-2.0 */
/* Both doors of the client against our own server, and the sentence of each kind of failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/http_client.h"
#include "common/http_server.h"

enum { BIG_BYTES = 100000 };

static struct http_server *server;
static pthread_t thread;
static char big[BIG_BYTES];

static void on_small(void *context, struct http_exchange *x) {
    (void)context;
    http_reply(x, &(struct http_reply){.body = STR("small")});
}

static void on_big(void *context, struct http_exchange *x) {
    (void)context;
    http_reply(x, &(struct http_reply){.body = {big, sizeof(big)}});
}

static void *run(void *context) {
    (void)context;
    http_server_run(server);
    return NULL;
}

static int start(void **state) {
    (void)state;
    struct error err;
    memset(big, 'b', sizeof(big));
    if (!http_server_start(&(struct http_server_options){.listen = "127.0.0.1:0"}, &server, &err))
        return -1;
    http_server_route(server, "/small", on_small, NULL);
    http_server_route(server, "/big", on_big, NULL);
    return pthread_create(&thread, NULL, run, NULL);
}

static int stop(void **state) {
    (void)state;
    http_server_stop(server);
    pthread_join(thread, NULL);
    http_server_free(server);
    return 0;
}

static const char *url_of(const char *path) {
    static char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", http_server_port(server), path);
    return url;
}

static void test_answers(void **state) {
    (void)state;
    struct http_client *client = http_client_new();
    struct http_response response = {0};
    struct error err;
    assert_true(
        http_perform(client, &(struct http_request){.url = url_of("/small")}, &response, &err));
    assert_int_equal(response.status, 200);
    assert_true(str_eq(buf_str(&response.body), STR("small")));
    assert_true(
        http_perform(client, &(struct http_request){.url = url_of("/none")}, &response, &err));
    assert_int_equal(response.status, 404); /* a status is an answer, not an error */
    assert_true(
        http_perform(client, &(struct http_request){.url = url_of("/big")}, &response, &err));
    assert_int_equal(response.body.len, BIG_BYTES);
    struct http_request post = {.method = "POST", .url = url_of("/small"), .body = STR("{}")};
    assert_true(http_perform(client, &post, &response, &err));
    assert_int_equal(response.status, 405);
    http_response_release(&response);
    http_client_free(client);
}

/* Binds a port that accepts into its backlog and never answers. */
static int silent_port(uint16_t *port) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 8), 0);
    getsockname(fd, (struct sockaddr *)&at, &len);
    *port = ntohs(at.sin_port);
    return fd;
}

static void expect(const struct http_request *request, enum error_kind kind, const char *text) {
    struct http_client *client = http_client_new();
    struct http_response response = {.status = 7};
    struct error err = {0};
    assert_false(http_perform(client, request, &response, &err));
    if (err.kind != kind || !strstr(err.text, text) || !strstr(err.text, request->url))
        fail_msg("want '%s', got kind %d: %s", text, (int)err.kind, err.text);
    assert_int_equal(response.status, 7); /* written on success only */
    http_client_free(client);
}

static void test_failures(void **state) {
    (void)state;
    uint16_t port;
    char url[64];
    int fd = silent_port(&port);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    expect(&(struct http_request){.url = url, .timeout_ms = 200}, ERROR_RETRY, "within 200 ms");
    close(fd);
    expect(&(struct http_request){.url = url}, ERROR_RETRY, "refused");
    expect(&(struct http_request){.url = "http://no-such-host.invalid/"}, ERROR_RETRY,
           "does not resolve");
    expect(&(struct http_request){.url = url_of("/big"), .body_bytes_max = 1000}, ERROR_STOP,
           "larger than 1000 bytes");
    expect(&(struct http_request){.url = "file:///etc/passwd"}, ERROR_USER, "must start with http");
    expect(&(struct http_request){.url = "http://a b/"}, ERROR_USER, "not an address");
}

struct tally {
    struct http_server *loop;
    int good, bad, left;
};

static void on_done(void *context, const struct http_response *response, const struct error *err) {
    struct tally *tally = context;
    if (response && response->status == 200 && str_eq(buf_str(&response->body), STR("small")))
        tally->good++;
    if (!response && strstr(err->text, "refused")) tally->bad++;
    if (--tally->left == 0) http_server_stop(tally->loop);
}

/* Twenty transfers and a refused one on the loop of a second server. */
static void test_multi(void **state) {
    (void)state;
    struct error err;
    struct tally tally = {.left = 21};
    uint16_t port;
    char url[64];
    close(silent_port(&port));
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    assert_true(http_server_start(&(struct http_server_options){.listen = "127.0.0.1:0"},
                                  &tally.loop, &err));
    struct http_loop loop = http_server_loop(tally.loop);
    struct http_multi *multi = http_multi_new(&loop);
    for (int i = 0; i < 20; i++)
        assert_true(http_multi_start(multi, &(struct http_request){.url = url_of("/small")},
                                     on_done, &tally, &err));
    assert_true(http_multi_start(multi, &(struct http_request){.url = url}, on_done, &tally, &err));
    http_server_run(tally.loop);
    assert_int_equal(tally.good, 20);
    assert_int_equal(tally.bad, 1);
    /* freeing with a transfer under way calls nobody back */
    assert_true(http_multi_start(multi, &(struct http_request){.url = url_of("/small")}, on_done,
                                 &tally, &err));
    http_multi_free(multi);
    http_server_free(tally.loop);
    assert_int_equal(tally.left, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_multi),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
