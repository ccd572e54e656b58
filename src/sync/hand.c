/*
 * Streams to us whose writer has no trine: people, and agents that can only
 * push. Receive calls hand_meet for each new commit, ours too, since a line
 * typed on our own desk reaches the branch by our own commit (R4).
 *
 * What a commit adds to its parents is news, once, under an id made of that
 * commit (R9). All is recorded in the transaction that ends with the new
 * received.upto, or a mark on the way to it, so a commit is read wholly, or again.
 */
#include "hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mem.h"

/* --- what the reader knows --- */

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

/* What our newest status on the branch says was received of such streams: all of each
 * commit's name that is there, in place of its beginning. */
static int read_own_marks(struct cycle *c, struct receipt **out, size_t *count,
			  struct error *err)
{
	struct commit_info own = { 0 };
	struct status s = STATUS_INIT;
	bool found = false;
	int rc = -1;

	*out = NULL;
	*count = 0;
	if (own_newest(c, &own, err) == -1 ||
	    (own.vouched && identity_status_at(c, own.oid.hex, &s, &found, err) == -1))
		goto out;
	rc = 0;
	for (size_t i = 0; i < s.received_count && found && rc == 0; i++) {
		struct oid full;

		if (s.received[i].mark[0] == '\0')
			continue;
		rc = repo_find(c->repo, s.received[i].mark, &full, err);
		if (rc == -1 || full.hex[0] == '\0')
			continue;
		*out = xrealloc(*out, *count + 1, sizeof(**out));
		(*out)[*count] = s.received[i];
		memcpy((*out)[(*count)++].mark, full.hex, OID_HEX);
	}
out:
	status_release(&s);
	commit_info_release(&own);
	return rc;
}

int hand_went_back(struct hand_reader *r, struct error *err)
{
	r->went_back = r->c->me.accepted;
	return !r->went_back ? 0 :
	       read_own_marks(r->c, &r->said, &r->said_count, err);
}

int hand_start(struct hand_reader *r, struct cycle *c, struct error *err)
{
	*r = (struct hand_reader){
		.c = c, .has_trine = xcalloc(LIMIT_COMPUTERS + 1, 1) };
	if (note_trine(r, err) == 0 &&
	    (c->me.accepted ||
	     read_own_marks(c, &r->said, &r->said_count, err) == 0))
		return 0;
	hand_stop(r);
	return -1;
}

void hand_stop(struct hand_reader *r)
{
	free(r->has_trine);
	free(r->said);
	free(r->given);
	r->has_trine = NULL;
	r->said = NULL;
	r->given = NULL;
}

/* --- one commit --- */

/* Computer X was taken out of the fleet: what somebody wrote into its streams
 * since its last own commit waits for no owner any more. Where it has none, all waits that
 * was taken for trine's. */
static int meet_retired(struct hand_reader *r, const struct commit_info *info,
			int x, const char *newest, struct error *err)
{
	const int to[] = { r->c->me.number, END_ALL };
	struct list since = LIST_INIT;
	int rc = 0;

	if (newest[0] != '\0')
		list_add(&since, newest);
	for (size_t i = 0; i < ARRAY_LEN(to) && rc == 0; i++) {
		struct stream_name name = { x, to[i] };
		bool status, waited = true;

		if (newest[0] == '\0')
			rc = hand_is_claimed(r, info->oid.hex, name, &status,
					     &waited, err);
		if (rc == 0 && waited)
			rc = hand_read_stream(r, info, name, &since,
					      HAND_RETIRED, err);
	}
	list_release(&since);
	return rc;
}

/* Those that IS says are out of the fleet, and WAS does not. */
static int meet_all_retired(struct hand_reader *r, const struct commit_info *info,
			    const struct fleet *was, const struct fleet *is,
			    struct error *err)
{
	struct oid *newest = xcalloc(LIMIT_COMPUTERS + 1, sizeof(*newest));
	bool *retired = xcalloc(LIMIT_COMPUTERS + 1, sizeof(*retired));
	int rc;

	for (int x = 1; x <= LIMIT_COMPUTERS; x++)
		retired[x] = x != r->c->me.number && fleet_retired(is, x) &&
			     !fleet_retired(was, x);
	rc = newest_of_each(r->c, info->oid.hex, retired, newest, err);
	for (int x = 1; x <= LIMIT_COMPUTERS && rc == 0; x++)
		if (retired[x])
			rc = meet_retired(r, info, x, newest[x].hex, err);
	free(newest);
	free(retired);
	return rc;
}

static int meet_rules(struct hand_reader *r, const struct commit_info *info,
		      struct error *err)
{
	struct fleet was = FLEET_INIT, is = FLEET_INIT;
	struct oid old = { "" }, new = { "" };
	bool is_tree;
	int rc = -1;

