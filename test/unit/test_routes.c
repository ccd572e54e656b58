/*
 * Where tasks go on one computer: names, routes of fleet.yaml, specialties by a full-text
 * index, what the daemon says of instances and what they have to do; and between
 * computers. (The decision itself is in test_routing.c.)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "home_fixture.h"
#include "trine/mem.h"
#include "trine/routes.h"
#include "trine/store_instance.h"
#include "trine/tasks.h"

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
			.capacity = 1, .copies = 1, .weight = 1, .queue = 1000,
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

static void who_gets_it_by_label(void **state)
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
		{ two, "", NULL, "code-generation", "builder" },
		{ two, "", NULL, "", NULL },
		{ two, "", NULL, "nothing", NULL },
		{ two, "", NULL, "repairs", "mechanic" },
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
		struct settings s, own = h->settings;
		struct message m = MESSAGE_INIT;
		struct route_decision d;
		struct routes *r;
		struct fleet f;
		const char *to;

		make_settings(&s, rows[i].instances);
		make_fleet(&f, rows[i].routes);
		h->settings = s;
		m.type = TYPE_TASK;
		m.stream = (struct stream_name){ 2, 1 };
		m.to = xstrdup(rows[i].for_);
		add_words(&m.labels, rows[i].labels);
		assert_ok(routes_open(h, &f, &r, &err));
		assert_ok(routes_instance(r, &m, false, &d, &err));
		to = d.chosen != -1 ? s.instance[d.chosen].name : NULL;
		if ((to == NULL) != (rows[i].gets == NULL) ||
		    (to != NULL && strcmp(to, rows[i].gets) != 0))
			fail_msg("row %zu: %s", i, to ? to : "nobody");
		route_decision_release(&d);
		routes_close(r);
		message_release(&m);
		fleet_release(&f);
		h->settings = own;
		free_settings(&s);
	}
}

/* ---- with a computer around it ---- */

/* trine.ini goes on with this. */
#define THREE "[instance builder]\nspecialty = code generation, project scaffolding\n" \
	"[instance analytics]\nspecialty = data processing, emergency control\n" \
	"[instance observatory]\nspecialty = system health, metrics, monitoring\n"

/* Who gets a task of computer 2 with this text; "" : nobody. */
static const char *goes_to(const char *title, const char *body, const char *prefer)
{
	static char name[LIMIT_NAME + 1];
	struct message m = MESSAGE_INIT;
	struct route_decision d;
	struct routes *r;

	m.type = TYPE_TASK;
	m.stream = (struct stream_name){ 2, 1 };
	assert_ok(message_set_text(&m, title, span_str(body), &err));
	if (prefer != NULL)
		message_add_extra(&m, "prefer", prefer);
	assert_ok(routes_open(h, NULL, &r, &err));
	assert_ok(routes_instance(r, &m, true, &d, &err));
	snprintf(name, sizeof(name), "%s",
		 d.chosen != -1 ? h->settings.instance[d.chosen].name : "");
	route_decision_release(&d);
	routes_close(r);
	message_release(&m);
	return name;
}

static void by_what_it_says(void **state)
{
	(void)state;
	set(THREE);
	assert_string_equal(goes_to("Generate the project", "", NULL), "builder");
	assert_string_equal(goes_to("It is urgent", "Watch the system's metrics.\n", NULL),
			    "observatory");
	assert_string_equal(goes_to("Emergencies", "", NULL), "analytics");
	assert_string_equal(goes_to("Buy milk", "", NULL), "");
	/* what FTS5 would take for its own is only text */
	assert_string_equal(goes_to("\" OR * NEAR( ^z) - {a b}: metrics", "", NULL),
			    "observatory");
	assert_string_equal(goes_to("words : code AND NOT \"", "", NULL), "builder");
	assert_string_equal(goes_to("\xf0\x9f\x9a\xa8 \xe2\x80\x9c\xe2\x80\x9d", "", NULL), "");
	assert_string_equal(goes_to("'; DROP TABLE s; --", "metrics\n", NULL), "observatory");
}

static void hostile_specialties(void **state)
{
	(void)state;
	set("[instance a]\nspecialty = \" OR code NEAR(x) * -\n"
	    "[instance b]\nspecialty = \xf0\x9f\x9a\xa8\n"
	    "[instance c]\nspecialty = and or not the of\n"
	    "[instance d]\nspecialty = ')--\n");
	assert_string_equal(goes_to("The code of it", "", NULL), "a");
	assert_string_equal(goes_to("and or not the of", "", NULL), "");
	assert_string_equal(goes_to("')--", "", NULL), "");
}

static void add_task(const char *instance)
{
	struct task_wish w = { .title = "T", .instance = instance };
	char id[MESSAGE_ID];

	assert_ok(tasks_add(h, &w, id, &err));
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_assigned(h->store, id, instance, &err));
	assert_ok(store_commit(h->store, &err));
}

