/* SPDX-License-Identifier: Apache-2.0 */
/* Records to columns. A decoder is compiled for one scan node and one source partition: it writes only the
 * columns that the plan uses, and learns the field order of its records. Not thread-safe. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "data/batch.h"
#include "plan/plan.h"

/* One Kafka record, or a line of a file; borrowed for the call. */
struct record {
    struct str key, value;
    bool key_is_null, value_is_null;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* -1: none */
    bool log_append_time; /* the broker's time instead of the producer's */
};

enum decode_result {
    DECODE_ROW,  /* one row appended */
    DECODE_SKIP, /* null or empty value: no row, no error (Flink) */
    DECODE_BAD, /* policy is ignore-parse-errors: dropped; otherwise the job fails. See struct bad_record */
};

enum bad_reason {
    BAD_DOCUMENT,      /* malformed JSON, bad UTF-8, top level is no object */
    BAD_FIELD,         /* a value does not fit its column (only without ignore-parse-errors) */
    BAD_MISSING_FIELD, /* fail-on-missing-field */
    BAD_KEY,           /* key bytes cannot be decoded */
    BAD_KEY_MISMATCH,  /* key bytes differ from the key column's text in the value */
    BAD_TOO_LARGE,     /* longer than DECODE_RECORD_BYTES_MAX */
    BAD_ROW_TIME,      /* reserved for the task: a timestamp too far in the future */
    BAD_REASON_COUNT,
};

struct bad_record {
    enum bad_reason reason;
    uint32_t byte; /* position in the value where it was noticed */
    struct str
        column; /* BAD_FIELD, BAD_MISSING_FIELD, BAD_KEY_MISMATCH: table column name; else empty */
};

enum { DECODE_RECORD_BYTES_MAX = 8 * 1024 * 1024 };

const char *
bad_reason_name(enum bad_reason reason); /* "document", "field", … as in metrics and headers */
/* The whole sentence for a log line or an error: which column and type, the offending text (cut and made
 * visible), the remedy that fits (for example 'json.timestamp-format.standard' = 'ISO-8601'). */
void bad_record_print(struct buf *out, const struct bad_record *bad, const struct record *record,
                      const struct table *table);

struct decoder;

struct decoder_stats {
    uint64_t rows, skipped, bad,
        field_nulls; /* field_nulls: bad fields turned NULL by ignore-parse-errors */
    uint64_t template_hits, template_misses;
};

/* E0302 when a format or type cannot be decoded. */
bool decoder_new(const struct plan_node *scan, struct decoder **out, struct error *err) MUST_CHECK;
void decoder_free(struct decoder *decoder);
struct decoder_stats decoder_stats(const struct decoder *decoder);

/* Appends at most one row to `out` (out->rows < BATCH_ROWS); its columns are those of the scan node. Text is
 * copied into out->scratch. On DECODE_BAD nothing is appended and *bad says why.
 * Source of the rules: Flink's JsonToRowDataConverters and JsonParserToRowDataConverters (1.20). */
enum decode_result decode_record(struct decoder *decoder, const struct record *record,
                                 struct batch *out, struct bad_record *bad);

#endif
