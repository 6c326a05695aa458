/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/testfile.h"

#include <stdlib.h>

#include "common/file.h"
#include "data/numtext.h"
#include "encode/encode.h"
#include "task/task.h"

enum {
    TEST_BYTES_MAX = 64 * 1024 * 1024,
    STEPS_MAX = 10000,
    PARTITIONS_MAX = 64,
    DIFF_BYTES_MAX = 1 << 20
};

static const uint32_t batch_sizes[] = {1, 2, 7, 1024};

/* One keyword line and the block under it. */
struct step {
    struct str keyword, argument; /* "records", "raw_events partition 1" */
    struct str block;             /* raw lines, still indented */
    uint32_t line;
};

struct test_case {
    struct str name;
    struct step *steps;
    uint32_t count, line;
};

struct test_run {
    const char *path;
    struct arena arena;
    struct buf *out;
    struct str filter;
};

/* --- reading the file --- */

static bool bad_line(const struct test_run *run, uint32_t line, const char *what, struct str text,
                     struct error *err) {
    error_set(err, ERROR_USER, "E0805", "%s: '" STR_FMT "'", what, STR_ARG(text));
    return error_place(err, "%s:%u", run->path, line);
}

static struct str next_line(struct str *rest, bool *more) {
    struct str line = str_split(*rest, '\n', rest, more);
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    return line;
}

static bool is_comment(struct str line) {
    return str_trim(line).len == 0 || line.ptr[0] == '#';
}
static bool is_indented(struct str line) {
    return line.len >= 2 && line.ptr[0] == ' ' && line.ptr[1] == ' ';
}

/* Appends the steps of one file; a block is the run of indented lines after a keyword. */
static bool parse_steps(struct test_run *run, struct str text, struct step **out, uint32_t *count,
                        struct error *err) {
    struct step *steps = ARENA_NEW(&run->arena, STEPS_MAX, struct step);
    uint32_t n = 0, number = 0;
    struct str rest = text;
    for (bool more = text.len > 0; more;) {
        struct str line = next_line(&rest, &more);
        number++;
        if (is_indented(line)) {
            if (!n)
                return bad_line(run, number, "an indented line without a keyword above", line, err);
            struct step *step = &steps[n - 1];
            if (!step->block.len) step->block.ptr = line.ptr;
            step->block.len = (size_t)(line.ptr + line.len - step->block.ptr);
            continue;
        }
        if (is_comment(line)) continue;
        if (n == STEPS_MAX)
            return bad_line(run, number, "more than 10,000 steps in one file", line, err);
        bool has_argument;
        struct step *step = &steps[n++];
        *step = (struct step){.block = STR(""), .line = number};
        step->keyword = str_split(line, ' ', &step->argument, &has_argument);
        step->argument = str_trim(step->argument);
    }
    *out = steps;
    *count = n;
    return true;
}

/* The lines of a block without their indentation; blank lines inside are kept. */
static struct str unindent(struct test_run *run, struct str block) {
    char *text = arena_alloc(&run->arena, block.len + 1);
    size_t len = 0;
    struct str rest = block;
    for (bool more = block.len > 0; more;) {
        struct str line = next_line(&rest, &more);
        struct str body = is_indented(line) ? str_from(line, 2) : line;
        memcpy(text + len, body.ptr, body.len);
        len += body.len;
        text[len++] = '\n';
    }
    return (struct str){text, len};
}

/* --- running a case --- */

struct output_row {
    struct output_row *next;
    uint32_t sink;
    struct str key,
        text; /* text: cells of an avro row separated by TAB, or the bytes of another format */
    bool deleted;
};

struct case_run {
    struct test_run *run;
    const struct test_case *test;
    struct arena arena;
    struct str file, text; /* the script */
    struct plan *plan;
    struct task *task;
    struct output_row *rows; /* newest first; one per (sink, key), several for sinks without key */
    int64_t now_ms, offset;
    uint32_t batch_size, in_batch, partitions;
    struct buf errors; /* what planning and running reported */
};

static struct output_row *row_of(struct case_run *run, uint32_t sink, struct str key) {
    for (struct output_row *row = run->rows; row; row = row->next)
        if (row->sink == sink && str_eq(row->key, key)) return row;
    return NULL;
}

