/* What two commits have in common: histories by chance, whose times lie, and what
 * libgit2 says of them. */
#include "git_fixture.h"

#include "trine/clock.h"

enum { HISTORIES = 60, COMMITS = 24, TIME = 1700000000 };

static struct chance chance;

static int below(int bound)
{
	return (int)chance_below(&chance, (uint64_t)bound);
}

static struct oid commit_on(const struct oid *known, int count)
{
	static int number;
	struct buf text = BUF_INIT;
	struct oid oid;
	int parents = count == 0 || below(8) == 0 ? 0 : 1 + (below(3) == 0);

	buf_adds(&text, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");
	for (int i = 0; i < parents; i++)
		buf_printf(&text, "parent %s\n",
			   known[count - 1 - below(count < 6 ? count : 6)].hex);
	for (int i = 0; i < 2; i++)
		buf_printf(&text, "%s A <a@b> %d +0000\n",
			   i == 0 ? "author" : "committer",
			   TIME + 10 * count + below(2) * below(400) - 200);
	buf_printf(&text, "\n%d\n", number++);
	oid = raw_object(text.data, text.len, GIT_OBJECT_COMMIT);
	buf_release(&text);
	return oid;
}

static void compare(const char *a, const char *b)
{
	struct list all = LIST_INIT;
	struct oid base;

	OK(repo_merge_bases(repo, a, b, &all, &err));
	OK(repo_merge_base(repo, a, b, &base, &err));
	if (base.hex[0] == '\0')
		assert_int_equal(all.count, 0);
	else
		assert_true(list_has(&all, base.hex));
	list_release(&all);
}

static void test_histories(void **state)
{
	struct oid known[COMMITS];

	(void)state;
	chance_seeded(&chance, 1);
	for (int h = 0; h < HISTORIES; h++) {
		for (int i = 0; i < COMMITS; i++)
			known[i] = commit_on(known, i);
		for (int i = 0; i < COMMITS; i++)
			compare(known[below(COMMITS)].hex, known[i].hex);
	}
}

/* The newest of those that are as good as each other. */
static void test_newest(void **state)
{
	struct oid root = COMMIT("", "a=1"), a = COMMIT(root.hex, "a=2");
	struct oid b = COMMIT(root.hex, "b=1"), ours, theirs, base;
	struct oid tree = tree_of("", (const char *const[]){ "a=3", NULL });
	char *parents[] = { a.hex, b.hex };
	const struct list both = { parents, 2, 2 };

	(void)state;
	OK(repo_merge_write(repo, tree.hex, &both, "A", "a@b", TIME + 100, "x",
			    &ours, &err));
	OK(repo_merge_write(repo, tree.hex, &both, "A", "a@b", TIME + 200, "y",
			    &theirs, &err));
	OK(repo_merge_base(repo, ours.hex, theirs.hex, &base, &err));
	assert_string_equal(base.hex, b.hex);
	OK(repo_merge_base(repo, a.hex, theirs.hex, &base, &err));
	assert_string_equal(base.hex, a.hex);
	OK(repo_merge_base(repo, b.hex, b.hex, &base, &err));
	assert_string_equal(base.hex, b.hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_REPO(test_histories),
		IN_REPO(test_newest),
	};

	return cmocka_run_group_tests(tests, start_git, stop_git);
}
