/* SPDX-License-Identifier: Apache-2.0 */
/* See client.h. Traps of the interface that this file answers: the broker says 200 for failed
 * queries and lists `exceptions`; offsets are texts, and stand under different names before and
 * after 0.12; a table whose segments never start has empty arrays instead of an error; a partition
 * is known only from the middle of its segment's name. */
#include "pinot/client.h"

#include <poll.h>
#include <stdio.h>

#include "common/clock.h"
#include "pinot/features.h"

enum {
    CONTROLLER_TIMEOUT_MS = 30000,
    VERSION_TIMEOUT_MS = 3000,
    VERSION_POLL_MS = 500,
    CONSUMED_POLL_MS = 200,
    BODY_BYTES_MAX = 64 << 20,
    ROWS_BYTES_MAX = 1 << 30, /* verify reads whole tables */
    PATH_BYTES_MAX = 2048,
};

void pinot_open(struct pinot *pinot, const char *controller, const char *broker) {
    *pinot = (struct pinot){http_client_new(), controller, broker, CONTROLLER_TIMEOUT_MS};
}

void pinot_close(struct pinot *pinot) {
    http_client_free(pinot->http);
    *pinot = (struct pinot){0};
}

/* Turns the transport's error into the one that names Pinot; its cause stays as evidence. */
static bool unreachable(struct error *err, const struct error *cause, const char *who,
                        const char *address, const char *flag) {
    error_set(err, cause->kind, "E0601", "the Pinot %s cannot be reached", who);
    error_place(err, "%s", address);
    error_evidence(err, "%s", cause->text);
    return error_help(
        err, "start one (stack/up), or name another: %s URL, or wait longer: --wait 2m", flag);
}

static bool exchange(struct pinot *pinot, const char *base, const struct http_request *request,
                     struct http_response *response, struct error *err) {
    struct buf url;
    buf_init(&url, PATH_BYTES_MAX);
    bool fits = buf_printf(&url, "%s%s", base, request->url);
    struct http_request whole = *request;
    whole.url = buf_c_string(&url);
    bool ok = fits ? http_perform(pinot->http, &whole, response, err)
                   : error_set(err, ERROR_USER, "E0407",
                               "an address of Pinot is longer than %d bytes", PATH_BYTES_MAX);
    buf_release(&url);
    return ok;
}

static struct str first_line(struct str text) {
    struct str rest;
    bool more;
    return str_trim(str_split(text, '\n', &rest, &more));
}

/* {"code":400,"error":"…"} of a controller, else the text itself; first line, made visible. */
static void take_message(struct buf *message, int status, const json_t *answer, struct str body) {
    if (!message) return;
    buf_clear(message);
    if (status < 400) return;
    struct str text = json_get_str(answer, "error", json_get_str(answer, "message", body));
    buf_append_visible(message, first_line(text), 400);
}

bool pinot_request(struct pinot *pinot, const char *method, const char *path, const json_t *body,
                   int *status, json_t **answer, struct buf *message, struct error *err) {
    struct buf text;
    struct error cause;
    struct http_response response = {0};
    buf_init(&text, BODY_BYTES_MAX);
    if (body) json_write(&text, body);
    struct http_request request = {.method = method,
                                   .url = path,
                                   .body = buf_str(&text),
                                   .timeout_ms = pinot->timeout_ms,
                                   .body_bytes_max = BODY_BYTES_MAX};
    bool ok = exchange(pinot, pinot->controller, &request, &response, &cause);
    buf_release(&text);
    if (!ok) return unreachable(err, &cause, "controller", pinot->controller, "--pinot-controller");
    *status = response.status;
    *answer = NULL;
    if (!json_parse(buf_str(&response.body), path, answer, NULL)) *answer = NULL;
    take_message(message, response.status, *answer, buf_str(&response.body));
    http_response_release(&response);
    return true;
}

/* --- version --- */

static bool no_controller(const struct pinot *pinot, struct error *err) {
    error_set(err, ERROR_STOP, "E0605",
              "the address answers, but it does not tell a version as a Pinot controller does");
    error_place(err, "%s/version", pinot->controller);
    return error_help(
        err, "--pinot-controller wants the controller (usually port 9000), not the broker");
}

bool pinot_version(struct pinot *pinot, int64_t wait_ms, struct pinot_version *out,
                   struct error *err) {
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    struct http_response response = {0};
    struct http_request request = {.url = "/version", .timeout_ms = VERSION_TIMEOUT_MS};
    for (;;) {
        struct error cause;
        bool answered = exchange(pinot, pinot->controller, &request, &response, &cause);
        if (answered && response.status < 500) break;
        if (!answered && cause.kind == ERROR_USER) return *err = cause, false;
        if (clock_mono_ns() < deadline_ns) {
            poll(NULL, 0, VERSION_POLL_MS);
            continue;
        }
        if (!answered)
            return unreachable(err, &cause, "controller", pinot->controller, "--pinot-controller");
        http_response_release(&response);
        return no_controller(pinot, err);
    }
    json_t *json = NULL;
    bool ok = response.status == 200 &&
              json_parse(buf_str(&response.body), "/version", &json, NULL) &&
              pinot_version_parse(json_get_str(json, "pinot-spi", STR("")), out);
    json_decref(json);
    http_response_release(&response);
    return ok || no_controller(pinot, err);
}

