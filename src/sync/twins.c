/*
 * Names alike but for case: on some desks they are one file, so that none of
 * them is shown on any. Folders count too: `a/x.md` and `A/y.md` are twins.
 * compose fills this with every path it knows of.
 */
#include "sync.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

struct name {
	char *lower;
	char *exact;
};

struct twins {
	struct name *name;
	size_t count, cap;
	struct list hidden;	/* lower-case names that have twins, sorted */
};

struct twins *twins_new(void)
{
	return xcalloc(1, sizeof(struct twins));
}

static char *lower_case(const char *s, size_t len)
{
	char *out = xstrndup(s, len);

	for (char *p = out; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

static void add_name(struct twins *t, const char *path, size_t len)
{
	ARRAY_GROW(t->name, t->count, t->cap);
	t->name[t->count].lower = lower_case(path, len);
	t->name[t->count++].exact = xstrndup(path, len);
}

/* The path and each folder above it. */
void twins_add(struct twins *t, const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')) != NULL; p++)
		add_name(t, path, (size_t)(p - path));
	add_name(t, path, strlen(path));
}

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->lower, y->lower);

	return order != 0 ? order : strcmp(x->exact, y->exact);
}

void twins_seal(struct twins *t)
{
	if (t->count > 1)
		qsort(t->name, t->count, sizeof(*t->name), by_name);
	for (size_t i = 1; i < t->count; i++) {
		struct name *last = &t->name[i - 1], *this = &t->name[i];

		if (strcmp(last->lower, this->lower) == 0 &&
		    strcmp(last->exact, this->exact) != 0 &&
		    (t->hidden.count == 0 ||
		     strcmp(t->hidden.item[t->hidden.count - 1],
			    this->lower) != 0))
			list_add(&t->hidden, this->lower);
	}
}

static int compare(const void *key, const void *item)
{
	return strcmp(key, *(char *const *)item);
}

static bool is_hidden(const struct twins *t, const char *path, size_t len)
{
	char *key;
	bool found;

	if (t->hidden.count == 0)
		return false;
	key = lower_case(path, len);
	found = bsearch(key, t->hidden.item, t->hidden.count,
			sizeof(*t->hidden.item), compare) != NULL;
	free(key);
	return found;
}

bool twins_has(const struct twins *t, const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')) != NULL; p++)
		if (is_hidden(t, path, (size_t)(p - path)))
			return true;
	return is_hidden(t, path, strlen(path));
}

/* A path of a built-in rule wins over its twins (R24). */
bool twins_hide(const struct twins *t, const char *path)
{
	return path_classify(path).kind == PATH_OTHER && twins_has(t, path);
}

void twins_free(struct twins *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		free(t->name[i].lower);
		free(t->name[i].exact);
	}
	free(t->name);
	list_release(&t->hidden);
	free(t);
}
