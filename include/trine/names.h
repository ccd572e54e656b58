/*
 * Names: of computers, streams, messages, and of paths below the prefix. Pure.
 *
 * A name that this header accepts is safe as a file name and as text on a
 * terminal; everything that comes from a peer passes here before it is used.
 */
#ifndef TRINE_NAMES_H
#define TRINE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/limits.h"

/* The ends of a stream that are no computer. */
enum { END_ALL = 0, END_HUMAN = -1 };

/* "1_TO_2", "3_TO_ALL", "HUMAN_TO_1". */
struct stream_name {
	int from;	/* 1 … LIMIT_COMPUTERS, or END_HUMAN */
	int to;		/* 1 … LIMIT_COMPUTERS, or END_ALL */
};

/* Room for any stream name, message id or clone id with its NUL. An id is at
 * most "999_TO_999.~" + 10 hex + "." + 20 digits + "~" + 8 hex. */
enum { STREAM_NAME = 16, MESSAGE_ID = 64, CLONE_ID = 9 };

/* A computer's number as we write it: 1 … LIMIT_COMPUTERS, no leading zero. */
bool computer_parse(struct span s, int *out);

/* A stream from a computer to itself (`1_TO_1`) is a name too: of its tasks. */
bool stream_name_parse(struct span s, struct stream_name *out);
const char *stream_name_format(struct stream_name name, char out[STREAM_NAME]);

/* "1_TO_2.7": the stream and the number, 1 … MESSAGE_SEQ_MAX: so bounded that
 * adding to it never overflows and every reader of JSON holds it exactly. Ids
 * of other forms (`1_TO_2.~9f2c41d07a.1`, `1_TO_2.7~5f3a9c1e`) are not accepted
 * here. */
#define MESSAGE_SEQ_MAX UINT64_C(999999999999999)
bool message_id_parse(struct span s, struct stream_name *stream, uint64_t *seq);
const char *message_id_format(struct stream_name stream, uint64_t seq,
			      char out[MESSAGE_ID]);
/* Any id this fleet uses, the other forms too: charset and length only. Safe as
 * a file name. */
bool message_id_valid(struct span s);

bool clone_id_valid(struct span s);	/* 8 lower-case hex digits */

/* An instance or label: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
bool plain_name_valid(struct span s);

/* What is locked, and a value that is shared: the same, and colons behind the first, as
 * in `memory:citizen-42`. */
bool resource_name_valid(struct span s);

/* What a path below the prefix is, by its form alone. */
enum path_kind {
	PATH_STATUS,	/* COMPUTER_N.md */
	PATH_STREAM,	/* messages/X_TO_Y.md, X a computer */
	PATH_HUMAN,	/* messages/HUMAN_TO_Y.md */
	PATH_ARCHIVE,	/* archive/X_TO_Y/… */
	PATH_CONFLICT,	/* conflicts/N/… */
	PATH_FLEET,	/* fleet.yaml */
	PATH_OTHER
};

struct path_info {
	enum path_kind kind;
	int computer;			/* whose it is; 0: nobody's, or people's */
	struct stream_name stream;	/* of streams, people's too, and archives */
	unsigned segment;		/* NNNN.md of archives: 1 … 9999;
					 * 0: a file that does not belong there */
};

struct path_info path_classify(const char *path);

/* NULL if PATH may reach a desk, else why not ("a name that other tools
 * load"): characters, depth, suffix and reserved names of design section 4. */
const char *path_refused(const char *path);

/* Do two paths differ, if at all, in the case of ASCII letters only? */
bool path_same_but_case(const char *a, const char *b);

/* Shell-like glob for ownership rules: `*` and `?` within one component, `**`
 * over any number of them (none too, but for one at the end). No blow-up,
 * whatever comes. */
bool path_glob(const char *glob, const char *path);

/* Is there a path that both match? Decided exactly, in time and memory of the product
 * of their lengths. */
bool path_globs_meet(const char *a, const char *b);

/* Paths of our files: "COMPUTER_1.md", "messages/1_TO_2.md",
 * "archive/1_TO_2/0001.md". */
enum { PATH_TEXT = LIMIT_PATH + 1 };
const char *path_status(int computer, char out[PATH_TEXT]);
const char *path_stream(struct stream_name name, char out[PATH_TEXT]);
const char *path_archive(struct stream_name name, unsigned segment,
			 char out[PATH_TEXT]);

#endif
