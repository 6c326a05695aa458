/* SPDX-License-Identifier: Apache-2.0 */
/* `decant apply`: creates what a job needs in Kafka and Pinot, changes what is safe to change, and
 * waits until Pinot consumes. */
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/deployment.h"
#include "common/clock.h"

struct settings {
    struct deployment_settings deployment;
    bool yes;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, deployment.controller, "pinot-controller", 0, OPTION_TEXT, "URL",
               "http://localhost:9000", 0, 0, "Pinot controller"),
    OPTION_ROW(struct settings, deployment.broker, "pinot-broker", 0, OPTION_TEXT, "URL", NULL, 0,
               0, "Pinot broker; when given, each table must answer a first query"),
    OPTION_ROW(struct settings, deployment.partitions, "partitions", 0, OPTION_INTEGER, "N", NULL,
               0, 10000, "partitions of topics that are missing; 0: as the source, else 4"),
    OPTION_ROW(struct settings, deployment.wait_ms, "wait", 0, OPTION_DURATION, "DUR", "120s", 0,
               86400000, "how long Kafka and Pinot may take to come up, and Pinot to consume"),
    OPTION_ROW(struct settings, yes, "yes", 'y', OPTION_FLAG, NULL, NULL, 0, 0,
               "change what exists without asking"),
    OPTION_ROW(
        struct settings, deployment.overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
        "setting over the file's; decant.pinot.bootstrap.servers: Kafka's address as Pinot sees it"),
};

static const struct command_help help = {
    .verb = "apply",
    .synopsis = "FILE.sql [--flags]",
    .summary = "creates topics, schemas and Pinot tables of a job, and waits until Pinot consumes",
    .example = "decant apply pipelines/shop.sql --pinot-broker http://localhost:8099",
};

static void print_step(void *self, uint32_t step, uint32_t steps, struct str what) {
    (void)self;
    printf("[%u/%u] " STR_FMT "\n", step, steps, STR_ARG(what));
    fflush(stdout);
}

/* What exists is changed only with consent: a new table harms nobody. */
static bool consent(const struct settings *settings, const struct deployment *deployment,
                    struct error *err) {
    if (settings->yes || !deployment->count[DEPLOY_CHANGE] || deployment->count[DEPLOY_BLOCKED])
        return true;
    struct buf out;
    buf_init(&out, 16u << 20);
    deployment_print(&out, deployment);
    fwrite(out.ptr, 1, out.len, stderr);
    buf_release(&out);
    if (isatty(STDIN_FILENO)) {
        fputs("change what exists? [y/N] ", stderr);
        int answer = getchar();
        if (answer == 'y' || answer == 'Y') return true;
    }
    error_set(err, ERROR_USER, "E0617",
              "%u change%s of existing objects not confirmed; nothing was written",
              deployment->count[DEPLOY_CHANGE], deployment->count[DEPLOY_CHANGE] == 1 ? "" : "s");
    return error_help(err, "decant apply FILE.sql --yes");
}

static int apply(const void *self, const char *path, struct arena *job) {
    const struct settings *settings = self;
    int64_t start_ns = clock_mono_ns();
    struct job_deployment open = {0};
    struct error err;
    int status;
    if (deployment_open(&settings->deployment, path, job, &open, &status)) {
        struct deployment *deployment = &open.deployment;
        bool same = deployment->count[DEPLOY_SAME] == deployment->item_count;
        struct deploy_progress progress = {print_step, NULL};
        if (!consent(settings, deployment, &err) ||
            !deploy_apply(deployment, &progress, job, &err)) {
            status = (int)fail(&err, open.file.name, open.file.text);
        } else {
            double seconds = (double)(clock_mono_ns() - start_ns) / 1e9;
            if (same)
                printf("nothing to change: %u topics, %u tables consume (%.1f s)\n",
                       deployment->topic_count, deployment->table_count, seconds);
            else
                printf("applied in %.1f s\n", seconds);
            status = EXIT_OK;
        }
    }
    deployment_close(&open);
    return status;
}

int cmd_apply(int argc, char **argv) {
    struct settings settings = {.deployment.quiet = true};
    return command_on_file(&help, table, ARRAY_LEN(table), argc, argv, &settings, apply);
}
