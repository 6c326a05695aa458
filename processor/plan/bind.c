/* SPDX-License-Identifier: Apache-2.0 */
/* Binds a script statement by statement: tables, views, settings and INSERTs take effect in the order in
 * which they stand. Findings are collected, never printed; a broken statement does not stop the next. */
#include "plan/bind.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/options.h"
#include "sql/parse.h"

/* ---- findings ---- */

static bool same_finding(const struct error *a, const struct error *b) {
    return a->code == b->code && a->has_span && a->span.start == b->span.start &&
           a->span.end == b->span.end && strcmp(a->text, b->text) == 0;
}

static void record(struct binder *b, struct error *err) {
    if (b->quiet) return;
    for (uint32_t i = 0; i < b->found->count; i++)
        if (same_finding(&b->found->items[i], err)) return;
    (void)diagnostics_add(b->found, err);
}

#define FINDING(level)                                                                             \
    char text[sizeof((struct error *)0)->text];                                                    \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    vsnprintf(text, sizeof text, format, args);                                                    \
    va_end(args);                                                                                  \
    struct error err;                                                                              \
    (void)error_at(&err, span, code, "%s", text);                                                  \
    if (help) (void)error_help(&err, "%s", help);                                                  \
    err.severity = (level);                                                                        \
    record(b, &err)

bool bind_error(struct binder *b, struct span span, const char *code, const char *help,
                const char *format, ...) {
    FINDING(SEVERITY_ERROR);
    return false;
}

bool bind_warn(struct binder *b, struct span span, const char *code, const char *help,
               const char *format, ...) {
    FINDING(SEVERITY_WARNING);
    return false;
}

bool bind_notice(struct binder *b, struct span span, const char *code, const char *help,
                 const char *format, ...) {
    FINDING(SEVERITY_NOTICE);
    return false;
}

struct str bind_source(const struct binder *b, struct span span) {
    return str_sub(b->text, span.start, span.end - span.start);
}

struct str bind_label(struct binder *b, struct span span) {
    enum { CUT = 80 };
    struct str source = bind_source(b, span);
    char *out = arena_alloc(b->job, source.len + sizeof "…");
    size_t len = 0;
    for (size_t i = 0; i < source.len; i++) {
        bool blank = strchr(" \t\r\n", source.ptr[i]) != NULL;
        if (blank && len && out[len - 1] == ' ') continue;
        if (len >= CUT && ((unsigned char)source.ptr[i] & 0xC0) != 0x80) {
            memcpy(out + len, "…", sizeof "…" - 1);
            len += sizeof "…" - 1;
            break;
        }
        out[len++] = blank ? ' ' : source.ptr[i];
    }
    return (struct str){out, len};
}

const char *bind_text(struct binder *b, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return arena_c_string(b->job, str_of(text));
}

const char *bind_nearest(struct binder *b, struct str given, const struct str *names,
                         uint32_t count) {
    if (b->quiet) return NULL;
    const char **list = ARENA_NEW(b->job, count + 1u, const char *);
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq_nocase(names[i], given))
            return bind_text(b, "did you mean " STR_FMT "?", STR_ARG(names[i]));
        list[i] = arena_c_string(b->job, names[i]);
    }
    const char *best = nearest_name(given, list, count);
    return best ? bind_text(b, "did you mean %s?", best) : NULL;
}

void *bind_grow(struct arena *job, void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return items;
    uint32_t grown = *capacity ? *capacity * 2 : 8;
    char *copy = arena_new(job, grown, size);
    if (count) memcpy(copy, items, count * size);
    *capacity = grown;
    return copy;
}

/* ---- names ---- */

#define CATALOG STR("default_catalog")
#define DATABASE STR("default_database")

static bool database_exists(const struct binder *b, struct str name) {
    for (uint32_t i = 0; i < b->database_count; i++)
        if (str_eq(b->databases[i], name)) return true;
    return false;
}

/* a, db.a or default_catalog.db.a */
static bool split_name(struct binder *b, const struct ast_name *name, struct str *database,
                       struct str *object) {
    uint32_t n = name->parts.count;
    const struct ast_ident *parts = name->parts.items;
    if (n > 3 || (n == 3 && !str_eq(parts[0].text, CATALOG)))
        return bind_error(b, name->span, "E0222", "there is one catalog: default_catalog",
                          "A catalog with name [" STR_FMT "] does not exist.",
                          STR_ARG(parts[0].text));
    *object = parts[n - 1].text;
    *database = n > 1 ? parts[n - 2].text : b->database;
    if (!database_exists(b, *database))
        return bind_error(b, name->span, "E0222", "CREATE DATABASE makes one",
                          "A database with name [" STR_FMT "] does not exist.", STR_ARG(*database));
    return true;
}

