/* SPDX-License-Identifier: Apache-2.0 */
/* See broker.h. */
#include "dashboard/broker.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/fatal.h"

enum {
    QUERY_TIMEOUT_MS = 2000,
    HTTP_TIMEOUT_MS = 3000, /* the broker gives up first, and can say why */
    ANSWER_BYTES_MAX = 4 << 20,
    FAILURES_MAX = 5,
    CIRCUIT_OPEN_MS = 10000,
};

struct broker {
    struct http_multi *multi;
    struct buf url;    /* of POST /query/sql */
    unsigned failures; /* transport failures in a row */
    int64_t open_until_ns;
    char trouble[400];
    struct broker_counts counts;
};

struct query {
    struct broker *broker;
    broker_done *done;
    void *context;
    int64_t started_ns;
};

struct broker *broker_new(const char *url, struct http_multi *multi) {
    struct broker *broker = memory_new(1, sizeof(*broker));
    struct str base = str_of(url);
    while (str_ends(base, STR("/")))
        base.len--;
    broker->multi = multi;
    buf_init(&broker->url, 2048);
    buf_append(&broker->url, base);
    buf_append(&broker->url, STR("/query/sql"));
    return broker;
}

void broker_free(struct broker *broker) {
    if (!broker) return;
    buf_release(&broker->url);
    free(broker);
}

struct str broker_trouble(const struct broker *broker) {
    return str_of(broker->failures >= FAILURES_MAX ? broker->trouble : "");
}

struct broker_counts broker_count(const struct broker *broker) {
    return broker->counts;
}

/* ---- reading answers ---- */

static void set_text(struct broker_answer *answer, enum broker_failure failure, struct str text) {
    /* "QueryExecutionError:", line feed, the cause, line feed, a stack trace that nobody wants */
    struct buf visible;
    struct str rest, unused;
    bool more;
    answer->failure = failure;
    buf_init(&visible, sizeof(answer->text) - 1);
    buf_append_visible(&visible, str_trim(str_split(text, '\n', &rest, &more)), 200);
    if (visible.len && visible.ptr[visible.len - 1] == ':') {
        buf_append_char(&visible, ' ');
        buf_append_visible(&visible, str_trim(str_split(rest, '\n', &unused, &more)), 160);
    }
    memcpy(answer->text, visible.ptr ? visible.ptr : "", visible.len);
    answer->text[visible.len] = '\0';
    buf_release(&visible);
}

/* Pinot's QueryException codes. */
static enum broker_failure failure_of(int64_t code) {
    switch (code) {
    case 190: /* table does not exist */
    case 410: /* no broker serves it yet */ return BROKER_NO_TABLE;
    case 235: /* servers: segments missing */
    case 240:
    case 245:
    case 250: /* scheduling, execution time-out */
    case 305: /* segments unavailable */
    case 400:
    case 427:
    case 429: /* broker time-out, server silent, quota */ return BROKER_UNREACHABLE;
    default: return BROKER_REFUSED;
    }
}

static void read_counters(const json_t *root, struct broker_answer *answer) {
    answer->took_ms = json_get_i64(root, "timeUsedMs", 0);
    answer->scanned = json_get_i64(root, "numDocsScanned", 0);
    answer->fresh_ms = json_get_i64(root, "minConsumingFreshnessTimeMs", 0);
    answer->servers_queried = json_get_i64(root, "numServersQueried", 0);
    answer->servers_responded = json_get_i64(root, "numServersResponded", 0);
    answer->group_limit = json_get_bool(root, "numGroupsLimitReached", false);
    answer->partial = json_get_bool(root, "partialResult", false) ||
                      answer->servers_responded < answer->servers_queried;
    /* "none consumed yet" is reported as 0 or as the largest LONG */
    if (answer->fresh_ms < 0 || answer->fresh_ms == INT64_MAX) answer->fresh_ms = 0;
}

