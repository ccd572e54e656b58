/*
 * Changing fleet.yaml in place (fleet_retire of fleet.h), for `trine retire`.
 * People keep comments in that file, so it is never written anew: N goes into
 * the text, and the result counts only if it reads as the same fleet with N.
 */
#include <stdio.h>
#include <string.h>

#include "trine/fleet.h"
#include "trine/text.h"

static const char key[] = "retired:";

/* The line of the key, without its LF; false if the text has none. */
static bool find_line(struct span bytes, struct span *line, size_t *behind)
{
	*behind = 0;
	while (text_line(bytes, behind, line))
		if (text_starts(*line, key))
			return true;
	return false;
}

static size_t offset(struct span bytes, const char *p)
{
	return (size_t)(p - bytes.p);
}

/* Where N goes and how: BYTES up to AT, the text, the rest of BYTES. */
struct edit {
	size_t at;
	char text[32];
};

/* "[3, 5]" on one line: behind the last; else behind the opening bracket, for
 * comments may stand between the others. */
static void into_brackets(struct span bytes, const char *open,
			  struct span line, int n, struct edit *e)
{
	const char *end = line.p + line.len;
	const char *close = memchr(open, ']', (size_t)(end - open));
	struct span inside = { open + 1, close ? (size_t)(close - open - 1) : 0 };
	bool empty = close != NULL && text_is_blank(inside);

	e->at = offset(bytes, close != NULL ? close : open + 1);
	if (empty)
		snprintf(e->text, sizeof(e->text), "%d", n);
	else if (close != NULL)
		snprintf(e->text, sizeof(e->text), ", %d", n);
	else
		snprintf(e->text, sizeof(e->text), "%d, ", n);
}

/* A block list: a line like the first "- " below, or a list where there is
 * nothing. */
static void into_block(struct span bytes, struct span line, size_t behind,
		       int n, struct edit *e)
{
	size_t pos = behind, indent;
	struct span next, item;

	while (text_line(bytes, &pos, &next)) {
		item = text_trim(next);
		if (item.len == 0 || item.p[0] == '#')
			continue;
		indent = (size_t)(item.p - next.p);
		if (item.p[0] != '-' || indent > 16)
			break;
		e->at = behind;
		snprintf(e->text, sizeof(e->text), "%*s- %d\n", (int)indent, "",
			 n);
		return;
	}
	e->at = offset(bytes, line.p) + strlen(key);
	snprintf(e->text, sizeof(e->text), " [%d]", n);
}

static void plan(struct span bytes, int n, struct edit *e)
{
	struct span line, value;
	size_t behind;

	if (!find_line(bytes, &line, &behind)) {
		e->at = bytes.len;
		snprintf(e->text, sizeof(e->text), "%sretired: [%d]\n",
			 bytes.len > 0 && bytes.p[bytes.len - 1] != '\n' ?
			 "\n" : "", n);
		return;
	}
	value = (struct span){ line.p + strlen(key), line.len - strlen(key) };
	value = text_trim(value);
	if (value.len > 0 && value.p[0] == '[')
		into_brackets(bytes, value.p, line, n, e);
	else
		into_block(bytes, line, behind, n, e);
}

/* Is TEXT the fleet F with N retired too? */
static bool came_out_right(struct span text, const struct fleet *f, int n)
{
	struct error ignored = ERROR_INIT;
	struct fleet g;
	bool right;

	if (fleet_parse(text, &g, &ignored) == -1)
		return false;
	right = fleet_retired(&g, n) &&
		g.retired_count == f->retired_count + 1 &&
		g.computer_count == f->computer_count &&
		g.rule_count == f->rule_count && g.route_count == f->route_count;
	for (size_t i = 0; i < f->retired_count; i++)
		right = right && fleet_retired(&g, f->retired[i]);
	fleet_release(&g);
	return right;
}

int fleet_retire(struct span bytes, int n, struct buf *out, struct error *err)
{
	struct fleet f;
	struct edit e;
	struct buf text = BUF_INIT;
	int rc = 0;

	if (fleet_parse(bytes, &f, err) == -1)
		return -1;
	if (fleet_retired(&f, n)) {
		buf_add(out, bytes.p, bytes.len);
		goto out;
	}
	plan(bytes, n, &e);
	buf_add(&text, bytes.p, e.at);
	buf_adds(&text, e.text);
	buf_add(&text, bytes.p + e.at, bytes.len - e.at);
	if (came_out_right(span_of(&text), &f, n))
		buf_addb(out, &text);
	else
		rc = error_set(err, ERR_DATA, "cannot add %d to `retired:` in "
			       "this form of fleet.yaml; please do it by hand", n);
out:
	buf_release(&text);
	fleet_release(&f);
	return rc;
}
