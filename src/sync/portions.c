/*
 * Very many new commits, in portions (protocol, mark 1).
 *
 * Receive records what the commits say in one transaction that ends with the new
 * received.upto. Of more than a portion it ends one after each, with marks: the
 * commits up to which all is recorded, the newest of each line of history. Killed
 * anywhere, or out of time, the next cycle hides what is behind these marks, and
 * reads the rest.
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum { PORTION = 500, PORTION_MS = 5 * 1000 };

struct read_commit {
	struct oid oid;
	bool behind;		/* of another one in the portion */
};

struct portions {
	struct cycle *c;
	const char *walk;
	int (*each)(void *arg, const char *oid, struct error *err);
	void *arg;
	struct read_commit *read;	/* what was read since the last mark */
	size_t count, cap;
	int64_t began;
};

static int64_t now_ms(const struct cycle *c)
{
	return c->world->clock->steady(c->world->clock);
}

static int note_read(struct portions *p, const char *oid, struct error *err)
{
	struct list parents = LIST_INIT;

	if (repo_parents(p->c->repo, oid, &parents, err) == -1)
		return -1;
	for (size_t i = 0; i < parents.count; i++)
		for (size_t n = p->count; n-- > 0; )
			if (strcmp(p->read[n].oid.hex, parents.item[i]) == 0) {
				p->read[n].behind = true;
				break;
			}
	list_release(&parents);
	ARRAY_GROW(p->read, p->count, p->cap);
	p->read[p->count] = (struct read_commit){ .behind = false };
	memcpy(p->read[p->count++].oid.hex, oid, OID_HEX);
	return 0;
}

static bool is_full(const struct portions *p)
{
	unsigned size = p->c->world->portion;

	return p->count >= (size > 0 ? size : PORTION) ||
	       now_ms(p->c) - p->began > PORTION_MS;
}

static int check_time(const struct cycle *c, struct error *err)
{
	if (now_ms(c) - c->began < c->home->settings.last_round * 1000)
		return 0;
	return error_set(err, ERR_AGAIN, "there are more new commits than fit "
			 "into one cycle; the next one goes on");
}

static int end_portion(struct portions *p, struct error *err)
{
	for (size_t i = 0; i < p->count; i++)
		if (!p->read[i].behind &&
		    record_reading(p->c->store, p->walk, p->read[i].oid.hex,
				   err) == -1)
			return -1;
	p->count = 0;
	if (cycle_end(p->c, err) == -1 || check_time(p->c, err) == -1 ||
	    cycle_begin(p->c, err) == -1)
		return -1;
	p->began = now_ms(p->c);
	return 0;
}

/* The last one is not ended here: what follows belongs to it. */
static int read_one(void *arg, const char *oid, struct error *err)
{
	struct portions *p = arg;

	if (is_full(p) && end_portion(p, err) == -1)
		return -1;
	if (p->each(p->arg, oid, err) == -1)
		return -1;
	return note_read(p, oid, err);
}

int portions_walk(struct cycle *c, const char *walk, const char *since,
		  int (*each)(void *arg, const char *oid, struct error *err),
		  void *arg, struct error *err)
{
	struct portions p = { .c = c, .walk = walk, .each = each, .arg = arg,
			      .began = now_ms(c) };
	struct list hide = LIST_INIT;
	int rc;

	if (since[0] != '\0')
		list_add(&hide, since);
	rc = view_reading(c->store, walk, &hide, err);
	if (rc == 0)
		rc = repo_walk_some(c->repo, c->tip.hex, &hide, 0, read_one, &p,
				    err);
	list_release(&hide);
	free(p.read);
	return rc;
}

int portions_begun(struct cycle *c, const char *walk, bool *out,
		   struct error *err)
{
	struct list marks = LIST_INIT;
	int rc = view_reading(c->store, walk, &marks, err);

	*out = marks.count > 0;
	list_release(&marks);
	return rc;
}
