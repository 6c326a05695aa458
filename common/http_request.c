/* SPDX-License-Identifier: Apache-2.0 */
/* See http_request.h. RFC 9112 leaves a server some tolerance (bare LF, folding, white space before
 * the colon); every piece of it has been used to smuggle requests, and no browser needs it, so none
 * is left here. */
#include "common/http_request.h"

static bool is_token(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool all_tokens(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!is_token(s.ptr[i])) return false;
    return s.len > 0;
}

int http_request_end(struct str bytes) {
    for (size_t i = 0; i < bytes.len; i++) {
        if (i == HTTP_HEAD_BYTES_MAX) return -431;
        char c = bytes.ptr[i];
        if (c == '\0') return -400;
        if (c == '\n') {
            if (i == 0 || bytes.ptr[i - 1] != '\r') return -400;
            if (i >= 3 && bytes.ptr[i - 2] == '\n') return (int)i + 1;
            if (i == 1) return -400; /* an empty first line */
        } else if (i > 0 && bytes.ptr[i - 1] == '\r') {
            return -400;
        }
    }
    return 0;
}

/* "GET /path?query HTTP/1.1" */
static int parse_request_line(struct str line, struct http_head *head) {
    struct str rest, target, version;
    bool more;
    struct str method = str_split(line, ' ', &rest, &more);
    if (!more || !all_tokens(method)) return 400;
    target = str_split(rest, ' ', &version, &more);
    if (!more || target.len == 0) return 400;
    if (!str_eq(version, STR("HTTP/1.1")) && !str_eq(version, STR("HTTP/1.0"))) {
        return str_starts(version, STR("HTTP/")) && version.len == 8 ? 505 : 400;
    }
    head->head_only = str_eq(method, STR("HEAD"));
    if (!head->head_only && !str_eq(method, STR("GET"))) return 405;
    if (target.len > HTTP_TARGET_BYTES_MAX) return 414;
    if (target.ptr[0] != '/') return 400;
    for (size_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= ' ' || target.ptr[i] > '~') return 400;
    head->path = str_split(target, '?', &head->query, &more);
    head->keep_alive = str_eq(version, STR("HTTP/1.1"));
    return 0;
}

struct seen {
    int hosts, origins, lengths;
};

static int take_header(struct str name, struct str value, struct http_head *head,
                       struct seen *seen) {
    if (str_eq_nocase(name, STR("host"))) {
        head->host = value;
        seen->hosts++; /* exactly one is asked for at the end */
    } else if (str_eq_nocase(name, STR("transfer-encoding"))) {
        return 400;
    } else if (str_eq_nocase(name, STR("content-length"))) {
        if (++seen->lengths > 1) return 400;
        for (size_t i = 0; i < value.len; i++)
            if (value.ptr[i] < '0' || value.ptr[i] > '9') return 400;
        if (!str_eq(value, STR("0"))) return value.len ? 413 : 400;
    } else if (str_eq_nocase(name, STR("origin"))) {
        head->origin = value;
        if (++seen->origins > 1) return 400;
    } else if (str_eq_nocase(name, STR("sec-fetch-site"))) {
        head->fetch_site = value;
    } else if (str_eq_nocase(name, STR("accept-encoding"))) {
        head->accept_encoding = value;
        head->has_accept_encoding = true;
    } else if (str_eq_nocase(name, STR("connection"))) {
        if (str_eq_nocase(value, STR("close"))) head->keep_alive = false;
    }
    return 0;
}

/* "Name: value"; a first byte that is no token refuses folded lines, one before the colon refuses
 * "Host :". */
static int parse_header(struct str line, struct http_head *head, struct seen *seen) {
    struct str value;
    bool more;
    struct str name = str_split(line, ':', &value, &more);
    if (!more || !all_tokens(name)) return 400;
    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return 400;
    }
    return take_header(name, value, head, seen);
}

int http_request_parse(struct str section, struct http_head *out) {
    struct http_head head = {0};
    struct seen seen = {0};
    bool first = true;
    while (section.len > 2) { /* 2: the CRLF of the empty line */
        size_t end;
        if (!str_find(section, STR("\r\n"), &end)) return 400;
        struct str line = str_sub(section, 0, end);
        section = str_from(section, end + 2);
        int status = first ? parse_request_line(line, &head) : parse_header(line, &head, &seen);
        if (status) return status;
        first = false;
    }
    if (first || seen.hosts != 1 || head.host.len == 0) return 400;
    *out = head;
    return 0;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool http_decode(struct str value, char *out, size_t out_bytes, struct str *decoded) {
    size_t n = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i] == '+' ? ' ' : value.ptr[i];
        if (c == '%') {
            if (value.len - i < 3) return false;
            int high = hex_value(value.ptr[i + 1]), low = hex_value(value.ptr[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f || n == out_bytes) return false;
        out[n++] = c;
    }
    struct str text = {n ? out : "", n};
    if (!utf8_valid(text)) return false;
    *decoded = text;
    return true;
}

bool http_query_get(struct str query, struct str name, struct str *value) {
    bool more = query.len > 0;
    while (more) {
        struct str pair = str_split(query, '&', &query, &more);
        struct str right;
        bool has_value;
        if (!str_eq(str_split(pair, '=', &right, &has_value), name)) continue;
        *value = has_value ? right : STR("");
        return true;
    }
    return false;
}
