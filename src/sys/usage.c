/* What programs use (usage.h): from /proc on Linux, from libproc on macOS. */
#include "trine/usage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __APPLE__
#include <libproc.h>
#include <mach/mach_time.h>
#endif

#include "sys.h"
#include "trine/mem.h"

static struct usage *usage_of(struct usage *list, size_t count, long session)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].pid == session)
			return &list[i];
	return NULL;
}

static void add(struct usage *u, int64_t cpu_ms, int64_t memory)
{
	u->cpu_ms += cpu_ms;
	u->memory += memory;
	u->processes++;
}

#ifdef __APPLE__

static int64_t ms_of(uint64_t ticks)
{
	static mach_timebase_info_data_t base;

	if (base.denom == 0)
		mach_timebase_info(&base);
	return (int64_t)(ticks * base.numer / base.denom / 1000000);
}

static void gather(struct usage *list, size_t count)
{
	int size = proc_listpids(PROC_ALL_PIDS, 0, NULL, 0);
	pid_t *pids = size > 0 ? xmalloc((size_t)size) : NULL;
	struct proc_taskinfo info;
	struct usage *u;

	if (pids == NULL)
		return;
	size = proc_listpids(PROC_ALL_PIDS, 0, pids, size);
	for (int i = 0; i < size / (int)sizeof(*pids); i++) {
		u = pids[i] > 0 ? usage_of(list, count, (long)getsid(pids[i])) : NULL;
		if (u != NULL && proc_pidinfo(pids[i], PROC_PIDTASKINFO, 0, &info,
					      sizeof(info)) == (int)sizeof(info))
			add(u, ms_of(info.pti_total_user + info.pti_total_system),
			    (int64_t)info.pti_resident_size);
	}
	free(pids);
}

#else

/* proc(5): fields of stat. Times of children that were waited for are their parent's,
 * so that none is lost. */
enum { STATE = 3, SESSION = 6, TIMES = 14, TIMES_END = 18, RESIDENT = 24 };

static void look(struct usage *list, size_t count, long pid)
{
	char text[PROC_BYTES], *at = proc_stat(pid, text, NULL);
	int64_t ticks = 0, memory = 0, value;
	struct usage *u = NULL;

	for (int field = STATE; at != NULL && field <= RESIDENT; field++) {
		value = field == STATE ? 0 : strtoll(at, NULL, 10);
		if (field == SESSION) {
			u = usage_of(list, count, (long)value);
			if (u == NULL)
				return;
		} else if (field >= TIMES && field < TIMES_END) {
			ticks += value;
		} else if (field == RESIDENT) {
			memory = value * (int64_t)sysconf(_SC_PAGESIZE);
		}
		at = strchr(at + 1, ' ');
	}
	if (u != NULL)
		add(u, ticks * 1000 / (int64_t)sysconf(_SC_CLK_TCK), memory);
}

static void gather(struct usage *list, size_t count)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc != NULL && (entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look(list, count, strtol(entry->d_name, NULL, 10));
	if (proc != NULL)
		closedir(proc);
}

#endif

void usage_gather(struct usage *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		list[i] = (struct usage){ .pid = list[i].pid };
	if (count > 0)
		gather(list, count);
}
