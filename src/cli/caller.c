/* Who calls (caller.h): for commands that give something to a session. */
#include "caller.h"

#include <stdlib.h>

#include "output.h"

int caller_find(struct cli *cli, struct session *out, bool *found,
		struct error *err)
{
	return session_caller(cli->home, getenv("TRINE_SESSION"), out, found,
			      err);
}

void caller_shows(struct cli *cli)
{
	struct error ignored = ERROR_INIT;
	struct session s;
	bool found;

	if (caller_find(cli, &s, &found, &ignored) == 0)
		session_release(&s);
}

int caller_session(struct cli *cli, struct session *out, struct error *err)
{
	struct session_wish wish = { 0 };
	char who[SESSION_TEXT], *told = NULL;
	bool found;

	if (caller_find(cli, out, &found, err) == -1)
		return -1;
	if (found)
		return 0;
	if (session_start(cli->home, &wish, out, &told, err) == -1)
		return -1;
	output_say(cli, "trine: you are %s from now on (process %ld)",
		   session_text(out, who), out->agent.pid);
	if (told != NULL)
		output_say(cli, "trine: %s", told);
	free(told);
	return 0;
}
