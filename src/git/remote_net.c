/*
 * A remote behind git://, ssh:// or https:// (remote.h), by libgit2's smart
 * transports over socket.c. A push is a compare-and-swap here: the server compares with what
 * it showed on this very connection, and we compare that with what we expect.
 */
#include "remote_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "socket.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	TALK_BYTES = 512,
	STATUS_BYTES = 256
};

/* One call: one connection, under one deadline. */
struct call {
	const struct peer *peer;
	int64_t deadline;
	struct access access;
	git_repository *git;	/* as libgit2 may see ours */
	git_remote *remote;
	struct buf talk;	/* what the server says for people */
	bool connected;
	bool too_much;		/* it sends more than is let in */
	struct oid too_large;	/* as the tip of a branch */
	bool negotiated;	/* from now on it may have taken the push */
	bool answered;		/* for our branch; STATUS empty: taken */
	char status[STATUS_BYTES];
	const git_oid *expected;
};

static int stop(const char *why)
{
	git_error_set_str(GIT_ERROR_NET, why);
	return GIT_EUSER;
}

static int on_talk(const char *text, int len, void *arg)
{
	struct call *call = arg;
	size_t room = TALK_BYTES - call->talk.len;

	if (len > 0)
		buf_add(&call->talk, text, (size_t)len < room ? (size_t)len :
			room);
	return peer_late(call->peer, call->deadline) ?
	       stop("it took too long") : 0;
}

static size_t most(const struct peer *peer)
{
	const struct settings *set = peer->remote.settings;

	return set != NULL && set->fetch_size > 0 ? (size_t)set->fetch_size :
	       LIMIT_FETCH;
}

static int on_fetched(const git_indexer_progress *stats, void *arg)
{
	struct call *call = arg;

	if (stats->received_bytes > most(call->peer)) {
		call->too_much = true;
		return stop("it sends too much");
	}
	return peer_late(call->peer, call->deadline) ?
	       stop("it took too long") : 0;
}

static int on_negotiation(const git_push_update **updates, size_t count,
			  void *arg)
{
	struct call *call = arg;

	for (size_t i = 0; i < count; i++)
		if (!git_oid_equal(&updates[i]->src, call->expected))
			return GIT_EMODIFIED;
	call->negotiated = true;
	return 0;
}

static int on_status(const char *ref, const char *status, void *arg)
{
	struct call *call = arg;

	(void)ref;
	call->answered = true;
	if (status != NULL)
		snprintf(call->status, sizeof(call->status), "%s",
			 *status ? status : "no reason given");
	return 0;
}

static int on_credential(git_credential **out, const char *url, const char *user,
			 unsigned types, void *arg)
{
	struct call *call = arg;

	return access_credential(&call->access, out, url, user, types);
}

static int on_certificate(git_cert *cert, int valid, const char *host, void *arg)
{
	struct call *call = arg;

	(void)host;
	return access_certificate(&call->access, cert, valid);
}

static void set_callbacks(git_remote_callbacks *callbacks, struct call *call)
{
	git_remote_init_callbacks(callbacks, GIT_REMOTE_CALLBACKS_VERSION);
	callbacks->credentials = on_credential;
	callbacks->certificate_check = on_certificate;
	callbacks->sideband_progress = on_talk;
	callbacks->transfer_progress = on_fetched;
	callbacks->push_negotiation = on_negotiation;
	callbacks->push_update_reference = on_status;
	callbacks->payload = call;
}

static bool is_ssh(const char *url)
{
	return strncmp(url, "ssh://", 6) == 0 || strstr(url, "://") == NULL;
}

static void start_call(struct call *call, const struct peer *peer)
{
	memset(call, 0, sizeof(*call));
	call->peer = peer;
	call->deadline = peer_deadline(peer);
	buf_init(&call->talk);
	access_start(&call->access, peer->remote.settings, peer->where,
		     peer->clock, call->deadline);
	socket_set_deadline(peer->clock, call->deadline, is_ssh(peer->where));
}

