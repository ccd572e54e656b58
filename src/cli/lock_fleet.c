/* Locks of the whole fleet on the command line (lock_fleet.h). */
#include "lock_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "claim_text.h"
#include "confirm.h"
#include "lock_run.h"
#include "output.h"
#include "trine/objects.h"

/* ---- printing ---- */

static void print_token(const struct cli *cli, const char *name,
			const struct claim_standing *s)
{
	if (cli->common.json)
		output_json(fleet_lock_to_json(name, s));
	else
		printf("%llu\n", (unsigned long long)s->token);
}

static void print_standing(const struct cli *cli, const char *name,
			   const struct claim_standing *s)
{
	struct buf out = BUF_INIT;

	if (cli->common.json) {
		output_json(fleet_lock_to_json(name, s));
		return;
	}
	buf_printf(&out, "%s  in the whole fleet: ", claim_subject(name));
	claim_words(&out, s, NULL);
	buf_addc(&out, '\n');
	output_flush(&out);
	buf_release(&out);
}

/* ---- acquiring ---- */

static int lock_name(char out[CLAIM_NAME], const char *name, struct error *err)
{
	return claims_name(out, "lock", name, err);
}

static int want(struct cli *cli, const struct lock_fleet_wish *w, bool for_process,
		char name[CLAIM_NAME], struct error *err)
{
	struct claim_wish wish = { .name = name, .lease = w->ttl,
				   .for_process = for_process, .anew = true,
				   .wait_ms = w->wait_ms };
	struct session s = { 0 };
	int rc;

	if (lock_name(name, w->name, err) == -1)
		return -1;
	rc = caller_session(cli, &s, err);
	wish.session = &s;
	if (rc == 0)
		rc = claims_want(cli->home, &wish, err);
	session_release(&s);
	return rc;
}

/* What another computer has is not waited for any longer; what nobody could confirm
 * stays wanted. */
static int get(struct cli *cli, const struct lock_fleet_wish *w, bool for_process,
	       char name[CLAIM_NAME], struct claim_standing *out, struct error *err)
{
	struct clock *clock = cli->clock;
	int64_t until = clock->steady(clock) + w->wait_ms;
	struct error ignored = ERROR_INIT;
	int64_t left;

	if (want(cli, w, for_process, name, err) == -1)
		return -1;
	left = until - clock->steady(clock);
	if (confirm_claim(cli, name, left > 0 ? left : 0, out, err) == 0)
		return 0;
	if (err->code == ERR_NO)
		claims_give_back(cli->home, name, "another computer has it",
				 &ignored);
	return -1;
}

int lock_fleet_acquire(struct cli *cli, const struct lock_fleet_wish *w,
		       struct error *err)
{
	struct claim_standing now;
	char name[CLAIM_NAME];

	if (get(cli, w, false, name, &now, err) == -1)
		return -1;
	print_token(cli, name, &now);
	return 0;
}

/* ---- holding ---- */

static int want_token(const struct lock_fleet_wish *w, struct error *err)
{
	return w->token != 0 ? 0 : error_set(err, ERR_USAGE, "--token is wanted: "
					     "acquire has printed it");
}

int lock_fleet_renew(struct cli *cli, const struct lock_fleet_wish *w,
		     struct error *err)
{
	struct claim_standing now;
	char name[CLAIM_NAME];
	int rc;

	if (want_token(w, err) == -1 || lock_name(name, w->name, err) == -1)
		return -1;
	if (claims_look(cli->home, name, &now, err) == -1)
		return -1;
	rc = claims_judge(name, &now, (uint64_t)w->token, err);
	if (rc == -1 && err->code == ERR_AGAIN) {
		error_clear(err);
		if (confirm_claim(cli, name, 0, &now, err) == -1)
			return -1;
		rc = claims_judge(name, &now, (uint64_t)w->token, err);
	}
	if (rc == -1)
		return -1;
	if (cli->common.json)
		output_json(fleet_lock_to_json(name, &now));
	return 0;
}

/* Its own session may give back what is only tentative, which has no token. */
static int may_release(struct cli *cli, const char *name,
		       const struct lock_fleet_wish *w, struct error *err)
{
	struct claim_standing now;
	struct session s = { 0 };
	bool found, own;

	if (claims_look(cli->home, name, &now, err) == -1 ||
	    caller_find(cli, &s, &found, err) == -1)
		return -1;
	own = found && s.id == now.session;
	session_release(&s);
	if (own && w->token == 0)
		return 0;
	if (want_token(w, err) == -1)
		return -1;
	if (now.state == CLAIM_OVER && now.token == (uint64_t)w->token)
		return 0;
	return claims_judge(name, &now, (uint64_t)w->token, err);
}

int lock_fleet_release(struct cli *cli, const struct lock_fleet_wish *w,
		       struct error *err)
{
	char name[CLAIM_NAME];

	if (lock_name(name, w->name, err) == -1 ||
	    may_release(cli, name, w, err) == -1 ||
	    claims_give_back(cli->home, name, "", err) == -1)
		return -1;
	confirm_later(cli);
	return 0;
}

int lock_fleet_break(struct cli *cli, const char *name, const char *by,
		     const char *reason, struct error *err)
{
	char claim[CLAIM_NAME];

	if (lock_name(claim, name, err) == -1 ||
	    claims_break(cli->home, claim, by, reason, err) == -1)
		return -1;
	confirm_later(cli);
	return 0;
}

/* ---- run ---- */

/* A cycle renews it; where no timer starts one in time, this does. */
struct keeping {
	struct cli *cli;
	const char *name;
	uint64_t token;
	int64_t lease;
	int64_t called;		/* steady */
	struct error lost;
};

enum { CALL_MS = 60 * 1000 };

static bool keep(void *arg)
{
	struct keeping *k = arg;
	struct clock *clock = k->cli->clock;
	struct error err = ERROR_INIT;
	struct claim_standing now;

	if (claims_look(k->cli->home, k->name, &now, &err) == -1 ||
	    claims_judge(k->name, &now, k->token, &err) == -1) {
		k->lost = err;
		return true;
	}
	if (now.left < k->lease / 2 && clock->steady(clock) - k->called > CALL_MS) {
		k->called = clock->steady(clock);
		confirm_later(k->cli);
	}
	return false;
}

int lock_fleet_run(struct cli *cli, const struct lock_fleet_wish *w, int *status,
		   struct error *err)
{
	struct keeping k = { .cli = cli,
			     .lease = w->ttl != 0 ? w->ttl : CLAIM_LEASE };
	struct claim_standing now;
	char name[CLAIM_NAME];
	int rc;

	if (get(cli, w, true, name, &now, err) == -1)
		return -1;
	k.name = name;
	k.token = now.token;
	rc = lock_run_command(cli, k.token, keep, &k, status, err);
	if (k.lost.code != ERR_NONE) {
		*err = k.lost;
		return error_wrap(err, "the lock was lost, and %s ended", cli->arg[1]);
	}
	if (claims_give_back(cli->home, name, "", err) == -1)
		return -1;
	confirm_later(cli);
	return rc;
}

/* ---- list ---- */

int lock_fleet_list(const struct cli *cli, size_t *count, struct error *err)
{
	struct claim_list l;
	int rc = claims_list(cli->home, &l, err);

	*count = 0;
	for (size_t i = 0; i < l.count && rc == 0; i++) {
		if (claim_task(l.item[i].name) != NULL)
			continue;
		print_standing(cli, l.item[i].name, &l.item[i].is);
		(*count)++;
	}
	claim_list_release(&l);
	return rc;
}
