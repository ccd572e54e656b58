/*
 * The web part (daemon.h): one context of libwebsockets, on one thread. It serves
 * `[daemon] listen` and a Unix socket, says where in run/ports.json, and ends when the
 * supervisor does. What is done is done by the functions that the command line calls.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "trine/active.h"
#include "trine/home_json.h"
#include "realtime.h"
#include "web.h"

/* Who has the log has it for as long as a disk needs; one that was stopped then must not
 * stop all that others ask. */
enum { LOG_WAIT_MS = 500 };

enum { SWEEP_MS = 1000, LOOK_MS = 100, LOOK_ANYWAY_MS = 1000, TIDY_MS = 50 };

int64_t web_now(const struct web *w)
{
	return w->d->clock->steady(w->d->clock);
}

/* ---- by the clock ---- */

static void schedule(struct web *w, lws_sorted_usec_list_t *timer, sul_cb_t call,
		     int64_t ms)
{
	lws_sul_schedule(w->context, 0, timer, call, ms * LWS_US_PER_MS);
}

static void sweep(lws_sorted_usec_list_t *timer)
{
	struct web *w = lws_container_of(timer, struct web, sweep);

	conns_sweep(w);
	w->sweeping = w->conns > 0;
	if (w->sweeping)
		schedule(w, timer, sweep, SWEEP_MS);
}

/* Something happened here, or a second is over: a lease may be, too. */
static void look(lws_sorted_usec_list_t *timer)
{
	struct web *w = lws_container_of(timer, struct web, look);
	int64_t now = web_now(w);
	bool news = home_has_news(w->d->home, &w->seen);

	if (news || now - w->looked >= LOOK_ANYWAY_MS) {
		w->looked = now;
		conns_look(w, news);
	}
	w->looking = w->waiting + w->streams > 0;
	if (w->looking)
		schedule(w, timer, look, LOOK_MS);
}

/* With nobody here there is nothing to wake up for. */
void web_watch(struct web *w)
{
	if (!w->sweeping && w->conns > 0)
		schedule(w, &w->sweep, sweep, SWEEP_MS);
	w->sweeping |= w->conns > 0;
	if (!w->looking && w->waiting + w->streams > 0)
		schedule(w, &w->look, look, LOOK_MS);
	w->looking |= w->waiting + w->streams > 0;
}

static void tidy(lws_sorted_usec_list_t *timer)
{
	struct web *w = lws_container_of(timer, struct web, tidy);
	struct error err = ERROR_INIT;

	w->stale = false;
	if (active_write(w->d->home, &err) == -1)
		daemon_say("web: %s", err.text);
}

void web_changed(struct web *w)
{
	if (!w->stale)
		schedule(w, &w->tidy, tidy, TIDY_MS);
	w->stale = true;
}

static int on_caller(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		     void *in, size_t len)
{
	const struct caller *caller = lws_get_opaque_user_data(wsi);

	(void)user;
	return caller != NULL ? caller->event(wsi, reason, in, len) : 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = on_caller, .tx_packet_size = 64 * 1024 },
	{ .name = REALTIME_PROTOCOL, .callback = on_caller,
	  .rx_buffer_size = REALTIME_READ },
	{ .name = "door", .callback = door_event },
	{ .name = "channel", .callback = channel_event },
	{ .name = "probe", .callback = probe_event },
	{ .name = "news", .callback = realtime_news },
	{ .name = "resolve", .callback = resolve_event },
	{ .name = NULL }
};

int web_ring(struct web *w, struct error *err)
{
	if (channel_say(w, json_pack("{s:b}", "bell", true), err) == 0)
		return 0;
	err->code = ERR_AGAIN;
	return -1;
}

/* ---- starting and ending ---- */

static void say(int level, const char *line)
{
	(void)level;
	daemon_say("web: %.*s", (int)strcspn(line, "\n"), line);
}

/* As many files as we may have, for connections. */
static size_t count_room(void)
{
	const rlim_t wanted = WEB_CONNECTIONS + WEB_FILES_KEPT;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return WEB_FILES_KEPT;
	/* not more: libwebsockets keeps a place for each */
	files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur > 2 * WEB_FILES_KEPT ? files.rlim_cur - WEB_FILES_KEPT :
		files.rlim_cur / 2;
}

