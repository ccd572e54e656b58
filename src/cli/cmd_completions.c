/*
 * trine completions: what a shell can complete. It is written from the tables by which
 * command lines are read, so that it has what this program has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "output.h"
#include "trine/mem.h"

/* What comes first on a command line: commands of one word, and groups. */
static bool is_first(const struct command *c)
{
	return strchr(c->name, ' ') == NULL;
}

static const char *verb_of(const struct command *c)
{
	return strchr(c->name, ' ') + 1;
}

/* Those of C, or in front of any for NULL, and those of every command: ROW counts from
 * 0. NULL: there are no more. */
static const struct option_spec *option_at(const struct command *c, size_t row)
{
	const struct option_spec *own = c != NULL ? c->options : NULL;
	size_t count = 0;

	while (own != NULL && own[count].kind != 0) {
		if (count == row)
			return &own[count];
		count++;
	}
	if ((c != NULL && c->flags & COMMAND_RAW) ||
	    common_options[row - count].kind == 0)
		return NULL;
	return &common_options[row - count];
}

/* A group of the same name, `alert`, has its commands behind it, too. */
static void each_verb(struct buf *out, const char *group,
		      void (*add)(struct buf *out, const struct command *c))
{
	size_t len = strlen(group);

	for (size_t i = 0; commands[i] != NULL; i++)
		if (strncmp(commands[i]->name, group, len) == 0 &&
		    commands[i]->name[len] == ' ')
			add(out, commands[i]);
}

static bool has_verbs(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; commands[i] != NULL; i++)
		if (strncmp(commands[i]->name, name, len) == 0 &&
		    commands[i]->name[len] == ' ')
			return true;
	return false;
}

/* ---- bash ---- */

static void add_bash_verb(struct buf *out, const struct command *c)
{
	buf_printf(out, " %s", verb_of(c));
}

static void add_bash_verbs(struct buf *out, const char *name)
{
	buf_printf(out, "\t%s) echo '", name);
	each_verb(out, name, add_bash_verb);
	buf_adds(out, "' ;;\n");
}

static void add_bash_first(struct buf *out)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (is_first(commands[i]))
			buf_printf(out, " %s", commands[i]->name);
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		buf_printf(out, " %s", command_groups[i].name);
}

static void add_bash_option_words(struct buf *out, const struct command *c, bool values)
{
	const struct option_spec *o;

	buf_printf(out, "\t'%s') echo '", c != NULL ? c->name : "");
	for (size_t row = 0; (o = option_at(c, row)) != NULL; row++) {
		if (values && o->value == NULL)
			continue;
		if (o->letter != 0)
			buf_printf(out, " -%c", o->letter);
		if (o->name != NULL)
			buf_printf(out, " --%s", o->name);
	}
	buf_adds(out, "' ;;\n");
}

/* VALUES: only those that want one. */
static void add_bash_options(struct buf *out, const char *function, bool values)
{
	buf_printf(out, "%s() {\n\tcase $1 in\n", function);
	add_bash_option_words(out, NULL, values);
	for (size_t i = 0; commands[i] != NULL; i++)
		add_bash_option_words(out, commands[i], values);
	buf_adds(out, "\tesac\n}\n");
}

static void add_bash_tables(struct buf *out)
{
	buf_adds(out, "_trine_verbs() {\n\tcase $1 in\n\t'') echo '");
	add_bash_first(out);
	buf_adds(out, "' ;;\n");
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		add_bash_verbs(out, command_groups[i].name);
	for (size_t i = 0; commands[i] != NULL; i++)
		if (is_first(commands[i]) && has_verbs(commands[i]->name))
			add_bash_verbs(out, commands[i]->name);
	buf_adds(out, "\tesac\n}\n");
	add_bash_options(out, "_trine_options", false);
	add_bash_options(out, "_trine_values", true);
}

