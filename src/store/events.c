/*
 * The log's events, read ahead where there are many (events.h): batches of lines go from
 * the thread to who applies them. Without a thread there is one batch at a time.
 */
#include "events.h"

#include <stdlib.h>

#include "trine/ahead.h"
#include "trine/mem.h"

/* So many batches wait at most, each of so many lines, and bytes, and one line more. A
 * thread is worth it only where so many bytes are to be read. */
enum { BATCHES = 8, LINES = 128, BYTES = 64 * 1024, LONG = 1024 * 1024 };

struct batch {
	struct {
		struct log_line line;
		json_t *json;
	} item[LINES];
	size_t count;
	int rc;			/* behind them: 1 goes on, 0 the end, -1 an error */
	struct error err;
};

struct events {
	struct log_reader reader;	/* the thread's, if there is one */
	bool at_end;			/* and this */
	struct ahead *ahead;
	struct batch *batch;
	size_t next;			/* in it */
};

static void drop_batch(void *batch)
{
	struct batch *b = batch;

	if (b == NULL)
		return;
	for (size_t i = 0; i < b->count; i++)
		json_decref(b->item[i].json);
	free(b);
}

static void add_line(struct batch *b, const struct log_line *line)
{
	b->item[b->count].line = *line;
	b->item[b->count].line.text = b->item[b->count].line.type = (struct span){ 0 };
	b->item[b->count].json = line->damaged ? NULL :
		json_loadb(line->text.p, line->text.len, JSON_REJECT_DUPLICATES, NULL);
	b->count++;
}

/* The next one; behind the last there is none. */
static void *read_batch(void *events)
{
	struct events *r = events;
	struct log_line line;
	struct batch *b;
	size_t bytes = 0;

	if (r->at_end)
		return NULL;
	b = xcalloc(1, sizeof(*b));
	b->rc = 1;
	while (b->count < LINES && bytes < BYTES) {
		b->rc = log_next(&r->reader, &line, &b->err);
		if (b->rc != 1)
			break;
		add_line(b, &line);
		bytes += line.text.len;
	}
	r->at_end = b->rc != 1;
	return b;
}

int events_read(struct events **out, const struct log *log, uint64_t offset,
		struct error *err)
{
	struct events *r = *out = xcalloc(1, sizeof(*r));

	if (log_read(&r->reader, log, offset, err) == -1)
		return -1;
	if (r->reader.end - offset < LONG)
		return 0;
	json_object_seed(0);	/* before there are two who would do it */
	r->ahead = ahead_start(read_batch, drop_batch, r, BATCHES);
	return 0;
}

int events_next(struct events *r, struct log_line *line, json_t **json,
		struct error *err)
{
	while (r->batch == NULL || r->next == r->batch->count) {
		if (r->batch != NULL && r->batch->rc != 1) {
			if (r->batch->rc == -1)
				*err = r->batch->err;
			return r->batch->rc;
		}
		drop_batch(r->batch);
		r->batch = r->ahead != NULL ? ahead_take(r->ahead) : read_batch(r);
		r->next = 0;
	}
	*line = r->batch->item[r->next].line;
	*json = r->batch->item[r->next].json;
	r->next++;
	return 1;
}

void events_release(struct events *r)
{
	ahead_stop(r->ahead);
	drop_batch(r->batch);
	log_reader_release(&r->reader);
	free(r);
}
