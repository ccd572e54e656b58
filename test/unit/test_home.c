/* A computer's directory: found, made, opened; its mail and its report. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/report.h"
#include "trine/template.h"

static struct error err;
static struct clock clock_;

/* ---- a new directory for each test ---- */

static char root[64];

static int set_up(void **state)
{
	(void)state;
	clock_system(&clock_);
	error_clear(&err);
	return scratch_make(root, sizeof(root), "home");
}

static int tear_down(void **state)
{
	(void)state;
	return scratch_remove(root);
}

/* A path below the test's directory; good until a dozen calls later. */
static const char *at(const char *name)
{
	static char ring[12][256];
	static unsigned next;
	char *path = ring[next++ % ARRAY_LEN(ring)];

	snprintf(path, sizeof(ring[0]), "%s%s%s", root, *name ? "/" : "", name);
	return path;
}

static void put(const char *name, const char *text)
{
	char *path = xstrdup(at(name));

	*strrchr(path, '/') = '\0';
	assert_int_equal(file_mkdir(path, 0755, &err), 0);
	assert_int_equal(file_write(at(name), span_str(text), 0644, &err), 0);
	free(path);
}

static void expect_text(const char *name, const char *text)
{
	struct buf bytes = BUF_INIT;

	assert_int_equal(file_read(at(name), LIMIT_FILE, &bytes, NULL, &err), 0);
	assert_string_equal(bytes.data, text);
	buf_release(&bytes);
}

static struct init_options options(const char *name, int number)
{
	return (struct init_options){ .dir = at(name), .number = number,
		.template = true, .clone = "5f3a9c1e", .why = "init" };
}

static struct home *make_home(const char *name, int number)
{
	struct init_options o = options(name, number);
	struct home *h;

	assert_int_equal(home_init(&o, &clock_, &err), 0);
	assert_int_equal(home_open(&h, at(name), &clock_, &err), 0);
	return h;
}

/* ---- finding ---- */

