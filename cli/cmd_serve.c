/* SPDX-License-Identifier: Apache-2.0 */
/* `decant serve`: parses flags, says where the dashboard is, serves until SIGTERM or SIGINT. */
#include <signal.h>
#include <stdio.h>

#include "common/options.h"
#include "dashboard/serve.h"

int cmd_serve(int argc, char **argv);

enum { EXIT_USAGE = 64, EXIT_INPUT = 65, EXIT_UNAVAILABLE = 69, EXIT_SETTING = 78 };

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
               "operations endpoint of a running processor, for freshness; may be repeated"),
    OPTION_ROW(struct settings, hosts, "host", 0, OPTION_LIST, "NAME", NULL, 0, 0,
               "further name under which browsers may open the page; may be repeated"),
    OPTION_ROW(struct settings, max_streams, "max-streams", 0, OPTION_INTEGER, "N", "1000", 1,
               100000, "open event streams"),
};

static const struct command_help help = {
    .verb = "serve",
    .synopsis = "[BOARD.json|DIR...] [--flags]",
    .summary = "serves the dashboard: boards of live panels over Pinot",
    .example = "decant serve --pinot-broker http://localhost:8099",
};

static volatile sig_atomic_t stop_wanted; /* the only thing that a signal handler may touch */

static void on_signal(int number) {
    (void)number;
    stop_wanted = 1;
}

static int fail(const struct error *err, int status) {
    struct buf out;
    buf_init(&out, 1 << 16);
    error_print(&out, err, STR("serve"), STR(""));
    fwrite(out.ptr, 1, out.len, stderr);
    buf_release(&out);
    return status;
}

static int print_help(void) {
    struct buf out;
    buf_init(&out, 1 << 16);
    options_help(&out, &help, table, ARRAY_LEN(table));
    fwrite(out.ptr, 1, out.len, stdout);
    buf_release(&out);
    return 0;
}

static void announce(const struct serve *serve, const struct serve_options *options) {
    struct error err;
    bool any = str_starts(str_of(options->listen), STR("0.0.0.0:"));
    struct str host = str_of(options->listen);
    while (host.len && host.ptr[host.len - 1] != ':') host.len--;
    if (any) host = STR("localhost:");
    printf("dashboard  http://" STR_FMT "%u/   %zu board%s, %zu panels\n", STR_ARG(host),
           serve_port(serve), serve_boards(serve), serve_boards(serve) == 1 ? "" : "s",
           serve_panels(serve));
    fflush(stdout);
    if (!serve_probe(options, &err))
        fprintf(stderr, "serve: Pinot is not there yet (%s); asking again until it is\n", err.text);
}

static int serve(const struct serve_options *options) {
    struct serve *serve;
    struct error err = {0};
    struct sigaction action = {.sa_handler = on_signal};
    if (!serve_start(options, &serve, &err))
        return fail(&err, err.kind == ERROR_STOP ? EXIT_UNAVAILABLE : EXIT_INPUT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    announce(serve, options);
    serve_run(serve, &stop_wanted);
    serve_free(serve);
    return 0;
}

int cmd_serve(int argc, char **argv) {
    struct arena job = {0};
    struct settings settings = {0};
    struct option_list boards = {0};
    struct error err = {0};
    bool help_wanted = false;
    int status;
    if (!options_parse(table, ARRAY_LEN(table), argc, argv, &job, &settings, &boards, &help_wanted,
                       &err)) {
        status = fail(&err, str_eq(str_of(err.code), STR("E0401")) ? EXIT_USAGE : EXIT_SETTING);
    } else if (help_wanted) {
        status = print_help();
    } else {
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
    }
    arena_release(&job);
    return status;
}
