/*
 * Sessions (session.h). cli/cmd_session.c calls these, and every command that acts
 * for a session asks which one calls.
 */
#include "trine/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/file.h"
#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/reserve.h"
#include "trine/tasks.h"
#include "trine/text.h"

enum { LIMIT_SESSION_NUMBER = 9999 };

/* ---- who calls? ---- */

/* Programs that start others and are nobody themselves. */
static const char *const go_betweens[] = {
	"trine", "trine-sync", "trine-deliver", "sh", "bash", "dash", "zsh", "fish", "ksh", "mksh",
	"tcsh", "csh", "ash", "busybox", "env", "sudo", "su", "doas", "nice",
	"nohup", "setsid", "timeout", "xargs", "time", "script", "make",
};

static bool is_go_between(const struct process_info *p)
{
	/* a login shell is called -bash */
	const char *name = p->name[0] == '-' ? p->name + 1 : p->name;

	for (size_t i = 0; i < ARRAY_LEN(go_betweens); i++)
		if (strcmp(name, go_betweens[i]) == 0)
			return true;
	return false;
}

/* A shell that leads a terminal is a person's, and what is above it (sshd, tmux, a
 * desktop) is shared by many. What the daemon has started is an instance, a shell or
 * not. */
size_t session_agent(const struct process_info *chain, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_go_between(&chain[i]) ||
		    (i + 1 < count && strcmp(chain[i + 1].name, "trined") == 0) ||
		    (chain[i].leads && chain[i].terminal[0] != '\0'))
			return i;
	return count > 0 ? count - 1 : 0;
}

static int find_agent(long pid, struct session *out, struct error *err)
{
	struct process_info chain[PROCESS_CHAIN], info;
	size_t count, which;

	if (pid == 0) {
		count = process_chain(chain, PROCESS_CHAIN);
		which = session_agent(chain, count);
		if (which < count)
			pid = chain[which].pid;
	}
	if (!process_mark(pid, &out->agent) || !process_look(pid, &info))
		return error_set(err, ERR_USAGE, "process %ld is not there: --pid "
				 "wants the process of the agent", pid);
	out->parent = info.parent;
	snprintf(out->terminal, sizeof(out->terminal), "%s", info.terminal);
	out->folder = process_folder(pid);
	if (out->folder == NULL)
		out->folder = xstrdup("");
	return 0;
}

/* ---- is it alive? ---- */

bool session_lives(const struct session *s)
{
	return s->ended == 0 && process_lives(&s->agent);
}

static char *beat_file(const struct home *h, uint64_t id)
{
	return xasprintf("%s/run/sessions/%llu", h->state, (unsigned long long)id);
}

int64_t session_heard(const struct home *h, const struct session *s)
{
	struct error none = ERROR_INIT;
	char *path = beat_file(h, s->id);
	struct file_info info;
	int64_t heard = s->since;

	if (file_stat(path, &info, &none) == 0 && info.mtime > heard)
		heard = info.mtime;
	free(path);
	return heard;
}

static int touch(struct home *h, uint64_t id, struct error *err)
{
	char *folder = home_path(h, "run/sessions");
	char *path = beat_file(h, id);
	int64_t now = h->clock->now(h->clock);
	int rc = store_is_read_only(h->store) ? 0 : file_stamp(path, 0600, now, err);

	if (rc == -1 && err->code == ERR_NOTFOUND) {	/* the first one here */
		error_clear(err);
		rc = file_mkdir(folder, 0700, err);
		if (rc == 0)
			rc = file_stamp(path, 0600, now, err);
	}
	free(path);
	free(folder);
	return rc;
}

/* What is recorded from now on, S did. */
static void act_as(struct home *h, const struct session *s)
{
	char who[SESSION_TEXT];

	store_act_as(h->store, NULL);
	free(h->actor);
	h->actor = xstrdup(session_text(s, who));
	store_act_as(h->store, h->actor);
}

/* ---- ending ---- */

static int end(struct home *h, const struct session *s, const char *why,
	       struct error *err)
{
	char *path = beat_file(h, s->id);
	int rc = tasks_give_back(h, s, why, err);

