/* trine lock: leases by name, for the sessions of this computer; with --fleet for all
 * computers (lock_fleet.h). The verbs are in locks.h; this file reads options and
 * prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "lock_fleet.h"
#include "lock_run.h"
#include "output.h"
#include "trine/locks.h"
#include "trine/objects.h"
#include "when.h"

struct lock_options {
	const char *wait, *ttl, *reason;
	int64_t token;
	bool fleet, all;
};

#define WAIT { OPTION_TEXT, 0, "wait", "TIME", "wait so long for it: 30s, 5m", \
	OPTION_FIELD(struct lock_options, wait) }
#define TTL { OPTION_TEXT, 0, "ttl", "TIME", "how long it is to last (else 5m)", \
	OPTION_FIELD(struct lock_options, ttl) }
#define TOKEN { OPTION_NUMBER, 0, "token", "TOKEN", "that acquire has printed", \
	OPTION_RANGE(struct lock_options, token, 1, INT64_MAX) }

#define FLEET { OPTION_FLAG, 0, "fleet", NULL, \
	"in the whole fleet, not on this computer alone", \
	OPTION_FIELD(struct lock_options, fleet) }

static int parse_wish(const struct cli *cli, const struct lock_options *o,
		      struct lock_wish *out, struct error *err)
{
	int64_t wait = 0;

	out->name = cli->arg[0];
	if (when_long("wait", o->wait, &wait, err) == -1 ||
	    when_some_time("ttl", o->ttl, &out->ttl, err) == -1)
		return -1;
	out->wait_ms = wait * 1000;
	return 0;
}

static struct lock_fleet_wish fleet_wish(const struct cli *cli,
					 const struct lock_options *o,
					 const struct lock_wish *w)
{
	return (struct lock_fleet_wish){
		.name = cli->arg[0], .token = o->token,
		.wait_ms = w != NULL ? w->wait_ms : 0,
		.ttl = w != NULL ? w->ttl : 0,
	};
}

/* ---- printing ---- */

static void print_token(const struct cli *cli, const struct lock *l)
{
	if (cli->common.json)
		output_json(lock_to_json(cli->home, l));
	else
		printf("%llu\n", (unsigned long long)l->token);
}

static void print_lock(const struct cli *cli, const struct lock *l)
{
	int64_t now = cli->clock->now(cli->clock);
	struct buf out = BUF_INIT;
	char age[AGE_TEXT];

	buf_printf(&out, "%s  token %llu  ", l->name,
		   (unsigned long long)l->token);
	output_escaped(&out, l->holder);
	if (l->task != NULL)
		buf_printf(&out, ", for the task %s", l->task);
	else if (locks_lasts(l, now))
		buf_printf(&out, ", over %s", output_age(now, l->until, age));
	else
		output_colour(&out, COLOUR_YELLOW, ", over, and nobody took it");
	buf_printf(&out, ", since %s\n", output_age(now, l->since, age));
	output_flush(&out);
	buf_release(&out);
}

/* ---- acquire, renew, release ---- */

static const struct option_spec acquire_options[] = {
	WAIT, TTL, FLEET, OPTION_END
};

static int run_acquire(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	struct lock_wish wish = { 0 };
	struct lock_fleet_wish fleet;
	struct session s = { 0 };
	struct lock l;
	int rc;

	if (parse_wish(cli, o, &wish, err) == -1)
		return -1;
	fleet = fleet_wish(cli, o, &wish);
	if (o->fleet)
		return lock_fleet_acquire(cli, &fleet, err);
	rc = caller_session(cli, &s, err);
	if (rc == 0)
		rc = locks_acquire(cli->home, &s, &wish, &l, err);
	if (rc == 0) {
		print_token(cli, &l);
		lock_forget(&l);
	}
	session_release(&s);
	return rc;
}

