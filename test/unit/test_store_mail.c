/* Messages in the store: what becomes of ours and of theirs, numbers, filters.
 * What the others say about them is in test_store_peers.c. */
#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/store.h"

static const char clone[] = "5f3a9c1e";

/* Ids that a filter finds, in order, with a blank behind each. */
static const char *ids(struct record_filter f)
{
	static struct buf out = BUF_INIT;
	struct record_list l;

	buf_reset(&out);
	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	for (size_t i = 0; i < l.count; i++)
		buf_printf(&out, "%s ", l.item[i].id);
	record_list_release(&l);
	return out.data;
}

static struct record_filter all(void)
{
	return (struct record_filter)RECORD_FILTER_ALL;
}

static struct out_stream out_stream(const char *name)
{
	struct stream_name want = stream_of(name);
	struct out_stream *streams, found = { .last = 9999 };
	size_t count;

	assert_ok(view_out_streams(fixture.s, &streams, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		if (streams[i].name.from == want.from &&
		    streams[i].name.to == want.to) {
			found = streams[i];
			found.preamble = NULL;
		}
	out_streams_free(streams, count);
	return found;
}

/* ---- ours ---- */

static void what_was_sent_comes_back(void **state)
{
	struct message m = make_message("1_TO_2", 1, "Hello");
	struct record r;

	(void)state;
	m.re = xstrdup("2_TO_1.3");
	list_add(&m.labels, "ui");
	message_add_extra(&m, "hops", "2");
	begin();
	be_computer(1, clone);
	assert_ok(record_sent(fixture.s, &m, true, &fixture.err));
	assert_fails(ERR_INTERNAL, record_sent(fixture.s, &m, false,
					       &fixture.err));
	commit();
	r = get("1_TO_2.1");
	assert_int_equal(r.direction, DIRECTION_OUT);
	assert_true(r.adopted);
	assert_int_equal(r.accepted, FIXTURE_START);
	assert_int_equal(r.committed, 0);
	assert_string_equal(r.clone, clone);
	assert_string_equal(r.message.title, "Hello");
	assert_memory_equal(r.message.body, m.body, m.body_len + 1);
	assert_string_equal(r.message.re, "2_TO_1.3");
	assert_string_equal(message_extra(&r.message, "hops"), "2");
	record_release(&r);
	message_release(&m);
}

/* Whoever lists messages need not read what they say. */
static void bodies_may_stay_where_they_are(void **state)
{
	struct record_filter brief = all();
	char digest[MESSAGE_DIGEST];

	(void)state;
	begin();
	be_computer(1, clone);
	send_re("1_TO_2", 1, "2_TO_1.3");
	receive_one("2_TO_1", 1);
	commit();
	for (int i = 0; i < 4; i++) {
		struct record_list l;

		brief.brief = i % 2 == 0;
		assert_ok(view_records(fixture.s, &brief, &l, &fixture.err));
		assert_int_equal(l.count, 2);
		for (size_t k = 0; k < l.count; k++) {
			struct record *r = &l.item[k];
			bool ours = r->direction == DIRECTION_OUT;

			assert_string_equal(r->message.title,
					    ours ? "Hello" : "Here it is");
			message_digest(&r->message, digest);
			if (brief.brief)
				assert_int_equal(r->message.body_len, 0);
			else
				assert_string_equal(digest, r->digest);
			assert_string_equal(r->message.body, brief.brief ? "" :
				ours ? "Hello, at length.\n" :
				"Here it is, at length.\n");
		}
		record_list_release(&l);
	}
	assert_rebuilt_equal();
}

static void numbers_run_on(void **state)
{
	struct out_stream o;

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	send_one("1_TO_ALL", 1);
	o = out_stream("1_TO_2");
	assert_int_equal(o.last, 2);
	assert_int_equal(o.committed, 0);
	assert_int_equal(o.open_first, 1);
	assert_ok(record_numbering(fixture.s, stream_of("1_TO_3"), 41,
				   &fixture.err));
	assert_int_equal(out_stream("1_TO_3").last, 41);
	commit_all("c1");
	send_one("1_TO_2", 3);
	o = out_stream("1_TO_2");
	assert_int_equal(o.last, 3);
	assert_int_equal(o.committed, 2);
	assert_int_equal(o.pushed, 0);
	assert_ok(record_seen(fixture.s, "c1", &fixture.err));
	o = out_stream("1_TO_2");
	assert_int_equal(o.pushed, 2);
	commit();
	assert_rebuilt_equal();
}

static void retracting_and_renumbering(void **state)
{
	struct record r;
	char before[MESSAGE_DIGEST];

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	commit_all("c1");
	send_one("1_TO_2", 2);
	send_one("1_TO_2", 3);
	send_re("1_TO_3", 1, "1_TO_2.2");
	assert_fails(ERR_REFUSED, record_retracted(fixture.s, "1_TO_2.1",
						   &fixture.err));
	assert_fails(ERR_REFUSED, record_renumbered(fixture.s, "1_TO_2.1", 9, NULL,
						    &fixture.err));
	assert_fails(ERR_REFUSED, record_renumbered(fixture.s, "1_TO_2.2", 3, NULL,
						    &fixture.err));
	assert_fails(ERR_DATA, record_renumbered(fixture.s, "1_TO_2.2",
						 UINT64_MAX, NULL,
						 &fixture.err));
	assert_ok(record_retracted(fixture.s, "1_TO_2.3", &fixture.err));
	assert_int_equal(out_stream("1_TO_2").last, 2);
	r = get("1_TO_3.1");
	memcpy(before, r.digest, sizeof(before));
	record_release(&r);
	assert_ok(record_renumbered(fixture.s, "1_TO_2.2", 12, NULL, &fixture.err));
	assert_int_equal(out_stream("1_TO_2").last, 12);
	commit();
	r = get("1_TO_2.12");
	assert_int_equal(r.message.seq, 12);
	record_release(&r);
	/* what answers it says so by its new name */
	r = get("1_TO_3.1");
	assert_string_equal(r.message.re, "1_TO_2.12");
	assert_string_not_equal(r.digest, before);
	message_digest(&r.message, before);
	assert_string_equal(r.digest, before);
	record_release(&r);
	assert_string_equal(ids(all()), "1_TO_2.1 1_TO_2.12 1_TO_3.1 ");
	begin();
	receive_one("2_TO_1", 1);
	assert_fails(ERR_REFUSED, record_retracted(fixture.s, "2_TO_1.1",
						   &fixture.err));
	store_abort(fixture.s);
	assert_rebuilt_equal();
}

static bool may_be_out(const char *id)
{
	bool held;

	assert_ok(view_commit_held(fixture.s, id, &held, &fixture.err));
	return held;
}

/* Commits that were made offline, and dropped, are nowhere else. */
static void what_a_push_held_may_be_out(void **state)
{
	bool fresh;

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	commit_all("c1");
	assert_ok(record_dropped(fixture.s, "c1", &fixture.err));
	commit();
	assert_false(may_be_out("1_TO_2.1"));
	begin();
	commit_all("c2");
	assert_ok(record_tried(fixture.s, "c2", &fresh, &fixture.err));
	send_one("1_TO_2", 2);
	assert_ok(record_dropped(fixture.s, "c2", &fixture.err));
	commit();
	assert_true(may_be_out("1_TO_2.1"));
	assert_false(may_be_out("1_TO_2.2"));
	begin();
	assert_ok(record_renumbered(fixture.s, "1_TO_2.1", 5, NULL, &fixture.err));
	commit();
	assert_false(may_be_out("1_TO_2.5"));
	assert_false(may_be_out("1_TO_2.1"));
	assert_rebuilt_equal();
}

/* Refused for sure it is nowhere; not so if it was tried before. */
static void a_push_that_was_refused_is_not_out(void **state)
{
	bool fresh = false;

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	commit_all("c1");
	assert_ok(record_tried(fixture.s, "c1", &fresh, &fixture.err));
	assert_true(fresh);
	commit();
	assert_true(may_be_out("1_TO_2.1"));
	begin();
	assert_ok(record_untried(fixture.s, "c1", &fixture.err));
	commit();
	assert_false(may_be_out("1_TO_2.1"));
	begin();
	assert_ok(record_tried(fixture.s, "c1", &fresh, &fixture.err));
	assert_ok(record_tried(fixture.s, "c1", &fresh, &fixture.err));
	assert_false(fresh);
	commit();
	assert_rebuilt_equal();
}

static void a_renumbered_one_names_its_first_number(void **state)
{
	struct record r;
	char digest[MESSAGE_DIGEST], anew[MESSAGE_ID];

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	assert_ok(record_renumbered(fixture.s, "1_TO_2.1", 2, "1_TO_2.1",
				    &fixture.err));
	assert_ok(record_renumbered(fixture.s, "1_TO_2.2", 3, NULL,
				    &fixture.err));
	commit();
	r = get("1_TO_2.3");
	assert_string_equal(message_origin(&r.message), "1_TO_2.1");
	message_digest(&r.message, digest);
	assert_string_equal(r.digest, digest);
	message_text_digest(&r.message, digest);
	record_release(&r);
	assert_ok(view_anew(fixture.s, "1_TO_2.1", digest, anew, &fixture.err));
	assert_string_equal(anew, "1_TO_2.3");
	assert_rebuilt_equal();
	begin();
	assert_ok(record_renumbered(fixture.s, "1_TO_2.3", 1, "", &fixture.err));
	assert_ok(record_renumbered(fixture.s, "1_TO_2.1", 1, NULL,
				    &fixture.err));
	commit();
	r = get("1_TO_2.1");
	assert_null(message_origin(&r.message));
	assert_string_equal(r.digest, digest);
	record_release(&r);
	assert_rebuilt_equal();
}

static void one_may_name_its_own_number(void **state)
{
	struct record r;
	char digest[MESSAGE_DIGEST], anew[MESSAGE_ID];

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	assert_ok(record_renumbered(fixture.s, "1_TO_2.1", 1, "1_TO_2.1",
				    &fixture.err));
	commit();
	r = get("1_TO_2.1");
	assert_string_equal(message_origin(&r.message), "1_TO_2.1");
	message_digest(&r.message, digest);
	assert_string_equal(r.digest, digest);
	message_text_digest(&r.message, digest);
	record_release(&r);
	assert_ok(view_anew(fixture.s, "1_TO_2.1", digest, anew, &fixture.err));
	assert_string_equal(anew, "");
	assert_rebuilt_equal();
}

static void found_ones_are_pushed(void **state)
{
	struct message m = make_message("1_TO_2", 7, "Hello");
	struct record r;

	(void)state;
	begin();
	be_computer(1, clone);
	assert_ok(record_found(fixture.s, &m, "02ab77d1", &fixture.err));
	assert_ok(record_found(fixture.s, &m, "02ab77d1", &fixture.err));
	m.title[0] = 'J';
	assert_fails(ERR_REFUSED, record_found(fixture.s, &m, "02ab77d1",
					       &fixture.err));
	message_release(&m);
	/* one of ours that nobody knew to be pushed */
	send_one("1_TO_2", 8);
	m = make_message("1_TO_2", 8, "Hello");
	assert_ok(record_found(fixture.s, &m, clone, &fixture.err));
	commit();
	r = get("1_TO_2.7");
	assert_int_equal(r.pushed, FIXTURE_START);
	assert_string_equal(r.clone, "02ab77d1");
	record_release(&r);
	r = get("1_TO_2.8");
	assert_int_equal(r.pushed, FIXTURE_START);
	record_release(&r);
	message_release(&m);
	assert_int_equal(out_stream("1_TO_2").pushed, 8);
	assert_rebuilt_equal();
}

static void segments_and_preambles(void **state)
{
	static const char latin[] = "# Gr\xfc\xdf" "e\n";
	struct stream_name s12 = stream_of("1_TO_2");
	struct out_stream *streams;
	struct segment *segments;
	char blob[41];
	size_t count;

	(void)state;
	begin();
	assert_ok(record_preamble(fixture.s, s12, span_str(latin), &fixture.err));
	assert_fails(ERR_DATA, record_preamble(fixture.s, s12,
		     (struct span){ "a\0b", 3 }, &fixture.err));
	assert_ok(record_closed(fixture.s, s12, 1, 1, 9, "b10b", &fixture.err));
	assert_ok(record_closed(fixture.s, s12, 2, 10, 14, "b20b",
				&fixture.err));
	assert_fails(ERR_DATA, record_numbering(fixture.s, s12, UINT64_MAX,
						&fixture.err));
	commit();
	assert_ok(view_out_streams(fixture.s, &streams, &count, &fixture.err));
	assert_int_equal(count, 1);
	assert_string_equal(streams[0].preamble, latin);
	assert_int_equal(streams[0].closed, 2);
	assert_int_equal(streams[0].open_first, 15);
	out_streams_free(streams, count);
	assert_ok(view_segments(fixture.s, s12, &segments, &count,
				&fixture.err));
	assert_int_equal(count, 2);
	assert_int_equal(segments[1].number, 2);
	assert_int_equal(segments[1].first, 10);
	assert_int_equal(segments[1].last, 14);
	assert_string_equal(segments[0].blob, "b10b");
	free(segments);
	assert_ok(view_segment_blob(fixture.s, s12, 1, blob, &fixture.err));
	assert_string_equal(blob, "b10b");
	assert_ok(view_segment_blob(fixture.s, s12, 3, blob, &fixture.err));
	assert_string_equal(blob, "");
	assert_rebuilt_equal();
}

/* ---- theirs ---- */

static void received_once(void **state)
{
	struct message m = make_message("2_TO_1", 7, "Other text");
	struct record r;
	struct buf log;

	(void)state;
	begin();
	receive_one("2_TO_1", 7);
	receive_one("2_TO_1", 7);
	assert_ok(record_received(fixture.s, "2_TO_1.7~5f3a9c1e", &m, clone,
				  "c2", NULL, NULL, &fixture.err));
	assert_fails(ERR_DATA, record_received(fixture.s, "../x", &m, clone,
					       "c2", "", "", &fixture.err));
	m.seq = UINT64_MAX;
	assert_fails(ERR_DATA, record_received(fixture.s, "2_TO_1.1", &m, clone,
					       "c2", "", "", &fixture.err));
	commit();
	log = fixture_log();
	assert_int_equal(count_lines(&log), 2);
	assert_string_equal(ids(all()), "2_TO_1.7 2_TO_1.7~5f3a9c1e ");
	r = get("2_TO_1.7");
	assert_int_equal(r.direction, DIRECTION_IN);
	assert_int_equal(r.received, FIXTURE_START);
	assert_int_equal(r.accepted, 0);
	assert_string_equal(r.message.title, "Here it is");
	record_release(&r);
	message_release(&m);
	buf_release(&log);
}

/* As a trine recorded it that did not say its words. */
static void receive_long_ago(const char *stream, uint64_t seq, const char *title)
{
	struct message m = make_message(stream, seq, title);
	char id[MESSAGE_ID];

	message_id_format(m.stream, seq, id);
	assert_ok(event_record(fixture.s, "message.received",
			       message_fields(id, &m, clone, &fixture.err),
			       &fixture.err));
	message_release(&m);
}

static void receive_title(const char *id, uint64_t seq, const char *title,
			  const char *origin)
{
	struct message m = make_message("2_TO_1", seq, title);

	if (origin != NULL)
		message_add_extra(&m, "origin", origin);
	assert_ok(record_received(fixture.s, id, &m, clone, "c0ffee", "", "",
				  &fixture.err));
	message_release(&m);
}

/* Who has said TITLE under one of these numbers, LATER than make_message does; and who
 * whenever? */
static const char *who_said(const char *title, int64_t later, uint64_t first,
			    uint64_t last)
{
	struct message m = make_message("2_TO_1", 99, title);
	static char out[2 * MESSAGE_ID];
	char id[MESSAGE_ID];

	m.sent += later;
	message_add_extra(&m, "origin", "2_TO_1.98");
	assert_ok(view_said(fixture.s, m.stream, first, last, &m, false, id,
			    &fixture.err));
	snprintf(out, sizeof(out), "%s ", id);
	assert_ok(view_said(fixture.s, m.stream, first, last, &m, true, id,
			    &fixture.err));
	snprintf(out + strlen(out), MESSAGE_ID, "%s", id);
	message_release(&m);
	return out;
}

static const char *who_said_anew(const char *title, int64_t later, const char *origin)
{
	struct message m = make_message("2_TO_1", 99, title);
	static char id[MESSAGE_ID];

	m.sent += later;
	assert_ok(view_said_anew(fixture.s, origin, &m, id, &fixture.err));
	message_release(&m);
	return id;
}

static void words_are_found_by_what_they_say(void **state)
{
	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	receive_title("2_TO_1.5", 5, "One", NULL);
	receive_title("2_TO_1.5~0000beef", 5, "Two", "2_TO_1.3");
	receive_title("2_TO_1.7", 7, "One", NULL);
	receive_long_ago("2_TO_1", 8, "Three");
	commit();
	for (int made_anew = 0; made_anew < 2; made_anew++) {
		assert_string_equal(who_said("One", 0, 5, 5), "2_TO_1.5 2_TO_1.5");
		assert_string_equal(who_said("One", 60, 5, 5), " 2_TO_1.5");
		assert_string_equal(who_said("One", 60, 6, 1006), " 2_TO_1.7");
		assert_string_equal(who_said("One", 60, 8, 1008), " ");
		assert_string_equal(who_said("Two", 0, 5, 5),
				    "2_TO_1.5~0000beef 2_TO_1.5~0000beef");
		assert_string_equal(who_said("Three", 60, 1, 9), " 2_TO_1.8");
		assert_string_equal(who_said("Hello", 0, 1, 9), " ");
		assert_string_equal(who_said_anew("Two", 0, "2_TO_1.3"),
				    "2_TO_1.5~0000beef");
		assert_string_equal(who_said_anew("Two", 60, "2_TO_1.3"), "");
		assert_string_equal(who_said_anew("One", 0, "2_TO_1.3"), "");
		assert_string_equal(who_said_anew("Two", 0, "3_TO_1.3"), "");
		assert_rebuilt_equal();
	}
}

static enum number_state number(const char *stream, uint64_t seq)
{
	enum number_state out;

	assert_ok(view_number(fixture.s, stream_of(stream), seq, &out, NULL,
			      NULL, &fixture.err));
	return out;
}

/* Of before trine: there, and nobody's to take, to answer for or to publish. */
static void imported_is_history(void **state)
{
	static const char id[] = "2_TO_1.~9f2c41d07a.1";
	struct message m = make_message("2_TO_1", 0, "Long ago");
	struct record_filter f;
	struct record r;
	bool added;

	(void)state;
	m.type = TYPE_TASK;
	begin();
	be_computer(1, clone);
	assert_ok(record_imported(fixture.s, id, &m, "", &added, &fixture.err));
	assert_true(added);
	assert_ok(record_imported(fixture.s, id, &m, "COMPLETED", &added,
				  &fixture.err));
	assert_false(added);
	/* ours of then are no mail of ours now, and give out no number */
	m.stream = stream_of("1_TO_2");
	assert_ok(record_imported(fixture.s, "1_TO_2.~9f2c41d07a.1", &m,
				  "COMPLETED", &added, &fixture.err));
	assert_fails(ERR_DATA, record_imported(fixture.s, "../x", &m, "",
					       &added, &fixture.err));
	m.seq = 4;
	assert_fails(ERR_DATA, record_imported(fixture.s, "1_TO_2.4", &m, "",
					       &added, &fixture.err));
	assert_int_equal(out_stream("1_TO_2").last, 9999);	/* no stream */
	commit();
	assert_rebuilt_equal();

	r = get(id);
	assert_int_equal(r.direction, DIRECTION_OLD);
	assert_int_equal(r.received, 0);
	assert_string_equal(r.state, "");
	assert_string_equal(r.note, "imported");
	assert_string_equal(history(id), "sent@-60/2 imported@0/0 ");
	record_release(&r);
	f = all();
	assert_string_equal(ids(f),
		"1_TO_2.~9f2c41d07a.1 2_TO_1.~9f2c41d07a.1 ");
	f.direction = DIRECTION_IN;
	assert_string_equal(ids(f), "");
	f.direction = DIRECTION_OUT;
	assert_string_equal(ids(f), "");
	for (int which = 0; which < 4; which++) {
		f = all();
		*(bool *[]){ &f.unread, &f.queued, &f.handing,
			     &f.uncommitted }[which] = true;
		assert_string_equal(ids(f), "");
	}
	message_release(&m);
}

static void numbers_missing_and_rejected(void **state)
{
	struct stream_name s21 = stream_of("2_TO_1");
	char digest[MESSAGE_DIGEST], sender[CLONE_ID];
	struct status status = STATUS_INIT;
	enum number_state n;

	(void)state;
	begin();
	assert_ok(record_missing(fixture.s, s21, 3, &fixture.err));
	assert_ok(record_missing(fixture.s, s21, 3, &fixture.err));
	assert_ok(record_rejected(fixture.s, s21, 4, "2_TO_1.4", "no end marker",
				  &fixture.err));
	assert_ok(record_rejected(fixture.s, s21, 0, NULL, "\xff\x1b?",
				  &fixture.err));
	receive_one("2_TO_1", 5);
	assert_ok(record_missing(fixture.s, s21, 5, &fixture.err));
	assert_int_equal(number("2_TO_1", 2), NUMBER_UNKNOWN);
	assert_int_equal(number("2_TO_1", 3), NUMBER_MISSING);
	assert_int_equal(number("2_TO_1", 4), NUMBER_REJECTED);
	assert_int_equal(number("2_TO_1", 5), NUMBER_RECORDED);
	assert_int_equal(number("2_TO_1", UINT64_MAX), NUMBER_UNKNOWN);
	assert_ok(view_number(fixture.s, s21, 5, &n, digest, sender,
			      &fixture.err));
	assert_string_equal(sender, "0000beef");
	assert_int_equal(strlen(digest), MESSAGE_DIGEST - 1);
	commit();
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.missing_count, 1);
	assert_int_equal(status.missing[0].seq, 3);
	assert_int_equal(status.rejected_count, 2);
	assert_string_equal(status.rejected[0].id, "2_TO_1");
	assert_string_equal(status.rejected[1].id, "2_TO_1.4");
	assert_string_equal(status.rejected[1].why, "no end marker");
	status_release(&status);
	/* they come after all */
	begin();
	receive_one("2_TO_1", 3);
	receive_one("2_TO_1", 4);
	commit();
	assert_int_equal(number("2_TO_1", 3), NUMBER_RECORDED);
	status = (struct status)STATUS_INIT;
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.missing_count, 0);
	assert_int_equal(status.rejected_count, 1);
	status_release(&status);
	assert_rebuilt_equal();
}