/* The newest of this name; a temporary one hides a permanent one. */
static struct catalog_entry *find_entry(struct binder *b, struct str database, struct str name) {
    struct catalog_entry *found = NULL;
    for (uint32_t i = 0; i < b->entry_count; i++) {
        struct catalog_entry *entry = &b->entries[i];
        if (entry->dropped || !str_eq(entry->name, name) || !str_eq(entry->database, database))
            continue;
        if (!found || entry->temporary) found = entry;
    }
    return found;
}

struct catalog_entry *bind_lookup(struct binder *b, const struct ast_name *name) {
    struct str database, object;
    if (!split_name(b, name, &database, &object)) return NULL;
    struct catalog_entry *entry = find_entry(b, database, object);
    if (entry || b->partial) return entry; /* its declaration may be the one that did not parse */
    struct str *names = ARENA_NEW(b->job, b->entry_count + 1u, struct str);
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->entry_count; i++)
        if (!b->entries[i].dropped) names[count++] = b->entries[i].name;
    const char *near = bind_nearest(b, object, names, count);
    bind_error(b, name->span, "E0202",
               near ? near : "declare it with CREATE TABLE or CREATE VIEW above",
               "Object '" STR_FMT "' not found", STR_ARG(bind_source(b, name->span)));
    return NULL;
}

/* Room for a new table or view; NULL when the name is taken (reported, unless IF NOT EXISTS). */
static struct catalog_entry *new_entry(struct binder *b, const struct ast_name *name,
                                       bool temporary, bool if_not_exists) {
    struct str database, object;
    if (!split_name(b, name, &database, &object)) return NULL;
    struct catalog_entry *old = find_entry(b, database, object);
    if (old && old->temporary == temporary) {
        if (!if_not_exists)
            bind_error(b, name->span, "E0203", "DROP it first, or write IF NOT EXISTS",
                       "Could not execute CREATE: Table (or view) default_catalog." STR_FMT
                       "." STR_FMT " already exists",
                       STR_ARG(database), STR_ARG(object));
        return NULL;
    }
    BIND_GROW(b, b->entries, b->entry_count, b->entry_capacity);
    struct catalog_entry *entry = &b->entries[b->entry_count++];
    *entry = (struct catalog_entry){
        .database = database, .name = object, .temporary = temporary, .span = name->span};
    return entry;
}

/* ---- statements ---- */

struct catalog_entry *bind_declare_table(struct binder *b, const struct ast_create_table *ast) {
    return new_entry(b, &ast->name, ast->temporary, ast->if_not_exists);
}

static void check_view(struct binder *b, struct catalog_entry *entry) {
    struct relation unused;
    uint32_t errors = b->found->errors;
    b->declaring = true;
    if (!bind_query(b, entry->view->query, &unused))
        entry->broken = true;
    else if (entry->view->columns.count && entry->view->columns.count != unused.count)
        entry->broken = !bind_error(b, entry->span, "E0207", NULL,
                                    "VIEW definition and input fields not match: the view names %u "
                                    "columns, its query has %u",
                                    entry->view->columns.count, unused.count);
    b->declaring = false;
    if (b->found->errors != errors) entry->broken = true;
}

static void create_view(struct binder *b, const struct ast_create_view *ast, struct span span) {
    if (ast->or_replace) {
        bind_error(b, span, "E0301", "DROP VIEW IF EXISTS, then CREATE VIEW",
                   "CREATE OR REPLACE VIEW is not supported (Flink fails when the view exists)");
        return;
    }
    struct catalog_entry *entry = new_entry(b, &ast->name, ast->temporary, ast->if_not_exists);
    if (!entry) return;
    /* While it is checked the view must not see itself, and the array may move under bind_query. */
    size_t at = (size_t)(entry - b->entries);
    struct catalog_entry copy = *entry;
    copy.view = ast;
    entry->dropped = true;
    check_view(b, &copy);
    b->entries[at] = copy;
}

