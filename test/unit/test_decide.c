/* One path, down to the bytes (decide.c): what stays, and what of the rest is kept. */
#include "git_fixture.h"

#include "../../src/sync/sync.h"
#include "failing_calls.h"
#include "trine/home.h"
#include "trine/store.h"

enum { NOW = 1790000000, US = 1 };

#define MISSING "0123456789012345678901234567890123456789"
#define SHARED "shared/notes.md"
#define RULES "computers:\n  1: {name: One}\n  2: {name: Two}\n"
#define RETIRED(number) "retired: [" number "]\n"
#define OWNERS "owners:\n  - {path: \"docs/**\", owner: 1}\n"
#define PEOPLES "messages/HUMAN_TO_1.md"

static const struct owner shared = { OWNER_SHARED, 0 };
static const struct owner anothers = { OWNER_RULE, 2 };
static const struct owner ours = { OWNER_RULE, US };

static struct cycle cycle;
static struct clock clock_;

/* No memory for a merge: nothing else keeps libgit2 from one. */
static bool no_merge;

STANDS_FOR(repo_merge_text);
int __wrap_repo_merge_text(struct span base, struct span mine, struct span theirs,
			   struct buf *out, bool *clean, struct error *e)
{
	return no_merge ? error_set(e, ERR_INTERNAL, "cannot merge") :
	       __real_repo_merge_text(base, mine, theirs, out, clean, e);
}

static int set_up(void **state)
{
	if (make_repo(state) == -1)
		return -1;
	clock_system(&clock_);
	cycle = (struct cycle){ .repo = repo, .now = NOW, .me.number = US };
	no_merge = false;
	return store_open(&cycle.store, dir, &clock_, &err);
}

static int tear_down(void **state)
{
	copies_release(&cycle.copies);
	store_close(cycle.store);
	return remove_repo(state);
}

/* LEN bytes or a few more in lines, each of another text than those of another LETTER. */
static struct buf lines_of(char letter, size_t len)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; out.len < len; i++)
		buf_printf(&out, "%c %zu\n", letter, i);
	return out;
}

/* Both, one behind the other. */
static struct oid blob_of_two(const char *above, const char *below)
{
	char *text = xasprintf("%s%s", above, below);
	struct oid oid = blob(text);

	free(text);
	return oid;
}

/* ---- what is asked, and what comes of it ---- */

struct texts {
	const char *base, *ours, *theirs;
};

static const char *oid_of(const char *text, struct oid *out)
{
	if (text == NULL)
		return NULL;
	*out = blob(text);
	return out->hex;
}

/* What PATH holds afterwards; NULL: nothing. */
static const char *decided(const char *path, struct owner owner, struct texts t,
			   bool was_ours)
{
	static struct buf text = BUF_INIT;
	struct oid base, mine, theirs;
	struct versions v = {
		.base = oid_of(t.base, &base), .ours = oid_of(t.ours, &mine),
		.theirs = oid_of(t.theirs, &theirs), .was_ours = was_ours,
	};
	char out[OID_HEX];

	copies_release(&cycle.copies);
	OK(decide(&cycle, path, owner, &v, out, &err));
	if (out[0] == '\0')
		return NULL;
	OK(repo_blob_read(repo, out, LIMIT_FILE, &text, &err));
	return text.data;
}

/* One copy, with TEXT and the reason WHY in it; NULL: none. */
static void assert_kept(const char *text, const char *why)
{
	assert_int_equal(cycle.copies.count, text != NULL);
	if (text == NULL)
		return;
	assert_non_null(strstr(cycle.copies.item[0].text.data, text));
	assert_non_null(strstr(cycle.copies.item[0].text.data, why));
}

