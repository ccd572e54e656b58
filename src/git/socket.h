/*
 * libgit2's plain sockets, replaced by net.h: its own have no timeouts, and
 * wait 40 ms for each other.
 *
 * The registration is the process's, and so is the deadline: one connection at
 * a time, as everywhere in trine. Whoever connects sets the deadline before
 * and clears it after; without one no connection is made.
 */
#ifndef TRINE_SOCKET_H
#define TRINE_SOCKET_H

#include <stdint.h>

#include "trine/clock.h"

int socket_register(void);	/* a libgit2 result */
void socket_set_deadline(struct clock *clock, int64_t deadline);
void socket_clear_deadline(void);

#endif
