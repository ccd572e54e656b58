/*
 * Three real computers and a real branch on a disk, and what may happen to
 * them, by chance: messages, edits of own, shared and foreign files, deletions,
 * people who commit and rewrite, cycles without network, cycles overtaken
 * between their fetch and their push, cycles killed anywhere. In the end all is
 * where it belongs, once, and another cycle does nothing.
 *
 * TRINE_TEST_SEED chooses another sequence, TRINE_TEST_RUNS how many.
 */
#include "fleet_checks.h"

#include <git2.h>

enum { STEPS = 24, RUNS = 50, TOKENS = 64 };

/* Where a text must be in the end. */
enum place {
	WITH_READERS,	/* once with each of them, and once with its writer */
	ON_BRANCH,	/* in some file of it */
	NOWHERE		/* taken back in time */
};

struct token {
	char text[16];
	enum place place;
	int from, to;		/* of messages; TO 0: all */
	char id[MESSAGE_ID];	/* of those that were sent */
};

static struct token texts[TOKENS];
static size_t text_count;
static bool history;		/* somebody deleted or rewrote: then a text may
				 * be in the history of the branch only */

static struct token *new_token(enum place place, int from, int to)
{
	struct token *t = &texts[text_count];

	*t = (struct token){ .place = place, .from = from, .to = to };
	snprintf(t->text, sizeof(t->text), "k%zu.", text_count++);
	return t;
}

/* Add LINE at the end, or behind the first line. */
static void write_line(int n, const char *path, const char *line, bool first)
{
	struct buf old = BUF_INIT, new = BUF_INIT;
	const char *end;
	size_t at;

	get(n, path, &old);
	end = memchr(old.data, '\n', old.len);
	at = first && end != NULL ? (size_t)(end - old.data) + 1 : old.len;
	buf_add(&new, old.data, at);
	buf_printf(&new, "%s\n", line);
	buf_add(&new, old.data + at, old.len - at);
	put(n, path, span_of(&new));
	buf_release(&old);
	buf_release(&new);
}

static void take_away(int n, const char *path)
{
	char *full = desk_path(n, path);

	unlink(full);
	free(full);
}

static void make_fleet(void)
{
	make_hub();
	for (int n = 0; n < COMPUTERS; n++)
		make_machine(n, "init", "-");
	write_line(0, "shared/notes.md", "notes\n.\n.\n.\n.\n.\nend", false);
	sync_one(0);
}

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
	for (size_t i = text_count; i-- > 0;) {
		struct token *t = &texts[i];

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
		history = true;
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
		history = true;	/* by who writes there before a cycle */
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

static void commit_by_hand(struct tree_edit *edit)
{
	struct oid old = tip(), tree, made;

	OK(repo_edit(w.hub, old.hex, "coordination", edit, 1, &tree, &err));
	OK(repo_commit_write(w.hub, tree.hex, old.hex, "Ada", "ada@example.org",
			     our_now(&clock_), "By hand\n", &made, &err));
	OK(repo_ref_set(w.hub, "refs/heads/main", made.hex, &err));
	history = true;
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
		history = true;
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
	    !(history && is_in_history(t->text)))
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
	for (size_t i = 0; i < text_count; i++)
		if (texts[i].place == ON_BRANCH)
			check_text(&texts[i]);
		else
			check_message(&texts[i]);
}

static void whatever_happens_all_is_well(void **state)
{
	uint64_t runs = number_of("TRINE_TEST_RUNS", usual_runs(RUNS));

	(void)state;
	seed = number_of("TRINE_TEST_SEED", 1);
	OK(repo_start(&err));
	for (uint64_t run = 0; run < runs; run++, seed++) {
		chance_seeded(&chance, seed);
		make_fleet();
		text_count = 0;
		history = false;
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
