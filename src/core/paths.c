/*
 * Paths below the prefix: whose they are by their form, which may reach a
 * desk, and the globs of ownership rules (names.h). Ownership, receive and
 * publish ask here before they look at a file.
 */
#include "trine/names.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Take the component in front off PATH; false if there is none left. */
static bool next_component(struct span *path, struct span *component)
{
	const char *slash;

	if (path->p == NULL)
		return false;
	slash = memchr(path->p, '/', path->len);
	component->p = path->p;
	component->len = slash ? (size_t)(slash - path->p) : path->len;
	if (slash == NULL) {
		*path = (struct span){ NULL, 0 };
	} else {
		path->p += component->len + 1;
		path->len -= component->len + 1;
	}
	return true;
}

static bool strip_suffix(struct span *s, const char *suffix)
{
	size_t len = strlen(suffix);

	if (s->len < len || memcmp(s->p + s->len - len, suffix, len) != 0)
		return false;
	s->len -= len;
	return true;
}

static void classify_status(struct span name, struct path_info *info)
{
	int computer;

	if (!text_skip(&name, "COMPUTER_") || !strip_suffix(&name, ".md") ||
	    !computer_parse(name, &computer))
		return;
	info->kind = PATH_STATUS;
	info->computer = computer;
}

static void classify_stream(struct span name, struct path_info *info)
{
	struct stream_name stream;

	if (!strip_suffix(&name, ".md") || !stream_name_parse(name, &stream))
		return;
	info->kind = stream.from == END_HUMAN ? PATH_HUMAN : PATH_STREAM;
	info->computer = stream.from == END_HUMAN ? 0 : stream.from;
	info->stream = stream;
}

/* NNNN.md; 0: it is none. */
static unsigned segment_number(struct span name)
{
	uint64_t number;

	if (!strip_suffix(&name, ".md") || name.len != 4 ||
	    !text_number(name, &number))
		return 0;
	return (unsigned)number;
}

static void classify_archive(struct span rest, struct path_info *info)
{
	struct span dir;
	struct stream_name stream;

	next_component(&rest, &dir);
	if (rest.len == 0 || !stream_name_parse(dir, &stream) ||
	    stream.from == END_HUMAN)
		return;
	info->kind = PATH_ARCHIVE;
	info->computer = stream.from;
	info->stream = stream;
	info->segment = segment_number(rest);
}

static void classify_conflict(struct span rest, struct path_info *info)
{
	struct span number;
	int computer;

	next_component(&rest, &number);
	if (rest.len == 0 || !computer_parse(number, &computer))
		return;
	info->kind = PATH_CONFLICT;
	info->computer = computer;
}

struct path_info path_classify(const char *path)
{
	struct path_info info = { .kind = PATH_OTHER };
	struct span rest = span_str(path), first;

	next_component(&rest, &first);
	if (rest.p == NULL && span_is(first, "fleet.yaml"))
		info.kind = PATH_FLEET;
	else if (rest.p == NULL)
		classify_status(first, &info);
	else if (span_is(first, "messages"))
		classify_stream(rest, &info);
	else if (span_is(first, "archive"))
		classify_archive(rest, &info);
	else if (span_is(first, "conflicts"))
		classify_conflict(rest, &info);
	return info;
}

static bool same_but_case(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool path_same_but_case(const char *a, const char *b)
{
	return same_but_case(span_str(a), span_str(b));
}

/* Instructions that coding agents take from a working directory unasked. */
static bool name_reserved(struct span name)
{
	static const char *const reserved[] = {
		"CLAUDE.md", "AGENTS.md", "GEMINI.md",
		"CLAUDE.local.md", "AGENTS.override.md",
	};

	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (same_but_case(name, span_str(reserved[i])))
			return true;
	return false;
}

static bool suffix_allowed(struct span name)
{
	static const char *const allowed[] = {
		".md", ".yaml", ".yml", ".txt", ".json",
	};

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (strip_suffix(&name, allowed[i]))
			return true;
	return false;
}

static const char *component_refused(struct span name)
{
	if (name.len == 0)
		return "an empty name";
	if (name.len > LIMIT_NAME)
		return "a name over 64 bytes";
	if (name.p[0] == '.')
		return "a name that starts with a dot";
	if (name.p[0] == '-' || name.p[0] == '_')
		return "a name that starts with no letter or digit";
	if (!plain_name_valid(name))
		return "a name with characters other than A-Z a-z 0-9 . _ -";
	if (name_reserved(name))
		return "a name that other tools load";
	return NULL;
}

const char *path_refused(const char *path)
{
	struct span rest = span_str(path), name = { "", 0 };
	const char *why;
	int depth = 0;

	while (next_component(&rest, &name)) {
		if (++depth > LIMIT_DEPTH)
			return "more than 6 levels deep";
		why = component_refused(name);
		if (why != NULL)
			return why;
	}
	if (!suffix_allowed(name))
		return "a suffix other than .md .yaml .yml .txt .json";
	return NULL;
}

/* `**` counts as such only where it is a whole component. */
static bool at_any_depth(const char *glob, const char *g)
{
	return (g == glob || g[-1] == '/') && g[0] == '*' && g[1] == '*' &&
	       (g[2] == '/' || g[2] == '\0');
}

/*
 * One place to go back to for `*` and one for `**` are enough: what matched
 * before the last one never has to match otherwise. So there is no recursion
 * and no blow-up, however many stars a rule has.
 */
bool path_glob(const char *glob, const char *path)
{
	const char *g = glob, *p = path;
	const char *star = NULL, *star_at = NULL;	/* behind `*`; its end */
	const char *deep = NULL, *deep_at = NULL;	/* behind the last slash of `**` */

	while (*p != '\0') {
		if (at_any_depth(glob, g)) {
			if (g[2] == '\0')
				return true;
			deep = g += 3;
			deep_at = p;
			star = NULL;
		} else if (*g == '*') {
			star = ++g;
			star_at = p;
		} else if (*g == *p || (*g == '?' && *p != '/')) {
			if (*p == '/')
				star = NULL;
			g++;
			p++;
		} else if (star != NULL && *star_at != '/') {
			p = ++star_at;
			g = star;
		} else if (deep != NULL && strchr(deep_at, '/') != NULL) {
			p = deep_at = strchr(deep_at, '/') + 1;
			g = deep;
			star = NULL;
		} else {
			return false;
		}
	}
	while (*g == '*')
		g++;
	return *g == '\0';
}

const char *path_status(int computer, char out[PATH_TEXT])
{
	assert(computer > 0 && computer <= LIMIT_COMPUTERS);
	snprintf(out, PATH_TEXT, "COMPUTER_%d.md", computer);
	return out;
}

const char *path_stream(struct stream_name name, char out[PATH_TEXT])
{
	char text[STREAM_NAME];

	snprintf(out, PATH_TEXT, "messages/%s.md",
		 stream_name_format(name, text));
	return out;
}

const char *path_archive(struct stream_name name, unsigned segment,
			 char out[PATH_TEXT])
{
	char text[STREAM_NAME];

	assert(segment > 0 && segment <= LIMIT_SEGMENTS);
	snprintf(out, PATH_TEXT, "archive/%s/%04u.md",
		 stream_name_format(name, text), segment);
	return out;
}
