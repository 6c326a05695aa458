/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to Kafka keys and values. An encoder is compiled once per sink into a flat list of steps. */
#ifndef ENCODE_ENCODE_H
#define ENCODE_ENCODE_H

#include "data/batch.h"
#include "plan/plan.h"

/* The two columns that every upsert value carries after the table's own. They stand last, so that a reader
 * that knows only the table's schema (Flink's avro format) still decodes the row. */
#define VERSION_COLUMN "_version"
#define DELETED_COLUMN "_deleted"

/* The Avro schema of a table's rows as Flink derives it (record "record" in namespace
 * org.apache.flink.avro.generated; PRIMARY KEY and NOT NULL columns bare, others ["null", T] default null),
 * followed by _version and _deleted when with_version. E0701 for a type that Avro cannot hold, with Flink's
 * words. Parsed by avro-c before it is returned. */
bool avro_schema_derive(const struct table *table, bool with_version, struct arena *job,
                        struct str *out, struct error *err) MUST_CHECK;

struct encoder;

/* E0702 for a format or type that cannot be encoded. Lives in `job`. */
bool encoder_new(const struct plan_node *sink, struct arena *job, struct encoder **out,
                 struct error *err) MUST_CHECK;

/* Appends the key and value bytes of one row (rows: columns of the sink's input).
 *   version   commit clock in milliseconds; deleted: the row leaves the result
 * Errors (ERROR_USER, E0305 …): NULL in a NOT NULL or PRIMARY KEY column; a key that is not UTF-8 or longer
 * than KEY_CHARS_MAX characters (Pinot would cut it and merge keys), naming column and value; a row that
 * exceeds the buffers' maximum (ERROR_RECORD, E0705). On error nothing is appended. */
enum { KEY_CHARS_MAX = 512 };
bool encode_row(struct encoder *encoder, const struct batch *rows, uint32_t row, int64_t version,
                bool deleted, struct buf *key, struct buf *value, struct error *err) MUST_CHECK;

/* Reads the rows back: `verify`, `tap` and the tests. Decodes a plain Avro value of the sink's table
 * (table columns, then version and deleted) with bounds checks; text points into `bytes`.
 * values[i] for each persisted table column. E0703 when the bytes do not fit the schema. */
bool upsert_value_decode(const struct table *table, struct str bytes, struct value *values,
                         int64_t *version, bool *deleted, struct error *err) MUST_CHECK;

#endif
