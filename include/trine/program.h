/*
 * A program that does a piece of work for us: in a session of its own, which is
 * ended as a whole; its input from memory, its output into memory, both bounded;
 * for a limited time. Never a shell.
 *
 *	struct program p = { .argv = argv, .folder = "/…", … };
 *	struct program_end end;
 *	if (program_run(&p, &out, &tail, &end, err) == -1)
 *		… it was not started, and has done nothing …
 *
 * A process that is killed while its program runs leaves that one behind. So who
 * runs is noted in a file before it begins, and whoever takes over that file ends
 * it (program_end_left).
 */
#ifndef TRINE_PROGRAM_H
#define TRINE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"

struct program {
	/* A full path, or a name looked for in PATH; NULL at the end. */
	const char *const *argv;
	const char *folder;		/* where it runs */
	/* Pairs of a variable and its value, which may be NULL: without it. NULL
	 * at the end. */
	const char *const *environment;
	struct span input;		/* what it finds on its stdin */
	int64_t timeout_ms;
	size_t out_limit;		/* bytes kept: the first of stdout, */
	size_t tail_limit;		/* the last of stderr */
	/* argv makes a sandbox, in which the program is, and which ends when that
	 * does: SIGTERM is not for the sandbox, whose end would kill all in it. */
	bool sandbox;
	const char *note;		/* the file it is noted in, or NULL */
	/* Asked each second: why it is to end now, or NULL. */
	const char *(*stop)(void *arg);
	void *arg;
};

struct program_end {
	int status;			/* exit status, or 128 + signal */
	int signal;			/* that it died of, or 0 */
	bool timed_out;
	const char *stopped;		/* what `stop` said, or NULL */
	uint64_t out_total, tail_total;	/* bytes it wrote */
};

/* Run P until it ends. At the end of its time, or when it is to stop, its whole
 * process group gets SIGTERM, and SIGKILL some seconds later; what it left
 * running in its group ends with it. -1: it could not be started (ERR_NOTFOUND:
 * there is none, ERR_REFUSED: it may not be run). */
enum { PROGRAM_GRACE_MS = 5000 };
int program_run(const struct program *p, struct buf *out, struct buf *tail,
		struct program_end *end, struct error *err);

/* Start a program in a session of its own, and go on. Its first files are FILE, which
 * stay ours: LAUNCH_NULL is /dev/null, LAUNCH_NONE none; what else is open here, it has
 * not. It is in NOTE before it begins. *PID is a child that the caller waits for. -1: it
 * could not be started. */
enum { LAUNCH_NULL = -1, LAUNCH_NONE = -2 };
struct program_launch {
	const char *const *argv;
	const char *folder;		/* where it runs; NULL: here */
	const char *const *environment;	/* as of struct program; may be NULL */
	const char *note;		/* as of struct program */
	int file[4];
};
int program_launch(const struct program_launch *p, long *pid, struct error *err);

/* Run ARGV in our place: with our files, terminal and folder, and with our environment
 * changed as ENVIRONMENT says (as of struct program). It leads a process group of its
 * own. STOP is asked each second whether it is to end: that group gets SIGTERM then, and
 * SIGKILL PROGRAM_GRACE_MS later, and so it does when we are killed, whatever by. The
 * signals that a terminal sends, SIGTERM and SIGHUP are passed on to the group; after
 * SIGTERM what it left ends with it, else that goes on. Who leaves the group (setsid(2))
 * is beyond us; so is all but the program itself if the process that watches over us
 * (sys.h) is killed with us. *STATUS: its exit, or 128 + signal. -1: it could not be
 * started. */
int program_follow(const char *const argv[], const char *const *environment,
		   bool (*stop)(void *arg), void *arg, int *status, struct error *err);

/* End the program that is noted in the file NOTE, if it still runs and is still
 * the same: pid, time of start and boot are compared; or what it left in its group
 * when it ended. Then the file goes. Only for
 * who knows that the process which began it is gone, and that no other one is
 * about to use NOTE. */
void program_end_left(const char *note);

/* The process that is noted in the file NOTE, if it still runs and is still the same. */
struct process_mark;
bool program_left(const char *note, struct process_mark *out);

#endif
