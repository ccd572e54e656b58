/*
 * A log that is damaged (store_repair.h): made whole again around what is lost.
 *
 * First the parts: each must be as long as the one behind it says. Then the lines,
 * from the first to the last. What cannot be read is kept aside, and blanks are
 * written over it: nothing behind it moves, so that every offset stays what it was,
 * and a repair that is killed is done again from where it was. What is behind the last
 * transaction whose end is there goes with one cut, for the same reason: with half of it
 * gone, the next open would take the rest for what a killed writer left.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/append.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/store_repair.h"
#include "trine/text.h"

enum { LOCK_WAIT_MS = 10 * 1000 };

struct repair {
	struct log log;
	struct log_repair *out;
	const char *dir;
	struct clock *clock;
	uint64_t seq;		/* of the last good line, */
	unsigned part;		/* and its part */
	size_t parts_lost;	/* losses of parts; those of lines come behind, */
	size_t found;		/* and these are since the last good line */
	struct log_repair known;	/* what earlier repairs found lost */
};

/* Where the log ends, and what is behind that. */
struct end {
	uint64_t whole;		/* transactions that have their last line end here; */
	uint64_t durable;	/* from here on nothing was ever written to its end */
};

/* Where in the log a line is. */
struct place {
	char *path;
	unsigned part;
	uint64_t start;		/* of the part */
	uint64_t line;		/* in it */
};

/* ---- what is lost ---- */

static struct log_loss *add_loss(struct log_repair *r, char *path, uint64_t line,
				 uint64_t from, uint64_t len)
{
	ARRAY_GROW(r->loss, r->count, r->cap);
	r->loss[r->count] = (struct log_loss){ .path = path, .line = line,
					       .from = from, .len = len };
	return &r->loss[r->count++];
}

void log_repair_release(struct log_repair *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->loss[i].path);
	free(r->loss);
	free(r->kept);
	*r = (struct log_repair){ 0 };
}

static int keep_aside(struct repair *r, struct span bytes, struct error *err)
{
	char time[TIME_TEXT];
	int fd, rc;

	if (r->out->kept == NULL)
		r->out->kept = xasprintf("%s/event-log.damaged-%s", r->dir,
			time_compact(r->clock->now(r->clock), time));
	fd = append_open(r->out->kept, err);
	if (fd == -1)
		return -1;
	rc = file_append(fd, bytes, err);
	append_close(fd);
	return rc;
}

/* LEN bytes of a file from OFFSET on. */
static int keep_bytes(struct repair *r, const char *path, uint64_t offset, uint64_t len,
		      struct error *err)
{
	int fd = append_look(path, err), rc = -1;
	char bytes[4096];
	size_t got = 1;

	if (fd == -1)
		return -1;
	for (; len > 0 && got > 0; offset += got, len -= got) {
		size_t want = len < sizeof(bytes) ? (size_t)len : sizeof(bytes);

		if (append_read(fd, offset, bytes, want, &got, err) == -1 ||
		    (got > 0 && keep_aside(r, (struct span){ bytes, got }, err) == -1))
			goto out;
	}
	rc = 0;
out:
	append_close(fd);
	return rc;
}

/* ---- the parts ---- */

struct part {
	char *path;
	bool there, knows;	/* the file; what its first line says of START */
	uint64_t size, start;
};

/* A file of the log by itself, whatever is before it. */
static int look_inside(const char *path, struct log *out, struct error *err)
{
	*out = (struct log){ .path = xstrdup(path) };
	out->fd = append_look(path, err);
	return out->fd == -1 ? -1 : 0;
}

/* Where it says that it starts, if it can still say so. */
static int ask_part(struct part *p, struct error *err)
{
	struct log_start start;
	struct log_line line;
	struct log_reader r;
	struct log log;
	int rc = -1;

	if (look_inside(p->path, &log, err) == 0 && log_read(&r, &log, 0, err) == 0) {
		rc = log_next(&r, &line, err) == -1 ? -1 : 0;
		if (rc == 0 && log_line_start(&line, &start)) {
			p->knows = true;
			p->start = start.offset;
		}
		p->size = r.end;
		log_reader_release(&r);
	}
	log_close(&log);
	return rc;
}

