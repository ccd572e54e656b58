/*
 * What happens in the model between cycles: people and instances write on
 * desks, people with plain git on the branch. Each text they write holds a
 * token of its own, so that it can be looked for afterwards.
 */
#ifndef PROPERTY_STEPS_H
#define PROPERTY_STEPS_H

#include "property_cycle.h"

enum kind {
	/* that write a token */
	SEND, LOOSE, MORE, FOREIGN, TOGETHER, APART, HAND, ADD, FORGE, AMEND,
	TOKENS,
	/* that do not */
	OLD = TOKENS, TICK, DAMAGE, REMOVE, WIPE, DELETE, REVERT, SQUASH, REWIND,
	REBASE, KINDS,
	/* that are cycles */
	NONE = KINDS, CYCLE, OFFLINE, OVERTAKEN, TYPED, KILLED
};

struct step {
	uint8_t kind, computer, other;	/* OTHER: a computer, kind or place */
};

static const char *const kind_words[KINDS] = {
	[SEND] = "on #: send a message",
	[LOOSE] = "on #: type below the own stream",
	[MORE] = "on #: type more into an editor's old buffer, and save it",
	[FOREIGN] = "on #: type below the next computer's stream",
	[TOGETHER] = "on #: add a line at the end of the shared file",
	[APART] = "on #: add a line in its own part of the shared file",
	[HAND] = "on #: change the last own entry by hand",
	[ADD] = "on #: add an item for people",
	[FORGE] = "a person: commit an entry in the stream of #",
	[AMEND] = "a person: amend the tip, an entry in the stream of # more",
	[OLD] = "on #: save the own stream from an editor's old buffer",
	[TICK] = "on #: tick the first item for people",
	[DAMAGE] = "on #: remove the id of the last own entry",
	[REMOVE] = "on #: remove the own stream",
	[WIPE] = "on #: remove the whole desk",
	[DELETE] = "a person: commit without the stream of #",
	[REVERT] = "a person: commit an older version of the stream of #",
	[SQUASH] = "a person: squash the last two commits",
	[REWIND] = "a person: set the branch back by one commit",
	[REBASE] = "a person: make the tip anew, with its trailers",
};

static const char *const kill_words[KILLS] = {
	[KILL_FETCHED] = "behind fetch", [KILL_COLLECTED] = "behind collect",
	[KILL_RECEIVED] = "behind receive",
	[KILL_MOVED] = "with own commits rebuilt",
	[KILL_COMMITTED] = "behind commit",
	[KILL_PUSHED] = "before the answer to the push",
	[KILL_INTENDED] = "before the desk is written",
	[KILL_HALF_WRITTEN] = "in the middle of writing the desk",
	[KILL_WRITTEN] = "when the desk is written, before the log says so",
};

/* WORDS with N in the place of its #. */
static void add_words(struct buf *out, const char *words, int n)
{
	for (; *words != '\0'; words++)
		if (*words == '#')
			buf_printf(out, "%d", n);
		else
			buf_addc(out, *words);
}

static void step_words(struct step s, struct buf *out)
{
	int n = s.computer + 1;

	if (s.kind < KINDS)
		add_words(out, kind_words[s.kind], n);
	if (s.kind > NONE)
		buf_printf(out, "sync %d", n);
	if (s.kind == OFFLINE)
		buf_adds(out, ", offline");
	if (s.kind == OVERTAKEN)
		buf_printf(out, ", and sync %d between its fetch and its push",
			   s.other + 1);
	if (s.kind == TYPED) {
		buf_adds(out, ", and before its push ");
		add_words(out, kind_words[s.other], n);
	}
	if (s.kind == KILLED)
		buf_printf(out, ", killed %s", kill_words[s.other]);
}

static void token_of(int kind, int n, int index, char out[8])
{
	out[0] = "mlnftahqFK"[kind];
	out[1] = (char)('1' + n);
	out[2] = (char)('a' + index);
	out[3] = '\0';
}

/* --- on desks --- */

static uint32_t insert(uint32_t text, size_t at, const char *line)
{
	struct span s = bytes_of(text);
	struct buf out = BUF_INIT;

	buf_add(&out, s.p, at);
	buf_adds(&out, line);
	buf_add(&out, s.p + at, s.len - at);
	return text_of_buf(&out);
}

static uint32_t append_line(uint32_t text, const char *line)
{
	return insert(text, bytes_of(text).len, line);
}

static uint32_t line_of(const char *token)
{
	char line[16];

	snprintf(line, sizeof(line), "%s\n", token);
	return append_line(0, line);
}

static bool type_below(struct computer *c, int path, const char *token)
{
	char lines[16];

	snprintf(lines, sizeof(lines), "\n%s\n", token);
	c->desk[path] = append_line(c->desk[path], lines);
	return true;
}

