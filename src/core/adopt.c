/*
 * Text that people wrote by hand, as a message (stream.h): what its body is,
 * and how they say that something is urgent or to be done. Collect calls it
 * for our own loose text, receive for streams without trine.
 */
#include "trine/stream.h"

#include <string.h>
#include <strings.h>

#include "markdown.h"
#include "trine/mem.h"
#include "trine/text.h"

/* What real files say behind `Priority:`. Words count as whole words only:
 * nothing is low because it is slow. */
static const struct {
	const char *mark;
	enum message_priority priority;
} priorities[] = {
	{ "urgent", PRIORITY_URGENT },
	{ "critical", PRIORITY_URGENT },
	{ "🚨", PRIORITY_URGENT },
	{ "🔴", PRIORITY_URGENT },
	{ "high", PRIORITY_HIGH },
	{ "🟠", PRIORITY_HIGH },
	{ "normal", PRIORITY_NORMAL },
	{ "medium", PRIORITY_NORMAL },
	{ "🟡", PRIORITY_NORMAL },
	{ "low", PRIORITY_LOW },
	{ "🟢", PRIORITY_LOW },
};

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Does MARK stand at offset I of S? */
static bool mark_at(struct span s, size_t i, const char *mark)
{
	size_t len = strlen(mark);

	if (s.len - i < len || strncasecmp(s.p + i, mark, len) != 0)
		return false;
	if (!is_letter(mark[0]))
		return true;
	return (i == 0 || !is_letter(s.p[i - 1])) &&
	       (i + len == s.len || !is_letter(s.p[i + len]));
}

bool stream_priority(struct span value, enum message_priority *out)
{
	for (size_t i = 0; i < value.len; i++)
		for (size_t j = 0; j < ARRAY_LEN(priorities); j++)
			if (mark_at(value, i, priorities[j].mark)) {
				*out = priorities[j].priority;
				return true;
			}
	return false;
}

static struct span skip_any(struct span s, const char *set)
{
	while (s.len > 0 && s.p[0] != '\0' && strchr(set, s.p[0]) != NULL) {
		s.p++;
		s.len--;
	}
	return s;
}

/* `**Priority:** …`, `- Priority: …`, `**Priority**: …`, `priority: …`: what
 * stands behind the colon. */
static bool priority_line(struct span line, struct span *value)
{
	static const char key[] = "priority";

	line = skip_any(line, " \t>#-+*_");
	if (line.len < sizeof(key) - 1 ||
	    strncasecmp(line.p, key, sizeof(key) - 1) != 0)
		return false;
	line.p += sizeof(key) - 1;
	line.len -= sizeof(key) - 1;
	line = skip_any(line, " \t*_");
	if (line.len == 0 || line.p[0] != ':')
		return false;
	line.p++;
	line.len--;
	*value = line;
	return true;
}

static void read_hints(struct span body, struct message *m)
{
	struct span line, value;
	struct markdown md;
	bool found = false;

	text_skip(&body, TEXT_MARK);
	md = (struct markdown){ .text = body };
	while (markdown_line(&md, &line)) {
		if (!found && priority_line(line, &value))
			found = stream_priority(value, &m->priority);
		if (markdown_open_item(line, &value))
			m->type = TYPE_TASK;
	}
}

struct span stream_stretch(struct span text)
{
	struct span line, inner = { text.p, 0 };
	size_t pos = 0, start = 0;

	for (; text_line(text, &pos, &line); start = pos) {
		if (text_is_blank(line))
			continue;
		if (inner.len == 0)
			inner.p = text.p + start;
		inner.len = (size_t)(text.p + pos - inner.p);
	}
	return inner;
}

/* TEXT less the lines of BODY that it begins with. */
static bool skip_lines(struct span *text, struct span body)
{
	while (body.len > 0 && strchr("\r\n", body.p[body.len - 1]))
		body.len--;
	if (body.len == 0 || body.len > text->len ||
	    memcmp(text->p, body.p, body.len) != 0 ||
	    (body.len < text->len && text->p[body.len] != '\n' &&
	     text->p[body.len] != '\r'))
		return false;
	*text = stream_stretch((struct span){ text->p + body.len,
					      text->len - body.len });
	return true;
}

bool stream_skip(struct span *text, struct span body)
{
	if (skip_lines(text, body))
		return true;
	if (text->len == 0 || !skip_lines(&body, *text))
		return false;
	text->len = 0;
	return true;
}

int stream_adopt(struct span loose, struct message *out, struct error *err)
{
	struct span body = stream_stretch(loose);

	if (message_set_text(out, NULL, body, err) == -1)
		return -1;
	out->type = TYPE_MESSAGE;
	out->priority = PRIORITY_NORMAL;
	read_hints(body, out);
	return message_check(out, err);
}
