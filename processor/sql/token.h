/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer: from bytes to tokens, by Flink's lexical rules. A token is its type (TK_… of the grammar)
 * and its place in the text; nothing is decoded or copied here. Blanks and comments vanish; hint
 * comments stay. A byte that starts no token becomes TK_ILLEGAL with the reason, never nothing. */
#ifndef SQL_TOKEN_H
#define SQL_TOKEN_H

#include "common/error.h"
#include "common/str.h"

/* What is wrong with a token, although one can see where it ends. */
enum token_problem {
    TOKEN_OK,
    TOKEN_BANG_EQUAL,    /* != as TK_NE */
    TOKEN_DOUBLE_QUOTED, /* "x" as TK_ID */
    TOKEN_DOUBLE_EQUAL,  /* == as TK_EQ */
    /* the following are TK_ILLEGAL; up to NOT_UTF8 they count in unread statements too */
    TOKEN_TEMPLATE,     /* ${X}, {{x}}, {% */
    TOKEN_STRING_OPEN,  /* a string without end */
    TOKEN_NAME_OPEN,    /* a back-tick without its partner */
    TOKEN_COMMENT_OPEN, /* a comment without end */
    TOKEN_NOT_UTF8,     /* found by the parser */
    TOKEN_NAME_EMPTY,   /* `` */
    TOKEN_NUMBER,       /* 0x1F, 12abc */
    TOKEN_BYTE,         /* anything else */
};

struct token {
    int type; /* TK_…; 0 is the end of the text */
    enum token_problem problem;
    struct span span;
};

struct lexer {
    struct str text;
    uint32_t at;
    bool in_hint; /* between the two ends of a hint comment */
};

/* Skips a UTF-8 byte order mark. text.len must fit 32 bits. */
void lexer_init(struct lexer *lexer, struct str text);
struct token lexer_next(struct lexer *lexer);

struct keyword {
    struct str word; /* upper case */
    int type;
    bool reserved;
};
/* Any case; NULL when the word is no keyword. */
const struct keyword *keyword_find(struct str word);
const struct keyword *keyword_table(size_t *count);

#endif
