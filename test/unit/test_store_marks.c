/* Marks, own commits, the desk, copies and problems in the store. */
#include "store_fixture.h"

#include <stdbool.h>

static const char clone[] = "5f3a9c1e";

/* ---- commits ---- */

static void make_commit(const char *oid, const char *parent,
			const char *replaces)
{
	struct own_files files = { 0 };
	char version[41];

	snprintf(version, sizeof(version), "v-%s", oid);
	own_files_add(&files, "COMPUTER_1.md", version);
	own_files_add(&files, "messages/1_TO_2.md", "same");
	assert_ok(record_commit(fixture.s, oid, parent, replaces, &files,
				&fixture.err));
	own_files_release(&files);
}

static const char *unpushed(void)
{
	static struct buf out = BUF_INIT;
	struct own_commit *c;
	size_t count;

	buf_reset(&out);
	assert_ok(view_unpushed(fixture.s, &c, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s<%s ", c[i].oid, c[i].parent);
	free(c);
	return out.data;
}

/* "1:c10p20 2:c30" of the messages to 2: number, committed, pushed. */
static const char *fates(void)
{
	static struct buf out = BUF_INIT;
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;

	buf_reset(&out);
	f.stream = stream_of("1_TO_2");
	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	for (size_t i = 0; i < l.count; i++) {
		buf_printf(&out, "%d:", (int)l.item[i].message.seq);
		if (l.item[i].committed)
			buf_printf(&out, "c%d",
				   (int)(l.item[i].committed - FIXTURE_START));
		if (l.item[i].pushed)
			buf_printf(&out, "p%d",
				   (int)(l.item[i].pushed - FIXTURE_START));
		buf_addc(&out, ' ');
	}
	record_list_release(&l);
	return out.data;
}

/* A script of what happens to commits: each step 10 s after the one before. */
struct step {
	enum { SEND, COMMIT, SEEN, DROPPED } what;
	const char *oid, *parent, *replaces;
	const char *fates, *unpushed;
};

static void run_steps(const struct step *step, size_t count)
{
	uint64_t seq = 0;

	begin();
	be_computer(1, clone);
	for (size_t i = 0; i < count; i++) {
		fixture.time = FIXTURE_START + 10 * (int64_t)(i + 1);
		switch (step[i].what) {
		case SEND:
			send_one("1_TO_2", ++seq);
			break;
		case COMMIT:
			make_commit(step[i].oid, step[i].parent,
				    step[i].replaces);
			break;
		case SEEN:
			assert_ok(record_seen(fixture.s, step[i].oid,
					      &fixture.err));
			break;
		case DROPPED:
			assert_ok(record_dropped(fixture.s, step[i].oid,
						 &fixture.err));
			break;
		}
		if (strcmp(fates(), step[i].fates) != 0 ||
		    strcmp(unpushed(), step[i].unpushed) != 0)
			fail_msg("step %zu: %s; %s", i, fates(), unpushed());
	}
	commit();
	assert_rebuilt_equal();
}

static void a_commit_holds_what_was_there(void **state)
{
	static const struct step steps[] = {
		{ SEND, NULL, NULL, NULL, "1: ", "" },
		{ COMMIT, "a", "t", "", "1:c20 ", "a<t " },
		{ SEND, NULL, NULL, NULL, "1:c20 2: ", "a<t " },
		{ COMMIT, "b", "a", "", "1:c20 2:c40 ", "a<t b<a " },
		{ SEND, NULL, NULL, NULL, "1:c20 2:c40 3: ", "a<t b<a " },
		{ SEEN, "x", NULL, NULL, "1:c20 2:c40 3: ", "a<t b<a " },
		{ SEEN, "a", NULL, NULL, "1:c20p70 2:c40 3: ", "b<a " },
		{ SEEN, "a", NULL, NULL, "1:c20p70 2:c40 3: ", "b<a " },
		{ SEEN, "b", NULL, NULL, "1:c20p70 2:c40p90 3: ", "" },
		{ DROPPED, "b", NULL, NULL, "1:c20p70 2:c40p90 3: ", "" },
	};

	(void)state;
	run_steps(steps, ARRAY_LEN(steps));
}

static void a_tip_holds_the_chain_below_it(void **state)
{
	static const struct step steps[] = {
		{ SEND, NULL, NULL, NULL, "1: ", "" },
		{ COMMIT, "a", "t", "", "1:c20 ", "a<t " },
		{ SEND, NULL, NULL, NULL, "1:c20 2: ", "a<t " },
		{ COMMIT, "b", "a", "", "1:c20 2:c40 ", "a<t b<a " },
		{ COMMIT, "z", "t", "", "1:c20 2:c40 ", "a<t b<a z<t " },
		{ SEEN, "b", NULL, NULL, "1:c20p60 2:c40p60 ", "z<t " },
	};

	(void)state;
	run_steps(steps, ARRAY_LEN(steps));
}

/* A push whose answer was not heard arrives late: another form of it waits by then. */
static void an_old_form_ends_the_new_one(void **state)
{
	static const struct step steps[] = {
		{ SEND, NULL, NULL, NULL, "1: ", "" },
		{ COMMIT, "a", "t", "", "1:c20 ", "a<t " },
		{ COMMIT, "b", "a", "", "1:c20 ", "a<t b<a " },
		{ COMMIT, "A", "u", "a", "1:c20 ", "A<u b<a " },
		{ COMMIT, "B", "A", "b", "1:c20 ", "A<u B<A " },
		{ SEEN, "a", NULL, NULL, "1:c20p60 ", "B<A " },
		{ SEEN, "b", NULL, NULL, "1:c20p60 ", "" },
	};

	(void)state;
	run_steps(steps, ARRAY_LEN(steps));
}

static void a_rebuilt_commit_takes_its_place(void **state)
{
	static const struct step steps[] = {
		{ SEND, NULL, NULL, NULL, "1: ", "" },
		{ COMMIT, "a", "t", "", "1:c20 ", "a<t " },
		{ COMMIT, "b", "a", "", "1:c20 ", "a<t b<a " },
		{ COMMIT, "A", "u", "a", "1:c20 ", "A<u b<a " },
		{ COMMIT, "B", "A", "b", "1:c20 ", "A<u B<A " },
		{ COMMIT, "A", "u", "A", "1:c20 ", "A<u B<A " },
		{ DROPPED, "a", NULL, NULL, "1:c20 ", "A<u B<A " },
		{ DROPPED, "B", NULL, NULL, "1:c20 ", "A<u " },
		{ DROPPED, "A", NULL, NULL, "1: ", "" },
		{ COMMIT, "A", "u", "", "1:c100 ", "A<u " },
		/* the answer got lost: the old form was pushed after all */
		{ SEEN, "a", NULL, NULL, "1:c100p110 ", "A<u " },
	};

	(void)state;
	run_steps(steps, ARRAY_LEN(steps));
}

static void what_was_in_a_dropped_commit_waits_again(void **state)
{
	static const struct step steps[] = {
		{ SEND, NULL, NULL, NULL, "1: ", "" },
		{ COMMIT, "a", "t", "", "1:c20 ", "a<t " },
		{ SEND, NULL, NULL, NULL, "1:c20 2: ", "a<t " },
		{ COMMIT, "b", "a", "", "1:c20 2:c40 ", "a<t b<a " },
		{ DROPPED, "a", NULL, NULL, "1:c20 2:c40 ", "b<a " },
		{ DROPPED, "b", NULL, NULL, "1: 2: ", "" },
		{ COMMIT, "c", "t", "", "1:c70 2:c70 ", "c<t " },
		{ SEND, NULL, NULL, NULL, "1:c70 2:c70 3: ", "c<t " },
		{ COMMIT, "d", "c", "", "1:c70 2:c70 3:c90 ", "c<t d<c " },
		{ DROPPED, "d", NULL, NULL, "1:c70 2:c70 3: ", "c<t " },
		{ SEEN, "c", NULL, NULL, "1:c70p110 2:c70p110 3: ", "" },
		{ SEEN, "d", NULL, NULL, "1:c70p110 2:c70p110 3:c120p120 ", "" },
	};

	(void)state;
	run_steps(steps, ARRAY_LEN(steps));
}

static bool version_known(const char *path, const char *oid)
{
	bool known;

	assert_ok(view_version_known(fixture.s, path, oid, &known,
				     &fixture.err));
	return known;
}

static void versions_are_known_for_ever(void **state)
{
	struct own_files found = { 0 };
	struct buf log;
	bool known;

	(void)state;
	own_files_add(&found, "archive/1_TO_2", "tree");
	begin();
	make_commit("a", "t", "");
	make_commit("b", "a", "a");
	assert_ok(record_dropped(fixture.s, "b", &fixture.err));
	assert_ok(record_dropped(fixture.s, "b", &fixture.err));
	assert_ok(record_dropped(fixture.s, "a", &fixture.err));
	assert_ok(record_versions(fixture.s, &found, &fixture.err));
	assert_ok(record_versions(fixture.s, &found, &fixture.err));
	commit();
	assert_true(version_known("COMPUTER_1.md", "v-a"));
	assert_true(version_known("COMPUTER_1.md", "v-b"));
	assert_true(version_known("archive/1_TO_2", "tree"));
	assert_false(version_known("COMPUTER_1.md", "same"));
	assert_ok(view_commit_known(fixture.s, "b", &known, &fixture.err));
	assert_true(known);
	assert_ok(view_commit_known(fixture.s, "t", &known, &fixture.err));
	assert_false(known);
	log = fixture_log();
	assert_int_equal(count_lines(&log), 4);
	own_files_release(&found);
	buf_release(&log);
}

/* ---- marks, desk ---- */

static void marks_are_kept(void **state)
{
	struct marks marks;
	struct buf log;

	(void)state;
	assert_ok(view_marks(fixture.s, &marks, &fixture.err));
	assert_string_equal(marks.tip, "");
	begin();
	assert_ok(record_tip(fixture.s, "t1", "vouch1", &fixture.err));
	assert_ok(record_all_start(fixture.s, "-", &fixture.err));
	assert_ok(record_published(fixture.s, "t1", NULL, 0, &fixture.err));
	fixture.time += 10;
	assert_ok(record_tip(fixture.s, "t1", "vouch1", &fixture.err));
	assert_ok(record_all_start(fixture.s, "-", &fixture.err));
	assert_ok(record_published(fixture.s, "t1", NULL, 0, &fixture.err));
	assert_ok(record_rewritten(fixture.s, "t1", "t2", &fixture.err));
	commit();
	assert_ok(view_marks(fixture.s, &marks, &fixture.err));
	assert_string_equal(marks.tip, "t1");
	assert_int_equal(marks.tip_time, FIXTURE_START);
	assert_string_equal(marks.vouched, "vouch1");
	assert_string_equal(marks.all_start, "-");
	assert_string_equal(marks.published, "t1");
	log = fixture_log();
	assert_int_equal(count_lines(&log), 4);
	buf_release(&log);
	assert_rebuilt_equal();
}

static bool desk_known(const char *path, const char *blob)
{
	bool known;

	assert_ok(view_desk_known(fixture.s, path, blob, &known, &fixture.err));
	return known;
}

static void expect_intended(const char *path, const char *blob)
{
	char out[41];

	assert_ok(view_desk_intended(fixture.s, path, out, &fixture.err));
	assert_string_equal(out, blob);
}

/* What a killed publish may have written, until one ends. */
static void what_was_intended_is_known_until_then(void **state)
{
	char a[] = "a.md", b[] = "b.md";
	struct desk_file old[] = { { a, "1" }, { b, "1" } };
	struct desk_file new[] = { { a, "2" }, { b, "2" } };
	bool open;

	(void)state;
	begin();
	assert_ok(record_intent(fixture.s, old, 2, &fixture.err));
	assert_ok(record_published(fixture.s, "t1", old, 2, &fixture.err));
	assert_ok(record_intent(fixture.s, new, 2, &fixture.err));
	commit();
	expect_intended("a.md", "2");
	begin();
	assert_ok(record_intent(fixture.s, old, 1, &fixture.err));
	commit();
	expect_intended("a.md", "1");	/* though it was there before */
	begin();
	assert_ok(record_published(fixture.s, "t1", NULL, 0, &fixture.err));
	commit();
	expect_intended("a.md", "");
	expect_intended("b.md", "");
	assert_ok(view_desk_open(fixture.s, &open, &fixture.err));
	assert_false(open);
	assert_ok(view_desk_waits(fixture.s, "b.md", "2", &open, &fixture.err));
	assert_true(open);
	assert_rebuilt_equal();
}

static void the_desk_remembers(void **state)
{
	char b[] = "b.md", a[] = "a.md";
	struct desk_file first[] = { { b, "1" }, { a, "2" } };
	struct desk_file second[] = { { b, "" }, { a, "3" } };
	struct desk_file *desk;
	size_t count;

	(void)state;
	begin();
	assert_ok(record_intent(fixture.s, first, 2, &fixture.err));
	commit();
	assert_ok(view_desk(fixture.s, &desk, &count, &fixture.err));
	assert_int_equal(count, 0);
	assert_true(desk_known("b.md", "1"));
	begin();
	assert_ok(record_intent(fixture.s, first, 2, &fixture.err));
	assert_ok(record_published(fixture.s, "t1", first, 2, &fixture.err));
	commit();
	assert_ok(view_desk(fixture.s, &desk, &count, &fixture.err));
	assert_int_equal(count, 2);
	assert_string_equal(desk[0].path, "a.md");
	assert_string_equal(desk[0].blob, "2");
	desk_files_free(desk, count);
	begin();
	assert_ok(record_intent(fixture.s, second, 2, &fixture.err));
	assert_ok(record_published(fixture.s, "t2", second, 2, &fixture.err));
	commit();
	assert_ok(view_desk(fixture.s, &desk, &count, &fixture.err));
	assert_int_equal(count, 1);
	assert_string_equal(desk[0].blob, "3");
	desk_files_free(desk, count);
	assert_true(desk_known("b.md", "1"));
	assert_true(desk_known("b.md", ""));
	assert_true(desk_known("a.md", "2"));
	assert_false(desk_known("a.md", "1"));
	assert_rebuilt_equal();
}

static void a_large_desk_is_several_events(void **state)
{
	enum { FILES = 2500 };
	struct desk_file *files = xcalloc(FILES, sizeof(*files)), *desk;
	struct marks marks;
	struct buf log;
	size_t count;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		files[i].path = xasprintf("shared/%0200zu.md", i);
		snprintf(files[i].blob, sizeof(files[i].blob), "%040zu", i);
	}
	begin();
	assert_ok(record_intent(fixture.s, files, FILES, &fixture.err));
	assert_ok(record_published(fixture.s, "t1", files, FILES, &fixture.err));
	commit();
	log = fixture_log();
	assert_int_equal(count_lines(&log), 6);
	assert_ok(view_desk(fixture.s, &desk, &count, &fixture.err));
	assert_int_equal(count, FILES);
	assert_ok(view_marks(fixture.s, &marks, &fixture.err));
	assert_string_equal(marks.published, "t1");
	desk_files_free(desk, count);
	desk_files_free(files, FILES);
	buf_release(&log);
	assert_rebuilt_equal();
}

/* ---- who we are, copies, problems ---- */

static void an_identity_comes_back(void **state)
{
	struct identity us = { .number = 7, .why = "takeover",
			       .since = FIXTURE_START, .accepted = true };
	struct identity back;

	(void)state;
	assert_ok(view_identity(fixture.s, &back, &fixture.err));
	assert_int_equal(back.number, 0);
	assert_null(back.name);
	identity_release(&back);
	us.name = xstrdup("Mechanic \xe2\x9a\x99");
	memcpy(us.clone, clone, CLONE_ID);
	list_add(&us.former, "02ab77d1");
	list_add(&us.former, "12345678");
	begin();
	assert_ok(record_identity(fixture.s, &us, &fixture.err));
	commit();
	assert_ok(view_identity(fixture.s, &back, &fixture.err));
	assert_int_equal(back.number, 7);
	assert_string_equal(back.name, us.name);
	assert_string_equal(back.clone, clone);
	assert_string_equal(back.why, "takeover");
	assert_int_equal(back.former.count, 2);
	assert_string_equal(back.former.item[1], "12345678");
	assert_int_equal(back.since, FIXTURE_START);
	assert_true(back.accepted);
	identity_release(&back);
	identity_release(&us);
}

static uint64_t copies(const char *path, int64_t since)
{
	uint64_t count;

	assert_ok(view_copies_since(fixture.s, path, since, &count,
				    &fixture.err));
	return count;
}

static void copies_are_counted(void **state)
{
	char last[41];
	uint64_t count;
	bool known;

	(void)state;
	begin();
	for (int i = 0; i < 3; i++) {
		char digest[16];

		snprintf(digest, sizeof(digest), "d%d", i);
		assert_ok(record_copy(fixture.s, "a\xff.md", "n", digest, "this desk",
				      i == 2, &fixture.err));
		assert_ok(record_copy(fixture.s, "b.md", "n", digest, "Ann <a@b>",
				      false, &fixture.err));
		assert_ok(record_put_back(fixture.s, "c.md", digest,
					  &fixture.err));
		fixture.time += 100;
	}
	commit();
	assert_int_equal(copies("a\xff.md", 0), 2);
	assert_int_equal(copies("b.md", FIXTURE_START + 1), 2);
	assert_int_equal(copies("c.md", 0), 0);
	assert_int_equal(copies(NULL, 0), 5);
	assert_int_equal(copies(NULL, FIXTURE_START + 100), 3);
	assert_ok(view_copy_known(fixture.s, "a\xff.md", "d1", &known,
				  &fixture.err));
	assert_true(known);
	/* only counted: a later one may still be made */
	assert_ok(view_copy_known(fixture.s, "a\xff.md", "d2", &known,
				  &fixture.err));
	assert_false(known);
	assert_ok(view_copy_known(fixture.s, "c.md", "d2", &known, &fixture.err));
	assert_false(known);
	assert_ok(view_put_back_since(fixture.s, "c.md", FIXTURE_START + 50,
				      &count, &fixture.err));
	assert_int_equal(count, 2);
	assert_ok(view_put_back_since(fixture.s, NULL, 0, &count, &fixture.err));
	assert_int_equal(count, 3);
	/* a clock that is put right counts nothing of the time to come */
	fixture.time -= 200;
	assert_int_equal(copies("b.md", 0), 2);
	assert_int_equal(copies(NULL, 0), 4);
	assert_ok(view_put_back_since(fixture.s, "c.md", 0, &count, &fixture.err));
	assert_int_equal(count, 2);
	fixture.time += 200;
	assert_ok(view_put_back_last(fixture.s, "c.md", last, &fixture.err));
	assert_string_equal(last, "d2");
	assert_ok(view_put_back_last(fixture.s, "b.md", last, &fixture.err));
	assert_string_equal(last, "");
	assert_rebuilt_equal();
}

static void problems_stay_until_they_are_over(void **state)
{
	struct problem *problems;
	struct buf log;
	size_t count;

	(void)state;
	begin();
	assert_ok(record_problem(fixture.s, "offline", "", "\xc3(", &fixture.err));
	fixture.time += 10;
	assert_ok(record_problem(fixture.s, "offline", "", "\xc3(", &fixture.err));
	assert_ok(record_problem(fixture.s, "disk", "a", "full", &fixture.err));
	assert_ok(record_problem(fixture.s, "disk", "b", "full", &fixture.err));
	assert_ok(record_problem(fixture.s, "disk", "b", "fuller", &fixture.err));
	assert_ok(record_problem_over(fixture.s, "disk", "a", &fixture.err));
	assert_ok(record_problem_over(fixture.s, "disk", "a", &fixture.err));
	assert_ok(record_problem_over(fixture.s, "clock", "", &fixture.err));
	commit();
	log = fixture_log();
	assert_int_equal(count_lines(&log), 5);
	assert_ok(view_problems(fixture.s, &problems, &count, &fixture.err));
	assert_int_equal(count, 2);
	assert_string_equal(problems[0].code, "offline");
	assert_string_equal(problems[0].text, "\\xc3(");
	assert_int_equal(problems[0].since, FIXTURE_START);
	assert_string_equal(problems[1].key, "b");
	assert_string_equal(problems[1].text, "fuller");
	problems_free(problems, count);
	buf_release(&log);
	assert_rebuilt_equal();
}

static void problems_of_one_code(void **state)
{
	static const char *const keys[] = { "b", "a", "c" };
	struct problem *problems;
	size_t count;

	(void)state;
	begin();
	assert_ok(record_problem(fixture.s, "dis", "0", "no", &fixture.err));
	assert_ok(record_problem(fixture.s, "diskette", "1", "no", &fixture.err));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_ok(record_problem(fixture.s, "disk", keys[i], "full",
					 &fixture.err));
	assert_ok(record_problem_over(fixture.s, "disk", "c", &fixture.err));
	/* within the transaction as well */
	assert_ok(view_problems_of(fixture.s, "disk", &problems, &count,
				   &fixture.err));
	assert_int_equal(count, 2);
	assert_string_equal(problems[0].code, "disk");
	assert_string_equal(problems[0].key, "a");
	assert_string_equal(problems[1].key, "b");
	assert_string_equal(problems[1].text, "full");
	assert_int_equal(problems[1].since, FIXTURE_START);
	problems_free(problems, count);
	assert_ok(view_problems_of(fixture.s, "clock", &problems, &count,
				   &fixture.err));
	assert_int_equal(count, 0);
	problems_free(problems, count);
	commit();
	assert_rebuilt_equal();
}

static const char *branches(void)
{
	static struct buf out = BUF_INIT;
	struct branch_news *news;
	struct branch *l;
	size_t count;

	buf_reset(&out);
	assert_ok(view_branches(fixture.s, &l, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s:%s%s%s%s*%d ", l[i].name, l[i].tip,
			   l[i].taken ? "+" : "", l[i].why, l[i].failed,
			   (int)l[i].failures);
	branches_free(l, count);
	assert_ok(view_branch_news(fixture.s, &news, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s/%s@%s=%s*%d#%d ", news[i].branch,
			   news[i].path, news[i].commit, news[i].line.digest,
			   (int)news[i].line.most, (int)news[i].seq);
	branch_news_free(news, count);
	return out.data;
}

/* The commit that a receipt names: one below it takes its place no more (R8). */
static void marks_only_rise(void **state)
{
	struct hand_known line = { .digest = "d", .most = 1 };
	struct stream_name stream = stream_of("HUMAN_TO_1");
	char mark[41];

	(void)state;
	assert_ok(store_begin(fixture.s, &fixture.err));
	assert_ok(view_hand_mark(fixture.s, stream, mark, &fixture.err));
	assert_string_equal(mark, "");
	assert_ok(record_hand_read(fixture.s, stream, "c2", HAND_NEW, &line, 1,
				   &fixture.err));
	assert_ok(record_hand_read(fixture.s, stream, "c1", HAND_BELOW, &line, 1,
				   &fixture.err));
	assert_ok(view_hand_mark(fixture.s, stream, mark, &fixture.err));
	assert_string_equal(mark, "c2");
	assert_ok(store_end(fixture.s, 0, &fixture.err));
	assert_rebuilt_equal();
}

static void branches_are_looked_at(void **state)
{
	char a[] = "a", one[] = "one", two[] = "two";
	struct branch_news news[] = {
		{ .branch = a, .path = two, .commit = "c2", .time = 20,
		  .seq = 7 },
		{ .branch = a, .path = one, .commit = "c1", .time = 10,
		  .line = { .digest = "d", .most = 2 } },
	};
	struct hand_known line = { .digest = "d", .most = 1 };
	struct hand_stream *streams;
	size_t count;
	bool known;

	(void)state;
	assert_ok(store_begin(fixture.s, &fixture.err));
	assert_ok(record_branch_looked(fixture.s, "a", "t1", false, "", news, 2,
				       &fixture.err));
	assert_ok(record_branch_looked(fixture.s, "b", "t2", true, "odd", NULL,
				       0, &fixture.err));
	assert_ok(record_branch_failed(fixture.s, "c", "t3", "slow",
				       &fixture.err));
	assert_ok(record_branch_failed(fixture.s, "c", "t3", "slow",
				       &fixture.err));
	assert_string_equal(branches(), "a:t1*0 b:t2+odd*0 c:slowt3*2 "
			    "a/one@c1=d*2#0 a/two@c2=*0#7 ");
	assert_ok(record_branch_failed(fixture.s, "c", "t4", "slow",
				       &fixture.err));
	assert_ok(record_branch_settled(fixture.s, &news[1], &fixture.err));
	assert_ok(record_branch_gone(fixture.s, "b", &fixture.err));
	assert_string_equal(branches(), "a:t1*0 c:slowt4*1 a/two@c2=*0#7 ");
	assert_ok(record_branch_looked(fixture.s, "a", "t5", true, "", NULL, 0,
				       &fixture.err));
	assert_ok(record_branch_looked(fixture.s, "c", "t4", false, "", NULL, 0,
				       &fixture.err));
	assert_string_equal(branches(), "a:t5+*0 c:t4*0 ");
	assert_ok(record_beside(fixture.s, "c1", &fixture.err));
	assert_ok(record_beside(fixture.s, "c1", &fixture.err));
	assert_ok(view_beside(fixture.s, "c1", &known, &fixture.err));
	assert_true(known);
	assert_ok(view_beside(fixture.s, "c2", &known, &fixture.err));
	assert_false(known);
	/* its lines are known, its receipt is of the fleet's branch */
	assert_ok(record_hand_read(fixture.s, stream_of("3_TO_1"), "c1", HAND_BESIDE,
				   &line, 1, &fixture.err));
	assert_ok(view_hand_line(fixture.s, stream_of("3_TO_1"), &line,
				 &fixture.err));
	assert_string_equal(line.commit, "c1");
	assert_ok(view_hand_streams(fixture.s, &streams, &count, &fixture.err));
	assert_int_equal(count, 0);
	free(streams);
	commit();
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_commit_holds_what_was_there),
		STORE_TEST(a_tip_holds_the_chain_below_it),
		STORE_TEST(an_old_form_ends_the_new_one),
		STORE_TEST(a_rebuilt_commit_takes_its_place),
		STORE_TEST(what_was_in_a_dropped_commit_waits_again),
		STORE_TEST(versions_are_known_for_ever),
		STORE_TEST(marks_are_kept),
		STORE_TEST(what_was_intended_is_known_until_then),
		STORE_TEST(the_desk_remembers),
		STORE_TEST(a_large_desk_is_several_events),
		STORE_TEST(an_identity_comes_back),
		STORE_TEST(copies_are_counted),
		STORE_TEST(problems_stay_until_they_are_over),
		STORE_TEST(problems_of_one_code),
		STORE_TEST(marks_only_rise),
		STORE_TEST(branches_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
