/*
 * Applying the log's events to the view, when that fails: a history of every
 * type of event, each applied with each of its statements failing in turn, as on
 * a bad disk. It must say so and leave the view as it was, and be applied in full
 * the next time; at the end the view is the one that the log gives at once.
 */
#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/store.h"

#define MESSAGE(stream, seq, type, more)				\
	"\"message\":{\"stream\":\"" stream "\",\"seq\":" seq ","	\
	"\"type\":\"" type "\",\"title\":\"T\"" more "}"
#define SENT(seq, more) "message.sent\",\"id\":\"1_TO_2." seq "\","	\
	MESSAGE("1_TO_2", seq, "message", more)
#define ANSWER(seq) SENT(seq, ",\"re\":\"1_TO_2.2\"")
#define RECEIVED(id, seq, type, more)					\
	"message.received\",\"id\":\"" id "\",\"clone\":\"0000beef\","	\
	MESSAGE("2_TO_1", seq, type, more)
#define STREAM_12 "\",\"stream\":\"1_TO_2\""
#define STREAM_21 "\",\"stream\":\"2_TO_1\""

/* What comes behind `"type":"`, without the brace at the end. In this order they
 * all have something to do. Where absent means empty, some are absent, and where
 * another kind of value does, some are of another. */
static const char *const events[] = {
	"computer.set\",\"number\":1,\"name\":\"M\",\"clone\":\"5f3a9c1e\","
		"\"former\":[\"00000001\"],\"accepted\":true",
	"computer.set\",\"number\":1,\"clone\":\"5f3a9c1e\",\"accepted\":7",

	SENT("1", ",\"body\":\"b\\n\""),
	"message.sent\",\"adopted\":true,\"id\":\"1_TO_2.2\","
		MESSAGE("1_TO_2", "2", "message", ""),
	ANSWER("3"), ANSWER("4"), ANSWER("5"), ANSWER("6"), ANSWER("7"),
	ANSWER("8"), ANSWER("9"), ANSWER("10"), ANSWER("11"), ANSWER("12"),
	/* of a trine that knew other types: it has no digest of ours */
	"message.sent\",\"id\":\"1_TO_2.13\"," MESSAGE("1_TO_2", "13", "song",
		",\"re\":\"1_TO_2.2\""),
	"message.renumbered\",\"id\":\"1_TO_2.2\",\"to\":\"1_TO_2.20\","
		"\"number\":20,\"origin\":\"1_TO_2.2\"",
	"message.renumbered\",\"id\":\"1_TO_2.20\",\"to\":\"1_TO_2.23\","
		"\"number\":23,\"origin\":\"\"",
	/* of one that a repair left out */
	"message.renumbered\",\"id\":\"1_TO_2.98\",\"to\":\"1_TO_2.99\","
		"\"number\":99",
	"message.retracted\",\"id\":\"1_TO_2.12\"",
	"message.retracted\",\"id\":\"1_TO_2.99\"",
	"message.found\",\"id\":\"1_TO_2.21\"," MESSAGE("1_TO_2", "21", "task", ""),
	"message.imported\",\"id\":\"1_TO_2.~5\"," MESSAGE("1_TO_2", "0",
		"message", ""),
	"message.imported\",\"id\":\"1_TO_ALL.~6\"," MESSAGE("1_TO_ALL", "0",
		"alert", ",\"priority\":\"urgent\""),

	RECEIVED("2_TO_1.1", "1", "task", ",\"body\":\"b\\n\""),
	RECEIVED("2_TO_1.2", "2", "task", ""),
	RECEIVED("2_TO_1.3", "3", "result",
		 ",\"re\":\"1_TO_2.21\",\"state\":\"COMPLETED\""),
	RECEIVED("2_TO_1.4", "4", "result",
		 ",\"re\":\"1_TO_2.1\",\"state\":\"WORKING\""),
	"message.sent\",\"id\":\"1_TO_2.22\"," MESSAGE("1_TO_2", "22", "result",
		",\"re\":\"2_TO_1.1\",\"state\":\"FAILED\""),
	/* two answers, taken back again: it is what the first says, and then open */
	"message.sent\",\"id\":\"1_TO_2.24\"," MESSAGE("1_TO_2", "24", "result",
		",\"re\":\"2_TO_1.1\",\"state\":\"COMPLETED\""),
	"message.retracted\",\"id\":\"1_TO_2.24\"",
	"message.retracted\",\"id\":\"1_TO_2.22\"",
	"message.assigned\",\"id\":\"2_TO_1.2\",\"instance\":\"i\"",
	"message.begun\",\"id\":\"2_TO_1.2\",\"instance\":\"i\",\"attempt\":1,"
		"\"slot\":1",
	"message.deferred\",\"id\":\"2_TO_1.2\",\"reason\":\"r\","
		"\"until\":\"2026-11-20T13:10:00Z\"",
	"message.begun\",\"id\":\"2_TO_1.2\",\"instance\":\"i\",\"attempt\":2,"
		"\"slot\":1,\"needs\":[\"L\"]",
	"message.blocked\",\"id\":\"2_TO_1.2\",\"reason\":\"r\"",
	"message.released\",\"id\":\"2_TO_1.2\",\"reason\":\"r\"",
	"message.worked\",\"id\":\"2_TO_1.2\"",
	/* raised, renumbered, taken back; ended by who came first, and in order */
	"message.sent\",\"id\":\"1_TO_ALL.1\"," MESSAGE("1_TO_ALL", "1", "alert",
		",\"priority\":\"urgent\""),
	"message.renumbered\",\"id\":\"1_TO_ALL.1\",\"to\":\"1_TO_ALL.2\","
		"\"number\":2",
	"message.retracted\",\"id\":\"1_TO_ALL.2\"",
	"message.sent\",\"id\":\"1_TO_ALL.3\"," MESSAGE("1_TO_ALL", "3", "alert",
		",\"re\":\"2_TO_ALL.1\",\"state\":\"CLEARED\""),
	"message.received\",\"id\":\"2_TO_ALL.1\"," MESSAGE("2_TO_ALL", "1", "alert",
		",\"priority\":\"urgent\""),
	"message.received\",\"id\":\"2_TO_ALL.2\"," MESSAGE("2_TO_ALL", "2", "alert",
		",\"priority\":\"urgent\""),
	"alert.told\",\"id\":\"2_TO_ALL.2\",\"instances\":[\"i\"]",
	"alert.handing\",\"id\":\"2_TO_ALL.2\",\"attempt\":1",
	"alert.handed\",\"id\":\"2_TO_ALL.2\",\"why\":\"w\"",
	"message.received\",\"id\":\"3_TO_ALL.1\"," MESSAGE("3_TO_ALL", "1", "alert",
		",\"re\":\"2_TO_ALL.2\",\"state\":\"CLEARED\""),
	/* came early, under a number that another one has in git; of a former clone; to
	 * one computer, where it is none */
	"message.received\",\"early\":true,\"id\":\"2_TO_ALL.3\","
		MESSAGE("2_TO_ALL", "3", "alert", ",\"priority\":\"urgent\""),
	"message.brought\",\"id\":\"2_TO_ALL.3\",\"as\":\"2_TO_ALL.4\",\"commit\":\"c\"",
	"message.found\",\"id\":\"1_TO_ALL.4\"," MESSAGE("1_TO_ALL", "4", "alert",
		",\"priority\":\"urgent\""),
	RECEIVED("2_TO_1.10", "10", "alert", ",\"priority\":\"urgent\""),
	"alert.raised\",\"id\":\"k\",\"text\":\"t\"",
	"alert.cleared\",\"id\":\"k\",\"by\":\"w\"",
	"state.set\",\"key\":\"k\",\"value\":\"v\",\"by\":\"w\"",
	"state.unset\",\"key\":\"k\"",
	"instance.wanted\",\"name\":\"i\",\"want\":\"stop\"",
	"instance.changed\",\"name\":\"i\",\"copy\":1,\"state\":\"ONLINE\","
		"\"pid\":7,\"born\":9,\"boot\":\"b\"",
	"instance.changed\",\"name\":\"i\",\"copy\":1,\"state\":\"CRASHED\","
		"\"given_up\":true,\"reason\":\"r\"",
	"files.reserved\",\"base\":\"/\",\"globs\":[\"a\",\"b\",7],\"session\":1",
	"files.reserved\",\"base\":\"/\",\"shared\":true",
	"files.released\",\"id\":1",
	"task.added\",\"id\":\"O1\",\"message\":{\"stream\":\"1_TO_1\",\"seq\":70,"
		"\"type\":\"task\",\"title\":\"T\",\"parts\":\"[2]\"}",
	"task.added\",\"id\":\"O2\",\"message\":{\"stream\":\"1_TO_1\",\"seq\":71,"
		"\"type\":\"task\",\"title\":\"T\",\"parts\":null}",
	"message.sent\",\"id\":\"1_TO_2.70\"," MESSAGE("1_TO_2", "70", "task",
		",\"part\":\"O1/part/0\""),
	"message.renumbered\",\"id\":\"1_TO_2.70\",\"to\":\"1_TO_2.71\",\"number\":71",
	"claim.wanted\",\"name\":\"lock/L\",\"lease\":900,\"by\":\"A\",\"session\":1",
	"claim.offered\",\"name\":\"lock/L\",\"generation\":3,\"beat\":1,"
		"\"commit\":\"c\",\"steady\":5,\"boot\":\"b\"",
	"claim.held\",\"name\":\"lock/L\",\"generation\":3",
	"claim.lost\",\"name\":\"lock/L\",\"again\":true",
	"claim.lost\",\"name\":\"lock/L\",\"why\":\"w\"",
	"claim.wanted\",\"name\":\"lock/L\",\"lease\":900",
	"claim.released\",\"name\":\"lock/L\"",
	"claim.found\",\"generation\":9",
	"claims.refused\",\"tasks\":2,\"since\":\"2026-11-20T13:10:00Z\"",
	"lock.acquired\",\"name\":\"L\",\"session\":1,\"holder\":\"h\","
		"\"until\":\"2026-11-20T13:10:00Z\",\"ttl\":300",
	"lock.waiting\",\"session\":1,\"name\":\"L\",\"pid\":7",
	"lock.waiting\",\"session\":1",
	"lock.renewed\",\"name\":\"L\",\"token\":1",
	"lock.released\",\"name\":\"L\",\"token\":1",
	"task.added\",\"id\":\"AUTH\",\"state\":\"QUEUED\","
		MESSAGE("1_TO_1", "1", "task", ""),
	"task.added\",\"id\":\"NEXT\",\"state\":\"QUEUED\","
		MESSAGE("1_TO_1", "2", "task", ",\"after\":\"[AUTH, NONE]\""),
	"task.added\",\"id\":\"BAD\",\"state\":\"QUEUED\","
		MESSAGE("1_TO_1", "3", "task", ",\"after\":\"{a: b}\""),
	"task.added\",\"id\":\"HELD\",\"state\":\"QUEUED\",\"session\":1,"
		MESSAGE("1_TO_1", "4", "task", ",\"approvals\":\"1\""),
	"task.approved\",\"id\":\"HELD\",\"session\":2,\"who\":\"n\"",
	"task.claimed\",\"id\":\"AUTH\",\"session\":1,\"holder\":\"h\","
		"\"needs\":[\"L\",7],\"over\":\"NEXT\"",
	"task.started\",\"id\":\"AUTH\"",
	"task.progress\",\"id\":\"AUTH\",\"text\":\"t\"",
	"task.again\",\"id\":\"AUTH\",\"attempt\":1,\"reason\":\"r\","
		"\"until\":\"2026-11-20T13:10:00Z\"",
	"task.claimed\",\"id\":\"AUTH\",\"session\":1,\"holder\":\"h\",\"needs\":[]",
	"task.stuck\",\"id\":\"AUTH\",\"reason\":\"r\"",
	"message.released\",\"id\":\"AUTH\"",
	"task.ended\",\"id\":\"AUTH\",\"state\":\"FAILED\",\"result\":\"r\"",
	"session.started\",\"number\":1,\"name\":\"A\",\"pid\":7,\"born\":9",
	"session.adopted\",\"session\":1,\"pid\":8",
	"session.doing\",\"session\":1,\"doing\":\"d\"",
	"session.ended\",\"session\":1,\"why\":\"w\"",

	"message.rejected" STREAM_21 ",\"number\":5,\"id\":\"2_TO_1.5\","
		"\"why\":\"unreadable\"",
	"message.missing" STREAM_21 ",\"number\":6,\"id\":\"2_TO_1.6\"",
	RECEIVED("2_TO_1.6", "6", "message", ",\"origin\":\"2_TO_1.5\""),
	RECEIVED("2_TO_1.5~0000beef", "5", "message", ""),
	RECEIVED("2_TO_1.7~0000beef", "7", "song", ""),
	"message.received\",\"early\":true,\"id\":\"2_TO_1.8\",\"clone\":\"0000beef\","
		MESSAGE("2_TO_1", "8", "task", ""),
	RECEIVED("2_TO_1.9", "9", "task", ""),
	"message.missing" STREAM_21 ",\"number\":8,\"id\":\"2_TO_1.8\"",
	"message.withdrawn\",\"id\":\"2_TO_1.8\",\"clone\":\"0000beef\"",
	"message.brought\",\"id\":\"2_TO_1.8\",\"commit\":\"c\"",
	"message.received\",\"early\":true,\"id\":\"2_TO_1.11\",\"clone\":\"0000beef\","
		MESSAGE("2_TO_1", "11", "task", ""),
	"message.withdrawn\",\"id\":\"2_TO_1.11\",\"clone\":\"0000beef\","
		"\"commit\":\"c\",\"digest\":\"d2\"",
	"message.offered\",\"id\":\"1_TO_2.3\"",
	"message.repeated\",\"id\":\"2_TO_1.1\",\"clone\":\"0000beef\","
		"\"digest\":\"d1\"",
	"message.read\",\"id\":\"2_TO_1.1\",\"who\":\"me\"",
	"message.handing\",\"id\":\"2_TO_1.2\",\"instance\":\"i\"",
	"message.handed\",\"id\":\"2_TO_1.2\",\"instance\":\"i\"",
	"message.handed\",\"id\":\"2_TO_1.4\"",
	"message.amended\",\"id\":\"2_TO_1.2\","
		MESSAGE("2_TO_1", "2", "task", ",\"body\":\"c\\n\""),
	"message.amended\",\"id\":\"2_TO_1.2\"," MESSAGE("2_TO_1", "2", "task", ""),
	"task.ended\",\"id\":\"2_TO_1.2\",\"state\":\"COMPLETED\"",

	"hand.read" STREAM_21 ",\"commit\":\"c1\",\"lines\":{\"d1\":1,\"d2\":2}",
	"hand.read" STREAM_21 ",\"commit\":\"c2\",\"lines\":{\"d3\":1},"
		"\"beside\":true",
	"hand.read" STREAM_21 ",\"commit\":\"" HAND_NO_COMMIT "\"",
	"stream.read" STREAM_21 ",\"clone\":\"0000beef\",\"upto\":6,\"blob\":\"b\"",
	"stream.preamble" STREAM_12 ",\"text\":\"# h\\n\"",
	"stream.preamble" STREAM_12 ",\"hex\":\"ff0a4\"",
	"stream.closed" STREAM_12 ",\"segment\":1,\"first\":1,\"last\":1,"
		"\"blob\":\"b\"",
	"stream.reopened" STREAM_12,
	"stream.numbered" STREAM_12 ",\"number\":30",

	"computer.seen\",\"computer\":2,\"name\":\"Two\",\"clone\":\"0000beef\","
		"\"received\":{\"1_TO_2\":1,\"1_TO_ALL\":\"c1\",\"nobody\":1},"
		"\"missing\":[\"1_TO_2.3\",7],\"rejected\":{\"1_TO_2.4\":\"why\","
		"\"1_TO_2.5\":7,\"nobody\":\"why\"}",
	"computer.seen\",\"computer\":2,\"clone\":\"0000beef\"",
	/* it has no room for all of them: of which streams, and of any */
	"computer.seen\",\"computer\":2,\"clone\":\"0000beef\","
		"\"received\":{\"1_TO_2\":2,\"1_TO_ALL\":\"c2\"},"
		"\"missing\":[\"1_TO_2.6\"],\"more\":{\"of\":[7,\"1_TO_2\"]}",
	"computer.seen\",\"computer\":2,\"clone\":\"0000beef\",\"more\":{}",
	"computer.seen\",\"computer\":2,\"clone\":\"0000beef\",\"generation\":9,"
		"\"claims\":{\"lock/L\":{\"generation\":9,\"beat\":1,\"lease\":900,"
		"\"by\":\"A\"}},\"steady\":5,\"boot\":\"b\"",
	"computer.seen\",\"computer\":2,\"clone\":\"0000cafe\"",

	"tip.reading\",\"walk\":\"w\",\"commit\":\"c1\"",
	"tip.received\",\"commit\":\"c1\",\"vouched\":\"v\"",
	"tip.rewritten\",\"old\":\"c1\",\"new\":\"c2\"",
	"all.started\",\"commit\":\"c1\"",
	"commit.made\",\"commit\":\"o1\",\"parent\":\"c1\","
		"\"files\":{\"COMPUTER_1.md\":\"b1\",\"x\":7}",
	"commit.made\",\"commit\":\"o2\",\"parent\":\"o1\",\"replaces\":\"o1\"",
	"commit.made\",\"commit\":\"o3\",\"parent\":\"o2\"",
	"commit.seen\",\"commit\":\"o3\"",
	"commit.seen\",\"commit\":\"o3\"",
	"commit.made\",\"commit\":\"o4\",\"parent\":\"o3\"",
	"commit.dropped\",\"commit\":\"o4\"",
	"copy.kept\",\"path\":\"a.md\",\"name\":\"n\",\"digest\":\"d\"",
	"copy.counted\",\"path\":\"a.md\",\"name\":\"n\",\"digest\":\"e\"",
	"commit.made\",\"commit\":\"o5\",\"parent\":\"o3\"",
	"commit.lost\",\"commit\":\"o5\"",
	"version.found\",\"files\":{\"COMPUTER_1.md\":\"b2\"}",

	"desk.intended\",\"files\":{\"a.md\":\"b1\",\"b.md\":\"\"}",
	"desk.published\",\"files\":{\"a.md\":\"b1\",\"b.md\":\"b2\"}",
	"desk.published\",\"files\":{\"b.md\":\"\",\"c.md\":7},\"commit\":\"c1\"",
	"desk.published\",\"commit\":\"c2\"",
	"desk.forgotten\",\"path\":\"a.md\",\"blob\":\"b1\",\"base\":\"b0\"",
	"desk.forgotten\",\"path\":\"a.md\",\"blob\":\"b0\"",

	"branch.looked\",\"branch\":\"x\",\"tip\":\"t\",\"taken\":true,"
		"\"news\":[{\"path\":\"p\",\"commit\":\"c\"},"
		"{\"path\":\"q\",\"commit\":\"c\",\"line\":\"d\",\"count\":1}]",
	"branch.settled\",\"branch\":\"x\",\"path\":\"p\",\"commit\":\"c\"",
	"branch.failed\",\"branch\":\"y\",\"tip\":\"t\",\"why\":\"no\"",
	"branch.gone\",\"branch\":\"x\"",
	"commit.beside\",\"commit\":\"c9\"",

	"path.restored\",\"path\":\"COMPUTER_1.md\",\"blob\":\"b\"",
	"problem.raised\",\"code\":\"disk\",\"key\":\"k\",\"text\":\"full\"",
	"problem.over\",\"code\":\"disk\",\"key\":\"k\"",
	"log.continued\",\"part\":2,\"start\":9,\"before\":\"00000000\"",
	"log.repaired\",\"lost\":[{\"first\":1,\"last\":2}]",
	"moon.rose\",\"why\":\"of a newer trine\"",
};

