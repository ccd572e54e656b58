/*
 * Was a path this computer's all the time (protocol R23)? Where fleet.yaml gave it to
 * somebody else since the desk was written, what that one wrote is the file, whoever has
 * it again by now.
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum {
	LOOK_BACK = 20000,	/* commits; what was before that is not asked for */
	LIMIT_RULES = 100	/* versions of fleet.yaml */
};

struct search {
	struct cycle *c;
	struct oid base;	/* where the line to the tip begins */
	struct found last;	/* the version that was looked at */
	unsigned looked;
};

void past_rules_release(struct past_rules *past)
{
	for (size_t i = 0; i < past->count; i++)
		fleet_release(&past->rules[i]);
	free(past->rules);
	*past = (struct past_rules){ 0 };
}

/* Those in FILE, or none; what cannot be read was not in force (R16). */
static void add_rules(struct cycle *c, const struct found *file)
{
	struct past_rules *past = &c->past_rules;
	struct fleet rules = FLEET_INIT;
	struct error unreadable = ERROR_INIT;

	if (file->kind == FOUND_ODD || file->kind == FOUND_FOLDER ||
	    (file->kind == FOUND_FILE &&
	     fleet_read(c, file->oid.hex, &rules, &unreadable) == -1))
		return;
	ARRAY_GROW(past->rules, past->count, past->cap);
	past->rules[past->count++] = rules;
}

static int look_at(void *arg, const char *commit, struct error *err)
{
	struct search *s = arg;
	bool is_base = strcmp(commit, s->base.hex) == 0, before = false;
	struct found file;

	if (s->looked++ >= LOOK_BACK)
		return 1;
	if (repo_look(s->c->repo, commit, cycle_prefix(s->c), "fleet.yaml", &file,
		      err) == -1)
		return -1;
	if (s->looked > 1 && file.kind == s->last.kind &&
	    strcmp(file.oid.hex, s->last.oid.hex) == 0)
		return is_base;
	s->last = file;
	/* By way of merges, the line may miss the base. */
	if (!is_base && s->base.hex[0] != '\0' &&
	    repo_descends(s->c->repo, s->base.hex, commit, &before, err) == -1)
		return -1;
	if (before)
		return 1;
	add_rules(s->c, &file);
	return s->c->past_rules.count >= LIMIT_RULES || is_base;
}

/* The rules on the line from where SINCE left it up to the tip. */
static int load(struct cycle *c, const char *since, struct error *err)
{
	struct past_rules *past = &c->past_rules;
	struct search s = { .c = c };

	if (past->loaded && strcmp(past->since, since) == 0 &&
	    strcmp(past->tip, c->tip.hex) == 0)
		return 0;
	past_rules_release(past);
	if (since[0] != '\0' && c->tip.hex[0] != '\0' && repo_has(c->repo, since) &&
	    (repo_merge_base(c->repo, since, c->tip.hex, &s.base, err) == -1 ||
	     repo_walk_back(c->repo, c->tip.hex, true, look_at, &s, err) == -1))
		return -1;
	memcpy(past->since, since, strlen(since) + 1);
	memcpy(past->tip, c->tip.hex, sizeof(past->tip));
	past->loaded = true;
	return 0;
}

int ours_since(struct cycle *c, const char *since, const char *path, bool *out,
	       struct error *err)
{
	*out = true;
	if (load(c, since, err) == -1)
		return -1;
	for (size_t i = 0; i < c->past_rules.count && *out; i++)
		*out = owner_by_rule(owner_of(path, &c->past_rules.rules[i]),
				     c->me.number);
	return 0;
}
