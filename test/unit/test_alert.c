/*
 * Alerts: raised and cleared here and elsewhere, what of them is acted on, and that
 * nobody's flood hides those of others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home_fixture.h"
#include "trine/alert.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/store_early.h"
#include "trine/tasks.h"

/* ---- doing ---- */

static void raise_(const char *text, char id[MESSAGE_ID])
{
	bool anew;

	assert_ok(alert_raise(h, "builder", span_str(text), id, &anew, &err));
	assert_true(anew);
}

static bool clear(const char *id, const char *why)
{
	struct alert_hand by = { .from = "builder", .why = why };
	char cleared[MESSAGE_ID];
	bool found;

	assert_ok(alert_clear(h, id, &by, cleared, &found, &err));
	return found;
}

/* A message of computer FROM to all comes. */
static void receive(int from, unsigned seq, const char *title, const char *re,
		    enum message_priority priority, const char *note)
{
	struct message m = MESSAGE_INIT;
	char id[MESSAGE_ID];

	m.stream = (struct stream_name){ from, END_ALL };
	m.seq = seq;
	m.type = TYPE_ALERT;
	m.priority = priority;
	m.sent = 1790000000;
	m.re = xstrdup(re);
	if (re != NULL)
		message_add_extra(&m, "state", ALERT_CLEARED);
	assert_ok(message_set_text(&m, title, span_str(""), &err));
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_received(h->store, message_id_format(m.stream, seq, id), &m,
				  "0000beef", "", NULL, note, &err));
	assert_ok(store_commit(h->store, &err));
	message_release(&m);
}

static void comes(int from, unsigned seq, const char *title)
{
	receive(from, seq, title, NULL, PRIORITY_URGENT, "");
}

/* ---- looking ---- */

/* The ids of those that are open, "1_TO_ALL.1 builder-dead". */
static const char *open_ids(void)
{
	static char text[512];
	struct alert_list l;
	size_t len = 0;

	text[0] = '\0';
	assert_ok(view_alerts(h->store, false, &l, &err));
	for (size_t i = 0; i < l.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i == 0 ? "" : " ", l.item[i].id);
	alert_list_release(&l);
	return text;
}

static struct alert look(const char *id)
{
	struct alert a;
	bool found;

	assert_ok(view_alert(h->store, id, &a, &found, &err));
	assert_true(found);
	return a;
}

static enum computer_state state_now(void)
{
	enum computer_state state;
	struct overview o;

	assert_ok(overview_gather(h, &o, &err));
	state = o.state;
	overview_release(&o);
	return state;
}

/* How many problems `alert` there are that say WORDS. */
static unsigned problems(const char *words)
{
	struct overview o;
	unsigned count = 0;

	assert_ok(overview_gather(h, &o, &err));
	for (size_t i = 0; i < o.problem_count; i++)
		count += strcmp(o.problem[i].code, "alert") == 0 &&
			 strstr(o.problem[i].text, words) != NULL;
	overview_release(&o);
	return count;
}

/* ---- raising and clearing ---- */

static void test_it_is_an_emergency_until_it_is_cleared(void **state)
{
	char id[MESSAGE_ID];
	struct alert a;

	(void)state;
	assert_int_equal(state_now(), STATE_IDLE);
	raise_("The disk is full", id);
	assert_string_equal(id, "1_TO_ALL.1");
	assert_int_equal(state_now(), STATE_EMERGENCY);
	assert_int_equal(problems("this computer, builder: The disk is full"), 1);
	assert_true(clear(id, "Freed 20 GB"));
	assert_int_equal(state_now(), STATE_IDLE);
	assert_int_equal(problems(""), 0);
	a = look(id);
	assert_string_equal(a.why, "Freed 20 GB");
	assert_string_equal(a.cleared_by, "builder");
	assert_int_equal(a.cleared_on, 1);
	alert_release(&a);
	assert_false(clear(id, NULL));
}

static void test_the_same_again_is_one(void **state)
{
	char id[MESSAGE_ID], again[MESSAGE_ID];
	bool anew;

	(void)state;
	raise_("Down", id);
	assert_ok(alert_raise(h, "builder", span_str("Down"), again, &anew, &err));
	assert_false(anew);
	assert_string_equal(again, id);
	assert_ok(alert_raise(h, NULL, span_str("Down"), again, &anew, &err));
	assert_true(anew);
	assert_true(clear(id, NULL));
	raise_("Down", again);
	assert_string_equal(again, "1_TO_ALL.4");
}

