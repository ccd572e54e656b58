/*
 * One connection (web.h): a request is read, answered, and the next one may come. What
 * takes too long is cut off, in whatever state it is, and by our own count:
 * libwebsockets begins anew with each byte that comes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trine/mem.h"
#include "web.h"

/* ---- the list: heard of last, first ---- */

static void leave_list(struct conn *c)
{
	struct web *w = c->web;

	*(c->before != NULL ? &c->before->next : &w->first) = c->next;
	*(c->next != NULL ? &c->next->before : &w->last) = c->before;
	c->before = c->next = NULL;
}

static void enter_list(struct conn *c)
{
	struct web *w = c->web;

	c->next = w->first;
	*(w->first != NULL ? &w->first->before : &w->last) = c;
	w->first = c;
}

void conn_state(struct conn *c, enum conn_state state)
{
	struct web *w = c->web;

	w->waiting += (state == CONN_WAIT) - (c->state == CONN_WAIT);
	w->streams += (state == CONN_STREAM) - (c->state == CONN_STREAM);
	c->state = state;
	c->since = web_now(w);
	leave_list(c);
	enter_list(c);
}

static int conn_event(struct lws *wsi, enum lws_callback_reasons reason, void *in,
		      size_t len);

/* ---- beginning and ending ---- */

void conn_adopt(struct door *door, int fd)
{
	struct web *w = door->web;
	struct conn *c = xcalloc(1, sizeof(*c));
	struct lws *wsi;
	lws_adopt_desc_t how = {
		.vh = w->host, .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
		.fd = { .sockfd = fd }, .opaque = c,
	};

	*c = (struct conn){ .caller = { conn_event }, .web = w,
			    .local = door->local, .hub = door->hub, .since = web_now(w),
			    .request = { .body = BUF_INIT, .local = door->local,
					 .hub = door->hub } };
	enter_list(c);
	w->conns++;
	w->adopting = c;
	wsi = lws_adopt_descriptor_vhost_via_info(&how);
	/* it may be gone already; what failed early was never known there */
	if (w->adopting == c && wsi != NULL)
		c->wsi = wsi;
	else if (w->adopting == c)
		conn_free(c);
	w->adopting = NULL;
	web_watch(w);
}

void conn_free(struct conn *c)
{
	struct web *w = c->web;

	api_leave(c);
	conn_state(c, CONN_IDLE);
	leave_list(c);
	w->conns--;
	if (w->adopting == c)
		w->adopting = NULL;
	request_release(&c->request);
	pending_free(c->pending);
	stream_free(c->stream);
	free(c);
}

/* ---- requests ---- */

int conn_answer(struct conn *c, struct answer *a)
{
	int rc;

	conn_state(c, CONN_ANSWER);
	if (a->status >= 100 && a->status < 600)
		c->web->counts.requests[a->status / 100]++;
	rc = answer_write(a, c->wsi, c->request.head);
	buf_release(&a->body);
	request_release(&c->request);
	c->request.local = c->local;
	c->request.hub = c->hub;
	return rc;
}

static int on_request(struct conn *c)
{
	struct answer a = { .body = BUF_INIT };
	struct error err = ERROR_INIT;
	int status;

	if (c->state != CONN_IDLE)
		return -1;	/* the answer to the one before is not there yet */
	request_read(&c->request, c->wsi, &status, &err);
	if (api_refuses(c, status, &err, &a)) {
		/* a body that nobody reads would be taken for the next request */
		a.close = c->request.method != METHOD_GET || c->request.length > 0;
		return conn_answer(c, &a);
	}
	if (c->request.method == METHOD_GET)
		return api_answer(c);
	conn_state(c, CONN_BODY);
	return 0;
}

static int on_body(struct conn *c, const void *bytes, size_t len)
{
	if (c->state != CONN_BODY)
		return -1;
	if (len > WEB_BODY - c->request.body.len)
		return -1;
	buf_add(&c->request.body, bytes, len);
	return 0;
}

static int on_body_end(struct conn *c)
{
	return c->state == CONN_BODY ? api_answer(c) : -1;
}

static void on_answered(struct conn *c)
{
	if (c->state == CONN_ANSWER)
		conn_state(c, CONN_IDLE);
}

static int conn_event(struct lws *wsi, enum lws_callback_reasons reason, void *in,
		      size_t len)
{
	struct conn *c = lws_get_opaque_user_data(wsi);

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		c->wsi = wsi;
		return on_request(c);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(c, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_end(c);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		on_answered(c);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c->state == CONN_STREAM ? events_write(c) : 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return -1;	/* there is nothing here that speaks otherwise */
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		conn_free(c);
		return 0;
	default:
		return 0;
	}
}

/* ---- what takes too long ---- */

static void cut_off(struct conn *c)
{
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_ACK, LWS_TO_KILL_ASYNC);
}

static bool is_late(const struct conn *c, int64_t now)
{
	static const int64_t most[] = {
		[CONN_IDLE] = WEB_IDLE_MS, [CONN_BODY] = WEB_READ_MS,
		[CONN_ANSWER] = WEB_ANSWER_MS,
		[CONN_WAIT] = WEB_WAIT_MOST_MS + WEB_IDLE_MS,
	};

	if (c->state == CONN_STREAM)
		return events_stuck(c);
	return now - c->since > most[c->state];
}

void conns_sweep(struct web *w)
{
	int64_t now = web_now(w);

	for (struct conn *c = w->last; c != NULL; c = c->before)
		if (is_late(c, now)) {
			w->counts.cut += c->state != CONN_IDLE;
			cut_off(c);
		}
}

/* An answer may end the connection, and another one beside it: look at each once. */
void conns_look(struct web *w, bool news)
{
	struct conn *c, *before;

	for (c = w->last; c != NULL; c = before) {
		before = c->before;
		if (c->state == CONN_STREAM)
			events_look(c, news);
		else if (c->state == CONN_WAIT && api_look(c) == -1)
			cut_off(c);
	}
}

bool conns_make_room(struct web *w)
{
	for (struct conn *c = w->last; c != NULL; c = c->before)
		if (c->state == CONN_IDLE && c->wsi != NULL) {
			struct lws *wsi = c->wsi;

			/* it counts no more, and ends at once */
			lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_ACK,
					LWS_TO_KILL_SYNC);
			return true;
		}
	return false;
}
