/* SPDX-License-Identifier: Apache-2.0 */
/* What to say about a token that does not fit: the mistakes people make, each with its own sentence
 * and remedy, and "expected one of" for the rest. */
#include <stdio.h>

#include "common/buf.h"
#include "sql/grammar.h"
#include "sql/parser.h"

/* The text of a token as it may be shown; signs in quotes. */
static struct str shown(struct parser *p, struct token token) {
    if (token.type == 0) return STR("end of file");
    struct str text = span_text(&p->b, token.span);
    bool is_sign = text.len && strchr("()[],.;=<>+-*/%|", text.ptr[0]);
    struct buf buf;
    buf_init(&buf, 256);
    if (is_sign) buf_append_char(&buf, '\'');
    buf_append_visible(&buf, text, 40);
    if (is_sign) buf_append_char(&buf, '\'');
    struct str out = arena_str(p->b.arena, buf_str(&buf));
    buf_release(&buf);
    return out;
}

static void skip(struct parser *p) {
    while (!token_ends(p->token))
        parser_advance(p);
    p->lexer.in_hint = false;
}

/* ---- tokens that are wrong in themselves ---- */

/* An opening quote without its partner: its line is lost, reading goes on behind it. When the line ends
 * with a semicolon, so most likely does the statement. */
static int mistake_open(struct parser *p, struct token token, const char *what, const char *help) {
    struct span first = {token.span.start, token.span.start + 1};
    build_error(&p->b, first, "E0104", help, "%s is not closed", what);
    if (token.problem == TOKEN_COMMENT_OPEN) {
        skip(p);
        return TK_ILLEGAL;
    }
    bool more;
    struct str rest, line = str_split(str_from(p->b.text, token.span.start), '\n', &rest, &more);
    parser_seek(p, token.span.start + (uint32_t)line.len);
    if (!str_ends(str_trim(line), STR(";"))) skip(p);
    return TK_ILLEGAL;
}

int mistake_token(struct parser *p) {
    struct token token = p->token;
    struct str text = shown(p, token);
    switch (token.problem) {
    case TOKEN_OK: return token.type;
    case TOKEN_BANG_EQUAL:
        build_error(&p->b, token.span, "E0102", "write <>",
                    "Bang equal '!=' is not allowed under the current SQL conformance level");
        return token.type;
    case TOKEN_DOUBLE_EQUAL:
        build_error(&p->b, token.span, "E0100", "write =", "== is not an operator of SQL");
        return token.type;
    case TOKEN_DOUBLE_QUOTED:
        text = str_sub(text, 1, text.len > 2 ? text.len - 2 : 0);
        build_error(&p->b, token.span, "E0103",
                    "a name stands in back-ticks, a text in single quotes",
                    "double quotes mean nothing in Flink SQL: write `" STR_FMT "` or '" STR_FMT "'",
                    STR_ARG(text), STR_ARG(text));
        return grammar_accepts(p->grammar, TK_STRING) && !grammar_accepts(p->grammar, TK_ID)
                   ? TK_STRING
                   : TK_ID;
    case TOKEN_TEMPLATE: build_template(&p->b, STR("${"), token.span); break;
    case TOKEN_STRING_OPEN:
        return mistake_open(p, token, "this string",
                            "add the closing quote; a quote inside a text is doubled: 'it''s'");
    case TOKEN_NAME_OPEN:
        return mistake_open(p, token, "this name in back-ticks", "add the closing back-tick");
    case TOKEN_COMMENT_OPEN: return mistake_open(p, token, "this comment", "add */");
    case TOKEN_NOT_UTF8:
        build_error(&p->b, token.span, "E0100", "save the file as UTF-8",
                    "this text is not valid UTF-8");
        break;
    case TOKEN_NAME_EMPTY:
        build_error(&p->b, token.span, "E0100", NULL, "a name cannot be empty");
        break;
    case TOKEN_NUMBER:
        build_error(
            &p->b, token.span, "E0100",
            "numbers are 1, 1.5 or 1e3, without hexadecimal form; a name that starts with a "
            "digit stands in back-ticks",
            STR_FMT " is not a number", STR_ARG(text));
        break;
    case TOKEN_BYTE:
        build_error(&p->b, token.span, "E0100", NULL, "unexpected character " STR_FMT,
                    STR_ARG(text));
        break;
    }
    skip(p);
    return TK_ILLEGAL;
}

