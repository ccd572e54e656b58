/* trine takeover: two machines had one number, and this one is to keep it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "run_cycle.h"
#include "trine/file.h"

/* A new clone: everything the others wrote under our number is taken up at the
 * next receive, and the other machine stops when it sees us (R27, R29). */
static int become_new_clone(struct store *store, struct clock *clock,
			    struct error *err)
{
	struct identity me = { 0 };
	struct chance chance;
	int rc = -1;

	chance_system(&chance);
	if (store_begin(store, err) == -1)
		return -1;
	if (view_identity(store, &me, err) == -1)
		goto out;
	list_add(&me.former, me.clone);
	snprintf(me.clone, sizeof(me.clone), "%08x",
		 (unsigned)chance_below(&chance, UINT64_C(1) << 32));
	snprintf(me.why, sizeof(me.why), "takeover");
	me.since = clock->now(clock);
	me.accepted = false;
	if (record_identity(store, &me, err) == -1 ||
	    record_problem_over(store, "identity", "clone", err) == -1 ||
	    store_commit(store, err) == -1)
		goto out;
	rc = 0;
out:
	identity_release(&me);
	if (rc == -1)
		store_abort(store);
	return rc;
}

/* Not while a cycle goes on, which would write the old clone over it. */
static int take_over(struct cli *cli, struct error *err)
{
	char *path = home_path(cli->home, "run/sync.lock");
	int lock = file_lock(path, 20 * 1000, err), rc = -1;

	if (lock != -1)
		rc = become_new_clone(cli->home->store, cli->clock, err);
	file_unlock(lock);
	free(path);
	return rc;
}

static int run(struct cli *cli, const void *given, struct error *err)
{
	struct run_options how = { 0 };
	struct report report = { 0 };

	(void)given;
	if (take_over(cli, err) == -1)
		return -1;
	output_say(cli, "computer %d is this machine now; the other one stops at "
		   "its next sync", cli->home->number);
	return run_cycle(cli, &how, &report, err);
}

const struct command cmd_takeover = {
	.name = "takeover",
	.summary = "keep this computer's number where another machine has it too",
	.arguments = "",
	.examples = "trine takeover\tafter `trine sync` ended with 77\n",
	.flags = COMMAND_HOME,
	.run = run,
};
