/*
 * Which instance gets a message (deliver.h): pure. Called by deliver_all, and
 * by whoever wants to say beforehand where something would go.
 */
#include "trine/deliver.h"

#include <ctype.h>
#include <string.h>

#include "trine/text.h"

static bool same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
			return false;
	return true;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

/* Is WORD one of the words of TEXT, in any case? */
static bool has_word(const char *text, const char *word)
{
	size_t want = strlen(word), len;

	for (; *text != '\0'; text += len) {
		len = 0;
		while (is_word_byte(text[len]))
			len++;
		if (len == want && want > 0 && same_letters(text, word, len))
			return true;
		if (len == 0)
			len = 1;
	}
	return false;
}

/* "1/araya" on computer 1: araya. */
static const struct instance_settings *
route_target(const struct settings *settings, int self, const char *to)
{
	const char *slash = strchr(to, '/');
	uint64_t number;

	if (slash == NULL ||
	    !text_number((struct span){ to, (size_t)(slash - to) }, &number) ||
	    number != (uint64_t)self)
		return NULL;
	return settings_instance(settings, slash + 1);
}

static const struct instance_settings *
by_route(const struct settings *settings, const struct fleet *fleet, int self,
	 const struct list *labels)
{
	const struct fleet_route *route = NULL;
	const struct instance_settings *found = NULL;

	if (fleet != NULL && labels->count > 0)
		route = fleet_route(fleet, labels);
	for (size_t i = 0; route != NULL && found == NULL &&
	     i < route->to.count; i++)
		found = route_target(settings, self, route->to.item[i]);
	return found;
}

/* The one whose specialty names the most labels; the first of equals. */
static const struct instance_settings *
by_specialty(const struct settings *settings, const struct list *labels)
{
	const struct instance_settings *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < settings->instance_count; i++) {
		const struct instance_settings *one = &settings->instance[i];
		size_t hits = 0;

		for (size_t l = 0; l < labels->count && one->specialty; l++)
			hits += has_word(one->specialty, labels->item[l]);
		if (hits > most) {
			most = hits;
			best = one;
		}
	}
	return best;
}

const struct instance_settings *
deliver_route(const struct settings *settings, const struct fleet *fleet, int self,
	      const struct record *record)
{
	const struct message *m = &record->message;
	const struct instance_settings *found;

	/* named, and not here: it waits for a session of that name */
	if (m->to != NULL)
		return settings_instance(settings, m->to);
	/* what is made here and names nobody is for whoever asks for it */
	if (settings->instance_count == 1 && m->stream.from != self)
		return &settings->instance[0];
	found = by_route(settings, fleet, self, &m->labels);
	if (found == NULL)
		found = by_specialty(settings, &m->labels);
	return found;
}