/* ---- what would have fitted ---- */

/* Tokens worth naming in "expected …", in the order of their mention. */
static const struct {
    int type;
    const char *text;
} mentions[] = {
    {TK_RP, "')'"},
    {TK_RB, "']'"},
    {TK_GT, "'>'"},
    {TK_COMMA, "','"},
    {TK_LP, "'('"},
    {TK_EQ, "'='"},
    {TK_ARROW, "'=>'"},
    {TK_HINT_CLOSE, "'*/'"},
    {TK_AS, "AS"},
    {TK_SELECT, "SELECT"},
    {TK_VALUES, "VALUES"},
    {TK_INSERT, "INSERT"},
    {TK_CREATE, "CREATE"},
    {TK_DROP, "DROP"},
    {TK_TABLE, "TABLE"},
    {TK_VIEW, "VIEW"},
    {TK_DATABASE, "DATABASE"},
    {TK_INTO, "INTO"},
    {TK_BY, "BY"},
    {TK_FROM, "FROM"},
    {TK_ON, "ON"},
    {TK_USING, "USING"},
    {TK_JOIN, "JOIN"},
    {TK_WHERE, "WHERE"},
    {TK_GROUP, "GROUP"},
    {TK_HAVING, "HAVING"},
    {TK_ORDER, "ORDER"},
    {TK_LIMIT, "LIMIT"},
    {TK_WHEN, "WHEN"},
    {TK_THEN, "THEN"},
    {TK_ELSE, "ELSE"},
    {TK_END, "END"},
    {TK_AND, "AND"},
    {TK_FOR, "FOR"},
    {TK_KEY, "KEY"},
    {TK_NULL, "NULL"},
    {TK_NOT, "NOT"},
    {TK_EXISTS, "EXISTS"},
    {TK_TO, "TO"},
    {TK_OF, "OF"},
    {TK_SETS, "SETS"},
    {TK_ROW, "ROW"},
    {TK_ROWS, "ROWS"},
    {TK_ONLY, "ONLY"},
    {TK_WITH, "WITH"},
    {TK_LIKE, "LIKE"},
    {TK_ENFORCED, "ENFORCED"},
    {TK_WRAPPER, "WRAPPER"},
    {TK_ZONE, "ZONE"},
};
enum { MENTIONS_MAX = 8 };

static void mention(struct buf *out, uint32_t *count, const char *text) {
    if (*count < MENTIONS_MAX) buf_printf(out, "%s%s", *count ? ", " : "", text);
    (*count)++;
}

/* "an expression, ), AS": families first, then single tokens, then the end. */
static struct str expected(struct parser *p) {
    bool expression = grammar_accepts(p->grammar, TK_CASE);
    bool operator= !expression && grammar_accepts(p->grammar, TK_CONCAT);
    bool type = grammar_accepts(p->grammar, TK_TYPE);
    bool statement = expression && grammar_accepts(p->grammar, TK_CREATE);
    bool name = grammar_accepts(p->grammar, TK_ID);
    bool unit = grammar_accepts(p->grammar, TK_UNIT);
    uint32_t count = 0;
    struct buf out;
    buf_init(&out, 512);
    if (statement)
        mention(&out, &count, "a statement");
    else if (expression)
        mention(&out, &count, "an expression");
    if (operator) mention(&out, &count, "an operator");
    if (type)
        mention(&out, &count, "a type");
    else if (name && !expression)
        mention(&out, &count, "a name");
    if (!expression && grammar_accepts(p->grammar, TK_STRING)) mention(&out, &count, "a string");
    if (!expression && grammar_accepts(p->grammar, TK_INTEGER)) mention(&out, &count, "a number");
    if (unit && !expression) mention(&out, &count, "a unit such as SECOND");
    for (size_t i = 0; i < ARRAY_LEN(mentions); i++) {
        int one = mentions[i].type;
        bool in_family = (expression && (one == TK_LP || one == TK_NOT || one == TK_NULL ||
                                         one == TK_EXISTS || one == TK_ROW)) ||
                         (operator&&(one == TK_EQ || one == TK_GT || one == TK_LIKE ||
                                     one == TK_AND || one == TK_NOT)) ||
                         (type && (one == TK_ROW || one == TK_NULL));
        bool is_name = grammar_fallback(one) == TK_ID && name;
        if (!in_family && !is_name && grammar_accepts(p->grammar, one))
            mention(&out, &count, mentions[i].text);
    }
    if (grammar_accepts(p->grammar, 0)) mention(&out, &count, "the end of the statement");
    if (count > MENTIONS_MAX) buf_printf(&out, " …");
    struct str text = arena_str(p->b.arena, buf_str(&out));
    buf_release(&out);
    return text;
}

