/*
 * What people and an agent without trine write, by chance: on desks, in editors
 * with old text, on branches that are merged, squashed, picked and rebased in
 * any order or late, in a history that is amended under the others; while cycles
 * are killed, a disk is lost and the agent gets trine. In the end each line that
 * was on the branch is recorded once by each of its readers, and no line is gone
 * that nobody took away.
 *
 * TRINE_TEST_SEED chooses another sequence, TRINE_TEST_RUNS how many.
 */
#include "hand_pages.h"
#include "hand_cases.h"

/* --- versions on the branch --- */

static void read_at(struct oid commit, int file, struct buf *out)
{
	struct oid oid;
	bool is_tree;

	buf_reset(out);
	OK(repo_lookup(w.hub, commit.hex, "coordination", files[file], &oid,
		       &is_tree, &err));
	if (oid.hex[0] != '\0')
		OK(repo_blob_read(w.hub, oid.hex, LIMIT_FILE, out, &err));
}

/* Of a file of that commit, which tokens stand there, which of them not in a
 * ticked item. */
struct version {
	struct oid oid;
	uint64_t any, open;
};

static struct version version[VERSIONS];
static size_t versions;

static void read_tokens(struct span text, struct version *out)
{
	bool ticked = false;
	struct span l;

	for (size_t pos = 0; text_line(text, &pos, &l); ) {
		if (l.len > 0 && strchr(" \t\r", l.p[0]) == NULL)
			ticked = l.len > 5 && memcmp(l.p + 1, " [x] ", 5) == 0;
		else
			ticked = ticked && occurrences(l, "- [ ] ") == 0;
		for (size_t i = 0; i < lines; i++)
			if (occurrences(l, line[i].token) > 0) {
				out->any |= (uint64_t)1 << i;
				out->open |= (uint64_t)!ticked << i;
			}
	}
}

static struct version *version_at(struct oid commit, int file)
{
	struct buf text = BUF_INIT;
	struct oid oid;
	bool is_tree;

	OK(repo_lookup(w.hub, commit.hex, "coordination", files[file], &oid,
		       &is_tree, &err));
	for (size_t i = 0; i < versions; i++)
		if (strcmp(version[i].oid.hex, oid.hex) == 0)
			return &version[i];
	if (versions == VERSIONS)
		give_up("too many versions");
	version[versions] = (struct version){ .oid = oid };
	if (oid.hex[0] != '\0')
		OK(repo_blob_read(w.hub, oid.hex, LIMIT_FILE, &text, &err));
	read_tokens(span_of(&text), &version[versions]);
	buf_release(&text);
	return &version[versions++];
}

struct past {
	int file;
	uint64_t any;
};

static int note_past(void *arg, const char *oid, struct error *e)
{
	struct past *p = arg;
	struct oid commit;

	(void)e;
	memcpy(commit.hex, oid, OID_HEX);
	p->any |= version_at(commit, p->file)->any;
	return 0;
}

/* A person's commit that brings lines which had been below it, and were taken
 * away or are there, says them again (R9), whether it means to or not. */
static void note_said_again(struct oid made, struct oid parent)
{
	struct buf now = BUF_INIT, was = BUF_INIT;
	struct past past = { 0 };

	for (int file = 0; file < FILES; file++) {
		bool looked = false;

		if (version_at(made, file) == version_at(parent, file))
			continue;
		read_at(made, file, &now);
		read_at(parent, file, &was);
		for (size_t i = 0; i < lines; i++) {
			if (occurrences(span_of(&now), line[i].token) <=
			    occurrences(span_of(&was), line[i].token))
				continue;
			past.file = file;
			past.any = looked ? past.any : 0;
			if (!looked)
				OK(repo_walk_back(w.hub, parent.hex, false,
						  note_past, &past, &err));
			looked = true;
			line[i].again |= past.any >> i & 1;
		}
	}
	buf_release(&now);
	buf_release(&was);
}

/* --- what people do --- */

static void set_main(struct oid commit)
{
	OK(repo_ref_set(w.hub, "refs/heads/main", commit.hex, &err));
}