/* Where nothing of ours fits, files do. */
static const char bash_end[] =
	"_trine() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tlocal first= second= name= i\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t-C) [ -n \"$first\" ] || ((i++)) ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) if [ -z \"$first\" ]; then first=${COMP_WORDS[i]}\n"
	"\t\t   elif [ -z \"$second\" ]; then second=${COMP_WORDS[i]}; fi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t[ \"$first\" != help ] || { first=$second second=; }\n"
	"\tname=$first\n"
	"\tcase \" $(_trine_verbs \"$first\") \" in\n"
	"\t*\" ${second:-/} \"*) [ -z \"$first\" ] || name=\"$first $second\" ;;\n"
	"\tesac\n"
	"\tcase \" $(_trine_values \"$name\") \" in\n"
	"\t*\" ${prev:-/} \"*) return ;;\n"
	"\tesac\n"
	"\tcase $cur in\n"
	"\t-*) COMPREPLY=($(compgen -W \"$(_trine_options \"$name\")\" -- \"$cur\")) ;;\n"
	"\t*) [ \"$name\" != \"$first\" ] || [ -n \"$second\" ] ||\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_trine_verbs \"$first\")\" -- \"$cur\")) ;;\n"
	"\tesac\n"
	"}\n"
	"complete -o bashdefault -o default -F _trine trine\n";

static void write_bash(struct buf *out)
{
	buf_adds(out, "# bash: eval \"$(trine completions bash)\"\n");
	add_bash_tables(out);
	buf_adds(out, bash_end);
}

/* ---- zsh ---- */

/* A word of _describe: what it is, a colon, and what it does. */
static void add_zsh_word(struct buf *out, const char *name, const char *what)
{
	char *word = xasprintf("%s:%s", name, what);

	buf_addc(out, ' ');
	text_shell_word(out, word);
	free(word);
}

static void add_zsh_verb(struct buf *out, const struct command *c)
{
	add_zsh_word(out, verb_of(c), c->summary);
}

static void add_zsh_verbs(struct buf *out, const char *name)
{
	buf_printf(out, "\t%s) verbs=(", name);
	each_verb(out, name, add_zsh_verb);
	buf_adds(out, ") ;;\n");
}

static void add_zsh_options(struct buf *out, const struct command *c)
{
	const struct option_spec *o;
	char name[64];

	buf_printf(out, "\t'%s') options=(", c->name);
	for (size_t row = 0; (o = option_at(c, row)) != NULL; row++) {
		if (o->name != NULL)
			snprintf(name, sizeof(name), "--%s", o->name);
		else
			snprintf(name, sizeof(name), "-%c", o->letter);
		add_zsh_word(out, name, o->help);
	}
	buf_adds(out, ") ;;\n");
}