	if (repo_lookup(r->c->repo, info->oid.hex, cycle_prefix(r->c),
			"fleet.yaml", &new, &is_tree, err) == -1 ||
	    (info->parent.hex[0] != '\0' &&
	     repo_lookup(r->c->repo, info->parent.hex, cycle_prefix(r->c),
			 "fleet.yaml", &old, &is_tree, err) == -1))
		return -1;
	if (strcmp(old.hex, new.hex) == 0)
		return 0;
	if (fleet_at(r->c, info->oid.hex, &is, err) == -1 ||
	    (info->parent.hex[0] != '\0' &&
	     fleet_at(r->c, info->parent.hex, &was, err) == -1))
		goto out;
	rc = meet_all_retired(r, info, &was, &is, err);
out:
	fleet_release(&was);
	fleet_release(&is);
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

static int list_to_us(struct cycle *c, const char *from, const char *commit,
		      struct list *out, struct error *err)
{
	static const char folder[] = "messages/";
	struct list paths = LIST_INIT;
	int rc = history_to_us(c, from, commit, &paths, err);

	list_release(out);
	for (size_t i = 0; i < paths.count && rc == 0; i++)
		if (strncmp(paths.item[i], folder, sizeof(folder) - 1) == 0)
			list_add(out, paths.item[i] + sizeof(folder) - 1);
	list_release(&paths);
	return rc;
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
	return rc == 0 && cut ? list_to_us(c, from, commit, out, err) : rc;
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

/* Each stream to us that INFO changes, against its parents. */
static int each_changed(struct hand_reader *r, const struct commit_info *info,
			enum hand_reading how, struct error *err)
{
	struct list names = LIST_INIT, parents = LIST_INIT;
	int rc = -1;

	if (list_changed(r->c, info->parent.hex, info->oid.hex, &names,
			 err) == -1 ||
	    (names.count > 0 &&
	     repo_parents(r->c->repo, info->oid.hex, &parents, err) == -1))
		goto out;
	rc = 0;
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *path = xasprintf("messages/%s", names.item[i]);
		struct path_info p = path_classify(path);
		bool by_hand = false;

		if (is_to_us(r, &p))
			rc = hand_is_by_hand(r, info, p.stream, &by_hand, err);
		if (rc == 0 && by_hand)
			rc = hand_read_stream(r, info, p.stream, &parents,
					      how, err);
		free(path);
	}
out:
	list_release(&names);
	list_release(&parents);
	return rc;
}

/* What waited for a writer whom INFO takes out comes first: INFO may have written
 * below it, and would have that version count as read. */
int hand_meet(struct hand_reader *r, const struct commit_info *info,
	      struct error *err)
{
	if (info->vouched)
		r->has_trine[info->trailers.computer] = true;
	r->given_count = 0;
	if (meet_rules(r, info, err) == -1)
		return -1;
	return each_changed(r, info, HAND_ADDED, err);
}

int hand_meet_again(struct hand_reader *r, const struct commit_info *info,
		    struct error *err)
{
	if (info->vouched)
		r->has_trine[info->trailers.computer] = true;
	return each_changed(r, info, HAND_AGAIN, err);
}

/* --- text that waits for its owner --- */

/* Of a computer that has a branch of its own the fleet's has what was merged last.
 * Is that all there is in version OID? */
static int is_old_version(struct cycle *c, const struct in_stream *l,
			  const char *oid, bool *out, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct stream_file f = { 0 };
	struct buf bytes = BUF_INIT;
	int rc = 0;

	*out = repo_blob_read(c->repo, oid, LIMIT_FILE, &bytes,
			      &unreadable) == 0;
	stream_parse(span_of(&bytes), l->name, false, &f);
	for (size_t i = 0; i < f.count && *out && rc == 0; i++) {
		const struct message *m = &f.part[i].message;
		char known[MESSAGE_DIGEST] = "", here[MESSAGE_DIGEST] = "";
		enum number_state state;

		if (f.part[i].kind == PART_MESSAGE) {
			rc = view_number(c->store, l->name, m->seq, &state,
					 known, NULL, err);
			message_digest(m, here);
			*out = rc == 0 && (strcmp(known, here) == 0 ||
					   (known[0] == '\0' &&
					    m->seq <= l->upto));
		} else {
			*out = f.part[i].kind == PART_PREAMBLE;
		}
	}
	stream_file_release(&f);
	buf_release(&bytes);
	return rc;
}

/* OID: the version that waits. */
static int is_waiting(struct cycle *c, const struct fleet *rules,
		      const struct in_stream *l, const char *path, struct oid *oid,
		      bool *out, struct error *err)
{
	bool is_tree, apart, old = false;

	*out = false;
	if (repo_lookup(c->repo, c->tip.hex, cycle_prefix(c), path, oid,
			&is_tree, err) == -1)
		return -1;
	if (l->blob[0] == '\0' || oid->hex[0] == '\0' ||
	    strcmp(oid->hex, l->blob) == 0 || fleet_retired(rules, l->name.from))
		return 0;
	if (view_beside_any(c->store, &apart, err) == -1 ||
	    (apart && is_old_version(c, l, oid->hex, &old, err) == -1))
		return -1;
	*out = !old;
	return 0;
}

static int report_waiting(struct cycle *c, const struct fleet *rules,
			  const struct in_stream *l, struct error *err)
{
	char path[PATH_TEXT], text[256];
	struct oid version;
	bool waiting;

	if (is_waiting(c, rules, l, path_stream(l->name, path), &version, &waiting,
		       err) == -1)
		return -1;
	if (!waiting)
		return record_problem_over(c->store, "waiting", path, err);
	/* whoever wrote that */
	if (!repo_blob_fits(c->repo, version.hex, LIMIT_FILE))
		return record_problem(c->store, "waiting", path, "has grown over 1 MiB, "
				      "which is too large to be read", err);
	snprintf(text, sizeof(text), "somebody else wrote into it; computer %d "
		 "keeps that under conflicts/ when it syncs. If trine is gone "
		 "there, `trine retire %d` has it read", l->name.from,
		 l->name.from);
	return record_problem(c->store, "waiting", path, text, err);
}

/* --- text that no commit of its writer vouches for --- */

struct unvouched {
	struct hand_reader r;
	const struct fleet *rules;
	const struct in_stream *known;	/* looked at above */
	size_t count;
	struct list paths;
};

static bool is_known(const struct unvouched *u, struct stream_name name)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->known[i].name.from == name.from &&
		    u->known[i].name.to == name.to)
			return true;
	return false;
}

