/*
 * Files made by hand, as messages (import.h): which form a file has, and the
 * parts that come of it. local/old_mail.c reads a desk with it.
 */
#include "trine/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "extra.h"
#include "import_p.h"
#include "markdown.h"
#include "placeholder.h"
#include "trine/digest.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

enum { PLACE_LINES = 100 };	/* a place for a message is short */

/* The forms, in the order they are tried: the surest first. */
static const struct {
	enum import_format format;
	const char *name;
	bool (*is)(struct reading *r);
	void (*read)(struct reading *r);
} formats[] = {
	{ IMPORT_JSON, "JSON list", is_json, read_json },
	{ IMPORT_FRONT, "front matter", has_front, read_sections },
	{ IMPORT_HEADED, "heads of messages", has_heads, read_sections },
	{ IMPORT_BOXES, "check-boxes", has_boxes, read_boxes },
	{ IMPORT_DATED, "dated headings", has_dates, read_sections },
	{ IMPORT_WHOLE, "one message", is_whole, read_whole },
};

const char *import_format_name(enum import_format format)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (formats[i].format == format)
			return formats[i].name;
	return "no message";
}

static const char *const kinds[] = {
	[IMPORT_MESSAGE] = "a message",
	[IMPORT_ABOVE] = "above the first message",
	[IMPORT_BESIDE] = "beside the items",
	[IMPORT_PLACE] = "a place kept for a message",
	[IMPORT_UNKNOWN] = "no message in a form that is known",
	[IMPORT_TRINE] = "messages that trine reads itself",
	[IMPORT_BAD_BYTES] = "bytes that are not UTF-8, or a NUL",
	[IMPORT_BAD_JSON] = "no JSON that can be read",
	[IMPORT_TOO_LONG] = "beyond the 256 KiB of one message",
	[IMPORT_TOO_MANY] = "beyond the 20000 messages of one file",
	[IMPORT_NO_TEXT] = "text that cannot be a message",
};

const char *import_kind_text(enum import_kind kind)
{
	return kinds[kind];
}

bool import_kind_is_bad(enum import_kind kind)
{
	return kind >= IMPORT_BAD_BYTES;
}

/* ---- which files ---- */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcasecmp(name + len - n, suffix) == 0;
}

const char *import_refused(const char *path)
{
	static const struct { enum path_kind kind; const char *what; } ours[] = {
		{ PATH_STATUS, "a status" },
		{ PATH_ARCHIVE, "an archive that trine reads itself" },
		{ PATH_CONFLICT, "a version that lost" },
		{ PATH_FLEET, "the rules of the fleet" },
	};
	static const struct { const char *name, *what; } others[] = {
		{ "README.md", "a README" },
		{ "CLAUDE.md", "instructions that other tools load" },
		{ "AGENTS.md", "instructions that other tools load" },
		{ "GEMINI.md", "instructions that other tools load" },
	};
	static const char *const suffixes[] = {
		".md", ".markdown", ".txt", ".json",
	};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct path_info info = path_classify(path);
	bool segment = info.kind != PATH_ARCHIVE || info.segment != 0;

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (info.kind == ours[i].kind && segment)
			return ours[i].what;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcasecmp(name, others[i].name) == 0)
			return others[i].what;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (has_suffix(name, suffixes[i]))
			return NULL;
	return "no .md, .txt or .json";
}

/* ---- words ---- */

static const struct { const char *word, *state; } ended[] = {
	{ "complete", "COMPLETED" }, { "done", "COMPLETED" },
	{ "finished", "COMPLETED" }, { "closed", "COMPLETED" },
	{ "resolved", "COMPLETED" }, { "✅", "COMPLETED" },
	{ "fail", "FAILED" }, { "cancel", "FAILED" },
	{ "abandoned", "FAILED" }, { "rejected", "FAILED" },
};

