/*
 * Messages that come before git brings them (real time, the hub). Git stays the truth:
 * an early message has the id, the clone and the text that it has, or will have, there,
 * and losing all that was to come early loses nothing.
 *
 *	early_offer(h, stream, above, most, &frames, &upto, err);	to others
 *	early_read(frame, &letter, err);				from others
 *	early_take(h, from, &letter, &fate, why, err);
 *
 * What is taken early is a message.received like any other, marked so: shown, handed
 * over, answered. Rules (protocol.md):
 *
 * - Receipts come from git alone (R8): the number of an early message is in no status
 *   before git has brought it (message.brought), and one that git jumps over, or has
 *   unreadable, is listed as missing or rejected although it is here.
 * - Git bringing the same text changes nothing else. Another text under the number is
 *   another message, as R7 names those; the early one stays, and waits. Two early texts
 *   under one number are one too many: the second waits for git.
 * - A text that got another number before it was committed (R28) names the first one
 *   (`origin`), and is known by it.
 * - A number that went out belongs to its text for ever: taken back before it was
 *   committed, it becomes a tombstone with that number (mail_retract), which names the
 *   text. Whoever has that one, under whatever number, shows it so, and a task of it
 *   that nobody began has failed.
 * - A gap in front of an early message is none: git fills it, or says so.
 * - What a cycle may have to take in otherwise waits for git: numbers up to the receipt;
 *   all of a clone that is not the one in its computer's status on the tip (R27, R28);
 *   all while this computer has not pushed (R29), shares its number (R27), or has its
 *   own branch; typed text (R18, R28); a task that one of several is to do and results
 *   to all (R33, R39); more than EARLY_MOST of one computer.
 *
 * A disk that is lost between an early message and its receipt has it once more, as new:
 * who came back knows only from receipts what it had received (R29).
 */
#ifndef TRINE_EARLY_H
#define TRINE_EARLY_H

#include "trine/home.h"

enum {
	EARLY_FRAME = 512 * 1024,	/* bytes of a frame; what is longer waits */
	EARLY_MOST = 1000,		/* of one computer that git has not brought */
	EARLY_WHY = 96
};

/* ---- frames: one message as JSON text ---- */

/* What a frame says. `from` and `to` are "1", or "1/builder" with an instance. */
struct early_letter {
	struct message message;
	char clone[CLONE_ID];
	char *branch;		/* the fleet's, as its sender has it; or NULL */
};
#define EARLY_LETTER_INIT { .message = MESSAGE_INIT }
void early_letter_release(struct early_letter *l);

/* Append the frame of R, on one line. *FITS: it is no longer than EARLY_FRAME. */
void early_write(struct buf *out, const struct record *r, const char *branch,
		 bool *fits);
/* ERR_DATA: not such a frame, or its message could not be read if it stood in a stream
 * (message.h), or is not the text that the frame names. L must be empty. */
int early_read(struct span frame, struct early_letter *l, struct error *err);

/* ---- taking ---- */

enum early_fate {
	EARLY_TAKEN,		/* recorded now */
	EARLY_KNOWN,		/* it was here */
	EARLY_WAITS		/* for git; WHY says in a few words what for */
};

/* FROM: the computer that the channel knows it comes from. ERR_REFUSED: the message is
 * another one's, or not for this computer. */
int early_take(struct home *h, int from, const struct early_letter *l,
	       enum early_fate *fate, char why[EARLY_WHY], struct error *err);

/* The highest number of each stream of FROM to this computer that is here, early or by
 * git; two of them: to us, and to ALL. */
struct early_mark {
	struct stream_name stream;
	uint64_t upto;
};
int early_have(struct home *h, int from, struct early_mark out[2], struct error *err);

/* ---- giving ---- */

/* Frames of what this computer sent in STREAM above the number ABOVE, and above the
 * receipt of its reader, oldest first, MOST of them; *UPTO: the highest number looked
 * at. Those that are in no commit are recorded as offered before this returns. None
 * while this computer has not pushed, shares its number or has its own branch. FRAMES
 * must be empty, and is again where this fails: what is not recorded must not go out. */
int early_offer(struct home *h, struct stream_name stream, uint64_t above,
		size_t most, struct list *frames, uint64_t *upto, struct error *err);

#endif
