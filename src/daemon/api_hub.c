/*
 * The hub (api.h): the fleet for scripts that know only HTTP, on this computer or
 * another. What comes in is a message of this computer, and says on whose behalf; it
 * goes the way of every other one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/tasks.h"
#include "trine/text.h"

enum { LISTED = 100, LISTED_MOST = 1000 };

/* ---- in ---- */

/* On whose behalf: what the daemon's own token says, it says of anybody; a computer's
 * says only what is of that computer. To be freed. */
static char *speaker(const struct call *c, struct error *err)
{
	int computer = c->conn->request.computer;
	const char *from = call_text(c, "from");
	char *name;

	if (computer == 0 && from == NULL) {
		error_set(err, ERR_USAGE, "\"from\" is wanted: who says it");
		return NULL;
	}
	name = computer == 0 ? xstrdup(from) :
	       from == NULL ? xasprintf("computer-%d", computer) :
	       xasprintf("computer-%d.%s", computer, from);
	if (plain_name_valid(span_str(name)))
		return name;
	free(name);
	error_set(err, ERR_USAGE, "\"from\" is made of letters, digits, `.`, `_` and `-`, "
		  "and is not long");
	return NULL;
}

/* What others send to this computer is a task of its own: the hub has no stream to it. */
static int add_task(struct call *c, const struct outgoing *o, char id[MESSAGE_ID],
		    struct error *err)
{
	const struct task_wish wish = {
		.from = o->from, .instance = o->instance, .priority = o->priority,
		.title = o->title, .body = o->body, .labels = o->labels, .due = o->due,
	};

	if (o->re != NULL)
		return error_set(err, ERR_USAGE, "a task of the hub's own computer "
				 "answers nothing: leave \"re\" out");
	return tasks_add(c->home, &wish, id, err);
}

/* As the API calls it, or as a frame of real time does: who has one sends it as it is. */
static int find_body(const struct call *c, struct span *out, struct error *err)
{
	const char *content = call_text(c, "content");

	*out = call_body(c);
	if (content == NULL)
		return 0;
	if (out->len > 0)
		return error_set(err, ERR_USAGE, "\"body\" and \"content\" are the "
				 "same: give one of them");
	*out = span_str(content);
	return 0;
}

static int give(struct call *c, const struct outgoing *o, char id[MESSAGE_ID],
		struct error *err)
{
	int end = END_ALL;

	if (o->type == TYPE_TASK && mail_find_end(c->home, o->to, &end, err) == -1)
		return -1;
	return end == c->home->number ? add_task(c, o, id, err) :
	       mail_send(c->home, o, id, err);
}

static int say(struct call *c, struct outgoing *o, json_t **out, struct error *err)
{
	char id[MESSAGE_ID], *from = speaker(c, err);
	int rc = -1;

	if (from == NULL)
		return -1;
	o->from = from;
	o->priority = call_priority(c);
	o->title = call_text(c, "title");
	if (find_body(c, &o->body, err) == 0)
		rc = give(c, o, id, err);
	if (rc == 0)
		*out = api_id(id);
	free(from);
	return rc;
}

static int run_send(struct call *c, json_t **out, struct error *err)
{
	struct outgoing o = {
		.to = call_text(c, "to"), .type = call_type(c), .instance = call_text(c, "for"),
		.re = call_text(c, "re"), .due = call_when(c, "due", false),
	};
	int rc;

	call_list(c, "labels", &o.labels);
	rc = say(c, &o, out, err);
	list_release(&o.labels);
	return rc;
}

static int run_report(struct call *c, json_t **out, struct error *err)
{
	struct outgoing o = { .to = "ALL", .type = TYPE_STATUS };

	return say(c, &o, out, err);
}

/* ---- out ---- */

