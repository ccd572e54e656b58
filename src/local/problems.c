/*
 * What is wrong, of the facts that overview.c gathered: one function for each
 * code of `status --json` that is computed. Called by overview_gather.
 */
#include "overview_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/store_task.h"
#include "trine/text.h"

/* TEXT becomes the problem's. */
static void add_problem(struct overview *o, const char *code, int64_t since,
			char *text)
{
	struct problem *p;

	if (o->problem_count >= o->problem_cap) {
		o->problem_cap = o->problem_count + 8;
		o->problem = xrealloc(o->problem, o->problem_cap,
				      sizeof(*o->problem));
	}
	p = &o->problem[o->problem_count++];
	*p = (struct problem){ .key = xstrdup(""), .text = text, .since = since };
	snprintf(p->code, sizeof(p->code), "%s", code);
}

/* Keys that are paths, streams or ids belong into the text. */
static void name_subject(struct problem *p)
{
	char *text;

	if (strpbrk(p->key, "._") == NULL || strstr(p->text, p->key) != NULL)
		return;
	text = xasprintf("%s: %s", p->key, p->text);
	free(p->text);
	p->text = text;
}

static int recorded(struct home *h, struct overview *o, struct error *err)
{
	if (view_problems(h->store, &o->problem, &o->problem_count, err) == -1)
		return -1;
	o->problem_cap = o->problem_count;
	for (size_t i = 0; i < o->problem_count; i++)
		name_subject(&o->problem[i]);
	return 0;
}

static bool has_problem(const struct overview *o, const char *code)
{
	size_t i = 0;

	while (i < o->problem_count && strcmp(o->problem[i].code, code) != 0)
		i++;
	return i < o->problem_count;
}

/* It was reached, where it is only that it sends too much. */
static int unreachable(struct home *h, struct overview *o, struct error *err)
{
	const struct report *r = &o->report;
	char since[TIME_TEXT];

	(void)err;
	if (h->settings.url == NULL && r->fetched != 0)
		add_problem(o, "offline", r->fetched, xstrdup(
			"trine.ini names no remote any more: nothing is sent "
			"or received"));
	if (h->settings.url == NULL || r->ended == 0 || r->online ||
	    r->exit == ERR_IO || (r->exit == ERR_DATA && has_problem(o, "large")))
		return 0;
	if (r->fetched == 0)
		snprintf(since, sizeof(since), "it was set");
	else
		time_format(r->fetched, since);
	add_problem(o, "offline", r->fetched,
		    xasprintf("the remote was not reached since %s%s%s", since,
			      *r->failure ? ": " : "", r->failure));
	return 0;
}

/* The first message of a stream that its reader has not confirmed. */
static int first_open(struct home *h, const struct out_stream *s,
		      uint64_t confirmed, int64_t *pushed, struct error *err)
{
	struct record_filter filter = RECORD_FILTER_ALL;
	struct record_list found = { 0 };
	int rc;

	*pushed = 0;
	filter.direction = DIRECTION_OUT;
	filter.stream = s->name;
	filter.first = confirmed + 1;
	filter.last = s->pushed;
	filter.limit = 1;
	filter.brief = true;
	rc = view_records(h->store, &filter, &found, err);
	if (rc == 0 && found.count > 0)
		*pushed = found.item[0].pushed;
	record_list_release(&found);
	return rc;
}

static const struct peer *peer_of(const struct overview *o, int computer)
{
	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peer[i].computer == computer)
			return &o->peer[i];
	return NULL;
}

/* Why the rest is not confirmed. */
static char *why_open(const struct overview *o, const struct confirmation *c, bool late)
{
	if (c->read > c->upto)
		return xasprintf("; which of those up to %llu came is unknown: it misses or "
				 "rejects more of them than it lists",
				 (unsigned long long)c->read);
	return xstrdup(fleet_retired(&o->fleet, c->computer)
			? "; that computer has left the fleet" :
		peer_of(o, c->computer) == NULL ? "; that computer was never seen" :
		late ? ", and it has synced since" : "");
}