static void what_they_have_to_do_counts(void **state)
{
	(void)state;
	set("[instance a]\nspecialty = code\n[instance b]\nspecialty = code\n"
	    "[instance c]\nspecialty = code\nweight = 3\nqueue = 3\nprefer = quality");
	assert_string_equal(goes_to("Code", "", NULL), "c");
	add_task("c");
	add_task("c");
	assert_string_equal(goes_to("Code", "", NULL), "a");
	add_task("a");
	assert_string_equal(goes_to("Code", "", NULL), "b");
	add_task("b");
	assert_string_equal(goes_to("Code", "", NULL), "c");
	assert_string_equal(goes_to("Code", "", "quality"), "c");
	add_task("c");
	/* its line is full */
	assert_string_equal(goes_to("Code", "", "quality"), "a");
}

/* ---- the daemon says how they are ---- */

static pid_t daemon_pid;

static int end_all(void **state)
{
	if (daemon_pid != 0) {
		kill(daemon_pid, SIGKILL);
		waitpid(daemon_pid, NULL, 0);
		daemon_pid = 0;
	}
	return tear_down(state);
}

/* A process that holds its lock, as the daemon does. */
static void watch(void)
{
	char *path = home_path(h, "run/trined.lock");
	int ready[2];
	char c;

	assert_int_equal(pipe(ready), 0);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		struct error ignored = ERROR_INIT;

		if (file_lock(path, 0, &ignored) == -1 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	free(path);
}

static void is_now(const char *name, int64_t copy, enum instance_state state, bool given_up)
{
	char own[LIMIT_NAME + 1];
	struct instance_fact f = { .name = own, .copy = copy, .state = state,
				   .given_up = given_up, .reason = (char[]){ "" } };

	snprintf(own, sizeof(own), "%s", name);
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_instance_changed(h->store, &f, &err));
	assert_ok(store_commit(h->store, &err));
}

static void the_dead_get_nothing(void **state)
{
	(void)state;
	set("[instance a]\nspecialty = code, login, users\nhealth = http://localhost:1/\n"
	    "[instance b]\nspecialty = code, things\ncopies = 2\nstart = /bin/true\n");
	is_now("a", 1, INSTANCE_CRASHED, true);
	/* nobody watches: what was said last may be wrong */
	assert_string_equal(goes_to("Login of users, code", "", NULL), "a");
	watch();
	assert_string_equal(goes_to("Login of users, code", "", NULL), "b");
	is_now("b", 1, INSTANCE_OFFLINE, false);
	is_now("b", 2, INSTANCE_OFFLINE, false);
	assert_string_equal(goes_to("Login of users, code", "", NULL), "");
	is_now("b", 2, INSTANCE_BUSY, false);
	assert_string_equal(goes_to("Login of users, code", "", NULL), "b");
	is_now("a", 1, INSTANCE_ONLINE, false);
	assert_string_equal(goes_to("Login of users, code", "", NULL), "a");
	is_now("a", 1, INSTANCE_DEGRADED, false);
	assert_string_equal(goes_to("Code", "", NULL), "b");
}

/* ---- between computers ---- */

static int sends_to(const struct fleet *f, const char *title)
{
	struct message m = MESSAGE_INIT;
	struct route_decision d;
	struct routes *r;
	int number;

	assert_ok(message_set_text(&m, title, span_str(""), &err));
	assert_ok(routes_open(h, f, &r, &err));
	assert_ok(routes_computer(r, &m, &d, &err));
	number = d.chosen != -1 ? f->computer[d.chosen].number : 0;
	route_decision_release(&d);
	routes_close(r);
	message_release(&m);
	return number;
}

static void seen(int number, int64_t heartbeat, enum computer_state state)
{
	struct status s = STATUS_INIT;

	s.computer = number;
	memcpy(s.clone, "0000beef", sizeof(s.clone));
	s.heartbeat = heartbeat;
	s.state = state;
	assert_ok(store_begin(h->store, &err));
	assert_ok(record_peer(h->store, &s, "b", "c", &err));
	assert_ok(store_commit(h->store, &err));
	status_release(&s);
}

static void between_computers(void **state)
{
	static const char yaml[] = "computers:\n"
		"  1: {name: Mechanic, specialty: \"implementation, deployment, code\"}\n"
		"  2: {name: Architect, specialty: \"design, architecture, review\"}\n"
		"  3: {name: Oracle, specialty: \"vision, concept, patterns\"}\n"
		"  4: {name: Gone, specialty: \"poems\"}\n"
		"  5: {name: Second, specialty: \"design, architecture, review\"}\n"
		"retired: [4]\n";
	struct fleet f;

	(void)state;
	assert_ok(fleet_parse(span_str(yaml), &f, &err));
	assert_int_equal(sends_to(&f, "Deploy it"), 0);
	assert_int_equal(sends_to(&f, "The deployment of it"), 1);
	assert_int_equal(sends_to(&f, "Review the design"), 2);
	assert_int_equal(sends_to(&f, "A pattern of concepts"), 3);
	assert_int_equal(sends_to(&f, "A poem"), 0);
	/* one that needs help itself goes behind */
	seen(2, 1800, STATE_EMERGENCY);
	seen(5, 1800, STATE_IDLE);
	assert_int_equal(sends_to(&f, "Review the design"), 5);
	fleet_release(&f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end_all)
	const struct CMUnitTest tests[] = {
		TEST(who_gets_it_by_label),
		TEST(by_what_it_says),
		TEST(hostile_specialties),
		TEST(what_they_have_to_do_counts),
		TEST(the_dead_get_nothing),
		TEST(between_computers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
