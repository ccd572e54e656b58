/*
 * The parts of the checker, for each other: what is read of the remote, of the
 * logs, and what is known of the fleet.
 */
#ifndef SIM_CHECK_OWN_H
#define SIM_CHECK_OWN_H

#include "check.h"
#include "check_base.h"

/* Numbers of computers that are looked at: 1 … 31. */
enum { CK_COMPUTERS = 32 };

/* The rules, as check_report counts them; their texts are in check.c. */
enum ck_rule {
	CK_LOG_LINE, CK_LOG_KEPT, CK_ONCE, CK_R2, CK_R3, CK_R5, CK_R7, CK_R8,
	CK_R9, CK_R10, CK_R11, CK_R12, CK_R15, CK_R16, CK_R17, CK_R22, CK_R24, CK_R25,
	CK_R26, CK_R27, CK_R29, CK_R31, CK_NUMBERS, CK_RECEIPT, CK_OWNER,
	CK_LINEAR, CK_STREAM, CK_SEGMENT, CK_STATUS, CK_CHURN, CK_ADDED,
	CK_DESK, CK_ARRIVES, CK_SENT, CK_CONFIRMED, CK_KEPT, CK_BACK,
	CK_FORGED, CK_IDLE, CK_EARLY, CK_WORDS, CK_HANDED, CK_R33, CK_R34, CK_R35,
	CK_R37, CK_R38,
	CK_RULES
};

/* ---- texts of the repository, each read once ---- */

struct ck_message {
	long number;
	uint64_t content;	/* of what a reader is told */
	uint64_t bytes;		/* of its whole entry in the file */
	char *origin;		/* the id of a text that is sent anew, or NULL */
};

/* One version of one file of a stream, open or segment. */
struct ck_file {
	size_t size, count, room;
	struct ck_message *messages;
	char *why;		/* NULL, or what is wrong, with the line */
	bool loose;		/* it is loose text that is wrong */
};
struct ck_file *ck_file_read(const char *stream, const char *text, size_t size);
void ck_file_free(void *file);
/* The same hash from the message of a log event. */
uint64_t ck_message_content(const json_t *message);

/* All of an own stream in one commit. */
struct ck_stream {
	char *name;			/* "1_TO_2" */
	const struct ck_file *open;	/* NULL: there is none */
	struct ck_list names;		/* "0001.md", … */
	struct ck_list files;		/* struct ck_file, as NAMES */
	struct ck_list oids;		/* hex, as NAMES */
	size_t count;
	const struct ck_message **messages;	/* in order */
};

struct ck_status {
	json_t *block;			/* NULL: see WHY */
	char *why;
	int computer;
	const char *clone;		/* in BLOCK */
	int64_t updated;
	long heartbeat;			/* seconds */
	uint64_t lasting;		/* of all but times */
	long generation;		/* the highest it ever gave a claim */
};
struct ck_status *ck_status_read(const char *text, size_t size);
void ck_status_free(void *status);
/* `received` of a stream: NULL, "41" or "9f2c41d07a". */
const char *ck_receipt(const struct ck_status *status, const char *stream);
/* What it claims: a mapping from name to claim, or NULL; and a number of that. */
const json_t *ck_claims(const struct ck_status *status);
long ck_claim_number(const json_t *claim, const char *key);
/* Is CLONE this one or a former one? */
bool ck_has_clone(const struct ck_status *status, const char *clone);

struct ck_fleet {
	json_t *yaml;			/* NULL: it cannot be read */
	const char *why;
};

/* ---- ownership, names ---- */

/* Whose PATH (below the prefix) is: a computer, or 0: shared, people's. */
int ck_owner(const struct ck_fleet *fleet, const char *path);
/* Is it a stream that people write, HUMAN_TO_N or HUMAN_TO_ALL? */
bool ck_is_of_people(const char *path);
/* By the built-in rules alone; sets *conflicts if it is a copy. */
int ck_built_in(const char *path, bool *conflicts);
bool ck_retired(const struct ck_fleet *fleet, int computer);
/* May a path of that many bytes reach a desk? Case twins apart. */
bool ck_reaches_desk(const char *path, size_t size);
/* "1_TO_2": writer (0: HUMAN), reader (0: ALL); false: no stream. */
bool ck_stream_ends(const char *name, int *from, int *to);

