/*
 * Streams to us whose writer has no trine: people, and agents that can only
 * push. Receive calls hand_meet for each new commit, ours too, since a line
 * typed on our own desk reaches the branch by our own commit (R4).
 *
 * What a commit adds to its parents is news, once, under an id made of that
 * commit (R9). All is recorded in the transaction that ends with the new
 * received.upto, so a commit is read wholly, or again.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mem.h"
#include "trine/yaml.h"

enum { MONTH = 30 * 86400, COMMIT_IN_ID = 10 };

/* --- whose stream is written by hand? --- */

static int note_trine(struct hand_reader *r, struct error *err)
{
	struct in_stream *in = NULL;
	struct peer *peer = NULL;
	size_t ins = 0, peers = 0;
	int rc = -1;

	if (view_in_streams(r->c->store, &in, &ins, err) == -1 ||
	    view_peers(r->c->store, &peer, &peers, err) == -1)
		goto out;
	for (size_t i = 0; i < ins; i++)
		if (in[i].name.from > 0)
			r->has_trine[in[i].name.from] = true;
	for (size_t i = 0; i < peers; i++)
		r->has_trine[peer[i].computer] = true;
	rc = 0;
out:
	free(in);
	peers_free(peer, peers);
	return rc;
}

/* What our own status on the branch says was received, while we are a clone
 * whose log may not know it. */
static int note_lost(struct hand_reader *r, struct error *err)
{
	struct commit_info own = { 0 };
	struct status s = STATUS_INIT;
	bool found = false;
	int rc = -1;

	if (r->c->me.accepted)
		return 0;
	if (newest_of(r->c, r->c->tip.hex, r->c->me.number, &own, err) == -1 ||
	    (own.vouched && identity_status_at(r->c, own.oid.hex, &s, &found,
					       err) == -1))
		goto out;
	rc = 0;
	for (size_t i = 0; i < s.received_count && found && rc == 0; i++) {
		struct oid full;

		if (s.received[i].mark[0] == '\0')
			continue;
		rc = repo_find(r->c->repo, s.received[i].mark, &full, err);
		if (rc == -1 || full.hex[0] == '\0')
			continue;
		r->lost = xrealloc(r->lost, r->lost_count + 1, sizeof(*r->lost));
		r->lost[r->lost_count] = s.received[i];
		memcpy(r->lost[r->lost_count++].mark, full.hex, OID_HEX);
	}
out:
	status_release(&s);
	commit_info_release(&own);
	return rc;
}

int hand_start(struct hand_reader *r, struct cycle *c, struct error *err)
{
	*r = (struct hand_reader){
		.c = c, .has_trine = xcalloc(LIMIT_COMPUTERS + 1, 1),
		.rules = FLEET_INIT };
	if (note_trine(r, err) == 0 && note_lost(r, err) == 0)
		return 0;
	hand_stop(r);
	return -1;
}

void hand_stop(struct hand_reader *r)
{
	free(r->has_trine);
	free(r->lost);
	fleet_release(&r->rules);
	r->has_trine = NULL;
	r->lost = NULL;
}

/* Rules that cannot be read retire nobody. */
static int is_retired(struct hand_reader *r, const char *commit, int computer,
		      bool *out, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	struct oid oid;
	bool found;

	if (history_read(r->c, commit, "fleet.yaml", &bytes, &oid, &found,
			 err) == -1)
		return -1;
	if (strcmp(oid.hex, r->rules_oid) != 0) {
		fleet_release(&r->rules);
		r->rules = (struct fleet)FLEET_INIT;
		memcpy(r->rules_oid, oid.hex, OID_HEX);
		if (found && fleet_parse(span_of(&bytes), &r->rules,
					 &unreadable) == -1) {
			fleet_release(&r->rules);
			r->rules = (struct fleet)FLEET_INIT;
		}
	}
	*out = fleet_retired(&r->rules, computer);
	buf_release(&bytes);
	return 0;
}

/* A status as trine writes it speaks of trine too, where a person has squashed
 * the commit that did. */
