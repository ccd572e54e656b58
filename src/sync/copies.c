/*
 * Versions that lost, kept under conflicts/N for people to look at. Every step
 * that decides against a text calls copies_keep; whoever makes the next commit,
 * a rebuilt one too, puts what was kept into its tree, and logs it in the same
 * transaction, so that a kill in between keeps it again under the same rules.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum { LOOK_BACK = 200, LIMIT_DIFF = 64 * 1024, LIMIT_FENCE = 1000 };

/* --- who wrote the version --- */

struct search {
	struct cycle *c;
	const struct loser *loser;
	struct commit_info found;
	unsigned looked;
};

/* The last commit, going back, that still has this version put it there. */
static int look_at(void *arg, const char *oid, struct error *err)
{
	struct search *s = arg;
	struct oid version;
	bool is_tree;

	if (s->looked++ >= LOOK_BACK)
		return 1;
	if (repo_lookup(s->c->repo, oid, cycle_prefix(s->c), s->loser->path,
			&version, &is_tree, err) == -1)
		return -1;
	if (strcmp(version.hex, s->loser->oid) != 0)
		return 1;
	commit_info_release(&s->found);
	return repo_commit_read(s->c->repo, oid, cycle_prefix(s->c), &s->found,
				err);
}

static int find_writer(struct cycle *c, const struct loser *loser,
		       struct commit_info *out, struct error *err)
{
	struct search s = { .c = c, .loser = loser };

	memset(out, 0, sizeof(*out));
	if (loser->oid == NULL || c->tip.hex[0] == '\0')
		return 0;
	if (repo_walk_back(c->repo, c->tip.hex, true, look_at, &s, err) == -1)
		return -1;
	*out = s.found;
	return 0;
}

/* --- the text of a copy --- */

/* Bytes of TEXT in which no run of TICK is so long that a fence would be, too. */
static size_t short_runs(struct span text, char tick)
{
	size_t run = 0;

	for (size_t i = 0; i < text.len; i++) {
		run = text.p[i] == tick ? run + 1 : 0;
		if (run == LIMIT_FENCE)
			return i;
	}
	return text.len;
}

/* As much of TEXT as a fence can be around: of backticks or, where they run on and
 * on, of tildes. */
static struct span fit_fence(struct span text)
{
	size_t ticks = short_runs(text, '`'), tildes = short_runs(text, '~');

	return (struct span){ text.p, ticks > tildes ? ticks : tildes };
}

