/*
 * One version of a stream whose writer has no trine, against those before it:
 * what it adds becomes messages and tasks, what it ticks, changes or deletes
 * reaches the tasks that came of it. Called by hand.c.
 */
#include "hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mem.h"
#include "trine/yaml.h"

enum { MONTH = 30 * 86400, COMMIT_IN_ID = 10, PARENTS_READ = 8 };
/* The last version of a file that was gone is looked for in so many commits. */
enum { LOOK_BACK = 500 };

/* --- its lines --- */

struct version {
	struct hand_reader *r;
	const struct commit_info *info;
	struct stream_name name;
	struct buf bytes;
	bool known;		/* as one with trine: its entries count where it
				 * vouches for them, and not here (R5) */
	bool hidden;		/* what a parent has cannot be read */
	bool came_back;		/* the file was gone, and is there again */
	bool lost;		/* received by the clone before us */
	enum hand_reading how;
	const char *since;	/* HAND_RETIRED: the last commit of its writer */
	struct hand_known *line;	/* those it added, to be logged */
	size_t count, cap;
	struct copied copied;	/* where other branches are read, too */
	struct ancestors *below;	/* of INFO; each of many lines asks, so that */
	struct ancestors *before;	/* of SINCE; one walk answers all of them */
	struct error failure;
};

/* Is the commit that added the line last below this one? */
static bool is_below(struct version *v, const char *commit)
{
	bool below = false;

	if (v->failure.code == ERR_NONE &&
	    strcmp(commit, v->info->oid.hex) != 0)
		repo_ancestors_have(v->below, commit, &below, &v->failure);
	return below;
}

/* Said again, or come again by another way? A line that a commit below this one
 * brought was seen by whoever wrote this one: a person who writes it means it,
 * a program has merged it. One from another branch, or from before history was
 * rewritten, is the same line; but not if it was typed on another desk, in a
 * commit that says something else. */
static bool is_said_again(struct version *v, const struct hand_known *known)
{
	return !v->hidden &&
	       ((!v->info->vouched && is_below(v, known->commit)) ||
		copied_is_other(&v->copied, known->commit));
}

/* A commit that takes its writer out of the fleet says none of its lines. One that was
 * read since the writer's last commit, when it had been taken out before, is the same. */
static bool is_read_since(struct version *v, const struct hand_known *known)
{
	bool older = false;

	if (v->since[0] == '\0')
		return true;	/* it never had one */
	return v->failure.code == ERR_NONE &&
	       repo_ancestors_have(v->before, known->commit, &older,
				   &v->failure) == 0 && !older;
}

/* So many of a line came from commits that this one copies, or merges. */
static size_t count_copied(const struct version *v, const char *digest,
			   size_t in_parent)
{
	size_t copied = in_parent +
			line_counts_of(&v->copied.lines, digest);
	size_t merged = line_counts_of(&v->copied.merged, digest);

	return merged > copied ? merged : copied;
}

/* How many of the line are no news, with so many in the parents. A merge says
 * nothing again, however often whoever made it kept a line. */
static size_t how_many_old(struct version *v, const struct hand_known *known,
			   size_t count, size_t in_parents)
{
	if (v->how == HAND_AGAIN)
		return count;
	if (known->commit[0] == '\0')
		return in_parents;
	if (v->how == HAND_RETIRED)
		return known->most > in_parents && is_read_since(v, known)
			? known->most : in_parents;
	if (v->info->parents > 1)
		return count;
	if (known->most < in_parents || is_said_again(v, known))
		return in_parents;
	return known->most;
}

static size_t count_old(void *arg, struct span text, size_t count,
			size_t in_parents)
{
	struct version *v = arg;
	struct hand_known *line;
	size_t old;

	ARRAY_GROW(v->line, v->count, v->cap);
	line = &v->line[v->count++];
	*line = (struct hand_known){ .most = 0 };
	hand_digest(text, line->digest);
	if (v->failure.code == ERR_NONE)
		view_hand_line(v->r->c->store, v->name, line, &v->failure);
	old = how_many_old(v, line, count,
			   count_copied(v, line->digest, in_parents));
	line->most = v->how == HAND_AGAIN && line->most > 0 ? line->most : count;
	if (v->how == HAND_RETIRED && old >= count)
		v->count--;	/* what it adds to its parents is read next */
	return old;
}

