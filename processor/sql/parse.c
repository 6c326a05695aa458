/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's driver: cuts the script into statements, recognises by their first words those that the
 * grammar does not read, and feeds the others to it, token by token.
 *
 *   text ─ token.c ─► tokens ─ parse.c ─► grammar.y ─ ast.c, literal.c ─► tree
 *                                 └ mistakes.c ─► diagnostics
 */
#include "sql/parse.h"

#include <stdlib.h>

#include "common/fatal.h"
#include "sql/grammar.h"
#include "sql/parser.h"

/* ---- tokens ---- */

static struct token parser_lex(struct parser *p) {
    if (++p->tokens == SQL_TOKENS_MAX) {
        struct span here = {p->lexer.at, p->lexer.at};
        build_error(&p->b, here, "E0108", "split the file",
                    "the file has more than %d words and signs; the rest was not read",
                    SQL_TOKENS_MAX);
        p->end = true;
    }
    if (p->tokens >= SQL_TOKENS_MAX) p->lexer.at = (uint32_t)p->lexer.text.len;
    struct token token = lexer_next(&p->lexer);
    /* bytes of another encoding matter where they are read; in a comment they may stand, as in Flink */
    if (!utf8_valid(span_text(&p->b, token.span)))
        token = (struct token){TK_ILLEGAL, TOKEN_NOT_UTF8, token.span};
    return token;
}

void parser_advance(struct parser *p) {
    p->last = p->token;
    p->token = p->ahead;
    p->ahead = parser_lex(p);
}

void parser_seek(struct parser *p, uint32_t at) {
    p->lexer.at = at;
    p->lexer.in_hint = false;
    p->last = (struct token){.span = {at, at}};
    p->token = parser_lex(p);
    p->ahead = parser_lex(p);
}

void parser_peek(const struct parser *p, struct token *tokens, uint32_t count) {
    struct lexer lexer = p->lexer;
    tokens[0] = p->token;
    tokens[1] = p->ahead;
    for (uint32_t i = 2; i < count; i++)
        tokens[i] = lexer_next(&lexer);
}

bool token_is(const struct parser *p, struct token token, const char *word) {
    return str_eq_nocase(span_text(&p->b, token.span), str_of(word));
}

bool token_ends(struct token token) {
    return token.type == 0 || token.type == TK_SEMI;
}

bool token_starts_line(const struct parser *p, struct token token) {
    uint32_t at = token.span.start;
    while (at > 0 && (p->b.text.ptr[at - 1] == ' ' || p->b.text.ptr[at - 1] == '\t'))
        at--;
    return at == 0 || p->b.text.ptr[at - 1] == '\n';
}

static void skip_statement(struct parser *p) {
    while (!token_ends(p->token))
        parser_advance(p);
    p->lexer.in_hint = false;
}

/* ---- statements that are finished ---- */

static void statement_append(struct parser *p, struct ast_statement *statement) {
    if (!p->set) {
        LIST_APPEND(&p->b, &p->script->statements, statement);
        return;
    }
    if (statement->kind == AST_INSERT) {
        LIST_APPEND(&p->b, &p->set->set, statement);
        return;
    }
    build_error(&p->b, statement->span, "E0110",
                "move it in front of the set, or close the set with END;",
                "only INSERT statements may stand in a statement set");
}

static struct ast_statement *statement_here(struct parser *p, enum ast_statement_kind kind,
                                            struct token first) {
    p->b.end = p->last.span.end;
    return build_statement(&p->b, kind, first.span);
}

/* Reports what is left in front of the semicolon; true when there is nothing. */
static bool statement_ends(struct parser *p, const char *help) {
    if (token_ends(p->token)) return true;
    build_error(&p->b, p->token.span, "E0100", help, "unexpected " STR_FMT "; expected ';'",
                STR_ARG(str_sub(span_text(&p->b, p->token.span), 0, 40)));
    skip_statement(p);
    return false;
}

/* ---- SET, RESET, ADD JAR: text up to the semicolon ---- */

