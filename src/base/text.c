/* UTF-8, lines, numbers, times (text.h). */
#include "trine/text.h"

#include <stdio.h>
#include <string.h>

#include "trine/mem.h"

/* Decode the character at S; its length, or 0 if it is not well-formed. The
 * ranges are table 3-7 of the Unicode standard. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *out)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need;

	if (s[0] < 0x80) {
		*out = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		need = 2;
		*out = s[0] & 0x1f;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		need = 3;
		*out = s[0] & 0x0f;
		if (s[0] == 0xe0)
			low = 0xa0;
		if (s[0] == 0xed)
			high = 0x9f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		need = 4;
		*out = s[0] & 0x07;
		if (s[0] == 0xf0)
			low = 0x90;
		if (s[0] == 0xf4)
			high = 0x8f;
	} else {
		return 0;
	}
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		*out = *out << 6 | (s[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	return need;
}

/* Are the eight bytes at S all from 1 to 127, as nearly all are? */
static bool are_plain(const char *s)
{
	uint64_t bytes;

	memcpy(&bytes, s, sizeof(bytes));
	return (((bytes - 0x0101010101010101) | bytes) & 0x8080808080808080) == 0;
}

bool text_is_utf8(const char *s, size_t len)
{
	uint32_t code;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		if (len - i >= 8 && are_plain(s + i)) {
			n = 8;
			continue;
		}
		n = decode((const unsigned char *)s + i, len - i, &code);
		if (n == 0 || code == 0)
			return false;
	}
	return true;
}

/* Not those that writing needs: joiners, marks of direction, variants of emoji. */
static const struct {
	uint32_t first, last;
} hiding[] = {
	{ 0x80, 0x9f },		/* C1 controls */
	{ 0x200b, 0x200b },	/* a blank without width */
	{ 0x2028, 0x202e },	/* ends of lines, overrides of direction */
	{ 0x2060, 0x206f },	/* invisible operators, isolates */
	{ 0xfeff, 0xfeff },	/* a byte order mark in the middle */
	{ 0xfff9, 0xfffb },	/* annotations */
	{ 0xe0000, 0xe0fff },	/* tags: a whole alphabet that nobody sees */
};

bool text_fits(const char *s, size_t most)
{
	return s == NULL || (strlen(s) <= most && text_is_utf8(s, strlen(s)));
}

static bool hides_text(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(hiding); i++)
		if (code >= hiding[i].first && code <= hiding[i].last)
			return true;
	return false;
}

void text_escape(struct buf *out, const char *s, size_t len, bool multiline)
{
	uint32_t code;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = decode((const unsigned char *)s + i, len - i, &code);
		if (n == 0) {
			n = 1;
			buf_printf(out, "\\x%02x", (unsigned char)s[i]);
		} else if (multiline && (code == '\n' || code == '\t')) {
			buf_addc(out, (char)code);
		} else if (code < 0x20 || code == 0x7f) {
			buf_printf(out, "\\x%02x", (unsigned)code);
		} else if (hides_text(code)) {
			buf_printf(out, "\\u{%x}", (unsigned)code);
		} else {
			buf_add(out, s + i, n);
		}
	}
}

bool text_line(struct span s, size_t *pos, struct span *line)
{
	const char *start, *end;

	if (*pos >= s.len)
		return false;
	start = s.p + *pos;
	end = memchr(start, '\n', s.len - *pos);
	line->p = start;
	line->len = end ? (size_t)(end - start) : s.len - *pos;
	*pos += line->len + (end ? 1 : 0);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span text_trim(struct span s)
{
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool text_starts(struct span s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.p, prefix, len) == 0;
}

bool text_skip(struct span *s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!text_starts(*s, prefix))
		return false;
	s->p += len;
	s->len -= len;
	return true;
}

bool text_is_blank(struct span s)
{
	return text_trim(s).len == 0;
}

