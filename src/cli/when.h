/* Times as people give them to commands. */
#ifndef TRINE_WHEN_H
#define TRINE_WHEN_H

#include <stdint.h>

#include "trine/error.h"

enum when_end { WHEN_START, WHEN_END };

/* GIVEN to --OPTION: 2026-11-20T13:00:00Z; 2026-11-20, whose first or last
 * second counts by END; 2h or -2h ago. NULL leaves *OUT. ERR_USAGE. */
int when_parse(const char *option, const char *given, enum when_end end,
	       int64_t now, int64_t *out, struct error *err);
/* GIVEN to --due: 2026-11-20T13:00:00Z, or in 30m, 2h. NULL leaves *OUT. ERR_USAGE. */
int when_due(const char *given, int64_t now, int64_t *out, struct error *err);
/* GIVEN to --OPTION, how long: 30s, 5m, in seconds. NULL leaves *OUT. ERR_USAGE. */
int when_long(const char *option, const char *given, int64_t *out,
	      struct error *err);

/* The same, and longer than nothing. */
int when_some_time(const char *option, const char *given, int64_t *out,
		   struct error *err);

#endif
