/*
 * One cycle of the model, in the steps of src/sync/cycle.c, each named after
 * its file. A cycle may be killed at each place where the real one has written
 * something that lasts, or meet somebody else right before its push.
 */
#ifndef PROPERTY_CYCLE_H
#define PROPERTY_CYCLE_H

#include "property_model.h"

enum kill {
	KILL_NOT, KILL_FETCHED, KILL_COLLECTED, KILL_RECEIVED, KILL_MOVED,
	KILL_COMMITTED, KILL_PUSHED, KILL_INTENDED, KILL_HALF_WRITTEN,
	KILL_WRITTEN, KILLS
};

struct how {
	enum kill kill;
	bool offline;
	void (*meanwhile)(struct world *f, const struct how *how);
	int other;		/* for MEANWHILE: whom it is about */
	int what;
};

enum { LOSERS = 24 };

/* What one cycle holds in memory. */
struct cycle {
	struct world *world;
	struct computer *c;
	int n;
	const struct how *how;
	uint32_t desk[PATHS];	/* as collect read it (R13) */
	uint32_t own[PATHS];	/* as the log says */
	uint32_t tree[TREE_WORDS];	/* of head, then of the next commit */
	uint32_t tip, head, vouched;
	uint32_t target[PATHS];
	struct { int path; uint32_t text; } loser[LOSERS];
	int losers;
	bool damaged, met, killed;
};

static uint32_t version_of(int path, uint32_t text)
{
	return (uint32_t)path << 24 | text;
}

/* --- copies.c --- */

static void copies_keep(struct cycle *y, int path, uint32_t text)
{
	for (int i = 0; i < y->losers; i++)
		if (y->loser[i].path == path && y->loser[i].text == text)
			return;
	if (holds(R25) && row_has(y->c->copies, version_of(path, text)))
		return;
	if (y->losers == LOSERS)
		abort();
	y->loser[y->losers].path = path;
	y->loser[y->losers++].text = text;
}

static uint32_t copy_of(struct cycle *y, int path, uint32_t text)
{
	uint32_t time = holds(R25) ? 0 : length_of(copies_at(y->head)), name;
	uint32_t key = key_of(MEMORY_NAME, (uint32_t)path, text, time, 0);
	uint32_t word[COPY_WORDS] = { (uint32_t)y->n, 0, (uint32_t)path, text };
	char out[COPY_NAME];

	if (!remembers(key, &name)) {
		resolve_copy_name(path_names[path], bytes_of(text), time, out);
		name = remember(key, text_of(span_str(out)));
	}
	word[COPY_TITLE] = name;
	return row_of(word, COPY_WORDS);
}

static void add_copies(struct cycle *y)
{
	for (int i = 0; i < y->losers; i++) {
		int path = y->loser[i].path;

		y->tree[TREE_COPIES] = set_add(y->tree[TREE_COPIES],
			copy_of(y, path, y->loser[i].text));
		y->c->copies = set_add(y->c->copies,
			version_of(path, y->loser[i].text));
	}
	y->losers = 0;
}

/* --- collect.c --- */

struct adoption {
	struct cycle *y;
	uint32_t parts, sent;
	uint32_t missing[ROW_MOST];	/* adopted, and not in the file (R18) */
	size_t count;
};

static bool in_file(uint32_t parts, uint32_t seq)
{
	for (uint32_t i = 0; i < length_of(parts); i += PART_WORDS)
		if (words_of(parts)[i] == PART_MESSAGE &&
		    words_of(parts)[i + 1] == seq)
			return true;
	return false;
}

static void find_missing_entries(struct adoption *a)
{
	for (uint32_t i = 0; i < length_of(a->sent); i++)
		if (words_of(a->sent)[i] % 2 == 1 && !in_file(a->parts, i + 1))
			a->missing[a->count++] = words_of(a->sent)[i] / 2;
}

