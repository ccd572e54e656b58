/* What `status --json` prints (overview.h), also for the daemon. */
#ifndef TRINE_OVERVIEW_JSON_H
#define TRINE_OVERVIEW_JSON_H

#include <jansson.h>

#include "trine/overview.h"

/* New references: all of it, and lists of it. */
json_t *overview_to_json(const struct overview *o);
json_t *overview_computers_to_json(const struct overview *o);
json_t *overview_fleet_to_json(const struct overview *o);	/* this one first */
json_t *overview_instances_to_json(const struct overview *o);

#endif
