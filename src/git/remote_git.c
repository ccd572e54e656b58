/*
 * A remote through the git that is installed (transport = git in trine.ini): the
 * same operations with what a person has set up for git and ssh, such as
 * ~/.ssh/config, smart cards and proxies. Slower, since each call is two to four
 * programs. A push is a compare-and-swap by --force-with-lease and the server's
 * own comparison.
 *
 * Nothing is asked of a terminal: there is none (process.h), and no program that
 * would open a window is called.
 */
#include "remote_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

enum {
	ARGUMENTS = 40,
	OUTPUT_BYTES = 4 * 1024 * 1024,	/* of ls-remote: some 40,000 refs */
	SHOWN_BYTES = 400,		/* of what git says, to people */
	NOT_FOUND = 127			/* exit of env(1): there is no git */
};

/* One call of ours, which is several programs, under one deadline. */
struct call {
	const struct peer *peer;
	int64_t deadline;
	struct buf said;		/* by the last program */
	int status;			/* its exit */
	struct heads heads;
	char *head;			/* branch that HEAD names, or NULL */
};

static void start_call(struct call *call, const struct peer *peer)
{
	*call = (struct call){ .peer = peer, .deadline = peer_deadline(peer) };
	buf_init(&call->said);
}

static void end_call(struct call *call)
{
	heads_release(&call->heads);
	free(call->head);
	buf_release(&call->said);
}

/* --- running git --- */

/* What git says for people of a failure, and in which code. */
static const struct {
	const char *said;
	enum error_code code;
} answers[] = {
	{ "Permission denied", ERR_REFUSED },
	{ "Host key verification failed", ERR_REFUSED },
	{ "HOST IDENTIFICATION HAS CHANGED", ERR_REFUSED },
	{ "Authentication failed", ERR_REFUSED },
	{ "could not read Username", ERR_REFUSED },
	{ "could not read Password", ERR_REFUSED },
	{ "certificate", ERR_REFUSED },	/* each TLS library has its own words */
	{ "returned error: 403", ERR_REFUSED },
	{ "service not enabled", ERR_REFUSED },
	{ "access denied", ERR_REFUSED },
	{ "dubious ownership", ERR_REFUSED },
	{ "not appear to be a git repository", ERR_NOTFOUND },
	{ "repository not exported", ERR_NOTFOUND },
	{ "not found", ERR_NOTFOUND },
	{ "does not exist", ERR_NOTFOUND },
};

/* The last lines of it: ssh and git say what is wrong at the end. */
static struct span last_words(const struct call *call)
{
	struct span said = text_trim(span_of(&call->said));

	if (said.len > SHOWN_BYTES) {
		said.p += said.len - SHOWN_BYTES;
		said.len = SHOWN_BYTES;
	}
	return said;
}

static int fail(const struct call *call, struct error *err)
{
	struct span said = last_words(call);
	enum error_code code = ERR_AGAIN;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (strstr(call->said.data, answers[i].said) != NULL) {
			code = answers[i].code;
			break;
		}
	text_escape(&text, said.p, said.len, false);
	error_set(err, code, "%s: %s", call->peer->where, text.len > 0 ?
		  text.data : "git failed, and does not say why");
	buf_release(&text);
	return -1;
}

/* ARGS: up to a NULL, and the URL and refspecs behind --. -1: it did not run to
 * its end; its own failure is call->status. */
static int run_git(struct call *call, const struct repo *repo,
		   const char *const args[], struct error *err)
{
	static const char *const before[] = {
		"env", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "-u",
		"GIT_OBJECT_DIRECTORY", "-u", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=",
		"SSH_ASKPASS=", "GIT_ALLOW_PROTOCOL=file:git:ssh:https",
	};
	static const char *const settings[] = {
		"git", "-c", "core.askPass=", "-c", "core.hooksPath=/dev/null",
		"-c", "gc.auto=0", "-c", "maintenance.auto=false",
	};
	char *git_dir = xasprintf("GIT_DIR=%s", repo->path);
	const char *argv[ARGUMENTS];
	struct process_result result;
	struct clock *clock = call->peer->clock;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		argv[n++] = before[i];
	argv[n++] = git_dir;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		argv[n++] = settings[i];
	for (; *args != NULL; args++)
		argv[n++] = *args;
	argv[n] = NULL;
	buf_reset(&call->said);
	rc = process_run(argv, call->deadline - clock->steady(clock),
			 &call->said, OUTPUT_BYTES, &result, err);
	free(git_dir);
	call->status = result.status;
	if (rc == -1)
		return -1;
	if (result.timed_out)
		return peer_fail_late(call->peer, err);
	return result.status != NOT_FOUND ? 0 :
	       error_set(err, ERR_CONFIG, "transport = git in [remote] wants git, "
			 "which is not installed");
}

