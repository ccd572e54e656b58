/*
 * How is a service (web.h)? The supervisor asks, since it calls nothing of
 * libwebsockets: a GET for each question, and back goes the status or why there is
 * none. What stands in the answer is not read.
 */
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"
#include "web.h"

struct probe {
	struct web *web;
	struct lws *wsi;
	uint64_t id;
	lws_sorted_usec_list_t timer, next;
	bool said;
	char *text, *path;		/* of the URL, the first one cut into */
	const char *host;		/* a part of it */
	int port;
	struct resolving *resolving;
	struct list address;
	size_t tried;			/* of these */
};

static void say(struct probe *p, int status, const char *why)
{
	struct error err = ERROR_INIT;
	struct buf clean = BUF_INIT;
	json_t *json;

	if (p->said)
		return;
	p->said = true;
	text_escape(&clean, why, text_cut(why, strlen(why), 120), false);
	if (status > 0)
		json = json_pack("{s:I, s:i}", "answer", (json_int_t)p->id, "status",
				 status);
	else
		json = json_pack("{s:I, s:s}", "answer", (json_int_t)p->id, "error",
				 clean.data);
	if (channel_say(p->web, json, &err) == -1)
		daemon_say("web: %s", err.text);
	buf_release(&clean);
}

static void forget(struct probe *p)
{
	lws_sul_cancel(&p->timer);
	lws_sul_cancel(&p->next);
	resolve_cancel(p->resolving);
	list_release(&p->address);
	free(p->text);
	free(p->path);
	free(p);
}

static void too_late(lws_sorted_usec_list_t *timer)
{
	struct probe *p = lws_container_of(timer, struct probe, timer);

	say(p, 0, "no answer in time");
	if (p->wsi != NULL)
		lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
				LWS_TO_KILL_ASYNC);
	else
		forget(p);
}

static void try_one(lws_sorted_usec_list_t *timer);

/* One address has no answer: the next one, if there is any. */
static void try_next(struct probe *p, const char *why)
{
	p->wsi = NULL;
	if (!p->said && p->tried < p->address.count) {
		lws_sul_schedule(p->web->context, 0, &p->next, try_one, LWS_US_PER_MS);
		return;
	}
	say(p, 0, why);
	forget(p);
}

int probe_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len)
{
	struct probe *p = lws_get_opaque_user_data(wsi);
	char why[128];

	(void)user;
	if (p == NULL)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		snprintf(why, sizeof(why), "no answer (%.*s)", in != NULL ? (int)len : 0,
			 in != NULL ? (const char *)in : "");
		lws_set_opaque_user_data(wsi, NULL);
		try_next(p, why);
		return 0;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		say(p, (int)lws_http_client_http_response(wsi), "");
		return -1;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		say(p, 0, "no answer");
		lws_set_opaque_user_data(wsi, NULL);
		forget(p);
		return 0;
	default:
		return 0;
	}
}

/* Where it fails at once, it says so, and P may be gone. */
static void try_one(lws_sorted_usec_list_t *timer)
{
	struct probe *p = lws_container_of(timer, struct probe, next);
	struct lws_client_connect_info how = {
		.context = p->web->context, .vhost = p->web->host,
		.address = p->address.item[p->tried++], .port = p->port,
		.host = p->host, .path = p->path, .method = "GET",
		.local_protocol_name = "probe", .opaque_user_data = p,
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT, .pwsi = &p->wsi,
	};

	lws_client_connect_via_info(&how);
}

static void on_found(void *arg, struct list *found, const char *why)
{
	struct probe *p = arg;

	p->resolving = NULL;
	p->address = *found;
	try_next(p, why);
}

/* The host stands in what is left of TEXT. */
static int parse(struct probe *p, const char *url)
{
	const char *scheme, *rest;

	p->text = xstrdup(url);
	if (lws_parse_uri(p->text, &scheme, &p->host, &p->port, &rest) != 0)
		return -1;
	p->path = xasprintf("/%s", rest);
	return 0;
}

void probe_begin(struct web *w, uint64_t id, const char *url, int64_t ms)
{
	struct probe *p = xcalloc(1, sizeof(*p));
	struct error err = ERROR_INIT;

	p->web = w;
	p->id = id;
	if (parse(p, url) == -1)
		error_set(&err, ERR_CONFIG, "its address cannot be read");
	else
		p->resolving = resolve_begin(w, p->host, on_found, p, &err);
	if (p->resolving == NULL) {
		say(p, 0, err.text);
		forget(p);
		return;
	}
	lws_sul_schedule(w->context, 0, &p->timer, too_late, ms * LWS_US_PER_MS);
}