static int create_context(struct web *w, struct error *err)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.gid = -1, .uid = -1,
		.user = w,
		.max_http_header_data = WEB_HEADERS,
		.timeout_secs = WEB_READ_MS / 1000,
	};
	const struct settings *s = &w->d->home->settings;
	struct socket_url url;

	if (s->realtime_connect != NULL && settings_socket(s->realtime_connect, &url) &&
	    url.tls)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	w->most = count_room();
	lws_set_log_level(LLL_ERR, say);
	w->context = lws_create_context(&info);
	if (w->context == NULL)
		return error_set(err, ERR_INTERNAL, "libwebsockets cannot start");
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.vhost_name = "coordinator";
	info.protocols = protocols;
	info.keepalive_timeout = 2 * WEB_IDLE_MS / 1000;
	w->host = lws_create_vhost(w->context, &info);
	if (w->host == NULL)
		return error_set(err, ERR_INTERNAL, "libwebsockets cannot start");
	return 0;
}

static void add_port(json_t *ports, const char *name, const char *setting,
		     const struct door *door)
{
	struct listen where;

	if (door != NULL && settings_listen(setting, &where))
		json_object_set_new(ports, name, json_pack("{s:s, s:i}", "host",
				    where.host, "port", door->port));
}

static int write_ports(struct web *w, struct error *err)
{
	json_t *ports = json_pack("{s:i, s:i}", "schema", 1, "pid", (int)getpid());
	const struct settings *s = &w->d->home->settings;

	add_port(ports, "coordinator", s->listen, w->tcp);
	add_port(ports, "hub", s->hub_listen, w->hub);
	add_port(ports, "realtime", s->realtime_listen, w->realtime->door);
	return home_put_json(w->d->home, "run/ports.json", ports, err);
}

/* Where the path is too long for a socket's name, it goes without one. */
static int open_unix_socket(struct web *w, struct error *err)
{
	char *path = home_path(w->d->home, "run/api.sock");

	w->unix_socket = door_open(w, NULL, NULL, path, err);
	free(path);
	if (w->unix_socket != NULL)
		return 0;
	if (err->code != ERR_CONFIG)
		return -1;
	daemon_say("web: %s", err->text);
	error_clear(err);
	return 0;
}

static int open_hub(struct web *w, struct error *err)
{
	struct listen where;

	if (!settings_listen(w->d->home->settings.hub_listen, &where) || !where.on)
		return 0;
	w->hub = door_open(w, &where, "hub", NULL, err);
	if (w->hub == NULL)
		return -1;
	w->hub->hub = true;
	return 0;
}

static int serve(struct web *w, struct error *err)
{
	struct listen where;
	bool on = settings_listen(w->d->home->settings.listen, &where) && where.on;

	if (guard_open(&w->guard, w->d->home, err) == -1)
		return -1;
	if (on && (w->tcp = door_open(w, &where, "daemon", NULL, err)) == NULL)
		return -1;
	if (open_hub(w, err) == -1 ||
	    open_unix_socket(w, err) == -1 || channel_open(w, err) == -1 ||
	    realtime_open(w->realtime, w, err) == -1 || write_ports(w, err) == -1)
		return -1;
	return channel_say(w, json_pack("{s:b}", "up", true), err);
}

int web_run(struct daemon *d, int channel, struct error *err)
{
	struct realtime realtime = { .news = { .fd = -1 } };
	struct web w = { .d = d, .channel = channel, .realtime = &realtime,
			 .facts = { .text = BUF_INIT } };
	int rc = home_open(&d->home, d->dir, d->clock, err);

	w.started = d->clock->now(d->clock);
	if (rc == 0)
		store_wait_most(d->home->store, LOG_WAIT_MS);
	if (rc == 0)
		rc = create_context(&w, err);
	if (rc == 0)
		rc = serve(&w, err);
	while (rc == 0 && !w.over)
		if (lws_service(w.context, 0) < 0)
			break;
	w.over = true;
	if (w.context != NULL)
		lws_context_destroy(w.context);
	realtime_close(&realtime);
	guard_close(&w.guard);
	buf_release(&w.facts.text);
	return rc;
}
