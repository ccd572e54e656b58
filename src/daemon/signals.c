/* Signals as bytes in a pipe, so that the supervisor waits for all in one poll(2). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "supervisor.h"
#include "trine/mem.h"

static int ends[2] = { -1, -1 };

static void on_signal(int number)
{
	unsigned char byte = (unsigned char)number;
	int before = errno;

	/* full: it will be read, and SIGCHLD looked after, anyway */
	if (write(ends[1], &byte, 1) == -1)
		errno = before;
	errno = before;
}

int signals_open(struct error *err)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction action;

	if (pipe(ends) == -1)
		return error_errno(err, "pipe");
	for (int i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	action.sa_flags = SA_RESTART;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		sigaction(wanted[i], &action, NULL);
	return ends[0];
}

void signals_read(struct signals *out)
{
	unsigned char bytes[64];
	ssize_t got;

	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < got; i++) {
			out->end |= bytes[i] == SIGTERM || bytes[i] == SIGINT;
			out->reload |= bytes[i] == SIGHUP;
			out->child |= bytes[i] == SIGCHLD;
		}
}
