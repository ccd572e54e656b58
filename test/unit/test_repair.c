/* A repair of the log: what it keeps, what it names, and what it leaves alone. */
#include "parts_fixture.h"
#include "trine/store_repair.h"

#include <glob.h>
#include <sys/stat.h>

static struct log_repair done;

/* With the store closed meanwhile, as by another process. */
static void repair(void)
{
	store_close(fixture.s);
	fixture.s = NULL;
	log_repair_release(&done);
	assert_ok(store_repair(fixture.dir, &fixture.clock, &done, &fixture.err));
	fixture_open();
}

static void remove_kept(void)
{
	glob_t found;

	if (glob(fixture_path("event-log.damaged-*"), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

static int teardown(void **state)
{
	log_repair_release(&done);
	remove_kept();
	return fixture_teardown(state);
}

static size_t log_problems(void)
{
	struct problem *p;
	size_t count;

	assert_ok(view_problems_of(fixture.s, "log", &p, &count, &fixture.err));
	problems_free(p, count);
	return count;
}

/* A second one has nothing to do, and ends the problem. */
static void assert_whole(void)
{
	assert_int_equal(log_problems(), 1);
	assert_rebuilt_equal();
	repair();
	assert_int_equal(done.count, 0);
	assert_null(done.kept);
	assert_int_equal(log_problems(), 0);
	assert_rebuilt_equal();
}

static void assert_loss(size_t i, const char *path, uint64_t line, uint64_t first,
			uint64_t last)
{
	const struct log_loss *l = &done.loss[i];

	assert_true(i < done.count);
	assert_string_equal(l->path, path);
	assert_int_equal(l->line, line);
	assert_int_equal(l->first, first);
	assert_int_equal(l->last, last);
}

static void assert_kept(const char *text)
{
	struct buf bytes = BUF_INIT;

	assert_non_null(done.kept);
	assert_ok(file_read(done.kept, 1 << 20, &bytes, NULL, &fixture.err));
	assert_non_null(strstr(bytes.data, text));
	buf_release(&bytes);
}

/* ---- whole ones ---- */

static void a_whole_log_stays_as_it_is(void **state)
{
	struct list before = dump_view(fixture_path("state.db")), after;
	struct buf log = fixture_log(), now;

	(void)state;
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			put(fixture_path("state.db"), "no database");
		if (i == 2)
			run_sql("PRAGMA user_version = 999999");
		repair();
		assert_int_equal(done.count, 0);
		assert_int_equal(done.events, sent + 2);
		after = dump_view(fixture_path("state.db"));
		assert_int_equal(before.count, after.count);
		for (size_t n = 0; n < before.count; n++)
			assert_string_equal(before.item[n], after.item[n]);
		list_release(&after);
		now = fixture_log();
		assert_int_equal(now.len, log.len);
		assert_memory_equal(now.data, log.data, log.len);
		buf_release(&now);
	}
	list_release(&before);
	buf_release(&log);
}

static void half_a_line_at_the_end_is_cut(void **state)
{
	struct buf log = fixture_log(), now;

	(void)state;
	buf_adds(&log, "{\"seq\":9,\"ti");
	fixture_put_log(log.data, log.len);
	repair();
	assert_int_equal(done.count, 0);
	now = fixture_log();
	assert_int_equal(now.len, log.len - strlen("{\"seq\":9,\"ti"));
	buf_release(&now);
	buf_release(&log);
}

/* Blanks that nothing is behind: what is written next would not be where it is said. */
static void blanks_at_the_end_are_cut(void **state)
{
	struct buf log = fixture_log(), now;

	(void)state;
	buf_adds(&log, "   ");
	fixture_put_log(log.data, log.len);
	repair();
	assert_int_equal(done.count, 0);
	now = fixture_log();
	assert_int_equal(now.len, log.len - 3);
	buf_release(&now);
	buf_release(&log);
}

static void send_three_at_once(void)
{
	begin();
	for (int i = 0; i < 3; i++)
		send_one("1_TO_2", ++sent);
	commit();
}

static void half_a_transaction_at_the_end_is_cut(void **state)
{
	struct buf before = fixture_log(), log, now;

	(void)state;
	send_three_at_once();
	log = fixture_log();
	for (size_t len = before.len + 1; len < log.len; len += 7) {
		fixture_put_log(log.data, len);
		repair();
		assert_int_equal(done.count, 0);
		now = fixture_log();
		assert_int_equal(now.len, before.len);
		assert_int_equal(sent_count(), sent - 3);
		buf_release(&now);
	}
	buf_release(&log);
	buf_release(&before);
}

/* What is left of it is no half: it is kept aside, and named, with the damage. */
static void a_transaction_whose_last_line_is_damaged_is_left_out(void **state)
{
	struct buf before = fixture_log(), log;
	struct file_info info;

	(void)state;
	send_three_at_once();
	log = fixture_log();
	for (size_t at = log.len - 40; at < log.len - 1; at++) {
		fixture_put_log(log.data, log.len);
		spoil(fixture_path("event-log.jsonl"), (long)at);
		repair();
		assert_int_equal(done.count, 1);
		assert_loss(0, fixture_path("event-log.jsonl"), 4, 0, 0);
		assert_int_equal(done.loss[0].from, before.len);
		assert_int_equal(done.loss[0].len, log.len - before.len);
		assert_ok(file_stat(done.kept, &info, &fixture.err));
		assert_int_equal(info.size, done.loss[0].len);
		assert_int_equal(sent_count(), sent - 3);
		assert_whole();
		remove_kept();
	}
	buf_release(&log);
	buf_release(&before);
}

static void no_log_is_a_whole_log(void **state)
{
	(void)state;
	assert_ok(file_remove_tree(fixture_path("log"), &fixture.err));
	store_close(fixture.s);
	fixture_put_log("", 0);
	fixture_open();
	repair();
	assert_int_equal(done.count, 0);
	assert_int_equal(done.events, 0);
}

/* ---- before what never finished ---- */

enum damage { A_BIT, NULS, DAMAGES };

/* Two transactions of three lines at the end of the log. */
static struct pair {
	struct buf log;
	size_t start, second;		/* where each begins */
	size_t line[4];			/* and each line of the second, and its end */
} pair;

static void make_pair(void)
{
	pair = (struct pair){ .log = fixture_log() };
	pair.start = pair.log.len;
	buf_release(&pair.log);
	send_three_at_once();
	pair.log = fixture_log();
	pair.second = pair.log.len;
	buf_release(&pair.log);
	send_three_at_once();
	pair.log = fixture_log();
	pair.line[0] = pair.second;
	for (int i = 0; i < 3; i++)
		pair.line[i + 1] = pair.line[i] + 1 +
				   strcspn(pair.log.data + pair.line[i], "\n");
	assert_int_equal(pair.line[3], pair.log.len);
}

/* The log as it was when the first LEN bytes were written. */
static void put_pair(size_t len)
{
	fixture_put_log(pair.log.data, len);
}

static void put_nuls(size_t at)
{
	FILE *f = fopen(fixture_path("event-log.jsonl"), "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(putc('\0', f), '\0');
	assert_int_equal(fclose(f), 0);
}

static void damage(enum damage how, size_t at)
{
	if (how == NULS)
		put_nuls(at);
	else
		spoil(fixture_path("event-log.jsonl"), (long)at);
}

/* The bytes from START up to END are kept aside and named, and not one more; what is in
 * the log went before. */
static void assert_left_out(size_t start, size_t end)
{
	struct buf kept = BUF_INIT, now;
	size_t same = 0;

	assert_int_equal(done.count, 1);
	assert_loss(0, fixture_path("event-log.jsonl"), 4, 0, 0);
	assert_int_equal(done.loss[0].from, start);
	assert_int_equal(done.loss[0].len, end - start);
	assert_ok(file_read(done.kept, 1 << 20, &kept, NULL, &fixture.err));
	assert_int_equal(kept.len, end - start);
	/* but for the damage */
	for (size_t i = 0; i < kept.len; i++)
		same += kept.data[i] == pair.log.data[start + i];
	assert_true(same + 40 >= kept.len);
	now = fixture_log();
	assert_memory_equal(now.data, pair.log.data, start);
	assert_int_equal(now.data[start], '{');
	assert_int_equal(sent_count(), sent - 6);
	assert_int_equal(done.events, sent - 6 + 2);
	buf_release(&now);
	buf_release(&kept);
	assert_whole();
	remove_kept();
}

/* The first one's last line is damaged, and of the second one LEN bytes are there. */
static void assert_first_is_left_out(size_t len)
{
	for (enum damage how = A_BIT; how < DAMAGES; how++) {
		put_pair(pair.second + len);
		damage(how, pair.second - 40);
		repair();
		assert_left_out(pair.start, pair.second);
	}
}

/* For each length of the second one between two. */
static void assert_first_is_left_out_at(size_t from, size_t upto)
{
	for (size_t at = from + 1; at < upto; at += 23)
		assert_first_is_left_out(at - pair.second);
	assert_first_is_left_out(upto - 1 - pair.second);
}

static void what_is_damaged_before_one_that_lacks_lines(void **state)
{
	(void)state;
	make_pair();
	assert_first_is_left_out(pair.line[1] - pair.second);
	assert_first_is_left_out(pair.line[2] - pair.second);
	buf_release(&pair.log);
}

static void what_is_damaged_before_one_torn_in_its_first_line(void **state)
{
	(void)state;
	make_pair();
	assert_first_is_left_out_at(pair.line[0], pair.line[1]);
	buf_release(&pair.log);
}

/* Then the half line is behind what was its end, and cannot be told from that. */
static void a_lost_lf_before_one_torn_in_its_first_line(void **state)
{
	(void)state;
	make_pair();
	for (size_t len = pair.line[0] + 2; len < pair.line[1]; len += 23) {
		put_pair(len);
		damage(A_BIT, pair.second - 1);
		repair();
		assert_left_out(pair.start, len);
	}
	buf_release(&pair.log);
}

static void what_is_damaged_before_one_torn_in_a_later_line(void **state)
{
	(void)state;
	make_pair();
	assert_first_is_left_out_at(pair.line[1], pair.line[2]);
	assert_first_is_left_out_at(pair.line[2], pair.line[3]);
	buf_release(&pair.log);
}

/* A power cut may leave the last lines of it, and holes in those before. */
static void what_is_damaged_before_one_with_holes(void **state)
{
	(void)state;
	make_pair();
	for (enum damage how = A_BIT; how < DAMAGES; how++)
		for (size_t len = 1; len < 4; len++) {
			put_pair(pair.line[len]);
			damage(how, pair.second - 40);
			put_nuls(pair.second + 20);
			repair();
			assert_left_out(pair.start, pair.second);
		}
	buf_release(&pair.log);
}

/* So is one that lacks its end, whatever took that, if another one was begun. */
static void half_of_one_before_half_of_another(void **state)
{
	struct buf bytes = BUF_INIT;
	size_t half;

	(void)state;
	make_pair();
	half = (size_t)(strstr(pair.log.data, "{\"seq\":11,") - pair.log.data);
	buf_add(&bytes, pair.log.data, half);
	buf_add(&bytes, pair.log.data + pair.second, pair.line[2] - pair.second);
	fixture_put_log(bytes.data, bytes.len);
	repair();
	assert_left_out(pair.start, half);
	buf_release(&bytes);
	buf_release(&pair.log);
}

/* The first one would be cut when the second one is gone. */
static void two_at_the_end_that_are_damaged(void **state)
{
	(void)state;
	make_pair();
	for (enum damage how = A_BIT; how < DAMAGES; how++) {
		put_pair(pair.log.len);
		damage(how, pair.second - 40);
		damage(A_BIT, pair.log.len - 40);
		repair();
		assert_left_out(pair.start, pair.log.len);
	}
	buf_release(&pair.log);
}

/* Nobody can say whether the first or the last of it was never written. */
static void an_unfinished_one_that_is_damaged(void **state)
{
	(void)state;
	make_pair();
	put_pair(pair.second - 30);
	damage(A_BIT, pair.start + 40);
	repair();
	assert_int_equal(done.count, 1);
	assert_int_equal(done.loss[0].from, pair.start);
	assert_int_equal(sent_count(), sent - 6);
	assert_whole();
	buf_release(&pair.log);
}

/* What a whole one stands behind stays, as all that is behind damage. */
static void what_is_damaged_before_a_whole_one(void **state)
{
	(void)state;
	make_pair();
	for (enum damage how = A_BIT; how < DAMAGES; how++) {
		put_pair(pair.log.len);
		damage(how, pair.second - 40);
		repair();
		assert_int_equal(done.count, 1);
		assert_loss(0, fixture_path("event-log.jsonl"), 6, 11, 11);
		assert_int_equal(sent_count(), sent - 1);
		assert_whole();
		remove_kept();
	}
	buf_release(&pair.log);
}

/* It was durable, as what is behind its last line shows; that never happened. */
static void a_hole_in_one_before_half_a_line(void **state)
{
	(void)state;
	make_pair();
	put_pair(pair.second + 40);
	put_nuls(pair.start + 40);
	repair();
	assert_int_equal(done.count, 1);
	assert_loss(0, fixture_path("event-log.jsonl"), 4, 9, 9);
	assert_int_equal(sent_count(), sent - 4);
	assert_whole();
	buf_release(&pair.log);
}

/* ---- lines ---- */

/* Whichever byte of it: the others are there, and what was lost is named. */
static void a_line_in_the_middle_is_left_out(void **state)
{
	struct buf log = fixture_log();
	size_t first = strcspn(log.data, "\n") + 1;
	size_t second = first + strcspn(log.data + first, "\n") + 1;
	struct file_info info;

	(void)state;
	send_next();
	buf_release(&log);
	log = fixture_log();
	for (size_t i = first; i < second; i += i + 30 < second ? 29 : 1) {
		bool lf = i + 1 == second;

		fixture_put_log(log.data, log.len);
		spoil(fixture_path("event-log.jsonl"), (long)i);
		repair();
		assert_int_equal(done.count, 1);
		/* without its LF it takes the next one with it */
		assert_loss(0, fixture_path("event-log.jsonl"), 2, 7, lf ? 8 : 7);
		assert_int_equal(done.loss[0].from, first);
		assert_int_equal(sent_count(), sent - (lf ? 2 : 1));
		assert_ok(file_stat(done.kept, &info, &fixture.err));
		assert_int_equal(info.size, done.loss[0].len);
		assert_whole();
		begin();
		send_one("1_TO_2", 50);
		commit();
		assert_rebuilt_equal();
		remove_kept();
	}
	buf_release(&log);
}

static void what_is_not_of_the_log_is_left_out(void **state)
{
	static const char *const rows[] = { "\n", "junk\n", " \n", "\n\n\n", "{}\n" };
	struct buf log = fixture_log();
	size_t first = strcspn(log.data, "\n") + 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf with = BUF_INIT;

		buf_add(&with, log.data, first);
		buf_adds(&with, rows[i]);
		buf_add(&with, log.data + first, log.len - first);
		fixture_put_log(with.data, with.len);
		repair();
		assert_int_equal(done.count, 1);
		assert_loss(0, fixture_path("event-log.jsonl"), 2, 0, 0);
		assert_int_equal(sent_count(), sent);
		assert_whole();
		buf_release(&with);
	}
	buf_release(&log);
}

/* Somebody has taken it out: that is said once. */
static void a_line_that_is_gone_is_named(void **state)
{
	struct buf log = fixture_log();
	size_t first = strcspn(log.data, "\n") + 1;
	size_t second = first + strcspn(log.data + first, "\n") + 1;

	(void)state;
	memmove(log.data + first, log.data + second, log.len - second);
	fixture_put_log(log.data, log.len - (second - first));
	repair();
	assert_int_equal(done.count, 1);
	assert_loss(0, fixture_path("event-log.jsonl"), 2, 7, 7);
	assert_whole();
	buf_release(&log);
}

/* The copy of the view still has what the line did. */
static void a_line_of_an_old_part_is_left_out(void **state)
{
	(void)state;
	spoil(PART("2"), 200);
	repair();
	assert_int_equal(done.count, 1);
	assert_loss(0, PART("2"), 2, 4, 4);
	assert_int_equal(sent_count(), sent);
	assert_whole();
	assert_int_equal(unlink(COPY("2")), 0);
	repair();
	assert_int_equal(sent_count(), sent - 1);
}

/* ---- parts ---- */

static void a_part_that_is_gone_is_named(void **state)
{
	(void)state;
	assert_int_equal(unlink(PART("1")), 0);
	repair();
	assert_int_equal(done.count, 1);
	assert_loss(0, PART("1"), 0, 1, 2);
	assert_int_equal(sent_count(), sent);
	assert_whole();
	assert_int_equal(unlink(PART("2")), 0);
	repair();
	assert_int_equal(done.count, 1);
	/* the number after those that are known to be lost is not there either */
	assert_loss(0, PART("2"), 0, 1, 5);
	assert_whole();
}

static void all_parts_are_gone(void **state)
{
	(void)state;
	assert_ok(file_remove_tree(fixture_path("log"), &fixture.err));
	assert_ok(file_mkdir(fixture_path("log"), 0700, &fixture.err));
	repair();
	assert_int_equal(done.count, 2);
	assert_int_equal(done.loss[0].first + done.loss[1].first, 1);
	assert_int_equal(done.loss[0].last + done.loss[1].last, 5);
	assert_int_equal(sent_count(), 2);
	assert_whole();
}

static void a_part_that_is_cut_short(void **state)
{
	(void)state;
	assert_int_equal(truncate(PART("2"), 300), 0);
	repair();
	assert_true(done.count >= 1);
	assert_int_equal(sent_count(), sent);
	assert_whole();
	send_next();
	assert_rebuilt_equal();
}

static void a_part_with_something_behind_it(void **state)
{
	FILE *f = fopen(PART("2"), "ab");

	(void)state;
	assert_true(fputs("of something else\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	repair();
	assert_int_equal(done.count, 1);
	assert_kept("of something else");
	assert_int_equal(sent_count(), sent);
	assert_whole();
}

/* ---- the first line of the last one ---- */

static void a_log_that_says_again_what_is_before_it(void **state)
{
	static const long rows[] = { 0, 20, 60, 100 };
	struct buf log = fixture_log();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		store_close(fixture.s);
		fixture.s = NULL;
		fixture_put_log(log.data, log.len);
		spoil(fixture_path("event-log.jsonl"), rows[i]);
		assert_fails(ERR_DATA, store_open(&fixture.s, fixture.dir,
						  &fixture.clock, &fixture.err));
		repair();
		assert_int_equal(done.count, 1);
		assert_loss(0, fixture_path("event-log.jsonl"), 1, 0, 0);
		assert_int_equal(sent_count(), sent);
		assert_whole();
		remove_kept();
	}
	buf_release(&log);
}

static void a_log_that_is_gone(void **state)
{
	(void)state;
	store_close(fixture.s);
	fixture.s = NULL;
	assert_int_equal(unlink(fixture_path("event-log.jsonl")), 0);
	repair();
	assert_int_equal(done.count, 1);
	assert_int_equal(sent_count(), sent - 2);
	assert_whole();
	begin();
	send_one("1_TO_2", 50);
	commit();
	assert_rebuilt_equal();
}

#define REPAIR_TEST(f) cmocka_unit_test_setup_teardown(f, parts_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPAIR_TEST(a_whole_log_stays_as_it_is),
		REPAIR_TEST(half_a_line_at_the_end_is_cut),
		REPAIR_TEST(blanks_at_the_end_are_cut),
		REPAIR_TEST(half_a_transaction_at_the_end_is_cut),
		REPAIR_TEST(a_transaction_whose_last_line_is_damaged_is_left_out),
		REPAIR_TEST(no_log_is_a_whole_log),
		REPAIR_TEST(what_is_damaged_before_one_that_lacks_lines),
		REPAIR_TEST(what_is_damaged_before_one_torn_in_its_first_line),
		REPAIR_TEST(a_lost_lf_before_one_torn_in_its_first_line),
		REPAIR_TEST(what_is_damaged_before_one_torn_in_a_later_line),
		REPAIR_TEST(what_is_damaged_before_one_with_holes),
		REPAIR_TEST(half_of_one_before_half_of_another),
		REPAIR_TEST(two_at_the_end_that_are_damaged),
		REPAIR_TEST(an_unfinished_one_that_is_damaged),
		REPAIR_TEST(what_is_damaged_before_a_whole_one),
		REPAIR_TEST(a_hole_in_one_before_half_a_line),
		REPAIR_TEST(a_line_in_the_middle_is_left_out),
		REPAIR_TEST(what_is_not_of_the_log_is_left_out),
		REPAIR_TEST(a_line_that_is_gone_is_named),
		REPAIR_TEST(a_line_of_an_old_part_is_left_out),
		REPAIR_TEST(a_part_that_is_gone_is_named),
		REPAIR_TEST(all_parts_are_gone),
		REPAIR_TEST(a_part_that_is_cut_short),
		REPAIR_TEST(a_part_with_something_behind_it),
		REPAIR_TEST(a_log_that_says_again_what_is_before_it),
		REPAIR_TEST(a_log_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
