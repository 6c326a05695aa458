/* SPDX-License-Identifier: Apache-2.0 */
#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>

static const struct error_entry entries[] = {
#define ERROR_CODE(code, title, text) {code, title, text},
#include "common/errors.def"
#undef ERROR_CODE
};

const struct error_entry *error_table(size_t *count) {
    *count = ARRAY_LEN(entries);
    return entries;
}

const struct error_entry *error_find(struct str code) {
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        if (str_eq_nocase(code, str_of(entries[i].code))) return &entries[i];
    return NULL;
}

/* vsnprintf cuts in the middle of a UTF-8 sequence; step back to its start. */
static void format_into(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format_into(char *out, size_t size, const char *format, va_list args) {
    int need = vsnprintf(out, size, format, args);
    if (need < 0) {
        out[0] = 0;
        return;
    }
    if ((size_t)need < size) return;
    size_t len = size - 1;
    while (len && ((unsigned char)out[len - 1] & 0xC0) == 0x80)
        len--;
    if (len && (unsigned char)out[len - 1] >= 0xC0) len--;
    out[len] = 0;
}

static void error_init(struct error *err, enum error_kind kind, const char *code) {
    *err = (struct error){.kind = kind, .severity = SEVERITY_ERROR, .code = code};
}

bool error_set(struct error *err, enum error_kind kind, const char *code, const char *format, ...) {
    if (!err) return false;
    error_init(err, kind, code);
    va_list args;
    va_start(args, format);
    format_into(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

bool error_at(struct error *err, struct span span, const char *code, const char *format, ...) {
    if (!err) return false;
    error_init(err, ERROR_USER, code);
    err->has_span = true;
    err->span = span;
    va_list args;
    va_start(args, format);
    format_into(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

#define ADD_TEXT(field)                                                                            \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    format_into(err->field, sizeof err->field, format, args);                                      \
    va_end(args)

bool error_help(struct error *err, const char *format, ...) {
    if (err) {
        ADD_TEXT(help);
    }
    return false;
}

bool error_evidence(struct error *err, const char *format, ...) {
    if (err) {
        ADD_TEXT(evidence);
    }
    return false;
}

bool error_place(struct error *err, const char *format, ...) {
    if (err) {
        ADD_TEXT(place);
    }
    return false;
}
#undef ADD_TEXT

void diagnostics_init(struct diagnostics *list, struct arena *job, uint32_t max_errors) {
    *list = (struct diagnostics){.items = ARENA_NEW(job, max_errors, struct error),
                                 .capacity = max_errors};
}

bool diagnostics_add(struct diagnostics *list, const struct error *err) {
    if (err->severity == SEVERITY_ERROR) list->errors++;
    if (list->count < list->capacity)
        list->items[list->count++] = *err;
    else
        list->suppressed++;
    return err->severity != SEVERITY_ERROR;
}

/* East Asian wide and emoji blocks, coarsely: enough to put a caret under the right character. */
static unsigned cell_width(uint32_t c) {
    bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                (c >= 0xFF00 && c <= 0xFF60) || (c >= 0x1F300 && c <= 0x1FAFF);
    return wide ? 2 : 1;
}

static uint32_t utf8_decode(const uint8_t *p, unsigned n) {
    static const uint8_t mask[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = p[0] & mask[n];
    for (unsigned i = 1; i < n; i++)
        c = (c << 6) | (p[i] & 0x3Fu);
    return c;
}

static uint32_t line_start(struct str text, uint32_t byte) {
    if (byte > text.len) byte = (uint32_t)text.len;
    while (byte > 0 && text.ptr[byte - 1] != '\n')
        byte--;
    return byte;
}

static uint32_t cells(struct str text, uint32_t from, uint32_t to) {
    const uint8_t *p = (const uint8_t *)text.ptr + from, *stop = (const uint8_t *)text.ptr + to;
    uint32_t width = 0;
    while (p < stop) {
        unsigned n = utf8_length(p, stop);
        width += *p == '\t' ? 8 - width % 8 : n ? cell_width(utf8_decode(p, n)) : 1;
        p += n ? n : 1;
    }
    return width;
}

void span_position(struct str text, uint32_t byte, uint32_t *line, uint32_t *column) {
    if (byte > text.len) byte = (uint32_t)text.len;
    uint32_t start = line_start(text, byte);
    *line = 1;
    for (uint32_t i = 0; i < start; i++)
        *line += text.ptr[i] == '\n';
    *column = 1 + cells(text, start, byte);
}

static const char *const severity_names[] = {"error", "warning", "notice"};

static void print_caret(struct buf *out, const struct error *err, struct str text, uint32_t line) {
    uint32_t start = line_start(text, err->span.start), end = start;
    while (end < text.len && text.ptr[end] != '\n')
        end++;
    struct str source = {text.ptr + start, end - start};
    if (source.len && source.ptr[source.len - 1] == '\r') source.len--;
    buf_printf(out, "  %u | ", line);
    for (size_t i = 0; i < source.len && i < 200; i++) {
        if (source.ptr[i] != '\t') {
            buf_append_char(out, source.ptr[i]);
            continue;
        }
        uint32_t at = cells(text, start, start + (uint32_t)i);
        for (uint32_t n = 8 - at % 8; n; n--)
            buf_append_char(out, ' ');
    }
    uint32_t mark_end = err->span.end < end ? err->span.end : end;
    uint32_t from = cells(text, start, err->span.start);
    uint32_t width = mark_end > err->span.start ? cells(text, err->span.start, mark_end) : 1;
    if (from > 200) from = 200;
    if (width > 120) width = 120;
    unsigned digits = 1;
    for (uint32_t n = line; n >= 10; n /= 10)
        digits++;
    buf_printf(out, "\n  %*s | %*s^", (int)digits, "", (int)from, "");
    for (uint32_t i = 1; i < width; i++)
        buf_append_char(out, '~');
    buf_append_char(out, '\n');
}

static void print_lines(struct buf *out, const char *prefix, const char *lines) {
    struct str rest = str_of(lines);
    for (bool more = rest.len > 0; more;) {
        struct str line = str_split(rest, '\n', &rest, &more);
        buf_printf(out, "  %s" STR_FMT "\n", prefix, STR_ARG(line));
    }
}

void error_print(struct buf *out, const struct error *err, struct str file, struct str text) {
    uint32_t line = 0, column = 0;
    if (err->has_span) {
        span_position(text, err->span.start, &line, &column);
        buf_printf(out, STR_FMT ":%u:%u: ", STR_ARG(file), line, column);
    } else if (err->place[0]) {
        buf_printf(out, "%s: ", err->place);
    } else if (file.len) {
        buf_printf(out, STR_FMT ": ", STR_ARG(file));
    }
    buf_printf(out, "%s %s: %s\n", severity_names[err->severity], err->code, err->text);
    if (err->has_span) print_caret(out, err, text, line);
    if (err->evidence[0]) print_lines(out, "", err->evidence);
    if (err->help[0]) print_lines(out, "help: ", err->help);
    const struct error_entry *entry = error_find(str_of(err->code));
    if (entry && entry->text[0] && err->severity == SEVERITY_ERROR)
        buf_printf(out, "  more: decant explain %s\n", err->code);
}

static void json_lines(struct buf *out, const char *name, const char *lines) {
    buf_printf(out, ",\"%s\":[", name);
    struct str rest = str_of(lines);
    for (bool more = rest.len > 0, first = true; more; first = false) {
        struct str line = str_split(rest, '\n', &rest, &more);
        buf_append(out, first ? STR("\"") : STR(",\""));
        buf_append_json(out, line);
        buf_append_char(out, '"');
    }
    buf_append_char(out, ']');
}

void error_print_json(struct buf *out, const struct error *err, struct str file, struct str text) {
    buf_printf(out,
               "{\"schema\":\"decant.error/1\",\"code\":\"%s\",\"severity\":\"%s\",\"place\":{",
               err->code, severity_names[err->severity]);
    if (err->has_span) {
        uint32_t line, column, end_line, end_column;
        span_position(text, err->span.start, &line, &column);
        span_position(text, err->span.end, &end_line, &end_column);
        buf_append(out, STR("\"file\":\""));
        buf_append_json(out, file);
        buf_printf(out, "\",\"line\":%u,\"col\":%u,\"end_line\":%u,\"end_col\":%u", line, column,
                   end_line, end_column);
    } else if (err->place[0]) {
        buf_append(out, STR("\"at\":\""));
        buf_append_json(out, str_of(err->place));
        buf_append_char(out, '"');
    }
    buf_append(out, STR("},\"message\":\""));
    buf_append_json(out, str_of(err->text));
    buf_append_char(out, '"');
    json_lines(out, "evidence", err->evidence);
    json_lines(out, "help", err->help);
    buf_append_char(out, '}');
}