/* Is it below a commit that our newest status on the branch names? */
static int is_below_said(struct hand_reader *r, const char *commit,
			 struct stream_name name, bool *out, struct error *err)
{
	*out = false;
	for (size_t i = 0; i < r->said_count && !*out; i++)
		if (r->said[i].stream.from == name.from &&
		    r->said[i].stream.to == name.to &&
		    repo_descends(r->c->repo, r->said[i].mark, commit, out, err) == -1)
			return -1;
	return 0;
}

/* Is it below the receipt already? So it is where the branch went back, and forward. */
static int find_place(struct version *v, enum hand_place *out, struct error *err)
{
	struct hand_reader *r = v->r;
	const char *commit = v->info->oid.hex;
	char mark[OID_HEX];
	bool below = false;

	*out = HAND_BESIDE;
	if (r->beside)
		return 0;
	if (view_hand_mark(r->c->store, v->name, mark, err) == -1)
		return -1;
	if (mark[0] != '\0' && strcmp(mark, commit) != 0 &&
	    ((repo_has(r->c->repo, mark) &&
	      repo_descends(r->c->repo, mark, commit, &below, err) == -1) ||
	     (!below && r->went_back &&
	      is_below_said(r, commit, v->name, &below, err) == -1)))
		return -1;
	*out = below ? HAND_BELOW : HAND_NEW;
	return 0;
}

static int record_version(struct version *v, struct error *err)
{
	enum hand_place place;

	if (v->count == 0 && v->how != HAND_AGAIN)
		return 0;
	if (find_place(v, &place, err) == -1)
		return -1;
	return record_hand_read(v->r->c->store, v->name, v->info->oid.hex, place,
				v->line, v->count, err);
}

static void put_author(struct message *m, const struct commit_info *info)
{
	struct buf name = BUF_INIT, yaml = BUF_INIT;
	const char *mail = strstr(info->author, " <");

	buf_add(&name, info->author, mail ? (size_t)(mail - info->author)
					  : strlen(info->author));
	yaml_write(&yaml, name.data);
	if (!info->vouched && name.len > 0)
		message_add_extra(m, "author", yaml.data);
	buf_release(&name);
	buf_release(&yaml);
}

/* The clone before us had it, as far as we know: not again (R29). */
static int take_lost(struct version *v, const char *id, const struct message *m,
		     struct error *err)
{
	bool task = m->type == TYPE_TASK;

	if (!task && m->sent <= v->r->c->now - MONTH)
		return 0;
	return record_received(v->r->c->store, id, m, "", v->info->oid.hex,
			       task ? "BLOCKED" : "",
			       task ? "in doubt" : "before the loss", err);
}

static int take(struct version *v, struct message *m, size_t n,
		struct error *err)
{
	char id[MESSAGE_ID], stream[STREAM_NAME];

	snprintf(id, sizeof(id), "%s.~%.*s.%zu",
		 stream_name_format(v->name, stream), COMMIT_IN_ID,
		 v->info->oid.hex, n);
	m->stream = v->name;
	m->sent = v->info->time;
	put_author(m, v->info);
	if (v->lost)
		return take_lost(v, id, m, err);
	v->r->c->report->received++;
	return record_received(v->r->c->store, id, m, "", v->info->oid.hex,
			       m->type == TYPE_TASK ? "QUEUED" : "", "", err);
}

/* A task that somebody was handed goes on; that it says something else now is a
 * message about it. */
static int tell_change(struct version *v, struct message *m, const char *id,
		       size_t n, struct error *err)
{
	m->type = TYPE_MESSAGE;
	free(m->re);
	m->re = xstrdup(id);
	return take(v, m, n, err);
}