/* A fence longer than any run of TICK in TEXT. */
static size_t fence_length(struct span text, char tick)
{
	size_t longest = 2, run = 0;

	for (size_t i = 0; i < text.len; i++) {
		run = text.p[i] == tick ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest + 1;
}

static void write_fenced(struct buf *out, const char *info, struct span text)
{
	char tick = short_runs(text, '`') == text.len ? '`' : '~';
	size_t ticks = fence_length(text, tick);

	for (size_t i = 0; i < ticks; i++)
		buf_addc(out, tick);
	buf_printf(out, "%s\n", info);
	buf_add(out, text.p, text.len);
	if (text.len > 0 && text.p[text.len - 1] != '\n')
		buf_addc(out, '\n');
	for (size_t i = 0; i < ticks; i++)
		buf_addc(out, tick);
	buf_addc(out, '\n');
}

static int write_difference(struct buf *out, const struct loser *l,
			    struct error *err)
{
	struct buf diff = BUF_INIT;

	if (l->winner.len == 0)
		return 0;
	if (repo_diff_text(l->winner, l->text, LIMIT_DIFF, &diff, err) == -1)
		return -1;
	buf_adds(out, "\n## Difference from the version that stays\n\n");
	write_fenced(out, "diff", fit_fence(span_of(&diff)));
	buf_release(&diff);
	return 0;
}

/* As much of TEXT as one copy holds; of what is no UTF-8 less, in any bytes. */
static struct span fit_copy(struct span text, bool plain)
{
	if (plain)
		text.len = text_cut(text.p, text.len, LIMIT_COPY);
	else if (text.len > LIMIT_COPY / 4)
		text.len = LIMIT_COPY / 4;
	return fit_fence(text);
}

/* The same in whole lines, where it has any. */
static struct span first_part(struct span text, bool plain)
{
	size_t most = fit_copy(text, plain).len, len = most;

	if (most == text.len)
		return text;
	while (len > 0 && text.p[len - 1] != '\n')
		len--;
	return (struct span){ text.p, len > 0 ? len : most };
}

/* Bytes that are no UTF-8 are written as \xNN: what was only on a desk is in no
 * history. False: it is not the text as it was, or not all of it. */
static bool write_text(struct buf *out, struct span text)
{
	bool plain = text_is_utf8(text.p, text.len);
	struct buf escaped = BUF_INIT;
	struct span shown = fit_copy(text, plain);

	if (!plain) {
		text_escape(&escaped, shown.p, shown.len, true);
		buf_adds(out, "Not UTF-8; bytes are written as \\xNN.\n\n");
	}
	write_fenced(out, "", plain ? shown : span_of(&escaped));
	buf_release(&escaped);
	if (shown.len < text.len)
		buf_printf(out, "\nCut after %zu of %zu bytes; the rest is in "
			   "the blob.\n", shown.len, text.len);
	return plain && shown.len == text.len;
}

static int write_copy(struct buf *out, const struct loser *l, struct span part,
		      const struct commit_info *writer, const char *who,
		      int64_t when, struct error *err)
{
	char blob[BLOB_HEX], time[TIME_TEXT];
	size_t before = (size_t)(part.p - l->text.p);

	digest_blob(l->text.p, l->text.len, blob);
	buf_printf(out, "# A version of `%s` that did not stay\n\n", l->path);
	buf_printf(out, "- why: %s\n- by: %s\n- time: %s\n", l->why, who,
		   time_format(when, time));
	if (writer->oid.hex[0] != '\0')
		buf_printf(out, "- commit: %s\n", writer->oid.hex);
	buf_printf(out, "- blob: %s\n", blob);
	if (part.len < l->text.len)
		buf_printf(out, "- part: bytes %zu to %zu of %zu\n", before + 1,
			   before + part.len, l->text.len);
	buf_adds(out, "\n## Its text\n\n");
	return write_text(out, part) && text_is_utf8(l->text.p, l->text.len)
		? write_difference(out, l, err) : 0;
}

/* --- keeping it --- */

static bool kept_in_this_cycle(const struct cycle *c, const char *path,
			       const char *digest)
{
	for (size_t i = 0; i < c->copies.count; i++)
		if (strcmp(c->copies.item[i].path, path) == 0 &&
		    strcmp(c->copies.item[i].digest, digest) == 0)
			return true;
	return false;
}

/* A version on the branch stays in its history, counted or not; what stood on this
 * desk alone is nowhere else. So the former leave half of the day's number to the
 * latter: who rewrites a file again and again takes nobody's words here. */
static int too_many(struct cycle *c, const struct loser *l, bool *out,
		    struct error *err)
{
	uint64_t share = l->oid != NULL ? 2 : 1, of_path, all;
	int64_t since = c->now - 86400;

	if (view_copies_since(c->store, l->path, since, &of_path, err) == -1 ||
	    view_copies_since(c->store, NULL, since, &all, err) == -1)
		return -1;
	for (size_t i = 0; i < c->copies.count; i++)
		of_path += strcmp(c->copies.item[i].path, l->path) == 0;
	all += c->copies.count;
	*out = of_path >= LIMIT_COPIES_PATH / share ||
	       all >= LIMIT_COPIES_DAY / share;
	return 0;
}

static struct copy *add_copy(struct cycle *c, const char *path,
			     const char *digest, const char *who)
{
	struct copies *l = &c->copies;
	struct copy *copy;

	ARRAY_GROW(l->item, l->count, l->cap);
	copy = &l->item[l->count++];
	*copy = (struct copy){ .path = xstrdup(path), .who = xstrdup(who),
			       .text = BUF_INIT };
	snprintf(copy->digest, sizeof(copy->digest), "%s", digest);
	return copy;
}

static int keep_part(struct cycle *c, const struct loser *l, struct span part,
		     struct error *err)
{
	struct commit_info writer = { 0 };
	char digest[DIGEST_HEX];
	struct copy *copy;
	const char *who;
	bool known, many;
	int64_t when;
	int rc = -1;

	digest_hex(part.p, part.len, digest);
	if (kept_in_this_cycle(c, l->path, digest))
		return 0;
	if (view_copy_known(c->store, l->path, digest, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	if (too_many(c, l, &many, err) == -1 ||
	    find_writer(c, l, &writer, err) == -1)
		goto out;
	who = writer.author != NULL ? writer.author : "somebody on this computer";
	when = writer.author != NULL ? writer.time : c->now;
	copy = add_copy(c, l->path, digest, who);
	resolve_copy_name(l->path, part, when, copy->name);
	rc = many ? 0 : write_copy(&copy->text, l, part, &writer, who, when, err);
out:
	commit_info_release(&writer);
	return rc;
}

int copies_keep(struct cycle *c, const struct loser *l, struct error *err)
{
	bool plain = text_is_utf8(l->text.p, l->text.len);
	struct span rest = l->text, part;
	int rc;

	do {
		part = l->oid != NULL ? rest : first_part(rest, plain);
		rest.p += part.len;
		rest.len -= part.len;
		rc = keep_part(c, l, part, err);
	} while (rc == 0 && rest.len > 0);
	return rc;
}

int copies_keep_blob(struct cycle *c, const char *path, const char *oid,
		     const char *why, struct error *err)
{
	struct loser loser = { .path = path, .oid = oid, .why = why };
	struct error unreadable = ERROR_INIT;
	struct buf text = BUF_INIT;
	int rc = 0;

	if (repo_blob_read(c->repo, oid, LIMIT_LOSER, &text, &unreadable) == -1) {
		buf_reset(&text);
		if (unreadable.code == ERR_DATA)
			buf_printf(&text, "Blob %s, in git alone: %s\n", oid,
				   unreadable.text);
	}
	loser.text = span_of(&text);
	if (text.len > 0)
		rc = copies_keep(c, &loser, err);
	buf_release(&text);
	return rc;
}

/* --- into the tree, and into the log --- */

/* The folder of our copies in head; none if it has none. */
static int find_folder(struct cycle *c, struct oid *out, struct error *err)
{
	char path[PATH_TEXT];
	bool is_tree;

	snprintf(path, sizeof(path), "conflicts/%d", c->me.number);
	if (repo_lookup(c->repo, c->head.hex, cycle_prefix(c), path, out,
			&is_tree, err) == -1)
		return -1;
	if (!is_tree)
		out->hex[0] = '\0';
	return 0;
}

/* Behind the time of a copy's name stand path and digest. */
enum { NAME_TIME = sizeof("20261120T131000Z-") - 1,
       FOLDER = sizeof("conflicts/") - 1 };

struct same_copy {
	const char *name;
	char found[COPY_NAME];
};

static int look_at_name(void *arg, const char *name, const char *was,
			const char *is, enum entry_kind kind)
{
	struct same_copy *same = arg;

	(void)was, (void)is, (void)kind;
	if (strlen(name) >= NAME_TIME &&
	    strcmp(name + NAME_TIME, same->name + NAME_TIME) == 0)
		snprintf(same->found, sizeof(same->found), "%s", name);
	return 0;
}

/* A disk that came back from a backup does not know what it had kept since; the
 * branch does (R25). FOUND: as what head has the copy NAME, or "". */
static int find_on_branch(struct cycle *c, const char *name,
			  char found[COPY_NAME], struct error *err)
{
	struct same_copy same = { .name = name };
	struct oid folder = { "" };
	bool cut;
	int rc = 0;

	if (c->head.hex[0] != '\0' && strlen(name) >= NAME_TIME)
		rc = find_folder(c, &folder, err);
	if (rc == 0 && folder.hex[0] != '\0')
		rc = repo_diff(c->repo, "", folder.hex, "", look_at_name, &same,
			       &cut, err);
	memcpy(found, same.found, COPY_NAME);
	return rc;
}

/* One that comes with this very commit, from the desk or from a commit that
 * waited, may have been edited there: it stays as it is. */
static void find_in_edits(const struct cycle *c, const struct edits *edits,
			  const char *name, char found[COPY_NAME])
{
	struct same_copy same = { .name = name };

	for (size_t i = 0; i < edits->count; i++) {
		const struct tree_edit *e = &edits->item[i];
		struct path_info info = path_classify(e->path);

		if (info.kind == PATH_CONFLICT &&
		    info.computer == c->me.number && e->oid.hex[0] != '\0')
			look_at_name(&same, strchr(e->path + FOLDER, '/') + 1,
				     "", "", ENTRY_FILE);
	}
	memcpy(found, same.found, COPY_NAME);
}

int copies_place(struct cycle *c, struct edits *edits, struct error *err)
{
	char path[PATH_TEXT + COPY_NAME];
	struct oid oid;

	for (size_t i = 0; i < c->copies.count; i++) {
		struct copy *copy = &c->copies.item[i];
		char found[COPY_NAME];

		if (copy->text.len == 0)
			continue;
		find_in_edits(c, edits, copy->name, found);
		if (found[0] == '\0' &&
		    find_on_branch(c, copy->name, found, err) == -1)
			return -1;
		if (found[0] != '\0') {
			memcpy(copy->name, found, sizeof(copy->name));
			continue;
		}
		snprintf(path, sizeof(path), "conflicts/%d/%s", c->me.number,
			 copy->name);
		if (repo_blob_write(c->repo, span_of(&copy->text), &oid, err) == -1)
			return -1;
		edits_put(edits, path, oid.hex, false);
	}
	return 0;
}

/* Shown until somebody deletes the copy. */
static int show_copy(struct cycle *c, const struct copy *copy, struct error *err)
{
	char key[PATH_TEXT + COPY_NAME], text[PATH_TEXT + 512];

	snprintf(key, sizeof(key), "conflicts/%d/%s", c->me.number, copy->name);
	snprintf(text, sizeof(text), "a version of %s by %.80s did not stay; it "
		 "is kept in %s until you delete that", copy->path, copy->who,
		 key);
	return record_problem(c->store, "conflict", key, text, err);
}

int copies_log(struct cycle *c, struct error *err)
{
	for (size_t i = 0; i < c->copies.count; i++) {
		struct copy *copy = &c->copies.item[i];

		if (record_copy(c->store, copy->path, copy->name, copy->digest,
				copy->who, copy->text.len == 0, err) == -1 ||
		    (copy->text.len > 0 && show_copy(c, copy, err) == -1))
			return -1;
	}
	c->report->copies += (unsigned)c->copies.count;
	copies_release(&c->copies);
	return 0;
}

int copies_made_before(struct cycle *c, const char *path, const char *oid,
		       bool *out, struct error *err)
{
	struct path_info info = path_classify(path);
	const char *name = strrchr(path, '/');
	char found[COPY_NAME] = "", digest[DIGEST_HEX], *of, *who;
	struct copy *copy;
	int rc = 0;

	*out = false;
	if (info.kind != PATH_CONFLICT || info.computer != c->me.number)
		return 0;
	if (find_on_branch(c, ++name, found, err) == -1)
		return -1;
	*out = found[0] != '\0' && strcmp(found, name) != 0;
	if (!*out)
		return 0;
	if (view_copy_named(c->store, name, &of, digest, &who, err) == -1)
		return -1;
	if (of != NULL && who != NULL) {
		copy = add_copy(c, of, digest, who);
		memcpy(copy->name, found, sizeof(copy->name));
		rc = repo_blob_read(c->repo, oid, LIMIT_FILE, &copy->text, err);
	}
	free(of);
	free(who);
	return rc;
}

/* --- and letting go of it --- */

static int settle_one(struct cycle *c, const struct oid *folder,
		      const char *path, struct error *err)
{
	const char *name = strrchr(path, '/');
	struct oid there;
	bool is_tree;

	if (repo_lookup(c->repo, folder->hex, "", name != NULL ? name + 1 : path,
			&there, &is_tree, err) == -1)
		return -1;
	return there.hex[0] != '\0' ? 0
		: record_problem_over(c->store, "conflict", path, err);
}

/* While the desk shows head, nothing is to be done: what was open when head was
 * made or came, was looked at then, before publish. */
int copies_settle(struct cycle *c, struct error *err)
{
	struct error unread = ERROR_INIT;
	struct problem *l = NULL;
	struct oid folder;
	size_t count = 0;
	int rc = -1;

	if (c->head.hex[0] == '\0' ||
	    strcmp(c->head.hex, c->marks.published) == 0)
		return 0;
	if (view_problems_of(c->store, "conflict", &l, &count, err) == -1)
		return -1;
	if (count > 0 && find_folder(c, &folder, err) == -1)
		goto out;
	rc = 0;
	if (count > 0 && repo_whole(c->repo, c->head.hex, cycle_prefix(c), l->key,
				    &unread) == -1)
		goto out;	/* who knows */
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = settle_one(c, &folder, l[i].key, err);
out:
	problems_free(l, count);
	return rc;
}

void copies_release(struct copies *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->item[i].path);
		free(l->item[i].who);
		buf_release(&l->item[i].text);
	}
	free(l->item);
	*l = (struct copies){ 0 };
}
