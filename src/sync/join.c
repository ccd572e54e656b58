/*
 * A look at the branch before a computer is set up (protocol R30): which number
 * is free, may this one be taken? Called by `trine init`; the cycle itself asks
 * again, since the answer may change until the first push.
 */
#include "trine/join.h"

#include "readable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/digest.h"
#include "trine/fleet.h"
#include "trine/import.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/settings.h"
#include "trine/status.h"
#include "trine/template.h"
#include "trine/text.h"

enum { LIMIT_OLD = 64 * 1024 * 1024 };	/* looked through for old messages */

struct look {
	struct repo *repo;
	const char *prefix;
	struct join_plan *plan;
	int64_t now;
	struct fleet fleet;
	bool has_status[LIMIT_COMPUTERS + 1];
	bool is_used[LIMIT_COMPUTERS + 1];	/* status, stream or fleet.yaml */
	size_t old_bytes;
	size_t old_by_hand;		/* messages in streams without trine */
	struct oid own_tip;		/* of the branch that NUMBER has; none */
};

/* Messages that people left in PATH before trine came: nobody will get them,
 * and whoever sets a computer up should know that they are there. */
static void count_old(struct look *l, const char *path, const char *oid)
{
	struct path_info info = path_classify(path);
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	struct import_file f;

	if (import_refused(path) != NULL || l->old_bytes > LIMIT_OLD ||
	    repo_blob_read(l->repo, oid, LIMIT_FILE, &bytes,
			   &unreadable) == -1)
		return;
	l->old_bytes += bytes.len;
	import_read(path, span_of(&bytes), &f);
	l->plan->old_messages += f.messages;
	if (!f.marked && (info.kind == PATH_STREAM || info.kind == PATH_HUMAN))
		l->old_by_hand += f.messages;
	import_file_release(&f);
	buf_release(&bytes);
}

/* A folder in the place of a file is found by what lies in it. */
static void note_use(struct look *l, const char *path)
{
	char place[PATH_TEXT];
	size_t len = 0;

	do {
		struct path_info info;

		len += strcspn(path + len, "/");
		if (len >= sizeof(place))
			return;
		snprintf(place, sizeof(place), "%.*s", (int)len, path);
		info = path_classify(place);
		if (info.kind == PATH_STATUS)
			l->has_status[info.computer] = true;
		if (info.kind == PATH_STATUS || info.kind == PATH_STREAM ||
		    info.kind == PATH_ARCHIVE)
			l->is_used[info.computer] = true;
	} while (path[len++] == '/');
}

static int note_path(void *arg, const char *path, const char *old_oid,
		     const char *new_oid, enum entry_kind kind)
{
	struct look *l = arg;

	(void)old_oid;
	l->plan->populated = true;
	if (kind == ENTRY_FILE && path_refused(path) == NULL)
		count_old(l, path, new_oid);
	note_use(l, path);
	return 0;
}

static int find_version(struct look *l, const char *commit, const char *path,
			size_t limit,
			int (*read)(void *out, struct span bytes, struct error *why),
			void *out, bool *found, struct error *err)
{
	struct readable r = { .repo = l->repo, .prefix = l->prefix, .path = path,
			      .limit = limit, .read = read, .out = out };
	int rc = readable_find(&r, commit, err);

	*found = r.found;
	return rc;
}

static bool is_template(struct span bytes)
{
	for (size_t i = 0; i < template_count; i++)
		if (strcmp(template_files[i].path, "fleet.yaml") == 0)
			return span_equal(bytes, (struct span){
				template_files[i].bytes, template_files[i].len });
	return false;
}

static int take_rules(void *arg, struct span bytes, struct error *why)
{
	struct look *l = arg;

	if (fleet_parse(bytes, &l->fleet, why) == -1)
		return -1;
	for (size_t i = 0; i < l->fleet.computer_count && !is_template(bytes); i++)
		l->is_used[l->fleet.computer[i].number] = true;
	return 0;
}

