/* Getting in over https: a token, or what git knows (access.h). */
#include "access.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

enum { ANSWER_BYTES = 8192 };	/* of git credential */

/* Servers that take a token look at it alone; the name is for the others. */
static int offer_token(const struct access *a, const char *token,
		       git_credential **out)
{
	struct place p = place_of(a->url);
	char *user = p.user.len > 0 ? xasprintf("%.*s", (int)p.user.len, p.user.p)
				    : xstrdup("git");
	int rc = git_credential_userpass_plaintext_new(out, user, token);

	free(user);
	return rc;
}

static int offer_token_file(struct access *a, const char *user,
			    git_credential **out)
{
	struct buf token = BUF_INIT;
	int rc;

	(void)user;
	if (a->set == NULL || a->set->token_file == NULL)
		return 1;
	rc = secret_read(a, a->set->token_file, &token);
	if (rc == 0)
		rc = offer_token(a, token.data, out);
	secret_forget(&token);
	return rc;
}

static bool one_token_alone(const struct access *a)
{
	return a->set != NULL && a->set->token_file != NULL;
}

static int offer_environment(struct access *a, const char *user,
			     git_credential **out)
{
	const char *token = getenv("TRINE_TOKEN");

	(void)user;
	if (one_token_alone(a) || token == NULL || *token == '\0')
		return 1;
	return offer_token(a, token, out);
}

/* What git-credential(1) wants to be told, and tells. */
static void describe(const struct access *a, struct span user, struct buf *out)
{
	struct place p = place_of(a->url);

	buf_printf(out, "protocol=https\nhost=%.*s%s%.*s\npath=%.*s\n",
		   (int)p.host.len, p.host.p, p.port.len > 0 ? ":" : "",
		   (int)p.port.len, p.port.p, (int)p.path.len, p.path.p);
	if (user.len > 0)
		buf_printf(out, "username=%.*s\n", (int)user.len, user.p);
}

static int ask_git(const struct access *a, const char *verb,
		   const struct buf *question, struct buf *out)
{
	const char *const argv[] = {
		"env", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=",
		"git", "-c", "core.askPass=", "credential", verb, NULL,
	};
	struct process_result result;
	struct error ignored = ERROR_INIT;
	int64_t left = a->deadline - a->clock->steady(a->clock);

	if (question->len > PROCESS_INPUT || left <= 0)
		return -1;
	return process_ask(argv, span_of(question), left, out, ANSWER_BYTES,
			   &result, &ignored) == 0 && result.status == 0 ? 0 : -1;
}

static void read_answer(struct access *a, struct span answer)
{
	struct span line;
	size_t pos = 0;

	while (text_line(answer, &pos, &line)) {
		struct buf *to = text_skip(&line, "username=") ? &a->user :
				 text_skip(&line, "password=") ? &a->password :
				 NULL;

		if (to != NULL)
			buf_add(to, line.p, line.len);
	}
}

static int offer_helper(struct access *a, const char *user, git_credential **out)
{
	struct buf question = BUF_INIT, answer = BUF_INIT;

	if (one_token_alone(a))
		return 1;
	(void)user;
	describe(a, place_of(a->url).user, &question);
	if (ask_git(a, "fill", &question, &answer) == 0)
		read_answer(a, span_of(&answer));
	secret_forget(&answer);
	buf_release(&question);
	if (a->password.len == 0)
		return 1;
	return git_credential_userpass_plaintext_new(out, a->user.data,
						     a->password.data);
}

const struct way https_ways[] = {
	{ "the token file", offer_token_file },
	{ "$TRINE_TOKEN", offer_environment },
	{ "git credential", offer_helper },
	{ NULL, NULL }
};

const char https_without[] = "it wants credentials, and there are none: name a "
	"token_file in [remote], set TRINE_TOKEN, or let git have them (git help "
	"credentials)";

/* The server refused what the helper gave: it may forget that, as with git. */
void https_reject(struct access *a)
{
	struct buf wrong = BUF_INIT;

	if (a->password.len == 0)
		return;
	describe(a, span_of(&a->user), &wrong);
	buf_printf(&wrong, "password=%s\n", a->password.data);
	ask_git(a, "reject", &wrong, NULL);
	secret_forget(&wrong);
}

