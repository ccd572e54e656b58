/*
 * Confirming what is claimed in the whole fleet: `trine sync` is started, and what
 * the branch says then decides (trine/claims.h).
 */
#ifndef TRINE_CONFIRM_H
#define TRINE_CONFIRM_H

#include "command.h"
#include "trine/claims.h"

/* NAME is wanted: sync until it is held, for WAIT_MS; at least once. ERR_NO: another
 * computer has it, which the text names; ERR_AGAIN: nobody could confirm it, and it is
 * tentative. */
int confirm_claim(const struct cli *cli, const char *name, int64_t wait_ms,
		  struct claim_standing *out, struct error *err);

/* The same for the task ID, which SESSION has taken here. ERR_NO: it has it no more. */
int confirm_task(const struct cli *cli, const struct session *session, const char *id,
		 struct error *err);

/* Others are to see soon that something changed. */
void confirm_later(const struct cli *cli);

#endif
