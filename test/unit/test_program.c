/* Programs that work for us: what they get and give, that they end in time with
 * all they started, and that none outlives who started it for long. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "trine/clock.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/program.h"

static struct buf out = BUF_INIT, tail = BUF_INIT;
static struct program_end end;
static struct error err = ERROR_INIT;

static const char *const nothing[] = { NULL };

/* SCRIPT by a shell, as the program; the rest as P says. */
static int run(struct program p, const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	p.argv = argv;
	p.folder = p.folder ? p.folder : "/";
	p.environment = p.environment ? p.environment : nothing;
	p.timeout_ms = p.timeout_ms ? p.timeout_ms : 20000;
	p.out_limit = p.out_limit ? p.out_limit : 1000;
	p.tail_limit = p.tail_limit ? p.tail_limit : 100;
	buf_reset(&out);
	buf_reset(&tail);
	return program_run(&p, &out, &tail, &end, &err);
}

static int64_t steady(void)
{
	struct clock clock;

	clock_system(&clock);
	return clock.steady(&clock);
}

static void wait_until_gone(long pid)
{
	struct process_mark mark;

	for (int i = 0; i < 500 && process_mark(pid, &mark); i++)
		usleep(10000);
	assert_false(process_mark(pid, &mark));
}

static void it_gets_its_input_and_gives_its_output(void **state)
{
	static const char *const variables[] = {
		"ONE", "a b", "HOME", NULL, NULL
	};
	struct program p = { .input = { "hello\n", 6 },
			     .environment = variables, .folder = "/tmp" };

	(void)state;
	assert_int_equal(run(p, "cat; pwd -P; echo $ONE ${HOME-none};"
			     " echo bad >&2; exit 3"), 0);
	assert_int_equal(end.status, 3);
	assert_int_equal(end.signal, 0);
	assert_non_null(strstr(out.data, "hello\n"));
	assert_non_null(strstr(out.data, "tmp\na b none\n"));
	assert_string_equal(tail.data, "bad\n");
	assert_int_equal(end.out_total, out.len);
}

static void much_goes_through_in_both_directions(void **state)
{
	size_t len = 3 << 20;
	char *bytes = xmalloc(len);
	struct program p = { .input = { bytes, len }, .out_limit = len };

	(void)state;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	assert_int_equal(run(p, "cat"), 0);
	assert_int_equal(out.len, len);
	assert_memory_equal(out.data, bytes, len);
	/* one that reads none of it, or a part */
	assert_int_equal(run(p, "echo done"), 0);
	assert_string_equal(out.data, "done\n");
	assert_int_equal(run(p, "exec <&-; echo closed"), 0);
	assert_string_equal(out.data, "closed\n");
	free(bytes);
}

static void what_is_too_much_is_counted_and_dropped(void **state)
{
	struct program p = { .out_limit = 10, .tail_limit = 5 };

	(void)state;
	assert_int_equal(run(p, "head -c 100000000 /dev/zero | tr '\\0' x;"
			     " head -c 1000000 /dev/zero | tr '\\0' y >&2;"
			     " printf end >&2"), 0);
	assert_string_equal(out.data, "xxxxxxxxxx");
	assert_int_equal(end.out_total, 100000000);
	assert_int_equal(end.tail_total, 1000003);
	assert_true(tail.len <= 10);
	assert_string_equal(tail.data + tail.len - 5, "yyend");
}