static void person_edits(int who)
{
	int file = who == 2 && w.machine[2].home == NULL && any_below(2)
		   ? AGENT : any_below(AGENT);
	struct tree_edit edit = { .path = (char *)(uintptr_t)files[file] };
	struct oid old = people.head[who], tree;
	struct buf text = BUF_INIT;

	note("person %d edits %s", who, files[file]);
	read_at(old, file, &text);
	edit_text(&text, file, -1);
	OK(repo_blob_write(w.hub, span_of(&text), &edit.oid, &err));
	OK(repo_edit(w.hub, old.hex, "coordination", &edit, 1, &tree, &err));
	people.head[who] = commit_tree(tree, &old, 1, "Edit\n");
	buf_release(&text);
}

static void person_starts_anew(int who)
{
	note("person %d starts anew from the branch", who);
	people.head[who] = tip();
}

/* Commits of HEAD since BASE, by first parents, oldest first. */
static size_t own_commits(struct oid head, struct oid base, struct oid *out,
			  size_t room)
{
	size_t n = 0;

	for (; n < room && !descends(base, head); head = parent_of(head))
		out[n++] = head;
	for (size_t i = 0; i < n / 2; i++) {
		struct oid swap = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	return n;
}

static struct oid pick(struct oid commit, struct oid onto)
{
	struct oid tree = merge_trees(parent_of(commit), onto, commit), made;

	if (strcmp(tree.hex, tree_of(onto).hex) == 0)
		return onto;
	made = commit_tree(tree, &onto, 1, "Picked\n");
	note_said_again(made, onto);
	return made;
}

static struct oid merge(struct oid first, struct oid second)
{
	struct oid parents[2] = { first, second };

	if (descends(first, second))
		return first;
	return commit_tree(merge_trees(merge_base(first, second), first, second),
			   parents, 2, "Merge\n");
}

static void by_merge(int who)
{
	note("person %d merges, and pushes", who);
	people.head[who] = descends(tip(), people.head[who])
			   ? tip() : merge(people.head[who], tip());
	set_main(people.head[who]);
}

static struct oid rebased(int who)
{
	struct oid own[8], onto = tip();
	size_t n = own_commits(people.head[who], onto, own, ARRAY_LEN(own));

	for (size_t i = 0; i < n; i++)
		onto = pick(own[i], onto);
	return onto;
}

static void by_rebase(int who)
{
	note("person %d rebases, and pushes", who);
	people.head[who] = rebased(who);
	set_main(people.head[who]);
}

static void on_hub_rebased(int who)
{
	note("the branch of person %d is rebased on the hub", who);
	set_main(rebased(who));
}

static void on_hub_merged(int who)
{
	note("the branch of person %d is merged on the hub", who);
	set_main(merge(tip(), people.head[who]));
}

static void on_hub_squashed(int who)
{
	struct oid old = tip(), tree, made;

	if (descends(old, people.head[who]))
		return;
	note("the branch of person %d is squashed on the hub", who);
	tree = merge_trees(merge_base(old, people.head[who]), old,
			   people.head[who]);
	made = commit_tree(tree, &old, 1, "Squash\n");
	note_said_again(made, old);
	set_main(made);
}

static void on_hub_picked(int who)
{
	struct oid own[8];
	size_t n = own_commits(people.head[who], tip(), own, ARRAY_LEN(own));

	if (n == 0)
		return;
	note("one commit of person %d is picked", who);
	set_main(pick(own[any_below((int)n)], tip()));
}

static void octopus(int who)
{
	struct oid parents[PARENTS] = { tip() }, all = tip();
	size_t n = 1;

	(void)who;
	note("the branches of all are merged at once");
	for (int i = 0; i < PEOPLE; i++) {
		if (descends(all, people.head[i]))
			continue;
		all = merge(all, people.head[i]);
		parents[n++] = people.head[i];
	}
	if (n > 1)
		set_main(commit_tree(tree_of(all), parents, n, "Octopus\n"));
}

static void person_publishes(int who)
{
	static void (*const ways[])(int who) = {
		by_merge, by_merge, by_rebase, on_hub_rebased, on_hub_merged,
		on_hub_merged, on_hub_squashed, on_hub_picked, octopus,
	};

	ways[any_below(ARRAY_LEN(ways))](who);
}

static void person_pulls(int who)
{
	note("person %d merges the branch into the clone", who);
	people.head[who] = merge(people.head[who], tip());
}

/* --- history that changes --- */

/* What the branch has no more. */
static void note_dropped(struct oid old, struct oid now)
{
	for (int file = 0; file < FILES; file++) {
		uint64_t gone = version_at(old, file)->any &
				~version_at(now, file)->any;

		for (size_t i = 0; i < lines; i++)
			line[i].removed |= gone >> i & 1;
	}
}

static void rewrite(int who)
{
	struct oid old = tip(), before = parent_of(old), first, made;
	int back = any_below(3);

	(void)who;
	first = before.hex[0] != '\0' ? parent_of(before) : before;
	if (first.hex[0] == '\0')
		return;
	note("the branch is %s, by force", back == 0 ? "put back by one commit" :
	     back == 1 ? "amended" : "squashed by two commits");
	if (back == 1)
		first = before;
	made = back == 0 ? before : commit_tree(tree_of(old), &first, 1,
						"Amended\n");
	if (back != 0)
		note_said_again(made, first);
	note_dropped(old, made);
	set_main(made);
}

/* --- desks --- */

static int any_machine(void)
{
	int n;

	do {
		n = any_below(COMPUTERS);
	} while (w.machine[n].home == NULL);
	return n;
}

static uint64_t tokens_on(int n, int file)
{
	struct buf text = BUF_INIT;
	struct version v = { 0 };

	get(n, files[file], &text);
	read_tokens(span_of(&text), &v);
	buf_release(&text);
	return v.any;
}

static void desk_edits(int n)
{
	struct machine *m = &w.machine[n];
	int file = any_below(AGENT);
	struct buf text = BUF_INIT;

	note("on %d: edit %s", n + 1, files[file]);
	get(n, files[file], &text);
	edit_text(&text, file, n);
	if (text.len > 0)
		put(n, files[file], span_of(&text));
	buf_reset(&m->buffer);
	buf_addb(&m->buffer, &text);
	snprintf(m->open, sizeof(m->open), "%s", files[file]);
	buf_release(&text);
}

/* An editor that has seen nothing since saves what it has, or more. */
static void save_buffer(int n)
{
	struct machine *m = &w.machine[n];
	struct version v = { 0 };
	int file = 0;
	uint64_t gone;

	if (m->open[0] == '\0' || m->buffer.len == 0)
		return;
	while (strcmp(files[file], m->open) != 0)
		file++;
	note("on %d: save the old buffer of %s", n + 1, m->open);
	if (any_below(2))
		edit_text(&m->buffer, file, n);
	read_tokens(span_of(&m->buffer), &v);
	gone = tokens_on(n, file) & ~v.any;
	for (size_t i = 0; i < lines; i++)
		line[i].removed |= gone >> i & 1;
	put(n, m->open, span_of(&m->buffer));
}

static void person_meanwhile(int n)
{
	(void)n;
	note("  before its push:");
	person_edits(any_below(PEOPLE));
	person_publishes(any_below(PEOPLE));
}

static void sync_while_people_push(int n)
{
	struct report report = { 0 };

	note("sync %d", n + 1);
	run_cycle(n, true, person_meanwhile, &report);
}

/* What collect has not read is not lost by what publish writes (R13). */
static void sync_while_typing(int n)
{
	struct report report = { 0 };

	note("sync %d", n + 1);
	run_cycle(n, true, desk_edits, &report);
}

static void give_work(int n)
{
	char *path = xasprintf("%s/.trine/trine.ini", w.machine[n].dir);
	struct buf text = BUF_INIT;

	OK(file_read(path, LIMIT_INI_FILE, &text, NULL, &err));
	buf_adds(&text, "\n[instance builder]\ndeliver = inbox\n");
	OK(file_write(path, span_of(&text), 0600, &err));
	home_close(w.machine[n].home);
	OK(home_open(&w.machine[n].home, w.machine[n].dir, &clock_, &err));
	buf_release(&text);
	free(path);
}

struct search {
	int n;
	bool found;
};

static int is_of_clone(void *arg, const char *oid, struct error *e)
{
	struct search *s = arg;
	struct commit_info info = { 0 };
	int rc = repo_commit_read(w.hub, oid, "coordination", &info, e);

	s->found = rc == 0 && info.vouched &&
		   info.trailers.computer == s->n + 1;
	commit_info_release(&info);
	return rc == 0 ? s->found : rc;
}

/* Where people have squashed all of it away, a merge of the old history would
 * bring back another machine of that number: it says so, and stops (R27). */
static void lose_disk(int n)
{
	struct machine *m = &w.machine[n];
	struct search s = { .n = n };

	OK(repo_walk_back(w.hub, tip().hex, false, is_of_clone, &s, &err));
	if (!s.found)
		return;
	note("computer %d loses its disk, and is set up again", n + 1);
	end_machine(n);
	remove_entry(m->dir);
	m->open[0] = '\0';
	for (size_t i = 0; i < lines; i++)
		if (line[i].desk == n)
			line[i].desk = -1;
	make_machine(n, "takeover", tip().hex);
	if (n == 1 && started)
		give_work(n);
}

static void agent_gets_trine(int n)
{
	(void)n;
	if (w.machine[2].home != NULL)
		return;
	note("the agent gets trine, as computer 3");
	make_machine(2, "init", tip().hex);
}

/* --- what happens --- */

static const struct {
	unsigned weight;
	bool person;
	void (*act)(int n);
} acts[] = {
	{ 24, true, person_edits }, { 22, true, person_publishes },
	{ 6, true, person_pulls }, { 6, true, person_starts_anew },
	{ 3, true, rewrite }, { 14, false, desk_edits },
	{ 6, false, save_buffer }, { 20, false, sync_one },
	{ 3, false, sync_offline }, { 3, false, sync_overtaken },
	{ 4, false, sync_while_people_push }, { 3, false, sync_while_typing },
	{ 10, false, sync_killed }, { 1, false, lose_disk },
	{ 1, false, agent_gets_trine },
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
			acts[i].act(acts[i].person ? any_below(PEOPLE)
						   : any_machine());
			return;
		}
	}
}

