/*
 * The mutants (mutants.h). Each stand-in below calls the function it stands for,
 * and lies about one thing if its mutant is switched on. The linker is told of
 * them by their names: see the Makefile.
 */
#include "mutants.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/sync/sync.h"
#include "sim.h"
#include "trine/mem.h"

enum mutant mutant;
struct world *mutant_world;

const struct mutant_kind mutants[MUTANTS] = {
	[MUTANT_NONE] = { "none", "", "" },
	[MUTANT_RECORD] = { "receipt-before-record", "R1",
		"some messages get a receipt and are not recorded" },
	[MUTANT_PUSH] = { "push-result-ignored", "R15",
		"a push that did not arrive counts as taken" },
	[MUTANT_DESK] = { "desk-overwritten", "R21",
		"publish does not look at what it replaces" },
	[MUTANT_NUMBER] = { "number-reused", "R29",
		"numbers that others have a receipt for are given out" },
	[MUTANT_REF] = { "reading-from-the-ref", "R1",
		"receive starts from what the last fetch brought" },
	[MUTANT_RAW_TIP] = { "raw-tip-read", "R5",
		"any commit that holds a stream speaks for its owner" },
	[MUTANT_VERSIONS] = { "versions-forgotten", "R2",
		"our own earlier versions are taken for somebody else's" },
	[MUTANT_INTENT] = { "intent-forgotten", "R3",
		"what publish wrote is taken for an edit" },
	[MUTANT_TRAILERS] = { "trailers-believed", "R6",
		"trailers count without a look at the tree" },
	[MUTANT_REUSED] = { "other-text-dropped", "R7",
		"a known number with another text is dropped" },
	[MUTANT_LINES] = { "lines-forgotten", "R9",
		"a hand-written line that was read is new again" },
	[MUTANT_GUARD] = { "own-paths-not-carried", "R11",
		"commits vouch for whatever the tip has of us" },
	[MUTANT_UNION] = { "lines-united", "R17",
		"a line that one side removed comes back" },
	[MUTANT_BUFFER] = { "old-buffer-adopted", "R18",
		"loose text that was adopted before is adopted again" },
	[MUTANT_COPIES] = { "copies-repeated", "R25",
		"a version that lost is copied each time it is met" },
	[MUTANT_BACK] = { "no-coming-back", "R28",
		"an older disk, or a new one, does not read its own files" },
	[MUTANT_FORCE] = { "push-by-force", "promise 3",
		"the branch is moved, whatever it holds meanwhile" },
};

enum mutant mutant_named(const char *name)
{
	for (int i = 1; i < MUTANTS; i++)
		if (strcmp(mutants[i].name, name) == 0)
			return (enum mutant)i;
	return MUTANT_NONE;
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

/* Of something that happens all the time, one in so many. */
static bool now_and_then(unsigned often)
{
	static unsigned count;

	return ++count % often == 0;
}

/* --- the log --- */

int __real_record_received(struct store *s, const char *id,
			   const struct message *m, const char *clone,
			   const char *commit, const char *state,
			   const char *note, struct error *err);
int __wrap_record_received(struct store *s, const char *id,
			   const struct message *m, const char *clone,
			   const char *commit, const char *state,
			   const char *note, struct error *err);
int __wrap_record_received(struct store *s, const char *id,
			   const struct message *m, const char *clone,
			   const char *commit, const char *state,
			   const char *note, struct error *err)
{
	if (broken_by(MUTANT_RECORD) && now_and_then(10))
		return 0;
	return __real_record_received(s, id, m, clone, commit, state, note, err);
}

int __real_view_marks(struct store *s, struct marks *out, struct error *err);
int __wrap_view_marks(struct store *s, struct marks *out, struct error *err);
int __wrap_view_marks(struct store *s, struct marks *out, struct error *err)
{
	int rc = __real_view_marks(s, out, err);

	if (rc == 0 && broken_by(MUTANT_REF) &&
	    mutant_world->in_cycle != NULL && out->tip[0] != '\0')
		read_ref(out->tip);
	return rc;
}

int __real_view_version_known(struct store *s, const char *path,
			      const char *oid, bool *out, struct error *err);
int __wrap_view_version_known(struct store *s, const char *path,
			      const char *oid, bool *out, struct error *err);
int __wrap_view_version_known(struct store *s, const char *path,
			      const char *oid, bool *out, struct error *err)
{
	int rc = __real_view_version_known(s, path, oid, out, err);

	if (broken_by(MUTANT_VERSIONS))
		*out = false;
	return rc;
}

int __real_view_desk_known(struct store *s, const char *path, const char *blob,
			   bool *out, struct error *err);
int __wrap_view_desk_known(struct store *s, const char *path, const char *blob,
			   bool *out, struct error *err);
int __wrap_view_desk_known(struct store *s, const char *path, const char *blob,
			   bool *out, struct error *err)
{
	int rc = __real_view_desk_known(s, path, blob, out, err);

	if (broken_by(MUTANT_INTENT))
		*out = false;
	return rc;
}

int __real_view_number(struct store *s, struct stream_name stream, uint64_t seq,
		       enum number_state *state, char digest[MESSAGE_DIGEST],
		       char clone[CLONE_ID], struct error *err);
int __wrap_view_number(struct store *s, struct stream_name stream, uint64_t seq,
		       enum number_state *state, char digest[MESSAGE_DIGEST],
		       char clone[CLONE_ID], struct error *err);
int __wrap_view_number(struct store *s, struct stream_name stream, uint64_t seq,
		       enum number_state *state, char digest[MESSAGE_DIGEST],
		       char clone[CLONE_ID], struct error *err)
{
	int rc = __real_view_number(s, stream, seq, state, digest, clone, err);

	if (broken_by(MUTANT_REUSED) && *state == NUMBER_RECORDED)
		*state = NUMBER_UNKNOWN;	/* and so below what was read */
	return rc;
}

int __real_view_hand_line(struct store *s, struct stream_name stream,
			  struct hand_known *line, struct error *err);
int __wrap_view_hand_line(struct store *s, struct stream_name stream,
			  struct hand_known *line, struct error *err);
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

int __real_view_records(struct store *s, const struct record_filter *f,
			struct record_list *out, struct error *err);
int __wrap_view_records(struct store *s, const struct record_filter *f,
			struct record_list *out, struct error *err);
int __wrap_view_records(struct store *s, const struct record_filter *f,
			struct record_list *out, struct error *err)
{
	int rc = __real_view_records(s, f, out, err);