const char *ended_state(struct span status)
{
	for (size_t i = 0; i < ARRAY_LEN(ended); i++) {
		size_t len = strlen(ended[i].word);

		if (status.len >= len &&
		    strncasecmp(status.p, ended[i].word, len) == 0)
			return ended[i].state;
	}
	return "";
}

/* ---- parts ---- */

static struct import_part *add_part(struct reading *r, size_t to,
				    enum import_kind kind)
{
	struct import_file *out = r->out;
	struct import_part *part;

	ARRAY_GROW(out->part, out->count, out->cap);
	part = &out->part[out->count++];
	*part = (struct import_part){
		.kind = kind,
		.bytes = { r->bytes.p + r->covered, to - r->covered },
		.message = MESSAGE_INIT,
	};
	r->covered = to;
	return part;
}

void import_absorb(struct reading *r, size_t to)
{
	struct import_file *out = r->out;

	if (out->count == 0 || to <= r->covered)
		return;
	out->part[out->count - 1].bytes.len += to - r->covered;
	r->covered = to;
}

/* Blank text belongs to the part before it, or else to the one behind it. */
void import_rest(struct reading *r, size_t to, enum import_kind kind)
{
	const struct import_file *out = r->out;
	size_t from = r->covered > r->from ? r->covered : r->from;
	struct span text = { r->bytes.p + from, to > from ? to - from : 0 };

	if (to <= r->covered)
		return;
	if (out->count > 0 &&
	    (text_is_blank(text) || out->part[out->count - 1].kind == kind))
		import_absorb(r, to);
	else if (!text_is_blank(text) || to == r->bytes.len)
		add_part(r, to, kind);
}

void draft_release(struct draft *d)
{
	said_release(&d->said);
	free(d->title);
	free(d->same);
	d->title = d->same = NULL;
}

/* ---- messages ---- */

/* Without the rules and blank lines at its end, which part it from the next. */
static struct span without_rules(struct span text)
{
	size_t len = text.len, start;

	for (; len > 0; len = start) {
		start = len - 1;
		while (start > 0 && text.p[start - 1] != '\n')
			start--;
		if (!line_only_parts((struct span){ text.p + start,
						    len - start }))
			break;
	}
	return stream_stretch((struct span){ text.p, len });
}

static void add_unix(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != '\r' || i + 1 == text.len ||
		    text.p[i + 1] != '\n')
			buf_addc(out, text.p[i]);
}

/* The front of TEXT that a body can hold: whole lines, if there are any. */
static struct span cut_body(struct span text)
{
	const char *lf;

	if (text.len < LIMIT_BODY)
		return text;
	text.len = text_cut(text.p, text.len, LIMIT_BODY - 1);
	lf = memrchr(text.p, '\n', text.len);
	if (lf != NULL)
		text.len = (size_t)(lf - text.p) + 1;
	return text;
}

/* The lines say who; the name of the file says so first. */
static struct stream_name stream_for(const struct reading *r,
				     const struct said *said)
{
	int from = r->name.from, to = r->name.to;

	if (from == IMPORT_NOBODY)
		from = import_end(said_get(said, SAID_FROM));
	if (to == IMPORT_NOBODY)
		to = import_end(said_get(said, SAID_TO));
	return (struct stream_name){
		from >= 1 ? from : END_HUMAN,
		to >= 1 ? to : END_ALL,
	};
}

static int64_t time_for(const struct said *said)
{
	struct buf both = BUF_INIT;
	int64_t time = 0;

	if (said_has(said, SAID_DATE))
		buf_adds(&both, said->text[SAID_DATE]);
	if (said_has(said, SAID_TIME))
		buf_printf(&both, " %s", said->text[SAID_TIME]);
	if (!import_time(span_of(&both), &time))
		time = 0;
	buf_release(&both);
	return time;
}

static void add_extra(struct message *m, const char *key, struct span value)
{
	char *text;

	if (value.len == 0)
		return;
	text = xmemdup(value.p, text_cut(value.p, value.len, SAID_MAX));
	extra_write(m, key, text);
	free(text);
}

