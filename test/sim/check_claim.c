/* Claims in the whole fleet: who may claim what, and who holds it (protocol R33-R39). */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARGIN = 60,		/* seconds that others wait beyond a lease */
	SLOW = 101		/* a clock that is too fast by 1 % ends it so early */
};

/* ---- what stands in commits ---- */

static long number_of(const json_t *claim, const char *key)
{
	return (long)json_integer_value(json_object_get(claim, key));
}

/* The claim of NAME with the highest generation at COMMIT or below; NULL: none. */
static const json_t *highest_claim(const struct ck_commit *commit, const char *name)
{
	return commit ? json_object_get(commit->claimed, name) : NULL;
}

static void raise_claim(struct ck_commit *commit, const char *name, const json_t *to)
{
	const json_t *was = highest_claim(commit, name);
	json_t *copy;

	if (was && number_of(was, "generation") >= number_of(to, "generation"))
		return;
	copy = commit->claimed ? json_copy(commit->claimed) : json_object();
	json_object_set_new(copy, name, json_deep_copy(to));
	json_decref(commit->claimed);
	commit->claimed = copy;
}

static void inherit(struct ck_commit *commit)
{
	const char *name;
	const json_t *claim;

	for (size_t i = 0; i < commit->parents.count; i++) {
		const struct ck_commit *parent = commit->parents.items[i];

		if (!i)
			commit->claimed = json_incref(parent->claimed);
		json_object_foreach(i ? parent->claimed : NULL, name, claim)
			raise_claim(commit, name, claim);
	}
}

static char *beat_key(int computer, const char *name, const json_t *claim)
{
	return ck_print("%d %s %ld %ld", computer, name,
			ck_claim_number(claim, "generation"),
			ck_claim_number(claim, "beat"));
}

static void note_claim(struct check *c, struct ck_commit *commit, const char *name,
		       const json_t *claim)
{
	long generation = ck_claim_number(claim, "generation");
	char *beat = beat_key(commit->computer, name, claim);
	char *key = ck_print("%d %s %ld", commit->computer, name, generation);
	json_t *high = json_pack("{s:i, s:I}", "computer", commit->computer,
				 "generation", (json_int_t)generation);

	if (!ck_get(&c->beats, beat))
		ck_put_number(&c->beats, beat, c->now);
	ck_put(&c->claims, key, commit);
	raise_claim(commit, name, high);
	json_decref(high);
	free(beat);
	free(key);
}

void ck_claims_note(struct check *c, struct ck_commit *commit)
{
	const char *name;
	const json_t *claim;

	inherit(commit);
	if (commit->computer)
		json_object_foreach((json_t *)ck_claims(commit->status), name, claim)
			note_claim(c, commit, name, claim);
}

/* ---- rules of a commit ---- */

struct claiming {
	struct check *c;
	const struct ck_commit *commit;
	struct ck_commit *parent;	/* NULL: none */
	const char *name;
	const json_t *claim;
	long generation;
};

/* It was said in the log that this very commit offers it (R34). */
static void check_offered(const struct claiming *at)
{
	const struct ck_log *log = &at->c->computers[at->commit->computer].log;
	char *beat = beat_key(at->commit->computer, at->name, at->claim);
	char *key = ck_print("%s %s", at->commit->hex, strchr(beat, ' ') + 1);

	if (ck_get(&log->made, at->commit->hex))
		ck_rule(at->c, CK_R34, ck_get(&log->offered, key), "computer %d: "
			"its claim of %s, generation %ld, at %.10s was not made "
			"for that commit", at->commit->computer, at->name,
			at->generation, at->commit->hex);
	free(beat);
	free(key);
}

/* Was what that status says of NAME there long enough for it to be over? */
static bool is_over(const struct check *c, const struct ck_commit *of,
		    const char *name, const json_t *claim)
{
	char *key = beat_key(of->computer, name, claim);
	int64_t since = ck_get_number(&c->beats, key);

	free(key);
	return !c->now || !since || (c->now - since + 1) * SLOW >=
	       (ck_claim_number(claim, "lease") + MARGIN) * 100;
}

/* The newest of all, even if the branch does not hold it. */
static bool is_newest(const struct check *c, const struct ck_commit *commit)
{
	return ck_get(&c->computers[commit->computer].clones, commit->clone) == commit;
}

/* What its log shows last of that computer, if the branch that it is made on lacks it;
 * NULL: it goes by what is there. */
static const struct ck_commit *known_otherwise(const struct claiming *at, int computer)
{
	const struct ck_log *log = &at->c->computers[at->commit->computer].log;
	char *key = ck_print("%d", computer);
	const char *hex = json_string_value(json_object_get(
				ck_get(&log->seen, key), "commit"));
	const struct ck_commit *known = hex ? ck_get(&at->c->commits, hex) : NULL;

	free(key);
	return ck_is_below(known, at->parent) ? NULL : known;
}

/* A branch that went back shows an older status of that computer than the one that
 * counts: its owner's last (R36), of whichever clone, and of two machines with one
 * number, of whichever. */
static void check_lease(const struct claiming *at, const struct ck_commit *other)
{
	const struct ck_commit *known = known_otherwise(at, other->computer);
	const struct ck_commit *by = known ? known : other;
	const json_t *theirs = by->status ?
		json_object_get(ck_claims(by->status), at->name) : NULL;

	if (theirs && (known || is_newest(at->c, other)))
		ck_rule(at->c, CK_R38, is_over(at->c, by, at->name, theirs),
			"computer %d: it claims %s at %.10s, though the lease of "
			"computer %d is not over", at->commit->computer, at->name,
			at->commit->hex, other->computer);
}