static void end_call(struct call *call)
{
	access_end(&call->access, call->connected);
	if (call->remote != NULL && git_remote_connected(call->remote))
		git_remote_disconnect(call->remote);
	git_remote_free(call->remote);
	stand_in_close(call->git);
	socket_clear_deadline();
	buf_release(&call->talk);
}

static const struct {
	const char *text;
	enum error_code code;
} answers[] = {
	{ "repository not exported", ERR_NOTFOUND },
	{ "no such repository", ERR_NOTFOUND },
	{ "not found", ERR_NOTFOUND },
	{ "service not enabled", ERR_REFUSED },
	{ "access denied", ERR_REFUSED },
};

static int fail_too_much(struct call *call, struct error *err)
{
	call->too_much = true;
	return error_set(err, ERR_DATA, "%s sends more than %zu MiB in one fetch: "
			 "where so much is new there, and meant to be, set `fetch` "
			 "under [remote] in trine.ini to more", call->peer->where,
			 most(call->peer) / (1024 * 1024));
}

/* What libgit2 says of a failed call, in our codes. Returns -1. */
static int fail(struct call *call, int rc, struct error *err)
{
	if (call->too_much)
		return fail_too_much(call, err);
	git_fail(err, rc, "%s", call->peer->where);
	if (peer_late(call->peer, call->deadline))
		return peer_fail_late(call->peer, err);
	access_explain(&call->access, err);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (strstr(err->text, answers[i].text) != NULL) {
			err->code = answers[i].code;
			break;
		}
	return -1;
}

static int connect_call(struct call *call, struct repo *repo,
			git_direction direction, struct error *err)
{
	git_remote_connect_options options;
	git_remote_create_options how;
	char *url;
	int rc;

	if (stand_in_open(&call->git, repo, err) == -1)
		return -1;
	/* a URL means what it says, whatever insteadOf is set somewhere */
	git_remote_create_options_init(&how, GIT_REMOTE_CREATE_OPTIONS_VERSION);
	how.repository = call->git;
	how.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF |
		    GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	url = access_url(call->peer->where);
	rc = git_remote_create_with_opts(&call->remote, url, &how);
	free(url);
	git_remote_connect_options_init(&options,
					GIT_REMOTE_CONNECT_OPTIONS_VERSION);
	set_callbacks(&options.callbacks, call);
	if (rc == 0)
		rc = git_remote_connect_ext(call->remote, direction, &options);
	call->connected = rc == 0;
	return rc == 0 ? 0 : fail(call, rc, err);
}

/* The tip of REF as advertised on this connection; all zero if it is not. */
static int advertised(struct call *call, const char *ref, git_oid *out,
		      struct error *err)
{
	const git_remote_head **head;
	size_t count;
	int rc = git_remote_ls(&head, &count, call->remote);

	memset(out, 0, sizeof(*out));
	if (rc < 0)
		return fail(call, rc, err);
	for (size_t i = 0; i < count; i++)
		if (strcmp(head[i]->name, ref) == 0)
			git_oid_cpy(out, &head[i]->oid);
	return 0;
}

/* All branches, as this connection shows them. */
static void note_heads(struct call *call, struct remote *remote)
{
	static const char heads[] = "refs/heads/";
	const size_t skip = strlen(heads);
	const git_remote_head **head;
	size_t count;

	heads_release(&remote->heads);
	if (git_remote_ls(&head, &count, call->remote) < 0) {
		git_error_clear();
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = head[i]->name + skip;
		struct oid tip;

		if (strncmp(head[i]->name, heads, skip) != 0)
			continue;
		oid_write(&tip, &head[i]->oid);
		heads_add(&remote->heads, name, &tip,
			  is_first_head(remote, name));
	}
}

static int default_branch(void *arg, char chosen[BRANCH_BYTES],
			  struct error *err)
{
	static const char heads[] = "refs/heads/";
	const size_t skip = strlen(heads);
	struct call *call = arg;
	struct list branches = LIST_INIT;
	const git_remote_head **head;
	const char *target = NULL;
	size_t count;
	int rc = git_remote_ls(&head, &count, call->remote), result;

