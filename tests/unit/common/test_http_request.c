/* SPDX-License-Identifier: Apache-2.0 */
/* The parser behind the gate: every rule by an example that breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/http_request.h"

#define HOST "Host: localhost:8080\r\n"

static const struct {
    const char *name;
    struct str text;
    int want; /* of http_request_end when negative, else of http_request_parse */
} cases[] = {
    {"plain", STR_INIT("GET / HTTP/1.1\r\n" HOST "\r\n"), 0},
    {"HTTP/1.0", STR_INIT("GET / HTTP/1.0\r\n" HOST "\r\n"), 0},
    {"HEAD", STR_INIT("HEAD /a?b=c HTTP/1.1\r\n" HOST "\r\n"), 0},
    {"empty body announced", STR_INIT("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"), 0},
    {"POST", STR_INIT("POST / HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"TRACE", STR_INIT("TRACE / HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"lower-case get", STR_INIT("get / HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"method is no token", STR_INIT("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"no version", STR_INIT("GET /\r\n" HOST "\r\n"), 400},
    {"HTTP/9.9", STR_INIT("GET / HTTP/9.9\r\n" HOST "\r\n"), 505},
    {"two blanks", STR_INIT("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"absolute form", STR_INIT("GET http://evil/x HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"asterisk form", STR_INIT("GET * HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"byte above ASCII in target", STR_INIT("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"no Host", STR_INIT("GET / HTTP/1.1\r\n\r\n"), 400},
    {"empty Host", STR_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400},
    {"two Hosts", STR_INIT("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), 400},
    {"blank before colon", STR_INIT("GET / HTTP/1.1\r\nHost : localhost:8080\r\n\r\n"), 400},
    {"folded header", STR_INIT("GET / HTTP/1.1\r\n" HOST " more\r\n\r\n"), 400},
    {"header without colon", STR_INIT("GET / HTTP/1.1\r\n" HOST "nonsense\r\n\r\n"), 400},
    {"control byte in value", STR_INIT("GET / HTTP/1.1\r\n" HOST "A: b\x01\r\n\r\n"), 400},
    {"chunked", STR_INIT("GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), 400},
    {"unknown coding", STR_INIT("GET / HTTP/1.1\r\n" HOST "transfer-encoding: xchunked\r\n\r\n"),
     400},
    {"body", STR_INIT("GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"), 413},
    {"length with sign", STR_INIT("GET / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n"), 400},
    {"negative length", STR_INIT("GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), 400},
    {"two lengths",
     STR_INIT("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"), 400},
    {"two Origins", STR_INIT("GET / HTTP/1.1\r\n" HOST "Origin: a\r\nOrigin: b\r\n\r\n"), 400},
    {"bare LF", STR_INIT("GET / HTTP/1.1\nHost: localhost\n\n"), -400},
    {"bare LF in the middle", STR_INIT("GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n"), -400},
    {"bare CR", STR_INIT("GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n"), -400},
    {"NUL", STR_INIT("GET /\0 HTTP/1.1\r\n" HOST "\r\n"), -400},
    {"leading empty line", STR_INIT("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), -400},
};

static void test_verdicts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_head head;
        int end = http_request_end(cases[i].text);
        int got = end < 0 ? end : http_request_parse(str_sub(cases[i].text, 0, (size_t)end), &head);
        if (got != cases[i].want || (end >= 0 && (size_t)end != cases[i].text.len))
            fail_msg("%s: got %d, want %d, end %d", cases[i].name, got, cases[i].want, end);
    }
}

/* A request that arrives byte by byte is whole at its last byte, and not before. */
static void test_every_prefix(void **state) {
    (void)state;
    struct str whole = STR("GET /x HTTP/1.1\r\n" HOST "Accept: a, b\r\n\r\n");
    for (size_t n = 0; n < whole.len; n++) {
        char *exact = malloc(n + 1); /* exactly sized, so that a sanitizer sees one byte too far */
        assert_non_null(exact);
        memcpy(exact, whole.ptr, n);
        assert_int_equal(http_request_end((struct str){exact, n}), 0);
        free(exact);
    }
    assert_int_equal(http_request_end(whole), (int)whole.len);
}

static void test_long_section_is_refused(void **state) {
    (void)state;
    size_t len = HTTP_HEAD_BYTES_MAX + 1;
    char *bytes = malloc(len);
    assert_non_null(bytes);
    memset(bytes, 'a', len);
    assert_int_equal(http_request_end((struct str){bytes, len}), -431);
    assert_int_equal(http_request_end((struct str){bytes, len - 1}), 0);
    free(bytes);
}

static void test_fields(void **state) {
    (void)state;
    struct http_head head;
    struct str text =
        STR("HEAD /api/x?range=5m&q HTTP/1.1\r\nHOST: a:1\r\nOrigin: http://a:1\r\n"
            "Sec-Fetch-Site: none\r\nConnection: Close\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_int_equal(http_request_parse(text, &head), 0);
    assert_true(str_eq(head.path, STR("/api/x")));
    assert_true(str_eq(head.query, STR("range=5m&q")));
    assert_true(str_eq(head.host, STR("a:1")));
    assert_true(str_eq(head.origin, STR("http://a:1")));
    assert_true(str_eq(head.fetch_site, STR("none")));
    assert_true(head.has_accept_encoding);
    assert_true(head.head_only);
    assert_false(head.keep_alive);
}

static const struct {
    const char *raw;
    bool ok;
    const char *want;
} decodings[] = {
    {"a+b%20c", true, "a b c"},
    {"%C3%A9", true, "\xc3\xa9"},
    {"%27%3B--", true, "';--"},
    {"", true, ""},
    {"%", false, ""},
    {"%4", false, ""},
    {"%zz", false, ""},
    {"%00", false, ""},
    {"%0a", false, ""},
    {"%ff%fe", false, ""},
    {"0123456789abcdefX", false, ""},
};

static void test_decode(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(decodings) / sizeof(decodings[0]); i++) {
        char out[16];
        struct str got = STR("");
        bool ok = http_decode(str_of(decodings[i].raw), out, sizeof(out), &got);
        if (ok != decodings[i].ok || !str_eq(got, str_of(decodings[i].want)))
            fail_msg("'%s' gave %d", decodings[i].raw, ok);
    }
}

static void test_query(void **state) {
    (void)state;
    struct str query = STR("a=1&bb=2&c&a=3"), value;
    assert_true(http_query_get(query, STR("a"), &value) && str_eq(value, STR("1")));
    assert_true(http_query_get(query, STR("bb"), &value) && str_eq(value, STR("2")));
    assert_true(http_query_get(query, STR("c"), &value) && value.len == 0);
    assert_false(http_query_get(query, STR("b"), &value));
    assert_false(http_query_get(STR(""), STR(""), &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_long_section_is_refused),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
