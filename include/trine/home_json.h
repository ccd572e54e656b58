/*
 * Small facts that one program leaves for others as JSON in a file of .trine: where the
 * daemon listens, how instances are, the last cycles. Each is complete at any moment and
 * can be lost without harm, so whoever reads does without one that is not there.
 *
 *	home_put_json(h, "run/ports.json", ports, err);
 *	ports = home_json(h, "run/ports.json", LIMIT_SMALL);
 */
#ifndef TRINE_HOME_JSON_H
#define TRINE_HOME_JSON_H

#include <jansson.h>

#include "trine/home.h"

/* What is in NAME (a path in .trine): new reference. NULL if there is none, if it is
 * larger than MOST bytes, or no JSON. */
json_t *home_json(const struct home *h, const char *name, size_t most);

/* Write it, as one line; JSON becomes home_put_json's. The caller sees to it that nobody
 * else writes NAME now. ERR_IO, ERR_REFUSED: what was there stays. */
int home_put_json(const struct home *h, const char *name, json_t *json,
		  struct error *err);

#endif