/* From `start` to the semicolon outside quotes, or to the end of the text; E0104 when a quote is open. */
static struct span raw_span(struct parser *p, uint32_t start) {
    bool quoted = false;
    uint32_t at = start, quote = start;
    for (; at < p->b.text.len; at++) {
        char c = p->b.text.ptr[at];
        if (c == ';' && !quoted) break;
        if (c != '\'') continue;
        quoted = !quoted;
        quote = at;
    }
    if (quoted)
        build_error(&p->b, (struct span){quote, quote + 1}, "E0104", "add the closing quote",
                    "this string is not closed");
    struct span span = {start, at};
    if (!utf8_valid(span_text(&p->b, span)))
        build_error(&p->b, span, "E0100", "save the file as UTF-8", "this text is not valid UTF-8");
    return span;
}

static struct span span_trim(const struct parser *p, struct span span) {
    struct str text = span_text(&p->b, span), trimmed = str_trim(text);
    if (!trimmed.len) return (struct span){span.start, span.start};
    uint32_t start = span.start + (uint32_t)(trimmed.ptr - text.ptr);
    return (struct span){start, start + (uint32_t)trimmed.len};
}

static struct str raw_unquote(struct str text) {
    bool quoted = text.len >= 2 && text.ptr[0] == '\'' && text.ptr[text.len - 1] == '\'';
    return quoted ? str_sub(text, 1, text.len - 2) : text;
}

/* SET a.b = c and RESET a.b, without quotes. */
static void parse_raw_setting(struct parser *p, struct token first, enum ast_statement_kind kind) {
    struct span raw = raw_span(p, first.span.end), all = span_trim(p, raw);
    struct str text = span_text(&p->b, all), line;
    bool more;
    line = str_split(text, '\n', &(struct str){0}, &more);
    if (more) {
        struct span point = {all.start, all.start + (uint32_t)str_trim(line).len};
        build_error(&p->b, point, "E0100", "end the line with ;", "missing ; behind this setting");
        parser_seek(p, all.start + (uint32_t)line.len);
        return;
    }
    p->b.end = all.end;
    struct ast_statement *statement = build_statement(&p->b, kind, first.span);
    struct ast_setting *setting = &statement->setting;
    setting->kind = AST_SET_ONE;
    size_t equal = 0;
    bool has_value = str_find(text, STR("="), &equal);
    uint32_t middle = has_value ? all.start + (uint32_t)equal : all.end;
    setting->key_span = span_trim(p, (struct span){all.start, middle});
    setting->key = raw_unquote(span_text(&p->b, setting->key_span));
    if (has_value) {
        setting->value_span = span_trim(p, (struct span){middle + 1, all.end});
        setting->value = raw_unquote(span_text(&p->b, setting->value_span));
    }
    if (has_value != (kind == AST_SET) || !setting->key.len)
        build_error(&p->b, all, "E0100",
                    kind == AST_SET ? "for example SET 'table.exec.state.ttl' = '1 h';"
                                    : "for example RESET 'table.exec.state.ttl';",
                    kind == AST_SET ? "SET needs a key, = and a value" : "RESET needs a key alone");
    build_template(&p->b, text, all);
    parser_seek(p, raw.end);
    if (!p->b.failed) statement_append(p, statement);
}

/* SET; SET 'k' = 'v'; RESET; RESET 'k'; and the forms without quotes. */
static void parse_setting(struct parser *p, enum ast_statement_kind kind) {
    struct token first = p->token, next = p->ahead;
    if (!token_ends(next) && next.type != TK_STRING) {
        parse_raw_setting(p, first, kind);
        return;
    }
    parser_advance(p);
    struct ast_setting setting = {.kind = AST_SET_ALL};
    if (p->token.type == TK_STRING) {
        setting = (struct ast_setting){.kind = AST_SET_ONE, .quoted = true};
        setting.key = build_string(&p->b, p->token);
        setting.key_span = p->token.span;
        parser_advance(p);
    }
    if (kind == AST_SET && setting.kind == AST_SET_ONE) {
        if (p->token.type != TK_EQ || p->ahead.type != TK_STRING) {
            build_error(&p->b, p->token.type == TK_EQ ? p->ahead.span : p->token.span, "E0100",
                        "for example SET 'table.exec.state.ttl' = '1 h';",
                        "SET needs = and a value in single quotes here");
            skip_statement(p);
            return;
        }
        parser_advance(p);
        setting.value = build_string(&p->b, p->token);
        setting.value_span = p->token.span;
        build_template(&p->b, setting.value, p->token.span);
        parser_advance(p);
    }
    struct ast_statement *statement = statement_here(p, kind, first);
    statement->setting = setting;
    if (statement_ends(p, "a quote inside the value is doubled: 'it''s'") && !p->b.failed)
        statement_append(p, statement);
}

