/* SPDX-License-Identifier: Apache-2.0 */
/* A board: one JSON file with panels, each with one SQL template and what the page needs to draw it.
 *
 *   { "board": "shop", "title": "Shop", "tick": "1s", "slo": "10s", "ranges": ["5m", "15m"],
 *     "range": "15m",
 *     "params": { "category": { "type": "text", "chars_max": 80 } },
 *     "panels": [ { "id": "revenue", "title": "…", "chart": "area", "table": "category_minute",
 *                   "sql": "SELECT … WHERE window_start >= {from} AND {category:in column} LIMIT 10",
 *                   "latest": "SELECT … LIMIT 1" } ] }
 *
 * The server reads what it must act on; the page gets the whole file and reads the rest (titles,
 * columns, units). A panel with chart "none" is only data for another panel.
 *
 * Placeholders of a template:
 *   {from} {to}          epoch milliseconds of the viewer's range; `to` is the server's tick
 *   {NAME}               the parameter as an SQL literal; it must be set
 *   {NAME:in COLUMN}     COLUMN IN ('value'), or COLUMN IS NOT NULL while the parameter is not set
 * A template has no semicolon and ends in LIMIT with a number: both are checked here, once. */
#ifndef DASHBOARD_BOARD_H
#define DASHBOARD_BOARD_H

#include "common/error.h"

enum { BOARD_PANELS_MAX = 32, BOARD_PARAMS_MAX = 8, BOARD_RANGES_MAX = 12 };

enum param_type { PARAM_TEXT, PARAM_INTEGER };

struct board_param {
    struct str name;
    enum param_type type;
    size_t chars_max; /* of a text, in code points */
};

struct board_panel {
    struct str id, table;
    struct str sql;
    struct str latest;    /* asked when `sql` gave no row; may be empty */
    bool idle_partitions; /* Pinot's freshness is pinned by partitions that rarely get a row */
};

struct board_range {
    struct str name; /* "15m" */
    int64_t ms;
};

/* All of it lives in the arena given to board_parse. */
struct board {
    struct str id, title, pipeline;
    int64_t tick_ms, slo_ms;
    struct board_range ranges[BOARD_RANGES_MAX];
    struct board_param params[BOARD_PARAMS_MAX];
    struct board_panel panels[BOARD_PANELS_MAX];
    size_t range_count, range_default, param_count, panel_count;
    struct str json; /* the file as compact JSON, for the page */
    char hash[17];   /* of `json`, hexadecimal */
};

/* Parses and checks. `name` (a path) stands in the error. ERROR_USER, code E0901 or E0902. */
bool board_parse(struct str text, const char *name, struct arena *job, struct board **out,
                 struct error *err) MUST_CHECK;

/* Index of a range by name, or range_default when `name` is empty; false when unknown. */
bool board_range_find(const struct board *board, struct str name, size_t *index);

#endif
