/* Who is connected in real time (presence.h). */
#include "trine/presence.h"

#include <jansson.h>
#include <stdlib.h>

#include "trine/file.h"
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
	char *lock = home_path(h, "run/trined.lock");
	char *path = home_path(h, "run/presence.json");
	struct error absent = ERROR_INIT;
	struct buf text = BUF_INIT;
	json_t *json = NULL, *one;
	const char *key;

	*out = (struct presence){ 0 };
	if (file_is_locked(lock) &&
	    file_read(path, LIMIT_PRESENCE, &text, NULL, &absent) == 0)
		json = json_loadb(text.data, text.len, 0, NULL);
	json_object_foreach(json_object_get(json, "computers"), key, one)
		add(out, key, one);
	json_decref(json);
	buf_release(&text);
	free(path);
	free(lock);
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
