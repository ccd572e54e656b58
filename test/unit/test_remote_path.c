/* A remote on a local path: disks that fail, locks that were left, others that
 * push at the same time, and being killed. */
#include "remote_fixture.h"

#include <sys/resource.h>

#include "trine/file.h"

static void test_path_absent(void **state)
{
	struct oid tip, c = COMMIT("", "a=1");
	char path[96];

	(void)state;
	snprintf(path, sizeof(path), "%s/nowhere.git", dir);
	open_url(path, 1000);
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err),
			 -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_non_null(strstr(err.text, "git init --bare"));
	assert_int_equal(push_main(&none, &c), PUSH_UNKNOWN);
	assert_int_equal(run_shell("mkdir %s; echo x >%s/file", path, path), 0);
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err),
			 -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

/* Root passes every permission: a folder of another user is what it meets. */
static void test_path_refuses(void **state)
{
	struct oid c = COMMIT("", "a=1"), tip;

	(void)state;
	if (geteuid() == 0) {
		assert_int_equal(run_shell("chown -R 65534 %s/remote.git", dir),
				 0);
		open_path();
		assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip,
					       &err), -1);
		if (strstr(err.text, "another user") == NULL)
			fail_msg("%s", err.text);
		assert_int_equal(err.code, ERR_REFUSED);
	} else {
		assert_int_equal(run_shell("chmod -R a-w %s/remote.git", dir),
				 0);
		open_path();
		assert_oid(fetched("main"), none);
	}
	assert_int_equal(push_main(&none, &c), PUSH_REFUSED);
	assert_int_equal(err.code, ERR_REFUSED);
}

/* The bytes run out in the middle of an object. */
static void test_path_full(void **state)
{
	struct rlimit limit = { 3000, RLIM_INFINITY };
	struct oid c;
	struct buf text = BUF_INIT;

	(void)state;
	open_path();
	buf_adds(&text, "a=");
	for (unsigned i = 0, x = 1; i < 2000; i++, x = x * 1103515245 + 12345)
		buf_printf(&text, "%08x", x);
	c = COMMIT("", text.data);
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(remote->push(remote, repo, "main", &none, &c, &err),
			 PUSH_UNKNOWN);
	assert_int_equal(err.code, ERR_AGAIN);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_oid(fetched("main"), none);
	assert_int_equal(push_main(&none, &c), PUSH_OK);
	buf_release(&text);
}

static void test_path_checked_out(void **state)
{
	struct oid one = COMMIT("", "a=1"), two = COMMIT(one.hex, "a=2");
	char path[96];

	(void)state;
	assert_int_equal(run_shell("git init -q -b main %s/work", dir), 0);
	snprintf(path, sizeof(path), "%s/work", dir);
	open_url(path, 5000);
	assert_int_equal(push_main(&none, &one), PUSH_REFUSED);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_non_null(strstr(err.text, "checked out"));
	/* another branch is nobody's desk */
	OK(repo_ref_set(repo, "refs/heads/fleet", one.hex, &err));
	assert_int_equal(remote->push(remote, repo, "fleet", &none, &one,
				      &err), PUSH_OK);
	assert_int_equal(run_shell("cd %s/work && git checkout -q fleet", dir),
			 0);
	OK(repo_ref_set(repo, "refs/heads/main", one.hex, &err));
	assert_int_equal(remote->push(remote, repo, "fleet", &one, &two,
				      &err), PUSH_REFUSED);
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	/* nor is it, under the name of another one */
	assert_int_equal(run_shell("cd %s/work && git symbolic-ref refs/heads/alias "
				   "refs/heads/fleet", dir), 0);
	OK(repo_ref_set(repo, "refs/heads/alias", one.hex, &err));
	assert_int_equal(remote->push(remote, repo, "alias", &one, &two,
				      &err), PUSH_REFUSED);
	assert_non_null(strstr(err.text, "checked out"));
}

static void test_path_dead_lock(void **state)
{
	struct oid one = COMMIT("", "a=1"), two = COMMIT(one.hex, "a=2");
	int64_t start;

	(void)state;
	open_path();
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	assert_int_equal(run_shell(": >%s/remote.git/refs/heads/main.lock",
				   dir), 0);
	start = sys_clock.steady(&sys_clock);
	assert_int_equal(push_main(&one, &two), PUSH_OK);
	assert_in_range(sys_clock.steady(&sys_clock) - start, 2000, 10000);
	assert_non_null(strstr(said, "main.lock"));
	assert_oid(fetched("main"), two);
}

/* What a branch stands for is moved, born or not, and is what is locked; hooks are
 * asked about the branch: all as git does. */
static void test_path_symbolic(void **state)
{
	static const char hook[] = "#!/bin/sh\necho $1 >asked\n";
	struct oid one = COMMIT("", "a=1"), two = COMMIT(one.hex, "a=2"), other;

	(void)state;
	open_path();
	assert_int_equal(run_shell("cd %s/remote.git && printf '%s' >hooks/update && "
				   "chmod +x hooks/update && "
				   "printf 'ref: refs/heads/next\\n' >refs/heads/main &&"
				   "printf 'ref: refs/heads/master\\n' >refs/heads/next",
				   dir, hook), 0);
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	assert_int_equal(run_shell(": >%s/remote.git/refs/heads/master.lock",
				   dir), 0);
	assert_int_equal(push_main(&one, &two), PUSH_OK);
	assert_non_null(strstr(said, "master.lock"));
	assert_oid(fetched("main"), two);
	assert_oid(fetched("master"), two);
	assert_int_equal(run_shell("cd %s/remote.git && grep -q next refs/heads/main && "
				   "grep -q master refs/heads/next && "
				   "grep -qx refs/heads/main asked", dir), 0);
	other = COMMIT(one.hex, "a=3");
	assert_int_equal(push_main(&one, &other), PUSH_STALE);
	assert_int_equal(run_shell("cd %s/remote.git && "
				   "printf 'ref: refs/heads/main\\n' >refs/heads/master",
				   dir), 0);
	other = COMMIT(two.hex, "a=3");
	assert_int_equal(push_main(&two, &other), PUSH_UNKNOWN);
}