static struct str avro_cells(struct case_run *run, const struct table *table, struct str bytes,
                             struct error *err) {
    struct value *values = ARENA_NEW(&run->arena, table->column_count, struct value);
    struct buf text;
    int64_t version;
    bool deleted;
    buf_init(&text, DIFF_BYTES_MAX);
    if (!upsert_value_decode(table, bytes, values, &version, &deleted, err)) return STR("");
    uint32_t n = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (!column_is_persisted(&table->columns[c])) continue;
        if (n) buf_append_char(&text, '\t');
        value_print(&text, &table->columns[c].type, &values[n++]);
    }
    struct str cells = arena_str(&run->arena, buf_str(&text));
    buf_release(&text);
    return cells;
}

/* JSON values end with our two columns; a test shows what the table declares. */
static struct str json_text(struct case_run *run, struct str bytes) {
    size_t at;
    struct str text = arena_str(&run->arena, bytes);
    if (str_find(text, STR(",\"" VERSION_COLUMN "\":"), &at)) {
        char *copy = arena_alloc(&run->arena, at + 1);
        memcpy(copy, text.ptr, at);
        copy[at] = '}';
        return (struct str){copy, at + 1};
    }
    return text;
}

static bool on_upsert(void *self, const struct upsert *upsert, struct error *err) {
    struct case_run *run = self;
    const struct table *table = run->plan->sinks[upsert->sink]->sink.table;
    struct output_row *row = upsert->key.len ? row_of(run, upsert->sink, upsert->key) : NULL;
    if (!row) {
        row = ARENA_NEW(&run->arena, 1, struct output_row);
        row->next = run->rows;
        row->sink = upsert->sink;
        row->key = arena_str(&run->arena, upsert->key);
        run->rows = row;
    }
    row->deleted = upsert->deleted;
    if (table->value_format.format == FORMAT_AVRO)
        row->text = avro_cells(run, table, upsert->value, err);
    else
        row->text = str_trim(json_text(run, upsert->value));
    return table->value_format.format != FORMAT_AVRO || row->text.len > 0;
}

static bool on_dead_letter(void *self, const struct plan_node *scan, const struct record *record,
                           const struct bad_record *bad, struct error *err) {
    (void)self;
    (void)scan;
    (void)record;
    (void)bad;
    (void)err;
    return true; /* counted by the task */
}

static bool case_commit(struct case_run *run, struct error *err) {
    struct commit commit;
    run->in_batch = 0;
    return task_commit(run->task, run->now_ms, &commit, err);
}

static bool feed_line(struct case_run *run, uint32_t scan, uint32_t partition, struct str line,
                      struct error *err) {
    bool has_key;
    struct str value, key = str_split(line, '\t', &value, &has_key);
    struct record record = {.key = has_key ? key : STR(""),
                            .value = has_key ? value : line,
                            .key_is_null = !has_key,
                            .partition = (int32_t)partition,
                            .offset = run->offset++,
                            .timestamp_ms = run->now_ms};
    record.value_is_null = str_eq(record.value, STR("\\N"));
    if (!task_record(run->task, scan, partition, &record, run->now_ms, err)) return false;
    return ++run->in_batch < run->batch_size || case_commit(run, err);
}

static bool find_scan(struct case_run *run, struct str table, uint32_t *scan) {
    for (*scan = 0; *scan < run->plan->scan_count; (*scan)++)
        if (str_eq(run->plan->scans[*scan]->scan.table->name, table)) return true;
    return false;
}

static struct str relative(struct test_run *run, struct str name) {
    struct str path = str_of(run->path);
    size_t slash = path.len;
    while (slash && path.ptr[slash - 1] != '/')
        slash--;
    return arena_printf(&run->arena, STR_FMT STR_FMT, STR_ARG(str_sub(path, 0, slash)),
                        STR_ARG(name));
}

/* "raw_events", "raw_events partition 1", "raw_events from FILE" */
struct records_step {
    struct str table, file;
    uint64_t partition;
};