static void make_people(void)
{
	make_hub();
	GIT(git_repository_open_bare(&people.git, w.hub_path));
	lines = versions = 0;
	make_machine(0, "init", "-");
	make_machine(1, "init", "-");
	started = any_below(2);
	if (started)
		give_work(1);
	sync_one(0);
	sync_one(1);
	for (int i = 0; i < PEOPLE; i++)
		people.head[i] = tip();
}

/* --- what must be so in the end --- */

struct walked {
	struct oid oid;
	bool agent_has_trine;
};

static struct {
	struct walked walked[500];
	size_t count;
	uint64_t any[FILES], open[FILES];
} ever;			/* of the branch */

static bool agent_has_trine(const struct commit_info *info, const char *oid)
{
	struct list parents = LIST_INIT;
	bool out = info->vouched && info->trailers.computer == 3, is_tree;
	struct oid status;

	OK(repo_lookup(w.hub, oid, "coordination", "COMPUTER_3.md", &status,
		       &is_tree, &err));
	out |= status.hex[0] != '\0';
	OK(repo_parents(w.hub, oid, &parents, &err));
	for (size_t i = 0; i < parents.count; i++)
		for (size_t k = 0; k < ever.count; k++)
			out |= strcmp(ever.walked[k].oid.hex,
				      parents.item[i]) == 0 &&
			       ever.walked[k].agent_has_trine;
	list_release(&parents);
	return out;
}

