/*
 * The event log as a stream (web.h), in the form of Server-Sent Events: `id` is the
 * number of the line, so that a client which was cut off goes on where it was, also in
 * older parts. Nothing is kept for anybody: each stream knows how far it is in the log,
 * and reads on when its client has taken what it was sent. So a slow one costs nothing,
 * and one that takes nothing for long is cut off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "trine/events.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	PORTION = 64 * 1024,		/* bytes written at once */
	LOOKED_AT = 1024 * 1024,	/* of the log, for that */
	BEAT_MS = 15 * 1000		/* something is written at least so often */
};

struct stream {
	uint64_t at;		/* offset in the log */
	char *type, *session;	/* or NULL: all */
	int64_t wrote;		/* steady */
	bool asked;		/* to be told when it can be written to */
	bool behind;		/* the log has more */
};

void stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	free(s->type);
	free(s->session);
	free(s);
}

/* ---- beginning ---- */

/* Where to begin: behind what the client has, or at the end. */
static int find_start(struct conn *c, const json_t *input, uint64_t *out,
		      struct error *err)
{
	const json_t *since = json_object_get(input, "since");
	struct store *store = c->web->d->home->store;
	uint64_t seq = (uint64_t)json_integer_value(since);

	if (c->request.last_event[0] != '\0') {
		if (!text_number(span_str(c->request.last_event), &seq))
			return error_set(err, ERR_USAGE, "Last-Event-ID is the number "
					 "of an event, not \"%s\"",
					 c->request.last_event);
	} else if (since == NULL) {
		return store_log_end(store, out, err);
	}
	return store_log_seek(store, seq, out, err);
}

static int write_head(struct conn *c)
{
	unsigned char start[LWS_PRE + 1024], *at = start + LWS_PRE;
	unsigned char *end = start + sizeof(start) - 1;
	static const char hello[] = ": the event log of trine\nretry: 2000\n\n";
	unsigned char text[LWS_PRE + sizeof(hello)];

	if (lws_add_http_common_headers(c->wsi, 200, "text/event-stream",
					LWS_ILLEGAL_HTTP_CONTENT_LEN, &at, end) != 0 ||
	    lws_add_http_header_by_name(c->wsi, (const unsigned char *)"cache-control:",
					(const unsigned char *)"no-store", 8, &at,
					end) != 0 ||
	    lws_finalize_write_http_header(c->wsi, start + LWS_PRE, &at, end) != 0)
		return -1;
	memcpy(text + LWS_PRE, hello, sizeof(hello) - 1);
	return lws_write(c->wsi, text + LWS_PRE, sizeof(hello) - 1, LWS_WRITE_HTTP) < 0 ?
		-1 : 0;
}

static char *copy_text(const json_t *input, const char *name)
{
	return xstrdup(json_string_value(json_object_get(input, name)));
}

static void ask(struct conn *c)
{
	if (!c->stream->asked)
		lws_callback_on_writable(c->wsi);
	c->stream->asked = true;
}

int events_begin(struct conn *c, const json_t *input)
{
	struct answer a = { .body = BUF_INIT };
	struct error err = ERROR_INIT;
	uint64_t at;

	if (find_start(c, input, &at, &err) == -1) {
		answer_error(&a, http_status(err.code), &err);
		return conn_answer(c, &a);
	}
	c->stream = xcalloc(1, sizeof(*c->stream));
	c->stream->at = at;
	c->stream->type = copy_text(input, "type");
	c->stream->session = copy_text(input, "session");
	c->stream->wrote = web_now(c->web);
	c->stream->behind = true;
	c->web->counts.requests[2]++;
	conn_state(c, CONN_STREAM);
	web_watch(c->web);
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	if (write_head(c) == -1)
		return -1;
	ask(c);
	return 0;
}

/* ---- going on ---- */

struct portion {
	const struct stream *stream;
	struct buf out;
	size_t looked;
	bool full;
};

static int add_event(void *arg, const char *line, size_t len)
{
	struct portion *p = arg;
	json_t *event = json_loadb(line, len, 0, NULL);

	p->looked += len;
	if (event != NULL && (p->stream->session == NULL ||
			      event_names_session(event, p->stream->session)))
		buf_printf(&p->out, "id: %lld\nevent: %s\ndata: %.*s\n\n",
			   (long long)json_integer_value(json_object_get(event, "seq")),
			   json_string_value(json_object_get(event, "type")),
			   (int)len, line);
	json_decref(event);
	p->full = p->out.len >= PORTION || p->looked >= LOOKED_AT;
	return p->full ? -1 : 0;
}

static int read_portion(struct conn *c, struct portion *p)
{
	struct stream *s = c->stream;
	struct log_filter f = { .type = s->type };
	struct error err = ERROR_INIT;

	if (store_log(c->web->d->home->store, &f, s->at, add_event, p, &s->at,
		      &err) == -1) {
		daemon_say("web: %s", err.text);
		return -1;
	}
	s->behind = p->full;
	return 0;
}

int events_write(struct conn *c)
{
	struct stream *s = c->stream;
	struct portion p = { .stream = s, .out = BUF_INIT };
	int64_t now = web_now(c->web);
	int rc = 0;

	s->asked = false;
	buf_reserve(&p.out, LWS_PRE);
	for (size_t i = 0; i < LWS_PRE; i++)
		buf_addc(&p.out, '\0');
	if (s->behind)
		rc = read_portion(c, &p);
	if (rc == 0 && p.out.len == LWS_PRE && now - s->wrote >= BEAT_MS)
		buf_adds(&p.out, ": \n\n");
	if (rc == 0 && p.out.len > LWS_PRE &&
	    lws_write(c->wsi, (unsigned char *)p.out.data + LWS_PRE, p.out.len - LWS_PRE,
		      LWS_WRITE_HTTP) < 0)
		rc = -1;
	if (p.out.len > LWS_PRE)
		s->wrote = now;
	buf_release(&p.out);
	if (rc == 0 && s->behind)
		ask(c);
	return rc;
}

void events_look(struct conn *c, bool news)
{
	struct stream *s = c->stream;

	s->behind |= news;
	if (s->behind || web_now(c->web) - s->wrote >= BEAT_MS)
		ask(c);
}

/* It was to be written to, and could not be. */
bool events_stuck(const struct conn *c)
{
	return c->stream->asked &&
	       web_now(c->web) - c->stream->wrote > BEAT_MS + WEB_ANSWER_MS;
}