static bool parse_records(const struct test_run *run, const struct step *step,
                          struct records_step *out, struct error *err) {
    struct str rest, name;
    bool more;
    *out = (struct records_step){.table = str_split(step->argument, ' ', &rest, &more)};
    struct str option = str_split(str_trim(rest), ' ', &name, &more);
    name = str_trim(name);
    if (str_eq(option, STR("from")))
        out->file = name;
    else if (option.len && !str_eq(option, STR("partition")))
        return bad_line(run, step->line, "only 'partition N' or 'from FILE' may follow", option,
                        err);
    else if (option.len && (!parse_u64(name, &out->partition) || out->partition >= PARTITIONS_MAX))
        return bad_line(run, step->line, "a partition is a number from 0 to 63", name, err);
    return true;
}

static bool step_records(struct case_run *run, const struct step *step, struct error *err) {
    struct records_step records;
    struct str lines = unindent(run->run, step->block);
    uint32_t scan;
    if (!parse_records(run->run, step, &records, err)) return false;
    if (!find_scan(run, records.table, &scan))
        return bad_line(run->run, step->line, "no INSERT of this job reads the table",
                        records.table, err);
    if (records.file.len &&
        !file_read(relative(run->run, records.file).ptr, TEST_BYTES_MAX, &run->arena, &lines, err))
        return false;
    for (bool go_on = lines.len > 0; go_on;) {
        struct str line = next_line(&lines, &go_on);
        if (!line.len && !go_on) break; /* after the last line feed */
        if (!feed_line(run, scan, (uint32_t)records.partition, line, err)) return false;
    }
    return true;
}

static bool step_clock(struct case_run *run, const struct step *step, struct error *err) {
    if (timestamp_parse_sql(step->argument, &run->now_ms)) return true;
    return bad_line(run->run, step->line, "a clock is yyyy-MM-dd HH:mm:ss", step->argument, err);
}

static bool run_step(struct case_run *run, const struct step *step, struct error *err) {
    struct str keyword = step->keyword;
    if (str_eq(keyword, STR("records"))) return step_records(run, step, err);
    if (str_eq(keyword, STR("clock"))) return step_clock(run, step, err);
    if (str_eq(keyword, STR("commit"))) return case_commit(run, err);
    if (str_eq(keyword, STR("end")))
        return task_finish(run->task, run->now_ms, err) && case_commit(run, err);
    return true; /* what is not an action: known_keyword has checked it */
}

static bool known_keyword(struct str keyword) {
    static const char *const names[] = {"sql",    "job", "batches", "clock",   "records",
                                        "commit", "end", "expect",  "counters"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(keyword, str_of(names[i]))) return true;
    return false;
}

static void report_error(struct case_run *run, const struct error *err) {
    error_print(&run->errors, err, run->file, run->text);
}

static const struct step *find_step(const struct test_case *test, struct str keyword) {
    for (uint32_t i = 0; i < test->count; i++)
        if (str_eq(test->steps[i].keyword, keyword)) return &test->steps[i];
    return NULL;
}

static bool read_script(struct case_run *run, struct error *err) {
    const struct step *sql = find_step(run->test, STR("sql")),
                      *job = find_step(run->test, STR("job"));
    if (sql) {
        run->file = STR("case.sql");
        run->text = unindent(run->run, sql->block);
        return true;
    }
    if (!job)
        return bad_line(run->run, run->test->line, "the case has neither sql nor job",
                        run->test->name, err);
    run->file = job->argument;
    return file_read(relative(run->run, job->argument).ptr, TEST_BYTES_MAX, &run->arena, &run->text,
                     err);
}

/* Plans the script; what is found goes to run->errors. Warnings and notices are not errors of a test. */
static bool plan_case(struct case_run *run) {
    struct diagnostics found;
    diagnostics_init(&found, &run->arena, 50);
    bool ok = plan_from_text(run->file, run->text, NULL, 0, &run->arena, &found, &run->plan);
    for (uint32_t i = 0; i < found.count; i++)
        if (found.items[i].severity == SEVERITY_ERROR) report_error(run, &found.items[i]);
    return ok;
}

/* As many partitions as the records name: one that never gets data would hold the watermark. */
static bool count_partitions(struct case_run *run, struct error *err) {
    struct records_step records;
    run->partitions = 1;
    for (uint32_t i = 0; i < run->test->count; i++) {
        const struct step *step = &run->test->steps[i];
        if (!str_eq(step->keyword, STR("records"))) continue;
        if (!parse_records(run->run, step, &records, err)) return false;
        if (records.partition >= run->partitions) run->partitions = (uint32_t)records.partition + 1;
    }
    return true;
}

