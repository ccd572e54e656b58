/* Handing over: who gets what (pure), and files in a maildir. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/deliver.h"
#include "trine/file.h"
#include "trine/mem.h"

static struct error err;

/* "builder: code generation, ui; mechanic:": names and specialties. */
static void make_settings(struct settings *s, const char *text)
{
	char *copy = xstrdup(text), *save = NULL;

	*s = (struct settings){ 0 };
	for (char *one = strtok_r(copy, ";", &save); one != NULL;
	     one = strtok_r(NULL, ";", &save)) {
		char *colon = strchr(one, ':');
		struct instance_settings *i;

		*colon = '\0';
		ARRAY_GROW(s->instance, s->instance_count, s->instance_cap);
		i = &s->instance[s->instance_count++];
		*i = (struct instance_settings){
			.name = xstrdup(one + strspn(one, " ")),
			.specialty = colon[1] ? xstrdup(colon + 1) : NULL,
			.deliver = DELIVER_INBOX,
		};
	}
	free(copy);
}

static void free_settings(struct settings *s)
{
	for (size_t i = 0; i < s->instance_count; i++) {
		free(s->instance[i].name);
		free(s->instance[i].specialty);
	}
	free(s->instance);
}

static void add_words(struct list *l, const char *words)
{
	char *copy = xstrdup(words), *save = NULL;

	for (char *w = strtok_r(copy, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save))
		list_add(l, w);
	free(copy);
}

static void make_fleet(struct fleet *f, const char *routes)
{
	static const char head[] = "computers: {1: {name: Mechanic}}\nroutes:\n";
	char *text = xasprintf("%s%s", head, routes);

	*f = (struct fleet)FLEET_INIT;
	assert_int_equal(fleet_parse(span_str(*routes ? text : ""), f, &err), 0);
	free(text);
}

static void who_gets_it(void **state)
{
	static const char two[] = "builder: code generation, UI; mechanic: repair";
	static const struct {
		const char *instances, *routes, *for_, *labels, *gets;
	} rows[] = {
		{ "", "", NULL, "", NULL },
		{ "", "", "builder", "ui", NULL },
		/* named */
		{ two, "", "mechanic", "", "mechanic" },
		{ two, "", "mechanic", "ui", "mechanic" },
		{ two, "", "somebody", "ui", NULL },
		{ "builder:", "", "somebody", "", NULL },
		{ "builder:", "", "builder", "", "builder" },
		/* the only one */
		{ "builder:", "", NULL, "", "builder" },
		{ "builder: x", "", NULL, "unknown", "builder" },
		/* by specialty: whole words, any case */
		{ two, "", NULL, "ui", "builder" },
		{ two, "", NULL, "repair", "mechanic" },
		{ two, "", NULL, "Repair", "mechanic" },
		{ two, "", NULL, "rep", NULL },
		{ two, "", NULL, "code-generation", NULL },
		{ two, "", NULL, "", NULL },
		{ two, "", NULL, "nothing", NULL },
		{ two, "", NULL, "ui repair code", "builder" },
		{ "a: x y; b: x y z", "", NULL, "x y", "a" },
		{ "a: x y; b: x y z", "", NULL, "z x", "b" },
		{ "a:; b: x", "", NULL, "x", "b" },
		/* by route, before specialty */
		{ two, "  - {label: ui, to: 1/mechanic}\n", NULL, "ui",
		  "mechanic" },
		{ two, "  - {label: ui, to: [2/builder, 1/mechanic]}\n", NULL,
		  "ui", "mechanic" },
		{ two, "  - {label: ui, to: 2/mechanic}\n", NULL, "ui",
		  "builder" },
		{ two, "  - {label: ui, to: 1}\n", NULL, "ui", "builder" },
		{ two, "  - {label: bug, to: 1/nobody}\n", NULL, "bug", NULL },
		{ two, "  - {label: bug, to: 1/mechanic}\n", "builder", "bug",
		  "builder" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct instance_settings *to;
		struct record r = { .message = MESSAGE_INIT };
		struct settings s;
		struct fleet f;

		make_settings(&s, rows[i].instances);
		make_fleet(&f, rows[i].routes);
		r.message.type = TYPE_TASK;
		r.message.to = xstrdup(rows[i].for_);
		add_words(&r.message.labels, rows[i].labels);
		to = deliver_route(&s, &f, 1, &r);
		if ((to == NULL) != (rows[i].gets == NULL) ||
		    (to != NULL && strcmp(to->name, rows[i].gets) != 0))
			fail_msg("row %zu: %s", i, to ? to->name : "nobody");
		message_release(&r.message);
		fleet_release(&f);
		free_settings(&s);
	}
}

static void without_a_fleet(void **state)
{
	struct record r = { .message = MESSAGE_INIT };
	struct settings s;

	(void)state;
	make_settings(&s, "a: x; b: y");
	list_add(&r.message.labels, "y");
	assert_string_equal(deliver_route(&s, NULL, 1, &r)->name, "b");
	message_release(&r.message);
	free_settings(&s);
}

/* ---- the maildir ---- */

struct place {
	struct home home;
	struct instance_settings to;
	struct record record;
};

static int set_up(void **state)
{
	static char dir[] = "/tmp/trine-deliver-XXXXXX";
	struct place *p = xcalloc(1, sizeof(*p));
	struct message *m = &p->record.message;

	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (mkdtemp(dir) == NULL)
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
	char *command = xasprintf("rm -rf '%s'", p->home.state);
	int rc = system(command);

	free(command);
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
		cmocka_unit_test(who_gets_it),
		cmocka_unit_test(without_a_fleet),
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
