/*
 * The addresses of a name (web.h), looked up beside: the loop goes on meanwhile.
 */
#include <stdlib.h>

#include "trine/lookup.h"
#include "trine/mem.h"
#include "web.h"

struct resolving {
	struct lws *wsi;	/* of what can be read when the answer is there */
	struct lookup *lookup;
	void (*done)(void *arg, struct list *found, const char *why);	/* or NULL */
	void *arg;
};

static void give(struct resolving *r)
{
	void (*done)(void *arg, struct list *found, const char *why) = r->done;
	struct error err = ERROR_INIT;
	struct list found;

	if (done == NULL)
		return;
	r->done = NULL;
	lookup_take(r->lookup, &found, &err);
	done(r->arg, &found, err.text);
}

int resolve_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len)
{
	struct resolving *r = lws_get_opaque_user_data(wsi);

	(void)user, (void)in, (void)len;
	if (r == NULL)
		return 0;
	if (reason == LWS_CALLBACK_RAW_RX_FILE) {
		give(r);
		return -1;
	}
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
		lws_set_opaque_user_data(wsi, NULL);
		lookup_end(r->lookup);
		free(r);
	}
	return 0;
}

struct resolving *resolve_begin(struct web *w, const char *host,
				void (*done)(void *arg, struct list *found,
					     const char *why),
				void *arg, struct error *err)
{
	struct resolving *r = xcalloc(1, sizeof(*r));
	lws_sock_file_fd_type fd;

	r->done = done;
	r->arg = arg;
	r->lookup = lookup_begin(host, NULL, &fd.filefd, err);
	if (r->lookup == NULL)
		goto failed;
	r->wsi = lws_adopt_descriptor_vhost(w->host, LWS_ADOPT_RAW_FILE_DESC, fd,
					    "resolve", NULL);
	if (r->wsi != NULL) {
		lws_set_opaque_user_data(r->wsi, r);
		return r;
	}
	lookup_end(r->lookup);	/* the descriptor is closed */
	error_set(err, ERR_INTERNAL, "a lookup cannot be watched");
failed:
	free(r);
	return NULL;
}

/* Nobody waits for the answer any more; what is left ends by itself. */
void resolve_cancel(struct resolving *r)
{
	if (r == NULL)
		return;
	r->done = NULL;
	lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}
