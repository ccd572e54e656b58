/*
 * Step collect: read the desk, and take in what was typed into our own streams.
 *
 * Loose text that has been still for a while becomes a message (R18 to R20).
 * Killed after the log has it and before the file shows it, the next collect
 * finds the same text, knows it for that message, and records nothing.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mail.h"
#include "trine/mem.h"

enum {
	LOOK_BACK = 200,	/* messages that a copy without any may lack */
	AT_ONCE = 100		/* that are in memory while they are compared */
};

/* One stream file of ours, while its parts are looked at. */
struct adoption {
	struct cycle *c;
	struct desk_entry *entry;
	struct stream_name name;
	struct stream_file file;
	struct out_stream stream;	/* borrowed; zero if the log has none */
	struct own_file_text *text;	/* what stays on the desk only */
	uint64_t first, last;		/* entries may be missing here from it on; and
					 * what is adopted from now on is none of them */
	uint64_t *taken;		/* that are, and stand for a stretch (R18) */
	size_t taken_count, taken_cap;
	bool settled;
};

static int keep_part(struct adoption *a, struct span text, const char *why,
		     struct error *err)
{
	struct loser loser = { .path = a->entry->path, .text = text,
			       .why = why };

	return copies_keep(a->c, &loser, err);
}

/* --- has the text been still? (R20) --- */

/* What was seen at a time to come was seen while the clock was ahead. That does not say
 * how long ago, until that time has come: it counts as seen now. */
static int settled_by_sight(struct cycle *c, const struct desk_entry *e,
			    bool *settled, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;
	bool same = false;
	char text[160];
	int rc = -1;

	*settled = false;
	snprintf(text, sizeof(text), "is dated in the future; version %.10s is "
		 "taken in when it has been still for a while", e->oid);
	if (view_problems_of(c->store, "clock", &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].since <= c->now && strcmp(l[i].key, e->path) == 0 &&
		    strcmp(l[i].text, text) == 0) {
			same = true;
			*settled = c->now - l[i].since >=
				   c->home->settings.settle;
		}
	rc = same ? 0 : record_problem_over(c->store, "clock", e->path, err);
	if (rc == 0)
		rc = *settled
			? record_problem_over(c->store, "clock", e->path, err)
			: record_problem(c->store, "clock", e->path, text, err);
	problems_free(l, count);
	return rc;
}

static int settled(struct cycle *c, const struct desk_entry *e, bool *out,
		   struct error *err)
{
	int64_t age = c->now - e->info.mtime;

	*out = age >= c->home->settings.settle;
	return age < 0 ? settled_by_sight(c, e, out, err)
		       : record_problem_over(c->store, "clock", e->path, err);
}

/* --- entries --- */

struct remarks {
	struct line_counts written;
	bool any;
};

static int look_for_remark(void *arg, struct span line, size_t count)
{
	struct remarks *r = arg;
	char digest[LINE_DIGEST];

	hand_digest(line, digest);
	r->any = count > line_counts_of(&r->written, digest);
	return r->any ? -1 : 0;
}

/* Has it lines that trine writes into no such entry, as a comment in its block? What
 * they say is in no digest. */
static bool has_remarks(const struct stream_part *part)
{
	struct buf usual = BUF_INIT;
	struct remarks r = { .any = false };

	message_write(&usual, &part->message);
	line_counts_read(&r.written, span_of(&usual));
	hand_each_line(part->bytes, look_for_remark, &r);
	line_counts_release(&r.written);
	buf_release(&usual);
	return r.any;
}

static int check_remarks(struct adoption *a, const struct stream_part *part,
			 struct error *err)
{
	return !has_remarks(part) ? 0 :
	       keep_part(a, part->bytes, "a remark in the block of an entry, which "
			 "stays as it was; to say it, write the text without "
			 "the block", err);
}

/* An entry of ours in the file: the log knows its text (R14). */
static int check_entry(struct adoption *a, const struct stream_part *part,
		       struct error *err)
{
	char here[MESSAGE_DIGEST], known[MESSAGE_DIGEST];
	enum number_state state;

