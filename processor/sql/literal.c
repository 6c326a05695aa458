/* SPDX-License-Identifier: Apache-2.0 */
/* Literals: from the text of a token to its value. What Flink refuses when it reads a literal is
 * refused here, with Flink's reason: intervals that exceed their precision, dates that do not exist. */
#include "sql/build.h"

#include <stdio.h>

#include "sql/grammar.h"

struct str span_text(const struct builder *b, struct span span) {
    return str_sub(b->text, span.start, span.end - span.start);
}

struct str span_upper(struct builder *b, struct span span) {
    struct str text = span_text(b, span);
    char *upper = arena_alloc(b->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        upper[i] =
            text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? (char)(text.ptr[i] - 32) : text.ptr[i];
    upper[text.len] = 0;
    return (struct str){upper, text.len};
}

/* The inside of quotes with doubled ones undone; borrows when there are none. */
static struct str unquote(struct builder *b, struct str inside, char quote) {
    if (!memchr(inside.ptr, quote, inside.len)) return inside;
    char *out = arena_alloc(b->arena, inside.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < inside.len; i++) {
        out[len++] = inside.ptr[i];
        if (inside.ptr[i] == quote) i++;
    }
    out[len] = 0;
    return (struct str){out, len};
}

struct ast_ident build_ident(struct builder *b, struct token token) {
    struct str text = span_text(b, token.span);
    char quote = text.len ? text.ptr[0] : 0;
    if (quote != '`' && quote != '"') return (struct ast_ident){text, token.span, false};
    if (text.len < 2) return (struct ast_ident){STR("?"), token.span, true};
    return (struct ast_ident){unquote(b, str_sub(text, 1, text.len - 2), quote), token.span, true};
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape of U&'…' behind its backslash: four digits, or + and six. Returns the bytes read, 0 when
 * it is malformed. */
static size_t unicode_escape(struct str rest, uint32_t *code) {
    size_t from = rest.len && rest.ptr[0] == '+', digits = from ? 6 : 4;
    if (rest.len < from + digits) return 0;
    *code = 0;
    for (size_t i = from; i < from + digits; i++) {
        int digit = hex_value(rest.ptr[i]);
        if (digit < 0) return 0;
        *code = *code * 16 + (uint32_t)digit;
    }
    return from + digits;
}

static struct str unicode_string(struct builder *b, struct str inside, struct span span) {
    char *out = arena_alloc(b->arena, inside.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.ptr[i] != '\\') {
            out[len++] = inside.ptr[i];
            continue;
        }
        if (i + 1 < inside.len && inside.ptr[i + 1] == '\\') {
            out[len++] = inside.ptr[++i];
            continue;
        }
        uint32_t code, low;
        size_t bytes = unicode_escape(str_from(inside, i + 1), &code);
        i += bytes;
        /* two escapes of a surrogate pair */
        if (bytes && code >= 0xD800 && code < 0xDC00 && i + 1 < inside.len &&
            inside.ptr[i + 1] == '\\') {
            size_t more = unicode_escape(str_from(inside, i + 2), &low);
            if (more && low >= 0xDC00 && low < 0xE000) {
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                i += more + 1;
            }
        }
        if (!bytes || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
            build_error(b, span, "E0100",
                        "four hexadecimal digits follow the backslash: U&'\\00e9'",
                        "a Unicode escape in this string is not valid");
            break;
        }
        len += utf8_put(code, out + len);
    }
    out[len] = 0;
    return (struct str){out, len};
}

struct str build_string(struct builder *b, struct token token) {
    struct str text = span_text(b, token.span);
    bool plain = text.len && (text.ptr[0] == '\'' || text.ptr[0] == '"');
    size_t prefix = plain ? 0 : text.len > 1 && text.ptr[1] == '&' ? 2 : 1;
    if (text.len < prefix + 2) return STR("");
    struct str inside = unquote(b, str_sub(text, prefix + 1, text.len - prefix - 2), '\'');
    return prefix == 2 ? unicode_string(b, inside, token.span) : inside;
}

void build_template(struct builder *b, struct str text, struct span span) {
    size_t at;
    if (!str_find(text, STR("${"), &at) && !str_find(text, STR("{{"), &at)) return;
    build_error(b, span, "E0105",
                "write the value; what differs between environments is given at the start, as "
                "-X NAME=VALUE or in the environment",
                "this file is a template: Flink SQL has no placeholders");
}

struct ast_option build_option(struct builder *b, struct token key, struct token value) {
    struct ast_option option = {build_string(b, key), build_string(b, value), key.span, value.span,
                                false};
    build_template(b, option.key, key.span);
    build_template(b, option.value, value.span);
    return option;
}

static struct str binary_string(struct builder *b, struct token token) {
    struct str text = span_text(b, token.span);
    struct str digits = str_sub(text, 2, text.len - 3);
    char *out = arena_alloc(b->arena, digits.len / 2 + 1);
    bool ok = digits.len % 2 == 0;
    for (size_t i = 0; i + 1 < digits.len; i += 2) {
        int high = hex_value(digits.ptr[i]), low = hex_value(digits.ptr[i + 1]);
        ok = ok && high >= 0 && low >= 0;
        out[i / 2] = (char)((unsigned)high << 4 | (unsigned)low);
    }
    if (!ok)
        build_error(b, token.span, "E0100", "write two hexadecimal digits per byte: X'0fa0'",
                    "this binary string is not made of pairs of hexadecimal digits");
    return (struct str){out, digits.len / 2};
}

struct ast_expr *build_literal(struct builder *b, struct token token) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_LITERAL, token.span.start);
    struct ast_literal *literal = &expr->literal;
    literal->text = span_text(b, token.span);
    switch (token.type) {
    case TK_NULL: literal->kind = AST_LITERAL_NULL; break;
    case TK_TRUE: literal->kind = AST_LITERAL_BOOLEAN, literal->value = 1; break;
    case TK_FALSE: literal->kind = AST_LITERAL_BOOLEAN; break;
    case TK_UNKNOWN: literal->kind = AST_LITERAL_UNKNOWN; break;
    case TK_INTEGER: literal->kind = AST_LITERAL_INTEGER; break;
    case TK_DECIMAL: literal->kind = AST_LITERAL_DECIMAL; break;
    case TK_DOUBLE_NUMBER: literal->kind = AST_LITERAL_DOUBLE; break;
    case TK_BINARY_STRING:
        literal->kind = AST_LITERAL_BINARY;
        literal->text = binary_string(b, token);
        break;
    default:
        literal->kind = AST_LITERAL_STRING;
        literal->text = build_string(b, token);
        break;
    }
    return expr;
}

