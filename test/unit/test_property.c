/*
 * The protocol, in a model of three computers and a branch: every order of a
 * few edits and cycles, then cycles until nothing happens any more. However it
 * came about, all desks and the branch are the same then, nothing that anybody
 * wrote is lost or doubled, and nobody speaks for somebody else. With a rule of
 * the protocol switched off some order breaks that: so each is needed, and the
 * test can fail.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "property_steps.h"

/* --- what must be so in the end --- */

static const char *const alarm_words[] = {
	[ALARM_GAP] = "a reader met a gap in the numbers",
	[ALARM_REUSED] = "a reader met a number with two texts",
	[ALARM_RESTORED] = "a computer took itself for a restored one",
	[ALARM_FAR] = "five rounds were not enough",
};

static bool tree_has(uint32_t commit, const char *token)
{
	uint32_t copies = copies_at(commit);

	for (int path = 0; path < PATHS; path++)
		if (times_in(version_at(commit, path), token) > 0)
			return true;
	for (uint32_t i = 0; i < length_of(copies); i++)
		if (times_in(words_of(words_of(copies)[i])[COPY_TEXT], token) > 0)
			return true;
	return false;
}

static bool history_has(uint32_t commit, const char *token)
{
	for (; commit != 0; commit = commit_word(commit, COMMIT_PARENT))
		if (tree_has(commit, token))
			return true;
	return false;
}

/* On the tip; what people on the branch did may have moved it into history. */
static bool is_kept(const struct world *f, const char *token)
{
	bool games = false;

	if (tree_has(f->tip, token))
		return true;
	for (int kind = FORGE; kind < KINDS; kind++)
		for (int n = 0; n < COMPUTERS && is_on_branch(kind); n++)
			games = games || f->count[kind][n] > 0;
	if (!games)
		return false;
	if (history_has(f->tip, token))
		return true;
	for (int n = 0; n < COMPUTERS; n++)
		for (uint32_t i = 0; i < length_of(f->computer[n].backups); i++)
			if (history_has(words_of(f->computer[n].backups)[i],
					token))
				return true;
	return false;
}

static const char *judge_desks(const struct world *f)
{
	for (int n = 0; n < COMPUTERS; n++) {
		const struct computer *c = &f->computer[n];

		for (int path = 0; path < PATHS; path++)
			if (c->desk[path] != version_at(f->tip, path))
				return "a desk is not as the tip";
		if (c->desk_copies != copies_at(f->tip))
			return "a desk lacks copies";
	}
	return NULL;
}

/* The stream on the branch, the log and what was received are the same. */
static const char *judge_streams(const struct world *f)
{
	for (int n = 0; n < COMPUTERS; n++) {
		uint32_t sent = f->computer[n].sent, body[ROW_MOST];
		uint32_t text = version_at(f->tip, STREAM + n);

		for (uint32_t i = 0; i < length_of(sent); i++)
			body[i] = words_of(sent)[i] / 2;
		if (row_of(body, length_of(sent)) !=
		    f->computer[next_of(n)].received)
			return "what was received is not what was sent";
		if (text != render(n, sent))
			return "a stream on the branch is not what was sent";
	}
	return NULL;
}

static bool is_damaged(const struct world *f)
{
	bool damaged = false;

	for (int n = 0; n < COMPUTERS; n++)
		damaged = damaged || f->count[DAMAGE][n] > 0;
	return damaged;
}

/* Each message is one message. */
static const char *judge_message(const struct world *f, int n, const char *token)
{
	uint32_t sent = f->computer[n].sent;
	unsigned times = 0;

	for (uint32_t i = 0; i < length_of(sent); i++)
		times += times_in(words_of(sent)[i] / 2, token);
	/* What stands below a damaged entry is kept with it (R19). */
	if (times == 0 && !(is_damaged(f) && is_kept(f, token)))
		return "a message is lost";
	return times > 1 ? "a message is sent twice" : NULL;
}

