/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and times as text, exactly as Java and Flink write and read them. */
#ifndef DATA_NUMTEXT_H
#define DATA_NUMTEXT_H

#include "data/type.h"

/* Java's Double.toString (shortest digits that round-trip): 0.1, 100.0, 1.0E10, 1.0E-4, NaN, -Infinity. */
void double_print(struct buf *out, double number);

/* "yyyy-MM-dd HH:mm:ss[.fff]" with exactly `digits` (0..3) fraction digits. */
void timestamp_print(struct buf *out, int64_t ms, unsigned digits);
/* As Flink's json format: fraction without trailing zeros, none if zero. separator ' ' or 'T'. */
void timestamp_print_json(struct buf *out, int64_t ms, char separator);

/* Flink's json SQL format: yyyy-MM-dd HH:mm:ss[.f{0,9}], digits beyond milliseconds cut; 02-30 becomes
 * the last day of February, 24:00:00 the next day. */
bool timestamp_parse_sql(struct str text, int64_t *ms) MUST_CHECK;
/* Flink's json ISO-8601 format: yyyy-MM-dd'T'HH:mm[:ss[.f{0,9}]], strict dates, no zone. */
bool timestamp_parse_iso(struct str text, int64_t *ms) MUST_CHECK;
/* CAST and TO_TIMESTAMP: also 2024-1-2 3:4:5 and a date alone. */
bool timestamp_parse_lenient(struct str text, int64_t *ms) MUST_CHECK;
/* TIMESTAMP_LTZ in json: as the SQL format with ' ' or, lenient on dates too, the ISO format with 'T' as
 * separator, and a capital Z that is required at the end. */
bool timestamp_parse_utc(struct str text, char separator, int64_t *ms) MUST_CHECK;
/* DATE and TIME in json: yyyy-MM-dd, strict, as days since 1970-01-01; HH:mm:ss[.f{0,9}] as milliseconds of
 * the day, cut to whole seconds, and 24:00:00 is 0. */
bool date_parse_iso(struct str text, int32_t *days) MUST_CHECK;
bool time_parse_sql(struct str text, int32_t *ms) MUST_CHECK;

/* A Java DateTimeFormatter pattern, parsed once when the query is planned: letters y u M d D H h m s S a E
 * with their widths, quoted text, and punctuation. *bad_at is the first character that is not supported. */
struct date_pattern;
bool date_pattern_parse(struct str text, struct arena *job, const struct date_pattern **out,
                        uint32_t *bad_at) MUST_CHECK;
void date_pattern_format(const struct date_pattern *pattern, int64_t ms, struct buf *out);
/* For TO_TIMESTAMP(text, pattern): false when the text does not fit. */
bool date_pattern_read(const struct date_pattern *pattern, struct str text, int64_t *ms) MUST_CHECK;

#endif
