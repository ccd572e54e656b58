/*
 * What people write into a file for messages that is no message yet: a name for
 * the file, and words that keep the place for the first one. Private to
 * src/core; hand.c and import.c ask. Pure.
 *
 * What is taken for a placeholder reaches nobody, so only words that can hardly
 * mean anything else are: "Awaiting your review" is a message.
 */
#ifndef TRINE_PLACEHOLDER_H
#define TRINE_PLACEHOLDER_H

#include <stdbool.h>

#include "trine/buf.h"

/* "## AWAITING FIRST MESSAGE FROM COMPUTER 1", "*No messages yet.*" */
bool placeholder_line(struct span line);
/* Does HEADING say no more than whose messages to whom the file is for:
 * "📨 MESSAGES: COMPUTER 1 → COMPUTER 2", "2 to 1"? */
bool placeholder_names_file(struct span heading);

#endif
