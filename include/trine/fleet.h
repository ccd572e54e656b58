/* fleet.yaml: who the computers are, who owns which other paths, where tasks
 * without an addressee go. Pure. */
#ifndef TRINE_FLEET_H
#define TRINE_FLEET_H

#include <stdbool.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/list.h"
#include "trine/names.h"

struct fleet_computer {
	int number;
	char *name;		/* or NULL */
	char *specialty;	/* or NULL */
};

struct fleet_rule {
	char *glob;
	int owner;
};

struct fleet_route {
	char *label;
	struct list to;		/* "1", "1/araya"; several: one task each */
	int review;		/* 0: none */
	struct list stages;	/* computers, in order */
	int approvals;		/* 0: none */
};

struct fleet {
	struct fleet_computer *computer;
	size_t computer_count, computer_cap;
	struct fleet_rule *rule;
	size_t rule_count, rule_cap;
	struct fleet_route *route;
	size_t route_count, route_cap;
	int *retired;
	size_t retired_count, retired_cap;
};

#define FLEET_INIT { 0 }

/* Every path is held against every rule, so a fleet may have so many. */
enum { FLEET_RULES = 256 };

/* ERR_DATA with the line: the caller keeps the last good one then. Unknown
 * keys are allowed; wrong types and owners that are no computers are not. OUT
 * may be released in either case; it is empty after an error. */
int fleet_parse(struct span bytes, struct fleet *out, struct error *err);
void fleet_release(struct fleet *f);

const struct fleet_computer *fleet_computer(const struct fleet *f, int number);
bool fleet_retired(const struct fleet *f, int number);

/* The computer called WHO: a number, seen before or not, or a name of
 * fleet.yaml in any case. END_ALL for "ALL". F may be NULL. ERR_NOTFOUND lists
 * the names there are; a name that two computers have finds neither. */
int fleet_find(const struct fleet *f, const char *who, int *out, struct error *err);

/* Append to OUT the bytes of fleet.yaml with N in its `retired:` list, comments
 * and all else kept; an empty file gives a new one. ERR_DATA if it cannot be
 * read, or is written in a way where a person must add N. */
int fleet_retire(struct span bytes, int n, struct buf *out, struct error *err);

/* Route of the first of LABELS that has one; NULL if none. */
const struct fleet_route *fleet_route(const struct fleet *f,
				      const struct list *labels);

#endif