	if (view_number(a->c->store, a->name, part->message.seq, &state, known,
			NULL, err) == -1)
		return -1;
	message_digest(&part->message, here);
	if (strcmp(known, here) == 0)
		return check_remarks(a, part, err);
	if (known[0] != '\0')
		return keep_part(a, part->bytes, "an entry changed by hand; what "
				 "was accepted stays (`trine retract` takes back "
				 "what is in no commit)", err);
	if (message_extra(&part->message, "state") != NULL &&
	    part->message.type == TYPE_CONTROL &&
	    part->message.seq <= a->stream.last)
		return check_remarks(a, part, err);	/* our own tombstone */
	return keep_part(a, part->bytes, "an entry with a number that was "
			 "never given out; to send it, write the text without "
			 "the block", err);
}

/* --- loose text --- */

static bool in_file(const struct stream_file *f, uint64_t seq)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->part[i].kind == PART_MESSAGE &&
		    f->part[i].message.seq == seq)
			return true;
	return false;
}

/* From which number on the file may lack entries: the open segment's first. A
 * file with older entries is an older copy: what was adopted from it may be in the
 * archive by now, however much was sent since. So may one with none be, but of that
 * nobody knows how old it is. */
static uint64_t oldest_of_interest(const struct adoption *a)
{
	uint64_t lowest = UINT64_MAX;

	for (size_t i = 0; i < a->file.count; i++)
		if (a->file.part[i].kind == PART_MESSAGE &&
		    a->file.part[i].message.seq < lowest)
			lowest = a->file.part[i].message.seq;
	if (lowest == UINT64_MAX)
		lowest = a->stream.last > LOOK_BACK ? a->stream.last - LOOK_BACK : 1;
	return lowest < a->stream.open_first ? lowest : a->stream.open_first;
}

static bool is_taken(const struct adoption *a, uint64_t seq)
{
	for (size_t i = 0; i < a->taken_count; i++)
		if (a->taken[i] == seq)
			return true;
	return false;
}

/* A message adopted here whose entry the file lacks: the log has it, the file was
 * not written yet, or an editor wrote back an older copy. */
static bool is_missing(const struct adoption *a, uint64_t seq)
{
	return !in_file(&a->file, seq) && !is_taken(a, seq);
}

static int ask_adopted(struct adoption *a, struct span text, uint64_t first,
		       struct record_list *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct span line = { text.p, 0 };
	size_t pos = 0;
	char *typed;
	int rc;

	text_line(text, &pos, &line);
	typed = xmemdup(line.p, line.len);
	f.direction = DIRECTION_OUT;
	f.stream = a->name;
	f.typed = typed;
	f.first = first;
	f.last = a->last;
	f.limit = AT_ONCE;
	rc = view_records(a->c->store, &f, out, err);
	free(typed);
	return rc;
}

/* Moves *FIRST behind all that need not be looked at again. */
static void skip_adopted(struct adoption *a, const struct record_list *l,
			 struct span *text, uint64_t *first)
{
	uint64_t next = *first;
	bool found = false;

	for (size_t i = 0; i < l->count; i++) {
		const struct message *m = &l->item[i].message;
		struct span body = { m->body, m->body_len };

		next = m->seq + 1;
		if (!is_missing(a, m->seq) || !stream_skip(text, body))
			continue;
		ARRAY_GROW(a->taken, a->taken_count, a->taken_cap);
		a->taken[a->taken_count++] = m->seq;
		*first = next;
		found = true;
	}
	if (!found)
		*first = next;
}

/* TEXT less the adopted messages it begins with (R18): an editor's old buffer
 * may have gone out in several. Later ones have higher numbers. A stream may have a
 * million that are newer than the file: asked for are only those that begin like
 * what is left of TEXT, by an index of that. */
static int leave_adopted(struct adoption *a, struct span *text, struct error *err)
{
	uint64_t first = a->first, before;
	struct record_list l;
	bool more = a->last > 0;

	while (more && text->len > 0) {
		if (ask_adopted(a, *text, first, &l, err) == -1)
			return -1;
		before = first;
		skip_adopted(a, &l, text, &first);
		more = first > before;
		record_list_release(&l);
	}
	return 0;
}

/* It stays on the desk, and is shown. */
static int refuse(struct adoption *a, struct span text, const char *why,
		  struct error *err)
{
	if (a->entry->left != NULL)
		return keep_part(a, text, why, err);
	buf_addc(&a->text->loose, '\n');
	buf_add(&a->text->loose, text.p, text.len);
	buf_addc(&a->text->loose, '\n');
	return record_problem(a->c->store, "loose", a->entry->path, why, err);
}