static bool edit_shared(struct computer *c, int n, const char *token, bool apart)
{
	char line[16], part[24];
	size_t at = bytes_of(c->desk[SHARED]).len;

	if (c->desk[SHARED] == 0)
		return false;
	snprintf(line, sizeof(line), "%s\n", token);
	snprintf(part, sizeof(part), "part %d\n", n + 1);
	if (apart)
		at = (size_t)(strstr(bytes_of(c->desk[SHARED]).p, part) -
			      bytes_of(c->desk[SHARED]).p) + strlen(part);
	c->desk[SHARED] = insert(c->desk[SHARED], at, line);
	return true;
}

/* One more line at the end of the last entry's body. */
static bool edit_entry(struct computer *c, int n, const char *token)
{
	struct span s = bytes_of(c->desk[STREAM + n]);
	char line[16];
	const char *end = NULL;

	for (const char *p = s.p; (p = strstr(p, "\n\n<!-- /")) != NULL; p++)
		end = p;
	if (end == NULL)
		return false;
	snprintf(line, sizeof(line), "%s\n", token);
	c->desk[STREAM + n] = insert(c->desk[STREAM + n],
				     (size_t)(end - s.p) + 1, line);
	return true;
}

static bool damage_entry(struct computer *c, int n)
{
	struct span s = bytes_of(c->desk[STREAM + n]);
	struct buf out = BUF_INIT;
	const char *id = NULL, *end;

	for (const char *p = s.p; (p = strstr(p, "\nid: ")) != NULL; p++)
		id = p + 1;
	if (id == NULL)
		return false;
	end = strchr(id, '\n') + 1;
	buf_add(&out, s.p, (size_t)(id - s.p));
	buf_add(&out, end, (size_t)(s.p + s.len - end));
	c->desk[STREAM + n] = text_of_buf(&out);
	return true;
}

static bool add_item(struct computer *c, const char *token)
{
	char line[24];

	if (c->desk[HUMAN] == 0)
		return false;
	snprintf(line, sizeof(line), "- [ ] %s\n", token);
	c->desk[HUMAN] = append_line(c->desk[HUMAN], line);
	return true;
}

static bool tick_item(struct world *f, struct computer *c)
{
	struct span s = bytes_of(c->desk[HUMAN]);
	const char *item = strstr(s.p, "- [ ] ");
	struct buf out = BUF_INIT;
	size_t at;

	if (item == NULL)
		return false;
	at = (size_t)(item - s.p) + 3;
	f->ticked = set_add(f->ticked, text_of((struct span){ item,
				(size_t)(strchr(item, '\n') - item) }));
	buf_add(&out, s.p, at);
	buf_addc(&out, 'x');
	buf_add(&out, s.p + at + 1, s.len - at - 1);
	c->desk[HUMAN] = text_of_buf(&out);
	return true;
}

/* Nobody removes what they have just written. */
static bool is_edited(const struct computer *c, int path)
{
	return c->desk[path] != 0 &&
	       !row_has(c->shown, version_of(path, c->desk[path]));
}

static bool wipe(struct computer *c)
{
	for (int path = 0; path < PATHS; path++)
		if (is_edited(c, path))
			return false;
	memset(c->desk, 0, sizeof(c->desk));
	c->desk_copies = 0;
	return true;
}

static bool write_on_desk(struct world *f, int kind, int n, const char *token)
{
	struct computer *c = &f->computer[n];
	uint32_t *stream = &c->desk[STREAM + n];

	switch (kind) {
	case SEND:
		c->sent = row_append(c->sent, line_of(token) * 2);
		return true;
	case LOOSE:
		type_below(c, STREAM + n, token);
		c->buffer = *stream;
		return true;
	case FOREIGN:
		return type_below(c, STREAM + next_of(n), token);
	case TOGETHER:
	case APART:
		return edit_shared(c, n, token, kind == APART);
	case HAND:
		return edit_entry(c, n, token);
	case ADD:
		return add_item(c, token);
	case TICK:
		return tick_item(f, c);
	case DAMAGE:
		return damage_entry(c, n);
	case MORE:
		if (c->buffer == 0 || is_edited(c, STREAM + n))
			return false;
		*stream = c->buffer;
		type_below(c, STREAM + n, token);
		c->buffer = *stream;
		return true;
	case OLD:
		if (c->buffer == 0 || c->buffer == *stream ||
		    is_edited(c, STREAM + n))
			return false;
		*stream = c->buffer;
		return true;
	case REMOVE:
		if (*stream == 0 || is_edited(c, STREAM + n))
			return false;
		*stream = 0;
		return true;
	}
	return wipe(c);
}

/* --- on the branch --- */

static uint32_t history_start;	/* where the model begins: nobody goes below */

static bool commit_by_hand(struct world *f, uint32_t parent, int path,
			   uint32_t text, int number, uint32_t digest)
{
	uint32_t tree[TREE_WORDS];

	memcpy(tree, words_of(commit_word(f->tip, COMMIT_TREE)), sizeof(tree));
	if (path >= 0 && tree[path] == text)
		return false;
	if (path >= 0)
		tree[path] = text;
	f->tip = make_commit(parent, row_of(tree, TREE_WORDS), number, digest, 0);
	return true;
}