	if (rc < 0)
		return fail(call, rc, err);
	for (size_t i = 0; i < count; i++) {
		if (strncmp(head[i]->name, heads, skip) == 0)
			list_add(&branches, head[i]->name + skip);
		if (strcmp(head[i]->name, "HEAD") == 0 &&
		    head[i]->symref_target != NULL &&
		    strncmp(head[i]->symref_target, heads, skip) == 0)
			target = head[i]->symref_target + skip;
	}
	list_sort(&branches);
	result = choose_branch(target, &branches, chosen, err);
	list_release(&branches);
	return result;
}

static int download(struct call *call, const struct list *refs,
		    struct error *err)
{
	git_strarray specs = { refs->item, refs->count };
	git_fetch_options options;
	int rc;

	git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
	set_callbacks(&options.callbacks, call);
	options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	options.update_fetchhead = 0;
	rc = git_remote_download(call->remote, &specs, &options);
	return rc == 0 ? 0 : fail(call, rc, err);
}

static int read_tip(void *arg, const char *ref, struct oid *out,
		    struct error *err)
{
	git_oid id;

	if (advertised(arg, ref, &id, err) == -1)
		return -1;
	oid_write(out, &id);
	return 0;
}

static int transfer(void *arg, struct repo *repo, const struct fetched *f,
		    struct error *err)
{
	struct call *call = arg;
	const struct remote *remote = &call->peer->remote;
	struct list refs = LIST_INIT;
	int rc;

	call->too_large = remote->too_large;
	if (remote->hold || strcmp(remote->too_large.hex, f->tip.hex) == 0)
		return fail_too_much(call, err);
	list_add(&refs, f->ref);
	rc = download(call, &refs, err);
	list_release(&refs);
	call->too_large = f->tip;
	return rc == -1 ? -1 :
	       check_tip(call->peer, repo, f->tip.hex, f->noted.hex, err);
}

static int fetch(struct remote *remote, struct repo *repo, const char *branch,
		 char *chosen, struct oid *tip, struct error *err)
{
	static const struct source source = { default_branch, read_tip,
					      transfer };
	struct call call;
	int result;

	tip->hex[0] = '\0';
	start_call(&call, (const struct peer *)remote);
	result = connect_call(&call, repo, GIT_DIRECTION_FETCH, err);
	if (result == 0)
		note_heads(&call, remote);
	if (result == 0)
		result = fetch_from(&source, &call, repo, branch, chosen, tip,
				    err);
	remote->too_much = call.too_much;
	if (call.too_much)
		remote->too_large = call.too_large;
	end_call(&call);
	return result;
}

static int bring_connected(struct call *call, struct repo *repo,
			   struct head *heads, size_t count, struct error *err)
{
	struct list refs = LIST_INIT;
	git_oid id;
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		char *ref = xasprintf("refs/heads/%s", heads[i].name);

		result = advertised(call, ref, &id, err);
		if (result == 0)
			oid_write(&heads[i].tip, &id);
		if (result == 0 && heads[i].tip.hex[0] != '\0')
			list_add(&refs, ref);
		free(ref);
	}
	if (result == 0 && refs.count > 0)
		result = download(call, &refs, err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = keep_head(call->peer, repo, &heads[i], err);
	list_release(&refs);
	return result;
}

static int bring(struct remote *remote, struct repo *repo, struct head *heads,
		 size_t count, struct error *err)
{
	struct call call;
	int result;

	start_call(&call, (const struct peer *)remote);
	result = connect_call(&call, repo, GIT_DIRECTION_FETCH, err);
	if (result == 0)
		result = bring_connected(&call, repo, heads, count, err);
	end_call(&call);
	return result;
}

static void say_refusal(const struct call *call, struct error *err)
{
	struct span talk = text_trim(span_of(&call->talk));
	struct buf text = BUF_INIT;

	text_escape(&text, call->status, strlen(call->status), false);
	if (talk.len > 0)
		buf_adds(&text, ": ");
	text_escape(&text, talk.p, talk.len, false);
	error_set(err, ERR_REFUSED, "%s refused the push: %s",
		  call->peer->where, text.data);
	buf_release(&text);
}