/* ---- dates and times ---- */

/* Reads exactly `digits` digits at *at. */
static bool read_field(struct str text, size_t *at, size_t digits, int32_t *out) {
    *out = 0;
    if (*at + digits > text.len) return false;
    for (size_t i = 0; i < digits; i++) {
        char c = text.ptr[(*at)++];
        if (c < '0' || c > '9') return false;
        *out = *out * 10 + (c - '0');
    }
    return true;
}

static bool read_char(struct str text, size_t *at, char c) {
    return *at < text.len && text.ptr[(*at)++] == c;
}

static bool read_date(struct str text, size_t *at) {
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t year, month, day;
    if (!read_field(text, at, 4, &year) || !read_char(text, at, '-')) return false;
    if (!read_field(text, at, 2, &month) || !read_char(text, at, '-')) return false;
    if (!read_field(text, at, 2, &day)) return false;
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    bool leap = month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    return day <= days[month - 1] + leap;
}

static bool read_time(struct str text, size_t *at, int32_t *precision) {
    int32_t hour, minute, second, digit;
    if (!read_field(text, at, 2, &hour) || !read_char(text, at, ':')) return false;
    if (!read_field(text, at, 2, &minute) || !read_char(text, at, ':')) return false;
    if (!read_field(text, at, 2, &second)) return false;
    *precision = 0;
    if (*at < text.len && text.ptr[*at] == '.') {
        (*at)++;
        while (*at < text.len && *precision < 9 && read_field(text, at, 1, &digit))
            (*precision)++;
        if (*precision == 0) return false;
    }
    return hour < 24 && minute < 60 && second < 60;
}

