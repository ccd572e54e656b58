/* What somebody did to one file on a desk, with nobody else around, counts; and what was
 * deleted is not put back: R22; nor a line, R17. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

struct ck_wish {
	int number;
	char *path;
	char *text;		/* NULL: it shall be gone */
	char *line;		/* or, if this is not NULL, this line of it */
};

static void free_wish(struct ck_wish *wish)
{
	free(wish->path);
	free(wish->text);
	free(wish->line);
	free(wish);
}

void ck_wishes_free(struct check *c)
{
	for (size_t i = 0; i < c->wishes.count; i++)
		free_wish(c->wishes.items[i]);
	free(c->wishes.items);
	c->wishes = (struct ck_list){ 0 };
}

/* Has a desk of computer NUMBER a say in what becomes of PATH? */
static bool has_a_say(const struct check *c, int number, const char *path)
{
	bool copies;
	int built_in = ck_built_in(path, &copies);
	int owner = ck_owner(c->tip ? c->tip->fleet : NULL, path);

	return copies || (!built_in && (!owner || owner == number));
}

static struct ck_wish *new_wish(struct check *c, int number, const char *path)
{
	struct ck_wish *wish = ck_alloc(sizeof(*wish));

	wish->number = number;
	wish->path = ck_copy(path, strlen(path));
	ck_push(&c->wishes, wish);
	return wish;
}

void check_wish(struct check *c, int number, const char *path, const char *text)
{
	if (has_a_say(c, number, path) && text)
		new_wish(c, number, path)->text = ck_copy(text, strlen(text));
	else if (has_a_say(c, number, path))
		new_wish(c, number, path);
}

void ck_shown_note(struct check *c, struct ck_computer *computer,
		   const json_t *event)
{
	struct ck_log *log = &computer->log;
	const char *path;
	const json_t *blob;

	json_object_foreach(json_object_get(event, "files"), path, blob) {
		const char *hex = json_string_value(blob);
		char *key = ck_print("%s %s", path, hex ? hex : "");

		ck_put(&log->shown, key, log);
		ck_tokens_of_desk(c, computer, path, hex ? hex : "");
		free(key);
	}
}

/* A text that this desk had before, and its log knows, is no edit: R3. */
static bool was_on_desk(const struct ck_computer *computer, const char *path,
		      const char *text)
{
	git_oid oid;
	char hex[41], *key;
	bool was;

	git_odb_hash(&oid, text, strlen(text), GIT_OBJECT_BLOB);
	key = ck_print("%s %s", path, git_oid_tostr(hex, sizeof(hex), &oid));
	was = ck_get(&computer->log.shown, key) != NULL;
	free(key);
	return was;
}

void check_wish_without(struct check *c, int number, const char *path,
			const char *text, const char *line)
{
	if (has_a_say(c, number, path) && !was_on_desk(&c->computers[number], path, text))
		new_wish(c, number, path)->line = ck_copy(line, strlen(line));
}

/* NULL: there is none. To be freed. */
static char *text_at(const struct check *c, const struct ck_commit *commit,
		     const char *path)
{
	git_oid oid;
	size_t size;

	return ck_blob_at(c, commit, path, &oid) ? ck_blob(c, &oid, &size) : NULL;
}

/* Is LINE, which is SIZE long, a line of TEXT? */
static bool has_line(const char *text, const char *line, size_t size)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strcspn(at, "\n") == size && !strncmp(at, line, size))
			return true;
	}
	return false;
}

static void check_one(struct check *c, const struct ck_wish *wish)
{
	char *text = text_at(c, c->tip, wish->path);

	if (wish->line)
		ck_rule(c, CK_R17, !has_line(text, wish->line, strlen(wish->line)),
			"computer %d: \"%s\" was taken out of %s on its desk, and is "
			"in it on the tip %.10s", wish->number, wish->line,
			wish->path, c->tip ? c->tip->hex : "");
	else if (!wish->text)
		ck_rule(c, CK_R22, !text, "computer %d: %s was deleted on its desk, "
			"and is on the tip %.10s", wish->number, wish->path,
			c->tip ? c->tip->hex : "");
	else
		ck_rule(c, CK_R22, text && !strcmp(text, wish->text), "computer %d: "
			"%s was edited on its desk, and is another on the tip %.10s",
			wish->number, wish->path, c->tip ? c->tip->hex : "");
	free(text);
}

void ck_wishes_check(struct check *c)
{
	for (size_t i = 0; i < c->wishes.count; i++)
		check_one(c, c->wishes.items[i]);
	ck_wishes_free(c);
}

void ck_put_again_check(struct check *c, struct ck_commit *commit,
			const struct ck_change *change)
{
	const struct ck_computer *computer = &c->computers[commit->computer];
	const struct ck_commit *first = change->is ?
		ck_version_first(c, change->path, &change->oid) : NULL;

	/* What a disk that came back has unsent, it may have sent before. */
	if (!first || computer->life || computer->ever_back)
		return;
	ck_rule(c, CK_R22, first == commit || !ck_is_below(first, commit), "computer "
		"%d: %.10s brings %s back as it was in %.10s", computer->number,
		commit->hex, change->path, first->hex);
}

/* ---- lines ---- */

struct line {
	struct check *c;
	struct ck_commit *commit;
	const char *path, *text;
	size_t size;
};

/* A line with a token was written once: what an older commit had is older. */
static void look_back(struct ck_token *token, void *data)
{
	const struct line *by = data;

	for (size_t i = token->commits.count; i-- > 0;) {
		const struct ck_commit *old = token->commits.items[i];
		char *text;

		if (old == by->commit || !ck_is_below(old, by->commit))
			continue;
		text = text_at(by->c, old, by->path);
		ck_rule(by->c, CK_R17, !has_line(text, by->text, by->size),
			"computer %d: %.10s brings \"%.*s\" of %s back, which was "
			"there in %.10s", by->commit->computer, by->commit->hex,
			(int)by->size, by->text, by->path, old->hex);
		free(text);
	}
}

void ck_lines_check(struct check *c, struct ck_commit *commit,
		    const struct ck_change *change)
{
	const struct ck_computer *computer = &c->computers[commit->computer];
	const char *path = change->path + strlen(c->prefix) + 1;
	struct line line = { c, commit, path, NULL, 0 };
	size_t size = 0;
	char *was, *is;

	if (!change->was || !change->is || computer->life || computer->ever_back)
		return;
	was = ck_blob(c, &change->old_oid, &size);
	is = ck_blob(c, &change->oid, &size);
	for (const char *at = is; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		line.text = at;
		line.size = strcspn(at, "\n");
		if (line.size && !has_line(was, at, line.size))
			ck_tokens_in(c, at, line.size, look_back, &line);
	}
	free(is);
	free(was);
}
