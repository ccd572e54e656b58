/* A repository that the disk does not give back as it was written: every read
 * ends, and what is wrong is noted. What is whole can be taken from the rest. */
#include "git_fixture.h"

#include <sys/stat.h>
#include <zlib.h>

static char repo_path[96];

static void reopen(void)
{
	snprintf(repo_path, sizeof(repo_path), "%s/repo.git", dir);
	repo_close(repo);
	repo = NULL;
	OK(repo_open(&repo, repo_path, &err));
}

static const char *loose(const struct oid *oid)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/repo.git/objects/%.2s/%s", dir,
		 oid->hex, oid->hex + 2);
	chmod(path, 0644);
	return path;
}

static bool damaged(const char *text)
{
	struct error why = ERROR_INIT;

	if (!repo_is_damaged(repo, &why))
		return false;
	assert_int_equal(why.code, ERR_DATA);
	if (strstr(why.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, why.text);
	return true;
}

/* Does reading it fail, and is that noted? */
static void assert_refused(const struct oid *oid, const char *text)
{
	struct buf b = BUF_INIT;

	reopen();
	assert_int_equal(repo_blob_read(repo, oid->hex, LIMIT_FILE, &b, &err),
			 -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_true(damaged(text));
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void assert_whole(const struct oid *oid, size_t len)
{
	struct buf b = BUF_INIT;

	reopen();
	OK(repo_blob_read(repo, oid->hex, LIMIT_FILE, &b, &err));
	assert_int_equal(b.len, len);
	assert_false(damaged(""));
	buf_release(&b);
}

/* Bytes that zlib cannot make shorter. */
static struct oid noise(size_t len)
{
	struct buf text = BUF_INIT;
	struct oid oid;
	uint32_t x = 1;

	while (text.len < len) {
		x = x * 1664525 + 1013904223;
		buf_addc(&text, (char)(x >> 24));
	}
	OK(repo_blob_write(repo, span_of(&text), &oid, &err));
	buf_release(&text);
	return oid;
}

/* libgit2 1.5 would go on for ever at most of these lengths. */
static void test_cut_short(void **state)
{
	static const size_t sizes[] = { 0, 1, 40, 300, 50 * 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct oid oid = noise(sizes[i]);
		struct stat st;
		long full, step;

		assert_int_equal(stat(loose(&oid), &st), 0);
		full = st.st_size;
		step = full > 1000 ? 4999 : 1;
		assert_whole(&oid, sizes[i]);
		for (long len = full - 1; len >= 0; len -= step) {
			assert_int_equal(truncate(loose(&oid), len), 0);
			assert_refused(&oid, "");
		}
		unlink(loose(&oid));
	}
}

static void put(const struct oid *oid, const void *bytes, size_t len)
{
	FILE *f = fopen(loose(oid), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

/* TEXT, deflated, in the place of OID; then MORE. */
static void put_deflated(const struct oid *oid, const char *text, size_t len,
			 const char *more)
{
	unsigned char out[256];
	uLongf size = sizeof(out);

	assert_int_equal(compress(out, &size, (const Bytef *)text, len), Z_OK);
	memcpy(out + size, more, strlen(more));
	put(oid, out, size + strlen(more));
}

static void test_no_objects(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *more, *wrong;
	} cases[] = {
#define CASE(text, more, wrong) { text, sizeof(text) - 1, more, wrong }
		CASE("blob 3\0abc", "x", "followed by something else"),
		CASE("blob 2\0abc", "", "longer than it says"),
		CASE("blob 4\0abc", "", "cut short"),
		CASE("blob 3\0abd", "", "mismatch"),
		CASE("tree 3\0abc", "", "mismatch"),
		CASE("blub 3\0abc", "", ""),
		CASE("blob x\0abc", "", ""),
		CASE("blob 99999999999999999999\0abc", "", ""),
		CASE("blob 0000000000000000000000000000000003\0abc", "", ""),
		CASE("blob 3 abc", "", ""),
		CASE("blob", "", ""),
		CASE("", "", ""),
	};
	struct oid oid = blob("abc");

	(void)state;
	put_deflated(&oid, "blob 3\0abc", 10, "");
	assert_whole(&oid, 3);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put_deflated(&oid, cases[i].text, cases[i].len, cases[i].more);
		assert_refused(&oid, cases[i].wrong);
	}
	put(&oid, "garbage", 7);
	assert_refused(&oid, "");
	put(&oid, "\x78\x01garbage", 9);
	assert_refused(&oid, "");
	unlink(loose(&oid));
	assert_int_equal(mkfifo(loose(&oid), 0644), 0);
	assert_refused(&oid, "no file");
	unlink(loose(&oid));
	assert_int_equal(mkdir(loose(&oid), 0755), 0);
	assert_refused(&oid, "no file");
	rmdir(loose(&oid));
}

static int count_one(void *arg, const char *oid, struct error *e)
{
	(void)oid, (void)e;
	++*(int *)arg;
	return 0;
}

static void test_missing(void **state)
{
	struct oid one = COMMIT("", "a.md=1"), two = COMMIT(one.hex, "b/c.md=2");
	struct oid three = COMMIT(two.hex, "d.md=3"), file, tree;
	struct commit_info info;
	struct buf b = BUF_INIT;
	bool is_tree;
	int n = 0;

	(void)state;
	memcpy(&file, lookup(three.hex, "b/c.md"), sizeof(file));
	memcpy(&tree, lookup(three.hex, "b"), sizeof(tree));
	/* what nobody asks for is no damage, nor is asking whether it is there */
	unlink(loose(&one));
	unlink(loose(&file));
	reopen();
	assert_false(repo_has(repo, file.hex));
	OK(repo_walk(repo, three.hex, two.hex, count_one, &n, &err));
	assert_int_equal(n, 1);
	assert_false(damaged(""));
	assert_int_equal(repo_blob_read(repo, file.hex, 9, &b, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_true(damaged(file.hex));
	reopen();
	assert_int_equal(repo_walk(repo, three.hex, "", count_one, &n, &err),
			 -1);
	assert_true(damaged(one.hex));
	reopen();
	assert_int_equal(repo_commit_read(repo, one.hex, PREFIX, &info, &err),
			 -1);
	assert_true(damaged(one.hex));
	unlink(loose(&tree));
	reopen();
	OK(repo_lookup(repo, three.hex, PREFIX, "b/c.md", &file, &is_tree,
		       &err));
	assert_string_equal(file.hex, "");
	assert_true(damaged(tree.hex));
	buf_release(&b);
}

static void test_cut_trees_and_commits(void **state)
{
	struct oid one = COMMIT("", "a/b.md=1"), tree;
	struct commit_info info;
	bool is_tree;

	(void)state;
	memcpy(&tree, lookup(one.hex, "a"), sizeof(tree));
	assert_int_equal(truncate(loose(&tree), 30), 0);
	reopen();
	assert_int_equal(repo_lookup(repo, one.hex, PREFIX, "a/b.md", &tree,
				     &is_tree, &err), -1);
	assert_true(damaged("cut short"));
	assert_int_equal(truncate(loose(&one), 60), 0);
	reopen();
	assert_int_equal(repo_commit_read(repo, one.hex, PREFIX, &info, &err),
			 -1);
	assert_true(damaged("cut short"));
}

static void test_check(void **state)
{
	struct oid one = COMMIT("", "a.md=1");

	(void)state;
	OK(repo_check(repo, &err));
	OK(repo_ref_set(repo, "refs/heads/main", one.hex, &err));
	OK(repo_check(repo, &err));
	assert_false(damaged(""));
	assert_int_equal(run_shell("printf 'x\\n' >%s/repo.git/refs/heads/x",
				   dir), 0);
	reopen();
	OK(repo_check(repo, &err));	/* libgit2 does not list it */
	assert_int_equal(repo_ref_get(repo, "refs/heads/x", &one, &err), -1);
	assert_true(damaged("refs/heads/x"));
	assert_int_equal(run_shell("echo %040d >%s/repo.git/refs/heads/x", 7,
				   dir), 0);
	reopen();
	OK(repo_check(repo, &err));
	assert_true(damaged("refs/heads/x: commit 00000000"));
	assert_int_equal(run_shell("rm %s/repo.git/refs/heads/x; printf "
				   "'# pack-refs with:\\nx\\n' "
				   ">%s/repo.git/packed-refs", dir, dir), 0);
	reopen();
	repo_check(repo, &err);
	assert_true(damaged("packed"));
	assert_int_equal(run_shell("cd %s/repo.git && rm packed-refs && "
				   "printf '[core' >config", dir), 0);
	reopen();
	repo_check(repo, &err);
	assert_true(damaged("config"));
}

static void test_open(void **state)
{
	static const struct {
		const char *command;
		bool damaged;
	} cases[] = {
		{ "rm -rf repo.git", false },
		{ "rm -rf repo.git; mkdir repo.git", false },
		/* a making that was cut short */
		{ "rm -rf repo.git; mkdir -p repo.git/objects/pack "
		  "repo.git/objects/info; : >repo.git/config.lock", false },
		{ "rm repo.git/HEAD", false },
		{ "rm -rf repo.git/refs", true },
		{ "rm -rf repo.git/objects; : >repo.git/objects", true },
		{ "rm -rf repo.git; : >repo.git", true },
	};

	(void)state;
	reopen();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error why = ERROR_INIT;
		int rc;

		COMMIT("", "a.md=1");
		repo_close(repo);
		repo = NULL;
		run_shell("cd %s && %s", dir, cases[i].command);
		rc = repo_open(&repo, repo_path, &why);
		if (cases[i].damaged) {
			assert_int_equal(rc, -1);
			assert_int_equal(why.code, ERR_DATA);
			assert_null(repo);
			run_shell("rm -rf %s/repo.git", dir);
			OK(repo_open(&repo, repo_path, &err));
		} else if (rc == -1) {
			fail_msg("%s: %s", cases[i].command, why.text);
		}
	}
}

/* --- what is left of it --- */

static void add_line(void *arg, const char *name, const char *oid)
{
	buf_printf(arg, "%s %.4s\n", name, oid);
}

static void test_rest(void **state)
{
	struct oid one = COMMIT("", "a.md=1", "b/c.md=2");
	struct oid two = COMMIT(one.hex, "a.md=3");
	struct oid three = COMMIT(two.hex, "b/c.md=4"), file;
	struct repo *rest = NULL;
	struct buf refs = BUF_INIT;
	struct clock clock;
	char line[128], aside[96];

	(void)state;
	clock_system(&clock);
	memcpy(&file, lookup(three.hex, "b/c.md"), sizeof(file));
	OK(repo_ref_set(repo, "refs/trine/tip/main", two.hex, &err));
	unlink(loose(&file));
	repo_close(repo);
	repo = NULL;
	snprintf(aside, sizeof(aside), "%s/aside", dir);
	assert_int_equal(run_shell("cd %s && mv repo.git aside && "
				   "echo x >aside/HEAD && printf '# pack-refs\\n"
				   "%s refs/trine/tip/main\\n%s refs/trine/x\\n"
				   "%s refs/heads/y\\nx\\n' >aside/packed-refs",
				   dir, one.hex, one.hex, one.hex), 0);
	reopen();
	OK(repo_open_rest(&rest, aside, &err));
	repo_rest_refs(rest, "refs/trine", add_line, &refs);
	snprintf(line, sizeof(line), "refs/trine/tip/main %.4s\nrefs/trine/x "
		 "%.4s\nrefs/trine/tip/main %.4s\n", one.hex, one.hex, two.hex);
	assert_string_equal(refs.data, line);
	/* alone only on top of its parent; whole or not at all */
	assert_int_equal(repo_take(repo, rest, two.hex, true, &clock, 9000,
				   &err), -1);
	assert_false(repo_has(repo, two.hex));
	OK(repo_take(repo, rest, one.hex, false, &clock, 9000, &err));
	OK(repo_take(repo, rest, two.hex, true, &clock, 9000, &err));
	assert_file(two.hex, "a.md", "3");
	assert_file(two.hex, "b/c.md", "2");
	assert_int_equal(repo_take(repo, rest, three.hex, true, &clock, 9000,
				   &err), -1);
	assert_false(repo_has(repo, three.hex));
	assert_false(damaged(""));
	assert_int_equal(repo_take(repo, rest, three.hex, false, &clock, 0,
				   &err), -1);
	repo_close(rest);
	assert_int_equal(repo_open_rest(&rest, "/nonexistent", &err), -1);
	assert_null(rest);
	buf_release(&refs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_REPO(test_cut_short),
		IN_REPO(test_no_objects),
		IN_REPO(test_missing),
		IN_REPO(test_cut_trees_and_commits),
		IN_REPO(test_check),
		IN_REPO(test_open),
		IN_REPO(test_rest),
	};

	alarm(120);	/* a loop must not wait for the limit of the whole run */
	return cmocka_run_group_tests(tests, start_git, stop_git);
}