static void drop(struct binder *b, const struct ast_drop *ast, struct span span) {
    if (ast->object == AST_OBJECT_CATALOG || ast->object == AST_OBJECT_DATABASE) {
        bind_notice(b, span, "N0405", NULL, "DROP of a database or catalog has no effect here");
        return;
    }
    struct str database, name;
    if (!split_name(b, &ast->name, &database, &name)) return;
    struct catalog_entry *entry = find_entry(b, database, name);
    bool view = ast->object == AST_OBJECT_VIEW;
    if (entry && (entry->view != NULL) == view && (!ast->temporary || entry->temporary))
        entry->dropped = true;
    else if (!ast->if_exists)
        bind_error(b, ast->name.span, "E0202", "write IF EXISTS when it may be missing",
                   "%s with identifier 'default_catalog." STR_FMT "." STR_FMT "' does not exist.",
                   view ? "View" : "Table", STR_ARG(database), STR_ARG(name));
}

static void create_database(struct binder *b, const struct ast_create_space *ast) {
    struct str name = ast->name.parts.items[ast->name.parts.count - 1].text;
    if (database_exists(b, name)) {
        if (!ast->if_not_exists)
            bind_error(b, ast->name.span, "E0203", "write IF NOT EXISTS",
                       "Database " STR_FMT " already exists in Catalog default_catalog.",
                       STR_ARG(name));
        return;
    }
    struct str *grown = ARENA_NEW(b->job, b->database_count + 1u, struct str);
    memcpy(grown, b->databases, b->database_count * sizeof *grown);
    grown[b->database_count++] = name;
    b->databases = grown;
}

static void use_database(struct binder *b, const struct ast_name *name) {
    struct str database = name->parts.items[name->parts.count - 1].text;
    if (database_exists(b, database))
        b->database = database;
    else
        bind_error(b, name->span, "E0222", "CREATE DATABASE makes one",
                   "A database with name [" STR_FMT
                   "] does not exist in the catalog: [default_catalog].",
                   STR_ARG(database));
}

static void use_catalog(struct binder *b, const struct ast_name *name) {
    if (!str_eq(name->parts.items[0].text, CATALOG))
        bind_error(b, name->span, "E0222", "there is one catalog: default_catalog",
                   "A catalog with name [" STR_FMT "] does not exist.",
                   STR_ARG(name->parts.items[0].text));
}

/* Statements that Flink knows and this program refuses, with what to write instead. */
static const struct {
    const char *words, *instead;
} refused[] = {
    {"CREATE FUNCTION", "use built-in functions: user-defined functions need a JVM"},
    {"CREATE MODEL", "run this file on Flink unchanged"},
    {"LOAD MODULE", "built-in functions only"},
    {"UPDATE", "write the changed rows with INSERT INTO an upsert-kafka table"},
    {"DELETE", "write the changed rows with INSERT INTO an upsert-kafka table"},
    {"MERGE", "INSERT INTO an upsert-kafka table: its PRIMARY KEY merges"},
    {"CALL", "run this file on Flink unchanged"},
    {"COMPILE PLAN", "decant explain FILE.sql shows the plan"},
    {"EXECUTE PLAN", "decant run FILE.sql"},
    {"ALTER", "change the CREATE TABLE above"},
};

static void other(struct binder *b, const struct ast_other *ast) {
    const char *instead = "run this file on Flink unchanged";
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (str_starts(ast->words, str_of(refused[i].words))) instead = refused[i].instead;
    bind_error(b, ast->words_span, "E0301", instead, STR_FMT " is not supported",
               STR_ARG(ast->words));
}

static void statement_set(struct binder *b, const struct ast_statements *set) {
    b->statement_sets++;
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i]->kind == AST_INSERT) {
            bind_insert(b, set->items[i]->insert, set->items[i]->span);
            b->set_inserts++;
        }
}

static void bare_query(struct binder *b, const struct ast_statement *statement) {
    bind_notice(b, (struct span){statement->span.start, statement->span.start + 6}, "N0405",
                "INSERT INTO a 'print' table to see rows", "a bare query is skipped");
}

