/* The checker of the simulator: a good history passes, and each way to break it
 * is found and named. */
#include "check_breaks.h"

static void all_is_well(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	assert_null(check_step(f->c));
	assert_null(check_rest(f->c));
	assert_null(check_idle(f->c));
	assert_true(check_on_branch(f->c, "k1."));
	assert_false(check_on_branch(f->c, "k2."));
	a_second_message(f);
	assert_null(check_step(f->c));
	two_takes_the_second(f);
	assert_null(check_step(f->c));
	assert_true(check_on_branch(f->c, "k2."));
}

static void each_break_is_found(void **state)
{
	const char *finding;
	size_t failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *fleet;
		struct fleet *f;

		start_fleet(&fleet);
		f = fleet;
		a_good_start(f);
		finding = check_step(f->c);
		assert_null(finding);
		rows[i].breaks(f);
		finding = check_rest(f->c);
		if (!finding || !strstr(finding, rows[i].words)) {
			print_error("row %zu: not \"%s\" but: %s\n", i,
				    rows[i].words, finding ? finding : "nothing");
			failures++;
		}
		end_fleet(&fleet);
	}
	assert_int_equal(failures, 0);
}

/* ---- what looks like one, and is none ---- */

/* Computer 2 is as it was before it received k2.; and does that again, if SO. */
static void a_disk_came_back(struct fleet *f, bool so)
{
	char *log = ck_print("%s/2/.trine/event-log.jsonl", f->dir);
	char *backup = ck_print("cp %s %s.old", log, log);
	char *restore = ck_print("mv %s.old %s", log, log);
	long seq;

	a_good_start(f);
	(void)!system(backup);
	seq = f->computers[2].seq;
	assert_null(check_step(f->c));
	a_second_message(f);
	two_takes_the_second(f);
	assert_null(check_step(f->c));
	(void)!system(restore);
	f->computers[2].seq = seq;
	check_restored(f->c, 2);
	new_clone(f, 2, "2222222b", "former: [22222222]\n");
	if (so)
		hears(f, 2, "message.received", "1_TO_2.2", "11111111", "And k2.");
	push(f, 2);			/* its receipts are from the tip */
	assert_null(check_step(f->c));
	event(f, 1, "\"type\":\"computer.seen\",\"computer\":2,"
	      "\"received\":{\"1_TO_2\":2}");
	publish(f);
	said(f, "k2.", SAID_SENT, 1, 2);
	free(log);
	free(backup);
	free(restore);
}

static void a_disk_that_came_back(void **state)
{
	struct fleet *f = *state;

	a_disk_came_back(f, true);
	assert_null(check_rest(f->c));
}

static void its_mail_comes_back_with_it(void **state)
{
	struct fleet *f = *state;

	a_disk_came_back(f, false);
	assert_non_null(strstr(check_rest(f->c), "arrives: computer 2 never received "
			       "k2. from computer 1"));
}

static void a_person_amends(void **state)
{
	struct fleet *f = *state;
	git_oid oid;

	a_good_start(f);
	assert_null(check_step(f->c));
	add(f, "shared/notes.md", "of a person, k8.\n");
	oid = trine_object(f, 1, NULL);	/* trailers that still match */
	move_branch(f, &oid);
	assert_non_null(check_step(f->c));	/* by their own name: R2 */
}

static void a_branch_set_back(void **state)
{
	struct fleet *f = *state;
	git_oid before;

	a_good_start(f);
	before = f->tip;
	a_second_message(f);
	assert_null(check_step(f->c));
	move_branch(f, &before);
	check_rewound(f->c);
	assert_null(check_step(f->c));
	assert_false(check_on_branch(f->c, "k2."));
	push(f, 1);			/* and everything is brought back */
	assert_null(check_step(f->c));
	assert_true(check_on_branch(f->c, "k2."));
}

/* One that waited is carried above what was rejected meanwhile, its status with it. */
static git_oid carried_above_a_rejected_one(struct fleet *f)
{
	static const char path[] = "COMPUTER_2.md";
	char *on_branch = strdup(*text_of(f, path)), *its_own;
	git_oid waited, carried;

	f->now += 300;
	write_status(f, 2);
	its_own = strdup(*text_of(f, path));
	waited = make(f, 2, NULL);
	put(f, path, on_branch);
	a_second_message(f);
	put(f, path, its_own);
	event(f, 2, "\"type\":\"message.rejected\",\"stream\":\"1_TO_2\","
	      "\"number\":2,\"id\":\"1_TO_2.2\",\"why\":\"no title\"");
	carried = make(f, 2, &waited);
	free(on_branch);
	free(its_own);
	return carried;
}

