/* The web part as the supervisor sees it (supervisor.h). */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/process.h"
#include "trine/program.h"

enum {
	PAUSE_FIRST = 500, PAUSE_MOST = 60 * 1000,	/* ms from end to start */
	STEADY = 60 * 1000	/* one that ran for so long begins anew */
};

static int launch(struct web_child *w, struct daemon *d, int theirs,
		  struct error *err)
{
	const char *argv[] = { d->self, "-C", d->dir, "web", NULL };
	struct program_launch how = {
		.argv = argv,
		.file = { LAUNCH_NULL, 1, 2, theirs },
	};

	if (d->self == NULL)
		return error_set(err, ERR_INTERNAL, "trined does not know its own path");
	return program_launch(&how, &w->pid, err);
}

/* Where one listened that is gone, and whom it reached, is of no use to anybody. */
static void forget_ports(struct daemon *d)
{
	static const char *const names[] = { "run/ports.json", "run/presence.json" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = home_path(d->home, names[i]);
		struct error ignored = ERROR_INIT;

		file_remove(path, &ignored);
		free(path);
	}
}

static int start(struct web_child *w, struct daemon *d, struct error *err)
{
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return error_errno(err, "socketpair");
	for (int i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	rc = launch(w, d, ends[1], err);
	close(ends[1]);
	if (rc == -1)
		close(ends[0]);
	else
		w->channel = ends[0];
	return rc;
}

static void wait_longer(struct web_child *w, int64_t now)
{
	w->again = now + w->pause;
	w->pause = w->pause * 2 < PAUSE_MOST ? w->pause * 2 : PAUSE_MOST;
}

void web_child_look(struct web_child *w, struct daemon *d)
{
	int64_t now = d->clock->steady(d->clock);
	struct error err = ERROR_INIT;

	if (w->pid != 0 || now < w->again)
		return;
	if (w->pause == 0)
		w->pause = PAUSE_FIRST;
	forget_ports(d);
	w->since = now;
	w->up = false;
	w->len = 0;
	if (start(w, d, &err) == 0)
		return;
	daemon_say("the web part cannot be started: %s", err.text);
	wait_longer(w, now);
}

static void take_line(struct web_child *w, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	json_int_t answer = json_integer_value(json_object_get(json, "answer"));
	const char *why = json_string_value(json_object_get(json, "error"));

	w->up |= json_is_true(json_object_get(json, "up"));
	w->bell |= json_is_true(json_object_get(json, "bell"));
	if (answer > 0 && w->answer != NULL)
		w->answer(w->arg, (uint64_t)answer, (int)json_integer_value(
			  json_object_get(json, "status")), why != NULL ? why : "");
	json_decref(json);
}

bool web_child_ask(struct web_child *w, uint64_t id, const char *url, int64_t ms)
{
	char *line;
	bool put;

	if (!w->up || w->channel == -1)
		return false;
	line = json_to_line(json_pack("{s:I, s:s, s:I}", "ask", (json_int_t)id, "url",
				      url, "ms", (json_int_t)ms));
	/* part of a line would be no line: one that has no room for it is stuck */
	put = write(w->channel, line, strlen(line)) == (ssize_t)strlen(line);
	if (!put)
		web_child_end(w);
	free(line);
	return put;
}

void web_child_read(struct web_child *w)
{
	char *newline;
	ssize_t got;

	while (w->channel != -1 &&
	       (got = read(w->channel, w->line + w->len,
			   sizeof(w->line) - 1 - w->len)) != -1) {
		w->len += (size_t)got;
		w->line[w->len] = '\0';
		while ((newline = strchr(w->line, '\n')) != NULL) {
			*newline = '\0';
			take_line(w, w->line);
			w->len -= (size_t)(newline + 1 - w->line);
			memmove(w->line, newline + 1, w->len + 1);
		}
		if (w->len == sizeof(w->line) - 1)
			w->len = 0;	/* no line of ours */
		if (got == 0)
			web_child_end(w);
	}
}

void web_child_reap(struct web_child *w, struct daemon *d)
{
	int64_t now = d->clock->steady(d->clock);
	int status;

	if (w->pid == 0 || waitpid((pid_t)w->pid, &status, WNOHANG) != w->pid)
		return;
	w->pid = 0;
	w->failed |= !w->up;
	w->up = false;
	web_child_end(w);
	forget_ports(d);
	if (now - w->since >= STEADY)
		w->pause = PAUSE_FIRST;
	if (WIFSIGNALED(status))
		daemon_say("the web part died of signal %d; it is started again",
			   WTERMSIG(status));
	wait_longer(w, now);
}

void web_child_hangs(struct web_child *w)
{
	if (w->pid == 0 || !w->up)
		return;
	daemon_say("the web part does not answer: it is killed");
	w->up = false;
	kill((pid_t)w->pid, SIGKILL);
}

void web_child_end(struct web_child *w)
{
	if (w->channel != -1)
		close(w->channel);
	w->channel = -1;
}
