/* What a computer commits though nobody meant it: copies of what is no edit, files
 * put back again and again, lines that came back. */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a copy is of: R3 ---- */

static char *version_key(const char *path, const char *hex)
{
	return ck_print("%s %.40s", path, hex);
}

void ck_version_note(struct check *c, struct ck_commit *commit, const char *path,
		     const git_oid *oid)
{
	char hex[41], *key;

	git_oid_tostr(hex, sizeof(hex), oid);
	key = version_key(path, hex);
	if (!ck_get(&c->versions, key))
		ck_put(&c->versions, key, commit);
	free(key);
}

const struct ck_commit *ck_version_first(const struct check *c, const char *path,
					 const git_oid *oid)
{
	char hex[41], *key;
	const struct ck_commit *first;

	git_oid_tostr(hex, sizeof(hex), oid);
	key = version_key(path, hex);
	first = ck_get(&c->versions, key);
	free(key);
	return first;
}

/* The line KEY of a copy's head, up to END; NULL: it has none. To be freed. */
static char *head_line(const char *text, const char *key, const char *end)
{
	const char *at = strstr(text, key), *stop;

	if (!at || at > strstr(text, "\n## Its text"))
		return NULL;
	at += strlen(key);
	stop = strstr(at, end);
	return stop ? ck_copy(at, (size_t)(stop - at)) : NULL;
}

/* A copy that names no commit is of an edit on this desk. What stood in somebody
 * else's file on the branch, as it is, nobody here has written: publish has, and
 * the log said so before (R3). */
void ck_copy_check(struct check *c, const struct ck_commit *commit,
		   const char *path, const git_oid *oid)
{
	size_t size = 0;
	char *text = ck_blob(c, oid, &size), *key = NULL;
	char *of = text ? head_line(text, "# A version of `", "`") : NULL;
	char *blob = text ? head_line(text, "\n- blob: ", "\n") : NULL;
	char *by = text ? head_line(text, "\n- commit: ", "\n") : NULL;
	bool copies;
	int owner = of ? ck_built_in(of, &copies) : 0;

	if (blob && !by && owner && owner != commit->computer) {
		char *full = ck_print("%s/%s", c->prefix, of);

		key = version_key(full, blob);
		ck_rule(c, CK_R3, !ck_get(&c->versions, key), "computer %d: %s "
			"at %.10s is a copy of what the branch had as %s, not "
			"of an edit", commit->computer, path, commit->hex, of);
		free(full);
	}
	free(key);
	free(by);
	free(blob);
	free(of);
	free(text);
}

/* ---- putting back: R26 ---- */

/* Three times an hour for that alone. Those that something else was a reason for, too,
 * count here as they do there, and some are made anew on another tip. */
enum { PUT_BACK = 5, HOUR = 3600 };

struct times {
	int64_t last[PUT_BACK];		/* the oldest first; 0: none */
};

static bool is_often(const struct times *times, int64_t now)
{
	return times->last[0] && now >= times->last[0] &&
	       now - times->last[0] < HOUR;
}

static void note_time(struct times *times, int64_t now)
{
	memmove(times->last, times->last + 1,
		sizeof(times->last) - sizeof(times->last[0]));
	times->last[PUT_BACK - 1] = now;
}

void ck_put_back_check(struct check *c, const struct ck_commit *commit,
		       const struct ck_list *paths, bool other_reason)
{
	struct ck_computer *computer = &c->computers[commit->computer];
	size_t often = 0;

	for (size_t i = 0; i < paths->count; i++) {
		const char *path = paths->items[i];
		struct times *times = ck_get(&computer->put_back, path);

		if (!times) {
			times = ck_alloc(sizeof(*times));
			ck_put(&computer->put_back, path, times);
		}
		often += is_often(times, commit->time);
		note_time(times, commit->time);
	}
	if (paths->count && !other_reason)
		ck_rule(c, CK_R26, often < paths->count || computer->twins,
			"computer %d: %.10s is for nothing but to put %s back, "
			"as were %d commits in the hour before it",
			commit->computer, commit->hex,
			(const char *)paths->items[0], PUT_BACK);
}

/* ---- lines that came back: R17 ---- */

/* On a line of its own that somebody has ticked? */
static bool is_ticked(const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return !strncmp(at, "- [x] ", 6);
}

size_t ck_count_asked(struct check *c, const struct ck_commit *commit, const char *path,
		      const char *words, bool ticked)
{
	git_oid oid;
	size_t size = 0, count = 0;
	char *text = ck_blob_at(c, commit, path, &oid) ? ck_blob(c, &oid, &size) :
		NULL;

	for (const char *at = text; at && (at = strstr(at, words)); at++)
		count += is_ticked(text, at) == ticked;
	free(text);
	return count;
}

/* "- [x] Do k5.", LINE, as it was before; is it a line of TEXT? */
static bool has_unticked(const char *text, const char *line, size_t size)
{
	char *open = ck_copy(line, size);
	bool found = false;

	open[3] = ' ';
	for (const char *at = text; !found && (at = strstr(at, open)); at++)
		found = (at == text || at[-1] == '\n') &&
			(at[size] == '\n' || !at[size]);
	free(open);
	return found;
}

void ck_ticked_check(struct check *c, const struct ck_commit *commit,
		     const struct ck_change *change)
{
	size_t size = 0;
	char *was = change->was ? ck_blob(c, &change->old_oid, &size) : NULL;
	char *is = change->is ? ck_blob(c, &change->oid, &size) : NULL;

	for (const char *at = was; is && at; at = strchr(at, '\n')) {
		at += *at == '\n';
		size = strcspn(at, "\n");
		if (strncmp(at, "- [x] ", 6) || has_unticked(was, at, size))
			continue;
		ck_rule(c, CK_R17, !has_unticked(is, at, size), "computer %d: "
			"%s at %.10s asks again for \"%.*s\"",
			commit->computer, change->path, commit->hex,
			(int)size - 6, at + 6);
	}
	free(was);
	free(is);
}
