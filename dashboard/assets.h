/* SPDX-License-Identifier: Apache-2.0 */
/* The page and the default boards, as bytes inside the binary. The tables are generated at build
 * time by dashboard/embed.py from dashboard/page, the npm packages and dashboard/boards. */
#ifndef DASHBOARD_ASSETS_H
#define DASHBOARD_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
    const char *path;         /* "/assets/main-1a2b3c4d5e.js"; the page itself is "/" */
    const char *content_type; /* with charset */
    const unsigned char *gzip;
    size_t gzip_bytes;
    bool immutable; /* the path holds a hash of the content */
};
extern const struct asset assets[];
extern const size_t asset_count;

struct embedded_board {
    const char *name; /* "boards/shop.json" */
    const char *text;
    size_t bytes;
};
extern const struct embedded_board embedded_boards[];
extern const size_t embedded_board_count;

#endif
