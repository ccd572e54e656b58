/* The rules of one commit that a cycle made. */
#include "check_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- which files ---- */

/* 20261120T131000Z-<at most 30 characters of the path>-<8 hex>.md */
static bool good_copy_name(const char *name)
{
	size_t size = strlen(name);

	if (size < 30 || size > 16 + 1 + 30 + 1 + 8 + 3 ||
	    strspn(name, "0123456789") != 8 || name[8] != 'T' ||
	    strspn(name + 9, "0123456789") != 6 || name[15] != 'Z' ||
	    name[16] != '-' || !ck_ends(name, ".md") ||
	    name[size - 12] != '-')
		return false;
	return strspn(name + size - 11, "0123456789abcdef") == 8;
}

enum { COPIES_OF_A_PATH = 20, COPIES_A_DAY = 100 };

static void count_copy(struct looking *at, const char *path, const char *name)
{
	struct ck_map *copied = &at->computer->copied;
	long long day = at->commit->time / 86400;
	char *of_day = ck_print("%lld", day);
	char *of_path = ck_print("%lld %.*s", day, (int)strlen(name) - 28,
				 name + 16);

	ck_rule(at->c, CK_R26, ck_one_more(copied, of_day) <= COPIES_A_DAY &&
		ck_one_more(copied, of_path) <= COPIES_OF_A_PATH,
		"computer %d: %s at %.10s: more than 20 copies of a path, or "
		"100 in all, that day", at->computer->number, path,
		at->commit->hex);
	free(of_day);
	free(of_path);
}

/* A disk that came back makes a copy again that it made after its backup, unless
 * the branch still has that; so does any, if the history that held it is gone. */
static bool forgets(struct looking *at, const struct ck_copied *copied)
{
	char *path = ck_print("conflicts/%d/%s", at->computer->number,
			      copied->name);
	git_oid oid;
	bool there = at->parent && ck_blob_at(at->c, at->parent, path, &oid);

	free(path);
	return (!there && at->computer->life > 0) ||
	       !ck_is_below(copied->by, at->commit);
}

void ck_copied_free(void *pointer)
{
	struct ck_copied *copied = pointer;

	free(copied->name);
	free(copied);
}

static void remember_copy(struct looking *at, const char *text,
			  const char *name)
{
	struct ck_copied *copied = ck_get(&at->computer->copies, text);

	if (!copied) {
		copied = ck_alloc(sizeof(*copied));
		ck_put(&at->computer->copies, text, copied);
	}
	free(copied->name);
	copied->name = ck_copy(name, strlen(name));
	copied->by = at->commit;
}

static void check_copy(struct looking *at, const char *path)
{
	const char *name = strrchr(path, '/') + 1, *text;
	const struct ck_copied *before;

	if (!ck_rule(at->c, CK_R25, good_copy_name(name), "computer %d: %s at "
		     "%.10s is no name of a copy", at->computer->number, path,
		     at->commit->hex))
		return;
	text = name + 16;		/* path and digest, without the time */
	before = ck_get(&at->computer->copies, text);
	ck_rule(at->c, CK_R25, !before || forgets(at, before),
		"computer %d: %s at %.10s is a second copy of what %s holds, "
		"of %.10s", at->computer->number, path, at->commit->hex,
		before ? before->name : "", before ? before->by->hex : "");
	remember_copy(at, text, name);
	count_copy(at, path, name);
}

/* A file that is new or changed must be one that a desk can hold. */
static void check_added(struct looking *at, const struct ck_change *change,
			const char *path)
{
	struct check *c = at->c;
	size_t size = 0;
	char *text = change->is ? ck_blob(c, &change->oid, &size) : NULL;
	const char *why;
	json_t *yaml;

	if (change->is)
		ck_rule(c, CK_ADDED, text && change->mode == 0100644 &&
			ck_reaches_desk(path, size), "computer %d: %s at %.10s "
			"is none that reaches a desk", at->computer->number,
			path, at->commit->hex);
	if (text && !strcmp(path, "fleet.yaml")) {
		yaml = ck_yaml(text, size, 64 << 10, &why);
		ck_rule(c, CK_R16, yaml, "computer %d: it puts a fleet.yaml on "
			"the branch at %.10s that cannot be read: %s",
			at->computer->number, at->commit->hex, why ? why : "");
		json_decref(yaml);
	}
	free(text);
}