/* ---- commits ---- */

struct ck_commit {
	char hex[41];
	size_t order;			/* in which it was read */
	size_t visit;			/* by ck_is_below */
	struct ck_list parents;		/* struct ck_commit */
	int64_t time;
	uint64_t author;		/* who wrote it, and when: survives a pick */
	git_oid root;			/* its tree */
	bool on_branch;
	int computer;			/* whose trailers match, or 0 */
	char clone[9];
	bool named;			/* its author and committer are that computer */
	bool made;			/* by a cycle: its log says so */
	bool by_twin;			/* read while two machines were that computer */
	const struct ck_status *status;
	struct ck_list streams;		/* struct ck_stream, by name */
	const struct ck_fleet *fleet;	/* the last good one, or NULL */
	json_t *claimed;		/* name → its claim with the highest
					 * generation here or below, and whose;
					 * NULL: none; commits share it */
	/* The newest that each computer vouches for, this one included. */
	struct ck_commit *last[CK_COMPUTERS];
};
const struct ck_stream *ck_stream_of(const struct ck_commit *commit,
				     const char *name);
long ck_highest(const struct ck_stream *stream);	/* NULL: 0 */

/* ---- computers and their logs ---- */

struct ck_cover {			/* of one stream to a computer */
	struct ck_list seqs;		/* by number: seq of what records it */
	long good;			/* up to here receipts are covered */
};

struct ck_log {
	size_t read;			/* bytes */
	uint64_t hash;			/* of these */
	long seq;
	char type[40];			/* of the last event */
	char last[64];			/* the end of what was read */
	size_t last_size;
	struct ck_map received;		/* id, and "id~" of "id~clone" → seq */
	struct ck_map covers;		/* stream → struct ck_cover */
	struct ck_map hand;		/* "stream commit10" → seq */
	struct ck_map made;		/* commit → seq */
	struct ck_map first;		/* commit in the place of another → seq of what
					 * it was at first */
	struct ck_map below;		/* commit → seq of one that was made on it */
	struct ck_map sent;		/* id → seq */
	struct ck_map sent_by;		/* id → clone, as a number */
	struct ck_map tried;		/* commit → seq of when a push of it was, by a
					 * clone of which none was accepted; 0: that
					 * one was refused */
	struct ck_map heard;		/* id → seq of the first receipt for it;
					 * stream → its highest number so far */
	struct ck_map seen;		/* computer → its last json `computer.seen` */
	struct ck_map troubles, came;	/* id → seq of when it was missing or rejected
					 * last, and of when it came */
	struct ck_map shown;		/* "path blob", of its desk */
	struct ck_map early;		/* id → what check_early.c knows of it */
	struct ck_map handed;		/* id → what check_handed.c knows of it */
	bool looked;			/* into its inbox, before */
	char clone[9];			/* whose it is now */
	struct ck_list waiting;		/* json events for ck_log_settle */
	long generation;		/* the highest of any claim so far */
	struct ck_map offered;		/* "commit name generation beat" → seq */
	struct ck_map copied;		/* path → how often; "" is any */
};

struct ck_copied {
	char *name;
	struct ck_commit *by;
};
void ck_copied_free(void *copied);

struct ck_computer {
	int number;			/* 0: never registered */
	char *dir;
	bool instance;			/* it has one */
	bool gone;
	bool restored;			/* its log is older, and it made no
					 * commit since */
	bool both_back;			/* and so was the remote: the clone may
					 * give out a number again (R7), until
					 * another one follows */
	bool ever_back;			/* as both_back, for good */
	struct ck_map uncopied;		/* texts of which R26 left it no copy */
	bool twins;			/* two machines have its number */
	int life;			/* grows with each new or restored log */
	struct ck_log log;
	long rest_seq;			/* as check_rest saw the log */
	char all_started[41];		/* "": not yet; "-": from the start */
	struct ck_map logged;		/* clones that its logs are of */
	struct ck_map clones;		/* clone → its newest struct ck_commit */
	struct ck_map accepted;		/* clones of which the branch ever had one */
	const struct ck_commit *lost;	/* the branch does not hold it any more,
					 * and it is put on it again */
	struct ck_map highest;		/* stream → its highest receipt ever */
	struct ck_map inherited;	/* the same, when its clone began */
	struct ck_map before;		/* clone → what it came back to */
	struct ck_map copies;		/* "path-hash" → struct ck_copied */
	struct ck_map copied;		/* "day", "day path" → how many */
	struct ck_map put_back;		/* path → when, the last times */
};

