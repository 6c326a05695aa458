/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the parser: what parse.c and mistakes.c share. */
#ifndef SQL_PARSER_H
#define SQL_PARSER_H

#include "sql/build.h"
#include "sql/parse.h"

struct parser {
    struct builder b;
    struct lexer lexer;
    struct token last, token, ahead; /* consumed, current, next */
    uint32_t tokens;                 /* lexed so far */
    uint32_t nesting;
    void *grammar;
    struct ast_script *script;
    struct ast_statement *set;     /* an open statement set, or NULL */
    struct ast_statement *explain; /* the EXPLAIN around it, or NULL */
    bool end;                      /* QUIT, or a limit: read no more */
};

void parser_advance(struct parser *p);
/* Goes on lexing at byte `at`. */
void parser_seek(struct parser *p, uint32_t at);
/* The tokens from the current one on, without consuming any; count >= 2. */
void parser_peek(const struct parser *p, struct token *tokens, uint32_t count);
bool token_is(const struct parser *p, struct token token, const char *word);
bool token_ends(struct token token); /* a semicolon, or the end of the text */
/* Stands the token first on its line? */
bool token_starts_line(const struct parser *p, struct token token);

/* ---- mistakes.c: tokens that do not fit ---- */

/* A token that is wrong in itself. Returns the type to go on with, or TK_ILLEGAL to give up. */
int mistake_token(struct parser *p);
/* The current token cannot follow; `type` is what it was taken for. Returns TK_ID after it reported a
 * reserved word that is meant as a name, else TK_ILLEGAL: the statement is lost. */
int mistake_syntax(struct parser *p, int type);
#endif
