/* Instances as people see them: wishes, what the daemon says, and what of it counts
 * when none runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "home_fixture.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/presence.h"

static int with_instances(void **state)
{
	int rc = set_up(state);

	if (rc == 0)
		set("[instance two]\nstart = /bin/two\ncopies = 2\ncapacity = 3\n"
		    "[instance far]\nhealth = http://far/\n"
		    "[instance mute]");
	return rc;
}

static void change(const char *name, int64_t copy, enum instance_state state, long pid,
		   bool given_up)
{
	char *mine = xstrdup(name), *reason = xstrdup(given_up ? "it ended" : "");
	struct instance_fact f = {
		.name = mine, .copy = copy, .state = state, .given_up = given_up,
		.process = { .pid = pid, .born = 9, .boot = "b" }, .reason = reason,
	};

	assert_int_equal(instances_changed(h, &f, &err), 0);
	free(mine);
	free(reason);
}

static void look(struct instance_list *l)
{
	assert_int_equal(instances_list(h, l, &err), 0);
	assert_int_equal(l->count, 4);
}

static uint64_t log_size(void)
{
	struct file_info info;
	char *path = home_path(h, "event-log.jsonl");

	assert_int_equal(file_stat(path, &info, &err), 0);
	free(path);
	return info.size;
}

static void without_a_daemon_nothing_is_known(void **state)
{
	struct instance_list l;
	struct instance_sum sum;

	(void)state;
	change("two", 1, INSTANCE_ONLINE, 7, false);
	h->watches = false;
	look(&l);
	assert_string_equal(instance_now_state(&l.item[0]), "unknown");
	sum = instances_sum(&l, &h->settings.instance[0], 0);
	assert_false(sum.known);
	assert_string_equal(sum.state, "unknown");
	assert_int_equal(sum.copies, 2);
	/* but that it works is seen */
	assert_string_equal(instances_sum(&l, &h->settings.instance[0], 1).state, "BUSY");
	instance_list_release(&l);
	h->watches = true;
	look(&l);
	assert_string_equal(instance_now_state(&l.item[0]), "ONLINE");
	assert_int_equal(l.item[0].fact.process.pid, 7);
	/* nobody asks one that has neither a program nor a way to be asked */
	assert_string_equal(instance_now_state(&l.item[3]), "unknown");
	instance_list_release(&l);
}

static void what_is_so_already_is_no_event(void **state)
{
	uint64_t before;

	(void)state;
	change("two", 1, INSTANCE_ONLINE, 7, false);
	before = log_size();
	change("two", 1, INSTANCE_ONLINE, 7, false);
	assert_int_equal(log_size(), before);
	change("two", 1, INSTANCE_ONLINE, 8, false);
	assert_true(log_size() > before);
}

/* What of all copies is said in one word. */
static void copies_are_one_instance(void **state)
{
	static const struct {
		enum instance_state first, second;
		unsigned running, online;
		const char *state;
	} rows[] = {
		{ INSTANCE_ONLINE, INSTANCE_ONLINE, 0, 2, "ONLINE" },
		{ INSTANCE_ONLINE, INSTANCE_ONLINE, 5, 2, "ONLINE" },
		{ INSTANCE_ONLINE, INSTANCE_ONLINE, 6, 2, "BUSY" },
		{ INSTANCE_ONLINE, INSTANCE_DEGRADED, 0, 2, "DEGRADED" },
		{ INSTANCE_ONLINE, INSTANCE_CRASHED, 0, 1, "DEGRADED" },
		{ INSTANCE_STARTING, INSTANCE_ONLINE, 0, 1, "DEGRADED" },
		{ INSTANCE_CRASHED, INSTANCE_OFFLINE, 0, 0, "CRASHED" },
		{ INSTANCE_STARTING, INSTANCE_OFFLINE, 0, 0, "STARTING" },
		{ INSTANCE_OFFLINE, INSTANCE_OFFLINE, 0, 0, "OFFLINE" },
	};

	(void)state;
	h->watches = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct instance_list l;
		struct instance_sum sum;

		change("two", 1, rows[i].first, 7, false);
		change("two", 2, rows[i].second, 8, false);
		look(&l);
		sum = instances_sum(&l, &h->settings.instance[0], rows[i].running);
		if (strcmp(sum.state, rows[i].state) != 0 ||
		    sum.online != rows[i].online || !sum.known || sum.copies != 2)
			fail_msg("row %zu: %s, %u online", i, sum.state, sum.online);
		instance_list_release(&l);
	}
}

static void add_work(const char *id, int64_t copy)
{
	struct begun b = { "two", copy, 1, 1 };
	struct message m = MESSAGE_INIT;
	struct stream_name stream = { 2, 1 };

	m.stream = stream;
	m.seq = (uint64_t)(id[strlen(id) - 1] - '0');
	m.type = TYPE_TASK;
	m.title = xstrdup("T");
	assert_int_equal(store_begin(h->store, &err), 0);
	assert_int_equal(record_received(h->store, id, &m, "0000beef", "c", "QUEUED", "",
					 &err), 0);
	assert_int_equal(record_begun(h->store, id, &b, NULL, NULL, &err), 0);
	assert_int_equal(store_commit(h->store, &err), 0);
	message_release(&m);
}

