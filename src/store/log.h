/*
 * Private: event-log.jsonl as lines. It knows what a line looks like and when
 * it is whole, and nothing of what the events mean.
 *
 *	{"seq":7,"time":"2026-11-20T13:10:00Z","type":"message.read",
 *	 "actor":"trine","id":"2_TO_1.3","crc":"5f3a9c1e"}
 *
 * (on one line). crc is the CRC-32C of the bytes before `,"crc"`.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"

enum { LOG_CRC = 9 };

struct log {
	int fd;
	char *path;
};

int log_open(struct log *log, const char *dir, struct error *err);
void log_close(struct log *log);
int log_size(const struct log *log, uint64_t *out, struct error *err);

/* Does a line with this crc end at OFFSET? At 0: always. */
int log_ends_with(const struct log *log, uint64_t offset,
		  const char crc[LOG_CRC], bool *out, struct error *err);

/* Durable when it returns 0; else the log is as it was. */
int log_append(const struct log *log, struct span lines, struct error *err);
int log_sync(const struct log *log, struct error *err);
int log_cut(const struct log *log, uint64_t offset, struct error *err);
/* Fill ERR: the line at OFFSET is damaged, its number, and what to do. */
int log_damaged(const struct log *log, uint64_t offset, struct error *err);

/* Append to OUT the line of JSON ("{…}"), its crc and LF. */
void log_write_line(struct buf *out, struct span json, char crc[LOG_CRC]);

struct log_line {
	struct span text;	/* without LF; until the next line is read */
	uint64_t offset, next;	/* where it begins, and the one behind it */
	bool damaged;		/* crc or form is wrong, or there is no LF */
	bool last;		/* nothing is behind it */
	/* of a good one: */
	uint64_t seq;
	int64_t time;
	struct span type;
	char crc[LOG_CRC];
};

struct log_reader {
	const struct log *log;
	uint64_t offset;	/* of the next line */
	uint64_t end;		/* the log's size when reading began */
	struct buf bytes;	/* read from there on, and before: */
	size_t used;
};

/* From OFFSET, where a line begins. */
int log_read(struct log_reader *r, const struct log *log, uint64_t offset,
	     struct error *err);
/* 1: a line; 0: the end; -1: cannot be read. */
int log_next(struct log_reader *r, struct log_line *line, struct error *err);
void log_reader_release(struct log_reader *r);

#endif
