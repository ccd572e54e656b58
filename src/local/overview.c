/*
 * The facts of `status` (overview.h), gathered from log, report and settings.
 * What is wrong about them is in problems.c.
 */
#include "trine/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overview_p.h"
#include "trine/mem.h"
#include "trine/session.h"
#include "trine/store_task.h"
#include "trine/text.h"

enum { OFFLINE_MARGIN = 5 * 60 };

enum computer_state overview_peer_state(const struct peer *peer, int64_t now)
{
	/* a heartbeat of years must not overflow, nor hide a dead computer */
	const int64_t longest = INT64_C(30) * 86400;
	int64_t beat = peer->heartbeat;

	if (beat < 0)
		beat = 0;
	if (beat > longest)
		beat = longest;
	if (now - peer->seen > 2 * beat + OFFLINE_MARGIN)
		return STATE_OFFLINE;
	return peer->state;
}

/* What it calls itself, else what the fleet calls it. */
const char *overview_computer(const struct overview *o, int number,
			      char out[COMPUTER_TEXT])
{
	const struct fleet_computer *named = fleet_computer(&o->fleet, number);
	const char *name = named ? named->name : NULL;

	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peer[i].computer == number && o->peer[i].name != NULL &&
		    o->peer[i].name[0] != '\0')
			name = o->peer[i].name;
	if (name == NULL || *name == '\0')
		snprintf(out, COMPUTER_TEXT, "%d", number);
	else
		snprintf(out, COMPUTER_TEXT, "%d (%.*s)", number,
			 (int)text_cut(name, strlen(name), 64), name);
	return out;
}

/* The others that count: a retired one's status stays in the repository. */
static int gather_peers(struct home *h, struct overview *o, struct error *err)
{
	struct peer *all = NULL;
	size_t count = 0;

	if (view_peers(h->store, &all, &count, err) == -1)
		return -1;
	o->peer = xcalloc(count, sizeof(*o->peer));
	for (size_t i = 0; i < count; i++) {
		if (all[i].computer == o->me.number ||
		    fleet_retired(&o->fleet, all[i].computer))
			continue;
		o->peer[o->peer_count++] = all[i];
		memset(&all[i], 0, sizeof(all[i]));
	}
	peers_free(all, count);
	return 0;
}

static void note_receipt(struct confirmation *c, const struct peer *peer,
			 struct stream_name name)
{
	for (size_t i = 0; i < peer->received_count; i++) {
		const struct receipt *r = &peer->received[i];

		if (r->stream.from != name.from || r->stream.to != name.to)
			continue;
		c->upto = r->sure;
		c->read = r->upto;
	}
}

static void add_confirmation(struct overview *o, size_t stream, int computer)
{
	struct confirmation *c;

	ARRAY_GROW(o->confirmed, o->confirmed_count, o->confirmed_cap);
	c = &o->confirmed[o->confirmed_count++];
	*c = (struct confirmation){ .stream = stream, .computer = computer };
	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peer[i].computer == computer)
			note_receipt(c, &o->peer[i], o->stream[stream].name);
}

static bool has_status(const struct overview *o, int computer)
{
	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peer[i].computer == computer)
			return true;
	return false;
}

/* Readers of ALL: with a status, or in fleet.yaml and not retired (R31). */
static void gather_readers(struct overview *o, size_t stream)
{
	const struct fleet *f = &o->fleet;

	if (o->stream[stream].name.to != END_ALL) {
		add_confirmation(o, stream, o->stream[stream].name.to);
		return;
	}
	for (size_t i = 0; i < o->peer_count; i++)
		add_confirmation(o, stream, o->peer[i].computer);
	for (size_t i = 0; i < f->computer_count; i++) {
		int number = f->computer[i].number;

		if (number != o->me.number && !has_status(o, number) &&
		    !fleet_retired(f, number))
			add_confirmation(o, stream, number);
	}
}

static int gather_streams(struct home *h, struct overview *o, struct error *err)
{
	struct own_commit *commits = NULL;
	size_t count = 0;

	if (view_out_streams(h->store, &o->stream, &o->stream_count, err) == -1)
		return -1;
	for (size_t i = 0; i < o->stream_count; i++)
		gather_readers(o, i);
	if (view_unpushed(h->store, &commits, &count, err) == -1)
		return -1;
	o->commits = (unsigned)count;
	free(commits);
	return 0;
}

static struct overview_instance *find_instance(struct overview *o,
					       const char *name)
{
	for (size_t i = 0; i < o->instance_count && name != NULL; i++)
		if (strcmp(o->instance[i].name, name) == 0)
			return &o->instance[i];
	return NULL;
}

/* How many records FILTER finds; those for an instance count for it too. */
static int count_records(struct home *h, struct overview *o,
			 const struct record_filter *filter, unsigned *out,
			 struct error *err)
{
	struct record_list l = { 0 };

	if (view_records(h->store, filter, &l, err) == -1)
		return -1;
	*out = (unsigned)l.count;
	for (size_t i = 0; i < l.count; i++) {
		const struct record *r = &l.item[i];
		struct overview_instance *to = find_instance(o, r->instance ?
			r->instance : r->message.to);

		if (to != NULL && r->direction == DIRECTION_IN)
			to->queued++;
	}
	record_list_release(&l);
	return 0;
}

