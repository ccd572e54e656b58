/*
 * How is an instance (supervisor.h)? Each is asked in its own way and has its own
 * time; nobody waits for an answer.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "supervisor.h"
#include "trine/mem.h"
#include "trine/program.h"
#include "trine/session.h"

enum {
	ANSWER_MS = 10 * 1000,	/* then it is ill */
	LATE_MS = 5 * 1000	/* and then the web part has forgotten it */
};

/* A letter in the history, for each answer. */
enum { WELL = '+', SLOW = '~', ILL = '-', UNKNOWN = '?' };

static void note(struct watched *one, char letter)
{
	char *history = one->health.history;
	size_t len = strlen(history);

	if (len == HEALTH_HISTORY)
		memmove(history, history + 1, len--);
	history[len] = letter;
	history[len + 1] = '\0';
}

/* As many as all copies can work on are with one of them. */
static bool is_busy(struct watch *w, const struct watched *one)
{
	struct error ignored = ERROR_INIT;
	struct work_line line;

	return view_line(w->d->home->store, one->i->name, &line, &ignored) == 0 &&
	       line.at_work >= (uint64_t)settings_capacity(one->i);
}

static void answered(struct watch *w, struct watched *one, bool well, const char *why)
{
	int64_t took = watch_now(w) - one->question.since;
	bool slow = well && took > one->i->slow * 1000;
	char text[64] = "";

	one->question = (struct question){ 0 };
	one->health.checked = w->d->clock->now(w->d->clock);
	one->health.response_ms = took;
	note(one, !well ? ILL : slow ? SLOW : WELL);
	w->changed = true;
	if (slow)
		snprintf(text, sizeof(text), "it took %lld ms to answer",
			 (long long)took);
	watch_step(w, one, !well ? INSTANCE_ILL : slow ? INSTANCE_SLOW :
		   is_busy(w, one) ? INSTANCE_WORKING : INSTANCE_WELL,
		   well ? text : why);
}

void ask_forget(struct watched *one)
{
	if (one->question.pid != 0) {
		kill(-(pid_t)one->question.pid, SIGKILL);
		waitpid((pid_t)one->question.pid, NULL, 0);
	}
	one->question = (struct question){ 0 };
}

static void unknown(struct watch *w, struct watched *one)
{
	ask_forget(one);
	note(one, UNKNOWN);
	/* the time that it has to become well is one in which it can be asked */
	if (one->is.state == INSTANCE_STARTING)
		one->is.since = watch_now(w);
	w->changed = true;
}

/* ---- the ways ---- */

static void ask_process(struct watch *w, struct watched *one)
{
	/* one that has ended was noticed before */
	answered(w, one, one->is.running, "it does not run");
}

static void ask_http(struct watch *w, struct watched *one)
{
	char *url = settings_of_copy(one->how.url, one->copy);

	one->question.id = ++w->asked;
	if (!web_child_ask(w->web, one->question.id, url, ANSWER_MS))
		unknown(w, one);
	free(url);
}

static void ask_program(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;
	char copy[24], *folder;
	const char *environment[] = {
		SESSION_OF_NOBODY,
		"TRINE_DIR", w->d->dir, "TRINE_INSTANCE", one->i->name,
		"TRINE_COPY", copy, "NOTIFY_SOCKET", NULL, NULL,
	};
	struct list argv = LIST_INIT;
	struct program_launch how = {
		.environment = environment,
		.file = { LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NULL, LAUNCH_NONE },
	};
	const char **words;

	snprintf(copy, sizeof(copy), "%lld", (long long)one->copy);
	for (size_t i = 0; i < one->how.argv.count; i++)
		list_take(&argv, settings_of_copy(one->how.argv.item[i], one->copy));
	how.argv = words = list_argv(&argv);
	folder = run_folder(w, one, &err);
	how.folder = folder;
	if (folder == NULL || program_launch(&how, &one->question.pid, &err) == -1)
		answered(w, one, false, err.text);
	free(folder);
	free(words);
	list_release(&argv);
}

static void ask_file(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;
	char *named = settings_of_copy(one->how.path, one->copy), *path, text[160];
	struct stat info;
	int64_t age;

	path = named[0] == '/' ? xstrdup(named) :
	       xasprintf("%s/work/%s/%s", w->d->home->state, one->i->name, named);
	if (stat(path, &info) == -1) {
		error_errno(&err, "%.80s", named);
		answered(w, one, false, err.text);
	} else {
		/* one from the future was made under a clock that was wrong */
		age = w->d->clock->now(w->d->clock) - (int64_t)info.st_mtime;
		snprintf(text, sizeof(text), "%.80s is %lld s old", named,
			 (long long)age);
		answered(w, one, age <= one->how.seconds, text);
	}
	free(path);
	free(named);
}

void ask_begin(struct watch *w, struct watched *one)
{
	static void (*const ways[])(struct watch *w, struct watched *one) = {
		[HEALTH_PROCESS] = ask_process,
		[HEALTH_HTTP] = ask_http,
		[HEALTH_EXEC] = ask_program,
		[HEALTH_FILE] = ask_file,
	};

	one->question = (struct question){
		.open = true, .since = watch_now(w),
		.deadline = watch_now(w) + ANSWER_MS,
	};
	ways[one->how.kind](w, one);
}

/* ---- answers ---- */

void ask_answer(struct watch *w, struct watched *one, int status, const char *why)
{
	char text[64];

	if (status == 0) {
		answered(w, one, false, why);
		return;
	}
	snprintf(text, sizeof(text), "it answered with %d", status);
	answered(w, one, status >= 200 && status < 400, text);
}

static void look_at_program(struct watch *w, struct watched *one)
{
	char text[64];
	int status;

	if (waitpid((pid_t)one->question.pid, &status, WNOHANG) != one->question.pid)
		return;
	one->question.pid = 0;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "its check died of signal %d",
			 WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "its check ended with %d",
			 WEXITSTATUS(status));
	answered(w, one, WIFEXITED(status) && WEXITSTATUS(status) == 0, text);
}

void ask_look(struct watch *w, struct watched *one)
{
	if (one->question.open && one->question.pid != 0)
		look_at_program(w, one);
	if (!one->question.open || watch_now(w) < ask_next(one))
		return;
	if (one->question.id != 0) {
		unknown(w, one);
		web_child_hangs(w->web);	/* it would have said that nobody answers */
		return;
	}
	kill(-(pid_t)one->question.pid, SIGKILL);
	waitpid((pid_t)one->question.pid, NULL, 0);
	one->question.pid = 0;
	answered(w, one, false, "its check did not end in 10 s");
}

int64_t ask_next(const struct watched *one)
{
	if (!one->question.open)
		return INT64_MAX;
	return one->question.deadline + (one->question.id != 0 ? LATE_MS : 0);
}
