/*
 * The instances that the supervisor watches over (supervisor.h): what core/instance.c
 * says of each is done here, and recorded.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "supervisor.h"
#include "trine/active.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/usage.h"

enum {
	SOON_MS = 1000	/* one that starts is asked so often */
};

int64_t watch_now(const struct watch *w)
{
	return w->d->clock->steady(w->d->clock);
}

const char *watched_name(const struct watched *one, char out[80])
{
	if (one->i->copies == 1)
		snprintf(out, 80, "%s", one->i->name);
	else
		snprintf(out, 80, "%s %lld", one->i->name, (long long)one->copy);
	return out;
}

static uint64_t any(struct watch *w)
{
	return w->chance.next(&w->chance);
}

/* What cannot be recorded now is not lost: it stands in run/health.json, and is tried
 * again with the next change and in each round. */
static void complain(const struct watched *one, const struct error *err)
{
	char name[80];

	daemon_say("%s: %s", watched_name(one, name), err->text);
}

/* ---- what follows ---- */

static void record(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;
	struct instance_fact f = {
		.name = one->i->name, .copy = one->copy, .state = one->is.state,
		.given_up = one->is.given_up, .process = one->process,
		.reason = one->reason,
	};
	bool failed;

	/* that it works as much as it can is seen by its tasks */
	if (f.state == INSTANCE_BUSY)
		f.state = INSTANCE_ONLINE;
	if (!one->is.running)
		f.process = (struct process_mark){ 0 };
	failed = instances_changed(w->d->home, &f, &err) == -1;
	if (failed && !one->unrecorded)
		complain(one, &err);
	one->unrecorded = failed;
	w->changed = w->recorded = true;
}

static void record_again(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].unrecorded)
			record(w, &w->item[i]);
}

static void raise_alert(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;
	char text[256], name[80];

	snprintf(text, sizeof(text), "%s", one->reason);
	if (one->is.startable)
		snprintf(text, sizeof(text), "%u starts were no good, the last one: %s",
			 one->is.failures, one->reason);
	daemon_say("%s is given up: %s", watched_name(one, name), text);
	if (instances_give_up(w->d->home, one->i->name, one->copy, text, &err) == -1)
		complain(one, &err);
	one->alerted = true;
	w->alert = true;
}

static void recover(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;

	if (!one->alerted || one->is.given_up)
		return;
	one->alerted = false;
	if (instances_recover(w->d->home, one->i->name, one->copy, &err) == -1)
		complain(one, &err);
}

static bool others_serve(const struct watch *w, const struct watched *one)
{
	for (size_t i = 0; i < w->count; i++)
		if (&w->item[i] != one && w->item[i].i == one->i &&
		    instance_state_serves(w->item[i].is.state))
			return true;
	return false;
}

void watch_gone(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;

	if (one->lost && instances_lost(w->d->home, one->i, one->copy, &one->process,
					others_serve(w, one), &w->chance, &err) == -1)
		complain(one, &err);
	one->lost = false;
	one->process = (struct process_mark){ 0 };
	one->health.memory = one->health.cpu = one->health.response_ms = -1;
	one->cpu_at = 0;
}

static void follow(struct watch *w, struct watched *one, unsigned deeds)
{
	one->lost |= (deeds & DEED_HAND_BACK) != 0;
	if (deeds & DEED_STOP)
		run_stop(w, one);
	if (deeds & DEED_ALERT)
		raise_alert(w, one);
	if (one->lost && one->process.pid == 0)
		watch_gone(w, one);
}

static void note_reason(struct watched *one, const char *why)
{
	struct buf shown = BUF_INIT;

	text_escape(&shown, why, strlen(why), false);
	text_copy(one->reason, sizeof(one->reason), span_of(&shown));
	buf_release(&shown);
}

