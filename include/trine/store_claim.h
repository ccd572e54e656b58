/*
 * Claims in the whole fleet (claim.h) as the event log and its view have them. The
 * rules of store.h hold; sync/claims.c and local/claims.c record and ask.
 *
 * The life of one of ours:
 *
 *	record_claim_wanted	somebody here wants it: in no status yet
 *	record_claim_offered	a commit carries it, which is about to be pushed
 *	record_claim_held	the branch has that commit: it is ours
 *	record_claim_released	given back, or nobody wants it any more; or
 *	record_claim_lost	it is another computer's, or void
 */
#ifndef TRINE_STORE_CLAIM_H
#define TRINE_STORE_CLAIM_H

#include "trine/claim.h"
#include "trine/store.h"

struct own_claim {
	struct claim claim;	/* generation and beat: as offered last; 0: never */
	uint64_t session;	/* who wants it; 0: this computer, for an instance */
	struct process_mark process;	/* that it ends with; pid 0: with the session */
	int64_t since;		/* wanted */
	char commit[41];	/* of ours, not yet known to be on the branch, that offers
				 * it; "" : none, or it was put on another tip */
	int64_t asked;		/* steady milliseconds before that was pushed */
	char boot[CLAIM_BOOT];	/* and in which boot */
	/* Of what the branch is known to have; 0: nothing. */
	uint64_t held;		/* the generation */
	int64_t from;		/* its lease runs from here: asked, of that beat */
	char from_boot[CLAIM_BOOT];
	/* The highest generation that another computer had of it since it is wanted
	 * here, and which; 0: none. Above HELD: it was taken, and is not ours, even
	 * if it is free by now. */
	uint64_t passed;
	int passed_by;
};
bool own_claim_passed(const struct own_claim *c);
struct own_claim_list {
	struct own_claim *item;
	size_t count, cap;
};
void own_claim_list_release(struct own_claim_list *l);

/* The clock that leases run by, now. */
void store_lease_clock(struct store *s, struct lease_clock *out);

/* CLAIM: name, lease and by. What there was of that name is forgotten. */
int record_claim_wanted(struct store *s, const struct claim *claim, uint64_t session,
			const struct process_mark *process, struct error *err);
/* NOW: before the push. */
int record_claim_offered(struct store *s, const struct claim *claim,
			 const char *commit, const struct lease_clock *now,
			 struct error *err);
int record_claim_held(struct store *s, const char *name, struct error *err);
int record_claim_released(struct store *s, const char *name, const char *why,
			  struct error *err);
/* AGAIN: it is wanted as before, and gets another generation. */
int record_claim_lost(struct store *s, const char *name, bool again, const char *why,
		      struct error *err);
/* A status of this computer said it: of a claim of a former life (R29), or of another
 * computer. None of ours is lower from now on. */
int record_claim_generation(struct store *s, uint64_t generation, struct error *err);

int view_claims(struct store *s, struct own_claim_list *out, struct error *err);
int view_claim(struct store *s, const char *name, struct own_claim *out, bool *found,
	       struct error *err);
/* Those that a commit offers which is on a tip, and that are not known as held. */
int view_claims_seen(struct store *s, struct own_claim_list *out, struct error *err);

/* What the others claim. */
int view_rivals(struct store *s, struct rival **out, size_t *count, struct error *err);
	/* by name, then computer; free(3) */

struct generations {
	uint64_t seen;		/* the highest there ever was, as far as we know */
	uint64_t taken;		/* and of this computer */
};
int view_generations(struct store *s, struct generations *out, struct error *err);

#endif