/* ---- statements that fail ---- */

static struct {
	unsigned seen;		/* statements that read or write */
	unsigned fails;		/* which of them; counted from 1 */
	bool failing, failed;
} sqlite;

static int see_statement(unsigned what, void *arg, void *statement, void *sql)
{
	static const char *const words[] = { "SELECT", "INSERT", "UPDATE",
					     "DELETE" };

	(void)what;
	(void)arg;
	(void)statement;
	/* what SQLite does within one */
	if (strncmp(sql, "--", 2) == 0)
		return 0;
	sqlite.failing = false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strncmp(sql, words[i], strlen(words[i])) == 0)
			sqlite.failing = ++sqlite.seen == sqlite.fails;
	return 0;
}

static int perhaps_fail(void *arg)
{
	(void)arg;
	sqlite.failed = sqlite.failed || sqlite.failing;
	return sqlite.failing;
}

static int begin_with_failing(unsigned statement)
{
	sqlite3 *db = fixture.s->db;
	int result;

	memset(&sqlite, 0, sizeof(sqlite));
	sqlite.fails = statement;
	sqlite3_trace_v2(db, SQLITE_TRACE_STMT, see_statement, NULL);
	sqlite3_progress_handler(db, 1, perhaps_fail, NULL);
	result = store_begin(fixture.s, &fixture.err);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	sqlite3_trace_v2(db, 0, NULL, NULL);
	return result;
}

