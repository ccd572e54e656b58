/* How an instance is: each transition, restarts and their end, and that no order of
 * events leads where it must not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/clock.h"
#include "trine/instance.h"

#define OFF INSTANCE_OFFLINE
#define NEW INSTANCE_STARTING
#define ON INSTANCE_ONLINE
#define WORK INSTANCE_BUSY
#define POOR INSTANCE_DEGRADED
#define DOWN INSTANCE_CRASHED

static struct instance fresh(bool startable)
{
	return (struct instance){ .startable = startable, .wanted = startable,
				  .startup = 60000 };
}

/* What follows from an event, with a program and without one. */
static const struct {
	enum instance_state from;
	enum instance_event event;
	enum instance_state ours, theirs;
	unsigned deeds;		/* of ours */
} rows[] = {
	{ OFF, INSTANCE_STARTED, NEW, NEW, 0 },
	{ OFF, INSTANCE_WELL, OFF, ON, 0 },
	{ OFF, INSTANCE_WORKING, OFF, WORK, 0 },
	{ OFF, INSTANCE_SLOW, OFF, POOR, 0 },
	{ OFF, INSTANCE_ILL, OFF, OFF, 0 },
	{ OFF, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
	{ NEW, INSTANCE_WELL, ON, ON, 0 },
	{ NEW, INSTANCE_WORKING, WORK, WORK, 0 },
	{ NEW, INSTANCE_SLOW, POOR, POOR, 0 },
	{ NEW, INSTANCE_ILL, NEW, NEW, 0 },
	{ NEW, INSTANCE_ENDED, DOWN, DOWN, DEED_STOP | DEED_HAND_BACK },
	{ NEW, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
	{ ON, INSTANCE_STARTED, NEW, NEW, 0 },
	{ ON, INSTANCE_WELL, ON, ON, 0 },
	{ ON, INSTANCE_WORKING, WORK, WORK, 0 },
	{ ON, INSTANCE_SLOW, POOR, POOR, 0 },
	{ ON, INSTANCE_ILL, POOR, POOR, 0 },
	{ ON, INSTANCE_ENDED, DOWN, DOWN, DEED_STOP | DEED_HAND_BACK },
	{ ON, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
	{ WORK, INSTANCE_WELL, ON, ON, 0 },
	{ WORK, INSTANCE_WORKING, WORK, WORK, 0 },
	{ WORK, INSTANCE_SLOW, POOR, POOR, 0 },
	{ WORK, INSTANCE_ILL, POOR, POOR, 0 },
	{ WORK, INSTANCE_ENDED, DOWN, DOWN, DEED_STOP | DEED_HAND_BACK },
	{ WORK, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
	{ POOR, INSTANCE_WELL, ON, ON, 0 },
	{ POOR, INSTANCE_WORKING, WORK, WORK, 0 },
	{ POOR, INSTANCE_SLOW, POOR, POOR, 0 },
	{ POOR, INSTANCE_ILL, POOR, POOR, 0 },
	{ POOR, INSTANCE_ENDED, DOWN, DOWN, DEED_STOP | DEED_HAND_BACK },
	{ POOR, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
	{ DOWN, INSTANCE_STARTED, NEW, NEW, 0 },
	{ DOWN, INSTANCE_WELL, DOWN, ON, 0 },
	{ DOWN, INSTANCE_WORKING, DOWN, WORK, 0 },
	{ DOWN, INSTANCE_SLOW, DOWN, POOR, 0 },
	{ DOWN, INSTANCE_ILL, DOWN, DOWN, 0 },
	{ DOWN, INSTANCE_ENDED, DOWN, DOWN, 0 },
	{ DOWN, INSTANCE_STOPPED, OFF, OFF, DEED_HAND_BACK },
};

static void each_transition(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct instance ours = fresh(true), theirs = fresh(false);
		unsigned deeds;

		ours.state = theirs.state = rows[i].from;
		ours.running = true;
		deeds = instance_step(&ours, rows[i].event, 5000, 0);
		instance_step(&theirs, rows[i].event, 5000, 0);
		if (ours.state != rows[i].ours || theirs.state != rows[i].theirs ||
		    deeds != rows[i].deeds)
			fail_msg("%s, event %d: %s and %s, deeds %u",
				 instance_state_name(rows[i].from), rows[i].event,
				 instance_state_name(ours.state),
				 instance_state_name(theirs.state), deeds);
		assert_int_equal(ours.since, ours.state == rows[i].from ? 0 : 5000);
	}
}

static void ill_three_times_is_dead(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	instance_step(&i, INSTANCE_STARTED, 0, 0);
	instance_step(&i, INSTANCE_WELL, 1000, 0);
	assert_int_equal(instance_step(&i, INSTANCE_ILL, 2000, 0), 0);
	assert_int_equal(instance_step(&i, INSTANCE_ILL, 3000, 0), 0);
	assert_int_equal(instance_step(&i, INSTANCE_WELL, 4000, 0), 0);
	for (int n = 0; n < 2; n++) {
		assert_int_equal(instance_step(&i, INSTANCE_ILL, 5000, 0), 0);
		assert_int_equal(i.state, POOR);
	}
	assert_int_equal(instance_step(&i, INSTANCE_ILL, 6000, 0),
			 DEED_STOP | DEED_HAND_BACK);
	assert_int_equal(i.state, DOWN);
	/* its process must be gone first; then it has its pause */
	assert_int_equal(instance_due(&i, 60000, 0), 0);
	assert_int_equal(instance_step(&i, INSTANCE_ENDED, 7000, 0), 0);
	assert_int_equal(i.failures, 1);
	assert_int_equal(instance_due(&i, 7000, 0), 0);
	assert_int_equal(instance_due(&i, 9000, 0), DEED_START);
}

static void slow_is_never_dead(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	instance_step(&i, INSTANCE_STARTED, 0, 0);
	for (int64_t now = 1000; now < 1000000; now += 1000)
		assert_int_equal(instance_step(&i, INSTANCE_SLOW, now, 0), 0);
	assert_int_equal(i.state, POOR);
}

static void it_is_started_when_wanted(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	i.wanted = false;
	assert_int_equal(instance_due(&i, 1, 0), 0);
	assert_int_equal(instance_next(&i), INT64_MAX);
	assert_int_equal(instance_want(&i, true, 10), 0);
	assert_int_equal(instance_next(&i), 10);
	assert_int_equal(instance_due(&i, 10, 0), DEED_START);
	instance_step(&i, INSTANCE_STARTED, 10, 0);
	assert_int_equal(instance_due(&i, 20, 0), 0);
	assert_int_equal(instance_want(&i, false, 30), DEED_STOP);
	instance_step(&i, INSTANCE_STOPPED, 40, 0);
	assert_int_equal(i.state, OFF);
	assert_int_equal(instance_due(&i, 1000000, 0), 0);
}

static void a_restart_ends_it_first(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	assert_int_equal(instance_restart(&i, 0), 0);
	instance_step(&i, INSTANCE_STARTED, 0, 0);
	instance_step(&i, INSTANCE_WELL, 1, 0);
	assert_int_equal(instance_restart(&i, 100), DEED_STOP);
	assert_int_equal(instance_due(&i, 200, 0), 0);
	instance_step(&i, INSTANCE_STOPPED, 300, 0);
	assert_int_equal(instance_due(&i, 300, 0), DEED_START);
}

static void not_well_in_time_is_a_failure(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	instance_step(&i, INSTANCE_STARTED, 1000, 0);
	for (int n = 0; n < 10; n++)
		assert_int_equal(instance_step(&i, INSTANCE_ILL, 2000, 0), 0);
	assert_int_equal(instance_next(&i), 61000);
	assert_int_equal(instance_due(&i, 60999, 0), 0);
	assert_int_equal(instance_due(&i, 61000, 0), DEED_STOP | DEED_HAND_BACK);
	assert_int_equal(i.state, DOWN);
	assert_int_equal(instance_due(&i, 62000, 0), 0);
}

/* Each start fails by itself: three, with longer pauses, and no more. */
static void three_failures_are_the_end(void **state)
{
	struct instance i = fresh(true);
	int64_t now = 0, pause[3] = { 0 };
	unsigned deeds = 0, starts = 0;

	(void)state;
	while (starts < 3) {
		int64_t from = now;

		while (instance_due(&i, now, 0) != DEED_START)
			now += 100;
		pause[starts++] = now - from;
		instance_step(&i, INSTANCE_STARTED, now, 0);
		instance_step(&i, INSTANCE_WELL, now += 1000, 0);
		deeds = instance_step(&i, INSTANCE_ENDED, now += 3000, 0);
		assert_int_equal(deeds & DEED_ALERT, starts == 3 ? DEED_ALERT : 0);
	}
	assert_int_equal(pause[0], 0);
	assert_in_range(pause[1], 1600, 2500);
	assert_in_range(pause[2], 3200, 4900);
	assert_true(i.given_up);
	assert_int_equal(instance_next(&i), INT64_MAX);
	assert_int_equal(instance_due(&i, now + 100000000, 0), 0);
	/* until somebody acts */
	instance_want(&i, true, now);
	assert_int_equal(instance_due(&i, now, 0), DEED_START);
}

/* What cannot even be started is the same. */
static void what_cannot_begin_fails_too(void **state)
{
	struct instance i = fresh(true);

	(void)state;
	assert_int_equal(instance_step(&i, INSTANCE_ENDED, 0, 0),
			 DEED_STOP | DEED_HAND_BACK);
	instance_step(&i, INSTANCE_ENDED, 10000, 0);
	assert_int_equal(instance_step(&i, INSTANCE_ENDED, 20000, 0),
			 DEED_STOP | DEED_HAND_BACK | DEED_ALERT);
	assert_true(i.given_up);
}

static void a_good_minute_begins_anew(void **state)
{
	struct instance i = fresh(true);
	int64_t now = 1;

	(void)state;
	for (int n = 0; n < 20; n++) {
		instance_step(&i, INSTANCE_STARTED, now, 0);
		instance_step(&i, INSTANCE_WELL, now, 0);
		now += INSTANCE_STEADY_MS;
		instance_step(&i, INSTANCE_ENDED, now, 0);
		assert_int_equal(i.failures, 0);
		assert_in_range(i.again - now, 1600, 2400);
		now = i.again;
	}
}

/* Nobody can start it: that it is gone is an alert, and that it is back ends that. */
static void one_without_a_program(void **state)
{
	struct instance i = fresh(false);

	(void)state;
	instance_step(&i, INSTANCE_WELL, 0, 0);
	instance_step(&i, INSTANCE_ILL, 1, 0);
	instance_step(&i, INSTANCE_ILL, 2, 0);
	assert_int_equal(instance_step(&i, INSTANCE_ILL, 3, 0),
			 DEED_STOP | DEED_HAND_BACK | DEED_ALERT);
	assert_int_equal(instance_step(&i, INSTANCE_ILL, 4, 0), 0);
	assert_int_equal(instance_due(&i, 1000000, 0), 0);
	assert_int_equal(instance_step(&i, INSTANCE_WELL, 5, 0), 0);
	assert_int_equal(i.state, ON);
	assert_false(i.given_up);
}

static void no_order_breaks_it(void **state)
{
	struct chance chance;

	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct instance i = fresh(seed % 4 != 0);
		int64_t now = 0;

		chance_seeded(&chance, seed);
		for (int n = 0; n < 300; n++) {
			uint64_t what = chance_below(&chance, 12);
			struct instance before = i;
			unsigned deeds;

			now += (int64_t)chance_below(&chance, 20000);
			if (what < INSTANCE_EVENTS)
				deeds = instance_step(&i, (enum instance_event)what,
						      now, chance.next(&chance));
			else if (what < 10)
				deeds = instance_due(&i, now, chance.next(&chance));
			else
				deeds = instance_want(&i, what == 10, now);
			assert_true(i.state >= 0 && i.state < INSTANCE_STATES);
			assert_true(i.since <= now && i.since >= before.since);
			assert_true(i.failures <= before.failures + 1);
			assert_true(i.again - now <= 720 * 1000);
			if (deeds & DEED_START)
				assert_true(before.wanted && !before.running &&
					    !before.given_up && now >= before.again);
			if (deeds & DEED_ALERT)
				assert_true(i.given_up && i.state == DOWN);
			if (what == INSTANCE_SLOW || what == INSTANCE_WELL)
				assert_int_equal(deeds, 0);
			if (i.state == DOWN && before.state != DOWN)
				assert_true(deeds & DEED_HAND_BACK);
			assert_true(instance_next(&i) == INT64_MAX ||
				    i.state == NEW || i.again == instance_next(&i));
			before = i;
			if (i.given_up)
				assert_int_equal(instance_due(&before, now + 1000000,
							      0) & DEED_START, 0);
		}
	}
}

static void names_are_read_back(void **state)
{
	enum instance_state s;

	(void)state;
	for (int i = 0; i < INSTANCE_STATES; i++) {
		assert_true(instance_state_parse(span_str(
			instance_state_name((enum instance_state)i)), &s));
		assert_int_equal(s, i);
	}
	assert_false(instance_state_parse(span_str("unknown"), &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_transition),
		cmocka_unit_test(ill_three_times_is_dead),
		cmocka_unit_test(slow_is_never_dead),
		cmocka_unit_test(it_is_started_when_wanted),
		cmocka_unit_test(a_restart_ends_it_first),
		cmocka_unit_test(not_well_in_time_is_a_failure),
		cmocka_unit_test(three_failures_are_the_end),
		cmocka_unit_test(what_cannot_begin_fails_too),
		cmocka_unit_test(a_good_minute_begins_anew),
		cmocka_unit_test(one_without_a_program),
		cmocka_unit_test(no_order_breaks_it),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
