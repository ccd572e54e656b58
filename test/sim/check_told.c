/* What the status in a commit tells: receipts, clones, and whether there is news. */
#include "check_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_risen(struct looking *at, const char *stream,
			const char *receipt)
{
	const char *now = ck_receipt(at->commit->status, stream);
	long was = ck_number(receipt, NULL);

	if (!strncmp(stream, "HUMAN", 5) || ck_is_hex(receipt, 10)) {
		ck_mark_check(at->c, at->commit, stream, receipt, now);
		return;
	}
	ck_rule(at->c, CK_R8, now && (ck_is_hex(now, 10) ||
				      ck_number(now, NULL) >= was),
		"computer %d: its receipt of %s fell from %s to %s at %.10s",
		at->computer->number, stream, receipt, now ? now : "none",
		at->commit->hex);
}

void ck_rising_check(struct looking *at, const struct ck_commit *from)
{
	const char *stream;
	const json_t *value;

	if (!from || !from->status)
		return;
	json_object_foreach(json_object_get(from->status->block, "received"),
			    stream, value)
		check_risen(at, stream, json_string_value(value));
}

/* The lowest number of STREAM that its receipt must be recorded for. */
static long recorded_from(const struct looking *at, const char *stream)
{
	const char *before = at->before ?
		ck_receipt(at->before->status, stream) : NULL;
	long base = ck_all_base(at->c, at->computer, stream);
	long taken = before ? ck_number(before, NULL) : 0;
	long of_others = ck_get_number(&at->computer->inherited,
						stream);
	const struct ck_cover *cover = ck_get(&at->computer->log.covers,
					      stream);

	if (taken > base)
		base = taken;
	if (of_others > base)
		base = of_others;
	return cover && cover->good > base ? cover->good : base;
}

/* A text sent anew that was taken in under its first id needs no more record. */
static long known_by_origin(const struct looking *at, const char *stream,
			    long number)
{
	char *id = ck_print("%s.%ld", stream, number), *other;
	const char *origin = ck_get(&at->c->origins, id);
	const struct ck_map *received = &at->computer->log.received;
	long seq = 0;

	free(id);
	if (!origin)
		return 0;
	other = ck_print("%s~", origin);
	seq = ck_get_number(received, other);
	if (!seq)
		seq = ck_get_number(received, origin);
	free(other);
	return seq;
}

/* Receipt before record is the one way to lose a message for good. */
static void check_recorded(struct looking *at, const char *stream,
			   const char *receipt, long made)
{
	struct ck_log *log = &at->computer->log;
	long last = ck_number(receipt, NULL), number;

	if (last > 1000000)
		return;
	for (number = recorded_from(at, stream); number < last; number++) {
		long seq = ck_recorded(log, stream, number + 1);

		if (!seq)
			seq = known_by_origin(at, stream, number + 1);
		if (!ck_rule(at->c, CK_RECEIPT, seq && seq < made,
			     "computer %d: %.10s has the receipt %s: %s, and "
			     "its log had not recorded %s.%ld before it",
			     at->computer->number, at->commit->hex, stream,
			     receipt, stream, number + 1))
			return;
	}
	ck_cover_of(log, stream)->good = number;
}

static void check_hand_read(struct looking *at, const char *stream,
			    const char *receipt, long made)
{
	const char *before = at->before ?
		ck_receipt(at->before->status, stream) : NULL;
	char *key = ck_print("%s %s", stream, receipt);
	long seq = ck_get_number(&at->computer->log.hand, key);

	if (!before || strcmp(before, receipt))
		ck_rule(at->c, CK_RECEIPT, seq && seq < made, "computer %d: "
			"%.10s has the receipt %s: %s, and its log had not "
			"read that commit before it", at->computer->number,
			at->commit->hex, stream, receipt);
	free(key);
}

static bool of_commit(const char *stream, const char *receipt)
{
	return !strncmp(stream, "HUMAN", 5) || ck_number(receipt, NULL) < 0 ||
	       strlen(receipt) == 10;
}

/* A new clone goes on from what the ones before it had, as any tip said it that
 * it may have seen, also one that is gone (R29). */
void ck_inherit_receipts(struct ck_computer *computer)
{
	ck_empty(&computer->inherited, NULL);
	for (size_t i = 0; i < computer->highest.room; i++) {
		const struct ck_slot *slot = &computer->highest.slots[i];

		if (slot->key)
			ck_put(&computer->inherited, slot->key, slot->value);
	}
}

