/*
 * What somebody else wrote into a status, a stream or a segment, and its computer takes
 * out again, is in a copy of its own (design §5.1), but for the rewrites of a day that
 * R26 leaves out. What is in a file that all write, nobody takes out unseen.
 */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ck_loss {
	struct ck_token *token;
	const struct ck_commit *by;	/* took it out */
	char *path;
};

/* ---- how many copies there were by then ---- */

enum { MOST_OF_A_PATH = 10, MOST_IN_ALL = 50 };

static size_t count_of(const struct ck_map *copied, const char *key)
{
	return (size_t)(uintptr_t)ck_get(copied, key);
}

void ck_loss_heard(struct ck_log *log, const json_t *event)
{
	if (strcmp(json_string_value(json_object_get(event, "type")), "copy.kept"))
		return;
	ck_one_more(&log->copied, json_string_value(json_object_get(event, "path")));
	ck_one_more(&log->copied, "");
}

/* Half of a day's copies are for what others wrote. When a day ends, a clock says that
 * may be set back: those of all days count here. */
static bool has_many(const struct ck_computer *computer, const char *path)
{
	const struct ck_map *copied = &computer->log.copied;

	return count_of(copied, path) >= MOST_OF_A_PATH ||
	       count_of(copied, "") >= MOST_IN_ALL;
}

/* ---- what is taken out ---- */

enum { MOST_OF_A_TEXT = 512 << 10 };	/* a copy is cut there: R25 */

static bool is_cut_off(struct check *c, const git_oid *oid,
		       const struct ck_token *token)
{
	size_t size = 0;
	char *text = ck_blob(c, oid, &size);
	const char *at = text ? strstr(text, token->text) : NULL;
	bool cut = !at || at - text >= MOST_OF_A_TEXT - (long)strlen(token->text);

	free(text);
	return cut;
}

/* Had the desk a version of PATH that TOKEN is in? */
static bool was_shown(struct check *c, const struct ck_log *log, const char *path,
		      const struct ck_token *token)
{
	size_t size = strlen(path);
	bool found = false;

	for (size_t i = 0; i < log->shown.room && !found; i++) {
		const char *key = log->shown.slots[i].key;
		git_oid oid;

		found = key && !strncmp(key, path, size) && key[size] == ' ' &&
			!git_oid_fromstr(&oid, key + size + 1) &&
			ck_has_token(ck_tokens_of_blob(c, &oid), token);
	}
	return found;
}

void ck_loss_note(struct check *c, const struct ck_commit *by, const char *path,
		  const struct ck_change *change)
{
	const struct ck_list *was = change->was ?
		ck_tokens_of_blob(c, &change->old_oid) : NULL;
	const struct ck_list *is = change->is ?
		ck_tokens_of_blob(c, &change->oid) : NULL;
	bool copies, built_in = ck_built_in(path, &copies) == by->computer;

	for (size_t i = 0; was && i < was->count; i++) {
		struct ck_computer *computer = &c->computers[by->computer];
		struct ck_token *token = was->items[i];
		struct ck_loss *loss;

		if (!token->is_said || token->said.how != SAID_KEPT ||
		    token->said.from == by->computer || (is && ck_has_token(is, token)))
			continue;
		if (is_cut_off(c, &change->old_oid, token))
			continue;
		/* before a rule gave the file to it, it was anybody's to edit */
		if (!built_in && was_shown(c, &computer->log, path, token))
			continue;
		if (has_many(computer, path))
			ck_put(&computer->uncopied, token->text, c);
		if (ck_get(&computer->uncopied, token->text))
			continue;
		loss = ck_alloc(sizeof(*loss));
		*loss = (struct ck_loss){ token, by, ck_copy(path, strlen(path)) };
		ck_push(&c->losses, loss);
	}
}

/* ---- what all write ---- */

void ck_unseen_check(struct check *c, const struct ck_commit *by, const char *path,
		     const struct ck_change *change)
{
	const struct ck_computer *computer = &c->computers[by->computer];
	const struct ck_list *was = change->was ?
		ck_tokens_of_blob(c, &change->old_oid) : NULL;
	const struct ck_list *is = change->is ?
		ck_tokens_of_blob(c, &change->oid) : NULL;

	for (size_t i = 0; was && i < was->count; i++) {
		const struct ck_token *token = was->items[i];

		if (!token->is_said || (token->said.how != SAID_KEPT &&
		    token->said.how != SAID_BY_HAND) ||
		    (is && ck_has_token(is, token)))
			continue;
		/* in a copy is what lost against it while it was its own by a rule */
		ck_rule(c, CK_KEPT, was_shown(c, &computer->log, path, token) ||
			ck_puts_aside(c, by, token, by->computer),
			"computer %d took %s out of %s at %.10s, and never had it on "
			"its desk", by->computer, token->text, path, by->hex);
	}
}

/* ---- at rest ---- */

static bool is_kept(struct check *c, const struct ck_loss *loss)
{
	const struct ck_token *token = loss->token;
	int computer = loss->by->computer;
	bool found = false;

	for (size_t i = 0; i < token->commits.count && !found; i++) {
		const struct ck_commit *commit = token->commits.items[i];

		found = commit->computer == computer &&
			ck_puts_aside(c, commit, token, computer);
	}
	return found;
}

static void free_loss(struct ck_loss *loss)
{
	free(loss->path);
	free(loss);
}

void ck_losses_check(struct check *c)
{
	for (size_t i = 0; i < c->losses.count; i++) {
		struct ck_loss *loss = c->losses.items[i];
		int computer = loss->by->computer;

		ck_rule(c, CK_KEPT, c->computers[computer].gone || is_kept(c, loss),
			"computer %d took %s out of %s at %.10s, and has no copy "
			"of it", computer, loss->token->text, loss->path,
			loss->by->hex);
		free_loss(loss);
	}
	c->losses.count = 0;
}

void ck_losses_free(struct check *c)
{
	for (size_t i = 0; i < c->losses.count; i++)
		free_loss(c->losses.items[i]);
	free(c->losses.items);
}
