/* Claims in the whole fleet: their names, whose counts, and how a status carries them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/status.h"
#include "trine/text.h"

static void names_have_a_kind(void **state)
{
	static const struct { const char *name; bool valid; } rows[] = {
		{ "lock/deploy", true }, { "task/1_TO_ALL.7", true },
		{ "task/AUTH", true }, { "lock/a.b-c_d", true },
		{ "deploy", false }, { "lock/", false }, { "task/", false },
		{ "lock", false }, { "", false }, { "lock/a b", false },
		{ "lock/a/b", false }, { "file/a", false }, { "lock/../x", false },
		{ "task/1_TO_2.7~5f3a9c1e", true },
	};
	char longest[CLAIM_NAME + 8] = "lock/";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (claim_name_valid(span_str(rows[i].name)) != rows[i].valid)
			fail_msg("%s", rows[i].name);
	memset(longest + 5, 'a', 64);
	assert_true(claim_name_valid(span_str(longest)));
	memset(longest + 5, 'a', CLAIM_NAME);
	assert_false(claim_name_valid(span_str(longest)));
}

static void names_say_what_they_are_for(void **state)
{
	char name[CLAIM_NAME];

	(void)state;
	claim_task_name("1_TO_ALL.7", name);
	assert_string_equal(name, "task/1_TO_ALL.7");
	assert_string_equal(claim_task(name), "1_TO_ALL.7");
	assert_string_equal(claim_subject(name), "1_TO_ALL.7");
	assert_null(claim_task("lock/deploy"));
	assert_string_equal(claim_subject("lock/deploy"), "deploy");
}

enum { MINUTE = 60 * 1000 };

static struct rival rival(int computer, const char *name, uint64_t generation,
			  int64_t seen, const char *boot)
{
	struct rival r = { .computer = computer, .seen = seen,
			   .claim = { .generation = generation, .lease = 900 } };

	snprintf(r.claim.name, sizeof(r.claim.name), "%s", name);
	snprintf(r.boot, sizeof(r.boot), "%s", boot);
	return r;
}

/* Seen at minute 100: a lease of 15 minutes, and one more for clocks that differ. */
static void leases_of_others_last(void **state)
{
	static const struct {
		int64_t now;
		const char *boot;
		bool lasts;
	} rows[] = {
		{ 100 * MINUTE, "b", true },
		{ 116 * MINUTE, "b", true },
		{ 116 * MINUTE + 1, "b", false },
		{ 99 * MINUTE, "b", true },		/* a clock of a test */
		/* after a boot nobody knows how long ago that was, but for this */
		{ 2 * MINUTE, "c", true },
		{ 16 * MINUTE, "c", true },
		{ 16 * MINUTE + 1, "c", false },
		{ 200 * MINUTE, "c", false },
	};
	struct rival r = rival(2, "lock/L", 7, 100 * MINUTE, "b");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lease_clock clock = { .now = rows[i].now };

		snprintf(clock.boot, sizeof(clock.boot), "%s", rows[i].boot);
		if (rival_lasts(&r, &clock) != rows[i].lasts)
			fail_msg("row %zu", i);
	}
}

/* Of who has it, from minute 100: no margin, and nothing in a later boot. */
static void own_leases_end(void **state)
{
	static const struct {
		int64_t now;
		const char *boot;
		int64_t left;
	} rows[] = {
		{ 100 * MINUTE, "b", 900 }, { 114 * MINUTE, "b", 60 },
		{ 115 * MINUTE, "b", 0 }, { 200 * MINUTE, "b", 0 },
		{ 101 * MINUTE, "c", 0 }, { 0, "c", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lease_clock clock = { .now = rows[i].now };

		snprintf(clock.boot, sizeof(clock.boot), "%s", rows[i].boot);
		if (lease_left(&clock, 900, 100 * MINUTE, "b") != rows[i].left)
			fail_msg("row %zu", i);
	}
}

static void clocks_run_apart(void **state)
{
	struct rival r = rival(2, "lock/L", 7, 0, "b");
	struct lease_clock clock = { .now = 0, .boot = "b" };

	(void)state;
	assert_int_equal(claim_margin(900), 60);
	assert_int_equal(claim_margin(CLAIM_LEASE_MOST), 604);
	r.claim.lease = CLAIM_LEASE_MOST;
	clock.now = (CLAIM_LEASE_MOST + 604) * INT64_C(1000);
	assert_true(rival_lasts(&r, &clock));
	clock.now++;
	assert_false(rival_lasts(&r, &clock));
}

/* A system that does not say which boot it is: nobody may count on its being the same. */
static void unknown_boots_differ(void **state)
{
	struct rival r = rival(2, "lock/L", 7, 100 * MINUTE, "");
	struct lease_clock clock = { .now = 101 * MINUTE, .boot = "" };

	(void)state;
	assert_int_equal(lease_left(&clock, 900, 100 * MINUTE, ""), 0);
	assert_int_equal(lease_age(&clock, 100 * MINUTE, ""), 101 * MINUTE);
	assert_false(rival_lasts(&r, &clock));
	clock.now = 16 * MINUTE;
	assert_true(rival_lasts(&r, &clock));
}

static void whoever_has_it_is_found(void **state)
{
	const struct rival l[] = {
		rival(2, "lock/L", 5, 0, "b"),			/* over */
		rival(3, "lock/L", 7, 100 * MINUTE, "b"),
		rival(4, "lock/M", 9, 100 * MINUTE, "b"),
	};
	struct lease_clock clock = { .now = 101 * MINUTE, .boot = "b" };

	(void)state;
	assert_ptr_equal(claim_taken(l, 3, "lock/L", &clock), &l[1]);
	assert_null(claim_taken(l, 1, "lock/L", &clock));
	assert_null(claim_taken(l, 3, "lock/N", &clock));
}

/* ---- in a status ---- */

static const struct status_table no_table = { NULL, 0, 0, 0 };

static void fill(struct status *s, size_t claims)
{
	struct claim c = { .generation = UINT64_C(9007199254740991), .beat = 12,
			   .lease = 900, .by = "Atlas" };

	*s = (struct status)STATUS_INIT;
	s->computer = 1;
	memcpy(s->clone, "5f3a9c1e", CLONE_ID);
	s->state = STATE_IDLE;
	s->updated = 1795180800;
	s->generation = claims;
	for (size_t i = 0; i < claims; i++) {
		snprintf(c.name, sizeof(c.name), "lock/%063zu", i);
		c.generation = i + 1;
		status_add_claim(s, &c);
	}
}

static char *written(const char *old, const struct status *s)
{
	struct buf out = BUF_INIT;

	status_write(&out, span_str(old), s, &no_table);
	return buf_detach(&out);
}

static void a_status_carries_them(void **state)
{
	struct error err = ERROR_INIT;
	struct status s, back;
	char *text;

	(void)state;
	for (size_t n = 0; n <= CLAIMS_MOST; n++) {
		fill(&s, n);
		text = written("", &s);
		if (status_parse(span_str(text), &back, &err) == -1)
			fail_msg("%zu: %s", n, err.text);
		assert_int_equal(back.generation, n);
		assert_int_equal(back.claim_count, n);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(back.claim[i].name, s.claim[i].name);
			assert_string_equal(back.claim[i].by, "Atlas");
			assert_int_equal(back.claim[i].generation, i + 1);
			assert_int_equal(back.claim[i].beat, 12);
			assert_int_equal(back.claim[i].lease, 900);
		}
		status_release(&back);
		status_release(&s);
		free(text);
	}
}

