/*
 * What is done for a request (web.h): its operation is found in the table, who asks is
 * looked at, what was sent is measured against the table's fields; then the operation
 * runs, once, or again and again until what it waits for is there.
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/text.h"

const struct api_part *const api_parts[] = {
	&api_tasks, &api_sessions, &api_locks, &api_reservations, &api_state,
	&api_messages, &api_alerts, &api_routes, &api_instances,
	&api_status, &api_server, NULL
};

struct pending {
	const struct api_operation *operation;
	json_t *input;
	int64_t until;		/* steady */
};

void pending_free(struct pending *p)
{
	if (p == NULL)
		return;
	json_decref(p->input);
	free(p);
}

/* ---- finding the operation ---- */

/* Is PATH of PATTERN? Its parts in braces go to INPUT. */
static bool path_fits(const char *pattern, const char *path, json_t *input)
{
	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t name = strcspn(++pattern, "}"), len = strcspn(path, "/");
			char *key;

			if (len == 0)
				return false;
			key = xstrndup(pattern, name);
			json_object_set_new(input, key, json_stringn(path, len));
			free(key);
			pattern += name + 1;
			path += len;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static const struct api_operation *find_in(const struct api_part *part,
					   const struct request *r, json_t *input,
					   bool all, bool *known)
{
	for (const struct api_operation *o = part->operation; o->path != NULL; o++) {
		json_object_clear(input);
		if ((!all && !(o->flags & API_HUB_TOO)) ||
		    !path_fits(o->path, r->path, input))
			continue;
		*known = true;
		if (o->method == r->method)
			return o;
	}
	return NULL;
}

/* NULL, and *KNOWN: there is one with another method. */
static const struct api_operation *find(const struct request *r, json_t *input,
					bool *known)
{
	const struct api_operation *o = NULL;

	*known = false;
	if (r->hub)
		o = find_in(&api_hub, r, input, true, known);
	for (size_t i = 0; api_parts[i] != NULL && o == NULL; i++)
		o = find_in(api_parts[i], r, input, !r->hub, known);
	if (o == NULL)
		json_object_clear(input);
	return o;
}

/* ---- what was sent ---- */

static int wrong(const struct api_field *f, const char *wants, struct error *err)
{
	return error_set(err, ERR_USAGE, "\"%s\" wants %s", f->name, wants);
}

static bool is_word(const char *words, const char *given)
{
	size_t len = strlen(given), n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == len && strncmp(words, given, n) == 0)
			return true;
	}
	return false;
}

static int check_text(const struct api_field *f, const json_t *value, struct error *err)
{
	const char *text = json_string_value(value);
	int64_t unused;

	if (text == NULL || strlen(text) != json_string_length(value))
		return wrong(f, "a text", err);
	if (f->words != NULL && !is_word(f->words, text))
		return error_set(err, ERR_USAGE, "\"%s\" wants one of: %s", f->name,
				 f->words);
	if (f->kind == API_LONG && !duration_parse(span_str(text), &unused))
		return wrong(f, "how long, as in 30s, 5m, 2h", err);
	if (f->kind == API_WHEN && !time_parse(span_str(text), &unused) &&
	    !duration_parse(span_str(text), &unused))
		return wrong(f, "a time, as in 2026-11-20T13:00:00Z, or how long, as "
			     "in 2h", err);
	return 0;
}

static int check_number(const struct api_field *f, const json_t *value,
			struct error *err)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < f->least || (f->most != 0 && n > f->most))
		return error_set(err, ERR_USAGE, f->most != 0 ?
				 "\"%s\" wants a number from %lld to %lld" :
				 "\"%s\" wants a number from %lld on", f->name,
				 (long long)f->least, (long long)f->most);
	return 0;
}

static int check_texts(const struct api_field *f, const json_t *value,
		       struct error *err)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > 100)
		return wrong(f, "a list of texts, at most 100", err);
	json_array_foreach(value, i, item)
		if (json_string_value(item) == NULL ||
		    strlen(json_string_value(item)) != json_string_length(item))
			return wrong(f, "a list of texts", err);
	return 0;
}

static int check_field(const struct api_field *f, const json_t *value,
		       struct error *err)
{
	switch (f->kind) {
	case API_NUMBER:
		return check_number(f, value, err);
	case API_FLAG:
		return json_is_boolean(value) ? 0 : wrong(f, "true or false", err);
	case API_TEXTS:
		return check_texts(f, value, err);
	default:
		return check_text(f, value, err);
	}
}

