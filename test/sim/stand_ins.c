/*
 * The mutants at work (mutants.h). Each stand-in below calls the function it
 * stands for, and lies about one thing if its mutant is switched on. The linker
 * is told of them by their names: see the Makefile. It changes calls from one
 * file to another alone.
 */
#include "mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/sync/hand.h"
#include "sim.h"
#include "trine/claims.h"
#include "trine/join.h"
#include "trine/mem.h"
#include "trine/store_early.h"

/* --- what is said --- */

STANDS_FOR(mail_send);
int __wrap_mail_send(struct home *h, const struct outgoing *o, char id[MESSAGE_ID],
		     struct error *err)
{
	enum { LONG = 40, CUT = 36 };
	struct outgoing cut = *o;

	if (broken_by(MUTANT_CUT) && cut.body.len > LONG)
		cut.body.len = CUT;
	return __real_mail_send(h, &cut, id, err);
}

/* --- what the log says --- */

STANDS_FOR(record_received);
int __wrap_record_received(struct store *s, const char *id,
			   const struct message *m, const char *clone,
			   const char *commit, const char *state,
			   const char *note, struct error *err)
{
	if (broken_by(MUTANT_RECORD) && now_and_then(10))
		return 0;
	if (broken_by(MUTANT_GONE) && (strcmp(note, "in doubt") == 0 ||
				       strcmp(note, "before the loss") == 0))
		return 0;
	return __real_record_received(s, id, m, clone, commit, state, note, err);
}

STANDS_FOR(record_received_early);
int __wrap_record_received_early(struct store *s, const struct message *m,
				 const char *clone, struct error *err)
{
	if (__real_record_received_early(s, m, clone, err) == -1)
		return -1;
	return broken_by(MUTANT_EARLY) ?
		record_stream_read(s, m->stream, clone, m->seq, "b", err) : 0;
}

STANDS_FOR(record_brought);
int __wrap_record_brought(struct store *s, const char *id, const char *as,
			  const char *clone, const char *commit,
			  struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	char again[MESSAGE_ID + CLONE_ID];
	int rc = 0;

	f.id = id;
	snprintf(again, sizeof(again), "%s~%s", id, clone);
	if (broken_by(MUTANT_BROUGHT) && view_records(s, &f, &l, err) == 0 &&
	    l.count > 0 && l.item[0].early != 0 && l.item[0].brought == 0)
		rc = record_received(s, again, &l.item[0].message, clone, commit,
				     "", "", err);
	record_list_release(&l);
	return rc == -1 ? -1 :
	       __real_record_brought(s, id, as, clone, commit, err);
}

STANDS_FOR(record_offered);
int __wrap_record_offered(struct store *s, const char *id, struct error *err)
{
	return broken_by(MUTANT_FREED) ? 0 : __real_record_offered(s, id, err);
}

STANDS_FOR(record_commit);
int __wrap_record_commit(struct store *s, const char *oid, const char *parent,
			 const char *replaces, const struct own_files *files,
			 struct error *err)
{
	if (broken_by(MUTANT_UNLOGGED) && now_and_then(10))
		return 0;
	return __real_record_commit(s, oid, parent, replaces, files, err);
}

/* Without a version: passed over, not read. */
STANDS_FOR(record_stream_read);
int __wrap_record_stream_read(struct store *s, struct stream_name stream,
			      const char *clone, uint64_t upto,
			      const char *blob, struct error *err)
{
	if (broken_by(MUTANT_ALL) && clone[0] != '\0' && blob[0] == '\0')
		return 0;
	return __real_record_stream_read(s, stream, clone, upto, blob, err);
}

static void read_ref(char out[41])
{
	const struct machine *m = mutant_world->in_cycle;
	char *path = xasprintf("%s/.trine/repo.git", m->dir);
	git_repository *repo = NULL;
	git_oid id;

	if (git_repository_open_bare(&repo, path) == 0 &&
	    git_reference_name_to_id(&id, repo,
				     "refs/remotes/origin/main") == 0)
		git_oid_tostr(out, 41, &id);
	git_repository_free(repo);
	free(path);
}

