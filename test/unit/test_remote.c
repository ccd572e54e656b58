/* Remotes: what one on a local path and a real git daemon must do alike. */
#include "remote_fixture.h"

static void test_urls(void **state)
{
	static const char *const bad[] = {
		"", "-x", "--upload-pack=evil", "/a\nb", "/a\x1b[0m", "http://x/y",
		"file://host/x", "file://", "file:///a%00b", "file:///a%0ab",
		"ext::sh -c id",
	};
	static const struct { const char *url, *where; } good[] = {
		{ "/a/b", "/a/b" }, { "./a:b", "./a:b" },
		{ "file:///a%20b", "/a b" }, { "file://localhost/a", "/a" },
		{ "file:///100%", "/100%" }, { "git://h/x", "git://h/x" },
		{ "https://x/y", "https://x/y" }, { "ssh://x/y", "ssh://x/y" },
		{ "git@h:me/x.git", "git@h:me/x.git" }, { "x:y", "x:y" },
	};
	struct remote *r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(remote_open(&r, bad[i], NULL, &sys_clock, 1, &err),
				 -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_null(r);
		assert_null(strchr(err.text, '\n'));
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		OK(remote_open(&r, good[i].url, NULL, &sys_clock, 1, &err));
		assert_string_equal(((struct peer *)r)->where, good[i].where);
		r->free(r);
	}
}

static void test_choose_branch(void **state)
{
	static const struct {
		const char *head, *branches[3], *chosen;
	} rows[] = {
		{ NULL, { NULL }, "main" },
		{ "master", { NULL }, "main" },
		{ "dev", { "dev", "main" }, "dev" },
		{ "gone", { "a", "main", "master" }, "main" },
		{ "gone", { "a", "master" }, "master" },
		{ NULL, { "a", "b" }, "a" },
	};
	char chosen[BRANCH_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct list branches = LIST_INIT;

		for (size_t j = 0; j < 3 && rows[i].branches[j]; j++)
			list_add(&branches, rows[i].branches[j]);
		OK(choose_branch(rows[i].head, &branches, chosen, &err));
		assert_string_equal(chosen, rows[i].chosen);
		list_release(&branches);
	}
}

/* What both kinds of remote must do alike. */
static void check_exchange(void (*open)(void))
{
	char chosen[BRANCH_BYTES];
	struct oid tip, one, two, theirs;

	open();
	OK(remote->fetch(remote, repo, "", chosen, &tip, &err));
	assert_string_equal(chosen, "main");
	assert_oid(tip, none);
	one = COMMIT("", "a.md=1", "m/b.md=2");
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	assert_oid(fetched("main"), one);
	/* once more: the answer to the first may have been lost */
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	two = COMMIT(one.hex, "a.md=2");
	assert_int_equal(push_main(&one, &two), PUSH_OK);
	assert_oid(fetched("main"), two);
	/* somebody else is faster */
	theirs = commit_there("c.md", "theirs");
	one = COMMIT(two.hex, "a.md=3");
	assert_int_equal(push_main(&two, &one), PUSH_STALE);
	assert_int_equal(push_main(&none, &one), PUSH_STALE);
	OK(remote->fetch(remote, repo, "", chosen, &tip, &err));
	assert_string_equal(chosen, "main");
	assert_oid(tip, theirs);
	assert_text(tip.hex, "c.md", "theirs");
	assert_text(tip.hex, "a.md", "2");
	one = COMMIT(theirs.hex, "a.md=3");
	assert_int_equal(push_main(&theirs, &one), PUSH_OK);
	assert_oid(fetched("main"), one);
	assert_oid(fetched("absent"), none);
	assert_fsck();
}

static void test_path_exchange(void **state)
{
	(void)state;
	check_exchange(open_path);
}

static void test_daemon_exchange(void **state)
{
	(void)state;
	check_exchange(open_daemon);
}

static const struct head *head_of(const char *name)
{
	for (size_t i = 0; i < remote->heads.count; i++)
		if (strcmp(remote->heads.item[i].name, name) == 0)
			return &remote->heads.item[i];
	return NULL;
}

/* A fetch shows all branches; bring makes those asked for readable beside ours,
 * as they are by then. */
