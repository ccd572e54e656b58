/* The store as a whole: any course of events gives the same view again. */
#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/sql.h"
#include "../../src/store/sql_words.h"
#include "trine/store_alert.h"
#include "trine/store_claim.h"
#include "trine/store_early.h"
#include "trine/store_task.h"

static const char clone[] = "5f3a9c1e";

static struct chance chance;

static uint64_t below(uint64_t bound)
{
	return chance_below(&chance, bound);
}

static const char *any(const char *prefix, uint64_t bound)
{
	static char text[8][64];
	static unsigned turn;
	char *out = text[turn++ % 8];

	snprintf(out, sizeof(text[0]), "%s%d", prefix, (int)below(bound));
	return out;
}

static void random_message(bool ours)
{
	static const char *const streams[] = { "1_TO_2", "1_TO_ALL", "1_TO_1",
					       "2_TO_1", "3_TO_1", "2_TO_ALL" };
	const char *stream = streams[ours ? below(3) : 3 + below(3)];
	struct message m = make_message(stream, 1 + below(30),
					any("title \xe2\x82\xac ", 9));
	char id[MESSAGE_ID];

	if (below(2))
		m.re = xstrdup(any(ours ? "2_TO_1." : "1_TO_2.", 30));
	if (below(2))
		m.type = TYPE_TASK;
	if (below(4) == 0)
		message_add_extra(&m, "part", any("T7/part/", 15));
	message_id_format(m.stream, m.seq, id);
	if (below(8) == 0) {
		bool added;

		m.seq = 0;
		record_imported(fixture.s, any(ours ? "1_TO_2.~" : "2_TO_1.~",
					       30), &m,
				below(2) ? "" : "COMPLETED", &added,
				&fixture.err);
	} else if (ours && below(4) == 0) {
		record_found(fixture.s, &m, clone, &fixture.err);
	} else if (ours) {
		record_sent(fixture.s, &m, below(2), &fixture.err);
	} else {
		record_received(fixture.s, id, &m, any("0000000", 9), "c",
				below(5) ? "" : "BLOCKED", below(5) ? "" : "in doubt",
				&fixture.err);
	}
	message_release(&m);
}

static void with_needs(struct list *out)
{
	for (uint64_t i = below(3); i > 0; i--)
		list_add(out, any("L", 4));
}

static void random_work(void)
{
	struct list needs = LIST_INIT;
	const char *id = any("2_TO_1.", 30);

	switch (below(6)) {
	case 0:
		record_assigned(fixture.s, id, any("i", 3), &fixture.err);
		break;
	case 1:
		with_needs(&needs);
		record_begun(fixture.s, id, &(struct begun){
			.instance = any("i", 3), .copy = (int64_t)below(3),
			.attempt = 1 + below(5), .slot = 1 + (unsigned)below(3),
			}, &needs, "", &fixture.err);
		list_release(&needs);
		break;
	case 2:
		record_deferred(fixture.s, id, any("why", 3),
				(int64_t)below(1000) * 1000000, &fixture.err);
		break;
	case 3:
		record_blocked(fixture.s, id, any("why", 3), &fixture.err);
		break;
	case 4:
		record_released(fixture.s, id, any("why", 3), &fixture.err);
		break;
	default:
		record_worked(fixture.s, id, &fixture.err);
	}
}

static void random_lock(void)
{
	struct process_mark process = { (long)below(9), below(9), "boot" };
	struct lock l = {
		.name = (char *)(uintptr_t)any("L", 4), .session = 1 + below(9),
		.holder = (char []){ "h" }, .ttl = 300,
		.until = (int64_t)below(1000) * 1000000,
	};

	switch (below(4)) {
	case 0:
		record_lock_acquired(fixture.s, &l, &fixture.err);
		break;
	case 1:
		record_lock_renewed(fixture.s, any("L", 4), below(400), l.until,
				    &fixture.err);
		break;
	case 2:
		record_lock_released(fixture.s, any("L", 4), below(400),
				     any("why", 3), &fixture.err);
		break;
	default:
		record_lock_wait(fixture.s, 1 + below(9), below(2) ? "L1" : "",
				 &process, &fixture.err);
	}
}

