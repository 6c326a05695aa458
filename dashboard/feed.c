/* SPDX-License-Identifier: Apache-2.0 */
/* See feed.h. Reading order: cells (ask, take an answer), what is written about a cell, viewers
 * (join, send, slow ones), the feed. */
#include "dashboard/feed.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "dashboard/bind.h"
#include "dashboard/sse.h"

enum {
    VIEWS_MAX = 64,           /* different range and parameter values at a time */
    ROWS_BYTES_MAX = 2 << 20, /* of one panel */
    SQL_BYTES_MAX = 16 << 10,
    PARAM_BYTES_MAX = 1024,
    SKIP_BYTES = 256 << 10, /* a viewer this far behind gets no more events, … */
    DROP_BYTES = 1 << 20,   /* … and this far, or unmoved for 30 s, it is let go */
    DROP_UNMOVED_MS = 30000,
    MINUTE_MS = 60000,
    RETRY_MS = 2000,
};

/* A panel under one set of values; shared by all viewers who see the same. */
struct cell {
    struct feed *feed;
    struct cell *next;
    const struct board_panel *panel;
    struct buf key; /* panel id, range, values: what makes cells equal */
    size_t range;
    struct binding binding; /* its values point into `values` */
    struct buf values[BOARD_PARAMS_MAX];
    uint32_t viewers;
    int64_t used_ms; /* last joined or left, for eviction */
    bool in_flight;
    struct buf rows; /* "columns":[…],"rows":[…] of the last good answer; empty before */
    int64_t version; /* counts changes of rows; 0 before the first good answer */
    int64_t answered_ms, changed_ms, fresh_ms, took_ms, scanned;
    int64_t from_ms, to_ms; /* of the last good answer */
    int64_t servers_queried, servers_responded;
    bool partial, group_limit;
    int64_t latest_ms; /* newest row outside the range when there is none inside; 0 none */
    enum broker_failure failure; /* of the last query */
    char trouble[400];
};

struct viewer {
    struct feed *feed;
    struct viewer *next, **link;
    struct http_stream *stream;
    struct cell *cells[BOARD_PANELS_MAX];
    bool behind[BOARD_PANELS_MAX]; /* skipped: gets the latest state once it has caught up */
    size_t pending_bytes;          /* at the last look; unchanged since unmoved_since_ms */
    int64_t unmoved_since_ms;
};

struct feed {
    const struct board *board;
    struct broker *broker;
    const struct processors *processors;
    struct cell *cells;
    struct viewer *viewers;
    struct buf text, frame; /* scratch for one event */
    struct feed_counts counts;
};

static void broadcast(struct cell *cell, bool changed);

/* ---- cells ---- */

/* The range ends with the tick, so that all viewers ask the same; it begins on a whole minute, so
 * that the first window of a chart is never cut. */
static void set_range(struct cell *cell, int64_t now_ms) {
    const struct board *board = cell->feed->board;
    cell->binding.to_ms = now_ms - floor_mod(now_ms, board->tick_ms);
    int64_t from_ms = cell->binding.to_ms - board->ranges[cell->range].ms;
    cell->binding.from_ms = from_ms - floor_mod(from_ms, MINUTE_MS);
}

static void note_failure(struct cell *cell, enum broker_failure failure, const char *text) {
    size_t n = strlen(text);
    if (n >= sizeof(cell->trouble)) n = sizeof(cell->trouble) - 1;
    cell->failure = failure;
    memcpy(cell->trouble, text, n);
    cell->trouble[n] = '\0';
}

/* Writes the rows as text; true when they differ from the former ones. */
static bool take_rows(struct cell *cell, const struct broker_answer *answer) {
    struct buf text;
    buf_init(&text, ROWS_BYTES_MAX);
    buf_append(&text, STR("\"columns\":"));
    bool ok = json_write(&text, answer->columns) && buf_append(&text, STR(",\"rows\":")) &&
              json_write(&text, answer->rows);
    if (!ok) {
        buf_release(&text);
        note_failure(cell, BROKER_REFUSED, "the answer is larger than 2 MiB");
        return false;
    }
    if (str_eq(buf_str(&text), buf_str(&cell->rows))) {
        buf_release(&text);
        return false;
    }
    buf_release(&cell->rows);
    cell->rows = text;
    cell->version++;
    return true;
}

