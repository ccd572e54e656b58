/* Where tests make their files (test/scratch chooses for all of them). Paths
 * below it must fit into sockets and small buffers: a long one is not taken. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdlib.h>
#include <string.h>

enum { SCRATCH_LONGEST = 20 };

static inline const char *scratch(void)
{
	const char *folder = getenv("TMPDIR");

	return folder != NULL && *folder != '\0' &&
	       strlen(folder) <= SCRATCH_LONGEST ? folder : "/tmp";
}

#endif
