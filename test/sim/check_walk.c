/* What is new on the branch: read each commit once, parents first. */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- read once, by oid ---- */

static const struct ck_status *status_of(struct check *c, const git_oid *oid)
{
	char key[41];
	struct ck_status *status;
	char *text;
	size_t size = 0;

	git_oid_tostr(key, sizeof(key), oid);
	status = ck_get(&c->statuses, key);
	if (status)
		return status;
	text = ck_blob(c, oid, &size);
	status = ck_status_read(text ? text : "", size);
	ck_put(&c->statuses, key, status);
	free(text);
	return status;
}

static const struct ck_file *file_of(struct check *c, const char *stream,
				     const git_oid *oid)
{
	char hex[41], *key, *text;
	struct ck_file *file;
	size_t size = 0;

	key = ck_print("%s %s", stream, git_oid_tostr(hex, sizeof(hex), oid));
	file = ck_get(&c->files, key);
	if (!file) {
		text = ck_blob(c, oid, &size);
		file = ck_file_read(stream, text ? text : "", size);
		ck_put(&c->files, key, file);
		free(text);
	}
	free(key);
	return file;
}

static const struct ck_fleet *fleet_of(struct check *c, const git_oid *oid)
{
	char key[41], *text;
	struct ck_fleet *fleet;
	size_t size = 0;

	git_oid_tostr(key, sizeof(key), oid);
	fleet = ck_get(&c->fleets, key);
	if (fleet)
		return fleet;
	fleet = ck_alloc(sizeof(*fleet));
	text = ck_blob(c, oid, &size);
	fleet->yaml = ck_yaml(text ? text : "", size, 64 << 10, &fleet->why);
	ck_put(&c->fleets, key, fleet);
	free(text);
	return fleet;
}

/* ---- the own streams of a computer in one tree ---- */

static void gather(struct ck_stream *stream)
{
	size_t room = stream->open ? stream->open->count : 0, at = 0;

	for (size_t i = 0; i < stream->files.count; i++)
		room += ((struct ck_file *)stream->files.items[i])->count;
	stream->messages = ck_alloc((room + 1) * sizeof(*stream->messages));
	for (size_t i = 0; i <= stream->files.count; i++) {
		const struct ck_file *file = i < stream->files.count ?
			stream->files.items[i] : stream->open;

		for (size_t k = 0; file && k < file->count; k++)
			stream->messages[at++] = &file->messages[k];
	}
	stream->count = at;
}

static void read_segments(struct check *c, struct ck_stream *stream,
			  const git_oid *archive)
{
	git_tree *tree;

	if (!archive || git_tree_lookup(&tree, c->remote, archive))
		return;
	for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		const char *name = git_tree_entry_name(entry);
		const git_oid *oid = git_tree_entry_id(entry);

		ck_push(&stream->names, ck_copy(name, strlen(name)));
		ck_push(&stream->oids, ck_copy(git_oid_tostr_s(oid), 40));
		ck_push(&stream->files,
			(void *)(uintptr_t)file_of(c, stream->name, oid));
	}
	git_tree_free(tree);
}

static struct ck_stream *stream_of(struct check *c, const char *name,
				   const git_oid *open, const git_oid *archive)
{
	char one[41] = "-", other[41] = "-", *key;
	struct ck_stream *stream;

	if (open)
		git_oid_tostr(one, sizeof(one), open);
	if (archive)
		git_oid_tostr(other, sizeof(other), archive);
	key = ck_print("%s %s %s", name, one, other);
	stream = ck_get(&c->streams, key);
	if (!stream) {
		stream = ck_alloc(sizeof(*stream));
		stream->name = ck_copy(name, strlen(name));
		stream->open = open ? file_of(c, name, open) : NULL;
		read_segments(c, stream, archive);
		gather(stream);
		ck_put(&c->streams, key, stream);
	}
	free(key);
	return stream;
}

struct own {			/* files of one computer in a tree */
	const git_oid *status;
	struct ck_list names;	/* of streams, sorted by name */
	struct ck_map open, archive;	/* name → git_oid */
};