static const char *judge_token(const struct world *f, int kind, int n,
			       const char *token)
{
	bool own = kind == SEND || kind == LOOSE || kind == MORE;
	int path = kind == ADD ? HUMAN : SHARED;

	if (own)
		return judge_message(f, n, token);
	if (!is_kept(f, token))
		return "a text is lost";
	for (int i = STREAM; i < STREAM + COMPUTERS; i++)
		if (times_in(version_at(f->tip, i), token) > 0)
			return "a stream says what its owner did not";
	if (times_in(version_at(f->tip, path), token) > 1)
		return "a shared line came twice";
	return NULL;
}

static const char *judge_tokens(const struct world *f)
{
	char token[8];

	for (int kind = 0; kind < TOKENS; kind++)
		for (int n = 0; n < COMPUTERS; n++)
			for (int i = 0; i < f->count[kind][n]; i++) {
				const char *why;

				token_of(kind, n, i, token);
				why = judge_token(f, kind, n, token);
				if (why != NULL)
					return why;
			}
	return NULL;
}

static bool says_more(const struct world *f, uint32_t text, uint32_t than)
{
	char token[8];

	for (int kind = 0; kind < TOKENS; kind++)
		for (int n = 0; n < COMPUTERS; n++)
			for (int i = 0; i < f->count[kind][n]; i++) {
				token_of(kind, n, i, token);
				if (times_in(text, token) > times_in(than, token))
					return true;
			}
	return false;
}

/* A copy holds what would be nowhere else, and there is one of it. (Whose push
 * was not answered may keep once more what went out with it.) */
static const char *judge_copies(const struct world *f)
{
	uint32_t copies = copies_at(f->tip);
	bool damaged = is_damaged(f);

	for (uint32_t i = 0; i < length_of(copies); i++) {
		const uint32_t *a = words_of(words_of(copies)[i]);

		if (!damaged && !f->unheard && !says_more(f, a[COPY_TEXT],
					   version_at(f->tip, (int)a[COPY_PATH])))
			return "a copy was made of what nobody wrote";
		for (uint32_t k = 0; k < i; k++) {
			const uint32_t *b = words_of(words_of(copies)[k]);

			if (a[COPY_PATH] == b[COPY_PATH] &&
			    a[COPY_TEXT] == b[COPY_TEXT] &&
			    a[COPY_OWNER] == b[COPY_OWNER])
				return "two copies of one version";
		}
	}
	return NULL;
}

static const char *judge_undone(const struct world *f)
{
	for (uint32_t i = 0; i < length_of(f->ticked); i++)
		if (times_in(version_at(f->tip, HUMAN),
			     bytes_of(words_of(f->ticked)[i]).p) > 0)
			return "a ticked item came back";
	for (uint32_t i = 0; i < length_of(f->undone); i++)
		if (times_in(version_at(f->tip, SHARED),
			     bytes_of(words_of(f->undone)[i]).p) > 0)
			return "what was set back came back by itself";
	return NULL;
}

static void sync_all(struct world *f)
{
	struct how plain = { KILL_NOT };

	for (int n = 0; n < COMPUTERS; n++)
		run_cycle(f, n, &plain);
}

enum { PASSES = 6 };

/* NULL if all is well once all computers have synced until nothing changes. */
static const char *judge(struct world *f)
{
	static const char *(*const judges[])(const struct world *f) = {
		judge_desks, judge_streams, judge_tokens, judge_copies,
		judge_undone,
	};
	struct world last;
	const char *why = NULL;

	for (int pass = 0;; pass++) {
		last = *f;
		sync_all(f);
		if (f->alarm != NO_ALARM)
			return alarm_words[f->alarm];
		if (memcmp(&last, f, sizeof(last)) == 0)
			break;
		if (pass == PASSES)
			return "it never comes to rest";
	}
	for (size_t i = 0; i < ARRAY_LEN(judges) && why == NULL; i++)
		why = judges[i](f);
	return why;
}

/* --- all orders --- */

struct node {
	struct world world;
	uint32_t parent;
	struct step edit, sync;
};

