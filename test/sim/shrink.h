/*
 * A run that broke something, made smaller by running less of it again and
 * again, and left as a test: a script that t070-cases.sh runs.
 */
#ifndef SIM_SHRINK_H
#define SIM_SHRINK_H

#include "runs.h"

/* RUN ended as OUT says. Tries for SECONDS, or until ^C, and says what became of
 * it. WHERE: the file, or a folder, in which it gets a name of its finding and
 * seed. Of findings that differ in numbers alone the first is taken. */
void shrink(const struct run *run, const struct outcome *out, const char *where,
	    uint64_t seconds);

#endif
