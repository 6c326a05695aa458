/* SPDX-License-Identifier: Apache-2.0 */
/* One typed value outside a column: a literal of the plan, a value in a test file or a diff. */
#ifndef DATA_VALUE_H
#define DATA_VALUE_H

#include "data/type.h"

struct value {
    bool is_null;
    union {
        bool boolean;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        i128 dec;
        struct str str;
    };
};

/* -1, 0, 1; both not NULL and of the same physical type. DOUBLE as Java's Double.compare: -0.0 < 0.0,
 * NaN is greatest. Text by bytes. */
int value_compare(enum phys phys, const struct value *a, const struct value *b);
bool value_equal(enum phys phys, const struct value *a,
                 const struct value *b); /* NULL equals NULL */

/* For people and tests, as Flink's CAST(… AS STRING): TRUE, 12.50, 2026-01-01 10:00:00.000; NULL as
 * NULL. Text is printed as it is. */
void value_print(struct buf *out, const struct type *type, const struct value *value);

#endif