struct ast_expr *build_datetime(struct builder *b, struct token word, struct token string) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_LITERAL, word.span.start);
    struct ast_literal *literal = &expr->literal;
    struct str name = span_upper(b, word.span);
    literal->text = build_string(b, string);
    size_t at = 0;
    bool ok = true;
    const char *shape;
    if (str_eq(name, STR("DATE"))) {
        literal->kind = AST_LITERAL_DATE;
        shape = "DATE '2024-01-31'";
        ok = read_date(literal->text, &at);
    } else if (str_eq(name, STR("TIME"))) {
        literal->kind = AST_LITERAL_TIME;
        shape = "TIME '13:45:00'";
        ok = read_time(literal->text, &at, &literal->precision);
    } else {
        literal->kind = AST_LITERAL_TIMESTAMP;
        shape = "TIMESTAMP '2024-01-31 13:45:00', optionally with a fraction of the second";
        ok = read_date(literal->text, &at) && read_char(literal->text, &at, ' ') &&
             read_time(literal->text, &at, &literal->precision);
    }
    if (!ok || at != literal->text.len)
        build_error(b, string.span, "E0109", shape, "Illegal " STR_FMT " literal '" STR_FMT "'",
                    STR_ARG(name), STR_ARG(str_sub(literal->text, 0, 60)));
    return expr;
}

/* ---- intervals ---- */

static const char *const unit_names[] = {
    [AST_UNIT_YEAR] = "YEAR", [AST_UNIT_MONTH] = "MONTH",   [AST_UNIT_DAY] = "DAY",
    [AST_UNIT_HOUR] = "HOUR", [AST_UNIT_MINUTE] = "MINUTE", [AST_UNIT_SECOND] = "SECOND",
};
/* Months or milliseconds of one unit. */
static const int64_t unit_size[] = {
    [AST_UNIT_YEAR] = 12,      [AST_UNIT_MONTH] = 1,      [AST_UNIT_DAY] = 86400000,
    [AST_UNIT_HOUR] = 3600000, [AST_UNIT_MINUTE] = 60000, [AST_UNIT_SECOND] = 1000,
};

static bool is_month_unit(enum ast_unit unit) {
    return unit <= AST_UNIT_MONTH;
}

/* SECOND, seconds, …; anything else (WEEK, QUARTER, MILLISECOND) is reported. */
static enum ast_unit read_unit(struct builder *b, struct token token) {
    struct str word = span_text(b, token.span);
    struct str singular = word;
    if (word.len && (word.ptr[word.len - 1] | 0x20) == 's') singular.len--;
    for (size_t i = 0; i < ARRAY_LEN(unit_names); i++)
        if (str_eq_nocase(singular, str_of(unit_names[i]))) return (enum ast_unit)i;
    const char *help = "write weeks in days, quarters in months, milliseconds as a fraction: "
                       "INTERVAL '14' DAY, INTERVAL '3' MONTH, INTERVAL '0.250' SECOND";
    build_error(b, token.span, "E0106", help, "`" STR_FMT "` is not a unit of an interval in Flink",
                STR_ARG(word));
    return AST_UNIT_SECOND;
}

struct precision build_precision(struct builder *b, struct token first, struct token second) {
    struct precision out = {-1, -1};
    struct token tokens[] = {first, second};
    int32_t *values[] = {&out.first, &out.second};
    for (int i = 0; i < 2; i++) {
        if (tokens[i].type == 0) continue;
        uint64_t value = 0;
        if (!parse_u64(span_text(b, tokens[i].span), &value) || value > INT32_MAX) {
            build_error(b, tokens[i].span, "E0100", NULL, "this length or precision is too large");
            value = 0;
        }
        *values[i] = (int32_t)value;
    }
    return out;
}

