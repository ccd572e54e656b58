/* The log read ahead: the same lines, in the same order, with the same errors, whether a
 * thread reads them or nobody but who applies them. */
#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/events.h"
#include "../../src/store/store.h"
#include "trine/ahead.h"
#include "trine/mem.h"

enum { MANY = 4000 };	/* more than a MiB */

static void fill(int count)
{
	for (int i = 0; i < count; i++) {
		if (i % 500 == 0)
			begin();
		send_one("1_TO_2", (uint64_t)i + 1);
		if (i % 500 == 499 || i + 1 == count)
			commit();
	}
}

/* What is said of it, and whether that is so: it reads as if lines were read one by one.
 * Only UPTO lines, if not 0. The code of the error, or 0. */
static int assert_read_as_lines(size_t upto, size_t *lines)
{
	struct error err = ERROR_INIT, plain_err = ERROR_INIT;
	struct log_line line, plain;
	struct log_reader reader;
	struct events *r;
	json_t *json;
	int rc, plain_rc = 1;

	*lines = 0;
	assert_ok(log_read(&reader, &fixture.s->log, 0, &err));
	assert_ok(events_read(&r, &fixture.s->log, 0, &err));
	while ((rc = events_next(r, &line, &json, &err)) == 1) {
		plain_rc = log_next(&reader, &plain, &plain_err);
		assert_int_equal(plain_rc, 1);
		assert_int_equal(line.offset, plain.offset);
		assert_int_equal(line.next, plain.next);
		assert_int_equal(line.damaged, plain.damaged);
		assert_int_equal(line.last, plain.last);
		assert_int_equal(json == NULL, line.damaged);
		if (json != NULL)
			assert_int_equal(get_number(json, "seq"), plain.seq);
		if (++*lines == upto)
			break;
	}
	if (upto == 0) {
		plain_rc = log_next(&reader, &plain, &plain_err);
		assert_int_equal(rc, plain_rc);
		assert_string_equal(err.text, plain_err.text);
	}
	events_release(r);
	log_reader_release(&reader);
	return rc == -1 ? (int)err.code : 0;
}

static void a_long_log_reads_as_a_short_one(void **state)
{
	size_t lines;

	(void)state;
	assert_int_equal(assert_read_as_lines(0, &lines), 0);
	assert_int_equal(lines, 0);
	fill(3);
	assert_int_equal(assert_read_as_lines(0, &lines), 0);
	assert_int_equal(lines, 3);
	store_close(fixture.s);
	fixture_open();
	begin();
	for (uint64_t i = 4; i <= MANY; i++)
		send_one("1_TO_2", i);
	commit();
	assert_true(fixture.s->at.offset > 1024 * 1024);
	assert_int_equal(assert_read_as_lines(0, &lines), 0);
	assert_int_equal(lines, MANY);
	assert_ok(store_roll_over(fixture.s, 1, &fixture.err));
	assert_int_equal(assert_read_as_lines(0, &lines), 0);
	assert_int_equal(lines, MANY + 1);
	assert_rebuilt_equal();
}

static void who_has_enough_ends_it(void **state)
{
	size_t lines;

	(void)state;
	fill(MANY);
	for (size_t upto = 1; upto < MANY; upto += 333) {
		assert_int_equal(assert_read_as_lines(upto, &lines), 0);
		assert_int_equal(lines, upto);
	}
}

/* In front of the last line, behind it, in the middle, at the first one. */
static void damage_comes_in_its_place(void **state)
{
	struct buf log;
	size_t lines;

	(void)state;
	fill(MANY);
	log = fixture_log();
	for (int i = 0; i < 4; i++) {
		size_t at = i == 0 ? 10 : log.len / 4 * (size_t)i;
		char byte = log.data[at];

		log.data[at] = byte == '?' ? '!' : '?';
		fixture_put_log(log.data, log.len);
		assert_int_equal(assert_read_as_lines(0, &lines), 0);
		assert_int_equal(lines, MANY);
		store_close(fixture.s);
		fixture_remove_view();
		assert_int_equal(store_open(&fixture.s, fixture.dir, &fixture.clock,
					    &fixture.err), -1);
		assert_int_equal(fixture.err.code, ERR_DATA);
		assert_non_null(strstr(fixture.err.text, " is damaged"));
		log.data[at] = byte;
		fixture_put_log(log.data, log.len);
		fixture_open();
	}
	/* a torn last line is cut off, and nothing else */
	store_close(fixture.s);
	fixture_remove_view();
	fixture_put_log(log.data, log.len - 5);
	fixture_open();
	assert_int_equal(assert_read_as_lines(0, &lines), 0);
	assert_int_equal(lines, MANY - 1);
	assert_int_equal(sent_count(), MANY - 1);
	buf_release(&log);
}

/* The second part goes while the first is read: no more than a third of that is read
 * ahead. */
static void an_error_of_reading_comes_behind_what_was_read(void **state)
{
	struct error err = ERROR_INIT;
	struct log_line line;
	struct events *r;
	size_t lines = 0;
	json_t *json;
	int rc;

	(void)state;
	fill(MANY);
	for (uint64_t n = 1; n <= 2; n++) {
		assert_ok(store_roll_over(fixture.s, 1, &fixture.err));
		begin();
		send_one("1_TO_2", MANY + n);
		commit();
	}
	assert_ok(events_read(&r, &fixture.s->log, 0, &err));
	assert_ok(file_remove(fixture_path("log/000002.jsonl"), &fixture.err));
	while ((rc = events_next(r, &line, &json, &err)) == 1)
		lines++;
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "000002.jsonl is missing"));
	assert_int_equal(lines, MANY);
	events_release(r);
}

/* ---- the thread itself ---- */

struct counter {
	int made, dropped, last;
};

static struct counter *counting;

static void *make_next(void *arg)
{
	struct counter *c = arg;
	int *thing;

	if (c->made == c->last)
		return NULL;
	thing = xcalloc(1, sizeof(*thing));
	*thing = ++c->made;
	return thing;
}

static void drop(void *thing)
{
	counting->dropped++;
	free(thing);
}

/* All that is made is taken or dropped, once, whenever it ends. */
static void what_nobody_takes_is_dropped(void **state)
{
	(void)state;
	for (int last = 0; last < 20; last++)
		for (int take = 0; take <= last + 1; take++) {
			struct counter c = { .last = last };
			struct ahead *a;
			int taken = 0;

			counting = &c;
			a = ahead_start(make_next, drop, &c, 3);
			assert_non_null(a);
			for (int i = 1; i <= take; i++) {
				int *thing = ahead_take(a);

				assert_int_equal(thing == NULL, i > last);
				if (thing != NULL)
					assert_int_equal(*thing, i);
				taken += thing != NULL;
				free(thing);
			}
			ahead_stop(a);
			assert_int_equal(c.made, taken + c.dropped);
			assert_true(c.dropped <= 4);
		}
	ahead_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_long_log_reads_as_a_short_one),
		STORE_TEST(who_has_enough_ends_it),
		STORE_TEST(damage_comes_in_its_place),
		STORE_TEST(an_error_of_reading_comes_behind_what_was_read),
		cmocka_unit_test(what_nobody_takes_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