/* As the computer had it last, before somebody else wrote it. */
static bool puts_back(const struct looking *at, const struct ck_change *change)
{
	git_tree *tree;
	git_tree_entry *entry = NULL;
	bool same = false;

	if (!change->is || !at->pred || at->pred == at->parent)
		return false;
	tree = ck_root(at->c, at->pred);
	if (!git_tree_entry_bypath(&entry, tree, change->path))
		same = git_oid_equal(git_tree_entry_id(entry), &change->oid);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return same;
}

/* Streams of computers, and the rules of the fleet, are merged in ways of their own. */
static bool is_merged(const char *path)
{
	return !strcmp(path, "fleet.yaml") || (!strncmp(path, "messages/", 9) &&
	       strncmp(path, "messages/HUMAN_", 15));
}

/* A file that changes, below the prefix, and by the rules of the commit before. */
struct place {
	const char *path;
	int owner;
	bool copies;
};

/* May its computer change that file at all, and so? False: there is no more to ask. */
static bool check_place(struct looking *at, const struct ck_change *change,
			struct place *out)
{
	size_t size = strlen(at->c->prefix);
	const char *path = out->path = change->path + size + 1;
	int number = at->computer->number;

	if (!ck_rule(at->c, CK_OWNER, !strncmp(change->path, at->c->prefix,
					       size) &&
		     change->path[size] == '/', "computer %d: %s at %.10s is "
		     "outside of %s/", number, change->path, at->commit->hex,
		     at->c->prefix))
		return false;
	out->owner = ck_owner(at->parent ? at->parent->fleet : NULL, path);
	(void)ck_built_in(path, &out->copies);
	if (out->copies && change->was)	/* anyone may edit or delete a copy */
		return true;
	ck_rule(at->c, out->copies ? CK_R22 : CK_OWNER, !out->owner ||
		out->owner == number, "computer %d: it changed %s at %.10s, "
		"which is computer %d's", number, path, at->commit->hex,
		out->owner);
	if (out->owner != number && change->was)
		ck_rule(at->c, CK_R24, ck_is_fit(at->c, change), "computer %d: it "
			"took away %s at %.10s, which no desk has", number, path,
			at->commit->hex);
	check_added(at, change, path);
	return true;
}

static void check_change(const struct ck_change *change, void *data)
{
	struct looking *at = data;
	struct place place;
	bool is_own;

	if (!check_place(at, change, &place))
		return;
	is_own = place.owner == at->computer->number;
	if (place.copies || (!change->was && !place.owner))
		ck_put_again_check(at->c, at->commit, change);
	if (place.copies && change->was) {
		at->changed++;
		return;
	}
	if (place.copies)
		check_copy(at, place.path);
	if (place.copies)
		ck_copy_check(at->c, at->commit, place.path, &change->oid);
	else if (is_own && puts_back(at, change))
		ck_push(&at->put_back, ck_copy(place.path, strlen(place.path)));
	else
		at->reasons++;
	if (is_own && !place.copies)
		ck_loss_note(at->c, at->commit, place.path, change);
	if (!place.owner && !place.copies && !is_merged(place.path))
		ck_unseen_check(at->c, at->commit, place.path, change);
	if (!strncmp(place.path, "messages/HUMAN_", 15)) {
		ck_ticked_check(at->c, at->commit, change);
		ck_lines_check(at->c, at->commit, change);
	}
	at->changed += strncmp(place.path, "COMPUTER_", 9) != 0;
}

/* Of what one of two machines made, which neither log alone tells more of. */
static void check_place_alone(const struct ck_change *change, void *data)
{
	struct place place;

	check_place(data, change, &place);
}

static void each_change(struct looking *at,
			void (*each)(const struct ck_change *change, void *data))
{
	git_tree *old = ck_root(at->c, at->parent);
	git_tree *now = ck_root(at->c, at->commit);

	ck_rule(at->c, CK_LINEAR, at->commit->parents.count < 2, "computer %d: "
		"%.10s is a merge", at->computer->number, at->commit->hex);
	ck_changes(at->c, old, now, each, at);
	git_tree_free(old);
	git_tree_free(now);
}