const struct command cmd_lock_acquire = {
	.name = "lock acquire",
	.summary = "take a lock, and print its token",
	.arguments = "NAME",
	.examples =
		"token=$(trine lock acquire deploy --wait 1m)\t"
		"exit 1, and who has it, if it is not free by then\n"
		"trine lock acquire deploy --fleet\tsyncs first; 75: nobody could "
		"confirm it\n",
	.options = acquire_options,
	.options_size = sizeof(struct lock_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_acquire,
};

static const struct option_spec token_options[] = { TOKEN, FLEET, OPTION_END };

static int want_token(const struct lock_options *o, struct error *err)
{
	return o->token != 0 ? 0 : error_set(err, ERR_USAGE, "--token is wanted: "
					     "acquire has printed it");
}

static int run_renew(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	struct lock_fleet_wish fleet = fleet_wish(cli, o, NULL);
	struct lock l;

	caller_shows(cli);
	if (o->fleet)
		return lock_fleet_renew(cli, &fleet, err);
	if (want_token(o, err) == -1 ||
	    locks_renew(cli->home, cli->arg[0], (uint64_t)o->token, &l, err) == -1)
		return -1;
	if (cli->common.json)
		output_json(lock_to_json(cli->home, &l));
	lock_forget(&l);
	return 0;
}

const struct command cmd_lock_renew = {
	.name = "lock renew",
	.summary = "make a lock last longer",
	.arguments = "NAME",
	.examples = "trine lock renew deploy --token 42\texit 1 if it is another's\n",
	.options = token_options,
	.options_size = sizeof(struct lock_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_renew,
};

static int run_release(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	struct lock_fleet_wish fleet = fleet_wish(cli, o, NULL);

	caller_shows(cli);
	if (o->fleet)
		return lock_fleet_release(cli, &fleet, err);
	if (want_token(o, err) == -1)
		return -1;
	return locks_release(cli->home, cli->arg[0], (uint64_t)o->token, err);
}

const struct command cmd_lock_release = {
	.name = "lock release",
	.summary = "give a lock back",
	.arguments = "NAME",
	.examples = "trine lock release deploy --token 42\tothers may take it\n",
	.options = token_options,
	.options_size = sizeof(struct lock_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_release,
};

/* ---- run ---- */

/* It is looked after once a second, and ends at a whole second. */
enum { RUN_TTL_LEAST = 3 };

/* Renewed when a third of it is over, so that two tries may fail. */
struct keeping {
	struct cli *cli;
	struct lock *lock;
	int64_t renewed;	/* steady */
	struct error lost;
};

/* By either clock: the one that leases count by may have been set, or have gone on
 * while the computer slept. */
static bool is_due(const struct keeping *k)
{
	struct clock *clock = k->cli->clock;
	int64_t ttl = k->lock->ttl;

	return clock->steady(clock) - k->renewed >= ttl * 1000 / 3 ||
	       clock->now(clock) >= k->lock->until - ttl * 2 / 3;
}

static bool keep(void *arg)
{
	struct keeping *k = arg;
	struct clock *clock = k->cli->clock;
	struct error err = ERROR_INIT;
	struct lock now;

	if (!is_due(k))
		return false;
	if (locks_renew(k->cli->home, k->lock->name, k->lock->token, &now,
			&err) == 0) {
		k->renewed = clock->steady(clock);
		k->lock->until = now.until;
		lock_forget(&now);
		return false;
	}
	/* a busy log is no loss, before the lease is over */
	if (err.code != ERR_NO &&
	    clock->steady(clock) - k->renewed < k->lock->ttl * 1000)
		return false;
	k->lost = err;
	return true;
}

static int run_held(struct cli *cli, struct lock *l, int *status,
		    struct error *err)
{
	struct keeping k = { .cli = cli, .lock = l,
			     .renewed = cli->clock->steady(cli->clock) };
	struct error gone = ERROR_INIT;
	int rc = lock_run_command(cli, l->token, keep, &k, status, err);

	if (k.lost.code != ERR_NONE) {
		*err = k.lost;
		return error_wrap(err, "the lock was lost, and %s ended",
				  cli->arg[1]);
	}
	if (locks_release(cli->home, l->name, l->token, &gone) == -1 && rc == 0)
		output_say(cli, "trine: %s", gone.text);
	return rc;
}

static int run_here(struct cli *cli, const struct lock_wish *wish, int *status,
		    struct error *err)
{
	struct session s = { 0 };
	struct lock l;
	int rc = caller_session(cli, &s, err);

	if (rc == 0)
		rc = locks_acquire(cli->home, &s, wish, &l, err);
	session_release(&s);
	if (rc == -1)
		return -1;
	rc = run_held(cli, &l, status, err);
	lock_forget(&l);
	return rc;
}

static int run_run(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	struct lock_wish wish = { .for_process = true };
	struct lock_fleet_wish fleet;
	int rc, status = 0;

	if (parse_wish(cli, o, &wish, err) == -1)
		return -1;
	fleet = fleet_wish(cli, o, &wish);
	if (wish.ttl != 0 && wish.ttl < RUN_TTL_LEAST)
		return error_set(err, ERR_USAGE, "--ttl: a lease that is renewed in "
				 "time lasts at least %d s", RUN_TTL_LEAST);
	rc = o->fleet ? lock_fleet_run(cli, &fleet, &status, err)
		      : run_here(cli, &wish, &status, err);
	/* its exit is ours, and it has said itself what went wrong */
	return rc == 0 && status != 0 ?
	       error_set(err, (enum error_code)status, "%s", "") : rc;
}

static const struct option_spec run_options[] = { WAIT, TTL, FLEET, OPTION_END };

const struct command cmd_lock_run = {
	.name = "lock run",
	.summary = "hold a lock while a command runs",
	.arguments = "NAME -- COMMAND [ARGUMENT...]",
	.examples =
		"trine lock run deploy --wait 10m -- ./deploy.sh\t"
		"ends it if the lock is lost; its exit is that of trine\n"
		"trine lock run deploy -- sh -c './put --token $TRINE_LOCK_TOKEN'\t"
		"its environment has the fencing token, and the name in TRINE_LOCK\n",
	.options = run_options,
	.options_size = sizeof(struct lock_options),
	.least = 2,
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_run,
};

/* ---- list, break ---- */

enum { OVER_IS_NEWS = 5 * 60 };

static const struct option_spec list_options[] = {
	{ OPTION_FLAG, 0, "all", NULL, "those whose lease ran out long ago, too",
	  OPTION_FIELD(struct lock_options, all) },
	OPTION_END
};

/* Its holder may still come back to one that is over; others need not be told for ever. */
static bool is_shown(const struct lock_options *o, const struct lock *l, int64_t now)
{
	return o->all || l->task != NULL || now - l->until < OVER_IS_NEWS;
}

static void print_shown(const struct cli *cli, const struct lock *l)
{
	if (cli->common.json)
		output_json(lock_to_json(cli->home, l));
	else
		print_lock(cli, l);
}

static int run_list(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	int64_t now = cli->clock->now(cli->clock);
	struct lock_list l;
	size_t here = 0, fleet;

	if (session_sweep_now(cli->home, err) == -1 ||
	    view_locks(cli->home->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		if (!is_shown(o, &l.item[i], now))
			continue;
		print_shown(cli, &l.item[i]);
		here++;
	}
	lock_list_release(&l);
	if (lock_fleet_list(cli, &fleet, err) == -1)
		return -1;
	if (here + fleet == 0 && !cli->common.json)
		output_say(cli, "no lock is held");
	return 0;
}

const struct command cmd_lock_list = {
	.name = "lock list",
	.summary = "say who holds which lock, and until when",
	.arguments = "",
	.examples = "trine lock list\teach with its token\n",
	.options = list_options,
	.options_size = sizeof(struct lock_options),
	.flags = COMMAND_HOME,
	.run = run_list,
};

static const struct option_spec break_options[] = {
	{ OPTION_TEXT, 0, "reason", "TEXT", "why: it is recorded",
	  OPTION_FIELD(struct lock_options, reason) },
	FLEET,
	OPTION_END
};

static int run_break(struct cli *cli, const void *given, struct error *err)
{
	const struct lock_options *o = given;
	char who[SESSION_TEXT] = "nobody registered";
	struct session s;
	bool found;

	if (o->reason == NULL || *o->reason == '\0')
		return error_set(err, ERR_USAGE, "--reason is wanted: whoever held "
				 "it will ask");
	if (caller_find(cli, &s, &found, err) == -1)
		return -1;
	if (found)
		session_text(&s, who);
	session_release(&s);
	if (o->fleet)
		return lock_fleet_break(cli, cli->arg[0], who, o->reason, err);
	return locks_break(cli->home, cli->arg[0], who, o->reason, err);
}

const struct command cmd_lock_break = {
	.name = "lock break",
	.summary = "take a lock away from whoever holds it",
	.arguments = "NAME",
	.examples = "trine lock break deploy --reason \"its agent hangs\"\t"
		    "for emergencies\n",
	.options = break_options,
	.options_size = sizeof(struct lock_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_break,
};