/* One that is there and cannot be read is left alone: it may be whole. */
static int find_parts(struct repair *r, struct part *part, unsigned count,
		      struct error *err)
{
	for (unsigned n = 1; n < count; n++) {
		part[n].path = log_part_path(&r->log, n, ".jsonl");
		part[n].there = file_exists(part[n].path);
		if (part[n].there && ask_part(&part[n], err) == -1)
			return -1;
	}
	part[1].knows = true;
	part[1].start = 0;
	part[count].start = r->log.start.offset;
	return 0;
}

/* Where part N starts, which cannot say so itself: before what it has, or behind what
 * the nearest one before it has. */
static uint64_t guess_start(const struct part *part, unsigned n)
{
	uint64_t end = part[n + 1].start;
	unsigned before = n - 1;

	if (part[n].there)
		return part[n].size < end ? end - part[n].size : 0;
	while (before > 0 && !part[before].there)
		before--;
	if (before > 0 && !part[before].knows)
		return end;
	end = before > 0 ? part[before].start + part[before].size : 0;
	return end < part[n + 1].start ? end : part[n + 1].start;
}

/* As long as it was: blanks for what is missing, and nothing behind it. */
static int mend_part(struct repair *r, struct part *part, unsigned n,
		     struct error *err)
{
	struct part *p = &part[n];
	uint64_t size = part[n + 1].start - p->start;
	int fd, rc;

	if (p->there && p->size == size)
		return 0;
	if (!p->there || p->size < size) {
		add_loss(r->out, xstrdup(p->path), 0, p->size, size - p->size);
		return append_blank(p->path, p->size, size - p->size, err);
	}
	add_loss(r->out, xstrdup(p->path), 0, size, p->size - size);
	if (keep_bytes(r, p->path, size, p->size - size, err) == -1)
		return -1;
	fd = append_open(p->path, err);
	rc = fd != -1 && append_cut(fd, size, err) == 0 ? append_sync(fd, err) : -1;
	append_close(fd);
	return rc;
}

static int mend_parts(struct repair *r, struct error *err)
{
	unsigned count = r->log.start.part;
	struct part *part = xcalloc(count + 1, sizeof(*part));
	int rc = find_parts(r, part, count, err);

	for (unsigned n = count - 1; n >= 1 && rc == 0; n--) {
		if (!part[n].knows || part[n].start > part[n + 1].start)
			part[n].start = guess_start(part, n);
		rc = mend_part(r, part, n, err);
	}
	for (unsigned n = 1; n < count; n++)
		free(part[n].path);
	free(part);
	return rc;
}

/* ---- a last part that does not say what is before it ---- */

static unsigned last_closed(const struct repair *r)
{
	struct error none = ERROR_INIT;
	struct list names = LIST_INIT;
	unsigned last = 0;

	file_list(r->log.folder, &names, &none);
	for (size_t i = 0; i < names.count; i++) {
		struct span name = span_str(names.item[i]);
		uint64_t number;

		if (name.len != strlen("000001.jsonl") ||
		    strcmp(name.p + 6, ".jsonl") != 0)
			continue;
		name.len = 6;
		if (text_number(name, &number) && number > last)
			last = (unsigned)number;
	}
	list_release(&names);
	return last;
}

/* The last good line of the part before, and how its own first line began. */
static int ask_before(const char *path, struct log_start *out, uint64_t *seq,
		      struct error *err)
{
	struct log_start own = { .part = 1 };
	struct log_line line;
	struct log_reader reader;
	struct log log;
	int rc = -1;

	if (look_inside(path, &log, err) == -1 ||
	    log_read(&reader, &log, 0, err) == -1)
		goto out;
	while ((rc = log_next(&reader, &line, err)) == 1) {
		if (line.damaged)
			continue;
		log_line_start(&line, &own);
		*seq = line.seq;
		memcpy(out->before, line.crc, sizeof(out->before));
	}
	out->offset = own.offset + reader.end;
	log_reader_release(&reader);
out:
	log_close(&log);
	return rc;
}