/* A status in the form of trine's, and a stream in that form, of a computer that nobody
 * has heard of: an agent may have copied both, or a person may have squashed what it
 * said. */
static int is_unvouched(struct unvouched *u, const struct path_info *p, bool *out,
			struct error *err)
{
	int from = p->stream.from;
	bool status;

	*out = false;
	if (p->kind != PATH_STREAM || !is_to_us(&u->r, p) ||
	    is_known(u, p->stream) || u->r.has_trine[from] ||
	    fleet_retired(u->rules, from))
		return 0;
	return hand_is_claimed(&u->r, u->r.c->tip.hex, p->stream, &status, out,
			       err);
}

static int report_unvouched(struct unvouched *u, const char *path,
			    struct error *err)
{
	struct path_info p = path_classify(path);
	char text[256];
	bool waits;

	if (is_unvouched(u, &p, &waits, err) == -1)
		return -1;
	if (!waits)
		return 0;
	list_add(&u->paths, path);
	snprintf(text, sizeof(text), "has the form that trine writes, but is in no "
		 "commit of computer %d; if there is no trine, `trine retire %d` "
		 "has it read", p.stream.from, p.stream.from);
	return record_problem(u->r.c->store, "waiting", path, text, err);
}

/* Those that are no more. */
static int end_unvouched(struct unvouched *u, struct error *err)
{
	struct store *s = u->r.c->store;
	struct problem *l = NULL;
	size_t count = 0;
	int rc = view_problems_of(s, "waiting", &l, &count, err);

	for (size_t i = 0; i < count && rc == 0; i++) {
		struct path_info p = path_classify(l[i].key);

		if (!is_known(u, p.stream) && !list_has(&u->paths, l[i].key))
			rc = record_problem_over(s, "waiting", l[i].key, err);
	}
	problems_free(l, count);
	return rc;
}

static int report_all_unvouched(struct cycle *c, const struct fleet *rules,
				const struct in_stream *known, size_t count,
				struct error *err)
{
	struct unvouched u = { .rules = rules, .known = known, .count = count,
			       .paths = LIST_INIT };
	struct list names = LIST_INIT;
	int rc = hand_start(&u.r, c, err);

	if (rc == 0)
		rc = list_changed(c, "", c->tip.hex, &names, err);
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *path = xasprintf("messages/%s", names.item[i]);

		rc = report_unvouched(&u, path, err);
		free(path);
	}
	if (rc == 0)
		rc = end_unvouched(&u, err);
	hand_stop(&u.r);
	list_release(&names);
	list_release(&u.paths);
	return rc;
}

int hand_report_waiting(struct cycle *c, struct error *err)
{
	struct fleet rules = FLEET_INIT;
	struct in_stream *l = NULL;
	size_t count = 0;
	int rc = -1;

	if (fleet_at(c, c->tip.hex, &rules, err) == -1 ||
	    view_in_streams(c->store, &l, &count, err) == -1)
		goto out;
	rc = report_all_unvouched(c, &rules, l, count, err);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = report_waiting(c, &rules, &l[i], err);
out:
	fleet_release(&rules);
	free(l);
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
					      HAND_NEW, l.item, l.count, err);
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
static int read_since(struct hand_reader *r, const char *walk,
		      const char *start, struct error *err)
{
	bool begun;

	if (portions_begun(r->c, walk, &begun, err) == -1 ||
	    (!begun && take_as_read(r, start, err) == -1))
		return -1;
	return portions_walk(r->c, walk, start, meet_commit, r, err);
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
	if (read_since(&r, "direct", direct, err) == -1 ||
	    record_reading(c->store, "direct", c->tip.hex, err) == -1)
		goto out;
	r.direct_only = false;
	r.all_only = true;
	rc = read_since(&r, "all", repo_has(c->repo, all) ? all : c->tip.hex,
			err);
out:
	hand_stop(&r);
	return rc;
}
