/*
 * `isolate = yes`: a program under bubblewrap (bwrap(1)), which sees the system
 * read-only, of .trine its own workspace and inbox and nothing else, none of the
 * files that get this computer into the remote, and no process but its own. It is
 * there to keep instances apart; the network, and the sockets of the system's own
 * services, stay as they are. Called by exec.c.
 *
 * Where bubblewrap mounts something the path must not lead through a link: it looks
 * while the root is another one.
 */
#include "deliver_p.h"

#include <errno.h>
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

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* ---- the program ---- */

/* Where NAME is, as execvp(3) looks for it in FOLDER; NULL with errno. */
static char *find_program(const char *name, const char *folder)
{
	const char *path = getenv("PATH");
	size_t len;

	if (strchr(name, '/') != NULL)
		return *name == '/' ? xstrdup(name) :
		       xasprintf("%s/%s", folder, name);
	for (; path != NULL; path = path[len] == ':' ? path + len + 1 : NULL) {
		char *one;

		len = strcspn(path, ":");
		one = xasprintf("%.*s/%s", (int)len, path, name);
		if (file_executable(one))
			return one;
		free(one);
	}
	errno = ENOENT;
	return NULL;
}

/* Folders that are empty in there: what lies in them and is needed is put back. */
static bool is_covered(const struct worker *w, const char *work,
		       const char *path)
{
	return is_below(path, "/tmp") || is_below(path, "/dev") ||
	       (is_below(path, w->h->state) && !is_below(path, work));
}

/* Looked at before: bubblewrap itself ends as if the program had failed. */
static int add_program(struct worker *w, struct list *argv, const char *name,
		       const char *work, struct error *err)
{
	struct error absent = ERROR_INIT;
	char *path = find_program(name, work), *real;

	if (path == NULL || !file_executable(path)) {
		error_errno(err, "cannot run %s", name);
		free(path);
		return -1;
	}
	real = file_real(path, &absent);
	if (real != NULL && is_covered(w, work, real))
		add(argv, (const char *const[]){ "--ro-bind", real, real, NULL });
	if (real != NULL && strcmp(path, real) != 0 && is_covered(w, work, path))
		add(argv, (const char *const[]){ "--ro-bind", real, path, NULL });
	free(real);
	free(path);
	return 0;
}

/* ---- what it does not see ---- */

/* Where git and ssh have what gets somebody in, below his home. */
static const char *const of_people[] = {
	".ssh", ".netrc", ".git-credentials", ".git-credential-cache",
	".config/git/credentials", ".cache/git/credential",
};

static void hide(struct list *argv, const char *path)
{
	struct error absent = ERROR_INIT;
	char *real = path != NULL ? file_real(path, &absent) : NULL;
	struct file_info info;

	if (real == NULL || file_stat(real, &info, &absent) == -1)
		;	/* there is none */
	else if (info.directory)
		add(argv, (const char *const[]){ "--tmpfs", real, NULL });
	else
		add(argv, (const char *const[]){ "--ro-bind", "/dev/null", real,
						 NULL });
	free(real);
}

static void hide_all(struct worker *w, struct list *argv)
{
	const char *home = getenv("HOME");

	for (size_t i = 0; i < ARRAY_LEN(of_people) && home != NULL; i++) {
		char *path = xasprintf("%s/%s", home, of_people[i]);

		hide(argv, path);
		free(path);
	}
	hide(argv, getenv("SSH_AUTH_SOCK"));
	/* sockets of what runs for this user, and starts programs: D-Bus, systemd */
	hide(argv, getenv("XDG_RUNTIME_DIR"));
	hide(argv, "/run/user");
	hide(argv, w->settings.key);
	hide(argv, w->settings.passphrase_file);
	hide(argv, w->settings.token_file);
}

/* Without capabilities: else who is root could undo it. */
static int add_view(struct worker *w, struct list *argv, const char *program,
		    struct error *err)
{
	char *work = xasprintf("%s/work/%s", w->h->state, w->instance);
	char *inbox = xasprintf("%s/inbox/%s", w->h->state, w->instance);
	const char *const system[] = {
		"bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc",
		"--unshare-uts", "--cap-drop", "ALL", "--ro-bind", "/", "/",
		"--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", NULL
	};
	const char *const own[] = {
		"--tmpfs", w->h->state, "--bind", work, work,
		"--bind-try", inbox, inbox, "--chdir", work, NULL
	};
	int rc;

	add(argv, system);
	hide_all(w, argv);
	add(argv, own);
	rc = add_program(w, argv, program, work, err);
	free(work);
	free(inbox);
	return rc;
}

/* ---- the sandbox ---- */

/* Whether a sandbox can be made here, by one in which nothing happens: else what
 * bubblewrap says could not be told from what the program says. */
static int try_once(const struct list *view, struct error *err)
{
	struct process_result result;
	struct list words = LIST_INIT;
	struct buf out = BUF_INIT;
	const char **argv;
	int rc;

	list_copy(&words, view);
	list_add(&words, "true");
	argv = list_argv(&words);
	rc = process_run(argv, TRIAL_MS, &out, 200, &result, err);
	if (rc == 0 && result.status != 0)
		rc = error_set(err, ERR_REFUSED, "%.*s",
			       (int)strcspn(out.data, "\n"), out.data);
	buf_release(&out);
	list_release(&words);
	free(argv);
	return rc == 0 ? 0 : error_wrap(err, "isolate = yes wants bubblewrap");
}

int isolate(struct worker *w, struct list *argv, const char *program,
	    struct error *err)
{
	if (add_view(w, argv, program, err) == -1)
		return -1;
	if (!w->may_isolate && try_once(argv, err) == -1)
		return -1;
	w->may_isolate = true;
	return 0;
}
