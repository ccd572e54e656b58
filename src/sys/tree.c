/*
 * Who called us, and where it is (process.h): the tree of processes, upwards.
 */
#include "trine/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

enum { PATH_BYTES = 4096 };

#ifdef __APPLE__

#include <libproc.h>
#include <sys/sysctl.h>
#include <sys/types.h>

bool process_look(long pid, struct process_info *out)
{
	int name[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, (int)pid };
	struct kinfo_proc info;
	size_t size = sizeof(info);
	char *device;

	*out = (struct process_info){ .pid = pid };
	if (sysctl(name, 4, &info, &size, NULL, 0) != 0 || size == 0)
		return false;
	out->parent = info.kp_eproc.e_ppid;
	snprintf(out->name, sizeof(out->name), "%s", info.kp_proc.p_comm);
	out->leads = getsid((pid_t)pid) == (pid_t)pid;
	device = info.kp_eproc.e_tdev == NODEV ? NULL :
		 devname(info.kp_eproc.e_tdev, S_IFCHR);
	if (device != NULL)
		snprintf(out->terminal, sizeof(out->terminal), "/dev/%s", device);
	return true;
}

char *process_folder(long pid)
{
	struct proc_vnodepathinfo info;

	if (proc_pidinfo((int)pid, PROC_PIDVNODEPATHINFO, 0, &info,
			 sizeof(info)) != (int)sizeof(info))
		return NULL;
	return xstrdup(info.pvi_cdir.vip_path);
}

#else

/* The kernel's number of a terminal (devices.txt): pseudo ones, and consoles. */
static void name_terminal(struct process_info *out, unsigned device)
{
	unsigned major = (device >> 8) & 0xfff;
	unsigned minor = (device & 0xff) | ((device >> 12) & 0xfff00);

	if (major >= 136 && major <= 143)
		snprintf(out->terminal, sizeof(out->terminal), "/dev/pts/%u",
			 (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		snprintf(out->terminal, sizeof(out->terminal), "/dev/tty%u",
			 minor);
	else if (device != 0)
		snprintf(out->terminal, sizeof(out->terminal), "terminal %u:%u",
			 major, minor);
}

/* proc(5): pid (name) state parent group session terminal … */
bool process_look(long pid, struct process_info *out)
{
	char text[PROC_BYTES], *rest;
	const char *name;
	long session;
	int device;

	*out = (struct process_info){ .pid = pid };
	rest = proc_stat(pid, text, &name);
	if (rest == NULL || sscanf(rest, " %*c %ld %*d %ld %d", &out->parent,
				   &session, &device) != 3)
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->leads = session == pid;
	name_terminal(out, (unsigned)device);
	return true;
}

char *process_folder(long pid)
{
	char path[64], folder[PATH_BYTES];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%ld/cwd", pid);
	len = readlink(path, folder, sizeof(folder));
	if (len <= 0 || (size_t)len >= sizeof(folder))
		return NULL;
	return xstrndup(folder, (size_t)len);
}

#endif

size_t process_chain(struct process_info *out, size_t most)
{
	long pid = getppid();
	size_t count = 0;

	while (count < most && pid > 1 && process_look(pid, &out[count]))
		pid = out[count++].parent;
	return count;
}
