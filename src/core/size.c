/* Sizes of files in their short form (size.h), for the settings. */
#include "size.h"

#include "trine/mem.h"
#include "trine/text.h"

static const struct { char name; int64_t bytes; } units[] = {
	{ 'G', 1 << 30 }, { 'M', 1 << 20 }, { 'K', 1 << 10 },
};

bool size_parse(struct span s, int64_t *bytes)
{
	const uint64_t most = UINT64_C(1) << 40;
	uint64_t number;

	for (size_t i = 0; i < ARRAY_LEN(units) && s.len > 0; i++) {
		uint64_t unit = (uint64_t)units[i].bytes;
		struct span digits = { s.p, s.len - 1 };

		if (s.p[s.len - 1] != units[i].name)
			continue;
		if (!text_number(digits, &number) || number > most / unit)
			return false;
		*bytes = (int64_t)(number * unit);
		return true;
	}
	return false;
}

void size_write(struct buf *out, int64_t bytes)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && bytes % units[i].bytes != 0)
		i++;
	buf_printf(out, "%lld%c", (long long)(bytes / units[i].bytes),
		   units[i].name);
}
