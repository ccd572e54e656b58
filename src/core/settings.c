/*
 * trine.ini (settings.h): the table of keys, and reading by it. Every command
 * that needs a computer begins here.
 *
 * inih splits lines and trims; it cuts long lines, drops what it takes for an
 * inline comment and names no lines. So read_line() hands it only lines that
 * it has looked at, keeps the place, and gives a blank line for a faulty one.
 */
#include "trine/settings.h"

#include <assert.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "settings_keys.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/names.h"
#include "trine/text.h"

/* Where each key of one section was set: its line, 0 for not at all. */
struct places {
	unsigned line[SETTINGS_KEYS];
};

enum { INI_NO_MEMORY = -2 };	/* what inih says then */

enum previous { PREV_NONE, PREV_READ, PREV_REFUSED };

struct reader {
	struct span bytes;
	size_t pos;
	unsigned line;		/* of the line inih has now */
	const char *file;
	struct settings *out;
	struct buf *faults;
	size_t fault_count;
	const char *section;	/* of the table; NULL: none, or one refused */
	bool sectioned;		/* some section has begun */
	size_t instance;	/* its index, in an instance's section */
	struct places plain;
	struct places *per_instance;	/* parallel to out->instance */
	size_t per_count, per_cap;
	enum previous previous;	/* key of this section, for continuations */
	bool continues;		/* the line inih has now is a continuation */
	const struct settings_key *key;	/* last one set; NULL: refused */
};

static void fault_at(struct reader *r, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void fault_at(struct reader *r, unsigned line, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	buf_adds(r->faults, r->file);
	if (line > 0)
		buf_printf(r->faults, ":%u", line);
	buf_adds(r->faults, ": ");
	text_escape(r->faults, text.data, text.len, false);
	buf_addc(r->faults, '\n');
	buf_release(&text);
	r->fault_count++;
}

/* ---- sections ---- */

static void add_instance(struct reader *r, const char *name)
{
	struct settings *s = r->out;
	struct instance_settings *i;

	ARRAY_GROW(s->instance, s->instance_count, s->instance_cap);
	ARRAY_GROW(r->per_instance, r->per_count, r->per_cap);
	i = &s->instance[s->instance_count++];
	*i = (struct instance_settings){ .name = xstrdup(name) };
	r->per_instance[r->per_count++] = (struct places){ { 0 } };
	settings_default(true, i);
}

static void begin_instance(struct reader *r, struct span name)
{
	char text[LIMIT_NAME + 1];

	if (!plain_name_valid(name)) {
		fault_at(r, r->line, "an instance's name is of letters, digits, "
			 ". _ - and begins with a letter or digit: [instance NAME]");
		return;
	}
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	r->section = SECTION_INSTANCE;
	for (r->instance = 0; r->instance < r->out->instance_count; r->instance++)
		if (strcmp(r->out->instance[r->instance].name, text) == 0)
			return;
	add_instance(r, text);
}

static void unknown_section(struct reader *r, struct span name)
{
	struct buf there = BUF_INIT;

	for (size_t i = 0; i < SETTINGS_KEYS; i++)
		if (i == 0 || strcmp(settings_keys[i].section,
				     settings_keys[i - 1].section) != 0)
			buf_printf(&there, " [%s%s]", settings_keys[i].section,
				   strcmp(settings_keys[i].section,
					  SECTION_INSTANCE) == 0 ? " NAME" : "");
	fault_at(r, r->line, "no section is called [%.*s]; there are:%s",
		 (int)name.len, name.p, there.data);
	buf_release(&there);
}

static void begin_section(struct reader *r, struct span name)
{
	static const char instance[] = SECTION_INSTANCE " ";

	name = text_trim(name);
	if (name.len > LIMIT_INI_SECTION) {
		fault_at(r, r->line, "a section's name has at most %d bytes",
			 LIMIT_INI_SECTION);
		return;
	}
	if (text_starts(name, instance)) {
		name.p += strlen(instance);
		name.len -= strlen(instance);
		begin_instance(r, text_trim(name));
		return;
	}
	r->section = settings_section(name);
	if (r->section == NULL)
		unknown_section(r, name);
}

/* ---- lines, before inih sees them ---- */

static bool has_control(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') ||
		    line.p[i] == 0x7f)
			return true;
	return false;
}