static struct span without_adopted(struct adoption *a, struct span text)
{
	for (size_t i = 0; i < a->count; i++) {
		struct span body = bytes_of(a->missing[i]);

		while (body.len > 0 && body.p[body.len - 1] == '\n')
			body.len--;
		if (body.len == 0 || body.len > text.len ||
		    memcmp(text.p, body.p, body.len) != 0 ||
		    (body.len < text.len && text.p[body.len] != '\n'))
			continue;
		a->missing[i] = 0;
		text = stream_stretch((struct span){ text.p + body.len,
						     text.len - body.len });
		if (!holds(ALL_OF_A_BUFFER))
			break;
	}
	return text;
}

static void adopt_loose(struct adoption *a, const uint32_t *part)
{
	struct span text = bytes_of(part[3]);
	struct message m = MESSAGE_INIT;
	uint32_t body;

	if (part[4] && holds(R19)) {
		copies_keep(a->y, STREAM + a->y->n, part[3]);
		return;
	}
	if (holds(R18))
		text = without_adopted(a, text);
	if (text.len == 0)
		return;
	if (!compose_message(a->y->n, text_of(text), true, 0, &m))
		abort();
	body = text_of((struct span){ m.body, m.body_len });
	message_release(&m);
	a->sent = row_append(a->sent, body * 2 + 1);
}

/* An entry of ours: the log knows its text (R14). */
static void check_entry(struct adoption *a, const uint32_t *part)
{
	uint32_t seq = part[1], word[ROW_MOST], count = length_of(a->sent);

	if (seq >= 1 && seq <= count &&
	    words_of(a->sent)[seq - 1] / 2 == part[2])
		return;
	if (holds(R14) || seq < 1 || seq > count) {
		copies_keep(a->y, STREAM + a->y->n, part[3]);
		return;
	}
	memcpy(word, words_of(a->sent), count * sizeof(*word));
	word[seq - 1] = part[2] * 2 + word[seq - 1] % 2;
	a->sent = row_of(word, count);
}

static void step_collect(struct cycle *y)
{
	struct adoption a = { .y = y, .sent = y->c->sent };
	uint32_t had = length_of(y->c->desk_copies), gone = 0;

	memcpy(y->desk, y->c->desk, sizeof(y->desk));
	for (int i = 0; i < PATHS; i++) {
		had += y->c->published[i] != 0;
		gone += y->c->published[i] != 0 && y->desk[i] == 0;
	}
	y->damaged = holds(R22) && (gone * 2 > had || y->c->damaged);
	y->c->damaged = y->damaged && holds(DAMAGE_LASTS);
	a.parts = parts_of(y->n, y->desk[STREAM + y->n], true);
	find_missing_entries(&a);
	for (uint32_t i = 0; i < length_of(a.parts); i += PART_WORDS) {
		const uint32_t *part = words_of(a.parts) + i;

		if (part[0] == PART_MESSAGE)
			check_entry(&a, part);
		else if (part[0] == PART_LOOSE || (part[0] == PART_BROKEN &&
						   !holds(R19)))
			adopt_loose(&a, part);
		else if (part[0] == PART_BROKEN)
			copies_keep(y, STREAM + y->n, part[3]);
	}
	y->c->sent = a.sent;
}

/* --- receive.c, inbound.c, identity.c --- */

static void raise_alarm(struct cycle *y, enum alarm alarm)
{
	if (y->world->alarm == NO_ALARM)
		y->world->alarm = alarm;
}

static void read_stream(struct cycle *y, uint32_t text)
{
	int from = before(y->n);
	uint32_t parts = parts_of(from, text, false);

	for (uint32_t i = 0; i < length_of(parts); i += PART_WORDS) {
		const uint32_t *part = words_of(parts) + i;
		uint32_t known = length_of(y->c->received);

		if (part[0] != PART_MESSAGE)
			continue;
		if (part[1] > known + 1)
			raise_alarm(y, ALARM_GAP);
		else if (part[1] == known + 1)
			y->c->received = row_append(y->c->received, part[2]);
		else if (words_of(y->c->received)[part[1] - 1] != part[2])
			raise_alarm(y, ALARM_REUSED);
	}
}