static void on_latest(void *context, const struct broker_answer *answer) {
    struct cell *cell = context;
    cell->in_flight = false;
    const json_t *first = json_array_get(json_array_get(answer->rows, 0), 0);
    int64_t latest_ms = json_is_number(first) ? (int64_t)json_number_value(first) : 0;
    bool changed = latest_ms != cell->latest_ms;
    cell->latest_ms = latest_ms;
    broadcast(cell, changed);
}

/* No row in the range: say when the newest one was. */
static bool ask_latest(struct cell *cell) {
    struct error err;
    struct buf sql;
    if (cell->panel->latest.len == 0) return false;
    buf_init(&sql, SQL_BYTES_MAX);
    cell->in_flight =
        bind_sql(cell->feed->board, cell->panel->latest, &cell->binding, &sql, &err) &&
        broker_ask(cell->feed->broker, buf_str(&sql), on_latest, cell);
    buf_release(&sql);
    return cell->in_flight;
}

static void on_rows(void *context, const struct broker_answer *answer) {
    struct cell *cell = context;
    int64_t now_ms = clock_real_ms();
    cell->in_flight = false;
    note_failure(cell, answer->failure, answer->text);
    if (answer->failure != BROKER_OK) {
        broadcast(cell, false);
        return;
    }
    bool changed = take_rows(cell, answer);
    cell->answered_ms = now_ms;
    if (changed) cell->changed_ms = now_ms;
    cell->fresh_ms = answer->fresh_ms;
    cell->took_ms = answer->took_ms;
    cell->scanned = answer->scanned;
    cell->servers_queried = answer->servers_queried;
    cell->servers_responded = answer->servers_responded;
    cell->partial = answer->partial;
    cell->group_limit = answer->group_limit;
    cell->from_ms = cell->binding.from_ms;
    cell->to_ms = cell->binding.to_ms;
    if (json_array_size(answer->rows) == 0 && ask_latest(cell)) return;
    broadcast(cell, changed);
}

static void cell_ask(struct cell *cell, int64_t now_ms) {
    struct feed *feed = cell->feed;
    struct error err;
    struct buf sql;
    if (cell->in_flight) return;
    set_range(cell, now_ms);
    buf_init(&sql, SQL_BYTES_MAX);
    if (!bind_sql(feed->board, cell->panel->sql, &cell->binding, &sql, &err)) {
        note_failure(cell, BROKER_REFUSED, err.text);
        broadcast(cell, false);
    } else if (broker_ask(feed->broker, buf_str(&sql), on_rows, cell)) {
        cell->in_flight = true;
    } else {
        note_failure(cell, BROKER_UNREACHABLE, broker_trouble(feed->broker).ptr);
        broadcast(cell, false);
    }
    buf_release(&sql);
}

static void cell_free(struct cell *cell) {
    buf_release(&cell->key);
    buf_release(&cell->rows);
    for (size_t i = 0; i < BOARD_PARAMS_MAX; i++)
        buf_release(&cell->values[i]);
    free(cell);
}

static void write_key(struct buf *key, const struct board *board, const struct board_panel *panel,
                      size_t range, const struct binding *binding) {
    buf_append(key, panel->id);
    if (bind_uses_range(panel->sql)) buf_printf(key, "|%zu", range);
    for (size_t i = 0; i < board->param_count; i++) {
        if (!binding->has[i] || !bind_uses_param(panel->sql, board->params[i].name)) continue;
        buf_printf(key, "|%zu:%zu:", i, binding->values[i].len);
        buf_append(key, binding->values[i]);
    }
}

