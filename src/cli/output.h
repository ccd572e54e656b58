/*
 * What commands print. Data goes to stdout, talk to stderr; text of others
 * never reaches a terminal with its control bytes. Errors are not printed here:
 * main.c does that, once.
 */
#ifndef TRINE_OUTPUT_H
#define TRINE_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "trine/buf.h"
#include "trine/text.h"

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

/* Whether stdout is a terminal, and takes colour (NO_COLOR is not set). */
bool output_is_terminal(void);
bool output_has_colour(void);
/* Whether somebody at a terminal reads the talk on stderr. */
bool output_is_watched(void);

/* Append TEXT in COLOUR where stdout takes it. TEXT is ours, or escaped. */
void output_colour(struct buf *out, enum colour colour, const char *text);
/* Append TEXT of others: one line, control bytes escaped. NULL is "". */
void output_escaped(struct buf *out, const char *text);
/* Write BUF to stdout and empty it. */
void output_flush(struct buf *out);

/* Print JSON, which becomes ours, on one line. */
void output_json(json_t *json);
/* Print a line that is JSON already. Characters that a terminal obeys become
 * \uXXXX: they can only stand inside of strings. */
void output_json_line(struct span line);

/* "12 s ago", "never" for 0, "in 2 h" for what is yet to come. */
enum { AGE_TEXT = TIME_TEXT + 8 };
const char *output_age(int64_t now, int64_t then, char out[AGE_TEXT]);

/* One line of talk on stderr; not with -q. */
void output_say(const struct cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
