/*
 * The files of coordination/, the template of a new fleet's folder, built into
 * the program by config/embed: the same bytes on every computer.
 */
#ifndef TRINE_TEMPLATE_H
#define TRINE_TEMPLATE_H

#include <stddef.h>

struct template_file {
	const char *path;	/* below the prefix: "fleet.yaml" */
	const char *bytes;
	size_t len;
};

extern const struct template_file template_files[];
extern const size_t template_count;

#endif
