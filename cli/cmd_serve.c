/* SPDX-License-Identifier: Apache-2.0 */
/* `decant serve`: says where the dashboard is, serves until SIGTERM or SIGINT. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "dashboard/serve.h"

struct settings {
    const char *listen, *pinot_broker;
    struct option_list processors, hosts;
    int64_t max_streams;
};

static const struct option table[] = {
    OPTION_ROW(struct settings, listen, "listen", 0, OPTION_TEXT, "IP:PORT", "127.0.0.1:8080", 0, 0,
               "address to listen on"),
    OPTION_ROW(struct settings, pinot_broker, "pinot-broker", 0, OPTION_TEXT, "URL",
               "http://localhost:8099", 0, 0, "Pinot broker that answers the panels' queries"),
    OPTION_ROW(struct settings, processors, "processor", 0, OPTION_LIST, "URL", NULL, 0, 0,
               "operations endpoint of a running job, for freshness; may be repeated"),
    OPTION_ROW(struct settings, hosts, "host", 0, OPTION_LIST, "NAME", NULL, 0, 0,
               "further name under which browsers may open the page; may be repeated"),
    OPTION_ROW(struct settings, max_streams, "max-streams", 0, OPTION_INTEGER, "N", "1000", 1,
               100000, "open event streams"),
};

static const struct command_help help = {
    .verb = "serve",
    .synopsis = "[BOARD.json|DIR...] [--flags]",
    .summary = "serves the dashboard: boards of live panels over Pinot",
    .example =
        "decant serve --pinot-broker http://localhost:8099 --processor http://127.0.0.1:9464",
};

/* "127.0.0.1:0" listens on a free port, 0.0.0.0 on every address: print one that a browser can open. */
static void announce(const struct serve *serve, const struct serve_options *options) {
    struct error err;
    struct str host = str_of(options->listen);
    while (host.len && host.ptr[host.len - 1] != ':')
        host.len--;
    if (str_eq(host, STR("0.0.0.0:")) || str_eq(host, STR("[::]:"))) host = STR("localhost:");
    printf("dashboard  http://" STR_FMT "%u/   %zu board%s, %zu panels\n", STR_ARG(host),
           serve_port(serve), serve_boards(serve), serve_boards(serve) == 1 ? "" : "s",
           serve_panels(serve));
    fflush(stdout);
    if (!serve_probe(options, &err))
        fprintf(stderr, "serve: Pinot is not there yet (%s); asking again until it is\n", err.text);
}

/* A wrong address would be asked for ever. */
static bool is_web_address(const char *url, struct error *err) {
    if (str_starts(str_of(url), STR("http://")) || str_starts(str_of(url), STR("https://")))
        return true;
    error_set(err, ERROR_USER, "E0407", "'%s' is not the address of a server", url);
    return error_help(err, "for example: --pinot-broker http://localhost:8099");
}

static int serve(const struct serve_options *options) {
    struct serve *serve;
    struct error err = {0};
    if (!is_web_address(options->pinot_broker, &err)) return (int)fail(&err, STR("serve"), STR(""));
    if (!serve_start(options, &serve, &err)) return (int)fail(&err, STR("serve"), STR(""));
    const volatile sig_atomic_t *stop = stop_on_signals();
    announce(serve, options);
    serve_run(serve, stop);
    serve_free(serve);
    return EXIT_OK;
}

int cmd_serve(int argc, char **argv) {
    struct arena job = {0};
    struct settings settings = {0};
    struct option_list boards = {0};
    int status;
    if (parse_command(&help, table, ARRAY_LEN(table), argc, argv, &job, &settings, &boards,
                      &status))
        status = serve(&(struct serve_options){
            .listen = settings.listen,
            .pinot_broker = settings.pinot_broker,
            .processors = settings.processors.items,
            .processor_count = settings.processors.count,
            .hosts = settings.hosts.items,
            .host_count = settings.hosts.count,
            .boards = boards.items,
            .board_count = boards.count,
            .streams_max = (uint32_t)settings.max_streams,
        });
    arena_release(&job);
    return status;
}
