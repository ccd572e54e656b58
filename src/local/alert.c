/*
 * Alerts (alert.h). cli/cmd_alert.c raises and clears them; the hand-off of a cycle
 * (deliver/hand_alerts.c) tells instances, and starts what runs the program.
 */
#include "trine/alert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/text.h"

/* ---- raising ---- */

/* One line is a title; what is longer is a text, and has one. */
static int make_message(const struct home *h, const char *from, struct span text,
			struct message *m, struct error *err)
{
	static const struct span nothing = { "", 0 };
	struct error unfit = ERROR_INIT;
	char *title;
	int rc;

	if (text_is_blank(text))
		return error_set(err, ERR_USAGE, "an alert wants a text: what is "
				 "wrong, and what is to be done");
	m->stream = (struct stream_name){ h->number, END_ALL };
	m->type = TYPE_ALERT;
	m->priority = PRIORITY_URGENT;
	m->from = xstrdup(from);
	title = xstrndup(text.p, text.len);
	rc = message_set_text(m, strlen(title) == text.len ? title : NULL, nothing,
			      &unfit);
	free(title);
	return rc == 0 ? 0 : message_set_text(m, NULL, text, err);
}

static bool is_again(const struct alert *a, const struct message *m)
{
	return a->own && strcmp(a->text, m->title) == 0 &&
	       strcmp(a->who, m->from != NULL ? m->from : "") == 0;
}

static int put_alert(struct home *h, struct message *m, char id[MESSAGE_ID],
		     bool *anew, struct error *err)
{
	struct alert_list l;
	unsigned ours = 0;
	int rc = view_alerts(h->store, false, &l, err);

	*anew = rc == 0;
	for (size_t i = 0; i < l.count && *anew; i++) {
		ours += l.item[i].own;
		if (!is_again(&l.item[i], m))
			continue;
		*anew = false;
		memcpy(id, l.item[i].id, MESSAGE_ID);
	}
	alert_list_release(&l);
	if (!*anew)
		return rc;
	if (ours >= ALERTS_EACH)
		return error_set(err, ERR_NO, "%u alerts of this computer are open, and "
				 "nobody would look at one more: `trine alert list` "
				 "shows them, `trine alert clear ID` ends one", ours);
	rc = mail_put(h, m, err);
	if (rc == 0)
		message_id_format(m->stream, m->seq, id);
	return rc;
}

int alert_raise(struct home *h, const char *from, struct span text,
		char id[MESSAGE_ID], bool *anew, struct error *err)
{
	struct message m = MESSAGE_INIT;
	int rc = make_message(h, from, text, &m, err);

	if (rc == 0)
		rc = store_begin(h->store, err);
	if (rc == 0)
		rc = store_end(h->store, put_alert(h, &m, id, anew, err), err);
	message_release(&m);
	return rc;
}

int alert_raise_here_now(struct home *h, const char *key, const char *text,
			 struct error *err)
{
	char *title = xstrdup(text);
	int rc;

	text_shorten(title, LIMIT_TITLE);
	rc = record_alert_raised(h->store, key, title, err);
	free(title);
	return rc;
}

int alert_raise_here(struct home *h, const char *key, const char *text,
		     struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, alert_raise_here_now(h, key, text, err), err);
}

/* ---- clearing ---- */

static int say_cleared(struct home *h, const struct alert *a,
		       const struct alert_hand *by, struct error *err)
{
	static const struct span nothing = { "", 0 };
	struct message m = MESSAGE_INIT;
	char *title = by->why != NULL ? xstrdup(by->why) :
		      xasprintf("Over: %s", a->text);
	int rc;

	if (by->why == NULL)
		text_shorten(title, LIMIT_TITLE);
	m.stream = (struct stream_name){ h->number, END_ALL };
	m.type = TYPE_ALERT;
	m.priority = PRIORITY_URGENT;
	m.from = xstrdup(by->from);
	m.re = xstrdup(a->id);
	message_add_extra(&m, "state", ALERT_CLEARED);
	rc = message_set_text(&m, title, nothing, err);
	if (rc == 0)
		rc = mail_put(h, &m, err);
	message_release(&m);
	free(title);
	return rc;
}

static int several(const struct alert_list *l, struct error *err)
{
	struct buf ids = BUF_INIT;
	int rc;

	for (size_t i = 0; i < l->count; i++)
		buf_printf(&ids, "%s%s", i == 0 ? "" : ", ", l->item[i].id);
	rc = error_set(err, ERR_USAGE, "more than one alert is open, say which is over: "
		       "%.600s", ids.data);
	buf_release(&ids);
	return rc;
}

