/*
 * What events do to the view: one function for each type. event.c comes here
 * with new events and with those of the log, and the same is done with both:
 * that is why a rebuilt view equals the old one. So these functions look at
 * nothing but the event and the view, and an event about something that is not
 * there does nothing.
 *
 * Each event has `seq`, `time`, `type`, `actor` and `crc`. Its other fields,
 * where absent means empty, 0 or false:
 *
 * computer.set		who we are: number, name, clone, former [clone, …],
 *			why, since, accepted
 * message.sent		ours, accepted: id, clone (of ours), digest, adopted
 *			(from loose text), message (message_json.h, without id)
 * message.found	ours, found on the tip by a new clone: id, clone, digest,
 *			message
 * message.retracted	before it was committed: id; a task that only it had ended goes on
 * message.renumbered	not committed: id, to (its new id, or the same), number, origin
 *			(where there, its key `origin` from then on; "": none)
 * message.received	theirs: id, clone (of the sender), digest, commit (that
 *			carried it), state (of a task), note, message
 *			or, instead of commit, early (it came before git brought it)
 * message.offered	ours goes out by another way than git: id
 * message.brought	git has brought what came early: id, clone, commit, as (the
 *			id that it has there, if another)
 * message.withdrawn	its sender took back what came early: id, clone, commit (none:
 *			git does not say so yet), digest (of the text that says so
 *			under this id)
 * message.repeated	one of theirs was said again, at another time: id, clone
 *			(that did), digest (of the text)
 * message.imported	of before trine, read from a file: id, digest, state (of
 *			a task that has ended), note, message
 * message.rejected	cannot be taken in: stream, number, id, why
 * message.missing	a gap in a stream: stream, number, id
 * message.read		id, who
 * message.handing	about to be handed over: id, instance, needs (of a task, what
 *			it has locks of from now on, until nobody has it)
 * message.handed	id, instance, state (of a task from then on)
 * message.assigned	into the line of an instance: id, instance
 * message.released	out of it, to nobody: id, reason
 * message.begun	a worker has it: id, instance, copy (of several), attempt, slot,
 *			needs, over
 * message.deferred	it has not been taken: id, reason, until
 * message.blocked	a person must decide, it may have been done: id, reason
 * message.worked	the worker is done with it: id
 * message.amended	a task that nobody has started says something else now:
 *			id, digest, message
 * session.started	a running agent: number, name, role, goal, pid, born, boot,
 *			parent, terminal, folder (process.h)
 * session.adopted	another process goes on with it: session (the number of the
 *			event that began it), pid, born, boot, parent, terminal,
 *			folder
 * session.doing	session, doing
 * session.ended	session, why
 * lock.acquired	a lease; the number of the event is its token: name, session,
 *			holder (in words), pid, born, boot (where it ends with a
 *			process), until, ttl
 * lock.renewed		name, token, until
 * lock.released	name, token, why (it was not its holder)
 * lock.waiting		session, name (none: no more), pid, born, boot
 * claim.wanted		in the whole fleet: name, lease (seconds), by (in words),
 *			session (none: this computer, for an instance), pid, born,
 *			boot (where it ends with a process)
 * claim.offered	a commit that is about to be pushed carries it: name,
 *			generation, beat, commit, steady (milliseconds, before the
 *			push), boot
 * claim.held		the branch has that commit: name, generation
 * claim.released	name, why (it was not its holder)
 * claim.lost		another computer has it, or it is void: name, why, again (it
 *			is still wanted)
 * claim.found		one of a former life of this computer had it: generation
 * claims.refused	somebody else had it: tasks, locks, files, fleet (how often each,
 *			within a minute), since (the first of them)
 * alert.raised		of this computer alone: id (a key), text
 * alert.cleared	the same: id, by, why
 * alert.told		any: id, instances [name, …] that have it as a task
 * alert.handing	about to be given to a program: id, attempt
 * alert.handed		id, why (it failed)
 * state.set		key, value, by (in words); its generation is the number of the
 *			event
 * state.unset		key, by
 * instance.wanted	of all its copies: name, want (start, stop or restart)
 * instance.changed	name, copy (1, 2, …), state, given_up, pid, born, boot, reason
 * files.reserved	base (a folder), globs [glob, …] below it, shared, session,
 *			holder (in words), reason, until
 * files.released	id (the number of the event that reserved them), why
 * task.added		made here, and not published: id, digest, message, session (that
 *			added it)
 * task.approved	id, session, who (in words)
 * task.claimed		a session has it: id, session, holder (in words), needs,
 *			over (a task that was passed over for it)
 * task.started		id
 * task.progress	id, text
 * task.again		an attempt has failed, and there may be another one: id,
 *			attempt, reason, until (nobody gets it before)
 * task.stuck		its session cannot go on: id, reason
 * task.ended		by a person who ticked or deleted it: id, state, reason
 * hand.read		of a stream whose writer has no trine: stream, commit,
 *			lines {digest: how often, …} that the commit added,
 *			beside (it is not on the fleet's branch), below (the
 *			commit of its receipt is above it)
 * stream.read		taken in of a stream to us: stream, clone, upto, blob
 * stream.preamble	of an own stream: stream, text (or hex, if not UTF-8)
 * stream.closed	a segment went to the archive: stream, segment, first,
 *			last, blob
 * stream.reopened	its segments are read anew from the branch: stream
 * stream.numbered	numbers up to this one are used: stream, number
 * computer.seen	a status of another computer: computer, name, clone,
 *			former, state, format, updated, heartbeat (seconds),
 *			received {stream: number or commit, …}, missing [id, …],
 *			rejected {id: why, …}, more {missing, rejected: how many it
 *			does not list, of [stream, …]: of any, if it is absent},
 *			version, blob, commit, generation,
 *			claims {name: {generation, beat, lease, by}, …}; with these
 *			steady and boot, when this was read
 * tip.received		all up to it is recorded: commit, vouched (trailer)
 * tip.reading		on the way to it, all up to this one too: walk (what of
 *			it was read; none: everything), commit
 * tip.rewritten	history was: old, new
 * all.started		ALL streams count from here: commit
 * commit.made		here, before any ref moves: commit, parent, replaces,
 *			files {path: blob or tree, …}
 * commit.seen		on a tip: commit
 * commit.dropped	not pushed, and of no use any more: commit
 * commit.lost		not pushed, and gone with the repository: commit
 * commit.tried		a push of it is, by a clone of which none was accepted: commit
 * commit.untried	and that one, the first of it, was refused: commit
 * version.found	of own paths, ours: files {path: blob or tree, …}
 * desk.intended	about to be written: files {path: blob or "", …}
 * desk.published	written: files {path: blob or "", …}, commit (with the
 *			last part)
 * desk.forgotten	a version is no longer known for ours: path, blob, base
 *			(what counts as published then)
 * branch.looked	another branch of the remote was: branch, tip, taken (it was
 *			read, not only looked at), why (it cannot be), news
 *			[{path, commit, time, line (digest), count, number}, …]
 *			that the fleet's branch lacks
 * branch.failed	it could not be fetched: branch, tip, why
 * branch.settled	the fleet's branch has it now: branch, path, commit
 * branch.gone		branch
 * commit.beside	was read on another branch: commit
 * copy.kept		under conflicts/: path, name, digest, who
 * copy.counted		too many today: path, name, digest, who
 * path.restored	an own path that others rewrote: path, blob (theirs)
 * problem.raised	code, key, text
 * problem.over		code, key
 * log.continued	the first line of a part of the log but the first: part, start
 *			(the bytes of all before), before (crc of the last line), and of
 *			the copy of the view, if there is one: view_size, view_crc
 * log.repaired		what was damaged was left out: kept (the file that has it), lost
 *			[{path, line, from, len, first, last}, …] (log_loss)
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"

/* For people; the view knows nothing of it. */
static int apply_nothing(struct store *s, const struct event *e,
			 struct error *err)
{
	(void)s;
	(void)e;
	(void)err;
	return 0;
}