static void what_stays_and_what_is_kept(void **state)
{
	static const struct {
		const char *path;
		const struct owner *owner;
		struct texts t;
		bool was_ours;
		const char *stays, *kept, *why;
	} rows[] = {
		/* nobody else changed it, or the same lines, or others */
		{ SHARED, &shared, { "a\n", "b\n", "a\n" }, false, "b\n", NULL, NULL },
		{ SHARED, &shared, { "a\n", "ours\n", "theirs\n" }, false, "theirs\n",
		  "ours\n", "others changed the same lines" },
		{ SHARED, &shared, { "1\n2\n3\n4\n5\n", "1\n2\n3\n4\nx\n",
				     "y\n2\n3\n4\n5\n" }, false,
		  "y\n2\n3\n4\nx\n", NULL, NULL },
		{ SHARED, &shared, { NULL, "same\n", "same\n" }, false, "same\n", NULL,
		  NULL },
		{ SHARED, &shared, { "a\n", "ours\n", NULL }, false, NULL, "ours\n",
		  "others changed the same lines" },
		{ SHARED, &shared, { NULL, "ours\n", "theirs\n" }, false, "theirs\n",
		  "ours\n", "others changed the same lines" },
		/* rules that can be read make some that can be, or that cannot */
		{ "fleet.yaml", &shared, { RULES, RULES RETIRED("4"), OWNERS RULES }, false,
		  OWNERS RULES RETIRED("4"), NULL, NULL },
		{ "fleet.yaml", &shared, { RULES, RULES RETIRED("4"), RETIRED("5") RULES },
		  false, RETIRED("5") RULES, RULES RETIRED("4"),
		  "others changed the same lines" },
		/* people's: line by line, and of a file that is gone what was added */
		{ PEOPLES, &shared, { "a\nb\n", "a\nb\nours\n", "theirs\na\n" }, false,
		  "theirs\na\nours\n", NULL, NULL },
		{ PEOPLES, &shared, { "a\nb\n", "a\nb\nours\n", NULL }, false, "ours\n",
		  NULL, NULL },
		{ PEOPLES, &shared, { "a\nb\n", "a\n", NULL }, false, NULL, NULL, NULL },
		{ PEOPLES, &shared, { "a\n", "a\n", "b\n" }, false, "b\n", NULL, NULL },
		/* whose it is by a rule: another computer's, just ours, ours */
		{ "docs/a.md", &anothers, { "a\n", "ours\n", "theirs\n" }, false,
		  "theirs\n", "ours\n", "not this computer's to change" },
		{ "docs/a.md", &ours, { "a\n", "ours\n", "theirs\n" }, false, "theirs\n",
		  "ours\n", "the file became this computer's" },
		{ "docs/a.md", &ours, { "a\n", "ours\n", "theirs\n" }, true, "ours\n",
		  "theirs\n", "somebody else wrote a file of this computer" },
		{ "docs/a.md", &ours, { "a\n", NULL, "a\n" }, true, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *stays = decided(rows[i].path, *rows[i].owner, rows[i].t,
					    rows[i].was_ours);

		if (stays == NULL || rows[i].stays == NULL)
			assert_ptr_equal(stays, rows[i].stays);
		else
			assert_string_equal(stays, rows[i].stays);
		assert_kept(rows[i].kept, rows[i].why);
	}
}

static void what_no_desk_gets_stays_where_it_is(void **state)
{
	struct oid base = blob("a\n"), mine = blob("ours\n"), theirs = blob("theirs\n");
	struct versions v = { .base = base.hex, .ours = mine.hex, .theirs = theirs.hex,
			      .theirs_unfit = true };
	char out[OID_HEX];

	(void)state;
	for (int i = 0; i < 2; i++) {
		OK(decide(&cycle, i == 0 ? SHARED : PEOPLES, shared, &v, out, &err));
		assert_string_equal(out, "");
		assert_kept("ours\n", "others changed the same lines");
		copies_release(&cycle.copies);
	}
	v.was_ours = true;
	OK(decide(&cycle, "docs/a.md", ours, &v, out, &err));
	assert_string_equal(out, mine.hex);
	assert_kept("theirs\n", "somebody else wrote a file");
}

/* ---- sizes ---- */

static int decide_on(const char *base, const char *mine, const char *theirs,
		     char out[OID_HEX])
{
	struct versions v = { .base = base, .ours = mine, .theirs = theirs };

	copies_release(&cycle.copies);
	return decide(&cycle, SHARED, shared, &v, out, &err);
}

/* What is too large for a desk is merged with nothing. (Theirs would be unfit.) */
static void what_is_too_large_is_not_merged(void **state)
{
	struct buf text = lines_of('x', LIMIT_FILE + 1);
	struct oid large = blob(text.data), base = blob("1\n2\n3\n"),
		   one = blob("0\n1\n2\n3\n"), other = blob("1\n2\n3\n4\n");
	char kept[BLOB_HEX + 16], out[OID_HEX];

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *mine = i == 0 ? one.hex : large.hex;

		OK(decide_on(i == 0 ? large.hex : base.hex, mine, other.hex, out));
		assert_string_equal(out, other.hex);
		snprintf(kept, sizeof(kept), "- blob: %s", mine);
		assert_kept(kept, "others changed the same lines");
	}
	OK(decide_on(base.hex, one.hex, other.hex, out));
	assert_kept(NULL, NULL);
	buf_release(&text);
}

