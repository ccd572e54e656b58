/* Sizes of files as trine.ini has them: "512K", "64M", "1G", in units of 1024 bytes.
 * Private to the core. */
#ifndef TRINE_SIZE_H
#define TRINE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"

/* A number and its unit; false if it is no size, or one over 2^40. */
bool size_parse(struct span s, int64_t *bytes);
void size_write(struct buf *out, int64_t bytes);

#endif
