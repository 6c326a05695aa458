/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles the declared columns of a JSON slot, and sends each record through the tiers. */
#include "decode/json_internal.h"

enum {
    WINDOW_ROWS = 1024,    /* the template walk is judged over so many rows */
    REST_ROWS = 64 * 1024, /* and rests for so many when less than half of them matched */
    LEARN_WAIT_ROWS =
        1024, /* misses between two templates, once all places are taken or one was refused */
    TEXT_SLACK_BYTES = 32, /* json_text_copy writes in steps of 16 */
    FIELDS_MAX = 4096,     /* slots and steps hold field numbers in 16 bits */
};

/* ---- compiling ----------------------------------------------------------------------------------- */

static bool op_of(const struct type *type, enum json_op *op) {
    switch (type->id) {
    case TYPE_BOOLEAN: *op = JSON_BOOLEAN; return true;
    case TYPE_TINYINT: *op = JSON_TINYINT; return true;
    case TYPE_SMALLINT: *op = JSON_SMALLINT; return true;
    case TYPE_INT: *op = JSON_INT; return true;
    case TYPE_BIGINT: *op = JSON_BIGINT; return true;
    case TYPE_FLOAT: *op = JSON_FLOAT; return true;
    case TYPE_DOUBLE: *op = JSON_DOUBLE; return true;
    case TYPE_DECIMAL: *op = JSON_DECIMAL; return true;
    case TYPE_CHAR:
    case TYPE_VARCHAR: *op = JSON_TEXT; return true;
    case TYPE_DATE: *op = JSON_DATE; return true;
    case TYPE_TIME: *op = JSON_TIME; return true;
    case TYPE_TIMESTAMP: *op = JSON_TIMESTAMP; return type->precision <= 3;
    case TYPE_TIMESTAMP_LTZ: *op = JSON_TIMESTAMP_LTZ; return type->precision <= 3;
    case TYPE_NULL:
    case TYPE_BINARY:
    case TYPE_VARBINARY:
    case TYPE_INTERVAL_MONTH:
    case TYPE_INTERVAL_MS:
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET:
    case TYPE_ROW: return false;
    }
    return false;
}

static bool type_refused(const struct json_field *field, const struct type *type,
                         struct error *err) {
    struct buf text;
    buf_init(&text, 200);
    type_print(&text, type, false);
    error_set(err, ERROR_USER, "E0302",
              "column '" STR_FMT "' of type %s cannot be read from json yet", STR_ARG(field->name),
              buf_c_string(&text));
    error_help(
        err,
        "declare it as STRING: objects and arrays then arrive as compact JSON text; times have "
        "at most 3 fraction digits");
    buf_release(&text);
    return false;
}

static struct str name_pad(struct str name, struct arena *job) {
    char *padded = arena_new(job, name.len + 16, 1);
    if (name.len) memcpy(padded, name.ptr, name.len);
    return (struct str){padded, name.len};
}

static void slots_fill(struct json_reader *reader) {
    uint32_t size = 8;
    while (size < reader->field_count * 4)
        size *= 2;
    reader->slots = ARENA_NEW(reader->job, size, uint16_t);
    reader->slot_mask = size - 1;
    for (uint32_t i = 0; i < reader->field_count; i++) {
        struct str name = reader->fields[i].name;
        uint32_t at = json_name_hash(name.ptr, name.len);
        while (reader->slots[at & reader->slot_mask])
            at++;
        reader->slots[at & reader->slot_mask] = (uint16_t)(i + 1);
    }
}

bool json_reader_init(struct json_reader *reader, const struct format_options *options,
                      struct json_field *fields, const struct type *types, uint32_t count,
                      struct arena *job, struct error *err) {
    if (count > FIELDS_MAX)
        return error_set(err, ERROR_USER, "E0302", "%u columns; json tables may have %d", count,
                         FIELDS_MAX);
    *reader = (struct json_reader){.fields = fields,
                                   .field_count = count,
                                   .fail_on_missing = options->fail_on_missing_field,
                                   .ignore_errors = options->ignore_parse_errors,
                                   .iso_8601 = options->iso_8601,
                                   .job = job};
    bool has_decimal = false;
    for (uint32_t i = 0; i < count; i++) {
        if (!op_of(&types[i], &fields[i].op)) return type_refused(&fields[i], &types[i], err);
        fields[i].name = name_pad(fields[i].name, job);
        fields[i].precision = types[i].precision;
        fields[i].scale = types[i].scale;
        has_decimal |= types[i].id == TYPE_DECIMAL;
        /* Flink reads all declared columns, so an unused one may fail the job; not when errors are ignored. */
        if (fields[i].column < 0 && reader->ignore_errors) fields[i].op = JSON_SKIP;
    }
    reader->seen = ARENA_NEW(job, count + 1, uint32_t);
    reader->waste.valid = ARENA_NEW(job, BATCH_WORDS, uint64_t);
    reader->waste.data = arena_new(job, BATCH_ROWS, sizeof(i128));
    json_rendered_init(&reader->rendered, has_decimal);
    slots_fill(reader);
    return true;
}

