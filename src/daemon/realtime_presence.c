/*
 * Who is there in real time, and what he does (realtime.h).
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

enum { TELL_MS = 200 };

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

void realtime_tell_soon(struct realtime *rt)
{
	if (!rt->tells)
		realtime_schedule(rt, &rt->tell, tell, TELL_MS);
	rt->tells = true;
}

void realtime_enter(struct realtime *rt, int computer, const char *state)
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
	realtime_tell_soon(rt);
}

/* One that comes and goes is gone once in what is told next. */
static void note_gone(json_t *gone, int computer)
{
	const json_t *one;
	size_t i;

	json_array_foreach(gone, i, one)
		if (json_integer_value(one) == computer)
			return;
	json_array_append_new(gone, json_integer(computer));
}

void realtime_leave(struct realtime *rt, int computer)
{
	char key[8];

	for (struct link *l = rt->links; l != NULL; l = l->next)
		if (l->up && l->computer == computer)
			return;
	snprintf(key, sizeof(key), "%d", computer);
	json_object_del(rt->here, key);
	json_object_del(rt->came, key);
	note_gone(rt->gone, computer);
	realtime_tell_soon(rt);
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
			    strcmp(frame_word(known, "since"), frame_word(one, "since")) == 0;

		if (!text_number(span_str(key), &computer) || computer < 1 ||
		    computer > LIMIT_COMPUTERS)
			continue;
		json_object_set_new(rt->here, key, json_pack("{s:s, s:s}", "since",
				    frame_word(one, "since"), "state", frame_word(one, "state")));
		if (!same)
			realtime_say_have(rt, (int)computer);
	}
}

void realtime_on_presence(struct link *l, const json_t *json, struct span text)
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
	realtime_tell_soon(rt);
}

static bool is_state(const char *name)
{
	enum computer_state state;

	return computer_state_parse(span_str(name), &state);
}

void realtime_on_state(struct link *l, const json_t *json, struct span text)
{
	(void)text;
	if (!l->client && is_state(frame_word(json, "state")))
		realtime_enter(l->rt, l->computer, frame_word(json, "state"));
}

void realtime_say_state(struct realtime *rt)
{
	const char *state = computer_state_name(rt->state);

	if (rt->door != NULL)
		realtime_enter(rt, realtime_us(rt), state);
	if (rt->hub != NULL)
		link_send_json(rt->hub, json_pack("{s:s, s:i, s:s}", "type", "state",
			       "from", realtime_us(rt), "state", state));
}

/* A cycle that runs is no news of the log: it is looked for. */
void realtime_look_at_state(struct realtime *rt)
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
	realtime_say_state(rt);
}