static int amend(struct version *v, struct hand_part *part, const char *id,
		 struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	struct message *m = &part->message;
	int rc = -1;

	f.id = id;
	if (view_records(v->r->c->store, &f, &l, err) == -1)
		return -1;
	rc = 0;
	if (l.count == 1 && (strcmp(l.item[0].message.title, m->title) != 0 ||
			     strcmp(l.item[0].message.body, m->body) != 0)) {
		m->stream = v->name;
		m->sent = l.item[0].message.sent;
		put_author(m, v->info);
		rc = record_amended(v->r->c->store, id, m, err);
	}
	record_list_release(&l);
	return rc;
}

static bool has_same_title(const struct hand_part *part)
{
	return strcmp(part->was, part->message.title) == 0 &&
	       strcmp(part->was_whole, part->whole) == 0;
}

/* Is what the item says now a task of its own, which came by another way? Then
 * two branches have grown apart, and it is not to be done twice. */
static int is_another(struct version *v, const struct hand_part *part,
		      bool *out, struct error *err)
{
	*out = false;
	if (!part->known || has_same_title(part))
		return 0;
	return view_hand_title(v->r->c->store, v->name, part->message.title,
			       part->whole, out, err);
}

/* A changed item of which no task is open: of one that ended, or that was there
 * before the fleet had trine. Another title is a new task. */
static int take_changed(struct version *v, struct hand_part *part, size_t n,
			struct error *err)
{
	char id[MESSAGE_ID];
	bool started, another;

	if (view_hand_task(v->r->c->store, v->name, part->was, part->was_whole, id,
			   &started, err) == -1 || is_another(v, part, &another, err) == -1)
		return -1;
	if (id[0] != '\0' && !started && !another)
		return amend(v, part, id, err);
	if (part->known)
		return 0;
	if (id[0] != '\0')
		return tell_change(v, &part->message, id, n, err);
	if (has_same_title(part))
		part->message.type = TYPE_MESSAGE;
	return take(v, &part->message, n, err);
}

/* An item that was part of another one has its own task, if none is open: it may
 * have been one before. */
static int take_task(struct version *v, struct hand_part *part, size_t n,
		     struct error *err)
{
	char id[MESSAGE_ID] = "";
	bool started;

	if (part->known &&
	    view_hand_task(v->r->c->store, v->name, part->message.title,
			   part->whole, id, &started, err) == -1)
		return -1;
	return id[0] == '\0' ? take(v, &part->message, n, err) : 0;
}

/* A ticked task is done, whoever had it; one that was deleted is only taken
 * back while nobody has started. A file that is gone takes nothing back, nor
 * does one that was. */
static int end_task(struct version *v, const struct hand_part *part,
		    struct error *err)
{
	bool ticked = part->kind == HAND_TICKED, started;
	char id[MESSAGE_ID], file[STREAM_NAME], why[64];

	if (v->r->again || (!ticked && (v->came_back ||
					text_is_blank(span_of(&v->bytes)))))
		return 0;
	if (view_hand_task(v->r->c->store, v->name, part->was, part->was_whole, id,
			   &started, err) == -1)
		return -1;
	if (id[0] == '\0' || (started && !ticked))
		return 0;
	snprintf(why, sizeof(why), "%s in %s", ticked ? "ticked" : "deleted",
		 stream_name_format(v->name, file));
	return record_ended(v->r->c->store, id, ticked ? "COMPLETED" : "FAILED",
			    why, NULL, err);
}

static int take_part(struct version *v, struct hand_part *part, size_t n,
		     struct error *err)
{
	switch (part->kind) {
	case HAND_MESSAGE:
		return take(v, &part->message, n, err);
	case HAND_TASK:
		return take_task(v, part, n, err);
	case HAND_CHANGED:
		return take_changed(v, part, n, err);
	case HAND_TICKED:
	case HAND_DELETED:
		break;
	}
	return end_task(v, part, err);
}

/* One commit is read twice where it takes the writer out of the fleet: the second
 * reading numbers on. */
