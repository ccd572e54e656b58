/*
 * `deliver = http`: a task is posted to a service on this computer, by libcurl. What
 * its answer means stands in the tables below. Called by worker.c.
 *
 * What matters is whether the service may have begun with it. A connection that
 * never came about is safe to try again; one that broke, or stayed silent, behind
 * the request leaves the task in doubt (RFC 9110 section 9.2.2), unless the instance
 * is idempotent.
 */
#include "deliver_p.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"

enum { CONNECT_MS = 10 * 1000 };

struct call {
	struct worker *w;
	CURL *curl;
	struct curl_slist *headers;
	char *url;			/* the settings may change meanwhile */
	struct buf answer;
	uint64_t total;			/* bytes of it, as far as they came */
	bool too_long;
	const char *stopped;
	long status;			/* 0: none came */
	char type[64];			/* of the content */
	char failure[CURL_ERROR_SIZE];
};

/* By status (RFC 9110; 425: RFC 8470). The first row that fits counts. What is
 * wrong with the task itself will be so again; anything else may be mended. */
static const struct {
	long from, to;
	enum work_fate fate;
	const char *why;
} answers[] = {
	{ 202, 202, WORK_GOES_ON, "" },
	{ 200, 299, WORK_TAKEN, "" },
	{ 300, 399, WORK_FAILED, "redirects are not followed: set url to where "
	  "it is now" },
	{ 400, 400, WORK_FAILED, "it calls the task a bad request" },
	{ 405, 405, WORK_FAILED, "it takes no POST at that url" },
	{ 413, 413, WORK_FAILED, "the task is too large for it" },
	{ 415, 415, WORK_FAILED, "it takes no JSON" },
	{ 422, 422, WORK_FAILED, "it cannot do anything with the task" },
	{ 0, 999, WORK_LATER, "not taken" },
};

/* What an answer in JSON may say of itself. */
static const struct {
	enum task_state state;
	enum work_fate fate;
} states[] = {
	{ TASK_QUEUED, WORK_TAKEN },
	{ TASK_ASSIGNED, WORK_TAKEN },
	{ TASK_IN_PROGRESS, WORK_GOES_ON },
	{ TASK_BLOCKED, WORK_BLOCKED },
	{ TASK_COMPLETED, WORK_COMPLETED },
	{ TASK_FAILED, WORK_FAILED },
};

/* ---- the call ---- */

/* Less than what came stops the transfer: there is no need to hear more. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	size_t len = size * count;
	struct call *c = arg;

	c->total += len;
	c->too_long = c->answer.len + len > LIMIT_ANSWER;
	if (c->too_long)
		return 0;
	buf_add(&c->answer, bytes, len);
	return len;
}

static int on_progress(void *arg, curl_off_t to_come, curl_off_t came,
		       curl_off_t to_go, curl_off_t went)
{
	struct call *c = arg;

	(void)to_come, (void)came, (void)to_go, (void)went;
	c->stopped = worker_stop(c->w);
	return c->stopped != NULL;
}

static void add_header(struct call *c, const char *header)
{
	c->headers = mem_need(curl_slist_append(c->headers, header));
}

/* No proxy: it is a service of this computer. No redirects: the task is for whom
 * trine.ini names. */
static void set_up(struct call *c, const struct record *r, const char *input)
{
	char *key = xasprintf("Idempotency-Key: %s", r->id);
	CURL *curl = c->curl;

	add_header(c, "Content-Type: application/json");
	add_header(c, "Accept: application/json");
	add_header(c, "Expect:");
	add_header(c, key);
	free(key);
	curl_easy_setopt(curl, CURLOPT_URL, c->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, input);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)strlen(input));
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "trine/" TRINE_VERSION);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
			 (long)(c->w->timeout * 1000));
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, c->failure);
}

static CURLcode perform(struct call *c)
{
	CURLcode rc = curl_easy_perform(c->curl);
	char *type = NULL;

	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &c->status);
	curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL)
		text_copy(c->type, sizeof(c->type), span_str(type));
	if (rc != CURLE_OK && c->failure[0] == '\0')
		snprintf(c->failure, sizeof(c->failure), "%s",
			 curl_easy_strerror(rc));
	return rc;
}

/* ---- what came of it ---- */

/* Had it got as far as sending the request? */
static bool was_sent(const struct call *c)
{
	curl_off_t until_transfer = 0;

	curl_easy_getinfo(c->curl, CURLINFO_PRETRANSFER_TIME_T, &until_transfer);
	return until_transfer > 0;
}

