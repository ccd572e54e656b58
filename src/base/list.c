/* Lists of strings (list.h). */
#include "trine/list.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

void list_take(struct list *l, char *s)
{
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = s;
}

void list_add(struct list *l, const char *s)
{
	list_take(l, xstrdup(s));
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

void list_release(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i]);
	free(l->item);
	*l = (struct list)LIST_INIT;
}
