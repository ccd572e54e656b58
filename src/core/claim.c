/* Whose claim counts (claim.h). sync/claims.c asks, and so does local/claims.c. */
#include "trine/claim.h"

#include <stdio.h>
#include <string.h>

#include "trine/message.h"
#include "trine/text.h"

static const char lock[] = "lock/", task[] = "task/";

bool claim_name_valid(struct span name)
{
	struct span rest;

	if (name.len >= CLAIM_NAME)
		return false;
	rest = (struct span){ name.p + sizeof(lock) - 1,
			      name.len - (sizeof(lock) - 1) };
	if (text_starts(name, lock))
		return plain_name_valid(rest);
	return text_starts(name, task) && message_id_valid(rest);
}

void claim_task_name(const char *id, char out[CLAIM_NAME])
{
	snprintf(out, CLAIM_NAME, "%s%s", task, id);
}

const char *claim_task(const char *name)
{
	return text_starts(span_str(name), task) ? name + sizeof(task) - 1 : NULL;
}

const char *claim_subject(const char *name)
{
	return strchr(name, '/') + 1;
}

/* Where a system does not say which boot it is, any may be another one. */
static bool is_same_boot(const struct lease_clock *clock, const char *boot)
{
	return boot[0] != '\0' && strcmp(clock->boot, boot) == 0;
}

int64_t lease_age(const struct lease_clock *clock, int64_t seen, const char *boot)
{
	if (!is_same_boot(clock, boot))
		return clock->now;
	return clock->now > seen ? clock->now - seen : 0;
}

int64_t lease_left(const struct lease_clock *clock, int64_t lease, int64_t from,
		   const char *boot)
{
	int64_t age = lease_age(clock, from, boot) / 1000;

	return is_same_boot(clock, boot) && age < lease ? lease - age : 0;
}

int64_t claim_margin(int64_t lease)
{
	return lease / 1000 > CLAIM_MARGIN ? lease / 1000 : CLAIM_MARGIN;
}

bool rival_lasts(const struct rival *r, const struct lease_clock *clock)
{
	return lease_age(clock, r->seen, r->boot) <=
	       (r->claim.lease + claim_margin(r->claim.lease)) * 1000;
}

const struct rival *claim_taken(const struct rival *l, size_t count, const char *name,
				const struct lease_clock *clock)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(l[i].claim.name, name) == 0 &&
		    rival_lasts(&l[i], clock))
			return &l[i];
	return NULL;
}