static void a_cycle_says_what_it_rejected(void **state)
{
	struct fleet *f = *state;
	git_oid carried;

	a_good_start(f);
	carried = carried_above_a_rejected_one(f);
	move_branch(f, &carried);	/* and no status above it */
	assert_non_null(strstr(check_step(f->c), "R8: computer 2: 1_TO_2.2 never "
			       "came, or was"));
}

/* The status of its newest commit stands in one of a person's, whose name is no
 * computer's; the one below that is carried, and has the status it was made with. */
static void what_waited_says_what_was_known(void **state)
{
	struct fleet *f = *state;
	git_oid carried, squashed;

	a_good_start(f);
	carried = carried_above_a_rejected_one(f);
	move_branch(f, &carried);
	strcpy(f->computers[2].receipts,
	       "1_TO_2: 1}\nrejected: {1_TO_2.2: no title");
	push(f, 2);
	assert_null(check_step(f->c));
	move_branch(f, &carried);
	squashed = commit_object(f, "Squashed\n", 0, NULL);
	move_branch(f, &squashed);
	check_rewound(f->c);
	assert_null(check_step(f->c));
}

/* What it answers to the last cycle of another one comes with the next cycle there; on
 * its own desk it is by the end of its own. */
static void its_own_desk_has_its_answers(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	assert_null(check_step(f->c));
	write_desk(f, 2, "COMPUTER_2.md", "As it was\n");
	assert_null(check_desks(f->c));
	assert_null(check_desk_of(f->c, 3));
	assert_non_null(strstr(check_desk_of(f->c, 2), "desk: computer 2: COMPUTER_2.md "
			       "is not on its desk as on the tip"));
}

static void all_hear_one(struct fleet *f)
{
	hears(f, 1, "message.sent", "1_TO_ALL.1", "11111111", "All of k3.");
	say(f, 1, "ALL", 1, "All of k3.");
	push(f, 1);
	for (int n = 2; n <= 3; n++) {
		hears(f, n, "message.received", "1_TO_ALL.1", "11111111",
		      "All of k3.");
		strcat(f->computers[n].receipts, *f->computers[n].receipts ?
		       ", 1_TO_ALL: 1" : "1_TO_ALL: 1");
		push(f, n);
		event(f, 1, "\"type\":\"computer.seen\",\"computer\":%d,"
		      "\"received\":{\"1_TO_2\":1,\"1_TO_ALL\":1}", n);
	}
	said(f, "k3.", SAID_SENT, 1, 0);
	publish(f);
}

static void messages_to_all_from_a_start_on(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	all_hear_one(f);
	assert_null(check_rest(f->c));
}

static void where_that_start_is_must_be_known(void **state)
{
	struct fleet *f = *state;

	check_started(f->c, 3, "1234567890123456789012345678901234567890");
	a_good_start(f);
	all_hear_one(f);
	assert_non_null(strstr(check_rest(f->c), "R31: computer 3: it joined at "
			       "\"1234567890\", where the branch never was"));
}

static void nobody_waits_for_who_is_gone(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	a_second_message(f);
	said(f, "k2.", SAID_SENT, 1, 2);
	check_gone(f->c, 2);
	publish(f);
	assert_null(check_rest(f->c));
}

static void idle_cycles_leave_nothing(void **state)
{
	struct fleet *f = *state;
	const char *finding;

	a_good_start(f);
	assert_null(check_rest(f->c));
	event(f, 2, "\"type\":\"tip.received\"");
	finding = check_idle(f->c);
	assert_non_null(finding);
	assert_non_null(strstr(finding, "idle: computer 2: 1 events, the last "
			       "a tip.received"));
}

static void idle_fleets_make_no_commit(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	assert_null(check_rest(f->c));
	f->now += 7200;
	push(f, 2);
	assert_non_null(strstr(check_idle(f->c), "idle: the tip was"));
}