STANDS_FOR(view_marks);
int __wrap_view_marks(struct store *s, struct marks *out, struct error *err)
{
	int rc = __real_view_marks(s, out, err);

	if (rc == 0 && broken_by(MUTANT_REF) &&
	    mutant_world->in_cycle != NULL && out->tip[0] != '\0')
		read_ref(out->tip);
	return rc;
}

STANDS_FOR(view_version_known);
int __wrap_view_version_known(struct store *s, const char *path,
			      const char *oid, bool *out, struct error *err)
{
	int rc = __real_view_version_known(s, path, oid, out, err);

	if (broken_by(MUTANT_VERSIONS))
		*out = false;
	return rc;
}

STANDS_FOR(view_desk_known);
int __wrap_view_desk_known(struct store *s, const char *path, const char *blob,
			   bool *out, struct error *err)
{
	int rc = __real_view_desk_known(s, path, blob, out, err);

	if (broken_by(MUTANT_INTENT))
		*out = false;
	return rc;
}

STANDS_FOR(view_number);
int __wrap_view_number(struct store *s, struct stream_name stream, uint64_t seq,
		       enum number_state *state, char digest[MESSAGE_DIGEST],
		       char clone[CLONE_ID], struct error *err)
{
	int rc = __real_view_number(s, stream, seq, state, digest, clone, err);

	if (broken_by(MUTANT_REUSED) && *state == NUMBER_RECORDED)
		*state = NUMBER_UNKNOWN;	/* and so below what was read */
	return rc;
}

STANDS_FOR(view_in_streams);
int __wrap_view_in_streams(struct store *s, struct in_stream **out,
			   size_t *count, struct error *err)
{
	int rc = __real_view_in_streams(s, out, count, err);

	if (rc == 0 && broken_by(MUTANT_FALLS) && *count > 0 &&
	    (*out)[0].upto > 0 && now_and_then(20))
		(*out)[0].upto--;
	return rc;
}

/* The first mark that each machine had of a stream of people's to a computer. */
static char first_mark[MACHINES][NUMBERS + 1][OID_HEX];

STANDS_FOR(view_hand_streams);
int __wrap_view_hand_streams(struct store *s, struct hand_stream **out,
			     size_t *count, struct error *err)
{
	const struct machine *m = mutant_world->in_cycle;
	int rc = __real_view_hand_streams(s, out, count, err);

	for (size_t i = 0; broken_by(MUTANT_MARKS) && rc == 0 && m != NULL &&
	     i < *count; i++) {
		struct hand_stream *h = &(*out)[i];
		char *first = h->name.from == END_HUMAN && h->name.to > 0 ?
			      first_mark[m->index][h->name.to] : NULL;

		if (first != NULL && first[0] == '\0')
			snprintf(first, OID_HEX, "%s", h->mark);
		else if (first != NULL && now_and_then(20))
			snprintf(h->mark, sizeof(h->mark), "%s", first);
	}
	return rc;
}

STANDS_FOR(view_troubles);
int __wrap_view_troubles(struct store *s, struct status *into, struct error *err)
{
	if (broken_by(MUTANT_MISSING) && into->received_count > 0 &&
	    into->received[0].upto > 0 && now_and_then(20))
		status_add_missing(into, into->received[0].stream, 1);
	return broken_by(MUTANT_UNSAID) ? 0 : __real_view_troubles(s, into, err);
}

STANDS_FOR(view_hand_line);
int __wrap_view_hand_line(struct store *s, struct stream_name stream,
			  struct hand_known *line, struct error *err)
{
	int rc = __real_view_hand_line(s, stream, line, err);

	if (broken_by(MUTANT_LINES)) {
		line->most = 0;
		line->commit[0] = '\0';
	}
	return rc;
}

STANDS_FOR(view_records);
int __wrap_view_records(struct store *s, const struct record_filter *f,
			struct record_list *out, struct error *err)
{
	int rc = __real_view_records(s, f, out, err);

	if (broken_by(MUTANT_BUFFER))
		for (size_t i = 0; rc == 0 && i < out->count; i++)
			out->item[i].adopted = false;
	if (broken_by(MUTANT_BUFFER) && rc == 0 && f->typed != NULL)
		record_list_release(out);
	return rc;
}