/* ---- tokens ---- */

struct ck_event {			/* a message in a log that has a token */
	int computer, life;
	char kind;			/* s sent, f found, r received */
	bool again;			/* sent anew: it has an origin; or a
					 * person wrote the line once more */
	bool early, brought, withdrawn;	/* before git brought it, and since */
	char *id;
	char commit[41];		/* it was received from */
	char *body;			/* as it was received; else "" */
};
struct ck_token {
	char *text;
	bool is_said;
	struct said said;		/* .token is TEXT */
	struct ck_list events;		/* struct ck_event */
	struct ck_list commits;		/* struct ck_commit that brought it */
};

struct check {
	git_repository *remote;
	char *branch, *prefix;
	char *finding;			/* the first one */
	bool rewound;			/* since the last step */
	bool moving;			/* by who rewinds it, just now */
	bool ever_rewound;
	bool watched;			/* this is not the first step */
	struct ck_computer computers[CK_COMPUTERS];
	struct ck_commit *tip;		/* NULL: an empty branch */
	struct ck_map commits;		/* hex → struct ck_commit */
	struct ck_map shorts;		/* its first 10 digits → the same */
	struct ck_list in_order;	/* the same, as they came */
	struct ck_map made;		/* every commit that any log made */
	struct ck_map files, statuses, fleets, streams;	/* read once, by oid */
	struct ck_map versions;		/* "path hex" → the first commit that had it */
	struct ck_map scanned;		/* blob → struct ck_list of tokens */
	struct ck_map vouched;		/* "id clone" → struct ck_list of hashes */
	struct ck_map used;		/* stream → highest number seen */
	struct ck_map origins;		/* id → the id it was sent first under */
	struct ck_map tokens;		/* text → struct ck_token */
	int64_t now;			/* true time + 1; 0: nobody knows */
	struct ck_map beats;		/* "computer name generation beat" → that
					 * of when it came onto the branch */
	struct ck_map claims;		/* "computer name generation" → the newest
					 * struct ck_commit that says so */
	struct ck_list wishes;		/* struct ck_wish, since the last step */
	struct ck_list losses;		/* struct ck_loss, since the last rest */
	uint64_t looked[CK_RULES];
	struct ck_commit *rest_tip;	/* as check_rest saw it */
};

/* Count a look at RULE, and if GOOD is false make the rest the finding. */
bool ck_rule(struct check *c, enum ck_rule rule, bool good, const char *format,
	     ...) __attribute__((format(printf, 4, 5)));

/* In this order, each step: */
void ck_log_step(struct check *c, struct ck_computer *computer);
void ck_commits_step(struct check *c);
void ck_log_settle(struct check *c, struct ck_computer *computer);

/* What neither the branch nor its own log has any more, it need not carry on. */
void ck_forget_lost(struct ck_computer *computer);
void ck_log_forget(struct ck_computer *computer);
void ck_log_whole(struct check *c, struct ck_computer *computer);
/* The seq of what records NUMBER of STREAM; 0: nothing does. */
long ck_recorded(const struct ck_log *log, const char *stream, long number);
struct ck_cover *ck_cover_of(struct ck_log *log, const char *stream);
/* RECEIVED, of a status: somebody has receipts for all that. */
void ck_hear(struct ck_log *log, const json_t *received);
/* Did it give ID to a text before it heard of a receipt for it? */
bool ck_sent_unheard(const struct ck_log *log, const char *id);
bool ck_sent_by(const struct ck_log *log, const char *id, const char *clone);
/* EVENT: a push was tried, or was refused. Had one been tried with ID, and not refused,
 * before there was a receipt for that? */
