/* What a status says of what it has: receipts that name commits only rise, by ancestry;
 * numbers that never came, or were rejected, it names beside them (R8). */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

/* ---- receipts that name a commit ---- */

void ck_short_note(struct check *c, struct ck_commit *commit)
{
	char *name = ck_copy(commit->hex, 10);

	ck_put(&c->shorts, name, commit);
	free(name);
}

void ck_mark_check(struct check *c, const struct ck_commit *commit,
		   const char *stream, const char *was, const char *now)
{
	struct ck_commit *old = ck_get(&c->shorts, was);
	const struct ck_commit *new = now ? ck_get(&c->shorts, now) : NULL;

	/* its writer has trine by now: its numbers count */
	if (now && strncmp(stream, "HUMAN", 5) && !ck_is_hex(now, 10))
		return;
	ck_rule(c, CK_R8, now && (!old || !new || old == new ||
				  !ck_is_below(new, old)),
		"computer %d: its receipt of %s fell from %s to %s, which is older, "
		"at %.10s", commit->computer, stream, was, now ? now : "none",
		commit->hex);
}

/* ---- missing, and rejected ---- */

void ck_trouble_note(struct ck_log *log, const json_t *event)
{
	ck_put_number(&log->troubles, ck_word(event, "id"), log->seq);
}

/* It came: under that id, as another clone's, or sent anew. */
void ck_trouble_over(struct ck_log *log, const json_t *event, const char *id)
{
	const char *origin = ck_word(json_object_get(event, "message"), "origin");
	char *plain = ck_copy(id, strcspn(id, "~"));

	ck_put_number(&log->came, id, log->seq);
	ck_put_number(&log->came, plain, log->seq);
	if (*origin)
		ck_put_number(&log->came, origin, log->seq);
	free(plain);
}

static void check_named(struct check *c, const struct ck_commit *commit, long made,
			const char *id, const char *as)
{
	long seq = ck_get_number(&c->computers[commit->computer].log.troubles, id);

	ck_rule(c, CK_R8, seq && seq < made, "computer %d: its status at %.10s says "
		"that %s is %s, and its log does not", commit->computer, commit->hex,
		id, as);
}

/* MADE: the seq of the commit in the log. */
void ck_troubles_check(struct check *c, const struct ck_commit *commit, long made)
{
	const json_t *block = commit->status->block, *list, *number;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(block, "rejected"), name, list)
		check_named(c, commit, made, name, "rejected");
	json_object_foreach(json_object_get(block, "missing"), name, list) {
		json_array_foreach(list, i, number) {
			char *id = ck_print("%s.%s", name, json_string_value(number));

			check_named(c, commit, made, id, "missing");
			free(id);
		}
	}
}

/* Does STATUS say that ID is rejected, or missing? */
static bool names(const struct ck_status *status, const char *id)
{
	const json_t *number, *list;
	const char *dot = strchr(id, '.');
	char *stream;
	size_t i;
	bool found = false;

	if (json_object_get(json_object_get(status->block, "rejected"), id))
		return true;
	stream = ck_copy(id, (size_t)(dot - id));
	list = json_object_get(json_object_get(status->block, "missing"), stream);
	json_array_foreach(list, i, number)
		found |= !strcmp(json_string_value(number), dot + 1);
	free(stream);
	return found;
}

/* Up to which seq the status of COMMIT says what was known. The newest commit of a cycle
 * has a status of that cycle. One below it that waited, and was carried to the tip, has
 * the status it was made with; it is the newest that the branch vouches for where a
 * person folded those above into one of their own, or set the branch back to it. */
static long knew_at(const struct ck_log *log, const struct ck_commit *commit)
{
	long first = ck_get_number(&log->first, commit->hex);

	return first && ck_get(&log->below, commit->hex) ? first :
	       ck_get_number(&log->made, commit->hex);
}

static void check_troubles_of(struct check *c, const struct ck_computer *computer,
			      const struct ck_commit *last)
{
	const struct ck_log *log = &computer->log;
	long knew = knew_at(log, last);

	for (size_t i = 0; i < log->troubles.room; i++) {
		const char *id = log->troubles.slots[i].key, *end;

		if (!id || !strchr(id, '.') || strchr(id, '~') ||
		    ck_number(strchr(id, '.') + 1, &end) < 1 ||
		    ck_get_number(&log->troubles, id) > knew ||
		    ck_get_number(&log->came, id) > ck_get_number(&log->troubles, id))
			continue;
		ck_rule(c, CK_R8, names(last->status, id), "computer %d: %s never "
			"came, or was rejected, and its status at %.10s does not say "
			"so", computer->number, id, last->hex);
	}
}

void ck_troubles_step(struct check *c)
{
	for (int n = 1; c->tip && n < CK_COMPUTERS; n++) {
		const struct ck_computer *computer = &c->computers[n];
		const struct ck_commit *last = c->tip->last[n];

		if (computer->number && !computer->gone && !computer->twins && last &&
		    last->status && last->status->block &&
		    !json_object_get(last->status->block, "more"))
			check_troubles_of(c, computer, last);
	}
}

/* ---- what may have less than what is below it ---- */

bool ck_follows_copy(const struct check *c, const struct ck_commit *commit,
		     const struct ck_commit *pred)
{
	const struct ck_map *made = &c->computers[commit->computer].log.made;
	long seq = ck_get_number(made, commit->hex);

	if (!pred || pred->made)
		return false;
	for (size_t i = 0; i < made->room; i++)
		if (made->slots[i].key && (long)(intptr_t)made->slots[i].value > seq)
			return true;
	return false;
}
