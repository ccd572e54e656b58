/*
 * Memory: trine is a program, not a library, so running out ends it with exit
 * 70 and one line on stderr. Whatever is sized from outside is capped by
 * limits.h before it reaches these functions.
 *
 * Names follow git: X_init prepares, X_release frees what X holds, X_clear
 * releases and makes X usable again, X_free does X_release and frees X itself.
 * All of them accept NULL or an empty X.
 */
#ifndef TRINE_MEM_H
#define TRINE_MEM_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);	/* checks the product */
char *xstrdup(const char *s);				/* NULL gives NULL */
char *xstrndup(const char *s, size_t len);
char *xmemdup(const void *bytes, size_t len);	/* len bytes and a NUL */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* P, unless it is NULL: then memory is used up, and the program ends. Libraries
 * get their memory through this, too, where they let us: what one of them leaves
 * out for want of memory would be lost without a word, and a program that ends
 * is one that was killed, which loses nothing. */
void *mem_need(void *p);

/* Make room for one more element in ARRAY, which holds COUNT of CAP. */
#define ARRAY_GROW(array, count, cap) do {				\
	if ((count) >= (cap)) {						\
		(cap) = (cap) ? (cap) * 2 : 8;				\
		(array) = xrealloc((array), (cap), sizeof(*(array)));	\
	}								\
} while (0)

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
