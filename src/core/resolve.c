/*
 * How conflicts end (resolve.h): one short function for each kind of owner.
 * The cycle asks for every path, once for the tree it commits and once for the
 * desk; the rule that each branch stands for is named beside it.
 */
#include "trine/resolve.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "trine/digest.h"
#include "trine/text.h"

bool version_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static struct verdict verdict(enum take take, enum lost lost)
{
	return (struct verdict){ take, lost };
}

/* Nobody here touched it since publish put it there (R3). */
static bool unchanged(const struct versions *v)
{
	return v->ours_unedited || version_equal(v->ours, v->base);
}

/* A file that is neither on the tip nor ever was on this desk by publish. */
static bool is_new_here(const struct versions *v)
{
	return v->ours != NULL && v->base == NULL && v->theirs == NULL &&
	       (v->template || !v->ours_unedited);
}

/* Text somebody typed here, which is nowhere else. */
static bool edited_here(const struct versions *v)
{
	return v->ours != NULL && !unchanged(v) && !v->template &&
	       !version_equal(v->ours, v->theirs);
}

/* Status, streams, archive of ours: rendered from the log (R12). Put back
 * when deleted (R22); what some own commit carried is no foreign text (R2). */
static struct verdict resolve_logged(const struct versions *v)
{
	bool foreign = v->theirs != NULL && !v->theirs_known &&
		       !version_equal(v->theirs, v->log);

	return verdict(TAKE_LOG, foreign ? LOST_THEIRS : LOST_NONE);
}

/* Somebody else's: the tip is the truth, and deleting it here means nothing. */
static struct verdict resolve_foreign(const struct versions *v)
{
	return verdict(TAKE_THEIRS, edited_here(v) ? LOST_OURS : LOST_NONE);
}

/* Ours by fleet.yaml: the desk is the truth, deletions too (R22). */
static struct verdict resolve_desk(const struct versions *v)
{
	bool foreign = v->theirs != NULL && !v->theirs_known &&
		       !version_equal(v->theirs, v->base) &&
		       !version_equal(v->theirs, v->ours);

	return verdict(TAKE_OURS, foreign ? LOST_THEIRS : LOST_NONE);
}

/* It has just become ours: first published from the tip (R23), unless there is
 * nothing on the tip to publish and never was. */
static struct verdict resolve_handed_over(const struct versions *v)
{
	if (is_new_here(v))
		return verdict(TAKE_OURS, LOST_NONE);
	return resolve_foreign(v);
}

/* conflicts/N: anyone may delete or edit, nothing in it is copied again (R22).
 * As no copy is made, an edit here beats a deletion there. */
static struct verdict resolve_conflicts(const struct versions *v)
{
	if (unchanged(v) || version_equal(v->ours, v->theirs))
		return verdict(TAKE_THEIRS, LOST_NONE);
	if (version_equal(v->base, v->theirs) || v->theirs == NULL)
		return verdict(TAKE_OURS, LOST_NONE);
	return verdict(TAKE_THEIRS, LOST_NONE);
}

static struct verdict resolve_shared(const struct versions *v)
{
	if (is_new_here(v))
		return verdict(TAKE_OURS, LOST_NONE);
	if (unchanged(v) || version_equal(v->ours, v->theirs))
		return verdict(TAKE_THEIRS, LOST_NONE);
	if (v->template && v->theirs != NULL)
		return verdict(TAKE_THEIRS, LOST_NONE);
	if (version_equal(v->base, v->theirs))
		return verdict(TAKE_OURS, LOST_NONE);
	if (v->ours != NULL && v->theirs != NULL && !v->theirs_unfit)
		return verdict(TAKE_MERGE, LOST_NONE);
	return verdict(TAKE_THEIRS, v->ours != NULL ? LOST_OURS : LOST_NONE);
}

struct verdict resolve_path(struct owner owner, int self,
			    const struct versions *v)
{
	assert(!v->template || v->ours != NULL);

	switch (owner.kind) {
	case OWNER_COMPUTER:
		return owner.computer == self ? resolve_logged(v) :
						resolve_foreign(v);
	case OWNER_RULE:
		if (owner.computer != self)
			return resolve_foreign(v);
		return v->was_ours ? resolve_desk(v) : resolve_handed_over(v);
	case OWNER_CONFLICTS:
		return resolve_conflicts(v);
	default:	/* OWNER_SHARED */
		return resolve_shared(v);
	}
}

/* A foreign tree may hold any bytes as a path; a copy's name may not. */
static char name_char(char c)
{
	bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		     (c >= '0' && c <= '9') || c == '.' || c == '-';

	return plain ? c : '_';
}

void resolve_copy_name(const char *path, struct span text, int64_t time,
		       char out[COPY_NAME])
{
	enum { TAIL = 30 };
	size_t len = strlen(path), from = len > TAIL ? len - TAIL : 0;
	struct buf hashed = BUF_INIT;
	char when[TIME_TEXT], hex[DIGEST_HEX], tail[TAIL + 1];

	for (size_t i = from; i < len; i++)
		tail[i - from] = name_char(path[i]);
	tail[len - from] = '\0';
	buf_add(&hashed, path, len + 1);
	buf_add(&hashed, text.p, text.len);
	digest_hex(hashed.data, hashed.len, hex);
	buf_release(&hashed);
	snprintf(out, COPY_NAME, "%s-%s-%.8s.md", time_compact(time, when),
		 tail, hex);
}