static bool is_news(const struct instance *before, const struct instance *now)
{
	bool same = before->state == now->state ||
		    (instance_state_serves(before->state) &&
		     instance_state_serves(now->state) &&
		     before->state != INSTANCE_DEGRADED &&
		     now->state != INSTANCE_DEGRADED);

	return !same || before->given_up != now->given_up ||
	       before->running != now->running || before->failures != now->failures;
}

/* WHY NULL: it stays as it was said before. */
static void settle(struct watch *w, struct watched *one, const struct instance *before,
		   unsigned deeds, const char *why)
{
	bool news = is_news(before, &one->is);
	char name[80];

	if (news && why != NULL &&
	    (before->state != one->is.state || before->failures != one->is.failures))
		note_reason(one, why);
	if (news)
		record(w, one);
	if (news && one->is.state == INSTANCE_CRASHED && !one->is.given_up &&
	    (deeds & DEED_HAND_BACK))
		daemon_say("%s: %s; it is started again", watched_name(one, name),
			   one->reason);
	follow(w, one, deeds);
	if (instance_state_serves(one->is.state))
		recover(w, one);
	if (before->state != one->is.state)
		w->changed = true;
}

void watch_step(struct watch *w, struct watched *one, enum instance_event event,
		const char *why)
{
	struct instance before = one->is;
	unsigned deeds = instance_step(&one->is, event, watch_now(w), any(w));

	settle(w, one, &before, deeds, why);
}

/* ---- from settings ---- */

static void bind(struct watched *one, const struct instance_settings *i)
{
	struct buf why = BUF_INIT;

	one->i = i;
	one->is.startable = i->start != NULL;
	one->is.startup = i->startup * 1000;
	health_release(&one->how);
	if (i->health != NULL)
		settings_health(i->health, &one->how, &why);	/* it was checked */
	buf_release(&why);
}

static struct watched *add(struct watch *w, const struct instance_settings *i,
			   int64_t copy)
{
	struct watched *one;

	ARRAY_GROW(w->item, w->count, w->cap);
	one = &w->item[w->count++];
	*one = (struct watched){
		.copy = copy, .how = { .argv = LIST_INIT },
		.health = { .copy = copy, .cpu = -1, .memory = -1,
			    .response_ms = -1 },
	};
	bind(one, i);
	one->is.wanted = one->is.startable;
	one->is.since = watch_now(w);
	return one;
}

static bool is_watched(const struct instance_settings *i)
{
	return i->start != NULL || i->health != NULL;
}

static struct watched *find(struct watch *w, const char *name, int64_t copy)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].copy == copy && w->item[i].i != NULL &&
		    strcmp(w->item[i].i->name, name) == 0)
			return &w->item[i];
	return NULL;
}

static void add_all(struct watch *w)
{
	const struct settings *s = &w->d->home->settings;

	for (size_t i = 0; i < s->instance_count; i++)
		for (int64_t copy = 1; copy <= s->instance[i].copies; copy++)
			if (is_watched(&s->instance[i]) &&
			    find(w, s->instance[i].name, copy) == NULL)
				add(w, &s->instance[i], copy);
}

/* ---- from what was before ---- */

/* A daemon that was killed left it running; or one that keeps them ended. */
static void take_over(struct watch *w, struct watched *one)
{
	bool keep = w->d->home->settings.keep && one->is.wanted;
	char name[80];

	one->ran = true;
	note_reason(one, keep ? "taken over from the daemon before" : "");
	watch_step(w, one, INSTANCE_STARTED, NULL);
	daemon_say("%s runs already, as process %ld: it is %s", watched_name(one, name),
		   one->process.pid, keep ? "taken over" : "ended");
	if (!keep)
		run_stop(w, one);
}

/* By what the log has. */
static void find_process(struct watch *w, struct watched *one,
			 const struct process_mark *process)
{
	one->process = *process;
	if (process->pid == 0)
		return;
	if (process_lives(process)) {
		take_over(w, one);
	} else {
		one->lost = true;
		watch_gone(w, one);
	}
}

