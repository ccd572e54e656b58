/*
 * The program of [alert] (alert.h): run behind the cycle for one alert after the other,
 * with the alert as JSON on its standard input and no shell near; for a minute, and what
 * it says is kept in a few words. alert.c starts it, main.c is its process.
 *
 * Which one is begun is recorded first. One that was cut off by a crash is ended by who
 * takes the lock next, and run again for the same alert.
 */
#include "deliver_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/alert.h"
#include "trine/objects.h"
#include "trine/process.h"
#include "trine/program.h"
#include "trine/session.h"
#include "trine/text.h"

enum { SECONDS = 60, OUT_KEPT = 1024, SAID = 80 /* bytes of its complaint */ };
#define NAME "@alerts"		/* of the lock: no instance is called so */

static char *make_input(struct home *h, const struct alert *a)
{
	json_t *json = alert_to_json(a);
	char *body = alert_body(h, a);

	if (*body != '\0')
		json_object_set_new(json, "body", json_string(body));
	free(body);
	return json_to_line(json);
}

static const char *stop(void *arg)
{
	const struct home *h = arg;

	if (process_asked_to_end())
		return "its worker was told to end";
	return file_exists(h->state) ? NULL : "the computer's directory is gone";
}

/* How it ended, in a few words with the beginning of the last line it said of it; ""
 * if it ended well. */
static void judge(const struct program_end *e, const struct buf *tail, char why[160])
{
	struct span said = text_trim(span_of(tail)), line;
	struct buf words = BUF_INIT;
	size_t pos = 0;

	why[0] = '\0';
	if (e->timed_out)
		buf_printf(&words, "it had not ended after %d s", SECONDS);
	else if (e->signal != 0)
		buf_printf(&words, "it died of signal %d", e->signal);
	else if (e->status != 0)
		buf_printf(&words, "it ended with %d", e->status);
	if (words.len > 0 && said.len > 0) {
		while (text_line(said, &pos, &line))
			;
		buf_adds(&words, ": ");
		text_escape(&words, line.p, text_cut(line.p, line.len, SAID), false);
	}
	if (words.len > 0)
		text_copy(why, 160, span_of(&words));
	buf_release(&words);
}

static int run(struct home *h, const struct alert *a, const char *note,
	       struct program_end *end, char why[160])
{
	const char *const environment[] = {
		SESSION_OF_NOBODY,
		"TRINE_DIR", h->dir, "TRINE_ALERT", a->id,
		/* what gets us in is not for it */
		"TRINE_TOKEN", NULL, "SSH_AUTH_SOCK", NULL,
		NULL
	};
	struct buf out = BUF_INIT, tail = BUF_INIT;
	struct error err = ERROR_INIT;
	struct list words = LIST_INIT;
	char *input = make_input(h, a);
	struct program p = {
		.folder = h->dir, .environment = environment,
		.input = span_str(input), .timeout_ms = SECONDS * 1000,
		.out_limit = OUT_KEPT, .tail_limit = OUT_KEPT, .note = note,
		.stop = stop, .arg = h,
	};
	const char **argv;
	int rc;

	list_add_lines(&words, span_str(h->settings.alert_run));
	p.argv = argv = list_argv(&words);
	rc = program_run(&p, &out, &tail, end, &err);
	if (rc == -1)
		text_copy(why, 160, span_str(err.text));
	else
		judge(end, &tail, why);
	free(argv);
	free(input);
	list_release(&words);
	buf_release(&out);
	buf_release(&tail);
	return rc;
}

static int hand_one(struct home *h, const struct alert *a, const char *note,
		    bool *go_on, struct error *err)
{
	struct program_end end = { 0 };
	char why[160];

	run(h, a, note, &end, why);
	*go_on = end.stopped == NULL;
	return !*go_on ? 0 : alert_settle(h, a->id, why[0] != '\0' ? why : NULL, err);
}

/* Each once, also those that come meanwhile. */
static int hand_all(struct home *h, const char *note, struct error *err)
{
	struct list tried = LIST_INIT;
	bool found = true, go_on = true;
	int rc = 0;

	while (rc == 0 && found && go_on && stop(h) == NULL) {
		struct alert a;

		rc = alert_take(h, &tried, &a, &found, err);
		if (rc == 0 && found) {
			list_add(&tried, a.id);
			rc = hand_one(h, &a, note, &go_on, err);
		}
		alert_release(&a);
	}
	list_release(&tried);
	return rc;
}

int alerts_run(struct home *h, struct error *err)
{
	char *note;
	int lock = slot_take(h, NAME, 1, err), rc;

	if (lock == -1 && err->code != ERR_AGAIN)
		return -1;
	if (lock == -1) {
		error_clear(err);
		return 0;
	}
	note = slot_note(h, NAME, 1);
	program_end_left(note);
	rc = hand_all(h, note, err);
	free(note);
	file_unlock(lock);
	return rc;
}
