/*
 * Who writes to whom (import.h): in words, as heads of messages say it, and in
 * the names of files. A number counts as a computer's only where something
 * says so: a name is full of other numbers.
 */
#include "import_p.h"

#include <string.h>
#include <strings.h>

#include "trine/mem.h"
#include "trine/names.h"
#include "trine/text.h"

enum { WORDS = 48, WORD = 24, SAID_LOOKED_AT = 256 };

struct word {
	char text[WORD];	/* lower case, cut; or "" of a number */
	int number;		/* a computer's, as we write it; 0: none */
	bool digits;
	bool joined;		/* to the one before: "c2" is two words */
};

struct words {
	struct word item[WORDS];
	size_t count;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static size_t take_word(struct span s, size_t i, struct word *out)
{
	size_t start = i;

	*out = (struct word){ .digits = is_digit(s.p[i]) };
	while (i < s.len && (out->digits ? is_digit(s.p[i]) : is_letter(s.p[i])))
		i++;
	if (out->digits &&
	    !computer_parse((struct span){ s.p + start, i - start },
			    &out->number))
		out->number = 0;
	for (size_t n = 0; !out->digits && n < i - start && n < WORD - 1; n++)
		out->text[n] = lower(s.p[start + n]);
	return i;
}

static void split_words(struct span s, struct words *out)
{
	size_t i = 0, before = 0;

	out->count = 0;
	if (s.len > SAID_LOOKED_AT)
		s.len = SAID_LOOKED_AT;
	while (i < s.len && out->count < WORDS) {
		bool joined = out->count > 0 && i == before;

		if (!is_digit(s.p[i]) && !is_letter(s.p[i])) {
			i++;
			continue;
		}
		before = i = take_word(s, i, &out->item[out->count]);
		out->item[out->count++].joined = joined;
	}
}

static bool is_one_of(const struct word *w, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(w->text, *list) == 0)
			return true;
	return false;
}

/* What stands in front of a computer's number. */
static const char *const computer_words[] = {
	"computer", "computers", "comp", "c", "pc", "machine", "node", NULL
};
static const char *const all_words[] = {
	"all", "everyone", "everybody", "both", "either", "any", "anyone",
	"fleet", "team", NULL
};
static const char *const human_words[] = {
	"human", "humans", "commander", "user", "operator", "people", "person",
	NULL
};
static const char *const number_words[] = {
	"one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
	"ten", "eleven", "twelve",
};

/* A number in digits or, behind "Computer", as a word. */
static int number_of(const struct word *w)
{
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++)
		if (strcmp(w->text, number_words[i]) == 0)
			return (int)i + 1;
	return w->number;
}

/* The computer that word I names; *NEXT is behind it. 0: none. */
static int computer_at(const struct words *l, size_t i, size_t *next)
{
	const struct word *w = &l->item[i];
	int number;

	if (i + 1 >= l->count || w->digits || w->joined ||
	    !is_one_of(w, computer_words))
		return 0;
	/* "c" alone is a word of anything, unless its number stands at it */
	number = number_of(w + 1);
	if (number == 0 || (w->text[1] == '\0' && !w[1].digits))
		return 0;
	*next = i + 2;
	return number;
}

static int end_in(struct span s)
{
	int found = 0, end = IMPORT_NOBODY, number;
	size_t next = 0;
	struct words l;

	split_words(s, &l);
	for (size_t i = 0; i < l.count; i++) {
		number = computer_at(&l, i, &next);
		if (number == 0 && found != 0 && i == next)
			number = l.item[i].number;	/* "Computers 2 and 3" */
		if (number == 0 && i == next && strcmp(l.item[i].text, "and") == 0)
			next = i + 1;
		if (number != 0) {
			if (found != 0 && number != found)
				return END_ALL;
			found = number;
			next = next > i ? next : i + 1;
		}
	}
	if (found != 0)
		return found;
	for (size_t i = 0; i < l.count; i++) {
		if (is_one_of(&l.item[i], all_words))
			return END_ALL;
		if (is_one_of(&l.item[i], human_words) && end == IMPORT_NOBODY)
			end = END_HUMAN;
	}
	return l.count == 1 && l.item[0].number != 0 ? l.item[0].number : end;
}

/* What stands in brackets counts where the rest says nothing. */
int import_end(struct span said)
{
	const char *bracket = said.len > 0 ? memchr(said.p, '(', said.len) : NULL;
	struct span front = said;
	int end;

	if (bracket == NULL)
		return end_in(said);
	front.len = (size_t)(bracket - said.p);
	end = end_in(front);
	if (end != IMPORT_NOBODY)
		return end;
	return end_in((struct span){ bracket, said.len - front.len });
}

/* ---- names of files ---- */

