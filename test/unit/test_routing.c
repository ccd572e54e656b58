/*
 * Who gets a task: rows of decisions, and what is true of each, whatever the facts are.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/clock.h"
#include "trine/mem.h"
#include "trine/routing.h"

#define UP .health = ROUTING_UP
#define DOWN .health = ROUTING_DOWN
#define SLOW .health = ROUTING_SLOW
#define MEANT .meant = true
#define HAS(n) .running = (n)
#define FITS(x) .score = (x)
#define DOES(words) .specialty = (words)
#define SIZE(n) .capacity = (n)
#define WEIGHS(n) .weight = (n)
#define LINE(n, most) .waiting = (n), .bound = (most)
#define FOR(what) .prefer = ROUTING_ ## what

static void decisions(void **state)
{
	static const struct {
		const char *what;
		struct routing_candidate c[4];	/* with a capacity or a mark: there */
		struct routing_task task;
		int chosen;
		const char *verdicts;
	} rows[] = {
		{ "nobody is there", { { 0 } }, { 0 }, -1, "" },
		{ "nothing matches", { { UP }, { UP } }, { 0 }, -1, "no-match no-match" },
		{ "the one that matches", { { UP }, { UP, FITS(1) } }, { 0 }, 1,
		  "no-match chosen" },
		{ "the better match", { { UP, FITS(1) }, { UP, FITS(3) } }, { 0 }, 1,
		  "matches-less chosen" },
		{ "about as good: the less busy", { { UP, FITS(3), HAS(1) },
		  { UP, FITS(2) } }, { 0 }, 1, "less-free chosen" },
		{ "and by size", { { UP, FITS(3), HAS(2), SIZE(4) },
		  { UP, FITS(3), HAS(1) } }, { 0 }, 0, "chosen less-free" },
		{ "and by weight", { { UP, FITS(3) }, { UP, FITS(3), HAS(1), WEIGHS(3) } },
		  { 0 }, 1, "less-free chosen" },
		{ "alike: the first", { { UP, FITS(1) }, { UP, FITS(1) } }, { 0 }, 0,
		  "chosen less-free" },
		{ "unknown may be well", { { FITS(1) }, { DOWN, FITS(9) } }, { 0 }, 0,
		  "chosen down" },
		{ "never a dead one", { { DOWN, FITS(1) } }, { 0 }, -1, "down" },
		{ "a slow one last", { { SLOW, FITS(2) }, { UP, FITS(2), HAS(5) } }, { 0 },
		  1, "less-free chosen" },
		{ "but before none", { { SLOW, FITS(2) }, { UP } }, { 0 }, 0,
		  "chosen no-match" },
		{ "quality: the best match, busy or not", { { UP, FITS(3), HAS(9) },
		  { UP, FITS(2.5) } }, { FOR(QUALITY) }, 0, "chosen matches-less" },
		{ "speed: whoever matches", { { UP, FITS(9), HAS(1) }, { UP, FITS(1) } },
		  { FOR(SPEED) }, 1, "less-free chosen" },
		{ "speed: who answers first", { { UP, FITS(1), .answer_ms = 900 },
		  { UP, FITS(1), .answer_ms = 20 }, { UP, FITS(1) } }, { FOR(SPEED) }, 1,
		  "less-free chosen less-free" },
		{ "who is better for it", { { UP, FITS(1), FOR(SPEED) }, { UP, FITS(1) },
		  { UP, FITS(1), HAS(3), FOR(QUALITY) } }, { FOR(QUALITY) }, 2,
		  "less-free less-free chosen" },
		{ "what is known longer ago goes behind", { { UP, FITS(1), .age = 60 },
		  { UP, FITS(1), .age = 5 } }, { 0 }, 1, "less-free chosen" },

		{ "full: another one", { { UP, FITS(2), LINE(5, 5) }, { UP, FITS(2),
		  HAS(50) } }, { 0 }, 1, "full chosen" },
		{ "all full: it waits", { { UP, FITS(2), LINE(5, 5) } }, { 0 }, -1, "full" },
		{ "but not a high one", { { UP, FITS(2), LINE(5, 5) } },
		  { .priority = PRIORITY_HIGH }, 0, "chosen" },
		{ "nor an urgent one, ever", { { UP, FITS(2), LINE(500, 5) } },
		  { .priority = PRIORITY_URGENT }, 0, "chosen" },

		{ "who is meant", { { UP, FITS(9) }, { UP, MEANT } }, { 0 }, 1,
		  "not-meant chosen" },
		{ "down: another of its kind", { { DOWN, MEANT, DOES("code, login") },
		  { UP, DOES("design") }, { UP, DOES("Login and CODE") } }, { 0 }, 2,
		  "down not-meant stands-in" },
		{ "of these the less busy", { { DOWN, MEANT, DOES("code") },
		  { UP, DOES("code"), HAS(1) }, { UP, DOES("code") } }, { 0 }, 2,
		  "down less-free stands-in" },
		{ "of its kind none lives: when it is back", { { DOWN, MEANT, DOES("code") },
		  { DOWN, DOES("code") }, { UP, DOES("design") } }, { 0 }, 0,
		  "awaited down not-meant" },
		{ "of no kind", { { DOWN, MEANT }, { UP } }, { 0 }, 0, "awaited not-meant" },
		{ "a letter is for who it names", { { DOWN, MEANT, DOES("code") },
		  { UP, DOES("code") } }, { .exact = true }, 0, "awaited not-meant" },
		{ "full: another of its kind", { { UP, MEANT, DOES("code"), LINE(5, 5) },
		  { UP, DOES("code") } }, { 0 }, 1, "full stands-in" },
		{ "full, and alone: it waits", { { UP, MEANT, LINE(5, 5) } }, { 0 }, -1,
		  "full" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static const struct routing_candidate none;
		struct routing_candidate c[4];
		char verdicts[128] = "";
		size_t count = 0, len = 0;
		int chosen;

		while (count < 4 && memcmp(&rows[i].c[count], &none, sizeof(none)) != 0) {
			c[count] = rows[i].c[count];
			c[count].capacity += c[count].capacity == 0;
			c[count].weight += c[count].weight == 0;
			count++;
		}
		chosen = routing_choose(c, count, &rows[i].task);
		for (size_t k = 0; k < count; k++)
			len += (size_t)snprintf(verdicts + len, sizeof(verdicts) - len,
						"%s%s", k > 0 ? " " : "",
						routing_verdict_name(c[k].verdict));
		if (chosen != rows[i].chosen || strcmp(verdicts, rows[i].verdicts) != 0)
			fail_msg("%s: %d, %s", rows[i].what, chosen, verdicts);
	}
}

