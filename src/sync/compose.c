/*
 * What becomes of every path that may differ between desk, branch and log
 * (gather.c): edits to the tree, targets for the desk. The second step of commit.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/template.h"

/* --- edits and targets --- */

void edits_put(struct edits *e, const char *path, const char *oid, bool is_tree)
{
	struct tree_edit *edit;

	ARRAY_GROW(e->item, e->count, e->cap);
	edit = &e->item[e->count++];
	*edit = (struct tree_edit){ .path = xstrdup(path), .is_tree = is_tree };
	snprintf(edit->oid.hex, sizeof(edit->oid.hex), "%s", oid);
}

void edits_set(struct edits *e, const char *path, const char *oid)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->item[i].path, path) == 0) {
			snprintf(e->item[i].oid.hex, sizeof(e->item[i].oid.hex),
				 "%s", oid);
			return;
		}
	edits_put(e, path, oid, false);
}

void edits_release(struct edits *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->item[i].path);
	free(e->item);
	*e = (struct edits){ 0 };
}

struct target *targets_add(struct targets *t, const char *path, const char *oid)
{
	struct target *target;

	ARRAY_GROW(t->item, t->count, t->cap);
	target = &t->item[t->count++];
	*target = (struct target){ .path = xstrdup(path), .bytes = BUF_INIT };
	snprintf(target->oid, sizeof(target->oid), "%s", oid);
	return target;
}

void targets_put(struct targets *t, const char *path, const char *oid)
{
	for (size_t i = 0; i < t->count; i++) {
		struct target *target = &t->item[i];

		if (strcmp(target->path, path) != 0)
			continue;
		buf_reset(&target->bytes);
		target->has_bytes = false;
		snprintf(target->oid, sizeof(target->oid), "%s", oid);
		return;
	}
	targets_add(t, path, oid);
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->item[i].path);
		buf_release(&t->item[i].bytes);
	}
	free(t->item);
	*t = (struct targets){ 0 };
}

static void path_versions_add(struct path_versions *l, const char *path,
			      const char *oid)
{
	struct desk_file *f;

	ARRAY_GROW(l->item, l->count, l->cap);
	f = &l->item[l->count++];
	f->path = xstrdup(path);
	snprintf(f->blob, sizeof(f->blob), "%s", oid);
}

void path_versions_release(struct path_versions *l)
{
	desk_files_free(l->item, l->count);
	*l = (struct path_versions){ 0 };
}

/* --- the versions of one path --- */

struct path {
	const char *name;
	struct owner owner;
	struct desk_entry *entry;	/* on the desk; or NULL */
	char base[OID_HEX], ours[OID_HEX], log[OID_HEX];
	struct there tip, head;
	bool unedited;
	bool leave;		/* the desk's file is not to be touched */
};

/* Somebody wrote into it so lately that more may follow (R20). */
static bool is_young(const struct cycle *c, const struct desk_entry *e)
{
	int64_t age = c->now - e->info.mtime;

	return age >= 0 && age < c->home->settings.settle;
}

/* May a list for people, or the rules, be half there: written a moment ago, and empty
 * or cut in a line? What a list lacks counts as taken away, for good (R17). */
static bool is_half_written(const struct cycle *c, const struct path *p)
{
	enum path_kind kind = path_classify(p->name).kind;
	const struct buf *text = &p->entry->bytes;

	return (kind == PATH_HUMAN || kind == PATH_FLEET) && is_young(c, p->entry) &&
	       (text->len == 0 || text->data[text->len - 1] != '\n');
}

/* What the desk has becomes an object; if it has something newer by now, or may not
 * have all of it yet, the next cycle reads it. */
static int take_bytes(struct cycle *c, struct path *p, struct error *err)
{
	struct error newer = ERROR_INIT;
	struct oid oid;

	if (desk_load(c, p->entry, &newer) == 0 && !is_half_written(c, p))
		return repo_blob_write(c->repo, span_of(&p->entry->bytes), &oid,
				       err);
	p->leave = true;
	memcpy(p->ours, p->base, sizeof(p->ours));
	return 0;
}