static void write_start(struct repair *r, const struct log_start *start,
			uint64_t seq, struct buf *out)
{
	struct buf json = BUF_INIT;
	char time[TIME_TEXT], crc[LOG_CRC];

	buf_printf(&json, "{\"seq\":%llu,\"time\":\"%s\",\"type\":\"" LOG_CONTINUED
		   "\",\"actor\":\"trine\",\"part\":%u,\"start\":%llu,"
		   "\"before\":\"%s\"}", (unsigned long long)seq,
		   time_format(r->clock->now(r->clock), time), start->part,
		   (unsigned long long)start->offset, start->before);
	log_write_line(out, span_of(&json), 1, 1, crc);
	buf_release(&json);
}

/* Its first good line behind SEQ, and all from there on. */
static int add_good_lines(struct repair *r, uint64_t seq, struct buf *out,
			  struct error *err)
{
	struct log own = r->log;
	struct log_line line;
	struct log_reader reader;
	bool good = false;
	int rc;

	own.start = (struct log_start){ .part = 1 };
	if (log_read(&reader, &own, 0, err) == -1)
		return -1;
	while ((rc = log_next(&reader, &line, err)) == 1) {
		good = good || (!line.damaged && line.seq > seq);
		if (!good && keep_aside(r, line.text, err) == -1)
			break;
		if (!good)
			add_loss(r->out, xstrdup(r->log.path), 1, line.offset,
				 line.text.len);
		if (good)
			buf_add(out, line.text.p, line.text.len);
		if (good)
			buf_addc(out, '\n');
	}
	log_reader_release(&reader);
	/* nobody can say what an empty file had */
	if (rc == 0 && r->out->count == 0)
		add_loss(r->out, xstrdup(r->log.path), 0, 0, 0);
	return rc == 0 ? 0 : -1;
}

/* What that line said is known from what is in the folder; all but the copy. */
static int mend_start(struct repair *r, struct error *err)
{
	struct log_start start = { .part = last_closed(r) + 1 };
	char *before = xasprintf("%s/%06u.jsonl", r->log.folder, start.part - 1);
	struct buf bytes = BUF_INIT;
	uint64_t seq = 0;
	int rc = -1;

	if (ask_before(before, &start, &seq, err) == 0) {
		write_start(r, &start, seq + 1, &bytes);
		if (add_good_lines(r, seq + 1, &bytes, err) == 0 &&
		    file_write(r->log.path, span_of(&bytes), 0600, err) == 0)
			rc = log_renew(&r->log, err);
	}
	free(before);
	buf_release(&bytes);
	return rc;
}

/* ---- the lines ---- */

/* Those of the log before this repair that are known to be lost. */
static void learn_known(struct repair *r, const struct log_line *line)
{
	struct fields fields = FIELDS_INIT;

	if (!span_is(line->type, "log.repaired"))
		return;
	FOR_FIELDS(get_list(fields_read(&fields, line->text), "lost"), one) {
		struct log_loss *loss = add_loss(&r->known, NULL, 0, 0, 0);

		loss->first = (uint64_t)get_number(one, "first");
		loss->last = (uint64_t)get_number(one, "last");
	}
	fields_release(&fields);
}

static bool is_known(const struct repair *r, const struct log_loss *loss)
{
	for (size_t i = 0; i < r->known.count; i++)
		if (r->known.loss[i].first <= loss->first &&
		    r->known.loss[i].last >= loss->last)
			return true;
	return false;
}

/* Of the parts from that of the last good line on: one that was not as long as it
 * must be. */
static struct log_loss *lost_part(struct repair *r, unsigned upto)
{
	for (unsigned n = r->part; n < upto; n++) {
		char *path = log_part_path(&r->log, n, ".jsonl");
		size_t i = 0;

		while (i < r->parts_lost &&
		       strcmp(r->out->loss[i].path, path) != 0)
			i++;
		free(path);
		if (i < r->parts_lost)
			return &r->out->loss[i];
	}
	return NULL;
}