static const struct instance_wish *wish_of(const struct instance_wish_list *l,
					   const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->item[i].name, name) == 0)
			return &l->item[i];
	return NULL;
}

static void begin_dying(struct watch *w, long pid, bool child)
{
	ARRAY_GROW(w->dying, w->dying_count, w->dying_cap);
	w->dying[w->dying_count++] = (struct dying){
		pid, child, watch_now(w) + RUN_GRACE_MS };
	kill(-(pid_t)pid, SIGTERM);
}

static bool has_died(struct watch *w, struct dying *one)
{
	struct process_mark now;

	if (watch_now(w) >= one->kill_at)
		kill(-(pid_t)one->pid, SIGKILL);
	return one->child ? waitpid((pid_t)one->pid, NULL, WNOHANG) != 0 :
	       !process_mark(one->pid, &now) || watch_now(w) >= one->kill_at;
}

static void look_at_dying(struct watch *w)
{
	for (size_t i = w->dying_count; i-- > 0;)
		if (has_died(w, &w->dying[i]))
			w->dying[i] = w->dying[--w->dying_count];
}

/* Nobody watches over it any more, so it is nothing; nor is what was wrong with it. */
static int record_gone(struct watch *w, char *name, int64_t copy, bool alerted,
		       struct error *err)
{
	struct instance_fact gone = { .name = name, .copy = copy,
				      .reason = (char *)(uintptr_t)"" };

	if (alerted && instances_recover(w->d->home, name, copy, err) == -1)
		return -1;
	return instances_changed(w->d->home, &gone, err);
}

/* One that trine.ini names no more is nobody's, and ends. */
static void end_stranger(struct watch *w, const struct instance_fact *f)
{
	struct error err = ERROR_INIT;

	if (f->process.pid != 0 && process_lives(&f->process)) {
		begin_dying(w, f->process.pid, false);
		daemon_say("%s %lld, which trine.ini no longer names, is ended", f->name,
			   (long long)f->copy);
	}
	if (record_gone(w, f->name, f->copy, f->given_up, &err) == -1)
		daemon_say("%s: %s", f->name, err.text);
}

static void take_up(struct watch *w, const struct instance_fact *f,
		    const struct instance_wish *wish)
{
	struct watched *one = find(w, f->name, f->copy);

	if (one == NULL) {
		end_stranger(w, f);
		return;
	}
	if (wish != NULL)
		one->is.wanted = one->is.startable && wish->want != WANT_STOP;
	/* nobody has acted since */
	if (f->given_up && one->is.startable && (wish == NULL || wish->time < f->since)) {
		one->is.given_up = true;
		one->is.state = INSTANCE_CRASHED;
		one->is.failures = INSTANCE_FAILURES;
		note_reason(one, f->reason != NULL ? f->reason : "");
	}
	one->alerted = f->given_up;
	find_process(w, one, &f->process);
	record(w, one);
}

/* The daemon before started it, and was killed before the log had that. */
static void take_up_unknown(struct watch *w, struct watched *one)
{
	if (one->process.pid == 0 && one->i->start != NULL &&
	    run_is_left(w, one, &one->process))
		take_over(w, one);
}

int watch_begin(struct watch *w, struct error *err)
{
	struct instance_wish_list wishes;
	struct instance_fact_list facts;

	chance_system(&w->chance);
	if (view_instance_wishes(w->d->home->store, &wishes, err) == -1)
		return -1;
	if (view_instances(w->d->home->store, &facts, err) == -1) {
		instance_wish_list_release(&wishes);
		return -1;
	}
	add_all(w);
	for (size_t i = 0; i < wishes.count; i++)
		if (wishes.item[i].number > w->wish)
			w->wish = wishes.item[i].number;
	for (size_t i = 0; i < facts.count; i++)
		take_up(w, &facts.item[i], wish_of(&wishes, facts.item[i].name));
	for (size_t i = 0; i < w->count; i++)
		take_up_unknown(w, &w->item[i]);
	instance_fact_list_release(&facts);
	instance_wish_list_release(&wishes);
	w->changed = true;
	return 0;
}

