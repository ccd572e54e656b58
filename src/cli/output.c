/* Printing (output.h), for all commands. */
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trine/mem.h"

bool output_is_watched(void)
{
	return isatty(STDERR_FILENO);
}

bool output_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

bool output_has_colour(void)
{
	const char *refused = getenv("NO_COLOR"), *term = getenv("TERM");

	return (refused == NULL || *refused == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0) &&
	       output_is_terminal();
}

void output_colour(struct buf *out, enum colour colour, const char *text)
{
	static const char *const codes[] = {
		[COLOUR_BOLD] = "1", [COLOUR_RED] = "31",
		[COLOUR_GREEN] = "32", [COLOUR_YELLOW] = "33",
	};

	if (colour == COLOUR_NONE || !output_has_colour())
		buf_adds(out, text);
	else
		buf_printf(out, "\033[%sm%s\033[m", codes[colour], text);
}

void output_escaped(struct buf *out, const char *text)
{
	if (text != NULL)
		text_escape(out, text, strlen(text), false);
}

void output_flush(struct buf *out)
{
	fwrite(out->data, 1, out->len, stdout);
	buf_reset(out);
}

/* ---- JSON ---- */

/* The length of a character at S that a terminal obeys although JSON allows it,
 * and its number: DEL, the C1 controls, the bidirectional overrides. */
static size_t hidden_at(const unsigned char *s, size_t len, unsigned *code)
{
	if (s[0] == 0x7f) {
		*code = s[0];
		return 1;
	}
	if (len >= 2 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f) {
		*code = s[1];
		return 2;
	}
	if (len < 3 || s[0] != 0xe2)
		return 0;
	*code = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	if ((*code >= 0x202a && *code <= 0x202e && s[1] == 0x80) ||
	    (*code >= 0x2066 && *code <= 0x2069 && s[1] == 0x81))
		return 3;
	return 0;
}

void output_json_line(struct span line)
{
	struct buf safe = BUF_INIT;
	size_t n, start = 0;
	unsigned code;

	for (size_t i = 0; i < line.len; i += n ? n : 1) {
		n = hidden_at((const unsigned char *)line.p + i, line.len - i,
			      &code);
		if (n == 0)
			continue;
		buf_add(&safe, line.p + start, i - start);
		buf_printf(&safe, "\\u%04x", code);
		start = i + n;
	}
	buf_add(&safe, line.p + start, line.len - start);
	buf_addc(&safe, '\n');
	output_flush(&safe);
	buf_release(&safe);
}

void output_json(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text != NULL)
		output_json_line(span_str(text));
	free(text);
	json_decref(json);
}

/* ---- for people ---- */

const char *output_age(int64_t now, int64_t then, char out[AGE_TEXT])
{
	char words[TIME_TEXT];

	if (then == 0)
		snprintf(out, AGE_TEXT, "never");
	else if (then > now)
		snprintf(out, AGE_TEXT, "in %s", duration_words(then - now, words));
	else
		snprintf(out, AGE_TEXT, "%s ago", duration_words(now - then, words));
	return out;
}

void output_say(const struct cli *cli, const char *fmt, ...)
{
	struct buf text = BUF_INIT, safe = BUF_INIT;
	va_list ap;

	if (cli->common.quiet)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	text_escape(&safe, text.data, text.len, true);
	fprintf(stderr, "%s\n", safe.data);
	buf_release(&text);
	buf_release(&safe);
}