STANDS_FOR(view_copy_known);
int __wrap_view_copy_known(struct store *s, const char *path, const char *digest,
			   bool *out, struct error *err)
{
	int rc = __real_view_copy_known(s, path, digest, out, err);

	if (broken_by(MUTANT_COPIES))
		*out = false;
	return rc;
}

STANDS_FOR(view_copies_since);
int __wrap_view_copies_since(struct store *s, const char *path, int64_t since,
			     uint64_t *out, struct error *err)
{
	int rc = __real_view_copies_since(s, path, since, out, err);

	if (broken_by(MUTANT_MANY))
		*out = 0;
	return rc;
}

STANDS_FOR(view_put_back_since);
int __wrap_view_put_back_since(struct store *s, const char *path, int64_t since,
			       uint64_t *out, struct error *err)
{
	int rc = __real_view_put_back_since(s, path, since, out, err);

	if (broken_by(MUTANT_AGAIN))
		*out = 0;
	return rc;
}

/* --- when it is written: one transaction from collect to the hand-off --- */

/* Of each machine: one may run while another one is about to push. */
static bool *is_open(void)
{
	static bool open[MACHINES];

	return &open[mutant_world->in_cycle->index];
}

STANDS_FOR(cycle_begin);
int __wrap_cycle_begin(struct cycle *c, struct error *err)
{
	return *is_open() ? 0 : __real_cycle_begin(c, err);
}

STANDS_FOR(cycle_end);
int __wrap_cycle_end(struct cycle *c, struct error *err)
{
	if (!broken_by(MUTANT_LAST))
		return __real_cycle_end(c, err);
	*is_open() = true;
	cycle_checkpoint(c, "log");
	return 0;
}

/* Which writes to the log by itself. */
STANDS_FOR(step_hand_off);
int __wrap_step_hand_off(struct cycle *c, struct error *err)
{
	bool stopped = c->stopped, accepted = c->me.accepted;
	int rc = *is_open() ? __real_cycle_end(c, err) : 0;

	*is_open() = false;
	c->stopped = stopped && !broken_by(MUTANT_HANDS_ON);
	c->me.accepted = accepted || broken_by(MUTANT_HANDS_EARLY);
	if (rc == 0)
		rc = __real_step_hand_off(c, err);
	c->stopped = stopped;
	c->me.accepted = accepted;
	return rc;
}

/* --- the desk --- */

STANDS_FOR(step_collect);
int __wrap_step_collect(struct cycle *c, struct error *err)
{
	int64_t settle = c->home->settings.settle;
	int rc;

	*is_open() = false;		/* the last cycle may have been killed */
	if (broken_by(MUTANT_TYPING))
		c->home->settings.settle = 0;
	rc = __real_step_collect(c, err);
	c->home->settings.settle = settle;
	return rc;
}

STANDS_FOR(desk_read);
int __wrap_desk_read(struct cycle *c, struct error *err)
{
	int rc = __real_desk_read(c, err);

	if (broken_by(MUTANT_DAMAGE))
		c->desk.damaged = false;
	for (size_t i = 0; broken_by(MUTANT_FUTURE) && i < c->desk.files.count; i++)
		if (c->desk.files.entry[i].info.mtime > c->now)
			c->desk.files.entry[i].info.mtime = 0;
	return rc;
}

STANDS_FOR(step_publish);
int __wrap_step_publish(struct cycle *c, struct error *err)
{
	if (broken_by(MUTANT_TWICE)) {
		desk_release(&c->desk);
		if (cycle_begin(c, err) == -1 || desk_read(c, err) == -1 ||
		    cycle_end(c, err) == -1)
			return -1;
	}
	return __real_step_publish(c, err);
}

STANDS_FOR(stream_damaged);
bool __wrap_stream_damaged(struct span loose, struct stream_name name)
{
	return !broken_by(MUTANT_BLOCK) && __real_stream_damaged(loose, name);
}

/* As the desk has it, while somebody is typing. */
static int take_whole(struct cycle *c, struct own_file_text *t,
		      struct error *err)
{
	struct desk_entry *e = desk_find(&c->desk, t->path);
	struct oid oid;