static int has_status(struct cycle *c, const struct commit_info *info,
		      int computer, bool *out, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;
	bool found;
	int rc = history_read(c, info->oid.hex, path_status(computer, path),
			      &bytes, &oid, &found, err);

	*out = rc == 0 && found &&
	       status_parse(span_of(&bytes), &s, &unreadable) == 0;
	status_release(&s);
	buf_release(&bytes);
	return rc;
}

/* Has its writer trine, as far as INFO and what is below it say? */
static int is_with_trine(struct hand_reader *r, const struct commit_info *info,
			 int computer, bool *out, struct error *err)
{
	struct commit_info newest = { 0 };

	if (has_status(r->c, info, computer, out, err) == -1)
		return -1;
	if (*out || !r->has_trine[computer])
		return 0;
	if (newest_of(r->c, info->oid.hex, computer, &newest, err) == -1)
		return -1;
	*out = newest.oid.hex[0] != '\0';
	commit_info_release(&newest);
	return 0;
}

/* People have none, a computer until its first trine commit in this ancestry
 * (R10), and again when it was taken out of the fleet. */
static int is_by_hand(struct hand_reader *r, const struct commit_info *info,
		      int computer, bool *out, struct error *err)
{
	bool with_trine;

	*out = computer == END_HUMAN;
	if (*out || (info->vouched && info->trailers.computer == computer))
		return 0;
	if (is_retired(r, info->oid.hex, computer, out, err) == -1)
		return -1;
	if (*out)
		return 0;
	if (is_with_trine(r, info, computer, &with_trine, err) == -1)
		return -1;
	*out = !with_trine;
	return 0;
}

/* --- one version of one stream --- */

/* One of its lines: what the log knows of it, and how often a parent has it. */
struct version_line {
	struct hand_known known;
	size_t in_parent;
};

struct version {
	struct hand_reader *r;
	const struct commit_info *info;
	struct stream_name name;
	struct buf bytes;
	bool known;		/* as one with trine: its entries count where it
				 * vouches for them, and not here (R5) */
	bool hidden;		/* what a parent has cannot be read */
	bool lost;		/* received by the clone before us */
	struct version_line *line;	/* in the order of hand_each_line */
	size_t count, cap, looked;
	char last_known[OID_HEX];	/* the commit asked for last, */
	bool last_below;		/* and whether it is an ancestor */
	struct error failure;
};

/* Is the commit that added the line last below this one? */
static bool is_below(struct version *v, const char *commit)
{
	struct error *err = &v->failure;

	if (strcmp(v->last_known, commit) == 0 || err->code != ERR_NONE)
		return v->last_below;
	memcpy(v->last_known, commit, OID_HEX);
	v->last_below = false;
	if (repo_has(v->r->c->repo, commit) &&
	    strcmp(commit, v->info->oid.hex) != 0)
		repo_descends(v->r->c->repo, v->info->oid.hex, commit,
			      &v->last_below, err);
	return v->last_below;
}

/* Said again, or come again by another way? A line that a commit below this one
 * brought was seen by whoever wrote this one: a person who writes it means it,
 * a program has merged it. One from another branch, or from before history was
 * rewritten, is the same line. */
static bool is_said_again(struct version *v, const struct hand_known *known)
{
	if (known->commit[0] == '\0')
		return true;
	return !v->info->vouched && !v->hidden && is_below(v, known->commit);
}

/* Lines are asked for in the order in which hand_each_line has them. */
static size_t count_old(void *arg, struct span text, size_t in_parent)
{
	struct version *v = arg;
	struct version_line *line;

	ARRAY_GROW(v->line, v->count, v->cap);
	line = &v->line[v->count++];
	*line = (struct version_line){ .in_parent = in_parent };
	hand_digest(text, line->known.digest);
	if (v->failure.code == ERR_NONE)
		view_hand_line(v->r->c->store, v->name, &line->known,
			       &v->failure);
	if (is_said_again(v, &line->known) || line->known.most < in_parent)
		return in_parent;
	return line->known.most;
}

struct added {
	struct version *v;
	struct hand_known *line;
	size_t count;
};