static struct cell *cell_new(struct feed *feed, const struct board_panel *panel, size_t range,
                             const struct binding *binding, struct buf *key) {
    struct cell *cell = memory_new(1, sizeof(*cell));
    *cell = (struct cell){.feed = feed, .panel = panel, .range = range, .key = *key};
    *key = (struct buf){0};
    for (size_t i = 0; i < feed->board->param_count; i++) {
        buf_init(&cell->values[i], PARAM_BYTES_MAX);
        buf_append(&cell->values[i], binding->values[i]);
        cell->binding.has[i] = binding->has[i];
        cell->binding.values[i] = buf_str(&cell->values[i]);
    }
    cell->next = feed->cells;
    feed->cells = cell;
    feed->counts.cells++;
    return cell;
}

/* Frees the unseen cell that was left longest ago; false when all are in use. */
static bool evict_one(struct feed *feed) {
    struct cell **oldest = NULL;
    for (struct cell **at = &feed->cells; *at; at = &(*at)->next) {
        if ((*at)->viewers || (*at)->in_flight) continue;
        if (!oldest || (*at)->used_ms < (*oldest)->used_ms) oldest = at;
    }
    if (!oldest) return false;
    struct cell *cell = *oldest;
    *oldest = cell->next;
    feed->counts.cells--;
    cell_free(cell);
    return true;
}

/* Finds or makes the cell; NULL when too many are in use. */
static struct cell *cell_get(struct feed *feed, const struct board_panel *panel, size_t range,
                             const struct binding *binding) {
    struct buf key;
    buf_init(&key, BOARD_PARAMS_MAX * (PARAM_BYTES_MAX + 64));
    write_key(&key, feed->board, panel, range, binding);
    struct cell *cell = feed->cells;
    while (cell && !str_eq(buf_str(&cell->key), buf_str(&key)))
        cell = cell->next;
    bool full = feed->counts.cells >= VIEWS_MAX * feed->board->panel_count;
    if (!cell && (!full || evict_one(feed))) cell = cell_new(feed, panel, range, binding, &key);
    buf_release(&key);
    return cell;
}

/* ---- what is written about a cell ---- */

static const char *cause_of(int64_t now_ms, int64_t slo_ms, int64_t pinot_ms,
                            enum broker_failure failure, const struct processors_state *p) {
    if (failure == BROKER_UNREACHABLE) return "broker unreachable";
    if (failure != BROKER_OK) return "query failed";
    if (p->watched && !p->reachable) return "processor not reachable";
    if (pinot_ms && p->watermark_ms - pinot_ms > slo_ms) return "Pinot behind";
    if (p->lag_records > 0) return "processor behind";
    if (p->lag_records == 0) return "source quiet";
    return pinot_ms && now_ms - pinot_ms > slo_ms ? "no new data reaches Pinot"
                                                  : "event time behind";
}

struct freshness feed_freshness(int64_t now_ms, int64_t slo_ms, int64_t answered_ms,
                                int64_t pinot_ms, enum broker_failure failure,
                                const struct processors_state *processors) {
    struct freshness f = {.as_of_ms = answered_ms};
    if (pinot_ms && pinot_ms < f.as_of_ms) f.as_of_ms = pinot_ms;
    if (processors->watermark_ms && processors->watermark_ms < f.as_of_ms)
        f.as_of_ms = processors->watermark_ms;
    if (now_ms - f.as_of_ms > slo_ms)
        f.cause = cause_of(now_ms, slo_ms, pinot_ms, failure, processors);
    return f;
}

static void write_text(struct buf *out, const char *name, struct str value) {
    buf_printf(out, ",\"%s\":\"", name);
    buf_append_json(out, value);
    buf_append_char(out, '"');
}

static void write_trouble(struct buf *out, const struct cell *cell) {
    static const char *const kinds[] = {[BROKER_UNREACHABLE] = "unreachable",
                                        [BROKER_NO_TABLE] = "no_table",
                                        [BROKER_REFUSED] = "refused"};
    if (cell->failure == BROKER_OK) return;
    buf_printf(out, ",\"error\":{\"kind\":\"%s\"", kinds[cell->failure]);
    write_text(out, "text", str_of(cell->trouble));
    buf_append_char(out, '}');
}

