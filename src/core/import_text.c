/*
 * Files of text as messages (import_p.h): where in them a message starts, and
 * the two readers of whole sections and of whole files.
 */
#include "import_p.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "markdown.h"
#include "placeholder.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { NO_HEADING = 7, HEADING_LOOKED_AT = 256 };

/* ---- headings that say MESSAGE ---- */

static struct span behind(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.len - n };
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool takes_word(struct span *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len < len || strncasecmp(s->p, word, len) != 0 ||
	    (s->len > len && is_letter(s->p[len])))
		return false;
	*s = behind(*s, len);
	return true;
}

/* Without what stands in front of the first letter or digit. */
static struct span skip_marks(struct span s)
{
	while (s.len > 0 && !is_letter(s.p[0]) && !is_digit(s.p[0]))
		s = behind(s, 1);
	return s;
}

static struct span skip_separators(struct span s)
{
	static const char *const dashes[] = { "–", "—", "→" };
	size_t before;

	do {
		before = s.len;
		while (s.len > 0 && s.p[0] != '\0' &&
		       strchr(" \t:#.-_|)]*", s.p[0]) != NULL)
			s = behind(s, 1);
		for (size_t i = 0; i < ARRAY_LEN(dashes); i++)
			if (text_starts(s, dashes[i]))
				s = behind(s, strlen(dashes[i]));
	} while (s.len < before);
	return s;
}

/* Offset of WORD in S as a word of its own; S.len if it is not there. */
static size_t find_word(struct span s, const char *word)
{
	for (size_t i = 0; i < s.len; i++) {
		struct span rest = behind(s, i);

		if ((i == 0 || !is_letter(s.p[i - 1])) &&
		    takes_word(&rest, word))
			return i;
	}
	return s.len;
}

/* "MESSAGE FROM COMPUTER 1 TO COMPUTER 2", "URGENT MESSAGE TO ALL". */
static bool read_direction(struct span s, struct said *said)
{
	size_t from = find_word(s, "from"), to = find_word(s, "to");

	if (from < s.len) {
		size_t end = to > from ? to : s.len;

		said_put(said, SAID_FROM, (struct span){ s.p + from + 4,
							 end - from - 4 });
	}
	if (to < s.len) {
		size_t end = from > to ? from : s.len;

		said_put(said, SAID_TO, (struct span){ s.p + to + 2,
						       end - to - 2 });
	}
	return from < s.len;
}

/* "MESSAGE #1: FIRST CONTACT", "Message 002", "MSG-4", "MESSAGE FROM …". TITLE
 * is what is left of it. */
static bool says_message(struct span heading, struct said *said,
			 struct span *title)
{
	struct span s = heading, rest;
	size_t digits = 0;

	if (s.len > HEADING_LOOKED_AT)
		s.len = text_cut(s.p, s.len, HEADING_LOOKED_AT);
	*title = heading;
	rest = behind(s, find_word(s, "message"));
	if (rest.len > 0)
		read_direction(behind(rest, strlen("message")), said);
	s = skip_marks(s);
	if (!takes_word(&s, "message") && !takes_word(&s, "msg"))
		return false;
	rest = skip_separators(s);
	if (takes_word(&rest, "no") || takes_word(&rest, "number") ||
	    takes_word(&rest, "nr"))
		rest = skip_separators(rest);
	while (digits < rest.len && is_digit(rest.p[digits]))
		digits++;
	if (digits == 0)
		return takes_word(&rest, "from");
	said_put(said, SAID_ID, (struct span){ rest.p, digits });
	title->p = rest.p + digits;
	title->len = (size_t)(heading.p + heading.len - title->p);
	*title = skip_separators(*title);
	return true;
}

/* ---- starts ---- */

/* Is this the head of a message, and no list of settings? */
static bool is_head(const struct reading *r, const struct said *s)
{
	if (!said_has(s, SAID_FROM) && !said_has(s, SAID_TO))
		return false;
	if (r->name.mailbox || said_has(s, SAID_DATE) ||
	    said_has(s, SAID_TIME) || said_has(s, SAID_PRIORITY))
		return true;
	return import_end(said_get(s, SAID_FROM)) != IMPORT_NOBODY ||
	       import_end(said_get(s, SAID_TO)) != IMPORT_NOBODY;
}