static void meet_ourselves(struct cycle *y, uint32_t commit)
{
	int paths[] = { STATUS + y->n, STREAM + y->n };

	y->c->vouched = commit_word(commit, COMMIT_DIGEST);
	if (row_has(y->c->made, commit)) {
		y->c->unpushed = row_replace(y->c->unpushed, commit, 0);
		return;
	}
	if (!holds(R28))
		raise_alarm(y, ALARM_RESTORED);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		uint32_t text = version_at(commit, paths[i]);

		if (text != 0 &&
		    !row_has(y->c->versions, version_of(paths[i], text)))
			raise_alarm(y, ALARM_RESTORED);
	}
}

static void read_commit(struct cycle *y, uint32_t commit)
{
	int writer = writer_of(commit);
	uint32_t text = version_at(commit, STREAM + before(y->n));

	if (writer == y->n)
		meet_ourselves(y, commit);
	if ((writer == before(y->n) || !holds(R5)) && text != 0 &&
	    text != y->c->read) {
		read_stream(y, text);
		y->c->read = text;
	}
}

/* Is our newest commit still below the new tip? If not, the one that is. */
static void look_up_vouched(struct cycle *y)
{
	uint32_t commit = y->tip;

	while (commit != 0 && writer_of(commit) != y->n)
		commit = commit_word(commit, COMMIT_PARENT);
	y->c->vouched = commit_word(commit, COMMIT_DIGEST);
}

static void step_receive(struct cycle *y)
{
	uint32_t start = meeting_point(y->tip, y->c->upto);
	uint32_t old = y->c->ref != 0 ? y->c->ref : y->c->upto;
	uint32_t commits[1024];
	size_t count = 0;

	if (!descends(y->tip, old)) {
		y->c->backups = set_add(y->c->backups, old);
		look_up_vouched(y);
	}
	for (uint32_t at = y->tip; at != start;
	     at = commit_word(at, COMMIT_PARENT)) {
		if (count == ARRAY_LEN(commits))
			abort();
		commits[count++] = at;
	}
	while (count > 0)
		read_commit(y, commits[--count]);
	y->c->upto = y->c->ref = y->tip;
}

/* --- decide.c --- */

static uint32_t decide(struct cycle *y, int path, const struct versions *v,
		       const uint32_t text[4])
{
	struct verdict d = resolve_path(owners[path], y->n + 1, v);
	uint32_t stays = d.take == TAKE_OURS ? text[1] :
			 d.take == TAKE_LOG ? text[3] : text[2];

	if (d.take == TAKE_MERGE) {
		uint32_t merged = merge(path, text[0], text[1], text[2]);

		if (merged != 0)
			return merged;
		d.lost = LOST_OURS;
	}
	if (d.lost != LOST_NONE)
		copies_keep(y, path, d.lost == LOST_OURS ? text[1] : text[2]);
	return stays;
}

/* --- rebuild.c --- */

static void move_own_files(struct cycle *y, uint32_t old)
{
	int paths[] = { STATUS + y->n, STREAM + y->n };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		uint32_t is = version_at(old, paths[i]);
		uint32_t was = version_at(commit_word(old, COMMIT_PARENT),
					  paths[i]);

		if (holds(R11) || is != was)
			y->tree[paths[i]] = is;
	}
}

static void move_shared_files(struct cycle *y, uint32_t old)
{
	for (int path = SHARED; path < PATHS; path++) {
		uint32_t text[] = {
			version_at(commit_word(old, COMMIT_PARENT), path),
			version_at(old, path), y->tree[path], 0 };
		struct versions v = { .base = oid_of(text[0]),
			.ours = oid_of(text[1]), .theirs = oid_of(text[2]),
			.was_ours = true };

		if (text[0] != text[1])
			y->tree[path] = decide(y, path, &v, text);
	}
}