static void statement(struct binder *b, const struct ast_statement *ast) {
    switch (ast->kind) {
    case AST_CREATE_TABLE: bind_create_table(b, ast->create_table, ast->span); return;
    case AST_CREATE_VIEW: create_view(b, ast->create_view, ast->span); return;
    case AST_CREATE_DATABASE: create_database(b, ast->create_space); return;
    case AST_CREATE_CATALOG:
        bind_error(b, ast->create_space->name.span, "E0301",
                   "declare the tables in this script; they live in default_catalog",
                   "CREATE CATALOG is not supported");
        return;
    case AST_DROP: drop(b, ast->drop, ast->span); return;
    case AST_ALTER_TABLE:
        bind_error(b, ast->alter_table->name.span, "E0301", "change the CREATE TABLE above",
                   "ALTER TABLE is not supported");
        return;
    case AST_INSERT: bind_insert(b, ast->insert, ast->span); return;
    case AST_STATEMENT_SET: statement_set(b, &ast->set); return;
    case AST_QUERY: bare_query(b, ast); return;
    case AST_SET: settings_set(b, &ast->setting); return;
    case AST_RESET: settings_reset(b, &ast->setting); return;
    case AST_EXPLAIN:
        bind_notice(b, ast->span, "N0405", "decant explain FILE.sql shows all plans",
                    "EXPLAIN inside a script has no effect here");
        return;
    case AST_USE_CATALOG: use_catalog(b, &ast->name); return;
    case AST_USE_DATABASE: use_database(b, &ast->name); return;
    case AST_DESCRIBE:
    case AST_SHOW:
    case AST_CLIENT:
        bind_notice(b, ast->span, "N0405", NULL,
                    "this statement only prints; it has no effect here");
        return;
    case AST_JAR:
        bind_notice(b, ast->span, "N0405", NULL,
                    "connectors and formats are built in; no jar is loaded");
        return;
    case AST_QUIT: return;
    case AST_OTHER: other(b, &ast->other); return;
    }
}

/* ---- the whole script ---- */

static void check_unused_tables(struct binder *b) {
    for (uint32_t i = 0; i < b->entry_count; i++)
        if (b->entries[i].table && !b->entries[i].broken && !b->entries[i].checked)
            bind_unused_options(b, &b->entries[i]);
}

static uint64_t place(const struct error *err) {
    return err->has_span ? (uint64_t)err->span.start + 1 : 0;
}

/* In the order of the text; the binder meets WHERE before SELECT. Stable. */
static void sort_findings(struct diagnostics *found) {
    for (uint32_t i = 1; i < found->count; i++) {
        struct error moved = found->items[i];
        uint32_t at = i;
        for (; at > 0 && place(&found->items[at - 1]) > place(&moved); at--)
            found->items[at] = found->items[at - 1];
        found->items[at] = moved;
    }
}

static bool build(const struct ast_script *script, bool partial, struct str file, struct str text,
                  const struct plan_override *overrides, uint32_t override_count, struct arena *job,
                  struct diagnostics *found, struct plan **out) {
    struct binder b = {.job = job,
                       .found = found,
                       .partial = partial,
                       .file = file,
                       .text = text,
                       .overrides = overrides,
                       .override_count = override_count,
                       .database = DATABASE,
                       .database_count = 1};
    b.databases = ARENA_NEW(job, 1, struct str);
    b.databases[0] = DATABASE;
    uint32_t errors = found->errors;
    buf_init(&b.ignored, 1 << 16);
    settings_init(&b);
    for (uint32_t i = 0; i < script->statements.count; i++)
        statement(&b, script->statements.items[i]);
    settings_finish(&b);
    check_unused_tables(&b);
    buf_release(&b.ignored);
    sort_findings(found);
    if (found->errors != errors) return false;
    *out = plan_finish(&b);
    return true;
}

bool plan_build(const struct ast_script *script, struct str file, struct str text,
                const struct plan_override *overrides, uint32_t override_count, struct arena *job,
                struct diagnostics *found, struct plan **out) {
    return build(script, false, file, text, overrides, override_count, job, found, out);
}

bool plan_from_text(struct str file, struct str text, const struct plan_override *overrides,
                    uint32_t override_count, struct arena *job, struct diagnostics *found,
                    struct plan **out) {
    struct ast_script *script;
    bool parsed = sql_parse(text, job, found, &script);
    struct plan *plan;
    bool bound = build(script, !parsed, file, text, overrides, override_count, job, found, &plan);
    if (!parsed || !bound) return false;
    *out = plan;
    return true;
}
