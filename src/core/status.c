/*
 * The status of a computer (status.h): its fields, where its region lies, and
 * reading one that a peer wrote. Receive reads the others' through here, join
 * and takeover our own.
 */
#include "trine/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_region.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

/* ---- fields ---- */

static const char *const state_names[] = {
	[STATE_ACTIVE] = "ACTIVE", [STATE_WORKING] = "WORKING",
	[STATE_IDLE] = "IDLE", [STATE_SYNCING] = "SYNCING",
	[STATE_EMERGENCY] = "EMERGENCY", [STATE_OFFLINE] = "OFFLINE",
};

const char *computer_state_name(enum computer_state state)
{
	return state_names[state];
}

bool computer_state_parse(struct span s, enum computer_state *out)
{
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (span_is(s, state_names[i])) {
			*out = (enum computer_state)i;
			return true;
		}
	return false;
}

void status_release(struct status *s)
{
	for (size_t i = 0; i < s->rejected_count; i++) {
		free(s->rejected[i].id);
		free(s->rejected[i].why);
	}
	list_release(&s->former);
	free(s->name);
	free(s->received);
	free(s->missing);
	free(s->rejected);
	free(s->cut);
	free(s->claim);
	free(s->version);
	*s = (struct status)STATUS_INIT;
}

static bool same_stream(struct stream_name a, struct stream_name b)
{
	return a.from == b.from && a.to == b.to;
}

static struct receipt *add_receipt(struct status *s, struct stream_name stream)
{
	struct receipt *r;

	for (size_t i = 0; i < s->received_count; i++)
		if (same_stream(s->received[i].stream, stream))
			return &s->received[i];
	ARRAY_GROW(s->received, s->received_count, s->received_cap);
	r = &s->received[s->received_count++];
	*r = (struct receipt){ .stream = stream };
	return r;
}

void status_add_received(struct status *s, struct stream_name stream, uint64_t upto)
{
	struct receipt *r = add_receipt(s, stream);

	r->upto = upto;
	r->mark[0] = '\0';
}

static bool is_mark(const char *text)
{
	size_t len = strlen(text);

	return len >= 7 && len <= 40 && strspn(text, "0123456789abcdef") == len;
}

void status_add_mark(struct status *s, struct stream_name stream, const char *mark)
{
	struct receipt *r = add_receipt(s, stream);

	r->upto = 0;
	snprintf(r->mark, sizeof(r->mark), "%s", mark);
}

void status_add_missing(struct status *s, struct stream_name stream, uint64_t seq)
{
	ARRAY_GROW(s->missing, s->missing_count, s->missing_cap);
	s->missing[s->missing_count++] = (struct missing){ stream, seq };
}

void status_add_rejected(struct status *s, const char *id, const char *why)
{
	ARRAY_GROW(s->rejected, s->rejected_count, s->rejected_cap);
	s->rejected[s->rejected_count++] =
		(struct rejected){ xstrdup(id), xstrdup(why) };
}

void status_add_claim(struct status *s, const struct claim *claim)
{
	ARRAY_GROW(s->claim, s->claim_count, s->claim_cap);
	s->claim[s->claim_count++] = *claim;
}

static bool is_cut(const struct status *s, struct stream_name stream)
{
	for (size_t i = 0; i < s->cut_count; i++)
		if (same_stream(s->cut[i], stream))
			return true;
	return false;
}

static void name_cut(struct status *s, struct stream_name stream)
{
	if (is_cut(s, stream))
		return;
	ARRAY_GROW(s->cut, s->cut_count, s->cut_cap);
	s->cut[s->cut_count++] = stream;
}

void status_add_cut(struct status *s, struct stream_name stream, bool rejected,
		    uint64_t count)
{
	*(rejected ? &s->rejected_more : &s->missing_more) += count;
	name_cut(s, stream);
}

bool status_lists_all(const struct status *s, struct stream_name stream)
{
	if (s->missing_more == 0 && s->rejected_more == 0)
		return true;
	return s->cut_count > 0 && !is_cut(s, stream);
}

/* ---- the region ---- */

enum marker region_marker(struct span line)
{
	struct span text = text_trim(line);

	if (text.len == 0 || text.p != line.p)
		return MARKER_NONE;
	if (span_is(text, REGION_END))
		return MARKER_END;
	if (text_starts(text, REGION_BEGIN " ") &&
	    memcmp(text.p + text.len - 3, "-->", 3) == 0)
		return MARKER_BEGIN;
	return MARKER_NONE;
}

struct span status_region(struct span bytes)
{
	size_t pos = 0, start = 0, begin = 0;
	bool open = false;
	struct span line;

	for (; text_line(bytes, &pos, &line); start = pos) {
		switch (region_marker(line)) {
		case MARKER_BEGIN:
			begin = start;
			open = true;
			break;
		case MARKER_END:
			if (open)
				return (struct span){ bytes.p + begin,
						      pos - begin };
			break;
		case MARKER_NONE:
			break;
		}
	}
	return (struct span){ "", 0 };
}

