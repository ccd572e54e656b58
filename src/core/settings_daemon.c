/* Values of trine.ini that the daemon reads (settings_keys.h). */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "settings_keys.h"
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