/* The first message shows on which level the others stand; deeper ones must
 * look like messages twice. */
static bool fits_level(const struct reading *r, unsigned level, bool sure)
{
	unsigned first = r->starts > 0 ? r->start[0].level : NO_HEADING;

	return sure || first == 0 || level <= first;
}

static size_t skip_blank(const struct lines *l, size_t n)
{
	size_t most = n + 3;

	while (n < l->count && n < most && l->item[n].kind == LINE_BLANK)
		n++;
	return n;
}

static bool start_at_heading(const struct reading *r, size_t n,
			     struct start *out)
{
	struct span heading = r->lines.item[n].text;
	struct said told = { { NULL } };
	bool named, head;

	out->level = r->lines.item[n].level;
	named = says_message(heading, &told, &out->title);
	head = head_read(&r->lines, skip_blank(&r->lines, n + 1), &out->said,
			 &out->head_end);
	if (!head)
		out->head_end = n + 1;
	for (int key = 0; key < SAID_COUNT; key++)
		said_put(&out->said, (enum said_key)key,
			 said_get(&told, (enum said_key)key));
	said_release(&told);
	if (named && (head || r->name.mailbox))
		return fits_level(r, out->level, head);
	return head && is_head(r, &out->said) &&
	       fits_level(r, out->level, false);
}

/* At the top of the file, or below a rule. */
static bool is_alone(const struct reading *r, size_t n)
{
	while (n > 0 && r->lines.item[n - 1].kind == LINE_BLANK)
		n--;
	return n == 0 || r->lines.item[n - 1].kind == LINE_RULE;
}

static bool start_at_text(const struct reading *r, size_t n, struct start *out)
{
	out->level = NO_HEADING;
	return (r->starts == 0 || r->start[0].level == NO_HEADING) &&
	       is_alone(r, n) &&
	       head_read(&r->lines, n, &out->said, &out->head_end) &&
	       is_head(r, &out->said);
}

/* Notes have front matter too: a title and a date make no message. */
static bool start_at_front(const struct reading *r, size_t n, struct start *out)
{
	return front_read(r->bytes, &r->lines, n, &out->said,
			  &out->head_end) &&
	       (r->name.mailbox || is_head(r, &out->said));
}

static bool start_at(const struct reading *r, size_t n, struct start *out)
{
	switch (r->lines.item[n].kind) {
	case LINE_HEADING:
		return start_at_heading(r, n, out);
	case LINE_RULE:
		return start_at_front(r, n, out);
	case LINE_TEXT:
		return start_at_text(r, n, out);
	default:
		return false;
	}
}

static void forget_starts(struct reading *r)
{
	for (size_t i = 0; i < r->starts; i++)
		said_release(&r->start[i].said);
	r->starts = 0;
}

static void add_start(struct reading *r, struct start *start)
{
	ARRAY_GROW(r->start, r->starts, r->starts_cap);
	r->start[r->starts++] = *start;
}

bool has_heads(struct reading *r)
{
	forget_starts(r);
	for (size_t n = 0; n < r->lines.count; n++) {
		struct start start = { .line = n, .head_end = n + 1 };

		if (!start_at(r, n, &start)) {
			said_release(&start.said);
			continue;
		}
		add_start(r, &start);
		n = start.head_end - 1;
	}
	return r->starts > 0;
}

bool has_front(struct reading *r)
{
	return has_heads(r) && r->start[0].level == 0;
}

/* "## 2025-10-29 19:35: Deployed", in a file that is for messages. */
bool has_dates(struct reading *r)
{
	int64_t ignored;

	forget_starts(r);
	for (size_t n = 0; n < r->lines.count && r->name.mailbox; n++) {
		const struct line *line = &r->lines.item[n];
		struct start start = { .line = n, .head_end = n + 1,
				       .level = line->level,
				       .title = line->text };

		if (line->kind != LINE_HEADING ||
		    !import_time(line->text, &ignored) ||
		    !fits_level(r, line->level, false))
			continue;
		said_put(&start.said, SAID_DATE, line->text);
		add_start(r, &start);
	}
	return r->starts > 0;
}

