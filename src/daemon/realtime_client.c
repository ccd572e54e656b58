/*
 * The other side of real time (realtime.h): one connection to the hub, begun again when
 * it ends, after a while that grows. Of the addresses that its name has, each is tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "realtime.h"
#include "trine/mem.h"

enum { AT_ONCE_MS = 1, FIRST_MS = 500, MOST_MS = 60 * 1000, STEADY_MS = 30 * 1000,
       BRIEF_FAILURES = 3 };

static void connect_again(lws_sorted_usec_list_t *timer)
{
	realtime_connect(lws_container_of(timer, struct realtime, again));
}

static bool has_another(const struct realtime *rt)
{
	return rt->tried < rt->address.count;
}

static void forget_addresses(struct realtime *rt)
{
	list_release(&rt->address);
	rt->tried = 0;
}

/* A fifth more or less, so that those that lost one hub do not come all at once. */
static int64_t rest(struct realtime *rt)
{
	int64_t ms = rt->failures < 8 ? FIRST_MS << rt->failures : MOST_MS;
	unsigned chance = 0;

	ms = ms < MOST_MS ? ms : MOST_MS;
	lws_get_random(rt->web->context, &chance, sizeof(chance));
	rt->failures++;
	return ms + ms / 5 * (int64_t)(chance % 201) / 100 - ms / 5;
}

static void connect_later(struct realtime *rt)
{
	realtime_schedule(rt, &rt->again, connect_again,
			  has_another(rt) ? AT_ONCE_MS : rest(rt));
}

/* What stands in the way is said once, and again when it is something else; not as long
 * as there is another way. */
static void say_trouble(struct realtime *rt, const char *text)
{
	if (has_another(rt) || (rt->trouble != NULL && strcmp(rt->trouble, text) == 0))
		return;
	free(rt->trouble);
	rt->trouble = xstrdup(text);
	daemon_say("real time: no connection to %s, port %d: %s", rt->url.host,
		   rt->url.port, text);
}

/* It has lasted: what comes now is another trouble. */
static void settle(lws_sorted_usec_list_t *timer)
{
	struct realtime *rt = lws_container_of(timer, struct realtime, again);

	rt->failures = 0;
	free(rt->trouble);
	rt->trouble = NULL;
}

/* A hub that lets us in and ends it at once, as it does where a copy of this machine has
 * the same token, is not asked twice a second, and why is said once. */
static void hope(struct realtime *rt)
{
	if (rt->failures > BRIEF_FAILURES)
		rt->failures = BRIEF_FAILURES;
	realtime_schedule(rt, &rt->again, settle, STEADY_MS);
}

static void lose(struct link *l)
{
	struct realtime *rt = l->rt;

	realtime_down(l);
	rt->hub = NULL;
	link_free(l);
	connect_later(rt);
}

/* What only who has the token can show. */
static int add_headers(struct link *l, struct lws *wsi, unsigned char **at, size_t len)
{
	char token[PASS_TEXT], bearer[PASS_TEXT + 8], computer[8];
	unsigned char *end = *at + len;
	struct error err = ERROR_INIT;

	if (peers_own_token(l->rt->web->d->home, token, &err) == -1)
		return -1;
	snprintf(bearer, sizeof(bearer), "Bearer %s", token);
	snprintf(computer, sizeof(computer), "%d", l->rt->web->d->home->number);
	return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
					    (unsigned char *)bearer,
					    (int)strlen(bearer), at, end) != 0 ||
	       lws_add_http_header_by_name(wsi, (const unsigned char *)"trine-computer:",
					   (unsigned char *)computer,
					   (int)strlen(computer), at, end) != 0 ? -1 : 0;
}

static void on_refusal(struct link *l, struct lws *wsi, const char *text)
{
	unsigned status = lws_http_client_http_response(wsi);

	if (status != 0)
		forget_addresses(l->rt);	/* it is the hub that says so */
	if (status == 401)
		say_trouble(l->rt, "it does not know the token of this computer: "
			    "`trine daemon token` on its computer prints the right one");
	else
		say_trouble(l->rt, text != NULL ? text : "it does not answer");
}

/* The hub says why, in two bytes of a number and a text. */
static void on_close(struct link *l, const char *bytes, size_t len)
{
	char text[128];

	if (len <= 2)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)len - 2, bytes + 2);
	say_trouble(l->rt, text);
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *in,
		     size_t len)
{
	struct link *l = lws_get_opaque_user_data(wsi);

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(l, wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		l->wsi = wsi;
		forget_addresses(l->rt);
		hope(l->rt);
		realtime_up(l);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		l->sign = web_now(l->rt->web);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		l->sign = web_now(l->rt->web);
		link_read(l, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return link_write(l);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_refusal(l, wsi, in);
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		on_close(l, in, len);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		lose(l);
		return 0;
	default:
		return 0;
	}
}

static void connect_to(struct realtime *rt, const char *address)
{
	char host[sizeof(rt->url.host) + 8];
	struct link *l = rt->hub = link_new(rt, on_client);

	l->client = true;
	snprintf(host, sizeof(host), "%s:%d", rt->url.host, rt->url.port);
	if (lws_client_connect_via_info(&(struct lws_client_connect_info){
			.context = rt->web->context, .vhost = rt->web->host,
			.address = address, .port = rt->url.port, .path = "/",
			.host = host, .protocol = REALTIME_PROTOCOL,
			.local_protocol_name = REALTIME_PROTOCOL,
			.ssl_connection = rt->url.tls ? LCCSCF_USE_SSL : 0,
			.opaque_user_data = l, .pwsi = &l->wsi }) == NULL &&
	    rt->hub == l)
		lose(l);
}

static void on_found(void *arg, struct list *found, const char *why)
{
	struct realtime *rt = arg;

	forget_addresses(rt);
	rt->address = *found;
	if (!has_another(rt))
		say_trouble(rt, why);
	connect_later(rt);
}

static int look_up(struct realtime *rt, struct error *err)
{
	bool six = rt->url.host[0] == '[';
	char *host = xstrndup(rt->url.host + six, strlen(rt->url.host) - 2 * six);
	char token[PASS_TEXT];
	int rc = peers_own_token(rt->web->d->home, token, err);

	if (rc == 0 && resolve_begin(rt->web, host, on_found, rt, err) == NULL)
		rc = -1;
	free(host);
	return rc;
}

void realtime_connect(struct realtime *rt)
{
	struct error err = ERROR_INIT;

	if (has_another(rt)) {
		connect_to(rt, rt->address.item[rt->tried++]);
	} else if (look_up(rt, &err) == -1) {
		say_trouble(rt, err.text);
		connect_later(rt);
	}
}
