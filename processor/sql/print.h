/* SPDX-License-Identifier: Apache-2.0 */
/* From a syntax tree back to SQL, in one normal form: upper-case keywords, one blank between tokens,
 * names in back-ticks where they need them, brackets only where the meaning needs them. Parsing what
 * is printed gives the same tree (spans aside); explain and the identity of a query rely on it. */
#ifndef SQL_PRINT_H
#define SQL_PRINT_H

#include "common/buf.h"
#include "sql/ast.h"

void sql_print_script(struct buf *out,
                      const struct ast_script *script); /* one statement per line */
void sql_print_statement(struct buf *out, const struct ast_statement *statement); /* no semicolon */
void sql_print_query(struct buf *out, const struct ast_query *query);
void sql_print_expr(struct buf *out, const struct ast_expr *expr);
void sql_print_type(struct buf *out, const struct ast_type *type);
void sql_print_name(struct buf *out, const struct ast_name *name);
void sql_print_ident(struct buf *out, const struct ast_ident *ident);

#endif