/* The members of an event's object, without braces. Rows that just changed prove that Pinot has
 * taken records in, even when an idle partition pins its own figure. */
static void write_state(struct buf *out, const struct cell *cell) {
    int64_t pinot_ms = cell->panel->idle_partitions || cell->fresh_ms < cell->changed_ms
                           ? cell->changed_ms
                           : cell->fresh_ms;
    struct processors_state p = processors_state(cell->feed->processors);
    struct freshness f = feed_freshness(clock_real_ms(), cell->feed->board->slo_ms,
                                        cell->answered_ms, pinot_ms, cell->failure, &p);
    buf_printf(out, "\"id\":\"" STR_FMT "\"", STR_ARG(cell->panel->id));
    buf_printf(out,
               ",\"version\":%lld,\"as_of\":%lld,\"answered\":%lld,\"from\":%lld,\"to\":%lld,"
               "\"took_ms\":%lld,\"scanned\":%lld,\"latest\":%lld",
               (long long)cell->version, (long long)f.as_of_ms, (long long)cell->answered_ms,
               (long long)cell->from_ms, (long long)cell->to_ms, (long long)cell->took_ms,
               (long long)cell->scanned, (long long)cell->latest_ms);
    if (f.cause) write_text(out, "cause", str_of(f.cause));
    if (cell->partial)
        buf_printf(out, ",\"partial\":\"%lld of %lld servers answered\"",
                   (long long)cell->servers_responded, (long long)cell->servers_queried);
    if (cell->group_limit) write_text(out, "limit", STR("group limit reached"));
    write_trouble(out, cell);
}

static struct str cell_event(struct cell *cell, bool with_rows) {
    struct feed *feed = cell->feed;
    buf_clear(&feed->text);
    buf_clear(&feed->frame);
    buf_append_char(&feed->text, '{');
    write_state(&feed->text, cell);
    if (with_rows && cell->rows.len) {
        buf_append_char(&feed->text, ',');
        buf_append(&feed->text, buf_str(&cell->rows));
    }
    buf_append_char(&feed->text, '}');
    sse_event(&feed->frame, with_rows ? "panel" : "same", cell->to_ms, buf_str(&feed->text));
    return buf_str(&feed->frame);
}

/* ---- viewers ---- */

static void viewer_free(struct viewer *viewer) {
    struct feed *feed = viewer->feed;
    *viewer->link = viewer->next;
    if (viewer->next) viewer->next->link = viewer->link;
    for (size_t i = 0; i < feed->board->panel_count; i++) {
        if (!viewer->cells[i]) continue;
        viewer->cells[i]->viewers--;
        viewer->cells[i]->used_ms = clock_real_ms();
    }
    feed->counts.viewers--;
    free(viewer);
}

static void on_stream_closed(void *context, struct http_stream *stream) {
    (void)stream;
    viewer_free(context);
}

static void viewer_send(struct viewer *viewer, struct str frame) {
    viewer->feed->counts.events_sent++;
    http_stream_send(viewer->stream, frame);
}

static void viewer_bye(struct viewer *viewer, const char *reason) {
    struct buf frame;
    buf_init(&frame, 256);
    buf_printf(&frame, "event: bye\ndata: {\"reason\":\"%s\"}\n\n", reason);
    http_stream_send(viewer->stream, buf_str(&frame));
    buf_release(&frame);
    http_stream_close(viewer->stream);
    viewer_free(viewer);
}

static bool viewer_is_slow(const struct viewer *viewer) {
    return http_stream_pending_bytes(viewer->stream) > SKIP_BYTES;
}

