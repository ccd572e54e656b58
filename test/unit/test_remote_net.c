/* Remotes over the network: refusals of a git daemon, commits made to hurt, and
 * servers that hang, hang up and lie. */
#include "remote_fixture.h"

#include <pthread.h>

static void test_daemon_refuses(void **state)
{
	struct oid c = COMMIT("", "a=1"), tip;
	char url[64];
	int status;
	pid_t pid;

	(void)state;
	open_daemon();
	assert_oid(fetched("main"), none);
	assert_int_equal(push_main(&none, &c), PUSH_REFUSED);
	assert_int_equal(err.code, ERR_REFUSED);
	snprintf(url, sizeof(url), "git://127.0.0.1:%d/none.git", daemon_port);
	open_url(url, 5000);
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err),
			 -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(push_main(&none, &c), PUSH_REFUSED);
	end_daemon();
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err),
			 -1);
	assert_int_equal(err.code, ERR_AGAIN);
	/* in a child: libgit2 1.5 leaks a stream it could not connect */
	pid = fork();
	if (pid == 0)
		_exit(push_main(&none, &c) != PUSH_UNKNOWN ||
		      err.code != ERR_AGAIN);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A commit that git servers take, and libgit2's own reader does not. */
static struct oid odd_commit_there(const char *parent)
{
	char command[512];
	struct oid odd;
	FILE *out;

	snprintf(command, sizeof(command), "cd %s/remote.git && "
		 "printf 'tree %%s\nparent %s\n\nno author\n' "
		 "$(git rev-parse %s^{tree}) | git hash-object -t commit "
		 "--literally -w --stdin", dir, parent, parent);
	out = popen(command, "r");
	assert_non_null(fgets(odd.hex, sizeof(odd.hex), out));
	assert_int_equal(pclose(out), 0);
	assert_int_equal(run_shell("cd %s/remote.git && git update-ref "
				   "refs/heads/main %s", dir, odd.hex), 0);
	return odd;
}

static void go_on_from_odd_commit(void)
{
	struct oid one = COMMIT("", "a=1"), other = COMMIT(one.hex, "a=3");
	struct oid odd, two, base;

	assert_int_equal(push_main(&none, &one), PUSH_OK);
	odd = odd_commit_there(one.hex);
	assert_oid(fetched("main"), odd);
	two = COMMIT(odd.hex, "a=2");
	assert_int_equal(push_main(&odd, &two), PUSH_OK);
	two = commit_there("b.md", "x");
	assert_oid(fetched("main"), two);
	odd = COMMIT(two.hex, "a=4");
	assert_int_equal(push_main(&two, &odd), PUSH_OK);
	OK(repo_merge_base(repo, other.hex, odd.hex, &base, &err));
	assert_oid(base, one);
}

static void test_path_odd_commit(void **state)
{
	(void)state;
	open_path();
	go_on_from_odd_commit();
}

static void test_daemon_odd_commit(void **state)
{
	(void)state;
	open_daemon();
	go_on_from_odd_commit();
}

/* What libgit2 is shown in the place of objects must not keep from us that one
 * of ours is damaged: it is found when it is to be sent. */
static void test_daemon_damage(void **state)
{
	struct oid one = COMMIT("", "a=1"), two;

	(void)state;
	open_daemon();
	assert_int_equal(push_main(&none, &one), PUSH_OK);
	two = COMMIT(one.hex, "a=2");
	assert_int_equal(run_shell("cd %s/repo.git/objects && file() { "
				   "git rev-parse $1:coordination/a | "
				   "sed 's,..,&/,'; } && export GIT_DIR=.. && "
				   "cp -f $(file %s) $(file %s)", dir, one.hex,
				   two.hex), 0);
	assert_int_equal(push_main(&one, &two), PUSH_UNKNOWN);
	assert_true(repo_is_damaged(repo, &err));
}

/* What was too much is not asked for again, whatever is let in by now: its caller
 * says when. */
static void test_daemon_too_much(void **state)
{
	struct settings narrow = { .fetch_size = 1024 }, wide = { .fetch_size = 1 << 20 };
	struct oid tip, large, more;
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "git://127.0.0.1:%d/remote.git", daemon_port);
	commit_there("a.md", "0");
	assert_int_equal(run_shell("cd %s/other && head -c 9000 /dev/urandom >noise && "
				   "git add -A && git commit -q -m noise && "
				   "git push -q origin main && "
				   "git rev-parse HEAD >../large", dir), 0);
	open_url(url, 5000);
	remote->settings = &narrow;
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "`fetch` under [remote]"));
	assert_true(remote->too_much);
	assert_int_equal(run_shell("grep -qx %s %s/large", remote->too_large.hex, dir), 0);
	large = remote->too_large;
	remote->settings = &wide;
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err), -1);
	assert_true(remote->too_much);
	assert_oid(remote->too_large, large);
	more = commit_there("a.md", "1");
	remote->hold = true;
	assert_int_equal(remote->fetch(remote, repo, "main", NULL, &tip, &err), -1);
	assert_true(remote->too_much);
	assert_oid(remote->too_large, large);
	remote->hold = false;
	assert_oid(fetched("main"), more);
	assert_false(remote->too_much);
}