static void random_claim(void)
{
	struct process_mark process = { (long)below(9), below(9), "boot" };
	struct lease_clock now = { .now = (int64_t)below(1000), .boot = "boot" };
	struct claim c = { .generation = 1 + below(50), .beat = 1 + below(9),
			   .lease = 900, .by = "A" };
	struct refusals refused = { (int64_t)below(9), { below(9), below(9) } };

	snprintf(c.name, sizeof(c.name), "%s", any("lock/L", 4));
	switch (below(7)) {
	case 0:
		record_claim_wanted(fixture.s, &c, below(3), &process, &fixture.err);
		break;
	case 1:
		record_claim_offered(fixture.s, &c, any("o", 30), &now, &fixture.err);
		break;
	case 2:
		record_claim_held(fixture.s, c.name, &fixture.err);
		break;
	case 3:
		record_claim_lost(fixture.s, c.name, below(2), "why", &fixture.err);
		break;
	case 4:
		record_claim_generation(fixture.s, below(60), &fixture.err);
		break;
	case 5:
		record_refused(fixture.s, &refused, &fixture.err);
		break;
	default:
		record_claim_released(fixture.s, c.name, "", &fixture.err);
	}
}

/* An alert to all, or the end of one; of ours, or of others. */
static void random_emergency(void)
{
	static const char *const streams[] = { "1_TO_ALL", "2_TO_ALL", "3_TO_ALL" };
	const char *stream = streams[below(3)];
	struct message m = make_message(stream, 1 + below(30), any("alert ", 9));
	char id[MESSAGE_ID], of[32];

	m.type = TYPE_ALERT;
	m.priority = below(4) ? PRIORITY_URGENT : PRIORITY_NORMAL;
	snprintf(of, sizeof(of), "%s.", streams[below(3)]);
	if (below(3) == 0) {
		m.re = xstrdup(any(of, 30));
		message_add_extra(&m, "state", "CLEARED");
	}
	message_id_format(m.stream, m.seq, id);
	if (m.stream.from == 1)
		record_sent(fixture.s, &m, false, &fixture.err);
	else
		record_received(fixture.s, id, &m, clone, "c", "",
				below(5) ? "" : "before the loss", &fixture.err);
	message_release(&m);
}

static void random_alert(void)
{
	static const char *const ids[] = { "k", "1_TO_ALL.", "2_TO_ALL." };
	const char *id = any(ids[below(3)], 30);
	struct list to = LIST_INIT;

	switch (below(8)) {
	case 0:
		record_alert_raised(fixture.s, any("k", 3), any("text", 3), &fixture.err);
		break;
	case 1:
		record_alert_cleared(fixture.s, any("k", 3), any("b", 3), "", &fixture.err);
		break;
	case 2:
		list_add(&to, any("i", 3));
		record_alert_told(fixture.s, id, &to, &fixture.err);
		list_release(&to);
		break;
	case 3:
		record_alert_handing(fixture.s, id, 1 + below(3), &fixture.err);
		break;
	case 4:
		record_alert_handed(fixture.s, id, below(2) ? "why" : NULL, &fixture.err);
		break;
	case 5:
		record_retracted(fixture.s, any("1_TO_ALL.", 30), &fixture.err);
		break;
	default:
		random_emergency();
	}
}

static void random_value(void)
{
	struct value v = {
		.key = (char *)(uintptr_t)any("k", 4), .by = (char []){ "b" },
		.value = below(3) ? (char []){ "v" } : NULL,
	};

	record_value(fixture.s, &v, &fixture.err);
}

