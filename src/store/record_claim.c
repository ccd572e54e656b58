/*
 * Claims of the fleet, as events (trine/store_claim.h). apply_claim.c is the other
 * half; what the others claim comes with their statuses (record_stream.c).
 */
#include <string.h>

#include "store.h"
#include "trine/store_claim.h"

void store_lease_clock(struct store *s, struct lease_clock *out)
{
	out->now = s->clock->steady(s->clock);
	if (!process_boot(out->boot))
		out->boot[0] = '\0';
}

int record_claim_wanted(struct store *s, const struct claim *claim, uint64_t session,
			const struct process_mark *process, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", claim->name);
	put_number(fields, "lease", (uint64_t)claim->lease);
	put_text(fields, "by", claim->by);
	put_number(fields, "session", session);
	put_process(fields, process);
	return event_record(s, "claim.wanted", fields, err);
}

int record_claim_offered(struct store *s, const struct claim *claim,
			 const char *commit, const struct lease_clock *now,
			 struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", claim->name);
	put_number(fields, "generation", claim->generation);
	put_number(fields, "beat", claim->beat);
	put_text(fields, "commit", commit);
	put_number(fields, "steady", (uint64_t)now->now);
	put_text(fields, "boot", now->boot);
	return event_record(s, "claim.offered", fields, err);
}

int record_claim_held(struct store *s, const char *name, struct error *err)
{
	json_t *fields = json_object();
	struct own_claim c;
	bool found;

	if (view_claim(s, name, &c, &found, err) == -1)
		return -1;
	put_text(fields, "name", name);
	if (found)
		put_number(fields, "generation", c.claim.generation);
	return event_record(s, "claim.held", fields, err);
}

int record_claim_released(struct store *s, const char *name, const char *why,
			  struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", name);
	put_text(fields, "why", why);
	return event_record(s, "claim.released", fields, err);
}

int record_claim_lost(struct store *s, const char *name, bool again, const char *why,
		      struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", name);
	put_flag(fields, "again", again);
	put_text(fields, "why", why);
	return event_record(s, "claim.lost", fields, err);
}

int record_claim_generation(struct store *s, uint64_t generation, struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "generation", generation);
	return event_record(s, "claim.found", fields, err);
}