static void broadcast(struct cell *cell, bool changed) {
    struct feed *feed = cell->feed;
    size_t index = (size_t)(cell->panel - feed->board->panels);
    if (cell->viewers == 0) return;
    struct str frame = cell_event(cell, changed);
    for (struct viewer *v = feed->viewers; v; v = v->next) {
        if (v->cells[index] != cell) continue;
        if (v->behind[index] || viewer_is_slow(v)) {
            v->behind[index] = true;
            feed->counts.events_skipped++;
        } else {
            viewer_send(v, frame);
        }
    }
}

/* True when the viewer was let go. */
static bool drop_if_stuck(struct viewer *viewer, int64_t now_ms) {
    size_t pending = http_stream_pending_bytes(viewer->stream);
    if (pending == 0 || pending < viewer->pending_bytes) viewer->unmoved_since_ms = now_ms;
    viewer->pending_bytes = pending;
    if (pending < DROP_BYTES && now_ms - viewer->unmoved_since_ms < DROP_UNMOVED_MS) return false;
    viewer->feed->counts.streams_dropped++;
    viewer_bye(viewer, "slow");
    return true;
}

static void catch_up(struct viewer *viewer) {
    for (size_t i = 0; i < viewer->feed->board->panel_count; i++) {
        if (!viewer->behind[i] || viewer_is_slow(viewer)) continue;
        viewer->behind[i] = false;
        viewer_send(viewer, cell_event(viewer->cells[i], true));
    }
}

static void send_hello(struct viewer *viewer, size_t range, const struct binding *binding) {
    struct feed *feed = viewer->feed;
    const struct board *board = feed->board;
    struct buf *text = &feed->text;
    buf_clear(text);
    buf_clear(&feed->frame);
    buf_printf(text, "{\"version\":\"%s\",\"board_hash\":\"%s\",\"now\":%lld,\"watched\":%s",
               DECANT_VERSION, board->hash, (long long)clock_real_ms(),
               processors_state(feed->processors).watched ? "true" : "false");
    write_text(text, "range", board->ranges[range].name);
    buf_append(text, STR(",\"params\":{"));
    const char *comma = "";
    for (size_t i = 0; i < board->param_count; i++) {
        if (!binding->has[i]) continue;
        buf_printf(text, "%s\"" STR_FMT "\":\"", comma, STR_ARG(board->params[i].name));
        buf_append_json(text, binding->values[i]);
        buf_append_char(text, '"');
        comma = ",";
    }
    buf_append(text, STR("}}"));
    buf_printf(&feed->frame, "retry: %d\n", RETRY_MS);
    sse_event(&feed->frame, "hello", -1, buf_str(text));
    sse_event(&feed->frame, "board", -1, board->json);
    viewer_send(viewer, buf_str(&feed->frame));
}

/* A snapshot that is at most a few ticks old is sent at once; an older one is asked for first. */
static void viewer_start(struct viewer *viewer, int64_t now_ms) {
    const struct board *board = viewer->feed->board;
    for (size_t i = 0; i < board->panel_count; i++) {
        struct cell *cell = viewer->cells[i];
        bool recent = now_ms - cell->answered_ms < 3 * board->tick_ms;
        if (cell->version && (recent || cell->failure != BROKER_OK))
            viewer_send(viewer, cell_event(cell, true));
        if (!recent) cell_ask(cell, now_ms);
    }
}

static void answer_text(struct http_exchange *x, int status, const char *text) {
    http_reply(x, &(struct http_reply){.status = status, .body = str_of(text)});
}

/* Reads range and parameters; false after having answered with 400. */
static bool read_view(const struct feed *feed, struct http_exchange *x, char *memory, size_t *range,
                      struct binding *binding) {
    const struct board *board = feed->board;
    struct str value = STR("");
    bool known = http_exchange_parameter(x, STR("range"), memory, PARAM_BYTES_MAX, &value);
    if (!board_range_find(board, known ? value : STR(""), range)) {
        answer_text(x, 400, "This board has no such range.\n");
        return false;
    }
    for (size_t i = 0; i < board->param_count; i++) {
        char *own = memory + i * PARAM_BYTES_MAX;
        binding->has[i] = http_exchange_parameter(x, board->params[i].name, own, PARAM_BYTES_MAX,
                                                  &binding->values[i]) &&
                          binding->values[i].len > 0;
        if (!binding->has[i]) binding->values[i] = STR("");
    }
    struct buf sql;
    struct error err;
    bool ok = true;
    buf_init(&sql, SQL_BYTES_MAX);
    for (size_t i = 0; i < board->panel_count && ok; i++) {
        buf_clear(&sql);
        ok = bind_sql(board, board->panels[i].sql, binding, &sql, &err);
    }
    buf_release(&sql);
    if (!ok) answer_text(x, 400, err.text);
    return ok;
}