static void check_files(struct looking *at)
{
	each_change(at, check_change);
	ck_put_back_check(at->c, at->commit, &at->put_back, at->reasons > 0);
	for (size_t i = 0; i < at->put_back.count; i++)
		free(at->put_back.items[i]);
	free(at->put_back.items);
}

/* ---- own streams ---- */

/* All messages of OLD are in NOW, in the same words; archive segments too. */
static void check_carried(struct looking *at, const struct ck_commit *from,
			  const struct ck_stream *old,
			  const struct ck_stream *now)
{
	struct check *c = at->c;
	int number = at->computer->number;
	size_t i = 0;

	for (size_t k = 0; k < old->count; k++) {
		const struct ck_message *was = old->messages[k];

		while (now && i < now->count &&
		       now->messages[i]->number < was->number)
			i++;
		if (!ck_rule(c, CK_R11, now && i < now->count &&
			     now->messages[i]->number == was->number,
			     "computer %d: %s.%ld was in its commit %.10s, and "
			     "is not in %.10s", number, old->name, was->number,
			     from->hex, at->commit->hex) ||
		    !ck_rule(c, CK_R11, now->messages[i]->bytes == was->bytes ||
			     at->computer->ever_back,
			     "computer %d: %s.%ld has another text in %.10s "
			     "than in its commit %.10s", number, old->name,
			     was->number, at->commit->hex, from->hex))
			return;
	}
	for (size_t k = 0; k < old->names.count; k++)
		ck_rule(c, CK_SEGMENT, now && k < now->names.count &&
			!strcmp(now->names.items[k], old->names.items[k]) &&
			!strcmp(now->oids.items[k], old->oids.items[k]),
			"computer %d: archive/%s/%s is not in %.10s as it was "
			"in %.10s", number, old->name,
			(char *)old->names.items[k], at->commit->hex,
			from->hex);
}

/* What a machine that is switched off by now said stood on a branch that was set
 * back, and comes with it: the one that stays keeps a copy of that, and has no
 * part in it. */
static bool is_of_the_other(const struct looking *at,
			    const struct ck_commit *from)
{
	return at->c->rewound && from->by_twin &&
	       !ck_get(&at->c->made, from->hex);
}

static void check_carries(struct looking *at, const struct ck_commit *from)
{
	if (from && is_of_the_other(at, from))
		return;
	for (size_t i = 0; from && i < from->streams.count; i++) {
		const struct ck_stream *old = from->streams.items[i];
		const struct ck_stream *now = ck_stream_of(at->commit,
							   old->name);

		if (old != now)
			check_carried(at, from, old, now);
	}
}

static void check_file(struct looking *at, const struct ck_stream *stream,
		       const struct ck_file *file, const char *name)
{
	if (!file)
		return;
	ck_rule(at->c, CK_R12, !file->loose, "computer %d: %s of %s at %.10s: "
		"%s", at->computer->number, name, stream->name,
		at->commit->hex, file->why);
	ck_rule(at->c, CK_STREAM, !file->why, "computer %d: %s of %s at %.10s: "
		"%s", at->computer->number, name, stream->name,
		at->commit->hex, file->why);
}

enum { FULL = 10 << 10 };

static void check_segments(struct looking *at, const struct ck_stream *stream)
{
	for (size_t i = 0; i < stream->names.count; i++) {
		const struct ck_file *file = stream->files.items[i];
		char *name = ck_print("%04zu.md", i + 1);

		ck_rule(at->c, CK_SEGMENT,
			!strcmp(name, stream->names.items[i]) &&
			file->size > FULL, "computer %d: archive/%s/%s at %.10s "
			"is out of turn, or was closed before it had 10 KiB",
			at->computer->number, stream->name,
			(char *)stream->names.items[i], at->commit->hex);
		check_file(at, stream, file, stream->names.items[i]);
		free(name);
	}
}

