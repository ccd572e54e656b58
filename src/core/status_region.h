/*
 * Where the region of a status lies, shared by what reads it (status.c) and
 * what writes it (status_write.c). Private to the status.
 */
#ifndef TRINE_STATUS_REGION_H
#define TRINE_STATUS_REGION_H

#include "trine/buf.h"
#include "trine/status.h"

#define REGION_BEGIN "<!-- trine:begin"
#define REGION_END "<!-- trine:end -->"
#define STATUS_FENCE "```yaml status"

enum marker { MARKER_NONE, MARKER_BEGIN, MARKER_END };

/* What LINE (without LF) is. */
enum marker region_marker(struct span line);

#endif