/* Numbers that fleet.yaml names are somebody's, but for those of the template. */
static int read_rules(struct look *l, struct error *err)
{
	bool found;

	return find_version(l, l->plan->tip.hex, "fleet.yaml", LIMIT_FLEET, take_rules,
			    l, &found, err);
}

static int choose_number(struct look *l, struct error *err)
{
	for (int n = 1; n <= LIMIT_COMPUTERS; n++)
		if (!l->is_used[n]) {
			l->plan->number = n;
			return 0;
		}
	return error_set(err, ERR_REFUSED, "all %d numbers are taken",
			 LIMIT_COMPUTERS);
}

static int judge_status(struct look *l, const struct status *s, bool takeover,
			struct error *err)
{
	int64_t age = l->now - s->updated, silent = 2 * s->heartbeat + 300;
	char words[TIME_TEXT];
	int n = l->plan->number;

	l->plan->returning = true;
	if (fleet_retired(&l->fleet, n)) {
		snprintf(l->plan->warning, sizeof(l->plan->warning),
			 "computer %d has left the fleet, says fleet.yaml: take "
			 "it out of `retired` there, or the others will not "
			 "count on it", n);
		return 0;
	}
	if (takeover)
		return 0;
	if (age >= silent) {
		snprintf(l->plan->warning, sizeof(l->plan->warning),
			 "computer %d was there before, silent for %s; this "
			 "directory continues as it", n,
			 duration_words(age, words));
		return 0;
	}
	return error_set(err, ERR_REFUSED, "computer %d is taken: its status was "
		"written %s%s by clone %s; choose another number, or add "
		"--takeover if that machine is gone", n,
		age < 0 ? "in the future, by this clock," :
		duration_words(age, words), age < 0 ? "" : " ago", s->clone);
}

static int take_status(void *out, struct span bytes, struct error *why)
{
	return status_parse(bytes, out, why);
}

/* Text that never had a region is a person's: nobody's number. */
static int read_status(struct look *l, const char *commit, int number,
		       struct status *out, bool *found, struct error *err)
{
	char path[PATH_TEXT];

	return find_version(l, commit, path_status(number, path), LIMIT_FILE,
			    take_status, out, found, err);
}

/* On the fleet's branch, or on one of its own: the newer one counts. */
static int check_number(struct look *l, bool takeover, struct error *err)
{
	struct status here = STATUS_INIT, apart = STATUS_INIT;
	bool is_here, is_apart;
	int n = l->plan->number, rc = -1;

	if (read_status(l, l->plan->tip.hex, n, &here, &is_here, err) == -1 ||
	    read_status(l, l->own_tip.hex, n, &apart, &is_apart, err) == -1)
		goto out;
	rc = 0;
	if (is_apart && (!is_here || apart.updated >= here.updated))
		rc = judge_status(l, &apart, takeover, err);
	else if (is_here)
		rc = judge_status(l, &here, takeover, err);
out:
	status_release(&here);
	status_release(&apart);
	return rc;
}

/* In a fleet with trine what is written by hand may be mail of now. */
static int forget_news(struct look *l, struct error *err)
{
	bool with_trine = false;

	for (int n = 1; n <= LIMIT_COMPUTERS && !with_trine; n++) {
		struct status s = STATUS_INIT;
		int rc = l->has_status[n] ? read_status(l, l->plan->tip.hex, n, &s,
							&with_trine, err) : 0;

		status_release(&s);
		if (rc == -1)
			return -1;
	}
	if (with_trine)
		l->plan->old_messages -= l->old_by_hand;
	return 0;
}

/* More than is looked at: whose statuses there are is asked for each. Where that is not
 * to be known, the first sync waits until it is. */
static int look_for_statuses(struct look *l, struct error *err)
{
	struct error unread = ERROR_INIT;
	char path[PATH_TEXT];

	if (repo_whole(l->repo, l->plan->tip.hex, l->prefix, "messages/x",
		       &unread) == -1)
		snprintf(l->plan->warning, sizeof(l->plan->warning),
			 "the number is checked at the first sync: %.600s",
			 unread.text);
	for (int n = 1; n <= LIMIT_COMPUTERS; n++) {
		struct found found;

		if (repo_look(l->repo, l->plan->tip.hex, l->prefix,
			      path_status(n, path), &found, err) == -1)
			return -1;
		if (found.kind != FOUND_NOTHING)
			l->has_status[n] = l->is_used[n] = true;
	}
	return 0;
}

