/*
 * Step radar: other branches of the remote than the fleet's.
 *
 * An agent may be able to push to a branch of its own only, and what it says
 * there waits for somebody to merge it: `status` shows that it does. Which
 * branches there are comes with each fetch; one whose tip was not looked at is
 * brought into a repository beside ours, read, and noted in the log.
 *
 * These branches are somebody else's: nothing about them fails a cycle. One that
 * cannot be fetched is tried alone, a few times; one that cannot be read is left
 * alone until it changes; both are shown.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mem.h"

enum {
	RADAR_MS = 20 * 1000,	/* no new branch after this, of one cycle */
	LOOK_MS = 10 * 1000,	/* at one of them */
	WHY_TEXT = 240
};

struct radar {
	struct cycle *c;
	struct branch *known;		/* by name */
	size_t known_count;
	struct in_stream *in;
	size_t in_count;
	struct head *due;		/* names are the remote's */
	size_t due_count, due_cap;
	size_t failed;			/* of these, the last ones: tried before */
	int64_t began;
};

static int64_t spent(const struct radar *r)
{
	struct clock *clock = r->c->world->clock;

	return clock->steady(clock) - r->began;
}

/* --- which ones --- */

static int by_name(const void *name, const void *branch)
{
	return strcmp(name, ((const struct branch *)branch)->name);
}

static struct branch *find_known(const struct radar *r, const char *name)
{
	return r->known_count == 0 ? NULL :
	       bsearch(name, r->known, r->known_count, sizeof(*r->known),
		       by_name);
}

static bool is_another(const struct radar *r, const struct head *head)
{
	return strcmp(head->name, r->c->branch) != 0 &&
	       text_is_utf8(head->name, strlen(head->name));
}

static bool has_failed(const struct branch *known, const struct head *head)
{
	return known != NULL && strcmp(known->failed, head->tip.hex) == 0;
}

static bool is_to_be_taken(const struct radar *r, const struct head *head)
{
	return settings_takes(&r->c->home->settings, head->name);
}

static bool is_due(const struct radar *r, const struct head *head)
{
	const struct branch *known = find_known(r, head->name);

	if (!is_another(r, head))
		return false;
	if (known == NULL)
		return true;
	if (has_failed(known, head))
		return known->failures < BRANCH_TRIES;
	return strcmp(known->tip, head->tip.hex) != 0 ||
	       (!known->taken && known->why[0] == '\0' &&
		is_to_be_taken(r, head));
}

static void add_due(struct radar *r, bool failed)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++) {
		const struct head *head = &heads->item[i];

		if (!is_due(r, head) ||
		    has_failed(find_known(r, head->name), head) != failed)
			continue;
		ARRAY_GROW(r->due, r->due_count, r->due_cap);
		r->due[r->due_count++] = *head;
		r->due[r->due_count - 1].why = NULL;
		r->failed += failed;
	}
}

static int radar_start(struct radar *r, struct cycle *c, struct error *err)
{
	*r = (struct radar){ .c = c };
	r->began = c->world->clock->steady(c->world->clock);
	if (view_branches(c->store, &r->known, &r->known_count, err) == -1)
		return -1;
	add_due(r, false);
	add_due(r, true);
	return 0;
}

static void radar_stop(struct radar *r)
{
	for (size_t i = 0; i < r->due_count; i++)
		free(r->due[i].why);
	free(r->due);
	free(r->in);
	branches_free(r->known, r->known_count);
}

static bool is_there(const struct radar *r, const char *name)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->item[i].name, name) == 0)
			return is_another(r, &heads->item[i]);
	return heads->cut;	/* who knows */
}

static int open_beside(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "radar.git");
	int rc = 0;

	if (c->beside == NULL)
		rc = repo_open_beside(&c->beside, path, c->repo, err);
	/* what the remote need not send */
	if (rc == 0)
		rc = repo_ref_set(c->beside, "refs/trine/base", c->tip.hex, err);
	free(path);
	return rc;
}