static void move_copies(struct cycle *y, uint32_t old)
{
	uint32_t is = copies_at(old);
	uint32_t was = copies_at(commit_word(old, COMMIT_PARENT));

	for (uint32_t i = 0; i < length_of(is); i++)
		if (!row_has(was, words_of(is)[i]))
			y->tree[TREE_COPIES] = set_add(y->tree[TREE_COPIES],
						       words_of(is)[i]);
}

static void record_commit(struct cycle *y, uint32_t commit, uint32_t old)
{
	struct computer *c = y->c;

	c->made = set_add(c->made, commit);
	c->latest = old == 0 ? row_append(c->latest, commit)
			     : row_replace(c->latest, old, commit);
	c->unpushed = old == 0 ? row_append(c->unpushed, commit)
			       : row_replace(c->unpushed, old, commit);
	for (int i = 0; i < 2; i++) {
		int path = (i == 0 ? STATUS : STREAM) + y->n;
		uint32_t text = version_at(commit, path);

		if (text != 0)
			c->versions = set_add(c->versions,
					      version_of(path, text));
	}
}

static void read_tree(struct cycle *y)
{
	memset(y->tree, 0, sizeof(y->tree));
	if (y->head != 0)
		memcpy(y->tree, words_of(commit_word(y->head, COMMIT_TREE)),
		       sizeof(y->tree));
}

static void place_commit(struct cycle *y, uint32_t old)
{
	uint32_t tree, made;

	if (commit_word(old, COMMIT_PARENT) == y->head) {
		y->head = old;
		y->vouched = commit_word(old, COMMIT_DIGEST);
		return;
	}
	read_tree(y);
	move_shared_files(y, old);
	move_own_files(y, old);
	move_copies(y, old);
	if (holds(COPIES_MOVE))
		add_copies(y);
	tree = row_of(y->tree, TREE_WORDS);
	if (tree == commit_word(y->head, COMMIT_TREE)) {
		y->c->unpushed = row_replace(y->c->unpushed, old, 0);
		y->c->latest = row_replace(y->c->latest, old, 0);
		return;
	}
	made = make_commit(y->head, tree, y->n + 1, digest_of(y->n, y->tree), 0);
	record_commit(y, made, old);
	y->vouched = commit_word(made, COMMIT_DIGEST);
	y->head = made;
}

static void rebuild(struct cycle *y)
{
	uint32_t list = holds(R15) ? y->c->unpushed : y->c->latest;

	y->head = y->tip;
	y->vouched = writer_of(y->tip) == y->n
		? commit_word(y->tip, COMMIT_DIGEST) : y->c->vouched;
	for (uint32_t i = 0; i < length_of(list); i++)
		if (holds(R15) || !descends(y->tip, words_of(list)[i]))
			place_commit(y, words_of(list)[i]);
}

/* --- own.c --- */

static void own_render(struct cycle *y)
{
	uint32_t stream = render(y->n, y->c->sent);
	uint32_t here = y->desk[STREAM + y->n];
	char status[64];

	snprintf(status, sizeof(status), "# Computer %d\n\nreceived: %u\n",
		 y->n + 1, length_of(y->c->received));
	y->own[STATUS + y->n] = text_of(span_str(status));
	y->own[STREAM + y->n] = stream;
	if (!holds(R12) && here != 0)
		y->own[STREAM + y->n] = here;
	if (!holds(R22) && here == 0 &&
	    row_has(y->c->shown, version_of(STREAM + y->n, stream)))
		y->own[STREAM + y->n] = 0;
}

/* --- compose.c --- */