void broker_read(int status, struct str body, struct broker_answer *answer, json_t **root) {
    struct error err;
    *answer = (struct broker_answer){0};
    *root = NULL;
    if (status != 200) {
        struct buf text;
        buf_init(&text, 64);
        buf_printf(&text, "the broker answered with HTTP status %d", status);
        set_text(answer, BROKER_UNREACHABLE, buf_str(&text));
        buf_release(&text);
        return;
    }
    if (!json_parse(body, "the broker's answer", root, &err)) {
        set_text(answer, BROKER_UNREACHABLE, str_of(err.text));
        return;
    }
    read_counters(*root, answer);
    const json_t *table = json_object_get(*root, "resultTable");
    const json_t *columns = json_object_get(json_object_get(table, "dataSchema"), "columnNames");
    const json_t *rows = json_object_get(table, "rows");
    const json_t *exception = json_array_get(json_object_get(*root, "exceptions"), 0);
    bool has_rows = json_is_array(columns) && json_is_array(rows);
    bool usable = has_rows && answer->partial && answer->servers_responded > 0;
    if (exception && !usable) {
        set_text(answer, failure_of(json_get_i64(exception, "errorCode", 0)),
                 json_get_str(exception, "message", STR("the query failed without a message")));
    } else if (!has_rows) {
        set_text(answer, BROKER_REFUSED, STR("the broker's answer has no result table"));
    } else {
        answer->columns = columns;
        answer->rows = rows;
    }
}

/* ---- asking ---- */

static void note_transport(struct broker *broker, bool ok, const char *text) {
    if (ok) {
        broker->failures = 0;
        return;
    }
    struct buf copy = {.max = sizeof(broker->trouble) - 1};
    buf_append(&copy, str_sub(str_of(text), 0, copy.max));
    memcpy(broker->trouble, copy.ptr ? copy.ptr : "", copy.len);
    broker->trouble[copy.len] = '\0';
    buf_release(&copy);
    broker->failures++;
    if (broker->failures >= FAILURES_MAX)
        broker->open_until_ns = clock_mono_ns() + (int64_t)CIRCUIT_OPEN_MS * 1000000;
}

static void on_answer(void *context, const struct http_response *response,
                      const struct error *err) {
    struct query *query = context;
    struct broker *broker = query->broker;
    struct broker_answer answer = {0};
    json_t *root = NULL;
    if (response) {
        broker_read(response->status, buf_str(&response->body), &answer, &root);
    } else {
        set_text(&answer, BROKER_UNREACHABLE, str_of(err->text));
    }
    note_transport(broker, response && response->status == 200, answer.text);
    broker->counts.failures += answer.failure != BROKER_OK;
    broker->counts.took_total_ms += (clock_mono_ns() - query->started_ns) / 1000000;
    query->done(query->context, &answer);
    json_decref(root);
    free(query);
}

static bool circuit_open(struct broker *broker) {
    if (broker->failures < FAILURES_MAX) return false;
    int64_t now_ns = clock_mono_ns();
    if (now_ns < broker->open_until_ns) return true;
    broker->open_until_ns = now_ns + (int64_t)HTTP_TIMEOUT_MS * 1000000; /* one probe at a time */
    return false;
}

bool broker_ask(struct broker *broker, struct str sql, broker_done *done, void *context) {
    if (circuit_open(broker)) return false;
    struct buf body;
    buf_init(&body, sql.len * 6 + 256);
    buf_printf(&body, "{\"sql\":\"SET timeoutMs=%d; ", QUERY_TIMEOUT_MS);
    buf_append_json(&body, sql);
    buf_append(&body, STR("\"}"));
    struct http_request request = {
        .method = "POST",
        .url = buf_c_string(&broker->url),
        .body = buf_str(&body),
        .timeout_ms = HTTP_TIMEOUT_MS,
        .body_bytes_max = ANSWER_BYTES_MAX,
    };
    struct query *query = memory_new(1, sizeof(*query));
    *query = (struct query){
        .broker = broker, .done = done, .context = context, .started_ns = clock_mono_ns()};
    struct error err;
    bool ok = http_multi_start(broker->multi, &request, on_answer, query, &err);
    if (ok) {
        broker->counts.queries++;
    } else {
        note_transport(broker, false, err.text);
        free(query);
    }
    buf_release(&body);
    return ok;
}