/* Runs the actions. A failure of the job is a result (run->errors); one of the test file is an error. */
static bool execute(struct case_run *run, struct error *err) {
    if (!count_partitions(run, err)) return false;
    uint32_t *partitions = ARENA_NEW(&run->arena, run->plan->scan_count, uint32_t);
    for (uint32_t s = 0; s < run->plan->scan_count; s++)
        partitions[s] = run->partitions;
    bool dead_letters = run->plan->settings.dead_letter_topic.len > 0;
    struct task_config config = {.plan = run->plan,
                                 .partitions = partitions,
                                 .output = {on_upsert, dead_letters ? on_dead_letter : NULL, run}};
    struct error failure;
    bool ok = task_new(&config, &run->task, &failure);
    for (uint32_t i = 0; ok && i < run->test->count; i++)
        ok = run_step(run, &run->test->steps[i], &failure);
    if (ok) ok = case_commit(run, &failure);
    if (ok) return true;
    if (str_eq(str_of(failure.code), STR("E0805")) || str_eq(str_of(failure.code), STR("E0403"))) {
        *err = failure;
        return false;
    }
    report_error(run, &failure);
    return true;
}

/* --- comparing --- */

static struct str *split_cells(struct case_run *run, struct str line, uint32_t *count) {
    struct str *cells = ARENA_NEW(&run->arena, line.len / 2 + 2, struct str);
    uint32_t n = 0;
    for (size_t at = 0; at < line.len;) {
        size_t start = at;
        while (at < line.len && line.ptr[at] != '\t' &&
               !(line.ptr[at] == ' ' && at + 1 < line.len && line.ptr[at + 1] == ' '))
            at++;
        cells[n++] = str_trim((struct str){line.ptr + start, at - start});
        while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
            at++;
    }
    *count = n;
    return cells;
}

static int compare_str(const void *a, const void *b) {
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Position of a column among the persisted ones, or -1. */
static int32_t persisted_position(const struct table *table, struct str name) {
    int32_t n = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (!column_is_persisted(&table->columns[c])) continue;
        if (str_eq(table->columns[c].name, name)) return n;
        n++;
    }
    return -1;
}

static struct str join_cells(struct case_run *run, const struct str *cells, uint32_t count) {
    struct buf text;
    buf_init(&text, DIFF_BYTES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (i) buf_append(&text, STR("  "));
        buf_append(&text, cells[i]);
    }
    struct str line = arena_str(&run->arena, buf_str(&text));
    buf_release(&text);
    return line;
}

/* The wanted columns of an avro row, in the order of the header. */
static struct str pick(struct case_run *run, struct str row, const int32_t *columns,
                       uint32_t count) {
    struct str *cells = ARENA_NEW(&run->arena, count, struct str);
    for (uint32_t i = 0; i < count; i++) {
        struct str rest = row, cell = STR("");
        bool more = true;
        for (int32_t n = 0; n <= columns[i] && more; n++)
            cell = str_split(rest, '\t', &rest, &more);
        cells[i] = cell;
    }
    return join_cells(run, cells, count);
}

struct lines {
    struct str *items;
    uint32_t count;
};

static struct lines actual_rows(struct case_run *run, uint32_t sink, const int32_t *columns,
                                uint32_t column_count) {
    uint32_t n = 0;
    for (struct output_row *row = run->rows; row; row = row->next)
        n++;
    struct lines lines = {ARENA_NEW(&run->arena, n, struct str), 0};
    for (struct output_row *row = run->rows; row; row = row->next) {
        if (row->sink != sink || row->deleted) continue;
        lines.items[lines.count++] = columns ? pick(run, row->text, columns, column_count)
                                     : row->key.len
                                         ? join_cells(run, (struct str[]){row->key, row->text}, 2)
                                         : row->text;
    }
    if (lines.count) qsort(lines.items, lines.count, sizeof *lines.items, compare_str);
    return lines;
}

static void diff_line(struct buf *out, const char *mark, struct str line) {
    buf_printf(out, "    %s ", mark);
    buf_append_visible(out, line, 2000);
    buf_append_char(out, '\n');
}

