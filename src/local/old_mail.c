/*
 * Old messages of one desk (old_mail.h): which files are read, and what of them
 * is new here. cli/cmd_import.c shows and records them, cli/cmd_init.c counts.
 */
#include "trine/old_mail.h"

#include <stdlib.h>
#include <string.h>

#include "old_mail_p.h"
#include "trine/disk.h"
#include "trine/mem.h"
#include "trine/template.h"
#include "trine/text.h"

/* What is read is kept in memory: files behind this much are named, and wait
 * for a run of their own. */
enum { LIMIT_BYTES = 256 * 1024 * 1024 };

struct search {
	struct home *h;
	struct disk disk;
	struct list wanted;	/* "" is all */
	bool *found;		/* of each */
	struct out_stream *stream;
	size_t streams;
	size_t bytes;
	struct old_mail *out;
};

/* ---- which files ---- */

/* PATH below the real path of the desk: *OUT; false if it is elsewhere. */
static bool below_desk(const char *desk, const char *path, char **out)
{
	struct error absent = ERROR_INIT;
	char *real = file_real(path, &absent);
	size_t len = strlen(desk);
	bool is = real != NULL && strncmp(real, desk, len) == 0 &&
		  (real[len] == '\0' || real[len] == '/');

	if (is)
		*out = xstrdup(real + len + (real[len] == '/'));
	free(real);
	return is;
}

static int add_wanted(struct search *s, const char *desk, const char *path,
		      struct error *err)
{
	char *there = xasprintf("%s/%s", desk, path), *below = NULL;
	bool is = *path != '\0' && (below_desk(desk, path, &below) ||
				    below_desk(desk, there, &below));

	free(there);
	if (!is)
		return error_set(err, ERR_NOTFOUND, "\"%s\" is no file or "
				 "folder of the desk %s", path, desk);
	list_take(&s->wanted, below);
	return 0;
}

static int want(struct search *s, char *const *paths, size_t count,
		struct error *err)
{
	struct error absent = ERROR_INIT;
	char *desk = file_real(s->h->desk, &absent);
	int rc = 0;

	if (count == 0)
		list_add(&s->wanted, "");
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = add_wanted(s, desk ? desk : s->h->desk, paths[i], err);
	s->found = xcalloc(s->wanted.count, sizeof(*s->found));
	free(desk);
	return rc;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (len == 0 || path[len] == '/');
}

static bool is_wanted(struct search *s, const char *path, bool *asked)
{
	bool any = false;

	*asked = false;
	for (size_t i = 0; i < s->wanted.count; i++) {
		bool same = strcmp(s->wanted.item[i], path) == 0;

		if (!same && !is_below(path, s->wanted.item[i]))
			continue;
		s->found[i] = any = true;
		*asked = *asked || same;
	}
	return any;
}

/* ---- one file ---- */

static void leave(struct old_file *f, enum old_fate fate, const char *why)
{
	f->fate = fate;
	free(f->why);
	f->why = xstrdup(why);
	import_file_release(&f->read);
	buf_release(&f->bytes);
}

/* What holds no message needs no memory. The last part tells why there is none,
 * but for a stream of trine's own: there it is the one above that. */
static void leave_empty(struct old_file *f)
{
	enum import_kind kind = IMPORT_UNKNOWN;
	bool ours = false;

	for (size_t i = 0; i < f->read.count; i++) {
		if (f->read.part[i].kind == IMPORT_TRINE)
			ours = true;
		else
			kind = f->read.part[i].kind;
	}
	if (ours && (kind == IMPORT_UNKNOWN || kind <= IMPORT_BESIDE))
		leave(f, OLD_OURS, import_kind_text(IMPORT_TRINE));
	else
		leave(f, import_kind_is_bad(kind) ? OLD_UNREAD : OLD_EMPTY,
		      import_kind_text(kind));
}

static bool is_template(const struct old_file *f)
{
	for (size_t i = 0; i < template_count; i++)
		if (strcmp(template_files[i].path, f->path) == 0)
			return span_equal(span_of(&f->bytes), (struct span){
				template_files[i].bytes, template_files[i].len });
	return false;
}

/* A file of our own stream made by hand since `init` is mail about to go out;
 * one that was there before has become the text above the messages. */
static bool is_going_out(const struct search *s, const struct old_file *f)
{
	struct path_info info = path_classify(f->path);

	if (info.kind != PATH_STREAM || info.computer != s->h->number ||
	    f->read.marked)
		return false;
	for (size_t i = 0; i < s->streams; i++)
		if (s->stream[i].name.from == info.stream.from &&
		    s->stream[i].name.to == info.stream.to)
			return s->stream[i].preamble == NULL;
	return true;
}

static void read_one(struct search *s, struct old_file *f,
		     const struct file_info *info)
{
	const char *refused = import_refused(f->path);
	struct error failed = ERROR_INIT;

	if (!text_is_utf8(f->path, strlen(f->path)))
		leave(f, OLD_UNREAD, "a name that is not UTF-8");
	else if (refused != NULL)
		leave(f, OLD_OURS, refused);
	else if (!info->regular)
		leave(f, OLD_UNREAD, "no regular file");
	else if (info->size > LIMIT_FILE)
		leave(f, OLD_UNREAD, "over 1 MiB");
	else if (s->bytes > LIMIT_BYTES)
		leave(f, OLD_UNREAD, "too much at once: give its path");
	else if (s->disk.read(&s->disk, f->path, &f->bytes, NULL,
			      &failed) == -1)
		leave(f, OLD_UNREAD, failed.text);
	else if (is_template(f))
		leave(f, OLD_OURS, "of the template");
	else
		import_read(f->path, span_of(&f->bytes), &f->read);
	if (f->fate == OLD_READ && is_going_out(s, f))
		leave(f, OLD_UNREAD, "text that the next `trine sync` sends");
	s->bytes += f->bytes.len;
	if (f->fate == OLD_READ && f->read.messages == 0)
		leave_empty(f);
}

