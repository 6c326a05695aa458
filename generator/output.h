/* SPDX-License-Identifier: Apache-2.0 */
/* Where records go. A sink starts with this struct and fills in its functions; `close` frees it. */
#ifndef GENERATOR_OUTPUT_H
#define GENERATOR_OUTPUT_H

#include "common/error.h"
#include "generator/scenario.h"

struct delivery {
    uint64_t acknowledged, failed, outstanding;
};

struct output {
    /* Copies the record. Waits while the sink is full; never drops. False: the sink is broken. */
    bool (*write)(struct output *output, const struct record *record, struct error *err) MUST_CHECK;
    /* Lets the sink work for up to timeout_ms, and passes on what is buffered when that is not
     * 0. */
    bool (*wait)(struct output *output, int timeout_ms, struct error *err) MUST_CHECK;
    /* Hands over everything, waiting at most drain_ms, and says what became of the records. */
    bool (*finish)(struct output *output, int64_t drain_ms, struct delivery *delivery,
                   struct error *err) MUST_CHECK;
    void (*close)(struct output *output);
    bool closed; /* the reader went away (`| head`): stop quietly */
};

/* Counts and forgets. */
struct output *output_null_new(void);

/* One record per line on a file or, with path NULL, on stdout: KEY <tab> VALUE, or VALUE alone.
 * A null value is a line with the key and no tab; a null key is empty. E0405 when the file
 * cannot be created or written. */
bool output_file_new(const char *path, bool values_only, struct output **out,
                     struct error *err) MUST_CHECK;

#endif