static void check_heads(void (*open)(void))
{
	struct oid one = COMMIT("", "a=1"), x, y;
	struct repo *beside;
	char path[96], long_name[LIMIT_HEAD_NAME + 2];
	struct head heads[3] = { { .name = NULL } };

	open();
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	x = commit_there("x.md", "x");
	assert_int_equal(run_shell("cd %s/remote.git && git update-ref "
				   "refs/heads/claude/x main && git update-ref "
				   "refs/heads/gone main && git update-ref "
				   "refs/heads/main %s", dir, one.hex), 0);
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(run_shell("cd %s/remote.git && git update-ref "
				   "refs/heads/%s main", dir, long_name), 0);
	assert_oid(fetched("main"), one);
	assert_int_equal(remote->heads.count, 3);
	assert_oid(head_of("claude/x")->tip, x);
	assert_oid(head_of("main")->tip, one);
	assert_false(repo_has(repo, x.hex));
	/* meanwhile */
	y = commit_there("y.md", "y");
	assert_int_equal(run_shell("cd %s/remote.git && git update-ref "
				   "refs/heads/claude/x %s && git update-ref -d "
				   "refs/heads/gone", dir, y.hex), 0);
	snprintf(path, sizeof(path), "%s/beside.git", dir);
	OK(repo_open_beside(&beside, path, repo, &err));
	heads[0] = *head_of("claude/x");
	heads[1] = *head_of("gone");
	OK(remote->bring(remote, beside, heads, 2, &err));
	assert_oid(heads[0].tip, y);
	assert_oid(heads[1].tip, none);
	assert_null(heads[0].why);
	assert_true(repo_has(beside, y.hex));
	assert_false(repo_has(repo, y.hex));
	repo_close(beside);
	assert_fsck();
}

static void test_path_heads(void **state)
{
	(void)state;
	check_heads(open_path);
}

static void test_daemon_heads(void **state)
{
	(void)state;
	check_heads(open_daemon);
}

static void check_bad_branch(void (*open)(void))
{
	static const char *const bad[] = {
		"a..b", "-", "a b", "x.lock", "/x", "\x1b", "@{",
		"a123456789012345678901234567890123456789012345678901234567"
		"890123456789",
	};
	struct oid tip, c = COMMIT("", "a=1");

	open();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(remote->fetch(remote, repo, bad[i], NULL, &tip,
					       &err), -1);
		assert_int_equal(remote->push(remote, repo, bad[i], &none, &c,
					      &err), PUSH_REFUSED);
		assert_int_equal(err.code, ERR_CONFIG);
	}
}

static void test_path_branches(void **state)
{
	struct oid one = COMMIT("", "a=1"), tip;
	char chosen[BRANCH_BYTES];

	(void)state;
	check_bad_branch(open_path);
	/* only master, and HEAD names it */
	OK(repo_ref_set(repo, "refs/heads/master", one.hex, &err));
	assert_int_equal(remote->push(remote, repo, "master", &none, &one,
				      &err), PUSH_OK);
	OK(remote->fetch(remote, repo, "", chosen, &tip, &err));
	assert_string_equal(chosen, "master");
	assert_oid(tip, one);
	/* a HEAD that is no branch */
	assert_int_equal(run_shell("echo %s >%s/remote.git/HEAD", one.hex, dir),
			 0);
	OK(remote->fetch(remote, repo, "", chosen, &tip, &err));
	assert_string_equal(chosen, "master");
	/* a branch that is no commit: git would not make one */
	assert_int_equal(run_shell("cd %s/remote.git && git rev-parse "
				   "%s^{tree} >refs/heads/tree", dir, one.hex),
			 0);
	assert_int_equal(remote->fetch(remote, repo, "tree", NULL, &tip, &err),
			 -1);
	assert_int_equal(err.code, ERR_DATA);
}

static void test_daemon_branches(void **state)
{
	struct oid one = COMMIT("", "a=1"), tip;
	char chosen[BRANCH_BYTES];

	(void)state;
	check_bad_branch(open_daemon);
	OK(repo_ref_set(repo, "refs/heads/master", one.hex, &err));
	assert_int_equal(remote->push(remote, repo, "master", &none, &one,
				      &err), PUSH_OK);
	OK(remote->fetch(remote, repo, "", chosen, &tip, &err));
	assert_string_equal(chosen, "master");
	assert_oid(tip, one);
}

/* More objects than are written one by one. */
static void check_many(void (*open)(void))
{
	struct oid tip = none, first = none;
	char path[32], text[96];

	open();
	for (int i = 0; i < 120; i++) {
		snprintf(path, sizeof(path), "d%d/f%d.md=%d", i % 7, i, i);
		tip = COMMIT(tip.hex, path);
		if (i == 0)
			first = tip;
	}
	assert_int_equal(push_main(&none, &tip), PUSH_OK);
	assert_fsck();
	/* and all of them back, into an empty repository */
	repo_close(repo);
	assert_int_equal(run_shell("rm -rf %s/repo.git", dir), 0);
	snprintf(text, sizeof(text), "%s/repo.git", dir);
	OK(repo_open(&repo, text, &err));
	assert_oid(fetched("main"), tip);
	assert_true(repo_has(repo, first.hex));
	assert_text(tip.hex, "d0/f119.md", "119");
	assert_fsck();
}

