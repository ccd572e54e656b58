/*
 * What the steps of one cycle share. Private to src/sync; the contract with the
 * outside is include/trine/cycle.h.
 *
 * The steps run in the order of the table in cycle.c. Each one's file says what
 * it leaves behind when it is killed in its middle; the next cycle reads that
 * from the event log, never from memory, refs or times.
 */
#ifndef TRINE_SYNC_H
#define TRINE_SYNC_H

#include "trine/cycle.h"
#include "trine/digest.h"
#include "trine/owner.h"
#include "trine/resolve.h"
#include "trine/store_claim.h"
#include "trine/stream.h"
#include "trine/text.h"

/* --- desk.c: the desk as collect read it, each file once (R13) --- */
struct desk_entry {
	char *path;
	struct buf bytes;
	char oid[OID_HEX];
	struct file_info info;
	bool dropped;		/* the bytes are those of OID: desk_load */
	bool still;		/* the facts say so in the next cycle too */
	bool unreadable;	/* there, but not to be read: leave it alone */
	bool behind;		/* so, for what stands in the place of its folder */
	bool goes;		/* as it was published, and the branch lost it */
	char *left;		/* of a file that a killed replace left: its own
				 * path; then `path` is the one it stands for */
	bool came_out;		/* `left` is in run/out (came_out.c) */
	bool done_with;		/* and it may go */
};

struct desk_files {
	struct desk_entry *entry;
	size_t count, cap;
};

struct desk {
	struct desk_files files;	/* in order of path */
	struct desk_files left;
	struct desk_files out;		/* what somebody wrote into since it came out, or
					 * cannot be read */
	struct list in_the_way;		/* of folders: in order */
	char *first_beyond;		/* of what is more than a desk holds; or NULL */
	bool damaged;			/* most of it is gone: put back (R22) */
};

struct cycle;
int desk_read(struct cycle *c, struct error *err);
/* TEXT comes to PATH, where nothing is, as if somebody had written it. */
int desk_bring(struct cycle *c, const char *path, struct span text, struct error *err);
/* What publish put there, as the log has it now. */
int desk_reload(struct cycle *c, struct error *err);
/* The version publish put at PATH last; "" if none. */
const char *desk_published(const struct cycle *c, const char *path);
/* The bytes of an entry that was dropped. ENTRY may be NULL. ERR_AGAIN, or why it
 * cannot be read: nobody has them any more. */
int desk_load(struct cycle *c, struct desk_entry *entry, struct error *err);
/* They can be loaded again, and need no memory meanwhile. */
void desk_unload(struct desk_entry *entry);
struct desk_entry *desk_find(struct desk *d, const char *path);
void desk_release(struct desk *d);
struct desk_entry *desk_add(struct desk_files *l, const char *path,
			    const struct file_info *info);
void desk_drop(struct desk_files *l);	/* the last one */

/* --- came_out.c --- */
/* Into c->desk.out; what nobody wrote into for a while goes. */
int came_out_read(struct cycle *c, struct error *err);
/* What collect took of these is in the log: what comes now is added to that. */
void came_out_go_on(struct cycle *c);

/* What a desk shows of which some files wait, or were taken in and not written
 * yet: compose looks at all of it then. */
#define NO_COMMIT "0000000000000000000000000000000000000000"

/* --- copies.c: versions that lost --- */
struct copy {
	char *path;		/* of the original */
	char name[COPY_NAME];
	char digest[DIGEST_HEX];
	char *who;
	struct buf text;	/* the file to be written; empty: only counted */
	bool lazy;		/* no reason to make a commit (R26) */
};

struct copies {
	struct copy *item;
	size_t count, cap;
};

struct loser {
	const char *path;
	struct span text;	/* the version that lost */
	struct span winner;	/* the one that stays: for the diff; may be empty */
	const char *oid;	/* of the losing version on the branch, or NULL */
	const char *why;
};
/* Keep a version that lost, unless a copy of it exists (R25) or there are too
 * many today (R26). It reaches conflicts/ with the next commit of this cycle. One that
 * the branch does not have (no oid) gets as many copies as hold all of it, and each of
 * these parts counts: no blob has the rest. */
int copies_keep(struct cycle *c, const struct loser *loser, struct error *err);
/* The same of blob OID, the version of PATH on the branch, whatever its size: one
 * over LIMIT_LOSER is only named. One that cannot be read is no error. */
