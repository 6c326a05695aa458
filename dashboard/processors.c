/* SPDX-License-Identifier: Apache-2.0 */
/* See processors.h. */
#include "dashboard/processors.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/json.h"

enum { STATUS_BYTES_MAX = 1 << 20, STATUS_TIMEOUT_MS = 2000, REACHABLE_MS = 5000 };

struct processor {
    struct buf url;
    bool in_flight;
    int64_t answered_ns; /* 0: never */
    int64_t watermark_ms, lag_records;
};

struct processors {
    struct http_multi *multi;
    size_t count;
    struct processor list[];
};

struct processors *processors_new(const char *const *urls, size_t count, struct http_multi *multi) {
    struct processors *all = memory_new(1, sizeof(*all) + count * sizeof(all->list[0]));
    all->multi = multi;
    all->count = count;
    for (size_t i = 0; i < count; i++) {
        struct str base = str_of(urls[i]);
        while (str_ends(base, STR("/")))
            base.len--;
        buf_init(&all->list[i].url, 2048);
        buf_append(&all->list[i].url, base);
        if (!str_ends(base, STR("/status.json")))
            buf_append(&all->list[i].url, STR("/status.json"));
    }
    return all;
}

void processors_free(struct processors *processors) {
    if (!processors) return;
    for (size_t i = 0; i < processors->count; i++)
        buf_release(&processors->list[i].url);
    free(processors);
}

static void on_status(void *context, const struct http_response *response,
                      const struct error *err) {
    (void)err;
    struct processor *p = context;
    struct error bad;
    json_t *root;
    p->in_flight = false;
    if (!response || response->status != 200) return;
    if (!json_parse(buf_str(&response->body), "status.json", &root, &bad)) return;
    p->answered_ns = clock_mono_ns();
    p->watermark_ms = json_get_i64(root, "watermark_ms", 0);
    p->lag_records = json_get_i64(root, "lag_records", -1);
    json_decref(root);
}

void processors_poll(struct processors *processors) {
    for (size_t i = 0; i < processors->count; i++) {
        struct processor *p = &processors->list[i];
        if (p->in_flight) continue;
        struct http_request request = {.url = buf_c_string(&p->url),
                                       .timeout_ms = STATUS_TIMEOUT_MS,
                                       .body_bytes_max = STATUS_BYTES_MAX};
        struct error err;
        p->in_flight = http_multi_start(processors->multi, &request, on_status, p, &err);
    }
}

struct processors_state processors_state(const struct processors *processors) {
    struct processors_state s = {.watched = processors->count, .lag_records = -1};
    int64_t now_ns = clock_mono_ns();
    for (size_t i = 0; i < processors->count; i++) {
        const struct processor *p = &processors->list[i];
        bool recent = p->answered_ns && now_ns - p->answered_ns < (int64_t)REACHABLE_MS * 1000000;
        if (!recent) continue;
        s.reachable++;
        if (p->watermark_ms > 0 && (s.watermark_ms == 0 || p->watermark_ms < s.watermark_ms))
            s.watermark_ms = p->watermark_ms;
        if (p->lag_records < 0) continue;
        s.lag_records = (s.lag_records < 0 ? 0 : s.lag_records) + p->lag_records;
    }
    return s;
}
