/* What the tests of the event log share: events, what store_log shows, lines. */
#ifndef LOG_FIXTURE_H
#define LOG_FIXTURE_H

#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/store.h"

/* `,"crc":"5f3a9c1e"`, which log_write_line adds. */
enum { CRC_FIELD = 17 };

static inline void raise_problem(const char *key)
{
	begin();
	assert_ok(record_problem(fixture.s, "disk", key, "it is full",
				 &fixture.err));
	commit();
	fixture.time++;
}

static inline void three_events(void)
{
	raise_problem("a");
	raise_problem("b");
	raise_problem("c");
}

static inline size_t open_problems(void)
{
	struct problem *problems;
	size_t count;

	assert_ok(view_problems(fixture.s, &problems, &count, &fixture.err));
	problems_free(problems, count);
	return count;
}

static inline void raise_three_at_once(void)
{
	begin();
	for (const char *key = "xyz"; *key != '\0'; key++)
		assert_ok(record_problem(fixture.s, "disk", (char[]){ *key, '\0' },
					 "it is full", &fixture.err));
	commit();
}

/* One event, and a transaction of three; *ALONE is how long the one is. */
static inline struct buf log_of_two_transactions(size_t *alone)
{
	struct buf log;

	raise_problem("a");
	raise_three_at_once();
	log = fixture_log();
	*alone = strcspn(log.data, "\n") + 1;
	return log;
}

/* Open what is there now, without and with the view that was there. */
static inline int open_again(bool keep_view)
{
	store_close(fixture.s);
	fixture.s = NULL;
	if (!keep_view)
		fixture_remove_view();
	return store_open(&fixture.s, fixture.dir, &fixture.clock, &fixture.err);
}

/* ---- store_log ---- */

struct seen {
	struct list lines;
	size_t stop_at;		/* 0: never */
};

static inline int see(void *arg, const char *line, size_t len)
{
	struct seen *seen = arg;

	list_take(&seen->lines, xstrndup(line, len));
	return seen->stop_at && seen->lines.count == seen->stop_at ? -1 : 0;
}

static inline size_t look(const struct log_filter *f, uint64_t from, size_t stop_at,
		   uint64_t *next)
{
	struct seen seen = { .stop_at = stop_at };
	size_t count;

	assert_ok(store_log(fixture.s, f, from, see, &seen, next, &fixture.err));
	count = seen.lines.count;
	list_release(&seen.lines);
	return count;
}

/* ---- lines ---- */

/* LEN bytes without LF, and not fewer than it needs. */
static inline void add_line_of(struct buf *out, int seq, size_t len)
{
	struct buf line = BUF_INIT;
	char crc[LOG_CRC];

	buf_printf(&line, "{\"seq\":%d,\"time\":\"2026-09-21T14:13:20Z\","
		   "\"type\":\"problem.raised\",\"actor\":\"trine\","
		   "\"key\":\"%d\",\"text\":\"", seq, seq);
	while (line.len < len - CRC_FIELD - 2)
		buf_addc(&line, 'x');
	buf_adds(&line, "\"}");
	log_write_line(out, span_of(&line), 1, 1, crc);
	buf_release(&line);
}

#endif
