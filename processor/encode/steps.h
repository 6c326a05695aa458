/* SPDX-License-Identifier: Apache-2.0 */
/* What an encoder is compiled into: one step per written column. Private to encode/. */
#ifndef ENCODE_STEPS_H
#define ENCODE_STEPS_H

#include "encode/encode.h"

struct encode_step {
    struct str name;   /* table column */
    struct type type;  /* of the table column; the binder has cast the input to it */
    uint32_t column;   /* of the sink's input */
    bool nullable;     /* Avro: a union with null; not NULL for PRIMARY KEY columns */
    struct str prefix; /* JSON: `{"name":` or `,"name":`, escaped once */
};

struct row_format {
    enum format format;
    const struct format_options *options;
    const struct encode_step *steps;
    uint32_t count;
};

/* Append one row's columns; no braces or trailing columns. The caller has reserved nothing: false means the
 * buffer's maximum is reached. */
bool avro_append_row(struct buf *out, const struct row_format *format, const struct batch *rows,
                     uint32_t row);
void avro_append_long(struct buf *out, int64_t value); /* zig-zag varint */
bool json_append_row(struct buf *out, const struct row_format *format, const struct batch *rows,
                     uint32_t row);
void json_append_string(struct buf *out, struct str s); /* with quotes, as Jackson writes it */
struct str json_prefix(struct arena *job, struct str name, bool first);
bool raw_append(struct buf *out, const struct row_format *format, const struct batch *rows,
                uint32_t row);

/* The columns that a sink writes, in table order. Returns the count; `columns` may be NULL. */
uint32_t persisted_columns(const struct table *table, uint32_t *columns);

#endif
