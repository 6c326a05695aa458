/* SPDX-License-Identifier: Apache-2.0 */
/* The full validator: scalar, one byte after the other, every rule of Flink's decoder. It sees the records
 * that the walks of json_walk.c did not understand, which are few in healthy input, so it is written for
 * reading.
 *
 * Flink counts occurrences of declared columns, not columns: once as many were read as are declared, the
 * rest of the object is checked for form only. Hence {"a":1,"a":2,"s":"x"} into (a, s) is (2, NULL), and a
 * later "a" after all columns were seen changes nothing. */
#include "decode/json_internal.h"
#include "decode/json_scan.h"

struct full {
    struct json_reader *reader;
    struct json_row *row;
    const uint8_t *p, *end;
    struct bad_record *bad;
};

static bool bad_document(struct full *f) {
    *f->bad = (struct bad_record){BAD_DOCUMENT, (uint32_t)(f->p - f->row->begin), STR("")};
    return false;
}

static void blanks_skip(struct full *f) {
    f->p = json_blanks(f->p, f->end);
}

static bool char_is(const struct full *f, char c) {
    return f->p < f->end && *f->p == (uint8_t)c;
}

static bool char_take(struct full *f, char c) {
    if (!char_is(f, c)) return bad_document(f);
    f->p++;
    return true;
}

/* Any scalar but null; the text of a string goes to the row's text position, which does not move. */
static bool token_take(struct full *f, struct json_token *token) {
    const uint8_t *start = f->p;
    bool ok, integer = true;
    if (char_is(f, '"')) {
        token->kind = JSON_TOKEN_STRING;
        token->text.ptr = f->row->text;
        f->p++;
        return json_text_decode(&f->p, f->end, f->row->text, &token->text.len) || bad_document(f);
    }
    if (char_is(f, 't')) {
        token->kind = JSON_TOKEN_TRUE;
        ok = json_word_scan(&f->p, f->end, "true");
    } else if (char_is(f, 'f')) {
        token->kind = JSON_TOKEN_FALSE;
        ok = json_word_scan(&f->p, f->end, "false");
    } else {
        ok = json_number_scan(&f->p, f->end, &integer);
        token->kind = integer ? JSON_TOKEN_INTEGER : JSON_TOKEN_DECIMAL;
    }
    token->text = (struct str){(const char *)start, (size_t)(f->p - start)};
    return ok || bad_document(f);
}

static bool name_take(struct full *f, struct str *name) {
    if (!char_take(f, '"')) return false;
    name->ptr = f->row->text;
    if (!json_text_decode(&f->p, f->end, f->row->text, &name->len)) return bad_document(f);
    blanks_skip(f);
    if (!char_take(f, ':')) return false;
    blanks_skip(f);
    return true;
}

/* Which levels of a nested value are objects. */
struct levels {
    bool is_object[JSON_DEPTH_MAX + 1];
    unsigned depth;
};

/* After a value: closes levels and moves to the next value. */
static bool levels_continue(struct full *f, struct levels *levels, bool first) {
    struct str name;
    for (; levels->depth; first = false) {
        bool object = levels->is_object[levels->depth];
        blanks_skip(f);
        if (char_is(f, object ? '}' : ']')) {
            f->p++;
            levels->depth--;
            continue;
        }
        if (!first) {
            if (!char_take(f, ',')) return false;
            blanks_skip(f);
        }
        return !object || name_take(f, &name);
    }
    return true;
}

/* Checks any value for its form. */
static bool value_skip(struct full *f) {
    struct levels levels;
    struct json_token token;
    levels.depth = 0;
    do {
        bool opens = char_is(f, '{') || char_is(f, '[');
        if (opens) {
            if (levels.depth + 2 > JSON_DEPTH_MAX)
                return bad_document(f); /* with the root object */
            levels.is_object[++levels.depth] = *f->p++ == '{';
        } else if (char_is(f, 'n')) {
            if (!json_word_scan(&f->p, f->end, "null")) return bad_document(f);
        } else if (!token_take(f, &token)) {
            return false;
        }
        if (!levels_continue(f, &levels, opens)) return false;
    } while (levels.depth);
    return true;
}