static int look_at_tip(struct look *l, bool takeover, struct error *err)
{
	bool cut = false;

	if (l->plan->tip.hex[0] != '\0' &&
	    (repo_diff(l->repo, "", l->plan->tip.hex, l->prefix, note_path, l,
		       &cut, err) == -1 ||
	     (cut && look_for_statuses(l, err) == -1) ||
	     read_rules(l, err) == -1 || forget_news(l, err) == -1))
		return -1;
	if (l->plan->number == 0)
		return choose_number(l, err);
	return check_number(l, takeover, err);
}

/* Computers may have branches of their own; that of the number asked for says
 * whether it is taken. What cannot be read there is met by the first sync. */
static void look_apart(struct look *l, struct remote *remote)
{
	static const struct settings plain = { 0 };
	struct error ignored = ERROR_INIT;
	struct heads *apart = &l->plan->apart;
	char own[BRANCH_NAME];

	for (size_t i = 0; i < remote->heads.count; i++) {
		struct head *head = &remote->heads.item[i];
		int owner = settings_branch_owner(&plain, head->name);

		if (owner == 0 || strcmp(head->name, l->plan->branch) == 0)
			continue;
		l->is_used[owner] = true;
		heads_add(apart, head->name, &head->tip, true);
	}
	settings_own_branch(&plain, l->plan->number, own);
	for (size_t i = 0; i < apart->count; i++)
		if (strcmp(apart->item[i].name, own) == 0 &&
		    remote->fetch(remote, l->repo, own, NULL, &l->own_tip,
				  &ignored) == -1)
			l->own_tip.hex[0] = '\0';
}

static int reach(struct look *l, const char *url, const char *branch,
		 struct clock *clock, struct error *err)
{
	static const struct settings plain = { 0 };
	struct join_plan *plan = l->plan;
	struct remote *remote = NULL;
	int rc;

	if (remote_open(&remote, url, &plain, clock, LIMIT_NETWORK * 1000, err) == -1)
		return -1;
	rc = remote->fetch(remote, l->repo, branch, plan->branch, &plan->tip, err);
	if (branch[0] != '\0')
		snprintf(plan->branch, sizeof(plan->branch), "%s", branch);
	plan->reached = rc == 0;
	if (plan->reached)
		look_apart(l, remote);
	/* To be let in may take settings that are written after this. */
	if (rc == -1 && (err->code == ERR_AGAIN || err->code == ERR_NOTFOUND ||
			 err->code == ERR_REFUSED || remote->too_much)) {
		snprintf(plan->warning, sizeof(plan->warning),
			 "the remote cannot be reached (%.600s): the number is "
			 "checked at the first sync", err->text);
		error_clear(err);
		rc = 0;
	}
	remote->free(remote);
	return rc;
}

int join_look(const char *url, const char *branch, const char *prefix,
	      int number, bool takeover, const char *repo_path,
	      struct clock *clock, struct join_plan *out, struct error *err)
{
	struct look *l = xcalloc(1, sizeof(*l));
	int rc = -1;

	*out = (struct join_plan){ .number = number };
	l->prefix = prefix;
	l->plan = out;
	l->now = clock->now(clock);
	snprintf(out->branch, sizeof(out->branch), "%s", branch ? branch : "");
	if (repo_start(err) == -1 || repo_open(&l->repo, repo_path, err) == -1)
		goto out;
	if (url != NULL && reach(l, url, branch ? branch : "", clock, err) == -1)
		goto out;
	rc = look_at_tip(l, takeover, err);
	if (rc == 0 && repo_has_misread(l->repo, err))
		rc = -1;
out:
	fleet_release(&l->fleet);
	repo_close(l->repo);
	free(l);
	return rc;
}

void join_plan_release(struct join_plan *plan)
{
	heads_release(&plan->apart);
}
