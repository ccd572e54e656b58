/*
 * Private: the event log as lines. It knows what a line looks like and when it is
 * whole, in which file it stands, and nothing else of what the events mean.
 *
 *	{"seq":7,"time":"2026-11-20T13:10:00Z","type":"message.read",
 *	 "actor":"trine","id":"2_TO_1.3","crc":"5f3a9c1e"}
 *
 * (on one line). crc is the CRC-32C of the bytes before `,"crc"`. Blanks in front of
 * a line are nothing: there was a line that `trine repair` took out.
 *
 * What happened at once, in one transaction, has one line for each event, and each says
 * which it is: `{"seq":7,"nth":1,"of":3,"time":…`. They are written with one write, and
 * count only together: where the last ones are missing at the end of the log, because
 * the writer was killed or the power went, nothing of it happened, and the first ones
 * are cut, too. Those behind a line that `trine repair` took out stay.
 *
 * The log goes on from file to file: event-log.jsonl is its last part, and the one
 * that is written. Those before it are log/000001.jsonl and so on; the first line of
 * a part but the first is a `log.continued`, which says what came before. Offsets
 * count from the first byte of the first part, whichever file they lie in, so that
 * they go on when the log does. Where another process went on to a new part, the one
 * that is open here has lost its name: log_renew opens the new one.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"

enum { LOG_CRC = 9 };

#define LOG_CONTINUED "log.continued"

/* What the first line of a part says. */
struct log_start {
	unsigned part;		/* 1, 2, … */
	uint64_t offset;	/* of its first byte */
	char before[LOG_CRC];	/* of the line before it */
	/* A copy of the view lies beside the part before, if there is one (size 0:
	 * none): its bytes, and their CRC-32C. */
	uint64_t view_size;
	uint32_t view_crc;
};

struct log {
	int fd;
	bool read_only;		/* the disk, or its rights, allow no more */
	char *path, *folder;	/* of the last part, of those before it */
	struct log_start start;	/* of the last part */
};

/* ERR_DATA: its first line is damaged, and there are parts before it. */
int log_open(struct log *log, const char *dir, struct error *err);
void log_close(struct log *log);
/* Have the file that is the last part now. */
int log_renew(struct log *log, struct error *err);
/* ERR_IO: it can only be read, and why; ERR_AGAIN: so it was until now. */
int log_writable(const struct log *log, struct error *err);
int log_size(const struct log *log, uint64_t *out, struct error *err);

/* Does a line with this crc end at OFFSET? At 0: always. */
int log_ends_with(const struct log *log, uint64_t offset,
		  const char crc[LOG_CRC], bool *out, struct error *err);

/* Durable when it returns 0; else the log is as it was. To one that can only be read
 * nothing is done: whoever may write makes it durable, and cuts what is torn. */
int log_append(const struct log *log, struct span lines, struct error *err);
int log_sync(const struct log *log, struct error *err);
int log_cut(const struct log *log, uint64_t offset, struct error *err);
/* Fill ERR: the line at OFFSET is damaged, its number, and what to do. */
int log_damaged(const struct log *log, uint64_t offset, struct error *err);

/* Append to OUT the line of JSON ("{"seq":…}"), line NTH of a transaction of OF lines,
 * its crc and LF. */
void log_write_line(struct buf *out, struct span json, unsigned nth, unsigned of,
		    char crc[LOG_CRC]);
/* So many bytes more than JSON has, at most. */
enum { LOG_LINE_MORE = 64 };

struct log_line {
	struct span text;	/* without LF; until the next line is read */
	uint64_t offset, next;	/* where it begins, and the one behind it */
	bool damaged;		/* crc or form is wrong, or there is no LF */
	bool torn;		/* so, and not all of it was written: no LF, or NULs,
				 * and no line of which only the LF is damaged */
	bool last;		/* nothing is behind it */
	/* of a good one: */
	uint64_t seq;
	unsigned nth, of;	/* in its transaction: 1 of 1, … */
	int64_t time;
	struct span type;
	char crc[LOG_CRC];
};

/* Where in a transaction a reader is: { .begun = where it begins to read } */
struct log_inside {
	uint64_t begun;		/* where it begins, or the next one does */
	unsigned left;		/* lines of it are to come */
};
void log_inside_next(struct log_inside *in, const struct log_line *line);

/* A part, or what of it is to be read: the bytes from START to END. */
struct log_part {
	unsigned number;
	uint64_t start, end;
	int fd;			/* the log's own, if it is the last */
};

/* The name of a file of part NUMBER, by its SUFFIX: ".jsonl", or ".db" of the copy
 * of the view that was made when it ended. Caller frees. */
char *log_part_path(const struct log *log, unsigned number, const char *suffix);
/* The part that holds the byte at OFFSET. ERR_DATA: it or one behind it is missing,
 * or not as long as it was. */
int log_part_find(const struct log *log, uint64_t offset, struct log_part *out,
		  struct error *err);
void log_part_release(const struct log *log, struct log_part *part);

/* Is it the first line of a part but the first? Then *OUT is what it says. */
bool log_line_start(const struct log_line *line, struct log_start *out);

struct log_reader {
	const struct log *log;
	struct log_part part;	/* that is being read */
	uint64_t offset;	/* of the next line */
	uint64_t end;		/* the log's size when reading began */
	struct buf bytes;	/* read from there on, and before: */
	size_t used;
};

/* From OFFSET, where a line begins; or as if the log ended at END. */
int log_read(struct log_reader *r, const struct log *log, uint64_t offset,
	     struct error *err);
int log_read_to(struct log_reader *r, const struct log *log, uint64_t offset,
		uint64_t end, struct error *err);
/* 1: a line; 0: the end; -1: cannot be read. */
int log_next(struct log_reader *r, struct log_line *line, struct error *err);
/* Did the write that brought this damaged LINE never end? Then all that is behind it
 * belongs to the same transaction, IN which the lines before it stand. What was durable
 * once is damaged, and not torn. */
int log_is_torn(const struct log *log, const struct log_inside *in,
		const struct log_line *line, bool *out, struct error *err);
void log_reader_release(struct log_reader *r);

#endif