static size_t *given_in(struct hand_reader *r, struct stream_name name)
{
	struct hand_given *given = NULL;

	for (size_t i = 0; i < r->given_count; i++)
		if (r->given[i].name.from == name.from &&
		    r->given[i].name.to == name.to)
			return &r->given[i].count;
	ARRAY_GROW(r->given, r->given_count, r->given_cap);
	given = &r->given[r->given_count++];
	*given = (struct hand_given){ .name = name };
	return &given->count;
}

static int take_news(struct version *v, struct hand_news *news,
		     struct error *err)
{
	size_t *given = given_in(v->r, v->name);

	for (size_t i = 0; i < news->count; i++)
		if (take_part(v, &news->part[i], ++*given, err) == -1)
			return -1;
	return 0;
}

static bool is_no_entry(const struct stream_part *part)
{
	return part->kind != PART_MESSAGE && part->kind != PART_BROKEN;
}

static bool is_loose(const struct stream_part *part)
{
	return part->kind == PART_LOOSE;
}

static void keep_parts(struct buf *bytes, struct stream_name name,
		       bool (*wanted)(const struct stream_part *part))
{
	struct stream_file f = { 0 };
	struct buf rest = BUF_INIT;

	stream_parse(span_of(bytes), name, false, &f);
	for (size_t i = 0; i < f.count; i++)
		if (wanted(&f.part[i]))
			buf_add(&rest, f.part[i].bytes.p, f.part[i].bytes.len);
	stream_file_release(&f);
	buf_release(bytes);
	*bytes = rest;
}

void hand_drop_entries(struct buf *bytes, struct stream_name name)
{
	keep_parts(bytes, name, is_no_entry);
}

struct last {
	struct version *v;
	const char *path;
	struct oid oid;
	unsigned looked;
};

static int look_for_last(void *arg, const char *commit, struct error *err)
{
	struct last *l = arg;
	struct cycle *c = l->v->r->c;
	bool is_tree = false;

	if (strcmp(commit, l->v->info->oid.hex) == 0)
		return 0;
	if (l->looked++ == LOOK_BACK) {
		l->v->hidden = true;
		return 1;
	}
	if (repo_lookup(c->repo, commit, cycle_prefix(c), l->path, &l->oid,
			&is_tree, err) == -1)
		return -1;
	return l->oid.hex[0] != '\0' && !is_tree;
}

/* A file that no parent has may have been there before: somebody deleted it, and
 * somebody brought it back. It says again nothing of what its last version said;
 * of one that is too far back, nothing that was ever read. */
static int find_last(struct version *v, const char *path, struct buf *out,
		     struct error *err)
{
	struct last l = { .v = v, .path = path };
	struct cycle *c = v->r->c;
	struct error unreadable = ERROR_INIT;

	if (repo_walk_back(c->repo, v->info->oid.hex, false, look_for_last, &l,
			   err) == -1)
		return -1;
	v->came_back = l.oid.hex[0] != '\0';
	if (v->came_back && repo_blob_read(c->repo, l.oid.hex, LIMIT_FILE, out,
					   &unreadable) == -1)
		v->hidden = true;
	return 0;
}

/* The different versions of the file in the parents: empty where there is none.
 * Of one that is too large to be read, or of more than anybody merges, it is not
 * known what was there: then a line read before is no news. */
static int read_parents(struct version *v, const char *path,
			const struct list *parents, struct buf *out,
			size_t *count, struct error *err)
{
	struct oid oid[PARENTS_READ];
	bool found;

	*count = 0;
	for (size_t i = 0; i < parents->count && *count < PARENTS_READ; i++) {
		size_t k = 0;

		buf_reset(&out[*count]);
		if (history_read(v->r->c, parents->item[i], path, &out[*count],
				 &oid[*count], &found, err) == -1)
			return -1;
		v->hidden |= !found && oid[*count].hex[0] != '\0';
		while (k < *count &&
		       strcmp(oid[k].hex, oid[*count].hex) != 0)
			k++;
		*count += k == *count;
		v->hidden |= *count == PARENTS_READ &&
			     i + 1 < parents->count;
	}
	return *count == 1 && oid[0].hex[0] == '\0'
		? find_last(v, path, &out[0], err) : 0;
}