static void random_reservation(void)
{
	struct reservation r = {
		.base = (char []){ "/" }, .holder = (char []){ "h" },
		.why = (char []){ "" }, .session = 1 + below(9),
		.shared = below(2), .until = (int64_t)below(1000) * 1000000,
	};

	if (below(2)) {
		record_unreserved(fixture.s, below(400), any("w", 3), &fixture.err);
		return;
	}
	list_add(&r.globs, any("g", 9));
	list_add(&r.globs, any("**/g", 9));
	record_reserved(fixture.s, &r, &fixture.err);
	list_release(&r.globs);
}

static void random_task(void)
{
	struct message m = MESSAGE_INIT;
	struct list needs = LIST_INIT;
	const char *id = any("T", 20);

	switch (below(7)) {
	case 0:
		m.stream = stream_of("1_TO_1");
		m.seq = 1 + below(50);
		m.type = TYPE_TASK;
		m.title = xstrdup(any("t", 9));
		if (below(3) == 0)
			message_add_extra(&m, "after", any("T", 20));
		if (below(3) == 0)
			message_add_extra(&m, "timeout", "5m");
		if (below(3) == 0)
			message_add_extra(&m, "approvals", "2");
		record_added(fixture.s, id, &m, below(9), &fixture.err);
		message_release(&m);
		break;
	case 1:
		with_needs(&needs);
		record_claimed(fixture.s, id, 1 + below(300), any("h", 3), &needs,
			       below(2) ? any("T", 20) : "", &fixture.err);
		list_release(&needs);
		break;
	case 2:
		record_started(fixture.s, id, &fixture.err);
		break;
	case 6:
		record_approved(fixture.s, id, 1 + below(9), any("n", 3),
				&fixture.err);
		break;
	case 5:
		record_again(fixture.s, id, 1 + below(5), any("why", 3),
			     (int64_t)below(1000) * 1000000, &fixture.err);
		break;
	case 3:
		record_progress(fixture.s, id, any("p", 5), &fixture.err);
		break;
	default:
		record_stuck(fixture.s, id, any("why", 3), &fixture.err);
	}
}

static void random_session(void)
{
	struct session s = {
		.id = 1 + below(300), .number = 1 + (int64_t)below(5),
		.name = (char *)(uintptr_t)any("n", 4), .role = (char []){ "r" },
		.goal = (char []){ "" }, .folder = (char []){ "/" },
		.agent = { (long)below(100), below(9), "boot" },
	};

	switch (below(4)) {
	case 0:
		record_session_started(fixture.s, &s, &fixture.err);
		break;
	case 1:
		record_session_adopted(fixture.s, &s, &fixture.err);
		break;
	case 2:
		record_session_doing(fixture.s, s.id, any("d", 5), &fixture.err);
		break;
	default:
		record_session_ended(fixture.s, s.id, any("why", 3),
				     &fixture.err);
	}
}

static void random_early(const char *ours, const char *theirs)
{
	struct message m = make_message("2_TO_1", 1 + below(30), any("early ", 3));

	m.type = below(2) ? TYPE_TASK : TYPE_MESSAGE;
	switch (below(4)) {
	case 0:
		record_received_early(fixture.s, &m, any("0000000", 3), &fixture.err);
		break;
	case 1:
		record_brought(fixture.s, theirs, any("2_TO_1.", 30), clone, "c",
			       &fixture.err);
		break;
	case 2:
		record_withdrawn(fixture.s, theirs, clone, below(2) ? "c" : "",
				 below(2) ? &m : NULL, &fixture.err);
		break;
	default:
		record_offered(fixture.s, ours, &fixture.err);
	}
	message_release(&m);
}

