/* What the files of src/sys share with each other, and with their tests. */
#ifndef TRINE_SYS_H
#define TRINE_SYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trine/buf.h"
#include "trine/error.h"

/* fsync as far down as the system can. */
int sync_fd(int fd);

/* pipe(2), closed on exec. */
int pipe_open(int ends[2]);
/* Close *FD, unless it is -1, and make it -1. */
void close_fd(int *fd);

/* As lookup_take, for who calls connect(2); the caller frees it. */
struct addrinfo;
struct lookup;
int lookup_found(struct lookup *l, struct addrinfo **out, struct error *err);

/* In a forked child that could not exec: write errno into REPORT, a pipe that closes
 * on exec, and end. And what its parent reads there: 0 if it could begin. */
__attribute__((noreturn))
void report_errno(int report);
int read_report(int report);

/* In a forked child: the pairs of program.h; and no signal ignored, caught or held. */
void child_environment(const char *const *pair);
void child_signals(void);

/* Write into the file PATH who the child PID is (program.h); NULL: nowhere. */
int note_program(const char *path, pid_t pid, struct error *err);

/* NUMBER to all of a process group but its LEADER, as far as they are of SESSION: also
 * when it has ended, for as long as one of them lives its number is nobody else's.
 * Where there is no /proc it does nothing. */
void group_tell_others(pid_t leader, pid_t session, int number);
/* Wait until nobody of GROUP is left; what is there after GRACE_MS is killed. */
void group_end(pid_t group, int64_t grace_ms);

/* A process that ends GROUP, whose leader is our child, when we are killed: SIGTERM
 * (to the leader only where no PR_SET_PDEATHSIG does that), and SIGKILL later. Until
 * guard_end; nobody is left to end if that has come. -1 and errno. */
struct guard {
	pid_t pid;
	int word;		/* our end of its pipe */
};
int guard_begin(struct guard *g, pid_t group);
void guard_end(struct guard *g);

#ifndef __APPLE__
/* /proc/PID/stat (proc(5)) in TEXT: what stands behind the name, which may hold
 * anything and is left in *NAME (or NULL). NULL: there is no such process. */
enum { PROC_BYTES = 4096 };
char *proc_stat(long pid, char text[PROC_BYTES], const char **name);
#endif

/* All of BYTES; EINTR and short writes are gone on from. */
int write_all(int fd, struct span bytes);

/* The folder PATH lies in ("." if it says none); caller frees. */
char *folder_of(const char *path);

/* "DIR/.NAME.trine-XXXXXXXX" beside PATH, a name not used yet; caller frees. */
char *aside_of(const char *path);

/* FROM to TO unless there is a TO: errno EEXIST then. */
int rename_new(const char *from, const char *to);

/* A and B, which must both be there, change places in one step. -1 and errno: where a
 * system cannot, ENOSYS or such. */
int swap_names(const char *a, const char *b);

/* A new file beside PATH with BYTES, fsynced; its name, caller frees. NULL and
 * ERR if it could not be written; nothing is left then. */
char *write_aside(const char *path, struct span bytes, unsigned mode,
		  struct error *err);

/* file_exchange for systems that cannot exchange: what is in the way is moved
 * aside, and the new file put where no file is. Between the two there is none;
 * what came out is never lost. READY is the new file, with BYTES. */
int exchange_by_names(const char *path, const char *ready, struct span bytes,
		      char **came_out, struct error *err);

#endif
