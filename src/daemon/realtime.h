/*
 * Real time: the daemons of the fleet, and one of them, the hub, which the others are
 * connected to by WebSocket. Private to src/daemon.
 *
 *	realtime.c		frames that come in, and the log that grows
 *	realtime_mail.c		messages: ours, those of others, how far each is
 *	realtime_presence.c	who is there, and what he does
 *	link.c			one connection: frames in and out, within bounds
 *	realtime_server.c	the hub's side: who comes in, and presence
 *	realtime_client.c	the other side: connecting, again and again
 *
 * Each frame is one text of JSON, an object with `type`. That of a message is early.h's.
 * The others, where `from` and `to` are numbers of computers:
 *
 *	{"type":"presence","whole":true,"here":{"2":{"since":"2026-…","state":"IDLE"}},
 *	 "gone":[3]}
 *		from the hub: who is connected to it since when, and what it does, all
 *		(whole) or what changed; the hub itself is among them
 *	{"type":"state","from":1,"state":"SYNCING"}
 *		to the hub: of oneself
 *	{"type":"have","from":1,"to":2,"streams":{"2_TO_1":41,"2_TO_ALL":7}}
 *		up to there 1 has what 2 said, by git or earlier: what follows may come;
 *		said when 2 appears
 *	{"type":"bell","from":1}
 *		git has news
 *	{"type":"error","text":"…"}
 *		from the hub, before it ends the connection
 *
 * The hub passes on what is for another computer as it came; that `from` is whose token
 * was shown, it has looked at. With "only": 2 a message goes to computer 2 alone.
 */
#ifndef TRINE_REALTIME_H
#define TRINE_REALTIME_H

#include "trine/early.h"
#include "trine/peers.h"
#include "web.h"

enum {
	LINK_QUEUE = 4 * 1024 * 1024,	/* bytes that wait for one connection */
	LINKS_QUEUE = 64 * 1024 * 1024,	/* and for all */
	LINK_RATE = 200,		/* frames of one a second */
	LINK_BURST = 1000,		/* and at once */
	LINK_OPEN_MS = 10 * 1000,	/* from connecting to the end of the handshake */
	LINK_PING_MS = 20 * 1000,	/* without a sign of life it is asked for one */
	LINK_DEAD_MS = 50 * 1000,	/* and is gone */
	LINK_END_MS = 5 * 1000,		/* to take in why it is closed */
	REALTIME_READ = 16 * 1024,
	RESUME_MOST = 200		/* messages of a stream, to who was away */
};

#define REALTIME_PROTOCOL "trine"

struct frame;

struct link {
	struct caller caller;	/* the first member */
	struct realtime *rt;
	struct lws *wsi;
	struct link *before, *next;
	int computer;		/* whose token was shown; of the client: 0, the hub */
	bool up, client;
	int64_t opened;		/* steady: it began */
	int64_t since;		/* by the clock: it is up */
	struct frame *first, *last;	/* to go out */
	size_t queued;
	struct buf in;		/* of one that is not whole yet */
	int64_t began;		/* steady: with that one */
	int64_t sign;		/* steady: the last one of life */
	bool ask;		/* for one */
	int64_t heard;		/* steady; and what it may send yet, in thousandths */
	int64_t tokens;
	char why[96];		/* it is to be closed, and nothing of it is read */
	int64_t failed;		/* steady: since then */
	bool ended;		/* with that said: what still comes is not looked at */
};

/* To be offered. */
struct due {
	struct stream_name stream;
	uint64_t above;
	size_t most;
	int only;
};

