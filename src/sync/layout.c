/*
 * Which segments of our own streams are closed, for a clone that comes back
 * (come_back.c): those of the branch; above them those of the log. A branch that
 * was set back may come again, and others have read what it held: a segment that
 * holds what the log says of its numbers stays as it was. All else is open again,
 * and is closed in another place.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

struct layout {
	struct cycle *c;
	struct stream_name name;
	struct segment *item;	/* as it is to be */
	size_t count, cap;
	struct segment *known;	/* as the log has it */
	size_t known_count;
};

static void add(struct layout *l, uint64_t first, uint64_t last,
		const char *blob)
{
	struct segment *s;

	ARRAY_GROW(l->item, l->count, l->cap);
	s = &l->item[l->count++];
	*s = (struct segment){ .number = (unsigned)l->count, .first = first,
			       .last = last };
	snprintf(s->blob, sizeof(s->blob), "%s", blob);
}

static bool is_as_known(const struct layout *l, size_t i)
{
	return i < l->known_count && l->item[i].first == l->known[i].first &&
	       l->item[i].last == l->known[i].last &&
	       strcmp(l->item[i].blob, l->known[i].blob) == 0;
}

static int read_segment(struct cycle *c, const char *blob,
			struct stream_name name, struct stream_file *out,
			struct error *err)
{
	struct buf bytes = BUF_INIT;
	int rc = repo_blob_read(c->repo, blob, LIMIT_FILE, &bytes, err);

	if (rc == 0)
		stream_parse(span_of(&bytes), name, false, out);
	buf_release(&bytes);
	return rc;
}

/* --- of the branch --- */

static int add_of_branch(struct layout *l, const char *blob, struct error *err)
{
	struct stream_file f = { 0 };
	uint64_t first = 0, last = 0;

	if (read_segment(l->c, blob, l->name, &f, err) == -1)
		return -1;
	for (size_t i = 0; i < f.count; i++)
		if (f.part[i].kind == PART_MESSAGE) {
			last = f.part[i].message.seq;
			first = first ? first : last;
		}
	if (last > 0)
		add(l, first, last, blob);
	stream_file_release(&f);
	return 0;
}

static int take_of_branch(struct layout *l, const struct commit_info *at,
			  struct error *err)
{
	struct oid oid = { "x" };
	char path[PATH_TEXT];

	for (unsigned n = 1; n <= LIMIT_SEGMENTS && oid.hex[0] != '\0'; n++) {
		if (version_at(l->c, at->oid.hex, path_archive(l->name, n, path),
			       &oid, err) == -1 ||
		    (oid.hex[0] != '\0' &&
		     add_of_branch(l, oid.hex, err) == -1))
			return -1;
	}
	return 0;
}

/* --- of the log --- */

/* Is M what the log has? A number that was taken back is in no log. */
static int is_ours(struct cycle *c, const struct message *m, bool *recorded,
		   bool *out, struct error *err)
{
	enum number_state state;

	if (own_text_find(c, m, &state, err) == -1)
		return -1;
	*recorded = state == NUMBER_RECORDED;
	*out = *recorded ||
	       (state == NUMBER_UNKNOWN && m->type == TYPE_CONTROL);
	return 0;
}

/* Of how many messages does the log say what F does? */
static int count_ours(struct cycle *c, const struct stream_file *f,
		      size_t *count, bool *all, struct error *err)
{
	*count = 0;
	*all = true;
	for (size_t i = 0; i < f->count && *all; i++) {
		bool recorded;

		if (f->part[i].kind != PART_MESSAGE)
			continue;
		if (is_ours(c, &f->part[i].message, &recorded, all, err) == -1)
			return -1;
		*count += recorded;
	}
	return 0;
}

/* What waits may get another number yet. */
static int count_committed(struct layout *l, const struct segment *s,
			   size_t *count, bool *all, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list records = { 0 };

	f.direction = DIRECTION_OUT;
	f.stream = l->name;
	f.first = s->first;
	f.last = s->last;
	f.brief = true;
	*all = true;
	if (view_records(l->c->store, &f, &records, err) == -1)
		return -1;
	*count = records.count;
	for (size_t i = 0; i < records.count; i++)
		*all = *all && records.item[i].committed != 0;
	record_list_release(&records);
	return 0;
}

/* Does S, which follows on what is closed so far, hold what the log says now? */
static int holds(struct layout *l, const struct segment *s, bool *out,
		 struct error *err)
{
	uint64_t next = l->count > 0 ? l->item[l->count - 1].last + 1 : 1;
	struct stream_file f = { 0 };
	size_t there = 0, here = 0;
	bool committed = false, ours = false;
	int rc = -1;

	*out = false;
	if (s->first != next || !repo_has(l->c->repo, s->blob))
		return 0;
	if (read_segment(l->c, s->blob, l->name, &f, err) == 0 &&
	    count_ours(l->c, &f, &there, &ours, err) == 0 &&
	    count_committed(l, s, &here, &committed, err) == 0)
		rc = 0;
	*out = ours && committed && there == here;
	stream_file_release(&f);
	return rc;
}

static int keep_of_log(struct layout *l, struct error *err)
{
	bool good = true;

	for (size_t i = 0; i < l->count; i++)
		good = good && is_as_known(l, i);
	for (size_t i = l->count; i < l->known_count && good; i++) {
		const struct segment *s = &l->known[i];

		if (holds(l, s, &good, err) == -1)
			return -1;
		if (good)
			add(l, s->first, s->last, s->blob);
	}
	return 0;
}

/* --- all of it --- */

static int log_layout(struct layout *l, struct error *err)
{
	bool same = l->count == l->known_count;

	for (size_t i = 0; i < l->count && same; i++)
		same = is_as_known(l, i);
	if (same)
		return 0;
	if (l->known_count > 0 &&
	    record_reopened(l->c->store, l->name, err) == -1)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		const struct segment *s = &l->item[i];

		if (record_closed(l->c->store, l->name, s->number, s->first,
				  s->last, s->blob, err) == -1)
			return -1;
	}
	return 0;
}

static int settle(struct cycle *c, const struct commit_info *at,
		  struct stream_name name, struct error *err)
{
	struct layout l = { .c = c, .name = name };
	int rc = -1;

	if (view_segments(c->store, name, &l.known, &l.known_count, err) == 0 &&
	    take_of_branch(&l, at, err) == 0 && keep_of_log(&l, err) == 0)
		rc = log_layout(&l, err);
	free(l.known);
	free(l.item);
	return rc;
}

int layout_take(struct cycle *c, const struct commit_info *at,
		struct error *err)
{
	struct out_stream *l = NULL;
	size_t count = 0;
	int rc = view_out_streams(c->store, &l, &count, err);

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = settle(c, at, l[i].name, err);
	out_streams_free(l, count);
	return rc;
}