static void random_fate(void)
{
	const char *ours = any("1_TO_2.", 30), *theirs = any("2_TO_1.", 30);
	struct stream_name s21 = stream_of("2_TO_1");
	struct list needs = LIST_INIT;

	switch (below(18)) {
	case 16:
		random_alert();
		break;
	case 15:
		random_early(ours, theirs);
		break;
	case 14:
		random_claim();
		break;
	case 13:
		random_value();
		break;
	case 12:
		random_reservation();
		break;
	case 11:
		random_lock();
		break;
	case 10:
		random_task();
		break;
	case 9:
		random_session();
		break;
	case 8:
		random_work();
		break;
	case 0:
		record_retracted(fixture.s, ours, &fixture.err);
		break;
	case 1:
		record_renumbered(fixture.s, ours, 1 + below(60),
				  below(2) ? NULL : any("1_TO_2.", 30),
				  &fixture.err);
		break;
	case 2:
		record_rejected(fixture.s, s21, below(30), theirs, any("why", 3),
				&fixture.err);
		break;
	case 3:
		record_missing(fixture.s, s21, 1 + below(40), &fixture.err);
		break;
	case 4:
		record_stream_read(fixture.s, s21, any("0000000", 3), below(40),
				   any("b", 9), &fixture.err);
		break;
	case 5:
		record_read(fixture.s, theirs, any("who", 3), &fixture.err);
		break;
	case 6:
		with_needs(&needs);
		record_handing(fixture.s, theirs, any("i", 3), &needs,
			       &fixture.err);
		list_release(&needs);
		break;
	case 7:
		record_repeated(fixture.s, theirs, any("0000000", 3),
				any("d", 3), &fixture.err);
		break;
	default:
		record_handed(fixture.s, theirs, any("i", 3), any("s", 4),
			      &fixture.err);
	}
}

static void random_peer(void)
{
	struct status status = STATUS_INIT;

	status.computer = 2 + (int)below(2);
	snprintf(status.clone, sizeof(status.clone), "%s", any("0000000", 2));
	status.state = (enum computer_state)below(5);
	status.updated = (int64_t)below(1000) * 1000000;
	status_add_received(&status, stream_of("1_TO_2"), below(40));
	status_add_received(&status, stream_of("1_TO_ALL"), below(40));
	if (below(2))
		status_add_missing(&status, stream_of("1_TO_2"), below(40));
	if (below(2))
		status_add_rejected(&status, any("1_TO_2.", 40), any("why", 2));
	if (below(2)) {
		struct claim c = { .generation = 1 + below(50),
				   .beat = 1 + below(3), .lease = 900 };

		snprintf(c.name, sizeof(c.name), "%s", any("lock/L", 4));
		status_add_claim(&status, &c);
		status.generation = c.generation;
	}
	record_peer(fixture.s, &status, any("b", 1000), "c", &fixture.err);
	status_release(&status);
}

static void random_commit(void)
{
	const char *oid = any("c", 40);

	struct own_files files = { 0 };

	switch (below(5)) {
	case 0:
	case 1:
		own_files_add(&files, "COMPUTER_1.md", any("v", 99));
		record_commit(fixture.s, oid, any("c", 40),
			      below(2) ? any("c", 40) : "", &files, &fixture.err);
		own_files_release(&files);
		break;
	case 2:
		record_seen(fixture.s, oid, &fixture.err);
		break;
	case 3:
		record_dropped(fixture.s, oid, &fixture.err);
		break;
	default:
		record_tip(fixture.s, oid, any("v", 9), &fixture.err);
	}
}

static void random_desk(void)
{
	char path[16];
	struct desk_file file = { .path = path };
	struct stream_name s12 = stream_of("1_TO_2");

	snprintf(path, sizeof(path), "%s", any("p", 9));
	snprintf(file.blob, sizeof(file.blob), "%s", below(4) ? any("b", 9) : "");
	switch (below(7)) {
	case 0:
		record_intent(fixture.s, &file, 1, &fixture.err);
		break;
	case 1:
		record_published(fixture.s, any("t", 9), &file, 1, &fixture.err);
		break;
	case 2:
		record_copy(fixture.s, path, "n", any("d", 30), "this desk",
			    below(2), &fixture.err);
		break;
	case 3:
		record_put_back(fixture.s, path, "b10b", &fixture.err);
		break;
	case 4:
		record_problem(fixture.s, any("code", 3), any("k", 3),
			       any("text", 3), &fixture.err);
		break;
	case 5:
		record_problem_over(fixture.s, any("code", 3), any("k", 3),
				    &fixture.err);
		break;
	default:
		record_closed(fixture.s, s12, 1 + (unsigned)below(9), 1,
			      below(30), any("b", 9), &fixture.err);
		record_preamble(fixture.s, s12, span_str(below(2) ? "\xff" : "x"),
				&fixture.err);
		record_numbering(fixture.s, s12, below(50), &fixture.err);
	}
}