/* Each of both can be on a desk, and what they make cannot. */
static void what_becomes_too_large_is_not_merged(void **state)
{
	enum { PART = LIMIT_FILE / 5 };
	struct buf top = lines_of('t', PART), middle = lines_of('m', PART),
		   end = lines_of('e', LIMIT_FILE - 3 * PART / 2);
	struct oid base = blob(middle.data), mine = blob_of_two(top.data, middle.data),
		   theirs = blob_of_two(middle.data, end.data), both;
	char out[OID_HEX];

	(void)state;
	OK(decide_on(base.hex, mine.hex, theirs.hex, out));
	assert_string_equal(out, theirs.hex);
	assert_kept("t 0\n", "others changed the same lines");
	/* where there is room, they are one */
	theirs = blob_of_two(middle.data, "e 0\n");
	buf_addb(&top, &middle);
	both = blob_of_two(top.data, "e 0\n");
	OK(decide_on(base.hex, mine.hex, theirs.hex, out));
	assert_string_equal(out, both.hex);
	assert_kept(NULL, NULL);
	buf_release(&top);
	buf_release(&middle);
	buf_release(&end);
}

/* The copies, one behind the other, are the bytes of TEXT; how many? */
static size_t assert_kept_whole(const char *text, bool plain)
{
	size_t upto = 0, first, last, len, i;

	for (i = 0; i < cycle.copies.count; i++) {
		const char *copy = cycle.copies.item[i].text.data, *part, *shown;

		assert_true(cycle.copies.item[i].text.len < LIMIT_FILE);
		assert_null(strstr(copy, "the rest is in the blob"));
		part = strstr(copy, "\n- part: bytes ");
		assert_non_null(part);
		assert_int_equal(sscanf(part, "\n- part: bytes %zu to %zu of %zu\n", &first,
					&last, &len), 3);
		assert_int_equal(len, strlen(text));
		assert_int_equal(first, upto + 1);
		assert_true(last > upto);
		upto = last;
		shown = strchr(strstr(copy, "\n## Its text\n\n") + 15, '\n') + 1;
		assert_true(!plain || memcmp(shown, text + first - 1,
					     last - first + 1) == 0);
	}
	assert_int_equal(upto, strlen(text));
	return i;
}

