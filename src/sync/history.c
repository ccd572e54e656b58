/*
 * What commits hold of a stream: one version, its archive, the newest commit of
 * a computer. Inbound, come_back and receive read others' and our own past here.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* Of an archive so many messages are read, so many segments in vain, and so many of
 * those that one commit brings. */
enum { LIMIT_ARCHIVE = 100 * 1000, LIMIT_IDLE = 16, LIMIT_BROUGHT = 100 };

void messages_release(struct messages *l)
{
	for (size_t i = 0; i < l->count; i++)
		message_release(&l->item[i]);
	free(l->item);
	*l = (struct messages){ 0 };
}

static void messages_take(struct messages *l, struct message *m)
{
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = *m;
	*m = (struct message)MESSAGE_INIT;
}

/* The bytes of PATH in COMMIT; *FOUND false if there is no such file, or one
 * that is too large to be ours. */
int history_read(struct cycle *c, const char *commit, const char *path,
		     struct buf *out, struct oid *oid, bool *found,
		     struct error *err)
{
	struct error unreadable = ERROR_INIT;
	bool is_tree;

	*found = false;
	if (repo_lookup(c->repo, commit, cycle_prefix(c), path, oid, &is_tree,
			err) == -1)
		return -1;
	if (oid->hex[0] == '\0' || is_tree)
		return 0;
	*found = repo_blob_read(c->repo, oid->hex, LIMIT_FILE, out,
				&unreadable) == 0;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void messages_sort(struct messages *l)
{
	size_t kept = 0;

	if (l->count > 1)
		qsort(l->item, l->count, sizeof(*l->item), by_number);
	for (size_t i = 0; i < l->count; i++) {
		if (kept > 0 && l->item[kept - 1].seq == l->item[i].seq) {
			message_release(&l->item[i]);
			continue;
		}
		l->item[kept++] = l->item[i];
	}
	l->count = kept;
}

void history_take(struct span bytes, struct stream_name name,
			  uint64_t above, struct messages *out)
{
	struct stream_file f = { 0 };

	stream_parse(bytes, name, false, &f);
	for (size_t i = 0; i < f.count; i++)
		if (f.part[i].kind == PART_MESSAGE &&
		    f.part[i].message.seq > above)
			messages_take(out, &f.part[i].message);
	stream_file_release(&f);
}

/* Each segment has lower numbers than the ones after it; others in it count for
 * nothing, or an archive of one segment again and again would be endless. */
static void take_segment(struct span bytes, struct stream_name name,
			 uint64_t above, uint64_t *lowest, struct messages *out)
{
	size_t kept = out->count;
	uint64_t below = *lowest;

	history_take(bytes, name, above, out);
	for (size_t i = kept; i < out->count; i++) {
		struct message *m = &out->item[i];

		if (m->seq >= below) {
			message_release(m);
			continue;
		}
		if (m->seq < *lowest)
			*lowest = m->seq;
		out->item[kept++] = *m;
	}
	out->count = kept;
}

/* Segments from the newest back, until one starts at or below ABOVE + 1. */
int history_archive(struct cycle *c, const char *commit,
			struct stream_name name, uint64_t above,
			struct messages *out, struct error *err)
{
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	unsigned last = 0, idle = 0;
	uint64_t lowest = UINT64_MAX;
	bool found = true;
	struct oid oid;
	int rc = -1;

