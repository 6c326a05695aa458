/* SPDX-License-Identifier: Apache-2.0 */
/* `decant run`: plans the file, runs the job until a signal or the end of bounded input. */
#include <stdio.h>
#include <sys/resource.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "common/log.h"
#include "kafka/run.h"

struct settings {
    struct option_list overrides;
    const char *until, *ops;
    int64_t wait_ms, drain_ms;
    bool quiet, verbose, json;
};

static const struct option table[] = {
    OPTION_ROW(
        struct settings, overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
        "setting over the file's: decant.*, table.*, or a Kafka client property; may be repeated"),
    OPTION_ROW(struct settings, until, "until", 0, OPTION_TEXT, "end", NULL, 0, 0,
               "read to the end offsets as of the start, fire what is open, and stop"),
    OPTION_ROW(struct settings, ops, "ops", 0, OPTION_TEXT, "HOST:PORT", "127.0.0.1:9464", 0, 0,
               "address of /livez /readyz /metrics /status.json, or off"),
    OPTION_ROW(struct settings, wait_ms, "wait", 0, OPTION_DURATION, "DUR", "30s", 0, 0,
               "how long to wait for Kafka at the start"),
    OPTION_ROW(struct settings, drain_ms, "drain", 0, OPTION_DURATION, "DUR", "20s", 0, 0,
               "how long the last rows may take to be acknowledged"),
    OPTION_ROW(struct settings, json, "json", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "print a summary as JSON at the end"),
    OPTION_ROW(struct settings, quiet, "quiet", 'q', OPTION_FLAG, NULL, NULL, 0, 0, "errors only"),
    OPTION_ROW(struct settings, verbose, "verbose", 'v', OPTION_FLAG, NULL, NULL, 0, 0,
               "debug log, with the Kafka library's own lines"),
};

static const struct command_help help = {
    .verb = "run",
    .synopsis = "FILE.sql [--flags]",
    .summary = "runs a job: reads the topics, keeps the aggregates, writes changed rows as upserts",
    .example = "decant run pipelines/shop.sql -X bootstrap.servers=localhost:9092\n"
               "decant run pipelines/shop.sql --until end",
};

static void report(const struct run_summary *summary) {
    struct buf line;
    buf_init(&line, 512);
    buf_append_grouped(&line, (int64_t)summary->records);
    buf_append(&line, STR(" records in, "));
    buf_append_grouped(&line, (int64_t)summary->upserts);
    buf_printf(&line, " upserts out, %llu commits, %.1f s", (unsigned long long)summary->commits,
               (double)summary->wall_ms / 1000);
    if (summary->read_ms > 0) {
        buf_append(&line, STR(" ("));
        buf_append_grouped(&line, (int64_t)(summary->records * 1000) / summary->read_ms);
        buf_append(&line, STR(" records/s)"));
    }
    fprintf(stderr, "%s\n", buf_c_string(&line));
    buf_release(&line);
}

/* CPU of all threads of the process, librdkafka's included. */
static double cpu_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void report_json(const struct run_summary *summary) {
    printf(
        "{\"schema\":\"decant.run/1\",\"records\":%llu,\"upserts\":%llu,\"commits\":%llu,\"wall_ms\":%lld,\"read_ms\":%lld,\"cpu_ms\":%.0f}\n",
        (unsigned long long)summary->records, (unsigned long long)summary->upserts,
        (unsigned long long)summary->commits, (long long)summary->wall_ms,
        (long long)summary->read_ms, cpu_ms());
}

static int run(const void *self, const char *path, struct arena *job) {
    const struct settings *settings = self;
    struct job_file file;
    int status;
    if (settings->quiet) log_set_level(LOG_ERROR);
    if (settings->verbose) log_set_level(LOG_DEBUG);
    if (settings->until && !str_eq(str_of(settings->until), STR("end"))) {
        struct error err;
        error_set(&err, ERROR_USER, "E0402", "'%s' does not fit; --until takes only: end",
                  settings->until);
        return (int)fail(&err, STR("run"), STR(""));
    }
    if (!load_job(path, &settings->overrides, settings->quiet, job, &file, &status)) return status;
    struct run_options options = {
        .plan = file.plan,
        .overrides = file.overrides,
        .override_count = file.override_count,
        .until_end = settings->until != NULL,
        .wait_ms = settings->wait_ms,
        .drain_ms = settings->drain_ms,
        .ops = settings->ops,
        .take_signals = stop_on_signals,
    };
    struct run_summary summary;
    struct error err;
    bool ok = run_job(&options, &summary, &err);
    if (!settings->quiet && summary.commits) report(&summary);
    if (settings->json && summary.commits) report_json(&summary);
    return ok ? EXIT_OK : (int)fail(&err, file.name, file.text);
}

int cmd_run(int argc, char **argv) {
    struct settings settings = {0};
    return command_on_file(&help, table, ARRAY_LEN(table), argc, argv, &settings, run);
}
