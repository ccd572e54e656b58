/*
 * Values of trine.ini that are branches of the remote, and what they mean: the
 * fleet's, patterns of others, and the one that a computer keeps for itself.
 */
#include "settings_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/names.h"
#include "trine/text.h"

/* --- names --- */

bool settings_parts_valid(const char *value, bool (*good)(struct span))
{
	const char *end;
	size_t parts = 0;

	for (;; value = end + 1, parts++) {
		end = value + strcspn(value, "/");
		if (parts >= LIMIT_DEPTH ||
		    !good((struct span){ value, (size_t)(end - value) }))
			return false;
		if (*end == '\0')
			return true;
	}
}

/* A part of a branch's name: git-check-ref-format(1), and a little less. */
static bool branch_part(struct span s)
{
	static const char lock[] = ".lock";
	size_t n = strlen(lock);

	if (s.len == 0 || s.len > LIMIT_NAME || s.p[0] == '.' || s.p[0] == '-' ||
	    s.p[s.len - 1] == '.' ||
	    (s.len >= n && memcmp(s.p + s.len - n, lock, n) == 0))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    strchr("~^:?*[]\\@{}\"'`$;&|<>", s.p[i]) != NULL ||
		    (s.p[i] == '.' && i > 0 && s.p[i - 1] == '.'))
			return false;
	return true;
}

/* struct join_plan and refs/… keep it short. */
static bool is_branch(const char *value)
{
	return strlen(value) < BRANCH_NAME &&
	       settings_parts_valid(value, branch_part);
}

bool settings_set_branch(const struct settings_key *key, const char *value,
		       void *field, struct buf *why)
{
	(void)key;
	if (!is_branch(value)) {
		buf_printf(why, "'%s' is no name for a branch", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

/* --- patterns --- */

static bool glob_valid(struct span glob)
{
	for (size_t i = 0; i < glob.len; i++)
		if ((unsigned char)glob.p[i] <= ' ' || glob.p[i] == 0x7f ||
		    strchr("~^:\\", glob.p[i]) != NULL)
			return false;
	return glob.len > 0 && glob.len <= LIMIT_HEAD_NAME && *glob.p != '-' &&
	       *glob.p != '/';
}

/* The next word of TEXT, which becomes what is behind it. */
static bool next_word(const char **text, struct span *out)
{
	static const char blanks[] = " \t";

	out->p = *text + strspn(*text, blanks);
	out->len = strcspn(out->p, blanks);
	*text = out->p + out->len;
	return out->len > 0;
}

bool settings_set_globs(const struct settings_key *key, const char *value,
		      void *field, struct buf *why)
{
	const char *rest = value;
	struct span glob;

	(void)key;
	if (*value == '\0')
		buf_adds(why, "has no value");
	while (why->len == 0 && next_word(&rest, &glob))
		if (!glob_valid(glob))
			buf_printf(why, "'%.*s' is no pattern for branches, as "
				   "claude/* is", (int)glob.len, glob.p);
	if (why->len == 0)
		settings_set_string(field, value);
	return why->len == 0;
}

bool settings_takes(const struct settings *s, const char *branch)
{
	const char *rest = s->take ? s->take : "";
	struct span word;
	bool found = false;

	while (!found && next_word(&rest, &word)) {
		char *glob = xmemdup(word.p, word.len);

		found = path_glob(glob, branch);
		free(glob);
	}
	return found;
}

/* --- branches of computers --- */

/* Read by all, whatever they set themselves: mail there must not be lost. */
static const char usual[] = "trine/{n}", number[] = "{n}";

static char *name_own(const char *pattern, int computer)
{
	const char *at = strstr(pattern, number);

	return xasprintf("%.*s%d%s", (int)(at - pattern), pattern, computer,
			 at + strlen(number));
}

bool settings_set_own_branch(const struct settings_key *key, const char *value,
			     void *field, struct buf *why)
{
	const char *at = strstr(value, number);
	char *longest = NULL;

	(void)key;
	if (at == NULL || strstr(at + 1, number) != NULL)
		buf_printf(why, "'%s' must have {n} in it once, for the number "
			   "of the computer, as trine/{n} has", value);
	else
		longest = name_own(value, LIMIT_COMPUTERS);
	if (longest != NULL && !is_branch(longest))
		buf_printf(why, "'%s' makes no name for a branch", value);
	free(longest);
	if (why->len == 0)
		settings_set_string(field, value);
	return why->len == 0;
}

void settings_own_branch(const struct settings *s, int computer,
			 char out[BRANCH_NAME])
{
	char *name = name_own(s->push != NULL ? s->push : usual, computer);

	snprintf(out, BRANCH_NAME, "%s", name);
	free(name);
}

/* The computer that PATTERN makes BRANCH for; 0: none. */
static int owner_by(const char *pattern, const char *branch)
{
	size_t before = (size_t)(strstr(pattern, number) - pattern);
	const char *after = pattern + before + strlen(number);
	size_t len = strlen(branch), behind = strlen(after);
	int computer;

	if (len <= before + behind || memcmp(branch, pattern, before) != 0 ||
	    strcmp(branch + len - behind, after) != 0 ||
	    !computer_parse((struct span){ branch + before,
					   len - before - behind }, &computer))
		return 0;
	return computer;
}

bool settings_pushes_apart(const struct settings *s, int computer)
{
	char own[BRANCH_NAME];

	settings_own_branch(s, computer, own);
	return s->push != NULL &&
	       (s->branch == NULL || strcmp(own, s->branch) != 0);
}

int settings_branch_owner(const struct settings *s, const char *branch)
{
	int computer = s->push != NULL ? owner_by(s->push, branch) : 0;

	return computer > 0 ? computer : owner_by(usual, branch);
}

static bool is_folder_of(const char *folder, const char *branch)
{
	size_t len = strlen(folder);

	return strncmp(folder, branch, len) == 0 &&
	       (branch[len] == '/' || branch[len] == '\0');
}

bool settings_push_clashes(const struct settings *s)
{
	char own[BRANCH_NAME];

	if (s->push == NULL || s->branch == NULL)
		return false;
	settings_own_branch(s, 1, own);
	return owner_by(s->push, s->branch) > 0 ||
	       is_folder_of(s->branch, own) || is_folder_of(own, s->branch);
}