static bool is_repeated(const char *id, const char *digest)
{
	bool out;

	assert_ok(view_repeated(fixture.s, id, digest, &out, &fixture.err));
	return out;
}

static void one_said_again_is_noted_once(void **state)
{
	static const char text[] = "00112233aabbccdd";
	struct buf before, after;

	(void)state;
	begin();
	receive_one("2_TO_1", 1);
	assert_false(is_repeated("2_TO_1.1", text));
	assert_ok(record_repeated(fixture.s, "2_TO_1.1", "0000cafe", text,
				  &fixture.err));
	commit();
	assert_true(is_repeated("2_TO_1.1", text));
	assert_false(is_repeated("2_TO_1.2", text));
	before = fixture_log();
	begin();
	assert_ok(record_repeated(fixture.s, "2_TO_1.1", "0000beef", text,
				  &fixture.err));
	commit();
	after = fixture_log();
	assert_int_equal(after.len, before.len);
	buf_release(&before);
	buf_release(&after);
	assert_rebuilt_equal();
}

static void troubles_stay_within_a_status(void **state)
{
	struct status status = STATUS_INIT;

	(void)state;
	begin();
	for (uint64_t i = 1; i <= 500; i++) {
		assert_ok(record_missing(fixture.s, stream_of("2_TO_1"), i,
					 &fixture.err));
		assert_ok(record_rejected(fixture.s, stream_of("3_TO_1"), i, "",
					  "x", &fixture.err));
	}
	commit();
	assert_ok(view_troubles(fixture.s, &status, &fixture.err));
	assert_int_equal(status.missing_count, TROUBLES_MISSING);
	assert_int_equal(status.missing[0].seq, 500 - TROUBLES_MISSING + 1);
	assert_int_equal(status.rejected_count, TROUBLES_REJECTED);
	assert_int_equal(status.missing_more, 500 - TROUBLES_MISSING);
	assert_int_equal(status.rejected_more, 500 - TROUBLES_REJECTED);
	assert_int_equal(status.cut_count, 2);
	status_release(&status);
}

