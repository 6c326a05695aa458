/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in Pinot against what was derived, by meaning: Pinot fills in defaults and writes
 * numbers as text, so only what we derive is compared, and settings that somebody added by hand
 * stay. */
#ifndef PINOT_COMPARE_H
#define PINOT_COMPARE_H

#include "common/arena.h"
#include "common/json.h"

/* One difference. `blocked`: making it in place would lose rows or misread them; `why` says how. */
struct difference {
    struct str text; /* "upsertConfig/mode NONE → FULL", "column views LONG → DOUBLE" */
    const char *why; /* NULL: safe in place */
};

enum { DIFFERENCES_MAX = 32 };
struct differences {
    struct difference items[DIFFERENCES_MAX];
    uint32_t count, blocked; /* further ones are counted, not kept */
};

/* Texts live in `job`; *out is filled anew; have and want are only read. */
void compare_schema(json_t *have, json_t *want, struct arena *job, struct differences *out);
void compare_table(json_t *have, json_t *want, struct arena *job, struct differences *out);

/* A table config `have` with everything of `want` laid over it: what PUT sends. Returns owned. */
json_t *overlay(json_t *have, json_t *want);

#endif
