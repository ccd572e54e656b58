/* Names of machines, looked up beside (lookup.h). */
#include "trine/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

/* Shared by the caller and the thread; the last of them frees it. */
struct lookup {
	pthread_mutex_t mutex;
	char *host, *port;
	int done;		/* pipe end the thread writes to */
	int refs;
	int failed;		/* EAI_… */
	struct addrinfo *found;
};

/* Of all that have a thread. */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static int waiting;

static bool count(int more)
{
	bool fits;

	pthread_mutex_lock(&counting);
	fits = waiting + more <= LOOKUPS_MOST;
	if (fits)
		waiting += more;
	pthread_mutex_unlock(&counting);
	return fits;
}

static struct lookup *lookup_new(const char *host, const char *port, int done)
{
	struct lookup *l = xcalloc(1, sizeof(*l));

	pthread_mutex_init(&l->mutex, NULL);
	l->host = xstrdup(host);
	l->port = xstrdup(port);
	l->done = done;
	l->refs = 1;
	l->failed = EAI_AGAIN;
	return l;
}

void lookup_end(struct lookup *l)
{
	int left;

	pthread_mutex_lock(&l->mutex);
	left = --l->refs;
	pthread_mutex_unlock(&l->mutex);
	if (left > 0)
		return;
	if (l->found != NULL)
		freeaddrinfo(l->found);
	pthread_mutex_destroy(&l->mutex);
	close(l->done);
	free(l->host);
	free(l->port);
	free(l);
}

static void resolve(struct lookup *l, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addrinfo *found = NULL;
	int failed = getaddrinfo(l->host, l->port, &hints, &found);

	if (failed != 0 && flags == AI_NUMERICHOST)
		return;		/* it is a name */
	pthread_mutex_lock(&l->mutex);
	l->failed = failed;
	l->found = failed == 0 ? found : NULL;
	pthread_mutex_unlock(&l->mutex);
	if (write(l->done, "", 1) < 0)
		errno = 0;	/* nobody waits any more */
}

/* Signals are the caller's; and one for a pipe that nobody reads is nobody's. */
static void *resolve_thread(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	resolve(arg, 0);
	lookup_end(arg);
	count(-1);
	return NULL;
}

static int start_thread(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	l->refs++;
	failed = pthread_create(&thread, &attr, resolve_thread, l);
	if (failed != 0)
		l->refs--;
	pthread_attr_destroy(&attr);
	return failed == 0 ? 0 : -1;
}

static int go_beside(struct lookup *l, struct error *err)
{
	if (!count(1))
		return error_set(err, ERR_AGAIN, "cannot resolve %s: %d other names are "
				 "being looked up", l->host, LOOKUPS_MOST);
	if (start_thread(l) == 0)
		return 0;
	count(-1);
	return error_set(err, ERR_AGAIN, "cannot resolve %s: no thread can be had",
			 l->host);
}

struct lookup *lookup_begin(const char *host, const char *port, int *fd,
			    struct error *err)
{
	struct lookup *l;
	int ends[2];

	if (pipe_open(ends) == -1) {
		error_errno(err, "pipe");
		return NULL;
	}
	l = lookup_new(host, port, ends[1]);
	resolve(l, AI_NUMERICHOST);
	if (l->found == NULL && go_beside(l, err) == -1) {
		close(ends[0]);
		lookup_end(l);
		return NULL;
	}
	*fd = ends[0];
	return l;
}

int lookup_found(struct lookup *l, struct addrinfo **out, struct error *err)
{
	int failed;

	pthread_mutex_lock(&l->mutex);
	failed = l->failed;
	*out = l->found;
	l->found = NULL;
	pthread_mutex_unlock(&l->mutex);
	return failed == 0 ? 0 : error_set(err, ERR_AGAIN, "cannot resolve %s: %s",
					   l->host, gai_strerror(failed));
}

int lookup_take(struct lookup *l, struct list *out, struct error *err)
{
	struct addrinfo *found;
	char text[NI_MAXHOST];

	*out = (struct list)LIST_INIT;
	if (lookup_found(l, &found, err) == -1)
		return -1;
	for (const struct addrinfo *a = found;
	     a != NULL && out->count < LOOKUP_ADDRESSES; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST) == 0)
			list_add(out, text);
	if (found != NULL)
		freeaddrinfo(found);
	return out->count > 0 ? 0 : error_set(err, ERR_AGAIN, "%s has no address",
					      l->host);
}
