/*
 * A command of the command line: data about it, and one function. Each
 * cmd_NAME.c exports nothing but its `const struct command cmd_NAME`; the table
 * in main.c lists them. Usage, help and parsing come from the fields here.
 */
#ifndef TRINE_COMMAND_H
#define TRINE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/home.h"
#include "trine/options.h"

/* The options that every command takes, in front of its name or behind it. */
struct common_options {
	const char *dir;
	bool quiet, verbose, json, help, version;
};

/* What a command is run with. */
struct cli {
	const struct command *command;
	struct common_options common;
	bool misspelled;	/* options or operands are not as usage says */
	char **argv;		/* all of main(), as it was given */
	char **arg;		/* operands */
	size_t arg_count;
	struct clock *clock;
	char *dir;		/* of COMMAND_DIR and COMMAND_HOME */
	struct home *home;	/* of COMMAND_HOME */
};

enum command_flags {
	COMMAND_DIR = 1 << 0,	/* wants to know the computer's directory */
	COMMAND_HOME = 1 << 1,	/* and wants it opened */
	COMMAND_RAW = 1 << 2,	/* what follows its name is another program's */
	COMMAND_HARMLESS = 1 << 3,	/* a failure of its own is said, and exit 0:
					 * it must not stop who asks */
	COMMAND_ACTIVE = 1 << 4,	/* changes what is in run/active.json */
	COMMAND_GIT = 1 << 5	/* needs git (need_git.h) */
};

enum { ANY_NUMBER = -1 };

/* Commands of two words, "session start": what the first one stands for. */
struct command_group {
	const char *name, *summary;
};

struct command {
	const char *name;		/* "send", "session start" */
	const char *summary;		/* one line, in the list of commands */
	const char *arguments;		/* "TO [FILE|-]"; "" if it takes none */
	const char *examples;		/* lines "COMMAND<TAB>what it does" */
	const struct option_spec *options;	/* ends with OPTION_END, or NULL */
	size_t options_size;		/* of the struct OPTIONS fill */
	int least, most;		/* operands; most may be ANY_NUMBER */
	unsigned flags;
	/* OPTIONS: a struct of options_size, zeroed and then filled. The
	 * returned error's code is the exit status; an ERR_NO without text is
	 * exit 1 and prints nothing. */
	int (*run)(struct cli *cli, const void *options, struct error *err);
};

/* The table of main.c; ends with NULL. */
extern const struct command *const commands[];
extern const struct command_group command_groups[];	/* ends with { NULL, NULL } */

#endif
