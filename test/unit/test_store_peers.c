/* Receipts, complaints and statuses in the store, and the histories of messages
 * that follow from them. */
#include "store_fixture.h"

static const char clone[] = "5f3a9c1e";

static void receipts_rise_within_a_clone(void **state)
{
	static const struct {
		const char *clone;
		uint64_t upto, want;
	} rows[] = {
		{ "aaaaaaaa", 5, 5 }, { "aaaaaaaa", 9, 9 }, { "aaaaaaaa", 7, 9 },
		{ "bbbbbbbb", 2, 2 }, { "bbbbbbbb", 1, 2 }, { "bbbbbbbb", 3, 3 },
		{ "cccccccc", UINT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct in_stream *l;
		size_t count;

		begin();
		assert_ok(record_stream_read(fixture.s, stream_of("2_TO_1"),
					     rows[i].clone, rows[i].upto, "b10b",
					     &fixture.err));
		commit();
		assert_ok(view_in_streams(fixture.s, &l, &count, &fixture.err));
		assert_int_equal(count, 1);
		assert_int_equal(l[0].upto, rows[i].want);
		assert_string_equal(l[0].clone, rows[i].clone);
		free(l);
	}
	assert_rebuilt_equal();
}

/* ---- what our status lists ---- */

static void streams_share_the_room_for_troubles(void **state)
{
	struct status status = STATUS_INIT;

	(void)state;
	begin();
	for (uint64_t i = 1; i <= 2; i++)
		assert_ok(record_rejected(fixture.s, stream_of("2_TO_1"), i, "",
					  "x", &fixture.err));
	for (uint64_t i = 1; i <= 60; i++)
		assert_ok(record_rejected(fixture.s, stream_of("3_TO_1"), i, "",
					  "x", &fixture.err));
	commit();
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.rejected_count, TROUBLES_REJECTED);
	assert_string_equal(status.rejected[0].id, "2_TO_1.1");
	assert_string_equal(status.rejected[1].id, "2_TO_1.2");
	assert_string_equal(status.rejected[2].id, "3_TO_1.23");
	assert_int_equal(status.rejected_more, 22);
	assert_int_equal(status.missing_more, 0);
	assert_true(status_lists_all(&status, stream_of("2_TO_1")));
	assert_false(status_lists_all(&status, stream_of("3_TO_1")));
	status_release(&status);
}

/* ---- the others' receipts ---- */

struct said {
	uint64_t direct, to_all;	/* what is received */
	uint64_t missing;		/* of 1_TO_2, or 0 */
	const char *rejected, *why;
	uint64_t more;			/* rejected, that are not listed */
	const char *of;			/* of this stream alone, or NULL */
};

static void hear(int computer, const char *of_clone, struct said said)
{
	struct status status = STATUS_INIT;
	struct stream_name direct = { 1, computer };
	static unsigned version;
	char blob[41];

	status.computer = computer;
	snprintf(status.clone, sizeof(status.clone), "%s", of_clone);
	snprintf(blob, sizeof(blob), "%040x", ++version);
	if (said.direct)
		status_add_received(&status, direct, said.direct);
	if (said.to_all)
		status_add_received(&status, stream_of("1_TO_ALL"), said.to_all);
	if (said.missing)
		status_add_missing(&status, direct, said.missing);
	if (said.rejected)
		status_add_rejected(&status, said.rejected, said.why);
	if (said.of)
		status_add_cut(&status, stream_of(said.of), true, said.more);
	else
		status.rejected_more = said.more;
	begin();
	assert_ok(record_peer(fixture.s, &status, blob, "c", &fixture.err));
	commit();
	status_release(&status);
}

