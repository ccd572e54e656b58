/*
 * report.json (report.h): written by each cycle, read by `status` and `inbox`.
 * One table says which field has which name and form, in both directions.
 */
#include "trine/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

enum { LIMIT_REPORT = 64 * 1024 };

enum form { FORM_TIME, FORM_BOOL, FORM_COUNT, FORM_EXIT, FORM_TEXT };

struct report_field {
	const char *name;
	enum form form;
	size_t offset, size;
};

#define REPORT_FIELD(name, form) \
	{ #name, form, offsetof(struct report, name), \
	  sizeof(((struct report *)NULL)->name) }

static const struct report_field fields[] = {
	REPORT_FIELD(started, FORM_TIME),
	REPORT_FIELD(ended, FORM_TIME),
	REPORT_FIELD(fetched, FORM_TIME),
	REPORT_FIELD(online, FORM_BOOL),
	REPORT_FIELD(tip, FORM_TEXT),
	REPORT_FIELD(branch, FORM_TEXT),
	REPORT_FIELD(rounds, FORM_COUNT),
	REPORT_FIELD(received, FORM_COUNT),
	REPORT_FIELD(committed, FORM_COUNT),
	REPORT_FIELD(published, FORM_COUNT),
	REPORT_FIELD(handed, FORM_COUNT),
	REPORT_FIELD(copies, FORM_COUNT),
	REPORT_FIELD(cycles, FORM_COUNT),
	REPORT_FIELD(failed, FORM_COUNT),
	REPORT_FIELD(failures, FORM_COUNT),
	REPORT_FIELD(spoke, FORM_BOOL),
	REPORT_FIELD(failure, FORM_TEXT),
	REPORT_FIELD(exit, FORM_EXIT),
};

static json_t *field_to_json(const struct report_field *f, const void *at)
{
	char text[TIME_TEXT];

	switch (f->form) {
	case FORM_TIME:
		if (*(const int64_t *)at == 0)
			return json_null();
		return json_string(time_format(*(const int64_t *)at, text));
	case FORM_BOOL:
		return json_boolean(*(const bool *)at);
	case FORM_COUNT:
		return json_integer(*(const unsigned *)at);
	case FORM_EXIT:
		return json_integer(*(const int *)at);
	case FORM_TEXT:
		break;
	}
	return json_string(at);
}

/* What has another form than it should stays zero. */
static void field_from_json(const struct report_field *f, const json_t *value,
			    void *at)
{
	const char *text = json_string_value(value);
	json_int_t number = json_integer_value(value);

	switch (f->form) {
	case FORM_TIME:
		if (text != NULL && !time_parse(span_str(text), at))
			*(int64_t *)at = 0;
		break;
	case FORM_BOOL:
		*(bool *)at = json_is_true(value);
		break;
	case FORM_COUNT:
		if (number > 0 && number <= INT32_MAX)
			*(unsigned *)at = (unsigned)number;
		break;
	case FORM_EXIT:
		if (number > 0 && number <= 255)
			*(int *)at = (int)number;
		break;
	case FORM_TEXT:
		if (text != NULL)
			snprintf(at, f->size, "%s", text);
		break;
	}
}

static void parse_report(const struct buf *bytes, struct report *out)
{
	json_t *json = json_loadb(bytes->data, bytes->len,
				  JSON_REJECT_DUPLICATES, NULL);

	for (size_t i = 0; i < ARRAY_LEN(fields) && json != NULL; i++)
		field_from_json(&fields[i], json_object_get(json, fields[i].name),
				(char *)out + fields[i].offset);
	json_decref(json);
}

int report_read(const struct home *h, struct report *out, struct error *err)
{
	struct error reading = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	char *path = home_path(h, "report.json");
	int rc = 0;

	*out = (struct report){ 0 };
	if (file_read(path, LIMIT_REPORT, &bytes, NULL, &reading) == 0)
		parse_report(&bytes, out);
	else if (reading.code != ERR_NOTFOUND && reading.code != ERR_DATA) {
		*err = reading;
		rc = -1;
	}
	free(path);
	buf_release(&bytes);
	return rc;
}

/* --- a cycle that did not come to its report --- */

enum { LIMIT_MARK = 256 };

static const char mark[] = "run/cycle";

int report_begin(const struct home *h, int64_t now, struct error *err)
{
	char *path = home_path(h, mark), text[TIME_TEXT + 1], time[TIME_TEXT];
	int rc;

	snprintf(text, sizeof(text), "%s\n", time_format(now, time));
	rc = process_deadline_note(path, text, err);
	free(path);
	return rc;
}

int report_end(const struct home *h, struct error *err)
{
	char *path = home_path(h, mark);
	int rc = file_remove(path, err);

	process_deadline_forget();
	free(path);
	return rc;
}

bool report_was_cut(const struct home *h, struct error *why)
{
	char *path = home_path(h, mark);
	struct error unread = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct span started = { "", 0 };
	size_t pos = 0;
	int64_t known;
	bool left;

	left = file_exists(path) &&
	       file_read(path, LIMIT_MARK, &text, NULL, &unread) == 0;
	if (left && !(text_line(span_of(&text), &pos, &started) &&
		      time_parse(started, &known)))
		started = span_str("at a time not known");
	if (left && strstr(text.data, PROCESS_CUT) != NULL)
		error_set(why, ERR_AGAIN, "the last cycle, started %.*s, was cut "
			  "off at its deadline of %lld s; nothing is lost, and "
			  "the next one goes on. `trine sync -v` shows how far "
			  "it comes", (int)started.len, started.p,
			  (long long)h->settings.deadline);
	else if (left)
		error_set(why, ERR_AGAIN, "the last cycle, started %.*s, did not "
			  "come to its end: it was killed, or the power failed; "
			  "nothing is lost, and the next one goes on",
			  (int)started.len, started.p);
	buf_release(&text);
	free(path);
	return left;
}

/* Text of others (a server's refusal) may be cut in a character or be no UTF-8
 * at all: JSON takes it escaped only. */
static void make_clean(struct report *r)
{
	struct buf escaped = BUF_INIT;

	text_escape(&escaped, r->failure, strlen(r->failure), false);
	text_copy(r->failure, sizeof(r->failure), span_of(&escaped));
	buf_release(&escaped);
}

int report_write(const struct home *h, const struct report *r, struct error *err)
{
	char *path = home_path(h, "report.json"), *text = NULL;
	struct report clean = *r;
	json_t *json = json_object();
	struct buf bytes = BUF_INIT;
	int rc = -1;

	make_clean(&clean);
	json_object_set_new(json, "schema", json_integer(1));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		json_object_set_new(json, fields[i].name, field_to_json(
			&fields[i], (char *)&clean + fields[i].offset));
	text = json_dumps(json, JSON_INDENT(1));
	if (text == NULL) {
		error_set(err, ERR_INTERNAL, "the report cannot be written");
		goto out;
	}
	buf_printf(&bytes, "%s\n", text);
	rc = file_write(path, span_of(&bytes), 0600, err);
out:
	json_decref(json);
	buf_release(&bytes);
	free(text);
	free(path);
	return rc;
}