static void random_event(void)
{
	switch (below(6)) {
	case 0:
		random_message(true);
		break;
	case 1:
		random_message(false);
		break;
	case 2:
		random_fate();
		break;
	case 3:
		random_peer();
		break;
	case 4:
		random_commit();
		break;
	default:
		random_desk();
	}
}

/* From the copy beside the last part that ended; and from all parts, without it. */
static size_t assert_rebuilt_equal_from_all(void)
{
	size_t rows = assert_rebuilt_equal();
	struct list names = LIST_INIT;

	assert_ok(file_list(fixture_path("log"), &names, &fixture.err));
	assert_true(names.count > 2);
	for (size_t i = 0; i < names.count; i++)
		if (strstr(names.item[i], ".db") != NULL) {
			char *path = xasprintf("%s/log/%s", fixture.dir,
					       names.item[i]);

			assert_ok(file_remove(path, &fixture.err));
			free(path);
		}
	list_release(&names);
	assert_int_equal(assert_rebuilt_equal(), rows);
	return rows;
}

/* Whatever ended a task, what waits for it knows; and what nobody has holds nothing. */
static void assert_settled(void)
{
	static const char *const never[] = {
		"SELECT count(*) FROM message m WHERE waits = 1 AND 1 <> "
		WAITS("m.id"),
		"SELECT count(*) FROM lock l JOIN message m ON m.id = l.task WHERE NOT ("
		HOLDS("m") ")",
	};
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture_path("state.db"), &db), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		sqlite3_stmt *q = NULL;

		assert_int_equal(sqlite3_prepare_v2(db, never[i], -1, &q, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_step(q), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(q, 0), 0);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
}

static void any_course_gives_the_same_view(void **state)
{
	size_t rows;

	(void)state;
	chance_seeded(&chance, 20261120);
	begin();
	be_computer(1, clone);
	commit();
	for (int round = 0; round < 600; round++) {
		begin();
		for (uint64_t n = below(12); n > 0; n--)
			random_event();
		fixture.time += (int64_t)below(100) - 20;
		if (below(5) == 0)
			store_abort(fixture.s);
		else
			commit();
		if (below(100) == 0)
			fixture_reopen();
		if (below(200) == 0)
			assert_ok(store_roll_over(fixture.s, 1, &fixture.err));
	}
	rows = assert_rebuilt_equal_from_all();
	assert_true(rows > 500);
}

/* A few of ours, of which some come after others, and some of them before those. */
static const char *a_task(void)
{
	return any(below(2) ? "T" : "1_TO_2.", 8);
}

static void random_new_task(void)
{
	struct message m = make_message(below(2) ? "1_TO_1" : "1_TO_2", 1 + below(8),
					"title");

	m.type = TYPE_TASK;
	if (below(2))
		message_add_extra(&m, "after", a_task());
	if (m.stream.to == 1)
		record_added(fixture.s, any("T", 8), &m, 0, &fixture.err);
	else
		record_sent(fixture.s, &m, 0, &fixture.err);
	message_release(&m);
}

static char last_result[MESSAGE_ID];