/* What a url asks for may be a secret: the reason goes to who sent the task. */
static void judge_silence(const struct call *c, struct work_end *end)
{
	const char *why = c->stopped != NULL ? c->stopped : c->failure;

	if (was_sent(c))
		work_end_say(end, WORK_IN_DOUBT, "in doubt: the request was sent, and "
			"no answer came (%s)", why);
	else
		work_end_say(end, WORK_LATER, "%.*s could not be reached: %s",
			(int)strcspn(c->url, "?#"), c->url, why);
}

/* The beginning of a text that is written in pieces. */
struct beginning {
	struct buf text;
	uint64_t total;
};

static int keep_beginning(const char *bytes, size_t len, void *arg)
{
	struct beginning *b = arg;
	size_t room = LIMIT_RESULT + 1 - b->text.len;

	b->total += len;
	buf_add(&b->text, bytes, len < room ? len : room);
	return 0;
}

/* A result that is no text is shown as the JSON it is; which, indented, may be
 * thousands of times as long as it came. */
static void add_result(struct work_end *end, const json_t *result)
{
	struct beginning b = { .text = BUF_INIT };

	if (json_is_string(result)) {
		task_result_text(&end->text, (struct span){
				 json_string_value(result),
				 json_string_length(result) }, 0);
		return;
	}
	if (result == NULL || json_is_null(result))
		return;
	if (json_dump_callback(result, keep_beginning, &b, JSON_INDENT(2) |
			       JSON_ENCODE_ANY) == -1)
		mem_need(NULL);
	task_result_text(&end->text, span_of(&b.text), b.total);
	buf_release(&b.text);
}

static void read_states(const json_t *json, struct work_end *end)
{
	const json_t *text = json_object_get(json, "state");
	const char *reason = json_string_value(json_object_get(json, "reason"));
	enum task_state state;

	if (!json_is_string(text) ||
	    !task_state_parse((struct span){ json_string_value(text),
			      json_string_length(text) }, &state))
		return;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (states[i].state == state)
			end->fate = states[i].fate;
	if (reason != NULL)
		work_end_say(end, end->fate, "%s", reason);
	add_result(end, json_object_get(json, "result"));
}

/* It took the task, and nobody knows what it said of it. */
static void judge_unread(const struct call *c, const char *why,
			 struct work_end *end)
{
	work_end_say(end, WORK_IN_DOUBT, "in doubt: the service answered %ld, and %s",
		     c->status, why);
}

static bool says_json(const struct call *c)
{
	static const char json[] = "application/json";
	size_t len = strlen(json);

	return strncasecmp(c->type, json, len) == 0 &&
	       strchr("; ", c->type[len]) != NULL && c->total > 0;
}

static void judge_taken(const struct call *c, struct work_end *end)
{
	json_error_t fault;
	json_t *json = json_loadb(c->answer.data, c->answer.len,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL |
				  JSON_DECODE_ANY, &fault);

	if (json != NULL)
		read_states(json, end);
	else if (end->fate != WORK_TAKEN)
		;	/* it works on it, and has its time for that */
	else if (c->failure[0] != '\0' && !c->too_long)
		judge_unread(c, c->failure, end);
	else if (c->too_long && says_json(c))
		judge_unread(c, "its answer has more than 1 MiB", end);
	else if (says_json(c))
		judge_unread(c, fault.text, end);
	json_decref(json);
}

static void judge_answer(const struct call *c, struct work_end *end)
{
	size_t i = 0;

	while (c->status < answers[i].from || c->status > answers[i].to)
		i++;
	end->fate = answers[i].fate;
	if (c->status >= 200 && c->status <= 299) {
		judge_taken(c, end);
		return;
	}
	work_end_say(end, answers[i].fate, "the service answered %ld: %s", c->status,
		answers[i].why);
	task_tail_text(&end->text, span_of(&c->answer), c->total);
}

/* 1xx goes before an answer and is none (RFC 9110 section 15.2). One of which only
 * the beginning came has said whether it takes the task. */
static bool has_answered(const struct call *c, CURLcode rc)
{
	return c->status >= 200 && (rc == CURLE_OK || c->stopped == NULL);
}

void worker_http(struct worker *w, const struct record *r, struct work_end *end)
{
	struct call c = { .w = w, .answer = BUF_INIT,
			  .url = settings_of_copy(w->i->url, r->copy > 0 ? r->copy : 1) };
	char *input = worker_json(w, r);
	CURLcode rc;

	c.curl = mem_need(curl_easy_init());
	set_up(&c, r, input);
	rc = perform(&c);
	if (has_answered(&c, rc))
		judge_answer(&c, end);
	else
		judge_silence(&c, end);
	curl_easy_cleanup(c.curl);
	curl_slist_free_all(c.headers);
	buf_release(&c.answer);
	free(c.url);
	free(input);
}
