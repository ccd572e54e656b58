/* Messages that come before git brings them (early.h): frames, what is taken of them
 * and what waits, what is given, and what becomes of it when git comes. */
#include "store_fixture.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "trine/early.h"
#include "trine/mail.h"
#include "trine/store_early.h"

static const char ours[] = "5f3a9c1e", theirs[] = "0000beef";

static struct home home(void)
{
	return (struct home){ .store = fixture.s, .number = 1,
			      .clock = &fixture.clock };
}

static void be(bool accepted)
{
	struct identity us = { .number = 1, .why = "init", .accepted = accepted };

	us.name = xstrdup("Mechanic");
	snprintf(us.clone, sizeof(us.clone), "%s", ours);
	assert_ok(record_identity(fixture.s, &us, &fixture.err));
	identity_release(&us);
}

/* The status of computer 2, with its receipt for 1_TO_2 up to UPTO. */
static void hear(const char *clone, uint64_t upto)
{
	struct status status = STATUS_INIT;
	char blob[24];

	status.computer = 2;
	snprintf(status.clone, sizeof(status.clone), "%s", clone);
	status_add_received(&status, stream_of("1_TO_2"), upto);
	snprintf(blob, sizeof(blob), "b%s%d", clone, (int)upto);
	assert_ok(record_peer(fixture.s, &status, blob, "c0ffee", &fixture.err));
	status_release(&status);
}

static void meet(void)
{
	begin();
	be(true);
	hear(theirs, 0);
	commit();
}

static struct early_letter letter(const char *stream, uint64_t seq, const char *title)
{
	struct early_letter l = { .message = make_message(stream, seq, title) };

	snprintf(l.clone, sizeof(l.clone), "%s", theirs);
	return l;
}

static char why[EARLY_WHY];

static enum early_fate take(struct early_letter *l)
{
	struct home h = home();
	enum early_fate fate;

	assert_ok(early_take(&h, l->message.stream.from, l, &fate, why,
			     &fixture.err));
	return fate;
}

static enum early_fate take_one(const char *stream, uint64_t seq, const char *title)
{
	struct early_letter l = letter(stream, seq, title);
	enum early_fate fate = take(&l);

	early_letter_release(&l);
	return fate;
}

/* ---- frames ---- */

static struct record sent_record(void)
{
	struct record r = { .message = make_message("2_TO_1", 7, "T\xc3\xa4glich") };
	struct message *m = &r.message;

	m->type = TYPE_TASK;
	m->priority = PRIORITY_HIGH;
	m->from = xstrdup("builder");
	m->to = xstrdup("araya");
	m->re = xstrdup("1_TO_2.3");
	m->due = FIXTURE_START;
	list_add(&m->labels, "ui");
	message_add_extra(m, "hops", "2");
	message_add_extra(m, "colour", "{a: b}");
	message_id_format(m->stream, m->seq, r.id);
	snprintf(r.clone, sizeof(r.clone), "%s", theirs);
	message_digest(m, r.digest);
	return r;
}

static void a_frame_comes_back(void **state)
{
	struct record r = sent_record();
	struct early_letter l = EARLY_LETTER_INIT;
	struct buf frame = BUF_INIT;
	char digest[MESSAGE_DIGEST];
	bool fits;

	(void)state;
	early_write(&frame, &r, "main", &fits);
	assert_true(fits);
	assert_non_null(strstr(frame.data, "\"from\":\"2/builder\""));
	assert_non_null(strstr(frame.data, "\"to\":\"1/araya\""));
	assert_non_null(strstr(frame.data, "\"keys\":{"));
	assert_ok(early_read(span_of(&frame), &l, &fixture.err));
	message_digest(&l.message, digest);
	assert_string_equal(digest, r.digest);
	assert_string_equal(l.clone, theirs);
	assert_string_equal(l.branch, "main");
	assert_string_equal(l.message.from, "builder");
	assert_int_equal(message_hops(&l.message), 2);
	early_letter_release(&l);
	record_release(&r);
	buf_release(&frame);
}