void ck_tried_note(struct ck_log *log, const json_t *event);
bool ck_sent_tried(const struct ck_log *log, const char *id);
/* Where messages to all begin for a computer: the number before it. */
long ck_all_base(const struct check *c, const struct ck_computer *computer,
		 const char *stream);

/* Rules of one commit that a cycle of COMMIT->computer made. */
void ck_commit_check(struct check *c, struct ck_commit *commit);
/* Once all that is new on the branch went through ck_commit_check. */
void ck_rebuilt_check(struct check *c);
/* A person put commits of a computer elsewhere, PRED the last of them, and it puts the
 * same ones behind them, one by one, COMMIT not the last: that one has all that the
 * copies had. */
bool ck_follows_copy(const struct check *c, const struct ck_commit *commit,
		     const struct ck_commit *pred);

/* check_receipt.c: commits are known by 10 digits; a receipt of STREAM in COMMIT, NOW
 * (NULL: none), names one, and did before; what events say of numbers; what a status says
 * of those, and must. */
void ck_short_note(struct check *c, struct ck_commit *commit);
void ck_mark_check(struct check *c, const struct ck_commit *commit,
		   const char *stream, const char *was, const char *now);
void ck_trouble_note(struct ck_log *log, const json_t *event);
void ck_trouble_over(struct ck_log *log, const json_t *event, const char *id);
void ck_troubles_check(struct check *c, const struct ck_commit *commit, long made);
void ck_troubles_step(struct check *c);

/* check_claim.c: what a commit claims, for those above it; its rules, if a cycle made
 * it; and what a log says of claims. */
void ck_claims_note(struct check *c, struct ck_commit *commit);
void ck_claims_check(struct check *c, const struct ck_commit *commit);
void ck_claim_offered(struct check *c, struct ck_computer *computer,
		      const json_t *event);
void ck_claims_heard(struct ck_log *log, const json_t *event);

/* check_early.c: EVENT says that a message came before git brought it, and records no
 * number; EVENT of later says that git has come to it ("": not yet) under NUMBER, and
 * with what: NULL, or the event that it would have been, for ck_log_settle. */
bool ck_early_came(const json_t *event);
void ck_early_note(struct ck_computer *computer, json_t *event);
json_t *ck_early_brought(struct check *c, struct ck_computer *computer,
			 const json_t *event, const char **number);
/* At rest. */
void ck_early_check(struct check *c, const struct ck_token *token);
void ck_early_free(void *early);

/* check_words.c: EVENT, of the log of COMPUTER, has the words of what was said. */
void ck_words_check(struct check *c, const struct ck_computer *computer,
		    const json_t *event);

/* check_handed.c: EVENT may say that a message came, or what became of it. What is in
 * the inbox, each step; and at rest. */
void ck_handed_heard(struct check *c, struct ck_computer *computer,
		     const json_t *event);
void ck_handed_step(struct check *c, struct ck_computer *computer);
void ck_rest_handed(struct check *c);

struct ck_change;
/* check_lost.c: EVENT may say that a copy was made; BY, which a cycle made, changes
 * PATH, a file of its computer's; and at rest. */
void ck_loss_note(struct check *c, const struct ck_commit *by, const char *path,
		  const struct ck_change *change);
/* It changes PATH, which nobody owns: somebody had on its desk what it takes out. */
void ck_unseen_check(struct check *c, const struct ck_commit *by, const char *path,
		     const struct ck_change *change);
void ck_loss_heard(struct ck_log *log, const json_t *event);
void ck_losses_check(struct check *c);
void ck_losses_free(struct check *c);

/* check_copies.c: the copy PATH, OID, that COMMIT brings, is of an edit. */
void ck_copy_check(struct check *c, const struct ck_commit *commit,
		   const char *path, const git_oid *oid);
/* COMMIT puts own PATHS back after somebody rewrote them; for nothing else, if
 * there is no other reason for it. */
void ck_put_back_check(struct check *c, const struct ck_commit *commit,
		       const struct ck_list *paths, bool other_reason);
/* How often WORDS stand in PATH of COMMIT, on lines that are TICKED, or on others. */
size_t ck_count_asked(struct check *c, const struct ck_commit *commit, const char *path,
		      const char *words, bool ticked);