	if (rc == 0)
		rc = locks_give_back(h, s, why, err);
	if (rc == 0)
		rc = reserve_end(h, s, why, err);
	if (rc == 0)
		rc = claims_end(h, s, why, err);
	if (rc == 0)
		rc = record_session_ended(h->store, s->id, why, err);
	if (rc == 0)
		rc = file_remove(path, err);
	free(path);
	return rc;
}

/* One that was heard of later than now was so under a clock that was wrong. */
static bool is_silent(const struct home *h, const struct session *s)
{
	int64_t age = h->clock->now(h->clock) - session_heard(h, s);

	return age >= SESSION_GRACE || age <= -SESSION_GRACE;
}

/* It is nobody's doing, whoever happens to call. */
int session_sweep(struct home *h, struct error *err)
{
	const char *caller = store_act_as(h->store, NULL);
	struct session_list l;
	int rc = view_sessions(h->store, false, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++) {
		const struct session *s = &l.item[i];

		if (!session_lives(s) && is_silent(h, s))
			rc = end(h, s, "its process is gone", err);
	}
	session_list_release(&l);
	if (rc == 0)
		rc = tasks_sweep(h, err);
	store_act_as(h->store, caller);
	return rc;
}

static int refuse_ended(const struct session *s, struct error *err)
{
	char who[SESSION_TEXT];

	return error_set(err, ERR_NOTFOUND, "%s has ended: `trine session start` "
			 "makes a new one", session_text(s, who));
}

int session_stays(struct home *h, const struct session *s, struct error *err)
{
	struct session_list l;
	bool there = false;

	if (session_sweep(h, err) == -1 ||
	    view_sessions(h->store, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && !there; i++)
		there = l.item[i].id == s->id;
	session_list_release(&l);
	return there ? 0 : refuse_ended(s, err);
}

int session_sweep_now(struct home *h, struct error *err)
{
	struct session_list l;
	bool wanted;

	if (view_sessions(h->store, false, &l, err) == -1 ||
	    tasks_want_sweep(h, &wanted, err) == -1)
		return -1;
	wanted = wanted || l.count > 0;
	session_list_release(&l);
	/* where nothing can be written, what is over is only shown as it is */
	if (!wanted || store_is_read_only(h->store))
		return 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, session_sweep(h, err), err);
}

/* ---- finding ---- */

static bool is_called(const struct session *s, const char *name)
{
	uint64_t number;

	if (text_number(span_str(name), &number))
		return (uint64_t)s->number == number;
	return strcmp(s->name, name) == 0;
}

static void take(struct session *out, struct session_list *l, size_t which)
{
	*out = l->item[which];
	l->item[which] = (struct session){ 0 };
}

int session_find(struct home *h, const char *name, struct session *out,
		 struct error *err)
{
	struct session_list l;
	size_t i;

	*out = (struct session){ 0 };
	if (view_sessions(h->store, false, &l, err) == -1)
		return -1;
	for (i = 0; i < l.count && !is_called(&l.item[i], name); i++)
		;
	if (i < l.count)
		take(out, &l, i);
	else
		error_set(err, ERR_NOTFOUND, "no session is called %.64s; `trine "
			  "session list` lists them", name);
	session_list_release(&l);
	return out->id != 0 ? 0 : -1;
}

static bool is_of(const struct session *s, const struct process_info *p)
{
	return s->agent.pid == p->pid && process_lives(&s->agent);
}

static int find_by_tree(struct home *h, struct session *out, struct error *err)
{
	struct process_info chain[PROCESS_CHAIN];
	size_t count = process_chain(chain, PROCESS_CHAIN);
	struct session_list l;

	if (view_sessions(h->store, false, &l, err) == -1)
		return -1;
	for (size_t k = 0; k < count && out->id == 0; k++)
		for (size_t i = 0; i < l.count && out->id == 0; i++)
			if (is_of(&l.item[i], &chain[k]))
				take(out, &l, i);
	session_list_release(&l);
	return 0;
}

/* Whoever goes by the name of a dead one would keep what it holds for ever. */
static int find_named(struct home *h, const char *name, struct session *out,
		      struct error *err)
{
	char who[SESSION_TEXT];

	if (session_find(h, name, out, err) == -1)
		return -1;
	if (session_lives(out))
		return 0;
	error_set(err, ERR_NOTFOUND, "the process of %s is gone; `trine session adopt "
		  "%lld` goes on as it", session_text(out, who),
		  (long long)out->number);
	session_release(out);
	return -1;
}

