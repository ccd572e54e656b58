/*
 * Trees and commits read byte by byte, without trust: peers can push what
 * libgit2's own readers refuse, and one such object must not stop a cycle.
 */
#include "git.h"

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	MODE_KIND = 0170000,
	MODE_TREE = 0040000,
	MODE_FILE = 0100000,
	MODE_LINK = 0120000,
	MODE_RUN = 0111,
	/* A tree object over this is not looked into: that is 400,000 entries
	 * of a usual length. */
	TREE_BYTES = 16 * 1024 * 1024
};

bool entry_is_tree(const struct tree_entry *e)
{
	return (e->mode & MODE_KIND) == MODE_TREE;
}

bool entry_is_file(const struct tree_entry *e)
{
	return (e->mode & MODE_KIND) == MODE_FILE && (e->mode & MODE_RUN) == 0;
}

/* As git sees it, what is of no kind it knows is a submodule. */
bool entry_is_elsewhere(const struct tree_entry *e)
{
	unsigned kind = e->mode & MODE_KIND;

	return kind != MODE_TREE && kind != MODE_FILE && kind != MODE_LINK;
}

/* Bytewise, a folder's name as if it ended in "/". */
int entry_compare(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;
	size_t common = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->name, y->name, common);
	unsigned char left, right;

	if (order != 0)
		return order;
	left = common < x->len ? (unsigned char)x->name[common] :
	       entry_is_tree(x) ? '/' : 0;
	right = common < y->len ? (unsigned char)y->name[common] :
		entry_is_tree(y) ? '/' : 0;
	if (left != right)
		return left < right ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

/* "MODE SP NAME NUL ID" at P; the bytes it takes, 0 if it is none. */
static size_t parse_entry(const char *p, size_t len, struct tree_entry *out)
{
	const char *space, *end;
	size_t used = 0;

	out->mode = 0;	/* of any length, as git reads it */
	while (used < len && p[used] >= '0' && p[used] <= '7')
		out->mode = out->mode * 8 + (unsigned)(p[used++] - '0');
	if (used == 0 || used == len || p[used] != ' ')
		return 0;
	space = p + used;
	end = memchr(space + 1, '\0', len - used - 1);
	if (end == NULL || end == space + 1 ||
	    len - (size_t)(end + 1 - p) < GIT_OID_RAWSZ)
		return 0;
	out->name = space + 1;
	out->len = (size_t)(end - out->name);
	git_oid_fromraw(&out->id, (const unsigned char *)end + 1);
	return (size_t)(end + 1 - p) + GIT_OID_RAWSZ;
}

static void parse_tree(struct tree *t)
{
	const char *p = git_odb_object_data(t->object);
	size_t left = git_odb_object_size(t->object), used;

	while (left > 0) {
		ARRAY_GROW(t->entry, t->count, t->cap);
		used = parse_entry(p, left, &t->entry[t->count]);
		if (used == 0) {
			t->damaged = true;
			return;
		}
		t->count++;
		p += used;
		left -= used;
	}
}

/* Git sorts, and has no name twice; somebody who writes trees by hand need
 * not. The first in the object's order wins where qsort keeps it: which one
 * does not matter, as long as there is one. */
static void make_orderly(struct tree *t)
{
	size_t kept = 0;
	bool sorted = true;

	for (size_t i = 1; i < t->count && sorted; i++)
		sorted = entry_compare(&t->entry[i - 1], &t->entry[i]) < 0;
	if (sorted)
		return;
	qsort(t->entry, t->count, sizeof(*t->entry), entry_compare);
	for (size_t i = 0; i < t->count; i++)
		if (kept == 0 || entry_compare(&t->entry[kept - 1],
					       &t->entry[i]) != 0)
			t->entry[kept++] = t->entry[i];
	t->count = kept;
}

static void note_missing(struct repo *repo, const git_oid *id)
{
	struct error err = ERROR_INIT;

	object_fail(repo, GIT_ENOTFOUND, "tree", id, &err);
	object_missing(repo, &err);
}

int tree_load(struct tree *out, struct repo *repo, const git_oid *id,
	      struct error *err)
{
	git_object_t type;
	size_t size;
	int rc;