/* Numbers run on: what is not there, others must know of. */
static void check_numbers(struct looking *at, const struct ck_stream *stream)
{
	long used = ck_get_number(&at->c->used, stream->name);
	long before = 0;

	for (size_t i = 0; i < stream->count; i++) {
		long number = stream->messages[i]->number;

		ck_rule(at->c, CK_NUMBERS, number > before,
			"computer %d: %s at %.10s: %ld stands behind %ld",
			at->computer->number, stream->name, at->commit->hex,
			number, before);
		ck_rule(at->c, CK_NUMBERS, number == before + 1 ||
			number - 1 <= used, "computer %d: %s at %.10s: %ld "
			"follows on %ld, and what is between was never used",
			at->computer->number, stream->name, at->commit->hex,
			number, before);
		before = number;
	}
}

/* A clone that goes on where the branch and the disk before it lost a number gives
 * that to a text, or finds that the clone before it did, and hears of the receipt
 * later: the reader tells the two apart by their clones (R7). Before its first commit
 * there it makes room with what it gave itself; but not with what a push held that
 * nobody answered: that may be what the receipt is for. */
static bool is_given_unheard(const struct looking *at,
			     const struct ck_stream *stream,
			     const struct ck_message *message)
{
	char *id = ck_print("%s.%ld", stream->name, message->number);
	const struct ck_log *log = &at->computer->log;
	bool unheard = ck_sent_unheard(log, id) &&
		       (at->own || !ck_sent_by(log, id, at->commit->clone) ||
			ck_sent_tried(log, id));

	free(id);
	return unheard;
}

/* A new text under a number that others have a receipt for: R29. */
static void check_unused(struct looking *at, const struct ck_stream *stream,
		      const struct ck_message *message)
{
	/* Disk and remote both went back: the reader rejects the text, and it
	 * goes out once more (R7). */
	if (at->computer->both_back || is_given_unheard(at, stream, message))
		return;
	for (int n = 1; n < CK_COMPUTERS; n++) {
		const struct ck_commit *other = at->commit->last[n];
		const char *receipt = other && n != at->computer->number ?
			ck_receipt(other->status, stream->name) : NULL;

		if (receipt)
			ck_rule(at->c, CK_R29, ck_number(receipt, NULL) <
				message->number, "computer %d: %s.%ld at %.10s "
				"is a new text; computer %d has its receipt up "
				"to %s", at->computer->number, stream->name,
				message->number, at->commit->hex, n, receipt);
	}
}

static bool has_text(const struct ck_list *texts, uint64_t content)
{
	for (size_t i = 0; texts && i < texts->count; i++) {
		if (*(uint64_t *)texts->items[i] == content)
			return true;
	}
	return false;
}

/* Remember that this clone said it, and anybody; is it said the first time? */
static void learn(struct looking *at, const struct ck_stream *stream,
		  const struct ck_message *message)
{
	struct check *c = at->c;
	char *any = ck_print("%s.%ld", stream->name, message->number);
	char *key = ck_print("%s %s", any, at->commit->clone);
	const char *keys[] = { any, key };

	if (message->origin && !ck_get(&c->origins, any))
		ck_put(&c->origins, any, ck_print("%s", message->origin));
	/* In the first step: what was rewound before is not known. */
	if (at->commit->made && c->watched &&
	    !has_text(ck_get(&c->vouched, any), message->content))
		check_unused(at, stream, message);
	for (int i = 0; i < 2; i++) {
		struct ck_list *texts = ck_get(&c->vouched, keys[i]);
		uint64_t *content;

		if (has_text(texts, message->content))
			continue;
		if (i == 1 && at->commit->made && !at->computer->ever_back)
			ck_rule(c, CK_R7, !texts, "computer %d: %s at %.10s has "
				"another text than its clone %s gave it before",
				at->computer->number, any, at->commit->hex,
				at->commit->clone);
		content = ck_alloc(sizeof(*content));
		*content = message->content;
		if (!texts)
			ck_put(&c->vouched, keys[i],
			       texts = ck_alloc(sizeof(*texts)));
		ck_push(texts, content);
	}
	free(any);
	free(key);
}