/* Events between two good lines belong to the damage that was found there, or to
 * what is just not there any more. */
static void miss_events(struct repair *r, const struct log_line *line,
			const struct place *at)
{
	uint64_t first = r->seq + 1, last = line->seq - 1;
	struct log_loss *loss = NULL;

	if (first <= last) {
		if (r->found < r->out->count)
			loss = &r->out->loss[r->found];
		if (loss == NULL)
			loss = lost_part(r, at->part);
		if (loss == NULL)
			loss = add_loss(r->out, xstrdup(at->path), at->line,
					line->offset - at->start, 0);
		loss->first = first;
		loss->last = last;
	}
	r->found = r->out->count;
	r->part = at->part;
	r->seq = line->seq;
}

/* Lines that follow each other are one loss. */
static void lose_line(struct repair *r, const struct place *at, uint64_t from,
		      uint64_t len)
{
	struct log_loss *last = r->found < r->out->count ?
				&r->out->loss[r->out->count - 1] : NULL;

	if (last != NULL && last->from + last->len == from &&
	    strcmp(last->path, at->path) == 0)
		last->len += len;
	else
		add_loss(r->out, xstrdup(at->path), at->line, from, len);
}

/* The bytes of a line that cannot be read, and its LF. */
static int leave_out(struct repair *r, const struct place *at,
		     const struct log_line *line, struct error *err)
{
	uint64_t from = line->offset - at->start;
	uint64_t len = line->next - line->offset;

	lose_line(r, at, from, len);
	if (keep_aside(r, (struct span){ line->text.p, (size_t)len }, err) == -1)
		return -1;
	return append_blank(at->path, from, len, err);
}

static void arrive(struct repair *r, struct place *at,
		   const struct log_part *part)
{
	at->line++;
	if (part->number == at->part)
		return;
	free(at->path);
	*at = (struct place){ log_part_path(&r->log, part->number, ".jsonl"),
			      part->number, part->start, 1 };
}

static int take_line(struct repair *r, const struct place *at,
		     const struct log_line *line, struct error *err)
{
	if (line->damaged || line->seq <= r->seq)
		return leave_out(r, at, line, err);
	learn_known(r, line);
	miss_events(r, line, at);
	r->out->events++;
	return 0;
}

/* What a killed writer left at the end never happened. But where damage stands between
 * its lines nobody can say whose they are: then only what is torn counts as that. */
static int find_end(struct repair *r, struct end *out, struct error *err)
{
	struct log_inside in = { 0 };
	bool torn = false, bad = false;	/* BAD: damage, since that began */
	struct log_reader reader;
	struct log_line line;
	uint64_t seq = 0;
	int rc;

	*out = (struct end){ .whole = r->log.start.offset };
	if (log_read(&reader, &r->log, 0, err) == -1)
		return -1;
	while ((rc = log_next(&reader, &line, err)) == 1) {
		if (line.damaged)
			rc = log_is_torn(&r->log, &in, &line, &torn, err);
		if (rc == -1 || torn)
			break;
		if (line.damaged || line.seq <= seq) {
			bad = true;
			in.left -= in.left > 0;
			continue;
		}
		bad = line.nth > 1 && (bad || line.seq != seq + 1);
		seq = line.seq;
		log_inside_next(&in, &line);
		if (in.left == 0 && line.next > out->whole)
			out->whole = line.next;
	}
	out->durable = torn ? line.offset : reader.end;
	if (in.left > 0 && !bad)
		out->durable = in.begun;
	log_reader_release(&reader);
	return rc;
}

/* LINE is the first one behind the last whole transaction. The end of what was durable
 * there is damaged: none of it can be done, and all of it is lost with that. */
