/*
 * Mutants at work, as in stand_ins.c: what becomes of paths and of lines, whose they
 * are, and which of them are one name.
 */
#include "mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/sync/sync.h"
#include "sim.h"
#include "trine/mem.h"
#include "trine/resolve.h"
#include "trine/text.h"

/* --- what becomes of a path --- */

STANDS_FOR(there_at);
int __wrap_there_at(struct cycle *c, const char *commit, const char *path,
		    struct there *out, struct error *err)
{
	int rc = __real_there_at(c, commit, path, out, err);

	if (broken_by(MUTANT_UNFIT) && out->unfit)
		*out = (struct there){ .oid = "" };
	return rc;
}

STANDS_FOR(resolve_path);
struct verdict __wrap_resolve_path(struct owner owner, int self,
				   const struct versions *v)
{
	struct verdict d = __real_resolve_path(owner, self, v);

	if (broken_by(MUTANT_DELETED) && owner.kind == OWNER_COMPUTER &&
	    owner.computer == self && v->ours == NULL && v->base != NULL)
		d.take = TAKE_OURS;
	if (broken_by(MUTANT_UNEDITED) && owner.kind == OWNER_CONFLICTS &&
	    v->base != NULL && v->theirs != NULL)
		d.take = TAKE_THEIRS;
	if (broken_by(MUTANT_UNDELETED) && v->ours == NULL && v->base != NULL &&
	    (owner.kind == OWNER_SHARED ||
	     (owner.kind == OWNER_RULE && owner.computer == self)))
		d.take = TAKE_THEIRS;
	if ((broken_by(MUTANT_LOSER) && d.lost == LOST_OURS) ||
	    (broken_by(MUTANT_THEIRS) && d.lost == LOST_THEIRS))
		d.lost = LOST_NONE;
	return d;
}

static bool has_line(struct span text, struct span line)
{
	struct span at;

	for (size_t pos = 0; text_line(text, &pos, &at);)
		if (span_equal(at, line))
			return true;
	return false;
}

/* What BASE has, and OURS and THEIRS not both, unless it was ticked. */
static void put_lines_back(struct span base, struct span ours, struct span theirs,
			   struct buf *out)
{
	struct span line;

	for (size_t pos = 0; text_line(base, &pos, &line);) {
		char *ticked = xstrndup(line.p, line.len);

		if (text_starts(line, "- [ ]"))
			ticked[3] = 'x';
		if (line.len > 0 && !has_line(span_of(out), line) &&
		    !has_line(span_of(out), span_str(ticked)) &&
		    !(has_line(ours, line) && has_line(theirs, line)))
			buf_printf(out, "%.*s\n", (int)line.len, line.p);
		free(ticked);
	}
}

STANDS_FOR(resolve_merge_lines);
void __wrap_resolve_merge_lines(struct span base, struct span ours,
				struct span theirs, struct buf *out)
{
	static const struct span nothing = { "", 0 };

	__real_resolve_merge_lines(broken_by(MUTANT_UNION) ? nothing : base,
				   ours, theirs, out);
	if (broken_by(MUTANT_UNWRITTEN))
		put_lines_back(base, ours, theirs, out);
}

STANDS_FOR(fleet_parse);
int __wrap_fleet_parse(struct span yaml, struct fleet *out, struct error *err)
{
	int rc = __real_fleet_parse(yaml, out, err);

	if (!broken_by(MUTANT_RULES) || rc == 0)
		return rc;
	*out = (struct fleet)FLEET_INIT;
	error_clear(err);
	return 0;
}

/* Ours, of the path that is decided on. */
static bool won_here;

STANDS_FOR(copies_keep);
int __wrap_copies_keep(struct cycle *c, const struct loser *loser,
		       struct error *err)
{
	if (broken_by(MUTANT_WON) &&
	    strcmp(loser->why, "others changed the same lines at the same time") == 0) {
		won_here = true;
		return 0;
	}
	if (broken_by(MUTANT_ENTRY) &&
	    strncmp(loser->why, "an entry changed", 16) == 0)
		return 0;
	return __real_copies_keep(c, loser, err);
}

/* --- paths that change hands, or look alike --- */

STANDS_FOR(decide);
int __wrap_decide(struct cycle *c, const char *path, struct owner owner,
		  const struct versions *v, char out[OID_HEX], struct error *err)
{
	struct versions seen = *v;
	int rc;

	won_here = false;
	seen.was_ours |= broken_by(MUTANT_HANDED);
	rc = __real_decide(c, path, owner, &seen, out, err);
	if (won_here && v->ours != NULL)
		snprintf(out, OID_HEX, "%s", v->ours);
	return rc;
}

STANDS_FOR(twins_hide);
bool __wrap_twins_hide(const struct twins *t, const char *path)
{
	return broken_by(MUTANT_TWINS) ? twins_has(t, path) :
	       __real_twins_hide(t, path);
}

/* --- whose the files on the tip are --- */

static bool reading_raw;

STANDS_FOR(inbound_status);
int __wrap_inbound_status(struct cycle *c, const struct commit_info *info,
			  struct error *err)
{
	return reading_raw ? 0 : __real_inbound_status(c, info, err);
}

/* The streams of computer N, as if the tip were its newest commit. */
static int read_raw(struct cycle *c, int n, struct error *err)
{
	struct commit_info last = { 0 };
	int rc = newest_of(c, c->tip.hex, n, &last, err);

	if (rc == 0 && last.vouched && last.trailers.computer == n) {
		last.oid = c->tip;
		rc = inbound_read(c, &last, err);
	}
	commit_info_release(&last);
	return rc;
}

STANDS_FOR(step_receive);
int __wrap_step_receive(struct cycle *c, struct error *err)
{
	int rc = __real_step_receive(c, err);

	if (rc == -1 || !broken_by(MUTANT_RAW_TIP) || c->tip.hex[0] == '\0')
		return rc;
	if (cycle_begin(c, err) == -1)
		return -1;
	reading_raw = true;
	for (int n = 1; n <= NUMBERS && rc == 0; n++)
		if (n != c->me.number)
			rc = read_raw(c, n, err);
	reading_raw = false;
	return rc == -1 ? -1 : cycle_end(c, err);
}
