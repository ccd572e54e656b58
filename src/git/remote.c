/*
 * Choosing the kind of remote a URL means, and what all kinds share
 * (remote.h). The cycle opens one and knows nothing of kinds.
 */
#include "remote_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	FALLBACKS = 2,
	CHECKED_COMMITS = 512	/* twice what a negotiation looks at */
};

int64_t peer_deadline(const struct peer *peer)
{
	return peer->clock->steady(peer->clock) + peer->timeout_ms;
}

bool peer_late(const struct peer *peer, int64_t deadline)
{
	return peer->clock->steady(peer->clock) >= deadline;
}

int peer_fail_late(const struct peer *peer, struct error *err)
{
	return error_set(err, ERR_AGAIN, "%s: it took longer than %lld seconds",
			 peer->where, (long long)peer->timeout_ms / 1000);
}

char *branch_ref(const char *branch, struct error *err)
{
	char *ref = xasprintf("refs/heads/%s", branch);
	int valid = 0;

	if (git_reference_name_is_valid(&valid, ref) == 0 && valid == 1 &&
	    *branch != '-' && strlen(branch) < BRANCH_BYTES)
		return ref;
	free(ref);
	error_set(err, ERR_CONFIG, "\"%.64s\" is no name of a branch", branch);
	return NULL;
}

static int set_chosen(char chosen[BRANCH_BYTES], const char *name,
		      struct error *err)
{
	if (strlen(name) >= BRANCH_BYTES)
		return error_set(err, ERR_DATA, "the remote's default branch "
				 "has a name over %d bytes", BRANCH_BYTES - 1);
	memmove(chosen, name, strlen(name) + 1);
	return 0;
}

int choose_branch(const char *head, const struct list *branches,
		  char chosen[BRANCH_BYTES], struct error *err)
{
	static const char *const fallbacks[FALLBACKS] = { "main", "master" };

	if (head != NULL && list_has(branches, head))
		return set_chosen(chosen, head, err);
	for (size_t i = 0; i < FALLBACKS; i++)
		if (list_has(branches, fallbacks[i]))
			return set_chosen(chosen, fallbacks[i], err);
	return set_chosen(chosen, branches->count > 0 ? branches->item[0] :
			  "main", err);
}

void heads_add(struct heads *l, const char *name, const struct oid *tip,
	       bool first)
{
	struct head *head;

	if (strlen(name) > LIMIT_HEAD_NAME || tip->hex[0] == '\0')
		return;
	first = first && l->firsts < LIMIT_HEADS;
	if (!first && l->count - l->firsts >= LIMIT_HEADS) {
		l->cut = true;
		return;
	}
	l->firsts += first;
	ARRAY_GROW(l->item, l->count, l->cap);
	head = &l->item[l->count++];
	*head = (struct head){ .name = xstrdup(name), .tip = *tip };
}

bool is_first_head(const struct remote *remote, const char *name)
{
	return remote->settings != NULL &&
	       (settings_branch_owner(remote->settings, name) > 0 ||
		settings_takes(remote->settings, name) ||
		(remote->settings->branch != NULL &&
		 strcmp(remote->settings->branch, name) == 0));
}

void heads_release(struct heads *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->item[i].name);
		free(l->item[i].why);
	}
	free(l->item);
	*l = (struct heads){ 0 };
}

static char *noted_ref(const char *branch)
{
	return xasprintf("refs/remotes/origin/%s", branch);
}

int note_tip(struct repo *repo, const char *branch, const char *tip,
	     struct error *err)
{
	char *ref = noted_ref(branch);
	int result = repo_ref_set(repo, ref, tip, err);

	free(ref);
	return result;
}

int noted_tip(struct repo *repo, const char *branch, struct oid *out,
	      struct error *err)
{
	char *ref = noted_ref(branch);
	int result = repo_ref_get(repo, ref, out, err);

	free(ref);
	if (result == 0 && out->hex[0] != '\0' && !repo_has(repo, out->hex))
		out->hex[0] = '\0';
	return result;
}

