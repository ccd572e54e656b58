/* The API of messages (api.h): what `trine send`, `reply`, `inbox`, `show`, `read`,
 * `retract` and `search` do. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/objects.h"

enum { LISTED = 200, LISTED_MOST = 1000 };

/* The newest LIMIT of what is listed, with their bodies if they are wanted. */
static int give_list(struct call *c, const struct record_list *l, json_t **out,
		     struct error *err)
{
	size_t most = (size_t)call_number(c, "limit", LISTED);
	bool bodies = call_flag(c, "bodies");
	json_t *list = json_array();

	for (size_t i = l->count > most ? l->count - most : 0; i < l->count; i++) {
		struct record r;

		if (!bodies) {
			json_array_append_new(list, record_to_json(&l->item[i], NULL, 0));
			continue;
		}
		if (mail_find(c->home, l->item[i].id, &r, err) == -1) {
			json_decref(list);
			return -1;
		}
		json_array_append_new(list, record_to_json(&r, NULL, 0));
		record_release(&r);
	}
	*out = json_pack("{s:i, s:o, s:b}", "schema", 1, "messages", list,
			 "more", (int)(l->count > most));
	return 0;
}

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct record_list l = { 0 };
	int rc = mail_inbox(c->home, call_text(c, "for"), call_flag(c, "all"), &l, err);

	if (rc == 0)
		rc = give_list(c, &l, out, err);
	record_list_release(&l);
	return rc;
}