static void release_cells(struct viewer *viewer) {
    for (size_t i = 0; i < BOARD_PANELS_MAX; i++)
        if (viewer->cells[i]) viewer->cells[i]->viewers--;
    free(viewer);
}

void feed_join(struct feed *feed, struct http_exchange *x) {
    char memory[BOARD_PARAMS_MAX * PARAM_BYTES_MAX];
    struct binding binding = {0};
    size_t range = 0;
    int64_t now_ms = clock_real_ms();
    if (!read_view(feed, x, memory, &range, &binding)) return;
    struct viewer *viewer = memory_new(1, sizeof(*viewer));
    for (size_t i = 0; i < feed->board->panel_count; i++) {
        viewer->cells[i] = cell_get(feed, &feed->board->panels[i], range, &binding);
        if (!viewer->cells[i]) {
            release_cells(viewer);
            answer_text(x, 503, "Too many different views of this board are open.\n");
            return;
        }
        viewer->cells[i]->viewers++;
    }
    viewer->stream = http_stream_open(x, on_stream_closed, viewer);
    if (!viewer->stream) {
        release_cells(viewer);
        return;
    }
    viewer->feed = feed;
    viewer->unmoved_since_ms = now_ms;
    viewer->next = feed->viewers;
    viewer->link = &feed->viewers;
    if (viewer->next) viewer->next->link = &viewer->next;
    feed->viewers = viewer;
    feed->counts.viewers++;
    send_hello(viewer, range, &binding);
    viewer_start(viewer, now_ms);
}

/* ---- the feed ---- */

struct feed *feed_new(const struct board *board, struct broker *broker,
                      const struct processors *processors) {
    struct feed *feed = memory_new(1, sizeof(*feed));
    *feed = (struct feed){.board = board, .broker = broker, .processors = processors};
    buf_init(&feed->text, ROWS_BYTES_MAX + (64 << 10));
    buf_init(&feed->frame, ROWS_BYTES_MAX + (1 << 20) + (128 << 10)); /* a board is up to 1 MiB */
    return feed;
}

void feed_bye(struct feed *feed, const char *reason) {
    while (feed->viewers)
        viewer_bye(feed->viewers, reason);
}

void feed_free(struct feed *feed) {
    if (!feed) return;
    feed_bye(feed, "restart");
    while (feed->cells) {
        struct cell *cell = feed->cells;
        feed->cells = cell->next;
        cell_free(cell);
    }
    buf_release(&feed->text);
    buf_release(&feed->frame);
    free(feed);
}

void feed_tick(struct feed *feed) {
    int64_t now_ms = clock_real_ms();
    for (struct viewer *v = feed->viewers, *next; v; v = next) {
        next = v->next;
        if (!drop_if_stuck(v, now_ms)) catch_up(v);
    }
    for (struct cell *cell = feed->cells; cell; cell = cell->next)
        if (cell->viewers) cell_ask(cell, now_ms);
}

void feed_beat(struct feed *feed) {
    struct buf frame;
    buf_init(&frame, 128);
    buf_printf(&frame, "event: beat\ndata: {\"now\":%lld}\n\n", (long long)clock_real_ms());
    for (struct viewer *v = feed->viewers; v; v = v->next)
        if (!viewer_is_slow(v)) viewer_send(v, buf_str(&frame));
    buf_release(&frame);
}

struct feed_counts feed_count(const struct feed *feed) {
    return feed->counts;
}