/* ---- events ---- */

/* By another process, which was killed before it told the view. */
static void append_event(size_t seq, const char *event)
{
	struct buf json = BUF_INIT, line = BUF_INIT;
	struct log log;
	char crc[LOG_CRC];

	buf_printf(&json, "{\"seq\":%zu,\"time\":\"2026-09-21T14:13:20Z\","
		   "\"type\":\"%s,\"actor\":\"trine\"}", seq, event);
	log_write_line(&line, span_of(&json), 1, 1, crc);
	assert_ok(log_open(&log, fixture.dir, &fixture.err));
	assert_ok(log_append(&log, span_of(&line), &fixture.err));
	log_close(&log);
	buf_release(&json);
	buf_release(&line);
}

static void assert_same_rows(const struct list *a, const struct list *b,
			     const char *event)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->item[i], b->item[i]) != 0)
			fail_msg("%s, statement %u: %s, %s", event, sqlite.fails,
				 a->item[i], b->item[i]);
	assert_int_equal(a->count, b->count);
}

/* How many of its statements failed, one each time. */
static unsigned apply_at_last(const char *event)
{
	struct list before = dump_view(fixture_path("state.db")), after;
	unsigned n = 0;
	int result;

	while ((result = begin_with_failing(++n)), sqlite.failed) {
		if (result == 0)
			fail_msg("%s: statement %u may fail", event, n);
		assert_int_equal(fixture.err.code, ERR_IO);
		after = dump_view(fixture_path("state.db"));
		assert_same_rows(&before, &after, event);
		list_release(&after);
	}
	assert_ok(result);
	store_abort(fixture.s);
	list_release(&before);
	return n - 1;
}

static void no_event_is_applied_in_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		append_event(i + 1, events[i]);
		/* two at least: where the view is, and where it is now */
		assert_true(apply_at_last(events[i]) >= 2);
	}
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(no_event_is_applied_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
