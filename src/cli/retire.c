/* The `retired:` list of fleet.yaml (protocol R31), written on the desk as a
 * person would, and shared by a cycle. Files of the retired stay as history. */
#include "retire.h"

#include <stdlib.h>

#include "output.h"
#include "run_cycle.h"
#include "trine/file.h"
#include "trine/fleet.h"
#include "trine/limits.h"
#include "trine/mem.h"

static int write_retired(const char *path, int n, struct error *err)
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
	char *path = xasprintf("%s/fleet.yaml", cli->home->desk);
	struct run_options how = { 0 };
	struct report report = { 0 };
	int rc = write_retired(path, n, err);

	free(path);
	if (rc == -1)
		return -1;
	output_say(cli, "computer %d is retired; its files stay as history", n);
	return run_cycle(cli, &how, &report, err);
}