/* Of a text that the branch does not have no blob holds the rest, but this desk's. */
static void what_is_long_and_on_this_desk_only_is_kept_whole(void **state)
{
	static const struct {
		size_t len;
		const char *mine, *kept;
		size_t copies;
		bool plain;
	} rows[] = {
		{ 600 * 1024, "my end\n", "\n+my end\n", 2, true },
		{ 1023 * 1024, "my end\n", "\n+my end\n", 2, true },
		{ 300 * 1024, "my \xff end\n", "\nmy \\xff end\n", 3, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf text = lines_of('x', rows[i].len);
		struct oid base = blob_of_two(text.data, "end\n"),
			   mine = blob_of_two(text.data, rows[i].mine),
			   theirs = blob_of_two(text.data, "their end\n");
		char out[OID_HEX];

		OK(decide_on(base.hex, mine.hex, theirs.hex, out));
		assert_string_equal(out, theirs.hex);
		buf_adds(&text, rows[i].mine);
		assert_int_equal(assert_kept_whole(text.data, rows[i].plain),
				 rows[i].copies);
		assert_non_null(strstr(cycle.copies.item[rows[i].copies - 1].text.data,
				       rows[i].kept));
		/* and once */
		OK(decide(&cycle, SHARED, shared, &(struct versions){
			   .base = base.hex, .ours = mine.hex, .theirs = theirs.hex }, out,
			   &err));
		assert_int_equal(cycle.copies.count, rows[i].copies);
		buf_release(&text);
	}
}

/* Where no fence is long enough, another one begins; R26 holds for all of them. */
static void the_parts_of_a_text_are_counted(void **state)
{
	enum { RUN = 1000, RUNS = 2 * LIMIT_COPIES_PATH };
	struct oid base = blob("end\n"), theirs = blob("their end\n"), mine;
	struct buf text = BUF_INIT;
	char out[OID_HEX];

	(void)state;
	for (int k = 0; k < RUNS * 2 * RUN; k++) {
		if (k % RUN == 0)
			buf_printf(&text, "%d", k);
		buf_addc(&text, k / RUN % 2 ? '`' : '~');
	}
	mine = blob(text.data);
	OK(decide_on(base.hex, mine.hex, theirs.hex, out));
	assert_true(cycle.copies.count > LIMIT_COPIES_PATH);
	for (size_t i = 0; i < cycle.copies.count; i++)
		assert_int_equal(cycle.copies.item[i].text.len > 0,
				 i < LIMIT_COPIES_PATH);
	buf_truncate(&text, LIMIT_COPIES_PATH * RUN);
	mine = blob(text.data);
	OK(decide_on(base.hex, mine.hex, theirs.hex, out));
	assert_kept_whole(text.data, true);
	buf_release(&text);
}

/* ---- a repository that is damaged ---- */

/* Nothing is decided on a version that cannot be read. Of a base that is gone nobody
 * knows what changed since: then theirs stays. */
static void what_cannot_be_read_decides_nothing(void **state)
{
	struct oid text = blob("a\n"), one = blob("b\n"), other = blob("c\n");
	struct oid tree = tree_of("", (const char *const[]){ "a.md=a\n", NULL });
	const struct {
		const struct owner *owner;
		struct versions v;
		int rc;
	} rows[] = {
		{ &shared, { .base = MISSING, .ours = one.hex, .theirs = other.hex }, 0 },
		{ &shared, { .base = tree.hex, .ours = one.hex, .theirs = other.hex }, -1 },
		{ &shared, { .base = text.hex, .ours = MISSING, .theirs = other.hex }, -1 },
		{ &shared, { .base = text.hex, .ours = one.hex, .theirs = MISSING }, -1 },
		{ &anothers, { .base = text.hex, .ours = MISSING, .theirs = one.hex }, -1 },
		{ &anothers, { .base = text.hex, .ours = one.hex, .theirs = MISSING }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[OID_HEX];

		error_clear(&err);
		assert_int_equal(decide(&cycle, SHARED, *rows[i].owner, &rows[i].v, out,
					&err), rows[i].rc);
		assert_int_equal(err.code == ERR_NONE, rows[i].rc == 0);
		assert_kept(rows[i].rc == 0 ? "b\n" : NULL, "others changed");
		copies_release(&cycle.copies);
	}
}

static void a_merge_without_memory_is_no_conflict(void **state)
{
	struct oid base = blob("a\n"), mine = blob("b\n"), theirs = blob("c\n");
	struct versions v = { .base = base.hex, .ours = mine.hex, .theirs = theirs.hex };
	char out[OID_HEX];

	(void)state;
	no_merge = true;
	assert_int_equal(decide(&cycle, SHARED, shared, &v, out, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_kept(NULL, NULL);
}

#define DECIDE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DECIDE_TEST(what_stays_and_what_is_kept),
		DECIDE_TEST(what_no_desk_gets_stays_where_it_is),
		DECIDE_TEST(what_is_too_large_is_not_merged),
		DECIDE_TEST(what_becomes_too_large_is_not_merged),
		DECIDE_TEST(what_is_long_and_on_this_desk_only_is_kept_whole),
		DECIDE_TEST(the_parts_of_a_text_are_counted),
		DECIDE_TEST(what_cannot_be_read_decides_nothing),
		DECIDE_TEST(a_merge_without_memory_is_no_conflict),
	};

	return cmocka_run_group_tests(tests, start_git, stop_git);
}