static bool has_inline_comment(struct span line)
{
	for (size_t i = 1; i < line.len; i++)
		if (line.p[i] == ';' &&
		    (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return true;
	return false;
}

static bool bytes_accepted(struct reader *r, struct span line)
{
	if (line.len > LIMIT_INI_LINE)
		fault_at(r, r->line, "a line has at most %d bytes", LIMIT_INI_LINE);
	else if (has_control(line))
		fault_at(r, r->line, "control bytes");
	else if (!text_is_utf8(line.p, line.len))
		fault_at(r, r->line, "not UTF-8");
	else
		return true;
	return false;
}

/* A section's line is acted on here, and inih need not see it: it gives no
 * word of sections without keys, and cuts long names. */
static void take_section(struct reader *r, struct span trimmed, bool good)
{
	size_t last = trimmed.len - 1;

	r->section = NULL;
	r->sectioned = true;
	r->previous = PREV_NONE;
	if (!good)
		return;
	if (memchr(trimmed.p, ']', trimmed.len) == trimmed.p + last)
		begin_section(r, (struct span){ trimmed.p + 1, last - 1 });
	else
		fault_at(r, r->line, "a section is one line of the form [name]");
}

/* "key = value", or the line below one: shall inih read it? */
static bool text_accepted(struct reader *r, struct span line, bool bytes_good)
{
	bool good = bytes_good;

	if (good && has_inline_comment(line)) {
		fault_at(r, r->line, "a comment stands on a line of its own, and "
			 "' ;' would begin one");
		good = false;
	}
	if (r->continues) {
		good = good && r->previous == PREV_READ;
	} else {
		if (good && memchr(line.p, '=', line.len) == NULL &&
		    memchr(line.p, ':', line.len) == NULL) {
			fault_at(r, r->line, "neither [section] nor key = value");
			good = false;
		}
		r->previous = good ? PREV_READ : PREV_REFUSED;
	}
	return good;
}

/* What inih may have of this line. A key that is indented itself is handed over
 * without: inih would take it for the end of the section before. */
static struct span look_at(struct reader *r, struct span line)
{
	static const struct span blank = { "", 0 };
	struct span trimmed = text_trim(line);
	bool good = bytes_accepted(r, line);

	r->continues = false;
	if (trimmed.len == 0 || trimmed.p[0] == '#' || trimmed.p[0] == ';')
		return blank;
	r->continues = r->previous != PREV_NONE && trimmed.p != line.p;
	if (!r->continues && trimmed.p[0] == '[') {
		take_section(r, trimmed, good);
		return blank;
	}
	if (!text_accepted(r, line, good))
		return blank;
	return r->continues ? line : trimmed;
}

/* inih's way to get lines (fgets). */
static char *read_line(char *str, int num, void *stream)
{
	struct reader *r = stream;
	struct span line;

	if (!text_line(r->bytes, &r->pos, &line))
		return NULL;
	r->line++;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	line = look_at(r, line);
	assert(num > 0 && line.len + 2 <= (size_t)num);
	memcpy(str, line.p, line.len);
	str[line.len] = '\n';
	str[line.len + 1] = '\0';
	return str;
}

/* ---- values, as inih finds them ---- */

static void *target(struct reader *r)
{
	if (strcmp(r->section, SECTION_INSTANCE) == 0)
		return &r->out->instance[r->instance];
	return r->out;
}

static struct places *places(struct reader *r)
{
	if (strcmp(r->section, SECTION_INSTANCE) == 0)
		return &r->per_instance[r->instance];
	return &r->plain;
}

static void set_value(struct reader *r, const struct settings_key *key,
		      const char *value)
{
	unsigned *at = &places(r)->line[key - settings_keys];
	struct buf why = BUF_INIT;

	r->key = NULL;
	if (*at != 0) {
		fault_at(r, r->line, "%s is set already, on line %u", key->name,
			 *at);
		return;
	}
	*at = r->line;
	r->out->blank = false;
	if (settings_set(key, value, target(r), &why))
		r->key = key;
	else
		fault_at(r, r->line, "%s: %s", key->name, why.data);
	buf_release(&why);
}

static void unknown_key(struct reader *r, const char *name)
{
	struct buf there = BUF_INIT;

	for (size_t i = 0; i < SETTINGS_KEYS; i++)
		if (strcmp(settings_keys[i].section, r->section) == 0)
			buf_printf(&there, " %s", settings_keys[i].name);
	fault_at(r, r->line, "[%s] has no key '%s'; there are:%s", r->section,
		 name, there.data);
	buf_release(&there);
}

static void continue_value(struct reader *r, const char *value)
{
	if (r->key == NULL)
		return;
	if (!settings_append(r->key, value, target(r)))
		fault_at(r, r->line, "%s takes one line; this one is indented",
			 r->key->name);
}

static int on_value(void *user, const char *section, const char *name,
		    const char *value)
{
	const struct settings_key *key;
	struct reader *r = user;

	(void)section;
	if (!r->sectioned) {
		fault_at(r, r->line, "'%s' stands before the first [section]", name);
		r->key = NULL;
		return 1;
	}
	if (r->section == NULL)
		return 1;
	if (r->continues) {
		continue_value(r, value);
		return 1;
	}
	key = settings_find(r->section, name);
	if (key != NULL) {
		set_value(r, key, value);
	} else {
		unknown_key(r, name);
		r->key = NULL;
	}
	return 1;
}

/* ---- the whole ---- */

/* Nothing may last longer than the cycle it is a part of. */
static void check_times(struct reader *r)
{
	const struct {
		const char *name;
		int64_t *value;
		int64_t most;
	} parts[] = {
		{ "network", &r->out->network, r->out->deadline },
		{ "last_round", &r->out->last_round, r->out->deadline * 7 / 8 },
	};
	const struct settings_key *key;
	unsigned line;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		key = settings_find("sync", parts[i].name);
		line = r->plain.line[key - settings_keys];
		if (line == 0 && *parts[i].value > parts[i].most)
			*parts[i].value = parts[i].most;
		if (*parts[i].value > r->out->deadline)
			fault_at(r, line, "%s is longer than deadline, the whole "
				 "cycle (%lld s)", parts[i].name,
				 (long long)r->out->deadline);
	}
}

static void check_branches(struct reader *r)
{
	const struct settings_key *key = settings_find("radar", "push");

	if (settings_push_clashes(r->out))
		fault_at(r, r->plain.line[key - settings_keys], "push: '%s' and "
			 "the fleet's branch, '%s', cannot both be there",
			 r->out->push, r->out->branch);
}

/* Each name in `to` is that of an instance. */
static void check_alert(struct reader *r)
{
	const struct settings_key *key = settings_find("alert", "to");
	unsigned line = r->plain.line[key - settings_keys];
	struct list names = LIST_INIT;

	settings_names(r->out->alert_to, &names);
	for (size_t i = 0; i < names.count; i++)
		if (settings_instance(r->out, names.item[i]) == NULL)
			fault_at(r, line, "to: there is no [instance %s]",
				 names.item[i]);
	list_release(&names);
}

static unsigned line_of(const struct reader *r, size_t instance,
			const char *name)
{
	const struct settings_key *key = settings_find(SECTION_INSTANCE, name);

	return r->per_instance[instance].line[key - settings_keys];
}

/* What takes no more than its line may have got some by indented ones. */
static void check_health(struct reader *r, size_t instance)
{
	const struct instance_settings *one = &r->out->instance[instance];
	struct buf why = BUF_INIT;
	struct health h;

	if (one->health == NULL)
		return;
	if (!settings_health(one->health, &h, &why))
		fault_at(r, line_of(r, instance, "health"), "health: %s", why.data);
	health_release(&h);
	buf_release(&why);
}

/* A way to hand over says by what. Faulty values have been said. */
static void check_instances(struct reader *r)
{
	for (size_t i = 0; i < r->out->instance_count; i++) {
		struct instance_settings *one = &r->out->instance[i];

		one->bounded = line_of(r, i, "capacity") != 0;
		if (one->deliver == DELIVER_HTTP && line_of(r, i, "url") == 0)
			fault_at(r, line_of(r, i, "deliver"), "deliver: http "
				 "wants a url in [instance %s]", one->name);
		if (one->deliver == DELIVER_EXEC && line_of(r, i, "exec") == 0)
			fault_at(r, line_of(r, i, "deliver"), "deliver: exec "
				 "wants a program, exec = /path/of/it, in "
				 "[instance %s]", one->name);
		check_health(r, i);
		if (one->start == NULL && one->copies > 1)
			fault_at(r, line_of(r, i, "copies"), "copies: wants a "
				 "program to start, start = /path/of/it, in "
				 "[instance %s]", one->name);
	}
}

static void read_all(struct reader *r)
{
	int bad;

	if (r->bytes.len > LIMIT_INI_FILE) {
		fault_at(r, 0, "has %zu bytes; at most %d are read",
			 r->bytes.len, LIMIT_INI_FILE);
		return;
	}
	if (text_starts(r->bytes, TEXT_MARK))
		r->pos = strlen(TEXT_MARK);
	bad = ini_parse_stream(read_line, r, on_value, r);
	if (bad == INI_NO_MEMORY)
		mem_need(NULL);
	if (bad != 0 && r->fault_count == 0)
		fault_at(r, bad > 0 ? (unsigned)bad : 0, "cannot be read");
	check_times(r);
	check_branches(r);
	check_instances(r);
	check_alert(r);
}

int settings_parse(struct span bytes, const char *file, struct settings *out,
		   struct buf *faults, struct error *err)
{
	struct reader r = { .bytes = bytes, .file = file, .out = out };
	struct span first;
	size_t pos = faults->len;

	r.faults = faults;
	*out = (struct settings){ .blank = true };
	settings_default(false, out);
	read_all(&r);
	free(r.per_instance);
	if (r.fault_count == 0)
		return 0;
	text_line(span_of(faults), &pos, &first);
	if (r.fault_count == 1)
		return error_set(err, ERR_CONFIG, "%.*s", (int)first.len, first.p);
	return error_set(err, ERR_CONFIG, "%.*s (and %zu more)", (int)first.len,
			 first.p, r.fault_count - 1);
}

void settings_release(struct settings *s)
{
	for (size_t i = 0; i < s->instance_count; i++) {
		free(s->instance[i].name);
		settings_forget(true, &s->instance[i]);
	}
	free(s->instance);
	settings_forget(false, s);
	*s = (struct settings){ 0 };
}

const struct instance_settings *settings_instance(const struct settings *s,
						  const char *name)
{
	for (size_t i = 0; i < s->instance_count; i++)
		if (strcmp(s->instance[i].name, name) == 0)
			return &s->instance[i];
	return NULL;
}

int64_t settings_capacity(const struct instance_settings *i)
{
	return i->capacity * i->copies;
}
