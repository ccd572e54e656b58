/*
 * The verbs of mail (mail.h): each is one transaction of the event log, and
 * done when the log is on the disk. cli/cmd_send.c and its like call these.
 */
#include "mail_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/claims.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

/* Of the record or the outgoing message, as RFC 3339. */
static void add_time(struct buf *out, const char *key, int64_t seconds)
{
	char text[TIME_TEXT];

	if (seconds != 0)
		buf_printf(out, "%s: %s\n", key, time_format(seconds, text));
}

static void add_text(struct buf *out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, "%s: ", key);
	yaml_write(out, text);
	buf_addc(out, '\n');
}

static void add_labels(struct buf *out, const struct list *labels)
{
	if (labels->count == 0)
		return;
	buf_adds(out, "labels: [");
	for (size_t i = 0; i < labels->count; i++) {
		buf_adds(out, i == 0 ? "" : ", ");
		yaml_write(out, labels->item[i]);
	}
	buf_adds(out, "]\n");
}

void mail_write(struct buf *out, const struct record *record)
{
	const struct message *m = &record->message;

	buf_printf(out, "## %s\n\n```yaml message\nid: %s\n",
		   m->title ? m->title : "", record->id);
	buf_printf(out, "type: %s\npriority: %s\n", message_type_name(m->type),
		   message_priority_name(m->priority));
	add_time(out, "sent", m->sent);
	add_text(out, "from", m->from);
	add_text(out, "for", m->to);
	add_text(out, "re", m->re);
	add_labels(out, &m->labels);
	add_time(out, "due", m->due);
	for (size_t i = 0; i < m->extra_count; i++)
		buf_printf(out, "%s: %s\n", m->extra[i].key, m->extra[i].value);
	buf_adds(out, "```\n");
	if (m->body_len > 0) {
		buf_addc(out, '\n');
		buf_add(out, m->body, m->body_len);
	}
}

/* ---- finding ---- */

static void take_record(struct record *out, struct record_list *l)
{
	*out = l->item[0];
	memset(&l->item[0], 0, sizeof(l->item[0]));
}

int mail_find(struct home *h, const char *id, struct record *out,
	      struct error *err)
{
	struct record_filter filter = RECORD_FILTER_ALL;
	struct record_list found = { 0 };
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (!message_id_valid(span_str(id)))
		return error_set(err, ERR_USAGE,
				 "no message has an id like that; ids look like "
				 "1_TO_2.7");
	filter.id = id;
	filter.limit = 1;
	if (view_records(h->store, &filter, &found, err) == -1)
		goto out;
	if (found.count == 0) {
		error_set(err, ERR_NOTFOUND,
			  "no message or task %s is known here; `trine inbox "
			  "--all` and `trine task list --all` list them", id);
		goto out;
	}
	take_record(out, &found);
	rc = 0;
out:
	record_list_release(&found);
	return rc;
}

/* A task that was made here is no mail: `trine task list` has it. */
static bool is_mail(const struct record *r)
{
	return r->message.stream.from != r->message.stream.to ||
	       r->message.type != TYPE_TASK;
}

static bool is_for(const struct record *r, const char *instance)
{
	return (r->message.to && strcmp(r->message.to, instance) == 0) ||
	       (r->instance && strcmp(r->instance, instance) == 0);
}

static void keep_mail_for(struct record_list *l, const char *instance)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (is_mail(&l->item[i]) &&
		    (instance == NULL || is_for(&l->item[i], instance)))
			l->item[kept++] = l->item[i];
		else
			record_release(&l->item[i]);
	}
	l->count = kept;
}

/* Imported messages are everybody's history; the inbox shows ours of them. */
static int add_imported(struct home *h, struct record_list *out,
			struct error *err)
{
	struct record_filter filter = RECORD_FILTER_ALL;
	struct record_list found = { 0 };

	filter.direction = DIRECTION_OLD;
	filter.brief = true;
	if (view_records(h->store, &filter, &found, err) == -1)
		return -1;
	for (size_t i = 0; i < found.count; i++) {
		struct record *r = &found.item[i];
		struct stream_name stream = r->message.stream;

		if (stream.from == h->number ||
		    (stream.to != h->number && stream.to != END_ALL))
			continue;
		ARRAY_GROW(out->item, out->count, out->cap);
		out->item[out->count++] = *r;
		*r = (struct record){ .message = MESSAGE_INIT };
	}
	record_list_release(&found);
	return 0;
}

