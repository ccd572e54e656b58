/*
 * What frames mean, and what goes out when the log grows (realtime.h). Nothing is kept
 * for anybody who is away: when he is there again he says how far he is.
 */
#include "realtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/text.h"

enum { TELL_MS = 200, LOOK_MS = 1000, RING_MS = 2000, LATE_MOST = 1000 };

static int our_number(const struct realtime *rt)
{
	return rt->web->d->home->number;
}

void realtime_schedule(struct realtime *rt, lws_sorted_usec_list_t *timer,
		       sul_cb_t call, int64_t ms)
{
	if (!rt->web->over)	/* then there is nothing any more that has timers */
		lws_sul_schedule(rt->web->context, 0, timer, call, ms * LWS_US_PER_MS);
}

static const char *word(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

static int number(const json_t *json, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(json, key));

	return n > 0 && n <= LIMIT_COMPUTERS ? (int)n : 0;
}

/* ---- out ---- */

/* What this computer says, to TO, or to ONLY. */
static void say(struct realtime *rt, int to, int only, const char *text)
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

static void give(struct realtime *rt, struct stream_name stream, uint64_t above,
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
		say(rt, stream.to, only, frames.item[i]);
	list_release(&frames);
}

/* How far we are with what COMPUTER says, to whom it is connected. */
static void say_have(struct realtime *rt, int computer)
{
	struct early_mark mark[2];
	struct error err = ERROR_INIT;
	char name[STREAM_NAME], *text;
	json_t *streams, *have;

	if (computer == our_number(rt))
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
			 our_number(rt), "to", computer, "streams", streams);
	text = mem_need(json_dumps(mem_need(have), JSON_COMPACT));
	say(rt, computer, 0, text);
	free(text);
	json_decref(have);
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
static void ring_soon(struct realtime *rt)
{
	int64_t wait = rt->rung + RING_MS - web_now(rt->web);

	if (!rt->rings)
		realtime_schedule(rt, &rt->ring, ring, rt->rung != 0 && wait > 0 ?
				  wait : 1);
	rt->rings = true;
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
		ring_soon(rt);
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

/* What waits because somebody had the log. */
static void do_late(struct realtime *rt)
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
		give(rt, due[i].stream, due[i].above, due[i].most, due[i].only);
	free(due);
}

/* From one computer to others, as it came. */
static void pass_on(struct link *from, int to, int only, struct span text)
{
	for (struct link *l = from->rt->links; l != NULL; l = l->next)
		if (l != from && !l->client && l->computer != from->computer &&
		    (only != 0 ? l->computer == only :
		     to == END_ALL || l->computer == to))
			link_send(l, text.p, text.len);
}

static void on_message(struct link *l, const json_t *json, struct span text)
{
	int us = our_number(l->rt), only = number(json, "only");
	struct stream_name stream;
	uint64_t seq;

	if (!message_id_parse(span_str(word(json, "id")), &stream, &seq)) {
		link_fail(l, "a message without an id");
		return;
	}
	if (stream.from == us || (!l->client && stream.from != l->computer)) {
		link_fail(l, "computer %d may not send for computer %d", l->computer,
			  stream.from);
		return;
	}
	if (!l->client)
		pass_on(l, stream.to, only, text);
	if ((stream.to == us || stream.to == END_ALL) && (only == 0 || only == us))
		take(l, text);
}

/* ---- who is how far ---- */

static void on_have(struct link *l, const json_t *json, struct span text)
{
	int from = number(json, "from"), to = number(json, "to");
	struct realtime *rt = l->rt;
	json_t *streams = json_object_get(json, "streams"), *upto;
	struct stream_name stream;
	const char *name;

	if (!l->client && from != l->computer) {
		link_fail(l, "computer %d may not speak for computer %d", l->computer,
			  from);
		return;
	}
	if (to != our_number(rt)) {
		if (!l->client && to != 0)
			pass_on(l, to, 0, text);
		return;
	}
	json_object_foreach(streams, name, upto)
		if (stream_name_parse(span_str(name), &stream) && stream.from == to &&
		    (stream.to == from || stream.to == END_ALL) &&
		    json_integer_value(upto) >= 0)
			give(rt, stream, (uint64_t)json_integer_value(upto),
			     RESUME_MOST, from);
}

static void on_bell(struct link *l, const json_t *json, struct span text)
{
	if (!l->client && number(json, "from") != l->computer) {
		link_fail(l, "computer %d rings for another", l->computer);
		return;
	}
	if (!l->client)
		pass_on(l, END_ALL, 0, text);
	ring_soon(l->rt);
}