static void what_cannot_be_run_is_said(void **state)
{
	const char *const missing[] = { "/no/such/program", NULL };
	const char *const plain[] = { "/etc/passwd", NULL };
	const char *const folder[] = { "/etc", NULL };
	struct program p = { .argv = missing, .folder = "/",
			     .environment = nothing, .timeout_ms = 5000 };

	(void)state;
	assert_int_equal(program_run(&p, &out, &tail, &end, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_non_null(strstr(err.text, "/no/such/program"));
	p.argv = plain;
	assert_int_equal(program_run(&p, &out, &tail, &end, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	p.argv = folder;
	assert_int_equal(program_run(&p, &out, &tail, &end, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	p.argv = missing;
	p.folder = "/no/such/folder";
	assert_int_equal(program_run(&p, &out, &tail, &end, &err), -1);
}

static void a_signal_is_told_from_an_exit(void **state)
{
	(void)state;
	assert_int_equal(run((struct program){ 0 }, "kill -SEGV $$"), 0);
	assert_int_equal(end.signal, SIGSEGV);
	assert_int_equal(end.status, 128 + SIGSEGV);
}

static void its_time_is_bounded(void **state)
{
	struct program p = { .timeout_ms = 200 };
	int64_t began = steady();

	(void)state;
	assert_int_equal(run(p, "echo before; sleep 100 & echo $!; wait"), 0);
	assert_true(end.timed_out);
	assert_int_equal(end.signal, SIGTERM);
	assert_true(steady() - began < PROGRAM_GRACE_MS);
	assert_int_equal(strncmp(out.data, "before\n", 7), 0);
	/* its children too */
	wait_until_gone(atol(out.data + 7));
}

static void who_ignores_term_is_killed(void **state)
{
	struct program p = { .timeout_ms = 100 };
	int64_t began = steady();

	(void)state;
	assert_int_equal(run(p, "trap '' TERM; while :; do sleep 1; done"), 0);
	assert_true(end.timed_out);
	assert_int_equal(end.signal, SIGKILL);
	assert_true(steady() - began >= PROGRAM_GRACE_MS);
	assert_true(steady() - began < 4 * PROGRAM_GRACE_MS);
}

/* Its end counts, not that of those who hold its output. */
static void what_it_leaves_running_ends_with_it(void **state)
{
	int64_t began = steady();

	(void)state;
	assert_int_equal(run((struct program){ 0 },
			     "sleep 100 & echo $!; exit 0"), 0);
	assert_int_equal(end.status, 0);
	assert_true(steady() - began < 5000);
	wait_until_gone(atol(out.data));
	/* one that ignores it, and one that talks on */
	assert_int_equal(run((struct program){ 0 },
			     "(trap '' TERM; while :; do echo x; sleep 1; done)"
			     " & echo $!; exit 4"), 0);
	assert_int_equal(end.status, 4);
	assert_true(steady() - began < 10000);
	wait_until_gone(atol(out.data));
}

static const char *at_once(void *arg)
{
	return arg;
}

static void it_can_be_stopped(void **state)
{
	static char why[] = "because";
	struct program p = { .stop = at_once, .arg = why };

	(void)state;
	assert_int_equal(run(p, "sleep 100"), 0);
	assert_string_equal(end.stopped, why);
	assert_int_equal(end.signal, SIGTERM);
	p.arg = NULL;
	assert_int_equal(run(p, "sleep 1.2"), 0);
	assert_null(end.stopped);
	assert_int_equal(end.status, 0);
}

static long number_in(const char *path)
{
	struct buf text = BUF_INIT;
	long number = 0;

	for (int i = 0; i < 500 && number == 0; i++) {
		buf_reset(&text);
		if (file_exists(path) &&
		    file_read(path, 100, &text, NULL, &err) == 0)
			number = atol(text.data);
		usleep(10000);
	}
	buf_release(&text);
	return number;
}

/* Run SCRIPT, noted in FOLDER/note, in a process that is killed when the script
 * has written its pid into FOLDER/pid, which is returned. */
static long left_by_a_kill(const char *folder, const char *script)
{
	char *note = xasprintf("%s/note", folder);
	char *pid_file = xasprintf("%s/pid", folder);
	pid_t pid = fork();
	long left;

	if (pid == 0) {
		struct program p = { .note = note, .folder = folder };

		run(p, script);
		_exit(0);
	}
	left = number_in(pid_file);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(pid_file);
	free(pid_file);
	free(note);
	return left;
}

static void one_that_was_left_is_found_and_ended(void **state)
{
	char *folder = xasprintf("%s/trine-program.XXXXXX", scratch());
	struct process_mark mark;
	char *note;
	long pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	note = xasprintf("%s/note", folder);
	pid = left_by_a_kill(folder, "trap '' TERM; echo $$ >pid;"
			     " while :; do sleep 1; done");
	assert_true(process_mark(pid, &mark));
	assert_true(file_exists(note));
	program_end_left(note);
	wait_until_gone(pid);
	assert_false(file_exists(note));
	program_end_left(note);		/* again: nothing */
	/* another process has that pid now, or it is another boot */
	pid = left_by_a_kill(folder, "echo $$ >pid; exec sleep 100");
	assert_true(process_mark(pid, &mark));
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(note, "w");

		fprintf(file, "%ld %llu %s\n", pid,
			(unsigned long long)mark.born + (i == 0), i == 0 ?
			mark.boot : "another-boot");
		fclose(file);
		program_end_left(note);
		assert_true(process_lives(&mark));
	}
	kill((pid_t)pid, SIGKILL);
	wait_until_gone(pid);
	rmdir(folder);
	free(note);
	free(folder);
}

static void nothing_is_noted_behind_its_end(void **state)
{
	char *folder = xasprintf("%s/trine-program.XXXXXX", scratch());
	struct program p = { 0 };
	char *note;

	(void)state;
	assert_non_null(mkdtemp(folder));
	note = xasprintf("%s/note", folder);
	p.note = note;
	p.folder = folder;
	assert_int_equal(run(p, "cat note"), 0);
	assert_int_equal(atol(out.data) > 1, 1);
	assert_false(file_exists(note));
	/* where it cannot be noted, it does not begin */
	p.note = "/no/such/folder/note";
	assert_int_equal(run(p, ": >began"), -1);
	free(note);
	note = xasprintf("%s/began", folder);
	assert_false(file_exists(note));
	rmdir(folder);
	free(note);
	free(folder);
}

static void processes_are_told_apart(void **state)
{
	struct process_mark mark;
	pid_t pid;

	(void)state;
	assert_true(process_mark(getpid(), &mark));
	assert_true(process_lives(&mark));
	mark.born++;
	assert_false(process_lives(&mark));
	assert_false(process_mark(0, &mark));
	assert_false(process_mark(-1, &mark));
	pid = fork();
	if (pid == 0)
		_exit(0);
	wait_until_gone(pid);		/* a zombie is none */
	waitpid(pid, NULL, 0);
}

static int set_up(void **state)
{
	(void)state;
	process_survive_pipes();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gets_its_input_and_gives_its_output),
		cmocka_unit_test(much_goes_through_in_both_directions),
		cmocka_unit_test(what_is_too_much_is_counted_and_dropped),
		cmocka_unit_test(what_cannot_be_run_is_said),
		cmocka_unit_test(a_signal_is_told_from_an_exit),
		cmocka_unit_test(its_time_is_bounded),
		cmocka_unit_test(who_ignores_term_is_killed),
		cmocka_unit_test(what_it_leaves_running_ends_with_it),
		cmocka_unit_test(it_can_be_stopped),
		cmocka_unit_test(one_that_was_left_is_found_and_ended),
		cmocka_unit_test(nothing_is_noted_behind_its_end),
		cmocka_unit_test(processes_are_told_apart),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
