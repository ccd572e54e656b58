/*
 * How a piece of work ended, where the log could not take that at once: kept in a file
 * beside the slot of its worker, which goes on trying. If that is killed, or gives up,
 * whoever settles what it left finds it here (slots.c).
 */
#include "deliver_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/text.h"

/* Each byte of a text is up to six in JSON. */
enum { KEPT_BYTES = 6 * LIMIT_RESULT + 4096 };

static const char *const fates[] = {
	[WORK_TAKEN] = "taken",
	[WORK_GOES_ON] = "goes on",
	[WORK_COMPLETED] = "completed",
	[WORK_FAILED] = "failed",
	[WORK_BLOCKED] = "blocked",
	[WORK_LATER] = "later",
	[WORK_IN_DOUBT] = "in doubt",
};

char *outcome_path(const struct home *h, const char *instance, unsigned slot)
{
	return xasprintf("%s/run/work/%s.%u.outcome", h->state, instance, slot);
}

void outcome_keep(const char *path, const struct record *r, const struct work_end *end)
{
	json_t *json = json_pack("{s:s, s:I, s:s, s:s, s:s}", "id", r->id,
				 "attempt", (json_int_t)r->attempt,
				 "fate", fates[end->fate], "reason", end->reason,
				 "text", end->text.len > 0 ? end->text.data : "");
	struct error ignored = ERROR_INIT;
	char *line;

	if (json == NULL)	/* a text that is no UTF-8, which no log would take */
		return;
	line = json_to_line(json);
	file_write(path, span_str(line), 0600, &ignored);
	free(line);
}

static bool fate_parse(const char *word, enum work_fate *out)
{
	for (size_t i = 0; i < ARRAY_LEN(fates); i++)
		if (strcmp(word, fates[i]) == 0) {
			*out = (enum work_fate)i;
			return true;
		}
	return false;
}

static bool read_end(json_t *json, const struct record *r, struct work_end *end)
{
	const char *id, *fate, *reason, *text;
	json_int_t attempt;

	if (json_unpack(json, "{s:s, s:I, s:s, s:s, s:s}", "id", &id,
			"attempt", &attempt, "fate", &fate, "reason", &reason,
			"text", &text) == -1 ||
	    strcmp(id, r->id) != 0 || (uint64_t)attempt != r->attempt ||
	    !fate_parse(fate, &end->fate))
		return false;
	text_copy(end->reason, sizeof(end->reason), span_str(reason));
	buf_adds(&end->text, text);
	return true;
}

bool outcome_find(const char *path, const struct record *r, struct work_end *end)
{
	struct error absent = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	json_t *json = NULL;
	bool found;

	if (file_read(path, KEPT_BYTES, &bytes, NULL, &absent) == 0)
		json = json_loadb(bytes.data, bytes.len, 0, NULL);
	found = json != NULL && read_end(json, r, end);
	json_decref(json);
	buf_release(&bytes);
	return found;
}

void outcome_forget(const char *path)
{
	struct error ignored = ERROR_INIT;

	file_remove(path, &ignored);
}