struct search {
	const uint8_t *kinds;		/* of edits, up to KINDS */
	const struct step *syncs;	/* behind an edit */
	size_t sync_count;
	unsigned depth;
	bool any_first;			/* not only computer 1 begins */
	struct node *node;
	size_t count, cap;
	uint64_t *seen;			/* hashes */
	size_t seen_count, slots;
	uint64_t tried;
	const char *why;		/* what went wrong */
	struct node last;		/* and where */
};

static bool is_new(struct search *s, uint64_t hash)
{
	size_t at;

	if (s->seen_count * 2 >= s->slots) {
		size_t slots = s->slots == 0 ? 1 << 12 : s->slots * 2, k;
		uint64_t *seen = xcalloc(slots, sizeof(*seen));

		for (size_t i = 0; i < s->slots; i++)
			if (s->seen[i] != 0) {
				for (k = s->seen[i] & (slots - 1); seen[k] != 0;)
					k = (k + 1) & (slots - 1);
				seen[k] = s->seen[i];
			}
		free(s->seen);
		s->seen = seen;
		s->slots = slots;
	}
	hash |= 1;
	for (at = hash & (s->slots - 1); s->seen[at] != 0;
	     at = (at + 1) & (s->slots - 1))
		if (s->seen[at] == hash)
			return false;
	s->seen[at] = hash;
	s->seen_count++;
	return true;
}

static uint64_t hash_world(const struct world *f, uint32_t salt)
{
	return hash_words((const uint32_t *)f, sizeof(*f) / sizeof(uint32_t)) ^
	       salt * UINT64_C(0x9e3779b97f4a7c15);
}

static bool try_sync(struct search *s, uint32_t parent, struct step edit,
		     const struct world *edited, struct step sync, bool leaf)
{
	struct node next = { *edited, parent, edit, sync };
	struct world end;

	take_step(&next.world, sync);
	s->tried++;
	if (!is_new(s, hash_world(&next.world, 1)))
		return true;
	end = next.world;
	s->why = judge(&end);
	if (s->why != NULL) {
		s->last = next;
		return false;
	}
	if (leaf)
		return true;
	ARRAY_GROW(s->node, s->count, s->cap);
	s->node[s->count++] = next;
	return true;
}

static bool try_edit(struct search *s, uint32_t parent, struct step edit,
		     bool leaf)
{
	struct world edited = s->node[parent].world;

	if (edit.kind < KINDS && (!take_step(&edited, edit) ||
				  !is_new(s, hash_world(&edited, 2))))
		return true;
	for (size_t i = 0; i < s->sync_count; i++)
		if (!try_sync(s, parent, edit, &edited, s->syncs[i], leaf))
			return false;
	return true;
}

static bool try_all(struct search *s)
{
	uint32_t from = 0, end;

	for (unsigned depth = 1; depth <= s->depth; depth++) {
		end = (uint32_t)s->count;
		for (uint32_t i = from; i < end; i++)
			for (const uint8_t *k = s->kinds; *k <= KINDS; k++)
				for (int n = 0; n < COMPUTERS; n++) {
					struct step edit = { *k, (uint8_t)n, 0 };

					if (depth == 1 && n > 0 && !s->any_first)
						break;
					if (!try_edit(s, i, edit,
						      depth == s->depth))
						return false;
				}
		from = end;
	}
	return true;
}

static void print_script(const struct search *s)
{
	struct step step[64];
	struct buf words = BUF_INIT;
	int count = 0, line = 0;

	for (struct node n = s->last;; n = s->node[n.parent]) {
		step[count++] = n.sync;
		step[count++] = n.edit;
		if (n.parent == 0)
			break;
	}
	print_message("%s:\n", s->why);
	while (count-- > 0) {
		buf_reset(&words);
		step_words(step[count], &words);
		if (words.len > 0)
			print_message("  %d. %s\n", ++line, words.data);
	}
	buf_release(&words);
	print_message("  then sync 1, 2, 3 until nothing changes\n");
}