	if (broken_by(MUTANT_BUFFER))
		for (size_t i = 0; rc == 0 && i < out->count; i++)
			out->item[i].adopted = false;
	return rc;
}

int __real_view_copy_known(struct store *s, const char *path, const char *digest,
			   bool *out, struct error *err);
int __wrap_view_copy_known(struct store *s, const char *path, const char *digest,
			   bool *out, struct error *err);
int __wrap_view_copy_known(struct store *s, const char *path, const char *digest,
			   bool *out, struct error *err)
{
	int rc = __real_view_copy_known(s, path, digest, out, err);

	if (broken_by(MUTANT_COPIES))
		*out = false;
	return rc;
}

/* --- the cycle --- */

int __real_own_guard(struct cycle *c, struct edits *edits, struct error *err);
int __wrap_own_guard(struct cycle *c, struct edits *edits, struct error *err);
int __wrap_own_guard(struct cycle *c, struct edits *edits, struct error *err)
{
	return broken_by(MUTANT_GUARD) ? 0 : __real_own_guard(c, edits, err);
}

int __real_identity_skip_numbers(struct cycle *c, struct error *err);
int __wrap_identity_skip_numbers(struct cycle *c, struct error *err);
int __wrap_identity_skip_numbers(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_NUMBER) ? 0 :
	       __real_identity_skip_numbers(c, err);
}

int __real_identity_come_back(struct cycle *c, struct error *err);
int __wrap_identity_come_back(struct cycle *c, struct error *err);
int __wrap_identity_come_back(struct cycle *c, struct error *err)
{
	return broken_by(MUTANT_BACK) ? 0 : __real_identity_come_back(c, err);
}

/* --- commits and texts --- */

static void believe(struct commit_info *out)
{
	static int speaker;

	if (out->vouched)
		return;
	if (broken_by(MUTANT_TRAILERS) && out->trailers.computer != 0)
		out->vouched = true;
	if (broken_by(MUTANT_RAW_TIP) && out->trailers.computer == 0) {
		out->trailers.computer = 1 + speaker++ % 3;
		strcpy(out->trailers.clone, "a0000101");
		out->vouched = true;
	}
}

int __real_repo_commit_read(struct repo *repo, const char *oid,
			    const char *prefix, struct commit_info *out,
			    struct error *err);
int __wrap_repo_commit_read(struct repo *repo, const char *oid,
			    const char *prefix, struct commit_info *out,
			    struct error *err);
int __wrap_repo_commit_read(struct repo *repo, const char *oid,
			    const char *prefix, struct commit_info *out,
			    struct error *err)
{
	int rc = __real_repo_commit_read(repo, oid, prefix, out, err);

	if (rc == 0)
		believe(out);
	return rc;
}

int __real_repo_commit_read_of(struct repo *repo, const char *oid,
			       const char *prefix, int number,
			       struct commit_info *out, struct error *err);
int __wrap_repo_commit_read_of(struct repo *repo, const char *oid,
			       const char *prefix, int number,
			       struct commit_info *out, struct error *err);
int __wrap_repo_commit_read_of(struct repo *repo, const char *oid,
			       const char *prefix, int number,
			       struct commit_info *out, struct error *err)
{
	int rc = __real_repo_commit_read_of(repo, oid, prefix, number, out, err);

	if (rc == 0)
		believe(out);
	return rc;
}

void __real_resolve_merge_lines(struct span base, struct span ours,
				struct span theirs, struct buf *out);
void __wrap_resolve_merge_lines(struct span base, struct span ours,
				struct span theirs, struct buf *out);
void __wrap_resolve_merge_lines(struct span base, struct span ours,
				struct span theirs, struct buf *out)
{
	static const struct span nothing = { "", 0 };

	__real_resolve_merge_lines(broken_by(MUTANT_UNION) ? nothing : base,
				   ours, theirs, out);
}