int mail_inbox(struct home *h, const char *instance, bool all,
	       struct record_list *out, struct error *err)
{
	struct record_filter filter = RECORD_FILTER_ALL;

	filter.direction = DIRECTION_IN;
	filter.unread = !all;
	filter.brief = true;
	if (view_records(h->store, &filter, out, err) == -1 ||
	    (all && add_imported(h, out, err) == -1))
		return -1;
	keep_mail_for(out, instance);
	return 0;
}

/* ---- searching ---- */

int mail_find_end(struct home *h, const char *who, int *out, struct error *err)
{
	struct fleet fleet = FLEET_INIT;
	int rc;

	rc = home_fleet(h, &fleet, err);
	if (rc == 0)
		rc = fleet_find(&fleet, who, out, err);
	fleet_release(&fleet);
	return rc;
}

static int find_writer(struct home *h, const char *who, int *out,
		       struct error *err)
{
	if (strcasecmp(who, "HUMAN") == 0) {
		*out = END_HUMAN;
		return 0;
	}
	if (mail_find_end(h, who, out, err) == -1)
		return -1;
	return *out != END_ALL ? 0 :
	       error_set(err, ERR_USAGE, "nobody writes as ALL: leave it out "
			 "to search what all have written");
}

int mail_search(struct home *h, const char *from, const char *to,
		struct search_filter *search, struct hit_list *out,
		struct error *err)
{
	*out = (struct hit_list){ 0 };
	search->from = search->to = END_ANY;
	if (from != NULL && find_writer(h, from, &search->from, err) == -1)
		return -1;
	if (to != NULL && mail_find_end(h, to, &search->to, err) == -1)
		return -1;
	return view_search(h->store, search, out, err);
}

/* ---- sending ---- */

/* The next number of M's stream: under the log's lock, so that two senders
 * never get the same. */
static int give_number(struct home *h, struct message *m, struct error *err)
{
	struct out_stream *streams = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_out_streams(h->store, &streams, &count, err) == -1)
		return -1;
	m->seq = 1;
	for (size_t i = 0; i < count && rc == 0; i++)
		if (streams[i].name.from == m->stream.from &&
		    streams[i].name.to == m->stream.to) {
			m->seq = streams[i].last + 1;
			rc = mail_check_room(h, &streams[i], m, err);
		}
	out_streams_free(streams, count);
	return rc;
}

int mail_put(struct home *h, struct message *m, struct error *err)
{
	m->sent = h->clock->now(h->clock);
	/* what no reader could read must not be taken for sent */
	if (message_check(m, err) == -1 ||
	    give_number(h, m, err) == -1)
		return -1;
	return record_sent(h->store, m, false, err);
}

/* Of several computers the one that claimed it says that it is done, to all. */
static int claim_stands(struct home *h, const struct message *m,
			const struct record *answered, bool *fleet,
			struct error *err)
{
	*fleet = false;
	if (answered == NULL || m->type != TYPE_RESULT ||
	    answered->direction != DIRECTION_IN)
		return 0;
	if (claims_of_task(h, answered, fleet, err) == -1)
		return -1;
	return *fleet ? claims_allow(h, answered, err) : 0;
}

static int put_and_mark(struct home *h, struct message *m,
			const struct record *answered, struct error *err)
{
	bool fleet;

	if (claim_stands(h, m, answered, &fleet, err) == -1)
		return -1;
	if (fleet)
		m->stream.to = END_ALL;
	if (mail_put(h, m, err) == -1)
		return -1;
	if (fleet &&
	    claims_give_back_task(h, answered->id, "it has ended", err) == -1)
		return -1;
	if (answered != NULL && answered->direction == DIRECTION_IN &&
	    answered->read == 0)
		return record_read(h->store, answered->id, "reply", err);
	return 0;
}

static int accept_message(struct home *h, struct message *m,
			  const struct record *answered, char id[MESSAGE_ID],
			  struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	if (store_end(h->store, put_and_mark(h, m, answered, err), err) == -1)
		return -1;
	message_id_format(m->stream, m->seq, id);
	return 0;
}

