/* SPDX-License-Identifier: Apache-2.0 */
/* See board.h. */
#include "dashboard/board.h"

#include "common/json.h"
#include "dashboard/bind.h"

enum {
    TICK_MIN_MS = 250,
    TICK_MAX_MS = 60000,
    RANGE_MAX_MS = 24 * 3600 * 1000,
    TEXT_DEFAULT_CHARS_MAX = 64,
    TEXT_CHARS_MAX = 256,
    JSON_BYTES_MAX = 1 << 20,
};

struct parse {
    struct board *board;
    struct arena *job;
    const char *name;
    struct error *err;
};

static bool refuse(struct parse *p, const char *where, const char *what) {
    return error_set(p->err, ERROR_USER, "E0902", "%.200s: %.100s: %s", p->name, where, what);
}

/* Ids stand in URLs and in HTML ids. */
static bool is_id(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return s.len > 0 && s.len <= 40;
}

static struct str take(struct parse *p, const json_t *object, const char *name) {
    return arena_str(p->job, json_get_str(object, name, STR("")));
}

static bool take_duration(struct parse *p, const json_t *root, const char *name, int64_t preset,
                          int64_t min_ms, int64_t max_ms, int64_t *out) {
    struct str text = json_get_str(root, name, STR(""));
    *out = preset;
    if (!json_object_get(root, name)) return true;
    if (!parse_duration_ms(text, out) || *out < min_ms || *out > max_ms)
        return refuse(p, name, "must be a duration like \"1s\", from 250ms to a day");
    return true;
}

static bool parse_ranges(struct parse *p, const json_t *root) {
    struct board *board = p->board;
    const json_t *list = json_object_get(root, "ranges");
    size_t count = json_array_size(list);
    if (count == 0 || count > BOARD_RANGES_MAX)
        return refuse(p, "ranges", "must list 1 to 12 durations");
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        struct board_range *range = &board->ranges[i];
        if (!parse_duration_ms(str_of(text), &range->ms) || range->ms < 60000 ||
            range->ms > RANGE_MAX_MS)
            return refuse(p, "ranges", "each must be a duration from 1m to 24h");
        range->name = arena_str(p->job, str_of(text));
    }
    board->range_count = count;
    struct str preset = json_get_str(root, "range", board->ranges[0].name);
    if (!board_range_find(board, preset, &board->range_default))
        return refuse(p, "range", "must be one of \"ranges\"");
    return true;
}

static bool parse_params(struct parse *p, json_t *root) {
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(root, "params"), name, value) {
        if (p->board->param_count == BOARD_PARAMS_MAX) return refuse(p, "params", "at most 8");
        struct board_param *param = &p->board->params[p->board->param_count];
        struct str type = json_get_str(value, "type", STR(""));
        int64_t chars = json_get_i64(value, "chars_max", TEXT_DEFAULT_CHARS_MAX);
        if (!is_id(str_of(name)) || str_eq(str_of(name), STR("range")))
            return refuse(p, name, "is not a usable parameter name");
        if (!str_eq(type, STR("text")) && !str_eq(type, STR("integer")))
            return refuse(p, name, "\"type\" must be text or integer");
        if (chars < 1 || chars > TEXT_CHARS_MAX)
            return refuse(p, name, "\"chars_max\" must be 1 to 256");
        param->name = arena_str(p->job, str_of(name));
        param->type = str_eq(type, STR("text")) ? PARAM_TEXT : PARAM_INTEGER;
        param->chars_max = (size_t)chars;
        p->board->param_count++;
    }
    return true;
}

static bool id_is_taken(const struct board *board, struct str id) {
    for (size_t i = 0; i < board->panel_count; i++)
        if (str_eq(board->panels[i].id, id)) return true;
    return false;
}

static bool parse_panel(struct parse *p, const json_t *value) {
    struct board *board = p->board;
    struct board_panel panel = {
        .id = take(p, value, "id"),
        .table = take(p, value, "table"),
        .sql = take(p, value, "sql"),
        .latest = take(p, value, "latest"),
        .idle_partitions = str_eq(json_get_str(value, "partitions", STR("")), STR("idle")),
    };
    if (!is_id(panel.id))
        return refuse(p, "panels", "\"id\" must be small letters, digits, - and _");
    if (id_is_taken(board, panel.id)) return refuse(p, panel.id.ptr, "this id is used twice");
    if (panel.table.len == 0) return refuse(p, panel.id.ptr, "\"table\" is missing");
    if (!json_is_string(json_object_get(value, "title")))
        return refuse(p, panel.id.ptr, "\"title\" is missing");
    bool ok = bind_check(board, panel.sql, p->err) &&
              (panel.latest.len == 0 || bind_check(board, panel.latest, p->err));
    if (!ok) {
        error_place(p->err, "%.120s, panel %.40s", p->name, panel.id.ptr);
        return false;
    }
    board->panels[board->panel_count++] = panel;
    return true;
}

static bool parse_panels(struct parse *p, const json_t *root) {
    const json_t *list = json_object_get(root, "panels");
    size_t count = json_array_size(list);
    if (count == 0 || count > BOARD_PANELS_MAX)
        return refuse(p, "panels", "must list 1 to 32 panels");
    for (size_t i = 0; i < count; i++)
        if (!parse_panel(p, json_array_get(list, i))) return false;
    return true;
}

static void keep_json(struct parse *p, const json_t *root) {
    struct buf text;
    buf_init(&text, JSON_BYTES_MAX);
    json_write(&text, root);
    p->board->json = arena_str(p->job, buf_str(&text));
    buf_release(&text);
    uint64_t hash = str_hash(p->board->json);
    for (int i = 0; i < 16; i++)
        p->board->hash[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
}

static bool parse_board(struct parse *p, json_t *root) {
    struct board *board = p->board;
    board->id = take(p, root, "board");
    board->title = take(p, root, "title");
    board->pipeline = take(p, root, "pipeline");
    if (!is_id(board->id)) return refuse(p, "board", "must be small letters, digits, - and _");
    if (board->title.len == 0) return refuse(p, "title", "is missing");
    bool ok = take_duration(p, root, "tick", 1000, TICK_MIN_MS, TICK_MAX_MS, &board->tick_ms) &&
              take_duration(p, root, "slo", 10000, 1000, RANGE_MAX_MS, &board->slo_ms) &&
              parse_ranges(p, root) && parse_params(p, root) && parse_panels(p, root);
    if (ok) keep_json(p, root);
    return ok;
}

bool board_parse(struct str text, const char *name, struct arena *job, struct board **out,
                 struct error *err) {
    json_t *root;
    if (text.len > JSON_BYTES_MAX)
        return error_set(err, ERROR_USER, "E0902", "%.200s is larger than 1 MiB", name);
    if (!json_parse(text, name, &root, err)) return false;
    struct parse p = {
        .board = ARENA_NEW(job, 1, struct board), .job = job, .name = name, .err = err};
    bool ok = parse_board(&p, root);
    json_decref(root);
    if (ok) *out = p.board;
    return ok;
}

bool board_range_find(const struct board *board, struct str name, size_t *index) {
    if (name.len == 0) {
        *index = board->range_default;
        return true;
    }
    for (size_t i = 0; i < board->range_count; i++) {
        if (!str_eq(board->ranges[i].name, name)) continue;
        *index = i;
        return true;
    }
    return false;
}
