/* SPDX-License-Identifier: Apache-2.0 */
/* One function per verb, in cli/cmd_VERB.c. argv[0] is the verb; the result is the exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#define COMMAND(verb, function, group, summary) int function(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
