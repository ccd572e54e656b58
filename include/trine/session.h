/*
 * Sessions: the agents that run on this computer, each registered with its process.
 *
 *	session_start(h, &wish, &mine, &told, err);	(an agent, at its start)
 *	session_caller(h, &who, &found, err);		(whoever calls trine: which?)
 *
 * The process of a session is that of the agent: the nearest ancestor of the caller
 * that is no shell and not trine, else the shell of the terminal it came from. A
 * session lives as long as that process does, told from a later one of its pid by
 * when it began and in which boot (process.h). Nothing that a shared file says makes
 * anybody a session.
 *
 * Whoever calls trine from a session shows that it is there: that is its heartbeat,
 * the modification time of run/sessions/ID.
 */
#ifndef TRINE_SESSION_H
#define TRINE_SESSION_H

#include "trine/home.h"

/* A dead process's session ends when it has been silent for so long: until then
 * another process may adopt it. */
enum { SESSION_GRACE = 120 };

struct session_wish {
	int64_t number;		/* 0: the lowest that is free */
	const char *name, *role, *goal;	/* or NULL */
	long pid;		/* 0: found from the caller */
};

/* Register. ERR_NO: the number, or the name, is that of a session that lives; the
 * text says whose. ERR_USAGE: no such process, or an impossible name. The same
 * process again, with the same number or none, changes nothing. TOLD (free it), or
 * NULL: another live session works in the same folder. */
int session_start(struct home *h, const struct session_wish *wish,
		  struct session *out, char **told, struct error *err);

/* The session that calls: the one SESSION names ($TRINE_SESSION, or NULL), else the
 * one of an ancestor of this process. *FOUND false: none; ERR_NOTFOUND: SESSION names
 * none that lives. It counts as its heartbeat. */
int session_caller(struct home *h, const char *session, struct session *out,
		   bool *found, struct error *err);

/* First in the environment (program.h) of a program that is started behind whoever
 * calls: what it does is not done by his session, under his lock or for his task. What it
 * is itself stands behind this. */
#define SESSION_OF_NOBODY \
	"TRINE_SESSION", NULL, "TRINE_LOCK", NULL, "TRINE_LOCK_TOKEN", NULL, \
	"TRINE_INSTANCE", NULL, "TRINE_COPY", NULL, "TRINE_TASK", NULL, \
	"TRINE_ATTEMPT", NULL, "TRINE_ALERT", NULL

/* By number or name, of those that have not ended. ERR_NOTFOUND. */
int session_find(struct home *h, const char *name, struct session *out,
		 struct error *err);

int session_beat(struct home *h, const struct session *s, const char *doing,
		 struct error *err);
int session_end(struct home *h, const struct session *s, const char *why,
		struct error *err);
/* The caller's process goes on as S, whose own is gone. ERR_NO: it lives. */
int session_adopt(struct home *h, struct session *s, long pid, struct error *err);

/* Does its process live? */
bool session_lives(const struct session *s);
/* When it was last heard of: its start, or its last heartbeat. Of one that has ended
 * nobody knows any more. */
int64_t session_heard(const struct home *h, const struct session *s);

/* End those whose process is gone and that were not heard of lately; then sweep the
 * tasks (tasks_sweep). Within a transaction: whoever decides on what live sessions
 * have calls it first. */
int session_sweep(struct home *h, struct error *err);
/* The same, and is S, as it was found before, still there? Whoever gives S something
 * calls this instead. ERR_NOTFOUND: it ended in the meantime. */
int session_stays(struct home *h, const struct session *s, struct error *err);
/* The sweep as a transaction of its own, where there is anything to sweep. */
int session_sweep_now(struct home *h, struct error *err);

/* How people call it: "session 1 (Atlas)". Not escaped. */
enum { SESSION_TEXT = 96 };
const char *session_text(const struct session *s, char out[SESSION_TEXT]);
/* And where: "session 1 (Atlas) on /dev/pts/3". */
enum { SESSION_HOLDER = SESSION_TEXT + 40 };
const char *session_holder(const struct session *s, char out[SESSION_HOLDER]);

/* The agent among the ancestors of a process, its parent first; COUNT if none of
 * them can be one. */
size_t session_agent(const struct process_info *chain, size_t count);

#endif