static void compose_path(struct cycle *y, int path)
{
	struct computer *c = y->c;
	bool own = owners[path].kind == OWNER_COMPUTER &&
		   owners[path].computer == y->n + 1;
	uint32_t text[4] = { y->head != 0 ? c->published[path] : 0,
			     y->desk[path], y->tree[path], 0 };
	struct versions v;

	if (text[1] == 0 && y->damaged)
		text[1] = text[0];
	if (own) {
		text[2] = version_at(y->tip, path);
		text[3] = y->own[path];
	}
	v = (struct versions){
		.base = oid_of(text[0]), .ours = oid_of(text[1]),
		.theirs = oid_of(text[2]), .log = oid_of(text[3]),
		.ours_unedited = text[0] == text[1] || (holds(R3) &&
			text[1] != 0 &&
			row_has(c->shown, version_of(path, text[1]))),
		.theirs_known = own && holds(R2) && text[2] != 0 &&
			row_has(c->versions, version_of(path, text[2])),
	};
	y->tree[path] = y->target[path] = decide(y, path, &v, text);
}

/* --- commit.c --- */

static void step_commit(struct cycle *y)
{
	uint32_t tree, digest, made;

	rebuild(y);
	if (y->how->kill == KILL_MOVED)
		return;
	read_tree(y);
	own_render(y);
	for (int path = 0; path < PATHS; path++)
		compose_path(y, path);
	add_copies(y);
	tree = row_of(y->tree, TREE_WORDS);
	digest = digest_of(y->n, y->tree);
	if (tree == commit_word(y->head, COMMIT_TREE) && digest == y->vouched)
		return;
	made = make_commit(y->head, tree, y->n + 1, digest, 0);
	record_commit(y, made, 0);
	y->head = made;
}

/* --- exchange.c: true if somebody was faster --- */

static bool step_push(struct cycle *y)
{
	if (y->head == y->tip)
		return false;
	if (y->how->meanwhile != NULL && !y->met) {
		y->met = true;
		y->how->meanwhile(y->world, y->how);
	}
	if (y->world->tip != y->tip)
		return true;
	y->world->tip = y->head;
	if (y->how->kill == KILL_PUSHED) {
		y->world->unheard = 1;
		return false;
	}
	y->c->unpushed = 0;
	y->c->ref = y->tip = y->head;
	return false;
}

/* --- publish.c --- */

static void step_publish(struct cycle *y)
{
	struct computer *c = y->c;
	int last = y->how->kill == KILL_HALF_WRITTEN ? PATHS / 2 : PATHS;

	for (int path = 0; path < PATHS; path++)
		if (y->target[path] != 0)
			c->shown = set_add(c->shown, version_of(path,
							y->target[path]));
	if (y->how->kill == KILL_INTENDED)
		return;
	for (int path = 0; path < last; path++) {
		if (holds(R21) && c->desk[path] != y->desk[path])
			continue;
		c->desk[path] = y->target[path];
		if (y->how->kill == KILL_NOT)
			c->published[path] = y->target[path];
	}
	if (last == PATHS)
		c->desk_copies = copies_at(y->head);
	if (y->how->kill == KILL_NOT)
		c->damaged = 0;
}

/* --- cycle.c --- */

static void run_rounds(struct cycle *y)
{
	for (int round = 0; round < 5; round++) {
		y->tip = y->how->offline ? y->c->ref : y->world->tip;
		if (!holds(R1) && !y->how->offline)
			y->c->upto = y->how->kill == KILL_FETCHED ? y->tip
								  : y->c->upto;
		if (y->how->kill == KILL_FETCHED)
			return;
		if (!y->how->offline)
			step_receive(y);
		if (y->how->kill == KILL_RECEIVED)
			return;
		step_commit(y);
		if (y->how->kill == KILL_MOVED || y->how->kill == KILL_COMMITTED)
			return;
		if (y->how->offline || !step_push(y))
			return;
	}
	raise_alarm(y, ALARM_FAR);
}

static void run_cycle(struct world *f, int n, const struct how *how)
{
	struct cycle y = { .world = f, .c = &f->computer[n], .n = n, .how = how };

	step_collect(&y);
	if (how->kill == KILL_COLLECTED)
		return;
	run_rounds(&y);
	if (how->kill != KILL_NOT && how->kill < KILL_INTENDED)
		return;
	step_publish(&y);
}

#endif
