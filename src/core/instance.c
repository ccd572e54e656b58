/*
 * How an instance is (instance.h). A table says what follows from what; counting
 * and waiting stand beside it.
 */
#include "trine/instance.h"

#include "trine/mem.h"
#include "trine/task.h"

static const char *const names[INSTANCE_STATES] = {
	[INSTANCE_OFFLINE] = "OFFLINE",
	[INSTANCE_STARTING] = "STARTING",
	[INSTANCE_ONLINE] = "ONLINE",
	[INSTANCE_BUSY] = "BUSY",
	[INSTANCE_DEGRADED] = "DEGRADED",
	[INSTANCE_CRASHED] = "CRASHED",
};

const char *instance_state_name(enum instance_state s)
{
	return names[s];
}

bool instance_state_parse(struct span s, enum instance_state *out)
{
	for (int i = 0; i < INSTANCE_STATES; i++)
		if (span_is(s, names[i])) {
			*out = (enum instance_state)i;
			return true;
		}
	return false;
}

bool instance_state_serves(enum instance_state s)
{
	return s == INSTANCE_ONLINE || s == INSTANCE_BUSY || s == INSTANCE_DEGRADED;
}

/* One that was ill too often in a row, or not well in time after its start: what
 * INSTANCE_ILL becomes then. */
#define DEAD INSTANCE_EVENTS

#define OFF INSTANCE_OFFLINE
#define NEW INSTANCE_STARTING
#define ON INSTANCE_ONLINE
#define WORK INSTANCE_BUSY
#define POOR INSTANCE_DEGRADED
#define DOWN INSTANCE_CRASHED

/* From a state (down) by an event (across) to a state. */
static const enum instance_state next[INSTANCE_STATES][INSTANCE_EVENTS + 1] = {
/*		STARTED WELL  WORKING SLOW  ILL   ENDED STOPPED DEAD */
	[OFF] =	{ NEW,  ON,   WORK,   POOR, OFF,  DOWN, OFF,    DOWN },
	[NEW] =	{ NEW,  ON,   WORK,   POOR, NEW,  DOWN, OFF,    DOWN },
	[ON] =	{ NEW,  ON,   WORK,   POOR, POOR, DOWN, OFF,    DOWN },
	[WORK] = { NEW, ON,   WORK,   POOR, POOR, DOWN, OFF,    DOWN },
	[POOR] = { NEW, ON,   WORK,   POOR, POOR, DOWN, OFF,    DOWN },
	[DOWN] = { NEW, ON,   WORK,   POOR, DOWN, DOWN, OFF,    DOWN },
};

static void enter(struct instance *i, enum instance_state state, int64_t now)
{
	if (state != i->state)
		i->since = now;
	i->state = state;
}

/* It is no good any more, by itself. A start after which it was well for long is not
 * counted against it; else there is a longer pause each time, and an end. */
static unsigned fail(struct instance *i, int64_t now, uint64_t chance)
{
	if (i->well != 0 && now - i->well >= INSTANCE_STEADY_MS)
		i->failures = 0;
	else
		i->failures++;
	i->again = now + task_pause(i->failures > 0 ? i->failures : 1, chance) * 1000;
	i->well = 0;
	i->ill = 0;
	/* one that we cannot start is nothing that we could try again */
	i->given_up = i->failures >= INSTANCE_FAILURES || !i->startable;
	return DEED_STOP | DEED_HAND_BACK | (i->given_up ? DEED_ALERT : 0);
}

/* Of one without a program, nobody knows since when it has been there. */
static bool too_ill(struct instance *i)
{
	if (i->state == INSTANCE_STARTING || i->state == INSTANCE_OFFLINE ||
	    i->state == INSTANCE_CRASHED)
		return false;
	return ++i->ill >= INSTANCE_ILL_MOST;
}

static unsigned step(struct instance *i, int event, int64_t now, uint64_t chance)
{
	enum instance_state before = i->state;
	enum instance_state after = next[before][event];

	enter(i, after, now);
	/* the end of one that was ill has been counted; one that could not even begin
	 * has not */
	if (after == INSTANCE_CRASHED &&
	    (before != INSTANCE_CRASHED || (event == INSTANCE_ENDED && !i->running)))
		return fail(i, now, chance);
	return event == INSTANCE_STOPPED ? DEED_HAND_BACK : 0;
}

/* An answer that comes when it is being ended, or of somebody else in its place. */
static bool means_nothing(const struct instance *i, enum instance_event event)
{
	return i->startable && event >= INSTANCE_WELL && event <= INSTANCE_ILL &&
	       (i->state == INSTANCE_CRASHED || i->state == INSTANCE_OFFLINE);
}

unsigned instance_step(struct instance *i, enum instance_event event, int64_t now,
		       uint64_t chance)
{
	int what = (int)event;
	unsigned deeds;

	if (means_nothing(i, event))
		return 0;
	switch (event) {
	case INSTANCE_STARTED:
		i->running = true;
		i->ill = 0;
		i->well = 0;
		break;
	case INSTANCE_WELL:
	case INSTANCE_WORKING:
	case INSTANCE_SLOW:
		i->ill = 0;
		if (i->well == 0)
			i->well = now;
		if (!i->startable)
			i->given_up = false;
		break;
	case INSTANCE_ILL:
		if (too_ill(i))
			what = DEAD;
		break;
	default:
		break;
	}
	deeds = step(i, what, now, chance);
	if (event == INSTANCE_ENDED || event == INSTANCE_STOPPED)
		i->running = false;
	return deeds;
}

static bool waits_for_start(const struct instance *i)
{
	return i->startable && i->wanted && !i->running && !i->given_up;
}

/* Until when it must have been well. */
static int64_t latest(const struct instance *i)
{
	return i->since + i->startup;
}

unsigned instance_due(struct instance *i, int64_t now, uint64_t chance)
{
	if (waits_for_start(i))
		return now >= i->again ? DEED_START : 0;
	if (i->state == INSTANCE_STARTING && i->running && now >= latest(i))
		return step(i, DEAD, now, chance);
	return 0;
}

int64_t instance_next(const struct instance *i)
{
	if (waits_for_start(i))
		return i->again;
	if (i->state == INSTANCE_STARTING && i->running)
		return latest(i);
	return INT64_MAX;
}

unsigned instance_want(struct instance *i, bool wanted, int64_t now)
{
	i->wanted = wanted;
	i->given_up = false;
	i->failures = 0;
	i->again = now;
	return !wanted && i->running ? DEED_STOP : 0;
}

unsigned instance_restart(struct instance *i, int64_t now)
{
	instance_want(i, true, now);
	return i->running ? DEED_STOP : 0;
}