/* --- what the remote has --- */

static const char heads_prefix[] = "refs/heads/";

/* "ref: refs/heads/main<tab>HEAD" */
static void note_symref(struct call *call, struct span line)
{
	const char *tab = memchr(line.p, '\t', line.len);

	if (tab == NULL || !text_skip(&line, "ref: ") ||
	    !text_skip(&line, heads_prefix) || tab < line.p ||
	    !span_is((struct span){ tab + 1, (size_t)(line.p + line.len - tab - 1) },
		     "HEAD"))
		return;
	free(call->head);
	call->head = xasprintf("%.*s", (int)(tab - line.p), line.p);
}

/* "<40 hex><tab>refs/heads/NAME"; what else is there git says for people. */
static void note_line(struct call *call, struct span line)
{
	struct error bad = ERROR_INIT;
	struct oid tip;
	git_oid id;
	char *name;

	note_symref(call, line);
	if (line.len < OID_HEX || line.p[OID_HEX - 1] != '\t')
		return;
	snprintf(tip.hex, sizeof(tip.hex), "%.*s", OID_HEX - 1, line.p);
	line.p += OID_HEX;
	line.len -= OID_HEX;
	if (oid_read(&id, tip.hex, &bad) == -1 || !text_skip(&line, heads_prefix))
		return;
	name = xasprintf("%.*s", (int)line.len, line.p);
	heads_add(&call->heads, name, &tip,
		  is_first_head(&call->peer->remote, name));
	free(name);
}

static int list_heads(struct call *call, const struct repo *repo,
		      struct error *err)
{
	const char *const args[] = {
		"ls-remote", "--symref", "--", call->peer->where, "HEAD",
		"refs/heads/*", NULL,
	};
	struct span line;
	size_t pos = 0;

	if (run_git(call, repo, args, err) == -1)
		return -1;
	if (call->status != 0)
		return fail(call, err);
	if (call->said.len >= OUTPUT_BYTES)
		return error_set(err, ERR_DATA, "%s has too many branches",
				 call->peer->where);
	heads_release(&call->heads);
	while (text_line(span_of(&call->said), &pos, &line))
		note_line(call, line);
	return 0;
}

static const struct head *find_head(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->heads.count; i++)
		if (strcmp(call->heads.item[i].name, name) == 0)
			return &call->heads.item[i];
	return NULL;
}

/* --- fetch --- */

static int default_branch(void *arg, char chosen[BRANCH_BYTES],
			  struct error *err)
{
	struct call *call = arg;
	struct list branches = LIST_INIT;
	int rc;

	for (size_t i = 0; i < call->heads.count; i++)
		list_add(&branches, call->heads.item[i].name);
	list_sort(&branches);
	rc = choose_branch(call->head, &branches, chosen, err);
	list_release(&branches);
	return rc;
}

static int read_tip(void *arg, const char *ref, struct oid *out,
		    struct error *err)
{
	const struct head *head = find_head(arg, ref + strlen(heads_prefix));

	(void)err;
	*out = head != NULL ? head->tip : (struct oid){ "" };
	return 0;
}

static int download(struct call *call, const struct repo *repo, const char *ref,
		    struct error *err)
{
	const char *const args[] = {
		"fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--", call->peer->where, ref, NULL,
	};

	if (run_git(call, repo, args, err) == -1)
		return -1;
	return call->status == 0 ? 0 : fail(call, err);
}

static int transfer(void *arg, struct repo *repo, const struct fetched *f,
		    struct error *err)
{
	struct call *call = arg;

	return download(call, repo, f->ref, err) == -1 ? -1 :
	       check_tip(call->peer, repo, f->tip.hex, f->noted.hex, err);
}

