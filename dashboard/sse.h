/* SPDX-License-Identifier: Apache-2.0 */
/* Framing of server-sent events (WHATWG HTML, "Server-sent events"). */
#ifndef DASHBOARD_SSE_H
#define DASHBOARD_SSE_H

#include "common/buf.h"

/* Appends one event: "id: …", "event: …", one "data: " line per line of `data` (CR, LF and CRLF end
 * a line, as the browser reads them), and the empty line that dispatches it.
 *   name  a plain word; id < 0: none */
void sse_event(struct buf *out, const char *name, int64_t id, struct str data);

#endif
