/* Options from tables (options.h): what main.c parses with and help.c prints. */
#include "trine/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* The arguments while they are read. */
struct reader {
	const struct option_set *set;
	char **arg;
	size_t count, at, operands;
	struct error *err;
};

static bool is_end(const struct option_spec *o)
{
	return o->kind == 0;
}

/* The option of LETTER, or of a name of LEN bytes; *TARGET is its struct. */
static const struct option_spec *find_option(const struct option_set *set,
					     char letter, const char *name,
					     size_t len, void **target)
{
	for (int i = 0; i < 2; i++) {
		const struct option_spec *o = set[i].spec;

		for (; o != NULL && !is_end(o); o++) {
			*target = set[i].target;
			if (letter != 0 && o->letter == letter)
				return o;
			if (name != NULL && o->name != NULL &&
			    strlen(o->name) == len &&
			    memcmp(o->name, name, len) == 0)
				return o;
		}
	}
	return NULL;
}

static int set_number(const struct option_spec *o, const char *value, void *at,
		      struct error *err)
{
	uint64_t number;

	if (!text_number(span_str(value), &number) ||
	    number > (uint64_t)o->max || number < (uint64_t)o->min)
		return error_set(err, ERR_USAGE,
				 "--%s wants a number from %lld to %lld, not "
				 "\"%.40s\"", o->name, (long long)o->min,
				 (long long)o->max, value);
	*(int64_t *)at = (int64_t)number;
	return 0;
}

static int set_option(const struct option_spec *o, void *target,
		      const char *value, struct error *err)
{
	void *at = (char *)target + o->offset;

	switch (o->kind) {
	case OPTION_FLAG:
		assert(o->size == sizeof(bool));
		*(bool *)at = true;
		break;
	case OPTION_TEXT:
		assert(o->size == sizeof(char *));
		*(const char **)at = value;
		break;
	case OPTION_NUMBER:
		assert(o->size == sizeof(int64_t));
		return set_number(o, value, at, err);
	case OPTION_LIST:
		assert(o->size == sizeof(struct list));
		list_add(at, value);
		break;
	}
	return 0;
}

static int refuse_unknown(const struct reader *r, const char *given, size_t len)
{
	const char *nearest = NULL;
	unsigned best = 99;
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)len, given);
	for (int i = 0; i < 2; i++) {
		const struct option_spec *o = r->set[i].spec;

		for (; o != NULL && !is_end(o); o++)
			if (o->name && options_near(word, o->name) &&
			    options_distance(word, o->name) < best) {
				best = options_distance(word, o->name);
				nearest = o->name;
			}
	}
	return error_set(r->err, ERR_USAGE,
			 "there is no option --%.*s here%s%s%s", (int)len, given,
			 nearest ? "; is --" : "", nearest ? nearest : "",
			 nearest ? " meant?" : "");
}

/* The value of O: what is left of the argument, or the next one. */
static int take_value(struct reader *r, const struct option_spec *o,
		      const char *attached, const char **value)
{
	struct buf spelled = BUF_INIT;

	*value = attached;
	if (attached == NULL && r->at < r->count)
		*value = r->arg[r->at++];
	if (*value != NULL)
		return 0;
	options_spell(&spelled, o);
	error_set(r->err, ERR_USAGE, "nothing follows: %s", spelled.data);
	buf_release(&spelled);
	return -1;
}

/* "--name", "--name=value"; WORD is behind the dashes. */
static int read_long(struct reader *r, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_spec *o;
	const char *value = NULL;
	void *target;

	o = find_option(r->set, 0, word, len, &target);
	if (o == NULL)
		return refuse_unknown(r, word, len);
	if (o->kind == OPTION_FLAG && equals != NULL)
		return error_set(r->err, ERR_USAGE, "--%s takes no value",
				 o->name);
	if (o->kind != OPTION_FLAG &&
	    take_value(r, o, equals ? equals + 1 : NULL, &value) == -1)
		return -1;
	return set_option(o, target, value, r->err);
}

/* "-f", "-fv", "-mTITLE", "-m" and the next; LETTERS are behind the dash. */
static int read_short(struct reader *r, const char *letters)
{
	const struct option_spec *o;
	const char *value;
	void *target;

	for (; *letters != '\0'; letters++) {
		o = find_option(r->set, *letters, NULL, 0, &target);
		if (o == NULL)
			return error_set(r->err, ERR_USAGE,
					 "there is no option -%c here",
					 *letters);
		if (o->kind == OPTION_FLAG) {
			set_option(o, target, NULL, r->err);
			continue;
		}
		if (take_value(r, o, letters[1] ? letters + 1 : NULL,
			       &value) == -1)
			return -1;
		return set_option(o, target, value, r->err);
	}
	return 0;
}

int options_parse(const struct option_set set[2], enum options_order order,
		  char **arg, size_t count, size_t *operands,
		  struct error *err)
{
	struct reader r = { .set = set, .arg = arg, .count = count, .err = err };
	bool ended = false;

	while (r.at < count) {
		char *word = arg[r.at++];
		int rc = 0;

		if (ended || word[0] != '-' || word[1] == '\0') {
			arg[r.operands++] = word;
			ended = ended || order == OPTIONS_FIRST;
		} else if (strcmp(word, "--") == 0) {
			ended = true;
		} else if (word[1] == '-') {
			rc = read_long(&r, word + 2);
		} else {
			rc = read_short(&r, word + 1);
		}
		if (rc == -1)
			return -1;
	}
	*operands = r.operands;
	return 0;
}

void options_release(const struct option_set *set)
{
	const struct option_spec *o = set->spec;

	for (; o != NULL && !is_end(o); o++)
		if (o->kind == OPTION_LIST)
			list_release((struct list *)(void *)
				     ((char *)set->target + o->offset));
}

/* ---- for people ---- */

void options_spell(struct buf *out, const struct option_spec *o)
{
	if (o->letter != 0)
		buf_printf(out, "-%c", o->letter);
	if (o->letter != 0 && o->name != NULL)
		buf_adds(out, ", ");
	if (o->name != NULL)
		buf_printf(out, "--%s", o->name);
	if (o->value != NULL)
		buf_printf(out, " %s", o->value);
}

void options_describe(struct buf *out, const struct option_spec *spec)
{
	struct buf spelled = BUF_INIT;

	for (; spec != NULL && !is_end(spec); spec++) {
		buf_reset(&spelled);
		options_spell(&spelled, spec);
		buf_printf(out, "  %-24s  %s\n", spelled.data, spec->help);
	}
	buf_release(&spelled);
}

enum { WORD_MAX = 24 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein's three steps, and swaps of two. */
unsigned options_distance(const char *a, const char *b)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			unsigned differs = a[i - 1] != b[j - 1];

			d[i][j] = least(d[i - 1][j - 1] + differs,
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

bool options_near(const char *given, const char *known)
{
	size_t len = strlen(given);

	if (len >= 2 && strncmp(given, known, len) == 0)
		return true;
	return len > 1 && options_distance(given, known) <= (len > 4 ? 2 : 1);
}