int session_caller(struct home *h, const char *session, struct session *out,
		   bool *found, struct error *err)
{
	int rc;

	*out = (struct session){ 0 };
	*found = false;
	if (session != NULL && *session != '\0')
		rc = find_named(h, session, out, err);
	else
		rc = find_by_tree(h, out, err);
	if (rc == -1)
		return -1;
	*found = out->id != 0;
	if (!*found)
		return 0;
	act_as(h, out);
	return touch(h, out->id, err);
}

/* ---- starting ---- */

const char *session_text(const struct session *s, char out[SESSION_TEXT])
{
	size_t len = text_cut(s->name, strlen(s->name), 64);

	if (len > 0)
		snprintf(out, SESSION_TEXT, "session %lld (%.*s)",
			 (long long)s->number, (int)len, s->name);
	else
		snprintf(out, SESSION_TEXT, "session %lld", (long long)s->number);
	return out;
}

const char *session_holder(const struct session *s, char out[SESSION_HOLDER])
{
	char who[SESSION_TEXT];

	snprintf(out, SESSION_HOLDER, "%s%s%s", session_text(s, who),
		 s->terminal[0] ? " on " : "", s->terminal);
	return out;
}

static int refuse_taken(const struct home *h, const struct session *s,
			struct error *err)
{
	char who[SESSION_TEXT], since[TIME_TEXT], heard[TIME_TEXT];
	int64_t now = h->clock->now(h->clock);

	return error_set(err, ERR_NO, "%s is there: process %ld%s%s, in %s, since "
			 "%s, last heard of %s ago%s%s; take another number, or "
			 "`trine session list`", session_text(s, who),
			 s->agent.pid, s->terminal[0] ? " on " : "", s->terminal,
			 s->folder, time_format(s->since, since),
			 duration_words(now - session_heard(h, s), heard),
			 s->role[0] ? ", " : "", s->role);
}

static int refuse_second(const struct session *s, struct error *err)
{
	char who[SESSION_TEXT];

	return error_set(err, ERR_NO, "process %ld is %s already; `trine session "
			 "end` ends that", s->agent.pid, session_text(s, who));
}

static int check_names(const struct session_wish *w, struct error *err)
{
	const char *const texts[] = { w->name, w->role, w->goal };
	uint64_t number;

	if (w->number < 0 || w->number > LIMIT_SESSION_NUMBER)
		return error_set(err, ERR_USAGE, "a session has a number from 1 to "
				 "%d", LIMIT_SESSION_NUMBER);
	if (w->name != NULL && (!plain_name_valid(span_str(w->name)) ||
				text_number(span_str(w->name), &number)))
		return error_set(err, ERR_USAGE, "a session's name is of letters, "
				 "digits, `.`, `_` and `-`, and no number");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!text_fits(texts[i], LIMIT_TITLE))
			return error_set(err, ERR_USAGE, "%.40s… is too long, or "
					 "no UTF-8: at most %d bytes", texts[i],
					 LIMIT_TITLE);
	return 0;
}

static bool same_process(const struct session *a, const struct session *b)
{
	return a->agent.pid == b->agent.pid && a->agent.born == b->agent.born &&
	       strcmp(a->agent.boot, b->agent.boot) == 0;
}

/* The number and name that OUT wants, against those there are. One whose process is
 * gone makes room. *AGAIN: the caller is the session that it asks for. */
static int make_room(struct home *h, struct session *out,
		     struct session_list *l, size_t *again, struct error *err)
{
	*again = l->count;
	for (size_t i = 0; i < l->count; i++) {
		struct session *s = &l->item[i];
		bool wanted = s->number == out->number ||
			      (*out->name && strcmp(s->name, out->name) == 0);

		if (same_process(s, out) && (wanted || out->number == 0))
			*again = i;
		else if (same_process(s, out))
			return refuse_second(s, err);
		else if (wanted && session_lives(s))
			return refuse_taken(h, s, err);
		else if (wanted && end(h, s, "its process is gone, and its number "
				       "was taken", err) == -1)
			return -1;
	}
	return 0;
}

static int64_t lowest_free(const struct session_list *l)
{
	int64_t number = 1;

	/* in order of number */
	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].number == number)
			number++;
	return number;
}

