/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and arrays as compact JSON text, for STRING columns. Flink builds Jackson's tree and prints it:
 * blanks go, numbers with fraction or exponent become Java doubles (or, when the table has a DECIMAL column
 * anywhere, BigDecimals: 1e2 is 100.0 or 1E+2), escapes become characters, and of two equal names in one
 * object the last value stands at the first one's place.
 *
 *   {"b": 1e2, "a": [true, "\u00e9"], "b": -0}   ──►   {"b":0,"a":[true,"é"]}
 *
 * No tree here: text is written as it is read, and only the members of open objects are remembered. An
 * object that repeats a name is written a second time when it closes. */
#include "common/fatal.h"
#include "data/numtext.h"
#include "decode/json_internal.h"
#include "decode/json_scan.h"

#include <stdlib.h>

/* A control character takes six bytes, so eight times the largest record is enough. */
enum { TEXT_BYTES_MAX = 8 * DECODE_RECORD_BYTES_MAX };

struct level {
    uint32_t start;        /* of the bracket in the text */
    uint32_t first_member; /* of an object */
    bool is_object;
};

struct render {
    struct json_rendered *memory;
    struct buf *out;
    const uint8_t *p, *end;
    char *decoded; /* for one string */
    struct level levels[JSON_DEPTH_MAX];
    unsigned depth;
};

void json_rendered_init(struct json_rendered *memory, bool decimal_numbers) {
    *memory = (struct json_rendered){.decimal_numbers = decimal_numbers};
    buf_init(&memory->text, TEXT_BYTES_MAX);
    buf_init(&memory->again, TEXT_BYTES_MAX);
}

void json_rendered_release(struct json_rendered *memory) {
    free(memory->members);
    free(memory->order);
    buf_release(&memory->text);
    buf_release(&memory->again);
    *memory = (struct json_rendered){0};
}

static bool char_is(const struct render *r, char c) {
    return r->p < r->end && *r->p == (uint8_t)c;
}

static bool char_take(struct render *r, char c) {
    if (!char_is(r, c)) return false;
    r->p++;
    return true;
}

static void blanks_skip(struct render *r) {
    r->p = json_blanks(r->p, r->end);
}

static uint32_t text_len(const struct render *r) {
    return (uint32_t)r->out->len;
}

/* ---- scalars ------------------------------------------------------------------------------------- */

/* Jackson's escapes; `text` is valid UTF-8. */
static bool escaped_append(struct buf *out, struct str text) {
    static const char short_names[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    size_t plain = 0;
    bool ok = true;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        char name = c < sizeof short_names ? short_names[c] : 0;
        if (c >= 0x20 && !name) continue;
        ok &= buf_append(out, str_sub(text, plain, i - plain));
        ok &= name ? buf_append_bytes(out, (char[]){'\\', name}, 2) : buf_printf(out, "\\u%04X", c);
        plain = i + 1;
    }
    return buf_append(out, str_from(text, plain)) && ok;
}

static bool string_render(struct render *r) {
    struct str text = {r->decoded, 0};
    if (!char_take(r, '"') || !json_text_decode(&r->p, r->end, r->decoded, &text.len)) return false;
    return buf_append_char(r->out, '"') && escaped_append(r->out, text) &&
           buf_append_char(r->out, '"');
}

static bool double_render(struct render *r, double number) {
    bool finite = number - number == 0;
    if (!finite) buf_append_char(r->out, '"'); /* "Infinity": JSON has no such number */
    double_print(r->out, number);
    return finite || buf_append_char(r->out, '"');
}

/* new BigDecimal(text).stripTrailingZeros().toString() */
static bool decimal_render(struct render *r, struct str text) {
    char digits[JSON_NUMBER_DIGITS_MAX + 1];
    int count = 0;
    int64_t exponent = 0; /* the value is digits * 10^exponent */
    bool fraction = false;
    size_t i = text.ptr[0] == '-';
    for (; i < text.len && (text.ptr[i] | 0x20) != 'e'; i++) {
        if (text.ptr[i] == '.') {
            fraction = true;
            continue;
        }
        if (count || text.ptr[i] != '0') digits[count++] = text.ptr[i];
        exponent -= fraction;
    }
    int64_t written = 0;
    if (i < text.len && !parse_i64(str_from(text, i + 1), &written)) written = 0;
    exponent += written;
    while (count && digits[count - 1] == '0')
        count--, exponent++;
    if (count == 0) return buf_append_char(r->out, '0');
    if (text.ptr[0] == '-') buf_append_char(r->out, '-');
    int64_t adjusted = exponent + count - 1;
    bool plain = exponent <= 0 && adjusted >= -6;
    int64_t point = plain ? count + exponent : 1; /* digits before the point */
    if (point <= 0) buf_append(r->out, STR("0."));
    for (int64_t zero = point; zero < 0; zero++)
        buf_append_char(r->out, '0');
    for (int k = 0; k < count; k++) {
        if (k == point && k > 0) buf_append_char(r->out, '.');
        buf_append_char(r->out, digits[k]);
    }
    return plain || buf_printf(r->out, "E%+lld", (long long)adjusted);
}

static bool number_render(struct render *r) {
    const uint8_t *start = r->p;
    bool integer;
    if (!json_number_scan(&r->p, r->end, &integer)) return false;
    struct str text = {(const char *)start, (size_t)(r->p - start)};
    if (integer) return buf_append(r->out, str_eq(text, STR("-0")) ? STR("0") : text);
    double number = json_double(text);
    bool finite = number - number == 0;
    return finite && r->memory->decimal_numbers ? decimal_render(r, text)
                                                : double_render(r, number);
}

