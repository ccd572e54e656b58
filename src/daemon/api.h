/*
 * The operations of the API, as data. Private to src/daemon.
 *
 * One table says what there is: api.c finds the operation of a request in it, and
 * measures what was sent against its fields before the operation sees it; openapi.c
 * writes the same table as OpenAPI. An operation calls what the command line calls.
 */
#ifndef TRINE_API_H
#define TRINE_API_H

#include "trine/claims.h"
#include "trine/session.h"
#include "web.h"

enum api_kind {
	API_TEXT,
	API_NUMBER,
	API_FLAG,
	API_TEXTS,		/* a list of texts */
	API_LONG,		/* "30s", "5m" */
	API_WHEN,		/* a time, or how long from now, or ago */
	/* of answers alone */
	API_TIME,		/* RFC 3339, or null: never, not known */
	API_MAYBE,		/* a text or null */
	API_SOME,		/* a number or null */
	API_OBJECT, API_OBJECTS,	/* of the kind `words` names */
	API_MAP,		/* of numbers, by name */
	API_ANY
};

struct api_field {
	const char *name;
	enum api_kind kind;
	bool needed;		/* of answers: always there */
	const char *help;
	const char *words;	/* the texts it may be, with blanks between; or NULL */
	int64_t least, most;	/* of a number; most 0: no end */
};
/* A name for all the others there may be. */
#define API_OTHERS "*"
#define API_END { NULL, API_TEXT, false, NULL, NULL, 0, 0 }

enum api_flags {
	API_OPEN = 1 << 0,	/* wants no token, and touches nothing */
	API_ACTIVE = 1 << 1,	/* changes what is in run/active.json */
	API_SESSION = 1 << 2,	/* a session has to be named */
	API_PLAIN = 1 << 3,	/* its answer is a text */
	API_STREAM = 1 << 4,	/* it goes on */
	API_PAGE = 1 << 5,	/* or a page */
	API_HUB_TOO = 1 << 6,	/* and is there on the hub's port */
	API_LOCK = 1 << 7	/* while it waits, others see for which lock */
};

struct call {
	struct web *web;
	struct home *home;
	struct conn *conn;
	json_t *input;		/* fields by name, and the parts of the path */
	struct session session;
	const struct session *by;	/* the one that acts, or NULL: a person */
	bool last;		/* it is waited for no longer */
};

enum { API_WAIT = 1 };		/* not yet: ask again */

struct api_operation {
	enum method method;
	const char *path;	/* "/api/tasks/{id}/claim" */
	const char *name;	/* operationId */
	const char *summary;
	const struct api_field *fields;	/* of the query, or of the body; or NULL */
	const char *gives;	/* the schema of its answer */
	unsigned flags;
	/* 0: OUT is the answer, or what it wrote into A. -1: ERR. */
	int (*run)(struct call *c, json_t **out, struct error *err);
	int (*write)(struct call *c, struct answer *a, struct error *err);
};

struct api_schema {
	const char *name;
	const char *help;
	const struct api_field *fields;
};

struct api_part {
	const char *name, *help;	/* tag */
	const struct api_operation *operation;	/* ends with a path of NULL */
	const struct api_schema *schema;	/* ends with a name of NULL */
};

extern const struct api_part api_tasks, api_sessions, api_locks, api_reservations,
	api_state, api_messages, api_alerts, api_routes, api_instances, api_status, api_server;
extern const struct api_part api_hub;	/* of the hub's port alone */
extern const struct api_part *const api_parts[];	/* ends with NULL */

/* What was sent. Absent: NULL, the default, false, no list, no text. */
const char *call_text(const struct call *c, const char *name);
int64_t call_number(const struct call *c, const char *name, int64_t otherwise);
bool call_flag(const struct call *c, const char *name);
void call_list(const struct call *c, const char *name, struct list *out);
int64_t call_long(const struct call *c, const char *name);	/* seconds; 0 */
int64_t call_when(const struct call *c, const char *name, bool ago);	/* 0 */
struct span call_body(const struct call *c);
const char *call_from(const struct call *c);	/* else the session that acts */
/* Else a message; normal. */
enum message_type call_type(const struct call *c);
enum message_priority call_priority(const struct call *c);

/* ---- api_fleet.c ---- */
/* The session that acts wants what WISH says in the whole fleet: 0, it is held; API_WAIT;
 * or -1: ERR_NO, another has it; ERR_AGAIN, nobody could confirm it yet, and it stays
 * wanted. */
int fleet_get(struct call *c, const struct claim_wish *wish,
	      struct claim_standing *out, struct error *err);
/* What was given back here goes out with a cycle, soon. */
void fleet_ring(struct call *c);
int fleet_give_back(struct call *c, const char *name, const char *why,
		    struct error *err);

/* {"schema":1,"NAME":LIST} */
json_t *api_list(const char *name, json_t *list);
/* {"schema":1,"id":ID} */
json_t *api_id(const char *id);
json_t *api_done(void);

#endif
