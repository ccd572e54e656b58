/*
 * Messages in real time (realtime.h): ours go out, those of others come in or are passed
 * on, and each says to the other how far he is.
 */
#include "realtime.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

enum { LATE_MOST = 1000 };

/* ---- out ---- */

void realtime_say(struct realtime *rt, int to, int only, const char *text)
{
	size_t len = strlen(text);

	for (struct link *l = rt->links; l != NULL; l = l->next)
		if (!l->client && (only != 0 ? l->computer == only :
				   to == END_ALL || l->computer == to))
			link_send(l, text, len);
	if (rt->hub != NULL && only != 0) {
		char *whole = xasprintf("{\"only\":%d,%s", only, text + 1);

		link_send(rt->hub, whole, strlen(whole));
		free(whole);
	} else if (rt->hub != NULL) {
		link_send(rt->hub, text, len);
	}
}

/* Somebody has the log: when he has it no more. False: there is too much of that. */
static bool give_later(struct realtime *rt, struct stream_name stream, uint64_t above,
		       size_t most, int only)
{
	if (rt->due_count >= LATE_MOST)
		return false;
	ARRAY_GROW(rt->due, rt->due_count, rt->due_cap);
	rt->due[rt->due_count++] = (struct due){ stream, above, most, only };
	return true;
}

void realtime_give(struct realtime *rt, struct stream_name stream, uint64_t above,
		   size_t most, int only)
{
	struct list frames = LIST_INIT;
	struct error err = ERROR_INIT;
	uint64_t upto;

	if (rt->count == 0)
		return;
	if (early_offer(rt->web->d->home, stream, above, most, &frames, &upto,
			&err) == -1) {
		if (err.code != ERR_AGAIN || !give_later(rt, stream, above, most, only))
			daemon_say("real time: %s", err.text);
	}
	for (size_t i = 0; i < frames.count; i++)
		realtime_say(rt, stream.to, only, frames.item[i]);
	list_release(&frames);
}

void realtime_say_have(struct realtime *rt, int computer)
{
	struct early_mark mark[2];
	struct error err = ERROR_INIT;
	char name[STREAM_NAME], *text;
	json_t *streams, *have;

	if (computer == realtime_us(rt))
		return;
	if (early_have(rt->web->d->home, computer, mark, &err) == -1) {
		daemon_say("real time: %s", err.text);
		return;
	}
	streams = json_object();
	for (size_t i = 0; i < ARRAY_LEN(mark); i++)
		json_object_set_new(streams, stream_name_format(mark[i].stream, name),
				    json_integer((json_int_t)mark[i].upto));
	have = json_pack("{s:s, s:i, s:i, s:o}", "type", "have", "from",
			 realtime_us(rt), "to", computer, "streams", streams);
	text = mem_need(json_dumps(mem_need(have), JSON_COMPACT));
	realtime_say(rt, computer, 0, text);
	free(text);
	json_decref(have);
}

/* ---- messages ---- */

/* Hands it over to an instance, begins the next stage of what others do in parts. */
static bool is_for_a_cycle(const struct message *m)
{
	return m->type == TYPE_TASK || m->type == TYPE_RESULT || m->to != NULL ||
	       m->priority == PRIORITY_URGENT;
}

static int take_now(struct realtime *rt, struct span text, struct error *err)
{
	struct early_letter letter = EARLY_LETTER_INIT;
	struct home *h = rt->web->d->home;
	enum early_fate fate = EARLY_WAITS;
	char why[EARLY_WHY];
	int rc = early_read(text, &letter, err);

	if (rc == 0)
		rc = early_take(h, letter.message.stream.from, &letter, &fate, why, err);
	if (fate == EARLY_TAKEN && is_for_a_cycle(&letter.message))
		realtime_ring(rt);
	early_letter_release(&letter);
	return rc;
}

/* Behind those that wait already, in the order in which they came. What has no room
 * git brings. */
static bool take_later(struct realtime *rt, struct span text)
{
	if (rt->late.count >= LATE_MOST || rt->late_bytes + text.len > LINK_QUEUE)
		return false;
	list_take(&rt->late, xmemdup(text.p, text.len));
	rt->late_bytes += text.len;
	return true;
}

static void take(struct link *l, struct span text)
{
	struct realtime *rt = l->rt;
	struct error err = ERROR_INIT;

	if (rt->late.count > 0) {
		if (!take_later(rt, text))
			daemon_say("real time: a message waits for git");
		return;
	}
	if (take_now(rt, text, &err) == 0 ||
	    (err.code == ERR_AGAIN && take_later(rt, text)))
		return;
	daemon_say("real time: a message is not taken: %s", err.text);
	if (err.code == ERR_DATA && !l->client)
		link_fail(l, "%s", err.text);
}

void realtime_do_late(struct realtime *rt)
{
	struct list late = rt->late;
	struct due *due = rt->due;
	size_t count = rt->due_count;
	struct error err = ERROR_INIT;

	rt->late = (struct list)LIST_INIT;
	rt->late_bytes = 0;
	for (size_t i = 0; i < late.count; i++) {
		struct span text = span_str(late.item[i]);

		if (rt->late.count > 0 || (take_now(rt, text, &err) == -1 &&
					   err.code == ERR_AGAIN))
			take_later(rt, text);
		else if (err.code != ERR_NONE)
			daemon_say("real time: a message is not taken: %s", err.text);
		error_clear(&err);
	}
	list_release(&late);
	rt->due = NULL;
	rt->due_count = rt->due_cap = 0;
	for (size_t i = 0; i < count; i++)
		realtime_give(rt, due[i].stream, due[i].above, due[i].most, due[i].only);
	free(due);
}

void realtime_pass_on(struct link *from, int to, int only, struct span text)
{
	for (struct link *l = from->rt->links; l != NULL; l = l->next)
		if (l != from && !l->client && l->computer != from->computer &&
		    (only != 0 ? l->computer == only :
		     to == END_ALL || l->computer == to))
			link_send(l, text.p, text.len);
}

void realtime_on_message(struct link *l, const json_t *json, struct span text)
{
	int us = realtime_us(l->rt), only = frame_number(json, "only");
	struct stream_name stream;
	uint64_t seq;

	if (!message_id_parse(span_str(frame_word(json, "id")), &stream, &seq)) {
		link_fail(l, "a message without an id");
		return;
	}
	if (stream.from == us || (!l->client && stream.from != l->computer)) {
		link_fail(l, "computer %d may not send for computer %d", l->computer,
			  stream.from);
		return;
	}
	if (!l->client)
		realtime_pass_on(l, stream.to, only, text);
	if ((stream.to == us || stream.to == END_ALL) && (only == 0 || only == us))
		take(l, text);
}

/* ---- who is how far ---- */

void realtime_on_have(struct link *l, const json_t *json, struct span text)
{
	int from = frame_number(json, "from"), to = frame_number(json, "to");
	struct realtime *rt = l->rt;
	json_t *streams = json_object_get(json, "streams"), *upto;
	struct stream_name stream;
	const char *name;

	if (!l->client && from != l->computer) {
		link_fail(l, "computer %d may not speak for computer %d", l->computer,
			  from);
		return;
	}
	if (to != realtime_us(rt)) {
		if (!l->client && to != 0)
			realtime_pass_on(l, to, 0, text);
		return;
	}
	json_object_foreach(streams, name, upto)
		if (stream_name_parse(span_str(name), &stream) && stream.from == to &&
		    (stream.to == from || stream.to == END_ALL) &&
		    json_integer_value(upto) >= 0)
			realtime_give(rt, stream, (uint64_t)json_integer_value(upto),
			     RESUME_MOST, from);
}