int copies_keep_blob(struct cycle *c, const char *path, const char *oid,
		     const char *why, struct error *err);
/* What was kept, as edits to the tree of the commit that is about to be made;
 * and to the log, right behind that commit: it is done with then. */
struct edits;
int copies_place(struct cycle *c, struct edits *edits, struct error *err);
int copies_log(struct cycle *c, struct error *err);
/* Does head hold, under another name, the copy that a commit of ours which waits
 * would bring as PATH, with text OID? Then that one is kept, and shown. */
int copies_made_before(struct cycle *c, const char *path, const char *oid,
		       bool *out, struct error *err);
/* Copies that somebody has looked at and deleted are no problem any more. Once
 * the head of this round is made, in the transaction that logs it. */
int copies_settle(struct cycle *c, struct error *err);
void copies_release(struct copies *l);

/* --- own.c: our own files, rendered from the log --- */
struct own_file_text {
	char *path;		/* "messages/1_TO_2.md" */
	struct buf bytes;	/* as committed */
	size_t head;		/* of these, above the first message */
	char oid[OID_HEX];
	struct buf loose;	/* text on the desk that is no message yet (R12) */
	bool unsettled;		/* somebody is typing: leave the desk's file alone */
};

struct own_text {
	struct own_file_text *item;
	size_t count, cap;
};
struct own_file_text *own_find(struct own_text *l, const char *path);
struct own_file_text *own_add(struct own_text *l, const char *path);
/* Render all open segments and the status; close segments that are full. */
int own_render(struct cycle *c, struct error *err);
int own_render_status(struct cycle *c, struct error *err);	/* its part of that */
int own_seal(struct cycle *c, struct own_file_text *t, struct error *err);	/* T->oid */
/* Put the archives of this computer right, in the tree and on the desk. */
int own_archives(struct cycle *c, struct error *err);
/* Our trailers vouch for all own paths of a tree, looked at or not: each of
 * head's becomes the log's (R11). After own_archives. */
int own_guard(struct cycle *c, struct error *err);
void own_release(struct own_text *l);

/* --- handed_over.c: was a path ours all the time? (R23) --- */
struct past_rules {		/* those on the line from SINCE to TIP, once loaded */
	bool loaded;
	char since[OID_HEX], tip[OID_HEX];
	struct fleet *rules;
	size_t count, cap;
};
void past_rules_release(struct past_rules *past);
/* By all rules that were in force since the branch was at SINCE, a commit ("": by
 * none)? */
int ours_since(struct cycle *c, const char *since, const char *path, bool *out,
	       struct error *err);

/* --- there.c: what stands at a path --- */
/* The blob of PATH in COMMIT; none if either is not there, or no regular file. */
int version_at(struct cycle *c, const char *commit, const char *path,
	       struct oid *out, struct error *err);
/* The bytes of version OID of a path; of "", none. */
int version_read(struct cycle *c, const char *oid, struct buf *out, struct error *err);
struct there {
	char oid[OID_HEX];	/* "": nothing, or a folder */
	bool unfit;		/* no desk gets it */
};
int there_at(struct cycle *c, const char *commit, const char *path,
	     struct there *out, struct error *err);
/* The version that a desk can have; "": none. */
const char *there_shown(const struct there *there);
struct edits;
/* What of EDITS would take the place of others' files, in a folder where a file shall
 * be, or where a folder shall be, is kept as a copy instead, and goes from the desk. */
int give_way(struct cycle *c, struct edits *edits, struct error *err);

/* --- compose.c: every path that differs, and what becomes of it --- */
struct edits {
	struct tree_edit *item;
	size_t count, cap;
};
void edits_put(struct edits *e, const char *path, const char *oid, bool is_tree);
/* A file, in place of what was put for that path before, if anything was. */
void edits_set(struct edits *e, const char *path, const char *oid);
void edits_release(struct edits *e);

struct target {			/* what a desk file shall be */
	char *path;
	char oid[OID_HEX];	/* "" : absent */
	struct buf bytes;	/* if it is in no repository (loose text) */
	bool has_bytes;
	bool wait;		/* not in this cycle */
};

struct path_versions {
	struct desk_file *item;
	size_t count, cap;
};
void path_versions_release(struct path_versions *l);

