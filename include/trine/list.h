/* A list of strings it owns: labels, former clones, arguments. */
#ifndef TRINE_LIST_H
#define TRINE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	char **item;
	size_t count;
	size_t cap;
};

#define LIST_INIT { NULL, 0, 0 }

void list_add(struct list *l, const char *s);		/* copies S */
void list_take(struct list *l, char *s);		/* S becomes the list's */
bool list_has(const struct list *l, const char *s);
void list_copy(struct list *to, const struct list *from);
void list_sort(struct list *l);				/* bytewise */
void list_release(struct list *l);			/* empty and usable */

#endif
