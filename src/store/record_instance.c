/*
 * Instances, as events (trine/store_instance.h). apply_instance.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/store_instance.h"

const char *const instance_wants[] = {
	[WANT_START] = "start",
	[WANT_STOP] = "stop",
	[WANT_RESTART] = "restart",
};

int record_instance_wanted(struct store *s, const char *name,
			   enum instance_want want, uint64_t *number,
			   struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", name);
	put_text(fields, "want", instance_wants[want]);
	if (event_record(s, "instance.wanted", fields, err) == -1)
		return -1;
	*number = s->next.seq;
	return 0;
}

static int is_so(struct store *s, const struct instance_fact *f, bool *out,
		 struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_INSTANCE, BINDS(TEXT(f->name),
				      NUMBER(f->copy)), err);
	int result = 0;

	*out = query_row(s, q, &result, err) &&
	       column_same(q, 2, instance_state_name(f->state)) &&
	       (column_number(q, 3) != 0) == f->given_up &&
	       column_number(q, 4) == f->process.pid &&
	       (uint64_t)column_number(q, 5) == f->process.born &&
	       column_same(q, 6, f->process.boot) && column_same(q, 8, f->reason);
	query_end(q);
	return result;
}

int record_instance_changed(struct store *s, struct instance_fact *f,
			    struct error *err)
{
	json_t *fields;
	bool so;

	if (is_so(s, f, &so, err) == -1)
		return -1;
	if (so)
		return 0;
	f->since = s->clock->now(s->clock);
	fields = json_object();
	put_text(fields, "name", f->name);
	put_number(fields, "copy", (uint64_t)f->copy);
	put_text(fields, "state", instance_state_name(f->state));
	put_flag(fields, "given_up", f->given_up);
	put_process(fields, &f->process);
	put_text(fields, "reason", f->reason);
	return event_record(s, "instance.changed", fields, err);
}