static int run_search(struct call *c, json_t **out, struct error *err)
{
	struct search_filter f = SEARCH_FILTER_ALL;
	const char *text = call_text(c, "text"), *type = call_text(c, "type");
	size_t most = (size_t)call_number(c, "limit", 20);
	struct hit_list hits = { 0 };
	enum message_type which;
	json_t *list;

	f.text = text != NULL ? text : "";
	f.since = call_when(c, "since", true);
	f.until = call_when(c, "until", true);
	f.limit = most + 1;
	if (type != NULL && message_type_parse(span_str(type), &which))
		f.type = &which;
	if (mail_search(c->home, call_text(c, "from"), call_text(c, "to"), &f, &hits,
			err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < hits.count && i < most; i++)
		json_array_append_new(list, hit_to_json(&hits.item[i]));
	*out = json_pack("{s:i, s:o, s:b}", "schema", 1, "messages", list,
			 "more", (int)(hits.count > most));
	hit_list_release(&hits);
	return 0;
}

static int run_show(struct call *c, json_t **out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list anew = { 0 };
	struct moment *history = NULL;
	struct record r;
	size_t count = 0;
	int rc;

	if (mail_find(c->home, call_text(c, "id"), &r, err) == -1)
		return -1;
	f.origin = r.id;
	f.direction = (int)r.direction;
	rc = view_history(c->home->store, r.id, &history, &count, err);
	if (rc == 0)
		rc = view_records(c->home->store, &f, &anew, err);
	if (rc == 0)
		*out = letter_to_json(&r, history, count, &anew);
	record_list_release(&anew);
	moments_free(history, count);
	record_release(&r);
	return rc;
}

/* A message each to all instances of this computer. */
static int send_to_all_here(struct call *c, struct outgoing *o, json_t **out,
			    struct error *err)
{
	const struct settings *s = &c->home->settings;
	json_t *ids = json_array();
	char id[MESSAGE_ID], self[16];

	snprintf(self, sizeof(self), "%d", c->home->number);
	o->to = self;
	for (size_t i = 0; i < s->instance_count; i++) {
		o->instance = s->instance[i].name;
		if (mail_send(c->home, o, id, err) == -1) {
			json_decref(ids);
			return -1;
		}
		json_array_append_new(ids, json_string(id));
	}
	*out = json_pack("{s:i, s:o}", "schema", 1, "ids", ids);
	return 0;
}

static int run_send(struct call *c, json_t **out, struct error *err)
{
	struct outgoing o = {
		.to = call_text(c, "to"), .type = call_type(c), .priority = call_priority(c),
		.from = call_from(c), .instance = call_text(c, "for"),
		.re = call_text(c, "re"), .title = call_text(c, "title"),
		.claim_one = call_flag(c, "claim_one"), .body = call_body(c),
		.due = call_when(c, "due", false),
	};
	char id[MESSAGE_ID];
	int rc;

	call_list(c, "labels", &o.labels);
	if (strcmp(o.to, "instances") == 0) {
		rc = send_to_all_here(c, &o, out, err);
	} else {
		rc = mail_send(c->home, &o, id, err);
		if (rc == 0)
			*out = api_id(id);
	}
	list_release(&o.labels);
	return rc;
}

static int run_reply(struct call *c, json_t **out, struct error *err)
{
	char id[MESSAGE_ID];

	if (mail_reply(c->home, call_text(c, "id"), call_from(c),
		       call_text(c, "title"), call_body(c), id, err) == -1)
		return -1;
	*out = api_id(id);
	return 0;
}

static int run_read(struct call *c, json_t **out, struct error *err)
{
	if (mail_read(c->home, call_text(c, "id"), err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

static int run_retract(struct call *c, json_t **out, struct error *err)
{
	if (mail_retract(c->home, call_text(c, "id"), err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

/* ---- as data ---- */

#define TYPES "message task alert status result control"
#define PRIORITIES "low normal high urgent"

static const struct api_field list_fields[] = {
	{ "for", API_TEXT, false, "for this instance, or handed to it", NULL, 0, 0 },
	{ "all", API_FLAG, false, "all that ever came, not only what is new", NULL, 0, 0 },
	{ "bodies", API_FLAG, false, "with their texts", NULL, 0, 0 },
	{ "limit", API_NUMBER, false, "so many of the newest (200)", NULL, 1,
	  LISTED_MOST },
	API_END
};

static const struct api_field search_fields[] = {
	{ "text", API_TEXT, false, "words, all of which must be there", NULL, 0, 0 },
	{ "from", API_TEXT, false, "written by this computer, or HUMAN", NULL, 0, 0 },
	{ "to", API_TEXT, false, "written to this computer, or ALL", NULL, 0, 0 },
	{ "type", API_TEXT, false, "of this type", TYPES, 0, 0 },
	{ "since", API_WHEN, false, "sent from then on", NULL, 0, 0 },
	{ "until", API_WHEN, false, "sent up to then", NULL, 0, 0 },
	{ "limit", API_NUMBER, false, "so many at most (20)", NULL, 1, LISTED_MOST },
	API_END
};

#define TITLE { "title", API_TEXT, false, "what it is about; else the body's first " \
		"heading or line", NULL, 0, 0 }
#define BODY { "body", API_TEXT, false, "its text, markdown", NULL, 0, 0 }
#define FROM { "from", API_TEXT, false, "the instance or session that says it; else " \
	       "that which acts", NULL, 0, 0 }

static const struct api_field send_fields[] = {
	{ "to", API_TEXT, true, "a computer by number or name, or ALL; this one itself, "
	  "for one of its instances or whoever coordinates them; `instances`: one each to "
	  "all of them", NULL, 0, 0 },
	{ "type", API_TEXT, false, "else message", TYPES, 0, 0 },
	{ "priority", API_TEXT, false, "else normal; urgent: at once", PRIORITIES, 0, 0 },
	{ "for", API_TEXT, false, "for this instance or session there", NULL, 0, 0 },
	{ "re", API_TEXT, false, "the message that this is about", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "due", API_WHEN, false, "when it is due", NULL, 0, 0 },
	{ "claim_one", API_FLAG, false, "a task to ALL: one computer does it", NULL, 0, 0 },
	FROM, TITLE, BODY, API_END
};

static const struct api_field reply_fields[] = { FROM, TITLE, BODY, API_END };

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/messages", "message_list",
	  "What came for this computer, and nobody has read or taken", list_fields,
	  "MessageList", 0, run_list, NULL },
	{ METHOD_POST, "/api/messages", "message_send", "Leave a message or a task",
	  send_fields, "Id", 0, run_send, NULL },
	{ METHOD_GET, "/api/search", "message_search",
	  "Words in everything that was ever said", search_fields, "MessageList", 0,
	  run_search, NULL },
	{ METHOD_GET, "/api/messages/{id}", "message_show",
	  "One, and what became of it", NULL, "Message", 0, run_show, NULL },
	{ METHOD_POST, "/api/messages/{id}/reply", "message_reply",
	  "Answer it; the answer to a task completes it", reply_fields, "Id", 0,
	  run_reply, NULL },
	{ METHOD_POST, "/api/messages/{id}/read", "message_read",
	  "Nobody needs to look at it any more", NULL, "Done", 0, run_read, NULL },
	{ METHOD_POST, "/api/messages/{id}/retract", "message_retract",
	  "Take back what no commit holds yet", NULL, "Done", 0, run_retract, NULL },
	{ .path = NULL }
};

static const struct api_field message_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "id", API_TEXT, true, "its id", NULL, 0, 0 },
	{ "stream", API_TEXT, false, "from which computer to which", NULL, 0, 0 },
	{ "seq", API_NUMBER, false, "its number there", NULL, 0, 0 },
	{ "type", API_TEXT, true, "what it is", TYPES, 0, 0 },
	{ "priority", API_TEXT, true, "how urgent it is", PRIORITIES, 0, 0 },
	{ "from", API_TEXT, false, "the instance or session that wrote it", NULL, 0, 0 },
	{ "to", API_TEXT, true, "a computer, or ALL", NULL, 0, 0 },
	{ "for", API_TEXT, false, "the instance or session it is for", NULL, 0, 0 },
	{ "title", API_TEXT, false, "what it is about", NULL, 0, 0 },
	{ "body", API_TEXT, false, "its text", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "sent", API_TIME, false, "when", NULL, 0, 0 },
	{ "due", API_TIME, false, "when it is due", NULL, 0, 0 },
	{ "re", API_TEXT, false, "the message that it is about", NULL, 0, 0 },
	{ "state", API_TEXT, false, "of a task", NULL, 0, 0 },
	{ "note", API_TEXT, false, "in doubt, why it failed, ...", NULL, 0, 0 },
	{ "snippet", API_TEXT, false, "where a search found it", NULL, 0, 0 },
	{ "anew", API_TEXT, false, "the id under which its text was sent once more", NULL,
	  0, 0 },
	{ "history", API_OBJECTS, false, "what became of it", "Moment", 0, 0 },
	{ API_OTHERS, API_TEXT, false, "other keys of the message, as they were written",
	  NULL, 0, 0 },
	API_END
};

static const struct api_field moment_schema[] = {
	{ "event", API_TEXT, true, "sent committed pushed received read ...", NULL, 0, 0 },
	{ "time", API_TIME, false, "when", NULL, 0, 0 },
	{ "computer", API_NUMBER, false, "where; absent: here", NULL, 0, 0 },
	{ "instance", API_TEXT, false, "who", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "messages", API_OBJECTS, true, "without texts, if not asked for", "Message", 0,
	  0 },
	{ "more", API_FLAG, true, "there are more than the limit", NULL, 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Message", "A message, and what became of it", message_schema },
	{ "Moment", "A line of a message's history", moment_schema },
	{ "MessageList", "Messages", list_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_messages = {
	"messages", "Messages between computers and instances", operations, schemas
};
