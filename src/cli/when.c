/* --since, --until, --due, --wait and --ttl (when.h), of several commands. */
#include "when.h"

#include <stdio.h>
#include <string.h>

#include "trine/text.h"

enum { DATE_TEXT = 10 };	/* "2026-11-20" */

static bool parse_date(const char *given, enum when_end end, int64_t *out)
{
	char text[TIME_TEXT];

	if (strlen(given) != DATE_TEXT)
		return false;
	snprintf(text, sizeof(text), "%sT%sZ", given,
		 end == WHEN_END ? "23:59:59" : "00:00:00");
	return time_parse(span_str(text), out);
}

int when_parse(const char *option, const char *given, enum when_end end,
	       int64_t now, int64_t *out, struct error *err)
{
	int64_t ago;

	if (given == NULL || time_parse(span_str(given), out) ||
	    parse_date(given, end, out))
		return 0;
	if (!duration_parse(span_str(given + (given[0] == '-')), &ago))
		return error_set(err, ERR_USAGE, "--%s wants a time like "
				 "2026-11-20 or 2026-11-20T13:00:00Z, or a "
				 "duration like 2h or 7d, not \"%.40s\"",
				 option, given);
	*out = now > ago ? now - ago : 0;
	return 0;
}

int when_due(const char *given, int64_t now, int64_t *out, struct error *err)
{
	int64_t seconds;

	if (given == NULL || time_parse(span_str(given), out))
		return 0;
	if (!duration_parse(span_str(given), &seconds))
		return error_set(err, ERR_USAGE,
				 "--due wants a time like 2026-11-20T13:00:00Z, "
				 "or a duration like 2h, not \"%.40s\"", given);
	*out = now + seconds;
	return 0;
}

int when_long(const char *option, const char *given, int64_t *out,
	      struct error *err)
{
	if (given == NULL || duration_parse(span_str(given), out))
		return 0;
	return error_set(err, ERR_USAGE, "--%s wants a time like 30s or 5m, not "
			 "\"%.40s\"", option, given);
}

int when_some_time(const char *option, const char *given, int64_t *out,
		   struct error *err)
{
	if (when_long(option, given, out, err) == -1)
		return -1;
	if (given == NULL || *out > 0)
		return 0;
	return error_set(err, ERR_USAGE, "--%s wants more than no time at all",
			 option);
}
