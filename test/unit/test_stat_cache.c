/* The stat cache: what it keeps, what it trusts, and what it makes of damage. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/clock.h"
#include "trine/mem.h"
#include "trine/stat_cache.h"

enum { NOW = 1800000000 };

#define BLOB_A "0123456789012345678901234567890123456789"
#define BLOB_B "abcdefabcdefabcdefabcdefabcdefabcdefabcd"

static const struct file_facts old = {
	.size = 7, .mtime = NOW - 100, .mtime_ns = 1, .ctime = NOW - 90,
	.ctime_ns = 999999999, .inode = 12, .device = 66305,
};

static void write_two(struct buf *out)
{
	struct file_facts largest = old;

	largest.inode = largest.size = largest.device = INT64_MAX;
	stat_cache_begin(out, "5f3a9c1e", NOW);
	stat_cache_add(out, "README.md", &old, BLOB_A);
	stat_cache_add(out, "archive/1_TO_2/0001.md", &largest, BLOB_B);
	stat_cache_end(out);
}

static void parse(struct stat_cache *c, struct span bytes, const char *owner,
		  int64_t now)
{
	struct buf copy = BUF_INIT;

	buf_add(&copy, bytes.p, bytes.len);
	stat_cache_parse(c, &copy, owner, now);
	assert_int_equal(copy.len, 0);
}

static void written_and_read(void **state)
{
	struct buf out = BUF_INIT;
	struct stat_cache c;

	(void)state;
	write_two(&out);
	parse(&c, span_of(&out), "5f3a9c1e", NOW);
	assert_int_equal(c.count, 2);
	assert_int_equal(c.item[1].facts.inode, INT64_MAX);
	assert_null(stat_cache_find(&c, "COMPUTER_1.md", &old));
	assert_string_equal(stat_cache_find(&c, "README.md", &old), BLOB_A);
	assert_string_equal(stat_cache_find(&c, "README.md", &old), BLOB_A);
	assert_null(stat_cache_find(&c, "archive/1_TO_2/0000.md", &old));
	assert_null(stat_cache_find(&c, "archive/1_TO_2/0001.md", &old));
	assert_string_equal(stat_cache_find(&c, "archive/1_TO_2/0001.md",
					    &c.item[1].facts), BLOB_B);
	assert_null(stat_cache_find(&c, "fleet.yaml", &old));
	stat_cache_release(&c);
	stat_cache_release(&c);
	buf_release(&out);
}

static void none_at_all(void **state)
{
	struct buf out = BUF_INIT;
	struct stat_cache c;

	(void)state;
	stat_cache_begin(&out, "5f3a9c1e", NOW);
	stat_cache_end(&out);
	parse(&c, span_of(&out), "5f3a9c1e", NOW);
	assert_true(c.good);
	assert_null(stat_cache_find(&c, "README.md", &old));
	stat_cache_release(&c);
	parse(&c, span_str(""), "5f3a9c1e", NOW);
	assert_null(stat_cache_find(&c, "README.md", &old));
	stat_cache_release(&c);
	buf_release(&out);
}

/* Each fact counts. */
static void other_facts_are_not_found(void **state)
{
	struct file_facts others[] = { old, old, old, old, old, old, old };
	struct buf out = BUF_INIT;
	struct stat_cache c;

	(void)state;
	others[0].size++;
	others[1].mtime--;
	others[2].mtime_ns++;
	others[3].ctime++;
	others[4].ctime_ns--;
	others[5].inode++;
	others[6].device++;
	write_two(&out);
	parse(&c, span_of(&out), "5f3a9c1e", NOW);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_null(stat_cache_find(&c, "README.md", &others[i]));
	assert_non_null(stat_cache_find(&c, "README.md", &old));
	stat_cache_release(&c);
	buf_release(&out);
}