	/* Segments are numbered without gaps: find the last by doubling. */
	for (unsigned step = 1; step > 0; ) {
		if (last + step > LIMIT_SEGMENTS) {
			step /= 2;
			continue;
		}
		if (repo_lookup(c->repo, commit, cycle_prefix(c),
				path_archive(name, last + step, path), &oid,
				&found, err) == -1)
			goto out;
		if (oid.hex[0] != '\0') {
			last += step;
			step *= 2;
		} else {
			step /= 2;
		}
	}
	for (; last > 0 && out->count < LIMIT_ARCHIVE; last--) {
		size_t before = out->count;

		buf_reset(&bytes);
		if (history_read(c, commit, path_archive(name, last, path), &bytes,
			      &oid, &found, err) == -1)
			goto out;
		if (found)
			take_segment(span_of(&bytes), name, above, &lowest, out);
		if (found && out->count == before &&
		    (above > 0 || ++idle > LIMIT_IDLE))
			break;
	}
	rc = 0;
out:
	buf_release(&bytes);
	return rc;
}

int stream_history(struct cycle *c, const char *commit, struct stream_name name,
		   uint64_t above, struct messages *out, struct error *err)
{
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;
	bool found;
	int rc = -1;

	if (history_read(c, commit, path_stream(name, path), &bytes, &oid, &found,
		      err) == -1)
		goto out;
	if (found)
		history_take(span_of(&bytes), name, above, out);
	if (history_archive(c, commit, name, above, out, err) == -1)
		goto out;
	messages_sort(out);
	rc = 0;
out:
	buf_release(&bytes);
	return rc;
}

/* --- the segments that one commit brings --- */

struct bringing {
	struct cycle *c;
	const char *folder;
	uint64_t upto;
	struct messages *out;
	unsigned looked;
};

static void take_upto(struct bringing *b, struct span bytes,
		      struct stream_name name)
{
	size_t kept = b->out->count;

	history_take(bytes, name, 0, b->out);
	for (size_t i = kept; i < b->out->count; i++)
		if (b->out->item[i].seq > b->upto)
			message_release(&b->out->item[i]);
		else
			b->out->item[kept++] = b->out->item[i];
	b->out->count = kept;
}

static int take_brought(void *arg, const char *name, const char *was,
			const char *is, enum entry_kind kind)
{
	struct bringing *b = arg;
	char *path = xasprintf("%s/%s", b->folder, name);
	struct path_info info = path_classify(path);
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;

	(void)was;
	if (kind == ENTRY_FILE && is[0] != '\0' && info.segment > 0 &&
	    b->out->count < LIMIT_ARCHIVE && b->looked++ < LIMIT_BROUGHT &&
	    repo_blob_read(b->c->repo, is, LIMIT_FILE, &bytes,
			   &unreadable) == 0)
		take_upto(b, span_of(&bytes), info.stream);
	buf_release(&bytes);
	free(path);
	return 0;
}

int history_brought(struct cycle *c, const struct commit_info *info,
		    struct stream_name name, uint64_t upto,
		    struct messages *out, struct error *err)
{
	char stream[STREAM_NAME];
	char *folder = xasprintf("archive/%s", stream_name_format(name, stream));
	char *prefix = xasprintf("%s/%s", cycle_prefix(c), folder);
	struct bringing b = { .c = c, .folder = folder, .upto = upto,
			      .out = out };
	bool cut;
	int rc = 0;

	if (info->parent.hex[0] == '\0' || repo_has(c->repo, info->parent.hex))
		rc = repo_diff(c->repo, info->parent.hex, info->oid.hex, prefix,
			       take_brought, &b, &cut, err);
	free(prefix);
	free(folder);
	return rc;
}

/* --- what is for this computer --- */

static int add_if_changed(struct cycle *c, const char *from, const char *commit,
			  const char *path, struct list *out, struct error *err)
{
	struct oid old = { "" }, new = { "" };
	bool is_tree;

	if (repo_lookup(c->repo, from, cycle_prefix(c), path, &old, &is_tree,
			err) == -1 ||
	    repo_lookup(c->repo, commit, cycle_prefix(c), path, &new, &is_tree,
			err) == -1)
		return -1;
	if (new.hex[0] != '\0' && strcmp(old.hex, new.hex) != 0 && !is_tree)
		list_add(out, path);
	return 0;
}

int history_to_us(struct cycle *c, const char *from, const char *commit,
		  struct list *out, struct error *err)
{
	const int to[] = { c->me.number, END_ALL };
	char path[PATH_TEXT];
	int rc = 0;

