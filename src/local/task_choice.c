/*
 * Which task is next (tasks_p.h): of what the log has, as task_choose (task.h) says.
 * tasks.c asks for a session, work.c for the line of an instance.
 */
#include <string.h>

#include "tasks_p.h"

static int look(const struct choosing *c, struct record first[],
		struct task_candidate of[], struct error *err)
{
	for (int p = 0; p < TASK_PRIORITIES; p++) {
		struct record *r = &first[p];
		bool found;

		*r = (struct record){ .message = MESSAGE_INIT };
		if (c->first(c, (enum message_priority)p, r, &found, err) == -1)
			return -1;
		of[p] = (struct task_candidate){ found, r->received, r->passed };
	}
	return 0;
}

int choose_next(const struct choosing *c, struct record *out, bool *found,
		char over[MESSAGE_ID], struct error *err)
{
	struct record first[TASK_PRIORITIES] = { 0 };
	struct task_candidate of[TASK_PRIORITIES] = { 0 };
	int rc = look(c, first, of, err), which = -1, passed = -1;

	over[0] = '\0';
	*out = (struct record){ .message = MESSAGE_INIT };
	if (rc == 0)
		which = task_choose(of, c->h->clock->now(c->h->clock), &passed);
	if (passed >= 0)
		memcpy(over, first[passed].id, MESSAGE_ID);
	*found = which >= 0;
	for (int p = 0; p < TASK_PRIORITIES; p++)
		if (p == which)
			*out = first[p];
		else
			record_release(&first[p]);
	return rc;
}