/* What it brought is of no use any more, if that is known here. */
static void drop_ref(struct cycle *c, const char *branch)
{
	struct error ignored = ERROR_INIT;
	char ref[BESIDE_REF];

	if (open_beside(c, &ignored) == 0)
		repo_ref_set(c->beside, repo_beside_ref(branch, ref), "",
			     &ignored);
}

/* A list without the fleet's own branch is none to conclude from. */
static bool is_complete(const struct radar *r)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->item[i].name, r->c->branch) == 0)
			return true;
	return false;
}

static int forget_gone(struct radar *r, struct error *err)
{
	struct cycle *c = r->c;
	bool any = false;

	if (!is_complete(r))
		return 0;
	for (size_t i = 0; i < r->known_count; i++) {
		if (is_there(r, r->known[i].name))
			continue;
		if (!any && cycle_begin(c, err) == -1)
			return -1;
		any = true;
		drop_ref(c, r->known[i].name);
		if (record_branch_gone(c->store, r->known[i].name, err) == -1)
			return -1;
	}
	return any ? cycle_end(c, err) : 0;
}

/* --- what of them is news --- */

/* The branch that is looked at. */
struct look {
	struct radar *r;
	const struct head *head;
	int64_t until;
	struct branch_news news[LIMIT_BESIDE_NEWS];
	size_t count;
	char why[WHY_TEXT];	/* something of it cannot be read */
	struct hand_reader hand;	/* of one that is taken */
};

/* One version of one file. */
struct version {
	struct look *look;
	const struct commit_info *info;
	const char *path;
	struct path_info what;
	struct buf bytes;
	struct line_counts *old;	/* of each parent, and of the fleet's branch */
	size_t olds;
	struct hand_known line;	/* the longest that is news */
	size_t longest;
	struct error *err;
};

static bool is_to_us(const struct cycle *c, const struct path_info *p)
{
	int me = c->me.number;

	if (p->kind == PATH_STATUS)
		return p->computer != me;
	return (p->kind == PATH_STREAM || p->kind == PATH_HUMAN) &&
	       p->stream.from != me &&
	       (p->stream.to == me || p->stream.to == END_ALL);
}

/* Does the log know it, or the fleet's branch hold it? */
static int is_known_line(struct cycle *c, const struct path_info *p,
			 const struct hand_known *line, bool *out,
			 struct error *err)
{
	struct hand_known known = *line;

	*out = false;
	if (p->kind == PATH_STATUS)
		return 0;
	if (view_hand_line(c->store, p->stream, &known, err) == -1)
		return -1;
	*out = known.most >= line->most;
	return 0;
}

static int judge_line(void *arg, struct span text, size_t count)
{
	struct version *v = arg;
	struct hand_known line = { .most = count };
	bool known;

	hand_digest(text, line.digest);
	for (size_t i = 0; i < v->olds; i++)
		if (line_counts_of(&v->old[i], line.digest) >= count)
			return 0;
	if (text.len < v->longest)
		return 0;
	if (is_known_line(v->look->r->c, &v->what, &line, &known, v->err) == -1)
		return -1;
	if (!known) {
		v->line = line;
		v->longest = text.len;
	}
	return 0;
}

static void add_news(struct version *v, uint64_t seq)
{
	struct look *look = v->look;
	struct branch_news *news = &look->news[look->count++];
	int64_t time = v->info->time;

	if (time < 0 || time > look->r->c->now)
		time = look->r->c->now;
	*news = (struct branch_news){ .branch = xstrdup(look->head->name),
				      .path = xstrdup(v->path), .time = time,
				      .seq = seq };
	if (seq == 0)
		news->line = v->line;
	memcpy(news->commit, v->info->oid.hex, sizeof(news->commit));
}