/* ---- particular mistakes; each returns true when it was the one ---- */

/* A string that runs over the line it starts on, right before something that does not fit, has most
 * likely lost its closing quote. Reading goes on behind its first line. */
static bool mistake_long_string(struct parser *p) {
    struct token token = p->token.type == TK_STRING ? p->token : p->last;
    size_t line;
    if (token.type != TK_STRING || !str_find(span_text(&p->b, token.span), STR("\n"), &line))
        return false;
    mistake_open(p, token, "this string",
                 "add the closing quote; a quote inside a text is doubled: 'it''s'");
    return true;
}

/* A new statement although the last one has not ended: read on right here. */
static bool mistake_semicolon(struct parser *p) {
    static const int starts[] = {TK_CREATE, TK_INSERT,   TK_DROP,   TK_ALTER, TK_EXPLAIN, TK_SET,
                                 TK_RESET,  TK_DESCRIBE, TK_SELECT, TK_USE,   TK_END};
    bool is_start = token_is(p, p->token, "EXECUTE") || token_is(p, p->token, "BEGIN") ||
                    token_is(p, p->token, "SHOW");
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        is_start |= p->token.type == starts[i];
    if (!is_start || !grammar_accepts(p->grammar, 0) || !token_starts_line(p, p->token))
        return false;
    struct span point = {p->last.span.end, p->last.span.end};
    build_error(&p->b, point, "E0100", "end each statement with ;", "missing ; before " STR_FMT,
                STR_ARG(shown(p, p->token)));
    return true;
}

static bool mistake_comma(struct parser *p, int type) {
    static const int closers[] = {TK_RP,    TK_RB,     TK_GT,    TK_FROM,  TK_WHERE,
                                  TK_GROUP, TK_HAVING, TK_ORDER, TK_LIMIT, TK_WITH,
                                  TK_UNION, 0,         TK_SEMI};
    bool closes = false;
    for (size_t i = 0; i < ARRAY_LEN(closers); i++)
        closes |= type == closers[i];
    if (p->last.type != TK_COMMA || !closes) return false;
    build_error(&p->b, p->last.span, "E0100", "remove the comma, or add what is missing behind it",
                "nothing follows this comma");
    skip(p);
    return true;
}

static bool mistake_percent(struct parser *p) {
    if (p->token.type != TK_PERCENT || p->ahead.span.start != p->token.span.end) return false;
    if (!token_is(p, p->ahead, "s") && !token_is(p, p->ahead, "d")) return false;
    build_template(&p->b, STR("${"), (struct span){p->token.span.start, p->ahead.span.end});
    skip(p);
    return true;
}

static bool mistake_adjacent(struct parser *p) {
    const char *help = NULL, *what = NULL;
    if (p->last.type == TK_STRING && p->token.type == TK_STRING) {
        what = "two strings side by side are not joined";
        help = "write 'a' || 'b'; a quote inside a text is doubled: 'it''s'";
    } else if (p->token.type == TK_HINT_OPEN) {
        what = "a hint has no meaning here";
        help = "hints follow SELECT, or the name of a table; a comment starts with /* and a blank";
    } else if (p->last.type == TK_WITH && token_is(p, p->token, "TIME")) {
        what = "Flink has no type TIMESTAMP WITH TIME ZONE";
        help = "TIMESTAMP_LTZ(3) is the type of an instant";
    }
    if (!what) return false;
    build_error(&p->b, p->token.span, "E0100", help, "%s", what);
    skip(p);
    return true;
}

/* Words that have a role in the grammar but are not part of its skeleton: where a name is wanted, a
 * name was meant. */