static int fetch(struct remote *remote, struct repo *repo, const char *branch,
		 char *chosen, struct oid *tip, struct error *err)
{
	static const struct source source = { default_branch, read_tip,
					      transfer };
	struct call call;
	int rc;

	tip->hex[0] = '\0';
	start_call(&call, (const struct peer *)remote);
	rc = list_heads(&call, repo, err);
	if (rc == 0)
		rc = fetch_from(&source, &call, repo, branch, chosen, tip, err);
	if (rc == 0) {
		heads_release(&remote->heads);
		remote->heads = call.heads;
		call.heads = (struct heads){ 0 };
	}
	end_call(&call);
	return rc;
}

static int bring(struct remote *remote, struct repo *repo, struct head *heads,
		 size_t count, struct error *err)
{
	struct call call;
	int rc;

	start_call(&call, (const struct peer *)remote);
	rc = list_heads(&call, repo, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		const struct head *there = find_head(&call, heads[i].name);
		char *ref = xasprintf("refs/heads/%s", heads[i].name);

		heads[i].tip = there != NULL ? there->tip : (struct oid){ "" };
		if (there != NULL)
			rc = download(&call, repo, ref, err);
		if (rc == 0)
			rc = keep_head(call.peer, repo, &heads[i], err);
		free(ref);
	}
	end_call(&call);
	return rc;
}

/* --- push --- */

/* The line that --porcelain has for REF: "FLAG<tab>REF:REF<tab>what (why)". */
static bool find_answer(const struct call *call, const char *ref, char *flag,
			struct span *why)
{
	char *middle = xasprintf("\t%s:%s\t", ref, ref);
	struct span line;
	size_t pos = 0;
	bool found = false;

	while (!found && text_line(span_of(&call->said), &pos, &line)) {
		struct span rest = line;

		rest.p += rest.len > 0;
		rest.len -= rest.len > 0;
		found = text_skip(&rest, middle);
		*flag = found ? line.p[0] : ' ';
		*why = rest;
	}
	free(middle);
	return found;
}

/* What the server's hooks said, without git's "remote: ". */
static void add_talk(const struct call *call, struct buf *out)
{
	struct span line;
	size_t pos = 0;

	while (text_line(span_of(&call->said), &pos, &line) &&
	       out->len < SHOWN_BYTES) {
		if (!text_skip(&line, "remote: "))
			continue;
		line = text_trim(line);
		buf_adds(out, ": ");
		text_escape(out, line.p, line.len, false);
	}
}

static enum push_result say_refusal(const struct call *call, struct span why,
				    struct error *err)
{
	struct buf text = BUF_INIT;

	text_escape(&text, why.p, why.len, false);
	add_talk(call, &text);
	error_set(err, ERR_REFUSED, "%s refused the push: %s", call->peer->where,
		  text.data);
	buf_release(&text);
	return PUSH_REFUSED;
}

static enum push_result judge(const struct call *call, const char *ref,
			      struct error *err)
{
	struct span why;
	char flag, *words;
	bool race;

	if (!find_answer(call, ref, &flag, &why)) {
		fail(call, err);
		return judge_connect(err);
	}
	if (flag != '!')
		return PUSH_OK;
	words = xasprintf("%.*s", (int)why.len, why.p);
	race = is_race(words);
	free(words);
	return race ? PUSH_STALE : say_refusal(call, why, err);
}

static enum push_result push(struct remote *remote, struct repo *repo,
			     const char *branch, const struct oid *old,
			     const struct oid *new_tip, struct error *err)
{
	enum push_result result = PUSH_UNKNOWN;
	char *ref = branch_ref(branch, err), *lease, *spec;
	struct error ignored = ERROR_INIT;
	struct call call;

	if (ref == NULL)
		return PUSH_REFUSED;
	start_call(&call, (const struct peer *)remote);
	lease = xasprintf("--force-with-lease=%s:%s", ref, old->hex);
	spec = xasprintf("%s:%s", ref, ref);
	if (run_git(&call, repo, (const char *const[]){
			"push", "--porcelain", "--no-verify", lease, "--",
			call.peer->where, spec, NULL }, err) == 0)
		result = judge(&call, ref, err);
	if (result == PUSH_OK)
		note_tip(repo, branch, new_tip->hex, &ignored);
	end_call(&call);
	free(lease);
	free(spec);
	free(ref);
	return result;
}

void remote_git_init(struct peer *peer)
{
	peer->remote.fetch = fetch;
	peer->remote.push = push;
	peer->remote.bring = bring;
}
