/*
 * Time that goes by while programs are stopped, for tests: loaded before a program
 * (LD_PRELOAD), this adds to all its clocks the seconds that stand in the file
 * TRINE_FAULT_CLOCK, as they stand there each time it asks. TRINE_TEST_CLOCK says it
 * once, when a program begins; here it may change while that runs.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static time_t moved(void)
{
	const char *path = getenv("TRINE_FAULT_CLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[32] = "";

	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof(text) - 1) == -1)
		text[0] = '\0';
	close(fd);
	return (time_t)strtol(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	static int (*next)(clockid_t, struct timespec *);
	int rc;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	rc = next(id, out);
	if (rc == 0)
		out->tv_sec += moved();
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}
