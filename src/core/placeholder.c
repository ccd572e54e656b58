/*
 * Texts that stand in a file until somebody writes the first message
 * (placeholder.h). The tables are from files as they grow in the wild.
 */
#include "placeholder.h"

#include <string.h>
#include <strings.h>

#include "markdown.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { LOOKED_AT = 200 };

enum where { BEGINS, HOLDS, IS };

static const struct { const char *text; enum where where; } placeholders[] = {
	{ "awaiting first", BEGINS },
	{ "waiting for first", BEGINS },
	{ "waiting for the first", BEGINS },
	{ "this file will be updated by", BEGINS },
	{ "messages will appear here", BEGINS },
	{ "no messages yet", BEGINS },
	{ "no new messages yet", BEGINS },
	{ "placeholder for", BEGINS },
	{ "your message here", BEGINS },
	{ "write your message here", HOLDS },
	{ "first message here", HOLDS },
	{ "first response here", HOLDS },
	{ "first message/response here", HOLDS },
	{ "placeholder", IS },
	{ "no messages", IS },
	{ "no new messages", IS },
	{ "nothing yet", IS },
	{ "none yet", IS },
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool matches(const char *s, size_t len, const char *text,
		    enum where where)
{
	switch (where) {
	case BEGINS:
		return strncasecmp(s, text, strlen(text)) == 0;
	case HOLDS:
		return strcasestr(s, text) != NULL;
	case IS:
		return len == strlen(text) && strncasecmp(s, text, len) == 0;
	}
	return false;
}

bool placeholder_line(struct span line)
{
	struct buf plain = BUF_INIT;
	bool found = false;
	const char *s;
	size_t len;

	line.len = text_cut(line.p, line.len, LOOKED_AT);
	markdown_title(&plain, line);
	for (s = plain.data; *s != '\0' && !is_letter(*s); s++)
		;
	for (len = strlen(s); len > 0 && !is_letter(s[len - 1]); len--)
		;
	for (size_t i = 0; i < ARRAY_LEN(placeholders) && !found; i++)
		found = matches(s, len, placeholders[i].text,
				placeholders[i].where);
	buf_release(&plain);
	return found;
}

/* ---- names of files ---- */

static const char *const names[] = {
	"messages", "inbox", "outbox", "mail", "mailbox", "stream", "tasks",
	"todo", "notes", "log", "from", "to", "for", "and", "between", "all",
	"computer", "computers", "human", "humans", "people", "everybody",
};

static bool is_name(struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == word.len &&
		    strncasecmp(names[i], word.p, word.len) == 0)
			return true;
	return false;
}

bool placeholder_names_file(struct span heading)
{
	size_t i = 0, start;

	while (i < heading.len) {
		for (start = i; i < heading.len && is_letter(heading.p[i]); i++)
			;
		if (i > start && !is_name((struct span){ heading.p + start,
							 i - start }))
			return false;
		i += i == start;
	}
	return true;
}