static const struct api_field *find_field(const struct api_field *f, const char *name)
{
	static const struct api_field session = { .name = "session", .kind = API_TEXT };

	for (; f != NULL && f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return strcmp(name, session.name) == 0 ? &session : NULL;
}

/* Of the query, everything is a text at first. */
static json_t *from_query(const struct api_field *f, const char *text)
{
	uint64_t number;

	if (f->kind == API_FLAG && (*text == '\0' || strcmp(text, "1") == 0 ||
				    strcmp(text, "true") == 0))
		return json_true();
	if (f->kind == API_FLAG && (strcmp(text, "0") == 0 || strcmp(text, "false") == 0))
		return json_false();
	if (f->kind == API_NUMBER && text_number(span_str(text), &number) &&
	    number <= INT64_MAX)
		return json_integer((json_int_t)number);
	return json_string(text);
}

static int refuse_field(const char *name, struct error *err)
{
	return error_set(err, ERR_USAGE, "\"%.60s\" is no field here", name);
}

static int take_field(const struct api_field *f, json_t *input, json_t *value,
		      struct error *err)
{
	if (value == NULL)
		return wrong(f, "text that is UTF-8", err);
	if (check_field(f, value, err) == -1) {
		json_decref(value);
		return -1;
	}
	/* what the path says, nothing else may say again */
	if (json_object_get(input, f->name) == NULL)
		json_object_set_new(input, f->name, value);
	else
		json_decref(value);
	return 0;
}

static int take_query(const struct api_operation *o, const struct request *r,
		      json_t *input, struct error *err)
{
	for (size_t i = 0; i < r->query_count; i++) {
		const struct api_field *f = o->method == METHOD_GET ?
			find_field(o->fields, r->query[i].name) : NULL;

		if (f == NULL)
			return refuse_field(r->query[i].name, err);
		if (take_field(f, input, from_query(f, r->query[i].value), err) == -1)
			return -1;
	}
	return 0;
}

static int take_body(const struct api_operation *o, const struct request *r,
		     json_t *input, int *status, struct error *err)
{
	json_error_t where;
	const char *name;
	json_t *json, *value;
	int rc = 0;

	if (r->method != METHOD_POST || r->body.len == 0)
		return 0;
	json = json_loadb(r->body.data, r->body.len, JSON_REJECT_DUPLICATES, &where);
	if (!json_is_object(json)) {
		json_decref(json);
		*status = 400;
		return error_set(err, ERR_DATA, "the body is no object in JSON%s%s",
				 json == NULL ? ": " : "", json == NULL ? where.text :
				 "");
	}
	json_object_foreach(json, name, value) {
		const struct api_field *f = find_field(o->fields, name);

		rc = f == NULL ? refuse_field(name, err) :
			take_field(f, input, json_incref(value), err);
		if (rc == -1)
			break;
	}
	json_decref(json);
	return rc;
}

static int check_needed(const struct api_operation *o, const json_t *input,
			struct error *err)
{
	for (const struct api_field *f = o->fields; f != NULL && f->name != NULL; f++)
		if (f->needed && json_object_get(input, f->name) == NULL)
			return error_set(err, ERR_USAGE, "\"%s\" is wanted: %s",
					 f->name, f->help);
	return 0;
}

/* ---- for operations ---- */

const char *call_text(const struct call *c, const char *name)
{
	return json_string_value(json_object_get(c->input, name));
}

int64_t call_number(const struct call *c, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(c->input, name);

	return value != NULL ? json_integer_value(value) : otherwise;
}

bool call_flag(const struct call *c, const char *name)
{
	return json_is_true(json_object_get(c->input, name));
}

void call_list(const struct call *c, const char *name, struct list *out)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(c->input, name), i, item)
		list_add(out, json_string_value(item));
}

int64_t call_long(const struct call *c, const char *name)
{
	const char *text = call_text(c, name);
	int64_t seconds = 0;

	if (text != NULL)
		duration_parse(span_str(text), &seconds);
	return seconds;
}

int64_t call_when(const struct call *c, const char *name, bool ago)
{
	int64_t now = c->home->clock->now(c->home->clock), seconds = 0;
	const char *text = call_text(c, name);

	if (text == NULL || time_parse(span_str(text), &seconds))
		return seconds;
	duration_parse(span_str(text), &seconds);
	return ago ? now - seconds : now + seconds;
}

