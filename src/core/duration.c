/* Durations in their short form (duration.h), for settings and status. */
#include "duration.h"

#include "trine/mem.h"

void duration_write(struct buf *out, int64_t seconds)
{
	static const struct { int64_t unit; char name; } units[] = {
		{ 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (seconds >= units[i].unit && seconds % units[i].unit == 0) {
			buf_printf(out, "%lld%c",
				   (long long)(seconds / units[i].unit),
				   units[i].name);
			return;
		}
	buf_adds(out, "0s");
}
