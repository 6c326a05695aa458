/* SPDX-License-Identifier: Apache-2.0 */
/* rooms: common data sql */
/* Hostile SQL: whatever the bytes, parsing ends, every span lies in the text, and what was parsed
 * without an error prints to SQL that parses again and prints the same. */
#include <stdlib.h>

#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena job = {0};
    struct diagnostics errors, again;
    struct ast_script *script, *second;
    struct str text = {(const char *)data, size};
    diagnostics_init(&errors, &job, 20);
    bool ok = sql_parse(text, &job, &errors, &script);
    require(ok == (errors.errors == 0));
    for (uint32_t i = 0; i < errors.count; i++) {
        struct span span = errors.items[i].span;
        require(span.start <= span.end && span.end <= size);
    }
    for (uint32_t i = 0; i < script->statements.count; i++) {
        struct span span = script->statements.items[i]->span;
        require(span.start < span.end && span.end <= size);
    }

    struct buf printed, reprinted;
    buf_init(&printed, 64 << 20);
    buf_init(&reprinted, 64 << 20);
    sql_print_script(&printed, script);
    if (ok && !printed.overflow) {
        diagnostics_init(&again, &job, 20);
        require(sql_parse(buf_str(&printed), &job, &again, &second));
        require(script->statements.count == second->statements.count);
        sql_print_script(&reprinted, second);
        require(str_eq(buf_str(&printed), buf_str(&reprinted)));
    }
    buf_release(&printed);
    buf_release(&reprinted);
    arena_release(&job);
    return 0;
}