static uint32_t forge(uint32_t text, int n, const char *token)
{
	struct message m = MESSAGE_INIT;
	struct buf out = BUF_INIT;
	uint32_t parts = parts_of(n, text, false), seq = 1;

	for (uint32_t i = 0; i < length_of(parts); i += PART_WORDS)
		seq += words_of(parts)[i] == PART_MESSAGE;
	if (text == 0)
		stream_write_preamble(&out, stream_of(n), 0);
	else
		buf_add(&out, bytes_of(text).p, bytes_of(text).len);
	compose_message(n, line_of(token), false, seq, &m);
	buf_addc(&out, '\n');
	message_write(&out, &m);
	message_release(&m);
	return text_of_buf(&out);
}

static uint32_t older_version(uint32_t commit, int path)
{
	uint32_t now = version_at(commit, path);

	while (commit != history_start && version_at(commit, path) == now)
		commit = commit_word(commit, COMMIT_PARENT);
	return version_at(commit, path);
}

static void note_undone(struct world *f, uint32_t was, uint32_t is)
{
	struct span line;
	size_t pos = 0;

	while (text_line(bytes_of(was), &pos, &line))
		if (line.len > 1 && times_in(is, bytes_of(text_of(line)).p) == 0)
			f->undone = set_add(f->undone, text_of(line));
}

static bool is_seen(const struct world *f, uint32_t tip)
{
	for (int n = 0; n < COMPUTERS; n++)
		if (f->computer[n].ref == tip)
			return true;
	return false;
}

static bool write_on_branch(struct world *f, int kind, int n, const char *token)
{
	uint32_t tip = f->tip, parent = commit_word(tip, COMMIT_PARENT);
	int path = STREAM + n;

	if ((kind == SQUASH || kind == REWIND || kind == REBASE ||
	     kind == AMEND) && tip == history_start)
		return false;
	switch (kind) {
	case FORGE:
		return commit_by_hand(f, tip, path, forge(version_at(tip, path),
							  n, token), 0, 0);
	case AMEND:
		if (writer_of(tip) != n)
			return false;
		return commit_by_hand(f, parent, path,
				      forge(version_at(tip, path), n, token),
				      n + 1, commit_word(tip, COMMIT_DIGEST));
	case DELETE:
		return commit_by_hand(f, tip, path, 0, 0, 0);
	case REVERT:
		return commit_by_hand(f, tip, path, older_version(tip, path),
				      0, 0);
	case SQUASH:
		if (parent == history_start || !is_seen(f, tip))
			return false;
		return commit_by_hand(f, commit_word(parent, COMMIT_PARENT), -1,
				      0, 0, 0);
	case REWIND:
		f->tip = parent;
		note_undone(f, version_at(tip, SHARED),
			    version_at(parent, SHARED));
		return is_seen(f, tip);
	}
	f->tip = make_commit(parent, commit_word(tip, COMMIT_TREE),
			     (int)commit_word(tip, COMMIT_COMPUTER),
			     commit_word(tip, COMMIT_DIGEST),
			     commit_word(tip, COMMIT_SALT) + 1);
	return true;
}

/* --- one step --- */

static bool is_on_branch(int kind)
{
	return kind == FORGE || kind == AMEND || kind == DELETE ||
	       kind == REVERT || kind == SQUASH || kind == REWIND ||
	       kind == REBASE;
}

/* False if it changes nothing. */
static bool write_step(struct world *f, int kind, int n)
{
	char token[8] = "";

	if (kind < TOKENS)
		token_of(kind, n, f->count[kind][n], token);
	if (!(is_on_branch(kind) ? write_on_branch(f, kind, n, token)
				 : write_on_desk(f, kind, n, token)))
		return false;
	f->count[kind][n]++;
	return true;
}

static void overtake(struct world *f, const struct how *how)
{
	struct how plain = { KILL_NOT };

	run_cycle(f, how->other, &plain);
}

static void type_meanwhile(struct world *f, const struct how *how)
{
	write_step(f, how->what, how->other);
}

static bool take_step(struct world *f, struct step s)
{
	struct how how = { KILL_NOT };

	if (s.kind < KINDS)
		return write_step(f, s.kind, s.computer);
	if (s.kind == NONE)
		return true;
	how.offline = s.kind == OFFLINE;
	how.kill = s.kind == KILLED ? s.other : KILL_NOT;
	how.what = s.other;
	how.other = s.kind == OVERTAKEN ? s.other : s.computer;
	how.meanwhile = s.kind == OVERTAKEN ? overtake :
			s.kind == TYPED ? type_meanwhile : NULL;
	run_cycle(f, s.computer, &how);
	return true;
}

#endif
