/*
 * The simulator: a world of computers, people and one remote in one process,
 * driven by one seed. What happens in it is a script of acts, each with chance
 * of its own, so that a script with some of them left out still runs, and does
 * the same in the rest.
 *
 *	world_new(&w, seed, computers, tier);
 *	script_by_chance(&w.script, seed, cycles);
 *	world_run(w);				NULL, or what is broken
 *	world_free(w);
 *
 * main.c		options, many seeds, what is printed
 * runs.c	one run, as a process; shrink.c what breaks, made smaller
 * script.c	scripts: by chance, from a file
 * world.c	computers, their clocks and disks, one cycle
 * said.c	what was said on them, in which words
 * child.c	one cycle as a process that may lose its power (tier 2)
 * remote.c	a remote that loses, repeats, delays, refuses, forgets
 * acts.c	what instances and people do on desks
 * people.c	what people do on the branch with plain git
 * web.c	and on the web
 * names.c	names that are alike but for case
 * net.c	computers that are cut off for hours
 * faults.c	lost and restored disks, twins, joining, leaving, clocks
 * claims.c	what computers claim in the whole fleet, and who holds it when
 * one.c	tasks to all that one computer is to do
 * counts.c	what somebody does on a quiet desk, which counts
 * hand.c	lines to all, and of who has no trine
 * inbox.c	what is handed over to an instance, and its reader
 * early.c	messages that come before git brings them
 * between.c	what comes between the steps of a cycle
 * rest.c	the faults stop: what must be so then
 * memory_git.c	repositories in memory (tier 1)
 * covered.c	what runs went through, for the report of many
 * check*.c	the checker, which knows nothing of trine's code
 * mutants.c	rules that can be switched off, to test the checker
 * stand_ins.c	what each one does; stand_ins_paths.c to paths and lines
 * quick.c	what takes time and shows nothing, left out
 */
#ifndef SIM_H
#define SIM_H

#include <git2.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "check.h"
#include "covered.h"
#include "trine/cycle.h"
#include "trine/list.h"
#include "trine/mail.h"

enum {
	MACHINES = 10,		/* at the same time, twins too */
	NUMBERS = 7,		/* computers */
	NO_TRINE = 9,		/* one that never has it */
	START = 1800000000,	/* later than any real time of a file */
	DAY = 24 * 3600
};

enum tier { TIER_MEMORY = 1, TIER_FILES = 2 };

/* --- scripts --- */

struct act {
	const struct act_kind *kind;
	uint64_t seed;		/* of its own chance */
};

struct script {
	struct act *act;
	size_t count, cap;
};

/* --- what was said, and what must become of it --- */

struct token {
	char text[16];		/* "k17." */
	enum said_how how;
	int from, to;		/* numbers, as in struct said */
	int machine;		/* where it was said; -1: on the branch */
	enum excuse excuse;	/* it may be lost */
	bool maybe;		/* by all, */
	unsigned missed_by;	/* or by these alone: a bit for each number */
	bool copied, twice;	/* before it was said, with the disk; and the
				 * branch may have forgotten who said it */
	bool waits, ends_anew;	/* it stood on a desk that came back, or was
				 * copied; and was written on there */
	int in_from, in_to;	/* the stream it was written into by somebody
				 * else, or 0 */
	char *body;		/* as in struct said */
	bool typed;
	char *title;
	const char *type, *priority;
	char id[MESSAGE_ID];	/* of those that were sent */
	uint64_t clone;		/* which life of that machine */
	int64_t when;
	size_t back_at;		/* taken back, after so many things were said */
	unsigned answered;	/* a bit for each number that has */
};

/* --- a remote that does not do what it is asked --- */

enum remote_fault {
	REMOTE_WELL,
	REMOTE_DOWN,		/* nothing gets through */
	REMOTE_DEAF,		/* a push does not arrive; nobody knows */
	REMOTE_MUTE,		/* it arrives; the answer does not */
	REMOTE_TWICE,		/* it arrives twice */
	REMOTE_LATE,		/* it arrives after the cycle */
	REMOTE_REFUSES,		/* a hook says no */
	REMOTE_STALE,		/* a replica: its first fetch shows an older tip */
	REMOTE_FAULTS
};
extern const char *const remote_fault_names[REMOTE_FAULTS];