static int take_in(struct adoption *a, struct span text, struct error *err)
{
	struct message m = MESSAGE_INIT;
	struct error refused = ERROR_INIT;
	int rc;

	rc = stream_adopt(text, &m, &refused);
	m.stream = a->name;
	m.seq = a->stream.last + 1;
	m.sent = a->c->now;
	if (rc == 0)
		rc = mail_check_room(a->c->home, &a->stream, &m, &refused);
	if (rc == 0) {
		a->stream.last++;
		rc = record_sent(a->c->store, &m, true, err);
	} else if (refused.code == ERR_DATA || refused.code == ERR_REFUSED) {
		rc = refuse(a, text, refused.text, err);
	} else {
		*err = refused;
	}
	message_release(&m);
	return rc;
}

static int adopt_loose(struct adoption *a, const struct stream_part *part,
		       struct error *err)
{
	struct span text = stream_stretch(part->bytes);

	if (stream_damaged(text, a->name))
		return keep_part(a, text, "a damaged entry, or text with the id "
				 "of one; to send it, write the text without "
				 "the block", err);
	if (leave_adopted(a, &text, err) == -1)
		return -1;
	return text.len == 0 ? 0 : take_in(a, text, err);
}

static int adopt_part(struct adoption *a, const struct stream_part *part,
		      struct error *err)
{
	switch (part->kind) {
	case PART_PREAMBLE:
		return 0;
	case PART_MESSAGE:
		return check_entry(a, part, err);
	case PART_BROKEN:
		if (part->seq != 0 && !a->settled)
			a->text->unsettled = true;
		else
			return keep_part(a, part->bytes, part->why, err);
		return 0;
	case PART_LOOSE:
		if (!a->settled)
			a->text->unsettled = true;
		else
			return adopt_loose(a, part, err);
		return 0;
	}
	return 0;
}

/* --- the text above the first entry --- */

/* Text that cannot be shared stays on the desk, file and all, until mended. */
static int take_preamble(struct adoption *a, struct span text, struct error *err)
{
	if (text.len <= LIMIT_PREAMBLE && text_is_utf8(text.p, text.len))
		return record_preamble(a->c->store, a->name, text, err);
	a->text->unsettled = true;
	return record_problem(a->c->store, "loose", a->entry->path,
			      "the text above the messages is no UTF-8 without "
			      "NUL, or over 256 KiB; the file is left as it is",
			      err);
}

static int adopt_preamble(struct adoption *a, struct error *err)
{
	struct span here, known;
	struct buf usual = BUF_INIT;
	int rc = 0;

	/* somebody may have changed it in the version that is there now */
	if (a->entry->came_out || a->file.count == 0 ||
	    a->file.part[0].kind != PART_PREAMBLE)
		return 0;
	here = a->file.part[0].bytes;
	if (a->stream.preamble != NULL)
		stream_link_archive(&usual, span_str(a->stream.preamble), a->name,
				    a->stream.closed);
	else
		stream_write_preamble(&usual, a->name, a->stream.closed);
	known = text_trim(span_of(&usual));
	if (!span_equal(text_trim(here), known))
		rc = take_preamble(a, here, err);
	buf_release(&usual);
	return rc;
}

/* A file that was there at init, by hand: its text is the preamble, and stays
 * without marker line until publish writes it. */
static bool is_old_preamble(const struct adoption *a)
{
	struct buf here = BUF_INIT, known = BUF_INIT;
	bool same;

	if (a->file.marked || a->stream.preamble == NULL)
		return false;
	stream_link_archive(&here, span_of(&a->entry->bytes), a->name,
			    a->stream.closed);
	stream_link_archive(&known, span_str(a->stream.preamble), a->name,
			    a->stream.closed);
	same = span_equal(span_of(&here), span_of(&known));
	buf_release(&here);
	buf_release(&known);
	return same;
}

static int adopt_parts(struct adoption *a, struct error *err)
{
	if (is_old_preamble(a))
		return 0;
	if (settled(a->c, a->entry, &a->settled, err) == -1 ||
	    adopt_preamble(a, err) == -1)
		return -1;
	a->first = oldest_of_interest(a);
	a->last = a->stream.last;
	for (size_t i = 0; i < a->file.count; i++)
		if (adopt_part(a, &a->file.part[i], err) == -1)
			return -1;
	if (a->text->loose.len == 0 && !a->text->unsettled)
		return record_problem_over(a->c->store, "loose", a->entry->path,
					   err);
	return 0;
}

