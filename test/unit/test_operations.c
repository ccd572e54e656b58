/* Tasks in parts of which one cannot go on (local/operations.c). */
#include <stdio.h>
#include <string.h>

#include "home_fixture.h"
#include "trine/session.h"
#include "trine/tasks.h"

static void in_stages(const char *name, const char *undo, char id[MESSAGE_ID])
{
	struct task_wish w = { .name = name, .title = "Deploy" };

	w.plan.staged = true;
	list_add(&w.plan.to, "1");
	list_add(&w.plan.to, "1");
	list_add(&w.plan.undo, undo);
	assert_ok(tasks_add(h, &w, id, &err));
	operation_release(&w.plan);
}

static void end(unsigned seq, const char *state)
{
	char id[MESSAGE_ID];

	message_id_format((struct stream_name){ 1, 1 }, seq, id);
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_ended(h->store, id, state, "", "So it went.\n", &err));
	assert_ok(store_commit(h->store, &err));
}

static struct record look(const char *id)
{
	struct record r;

	assert_ok(tasks_find(h, id, &r, &err));
	return r;
}

/* A title that no peer could read: `task add` refuses it, and yet a log may hold one. */
static void one_that_cannot_go_on_ends_alone(void **state)
{
	char bad[MESSAGE_ID], good[MESSAGE_ID];
	struct record r;

	(void)state;
	in_stages("BAD", "drop\tthe table", bad);
	in_stages("GOOD", "drop the table", good);
	end(2, "COMPLETED");
	end(4, "COMPLETED");
	assert_ok(session_sweep_now(h, &err));
	end(5, "FAILED");
	end(6, "FAILED");
	assert_ok(session_sweep_now(h, &err));
	r = look(bad);
	assert_string_equal(r.state, "FAILED");
	assert_non_null(strstr(r.note, "it cannot go on: control bytes"));
	assert_non_null(strstr(r.result, "So it went."));
	record_release(&r);
	r = look(good);
	assert_string_equal(r.state, "IN_PROGRESS");
	record_release(&r);
	r = look("1_TO_1.7");
	assert_string_equal(r.message.title, "drop the table");
	record_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_cannot_go_on_ends_alone,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
