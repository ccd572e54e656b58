/* The store between processes: turns, locks, and writers that are killed. */
#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* What a child does between fork and _exit: no test macros there. */
static struct store *child_open(struct error *err)
{
	struct store *s = NULL;

	return store_open(&s, fixture.dir, &fixture.clock, err) == 0 ? s : NULL;
}

static int child_send(struct store *s, uint64_t seq, struct error *err)
{
	struct message m = MESSAGE_INIT;
	int result;

	m.stream = (struct stream_name){ 1, 2 };
	m.seq = seq;
	m.title = xstrdup("Hello");
	m.body = xstrdup("");
	result = record_sent(s, &m, false, err);
	message_release(&m);
	return result;
}

static uint64_t next_number(struct store *s, struct error *err)
{
	struct out_stream *streams;
	uint64_t next = 1;
	size_t count;

	if (view_out_streams(s, &streams, &count, err) == -1)
		return 0;
	if (count > 0)
		next = streams[0].last + 1;
	out_streams_free(streams, count);
	return next;
}

static int child_writes(unsigned times, int said)
{
	struct error err = ERROR_INIT;
	struct store *s = child_open(&err);

	for (unsigned i = 0; s != NULL && i < times; i++) {
		uint64_t next;

		if (store_begin(s, &err) == -1)
			return 2;
		next = next_number(s, &err);
		if (next == 0 || child_send(s, next, &err) == -1 ||
		    store_commit(s, &err) == -1)
			return 3;
		/* from here on it counts as accepted */
		if (said != -1 && write(said, &next, sizeof(next)) == -1)
			return 4;
	}
	store_close(s);
	return s == NULL;
}

static void two_processes_take_turns(void **state)
{
	enum { TIMES = 200 };
	struct buf log;
	pid_t child[2];

	(void)state;
	store_close(fixture.s);
	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i] == 0)
			_exit(child_writes(TIMES, -1));
	}
	for (int i = 0; i < 2; i++) {
		int status;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	fixture_open();
	assert_int_equal(sent_count(), 2 * TIMES);
	log = fixture_log();
	for (size_t at = 0, seq = 1; at < log.len; seq++) {
		char want[32];
		int len = snprintf(want, sizeof(want), "{\"seq\":%zu,", seq);

		assert_memory_equal(log.data + at, want, (size_t)len);
		at += strcspn(log.data + at, "\n") + 1;
	}
	assert_int_equal(count_lines(&log), 2 * TIMES);
	assert_rebuilt_equal();
	buf_release(&log);
}

static void a_held_lock_is_said(void **state)
{
	int ends[2];
	pid_t child;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error err = ERROR_INIT;
		struct store *s = child_open(&err);

		if (s == NULL || store_begin(s, &err) == -1 ||
		    write(ends[1], "x", 1) != 1)
			_exit(1);
		/* not for ever, should the test end without us */
		alarm(60);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	/* reading goes on while another one writes */
	assert_int_equal(sent_count(), 0);
	fixture_reopen();
	assert_fails(ERR_AGAIN, store_begin(fixture.s, &fixture.err));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	begin();
	send_one("1_TO_2", 1);
	commit();
	close(ends[0]);
	close(ends[1]);
}

/* Everything a killed writer was told is committed is there; of the rest, whole
 * events or nothing. */
static void a_killed_writer_loses_nothing(void **state)
{
	enum { KILLS = 100 };
	struct chance chance;
	uint64_t accepted = 0;

	(void)state;
	chance_seeded(&chance, 4711);
	store_close(fixture.s);
	for (int i = 0; i < KILLS; i++) {
		struct timespec pause = { 0, 0 };
		uint64_t said;
		int ends[2];
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			_exit(child_writes(100000, ends[1]));
		close(ends[1]);
		pause.tv_nsec = (long)chance_below(&chance, 40) * 1000000 + 1;
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(ends[0], &said, sizeof(said)) == sizeof(said))
			accepted = said;
		close(ends[0]);
		fixture_open();
		assert_in_range(sent_count(), accepted, accepted + 1);
		assert_int_equal(next_number(fixture.s, &fixture.err),
				 sent_count() + 1);
		/* one that was killed before it could say so counts too */
		accepted = sent_count();
		store_close(fixture.s);
	}
	fixture_open();
	assert_true(accepted > 0);	/* many, unless others use the machine */
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(two_processes_take_turns),
		STORE_TEST(a_held_lock_is_said),
		STORE_TEST(a_killed_writer_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