static int find_only(struct home *h, struct alert *out, bool *found, struct error *err)
{
	struct alert_list l;
	int rc = view_alerts(h->store, false, &l, err);

	*out = (struct alert){ 0 };
	*found = rc == 0 && l.count == 1;
	if (*found) {
		*out = l.item[0];
		l.item[0] = (struct alert){ 0 };
	} else if (rc == 0 && l.count > 1) {
		rc = several(&l, err);
	}
	alert_list_release(&l);
	return rc;
}

static int find_open(struct home *h, const char *id, struct alert *out, bool *found,
		     struct error *err)
{
	if (id == NULL)
		return find_only(h, out, found, err);
	if (!message_id_valid(span_str(id)))
		return error_set(err, ERR_USAGE, "no alert has an id like that; `trine "
				 "alert list` shows them");
	if (view_alert(h->store, id, out, found, err) == -1)
		return -1;
	if (!*found)
		return error_set(err, ERR_NOTFOUND, "there is no alert %s here; `trine "
				 "alert list --all` shows those there are", id);
	*found = out->cleared == 0;
	return 0;
}

static int clear_now(struct home *h, const char *id, const struct alert_hand *by,
		     char cleared[MESSAGE_ID], bool *found, struct error *err)
{
	struct alert a = { 0 };
	int rc = find_open(h, id, &a, found, err);

	memcpy(cleared, a.id, MESSAGE_ID);
	if (rc == 0 && *found)
		rc = a.computer != 0 ? say_cleared(h, &a, by, err) :
		     record_alert_cleared(h->store, a.id, by->from, by->why, err);
	alert_release(&a);
	return rc;
}

int alert_clear(struct home *h, const char *id, const struct alert_hand *by,
		char cleared[MESSAGE_ID], bool *found, struct error *err)
{
	*found = false;
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, clear_now(h, id, by, cleared, found, err), err);
}

int alert_over_here_now(struct home *h, const char *key, const char *why,
			struct error *err)
{
	struct alert a;
	bool found;
	int rc = view_alert(h->store, key, &a, &found, err);

	if (rc == 0 && found && a.computer == 0 && a.cleared == 0)
		rc = record_alert_cleared(h->store, key, NULL, why, err);
	alert_release(&a);
	return rc;
}

/* ---- in words ---- */

void alert_whose(struct buf *out, const struct alert *a, const char *computer)
{
	if (a->own || a->computer == 0)
		buf_adds(out, "this computer");
	else if (computer != NULL)
		buf_printf(out, "computer %s", computer);
	else
		buf_printf(out, "computer %d", a->computer);
	if (*a->who != '\0')
		buf_printf(out, ", %s", a->who);
}

char *alert_body(struct home *h, const struct alert *a)
{
	struct error gone = ERROR_INIT;
	struct record r;
	char *body;

	if (a->computer == 0 || mail_find(h, a->id, &r, &gone) == -1)
		return xstrdup("");
	body = xstrdup(r.message.body != NULL ? r.message.body : "");
	record_release(&r);
	return body;
}

/* ---- acting on them: a task each for instances ---- */

/* So that one that a crash comes in between of is not given twice. "" : it would be too
 * long. */
static void name_task(const struct alert *a, const char *instance, char out[MESSAGE_ID])
{
	int len;

	if (a->computer != 0)
		len = snprintf(out, MESSAGE_ID, "alert-%s-%s", a->id, instance);
	else
		len = snprintf(out, MESSAGE_ID, "alert-%s-%lld-%s", a->id,
			       (long long)a->since, instance);
	if (len >= MESSAGE_ID)
		out[0] = '\0';
}

/* What was said, as far as there is room for it beside who said it. */
static void write_task(struct home *h, const struct alert *a, struct buf *out)
{
	char *said = alert_body(h, a), *where = xasprintf("`trine show %s`", a->id);
	struct buf end = BUF_INIT;

	buf_adds(&end, *said != '\0' ? "\nRaised by " : "Raised by ");
	alert_whose(&end, a, NULL);
	buf_printf(&end, ". `trine alert clear %s` says that it is over.\n", a->id);
	if (*said != '\0')
		task_quote_text(out, span_str(said), LIMIT_BODY - end.len, where);
	buf_addb(out, &end);
	buf_release(&end);
	free(where);
	free(said);
}

static int tell_one(struct home *h, const struct alert *a, const char *instance,
		    struct error *err)
{
	char *title = xasprintf("Alert: %s", a->text);
	char name[MESSAGE_ID], id[MESSAGE_ID];
	struct task_wish w = { .title = title, .priority = PRIORITY_URGENT,
			       .instance = instance };
	struct buf body = BUF_INIT;
	int rc;

