/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP client for the control plane: Pinot's broker and controller, a schema registry. This pair
 * of files is the only place that includes libcurl.
 *
 * Two ways to ask:
 *   http_perform   blocks the calling thread: commands (`plan`, `apply`, `verify`).
 *   http_multi_*   any number of transfers on somebody else's event loop: `serve`, where one
 *                  thread answers browsers and asks Pinot.
 *
 * Rules that hold for both: redirects are not followed, only http and https are spoken, proxies
 * from the environment are ignored for loopback addresses, certificates are verified, every
 * wait and every answer has a limit. A status of 400 or 500 is an *answer*, not an error: look at
 * `status`. Errors say what failed in the user's terms (name does not resolve, refused, timed
 * out, TLS, answer too large), with the URL in the text. */
#ifndef COMMON_HTTP_CLIENT_H
#define COMMON_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/str.h"

/* One request. A zeroed field takes its default. All pointers are borrowed for the call
 * (http_perform) or until the callback ran (http_multi_start copies what it needs). */
struct http_request {
    const char *method;          /* "GET" (default), "POST", "PUT", "DELETE"                      */
    const char *url;             /* absolute, http:// or https://                                 */
    const char *content_type;    /* of the body; default "application/json" when there is a body  */
    struct str body;             /* empty: none                                                   */
    uint32_t connect_timeout_ms; /* default 2,000                                                 */
    uint32_t timeout_ms;         /* the whole exchange; default 10,000                            */
    size_t body_bytes_max;       /* of the answer; default 16 MiB                                 */
};

struct http_response {
    int status;      /* 200, 404, … */
    struct buf body; /* owned by the response; release with http_response_release */
};

/* Accepts a zeroed response; leaves zero behind. */
void http_response_release(struct http_response *response);

/* Keeps connections open between requests; one per thread. */
struct http_client;
struct http_client *http_client_new(void);
void http_client_free(struct http_client *client);

/* Sends the request and waits for the whole answer.
 *
 *   response  written on success only; a body that it held before is released first, so one
 *             response may serve many calls.
 * Errors: ERROR_RETRY for everything that another attempt may cure (resolve, refused, timeout,
 *         TLS, cut connection); ERROR_STOP for an answer over body_bytes_max; ERROR_USER for an
 *         address that is not an http(s) URL. */
bool http_perform(struct http_client *client, const struct http_request *request,
                  struct http_response *response, struct error *err) MUST_CHECK;

/* What http_multi needs of an event loop. common/http_server.h gives one (http_server_loop).
 *   watch  readiness of fd wanted from now on (both false: forget fd); answer with
 *          http_multi_ready.
 *   timer  call http_multi_timeout once after `ms` (0: as soon as possible, but not from inside
 *          this call; -1: never). A new call replaces the former one. */
struct http_multi;
struct http_loop {
    void *context;
    void (*watch)(void *context, struct http_multi *multi, int fd, bool read, bool write);
    void (*timer)(void *context, struct http_multi *multi, int64_t ms);
};

/* Exactly one call per started request, never from inside http_multi_start.
 *   response  NULL when the transfer failed; else borrowed for the call.
 *   err       why it failed; borrowed. */
typedef void http_done(void *context, const struct http_response *response,
                       const struct error *err);

struct http_multi *http_multi_new(const struct http_loop *loop);
/* Running transfers end without their callback. */
void http_multi_free(struct http_multi *multi);
/* Starts a transfer; errors as http_perform, reported here only for a request that cannot be
 * started at all. */
bool http_multi_start(struct http_multi *multi, const struct http_request *request, http_done *done,
                      void *context, struct error *err) MUST_CHECK;
void http_multi_ready(struct http_multi *multi, int fd, bool read, bool write);
void http_multi_timeout(struct http_multi *multi);

#endif
