/*
 * The dashboard: all that it shows, and its page. The daemon serves both; `trine status
 * --html` writes them as one file.
 *
 *	dashboard_facts(h, &facts, err);
 *	dashboard_page_write(&out, facts, &chance, policy);
 */
#ifndef TRINE_DASHBOARD_H
#define TRINE_DASHBOARD_H

#include <jansson.h>

#include "trine/clock.h"
#include "trine/home.h"

enum { DASHBOARD_MESSAGES = 60, DASHBOARD_POLICY = 320 };

/* The status, tasks that have not ended and those of the newest messages that have,
 * instances, cycles, messages. *OUT: new reference. */
int dashboard_facts(struct home *h, json_t **out, struct error *err);

/* Append the page. FACTS are in it, or (NULL) it asks the daemon for them, with a token
 * from its address. POLICY is its Content-Security-Policy, also as a header: nothing runs
 * in it but what it came with. */
void dashboard_page_write(struct buf *out, const json_t *facts, struct chance *chance,
			  char policy[DASHBOARD_POLICY]);

#endif