static void parse_jar(struct parser *p) {
    struct token first = p->token, second = p->ahead;
    struct span all = raw_span(p, first.span.start);
    struct span text = span_trim(p, all);
    p->b.end = text.end;
    struct ast_statement *statement = build_statement(&p->b, AST_JAR, first.span);
    statement->other.words_span = (struct span){first.span.start, second.span.end};
    statement->other.words = span_upper(&p->b, statement->other.words_span);
    statement->other.text = span_text(&p->b, text);
    parser_seek(p, all.end);
    if (!p->b.failed) statement_append(p, statement);
}

/* ---- statements that are known by name only ---- */

/* Consumes the rest of the statement. A block (COMPILE PLAN … BEGIN … END) has semicolons inside. */
static struct ast_statement *opaque_statement(struct parser *p, enum ast_statement_kind kind,
                                              struct token first, struct token last_word) {
    bool compile = token_is(p, first, "COMPILE");
    uint32_t blocks = 0; /* BEGIN and CASE that wait for their END */
    while (p->token.type && (p->token.type != TK_SEMI || blocks)) {
        if (compile && (token_is(p, p->token, "BEGIN") || p->token.type == TK_CASE)) blocks++;
        if (p->token.type == TK_END && blocks) blocks--;
        bool open = p->token.problem >= TOKEN_TEMPLATE && p->token.problem <= TOKEN_NOT_UTF8;
        if (open && !p->b.failed)
            mistake_token(p);
        else
            parser_advance(p);
    }
    if (blocks)
        build_error(&p->b, first.span, "E0110", "add END;", "this statement set is not closed");
    p->lexer.in_hint = false;
    struct ast_statement *statement = statement_here(p, kind, first);
    statement->other.words_span = (struct span){first.span.start, last_word.span.end};
    statement->other.text = span_text(&p->b, statement->span);
    return statement;
}

/* SHOW TABLES, SHOW FULL MODULES, SHOW CREATE TABLE t, … */
static void parse_show(struct parser *p) {
    static const char *const first_of_two[] = {"FULL", "USER", "CURRENT", "CREATE"};
    struct token tokens[4];
    parser_peek(p, tokens, ARRAY_LEN(tokens));
    uint32_t words = 1;
    for (size_t i = 0; i < ARRAY_LEN(first_of_two); i++)
        if (token_is(p, tokens[1], first_of_two[i]) && !token_ends(tokens[2])) words = 2;
    struct ast_name name = {0};
    if (words == 2 && token_is(p, tokens[1], "CREATE") && tokens[3].type == TK_ID) {
        struct lexer lexer = p->lexer;
        lexer.at = tokens[3].span.start;
        struct token part = lexer_next(&lexer), dot;
        name = build_name(&p->b, build_ident(&p->b, part));
        while ((dot = lexer_next(&lexer)).type == TK_DOT) {
            part = lexer_next(&lexer);
            LIST_APPEND(&p->b, &name.parts, build_ident(&p->b, part));
            name.span.end = part.span.end;
        }
    }
    struct ast_statement *statement = opaque_statement(p, AST_SHOW, tokens[0], tokens[words]);
    struct span topic = {tokens[1].span.start, tokens[words].span.end};
    statement->other.words = token_ends(tokens[1]) ? STR("") : span_upper(&p->b, topic);
    statement->other.name = name;
    if (!p->b.failed) statement_append(p, statement);
}

/* Valid Flink that is not read: the verb, and the noun behind words such as TEMPORARY; NULL is any. */
static const struct known_statement {
    const char *verb, *noun;
} known_statements[] = {
    {"CREATE", "FUNCTION"},   {"CREATE", "MODEL"},      {"CREATE", "MATERIALIZED"},
    {"CREATE", "CONNECTION"}, {"CREATE", "PROCEDURE"},  {"DROP", "FUNCTION"},
    {"DROP", "MODEL"},        {"DROP", "MATERIALIZED"}, {"DROP", "CONNECTION"},
    {"ALTER", NULL},          {"UPDATE", NULL},         {"DELETE", NULL},
    {"MERGE", NULL},          {"UPSERT", NULL},         {"CALL", NULL},
    {"COMPILE", NULL},        {"EXECUTE", "PLAN"},      {"LOAD", NULL},
    {"UNLOAD", NULL},         {"USE", "MODULES"},       {"ANALYZE", NULL},
    {"TRUNCATE", NULL},       {"STOP", "JOB"},          {"DESCRIBE", "CATALOG"},
    {"DESCRIBE", "DATABASE"}, {"DESCRIBE", "FUNCTION"}, {"DESCRIBE", "JOB"},
    {"DESCRIBE", "MODEL"},    {"DESC", "CATALOG"},      {"DESC", "DATABASE"},
    {"DESC", "FUNCTION"},     {"DESC", "JOB"},          {"DESC", "MODEL"},
};