static uint64_t taken_upto(const struct radar *r, struct stream_name name)
{
	for (size_t i = 0; i < r->in_count; i++)
		if (r->in[i].name.from == name.from &&
		    r->in[i].name.to == name.to)
			return r->in[i].upto;
	return 0;
}

/* The lowest number over ABOVE that never came here; 0 if there is none. */
static int find_number(struct cycle *c, struct span bytes,
		       struct stream_name name, uint64_t above, uint64_t *out,
		       struct error *err)
{
	struct stream_file f = { 0 };
	enum number_state state;
	int rc = 0;

	*out = 0;
	stream_parse(bytes, name, false, &f);
	for (size_t i = 0; i < f.count && *out == 0 && rc == 0; i++) {
		if (f.part[i].kind != PART_MESSAGE ||
		    f.part[i].message.seq <= above)
			continue;
		rc = view_number(c->store, name, f.part[i].message.seq, &state,
				 NULL, NULL, err);
		if (state == NUMBER_UNKNOWN)
			*out = f.part[i].message.seq;
	}
	stream_file_release(&f);
	return rc;
}

static int judge_entries(struct version *v)
{
	struct look *look = v->look;
	uint64_t above = taken_upto(look->r, v->what.stream), seq;

	for (size_t i = 0; i < look->count; i++)
		if (strcmp(look->news[i].path, v->path) == 0 &&
		    look->news[i].seq > above)
			above = look->news[i].seq;
	if (find_number(look->r->c, span_of(&v->bytes), v->what.stream, above,
			&seq, v->err) == -1)
		return -1;
	if (seq > 0)
		add_news(v, seq);
	return 0;
}

static int judge_lines(struct version *v)
{
	int rc = hand_each_line(span_of(&v->bytes), judge_line, v);

	if (rc == 0 && v->line.digest[0] != '\0')
		add_news(v, 0);
	return v->err->code == ERR_NONE ? 0 : -1;
}

static int read_old(struct version *v, const char *commit,
		    struct line_counts *out)
{
	struct buf bytes = BUF_INIT;
	struct oid oid;
	bool found;
	int rc = history_read(v->look->r->c, commit, v->path, &bytes, &oid,
			      &found, v->err);

	if (rc == 0 && found && v->what.kind == PATH_STREAM)
		hand_drop_entries(&bytes, v->what.stream);
	if (rc == 0 && found)
		line_counts_read(out, span_of(&bytes));
	buf_release(&bytes);
	return rc;
}

static int read_olds(struct version *v, const struct list *parents)
{
	v->old = xcalloc(parents->count + 1, sizeof(*v->old));
	v->olds = parents->count + 1;
	for (size_t i = 0; i < parents->count; i++)
		if (read_old(v, parents->item[i], &v->old[i]) == -1)
			return -1;
	return read_old(v, v->look->r->c->tip.hex, &v->old[parents->count]);
}

static int judge_version(struct version *v, const struct list *parents)
{
	struct oid oid;
	bool found;

	if (history_read(v->look->r->c, v->info->oid.hex, v->path, &v->bytes,
			 &oid, &found, v->err) == -1)
		return -1;
	if (!found && oid.hex[0] != '\0')
		snprintf(v->look->why, sizeof(v->look->why), "%s in %.10s is "
			 "no text, or too large", v->path, v->info->oid.hex);
	if (!found)
		return 0;
	if (v->what.kind == PATH_STREAM) {
		size_t before = v->look->count;

		if (judge_entries(v) == -1)
			return -1;
		if (v->look->count > before)
			return 0;
		hand_drop_entries(&v->bytes, v->what.stream);
	}
	return read_olds(v, parents) == -1 ? -1 : judge_lines(v);
}

static int judge_path(struct look *look, const struct commit_info *info,
		      const char *path, const struct list *parents,
		      struct error *err)
{
	struct version v = { .look = look, .info = info, .path = path,
			     .what = path_classify(path), .bytes = BUF_INIT,
			     .err = err };
	int rc = judge_version(&v, parents);

