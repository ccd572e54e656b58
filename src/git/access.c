/* Getting in: what is tried in which order, and what a person is told if nothing
 * works (access.h). What is tried stands in access_ssh.c and access_https.c. */
#include "access.h"
#include "authorities.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { SECRET_BYTES = 4096 };	/* of a token or passphrase */

void access_start(struct access *a, const struct settings *set,
		  const char *url, struct clock *clock, int64_t deadline)
{
	*a = (struct access){ .set = set, .url = url, .clock = clock,
			      .deadline = deadline };
	buf_init(&a->tried);
	buf_init(&a->user);
	buf_init(&a->password);
}

int access_refuse(struct access *a, char *why)
{
	free(a->why);
	a->why = why;
	git_error_set_str(GIT_ERROR_CALLBACK, why);
	return GIT_EUSER;
}

/* --- where the URL leads --- */

static struct span cut(struct span s, size_t from, size_t to)
{
	return (struct span){ s.p + from, to - from };
}

static size_t find(struct span s, char c)
{
	const char *at = memchr(s.p, c, s.len);

	return at != NULL ? (size_t)(at - s.p) : s.len;
}

/* scheme://user@host:port/path or user@host:path; settings_check_url has seen
 * that it is one of them. */
struct place place_of(const char *url)
{
	const char *scheme = strstr(url, "://");
	struct span s = span_str(scheme != NULL ? scheme + 3 : url);
	size_t end = scheme != NULL ? find(s, '/') : s.len, at, colon;
	struct place place = { .user = { "", 0 }, .port = { "", 0 } };

	at = find(cut(s, 0, end), '@');
	if (at < end) {
		place.user = cut(s, 0, at);
		s = cut(s, at + 1, s.len);
	}
	colon = s.len > 0 && s.p[0] == '[' ? find(s, ']') : 0;
	colon += find(cut(s, colon, s.len), ':');
	end = scheme != NULL ? find(s, '/') : colon;
	place.host = cut(s, 0, colon < end ? colon : end);
	if (scheme != NULL && colon < end)
		place.port = cut(s, colon + 1, end);
	place.path = cut(s, end < s.len ? end + 1 : end, s.len);
	return place;
}

static bool same_host(const char *a, const char *b)
{
	struct place one = place_of(a), other = place_of(b);

	return one.host.len == other.host.len &&
	       strncasecmp(one.host.p, other.host.p, one.host.len) == 0 &&
	       span_equal(one.port, other.port) &&
	       strncmp(a, b, strcspn(a, ":") + 1) == 0;
}

char *access_url(const char *url)
{
	struct place p = place_of(url);

	if (p.user.len == 0 || strncmp(url, "https://", 8) != 0)
		return xstrdup(url);
	return xasprintf("https://%s", p.user.p + p.user.len + 1);
}

/* --- secrets in files --- */

/* The first line of PATH, which nobody else may read. */
int secret_read(struct access *a, const char *path, struct buf *out)
{
	struct error err = ERROR_INIT;
	struct file_info info;

	if (file_read(path, SECRET_BYTES, out, &info, &err) == -1)
		return access_refuse(a, xstrdup(err.text));
	if (info.open_to_others)
		return access_refuse(a, xasprintf("%s can be read by others: "
						  "chmod 600 %s", path, path));
	out->data[strcspn(out->data, "\r\n")] = '\0';
	if (out->data[0] == '\0')
		return access_refuse(a, xasprintf("%s is empty", path));
	return 0;
}

void secret_forget(struct buf *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->len);
	buf_release(secret);
	buf_init(secret);
}

/* --- one after the other --- */

static int offer_next(struct access *a, const struct way *ways,
		      const char *without, const char *user,
		      git_credential **out)
{
	while (ways[a->next].name != NULL) {
		const struct way *way = &ways[a->next++];
		int rc = way->offer(a, user, out);

		if (rc == 1)
			continue;
		buf_printf(&a->tried, "%s%s", a->tried.len > 0 ? ", " : "",
			   way->name);
		return rc;
	}
	return a->tried.len > 0
		? access_refuse(a, xasprintf("it accepts none of our credentials "
				      "(offered: %s)", a->tried.data))
		: access_refuse(a, xstrdup(without));
}

