/*
 * Which of the remote's branches are looked at in this cycle: those whose tip
 * was not looked at yet, and after them those that could not be fetched; of
 * both the computers' own first, however many others there are.
 */
#include "radar.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

int64_t radar_spent(const struct radar *r)
{
	struct clock *clock = r->c->world->clock;

	return clock->steady(clock) - r->began;
}

static int by_name(const void *name, const void *branch)
{
	return strcmp(name, ((const struct branch *)branch)->name);
}

const struct branch *radar_known(const struct radar *r, const char *name)
{
	return r->known_count == 0 ? NULL :
	       bsearch(name, r->known, r->known_count, sizeof(*r->known),
		       by_name);
}

int radar_owner(const struct radar *r, const char *name)
{
	return settings_branch_owner(&r->c->home->settings, name);
}

static bool is_another(const struct radar *r, const struct head *head)
{
	return strcmp(head->name, r->c->branch) != 0 &&
	       radar_owner(r, head->name) != r->c->me.number &&
	       text_is_utf8(head->name, strlen(head->name));
}

static bool has_failed(const struct branch *known, const struct head *head)
{
	return known != NULL && strcmp(known->failed, head->tip.hex) == 0;
}

bool radar_takes(const struct radar *r, const struct head *head)
{
	return settings_takes(&r->c->home->settings, head->name) ||
	       radar_owner(r, head->name) > 0;
}

static bool is_due(const struct radar *r, const struct head *head)
{
	const struct branch *known = radar_known(r, head->name);

	if (!is_another(r, head))
		return false;
	if (known == NULL)
		return true;
	if (has_failed(known, head))
		return known->failures < BRANCH_TRIES;
	return strcmp(known->tip, head->tip.hex) != 0 ||
	       (!known->taken && known->why[0] == '\0' &&
		radar_takes(r, head));
}

static void add_due(struct radar *r, bool owned, bool failed)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++) {
		const struct head *head = &heads->item[i];

		if (!is_due(r, head) ||
		    (radar_owner(r, head->name) > 0) != owned ||
		    has_failed(radar_known(r, head->name), head) != failed)
			continue;
		ARRAY_GROW(r->due, r->due_count, r->due_cap);
		r->due[r->due_count++] = *head;
		r->due[r->due_count - 1].why = NULL;
		r->owned += owned && !failed;
		r->failed += failed;
	}
}

int radar_start(struct radar *r, struct cycle *c, struct error *err)
{
	*r = (struct radar){ .c = c };
	r->began = c->world->clock->steady(c->world->clock);
	if (view_branches(c->store, &r->known, &r->known_count, err) == -1)
		return -1;
	for (int failed = 0; failed <= 1; failed++) {
		add_due(r, true, failed);
		add_due(r, false, failed);
	}
	return 0;
}

void radar_stop(struct radar *r)
{
	for (size_t i = 0; i < r->due_count; i++)
		free(r->due[i].why);
	free(r->due);
	free(r->in);
	branches_free(r->known, r->known_count);
}
