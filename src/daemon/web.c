/*
 * The web part (daemon.h): one context of libwebsockets, on one thread. It serves
 * `[daemon] listen`, says where in run/ports.json, and ends when the supervisor
 * does.
 */
#include <jansson.h>
#include <libwebsockets.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "trine/file.h"
#include "trine/mem.h"

struct web {
	struct daemon *d;
	struct lws_context *context;
	int channel;
	bool over;		/* the supervisor is gone, or wants us to end */
};

enum { OUT_HEAD = LWS_PRE + 1024 };

/* ---- what is served ---- */

static int answer(struct lws *wsi, unsigned status, const char *text)
{
	unsigned char head[OUT_HEAD], *start = head + LWS_PRE, *at = start;
	unsigned char *end = head + sizeof(head) - 1;
	size_t len = strlen(text);
	unsigned char body[LWS_PRE + 128];

	if (lws_add_http_common_headers(wsi, status, "text/plain", len, &at,
					end) != 0 ||
	    lws_finalize_write_http_header(wsi, start, &at, end) != 0)
		return 1;
	memcpy(body + LWS_PRE, text, len);
	if (lws_write(wsi, body + LWS_PRE, len, LWS_WRITE_HTTP_FINAL) < 0)
		return 1;
	return lws_http_transaction_completed(wsi) != 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		   void *in, size_t len)
{
	if (reason != LWS_CALLBACK_HTTP)
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	if (strcmp(in, "/livez") == 0)
		return answer(wsi, HTTP_STATUS_OK, "ok\n");
	return answer(wsi, HTTP_STATUS_NOT_FOUND, "there is no such page\n");
}

/* ---- the supervisor ---- */

static int on_channel(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		      void *in, size_t len)
{
	struct web *w = lws_context_user(lws_get_context(wsi));
	char bytes[512];

	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		return read(w->channel, bytes, sizeof(bytes)) > 0 ? 0 : -1;
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
		w->over = true;
		lws_cancel_service(w->context);
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = on_http },
	{ .name = "channel", .callback = on_channel },
	{ .name = NULL }
};

static int take_channel(struct web *w, struct lws_vhost *host, struct error *err)
{
	lws_sock_file_fd_type fd = { .filefd = w->channel };

	if (lws_adopt_descriptor_vhost(host, LWS_ADOPT_RAW_FILE_DESC, fd, "channel",
				       NULL) == NULL)
		return error_set(err, ERR_INTERNAL, "the channel cannot be watched");
	return 0;
}

static int say_up(struct web *w, struct error *err)
{
	static const char up[] = "{\"up\":true}\n";

	if (write(w->channel, up, sizeof(up) - 1) == (ssize_t)sizeof(up) - 1)
		return 0;
	return error_errno(err, "the supervisor cannot be reached");
}

/* ---- starting and ending ---- */

static void say(int level, const char *line)
{
	(void)level;
	daemon_say("web: %.*s", (int)strcspn(line, "\n"), line);
}

static int create_context(struct web *w, struct error *err)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.gid = -1, .uid = -1,
		.user = w,
	};

	lws_set_log_level(LLL_ERR, say);
	w->context = lws_create_context(&info);
	if (w->context == NULL)
		return error_set(err, ERR_INTERNAL, "libwebsockets cannot start");
	return 0;
}

/* A host of its own that listens nowhere: what the channel belongs to. */
static struct lws_vhost *create_host(struct web *w, const char *name,
				     const struct listen *where)
{
	struct lws_context_creation_info info = {
		.port = where == NULL ? CONTEXT_PORT_NO_LISTEN_SERVER :
			where->port,
		.iface = where == NULL ? NULL : where->host,
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
			LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE,
		.vhost_name = name,
		.protocols = protocols,
	};

	return lws_create_vhost(w->context, &info);
}

static int write_ports(struct web *w, const struct listen *where, int port,
		       struct error *err)
{
	json_t *ports = json_pack("{s:i, s:i}", "schema", 1, "pid", (int)getpid());
	char *path = home_path(w->d->home, "run/ports.json"), *text;
	int rc;

	if (where != NULL)
		json_object_set_new(ports, "coordinator", json_pack("{s:s, s:i}",
			"host", where->host, "port", port));
	text = json_dumps(mem_need(ports), JSON_COMPACT);
	rc = file_put(path, span_str(text), 0600, err);
	free(text);
	json_decref(ports);
	free(path);
	return rc;
}

static int serve(struct web *w, struct error *err)
{
	struct listen where;
	bool on = settings_listen(w->d->home->settings.listen, &where) && where.on;
	struct lws_vhost *host = create_host(w, "coordinator", on ? &where : NULL);

	if (host == NULL)
		return error_set(err, ERR_AGAIN, "cannot listen on %s: another program "
				 "may do so already. Stop that one, or set another "
				 "port under [daemon], `listen`, in trine.ini",
				 w->d->home->settings.listen);
	if (take_channel(w, host, err) == -1 ||
	    write_ports(w, on ? &where : NULL, lws_get_vhost_listen_port(host),
			err) == -1)
		return -1;
	return say_up(w, err);
}

int web_run(struct daemon *d, int channel, struct error *err)
{
	struct web w = { .d = d, .channel = channel };
	int rc = home_open(&d->home, d->dir, d->clock, err);

	if (rc == 0)
		rc = create_context(&w, err);
	if (rc == 0)
		rc = serve(&w, err);
	while (rc == 0 && !w.over)
		if (lws_service(w.context, 0) < 0)
			break;
	if (w.context != NULL)
		lws_context_destroy(w.context);
	return rc;
}