/* ALTER TABLE [IF EXISTS] name SET ( | RESET ( | RENAME TO: what the grammar reads of ALTER. */
static bool is_read_alter(const struct parser *p) {
    struct token t[16];
    parser_peek(p, t, ARRAY_LEN(t));
    if (t[1].type != TK_TABLE) return false;
    uint32_t i = t[2].type == TK_IF ? 4 : 2;
    while (i + 2 < ARRAY_LEN(t) && t[i + 1].type == TK_DOT)
        i += 2;
    if (i + 2 >= ARRAY_LEN(t)) return false;
    int action = t[i + 1].type, next = t[i + 2].type;
    return (action == TK_SET && next == TK_LP) || (action == TK_RESET && next == TK_LP) ||
           (action == TK_RENAME && next == TK_TO);
}

static bool parse_known(struct parser *p) {
    static const char *const modifiers[] = {"TEMPORARY", "SYSTEM", "OR", "REPLACE", "ALTER"};
    struct token tokens[8];
    parser_peek(p, tokens, ARRAY_LEN(tokens));
    size_t noun = 1;
    for (size_t i = 0; i < ARRAY_LEN(modifiers) && noun + 1 < ARRAY_LEN(tokens); i++) {
        if (!token_is(p, tokens[noun], modifiers[i])) continue;
        noun++;
        i = SIZE_MAX; /* from the first modifier again */
    }
    bool alter = token_is(p, tokens[0], "ALTER");
    if (alter && is_read_alter(p)) return false;
    for (size_t i = 0; i < ARRAY_LEN(known_statements); i++) {
        const struct known_statement *known = &known_statements[i];
        if (!token_is(p, tokens[0], known->verb)) continue;
        if (known->noun && !token_is(p, tokens[noun], known->noun)) continue;
        bool has_noun = known->noun || alter;
        struct token last = has_noun ? tokens[noun] : tokens[0];
        struct ast_statement *statement = opaque_statement(p, AST_OTHER, tokens[0], last);
        struct str verb = span_upper(&p->b, tokens[0].span);
        statement->other.words = verb;
        if (has_noun)
            statement->other.words = arena_printf(p->b.arena, STR_FMT " " STR_FMT, STR_ARG(verb),
                                                  STR_ARG(span_upper(&p->b, last.span)));
        if (!p->b.failed) statement_append(p, statement);
        return true;
    }
    return false;
}

/* ---- statement sets ---- */

static void open_set(struct parser *p, struct token first, uint32_t words, bool explain,
                     uint32_t details) {
    for (uint32_t i = 0; i < words; i++)
        parser_advance(p);
    if (p->set)
        build_error(&p->b, first.span, "E0110", "close the first set with END;",
                    "a statement set cannot stand in another one");
    p->set = statement_here(p, AST_STATEMENT_SET, first);
    p->explain = NULL;
    if (!explain) return;
    p->explain = statement_here(p, AST_EXPLAIN, first);
    p->explain->explain = (struct ast_explain){details, p->set};
}

static void close_set(struct parser *p, uint32_t end) {
    struct ast_statement *set = p->set, *explain = p->explain;
    p->set = p->explain = NULL;
    set->span.end = end;
    if (explain) explain->span.end = end;
    statement_append(p, explain ? explain : set);
}