static void still(void **state)
{
	static const struct {
		int64_t mtime, ctime;
		uint64_t inode, device;
		bool still;
	} rows[] = {
		{ NOW - 5, NOW - 5, 1, 1, true },
		{ 0, NOW - 5, 1, 0, true },
		{ NOW - 4, NOW - 5, 1, 1, false },	/* within a tick or two */
		{ NOW - 5, NOW - 4, 1, 1, false },	/* the time was set back */
		{ NOW, NOW, 1, 1, false },
		{ NOW + 9000, NOW - 9000, 1, 1, false },
		{ NOW - 9000, NOW + 9000, 1, 1, false },
		{ INT64_MAX, NOW - 9000, 1, 1, false },
		{ NOW - 9000, 0, 1, 1, false },		/* not known */
		{ NOW - 9000, NOW - 9000, 0, 1, false },
		{ -1, NOW - 9000, 1, 1, false },	/* what no line can say */
		{ NOW - 9000, NOW - 9000, UINT64_MAX, 1, false },
		{ NOW - 9000, NOW - 9000, 1, UINT64_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct file_facts f = { .size = 1, .mtime = rows[i].mtime,
			.ctime = rows[i].ctime, .inode = rows[i].inode,
			.device = rows[i].device };

		if (stat_cache_still(&f, NOW) != rows[i].still)
			fail_msg("row %zu", i);
	}
}

static size_t count_of(struct span bytes, const char *owner, int64_t now)
{
	struct stat_cache c;
	size_t count;

	parse(&c, bytes, owner, now);
	count = c.count;
	assert_int_equal(c.good, count > 0);
	stat_cache_release(&c);
	return count;
}

static void of_another_desk_or_time(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	write_two(&out);
	assert_int_equal(count_of(span_of(&out), "5f3a9c1e", NOW), 2);
	assert_int_equal(count_of(span_of(&out), "5f3a9c1e", NOW + 9000), 2);
	assert_int_equal(count_of(span_of(&out), "5f3a9c1e", NOW - 1), 0);
	assert_int_equal(count_of(span_of(&out), "5f3a9c1f", NOW), 0);
	assert_int_equal(count_of(span_of(&out), "", NOW), 0);
	buf_release(&out);
}

/* One byte changed, or the end cut off: nothing of it is taken. */
static void damaged_at_every_byte(void **state)
{
	struct buf out = BUF_INIT, bad = BUF_INIT;

	(void)state;
	write_two(&out);
	for (size_t i = 0; i < out.len; i++) {
		assert_int_equal(count_of((struct span){ out.data, i },
					  "5f3a9c1e", NOW), 0);
		for (int bit = 0; bit < 8; bit++) {
			buf_reset(&bad);
			buf_addb(&bad, &out);
			bad.data[i] = (char)(bad.data[i] ^ (1 << bit));
			assert_int_equal(count_of(span_of(&bad), "5f3a9c1e",
						  NOW), 0);
		}
	}
	buf_addc(&out, '\n');
	assert_int_equal(count_of(span_of(&out), "5f3a9c1e", NOW), 0);
	buf_release(&out);
	buf_release(&bad);
}

/* Lines that no trine writes, with a checksum that is right. */
static void wrong_lines(void **state)
{
	static const char *const rows[] = {
		"\n", " \n", BLOB_A "\n", BLOB_A " 1 2 3 4 5 6 7\n",
		BLOB_A " 1 2 3 4 5 6 7 \n", BLOB_A " 1 2 3 4 5 6 -7 a.md\n",
		BLOB_A "0 1 2 3 4 5 6 7 a.md\n", "0 1 2 3 4 5 6 7 a.md\n",
		BLOB_A " 1 2 3 4 5 99999999999999999999 7 a.md\n",
		BLOB_A " 1 2 3 4 5 6 7 a.md\n" BLOB_A " 1 2 3 4 5 6 7 a.md\n",
		BLOB_A " 1 2 3 4 5 6 7 b.md\n" BLOB_A " 1 2 3 4 5 6 7 a.md\n",
		BLOB_A " 1 1800000000 3 4 5 6 7 a.md\n",	/* not still */
		BLOB_A " 1 2 3 4 5 6 7 a.md",
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		stat_cache_begin(&out, "5f3a9c1e", NOW);
		buf_adds(&out, rows[i]);
		stat_cache_end(&out);
		if (count_of(span_of(&out), "5f3a9c1e", NOW) != 0)
			fail_msg("row %zu", i);
	}
	buf_release(&out);
}

/* --- a file under a clock that ticks coarsely, and somebody who edits it --- */

static struct chance chance;

static struct {
	int64_t clock;		/* milliseconds */
	int64_t tick;
	bool up;		/* times are rounded up */
	struct file_facts facts;
	int64_t last;		/* cycle, in seconds */
	unsigned version, read;
	struct buf cache;
} f;

static int64_t any_below(uint64_t bound)
{
	return (int64_t)chance_below(&chance, bound);
}

static void blob_of(unsigned version, char out[BLOB_HEX])
{
	snprintf(out, BLOB_HEX, "%040u", version);
}

static void stamp(int64_t *seconds, int64_t *nanos)
{
	int64_t time = f.clock + (f.up ? f.tick - 1 : 0);

	time -= time % f.tick;
	*seconds = time / 1000;
	*nanos = time % 1000 * 1000000;
}

/* Same size, in place or as another inode, and perhaps with the old time. */
static void edit(void)
{
	struct file_facts was = f.facts;

	f.version++;
	if (any_below(3) == 0)
		f.facts.inode = (uint64_t)any_below(3) + 1;
	stamp(&f.facts.mtime, &f.facts.mtime_ns);
	stamp(&f.facts.ctime, &f.facts.ctime_ns);
	if (any_below(2)) {
		f.facts.mtime = was.mtime;
		f.facts.mtime_ns = was.mtime_ns;
	}
}

static void cycle(void)
{
	int64_t now = f.clock / 1000;
	char blob[BLOB_HEX];
	struct stat_cache c;
	const char *known;

	parse(&c, now < f.last ? span_str("") : span_of(&f.cache), "5f3a9c1e",
	      now);
	blob_of(f.version, blob);
	known = stat_cache_find(&c, "a.md", &f.facts);
	if (known != NULL && strcmp(known, blob) != 0)
		fail_msg("version %s is taken for %s", blob, known);
	f.read += known == NULL;
	if (c.good && c.count == 1 && known != NULL)
		goto out;	/* as it is */
	stat_cache_begin(&f.cache, "5f3a9c1e", now);
	if (stat_cache_still(&f.facts, now))
		stat_cache_add(&f.cache, "a.md", &f.facts, blob);
	stat_cache_end(&f.cache);
out:
	stat_cache_release(&c);
	f.last = now;
	f.clock += any_below(5);
	if (any_below(4) == 0)
		edit();		/* while the cycle is on its way */
}

/* Somebody sets the clock back, and a cycle runs before it is what it was at
 * the last one. (If none does, the times of an edit may be those of a version
 * that is known; that they are to the nanosecond is not to be feared.) */
static void set_back(void)
{
	int64_t back = any_below(20000);

	f.clock = f.last * 1000 - 1 - back;
	if (any_below(2))
		edit();
	f.clock += any_below((uint64_t)back + 1);
	cycle();
}

static void no_edit_goes_unseen(void **state)
{
	static const int64_t ticks[] = { 1, 10, 1000, 2000 };

	(void)state;
	chance_seeded(&chance, 7);
	for (int run = 0; run < 2000; run++) {
		memset(&f, 0, sizeof(f));
		buf_init(&f.cache);
		f.clock = NOW * INT64_C(1000) + any_below(5000);
		f.tick = ticks[run % ARRAY_LEN(ticks)];
		f.up = run % 8 >= 4;
		f.facts.size = 1;
		f.facts.inode = 1;
		edit();
		cycle();
		for (int step = 0; step < 60; step++) {
			f.clock += any_below(any_below(3) ? 1500 : 9000);
			if (any_below(3) == 0)
				edit();
			else if (any_below(20) == 0)
				set_back();
			else
				cycle();
		}
		buf_release(&f.cache);
	}
}

static void a_still_file_is_read_twice(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	buf_init(&f.cache);
	f.clock = NOW * INT64_C(1000);
	f.tick = 1;
	f.facts.size = f.facts.inode = 1;
	chance_seeded(&chance, 3);
	edit();
	for (unsigned version = f.version; f.version == version; f.clock += 300000)
		cycle();
	assert_true(f.read <= 2);
	buf_release(&f.cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(none_at_all),
		cmocka_unit_test(other_facts_are_not_found),
		cmocka_unit_test(still),
		cmocka_unit_test(of_another_desk_or_time),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(no_edit_goes_unseen),
		cmocka_unit_test(a_still_file_is_read_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