int mail_check_labels(const struct list *labels, struct error *err)
{
	for (size_t i = 0; i < labels->count; i++)
		if (!plain_name_valid(span_str(labels->item[i])))
			return error_set(err, ERR_USAGE, "a label is made of letters, "
					 "digits, `.`, `_` and `-` only");
	return 0;
}

/* What people give by option or name; peers' files are checked in core. */
static int check_words(const struct outgoing *o, struct error *err)
{
	if (o->instance != NULL && !plain_name_valid(span_str(o->instance)))
		return error_set(err, ERR_USAGE,
			"no instance can have the name given with --for: "
			"letters, digits, `.`, `_` and `-` only");
	if (mail_check_labels(&o->labels, err) == -1)
		return -1;
	if (o->re != NULL && !message_id_valid(span_str(o->re)))
		return error_set(err, ERR_USAGE,
			"--re wants the id of a message, like 1_TO_2.7");
	return 0;
}

static int set_text(struct message *m, const char *title, struct span body,
		    struct error *err)
{
	if (message_is_blank(title, body))
		return error_set(err, ERR_USAGE,
			"nothing to send: give a title with -m, a FILE, or `-` "
			"to read the text from standard input");
	return message_set_text(m, title, body, err);
}

/* One that nobody knows here is no cause. */
int mail_count_hops(struct home *h, const char *cause, bool leaves, struct message *m,
		    struct error *err)
{
	struct error unknown = ERROR_INIT;
	struct record r;
	char text[24];
	uint64_t hops;

	if (cause == NULL || mail_find(h, cause, &r, &unknown) == -1)
		return 0;
	hops = message_hops(&r.message);
	record_release(&r);
	if (hops > LIMIT_HOPS || (leaves && hops == LIMIT_HOPS))
		return error_set(err, ERR_REFUSED, "%s came about by %d tasks in a "
				 "row, from computer to computer: no more follow. "
				 "A person may send this one", cause, LIMIT_HOPS);
	hops += leaves;
	if (hops == 0)
		return 0;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)hops);
	message_add_extra(m, "hops", text);
	return 0;
}

static int check_claim(const struct outgoing *o, int to, struct error *err)
{
	if (!o->claim_one || (o->type == TYPE_TASK && to == END_ALL))
		return 0;
	return error_set(err, ERR_USAGE, "only a task to ALL is claimed by one of those "
			 "who get it (`-t task`)");
}

int mail_send(struct home *h, const struct outgoing *o, char id[MESSAGE_ID],
	      struct error *err)
{
	struct message m = MESSAGE_INIT;
	int to, rc = -1;

	if (check_words(o, err) == -1 ||
	    mail_find_end(h, o->to, &to, err) == -1 ||
	    (to == h->number && mail_check_here(h, o->type, err) == -1) ||
	    check_claim(o, to, err) == -1 ||
	    set_text(&m, o->title, o->body, err) == -1 ||
	    rules_write_prefer(&m, o->prefer, err) == -1 ||
	    (o->type == TYPE_TASK &&
	     mail_count_hops(h, o->cause, true, &m, err) == -1))
		goto out;
	m.stream = (struct stream_name){ h->number, to };
	m.type = o->type;
	m.priority = o->priority;
	m.from = xstrdup(o->from);
	m.to = xstrdup(o->instance);
	m.re = xstrdup(o->re);
	m.due = o->due;
	list_copy(&m.labels, &o->labels);
	if (o->claim_one)
		message_add_extra(&m, "claim", "one");
	rc = to == h->number ? mail_here(h, &m, NULL, id, err) :
		accept_message(h, &m, NULL, id, err);
out:
	message_release(&m);
	return rc;
}

/* One between instances of ours. */
static bool is_from_here(const struct home *h, const struct record *r)
{
	return r->message.stream.from == h->number &&
	       r->message.stream.to == h->number && r->message.type != TYPE_TASK;
}

static int check_answerable(const struct home *h, const struct record *r,
			    struct error *err)
{
	if (is_from_here(h, r))
		return 0;
	if (r->direction == DIRECTION_OUT ||
	    r->message.stream.from == h->number)
		return error_set(err, ERR_REFUSED,
			"%s is from this computer: there is nobody to answer; "
			"`trine send` writes to others", r->id);
	if (r->message.stream.from == END_HUMAN)
		return error_set(err, ERR_REFUSED,
			"%s was written by people, who have no stream of their "
			"own: `trine send ALL --re %s` answers where all can "
			"read it", r->id, r->id);
	return 0;
}

