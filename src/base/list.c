/* Lists of strings (list.h). */
#include "trine/list.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

void list_take(struct list *l, char *s)
{
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = s;
}

void list_add(struct list *l, const char *s)
{
	list_take(l, xstrdup(s));
}

void list_add_lines(struct list *l, struct span text)
{
	struct span line;
	size_t pos = 0;

	while (text_line(text, &pos, &line))
		list_take(l, xstrndup(line.p, line.len));
}

bool list_has(const struct list *l, const char *s)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->item[i], s) == 0)
			return true;
	return false;
}

void list_copy(struct list *to, const struct list *from)
{
	for (size_t i = 0; i < from->count; i++)
		list_add(to, from->item[i]);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *l)
{
	if (l->count > 1)
		qsort(l->item, l->count, sizeof(*l->item), by_bytes);
}

const char **list_argv(const struct list *l)
{
	const char **argv = xcalloc(l->count + 1, sizeof(*argv));

	for (size_t i = 0; i < l->count; i++)
		argv[i] = l->item[i];
	return argv;
}

void list_release(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i]);
	free(l->item);
	*l = (struct list)LIST_INIT;
}
