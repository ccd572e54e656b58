/* Getting in over ssh: keys, and the host's own (access.h). libssh2 does not read
 * ~/.ssh/config; who needs that sets transport = git. */
#include "access.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

enum { KEY_BYTES = 64 * 1024 };

/* libssh2 before 1.11 signs with RSA keys in a way that servers refuse now; and one
 * that it cannot decrypt looks to it like one that is refused. How both are written:
 * PROTOCOL.key of OpenSSH, RFC 7468 for the older form. */
static void look_at_key(struct access *a, const char *key)
{
	static const char new_form[] = "b3BlbnNzaC1rZXktdjEA";	/* "openssh-key-v1" */
	static const char no_cipher[] = "AAAABG5vbmU";		/* "none" */
	struct error unreadable = ERROR_INIT;
	struct buf text = BUF_INIT;
	const char *at;

	if (file_read(key, KEY_BYTES, &text, NULL, &unreadable) == 0) {
		at = strstr(text.data, new_form);
		a->rsa = a->rsa || strstr(text.data, "BEGIN RSA ") != NULL;
		a->encrypted = a->encrypted ||
			strstr(text.data, "ENCRYPTED") != NULL ||
			(at != NULL && strncmp(at + strlen(new_form), no_cipher,
					       strlen(no_cipher)) != 0);
	}
	secret_forget(&text);
}

static void look_at_public(struct access *a, const char *path)
{
	struct error absent = ERROR_INIT;
	struct buf text = BUF_INIT;

	if (file_read(path, KEY_BYTES, &text, NULL, &absent) == 0)
		a->rsa = a->rsa || strncmp(text.data, "ssh-rsa ", 8) == 0;
	buf_release(&text);
}

static int offer_file(struct access *a, const char *user, const char *key,
		      const char *passphrase, git_credential **out)
{
	char *public = xasprintf("%s.pub", key);
	int rc;

	look_at_key(a, key);
	look_at_public(a, public);
	/* libssh2 finds the public half in most keys, but not in all */
	rc = git_credential_ssh_key_new(out, user,
					file_readable(public) ? public : NULL,
					key, passphrase);
	free(public);
	return rc;
}

static int offer_key(struct access *a, const char *user, git_credential **out)
{
	const struct settings *set = a->set;
	struct buf passphrase = BUF_INIT;
	int rc = 0;

	if (set == NULL || set->key == NULL)
		return 1;
	if (!file_readable(set->key))
		return access_refuse(a, xasprintf("[remote] key %s: there is no such "
						  "file that can be read", set->key));
	if (set->passphrase_file != NULL)
		rc = secret_read(a, set->passphrase_file, &passphrase);
	if (rc == 0)
		rc = offer_file(a, user, set->key, passphrase.len > 0 ?
				passphrase.data : NULL, out);
	secret_forget(&passphrase);
	return rc;
}

static bool one_key_alone(const struct access *a)
{
	return a->set != NULL && a->set->key != NULL;
}

static int offer_agent(struct access *a, const char *user, git_credential **out)
{
	const char *socket = getenv("SSH_AUTH_SOCK");

	if (one_key_alone(a) || socket == NULL || !file_exists(socket))
		return 1;
	return git_credential_ssh_key_from_agent(out, user);
}

static int offer_usual(struct access *a, const char *user, const char *name,
		       git_credential **out)
{
	const char *home = getenv("HOME");
	char *key = xasprintf("%s/.ssh/%s", home != NULL ? home : "", name);
	int rc = 1;

	if (!one_key_alone(a) && home != NULL && file_readable(key))
		rc = offer_file(a, user, key, NULL, out);
	free(key);
	return rc;
}

static int offer_ed25519(struct access *a, const char *user,
			 git_credential **out)
{
	return offer_usual(a, user, "id_ed25519", out);
}

static int offer_ecdsa(struct access *a, const char *user, git_credential **out)
{
	return offer_usual(a, user, "id_ecdsa", out);
}

static int offer_rsa(struct access *a, const char *user, git_credential **out)
{
	return offer_usual(a, user, "id_rsa", out);
}

const struct way ssh_ways[] = {
	{ "the key of trine.ini", offer_key },
	{ "ssh-agent", offer_agent },
	{ "~/.ssh/id_ed25519", offer_ed25519 },
	{ "~/.ssh/id_ecdsa", offer_ecdsa },
	{ "~/.ssh/id_rsa", offer_rsa },
	{ NULL, NULL }
};