/* What publish left, and a commit of ours carried, says nothing that is not in
 * the log. */
static int is_as_rendered(const struct cycle *c, const struct desk_entry *e,
			  bool *out, struct error *err)
{
	*out = false;
	return strcmp(e->oid, desk_published(c, e->path)) != 0 ? 0
		: view_version_known(c->store, e->path, e->oid, out, err);
}

static int says_nothing_new(struct cycle *c, const struct desk_entry *e,
			    struct error *err)
{
	return record_problem_over(c->store, "loose", e->path, err) == -1 ? -1 :
	       record_problem_over(c->store, "clock", e->path, err);
}

static int adopt_file(struct cycle *c, struct desk_entry *e,
		      struct stream_name name, const struct out_stream *streams,
		      size_t count, struct error *err)
{
	struct adoption a = { .c = c, .entry = e, .name = name };
	bool as_rendered;
	int rc;

	a.text = own_add(&c->own, e->path);
	if (is_as_rendered(c, e, &as_rendered, err) == -1)
		return -1;
	if (as_rendered)
		return says_nothing_new(c, e, err);
	for (size_t i = 0; i < count; i++)
		if (streams[i].name.to == name.to)
			a.stream = streams[i];
	if (a.stream.open_first == 0)
		a.stream.open_first = 1;
	stream_parse(span_of(&e->bytes), name, true, &a.file);
	rc = adopt_parts(&a, err);
	stream_file_release(&a.file);
	free(a.taken);
	return rc;
}

static bool is_own_stream(const struct cycle *c, const struct path_info *info)
{
	return info->kind == PATH_STREAM && info->computer == c->me.number &&
	       info->stream.to != c->me.number;
}

/* What came out when two programs wrote a file at once, or was never put in. */
static int take_left(struct cycle *c, struct desk_entry *e,
		     const struct out_stream *streams, size_t count,
		     struct error *err)
{
	struct loser loser = { .path = e->path, .text = span_of(&e->bytes),
			       .why = e->came_out ? "a program had the file open and wrote "
				       "into it after another version was put in its place"
				       : "two programs wrote the file at once" };
	struct desk_entry *now = desk_find(&c->desk, e->path);
	struct path_info info = path_classify(e->path);
	bool known;

	if (e->unreadable || e->done_with)
		return 0;
	if (view_desk_known(c->store, e->path, e->oid, &known, err) == -1)
		return -1;
	e->done_with = true;
	if (known || (now != NULL && strcmp(now->oid, e->oid) == 0))
		return 0;
	if (!is_own_stream(c, &info))
		return copies_keep(c, &loser, err);
	if (settled(c, e, &e->done_with, err) == -1)
		return -1;
	return e->done_with ? adopt_file(c, e, info.stream, streams, count, err)
			    : 0;
}

static int adopt_all(struct cycle *c, struct error *err)
{
	struct out_stream *streams = NULL;
	size_t count = 0;
	int rc = -1;

	if (view_out_streams(c->store, &streams, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < c->desk.files.count; i++) {
		struct desk_entry *e = &c->desk.files.entry[i];
		struct path_info info = path_classify(e->path);

		if (!is_own_stream(c, &info))
			continue;
		if (e->unreadable)
			own_add(&c->own, e->path)->unsettled = true;
		else if (adopt_file(c, e, info.stream, streams, count, err) == -1)
			goto out;
	}
	rc = 0;
out:
	out_streams_free(streams, count);
	return rc;
}

static int take_all_left(struct cycle *c, struct desk_files *left, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < left->count && rc == 0; i++) {
		struct out_stream *streams = NULL;
		size_t count = 0;

		rc = view_out_streams(c->store, &streams, &count, err);
		if (rc == 0)
			rc = take_left(c, &left->entry[i], streams,
				       count, err);
		out_streams_free(streams, count);
	}
	return rc;
}

int step_collect(struct cycle *c, struct error *err)
{
	if (cycle_begin(c, err) == -1 || heal_settle(c, err) == -1 ||
	    desk_read(c, err) == -1 || adopt_all(c, err) == -1 ||
	    take_all_left(c, &c->desk.left, err) == -1 ||
	    take_all_left(c, &c->desk.out, err) == -1)
		return -1;
	cycle_checkpoint(c, "collect");
	return cycle_end(c, err);
}
