/* Other programs, and TCP under a deadline. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trine/clock.h"
#include "trine/file.h"
#include "trine/lookup.h"
#include "trine/mem.h"
#include "trine/net.h"
#include "trine/process.h"

static struct error err;
static struct clock sys_clock;

static const struct run_row {
	const char *script;
	int status;
	const char *out;
} run_rows[] = {
	{ "echo one; echo two >&2", 0, "one\ntwo\n" },
	{ "exit 3", 3, "" },
	{ "kill -TERM $$", 128 + SIGTERM, "" },
	{ "read x; echo \"got $x\"", 0, "got \n" },
	{ "kill -PIPE $$", 128 + SIGPIPE, "" },
	{ "printf 0123456789abcdefghij", 0, "0123456789abcdef" },
	{ "exec >&- 2>&-; sleep 0.1; exit 4", 4, "" },
};

static const struct run_row ask_rows[] = {
	{ "cat; echo lost >&2", 0, "one\ntwo\n" },
	{ "read x; echo \"got $x\"; exit 3", 3, "got one\n" },
	{ "exit 5", 5, "" },
};

static void test_ask(void **state)
{
	struct process_result result;
	struct buf much = BUF_INIT, out = BUF_INIT;
	const char *const cat[] = { "cat", NULL };
	const char *const none[] = { "no-such-program", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ask_rows); i++) {
		const struct run_row *row = &ask_rows[i];
		const char *const argv[] = { "sh", "-c", row->script, NULL };

		buf_reset(&out);
		assert_int_equal(process_ask(argv, span_str("one\ntwo\n"), 10000,
					     &out, 16, &result, &err), 0);
		assert_int_equal(result.status, row->status);
		assert_string_equal(out.data, row->out);
	}
	while (much.len < PROCESS_INPUT)
		buf_addc(&much, 'x');
	buf_reset(&out);
	assert_int_equal(process_ask(cat, span_of(&much), 10000, &out, SIZE_MAX,
				     &result, &err), 0);
	assert_string_equal(out.data, much.data);
	assert_int_equal(process_ask(none, span_str("x"), 10000, &out, 16,
				     &result, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	error_clear(&err);
	buf_release(&much);
	buf_release(&out);
}

static void test_run(void **state)
{
	struct process_result result;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(run_rows); i++) {
		const struct run_row *row = &run_rows[i];
		const char *const argv[] = { "sh", "-c", row->script, NULL };
		struct buf out = BUF_INIT;

		assert_int_equal(process_run(argv, 10000, &out, 16, &result,
					     &err), 0);
		assert_int_equal(result.status, row->status);
		assert_false(result.timed_out);
		assert_string_equal(out.data, row->out);
		buf_release(&out);
	}
	signal(SIGPIPE, SIG_DFL);
}

static void test_run_missing(void **state)
{
	const char *const argv[] = { "trine-no-such-program", NULL };
	struct process_result result;

	(void)state;
	assert_int_equal(process_run(argv, 1000, NULL, 0, &result, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(process_detach(argv, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(process_exec(argv, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

/* The whole group dies, and output without end does not keep us. */
static void test_run_timeout(void **state)
{
	static const char *const scripts[] = {
		"sleep 60 & sleep 60", "yes", "trap '' TERM; sleep 60",
	};
	struct process_result result;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		const char *const argv[] = { "sh", "-c", scripts[i], NULL };
		int64_t start = sys_clock.steady(&sys_clock);
		struct buf out = BUF_INIT;

		assert_int_equal(process_run(argv, 200, &out, 100, &result,
					     &err), 0);
		assert_true(result.timed_out);
		assert_int_equal(result.status, 128 + SIGKILL);
		assert_true(out.len <= 100);
		assert_in_range(sys_clock.steady(&sys_clock) - start, 200, 3000);
		buf_release(&out);
	}
}

/* What a program leaves running holds the pipe, not us. */
static void test_run_leaves_child(void **state)
{
	const char *const argv[] = { "sh", "-c", "sleep 5 & echo done", NULL };
	int64_t start = sys_clock.steady(&sys_clock);
	struct process_result result;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(process_run(argv, 60000, &out, 100, &result, &err), 0);
	assert_string_equal(out.data, "done\n");
	assert_in_range(sys_clock.steady(&sys_clock) - start, 0, 3000);
	buf_release(&out);
}