/* ---- whatever the facts are ---- */

static const char *const kinds[] = { NULL, "", "code", "code, login", "login code",
				     "design" };

static void by_chance(struct chance *chance, struct routing_candidate *c,
		      struct routing_task *t)
{
	*c = (struct routing_candidate){
		.specialty = kinds[chance_below(chance, ARRAY_LEN(kinds))],
		.health = (enum routing_health)chance_below(chance, 4),
		.running = chance_below(chance, 4), .waiting = chance_below(chance, 12),
		.capacity = 1 + chance_below(chance, 4),
		.bound = chance_below(chance, 3) * 4,
		.weight = 1 + chance_below(chance, 3),
		.prefer = (enum routing_prefer)chance_below(chance, 3),
		.answer_ms = (int64_t)chance_below(chance, 3) * 100,
		.age = (int64_t)chance_below(chance, 3),
		.meant = chance_below(chance, 6) == 0,
		.score = (double)chance_below(chance, 4),
	};
	t->priority = (enum message_priority)chance_below(chance, 4);
	t->prefer = (enum routing_prefer)chance_below(chance, 3);
}

/* It lives, there is room, and it would do as well as WHICH. */
static bool could(const struct routing_candidate *c, const struct routing_candidate *which)
{
	return c->health != ROUTING_DOWN && c->verdict != ROUTING_IS_FULL &&
	       c->verdict != ROUTING_NOT_MEANT &&
	       (which->meant ? c->meant : c->score > 0);
}

static void check(const struct routing_candidate *c, size_t count, int chosen)
{
	unsigned got = 0;

	for (size_t i = 0; i < count; i++)
		got += c[i].verdict <= ROUTING_AWAITED;
	assert_int_equal(got, chosen == -1 ? 0 : 1);
	if (chosen == -1) {
		for (size_t i = 0; i < count; i++)
			assert_true(c[i].verdict == ROUTING_IS_DOWN ||
				    c[i].verdict == ROUTING_IS_FULL ||
				    c[i].verdict == ROUTING_NO_WORD ||
				    c[i].verdict == ROUTING_NOT_MEANT);
		return;
	}
	/* never to a dead one while a live one could */
	if (c[chosen].health == ROUTING_DOWN) {
		assert_int_equal(c[chosen].verdict, ROUTING_AWAITED);
		for (size_t i = 0; i < count; i++)
			assert_false((int)i != chosen && could(&c[i], &c[chosen]));
	} else {
		assert_int_not_equal(c[chosen].verdict, ROUTING_AWAITED);
	}
}