static int judge_confirmation(struct home *h, struct overview *o,
			      const struct confirmation *c, struct error *err)
{
	const struct out_stream *s = &o->stream[c->stream];
	const struct peer *reader = peer_of(o, c->computer);
	char who[COMPUTER_TEXT], stream[STREAM_NAME], age[TIME_TEXT], *why;
	int64_t pushed;
	bool late;

	if (s->pushed <= c->upto)
		return 0;
	if (first_open(h, s, c->upto, &pushed, err) == -1)
		return -1;
	late = reader != NULL && pushed > 0 &&
	       reader->seen >= pushed + LATE_SECONDS;
	why = why_open(o, c, late);
	add_problem(o, late ? "late" : "unconfirmed", pushed, xasprintf(
		"%s: pushed up to number %llu, confirmed by computer %s up to "
		"%llu; the first of the others waits since %s%s",
		stream_name_format(s->name, stream),
		(unsigned long long)s->pushed,
		overview_computer(o, c->computer, who),
		(unsigned long long)c->upto,
		pushed > 0 ? time_format(pushed, age) : "a time not known",
		why));
	free(why);
	return 0;
}

/* A report is written at the end of a cycle: one that was cut off has none. One
 * that runs has none either, and holds the lock. */
static bool was_cut(const struct home *h, struct error *why)
{
	char *lock = home_path(h, "run/sync.lock");
	bool cut = !file_is_locked(lock) && report_was_cut(h, why) &&
		   !file_is_locked(lock);

	free(lock);
	return cut;
}

/* A cycle that failed though the remote answered. What a person must settle is
 * recorded, and shown until then. */
static int failed(struct home *h, struct overview *o, struct error *err)
{
	const struct report *r = &o->report;
	struct error cut = ERROR_INIT;

	(void)err;
	if (was_cut(h, &cut)) {
		add_problem(o, "cycle", 0, xstrdup(cut.text));
		return 0;
	}
	if (r->exit == ERR_NONE || r->exit == ERR_REFUSED ||
	    (!r->online && r->exit != ERR_IO))
		return 0;
	add_problem(o, r->exit == ERR_IO ? "disk" : "cycle", r->ended,
		    xasprintf("the last cycle failed: %s", r->failure));
	return 0;
}

static int unconfirmed(struct home *h, struct overview *o, struct error *err)
{
	for (size_t i = 0; i < o->confirmed_count; i++)
		if (judge_confirmation(h, o, &o->confirmed[i], err) == -1)
			return -1;
	return 0;
}

static char *not_taken(const struct rejected *r)
{
	char digest[MESSAGE_DIGEST];

	if (status_reused(r->why, digest))
		return xasprintf("%s came again with another text, which its "
				 "sender must send under a number of its own",
				 r->id);
	return xasprintf("%s cannot be read: %s", r->id, r->why);
}

/* Numbers of streams to us that did not come, or could not be read. */
static int not_taken_in(struct home *h, struct overview *o, struct error *err)
{
	struct status s = STATUS_INIT;
	char id[MESSAGE_ID];
	int rc = view_troubles(h->store, &s, err);

	for (size_t i = 0; i < s.missing_count && rc == 0; i++)
		add_problem(o, "missing", 0, xasprintf(
			"%s never came: its number was passed over",
			message_id_format(s.missing[i].stream,
					  s.missing[i].seq, id)));
	for (size_t i = 0; i < s.rejected_count && rc == 0; i++)
		add_problem(o, "rejected", 0, not_taken(&s.rejected[i]));
	if (rc == 0 && s.missing_more > 0)
		add_problem(o, "missing", 0, xasprintf("and %llu more never came",
				(unsigned long long)s.missing_more));
	if (rc == 0 && s.rejected_more > 0)
		add_problem(o, "rejected", 0, xasprintf("and %llu more were rejected",
				(unsigned long long)s.rejected_more));
	status_release(&s);
	return rc;
}