struct targets {
	struct target *item;
	size_t count, cap;
};
struct target *targets_add(struct targets *t, const char *path, const char *oid);
/* In place of what was decided for that path before, if anything was. */
void targets_put(struct targets *t, const char *path, const char *oid);
void targets_release(struct targets *t);

/* --- one cycle --- */
struct cycle {
	struct home *home;
	const struct cycle_world *world;
	const struct cycle_options *options;
	struct report *report;
	struct store *store;
	struct repo *repo;
	struct repo **rest;		/* of damaged ones, newest first */
	size_t rest_count;
	bool rest_open;
	bool damaged;			/* it could not even be opened */
	struct repo *beside;		/* of other branches, once they are
					 * looked at (radar.c) */

	int64_t now;			/* wall clock at the start */
	int64_t began;			/* steady, at the start */
	struct identity me;
	struct marks marks;
	char branch[64];
	char local_ref[96], tip_ref[112];
	char own_branch[BRANCH_NAME];	/* of this computer; "" : none */
	char own_ref[112], held_ref[112];
	bool apart;			/* our pushes go there */

	struct oid tip;			/* of the branch, as known; none: no branch */
	struct oid last_tip;		/* as the cache had it before this fetch */
	struct oid known;		/* and the log: that, or what is above it */
	struct oid head;		/* tip and our unpushed commits on it */
	struct oid own_tip;		/* of our own branch on the remote; none */
	struct oid own_last;		/* as last read, or pushed; none */
	bool own_unsure;		/* it cannot be read: no push */
	struct oid base;		/* below own unpushed commits */
	struct list unknown;		/* commits of ours below it that our log
					 * does not know (sent_before.c) */
	struct oid unknown_on;		/* the base they were looked for on */
	bool must_push;		/* the remote lacks what it had of us */
	bool online;			/* the remote answered in this round */
	bool push_first;		/* it was not asked: the push will tell */
	bool blind;			/* the branch is not known at all, or not
					 * well enough to write to it */
	bool grew;			/* the repository did: it may want packing */
	bool fresh;			/* the tip was fetched in this cycle */
	bool moved;			/* and is another one than before */
	bool joined_history;		/* by a merge, or it was rewritten */
	bool looked;			/* at other branches, in this cycle */
	bool aside;			/* one of them is being read */
	bool again;			/* one more round: somebody was faster */
	unsigned unanswered;		/* pushes whose answer did not come */
	bool was_too_much;	/* for a fetch, in a cycle before: a problem says so */
	bool stopped;			/* two machines with our number: no push,
					 * no hand-off (R27) */
	bool in_dry_run;		/* its one transaction is open */
	struct error unsure;		/* why the last push's outcome is unknown */
	bool held;			/* trouble that sets the exit status */
	struct error trouble;

	struct fleet fleet;		/* the rules in force (R16) */
	char fleet_oid[OID_HEX];	/* version they were read from */
	bool fleet_kept;		/* or from run/fleet.yaml */
	bool bad_rules;			/* the desk's fleet.yaml is held here */
	struct fleet old_fleet;		/* the rules when the desk was written */
	char old_fleet_at[OID_HEX];	/* head then */
	struct past_rules past_rules;
	struct desk desk;
	struct desk_file *published;	/* what publish put there, by path */
	size_t published_count;
	struct own_text own;
	struct copies copies;
	struct edits edits;
	struct targets targets;
	char last_read[OID_HEX];	/* a blob, by there_at */
	bool all_written;		/* publish left nothing for the next cycle */
	bool hides;			/* paths of head that no desk gets */
	char vouched[VOUCH_DIGEST];	/* own files of our newest commit below head */
	struct path_versions taken_in;	/* edits of the desk, as compose read them */
	struct path_versions put_back;	/* own paths that others rewrote, and
					 * their versions */
	struct lease_clock lease;	/* when this round's claims were derived */
	struct claim *offers;		/* those that its commit carries first */
	size_t offer_count, offer_cap;
	uint64_t generation;		/* that its status says, and the highest that one
					 * said before (R37) */
	uint64_t generation_said;
	bool putting_back;		/* all edits only put back what others
					 * rewrite again and again (R26) */
};

