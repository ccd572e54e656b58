/*
 * What a server wants to know before it lets us in, and we of it: credentials,
 * each offered once, and whether it is the server that is meant. The callbacks
 * of one connection of remote_net.c.
 *
 *	access_start(&a, settings, url, clock, deadline);
 *	… git_remote_connect_ext with access_credential, access_certificate …
 *	access_explain(&a, err);	if that failed
 *	access_end(&a, connected);
 *
 * Over ssh, in this order: the key of trine.ini alone, if it names one; else
 * ssh-agent, ~/.ssh/id_ed25519, ~/.ssh/id_ecdsa. Over https: the token file
 * alone, if there is one; else $TRINE_TOKEN, else what `git credential` knows.
 * Nothing is asked of a terminal, and nothing is sent to a host that the
 * settings do not name.
 */
#ifndef TRINE_ACCESS_H
#define TRINE_ACCESS_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/clock.h"
#include "trine/error.h"
#include "trine/remote.h"

struct access {
	const struct settings *set;	/* or NULL: all defaults */
	const char *url;
	struct clock *clock;
	int64_t deadline;
	size_t next;		/* the way to be tried now */
	struct buf tried;	/* their names, for people */
	bool rsa, encrypted;	/* there was such a key among them */
	struct buf user, password;	/* what the helper said, or "" */
	char *why;		/* what a person must know, or NULL */
};

void access_start(struct access *a, const struct settings *set,
		  const char *url, struct clock *clock, int64_t deadline);
/* CONNECTED: what a credential helper told us was right. */
void access_end(struct access *a, bool connected);

/* What libgit2 is to connect to. The user of an https URL stays here: with one,
 * libgit2 1.5 first offers that name with an empty password. Caller frees. */
char *access_url(const char *url);

/* As libgit2 calls them; A is their payload. */
int access_credential(struct access *a, git_credential **out, const char *url,
		      const char *user, unsigned types);
int access_certificate(struct access *a, git_cert *cert, int valid);

/* ERR is how the connection failed: say what to do about it. */
void access_explain(struct access *a, struct error *err);

/* Know the authorities that certificates of URL come from. A libgit2 result. */
int access_trust(const struct settings *set, const char *url);

/* --- for access_ssh.c and access_https.c --- */

/* A way to get in: 1: it has nothing to offer; else a libgit2 result. Tables of
 * them end with a name that is NULL. */
struct way {
	const char *name;
	int (*offer)(struct access *a, const char *user, git_credential **out);
};
extern const struct way ssh_ways[], https_ways[];
/* What to do where none has anything. */
extern const char ssh_without[], https_without[];

/* TAKES WHY, which a person gets to see. The result for libgit2. */
int access_refuse(struct access *a, char *why);

/* Parts of a URL, borrowed from it. */
struct place {
	struct span user, host, port, path;	/* user, port: may be "" */
};
struct place place_of(const char *url);

/* The first line of PATH, which nobody else may read. */
int secret_read(struct access *a, const char *path, struct buf *out);
void secret_forget(struct buf *secret);

int ssh_user_name(git_credential **out);
/* libssh2 wants of a host the kind of key that known_hosts has first; servers offer
 * RSA keys in a way now that libssh2 before 1.11 does not know. */
bool ssh_knows_rsa_first(const struct access *a);
int ssh_refuse_host(struct access *a, const git_cert_hostkey *key);
/* The server refused what the helper gave: it may forget that, as with git. */
void https_reject(struct access *a);

#endif
