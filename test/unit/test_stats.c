/* Figures of the event log: weeks, medians, and what each event adds to them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "trine/mem.h"
#include "trine/stats.h"
#include "trine/text.h"

static void weeks_have_their_year(void **state)
{
	static const struct { const char *time, *week; } rows[] = {
		{ "1970-01-01T00:00:00Z", "1970-W01" },
		{ "2026-11-29T23:59:59Z", "2026-W48" },	/* a Sunday */
		{ "2026-11-30T00:00:00Z", "2026-W49" },
		{ "2021-01-03T12:00:00Z", "2020-W53" },
		{ "2021-01-04T00:00:00Z", "2021-W01" },
		{ "2024-12-29T00:00:00Z", "2024-W52" },
		{ "2024-12-30T00:00:00Z", "2025-W01" },
	};
	char name[WEEK_TEXT];
	int64_t time;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(time_parse(span_str(rows[i].time), &time));
		assert_string_equal(stats_week_name(time, name), rows[i].week);
	}
}

/* What comes back is as near as promised, however long it was. */
static void a_median_is_near(void **state)
{
	(void)state;
	for (int64_t seconds = 0; seconds < INT64_C(400) * 86400;
	     seconds += seconds / 5 + 1) {
		struct stats_times t = { 0 };
		int64_t far;

		stats_times_add(&t, seconds);
		far = stats_median(&t) - seconds;
		assert_in_range(far < 0 ? -far : far, 0,
				seconds < 32 ? 0 : seconds / 31);
	}
}

static void a_median_is_in_the_middle(void **state)
{
	struct stats_times t = { 0 };

	(void)state;
	assert_int_equal(stats_median(&t), -1);
	stats_times_add(&t, 9);
	stats_times_add(&t, -5);	/* a clock went back */
	assert_int_equal(stats_median(&t), 0);
	stats_times_add(&t, INT64_MAX);
	assert_int_equal(stats_median(&t), 9);
}

/* Figures that a log has, by the lines of it: "MM:SS TYPE" and the other fields. */
struct row {
	const char *lines[8];
	enum stats_figure figure;
	uint64_t is;
};

#define SENT(number) "00:00 message.sent\",\"id\":\"1_TO_2." #number "\""
#define MADE(oid) "00:10 commit.made\",\"commit\":\"" oid "\""
#define SEEN(oid) "00:20 commit.seen\",\"commit\":\"" oid "\""
#define READ(at, upto) at " computer.seen\",\"computer\":2," \
	"\"received\":{\"1_TO_2\":" #upto "}"
#define WAITS "01:00 lock.waiting\",\"session\":7,\"name\":\"L\""
#define GETS(name) "01:30 lock.acquired\",\"session\":7,\"name\":\"" name "\""
#define WAITS_NO_MORE "01:30 lock.waiting\",\"session\":7"
#define CLAIM(what) "02:00 claim." what "\",\"name\":\"lock/L\""

