/* What this computer holds of the fleet, and when it does not any more (claims.h). */
#include "store_fixture.h"

#include "../../src/sync/sync.h"
#include "trine/claims.h"

static const char name[] = "lock/L";
static int64_t minutes;		/* of the clock that leases run by */

static int64_t steady(struct clock *clock)
{
	(void)clock;
	return minutes * 60 * 1000;
}

static struct claim_standing standing(void)
{
	struct home home = { .store = fixture.s };
	struct claim_standing out;

	assert_ok(claims_look(&home, name, &out, &fixture.err));
	return out;
}

/* Pushed in commit OID, and on the branch by now; offered in BOOT, or in this one. */
static void hold(uint64_t generation, uint64_t beat, const char *oid, const char *boot)
{
	struct claim claim = { .generation = generation, .beat = beat, .lease = 900 };
	struct lease_clock now;

	snprintf(claim.name, sizeof(claim.name), "%s", name);
	store_lease_clock(fixture.s, &now);
	if (boot != NULL)
		snprintf(now.boot, sizeof(now.boot), "%s", boot);
	commit_all(oid);
	assert_ok(record_claim_offered(fixture.s, &claim, oid, &now, &fixture.err));
	assert_ok(record_seen(fixture.s, oid, &fixture.err));
	assert_ok(record_claim_held(fixture.s, name, &fixture.err));
}

static void want(const char *what)
{
	struct process_mark none = { 0 };
	struct claim claim = { .lease = 900 };

	snprintf(claim.name, sizeof(claim.name), "%s", what);
	assert_ok(record_claim_wanted(fixture.s, &claim, 0, &none, &fixture.err));
}

static void begin_wanting(void)
{
	fixture.clock.steady = steady;
	minutes = 100;
	be_computer(1, "5f3a9c1e");
	want(name);
}

static void a_lease_runs_from_before_its_push(void **state)
{
	(void)state;
	begin();
	begin_wanting();
	assert_int_equal(standing().state, CLAIM_TENTATIVE);
	hold(7, 1, "c1", NULL);
	assert_int_equal(standing().state, CLAIM_HELD);
	assert_int_equal(standing().token, 7);
	minutes = 114;
	assert_int_equal(standing().state, CLAIM_HELD);
	assert_int_equal(standing().left, 60);
	minutes = 115;
	assert_int_equal(standing().state, CLAIM_OVER);
	hold(7, 2, "c2", NULL);
	assert_int_equal(standing().state, CLAIM_HELD);
	commit();
}

/* However short: nobody knows how long the computer was off before. */
static void no_lease_outlasts_a_restart(void **state)
{
	(void)state;
	begin();
	begin_wanting();
	hold(7, 1, "c1", "the boot before");
	assert_int_equal(standing().state, CLAIM_OVER);
	minutes = 101;
	assert_int_equal(standing().state, CLAIM_OVER);
	hold(7, 2, "c2", NULL);
	assert_int_equal(standing().state, CLAIM_HELD);
	commit();
}

/* That status of computer 2: it claims what is wanted here, or nothing (generation 0). */
static void hear(uint64_t generation, const char *blob)
{
	struct claim claim = { .generation = generation, .beat = 1, .lease = 900 };
	struct status status = STATUS_INIT;

	status.computer = 2;
	snprintf(status.clone, sizeof(status.clone), "0000beef");
	snprintf(claim.name, sizeof(claim.name), "%s", name);
	if (generation != 0)
		status_add_claim(&status, &claim);
	assert_ok(record_peer(fixture.s, &status, blob, "c0ffee", &fixture.err));
	status_release(&status);
}

/* Its token is too low for whoever met the later one, though nobody has it now. */
static void what_another_had_since_is_lost(void **state)
{
	struct own_claim own;
	bool found;

	(void)state;
	begin();
	begin_wanting();
	hold(7, 1, "c1", NULL);
	hear(6, "b1");
	assert_int_equal(standing().state, CLAIM_HELD);
	minutes = 200;
	hear(8, "b2");
	assert_int_equal(standing().state, CLAIM_ELSEWHERE);
	hear(0, "b3");
	assert_int_equal(standing().state, CLAIM_FREE);
	assert_ok(view_claim(fixture.s, name, &own, &found, &fixture.err));
	assert_true(found && own_claim_passed(&own));
	assert_int_equal(own.passed_by, 2);
	/* offered again, it is above that */
	hold(9, 1, "c2", NULL);
	assert_int_equal(standing().state, CLAIM_HELD);
	commit();
	assert_rebuilt_equal();
}

static uint64_t highest(void)
{
	struct generations known;

	assert_ok(view_generations(fixture.s, &known, &fixture.err));
	return known.seen;
}

/* Whoever knows none yet believes what an old fleet has. */
static void a_leap_is_not_believed(void **state)
{
	(void)state;
	begin();
	begin_wanting();
	hear(CLAIM_LEAP, "b1");
	assert_int_equal(highest(), 0);
	assert_ok(record_claim_generation(fixture.s, CLAIM_LEAP, &fixture.err));
	assert_int_equal(highest(), 0);
	hear(CLAIM_LEAP - 1, "b2");
	assert_int_equal(highest(), CLAIM_LEAP - 1);
	hear(MESSAGE_SEQ_MAX, "b3");
	assert_int_equal(highest(), CLAIM_LEAP - 1);
	/* but whoever says that it has it is not overlooked */
	assert_int_equal(standing().state, CLAIM_ELSEWHERE);
	commit();
	assert_rebuilt_equal();
}

static void know(uint64_t generation)
{
	char sql[80];
	sqlite3 *db = NULL;

	snprintf(sql, sizeof(sql), "UPDATE generation SET seen = %llu",
		 (unsigned long long)generation);
	assert_int_equal(sqlite3_open(fixture_path("state.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* One more, and no reader would take the status. */
static void none_is_offered_above_the_last(void **state)
{
	struct cycle_options options = { .dry_run = false };
	struct cycle c = { .options = &options, .online = true };
	struct status s = STATUS_INIT;
	struct problem *l;
	size_t count;

	(void)state;
	know(MESSAGE_SEQ_MAX - 1);
	begin();
	begin_wanting();
	want("lock/M");
	c.store = fixture.s;
	c.me.accepted = true;
	assert_ok(claims_derive(&c, &s, &fixture.err));
	assert_int_equal(s.claim_count, 1);
	assert_int_equal(s.claim[0].generation, MESSAGE_SEQ_MAX);
	assert_int_equal(s.generation, MESSAGE_SEQ_MAX);
	assert_ok(view_problems_of(fixture.s, "claims", &l, &count, &fixture.err));
	assert_int_equal(count, 1);
	problems_free(l, count);
	free(c.offers);
	status_release(&s);
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_lease_runs_from_before_its_push),
		STORE_TEST(no_lease_outlasts_a_restart),
		STORE_TEST(what_another_had_since_is_lost),
		STORE_TEST(a_leap_is_not_believed),
		STORE_TEST(none_is_offered_above_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