static int note_added(void *arg, struct span text, size_t count)
{
	struct added *added = arg;
	struct version_line *line = &added->v->line[added->v->looked++];

	(void)text;
	if (count > line->in_parent) {
		line->known.most = count;
		added->line[added->count++] = line->known;
	}
	return 0;
}

static int record_version(struct version *v, struct error *err)
{
	struct added added = { .v = v, .line = xcalloc(v->count + 1,
						       sizeof(*added.line)) };
	int rc = 0;

	hand_each_line(span_of(&v->bytes), note_added, &added);
	if (added.count > 0)
		rc = record_hand_read(v->r->c->store, v->name,
				      v->info->oid.hex, added.line,
				      added.count, err);
	free(added.line);
	return rc;
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

/* A changed item of which no task is open: of one that ended, or that was there
 * before the fleet had trine. Another title is a new task. */
static int take_changed(struct version *v, struct hand_part *part, size_t n,
			struct error *err)
{
	char id[MESSAGE_ID];
	bool started;

	if (view_hand_task(v->r->c->store, v->name, part->was, id, &started,
			   err) == -1)
		return -1;
	if (id[0] != '\0')
		return started ? tell_change(v, &part->message, id, n, err)
			       : amend(v, part, id, err);
	if (part->known)
		return 0;
	if (strcmp(part->was, part->message.title) == 0)
		part->message.type = TYPE_MESSAGE;
	return take(v, &part->message, n, err);
}

/* A ticked task is done, whoever had it; one that was deleted is only taken
 * back while nobody has started. A file that is gone takes nothing back. */
static int end_task(struct version *v, const struct hand_part *part,
		    struct error *err)
{
	bool ticked = part->kind == HAND_TICKED, started;
	char id[MESSAGE_ID], file[STREAM_NAME], why[64];

	if (v->r->again || (!ticked && v->count == 0))
		return 0;
	if (view_hand_task(v->r->c->store, v->name, part->was, id, &started,
			   err) == -1)
		return -1;
	if (id[0] == '\0' || (started && !ticked))
		return 0;
	snprintf(why, sizeof(why), "%s in %s", ticked ? "ticked" : "deleted",
		 stream_name_format(v->name, file));
	return record_ended(v->r->c->store, id, ticked ? "COMPLETED" : "FAILED",
			    why, err);
}

static int take_part(struct version *v, struct hand_part *part, size_t n,
		     struct error *err)
{
	switch (part->kind) {
	case HAND_MESSAGE:
	case HAND_TASK:
		return take(v, &part->message, n, err);
	case HAND_CHANGED:
		return take_changed(v, part, n, err);
	case HAND_TICKED:
	case HAND_DELETED:
		break;
	}
	return end_task(v, part, err);
}

static int take_news(struct version *v, struct hand_news *news,
		     struct error *err)
{
	for (size_t i = 0; i < news->count; i++)
		if (take_part(v, &news->part[i], i + 1, err) == -1)
			return -1;
	return 0;
}

static void drop_entries(struct buf *bytes, struct stream_name name)
{
	struct stream_file f = { 0 };
	struct buf rest = BUF_INIT;

	stream_parse(span_of(bytes), name, false, &f);
	for (size_t i = 0; i < f.count; i++)
		if (f.part[i].kind != PART_MESSAGE &&
		    f.part[i].kind != PART_BROKEN)
			buf_add(&rest, f.part[i].bytes.p, f.part[i].bytes.len);
	stream_file_release(&f);
	buf_release(bytes);
	*bytes = rest;
}

/* The same file in each parent; empty if there is none. One that is too large to
 * be read hides what was there: then a line read before is no news. */
static int read_parents(struct version *v, const char *path,
			const struct list *parents, struct buf *out,
			struct error *err)
{
	struct oid oid;
	bool found;

	for (size_t i = 0; i < parents->count; i++)
		if (history_read(v->r->c, parents->item[i], path, &out[i], &oid,
				 &found, err) == -1)
			return -1;
		else if (!found && oid.hex[0] != '\0')
			v->hidden = true;
	return 0;
}

static int read_version(struct version *v, const char *path,
			const struct list *parents, struct error *err)
{
	struct buf *bytes = xcalloc(parents->count + 1, sizeof(*bytes));
	struct span *parent = xcalloc(parents->count + 1, sizeof(*parent));
	char where[PATH_TEXT + 32];
	struct hand_version version = {
		.parent = parent, .parents = parents->count, .where = where,
		.people = v->name.from == END_HUMAN, .old = count_old, .arg = v };
	struct hand_news news = { 0 };
	struct oid oid;
	bool found;
	int rc = -1;

	for (size_t i = 0; i < parents->count; i++)
		buf_init(&bytes[i]);
	snprintf(where, sizeof(where), "%s in %.10s", path, v->info->oid.hex);
	if (read_parents(v, path, parents, bytes, err) == -1 ||
	    history_read(v->r->c, v->info->oid.hex, path, &v->bytes, &oid,
			 &found, err) == -1)
		goto out;
	if (!found && oid.hex[0] != '\0') {
		rc = 0;		/* `status` says that it is too large */
		goto out;
	}
	if (v->known)
		drop_entries(&v->bytes, v->name);
	for (size_t i = 0; i < parents->count; i++) {
		if (v->known)
			drop_entries(&bytes[i], v->name);
		parent[i] = span_of(&bytes[i]);
	}
	version.bytes = span_of(&v->bytes);
	hand_read(&version, &news);
	if (v->failure.code != ERR_NONE) {
		*err = v->failure;
		goto out;
	}
	if (take_news(v, &news, err) == 0)
		rc = record_version(v, err);
out:
	hand_release(&news);
	for (size_t i = 0; i < parents->count; i++)
		buf_release(&bytes[i]);
	free(bytes);
	free(parent);
	return rc;
}

/* --- one commit --- */

static int is_lost(struct hand_reader *r, const struct commit_info *info,
		   struct stream_name name, bool *out, struct error *err)
{
	*out = false;
	for (size_t i = 0; i < r->lost_count && !*out; i++)
		if (r->lost[i].stream.from == name.from &&
		    r->lost[i].stream.to == name.to &&
		    repo_descends(r->c->repo, r->lost[i].mark, info->oid.hex,
				  out, err) == -1)
			return -1;
	return 0;
}

static int meet_stream(struct hand_reader *r, const struct commit_info *info,
		       struct stream_name name, const char *path,
		       const struct list *parents, struct error *err)
{
	struct version v = { .r = r, .info = info, .name = name,
			     .bytes = BUF_INIT, .failure = ERROR_INIT };
	bool by_hand;
	int rc;

	v.known = name.from != END_HUMAN && r->has_trine[name.from];
	rc = is_by_hand(r, info, name.from, &by_hand, err);
	if (rc == 0 && by_hand)
		rc = is_lost(r, info, name, &v.lost, err);
	if (rc == 0 && by_hand)
		rc = read_version(&v, path, parents, err);
	buf_release(&v.bytes);
	free(v.line);
	return rc;
}

static int note_changed(void *arg, const char *path, const char *old_oid,
			const char *new_oid, enum entry_kind kind)
{
	(void)old_oid;
	(void)new_oid;
	if (kind == ENTRY_FILE)
		list_add(arg, path);
	return 0;
}

/* Paths below messages/ in which COMMIT differs from FROM. */
static int list_changed(struct cycle *c, const char *from, const char *commit,
			struct list *out, struct error *err)
{
	char *folder = xasprintf("%s/messages", cycle_prefix(c));
	bool cut;
	int rc = repo_diff(c->repo, from, commit, folder, note_changed, out,
			   &cut, err);

	free(folder);
	return rc;
}

static bool is_to_us(const struct hand_reader *r, const struct path_info *p)
{
	int to = p->stream.to;

	if (p->kind != PATH_STREAM && p->kind != PATH_HUMAN)
		return false;
	if (p->stream.from == r->c->me.number)
		return false;
	return (to == r->c->me.number && !r->all_only) ||
	       (to == END_ALL && !r->direct_only);
}

int hand_meet(struct hand_reader *r, const struct commit_info *info,
	      struct error *err)
{
	struct list names = LIST_INIT, parents = LIST_INIT;
	int rc = -1;

	if (info->vouched)
		r->has_trine[info->trailers.computer] = true;
	if (list_changed(r->c, info->parent.hex, info->oid.hex, &names,
			 err) == -1 ||
	    (names.count > 0 &&
	     repo_parents(r->c->repo, info->oid.hex, &parents, err) == -1))
		goto out;
	rc = 0;
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *path = xasprintf("messages/%s", names.item[i]);
		struct path_info p = path_classify(path);

		if (is_to_us(r, &p))
			rc = meet_stream(r, info, p.stream, path, &parents, err);
		free(path);
	}
out:
	list_release(&names);
	list_release(&parents);
	return rc;
}