	for (size_t i = 0; i < v.olds; i++)
		line_counts_release(&v.old[i]);
	free(v.old);
	buf_release(&v.bytes);
	return rc;
}

struct changed {
	struct cycle *c;
	struct list to_us;
	bool any;
};

static int note_changed(void *arg, const char *path, const char *old_oid,
			const char *new_oid, enum entry_kind kind)
{
	struct changed *changed = arg;
	struct path_info p = path_classify(path);

	(void)old_oid;
	changed->any = true;
	if (kind == ENTRY_FILE && new_oid[0] != '\0' && is_to_us(changed->c, &p))
		list_add(&changed->to_us, path);
	return 0;
}

static int check_time(struct look *look, struct error *err)
{
	if (spent(look->r) <= look->until)
		return 0;
	return error_set(err, ERR_DATA, "it takes too long to look at");
}

static int look_at_commit(void *arg, const char *oid, struct error *err)
{
	struct look *look = arg;
	struct cycle *c = look->r->c;
	struct changed changed = { .c = c, .to_us = LIST_INIT };
	struct list parents = LIST_INIT;
	struct commit_info info = { 0 };
	bool cut;
	int rc = -1;

	if (check_time(look, err) == -1 ||
	    repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1 ||
	    repo_diff(c->repo, info.parent.hex, oid, cycle_prefix(c),
		      note_changed, &changed, &cut, err) == -1 ||
	    (changed.to_us.count > 0 &&
	     repo_parents(c->repo, oid, &parents, err) == -1))
		goto out;
	rc = 0;
	for (size_t i = 0; i < changed.to_us.count && rc == 0 &&
	     look->count < LIMIT_BESIDE_NEWS; i++)
		rc = judge_path(look, &info, changed.to_us.item[i], &parents,
				err);
out:
	list_release(&changed.to_us);
	list_release(&parents);
	commit_info_release(&info);
	return rc;
}

/* --- one that is read like the fleet's branch --- */

/* Only what touches the prefix, or may vouch for what is there, is read and
 * remembered: the rest says nothing on any branch. */
