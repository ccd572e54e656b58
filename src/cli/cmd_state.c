/* trine state: small values that the instances of this computer share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "output.h"
#include "trine/objects.h"
#include "trine/state.h"

/* ---- get ---- */

static int list(struct cli *cli, struct error *err)
{
	struct buf out = BUF_INIT;
	struct value_list l;

	if (view_values(cli->home->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		if (cli->common.json) {
			output_json(value_to_json(&l.item[i]));
			continue;
		}
		buf_printf(&out, "%s  %llu  ", l.item[i].key,
			   (unsigned long long)l.item[i].generation);
		output_escaped(&out, l.item[i].value);
		buf_addc(&out, '\n');
	}
	output_flush(&out);
	buf_release(&out);
	value_list_release(&l);
	return 0;
}

static int run_get(struct cli *cli, const void *given, struct error *err)
{
	struct buf out = BUF_INIT;
	struct value v;
	bool found;

	(void)given;
	if (cli->arg_count == 0)
		return list(cli, err);
	if (view_value(cli->home->store, cli->arg[0], &v, &found, err) == -1)
		return -1;
	if (!found)
		return error_set(err, ERR_NO, "%.64s is not set", cli->arg[0]);
	if (cli->common.json) {
		output_json(value_to_json(&v));
	} else {
		/* for programs as it is, for a terminal made harmless */
		if (output_is_terminal())
			output_escaped(&out, v.value);
		else
			buf_adds(&out, v.value);
		buf_addc(&out, '\n');
		output_flush(&out);
	}
	buf_release(&out);
	value_release(&v);
	return 0;
}

const struct command cmd_state_get = {
	.name = "state get",
	.summary = "print a value, or all of them with their generations",
	.arguments = "[KEY]",
	.examples =
		"trine state get leader\texit 1 if it is not set\n"
		"trine state get leader --json\twith its generation\n",
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run_get,
};

/* ---- set ---- */

struct set_options {
	const char *seen;
	bool unset;
};

static const struct option_spec set_options[] = {
	{ OPTION_TEXT, 0, "if", "GENERATION",
	  "only if it has this one; 0: only if it is not set",
	  OPTION_FIELD(struct set_options, seen) },
	{ OPTION_FLAG, 0, "unset", NULL, "take the key away",
	  OPTION_FIELD(struct set_options, unset) },
	OPTION_END
};

static int run_set(struct cli *cli, const void *given, struct error *err)
{
	const struct set_options *o = given;
	char who[SESSION_TEXT] = "";
	struct session s;
	struct value v;
	uint64_t seen = 0;
	bool found;
	int rc;

	if ((cli->arg_count == 2) == o->unset)
		return error_set(err, ERR_USAGE, "either a VALUE or --unset is wanted");
	if (o->seen != NULL && !text_number(span_str(o->seen), &seen))
		return error_set(err, ERR_USAGE, "--if wants a generation, as `state "
				 "get --json` prints it, not \"%.40s\"", o->seen);
	if (caller_find(cli, &s, &found, err) == -1)
		return -1;
	if (found)
		session_text(&s, who);
	session_release(&s);
	rc = state_set(cli->home, cli->arg[0], o->unset ? NULL : cli->arg[1],
		       o->seen != NULL ? &seen : NULL, who, &v, err);
	if (rc == 0 && cli->common.json)
		output_json(value_to_json(&v));
	else if (rc == 0)
		printf("%llu\n", (unsigned long long)v.generation);
	value_release(&v);
	return rc;
}

const struct command cmd_state_set = {
	.name = "state set",
	.summary = "change a value, and print its generation",
	.arguments = "KEY [VALUE]",
	.examples =
		"trine state set leader Atlas --if 0\t"
		"only the first one does it: the others exit 1\n"
		"trine state set leader --unset --if 42\tif nobody else did\n",
	.options = set_options,
	.options_size = sizeof(struct set_options),
	.least = 1,
	.most = 2,
	.flags = COMMAND_HOME,
	.run = run_set,
};