/* --- exchange.c --- */
/* The names of the refs, once the branch is known. */
void name_refs(struct cycle *c);

int step_collect(struct cycle *c, struct error *err);
int step_fetch(struct cycle *c, struct error *err);
int step_receive(struct cycle *c, struct error *err);
int step_radar(struct cycle *c, struct error *err);
int step_commit(struct cycle *c, struct error *err);
int step_push(struct cycle *c, struct error *err);
int step_publish(struct cycle *c, struct error *err);
int step_hand_off(struct cycle *c, struct error *err);

/* Transactions of the log; in a dry run they all are one that is dropped. */
int cycle_begin(struct cycle *c, struct error *err);
int cycle_end(struct cycle *c, struct error *err);
void cycle_checkpoint(struct cycle *c, const char *name);
/* Keep ERR as what sync exits with, and go on. The first one stays. */
void cycle_trouble(struct cycle *c, const struct error *err);
/* One line for whoever watches (-v, --dry-run); no newline. */
void cycle_say(struct cycle *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *cycle_prefix(const struct cycle *c);

/* --- portions.c: very many new commits --- */
/* EACH of the tip's commits that are not behind SINCE ("" : all), parents first,
 * in portions that last: the next cycle goes on where this one stopped. WALK
 * names what is read. ERR_AGAIN when the cycle's time is over. In a transaction,
 * which is another one afterwards. */
int portions_walk(struct cycle *c, const char *walk, const char *since,
		  int (*each)(void *arg, const char *oid, struct error *err),
		  void *arg, struct error *err);
/* Has an earlier cycle begun with it? */
int portions_begun(struct cycle *c, const char *walk, bool *out,
		   struct error *err);

/* --- claims.c: what this computer claims in the whole fleet (R33-R39) --- */
/* S says what of our claims can be said on the tip as it was read; c->offers are those
 * that are new or renewed. In a transaction. */
int claims_derive(struct cycle *c, struct status *s, struct error *err);
/* COMMIT carries them. In the transaction that logs it, before the push. */
int claims_log(struct cycle *c, const char *commit, struct error *err);
/* Commits were seen on the tip: what they offer is held. */
int claims_settle(struct cycle *c, struct error *err);
/* The branch may have forgotten them: none is held, each is claimed again (R33). */
int claims_void(struct cycle *c, const char *why, struct error *err);
/* The status among FILES, those of a commit that goes onto another tip, claims
 * nothing any more, and is head's where it says nothing new without. *CHANGED: it is
 * another one now. */
int claims_strip(struct cycle *c, struct own_files *files, bool *changed,
		 struct error *err);

/* --- rebuild.c: own unpushed commits on the new tip (R11, R15) --- */
int rebuild(struct cycle *c, struct error *err);
/* EDITS get what makes head hold a change from WAS to IS, as far as it may; the rules
 * in the commit AT say whose the file was then (R23). */
struct edits;
int rebuild_path(struct cycle *c, const char *at, const char *path, const char *was,
		 const char *is, struct edits *edits, struct error *err);
/* All own files as COMMIT has them, changed there or not (R11); FILES too. */
int rebuild_own_files(struct cycle *c, const char *commit,
		      struct own_files *files, struct edits *edits,
		      struct error *err);

/* --- own_branch.c: a branch of our own --- */
void own_branch_name(struct cycle *c);
/* What is known of it without the remote. */
int own_branch_last(struct cycle *c, struct error *err);
/* Once the remote has shown its branches. */
int own_branch_fetch(struct cycle *c, struct error *err);
bool own_branch_moved(const struct cycle *c);
int own_branch_note(struct cycle *c, struct error *err);
/* Set head to what own unpushed commits stand on: the fleet's tip and our
 * branch. */
int own_branch_base(struct cycle *c, struct error *err);
/* Our newest commit, on the fleet's branch or our own; zeroed if there is none.
 * Release OUT. */
int own_newest(struct cycle *c, struct commit_info *out, struct error *err);

/* --- own_line.c: its commits, from the newest down --- */
int own_line_is_ours(struct cycle *c, const char *commit, bool *out,
		     struct error *err);
/* Head becomes what holds the fleet's tip and LINE. */
int own_line_take(struct cycle *c, const char *line, struct error *err);
/* Does head hold all that LINE adds, but for own files? */
int own_line_held(struct cycle *c, const char *line, bool *out,
		  struct error *err);

/* --- old_tip.c: the branch no longer holds what it held (R32) --- */
/* The tip OLD stays reachable here, and what to merge from it is shown. */
int old_tip_keep(struct cycle *c, const char *old, struct error *err);
/* The tip is another one: what is still to be merged? In a transaction. */
int old_tips_review(struct cycle *c, struct error *err);
/* Is there one? And is COMMIT below one of them? */
int old_tips_any(struct cycle *c, bool *out, struct error *err);
int old_tips_hold(struct cycle *c, const char *commit, bool *out,
		  struct error *err);
/* Those whose ref somebody removed are done with. */
int old_tips_forget(struct cycle *c, struct error *err);

/* --- heal.c: when our own repository is damaged --- */
/* Set it aside, if that may help; ERR is what is wrong with it. The next try
 * makes a new one. */
int heal_set_aside(struct home *home, const struct cycle_world *world,
		   struct error *err);
/* Take back refs that are more than caches, into a repository without any. */
int heal_refs(struct cycle *c, struct error *err);
/* Take back an own commit; false if it is nowhere whole. Then heal_lost says
 * so, in a transaction. */
bool heal_commit(struct cycle *c, const char *oid);
int heal_lost(struct cycle *c, const char *oid, struct error *err);
/* Nothing is set aside any more: no reason to talk about it. */
int heal_settle(struct cycle *c, struct error *err);
void heal_release(struct cycle *c);

/* --- identity.c: who is N (R27-R29) --- */
int identity_still_doubtful(struct cycle *c, struct error *err);
/* A vouched commit of our own number was read. */
int identity_meet(struct cycle *c, const struct commit_info *info,
		  struct error *err);
/* From now on as another clone (R28); record_identity is the caller's. */
void identity_renew(struct cycle *c);
/* The branch was set back, or rewritten, and NEWEST is our newest commit on it. One
 * of a former life that this log knows nothing of says what was lost with the disk
 * of that life, and the branch has again: as after a restore (R28). */
int identity_meet_rewound(struct cycle *c, const struct commit_info *newest,
			  struct error *err);
bool identity_is_ours(const struct cycle *c, const char *clone);
/* The status of our number in COMMIT. */
int identity_status_at(struct cycle *c, const char *commit, struct status *out,
		       bool *found, struct error *err);
/* Does our log know all versions of own paths in COMMIT (R2)? */
int identity_knows(struct cycle *c, const char *commit, bool *out,
		   struct error *err);

/* --- come_back.c: what a new clone finds of the ones before it (R29) --- */
int identity_come_back(struct cycle *c, struct error *err);
/* Of NAME as AT has it: what was received up to UPTO by the clone before us. */
int come_back_stream(struct cycle *c, const struct commit_info *at,
		     struct stream_name name, uint64_t upto, struct error *err);
/* Numbers others have a receipt for are taken, whatever the branch says. */
int identity_skip_numbers(struct cycle *c, struct error *err);
struct messages;
/* What the log has under the id of M: nothing, this text, or another one. */
int own_text_find(struct cycle *c, const struct message *m,
		  enum number_state *state, struct error *err);
/* What the log knows of a stream of ours; zero if nothing. No preamble. */
int own_stream_find(struct cycle *c, struct stream_name name,
		    struct out_stream *out, struct error *err);
/* Ours that no commit holds, and L does not either. */
int own_waiting_find(struct cycle *c, const struct messages *l,
		     struct stream_name name, struct record_list *out,
		     struct error *err);

/* --- layout.c: which segments are closed, for a clone that comes back to AT --- */
int layout_take(struct cycle *c, const struct commit_info *at,
		struct error *err);

/* --- sent_before.c: what waits, and is on the branch; L: a stream of ours there --- */
/* A desk from a backup, or a copied one, still has loose text that went out, and
 * collect took it in before this cycle saw the branch: it is what the branch has,
 * and only the rest is new (R18). */
int sent_before_as_text(struct cycle *c, const struct messages *l,
			struct stream_name name, struct error *err);
/* A disk may come back from one backup twice: what waits in it and had to get
 * another number the first time is on the branch under that one. Each that moves
 * leaves its number to others, and changes the text of those that answer it. */
int sent_before_elsewhere(struct cycle *c, const struct messages *l,
			  struct stream_name name, struct error *err);
/* Lines that went out from this disk, and that people ticked or removed since, are
 * no news where it comes back (R17). BASE, the version of PATH that OURS was made
 * of, gets what commits on the branch did which our log does not know. */
int sent_before_as_lines(struct cycle *c, const char *path, const char *ours,
			 char base[OID_HEX], struct error *err);
/* Nor are those of a commit that waits, since the answer to its push got lost, where
 * people have squashed it since: no commit of ours is left on the branch then. But the
 * status is, which was written for it, and all files of ours beside that. UPTO: how
 * many of the COUNT commits L that wait went out so, the first ones. */
int sent_before_squashed(struct cycle *c, const struct own_commit *l, size_t count,
			 size_t *upto, struct error *err);

/* --- edited_from.c --- */
/* BASE is the version of PATH that was published last. Killed since, publish may have
 * written the next one before somebody made OURS: BASE gets what OURS was made of. */
int edited_from(struct cycle *c, const char *path, const char *ours,
		char base[OID_HEX], struct error *err);

/* --- anew.c: texts that were rejected because their number was used (R7) --- */
int send_anew(struct cycle *c, struct error *err);
/* OLD with its id as `origin`; false: that is too long for its readers. Release
 * OUT then, too. */
bool anew_copy(const struct record *old, struct message *out);

/* --- meet.c: what a message is that git brings --- */
enum met {
	MET_NEW,	/* nothing has its number, and its text is not here */
	MET_BESIDE,	/* another text has its number: it is one beside that (R7) */
	MET_REUSED,	/* the same, and its writer gave one number to two texts */
	/* and what is no message of its own: */
	MET_HERE,	/* its text is here, maybe under another number */
	MET_AGAIN,	/* its words are, at another time */
	MET_BACK	/* a tombstone for what came early under its number (early.h) */
};
struct meeting {
	enum met verdict;
	enum number_state number;
	char id[MESSAGE_ID];		/* by its number */
	char beside[MESSAGE_ID + CLONE_ID + 1];	/* where another text has that */
	char there[MESSAGE_ID];		/* the record that has its text; or "" */
};
/* M, as AT carries it. TAKEN_UP: after a loss, since a receipt speaks of it. */
int meet(struct cycle *c, const struct message *m, const struct commit_info *at,
	 bool taken_up, struct meeting *out, struct error *err);
/* Record what follows where M is no message of its own. */
int meet_settle(struct cycle *c, const struct message *m,
		const struct commit_info *at, const struct meeting *met,
		struct error *err);

/* --- inbound_status.c --- */
/* The status that INFO, a commit of its owner's, carries, unless a newer one is known. */
int inbound_status(struct cycle *c, const struct commit_info *info,
		   struct error *err);

/* --- inbound.c: streams of others --- */
/* Read what differs of computer X in its own commit INFO. */
int inbound_read(struct cycle *c, const struct commit_info *info,
		 struct error *err);
/* M, which a life before this one may have received, as AT carries it: a task that
 * nobody answered comes back in doubt, mail of the last month as such (R29). */
int inbound_take_back(struct cycle *c, const struct message *m,
		      const struct commit_info *at, struct error *err);
/* First sight of the branch: the newest own commit of every computer (R31). */
int inbound_join(struct cycle *c, struct error *err);
/* All that NAME held at START is read, if that is more than UPTO. */
int inbound_skip(struct cycle *c, const char *start, struct stream_name name,
		 uint64_t upto, struct error *err);

/* --- hand.c: streams to us whose writer has no trine (R4, R9, R10) --- */
/* How the commits of a walk are read:
 *
 *	hand_start(&r, c, err)
 *	hand_meet(&r, &info, err)	for each, parents first
 *	hand_stop(&r);
 */
struct hand_given {
	struct stream_name name;
	size_t count;		/* so many numbers of its ids are taken */
};
struct hand_reader {
	struct cycle *c;
	bool again;		/* commits may be read a second time: what they
				 * tick or delete is not asked for again */
	bool beside;		/* they are not on the fleet's branch */
	int64_t lost_before;	/* a lost disk had received, as far as we know,
				 * what was said until then; 0: none was lost */
	bool direct_only;	/* not what is said to ALL */
	bool all_only;		/* that alone */
	bool *has_trine;	/* of computers: seen with it in what was read */
	struct oid looked_below;	/* has_trine has whoever has a commit below it */
	struct receipt *said;	/* by our newest status on the branch: a lost disk had
				 * received so much (R29) */
	size_t said_count;
	bool went_back;		/* it is what this disk said where the branch is now */
	struct hand_given *given;	/* by the commit that is being read */
	size_t given_count, given_cap;
};
int hand_start(struct hand_reader *r, struct cycle *c, struct error *err);
int hand_meet(struct hand_reader *r, const struct commit_info *info,
	      struct error *err);
/* A commit that was read beside the branch has come to it: its receipt counts,
 * and it says nothing new. */
int hand_meet_again(struct hand_reader *r, const struct commit_info *info,
		    struct error *err);
void hand_stop(struct hand_reader *r);
/* The branch went back. What our newest status there says was read is so, though what was
 * read last may be gone: receipts rise from that, too (R8). */
int hand_went_back(struct hand_reader *r, struct error *err);
/* Show what others wrote into streams of owners that have not looked yet, or that have
 * the form of trine's, and no owner vouches for them. */
int hand_report_waiting(struct cycle *c, struct error *err);
/* First sight of the branch: what was there before the fleet had trine is not
 * news; what was said to us since waited for us (R31). */
int hand_join(struct cycle *c, struct error *err);

/* Take the entries with trine's form out of a version of a stream. */
void hand_drop_entries(struct buf *bytes, struct stream_name name);

/* --- copied.c: is a line that was read on one branch the same on another? --- */
/* How often each line stands in a text, by digest. */
struct line_counts {
	struct hand_known *item;
	size_t count, cap;
};
void line_counts_read(struct line_counts *l, struct span bytes);
uint64_t line_counts_of(const struct line_counts *l, const char *digest);
void line_counts_release(struct line_counts *l);

/* Other commits that added lines which this one adds too. */
enum { COPIED_COMMITS = 16 };
struct copied {
	struct {
		char commit[OID_HEX];
		bool other;		/* it says something else */
	} known[COPIED_COMMITS];
	size_t count;
	struct line_counts lines;	/* of those that it is a copy of */
	struct line_counts merged;	/* of all parents together, of a merge */
};
struct copied_version {
	const struct commit_info *info;
	struct ancestors *below;	/* of INFO */
	struct stream_name name;
	const char *path;
	bool drop_entries;
	struct span bytes;
	const struct span *parent;
	size_t parents;
};
int copied_find(struct cycle *c, const struct copied_version *v,
		struct copied *out, struct error *err);
/* Was it asked about, and found to be no copy of COMMIT? */
bool copied_is_other(const struct copied *l, const char *commit);
void copied_release(struct copied *l);

/* --- radar.c: other branches of the remote --- */
/* Have the commits of other branches within reach, in c->beside; false: they
 * cannot be, for now. */
bool radar_open(struct cycle *c);
/* Does the remote show one that was not looked at? */
int radar_is_due(struct cycle *c, bool *out, struct error *err);

/* --- history.c: what commits hold of a stream --- */
/* Newest commit of computer N reachable from TIP for which it vouches; OUT
 * zeroed if there is none. Release OUT. */
int newest_of(struct cycle *c, const char *tip, int n, struct commit_info *out,
	      struct error *err);
/* The same of each X with WANTED[X], into OUT[X], "" if there is none; both have
 * LIMIT_COMPUTERS + 1. One walk for all of them, over the whole history if there are
 * several. */
int newest_of_each(struct cycle *c, const char *tip, const bool *wanted,
		   struct oid *out, struct error *err);
/* Which computer does a commit name in its trailers (0: none)? That costs no look at
 * what it holds. And is it truly of NUMBER (R6)? */
int history_names(struct cycle *c, const char *oid, int *out, struct error *err);
int history_vouches(struct cycle *c, const char *oid, int number, bool *out,
		    struct error *err);
struct messages {
	struct message *item;
	size_t count, cap;
};
void messages_sort(struct messages *l);	/* by number, each once */
void messages_release(struct messages *l);
/* The bytes of PATH in COMMIT; *FOUND false if there is no such file, or one
 * that is too large to be ours. */
int history_read(struct cycle *c, const char *commit, const char *path,
		 struct buf *out, struct oid *oid, bool *found,
		 struct error *err);
/* Messages in BYTES with a number over ABOVE, added to OUT. */
void history_take(struct span bytes, struct stream_name name, uint64_t above,
		  struct messages *out);
/* The same of the archive in COMMIT, from its newest segment back. */
int history_archive(struct cycle *c, const char *commit,
		    struct stream_name name, uint64_t above,
		    struct messages *out, struct error *err);
/* Messages up to UPTO in the segments of NAME that INFO changes. */
int history_brought(struct cycle *c, const struct commit_info *info,
		    struct stream_name name, uint64_t upto,
		    struct messages *out, struct error *err);
/* Streams to this computer and statuses that COMMIT has otherwise than FROM, added to
 * OUT: all that there can be are asked for, one by one, where a comparison was cut. */
int history_to_us(struct cycle *c, const char *from, const char *commit,
		  struct list *out, struct error *err);
/* All messages of a stream as COMMIT has them, each once, in order. */
int stream_history(struct cycle *c, const char *commit, struct stream_name name,
		   uint64_t above, struct messages *out, struct error *err);

/* --- fleet.c: the rules in force (R16) --- */
int fleet_in_force(struct cycle *c, struct error *err);
/* Leave them where commands find them that do not open the repository. */
int fleet_leave(struct cycle *c, struct error *err);
/* The rules in the blob OID; -1, with WHY: they cannot be read. Release OUT. */
int fleet_read(struct cycle *c, const char *oid, struct fleet *out, struct error *why);
/* Head when that was done last; "": nobody knows. */
int fleet_left_at(struct cycle *c, char out[OID_HEX], struct error *err);
/* The rules in force at COMMIT (R16). Release OUT, which is FLEET_INIT before. */
int fleet_at(struct cycle *c, const char *commit, struct fleet *out, struct error *err);

/* --- decide.c: one path, down to the bytes --- */
/* An id as struct versions takes it: "" is no file. */
const char *version_or_null(const char *oid);
/* What PATH holds afterwards: a blob that is in the repository, or "". Versions
 * that lose are kept. */
int decide(struct cycle *c, const char *path, struct owner owner,
	   const struct versions *v, char out[OID_HEX], struct error *err);

/* --- gather.c: paths that may differ --- */
struct paths {
	struct cycle *c;
	struct list list;	/* in order; some stand there twice */
	struct twins *twins;
	bool all;		/* not only what is new */
	size_t files, bytes;	/* that the desk has, or gets from the branch */
	unsigned hidden;
	char *first_hidden;
	const char *why_hidden;
	const char *waits;	/* the first hidden one that was written into here */
	char *unread;		/* the first folder that is not read whole, as text */
	struct error *err;	/* while the branch is looked at */
};
int paths_gather(struct paths *p, struct error *err);
/* Of names alike but for case no desk gets any, nor loses what it has, but for what the
 * branch has no more (R24). */
bool paths_hide(struct paths *p, const char *path);
int paths_report(struct paths *p, struct error *err);	/* what is hidden, as a problem */
void paths_release(struct paths *p);

/* --- compose.c --- */
/* Fill c->edits and c->targets from desk, head and log. In a transaction. */
int compose(struct cycle *c, struct error *err);
/* Is no commit to be made of it yet? Others rewrite again and again what it would
 * put back (R26). Own commits that wait put it back in any case. */
bool compose_waits(const struct cycle *c);

/* --- twins.c: names alike but for case --- */
struct twins;
struct twins *twins_new(void);
void twins_add(struct twins *t, const char *path);
void twins_seal(struct twins *t);
bool twins_has(const struct twins *t, const char *path);
bool twins_hide(const struct twins *t, const char *path);	/* from desks */
void twins_free(struct twins *t);

/* --- pack.c --- */
/* If the repository grew. A try that takes too long is shown, and made again a
 * day later. */
int pack_repository(struct cycle *c, struct error *err);

/* --- commit.c --- */
int commit_make(struct cycle *c, const char *tree, int64_t time,
		const char *message, struct oid *out, struct error *err);
int commit_merge(struct cycle *c, const char *tree, const struct list *parents,
		 int64_t time, const char *message, struct oid *out,
		 struct error *err);

#endif
