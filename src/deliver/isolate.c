/*
 * `isolate = yes`: a program under bubblewrap (bwrap(1)), which sees the system
 * read-only, of .trine its own workspace and inbox and nothing else, none of the
 * files that get this computer into the remote, and no process but its own. It is
 * there to keep instances apart; the network stays as it is. Called by exec.c.
 */
#include "deliver_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/process.h"

enum { TRIAL_MS = 10 * 1000 };

static void add(struct list *argv, const char *const words[])
{
	for (; *words != NULL; words++)
		list_add(argv, *words);
}

static void hide_file(struct list *argv, const char *path)
{
	if (path != NULL && file_exists(path))
		add(argv, (const char *const[]){ "--ro-bind", "/dev/null", path,
						 NULL });
}

/* /tmp and .trine become empty folders of its own; what lies in them and it does
 * need is put back. */
static void add_view(struct worker *w, struct list *argv, const char *program)
{
	char *work = xasprintf("%s/work/%s", w->h->state, w->instance);
	char *inbox = xasprintf("%s/inbox/%s", w->h->state, w->instance);
	const char *const view[] = {
		"bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc",
		"--unshare-uts", "--ro-bind", "/", "/", "--dev", "/dev",
		"--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", w->h->state,
		"--bind", work, work, "--bind-try", inbox, inbox,
		"--unsetenv", "SSH_AUTH_SOCK", "--chdir", work, NULL
	};

	add(argv, view);
	if (program[0] == '/')
		add(argv, (const char *const[]){ "--ro-bind-try", program,
						 program, NULL });
	hide_file(argv, w->settings.key);
	hide_file(argv, w->settings.passphrase_file);
	hide_file(argv, w->settings.token_file);
	free(work);
	free(inbox);
}

/* Whether a sandbox can be made here, by one in which nothing happens: else what
 * bubblewrap says could not be told from what the program says. */
static int try_once(const struct list *view, struct error *err)
{
	const char **argv = xcalloc(view->count + 2, sizeof(*argv));
	struct process_result result;
	struct buf out = BUF_INIT;
	int rc;

	for (size_t i = 0; i < view->count; i++)
		argv[i] = view->item[i];
	argv[view->count] = "true";
	rc = process_run(argv, TRIAL_MS, &out, 200, &result, err);
	if (rc == 0 && result.status != 0)
		rc = error_set(err, ERR_REFUSED, "%.*s",
			       (int)strcspn(out.data, "\n"), out.data);
	buf_release(&out);
	free(argv);
	return rc == 0 ? 0 : error_wrap(err, "isolate = yes wants bubblewrap");
}

int isolate(struct worker *w, struct list *argv, const char *program,
	    struct error *err)
{
	add_view(w, argv, program);
	if (!w->may_isolate && try_once(argv, err) == -1)
		return -1;
	w->may_isolate = true;
	return 0;
}
