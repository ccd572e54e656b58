/* Words to the service manager (notify.h). Used by the daemon. */
#include "trine/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys.h"
#include "trine/text.h"

/* "/run/systemd/notify", or "@name" in the abstract namespace. */
static socklen_t address_of(const char *name, struct sockaddr_un *out)
{
	size_t len = strlen(name);

	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (len < 2 || len >= sizeof(out->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	memcpy(out->sun_path, name, len);
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_say(const char *text)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t size = name != NULL ? address_of(name, &to) : 0;
	int fd = size > 0 ? socket(AF_UNIX, SOCK_DGRAM, 0) : -1;

	if (fd == -1)
		return;
	/* nobody who listens is no trouble of ours */
	(void)!sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, size);
	close(fd);
}

int64_t notify_watchdog(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t value, ours;

	if (us == NULL || !text_number(span_str(us), &value) || value > INT64_MAX)
		return 0;
	if (pid != NULL && (!text_number(span_str(pid), &ours) ||
			    ours != (uint64_t)getpid()))
		return 0;
	return (int64_t)(value / 1000);
}
