/* Where tests make their files (test/scratch chooses for all of them). Paths
 * below it must fit into sockets and small buffers: a long one is not taken. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_LONGEST = 20 };

static inline const char *scratch(void)
{
	const char *folder = getenv("TMPDIR");

	return folder != NULL && *folder != '\0' &&
	       strlen(folder) <= SCRATCH_LONGEST ? folder : "/tmp";
}

/* OUT is a new folder there, with NAME in its name: 0, or -1. */
static inline int scratch_make(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/trine-%s-XXXXXX", scratch(), name);
	return mkdtemp(out) != NULL ? 0 : -1;
}

/* It goes, with all that is in it. */
static inline int scratch_remove(const char *folder)
{
	char command[256];

	snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", folder,
		 folder);
	return system(command) == 0 ? 0 : -1;
}

#endif
