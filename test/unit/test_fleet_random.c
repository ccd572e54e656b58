/*
 * Three real computers and a real branch on a disk, and what may happen to
 * them, by chance: messages, edits of own, shared and foreign files, deletions,
 * people who commit and rewrite, cycles without network, cycles overtaken
 * between their fetch and their push, cycles killed anywhere. In the end all is
 * where it belongs, once, and another cycle does nothing.
 *
 * TRINE_TEST_SEED chooses another sequence, TRINE_TEST_RUNS how many.
 */
#include "fleet_fixture.h"

#include <git2.h>

enum { STEPS = 24, RUNS = 300, PASSES = 8 };

/* --- what instances and people do on desks --- */

static void send(int n)
{
	int to = any_below(4) == 0 ? -1 : another_than(n);
	struct token *t = new_token(WITH_READERS, n + 1, to + 1);
	struct buf body = BUF_INIT;
	char number[8];
	struct outgoing o = { .to = "ALL", .priority = PRIORITY_NORMAL };

	snprintf(number, sizeof(number), "%d", to + 1);
	if (to >= 0)
		o.to = number;
	buf_printf(&body, "%s\n", t->text);
	if (any_below(4) == 0)
		for (int i = 0; i < 90; i++)
			buf_printf(&body, "%060d\n", i);
	o.body = span_of(&body);
	o.type = any_below(2) ? TYPE_MESSAGE : TYPE_TASK;
	OK(mail_send(w.machine[n].home, &o, t->id, &err));
	note("on %d: send %s, %zu bytes: %s", n + 1, t->id, body.len, t->text);
	buf_release(&body);
}

static void retract(int n)
{
	for (size_t i = w.tokens; i-- > 0;) {
		struct token *t = &w.token[i];

		if (t->from != n + 1 || t->id[0] == '\0' || t->place == NOWHERE)
			continue;
		if (mail_retract(w.machine[n].home, t->id, &err) == 0) {
			note("on %d: retract %s", n + 1, t->id);
			t->place = NOWHERE;
		}
		return;
	}
}

static void type_loose(int n)
{
	int to = another_than(n);
	struct token *t = new_token(WITH_READERS, n + 1, to + 1);
	char path[48], line[24];

	snprintf(path, sizeof(path), "messages/%d_TO_%d.md", n + 1, to + 1);
	snprintf(line, sizeof(line), "\n%s", t->text);
	note("on %d: type %s into %s", n + 1, t->text, path);
	write_line(n, path, line, false);
	buf_reset(&w.machine[n].buffer);
	get(n, path, &w.machine[n].buffer);
	snprintf(w.machine[n].open, sizeof(path), "%s", path);
}

/* An editor that has seen nothing since saves what it has, or more. */
static void save_buffer(int n)
{
	struct machine *m = &w.machine[n];
	struct token *t;

	if (m->dirty || m->open[0] == '\0')
		return;
	if (any_below(2)) {
		t = new_token(WITH_READERS, n + 1,
			      m->open[strlen(m->open) - 4] - '0');
		buf_printf(&m->buffer, "\n%s\n", t->text);
	}
	note("on %d: save the old buffer of %s: %s", n + 1, m->open,
	     m->buffer.data);
	put(n, m->open, span_of(&m->buffer));
}

static void edit_foreign(int n)
{
	int from = another_than(n);
	struct token *t = new_token(ON_BRANCH, n + 1, 0);
	char path[48];

	if (any_below(2))
		snprintf(path, sizeof(path), "messages/%d_TO_%d.md", from + 1,
			 another_than(from) + 1);
	else
		snprintf(path, sizeof(path), "COMPUTER_%d.md", from + 1);
	note("on %d: write %s into %s", n + 1, t->text, path);
	write_line(n, path, t->text, any_below(2));
}

static void edit_shared(int n)
{
	static const char *const paths[] = { "shared/notes.md", "shared/plan.md",
		"messages/HUMAN_TO_7.md", "README.md" };
	const char *path = paths[any_below(ARRAY_LEN(paths))];
	struct token *t = new_token(ON_BRANCH, n + 1, 0);
	bool first = any_below(2);

	note("on %d: write %s into %s, at the %s", n + 1, t->text, path,
	     first ? "top" : "end");
	write_line(n, path, t->text, first);
}

