/*
 * Who may ask (web.h). The daemon listens where every program of the computer, and
 * every page in a browser on it, can reach it: whoever asks must know the token, which
 * only the owner's files say; a page from elsewhere must not even get so far, since its
 * browser would carry it here under a name of its own (DNS rebinding), or send what it
 * may not read the answer of. Through the Unix socket, mode 0600, only the owner comes.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/peers.h"
#include "trine/text.h"
#include "web.h"

/* ---- the token ---- */

int guard_open(struct guard *g, const struct home *h, struct error *err)
{
	static const char what[] = "the token in run/token";
	char *path = home_path(h, "run/token");
	struct file_info info;
	int rc = file_stat(h->state, &info, err);

	if (rc == 0)
		rc = pass_check_private(h->state, info.open_to_others, "700",
					  what, err);
	if (rc == 0)
		rc = pass_make(path, err);
	if (rc == 0)
		rc = pass_read(path, what, g->token, err);
	settings_names(h->settings.names, &g->names);
	free(path);
	return rc;
}

void guard_close(struct guard *g)
{
	list_release(&g->names);
}

/* What is shown; "": nothing that is a token. */
static const char *bearer_of(const struct request *r)
{
	static const char bearer[] = "Bearer ";
	size_t len = sizeof(bearer) - 1;

	return strncasecmp(r->authorization, bearer, len) == 0 ?
	       r->authorization + len : "";
}

static int check_token(const struct guard *g, const struct request *r,
		       struct error *err)
{
	if (r->authorization[0] == '\0') {
		error_set(err, ERR_REFUSED, "a token is wanted");
		return 401;
	}
	if (pass_same(g->token, bearer_of(r)))
		return 0;
	error_set(err, ERR_REFUSED, "that is not the token of this computer");
	return 401;
}

/* ---- pages from elsewhere ---- */

/* HOST without its port; NULL: there is none. */
static char *host_name(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	size_t len = end != NULL ? (size_t)(end - host) + (host[0] == '[') :
				   strlen(host);

	return len > 0 ? xstrndup(host, len) : NULL;
}

/* "10.0.0.1", "[::1]". It may be any: who asks by an address has reached us by it, and
 * no name server has told him where a stranger's page is to be found. */
static bool is_address(char *name)
{
	size_t len = strlen(name);
	unsigned char address[16];

	if (name[0] != '[')
		return inet_pton(AF_INET, name, address) == 1;
	if (name[len - 1] != ']')
		return false;
	name[len - 1] = '\0';
	return inet_pton(AF_INET6, name + 1, address) == 1;
}

static bool is_listed(const struct guard *g, const char *name)
{
	for (size_t i = 0; i < g->names.count; i++)
		if (strcasecmp(name, g->names.item[i]) == 0)
			return true;
	return false;
}

static int check_host(const struct guard *g, const struct request *r, bool *listed,
		      struct error *err)
{
	char *name = host_name(r->host);
	bool ours;

	*listed = name != NULL && is_listed(g, name);
	ours = *listed || (name != NULL && (strcasecmp(name, "localhost") == 0 ||
					    is_address(name)));
	free(name);
	if (ours)
		return 0;
	error_set(err, ERR_REFUSED, "\"%.80s\" is no name of this daemon: ask it as "
		  "localhost, by an address, or by a name that stands under [daemon], "
		  "`names`, in trine.ini", r->host);
	return 403;
}

static bool is_at(const char *origin, const char *scheme, const char *host)
{
	size_t len = strlen(scheme);

	return strncmp(origin, scheme, len) == 0 && strcasecmp(origin + len, host) == 0;
}

/* A page of ours, or no page at all. What stands in front of us, with a LISTED name, may
 * have TLS. */
static int check_origin(const struct request *r, bool listed, struct error *err)
{
	bool own = r->origin[0] == '\0' || is_at(r->origin, "http://", r->host) ||
		   (listed && is_at(r->origin, "https://", r->host));

	if (own && (r->site[0] == '\0' || strcmp(r->site, "same-origin") == 0 ||
		    strcmp(r->site, "none") == 0))
		return 0;
	error_set(err, ERR_REFUSED, "a page from elsewhere (%.80s) may not ask here",
		  r->origin[0] != '\0' ? r->origin : r->site);
	return 403;
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	return strncasecmp(type, json, len) == 0 &&
	       (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* The hub is reached from elsewhere, by whatever name, but by no page: which computer
 * shows a token of its own, it says. */
static int check_computer(const struct guard *g, struct home *h, struct request *r,
			  struct error *err)
{
	uint64_t computer;
	bool is = false;

	if (r->claimed[0] == '\0')
		return check_token(g, r, err);
	if (!text_number(span_str(r->claimed), &computer) ||
	    computer > LIMIT_COMPUTERS ||
	    peers_check(h, (int)computer, bearer_of(r), &is, err) == -1 || !is) {
		error_set(err, ERR_REFUSED, "that is not the token of computer %.8s",
			  r->claimed);
		return 401;
	}
	r->computer = (int)computer;
	return 0;
}

int guard_check(const struct guard *g, struct home *h, struct request *r, bool open,
		struct error *err)
{
	bool listed = false;
	int status = r->local || r->hub ? 0 : check_host(g, r, &listed, err);

	if (status == 0 && !open)
		status = check_origin(r, listed, err);
	if (status == 0 && !open && r->hub)
		status = check_computer(g, h, r, err);
	else if (status == 0 && !open && !r->local)
		status = check_token(g, r, err);
	if (status == 0 && r->method == METHOD_POST && !is_json(r->type)) {
		error_set(err, ERR_USAGE, "a body is wanted as application/json, not "
			  "as \"%.60s\"", r->type);
		status = 415;
	}
	return status;
}

/* ---- too much of one ---- */

static struct rate *find_rate(struct guard *g, uint64_t client, int64_t now)
{
	struct rate *oldest = &g->rate[0];

	for (size_t i = 0; i < RATES; i++) {
		if (g->rate[i].at != 0 && g->rate[i].client == client)
			return &g->rate[i];
		if (g->rate[i].at < oldest->at)
			oldest = &g->rate[i];
	}
	*oldest = (struct rate){ .client = client, .at = now,
				 .tokens = WEB_BURST * 1000 };
	return oldest;
}

bool guard_rate(struct guard *g, uint64_t client, int64_t now, int *retry)
{
	struct rate *r = find_rate(g, client, now);

	r->tokens += (now - r->at) * WEB_RATE;
	if (r->tokens > WEB_BURST * 1000)
		r->tokens = WEB_BURST * 1000;
	r->at = now;
	if (r->tokens < 1000) {
		*retry = 1;
		return false;
	}
	r->tokens -= 1000;
	return true;
}