static const struct row rows[] = {
	{ { "00:00 copy.kept\"" }, STATS_COPIES, 1 },
	{ { "00:00 copy.counted\"", "00:00 copy.counted\"" },
	  STATS_COPIES_COUNTED, 2 },
	{ { "00:00 path.restored\"" }, STATS_RESTORED, 1 },
	{ { "00:00 task.added\"" }, STATS_TASKS, 1 },
	{ { "00:00 message.received\",\"message\":{\"type\":\"task\"}" },
	  STATS_TASKS, 1 },
	{ { "00:00 message.received\",\"message\":{\"type\":\"info\"}" },
	  STATS_TASKS, 0 },
	{ { "00:00 message.received\",\"message\":{\"type\":\"info\"}" },
	  STATS_RECEIVED, 1 },
	{ { "00:00 task.ended\",\"id\":\"A\",\"state\":\"COMPLETED\"" },
	  STATS_DONE, 1 },
	{ { "00:00 task.ended\",\"id\":\"A\",\"state\":\"FAILED\"" },
	  STATS_FAILED, 1 },
	{ { "00:00 claims.refused\",\"tasks\":3,\"locks\":2" },
	  STATS_REFUSED_TASKS, 3 },
	{ { "00:00 claims.refused\",\"tasks\":3,\"locks\":2" },
	  STATS_REFUSED_LOCKS, 2 },
	{ { "00:00 claims.refused\",\"files\":1" }, STATS_REFUSED_FILES, 1 },
	{ { "00:00 claims.refused\",\"fleet\":1" }, STATS_REFUSED_CLAIMS, 1 },
	/* waits */
	{ { WAITS, GETS("L"), WAITS_NO_MORE }, STATS_WAITS, 1 },
	{ { WAITS, GETS("L"), WAITS_NO_MORE }, STATS_WAITS_IN_VAIN, 0 },
	{ { WAITS, GETS("other"), WAITS_NO_MORE }, STATS_WAITS_IN_VAIN, 1 },
	{ { WAITS, WAITS_NO_MORE, WAITS_NO_MORE }, STATS_WAITS_IN_VAIN, 1 },
	{ { WAITS, WAITS, WAITS_NO_MORE }, STATS_WAITS, 2 },	/* one was killed */
	{ { WAITS }, STATS_WAITS, 0 },
	/* claims of the fleet */
	{ { CLAIM("wanted"), CLAIM("held"), CLAIM("lost") }, STATS_CLAIMS_LOST, 1 },
	{ { CLAIM("wanted"), CLAIM("held"), CLAIM("lost") },
	  STATS_REFUSED_CLAIMS, 0 },
	{ { CLAIM("wanted"), CLAIM("lost") }, STATS_CLAIMS_LOST, 0 },
	{ { CLAIM("wanted"), CLAIM("lost") }, STATS_REFUSED_CLAIMS, 1 },
	{ { CLAIM("wanted"), CLAIM("lost") ",\"again\":true" },
	  STATS_REFUSED_CLAIMS, 0 },
	{ { CLAIM("wanted"), CLAIM("held"), CLAIM("lost") ",\"again\":true",
	    CLAIM("lost") }, STATS_CLAIMS_LOST, 1 },
	{ { CLAIM("wanted"), CLAIM("held"), CLAIM("released"), CLAIM("wanted"),
	    CLAIM("lost") }, STATS_CLAIMS_LOST, 0 },
	/* late: pushed at 00:20, so at 10:20 */
	{ { SENT(1), SENT(2), MADE("c"), SEEN("c"), READ("10:20", 0) },
	  STATS_LATE, 2 },
	{ { SENT(1), SENT(2), MADE("c"), SEEN("c"), READ("10:19", 0) },
	  STATS_LATE, 0 },
	{ { SENT(1), SENT(2), MADE("c"), SEEN("c"), READ("10:20", 1),
	    READ("10:30", 1), READ("10:40", 2) }, STATS_LATE, 1 },
	{ { SENT(1), MADE("c"), READ("10:20", 0) }, STATS_LATE, 0 },
	{ { SENT(1), MADE("c"), SENT(2), SEEN("c"), READ("10:20", 0) },
	  STATS_LATE, 1 },
	{ { SENT(1), MADE("c"), MADE("d") ",\"replaces\":\"c\"", SEEN("d"),
	    READ("10:20", 0) }, STATS_LATE, 1 },
	{ { SENT(1), MADE("c"), "00:15 commit.dropped\",\"commit\":\"c\"",
	    SEEN("c"), READ("10:20", 0) }, STATS_LATE, 0 },
	/* ALL, for each; not for who never says how far he has read */
	{ { "00:00 message.sent\",\"id\":\"1_TO_ALL.1\"", MADE("c"), SEEN("c"),
	    "10:20 computer.seen\",\"computer\":2,\"received\":{\"1_TO_ALL\":0}",
	    "10:20 computer.seen\",\"computer\":3,\"received\":{\"1_TO_ALL\":0}",
	    "10:20 computer.seen\",\"computer\":4,\"received\":{}",
	    "10:20 computer.seen\",\"computer\":5,\"received\":{\"1_TO_ALL\":1}" },
	  STATS_LATE, 2 },
};