	text_shorten(title, LIMIT_TITLE);
	name_task(a, instance, name);
	w.name = name[0] != '\0' ? name : NULL;
	list_add(&w.labels, "alert");
	write_task(h, a, &body);
	w.body = span_of(&body);
	rc = tasks_add_now(h, &w, id, err);
	if (rc == -1 && err->code == ERR_NO) {
		error_clear(err);	/* it has it already */
		rc = 0;
	}
	list_release(&w.labels);
	buf_release(&body);
	free(title);
	return rc;
}

/* One of which no task can be made is FAILURE, and no reason to stop: it would be none
 * the next time either, and others wait behind it. */
static int tell(struct home *h, const struct alert *a, const struct list *to,
		struct error *failure, struct error *err)
{
	struct list told = LIST_INIT;
	int rc = 0;

	for (size_t i = 0; i < to->count && rc == 0; i++) {
		struct error why = ERROR_INIT;

		if (tell_one(h, a, to->item[i], &why) == 0) {
			list_add(&told, to->item[i]);
		} else if (why.code == ERR_DATA || why.code == ERR_USAGE) {
			*failure = why;
			error_wrap(failure, "alert %s is no task for %s", a->id,
				   to->item[i]);
		} else {
			*err = why;
			rc = -1;
		}
	}
	if (rc == 0)
		rc = record_alert_told(h->store, a->id, &told, err);
	list_release(&told);
	return rc;
}

static int note_untold(struct home *h, const struct error *failure, bool any_open,
		       struct error *err)
{
	static const char key[] = "alert-tasks";

	if (failure->code != ERR_NONE)
		return record_problem(h->store, "delivery", key, failure->text, err);
	return any_open ? 0 : record_problem_over(h->store, "delivery", key, err);
}

int alert_tell(struct home *h, struct error *err)
{
	struct list to = LIST_INIT;
	struct alert_list l = { 0 };
	struct error failure = ERROR_INIT;
	int rc = 0;

	settings_names(h->settings.alert_to, &to);
	if (to.count > 0)
		rc = view_alerts(h->store, false, &l, err);
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (l.item[i].told == 0)
			rc = tell(h, &l.item[i], &to, &failure, err);
	if (rc == 0)
		rc = note_untold(h, &failure, l.count > 0, err);
	alert_list_release(&l);
	list_release(&to);
	return rc;
}

/* ---- and the program ---- */

static bool is_to_be_run(const struct alert *a, const struct list *tried)
{
	return a->handed == 0 && a->tries < ALERT_TRIES &&
	       (tried == NULL || !list_has(tried, a->id));
}

/* The first of them becomes OUT, unless that is NULL. */
static int find_next(struct home *h, const struct list *tried, struct alert *out,
		     bool *found, struct error *err)
{
	struct alert_list l;
	int rc;

	*found = false;
	if (h->settings.alert_run == NULL)
		return 0;
	rc = view_alerts(h->store, false, &l, err);
	for (size_t i = 0; i < l.count && !*found; i++) {
		*found = is_to_be_run(&l.item[i], tried);
		if (*found && out != NULL) {
			*out = l.item[i];
			l.item[i] = (struct alert){ 0 };
		}
	}
	alert_list_release(&l);
	return rc;
}

int alert_waits(struct home *h, bool *out, struct error *err)
{
	return find_next(h, NULL, NULL, out, err);
}

int alert_is_new(struct home *h, bool *out, struct error *err)
{
	const struct settings *s = &h->settings;
	struct alert_list l = { 0 };
	int rc = 0;

	*out = false;
	if (s->alert_run != NULL || s->alert_to != NULL)
		rc = view_alerts(h->store, false, &l, err);
	for (size_t i = 0; i < l.count && !*out; i++)
		*out = (s->alert_run != NULL && l.item[i].tries == 0 &&
			l.item[i].handed == 0) ||
		       (s->alert_to != NULL && l.item[i].told == 0);
	alert_list_release(&l);
	return rc;
}

static int take(struct home *h, const struct list *tried, struct alert *out, bool *found,
		struct error *err)
{
	if (find_next(h, tried, out, found, err) == -1)
		return -1;
	return !*found ? 0 :
	       record_alert_handing(h->store, out->id, ++out->tries, err);
}

int alert_take(struct home *h, const struct list *tried, struct alert *out, bool *found,
	       struct error *err)
{
	int rc;

	*out = (struct alert){ 0 };
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = store_end(h->store, take(h, tried, out, found, err), err);
	if (rc == -1)
		alert_release(out);
	return rc;
}

int alert_settle(struct home *h, const char *id, const char *why, struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, record_alert_handed(h->store, id, why, err), err);
}
