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

#include <stdbool.h>
#include <stdint.h>

#include "trine/clock.h"

int socket_register(void);	/* a libgit2 result */
/* DIRECT: libssh2 takes the descriptor and reads from it itself, under no deadline
 * of ours: a second thread shuts the connection down then. */
void socket_set_deadline(struct clock *clock, int64_t deadline, bool direct);
void socket_clear_deadline(void);

#endif
