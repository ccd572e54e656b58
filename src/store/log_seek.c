/*
 * Where an event stands in the log, by its number (trine/store.h). Numbers only rise, so
 * it is found by halving, and what lies between is not read: a log may have many parts,
 * and those who follow it come back often.
 */
#include <string.h>

#include "store.h"

/* The first good line that begins at FROM or behind it. FROM need not be where one
 * begins: then it is the next one. */
static int line_behind(struct store *s, uint64_t from, struct log_line *out, bool *found,
		       struct error *err)
{
	struct log_reader r;
	int result = log_read(&r, &s->log, from, err);

	*found = false;
	while (result == 0 && (result = log_next(&r, out, err)) == 1) {
		if (!out->damaged) {
			*found = true;
			break;
		}
		result = 0;
	}
	out->text = (struct span){ "", 0 };	/* it goes with the reader */
	log_reader_release(&r);
	return result == -1 ? -1 : 0;
}

int store_log_end(struct store *s, uint64_t *out, struct error *err)
{
	if (log_renew(&s->log, err) == -1)
		return -1;
	return log_size(&s->log, out, err);
}

int store_log_seek(struct store *s, uint64_t seq, uint64_t *out, struct error *err)
{
	uint64_t low = 0, high;
	struct log_line line;
	bool found;

	if (store_log_end(s, &high, err) == -1)
		return -1;
	/* behind LOW stands what is wanted; what begins at HIGH or behind it is too far */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (line_behind(s, middle, &line, &found, err) == -1)
			return -1;
		if (found && line.seq <= seq)
			low = line.next;
		else
			high = middle;
	}
	*out = low;
	return 0;
}
