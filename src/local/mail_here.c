/*
 * Messages between the instances of one computer (mail_p.h), and between them and
 * whoever coordinates them: the same messages, ids and inboxes as between computers. They
 * stay in the log, as its tasks do: `N_TO_N.seq`.
 */
#include "mail_p.h"

#include "trine/store_task.h"

int mail_check_here(const struct home *h, enum message_type type, struct error *err)
{
	if (type == TYPE_TASK)
		return error_set(err, ERR_REFUSED, "this is computer %d itself: `trine "
				 "task add` is for tasks of its own", h->number);
	if (type == TYPE_ALERT)
		return error_set(err, ERR_REFUSED, "this is computer %d itself: `trine "
				 "alert` raises one for all", h->number);
	return 0;
}

static int put(struct home *h, struct message *m, const struct record *answered,
	       char id[MESSAGE_ID], struct error *err)
{
	struct identity me = { 0 };
	int rc = -1;

	m->sent = h->clock->now(h->clock);
	if (view_identity(h->store, &me, err) == -1 ||
	    view_highest(h->store, m->stream, &m->seq, err) == -1)
		goto out;
	m->seq++;
	message_id_format(m->stream, m->seq, id);
	if (message_check(m, err) == 0)
		rc = record_received(h->store, id, m, me.clone, "", "", "", err);
	if (rc == 0 && answered != NULL && answered->read == 0)
		rc = record_read(h->store, answered->id, "reply", err);
out:
	identity_release(&me);
	return rc;
}

int mail_here(struct home *h, struct message *m, const struct record *answered,
	      char id[MESSAGE_ID], struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, put(h, m, answered, id, err), err);
}
