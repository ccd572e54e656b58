/*
 * Names of machines, looked up in a thread beside, since getaddrinfo(3) knows no
 * deadline and holds up whoever calls it:
 *
 *	struct lookup *l = lookup_begin("hub.example.org", "9999", &fd, err);
 *	… wait until FD can be read, or as long as one likes …
 *	lookup_take(l, &addresses, err);
 *	lookup_end(l);
 *
 * An answer that comes too late finds nobody waiting, and cleans up after itself.
 */
#ifndef TRINE_LOOKUP_H
#define TRINE_LOOKUP_H

#include "trine/error.h"
#include "trine/list.h"

enum {
	LOOKUPS_MOST = 64,	/* threads at once that wait for an answer */
	LOOKUP_ADDRESSES = 16	/* of one name; what goes beyond is left out */
};

struct lookup;

/* PORT may be NULL. *FD is the caller's to close, before or behind lookup_end. What is an
 * address needs no thread: *FD can be read at once. NULL: ERR_AGAIN, too many are waited
 * for. */
struct lookup *lookup_begin(const char *host, const char *port, int *fd,
			    struct error *err);
/* Its addresses in numbers, as in "10.0.0.1" and "fe80::1%eth0", in the order in which
 * they are to be tried. ERR_AGAIN: there are none (yet). */
int lookup_take(struct lookup *l, struct list *out, struct error *err);
void lookup_end(struct lookup *l);

#endif
