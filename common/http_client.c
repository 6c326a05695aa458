/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl behind two doors: one blocking handle (http_perform) and a multi handle on a foreign
 * event loop (http_multi_*). Both build the same easy handle in transfer_prepare, so limits and
 * error sentences cannot differ.
 *
 * libcurl's traps that this file answers: no default time limit; MAXFILESIZE does not see chunked
 * bodies, so the write callback counts; http_proxy is honoured even for 127.0.0.1; varargs need
 * long; an error buffer may stay empty. */
#include "common/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/fatal.h"

enum {
    CONNECT_TIMEOUT_DEFAULT_MS = 2000,
    TIMEOUT_DEFAULT_MS = 10000,
    BODY_DEFAULT_BYTES_MAX = 16 << 20,
};

/* One exchange; lives at a fixed address while libcurl knows it. */
struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    char *url; /* own copy, for the error sentence */
    uint32_t timeout_ms;
    char text[CURL_ERROR_SIZE];
    http_done *done; /* multi only, from here on */
    void *context;
    struct transfer *next, **link;
};

static void curl_start(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) fatal_oom(0);
}

static void curl_start_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, curl_start);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *t = context;
    /* size is 1 by libcurl's contract; a short count ends the transfer with WRITE_ERROR */
    return buf_append_bytes(&t->body, bytes, size * count) ? size * count : 0;
}

static bool url_check(const char *url, struct error *err) {
    struct str u = str_of(url);
    if (str_starts(u, STR("http://")) || str_starts(u, STR("https://"))) return true;
    return error_set(err, ERROR_USER, "E0407",
                     "'%.300s' is not an address: it must start with http:// or https://", u.ptr);
}

static void prepare_body(struct transfer *t, const struct http_request *request) {
    const char *type = request->content_type ? request->content_type : "application/json";
    struct buf line;
    buf_init(&line, 256);
    buf_printf(&line, "Content-Type: %s", type);
    t->headers = curl_slist_append(t->headers, buf_c_string(&line));
    /* without this line libcurl waits up to a second for "100 Continue" on large bodies */
    t->headers = curl_slist_append(t->headers, "Expect:");
    buf_release(&line);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS, request->body.ptr);
}

static void transfer_prepare(struct transfer *t, const struct http_request *request) {
    CURL *easy = t->easy;
    uint32_t connect_ms = request->connect_timeout_ms;
    t->timeout_ms = request->timeout_ms ? request->timeout_ms : TIMEOUT_DEFAULT_MS;
    buf_init(&t->body, request->body_bytes_max ? request->body_bytes_max : BODY_DEFAULT_BYTES_MAX);
    struct str url = str_of(request->url);
    t->url = memory_resize(NULL, url.len + 1, 1);
    memcpy(t->url, url.ptr, url.len + 1);
    t->text[0] = '\0';

    curl_easy_setopt(easy, CURLOPT_URL, t->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(connect_ms ? connect_ms : CONNECT_TIMEOUT_DEFAULT_MS));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)t);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)t);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "decant/" DECANT_VERSION);
    if (request->body.len) prepare_body(t, request);
    if (request->method) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (t->headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
}

/* Everything but the easy handle, which http_perform keeps for its connections. */
static void transfer_release(struct transfer *t) {
    curl_slist_free_all(t->headers);
    buf_release(&t->body);
    free(t->url);
}

static bool transfer_error(const struct transfer *t, CURLcode code, struct error *err) {
    const char *detail = t->text[0] ? t->text : curl_easy_strerror(code);
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return error_set(err, ERROR_RETRY, "E0606",
                         "%.300s: the host name does not resolve; check its spelling, or use an IP "
                         "address",
                         t->url);
    case CURLE_COULDNT_CONNECT:
        return error_set(
            err, ERROR_RETRY, "E0607",
            "%.300s: connection refused; is the server started, and is the port right?", t->url);
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERROR_RETRY, "E0608", "%.300s: no whole answer within %u ms", t->url,
                         t->timeout_ms);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return error_set(err, ERROR_RETRY, "E0609", "%.200s: TLS failed: %.200s", t->url, detail);
    case CURLE_WRITE_ERROR:
        return error_set(err, ERROR_STOP, "E0610", "%.300s: the answer is larger than %zu bytes",
                         t->url, t->body.max);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return error_set(err, ERROR_USER, "E0407", "'%.200s' is not an address: %.200s", t->url,
                         detail);
    default: return error_set(err, ERROR_RETRY, "E0613", "%.200s: %.200s", t->url, detail);
    }
}