static void remember_receipt(struct ck_computer *computer, const char *stream,
			     long number)
{
	if (number > ck_get_number(&computer->highest, stream))
		ck_put_number(&computer->highest, stream, number);
}

void ck_remember_receipts(struct looking *at)
{
	const char *stream;
	const json_t *value;

	if (at->commit->by_twin && at->commit->status &&
	    at->commit->status->block)
		json_object_foreach(json_object_get(at->commit->status->block,
						    "received"), stream, value)
			if (!of_commit(stream, json_string_value(value)))
				remember_receipt(at->computer, stream, ck_number(
						 json_string_value(value), NULL));
}

static void check_receipts(struct looking *at)
{
	const json_t *received = json_object_get(at->commit->status->block,
						 "received");
	long made = ck_get_number(&at->computer->log.made,
					   at->commit->hex);
	const char *stream;
	const json_t *value;

	if (at->pred && !strcmp(at->pred->clone, at->commit->clone) &&
	    !ck_follows_copy(at->c, at->commit, at->pred))
		ck_rising_check(at, at->pred);
	if (!made)			/* an older log came back since */
		return;
	ck_troubles_check(at->c, at->commit, made);
	json_object_foreach((json_t *)(uintptr_t)received, stream, value) {
		const char *receipt = json_string_value(value);

		if (of_commit(stream, receipt))
			check_hand_read(at, stream, receipt, made);
		else
			check_recorded(at, stream, receipt, made);
		remember_receipt(at->computer, stream,
				 ck_number(receipt, NULL));
	}
}

static void check_clones(struct looking *at)
{
	const struct ck_commit *pred = at->pred;
	size_t i;
	const json_t *clone;

	if (!pred || !pred->status || !pred->status->block ||
	    ck_follows_copy(at->c, at->commit, pred))
		return;
	ck_rule(at->c, CK_R27, ck_has_clone(at->commit->status, pred->clone),
		"computer %d: %.10s is of clone %s, and clone %s before it is "
		"not in `former`", at->computer->number, at->commit->hex,
		at->commit->clone, pred->clone);
	json_array_foreach(json_object_get(pred->status->block, "former"), i,
			   clone)
		ck_rule(at->c, CK_R27, ck_has_clone(at->commit->status,
						    json_string_value(clone)),
			"computer %d: former clone %s is forgotten at %.10s",
			at->computer->number, json_string_value(clone),
			at->commit->hex);
	ck_rule(at->c, CK_R27, !strcmp(pred->clone, at->commit->clone) ||
		!ck_has_clone(pred->status, at->commit->clone),
		"computer %d: clone %s pushed %.10s after clone %s, which came "
		"after it", at->computer->number, at->commit->clone,
		at->commit->hex, pred->clone);
}

/* A commit for nothing but a new time, before the heartbeat: design §4.3. */
static void check_churn(struct looking *at)
{
	const struct ck_status *now = at->commit->status, *was;
	int64_t age;

	if (at->changed || !at->pred || at->pred != at->parent)
		return;
	was = at->pred->status;
	if (!was || !was->block)
		return;
	age = now->updated - was->updated;
	ck_rule(at->c, CK_CHURN, now->lasting != was->lasting || age < 0 ||
		age >= now->heartbeat, "computer %d: %.10s says nothing new "
		"%lld s after %.10s, and its heartbeat is %ld s",
		at->computer->number, at->commit->hex, (long long)age,
		at->pred->hex, now->heartbeat);
}

static void note_receipts(struct looking *at)
{
	const char *stream;
	const json_t *value;

	json_object_foreach(json_object_get(at->commit->status->block,
					    "received"), stream, value) {
		const char *receipt = json_string_value(value);
		long used = ck_get_number(&at->c->used, stream);

		if (!of_commit(stream, receipt) &&
		    ck_number(receipt, NULL) > used)
			ck_put_number(&at->c->used, stream,
				      ck_number(receipt, NULL));
	}
}

void ck_status_check(struct looking *at)
{
	const struct ck_status *status = at->commit->status;
	int number = at->computer->number;

	if (!ck_rule(at->c, CK_STATUS, status && !status->why &&
		     status->computer == number &&
		     !strcmp(status->clone, at->commit->clone),
		     "computer %d: COMPUTER_%d.md at %.10s: %s", number, number,
		     at->commit->hex, !status ? "there is none" :
		     status->why ? status->why : "of another computer or clone"))
		return;
	check_clones(at);
	check_receipts(at);
	check_churn(at);
	note_receipts(at);
}
