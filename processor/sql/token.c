/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer. One function per family of tokens; each takes the lexer at the first byte and returns
 * the whole token. */
#include "sql/token.h"

#include "sql/grammar.h"

/* clang-format off */
static const struct keyword keywords[] = {
#define KEYWORD(word, type, reserved) {STR_INIT(word), TK_##type, reserved},
#include "sql/keywords.def"
#undef KEYWORD
};
/* clang-format on */
enum { KEYWORD_BYTES_MAX = 32 };

const struct keyword *keyword_table(size_t *count) {
    *count = ARRAY_LEN(keywords);
    return keywords;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
/* Bytes of UTF-8 count as letters, as Java's letters do in Flink; the parser checks the encoding. */
static bool is_word_start(char c) {
    return is_letter(c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}
static bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}

const struct keyword *keyword_find(struct str word) {
    char upper[KEYWORD_BYTES_MAX];
    if (word.len == 0 || word.len > sizeof upper) return NULL;
    for (size_t i = 0; i < word.len; i++)
        upper[i] =
            word.ptr[i] >= 'a' && word.ptr[i] <= 'z' ? (char)(word.ptr[i] - 32) : word.ptr[i];
    struct str key = {upper, word.len};
    size_t low = 0, high = ARRAY_LEN(keywords);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_compare(key, keywords[middle].word);
        if (order == 0) return &keywords[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void lexer_init(struct lexer *lexer, struct str text) {
    *lexer = (struct lexer){.text = text};
    if (str_starts(text, STR("\xEF\xBB\xBF"))) lexer->at = 3;
}

/* The byte `ahead` of the position, or NUL beyond the end (NUL is no token, so that is safe). */
static char peek(const struct lexer *lexer, uint32_t ahead) {
    size_t at = (size_t)lexer->at + ahead;
    return at < lexer->text.len ? lexer->text.ptr[at] : 0;
}

/* A token of `bytes` bytes from the position on. */
static struct token take(struct lexer *lexer, int type, uint32_t bytes) {
    struct token token = {type, TOKEN_OK, {lexer->at, lexer->at + bytes}};
    lexer->at = token.span.end;
    return token;
}

static struct token illegal(struct lexer *lexer, enum token_problem problem, uint32_t bytes) {
    struct token token = take(lexer, TK_ILLEGAL, bytes);
    token.problem = problem;
    return token;
}

/* Bytes from `ahead` to the end of a quoted text, both quotes counted, doubled ones skipped; 0 when
 * it never ends. */
static uint32_t quoted_bytes(const struct lexer *lexer, uint32_t ahead) {
    char quote = peek(lexer, ahead);
    size_t from = (size_t)lexer->at + ahead + 1;
    while (from < lexer->text.len) {
        const char *end = memchr(lexer->text.ptr + from, quote, lexer->text.len - from);
        if (!end) return 0;
        from = (size_t)(end - lexer->text.ptr) + 1;
        if (from >= lexer->text.len || lexer->text.ptr[from] != quote)
            return (uint32_t)(from - lexer->at - ahead);
        from++;
    }
    return 0;
}

/* Where the line ends: an unclosed quote is reported for its line only. */
static uint32_t line_bytes(const struct lexer *lexer) {
    uint32_t bytes = 0;
    while (lexer->at + bytes < lexer->text.len && peek(lexer, bytes) != '\n')
        bytes++;
    return bytes;
}

static struct token lex_string(struct lexer *lexer, int type, uint32_t prefix) {
    uint32_t bytes = quoted_bytes(lexer, prefix);
    if (!bytes) return illegal(lexer, TOKEN_STRING_OPEN, line_bytes(lexer));
    return take(lexer, type, prefix + bytes);
}

static struct token lex_back_tick(struct lexer *lexer) {
    uint32_t bytes = quoted_bytes(lexer, 0);
    if (!bytes) return illegal(lexer, TOKEN_NAME_OPEN, line_bytes(lexer));
    if (bytes == 2) return illegal(lexer, TOKEN_NAME_EMPTY, 2);
    return take(lexer, TK_ID, bytes);
}

static struct token lex_double_quote(struct lexer *lexer) {
    uint32_t bytes = quoted_bytes(lexer, 0);
    if (!bytes) return illegal(lexer, TOKEN_BYTE, 1);
    struct token token = take(lexer, TK_ID, bytes);
    token.problem = TOKEN_DOUBLE_QUOTED;
    return token;
}

static struct token lex_word(struct lexer *lexer) {
    uint32_t bytes = 1;
    while (is_word(peek(lexer, bytes)))
        bytes++;
    /* X'0f', N'text', U&'\00e9' */
    char first = (char)(peek(lexer, 0) | 0x20), next = peek(lexer, 1);
    if (bytes == 1 && next == '\'' && first == 'x') return lex_string(lexer, TK_BINARY_STRING, 1);
    if (bytes == 1 && next == '\'' && first == 'n') return lex_string(lexer, TK_STRING, 1);
    if (bytes == 1 && first == 'u' && next == '&' && peek(lexer, 2) == '\'')
        return lex_string(lexer, TK_STRING, 2);
    if (bytes == 1 && peek(lexer, 0) == '$' && next == '{')
        return illegal(lexer, TOKEN_TEMPLATE, 2);
    const struct keyword *keyword = keyword_find((struct str){lexer->text.ptr + lexer->at, bytes});
    return take(lexer, keyword ? keyword->type : TK_ID, bytes);
}

/* 1, 1.5, .5, 1., 1e9, 1.5e-3; letters that follow at once make it no number (0x1F, 12abc). */
static struct token lex_number(struct lexer *lexer) {
    int type = TK_INTEGER;
    uint32_t bytes = 0;
    while (is_digit(peek(lexer, bytes)))
        bytes++;
    if (peek(lexer, bytes) == '.') {
        type = TK_DECIMAL;
        bytes++;
        while (is_digit(peek(lexer, bytes)))
            bytes++;
    }
    if ((peek(lexer, bytes) | 0x20) == 'e') {
        uint32_t sign = peek(lexer, bytes + 1) == '+' || peek(lexer, bytes + 1) == '-';
        if (is_digit(peek(lexer, bytes + 1 + sign))) {
            type = TK_DOUBLE_NUMBER;
            bytes += 1 + sign;
            while (is_digit(peek(lexer, bytes)))
                bytes++;
        }
    }
    if (!is_word(peek(lexer, bytes))) return take(lexer, type, bytes);
    while (is_word(peek(lexer, bytes)))
        bytes++;
    return illegal(lexer, TOKEN_NUMBER, bytes);
}

static const struct operator_text {
    char text[3];
    int type;
    enum token_problem problem;
} operators[] = {
    /* two bytes before one */
    {"<=", TK_LE, TOKEN_OK},
    {">=", TK_GE, TOKEN_OK},
    {"<>", TK_NE, TOKEN_OK},
    {"!=", TK_NE, TOKEN_BANG_EQUAL},
    {"||", TK_CONCAT, TOKEN_OK},
    {"=>", TK_ARROW, TOKEN_OK},
    {"==", TK_EQ, TOKEN_DOUBLE_EQUAL},
    {"{{", TK_ILLEGAL, TOKEN_TEMPLATE},
    {"{%", TK_ILLEGAL, TOKEN_TEMPLATE},
    {"<", TK_LT, TOKEN_OK},
    {">", TK_GT, TOKEN_OK},
    {"=", TK_EQ, TOKEN_OK},
    {"+", TK_PLUS, TOKEN_OK},
    {"-", TK_MINUS, TOKEN_OK},
    {"*", TK_STAR, TOKEN_OK},
    {"/", TK_SLASH, TOKEN_OK},
    {"%", TK_PERCENT, TOKEN_OK},
    {"(", TK_LP, TOKEN_OK},
    {")", TK_RP, TOKEN_OK},
    {"[", TK_LB, TOKEN_OK},
    {"]", TK_RB, TOKEN_OK},
    {",", TK_COMMA, TOKEN_OK},
    {".", TK_DOT, TOKEN_OK},
    {";", TK_SEMI, TOKEN_OK},
};

static struct token lex_operator(struct lexer *lexer) {
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        const struct operator_text *operator= & operators[i];
        if (peek(lexer, 0) != operator->text[0]) continue;
        if (operator->text[1] && peek(lexer, 1) != operator->text[1]) continue;
        struct token token = take(lexer, operator->type, operator->text[1] ? 2 : 1);
        token.problem = operator->problem;
        return token;
    }
    bool dollar = peek(lexer, 0) == '{' && lexer->at > 0 && lexer->text.ptr[lexer->at - 1] == '$';
    return illegal(lexer, dollar ? TOKEN_TEMPLATE : TOKEN_BYTE, 1);
}

/* Skips blanks and comments; false when a comment has no end (*open is then its token). */
static bool skip_blanks(struct lexer *lexer, struct token *open) {
    for (;;) {
        char c = peek(lexer, 0);
        if (lexer->at >= lexer->text.len) return true;
        if (is_blank(c)) {
            lexer->at++;
        } else if (c == '-' && peek(lexer, 1) == '-') {
            lexer->at += line_bytes(lexer);
        } else if (c == '/' && peek(lexer, 1) == '*' && peek(lexer, 2) != '+') {
            struct str rest = str_from(lexer->text, (size_t)lexer->at + 2);
            size_t end;
            if (!str_find(rest, STR("*/"), &end)) {
                *open = illegal(lexer, TOKEN_COMMENT_OPEN, 2);
                lexer->at = (uint32_t)lexer->text.len;
                return false;
            }
            lexer->at += (uint32_t)end + 4;
        } else {
            return true;
        }
    }
}

struct token lexer_next(struct lexer *lexer) {
    struct token token;
    if (!skip_blanks(lexer, &token)) return token;
    if (lexer->at >= lexer->text.len) return take(lexer, 0, 0);
    char c = peek(lexer, 0), next = peek(lexer, 1);
    if (c == '/' && next == '*') {
        lexer->in_hint = true;
        return take(lexer, TK_HINT_OPEN, 3);
    }
    if (lexer->in_hint && c == '*' && next == '/') {
        lexer->in_hint = false;
        return take(lexer, TK_HINT_CLOSE, 2);
    }
    if (is_word_start(c)) return lex_word(lexer);
    if (is_digit(c) || (c == '.' && is_digit(next))) return lex_number(lexer);
    switch (c) {
    case '\'': return lex_string(lexer, TK_STRING, 0);
    case '`': return lex_back_tick(lexer);
    case '"': return lex_double_quote(lexer);
    default: return lex_operator(lexer);
    }
}
