/*
 * Names of computers, streams and messages, read strictly (names.h).
 *
 * Only the canonical form of a name is accepted, so that two names that look
 * different are different. Everything that reads a file, a tree or a command
 * line passes what it found through here; paths are in paths.c.
 */
#include "trine/names.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trine/text.h"

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* A number in the one way we write it: no leading zero, 1 … MAX. */
static bool parse_canonical(struct span s, uint64_t max, uint64_t *out)
{
	return s.len > 0 && s.p[0] != '0' && text_number(s, out) && *out <= max;
}

bool computer_parse(struct span s, int *out)
{
	uint64_t n;

	if (!parse_canonical(s, LIMIT_COMPUTERS, &n))
		return false;
	*out = (int)n;
	return true;
}

bool stream_name_parse(struct span s, struct stream_name *out)
{
	const char *middle = s.len > 0 ? memmem(s.p, s.len, "_TO_", 4) : NULL;
	struct stream_name name = { END_HUMAN, END_ALL };
	struct span from, to;

	if (middle == NULL)
		return false;
	from = (struct span){ s.p, (size_t)(middle - s.p) };
	to = (struct span){ middle + 4, s.len - from.len - 4 };
	if (!span_is(from, "HUMAN") && !computer_parse(from, &name.from))
		return false;
	if (!span_is(to, "ALL") && !computer_parse(to, &name.to))
		return false;
	*out = name;
	return true;
}

const char *stream_name_format(struct stream_name name, char out[STREAM_NAME])
{
	char to[4] = "ALL";

	assert(name.from == END_HUMAN ||
	       (name.from > 0 && name.from <= LIMIT_COMPUTERS));
	assert(name.to >= END_ALL && name.to <= LIMIT_COMPUTERS);
	if (name.to != END_ALL)
		snprintf(to, sizeof(to), "%u", (unsigned)name.to % 1000);
	if (name.from == END_HUMAN)
		snprintf(out, STREAM_NAME, "HUMAN_TO_%s", to);
	else
		snprintf(out, STREAM_NAME, "%u_TO_%s", (unsigned)name.from % 1000, to);
	return out;
}

bool message_id_parse(struct span s, struct stream_name *stream, uint64_t *seq)
{
	const char *dot = s.len > 0 ? memchr(s.p, '.', s.len) : NULL;
	struct stream_name name;
	struct span number;
	uint64_t n;

	if (dot == NULL)
		return false;
	number = (struct span){ dot + 1, (size_t)(s.p + s.len - dot) - 1 };
	if (!stream_name_parse((struct span){ s.p, (size_t)(dot - s.p) }, &name) ||
	    !parse_canonical(number, MESSAGE_SEQ_MAX, &n))
		return false;
	*stream = name;
	*seq = n;
	return true;
}

const char *message_id_format(struct stream_name stream, uint64_t seq,
			      char out[MESSAGE_ID])
{
	char name[STREAM_NAME];

	assert(seq > 0);
	snprintf(out, MESSAGE_ID, "%s.%" PRIu64,
		 stream_name_format(stream, name), seq);
	return out;
}

/* First an alphanumeric, then those and EXTRA; 1 … MAX bytes. */
static bool is_word(struct span s, const char *extra, size_t max)
{
	if (s.len == 0 || s.len > max || !is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alnum(s.p[i]) &&
		    (s.p[i] == '\0' || strchr(extra, s.p[i]) == NULL))
			return false;
	return true;
}

bool message_id_valid(struct span s)
{
	return is_word(s, "._~-", MESSAGE_ID - 1);
}

bool clone_id_valid(struct span s)
{
	if (s.len != CLONE_ID - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || strchr("0123456789abcdef", s.p[i]) == NULL)
			return false;
	return true;
}

bool resource_name_valid(struct span s)
{
	return is_word(s, "._-:", LIMIT_NAME);
}

bool plain_name_valid(struct span s)
{
	return is_word(s, "._-", LIMIT_NAME);
}