static void test_detach(void **state)
{
	char dir[] = "/tmp/trine-process-XXXXXX", script[128], path[64];
	const char *const argv[] = { "sh", "-c", script, NULL };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/done", dir);
	snprintf(script, sizeof(script), "sleep 0.1; mkdir %s", path);
	assert_int_equal(process_detach(argv, &err), 0);
	assert_false(file_exists(path));
	for (int i = 0; i < 500 && !file_exists(path); i++)
		usleep(10000);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	/* nothing is left for us to reap */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_deadline(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		signal(SIGALRM, SIG_IGN);
		process_deadline(1);
		for (;;)
			pause();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void test_deadline_note(void **state)
{
	char path[] = "/tmp/trine-note-XXXXXX";
	struct buf text = BUF_INIT;
	int status, fd = mkstemp(path);
	pid_t pid;

	(void)state;
	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(process_deadline_note("/nonexistent/x", "", &err), -1);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_IGN);
		process_deadline(1);
		if (process_deadline_note(path, "one\n", &err) == -1 ||
		    process_deadline_note(path, "two\n", &err) == -1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGALRM);
	assert_int_equal(file_read(path, 99, &text, NULL, &err), 0);
	assert_string_equal(text.data, "two\n" PROCESS_CUT);
	pid = fork();
	if (pid == 0) {
		process_deadline(1);
		process_deadline_note(path, "three\n", &err);
		process_deadline_forget();
		for (;;)
			pause();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(file_read(path, 99, &text, NULL, &err), 0);
	assert_string_equal(text.data, "three\n");
	unlink(path);
	buf_release(&text);
}

static void test_facts(void **state)
{
	char *path = process_path(), *host = process_host();

	(void)state;
	assert_non_null(path);
	assert_non_null(strstr(path, "test_process"));
	assert_true(strlen(host) > 0);
	assert_int_equal(process_id(), getpid());
	free(path);
	free(host);
}

static int listen_here(char port[8])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(port, 8, "%d", ntohs(address.sin_port));
	return fd;
}

static int64_t in_ms(int64_t ms)
{
	return sys_clock.steady(&sys_clock) + ms;
}

static void test_net(void **state)
{
	char port[8], bytes[8];
	int server = listen_here(port), fd, peer;

	(void)state;
	fd = net_connect("127.0.0.1", port, &sys_clock, in_ms(2000), &err);
	assert_true(fd >= 0);
	peer = accept(server, NULL, NULL);
	assert_int_equal(net_write(fd, "ping", 4, &sys_clock, in_ms(1000), &err),
			 4);
	assert_int_equal(read(peer, bytes, 8), 4);
	assert_int_equal(write(peer, "pong", 4), 4);
	assert_int_equal(net_read(fd, bytes, 8, &sys_clock, in_ms(1000), &err),
			 4);
	/* silence */
	assert_int_equal(net_read(fd, bytes, 8, &sys_clock, in_ms(50), &err),
			 -1);
	assert_int_equal(err.code, ERR_AGAIN);
	close(peer);
	assert_int_equal(net_read(fd, bytes, 8, &sys_clock, in_ms(1000), &err),
			 0);
	net_close(fd);
	close(server);
	/* nobody listens any more */
	fd = net_connect("127.0.0.1", port, &sys_clock, in_ms(2000), &err);
	assert_int_equal(fd, -1);
	assert_int_equal(err.code, ERR_AGAIN);
}

/* A peer that takes nothing: the write ends, and no signal comes. */
static void test_net_write_ends(void **state)
{
	static char much[1 << 20];
	char port[8];
	int server = listen_here(port), fd, peer, result = 0;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	fd = net_connect("localhost", port, &sys_clock, in_ms(2000), &err);
	assert_true(fd >= 0);
	peer = accept(server, NULL, NULL);
	for (int i = 0; i < 64 && result != -1; i++)
		result = (int)net_write(fd, much, sizeof(much), &sys_clock,
					in_ms(50), &err);
	assert_int_equal(result, -1);
	assert_int_equal(err.code, ERR_AGAIN);
	close(peer);
	for (int i = 0; i < 3; i++)
		result = (int)net_write(fd, much, 1, &sys_clock, in_ms(100),
					&err);
	assert_int_equal(result, -1);
	net_close(fd);
	close(server);
}

static void test_net_name(void **state)
{
	(void)state;
	assert_int_equal(net_connect("no-such-host.invalid", "1", &sys_clock,
				     in_ms(5000), &err), -1);
	assert_int_equal(err.code, ERR_AGAIN);
	assert_non_null(strstr(err.text, "no-such-host.invalid"));
}

static void test_lookup(void **state)
{
	struct pollfd done = { .events = POLLIN };
	struct lookup *l;
	struct list found;

	(void)state;
	/* an address is there at once, in the form of all */
	l = lookup_begin("::0001", "80", &done.fd, &err);
	assert_non_null(l);
	assert_int_equal(poll(&done, 1, 0), 1);
	assert_int_equal(lookup_take(l, &found, &err), 0);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.item[0], "::1");
	list_release(&found);
	lookup_end(l);
	close(done.fd);
	/* who waits no more is not waited for */
	l = lookup_begin("localhost", NULL, &done.fd, &err);
	assert_non_null(l);
	assert_int_equal(poll(&done, 1, 5000), 1);
	assert_int_equal(lookup_take(l, &found, &err), 0);
	assert_true(list_has(&found, "127.0.0.1") || list_has(&found, "::1"));
	list_release(&found);
	lookup_end(l);
	close(done.fd);
	l = lookup_begin("no-such-host.invalid", NULL, &done.fd, &err);
	assert_non_null(l);
	close(done.fd);
	lookup_end(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_run_missing),
		cmocka_unit_test(test_run_timeout),
		cmocka_unit_test(test_run_leaves_child),
		cmocka_unit_test(test_detach),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_deadline_note),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_net),
		cmocka_unit_test(test_net_write_ends),
		cmocka_unit_test(test_net_name),
		cmocka_unit_test(test_lookup),
	};

	clock_system(&sys_clock);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
