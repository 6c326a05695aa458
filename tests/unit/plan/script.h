/* SPDX-License-Identifier: Apache-2.0 */
/* Binding a piece of SQL against a fixed set of tables, for the tests of this folder. */
#ifndef TESTS_PLAN_SCRIPT_H
#define TESTS_PLAN_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "plan/plan.h"

#define KAFKA                                                                                      \
    "'connector'='kafka','topic'='t','properties.bootstrap.servers'='h:9092','scan.startup.mode'='earliest-offset','format'='json'"
#define UPSERT                                                                                     \
    "'connector'='upsert-kafka','topic'='o','properties.bootstrap.servers'='h:9092','key.format'='json','value.format'='avro'"

/* t: one column of each supported type, row time ts; z: its instant is a TIMESTAMP_LTZ. */
#define TABLES                                                                                                \
    "SET 'table.local-time-zone'='UTC'; SET 'table.exec.state.ttl'='1 h';"                                    \
    "CREATE TABLE t (s STRING, s5 VARCHAR(5), i INT, b BIGINT, d DOUBLE, c DECIMAL(10,2), c2 DECIMAL(38,18)," \
    " ok BOOLEAN, ltz TIMESTAMP_LTZ(3), tags ARRAY<STRING>, ts TIMESTAMP(3), p AS PROCTIME(),"                \
    " WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (" KAFKA ");"                                        \
    "CREATE TABLE up (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (" UPSERT ");"                   \
    "CREATE TABLE app (k STRING, n BIGINT) WITH (" KAFKA ");"                                                 \
    "CREATE TABLE pr (k STRING, n BIGINT) WITH ('connector'='print');"                                        \
    "CREATE TABLE two (x STRING, y STRING) WITH ('connector'='blackhole');\n"

struct bound {
    struct arena job;
    struct str text;
    struct diagnostics found;
    struct plan *plan; /* NULL: errors */
};

static inline void bind_text_of(struct bound *b, const char *text) {
    *b = (struct bound){.text = str_of(text)};
    diagnostics_init(&b->found, &b->job, 100);
    if (!plan_from_text(STR("test.sql"), b->text, NULL, 0, &b->job, &b->found, &b->plan))
        b->plan = NULL;
}

/* TABLES, then sql. */
static inline void bind_script(struct bound *b, const char *sql) {
    struct arena text = {0};
    struct str whole = arena_printf(&text, "%s%s", TABLES, sql);
    bind_text_of(b, whole.ptr);
    b->text = arena_str(&b->job, whole);
    arena_release(&text);
}

static inline void bound_release(struct bound *b) {
    arena_release(&b->job);
}

/* The only finding of this severity; fails the test when there is none. */
static inline const struct error *finding(const struct bound *b, enum severity severity) {
    for (uint32_t i = 0; i < b->found.count; i++)
        if (b->found.items[i].severity == severity) return &b->found.items[i];
    fail_msg("no finding in: %.*s", (int)b->text.len, b->text.ptr);
    return NULL;
}

#endif