static void learn_stream(struct looking *at, const struct ck_stream *stream)
{
	const struct ck_stream *own = ck_stream_of(at->own, stream->name);
	long used = ck_get_number(&at->c->used, stream->name);
	size_t i = 0;

	if (own == stream)
		return;
	while (own && i < own->count && i < stream->count &&
	       own->messages[i]->number == stream->messages[i]->number &&
	       own->messages[i]->bytes == stream->messages[i]->bytes)
		i++;
	for (; i < stream->count; i++)
		learn(at, stream, stream->messages[i]);
	if (ck_highest(stream) > used)
		ck_put_number(&at->c->used, stream->name, ck_highest(stream));
}

static void check_streams(struct looking *at)
{
	for (size_t i = 0; i < at->commit->streams.count; i++) {
		const struct ck_stream *stream = at->commit->streams.items[i];
		bool is_new = stream != ck_stream_of(at->own, stream->name);

		if (is_new && at->commit->made) {
			check_file(at, stream, stream->open, "the open file");
			check_segments(at, stream);
			check_numbers(at, stream);
		}
		learn_stream(at, stream);
	}
	if (at->commit->made) {
		if (!ck_follows_copy(at->c, at->commit, at->pred))
			check_carries(at, at->pred);
		if (at->own && at->own != at->pred && !at->computer->lost)
			at->computer->lost = at->own;
	}
}

/* ---- all of it ---- */

/* A push that was under way for long arrives where the branch was set back to what
 * it was made on: its commit is older than what its clone had there since. It says
 * what was so then; nobody could know of the rest. The clone's next one must carry
 * all of it. Without both in one log, nobody can tell. */
static bool came_late(const struct looking *at)
{
	const struct ck_map *made = &at->computer->log.made;
	long seq = ck_get_number(made, at->commit->hex);

	return at->own && seq && seq < ck_get_number(made, at->own->hex);
}

static void remember_clone(struct looking *at)
{
	struct ck_computer *computer = at->computer;

	computer->restored = false;
	if (!ck_get(&computer->before, at->commit->clone))
		ck_put(&computer->before, at->commit->clone,
		       (void *)(uintptr_t)at->pred);
	if (!ck_get(&computer->clones, at->commit->clone))
		computer->both_back &= computer->twins;
	if (!came_late(at))
		ck_put(&computer->clones, at->commit->clone, at->commit);
	ck_put(&computer->accepted, at->commit->clone, at->commit);
}

/* Of a history that was put on a new tip, commit by commit, the newest one has
 * all that the branch had before, and all receipts. */
void ck_rebuilt_check(struct check *c)
{
	for (int n = 1; n < CK_COMPUTERS; n++) {
		struct ck_computer *computer = &c->computers[n];
		const struct ck_commit *lost = computer->lost;
		struct looking at = { .c = c, .computer = computer };

		computer->lost = NULL;
		at.commit = lost ? ck_get(&computer->clones, lost->clone) : NULL;
		if (!at.commit || at.commit == lost)
			continue;
		check_carries(&at, lost);
		ck_rising_check(&at, lost);
	}
}

void ck_commit_check(struct check *c, struct ck_commit *commit)
{
	struct ck_computer *computer = &c->computers[commit->computer];
	struct looking at = { .c = c, .commit = commit, .computer = computer };

	if (!commit->computer)
		return;
	at.parent = commit->parents.count ? commit->parents.items[0] : NULL;
	at.pred = at.parent ? at.parent->last[commit->computer] : NULL;
	at.own = ck_get(&computer->clones, commit->clone);
	/* What a clone began from stays so, though all of it was lost since. */
	at.before = ck_get(&computer->before, commit->clone);
	if (!at.before && !at.own) {
		at.before = at.pred;
		ck_inherit_receipts(computer);
	}
	if (commit->by_twin && commit->named)
		each_change(&at, check_place_alone);
	if (!commit->made) {		/* a person's copy of one, or a twin's */
		check_streams(&at);
		ck_remember_receipts(&at);
		return;
	}
	check_files(&at);
	check_streams(&at);
	ck_status_check(&at);
	ck_claims_check(c, commit);
	remember_clone(&at);
}