/* --- queries --- */

static bool query_failed(const struct pinot *pinot, int64_t code, struct str message,
                         struct error *err) {
    struct buf text;
    buf_init(&text, 2048);
    buf_append_visible(&text, first_line(message), 400);
    error_set(err, ERROR_RETRY, "E0614", "Pinot refused the query: %s (code %lld)",
              buf_c_string(&text), (long long)code);
    buf_release(&text);
    return error_place(err, "%s/query/sql", pinot->broker);
}

/* A broker's answer is right when it has no exceptions and every asked server answered. */
static bool check_answer(const struct pinot *pinot, const json_t *answer, const json_t **rows,
                         struct error *err) {
    const json_t *exceptions = json_object_get(answer, "exceptions");
    const json_t *first = json_array_get(exceptions, 0);
    if (first)
        return query_failed(pinot, json_get_i64(first, "errorCode", 0),
                            json_get_str(first, "message", STR("")), err);
    int64_t asked = json_get_i64(answer, "numServersQueried", 0);
    int64_t responded = json_get_i64(answer, "numServersResponded", asked);
    if (json_get_bool(answer, "partialResult", false) || responded < asked) {
        error_set(err, ERROR_RETRY, "E0614", "Pinot answered partially: %lld of %lld servers",
                  (long long)responded, (long long)asked);
        return error_place(err, "%s/query/sql", pinot->broker);
    }
    *rows = json_object_get(json_object_get(answer, "resultTable"), "rows");
    if (json_is_array(*rows)) return true;
    error_set(err, ERROR_STOP, "E0605",
              "the address answers, but not with rows as a Pinot broker does");
    error_place(err, "%s/query/sql", pinot->broker);
    return error_help(err,
                      "--pinot-broker wants the broker (usually port 8099), not the controller");
}

static void write_query(struct buf *out, struct str sql, int64_t timeout_ms) {
    buf_append(out, STR("{\"sql\":\""));
    buf_append_json(out, sql);
    buf_printf(out, "\",\"queryOptions\":\"timeoutMs=%lld\"}", (long long)timeout_ms);
}

bool pinot_query(struct pinot *pinot, struct str sql, int64_t timeout_ms, json_t **answer,
                 const json_t **rows, struct error *err) {
    struct buf body;
    struct error cause;
    struct http_response response = {0};
    buf_init(&body, BODY_BYTES_MAX);
    write_query(&body, sql, timeout_ms);
    struct http_request request = {.method = "POST",
                                   .url = "/query/sql",
                                   .body = buf_str(&body),
                                   .timeout_ms = (uint32_t)timeout_ms + 1000,
                                   .body_bytes_max = ROWS_BYTES_MAX};
    bool ok = exchange(pinot, pinot->broker, &request, &response, &cause);
    buf_release(&body);
    if (!ok) return unreachable(err, &cause, "broker", pinot->broker, "--pinot-broker");
    *answer = NULL;
    if (!json_parse(buf_str(&response.body), "/query/sql", answer, NULL)) *answer = NULL;
    http_response_release(&response);
    if (check_answer(pinot, *answer, rows, err)) return true;
    json_decref(*answer);
    return false;
}

/* --- consumption --- */

/* "product_analytics__3__0__20260101T1000Z" is a segment of partition 3. */
static bool segment_partition(struct str segment, struct str table, uint32_t partitions,
                              uint32_t *out) {
    struct str rest = str_from(segment, table.len);
    size_t end;
    uint64_t number;
    if (!str_starts(segment, table) || !str_starts(rest, STR("__"))) return false;
    rest = str_from(rest, 2);
    if (!str_find(rest, STR("__"), &end) || !parse_u64(str_sub(rest, 0, end), &number))
        return false;
    *out = (uint32_t)number;
    return number < partitions;
}

/* The offset of one replica, or -1. Before 0.12 the map stands in the entry itself. */
static int64_t replica_offset(const json_t *entry, uint32_t partition) {
    char name[16];
    snprintf(name, sizeof name, "%u", partition);
    if (!str_eq(json_get_str(entry, "consumerState", STR("")), STR("CONSUMING"))) return -1;
    const json_t *map =
        json_object_get(json_object_get(entry, "partitionOffsetInfo"), "currentOffsetsMap");
    if (!json_object_get(map, name)) map = json_object_get(entry, "partitionToOffsetMap");
    int64_t offset;
    return parse_i64(json_get_str(map, name, STR("")), &offset) ? offset : -1;
}

