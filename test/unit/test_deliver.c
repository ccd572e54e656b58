/* Handing over: files in a maildir. (Who gets what is in test_routes.c.) */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "trine/deliver.h"
#include "trine/file.h"
#include "trine/mem.h"

static struct error err;

/* ---- the maildir ---- */

struct place {
	struct home home;
	struct instance_settings to;
	struct record record;
};

static int set_up(void **state)
{
	static char dir[64];
	struct place *p = xcalloc(1, sizeof(*p));
	struct message *m = &p->record.message;

	if (scratch_make(dir, sizeof(dir), "deliver") == -1)
		return -1;
	p->home.state = dir;
	p->to.name = xstrdup("builder");
	snprintf(p->record.id, sizeof(p->record.id), "2_TO_1.7");
	*m = (struct message)MESSAGE_INIT;
	m->stream = (struct stream_name){ 2, 1 };
	m->seq = 7;
	m->type = TYPE_TASK;
	m->sent = 1795180200;
	list_add(&m->labels, "ui");
	message_add_extra(m, "hops", "1");
	*state = p;
	return message_set_text(m, "Build it", span_str("Now.\n"), &err);
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int rc = scratch_remove(p->home.state);

	free(p->to.name);
	message_release(&p->record.message);
	free(p);
	return rc;
}

static char *in_inbox(const struct place *p, const char *name)
{
	return xasprintf("%s/inbox/builder/%s", p->home.state, name);
}

static void expect_there(const struct place *p, const char *name, bool there)
{
	char *path = in_inbox(p, name);

	if (file_exists(path) != there)
		fail_msg("%s is %sthere", name, there ? "not " : "");
	free(path);
}

static void move(const struct place *p, const char *from, const char *to)
{
	char *a = in_inbox(p, from), *b = in_inbox(p, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

static void a_task_is_a_file(void **state)
{
	struct place *p = *state;
	char *path = in_inbox(p, "new/2_TO_1.7.md");
	struct buf text = BUF_INIT;

	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), 0);
	assert_int_equal(file_read(path, LIMIT_FILE, &text, NULL, &err), 0);
	assert_string_equal(text.data,
		"## Build it\n\n```yaml message\nid: 2_TO_1.7\ntype: task\n"
		"priority: normal\nsent: 2026-11-20T13:10:00Z\nlabels: [ui]\n"
		"hops: 1\n```\n\nNow.\n");
	expect_there(p, "tmp/2_TO_1.7.md", false);
	buf_release(&text);
	free(path);
}

static void again_changes_nothing(void **state)
{
	static const char *const taken[] = {
		"cur/2_TO_1.7.md", "cur/2_TO_1.7.md:2,S", "cur/2_TO_1.7.md:2,",
	};
	struct place *p = *state;
	struct file_info before, after;
	char *path = in_inbox(p, "new/2_TO_1.7.md");

	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), 0);
	assert_int_equal(file_stat(path, &before, &err), 0);
	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), 0);
	assert_int_equal(file_stat(path, &after, &err), 0);
	assert_int_equal(before.inode, after.inode);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		move(p, "new/2_TO_1.7.md", taken[i]);
		assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record,
					       &err), 0);
		expect_there(p, "new/2_TO_1.7.md", false);
		move(p, taken[i], "new/2_TO_1.7.md");
	}
	/* another id that begins alike is another message */
	move(p, "new/2_TO_1.7.md", "cur/2_TO_1.7.md");
	snprintf(p->record.id, sizeof(p->record.id), "2_TO_1.7~5f3a9c1e");
	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), 0);
	expect_there(p, "new/2_TO_1.7~5f3a9c1e.md", true);
	free(path);
}

static void what_a_kill_left_in_tmp(void **state)
{
	struct place *p = *state;
	char *inbox = in_inbox(p, "tmp"), *tmp = in_inbox(p, "tmp/2_TO_1.7.md");

	assert_int_equal(file_mkdir(inbox, 0700, &err), 0);
	assert_int_equal(file_write(tmp, span_str("half"), 0600, &err), 0);
	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), 0);
	expect_there(p, "tmp/2_TO_1.7.md", false);
	expect_there(p, "new/2_TO_1.7.md", true);
	free(inbox);
	free(tmp);
}

static void something_in_the_way(void **state)
{
	struct place *p = *state;
	char *inbox = xasprintf("%s/inbox", p->home.state);
	char *file = xasprintf("%s/builder", inbox);

	assert_int_equal(file_mkdir(inbox, 0700, &err), 0);
	assert_int_equal(file_write(file, span_str("x"), 0600, &err), 0);
	assert_int_equal(deliver_inbox(&p->home, &p->to, &p->record, &err), -1);
	assert_non_null(strstr(err.text, "builder"));
	free(inbox);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_task_is_a_file, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(again_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_a_kill_left_in_tmp, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(something_in_the_way, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