static void test_so_many_of_one_computer_and_no_more(void **state)
{
	char id[MESSAGE_ID], text[16];
	bool anew;

	(void)state;
	for (unsigned i = 0; i < ALERTS_EACH; i++) {
		snprintf(text, sizeof(text), "no %u", i);
		raise_(text, id);
	}
	assert_int_equal(alert_raise(h, NULL, span_str("one more"), id, &anew, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_true(clear("1_TO_ALL.3", NULL));
	raise_("one more", id);
}

static void test_text_of_any_form(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		enum error_code code;
	} rows[] = {
		{ "", 0, ERR_USAGE }, { " \n\t", 3, ERR_USAGE },
		{ "a\0b", 3, ERR_DATA }, { "\xff", 1, ERR_DATA },
		{ "\x1b[31mred", 8, ERR_NONE }, { "# One\n\ntwo\n", 11, ERR_NONE },
	};
	char id[MESSAGE_ID], *large = xcalloc(1, LIMIT_BODY + 2);
	struct alert a;
	bool anew;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span text = { rows[i].text, rows[i].len };
		int rc = alert_raise(h, NULL, text, id, &anew, &err);

		assert_int_equal(rc, rows[i].code == ERR_NONE ? 0 : -1);
		if (rc == -1)
			assert_int_equal(err.code, rows[i].code);
	}
	a = look("1_TO_ALL.2");
	assert_string_equal(a.text, "One");
	alert_release(&a);
	memset(large, 'x', LIMIT_BODY + 1);
	assert_int_equal(alert_raise(h, NULL, span_str(large), id, &anew, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	free(large);
}

static void test_what_is_cleared_must_be_said(void **state)
{
	struct alert_hand by = { 0 };
	char id[MESSAGE_ID];
	bool found;

	(void)state;
	assert_false(clear(NULL, NULL));
	raise_("one", id);
	raise_("two", id);
	assert_int_equal(alert_clear(h, NULL, &by, id, &found, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "1_TO_ALL.1, 1_TO_ALL.2"));
	assert_int_equal(alert_clear(h, "2_TO_ALL.9", &by, id, &found, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(alert_clear(h, "../x", &by, id, &found, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_true(clear("1_TO_ALL.1", NULL));
	assert_true(clear(NULL, NULL));
	assert_string_equal(open_ids(), "");
}

/* ---- of others ---- */

static void test_of_another_computer(void **state)
{
	(void)state;
	comes(2, 1, "Keys were pushed");
	assert_int_equal(problems("computer 2: Keys were pushed"), 1);
	assert_int_equal(state_now(), STATE_IDLE);
	receive(3, 1, "Rotated", "2_TO_ALL.1", PRIORITY_NORMAL, "");
	assert_int_equal(problems(""), 0);
	receive(2, 2, "Only said", NULL, PRIORITY_HIGH, "");
	assert_string_equal(open_ids(), "");
}

static void test_its_end_may_come_first(void **state)
{
	struct alert a;

	(void)state;
	receive(3, 1, "Rotated", "2_TO_ALL.1", PRIORITY_URGENT, "");
	comes(2, 1, "Keys were pushed");
	assert_string_equal(open_ids(), "");
	a = look("2_TO_ALL.1");
	assert_int_equal(a.cleared_on, 3);
	assert_string_equal(a.why, "Rotated");
	alert_release(&a);
}

/* An answer of another type, or to a part of the fleet, ends nothing. */
static void test_only_what_says_so_ends_one(void **state)
{
	struct outgoing o = { .to = "2", .type = TYPE_ALERT, .re = "2_TO_ALL.1",
			      .priority = PRIORITY_URGENT, .title = "Seen" };
	char id[MESSAGE_ID];

	(void)state;
	comes(2, 1, "Down");
	assert_ok(mail_send(h, &o, id, &err));
	o.to = "ALL";
	o.priority = PRIORITY_NORMAL;
	assert_ok(mail_send(h, &o, id, &err));
	assert_string_equal(open_ids(), "2_TO_ALL.1");
}

static void test_a_flood_hides_nobody(void **state)
{
	unsigned run = 0;
	struct alert a;
	struct list tried = LIST_INIT;
	bool found = true;

	(void)state;
	set("[alert]\nrun = true");
	for (unsigned i = 1; i <= 500; i++)
		comes(2, i, "noise");
	comes(3, 1, "a real one");
	assert_int_equal(problems("noise"), ALERTS_EACH);
	assert_int_equal(problems("490 more"), 1);
	assert_int_equal(problems("a real one"), 1);
	while (found) {
		assert_ok(alert_take(h, &tried, &a, &found, &err));
		run += found;
		if (found)
			list_add(&tried, a.id);
		alert_release(&a);
	}
	assert_int_equal(run, ALERTS_EACH + 1);
	list_release(&tried);
}

static void test_what_comes_back_after_a_loss_was_acted_on(void **state)
{
	bool waits;

	(void)state;
	set("[alert]\nrun = true");
	receive(2, 1, "Down", NULL, PRIORITY_URGENT, "before the loss");
	assert_int_equal(problems("Down"), 1);
	assert_ok(alert_waits(h, &waits, &err));
	assert_false(waits);
}

static void test_taken_back_before_anybody_saw_it(void **state)
{
	char id[MESSAGE_ID];

	(void)state;
	raise_("Wrong alarm", id);
	assert_ok(mail_retract(h, id, &err));
	assert_int_equal(state_now(), STATE_IDLE);
	raise_("Down", id);
	assert_true(clear(id, NULL));
	assert_int_equal(mail_retract(h, "1_TO_ALL.2", &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
}

/* It came before git brought it: taken back by its sender, or under another number. */
static void test_early(void **state)
{
	struct message m = MESSAGE_INIT;
	struct alert a;

	(void)state;
	m.stream = (struct stream_name){ 2, END_ALL };
	m.type = TYPE_ALERT;
	m.priority = PRIORITY_URGENT;
	m.sent = 1790000000;
	assert_ok(message_set_text(&m, "Down", span_str(""), &err));
	assert_ok(store_begin(h->store, &err));
	for (m.seq = 1; m.seq <= 2; m.seq++)
		assert_ok(record_received_early(h->store, &m, "0000beef", &err));
	assert_ok(store_commit(h->store, &err));
	assert_string_equal(open_ids(), "2_TO_ALL.1 2_TO_ALL.2");
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_withdrawn(h->store, "2_TO_ALL.1", "0000beef", "", NULL,
				   &err));
	assert_ok(record_brought(h->store, "2_TO_ALL.2", "2_TO_ALL.7", "0000beef", "c",
				 &err));
	assert_ok(store_commit(h->store, &err));
	assert_string_equal(open_ids(), "2_TO_ALL.7");
	a = look("2_TO_ALL.1");
	assert_string_equal(a.why, "taken back by its sender");
	alert_release(&a);
	receive(2, 8, "Up", "2_TO_ALL.7", PRIORITY_URGENT, "");
	assert_string_equal(open_ids(), "");
	message_release(&m);
}

/* ---- of here alone ---- */

static void test_of_this_computer_alone(void **state)
{
	(void)state;
	assert_ok(alert_raise_here(h, "instance-builder", "builder is down", &err));
	assert_ok(alert_raise_here(h, "instance-builder", "builder is down", &err));
	assert_string_equal(open_ids(), "instance-builder");
	assert_int_equal(state_now(), STATE_IDLE);
	assert_int_equal(problems("this computer: builder is down"), 1);
	assert_ok(alert_raise_here(h, "instance-builder", "still down", &err));
	assert_int_equal(problems("still down"), 1);
	assert_int_equal(problems("is down"), 0);
	assert_true(clear("instance-builder", "Mended"));
	assert_string_equal(open_ids(), "");
	assert_ok(alert_raise_here(h, "instance-builder", "down again", &err));
	assert_string_equal(open_ids(), "instance-builder");
	assert_ok(store_begin(h->store, &err));
	assert_ok(alert_over_here_now(h, "instance-builder", "ONLINE", &err));
	assert_ok(alert_over_here_now(h, "nobody", "ONLINE", &err));
	assert_ok(store_commit(h->store, &err));
	assert_string_equal(open_ids(), "");
}

/* ---- acting on them ---- */

static void take(const struct list *tried, const char *id, uint64_t attempt)
{
	struct alert a;
	bool found;

	assert_ok(alert_take(h, tried, &a, &found, &err));
	assert_int_equal(found, id != NULL);
	if (id != NULL) {
		assert_string_equal(a.id, id);
		assert_int_equal(a.tries, attempt);
	}
	alert_release(&a);
}

static bool is_new(void)
{
	bool out;

	assert_ok(alert_is_new(h, &out, &err));
	return out;
}

static void test_the_program_gets_it_until_it_ends_well(void **state)
{
	struct list tried = LIST_INIT;

	(void)state;
	comes(2, 1, "Down");
	take(NULL, NULL, 0);	/* there is no program */
	assert_false(is_new());
	set("[alert]\nrun = true");
	assert_true(is_new());
	take(&tried, "2_TO_ALL.1", 1);
	list_add(&tried, "2_TO_ALL.1");
	assert_false(is_new());
	take(&tried, NULL, 0);
	assert_ok(alert_settle(h, "2_TO_ALL.1", "ended with 7", &err));
	assert_int_equal(problems("is tried again: ended with 7"), 1);
	take(NULL, "2_TO_ALL.1", 2);	/* nothing is known of that one: it was cut off */
	take(NULL, "2_TO_ALL.1", 3);
	assert_ok(alert_settle(h, "2_TO_ALL.1", "ended with 8", &err));
	take(NULL, NULL, 0);
	assert_int_equal(problems("failed: ended with 8"), 1);

	comes(2, 2, "Down, too");
	take(NULL, "2_TO_ALL.2", 1);
	assert_ok(alert_settle(h, "2_TO_ALL.2", NULL, &err));
	take(NULL, NULL, 0);
	list_release(&tried);
}

static void tell(void)
{
	assert_ok(store_begin(h->store, &err));
	assert_ok(alert_tell(h, &err));
	assert_ok(store_commit(h->store, &err));
}

static size_t tasks_for(const char *instance)
{
	struct record_list l = { 0 };
	size_t count = 0;

	assert_ok(tasks_list(h, true, &l, &err));
	for (size_t i = 0; i < l.count; i++)
		count += strcmp(l.item[i].message.to, instance) == 0 &&
			 l.item[i].message.priority == PRIORITY_URGENT;
	record_list_release(&l);
	return count;
}

static void test_instances_get_a_task_each_once(void **state)
{
	(void)state;
	comes(2, 1, "Down");
	tell();
	set("[alert]\nto = mechanic,  analytics\n[instance mechanic]\ncapacity = 1\n"
	    "[instance analytics]\ncapacity = 1");
	tell();
	tell();
	assert_int_equal(tasks_for("mechanic"), 1);
	assert_int_equal(tasks_for("analytics"), 1);
	assert_ok(alert_raise_here(h, "k", "t", &err));
	tell();
	assert_int_equal(tasks_for("mechanic"), 2);
}

static unsigned delivery_problems(void)
{
	struct problem *l = NULL;
	size_t count = 0;

	assert_ok(view_problems_of(h->store, "delivery", &l, &count, &err));
	problems_free(l, count);
	return (unsigned)count;
}

/* The first one's words can be no title of a task. */
static void test_one_that_cannot_be_told_holds_nobody_up(void **state)
{
	(void)state;
	set("[alert]\nto = mechanic\n[instance mechanic]\ncapacity = 1");
	assert_ok(alert_raise_here(h, "k", "it says\tthis", &err));
	comes(2, 1, "Down");
	tell();
	assert_int_equal(tasks_for("mechanic"), 1);
	assert_int_equal(delivery_problems(), 1);
	tell();
	assert_int_equal(tasks_for("mechanic"), 1);
	assert_int_equal(delivery_problems(), 1);
	clear("k", NULL);
	clear("2_TO_ALL.1", NULL);
	tell();
	assert_int_equal(delivery_problems(), 0);
}

/* ---- a view made anew ---- */

static void test_the_log_gives_the_same(void **state)
{
	char id[MESSAGE_ID], *path, before[512];

	(void)state;
	raise_("one", id);
	comes(2, 1, "two");
	receive(3, 1, "over", "2_TO_ALL.1", PRIORITY_URGENT, "");
	comes(3, 2, "three");
	assert_ok(alert_raise_here(h, "k", "four", &err));
	snprintf(before, sizeof(before), "%s", open_ids());
	assert_string_equal(before, "1_TO_ALL.1 3_TO_ALL.2 k");
	path = home_path(h, "state.db");
	home_close(h);
	assert_ok(file_remove(path, &err));
	free(path);
	assert_ok(home_open(&h, root, &clock_, &err));
	assert_string_equal(open_ids(), before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_an_emergency_until_it_is_cleared),
		TEST(test_the_same_again_is_one),
		TEST(test_so_many_of_one_computer_and_no_more),
		TEST(test_text_of_any_form),
		TEST(test_what_is_cleared_must_be_said),
		TEST(test_of_another_computer),
		TEST(test_its_end_may_come_first),
		TEST(test_only_what_says_so_ends_one),
		TEST(test_a_flood_hides_nobody),
		TEST(test_what_comes_back_after_a_loss_was_acted_on),
		TEST(test_taken_back_before_anybody_saw_it),
		TEST(test_early),
		TEST(test_of_this_computer_alone),
		TEST(test_the_program_gets_it_until_it_ends_well),
		TEST(test_instances_get_a_task_each_once),
		TEST(test_one_that_cannot_be_told_holds_nobody_up),
		TEST(test_the_log_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
