/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects to columns, in three tiers with one verdict:
 *
 *   template walk ── mismatch ──► general walk ── "not me" ──► full validator
 *   json_walk.c                   json_walk.c                  json_full.c
 *
 * The walks answer only "done" or "not me": they know the common forms of values and nothing of errors
 * and policies. The full validator is scalar and simple, knows every rule, and alone may call a record
 * bad. On every input the tiers that answer give the same row: that is what the fuzzer looks for, and why
 * each tier can be called alone here.
 *
 * A reader is compiled for the declared columns of one format slot (the value, or the key) and belongs
 * to one decoder. */
#ifndef DECODE_JSON_INTERNAL_H
#define DECODE_JSON_INTERNAL_H

#include "decode/decode.h"
#include "decode/json_scan.h"

enum {
    JSON_DEPTH_MAX = 1000, /* as Jackson's StreamReadConstraints; the root object is level 1 */
    JSON_NUMBER_DIGITS_MAX = 1000, /* likewise */
    JSON_TEMPLATES_MAX = 8,        /* event types of one source, most recently used first */
    JSON_STEPS_MAX = 256,
    JSON_LITERAL_BYTES_MAX = 8192,
};

/* What a JSON value becomes. */
enum json_op {
    JSON_SKIP, /* declared, but neither stored nor checked beyond its form */
    JSON_BOOLEAN,
    JSON_TINYINT,
    JSON_SMALLINT,
    JSON_INT,
    JSON_BIGINT,
    JSON_FLOAT,
    JSON_DOUBLE,
    JSON_DECIMAL,
    JSON_TEXT,
    JSON_DATE,
    JSON_TIME,
    JSON_TIMESTAMP,
    JSON_TIMESTAMP_LTZ,
};

/* One declared column. */
struct json_field {
    struct str name; /* padded to a multiple of 16 bytes by json_reader_init */
    enum json_op op;
    uint8_t precision, scale; /* JSON_DECIMAL */
    int32_t column;           /* of the batch; -1: checked, but not stored */
};

/* From a learned event: the bytes between the end of the previous value and this value, and the column it
 * goes to. Nested objects are flattened, their braces and names are part of the literals. */
struct json_step {
    uint16_t literal, literal_len; /* offset in `literals`, a multiple of 16 */
    int16_t field;                 /* -1: check the form, store nothing */
};

struct json_template {
    uint32_t steps;
    struct json_step step[JSON_STEPS_MAX];
    uint16_t tail, tail_len; /* from the last value to the brace that ends the record */
    char literals[JSON_LITERAL_BYTES_MAX];
};

/* Memory of json_render.c, kept from record to record. */
struct json_member {
    uint32_t name, name_end, value, end; /* places in the text written so far */
    bool dropped;                        /* the name comes again */
};
struct json_name_order {
    uint64_t hash;
    uint32_t member;
};
struct json_rendered {
    struct json_member *members; /* of all open objects, innermost last */
    struct json_name_order *order;
    uint32_t count, capacity;
    struct buf text, again;
    bool decimal_numbers; /* Jackson's BigDecimal instead of double */
};

/* A date as text and what it is: events come in the order of time, so the next one is mostly the same. */
struct json_date {
    bool known;
    char text[10];
    int64_t ms;
};

struct json_reader {
    struct json_field *fields;
    uint32_t field_count;
    uint16_t *slots; /* open addressing by name: field number + 1, 0 is free */
    uint32_t slot_mask;
    bool fail_on_missing, ignore_errors, iso_8601;

    uint32_t *seen; /* per field: `serial` of the record that had it last */
    uint32_t serial;
    struct vec waste;          /* takes values that are checked, but not stored */
    struct json_date dates[2]; /* last ones: of TIMESTAMP, of TIMESTAMP_LTZ */

    struct json_template *templates[JSON_TEMPLATES_MAX], *spare; /* most recently used first */
    uint32_t template_count;
    uint32_t window_rows, window_hits; /* of the current 1,024 rows */
    uint32_t rest_rows;                /* rows until the template walk is tried again */
    uint32_t learn_wait;               /* misses until the next template may be learned */
    uint64_t hits, misses, field_nulls;
    struct arena *job;
    struct arena work; /* of one conversion */
    struct json_rendered rendered;
};

/* One row being written. */
struct json_row {
    const uint8_t *begin, *end; /* the document */
    struct batch *out;
    uint32_t row;
    bool dirty; /* something was stored */
    char *text; /* where text goes next; room for all of the document and some bytes more */
    char *text_first;
};

/* Fields in table order. `options` are those of the slot. E0302 names a column that JSON cannot fill yet.
 * A reader must not move and is released with json_reader_release. */
bool json_reader_init(struct json_reader *reader, const struct format_options *options,
                      struct json_field *fields, const struct type *types, uint32_t count,
                      struct arena *job, struct error *err) MUST_CHECK;
void json_reader_release(struct json_reader *reader);

/* Writes row `row` of `out`: all tiers. The columns' validity bits of the row are clear before; they are
 * clear again when the result is not DECODE_ROW. `value` is not empty. */
enum decode_result json_read(struct json_reader *reader, struct str value, struct batch *out,
                             uint32_t row, struct bad_record *bad);

