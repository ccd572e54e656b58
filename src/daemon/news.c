/* Has the event log grown (daemon.h)? By inotify(7), where that is; else whoever
 * asks does so each second. */
#include <fcntl.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "daemon.h"

void news_open(struct news *n, const struct home *h)
{
	*n = (struct news){ .fd = -1 };
#ifdef __linux__
	n->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	/* the folder: the log goes on in a new file at times */
	if (n->fd != -1 && inotify_add_watch(n->fd, h->state, IN_MODIFY | IN_CREATE |
					     IN_MOVED_TO | IN_ONLYDIR) == -1)
		news_close(n);
#endif
	home_has_news(h, &n->seen);
}

bool news_read(struct news *n, const struct home *h)
{
	char bytes[4096];

	while (n->fd != -1 && read(n->fd, bytes, sizeof(bytes)) > 0)
		;
	return home_has_news(h, &n->seen);
}

void news_close(struct news *n)
{
	if (n->fd != -1)
		close(n->fd);
	n->fd = -1;
}