/* What was taken in beside another text under its number needs no record under
 * the number that its writer gives it then. */
static void a_text_sent_anew_is_known(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	say(f, 3, "2", 1, "Words");
	push(f, 3);
	hears(f, 2, "message.received", "3_TO_2.1", "33333333", "Words");
	hears(f, 2, "message.received", "3_TO_2.1~33333333", "33333333",
	      "Words");
	say(f, 3, "2", 2, "Words");
	replace(f, "messages/3_TO_2.md", "id: 3_TO_2.2\n",
		"id: 3_TO_2.2\norigin: 3_TO_2.1\n");
	say(f, 3, "2", 3, "And more");
	push(f, 3);
	strcpy(f->computers[2].receipts, "1_TO_2: 1, 3_TO_2: 2");
	push(f, 2);
	assert_null(check_step(f->c));
	strcpy(f->computers[2].receipts, "1_TO_2: 1, 3_TO_2: 3");
	push(f, 2);
	assert_non_null(strstr(check_step(f->c), "recorded 3_TO_2.3 before"));
}

static void what_waited_may_get_another_end(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	assert_null(check_step(f->c));
	say(f, 1, "2", 2, "Do k1. then");
	push(f, 1);
	received_with(f, "Do k1. then");
	assert_null(check_step(f->c));
	hears(f, 2, "message.received", "1_TO_2.3", "11111111", "Do k1. now");
	assert_non_null(strstr(check_step(f->c), "1_TO_2.1 and 1_TO_2.3"));
}

static void a_person_may_write_it_once_more(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	written_and_removed(f);
	push_by_a_person(f);
	received_by_hand(f);
	publish(f);
	assert_null(check_rest(f->c));
}

/* Its log says so behind it. */
static void what_is_handed_over_may_be_taken(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	check_instance(f->c, 2);
	hand_over(f, 2, "new/1_TO_2.1.md");
	assert_null(check_step(f->c));
	take_away(f, 2, "new/1_TO_2.1.md");
	hand_over(f, 2, "cur/1_TO_2.1.md:2,S");
	event(f, 2, "\"type\":\"message.handed\",\"id\":\"1_TO_2.1\","
	      "\"instance\":\"w\"");
	assert_null(check_rest(f->c));
}

static void who_left_is_written_for_by_hand(void **state)
{
	struct fleet *f = *state;
	char *id;

	a_good_start(f);
	put(f, "fleet.yaml", "retired: [1]\n");
	add(f, "messages/1_TO_3.md", "Said by k4.\n");
	push_by_a_person(f);
	id = ck_print("1_TO_3.~%.10s.1", git_oid_tostr_s(&f->tip));
	hears(f, 3, "message.received", id, "", "Said by k4.");
	free(id);
	check_gone(f->c, 1);
	said(f, "k4.", SAID_KEPT, 0, 0);
	publish(f);
	assert_null(check_rest(f->c));
}

/* It merged somebody's k4. with an edit of its own, and made that commit anew on another
 * tip: the remote never had what its desk showed. */
static void what_a_desk_alone_showed(void **state)
{
	static const char merged[] = "Notes\nk4.\nof its own\n";
	struct fleet *f = *state;
	git_oid oid;

	a_good_start(f);
	said(f, "k4.", SAID_KEPT, 0, 0);
	add(f, "shared/notes.md", "k4.\n");
	push_by_a_person(f);
	must(git_odb_hash(&oid, merged, strlen(merged), GIT_OBJECT_BLOB));
	event(f, 1, "\"type\":\"desk.published\",\"commit\":\"%040d\",\"files\":{"
	      "\"shared/notes.md\":\"%s\"}", 0, git_oid_tostr_s(&oid));
	write_desk(f, 1, "shared/notes.md", merged);
	assert_null(check_step(f->c));
	put(f, "shared/notes.md", "Notes, and more\n");
	push(f, 1);
	assert_null(check_step(f->c));
}

static void a_copy_that_was_lost_is_made_again(void **state)
{
	struct fleet *f = *state;
	git_oid before;

	a_good_start(f);
	before = f->tip;
	a_copy(f);
	assert_null(check_step(f->c));
	move_branch(f, &before);
	check_rewound(f->c);
	assert_null(check_step(f->c));
	push(f, 1);
	assert_null(check_step(f->c));
}

