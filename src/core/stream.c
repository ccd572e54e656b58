/*
 * Stream files, from bytes to parts and back (stream.h). Collect reads our own
 * here, receive those of the others; sync/own.c renders with the writers below.
 */
#include "trine/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static const char marker[] = "<!-- trine:messages";
static const char archive_marker[] = "<!-- trine:archive -->";

struct end_line {
	struct span id;
	size_t at;		/* offset of the line */
	size_t behind;		/* offset of the next one */
};

struct parser {
	struct span bytes;
	struct stream_name name;
	struct end_line *end;	/* all end lines, by id, then place */
	size_t ends, ends_cap;
	struct stream_file *out;
};

/* ---- end lines: found by bisection, so that no file takes quadratic time ---- */

static int compare_ids(struct span a, struct span b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static int compare_end_lines(const void *a, const void *b)
{
	const struct end_line *x = a, *y = b;
	int c = compare_ids(x->id, y->id);

	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static void index_end_lines(struct parser *p)
{
	struct span line, id;
	size_t pos = 0, start = 0;

	for (; text_line(p->bytes, &pos, &line); start = pos)
		if (message_end_line(line, &id)) {
			ARRAY_GROW(p->end, p->ends, p->ends_cap);
			p->end[p->ends++] = (struct end_line){ id, start, pos };
		}
	if (p->ends > 1)
		qsort(p->end, p->ends, sizeof(*p->end), compare_end_lines);
}

/* The first end line of ID at FROM or behind it; NULL if there is none. */
static const struct end_line *find_end(const struct parser *p, const char *id,
				       size_t from)
{
	struct end_line want = { span_str(id), from, 0 };
	size_t low = 0, high = p->ends;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_end_lines(&p->end[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == p->ends || !span_equal(p->end[low].id, want.id))
		return NULL;
	return &p->end[low];
}

/* ---- parts ---- */

static struct stream_part *add_part(struct parser *p, enum part_kind kind,
				    size_t from, size_t to)
{
	struct stream_file *out = p->out;
	struct stream_part *part;

	assert(to > from);
	ARRAY_GROW(out->part, out->count, out->cap);
	part = &out->part[out->count++];
	memset(part, 0, sizeof(*part));
	part->kind = kind;
	part->bytes = (struct span){ p->bytes.p + from, to - from };
	part->message = (struct message)MESSAGE_INIT;
	return part;
}

static void mark_broken(struct stream_part *part, uint64_t seq, const char *why)
{
	message_release(&part->message);
	part->kind = PART_BROKEN;
	part->seq = seq;
	part->why = xstrdup(why);
}

static size_t skip_blank_lines(struct span bytes, size_t pos)
{
	struct span line;
	size_t next = pos;

	while (text_line(bytes, &next, &line) && text_is_blank(line))
		pos = next;
	return pos;
}

/* The next line at POS or behind it that starts an entry, or the end. */
static size_t find_head(const struct parser *p, size_t pos)
{
	struct message_head head;
	struct span line;

	while (pos < p->bytes.len && !message_head(p->bytes, pos, &head))
		text_line(p->bytes, &pos, &line);
	return pos;
}

static bool same_stream(struct stream_name a, struct stream_name b)
{
	return a.from == b.from && a.to == b.to;
}

/* The number in ID if it is of this stream, else 0. */
static uint64_t number_of(const struct parser *p, const char *id)
{
	struct stream_name stream;
	uint64_t seq;

	if (!message_id_parse(span_str(id), &stream, &seq) ||
	    !same_stream(stream, p->name))
		return 0;
	return seq;
}

/* The entry at POS, whose head is HEAD; returns where it ends. */
static size_t add_entry(struct parser *p, size_t pos,
			const struct message_head *head)
{
	const struct end_line *end = NULL;
	struct error err = ERROR_INIT;
	struct stream_part *part;
	char id[MESSAGE_ID] = "";
	struct span block;
	size_t to;

	if (message_head_id(head, id))
		end = find_end(p, id, head->closed ? head->end : head->keys_at);
	to = end ? end->behind : find_head(p, head->keys_at);
	block = (struct span){ p->bytes.p + pos, to - pos };
	to = skip_blank_lines(p->bytes, to);
	part = add_part(p, PART_MESSAGE, pos, to);
	if (message_parse(block, &part->message, &err) == -1)
		mark_broken(part, number_of(p, id), err.text);
	else if (!same_stream(part->message.stream, p->name))
		mark_broken(part, 0, "an id of another stream");
	return to;
}

static void parse_parts(struct parser *p, size_t pos)
{
	struct message_head head;
	size_t next;

	while (pos < p->bytes.len) {
		if (message_head(p->bytes, pos, &head)) {
			pos = add_entry(p, pos, &head);
		} else {
			next = find_head(p, pos);
			add_part(p, PART_LOOSE, pos, next);
			pos = next;
		}
	}
}

/* ---- one number twice ---- */

static int compare_numbers(const void *a, const void *b)
{
	const struct stream_part *x = *(struct stream_part *const *)a;
	const struct stream_part *y = *(struct stream_part *const *)b;

	if (x->message.seq != y->message.seq)
		return x->message.seq < y->message.seq ? -1 : 1;
	return x->bytes.p < y->bytes.p ? -1 : x->bytes.p > y->bytes.p;
}

/* The first entry with a number has it; another text under it is refused. Each
 * text is digested once, however often its number comes. */
static void refuse_doubles(struct stream_file *f)
{
	struct stream_part **by_number = xcalloc(f->count, sizeof(*by_number));
	char digest[MESSAGE_DIGEST], first_digest[MESSAGE_DIGEST] = "";
	size_t count = 0, first = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->part[i].kind == PART_MESSAGE)
			by_number[count++] = &f->part[i];
	qsort(by_number, count, sizeof(*by_number), compare_numbers);
	for (size_t i = 1; i < count; i++) {
		uint64_t seq = by_number[i]->message.seq;

		if (seq != by_number[first]->message.seq) {
			first = i;
			first_digest[0] = '\0';
			continue;
		}
		if (first_digest[0] == '\0')
			message_digest(&by_number[first]->message, first_digest);
		message_digest(&by_number[i]->message, digest);
		if (strcmp(digest, first_digest) != 0)
			mark_broken(by_number[i], seq, "a number used twice");
	}
	free(by_number);
}

/* ---- the whole file ---- */

/* Where the text behind the marker line and its blank lines starts; 0: there
 * is no marker line. */
static size_t find_marker(struct span bytes)
{
	struct span line;
	size_t pos = 0;

	while (text_line(bytes, &pos, &line))
		if (text_starts(line, marker))
			return skip_blank_lines(bytes, pos);
	return 0;
}

void stream_parse(struct span bytes, struct stream_name name, bool hand_made,
		  struct stream_file *out)
{
	struct parser p = { .bytes = bytes, .name = name, .out = out };
	size_t start;

	memset(out, 0, sizeof(*out));
	if (bytes.len == 0)
		return;
	start = find_marker(bytes);
	out->marked = start > 0;
	if (!out->marked) {
		add_part(&p, hand_made && !text_is_blank(bytes) ? PART_LOOSE :
			 PART_PREAMBLE, 0, bytes.len);
		return;
	}
	add_part(&p, PART_PREAMBLE, 0, start);
	index_end_lines(&p);
	parse_parts(&p, start);
	refuse_doubles(out);
	free(p.end);
}

void stream_file_release(struct stream_file *f)
{
	for (size_t i = 0; i < f->count; i++) {
		message_release(&f->part[i].message);
		free(f->part[i].why);
	}
	free(f->part);
	memset(f, 0, sizeof(*f));
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_';
}

/* NAME, a dot and a number, as a word of its own. */
static bool mentions_id(struct span text, struct stream_name name)
{
	char prefix[STREAM_NAME + 1];
	const char *at = text.p, *end = text.p + text.len;
	size_t len;

	stream_name_format(name, prefix);
	len = strlen(prefix);
	prefix[len++] = '.';
	while ((size_t)(end - at) > len &&
	       (at = memmem(at, (size_t)(end - at), prefix, len)) != NULL) {
		bool own_word = at == text.p || !is_word_byte(at[-1]);

		at += len;
		if (own_word && at < end &&
		    ((*at >= '0' && *at <= '9') || *at == '~'))
			return true;
	}
	return false;
}

bool stream_damaged(struct span loose, struct stream_name name)
{
	struct span line;
	size_t pos = 0;

	while (text_line(loose, &pos, &line))
		if (text_starts(text_trim(line), "```yaml message"))
			return true;
	return loose.len > 0 && mentions_id(loose, name);
}

/* ---- the text above the messages ---- */

static void write_side(struct buf *out, int computer)
{
	if (computer == END_HUMAN)
		buf_adds(out, "People");
	else if (computer == END_ALL)
		buf_adds(out, "all computers");
	else
		buf_printf(out, "Computer %d", computer);
}

static void write_marker(struct buf *out)
{
	buf_printf(out, "%s oldest first; to send, write below the last one "
		   "-->\n", marker);
}

/* A link for people, the comment behind it for us: before it, it would keep
 * the line from being read as markdown. */
static void write_link(struct buf *out, struct stream_name name,
		       unsigned archived)
{
	char path[PATH_TEXT];

	if (archived == 0)
		return;
	path_archive(name, archived, path);
	buf_printf(out, "Earlier: [%s](../%s) %s\n\n", path, path,
		   archive_marker);
}

void stream_write_preamble(struct buf *out, struct stream_name name,
			   unsigned archived)
{
	buf_adds(out, "# ");
	write_side(out, name.from);
	buf_adds(out, " → ");
	write_side(out, name.to);
	buf_adds(out, "\n\n");
	write_link(out, name, archived);
	write_marker(out);
}

static bool is_link_line(struct span line)
{
	return line.len > 0 && memmem(line.p, line.len, archive_marker,
				      sizeof(archive_marker) - 1) != NULL;
}

void stream_link_archive(struct buf *out, struct span preamble,
			 struct stream_name name, unsigned archived)
{
	struct span line;
	size_t pos = 0, start = 0, kept = out->len;
	bool marked = false;

	for (; !marked && text_line(preamble, &pos, &line); start = pos) {
		marked = text_starts(line, marker);
		if (is_link_line(line)) {
			pos = skip_blank_lines(preamble, pos);
			continue;
		}
		if (marked)
			write_link(out, name, archived);
		buf_add(out, line.p, pos - start);
		if (!text_is_blank(line))
			kept = out->len;
	}
	buf_truncate(out, kept);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	if (marked)
		return;
	buf_adds(out, kept > 0 ? "\n" : "");
	write_link(out, name, archived);
	write_marker(out);
}