int access_credential(struct access *a, git_credential **out, const char *url,
		      const char *user, unsigned types)
{
	if (types & GIT_CREDENTIAL_SSH_KEY)
		return offer_next(a, ssh_ways, ssh_without, user, out);
	if (types & GIT_CREDENTIAL_USERNAME)
		return ssh_user_name(out);
	if (!(types & GIT_CREDENTIAL_USERPASS_PLAINTEXT))
		return access_refuse(a, xstrdup("it asks for a kind of credential that "
					 "trine does not have"));
	if (!same_host(url, a->url))
		return access_refuse(a, xstrdup("it leads to another host, which gets no "
					 "credentials: name that one in [remote] "
					 "url"));
	return offer_next(a, https_ways, https_without, user,
			  out);
}

void access_end(struct access *a, bool connected)
{
	if (!connected && a->why != NULL)
		https_reject(a);
	secret_forget(&a->user);
	secret_forget(&a->password);
	buf_release(&a->tried);
	free(a->why);
}

/* --- the server is not the one that is meant; what to do --- */

int access_certificate(struct access *a, git_cert *cert, int valid)
{
	if (valid)
		return 0;
	return cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2
		? ssh_refuse_host(a, (const git_cert_hostkey *)(const void *)cert)
		: GIT_PASSTHROUGH;	/* libgit2 says what is wrong with it */
}

/* What libgit2 and the libraries below it say, and what it means to a person. */
static const struct {
	const char *said;
	enum error_code code;
	const char *advice;
} advices[] = {
	{ "error loading known_hosts", ERR_REFUSED,
	  "$HOME is not set, or has no .ssh/known_hosts: connect once with ssh" },
	{ "certificate is invalid", ERR_REFUSED,
	  "name the file of its authority by ca_file in [remote]; a certificate "
	  "for another name cannot be used" },
	{ "http status code: 401", ERR_REFUSED, NULL },
	{ "http status code: 403", ERR_REFUSED,
	  "these credentials may not do that" },
	{ "http status code: 404", ERR_NOTFOUND,
	  "no such repository, or none that these credentials may see" },
	{ "http status code: 429", ERR_AGAIN, NULL },
	{ "http status code: 5", ERR_AGAIN, "the server is in trouble" },
	{ "too many redirect", ERR_REFUSED, NULL },
	{ "unexpected EOF", ERR_AGAIN, NULL },
};

/* "…; ADVICE". */
static void error_follow(struct error *err, enum error_code code,
			 const char *advice)
{
	char *said = xstrdup(err->text);

	error_set(err, code, "%s%s%s", said, advice != NULL ? "; " : "",
		  advice != NULL ? advice : "");
	free(said);
}

void access_explain(struct access *a, struct error *err)
{
	if (a->why != NULL) {
		error_set(err, ERR_REFUSED, "%s: %s", a->url, a->why);
		if (a->rsa)
			error_follow(err, ERR_REFUSED, "libssh2 before 1.11 cannot "
				     "use RSA keys with newer servers: make another "
				     "one (ssh-keygen -t ed25519), or set transport "
				     "= git in [remote]");
		if (a->encrypted)
			error_follow(err, ERR_REFUSED, "the key has a passphrase: "
				     "give it to ssh-agent, or name a file with it "
				     "by passphrase_file in [remote]");
		return;
	}
	if (strstr(err->text, "exchange encryption keys") != NULL &&
	    ssh_knows_rsa_first(a)) {
		error_follow(err, ERR_REFUSED, "the first key that "
			     "~/.ssh/known_hosts has for this host is an ssh-rsa "
			     "one, and libssh2 asks for that kind alone: take the "
			     "line out, so that the host's other key comes first, "
			     "or set transport = git in [remote]");
		return;
	}
	/* Cut off before anything was offered; later it may be what sshd does
	 * with one who offers too many keys. */
	if (strstr(err->text, "SSH authentication methods") != NULL)
		err->code = a->tried.len == 0 ? ERR_AGAIN : ERR_REFUSED;
	for (size_t i = 0; i < ARRAY_LEN(advices); i++) {
		if (strstr(err->text, advices[i].said) == NULL)
			continue;
		error_follow(err, advices[i].code, advices[i].advice);
		return;
	}
}

int access_trust(const struct settings *set, const char *url)
{
	if (strncmp(url, "https://", 8) != 0)
		return 0;
	return authorities_read(set != NULL ? set->ca_file : NULL);
}