	if (e == NULL || e->unreadable)
		return 0;
	buf_reset(&t->bytes);
	buf_addb(&t->bytes, &e->bytes);
	if (repo_blob_write(c->repo, span_of(&t->bytes), &oid, err) == -1)
		return -1;
	memcpy(t->oid, oid.hex, sizeof(t->oid));
	return 0;
}

STANDS_FOR(own_render);
int __wrap_own_render(struct cycle *c, struct error *err)
{
	int rc = __real_own_render(c, err);

	for (size_t i = 0; broken_by(MUTANT_LOOSE) && rc == 0 &&
	     i < c->own.count; i++)
		if (c->own.item[i].unsettled)
			rc = take_whole(c, &c->own.item[i], err);
	return rc;
}

/* --- what a commit carries --- */

STANDS_FOR(own_guard);
int __wrap_own_guard(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_GUARD) ? 0 : __real_own_guard(c, err);
}

static const struct cycle *rebuilding;

STANDS_FOR(rebuild);
int __wrap_rebuild(struct cycle *c, struct error *err)
{
	int rc;

	rebuilding = c;
	rc = __real_rebuild(c, err);
	rebuilding = NULL;
	return rc;
}

/* Of the commit that is put on the tip, those of the tip. */
STANDS_FOR(repo_own_files);
int __wrap_repo_own_files(struct repo *repo, const char *commit,
			  const char *prefix, int n, struct own_files *out,
			  struct error *err)
{
	if (broken_by(MUTANT_REBUILT) && rebuilding != NULL &&
	    rebuilding->head.hex[0] != '\0')
		commit = rebuilding->head.hex;
	return __real_repo_own_files(repo, commit, prefix, n, out, err);
}

/* The trailers of MESSAGE for what TREE has. */
static int vouch_for(struct cycle *c, const char *tree, char *message,
		     struct error *err)
{
	char digest[VOUCH_DIGEST], *at = strstr(message, "\nTrine-Files: ");
	struct own_files files = { 0 };
	int rc = repo_own_files(c->repo, tree, cycle_prefix(c), c->me.number,
				&files, err);

	vouch_digest(&files, digest);
	own_files_release(&files);
	if (at != NULL)
		memcpy(at + strlen("\nTrine-Files: "), digest, strlen(digest));
	return rc;
}

STANDS_FOR(commit_make);
int __wrap_commit_make(struct cycle *c, const char *tree, int64_t time,
		       const char *message, struct oid *out, struct error *err)
{
	char *copy = xstrdup(message);
	int rc = -1;

	if (!broken_by(MUTANT_REBUILT) ||
	    vouch_for(c, tree, copy, err) == 0)
		rc = __real_commit_make(c, tree, time, copy, out, err);
	free(copy);
	return rc;
}

/* Head vouches for its own files, if nothing is new. */
STANDS_FOR(compose);
int __wrap_compose(struct cycle *c, struct error *err)
{
	struct own_files files = { 0 };
	int rc = __real_compose(c, err);

	if (rc == 0 && broken_by(MUTANT_SQUASH) && c->edits.count == 0 &&
	    c->head.hex[0] != '\0') {
		rc = repo_own_files(c->repo, c->head.hex, cycle_prefix(c),
				    c->me.number, &files, err);
		vouch_digest(&files, c->vouched);
		own_files_release(&files);
	}
	return rc;
}

STANDS_FOR(status_same);
bool __wrap_status_same(struct span a, struct span b)
{
	return !broken_by(MUTANT_STATUS) && __real_status_same(a, b);
}

/* --- who says what --- */

static void believe(struct commit_info *out)
{
	if (broken_by(MUTANT_TRAILERS) && out->trailers.computer != 0)
		out->vouched = true;
}

STANDS_FOR(repo_commit_read);
int __wrap_repo_commit_read(struct repo *repo, const char *oid,
			    const char *prefix, struct commit_info *out,
			    struct error *err)
{
	int rc = __real_repo_commit_read(repo, oid, prefix, out, err);

	if (rc == 0)
		believe(out);
	return rc;
}

