/* Which numbers a computer gave out before it heard that somebody has them. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

/* Somebody has a receipt for all numbers of STREAM up to RECEIPT. */
static void hear(struct ck_log *log, const char *stream, const char *receipt)
{
	long upto = ck_number(receipt, NULL);
	long known = ck_get_number(&log->heard, stream);

	if (upto <= known || upto > 1000000 || ck_is_hex(receipt, 10))
		return;
	ck_put_number(&log->heard, stream, upto);
	for (long number = known + 1; number <= upto; number++) {
		char *id = ck_print("%s.%ld", stream, number);

		ck_put_number(&log->heard, id, log->seq);
		free(id);
	}
}

void ck_hear(struct ck_log *log, const json_t *received)
{
	const char *stream;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)received, stream, value) {
		char *text = json_is_integer(value) ?
			ck_print("%lld", (long long)json_integer_value(value)) :
			ck_print("%s", json_string_value(value));

		hear(log, stream, text);
		free(text);
	}
}

bool ck_sent_by(const struct ck_log *log, const char *id, const char *clone)
{
	return (unsigned long)ck_get(&log->sent_by, id) == strtoul(clone, NULL, 16);
}

bool ck_sent_unheard(const struct ck_log *log, const char *id)
{
	long sent = ck_get_number(&log->sent, id);
	long heard = ck_get_number(&log->heard, id);

	return sent && heard && sent < heard;
}

void ck_tried_note(struct ck_log *log, const json_t *event)
{
	bool refused = !strcmp(ck_word(event, "type"), "commit.untried");

	ck_put_number(&log->tried, ck_word(event, "commit"), refused ? 0 : log->seq);
}

/* A commit has what its first form has: what was sent after that is not in it. */
static bool holds(const struct ck_log *log, const char *commit, long sent)
{
	long made = ck_get_number(&log->first, commit);

	return (made ? made : ck_get_number(&log->made, commit)) > sent;
}

bool ck_sent_tried(const struct ck_log *log, const char *id)
{
	long sent = ck_get_number(&log->sent, id);
	long heard = ck_get_number(&log->heard, id);
	bool found = false;

	for (size_t i = 0; i < log->tried.room && !found; i++) {
		const char *commit = log->tried.slots[i].key;
		long tried = commit ? ck_get_number(&log->tried, commit) : 0;

		found = tried && tried < heard && holds(log, commit, sent);
	}
	return found;
}