/* What somebody has ticked in that file stays so. */
void ck_ticked_check(struct check *c, const struct ck_commit *commit,
		     const struct ck_change *change);
/* COMMIT has the version OID of PATH, prefix and all; which one had it first: NULL, if
 * none has. */
void ck_version_note(struct check *c, struct ck_commit *commit, const char *path,
		     const git_oid *oid);
const struct ck_commit *ck_version_first(const struct check *c, const char *path,
					 const git_oid *oid);

/* check_wish.c: EVENT says what a cycle has found or put on a desk; is what was done on a
 * desk on the tip? */
void ck_shown_note(struct check *c, struct ck_computer *computer,
		   const json_t *event);
void ck_wishes_check(struct check *c);
void ck_wishes_free(struct check *c);
/* COMMIT, of a cycle, changes a file that is merged by lines: does it bring one back? */
void ck_lines_check(struct check *c, struct ck_commit *commit,
		    const struct ck_change *change);
/* COMMIT, of a cycle, brings a file that its desk has a say in, or its text; not the one
 * that it had before. */
void ck_put_again_check(struct check *c, struct ck_commit *commit,
			const struct ck_change *change);

/* The tree of a commit, all of it and below the prefix; the tree PATH of a tree.
 * NULL: there is none. To be freed. */
git_tree *ck_root(const struct check *c, const struct ck_commit *commit);
git_tree *ck_tree(const struct check *c, const struct ck_commit *commit);
git_tree *ck_subtree(const struct check *c, const git_tree *tree,
		     const char *path);
/* The blob of PATH, below the prefix, in COMMIT; false: there is none. */
bool ck_blob_at(const struct check *c, const struct ck_commit *commit,
		const char *path, git_oid *oid);
/* What differs from OLD to NEW (either NULL), every file of it. */
struct ck_change {
	char path[512];
	bool was, is;
	git_oid old_oid, oid;
	unsigned old_mode, mode;
};
void ck_changes(const struct check *c, const git_tree *old,
		const git_tree *now,
		void (*each)(const struct ck_change *change, void *data),
		void *data);
/* Was it a file that desks have, or does its mode alone change? */
bool ck_is_fit(struct check *c, const struct ck_change *change);
/* The text of a blob; NULL if it is none. To be freed. */
char *ck_blob(const struct check *c, const git_oid *oid, size_t *size);

/* From here on COMPUTER knows its message ID as TO. */
void ck_token_renumber(struct check *c, const struct ck_computer *computer,
		       const char *id, const char *to);
/* COMPUTER has taken its message ID back, and does not send it any more. */
void ck_token_retract(struct check *c, const struct ck_computer *computer,
		      const char *id);
struct ck_token *ck_token_of(struct check *c, const char *text);
/* Calls EACH for every token of the message of EVENT. */
void ck_tokens_of_event(struct check *c, const json_t *event,
			void (*each)(struct ck_token *token, void *data),
			void *data);
/* COMMIT brings it into conflicts/ of COMPUTER. */
bool ck_puts_aside(struct check *c, const struct ck_commit *commit,
		   const struct ck_token *token, int computer);
bool ck_has_token(const struct ck_list *tokens, const struct ck_token *token);
/* Those in a blob; NULL never. */
const struct ck_list *ck_tokens_of_blob(struct check *c, const git_oid *oid);
/* The desk of COMPUTER shows PATH as the blob HEX, which may never be on the remote: what
 * is in it is known from now on. */
void ck_tokens_of_desk(struct check *c, const struct ck_computer *computer,
		       const char *path, const char *hex);
bool ck_token_on_branch(const struct ck_token *token);
/* Calls EACH for every token in TEXT. */
void ck_tokens_in(struct check *c, const char *text, size_t size,
		  void (*each)(struct ck_token *token, void *data), void *data);
void ck_token_free(void *token);
void ck_tokens_of_commit(struct check *c, struct ck_commit *commit);
/* Does NOW descend from OLD, or is it the same? NULL is below everything. */
bool ck_is_below(const struct ck_commit *old, struct ck_commit *now);

void ck_rest_desks(struct check *c);
void ck_rest_said(struct check *c);
void ck_rest_own(struct check *c);

#endif
