/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a panel's template and the viewer's parameters into SQL. Pinot has no bind parameters, so
 * this is the one place where text from a browser meets SQL:
 *   integers are parsed and printed again;
 *   texts are quote-doubled, at most chars_max code points of valid UTF-8, and may not hold control
 *   characters, '(', ')', ';' or '\': old Pinot brokers search the whole text, literals included,
 *   for OPTION(…), and no viewer may set a query option;
 *   identifiers come from the board file only. */
#ifndef DASHBOARD_BIND_H
#define DASHBOARD_BIND_H

#include "dashboard/board.h"

struct binding {
    int64_t from_ms, to_ms;
    bool has[BOARD_PARAMS_MAX];          /* by index of board->params */
    struct str values[BOARD_PARAMS_MAX]; /* decoded, as the browser sent them; borrowed */
};

/* Checks a template at load time, by the same walk that binds it. */
bool bind_check(const struct board *board, struct str template, struct error *err) MUST_CHECK;

/* Appends the SQL to `out`. Errors (ERROR_USER, E0903): a value that does not fit its type. `out`
 * may then hold a part. */
bool bind_sql(const struct board *board, struct str template, const struct binding *binding,
              struct buf *out, struct error *err) MUST_CHECK;

/* Whether the template mentions {from} or {to}; whether it mentions the parameter. Panels that do
 * not share one query among all ranges. */
bool bind_uses_range(struct str template);
bool bind_uses_param(struct str template, struct str name);

#endif
