/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of a .sql file to its syntax tree. */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include "sql/ast.h"

enum {
    SQL_TEXT_MAX_BYTES = 16 << 20, /* a larger file is refused: E0108 */
    SQL_TOKENS_MAX = 4 << 20,      /* tokens of one file: E0108 */
    SQL_NESTING_MAX = 64,          /* brackets, CASE and sub-queries inside one another: E0107 */
};

/* Parses a whole script. Every syntax error of the file goes to `errors`: after one, parsing goes on
 * at the next semicolon, and the broken statement is left out of the tree. Returns false when there
 * was any; *out is written all the same, so that the binder may look at the statements that are
 * whole. The tree lives in `job` and borrows `text`, which must live as long. Codes: E0100 to E0108. */
bool sql_parse(struct str text, struct arena *job, struct diagnostics *errors,
               struct ast_script **out) MUST_CHECK;

#endif
