/* SPDX-License-Identifier: Apache-2.0 */
/* The strict parser behind the gate of http_server.h: pure functions over bytes, so that unit
 * tests and a fuzzer reach every rule without a socket. */
#ifndef COMMON_HTTP_REQUEST_H
#define COMMON_HTTP_REQUEST_H

#include "common/str.h"

enum { HTTP_HEAD_BYTES_MAX = 16384, HTTP_TARGET_BYTES_MAX = 2048 };

/* Views into the bytes given to http_request_parse. */
struct http_head {
    struct str path, query; /* the target before and after the first '?'; path not decoded */
    struct str host;        /* exactly as sent, lower or upper case */
    struct str origin, fetch_site, accept_encoding; /* empty when absent */
    bool has_accept_encoding;
    bool head_only;  /* method HEAD */
    bool keep_alive; /* HTTP/1.1 without "Connection: close" */
};

/* Looks for the end of the first header section in `bytes`.
 * Returns its length including the empty line; 0 when more bytes are needed; -status when what is
 * there can never become acceptable (400: bare LF or CR or NUL; 431: longer than
 * HTTP_HEAD_BYTES_MAX). */
int http_request_end(struct str bytes);

/* Parses one whole header section. Returns 0, or the status to refuse with. `out` is written on 0
 * only. Checks everything of the gate but the address rules, which need the server's names. */
int http_request_parse(struct str section, struct http_head *out);

/* Percent-decodes a query value ('+' is a blank). False when it is malformed, holds a control
 * character, is not UTF-8, or needs more than out_bytes. */
bool http_decode(struct str value, char *out, size_t out_bytes, struct str *decoded);
/* The raw value of the first parameter of that name. */
bool http_query_get(struct str query, struct str name, struct str *value);

#endif