/* ---- presence ---- */

/* For `trine status`, and whoever looks. */
static void write_presence(struct realtime *rt)
{
	struct web *w = rt->web;
	struct error err = ERROR_INIT;
	json_t *json = json_pack("{s:i, s:i, s:b, s:b, s:O}", "schema", 1, "pid",
				 (int)getpid(), "hub", rt->door != NULL, "connected",
				 rt->hub != NULL && rt->hub->up, "computers", rt->here);

	if (home_put_json(w->d->home, "run/presence.json", json, &err) == -1)
		daemon_say("real time: %s", err.text);
}

static void tell(lws_sorted_usec_list_t *timer)
{
	struct realtime *rt = lws_container_of(timer, struct realtime, tell);
	json_t *news = json_pack("{s:s, s:O, s:O}", "type", "presence", "here", rt->came,
				 "gone", rt->gone);
	char *text = mem_need(json_dumps(mem_need(news), JSON_COMPACT));

	rt->tells = false;
	if (json_object_size(rt->came) + json_array_size(rt->gone) > 0)
		for (struct link *l = rt->links; l != NULL; l = l->next)
			if (!l->client)
				link_send(l, text, strlen(text));
	json_object_clear(rt->came);
	json_array_clear(rt->gone);
	write_presence(rt);
	free(text);
	json_decref(news);
}

static void tell_soon(struct realtime *rt)
{
	if (!rt->tells)
		realtime_schedule(rt, &rt->tell, tell, TELL_MS);
	rt->tells = true;
}

/* COMPUTER is there, or says something else of itself. */
static void enter(struct realtime *rt, int computer, const char *state)
{
	struct clock *clock = rt->web->d->clock;
	char key[8], text[TIME_TEXT];
	json_t *one;

	snprintf(key, sizeof(key), "%d", computer);
	one = json_object_get(rt->here, key);
	if (one == NULL) {
		one = json_pack("{s:s}", "since", time_format(clock->now(clock), text));
		json_object_set_new(rt->here, key, mem_need(one));
	}
	if (state[0] != '\0')
		json_object_set_new(one, "state", json_string(state));
	json_object_set(rt->came, key, one);
	tell_soon(rt);
}

static void leave(struct realtime *rt, int computer)
{
	char key[8];

	for (struct link *l = rt->links; l != NULL; l = l->next)
		if (l->up && l->computer == computer)
			return;
	snprintf(key, sizeof(key), "%d", computer);
	json_object_del(rt->here, key);
	json_object_del(rt->came, key);
	json_array_append_new(rt->gone, json_integer(computer));
	tell_soon(rt);
}

/* Who came gets what it lacks, once it has said how far it is; and so do we. */
static void greet(struct realtime *rt, const json_t *here)
{
	const char *key;
	uint64_t computer;
	json_t *one;

	json_object_foreach((json_t *)(uintptr_t)here, key, one) {
		json_t *known = json_object_get(rt->here, key);
		bool same = known != NULL &&
			    strcmp(word(known, "since"), word(one, "since")) == 0;

		if (!text_number(span_str(key), &computer) || computer < 1 ||
		    computer > LIMIT_COMPUTERS)
			continue;
		json_object_set_new(rt->here, key, json_pack("{s:s, s:s}", "since",
				    word(one, "since"), "state", word(one, "state")));
		if (!same)
			say_have(rt, (int)computer);
	}
}

static void on_presence(struct link *l, const json_t *json, struct span text)
{
	const json_t *gone = json_object_get(json, "gone"), *one;
	struct realtime *rt = l->rt;
	char key[24];
	size_t i;

	(void)text;
	if (!l->client)
		return;		/* that is the hub's to say */
	if (json_is_true(json_object_get(json, "whole")))
		json_object_clear(rt->here);
	json_array_foreach(gone, i, one) {
		snprintf(key, sizeof(key), "%lld", (long long)json_integer_value(one));
		json_object_del(rt->here, key);
	}
	greet(rt, json_object_get(json, "here"));
	tell_soon(rt);
}

static bool is_state(const char *name)
{
	enum computer_state state;

	return computer_state_parse(span_str(name), &state);
}

static void on_state(struct link *l, const json_t *json, struct span text)
{
	(void)text;
	if (!l->client && is_state(word(json, "state")))
		enter(l->rt, l->computer, word(json, "state"));
}