static char *others_here(const struct session_list *l,
			 const struct session *out)
{
	char who[SESSION_TEXT];

	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].id != 0 && l->item[i].id != out->id &&
		    *out->folder != '\0' &&
		    strcmp(l->item[i].folder, out->folder) == 0 &&
		    session_lives(&l->item[i]))
			return xasprintf("%s works in the same folder, %s",
					 session_text(&l->item[i], who),
					 out->folder);
	return NULL;
}

static int start(struct home *h, const struct session_wish *w,
		 struct session *out, char **told, struct error *err)
{
	struct session_list l;
	size_t again;
	int rc = -1;

	out->number = w->number;
	out->name = xstrdup(w->name ? w->name : "");
	out->role = xstrdup(w->role ? w->role : "");
	out->goal = xstrdup(w->goal ? w->goal : "");
	out->doing = xstrdup("");
	out->why = xstrdup("");
	if (view_sessions(h->store, false, &l, err) == -1)
		return -1;
	if (make_room(h, out, &l, &again, err) == -1)
		goto out;
	if (again < l.count) {
		session_release(out);
		take(out, &l, again);
		act_as(h, out);
		rc = 0;
	} else {
		if (out->number == 0)
			out->number = lowest_free(&l);
		act_as(h, out);
		rc = record_session_started(h->store, out, err);
	}
	if (rc == 0)
		*told = others_here(&l, out);
out:
	session_list_release(&l);
	return rc;
}

int session_start(struct home *h, const struct session_wish *wish,
		  struct session *out, char **told, struct error *err)
{
	int rc;

	*out = (struct session){ 0 };
	*told = NULL;
	if (check_names(wish, err) == -1 ||
	    find_agent(wish->pid, out, err) == -1 ||
	    store_begin(h->store, err) == -1)
		goto fail;
	rc = session_sweep(h, err);
	if (rc == 0)
		rc = start(h, wish, out, told, err);
	if (store_end(h->store, rc, err) == 0 && touch(h, out->id, err) == 0)
		return 0;
fail:
	session_release(out);
	free(*told);
	*told = NULL;
	return -1;
}

/* ---- what it says ---- */

int session_beat(struct home *h, const struct session *s, const char *doing,
		 struct error *err)
{
	if (!text_fits(doing, LIMIT_TITLE))
		return error_set(err, ERR_USAGE, "what a session does is said in "
				 "%d bytes of UTF-8", LIMIT_TITLE);
	if (touch(h, s->id, err) == -1)
		return -1;
	if (doing == NULL || strcmp(doing, s->doing) == 0)
		return 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, record_session_doing(h->store, s->id, doing,
							err), err);
}

int session_end(struct home *h, const struct session *s, const char *why,
		struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, end(h, s, why, err), err);
}

/* S as it is now: while this process looked, another may have adopted it, or ended
 * it. And one process is one session. */
static int may_adopt(struct home *h, const struct session *s,
		     const struct session *mine, struct error *err)
{
	struct session_list l;
	bool there = false;
	int rc = view_sessions(h->store, false, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++) {
		const struct session *now = &l.item[i];

		if (now->id == s->id)
			there = true;
		if (now->id == s->id && session_lives(now) &&
		    !same_process(now, mine))
			rc = refuse_taken(h, now, err);
		else if (now->id != s->id && same_process(now, mine))
			rc = refuse_second(now, err);
	}
	session_list_release(&l);
	if (rc == 0 && !there)
		rc = refuse_ended(s, err);
	return rc;
}

int session_adopt(struct home *h, struct session *s, long pid, struct error *err)
{
	struct session mine = { 0 };
	int rc;

	if (find_agent(pid, &mine, err) == -1)
		return -1;
	if (store_begin(h->store, err) == -1)
		goto fail;
	mine.id = s->id;
	rc = may_adopt(h, s, &mine, err);
	if (rc == 0)
		rc = record_session_adopted(h->store, &mine, err);
	if (store_end(h->store, rc, err) == -1)
		goto fail;
	s->agent = mine.agent;
	s->parent = mine.parent;
	memcpy(s->terminal, mine.terminal, sizeof(s->terminal));
	free(s->folder);
	s->folder = mine.folder;
	mine.folder = NULL;
	session_release(&mine);
	return touch(h, s->id, err);
fail:
	session_release(&mine);
	return -1;
}