static int note_commit(void *arg, const char *oid, struct error *e)
{
	struct walked *here = &ever.walked[ever.count];
	struct commit_info info = { 0 };

	(void)arg;
	if (ever.count == ARRAY_LEN(ever.walked))
		give_up("too many commits");
	if (repo_commit_read(w.hub, oid, "coordination", &info, e) == -1)
		return -1;
	memcpy(here->oid.hex, oid, OID_HEX);
	here->agent_has_trine = agent_has_trine(&info, oid);
	ever.count++;
	for (int file = 0; file < FILES; file++) {
		struct version *v = version_at(here->oid, file);

		ever.any[file] |= v->any;
		if (file != AGENT || !here->agent_has_trine)
			ever.open[file] |= v->open;
	}
	commit_info_release(&info);
	return 0;
}

/* How often a line is recorded, and how often so that it is what a message says:
 * one that was read before stays in its place in a paragraph, between new ones. */
struct times {
	unsigned all, said;
};

static size_t tokens_in(const char *from, const char *to)
{
	size_t n = 0;

	for (; from + 1 < to; from++)
		n += from[0] == 'k' && from[1] >= '0' && from[1] <= '9';
	return n;
}

static bool is_quoted(struct span text, const char *token)
{
	const char *at = memmem(text.p, text.len, token, strlen(token));

	return tokens_in(text.p, at) > 0 &&
	       tokens_in(at, text.p + text.len) > 1;
}