/* FRAME with FROM replaced by TO, or as it is. */
static int read_changed(const char *frame, const char *from, const char *to)
{
	struct early_letter l = EARLY_LETTER_INIT;
	struct buf changed = BUF_INIT;
	const char *at = from != NULL ? strstr(frame, from) : NULL;
	int rc;

	if (from != NULL) {
		assert_non_null(at);
		buf_add(&changed, frame, (size_t)(at - frame));
		buf_adds(&changed, to);
		buf_adds(&changed, at + strlen(from));
	} else {
		buf_adds(&changed, frame);
	}
	error_clear(&fixture.err);
	rc = early_read(span_of(&changed), &l, &fixture.err);
	early_letter_release(&l);
	buf_release(&changed);
	return rc;
}

static void what_is_no_frame_is_refused(void **state)
{
	static const char *const changes[][2] = {
		{ "\"2_TO_1.7\"", "\"3_TO_1.7\"" },
		{ "\"2_TO_1.7\"", "\"2_TO_1.8x\"" },
		{ "\"2_TO_1.7\"", "7" },
		{ "\"2/builder\"", "\"3/builder\"" },
		{ "\"2/builder\"", "\"2/buil der\"" },
		{ "\"1/araya\"", "\"ALL\"" },
		{ "at length", "at length, and more" },
		{ "\"task\"", "\"song\"" },
		{ "\"clone\":\"0000beef\"", "\"clone\":\"beef\"" },
		{ "\"re\":\"1_TO_2.3\"", "\"re\":\"1_TO_2.4\"" },
		{ "\"re\":", "\"type\":" },
		{ "\"hops\":\"2\"", "\"hops\":\"3\"" },
		{ "\"hops\":\"2\"", "\"hops\":2" },
		{ "\"hops\":\"2\"", "\"hops\":\"2\\nid: 9_TO_1.1\"" },
		{ "\"labels\":[\"ui\"]", "\"labels\":\"ui\"" },
		{ "at length", "at \\u0000 length" },
		{ "}", "" },
	};
	struct record r = sent_record();
	struct buf frame = BUF_INIT, deep = BUF_INIT;
	bool fits;

	(void)state;
	early_write(&frame, &r, NULL, &fits);
	assert_ok(read_changed(frame.data, NULL, NULL));
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		if (read_changed(frame.data, changes[i][0], changes[i][1]) == 0)
			fail_msg("%s was taken for %s", changes[i][1],
				 changes[i][0]);
		assert_int_equal(fixture.err.code, ERR_DATA);
	}
	assert_int_equal(read_changed("", NULL, NULL), -1);
	assert_int_equal(read_changed("[]", NULL, NULL), -1);
	for (int i = 0; i < 100 * 1000; i++)
		buf_addc(&deep, '[');
	assert_int_equal(read_changed(deep.data, NULL, NULL), -1);
	for (int i = 0; i < EARLY_FRAME; i++)
		buf_addc(&deep, ' ');
	assert_int_equal(read_changed(deep.data, NULL, NULL), -1);
	assert_non_null(strstr(fixture.err.text, "too long"));
	record_release(&r);
	buf_release(&frame);
	buf_release(&deep);
}

/* ---- taking ---- */

static void what_comes_early_has_no_receipt(void **state)
{
	struct in_stream *l = NULL;
	struct early early;
	size_t count;

	(void)state;
	meet();
	assert_int_equal(take_one("2_TO_1", 9, "Hello"), EARLY_TAKEN);
	assert_int_equal(take_one("2_TO_1", 9, "Hello"), EARLY_KNOWN);
	assert_int_equal(take_one("2_TO_ALL", 3, "All"), EARLY_TAKEN);
	assert_string_equal(history("2_TO_1.9"), "sent@-60/2 early@0/0 ");
	assert_ok(view_in_streams(fixture.s, &l, &count, &fixture.err));
	assert_int_equal(count, 0);
	free(l);
	fixture.time += 5;
	begin();
	assert_ok(record_brought(fixture.s, "2_TO_1.9", "2_TO_1.9", theirs, "c1",
				 &fixture.err));
	commit();
	assert_string_equal(history("2_TO_1.9"),
			    "sent@-60/2 early@0/0 received@5/0 ");
	assert_ok(view_early(fixture.s, "2_TO_1.9", &early, &fixture.err));
	assert_false(early.waits);
	assert_ok(view_early(fixture.s, "2_TO_ALL.3", &early, &fixture.err));
	assert_true(early.waits);
	assert_rebuilt_equal();
}

