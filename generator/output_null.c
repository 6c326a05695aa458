/* SPDX-License-Identifier: Apache-2.0 */
/* Nowhere: for measuring the generator itself. */
#include <poll.h>
#include <stdlib.h>

#include "common/fatal.h"
#include "generator/output.h"

struct null_output {
    struct output output;
    uint64_t records;
};

static bool null_write(struct output *output, const struct record *record, struct error *err) {
    (void)record, (void)err;
    ((struct null_output *)output)->records++;
    return true;
}

static bool null_wait(struct output *output, int timeout_ms, struct error *err) {
    (void)output, (void)err;
    if (timeout_ms) poll(NULL, 0, timeout_ms);
    return true;
}

static bool null_finish(struct output *output, int64_t drain_ms, struct delivery *delivery,
                        struct error *err) {
    (void)drain_ms, (void)err;
    *delivery = (struct delivery){.acknowledged = ((struct null_output *)output)->records};
    return true;
}

static void null_close(struct output *output) {
    free(output);
}

struct output *output_null_new(void) {
    struct null_output *null = memory_new(1, sizeof *null);
    null->output = (struct output){null_write, null_wait, null_finish, null_close, false};
    return &null->output;
}
