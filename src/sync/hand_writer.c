/*
 * Which streams are written by hand, as far as one commit can tell (R10). Called
 * by hand.c.
 */
#include "hand.h"

#include <stdio.h>
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
static int has_status(struct cycle *c, const char *commit, int computer,
		      bool *out, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;
	bool found;
	int rc = history_read(c, commit, path_status(computer, path), &bytes,
			      &oid, &found, err);

	*out = rc == 0 && found &&
	       status_parse(span_of(&bytes), &s, &unreadable) == 0 &&
	       s.computer == computer;
	status_release(&s);
	buf_release(&bytes);
	return rc;
}

/* Trine writes no stream without its marker line: one that has none is somebody's
 * who knows no more of trine than what a status looks like. */
static int has_marker(struct cycle *c, const char *commit,
		      struct stream_name name, bool *out, struct error *err)
{
	struct stream_file f = { 0 };
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid oid;
	bool found;
	int rc = history_read(c, commit, path_stream(name, path), &bytes, &oid,
			      &found, err);

	if (rc == 0 && found)
		stream_parse(span_of(&bytes), name, false, &f);
	*out = f.marked || !found;
	stream_file_release(&f);
	buf_release(&bytes);
	return rc;
}

static int note_owner(void *arg, const char *oid, struct error *err)
{
	struct hand_reader *r = arg;
	int x;

	if (history_names(r->c, oid, &x, err) == -1)
		return -1;
	return x == 0 || r->has_trine[x] ? 0 :
	       history_vouches(r->c, oid, x, &r->has_trine[x], err);
}

/* Of a status that the log does not know: is there a commit of its owner below? One walk
 * answers that for all of them, and the next one goes on where this one was. */
static int look_below(struct hand_reader *r, const char *commit, int computer,
		      bool *out, struct error *err)
{
	struct oid *last = &r->looked_below;

	if (strcmp(last->hex, commit) != 0 &&
	    repo_walk(r->c->repo, commit, last->hex, note_owner, r, err) == -1)
		return -1;
	snprintf(last->hex, sizeof(last->hex), "%s", commit);
	*out = r->has_trine[computer];
	return 0;
}

/* Has its writer trine, as far as INFO and what is below it say? */
static int is_with_trine(struct hand_reader *r, const struct commit_info *info,
			 struct stream_name name, bool *out, struct error *err)
{
	struct commit_info newest = { 0 };
	bool status;

	if (hand_is_claimed(r, info->oid.hex, name, &status, out, err) == -1)
		return -1;
	if (status && !*out)
		return look_below(r, info->oid.hex, name.from, out, err);
	if (*out || !r->has_trine[name.from])
		return 0;
	if (newest_of(r->c, info->oid.hex, name.from, &newest, err) == -1)
		return -1;
	*out = newest.oid.hex[0] != '\0';
	commit_info_release(&newest);
	return 0;
}

int hand_is_claimed(struct hand_reader *r, const char *commit,
		    struct stream_name name, bool *status, bool *out,
		    struct error *err)
{
	if (has_status(r->c, commit, name.from, status, err) == -1)
		return -1;
	*out = *status && r->has_trine[name.from];
	return !*status || *out ? 0 : has_marker(r->c, commit, name, out, err);
}

int hand_is_by_hand(struct hand_reader *r, const struct commit_info *info,
		    struct stream_name name, bool *out, struct error *err)
{
	bool with_trine;

	*out = name.from == END_HUMAN;
	if (*out || (info->vouched && info->trailers.computer == name.from))
		return 0;
	if (is_retired(r->c, info->oid.hex, name.from, out, err) == -1)
		return -1;
	if (*out)
		return 0;
	if (is_with_trine(r, info, name, &with_trine, err) == -1)
		return -1;
	*out = !with_trine;
	return 0;
}
