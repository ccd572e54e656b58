/*
 * Attempts (tasks_p.h): a task that failed, or took too long, is tried again as often
 * as it says. tasks.c comes here with those of sessions, its sweep with those that
 * nobody ends; work.c has those of workers.
 */
#include <stdio.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/text.h"
#include "trine/work.h"

/* In one line, as long as a note may be. */
static void shorten(char out[160], const char *reason)
{
	struct work_end end = WORK_END_INIT;

	work_end_say(&end, WORK_LATER, "%.*s", (int)strcspn(reason, "\n"), reason);
	snprintf(out, 160, "%s", end.reason[0] != '\0' ? end.reason : "it failed");
	work_end_release(&end);
}

int attempts_go_on(struct home *h, const struct record *r, const char *reason,
		   bool *again, struct error *err)
{
	struct chance chance;
	char why[160];
	int64_t now = h->clock->now(h->clock);

	*again = task_may_try_again(&r->message, r->attempt);
	if (!*again)
		return 0;
	chance_system(&chance);
	shorten(why, reason);
	return record_again(h->store, r->id, r->attempt, why,
			    now + task_pause(r->attempt, chance.next(&chance)), err);
}

static int time_out(struct home *h, const struct record *r, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	struct task_terms t;
	char words[TIME_TEXT];
	bool again;
	int rc;

	task_terms_read(&r->message, &t);
	work_end_say(&end, WORK_FAILED, "timed out after %s",
		     duration_words(t.timeout, words));
	task_terms_release(&t);
	rc = attempts_go_on(h, r, end.reason, &again, err);
	if (rc == 0 && !again)
		rc = work_finish(h, r, NULL, TASK_FAILED, &end, err);
	work_end_release(&end);
	return rc;
}

int attempts_sweep(struct home *h, struct error *err)
{
	struct record_list l;
	int rc = view_overdue_tasks(h->store, h->clock->now(h->clock), &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = time_out(h, &l.item[i], err);
	record_list_release(&l);
	return rc;
}
