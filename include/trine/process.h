/*
 * Other programs: run one, bounded; and what this process needs to know. Every main()
 * calls process_begin before anything is opened.
 */
#ifndef TRINE_PROCESS_H
#define TRINE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"

/* What a caller may have left this process without. Where standard input, output or
 * error is closed, the next file that is opened would have its number, and be read or
 * written in its place: so /dev/null is there then, open the other way round, and whoever
 * uses it still fails. And the umask takes nothing from the owner of a file: we could not
 * read our own. */
int process_begin(struct error *err);

struct process_result {
	int status;		/* exit status; 128 + signal if killed */
	bool timed_out;		/* killed by us with its whole process group */
};

/* Run ARGV (absolute path or found in PATH; NULL at the end), stdin from
 * /dev/null, stdout and stderr into OUT (NULL: /dev/null; at most LIMIT bytes
 * kept, the rest read and dropped). ERR_NOTFOUND: no such program. */
int process_run(const char *const argv[], int64_t timeout_ms, struct buf *out,
		size_t limit, struct process_result *result, struct error *err);

/* The same for a question and an answer: INPUT (at most PROCESS_INPUT bytes) is its
 * stdin, OUT gets its stdout alone. */
enum { PROCESS_INPUT = 4096 };
int process_ask(const char *const argv[], struct span input, int64_t timeout_ms,
		struct buf *out, size_t limit, struct process_result *result,
		struct error *err);

/* Start ARGV in the background, detached, and forget it. */
int process_detach(const char *const argv[], struct error *err);
/* What it prints is added to the file LOG (NULL: to none), made with mode 0600. */
int process_detach_to(const char *const argv[], const char *log, struct error *err);

/* Replace this process by ARGV; returns only on failure. */
int process_exec(const char *const argv[], struct error *err);
/* By the program at PATH, which is us: with signals as they are. */
int process_go_on(const char *path, char *const argv[], struct error *err);

/* The end of this process after SECONDS, whatever it is doing (alarm(2); it dies
 * in the handler, so even a library that retries EINTR ends). */
void process_deadline(unsigned seconds);
/* Make or empty the file PATH and put TEXT there; at the deadline, and only then,
 * PROCESS_CUT is added to it. Until process_deadline_forget. */
#define PROCESS_CUT "deadline\n"
int process_deadline_note(const char *path, const char *text, struct error *err);
void process_deadline_forget(void);

/* From now on SIGTERM, SIGINT and SIGHUP do not end this process, but are noted. */
void process_note_end(void);
bool process_asked_to_end(void);

/* Writing to a peer that is gone is an error, not the end (SIGPIPE). */
void process_survive_pipes(void);

/* What tells a process from a later one that got its pid: when it began, in the
 * system's own unit, and in which boot. */
enum { PROCESS_BOOT = 48 };
struct process_mark {
	long pid;
	uint64_t born;
	char boot[PROCESS_BOOT];
};
/* False if there is no such process (one that has ended, and that nobody has
 * waited for yet, is none), or it cannot be told. */
bool process_mark(long pid, struct process_mark *out);
/* Is it the process that MARK was made of? */
bool process_lives(const struct process_mark *mark);
/* Which boot this is; false if that cannot be told. */
bool process_boot(char out[PROCESS_BOOT]);
/* Was MARK made since the computer was started? */
bool process_same_boot(const struct process_mark *mark);

struct process_info {
	long pid, parent;
	char name[64];		/* of its program, as the system has it: cut */
	bool leads;		/* a session of the system, as a login shell does */
	char terminal[32];	/* "/dev/pts/3", or "" */
};
bool process_look(long pid, struct process_info *out);
/* Our parent, its parent and so on, without the system's first process; at most
 * MOST, returns how many. */
enum { PROCESS_CHAIN = 32 };
size_t process_chain(struct process_info *out, size_t most);
char *process_folder(long pid);	/* where it works; NULL if unknown; caller frees */

int process_id(void);
char *process_path(void);	/* of the running program; NULL if unknown */
/* Another program of ours: beside the running one, else where `make install` puts
 * it. NULL: in neither; caller frees. */
char *process_helper(const char *name);
char *process_host(void);	/* host name; caller frees */
char *process_user(void);	/* login name; caller frees */

#endif