	*out = (struct tree){ NULL, NULL, 0, 0, false };
	if (git_oid_is_zero(id))
		return 0;
	rc = git_odb_read_header(&size, &type, repo->odb, id);
	if (rc == 0 && size > TREE_BYTES) {
		out->damaged = true;
		return 0;
	}
	if (rc == 0)
		rc = git_odb_read(&out->object, repo->odb, id);
	if (rc < 0 && rc != GIT_ENOTFOUND)
		return object_fail(repo, rc, "tree", id, err);
	if (rc < 0) {
		note_missing(repo, id);
		out->damaged = true;
		return 0;
	}
	if (git_odb_object_type(out->object) != GIT_OBJECT_TREE) {
		out->damaged = true;	/* and it is whole: somebody meant it */
		return 0;
	}
	parse_tree(out);
	make_orderly(out);
	return 0;
}

void tree_release(struct tree *t)
{
	git_odb_object_free(t->object);
	free(t->entry);
	*t = (struct tree){ NULL, NULL, 0, 0, false };
}

static const struct tree_entry *find_as(const struct tree *t, const char *name,
					size_t len, unsigned mode)
{
	struct tree_entry wanted = { .name = name, .len = len, .mode = mode };

	if (t->count == 0)
		return NULL;
	return bsearch(&wanted, t->entry, t->count, sizeof(*t->entry),
		       entry_compare);
}

const struct tree_entry *tree_find(const struct tree *t, const char *name,
				   size_t len)
{
	const struct tree_entry *folder = find_as(t, name, len, MODE_TREE);

	return folder ? folder : find_as(t, name, len, MODE_FILE);
}

/* Is the next line "KEY VALUE"? Then moves behind it. */
static bool header_line(struct span object, size_t *pos, const char *key,
			struct span *value)
{
	size_t next = *pos, len = strlen(key);
	struct span line;

	if (!text_line(object, &next, &line) || line.len <= len ||
	    memcmp(line.p, key, len) != 0 || line.p[len] != ' ')
		return false;
	*value = (struct span){ line.p + len + 1, line.len - len - 1 };
	*pos = next;
	return true;
}

static bool parse_id(struct span value, git_oid *out)
{
	return value.len == GIT_OID_HEXSZ &&
	       git_oid_fromstrn(out, value.p, value.len) == 0;
}

/* "Name <mail> 1700000000 +0100"; anything unreadable is 0. */
static int64_t time_of(struct span person)
{
	const char *end = person.p + person.len, *mark = end;
	struct span digits;
	uint64_t seconds;

	while (mark > person.p && mark[-1] != '>')
		mark--;
	while (mark < end && *mark == ' ')
		mark++;
	digits = (struct span){ mark, 0 };
	while (mark + digits.len < end && mark[digits.len] != ' ')
		digits.len++;
	if (!text_number(digits, &seconds) || seconds > (uint64_t)INT64_MAX)
		return 0;
	return (int64_t)seconds;
}

static bool parse_commit(struct raw_commit *c, struct span object)
{
	struct span value, line;
	size_t pos = 0;

	if (!header_line(object, &pos, "tree", &value) ||
	    !parse_id(value, &c->tree))
		return false;
	while (header_line(object, &pos, "parent", &value)) {
		ARRAY_GROW(c->parent, c->parents, c->cap);
		if (!parse_id(value, &c->parent[c->parents++]))
			return false;
	}
	if (header_line(object, &pos, "author", &value)) {
		c->author = xmemdup(value.p, value.len);
		c->authored = time_of(value);
	} else {
		c->author = xstrdup("");
	}
	if (header_line(object, &pos, "committer", &value))
		c->time = time_of(value);
	/* gpgsig, encoding, mergetag … up to the first blank line */
	while (text_line(object, &pos, &line) && line.len > 0)
		;
	c->message = (struct span){ object.p + pos, object.len - pos };
	return true;
}

int commit_load(struct raw_commit *out, struct repo *repo, const git_oid *id,
		struct error *err)
{
	struct oid hex;
	struct span bytes;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = git_odb_read(&out->object, repo->odb, id);
	if (rc < 0)
		return object_fail(repo, rc, "commit", id, err);
	oid_write(&hex, id);
	bytes.p = git_odb_object_data(out->object);
	bytes.len = git_odb_object_size(out->object);
	if (git_odb_object_type(out->object) == GIT_OBJECT_COMMIT &&
	    parse_commit(out, bytes))
		return 0;
	raw_commit_release(out);
	return error_set(err, ERR_DATA, "%s is no commit", hex.hex);
}

void raw_commit_release(struct raw_commit *c)
{
	git_odb_object_free(c->object);
	free(c->parent);
	free(c->author);
	memset(c, 0, sizeof(*c));
}
