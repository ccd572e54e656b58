/*
 * Private: the words of all messages, in a database of their own, search.db. Only
 * search.c asks it, so nobody keeps it while events are applied: who searches brings it
 * up to date. It is a view of the view, and may be deleted at any time:
 *
 *	words_open(&w, s, err);		(locks it, and applies what is new)
 *	q = words_find(&w, binds, err);
 *	while (words_row(&w, q, &result, err)) …
 *	sqlite3_finalize(q);
 *	words_close(&w);
 *
 * search.db says how much of the log is in it. All messages behind that are new; those
 * before it that got another text since, or none, stand in the table `reworded` of the
 * view, which is all that an event does for a search. One that is of another log, of
 * another version or before a repair of the log is made anew.
 *
 * Messages are read as of the last commit, in a read transaction: nobody who writes
 * waits for it, however long it takes. Those who search wait for each other.
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "store.h"

struct words {
	struct store *s;
	sqlite3 *db;		/* search.db; the view is attached to it */
	char *path;
	int lock;		/* descriptor of search.lock, or -1 */
	bool damaged;		/* SQLite said so, of one of the two */
};

/* ERR_AGAIN: another process searched for a minute, or it is damaged. After any error,
 * and at the end, words_close. */
int words_open(struct words *w, struct store *s, struct error *err);
/* Made anew from the view, whatever it was. */
int words_renew(struct words *w, struct error *err);
void words_close(struct words *w);

/* The rows of sql_search_find. NULL and ERR if it cannot be run. */
sqlite3_stmt *words_find(struct words *w, struct binds binds, struct error *err);
/* As query_row. */
bool words_row(struct words *w, sqlite3_stmt *q, int *result, struct error *err);

#endif
