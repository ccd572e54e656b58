/* Values of trine.ini that the daemon reads (settings_keys.h). */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings_keys.h"
#include "trine/mem.h"
#include "trine/text.h"

/* "127.0.0.1", "[::1]" or "localhost", which is the first of these. */
static bool read_host(struct span host, char *out, size_t size)
{
	unsigned char address[16];

	if (span_is(host, "localhost"))
		host = span_str("127.0.0.1");
	if (host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']') {
		snprintf(out, size, "%.*s", (int)host.len - 2, host.p + 1);
		return host.len < size && inet_pton(AF_INET6, out, address) == 1;
	}
	snprintf(out, size, "%.*s", (int)host.len, host.p);
	return host.len < size && inet_pton(AF_INET, out, address) == 1;
}

bool settings_listen(const char *value, struct listen *out)
{
	const char *colon = strrchr(value, ':');
	struct span host = { value, 0 };
	uint64_t port;

	*out = (struct listen){ 0 };
	if (strcmp(value, "off") == 0)
		return true;
	if (colon == NULL)
		return false;
	host.len = (size_t)(colon - value);
	if (!text_number(span_str(colon + 1), &port) || port > 65535 ||
	    !read_host(host, out->host, sizeof(out->host)))
		return false;
	out->port = (int)port;
	out->on = true;
	return true;
}

bool settings_socket(const char *value, struct socket_url *out)
{
	static const char plain[] = "ws://", tls[] = "wss://";
	const char *host, *end;
	uint64_t port;

	out->tls = strncmp(value, tls, sizeof(tls) - 1) == 0;
	if (!out->tls && strncmp(value, plain, sizeof(plain) - 1) != 0)
		return false;
	host = value + (out->tls ? sizeof(tls) : sizeof(plain)) - 1;
	end = *host == '[' ? host + strcspn(host, "]") + 1 : host + strcspn(host, ":/");
	if (*host == '[' && end[-1] != ']')
		return false;
	out->port = out->tls ? 443 : 9999;
	snprintf(out->host, sizeof(out->host), "%.*s", (int)(end - host), host);
	if (end == host || (size_t)(end - host) >= sizeof(out->host) || *host == '-')
		return false;
	for (const char *p = host; p < end; p++)
		if (!isalnum((unsigned char)*p) && strchr(".-_[]:", *p) == NULL)
			return false;
	if (*end == ':') {
		size_t len = strcspn(++end, "/");

		if (!text_number((struct span){ end, len }, &port) || port == 0 ||
		    port > 65535)
			return false;
		out->port = (int)port;
		end += len;
	}
	return *end == '\0' || strcmp(end, "/") == 0;
}