struct realtime {
	struct web *web;
	struct door *door;
	struct link *links;		/* the hub's, and one to the hub */
	size_t count;
	size_t queued;			/* of all */
	struct link *hub;		/* ours to it; NULL: there is none now */
	struct socket_url url;
	bool connects;
	struct list address;		/* of its name, when it was looked up */
	size_t tried;			/* of these */
	unsigned failures;		/* in a row */
	char *trouble;			/* that was said, or NULL */
	struct link *adopting;
	lws_sorted_usec_list_t again, tell, look, ring;
	bool tells, rings;		/* those timers run */
	int64_t rung;			/* steady: the last time */
	int64_t said;			/* steady: that a token cannot be read */
	struct news news;
	uint64_t at;			/* how far the log is read */
	struct list late;		/* frames that are to be taken, and what is to */
	size_t late_bytes;		/* be given, when nobody else has the log */
	struct due *due;
	size_t due_count, due_cap;
	enum computer_state state, rests;	/* as it was said; while no cycle runs */
	bool stale;			/* the latter: the log has grown */
	json_t *here;			/* number → since, state: who is connected */
	json_t *came, *gone;		/* what of that was not told yet */
};

/* ---- link.c ---- */
struct link *link_new(struct realtime *rt,
		      int (*event)(struct lws *wsi, enum lws_callback_reasons reason,
				   void *in, size_t len));
void link_free(struct link *l);
/* TEXT goes out when it can; a connection that takes nothing is closed. */
void link_send(struct link *l, const char *text, size_t len);
void link_send_json(struct link *l, json_t *json);	/* JSON becomes link_send's */
int link_write(struct link *l);			/* it can be written to */
/* Bytes of a frame; -1: it is to be closed. */
void link_read(struct link *l, const void *bytes, size_t len);
void link_look(struct link *l);			/* does it live? */
void link_fail(struct link *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- realtime.c ---- */
int realtime_open(struct realtime *rt, struct web *w, struct error *err);
void realtime_close(struct realtime *rt);
void realtime_frame(struct link *l, struct span text);
/* The connection of L is up; or has ended. */
void realtime_up(struct link *l);
void realtime_down(struct link *l);
void realtime_schedule(struct realtime *rt, lws_sorted_usec_list_t *timer,
		       sul_cb_t call, int64_t ms);

int realtime_us(const struct realtime *rt);	/* the number of this computer */
void realtime_ring(struct realtime *rt);	/* a cycle is to begin */
/* Of a frame: a text, "" if there is none; a computer's number, else 0. */
const char *frame_word(const json_t *json, const char *key);
int frame_number(const json_t *json, const char *key);

/* What the watch of the log is a protocol of. */
int realtime_news(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len);

/* ---- realtime_mail.c ---- */
/* What this computer says, to TO, or to ONLY. */
void realtime_say(struct realtime *rt, int to, int only, const char *text);
/* The messages of STREAM above that number, at most so many; ONLY as above. */
void realtime_give(struct realtime *rt, struct stream_name stream, uint64_t above,
		   size_t most, int only);
/* How far we are with what COMPUTER says, to whom it is connected. */
void realtime_say_have(struct realtime *rt, int computer);
/* What waits because somebody had the log. */
void realtime_do_late(struct realtime *rt);
/* From one computer to others, as it came. */
void realtime_pass_on(struct link *from, int to, int only, struct span text);
void realtime_on_message(struct link *l, const json_t *json, struct span text);
void realtime_on_have(struct link *l, const json_t *json, struct span text);

/* ---- realtime_presence.c ---- */
/* COMPUTER is there, or says something else of itself; and it is no more. */
void realtime_enter(struct realtime *rt, int computer, const char *state);
void realtime_leave(struct realtime *rt, int computer);
/* Others, and whoever looks here, are to know. */
void realtime_tell_soon(struct realtime *rt);
void realtime_say_state(struct realtime *rt);	/* what this computer does */
void realtime_look_at_state(struct realtime *rt);	/* and if that is news */
void realtime_on_presence(struct link *l, const json_t *json, struct span text);
void realtime_on_state(struct link *l, const json_t *json, struct span text);

/* ---- realtime_server.c ---- */
void realtime_adopt(struct door *door, int fd);

/* ---- realtime_client.c ---- */
void realtime_connect(struct realtime *rt);

#endif
