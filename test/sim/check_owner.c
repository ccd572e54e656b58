/* Who owns a path, and which paths reach a desk: design §4. */
#include "check_own.h"

#include <string.h>
#include <strings.h>

enum { MOST_NAME = 64, MOST_DEPTH = 6, MOST_FILE = 1 << 20 };

/* "1_TO_2": from, to, and where it ends; NULL: no stream. */
static const char *stream_at(const char *text, int *from, int *to)
{
	const char *at = text;

	*from = *to = 0;
	if (!strncmp(at, "HUMAN", 5))
		at += 5;
	else if ((*from = (int)ck_number(at, &at)) < 1)
		return NULL;
	if (strncmp(at, "_TO_", 4))
		return NULL;
	at += 4;
	if (!strncmp(at, "ALL", 3))
		return at + 3;
	return (*to = (int)ck_number(at, &at)) < 1 ? NULL : at;
}

bool ck_stream_ends(const char *name, int *from, int *to)
{
	const char *end = stream_at(name, from, to);

	return end && !*end;
}

/* What stands behind WORDS at the start of PATH; NULL: something else does. */
static const char *after(const char *path, const char *words)
{
	size_t size = strlen(words);

	return strncmp(path, words, size) ? NULL : path + size;
}

int ck_built_in(const char *path, bool *conflicts)
{
	const char *rest, *end;
	int from, to;

	*conflicts = false;
	if ((rest = after(path, "COMPUTER_"))) {
		from = (int)ck_number(rest, &end);
		return from > 0 && !strcmp(end, ".md") ? from : 0;
	}
	if ((rest = after(path, "messages/"))) {
		end = stream_at(rest, &from, &to);
		return end && !strcmp(end, ".md") ? from : 0;
	}
	if ((rest = after(path, "archive/"))) {
		end = stream_at(rest, &from, &to);
		return end && *end == '/' ? from : 0;
	}
	if ((rest = after(path, "conflicts/"))) {
		from = (int)ck_number(rest, &end);
		*conflicts = from > 0 && *end == '/';
		return *conflicts ? from : 0;
	}
	return 0;
}

/* `**` any path, `*` and `?` within a name. */
static bool matches(const char *glob, const char *path)
{
	for (; *glob; glob++, path++) {
		if (!strncmp(glob, "**", 2)) {
			if (glob[2] == '/' && matches(glob + 3, path))
				return true;
			for (const char *at = path;; at++) {
				if (matches(glob + 2, at))
					return true;
				if (!*at)
					return false;
			}
		}
		if (*glob == '*') {
			while (!matches(glob + 1, path)) {
				if (!*path || *path++ == '/')
					return false;
			}
			return true;
		}
		if (!*path || (*glob == '?' ? *path == '/' : *glob != *path))
			return false;
	}
	return !*path;
}

bool ck_is_of_people(const char *path)
{
	static const char start[] = "messages/HUMAN_TO_";
	const char *end = path + sizeof(start) - 1;

	if (strncmp(path, start, sizeof(start) - 1))
		return false;
	if (!strncmp(end, "ALL", 3))
		end += 3;
	else if (ck_number(end, &end) < 1)
		return false;
	return !strcmp(end, ".md");
}

int ck_owner(const struct ck_fleet *fleet, const char *path)
{
	bool conflicts;
	int owner = ck_built_in(path, &conflicts);
	size_t i;
	const json_t *rule;

	if (owner || !fleet || !fleet->yaml ||
	    ck_is_of_people(path) ||
	    !strcmp(path, "fleet.yaml"))
		return owner;
	json_array_foreach(json_object_get(fleet->yaml, "owners"), i, rule) {
		const char *glob = json_string_value(
				json_object_get(rule, "path"));
		const char *who = json_string_value(
				json_object_get(rule, "owner"));

		if (glob && who && matches(glob, path))
			return (int)ck_number(who, NULL);
	}
	return 0;
}

static bool good_name(const char *name, size_t size)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789";

	if (!size || size > MOST_NAME || !strchr(first, *name))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!strchr(first, name[i]) && !strchr("._-", name[i]))
			return false;
	}
	return true;
}

static bool is_for_other_tools(const char *name, size_t size)
{
	static const char *const names[] = {
		"CLAUDE.md", "AGENTS.md", "GEMINI.md",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == size &&
		    !strncasecmp(names[i], name, size))
			return true;
	}
	return false;
}

bool ck_is_fit(struct check *c, const struct ck_change *change)
{
	size_t size = 0;
	char *text;

	if (change->is && git_oid_equal(&change->oid, &change->old_oid))
		return true;	/* its mode alone */
	text = change->old_mode == 0100644 ? ck_blob(c, &change->old_oid, &size) : NULL;
	free(text);
	return text && size <= MOST_FILE;
}

bool ck_reaches_desk(const char *path, size_t size)
{
	static const char *const suffixes[] = {
		".md", ".yaml", ".yml", ".txt", ".json",
	};
	bool good = false;
	size_t depth = 0;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		good |= ck_ends(path, suffixes[i]);
	if (!good || size > MOST_FILE)
		return false;
	for (const char *at = path; *at; depth++) {
		size_t length = strcspn(at, "/");

		if (!good_name(at, length) || is_for_other_tools(at, length))
			return false;
		at += length;
		at += *at == '/';
	}
	return depth <= MOST_DEPTH;
}

bool ck_retired(const struct ck_fleet *fleet, int computer)
{
	size_t i;
	const json_t *number;

	if (!fleet || !fleet->yaml)
		return false;
	json_array_foreach(json_object_get(fleet->yaml, "retired"), i, number) {
		const char *text = json_string_value(number);

		if (text && ck_number(text, NULL) == computer)
			return true;
	}
	return false;
}