static void whatever_the_facts_are(void **state)
{
	enum { ROUNDS = 100 * 1000, MOST = 6 };
	struct chance chance;

	(void)state;
	chance_seeded(&chance, 7);
	for (int round = 0; round < ROUNDS; round++) {
		struct routing_candidate c[MOST], again[MOST];
		size_t count = chance_below(&chance, MOST + 1);
		struct routing_task t = { 0 };
		int chosen;

		memset(c, 0, sizeof(c));
		for (size_t i = 0; i < count; i++)
			by_chance(&chance, &c[i], &t);
		memcpy(again, c, sizeof(c));
		chosen = routing_choose(c, count, &t);
		check(c, count, chosen);
		/* and the same again */
		assert_int_equal(routing_choose(again, count, &t), chosen);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(again[i].verdict, c[i].verdict);
	}
}

static void very_many(void **state)
{
	enum { MANY = 10 * 1000 };
	struct routing_candidate *c = xcalloc(MANY, sizeof(*c));
	struct routing_task t = { 0 };

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		c[i] = (struct routing_candidate){
			.specialty = "code", .capacity = 1, .weight = 1, .running = 1,
			.score = 1, .health = i == 7777 ? ROUTING_UP : ROUTING_SLOW };
	assert_int_equal(routing_choose(c, MANY, &t), 7777);
	c[0].meant = true;
	c[0].health = ROUTING_DOWN;
	assert_int_equal(routing_choose(c, MANY, &t), 7777);
	free(c);
}

/* ---- words ---- */

static const char *words_of(const char *text)
{
	static char out[512];
	struct list l = LIST_INIT;
	size_t len = 0;

	out[0] = '\0';
	routing_words(span_str(text), &l);
	for (size_t i = 0; i < l.count; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
					i > 0 ? " " : "", l.item[i]);
	list_release(&l);
	return out;
}

static void words(void **state)
{
	struct buf many = BUF_INIT;
	struct list l = LIST_INIT;

	(void)state;
	assert_string_equal(words_of(""), "");
	assert_string_equal(words_of("a I -- !"), "");
	assert_string_equal(words_of("a all also an and any are as at be but by can do does for "
		"from has have how i if in into is it its me my need needs new no not of on or "
		"our"), "");
	assert_string_equal(words_of("out please s should so some t that the their them then "
		"there they this to up us was we what when where which who will with you "
		"your"), "");
	assert_string_equal(words_of("Fix the UI, and fix it in C99"), "fix ui c99");
	assert_string_equal(words_of("\" OR NEAR(x) col:y* -\\"), "near x col y");
	assert_string_equal(words_of("K\xc3\xa4se"), "k\xc3\xa4se");
	for (int i = 0; i < 100 * 1000; i++)
		buf_printf(&many, "word%d ", i);
	routing_words(span_of(&many), &l);
	assert_int_equal(l.count, ROUTING_WORDS);
	list_release(&l);
	buf_release(&many);
}

static double overlap(const char *text, const char *specialty, const char *found)
{
	struct list w = LIST_INIT, f = LIST_INIT;
	double score;

	routing_words(span_str(text), &w);
	score = routing_overlap(&w, specialty, &f);
	assert_int_equal(f.count, *found != '\0');
	if (f.count > 0)
		assert_string_equal(f.item[0], found);
	list_release(&w);
	list_release(&f);
	return score;
}

static void without_an_index(void **state)
{
	(void)state;
	assert_true(overlap("Fix bugs", "design", "") == 0);
	assert_true(overlap("Fix bugs", NULL, "") == 0);
	assert_true(overlap("Fix bugs", "bug hunting", "bug") > 0);
	assert_true(overlap("a login page", "login, users", "login") >
		    overlap("a login page", "login, users, tokens, keys", "login"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(whatever_the_facts_are),
		cmocka_unit_test(very_many),
		cmocka_unit_test(words),
		cmocka_unit_test(without_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