/* Flink keeps three digits of a day-time field, Calcite ten of a year-month one. */
static void check_precision(struct builder *b, const struct ast_interval_qualifier *q) {
    bool months = is_month_unit(q->start);
    int32_t max = months ? 10 : 3;
    if (q->precision != -1 && (q->precision < 1 || q->precision > max))
        build_error(b, q->span, "E0106",
                    months ? NULL : "use the next larger unit: INTERVAL '1' DAY for 1440 minutes",
                    "DAY_INTERVAL_TYPES precision is not supported: %d (1 to %d)", q->precision,
                    max);
    if (q->fraction != -1 && (q->fraction < 1 || q->fraction > 9))
        build_error(b, q->span, "E0106", NULL, "a second has 1 to 9 fractional digits, not %d",
                    q->fraction);
}

struct ast_interval_qualifier build_qualifier(struct builder *b, struct token start,
                                              struct precision a, struct token end,
                                              struct precision z) {
    struct ast_interval_qualifier q = {.span = span_from(b, start.span.start)};
    q.start = q.end = read_unit(b, start);
    q.precision = a.first;
    q.fraction = a.second;
    if (end.type) {
        q.end = read_unit(b, end);
        q.fraction = z.first;
        if (q.end <= q.start || is_month_unit(q.start) != is_month_unit(q.end))
            build_error(b, q.span, "E0106",
                        "YEAR TO MONTH, or from a larger to a smaller of DAY, HOUR, MINUTE, SECOND",
                        "an interval cannot run from %s to %s", unit_names[q.start],
                        unit_names[q.end]);
    }
    check_precision(b, &q);
    return q;
}

/* One numeric field of an interval's text. Leading fields obey the precision, the others their range. */
static bool interval_field(struct builder *b, struct str text, size_t *at,
                           const struct ast_interval_qualifier *q, enum ast_unit unit,
                           struct span span, int64_t *total) {
    static const int64_t limits[] = {
        [AST_UNIT_YEAR] = 0,  [AST_UNIT_MONTH] = 11,  [AST_UNIT_DAY] = 0,
        [AST_UNIT_HOUR] = 23, [AST_UNIT_MINUTE] = 59, [AST_UNIT_SECOND] = 59};
    size_t from = *at;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
        (*at)++;
    struct str digits = str_sub(text, from, *at - from);
    int64_t value;
    if (digits.len == 0 || digits.len > 18 || !parse_i64(digits, &value)) return false;
    int32_t precision = q->precision == -1 ? 2 : q->precision;
    if (unit != q->start) {
        if (value > limits[unit]) return false;
    } else {
        size_t significant = digits.len;
        while (significant > 1 && digits.ptr[digits.len - significant] == '0')
            significant--;
        if (significant > (size_t)precision) {
            char help[160];
            if (significant <= 3 || is_month_unit(unit))
                snprintf(help, sizeof help, "give it more digits: INTERVAL '" STR_FMT "' %s(%zu)",
                         STR_ARG(digits), unit_names[unit], significant);
            else
                snprintf(
                    help, sizeof help,
                    "three digits are the most; use a larger unit, as INTERVAL '1' DAY for 1440 minutes");
            build_error(b, span, "E0106", help,
                        "Interval field value " STR_FMT " exceeds precision of %s(%d) field",
                        STR_ARG(digits), unit_names[unit], precision);
            value = 0;
        }
    }
    int64_t part;
    if (__builtin_mul_overflow(value, unit_size[unit], &part)) return false;
    return !__builtin_add_overflow(*total, part, total);
}

/* The fraction of a second, cut to milliseconds. */
static bool interval_fraction(struct str text, size_t *at, const struct ast_interval_qualifier *q,
                              int64_t *total) {
    if (*at >= text.len || text.ptr[*at] != '.') return true;
    (*at)++;
    int32_t digits = 0, max = q->fraction == -1 ? 6 : q->fraction;
    int64_t scale = 100;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++, digits++) {
        *total += (text.ptr[*at] - '0') * scale;
        scale /= 10;
    }
    return digits >= 1 && digits <= max;
}

