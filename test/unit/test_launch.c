/* Programs that go on beside us: their files, folder, environment and session; and
 * what they use of the computer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trine/clock.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/program.h"
#include "trine/usage.h"

/* What the shell's TEXT prints, with EXTRA as its fourth file. */
static char *run(const char *text, const char *const *environment, int extra)
{
	const char *argv[] = { "/bin/sh", "-c", text, NULL };
	struct error err = ERROR_INIT;
	static char out[4096];
	int ends[2], status;
	ssize_t got, len = 0;
	long pid;

	assert_int_equal(pipe(ends), 0);
	{
		struct program_launch how = {
			.argv = argv, .folder = "/", .environment = environment,
			.file = { LAUNCH_NULL, ends[1], ends[1], extra },
		};

		assert_int_equal(program_launch(&how, &pid, &err), 0);
	}
	close(ends[1]);
	while ((got = read(ends[0], out + len, sizeof(out) - 1 - (size_t)len)) > 0)
		len += got;
	out[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return out;
}

static void files_are_as_said(void **state)
{
	static const char *const environment[] = { "ONE", "1", "TWO", NULL, NULL };
	/* what is open here, and no file of theirs */
	int other = open("/dev/null", O_RDONLY);

	(void)state;
	setenv("TWO", "2", 1);
	assert_string_equal(run("echo a; echo b >&2; cat; pwd; echo $ONE${TWO-gone}",
				environment, LAUNCH_NONE), "a\nb\n/\n1gone\n");
	assert_string_equal(run("for n in 3 4 5 6 7 8 9; do "
				"{ : <&$n; } 2>/dev/null && echo $n; done; :",
				NULL, LAUNCH_NONE), "");
	close(other);
}

static void the_fourth_is_a_channel(void **state)
{
	char text[8] = "";
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	run("echo hello >&3", NULL, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], text, sizeof(text) - 1), 6);
	assert_string_equal(text, "hello\n");
	assert_int_equal(read(ends[0], text, 1), 0);
	close(ends[0]);
}

static void what_cannot_begin_is_an_error(void **state)
{
	const char *argv[] = { "/nowhere/at/all", NULL };
	struct program_launch how = { .argv = argv, .file = {
		LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NONE } };
	struct error err = ERROR_INIT;
	long pid = 0;

	(void)state;
	assert_int_equal(program_launch(&how, &pid, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	argv[0] = "/bin/sh";
	how.folder = "/nowhere";
	assert_int_equal(program_launch(&how, &pid, &err), -1);
}

/* Before it begins: it finds itself there. */
static void who_it_is_is_noted(void **state)
{
	char note[] = "/tmp/trine-test-note.XXXXXX", text[200];
	const char *argv[] = { "/bin/sh", "-c", text, NULL };
	struct program_launch how = { .argv = argv, .note = note, .file = {
		LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NONE } };
	struct process_mark mark = { 0 };
	struct error err = ERROR_INIT;
	long pid;
	int status;

	(void)state;
	close(mkstemp(note));
	snprintf(text, sizeof(text), "read pid rest <%s; [ $pid = $$ ] && sleep 100",
		 note);
	assert_false(program_left(note, &mark));
	assert_int_equal(program_launch(&how, &pid, &err), 0);
	assert_int_equal(waitpid((pid_t)pid, &status, WNOHANG), 0);
	assert_true(program_left(note, &mark));
	assert_int_equal(mark.pid, pid);
	kill(-(pid_t)pid, SIGKILL);
	waitpid((pid_t)pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_false(program_left(note, &mark));
	/* and does not begin where that cannot be */
	unlink(note);
	how.note = "/nowhere/at/all";
	snprintf(text, sizeof(text), "echo >%s", note);
	assert_int_equal(program_launch(&how, &pid, &err), -1);
	assert_int_equal(access(note, F_OK), -1);
}

/* With what it has started: all of its session. */
static void use_is_of_all_in_a_session(void **state)
{
	const char *argv[] = { "/bin/sh", "-c",
			       "sleep 100 & while :; do :; done", NULL };
	struct program_launch how = { .argv = argv, .file = {
		LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NONE } };
	struct usage use[2] = { { .pid = 1 << 30 } };
	struct error err = ERROR_INIT;
	struct clock clock;
	long pid;

	(void)state;
	clock_system(&clock);
	assert_int_equal(program_launch(&how, &pid, &err), 0);
	use[1].pid = pid;
	for (int n = 0; n < 1000 && use[1].cpu_ms < 50; n++) {
		clock.sleep(&clock, 10);
		usage_gather(use, 2);
	}
	assert_true(use[1].cpu_ms >= 50);
	assert_int_equal(use[1].processes, 2);
	assert_in_range(use[1].memory, 100 * 1000, 1000 * 1000 * 1000);
	assert_int_equal(use[0].processes, 0);
	assert_int_equal(use[0].memory, 0);
	kill(-(pid_t)pid, SIGKILL);
	waitpid((pid_t)pid, NULL, 0);
	usage_gather(use, 2);
	assert_int_equal(use[1].cpu_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_as_said),
		cmocka_unit_test(the_fourth_is_a_channel),
		cmocka_unit_test(what_cannot_begin_is_an_error),
		cmocka_unit_test(who_it_is_is_noted),
		cmocka_unit_test(use_is_of_all_in_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
