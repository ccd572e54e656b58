/*
 * Every path that may differ between desk, branch and log, but for those that no desk
 * gets (compose.c decides about each).
 *
 * Only paths that changed on one of the sides are looked at: on the branch, by
 * comparing trees with the commit that the desk shows; on the desk, with what
 * publish put there. So the cost is that of what is new.
 *
 * A folder of the branch that cannot be read whole is not known to lack anything:
 * nothing below it is looked at, so that desks keep what they have, and no commit
 * touches it.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

static void hide(struct paths *p, const char *path, const char *why)
{
	if (p->hidden++ > 0)
		return;
	p->first_hidden = xstrdup(path);
	p->why_hidden = why;
}

/* Can what is at PATH on the branch be known? If not, the first folder of which that is
 * so is noted. */
static int is_read(struct paths *p, const char *path, bool *out, struct error *err)
{
	struct error unread = ERROR_INIT;

	*out = repo_whole(p->c->repo, p->c->head.hex, cycle_prefix(p->c), path,
			  &unread) == 0;
	if (*out)
		return 0;
	if (unread.code != ERR_DATA) {
		*err = unread;
		return -1;
	}
	if (p->unread == NULL)
		p->unread = xstrdup(unread.text);
	return 0;
}

static int note_unread(struct paths *p, const char *folder, struct error *err)
{
	char *inside = xasprintf("%s/x", folder);
	bool ignored;
	int rc = is_read(p, inside, &ignored, err);

	free(inside);
	return rc;
}

static void count_desk(struct paths *p)
{
	const struct desk_files *l = &p->c->desk.files;

	p->files = l->count;
	for (size_t i = 0; i < l->count; i++)
		p->bytes += l->entry[i].info.size;
}

/* How much more the desk holds with version OID of PATH. One that no desk gets takes
 * no room. */
static size_t growth(struct paths *p, const char *path, const char *oid)
{
	struct desk_entry *e = desk_find(&p->c->desk, path);
	size_t had = e != NULL ? e->info.size : 0;
	size_t size = repo_blob_size(p->c->repo, oid);

	return size > LIMIT_FILE || size < had ? 0 : size - had;
}

/* A desk that is full could not be read again: what a branch adds ends before
 * that, and leaves room for streams, and for what is written here. NULL, or why
 * version OID of PATH does not get there. */
static const char *no_room(struct paths *p, const char *path, const char *oid)
{
	enum path_kind kind = path_classify(path).kind;
	bool first = kind != PATH_OTHER && kind != PATH_CONFLICT &&
		     kind != PATH_ARCHIVE;
	size_t quarters = first ? 3 : 2, more;
	const char *shown = desk_published(p->c, path);

	if (strcmp(shown, oid) == 0)
		return NULL;
	more = growth(p, path, oid);
	if (shown[0] == '\0' && p->files >= LIMIT_DESK / 4 * quarters)
		return "the branch has more files than a desk holds";
	if (more > 0 && p->bytes + more > LIMIT_DESK_SIZE / 4 * quarters)
		return "the branch has more bytes than a desk holds";
	p->files += shown[0] == '\0';
	p->bytes += more;
	return NULL;
}

/* The branch lost PATH: so does a desk on which nobody wrote into it. What is this
 * computer's own is put back. */
static void goes(struct cycle *c, const char *path)
{
	struct desk_entry *e = desk_find(&c->desk, path);

	if (e != NULL)
		e->goes = strcmp(e->oid, desk_published(c, path)) == 0 &&
			  !owner_built_in(owner_of(path, &c->fleet), c->me.number);
}

/* Somebody deleted PATH on this desk, and so does the next commit; OID: as the branch
 * has it. A file of another computer is put back, and so is most of a desk (R22). */
static bool is_deleted(struct cycle *c, const char *path, const char *oid)
{
	struct owner owner;

	if (desk_find(&c->desk, path) != NULL || c->desk.damaged ||
	    strcmp(desk_published(c, path), oid) != 0)
		return false;
	owner = owner_of(path, &c->fleet);
	return owner.kind == OWNER_SHARED ||
	       owner_by_rule(owner, c->me.number);
}