/* ---- titles ---- */

/* The line below a heading `Subject`. */
static struct span subject_below(const struct reading *r, size_t n, size_t end)
{
	for (; n < end; n++) {
		struct span heading = r->lines.item[n].text;

		if (r->lines.item[n].kind != LINE_HEADING ||
		    !takes_word(&heading, "subject") ||
		    skip_separators(heading).len > 0)
			continue;
		n = skip_blank(&r->lines, n + 1);
		if (n < end && r->lines.item[n].kind == LINE_TEXT)
			return r->lines.item[n].text;
		break;
	}
	return (struct span){ "", 0 };
}

static bool has_words(struct span s)
{
	return skip_marks(s).len > 0;
}

static char *plain_title(struct span line)
{
	struct buf out = BUF_INIT;

	markdown_title(&out, line);
	return buf_detach(&out);
}

/* What the head calls it, else the heading, else what stands below both. */
static char *title_of(const struct reading *r, const struct start *s,
		      size_t next)
{
	struct span subject = said_get(&s->said, SAID_SUBJECT);
	size_t from = line_offset(&r->lines, s->head_end, r->to);
	size_t to = line_offset(&r->lines, next, r->to);
	struct span body = { r->bytes.p + from, to - from };

	if (!has_words(subject) && has_words(s->title))
		subject = s->title;
	if (!has_words(subject))
		subject = subject_below(r, s->head_end, next);
	if (!has_words(subject) && text_is_blank(body) && s->level > 0 &&
	    s->level < NO_HEADING)
		subject = r->lines.item[s->line].text;
	return plain_title(has_words(subject) ? subject : body);
}

/* ---- readers ---- */

/* "## AWAITING FIRST MESSAGE", with nothing that a message has. */
static bool is_empty_start(const struct start *s)
{
	return !said_has(&s->said, SAID_ID) && !said_has(&s->said, SAID_DATE) &&
	       placeholder_line(s->title);
}

void read_sections(struct reading *r)
{
	import_rest(r, line_offset(&r->lines, r->start[0].line, r->to),
		    IMPORT_ABOVE);
	for (size_t i = 0; i < r->starts; i++) {
		struct start *s = &r->start[i];
		size_t next = i + 1 < r->starts ? r->start[i + 1].line :
			      r->lines.count;
		struct draft d = {
			.from = line_offset(&r->lines, s->line, r->to),
			.to = line_offset(&r->lines, next, r->to),
			.said = s->said,
			.title = title_of(r, s, next),
		};

		if (is_empty_start(s)) {
			import_rest(r, d.to, IMPORT_PLACE);
			free(d.title);
			continue;
		}
		s->said = (struct said){ { NULL } };
		import_message(r, &d);
	}
	forget_starts(r);
}

/* Does a heading, or all there is, say that it has yet to be written? */
static bool waits(const struct reading *r)
{
	bool only = true;

	for (size_t n = 0; n < r->lines.count; n++) {
		const struct line *line = &r->lines.item[n];

		if (line->kind == LINE_HEADING && placeholder_line(line->text))
			return true;
		only = only && (line->kind != LINE_TEXT ||
				placeholder_line(line->text)) &&
		       line->kind != LINE_CODE;
	}
	return only;
}

/* Something else than headings and rules? */
static bool has_text(const struct reading *r)
{
	for (size_t n = 0; n < r->lines.count; n++)
		if (r->lines.item[n].kind == LINE_CODE ||
		    r->lines.item[n].kind == LINE_TEXT)
			return true;
	return false;
}

bool is_whole(struct reading *r)
{
	enum path_kind kind = path_classify(r->path).kind;

	return (r->name.one || kind == PATH_STREAM || kind == PATH_HUMAN) &&
	       has_text(r) && !waits(r);
}

/* A name may tell the day: 2025-10-29-hello.md. */
static void date_by_name(const struct reading *r, struct said *said)
{
	const char *slash = strrchr(r->path, '/');

	said_put(said, SAID_DATE, span_str(slash ? slash + 1 : r->path));
}

void read_whole(struct reading *r)
{
	struct draft d = { .from = r->from, .to = r->to };

	date_by_name(r, &d.said);
	import_message(r, &d);
}