bool settings_set_socket(const struct settings_key *key, const char *value,
			 void *field, struct buf *why)
{
	struct socket_url where;

	(void)key;
	if (!settings_socket(value, &where)) {
		buf_printf(why, "'%s' is no address of a WebSocket, as in "
			   "ws://hub.example.org:9999", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

bool settings_set_listen(const struct settings_key *key, const char *value,
			 void *field, struct buf *why)
{
	struct listen where;

	(void)key;
	if (!settings_listen(value, &where)) {
		buf_printf(why, "'%s' is neither off nor an address of this computer "
			   "and a port, as in 127.0.0.1:8900 or [::1]:8900", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

static bool is_host(const char *name)
{
	static const char beside[] = ".-_";

	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr(beside, *p) == NULL)
			return false;
	return name[0] != '-' && name[0] != '.';
}

bool settings_set_hosts(const struct settings_key *key, const char *value,
			void *field, struct buf *why)
{
	struct list names;

	(void)key;
	settings_names(value, &names);
	for (size_t i = 0; i < names.count && why->len == 0; i++)
		if (!is_host(names.item[i]))
			buf_printf(why, "'%s' is no name of a computer without a port, "
				   "as in trine.example.org", names.item[i]);
	list_release(&names);
	if (why->len == 0)
		settings_set_string(field, value);
	return why->len == 0;
}

/* A program that a daemon or a worker starts: no shell looks for it, and no working
 * directory helps. */
bool settings_set_program(const struct settings_key *key, const char *value,
			  void *field, struct buf *why)
{
	(void)key;
	if (*value == '\0')
		buf_adds(why, "has no value");
	else if (*value != '/' && strchr(value, '/') != NULL)
		buf_printf(why, "'%s' is neither a full path nor a plain name",
			   value);
	else
		settings_set_string(field, value);
	return why->len == 0;
}

bool settings_set_prefer(const struct settings_key *key, const char *value,
			 void *field, struct buf *why)
{
	(void)key;
	if (strcmp(value, "speed") != 0 && strcmp(value, "quality") != 0) {
		buf_printf(why, "'%s' is neither speed nor quality", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

/* ---- health ---- */

static bool is_process(struct span rest, struct health *out, struct buf *why)
{
	out->kind = HEALTH_PROCESS;
	if (rest.len > 0)
		buf_adds(why, "nothing stands behind process");
	return why->len == 0;
}

static void add_words(struct list *l, struct span line)
{
	size_t len;

	for (line = text_trim(line); line.len > 0; line = text_trim(line)) {
		for (len = 0; len < line.len && strchr(" \t", line.p[len]) == NULL;)
			len++;
		list_take(l, xstrndup(line.p, len));
		line.p += len;
		line.len -= len;
	}
}

/* Words on the first line, then an argument in each. */
static bool is_program(struct span rest, struct health *out, struct buf *why)
{
	char *program = NULL;
	struct span line;
	size_t pos = 0;

	out->kind = HEALTH_EXEC;
	if (text_line(rest, &pos, &line))
		add_words(&out->argv, line);
	list_add_lines(&out->argv, (struct span){ rest.p + pos, rest.len - pos });
	if (out->argv.count == 0)
		buf_adds(why, "exec wants a program");
	else
		settings_set_program(NULL, out->argv.item[0], &program, why);
	free(program);
	return why->len == 0;
}

static bool is_file(struct span rest, struct health *out, struct buf *why)
{
	size_t path = rest.len;

	while (path > 0 && rest.p[path - 1] != ' ' && rest.p[path - 1] != '\t')
		path--;
	out->kind = HEALTH_FILE;
	if (!duration_parse((struct span){ rest.p + path, rest.len - path },
			    &out->seconds) || out->seconds < 1 ||
	    text_is_blank((struct span){ rest.p, path }) ||
	    memchr(rest.p, '\n', rest.len) != NULL) {
		buf_adds(why, "file wants a path and how old that may be, as in "
			 "file /run/me/alive 60s");
		return false;
	}
	rest = text_trim((struct span){ rest.p, path });
	out->path = xstrndup(rest.p, rest.len);
	return true;
}

bool settings_health(const char *value, struct health *out, struct buf *why)
{
	static const struct {
		const char *word;
		bool (*read)(struct span, struct health *, struct buf *);
	} kinds[] = {
		{ "process", is_process }, { "exec", is_program },
		{ "file", is_file },
	};
	struct span all = text_trim(span_str(value)), rest;

	*out = (struct health){ .argv = LIST_INIT };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		rest = all;
		if (text_skip(&rest, kinds[i].word) &&
		    (rest.len == 0 || strchr(" \t\n", rest.p[0]) != NULL))
			return kinds[i].read(text_trim(rest), out, why);
	}
	out->kind = HEALTH_HTTP;
	if (!text_starts(all, "http://")) {
		buf_printf(why, "'%s' says not how to ask: http://..., process, "
			   "exec PROGRAM or file PATH SECONDS", value);
		return false;
	}
	if (!settings_check_service(value, why))
		return false;
	out->url = xstrdup(value);
	return true;
}

void health_release(struct health *h)
{
	free(h->url);
	free(h->path);
	list_release(&h->argv);
	*h = (struct health){ .argv = LIST_INIT };
}

bool settings_set_health(const struct settings_key *key, const char *value,
			 void *field, struct buf *why)
{
	struct health h;

	(void)key;
	if (settings_health(value, &h, why))
		settings_set_string(field, value);
	health_release(&h);
	return why->len == 0;
}

char *settings_of_copy(const char *text, int64_t copy)
{
	static const char mark[] = "{copy}";
	struct buf out = BUF_INIT;
	const char *at;

	for (; (at = strstr(text, mark)) != NULL; text = at + strlen(mark)) {
		buf_add(&out, text, (size_t)(at - text));
		buf_printf(&out, "%lld", (long long)copy);
	}
	buf_adds(&out, text);
	return buf_detach(&out);
}

void settings_names(const char *value, struct list *out)
{
	static const char between[] = ", \t\n";
	size_t len;

	*out = (struct list)LIST_INIT;
	if (value == NULL)
		return;
	for (value += strspn(value, between); *value != '\0';
	     value += len + strspn(value + len, between)) {
		len = strcspn(value, between);
		list_take(out, xstrndup(value, len));
	}
}
