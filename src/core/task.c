/*
 * The states of a task (task.h). Used by local/work.c, which decides under the
 * log's lock, and by whoever shows or ends tasks.
 */
#include "trine/task.h"

#include <assert.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	PAUSE_FIRST = 2, PAUSE_MOST = 600,
	PAUSE_SWING = 5,	/* a fifth */
	STATES = TASK_FAILED + 1, VERBS = TASK_FAIL + 1
};

static const char *const names[STATES] = {
	[TASK_QUEUED] = "QUEUED",
	[TASK_ASSIGNED] = "ASSIGNED",
	[TASK_IN_PROGRESS] = "IN_PROGRESS",
	[TASK_BLOCKED] = "BLOCKED",
	[TASK_COMPLETED] = "COMPLETED",
	[TASK_FAILED] = "FAILED",
};

const char *task_state_name(enum task_state state)
{
	return names[state];
}

bool task_state_parse(struct span s, enum task_state *out)
{
	for (size_t i = 0; i < STATES; i++)
		if (span_is(s, names[i])) {
			*out = (enum task_state)i;
			return true;
		}
	return false;
}

bool task_has_ended(enum task_state state)
{
	return state == TASK_COMPLETED || state == TASK_FAILED;
}

/* What may not be is not listed. One that is blocked was begun by somebody: it
 * goes back to the queue before anybody else gets it. */
#define TO(state) ((state) + 1)
static const unsigned char steps[STATES][VERBS] = {
	[TASK_QUEUED] = {
		[TASK_ASSIGN] = TO(TASK_ASSIGNED),
		[TASK_BLOCK] = TO(TASK_BLOCKED),
		[TASK_COMPLETE] = TO(TASK_COMPLETED),
		[TASK_FAIL] = TO(TASK_FAILED),
	},
	[TASK_ASSIGNED] = {
		[TASK_START] = TO(TASK_IN_PROGRESS),
		[TASK_DEFER] = TO(TASK_ASSIGNED),
		[TASK_RELEASE] = TO(TASK_QUEUED),
		[TASK_BLOCK] = TO(TASK_BLOCKED),
		[TASK_COMPLETE] = TO(TASK_COMPLETED),
		[TASK_FAIL] = TO(TASK_FAILED),
	},
	[TASK_IN_PROGRESS] = {
		[TASK_DEFER] = TO(TASK_ASSIGNED),
		[TASK_RELEASE] = TO(TASK_QUEUED),
		[TASK_BLOCK] = TO(TASK_BLOCKED),
		[TASK_COMPLETE] = TO(TASK_COMPLETED),
		[TASK_FAIL] = TO(TASK_FAILED),
	},
	[TASK_BLOCKED] = {
		[TASK_START] = TO(TASK_IN_PROGRESS),
		[TASK_RELEASE] = TO(TASK_QUEUED),
		[TASK_COMPLETE] = TO(TASK_COMPLETED),
		[TASK_FAIL] = TO(TASK_FAILED),
	},
};

bool task_step(enum task_state from, enum task_verb verb, enum task_state *to)
{
	unsigned char step = steps[from][verb];

	if (step == 0)
		return false;
	*to = (enum task_state)(step - 1);
	return true;
}

int64_t task_pause(uint64_t attempt, uint64_t chance)
{
	int64_t pause = PAUSE_FIRST, swing;

	for (uint64_t i = 1; i < attempt && pause < PAUSE_MOST; i++)
		pause *= 2;
	if (pause > PAUSE_MOST)
		pause = PAUSE_MOST;
	swing = pause / PAUSE_SWING;
	return pause - swing + (int64_t)(chance % (uint64_t)(2 * swing + 1));
}

bool task_rests(int64_t until, int64_t now)
{
	return until > now && until - now <= TASK_PAUSE_MOST;
}

bool task_may_enter(enum message_priority priority, uint64_t waiting,
		    uint64_t bound)
{
	if (priority == PRIORITY_URGENT)
		return true;
	return waiting < (priority == PRIORITY_HIGH ? 2 * bound : bound);
}

/* ---- which is next ---- */

/* One that came after now did so under a clock that was ahead: it may have waited. */
static bool has_waited(const struct task_candidate *c, int64_t now)
{
	return c->arrived > now || now - c->arrived >= TASK_WAITED;
}

int task_choose(const struct task_candidate of[TASK_PRIORITIES], int64_t now,
		int *over)
{
	int best = TASK_PRIORITIES - 1;

	*over = -1;
	while (best >= 0 && !of[best].there)
		best--;
	for (int i = best - 1; i >= 0; i--)
		if (of[i].there && of[i].arrived <= of[*over >= 0 ? *over : best].arrived &&
		    (*over < 0 || of[i].arrived < of[*over].arrived))
			*over = i;
	if (*over < 0 || of[*over].passed < TASK_PASSED ||
	    !has_waited(&of[*over], now))
		return best;
	best = *over;
	*over = -1;
	return best;
}

/* ---- what came out, as text ---- */

/* Bytes of the character that S starts with; 0: it is none that may stand in a
 * message. */
static size_t character(struct span s)
{
	size_t most = s.len < 4 ? s.len : 4;

	for (size_t len = 1; len <= most; len++)
		if (text_is_utf8(s.p, len))
			return len;
	return 0;
}

static void add_readable(struct buf *out, struct span s)
{
	size_t len;

	if (text_is_utf8(s.p, s.len)) {
		buf_add(out, s.p, s.len);
		return;
	}
	for (; s.len > 0; s.p += len, s.len -= len) {
		len = character(s);
		if (len > 0) {
			buf_add(out, s.p, len);
			continue;
		}
		buf_adds(out, "\xef\xbf\xbd");
		len = 1;
	}
}

static void end_line(struct buf *out)
{
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
}

void task_result_text(struct buf *out, struct span output, uint64_t total)
{
	struct buf text = BUF_INIT;
	size_t kept = output.len < LIMIT_RESULT ? output.len : LIMIT_RESULT;
	bool cut;

	add_readable(&text, (struct span){ output.p, kept });
	if (total < output.len)
		total = output.len;
	cut = text.len > LIMIT_RESULT || total > kept;
	if (text.len > LIMIT_RESULT)
		buf_truncate(&text, text_cut(text.data, text.len, LIMIT_RESULT));
	buf_addb(out, &text);
	end_line(out);
	if (cut)
		buf_printf(out, "\n[cut here: this is the beginning of %llu "
			   "bytes]\n", (unsigned long long)total);
	buf_release(&text);
}

void task_quote_text(struct buf *out, struct span text, size_t most, const char *where)
{
	struct buf cut = BUF_INIT;

	buf_printf(&cut, "\n[cut here: %s has all of it]\n", where);
	if (text.len < most)
		buf_add(out, text.p, text.len);
	else
		buf_add(out, text.p, text_cut(text.p, text.len, most - cut.len - 1));
	end_line(out);
	if (text.len >= most)
		buf_addb(out, &cut);
	buf_release(&cut);
}

void task_tail_text(struct buf *out, struct span output, uint64_t total)
{
	size_t skip = output.len > LIMIT_TAIL ? output.len - LIMIT_TAIL : 0;

	if (total < output.len)
		total = output.len;
	/* not in the middle of a character */
	while (skip > 0 && skip < output.len &&
	       ((unsigned char)output.p[skip] & 0xc0) == 0x80)
		skip++;
	if (total > output.len - skip)
		buf_printf(out, "[the end of %llu bytes]\n",
			   (unsigned long long)total);
	add_readable(out, (struct span){ output.p + skip, output.len - skip });
	end_line(out);
}
