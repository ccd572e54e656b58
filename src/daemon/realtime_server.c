/*
 * The hub's side of real time (realtime.h): who comes in. A browser does not: what a page
 * asks for comes with an Origin, and cannot show a token.
 */
#include <string.h>
#include <strings.h>

#include "realtime.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { SAY_MS = 60 * 1000 };

/* Who comes again and again does not fill what we say. */
static void say_seldom(struct realtime *rt, const char *text)
{
	int64_t now = web_now(rt->web);

	if (rt->said != 0 && now - rt->said < SAY_MS)
		return;
	rt->said = now;
	daemon_say("real time: %s", text);
}

/* 0, or the status of HTTP that says why not. */
static int look_at(struct link *l, struct lws *wsi)
{
	static const char bearer[] = "Bearer ";
	char given[160] = "", name[8] = "";
	struct error err = ERROR_INIT;
	uint64_t computer;
	bool is;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0)
		return 403;
	if (lws_hdr_custom_copy(wsi, name, sizeof(name), "trine-computer:", 15) < 0 ||
	    !text_number(span_str(name), &computer) || computer > LIMIT_COMPUTERS ||
	    lws_hdr_copy(wsi, given, sizeof(given), WSI_TOKEN_HTTP_AUTHORIZATION) < 0 ||
	    strncasecmp(given, bearer, sizeof(bearer) - 1) != 0)
		return 401;
	if (peers_check(l->rt->web->d->home, (int)computer,
			given + sizeof(bearer) - 1, &is, &err) == -1 &&
	    err.code == ERR_REFUSED)
		say_seldom(l->rt, err.text);
	if (err.code != ERR_NONE || !is)
		return 401;
	l->computer = (int)computer;
	return 0;
}

static int let_in(struct link *l, struct lws *wsi, const char *what)
{
	int status = strcasecmp(what, "websocket") == 0 ? look_at(l, wsi) : 400;

	if (status == 0)
		return 0;
	l->rt->web->counts.refused++;
	lws_return_http_status(wsi, (unsigned)status, NULL);
	return -1;
}

static int on_server(struct lws *wsi, enum lws_callback_reasons reason, void *in,
		     size_t len)
{
	struct link *l = lws_get_opaque_user_data(wsi);

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		lws_return_http_status(wsi, 426, NULL);
		return -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		l->wsi = wsi;
		return let_in(l, wsi, in);
	case LWS_CALLBACK_ESTABLISHED:
		realtime_up(l);
		return 0;
	case LWS_CALLBACK_RECEIVE_PONG:
		l->sign = web_now(l->rt->web);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		l->sign = web_now(l->rt->web);
		link_read(l, in, len);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return link_write(l);
	case LWS_CALLBACK_CLOSED:
		realtime_down(l);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		if (l->rt->adopting == l)
			l->rt->adopting = NULL;
		if (l->up)
			realtime_down(l);
		link_free(l);
		return 0;
	default:
		return 0;
	}
}

void realtime_adopt(struct door *door, int fd)
{
	struct realtime *rt = door->web->realtime;
	struct link *l = link_new(rt, on_server);
	struct lws *wsi;
	lws_adopt_desc_t how = {
		.vh = rt->web->host, .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
		.fd = { .sockfd = fd }, .opaque = l,
	};

	rt->adopting = l;
	wsi = lws_adopt_descriptor_vhost_via_info(&how);
	/* it may be gone already; what failed early was never known there */
	if (rt->adopting == l && wsi != NULL)
		l->wsi = wsi;
	else if (rt->adopting == l)
		link_free(l);
	rt->adopting = NULL;
}