/* What the lost ones said of which text, nobody knows. */
static int apply_repaired(struct store *s, const struct event *e,
			  struct error *err)
{
	return query_run(s, SQL_REWORDED_ALL, BINDS(NUMBER(e->seq)), err);
}

struct type {
	const char *name;
	apply_function *apply;
};

/* In the order of strcmp. */
static const struct type types[] = {
	{ "alert.cleared", apply_alert_cleared },
	{ "alert.handed", apply_alert_handed },
	{ "alert.handing", apply_alert_handing },
	{ "alert.raised", apply_alert_raised },
	{ "alert.told", apply_alert_told },
	{ "all.started", apply_all_start },
	{ "branch.failed", apply_branch_failed },
	{ "branch.gone", apply_branch_gone },
	{ "branch.looked", apply_branch_looked },
	{ "branch.settled", apply_branch_settled },
	{ "claim.found", apply_claim_found },
	{ "claim.held", apply_claim_held },
	{ "claim.lost", apply_claim_lost },
	{ "claim.offered", apply_claim_offered },
	{ "claim.released", apply_claim_released },
	{ "claim.wanted", apply_claim_wanted },
	{ "claims.refused", apply_nothing },
	{ "commit.beside", apply_beside },
	{ "commit.dropped", apply_commit_dropped },
	{ "commit.lost", apply_commit_lost },
	{ "commit.made", apply_commit },
	{ "commit.seen", apply_commit_seen },
	{ "commit.tried", apply_commit_tried },
	{ "commit.untried", apply_commit_untried },
	{ "computer.seen", apply_peer },
	{ "computer.set", apply_computer },
	{ "copy.counted", apply_counted },
	{ "copy.kept", apply_copy },
	{ "desk.forgotten", apply_forgotten },
	{ "desk.intended", apply_intended },
	{ "desk.published", apply_published },
	{ "files.released", apply_unreserved },
	{ "files.reserved", apply_reserved },
	{ "hand.read", apply_hand_read },
	{ "instance.changed", apply_instance_changed },
	{ "instance.wanted", apply_instance_wanted },
	{ "lock.acquired", apply_lock_acquired },
	{ "lock.released", apply_lock_released },
	{ "lock.renewed", apply_lock_renewed },
	{ "lock.waiting", apply_lock_wait },
	{ LOG_CONTINUED, apply_nothing },
	{ "log.repaired", apply_repaired },
	{ "message.amended", apply_amended },
	{ "message.assigned", apply_assigned },
	{ "message.begun", apply_begun },
	{ "message.blocked", apply_blocked },
	{ "message.brought", apply_brought },
	{ "message.deferred", apply_deferred },
	{ "message.found", apply_found },
	{ "message.handed", apply_handed },
	{ "message.handing", apply_handing },
	{ "message.imported", apply_imported },
	{ "message.missing", apply_missing },
	{ "message.offered", apply_offered },
	{ "message.read", apply_read },
	{ "message.received", apply_received },
	{ "message.rejected", apply_rejected },
	{ "message.released", apply_released },
	{ "message.renumbered", apply_renumbered },
	{ "message.repeated", apply_repeated },
	{ "message.retracted", apply_retracted },
	{ "message.sent", apply_sent },
	{ "message.withdrawn", apply_withdrawn },
	{ "message.worked", apply_worked },
	{ "path.restored", apply_restored },
	{ "problem.over", apply_problem_over },
	{ "problem.raised", apply_problem },
	{ "session.adopted", apply_session_adopted },
	{ "session.doing", apply_session_doing },
	{ "session.ended", apply_session_ended },
	{ "session.started", apply_session_started },
	{ "state.set", apply_value },
	{ "state.unset", apply_value_gone },
	{ "stream.closed", apply_closed },
	{ "stream.numbered", apply_numbered },
	{ "stream.preamble", apply_preamble },
	{ "stream.read", apply_stream_read },
	{ "stream.reopened", apply_reopened },
	{ "task.added", apply_added },
	{ "task.again", apply_again },
	{ "task.approved", apply_approved },
	{ "task.claimed", apply_claimed },
	{ "task.ended", apply_ended },
	{ "task.progress", apply_progress },
	{ "task.started", apply_started },
	{ "task.stuck", apply_stuck },
	{ "tip.reading", apply_reading },
	{ "tip.received", apply_tip },
	{ "tip.rewritten", apply_nothing },
	{ "version.found", apply_versions },
};

static int compare_type(const void *name, const void *type)
{
	return strcmp(name, ((const struct type *)type)->name);
}

/* A type that is not here was written by a newer trine, which makes its own
 * view of it. */
int event_apply(struct store *s, const struct event *e, struct error *err)
{
	const struct type *type = bsearch(e->type, types, ARRAY_LEN(types),
					  sizeof(types[0]), compare_type);

	return type == NULL ? 0 : type->apply(s, e, err);
}