/* A push that arrives in the cycle in which it was lost, or in another act. */
enum late_when { LATE_LATER, LATE_BEFORE_FETCH, LATE_AFTER_FETCH };

/* One that is under way, whatever becomes of its computer. */
enum { LATE_MOST = 8 };
struct late_push {
	int machine;		/* index */
	int number;		/* 0: none */
	struct oid old, new_tip;
};

struct faulty_remote {
	struct remote remote;	/* the first member */
	struct remote *real;
	struct world *world;
	struct machine *machine;
	enum remote_fault fault;
	bool met;		/* the fault, in this cycle */
	bool failed;		/* so, in a way that its end must tell */
	struct oid unheard;	/* the last that did not arrive in this cycle */
	enum late_when late_when;
	bool was_stale;
};

/* --- computers --- */

struct machine_clock {
	struct clock clock;	/* the first member */
	const struct world *world;
	int64_t skew;		/* seconds */
	int64_t stopped;	/* at this time; 0: it goes */
	/* The steady one, which none of that moves. */
	unsigned boot;		/* no other has that of any machine */
	int64_t booted;		/* at this time of the world */
	int rate;		/* so many thousandths too fast */
};

struct first_read {
	char *path;
	struct buf bytes;
};

struct faulty_disk {
	struct disk disk;	/* the first member */
	struct disk real;
	struct world *world;
	struct first_read *first;	/* in this cycle, for a mutant */
	size_t first_count, first_cap;
};

struct machine {
	int index;
	int number;
	bool alive;
	bool joined;		/* its first cycle with the remote is over */
	bool stopped;		/* two machines had its number, it says (77) */
	int twin;		/* index of the machine with its number, or -1 */
	char dir[64];
	struct home *home;
	struct machine_clock clock;
	struct faulty_disk disk;
	struct faulty_remote remote;
	uint64_t clones;	/* lives: each counts up */
	bool in_cycle;
	bool cut_off;		/* from the remote, for now */
	bool touched, rewound;	/* something was written in this cycle; the branch
				 * was set back in it */
	bool dirty;		/* something was written since its last cycle */
	int64_t written;	/* the latest time that any of it got */
	int64_t sighted;	/* by a cycle that took it for dated in the
				 * future; 0: by none */
	char open[48];		/* a stream open in an editor, its text there */
	struct buf buffer;
	bool squashed;		/* history changed since its last cycle: what
				 * it said may stand in a person's commit only;
				 * and what it holds, others may (R33) */
	bool cut_short;		/* its last cycle was, killed, or stopped as one of
				 * two (R27) */
	bool doubtful;		/* another machine with its number, or another life
				 * of its own, may have left commits that it has not
				 * seen yet */
	bool backup;		/* DIR.backup holds one */
	size_t backup_tokens;	/* said until then */
	size_t copied_tokens;	/* and until there were two of it */
};

/* --- the world --- */

struct post {			/* carried in real time */
	int from, to;		/* END_ALL too */
	char *frame;
};

struct world {
	uint64_t seed;
	enum tier tier;
	struct script script;
	size_t at;			/* the act that runs */
	struct chance chance;		/* of that act */
	int64_t time;			/* seconds since START */
	const char *tools;		/* BUILD/test */
	bool keep;			/* files stay when it ends */
	const char *root;
	size_t *begun;
	char hub_path[64];
	git_repository *hub;		/* as people see it */
	git_repository *ever;		/* the same, and what it lost: for the checker */
	struct machine machine[MACHINES];
	int machines;			/* slots in use */
	int numbers;			/* given out */
	bool retired[NUMBERS + 1];
	bool hub_backup;
	unsigned hubs_lost;		/* places of a backup */
	struct check *check;
	struct token *token;
	size_t token_count, token_cap;
	size_t counted;			/* of them, for the report */
	struct buf story;		/* what happened, for people */
	uint64_t cycles;
	struct covered covered;		/* for the report */
	unsigned most_rounds;		/* to come to rest */
	unsigned boots;			/* of all machines */
	struct late_push late[LATE_MOST];
	struct post *post;		/* under way */
	size_t post_count, post_cap;
	bool claims;			/* somebody may want something of the fleet: */
	struct list claimed;		/* "lock/A", "task/1_TO_ALL.7" */
	bool was_rewound;		/* the branch, at any time */
	char one[MESSAGE_ID];		/* that task, or "" */
	char one_text[16];		/* another may have had that number */
	struct list ends;		/* results of it */
	const char *broken;		/* NULL, or what is */
	char broken_text[1024];

