/* Usage and help (help.h), called by main.c: all of it is read from tables. */
#include "help.h"

#include <string.h>

#include "trine/text.h"

enum { WIDTH = 78 };

const struct option_spec common_options[] = {
	{ OPTION_TEXT, 'C', NULL, "DIR",
	  "the computer's directory (else $TRINE_DIR, or found)",
	  OPTION_FIELD(struct common_options, dir) },
	{ OPTION_FLAG, 'q', NULL, NULL, "say only what went wrong",
	  OPTION_FIELD(struct common_options, quiet) },
	{ OPTION_FLAG, 'v', NULL, NULL, "say more",
	  OPTION_FIELD(struct common_options, verbose) },
	{ OPTION_FLAG, 0, "json", NULL, "print JSON, for programs",
	  OPTION_FIELD(struct common_options, json) },
	{ OPTION_FLAG, 'h', "help", NULL, "print this help",
	  OPTION_FIELD(struct common_options, help) },
	{ OPTION_FLAG, 0, "version", NULL, "print the version",
	  OPTION_FIELD(struct common_options, version) },
	OPTION_END
};

const struct command *help_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

const struct command_group *help_group_find(const char *name)
{
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		if (strcmp(command_groups[i].name, name) == 0)
			return &command_groups[i];
	return NULL;
}

bool help_in_group(const struct command *c, const struct command_group *g)
{
	size_t len = strlen(g->name);

	return strncmp(c->name, g->name, len) == 0 && c->name[len] == ' ';
}

static void take_nearer(const char *given, const char *known, const char **nearest,
			unsigned *best)
{
	unsigned far = options_distance(given, known);

	if (options_near(given, known) && far < *best) {
		*best = far;
		*nearest = known;
	}
}

/* `claim` for `task claim`: how many groups have such a verb, and one of them. */
static unsigned count_verbs(const char *name, const char **out)
{
	unsigned count = 0;

	for (size_t i = 0; commands[i] != NULL; i++) {
		const char *verb = strchr(commands[i]->name, ' ');

		if (verb != NULL && strcmp(verb + 1, name) == 0) {
			*out = commands[i]->name;
			count++;
		}
	}
	return count;
}

const char *help_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned best = 99, verbs = count_verbs(name, &nearest);

	if (verbs > 0)
		return verbs == 1 ? nearest : NULL;
	for (size_t i = 0; commands[i] != NULL; i++)
		take_nearer(name, commands[i]->name, &nearest, &best);
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		take_nearer(name, command_groups[i].name, &nearest, &best);
	return nearest;
}

/* One word of the usage, on a new line where it would not fit. */
static void add_word(struct buf *out, size_t *column, const char *word)
{
	const char *indent = "              ";
	size_t len = strlen(word);

	if (*column + 1 + len > WIDTH) {
		buf_printf(out, "\n%s", indent);
		*column = strlen(indent);
	} else {
		buf_addc(out, ' ');
		*column += 1;
	}
	buf_adds(out, word);
	*column += len;
}

static void add_option_word(struct buf *out, size_t *column,
			    const struct option_spec *o)
{
	struct buf word = BUF_INIT;

	if (o->letter != 0)
		buf_printf(&word, "[-%c", o->letter);
	else
		buf_printf(&word, "[--%s", o->name);
	if (o->value != NULL)
		buf_printf(&word, " %s", o->value);
	buf_adds(&word, o->kind == OPTION_LIST ? "]..." : "]");
	add_word(out, column, word.data);
	buf_release(&word);
}

void help_usage(struct buf *out, const struct command *c)
{
	const struct option_spec *o = c->options;
	size_t start = out->len, column;

	buf_printf(out, "usage: trine %s", c->name);
	column = out->len - start;
	for (; o != NULL && o->kind != 0; o++)
		add_option_word(out, &column, o);
	if (*c->arguments != '\0')
		add_word(out, &column, c->arguments);
	buf_addc(out, '\n');
}

/* "COMMAND<TAB>what it does" */
static void add_examples(struct buf *out, const char *examples)
{
	struct span text = span_str(examples), line;
	size_t pos = 0;

	while (text_line(text, &pos, &line)) {
		const char *tab = memchr(line.p, '\t', line.len);
		int command = (int)(tab ? (size_t)(tab - line.p) : line.len);

		buf_printf(out, "  $ %.*s\n", command, line.p);
		if (tab != NULL)
			buf_printf(out, "      %.*s\n",
				   (int)line.len - command - 1, tab + 1);
	}
}

void help_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "trine %s: %s\n\n", c->name, c->summary);
	if (c->examples != NULL)
		add_examples(out, c->examples);
	buf_addc(out, '\n');
	help_usage(out, c);
	if (c->options != NULL) {
		buf_adds(out, "\nOptions:\n");
		options_describe(out, c->options);
	}
	if (!(c->flags & COMMAND_RAW)) {
		buf_adds(out, "\nOptions of every command:\n");
		options_describe(out, common_options);
	}
}

void help_group(struct buf *out, const struct command_group *g)
{
	buf_printf(out, "trine %s: %s\n", g->name, g->summary);
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *c = commands[i];

		if (!help_in_group(c, g))
			continue;
		buf_printf(out, "\n%s: %s\n", c->name, c->summary);
		help_usage(out, c);
		if (c->options != NULL)
			options_describe(out, c->options);
	}
	buf_printf(out, "\n`trine help %s COMMAND` shows examples\n", g->name);
}

/* Of a group one line, at its first command. */
static void add_to_overview(struct buf *out, const struct command *c,
			    const struct command_group **last)
{
	const struct command_group *g = command_groups;

	while (g->name != NULL && !help_in_group(c, g))
		g++;
	if (g->name == NULL)
		buf_printf(out, "  %-10s  %s\n", c->name, c->summary);
	else if (g != *last)
		buf_printf(out, "  %-10s  %s\n", g->name, g->summary);
	*last = g;
}

void help_overview(struct buf *out)
{
	const struct command_group *last = NULL;

	buf_adds(out,
		 "trine keeps the messages and tasks of several computers in "
		 "one git repository.\n\n"
		 "  $ trine init --remote git://hub/fleet.git fleet\n"
		 "  $ trine send 2 -m \"Please review the schema\"\n"
		 "  $ trine sync\n"
		 "  $ trine inbox\n"
		 "\nusage: trine [-C DIR] [-qv] [--json] COMMAND [ARGUMENT...]\n"
		 "\nCommands:\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		add_to_overview(out, commands[i], &last);
	buf_adds(out, "\nOptions of every command:\n");
	options_describe(out, common_options);
	buf_adds(out, "\n`trine help COMMAND` shows examples and options; "
		 "the manual is trine(1).\n");
}
