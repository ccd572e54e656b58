/*
 * Late messages, counted (stats_late.h).
 */
#include "stats_late.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/overview.h"

enum { RECENT = 8 };

/* One that reads a stream. */
struct reader {
	int computer;
	uint64_t upto;		/* confirmed */
	uint64_t late;		/* counted as late up to here */
};

struct sent_stream {
	struct stream_name name;
	uint64_t last;		/* number that was sent */
	uint64_t due;		/* pushed so long ago that it should be confirmed */
	/* Pushed since; of many at once the older ones count as the next one. */
	struct { uint64_t upto; int64_t at; } recent[RECENT];
	size_t recents;
	struct reader *reader;
	size_t readers, reader_cap;
};

/* A commit on its way, and up to where it has the first COUNT streams. */
struct flight {
	char commit[41];
	uint64_t *upto;
	size_t count;
};

struct stats_late {
	struct sent_stream *stream;
	size_t streams, stream_cap;
	struct flight *flight;
	size_t flights, flight_cap;
};

struct stats_late *late_begin(void)
{
	return xcalloc(1, sizeof(struct stats_late));
}

void late_release(struct stats_late *l)
{
	for (size_t i = 0; i < l->streams; i++)
		free(l->stream[i].reader);
	for (size_t i = 0; i < l->flights; i++)
		free(l->flight[i].upto);
	free(l->stream);
	free(l->flight);
	free(l);
}

/* ---- sent ---- */

static struct sent_stream *stream_of(struct stats_late *l, struct stream_name name)
{
	for (size_t i = 0; i < l->streams; i++)
		if (l->stream[i].name.from == name.from &&
		    l->stream[i].name.to == name.to)
			return &l->stream[i];
	ARRAY_GROW(l->stream, l->streams, l->stream_cap);
	l->stream[l->streams] = (struct sent_stream){ .name = name };
	return &l->stream[l->streams++];
}

void late_sent(struct stats_late *l, const char *id)
{
	struct stream_name name;
	struct sent_stream *s;
	uint64_t number;

	if (!message_id_parse(span_str(id), &name, &number))
		return;
	s = stream_of(l, name);
	if (number > s->last)
		s->last = number;
}

/* ---- pushed ---- */

static struct flight *find_flight(struct stats_late *l, const char *commit)
{
	for (size_t i = 0; i < l->flights; i++)
		if (strcmp(l->flight[i].commit, commit) == 0)
			return &l->flight[i];
	return NULL;
}

static void end_flight(struct stats_late *l, struct flight *f)
{
	free(f->upto);
	*f = l->flight[--l->flights];
}

void late_gone(struct stats_late *l, const char *commit)
{
	struct flight *f = find_flight(l, commit);

	if (f != NULL)
		end_flight(l, f);
}

void late_made(struct stats_late *l, const char *commit, const char *replaces)
{
	struct flight *old = find_flight(l, replaces);
	struct flight made = { .count = l->streams };

	if (strlen(commit) >= sizeof(made.commit))
		return;
	if (old != NULL) {
		made = *old;
		*old = l->flight[--l->flights];
	} else {
		made.upto = xcalloc(made.count + 1, sizeof(*made.upto));
		for (size_t i = 0; i < made.count; i++)
			made.upto[i] = l->stream[i].last;
	}
	memcpy(made.commit, commit, strlen(commit) + 1);
	ARRAY_GROW(l->flight, l->flights, l->flight_cap);
	l->flight[l->flights++] = made;
}

static void drop_oldest(struct sent_stream *s)
{
	s->recents--;
	memmove(s->recent, s->recent + 1, s->recents * sizeof(s->recent[0]));
}

static void push(struct sent_stream *s, uint64_t upto, int64_t time)
{
	uint64_t before = s->recents > 0 ? s->recent[s->recents - 1].upto : s->due;

	if (upto <= before)
		return;
	if (s->recents == RECENT)
		drop_oldest(s);
	s->recent[s->recents].upto = upto;
	s->recent[s->recents++].at = time;
}

/* Those made before it are its ancestors, or not on their way any more. */
void late_pushed(struct stats_late *l, const char *commit, int64_t time)
{
	struct flight *f = find_flight(l, commit);

	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++)
		push(&l->stream[i], f->upto[i], time);
	end_flight(l, f);
}

/* ---- read ---- */

static struct reader *reader_of(struct sent_stream *s, int computer)
{
	for (size_t i = 0; i < s->readers; i++)
		if (s->reader[i].computer == computer)
			return &s->reader[i];
	ARRAY_GROW(s->reader, s->readers, s->reader_cap);
	s->reader[s->readers] = (struct reader){ .computer = computer };
	return &s->reader[s->readers++];
}

static uint64_t judge(struct sent_stream *s, struct reader *r, int64_t time)
{
	uint64_t from, late;

	for (; s->recents > 0 && s->recent[0].at + LATE_SECONDS <= time; drop_oldest(s))
		s->due = s->recent[0].upto;
	from = r->upto > r->late ? r->upto : r->late;
	late = s->due > from ? s->due - from : 0;
	if (late > 0)
		r->late = s->due;
	return late;
}

/* Of ALL, whoever joined later reads only what is said since, and says so by a
 * commit, or nothing. */
uint64_t late_read(struct stats_late *l, int computer, const json_t *received,
		   int64_t time)
{
	uint64_t late = 0;

	for (size_t i = 0; i < l->streams; i++) {
		struct sent_stream *s = &l->stream[i];
		char name[STREAM_NAME];
		const json_t *upto;
		struct reader *r;

		if (s->name.to != END_ALL && s->name.to != computer)
			continue;
		upto = json_object_get(received,
				       stream_name_format(s->name, name));
		if (upto == NULL ? s->name.to == END_ALL : !json_is_integer(upto))
			continue;
		r = reader_of(s, computer);
		if (upto != NULL)
			r->upto = (uint64_t)json_integer_value(upto);
		late += judge(s, r, time);
	}
	return late;
}