static const char *const mailbox_words[] = {
	"messages", "message", "msg", "msgs", "mail", "inbox", "outbox",
	"mailbox", "letters", NULL
};
static const char *const box_words[] = {
	"inbox", "todo", "todos", "tasks", "task", "backlog", "queue",
	"checklist", NULL
};
static const char *const one_words[] = { "msg", "message", "mail", NULL };

static bool has_word(const struct words *l, const char *const *list)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_one_of(&l->item[i], list))
			return true;
	return false;
}

/* The end that word I begins, in front of or behind a "to". */
static int end_at(const struct words *l, size_t i)
{
	size_t next;
	int number = computer_at(l, i, &next);

	if (number != 0)
		return number;
	if (l->item[i].digits)
		return l->item[i].number != 0 ? l->item[i].number :
		       IMPORT_NOBODY;
	if (is_one_of(&l->item[i], all_words))
		return END_ALL;
	return is_one_of(&l->item[i], human_words) ? END_HUMAN : IMPORT_NOBODY;
}

/* The end that word I ends. The day of a date is no computer. */
static int end_before(const struct words *l, size_t i)
{
	if (l->item[i].digits && i > 0 && l->item[i - 1].digits)
		return IMPORT_NOBODY;
	return end_at(l, i);
}

/* "1_TO_2", "c1-to-c2", "to_all". */
static void find_stream(const struct words *l, struct by_name *out)
{
	for (size_t i = 0; i + 1 < l->count; i++) {
		int from = IMPORT_NOBODY, to;

		if (strcmp(l->item[i].text, "to") != 0 || l->item[i].joined)
			continue;
		to = end_at(l, i + 1);
		if (i > 0)
			from = end_before(l, i - 1);
		if (to == IMPORT_NOBODY || to == END_HUMAN ||
		    (i > 0 && from == IMPORT_NOBODY && l->item[i + 1].digits))
			continue;
		out->to = to;
		if (from != END_ALL)
			out->from = from;
		return;
	}
}

/* "inbox-2", "c2_inbox", "computer-2/outbox". */
static void find_owner(const struct words *l, struct by_name *out)
{
	static const char *const theirs[] = { "outbox", "from", NULL };
	static const char *const ours[] = { "inbox", "for", NULL };
	bool is_from = has_word(l, theirs), is_to = has_word(l, ours);
	size_t next;

	for (size_t i = 0; i < l->count && (is_from || is_to); i++) {
		int number = computer_at(l, i, &next);

		if (number == 0 && i > 0 && l->item[i].digits &&
		    (is_one_of(&l->item[i - 1], theirs) ||
		     is_one_of(&l->item[i - 1], ours)))
			number = l->item[i].number;
		if (number == 0)
			continue;
		if (is_from)
			out->from = number;
		else
			out->to = number;
		return;
	}
}

static struct span behind_slash(struct span path, struct span *folder)
{
	const char *slash = path.len > 0 ? memrchr(path.p, '/', path.len) : NULL;

	*folder = (struct span){ path.p, slash ? (size_t)(slash - path.p) : 0 };
	if (slash == NULL)
		return path;
	return (struct span){ slash + 1, path.len - folder->len - 1 };
}

/* 002.md, 2025-10-29.md in a mailbox; msg-003-hello.md anywhere. */
static bool is_one(const struct words *l, bool mailbox)
{
	if (l->count > 0 && l->item[0].digits)
		return mailbox;
	return l->count > 1 && is_one_of(&l->item[0], one_words);
}

void by_name_read(const char *path, struct by_name *out)
{
	struct span folder, above, base = behind_slash(span_str(path), &folder);
	struct span last = behind_slash(folder, &above);
	const char *dot = base.len > 0 ? memrchr(base.p, '.', base.len) : NULL;
	struct path_info info = path_classify(path);
	struct words name, near;

	*out = (struct by_name){ IMPORT_NOBODY, IMPORT_NOBODY, false, false,
				 false };
	if (dot != NULL)
		base.len = (size_t)(dot - base.p);
	/* with the folder it is in, as one text: they are neighbours there */
	split_words(base, &name);
	split_words((struct span){ last.p, (size_t)(base.p + base.len - last.p) },
		    &near);
	find_stream(&name, out);
	if (out->to == IMPORT_NOBODY)
		find_stream(&near, out);
	if (out->to == IMPORT_NOBODY && out->from == IMPORT_NOBODY)
		find_owner(&near, out);
	if (info.kind == PATH_STREAM || info.kind == PATH_HUMAN) {
		out->from = info.stream.from;
		out->to = info.stream.to;
	}
	out->mailbox = has_word(&near, mailbox_words) || out->to != IMPORT_NOBODY;
	out->boxes = has_word(&name, box_words) || info.kind == PATH_HUMAN;
	out->one = is_one(&name, out->mailbox);
}