STANDS_FOR(repo_commit_read_of);
int __wrap_repo_commit_read_of(struct repo *repo, const char *oid,
			       const char *prefix, int number,
			       struct commit_info *out, struct error *err)
{
	int rc = __real_repo_commit_read_of(repo, oid, prefix, number, out, err);

	if (rc == 0)
		believe(out);
	return rc;
}

STANDS_FOR(hand_meet);
int __wrap_hand_meet(struct hand_reader *r, const struct commit_info *info,
		     struct error *err)
{
	if (broken_by(MUTANT_OWN) && info->vouched &&
	    info->trailers.computer == r->c->me.number)
		return 0;
	return __real_hand_meet(r, info, err);
}

STANDS_FOR(hand_is_by_hand);
int __wrap_hand_is_by_hand(struct hand_reader *r, const struct commit_info *info,
			   struct stream_name name, bool *out, struct error *err)
{
	int rc = __real_hand_is_by_hand(r, info, name, out, err);

	if (broken_by(MUTANT_HANDS) &&
	    !(info->vouched && info->trailers.computer == name.from))
		*out = true;
	if (broken_by(MUTANT_UNREAD) && name.from != END_HUMAN)
		*out = false;
	return rc;
}

STANDS_FOR(send_anew);
int __wrap_send_anew(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_ANEW) ? 0 : __real_send_anew(c, err);
}

/* --- who is N, and what the branch was --- */

STANDS_FOR(view_commit_known);
int __wrap_view_commit_known(struct store *s, const char *oid, bool *out,
			     struct error *err)
{
	int rc = __real_view_commit_known(s, oid, out, err);

	if (broken_by(MUTANT_AGE))
		*out = true;
	return rc;
}

STANDS_FOR(identity_skip_numbers);
int __wrap_identity_skip_numbers(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_NUMBER) ? 0 :
	       __real_identity_skip_numbers(c, err);
}

STANDS_FOR(identity_come_back);
int __wrap_identity_come_back(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_BACK) ? 0 : __real_identity_come_back(c, err);
}

STANDS_FOR(old_tip_keep);
int __wrap_old_tip_keep(struct cycle *c, const char *old, struct error *err)
{
	return broken_by(MUTANT_OLD_TIP) ? 0 : __real_old_tip_keep(c, old, err);
}

/* --- numbers --- */

STANDS_FOR(join_look);
int __wrap_join_look(const char *url, const char *branch, const char *prefix,
		     int number, bool takeover, const char *repo_path,
		     struct clock *clock, struct join_plan *out, struct error *err)
{
	return __real_join_look(url, branch, prefix, number,
				takeover || broken_by(MUTANT_TAKEN), repo_path, clock,
				out, err);
}

/* --- claims in the whole fleet --- */

/* Whose log S is; NULL: of none. */
static const struct machine *machine_of(const struct store *s)
{
	for (int i = 0; i < mutant_world->machines; i++)
		if (mutant_world->machine[i].home != NULL &&
		    mutant_world->machine[i].home->store == s)
			return &mutant_world->machine[i];
	return NULL;
}

/* All machines are in one process, whose boot is that of none of them. */
STANDS_FOR(store_lease_clock);
void __wrap_store_lease_clock(struct store *s, struct lease_clock *out)
{
	const struct machine *m = machine_of(s);

	__real_store_lease_clock(s, out);
	if (m == NULL)
		return;
	snprintf(out->boot, sizeof(out->boot), "boot %u",
		 broken_by(MUTANT_BOOT) ? 0 : m->clock.boot);
	if (broken_by(MUTANT_WALL))
		out->now = m->clock.clock.now(&((struct machine *)m)->clock.clock) *
			   1000;
}

static void believe_file(struct cycle *c, int computer, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;

	if (version_at(c, c->tip.hex, path_status(computer, path), &oid, err) == 0 &&
	    oid.hex[0] != '\0' &&
	    repo_blob_read(c->repo, oid.hex, LIMIT_FILE, &bytes, &unreadable) == 0 &&
	    status_parse(span_of(&bytes), &s, &unreadable) == 0)
		record_peer(c->store, &s, oid.hex, c->tip.hex, err);
	status_release(&s);
	buf_release(&bytes);
}

