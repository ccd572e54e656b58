/* Do two statuses differ in more than their age (status.h)? The cycle asks, so
 * that a fresh timestamp alone makes no commit. */
#include <string.h>

#include "status_region.h"
#include "trine/text.h"

static const char *find_text(struct span s, size_t from, const char *what)
{
	return from >= s.len ? NULL :
	       memmem(s.p + from, s.len - from, what, strlen(what));
}

/* "**IDLE** · TIME · …" without the time. */
static void stable_line(struct buf *out, struct span line)
{
	static const char dot[] = " · ";
	const char *time = find_text(line, 0, dot), *behind;
	size_t from;

	if (time == NULL) {
		buf_add(out, line.p, line.len);
		return;
	}
	from = (size_t)(time - line.p);
	behind = find_text(line, from + strlen(dot), dot);
	buf_add(out, line.p, from);
	if (behind != NULL)
		buf_add(out, behind, line.len - (size_t)(behind - line.p));
}

/* "| builder | ONLINE | 1/2 | … |" without the 1. */
static void stable_row(struct buf *out, struct span line)
{
	unsigned bars = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (bars == 3 && line.p[i] >= '0' && line.p[i] <= '9')
			continue;
		buf_addc(out, line.p[i]);
		if (line.p[i] == '\\' && i + 1 < line.len)
			buf_addc(out, line.p[++i]);
		else if (line.p[i] == '|')
			bars++;
		else if (bars == 3 && line.p[i] == '/')
			bars = 9;
	}
}

static void stable_region(struct buf *out, struct span region)
{
	struct span line;
	size_t pos = 0;

	while (text_line(region, &pos, &line)) {
		if (text_starts(line, "**"))
			stable_line(out, line);
		else if (text_starts(line, "|"))
			stable_row(out, line);
		else if (text_starts(line, "generation: "))
			continue;	/* a line that may not be there */
		else if (!text_starts(line, "updated: "))
			buf_add(out, line.p, line.len);
		buf_addc(out, '\n');
	}
}

static void stable(struct buf *out, struct span bytes)
{
	struct span region = status_region(bytes);
	size_t head = region.len > 0 ? (size_t)(region.p - bytes.p) : bytes.len;

	buf_add(out, bytes.p, head);
	if (region.len == 0)
		return;
	stable_region(out, region);
	buf_add(out, region.p + region.len, bytes.len - head - region.len);
}

bool status_same(struct span a, struct span b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	stable(&x, a);
	stable(&y, b);
	same = span_equal(span_of(&x), span_of(&y));
	buf_release(&x);
	buf_release(&y);
	return same;
}
