/* SPDX-License-Identifier: Apache-2.0 */
/* `decant plan`: what a job needs in Kafka and Pinot, against what is there. Writes nothing. */
#include "cli/commands.h"
#include "cli/deployment.h"

struct settings {
    struct deployment_settings deployment;
    bool check, json;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, deployment.controller, "pinot-controller", 0, OPTION_TEXT, "URL",
               "http://localhost:9000", 0, 0, "Pinot controller"),
    OPTION_ROW(struct settings, deployment.version, "pinot-version", 0, OPTION_TEXT, "VERSION",
               NULL, 0, 0, "derive for this Pinot (0.11.0 to 1.5.1) and ask no server"),
    OPTION_ROW(struct settings, deployment.partitions, "partitions", 0, OPTION_INTEGER, "N", NULL,
               0, 10000, "partitions of topics that are missing; 0: as the source, else 4"),
    OPTION_ROW(struct settings, deployment.wait_ms, "wait", 0, OPTION_DURATION, "DUR", "5s", 0,
               86400000, "how long to wait for Kafka and Pinot to come up"),
    OPTION_ROW(struct settings, check, "check", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "exit 1 if anything differs"),
    OPTION_ROW(struct settings, json, "json", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "print JSON, with the derived topics, schemas and tables"),
    OPTION_ROW(
        struct settings, deployment.overrides, "set", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
        "setting over the file's; decant.pinot.bootstrap.servers: Kafka's address as Pinot sees it"),
};

static const struct command_help help = {
    .verb = "plan",
    .synopsis = "FILE.sql [--flags]",
    .summary =
        "shows which topics, schemas and Pinot tables a job needs, and what of them is there",
    .example = "decant plan pipelines/shop.sql\n"
               "decant plan pipelines/shop.sql --pinot-version 1.5.1 --json",
};

static int plan(const void *self, const char *path, struct arena *job) {
    const struct settings *settings = self;
    struct job_deployment open = {0};
    int status;
    if (deployment_open(&settings->deployment, path, job, &open, &status)) {
        const struct deployment *deployment = &open.deployment;
        struct buf out;
        buf_init(&out, 64u << 20);
        if (settings->json)
            deployment_print_json(&out, deployment);
        else
            deployment_print(&out, deployment);
        print_out(&out);
        buf_release(&out);
        bool differs = deployment->count[DEPLOY_SAME] < deployment->item_count;
        status = settings->check && differs ? EXIT_NO : EXIT_OK;
    }
    deployment_close(&open);
    return status;
}

int cmd_plan(int argc, char **argv) {
    struct settings settings = {.deployment.quiet = true};
    return command_on_file(&help, table, ARRAY_LEN(table), argc, argv, &settings, plan);
}