/* BEGIN STATEMENT SET ; | EXECUTE STATEMENT SET BEGIN | EXPLAIN … STATEMENT SET BEGIN | END */
static bool parse_set_frame(struct parser *p) {
    struct token t[16];
    parser_peek(p, t, ARRAY_LEN(t));
    if (token_is(p, t[0], "END")) {
        parser_advance(p);
        if (!p->set)
            build_error(&p->b, t[0].span, "E0110", "open it with EXECUTE STATEMENT SET BEGIN",
                        "END without an open statement set");
        if (statement_ends(p, NULL) && p->set) close_set(p, t[0].span.end);
        return true;
    }
    if (token_is(p, t[0], "BEGIN") && token_is(p, t[1], "STATEMENT") && t[2].type == TK_SET) {
        open_set(p, t[0], 3, false, 0);
        statement_ends(p, "BEGIN STATEMENT SET; stands alone, its INSERTs follow");
        return true;
    }
    uint32_t i = 1, details = 0;
    bool explain = t[0].type == TK_EXPLAIN;
    if (!explain && !token_is(p, t[0], "EXECUTE")) return false;
    for (; explain && i + 4 < ARRAY_LEN(t); i++) {
        int type = t[i].type;
        if (type == TK_EXPLAIN_DETAIL)
            details |= explain_detail(&p->b, t[i]);
        else if (type != TK_COMMA && type != TK_PLAN && type != TK_FOR &&
                 !token_is(p, t[i], "EXECUTE"))
            break;
    }
    if (!token_is(p, t[i], "STATEMENT") || t[i + 1].type != TK_SET ||
        !token_is(p, t[i + 2], "BEGIN"))
        return false;
    open_set(p, t[0], i + 3, explain, details);
    return true; /* no semicolon: the first INSERT follows at once */
}

/* ---- statements of the grammar ---- */

/* MATCH_RECOGNIZE ( … ) and its like become one token. */
static bool join_opaque(struct parser *p) {
    struct token whole = p->token;
    uint32_t depth = 0;
    for (uint32_t words = 0; p->ahead.type != TK_LP; words++) {
        if (token_ends(p->ahead) || words == 3) return false;
        parser_advance(p);
    }
    do {
        if (token_ends(p->ahead)) return false;
        parser_advance(p);
        if (p->token.type == TK_LP) depth++;
        if (p->token.type == TK_RP) depth--;
    } while (depth > 0);
    whole.span.end = p->token.span.end;
    p->token = whole;
    return true;
}

static bool is_query_start(int type) {
    return type == TK_SELECT || type == TK_WITH || type == TK_VALUES;
}

/* The type under which a word goes to the grammar, by what follows it. */
static int token_role(struct parser *p) {
    int type = p->token.type, next = p->ahead.type;
    bool call = next == TK_LP;
    struct token tokens[3];
    switch (type) {
    case TK_FUNCTION: return call ? type : TK_RESERVED;
    case TK_CONTEXT: return call ? TK_FUNCTION : type;
    case TK_UNIT:
    case TK_LEFT:
    case TK_RIGHT: return call && grammar_accepts(p->grammar, TK_FUNCTION) ? TK_FUNCTION : type;
    case TK_GROUPING: return call ? TK_FUNCTION : type;
    case TK_DEFAULT: return next == TK_COMMA || next == TK_RP ? TK_DEFAULT_VALUE : type;
    case TK_TRY_CAST:
    case TK_DESCRIPTOR: return call ? type : TK_ID;
    case TK_JSON_FUNCTION:
    case TK_JSON_OBJECT:
        if (call) return type;
        return keyword_find(span_text(&p->b, p->token.span))->reserved ? TK_RESERVED : TK_ID;
    case TK_DATE:
    case TK_TIME:
    case TK_TIMESTAMP:
        return next == TK_STRING && grammar_accepts(p->grammar, TK_DATE_PREFIX) ? TK_DATE_PREFIX
                                                                                : type;
    case TK_NOT:
        return next == TK_IN || next == TK_BETWEEN || next == TK_LIKE || next == TK_ILIKE ||
                       next == TK_RLIKE || next == TK_SIMILAR
                   ? TK_NOT_INFIX
                   : type;
    case TK_MAP:
        parser_peek(p, tokens, ARRAY_LEN(tokens));
        return next == TK_LB || (call && is_query_start(tokens[2].type)) ? TK_MAP_VALUE : type;
    case TK_IGNORE:
    case TK_RESPECT: return next == TK_NULLS ? type : TK_ID;
    case TK_WITH: return next == TK_TIME || next == TK_LOCAL ? TK_WITH_ZONE : type;
    case TK_WITHOUT: return next == TK_TIME ? TK_WITHOUT_ZONE : type;
    default: return type;
    }
}