static int fetch_branch(const struct source *source, void *arg,
			struct repo *repo, struct fetched *f, struct error *err)
{
	if (source->read_tip(arg, f->ref, &f->tip, err) == -1 ||
	    noted_tip(repo, f->branch, &f->noted, err) == -1)
		return -1;
	if (f->tip.hex[0] == '\0' || strcmp(f->tip.hex, f->noted.hex) == 0)
		return 0;
	if (source->transfer(arg, repo, f, err) == -1)
		return -1;
	return note_tip(repo, f->branch, f->tip.hex, err);
}

int fetch_from(const struct source *source, void *arg, struct repo *repo,
	       const char *branch, char *chosen, struct oid *tip,
	       struct error *err)
{
	struct fetched f = { .branch = branch };
	char name[BRANCH_BYTES] = "";
	char *ref = NULL;
	int result = -1;

	tip->hex[0] = '\0';
	if (*branch == '\0') {
		if (source->default_branch(arg, name, err) == -1)
			goto out;
		f.branch = name;
	}
	f.ref = ref = branch_ref(f.branch, err);
	if (ref == NULL || fetch_branch(source, arg, repo, &f, err) == -1)
		goto out;
	*tip = f.tip;
	if (chosen != NULL)
		snprintf(chosen, BRANCH_BYTES, "%s", f.branch);
	result = 0;
out:
	free(ref);
	return result;
}

/* A server may show one tip and send another, or no commit at all: as much as a
 * negotiation looks at must be there. */
struct shown {
	const char *noted;
	int left;
};

static int count_down(void *arg, const char *oid, struct error *err)
{
	struct shown *shown = arg;

	(void)err;
	return strcmp(oid, shown->noted) == 0 || shown->left-- == 0;
}

int check_tip(const struct peer *peer, struct repo *repo, const char *tip,
	      const char *noted, struct error *err)
{
	struct shown shown = { noted, CHECKED_COMMITS };

	git_odb_refresh(repo->odb);
	if (repo_walk_back(repo, tip, false, count_down, &shown, err) == 0)
		return 0;
	if (err->code == ERR_NOTFOUND)
		err->code = ERR_DATA;
	if (repo->damage.code == ERR_NOTFOUND)
		error_clear(&repo->damage);	/* the server's fault */
	return error_wrap(err, "%s", peer->where);
}

/* One that was brought stays under a ref of its own; one that libgit2 cannot
 * read must have none. */
int keep_head(const struct peer *peer, struct repo *repo, struct head *head,
	      struct error *err)
{
	struct error unreadable = ERROR_INIT;
	char ref[BESIDE_REF];

	if (head->tip.hex[0] == '\0')
		return 0;
	if (check_tip(peer, repo, head->tip.hex, "", &unreadable) == -1) {
		head->why = xstrdup(unreadable.text);
		return 0;
	}
	return repo_ref_set(repo, repo_beside_ref(head->name, ref),
			    head->tip.hex, err);
}

/* Servers' words for a lost race; all others are refusals. */
bool is_race(const char *status)
{
	static const char *const words[] = {
		"failed to update ref", "cannot lock ref", "failed to lock",
		"fetch first", "non-fast-forward", "stale info",
		"reference already exists", "incorrect old value",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(status, words[i]) != NULL)
			return true;
	return false;
}

/* A git daemon has one answer for a repository that is not there and for one
 * that takes no pushes; a person must look at both. */
enum push_result judge_connect(struct error *err)
{
	bool refused = err->code == ERR_REFUSED || err->code == ERR_NOTFOUND;

	err->code = refused ? ERR_REFUSED : ERR_AGAIN;
	return refused ? PUSH_REFUSED : PUSH_UNKNOWN;
}

static void free_peer(struct remote *remote)
{
	struct peer *peer = (struct peer *)remote;

	if (peer == NULL)
		return;
	heads_release(&peer->remote.heads);
	free(peer->where);
	free(peer);
}

