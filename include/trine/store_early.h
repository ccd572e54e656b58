/*
 * The event log and its view, of messages that came, or went out, by another way
 * before git brought them (early.h). store.h says how records and queries work.
 */
#ifndef TRINE_STORE_EARLY_H
#define TRINE_STORE_EARLY_H

#include "trine/store.h"

/* Ours goes out: its number is no other text's from now on, whatever becomes of it. */
int record_offered(struct store *s, const char *id, struct error *err);

/* Theirs, before git brought it: what record_received does, but that no commit carried
 * it. CLONE: of the sender. One that is there is not recorded again. */
int record_received_early(struct store *s, const struct message *m,
			  const char *clone, struct error *err);
/* Git has brought what came early as ID: in COMMIT, by CLONE, under the id AS. Of
 * anything else nothing is recorded. */
int record_brought(struct store *s, const char *id, const char *as,
		   const char *clone, const char *commit, struct error *err);
/* Its sender took it back before it was committed: it is shown so, and a task that
 * nobody has begun has failed. COMMIT says so; "": none yet, and git is waited for.
 * TOMBSTONE: what says so there under the number of ID, which is no news from then on
 * (view_repeated); NULL: nothing does. */
int record_withdrawn(struct store *s, const char *id, const char *clone,
		     const char *commit, const struct message *tombstone,
		     struct error *err);

/* What came early as ID, if git has not brought it yet. */
struct early {
	bool waits;
	char digest[MESSAGE_DIGEST];
};
int view_early(struct store *s, const char *id, struct early *out, struct error *err);
/* Of those: the ids of STREAM, appended; the highest number in it, 0 for none; how many
 * there are of COMPUTER. */
int view_early_waiting(struct store *s, struct stream_name stream, struct list *ids,
		       struct error *err);
int view_early_highest(struct store *s, struct stream_name stream, uint64_t *out,
		       struct error *err);
int view_early_count(struct store *s, int computer, uint64_t *out, struct error *err);

#endif