static void both_ends_are_who_they_say(void **state)
{
	struct early_letter l = letter("2_TO_1", 1, "Hello");
	struct early_letter other = letter("2_TO_3", 1, "Hello");
	struct home h = home();
	enum early_fate fate;

	(void)state;
	meet();
	assert_fails(ERR_REFUSED, early_take(&h, 3, &l, &fate, why, &fixture.err));
	assert_fails(ERR_REFUSED, early_take(&h, 1, &l, &fate, why, &fixture.err));
	assert_fails(ERR_REFUSED, early_take(&h, 2, &other, &fate, why,
					     &fixture.err));
	assert_int_equal(sent_count(), 0);
	early_letter_release(&l);
	early_letter_release(&other);
}

static void assert_waits(struct early_letter *l, const char *what)
{
	assert_int_equal(take(l), EARLY_WAITS);
	if (strstr(why, what) == NULL)
		fail_msg("it waits because: %s", why);
	assert_int_equal(sent_count(), 0);
}

static void what_only_git_decides_waits(void **state)
{
	struct early_letter l = letter("2_TO_1", 4, "Hello");

	(void)state;
	begin();
	be(false);
	commit();
	assert_waits(&l, "no push");
	begin();
	be(true);
	commit();
	assert_waits(&l, "clone");
	begin();
	hear("0000cafe", 0);
	commit();
	assert_waits(&l, "clone");
	begin();
	hear(theirs, 0);
	assert_ok(record_problem(fixture.s, "identity", "clone", "two",
				 &fixture.err));
	commit();
	assert_waits(&l, "another machine");
	begin();
	assert_ok(record_problem_over(fixture.s, "identity", "clone",
				      &fixture.err));
	assert_ok(record_stream_read(fixture.s, stream_of("2_TO_1"), theirs, 4, "b",
				     &fixture.err));
	commit();
	assert_waits(&l, "git has come");
	l.message.seq = 5;
	l.message.stream.to = END_ALL;
	l.message.type = TYPE_RESULT;
	assert_waits(&l, "the branch decides");
	l.message.type = TYPE_TASK;
	message_add_extra(&l.message, "claim", "one");
	assert_waits(&l, "the branch decides");
	message_add_extra(&l.message, "claim", "all");
	assert_int_equal(take(&l), EARLY_TAKEN);
	early_letter_release(&l);
}

static void another_branch_is_another_fleet(void **state)
{
	struct early_letter l = letter("2_TO_1", 1, "Hello");
	struct home h = home();
	char main_branch[] = "main", other[] = "other", mine[] = "mine/{n}";
	enum early_fate fate;

	(void)state;
	meet();
	h.settings.branch = main_branch;
	l.branch = other;
	assert_ok(early_take(&h, 2, &l, &fate, why, &fixture.err));
	assert_int_equal(fate, EARLY_WAITS);
	l.branch = main_branch;
	h.settings.push = mine;
	assert_ok(early_take(&h, 2, &l, &fate, why, &fixture.err));
	assert_int_equal(fate, EARLY_WAITS);
	h.settings.push = NULL;
	assert_ok(early_take(&h, 2, &l, &fate, why, &fixture.err));
	assert_int_equal(fate, EARLY_TAKEN);
	l.branch = NULL;
	early_letter_release(&l);
}

