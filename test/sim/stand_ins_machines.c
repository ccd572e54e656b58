/*
 * Mutants at work, as in stand_ins.c: which machine a computer is, and what its cycles
 * say that became of them.
 */
#include "mutants.h"

#include <string.h>

#include "../../src/sync/sync.h"
#include "sim.h"
#include "trine/deliver.h"
#include "trine/file.h"

/* --- who is N --- */

static int take_for_former(struct cycle *c, const struct commit_info *info,
			   struct error *err)
{
	list_add(&c->me.former, info->trailers.clone);
	return record_identity(c->store, &c->me, err);
}

static int take_for_another(struct cycle *c, struct error *err)
{
	struct error alarm = ERROR_INIT;

	c->stopped = true;
	error_set(&alarm, ERR_REFUSED, "a false alarm");
	cycle_trouble(c, &alarm);
	return record_problem(c->store, "identity", "clone", alarm.text, err);
}

STANDS_FOR(identity_meet);
int __wrap_identity_meet(struct cycle *c, const struct commit_info *info,
			 struct error *err)
{
	bool ours = identity_is_ours(c, info->trailers.clone);
	struct list former = c->me.former;
	int rc;

	if (broken_by(MUTANT_OTHER) && !ours)
		return take_for_former(c, info, err);
	if (broken_by(MUTANT_ALARM) && ours && now_and_then(40))
		return take_for_another(c, err);
	if (broken_by(MUTANT_FORMER))
		c->me.former = (struct list)LIST_INIT;
	rc = __real_identity_meet(c, info, err);
	if (broken_by(MUTANT_FORMER)) {
		list_release(&c->me.former);
		c->me.former = former;
	}
	if (broken_by(MUTANT_GOES_ON))
		c->stopped = false;
	return rc;
}

STANDS_FOR(identity_still_doubtful);
int __wrap_identity_still_doubtful(struct cycle *c, struct error *err)
{
	int rc = __real_identity_still_doubtful(c, err);

	if (broken_by(MUTANT_GOES_ON))
		c->stopped = false;
	return rc;
}

/* It is set up; a cycle of it begins then with what it finds. */
STANDS_FOR(record_all_start);
int __wrap_record_all_start(struct store *s, const char *commit, struct error *err)
{
	if (broken_by(MUTANT_START) && strcmp(commit, "-") != 0 &&
	    mutant_world->in_cycle == NULL)
		return 0;
	return __real_record_all_start(s, commit, err);
}

/* --- how a cycle ends --- */

STANDS_FOR(cycle_trouble);
void __wrap_cycle_trouble(struct cycle *c, const struct error *err)
{
	if (!broken_by(MUTANT_WELL) || err->code != ERR_AGAIN)
		__real_cycle_trouble(c, err);
}

/* --- what is handed over --- */

static bool delivering;

/* Others come between, and cycles die, before and after each file. */
STANDS_FOR(deliver_inbox);
int __wrap_deliver_inbox(const struct home *h, const struct instance_settings *i,
			 const struct record *record, struct error *err)
{
	int rc = 0;

	cycle_is_at(mutant_world, "handing");
	delivering = true;
	if (!broken_by(MUTANT_UNHANDED) || !now_and_then(5))
		rc = __real_deliver_inbox(h, i, record, err);
	delivering = false;
	cycle_is_at(mutant_world, "handed");
	return rc;
}

/* Nobody has taken anything. */
STANDS_FOR(file_list);
int __wrap_file_list(const char *path, struct list *out, struct error *err)
{
	int rc = __real_file_list(path, out, err);

	if (broken_by(MUTANT_REHANDED) && delivering && rc == 0 &&
	    strstr(path, "/inbox/w/cur") != NULL)
		list_release(out);
	return rc;
}
