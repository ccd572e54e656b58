/* Which remotes may be used (settings.h): a URL goes into libgit2 and, for
 * ssh, near a command line, so its form is checked before anything opens it. */
#include "trine/settings.h"

#include <ctype.h>
#include <string.h>

#include "trine/text.h"

/* What this version reaches: remote_open has the last word. */
static const char allowed[] = "use https://, ssh://, git://, file:/// or a path";

static struct span rest_of(struct span s, size_t from)
{
	return (struct span){ s.p + from, s.len - from };
}

static size_t find(struct span s, char c)
{
	const char *at = memchr(s.p, c, s.len);

	return at ? (size_t)(at - s.p) : s.len;
}

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '.' || c == '_';
}

/* "example.org", "10.0.0.1", "[fe80::1]". */
static bool host_valid(struct span host)
{
	bool bracketed = host.len > 2 && host.p[0] == '[' &&
			 host.p[host.len - 1] == ']';

	if (bracketed)
		host = (struct span){ host.p + 1, host.len - 2 };
	if (host.len == 0 || host.p[0] == '-')
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!is_word((unsigned char)host.p[i]) &&
		    !(bracketed && host.p[i] == ':'))
			return false;
	return true;
}

/* "git@host" without what stands before the last @; false if that could be
 * taken for an option. */
static bool without_user(struct span *s)
{
	for (size_t i = s->len; i-- > 0;)
		if (s->p[i] == '@') {
			if (i == 0 || s->p[0] == '-')
				return false;
			*s = rest_of(*s, i + 1);
			return true;
		}
	return true;
}

/* What stands in a URL is shown in errors, in lists of processes, to others. */
static bool has_password(struct span after)
{
	size_t at = find((struct span){ after.p, find(after, '/') }, '@');

	return at < find(after, '/') &&
	       find((struct span){ after.p, at }, ':') < at;
}

static bool port_valid(struct span port)
{
	uint64_t n;

	return text_number(port, &n) && n >= 1 && n <= 65535;
}

/* Where HOST ends and ":port" or ":path" begins: behind the brackets of an
 * IPv6 address, if it has them. */
static size_t host_end(struct span s)
{
	size_t skip = s.len > 0 && s.p[0] == '[' ? find(s, ']') : 0;

	return skip + find(rest_of(s, skip), ':');
}

static int check_network(struct span after, const char *url, struct error *err)
{
	size_t slash = find(after, '/'), colon;
	struct span host = { after.p, slash };

	if (has_password(after))
		return error_set(err, ERR_CONFIG, "the remote's URL has a "
				 "password in it, which would be shown around; "
				 "put it into a file of mode 600 and name that by "
				 "token_file in [remote]");
	if (!without_user(&host))
		return error_set(err, ERR_CONFIG, "%s: bad user name", url);
	colon = host_end(host);
	if (colon < host.len && !port_valid(rest_of(host, colon + 1)))
		return error_set(err, ERR_CONFIG, "%s: bad port", url);
	host.len = colon;
	if (!host_valid(host))
		return error_set(err, ERR_CONFIG, "%s: bad host name", url);
	if (slash + 1 >= after.len)
		return error_set(err, ERR_CONFIG, "%s: no path behind the host", url);
	return 0;
}

static int check_file(struct span after, const char *url, struct error *err)
{
	if (after.len < 2 || after.p[0] != '/')
		return error_set(err, ERR_CONFIG, "%s: write file:///full/path", url);
	return 0;
}

static int check_scheme(struct span s, size_t end, const char *url,
			struct error *err)
{
	static const struct {
		const char *name;
		int (*check)(struct span, const char *, struct error *);
	} schemes[] = {
		{ "https", check_network },
		{ "ssh", check_network },
		{ "git", check_network },
		{ "file", check_file },
	};
	struct span scheme = { s.p, end };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_is(scheme, schemes[i].name))
			return schemes[i].check(rest_of(s, end + 3), url, err);
	return error_set(err, ERR_CONFIG, "%s: '%.*s://' is not supported; %s",
			 url, (int)(end < 40 ? end : 40), s.p, allowed);
}

/* "git@host:path": git takes it so where a colon comes before any slash. */
static int check_scp(struct span s, size_t colon, const char *url,
		     struct error *err)
{
	struct span host = { s.p, colon }, path = rest_of(s, colon + 1);

	if (path.len > 0 && path.p[0] == ':')
		return error_set(err, ERR_CONFIG,
				 "%s: transport helpers are not supported; %s",
				 url, allowed);
	if (!without_user(&host) || !host_valid(host))
		return error_set(err, ERR_CONFIG, "%s: bad user or host name", url);
	if (path.len == 0 || path.p[0] == '-')
		return error_set(err, ERR_CONFIG, "%s: bad path behind the host", url);
	return 0;
}

/* Where the host of an scp-like remote ends; s.len if this is a path. */
static size_t scp_colon(struct span s)
{
	size_t slash = find(s, '/'), at = find(s, '@');
	struct span host = s;
	size_t colon;

	if (at < slash)
		host = rest_of(s, at + 1);
	colon = (size_t)(host.p - s.p) + host_end(host);
	if (colon < s.len && find((struct span){ s.p, colon }, '/') == colon)
		return colon;
	return s.len;
}

static int check_bytes(struct span s, const char *url, struct error *err)
{
	if (s.len == 0)
		return error_set(err, ERR_CONFIG, "the remote's URL is empty");
	if (!text_is_utf8(s.p, s.len))
		return error_set(err, ERR_CONFIG, "the remote's URL is not UTF-8");
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return error_set(err, ERR_CONFIG,
					 "the remote's URL has control bytes");
	if (s.p[0] == '-')
		return error_set(err, ERR_CONFIG,
				 "%s: a URL does not start with '-'", url);
	if (s.p[0] == '~')
		return error_set(err, ERR_CONFIG,
				 "%s: only a shell knows '~'; write the path in full",
				 url);
	return 0;
}

int settings_check_url(const char *url, struct error *err)
{
	struct span s = span_str(url);
	const char *scheme_end;
	size_t colon;

	if (check_bytes(s, url, err) == -1)
		return -1;
	if (s.p[0] == '/' || text_starts(s, "./") || text_starts(s, "../"))
		return 0;
	scheme_end = strstr(url, "://");
	colon = find(s, ':');
	if (scheme_end != NULL && (size_t)(scheme_end - url) == colon)
		return check_scheme(s, colon, url, err);
	colon = scp_colon(s);
	if (colon < s.len)
		return check_scp(s, colon, url, err);
	return 0;
}