/* The same by one tier; for tests. json_row_begin takes memory for the row's text from the scratch arena,
 * json_row_end gives back what was not needed, json_row_clear forgets what was stored. */
void json_row_begin(struct json_row *row, struct str value, struct batch *out, uint32_t number);
void json_row_end(struct json_row *row);
void json_row_clear(struct json_reader *reader, struct json_row *row);
bool json_walk_template(struct json_reader *reader, const struct json_template *template,
                        struct json_row *row);
bool json_walk_general(struct json_reader *reader, struct json_row *row);
enum decode_result json_read_full(struct json_reader *reader, struct json_row *row,
                                  struct bad_record *bad);

/* Learns the shape of a document that json_walk_general has accepted. False when it has none that pays:
 * an array, an escaped name, too many values. */
bool json_template_learn(const struct json_reader *reader, const struct json_row *row,
                         struct json_template *out) MUST_CHECK;

/* ---- shared by the tiers ------------------------------------------------------------------------- */

static inline uint32_t json_load4(const char *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint64_t json_load8(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Cheap and good enough for names: length, first and last bytes. Found names are compared in full. */
static inline uint32_t json_name_hash(const char *p, size_t len) {
    uint64_t a, b;
    if (len >= 8) {
        a = json_load8(p), b = json_load8(p + len - 8);
    } else if (len >= 4) {
        a = json_load4(p), b = json_load4(p + len - 4);
    } else {
        a = len ? (uint8_t)p[0] : 0,
        b = len ? (uint8_t)p[len - 1] + ((uint64_t)(uint8_t)p[len / 2] << 8) : 0;
    }
    uint64_t hash = ((a ^ (uint64_t)len) * 0x9e3779b97f4a7c15u) ^ (b * 0xd6e8feb86659fd93u);
    return (uint32_t)(hash >> 32) ^ (uint32_t)(hash >> 47);
}

/* Number of the declared field, or -1. `end`: of the memory that may be read. */
static inline int32_t json_field_find(const struct json_reader *reader, const char *name,
                                      size_t len, const char *end) {
    for (uint32_t i = json_name_hash(name, len);; i++) {
        uint32_t slot = reader->slots[i & reader->slot_mask];
        if (slot == 0) return -1;
        const struct json_field *field = &reader->fields[slot - 1];
        if (field->name.len == len && json_matches((const uint8_t *)name, (const uint8_t *)end,
                                                   field->name.ptr, (uint32_t)len))
            return (int32_t)(slot - 1);
    }
}

/* Starts a record: no field has been seen yet. */
static inline void json_reader_next(struct json_reader *reader) {
    if (++reader->serial) return;
    memset(reader->seen, 0, reader->field_count * sizeof *reader->seen);
    reader->serial = 1;
}

/* The column that a field is written to, and the row in it. */
static inline struct vec *json_vec(struct json_reader *reader, struct json_row *row,
                                   const struct json_field *field) {
    row->dirty = true;
    return field->column >= 0 ? &row->out->columns[field->column] : &reader->waste;
}

/* Decodes a string: *p is after the opening quote, and after the closing one on success. `out` has room
 * for as many bytes as the string has. Follows Jackson and Java: overlong two- and three-byte forms are
 * taken, a surrogate without its partner becomes '?'. False: *p is at the offending byte. */
bool json_text_decode(const uint8_t **p, const uint8_t *end, char *out, size_t *len) MUST_CHECK;

/* A token of the full validator: its bytes, and the decoded text of a string. */
enum json_token_kind {
    JSON_TOKEN_STRING,
    JSON_TOKEN_INTEGER,
    JSON_TOKEN_DECIMAL,
    JSON_TOKEN_TRUE,
    JSON_TOKEN_FALSE
};
struct json_token {
    enum json_token_kind kind;
    struct str text; /* of a number or word: its source */
};

/* Flink's conversion of a scalar that is not null. False: the value does not fit (BAD_FIELD). A DECIMAL
 * that overflows is NULL and fits. The text of a string token is borrowed, not copied. */
bool json_convert(struct json_reader *reader, const struct json_field *field,
                  const struct json_token *token, struct vec *vec, uint32_t row) MUST_CHECK;

/* A timestamp column's text by the slower, complete parsers. */
bool json_timestamp(const struct json_reader *reader, enum json_op op, struct str text,
                    int64_t *ms) MUST_CHECK;
/* Exactly rounded. `text` is a JSON number. */
double json_double(struct str text);
float json_float(struct str text);

/* Validates and renders the object or array at *p, a member of the root object, as compact text, the way a
 * STRING column gets it. *p is after its last bracket on success; `decoded` is room for its strings.
 * False: *p is at the offending byte. *out is valid until the next call. */
bool json_render(struct json_rendered *memory, const uint8_t **p, const uint8_t *end, char *decoded,
                 struct str *out) MUST_CHECK;
void json_rendered_init(struct json_rendered *memory, bool decimal_numbers);
void json_rendered_release(struct json_rendered *memory);

/* The scalar scanners of the full validator. All move *p behind what they read; on failure *p is at the
 * offending byte. */
bool json_number_scan(const uint8_t **p, const uint8_t *end, bool *integer) MUST_CHECK;
bool json_word_scan(const uint8_t **p, const uint8_t *end, const char *word) MUST_CHECK;

#endif
