/*
 * A terminal that shows something that changes, until somebody has seen enough of it.
 *
 *	screen_open(err);
 *	do
 *		screen_show(text);
 *	while (screen_wait(ms) != SCREEN_END);
 *	screen_close();
 *
 * It has the terminal's second screen, so that what was there comes back. Each picture
 * is drawn over the last one in one write: nothing flickers. What has no room is below:
 * j, k and the arrows move. q, ^C, SIGINT, SIGTERM and SIGHUP are the end of it.
 */
#ifndef TRINE_SCREEN_H
#define TRINE_SCREEN_H

#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"

/* ERR_USAGE: stdout is no terminal. One at a time. */
int screen_open(struct error *err);
/* Lines that end in LF; colours may be in them, and end in their line. */
void screen_show(struct span text);

enum screen_event { SCREEN_TIME, SCREEN_REDRAW, SCREEN_END };
/* Until MS milliseconds are over, or it is to be drawn anew (another size, moved), or
 * it is the end. */
enum screen_event screen_wait(int64_t ms);

void screen_close(void);	/* as it was; fine without open */

#endif
