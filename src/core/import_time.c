/*
 * Dates as people and agents write them (import.h): a day in any of a few
 * forms, and a time of day somewhere beside it. What could mean two days is
 * not read.
 */
#include "trine/import.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "trine/mem.h"
#include "trine/text.h"

enum { WHEN_MAX = 128 };	/* more is prose */

struct when {
	int year, month, day;
	int hour, minute, second;
	int offset;		/* minutes east of UTC */
};

static const char *const months[] = {
	"january", "february", "march", "april", "may", "june", "july",
	"august", "september", "october", "november", "december",
};

/* Minutes east. Names that mean several zones (IST) or change with the season
 * (ET) are not here: the time then counts as UTC. */
static const struct { const char *name; int offset; } zones[] = {
	{ "z", 0 }, { "utc", 0 }, { "gmt", 0 },
	{ "est", -300 }, { "edt", -240 }, { "cst", -360 }, { "cdt", -300 },
	{ "mst", -420 }, { "mdt", -360 }, { "pst", -480 }, { "pdt", -420 },
	{ "akst", -540 }, { "akdt", -480 }, { "hst", -600 },
	{ "wet", 0 }, { "west", 60 }, { "bst", 60 }, { "cet", 60 },
	{ "cest", 120 }, { "eet", 120 }, { "eest", 180 }, { "msk", 180 },
	{ "jst", 540 }, { "kst", 540 }, { "aest", 600 }, { "aedt", 660 },
	{ "nzst", 720 }, { "nzdt", 780 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* LEAST to MOST digits and no more; moves *P behind them. */
static bool number(const char **p, int least, int most, int *out)
{
	int n = 0;

	*out = 0;
	for (; is_digit((*p)[n]) && n <= most; n++)
		*out = *out * 10 + ((*p)[n] - '0');
	if (n < least || n > most)
		return false;
	*p += n;
	return true;
}

static bool skip_one(const char **p, const char *set)
{
	if (**p == '\0' || strchr(set, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

static void skip_all(const char **p, const char *set)
{
	while (skip_one(p, set))
		;
}

static bool word(const char **p, const char *wanted)
{
	size_t len = strlen(wanted);

	if (strncasecmp(*p, wanted, len) != 0 || is_letter((*p)[len]))
		return false;
	*p += len;
	return true;
}

/* "November", "Nov", "Sept." */
static bool month_name(const char **p, int *out)
{
	size_t len = 0;

	while (is_letter((*p)[len]))
		len++;
	for (size_t i = 0; len >= 3 && i < ARRAY_LEN(months); i++)
		if (len <= strlen(months[i]) &&
		    strncasecmp(*p, months[i], len) == 0) {
			*p += len;
			skip_one(p, ".");
			*out = (int)i + 1;
			return true;
		}
	return false;
}

static void ordinal(const char **p)
{
	static const char *const ends[] = { "st", "nd", "rd", "th" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (word(p, ends[i]))
			return;
}

/* ---- days: each form moves *P behind itself, or says no ---- */

static bool year_first(const char **p, struct when *w)
{
	char sep[2] = "";

	if (!number(p, 4, 4, &w->year))
		return false;
	sep[0] = **p;
	return skip_one(p, "-/.") && number(p, 1, 2, &w->month) &&
	       skip_one(p, sep) && number(p, 1, 2, &w->day);
}

/* 29.10.2025; 10/29/2025 and 29-10-2025 only where one of the two can be no
 * month. */
static bool year_last(const char **p, struct when *w)
{
	char sep[2] = "";
	int first, second;

	if (!number(p, 1, 2, &first))
		return false;
	sep[0] = **p;
	if (!skip_one(p, "-/.") || !number(p, 1, 2, &second) ||
	    !skip_one(p, sep) || !number(p, 4, 4, &w->year))
		return false;
	w->day = sep[0] == '.' || first > 12 || first == second ? first : second;
	w->month = w->day == first ? second : first;
	return sep[0] == '.' || first > 12 || second > 12 || first == second;
}

static bool month_first(const char **p, struct when *w)
{
	if (!month_name(p, &w->month))
		return false;
	skip_all(p, " ");
	if (!number(p, 1, 2, &w->day))
		return false;
	ordinal(p);
	skip_all(p, ", ");
	return number(p, 4, 4, &w->year);
}

static bool day_first(const char **p, struct when *w)
{
	if (!number(p, 1, 2, &w->day))
		return false;
	ordinal(p);
	skip_all(p, " -.");
	if (word(p, "of"))
		skip_all(p, " ");
	if (!month_name(p, &w->month))
		return false;
	skip_all(p, ", -");
	return number(p, 4, 4, &w->year);
}

static bool (*const day_forms[])(const char **p, struct when *w) = {
	year_first, year_last, month_first, day_first,
};

/* The first day in TEXT; it is blanked, so that no time is seen in it. */
static bool find_day(char *text, struct when *w)
{
	for (char *at = text; *at != '\0'; at++) {
		if (at > text && (is_digit(at[-1]) || is_letter(at[-1])))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(day_forms); i++) {
			const char *end = at;

			if (!day_forms[i](&end, w) || is_digit(*end))
				continue;
			memset(at, ' ', (size_t)(end - at));
			return true;
		}
	}
	return false;
}

/* ---- times of day ---- */

static bool half(const char **p, struct when *w)
{
	const char *q = *p;
	bool pm;

	skip_all(&q, " ");
	pm = *q == 'p' || *q == 'P';
	if (!word(&q, "am") && !word(&q, "pm") && !word(&q, "a.m.") &&
	    !word(&q, "p.m."))
		return false;
	if (w->hour < 1 || w->hour > 12)
		return false;
	w->hour = w->hour % 12 + (pm ? 12 : 0);
	*p = q;
	return true;
}

static bool clock_time(const char **p, struct when *w)
{
	const char *q = *p;
	int ignored;

	w->minute = w->second = 0;
	if (!number(&q, 1, 2, &w->hour))
		return false;
	if (*q != ':') {
		*p = q;
		return half(p, w);
	}
	q++;
	if (!number(&q, 2, 2, &w->minute))
		return false;
	if (*q == ':') {
		q++;
		if (!number(&q, 2, 2, &w->second))
			return false;
		if (*q == '.' && is_digit(q[1])) {
			q++;
			while (number(&q, 1, 9, &ignored))
				;
		}
	}
	*p = q;
	half(p, w);
	return true;
}

/* "+01:00", "-0800", "+2": behind the time, or behind UTC. */
static void shift(const char **p, struct when *w)
{
	const char *q = *p;
	int sign = *q == '-' ? -1 : 1, hours, minutes = 0;

	if (!skip_one(&q, "+-"))
		return;
	if (!number(&q, 4, 4, &hours)) {
		if (!number(&q, 1, 2, &hours))
			return;
		if (skip_one(&q, ":") && !number(&q, 2, 2, &minutes))
			return;
	} else {
		minutes = hours % 100;
		hours /= 100;
	}
	if (hours <= 14 && minutes <= 59)
		w->offset = sign * (hours * 60 + minutes);
}

static void zone(const char **p, struct when *w)
{
	bool universal = true;

	skip_all(p, " (");
	if (is_letter(**p)) {
		universal = false;
		for (size_t i = 0; i < ARRAY_LEN(zones); i++)
			if (word(p, zones[i].name)) {
				w->offset = zones[i].offset;
				universal = i < 3;
				break;
			}
	}
	if (universal)
		shift(p, w);
}

static bool find_clock(const char *text, struct when *w)
{
	for (const char *at = text; *at != '\0'; at++) {
		const char *end = at;

		if (!is_digit(*at) ||
		    (at > text && strchr("0123456789:.+-", at[-1]) != NULL))
			continue;
		if (clock_time(&end, w)) {
			zone(&end, w);
			return true;
		}
	}
	return false;
}

/* ---- both ---- */

static bool to_seconds(const struct when *w, int64_t *out)
{
	int offset = w->offset < 0 ? -w->offset : w->offset;
	char text[64];

	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
		 w->year, w->month, w->day, w->hour, w->minute, w->second,
		 w->offset < 0 ? '-' : '+', offset / 60, offset % 60);
	return time_parse(span_str(text), out);
}

bool import_time(struct span said, int64_t *out)
{
	size_t len = text_cut(said.p, said.len, WHEN_MAX - 1);
	struct when w = { 0 }, day;
	char text[WHEN_MAX] = "";

	memcpy(text, len > 0 ? said.p : "", len);
	if (memchr(text, '\0', len) != NULL || !find_day(text, &w))
		return false;
	day = (struct when){ .year = w.year, .month = w.month, .day = w.day };
	/* a time that is none does not spoil the day */
	return (find_clock(text, &w) && to_seconds(&w, out)) ||
	       to_seconds(&day, out);
}
