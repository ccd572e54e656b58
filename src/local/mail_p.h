/* What the files of mail share. Private to src/local. */
#ifndef LOCAL_MAIL_P_H
#define LOCAL_MAIL_P_H

#include "trine/mail.h"

/* M goes to this computer itself: it has come as soon as it is sent, and is published to
 * nobody. ANSWERED, or NULL, counts as read. */
int mail_here(struct home *h, struct message *m, const struct record *answered,
	      char id[MESSAGE_ID], struct error *err);
/* May it? ERR_REFUSED: tasks and alerts have verbs of their own. */
int mail_check_here(const struct home *h, enum message_type type, struct error *err);

/* M is a task that is made while that of id CAUSE (or NULL) is worked on: it has as many
 * `hops`, and one more if it LEAVES this computer. ERR_REFUSED: more than LIMIT_HOPS. */
int mail_count_hops(struct home *h, const char *cause, bool leaves, struct message *m,
		    struct error *err);

#endif