/* The YAML between its fences. */
static bool find_yaml(struct span region, struct span *yaml)
{
	size_t pos = 0, from = 0, start;
	struct span line;

	while (text_line(region, &pos, &line) && from == 0)
		if (span_is(text_trim(line), STATUS_FENCE))
			from = pos;
	if (from == 0)
		return false;
	for (pos = start = from; text_line(region, &pos, &line); start = pos)
		if (span_is(text_trim(line), "```")) {
			*yaml = (struct span){ region.p + from, start - from };
			return true;
		}
	return false;
}

/* ---- reasons ---- */

void status_write_reused(char out[STATUS_WHY],
			 const char digest[MESSAGE_DIGEST])
{
	snprintf(out, STATUS_WHY, STATUS_REUSED ", %s", digest);
}

bool status_reused(const char *why, char digest[MESSAGE_DIGEST])
{
	const size_t words = sizeof(STATUS_REUSED ", ") - 1;

	if (strncmp(why, STATUS_REUSED ", ", words) != 0 ||
	    strlen(why + words) != MESSAGE_DIGEST - 1 ||
	    strspn(why + words, "0123456789abcdef") != MESSAGE_DIGEST - 1)
		return false;
	memcpy(digest, why + words, MESSAGE_DIGEST);
	return true;
}

/* ---- reading ---- */

/* One key of the YAML: false if VALUE is not what belongs there. */
struct reading {
	const char *key;
	bool (*read)(const struct yaml *value, struct status *s);
	bool needed;
	bool any_format;	/* must be right in a newer format too */
};

static bool read_format(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);

	return text != NULL && text_number(span_str(text), &s->format) &&
	       s->format >= 1;
}

static bool read_computer(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);

	return text != NULL && computer_parse(span_str(text), &s->computer);
}

static bool read_name(const struct yaml *y, struct status *s)
{
	s->name = xstrdup(yaml_text(y));
	return y->kind == YAML_SCALAR;
}

static bool read_version(const struct yaml *y, struct status *s)
{
	s->version = xstrdup(yaml_text(y));
	return y->kind == YAML_SCALAR;
}

static bool read_clone(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);

	if (text == NULL || !clone_id_valid(span_str(text)))
		return false;
	memcpy(s->clone, text, CLONE_ID);
	return true;
}

static bool read_former(const struct yaml *y, struct status *s)
{
	const char *text;

	for (size_t i = 0; i < y->count; i++) {
		text = yaml_text(y->item[i]);
		if (text == NULL || !clone_id_valid(span_str(text)))
			return false;
		list_add(&s->former, text);
	}
	return y->kind == YAML_LIST;
}

static bool read_state(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);

	return text != NULL && computer_state_parse(span_str(text), &s->state);
}

static bool read_updated(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);

	return text != NULL && time_parse(span_str(text), &s->updated);
}

static bool read_heartbeat(const struct yaml *y, struct status *s)
{
	const char *text = yaml_text(y);
	int64_t seconds;

	if (text == NULL || !duration_parse(span_str(text), &seconds) ||
	    seconds < 1)
		return false;
	s->heartbeat = seconds;
	return true;
}

/* A number of a message; 0 is "nothing yet". */
static bool read_seq(const struct yaml *y, uint64_t *out)
{
	const char *text = yaml_text(y);

	return text != NULL && text_number(span_str(text), out) &&
	       *out <= MESSAGE_SEQ_MAX;
}

/* A mark may have digits only: then it stands in quotes, or in the stream of
 * people, who have no numbers. */
static bool read_receipt(const char *key, const struct yaml *y,
			 struct status *s)
{
	const char *text = yaml_text(y);
	struct stream_name stream;
	uint64_t upto;

	if (text == NULL || !stream_name_parse(span_str(key), &stream))
		return false;
	if (!y->quoted && stream.from != END_HUMAN &&
	    text[strspn(text, "0123456789")] == '\0') {
		if (!read_seq(y, &upto))
			return false;
		status_add_received(s, stream, upto);
		return true;
	}
	if (!is_mark(text))
		return false;
	status_add_mark(s, stream, text);
	return true;
}

static bool read_received(const struct yaml *y, struct status *s)
{
	bool good = y->kind == YAML_MAP;

	for (size_t i = 0; y->kind == YAML_MAP && i < y->count; i++)
		good = read_receipt(y->key[i], y->item[i], s) && good;
	return good;
}

static bool read_missing_of(const char *key, const struct yaml *list,
			    struct status *s)
{
	struct stream_name stream;
	uint64_t seq;

	if (!stream_name_parse(span_str(key), &stream) ||
	    list->kind != YAML_LIST)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		if (!read_seq(list->item[i], &seq) || seq == 0)
			return false;
		status_add_missing(s, stream, seq);
	}
	return true;
}