const char ssh_without[] = "it wants a key, and there is none: start ssh-agent, "
	"make ~/.ssh/id_ed25519, or name one by key in [remote]";

/* As ssh has it, where the URL names nobody. */
int ssh_user_name(git_credential **out)
{
	char *name = process_user();
	int rc = git_credential_username_new(out, name);

	free(name);
	return rc;
}

/* --- the host's key --- */

/* As ssh prints it: SHA256:… in base64 without padding (RFC 4648). */
static void print_fingerprint(const git_cert_hostkey *key, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *hash = key->hash_sha256;
	unsigned bits = 0, have = 0;

	buf_adds(out, "SHA256:");
	for (size_t i = 0; i < sizeof(key->hash_sha256); i++) {
		bits = bits << 8 | hash[i];
		for (have += 8; have >= 6; have -= 6)
			buf_addc(out, digits[bits >> (have - 6) & 63]);
	}
	buf_addc(out, digits[bits << (6 - have) & 63]);
}

static const char *kind_of(const git_cert_hostkey *key)
{
	static const char *const kinds[] = {
		[GIT_CERT_SSH_RAW_TYPE_RSA] = "RSA",
		[GIT_CERT_SSH_RAW_TYPE_DSS] = "DSA",
		[GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_256] = "ECDSA",
		[GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_384] = "ECDSA",
		[GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_521] = "ECDSA",
		[GIT_CERT_SSH_RAW_TYPE_KEY_ED25519] = "ED25519",
	};
	size_t type = (size_t)key->raw_type;

	if (!(key->type & GIT_CERT_SSH_RAW) || type >= ARRAY_LEN(kinds) ||
	    kinds[type] == NULL)
		return "unknown";
	return kinds[type];
}

/* The host as known_hosts has it; ssh-keygen knows hashed names, too. */
static char *known_name(const struct place *p)
{
	if (p->port.len == 0 || span_is(p->port, "22"))
		return xasprintf("%.*s", (int)p->host.len, p->host.p);
	return xasprintf("[%.*s]:%.*s", (int)p->host.len, p->host.p,
			 (int)p->port.len, p->port.p);
}

/* The lines of known_hosts for the host, as ssh-keygen -F prints them; "" if there
 * is none, or no ssh-keygen. */
static void find_known(const struct access *a, const char *name, struct buf *out)
{
	const char *home = getenv("HOME");
	char *known = xasprintf("%s/.ssh/known_hosts", home != NULL ? home : "");
	const char *const argv[] = { "ssh-keygen", "-F", name, "-f", known, NULL };
	struct process_result result;
	struct error ignored = ERROR_INIT;
	int64_t left = a->deadline - a->clock->steady(a->clock);

	if (left <= 0 || process_run(argv, left, out, KEY_BYTES, &result,
				     &ignored) == -1 || result.status != 0)
		buf_reset(out);
	free(known);
}

bool ssh_knows_rsa_first(const struct access *a)
{
	struct place p = place_of(a->url);
	char *name = known_name(&p);
	struct buf lines = BUF_INIT;
	struct span line;
	size_t pos = 0;
	bool rsa = false;

	find_known(a, name, &lines);
	while (text_line(span_of(&lines), &pos, &line))
		if (line.len > 0 && line.p[0] != '#') {
			rsa = memmem(line.p, line.len, " ssh-rsa ", 9) != NULL;
			break;
		}
	buf_release(&lines);
	free(name);
	return rsa;
}

int ssh_refuse_host(struct access *a, const git_cert_hostkey *key)
{
	struct place p = place_of(a->url);
	char *name = known_name(&p), *why;
	struct buf print = BUF_INIT, known = BUF_INIT;

	if (key->type & GIT_CERT_SSH_SHA256)
		print_fingerprint(key, &print);
	find_known(a, name, &known);
	if (known.len > 0)
		why = xasprintf("its host key (%s %s) is not the one in "
				"~/.ssh/known_hosts: somebody may be in between. "
				"If the host has a new one: ssh-keygen -R '%s', "
				"then connect once with ssh", kind_of(key),
				print.data, name);
	else
		why = xasprintf("its host key (%s %s) is not in "
				"~/.ssh/known_hosts: compare it with what the "
				"host's owner says, and connect once with ssh",
				kind_of(key), print.data);
	buf_release(&known);
	buf_release(&print);
	free(name);
	return access_refuse(a, why);
}
