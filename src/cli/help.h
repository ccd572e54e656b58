/* Usage and help, printed from the tables of the commands. */
#ifndef TRINE_HELP_H
#define TRINE_HELP_H

#include "command.h"
#include "trine/buf.h"

extern const struct option_spec common_options[];

/* "usage: trine send TO [-m TITLE] … [FILE|-]", on one or more lines. */
void help_usage(struct buf *out, const struct command *c);
/* Examples first, then options. */
void help_command(struct buf *out, const struct command *c);
/* The list of all commands. */
void help_overview(struct buf *out);

/* All commands of a group: usage and options. */
void help_group(struct buf *out, const struct command_group *g);

const struct command_group *help_group_find(const char *name);
/* Is C one of G? */
bool help_in_group(const struct command *c, const struct command_group *g);
/* The command called NAME, or NULL. */
const struct command *help_find(const char *name);
/* What NAME was most likely meant to be, a command or a group of them; or NULL. */
const char *help_nearest(const char *name);

#endif
