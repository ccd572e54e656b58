/* A list of strings it owns: labels, former clones, arguments. */
#ifndef TRINE_LIST_H
#define TRINE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/buf.h"

struct list {
	char **item;
	size_t count;
	size_t cap;
};

#define LIST_INIT { NULL, 0, 0 }

void list_add(struct list *l, const char *s);		/* copies S */
void list_take(struct list *l, char *s);		/* S becomes the list's */
void list_add_lines(struct list *l, struct span text);	/* each of its lines */
bool list_has(const struct list *l, const char *s);
void list_copy(struct list *to, const struct list *from);
void list_sort(struct list *l);				/* bytewise */
void list_release(struct list *l);			/* empty and usable */
/* The words of L with a NULL behind them, as a program gets them; the words stay L's, and
 * the caller frees what is returned. */
const char **list_argv(const struct list *l);

#endif