/* A value that does not fit its column: an error, or NULL and counted. */
static bool misfit(struct full *f, const struct json_field *field, const uint8_t *start) {
    if (!f->reader->ignore_errors) {
        *f->bad = (struct bad_record){BAD_FIELD, (uint32_t)(start - f->row->begin), field->name};
        return false;
    }
    vec_set_valid(json_vec(f->reader, f->row, field), f->row->row, false);
    f->reader->field_nulls++;
    return true;
}

/* An object or array: text for a STRING column. For others Flink reads on inside of it; here the column is
 * NULL (or the record bad) and the rest of the record stays what it is. */
static bool nested_value(struct full *f, const struct json_field *field) {
    const uint8_t *start = f->p;
    if (field->op != JSON_TEXT) return value_skip(f) && misfit(f, field, start);
    struct vec *vec = json_vec(f->reader, f->row, field);
    struct str text;
    if (!json_render(&f->reader->rendered, &f->p, f->end, f->row->text, &text))
        return bad_document(f);
    vec->str[f->row->row] = arena_str(f->row->out->scratch, text);
    vec_set_valid(vec, f->row->row, true);
    return true;
}

static bool field_value(struct full *f, const struct json_field *field) {
    const uint8_t *start = f->p;
    struct vec *vec = json_vec(f->reader, f->row, field);
    struct json_token token;
    if (char_is(f, '{') || char_is(f, '[')) return nested_value(f, field);
    if (char_is(f, 'n')) {
        vec_set_valid(vec, f->row->row, false);
        return json_word_scan(&f->p, f->end, "null") || bad_document(f);
    }
    if (!token_take(f, &token)) return false;
    if (field->op == JSON_TEXT) {
        if (token.kind != JSON_TOKEN_STRING) memcpy(f->row->text, token.text.ptr, token.text.len);
        token.text.ptr = f->row->text;
        f->row->text += token.text.len;
    }
    return json_convert(f->reader, field, &token, vec, f->row->row) || misfit(f, field, start);
}

static bool member_take(struct full *f, uint32_t *declared) {
    struct json_reader *reader = f->reader;
    struct str name;
    if (!name_take(f, &name)) return false;
    int32_t number = *declared < reader->field_count
                         ? json_field_find(reader, name.ptr, name.len, name.ptr + name.len)
                         : -1;
    if (number < 0) return value_skip(f);
    reader->seen[number] = reader->serial;
    ++*declared;
    const struct json_field *field = &reader->fields[number];
    return field->op == JSON_SKIP ? value_skip(f) : field_value(f, field);
}

static bool object_take(struct full *f, uint32_t *declared) {
    if (!char_take(f, '{')) return false;
    blanks_skip(f);
    if (char_is(f, '}')) return true;
    for (;;) {
        if (!member_take(f, declared)) return false;
        blanks_skip(f);
        if (char_is(f, '}')) return true; /* what follows the object does not matter */
        if (!char_take(f, ',')) return false;
        blanks_skip(f);
    }
}

static bool none_missing(struct full *f, uint32_t declared) {
    const struct json_reader *reader = f->reader;
    if (!reader->fail_on_missing || declared >= reader->field_count) return true;
    uint32_t missing = 0;
    while (reader->seen[missing] == reader->serial)
        missing++;
    *f->bad = (struct bad_record){BAD_MISSING_FIELD, (uint32_t)(f->p - f->row->begin),
                                  reader->fields[missing].name};
    return false;
}

enum decode_result json_read_full(struct json_reader *reader, struct json_row *row,
                                  struct bad_record *bad) {
    struct full f = {reader, row, row->begin, row->end, bad};
    uint32_t declared = 0;
    json_reader_next(reader);
    if (f.end - f.p >= 3 && memcmp(f.p, "\xEF\xBB\xBF", 3) == 0) f.p += 3;
    blanks_skip(&f);
    return object_take(&f, &declared) && none_missing(&f, declared) ? DECODE_ROW : DECODE_BAD;
}
