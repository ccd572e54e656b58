/* Durations as duration_parse (text.h) reads them back: "30m", "90s", "2h", in
 * the largest unit that fits. Private to the core: trine.ini and the status. */
#ifndef TRINE_DURATION_H
#define TRINE_DURATION_H

#include <stdint.h>

#include "trine/buf.h"

void duration_write(struct buf *out, int64_t seconds);

#endif
