/* SPDX-License-Identifier: Apache-2.0 */
/* What `plan` and `apply` share: a job file with its servers, read into a deployment; and its
 * printing. */
#ifndef CLI_DEPLOYMENT_H
#define CLI_DEPLOYMENT_H

#include "cli/support.h"
#include "pinot/deploy.h"

struct deployment_settings {
    struct option_list overrides; /* -X */
    const char *controller, *broker;
    const char *version; /* derive for this Pinot and ask no server; NULL: ask */
    int64_t partitions, wait_ms;
    bool quiet; /* no warnings and notices of the job file */
};

/* Kafka handles of the job's tables; tables with equal settings share one. */
struct kafka_pool {
    const struct plan_override *overrides;
    uint32_t override_count;
    struct arena *job;
    struct kafka_pool_entry *entries;
    uint32_t count;
};

struct job_deployment {
    struct job_file file;
    struct pinot pinot;
    struct kafka_pool kafka;
    struct deploy_options options;
    struct deployment deployment;
};

/* Reads the job, reaches the servers and compares. False: the error has been printed, *status set;
 * release all the same. */
bool deployment_open(const struct deployment_settings *settings, const char *path,
                     struct arena *job, struct job_deployment *out, int *status);
void deployment_close(struct job_deployment *open); /* accepts a zeroed one */

/* One line per topic, schema and table, and a sum. */
void deployment_print(struct buf *out, const struct deployment *deployment);
void deployment_print_json(struct buf *out, const struct deployment *deployment);

#endif