size_t text_cut(const char *s, size_t len, size_t limit)
{
	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char)s[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

void text_shorten(char *s, size_t limit)
{
	s[text_cut(s, strlen(s), limit)] = '\0';
}

void text_copy(char *out, size_t size, struct span s)
{
	size_t len = text_cut(s.p, s.len, size - 1);

	memcpy(out, s.p, len);
	out[len] = '\0';
}

bool text_number(struct span s, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0 || s.len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = value;
	return true;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back: Howard
 * Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of_date(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void date_of_days(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

const char *time_format(int64_t seconds, char out[TIME_TEXT])
{
	const int64_t last = INT64_C(253402300799);	/* 9999-12-31T23:59:59Z */
	int64_t t = seconds < 0 ? 0 : seconds > last ? last : seconds;
	int y, m, d, s = (int)(t % 86400);

	date_of_days(t / 86400, &y, &m, &d);
	snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", y % 10000,
		 m % 100, d % 100, s / 3600 % 24, s / 60 % 60, s % 60);
	return out;
}

const char *time_compact(int64_t seconds, char out[TIME_TEXT])
{
	char full[TIME_TEXT];
	char *end = out;

	time_format(seconds, full);
	for (const char *p = full; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			*end++ = *p;
	*end = '\0';
	return out;
}

/* Exactly DIGITS digits at *P, as a number up to MAX; moves *P. */
static bool digits(const char **p, const char *end, int count, int max, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, (*p)++) {
		if (*p >= end || **p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return *out <= max;
}

static bool one_of(const char **p, const char *end, const char *set)
{
	if (*p >= end || strchr(set, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

/* "Z" or "+hh:mm": seconds to subtract. */
static bool parse_offset(const char **p, const char *end, int64_t *offset)
{
	int h, m, sign;

	*offset = 0;
	if (*p < end && (**p == 'Z' || **p == 'z')) {
		(*p)++;
		return true;
	}
	if (*p >= end || (**p != '+' && **p != '-'))
		return false;
	sign = *(*p)++ == '-' ? -1 : 1;
	if (!digits(p, end, 2, 23, &h) || !one_of(p, end, ":") ||
	    !digits(p, end, 2, 59, &m))
		return false;
	*offset = sign * (h * 3600 + m * 60);
	return true;
}

static int days_in_month(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : days[m - 1];
}

bool time_parse(struct span s, int64_t *seconds)
{
	const char *p = s.p, *end = s.p + s.len;
	int y, mo, d, h, mi, sec, ignored;
	int64_t offset;

	if (!digits(&p, end, 4, 9999, &y) || !one_of(&p, end, "-") ||
	    !digits(&p, end, 2, 12, &mo) || !one_of(&p, end, "-") ||
	    !digits(&p, end, 2, 31, &d) || !one_of(&p, end, "Tt ") ||
	    !digits(&p, end, 2, 23, &h) || !one_of(&p, end, ":") ||
	    !digits(&p, end, 2, 59, &mi) || !one_of(&p, end, ":") ||
	    !digits(&p, end, 2, 60, &sec))
		return false;
	if (p < end && *p == '.')
		for (p++; digits(&p, end, 1, 9, &ignored);)
			;
	if (!parse_offset(&p, end, &offset) || p != end)
		return false;
	if (y < 1970 || mo < 1 || d < 1 || d > days_in_month(y, mo))
		return false;
	*seconds = days_of_date(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec -
		   offset;
	return *seconds >= 0;
}

bool duration_parse(struct span s, int64_t *seconds)
{
	static const struct { char unit; int64_t factor; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	const uint64_t longest = UINT64_C(10) * 366 * 86400;
	int64_t factor = 1;
	uint64_t value;

	for (size_t i = 0; s.len > 0 && i < sizeof(units) / sizeof(*units); i++)
		if (s.p[s.len - 1] == units[i].unit) {
			factor = units[i].factor;
			s.len--;
			break;
		}
	if (!text_number(s, &value) || value > longest / (uint64_t)factor)
		return false;
	*seconds = (int64_t)value * factor;
	return true;
}

const char *duration_words(int64_t seconds, char out[TIME_TEXT])
{
	static const struct { int64_t from, unit; const char *name; } steps[] = {
		{ 2 * 86400, 86400, "d" },
		{ 2 * 3600, 3600, "h" },
		{ 120, 60, "min" },
		{ 0, 1, "s" },
	};

	if (seconds < 0)
		seconds = 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (seconds >= steps[i].from) {
			snprintf(out, TIME_TEXT, "%lld %s",
				 (long long)(seconds / steps[i].unit),
				 steps[i].name);
			break;
		}
	return out;
}

void text_shell_word(struct buf *out, const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ._/-";

	if (word[0] != '\0' && word[strspn(word, safe)] == '\0') {
		buf_adds(out, word);
		return;
	}
	buf_addc(out, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *word);
	buf_addc(out, '\'');
}