/* A lock that lives changes, and is waited for, not broken. */
static void test_path_live_lock(void **state)
{
	struct oid one = COMMIT("", "a=1"), two = COMMIT(one.hex, "a=2");
	pid_t pid;

	(void)state;
	open_path();
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	assert_int_equal(run_shell(": >%s/remote.git/refs/heads/main.lock",
				   dir), 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 6; i++) {
			usleep(500000);
			run_shell("touch %s/remote.git/refs/heads/main.lock",
				  dir);
		}
		_exit(run_shell("rm %s/remote.git/refs/heads/main.lock", dir));
	}
	assert_int_equal(push_main(&one, &two), PUSH_OK);
	assert_string_equal(said, "");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_path_turns(void **state)
{
	struct oid one = COMMIT("", "a=1");
	char path[128];
	int ends[2];
	pid_t pid;

	(void)state;
	open_path();
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "%s/remote.git/trine.lock", dir);
	pid = fork();
	if (pid == 0) {
		if (file_lock(path, 0, &err) == -1 ||
		    write(ends[1], "", 1) != 1)
			_exit(1);
		sleep(30);
		_exit(0);
	}
	assert_int_equal(read(ends[0], path, 1), 1);
	((struct peer *)remote)->timeout_ms = 200;
	assert_int_equal(push_main(&none, &one), PUSH_UNKNOWN);
	assert_int_equal(err.code, ERR_AGAIN);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	((struct peer *)remote)->timeout_ms = 5000;
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	close(ends[0]);
	close(ends[1]);
}

/* Children that all push on the same tip at the same time: one wins. */
static void run_racer(int racer, int go, const struct oid *old)
{
	char path[96], spec[32];
	struct oid c;
	int result;

	snprintf(path, sizeof(path), "%s/racer%d.git", dir, racer);
	OK(repo_open(&repo, path, &err));
	open_path();
	fetched("main");
	snprintf(spec, sizeof(spec), "racer.md=%d", racer);
	c = COMMIT(old->hex, spec);
	OK(repo_ref_set(repo, "refs/heads/main", c.hex, &err));
	/* all start when the other end is closed */
	if (read(go, spec, 1) != 0)
		_exit(99);
	result = (int)remote->push(remote, repo, "main", old, &c, &err);
	_exit(result);
}

static void test_path_race(void **state)
{
	enum { RACERS = 4, ROUNDS = 10 };
	struct oid tip = COMMIT("", "a=1");

	(void)state;
	open_path();
	assert_int_equal(push_main(&none, &tip), PUSH_OK);
	for (int round = 0; round < ROUNDS; round++) {
		int go[2], won = 0, stale = 0, status;

		assert_int_equal(pipe(go), 0);
		for (int i = 0; i < RACERS; i++)
			if (fork() == 0) {
				close(go[1]);
				run_racer(i, go[0], &tip);
			}
		usleep(100000);
		close(go[1]);
		close(go[0]);
		for (int i = 0; i < RACERS; i++) {
			assert_true(wait(&status) > 0);
			won += WEXITSTATUS(status) == PUSH_OK;
			stale += WEXITSTATUS(status) == PUSH_STALE;
		}
		assert_int_equal(won, 1);
		assert_int_equal(stale, RACERS - 1);
		tip = fetched("main");
	}
}

/* Killed at any moment, the next push finds its way, and nobody ever sees a
 * branch whose objects are not there. */
static void test_path_killed(void **state)
{
	struct oid tip = COMMIT("", "a=1"), next;
	char path[32];
	int status;

	(void)state;
	open_path();
	assert_int_equal(push_main(&none, &tip), PUSH_OK);
	for (int i = 0; i < 40; i++) {
		pid_t pid;

		snprintf(path, sizeof(path), "d/e/f%d.md=%d", i, i);
		next = COMMIT(tip.hex, path);
		OK(repo_ref_set(repo, "refs/heads/main", next.hex, &err));
		pid = fork();
		if (pid == 0)
			_exit((int)remote->push(remote, repo, "main", &tip,
						&next, &err));
		usleep((useconds_t)(i * 300));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		OK(repo_clean(repo, &err));
		assert_int_equal(push_main(&tip, &next), PUSH_OK);
		assert_oid(fetched("main"), next);
		tip = next;
	}
	assert_fsck();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PATH(test_path_absent),
		PATH(test_path_refuses),
		PATH(test_path_full),
		PATH(test_path_dead_lock),
		PATH(test_path_symbolic),
		PATH(test_path_live_lock),
		PATH(test_path_turns),
		PATH(test_path_race),
	};
	const struct CMUnitTest with_git[] = {
		PATH(test_path_checked_out),
		PATH(test_path_killed),
	};

	return run_all(tests, ARRAY_LEN(tests), with_git, ARRAY_LEN(with_git));
}
