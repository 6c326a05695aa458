/* SPDX-License-Identifier: Apache-2.0 */
#include "common/options.h"

#include <math.h>
#include <stdlib.h>

const char *nearest_name(struct str given, const char *const *names, size_t count) {
    const char *best = NULL;
    unsigned best_distance = given.len > 8 ? 4 : 3;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = str_distance(given, str_of(names[i]));
        if (distance < best_distance) best = names[i], best_distance = distance;
    }
    return best;
}

static const struct option *find_long(const struct option *table, size_t count, struct str name) {
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, str_of(table[i].name))) return &table[i];
    return NULL;
}

static const struct option *find_letter(const struct option *table, size_t count, char letter) {
    for (size_t i = 0; i < count; i++)
        if (table[i].letter && table[i].letter == letter) return &table[i];
    return NULL;
}

static void *field_of(void *target, const struct option *option) {
    return (char *)target + option->field;
}

static void list_add(struct option_list *list, const char *item, struct arena *job) {
    const char **items = ARENA_NEW(job, list->count + 1u, const char *);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    items[list->count] = item;
    *list = (struct option_list){items, list->count + 1};
}

/* "1k/s", "1.5M/s", "200", "max" */
static bool parse_rate(struct str s, double *out) {
    if (str_eq(s, STR("max"))) return *out = INFINITY, true;
    if (str_ends(s, STR("/s"))) s.len -= 2;
    double factor = 1;
    if (s.len && (s.ptr[s.len - 1] == 'k' || s.ptr[s.len - 1] == 'K'))
        factor = 1e3, s.len--;
    else if (s.len && s.ptr[s.len - 1] == 'M')
        factor = 1e6, s.len--;
    if (!parse_f64(s, out)) return false;
    *out *= factor;
    return true;
}

static bool in_limits(const struct option *option, double value) {
    if (option->min == 0 && option->max == 0) return true;
    return value >= option->min && value <= option->max;
}

/* Stores the value; false when its form or size does not fit. */
static bool store(const struct option *option, const char *text, struct arena *job, void *target) {
    struct str s = str_of(text);
    int64_t integer;
    uint64_t size;
    double number;
    bool flag;
    void *field = field_of(target, option);
    switch (option->type) {
    case OPTION_FLAG:
        if (!parse_bool(s, &flag)) return false;
        *(bool *)field = flag;
        return true;
    case OPTION_TEXT: *(const char **)field = text; return true;
    case OPTION_INTEGER:
        if (!parse_i64(s, &integer) || !in_limits(option, (double)integer)) return false;
        *(int64_t *)field = integer;
        return true;
    case OPTION_DURATION:
        if (s.len && s.ptr[s.len - 1] >= '0' && s.ptr[s.len - 1] <= '9' && !str_eq(s, STR("0")))
            return false; /* a unit is required */
        if (!parse_duration_ms(s, &integer) || !in_limits(option, (double)integer)) return false;
        *(int64_t *)field = integer;
        return true;
    case OPTION_SIZE:
        if (!parse_size_bytes(s, &size) || size > INT64_MAX || !in_limits(option, (double)size))
            return false;
        *(int64_t *)field = (int64_t)size;
        return true;
    case OPTION_RATE:
        if (!parse_rate(s, &number) || !(number > 0)) return false;
        *(double *)field = number;
        return true;
    case OPTION_NUMBER:
        if (!parse_f64(s, &number) || !in_limits(option, number)) return false;
        *(double *)field = number;
        return true;
    case OPTION_LIST: list_add(field, text, job); return true;
    }
    return false;
}

static const char *const forms[] = {
    [OPTION_FLAG] = "true or false",
    [OPTION_TEXT] = "a text",
    [OPTION_INTEGER] = "a whole number",
    [OPTION_DURATION] = "a duration with a unit, for example 200ms, 5s, 2m",
    [OPTION_SIZE] = "a size, for example 64MiB",
    [OPTION_RATE] = "a rate per second, for example 500/s, 50k/s or max",
    [OPTION_NUMBER] = "a number",
    [OPTION_LIST] = "a text",
};

static bool set(const struct option *option, const char *text, const char *origin,
                struct arena *job, void *target, struct error *err) {
    if (store(option, text, job, target)) return true;
    error_set(err, ERROR_USER, "E0402", "'%s' does not fit; wanted is %s", text,
              forms[option->type]);
    error_place(err, "%s", origin);
    if (option->min != 0 || option->max != 0)
        error_help(err, "the value must lie between %g and %g", option->min, option->max);
    return false;
}