/* Entries of TREE that are streams of COMPUTER; open ones end in .md. */
static void list_streams(const git_tree *tree, int computer, bool open,
			 struct own *own)
{
	for (size_t i = 0; tree && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		const char *full = git_tree_entry_name(entry);
		size_t size = strlen(full);
		char *name;
		int from, to;

		if (open != (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) ||
		    (open && !ck_ends(full, ".md")))
			continue;
		name = ck_copy(full, size - (open ? 3 : 0));
		if (ck_stream_ends(name, &from, &to) && from == computer) {
			if (!ck_get(&own->open, name) &&
			    !ck_get(&own->archive, name))
				ck_push(&own->names,
					ck_copy(name, strlen(name)));
			ck_put(open ? &own->open : &own->archive, name,
			       (void *)(uintptr_t)git_tree_entry_id(entry));
		}
		free(name);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void line_of(struct ck_list *lines, const char *before,
		    const char *name, const char *after, const git_oid *oid)
{
	if (oid)
		ck_push(lines, ck_print("%s%s%s %s\n", before, name, after,
					git_oid_tostr_s(oid)));
}

/* What Trine-Files must say of them: R6. */
static void vouch(const struct own *own, int computer, char hex[17])
{
	struct ck_list lines = { 0 };
	char number[16], *text = ck_copy("", 0);

	snprintf(number, sizeof(number), "%d", computer);
	line_of(&lines, "COMPUTER_", number, ".md", own->status);
	for (size_t i = 0; i < own->names.count; i++) {
		const char *name = own->names.items[i];

		line_of(&lines, "messages/", name, ".md",
			ck_get(&own->open, name));
		line_of(&lines, "archive/", name, "",
			ck_get(&own->archive, name));
	}
	if (lines.count)
		qsort(lines.items, lines.count, sizeof(void *), by_text);
	for (size_t i = 0; i < lines.count; i++) {
		char *longer = ck_print("%s%s", text, (char *)lines.items[i]);

		free(text);
		free(lines.items[i]);
		text = longer;
	}
	ck_sha16(text, hex);
	free(text);
	free(lines.items);
}

/* ---- trailers ---- */

struct trailers {
	int computer;		/* 0: none, or of two */
	char clone[9];
	const char *message;
};

static bool trailer(const char *line, const char *name, const char **value)
{
	size_t size = strlen(name);

	*value = line + size;
	return !strncmp(line, name, size);
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : NULL;
}

/* Trailers stand in the last paragraph. */
static const char *last_paragraph(const char *message)
{
	const char *found = message;

	for (const char *line = message; line && *line; line = next_line(line)) {
		const char *next = next_line(line);

		if (*line == '\n' && next && *next && *next != '\n')
			found = next;
	}
	return found;
}

static void read_trailers(const char *message, struct trailers *trailers)
{
	const char *last = last_paragraph(message), *value;
	int number = 0;
	bool two = false;

	*trailers = (struct trailers){ .message = last };
	for (const char *line = message; line; line = next_line(line)) {
		if (trailer(line, "Trine-Computer: ", &value)) {
			int other = (int)ck_number(value, &value);

			two |= number && number != other;
			number = other;
			trailers->computer = line < last ? 0 : number;
		} else if (trailer(line, "Trine-Clone: ", &value)) {
			snprintf(trailers->clone, sizeof(trailers->clone),
				 "%.8s", value);
		}
	}
	if (two || trailers->computer < 1 ||
	    trailers->computer >= CK_COMPUTERS ||
	    !ck_is_hex(trailers->clone, 8))
		trailers->computer = 0;
}

static bool names_files(const char *message, const char hex[17])
{
	const char *value;

	for (const char *line = message; line; line = next_line(line)) {
		if (trailer(line, "Trine-Files: ", &value) &&
		    !strncmp(value, hex, 16))
			return true;
	}
	return false;
}

/* ---- a commit ---- */

static void take_own(struct check *c, struct ck_commit *commit,
		     const struct own *own)
{
	if (own->status)
		commit->status = status_of(c, own->status);
	for (size_t i = 0; i < own->names.count; i++) {
		const char *name = own->names.items[i];

		ck_push(&commit->streams,
			stream_of(c, name, ck_get(&own->open, name),
				  ck_get(&own->archive, name)));
	}
}

/* If its trailers match its tree, it is what they say. */
static void read_vouched(struct check *c, struct ck_commit *commit,
			 const git_tree *tree, const struct trailers *trailers)
{
	git_tree *messages = ck_subtree(c, tree, "messages");
	git_tree *archive = ck_subtree(c, tree, "archive");
	char *name = ck_print("COMPUTER_%d.md", trailers->computer), hex[17];
	const git_tree_entry *status = tree ?
		git_tree_entry_byname(tree, name) : NULL;
	struct own own = { 0 };

	own.status = status ? git_tree_entry_id(status) : NULL;
	list_streams(messages, trailers->computer, true, &own);
	list_streams(archive, trailers->computer, false, &own);
	vouch(&own, trailers->computer, hex);
	if (names_files(trailers->message, hex)) {
		commit->computer = trailers->computer;
		memcpy(commit->clone, trailers->clone, sizeof(commit->clone));
		take_own(c, commit, &own);
	}
	for (size_t i = 0; i < own.names.count; i++)
		free(own.names.items[i]);
	free(own.names.items);
	ck_empty(&own.open, NULL);
	ck_empty(&own.archive, NULL);
	free(name);
	git_tree_free(messages);
	git_tree_free(archive);
}

/* The rules in force: the last readable fleet.yaml of the first parents. */
static void read_fleet(struct check *c, struct ck_commit *commit,
		       const git_tree *tree)
{
	const git_tree_entry *entry = tree ?
		git_tree_entry_byname(tree, "fleet.yaml") : NULL;
	const struct ck_commit *before = commit->parents.count ?
		commit->parents.items[0] : NULL;

	if (!entry)
		return;
	commit->fleet = fleet_of(c, git_tree_entry_id(entry));
	if (!commit->fleet->yaml)
		commit->fleet = before ? before->fleet : NULL;
}

static void inherit(struct ck_commit *commit)
{
	for (size_t i = 0; i < commit->parents.count; i++) {
		struct ck_commit *parent = commit->parents.items[i];

		for (int n = 1; n < CK_COMPUTERS; n++) {
			struct ck_commit *last = parent->last[n];

			if (last && (!commit->last[n] ||
				     commit->last[n]->order < last->order))
				commit->last[n] = last;
		}
	}
}

static bool is_named(const struct ck_commit *commit, const git_commit *object)
{
	const git_signature *author = git_commit_author(object);
	const git_signature *committer = git_commit_committer(object);
	char *mail = ck_print("computer-%d@", commit->computer);
	bool named = !strncmp(author->email, mail, strlen(mail)) &&
		     !strncmp(committer->email, mail, strlen(mail));

	free(mail);
	return named;
}

static bool by_cycle(struct check *c, const struct ck_commit *commit)
{
	bool made = ck_get(&c->made, commit->hex) != NULL;

	if (commit->by_twin)
		return false;
	/* There may be no log of another machine's clone, or of the past. */
	if (commit->named && c->watched && ck_get(&c->computers[commit->computer].logged,
			    commit->clone))
		ck_rule(c, CK_R2, made, "computer %d: commit %.10s is on the "
			"branch, and not in its log as made", commit->computer,
			commit->hex);
	return made;
}

static uint64_t author_of(const git_commit *object)
{
	const git_signature *author = git_commit_author(object);
	uint64_t hash = ck_hash(CK_HASH, author->email, strlen(author->email));

	return ck_hash(hash, &author->when.time, sizeof(author->when.time));
}

static struct ck_commit *read_commit(struct check *c, git_commit *object)
{
	struct ck_commit *commit = ck_alloc(sizeof(*commit));
	struct trailers trailers;
	git_tree *tree;

	git_oid_tostr(commit->hex, sizeof(commit->hex), git_commit_id(object));
	git_oid_cpy(&commit->root, git_commit_tree_id(object));
	commit->time = git_commit_time(object);
	commit->author = author_of(object);
	commit->order = c->in_order.count;
	for (unsigned i = 0; i < git_commit_parentcount(object); i++)
		ck_push(&commit->parents, ck_get(&c->commits, git_oid_tostr_s(
				git_commit_parent_id(object, i))));
	tree = ck_tree(c, commit);
	inherit(commit);
	read_fleet(c, commit, tree);
	read_trailers(git_commit_message(object), &trailers);
	if (trailers.computer)
		read_vouched(c, commit, tree, &trailers);
	if (commit->computer) {
		commit->last[commit->computer] = commit;
		commit->by_twin = c->computers[commit->computer].twins;
		commit->named = is_named(commit, object);
		commit->made = by_cycle(c, commit);
	}
	ck_claims_note(c, commit);
	git_tree_free(tree);
	return commit;
}

/* ---- the branch ---- */

/* The parents of OBJECT that are not known yet go to WAITING; false: none. */
static bool parents_wait(struct check *c, git_commit *object,
			 struct ck_list *waiting)
{
	bool some = false;

	for (unsigned i = 0; i < git_commit_parentcount(object); i++) {
		const git_oid *id = git_commit_parent_id(object, i);

		if (!ck_get(&c->commits, git_oid_tostr_s(id))) {
			git_oid *copy = ck_alloc(sizeof(*copy));

			git_oid_cpy(copy, id);
			ck_push(waiting, copy);
			some = true;
		}
	}
	return some;
}

static void take(struct check *c, git_commit *object)
{
	struct ck_commit *commit = read_commit(c, object);

	ck_put(&c->commits, commit->hex, commit);
	ck_short_note(c, commit);
	ck_push(&c->in_order, commit);
	ck_tokens_of_commit(c, commit);
	ck_commit_check(c, commit);
}

static void read_up_to(struct check *c, const git_oid *tip)
{
	struct ck_list waiting = { 0 };
	git_oid *copy = ck_alloc(sizeof(*copy));

	git_oid_cpy(copy, tip);
	ck_push(&waiting, copy);
	while (waiting.count) {
		git_oid *oid = waiting.items[waiting.count - 1];
		git_commit *object = NULL;

		if (!ck_get(&c->commits, git_oid_tostr_s(oid))) {
			if (git_commit_lookup(&object, c->remote, oid)) {
				ck_rule(c, CK_LINEAR, false, "commit %s of the "
					"branch cannot be read",
					git_oid_tostr_s(oid));
				break;
			}
			if (parents_wait(c, object, &waiting)) {
				git_commit_free(object);
				continue;
			}
			take(c, object);
		}
		git_commit_free(object);
		free(oid);
		waiting.count--;
	}
	while (waiting.count)
		free(waiting.items[--waiting.count]);
	free(waiting.items);
	ck_rebuilt_check(c);
}

void ck_forget_lost(struct ck_computer *computer)
{
	struct ck_map kept = { 0 };

	for (size_t i = 0; i < computer->clones.room; i++) {
		const struct ck_slot *slot = &computer->clones.slots[i];
		struct ck_commit *last = slot->key ? slot->value : NULL;

		if (!last)
			continue;
		if (last->on_branch)
			ck_put(&kept, slot->key, last);
		else
			computer->both_back = computer->ever_back = true;
	}
	ck_empty(&computer->clones, NULL);
	computer->clones = kept;
}

/* Marks what NOW reaches, and unmarks all else. */
static void mark(struct check *c, struct ck_commit *now)
{
	struct ck_list waiting = { 0 };

	for (size_t i = 0; i < c->in_order.count; i++)
		((struct ck_commit *)c->in_order.items[i])->on_branch = false;
	ck_push(&waiting, now);
	while (waiting.count) {
		struct ck_commit *commit = waiting.items[--waiting.count];

		if (!commit || commit->on_branch)
			continue;
		commit->on_branch = true;
		for (size_t i = 0; i < commit->parents.count; i++)
			ck_push(&waiting, commit->parents.items[i]);
	}
	free(waiting.items);
}

/* Marks what is new below NOW down to what is marked. */
static void mark_new(struct ck_commit *now)
{
	while (now && !now->on_branch) {
		now->on_branch = true;
		for (size_t i = 1; i < now->parents.count; i++)
			mark_new(now->parents.items[i]);
		now = now->parents.count ? now->parents.items[0] : NULL;
	}
}

bool ck_is_below(const struct ck_commit *old, struct ck_commit *now)
{
	static size_t visits;
	struct ck_list waiting = { 0 };
	bool found = false;

	if (!old)
		return true;
	visits++;
	ck_push(&waiting, now);
	while (waiting.count && !found) {
		struct ck_commit *at = waiting.items[--waiting.count];

		/* What came before OLD cannot have it as a parent. */
		if (!at || at->visit == visits || at->order < old->order)
			continue;
		at->visit = visits;
		found = at == old;
		for (size_t i = 0; i < at->parents.count; i++)
			ck_push(&waiting, at->parents.items[i]);
	}
	free(waiting.items);
	return found;
}

void ck_commits_step(struct check *c)
{
	struct ck_commit *old = c->tip, *now;
	char *ref = ck_print("refs/heads/%s", c->branch);
	git_oid tip;
	int missing = git_reference_name_to_id(&tip, c->remote, ref);

	free(ref);
	if (missing) {
		ck_rule(c, CK_LINEAR, !old || c->moving,
			"the branch is gone: it was at %.10s",
			old ? old->hex : "nothing");
		c->tip = NULL;
		return;
	}
	if (old && !strcmp(old->hex, git_oid_tostr_s(&tip)))
		return;
	read_up_to(c, &tip);
	now = ck_get(&c->commits, git_oid_tostr_s(&tip));
	if (!now)
		return;
	c->tip = now;
	if (ck_is_below(old, now)) {
		mark_new(now);
		return;
	}
	ck_rule(c, CK_LINEAR, c->moving, "the branch went from %.10s to %.10s, "
		"which does not descend from it", old ? old->hex : "nothing",
		now->hex);
	mark(c, now);
	for (int n = 1; n < CK_COMPUTERS; n++) {
		if (c->computers[n].restored)
			ck_forget_lost(&c->computers[n]);
	}
}

const struct ck_stream *ck_stream_of(const struct ck_commit *commit,
				     const char *name)
{
	for (size_t i = 0; commit && i < commit->streams.count; i++) {
		struct ck_stream *stream = commit->streams.items[i];

		if (!strcmp(stream->name, name))
			return stream;
	}
	return NULL;
}

long ck_highest(const struct ck_stream *stream)
{
	return stream && stream->count ?
	       stream->messages[stream->count - 1]->number : 0;
}