/* --- where it begins --- */

static struct world beginning;

static int begin(void **state)
{
	static const char shared[] = "part 1\n.\n.\n.\npart 2\n.\n.\n.\n"
				     "part 3\n.\n.\n.\nend\n";
	struct error err = ERROR_INIT;

	(void)state;
	row_of(NULL, 0);
	for (int path = 0; path < PATHS; path++)
		owners[path] = owner_of(path_names[path], NULL);
	if (repo_start(&err) == -1)
		return -1;
	beginning.computer[0].desk[SHARED] = text_of(span_str(shared));
	beginning.computer[0].desk[HUMAN] = text_of(span_str("- [ ] begin\n"));
	if (judge(&beginning) != NULL)
		return -1;
	history_start = beginning.tip;
	return 0;
}

static int end(void **state)
{
	(void)state;
	repo_stop();
	return 0;
}

static void search_free(struct search *s)
{
	free(s->node);
	free(s->seen);
}

static bool run_search(struct search *s)
{
	s->node = xcalloc(1, sizeof(*s->node));
	s->count = s->cap = 1;
	s->node[0].world = beginning;
	return try_all(s);
}

/* --- the steps behind an edit --- */

static struct step syncs[64];
static size_t sync_count;

static void add_sync(uint8_t kind, int n, int other)
{
	syncs[sync_count++] = (struct step){ kind, (uint8_t)n, (uint8_t)other };
}

static void add_syncs(uint8_t kind)
{
	for (int n = 0; n < COMPUTERS; n++) {
		if (kind == CYCLE || kind == OFFLINE)
			add_sync(kind, n, n);
		for (int k = 0; kind == OVERTAKEN && k < COMPUTERS; k++)
			if (k != n)
				add_sync(kind, n, k);
		for (int k = KILL_FETCHED; kind == KILLED && k < KILLS; k++)
			add_sync(kind, n, k);
		if (kind == TYPED) {
			add_sync(kind, n, LOOSE);
			add_sync(kind, n, TOGETHER);
			add_sync(kind, n, FOREIGN);
		}
	}
}

static void choose_syncs(const uint8_t *kinds)
{
	sync_count = 0;
	add_sync(NONE, 0, 0);
	add_syncs(CYCLE);
	while (*kinds != 0)
		add_syncs(*kinds++);
}

/* --- with all rules nothing is lost, and nothing is done twice --- */

#define LIST(...) { __VA_ARGS__, 0xff }
enum { ROW_LIST = 16 };

static void expect(const uint8_t *kinds, const uint8_t *more, unsigned depth,
		   const char *wrong)
{
	struct search s = { .kinds = kinds, .syncs = syncs, .depth = depth };
	bool well;

	choose_syncs(more);
	s.sync_count = sync_count;
	well = run_search(&s);
	off = 0;
	if (!well && (wrong == NULL || strcmp(wrong, s.why) != 0)) {
		print_script(&s);
		fail_msg("expected: %s", wrong ? wrong : "that all is well");
	}
	if (well && wrong != NULL)
		fail_msg("expected, but in no order: %s", wrong);
	if (getenv("TRINE_TEST_VERBOSE") != NULL) {
		if (!well)
			print_script(&s);
		print_message("%llu orders\n", (unsigned long long)s.tried);
	}
	search_free(&s);
}

/* Under checkers all four edits would take minutes; without, half a minute, which is
 * for whoever asks for more runs (TRINE_TEST_RUNS). */
static bool is_slow(void)
{
	const char *wrap = getenv("WRAP");

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
	return true;
#endif
	return wrap != NULL && *wrap != '\0';
}

static const uint8_t basic[] = LIST(SEND, LOOSE, FOREIGN, TOGETHER);

static void all_orders_of_four_edits(void **state)
{
	(void)state;
	expect(basic, (uint8_t[]){ OVERTAKEN, 0 },
	       is_slow() || getenv("TRINE_TEST_RUNS") == NULL ? 3 : 4, NULL);
}

