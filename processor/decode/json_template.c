/* SPDX-License-Identifier: Apache-2.0 */
/* Learns the shape of an event: what stands between its values.
 *
 *   {"id":"e1","page":{"url":"/","ms":12}}
 *   literals  {"id":   ,"page":{"url":   ,"ms":   }}
 *   steps     id       page.url (form)   ms (form)   tail
 *
 * The document has been accepted by the general walk, so it is well-formed and no declared name occurs
 * twice; this code only has to find the places. */
#include "decode/json_internal.h"
#include "decode/json_scan.h"

struct learner {
    const struct json_reader *reader;
    struct json_template *out;
    const uint8_t *p, *end;
    const uint8_t *literal; /* where the literal under way begins */
    uint32_t literal_bytes; /* used of out->literals */
    unsigned depth;
};

/* p is at the opening quote; returns what follows the closing one. */
static const uint8_t *string_skip(const uint8_t *p, const uint8_t *end, bool *escaped) {
    *escaped = false;
    for (p++; p < end && *p != '"'; p++) {
        if (*p != '\\') continue;
        *escaped = true;
        p++;
    }
    return p + 1;
}

static bool literal_add(struct learner *l, uint16_t *offset, uint16_t *len) {
    size_t bytes = (size_t)(l->p - l->literal), padded = (bytes + 15) & ~(size_t)15;
    if (padded > JSON_LITERAL_BYTES_MAX - l->literal_bytes) return false;
    memcpy(l->out->literals + l->literal_bytes, l->literal, bytes);
    *offset = (uint16_t)l->literal_bytes;
    *len = (uint16_t)bytes;
    l->literal_bytes += (uint32_t)padded;
    return true;
}

/* p is at a scalar. Fields that are not stored need no number: their form is checked in any case. */
static bool step_add(struct learner *l, int32_t field) {
    if (l->out->steps == JSON_STEPS_MAX) return false;
    struct json_step *step = &l->out->step[l->out->steps++];
    if (!literal_add(l, &step->literal, &step->literal_len)) return false;
    step->field = (int16_t)(field >= 0 && l->reader->fields[field].op != JSON_SKIP ? field : -1);
    bool escaped;
    if (*l->p == '"') {
        l->p = string_skip(l->p, l->end, &escaped);
    } else {
        while (!json_is_blank(*l->p) && *l->p != ',' && *l->p != '}')
            l->p++;
    }
    l->literal = l->p;
    return true;
}

/* p is at the quote of a name; takes "name": and the value, or the opening brace of one. */
static bool member_add(struct learner *l) {
    bool escaped;
    const char *name = (const char *)l->p + 1;
    l->p = string_skip(l->p, l->end, &escaped);
    if (escaped) return false;
    int32_t field = -1;
    if (l->depth == 1)
        field = json_field_find(l->reader, name, (size_t)((const char *)l->p - 1 - name),
                                (const char *)l->end);
    l->p = json_blanks(l->p, l->end);
    l->p = json_blanks(l->p + 1, l->end); /* the colon */
    if (*l->p == '[') return false;
    if (*l->p != '{') return step_add(l, field);
    l->depth++;
    l->p++;
    return true;
}

bool json_template_learn(const struct json_reader *reader, const struct json_row *row,
                         struct json_template *out) {
    struct learner l = {reader, out, row->begin, row->end, row->begin, 0, 0};
    out->steps = 0;
    memset(out->literals, 0, sizeof out->literals);
    l.p = json_blanks(l.p, l.end) + 1;
    for (l.depth = 1; l.depth;) {
        l.p = json_blanks(l.p, l.end);
        if (*l.p == '"') {
            if (!member_add(&l)) return false;
        } else {
            l.depth -= *l.p == '}';
            l.p++; /* a brace or a comma */
        }
    }
    return literal_add(&l, &out->tail, &out->tail_len);
}