/* And is the same without them, byte for byte, but for those lines. */
static void they_can_be_taken_out(void **state)
{
	struct buf out = BUF_INIT;
	struct status with, without;
	char *a, *b;

	(void)state;
	fill(&with, 3);
	fill(&without, 0);
	without.generation = with.generation;
	a = written("# Mine\n\nclaims: {not: this}\n", &with);
	b = written("# Mine\n\nclaims: {not: this}\n", &without);
	status_without_claims(&out, span_str(b));
	assert_string_equal(out.data, b);
	buf_reset(&out);
	status_without_claims(&out, span_str(a));
	assert_string_equal(out.data, b);
	buf_reset(&out);
	status_without_claims(&out, span_str("no region\nclaims: {}\n"));
	assert_string_equal(out.data, "no region\nclaims: {}\n");
	buf_release(&out);
	status_release(&with);
	status_release(&without);
	free(a);
	free(b);
}

static void peers_are_checked(void **state)
{
	static const struct { const char *line; int rc; } rows[] = {
		{ "claims: {}", 0 },
		{ "claims: []", -1 },
		{ "claims: {lock/L: {generation: 3, beat: 1, lease: 10m}}", 0 },
		{ "claims: {lock/L: {generation: 0, beat: 1, lease: 15m}}", -1 },
		{ "claims: {lock/L: {generation: 3, lease: 15m}}", -1 },
		{ "claims: {lock/L: {generation: 3, beat: 1, lease: 9m}}", -1 },
		{ "claims: {lock/L: {generation: 3, beat: 1, lease: 8d}}", -1 },
		{ "claims: {lock/L: {generation: -3, beat: 1, lease: 15m}}", -1 },
		{ "claims: {lock/L: {beat: 1, lease: 15m}}", -1 },
		{ "claims: {lock/L: 7}", -1 },
		{ "claims: {L: {generation: 3, beat: 1, lease: 15m}}", -1 },
		{ "claims: {lock/L: {generation: 99999999999999999999, beat: 1,"
		  " lease: 15m}}", -1 },
		{ "claims: {lock/L: {generation: 3, beat: 1, lease: 15m, by: [x]}}", 0 },
		{ "generation: x", -1 },
		{ "generation: 5", 0 },
	};
	struct error err = ERROR_INIT;
	struct status s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *text = xasprintf("<!-- trine:begin x -->\n```yaml status\n"
			"format: 1\ncomputer: 2\nclone: 5f3a9c1e\nstate: IDLE\n"
			"updated: 2026-11-20T13:20:00Z\n%s\n```\n"
			"<!-- trine:end -->\n", rows[i].line);

		if (status_parse(span_str(text), &s, &err) != rows[i].rc)
			fail_msg("%s: %s", rows[i].line, err.text);
		status_release(&s);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_a_kind),
		cmocka_unit_test(names_say_what_they_are_for),
		cmocka_unit_test(leases_of_others_last),
		cmocka_unit_test(own_leases_end),
		cmocka_unit_test(clocks_run_apart),
		cmocka_unit_test(unknown_boots_differ),
		cmocka_unit_test(whoever_has_it_is_found),
		cmocka_unit_test(a_status_carries_them),
		cmocka_unit_test(they_can_be_taken_out),
		cmocka_unit_test(peers_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