static void test_path_many(void **state)
{
	(void)state;
	check_many(open_path);
}

static void test_daemon_many(void **state)
{
	(void)state;
	check_many(open_daemon);
}

/* History was rewritten there. */
static void check_rewrite(void (*open)(void))
{
	struct oid one, two, other;

	open();
	one = COMMIT("", "a=1");
	two = COMMIT(one.hex, "a=2");
	assert_int_equal(push_main(&none, &two), PUSH_OK);
	assert_int_equal(run_shell("cd %s/remote.git && git update-ref "
				   "refs/heads/main %s", dir, one.hex), 0);
	assert_oid(fetched("main"), one);
	other = commit_there("b.md", "x");
	assert_oid(fetched("main"), other);
	assert_int_equal(push_main(&other, &two), PUSH_STALE);
	assert_text(other.hex, "b.md", "x");
}

static void test_path_rewrite(void **state)
{
	(void)state;
	check_rewrite(open_path);
}

static void test_daemon_rewrite(void **state)
{
	(void)state;
	check_rewrite(open_daemon);
}

static void install_hook(const char *name, const char *script)
{
	assert_int_equal(run_shell("h=%s/remote.git/hooks/%s; mkdir -p "
				   "\"${h%%/*}\"; printf '#!/bin/sh\\n%s\\n' >$h"
				   " && chmod +x $h", dir, name, script), 0);
}

static void check_hooks(void (*open)(void))
{
	static const char *const names[] = { "pre-receive", "update" };
	struct oid one = COMMIT("", "a=1");

	open();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		install_hook(names[i], "printf \"no \\\\033[31mway\" >&2; "
			     "exit 1");
		assert_int_equal(push_main(&none, &one), PUSH_REFUSED);
		assert_int_equal(err.code, ERR_REFUSED);
		assert_non_null(strstr(err.text, "no "));
		assert_non_null(strstr(err.text, "way"));
		assert_null(strchr(err.text, 0x1b));
		assert_oid(fetched("main"), none);
		install_hook(names[i], "exit 0");
	}
	install_hook("post-update", "echo \"$1\" >done");
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	assert_oid(fetched("main"), one);
}

static void test_path_hooks(void **state)
{
	struct oid one = COMMIT("", "a=1"), two = COMMIT(one.hex, "a=2");

	(void)state;
	check_hooks(open_path);
	assert_int_equal(run_shell("test \"$(cat %s/remote.git/done)\" = "
				   "refs/heads/main", dir), 0);
	/* what a hook gets to see is what git would show it */
	install_hook("pre-receive", "cat >seen; git cat-file -e $(cut -d\\  "
		     "-f2 seen)");
	one = fetched("main");
	two = COMMIT(one.hex, "a=3");
	assert_int_equal(push_main(&one, &two), PUSH_OK);
	assert_int_equal(run_shell("test \"$(cat %s/remote.git/seen)\" = "
				   "'%s %s refs/heads/main'", dir, one.hex,
				   two.hex), 0);
	/* one that never ends */
	install_hook("pre-receive", "sleep 60");
	((struct peer *)remote)->timeout_ms = 300;
	one = COMMIT(two.hex, "a=4");
	assert_int_equal(push_main(&two, &one), PUSH_UNKNOWN);
	assert_int_equal(err.code, ERR_AGAIN);
	assert_oid(fetched("main"), two);
}

static void test_daemon_hooks(void **state)
{
	(void)state;
	check_hooks(open_daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_choose_branch),
	};
	const struct CMUnitTest with_git[] = {
		PATH(test_path_exchange),
		PATH(test_path_heads),
		DAEMON(test_daemon_exchange),
		DAEMON(test_daemon_heads),
		PATH(test_path_branches),
		DAEMON(test_daemon_branches),
		PATH(test_path_many),
		DAEMON(test_daemon_many),
		PATH(test_path_rewrite),
		DAEMON(test_daemon_rewrite),
		PATH(test_path_hooks),
		DAEMON(test_daemon_hooks),
	};

	return run_all(tests, ARRAY_LEN(tests), with_git, ARRAY_LEN(with_git));
}
