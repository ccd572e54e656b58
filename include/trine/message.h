/*
 * A message: one entry of a stream (trine-files(5)). Pure.
 *
 *	struct message m = MESSAGE_INIT;
 *	if (message_parse(block, &m, err) == -1) …
 *	message_write(&out, &m);
 *	message_release(&m);
 *
 * A message owns all its strings. Any body of UTF-8 without NUL survives
 * message_write and message_parse byte for byte.
 */
#ifndef TRINE_MESSAGE_H
#define TRINE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/list.h"
#include "trine/names.h"

enum message_type {
	TYPE_MESSAGE, TYPE_TASK, TYPE_ALERT, TYPE_STATUS, TYPE_RESULT,
	TYPE_CONTROL
};
enum message_priority {
	PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH, PRIORITY_URGENT
};

/* A key this header has no field for: `state`, `hops`, or one we have never
 * heard of. Its value is YAML in flow style, on one line. */
struct message_extra {
	char *key;
	char *value;
};

struct message {
	struct stream_name stream;
	uint64_t seq;		/* 1 …; 0: not numbered yet */
	enum message_type type;
	enum message_priority priority;
	int64_t sent;
	char *from;		/* instance or session that wrote it, or NULL */
	char *to;		/* key `for`: instance or session, or NULL */
	char *re;		/* id of the message this answers, or NULL */
	struct list labels;
	int64_t due;		/* 0: none */
	struct message_extra *extra;
	size_t extra_count, extra_cap;
	char *title;
	char *body;		/* ends in LF unless empty */
	size_t body_len;
};

#define MESSAGE_INIT { .priority = PRIORITY_NORMAL, .type = TYPE_MESSAGE }

void message_release(struct message *m);	/* leaves MESSAGE_INIT */
void message_copy(struct message *to, const struct message *from);

const char *message_type_name(enum message_type type);
bool message_type_parse(struct span s, enum message_type *out);
const char *message_priority_name(enum message_priority priority);
bool message_priority_parse(struct span s, enum message_priority *out);

/* VALUE is YAML in flow style; it replaces what KEY had. KEY is none of those
 * that have a field. */
void message_add_extra(struct message *m, const char *key, const char *value);
/* The value of an extra key, as YAML; NULL if there is none. */
const char *message_extra(const struct message *m, const char *key);
/* Key `origin`, if it is the id of a message: the one whose text this one brings
 * anew, under another number (protocol R7). Else NULL. */
const char *message_origin(const struct message *m);

/* Key `claim`: is it a task that exactly one of the computers it is sent to does
 * (trine/claims.h)? */
bool message_claim_one(const struct message *m);

/* A number that was given out and taken back before any commit: readers must not wait
 * for it. M must be empty. WENT_OUT: the message that somebody may have read
 * (store_early.h), or NULL. Its text is named (key `retracts`): under its number others
 * may have got another one, from a copy of this computer's disk. */
void message_tombstone(struct message *m, struct stream_name stream, uint64_t seq,
		       int64_t sent, const struct message *went_out);
bool message_is_tombstone(const struct message *m);
/* Does M say that the message of DIGEST (message_digest) was taken back? */
bool message_retracts(const struct message *m, const char *digest);

/* Key `hops`: how many tasks of one computer for another led to this one; 0 without. */
uint64_t message_hops(const struct message *m);

/* Is there neither a title, nor a body? TITLE may be NULL. */
bool message_is_blank(const char *title, struct span body);
/* Check and take title and body: UTF-8, sizes of limits.h, LF at the end. A
 * TITLE that is NULL or blank becomes the body's first heading or, where it has
 * none, its first line, without markers and cut; else it must be one line
 * without control bytes. ERR_DATA names what is wrong. */
int message_set_text(struct message *m, const char *title, struct span body,
		     struct error *err);

/* Would a peer be able to read what message_write makes of M? Title, body, names
 * (`from`, `for` and labels are plain names, `re` an id), size of the key block.
 * Whoever accepts a message asks before it is recorded. ERR_DATA. */
int message_check(const struct message *m, struct error *err);

/* Append the whole entry: heading, fence, body, end line. seq must be set. */
void message_write(struct buf *out, const struct message *m);
/* Append the lines of the key block for any ID; without `id` if it is NULL. */
void message_write_keys(struct buf *out, const struct message *m,
			const char *id);

/* Read the entry that fills BLOCK, from its `## ` line to its end line. `id` and
 * `sent` must be there; without `type` or `priority` it is a normal message.
 * Structural lines may end in CR LF. ERR_DATA says what is wrong in a few words ("no end
 * marker"), with nothing of BLOCK in them. What could be read passes
 * message_check and comes back equal from message_write. M must be empty. */
int message_parse(struct span block, struct message *m, struct error *err);

/* What makes two messages the same text for protocol R7: 16 hex of the SHA-256
 * of what message_write writes, less the two lines with the id. */
enum { MESSAGE_DIGEST = 17 };
void message_digest(const struct message *m, char out[MESSAGE_DIGEST]);
/* The same without the key `origin`: equal for a text and that text sent anew. */
void message_text_digest(const struct message *m, char out[MESSAGE_DIGEST]);
/* And without `sent`: equal for words that are said again at another time. */
void message_words_digest(const struct message *m, char out[MESSAGE_DIGEST]);

/* ---- for who looks for entries in a file ---- */

/* The head of an entry: `## ` line, blank lines, fence, keys, fence. */
struct message_head {
	struct span title;	/* of the heading, without blanks around it */
	struct span keys;	/* the lines between the fences */
	size_t keys_at;		/* offset of the line behind the opening fence */
	size_t end;		/* offset behind the closing fence, or of the line
				 * that cannot be in a key block */
	bool closed;
};

/* Does an entry start with the line at POS of BYTES? */
bool message_head(struct span bytes, size_t pos, struct message_head *out);
/* Its id, as far as one can be made out in unreadable keys too. */
bool message_head_id(const struct message_head *head, char out[MESSAGE_ID]);
/* Is LINE `<!-- /ID -->`, for any id? */
bool message_end_line(struct span line, struct span *id);

#endif