static void test_daemon_denies(void **state)
{
	struct oid one = COMMIT("", "a=1");

	(void)state;
	open_daemon();
	assert_int_equal(run_shell("git init -q -b main %s/work && "
				   "rm -rf %s/remote.git && "
				   "mv %s/work/.git %s/remote.git && "
				   "git --git-dir=%s/remote.git config "
				   "core.bare false", dir, dir, dir, dir, dir),
			 0);
	assert_int_equal(push_main(&none, &one), PUSH_REFUSED);
	assert_non_null(strstr(err.text, "checked out"));
}

/* --- servers that mean no good, each a few bytes long --- */

struct server {
	const char *bytes;
	size_t len;
	bool hang;		/* then keep quiet instead of hanging up */
	int fd;
};

static void *serve(void *arg)
{
	struct server *server = arg;
	char drop[4096];
	int fd = accept(server->fd, NULL, NULL);

	if (fd == -1)
		return NULL;
	if (recv(fd, drop, sizeof(drop), 0) > 0)
		for (size_t done = 0; done < server->len;) {
			ssize_t put = send(fd, server->bytes + done,
					   server->len - done, MSG_NOSIGNAL);

			if (put <= 0)
				break;
			done += (size_t)put;
		}
	while (server->hang && recv(fd, drop, sizeof(drop), 0) > 0)
		;
	close(fd);
	return NULL;
}

static void add_line(struct buf *out, const char *text, size_t len)
{
	buf_printf(out, "%04zx", len + 4);
	buf_add(out, text, len);
}

static int serve_once(const struct buf *bytes, bool hang, bool push,
		      int64_t *took)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	struct server server = { bytes->data, bytes->len, hang, -1 };
	struct oid tip, c = COMMIT("", "a=1");
	char url[64];
	pthread_t thread;
	int result;

	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server.fd, 1), 0);
	assert_int_equal(getsockname(server.fd, (struct sockaddr *)&address,
				     &len), 0);
	snprintf(url, sizeof(url), "git://127.0.0.1:%d/x",
		 ntohs(address.sin_port));
	assert_int_equal(pthread_create(&thread, NULL, serve, &server), 0);
	open_url(url, 400);
	*took = sys_clock.steady(&sys_clock);
	if (push)
		result = (int)push_main(&none, &c);
	else
		result = remote->fetch(remote, repo, "main", NULL, &tip, &err);
	*took = sys_clock.steady(&sys_clock) - *took;
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(server.fd);
	return result;
}

static void check_hostile(const struct buf *bytes)
{
	int64_t took;

	for (int hang = 0; hang < 2; hang++) {
		assert_int_equal(serve_once(bytes, hang, false, &took), -1);
		assert_true(took < 5000);
		assert_null(strchr(err.text, 0x1b));
		assert_int_equal(serve_once(bytes, hang, true, &took),
				 PUSH_UNKNOWN);
		assert_int_equal(err.code, ERR_AGAIN);
		assert_true(took < 5000);
	}
}

static void test_hostile_servers(void **state)
{
	static const char *const texts[] = {
		"", "0", "0000", "zzzz", "fffffffff", "0005", "0008NAK\n",
		"HTTP/1.0 400 Bad Request\r\n\r\n",
		"0021ERR go \x1b[31maway              ",
		"00441234567890123456789012345678901234567890 refs/heads/main",
	};
	struct buf bytes = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		/* an advertisement that ends well is an empty remote */
		if (strcmp(texts[i], "0000") == 0)
			continue;
		buf_reset(&bytes);
		buf_adds(&bytes, texts[i]);
		check_hostile(&bytes);
	}
	buf_release(&bytes);
}

/* A tip that is shown and not sent; and the first line cut off at each byte. */
static void test_lying_servers(void **state)
{
	static const char line[] =
		"1234567890123456789012345678901234567890 refs/heads/main\0"
		"side-band-64k ofs-delta report-status\n";
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	int64_t took;

	(void)state;
	add_line(&whole, line, sizeof(line) - 1);
	buf_adds(&whole, "0000");
	for (size_t i = 0; i < whole.len; i += 5) {
		buf_reset(&cut);
		buf_add(&cut, whole.data, i);
		assert_int_equal(serve_once(&cut, false, false, &took), -1);
		assert_true(took < 5000);
	}
	/* answers to what is wanted: nothing, NAK and no pack, NAK and noise */
	check_hostile(&(struct buf){ whole.data, whole.len - 4, 0 });
	assert_int_equal(serve_once(&whole, true, true, &took), PUSH_STALE);
	assert_int_equal(serve_once(&whole, true, false, &took), -1);
	assert_int_equal(err.code, ERR_AGAIN);
	assert_in_range(took, 400, 5000);
	add_line(&whole, "NAK\n", 4);
	assert_int_equal(serve_once(&whole, false, false, &took), -1);
	add_line(&whole, "\1PACK\0\0\0\2\377\377\377\377garbage", 20);
	assert_int_equal(serve_once(&whole, false, false, &took), -1);
	assert_true(took < 5000);
	buf_release(&whole);
	buf_release(&cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PATH(test_hostile_servers),
		PATH(test_lying_servers),
	};
	const struct CMUnitTest with_git[] = {
		cmocka_unit_test_setup_teardown(test_daemon_refuses,
						make_read_only_daemon,
						remove_daemon),
		PATH(test_path_odd_commit),
		DAEMON(test_daemon_odd_commit),
		DAEMON(test_daemon_damage),
		DAEMON(test_daemon_too_much),
		DAEMON(test_daemon_denies),
	};

	return run_all(tests, ARRAY_LEN(tests), with_git, ARRAY_LEN(with_git));
}
