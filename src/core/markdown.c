/*
 * Lines and titles of markdown (markdown.h), for messages without a title and
 * for text written by hand.
 */
#include "markdown.h"

#include <string.h>

#include "trine/limits.h"
#include "trine/text.h"

static size_t run_of(struct span s, char c)
{
	size_t n = 0;

	while (n < s.len && s.p[n] == c)
		n++;
	return n;
}

static struct span behind(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.len - n };
}

size_t markdown_fence(struct span line, char *c)
{
	size_t n;

	line = behind(line, run_of(line, ' '));
	*c = line.len > 0 ? line.p[0] : '\0';
	if (*c != '`' && *c != '~')
		return 0;
	n = run_of(line, *c);
	/* ```x``` is code within a line. */
	if (n < 3 || (*c == '`' && memchr(line.p + n, '`', line.len - n)))
		return 0;
	return n;
}

bool markdown_next(struct markdown *md, struct span *line)
{
	size_t n;
	char c;

	if (!text_line(md->text, &md->pos, line))
		return false;
	n = markdown_fence(*line, &c);
	md->is_fence = md->fence == '\0' ? n > 0 :
		       c == md->fence && n >= md->fence_len &&
		       text_trim(*line).len == n;
	if (md->is_fence) {
		md->fence = md->fence == '\0' ? c : '\0';
		md->fence_len = n;
	}
	return true;
}

bool markdown_line(struct markdown *md, struct span *line)
{
	while (markdown_next(md, line))
		if (!md->is_fence && md->fence == '\0')
			return true;
	return false;
}

/* Without a list marker in front, if there is one. */
static bool strip_marker(struct span *line)
{
	size_t n = 0;

	while (n < line->len && n < 3 && line->p[n] >= '0' && line->p[n] <= '9')
		n++;
	if (n > 0 && (n >= line->len || strchr(".)", line->p[n]) == NULL))
		return false;
	if (n == 0 && (line->len == 0 || line->p[0] == '\0' ||
		       strchr("-*+>", line->p[0]) == NULL))
		return false;
	n++;
	if (n < line->len && line->p[n] != ' ' && line->p[n] != '\t')
		return false;
	*line = text_trim(behind(*line, n));
	return true;
}

bool markdown_item(struct span line, bool *ticked, struct span *item)
{
	struct span s = text_trim(line);

	if (s.len == 0 || strchr("-*+", s.p[0]) == NULL || !strip_marker(&s))
		return false;
	*ticked = text_starts(s, "[x]") || text_starts(s, "[X]");
	if ((!*ticked && !text_starts(s, "[ ]")) ||
	    (s.len > 3 && s.p[3] != ' ' && s.p[3] != '\t'))
		return false;
	*item = text_trim(behind(s, 3));
	return true;
}

bool markdown_open_item(struct span line, struct span *item)
{
	bool ticked;

	return markdown_item(line, &ticked, item) && !ticked;
}

static struct span strip_markers(struct span line)
{
	line = text_trim(line);
	while (strip_marker(&line))
		;
	if (text_starts(line, "[ ] ") || text_starts(line, "[x] ") ||
	    text_starts(line, "[X] "))
		line = text_trim(behind(line, 4));
	return line;
}

unsigned markdown_heading(struct span line, struct span *text)
{
	size_t n, level;

	line = text_trim(line);
	n = level = run_of(line, '#');
	if (n == 0 || n > 6 ||
	    (n < line.len && line.p[n] != ' ' && line.p[n] != '\t'))
		return 0;
	line = text_trim(behind(line, n));
	n = line.len;
	while (n > 0 && line.p[n - 1] == '#')
		n--;
	if (n == 0 || line.p[n - 1] == ' ' || line.p[n - 1] == '\t')
		line.len = n;
	*text = text_trim(line);
	return (unsigned)level;
}

bool markdown_only_draws(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || strchr("-*_=+#>`~| \t\r", s.p[i]) == NULL)
			return false;
	return true;
}

static size_t count_pairs(struct span s, const char *two)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == two[0] && s.p[i + 1] == two[1]) {
			n++;
			i++;
		}
	return n;
}

/* `*so*` and `_so_`, as a whole. */
static struct span strip_around(struct span s)
{
	while (s.len > 2 && (s.p[0] == '*' || s.p[0] == '_') &&
	       s.p[s.len - 1] == s.p[0] &&
	       memchr(s.p + 1, s.p[0], s.len - 2) == NULL)
		s = text_trim((struct span){ s.p + 1, s.len - 2 });
	return s;
}

/* Bold is taken off where it is closed again: `2**10` is not bold. */
static void add_plain(struct buf *out, struct span s)
{
	bool bold = count_pairs(s, "**") % 2 == 0;

	s = strip_around(s);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool c1 = c == 0xc2 && i + 1 < s.len &&
			  (unsigned char)s.p[i + 1] < 0xa0;

		if (bold && text_starts(behind(s, i), "**"))
			i++;
		else if (c1)
			i++;	/* a control of two bytes */
		else if (c < 0x20 || c == 0x7f)
			buf_addc(out, ' ');
		else
			buf_addc(out, s.p[i]);
	}
}

size_t markdown_characters(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The bytes of S up to LIMIT_TITLE characters. */
static size_t cut_at_title(struct span s)
{
	size_t n = 0, i = 0;

	for (; i < s.len; i++) {
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
		if (n > LIMIT_TITLE)
			break;
	}
	return i;
}

/* LINE as title, or nothing if there is no word in it. */
static bool add_title(struct buf *out, struct span line)
{
	struct buf plain = BUF_INIT;
	struct span title;

	add_plain(&plain, text_trim(line));
	title = strip_around(text_trim(span_of(&plain)));
	title.len = cut_at_title(title);
	title = text_trim(title);
	buf_add(out, title.p, title.len);
	buf_release(&plain);
	return title.len > 0;
}

void markdown_title(struct buf *out, struct span text)
{
	struct markdown headings, lines;
	struct span line, inner;
	size_t pos = 0;

	text_skip(&text, TEXT_MARK);
	headings = lines = (struct markdown){ .text = text };
	while (markdown_line(&headings, &line))
		if (markdown_heading(line, &inner) &&
		    !markdown_only_draws(inner) && add_title(out, inner))
			return;
	while (markdown_line(&lines, &line)) {
		inner = strip_markers(line);
		if (!markdown_only_draws(line) &&
		    !markdown_only_draws(inner) &&
		    !text_starts(inner, "<!--") && add_title(out, inner))
			return;
	}
	while (text_line(text, &pos, &line))
		if (add_title(out, line))
			return;
	buf_adds(out, "(no title)");
}