static void a_message_has_a_history(void **state)
{
	struct record r;

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	send_one("1_TO_ALL", 1);
	fixture.time += 10;
	commit_all("c1");
	fixture.time += 10;
	assert_ok(record_seen(fixture.s, "c1", &fixture.err));
	commit();
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 1, .to_all = 1 });
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 2, .to_all = 1 });
	hear(3, "bbbbbbbb", (struct said){ .to_all = 1 });
	fixture.time += 10;
	begin();
	receive_as("2_TO_1.1", "2_TO_1", 1, TYPE_MESSAGE, "1_TO_2.1");
	receive_as("2_TO_1.2", "2_TO_1", 2, TYPE_MESSAGE, "1_TO_2.1");
	fixture.time += 10;
	send_re("1_TO_2", 3, "2_TO_1.2");
	commit();
	assert_string_equal(history("1_TO_2.1"), "sent@0/0 committed@10/0 "
			    "pushed@20/0 received@30/2 answered@50/2 ");
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 committed@10/0 "
			    "pushed@20/0 received@40/2 ");
	assert_string_equal(history("1_TO_ALL.1"), "sent@0/0 committed@10/0 "
			    "pushed@20/0 received@30/2 received@40/3 ");
	assert_string_equal(history("2_TO_1.2"),
			    "sent@-60/2 received@50/0 answered@60/0 ");
	assert_string_equal(history("1_TO_2.3"), "sent@60/0 ");
	assert_string_equal(history("1_TO_2.99"), "");
	r = get("1_TO_2.2");
	assert_int_equal(r.received, FIXTURE_START + 40);
	assert_int_equal(r.answered, 0);
	record_release(&r);
	r = get("1_TO_2.1");
	assert_int_equal(r.answered, FIXTURE_START + 50);
	record_release(&r);
	assert_rebuilt_equal();
}

static const char *complaints(void)
{
	static struct buf out = BUF_INIT;
	struct complaint *c;
	size_t count;

	buf_reset(&out);
	assert_ok(view_complaints(fixture.s, &c, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%d:%s:%s ", c[i].computer, c[i].id, c[i].why);
	complaints_free(c, count);
	return out.data;
}

static void complaints_unconfirm(void **state)
{
	struct record r;

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	send_one("1_TO_2", 3);
	commit();
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 3, .missing = 2,
		.rejected = "1_TO_2.3", .why = "no end marker" });
	assert_string_equal(complaints(),
			    "2:1_TO_2.2:missing 2:1_TO_2.3:no end marker ");
	assert_string_equal(history("1_TO_2.1"), "sent@0/0 received@10/2 ");
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 missing@10/2 ");
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 rejected@10/2 ");
	r = get("1_TO_2.2");
	assert_int_equal(r.received, 0);
	record_release(&r);
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 3,
		.rejected = "1_TO_2.3", .why = "no end marker" });
	assert_string_equal(complaints(), "2:1_TO_2.3:no end marker ");
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 received@20/2 ");
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 rejected@10/2 ");
	/* about other computers' messages they may complain to those */
	hear(3, "bbbbbbbb", (struct said){ .rejected = "2_TO_3.1", .why = "x" });
	hear(3, "bbbbbbbb", (struct said){ .rejected = "no id", .why = "x" });
	assert_string_equal(complaints(), "2:1_TO_2.3:no end marker ");
	assert_rebuilt_equal();
}

static uint64_t sure_of(int computer)
{
	struct peer *l;
	size_t count;
	uint64_t sure = 0;

	assert_ok(view_peers(fixture.s, &l, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		if (l[i].computer == computer)
			sure = l[i].received[0].sure;
	peers_free(l, count);
	return sure;
}

static void more_than_is_listed_confirms_nothing(void **state)
{
	static const char listed[] = "2:1_TO_2.2:no end marker ";
	struct said said = { .direct = 3, .rejected = "1_TO_2.2",
			     .why = "no end marker" };

	(void)state;
	begin();
	be_computer(1, clone);
	for (uint64_t i = 1; i <= 3; i++)
		send_one("1_TO_2", i);
	commit();
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 1 });
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 3, .rejected = said.rejected,
		.why = said.why, .more = 20 });
	assert_string_equal(complaints(), listed);
	assert_string_equal(history("1_TO_2.1"), "sent@0/0 received@10/2 ");
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 rejected@20/2 ");
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 ");
	assert_int_equal(sure_of(2), 1);
	/* one that is listed no more may be among them */
	hear(2, "aaaaaaaa", (struct said){ .direct = 3, .more = 21 });
	assert_string_equal(complaints(), listed);
	hear(2, "aaaaaaaa", (struct said){ .direct = 3, .more = 21, .of = "1_TO_2" });
	assert_string_equal(complaints(), listed);
	assert_int_equal(sure_of(2), 1);
	/* what it has no room for is of others */
	fixture.time += 10;
	said.more = 21;
	said.of = "3_TO_2";
	hear(2, "aaaaaaaa", said);
	assert_string_equal(complaints(), listed);
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 received@30/2 ");
	assert_int_equal(sure_of(2), 3);
	said.rejected = NULL;
	hear(2, "aaaaaaaa", said);
	assert_string_equal(complaints(), "");
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 received@30/2 ");
	assert_rebuilt_equal();
}

