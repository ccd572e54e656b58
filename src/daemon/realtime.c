/*
 * Frames that come in, and the log that grows (realtime.h): what of both is for whom.
 * Nothing is kept for anybody who is away: when he is there again he says how far he is.
 */
#include "realtime.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

enum { LOOK_MS = 1000, RING_MS = 2000 };

int realtime_us(const struct realtime *rt)
{
	return rt->web->d->home->number;
}

void realtime_schedule(struct realtime *rt, lws_sorted_usec_list_t *timer,
		       sul_cb_t call, int64_t ms)
{
	if (!rt->web->over)	/* then there is nothing any more that has timers */
		lws_sul_schedule(rt->web->context, 0, timer, call, ms * LWS_US_PER_MS);
}

const char *frame_word(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

int frame_number(const json_t *json, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(json, key));

	return n > 0 && n <= LIMIT_COMPUTERS ? (int)n : 0;
}

/* ---- a cycle is to begin ---- */

static void ring(lws_sorted_usec_list_t *timer)
{
	struct realtime *rt = lws_container_of(timer, struct realtime, ring);
	struct error err = ERROR_INIT;

	rt->rung = web_now(rt->web);
	rt->rings = false;
	if (channel_say(rt->web, json_pack("{s:b}", "bell", 1), &err) == -1)
		daemon_say("real time: %s", err.text);
}

/* At once; again only when that one can have done something. */
void realtime_ring(struct realtime *rt)
{
	int64_t wait = rt->rung + RING_MS - web_now(rt->web);

	if (!rt->rings)
		realtime_schedule(rt, &rt->ring, ring, rt->rung != 0 && wait > 0 ?
				  wait : 1);
	rt->rings = true;
}

/* ---- in ---- */

static void on_bell(struct link *l, const json_t *json, struct span text)
{
	if (!l->client && frame_number(json, "from") != l->computer) {
		link_fail(l, "computer %d rings for another", l->computer);
		return;
	}
	if (!l->client)
		realtime_pass_on(l, END_ALL, 0, text);
	realtime_ring(l->rt);
}

static void on_error(struct link *l, const json_t *json, struct span text)
{
	(void)text;
	if (l->client)
		daemon_say("real time: the hub says: %s", frame_word(json, "text"));
}

static const struct {
	const char *type;
	void (*take)(struct link *l, const json_t *json, struct span text);
} frames[] = {
	{ "presence", realtime_on_presence },
	{ "have", realtime_on_have },
	{ "bell", on_bell },
	{ "state", realtime_on_state },
	{ "error", on_error },
};

void realtime_frame(struct link *l, struct span text)
{
	json_t *json = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *type = frame_word(json, "type");
	enum message_type unused;
	size_t i = 0;

	while (i < ARRAY_LEN(frames) && strcmp(frames[i].type, type) != 0)
		i++;
	if (!json_is_object(json))
		link_fail(l, "a frame is an object in JSON");
	else if (i < ARRAY_LEN(frames))
		frames[i].take(l, json, text);
	else if (message_type_parse(span_str(type), &unused))
		realtime_on_message(l, json, text);
	/* what a newer one says, it says to others that are newer */
	json_decref(json);
}

void realtime_up(struct link *l)
{
	struct realtime *rt = l->rt;
	struct link *next;

	l->up = true;
	if (l->client) {
		realtime_tell_soon(rt);
		realtime_say_state(rt);
		return;
	}
	for (struct link *other = rt->links; other != NULL; other = next) {
		next = other->next;
		if (other != l && other->up && other->computer == l->computer)
			link_fail(other, "computer %d has connected once more",
				  l->computer);
	}
	realtime_enter(rt, l->computer, "");
	link_send_json(l, json_pack("{s:s, s:b, s:O, s:[]}", "type", "presence",
				    "whole", 1, "here", rt->here, "gone"));
	realtime_say_have(rt, l->computer);
}

void realtime_down(struct link *l)
{
	bool was = l->up;

	l->up = false;
	if (l->client) {
		json_object_clear(l->rt->here);
		realtime_tell_soon(l->rt);
	} else if (was) {
		realtime_leave(l->rt, l->computer);
	}
}

/* ---- the log grows ---- */

struct reading {
	struct stream_low {
		struct stream_name stream;
		uint64_t low;
	} *item;
	size_t count, cap;
	int us;
	bool pushed;
};

static void note(struct reading *r, const char *id)
{
	struct stream_name stream;
	uint64_t seq;

	if (!message_id_parse(span_str(id), &stream, &seq) || stream.from != r->us ||
	    stream.to == r->us)
		return;
	for (size_t i = 0; i < r->count; i++)
		if (r->item[i].stream.to == stream.to) {
			if (seq < r->item[i].low)
				r->item[i].low = seq;
			return;
		}
	ARRAY_GROW(r->item, r->count, r->cap);
	r->item[r->count++] = (struct stream_low){ stream, seq };
}

