/* SPDX-License-Identifier: Apache-2.0 */
/* `decant verify`: compares raw topic, upsert topics and Pinot; exit 1 with the differing keys. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "verify/verify.h"

struct settings {
    struct option_list overrides;
    const char *controller, *broker, *table;
    int64_t wait_ms, max_differences;
    double tolerance;
    bool from_raw, json;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, from_raw, "from-raw", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "recompute from the raw topic as well, up to the job's last commit"),
    OPTION_ROW(struct settings, table, "table", 0, OPTION_TEXT, "NAME", NULL, 0, 0,
               "only this sink"),
    OPTION_ROW(struct settings, controller, "pinot-controller", 0, OPTION_TEXT, "URL",
               "http://localhost:9000", 0, 0, "Pinot controller"),
    OPTION_ROW(struct settings, broker, "pinot-broker", 0, OPTION_TEXT, "URL",
               "http://localhost:8099", 0, 0, "Pinot broker"),
    OPTION_ROW(struct settings, wait_ms, "wait", 0, OPTION_DURATION, "DUR", "60s", 1, 86400000,
               "how long Kafka may take to answer and Pinot to consume"),
    OPTION_ROW(struct settings, tolerance, "tolerance", 0, OPTION_NUMBER, "X", "1e-9", 0, 1,
               "relative difference that two DOUBLE values may have"),
    OPTION_ROW(struct settings, max_differences, "max-differences", 0, OPTION_INTEGER, "N", "20", 1,
               100000, "how many differing keys of a table are printed"),
    OPTION_ROW(struct settings, json, "json", 0, OPTION_FLAG, NULL, NULL, 0, 0, "print JSON"),
    OPTION_ROW(struct settings, overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
               "setting over the file's; may be repeated"),
};

static const struct command_help help = {
    .verb = "verify",
    .synopsis = "FILE.sql [--flags]",
    .summary = "proves, key by key, that Pinot shows what the topics hold, also while the job runs",
    .example = "decant verify pipelines/shop.sql --from-raw",
};

static void print_result(struct buf *out, const struct settings *settings,
                         const struct verify_result *result) {
    buf_append(out, result->table);
    for (size_t i = result->table.len; i < 26; i++)
        buf_append_char(out, ' ');
    buf_append_char(out, ' ');
    buf_append_grouped(out, (int64_t)result->keys);
    buf_append(out, STR(" keys  topic = Pinot"));
    if (settings->from_raw) buf_append(out, STR("  raw = topic"));
    if (result->moved)
        buf_printf(out, " (%llu keys have a newer row only)", (unsigned long long)result->moved);
    if (result->difference_count == 0) {
        buf_append(out, STR("  ok\n"));
        return;
    }
    buf_printf(out, "  %llu difference%s\n", (unsigned long long)result->difference_count,
               result->difference_count == 1 ? "" : "s");
    for (uint32_t i = 0; i < result->kept; i++)
        buf_printf(out, "  " STR_FMT "\n    " STR_FMT "\n", STR_ARG(result->differences[i].key),
                   STR_ARG(result->differences[i].text));
    if (result->difference_count > result->kept)
        buf_printf(out, "  … and %llu more\n",
                   (unsigned long long)(result->difference_count - result->kept));
}

static void print_json(struct buf *out, const struct settings *settings,
                       const struct verify_result *results, uint32_t count) {
    buf_append(out, STR("{\"schema\":\"decant.verify/1\",\"tables\":["));
    for (uint32_t i = 0; i < count; i++) {
        const struct verify_result *result = &results[i];
        buf_append(out, i ? STR(",{\"table\":\"") : STR("{\"table\":\""));
        buf_append_json(out, result->table);
        buf_printf(
            out,
            "\",\"keys\":%llu,\"pinot_rows\":%llu,\"from_raw\":%s,\"raw_keys\":%llu,\"moved\":%llu,\"stale_last\":%llu,\"differences\":%llu,\"examples\":[",
            (unsigned long long)result->keys, (unsigned long long)result->pinot_rows,
            settings->from_raw ? "true" : "false", (unsigned long long)result->raw_keys,
            (unsigned long long)result->moved, (unsigned long long)result->stale_last,
            (unsigned long long)result->difference_count);
        for (uint32_t d = 0; d < result->kept; d++) {
            buf_append(out, d ? STR(",{\"key\":\"") : STR("{\"key\":\""));
            buf_append_json(out, result->differences[d].key);
            buf_append(out, STR("\",\"text\":\""));
            buf_append_json(out, result->differences[d].text);
            buf_append(out, STR("\"}"));
        }
        buf_append(out, STR("]}"));
    }
    buf_append(out, STR("]}\n"));
}

static int verify(const void *self, const char *path, struct arena *job) {
    const struct settings *settings = self;
    struct job_file file;
    struct error err;
    int status;
    if (!load_job(path, &settings->overrides, true, job, &file, &status)) return status;
    struct verify_options options = {
        .plan = file.plan,
        .overrides = file.overrides,
        .override_count = file.override_count,
        .from_raw = settings->from_raw,
        .table = str_of(settings->table),
        .controller = settings->controller,
        .broker = settings->broker,
        .wait_ms = settings->wait_ms,
        .tolerance = settings->tolerance,
        .differences_max = (uint32_t)settings->max_differences,
    };
    struct verify_result *results;
    uint32_t count;
    if (!verify_job(&options, job, &results, &count, &err))
        return (int)fail(&err, file.name, file.text);
    struct buf out;
    buf_init(&out, 256u << 20);
    status = EXIT_OK;
    for (uint32_t i = 0; i < count; i++) {
        if (!settings->json) print_result(&out, settings, &results[i]);
        if (results[i].difference_count) status = EXIT_NO;
    }
    if (settings->json) print_json(&out, settings, results, count);
    print_out(&out);
    buf_release(&out);
    return status;
}

int cmd_verify(int argc, char **argv) {
    struct settings settings = {0};
    return command_on_file(&help, table, ARRAY_LEN(table), argc, argv, &settings, verify);
}
