/* SPDX-License-Identifier: Apache-2.0 */
/* The two fast tiers. Both answer true ("done", the row is written) or false ("not me", and the row may be
 * half written). They accept only what they fully understand: strict JSON and the usual form of each
 * column's value. Whatever is odd, wrong or rare is left to json_full.c, so nothing here decides a policy.
 *
 * The document is checked to its last brace in any case: the record below must not be accepted because all
 * wanted columns came before the mistake.
 *
 *   {"event_id":"e1","quantity":2,"note":"unfinished … */
#include "data/numtext.h"
#include "decode/json_internal.h"
#include "decode/json_scan.h"

/* ---- scalars ------------------------------------------------------------------------------------- */

static unsigned hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* Length of the escape at p, or 0. Which character it means is no question here. */
static unsigned escape_length(const uint8_t *p, const uint8_t *end) {
    if (end - p < 2) return 0;
    if (p[1] != 'u') return p[1] && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
    if (end - p < 6) return 0;
    for (int i = 2; i < 6; i++)
        if (hex_digit(p[i]) > 15) return 0;
    return 6;
}

static __attribute__((noinline)) const uint8_t *string_end_slow(const uint8_t *p,
                                                                const uint8_t *end, bool *escaped) {
    while (p < end && *p != '"') {
        unsigned len = *p == '\\' ? escape_length(p, end) : utf8_length(p, end);
        if (len == 0) return NULL;
        *escaped |= *p == '\\';
        p = json_stop(p + len, end);
    }
    return p < end ? p : NULL;
}

/* p is after the opening quote; returns the closing quote, or NULL. */
static inline const uint8_t *string_end(const uint8_t *p, const uint8_t *end, bool *escaped) {
    *escaped = false;
    p = json_stop(p, end);
    if (LIKELY(p < end && *p == '"')) return p;
    return string_end_slow(p, end, escaped);
}

/* mantissa * 10^exponent */
struct number {
    uint64_t mantissa;
    int exponent;
    unsigned digits; /* of the mantissa, at most 19; zeros before it may be counted */
    bool negative, integer;
};

static inline bool is_digit(const uint8_t *p, const uint8_t *end) {
    return p < end && (unsigned)(*p - '0') <= 9;
}

static inline const uint8_t *digits_take(const uint8_t *p, const uint8_t *end, struct number *n) {
    const uint8_t *first = p;
    uint64_t mantissa = n->mantissa; /* wraps when there are too many digits: looked at below */
    for (; is_digit(p, end); p++)
        mantissa = mantissa * 10 + (unsigned)(*p - '0');
    size_t count = (size_t)(p - first) + n->digits;
    n->mantissa = mantissa;
    n->digits = count > 19 ? 20 : (unsigned)count;
    return count > 19 ? NULL : p;
}

static const uint8_t *exponent_take(const uint8_t *p, const uint8_t *end, struct number *n) {
    bool negative = p < end && *p == '-';
    int exponent = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (!is_digit(p, end)) return NULL;
    while (is_digit(p, end)) {
        exponent = exponent * 10 + (*p++ - '0');
        if (exponent > 9999) return NULL;
    }
    n->exponent += negative ? -exponent : exponent;
    return p;
}

/* A JSON number of at most 19 digits; NULL otherwise. */
static inline const uint8_t *number_take(const uint8_t *p, const uint8_t *end, struct number *n) {
    *n = (struct number){.integer = true};
    if (p < end && *p == '-') n->negative = true, p++;
    if (!is_digit(p, end)) return NULL;
    if (*p == '0') {
        p++;
    } else {
        p = digits_take(p, end, n);
        if (!p) return NULL;
    }
    if (p < end && *p == '.') {
        const uint8_t *first = ++p;
        if (!is_digit(p, end)) return NULL;
        p = digits_take(p, end, n);
        if (!p) return NULL;
        n->exponent = -(int)(p - first);
        n->integer = false;
    }
    if (p < end && (*p | 0x20) == 'e') {
        n->integer = false;
        return exponent_take(p + 1, end, n);
    }
    return p;
}

/* p is at t, f or n; returns what follows true, false or null. */
static inline const uint8_t *word_end(const uint8_t *p, const uint8_t *end) {
    if (end - p >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)) return p + 4;
    if (end - p >= 5 && memcmp(p, "false", 5) == 0) return p + 5;
    return NULL;
}

/* Checks a string, number or word. */
static inline const uint8_t *scalar_skip(const uint8_t *p, const uint8_t *end) {
    if (p == end) return NULL;
    if (*p == '"') {
        bool escaped;
        p = string_end(p + 1, end, &escaped);
        return p ? p + 1 : NULL;
    }
    if (*p == '-' || is_digit(p, end)) {
        struct number number;
        return number_take(p, end, &number);
    }
    return word_end(p, end);
}