static int look_at_desk(struct cycle *c, struct path *p, struct error *err)
{
	/* A branch that is gone is made anew, from what the desks have. */
	if (c->head.hex[0] != '\0')
		snprintf(p->base, sizeof(p->base), "%s",
			 desk_published(c, p->name));
	p->entry = desk_find(&c->desk, p->name);
	p->leave = p->entry != NULL && p->entry->unreadable;
	if (p->leave || (p->entry == NULL && c->desk.damaged)) {
		memcpy(p->ours, p->base, sizeof(p->ours));
	} else if (p->entry != NULL) {
		memcpy(p->ours, p->entry->oid, sizeof(p->ours));
		if (strcmp(p->ours, p->base) != 0 && take_bytes(c, p, err) == -1)
			return -1;
	}
	p->unedited = strcmp(p->ours, p->base) == 0;
	if (c->head.hex[0] == '\0' && p->ours[0] != '\0') {
		p->unedited = false;
		return 0;
	}
	if (p->unedited || p->ours[0] == '\0')
		return 0;
	return view_desk_known(c->store, p->name, p->ours, &p->unedited, err);
}

static int look_at_log(struct cycle *c, struct path *p, struct error *err)
{
	struct path_info info = path_classify(p->name);
	struct own_file_text *t;

	if (!owner_built_in(p->owner, c->me.number))
		return 0;
	if (info.kind == PATH_ARCHIVE)
		return view_segment_blob(c->store, info.stream, info.segment,
					 p->log, err);
	t = own_find(&c->own, p->name);
	if (t != NULL)
		memcpy(p->log, t->oid, sizeof(p->log));
	return 0;
}

static bool is_template(const struct path *p)
{
	char oid[BLOB_HEX];

	if (p->base[0] != '\0')
		return false;
	for (size_t i = 0; i < template_count; i++)
		if (strcmp(template_files[i].path, p->name) == 0) {
			digest_blob(template_files[i].bytes,
				    template_files[i].len, oid);
			return strcmp(oid, p->ours) == 0;
		}
	return false;
}

/* --- own files: our log against the branch --- */

static bool is_own(const struct cycle *c, const struct path *p)
{
	return owner_built_in(p->owner, c->me.number);
}

/* Has a commit of ours that waits for the remote put this version back? */
static int is_counted(struct cycle *c, const struct path *p, bool *out,
		      struct error *err)
{
	char last[OID_HEX];

	*out = false;
	if (!c->apart && strcmp(c->head.hex, c->tip.hex) == 0)
		return 0;
	if (view_put_back_last(c->store, p->name, last, err) == -1)
		return -1;
	*out = strcmp(last, p->tip.oid) == 0;
	return 0;
}

/* Somebody rewrote it, and we put it back for the fourth time in an hour: not by
 * a commit for that alone (R26). What is new of ours is a reason of its own. */
static int count_put_back(struct cycle *c, const struct path *p, bool *often,
			  struct error *err)
{
	uint64_t times;
	bool nothing_new, counted;

	if (view_put_back_since(c->store, p->name, c->now - 3600, &times,
				err) == -1 ||
	    view_version_known(c->store, p->name, p->log, &nothing_new,
			       err) == -1 ||
	    is_counted(c, p, &counted, err) == -1)
		return -1;
	*often = times >= 3 && nothing_new;
	if (!counted)
		path_versions_add(&c->put_back, p->name, p->tip.oid);
	return 0;
}

/* Did an own commit, or publish, carry this version of a path of ours? */
static int is_known(struct cycle *c, const struct path *p, bool *out,
		    struct error *err)
{
	*out = false;
	if (is_own(c, p) && p->tip.oid[0] != '\0')
		return view_version_known(c->store, p->name, p->tip.oid, out, err);
	if (owner_by_rule(p->owner, c->me.number) && p->head.oid[0] != '\0')
		return view_desk_known(c->store, p->name, p->head.oid, out, err);
	return 0;
}

/* Of these own files nothing is taken in: what somebody writes there is no message. */
static const char *why_not_read(const struct cycle *c, const char *path)
{
	struct path_info info = path_classify(path);

	if (info.kind == PATH_ARCHIVE)
		return "closed segments never change";
	return info.kind == PATH_STREAM && info.stream.to == c->me.number
		? "nobody reads what a computer writes to itself; a note may stand "
		  "in shared/, and a task is made with `trine task add`" : NULL;
}

/* A note that was written a moment ago may not be all of it (R20). */
static bool is_being_written(const struct cycle *c, const struct path *p)
{
	return path_classify(p->name).kind == PATH_STREAM && is_young(c, p->entry);
}

static int keep_own_edit(struct cycle *c, struct path *p, struct error *err)
{
	struct loser loser = { .path = p->name,
			       .why = why_not_read(c, p->name) };

	if (loser.why == NULL || p->unedited || p->ours[0] == '\0' ||
	    strcmp(p->ours, p->log) == 0 || p->entry == NULL)
		return 0;
	if (is_being_written(c, p)) {
		p->leave = true;
		return 0;
	}
	loser.text = span_of(&p->entry->bytes);
	return copies_keep(c, &loser, err);
}