static void it_is_found(void **state)
{
	static const struct {
		const char *option, *env, *cwd, *fallback;
		const char *dir;	/* NULL: code instead */
		enum error_code code;
	} rows[] = {
		{ "a", "b", "c", NULL, "a", 0 },
		{ "none", "b", "c", NULL, NULL, ERR_NOTFOUND },
		{ "absent", "b", "c", NULL, NULL, ERR_NOTFOUND },
		{ "a/sub/dir", NULL, NULL, NULL, NULL, ERR_NOTFOUND },
		{ NULL, "b", "c", NULL, "b", 0 },
		{ NULL, "none", "c", NULL, NULL, ERR_NOTFOUND },
		{ NULL, NULL, "c", NULL, "c", 0 },
		{ NULL, NULL, "c/sub/dir", "default", "c", 0 },
		{ NULL, NULL, "none", "default", "a", 0 },
		{ NULL, NULL, "none", NULL, NULL, ERR_NOTFOUND },
		{ NULL, NULL, "none", "absent", NULL, ERR_NOTFOUND },
		{ NULL, NULL, "none", "relative", NULL, ERR_CONFIG },
		{ NULL, NULL, "none", "empty", NULL, ERR_CONFIG },
		{ NULL, NULL, "none", "stale", NULL, ERR_NOTFOUND },
		{ NULL, NULL, "linked", "default", "a", 0 },
		{ NULL, NULL, "filed", NULL, NULL, ERR_NOTFOUND },
		{ NULL, NULL, NULL, "default", "a", 0 },
	};
	static const char *const dirs[] = {
		"a/.trine", "b/.trine", "c/.trine", "none", "linked", "filed",
		"a/sub/dir", "c/sub/dir",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		assert_int_equal(file_mkdir(at(dirs[i]), 0700, &err), 0);
	put("filed/.trine", "no folder");
	snprintf(text, sizeof(text), "ln -s '%s' '%s'", at("b/.trine"),
		 at("linked/.trine"));
	assert_int_equal(system(text), 0);
	snprintf(text, sizeof(text), "%s\n", at("a"));
	put("default", text);
	snprintf(text, sizeof(text), "%s\n", at("gone"));
	put("stale", text);
	put("relative", "a\n");
	put("empty", "\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *dir = NULL;
		int rc = home_find(&dir,
			rows[i].option ? at(rows[i].option) : NULL,
			rows[i].env ? at(rows[i].env) : NULL,
			rows[i].cwd ? at(rows[i].cwd) : NULL,
			rows[i].fallback ? at(rows[i].fallback) : NULL, &err);

		if (rc != (rows[i].dir ? 0 : -1))
			fail_msg("row %zu: %s", i, rc ? err.text : dir);
		if (rc == 0)
			assert_string_equal(dir, at(rows[i].dir));
		else
			assert_int_equal(err.code, rows[i].code);
		free(dir);
	}
}

/* ---- making ---- */

static void it_is_made(void **state)
{
	struct init_options o = options("new/fleet", 3);
	struct buf ini = BUF_INIT;
	struct home *h;
	struct identity me;

	(void)state;
	o.name = "Oracle # 3; really";
	o.url = "git@example.org:me/fleet.git";
	o.branch = "main";
	o.all_start = "-";
	assert_int_equal(home_init(&o, &clock_, &err), 0);
	assert_int_equal(file_read(at("new/fleet/.trine/trine.ini"), LIMIT_FILE,
				   &ini, NULL, &err), 0);
	assert_non_null(strstr(ini.data, "\nnumber = 3\n"));
	assert_int_equal(home_open(&h, at("new/fleet"), &clock_, &err), 0);
	assert_int_equal(h->number, 3);
	assert_string_equal(h->settings.name, o.name);
	assert_string_equal(h->settings.url, o.url);
	assert_string_equal(h->settings.branch, o.branch);
	assert_int_equal(view_identity(h->store, &me, &err), 0);
	assert_string_equal(me.clone, "5f3a9c1e");
	assert_string_equal(me.why, "init");
	for (size_t i = 0; i < template_count; i++) {
		char *path = xasprintf("new/fleet/coordination/%s",
				       template_files[i].path);

		expect_text(path, template_files[i].bytes);
		free(path);
	}
	assert_false(file_exists(at("new/fleet/.trine.new")));
	identity_release(&me);
	buf_release(&ini);
	home_close(h);
}

static void a_second_time_is_refused(void **state)
{
	struct init_options o = options("a", 2);

	(void)state;
	home_close(make_home("a", 1));
	assert_int_equal(home_init(&o, &clock_, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_false(file_exists(at("a/.trine.new")));
}

static void what_is_there_stays(void **state)
{
	struct out_stream *streams;
	struct home *h;
	size_t count;

	(void)state;
	put("a/coordination/README.md", "mine\n");
	put("a/coordination/messages/1_TO_2.md", "# An old note\nto 2");
	put("a/coordination/messages/2_TO_1.md", "not ours\n");
	h = make_home("a", 1);
	expect_text("a/coordination/README.md", "mine\n");
	expect_text("a/coordination/messages/1_TO_2.md", "# An old note\nto 2");
	assert_int_equal(view_out_streams(h->store, &streams, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_non_null(streams[0].preamble);
	assert_int_equal(strncmp(streams[0].preamble,
				 "# An old note\nto 2\n", 19), 0);
	assert_non_null(strstr(streams[0].preamble, "\n<!-- trine:messages "));
	out_streams_free(streams, count);
	home_close(h);
}

/* Refused: nothing that was made stays, nothing that was there goes. */
static void a_refusal_leaves_nothing(void **state)
{
	static const struct {
		const char *name, *url, *branch;
	} rows[] = {
		{ "two\nlines", NULL, NULL },
		{ "x\n[instance e]\ndeliver = inbox", NULL, NULL },
		{ " blank at the end ", NULL, NULL },
		{ "", NULL, NULL },
		{ "esc\033[2J", NULL, NULL },
		{ NULL, "-oProxyCommand=x", NULL },
		{ NULL, "x\ny", NULL },
		{ NULL, NULL, "a\nb" },
	};
	char long_name[400];
	struct list left = LIST_INIT;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	put("old/coordination/README.md", "mine\n");
	for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
		bool last = i == ARRAY_LEN(rows);
		struct init_options o = options(i % 2 ? "old" : "new/deep", 1);

		o.name = last ? long_name : rows[i].name;
		o.url = last ? NULL : rows[i].url;
		o.branch = last ? NULL : rows[i].branch;
		if (home_init(&o, &clock_, &err) != -1)
			fail_msg("row %zu is not refused", i);
		assert_int_equal(err.code, ERR_USAGE);
		assert_false(file_exists(at("new")));
		assert_false(file_exists(at("old/.trine")));
		assert_false(file_exists(at("old/.trine.new")));
	}
	assert_int_equal(file_list(at("old/coordination"), &left, &err), 0);
	assert_int_equal(left.count, 1);
	list_release(&left);
}

static void what_a_kill_left_is_cleared(void **state)
{
	(void)state;
	put("a/.trine.new/event-log.jsonl", "garbage\n");
	put("a/.trine.new/repo.git/HEAD", "garbage\n");
	put("a/.trine.new/run/sync.lock", "");
	home_close(make_home("a", 1));
	assert_false(file_exists(at("a/.trine.new")));
	assert_false(file_exists(at("a/.trine/repo.git")));
}

/* ---- opening ---- */

static void wrong_settings(void **state)
{
	static const struct {
		const char *text, *says, *says_too;
	} rows[] = {
		{ "[computer]\nnumber = 2\n", "number = 2", "computer 1" },
		{ "[computer]\nnumber = x\n[nowhere]\ny = 1\n", "trine.ini:2:",
		  "trine.ini:" },
		{ "[computer]\nnonsense = 1\nmore = 2\n", "trine.ini:2:",
		  "trine.ini:3:" },
		{ "", "sets nothing", "number = 1" },
		{ "# a comment\n[computer]\n", "sets nothing", "number = 1" },
	};
	struct home *h = make_home("a", 1);

	(void)state;
	home_close(h);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put("a/.trine/trine.ini", rows[i].text);
		assert_int_equal(home_open(&h, at("a"), &clock_, &err), -1);
		assert_null(h);
		assert_int_equal(err.code, ERR_CONFIG);
		if (strstr(err.text, rows[i].says) == NULL ||
		    strstr(err.text, rows[i].says_too) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
	put("a/.trine/trine.ini", "[computer]\nname = Ada\n");
	assert_int_equal(home_open(&h, at("a"), &clock_, &err), 0);
	home_close(h);
	assert_int_equal(file_remove(at("a/.trine/trine.ini"), &err), 0);
	assert_int_equal(home_open(&h, at("a"), &clock_, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
}

/* Hundreds of faults are one error that can be printed. */
static void many_faults(void **state)
{
	struct buf ini = BUF_INIT;
	struct home *h = make_home("a", 1);

	(void)state;
	home_close(h);
	buf_adds(&ini, "[computer]\n");
	for (int i = 0; i < 500; i++)
		buf_printf(&ini, "nonsense%d = 1\n", i);
	put("a/.trine/trine.ini", ini.data);
	assert_int_equal(home_open(&h, at("a"), &clock_, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.text, "trine.ini:2:"));
	assert_non_null(strstr(err.text, " more"));
	buf_release(&ini);
}

static void the_fleet_in_force(void **state)
{
	struct home *h = make_home("a", 1);
	struct fleet f;

	(void)state;
	/* before the first cycle: the desk's */
	assert_int_equal(home_fleet(h, &f, &err), 0);
	assert_string_equal(fleet_computer(&f, 2)->name, "Architect");
	fleet_release(&f);
	put("a/.trine/run/fleet.yaml", "computers: {2: {name: Other}}\n");
	assert_int_equal(home_fleet(h, &f, &err), 0);
	assert_string_equal(fleet_computer(&f, 2)->name, "Other");
	fleet_release(&f);
	put("a/.trine/run/fleet.yaml", "computers: [broken\n");
	assert_int_equal(home_fleet(h, &f, &err), 0);
	assert_int_equal(f.computer_count, 0);
	fleet_release(&f);
	home_close(h);
}

/* ---- mail ---- */

static void sending(void **state)
{
	static const struct {
		const char *to, *title, *body, *instance, *re, *label;
		const char *id;		/* or NULL: code instead */
		enum error_code code;
	} rows[] = {
		{ "2", "Hello", "", NULL, NULL, NULL, "1_TO_2.1", 0 },
		{ "2", NULL, "# Body\ntext\n", NULL, NULL, NULL, "1_TO_2.2", 0 },
		{ "ALL", "x", "", NULL, NULL, NULL, "1_TO_ALL.1", 0 },
		{ "Architect", "x", "", "builder", "2_TO_1.7", "ui",
		  "1_TO_2.3", 0 },
		{ "77", "x", "", NULL, NULL, NULL, "1_TO_77.1", 0 },
		{ "1", "x", "", NULL, NULL, NULL, "1_TO_1.1", 0 },
		{ "Mechanic", "x", "", "builder", NULL, NULL, "1_TO_1.2", 0 },
		{ "Nobody", "x", "", NULL, NULL, NULL, NULL, ERR_NOTFOUND },
		{ "2", NULL, "", NULL, NULL, NULL, NULL, ERR_USAGE },
		{ "2", NULL, " \n\n", NULL, NULL, NULL, NULL, ERR_USAGE },
		{ "2", "", "", NULL, NULL, NULL, NULL, ERR_USAGE },
		{ "2", "x", "bad \377", NULL, NULL, NULL, NULL, ERR_DATA },
		{ "2", "x", "", "../x", NULL, NULL, NULL, ERR_USAGE },
		{ "2", "x", "", NULL, "a b", NULL, NULL, ERR_USAGE },
		{ "2", "x", "", NULL, NULL, "a,b", NULL, ERR_USAGE },
		{ "2", "last", "", NULL, NULL, NULL, "1_TO_2.4", 0 },
	};
	struct home *h = make_home("a", 1);
	char id[MESSAGE_ID];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct outgoing o = { .to = rows[i].to, .title = rows[i].title,
			.body = span_str(rows[i].body),
			.instance = rows[i].instance, .re = rows[i].re };
		int rc;

		if (rows[i].label != NULL)
			list_add(&o.labels, rows[i].label);
		rc = mail_send(h, &o, id, &err);
		list_release(&o.labels);
		if (rc != (rows[i].id ? 0 : -1))
			fail_msg("row %zu: %s", i, rc ? err.text : id);
		if (rc == 0)
			assert_string_equal(id, rows[i].id);
		else
			assert_int_equal(err.code, rows[i].code);
	}
	home_close(h);
}

static void receive(struct home *h, const char *id, enum message_type type)
{
	struct message m = MESSAGE_INIT;

	m.type = type;
	assert_true(message_id_parse(span_str(id), &m.stream, &m.seq));
	m.from = xstrdup("araya");
	m.to = xstrdup(m.seq == 1 ? "builder" : NULL);
	assert_int_equal(message_set_text(&m, "From elsewhere", span_str(""),
					  &err), 0);
	assert_int_equal(store_begin(h->store, &err), 0);
	assert_int_equal(record_received(h->store, id, &m, "0123abcd",
		"1111111111111111111111111111111111111111", "", "", &err), 0);
	assert_int_equal(store_commit(h->store, &err), 0);
	message_release(&m);
}

static size_t count_inbox(struct home *h, const char *instance, bool all)
{
	struct record_list l = { 0 };
	size_t count;

	assert_int_equal(mail_inbox(h, instance, all, &l, &err), 0);
	count = l.count;
	record_list_release(&l);
	return count;
}

static void reading_and_answering(void **state)
{
	struct home *h = make_home("a", 1);
	struct record r;
	char id[MESSAGE_ID];

	(void)state;
	receive(h, "2_TO_1.1", TYPE_TASK);
	receive(h, "2_TO_1.2", TYPE_MESSAGE);
	receive(h, "3_TO_ALL.2", TYPE_MESSAGE);
	assert_int_equal(count_inbox(h, NULL, false), 3);
	assert_int_equal(count_inbox(h, "builder", false), 1);
	assert_int_equal(count_inbox(h, "nobody", true), 0);
	assert_int_equal(mail_read(h, "2_TO_1.2", &err), 0);
	assert_int_equal(mail_read(h, "2_TO_1.2", &err), 0);
	assert_int_equal(mail_read(h, "2_TO_1.9", &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(count_inbox(h, NULL, false), 2);
	assert_int_equal(mail_reply(h, "2_TO_1.1", NULL, "Done", span_str(""), id,
				    &err), 0);
	assert_string_equal(id, "1_TO_2.1");
	assert_int_equal(mail_find(h, id, &r, &err), 0);
	assert_int_equal(r.message.type, TYPE_RESULT);
	assert_string_equal(r.message.re, "2_TO_1.1");
	assert_string_equal(r.message.to, "araya");
	assert_string_equal(message_extra(&r.message, "state"), "COMPLETED");
	record_release(&r);
	assert_int_equal(mail_find(h, "2_TO_1.1", &r, &err), 0);
	assert_int_not_equal(r.answered, 0);
	record_release(&r);
	assert_int_equal(mail_reply(h, "3_TO_ALL.2", NULL, "Yes", span_str(""), id,
				    &err), 0);
	assert_string_equal(id, "1_TO_3.1");
	assert_int_equal(mail_reply(h, id, NULL, "To ourselves", span_str(""), id,
				    &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	assert_int_equal(count_inbox(h, NULL, false), 0);
	assert_int_equal(count_inbox(h, NULL, true), 3);
	home_close(h);
}

static void retracting(void **state)
{
	struct home *h = make_home("a", 1);
	struct outgoing o = { .to = "2", .title = "A mistake" };
	struct record r;
	char id[MESSAGE_ID];

	(void)state;
	receive(h, "2_TO_1.1", TYPE_MESSAGE);
	assert_int_equal(mail_send(h, &o, id, &err), 0);
	assert_int_equal(mail_retract(h, id, &err), 0);
	assert_int_equal(mail_find(h, id, &r, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(mail_retract(h, id, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(mail_retract(h, "2_TO_1.1", &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	/* nothing of it is left in a transaction */
	assert_int_equal(mail_send(h, &o, id, &err), 0);
	home_close(h);
}

/* ---- report and overview ---- */

static void reports_come_back(void **state)
{
	struct report r = { .started = 1795180200, .ended = 1795180201,
		.fetched = 1795180200, .online = true, .rounds = 2,
		.received = 3, .handed = 1, .failures = 4, .spoke = true,
		.exit = 75 };
	struct home *h = make_home("a", 1);
	struct report got;

	(void)state;
	assert_int_equal(report_read(h, &got, &err), 0);
	assert_int_equal(got.ended, 0);
	snprintf(r.tip, sizeof(r.tip), "%040d", 7);
	snprintf(r.branch, sizeof(r.branch), "main");
	snprintf(r.failure, sizeof(r.failure), "a \"server\" said \033[2J \377");
	assert_int_equal(report_write(h, &r, &err), 0);
	assert_int_equal(report_read(h, &got, &err), 0);
	assert_int_equal(got.started, r.started);
	assert_int_equal(got.fetched, r.fetched);
	assert_true(got.online && got.spoke);
	assert_int_equal(got.rounds, 2);
	assert_int_equal(got.exit, 75);
	assert_string_equal(got.tip, r.tip);
	assert_string_equal(got.failure, "a \"server\" said \\x1b[2J \\xff");
	put("a/.trine/report.json", "{\"rounds\": -1, \"tip\": 7, \"exit\": 1e9");
	assert_int_equal(report_read(h, &got, &err), 0);
	assert_int_equal(got.ended, 0);
	put("a/.trine/report.json", "{\"rounds\": -1, \"tip\": 7, \"online\": 1,"
	    " \"fetched\": \"yesterday\", \"exit\": 99999999999}");
	assert_int_equal(report_read(h, &got, &err), 0);
	assert_int_equal(got.rounds, 0);
	assert_int_equal(got.exit, 0);
	assert_int_equal(got.fetched, 0);
	assert_false(got.online);
	home_close(h);
}

static void a_cycle_without_a_report(void **state)
{
	struct home *h = make_home("a", 1);
	struct error why = ERROR_INIT;

	(void)state;
	assert_false(report_was_cut(h, &why));
	assert_int_equal(file_mkdir(at("a/.trine/run"), 0700, &err), 0);
	assert_int_equal(report_begin(h, 1795180200, &err), 0);
	assert_true(report_was_cut(h, &why));
	assert_int_equal(why.code, ERR_AGAIN);
	assert_non_null(strstr(why.text, "2026-11-20T13:10:00Z"));
	assert_non_null(strstr(why.text, "killed"));
	put("a/.trine/run/cycle", "2026-11-20T13:10:00Z\ndeadline\n");
	assert_true(report_was_cut(h, &why));
	assert_non_null(strstr(why.text, "deadline of 240 s"));
	put("a/.trine/run/cycle", "\033[2J garbage");
	assert_true(report_was_cut(h, &why));
	assert_null(strchr(why.text, '\033'));
	assert_int_equal(report_end(h, &err), 0);
	assert_false(report_was_cut(h, &why));
	assert_int_equal(report_end(h, &err), 0);
	home_close(h);
}

static void when_a_peer_is_offline(void **state)
{
	static const struct {
		int64_t heartbeat, age;
		bool offline;
	} rows[] = {
		{ 1800, 0, false }, { 1800, 3900, false }, { 1800, 3901, true },
		{ 0, 300, false }, { 0, 301, true }, { -5, 300, false },
		{ INT64_MAX, 86400, false }, { INT64_MAX, 400 * 86400, true },
		{ 1800, -1000, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p = { .heartbeat = rows[i].heartbeat,
				  .seen = 1795180200, .state = STATE_IDLE };

		assert_int_equal(overview_peer_state(&p, p.seen + rows[i].age),
				 rows[i].offline ? STATE_OFFLINE : STATE_IDLE);
	}
}

static const struct problem *find_problem(const struct overview *o,
					  const char *code)
{
	for (size_t i = 0; i < o->problem_count; i++)
		if (strcmp(o->problem[i].code, code) == 0)
			return &o->problem[i];
	return NULL;
}

/* One message of ours, pushed, and what computer 2 says of it. */
static void peer_says(struct home *h, uint64_t upto, const char *rejected)
{
	static char blob[41] = "2222222222222222222222222222222222222220";
	struct stream_name ours = { 1, 2 };
	struct status s = STATUS_INIT;

	blob[39]++;
	s.computer = 2;
	snprintf(s.clone, sizeof(s.clone), "0123abcd");
	s.updated = clock_.now(&clock_);
	s.name = xstrdup("Architect");
	s.version = xstrdup("0.1.0");
	s.state = STATE_IDLE;
	status_add_received(&s, ours, upto);
	if (rejected != NULL)
		status_add_rejected(&s, rejected, "no end marker");
	assert_int_equal(store_begin(h->store, &err), 0);
	assert_int_equal(record_peer(h->store, &s, blob,
		"1111111111111111111111111111111111111111", &err), 0);
	assert_int_equal(store_commit(h->store, &err), 0);
	status_release(&s);
}

static void push_all(struct home *h)
{
	static const char oid[] = "3333333333333333333333333333333333333333";
	struct own_files files = { 0 };

	own_files_add(&files, "messages/1_TO_2.md", oid);
	assert_int_equal(store_begin(h->store, &err), 0);
	assert_int_equal(record_commit(h->store, oid, "", "", &files, &err), 0);
	assert_int_equal(record_seen(h->store, oid, &err), 0);
	assert_int_equal(store_commit(h->store, &err), 0);
	own_files_release(&files);
}

static void expect_problem(struct home *h, const char *code, bool there)
{
	struct overview o;

	assert_int_equal(overview_gather(h, &o, &err), 0);
	if ((find_problem(&o, code) != NULL) != there)
		fail_msg("%s is %sshown", code, there ? "not " : "");
	overview_release(&o);
}

static void what_is_not_confirmed(void **state)
{
	struct home *h = make_home("a", 1);
	struct outgoing out = { .to = "2", .title = "Hello" };
	char id[MESSAGE_ID];

	(void)state;
	assert_int_equal(mail_send(h, &out, id, &err), 0);
	expect_problem(h, "unconfirmed", false);	/* not even pushed */
	push_all(h);
	expect_problem(h, "unconfirmed", true);
	peer_says(h, 0, NULL);
	expect_problem(h, "unconfirmed", true);
	expect_problem(h, "late", false);
	clock_.offset = 601;
	peer_says(h, 0, NULL);
	expect_problem(h, "late", true);
	expect_problem(h, "unconfirmed", false);
	peer_says(h, 0, id);
	expect_problem(h, "rejected", true);
	peer_says(h, 1, NULL);
	expect_problem(h, "late", false);
	expect_problem(h, "rejected", false);
	home_close(h);
}

static void an_offline_remote(void **state)
{
	struct init_options o = options("a", 1);
	struct report r = { .ended = 1795180200, .failures = 3 };
	struct home *h;

	(void)state;
	o.url = "https://example.org/fleet.git";
	assert_int_equal(home_init(&o, &clock_, &err), 0);
	assert_int_equal(home_open(&h, at("a"), &clock_, &err), 0);
	expect_problem(h, "offline", false);	/* no cycle yet */
	assert_int_equal(report_write(h, &r, &err), 0);
	expect_problem(h, "offline", true);
	r.online = true;
	assert_int_equal(report_write(h, &r, &err), 0);
	expect_problem(h, "offline", false);
	home_close(h);
}

/* ---- small facts as JSON ---- */

static void facts_come_back(void **state)
{
	struct home *h = make_home("a", 1);
	json_t *json;

	(void)state;
	assert_null(home_json(h, "run/x.json", 100));
	assert_int_equal(home_put_json(h, "run/x.json", json_pack("{s:[i, s]}", "list", 7,
				       "\xc3\xa9"), &err), 0);
	expect_text("a/.trine/run/x.json", "{\"list\":[7,\"\xc3\xa9\"]}\n");
	json = home_json(h, "run/x.json", 100);
	assert_int_equal(json_array_size(json_object_get(json, "list")), 2);
	json_decref(json);
	/* NULL: larger than the caller takes; not whole; one key twice */
	assert_null(home_json(h, "run/x.json", 10));
	put("a/.trine/run/x.json", "{\"list\":[7");
	assert_null(home_json(h, "run/x.json", 100));
	put("a/.trine/run/x.json", "{\"a\":1,\"a\":2}");
	assert_null(home_json(h, "run/x.json", 100));
	/* what cannot be written is said */
	assert_int_equal(home_put_json(h, "none/x.json", json_object(), &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	home_close(h);
}

#define IN_A_DIRECTORY(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_DIRECTORY(it_is_found),
		IN_A_DIRECTORY(it_is_made),
		IN_A_DIRECTORY(a_second_time_is_refused),
		IN_A_DIRECTORY(what_is_there_stays),
		IN_A_DIRECTORY(a_refusal_leaves_nothing),
		IN_A_DIRECTORY(what_a_kill_left_is_cleared),
		IN_A_DIRECTORY(wrong_settings),
		IN_A_DIRECTORY(many_faults),
		IN_A_DIRECTORY(the_fleet_in_force),
		IN_A_DIRECTORY(sending),
		IN_A_DIRECTORY(reading_and_answering),
		IN_A_DIRECTORY(retracting),
		IN_A_DIRECTORY(reports_come_back),
		IN_A_DIRECTORY(a_cycle_without_a_report),
		cmocka_unit_test(when_a_peer_is_offline),
		IN_A_DIRECTORY(what_is_not_confirmed),
		IN_A_DIRECTORY(an_offline_remote),
		IN_A_DIRECTORY(facts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