	/* a cycle that is to be killed */
	jmp_buf kill_jump;
	int kill_at;			/* its n-th point; 0: not */
	int kill_count;
	const char *kill_name;
	/* what happens in it, and at which checkpoint */
	void (*meanwhile)(struct world *w, struct machine *m);
	const char *meanwhile_at;
	bool kill_then;
	struct machine *in_cycle;	/* the innermost */
	const char *replaced;		/* the desk file that it is about to */
};

struct world_plan {
	uint64_t seed;
	int computers;
	enum tier tier;
	const char *tools;	/* the folder of the power's programs (tier 2),
				 * BUILD/test */
	const char *root;	/* an empty folder for its files; short */
	size_t *begun;		/* counts acts, for who waits for this process */
};
/* What PLAN points at outlives the world. */
int world_new(struct world **out, const struct world_plan *plan);
/* Its files are gone then, the empty folder is not. */
void world_free(struct world *w);
/* NULL, or what is broken; the story tells how. */
const char *world_run(struct world *w, uint64_t cycles);
/* One line of the story. */
void tell(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The first finding stays. */
void broken(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Broken by RULE unless GOOD, and counted; after something was broken, neither. */
void expect(struct world *w, enum asked rule, bool good, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int64_t world_now(const struct world *w);

/* Chance of the act that runs. */
int any_below(struct world *w, int bound);
bool one_in(struct world *w, int bound);
/* One that lives, and is in no cycle; another one than M, of another number; NULL if
 * there is none. */
struct machine *any_machine(struct world *w);
struct machine *another_machine(struct world *w, const struct machine *m);
/* A number that is in the fleet, other than N; 0 if there is none. */
int another_number(struct world *w, int n);

/* --- world.c: machines --- */
struct machine *machine_new(struct world *w, int number);
void machine_set_up(struct machine *m, struct world *w, const char *why,
		    const char *all_start);
/* Its process ends, its files stay; and starts again on what is there. */
void machine_close(struct machine *m);
bool machine_open(struct world *w, struct machine *m);
void machine_end(struct machine *m);
int64_t machine_now(struct machine *m);
/* It is switched on: its steady clock starts. Not while it is open. */
void machine_boot(struct world *w, struct machine *m);

struct cycle_plan {
	bool offline;
	enum remote_fault fault;
	enum late_when late_when;
	int kill_at;
	bool power;		/* the power goes then, not the process alone;
				 * tier 2 */
	bool kill_then;		/* after `meanwhile` */
	void (*meanwhile)(struct world *w, struct machine *m);
	const char *at;		/* the first checkpoint of that name is when; NULL:
				 * before its push. "push": it was taken, and this
				 * computer does not know that */
};
void run_cycle(struct world *w, struct machine *m, const struct cycle_plan *plan);
/* A cycle is at NAME: others may come between, and it may be killed. */
void cycle_is_at(struct world *w, const char *name);
void come_between(struct world *w, const char *name);
void kill_here(struct world *w, const char *name);
/* The checkpoint of a cycle at which `meanwhile` happens. */
const char *plan_stops_at(const struct cycle_plan *plan);
/* There a cycle holds its log: nobody else gets at that, and M has no home. */
bool log_is_held_at(const char *checkpoint);

/* child.c: the same as a process. True: it was killed; else ERR is how it ended,
 * ERR_NONE for well. */
bool run_child(struct world *w, struct machine *m,
	       const struct cycle_plan *plan, struct error *err);

/* Files of a desk. */
char *desk_path(const struct machine *m, const char *path);
bool desk_get(struct machine *m, const char *path, struct buf *out);
void desk_put(struct world *w, struct machine *m, const char *path,
	      struct span bytes, bool settled);
/* AGE: so many seconds old; negative: dated in the future. */
void desk_put_dated(struct world *w, struct machine *m, const char *path,
		    struct span bytes, int64_t age);
void desk_remove(struct machine *m, const char *path);
void desk_list(struct machine *m, struct list *out);

/* --- said.c --- */
/* Something was said; it goes to the checker, too. */
struct token *say(struct world *w, enum said_how how, int from, int to,
		  const struct machine *where);
/* T was typed as LINE, or sent with BODY. */
void said_line(struct world *w, struct token *t, const char *line);
void said_body(struct world *w, struct token *t, const char *body);
/* T is a LINE of a person's; or the next one is, of some kind. */
void said_note(struct world *w, struct token *t, bool task, const char *line);
void write_note(struct world *w, struct token *t, char line[64]);
/* M answers the message ID. */
void note_answer(struct world *w, struct machine *m, const char *id);
/* T was written into the file PATH, which its writer does not own. */
void said_in(struct token *t, const char *path);
void say_again(struct world *w, const struct token *t);
/* T may be lost from now on. */
void excuse(struct world *w, struct token *t, enum excuse why);
/* By reader NUMBER. */
void excuse_reader(struct world *w, struct token *t, int number, enum excuse why);
/* PATH is about to be removed from the desk of M. If a desk has a say in that, what was
 * said there, stands in it and has not reached the branch may be lost. */
void said_no_more(struct world *w, struct machine *m, const char *path);
/* What was said on M, from the thing FROM_TOKEN on, and has not reached the branch may
 * be; and what was taken back since BACK_FROM things were said, in a log that is not
 * there any more, may come. */
void unsure(struct world *w, const struct machine *m, size_t from_token,
	    size_t back_from, enum excuse why);

/* --- remote.c --- */
void faulty_remote_open(struct faulty_remote *r, struct world *w,
			struct machine *m);
void faulty_remote_close(struct faulty_remote *r);
/* Pushes that were under way all the time arrive: of M, or all (NULL). */
void late_pushes_arrive(struct world *w, const struct machine *m);
/* They never will. */
void late_pushes_end(struct world *w, const struct machine *m);

/* --- faulty_disk.c --- */
void faulty_disk_open(struct faulty_disk *d, struct world *w, const char *root);
void faulty_disk_forget(struct faulty_disk *d);	/* the mutant's first reads */

/* --- acts --- */
struct act_kind {
	const char *name;
	unsigned weight;
	void (*run)(struct world *w);
};
/* All of them, in the tables of acts.c, people.c, web.c, names.c, net.c, faults.c, claims.c,
 * one.c, counts.c, hand.c, inbox.c, early.c and between.c. */
extern const struct act_kind desk_acts[], branch_acts[], web_acts[], name_acts[],
	net_acts[], fault_acts[], claim_acts[], one_acts[], count_acts[], hand_acts[],
	inbox_acts[], early_acts[], between_acts[];
const struct act_kind *act_named(const char *name);
const struct act_kind *act_number(size_t i);	/* NULL: behind the last one */
const struct act_kind *act_by_weight(uint64_t number);
/* The desk of M came back, or was copied: what waits on it to be said. */
void note_waiting(struct world *w, struct machine *m);
/* A cycle, whether or not the remote is in reach; one that gets through, since it is
 * from then on. */
void sync_now(struct world *w, struct machine *m);
void sync_plainly(struct world *w, struct machine *m);
/* "messages/1_TO_2.md"; FROM 0: HUMAN, TO 0: ALL, as everywhere below. */
enum { STREAM_PATH = 48 };
void stream_path(char path[STREAM_PATH], int from, int to);
void note_on(struct world *w, struct machine *m, int to);
void type_on(struct world *w, struct machine *m, int to);
void loose_on(struct world *w, struct machine *m, int to);	/* 0: nobody */
void type_slowly_on(struct world *w, struct machine *m, int to);
void edit_entry_on(struct world *w, struct machine *m, int to);
void shared_on(struct world *w, struct machine *m, const char *path);
const char *any_shared(struct world *w);	/* a path */
void send_to(struct world *w, struct machine *m, int to);	/* 0: ALL */
/* A task for that instance. */
void send_named(struct world *w, struct machine *m, int to, const char *instance);

/* --- people.c --- */
struct oid branch_tip(struct world *w);
void branch_list(struct world *w, struct list *out);
bool branch_read(struct world *w, const char *path, struct buf *out);
/* If something is at PATH: the newest version, going back, that is a file, not too large
 * for a desk, and has PART in it. */
bool branch_read_last(struct world *w, const char *path, const char *part,
		      struct buf *out);
/* A person's commit: PATH is TEXT then, or gone if that is NULL. */
void branch_write(struct world *w, const char *path, const struct buf *text);
void branch_write_as(struct world *w, const char *path, const struct buf *text,
		     git_filemode_t mode);
/* A line in HUMAN_TO_, on a clone that is BACK commits old. */
void merge_note(struct world *w, int back, int to);
/* Somebody sets it back to what it was. */
void set_branch(struct world *w, const struct oid *to);
/* History changed: what was kept on the branch only may be lost. */
void branch_rewound(struct world *w);
/* Commits of a former life of computer NUMBER (0: of each) may be the newest ones that
 * the branch has of it. */
void lives_come_back(struct world *w, int number);
/* What stands typed on a disk that came back may have been said since, which nothing on
 * a branch that went back tells it: it says that once more, under another number, and
 * as another text with the same words, as far as any reader can know (R7). */
void forget_typed(struct world *w);

/* --- faults.c --- */
void twins_end(struct world *w);	/* one of each pair stays */
void back_up_remote(struct world *w);
/* It has what it had then, and nothing else: what came since is no object there. */
void restore_remote(struct world *w);

/* --- net.c --- */
void net_is_back(struct world *w);

/* --- names.c --- */
/* Does a name that is alike but for case keep PATH from desks (R24)? */
bool branch_hides(struct world *w, const char *path);
/* Does one on its own desk? Then what is done to PATH there waits. */
bool desk_hides(struct machine *m, const char *path);
/* `trine status` says that no desk gets such names: people go on with one of them. What
 * is like a file of a computer's is in nobody's way, and stays. */
void names_part(struct world *w);

/* --- web.c --- */
void append_on_web(struct world *w, const char *path, const char *line);
void web_note_to(struct world *w, int to);	/* a line in HUMAN_TO_ */
/* Somebody takes what COMPUTER claims out of its status on the branch (R36). */
void web_disclaim(struct world *w, int computer);

/* --- one.c --- */
void one_watch(struct world *w);	/* is anybody at it who has read its end? */

/* --- claims.c --- */
void claims_new(struct world *w);
/* Each computer is asked what it holds, and the checker hears it. */
void claims_watch(struct world *w);
/* M has its disk of a backup: what that wants counts again. */
void claims_come_back(struct world *w, struct machine *m);
/* Does somebody hold each thing that anybody wants? */
bool claims_all_held(struct world *w);
void claims_all_back(struct world *w);
void claims_expect_none(struct world *w);

/* --- inbox.c --- */
/* M gets an instance. */
void inbox_set_up(struct world *w, const struct machine *m);
/* Whom the next thing that is said names; NULL: nobody. */
const char *inbox_named(const struct world *w, enum message_type type);
/* The files that wait for it. */
void inbox_list(const struct machine *m, struct list *out);
/* M has stopped as one of two machines, and hands over no more than there was BEFORE. */
void inbox_expect_none_new(struct world *w, const struct machine *m,
			   const struct list *before);

/* --- early.c --- */
void early_drop_all(struct world *w);

/* --- rest.c --- */
void come_to_rest(struct world *w);

/* --- script.c --- */
void script_by_chance(struct script *s, uint64_t seed, size_t acts);
void script_add(struct script *s, const struct act_kind *kind, uint64_t seed);
int script_read(struct script *s, const char *path, uint64_t *seed,
		int *computers, enum tier *tier);
/* WHAT: lines of comment. */
void script_write(const struct script *s, uint64_t seed, int computers,
		  enum tier tier, struct span what, FILE *out);
void script_copy(struct script *to, const struct script *from, size_t first,
		 size_t count);
void script_release(struct script *s);

#endif
