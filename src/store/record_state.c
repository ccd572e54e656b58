/*
 * Values that instances share, as events (trine/store.h). apply_state.c is the other
 * half.
 */
#include "store.h"

int record_value(struct store *s, struct value *v, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "key", v->key);
	put_text(fields, "value", v->value);
	put_text(fields, "by", v->by);
	if (event_record(s, v->value != NULL ? "state.set" : "state.unset", fields,
			 err) == -1)
		return -1;
	v->generation = s->next.seq;
	v->since = s->clock->now(s->clock);
	return 0;
}
