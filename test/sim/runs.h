/*
 * One run of a world (sim.h) as a process of its own: one that crashes or hangs
 * is a finding, too.
 *
 *	runs_tools();				once
 *	run_start(&job, &run);
 *	run_finish(&job, status, &outcome);	when wait() gave its pid
 *
 *	run_apart(&run, &outcome);		both, and the wait
 */
#ifndef SIM_RUNS_H
#define SIM_RUNS_H

#include <sys/types.h>

#include "sim.h"
#include "trine/buf.h"

enum story { STORY_NONE, STORY_END, STORY_ALL };

struct run {
	uint64_t seed, cycles;
	int computers;
	enum tier tier;
	const struct script *script;	/* NULL: by chance */
	enum story story;		/* how much of it is printed */
	bool keep;			/* its files stay, and it says where */
	unsigned seconds;		/* it hangs after; 0: as its cycles are */
};

struct outcome {
	char broken[1024];	/* "": nothing is */
	bool died;		/* or hung: nobody saw what is broken, neither the
				 * checker nor an assertion */
	size_t acts;		/* begun; the last one broke it, or the rest
				 * after it did */
	uint64_t cycles;
	unsigned most_rounds;
	size_t tokens;
	struct covered covered;
};

struct job {
	pid_t pid;		/* 0: of no process */
	uint64_t seed;
	char root[40];		/* its files */
	bool keep;
	struct outcome *outcome;	/* shared with the process */
};

/* Finds the folder that this program is in: what it runs is there, too. */
void runs_tools(void);
void run_start(struct job *job, const struct run *run);
/* STATUS: of wait(). The process has ended, and the job with it. */
void run_finish(struct job *job, int status, struct outcome *out);
void run_apart(const struct run *run, struct outcome *out);

/* So many has a fleet, unless somebody says how many. */
int computers_by_seed(uint64_t seed);
/* The acts that RUN is given, all of them. */
void run_script_of(const struct run *run, struct script *out);

/* Two findings are the same one if they differ in numbers alone. */
bool finding_same(const char *a, const char *b);
/* What a finding is called: "receipt" of "after a cycle of computer 5: receipt:
 * computer 5: …" (true: the name of a check); else its words up to the first of
 * : | and the end of its line. Points into FINDING. */
bool finding_name(const char *finding, struct span *out);
/* How RUN, one by chance, is seen again, and on which commit, since a seed does
 * the same on the same commit alone. */
void run_again(const struct run *run, struct buf *out);

#endif