/* ---- wishes ---- */

static void fulfil(struct watch *w, struct watched *one, enum instance_want want)
{
	struct instance before = one->is;
	int64_t now = watch_now(w);
	unsigned deeds = want == WANT_RESTART ? instance_restart(&one->is, now) :
			 instance_want(&one->is, want == WANT_START, now);

	if (one->alerted && !one->is.given_up)
		recover(w, one);
	settle(w, one, &before, deeds, NULL);
}

void watch_wishes(struct watch *w)
{
	struct error err = ERROR_INIT;
	struct instance_wish_list l;
	uint64_t last = w->wish;

	if (view_instance_wishes(w->d->home->store, &l, &err) == -1) {
		daemon_say("%s", err.text);
		return;
	}
	for (size_t i = 0; i < l.count; i++) {
		if (l.item[i].number <= w->wish)
			continue;
		if (l.item[i].number > last)
			last = l.item[i].number;
		for (size_t k = 0; k < w->count; k++)
			if (w->item[k].is.startable &&
			    strcmp(w->item[k].i->name, l.item[i].name) == 0)
				fulfil(w, &w->item[k], l.item[i].want);
	}
	w->changed |= last != w->wish;
	w->wish = last;
	instance_wish_list_release(&l);
}

/* ---- each time ---- */

static int64_t period(const struct watch *w, const struct watched *one)
{
	int64_t ms = w->d->home->settings.health_period * 1000;

	return one->is.state == INSTANCE_STARTING && ms > SOON_MS ? SOON_MS : ms;
}

static bool may_ask(const struct watched *one)
{
	return !one->question.open && !one->stopping &&
	       (one->is.running || !one->is.startable);
}

static void look(struct watch *w, struct watched *one)
{
	struct instance before = one->is;
	unsigned deeds;

	run_look(w, one);
	ask_look(w, one);
	deeds = w->ending ? 0 : instance_due(&one->is, watch_now(w), any(w));
	if (deeds & DEED_START)
		run_start(w, one);
	else if (deeds != 0)
		settle(w, one, &before, deeds, "it was not well in time");
	if (!w->ending && may_ask(one) && watch_now(w) >= one->next_ask) {
		ask_begin(w, one);
		one->next_ask = watch_now(w) + period(w, one);
	}
}

static void write_health(struct watch *w)
{
	struct health_list l = { .time = w->d->clock->now(w->d->clock),
				 .wish = w->wish };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < w->count; i++) {
		struct watched *one = &w->item[i];

		ARRAY_GROW(l.item, l.count, l.cap);
		l.item[l.count] = one->health;
		l.item[l.count].name = one->i->name;
		l.item[l.count].state = one->is.state;
		l.item[l.count++].failures = one->is.failures;
	}
	if (health_write(w->d->home, &l, &err) == -1)
		daemon_say("%s", err.text);
	free(l.item);
	w->changed = false;
}

static void tell_programs(struct watch *w)
{
	struct error err = ERROR_INIT;

	w->recorded = false;
	if (active_write(w->d->home, &err) == -1)
		daemon_say("%s", err.text);
}

static void measure(struct watch *w)
{
	struct usage *list = xcalloc(w->count, sizeof(*list));
	int64_t now = watch_now(w);
	size_t count = 0;

	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].is.running)
			list[count++].pid = w->item[i].process.pid;
	usage_gather(list, count);
	count = 0;
	for (size_t i = 0; i < w->count; i++) {
		struct watched *one = &w->item[i];
		const struct usage *u;

		if (!one->is.running)
			continue;
		u = &list[count++];
		one->health.memory = u->processes > 0 ? u->memory : -1;
		if (one->cpu_at != 0 && now > one->cpu_at && u->cpu_ms >= one->cpu_ms)
			one->health.cpu = (u->cpu_ms - one->cpu_ms) * 1000 /
					  (now - one->cpu_at);
		one->cpu_ms = u->cpu_ms;
		one->cpu_at = now;
		run_bound_log(w, one);
	}
	free(list);
}