static int collect_paths(void *arg, const char *path, const struct file_info *info)
{
	if (!info->directory)
		list_add(arg, path);
	return 0;
}

static void list_desk(int n, struct list *out)
{
	struct disk *disk = &w.machine[n].disk;

	if (disk->list(disk, collect_paths, out, &err) == -1 &&
	    err.code != ERR_NOTFOUND)
		give_up("%s", err.text);
}

/* Not what was just written: that would be its writer's own wish. */
static void remove_file(int n)
{
	struct list files = LIST_INIT;
	const char *path;

	list_desk(n, &files);
	if (files.count > 0 && !w.machine[n].dirty) {
		path = files.item[any_below((int)files.count)];
		note("on %d: remove %s", n + 1, path);
		take_away(n, path);
		w.history = true;
	}
	list_release(&files);
}

static void remove_desk(int n)
{
	struct list files = LIST_INIT;

	list_desk(n, &files);
	if (!w.machine[n].dirty) {
		note("on %d: remove the desk", n + 1);
		for (size_t i = 0; i < files.count; i++)
			take_away(n, files.item[i]);
		w.history = true;	/* by who writes there before a cycle */
	}
	list_release(&files);
}

static void write_meanwhile(int n)
{
	note("  before its push:");
	if (any_below(2))
		type_loose(n);
	else
		edit_shared(n);
}

static void sync_while_writing(int n)
{
	struct report report = { 0 };

	note("sync %d", n + 1);
	run_cycle(n, true, write_meanwhile, &report);
}

/* --- what people do on the branch --- */

static struct oid tip(void)
{
	struct oid out;

	OK(repo_ref_get(w.hub, "refs/heads/main", &out, &err));
	return out;
}

static void commit_by_hand(struct tree_edit *edit)
{
	struct oid old = tip(), tree, made;

	OK(repo_edit(w.hub, old.hex, "coordination", edit, 1, &tree, &err));
	OK(repo_commit_write(w.hub, tree.hex, old.hex, "Ada", "ada@example.org",
			     our_now(&clock_), "By hand\n", &made, &err));
	OK(repo_ref_set(w.hub, "refs/heads/main", made.hex, &err));
	w.history = true;
}

static int collect_branch(void *arg, const char *path, const char *old_oid,
			  const char *new_oid, enum entry_kind kind)
{
	(void)old_oid;
	(void)new_oid;
	(void)kind;
	list_add(arg, path);
	return 0;
}

static void list_branch(struct list *out)
{
	bool cut;

	OK(repo_diff(w.hub, "", tip().hex, "coordination", collect_branch, out,
		     &cut, &err));
}

static void read_branch(const char *path, struct buf *out)
{
	struct oid oid;
	bool is_tree;

	OK(repo_lookup(w.hub, tip().hex, "coordination", path, &oid, &is_tree,
		       &err));
	OK(repo_blob_read(w.hub, oid.hex, LIMIT_FILE, out, &err));
}

static void person_edits(int n)
{
	struct list files = LIST_INIT;
	struct token *t = new_token(ON_BRANCH, 0, 0);
	struct buf text = BUF_INIT;
	struct tree_edit edit = { 0 };

	(void)n;
	list_branch(&files);
	edit.path = files.item[any_below((int)files.count)];
	read_branch(edit.path, &text);
	buf_printf(&text, "%s\n", t->text);
	OK(repo_blob_write(w.hub, span_of(&text), &edit.oid, &err));
	note("a person: write %s into %s", t->text, edit.path);
	commit_by_hand(&edit);
	buf_release(&text);
	list_release(&files);
}

static void person_removes(int n)
{
	struct list files = LIST_INIT;
	struct tree_edit edit = { 0 };

	(void)n;
	list_branch(&files);
	edit.path = files.item[any_below((int)files.count)];
	note("a person: remove %s", edit.path);
	commit_by_hand(&edit);
	list_release(&files);
}

