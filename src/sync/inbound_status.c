/*
 * The statuses of others, as their own commits carry them (protocol R5, R8).
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Receipts only grow: of two statuses of one second, the one with more is newer. */
static bool has_more(const struct status *s, const struct peer *last)
{
	for (size_t i = 0; i < s->received_count; i++) {
		const struct receipt *r = &s->received[i];
		uint64_t before = 0;

		for (size_t k = 0; k < last->received_count; k++)
			if (last->received[k].stream.from == r->stream.from &&
			    last->received[k].stream.to == r->stream.to)
				before = last->received[k].upto;
		if (r->upto > before)
			return true;
	}
	return false;
}

/* Which of two statuses is older, ancestry says (R8); of a branch that was left
 * alone for a week, or a copy of what another one had, only their times. */
static int is_older(struct cycle *c, const struct commit_info *info,
		    const struct status *s, const struct peer *last, bool *out,
		    struct error *err)
{
	bool newer = false;

	*out = false;
	if (repo_has(c->repo, last->commit) &&
	    (repo_descends(c->repo, last->commit, info->oid.hex, out,
			   err) == -1 ||
	     repo_descends(c->repo, info->oid.hex, last->commit, &newer,
			   err) == -1))
		return -1;
	if (!*out && !newer)
		*out = last->updated > s->updated ||
		       (last->updated == s->updated && !has_more(s, last));
	return 0;
}

static int is_outdated(struct cycle *c, const struct commit_info *info,
		       const struct status *s, bool *out, struct error *err)
{
	struct peer *l = NULL;
	size_t count = 0;
	bool several = c->aside;
	int rc = 0;

	*out = false;
	if (!several && view_beside_any(c->store, &several, err) == -1)
		return -1;
	if (!several)
		return 0;
	if (view_peers(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		if (l[i].computer == s->computer)
			rc = is_older(c, info, s, &l[i], out, err);
	peers_free(l, count);
	return rc;
}

/* It counts, but for a generation that is not believed (claim.h). */
static int read_well(struct cycle *c, const char *path, const struct status *s,
		     struct error *err)
{
	uint64_t highest = s->generation;
	struct generations known;
	char text[80];

	for (size_t i = 0; i < s->claim_count; i++)
		if (s->claim[i].generation > highest)
			highest = s->claim[i].generation;
	if (view_generations(c->store, &known, err) == -1)
		return -1;
	if (highest < known.seen + CLAIM_LEAP)
		return record_problem_over(c->store, "rejected", path, err);
	snprintf(text, sizeof(text), "has generation %llu, far above all others: "
		 "nobody goes on from there", (unsigned long long)highest);
	return record_problem(c->store, "rejected", path, text, err);
}

int inbound_status(struct cycle *c, const struct commit_info *info,
		   struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT], text[ERROR_TEXT + 64];
	struct oid blob;
	bool found, outdated;
	int rc = -1;

	path_status(info->trailers.computer, path);
	if (history_read(c, info->oid.hex, path, &bytes, &blob, &found, err) == -1)
		goto out;
	rc = 0;
	if (!found)
		goto out;
	if (status_parse(span_of(&bytes), &s, &unreadable) == -1) {
		snprintf(text, sizeof(text), "cannot be read: %s",
			 unreadable.text);
		rc = record_problem(c->store, "rejected", path, text, err);
	} else if (s.computer != info->trailers.computer) {
		rc = record_problem(c->store, "rejected", path,
				    "is the status of another computer", err);
	} else {
		rc = is_outdated(c, info, &s, &outdated, err);
		if (rc == 0 && !outdated)
			rc = record_peer(c->store, &s, blob.hex, info->oid.hex,
					 err);
		if (rc == 0)
			rc = read_well(c, path, &s, err);
	}
out:
	status_release(&s);
	buf_release(&bytes);
	return rc;
}
