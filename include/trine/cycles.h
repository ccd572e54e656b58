/*
 * run/cycles.json: the last cycles, for people who look (the dashboard): when, what they
 * did, how long each step took, how large the repository and the log were then. No cycle
 * needs it: one that cannot be noted is not.
 */
#ifndef TRINE_CYCLES_H
#define TRINE_CYCLES_H

#include <jansson.h>

#include "trine/home.h"
#include "trine/report.h"

enum { CYCLES_KEPT = 60 };

int cycles_note(const struct home *h, const struct report *r, struct error *err);
/* A list, the oldest first; empty if there is none, or none that can be understood. New
 * reference. */
json_t *cycles_to_json(const struct home *h);

#endif
