/* SPDX-License-Identifier: Apache-2.0 */
/* The raw format: one column is the bytes of the key or value. */
#ifndef DECODE_RAW_H
#define DECODE_RAW_H

#include "common/error.h"
#include "data/batch.h"

struct raw_column {
    struct str name;
    enum type_id type;
    bool little_endian;
    int32_t column; /* of the batch; -1: checked, but not stored */
};

/* E0302 when the type has no raw form. */
bool raw_check(const struct raw_column *raw, struct error *err) MUST_CHECK;

/* Text is UTF-8, each malformed part becomes U+FFFD as in Java; numbers have their fixed width. False when
 * the length does not fit. Text goes to `scratch`. */
bool raw_decode(const struct raw_column *raw, struct str bytes, struct arena *scratch,
                struct value *out) MUST_CHECK;

#endif
