/*
 * What the supervisor and the web part say to each other (daemon.h), as the web part
 * has it: lines of JSON, one of which is never cut.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trine/objects.h"
#include "web.h"

static void take_line(struct web *w, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	json_int_t id = json_integer_value(json_object_get(json, "ask"));
	const char *url = json_string_value(json_object_get(json, "url"));

	if (id > 0 && url != NULL)
		probe_begin(w, (uint64_t)id, url,
			    json_integer_value(json_object_get(json, "ms")));
	json_decref(json);
}

static int take(struct web *w)
{
	ssize_t got = read(w->channel, w->line + w->line_len,
			   sizeof(w->line) - 1 - w->line_len);
	char *newline;

	if (got <= 0)
		return -1;
	w->line_len += (size_t)got;
	w->line[w->line_len] = '\0';
	while ((newline = strchr(w->line, '\n')) != NULL) {
		*newline = '\0';
		take_line(w, w->line);
		w->line_len -= (size_t)(newline + 1 - w->line);
		memmove(w->line, newline + 1, w->line_len + 1);
	}
	/* no line of the supervisor's is so long */
	return w->line_len < sizeof(w->line) - 1 ? 0 : -1;
}

int channel_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
		  void *in, size_t len)
{
	struct web *w = lws_context_user(lws_get_context(wsi));

	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		return take(w);
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
		w->over = true;
		lws_cancel_service(w->context);
	}
	return 0;
}

int channel_open(struct web *w, struct error *err)
{
	lws_sock_file_fd_type fd = { .filefd = w->channel };

	if (lws_adopt_descriptor_vhost(w->host, LWS_ADOPT_RAW_FILE_DESC, fd, "channel",
				       NULL) == NULL)
		return error_set(err, ERR_INTERNAL, "the channel cannot be watched");
	return 0;
}

int channel_say(struct web *w, json_t *json, struct error *err)
{
	char *line = json_to_line(json);
	size_t len = strlen(line);
	/* room for all of it there is, as long as the supervisor reads at all */
	bool put = write(w->channel, line, len) == (ssize_t)len;

	free(line);
	return put ? 0 : error_errno(err, "the supervisor cannot be reached");
}
