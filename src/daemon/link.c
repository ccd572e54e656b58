/*
 * One connection of real time (realtime.h): whole frames in and out. What waits to go
 * out is bounded, and so is what comes in, in size and in number: who sends or takes
 * otherwise is cut off, and goes on behind where it was (have).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "realtime.h"
#include "trine/mem.h"
#include "trine/text.h"

struct frame {
	struct frame *next;
	size_t len;
	unsigned char bytes[];		/* behind LWS_PRE of them */
};

struct link *link_new(struct realtime *rt,
		      int (*event)(struct lws *wsi, enum lws_callback_reasons reason,
				   void *in, size_t len))
{
	struct link *l = xcalloc(1, sizeof(*l));

	*l = (struct link){ .caller = { event }, .rt = rt, .next = rt->links, .in = BUF_INIT,
			    .opened = web_now(rt->web), .heard = web_now(rt->web),
			    .sign = web_now(rt->web),
			    .tokens = LINK_BURST * 1000 };
	if (rt->links != NULL)
		rt->links->before = l;
	rt->links = l;
	rt->count++;
	rt->web->links++;
	return l;
}

static void drop_first(struct link *l)
{
	struct frame *f = l->first;

	l->first = f->next;
	if (l->first == NULL)
		l->last = NULL;
	l->queued -= f->len;
	l->rt->queued -= f->len;
	free(f);
}

void link_free(struct link *l)
{
	*(l->before != NULL ? &l->before->next : &l->rt->links) = l->next;
	if (l->next != NULL)
		l->next->before = l->before;
	l->rt->count--;
	l->rt->web->links--;
	while (l->first != NULL)
		drop_first(l);
	buf_release(&l->in);
	free(l);
}

void link_fail(struct link *l, const char *fmt, ...)
{
	va_list ap;

	if (l->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
	l->failed = web_now(l->rt->web);
	if (l->wsi != NULL)
		lws_callback_on_writable(l->wsi);
}

/* From where it may be written: the library says why, and reads until the other side
 * has seen it. From where it reads, it would forget the rest of what it has read, and
 * take what comes next for nonsense that ends a connection without a word. */
static int link_end(struct link *l)
{
	size_t len = strlen(l->why);

	lws_close_reason(l->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION,
			 (unsigned char *)l->why, len);
	return -1;
}

/* ---- out ---- */

void link_send(struct link *l, const char *text, size_t len)
{
	struct frame *f;

	if (!l->up || l->why[0] != '\0')
		return;
	if (l->queued + len > LINK_QUEUE ||
	    (l->queued > 0 && l->rt->queued + len > LINKS_QUEUE)) {
		link_fail(l, "it takes what is sent too slowly");
		return;
	}
	f = xmalloc(sizeof(*f) + LWS_PRE + len);
	f->next = NULL;
	f->len = len;
	memcpy(f->bytes + LWS_PRE, text, len);
	*(l->last != NULL ? &l->last->next : &l->first) = f;
	l->last = f;
	l->queued += len;
	l->rt->queued += len;
	lws_callback_on_writable(l->wsi);
}

void link_send_json(struct link *l, json_t *json)
{
	char *text = mem_need(json_dumps(mem_need(json), JSON_COMPACT));

	link_send(l, text, strlen(text));
	free(text);
	json_decref(json);
}

int link_write(struct link *l)
{
	struct frame *f = l->first;
	int sent;

	if (l->why[0] != '\0')
		return link_end(l);
	if (l->ask) {
		/* of a pong without bytes libwebsockets tells nobody */
		unsigned char ping[LWS_PRE + 1] = { [LWS_PRE] = '.' };

		l->ask = false;
		if (lws_write(l->wsi, ping + LWS_PRE, 1, LWS_WRITE_PING) < 0)
			return -1;
		if (f != NULL)
			lws_callback_on_writable(l->wsi);
		return 0;
	}
	if (f == NULL)
		return 0;
	sent = lws_write(l->wsi, f->bytes + LWS_PRE, f->len, LWS_WRITE_TEXT);
	if (sent < 0)
		return -1;
	drop_first(l);
	if (l->first != NULL)
		lws_callback_on_writable(l->wsi);
	return 0;
}

/* Who does not get through the door; who says nothing, though asked to. */
void link_look(struct link *l)
{
	int64_t now = web_now(l->rt->web), quiet = now - l->sign;

	if (l->wsi == NULL)
		return;
	if (l->why[0] != '\0') {
		if (now - l->failed > LINK_END_MS)
			lws_set_timeout(l->wsi, PENDING_TIMEOUT_CLOSE_ACK,
					LWS_TO_KILL_ASYNC);
		return;
	}
	if (l->in.len > 0 && now - l->began > WEB_READ_MS)
		link_fail(l, "a frame has %d seconds to come whole",
			  WEB_READ_MS / 1000);
	if (l->up ? quiet > LINK_DEAD_MS : now - l->opened > LINK_OPEN_MS) {
		lws_set_timeout(l->wsi, PENDING_TIMEOUT_CLOSE_ACK, LWS_TO_KILL_ASYNC);
	} else if (l->up && quiet > LINK_PING_MS) {
		l->ask = true;
		lws_callback_on_writable(l->wsi);
	}
}

/* ---- in ---- */

static bool may_send(struct link *l)
{
	int64_t now = web_now(l->rt->web);

	l->tokens += (now - l->heard) * LINK_RATE;
	if (l->tokens > LINK_BURST * 1000)
		l->tokens = LINK_BURST * 1000;
	l->heard = now;
	l->tokens -= 1000;
	return l->tokens >= 0;
}

static void whole_frame(struct link *l)
{
	struct buf frame = l->in;

	l->in = (struct buf)BUF_INIT;
	if (may_send(l))
		realtime_frame(l, span_of(&frame));
	else
		link_fail(l, "too many frames: %d a second are the most", LINK_RATE);
	buf_release(&frame);
}

void link_read(struct link *l, const void *bytes, size_t len)
{
	if (l->why[0] != '\0')
		return;
	if (l->in.len == 0)
		l->began = web_now(l->rt->web);
	if (lws_frame_is_binary(l->wsi)) {
		link_fail(l, "frames are text");
	} else if (l->in.len + len > EARLY_FRAME) {
		link_fail(l, "a frame has %d bytes at most", EARLY_FRAME);
	} else {
		buf_add(&l->in, bytes, len);
		if (lws_is_final_fragment(l->wsi) &&
		    lws_remaining_packet_payload(l->wsi) == 0)
			whole_frame(l);
	}
}
