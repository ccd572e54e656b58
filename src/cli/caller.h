/* The session in whose name a command acts. */
#ifndef TRINE_CALLER_H
#define TRINE_CALLER_H

#include "command.h"
#include "trine/session.h"

/* The one that calls; whoever has none gets one, and is told. */
int caller_session(struct cli *cli, struct session *out, struct error *err);
/* The same, but nobody gets one: *FOUND. */
int caller_find(struct cli *cli, struct session *out, bool *found,
		struct error *err);
/* Whoever calls is there, and what is recorded from now on is its doing: for commands
 * that give it nothing. Where none calls, or that cannot be known, nothing happens. */
void caller_shows(struct cli *cli);

#endif