/* ---- values to columns --------------------------------------------------------------------------- */

static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Both factors are exact, so one operation rounds once, as the number itself would be. */
static inline double number_double(const struct number *n, struct str text) {
    if (n->mantissa > (1ull << 53) || n->exponent < -22 || n->exponent > 22)
        return json_double(text);
    double value = (double)n->mantissa;
    value =
        n->exponent < 0 ? value / power_of_ten[-n->exponent] : value * power_of_ten[n->exponent];
    return n->negative ? -value : value;
}

static inline bool number_i64(const struct number *n, int64_t min, int64_t max, int64_t *out) {
    if (!n->integer || n->mantissa > (uint64_t)INT64_MAX) return false;
    *out = n->negative ? -(int64_t)n->mantissa : (int64_t)n->mantissa;
    return *out >= min && *out <= max;
}

static inline bool number_decimal(const struct number *n, const struct json_field *field,
                                  i128 *out) {
    static const uint64_t power[] = {1u,      10u,      100u,      1000u,     10000u,
                                     100000u, 1000000u, 10000000u, 100000000u};
    int shift = (int)field->scale + n->exponent;
    if (shift < 0 || shift > 8 || (int)n->digits + shift > field->precision) return false;
    i128 value = (i128)n->mantissa * (i128)power[shift];
    *out = n->negative ? -value : value;
    return true;
}

static inline bool text_store(struct json_reader *reader, struct json_row *row,
                              const struct json_field *field, const uint8_t *p, size_t len) {
    struct vec *vec = json_vec(reader, row, field);
    json_text_copy(row->text, p, len, row->end);
    vec->str[row->row] = (struct str){row->text, len};
    row->text += len;
    vec_set_valid(vec, row->row, true);
    return true;
}

static bool number_store(struct json_reader *reader, struct json_row *row,
                         const struct json_field *field, const struct number *n, struct str text) {
    int64_t value;
    i128 decimal;
    struct vec *vec = json_vec(reader, row, field);
    switch (field->op) {
    case JSON_TINYINT:
        if (!number_i64(n, INT8_MIN, INT8_MAX, &value)) return false;
        vec->i32[row->row] = (int32_t)value;
        break;
    case JSON_SMALLINT:
        if (!number_i64(n, INT16_MIN, INT16_MAX, &value)) return false;
        vec->i32[row->row] = (int32_t)value;
        break;
    case JSON_INT:
        if (!number_i64(n, INT32_MIN, INT32_MAX, &value)) return false;
        vec->i32[row->row] = (int32_t)value;
        break;
    case JSON_BIGINT:
        if (!number_i64(n, INT64_MIN, INT64_MAX, &value)) return false;
        vec->i64[row->row] = value;
        break;
    case JSON_FLOAT: vec->f32[row->row] = json_float(text); break;
    case JSON_DOUBLE: vec->f64[row->row] = number_double(n, text); break;
    case JSON_DECIMAL:
        if (!number_decimal(n, field, &decimal)) return false;
        vec->dec[row->row] = decimal;
        break;
    case JSON_SKIP: return true;
    case JSON_TEXT:
    case JSON_BOOLEAN:
    case JSON_DATE:
    case JSON_TIME:
    case JSON_TIMESTAMP:
    case JSON_TIMESTAMP_LTZ: return false;
    }
    vec_set_valid(vec, row->row, true);
    return true;
}

static inline bool two_digits(const uint8_t *p, unsigned max, int64_t unit, int64_t *sum) {
    unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');
    if (tens > 9 || ones > 9 || tens * 10 + ones > max) return false;
    *sum += (tens * 10 + ones) * unit;
    return true;
}

/* The date in the first ten bytes, which is nearly always that of the row before. */
static bool date_take(struct json_reader *reader, enum json_op op, const uint8_t *p, int64_t *ms) {
    struct json_date *last = &reader->dates[op == JSON_TIMESTAMP_LTZ];
    if (!last->known || memcmp(p, last->text, sizeof last->text) != 0) {
        char text[] = "yyyy-MM-ddT00:00:00Z";
        size_t len = sizeof text - (op == JSON_TIMESTAMP ? 2 : 1);
        memcpy(text, p, sizeof last->text);
        text[10] = reader->iso_8601 ? 'T' : ' ';
        last->known = json_timestamp(reader, op, (struct str){text, len}, &last->ms);
        if (!last->known) return false;
        memcpy(last->text, p, sizeof last->text);
    }
    *ms = last->ms;
    return true;
}