	for (int x = 1; x <= LIMIT_COMPUTERS && rc == 0; x++)
		if (x != c->me.number)
			rc = add_if_changed(c, from, commit,
					    path_status(x, path), out, err);
	for (size_t i = 0; i < ARRAY_LEN(to) && rc == 0; i++) {
		struct stream_name name = { END_HUMAN, to[i] };

		rc = add_if_changed(c, from, commit, path_stream(name, path), out,
				    err);
		for (int x = 1; x <= LIMIT_COMPUTERS && rc == 0; x++) {
			name.from = x;
			if (x != c->me.number)
				rc = add_if_changed(c, from, commit,
						    path_stream(name, path), out,
						    err);
		}
	}
	return rc;
}

/* --- the newest commit of a computer --- */

struct newest {
	struct cycle *c;
	int number;
	struct commit_info *out;
	bool merged;		/* there was more than one way back */
};

static bool is_of(const struct commit_info *info, int number)
{
	return info->vouched && info->trailers.computer == number;
}

static int is_newest(void *arg, const char *oid, struct error *err)
{
	struct newest *n = arg;

	commit_info_release(n->out);
	if (repo_commit_read_of(n->c->repo, oid, cycle_prefix(n->c), n->number,
				n->out, err) == -1)
		return -1;
	n->merged |= n->out->parents > 1;
	return is_of(n->out, n->number);
}

static int is_newer(void *arg, const char *oid, struct error *err)
{
	struct newest *n = arg;
	struct commit_info info = { 0 };

	if (repo_commit_read_of(n->c->repo, oid, cycle_prefix(n->c), n->number,
				&info, err) == -1)
		return -1;
	if (is_of(&info, n->number)) {
		commit_info_release(n->out);
		*n->out = info;
	} else {
		commit_info_release(&info);
	}
	return 0;
}

/* The walk back goes by time, and clocks differ: where it passed a merge, one on
 * another way may descend from the one that was found. Order is ancestry (R8). */
static int look_aside(struct newest *n, const char *tip, struct error *err)
{
	struct oid found = n->out->oid;

	return repo_walk(n->c->repo, tip, found.hex, is_newer, n, err);
}

int newest_of(struct cycle *c, const char *tip, int number,
	      struct commit_info *out, struct error *err)
{
	struct newest n = { .c = c, .number = number, .out = out };

	memset(out, 0, sizeof(*out));
	if (tip[0] == '\0')
		return 0;
	if (repo_walk_back(c->repo, tip, false, is_newest, &n, err) == -1)
		return -1;
	if (is_of(out, number))
		return n.merged ? look_aside(&n, tip, err) : 0;
	commit_info_release(out);
	memset(out, 0, sizeof(*out));
	return 0;
}

struct newest_each {
	struct cycle *c;
	const bool *wanted;
	struct oid *out;
};

/* Says of a commit whose it is, without a look at what it holds. */
enum { NOBODY = -1 };

int history_names(struct cycle *c, const char *oid, int *out, struct error *err)
{
	struct commit_info info = { 0 };

	if (repo_commit_read_of(c->repo, oid, cycle_prefix(c), NOBODY, &info,
				err) == -1)
		return -1;
	*out = info.trailers.computer;
	commit_info_release(&info);
	return 0;
}

int history_vouches(struct cycle *c, const char *oid, int number, bool *out,
		    struct error *err)
{
	struct commit_info info = { 0 };

	if (repo_commit_read_of(c->repo, oid, cycle_prefix(c), number, &info,
				err) == -1)
		return -1;
	*out = is_of(&info, number);
	commit_info_release(&info);
	return 0;
}

/* Parents come first, so that the last one is below no other. */
static int note_newest(void *arg, const char *oid, struct error *err)
{
	struct newest_each *n = arg;
	bool vouched;
	int x;

	if (history_names(n->c, oid, &x, err) == -1)
		return -1;
	if (x == 0 || !n->wanted[x])
		return 0;
	if (history_vouches(n->c, oid, x, &vouched, err) == -1)
		return -1;
	if (vouched)
		snprintf(n->out[x].hex, sizeof(n->out[x].hex), "%s", oid);
	return 0;
}

int newest_of_each(struct cycle *c, const char *tip, const bool *wanted,
		   struct oid *out, struct error *err)
{
	struct newest_each n = { .c = c, .wanted = wanted, .out = out };
	struct commit_info info = { 0 };
	int count = 0, one = 0, rc;

	for (int x = 1; x <= LIMIT_COMPUTERS; x++) {
		out[x].hex[0] = '\0';
		count += wanted[x];
		one = wanted[x] ? x : one;
	}
	if (count == 0)
		return 0;
	if (count > 1)
		return repo_walk(c->repo, tip, "", note_newest, &n, err);
	rc = newest_of(c, tip, one, &info, err);
	out[one] = info.oid;
	commit_info_release(&info);
	return rc;
}