static bool is_soft_word(int type) {
    static const int soft[] = {
        TK_RESERVED,    TK_FUNCTION, TK_TYPE,      TK_CHAR,     TK_CONTEXT,   TK_UNIT,
        TK_DATE,        TK_TIME,     TK_TIMESTAMP, TK_VALUE,    TK_ROUNDING,  TK_SUBSTRING,
        TK_POSITION,    TK_OVERLAY,  TK_EXTRACT,   TK_TRIM,     TK_HASH,      TK_RANGE,
        TK_ROW,         TK_ROWS,     TK_CONTAINS,  TK_EQUALS,   TK_LOCAL,     TK_DOUBLE,
        TK_BINARY,      TK_RAW,      TK_EMPTY,     TK_UNIQUE,   TK_ONLY,      TK_MEMBER,
        TK_SYSTEM_TIME, TK_STREAM,   TK_PRECEDES,  TK_SUCCEEDS, TK_OVERLAPS,  TK_COMMENT,
        TK_DEFAULT,     TK_CURRENT,  TK_EXTENDED,  TK_RENAME,   TK_PRECISION, TK_JSON_FUNCTION,
        TK_INTERVAL,    TK_UNKNOWN};
    for (size_t i = 0; i < ARRAY_LEN(soft); i++)
        if (soft[i] == type) return true;
    return false;
}

/* What follows a name in a column list, a select list, a path. */
static bool follows_name(int type) {
    return type == TK_COMMA || type == TK_RP || type == TK_DOT || type == TK_EQ ||
           type == TK_TYPE || type == TK_CHAR || type == TK_DOUBLE || type == TK_TIMESTAMP ||
           type == TK_DATE || type == TK_TIME;
}

static int mistake_reserved(struct parser *p, int type) {
    const struct keyword *keyword = keyword_find(span_text(&p->b, p->token.span));
    if (!keyword || !keyword->reserved || !grammar_accepts(p->grammar, TK_ID)) return TK_ILLEGAL;
    if (!is_soft_word(type) && !follows_name(p->ahead.type)) return TK_ILLEGAL;
    struct str word = shown(p, p->token);
    build_error(&p->b, p->token.span, "E0101", NULL,
                "`" STR_FMT "` is a reserved word: write `` `" STR_FMT "` ``", STR_ARG(word),
                STR_ARG(word));
    return TK_ID;
}

/* The keyword that a word next to the error was probably meant to be. */
static const char *misspelt(struct parser *p) {
    static const char *const words[] = {
        "SELECT",  "FROM",      "WHERE",    "GROUP",   "ORDER",     "HAVING",
        "INSERT",  "INTO",      "CREATE",   "TABLE",   "VIEW",      "VALUES",
        "UNION",   "JOIN",      "WITH",     "PRIMARY", "PARTITION", "WATERMARK",
        "EXECUTE", "STATEMENT", "BEGIN",    "LIMIT",   "INTERVAL",  "DISTINCT",
        "BETWEEN", "METADATA",  "ENFORCED", "EXPLAIN", "DESCRIBE"};
    const struct token near[] = {p->token, p->last};
    for (size_t k = 0; k < ARRAY_LEN(near); k++) {
        if (near[k].type != TK_ID || near[k].span.end - near[k].span.start < 4) continue;
        struct str word = span_upper(&p->b, near[k].span);
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
            struct str keyword = str_of(words[i]);
            if (str_distance(word, keyword) <= (keyword.len > 5 ? 2u : 1u) ||
                (word.len == keyword.len && str_distance(word, keyword) == 2 &&
                 word.ptr[0] == keyword.ptr[0]))
                return words[i];
        }
    }
    return NULL;
}

int mistake_syntax(struct parser *p, int type) {
    if (mistake_semicolon(p)) return TK_ILLEGAL;
    int name = mistake_reserved(p, type);
    if (name != TK_ILLEGAL) return name;
    if (mistake_comma(p, type) || mistake_percent(p) || mistake_long_string(p) ||
        mistake_adjacent(p))
        return TK_ILLEGAL;

    char help[128] = "";
    const char *keyword = misspelt(p);
    bool wants_string =
        grammar_accepts(p->grammar, TK_STRING) && !grammar_accepts(p->grammar, TK_ID);
    if (keyword)
        snprintf(help, sizeof help, "did you mean %s?", keyword);
    else if (type == TK_ID && wants_string)
        snprintf(help, sizeof help, "write it in single quotes: '" STR_FMT "'",
                 STR_ARG(str_sub(span_text(&p->b, p->token.span), 0, 40)));
    build_error(&p->b, p->token.span, "E0100", help[0] ? help : NULL,
                "unexpected " STR_FMT "; expected " STR_FMT, STR_ARG(shown(p, p->token)),
                STR_ARG(expected(p)));
    skip(p);
    return TK_ILLEGAL;
}