static void add_origin(struct message *m, const char *origin)
{
	if (origin != NULL)
		message_add_extra(m, "origin", origin);
}

/* What a text is called under whatever number, and the reason that names it. */
static const char *reused(char digest[MESSAGE_DIGEST], const char *title)
{
	static char why[STATUS_WHY];
	struct message m = make_message("1_TO_2", 1, title);

	message_text_digest(&m, digest);
	status_write_reused(why, digest);
	message_release(&m);
	return why;
}

static void send_as(const char *stream, uint64_t seq, const char *title,
		    const char *origin)
{
	struct message m = make_message(stream, seq, title);

	add_origin(&m, origin);
	assert_ok(record_sent(fixture.s, &m, false, &fixture.err));
	message_release(&m);
}

/* R7: what came is another message, under another number. */
static void what_was_sent_anew_stays_rejected(void **state)
{
	char digest[MESSAGE_DIGEST], id[MESSAGE_ID];
	const char *why = reused(digest, "Hello");
	struct said said = { .direct = 2, .rejected = "1_TO_2.2", .why = why };

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	commit();
	fixture.time += 10;
	hear(2, "aaaaaaaa", said);
	begin();
	assert_ok(view_anew(fixture.s, "1_TO_2.2", digest, id, &fixture.err));
	assert_string_equal(id, "");
	send_as("1_TO_2", 3, "Another text", "1_TO_2.2");
	assert_ok(view_anew(fixture.s, "1_TO_2.2", digest, id, &fixture.err));
	assert_string_equal(id, "");
	send_as("1_TO_2", 4, "Hello", "1_TO_2.2");
	assert_ok(view_anew(fixture.s, "1_TO_2.2", digest, id, &fixture.err));
	assert_string_equal(id, "1_TO_2.4");
	commit();
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 4 });
	assert_string_equal(history("1_TO_2.2"), "sent@0/0 rejected@10/2 ");
	assert_string_equal(history("1_TO_2.4"), "sent@10/0 received@20/2 ");
	assert_rebuilt_equal();
}

static size_t rejected_count(void)
{
	struct status s = STATUS_INIT;
	size_t count;

	assert_ok(view_troubles(fixture.s, &s, &fixture.err));
	count = s.rejected_count;
	status_release(&s);
	return count;
}

static void a_text_that_comes_anew_is_no_trouble(void **state)
{
	static const struct {
		const char *id, *stream, *title, *origin;
		uint64_t seq;
		size_t left;
	} rows[] = {
		/* another text, another sender, another number, the same text */
		{ "2_TO_1.8", "2_TO_1", "Other", "2_TO_1.7", 8, 1 },
		{ "3_TO_1.8", "3_TO_1", "Hello", "2_TO_1.7", 8, 1 },
		{ "2_TO_1.9", "2_TO_1", "Hello", "2_TO_1.6", 9, 1 },
		{ "2_TO_1.10", "2_TO_1", "Hello", "2_TO_1.7", 10, 0 },
		/* by a new clone of its sender */
		{ "2_TO_1.7~0000cafe", "2_TO_1", "Hello", NULL, 7, 0 },
	};
	char digest[MESSAGE_DIGEST];
	const char *why = reused(digest, "Hello");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = make_message(rows[i].stream, rows[i].seq,
						rows[i].title);

		add_origin(&m, rows[i].origin);
		begin();
		assert_ok(record_rejected(fixture.s, stream_of("2_TO_1"), 7,
					  "2_TO_1.7", why, &fixture.err));
		assert_int_equal(rejected_count(), 1);
		assert_ok(record_received(fixture.s, rows[i].id, &m, "0000cafe",
					  "c0ffee", "", "", &fixture.err));
		assert_int_equal(rejected_count(), rows[i].left);
		commit();
		message_release(&m);
	}
	assert_rebuilt_equal();
}