/* The last two commits become one. */
static void person_squashes(int n)
{
	struct commit_info last = { 0 }, one = { 0 };
	struct oid old = tip(), made;

	(void)n;
	OK(repo_commit_read(w.hub, old.hex, "coordination", &last, &err));
	if (last.parent.hex[0] != '\0')
		OK(repo_commit_read(w.hub, last.parent.hex, "coordination", &one,
				    &err));
	if (one.parent.hex[0] != '\0') {
		note("a person: squash the last two commits");
		OK(repo_commit_write(w.hub, last.tree.hex, one.parent.hex, "Ada",
				     "ada@example.org", our_now(&clock_),
				     "Squashed\n", &made, &err));
		OK(repo_ref_set(w.hub, "refs/heads/main", made.hex, &err));
		w.history = true;
	}
	commit_info_release(&last);
	commit_info_release(&one);
}

static const struct {
	unsigned weight;
	void (*act)(int n);
} acts[] = {
	{ 24, send }, { 12, type_loose }, { 8, save_buffer },
	{ 10, edit_foreign }, { 18, edit_shared }, { 4, retract },
	{ 4, remove_file }, { 1, remove_desk }, { 5, person_edits },
	{ 2, person_removes }, { 2, person_squashes }, { 40, sync_one },
	{ 12, sync_offline }, { 12, sync_overtaken },
	{ 6, sync_while_writing }, { 12, sync_killed },
};

static void act_by_chance(void)
{
	unsigned all = 0;
	int at;

	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		all += acts[i].weight;
	at = any_below((int)all);
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		at -= (int)acts[i].weight;
		if (at < 0) {
			acts[i].act(any_below(COMPUTERS));
			return;
		}
	}
}

/* --- what must be so in the end --- */

static bool sync_all(void)
{
	struct oid old = tip();
	bool busy = false;

	for (int n = 0; n < COMPUTERS; n++) {
		struct report r = { 0 };

		run_cycle(n, true, NULL, &r);
		busy = busy || r.committed + r.published + r.received > 0;
	}
	return busy || strcmp(old.hex, tip().hex) != 0;
}

static void bring_to_rest(void)
{
	note("then sync 1, 2, 3 until nothing changes");
	clock_.offset += 7200;
	for (int pass = 0; sync_all(); pass++)
		if (pass == PASSES)
			give_up("it never comes to rest");
}

static size_t log_size(int n)
{
	char *path = home_path(w.machine[n].home, "event-log.jsonl");
	struct file_info info;

	OK(file_stat(path, &info, &err));
	free(path);
	return (size_t)info.size;
}

/* One more cycle of each logs nothing. */
static void check_rest(void)
{
	size_t before[COMPUTERS];

	for (int n = 0; n < COMPUTERS; n++)
		before[n] = log_size(n);
	sync_all();
	for (int n = 0; n < COMPUTERS; n++)
		if (log_size(n) != before[n])
			give_up("computer %d has more to log", n + 1);
}

static void check_desk(int n)
{
	struct list branch = LIST_INIT, desk = LIST_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;

	list_branch(&branch);
	list_desk(n, &desk);
	list_sort(&branch);
	list_sort(&desk);
	for (size_t i = 0; i < branch.count || i < desk.count; i++) {
		if (i >= branch.count || i >= desk.count ||
		    strcmp(branch.item[i], desk.item[i]) != 0)
			give_up("desk %d has not the files of the branch: %s",
				n + 1, i < desk.count ? desk.item[i]
						      : branch.item[i]);
		buf_reset(&a);
		buf_reset(&b);
		read_branch(branch.item[i], &a);
		get(n, desk.item[i], &b);
		if (!span_equal(span_of(&a), span_of(&b)))
			give_up("desk %d: %s is not as on the branch", n + 1,
				desk.item[i]);
	}
	buf_release(&a);
	buf_release(&b);
	list_release(&branch);
	list_release(&desk);
}