/* The receipt of COMPUTER for STREAM; it may have none of it, or be no computer. */
static int receipt_of(struct call *c, int computer, struct stream_name stream,
		      uint64_t *out, struct error *err)
{
	struct peer *l = NULL;
	size_t count = 0;

	*out = 0;
	if (view_peers(c->home->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < l[i].received_count; k++)
			if (l[i].computer == computer &&
			    l[i].received[k].stream.from == stream.from &&
			    l[i].received[k].stream.to == stream.to)
				*out = l[i].received[k].upto;
	peers_free(l, count);
	return 0;
}

static int add_stream(struct call *c, int computer, int to, json_t *list, bool *more,
		      struct error *err)
{
	int64_t most = call_number(c, "limit", LISTED);
	int64_t since = call_when(c, "since", true);
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	uint64_t receipt;

	f.direction = DIRECTION_OUT;
	f.stream = (struct stream_name){ c->home->number, to };
	if (receipt_of(c, computer, f.stream, &receipt, err) == -1)
		return -1;
	f.first = receipt + 1;
	f.limit = (size_t)most + 1;
	if (view_records(c->home->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		if (l.item[i].message.sent < since)
			continue;
		if ((int64_t)json_array_size(list) >= most)
			*more = true;
		else
			json_array_append_new(list, record_to_json(&l.item[i], NULL, 0));
	}
	record_list_release(&l);
	return 0;
}

static int run_instructions(struct call *c, json_t **out, struct error *err)
{
	int asks = c->conn->request.computer;
	const char *given = call_text(c, "computer");
	json_t *list = json_array();
	uint64_t computer;
	bool more = false;

	if (!text_number(span_str(given), &computer) || computer < 1 ||
	    computer > LIMIT_COMPUTERS) {
		json_decref(list);
		return error_set(err, ERR_USAGE, "\"computer\" is a number");
	}
	if (asks != 0 && asks != (int)computer) {
		json_decref(list);
		return error_set(err, ERR_REFUSED, "computer %d asks for what is for "
				 "computer %d", asks, (int)computer);
	}
	if (add_stream(c, (int)computer, (int)computer, list, &more, err) == -1 ||
	    add_stream(c, (int)computer, END_ALL, list, &more, err) == -1) {
		json_decref(list);
		return -1;
	}
	*out = json_pack("{s:i, s:o, s:b}", "schema", 1, "messages", list, "more",
			 (int)more);
	return 0;
}

/* ---- as data ---- */

#define PRIORITIES "low normal high urgent"
#define FROM { "from", API_TEXT, false, "who says it; with a computer's token, what of " \
	       "that computer", NULL, 0, 0 }
#define TEXT { "title", API_TEXT, false, "what it is about; else the body's first " \
	       "heading or line", NULL, 0, 0 }, \
	{ "body", API_TEXT, false, "its text, markdown", NULL, 0, 0 }, \
	{ "content", API_TEXT, false, "the same", NULL, 0, 0 }, \
	{ "timestamp", API_TEXT, false, "not looked at: it is sent now", NULL, 0, 0 }, \
	{ "priority", API_TEXT, false, "else normal", PRIORITIES, 0, 0 }

static const struct api_field send_fields[] = {
	{ "to", API_TEXT, true, "a computer by number or name, or ALL", NULL, 0, 0 },
	{ "type", API_TEXT, false, "else message", "message task alert status control", 0,
	  0 },
	{ "for", API_TEXT, false, "for this instance or session there", NULL, 0, 0 },
	{ "re", API_TEXT, false, "the message that this is about", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "due", API_WHEN, false, "when it is due", NULL, 0, 0 },
	FROM, TEXT, API_END
};

static const struct api_field report_fields[] = { FROM, TEXT, API_END };

static const struct api_field instructions_fields[] = {
	{ "since", API_WHEN, false, "sent from then on", NULL, 0, 0 },
	{ "limit", API_NUMBER, false, "so many (100)", NULL, 1, LISTED_MOST },
	API_END
};

static const struct api_operation operations[] = {
	{ METHOD_POST, "/send", "hub_send", "Leave a message or a task for a computer",
	  send_fields, "Id", 0, run_send, NULL },
	{ METHOD_POST, "/report", "hub_report", "Tell all how it stands", report_fields,
	  "Id", 0, run_report, NULL },
	{ METHOD_GET, "/instructions/{computer}", "hub_instructions",
	  "What this computer says to that one, and to all, and that one has no receipt for",
	  instructions_fields, "MessageList", 0, run_instructions, NULL },
	{ .path = NULL }
};

static const struct api_schema schemas[] = { { NULL, NULL, NULL } };

const struct api_part api_hub = {
	"hub", "The fleet, for scripts that know only HTTP", operations, schemas
};