int mail_reply(struct home *h, const char *re, const char *from,
	       const char *title, struct span body, char id[MESSAGE_ID],
	       struct error *err)
{
	struct message m = MESSAGE_INIT;
	struct record asked;
	int rc = -1;

	if (mail_find(h, re, &asked, err) == -1)
		return -1;
	if (check_answerable(h, &asked, err) == -1 ||
	    set_text(&m, title, body, err) == -1)
		goto out;
	m.stream = (struct stream_name){ h->number, asked.message.stream.from };
	m.from = xstrdup(from);
	m.to = xstrdup(asked.message.from);
	m.re = xstrdup(asked.id);
	if (asked.message.type == TYPE_TASK &&
	    asked.direction == DIRECTION_IN) {
		m.type = TYPE_RESULT;
		message_add_extra(&m, "state", "COMPLETED");
	}
	rc = is_from_here(h, &asked) ? mail_here(h, &m, &asked, id, err) :
		accept_message(h, &m, &asked, id, err);
out:
	message_release(&m);
	record_release(&asked);
	return rc;
}

/* ---- changing one's mind, and having read ---- */

/* By another way than git (early.h). Of what a clone before this one accepted this one
 * does not know all (R28). */
static int may_be_out(struct home *h, const struct record *r, bool *out,
		      struct error *err)
{
	struct identity us;

	if (view_identity(h->store, &us, err) == -1)
		return -1;
	*out = r->early != 0 || strcmp(r->clone, us.clone) != 0;
	identity_release(&us);
	return 0;
}

/* Somebody may have it: its number is taken, and says what it was. */
static int withdraw(struct home *h, const struct record *r, struct error *err)
{
	struct message m = MESSAGE_INIT;
	int rc;

	if (r->early != 0 &&
	    (r->message.type == TYPE_RESULT || r->message.type == TYPE_ALERT))
		return error_set(err, ERR_REFUSED,
			"%s has gone out in real time, and has done there what it "
			"says; %s", r->id, r->message.type == TYPE_ALERT ?
			"`trine alert clear` ends it" :
			"send another message that says what is wrong");
	message_tombstone(&m, r->message.stream, r->message.seq,
			  h->clock->now(h->clock), &r->message);
	rc = record_retracted(h->store, r->id, err);
	if (rc == 0)
		rc = record_sent(h->store, &m, false, err);
	message_release(&m);
	return rc;
}

static int retract_found(struct home *h, const struct record *r,
			 struct error *err)
{
	bool out;

	if (r->direction != DIRECTION_OUT)
		return error_set(err, ERR_REFUSED,
			"%s is not from this computer: only its sender can "
			"take it back", r->id);
	if (r->committed != 0)
		return error_set(err, ERR_REFUSED,
			"%s stands in a commit already, and what was committed "
			"is not taken back; send another message that says so",
			r->id);
	if (r->message.type == TYPE_ALERT && message_extra(&r->message, "state") != NULL)
		return error_set(err, ERR_REFUSED,
			"%s says that an alert is over, and it is: raise another one",
			r->id);
	if (message_is_tombstone(&r->message))
		return error_set(err, ERR_REFUSED, "%s is taken back already", r->id);
	if (may_be_out(h, r, &out, err) == -1)
		return -1;
	return out ? withdraw(h, r, err) : record_retracted(h->store, r->id, err);
}

static int read_found(struct home *h, const struct record *r, struct error *err)
{
	if (r->direction != DIRECTION_IN || r->read != 0)
		return 0;
	return record_read(h->store, r->id, "reader", err);
}

/* Look ID up and CHANGE it under one lock: nobody comes in between. */
static int change_message(struct home *h, const char *id,
			  int (*change)(struct home *h, const struct record *r,
					struct error *err),
			  struct error *err)
{
	struct record r;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = mail_find(h, id, &r, err);
	if (rc == 0)
		rc = change(h, &r, err);
	record_release(&r);
	return store_end(h->store, rc, err);
}

int mail_retract(struct home *h, const char *id, struct error *err)
{
	return change_message(h, id, retract_found, err);
}

int mail_read(struct home *h, const char *id, struct error *err)
{
	return change_message(h, id, read_found, err);
}