/* '1-2', '1 02:03:04.5': fields from q->start to q->end with the standard's separators. */
static bool interval_text(struct builder *b, struct str text,
                          const struct ast_interval_qualifier *q, struct span span,
                          int64_t *total) {
    static const char separators[] = {
        [AST_UNIT_YEAR] = 0,   [AST_UNIT_MONTH] = '-',  [AST_UNIT_DAY] = 0,
        [AST_UNIT_HOUR] = ' ', [AST_UNIT_MINUTE] = ':', [AST_UNIT_SECOND] = ':'};
    size_t at = 0;
    *total = 0;
    bool negative = text.len && text.ptr[0] == '-';
    if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+')) at++;
    for (enum ast_unit unit = q->start; unit <= q->end; unit++) {
        if (unit != q->start && !read_char(text, &at, separators[unit])) return false;
        if (!interval_field(b, text, &at, q, unit, span, total)) return false;
    }
    if (q->end == AST_UNIT_SECOND && !interval_fraction(text, &at, q, total)) return false;
    if (negative) *total = -*total;
    return at == text.len;
}

/* INTERVAL 5 SECOND, INTERVAL 1.5 SECOND: a number times the unit, without a rule for digits. */
static bool interval_number(struct str text, const struct ast_interval_qualifier *q,
                            int64_t *total) {
    struct str fraction;
    bool more;
    struct str whole = str_split(text, '.', &fraction, &more);
    int64_t value = 0, part = 0, scale = 1;
    if (q->start != q->end) return false;
    if (whole.len && !parse_i64(whole, &value)) return false;
    if (fraction.len > 3 || (fraction.len && !parse_i64(fraction, &part))) return false;
    for (size_t i = 0; i < fraction.len; i++)
        scale *= 10;
    if (__builtin_mul_overflow(value, unit_size[q->start], total)) return false;
    return !__builtin_add_overflow(*total, part * unit_size[q->start] / scale, total);
}

struct ast_expr *build_interval(struct builder *b, struct token word, struct token sign,
                                struct token value, struct ast_interval_qualifier qualifier) {
    struct ast_expr *expr = build_expr(b, AST_EXPR_LITERAL, word.span.start);
    struct ast_literal *literal = &expr->literal;
    bool quoted = value.type == TK_STRING;
    uint32_t errors_before = b->errors->errors;
    literal->kind = is_month_unit(qualifier.start) ? AST_LITERAL_MONTHS : AST_LITERAL_MILLIS;
    literal->qualifier = qualifier;
    literal->text = quoted ? str_trim(build_string(b, value)) : span_text(b, value.span);
    bool ok = quoted ? interval_text(b, literal->text, &qualifier, value.span, &literal->value)
                     : interval_number(literal->text, &qualifier, &literal->value);
    if (!ok && b->errors->errors == errors_before)
        build_error(b, value.span, "E0106",
                    "for example INTERVAL '5' SECOND, INTERVAL '1:30' HOUR TO MINUTE, "
                    "INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH",
                    "Illegal interval literal '" STR_FMT "' for %s%s%s",
                    STR_ARG(str_sub(literal->text, 0, 60)), unit_names[qualifier.start],
                    qualifier.start != qualifier.end ? " TO " : "",
                    qualifier.start != qualifier.end ? unit_names[qualifier.end] : "");
    literal->is_quoted = quoted;
    if (sign.type == TK_MINUS) {
        literal->value = -literal->value;
        bool negative = str_starts(literal->text, STR("-"));
        struct str digits =
            str_from(literal->text, negative || str_starts(literal->text, STR("+")));
        literal->text = negative ? digits : arena_printf(b->arena, "-" STR_FMT, STR_ARG(digits));
    }
    return expr;
}
