/*
 * The checker of the simulator: proves the promises of trine from what anybody
 * can read (the remote's commits, the event logs, the desks) and from what the
 * world knows was said. It shares no code with trine: formats are read here once
 * more, from trine-files(5), so that a fault in trine's own reading is seen.
 *
 *	c = check_new(remote, "main", "coordination");
 *	check_computer(c, 1, "/…/1");			as each is set up
 *	check_said(c, &(struct said){ … });		as each thing is said
 *	check_step(c);					after every cycle
 *	check_rest(c);					when all is quiet
 *	check_idle(c);					one cycle of each later
 *	check_free(c);
 *
 * check_step looks at what is new since the last call: its cost does not grow
 * with age. check_rest looks at everything. Both return NULL, or what is broken,
 * in one line that names rule, computer, path and ids; it lives until the next
 * call. What is broken stays broken: the first finding is the one to look at.
 *
 * It takes for a computer's what its matching trailers vouch for, as protocol R6
 * does: a forger who makes them match is not told apart. What the first
 * check_step finds on the branch is judged by the logs as they are then.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include <git2.h>
#include <stdbool.h>

struct check;

/* The repository is the caller's, and must outlive the checker. */
struct check *check_new(git_repository *remote, const char *branch,
			const char *prefix);
void check_free(struct check *c);			/* NULL is fine */

/* Computer NUMBER lives in DIR: DIR/.trine/event-log.jsonl, DIR/PREFIX. Again
 * for the same number: another machine took over. */
void check_computer(struct check *c, int number, const char *dir);
/* When it was set up the branch was at TIP ("-": there was none): what is said to all
 * later is for it, too. One that comes back began earlier. */
void check_started(struct check *c, int number, const char *tip);
/* It has one instance, "w", whose inbox DIR/.trine/inbox/w is: tasks that name it, or
 * nobody, go there, and so do messages that name it. */
void check_instance(struct check *c, int number);
/* It is out of the fleet: nothing is expected of it, or of what is sent to it. */
void check_gone(struct check *c, int number);
/* Two machines are this computer, or no longer: until then nobody says which log
 * is the one, and its commits are a person's as far as rules go. */
void check_twins(struct check *c, int number, bool two);
/* A backup of its disk came back: its log may be shorter and differ from what was
 * read of it. All else that was promised still holds. */
void check_restored(struct check *c, int number);
/* The remote has just been set back, or its history changed: commits may be gone. */
void check_rewound(struct check *c);

/* Something was said, once, and in these words: TOKEN is in its text, and in
 * nothing else that was ever said. */
enum said_how {
	SAID_SENT,	/* `send`, or typed into an own stream: each reader
			 * records it, once; its writer has it as sent, once */
	SAID_BY_HAND,	/* a line of a stream whose writer has no trine: the
			 * same, but nobody has it as sent */
	SAID_KEPT,	/* an edit of a shared or foreign file: no message to
			 * anybody; it stays in a file of the branch or, once
			 * it was there, in its history */
	SAID_BACK	/* taken back before it was committed: nowhere, or where it
			 * came before git brought it, and is shown as that */
};
struct said {
	const char *token;	/* "k17.": letters and digits, from a letter to
				 * a digit, and a dot; at most 31 bytes */
	enum said_how how;
	int from;		/* computer; 0: a person */
	int to;			/* computer; 0: ALL, or nobody (SAID_KEPT) */
	bool maybe;		/* who had it alone may be gone: at most once, and
				 * it may be lost */
	unsigned missed_by;	/* so for these of its readers: a bit for each
				 * number, whose disk is another one since */
	bool twice;		/* two disks of one number had it before it
				 * was said, and the branch forgot who said it */
	const char *body;	/* what its readers are told; NULL: nobody knows */
	bool typed;		/* a line: it may stand in one message with others,
				 * and a task of a list has it as its title */
	const char *title, *type, *priority;	/* NULL: any */
	bool ends_anew;		/* a desk came back, or was copied, on which it
				 * stood and was not said yet, and somebody
				 * wrote on behind it: it may come once more,
				 * with another end */
};
/* The same token again changes what is expected of it; its texts outlive C. */
void check_said(struct check *c, const struct said *said);
/* Somebody has just made TEXT of PATH on the desk of computer NUMBER, or deleted it
 * there (NULL). That desk was as the tip, and its computer syncs before anybody else
 * does anything: in the next step the tip has it so, if a desk has a say in that. */
void check_wish(struct check *c, int number, const char *path, const char *text);
/* The same of LINE, without which PATH is TEXT there now; others may have written to it. */
void check_wish_without(struct check *c, int number, const char *path,
			const char *text, const char *line);
/* Is TOKEN in an object that the remote's branch reaches now? */
bool check_on_branch(struct check *c, const char *token);
/* Do the commits there have it in PATH, on ticked lines alone? */
bool check_only_ticked(struct check *c, const char *token, const char *path);
/* And does a commit there that vouches for it bring it? */
bool check_vouched(struct check *c, const char *token);
/* Does any log have it as received? */
bool check_has_come(const struct check *c, const char *token);

/* Has each computer that it is for received it, by the log it has now? */
bool check_is_there(const struct check *c, const char *token);

/* True time, which nobody in the fleet has: seconds since anything. Never said: leases
 * are not measured. */
void check_time(struct check *c, int64_t now);
/* Whoever says now that it holds NAME in the whole fleet; what it says of the branch,
 * the last check_step saw. One whose branch went back, and that has not synced since,
 * is UNAWARE (R33). Two machines of one number are nobody. */
struct holder {
	int number;
	long generation;
	bool unaware;
};
const char *check_holders(struct check *c, const char *name,
			  const struct holder *holders, size_t count);

const char *check_step(struct check *c);
/* All computers are online, had at least two cycles each, and nothing is held back: loose
 * text is settled, and no path was rewritten four times in an hour (R26). */
const char *check_rest(struct check *c);
/* Of that only whether desks are as the tip, but for streams and statuses: what was
 * received last is answered in those. */
const char *check_desks(struct check *c);
/* The desk of computer NUMBER, all of it, as its cycle has just left it. */
const char *check_desk_of(struct check *c, int number);
/* Since its last cycle: has computer NUMBER a commit on the branch that vouches for
 * all its own files there (R5)? */
bool check_vouches(struct check *c, int number);
/* After check_rest, and one more cycle of each, in which there was nothing new
 * and no heartbeat due: the tip stayed, and nobody logged anything. */
const char *check_idle(struct check *c);

/* How often each rule was looked at and had something to say no to, added to SUM;
 * and that as one line a rule, for the report of a long run; and those that never
 * were. */
enum { CHECK_RULES = 48 };	/* more than there are */
void check_looked(const struct check *c, uint64_t sum[CHECK_RULES]);
void check_report(const uint64_t sum[CHECK_RULES],
		  void (*line)(const char *text));
void check_report_never(const uint64_t sum[CHECK_RULES],
			void (*line)(const char *text));

#endif
