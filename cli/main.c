/* SPDX-License-Identifier: Apache-2.0 */
/* decant VERB [FILE…] [--flags]: finds the verb in the table and hands over. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/support.h"

/* Read by jemalloc at start (a weak symbol of its API). Freed pages go back in the background, so that a burst
 * does not stay in the resident size. */
extern const char *malloc_conf;
const char *malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";

static const struct command {
    const char *verb;
    int (*run)(int argc, char **argv);
    const char *group, *summary;
} commands[] = {
#define COMMAND(verb, function, group, summary) {verb, function, group, summary},
#include "cli/commands.def"
#undef COMMAND
};

static void usage(FILE *out) {
    const char *group = "";
    fputs("decant pours Kafka topics into Apache Pinot: decant VERB [FILE...] [--flags]\n", out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!str_eq(str_of(group), str_of(commands[i].group))) {
            group = commands[i].group;
            fprintf(out, "\n%s\n", group);
        }
        fprintf(out, "  %-10s %s\n", commands[i].verb, commands[i].summary);
    }
    fputs("\ndecant VERB --help shows the flags of a verb and an example.\n", out);
}

static const struct command *find(struct str verb) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq(verb, str_of(commands[i].verb))) return &commands[i];
    return NULL;
}

static int unknown_verb(const char *verb) {
    const char *names[ARRAY_LEN(commands)];
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        names[i] = commands[i].verb;
    const char *near = nearest_name(str_of(verb), names, ARRAY_LEN(names));
    struct error err;
    error_set(&err, ERROR_USER, "E0400", "there is no verb '%s'", verb);
    if (near)
        error_help(&err, "did you mean decant %s?", near);
    else
        error_help(&err, "decant without arguments lists the verbs");
    return (int)fail(&err, STR("decant"), STR(""));
}

/* Output that did not arrive is no success: a full disk behind `decant plan --json > file`. A reader that went away
 * has seen what it wanted. */
static int check_output(int status) {
    struct error err;
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || errno == EPIPE || status != EXIT_OK) return status;
    error_set(&err, ERROR_STOP, "E0405", "the output could not be written: %s",
              errno ? strerror(errno) : "the disk may be full");
    fail(&err, STR("stdout"), STR(""));
    return EXIT_WRITE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    struct str verb = str_of(argv[1]);
    if (str_eq(verb, STR("--version"))) verb = STR("version");
    if (str_eq(verb, STR("help")) || str_eq(verb, STR("--help")) || str_eq(verb, STR("-h"))) {
        const struct command *topic = argc > 2 ? find(str_of(argv[2])) : NULL;
        char *arguments[] = {argv[argc > 2 ? 2 : 1], (char[]){"--help"}, NULL};
        if (topic) return check_output(topic->run(2, arguments));
        usage(stdout);
        return check_output(EXIT_OK);
    }
    const struct command *command = find(verb);
    return command ? check_output(command->run(argc - 1, argv + 1)) : unknown_verb(argv[1]);
}
