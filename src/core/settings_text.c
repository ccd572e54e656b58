/* The keys of trine.ini as text (settings.h): the commented example and the
 * list in trine.ini(5). Printed while building, from the table that reads. */
#include "settings_keys.h"

#include <string.h>

#include "duration.h"
#include "size.h"

static bool begins_section(size_t i)
{
	return i == 0 || strcmp(settings_keys[i].section,
				settings_keys[i - 1].section) != 0;
}

/* LEN bytes of TEXT in lines of at most 78 columns, each begun with START. Where
 * that is nothing, the lines are mdoc's, which takes a dot for a macro. */
static void write_wrapped(struct buf *out, const char *text, size_t len,
			  const char *start)
{
	enum { WIDTH = 78 };
	const char *end = text + len;
	size_t column = 0, word;

	for (; text < end; text += word + (text + word < end)) {
		word = strcspn(text, " ");
		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (column > 0 && column + 1 + word > WIDTH) {
			buf_addc(out, '\n');
			column = 0;
		}
		buf_adds(out, column == 0 ? start : " ");
		if (column == 0 && *start == '\0' && *text == '.')
			buf_adds(out, "\\&");
		column += word + (column == 0 ? strlen(start) : 1);
		buf_add(out, text, word);
	}
	buf_addc(out, '\n');
}

static void write_header(struct buf *out, const char *section)
{
	if (strcmp(section, SECTION_INSTANCE) == 0)
		buf_adds(out, "\n# One section for each instance of this "
			 "computer.\n#[" SECTION_INSTANCE " builder]\n");
	else
		buf_printf(out, "\n[%s]\n", section);
}

void settings_write_example(struct buf *out)
{
	const struct settings_key *key;

	buf_adds(out, "# trine.ini: the settings of one computer, see "
		 "trine.ini(5). Keys in comments\n# show their default, or an "
		 "example where they have none. Comments stand on\n# lines of "
		 "their own.\n");
	for (size_t i = 0; i < SETTINGS_KEYS; i++) {
		key = &settings_keys[i];
		if (begins_section(i))
			write_header(out, key->section);
		write_wrapped(out, key->help, strlen(key->help), "# ");
		buf_printf(out, "#%s = %s\n", key->name,
			   key->initial != NULL ? key->initial : key->sample);
	}
}

static const char *argument(enum value_type type)
{
	switch (type) {
	case VALUE_NUMBER: return "number";
	case VALUE_DURATION: return "time";
	case VALUE_SIZE: return "size";
	case VALUE_NAME: return "text";
	case VALUE_LINES: return "text";
	case VALUE_URL: return "url";
	case VALUE_BRANCH: return "branch";
	case VALUE_GLOBS: return "pattern ...";
	case VALUE_OWN_BRANCH: return "branch";
	case VALUE_PATH: return "folder";
	case VALUE_FILE: return "file";
	case VALUE_TRANSPORT: return "way";
	case VALUE_SERVICE: return "url";
	case VALUE_BOOL: return "yes | no";
	case VALUE_DELIVER: return "way";
	case VALUE_HOSTS: return "name, ...";
	case VALUE_LISTEN: return "address:port | off";
	case VALUE_SOCKET: return "URL";
	case VALUE_PROGRAM: return "program";
	case VALUE_HEALTH: return "way";
	case VALUE_PREFER: return "speed | quality";
	}
	return "value";
}

/* A new line for each sentence, as mdoc wants it. */
static void write_sentences(struct buf *out, const char *help)
{
	const char *end;

	for (; (end = strstr(help, ". ")) != NULL; help = end + 2)
		write_wrapped(out, help, (size_t)(end - help) + 1, "");
	write_wrapped(out, help, strlen(help), "");
}

static void write_bounds(struct buf *out, const struct settings_key *key)
{
	if (key->type == VALUE_NUMBER) {
		buf_printf(out, "From %lld to %lld", (long long)key->min,
			   (long long)key->max);
	} else if (key->type == VALUE_DURATION) {
		buf_adds(out, "From ");
		duration_write(out, key->min);
		buf_adds(out, " to ");
		duration_write(out, key->max);
	} else if (key->type == VALUE_SIZE) {
		buf_adds(out, "From ");
		size_write(out, key->min);
		buf_adds(out, " to ");
		size_write(out, key->max);
	}
	if (key->type == VALUE_NUMBER || key->type == VALUE_DURATION ||
	    key->type == VALUE_SIZE)
		buf_adds(out, key->initial != NULL ? "; " : ".\n");
	else if (key->initial != NULL)
		buf_adds(out, "The ");
	if (key->initial != NULL)
		buf_printf(out, "default is\n.Ql %s .\n", key->initial);
}

void settings_write_manual(struct buf *out)
{
	const struct settings_key *key;

	for (size_t i = 0; i < SETTINGS_KEYS; i++) {
		key = &settings_keys[i];
		if (begins_section(i)) {
			if (i > 0)
				buf_adds(out, ".El\n");
			buf_printf(out, ".Ss [%s%s] section\n.Bl -tag -width Ds\n",
				   key->section,
				   strcmp(key->section, SECTION_INSTANCE) == 0 ?
				   " NAME" : "");
		}
		buf_printf(out, ".It Ic %s No = Ar %s\n", key->name,
			   argument(key->type));
		write_sentences(out, key->help);
		write_bounds(out, key);
	}
	buf_adds(out, ".El\n");
}
