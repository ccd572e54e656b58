/* What the kinds of remotes share (remote.c), and the copying and hooks that
 * one on a local path needs. */
#ifndef TRINE_REMOTE_P_H
#define TRINE_REMOTE_P_H

#include "git.h"
#include "trine/list.h"
#include "trine/remote.h"

/* The real struct remote of both kinds. */
struct peer {
	struct remote remote;	/* the first member: a remote is a peer */
	char *where;		/* path, or URL */
	struct clock *clock;
	int64_t timeout_ms;	/* of one call */
};

void remote_path_init(struct peer *peer);
void remote_net_init(struct peer *peer);
void remote_git_init(struct peer *peer);

int64_t peer_deadline(const struct peer *peer);
bool peer_late(const struct peer *peer, int64_t deadline);
/* That it is, as an error. Returns -1. */
int peer_fail_late(const struct peer *peer, struct error *err);

/* "refs/heads/BRANCH"; NULL and ERR_CONFIG if it cannot be one. */
char *branch_ref(const char *branch, struct error *err);

/* The default branch of a remote: what its HEAD names (NULL: nothing known) if
 * it is among BRANCHES; else main, master, the first; "main" without any. */
int choose_branch(const char *head, const struct list *branches,
		  char chosen[BRANCH_BYTES], struct error *err);

/* Is it one that its settings name? */
bool is_first_head(const struct remote *remote, const char *name);

/* TIP is what the remote has: note it in refs/remotes/origin/BRANCH. */
int note_tip(struct repo *repo, const char *branch, const char *tip,
	     struct error *err);
/* What was noted there, if it is still here; else none. */
int noted_tip(struct repo *repo, const char *branch, struct oid *out,
	      struct error *err);

/* Is TIP here, with what a negotiation looks at of its past, down to NOTED ("":
 * none)? ERR_DATA if the server showed it and did not send it. */
int check_tip(const struct peer *peer, struct repo *repo, const char *tip,
	      const char *noted, struct error *err);
/* HEAD was brought: a ref for it, or why it has none. */
int keep_head(const struct peer *peer, struct repo *repo, struct head *head,
	      struct error *err);

/* Are these a server's words for a lost race? All others are refusals. */
bool is_race(const char *status);
/* ERR is why a push did not even begin. */
enum push_result judge_connect(struct error *err);

/* A branch as a fetch meets it. */
struct fetched {
	const char *branch, *ref;
	struct oid tip;		/* what the remote has; none */
	struct oid noted;	/* what it had, with all behind it here; none */
};

/* What the kinds of remotes do differently in a fetch. */
struct source {
	int (*default_branch)(void *arg, char chosen[BRANCH_BYTES],
			      struct error *err);
	int (*read_tip)(void *arg, const char *ref, struct oid *out,
			struct error *err);
	/* Bring what TIP reaches here. */
	int (*transfer)(void *arg, struct repo *repo, const struct fetched *f,
			struct error *err);
};

/* The frame of a fetch, over an open connection: remote.fetch of remote.h. */
int fetch_from(const struct source *source, void *arg, struct repo *repo,
	       const char *branch, char *chosen, struct oid *tip,
	       struct error *err);

/* Everything TIP reaches and TO lacks, from FROM to TO. Objects come before
 * what names them, so that a copy cut short is never taken for a whole one.
 * HAVE: a commit that TO has with all behind it, or "". */
int objects_copy(struct repo *from, struct repo *to, const char *tip,
		 const char *have, const struct peer *peer, int64_t deadline,
		 struct error *err);

/* A push that hooks are asked about. */
struct hook_push {
	const char *git_dir;
	char *folder;		/* where the hooks are */
	const char *ref;
	char old[OID_HEX], new_tip[OID_HEX];	/* 40 zeros: none */
	const struct peer *peer;
	int64_t deadline;
};

enum push_result hooks_before(const struct hook_push *push, struct error *err);
void hooks_after(const struct hook_push *push);

#endif
