/* SPDX-License-Identifier: Apache-2.0 */
/* `decant version`: the program, its libraries, and the Flink it is compatible with. */
#include <curl/curl.h>
#include <event2/event.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"

#ifdef DECANT_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

static const char *allocator(void) {
#ifdef DECANT_JEMALLOC
    const char *version = "";
    size_t bytes = sizeof version;
    mallctl("version", &version, &bytes, NULL,
            0); /* also keeps the linker from dropping the library */
    return version;
#else
    return "none (system malloc)";
#endif
}

static const struct command_help help = {
    .verb = "version",
    .synopsis = "",
    .summary = "prints versions of the program and its libraries",
    .example = "decant version",
};

int cmd_version(int argc, char **argv) {
    struct arena job = {0};
    struct option_list positional = {0};
    int status;
    bool go_on = parse_command(&help, NULL, 0, argc, argv, &job, NULL, &positional, &status);
    arena_release(&job);
    if (!go_on) return status;
    printf("decant %s\n", DECANT_VERSION);
    printf("flink       1.20 (SQL compatibility target)\n");
    printf("librdkafka  %s\n", rd_kafka_version_str());
    printf("avro-c      %s\n", DECANT_AVRO_VERSION);
    printf("libcurl     %s\n", curl_version());
    printf("libevent    %s\n", event_get_version());
    printf("jansson     %s\n", JANSSON_VERSION);
    printf("jemalloc    %s\n", allocator());
    return EXIT_OK;
}
