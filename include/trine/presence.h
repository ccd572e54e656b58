/*
 * Which computers are connected in real time now, as the daemon leaves it in
 * run/presence.json; nothing where no daemon runs.
 */
#ifndef TRINE_PRESENCE_H
#define TRINE_PRESENCE_H

#include "trine/home.h"

struct present {
	int computer;
	int64_t since;
	enum computer_state state;	/* what it does, as it says; else STATE_OFFLINE */
};
struct presence {
	struct present *item;
	size_t count, cap;
};
void presence_read(const struct home *h, struct presence *out);
void presence_release(struct presence *p);
/* NULL: it is not connected. */
const struct present *presence_of(const struct presence *p, int computer);

#endif