/* --- first sight --- */

struct oldest {
	struct cycle *c;
	struct oid oid;		/* the oldest trine commit; none yet */
};

static int look_for_trine(void *arg, const char *oid, struct error *err)
{
	struct oldest *o = arg;
	struct commit_info info = { 0 };

	if (o->oid.hex[0] != '\0')
		return 0;
	if (repo_commit_read(o->c->repo, oid, cycle_prefix(o->c), &info,
			     err) == -1)
		return -1;
	if (info.vouched)
		o->oid = info.oid;
	commit_info_release(&info);
	return 0;
}

struct known_lines {
	struct hand_known *item;
	size_t count, cap;
};

static int count_here(void *arg, struct span line, size_t count)
{
	struct known_lines *l = arg;

	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count] = (struct hand_known){ .most = count };
	hand_digest(line, l->item[l->count++].digest);
	return 0;
}

/* What COMMIT has of the streams of R is no news any more. */
static int take_as_read(struct hand_reader *r, const char *commit,
			struct error *err)
{
	struct list names = LIST_INIT;
	int rc = list_changed(r->c, "", commit, &names, err);

	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *path = xasprintf("messages/%s", names.item[i]);
		struct path_info p = path_classify(path);
		struct known_lines l = { 0 };
		struct buf bytes = BUF_INIT;
		struct oid oid;
		bool found;