static void write_zsh(struct buf *out)
{
	buf_adds(out, "#compdef trine\n# zsh: eval \"$(trine completions zsh)\"\n"
		 "_trine() {\n\tlocal first= second= name= i\n"
		 "\tlocal -a verbs options\n"
		 "\tfor ((i = 2; i < CURRENT; i++)); do\n"
		 "\t\tcase $words[i] in\n"
		 "\t\t-C) [[ -n $first ]] || ((i++)) ;;\n"
		 "\t\t-*) ;;\n"
		 "\t\t*) if [[ -z $first ]]; then first=$words[i]\n"
		 "\t\t   elif [[ -z $second ]]; then second=$words[i]; fi ;;\n"
		 "\t\tesac\n"
		 "\tdone\n"
		 "\t[[ $first != help ]] || { first=$second; second=; }\n"
		 "\tcase $first in\n\t'') verbs=(");
	for (size_t i = 0; commands[i] != NULL; i++)
		if (is_first(commands[i]))
			add_zsh_word(out, commands[i]->name, commands[i]->summary);
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		add_zsh_word(out, command_groups[i].name, command_groups[i].summary);
	buf_adds(out, ") ;;\n");
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		add_zsh_verbs(out, command_groups[i].name);
	for (size_t i = 0; commands[i] != NULL; i++)
		if (is_first(commands[i]) && has_verbs(commands[i]->name))
			add_zsh_verbs(out, commands[i]->name);
	buf_adds(out, "\tesac\n\tname=$first\n"
		 "\t[[ -n $second && -n ${verbs[(r)$second:*]} ]] && "
		 "name=\"$first $second\"\n\tcase $name in\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		add_zsh_options(out, commands[i]);
	buf_adds(out, "\tesac\n"
		 "\tif [[ $words[CURRENT] == -* ]]; then\n"
		 "\t\t_describe -o option options\n"
		 "\telif [[ -z $second ]] && (( $#verbs )); then\n"
		 "\t\t_describe command verbs || _files\n"
		 "\telse\n\t\t_files\n\tfi\n}\n"
		 "if [[ $funcstack[1] == _trine ]]; then _trine \"$@\"\n"
		 "else compdef _trine trine; fi\n");
}

/* ---- fish ---- */

static void begin_fish(struct buf *out, const char *when)
{
	buf_adds(out, "complete -c trine -n ");
	text_shell_word(out, when);
}

static void add_fish_word(struct buf *out, const char *when, const char *name,
			  const char *what)
{
	begin_fish(out, when);
	buf_printf(out, " -f -a %s -d ", name);
	text_shell_word(out, what);
	buf_addc(out, '\n');
}

static void add_fish_verb(struct buf *out, const struct command *c)
{
	char *when = xasprintf("__trine_is %.*s", (int)(verb_of(c) - 1 - c->name),
			       c->name);

	add_fish_word(out, when, verb_of(c), c->summary);
	free(when);
}

static void add_fish_options(struct buf *out, const struct command *c)
{
	const struct option_spec *o;
	char *when = xasprintf("__trine_in %s", c->name);

	for (size_t row = 0; (o = option_at(c, row)) != NULL; row++) {
		begin_fish(out, when);
		if (o->letter != 0)
			buf_printf(out, " -s %c", o->letter);
		if (o->name != NULL)
			buf_printf(out, " -l %s", o->name);
		buf_adds(out, o->value != NULL ? " -r -d " : " -d ");
		text_shell_word(out, o->help);
		buf_addc(out, '\n');
	}
	free(when);
}

/* What is written is these words; it begins with them. */
static const char fish_begin[] =
	"# fish: trine completions fish | source\n"
	"function __trine_words\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l dir no\n"
	"\tset -e words[1]\n"
	"\tfor word in $words\n"
	"\t\tif test $dir = yes\n"
	"\t\t\tset dir no\n"
	"\t\telse if test \"$word\" = -C\n"
	"\t\t\tset dir yes\n"
	"\t\telse if not string match -q -- '-*' \"$word\"\n"
	"\t\t\techo $word\n"
	"\t\tend\n"
	"\tend | string match -v -- help\n"
	"end\n"
	"function __trine_is\n"
	"\tset -l words (__trine_words)\n"
	"\ttest \"$words\" = \"$argv\"\n"
	"end\n"
	"function __trine_in\n"
	"\tset -l words (__trine_words)\n"
	"\tstring match -q -- \"$argv *\" \"$words \"\n"
	"end\n";

static void write_fish(struct buf *out)
{
	static const char nothing[] = "__trine_is";

	buf_adds(out, fish_begin);
	for (size_t i = 0; commands[i] != NULL; i++)
		if (is_first(commands[i]))
			add_fish_word(out, nothing, commands[i]->name,
				      commands[i]->summary);
	for (size_t i = 0; command_groups[i].name != NULL; i++)
		add_fish_word(out, nothing, command_groups[i].name,
			      command_groups[i].summary);
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (!is_first(commands[i]))
			add_fish_verb(out, commands[i]);
		add_fish_options(out, commands[i]);
	}
}

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} shells[] = {
	{ "bash", write_bash },
	{ "zsh", write_zsh },
	{ "fish", write_fish },
};

static int run(struct cli *cli, const void *options, struct error *err)
{
	struct buf out = BUF_INIT;
	size_t i = 0;

	(void)options;
	while (i < ARRAY_LEN(shells) && strcmp(shells[i].name, cli->arg[0]) != 0)
		i++;
	if (i == ARRAY_LEN(shells))
		return error_set(err, ERR_USAGE, "there is nothing for \"%.40s\": bash, "
				 "zsh or fish", cli->arg[0]);
	shells[i].write(&out);
	output_flush(&out);
	buf_release(&out);
	return 0;
}

const struct command cmd_completions = {
	.name = "completions",
	.summary = "what a shell needs to complete commands and options",
	.arguments = "bash|zsh|fish",
	.examples =
		"eval \"$(trine completions bash)\"\tin ~/.bashrc\n"
		"eval \"$(trine completions zsh)\"\tin ~/.zshrc, behind compinit\n"
		"trine completions fish | source\tin ~/.config/fish/config.fish\n",
	.least = 1,
	.most = 1,
	.run = run,
};