static struct str environment_name(const struct option *option, struct arena *job) {
    struct str name = arena_printf(job, "DECANT_%s", option->name);
    char *p = arena_alloc(job, name.len + 1);
    for (size_t i = 0; i <= name.len; i++) {
        char c = i < name.len ? name.ptr[i] : '\0';
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        p[i] = c == '-' ? '_' : c;
    }
    return (struct str){p, name.len};
}

static bool apply_defaults(const struct option *table, size_t count, struct arena *job,
                           void *target, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        const struct option *option = &table[i];
        struct str env = environment_name(option, job);
        const char *given = option->type == OPTION_LIST ? NULL : getenv(env.ptr);
        const char *origin = given ? arena_printf(job, "env %s", env.ptr).ptr : "default";
        const char *text = given ? given : option->default_text;
        if (text && !set(option, text, origin, job, target, err)) return false;
    }
    return true;
}

static bool unknown(const struct option *table, size_t count, const char *given, struct arena *job,
                    struct error *err) {
    const char **names = ARENA_NEW(job, count, const char *);
    for (size_t i = 0; i < count; i++)
        names[i] = table[i].name;
    struct str name = str_of(given);
    while (name.len && name.ptr[0] == '-')
        name = str_from(name, 1);
    struct str rest;
    bool more;
    const char *near = nearest_name(str_split(name, '=', &rest, &more), names, count);
    error_set(err, ERROR_USER, "E0400", "there is no flag %s", given);
    if (near) return error_help(err, "did you mean --%s?", near);
    return error_help(err, "--help lists the flags");
}

/* One argument that begins with a dash; *index moves on when the value is the next argument. */
static bool parse_flag(const struct option *table, size_t count, int argc, char **argv, int *index,
                       struct arena *job, void *target, struct error *err) {
    const char *arg = argv[*index], *value = NULL;
    const struct option *option;
    if (arg[1] == '-') {
        struct str rest;
        bool has_value;
        struct str name = str_split(str_of(arg + 2), '=', &rest, &has_value);
        option = find_long(table, count, name);
        if (has_value) value = rest.ptr;
    } else {
        option = find_letter(table, count, arg[1]);
        if (option && arg[2]) value = arg + 2;
    }
    if (!option) return unknown(table, count, arg, job, err);
    if (!value && option->type == OPTION_FLAG) value = "true";
    if (!value) {
        if (*index + 1 >= argc)
            return error_set(err, ERROR_USER, "E0402", "%s needs a value: %s", arg,
                             forms[option->type]);
        value = argv[++*index];
    }
    return set(option, value, arena_printf(job, "--%s", option->name).ptr, job, target, err);
}

bool options_parse(const struct option *table, size_t count, int argc, char **argv,
                   struct arena *job, void *target, struct option_list *positional,
                   bool *help_wanted, struct error *err) {
    if (!apply_defaults(table, count, job, target, err)) return false;
    *help_wanted = false;
    bool only_positional = false;
    for (int i = 1; i < argc; i++) {
        struct str arg = str_of(argv[i]);
        if (!only_positional && str_eq(arg, STR("--"))) {
            only_positional = true;
        } else if (!only_positional && (str_eq(arg, STR("--help")) || str_eq(arg, STR("-h")))) {
            *help_wanted = true;
        } else if (!only_positional && arg.len > 1 && arg.ptr[0] == '-') {
            if (!parse_flag(table, count, argc, argv, &i, job, target, err)) return false;
        } else {
            list_add(positional, argv[i], job);
        }
    }
    return true;
}

void options_help(struct buf *out, const struct command_help *help, const struct option *table,
                  size_t count) {
    buf_printf(out, "decant %s %s\n  %s\n\n", help->verb, help->synopsis, help->summary);
    for (size_t i = 0; i < count; i++) {
        const struct option *option = &table[i];
        char left[64];
        struct buf name = {.ptr = NULL, .max = sizeof left};
        if (option->letter) buf_printf(&name, "-%c, ", option->letter);
        buf_printf(&name, "--%s", option->name);
        if (option->value_name) buf_printf(&name, " %s", option->value_name);
        buf_printf(out, "  %-30s %s", buf_c_string(&name), option->help);
        if (option->default_text) buf_printf(out, " (%s)", option->default_text);
        buf_append_char(out, '\n');
        buf_release(&name);
    }
    buf_printf(out, "  %-30s %s\n", "-h, --help", "print this");
    if (help->example) {
        buf_append(out, STR("\nexample\n"));
        struct str rest = str_of(help->example);
        for (bool more = true; more;) {
            struct str line = str_split(rest, '\n', &rest, &more);
            buf_printf(out, "  " STR_FMT "\n", STR_ARG(line));
        }
    }
}