static void aim_stream(struct cycle *c, const struct path *p, const char *oid)
{
	struct own_file_text *t = own_find(&c->own, p->name);
	struct target *target = targets_add(&c->targets, p->name, oid);

	target->wait = p->leave;
	if (t == NULL)
		return;
	target->wait = target->wait || t->unsettled;
	if (t->loose.len == 0)
		return;
	target->has_bytes = true;
	buf_addb(&target->bytes, &t->bytes);
	buf_addb(&target->bytes, &t->loose);
	digest_blob(target->bytes.data, target->bytes.len, target->oid);
}

/* --- all others --- */

/* What stood there when the desk was written last, and can be on none: nobody took our
 * file away, there was none yet. */
static int could_not_come(struct cycle *c, const struct path *p, bool *out,
			  struct error *err)
{
	struct there before;

	*out = false;
	if (!p->head.unfit || p->base[0] != '\0' || p->ours[0] != '\0' ||
	    c->old_fleet_at[0] == '\0' || !repo_has(c->repo, c->old_fleet_at))
		return 0;
	if (there_at(c, c->old_fleet_at, p->name, &before, err) == -1)
		return -1;
	*out = before.unfit && strcmp(before.oid, p->head.oid) == 0;
	return 0;
}

/* By the rules that were in force when the desk was written last, and all since (R23),
 * and it could be written then. Asked where the branch has something else. */
static int was_ours(struct cycle *c, const struct path *p, bool *out,
		    struct error *err)
{
	bool unwritten;

	*out = (p->base[0] == '\0' && p->head.oid[0] == '\0') ||
	       owner_by_rule(owner_of(p->name, &c->old_fleet), c->me.number);
	if (!*out || !owner_by_rule(p->owner, c->me.number) ||
	    p->head.oid[0] == '\0' || strcmp(p->head.oid, p->base) == 0 ||
	    strcmp(p->head.oid, p->ours) == 0)
		return 0;
	if (could_not_come(c, p, &unwritten, err) == -1 ||
	    (!unwritten &&
	     view_desk_waits(c->store, p->name, p->head.oid, &unwritten, err) == -1))
		return -1;
	*out = !unwritten;
	return unwritten ? 0 : ours_since(c, c->old_fleet_at, p->name, out, err);
}

/* They are what the last publish left, and so the last good ones (R16). */
static int load_old_rules(struct cycle *c, struct error *err)
{
	fleet_release(&c->old_fleet);
	return fleet_left_at(c, c->old_fleet_at, err) == -1 ? -1 :
	       home_fleet(c->home, &c->old_fleet, err);
}

static int readable_rules(struct cycle *c, const char *oid, struct error *why)
{
	struct fleet rules;
	int rc = fleet_read(c, oid, &rules, why);

	fleet_release(&rules);
	return rc;
}

/* An unreadable fleet.yaml of this desk stays here and is shown (R16). */
static int hold_bad_rules(struct cycle *c, const struct path *p, bool *hold,
			  struct error *err)
{
	struct error why = ERROR_INIT;
	char text[ERROR_TEXT + 128];

	*hold = false;
	if (path_classify(p->name).kind != PATH_FLEET)
		return 0;
	*hold = !p->unedited && p->ours[0] != '\0' &&
		readable_rules(c, p->ours, &why) == -1;
	if (!*hold)
		return 0;
	c->bad_rules = true;
	snprintf(text, sizeof(text), "fleet.yaml on this desk cannot be read "
		 "(%s) and is not shared; mend it", why.text);
	return record_problem(c->store, "fleet-yaml", "desk", text, err);
}