static char *complaint_text(const struct complaint *c, const char *who)
{
	char digest[MESSAGE_DIGEST];

	if (strcmp(c->why, "missing") == 0)
		return xasprintf("computer %s misses %s of ours", who, c->id);
	if (status_reused(c->why, digest))
		return xasprintf("computer %s has another text under %s of ours,"
				 " and rejected this one; `trine show %s` has it"
				 ", if it is to be sent once more", who, c->id,
				 c->id);
	return xasprintf("computer %s cannot read %s of ours: %s", who, c->id,
			 c->why);
}

/* A text that the cycle sent anew is no trouble any more (R7). */
static int judge_complaint(struct home *h, struct overview *o,
			   const struct complaint *c, struct error *err)
{
	bool missing = strcmp(c->why, "missing") == 0;
	char who[COMPUTER_TEXT], digest[MESSAGE_DIGEST], anew[MESSAGE_ID] = "";

	if (status_reused(c->why, digest) &&
	    view_anew(h->store, c->id, digest, anew, err) == -1)
		return -1;
	if (anew[0] == '\0')
		add_problem(o, missing ? "missing" : "rejected", 0,
			    complaint_text(c, overview_computer(o, c->computer,
								who)));
	return 0;
}

/* Messages of ours that a reader misses or cannot read. */
static int complained(struct home *h, struct overview *o, struct error *err)
{
	struct complaint *list = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_complaints(h->store, &list, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = judge_complaint(h, o, &list[i], err);
	complaints_free(list, count);
	return rc;
}

/* Our own has nobody who wants an answer. */
static char *blocked_text(const struct home *h, const struct record *r)
{
	const char *why = r->note[0] != '\0' ? r->note : "it is blocked";

	return r->message.stream.from == h->number ? xasprintf(
		"%s waits for you: %s. `trine task done %s` or `trine task cancel %s` "
		"ends it", r->id, why, r->id, r->id) : xasprintf(
		"%s waits for you: %s. `trine reply %s` ends it", r->id, why, r->id);
}

/* Tasks that wait for a person: it may be that they were done. Many at once come
 * after a loss, and are one problem. */
static int blocked(struct home *h, struct overview *o, struct error *err)
{
	enum { ONE_BY_ONE = 10 };
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.blocked = true;
	f.brief = true;
	if (view_records(h->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && i < ONE_BY_ONE; i++)
		add_problem(o, "blocked", 0, blocked_text(h, &l.item[i]));
	if (l.count > ONE_BY_ONE)
		add_problem(o, "blocked", 0, xasprintf(
			"and %zu more tasks are blocked: `trine task list` names them",
			l.count - ONE_BY_ONE));
	record_list_release(&l);
	return 0;
}

/* What others send is taken in however many wait; a person must know. */
static int crowd(struct home *h, struct overview *o, const char *instance,
		 int64_t bound, struct error *err)
{
	uint64_t waiting, most = (uint64_t)bound + 1;

	if (view_waiting(h->store, instance, most, &waiting, err) == -1)
		return -1;
	if (waiting == most)
		add_problem(o, "queue", 0, xasprintf(
			"more than %lld tasks wait%s%s, the bound that `queue` sets: "
			"`trine task list`", (long long)bound,
			instance != NULL ? " for " : "",
			instance != NULL ? instance : ""));
	return 0;
}

static int crowded(struct home *h, struct overview *o, struct error *err)
{
	const struct settings *s = &h->settings;
	int rc = crowd(h, o, NULL, s->queue, err);

	for (size_t i = 0; i < s->instance_count && rc == 0; i++)
		rc = crowd(h, o, s->instance[i].name, s->instance[i].queue, err);
	return rc;
}

/* What became of the program that was to see it. */
static void add_handling(struct buf *out, const struct alert *a)
{
	if (a->handed == 0 && a->note[0] != '\0')
		buf_printf(out, "; the program of [alert] %s: %s",
			   a->tries < ALERT_TRIES ? "is tried again" : "failed", a->note);
	if (a->more > 0)
		buf_printf(out, "; and %llu more of it are open, on which nobody acts "
			   "until then", (unsigned long long)a->more);
}

static void add_alert(struct overview *o, const struct alert *a)
{
	char who[COMPUTER_TEXT] = "";
	struct buf text = BUF_INIT;

	alert_whose(&text, a, overview_computer(o, a->computer, who));
	buf_printf(&text, ": %s (`trine alert clear %s` when that is over)", a->text,
		   a->id);
	add_handling(&text, a);
	add_problem(o, "alert", a->since, buf_detach(&text));
}

static int alerts(struct home *h, struct overview *o, struct error *err)
{
	(void)h, (void)err;
	for (size_t i = 0; i < o->alert.count; i++)
		add_alert(o, &o->alert.item[i]);
	return 0;
}

/* --- other branches of the remote --- */

/* Who says what there, as far as a path tells. */
static char *name_news(const struct overview *o, const struct branch_news *news)
{
	struct path_info p = path_classify(news->path);
	char who[COMPUTER_TEXT] = "somebody";
	const char *to = p.stream.to == END_ALL ? "all" : "you";

	if (p.kind == PATH_STATUS)
		return xasprintf("computer %s keeps its status",
				 overview_computer(o, p.computer, who));
	if (p.kind == PATH_STREAM)
		overview_computer(o, p.stream.from, who);
	return xasprintf("%s%s wrote to %s", p.kind == PATH_STREAM ?
			 "computer " : "", who, to);
}

/* The COUNT items of one branch begin with the oldest; that somebody waits for
 * an answer says more than that he keeps his status. */
static void add_branch_news(struct overview *o, const struct branch_news *news,
			    size_t count)
{
	const struct branch_news *end = news + count, *first = news;
	const char *slash = strrchr(news->branch, '/');
	int folder = slash ? (int)(slash - news->branch + 1)
			   : (int)strlen(news->branch);
	char *said, time[TIME_TEXT], more[48] = "";

	while (first < end && path_classify(first->path).kind == PATH_STATUS)
		first++;
	if (first < end)
		news = first;
	said = name_news(o, news);
	if (count > 1)
		snprintf(more, sizeof(more), ", and %zu more", count - 1);
	add_problem(o, "radar", news->time, xasprintf(
		"%s on branch %s (%s, %.10s%s): merge it, or set `take = %.*s%s` "
		"under [radar] in trine.ini", said, news->branch, news->path,
		time_format(news->time, time), more, folder, news->branch,
		slash ? "*" : ""));
	free(said);
}

static int unread_branches(struct home *h, struct overview *o,
			   struct error *err)
{
	struct branch_news *l = NULL;
	size_t count = 0, from = 0;

	if (view_branch_news(h->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || strcmp(l[i + 1].branch, l[i].branch) != 0) {
			add_branch_news(o, &l[from], i + 1 - from);
			from = i + 1;
		}
	branch_news_free(l, count);
	return 0;
}

/* After a few tries it is left alone until it changes (radar.c). */
static int unreadable_branches(struct home *h, struct overview *o,
			       struct error *err)
{
	struct branch *l = NULL;
	size_t count = 0;

	if (view_branches(h->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].why[0] != '\0' &&
		    (l[i].failures == 0 || l[i].failures >= BRANCH_TRIES))
			add_problem(o, "radar", 0, xasprintf(
				"branch %s is not looked at until it changes: %s",
				l[i].name, l[i].why));
	branches_free(l, count);
	return 0;
}

/* Its number was retired, and may have been given to it again since. */
static int retired(struct home *h, struct overview *o, struct error *err)
{
	(void)h, (void)err;
	if (fleet_retired(&o->fleet, o->me.number))
		add_problem(o, "retired", 0, xstrdup(
			"fleet.yaml says that this computer has left the fleet "
			"(`retired`): the others do not count on it. Take its "
			"number out of that list, or remove its timer"));
	return 0;
}

int problems_gather(struct home *h, struct overview *o, struct error *err)
{
	static int (*const judges[])(struct home *h, struct overview *o,
				     struct error *err) = {
		recorded, alerts, unreachable, failed, unconfirmed, not_taken_in, complained,
		blocked, crowded, unread_branches, unreadable_branches, retired,
	};

	for (size_t i = 0; i < ARRAY_LEN(judges); i++)
		if (judges[i](h, o, err) == -1)
			return -1;
	return 0;
}