static bool word_render(struct render *r, const char *word) {
    return json_word_scan(&r->p, r->end, word) && buf_append(r->out, str_of(word));
}

static bool scalar_render(struct render *r) {
    if (char_is(r, '"')) return string_render(r);
    if (char_is(r, 't')) return word_render(r, "true");
    if (char_is(r, 'f')) return word_render(r, "false");
    if (char_is(r, 'n')) return word_render(r, "null");
    return number_render(r);
}

/* ---- repeated names ------------------------------------------------------------------------------ */

static int order_compare(const void *a, const void *b) {
    const struct json_name_order *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->member < y->member ? -1 : x->member > y->member;
}

static struct str member_name(const struct render *r, const struct json_member *member) {
    return (struct str){r->out->ptr + member->name, member->name_end - member->name};
}

/* Later members of the same name go, and `keep` takes the value of the last. `rest` is sorted by hash and
 * place and begins after `keep`. */
static bool repeats_drop(struct render *r, const struct json_name_order *keep,
                         const struct json_name_order *rest, uint32_t count) {
    struct json_member *first = &r->memory->members[keep->member];
    bool repeated = false;
    for (uint32_t i = 0; i < count && rest[i].hash == keep->hash; i++) {
        struct json_member *later = &r->memory->members[rest[i].member];
        if (later->dropped || !str_eq(member_name(r, later), member_name(r, first))) continue;
        first->value = later->value;
        first->end = later->end;
        later->dropped = repeated = true;
    }
    return repeated;
}

static bool names_repeat(struct render *r, uint32_t first_member) {
    struct json_rendered *m = r->memory;
    uint32_t count = m->count - first_member;
    bool repeated = false;
    for (uint32_t i = 0; i < count; i++)
        m->order[i] = (struct json_name_order){
            str_hash(member_name(r, &m->members[first_member + i])), first_member + i};
    if (count > 1) qsort(m->order, count, sizeof *m->order, order_compare);
    for (uint32_t i = 0; i < count; i++)
        if (!m->members[m->order[i].member].dropped)
            repeated |= repeats_drop(r, &m->order[i], &m->order[i + 1], count - i - 1);
    return repeated;
}

static bool object_rewrite(struct render *r, const struct level *level) {
    struct buf *again = &r->memory->again;
    buf_clear(again);
    buf_append_char(again, '{');
    for (uint32_t i = level->first_member; i < r->memory->count; i++) {
        const struct json_member *member = &r->memory->members[i];
        if (member->dropped) continue;
        if (again->len > 1) buf_append_char(again, ',');
        buf_append(again, member_name(r, member));
        buf_append_char(again, ':');
        buf_append_bytes(again, r->out->ptr + member->value, member->end - member->value);
    }
    r->out->len = level->start;
    return buf_append(r->out, buf_str(again));
}

/* ---- structure ----------------------------------------------------------------------------------- */

static struct json_member *member_new(struct json_rendered *m) {
    if (m->count == m->capacity) {
        m->capacity = m->capacity ? m->capacity * 2 : 64;
        m->members = memory_resize(m->members, m->capacity, sizeof *m->members);
        m->order = memory_resize(m->order, m->capacity, sizeof *m->order);
    }
    return &m->members[m->count++];
}

/* p is at the quote of a name. */
static bool member_open(struct render *r) {
    struct json_member *member = member_new(r->memory);
    *member = (struct json_member){.name = text_len(r)};
    if (!string_render(r)) return false;
    member->name_end = text_len(r);
    blanks_skip(r);
    if (!char_take(r, ':') || !buf_append_char(r->out, ':')) return false;
    member->value = text_len(r);
    blanks_skip(r);
    return true;
}

static bool level_open(struct render *r) {
    if (r->depth + 2 > JSON_DEPTH_MAX) return false; /* with the root object */
    r->levels[r->depth++] = (struct level){text_len(r), r->memory->count, *r->p == '{'};
    return buf_append_char(r->out, (char)*r->p++);
}

static bool level_close(struct render *r) {
    const struct level *level = &r->levels[--r->depth];
    if (level->is_object) {
        if (names_repeat(r, level->first_member) && !object_rewrite(r, level)) return false;
        r->memory->count = level->first_member;
    }
    return buf_append_char(r->out, (char)*r->p++);
}

/* After a value, or after an opening bracket (`first`): closes levels and moves to the next value. */
static bool levels_continue(struct render *r, bool first) {
    for (; r->depth; first = false) {
        const struct level *level = &r->levels[r->depth - 1];
        if (level->is_object && !first) r->memory->members[r->memory->count - 1].end = text_len(r);
        blanks_skip(r);
        if (char_is(r, level->is_object ? '}' : ']')) {
            if (!level_close(r)) return false;
            continue;
        }
        if (!first) {
            if (!char_take(r, ',') || !buf_append_char(r->out, ',')) return false;
            blanks_skip(r);
        }
        return !level->is_object || member_open(r);
    }
    return true;
}

static bool value_render(struct render *r) {
    do {
        bool opens = char_is(r, '{') || char_is(r, '[');
        if (!(opens ? level_open(r) : scalar_render(r))) return false;
        if (!levels_continue(r, opens)) return false;
    } while (r->depth);
    return true;
}

bool json_render(struct json_rendered *memory, const uint8_t **p, const uint8_t *end, char *decoded,
                 struct str *out) {
    struct render r;
    r.memory = memory;
    r.out = &memory->text;
    r.p = *p;
    r.end = end;
    r.decoded = decoded;
    r.depth = 0;
    memory->count = 0;
    buf_clear(&memory->text);
    bool ok = value_render(&r);
    *p = r.p;
    if (ok) *out = buf_str(&memory->text);
    return ok;
}
