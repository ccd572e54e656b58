/*
 * What the files of the web part share. Private to src/daemon; none but web.c, door.c,
 * conn.c, http.c, feed.c, channel.c, probe.c, resolve.c and those of realtime.h calls
 * libwebsockets.
 *
 *	web.c		one context, and what happens in it by the clock
 *	door.c		where connections come in: a port, a Unix socket
 *	conn.c		one connection: a request is read, answered, the next one
 *	http.c		what of a request we understand, and answers
 *	guard.c		who may ask: token, Host, Origin, type, rate
 *	api.c		the table of operations, and what is done for one of them
 *	api_*.c		the operations, one file a noun; api_hub.c those of the hub
 *	openapi.c	the table as OpenAPI
 *	feed.c		the log as a stream of events
 *	metrics.c	figures for Prometheus
 *	channel.c	what the supervisor and we say to each other
 *	probe.c		how a service is, for it
 *	resolve.c	the addresses of a name
 */
#ifndef TRINE_WEB_H
#define TRINE_WEB_H

#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon.h"
#include "trine/buf.h"
#include "trine/list.h"
#include "trine/pass.h"
#include "trine/dashboard.h"

enum {
	WEB_BODY = 512 * 1024,		/* bytes of a request's body */
	WEB_HEADERS = 8 * 1024,		/* and of what stands before it */
	WEB_QUERY = 16,			/* parameters behind a `?` */
	WEB_CONNECTIONS = 4000,		/* at once; fewer if files are short */
	WEB_FILES_KEPT = 64,		/* descriptors that are no connection's */
	/* milliseconds: from the first byte of a request to its last; that the
	 * client may take to read an answer; between two requests; of a stream
	 * that takes nothing. */
	WEB_READ_MS = 15 * 1000,
	WEB_ANSWER_MS = 60 * 1000,
	WEB_IDLE_MS = 75 * 1000,
	WEB_WAIT_MOST_MS = 300 * 1000,	/* of an operation that waits */
	WEB_WAITING = 256,		/* so many at once: each is asked again at
					 * each event */
	/* Changes of one client: so many a second, and so many at once. */
	WEB_RATE = 200,
	WEB_BURST = 400
};

struct web;
struct conn;

/* What libwebsockets keeps for us with a connection, first in each kind of it. All are of
 * one host: which one a connection is of, libwebsockets decides by the name it asks for. */
struct caller {
	int (*event)(struct lws *wsi, enum lws_callback_reasons reason, void *in,
		     size_t len);
};

/* ---- http.c: a request, and an answer ---- */

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

struct parameter {
	char *name, *value;
};

struct request {
	enum method method;
	bool head;			/* HEAD: as GET, without the body */
	bool local;			/* by the Unix socket */
	bool hub;			/* to the hub */
	int computer;			/* whose token it shows; 0: the daemon's own */
	char *path;
	struct parameter query[WEB_QUERY];
	size_t query_count;
	int64_t length;			/* of the body, as it says; -1: it does not */
	char host[256], origin[256], site[32], type[64], authorization[160];
	char session[80], last_event[24], claimed[8];
	struct buf body;
};

/* What WSI asks. *STATUS: 0, or why it cannot be understood, and ERR says more. */
void request_read(struct request *r, struct lws *wsi, int *status, struct error *err);
void request_release(struct request *r);
const char *request_query(const struct request *r, const char *name);

struct answer {
	int status;
	const char *type;		/* of the body */
	char policy[DASHBOARD_POLICY];	/* Content-Security-Policy; "": nothing */
	const char *cache;		/* Cache-Control, or NULL: no-store */
	int retry;			/* seconds, or 0 */
	bool close;
	struct buf body;
};

/* The status of HTTP for CODE, and CODE as a word. */
int http_status(enum error_code code);
const char *http_code_word(int status, enum error_code code);
/* A is {"schema":1,"error":{"code","text","hint"}} from now on. */
void answer_error(struct answer *a, int status, const struct error *err);
/* JSON becomes A's. */
void answer_json(struct answer *a, int status, json_t *json);
void answer_text(struct answer *a, int status, const char *text);
/* Write it: 0, or -1, and the connection is to be closed. */
int answer_write(struct answer *a, struct lws *wsi, bool head);

/* ---- guard.c ---- */

enum { RATES = 256 };

struct rate {
	uint64_t client;
	int64_t at;		/* steady milliseconds */
	int64_t tokens;		/* thousandths */
};

struct guard {
	char token[PASS_TEXT];
	struct list names;	/* what else it may be called */
	struct rate rate[RATES];
};

/* run/token, made if there is none. ERR_REFUSED: others can read it. */
int guard_open(struct guard *g, const struct home *h, struct error *err);
void guard_close(struct guard *g);
/* 0, or the status of HTTP, and ERR says why. FREE: no token is wanted. */
int guard_check(const struct guard *g, struct home *h, struct request *r, bool open,
		struct error *err);
/* May CLIENT change something at NOW (steady)? *RETRY: else in so many seconds. */
bool guard_rate(struct guard *g, uint64_t client, int64_t now, int *retry);

/* ---- door.c ---- */

