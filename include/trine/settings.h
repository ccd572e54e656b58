/*
 * trine.ini, the settings of one computer, read with inih. Pure: the bytes of
 * the file in, the settings or all their faults out.
 *
 * One table in settings.c says for each key its section, type, bounds, default
 * and help; parsing, checking, config/trine.ini.example and the KEYS section
 * of trine.ini(5) all come from it.
 *
 * The form is that of inih, made stricter where inih would guess or cut:
 *  - a section may appear again; a key twice in sections of one name may not;
 *  - lines over LIMIT_INI_LINE bytes, section names over LIMIT_INI_SECTION,
 *    control bytes and bytes that are no UTF-8 are faults;
 *  - comments (# or ;) stand on lines of their own. ` ;` inside a value, from
 *    where inih would cut it, is a fault; `#` inside a value is part of it;
 *  - an indented line goes on with the value above, after a newline, where the
 *    key takes several lines; elsewhere it is a fault.
 */
#ifndef TRINE_SETTINGS_H
#define TRINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/list.h"

enum deliver_kind { DELIVER_NONE, DELIVER_INBOX, DELIVER_HTTP, DELIVER_EXEC };

struct instance_settings {
	char *name;
	char *specialty;	/* or NULL; may have several lines */
	enum deliver_kind deliver;
	char *url;		/* of http, else perhaps NULL */
	char *exec;		/* of exec: the program, and an argument a line */
	int64_t capacity;
	bool bounded;		/* capacity is set: it counts for an inbox, too */
	int64_t queue;		/* tasks that may wait for it */
	int64_t timeout;	/* seconds */
	int64_t retries;
	bool idempotent, isolate;
	/* What the daemon does with it. Programs are as exec, or NULL; {copy} in them
	 * and in url and health: settings_of_copy. */
	char *start, *stop;
	char *health;		/* ask settings_health; NULL: the process */
	int64_t copies;
	int64_t slow, startup;	/* seconds */
	int64_t weight;
	char *prefer;		/* "speed", "quality", or NULL */
};

struct settings {
	bool blank;		/* no key is set at all */
	/* [computer] */
	int64_t number;		/* 0: not set */
	int64_t queue;		/* tasks that may wait */
	char *name;		/* or NULL */
	/* [remote] */
	char *url;		/* or NULL: none yet; a relative path is
				 * relative to the computer's directory */
	char *branch;
	char *prefix;		/* "coordination" */
	int64_t fetch_size;	/* bytes that one fetch may bring; 0: LIMIT_FETCH */
	/* How to get in: full paths of files, or NULL. */
	char *key, *passphrase_file;		/* ssh */
	char *ca_file, *token_file;		/* https */
	bool by_git;		/* through the installed git, and its settings */
	/* [sync] */
	/* Seconds; network and last_round are never longer than deadline. */
	int64_t heartbeat, settle, deadline, network, last_round;
	/* [radar] */
	char *take;		/* patterns, or NULL; ask settings_takes */
	char *push;		/* a branch with {n} in it, or NULL: the fleet's */
	/* [log] */
	int64_t log_size;	/* bytes */
	/* [daemon] */
	char *listen;		/* ask settings_listen */
	char *names;		/* of the computer, for settings_names; or NULL */
	int64_t period, health_period;	/* seconds */
	bool keep;		/* instances outlive it */
	char *hub_listen;	/* [hub] listen: ask settings_listen */
	/* [realtime] */
	char *realtime_listen;	/* ask settings_listen */
	char *realtime_connect;	/* ask settings_socket; or NULL */
	/* [alert] */
	char *alert_run;	/* as exec of an instance, or NULL */
	char *alert_to;		/* for settings_names, or NULL */
	/* [instance NAME] */
	struct instance_settings *instance;
	size_t instance_count, instance_cap;
};

/* Fill OUT with defaults, then with BYTES. All faults at once, "FILE:LINE:
 * what", one a line, in FAULTS; ERR_CONFIG with the first if there are any.
 * FILE is only for the text. Release OUT in either case. */
int settings_parse(struct span bytes, const char *file, struct settings *out,
		   struct buf *faults, struct error *err);
void settings_release(struct settings *s);
const struct instance_settings *settings_instance(const struct settings *s,
						  const char *name);

/* How many tasks all copies of it work on at once. */
int64_t settings_capacity(const struct instance_settings *i);

/* An address to listen on: "127.0.0.1:8900", "[::1]:0"; or "off". */
struct listen {
	bool on;
	char host[64];		/* an address, as inet_pton(3) reads it */
	int port;		/* 0: any */
};
bool settings_listen(const char *value, struct listen *out);

/* Where a WebSocket is: "ws://hub:9999", "wss://hub.example.org". */
struct socket_url {
	bool tls;
	char host[256];
	int port;		/* without one 9999, or 443 of wss */
};
bool settings_socket(const char *value, struct socket_url *out);

/* How it is seen that an instance is well. */
struct health {
	enum health_kind {
		HEALTH_PROCESS, HEALTH_HTTP, HEALTH_EXEC, HEALTH_FILE
	} kind;
	char *url;
	struct list argv;
	char *path;		/* relative: to the instance's workspace */
	int64_t seconds;	/* how old that may be */
};
/* False: WHY it cannot be meant. Release OUT in either case. */
bool settings_health(const char *value, struct health *out, struct buf *why);
void health_release(struct health *h);

/* TEXT with the number COPY where it says {copy}; caller frees. */
char *settings_of_copy(const char *text, int64_t copy);
/* The names in VALUE, which has commas, blanks or newlines between them; NULL: none. */
void settings_names(const char *value, struct list *out);

/* Is BRANCH one of those that `take` names? */
bool settings_takes(const struct settings *s, const char *branch);

/* Branches that a computer keeps for itself, where the fleet's takes no pushes:
 * by `push`, else trine/N. */
enum { BRANCH_NAME = 64 };
void settings_own_branch(const struct settings *s, int computer,
			 char out[BRANCH_NAME]);
/* Do the pushes of COMPUTER go to another branch than the fleet's? */
bool settings_pushes_apart(const struct settings *s, int computer);
/* Whose BRANCH is, by `push` here or as trine/N; 0: it is nobody's. */
int settings_branch_owner(const struct settings *s, const char *branch);

/* A remote that may be used: https, ssh, file, git, scp-like or a local path;
 * nothing that starts with `-`, no control bytes. ERR_CONFIG says why not. */
int settings_check_url(const char *url, struct error *err);

/* The commented example of config/: every key with its default and help. It is
 * itself a trine.ini without faults, and so it is without its `#`. */
void settings_write_example(struct buf *out);
/* The KEYS section of trine.ini(5): mdoc(7), a list for each section. */
void settings_write_manual(struct buf *out);

#endif
