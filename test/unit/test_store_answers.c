/* The store: answers that are taken back, and the tasks that they had ended. */
#include "store_fixture.h"

#include "trine/store_task.h"

static const char clone[] = "5f3a9c1e";

static void answer(uint64_t seq, const char *task, const char *state)
{
	struct message m = make_message("1_TO_2", seq, "Done");

	m.type = TYPE_RESULT;
	m.re = xstrdup(task);
	message_add_extra(&m, "state", state);
	assert_ok(record_sent(fixture.s, &m, false, &fixture.err));
	message_release(&m);
}

static void take_back(const char *id)
{
	assert_ok(record_retracted(fixture.s, id, &fixture.err));
}

static void assert_stands(const char *id, const char *state)
{
	struct record r = get(id);

	assert_string_equal(r.state, state);
	record_release(&r);
}

static void be_given_task(uint64_t seq)
{
	char id[MESSAGE_ID];

	snprintf(id, sizeof(id), "2_TO_1.%d", (int)seq);
	receive_as(id, "2_TO_1", seq, TYPE_TASK, NULL);
}

static void an_answer_taken_back_opens_its_task(void **state)
{
	(void)state;
	begin();
	be_computer(1, clone);
	be_given_task(1);
	be_given_task(2);
	answer(1, "2_TO_1.1", "COMPLETED");
	answer(2, "2_TO_1.1", "COMPLETED");
	answer(3, "2_TO_1.2", "BLOCKED");
	assert_stands("2_TO_1.1", "COMPLETED");
	take_back("1_TO_2.2");
	/* the other one says so */
	assert_stands("2_TO_1.1", "COMPLETED");
	take_back("1_TO_2.1");
	assert_stands("2_TO_1.1", "QUEUED");
	take_back("1_TO_2.3");
	assert_stands("2_TO_1.2", "BLOCKED");
	/* and again */
	answer(4, "2_TO_1.1", "COMPLETED");
	take_back("1_TO_2.4");
	assert_stands("2_TO_1.1", "QUEUED");
	commit();
	assert_rebuilt_equal();
}

static void what_an_answer_did_not_end_stays(void **state)
{
	(void)state;
	begin();
	be_computer(1, clone);
	be_given_task(1);
	assert_ok(record_ended(fixture.s, "2_TO_1.1", "FAILED", "why", NULL,
			       &fixture.err));
	answer(1, "2_TO_1.1", "FAILED");
	answer(2, "2_TO_1.1", "COMPLETED");
	take_back("1_TO_2.2");
	assert_stands("2_TO_1.1", "FAILED");
	take_back("1_TO_2.1");
	assert_stands("2_TO_1.1", "FAILED");
	commit();
	assert_rebuilt_equal();
}

/* ---- whose it was ---- */

static void answer_all(uint64_t tasks)
{
	for (uint64_t seq = 1; seq <= tasks; seq++) {
		char id[MESSAGE_ID];

		snprintf(id, sizeof(id), "2_TO_1.%d", (int)seq);
		answer(seq, id, "COMPLETED");
	}
}

/* It was told that it has ended, and keeps none of it. */
static void a_session_has_it_no_more(void **state)
{
	struct list none = LIST_INIT;
	struct record r;

	(void)state;
	begin();
	be_computer(1, clone);
	be_given_task(1);
	assert_ok(record_claimed(fixture.s, "2_TO_1.1", 7, "h", &none, "",
				 &fixture.err));
	assert_ok(record_started(fixture.s, "2_TO_1.1", &fixture.err));
	answer_all(1);
	take_back("1_TO_2.1");
	r = get("2_TO_1.1");
	assert_string_equal(r.state, "QUEUED");
	assert_int_equal(r.session, 0);
	assert_int_equal(r.token, 0);
	assert_int_equal(r.attempt, 0);
	record_release(&r);
	commit();
	assert_rebuilt_equal();
}

/* 2 is in the line of an instance, with 3 and 4 there is a worker, 5 lies in its
 * inbox. */
static void give_to_instance(void)
{
	const struct begun worker = { "i", 0, 1, 1 };
	struct error *err = &fixture.err;
	struct list none = LIST_INIT;

	assert_ok(record_assigned(fixture.s, "2_TO_1.2", "i", err));
	assert_ok(record_assigned(fixture.s, "2_TO_1.3", "i", err));
	assert_ok(record_begun(fixture.s, "2_TO_1.3", &worker, &none, "", err));
	assert_ok(record_assigned(fixture.s, "2_TO_1.4", "i", err));
	assert_ok(record_begun(fixture.s, "2_TO_1.4", &worker, &none, "", err));
	assert_ok(record_handing(fixture.s, "2_TO_1.5", "i", &none, err));
	assert_ok(record_handed(fixture.s, "2_TO_1.5", "i", NULL, err));
}

static void an_instance_still_has_it(void **state)
{
	struct record r;

	(void)state;
	begin();
	be_computer(1, clone);
	for (uint64_t seq = 1; seq <= 5; seq++)
		be_given_task(seq);
	give_to_instance();
	answer_all(5);
	assert_ok(record_worked(fixture.s, "2_TO_1.4", &fixture.err));
	take_back("1_TO_2.2");
	take_back("1_TO_2.3");
	take_back("1_TO_2.4");
	take_back("1_TO_2.5");
	/* one that waited in a line is in none */
	r = get("2_TO_1.2");
	assert_string_equal(r.state, "QUEUED");
	assert_null(r.instance);
	record_release(&r);
	r = get("2_TO_1.3");
	assert_string_equal(r.state, "IN_PROGRESS");
	assert_int_equal(r.slot, 1);
	record_release(&r);
	/* its worker has ended meanwhile, and nobody took what it said */
	r = get("2_TO_1.4");
	assert_string_equal(r.state, "BLOCKED");
	assert_string_equal(r.note, "its answer was taken back");
	record_release(&r);
	r = get("2_TO_1.5");
	assert_string_equal(r.state, "ASSIGNED");
	assert_string_equal(r.instance, "i");
	assert_int_not_equal(r.handed, 0);
	record_release(&r);
	commit();
	assert_rebuilt_equal();
}

static void who_waited_for_it_waits_again(void **state)
{
	struct message after = make_message("1_TO_1", 1, "t");
	struct record r;

	(void)state;
	after.type = TYPE_TASK;
	message_add_extra(&after, "after", "2_TO_1.1");
	begin();
	be_computer(1, clone);
	be_given_task(1);
	assert_ok(record_added(fixture.s, "T", &after, 0, &fixture.err));
	answer(1, "2_TO_1.1", "COMPLETED");
	r = get("T");
	assert_int_equal(r.waits, WAIT_NONE);
	record_release(&r);
	take_back("1_TO_2.1");
	r = get("T");
	assert_int_equal(r.waits, WAIT_OTHERS);
	record_release(&r);
	commit();
	assert_rebuilt_equal();
	message_release(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_answer_taken_back_opens_its_task),
		STORE_TEST(what_an_answer_did_not_end_stays),
		STORE_TEST(a_session_has_it_no_more),
		STORE_TEST(an_instance_still_has_it),
		STORE_TEST(who_waited_for_it_waits_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