/* yyyy-MM-ddTHH:mm:ss[.SSS], with Z for TIMESTAMP_LTZ, digit by digit. */
static bool timestamp_fast(struct json_reader *reader, enum json_op op, const uint8_t *p,
                           size_t len, int64_t *ms) {
    if (op == JSON_TIMESTAMP_LTZ && (len == 0 || p[--len] != 'Z')) return false;
    if (len != 19 && len != 23) return false;
    if (p[10] != (reader->iso_8601 ? 'T' : ' ') || p[13] != ':' || p[16] != ':') return false;
    if (!date_take(reader, op, p, ms)) return false;
    if (!two_digits(p + 11, 23, 3600000, ms) || !two_digits(p + 14, 59, 60000, ms) ||
        !two_digits(p + 17, 59, 1000, ms))
        return false;
    if (len == 19) return true;
    unsigned thousandths = (unsigned)(p[22] - '0');
    *ms += thousandths;
    return p[19] == '.' && thousandths <= 9 && two_digits(p + 20, 99, 10, ms);
}

static bool time_store(struct json_reader *reader, struct json_row *row,
                       const struct json_field *field, struct str text) {
    struct vec *vec = json_vec(reader, row, field);
    bool ok = false;
    if (field->op == JSON_DATE) {
        ok = date_parse_iso(text, &vec->i32[row->row]);
    } else if (field->op == JSON_TIME) {
        ok = time_parse_sql(text, &vec->i32[row->row]);
    } else {
        int64_t *ms = &vec->i64[row->row];
        ok = timestamp_fast(reader, field->op, (const uint8_t *)text.ptr, text.len, ms) ||
             json_timestamp(reader, field->op, text, ms);
    }
    if (ok) vec_set_valid(vec, row->row, true);
    return ok;
}

/* p is after the opening quote. */
static const uint8_t *string_value(struct json_reader *reader, struct json_row *row,
                                   const struct json_field *field, const uint8_t *p) {
    bool escaped;
    const uint8_t *end = string_end(p, row->end, &escaped);
    if (!end) return NULL;
    size_t len = (size_t)(end - p);
    struct str text = {(const char *)p, len};
    struct number number;
    switch (field->op) {
    case JSON_SKIP: break;
    case JSON_TEXT: {
        if (LIKELY(!escaped)) {
            text_store(reader, row, field, p, len);
            break;
        }
        struct vec *vec = json_vec(reader, row, field);
        const uint8_t *from = p;
        if (!json_text_decode(&from, row->end, row->text, &len)) return NULL;
        vec->str[row->row] = (struct str){row->text, len};
        row->text += len;
        vec_set_valid(vec, row->row, true);
        break;
    }
    case JSON_DATE:
    case JSON_TIME:
    case JSON_TIMESTAMP:
    case JSON_TIMESTAMP_LTZ:
        if (!time_store(reader, row, field, text)) return NULL;
        break;
    case JSON_BOOLEAN: return NULL;
    case JSON_TINYINT:
    case JSON_SMALLINT:
    case JSON_INT:
    case JSON_BIGINT:
    case JSON_FLOAT:
    case JSON_DOUBLE:
    case JSON_DECIMAL: /* numbers as text, as many producers write money */
        if (number_take(p, end, &number) != end || !number_store(reader, row, field, &number, text))
            return NULL;
        break;
    }
    return end + 1;
}

/* p is at t, f or n. null leaves the column as it is: not valid. */
static const uint8_t *word_value(struct json_reader *reader, struct json_row *row,
                                 const struct json_field *field, const uint8_t *p) {
    const uint8_t *end = word_end(p, row->end);
    if (!end || *p == 'n' || field->op == JSON_SKIP) return end;
    if (field->op == JSON_TEXT) {
        text_store(reader, row, field, p, (size_t)(end - p));
        return end;
    }
    if (field->op != JSON_BOOLEAN) return NULL;
    struct vec *vec = json_vec(reader, row, field);
    vec->boolean[row->row] = *p == 't';
    vec_set_valid(vec, row->row, true);
    return end;
}

/* Takes a scalar into its column; returns what follows, or NULL. */
static inline const uint8_t *scalar_value(struct json_reader *reader, struct json_row *row,
                                          const struct json_field *field, const uint8_t *p) {
    if (p == row->end) return NULL;
    if (*p == '"') return string_value(reader, row, field, p + 1);
    if (*p != '-' && !is_digit(p, row->end)) return word_value(reader, row, field, p);
    struct number number;
    const uint8_t *end = number_take(p, row->end, &number);
    if (!end) return NULL;
    if (field->op == JSON_TEXT) {
        text_store(reader, row, field, p, (size_t)(end - p));
        return end;
    }
    struct str text = {(const char *)p, (size_t)(end - p)};
    return number_store(reader, row, field, &number, text) ? end : NULL;
}

/* ---- tier 1 -------------------------------------------------------------------------------------- */

/* Every byte between the values is compared, so a match cannot hide a duplicate, an escaped or a moved
 * name. What follows the last brace is not looked at, as Flink does not. */