static bool has_control(const char *url)
{
	for (; *url != '\0'; url++)
		if ((unsigned char)*url < 0x20 || *url == 0x7f)
			return true;
	return false;
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The path of what follows file://, with %XX decoded; NULL: not on this host. */
static char *path_of_url(const char *rest)
{
	static const char localhost[] = "localhost/";
	struct buf out = BUF_INIT;

	if (strncmp(rest, localhost, strlen(localhost)) == 0)
		rest += strlen(localhost) - 1;
	if (*rest != '/')
		return NULL;
	for (; *rest != '\0'; rest++) {
		int high = *rest == '%' ? hex_value(rest[1]) : -1;
		int low = high >= 0 ? hex_value(rest[2]) : -1;

		buf_addc(&out, low >= 0 ? (char)(high * 16 + low) : *rest);
		rest += low >= 0 ? 2 : 0;
	}
	if (strlen(out.data) == out.len && !has_control(out.data))
		return buf_detach(&out);
	buf_release(&out);
	return NULL;
}

/* host:path or user@host:path, as git reads it. */
static bool is_scp_like(const char *url)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/');

	return colon != NULL && (slash == NULL || colon < slash);
}

static int refuse_url(const char *url, const char *why, struct error *err)
{
	struct buf text = BUF_INIT;

	text_escape(&text, url, text_cut(url, strlen(url), 200), false);
	error_set(err, ERR_CONFIG, "remote \"%s\": %s", text.data, why);
	buf_release(&text);
	return -1;
}

static struct peer *new_peer(char *where, struct clock *clock,
			     int64_t timeout_ms)
{
	struct peer *peer = xcalloc(1, sizeof(*peer));

	peer->where = where;
	peer->clock = clock;
	peer->timeout_ms = timeout_ms;
	peer->remote.free = free_peer;
	return peer;
}

/* ext::COMMAND and the like, which run programs. */
static bool is_helper(const char *url)
{
	const char *colon = strchr(url, ':');

	return colon != NULL && colon[1] == ':' && is_scp_like(url);
}

static bool is_on_network(const char *url)
{
	static const char *const schemes[] = { "git://", "ssh://", "https://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return strstr(url, "://") == NULL && is_scp_like(url);
}

/* By git itself, each fetch is asked for by name: far would save nothing. */
static int choose_kind(struct peer *peer, bool net, struct error *err)
{
	const struct settings *set = peer->remote.settings;

	if (set != NULL && set->by_git) {
		remote_git_init(peer);
		return 0;
	}
	if (!net) {
		remote_path_init(peer);
		return 0;
	}
	remote_net_init(peer);
	peer->remote.far = true;
	if (access_trust(set, peer->where) < 0) {
		git_fail(err, -1, "[remote] ca_file %s", set != NULL &&
			 set->ca_file != NULL ? set->ca_file : "is not set");
		err->code = ERR_CONFIG;
		return -1;
	}
	return 0;
}

int remote_open(struct remote **out, const char *url,
		const struct settings *settings, struct clock *clock,
		int64_t timeout_ms, struct error *err)
{
	bool net = is_on_network(url);
	struct peer *peer;
	char *where;

	*out = NULL;
	if (*url == '\0' || *url == '-' || has_control(url))
		return refuse_url(url, "no usable URL", err);
	if (strncmp(url, "file://", 7) == 0) {
		where = path_of_url(url + 7);
		if (where == NULL)
			return refuse_url(url, "no path on this computer", err);
	} else if (is_helper(url) || (!net && strstr(url, "://") != NULL)) {
		return refuse_url(url, "this kind is not supported: use "
				  "https://, ssh://, git://, file:// or a local "
				  "path", err);
	} else {
		where = xstrdup(url);
	}
	peer = new_peer(where, clock, timeout_ms);
	peer->remote.settings = settings;
	if (choose_kind(peer, net, err) == -1) {
		free_peer(&peer->remote);
		return -1;
	}
	*out = &peer->remote;
	return 0;
}