/* Of those that serve the one that works on the least; of all, where nobody knows. */
static void tasks_go_to_copies_that_serve(void **state)
{
	const struct instance_settings *i = &h->settings.instance[0];

	(void)state;
	assert_int_equal(instances_pick(h, settings_instance(&h->settings, "far")), 0);
	h->watches = true;
	change("two", 1, INSTANCE_ONLINE, 7, false);
	change("two", 2, INSTANCE_DEGRADED, 8, false);
	assert_int_equal(instances_pick(h, i), 1);
	add_work("2_TO_1.1", 1);
	assert_int_equal(instances_pick(h, i), 2);
	add_work("2_TO_1.2", 2);
	add_work("2_TO_1.3", 2);
	assert_int_equal(instances_pick(h, i), 1);
	change("two", 1, INSTANCE_CRASHED, 0, true);
	assert_int_equal(instances_pick(h, i), 2);
	change("two", 2, INSTANCE_OFFLINE, 0, false);
	assert_int_equal(instances_pick(h, i), 1);
	h->watches = false;
	assert_int_equal(instances_pick(h, i), 1);
}

static void wishes_want_a_daemon_and_a_program(void **state)
{
	struct instance_list l;
	uint64_t first, second;

	(void)state;
	h->watches = false;
	assert_int_equal(instances_want(h, "two", WANT_STOP, &first, &err), -1);
	assert_int_equal(err.code, ERR_AGAIN);
	h->watches = true;
	assert_int_equal(instances_want(h, "far", WANT_STOP, &first, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(instances_want(h, "nobody", WANT_STOP, &first, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(instances_want(h, "two", WANT_STOP, &first, &err), 0);
	look(&l);
	assert_false(l.item[0].wanted);
	instance_list_release(&l);
	assert_int_equal(instances_want(h, NULL, WANT_RESTART, &second, &err), 0);
	assert_true(second > first);
	look(&l);
	assert_true(l.item[0].wanted);
	assert_false(l.item[2].wanted);
	instance_list_release(&l);
}

static void health_is_read_back(void **state)
{
	struct instance_health one = {
		.name = (char *)(uintptr_t)"two", .copy = 2, .state = INSTANCE_BUSY,
		.checked = 1000, .response_ms = 12, .cpu = 34, .memory = 5678,
		.failures = 2, .history = "++~-?",
	};
	struct health_list out = { .time = 99, .wish = 7, .item = &one, .count = 1 }, in;
	struct instance_list l;

	(void)state;
	h->watches = true;
	assert_int_equal(health_write(h, &out, &err), 0);
	health_read(h, &in);
	assert_int_equal(in.time, 99);
	assert_int_equal(in.wish, 7);
	assert_int_equal(in.count, 1);
	assert_string_equal(in.item[0].name, "two");
	assert_string_equal(in.item[0].history, "++~-?");
	assert_int_equal(in.item[0].memory, 5678);
	health_list_release(&in);
	/* that it is BUSY stands nowhere else */
	change("two", 2, INSTANCE_ONLINE, 8, false);
	look(&l);
	assert_int_equal(l.wish, 7);
	assert_string_equal(instance_now_state(&l.item[1]), "BUSY");
	assert_int_equal(l.item[1].health.response_ms, 12);
	assert_int_equal(l.item[0].health.response_ms, -1);
	instance_list_release(&l);
}

static void a_damaged_file_says_nothing(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "{\"instances\":7}", "{\"instances\":[7,null,[]]}",
		"{\"instances\":[{\"name\":7,\"copy\":\"x\",\"state\":\"odd\","
		"\"history\":\"0123456789012345678901234567890123456789012345678901234567"
		"890123456789\",\"failures\":-1}]}",
	};
	char *path = home_path(h, "run/health.json");
	struct instance_list l;

	(void)state;
	h->watches = true;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(file_put(path, span_str(texts[i]), 0600, &err), 0);
		look(&l);
		assert_int_equal(l.wish, 0);
		assert_string_equal(l.item[0].health.history, "");
		instance_list_release(&l);
	}
	free(path);
}

/* The daemon itself asks: whoever looks afterwards still finds it there. */
static void the_daemon_keeps_its_lock(void **state)
{
	char *path = home_path(h, "run/trined.lock");
	struct presence p;
	int lock = file_lock(path, 0, &err), status;
	pid_t other;

	(void)state;
	assert_true(lock >= 0);
	h->watches = true;
	assert_true(instances_watched(h));
	presence_read(h, &p);
	presence_release(&p);
	other = fork();
	if (other == 0) {
		bool held = file_is_locked(path);

		free(path);	/* valgrind asks the child, too */
		_exit(held ? 0 : 1);
	}
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	file_unlock(lock);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, with_instances, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_daemon_nothing_is_known),
		TEST(what_is_so_already_is_no_event),
		TEST(copies_are_one_instance),
		TEST(wishes_want_a_daemon_and_a_program),
		TEST(tasks_go_to_copies_that_serve),
		TEST(health_is_read_back),
		TEST(a_damaged_file_says_nothing),
		TEST(the_daemon_keeps_its_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
