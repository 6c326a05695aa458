/* SPDX-License-Identifier: Apache-2.0 */
/* See bind.h. One walk (next_piece) splits a template into literal text and placeholders; checking
 * and binding both use it, so they cannot disagree. */
#include "dashboard/bind.h"

struct piece {
    struct str text;   /* literal SQL before the placeholder */
    struct str name;   /* of the placeholder; empty at the end of the template */
    struct str column; /* of {name:in column} */
    bool is_in;
};

static bool is_identifier(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9')) return false;
    }
    return s.len > 0;
}

/* Takes one piece off `*rest`; false when braces or names are malformed. */
static bool next_piece(struct str *rest, struct piece *piece) {
    bool has_placeholder, closed, has_in;
    struct str inside, after;
    *piece = (struct piece){0};
    piece->text = str_split(*rest, '{', &inside, &has_placeholder);
    if (memchr(piece->text.ptr, '}', piece->text.len)) return false;
    *rest = inside;
    if (!has_placeholder) return true;
    inside = str_split(inside, '}', &after, &closed);
    *rest = after;
    piece->name = str_split(inside, ':', &piece->column, &has_in);
    if (!closed || !is_identifier(piece->name)) return false;
    if (!has_in) return true;
    piece->is_in = true;
    if (!str_starts(piece->column, STR("in "))) return false;
    piece->column = str_from(piece->column, 3);
    return is_identifier(piece->column);
}

static bool param_find(const struct board *board, struct str name, size_t *index) {
    for (size_t i = 0; i < board->param_count; i++) {
        if (!str_eq(board->params[i].name, name)) continue;
        *index = i;
        return true;
    }
    return false;
}

static bool is_time(const struct piece *piece) {
    return !piece->is_in && (str_eq(piece->name, STR("from")) || str_eq(piece->name, STR("to")));
}

static bool ends_in_limit(struct str sql) {
    size_t digits = 0;
    while (digits < sql.len && sql.ptr[sql.len - 1 - digits] >= '0' &&
           sql.ptr[sql.len - 1 - digits] <= '9')
        digits++;
    return digits > 0 && str_ends(str_sub(sql, 0, sql.len - digits), STR(" LIMIT "));
}

bool bind_check(const struct board *board, struct str template, struct error *err) {
    if (memchr(template.ptr, ';', template.len))
        return error_set(err, ERROR_USER, "E0902", "SQL must not hold a semicolon: " STR_FMT,
                         STR_ARG(str_sub(template, 0, 200)));
    if (!ends_in_limit(template))
        return error_set(err, ERROR_USER, "E0902",
                         "SQL must end in LIMIT and a number (Pinot's default is 10): " STR_FMT,
                         STR_ARG(str_sub(template, 0, 200)));
    for (struct str rest = template; rest.len;) {
        struct piece piece;
        size_t index;
        if (!next_piece(&rest, &piece))
            return error_set(err, ERROR_USER, "E0902",
                             "malformed placeholder in SQL, allowed are {from}, {to}, {PARAM} and "
                             "{PARAM:in COLUMN}: " STR_FMT,
                             STR_ARG(str_sub(template, 0, 200)));
        if (piece.name.len && !is_time(&piece) && !param_find(board, piece.name, &index))
            return error_set(err, ERROR_USER, "E0902", "the board has no parameter '" STR_FMT "'",
                             STR_ARG(piece.name));
    }
    return true;
}

static bool text_allowed(const struct board_param *param, struct str value) {
    if (value.len > param->chars_max * 4 || !utf8_valid(value)) return false;
    if (utf8_chars(value) > param->chars_max) return false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c < ' ' || c == 0x7f || strchr("();\\", c)) return false;
    }
    return true;
}

static void append_quoted(struct buf *out, struct str value) {
    buf_append_char(out, '\'');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\'') buf_append_char(out, '\'');
        buf_append_char(out, value.ptr[i]);
    }
    buf_append_char(out, '\'');
}

static bool append_literal(const struct board_param *param, struct str value, struct buf *out,
                           struct error *err) {
    int64_t number;
    if (param->type == PARAM_TEXT && text_allowed(param, value)) {
        append_quoted(out, value);
    } else if (param->type == PARAM_INTEGER && parse_i64(value, &number)) {
        buf_append_i64(out, number);
    } else {
        return error_set(err, ERROR_USER, "E0903",
                         "the value of '" STR_FMT "' is not acceptable: %s", STR_ARG(param->name),
                         param->type == PARAM_INTEGER
                             ? "a whole number is expected"
                             : "too long, or it holds a character that is not allowed");
    }
    return true;
}

static bool append_placeholder(const struct board *board, const struct piece *piece,
                               const struct binding *binding, struct buf *out, struct error *err) {
    size_t i;
    if (is_time(piece)) {
        buf_append_i64(out, str_eq(piece->name, STR("to")) ? binding->to_ms : binding->from_ms);
        return true;
    }
    if (!param_find(board, piece->name, &i))
        return error_set(err, ERROR_USER, "E0902", "the board has no parameter '" STR_FMT "'",
                         STR_ARG(piece->name));
    if (!piece->is_in) {
        if (binding->has[i]) return append_literal(&board->params[i], binding->values[i], out, err);
        return error_set(err, ERROR_USER, "E0903", "'" STR_FMT "' must be given",
                         STR_ARG(piece->name));
    }
    buf_append(out, piece->column);
    if (!binding->has[i]) return buf_append(out, STR(" IS NOT NULL"));
    buf_append(out, STR(" IN ("));
    return append_literal(&board->params[i], binding->values[i], out, err) &&
           buf_append_char(out, ')');
}

bool bind_sql(const struct board *board, struct str template, const struct binding *binding,
              struct buf *out, struct error *err) {
    for (struct str rest = template; rest.len;) {
        struct piece piece;
        if (!next_piece(&rest, &piece))
            return error_set(err, ERROR_USER, "E0902", "malformed placeholder in SQL");
        buf_append(out, piece.text);
        if (piece.name.len && !append_placeholder(board, &piece, binding, out, err)) return false;
    }
    if (out->overflow)
        return error_set(err, ERROR_USER, "E0903", "the SQL is longer than %zu bytes", out->max);
    return true;
}

bool bind_uses_range(struct str template) {
    return bind_uses_param(template, STR("from")) || bind_uses_param(template, STR("to"));
}

bool bind_uses_param(struct str template, struct str name) {
    for (struct str rest = template; rest.len;) {
        struct piece piece;
        if (!next_piece(&rest, &piece)) return false;
        if (str_eq(piece.name, name)) return true;
    }
    return false;
}
