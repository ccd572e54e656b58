/* What somebody did to one file on a desk, with nobody else around, counts; and what was
 * deleted is not put back: R22. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

struct ck_wish {
	int number;
	char *path;
	char *text;		/* NULL: it shall be gone */
};

static void free_wish(struct ck_wish *wish)
{
	free(wish->path);
	free(wish->text);
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

void check_wish(struct check *c, int number, const char *path, const char *text)
{
	struct ck_wish *wish;

	if (!has_a_say(c, number, path))
		return;
	wish = ck_alloc(sizeof(*wish));
	wish->number = number;
	wish->path = ck_copy(path, strlen(path));
	wish->text = text ? ck_copy(text, strlen(text)) : NULL;
	ck_push(&c->wishes, wish);
}

/* NULL: there is none. To be freed. */
static char *text_on_tip(struct check *c, const char *path)
{
	git_tree *tree = ck_tree(c, c->tip);
	git_tree_entry *entry = NULL;
	char *text = NULL;
	size_t size;

	if (tree && !git_tree_entry_bypath(&entry, tree, path))
		text = ck_blob(c, git_tree_entry_id(entry), &size);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return text;
}

static void check_one(struct check *c, const struct ck_wish *wish)
{
	char *text = text_on_tip(c, wish->path);

	if (!wish->text)
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