static void all_that_people_do_on_desks(void **state)
{
	static const uint8_t kinds[] = LIST(SEND, LOOSE, MORE, FOREIGN, TOGETHER,
		APART, HAND, OLD, ADD, TICK, DAMAGE, REMOVE, WIPE);

	(void)state;
	expect(kinds, (uint8_t[]){ OFFLINE, OVERTAKEN, KILLED, TYPED, 0 }, 2,
	       NULL);
}

static void all_that_people_do_on_the_branch(void **state)
{
	static const uint8_t kinds[] = LIST(SEND, TOGETHER, FORGE, AMEND, DELETE,
		REVERT, SQUASH, REWIND, REBASE, NONE);

	(void)state;
	expect(kinds, (uint8_t[]){ OFFLINE, 0 }, 3, NULL);
}

/* --- and each rule is needed --- */

static const struct {
	uint32_t rule;
	const char *wrong;	/* with the rule off, in some order */
	unsigned depth;
	uint8_t kinds[ROW_LIST], more[ROW_LIST];
} rows_off[] = {
	{ R1, "what was received is not what was sent", 2,
	  LIST(SEND), { KILLED } },
	{ R2, "a copy was made of what nobody wrote", 2,
	  LIST(SEND), { 0 } },
	{ R3, "a copy was made of what nobody wrote", 2,
	  LIST(SEND, TOGETHER), { KILLED } },
	{ R5, "what was received is not what was sent", 2,
	  LIST(SEND, FORGE), { 0 } },
	{ R6, "a computer took itself for a restored one", 2,
	  LIST(SEND, AMEND), { 0 } },
	{ R11, "what was received is not what was sent", 3,
	  LIST(SEND, TOGETHER, FORGE), { OFFLINE } },
	{ R12, "what was received is not what was sent", 2,
	  LIST(SEND, LOOSE, OLD), { 0 } },
	{ R14, "a reader met a number with two texts", 2,
	  LIST(SEND, LOOSE, HAND), { 0 } },
	{ R15, "what was set back came back by itself", 2,
	  LIST(TOGETHER, REWIND), { 0 } },
	{ R17, "a ticked item came back", 2,
	  LIST(ADD, TICK), { 0 } },
	{ R18, "a message is sent twice", 2,
	  LIST(LOOSE, OLD), { 0 } },
	{ R19, "a message is sent twice", 2,
	  LIST(SEND, DAMAGE), { 0 } },
	{ R21, "a message is lost", 1,
	  LIST(SEND), { TYPED } },
	{ R22, "a stream on the branch is not what was sent", 2,
	  LIST(SEND, REMOVE), { 0 } },
	{ R22, "a text is lost", 2,
	  LIST(TOGETHER, WIPE), { 0 } },
	{ R25, "two copies of one version", 2,
	  LIST(FOREIGN, SEND), { OVERTAKEN } },
	{ R28, "a computer took itself for a restored one", 2,
	  LIST(SEND, REBASE), { 0 } },
	{ ALL_OF_A_BUFFER, "a message is sent twice", 3,
	  LIST(LOOSE, MORE, OLD), { 0 } },
	{ DAMAGE_LASTS, "a text is lost", 2,
	  LIST(TOGETHER, WIPE), { KILLED } },
	{ COPIES_MOVE, "a text is lost", 3,
	  LIST(TOGETHER, NONE), { OFFLINE, KILLED } },
};

static void each_rule_is_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows_off); i++) {
		if (getenv("TRINE_TEST_VERBOSE") != NULL)
			print_message("row %zu\n", i);
		off = rows_off[i].rule;
		expect(rows_off[i].kinds, rows_off[i].more, rows_off[i].depth,
		       rows_off[i].wrong);
		expect(rows_off[i].kinds, rows_off[i].more, rows_off[i].depth,
		       NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_needed),
		cmocka_unit_test(all_that_people_do_on_desks),
		cmocka_unit_test(all_that_people_do_on_the_branch),
		cmocka_unit_test(all_orders_of_four_edits),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