static void check_against(const struct claiming *at, const struct ck_commit *other)
{
	ck_rule(at->c, CK_R37, !other->status || other->status->why ||
		other->status->generation < at->generation, "computer %d: it "
		"claims %s at %.10s with generation %ld, and computer %d had "
		"%ld before", at->commit->computer, at->name, at->commit->hex,
		at->generation, other->computer, other->status->generation);
	if (other->computer != at->commit->computer)
		check_lease(at, other);
}

/* Nobody of those below had it in that generation. */
static void check_made(const struct claiming *at)
{
	ck_rule(at->c, CK_R34, ck_claim_number(at->claim, "beat") == 1, "computer "
		"%d: it claims %s at %.10s with generation %ld, which is not new",
		at->commit->computer, at->name, at->commit->hex, at->generation);
	check_offered(at);
	for (int n = 1; at->parent && n < CK_COMPUTERS; n++) {
		if (at->parent->last[n])
			check_against(at, at->parent->last[n]);
	}
}

static void check_claim(const struct claiming *at)
{
	const json_t *before = highest_claim(at->parent, at->name), *was;
	const struct ck_commit *pred = at->parent ?
		at->parent->last[at->commit->computer] : NULL;
	long highest = before ? number_of(before, "generation") : 0;
	int whose = before ? (int)number_of(before, "computer") : 0;

	ck_rule(at->c, CK_R37, at->generation >= highest, "computer %d: it claims "
		"%s at %.10s with generation %ld, and computer %d had it with %ld",
		at->commit->computer, at->name, at->commit->hex, at->generation,
		whose, highest);
	if (at->generation != highest || whose != at->commit->computer) {
		check_made(at);
		return;
	}
	was = pred ? json_object_get(ck_claims(pred->status), at->name) : NULL;
	if (was && ck_claim_number(was, "beat") !=
		   ck_claim_number(at->claim, "beat"))
		check_offered(at);
}

void ck_claims_check(struct check *c, const struct ck_commit *commit)
{
	struct claiming at = { .c = c, .commit = commit };
	const struct ck_commit *pred;

	if (!commit->status || commit->status->why)
		return;
	at.parent = commit->parents.count ? commit->parents.items[0] : NULL;
	pred = at.parent ? at.parent->last[commit->computer] : NULL;
	if (pred && pred->status && !pred->status->why &&
	    !ck_follows_copy(c, commit, pred))
		ck_rule(c, CK_R37, commit->status->generation >=
			pred->status->generation, "computer %d: its generation "
			"fell from %ld to %ld at %.10s", commit->computer,
			pred->status->generation, commit->status->generation,
			commit->hex);
	json_object_foreach((json_t *)ck_claims(commit->status), at.name, at.claim) {
		at.generation = ck_claim_number(at.claim, "generation");
		check_claim(&at);
	}
}

/* ---- logs ---- */

void ck_claims_heard(struct ck_log *log, const json_t *event)
{
	const char *name;
	const json_t *claim;

	if (number_of(event, "generation") > log->generation)
		log->generation = number_of(event, "generation");
	json_object_foreach(json_object_get(event, "claims"), name, claim) {
		if (number_of(claim, "generation") > log->generation)
			log->generation = number_of(claim, "generation");
	}
}

void ck_claim_offered(struct check *c, struct ck_computer *computer,
		      const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "name"));
	const char *commit = json_string_value(json_object_get(event, "commit"));
	long generation = number_of(event, "generation");
	char *key = ck_print("%s %s %ld %ld", commit ? commit : "", name ? name : "",
			     generation, number_of(event, "beat"));

	if (number_of(event, "beat") == 1)
		ck_rule(c, CK_R37, generation > computer->log.generation,
			"computer %d: it offers %s with generation %ld, and knew "
			"of %ld", computer->number, name ? name : "", generation,
			computer->log.generation);
	ck_put_number(&computer->log.offered, key, computer->log.seq);
	ck_claims_heard(&computer->log, event);
	free(key);
}

/* ---- who holds what ---- */

static void check_shown(struct check *c, const char *name, const struct holder *h)
{
	char *key = ck_print("%d %s %ld", h->number, name, h->generation);
	const struct ck_commit *commit = ck_get(&c->claims, key);

	ck_rule(c, CK_R35, commit, "computer %d holds %s, generation %ld, which no "
		"commit on the branch ever said", h->number, name, h->generation);
	if (commit)
		ck_rule(c, CK_R33, commit->on_branch || h->unaware, "computer %d "
			"holds %s, generation %ld, and the branch went back "
			"behind %.10s", h->number, name, h->generation,
			commit->hex);
	free(key);
}

const char *check_holders(struct check *c, const char *name,
			  const struct holder *holders, size_t count)
{
	const struct holder *other = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct holder *h = &holders[i];

		check_shown(c, name, h);
		if (h->unaware)
			continue;
		ck_rule(c, CK_R33, !other, "computers %d and %d hold %s, "
			"generations %ld and %ld", other ? other->number : 0,
			h->number, name, other ? other->generation : 0,
			h->generation);
		other = h;
	}
	return c->finding;
}
