/*
 * What is so of any fleet that has come to rest, whatever happened to it: the
 * desks show the branch, and another cycle does nothing.
 */
#ifndef FLEET_CHECKS_H
#define FLEET_CHECKS_H

#include "fleet_fixture.h"

enum { PASSES = 8 };

/* --- what is there --- */

static struct oid tip(void)
{
	struct oid out;

	OK(repo_ref_get(w.hub, "refs/heads/main", &out, &err));
	return out;
}

static int collect_paths(void *arg, const char *path, const struct file_info *info)
{
	if (!info->directory)
		list_add(arg, path);
	return 0;
}

static void list_desk(int n, struct list *out)
{
	struct disk *disk = &w.machine[n].disk;

	if (disk->list(disk, NULL, collect_paths, out, &err) == -1 &&
	    err.code != ERR_NOTFOUND)
		give_up("%s", err.text);
}

static int collect_branch(void *arg, const char *path, const char *old_oid,
			  const char *new_oid, enum entry_kind kind)
{
	(void)old_oid;
	(void)new_oid;
	(void)kind;
	list_add(arg, path);
	return 0;
}

static void list_branch(struct list *out)
{
	bool cut;

	OK(repo_diff(w.hub, "", tip().hex, "coordination", collect_branch, out,
		     &cut, &err));
}

static void read_branch(const char *path, struct buf *out)
{
	struct oid oid;
	bool is_tree;

	OK(repo_lookup(w.hub, tip().hex, "coordination", path, &oid, &is_tree,
		       &err));
	OK(repo_blob_read(w.hub, oid.hex, LIMIT_FILE, out, &err));
}

/* --- at rest --- */

static bool sync_all(void)
{
	struct oid old = tip();
	bool busy = false;

	for (int n = 0; n < COMPUTERS; n++) {
		struct report r = { 0 };

		if (w.machine[n].home == NULL)
			continue;
		run_cycle(n, true, NULL, &r);
		busy = busy || r.committed + r.published + r.received > 0;
	}
	return busy || strcmp(old.hex, tip().hex) != 0;
}

static void bring_to_rest(void)
{
	note("then sync all until nothing changes");
	clock_.offset += 7200;
	for (int pass = 0; sync_all(); pass++)
		if (pass == PASSES)
			give_up("it never comes to rest");
}

static size_t log_size(int n)
{
	char *path = home_path(w.machine[n].home, "event-log.jsonl");
	struct file_info info;

	OK(file_stat(path, &info, &err));
	free(path);
	return (size_t)info.size;
}

/* One more cycle of each logs nothing. */
static void check_rest(void)
{
	size_t before[COMPUTERS] = { 0 };

	for (int n = 0; n < COMPUTERS; n++)
		if (w.machine[n].home != NULL)
			before[n] = log_size(n);
	sync_all();
	for (int n = 0; n < COMPUTERS; n++)
		if (w.machine[n].home != NULL && log_size(n) != before[n])
			give_up("computer %d has more to log", n + 1);
}

static void check_desk(int n)
{
	struct list branch = LIST_INIT, desk = LIST_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;

	list_branch(&branch);
	list_desk(n, &desk);
	list_sort(&branch);
	list_sort(&desk);
	for (size_t i = 0; i < branch.count || i < desk.count; i++) {
		if (i >= branch.count || i >= desk.count ||
		    strcmp(branch.item[i], desk.item[i]) != 0)
			give_up("desk %d has not the files of the branch: %s",
				n + 1, i < desk.count ? desk.item[i]
						      : branch.item[i]);
		buf_reset(&a);
		buf_reset(&b);
		read_branch(branch.item[i], &a);
		get(n, desk.item[i], &b);
		if (!span_equal(span_of(&a), span_of(&b)))
			give_up("desk %d: %s is not as on the branch", n + 1,
				desk.item[i]);
	}
	buf_release(&a);
	buf_release(&b);
	list_release(&branch);
	list_release(&desk);
}

/* --- how many sequences --- */

static uint64_t number_of(const char *variable, uint64_t usual)
{
	const char *text = getenv(variable);
	uint64_t value;

	return text != NULL && text_number(span_str(text), &value) ? value
								   : usual;
}

/* Under checkers so many would take minutes. */
static uint64_t usual_runs(uint64_t runs)
{
	const char *wrap = getenv("WRAP");

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
	return runs / 6;
#endif
	return wrap != NULL && *wrap != '\0' ? runs / 60 : runs;
}

#endif
