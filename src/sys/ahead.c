/*
 * A thread that works ahead (ahead.h): a ring of things under a mutex. Used for reading a
 * long log while its lines are applied.
 */
#include "trine/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "trine/mem.h"

struct ahead {
	void *(*make)(void *arg);
	void (*drop)(void *thing);
	void *arg;
	pthread_t thread;
	pthread_mutex_t mutex;	/* of all below */
	pthread_cond_t changed;
	void **ring;
	size_t room, first, count;
	bool ended;		/* nothing more is made */
	bool stop;		/* nothing more is wanted */
};

/* False: it is not wanted. */
static bool put(struct ahead *a, void *thing)
{
	bool wanted;

	pthread_mutex_lock(&a->mutex);
	while (a->count == a->room && !a->stop)
		pthread_cond_wait(&a->changed, &a->mutex);
	wanted = !a->stop;
	if (wanted)
		a->ring[(a->first + a->count++) % a->room] = thing;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	return wanted;
}

static void *work(void *arg)
{
	struct ahead *a = arg;
	void *thing;

	while ((thing = a->make(a->arg)) != NULL) {
		if (put(a, thing))
			continue;
		a->drop(thing);
		break;
	}
	pthread_mutex_lock(&a->mutex);
	a->ended = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	return NULL;
}

static void release(struct ahead *a)
{
	pthread_mutex_destroy(&a->mutex);
	pthread_cond_destroy(&a->changed);
	free(a->ring);
	free(a);
}

struct ahead *ahead_start(void *(*make)(void *arg), void (*drop)(void *thing),
			  void *arg, size_t room)
{
	struct ahead *a = xcalloc(1, sizeof(*a));
	sigset_t all, before;
	int failed;

	*a = (struct ahead){ .make = make, .drop = drop, .arg = arg, .room = room,
			     .ring = xcalloc(room, sizeof(void *)) };
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->changed, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&a->thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed)
		return a;
	release(a);
	return NULL;
}

void *ahead_take(struct ahead *a)
{
	void *thing = NULL;

	pthread_mutex_lock(&a->mutex);
	while (a->count == 0 && !a->ended)
		pthread_cond_wait(&a->changed, &a->mutex);
	if (a->count > 0) {
		thing = a->ring[a->first];
		a->first = (a->first + 1) % a->room;
		a->count--;
	}
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	return thing;
}

void ahead_stop(struct ahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->mutex);
	a->stop = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	pthread_join(a->thread, NULL);
	for (; a->count > 0; a->count--, a->first++)
		a->drop(a->ring[a->first % a->room]);
	release(a);
}