static void a_number_has_one_early_text(void **state)
{
	struct early_letter l = letter("2_TO_1", 3, "Hello");

	(void)state;
	meet();
	assert_int_equal(take_one("2_TO_1", 2, "Hello"), EARLY_TAKEN);
	assert_int_equal(take_one("2_TO_1", 2, "Other"), EARLY_WAITS);
	assert_string_equal(why, "another text has its number");
	/* the first one, which got another number before it was committed (R28) */
	free(l.message.title);
	free(l.message.body);
	l.message = make_message("2_TO_1", 3, "Hello");
	message_add_extra(&l.message, "origin", "2_TO_1.2");
	assert_int_equal(take(&l), EARLY_KNOWN);
	assert_int_equal(sent_count(), 1);
	early_letter_release(&l);
}

static void one_computer_does_not_fill_the_log(void **state)
{
	(void)state;
	meet();
	for (uint64_t n = 1; n <= EARLY_MOST; n++)
		assert_int_equal(take_one("2_TO_1", n, "x"), EARLY_TAKEN);
	assert_int_equal(take_one("2_TO_1", EARLY_MOST + 1, "x"), EARLY_WAITS);
	begin();
	assert_ok(record_brought(fixture.s, "2_TO_1.1", "2_TO_1.1", theirs, "c1",
				 &fixture.err));
	commit();
	assert_int_equal(take_one("2_TO_1", EARLY_MOST + 1, "x"), EARLY_TAKEN);
}

/* A status lists what the branch lacks, whatever came early. */
static void what_git_lacks_is_missing(void **state)
{
	struct status status = STATUS_INIT;
	struct early_mark mark[2];
	struct home h = home();

	(void)state;
	meet();
	take_one("2_TO_1", 2, "Hello");
	take_one("2_TO_1", 5, "Hello");
	begin();
	assert_ok(record_missing(fixture.s, stream_of("2_TO_1"), 2, &fixture.err));
	commit();
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.missing_count, 1);
	status_release(&status);
	begin();
	assert_ok(record_brought(fixture.s, "2_TO_1.2", "2_TO_1.2", theirs, "c1",
				 &fixture.err));
	assert_ok(record_missing(fixture.s, stream_of("2_TO_1"), 2, &fixture.err));
	commit();
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.missing_count, 0);
	status_release(&status);
	assert_ok(early_have(&h, 2, mark, &fixture.err));
	assert_int_equal(mark[0].upto, 5);
	assert_int_equal(mark[1].upto, 0);
}

static void what_was_taken_back_is_shown(void **state)
{
	struct early_letter l = letter("2_TO_1", 1, "Do it"), back = EARLY_LETTER_INIT;
	char digest[MESSAGE_DIGEST];
	struct record r;
	bool known;

	(void)state;
	meet();
	l.message.type = TYPE_TASK;
	assert_int_equal(take(&l), EARLY_TAKEN);
	r = get("2_TO_1.1");
	assert_string_equal(r.state, "QUEUED");
	record_release(&r);
	message_tombstone(&back.message, stream_of("2_TO_1"), 1, FIXTURE_START,
			  &l.message);
	snprintf(back.clone, sizeof(back.clone), "%s", theirs);
	assert_int_equal(take(&back), EARLY_TAKEN);
	assert_int_equal(take(&back), EARLY_KNOWN);
	r = get("2_TO_1.1");
	assert_string_equal(r.state, "FAILED");
	assert_string_equal(r.note, "taken back by its sender");
	assert_string_equal(r.message.title, "Do it");
	assert_int_equal(r.brought, 0);
	record_release(&r);
	begin();
	assert_ok(record_withdrawn(fixture.s, "2_TO_1.1", theirs, "c1", &back.message,
				   &fixture.err));
	commit();
	/* and what says so is no other text with its number */
	message_text_digest(&back.message, digest);
	assert_ok(view_repeated(fixture.s, "2_TO_1.1", digest, &known, &fixture.err));
	assert_true(known);
	r = get("2_TO_1.1");
	assert_int_equal(r.brought, FIXTURE_START);
	record_release(&r);
	/* of one that never came, nothing is to be shown */
	back.message.seq = 2;
	assert_int_equal(take(&back), EARLY_TAKEN);
	r = get("2_TO_1.2");
	assert_int_equal(r.read, FIXTURE_START);
	record_release(&r);
	assert_rebuilt_equal();
	early_letter_release(&l);
	early_letter_release(&back);
}