struct span call_body(const struct call *c)
{
	const char *body = call_text(c, "body");

	return span_str(body != NULL ? body : "");
}

const char *call_from(const struct call *c)
{
	const char *from = call_text(c, "from");

	return from != NULL || c->by == NULL || c->by->name[0] == '\0' ? from :
		c->by->name;
}

enum message_type call_type(const struct call *c)
{
	const char *given = call_text(c, "type");
	enum message_type type = TYPE_MESSAGE;

	if (given != NULL)
		message_type_parse(span_str(given), &type);
	return type;
}

enum message_priority call_priority(const struct call *c)
{
	const char *given = call_text(c, "priority");
	enum message_priority priority = PRIORITY_NORMAL;

	if (given != NULL)
		message_priority_parse(span_str(given), &priority);
	return priority;
}

json_t *api_list(const char *name, json_t *list)
{
	return json_pack("{s:i, s:o}", "schema", 1, name, list);
}

json_t *api_id(const char *id)
{
	return json_pack("{s:i, s:s}", "schema", 1, "id", id);
}

json_t *api_done(void)
{
	return json_pack("{s:i}", "schema", 1);
}

/* ---- running it ---- */

/* In whose name it is recorded: the session that is named, or a person. */
static int find_actor(struct call *c, const struct api_operation *o, struct error *err)
{
	const char *named = call_text(c, "session");
	struct home *h = c->home;
	bool found;

	store_act_as(h->store, c->conn->request.hub ? "hub" : "person");
	free(h->actor);
	h->actor = NULL;
	/* nobody from elsewhere is a session of this computer */
	if (o->method == METHOD_GET || named == NULL || *named == '\0' ||
	    c->conn->request.hub)
		return 0;
	if (session_caller(h, named, &c->session, &found, err) == -1)
		return -1;
	c->by = found ? &c->session : NULL;
	return 0;
}

static int check_actor(const struct call *c, const struct api_operation *o,
		       struct error *err)
{
	if (!(o->flags & API_SESSION) || c->by != NULL)
		return 0;
	return error_set(err, ERR_USAGE, "who? Name a session, as \"session\" or in the "
			 "header Trine-Session; POST /api/sessions makes one");
}

static uint64_t client_of(const struct call *c)
{
	const struct request *r = &c->conn->request;

	if (r->hub)	/* no session has such a number */
		return UINT64_MAX - (uint64_t)r->computer;
	return c->by != NULL ? c->by->id : 0;
}

/* -1, API_WAIT, or 0: A is the answer. */
static int run(struct call *c, const struct api_operation *o, struct answer *a,
	       struct error *err)
{
	json_t *out = NULL;
	int rc;

	if (o->write != NULL)
		return o->write(c, a, err);
	rc = o->run(c, &out, err);
	if (rc == 0)
		answer_json(a, 200, out);
	if (rc == 0 && o->flags & API_ACTIVE)
		web_changed(c->web);
	return rc;
}

static int wait_for_it(struct conn *c, const struct api_operation *o, json_t *input,
		       int64_t until)
{
	pending_free(c->pending);
	c->pending = xcalloc(1, sizeof(*c->pending));
	*c->pending = (struct pending){ o, json_incref(input), until };
	conn_state(c, CONN_WAIT);
	web_watch(c->web);
	return 0;
}

/* FIRST: it was not asked before. */
static int answer(struct conn *conn, const struct api_operation *o, json_t *input,
		  int64_t until, bool first, struct answer *a)
{
	struct web *w = conn->web;
	struct call c = { .web = w, .home = w->d->home, .conn = conn, .input = input };
	int64_t now = web_now(w);
	struct error err = ERROR_INIT;
	int rc = find_actor(&c, o, &err);

	if (rc == 0)
		rc = check_actor(&c, o, &err);
	if (rc == 0 && first && o->method == METHOD_POST &&
	    !guard_rate(&w->guard, client_of(&c), now, &a->retry)) {
		error_set(&err, ERR_AGAIN, "%d changes a second are the most of one "
			  "client", WEB_RATE);
		answer_error(a, 429, &err);
		goto out;
	}
	c.last = now >= until;
	if (rc == 0)
		rc = run(&c, o, a, &err);
	if (rc == -1)
		answer_error(a, http_status(err.code), &err);
out:
	session_release(&c.session);
	store_act_as(w->d->home->store, NULL);
	return rc == API_WAIT ? API_WAIT : 0;
}