/* A computer whose commits went with the branch, and then its disk, joins: what
 * was said to all before is not for it. */
static void who_is_forgotten_joins(void **state)
{
	struct fleet *f = *state;
	git_oid before;

	hears(f, 1, "message.sent", "1_TO_ALL.1", "11111111", "All of k3.");
	say(f, 1, "ALL", 1, "All of k3.");
	push(f, 1);
	before = f->tip;
	push(f, 2);
	assert_null(check_step(f->c));
	move_branch(f, &before);
	check_rewound(f->c);
	assert_null(check_step(f->c));
	fclose(open_log(f, 2, "w"));
	f->computers[2].seq = 0;
	set_up_from(f, 2, "2222222b", git_oid_tostr_s(&before));
	strcpy(f->computers[2].receipts, "1_TO_ALL: 1");
	push(f, 2);
	assert_null(check_step(f->c));
}

/* "3 tasks queued" is no time. */
static void a_number_of_tasks_is_news(void **state)
{
	struct fleet *f = *state;

	a_good_start(f);
	f->now += 300;
	write_status(f, 2);
	replace(f, "COMPUTER_2.md", "no tasks", "1 task queued");
	push_as_is(f, 2);
	assert_null(check_step(f->c));
	push(f, 2);			/* and so is that there are none */
	assert_null(check_step(f->c));
	push(f, 2);
	assert_non_null(check_step(f->c));
}

/* ---- small parts ---- */

static void digests_are_those_of_the_books(void **state)
{
	char hex[17];

	(void)state;
	assert_int_equal(ck_crc("123456789", 9), 0xe3069283);
	ck_sha16("abc", hex);
	assert_string_equal(hex, "ba7816bf8f01cfea");
}

static void yaml_is_read_with_its_limits(void **state)
{
	static const char *const bad[] = {
		"a: &x 1\n", "a: 1\nb: *a\n", "a: !!str 1\n", "a: 1\na: 2\n",
		"a: {b: {c: {d: {e: 1}}}}\n", "- a\n", "a: 1\n---\nb: 1\n",
		"a: [\n", "? [a]\n: 1\n", "",
	};
	const char *why;
	json_t *good = ck_yaml("a: {b: [c, {d: 1}]}\n", 20, 100, &why);

	(void)state;
	assert_non_null(good);
	json_decref(good);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (ck_yaml(bad[i], strlen(bad[i]), 100, &why))
			fail_msg("%s", bad[i]);
		assert_non_null(why);
	}
	assert_null(ck_yaml("a: 1\n", 5, 4, &why));
	assert_string_equal(why, "too long");
}

#define WITH_FLEET(test) \
	cmocka_unit_test_setup_teardown(test, start_fleet, end_fleet)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FLEET(all_is_well),
		cmocka_unit_test(each_break_is_found),
		WITH_FLEET(a_disk_that_came_back),
		WITH_FLEET(its_mail_comes_back_with_it),
		WITH_FLEET(a_person_amends),
		WITH_FLEET(a_branch_set_back),
		WITH_FLEET(a_cycle_says_what_it_rejected),
		WITH_FLEET(what_waited_says_what_was_known),
		WITH_FLEET(its_own_desk_has_its_answers),
		WITH_FLEET(messages_to_all_from_a_start_on),
		WITH_FLEET(where_that_start_is_must_be_known),
		WITH_FLEET(nobody_waits_for_who_is_gone),
		WITH_FLEET(idle_cycles_leave_nothing),
		WITH_FLEET(idle_fleets_make_no_commit),
		WITH_FLEET(a_text_sent_anew_is_known),
		WITH_FLEET(what_waited_may_get_another_end),
		WITH_FLEET(a_person_may_write_it_once_more),
		WITH_FLEET(what_is_handed_over_may_be_taken),
		WITH_FLEET(who_left_is_written_for_by_hand),
		WITH_FLEET(what_a_desk_alone_showed),
		WITH_FLEET(a_copy_that_was_lost_is_made_again),
		WITH_FLEET(who_is_forgotten_joins),
		WITH_FLEET(a_number_of_tasks_is_news),
		cmocka_unit_test(digests_are_those_of_the_books),
		cmocka_unit_test(yaml_is_read_with_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