/* Two machines were computer 2 for a while, and gave out the same number. */
static void what_a_copy_took_back_is_another_one(void **state)
{
	struct early_letter l = letter("2_TO_1", 1, "Do it");
	struct early_letter other = letter("2_TO_1", 1, "Do that");
	struct early_letter back = EARLY_LETTER_INIT;
	struct record r;

	(void)state;
	meet();
	assert_int_equal(take(&l), EARLY_TAKEN);
	message_tombstone(&back.message, stream_of("2_TO_1"), 1, FIXTURE_START,
			  &other.message);
	snprintf(back.clone, sizeof(back.clone), "%s", theirs);
	assert_int_equal(take(&back), EARLY_WAITS);
	r = get("2_TO_1.1");
	assert_string_equal(r.note, "");
	record_release(&r);
	early_letter_release(&l);
	early_letter_release(&other);
	early_letter_release(&back);
}

/* Known by its first text or by the one it was sent anew with, whichever was taken. */
static void what_was_sent_anew_is_known_by_both(void **state)
{
	struct early_letter l = letter("2_TO_1", 1, "Do it");
	struct message back = MESSAGE_INIT;
	char first[MESSAGE_DIGEST], anew[MESSAGE_DIGEST];

	(void)state;
	message_digest(&l.message, first);
	message_add_extra(&l.message, "origin", "2_TO_1.1");
	message_digest(&l.message, anew);
	message_tombstone(&back, stream_of("2_TO_1"), 2, FIXTURE_START, &l.message);
	assert_true(message_retracts(&back, first));
	assert_true(message_retracts(&back, anew));
	assert_false(message_retracts(&back, "0123456789abcdef"));
	assert_false(message_retracts(&l.message, first));
	message_release(&back);
	early_letter_release(&l);
}

/* ---- giving ---- */

static const char *offered(uint64_t above, size_t most, uint64_t *upto)
{
	static struct buf out = BUF_INIT;
	struct list frames = LIST_INIT;
	struct home h = home();

	buf_reset(&out);
	assert_ok(early_offer(&h, stream_of("1_TO_2"), above, most, &frames, upto,
			      &fixture.err));
	for (size_t i = 0; i < frames.count; i++) {
		struct early_letter l = EARLY_LETTER_INIT;

		assert_ok(early_read(span_str(frames.item[i]), &l, &fixture.err));
		buf_printf(&out, "%d ", (int)l.message.seq);
		early_letter_release(&l);
	}
	list_release(&frames);
	return out.data;
}

static void what_is_due_is_offered(void **state)
{
	struct message typed = make_message("1_TO_2", 3, "Typed");
	struct message large = make_message("1_TO_2", 4, "Large");
	uint64_t upto;

	(void)state;
	meet();
	begin();
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	assert_ok(record_sent(fixture.s, &typed, true, &fixture.err));
	free(large.body);
	large.body_len = LIMIT_BODY;
	large.body = xcalloc(1, LIMIT_BODY + 1);
	memset(large.body, '"', LIMIT_BODY - 1);
	large.body[LIMIT_BODY - 1] = '\n';
	assert_ok(record_sent(fixture.s, &large, false, &fixture.err));
	send_one("1_TO_2", 5);
	hear(theirs, 1);
	commit();
	assert_string_equal(offered(0, 9, &upto), "2 5 ");
	assert_int_equal(upto, 5);
	assert_string_equal(offered(0, 2, &upto), "2 ");
	assert_int_equal(upto, 3);
	assert_string_equal(offered(5, 9, &upto), "");
	assert_string_equal(history("1_TO_2.5"), "sent@0/0 early@0/0 ");
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 ");
	assert_rebuilt_equal();
	begin();
	be(false);
	commit();
	assert_string_equal(offered(0, 9, &upto), "");
	message_release(&typed);
	message_release(&large);
}