static void add_extras(const struct reading *r, const struct said *said,
		       struct message *m)
{
	static const struct { const char *key; enum said_key said; } extras[] = {
		{ "said_from", SAID_FROM },
		{ "said_to", SAID_TO },
		{ "said_id", SAID_ID },
		{ "said_status", SAID_STATUS },
	};

	for (size_t i = 0; i < ARRAY_LEN(extras); i++)
		add_extra(m, extras[i].key, said_get(said, extras[i].said));
	add_extra(m, "origin", span_str(r->path));
}

/* Its stream and what it says; the last part comes when all are known. */
static void begin_id(struct import_part *part, const struct draft *d,
		     struct span text)
{
	char stream[STREAM_NAME], blob[BLOB_HEX];
	struct buf same = BUF_INIT;

	if (d->same != NULL)
		text = text_trim(span_str(d->same));
	add_unix(&same, text);
	if (same.len > 0 && same.data[same.len - 1] != '\n')
		buf_addc(&same, '\n');
	digest_blob(same.data, same.len, blob);
	snprintf(part->id, sizeof(part->id), "%s.~%.10s",
		 stream_name_format(part->message.stream, stream), blob);
	buf_release(&same);
}

static const char *state_for(const struct draft *d, const struct message *m)
{
	if (m->type != TYPE_TASK)
		return "";
	return d->ended ? "COMPLETED" :
	       ended_state(said_get(&d->said, SAID_STATUS));
}

static int fill_message(const struct reading *r, const struct draft *d,
			struct span body, struct import_part *part)
{
	struct error err = ERROR_INIT;
	struct message *m = &part->message;

	if (stream_adopt(body, m, &err) == -1)
		return -1;
	if (d->title != NULL) {
		free(m->title);
		m->title = xstrdup(d->title);
	}
	if (d->task || d->plain)
		m->type = d->task ? TYPE_TASK : TYPE_MESSAGE;
	stream_priority(said_get(&d->said, SAID_PRIORITY), &m->priority);
	m->stream = stream_for(r, &d->said);
	m->sent = time_for(&d->said);
	add_extras(r, &d->said, m);
	snprintf(part->state, sizeof(part->state), "%s", state_for(d, m));
	return message_check(m, &err);
}

static enum import_kind judge(const struct reading *r, const struct draft *d)
{
	struct span text = { r->bytes.p + d->from, d->to - d->from };

	if (r->out->messages >= LIMIT_IMPORTED)
		return IMPORT_TOO_MANY;
	return text_is_utf8(text.p, text.len) ? IMPORT_MESSAGE :
	       IMPORT_BAD_BYTES;
}

void import_message(struct reading *r, struct draft *d)
{
	struct span whole = without_rules((struct span){
		r->bytes.p + d->from, d->to - d->from });
	struct span front = cut_body(whole);
	enum import_kind kind = judge(r, d);
	struct buf body = BUF_INIT;
	struct import_part *part;
	size_t end = d->to;

	if (kind != IMPORT_MESSAGE) {
		import_rest(r, d->to, kind);
		goto out;
	}
	if (front.len < whole.len)
		end = (size_t)(front.p + front.len - r->bytes.p);
	part = add_part(r, end, kind);
	part->words = front;
	add_unix(&body, front);
	if (fill_message(r, d, span_of(&body), part) == 0) {
		begin_id(part, d, whole);
		r->out->messages++;
	} else {
		message_release(&part->message);
		part->kind = IMPORT_NO_TEXT;
	}
	import_rest(r, d->to, IMPORT_TOO_LONG);
out:
	buf_release(&body);
	draft_release(d);
}

/* ---- ids ---- */

static int compare_parts(const void *a, const void *b)
{
	const struct import_part *x = *(struct import_part *const *)a;
	const struct import_part *y = *(struct import_part *const *)b;
	int order = strcmp(x->id, y->id);

	if (order != 0)
		return order;
	return x->bytes.p < y->bytes.p ? -1 : x->bytes.p > y->bytes.p;
}