static void say_state(struct realtime *rt)
{
	const char *state = computer_state_name(rt->state);

	if (rt->door != NULL)
		enter(rt, our_number(rt), state);
	if (rt->hub != NULL)
		link_send_json(rt->hub, json_pack("{s:s, s:i, s:s}", "type", "state",
			       "from", our_number(rt), "state", state));
}

/* A cycle that runs is no news of the log: it is looked for. */
static void look_at_state(struct realtime *rt)
{
	char *lock = home_path(rt->web->d->home, "run/sync.lock");
	bool syncs = file_is_locked(lock);
	enum computer_state state = syncs ? STATE_SYNCING : rt->rests;
	struct error err = ERROR_INIT;
	struct overview o;

	free(lock);
	if (!syncs && rt->stale) {
		if (overview_gather(rt->web->d->home, &o, &err) == 0)
			state = rt->rests = o.state;
		overview_release(&o);
		rt->stale = false;
	}
	if (state == rt->state)
		return;
	rt->state = state;
	say_state(rt);
}

static void on_error(struct link *l, const json_t *json, struct span text)
{
	(void)text;
	if (l->client)
		daemon_say("real time: the hub says: %s", word(json, "text"));
}

/* ---- in ---- */

static const struct {
	const char *type;
	void (*take)(struct link *l, const json_t *json, struct span text);
} frames[] = {
	{ "presence", on_presence },
	{ "have", on_have },
	{ "bell", on_bell },
	{ "state", on_state },
	{ "error", on_error },
};

void realtime_frame(struct link *l, struct span text)
{
	json_t *json = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *type = word(json, "type");
	enum message_type unused;
	size_t i = 0;

	while (i < ARRAY_LEN(frames) && strcmp(frames[i].type, type) != 0)
		i++;
	if (!json_is_object(json))
		link_fail(l, "a frame is an object in JSON");
	else if (i < ARRAY_LEN(frames))
		frames[i].take(l, json, text);
	else if (message_type_parse(span_str(type), &unused))
		on_message(l, json, text);
	/* what a newer one says, it says to others that are newer */
	json_decref(json);
}

void realtime_up(struct link *l)
{
	struct realtime *rt = l->rt;
	struct link *next;

	l->up = true;
	if (l->client) {
		rt->failures = 0;
		tell_soon(rt);
		say_state(rt);
		return;
	}
	for (struct link *other = rt->links; other != NULL; other = next) {
		next = other->next;
		if (other != l && other->up && other->computer == l->computer)
			link_fail(other, "computer %d has connected once more",
				  l->computer);
	}
	enter(rt, l->computer, "");
	link_send_json(l, json_pack("{s:s, s:b, s:O, s:[]}", "type", "presence",
				    "whole", 1, "here", rt->here, "gone"));
	say_have(rt, l->computer);
}

void realtime_down(struct link *l)
{
	bool was = l->up;

	l->up = false;
	if (l->client) {
		json_object_clear(l->rt->here);
		tell_soon(l->rt);
	} else if (was) {
		leave(l->rt, l->computer);
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

	if (!store_log_head((struct span){ line, len }, &time, &type))
		return 0;
	r->pushed |= span_is(type, "commit.seen");
	for (size_t i = 0; i < ARRAY_LEN(sends); i++)
		if (span_is(type, sends[i].type)) {
			json_t *event = json_loadb(line, len, 0, NULL);

			note(r, word(event, sends[i].id));
			json_decref(event);
		}
	return 0;
}

static void say_bell(struct realtime *rt)
{
	char text[64];

	snprintf(text, sizeof(text), "{\"type\":\"bell\",\"from\":%d}", our_number(rt));
	say(rt, END_ALL, 0, text);
}

static void read_log(struct realtime *rt)
{
	struct store *store = rt->web->d->home->store;
	struct reading r = { .us = our_number(rt) };
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
		give(rt, r.item[i].stream, r.item[i].low - 1, RESUME_MOST, 0);
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
	do_late(rt);
	for (struct link *l = rt->links; l != NULL; l = l->next)
		link_look(l);
	if (rt->count > 0)
		look_at_state(rt);
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
		enter(rt, our_number(rt), computer_state_name(rt->state));
	}
	if (rt->connects)
		realtime_connect(rt);
	tell_soon(rt);
	return 0;
}

void realtime_close(struct realtime *rt)
{
	json_decref(rt->here);
	json_decref(rt->came);
	json_decref(rt->gone);
	free(rt->trouble);
	free(rt->due);
	list_release(&rt->late);
}