bool json_walk_template(struct json_reader *reader, const struct json_template *template,
                        struct json_row *row) {
    const uint8_t *p = row->begin, *end = row->end;
    for (uint32_t i = 0; i < template->steps; i++) {
        const struct json_step *step = &template->step[i];
        if (!json_matches(p, end, template->literals + step->literal, step->literal_len))
            return false;
        p += step->literal_len;
        p = step->field < 0 ? scalar_skip(p, end)
                            : scalar_value(reader, row, &reader->fields[step->field], p);
        if (!p) return false;
    }
    return json_matches(p, end, template->literals + template->tail, template->tail_len);
}

/* ---- tier 2 -------------------------------------------------------------------------------------- */

/* p is at the quote of a name; *name gets its bytes; returns the value behind the colon, or NULL. */
static inline const uint8_t *name_take(const uint8_t *p, const uint8_t *end, struct str *name,
                                       bool *escaped) {
    if (p == end || *p != '"') return NULL;
    const uint8_t *quote = string_end(p + 1, end, escaped);
    if (!quote) return NULL;
    *name = (struct str){(const char *)p + 1, (size_t)(quote - p - 1)};
    p = json_blanks(quote + 1, end);
    if (p == end || *p != ':') return NULL;
    return json_blanks(p + 1, end);
}

/* Which levels of a nested value are objects; the rest are arrays. */
struct levels {
    uint64_t is_object[JSON_DEPTH_MAX / 64 + 1];
    unsigned depth;
};

static bool levels_push(struct levels *levels, bool object) {
    unsigned at = ++levels->depth;
    if (at >= JSON_DEPTH_MAX) return false; /* the root is one level more */
    uint64_t bit = 1ull << (at % 64);
    levels->is_object[at / 64] = (levels->is_object[at / 64] & ~bit) | (object ? bit : 0);
    return true;
}

static bool levels_object(const struct levels *levels) {
    return (levels->is_object[levels->depth / 64] >> (levels->depth % 64)) & 1;
}

/* Steps to the next value of the innermost level, or out of levels that end here. Returns NULL for an
 * error; depth 0 means that the value is over. `first`: nothing of this level has been read yet. */
static const uint8_t *nested_next(struct levels *levels, const uint8_t *p, const uint8_t *end,
                                  bool first) {
    for (; levels->depth; first = false) {
        bool object = levels_object(levels);
        p = json_blanks(p, end);
        if (p == end) return NULL;
        if (*p == (object ? '}' : ']')) {
            p++;
            levels->depth--;
            continue;
        }
        if (!first) {
            if (*p != ',') return NULL;
            p = json_blanks(p + 1, end);
        }
        struct str name;
        bool escaped;
        return object ? name_take(p, end, &name, &escaped) : p;
    }
    return p;
}

/* Checks an object or array; p is at its bracket. A depth counter, no recursion. */
static const uint8_t *nested_skip(const uint8_t *p, const uint8_t *end) {
    struct levels levels;
    levels.depth = 0;
    do {
        bool opened = p < end && (*p == '{' || *p == '[');
        if (opened) {
            if (!levels_push(&levels, *p == '{')) return NULL;
            p++;
        } else {
            p = scalar_skip(p, end);
        }
        if (p) p = nested_next(&levels, p, end, opened);
    } while (p && levels.depth);
    return p;
}

static inline const uint8_t *member_value(struct json_reader *reader, struct json_row *row,
                                          int32_t number, const uint8_t *p) {
    const struct json_field *field = number < 0 ? NULL : &reader->fields[number];
    bool skip = !field || field->op == JSON_SKIP;
    if (p < row->end && (*p == '{' || *p == '[')) return skip ? nested_skip(p, row->end) : NULL;
    return skip ? scalar_skip(p, row->end) : scalar_value(reader, row, field, p);
}

bool json_walk_general(struct json_reader *reader, struct json_row *row) {
    const uint8_t *end = row->end, *p = json_blanks(row->begin, end);
    uint32_t declared = 0;
    json_reader_next(reader);
    if (p == end || *p != '{') return false;
    p = json_blanks(p + 1, end);
    if (p < end && *p == '}') return !reader->fail_on_missing || reader->field_count == 0;
    for (;;) {
        struct str name;
        bool escaped;
        p = name_take(p, end, &name, &escaped);
        if (!p || escaped) return false;
        int32_t number = json_field_find(reader, name.ptr, name.len, (const char *)end);
        if (number >= 0) {
            if (reader->seen[number] == reader->serial)
                return false; /* what a second one means: tier 3 */
            reader->seen[number] = reader->serial;
            declared++;
        }
        p = member_value(reader, row, number, p);
        if (!p) return false;
        p = json_blanks(p, end);
        if (p == end || (*p != ',' && *p != '}')) return false;
        if (*p == '}') return !reader->fail_on_missing || declared == reader->field_count;
        p = json_blanks(p + 1, end);
    }
}