		if (is_to_us(r, &p))
			rc = history_read(r->c, commit, path, &bytes, &oid,
					  &found, err);
		hand_each_line(span_of(&bytes), count_here, &l);
		if (rc == 0 && l.count > 0)
			rc = record_hand_read(r->c->store, p.stream, commit,
					      l.item, l.count, err);
		buf_release(&bytes);
		free(l.item);
		free(path);
	}
	list_release(&names);
	return rc;
}

static int meet_commit(void *arg, const char *oid, struct error *err)
{
	struct hand_reader *r = arg;
	struct commit_info info = { 0 };
	int rc = repo_commit_read(r->c->repo, oid, cycle_prefix(r->c), &info,
				  err);

	if (rc == 0)
		rc = hand_meet(r, &info, err);
	commit_info_release(&info);
	return rc;
}

/* What was said of these streams after START is read, commit by commit. */
static int read_since(struct hand_reader *r, const char *start,
		      struct error *err)
{
	if (take_as_read(r, start, err) == -1)
		return -1;
	return repo_walk(r->c->repo, r->c->tip.hex, start, meet_commit, r, err);
}

int hand_join(struct cycle *c, struct error *err)
{
	struct oldest oldest = { .c = c };
	struct hand_reader r = { 0 };
	const char *direct, *all = c->marks.all_start;
	int rc = -1;

	if (repo_walk(c->repo, c->tip.hex, "", look_for_trine, &oldest,
		      err) == -1 || hand_start(&r, c, err) == -1)
		return -1;
	direct = oldest.oid.hex[0] != '\0' ? oldest.oid.hex : c->tip.hex;
	r.direct_only = true;
	if (read_since(&r, direct, err) == -1)
		goto out;
	r.direct_only = false;
	r.all_only = true;
	rc = read_since(&r, repo_has(c->repo, all) ? all : c->tip.hex, err);
out:
	hand_stop(&r);
	return rc;
}
