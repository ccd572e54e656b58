/*
 * Messages that people and agents wrote before trine came, in files they made
 * by hand. Pure: path and bytes in, parts out.
 *
 *	struct import_file f;
 *	if (import_refused(path) == NULL) {
 *		import_read(path, bytes, &f);
 *		… f.part[i] …
 *		import_file_release(&f);
 *	}
 *
 * Nothing is lost: the parts lie one behind the other and cover the file, each a
 * message, or text that stays what it is, with the reason. An id comes from the
 * words of its message, not from the file: the same message read again, on
 * another computer too, is the same one.
 * The forms that are known are a table in import.c, and in trine-files(5).
 */
#ifndef TRINE_IMPORT_H
#define TRINE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/message.h"

enum import_format {
	IMPORT_NONE,		/* no message in it */
	IMPORT_JSON,		/* lists of tasks or messages */
	IMPORT_FRONT,		/* YAML front matter above each message */
	IMPORT_HEADED,		/* From:, To:, Date: lines, or `MESSAGE #1` */
	IMPORT_BOXES,		/* an inbox of check-boxes */
	IMPORT_DATED,		/* a dated heading above each message */
	IMPORT_WHOLE		/* the file is one message */
};
const char *import_format_name(enum import_format format);	/* for people */

/* What a part is. */
enum import_kind {
	IMPORT_MESSAGE,
	IMPORT_ABOVE,		/* text above the first message */
	IMPORT_BESIDE,		/* text beside check-boxes, keys around items */
	IMPORT_PLACE,		/* "AWAITING FIRST MESSAGE": nobody's words yet */
	IMPORT_UNKNOWN,		/* no message in a form that is known */
	IMPORT_TRINE,		/* a stream of trine's own */
	/* what may be a message and cannot be read: */
	IMPORT_BAD_BYTES,	/* no UTF-8, or a NUL */
	IMPORT_BAD_JSON,
	IMPORT_TOO_LONG,	/* what is over LIMIT_BODY of the one before */
	IMPORT_TOO_MANY,	/* over LIMIT_IMPORTED */
	IMPORT_NO_TEXT		/* nothing that a message could say */
};
const char *import_kind_text(enum import_kind kind);	/* for people */
bool import_kind_is_bad(enum import_kind kind);

struct import_part {
	enum import_kind kind;
	struct span bytes;		/* into the file */
	/* of a message: */
	struct span words;		/* its own, in the file */
	struct message message;		/* seq 0; sent 0 where no date is read */
	char id[MESSAGE_ID];		/* "1_TO_2.~9f2c41d07a.1" */
	char state[16];			/* of a task that has ended, or "" */
	bool known;			/* for the caller; false here */
};

struct import_file {
	enum import_format format;
	struct import_part *part;
	size_t count, cap;
	size_t messages;		/* how many of the parts are */
	bool marked;			/* trine reads what is below its line */
};

/* NULL if PATH, below the prefix, may hold old messages; else what it is:
 * trine's own files, a README, what other tools load, no text. */
const char *import_refused(const char *path);

/* The parts of BYTES, which must outlive OUT. PATH tells who wrote to whom
 * where it names them (`1_TO_2.md`), before what the text says; who nobody
 * names is HUMAN, to ALL. At most LIMIT_IMPORTED messages, the rest is a part
 * that says so; of one over LIMIT_BODY the front. Never fails; time grows with
 * the size of BYTES. */
void import_read(const char *path, struct span bytes, struct import_file *out);
void import_file_release(struct import_file *f);

/* ---- what people write, for tests too ---- */

/* A date, with a time of day or at midnight UTC: "2025-10-29 12:25 PM PST",
 * "November 7, 2025", RFC 3339. False: none that means one day. */
bool import_time(struct span said, int64_t *out);

/* Whom "Computer 1 (Desktop)", "Computer One", "C2", "all" mean: a number,
 * END_ALL, END_HUMAN, or IMPORT_NOBODY. */
enum { IMPORT_NOBODY = -2 };
int import_end(struct span said);

#endif