static int from_branch(void *arg, const char *path, const char *old_oid,
		       const char *new_oid, enum entry_kind kind)
{
	struct paths *p = arg;
	const char *why = path_refused(path), *full;

	(void)old_oid;
	if (kind == ENTRY_UNREAD)
		return note_unread(p, path, p->err);
	if (why != NULL || (kind != ENTRY_FILE && new_oid[0] != '\0')) {
		if (new_oid[0] != '\0')
			hide(p, path, why ? why : "no regular file");
		if (why != NULL)
			return 0;
	}
	full = new_oid[0] != '\0' ? no_room(p, path, new_oid) : NULL;
	if (full != NULL) {
		hide(p, path, full);
		return 0;
	}
	if (new_oid[0] != '\0' &&
	    !repo_blob_fits(p->c->repo, new_oid, LIMIT_FILE))
		hide(p, path, "over 1 MiB");
	list_add(&p->list, path);
	if (new_oid[0] == '\0')
		goes(p->c, path);
	else if (!is_deleted(p->c, path, new_oid))
		twins_add(p->twins, path);
	return 0;
}

/* A commit of ours that waited has put it back already: what stood there on the tip is
 * to be kept. Streams and the status are looked at in any case. */
static int put_back_before(void *arg, const char *path, const char *old_oid,
			   const char *new_oid, enum entry_kind kind)
{
	struct paths *p = arg;
	struct path_info info = path_classify(path);

	(void)old_oid;
	(void)new_oid;
	(void)kind;
	if (info.kind == PATH_ARCHIVE && info.computer == p->c->me.number)
		list_add(&p->list, path);
	return 0;
}

/* What a desk does not have that shows it: is it on the branch, as a twin of others? */
static int missed(struct paths *p, const struct desk_file *f, struct error *err)
{
	struct oid head;

	list_add(&p->list, f->path);
	if (version_at(p->c, p->c->head.hex, f->path, &head, err) == -1)
		return -1;
	if (head.hex[0] != '\0' && !is_deleted(p->c, f->path, head.hex))
		twins_add(p->twins, f->path);
	return 0;
}

/* Where all is looked at, no comparison says what the branch lost. */
static int look_for(struct paths *p, struct desk_entry *e, struct error *err)
{
	struct oid head;

	list_add(&p->list, e->path);
	if (!p->all)
		return 0;
	if (version_at(p->c, p->c->head.hex, e->path, &head, err) == -1)
		return -1;
	if (head.hex[0] == '\0')
		goes(p->c, e->path);
	return 0;
}

static int from_desk(struct paths *p, struct error *err)
{
	struct cycle *c = p->c;
	size_t i = 0, k = 0;

	while (i < c->desk.files.count || k < c->published_count) {
		struct desk_entry *e = i < c->desk.files.count
			? &c->desk.files.entry[i] : NULL;
		struct desk_file *f =
			k < c->published_count ? &c->published[k] : NULL;
		int order = e == NULL ? 1 : f == NULL ? -1
			: strcmp(e->path, f->path);

		if (order < 0 || (order == 0 &&
				  (strcmp(e->oid, f->blob) != 0 ||
				   c->head.hex[0] == '\0' || p->all))) {
			if (look_for(p, e, err) == -1)
				return -1;
		} else if (order > 0 && f->blob[0] != '\0' &&
			   missed(p, f, err) == -1) {
			return -1;
		}
		i += order <= 0;
		k += order >= 0;
	}
	return 0;
}

/* What is not known on the branch is left alone; what was written there on this desk
 * waits. */
static int leave_unread(struct paths *p, struct error *err)
{
	struct list *l = &p->list;
	size_t kept = 0;
	bool read = true;
	int rc = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct desk_entry *e;

		if (rc == 0 && p->c->head.hex[0] != '\0')
			rc = is_read(p, l->item[i], &read, err);
		if (rc == -1 || read) {
			l->item[kept++] = l->item[i];
			continue;
		}
		e = desk_find(&p->c->desk, l->item[i]);
		if (e != NULL)
			e->goes = false;
		free(l->item[i]);
	}
	l->count = kept;
	return rc;
}