/* The same words twice in a file are two messages. */
static void finish_ids(struct import_file *f)
{
	struct import_part **by_id = xcalloc(f->messages, sizeof(*by_id));
	size_t count = 0, n = 1;

	for (size_t i = 0; i < f->count; i++)
		if (f->part[i].kind == IMPORT_MESSAGE)
			by_id[count++] = &f->part[i];
	if (count > 1)
		qsort(by_id, count, sizeof(*by_id), compare_parts);
	for (size_t i = 0; i < count; i++) {
		bool more = i + 1 < count &&
			    strcmp(by_id[i]->id, by_id[i + 1]->id) == 0;
		size_t len = strlen(by_id[i]->id);

		snprintf(by_id[i]->id + len, sizeof(by_id[i]->id) - len, ".%zu",
			 n);
		n = more ? n + 1 : 1;
	}
	free(by_id);
}

/* ---- the whole file ---- */

/* Of a stream of trine's only what stands above its messages: not its line, and
 * not the link to the archive right above that. */
static size_t end_of_preamble(struct span bytes)
{
	static const char marker[] = "<!-- trine:messages";
	static const char archive[] = "<!-- trine:archive -->";
	struct span line;
	size_t pos = 0, end = 0;

	while (text_line(bytes, &pos, &line)) {
		if (text_starts(line, marker))
			return end;
		if (!text_is_blank(line) &&
		    memmem(line.p, line.len, archive, strlen(archive)) == NULL)
			end = pos;
	}
	return bytes.len;
}

static bool is_marked(const char *path, struct span bytes)
{
	struct path_info info = path_classify(path);
	struct span line;
	size_t pos = 0;

	if (info.kind != PATH_STREAM && info.kind != PATH_HUMAN)
		return false;
	while (text_line(bytes, &pos, &line))
		if (text_starts(line, "<!-- trine:messages"))
			return true;
	return false;
}

static enum import_kind kind_of_none(const struct reading *r)
{
	for (size_t n = 0; n < r->lines.count && n < PLACE_LINES; n++) {
		const struct line *line = &r->lines.item[n];

		if ((line->kind == LINE_HEADING || line->kind == LINE_TEXT) &&
		    placeholder_line(line->text))
			return IMPORT_PLACE;
	}
	if (!text_is_utf8(r->bytes.p + r->from, r->to - r->from))
		return IMPORT_BAD_BYTES;
	return IMPORT_UNKNOWN;
}

void import_read(const char *path, struct span bytes, struct import_file *out)
{
	struct reading r = { .path = path, .bytes = bytes, .out = out };

	*out = (struct import_file){ .format = IMPORT_NONE };
	out->marked = is_marked(path, bytes);
	r.from = text_starts(bytes, TEXT_MARK) ? strlen(TEXT_MARK) : 0;
	r.to = out->marked ? end_of_preamble(bytes) : bytes.len;
	by_name_read(path, &r.name);
	lines_read(bytes, r.from, r.to, &r.lines);
	for (size_t i = 0; i < ARRAY_LEN(formats) && out->messages == 0 &&
	     r.covered == 0; i++)
		if (formats[i].is(&r)) {
			out->format = formats[i].format;
			formats[i].read(&r);
		}
	if (out->messages == 0)
		out->format = IMPORT_NONE;
	if (r.covered < r.to)
		import_rest(&r, r.to, kind_of_none(&r));
	import_rest(&r, bytes.len, IMPORT_TRINE);
	finish_ids(out);
	lines_release(&r.lines);
	free(r.start);
}

void import_file_release(struct import_file *f)
{
	for (size_t i = 0; i < f->count; i++)
		message_release(&f->part[i].message);
	free(f->part);
	*f = (struct import_file){ .format = IMPORT_NONE };
}