/* The least of the replicas: what every answer of the table contains. */
static int64_t segment_offset(const json_t *replicas, uint32_t partition) {
    int64_t least = -1;
    size_t index;
    json_t *entry;
    json_array_foreach(replicas, index, entry) {
        int64_t offset = replica_offset(entry, partition);
        if (index == 0 || offset < least) least = offset;
    }
    return least;
}

static void take_offsets(json_t *answer, struct str table, int64_t *offsets, uint32_t partitions) {
    json_t *segments = json_object_get(answer, "_segmentToConsumingInfoMap");
    const char *segment;
    json_t *replicas;
    for (uint32_t p = 0; p < partitions; p++)
        offsets[p] = -1;
    if (json_get_i64(answer, "serversFailingToRespond", 0) > 0) return;
    json_object_foreach(segments, segment, replicas) {
        uint32_t partition;
        if (segment_partition(str_of(segment), table, partitions, &partition))
            offsets[partition] = segment_offset(replicas, partition);
    }
}

/* 404, or before 1.0 a 500 that says so, is final; anything else may be a restart. */
static bool no_table(const struct pinot *pinot, const char *path, struct str table, int status,
                     struct str message, struct error *err) {
    size_t at;
    bool final = status == 404 || str_find(message, STR("does not exist"), &at);
    error_set(err, final ? ERROR_STOP : ERROR_RETRY, "E0615",
              "Pinot has no consuming table '" STR_FMT "'", STR_ARG(table));
    error_place(err, "%s%s", pinot->controller, path);
    if (message.len) error_evidence(err, "Pinot says: " STR_FMT, STR_ARG(message));
    return error_help(err, "decant apply FILE.sql creates the tables of a job");
}

bool pinot_consumed(struct pinot *pinot, struct str table, int64_t *offsets, uint32_t partitions,
                    struct error *err) {
    struct arena scratch = {0};
    struct buf message;
    json_t *answer = NULL;
    int status;
    buf_init(&message, 2048);
    struct str path =
        arena_printf(&scratch, "/tables/" STR_FMT "/consumingSegmentsInfo", STR_ARG(table));
    bool ok = pinot_request(pinot, "GET", path.ptr, NULL, &status, &answer, &message, err);
    if (ok) take_offsets(answer, table, offsets, partitions);
    if (ok && status != 200) ok = no_table(pinot, path.ptr, table, status, buf_str(&message), err);
    json_decref(answer);
    buf_release(&message);
    arena_release(&scratch);
    return ok;
}

/* The first partition that is not where it should be, or `partitions`. */
static uint32_t first_behind(const int64_t *have, const int64_t *want, uint32_t partitions) {
    uint32_t p = 0;
    while (p < partitions && have[p] >= (want ? want[p] : 0))
        p++;
    return p;
}

static bool behind(const struct pinot *pinot, struct str table, uint32_t partition, int64_t have,
                   const int64_t *offsets, int64_t wait_ms, struct error *err) {
    if (have < 0)
        error_set(err, ERROR_RETRY, "E0611",
                  "partition %u of '" STR_FMT "' does not consume after %lld s", partition,
                  STR_ARG(table), (long long)(wait_ms / 1000));
    else
        error_set(err, ERROR_RETRY, "E0611",
                  "partition %u of '" STR_FMT
                  "' has consumed up to offset %lld of %lld after %lld s",
                  partition, STR_ARG(table), (long long)have, (long long)offsets[partition],
                  (long long)(wait_ms / 1000));
    error_place(err, "%s", pinot->controller);
    return error_help(err,
                      "look at %s/debug/tables/" STR_FMT
                      "?type=REALTIME&verbosity=1, or wait longer: --wait 2m",
                      pinot->controller, STR_ARG(table));
}

bool pinot_wait_consumed(struct pinot *pinot, struct str table, const int64_t *offsets,
                         uint32_t partitions, int64_t wait_ms, struct error *err) {
    int64_t deadline_ns = clock_mono_ns() + wait_ms * 1000000;
    struct arena scratch = {0};
    int64_t *have = ARENA_NEW(&scratch, partitions, int64_t);
    bool ok, done = false;
    for (;;) {
        ok = pinot_consumed(pinot, table, have, partitions, err);
        uint32_t late = ok ? first_behind(have, offsets, partitions) : 0;
        done = ok && late == partitions;
        if (done || (!ok && err && err->kind != ERROR_RETRY)) break;
        if (clock_mono_ns() >= deadline_ns) {
            if (ok) behind(pinot, table, late, have[late], offsets, wait_ms, err);
            break;
        }
        poll(NULL, 0, CONSUMED_POLL_MS);
    }
    arena_release(&scratch);
    return done;
}
