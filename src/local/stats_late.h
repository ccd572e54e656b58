/*
 * Messages that their readers confirm late, from events alone (stats.c). Of each stream
 * of ours it keeps up to which number it was sent and pushed, and when, not the
 * messages themselves.
 */
#ifndef TRINE_STATS_LATE_H
#define TRINE_STATS_LATE_H

#include <jansson.h>

#include "trine/names.h"

struct stats_late;

struct stats_late *late_begin(void);
void late_release(struct stats_late *l);

void late_sent(struct stats_late *l, const char *id);
/* A commit holds all that was sent; REPLACES: or what that one held. */
void late_made(struct stats_late *l, const char *commit, const char *replaces);
void late_gone(struct stats_late *l, const char *commit);
void late_pushed(struct stats_late *l, const char *commit, int64_t time);
/* COMPUTER's status, new at TIME, says what it has RECEIVED: how many are late now
 * that were not before. */
uint64_t late_read(struct stats_late *l, int computer, const json_t *received,
		   int64_t time);

#endif
