/*
 * Cases that chance meets too seldom, for test_hand_random.c.
 *
 * More new commits than fit into the time of a cycle: each cycle goes on where
 * the one before stopped, and none is read twice (protocol, mark 1). And text
 * typed after collect has read the desk: it is there afterwards (R13).
 */
#ifndef HAND_CASES_H
#define HAND_CASES_H

#include "fleet_checks.h"

enum { COMMITS = 7, PORTION = 2 };	/* and one of its own, the first */

/* All that a cycle has is gone once it has recorded something. */
static void use_up_time(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "log") == 0)
		clock_.offset += 600;
}

static int run_slowly(struct report *report)
{
	static const struct cycle_options options = { .version = "0" };
	struct machine *m = &w.machine[0];
	struct cycle_world world = { .clock = &clock_, .chance = &chance,
		.disk = &m->disk, .remote = m->remote,
		.checkpoint = use_up_time, .portion = PORTION };
	bool busy;

	return cycle_run(m->home, &world, &options, report, &busy, &err);
}

static void person_writes(int64_t time, struct span text)
{
	struct tree_edit edit = {
		.path = (char *)(uintptr_t)"messages/HUMAN_TO_1.md" };
	struct oid tree, made;

	OK(repo_blob_write(w.hub, text, &edit.oid, &err));
	OK(repo_edit(w.hub, tip().hex, "coordination", &edit, 1, &tree, &err));
	OK(repo_commit_write(w.hub, tree.hex, tip().hex, "Ada",
			     "ada@example.org", time, "Edit\n", &made, &err));
	OK(repo_ref_set(w.hub, "refs/heads/main", made.hex, &err));
}

/* Each commit says one line more. */
static void people_commit(void)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < COMMITS; i++) {
		buf_printf(&text, "- [ ] The item %c%c%c\n", 'a' + i, 'k' + i,
			   'p' + i);
		person_writes(START + i, span_of(&text));
	}
	buf_release(&text);
}

static size_t times_in_log(const char *words)
{
	char *path = home_path(w.machine[0].home, "event-log.jsonl");
	struct buf log = BUF_INIT;
	size_t n = 0;

	OK(file_read(path, 1 << 24, &log, NULL, &err));
	for (const char *p = log.data; (p = strstr(p, words)) != NULL; p++)
		n++;
	buf_release(&log);
	free(path);
	return n;
}

static void begin_case(void)
{
	chance_seeded(&chance, 1);
	OK(repo_start(&err));
	make_hub();
	make_machine(0, "init", "-");
	sync_one(0);
}

static void end_case(void)
{
	end_fleet();
	repo_stop();
}

static void each_cycle_goes_on(void **state)
{
	struct report report = { 0 };
	int cycles = 1;

	(void)state;
	begin_case();
	people_commit();
	while (run_slowly(&report) == -1) {
		assert_int_equal(err.code, ERR_AGAIN);
		assert_int_equal(times_in_log("\"type\":\"message.received\""),
				 cycles * PORTION - 1);
		cycles++;
		error_clear(&err);
	}
	assert_int_equal(cycles, (COMMITS + 1) / PORTION);
	assert_int_equal(times_in_log("\"type\":\"hand.read\""), COMMITS);
	assert_int_equal(times_in_log("\"type\":\"message.received\""), COMMITS);
	sync_one(0);
	assert_int_equal(times_in_log("\"type\":\"hand.read\""), COMMITS);
	end_case();
}

static void type_below(int n)
{
	struct buf text = BUF_INIT;

	get(n, "messages/HUMAN_TO_1.md", &text);
	buf_adds(&text, "Typed just now.\n");
	put(n, "messages/HUMAN_TO_1.md", span_of(&text));
	buf_release(&text);
}

static void what_is_typed_meanwhile_stays(void **state)
{
	struct report report = { 0 };
	struct buf text = BUF_INIT;

	(void)state;
	begin_case();
	person_writes(START, span_str("One.\n"));
	sync_one(0);
	person_writes(START + 1, span_str("One.\nTwo.\n"));
	run_cycle(0, true, type_below, &report);
	bring_to_rest();
	read_branch("messages/HUMAN_TO_1.md", &text);
	assert_non_null(strstr(text.data, "Two."));
	assert_non_null(strstr(text.data, "Typed just now."));
	buf_release(&text);
	check_desk(0);
	end_case();
}

#endif