static int gather_states(struct home *h, struct overview *o, struct error *err)
{
	struct instance_list l;

	if (o->instance_count == 0)
		return 0;
	if (instances_list(h, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < o->instance_count; i++)
		o->instance[i].sum = instances_sum(&l, &h->settings.instance[i],
						   o->instance[i].running);
	instance_list_release(&l);
	return 0;
}

static int gather_running(struct home *h, struct overview *o,
			  struct error *err)
{
	struct record_filter at_work = RECORD_FILTER_ALL;

	at_work.at_work = true;
	at_work.brief = true;
	if (view_records(h->store, &at_work, &o->work, err) == -1)
		return -1;
	for (size_t i = 0; i < o->work.count; i++) {
		const struct record *r = &o->work.item[i];
		struct overview_instance *who = find_instance(o, r->instance);

		if (who != NULL)
			who->running++;
		if (r->message.type == TYPE_TASK)
			o->state = STATE_WORKING;
	}
	for (size_t i = 0; i < o->instance_count; i++)
		if (view_contact(h->store, o->instance[i].name,
				 &o->instance[i].contact, err) == -1)
			return -1;
	return gather_states(h, o, err);
}

static int gather_sessions(struct home *h, struct overview *o,
			   struct error *err)
{
	if (view_sessions(h->store, false, &o->session, err) == -1 ||
	    view_had_tasks(h->store, &o->had, err) == -1 ||
	    view_locks(h->store, &o->lock, err) == -1 ||
	    view_reservations(h->store, &o->reservation, err) == -1 ||
	    claims_list(h, &o->claim, err) == -1)
		return -1;
	for (size_t i = 0; i < o->session.count; i++)
		if (o->state == STATE_IDLE && session_lives(&o->session.item[i]))
			o->state = STATE_ACTIVE;
	return 0;
}

static int gather_work(struct home *h, struct overview *o, struct error *err)
{
	struct record_filter uncommitted = RECORD_FILTER_ALL;
	struct record_filter queued = RECORD_FILTER_ALL;

	o->instance_count = h->settings.instance_count;
	o->instance = xcalloc(o->instance_count, sizeof(*o->instance));
	for (size_t i = 0; i < o->instance_count; i++)
		o->instance[i] = (struct overview_instance){
			.name = h->settings.instance[i].name,
			.capacity = settings_capacity(&h->settings.instance[i]) };
	uncommitted.direction = DIRECTION_OUT;
	uncommitted.uncommitted = true;
	uncommitted.brief = true;
	queued.direction = DIRECTION_IN;
	queued.queued = true;
	queued.brief = true;
	if (count_records(h, o, &uncommitted, &o->messages, err) == -1 ||
	    count_records(h, o, &queued, &o->queued, err) == -1)
		return -1;
	o->state = o->queued > 0 ? STATE_ACTIVE : STATE_IDLE;
	if (gather_running(h, o, err) == -1)
		return -1;
	return gather_sessions(h, o, err);
}

/* Whatever else goes on. */
static int gather_alerts(struct home *h, struct overview *o, struct error *err)
{
	bool emergency = false;

	if (view_alerts(h->store, false, &o->alert, err) == -1 ||
	    view_emergency(h->store, &emergency, err) == -1)
		return -1;
	if (emergency)
		o->state = STATE_EMERGENCY;
	return 0;
}

/* What was pushed is the tip too, although it is read only by the next cycle:
 * the report knows it before the log does. */
static void choose_tip(struct overview *o)
{
	o->tip = o->marks.tip;
	o->tip_time = o->marks.tip_time;
	if (o->report.tip[0] == '\0' || strcmp(o->report.tip, o->tip) == 0)
		return;
	o->tip = o->report.tip;
	o->tip_time = o->report.ended;
}

static void choose_names(struct overview *o, const struct home *h)
{
	o->name = h->settings.name != NULL ? h->settings.name : o->me.name;
	o->branch = h->settings.branch;
	if (o->branch == NULL || *o->branch == '\0')
		o->branch = o->report.branch;
	if (h->settings.push != NULL)
		settings_own_branch(&h->settings, o->me.number, o->apart);
}

int overview_gather(struct home *h, struct overview *o, struct error *err)
{
	memset(o, 0, sizeof(*o));
	o->now = h->clock->now(h->clock);
	if (view_identity(h->store, &o->me, err) == -1 ||
	    view_marks(h->store, &o->marks, err) == -1 ||
	    report_read(h, &o->report, err) == -1 ||
	    home_fleet(h, &o->fleet, err) == -1 ||
	    gather_peers(h, o, err) == -1 ||
	    gather_streams(h, o, err) == -1 ||
	    gather_work(h, o, err) == -1 ||
	    gather_alerts(h, o, err) == -1)
		return -1;
	choose_names(o, h);
	choose_tip(o);
	presence_read(h, &o->presence);
	return problems_gather(h, o, err);
}

void overview_release(struct overview *o)
{
	identity_release(&o->me);
	fleet_release(&o->fleet);
	out_streams_free(o->stream, o->stream_count);
	free(o->confirmed);
	peers_free(o->peer, o->peer_count);
	presence_release(&o->presence);
	free(o->instance);
	record_list_release(&o->work);
	record_list_release(&o->had);
	session_list_release(&o->session);
	lock_list_release(&o->lock);
	reservation_list_release(&o->reservation);
	alert_list_release(&o->alert);
	claim_list_release(&o->claim);
	problems_free(o->problem, o->problem_count);
	memset(o, 0, sizeof(*o));
}
