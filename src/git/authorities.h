/*
 * Whose certificates are trusted, for https. Read when the first remote of that kind
 * is opened, and not whenever libgit2 starts.
 */
#ifndef TRINE_AUTHORITIES_H
#define TRINE_AUTHORITIES_H

#include <stdbool.h>

/* The system's, or those of the file INSTEAD. A libgit2 result. */
int authorities_read(const char *instead);
/* libgit2 has stopped. */
void authorities_forget(void);

#endif
