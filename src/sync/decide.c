/*
 * One path, down to the bytes: core/resolve.c says which version stays, this
 * merges what is to be merged and keeps what lost. Both uses of resolve_path,
 * the desk on the tip and an old commit on a new one, come through here.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

const char *version_or_null(const char *oid)
{
	return oid[0] != '\0' ? oid : NULL;
}

static int load(struct cycle *c, const char *oid, struct buf *out,
		struct error *err)
{
	buf_reset(out);
	return oid == NULL ? 0
		: repo_blob_read(c->repo, oid, LIMIT_FILE, out, err);
}

/* Text of a size that can be on a desk? */
static bool fits(struct cycle *c, const char *oid)
{
	return oid == NULL || repo_blob_fits(c->repo, oid, LIMIT_FILE);
}

static int keep_loser(struct cycle *c, const char *path, const char *lost,
		      const char *stays, bool on_branch, const char *why,
		      struct error *err)
{
	struct buf text = BUF_INIT, winner = BUF_INIT;
	struct loser loser = { .path = path, .why = why };
	int rc = -1;

	if (!fits(c, lost))
		return copies_keep_blob(c, path, lost, why, err);
	if (load(c, lost, &text, err) == -1 || load(c, stays, &winner, err) == -1)
		goto out;
	loser.text = span_of(&text);
	loser.winner = span_of(&winner);
	loser.oid = on_branch ? lost : NULL;
	rc = copies_keep(c, &loser, err);
out:
	buf_release(&text);
	buf_release(&winner);
	return rc;
}

static int merge_bytes(const char *path, struct buf in[3],
		       struct buf *out, bool *clean, struct error *err)
{
	struct fleet rules = FLEET_INIT;
	struct error bad = ERROR_INIT;

	if (path_classify(path).kind == PATH_HUMAN) {
		*clean = true;
		resolve_merge_lines(span_of(&in[0]), span_of(&in[1]),
				    span_of(&in[2]), out);
		return 0;
	}
	if (repo_merge_text(span_of(&in[0]), span_of(&in[1]), span_of(&in[2]),
			    out, clean, err) == -1)
		return -1;
	/* Two readable rule files may merge into one that is not (R16). */
	if (*clean && path_classify(path).kind == PATH_FLEET) {
		*clean = fleet_parse(span_of(out), &rules, &bad) == 0;
		fleet_release(&rules);
	}
	return 0;
}

static int merge(struct cycle *c, const char *path, const struct versions *v,
		 char out[OID_HEX], bool *clean, struct error *err)
{
	struct buf in[3] = { BUF_INIT, BUF_INIT, BUF_INIT };
	struct buf merged = BUF_INIT;
	struct oid oid;
	int rc = -1;

	*clean = false;
	/* The desk was written from a branch that is gone, and the repository
	 * that had it was lost: nobody knows what changed since. */
	if (v->base != NULL && !repo_has(c->repo, v->base))
		return 0;
	/* nothing is merged with theirs if that does not fit */
	if (!fits(c, v->base) || !fits(c, v->ours))
		return 0;
	if (load(c, v->base, &in[0], err) == -1 ||
	    load(c, v->ours, &in[1], err) == -1 ||
	    load(c, v->theirs, &in[2], err) == -1 ||
	    merge_bytes(path, in, &merged, clean, err) == -1)
		goto out;
	rc = 0;
	out[0] = '\0';
	*clean = *clean && merged.len <= LIMIT_FILE;
	if (!*clean || (v->theirs == NULL && merged.len == 0))
		goto out;
	rc = repo_blob_write(c->repo, span_of(&merged), &oid, err);
	memcpy(out, oid.hex, OID_HEX);
out:
	for (int i = 0; i < 3; i++)
		buf_release(&in[i]);
	buf_release(&merged);
	return rc;
}

static const char *why_lost(struct owner owner, int self, enum lost lost)
{
	if (lost == LOST_THEIRS)
		return "somebody else wrote a file of this computer";
	if (owner.kind == OWNER_SHARED)
		return "others changed the same lines at the same time";
	if (owner_by_rule(owner, self))
		return "the file became this computer's";
	return "the file is not this computer's to change";
}

/* Where people's file is gone from the branch, its lines are; what somebody has
 * added here since is not (R17). */
static bool adds_to_deleted(const char *path, const struct verdict *d,
			    const struct versions *v)
{
	return path_classify(path).kind == PATH_HUMAN &&
	       d->lost == LOST_OURS && v->theirs == NULL;
}

int decide(struct cycle *c, const char *path, struct owner owner,
	   const struct versions *v, char out[OID_HEX], struct error *err)
{
	struct verdict d = resolve_path(owner, c->me.number, v);
	const char *choice[] = { [TAKE_THEIRS] = v->theirs, [TAKE_OURS] = v->ours,
				 [TAKE_LOG] = v->log, [TAKE_MERGE] = v->theirs };
	const char *stays = choice[d.take];
	bool clean = false;

	if (d.take == TAKE_MERGE || adds_to_deleted(path, &d, v)) {
		if (merge(c, path, v, out, &clean, err) == -1)
			return -1;
		d.lost = clean ? LOST_NONE : LOST_OURS;
	}
	if (d.take == TAKE_THEIRS && v->theirs_unfit)
		stays = NULL;
	if (!clean)
		snprintf(out, OID_HEX, "%s", stays != NULL ? stays : "");
	if (d.lost == LOST_NONE)
		return 0;
	if (d.lost == LOST_THEIRS && v->theirs_unfit)
		return copies_keep_blob(c, path, v->theirs,
					why_lost(owner, c->me.number, d.lost), err);
	return keep_loser(c, path, d.lost == LOST_OURS ? v->ours : v->theirs,
			  stays, d.lost == LOST_THEIRS,
			  why_lost(owner, c->me.number, d.lost), err);
}