static enum push_result judge_status(const struct call *call,
				     struct error *err)
{
	if (!call->answered) {
		error_set(err, ERR_AGAIN, "%s did not say whether it took the "
			  "push", call->peer->where);
		return PUSH_UNKNOWN;
	}
	if (call->status[0] == '\0')
		return PUSH_OK;
	if (is_race(call->status))
		return PUSH_STALE;
	say_refusal(call, err);
	return PUSH_REFUSED;
}

static enum push_result judge_failure(struct call *call, int rc,
				      struct error *err)
{
	struct span talk = text_trim(span_of(&call->talk));

	/* both are found out here, before anything is sent */
	if (rc == GIT_EMODIFIED || rc == GIT_ENONFASTFORWARD) {
		git_error_clear();
		return PUSH_STALE;
	}
	fail(call, rc, err);
	if (!call->negotiated && err->code == ERR_REFUSED)
		return PUSH_REFUSED;
	if (talk.len > 0) {
		struct buf text = BUF_INIT;

		text_escape(&text, talk.p, talk.len, false);
		error_wrap(err, "%s", text.data);
		buf_release(&text);
	}
	err->code = ERR_AGAIN;
	return PUSH_UNKNOWN;
}

/* Packing what we push reads our own objects, and nothing of the server's. */
static void note_own_damage(struct repo *repo)
{
	static const int classes[] = { GIT_ERROR_ODB, GIT_ERROR_ZLIB,
				       GIT_ERROR_OBJECT, GIT_ERROR_TREE };
	const git_error *last = git_error_last();

	for (size_t i = 0; i < ARRAY_LEN(classes) && last != NULL; i++)
		if (last->klass == classes[i])
			note_damage(repo, ERR_DATA, git_says());
}

static enum push_result upload(struct call *call, struct repo *repo,
			       const char *ref, struct error *err)
{
	char *spec = xasprintf("%s:%s", ref, ref);
	git_strarray specs = { &spec, 1 };
	git_push_options options;
	int rc;

	git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
	set_callbacks(&options.callbacks, call);
	rc = git_remote_upload(call->remote, &specs, &options);
	free(spec);
	if (rc == 0)
		return judge_status(call, err);
	note_own_damage(repo);
	return judge_failure(call, rc, err);
}

static enum push_result push_connected(struct call *call, struct repo *repo,
				       const char *ref,
				       const struct oid *new_tip,
				       struct error *err)
{
	git_oid now, wanted;

	if (oid_read(&wanted, new_tip->hex, err) == -1 ||
	    advertised(call, ref, &now, err) == -1)
		return PUSH_UNKNOWN;
	if (git_oid_equal(&now, &wanted))
		return PUSH_OK;		/* the answer to our last push got lost */
	if (!git_oid_equal(&now, call->expected))
		return PUSH_STALE;
	return upload(call, repo, ref, err);
}

static enum push_result push(struct remote *remote, struct repo *repo,
			     const char *branch, const struct oid *old,
			     const struct oid *new_tip, struct error *err)
{
	enum push_result result = PUSH_UNKNOWN;
	struct error ignored = ERROR_INIT;
	struct call call;
	git_oid expected = { { 0 } };
	char *ref = branch_ref(branch, err);

	if (ref == NULL)
		return PUSH_REFUSED;
	if (old->hex[0] != '\0' && oid_read(&expected, old->hex, err) == -1) {
		free(ref);
		return PUSH_UNKNOWN;
	}
	start_call(&call, (const struct peer *)remote);
	call.expected = &expected;
	if (connect_call(&call, repo, GIT_DIRECTION_PUSH, err) == 0) {
		note_heads(&call, remote);
		result = push_connected(&call, repo, ref, new_tip, err);
	} else {
		result = judge_connect(err);
	}
	if (result == PUSH_OK)
		note_tip(repo, branch, new_tip->hex, &ignored);
	end_call(&call);
	free(ref);
	return result;
}

void remote_net_init(struct peer *peer)
{
	peer->remote.fetch = fetch;
	peer->remote.push = push;
	peer->remote.bring = bring;
}