static void take(struct stats *s, const char *minute, const char *rest)
{
	char *line = xasprintf("{\"seq\":1,\"time\":\"2026-11-27T12:%.5sZ\","
			       "\"type\":\"%s,\"crc\":\"00000000\"}", minute, rest);

	stats_take(s, span_str(line));
	free(line);
}

static void events_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stats s;

		stats_begin(&s, 0);
		for (size_t k = 0; k < ARRAY_LEN(rows[i].lines) &&
		     rows[i].lines[k] != NULL; k++)
			take(&s, rows[i].lines[k], rows[i].lines[k] + 6);
		stats_add_up(&s);
		if (s.total.figure[rows[i].figure] != rows[i].is)
			fail_msg("row %zu: %llu", i, (unsigned long long)
				 s.total.figure[rows[i].figure]);
		stats_release(&s);
	}
}

static void lengths_are_measured(void **state)
{
	struct stats s;

	(void)state;
	stats_begin(&s, 0);
	take(&s, "00:00", "task.claimed\",\"id\":\"A\"");
	take(&s, "00:10", "message.released\",\"id\":\"A\"");
	take(&s, "00:20", "task.claimed\",\"id\":\"A\"");
	take(&s, "00:21", WAITS + 6);
	take(&s, "00:32", GETS("L") + 6);
	take(&s, "00:32", WAITS_NO_MORE + 6);
	take(&s, "00:40", "task.ended\",\"id\":\"A\",\"state\":\"COMPLETED\"");
	take(&s, "00:50", "task.ended\",\"id\":\"B\",\"state\":\"COMPLETED\"");
	take(&s, "00:50", "message.begun\",\"id\":\"C\"");
	take(&s, "00:59", "task.ended\",\"id\":\"C\",\"state\":\"FAILED\"");
	stats_add_up(&s);
	assert_int_equal(s.total.took.count, 1);
	assert_int_equal(stats_median(&s.total.took), 20);
	assert_int_equal(s.total.waited, 11);
	assert_int_equal(s.total.longest, 11);
	stats_release(&s);
}

/* What was before counts nothing, but is known; refusals count when they were. */
static void a_count_begins_somewhere(void **state)
{
	struct stats s;
	int64_t since;

	(void)state;
	time_parse(span_str("2026-11-27T12:30:00Z"), &since);
	stats_begin(&s, since);
	take(&s, "29:59", "task.added\"");
	take(&s, "29:59", "task.claimed\",\"id\":\"A\"");
	take(&s, "30:19", "task.ended\",\"id\":\"A\",\"state\":\"COMPLETED\"");
	take(&s, "31:00", "claims.refused\",\"since\":\"2026-11-27T12:29:59Z\","
	     "\"tasks\":3");
	take(&s, "32:00", "claims.refused\",\"since\":\"2026-11-15T12:00:00Z\","
	     "\"tasks\":3");
	stats_add_up(&s);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.total.figure[STATS_TASKS], 0);
	assert_int_equal(s.total.figure[STATS_REFUSED_TASKS], 0);
	assert_int_equal(stats_median(&s.total.took), 20);
	stats_release(&s);
}

static void weeks_stand_in_order(void **state)
{
	static const char *const times[] = { "2026-11-27", "2026-12-05", "2026-11-15",
					     "2026-11-28" };
	struct stats s;

	(void)state;
	stats_begin(&s, 0);
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		char *line = xasprintf("{\"seq\":1,\"time\":\"%sT12:00:00Z\","
				       "\"type\":\"copy.kept\"}", times[i]);

		stats_take(&s, span_str(line));
		free(line);
	}
	assert_int_equal(s.count, 3);
	for (size_t i = 1; i < s.count; i++)
		assert_true(s.week[i - 1].from < s.week[i].from);
	assert_int_equal(s.week[1].figure[STATS_COPIES], 2);
	stats_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weeks_have_their_year),
		cmocka_unit_test(a_median_is_near),
		cmocka_unit_test(a_median_is_in_the_middle),
		cmocka_unit_test(events_are_counted),
		cmocka_unit_test(lengths_are_measured),
		cmocka_unit_test(a_count_begins_somewhere),
		cmocka_unit_test(weeks_stand_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