void json_reader_release(struct json_reader *reader) {
    arena_release(&reader->work);
    json_rendered_release(&reader->rendered);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

void json_row_begin(struct json_row *row, struct str value, struct batch *out, uint32_t number) {
    *row = (struct json_row){.begin = (const uint8_t *)value.ptr,
                             .end = (const uint8_t *)value.ptr + value.len,
                             .out = out,
                             .row = number};
    row->text = row->text_first = arena_alloc(out->scratch, value.len + TEXT_SLACK_BYTES);
}

void json_row_end(struct json_row *row) {
    size_t reserved = (size_t)(row->end - row->begin) + TEXT_SLACK_BYTES;
    arena_shrink(row->out->scratch, row->text_first, reserved,
                 (size_t)(row->text - row->text_first));
}

void json_row_clear(struct json_reader *reader, struct json_row *row) {
    row->text = row->text_first;
    if (!row->dirty) return;
    for (uint32_t i = 0; i < reader->field_count; i++)
        if (reader->fields[i].column >= 0)
            vec_set_valid(&row->out->columns[reader->fields[i].column], row->row, false);
    row->dirty = false;
}

/* ---- templates ----------------------------------------------------------------------------------- */

static void to_front(struct json_reader *reader, uint32_t at) {
    struct json_template *hit = reader->templates[at];
    memmove(reader->templates + 1, reader->templates, at * sizeof hit);
    reader->templates[0] = hit;
}

static bool templates_try(struct json_reader *reader, struct json_row *row) {
    for (uint32_t i = 0; i < reader->template_count; i++) {
        if (json_walk_template(reader, reader->templates[i], row)) {
            if (i) to_front(reader, i);
            return true;
        }
        json_row_clear(reader, row);
    }
    return false;
}

/* The least recently used one gives way. */
static void template_add(struct json_reader *reader, const struct json_row *row) {
    if (reader->learn_wait) {
        reader->learn_wait--;
        return;
    }
    if (!reader->spare) reader->spare = ARENA_NEW(reader->job, 1, struct json_template);
    if (json_template_learn(reader, row, reader->spare)) {
        bool full = reader->template_count == JSON_TEMPLATES_MAX;
        uint32_t last = full ? reader->template_count - 1 : reader->template_count++;
        struct json_template *old = full ? reader->templates[last] : NULL;
        reader->templates[last] = reader->spare;
        reader->spare = old;
        to_front(reader, last);
        if (reader->template_count < JSON_TEMPLATES_MAX) return;
    }
    reader->learn_wait = LEARN_WAIT_ROWS;
}

/* Whatever the input, the walk that fails costs little: it must pay off or rest. */
static void window_count(struct json_reader *reader, bool hit) {
    reader->window_hits += hit;
    if (++reader->window_rows < WINDOW_ROWS) return;
    if (reader->window_hits * 2 < WINDOW_ROWS) reader->rest_rows = REST_ROWS;
    reader->window_rows = reader->window_hits = 0;
}

static bool template_tier(struct json_reader *reader, struct json_row *row) {
    bool hit = templates_try(reader, row);
    window_count(reader, hit);
    if (hit) {
        reader->hits++;
    } else {
        reader->misses++;
    }
    return hit;
}

enum decode_result json_read(struct json_reader *reader, struct str value, struct batch *out,
                             uint32_t number, struct bad_record *bad) {
    struct json_row row;
    enum decode_result result = DECODE_ROW;
    json_row_begin(&row, value, out, number);
    bool resting = reader->rest_rows > 0;
    if (resting) reader->rest_rows--;
    if (resting || !template_tier(reader, &row)) {
        if (json_walk_general(reader, &row)) {
            if (!resting) template_add(reader, &row);
        } else {
            json_row_clear(reader, &row);
            result = json_read_full(reader, &row, bad);
            if (result != DECODE_ROW) json_row_clear(reader, &row);
        }
    }
    json_row_end(&row);
    return result;
}