static int compose_path(struct cycle *c, struct path *p, struct error *err)
{
	bool theirs_known = false, hold = false, often = false, again = false, ours;
	size_t before = c->copies.count;
	char result[OID_HEX], base[OID_HEX];
	const struct there *theirs = is_own(c, p) ? &p->tip : &p->head;
	struct versions v;

	if (look_at_desk(c, p, err) == -1 || look_at_log(c, p, err) == -1 ||
	    there_at(c, c->tip.hex, p->name, &p->tip, err) == -1 ||
	    there_at(c, c->head.hex, p->name, &p->head, err) == -1 ||
	    hold_bad_rules(c, p, &hold, err) == -1)
		return -1;
	if (is_known(c, p, &theirs_known, err) == -1 ||
	    was_ours(c, p, &ours, err) == -1 ||
	    (p->ours[0] != '\0' && p->base[0] == '\0' && p->head.oid[0] == '\0' &&
	     copies_made_before(c, p->name, p->ours, &again, err) == -1))
		return -1;
	memcpy(base, p->base, sizeof(base));
	if (!p->unedited && p->owner.kind == OWNER_SHARED &&
	    edited_from(c, p->name, p->ours, base, err) == -1)
		return -1;
	if (!p->unedited &&
	    sent_before_as_lines(c, p->name, p->ours, base, err) == -1)
		return -1;
	v = (struct versions){
		.base = version_or_null(base),
		.ours = version_or_null(hold || again ? p->base : p->ours),
		.theirs = version_or_null(theirs->oid), .theirs_unfit = theirs->unfit,
		.log = version_or_null(p->log), .ours_unedited = p->unedited || hold,
		.theirs_known = theirs_known, .template = is_template(p),
		.was_ours = ours,
	};
	if (is_own(c, p) && p->tip.oid[0] != '\0' && !theirs_known &&
	    strcmp(p->tip.oid, p->log) != 0 &&
	    count_put_back(c, p, &often, err) == -1)
		return -1;
	if (decide(c, p->name, p->owner, &v, result, err) == -1 ||
	    (is_own(c, p) && keep_own_edit(c, p, err) == -1))
		return -1;
	/* The desk's version is in what the next commit holds, or in a copy: from
	 * then on it is what later edits are made to, even if publish is never
	 * reached. */
	if (!is_own(c, p) && !p->unedited && !p->leave && !hold)
		path_versions_add(&c->taken_in, p->name, p->ours);
	for (; often && before < c->copies.count; before++)
		c->copies.item[before].lazy = true;
	if (strcmp(result, there_shown(&p->head)) != 0) {
		edits_put(&c->edits, p->name, result, false);
		c->putting_back = c->putting_back && often;
	}
	if (is_own(c, p))
		aim_stream(c, p, result);
	else
		targets_add(&c->targets, p->name, result)->wait =
			p->leave || hold;
	return 0;
}

/* --- all of it --- */

bool compose_waits(const struct cycle *c)
{
	return c->edits.count > 0 && c->putting_back &&
	       strcmp(c->head.hex, c->base.hex) == 0;
}

/* A copy comes to the desk with the commit that brings it, and not before. */
static int add_copies(struct cycle *c, struct error *err)
{
	size_t before = c->edits.count;

	if (copies_place(c, &c->edits, err) == -1)
		return -1;
	for (size_t i = 0; i < c->copies.count; i++)
		c->putting_back = c->putting_back && c->copies.item[i].lazy;
	for (size_t i = before; i < c->edits.count && !compose_waits(c); i++)
		targets_put(&c->targets, c->edits.item[i].path,
			    c->edits.item[i].oid.hex);
	return 0;
}

static int compose_paths(struct paths *p, struct error *err)
{
	struct cycle *c = p->c;

	for (size_t i = 0; i < p->list.count; i++) {
		struct path path = { .name = p->list.item[i] };

		if (i > 0 && strcmp(path.name, p->list.item[i - 1]) == 0)
			continue;
		if (paths_hide(p, path.name))
			continue;
		path.owner = owner_of(path.name, &c->fleet);
		if (compose_path(c, &path, err) == -1)
			return error_wrap(err, "%s", path.name);
	}
	return 0;
}

int compose(struct cycle *c, struct error *err)
{
	struct paths p = { .c = c };
	int rc = -1;

	edits_release(&c->edits);
	targets_release(&c->targets);
	path_versions_release(&c->put_back);
	path_versions_release(&c->taken_in);
	c->putting_back = true;
	c->bad_rules = false;
	if (load_old_rules(c, err) == -1)
		goto out;
	if (own_render(c, err) == -1 || paths_gather(&p, err) == -1 ||
	    compose_paths(&p, err) == -1 || paths_report(&p, err) == -1)
		goto out;
	if (!c->bad_rules &&
	    record_problem_over(c->store, "fleet-yaml", "desk", err) == -1)
		goto out;
	if (own_archives(c, err) == -1 || own_guard(c, err) == -1 ||
	    give_way(c, &c->edits, err) == -1)
		goto out;
	rc = add_copies(c, err);
out:
	paths_release(&p);
	return rc;
}
