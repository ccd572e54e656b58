/* Who is connected in real time (presence.h). */
#include "trine/presence.h"

#include <stdlib.h>

#include "trine/home_json.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { LIMIT_PRESENCE = 256 * 1024 };

static void add(struct presence *p, const char *key, const json_t *value)
{
	const char *since = json_string_value(json_object_get(value, "since"));
	const char *state = json_string_value(json_object_get(value, "state"));
	struct present one = { .state = STATE_OFFLINE };
	uint64_t computer;

	if (since == NULL || !time_parse(span_str(since), &one.since) ||
	    !text_number(span_str(key), &computer) || computer > LIMIT_COMPUTERS)
		return;
	one.computer = (int)computer;
	if (state != NULL)
		computer_state_parse(span_str(state), &one.state);
	ARRAY_GROW(p->item, p->count, p->cap);
	p->item[p->count++] = one;
}

void presence_read(const struct home *h, struct presence *out)
{
	json_t *json = NULL, *one;
	const char *key;

	*out = (struct presence){ 0 };
	if (instances_watched(h))
		json = home_json(h, "run/presence.json", LIMIT_PRESENCE);
	json_object_foreach(json_object_get(json, "computers"), key, one)
		add(out, key, one);
	json_decref(json);
}

void presence_release(struct presence *p)
{
	free(p->item);
	*p = (struct presence){ 0 };
}

const struct present *presence_of(const struct presence *p, int computer)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->item[i].computer == computer)
			return &p->item[i];
	return NULL;
}
