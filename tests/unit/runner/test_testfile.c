/* SPDX-License-Identifier: Apache-2.0 */
/* The runner of .test files: what must fail fails, with the place and the reason. A runner that lets a wrong
 * expectation pass would make every other test worthless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/testfile.h"

#define JOB                                                                                                     \
    "sql\n"                                                                                                     \
    "  CREATE TABLE ev (k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'ev',\n"                        \
    "    'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset',\n"         \
    "    'format' = 'json');\n"                                                                                 \
    "  CREATE TABLE o (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka',\n" \
    "    'topic' = 'o', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw',\n"             \
    "    'value.format' = 'avro');\n"                                                                           \
    "  INSERT INTO o SELECT k, COUNT(*) FROM ev GROUP BY k;\n"
#define RECORDS                                                                                    \
    "records ev\n"                                                                                 \
    "  {\"k\": \"a\", \"v\": 1}\n"                                                                 \
    "  {\"k\": \"b\", \"v\": 2}\n"                                                                 \
    "  {\"k\": \"a\", \"v\": 3}\n"

struct outcome {
    bool ok;
    struct test_report report;
    struct buf out;
    struct error err;
};

static void run(struct outcome *o, const char *text, const char *filter) {
    char path[] = "testfile-XXXXXX"; /* in the working directory of ctest */
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    *o = (struct outcome){0};
    buf_init(&o->out, 1 << 20);
    o->ok = test_file_run(path, str_of(filter), &o->out, &o->report, &o->err);
    unlink(path);
}

static void assert_says(struct outcome *o, const char *part) {
    if (!strstr(buf_c_string(&o->out), part))
        fail_msg("no '%s' in: %s", part, buf_c_string(&o->out));
}

static void right_expectations_pass(void **state) {
    (void)state;
    static const char *const files[] = {
        "case rows\n" JOB RECORDS "expect o\n  k  n\n  a  2\n  b  1\n",
        "case other order, one column\n" JOB RECORDS "expect o\n  n\n  1\n  2\n",
        "# comment\ncase counters\n" JOB RECORDS "counters o\n  in 3 = folded 3 + filtered 0\n",
        "case nothing in, nothing out\n" JOB "expect o\n  k  n\n",
        "case one batch size\nbatches 2\n" JOB RECORDS "expect o\n  k  n\n  a  2\n  b  1\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct outcome o;
        run(&o, files[i], "");
        assert_true(o.ok);
        assert_int_equal(o.report.passed, 1);
        assert_int_equal(o.report.failed, 0);
        buf_release(&o.out);
    }
}

static void wrong_expectations_fail(void **state) {
    (void)state;
    static const struct {
        const char *file, *says;
    } cases[] = {
        {"case value\n" JOB RECORDS "expect o\n  k  n\n  a  3\n  b  1\n", "expected a  3"},
        {"case missing row\n" JOB RECORDS "expect o\n  k  n\n  a  2\n", "got      b  1"},
        {"case row too many\n" JOB RECORDS "expect o\n  k  n\n  a  2\n  b  1\n  c  1\n",
         "expected c  1"},
        {"case row twice\n" JOB RECORDS "expect o\n  k  n\n  a  2\n  b  1\n  b  1\n",
         "expected b  1"},
        {"case empty\n" JOB RECORDS "expect o\n  k  n\n", "got      a  2"},
        {"case counters\n" JOB RECORDS "counters o\n  in 4 = folded 4\n",
         "got      o: in 3 = folded 3"},
        {"case counters of no table\n" JOB RECORDS "counters nowhere\n  in 3\n",
         "expected nowhere: in 3"},
        {"case error that does not come\n" JOB RECORDS
         "expect error\n  case.sql:1:1: error E0100: x\n",
         "E0100"},
        {"case another error\nsql\n  SELECT FROM;\nexpect error\n  case.sql:1:8: error E0999: x\n",
         "got"},
        {"case error instead of rows\nsql\n  SELECT FROM;\nexpect o\n  k  n\n", "case.sql:1:"},
        {"case a record fails the job\n" JOB "records ev\n  not JSON\nexpect o\n  k  n\n", "E0801"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome o;
        run(&o, cases[i].file, "");
        if (!o.ok) fail_msg("%s: %s", cases[i].file, o.err.text);
        assert_int_equal(o.report.failed, 1);
        assert_int_equal(o.report.passed, 0);
        assert_says(&o, cases[i].says);
        buf_release(&o.out);
    }
}

static void what_is_no_test_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *file, *code, *line, *says;
    } cases[] = {
        {"case nothing expected\n" JOB RECORDS, "E0805", ":1", "expects nothing"},
        {"case unknown keyword\nexpects o\n", "E0805", ":2", "expects"},
        {"sql\n  SELECT 1;\n", "E0805", ":1", "case NAME"},
        {"  indented\n", "E0805", ":1", "without a keyword"},
        {"case bad column\n" JOB RECORDS "expect o\n  k  m\n  a  2\n", "E0805", ":14", "'m'"},
        {"case bad sink\n" JOB RECORDS "expect p\n  k\n", "E0805", ":14", "'p'"},
        {"case bad source\n" JOB "records nowhere\n  {}\nexpect o\n  k  n\n", "E0805", ":10",
         "'nowhere'"},
        {"case bad partition\n" JOB "records ev partition 64\n  {}\nexpect o\n  k\n", "E0805",
         ":10", "'64'"},
        {"case bad clock\n" JOB "clock noon\nexpect o\n  k\n", "E0805", ":10", "'noon'"},
        {"case bad batches\nbatches 0\n" JOB "expect o\n  k\n", "E0805", ":2", "'0'"},
        {"case no job\nexpect o\n  k\n", "E0805", ":1", "neither sql nor job"},
        {"case no such job\njob nowhere.sql\nexpect o\n  k\n", "E0403", "nowhere.sql", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome o;
        run(&o, cases[i].file, "");
        if (o.ok) fail_msg("accepted: %s", cases[i].file);
        assert_string_equal(o.err.code, cases[i].code);
        if (!strstr(o.err.place, cases[i].line) && !strstr(o.err.text, cases[i].line))
            fail_msg("%s: place %s, text %s", cases[i].file, o.err.place, o.err.text);
        if (!strstr(o.err.text, cases[i].says)) fail_msg("%s: text %s", cases[i].file, o.err.text);
        buf_release(&o.out);
    }
}

static void the_filter_chooses_cases(void **state) {
    (void)state;
    const char *file = "case first\n" JOB RECORDS "expect o\n  k  n\n  a  2\n  b  1\n"
                       "case second\n" JOB RECORDS "expect o\n  k  n\n  a  9\n";
    static const struct {
        const char *filter;
        uint32_t passed, failed;
    } cases[] = {{"", 1, 1}, {"first", 1, 0}, {"sec", 0, 1}, {"third", 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome o;
        run(&o, file, cases[i].filter);
        assert_true(o.ok);
        assert_int_equal(o.report.passed, cases[i].passed);
        assert_int_equal(o.report.failed, cases[i].failed);
        buf_release(&o.out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_expectations_pass),
        cmocka_unit_test(wrong_expectations_fail),
        cmocka_unit_test(what_is_no_test_is_refused),
        cmocka_unit_test(the_filter_chooses_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
