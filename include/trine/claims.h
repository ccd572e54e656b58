/*
 * Claims in the whole fleet (claim.h), for the sessions of this computer. What is
 * wanted here goes out with the next cycle, and is held when the branch has it:
 *
 *	claims_want(h, &wish, err);		(ERR_NO: another session here has it)
 *	… a cycle …
 *	claims_look(h, name, &standing, err);	(is it ours? whose is it?)
 *	… work, and claims_check(h, name, token, err) before what matters …
 *	claims_give_back(h, name, "", err);
 *
 * Until then it is tentative: nobody may work on it. Each cycle renews it as long as
 * its session lives; where no cycle gets through, it is over with its lease. The
 * fencing token is the generation (claim.h).
 */
#ifndef TRINE_CLAIMS_H
#define TRINE_CLAIMS_H

#include "trine/home.h"
#include "trine/session.h"
#include "trine/store_claim.h"

struct claim_wish {
	const char *name;	/* "lock/deploy" */
	int64_t lease;		/* 0: CLAIM_LEASE */
	const struct session *session;	/* NULL: this computer, for an instance */
	const char *by;		/* for people, or NULL: the session's name */
	bool for_process;	/* it ends with this process, not with the session */
	bool anew;		/* what is held is not entered again by who has it */
	int64_t wait_ms;	/* so long for what this computer has already */
};

/* "lock/NAME", "task/ID". ERR_USAGE: that is no name. */
int claims_name(char out[CLAIM_NAME], const char *kind, const char *name,
		struct error *err);

/* Its own again changes nothing. ERR_NO: it is another's of this computer, or held and
 * not to be entered again, or there are CLAIMS_MOST; ERR_USAGE: an impossible lease;
 * ERR_CONFIG: the pushes of this computer go to a branch of its own, and count nowhere
 * else. */
int claims_want(struct home *h, const struct claim_wish *wish, struct error *err);
/* The same within a transaction. */
int claims_want_now(struct home *h, const struct claim_wish *wish, struct error *err);

enum claim_state {
	CLAIM_FREE,		/* nobody has it, nor wants it here */
	CLAIM_TENTATIVE,	/* wanted here, and not confirmed */
	CLAIM_HELD,		/* here */
	CLAIM_OVER,		/* here, but its lease ran out: nobody may have taken it */
	CLAIM_ELSEWHERE		/* by another computer */
};
struct claim_standing {
	enum claim_state state;
	uint64_t session;	/* here: whose; 0: this computer's */
	uint64_t token;		/* the generation */
	int computer;		/* elsewhere: whose */
	char by[CLAIM_BY];
	int64_t left;		/* seconds of its lease, as far as it is known here */
};
int claims_look(struct home *h, const char *name, struct claim_standing *out,
		struct error *err);

/* All that somebody has, or wants here, by name. */
struct claim_row {
	char name[CLAIM_NAME];
	struct claim_standing is;
};
struct claim_list {
	struct claim_row *item;
	size_t count, cap;
};
int claims_list(struct home *h, struct claim_list *out, struct error *err);
void claim_list_release(struct claim_list *l);	/* empty and usable */
/* Of NAME; NULL: it is free. */
const struct claim_standing *claim_list_find(const struct claim_list *l,
					     const char *name);
const struct claim_standing *claim_list_task(const struct claim_list *l,
					     const char *id);

/* Is it held here, with that token (0: any)? ERR_NO: it is not; ERR_AGAIN: it may be,
 * and a cycle has to confirm it. */
int claims_check(struct home *h, const char *name, uint64_t token, struct error *err);
/* The same of what claims_look has said. */
int claims_judge(const char *name, const struct claim_standing *s, uint64_t token,
		 struct error *err);

/* WHY: "", or why it was not its holder. What is not there is no error. */
int claims_give_back(struct home *h, const char *name, const char *why,
		     struct error *err);
/* BY takes it away from whoever has it here, for REASON. ERR_NOTFOUND: nobody has;
 * ERR_REFUSED: another computer does, and says so itself. */
int claims_break(struct home *h, const char *name, const char *by, const char *reason,
		 struct error *err);
/* As claims_give_back, of task ID. Within a transaction. */
int claims_give_back_task(struct home *h, const char *id, const char *why,
			  struct error *err);
/* What S wants and has ends with it. Within a transaction. */
int claims_end(struct home *h, const struct session *s, const char *why,
	       struct error *err);
/* Those of processes that are gone, and of tasks that have ended, or that their session
 * has no more. Within a transaction. */
int claims_sweep(struct home *h, struct error *err);

/* It is another computer's now. What a session has of it, it has no more. Within a
 * transaction. */
int claims_lose(struct home *h, const char *name, const char *why, struct error *err);

/* ---- tasks that one computer is to do ---- */
/* Is R one that nobody may work on without a claim (`claim: one`), or that somebody
 * here has claimed in the fleet? */
int claims_of_task(struct home *h, const struct record *r, bool *out,
		   struct error *err);
/* Such a task may be worked on, or its end said. 0 too if R is none. As claims_check. */
int claims_allow(struct home *h, const struct record *r, struct error *err);
/* M was received as ID. A result that all can read ends its task for all; a task that
 * somebody ended before we read of it has ended (R39). Within a transaction. */
int claims_take(struct home *h, const char *id, const struct message *m,
		struct error *err);

#endif