/* Only where commits of other branches are read. */
static int find_copied(struct version *v, const char *path,
		       const struct span *parent, size_t parents,
		       struct error *err)
{
	struct cycle *c = v->r->c;
	struct copied_version version = {
		.info = v->info, .below = v->below, .name = v->name,
		.path = path, .drop_entries = v->known, .bytes = span_of(&v->bytes),
		.parent = parent, .parents = parents };

	bool several = c->aside;

	if (v->how == HAND_AGAIN)
		return 0;
	if (!several && view_beside_any(c->store, &several, err) == -1)
		return -1;
	return several ? copied_find(c, &version, &v->copied, err) : 0;
}

static int read_version(struct version *v, const struct list *parents,
			struct error *err)
{
	struct buf bytes[PARENTS_READ];
	struct span parent[PARENTS_READ];
	char path[PATH_TEXT], where[PATH_TEXT + 32];
	struct hand_version version = {
		.parent = parent, .where = where,
		.people = v->name.from == END_HUMAN, .old = count_old, .arg = v };
	struct hand_news news = { 0 };
	struct oid oid;
	bool found;
	int rc = -1;

	for (size_t i = 0; i < PARENTS_READ; i++)
		buf_init(&bytes[i]);
	path_stream(v->name, path);
	snprintf(where, sizeof(where), "%s in %.10s", path, v->info->oid.hex);
	if (read_parents(v, path, parents, bytes, &version.parents, err) == -1 ||
	    history_read(v->r->c, v->info->oid.hex, path, &v->bytes, &oid,
			 &found, err) == -1)
		goto out;
	if (!found && oid.hex[0] != '\0') {
		rc = 0;		/* `status` says that it is too large */
		goto out;
	}
	/* Of what has the form of trine's, whose writer may have had it, the entries may
	 * have been received, and what is above the marker line says nothing. */
	if (v->how == HAND_RETIRED && v->since[0] == '\0')
		keep_parts(&v->bytes, v->name, is_loose);
	else if (v->known)
		hand_drop_entries(&v->bytes, v->name);
	for (size_t i = 0; i < version.parents; i++) {
		if (v->known)
			hand_drop_entries(&bytes[i], v->name);
		parent[i] = span_of(&bytes[i]);
	}
	version.bytes = span_of(&v->bytes);
	if (find_copied(v, path, parent, version.parents, err) == -1)
		goto out;
	hand_read(&version, &news);
	if (v->failure.code != ERR_NONE) {
		*err = v->failure;
		goto out;
	}
	if (v->how == HAND_AGAIN || take_news(v, &news, err) == 0)
		rc = record_version(v, err);
out:
	hand_release(&news);
	for (size_t i = 0; i < PARENTS_READ; i++)
		buf_release(&bytes[i]);
	return rc;
}

static int is_lost(struct hand_reader *r, const struct commit_info *info,
		   struct stream_name name, bool *out, struct error *err)
{
	/* what was said in that very second may have been received, too */
	*out = r->lost_before > 0 && info->time <= r->lost_before;
	return *out || r->went_back ? 0 : is_below_said(r, info->oid.hex, name, out, err);
}

int hand_read_stream(struct hand_reader *r, const struct commit_info *info,
		     struct stream_name name, const struct list *parents,
		     enum hand_reading how, struct error *err)
{
	struct version v = { .r = r, .info = info, .name = name, .how = how,
			     .since = parents->count > 0 ? parents->item[0] : "",
			     .bytes = BUF_INIT, .failure = ERROR_INIT };
	int rc;

	v.known = name.from != END_HUMAN && r->has_trine[name.from];
	v.below = repo_ancestors(r->c->repo, info->oid.hex);
	v.before = repo_ancestors(r->c->repo, v.since);
	rc = is_lost(r, info, name, &v.lost, err);
	if (rc == 0)
		rc = read_version(&v, parents, err);
	buf_release(&v.bytes);
	copied_release(&v.copied);
	repo_ancestors_free(v.below);
	repo_ancestors_free(v.before);
	free(v.line);
	return rc;
}
