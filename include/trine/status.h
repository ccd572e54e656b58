/*
 * COMPUTER_N.md: free text around one region that trine keeps. Pure.
 *
 *	struct status s = STATUS_INIT;
 *	if (status_parse(bytes, &s, err) == -1) …	(as a peer)
 *	status_write(&out, old_bytes, &s, &table)	(as the owner)
 *
 * The region lies between a line that begins with `<!-- trine:begin` and the
 * line `<!-- trine:end -->` that follows it. Where people damaged these lines,
 * the first such pair with no marker between them counts; every other marker
 * line is dropped when the file is written, its text stays as free text.
 */
#ifndef TRINE_STATUS_H
#define TRINE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/claim.h"
#include "trine/error.h"
#include "trine/list.h"
#include "trine/message.h"
#include "trine/names.h"

enum { STATUS_FORMAT = 1 };

enum computer_state {
	STATE_ACTIVE, STATE_WORKING, STATE_IDLE, STATE_SYNCING,
	STATE_EMERGENCY, STATE_OFFLINE
};
const char *computer_state_name(enum computer_state state);
bool computer_state_parse(struct span s, enum computer_state *out);

/* One stream's receipt: the highest number taken in, or for a stream without
 * trine a commit. */
struct receipt {
	struct stream_name stream;
	uint64_t upto;
	char mark[41];		/* abbreviated commit; empty: upto counts */
	uint64_t sure;		/* of a peer (store.h), for our streams: less than upto where
				 * it lists not all that it misses of the rest */
};

struct missing {
	struct stream_name stream;
	uint64_t seq;
};

struct rejected {
	char *id;
	char *why;		/* cut to STATUS_WHY bytes when written */
};

enum { STATUS_WHY = 120, STATUS_FORMER = 64,
       STATUS_CUT = 16,		/* streams that are named as cut */
       STATUS_MARK = 11 };	/* a commit as we write it, and a NUL */

/* The reason for which a number is rejected that came with a second text (R7).
 * The digest behind these words, message_text_digest of what was not taken in,
 * tells the sender which text to send anew. */
#define STATUS_REUSED "number reused with another text"
void status_write_reused(char out[STATUS_WHY],
			 const char digest[MESSAGE_DIGEST]);
/* Is WHY such a reason? Then DIGEST is the one in it. */
bool status_reused(const char *why, char digest[MESSAGE_DIGEST]);

struct status {
	uint64_t format;
	int computer;
	char *name;
	char clone[CLONE_ID];
	struct list former;
	enum computer_state state;
	int64_t updated;
	int64_t heartbeat;
	struct receipt *received;
	size_t received_count, received_cap;
	struct missing *missing;
	size_t missing_count, missing_cap;
	struct rejected *rejected;
	size_t rejected_count, rejected_cap;
	/* What did not fit into LIMIT_YAML: so many more than are listed. Where
	 * the last two are not 0, a number that is not listed may be missing too
	 * (status_lists_all). */
	uint64_t received_more, missing_more, rejected_more;
	/* Of these streams; none: of any. */
	struct stream_name *cut;
	size_t cut_count, cut_cap;
	/* The highest that any claim had which it made or saw, for ever (R37), and what
	 * it claims now; CLAIMS_MOST of them. */
	uint64_t generation;
	struct claim *claim;
	size_t claim_count, claim_cap;
	char *version;		/* of trine */
};

#define STATUS_INIT { .format = STATUS_FORMAT, .heartbeat = 1800 }

/* One row of the table people read. */
struct status_row {
	const char *instance;
	const char *state;	/* "ONLINE", or "unknown" without the daemon */
	unsigned load, capacity;
	const char *doing;	/* "2_TO_1.3 Create the schema", or NULL */
	unsigned online, copies;	/* so many of so many serve; 0: it is one */
};

struct status_table {
	const struct status_row *row;
	size_t count;
	unsigned running, queued;	/* tasks */
};

void status_release(struct status *s);
/* A receipt replaces the one its stream has. Of the rejected, oldest first: what
 * comes last is cut first. */
void status_add_received(struct status *s, struct stream_name stream, uint64_t upto);
/* MARK: 7 to 40 lower-case hex digits. */
void status_add_mark(struct status *s, struct stream_name stream, const char *mark);
void status_add_missing(struct status *s, struct stream_name stream, uint64_t seq);
void status_add_rejected(struct status *s, const char *id, const char *why);
void status_add_claim(struct status *s, const struct claim *claim);
/* COUNT more are missing, or (REJECTED) rejected, of STREAM than will be listed. */
void status_add_cut(struct status *s, struct stream_name stream, bool rejected,
		    uint64_t count);
/* Does S list all that is missing, or was rejected, of STREAM? */
bool status_lists_all(const struct status *s, struct stream_name stream);

/* Read the region of BYTES. ERR_DATA: no region, not YAML, not a status. A
 * newer format is read as far as it goes (format says so): there only `format`,
 * `computer` and `clone` must be right, and what is not is left out. Bounded: at
 * most LIMIT_YAML bytes of YAML; what a peer lists beyond that is refused. All
 * text is as the peer wrote it: escape it before it is shown. OUT may be
 * released in either case; it is STATUS_INIT after an error. */
int status_parse(struct span bytes, struct status *out, struct error *err);

/* Append to OUT the file OLD (may be empty) with its region replaced; free text
 * stays byte for byte. Without a region it is put after the first heading, or a
 * heading is made. Writing over the result changes nothing. The YAML has at most
 * LIMIT_YAML bytes: of `former` the newest STATUS_FORMER are written, of the
 * lists what fits, and how many did not, of which streams if these are at most
 * STATUS_CUT. Never for STATE_SYNCING and
 * STATE_OFFLINE, which are not said in git. */
void status_write(struct buf *out, struct span old, const struct status *s,
		  const struct status_table *table);

/* The same file but for volatile fields: `updated`, `generation` (whoever claims changes
 * more than that), the time in the line for people, the tasks each instance has. Free
 * text must be equal too. */
bool status_same(struct span a, struct span b);

/* Append BYTES without what its region claims: claims are never replayed (R34). */
void status_without_claims(struct buf *out, struct span bytes);

/* The region of BYTES, marker lines and all; length 0 if there is none. */
struct span status_region(struct span bytes);

#endif