/* ---- filters ---- */

static void filters(void **state)
{
	struct record_filter f = all();

	(void)state;
	begin();
	be_computer(1, clone);
	send_one("1_TO_2", 1);
	commit_all("c1");
	fixture.time += 100;
	send_one("1_TO_2", 2);
	send_one("1_TO_1", 1);		/* a task of our own: never committed */
	receive_as("2_TO_1.1", "2_TO_1", 1, TYPE_TASK, NULL);
	receive_as("2_TO_1.2", "2_TO_1", 2, TYPE_TASK, NULL);
	receive_as("2_TO_1.3", "2_TO_1", 3, TYPE_TASK, NULL);
	receive_as("2_TO_1.10", "2_TO_1", 10, TYPE_MESSAGE, NULL);
	receive_as("HUMAN_TO_1.~9f2c41d07a.1", "HUMAN_TO_1", 0, TYPE_MESSAGE,
		   "1_TO_2.1");
	assert_ok(record_handing(fixture.s, "2_TO_1.2", "builder", NULL,
				 &fixture.err));
	assert_ok(record_handing(fixture.s, "2_TO_1.3", "builder", NULL,
				 &fixture.err));
	assert_ok(record_handed(fixture.s, "2_TO_1.3", "builder", NULL,
				&fixture.err));
	commit();

	assert_string_equal(ids(f), "HUMAN_TO_1.~9f2c41d07a.1 1_TO_1.1 1_TO_2.1 "
			    "1_TO_2.2 2_TO_1.1 2_TO_1.2 2_TO_1.3 2_TO_1.10 ");
	f.limit = 2;
	assert_string_equal(ids(f), "HUMAN_TO_1.~9f2c41d07a.1 1_TO_1.1 ");
	f = all();
	f.uncommitted = true;
	assert_string_equal(ids(f), "1_TO_2.2 ");
	f = all();
	f.queued = true;
	assert_string_equal(ids(f), "2_TO_1.1 ");
	f = all();
	f.handing = true;
	assert_string_equal(ids(f), "2_TO_1.2 ");
	f = all();
	f.unread = true;
	assert_string_equal(ids(f), "HUMAN_TO_1.~9f2c41d07a.1 2_TO_1.1 2_TO_1.2 "
			    "2_TO_1.10 ");
	f.stream = stream_of("2_TO_1");
	f.first = 2;
	assert_string_equal(ids(f), "2_TO_1.2 2_TO_1.10 ");
	f.last = 9;
	assert_string_equal(ids(f), "2_TO_1.2 ");
	f = all();
	f.stream = stream_of("1_TO_2");
	f.last = UINT64_MAX;
	assert_string_equal(ids(f), "1_TO_2.1 1_TO_2.2 ");
	f.direction = DIRECTION_IN;
	assert_string_equal(ids(f), "");
	f = all();
	f.since = FIXTURE_START + 1;
	f.direction = DIRECTION_OUT;
	assert_string_equal(ids(f), "1_TO_1.1 1_TO_2.2 ");
	f = all();
	f.re = "1_TO_2.1";
	assert_string_equal(ids(f), "HUMAN_TO_1.~9f2c41d07a.1 ");
	f.id = "2_TO_1.1";
	assert_string_equal(ids(f), "");
	f.re = NULL;
	assert_string_equal(ids(f), "2_TO_1.1 ");
	f.id = "' OR 1 --";
	assert_string_equal(ids(f), "");

	begin();
	assert_ok(record_read(fixture.s, "2_TO_1.10", "ann", &fixture.err));
	assert_ok(record_read(fixture.s, "2_TO_1.10", "bob", &fixture.err));
	commit();
	f = all();
	f.unread = true;
	f.stream = stream_of("2_TO_1");
	assert_string_equal(ids(f), "2_TO_1.1 2_TO_1.2 ");
	assert_string_equal(history("2_TO_1.10"),
			    "sent@-60/2 received@100/0 read@100/0=ann ");
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_was_sent_comes_back),
		STORE_TEST(bodies_may_stay_where_they_are),
		STORE_TEST(numbers_run_on),
		STORE_TEST(retracting_and_renumbering),
		STORE_TEST(what_a_push_held_may_be_out),
		STORE_TEST(a_push_that_was_refused_is_not_out),
		STORE_TEST(a_renumbered_one_names_its_first_number),
		STORE_TEST(one_may_name_its_own_number),
		STORE_TEST(found_ones_are_pushed),
		STORE_TEST(segments_and_preambles),
		STORE_TEST(received_once),
		STORE_TEST(words_are_found_by_what_they_say),
		STORE_TEST(imported_is_history),
		STORE_TEST(numbers_missing_and_rejected),
		STORE_TEST(one_said_again_is_noted_once),
		STORE_TEST(troubles_stay_within_a_status),
		STORE_TEST(filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
