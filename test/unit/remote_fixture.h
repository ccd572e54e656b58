/* What tests of remotes share: a bare repository to talk to, and a real git
 * daemon in front of it. */
#ifndef TRINE_REMOTE_FIXTURE_H
#define TRINE_REMOTE_FIXTURE_H

#include "git_fixture.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../src/git/remote_p.h"
#include "trine/clock.h"
#include "trine/net.h"
#include "trine/remote.h"

static struct clock sys_clock;
static struct remote *remote;
static char said[512];
static pid_t daemon_pid;
static int daemon_port;

static inline void say(void *arg, const char *text)
{
	(void)arg;
	snprintf(said, sizeof(said), "%s", text);
}

static inline void open_url(const char *url, int64_t timeout_ms)
{
	if (remote != NULL)
		remote->free(remote);
	remote = NULL;
	OK(remote_open(&remote, url, NULL, &sys_clock, timeout_ms, &err));
	remote->say = say;
	said[0] = '\0';
}

static inline void open_path(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/remote.git", dir);
	open_url(path, 20000);
}

static inline void open_daemon(void)
{
	char url[64];

	snprintf(url, sizeof(url), "git://127.0.0.1:%d/remote.git",
		 daemon_port);
	open_url(url, 20000);
}

static inline int make_remote(void **state)
{
	git_repository *there;
	char path[96];

	if (make_repo(state) == -1)
		return -1;
	snprintf(path, sizeof(path), "%s/remote.git", dir);
	if (git_repository_init(&there, path, 1) != 0)
		return -1;
	git_repository_free(there);
	return 0;
}

static inline int remove_remote(void **state)
{
	if (remote != NULL)
		remote->free(remote);
	remote = NULL;
	return remove_repo(state);
}

/* The port is the kernel's choice; it may be gone by the time the daemon binds
 * it, and then another one is tried. */
static inline int free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) == -1)
		return -1;
	close(fd);
	return ntohs(address.sin_port);
}

static inline bool is_listening(int port)
{
	struct error ignored = ERROR_INIT;
	char text[8];
	int fd;

	snprintf(text, sizeof(text), "%d", port);
	fd = net_connect("127.0.0.1", text, &sys_clock,
			 sys_clock.steady(&sys_clock) + 1000, &ignored);
	net_close(fd);
	return fd >= 0;
}

static inline pid_t spawn_daemon(const char *receive)
{
	char base[96], port[24];
	pid_t pid;

	daemon_port = free_port();
	snprintf(base, sizeof(base), "--base-path=%s", dir);
	snprintf(port, sizeof(port), "--port=%d", daemon_port);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp("git", "git", "daemon", "--listen=127.0.0.1", port,
		       "--reuseaddr", "--export-all", base, receive, dir,
		       (char *)NULL);
		_exit(127);
	}
	setpgid(pid, pid);
	return pid;
}

static inline void end_daemon(void)
{
	if (daemon_pid > 0) {
		kill(-daemon_pid, SIGTERM);
		waitpid(daemon_pid, NULL, 0);
	}
	daemon_pid = 0;
}

static inline int start_daemon(const char *receive)
{
	for (int try = 0; try < 5; try++) {
		daemon_pid = spawn_daemon(receive);
		for (int i = 0; i < 200; i++) {
			if (is_listening(daemon_port))
				return 0;
			if (waitpid(daemon_pid, NULL, WNOHANG) != 0)
				break;
			usleep(10000);
		}
		end_daemon();
	}
	return -1;
}

static inline int make_daemon(void **state)
{
	return make_remote(state) == -1 ||
	       start_daemon("--enable=receive-pack") == -1 ? -1 : 0;
}

static inline int make_read_only_daemon(void **state)
{
	return make_remote(state) == -1 ||
	       start_daemon("--disable=receive-pack") == -1 ? -1 : 0;
}

static inline int remove_daemon(void **state)
{
	end_daemon();
	return remove_remote(state);
}

static const struct oid none = { "" };

static inline enum push_result push_main(const struct oid *old,
				  const struct oid *new_tip)
{
	OK(repo_ref_set(repo, "refs/heads/main", new_tip->hex, &err));
	error_clear(&err);
	return remote->push(remote, repo, "main", old, new_tip, &err);
}

static inline struct oid fetched(const char *branch)
{
	struct oid tip;

	OK(remote->fetch(remote, repo, branch, NULL, &tip, &err));
	return tip;
}

static inline void assert_oid(struct oid got, struct oid wanted)
{
	assert_string_equal(got.hex, wanted.hex);
}

/* A commit made there, by git, as another computer would. */
static inline struct oid commit_there(const char *file, const char *text)
{
	struct oid oid;
	char command[512];
	FILE *out;

	snprintf(command, sizeof(command),
		 "cd %s && rm -rf other && "
		 "git clone -q remote.git other 2>/dev/null && cd other && "
		 "{ git checkout -q main 2>/dev/null || "
		 "git checkout -q -b main; } && "
		 "mkdir -p coordination && printf '%s' >coordination/%s && "
		 "git add -A && git commit -q -m other && "
		 "git push -q origin main && git rev-parse HEAD", dir, text,
		 file);
	out = popen(command, "r");
	assert_non_null(fgets(oid.hex, sizeof(oid.hex), out));
	assert_int_equal(pclose(out), 0);
	return oid;
}

static inline void assert_text(const char *commit, const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	struct oid oid;
	bool is_tree;

	OK(repo_lookup(repo, commit, "coordination", path, &oid, &is_tree,
		       &err));
	OK(repo_blob_read(repo, oid.hex, 1000, &b, &err));
	assert_string_equal(b.data, text);
	buf_release(&b);
}

static inline void assert_fsck(void)
{
	assert_int_equal(run_shell("for r in repo remote; do git "
				   "--git-dir=%s/$r.git fsck --strict "
				   ">/dev/null 2>&1 || exit 1; done", dir), 0);
}

#define PATH(f) cmocka_unit_test_setup_teardown(f, make_remote, remove_remote)
#define DAEMON(f) cmocka_unit_test_setup_teardown(f, make_daemon, remove_daemon)

/* Those that need git are left out where it is not installed. */
static inline int run_all(const struct CMUnitTest *tests, size_t count,
			  const struct CMUnitTest *with_git, size_t more)
{
	int failed;

	clock_system(&sys_clock);
	failed = _cmocka_run_group_tests("tests", tests, count, start_git, stop_git);
	if (has_git())
		failed += _cmocka_run_group_tests("with git", with_git, more,
						  start_git, stop_git);
	return failed;
}

#endif
