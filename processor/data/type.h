/* SPDX-License-Identifier: Apache-2.0 */
/* SQL types and how their values lie in memory.
 *
 * A type is a small value, copied freely; nested types point into the job arena. Each SQL type has one
 * physical type, and the kernels, state blocks and codecs know only physical types:
 *
 *   BOOLEAN                                        PHYS_BOOL   uint8_t, 0 or 1
 *   TINYINT SMALLINT INT DATE TIME INTERVAL YEAR   PHYS_I32    int32_t (DATE: days, TIME: ms of the day)
 *   BIGINT TIMESTAMP(0-3) TIMESTAMP_LTZ(0-3)
 *   INTERVAL DAY TO SECOND                         PHYS_I64    int64_t (times: milliseconds since 1970-01-01 00:00,
 *                                                              of the wall clock for TIMESTAMP, of UTC for LTZ)
 *   FLOAT · DOUBLE                                 PHYS_F32 · PHYS_F64
 *   DECIMAL(p, s)                                  PHYS_I128   unscaled value; the scale stands in the type
 *   CHAR VARCHAR STRING BINARY BYTES               PHYS_STR    struct str
 *   ROW ARRAY MAP MULTISET                         PHYS_NESTED not stored in columns yet; refused by the binder
 */
#ifndef DATA_TYPE_H
#define DATA_TYPE_H

#include "common/arena.h"
#include "common/buf.h"

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

enum type_id {
    TYPE_NULL, /* the type of a bare NULL literal */
    TYPE_BOOLEAN,
    TYPE_TINYINT,
    TYPE_SMALLINT,
    TYPE_INT,
    TYPE_BIGINT,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_DECIMAL,
    TYPE_CHAR,
    TYPE_VARCHAR, /* STRING is VARCHAR(2147483647) */
    TYPE_BINARY,
    TYPE_VARBINARY, /* BYTES is VARBINARY(2147483647) */
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIMESTAMP,
    TYPE_TIMESTAMP_LTZ,
    TYPE_INTERVAL_MONTH,
    TYPE_INTERVAL_MS,
    TYPE_ARRAY,
    TYPE_MAP,
    TYPE_MULTISET,
    TYPE_ROW,
};

enum phys { PHYS_BOOL, PHYS_I32, PHYS_I64, PHYS_F32, PHYS_F64, PHYS_I128, PHYS_STR, PHYS_NESTED };

/* A column of this type may order a stream: the watermarked column, or PROCTIME(). */
enum time_attribute { TIME_NONE, TIME_EVENT, TIME_PROCESSING };

#define TYPE_LENGTH_MAX 2147483647u

struct row_field;

struct type {
    enum type_id id;
    bool nullable;
    enum time_attribute time;
    uint8_t precision, scale;         /* DECIMAL(p, s); TIME and TIMESTAMP(p) */
    uint32_t length;                  /* CHAR, VARCHAR, BINARY, VARBINARY */
    uint32_t field_count;             /* ROW */
    const struct type *key, *element; /* MAP: both; ARRAY, MULTISET: element */
    const struct row_field *fields;   /* ROW */
};

struct row_field {
    struct str name;
    struct type type;
};

static inline struct type type_of(enum type_id id) {
    return (struct type){.id = id, .nullable = true};
}
static inline struct type type_string(void) {
    return (struct type){.id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX};
}
static inline struct type type_decimal(uint8_t precision, uint8_t scale) {
    return (struct type){
        .id = TYPE_DECIMAL, .nullable = true, .precision = precision, .scale = scale};
}
static inline struct type type_timestamp(uint8_t precision) {
    return (struct type){.id = TYPE_TIMESTAMP, .nullable = true, .precision = precision};
}
static inline struct type type_not_null(struct type type) {
    type.nullable = false;
    return type;
}
static inline struct type type_nullable(struct type type, bool nullable) {
    type.nullable = nullable;
    return type;
}

enum phys type_phys(enum type_id id);
size_t phys_bytes(enum phys phys); /* of one value in a column: 1, 4, 8, 16; struct str for STR */

bool type_is_integer(enum type_id id); /* TINYINT … BIGINT */
bool type_is_numeric(enum type_id id); /* integers, FLOAT, DOUBLE, DECIMAL */
bool type_is_text(enum type_id id);    /* CHAR, VARCHAR */
bool type_is_instant(enum type_id id); /* TIMESTAMP, TIMESTAMP_LTZ */
/* Same type apart from NULL-ability and time attribute. */
bool type_equal(const struct type *a, const struct type *b);

/* As Flink prints it: "BIGINT NOT NULL", "VARCHAR(2147483647)" as STRING, "DECIMAL(10, 2)",
 * "TIMESTAMP(3) *ROWTIME*" (with_attributes). */
void type_print(struct buf *out, const struct type *type, bool with_attributes);
struct str type_text(struct arena *arena, const struct type *type);

#endif
