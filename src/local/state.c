/*
 * Values that instances share (state.h). cli/cmd_state.c calls this.
 */
#include "trine/state.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static int check(const char *key, const char *value, struct error *err)
{
	if (!resource_name_valid(span_str(key)))
		return error_set(err, ERR_USAGE, "a key is of letters, digits, `.`, "
				 "`_`, `-` and `:`, at most %d", LIMIT_NAME);
	if (!text_fits(value, STATE_VALUE))
		return error_set(err, ERR_DATA, "a value has at most %d bytes of "
				 "UTF-8", STATE_VALUE);
	return 0;
}

static int swap(struct home *h, const char *key, const char *value,
		const uint64_t *seen, const char *by, struct value *out,
		struct error *err)
{
	struct value now;
	bool found;

	if (view_value(h->store, key, &now, &found, err) == -1)
		return -1;
	if (seen != NULL && now.generation != *seen) {
		error_set(err, ERR_NO, found ? "%s has generation %llu, not %llu" :
			  "%s is not set: generation %llu, not %llu", key,
			  (unsigned long long)now.generation,
			  (unsigned long long)*seen);
		value_release(&now);
		return -1;
	}
	value_release(&now);
	*out = (struct value){ .key = xstrdup(key), .value = xstrdup(value),
			       .by = xstrdup(by) };
	return record_value(h->store, out, err);
}

int state_set(struct home *h, const char *key, const char *value,
	      const uint64_t *seen, const char *by, struct value *out,
	      struct error *err)
{
	*out = (struct value){ 0 };
	if (check(key, value, err) == -1 || store_begin(h->store, err) == -1)
		return -1;
	if (store_end(h->store, swap(h, key, value, seen, by, out, err),
		      err) == 0)
		return 0;
	value_release(out);
	return -1;
}
