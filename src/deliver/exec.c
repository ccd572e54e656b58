/*
 * `deliver = exec`: a program of the computer's owner, with fixed arguments, in the
 * instance's workspace. The task comes on its standard input and nowhere else: not
 * in an argument, not in the environment, and no shell is near. Called by worker.c.
 */
#include "deliver_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/program.h"
#include "trine/session.h"
#include "trine/task.h"
#include "trine/text.h"

enum {
	EXIT_DONE = 0,
	EXIT_LATER = 75,	/* EX_TEMPFAIL of sysexits.h */
	EXIT_SIGNAL = 128,	/* and the number of the signal, as shells say it */
	SIGNALS = 64
};

static int make_argv(struct worker *w, struct list *argv, struct error *err)
{
	struct list own = LIST_INIT;
	int rc = 0;

	list_add_lines(&own, span_str(w->i->exec));
	if (w->i->isolate)
		rc = isolate(w, argv, own.item[0], err);
	list_copy(argv, &own);
	list_release(&own);
	return rc;
}

static int run(struct worker *w, const struct record *r, const char *input,
	       struct buf *out, struct buf *tail, struct program_end *end,
	       struct error *err)
{
	char *folder = xasprintf("%s/work/%s", w->h->state, w->instance);
	char attempt[24];
	const char *const environment[] = {
		SESSION_OF_NOBODY,
		"TRINE_DIR", w->h->dir, "TRINE_INSTANCE", w->instance,
		"TRINE_TASK", r->id, "TRINE_ATTEMPT", attempt,
		/* what gets us in is not for it */
		"TRINE_TOKEN", NULL,
		w->i->isolate ? "HOME" : NULL, folder,
		"SSH_AUTH_SOCK", NULL,
		NULL
	};
	struct list argv = LIST_INIT;
	const char **words;
	struct program p;
	int rc = -1;

	snprintf(attempt, sizeof(attempt), "%llu", (unsigned long long)r->attempt);
	if (file_mkdir(folder, 0700, err) == -1 ||
	    make_argv(w, &argv, err) == -1)
		goto out;
	words = list_argv(&argv);
	p = (struct program){
		.argv = words, .folder = folder, .environment = environment,
		.input = span_str(input), .timeout_ms = w->timeout * 1000,
		.out_limit = LIMIT_RESULT + 1, .tail_limit = LIMIT_TAIL,
		.sandbox = w->i->isolate, .note = w->note, .stop = worker_stop, .arg = w,
	};
	rc = program_run(&p, out, tail, end, err);
	free(words);
out:
	list_release(&argv);
	free(folder);
	return rc;
}

/* What it complained of; where it did not, the end of what it said. */
static void add_complaint(struct work_end *end, const struct buf *out,
			  const struct buf *tail, const struct program_end *e)
{
	if (tail->len > 0)
		task_tail_text(&end->text, span_of(tail), e->tail_total);
	else
		task_tail_text(&end->text, span_of(out), e->out_total);
}

/* A sandbox ends as a shell would, with what its program died of. */
static int signal_of(const struct worker *w, const struct program_end *e)
{
	int number = e->status - EXIT_SIGNAL;

	if (w->i->isolate && number > 0 && number <= SIGNALS)
		return number;
	return e->signal;
}

static void judge(struct worker *w, const struct program_end *e,
		  const struct buf *out, const struct buf *tail,
		  struct work_end *end)
{
	char words[TIME_TEXT];

	if (e->stopped != NULL) {
		work_end_say(end, WORK_IN_DOUBT, "in doubt: stopped, because %s",
			e->stopped);
	} else if (e->timed_out) {
		work_end_say(end, WORK_FAILED, "ended by us: it had not finished after "
			"%s", duration_words(w->timeout, words));
	} else if (signal_of(w, e) != 0) {
		work_end_say(end, WORK_FAILED, "died of signal %d",
			signal_of(w, e));
	} else if (e->status == EXIT_DONE) {
		end->fate = WORK_COMPLETED;
		task_result_text(&end->text, span_of(out), e->out_total);
		return;
	} else if (e->status == EXIT_LATER) {
		work_end_say(end, WORK_LATER, "asked to be tried again later");
	} else {
		work_end_say(end, WORK_FAILED, "ended with %d", e->status);
	}
	add_complaint(end, out, tail, e);
}

void worker_exec(struct worker *w, const struct record *r, struct work_end *end)
{
	struct buf out = BUF_INIT, tail = BUF_INIT;
	struct error err = ERROR_INIT;
	struct program_end e;
	char *input = worker_json(w, r);

	if (run(w, r, input, &out, &tail, &e, &err) == -1)
		work_end_say(end, WORK_LATER, "%s", err.text);
	else
		judge(w, &e, &out, &tail, end);
	free(input);
	buf_release(&out);
	buf_release(&tail);
}