static void count_nesting(struct parser *p, int type) {
    if (type == TK_LP || type == TK_LB || type == TK_CASE) p->nesting++;
    if ((type == TK_RP || type == TK_RB || type == TK_END) && p->nesting > 0) p->nesting--;
    if (p->nesting > SQL_NESTING_MAX) build_too_deep(&p->b, p->token.span);
}

/* The type to feed for the current token, or TK_ILLEGAL when the statement is lost. */
static int next_type(struct parser *p) {
    if (token_ends(p->token)) return grammar_accepts(p->grammar, 0) ? 0 : mistake_syntax(p, 0);
    int type = p->token.problem ? mistake_token(p) : token_role(p);
    if (type == TK_ILLEGAL) return type;
    if (type == TK_OPAQUE && grammar_accepts(p->grammar, type) && !join_opaque(p))
        return mistake_syntax(p, type);
    return grammar_accepts(p->grammar, type) ? type : mistake_syntax(p, type);
}

static void parse_grammar(struct parser *p) {
    SqlGrammarInit(p->grammar, &p->b);
    p->nesting = 0;
    p->b.end = p->token.span.start;
    for (;;) {
        int type = next_type(p);
        if (type == TK_ILLEGAL) return;
        count_nesting(p, type);
        if (p->b.stop) {
            skip_statement(p);
            return;
        }
        SqlGrammar(p->grammar, type, p->token);
        p->b.end = p->token.span.end;
        if (type == 0) break;
        parser_advance(p);
    }
    if (!p->b.failed && p->b.statement) statement_append(p, p->b.statement);
}

/* ---- the script ---- */

static bool is_client_word(const struct parser *p) {
    static const char *const words[] = {"QUIT", "EXIT", "HELP", "CLEAR"};
    if (!token_ends(p->ahead)) return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (token_is(p, p->token, words[i])) return true;
    return false;
}

static void parse_client_word(struct parser *p) {
    struct token first = p->token;
    p->end = token_is(p, first, "QUIT") || token_is(p, first, "EXIT");
    struct ast_statement *statement =
        opaque_statement(p, p->end ? AST_QUIT : AST_CLIENT, first, first);
    statement->other.words = span_upper(&p->b, first.span);
    statement_append(p, statement);
}

static void parse_statement(struct parser *p) {
    p->b.failed = p->b.stop = false;
    p->b.statement = NULL;
    bool jar = token_is(p, p->token, "ADD") || token_is(p, p->token, "REMOVE");
    if (p->token.type == TK_SET) {
        parse_setting(p, AST_SET);
    } else if (p->token.type == TK_RESET) {
        parse_setting(p, AST_RESET);
    } else if (jar && token_is(p, p->ahead, "JAR")) {
        parse_jar(p);
    } else if (is_client_word(p)) {
        parse_client_word(p);
    } else if (token_is(p, p->token, "SHOW")) {
        parse_show(p);
    } else if (!parse_set_frame(p) && !parse_known(p)) {
        bool execute = token_is(p, p->token, "EXECUTE"); /* EXECUTE INSERT …, EXECUTE SELECT … */
        if (execute && (p->ahead.type == TK_INSERT || is_query_start(p->ahead.type)))
            parser_advance(p);
        parse_grammar(p);
    }
}

bool sql_parse(struct str text, struct arena *job, struct diagnostics *errors,
               struct ast_script **out) {
    uint32_t errors_before = errors->errors;
    struct parser p = {.b = {.text = text, .arena = job, .errors = errors}};
    p.script = ARENA_NEW(job, 1, struct ast_script);
    p.script->text = text;
    *out = p.script;
    if (text.len > SQL_TEXT_MAX_BYTES) {
        build_error(&p.b, (struct span){0, 0}, "E0108", "split the file",
                    "the file has %zu bytes; %d are the most", text.len, SQL_TEXT_MAX_BYTES);
        return false;
    }
    p.grammar = SqlGrammarAlloc(malloc, &p.b);
    if (!p.grammar) fatal_oom(0);
    lexer_init(&p.lexer, text);
    parser_seek(&p, p.lexer.at);
    while (p.token.type && !p.end) {
        if (p.token.type == TK_SEMI)
            parser_advance(&p);
        else
            parse_statement(&p);
    }
    if (p.set && !p.end) {
        build_error(&p.b, p.set->span, "E0110", "add END; behind the last INSERT",
                    "this statement set is not closed");
        p.set = NULL;
    }
    SqlGrammarFree(p.grammar, free);
    return errors->errors == errors_before;
}
