/* SPDX-License-Identifier: Apache-2.0 */
/* A server that says what the test wants: one canned answer per path, one request per connection.
 * It reads requests with bodies, which our own server refuses. */
#ifndef TESTS_PINOT_CANNED_H
#define TESTS_PINOT_CANNED_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/str.h"

enum { CANNED_MAX = 8, CANNED_REQUEST_BYTES = 1 << 16 };

struct canned_answer {
    const char *request; /* "POST /query/sql" */
    int status;
    const char *body;
};

struct canned {
    int socket;
    pthread_t thread;
    pthread_mutex_t lock;
    struct canned_answer answers[CANNED_MAX];
    char last[CANNED_REQUEST_BYTES]; /* the newest request, whole */
    unsigned requests;
    char address[64];
};

static bool canned_whole(const char *text, size_t len) {
    struct str all = {text, len}, rest;
    size_t head, at;
    if (!str_find(all, STR("\r\n\r\n"), &head)) return false;
    int64_t body = 0;
    if (str_find(all, STR("Content-Length: "), &at)) {
        bool more;
        rest = str_split(str_from(all, at + 16), '\r', &rest, &more);
        if (!parse_i64(rest, &body)) body = 0;
    }
    return len >= head + 4 + (size_t)body;
}

static void canned_reply(struct canned *server, int connection) {
    char head[256];
    struct canned_answer answer = {NULL, 404, "{\"code\":404,\"error\":\"nothing here\"}"};
    for (size_t i = 0; i < CANNED_MAX; i++) {
        struct str request = str_of(server->answers[i].request);
        if (!request.len || !str_starts(str_of(server->last), request)) continue;
        char end = server->last[request.len];
        if (end == ' ' || end == '?') answer = server->answers[i];
    }
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d Canned\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                       answer.status, strlen(answer.body));
    if (write(connection, head, (size_t)len) != len) return;
    if (write(connection, answer.body, strlen(answer.body)) < 0) return;
}

static void *canned_run(void *context) {
    struct canned *server = context;
    for (;;) {
        int connection = accept(server->socket, NULL, NULL);
        if (connection < 0) return NULL;
        static char text[CANNED_REQUEST_BYTES];
        size_t len = 0;
        for (ssize_t n = 1; n > 0 && !canned_whole(text, len); len += (size_t)n) {
            n = read(connection, text + len, sizeof text - 1 - len);
            if (n < 0) n = 0;
        }
        text[len] = 0;
        pthread_mutex_lock(&server->lock);
        memcpy(server->last, text, len + 1);
        server->requests++;
        canned_reply(server, connection);
        pthread_mutex_unlock(&server->lock);
        close(connection);
    }
}

static bool canned_start(struct canned *server) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    *server = (struct canned){.socket = socket(AF_INET, SOCK_STREAM, 0)};
    pthread_mutex_init(&server->lock, NULL);
    if (bind(server->socket, (struct sockaddr *)&address, sizeof address) ||
        listen(server->socket, 16) ||
        getsockname(server->socket, (struct sockaddr *)&address, &bytes))
        return false;
    snprintf(server->address, sizeof server->address, "http://127.0.0.1:%u",
             ntohs(address.sin_port));
    return pthread_create(&server->thread, NULL, canned_run, server) == 0;
}

static void canned_stop(struct canned *server) {
    shutdown(server->socket, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->socket);
    pthread_mutex_destroy(&server->lock);
}

static void canned_set(struct canned *server, unsigned slot, const char *request, int status,
                       const char *body) {
    pthread_mutex_lock(&server->lock);
    server->answers[slot] = (struct canned_answer){request, status, body};
    pthread_mutex_unlock(&server->lock);
}

#endif
