/*
 * A stream file: messages one below the other, and what people typed between
 * them. Pure: bytes in, parts out; and from messages to bytes.
 *
 * stream_parse never fails and never loses a byte: the parts lie one behind the
 * other and cover the file. Whoever reads as a peer takes PART_MESSAGE and
 * reports PART_BROKEN; whoever owns the file adopts PART_LOOSE too.
 */
#ifndef TRINE_STREAM_H
#define TRINE_STREAM_H

#include "trine/buf.h"
#include "trine/message.h"
#include "trine/names.h"

enum part_kind {
	PART_PREAMBLE,	/* up to and with the line `<!-- trine:messages … -->` */
	PART_MESSAGE,	/* one entry, readable */
	PART_BROKEN,	/* an entry that is not: see why, and seq if it has one */
	PART_LOOSE	/* text outside entries; never only blank */
};

struct stream_part {
	enum part_kind kind;
	struct span bytes;		/* into the file */
	struct message message;		/* of PART_MESSAGE */
	uint64_t seq;			/* of PART_BROKEN: its number, or 0 */
	char *why;			/* of PART_BROKEN */
};

struct stream_file {
	struct stream_part *part;
	size_t count, cap;
	bool marked;	/* has the trine:messages line */
};

/* Parts of BYTES, which must outlive OUT. Blank runs between parts belong to
 * the part before them. An entry goes from its `## ` line to its own end line,
 * whatever its body imitates; one that has none, to the next line that starts
 * an entry. A message of another stream than NAME, a second entry with a number
 * already seen in this file with other text, an entry with bytes that are no
 * UTF-8: PART_BROKEN. (The same entry twice with the same text is PART_MESSAGE
 * twice; loose text is not looked into.) The first marker line counts. A file
 * without one is all PART_LOOSE if HAND_MADE (design section 4.2) and not
 * blank, else all PART_PREAMBLE; an empty one has no parts. Time grows with the
 * size of BYTES, whatever is in them. */
void stream_parse(struct span bytes, struct stream_name name, bool hand_made,
		  struct stream_file *out);
void stream_file_release(struct stream_file *f);

/* TEXT without the blank lines around it: what of loose text is the message. Not
 * text_trim: the first line keeps its indentation, the last its end. */
struct span stream_stretch(struct span text);

/* If the stretch TEXT begins with the lines of BODY, a message that was adopted,
 * TEXT is the stretch behind them (protocol R18); it may be empty. So it is where
 * TEXT is what BODY begins with: an earlier state of it. */
bool stream_skip(struct span *text, struct span body);

/* Does text look like a damaged entry of NAME (protocol R19): a message fence
 * or an id of this stream in it, be it only mentioned? */
bool stream_damaged(struct span loose, struct stream_name name);

/* "# Computer 1 → Computer 2", blank line, marker line; with ARCHIVED > 0 a line
 * that links to that segment, and a blank one, in between. The default preamble
 * of a new file; ends in LF. */
void stream_write_preamble(struct buf *out, struct stream_name name,
			   unsigned archived);

/* PREAMBLE made to link to segment ARCHIVED (0: to none): the line with
 * `<!-- trine:archive -->` is replaced, or added before the marker line. Blank
 * lines at the end go; a marker line is added where there is none. Doing it
 * again changes nothing. */
void stream_link_archive(struct buf *out, struct span preamble,
			 struct stream_name name, unsigned archived);

/* Loose text as a message: body stream_stretch(LOOSE) unchanged, title its first
 * heading or line, type and priority from what people write (the table of
 * design 4.2). Fills everything but stream, seq and sent; OUT must be empty.
 * ERR_DATA: cannot be a message (size, bytes, only blanks). */
int stream_adopt(struct span loose, struct message *out, struct error *err);
/* What people mean by VALUE, behind `Priority:`: the first word or sign of that
 * table in it. "HIGH (was: critical)" is high. */
bool stream_priority(struct span value, enum message_priority *out);

#endif