/* Both sorted; prints what only one side has. */
static bool same_lines(struct buf *diff, const struct lines *expected, const struct lines *actual) {
    uint32_t e = 0, a = 0;
    bool same = true;
    while (e < expected->count || a < actual->count) {
        int order = e == expected->count ? 1
                    : a == actual->count ? -1
                                         : str_compare(expected->items[e], actual->items[a]);
        if (order == 0) {
            e++, a++;
            continue;
        }
        same = false;
        if (order < 0)
            diff_line(diff, "expected", expected->items[e++]);
        else
            diff_line(diff, "got     ", actual->items[a++]);
    }
    return same;
}

static bool find_sink(struct case_run *run, struct str table, uint32_t *sink) {
    for (*sink = 0; *sink < run->plan->sink_count; (*sink)++)
        if (str_eq(run->plan->sinks[*sink]->sink.table->name, table)) return true;
    return false;
}

static bool expect_rows(struct case_run *run, const struct step *step, struct buf *diff, bool *same,
                        struct error *err) {
    uint32_t sink, column_count = 0;
    if (!find_sink(run, step->argument, &sink))
        return bad_line(run->run, step->line, "no INSERT of this job writes the table",
                        step->argument, err);
    const struct table *table = run->plan->sinks[sink]->sink.table;
    bool avro = table->value_format.format == FORMAT_AVRO;
    int32_t *columns = NULL;
    struct str rest = unindent(run->run, step->block);
    bool more = rest.len > 0;
    if (avro) {
        struct str *names = split_cells(run, next_line(&rest, &more), &column_count);
        columns = ARENA_NEW(&run->arena, column_count, int32_t);
        for (uint32_t i = 0; i < column_count; i++)
            if ((columns[i] = persisted_position(table, names[i])) < 0)
                return bad_line(run->run, step->line, "the table has no such column", names[i],
                                err);
    }
    struct lines expected = {ARENA_NEW(&run->arena, rest.len + 1, struct str), 0};
    while (more) {
        struct str line = next_line(&rest, &more);
        uint32_t n;
        if (!str_trim(line).len) continue;
        struct str *cells = split_cells(run, line, &n);
        expected.items[expected.count++] = join_cells(run, cells, n);
    }
    if (expected.count) qsort(expected.items, expected.count, sizeof *expected.items, compare_str);
    struct lines actual = actual_rows(run, sink, columns, column_count);
    *same = same_lines(diff, &expected, &actual);
    return true;
}

static bool expect_errors(struct case_run *run, const struct step *step, struct buf *diff) {
    struct str expected = str_trim(unindent(run->run, step->block)),
               got = str_trim(buf_str(&run->errors));
    if (str_eq(expected, got)) return true;
    buf_printf(diff, "    expected\n" STR_FMT "\n    got\n" STR_FMT "\n", STR_ARG(expected),
               STR_ARG(got));
    return false;
}

static bool expect_counters(struct case_run *run, const struct step *step, struct buf *diff) {
    struct buf text;
    buf_init(&text, DIFF_BYTES_MAX);
    task_reconciliation(&text, run->task);
    struct str wanted = arena_printf(&run->arena, STR_FMT ": " STR_FMT, STR_ARG(step->argument),
                                     STR_ARG(str_trim(unindent(run->run, step->block))));
    size_t at, cut;
    bool same = str_find(buf_str(&text), wanted, &at);
    if (!same) {
        struct str head = arena_printf(&run->arena, STR_FMT ": in", STR_ARG(step->argument)),
                   line = buf_str(&text);
        if (str_find(line, head, &cut)) line = str_from(line, cut);
        diff_line(diff, "expected", wanted);
        struct str rest;
        bool more;
        diff_line(diff, "got     ", str_split(line, '\n', &rest, &more));
    }
    buf_release(&text);
    return same;
}

static bool check_step(struct case_run *run, const struct step *step, struct buf *diff, bool *same,
                       struct error *err) {
    *same = true;
    if (str_eq(step->keyword, STR("counters")) && run->task)
        *same = expect_counters(run, step, diff);
    if (!str_eq(step->keyword, STR("expect"))) return true;
    if (str_eq(step->argument, STR("error"))) {
        *same = expect_errors(run, step, diff);
        return true;
    }
    if (run->errors.len == 0) return expect_rows(run, step, diff, same, err);
    *same = false;
    buf_append(diff, buf_str(&run->errors));
    return true;
}