void watch_look(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		look(w, &w->item[i]);
	look_at_dying(w);
	if (watch_now(w) >= w->next_round) {
		record_again(w);
		measure(w);
		run_bound_own_log(w);
		w->next_round = watch_now(w) + w->d->home->settings.health_period * 1000;
		w->changed = true;
	}
	if (w->changed)
		write_health(w);
	if (w->recorded)
		tell_programs(w);
}

void watch_reap(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++) {
		run_look(w, &w->item[i]);
		ask_look(w, &w->item[i]);
	}
	look_at_dying(w);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t watch_next(const struct watch *w)
{
	int64_t next = w->count > 0 ? w->next_round : INT64_MAX;

	for (size_t i = 0; i < w->dying_count; i++)
		next = least(next, w->dying[i].child ? w->dying[i].kill_at :
			     watch_now(w) + SOON_MS);
	for (size_t i = 0; i < w->count; i++) {
		const struct watched *one = &w->item[i];

		next = least(next, instance_next(&one->is));
		next = least(next, run_next(w, one));
		next = least(next, ask_next(one));
		if (may_ask(one))
			next = least(next, one->next_ask);
	}
	return next;
}

void watch_answer(void *arg, uint64_t id, int status, const char *why)
{
	struct watch *w = arg;

	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].question.open && w->item[i].question.id == id && id != 0)
			ask_answer(w, &w->item[i], status, why);
}

/* ---- the end, and other settings ---- */

static void close_one(struct watched *one)
{
	ask_forget(one);
	health_release(&one->how);
}

void watch_end(struct watch *w)
{
	w->ending = true;
	for (size_t i = 0; i < w->count; i++) {
		struct watched *one = &w->item[i];

		ask_forget(one);
		if (!w->d->home->settings.keep)
			run_stop(w, one);
	}
}

bool watch_ended(const struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].stopping)
			return false;
	return w->dying_count == 0;
}

void watch_close(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		close_one(&w->item[i]);
	free(w->item);
	free(w->dying);
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Nobody will hear how that ends. Its sessions end with its process. */
static void give_up_posted(struct watch *w, struct watched *one)
{
	static const struct process_mark none;
	struct error err = ERROR_INIT;

	if (instances_lost(w->d->home, one->i, one->copy, &none, others_serve(w, one),
			   &w->chance, &err) == -1)
		complain(one, &err);
}

static void drop(struct watch *w, size_t which)
{
	struct watched *one = &w->item[which];
	struct error err = ERROR_INIT;

	if (one->process.pid != 0) {
		begin_dying(w, one->process.pid, one->child);
		give_up_posted(w, one);
	}
	if (record_gone(w, one->i->name, one->copy, one->alerted, &err) == -1)
		complain(one, &err);
	close_one(one);
	memmove(one, one + 1, (--w->count - which) * sizeof(*one));
}

void watch_reload(struct watch *w)
{
	const struct settings *s = &w->d->home->settings;

	for (size_t i = w->count; i-- > 0;) {
		struct watched *one = &w->item[i];
		const struct instance_settings *now = settings_instance(s, one->i->name);
		bool same, was = one->is.startable;

		if (now == NULL || !is_watched(now) || one->copy > now->copies ||
		    (was && now->start == NULL)) {
			drop(w, i);
			continue;
		}
		same = same_text(one->i->start, now->start);
		ask_forget(one);
		bind(one, now);
		one->next_ask = 0;
		if (!same && (one->is.wanted || !was))
			fulfil(w, one, WANT_RESTART);
	}
	add_all(w);
	w->changed = true;
}
