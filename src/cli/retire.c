/* The `retired:` list of fleet.yaml (protocol R31), written on the desk as a
 * person would, and shared by a cycle. It is so once the branch has it. Files of the
 * retired stay as history. */
#include "retire.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "run_cycle.h"
#include "trine/digest.h"
#include "trine/file.h"
#include "trine/fleet.h"
#include "trine/limits.h"
#include "trine/mem.h"

enum { ROUNDS = 4 };

static const char rules[] = "fleet.yaml";

static int last_published(struct home *h, char out[BLOB_HEX], struct error *err)
{
	struct desk_file *files = NULL;
	size_t count = 0;

	out[0] = '\0';
	if (view_desk(h->store, &files, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i].path, rules) == 0)
			memcpy(out, files[i].blob, BLOB_HEX);
	desk_files_free(files, count);
	return 0;
}

/* The desk may have had TEXT before, when N was taken out the last time: a cycle would
 * take it for an old copy that an editor wrote back (R3). */
static int mean_it(struct home *h, struct span text, struct error *err)
{
	char blob[BLOB_HEX], base[BLOB_HEX];
	bool known;

	digest_blob(text.p, text.len, blob);
	if (view_desk_known(h->store, rules, blob, &known, err) == -1)
		return -1;
	if (!known)
		return 0;
	if (last_published(h, base, err) == -1 || store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, record_forgotten(h->store, rules, blob, base, err),
			 err);
}

static int write_retired(struct home *h, const char *path, int n, struct error *err)
{
	struct error absent = ERROR_INIT;
	struct buf old = BUF_INIT, new = BUF_INIT;
	char *kept = NULL;
	bool there;
	int rc = -1;

	there = file_read(path, LIMIT_FLEET, &old, NULL, &absent) == 0;
	if (!there && absent.code != ERR_NOTFOUND) {
		*err = absent;
		goto out;
	}
	if (fleet_retire(span_of(&old), n, &new, err) == -1) {
		error_wrap(err, "%s has to be mended first", path);
		goto out;
	}
	if (!span_equal(span_of(&new), span_of(&old)) &&
	    mean_it(h, span_of(&new), err) == -1)
		goto out;
	if (file_exchange(path, span_of(&new),
			  there ? span_of(&old) : (struct span){ NULL, 0 },
			  NULL, &kept, err) == -1)
		goto out;
	rc = kept == NULL ? 0 : error_set(err, ERR_AGAIN,
		"%s was changed at the same time; that version is in %s", path,
		kept);
out:
	free(kept);
	buf_release(&old);
	buf_release(&new);
	return rc;
}

/* Do those who read the branch know it? */
static int is_in_force(struct cli *cli, int n, bool *out, struct error *err)
{
	struct fleet fleet = FLEET_INIT;
	int rc = home_fleet(cli->home, &fleet, err);

	*out = rc == 0 && fleet_retired(&fleet, n);
	fleet_release(&fleet);
	return rc;
}

static int sync_now(struct cli *cli, struct error *err)
{
	struct run_options how = { 0 };
	struct report report = { 0 };

	return run_cycle(cli, &how, &report, err);
}

/* It stands on the desk, and a cycle has failed with ERR. */
static int say_when(struct cli *cli, int n, const struct error *err)
{
	if (err->code == ERR_AGAIN)
		output_say(cli, "computer %d will be retired with the next sync that "
			   "reaches the remote; `trine retire %d` says whether it is",
			   n, n);
	return -1;
}

/* A cycle has failed with ERR. A desk that never had the file of the branch gets none:
 * of two that were made in two places only one would stay. */
static int leave_for_later(struct cli *cli, const char *path, int n, struct error *err)
{
	struct error failed = *err;
	struct marks marks;

	if (failed.code != ERR_AGAIN)
		return -1;
	if (view_marks(cli->home->store, &marks, err) == -1)
		return -1;
	if (marks.tip[0] == '\0')
		return error_set(err, ERR_AGAIN, "computer %d is not retired: this one "
				 "has not had the %s of the branch yet. Try again when "
				 "the remote can be reached", n, rules);
	if (write_retired(cli->home, path, n, err) == -1)
		return -1;
	*err = failed;
	return say_when(cli, n, err);
}

/* What others wrote into the same line meanwhile wins the merge (and our version is in
 * conflicts/): so N goes into what the branch has now, until it has both. */
static int retire_there(struct cli *cli, const char *path, int n, struct error *err)
{
	bool done = false;

	for (int round = 0; round < ROUNDS && !done; round++) {
		if (write_retired(cli->home, path, n, err) == -1)
			return -1;
		if (sync_now(cli, err) == -1)
			return say_when(cli, n, err);
		if (is_in_force(cli, n, &done, err) == -1)
			return -1;
	}
	return done ? 0 : error_set(err, ERR_AGAIN, "the %s of the branch does not "
		"retire computer %d yet: another sync is running, or others keep "
		"their version of it (`trine status`). Try again", rules, n);
}

/* With the newest version to begin with: nothing to merge then, but in a race. */
int retire(struct cli *cli, int n, struct error *err)
{
	char *path = xasprintf("%s/%s", cli->home->desk, rules);
	int rc = sync_now(cli, err);

	if (rc == -1)
		rc = leave_for_later(cli, path, n, err);
	else
		rc = retire_there(cli, path, n, err);
	free(path);
	if (rc == 0)
		output_say(cli, "computer %d is retired; its files stay as history", n);
	return rc;
}
