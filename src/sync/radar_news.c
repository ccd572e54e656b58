/*
 * What another branch holds for us that the fleet's branch lacks: numbers of
 * messages that never came here, lines that no version read before had. Radar
 * notes it in the log, and `status` shows it until it has come.
 */
#include "radar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

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

static int look_at_commit(void *arg, const char *oid, struct error *err)
{
	struct look *look = arg;
	struct cycle *c = look->r->c;
	struct look_changed changed = { .to_us = LIST_INIT };
	struct list parents = LIST_INIT;
	struct commit_info info = { 0 };
	int rc = -1;

	if (look_check_time(look, err) == -1 ||
	    repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1 ||
	    look_changes(look, &info, &changed, err) == -1 ||
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

int look_for_news(struct look *look, const struct list *hide, struct error *err)
{
	return repo_walk_some(look->r->c->repo, look->head->tip.hex, hide,
			      LIMIT_BESIDE_COMMITS, look_at_commit, look, err);
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

int radar_settle(struct cycle *c, struct error *err)
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
