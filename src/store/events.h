/*
 * Private: the events of the log, one after the other, as they are applied: its lines
 * (log.h), checked and parsed.
 *
 *	events_read(&r, &s->log, offset, err);
 *	while ((rc = events_next(r, &line, &json, err)) == 1) …
 *	events_release(r);
 *
 * Of a long rest of the log a thread reads, checks and parses what comes next, while
 * the caller applies what came before: that is as much work. From events_read to
 * events_release, or until events_next gives something else than 1, the log is read by
 * that thread: the caller may read it, too, but not renew it.
 *
 * Lines and errors come in their order and as if there was no thread: a torn last line
 * is the last one that is given, and damaged; an error of reading comes behind all lines
 * before it. Who has enough releases it in the middle, and what was read ahead is
 * dropped.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include <jansson.h>

#include "log.h"

struct events;

/* From OFFSET, where a line begins; *OUT, also after an error, is to be released. */
int events_read(struct events **out, const struct log *log, uint64_t offset,
		struct error *err);
/* 1: a line, without its text; 0: the end; -1: cannot be read. *JSON is the line's until
 * the next call; NULL: the line is damaged, or none. */
int events_next(struct events *r, struct log_line *line, json_t **json,
		struct error *err);
void events_release(struct events *r);

#endif
