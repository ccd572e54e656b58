/*
 * Which process is it (process.h)? A pid alone says little: it is given out again,
 * and each boot begins anew.
 */
#include "trine/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__
#include <sys/sysctl.h>
#include <sys/types.h>
#endif

#include "sys.h"


#ifdef __APPLE__

bool process_boot(char out[PROCESS_BOOT])
{
	size_t size = PROCESS_BOOT;

	return sysctlbyname("kern.bootsessionuuid", out, &size, NULL, 0) == 0;
}

static bool read_born(long pid, uint64_t *out)
{
	int name[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, (int)pid };
	struct kinfo_proc info;
	size_t size = sizeof(info);

	if (sysctl(name, 4, &info, &size, NULL, 0) != 0 || size == 0 ||
	    info.kp_proc.p_stat == SZOMB)
		return false;
	*out = (uint64_t)info.kp_proc.p_starttime.tv_sec * 1000000 +
	       (uint64_t)info.kp_proc.p_starttime.tv_usec;
	return true;
}

#else

static bool read_proc(const char *path, char out[PROC_BYTES])
{
	FILE *file = fopen(path, "re");
	size_t got = file != NULL ? fread(out, 1, PROC_BYTES - 1, file) : 0;

	if (file != NULL)
		fclose(file);
	out[got] = '\0';
	return got > 0;
}

/* Once in a process: it does not outlive a boot. */
bool process_boot(char out[PROCESS_BOOT])
{
	static char text[PROC_BYTES];

	if (text[0] == '\0' &&
	    !read_proc("/proc/sys/kernel/random/boot_id", text))
		return false;
	snprintf(out, PROCESS_BOOT, "%.*s", (int)strcspn(text, "\n"), text);
	return true;
}

char *proc_stat(long pid, char text[PROC_BYTES], const char **name)
{
	char path[64], *open, *close;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if (!read_proc(path, text))
		return NULL;
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open == NULL || close == NULL)
		return NULL;
	*close = '\0';
	if (name != NULL)
		*name = open + 1;
	return close + 1;
}

/* The third field of stat is the state, the 22nd the start in ticks since the boot. */
static bool read_born(long pid, uint64_t *out)
{
	enum { STATE = 3, STARTED = 22 };
	char text[PROC_BYTES], *at = proc_stat(pid, text, NULL);

	if (at == NULL || at[0] != ' ' || at[1] == 'Z' || at[1] == 'X')
		return false;
	for (int field = STATE; field < STARTED && at != NULL; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		return false;
	*out = strtoull(at + 1, NULL, 10);
	return true;
}

#endif

bool process_mark(long pid, struct process_mark *out)
{
	*out = (struct process_mark){ .pid = pid };
	return pid > 0 && process_boot(out->boot) &&
	       read_born(pid, &out->born);
}

bool process_lives(const struct process_mark *mark)
{
	struct process_mark now;

	return process_mark(mark->pid, &now) && now.born == mark->born &&
	       strcmp(now.boot, mark->boot) == 0;
}

bool process_same_boot(const struct process_mark *mark)
{
	char boot[PROCESS_BOOT];

	return process_boot(boot) && strcmp(boot, mark->boot) == 0;
}