static int take_commit(void *arg, const char *oid, struct error *err)
{
	struct look *look = arg;
	struct cycle *c = look->r->c;
	struct changed changed = { .c = c, .to_us = LIST_INIT };
	struct commit_info info = { 0 };
	bool cut, known;
	int rc = -1;

	if (check_time(look, err) == -1 ||
	    view_beside(c->store, oid, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	if (repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1 ||
	    repo_diff(c->repo, info.parent.hex, oid, cycle_prefix(c),
		      note_changed, &changed, &cut, err) == -1)
		goto out;
	rc = 0;
	if (info.vouched && info.trailers.computer != c->me.number)
		rc = inbound_read(c, &info, err);
	if (rc == 0)
		rc = hand_meet(&look->hand, &info, err);
	if (rc == 0 && (changed.any || info.vouched))
		rc = record_beside(c->store, oid, err);
out:
	list_release(&changed.to_us);
	commit_info_release(&info);
	return rc;
}

/* What a clone before this one had received is not news (R29); it did not say
 * what it had read on other branches. */
static int take_commits(struct look *look, const struct list *hide,
			struct error *err)
{
	struct cycle *c = look->r->c;
	bool first = strcmp(c->me.why, "init") == 0;
	int rc;

	if (hand_start(&look->hand, c, err) == -1)
		return -1;
	look->hand.beside = true;
	look->hand.lost_before = first ? 0 : c->me.since;
	rc = repo_walk_some(c->repo, look->head->tip.hex, hide,
			    LIMIT_BESIDE_COMMITS, take_commit, look, err);
	hand_stop(&look->hand);
	return rc;
}

/* --- one branch --- */

static int look_at(struct look *look, struct error *err)
{
	struct cycle *c = look->r->c;
	const struct branch *known = find_known(look->r, look->head->name);
	bool take = is_to_be_taken(look->r, look->head);
	struct list hide = LIST_INIT;
	int rc;

	list_add(&hide, c->tip.hex);
	if (known != NULL && known->taken)
		list_add(&hide, known->tip);
	rc = take ? take_commits(look, &hide, err)
		  : repo_walk_some(c->repo, look->head->tip.hex, &hide,
				   LIMIT_BESIDE_COMMITS, look_at_commit, look,
				   err);
	list_release(&hide);
	if (rc == 0)
		rc = record_branch_looked(c->store, look->head->name,
					  look->head->tip.hex, take, look->why,
					  look->news, look->count, err);
	for (size_t i = 0; i < look->count; i++) {
		free(look->news[i].branch);
		free(look->news[i].path);
	}
	return rc;
}

static int record_unreadable(struct cycle *c, const struct head *head,
			     const char *why, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_branch_looked(c->store, head->name, head->tip.hex, false,
				 why, NULL, 0, err) == -1)
		return -1;
	return cycle_end(c, err);
}

static int record_failed(struct cycle *c, const struct head *heads,
			 size_t count, const char *why, struct error *err)
{
	if (cycle_begin(c, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (record_branch_failed(c->store, heads[i].name,
					 heads[i].tip.hex, why, err) == -1)
			return -1;
	return cycle_end(c, err);
}

/* Its commits are in the repository beside ours: that is the cycle's, as long as
 * they are looked at. */
static int read_branch(struct radar *r, const struct head *head,
		       struct error *err)
{
	struct look look = { .r = r, .head = head,
			     .until = spent(r) + LOOK_MS };
	struct error why = ERROR_INIT;
	struct cycle *c = r->c;
	struct repo *ours = c->repo;
	int rc;

	if (cycle_begin(c, err) == -1)
		return -1;
	c->repo = c->beside;
	c->aside = true;
	rc = look_at(&look, &why);
	c->aside = false;
	c->repo = ours;
	if (rc == 0) {
		cycle_checkpoint(c, "radar");
		return cycle_end(c, err);
	}
	store_abort(c->store);
	if (why.code == ERR_DATA || why.code == ERR_NOTFOUND)
		return record_unreadable(c, head, why.text, err);
	return record_failed(c, head, 1, why.text, err);
}

static int read_brought(struct radar *r, struct head *heads, size_t count,
			struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0 && spent(r) < RADAR_MS; i++) {
		if (heads[i].why != NULL)
			rc = record_unreadable(r->c, &heads[i], heads[i].why,
					       err);
		else if (heads[i].tip.hex[0] != '\0')
			rc = read_branch(r, &heads[i], err);
	}
	return rc;
}

/* Of several that cannot be fetched one may be at fault: each is tried alone,
 * in the cycles that follow. */
static int bring_some(struct radar *r, struct head *heads, size_t count,
		      struct error *err)
{
	struct remote *remote = r->c->world->remote;
	struct error why = ERROR_INIT;
	struct oid *asked = xcalloc(count, sizeof(*asked));
	int rc;

	for (size_t i = 0; i < count; i++)
		asked[i] = heads[i].tip;
	rc = remote->bring(remote, r->c->beside, heads, count, &why);
	if (rc == 0) {
		cycle_checkpoint(r->c, "brought");
		rc = read_brought(r, heads, count, err);
	} else {
		for (size_t i = 0; i < count; i++)
			heads[i].tip = asked[i];
		cycle_say(r->c, "%zu other branches cannot be fetched: %s",
			  count, why.text);
		rc = record_failed(r->c, heads, count, why.text, err);
	}
	free(asked);
	return rc;
}

static int look_at_due(struct radar *r, struct error *err)
{
	size_t fresh = r->due_count - r->failed;
	struct error why = ERROR_INIT;

	if (r->due_count == 0)
		return 0;
	if (open_beside(r->c, &why) == -1) {
		cycle_say(r->c, "no other branch can be looked at: %s", why.text);
		return 0;
	}
	if (view_in_streams(r->c->store, &r->in, &r->in_count, err) == -1)
		return -1;
	if (fresh > 0)
		return bring_some(r, r->due, fresh < LIMIT_BESIDE ? fresh :
				  LIMIT_BESIDE, err);
	for (size_t i = 0; i < r->due_count && spent(r) < RADAR_MS; i++)
		if (bring_some(r, &r->due[i], 1, err) == -1)
			return -1;
	return 0;
}

/* --- what has come to the fleet's branch since --- */

static int is_on_tip(struct cycle *c, const struct branch_news *news, bool *out,
		     struct error *err)
{
	struct path_info what = path_classify(news->path);
	struct buf bytes = BUF_INIT;
	struct line_counts l = { 0 };
	struct oid oid;
	bool found;
	int rc = history_read(c, c->tip.hex, news->path, &bytes, &oid, &found,
			      err);

	if (rc == 0 && found && news->seq > 0) {
		struct messages there = { 0 };

		history_take(span_of(&bytes), what.stream, news->seq - 1, &there);
		messages_sort(&there);
		*out = there.count > 0 && there.item[0].seq == news->seq;
		messages_release(&there);
	} else if (rc == 0 && found) {
		line_counts_read(&l, span_of(&bytes));
		*out = line_counts_of(&l, news->line.digest) >= news->line.most;
	}
	line_counts_release(&l);
	buf_release(&bytes);
	return rc;
}

static int is_over(struct cycle *c, const struct branch_news *news, bool *out,
		   struct error *err)
{
	struct path_info what = path_classify(news->path);
	enum number_state state;

	*out = false;
	if (news->seq > 0) {
		if (view_number(c->store, what.stream, news->seq, &state, NULL,
				NULL, err) == -1)
			return -1;
		*out = state != NUMBER_UNKNOWN;
	} else if (is_known_line(c, &what, &news->line, out, err) == -1) {
		return -1;
	}
	return *out ? 0 : is_on_tip(c, news, out, err);
}

static int settle(struct cycle *c, struct error *err)
{
	struct branch_news *l = NULL;
	size_t count = 0;
	bool over, any = false;
	int rc = view_branch_news(c->store, &l, &count, err);

	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = is_over(c, &l[i], &over, err);
		if (rc == -1 || !over)
			continue;
		if (!any)
			rc = cycle_begin(c, err);
		any = true;
		if (rc == 0)
			rc = record_branch_settled(c->store, &l[i], err);
	}
	branch_news_free(l, count);
	return rc == 0 && any ? cycle_end(c, err) : rc;
}

bool radar_open(struct cycle *c)
{
	struct remote *remote = c->world->remote;
	struct error ignored = ERROR_INIT;

	if (c->beside == NULL && (remote == NULL || c->tip.hex[0] == '\0' ||
				  open_beside(c, &ignored) == -1))
		return false;
	/* what is near is not copied, but read where it is */
	return remote->far ||
	       remote->bring(remote, c->beside, NULL, 0, &ignored) == 0;
}

/* --- the step --- */

int radar_is_due(struct cycle *c, bool *out, struct error *err)
{
	struct radar r;
	int rc = radar_start(&r, c, err);

	*out = rc == 0 && r.due_count > 0;
	radar_stop(&r);
	return rc;
}

/* A new clone first comes back (R29); what it says then is accepted. */
int step_radar(struct cycle *c, struct error *err)
{
	struct radar r;
	int rc = -1;

	if (!c->online || c->looked || c->stopped || !c->me.accepted ||
	    c->options->dry_run || c->tip.hex[0] == '\0')
		return 0;
	c->looked = true;
	if (radar_start(&r, c, err) == 0 && forget_gone(&r, err) == 0 &&
	    (!c->moved || settle(c, err) == 0))
		rc = look_at_due(&r, err);
	radar_stop(&r);
	return rc;
}