struct door {
	struct web *web;
	struct lws *wsi;
	int fd;
	bool local, hub;
	int port;
	int spare;		/* a descriptor for when there are no more */
	void (*adopt)(struct door *door, int fd);	/* what came in */
	void *arg;
};

/* Listen on WHERE, or on the Unix socket PATH; NULL and ERR. Connections are those of
 * conn.c, until `adopt` says otherwise. SECTION of trine.ini sets where. */
struct door *door_open(struct web *w, const struct listen *where, const char *section,
		       const char *path, struct error *err);
/* What doors are protocols of. */
int door_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	       size_t len);

/* ---- conn.c ---- */

enum conn_state {
	CONN_IDLE,		/* before a request */
	CONN_BODY,		/* its body is on the way */
	CONN_ANSWER,		/* the answer is */
	CONN_WAIT,		/* an operation waits */
	CONN_STREAM		/* events */
};

struct conn {
	struct caller caller;	/* the first member */
	struct web *web;
	struct lws *wsi;
	struct conn *before, *next;	/* the one that was heard of last, first */
	bool local, hub;
	enum conn_state state;
	int64_t since;			/* steady: of the state */
	struct request request;
	struct pending *pending;	/* of CONN_WAIT */
	struct stream *stream;		/* of CONN_STREAM */
};

/* A connection that was accepted as FD. */
void conn_adopt(struct door *door, int fd);
void conn_free(struct conn *c);
void conn_state(struct conn *c, enum conn_state state);
/* Answer, and be ready for the next one. -1: it is to be closed. */
int conn_answer(struct conn *c, struct answer *a);
/* Close those that took too long, and look at those that wait. */
void conns_sweep(struct web *w);
void conns_look(struct web *w, bool news);
/* One that is idle makes room for another. False: there is none. */
bool conns_make_room(struct web *w);

/* ---- web.c ---- */

struct counts {
	uint64_t requests[6];	/* by the first digit of the status */
	uint64_t refused, cut;	/* connections at the limit; that took too long */
};

/* What /api/facts said last. */
struct facts {
	struct buf text;
	struct log_mark seen;
	int64_t at;		/* steady */
};

struct web {
	struct daemon *d;
	struct lws_context *context;
	struct lws_vhost *host;
	struct door *tcp, *unix_socket, *hub;
	struct guard guard;
	struct conn *first, *last;
	struct realtime *realtime;
	size_t links;		/* of it */
	size_t conns, most, waiting, streams;
	struct conn *adopting;
	lws_sorted_usec_list_t sweep, look, tidy;
	struct log_mark seen;
	int64_t looked;		/* steady */
	bool sweeping, looking;	/* these timers run */
	bool stale;		/* run/active.json */
	int64_t started;
	struct counts counts;
	struct facts facts;
	int channel;
	char line[4096];	/* what came of one on the channel so far */
	size_t line_len;
	bool over;		/* the supervisor is gone, or wants us to end */
};

int64_t web_now(const struct web *w);		/* steady */
/* There is a connection, or one that waits for something: it is looked after. */
void web_watch(struct web *w);
/* The supervisor is to begin a cycle. ERR_AGAIN: it cannot be told now. */
int web_ring(struct web *w, struct error *err);
/* Something changed that run/active.json has. */
void web_changed(struct web *w);

/* ---- channel.c, probe.c: the supervisor ---- */
int channel_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len);
int channel_open(struct web *w, struct error *err);
/* JSON (daemon.h) becomes its. */
int channel_say(struct web *w, json_t *json, struct error *err);
int probe_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len);
/* Ask URL how it is, for so many milliseconds; the answer goes to the channel. */
void probe_begin(struct web *w, uint64_t id, const char *url, int64_t ms);

/* ---- resolve.c: libwebsockets itself would stand still until there is an answer ---- */
struct resolving;
/* Once, and not before this returns: the addresses of HOST, which are the callee's to
 * release; or none, and WHY. NULL: it could not even be begun, and ERR. */
struct resolving *resolve_begin(struct web *w, const char *host,
				void (*done)(void *arg, struct list *found,
					     const char *why),
				void *arg, struct error *err);
void resolve_cancel(struct resolving *r);	/* NULL is fine */
int resolve_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len);

/* ---- api.c ---- */

/* Decide what to do with C's request, whose body is there. -1: close. */
int api_answer(struct conn *c);
/* Is anything to be said about it before its body is read? Then A is the answer. */
bool api_refuses(struct conn *c, int status, struct error *err, struct answer *a);
/* Look again at what C waits for. -1: close. */
int api_look(struct conn *c);
/* The client of C, which waits, is gone. */
void api_leave(struct conn *c);
void pending_free(struct pending *p);

/* ---- feed.c ---- */
/* INPUT: the fields that were sent. -1: close. */
int events_begin(struct conn *c, const json_t *input);
int events_write(struct conn *c);
void events_look(struct conn *c, bool news);
bool events_stuck(const struct conn *c);
void stream_free(struct stream *s);

/* ---- others ---- */
int metrics_write(struct web *w, struct buf *out, struct error *err);
json_t *openapi_json(bool hub);	/* of the port of the coordinator, or the hub */

#endif