/* No room for the record of it. */
static void what_is_not_recorded_does_not_go_out(void **state)
{
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	struct list frames = LIST_INIT;
	struct home h = home();
	struct rlimit limit, full;
	struct buf log;
	uint64_t upto;

	(void)state;
	meet();
	begin();
	send_one("1_TO_2", 1);
	commit();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	log = fixture_log();
	full = (struct rlimit){ .rlim_cur = log.len + 10, .rlim_max = limit.rlim_max };
	buf_release(&log);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_fails(ERR_IO, early_offer(&h, stream_of("1_TO_2"), 0, 9, &frames, &upto,
					 &fixture.err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, before);
	assert_int_equal(frames.count, 0);
	error_clear(&fixture.err);
	assert_string_equal(offered(0, 9, &upto), "1 ");
}

static void a_number_that_went_out_is_taken(void **state)
{
	struct message result = make_message("1_TO_2", 2, "Done");
	struct home h = home();
	struct record r;
	uint64_t upto;

	(void)state;
	meet();
	begin();
	send_one("1_TO_2", 1);
	result.type = TYPE_RESULT;
	assert_ok(record_sent(fixture.s, &result, false, &fixture.err));
	commit();
	assert_string_equal(offered(0, 9, &upto), "1 2 ");
	assert_fails(ERR_REFUSED, mail_retract(&h, "1_TO_2.2", &fixture.err));
	assert_ok(mail_retract(&h, "1_TO_2.1", &fixture.err));
	r = get("1_TO_2.1");
	assert_true(message_is_tombstone(&r.message));
	record_release(&r);
	/* and that goes out as any other, and stays */
	assert_string_equal(offered(0, 1, &upto), "1 ");
	assert_fails(ERR_REFUSED, mail_retract(&h, "1_TO_2.1", &fixture.err));
	message_release(&result);
}

/* It may have been offered when a commit held it, or since this disk's backup. */
static void who_came_back_may_have_said_it(void **state)
{
	struct identity us = { .number = 1, .why = "takeover" };
	char digest[MESSAGE_DIGEST];
	struct home h = home();
	struct record r;

	(void)state;
	meet();
	begin();
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	r = get("1_TO_2.2");
	memcpy(digest, r.digest, sizeof(digest));
	record_release(&r);
	us.name = xstrdup("Mechanic");
	snprintf(us.clone, sizeof(us.clone), "0000cafe");
	assert_ok(record_identity(fixture.s, &us, &fixture.err));
	assert_ok(record_renumbered(fixture.s, "1_TO_2.2", 3, "1_TO_2.2",
				    &fixture.err));
	send_one("1_TO_2", 4);
	commit();
	identity_release(&us);
	assert_ok(mail_retract(&h, "1_TO_2.1", &fixture.err));
	assert_ok(mail_retract(&h, "1_TO_2.3", &fixture.err));
	r = get("1_TO_2.1");
	assert_true(message_is_tombstone(&r.message));
	record_release(&r);
	r = get("1_TO_2.3");
	assert_true(message_is_tombstone(&r.message));
	assert_true(message_retracts(&r.message, digest));
	record_release(&r);
	/* what it accepted itself nobody has */
	assert_ok(mail_retract(&h, "1_TO_2.4", &fixture.err));
	assert_int_equal(sent_count(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_comes_back),
		cmocka_unit_test(what_is_no_frame_is_refused),
		STORE_TEST(what_comes_early_has_no_receipt),
		STORE_TEST(both_ends_are_who_they_say),
		STORE_TEST(what_only_git_decides_waits),
		STORE_TEST(another_branch_is_another_fleet),
		STORE_TEST(a_number_has_one_early_text),
		STORE_TEST(one_computer_does_not_fill_the_log),
		STORE_TEST(what_git_lacks_is_missing),
		STORE_TEST(what_was_taken_back_is_shown),
		STORE_TEST(what_a_copy_took_back_is_another_one),
		STORE_TEST(what_was_sent_anew_is_known_by_both),
		STORE_TEST(what_is_due_is_offered),
		STORE_TEST(what_is_not_recorded_does_not_go_out),
		STORE_TEST(a_number_that_went_out_is_taken),
		STORE_TEST(who_came_back_may_have_said_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