static unsigned times_with(int n, enum direction direction, const char *token)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	unsigned times = 0;

	f.direction = direction;
	OK(view_records(w.machine[n].home->store, &f, &l, &err));
	for (size_t i = 0; i < l.count; i++)
		for (const char *p = l.item[i].message.body;
		     p != NULL && (p = strstr(p, token)) != NULL; p++)
			times++;
	record_list_release(&l);
	return times;
}

static void check_message(const struct token *t)
{
	for (int n = 0; n < COMPUTERS; n++) {
		bool reads = t->place == WITH_READERS && t->from != n + 1 &&
			     (t->to == 0 || t->to == n + 1);
		unsigned in = times_with(n, DIRECTION_IN, t->text);
		unsigned out = times_with(n, DIRECTION_OUT, t->text);

		if (in != reads)
			give_up("%s was received %u times by %d", t->text, in,
				n + 1);
		if (out != (t->place == WITH_READERS && t->from == n + 1))
			give_up("%s was sent %u times by %d", t->text, out,
				n + 1);
	}
}

static bool is_on_branch(const char *token)
{
	struct list files = LIST_INIT;
	struct buf text = BUF_INIT;
	bool found = false;

	list_branch(&files);
	for (size_t i = 0; i < files.count && !found; i++) {
		buf_reset(&text);
		read_branch(files.item[i], &text);
		found = strstr(text.data, token) != NULL;
	}
	buf_release(&text);
	list_release(&files);
	return found;
}

struct object_search {
	git_odb *odb;
	const char *token;
};

static int look_into(const git_oid *id, void *arg)
{
	struct object_search *s = arg;
	git_odb_object *object;
	bool found;

	if (git_odb_read(&object, s->odb, id) != 0)
		return 0;
	found = git_odb_object_type(object) == GIT_OBJECT_BLOB &&
		memmem(git_odb_object_data(object), git_odb_object_size(object),
		       s->token, strlen(s->token)) != NULL;
	git_odb_object_free(object);
	return found ? 1 : 0;
}

static bool is_in_history(const char *token)
{
	struct object_search s = { .token = token };
	char path[80];
	bool found;

	snprintf(path, sizeof(path), "%s/objects", w.hub_path);
	assert_int_equal(git_odb_open(&s.odb, path), 0);
	found = git_odb_foreach(s.odb, look_into, &s) == 1;
	git_odb_free(s.odb);
	return found;
}

static void check_text(const struct token *t)
{
	if (!is_on_branch(t->text) &&
	    !(w.history && is_in_history(t->text)))
		give_up("%s is lost", t->text);
	for (int n = 0; n < COMPUTERS; n++)
		if (times_with(n, DIRECTION_IN, t->text) > 0)
			give_up("%s became a message to %d", t->text, n + 1);
}

static void check_all(void)
{
	check_rest();
	for (int n = 0; n < COMPUTERS; n++)
		check_desk(n);
	for (size_t i = 0; i < w.tokens; i++)
		if (w.token[i].place == ON_BRANCH)
			check_text(&w.token[i]);
		else
			check_message(&w.token[i]);
}

static uint64_t number_of(const char *variable, uint64_t usual)
{
	const char *text = getenv(variable);
	uint64_t value;

	return text != NULL && text_number(span_str(text), &value) ? value
								   : usual;
}

/* Under checkers so many would take minutes. */
static uint64_t usual_runs(void)
{
	const char *wrap = getenv("WRAP");

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
	return RUNS / 6;
#endif
	return wrap != NULL && *wrap != '\0' ? RUNS / 60 : RUNS;
}

static void whatever_happens_all_is_well(void **state)
{
	uint64_t runs = number_of("TRINE_TEST_RUNS", usual_runs());

	(void)state;
	seed = number_of("TRINE_TEST_SEED", 1);
	OK(repo_start(&err));
	for (uint64_t run = 0; run < runs; run++, seed++) {
		chance_seeded(&chance, seed);
		make_fleet();
		for (int i = 0; i < STEPS; i++) {
			clock_.offset += 60;
			act_by_chance();
		}
		bring_to_rest();
		check_all();
		end_fleet();
	}
	repo_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_all_is_well),
	};

	/* No git here: packing is not what this is about, and takes longer. */
	setenv("PATH", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
