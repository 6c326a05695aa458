/* SPDX-License-Identifier: Apache-2.0 */
/* See sse.h. */
#include "dashboard/sse.h"

static size_t line_length(struct str text) {
    size_t n = 0;
    while (n < text.len && text.ptr[n] != '\n' && text.ptr[n] != '\r')
        n++;
    return n;
}

void sse_event(struct buf *out, const char *name, int64_t id, struct str data) {
    if (id >= 0) buf_printf(out, "id: %lld\n", (long long)id);
    buf_printf(out, "event: %s\n", name);
    for (bool more = true; more;) {
        size_t n = line_length(data);
        buf_append(out, STR("data: "));
        buf_append(out, str_sub(data, 0, n));
        buf_append_char(out, '\n');
        more = n < data.len;
        if (more) n += str_starts(str_from(data, n), STR("\r\n")) ? 2 : 1;
        data = str_from(data, n);
    }
    buf_append_char(out, '\n');
}