static bool read_missing(const struct yaml *y, struct status *s)
{
	bool good = y->kind == YAML_MAP;

	for (size_t i = 0; y->kind == YAML_MAP && i < y->count; i++)
		good = read_missing_of(y->key[i], y->item[i], s) && good;
	return good;
}

static bool read_rejected(const struct yaml *y, struct status *s)
{
	const char *why;

	if (y->kind != YAML_MAP)
		return false;
	for (size_t i = 0; i < y->count; i++) {
		why = yaml_text(y->item[i]);
		if (why == NULL || !message_id_valid(span_str(y->key[i])))
			return false;
		status_add_rejected(s, y->key[i], why);
	}
	return true;
}

static bool read_count(const struct yaml *y, uint64_t *out)
{
	const char *text = yaml_text(y);

	return text != NULL && text_number(span_str(text), out) &&
	       *out <= MESSAGE_SEQ_MAX;
}

static bool read_generation(const struct yaml *y, struct status *s)
{
	return read_count(y, &s->generation);
}

static bool read_claim(const char *name, const struct yaml *y, struct claim *out)
{
	const struct yaml *lease = yaml_get(y, "lease"), *by = yaml_get(y, "by");

	*out = (struct claim){ .lease = 0 };
	if (!claim_name_valid(span_str(name)) ||
	    !read_count(yaml_get(y, "generation"), &out->generation) ||
	    !read_count(yaml_get(y, "beat"), &out->beat) ||
	    yaml_text(lease) == NULL ||
	    !duration_parse(span_str(yaml_text(lease)), &out->lease) ||
	    out->generation == 0 || out->lease < CLAIM_LEASE_LEAST ||
	    out->lease > CLAIM_LEASE_MOST)
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	if (yaml_text(by) == NULL)
		return true;
	text_copy(out->by, sizeof(out->by), span_str(by->text));
	return true;
}

static bool read_claims(const struct yaml *y, struct status *s)
{
	struct claim claim;

	for (size_t i = 0; y->kind == YAML_MAP && i < y->count; i++) {
		if (i == CLAIMS_MOST || !read_claim(y->key[i], y->item[i], &claim))
			return false;
		status_add_claim(s, &claim);
	}
	return y->kind == YAML_MAP;
}

static bool read_cut(const struct yaml *list, struct status *s)
{
	struct stream_name stream;

	for (size_t i = 0; i < list->count; i++) {
		const char *text = yaml_text(list->item[i]);

		if (text == NULL || !stream_name_parse(span_str(text), &stream))
			return false;
		name_cut(s, stream);
	}
	return list->kind == YAML_LIST;
}

static bool read_more(const struct yaml *y, struct status *s)
{
	const struct { const char *key; uint64_t *count; } counts[] = {
		{ "received", &s->received_more },
		{ "missing", &s->missing_more },
		{ "rejected", &s->rejected_more },
	};
	const struct yaml *value;

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		value = yaml_get(y, counts[i].key);
		if (value != NULL && !read_seq(value, counts[i].count))
			return false;
	}
	value = yaml_get(y, "of");
	if (value != NULL && !read_cut(value, s))
		return false;
	return y->kind == YAML_MAP;
}

static const struct reading readings[] = {
	{ "format", read_format, true, true },
	{ "computer", read_computer, true, true },
	{ "clone", read_clone, true, true },
	{ "state", read_state, true, false },
	{ "updated", read_updated, true, false },
	{ "name", read_name, false, false },
	{ "former", read_former, false, false },
	{ "heartbeat", read_heartbeat, false, false },
	{ "received", read_received, false, false },
	{ "missing", read_missing, false, false },
	{ "rejected", read_rejected, false, false },
	{ "more", read_more, false, false },
	{ "generation", read_generation, false, false },
	{ "claims", read_claims, false, false },
	{ "trine", read_version, false, false },
};

static int read_fields(const struct yaml *root, struct status *s,
		       struct error *err)
{
	const struct reading *r;
	const struct yaml *value;
	bool strict;

	for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
		r = &readings[i];
		value = yaml_get(root, r->key);
		strict = r->any_format || s->format <= STATUS_FORMAT;
		if (value == NULL) {
			if (r->needed && strict)
				return error_set(err, ERR_DATA, "no %s", r->key);
		} else if (!r->read(value, s) && strict) {
			return error_set(err, ERR_DATA, "line %u of its YAML: "
					 "bad %s", value->line, r->key);
		}
	}
	return 0;
}

int status_parse(struct span bytes, struct status *out, struct error *err)
{
	struct yaml *root = NULL;
	struct span yaml;
	int rc;

	*out = (struct status)STATUS_INIT;
	if (!find_yaml(status_region(bytes), &yaml))
		return error_set(err, ERR_DATA, "no status region");
	if (yaml_parse(yaml, LIMIT_YAML, &root, err) == -1)
		return -1;
	rc = read_fields(root, out, err);
	yaml_tree_free(root);
	if (rc == -1)
		status_release(out);
	return rc;
}