static int cut_end(struct repair *r, const struct place *at, const struct log_line *line,
		   const struct end *end, struct error *err)
{
	uint64_t from = line->offset - at->start;

	if (line->offset < end->durable) {
		uint64_t len = end->durable - line->offset;

		lose_line(r, at, from, len);
		if (keep_bytes(r, at->path, from, len, err) == -1)
			return -1;
	}
	return log_cut(&r->log, end->whole, err);
}

static int mend_lines(struct repair *r, struct error *err)
{
	struct place at = { 0 };
	struct log_reader reader;
	struct log_line line;
	struct end end;
	int rc;

	r->found = r->parts_lost = r->out->count;
	if (find_end(r, &end, err) == -1 || log_read(&reader, &r->log, 0, err) == -1)
		return -1;
	while ((rc = log_next(&reader, &line, err)) == 1) {
		arrive(r, &at, &reader.part);
		if (line.offset >= end.whole)
			break;
		rc = take_line(r, &at, &line, err);
		if (rc == -1)
			break;
	}
	if (rc == 1)
		rc = cut_end(r, &at, &line, &end, err);
	else if (rc == 0 && reader.end > end.whole)
		rc = log_cut(&r->log, end.whole, err);	/* blanks */
	free(at.path);
	log_reader_release(&reader);
	return rc;
}

static void forget_known(struct repair *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->out->count; i++) {
		struct log_loss *loss = &r->out->loss[i];

		if (loss->len == 0 && is_known(r, loss))
			free(loss->path);
		else
			r->out->loss[kept++] = *loss;
	}
	r->out->count = kept;
}

static int mend_log(struct repair *r, struct error *err)
{
	int rc = log_open(&r->log, r->dir, err);

	if (rc == -1 && (r->log.fd == -1 || err->code != ERR_DATA ||
			 mend_start(r, err) == -1))
		return -1;
	if (mend_parts(r, err) == -1 || mend_lines(r, err) == -1)
		return -1;
	forget_known(r);
	return 0;
}

/* ---- what is said of it ---- */

static json_t *lost_json(const struct log_repair *out)
{
	json_t *all = json_array();

	for (size_t i = 0; i < out->count; i++) {
		const struct log_loss *l = &out->loss[i];
		json_t *one = json_object();

		put_text(one, "path", l->path);
		put_number(one, "line", l->line);
		put_number(one, "from", l->from);
		put_number(one, "len", l->len);
		put_number(one, "first", l->first);
		put_number(one, "last", l->last);
		json_array_append_new(all, one);
	}
	return all;
}

static int record_repair(struct store *s, const struct log_repair *out,
			 struct error *err)
{
	json_t *fields;

	if (out->count == 0)
		return record_problem_over(s, "log", "", err);
	fields = json_object();
	put_text(fields, "kept", out->kept);
	json_object_set_new(fields, "lost", lost_json(out));
	if (event_record(s, "log.repaired", fields, err) == -1)
		return -1;
	return record_problem(s, "log", "", "the event log was damaged, and what "
			      "could not be read was left out: `trine log --type "
			      "log.repaired --json` has it, and the next `trine "
			      "repair` ends this", err);
}

static int renew_and_record(struct repair *r, struct error *err)
{
	struct store *s;
	int rc;

	if (store_open_anew(&s, r->dir, r->clock, err) == -1)
		return -1;
	rc = store_begin(s, err);
	if (rc == 0)
		rc = store_end(s, record_repair(s, r->out, err), err);
	store_close(s);
	return rc;
}

int store_repair(const char *dir, struct clock *clock, struct log_repair *out,
		 struct error *err)
{
	struct repair r = { .log = { .fd = -1 }, .out = out, .dir = dir,
			    .clock = clock };
	char *path = xasprintf("%s/event-log.lock", dir);
	int lock = file_lock(path, LOCK_WAIT_MS, err);
	int rc = -1;

	*out = (struct log_repair){ 0 };
	if (lock != -1) {
		rc = mend_log(&r, err);
		log_close(&r.log);
		log_repair_release(&r.known);
		file_unlock(lock);
	}
	free(path);
	return rc == 0 ? renew_and_record(&r, err) : -1;
}