static int scan(void *arg, const char *path, const struct file_info *info)
{
	struct search *s = arg;
	struct old_file *f;
	const char *slash = strrchr(path, '/');
	bool asked;

	if (!is_wanted(s, path, &asked) || info->directory ||
	    (slash ? slash[1] : path[0]) == '.')
		return 0;
	ARRAY_GROW(s->out->file, s->out->count, s->out->cap);
	f = &s->out->file[s->out->count++];
	*f = (struct old_file){ .path = xstrdup(path), .bytes = BUF_INIT,
				.asked = asked };
	read_one(s, f, info);
	return 0;
}

static int check_found(const struct search *s, struct error *err)
{
	for (size_t i = 0; i < s->wanted.count; i++)
		if (!s->found[i] && s->wanted.item[i][0] != '\0')
			return error_set(err, ERR_NOTFOUND, "%s holds no file",
					 s->wanted.item[i]);
	return 0;
}

/* ---- what is known ---- */

static int compare_parts(const void *a, const void *b)
{
	const struct import_part *x = *(struct import_part *const *)a;
	const struct import_part *y = *(struct import_part *const *)b;

	return strcmp(x->id, y->id);
}

/* All messages, in the order of their ids and, among equals, of the files. */
static struct import_part **sort_parts(struct old_mail *m)
{
	struct import_part **by_id = xcalloc(m->messages, sizeof(*by_id));
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++)
		for (size_t k = 0; k < m->file[i].read.count; k++)
			if (m->file[i].read.part[k].kind == IMPORT_MESSAGE)
				by_id[count++] = &m->file[i].read.part[k];
	if (count > 1)
		qsort(by_id, count, sizeof(*by_id), compare_parts);
	return by_id;
}

static int is_recorded(struct store *s, const char *id, bool *out,
		       struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;

	f.id = id;
	return view_any_record(s, f, out, err);
}

/* The same words in two files are one message, of the first of them. */
static int mark_known(struct home *h, struct old_mail *m, struct error *err)
{
	struct import_part **by_id;
	int rc = 0;

	m->messages = m->known = 0;
	for (size_t i = 0; i < m->count; i++)
		m->messages += m->file[i].read.messages;
	by_id = sort_parts(m);
	for (size_t i = 0; i < m->messages && rc == 0; i++) {
		rc = is_recorded(h->store, by_id[i]->id, &by_id[i]->known, err);
		if (i > 0 && strcmp(by_id[i - 1]->id, by_id[i]->id) == 0)
			by_id[i]->known = true;
		m->known += by_id[i]->known;
	}
	free(by_id);
	return rc;
}

/* Parts that history took for mail of now are no old messages. */
static void drop_what_reaches_us(struct old_mail *m)
{
	m->messages = 0;
	for (size_t i = 0; i < m->count; i++) {
		struct old_file *f = &m->file[i];
		size_t left = 0;

		for (size_t k = 0; k < f->read.count; k++)
			left += f->read.part[k].kind == IMPORT_MESSAGE;
		if (left == 0 && f->fate == OLD_READ)
			leave_empty(f);
		else
			f->read.messages = left;
		m->messages += left;
	}
}

/* ---- the desk ---- */

int old_mail_find(struct home *h, char *const *paths, size_t count,
		  struct old_mail *out, struct error *err)
{
	struct search s = { .h = h, .out = out, .wanted = LIST_INIT };
	int rc = -1;

	*out = (struct old_mail){ 0 };
	disk_open(&s.disk, h->desk);
	if (want(&s, paths, count, err) == -1 ||
	    view_out_streams(h->store, &s.stream, &s.streams, err) == -1)
		goto out;
	if (s.disk.list(&s.disk, NULL, scan, &s, err) == -1)
		goto out;
	if (check_found(&s, err) == -1 || mark_known(h, out, err) == -1)
		goto out;
	if (old_mail_ask_history(h, out, err) == -1)
		goto out;
	drop_what_reaches_us(out);
	rc = 0;
out:
	out_streams_free(s.stream, s.streams);
	list_release(&s.wanted);
	free(s.found);
	disk_close(&s.disk);
	return rc;
}

static int record_file(struct store *s, const struct old_file *f,
		       struct error *err)
{
	bool added;

	for (size_t i = 0; i < f->read.count; i++) {
		const struct import_part *part = &f->read.part[i];

		if (part->kind == IMPORT_MESSAGE && !part->known &&
		    record_imported(s, part->id, &part->message, part->state,
				    &added, err) == -1)
			return -1;
	}
	return 0;
}

int old_mail_import(struct home *h, const struct old_mail *m,
		    struct error *err)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->file[i].read.messages == 0)
			continue;
		if (store_begin(h->store, err) == -1)
			return -1;
		if (record_file(h->store, &m->file[i], err) == -1) {
			store_abort(h->store);
			return -1;
		}
		if (store_commit(h->store, err) == -1)
			return -1;
	}
	return 0;
}

void old_mail_release(struct old_mail *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct old_file *f = &m->file[i];

		import_file_release(&f->read);
		buf_release(&f->bytes);
		free(f->path);
		free(f->why);
	}
	free(m->file);
	*m = (struct old_mail){ 0 };
}