static void release_case(struct case_run *run) {
    task_free(run->task);
    buf_release(&run->errors);
    arena_release(&run->arena);
}

/* One case with one batch size. */
static bool run_once(struct test_run *run, const struct test_case *test, uint32_t batch_size,
                     struct buf *diff, bool *passed, struct error *err) {
    struct case_run case_run = {.run = run,
                                .test = test,
                                .batch_size = batch_size,
                                .now_ms = 1767225600000 /* 2026-01-01 00:00:00 */};
    buf_init(&case_run.errors, DIFF_BYTES_MAX);
    bool ok = read_script(&case_run, err);
    if (ok && plan_case(&case_run)) ok = execute(&case_run, err);
    *passed = ok;
    for (uint32_t i = 0; ok && i < test->count; i++) {
        bool same;
        ok = check_step(&case_run, &test->steps[i], diff, &same, err);
        if (ok && !same) *passed = false;
    }
    release_case(&case_run);
    return ok;
}

static bool check_case(struct test_run *run, const struct test_case *test, uint64_t *only,
                       struct error *err) {
    *only = 0;
    bool expects = false;
    for (uint32_t i = 0; i < test->count; i++) {
        const struct step *step = &test->steps[i];
        if (!known_keyword(step->keyword))
            return bad_line(run, step->line, "this is no keyword of a test", step->keyword, err);
        expects |= str_eq(step->keyword, STR("expect")) || str_eq(step->keyword, STR("counters"));
        if (str_eq(step->keyword, STR("batches")) &&
            (!parse_u64(step->argument, only) || *only == 0))
            return bad_line(run, step->line, "batches takes a number of records", step->argument,
                            err);
    }
    return expects || bad_line(run, test->line, "the case expects nothing, so it cannot fail",
                               test->name, err);
}

static bool run_case(struct test_run *run, const struct test_case *test, struct test_report *report,
                     struct error *err) {
    uint64_t only;
    if (!check_case(run, test, &only, err)) return false;
    for (size_t i = 0; i < ARRAY_LEN(batch_sizes); i++) {
        uint32_t size = only ? (uint32_t)only : batch_sizes[i];
        struct buf diff;
        bool passed;
        buf_init(&diff, DIFF_BYTES_MAX);
        bool ok = run_once(run, test, size, &diff, &passed, err);
        if (ok && !passed)
            buf_printf(run->out, "  %s:%u \"" STR_FMT "\" with batches of %u\n" STR_FMT, run->path,
                       test->line, STR_ARG(test->name), size, STR_ARG(buf_str(&diff)));
        buf_release(&diff);
        if (!ok) return false;
        if (!passed) return report->failed++, true;
        if (only) break;
    }
    report->passed++;
    return true;
}

static bool run_steps(struct test_run *run, struct step *steps, uint32_t count,
                      struct test_report *report, struct error *err) {
    for (uint32_t i = 0; i < count;) {
        if (!str_eq(steps[i].keyword, STR("case")))
            return bad_line(run, steps[i].line, "a file begins with: case NAME", steps[i].keyword,
                            err);
        struct test_case test = {steps[i].argument, &steps[i + 1], 0, steps[i].line};
        uint32_t next = i + 1;
        while (next < count && !str_eq(steps[next].keyword, STR("case")))
            next++;
        test.count = next - i - 1;
        i = next;
        size_t at;
        if (run->filter.len && !str_find(test.name, run->filter, &at)) continue;
        if (!run_case(run, &test, report, err)) return false;
    }
    return true;
}

bool test_file_run(const char *path, struct str filter, struct buf *out, struct test_report *report,
                   struct error *err) {
    struct test_run run = {.path = path, .out = out, .filter = filter};
    struct str text;
    struct step *steps = NULL;
    uint32_t count = 0;
    bool ok = file_read(path, TEST_BYTES_MAX, &run.arena, &text, err) &&
              parse_steps(&run, text, &steps, &count, err) &&
              run_steps(&run, steps, count, report, err);
    arena_release(&run.arena);
    return ok;
}
