/* The `retired:` list of fleet.yaml (protocol R31), written on the desk as a
 * person would, and shared by a cycle. Files of the retired stay as history. */
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
			  &kept, err) == -1)
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

int retire(struct cli *cli, int n, struct error *err)
{
	char *path = xasprintf("%s/%s", cli->home->desk, rules);
	struct run_options how = { 0 };
	struct report report = { 0 };
	int rc = write_retired(cli->home, path, n, err);

	free(path);
	if (rc == -1)
		return -1;
	output_say(cli, "computer %d is retired; its files stay as history", n);
	return run_cycle(cli, &how, &report, err);
}
