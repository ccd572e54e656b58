/*
 * A computer's directory, opened: what every command starts from.
 *
 *	home_find(&dir, option, getenv("TRINE_DIR"), cwd, default_file, err);
 *	home_open(&home, dir, &clock, err);
 */
#ifndef TRINE_HOME_H
#define TRINE_HOME_H

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/fleet.h"
#include "trine/settings.h"
#include "trine/store.h"

struct home {
	char *dir;		/* absolute: holds .trine */
	char *desk;		/* dir/PREFIX */
	char *state;		/* dir/.trine */
	int number;		/* which computer this is, as the log says */
	struct settings settings;
	struct store *store;
	struct clock *clock;
	bool watches;		/* this process is the daemon of this computer */
	char *actor;		/* the session in whose name it acts, or NULL */
};

/* The directory: OPTION (-C), else ENV, else the nearest parent of CWD holding
 * .trine (owned by the same user, else ERR_REFUSED), else the path in the file
 * FALLBACK. Any may be NULL. Caller frees. ERR_NOTFOUND says how to make one. */
int home_find(char **out, const char *option, const char *env, const char *cwd,
	      const char *fallback, struct error *err);

/* Such a file, which the first `trine init` of this user writes:
 * ${XDG_CONFIG_HOME:-~/.config}/trine/default. NULL: the environment does not say
 * where that is; caller frees. */
char *home_default(void);

/* The nearest of DIR and its parents that holds .trine, whoever owns it; NULL if
 * none does. DIR is absolute and without links. Caller frees. */
char *home_nearest(const char *dir);

/* Settings and store. ERR_CONFIG prints all faults of trine.ini at once, or says
 * that its number is not the one this computer was set up with. */
int home_open(struct home **out, const char *dir, struct clock *clock,
	      struct error *err);
void home_close(struct home *h);
/* Have trine.ini as it is now; BEFORE, which the caller releases, is what it was. On an
 * error, which is as of home_open, all stays as it was. The prefix of the repository and
 * so the desk stay what they are. */
int home_reload(struct home *h, struct settings *before, struct error *err);

/* A path in .trine: home_path(h, "run/sync.lock"). Caller frees. */
char *home_path(const struct home *h, const char *name);

/* Was anything recorded since the last call with SEEN? It is {0} at first, and the
 * answer no matter then. Cheap, for those who wait. */
struct log_mark {
	uint64_t size, inode;
};
bool home_has_news(const struct home *h, struct log_mark *seen);

/* The fleet.yaml in force: the last good one of the tip, as the last cycle
 * left it in run/fleet.yaml; the desk's while no tip had one; an empty fleet
 * where there is none, or none that can be read. */
int home_fleet(const struct home *h, struct fleet *out, struct error *err);

/* Another machine had our number, and we are to keep it: a new clone from now
 * on. Everything the others wrote under the number is taken up at the next
 * receive, and the other machine stops when it sees us (R27, R29). Waits for a
 * cycle that goes on; ERR_AGAIN if that takes too long. */
int home_take_over(struct home *h, struct chance *chance, struct error *err);

/* What `trine init` makes: .trine with trine.ini and the first events, and the
 * desk. It is made as DIR/.trine.new and gets its name in one step at the end,
 * so that a run that fails or is killed leaves no half computer:
 *
 *	home_new_begin(&n, dir, err);		(ERR_REFUSED: there is one already;
 *						ERR_USAGE: inside of another)
 *	… n.state may be given a repo.git …
 *	home_new_finish(&n, &options, &clock, err);
 *	home_new_release(&n);			(not finished: all made goes again)
 */
struct init_options {
	const char *dir;	/* of home_init only */
	int number;
	const char *name;	/* or NULL */
	const char *url;	/* or NULL */
	const char *branch;	/* or NULL: the remote's default, at first sync */
	bool template;		/* put the files of template.h on the desk */
	char clone[CLONE_ID];
	const char *why;	/* "init" or "takeover" */
	const char *all_start;	/* as record_all_start takes it; NULL: not yet */
	const struct head *apart;	/* branches of computers, at that time */
	size_t apart_count;
};

struct home_new {
	char *dir;		/* absolute */
	char *state;		/* DIR/.trine.new, then DIR/.trine */
	int lock;
	struct list made;	/* folders and desk files, in the order made */
	bool finished;
};

int home_new_begin(struct home_new *n, const char *dir, struct error *err);
/* What was on the desk already stays; a stream file of ours without the
 * trine:messages line keeps its text as preamble. ERR_USAGE: a name, URL or
 * branch that cannot stand in trine.ini. */
int home_new_finish(struct home_new *n, const struct init_options *o,
		    struct clock *clock, struct error *err);
void home_new_release(struct home_new *n);

/* All three, for a DIR that needs no repo.git. */
int home_init(const struct init_options *o, struct clock *clock, struct error *err);

#endif