static struct times times_recorded(const struct record_list *l, const char *token)
{
	struct times times = { 0, 0 };

	for (size_t i = 0; i < l->count; i++) {
		const struct message *m = &l->item[i].message;
		struct span text = m->body == NULL ? (struct span){ "", 0 } :
				   span_str(m->body);
		unsigned title = (unsigned)occurrences(span_str(m->title), token);
		unsigned body = (unsigned)occurrences(text, token);

		times.all += title > body ? title : body;
		if (body != 1 || !is_quoted(text, token))
			times.said += title > body ? title : body;
	}
	return times;
}

static bool is_in_log(int n, const char *token)
{
	char *path = home_path(w.machine[n].home, "event-log.jsonl");
	struct buf log = BUF_INIT;
	bool found;

	OK(file_read(path, 1 << 24, &log, NULL, &err));
	found = occurrences(span_of(&log), token) > 0;
	buf_release(&log);
	free(path);
	return found;
}

/* A changed task has another text now; it had this one. */
static bool was_recorded(int n, const struct line *l, unsigned times)
{
	return times > 0 ||
	       ((l->changed || l->inner) && is_in_log(n, l->token));
}

static void check_line(size_t i, int n, const struct record_list *l)
{
	const struct line *said = &line[i];
	struct times times = times_recorded(l, said->token);
	bool open = ever.open[said->file] >> i & 1;
	bool reads = said->file == n || (said->file == AGENT && n == 0) ||
		     said->file == TO_ALL;

	if (!reads && times.all > 0)
		give_up("%s was recorded by %d", said->token, n + 1);
	if (reads && open && !was_recorded(n, said, times.all) && n != 2)
		give_up("%s was lost by %d", said->token, n + 1);
	if (times.said > 1 && !said->again && !said->inner)
		give_up("%s was recorded %u times by %d", said->token,
			times.said, n + 1);
}

static void check_reader(int n)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.direction = DIRECTION_IN;
	OK(view_records(w.machine[n].home->store, &f, &l, &err));
	for (size_t i = 0; i < lines; i++)
		check_line(i, n, &l);
	record_list_release(&l);
}

/* Nobody took it away, so it is there. */
static void check_kept(void)
{
	struct oid now = tip();

	for (size_t i = 0; i < lines; i++) {
		const struct line *l = &line[i];

		if (l->removed || l->file == AGENT)
			continue;
		if (l->desk != -1 && !(ever.any[l->file] >> i & 1))
			give_up("%s never came to the branch", l->token);
		if ((ever.any[l->file] >> i & 1) &&
		    !(version_at(now, l->file)->any >> i & 1))
			give_up("%s is not on the branch any more", l->token);
	}
}

static void check_all(void)
{
	check_rest();
	memset(&ever, 0, sizeof(ever));
	versions = 0;
	OK(repo_walk(w.hub, tip().hex, "", note_commit, NULL, &err));
	for (int n = 0; n < COMPUTERS; n++)
		if (w.machine[n].home != NULL) {
			check_desk(n);
			check_reader(n);
		}
	check_kept();
}

static void each_line_is_recorded_once(void **state)
{
	uint64_t runs = number_of("TRINE_TEST_RUNS", usual_runs(RUNS));

	(void)state;
	seed = number_of("TRINE_TEST_SEED", 1);
	OK(repo_start(&err));
	for (uint64_t run = 0; run < runs; run++, seed++) {
		chance_seeded(&chance, seed);
		make_people();
		for (int i = 0; i < STEPS; i++) {
			clock_.offset += 60;
			act_by_chance();
		}
		bring_to_rest();
		check_all();
		git_repository_free(people.git);
		end_fleet();
	}
	repo_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cycle_goes_on),
		cmocka_unit_test(what_is_typed_meanwhile_stays),
		cmocka_unit_test(each_line_is_recorded_once),
	};

	/* No git here: packing is not what this is about, and takes longer. */
	setenv("PATH", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