/* Moves the answer out of the transfer. */
static struct http_response transfer_answer(struct transfer *t) {
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    struct http_response response = {.status = (int)status, .body = t->body};
    t->body = (struct buf){0};
    return response;
}

void http_response_release(struct http_response *response) {
    buf_release(&response->body);
    response->status = 0;
}

/* ---- blocking ---- */

struct http_client {
    CURL *easy;
};

struct http_client *http_client_new(void) {
    curl_start_once();
    struct http_client *client = memory_new(1, sizeof(*client));
    client->easy = curl_easy_init();
    if (!client->easy) fatal_oom(0);
    return client;
}

void http_client_free(struct http_client *client) {
    if (!client) return;
    curl_easy_cleanup(client->easy);
    free(client);
}

bool http_perform(struct http_client *client, const struct http_request *request,
                  struct http_response *response, struct error *err) {
    if (!url_check(request->url, err)) return false;
    curl_easy_reset(client->easy); /* options go, open connections stay */
    struct transfer t = {.easy = client->easy};
    transfer_prepare(&t, request);
    CURLcode code = curl_easy_perform(t.easy);
    bool ok = code == CURLE_OK || transfer_error(&t, code, err);
    if (ok) {
        http_response_release(response);
        *response = transfer_answer(&t);
    }
    transfer_release(&t);
    return ok;
}

/* ---- on a foreign loop ---- */

struct http_multi {
    CURLM *curl;
    struct http_loop loop;
    struct transfer *running; /* intrusive list, for http_multi_free */
};

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused) {
    (void)easy, (void)unused;
    struct http_multi *multi = context;
    bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    multi->loop.watch(multi->loop.context, multi, fd, read, write);
    return 0;
}

static int want_timer(CURLM *curl, long ms, void *context) {
    (void)curl;
    struct http_multi *multi = context;
    multi->loop.timer(multi->loop.context, multi, ms);
    return 0;
}

struct http_multi *http_multi_new(const struct http_loop *loop) {
    curl_start_once();
    struct http_multi *multi = memory_new(1, sizeof(*multi));
    multi->loop = *loop;
    multi->curl = curl_multi_init();
    if (!multi->curl) fatal_oom(0);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, (void *)multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, (void *)multi);
    curl_multi_setopt(multi->curl, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
    return multi;
}

static void transfer_end(struct http_multi *multi, struct transfer *t) {
    *t->link = t->next;
    if (t->next) t->next->link = t->link;
    curl_multi_remove_handle(multi->curl, t->easy);
    curl_easy_cleanup(t->easy);
    transfer_release(t);
    free(t);
}

void http_multi_free(struct http_multi *multi) {
    if (!multi) return;
    while (multi->running)
        transfer_end(multi, multi->running);
    curl_multi_cleanup(multi->curl);
    free(multi);
}

bool http_multi_start(struct http_multi *multi, const struct http_request *request, http_done *done,
                      void *context, struct error *err) {
    if (!url_check(request->url, err)) return false;
    struct transfer *t = memory_new(1, sizeof(*t));
    t->easy = curl_easy_init();
    if (!t->easy) fatal_oom(0);
    t->done = done;
    t->context = context;
    transfer_prepare(t, request);
    t->next = multi->running;
    t->link = &multi->running;
    if (t->next) t->next->link = &t->next;
    multi->running = t;
    CURLMcode code = curl_multi_add_handle(multi->curl, t->easy);
    if (code == CURLM_OK) return true;
    transfer_end(multi, t);
    return error_set(err, ERROR_RETRY, "E0613", "%.200s: %s", request->url,
                     curl_multi_strerror(code));
}

static void report_one(struct http_multi *multi, struct transfer *t, CURLcode code) {
    http_done *done = t->done;
    void *context = t->context;
    struct http_response response = {0};
    struct error err = {0};
    bool ok = code == CURLE_OK || transfer_error(t, code, &err);
    if (ok) response = transfer_answer(t);
    transfer_end(multi, t); /* before the callback: it may start the next transfer */
    done(context, ok ? &response : NULL, &err);
    http_response_release(&response);
}

static void report_finished(struct http_multi *multi) {
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi->curl, &left));) {
        if (m->msg != CURLMSG_DONE) continue;
        CURLcode code = m->data.result;
        struct transfer *t = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        report_one(multi, t, code);
    }
}

void http_multi_ready(struct http_multi *multi, int fd, bool read, bool write) {
    int running, events = (read ? CURL_CSELECT_IN : 0) | (write ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(multi->curl, fd, events, &running);
    report_finished(multi);
}

void http_multi_timeout(struct http_multi *multi) {
    int running;
    curl_multi_socket_action(multi->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    report_finished(multi);
}
