/*
 * What an edited desk file was edited from, where a publish was killed before it could
 * log what it had written (R3): the version before, or the one that was intended. To a
 * merge from the wrong one, what publish brought to the desk is what somebody added
 * here, and what others take out of it meanwhile comes back (R17).
 *
 * No trace tells which of the two it was but the text. What it has of the intended
 * version came with that. Where in doubt, it is the version before, so that nothing
 * counts as taken out here that may never have been on this desk.
 */
#include "sync.h"

#include <string.h>

#include "trine/text.h"

struct made {
	struct buf before, intended, ours;
};

/* Line by line: what both have, and what of it publish brought. */
static int common_lines(struct cycle *c, const struct made *m, char base[OID_HEX],
			struct error *err)
{
	struct buf common = BUF_INIT;
	struct oid oid = { "" };
	int rc = 0;

	resolve_common_lines(span_of(&m->before), span_of(&m->ours),
			     span_of(&m->intended), &common);
	if (common.len > 0 && common.len <= LIMIT_FILE)
		rc = repo_blob_write(c->repo, span_of(&common), &oid, err);
	if (rc == 0 && common.len <= LIMIT_FILE)
		memcpy(base, oid.hex, OID_HEX);
	buf_release(&common);
	return rc;
}

/* Any other text: to one that has all of it, the intended version brings nothing. */
static bool has_it_all(const struct made *m)
{
	struct buf merged = BUF_INIT;
	bool all;

	resolve_merge_lines(span_of(&m->before), span_of(&m->intended),
			    span_of(&m->ours), &merged);
	all = span_equal(text_trim(span_of(&merged)), text_trim(span_of(&m->ours)));
	buf_release(&merged);
	return all;
}

static int choose(struct cycle *c, const char *path, const struct made *m,
		  const char *intended, char base[OID_HEX], struct error *err)
{
	if (path_classify(path).kind == PATH_HUMAN)
		return common_lines(c, m, base, err);
	if (has_it_all(m))
		memcpy(base, intended, OID_HEX);
	return 0;
}

int edited_from(struct cycle *c, const char *path, const char *ours,
		char base[OID_HEX], struct error *err)
{
	struct made m = { BUF_INIT, BUF_INIT, BUF_INIT };
	char intended[OID_HEX];
	int rc;

	if (view_desk_intended(c->store, path, intended, err) == -1)
		return -1;
	if (ours[0] == '\0' || intended[0] == '\0' || strcmp(intended, base) == 0 ||
	    !repo_has(c->repo, intended) ||
	    (base[0] != '\0' && !repo_has(c->repo, base)))
		return 0;
	rc = version_read(c, base, &m.before, err);
	if (rc == 0)
		rc = version_read(c, intended, &m.intended, err);
	if (rc == 0)
		rc = version_read(c, ours, &m.ours, err);
	if (rc == 0)
		rc = choose(c, path, &m, intended, base, err);
	buf_release(&m.before);
	buf_release(&m.intended);
	buf_release(&m.ours);
	return rc;
}