static int read_event(void *arg, const char *line, size_t len)
{
	static const struct {
		const char *type, *id;
	} sends[] = { { "message.sent", "id" }, { "message.renumbered", "to" } };
	struct reading *r = arg;
	struct span type;
	int64_t time;

	store_log_head((struct span){ line, len }, &time, &type);
	r->pushed |= span_is(type, "commit.seen");
	for (size_t i = 0; i < ARRAY_LEN(sends); i++)
		if (span_is(type, sends[i].type)) {
			json_t *event = json_loadb(line, len, 0, NULL);

			note(r, frame_word(event, sends[i].id));
			json_decref(event);
		}
	return 0;
}

static void say_bell(struct realtime *rt)
{
	char text[64];

	snprintf(text, sizeof(text), "{\"type\":\"bell\",\"from\":%d}", realtime_us(rt));
	realtime_say(rt, END_ALL, 0, text);
}

static void read_log(struct realtime *rt)
{
	struct store *store = rt->web->d->home->store;
	struct reading r = { .us = realtime_us(rt) };
	struct log_filter all = { 0 };
	struct error err = ERROR_INIT;

	rt->stale = true;
	if (store_log(store, &all, rt->at, read_event, &r, &rt->at, &err) == -1) {
		daemon_say("real time: %s", err.text);
		error_clear(&err);
		if (store_log_end(store, &rt->at, &err) == -1)
			daemon_say("real time: %s", err.text);
	}
	for (size_t i = 0; i < r.count; i++)
		realtime_give(rt, r.item[i].stream, r.item[i].low - 1, RESUME_MOST, 0);
	if (r.pushed)
		say_bell(rt);
	free(r.item);
}

int realtime_news(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len)
{
	struct realtime *rt = lws_get_opaque_user_data(wsi);

	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE &&
	    news_read(&rt->news, rt->web->d->home))
		read_log(rt);
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE && rt != NULL) {
		lws_set_opaque_user_data(wsi, NULL);	/* it is no caller */
		rt->news.fd = -1;
	}
	return 0;
}

/* Once a second: the log, where nothing tells that it grows; and all connections. */
static void look(lws_sorted_usec_list_t *timer)
{
	struct realtime *rt = lws_container_of(timer, struct realtime, look);

	if (rt->news.fd == -1 && news_read(&rt->news, rt->web->d->home))
		read_log(rt);
	realtime_do_late(rt);
	for (struct link *l = rt->links; l != NULL; l = l->next)
		link_look(l);
	if (rt->count > 0)
		realtime_look_at_state(rt);
	realtime_schedule(rt, timer, look, LOOK_MS);
}

/* ---- beginning and ending ---- */

static int watch_log(struct realtime *rt, struct error *err)
{
	lws_sock_file_fd_type fd;
	struct lws *wsi;

	news_open(&rt->news, rt->web->d->home);
	if (store_log_end(rt->web->d->home->store, &rt->at, err) == -1)
		return -1;
	realtime_schedule(rt, &rt->look, look, LOOK_MS);
	if (rt->news.fd == -1)
		return 0;
	fd.filefd = rt->news.fd;
	wsi = lws_adopt_descriptor_vhost(rt->web->host, LWS_ADOPT_RAW_FILE_DESC, fd,
					 "news", NULL);
	if (wsi == NULL)
		rt->news.fd = -1;	/* it is closed: once a second is often enough */
	else
		lws_set_opaque_user_data(wsi, rt);
	return 0;
}

int realtime_open(struct realtime *rt, struct web *w, struct error *err)
{
	const struct settings *s = &w->d->home->settings;
	struct listen where;
	bool on = settings_listen(s->realtime_listen, &where) && where.on;

	rt->web = w;
	rt->state = rt->rests = STATE_IDLE;
	rt->stale = true;
	rt->connects = s->realtime_connect != NULL &&
		       settings_socket(s->realtime_connect, &rt->url);
	if (!on && !rt->connects)
		return 0;
	rt->here = json_object();
	rt->came = json_object();
	rt->gone = json_array();
	if (watch_log(rt, err) == -1)
		return -1;
	if (on) {
		rt->door = door_open(w, &where, "realtime", NULL, err);
		if (rt->door == NULL)
			return -1;
		rt->door->adopt = realtime_adopt;
		realtime_enter(rt, realtime_us(rt), computer_state_name(rt->state));
	}
	if (rt->connects)
		realtime_connect(rt);
	realtime_tell_soon(rt);
	return 0;
}

void realtime_close(struct realtime *rt)
{
	json_decref(rt->here);
	json_decref(rt->came);
	json_decref(rt->gone);
	free(rt->trouble);
	list_release(&rt->address);
	free(rt->due);
	list_release(&rt->late);
}