static uint64_t heard_upto(void)
{
	struct peer *peers;
	uint64_t upto;
	size_t count;

	assert_ok(view_peers(fixture.s, &peers, &count, &fixture.err));
	assert_int_equal(count, 1);
	upto = peers[0].received_count ? peers[0].received[0].upto : 0;
	peers_free(peers, count);
	return upto;
}

static void a_peer_may_start_again(void **state)
{
	(void)state;
	begin();
	be_computer(1, clone);
	for (uint64_t i = 1; i <= 3; i++)
		send_one("1_TO_2", i);
	commit();
	hear(2, "aaaaaaaa", (struct said){ .direct = 3 });
	fixture.time += 10;
	hear(2, "aaaaaaaa", (struct said){ .direct = 1 });
	assert_int_equal(heard_upto(), 3);	/* R8 */
	hear(2, "aaaaaaaa", (struct said){ .direct = 0 });
	assert_int_equal(heard_upto(), 3);
	hear(2, "cccccccc", (struct said){ .direct = 1 });
	assert_int_equal(heard_upto(), 1);
	assert_string_equal(history("1_TO_2.1"), "sent@0/0 received@0/2 ");
	assert_string_equal(history("1_TO_2.3"), "sent@0/0 ");
	hear(2, "cccccccc", (struct said){ .direct = UINT64_MAX });
	assert_int_equal(heard_upto(), MESSAGE_SEQ_MAX);
	assert_rebuilt_equal();
}

static void a_peer_is_as_its_status_says(void **state)
{
	struct status status = STATUS_INIT;
	struct peer *peers;
	struct buf log;
	size_t count;

	(void)state;
	status.computer = 2;
	status.name = xstrdup("Architect");
	status.state = STATE_WORKING;
	status.format = 3;
	status.updated = FIXTURE_START - 5;
	memcpy(status.clone, "02ab77d1", CLONE_ID);
	status_add_received(&status, stream_of("3_TO_2"), 12);
	status_add_received(&status, stream_of("HUMAN_TO_2"), 0);
	memcpy(status.received[1].mark, "9f2c41d07a", 11);
	begin();
	assert_ok(record_peer(fixture.s, &status, "b10b", "c", &fixture.err));
	assert_ok(record_peer(fixture.s, &status, "b10b", "c", &fixture.err));
	commit();
	log = fixture_log();
	assert_int_equal(count_lines(&log), 1);
	assert_ok(view_peers(fixture.s, &peers, &count, &fixture.err));
	assert_int_equal(count, 1);
	assert_string_equal(peers[0].name, "Architect");
	assert_int_equal(peers[0].state, STATE_WORKING);
	assert_int_equal(peers[0].format, 3);
	assert_int_equal(peers[0].updated, FIXTURE_START - 5);
	assert_int_equal(peers[0].heartbeat, 1800);
	assert_int_equal(peers[0].seen, FIXTURE_START);
	assert_string_equal(peers[0].blob, "b10b");
	assert_int_equal(peers[0].received_count, 2);
	assert_string_equal(peers[0].received[0].mark, "9f2c41d07a");
	assert_int_equal(peers[0].received[1].upto, 12);
	peers_free(peers, count);
	status_release(&status);
	buf_release(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(receipts_rise_within_a_clone),
		STORE_TEST(streams_share_the_room_for_troubles),
		STORE_TEST(a_message_has_a_history),
		STORE_TEST(complaints_unconfirm),
		STORE_TEST(more_than_is_listed_confirms_nothing),
		STORE_TEST(what_was_sent_anew_stays_rejected),
		STORE_TEST(a_text_that_comes_anew_is_no_trouble),
		STORE_TEST(a_peer_may_start_again),
		STORE_TEST(a_peer_is_as_its_status_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