static void random_result(void)
{
	struct message m = make_message(below(2) ? "2_TO_1" : "1_TO_2",
					10 + below(9000), "result");
	char id[MESSAGE_ID];

	m.type = TYPE_RESULT;
	message_add_extra(&m, "state", below(2) ? "COMPLETED" : "FAILED");
	m.re = xstrdup(a_task());
	message_id_format(m.stream, m.seq, id);
	if (m.stream.from == 1) {
		memcpy(last_result, id, sizeof(id));
		record_sent(fixture.s, &m, 0, &fixture.err);
	} else {
		record_received(fixture.s, id, &m, clone, "c", "", "", &fixture.err);
	}
	message_release(&m);
}

/* One that has ended already, which others wait for since before. */
static void random_old_task(void)
{
	struct message m = make_message("1_TO_2", 10 + below(90), "old");
	bool added;

	m.type = TYPE_TASK;
	record_imported(fixture.s, any("T", 8), &m, "COMPLETED", &added, &fixture.err);
	message_release(&m);
}

static void random_change(void)
{
	struct list needs = LIST_INIT;
	struct error *err = &fixture.err;
	struct store *s = fixture.s;
	const char *id = any("T", 8);

	with_needs(&needs);
	switch (below(16)) {
	case 0: record_claimed(s, id, 1, "h", &needs, "", err); break;
	case 1: record_started(s, id, err); break;
	case 2: record_again(s, id, 1, "why", 0, err); break;
	case 3: record_stuck(s, id, "why", err); break;
	case 4: record_ended(s, id, below(2) ? "COMPLETED" : "FAILED", "", NULL, err); break;
	case 5: record_assigned(s, id, "i", err); break;
	case 6: record_begun(s, id, &(struct begun){ "i", 2, 1, 1 }, &needs, "", err); break;
	case 7: record_deferred(s, id, "why", 1000, err); break;
	case 8: record_blocked(s, id, "why", err); break;
	case 9: record_released(s, id, "why", err); break;
	case 10: record_worked(s, id, err); break;
	case 11: record_handing(s, id, "i", &needs, err); break;
	case 12: record_handed(s, id, "i", below(2) ? "COMPLETED" : NULL, err); break;
	case 13: record_renumbered(s, any("1_TO_2.", 8), 1 + below(8), NULL, err); break;
	default: record_retracted(s, last_result, err);
	}
	list_release(&needs);
}

static void whatever_ends_a_task_is_known(void **state)
{
	chance_seeded(&chance, 20261127);
	for (int round = 0; round < 12; round++) {
		if (round > 0)
			assert_int_equal(fixture_teardown(state) |
					 fixture_setup(state), 0);
		begin();
		be_computer(1, clone);
		for (int step = 0; step < 120; step++) {
			if (below(4) == 0)
				random_new_task();
			else if (below(6) == 0)
				random_result();
			else if (below(20) == 0)
				random_old_task();
			else
				random_change();
			commit();
			assert_settled();
			begin();
		}
		commit();
		assert_rebuilt_equal();
	}
}

static void who_waits_knows_a_new_number(void **state)
{
	struct message ours = make_message("1_TO_2", 1, "t");
	struct message after = make_message("1_TO_1", 1, "t");
	struct dependency_list l;

	(void)state;
	begin();
	be_computer(1, clone);
	ours.type = after.type = TYPE_TASK;
	message_add_extra(&after, "after", "1_TO_2.1");
	assert_ok(record_sent(fixture.s, &ours, 0, &fixture.err));
	assert_ok(record_added(fixture.s, "T", &after, 0, &fixture.err));
	assert_ok(record_renumbered(fixture.s, "1_TO_2.1", 9, NULL, &fixture.err));
	commit();
	assert_ok(view_dependencies(fixture.s, "T", &l, &fixture.err));
	assert_int_equal(l.count, 1);
	assert_string_equal(l.item[0].id, "1_TO_2.9");
	dependency_list_release(&l);
	message_release(&ours);
	message_release(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(any_course_gives_the_same_view),
		STORE_TEST(whatever_ends_a_task_is_known),
		STORE_TEST(who_waits_knows_a_new_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
