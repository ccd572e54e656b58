/*
 * This computer's status as the log has it, with what people wrote around it: rendered by
 * own.c with the streams.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/session.h"
#include "trine/store_alert.h"

/* A receipt for what is written by hand names the commit. Of a writer that got
 * trine since, its numbers count. */
static int fill_marks(struct cycle *c, struct status *s,
		      const struct in_stream *numbered, size_t numbers,
		      struct error *err)
{
	struct hand_stream *l = NULL;
	size_t count = 0;
	char mark[STATUS_MARK];

	if (view_hand_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool has_trine = false;

		for (size_t k = 0; k < numbers; k++)
			has_trine |= numbered[k].name.from == l[i].name.from &&
				     numbered[k].name.to == l[i].name.to;
		snprintf(mark, sizeof(mark), "%.10s", l[i].mark);
		if (!has_trine)
			status_add_mark(s, l[i].name, mark);
	}
	free(l);
	return 0;
}

static int fill_received(struct cycle *c, struct status *s, struct error *err)
{
	struct in_stream *l = NULL;
	size_t count = 0;
	int rc;

	if (view_in_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		status_add_received(s, l[i].name, l[i].upto);
	rc = fill_marks(c, s, l, count, err);
	free(l);
	return rc == 0 ? view_troubles(c->store, s, err) : -1;
}

static int count_queued(struct cycle *c, unsigned *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.queued = true;
	f.direction = DIRECTION_IN;
	f.brief = true;
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	*out = (unsigned)l.count;
	record_list_release(&l);
	return 0;
}

/* Of several that an instance works on, the first in the order of their streams. */
static void show_work(struct status_row *row, const struct record *r,
		      struct list *texts)
{
	char *text;

	row->load++;
	if (row->doing != NULL)
		return;
	text = xasprintf("%s %s", r->id, r->message.title);
	list_take(texts, text);
	row->doing = text;
}

static int fill_states(struct cycle *c, struct status_row *rows, struct error *err)
{
	const struct settings *set = &c->home->settings;
	struct instance_list l;

	if (set->instance_count == 0)
		return 0;
	if (instances_list(c->home, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < set->instance_count; i++) {
		struct instance_sum sum = instances_sum(&l, &set->instance[i],
							rows[i].load);

		rows[i].state = sum.state;
		rows[i].online = sum.online;
		rows[i].copies = sum.copies;
	}
	instance_list_release(&l);
	return 0;
}

/* Rows and TEXTS are the caller's to free. */
static int fill_table(struct cycle *c, struct status_table *table,
		      struct list *texts, struct error *err)
{
	const struct settings *set = &c->home->settings;
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	struct status_row *rows;

	f.at_work = true;
	f.brief = true;
	rows = xcalloc(set->instance_count, sizeof(*rows));
	table->row = rows;
	table->count = set->instance_count;
	for (size_t i = 0; i < table->count; i++)
		rows[i] = (struct status_row){
			.instance = set->instance[i].name, .state = "unknown",
			.capacity = (unsigned)settings_capacity(&set->instance[i]) };
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		table->running += l.item[i].message.type == TYPE_TASK;
		for (size_t k = 0; k < table->count; k++)
			if (l.item[i].instance != NULL &&
			    strcmp(l.item[i].instance,
				   rows[k].instance) == 0)
				show_work(&rows[k], &l.item[i], texts);
	}
	record_list_release(&l);
	if (fill_states(c, rows, err) == -1)
		return -1;
	return count_queued(c, &table->queued, err);
}

/* A session that lives. */
static int anybody_here(struct cycle *c, bool *out, struct error *err)
{
	struct session_list l;

	*out = false;
	if (view_sessions(c->store, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && !*out; i++)
		*out = session_lives(&l.item[i]);
	session_list_release(&l);
	return 0;
}

static int fill_status(struct cycle *c, struct status *s,
		       struct status_table *table, struct list *texts,
		       struct error *err)
{
	const struct settings *set = &c->home->settings;
	bool here, emergency;

	s->computer = c->me.number;
	s->name = xstrdup(set->name != NULL ? set->name : c->me.name);
	memcpy(s->clone, c->me.clone, sizeof(s->clone));
	list_copy(&s->former, &c->me.former);
	s->heartbeat = set->heartbeat;
	s->updated = c->now;
	s->version = xstrdup(c->options->version);
	if (fill_table(c, table, texts, err) == -1)
		return -1;
	if (anybody_here(c, &here, err) == -1 || claims_derive(c, s, err) == -1 ||
	    view_emergency(c->store, &emergency, err) == -1)
		return -1;
	s->state = emergency ? STATE_EMERGENCY :
		   table->running > 0 ? STATE_WORKING :
		   table->queued > 0 || here ? STATE_ACTIVE : STATE_IDLE;
	return fill_received(c, s, err);
}

/* The text around the region: the desk's, or at first what the branch has. */
static int old_status(struct cycle *c, const char *path, struct buf *out,
		      struct error *err)
{
	struct desk_entry *e = desk_find(&c->desk, path);
	struct oid oid;
	bool is_tree;

	if (e != NULL && !e->unreadable) {
		buf_addb(out, &e->bytes);
		return 0;
	}
	if (c->head.hex[0] == '\0')
		return 0;
	if (repo_lookup(c->repo, c->head.hex, cycle_prefix(c), path, &oid,
			&is_tree, err) == -1)
		return -1;
	if (oid.hex[0] == '\0' || is_tree)
		return 0;
	if (repo_blob_read(c->repo, oid.hex, LIMIT_FILE, out, err) == 0)
		return 0;
	error_clear(err);	/* too large to be a status: a new one is made */
	buf_reset(out);
	return 0;
}

/* Does OLD say the same, and is it young enough? Out of reach nobody would see
 * a heartbeat: it comes with the first cycle that gets through. A generation that
 * leaps somebody typed. */
static bool still_good(struct cycle *c, struct span old, struct span new)
{
	struct error ignored = ERROR_INIT;
	struct status s = STATUS_INIT;
	bool good;

	good = status_same(old, new) && status_parse(old, &s, &ignored) == 0 &&
	       s.updated <= c->now && s.generation >= c->generation_said &&
	       s.generation < c->generation + CLAIM_LEAP &&
	       (c->now - s.updated <= s.heartbeat || !c->online);
	if (good)
		c->generation = s.generation;
	status_release(&s);
	return good;
}

/* The last version that still does: the branch's, which needs no commit, since the
 * desk may be behind (a kill, a file that cannot be written); else the desk's. Where the
 * branch's says the same, but long ago, a heartbeat is due: the desk's time would be
 * that of a commit which never got there. */
static int keep_old_status(struct cycle *c, const char *path, struct span old,
			   struct buf *bytes, struct error *err)
{
	struct error absent = ERROR_INIT;
	struct buf head = BUF_INIT;
	struct span last = old;
	struct oid oid = { "" };
	bool is_tree;

	if (c->head.hex[0] != '\0' &&
	    repo_lookup(c->repo, c->head.hex, cycle_prefix(c), path, &oid,
			&is_tree, err) == -1)
		return -1;
	if (oid.hex[0] != '\0' &&
	    repo_blob_read(c->repo, oid.hex, LIMIT_FILE, &head, &absent) == 0 &&
	    status_same(span_of(&head), span_of(bytes)))
		last = span_of(&head);
	if (still_good(c, last, span_of(bytes))) {
		buf_reset(bytes);
		buf_add(bytes, last.p, last.len);
	}
	buf_release(&head);
	return 0;
}

/* What somebody typed between the markers is replaced, but not lost. */
static int keep_typed_region(struct cycle *c, const char *path,
			     struct span old, struct error *err)
{
	struct desk_entry *e = desk_find(&c->desk, path);
	struct span region = status_region(old);
	struct buf base = BUF_INIT;
	struct loser loser = { .path = path, .text = region,
			       .why = "text between trine's markers" };
	bool known;
	int rc = 0;

	if (e == NULL || region.len == 0)
		return 0;
	if (view_desk_known(c->store, path, e->oid, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	for (size_t i = 0; i < c->published_count; i++)
		if (strcmp(c->published[i].path, path) == 0 &&
		    c->published[i].blob[0] != '\0' &&
		    repo_has(c->repo, c->published[i].blob) &&
		    repo_blob_read(c->repo, c->published[i].blob, LIMIT_FILE,
				   &base, err) == -1)
			error_clear(err);
	loser.winner = status_region(span_of(&base));
	if (loser.winner.len > 0 && !span_equal(region, loser.winner))
		rc = copies_keep(c, &loser, err);
	buf_release(&base);
	return rc;
}

/* Where there is no room for the region beside what people wrote, that goes to
 * copies; of no version on the branch, since a desk may be the only place where it stands. */
static int keep_long_text(struct cycle *c, const char *path, struct span old,
			  struct error *err)
{
	struct span region = status_region(old);
	struct loser loser = { .path = path, .why = "too long to stay in a status" };
	struct buf text = BUF_INIT;
	int rc;

	buf_add(&text, old.p, old.len);
	if (region.len > 0) {
		buf_truncate(&text, (size_t)(region.p - old.p));
		buf_add(&text, region.p + region.len,
			old.len - text.len - region.len);
	}
	loser.text = span_of(&text);
	rc = text.len > 0 ? copies_keep(c, &loser, err) : 0;
	buf_release(&text);
	return rc;
}

/* One over LIMIT_FILE would reach no desk, ours neither. */
static int write_status(struct cycle *c, struct own_file_text *t, struct buf *old,
			const struct status *s, const struct status_table *table,
			struct error *err)
{
	status_write(&t->bytes, span_of(old), s, table);
	if (t->bytes.len <= LIMIT_FILE)
		return 0;
	if (keep_long_text(c, t->path, span_of(old), err) == -1)
		return -1;
	buf_reset(old);
	buf_reset(&t->bytes);
	status_write(&t->bytes, span_of(old), s, table);
	return 0;
}

int own_render_status(struct cycle *c, struct error *err)
{
	char path[PATH_TEXT];
	struct own_file_text *t = own_add(&c->own,
					  path_status(c->me.number, path));
	struct status_table table = { 0 };
	struct list texts = LIST_INIT;
	struct status s = STATUS_INIT;
	struct buf old = BUF_INIT;
	int rc = -1;

	buf_reset(&t->bytes);
	if (old_status(c, path, &old, err) == -1 ||
	    fill_status(c, &s, &table, &texts, err) == -1 ||
	    keep_typed_region(c, path, span_of(&old), err) == -1 ||
	    write_status(c, t, &old, &s, &table, err) == -1)
		goto out;
	c->generation = s.generation;
	if (keep_old_status(c, path, span_of(&old), &t->bytes, err) == -1)
		goto out;
	rc = own_seal(c, t, err);
out:
	free((void *)(uintptr_t)table.row);
	list_release(&texts);
	status_release(&s);
	buf_release(&old);
	return rc;
}
