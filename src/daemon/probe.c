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
	lws_sorted_usec_list_t timer;
	bool said;
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
	free(p);
}

static void too_late(lws_sorted_usec_list_t *timer)
{
	struct probe *p = lws_container_of(timer, struct probe, timer);

	say(p, 0, "no answer in time");
	if (p->wsi != NULL)
		lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
				LWS_TO_KILL_ASYNC);
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
		say(p, 0, why);
		lws_set_opaque_user_data(wsi, NULL);
		forget(p);
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

void probe_begin(struct web *w, uint64_t id, const char *url, int64_t ms)
{
	struct probe *p = xcalloc(1, sizeof(*p));
	char *text = xstrdup(url), *path = NULL;
	const char *scheme, *host, *rest;
	struct lws_client_connect_info how = { .context = w->context };

	p->web = w;
	p->id = id;
	if (lws_parse_uri(text, &scheme, &host, &how.port, &rest) != 0) {
		say(p, 0, "its address cannot be read");
		forget(p);
		goto out;
	}
	path = xasprintf("/%s", rest);
	how.address = host;
	how.host = host;
	how.path = path;
	how.method = "GET";
	how.vhost = w->host;
	how.local_protocol_name = "probe";
	how.opaque_user_data = p;
	how.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	how.pwsi = &p->wsi;
	lws_sul_schedule(w->context, 0, &p->timer, too_late, ms * LWS_US_PER_MS);
	/* where it fails at once, it has said so, and P is gone */
	lws_client_connect_via_info(&how);
out:
	free(path);
	free(text);
}
