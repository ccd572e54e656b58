/* A status, by design §4.3. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BLOCK = 64 << 10 };

/* Where the line that begins with WORDS begins; NULL: nowhere. */
static const char *line_with(const char *text, const char *words)
{
	size_t size = strlen(words);

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		if (!strncmp(text, words, size))
			return text;
	}
	return NULL;
}

/* 30m, 2h, 90s, 1d, 90: seconds; 0: none. */
static long duration(const char *text)
{
	static const struct { char unit; long seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	const char *end;
	long number = text ? ck_number(text, &end) : -1;

	if (number < 0)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end == units[i].unit && !end[1])
			return number * units[i].seconds;
	}
	return *end ? 0 : number;
}

static const char *bad_receipts(const json_t *received)
{
	const char *stream;
	const json_t *value;
	int from, to;

	if (received && !json_is_object(received))
		return "`received` is no mapping";
	json_object_foreach((json_t *)received, stream, value) {
		const char *text = json_string_value(value);

		if (!ck_stream_ends(stream, &from, &to))
			return "a receipt of what is no stream";
		if (!text || (ck_number(text, NULL) < 0 && !ck_is_hex(text, 10)))
			return "a receipt that is no number and no commit";
	}
	return NULL;
}

static const char *bad_former(const json_t *former)
{
	size_t i;
	const json_t *clone;

	json_array_foreach(former, i, clone) {
		if (!ck_is_hex(json_string_value(clone), 8))
			return "a former clone that is none";
	}
	return former && !json_is_array(former) ? "`former` is no list" : NULL;
}

const json_t *ck_claims(const struct ck_status *status)
{
	return status && !status->why ?
	       json_object_get(status->block, "claims") : NULL;
}

long ck_claim_number(const json_t *claim, const char *key)
{
	const char *text = json_string_value(json_object_get(claim, key));

	return text ? !strcmp(key, "lease") ? duration(text) :
	       ck_number(text, NULL) : -1;
}

/* generation: 7
 * claims: {lock/deploy: {generation: 7, beat: 2, lease: 15m, by: Atlas}} */
static const char *bad_claims(struct ck_status *status)
{
	const json_t *claims = json_object_get(status->block, "claims"), *claim;
	const json_t *most = json_object_get(status->block, "generation");
	const char *name;

	status->generation = most ? ck_number(json_string_value(most), NULL) : 0;
	if (status->generation < 0 || (most && !status->generation))
		return "`generation` is no number";
	if (claims && (!json_is_object(claims) || !json_object_size(claims)))
		return "`claims` is no mapping";
	json_object_foreach((json_t *)claims, name, claim) {
		if (strncmp(name, "lock/", 5) && strncmp(name, "task/", 5))
			return "a claim of what is no lock and no task";
		if (ck_claim_number(claim, "generation") < 1 ||
		    ck_claim_number(claim, "beat") < 1 ||
		    ck_claim_number(claim, "lease") < 600)
			return "a claim without generation, beat or lease";
		if (ck_claim_number(claim, "generation") > status->generation)
			return "a claim above its own `generation`";
	}
	return NULL;
}

static const char *bad_block(struct ck_status *status)
{
	static const char *const states[] = {
		"ACTIVE", "WORKING", "IDLE", "EMERGENCY",
	};
	const json_t *block = status->block;
	const char *state = ck_word(block, "state");
	bool known = false;
	const char *why;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		known |= !strcmp(states[i], state);
	if (strcmp(ck_word(block, "format"), "1"))
		return "no format: 1";
	if (!known)
		return "no such state";
	status->computer = (int)ck_number(ck_word(block, "computer"), NULL);
	status->clone = ck_word(block, "clone");
	status->updated = ck_time(ck_word(block, "updated"));
	status->heartbeat = duration(ck_word(block, "heartbeat"));
	if (!ck_is_hex(status->clone, 8))
		return "no clone of 8 hex digits";
	if (status->updated < 0 || !status->heartbeat)
		return "no time, or no heartbeat";
	why = bad_former(json_object_get(block, "former"));
	if (!why)
		why = bad_claims(status);
	return why ? why : bad_receipts(json_object_get(block, "received"));
}

/* All of it but the times: `updated:`, and the one in the line for people,
 * "**IDLE** · 2026-11-20 13:20 UTC · no tasks". */
static uint64_t lasting(const char *text)
{
	static const char dot[] = " \302\267 ";
	uint64_t hash = CK_HASH;

	while (*text) {
		size_t size = strcspn(text, "\n");
		const char *time = !strncmp(text, "**", 2) ?
			strstr(text, dot) : NULL;
		const char *behind = time ? strstr(time + 1, dot) : NULL;

		if (behind && behind < text + size) {
			hash = ck_hash(hash, text, (size_t)(time - text));
			hash = ck_hash(hash, behind,
				       (size_t)(text + size - behind));
		} else if (strncmp(text, "updated: ", 9)) {
			hash = ck_hash(hash, text, size + 1);
		}
		text += size + (text[size] == '\n');
	}
	return hash;
}

static const char *read_status(struct ck_status *status, const char *text)
{
	const char *begin = line_with(text, "<!-- trine:begin");
	const char *end = line_with(text, "<!-- trine:end -->");
	const char *fence = line_with(begin, "```yaml status\n");
	const char *stop = line_with(fence ? fence + 1 : NULL, "```\n"), *why;

	if (!begin || !end || end < begin)
		return "no lines trine:begin and trine:end";
	if (!fence || !stop || stop > end)
		return "no status block between them";
	fence = strchr(fence, '\n') + 1;
	status->block = ck_yaml(fence, (size_t)(stop - fence), MOST_BLOCK, &why);
	return status->block ? bad_block(status) : why;
}

struct ck_status *ck_status_read(const char *bytes, size_t size)
{
	struct ck_status *status = ck_alloc(sizeof(*status));
	char *text = ck_copy(bytes, size);
	const char *why = read_status(status, text);

	status->lasting = lasting(text);
	if (why)
		status->why = ck_print("%s", why);
	free(text);
	return status;
}

void ck_status_free(void *pointer)
{
	struct ck_status *status = pointer;

	if (!status)
		return;
	json_decref(status->block);
	free(status->why);
	free(status);
}

const char *ck_receipt(const struct ck_status *status, const char *stream)
{
	return status && status->block ?
	       json_string_value(json_object_get(json_object_get(
			status->block, "received"), stream)) : NULL;
}

bool ck_has_clone(const struct ck_status *status, const char *clone)
{
	size_t i;
	const json_t *former;

	if (!status || !status->block)
		return false;
	if (!strcmp(status->clone, clone))
		return true;
	json_array_foreach(json_object_get(status->block, "former"), i, former) {
		if (!strcmp(json_string_value(former), clone))
			return true;
	}
	return false;
}