static void refuse_wait(struct conn *c, struct answer *a)
{
	struct error err = ERROR_INIT;

	api_leave(c);
	pending_free(c->pending);
	c->pending = NULL;
	error_set(&err, ERR_AGAIN, "%d wait already: ask again, or without \"wait\"",
		  WEB_WAITING);
	a->retry = 5;
	answer_error(a, 503, &err);
}

static int64_t wait_until(const struct conn *c, const json_t *input)
{
	const char *text = json_string_value(json_object_get(input, "wait"));
	int64_t seconds = 0;

	if (text != NULL)
		duration_parse(span_str(text), &seconds);
	if (seconds > WEB_WAIT_MOST_MS / 1000)
		seconds = WEB_WAIT_MOST_MS / 1000;
	return web_now(c->web) + seconds * 1000;
}

static int take_input(const struct api_operation *o, const struct request *r,
		      json_t *input, struct answer *a)
{
	struct error err = ERROR_INIT;
	int status = 422, rc = take_query(o, r, input, &err);

	if (rc == 0)
		rc = take_body(o, r, input, &status, &err);
	if (rc == 0 && r->session[0] != '\0' &&
	    json_object_get(input, "session") == NULL)
		json_object_set_new(input, "session", json_string(r->session));
	if (rc == 0)
		rc = check_needed(o, input, &err);
	if (rc == -1)
		answer_error(a, status, &err);
	return rc;
}

bool api_refuses(struct conn *c, int status, struct error *err, struct answer *a)
{
	struct request *r = &c->request;
	json_t *input = json_object();
	bool known;
	const struct api_operation *o = find(r, input, &known);
	int refused = 0;

	json_decref(input);
	/* a stranger is told that he is one, and nothing else */
	if (status == 0 || status == 413)
		refused = guard_check(&c->web->guard, c->web->d->home, r, o != NULL &&
				      o->flags & API_OPEN, err);
	if (refused != 0)
		status = refused;
	if (status == 0 && o == NULL && known) {
		error_set(err, ERR_USAGE, "%.80s is not asked like that", r->path);
		status = 405;
	} else if (status == 0 && o == NULL) {
		error_set(err, ERR_NOTFOUND, "there is nothing at %.80s", r->path);
		status = 404;
	} else if (status == 0 && r->method == METHOD_POST && r->length < 0) {
		error_set(err, ERR_USAGE, "the body's length is not said; of none, it "
			  "is 0");
		status = 411;
	}
	if (status != 0)
		answer_error(a, status, err);
	return status != 0;
}

int api_answer(struct conn *c)
{
	struct answer a = { .body = BUF_INIT };
	json_t *input = json_object();
	int64_t until;
	bool known;
	const struct api_operation *o = find(&c->request, input, &known);
	int rc;

	if (take_input(o, &c->request, input, &a) == -1) {
		rc = conn_answer(c, &a);
	} else if (o->flags & API_STREAM) {
		rc = events_begin(c, input);
	} else {
		bool waits;

		until = wait_until(c, input);
		waits = answer(c, o, input, until, true, &a) == API_WAIT;
		if (waits)
			rc = wait_for_it(c, o, input, until);
		if (waits && c->web->waiting > WEB_WAITING)
			refuse_wait(c, &a);
		if (!waits || a.status != 0)
			rc = conn_answer(c, &a);
	}
	json_decref(input);
	return rc;
}

void api_leave(struct conn *conn)
{
	struct pending *p = conn->pending;
	const char *named;
	struct call c = { .web = conn->web, .home = conn->web->d->home, .conn = conn };
	struct error err = ERROR_INIT;

	if (p == NULL || !(p->operation->flags & API_LOCK))
		return;
	c.input = p->input;
	named = call_text(&c, "session");
	if (named != NULL && session_find(c.home, named, &c.session, &err) == 0 &&
	    locks_wait_no_more(c.home, &c.session, &err) == -1)
		daemon_say("web: %s", err.text);
	session_release(&c.session);
}

int api_look(struct conn *c)
{
	struct answer a = { .body = BUF_INIT };
	struct pending *p = c->pending;

	if (answer(c, p->operation, p->input, p->until, false, &a) == API_WAIT)
		return 0;
	c->pending = NULL;
	pending_free(p);
	return conn_answer(c, &a);
}
