/*
 * Tokens of the computers of the fleet for the hub's real time channel and for what it
 * serves by HTTP (trined(8)): the hub's computer has one for each in
 * .trine/run/peers/N.token, and computer N the same in .trine/run/realtime.token.
 */
#ifndef TRINE_PEERS_H
#define TRINE_PEERS_H

#include "trine/home.h"
#include "trine/pass.h"

/* Of COMPUTER, made if there is none. ERR_USAGE: this one has none; ERR_REFUSED: others
 * can read it. */
int peers_token(struct home *h, int computer, char out[PASS_TEXT], struct error *err);
/* Whoever shows it any more is refused. *WAS: there was one. */
int peers_forget(struct home *h, int computer, bool *was, struct error *err);
/* Is GIVEN the token of COMPUTER? ERR: there is none, or it cannot be read. */
int peers_check(struct home *h, int computer, const char *given, bool *is,
		struct error *err);

/* What this computer shows the hub. ERR_CONFIG says how to get it. */
int peers_own_token(struct home *h, char out[PASS_TEXT], struct error *err);
int peers_keep_own_token(struct home *h, struct span token, struct error *err);

#endif
