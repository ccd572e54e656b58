/*
 * Approvals and vetoes (tasks.h). cli/cmd_task_vote.c calls these; what a task lacks is
 * counted by the view (`wants`).
 */
#include <stdio.h>
#include <string.h>

#include "trine/tasks.h"
#include "trine/text.h"
#include "trine/work.h"

static const char *called(const struct session *s, char out[SESSION_TEXT])
{
	if (*s->name != '\0')
		text_copy(out, SESSION_TEXT, span_str(s->name));
	else
		session_text(s, out);
	return out;
}

static int check(const struct record *r, struct error *err)
{
	struct task_terms t;
	bool asked = task_terms_read(&r->message, &t) && t.approvals > 0;

	task_terms_release(&t);
	if (!asked)
		return error_set(err, ERR_NO, "%s wants no approval", r->id);
	if (r->wants == 0 || strcmp(r->state, "QUEUED") != 0)
		return error_set(err, ERR_NO, "%s is decided: it is %s", r->id,
				 strcmp(r->state, "QUEUED") == 0 ? "approved" :
				 r->state);
	return 0;
}

static int approve(struct home *h, const struct session *s, const struct record *r,
		   const char *unused, struct error *err)
{
	struct buf who = BUF_INIT;
	char name[SESSION_TEXT];
	bool mine;
	int rc;

	(void)unused;
	if (r->author == s->id)
		return error_set(err, ERR_NO, "you added %s: others approve it",
				 r->id);
	rc = view_approvals(h->store, r->id, s->id, &who, &mine, err);
	buf_release(&who);
	if (rc == -1 || mine)
		return rc;
	return record_approved(h->store, r->id, s->id, called(s, name), err);
}

static int veto(struct home *h, const struct session *s, const struct record *r,
		const char *reason, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	char name[SESSION_TEXT];
	int rc;

	work_end_say(&end, WORK_FAILED, "vetoed by %s: %s", called(s, name), reason);
	rc = work_finish(h, r, *s->name ? s->name : NULL, TASK_FAILED, &end, err);
	work_end_release(&end);
	return rc == 0 ? tasks_sweep(h, err) : -1;
}

static int vote(struct home *h, const struct session *s, const char *id,
		const char *reason,
		int (*cast)(struct home *h, const struct session *s,
			    const struct record *r, const char *reason,
			    struct error *err), struct error *err)
{
	struct record r;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = session_stays(h, s, err);
	if (rc == 0)
		rc = tasks_find(h, id, &r, err);
	if (rc == 0) {
		rc = check(&r, err);
		if (rc == 0)
			rc = cast(h, s, &r, reason, err);
		record_release(&r);
	}
	return store_end(h->store, rc, err);
}

int tasks_approve(struct home *h, const struct session *s, const char *id,
		  struct error *err)
{
	return vote(h, s, id, NULL, approve, err);
}

int tasks_veto(struct home *h, const struct session *s, const char *id,
	       const char *reason, struct error *err)
{
	if (*reason == '\0' || !text_fits(reason, TASK_REMARK))
		return error_set(err, ERR_DATA, "a veto's reason is a text of at most "
				 "%d bytes of UTF-8", TASK_REMARK);
	return vote(h, s, id, reason, veto, err);
}
