/* The last cycles (cycles.h). */
#include "trine/cycles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/mem.h"
#include "trine/objects.h"

enum { LIMIT_CYCLES = 256 * 1024 };

static const char place[] = "run/cycles.json";

json_t *cycles_to_json(const struct home *h)
{
	json_t *json = home_json(h, place, LIMIT_CYCLES);

	if (json_is_array(json))
		return json;
	json_decref(json);
	return json_array();
}

/* ---- how large all is ---- */

static json_int_t size_of(const struct home *h, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct file_info info = { 0 };
	char *path = home_path(h, name);

	file_stat(path, &info, &ignored);
	free(path);
	return (json_int_t)info.size;
}

/* What lies in a folder itself. */
static json_int_t size_in(const struct home *h, const char *folder)
{
	struct error ignored = ERROR_INIT;
	struct list names = LIST_INIT;
	char *path = home_path(h, folder);
	json_int_t sum = 0;

	file_list(path, &names, &ignored);
	for (size_t i = 0; i < names.count; i++) {
		char *name = xasprintf("%s/%s", folder, names.item[i]);

		sum += size_of(h, name);
		free(name);
	}
	list_release(&names);
	free(path);
	return sum;
}

/* Packs, and objects that are in none. */
static json_int_t size_of_repository(const struct home *h)
{
	json_int_t sum = size_in(h, "repo.git/objects/pack");
	char folder[32];

	for (unsigned i = 0; i < 256; i++) {
		snprintf(folder, sizeof(folder), "repo.git/objects/%02x", i);
		sum += size_in(h, folder);
	}
	return sum;
}

/* Looked at where something came or went: it is as it was, else. */
static json_int_t measure(const struct home *h, const struct report *r,
			  const json_t *before)
{
	const json_t *known = json_object_get(before, "repository");

	return known != NULL && r->received + r->committed == 0 && r->tip[0] != '\0' ?
		json_integer_value(known) : size_of_repository(h);
}

/* ---- noting one ---- */

static json_t *steps_to_json(const struct report *r)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < r->step_count; i++)
		json_array_append_new(steps, json_pack("{s:s, s:I}", "name",
			r->step[i].name, "ms", (json_int_t)r->step[i].ms));
	return steps;
}

static json_t *cycle_to_json(const struct home *h, const struct report *r,
			     const json_t *before)
{
	return json_pack("{s:o, s:o, s:b, s:i, s:s, s:i, s:i, s:i, s:i, s:i, s:o, s:I, "
		"s:I}", "started", time_to_json(r->started),
		"ended", time_to_json(r->ended), "online", (int)r->online,
		"exit", r->exit, "failure", r->exit != 0 ? r->failure : "",
		"rounds", (int)r->rounds, "received", (int)r->received,
		"committed", (int)r->committed, "published", (int)r->published,
		"handed", (int)r->handed, "steps", steps_to_json(r),
		"repository", measure(h, r, before),
		"log", size_of(h, "event-log.jsonl") + size_in(h, "log"));
}

int cycles_note(const struct home *h, const struct report *r, struct error *err)
{
	json_t *all = cycles_to_json(h);
	json_t *one = cycle_to_json(h, r, json_array_size(all) == 0 ? NULL :
		json_array_get(all, json_array_size(all) - 1));

	if (one != NULL)	/* what failed may be no UTF-8 */
		json_array_append_new(all, one);
	while (json_array_size(all) > CYCLES_KEPT)
		json_array_remove(all, 0);
	return home_put_json(h, place, all, err);
}
