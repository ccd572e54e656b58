/*
 * Which streams are written by hand, as far as one commit can tell (R10). Called
 * by hand.c.
 */
#include "hand.h"

#include <stdlib.h>
#include <string.h>

static int is_retired(struct cycle *c, const char *commit, int computer,
		      bool *out, struct error *err)
{
	struct fleet rules = FLEET_INIT;
	int rc = fleet_at(c, commit, &rules, err);

	*out = fleet_retired(&rules, computer);
	fleet_release(&rules);
	return rc;
}

/* A status as trine writes it speaks of trine too, where a person has squashed
 * the commit that did. */
static int has_status(struct cycle *c, const struct commit_info *info,
		      int computer, bool *out, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;
	bool found;
	int rc = history_read(c, info->oid.hex, path_status(computer, path),
			      &bytes, &oid, &found, err);

	*out = rc == 0 && found &&
	       status_parse(span_of(&bytes), &s, &unreadable) == 0;
	status_release(&s);
	buf_release(&bytes);
	return rc;
}

/* Has its writer trine, as far as INFO and what is below it say? */
static int is_with_trine(struct hand_reader *r, const struct commit_info *info,
			 int computer, bool *out, struct error *err)
{
	struct commit_info newest = { 0 };

	if (has_status(r->c, info, computer, out, err) == -1)
		return -1;
	if (*out || !r->has_trine[computer])
		return 0;
	if (newest_of(r->c, info->oid.hex, computer, &newest, err) == -1)
		return -1;
	*out = newest.oid.hex[0] != '\0';
	commit_info_release(&newest);
	return 0;
}

int hand_is_by_hand(struct hand_reader *r, const struct commit_info *info,
		    int computer, bool *out, struct error *err)
{
	bool with_trine;

	*out = computer == END_HUMAN;
	if (*out || (info->vouched && info->trailers.computer == computer))
		return 0;
	if (is_retired(r->c, info->oid.hex, computer, out, err) == -1)
		return -1;
	if (*out)
		return 0;
	if (is_with_trine(r, info, computer, &with_trine, err) == -1)
		return -1;
	*out = !with_trine;
	return 0;
}