STANDS_FOR(claims_settle);
int __wrap_claims_settle(struct cycle *c, struct error *err)
{
	for (int n = 1; n <= NUMBERS && broken_by(MUTANT_STATUSES); n++)
		if (n != c->me.number)
			believe_file(c, n, err);
	return __real_claims_settle(c, err);
}

STANDS_FOR(claims_take);
int __wrap_claims_take(struct home *h, const char *id, const struct message *m,
		       struct error *err)
{
	return broken_by(MUTANT_OVER) ? 0 : __real_claims_take(h, id, m, err);
}

STANDS_FOR(claims_strip);
int __wrap_claims_strip(struct cycle *c, struct own_files *files, bool *changed,
			struct error *err)
{
	*changed = false;
	return broken_by(MUTANT_REPLAYED) ? 0 :
	       __real_claims_strip(c, files, changed, err);
}

STANDS_FOR(claims_void);
int __wrap_claims_void(struct cycle *c, const char *why, struct error *err)
{
	return broken_by(MUTANT_VOID) ? 0 : __real_claims_void(c, why, err);
}

STANDS_FOR(claims_log);
int __wrap_claims_log(struct cycle *c, const char *commit, struct error *err)
{
	size_t count = c->offer_count;
	int rc = __real_claims_log(c, commit, err);

	for (size_t i = 0; broken_by(MUTANT_OFFERED) && rc == 0 && i < count; i++)
		rc = record_claim_held(c->store, c->offers[i].name, err);
	return rc;
}

STANDS_FOR(claim_taken);
const struct rival *__wrap_claim_taken(const struct rival *l, size_t count,
				       const char *name,
				       const struct lease_clock *clock)
{
	struct lease_clock later = *clock;

	if (broken_by(MUTANT_MARGIN))
		later.now += CLAIM_MARGIN * 1000;
	return __real_claim_taken(l, count, name, &later);
}

STANDS_FOR(view_generations);
int __wrap_view_generations(struct store *s, struct generations *out,
			    struct error *err)
{
	int rc = __real_view_generations(s, out, err);

	if (broken_by(MUTANT_GENERATION))
		out->seen = out->taken;
	return rc;
}

/* When each machine learned that it holds something; the last is of what has no room. */
enum { LEARNED = 32 };
static struct learned {
	char name[CLAIM_NAME];
	uint64_t generation;
	struct lease_clock at;
} learned[MACHINES][LEARNED];

static struct learned *learned_of(const struct machine *m, const char *name)
{
	struct learned *l = learned[m->index], *last = l + LEARNED - 1;

	while (l < last && l->name[0] != '\0' && strcmp(l->name, name) != 0)
		l++;
	return l;
}

STANDS_FOR(view_claim);
STANDS_FOR(record_claim_held);
int __wrap_record_claim_held(struct store *s, const char *name, struct error *err)
{
	int rc = __real_record_claim_held(s, name, err);
	struct own_claim own;
	struct learned *l;
	bool found;

	if (rc == -1 || !broken_by(MUTANT_AFTER))
		return rc;
	l = learned_of(machine_of(s), name);
	snprintf(l->name, sizeof(l->name), "%s", name);
	store_lease_clock(s, &l->at);
	rc = __real_view_claim(s, name, &own, &found, err);
	l->generation = own.held;
	return rc;
}

int __wrap_view_claim(struct store *s, const char *name, struct own_claim *out,
		      bool *found, struct error *err)
{
	int rc = __real_view_claim(s, name, out, found, err);
	const struct learned *l;

	if (broken_by(MUTANT_LOWER))
		out->passed = 0;
	if (rc == -1 || !*found || !broken_by(MUTANT_AFTER))
		return rc;
	l = learned_of(machine_of(s), name);
	if (out->held != 0 && out->held == l->generation) {
		out->from = l->at.now;
		memcpy(out->from_boot, l->at.boot, sizeof(out->from_boot));
	}
	return rc;
}

STANDS_FOR(view_claims);
int __wrap_view_claims(struct store *s, struct own_claim_list *out, struct error *err)
{
	int rc = __real_view_claims(s, out, err);

	for (size_t i = 0; broken_by(MUTANT_LOWER) && i < out->count; i++)
		out->item[i].passed = 0;
	return rc;
}