/* Twins of what is looked at may be any file of the desk. Paths with a rule of
 * their own win over theirs, so that an idle cycle, which looks at no others,
 * need not ask. */
static void find_twins(struct paths *p)
{
	struct desk_files *files = &p->c->desk.files;
	size_t i = 0;

	while (i < p->list.count &&
	       path_classify(p->list.item[i]).kind != PATH_OTHER)
		i++;
	if (i == p->list.count)
		return;
	for (i = 0; i < files->count; i++)
		if (!files->entry[i].goes)
			twins_add(p->twins, files->entry[i].path);
	twins_seal(p->twins);
}

int paths_gather(struct paths *p, struct error *err)
{
	static const char *const built_in[] = { "messages", "archive",
						"conflicts", "fleet.yaml" };
	struct cycle *c = p->c;
	const char *shown = c->marks.published;
	bool cut = false;

	p->err = err;
	p->twins = twins_new();
	count_desk(p);
	for (size_t i = 0; i < c->desk.files.count; i++)
		c->desk.files.entry[i].goes = false;
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		twins_add(p->twins, built_in[i]);
	/* The desk shows no commit to compare with: one that was hidden may come now. */
	p->all = !repo_has(c->repo, shown);
	if (p->all)
		shown = "";
	if (c->head.hex[0] != '\0' &&
	    repo_diff(c->repo, shown, c->head.hex, cycle_prefix(c), from_branch,
		      p, &cut, err) == -1)
		return -1;
	if (cut && p->hidden == 0 && p->unread == NULL)
		hide(p, cycle_prefix(c), "it has more than is looked at");
	if (c->tip.hex[0] != '\0' && strcmp(c->tip.hex, c->head.hex) != 0 &&
	    repo_diff(c->repo, c->tip.hex, c->head.hex, cycle_prefix(c),
		      put_back_before, p, &cut, err) == -1)
		return -1;
	if (from_desk(p, err) == -1)
		return -1;
	for (size_t i = 0; i < c->own.count; i++) {
		list_add(&p->list, c->own.item[i].path);
		twins_add(p->twins, c->own.item[i].path);
	}
	list_sort(&p->list);
	if (leave_unread(p, err) == -1)
		return -1;
	find_twins(p);
	return 0;
}

bool paths_hide(struct paths *p, const char *path)
{
	struct desk_entry *e = desk_find(&p->c->desk, path);

	if (!twins_hide(p->twins, path) || (e != NULL && e->goes))
		return false;
	hide(p, path, "another name is alike but for case: rename or remove one");
	if (p->waits == NULL &&
	    strcmp(e != NULL ? e->oid : "", desk_published(p->c, path)) != 0)
		p->waits = path;
	return true;
}

static int report_unread(struct paths *p, struct error *err)
{
	return p->unread == NULL
		? record_problem_over(p->c->store, "unreadable", "tip", err)
		: record_problem(p->c->store, "unreadable", "tip", p->unread, err);
}

int paths_report(struct paths *p, struct error *err)
{
	struct buf name = BUF_INIT, text = BUF_INIT;
	int rc;

	if (report_unread(p, err) == -1)
		return -1;
	p->c->hides = p->hidden > 0 || p->unread != NULL;
	if (p->hidden == 0)
		return record_problem_over(p->c->store, "hidden", "tip", err);
	text_escape(&name, p->first_hidden, strlen(p->first_hidden), false);
	buf_printf(&text, "not shown on desks: %.300s (%s)%s", name.data,
		   p->why_hidden, p->hidden == 1 ? "" : " and others");
	if (p->waits != NULL)
		buf_printf(&text, "; what was done to %s here does not go out "
			   "before its name is the only one", p->waits);
	rc = record_problem(p->c->store, "hidden", "tip", text.data, err);
	buf_release(&text);
	buf_release(&name);
	return rc;
}

void paths_release(struct paths *p)
{
	if (p->twins != NULL)
		twins_free(p->twins);
	list_release(&p->list);
	free(p->first_hidden);
	free(p->unread);
}
