/* fleet.yaml: what is read, refused, found, and changed in place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/fleet.h"
#include "trine/limits.h"
#include "trine/text.h"

static const char example[] =
	"# The fleet\n"
	"computers:\n"
	"  1: {name: Mechanic, specialty: \"implementation, deployment\"}\n"
	"  2: {name: Architect, weight: 3}\n"
	"  12:\n"
	"  3: {name: ~}\n"
	"owners:\n"
	"  - {path: \"shared/backend/**\", owner: 1}\n"
	"  - path: docs/*\n"
	"    owner: 2\n"
	"routes:\n"
	"  - {label: bug, to: 1}\n"
	"  - {label: ui, to: 1, review: 2}\n"
	"  - {label: pattern, to: [1/araya, 3]}\n"
	"  - {label: feature, stages: [3, 2, 1], approvals: 2}\n"
	"retired: [4, 5, 4]\n"
	"colour: {of: [the, house]}\n";

static void the_example_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct fleet f;

	(void)state;
	if (fleet_parse(span_str(example), &f, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(f.computer_count, 4);
	assert_string_equal(fleet_computer(&f, 1)->name, "Mechanic");
	assert_string_equal(fleet_computer(&f, 1)->specialty,
			    "implementation, deployment");
	assert_null(fleet_computer(&f, 2)->specialty);
	assert_null(fleet_computer(&f, 12)->name);
	assert_null(fleet_computer(&f, 3)->name);
	assert_null(fleet_computer(&f, 4));
	assert_int_equal(f.rule_count, 2);
	assert_string_equal(f.rule[1].glob, "docs/*");
	assert_int_equal(f.rule[1].owner, 2);
	assert_int_equal(f.route_count, 4);
	assert_int_equal(f.route[1].review, 2);
	assert_int_equal(f.route[2].to.count, 2);
	assert_string_equal(f.route[2].to.item[0], "1/araya");
	assert_string_equal(f.route[2].to.item[1], "3");
	assert_int_equal(f.route[3].stages.count, 3);
	assert_string_equal(f.route[3].stages.item[0], "3");
	assert_int_equal(f.route[3].approvals, 2);
	assert_int_equal(f.retired_count, 2);
	assert_true(fleet_retired(&f, 5));
	assert_false(fleet_retired(&f, 1));
	fleet_release(&f);
	fleet_release(&f);
}

/* NULL: accepted. */
static const struct {
	const char *text, *fault;
} rows[] = {
	{ "", NULL },
	{ "# nothing\n", NULL },
	{ "computers:\nowners: ~\nroutes: []\nretired:\n", NULL },
	{ "unknown: {a: [b]}\n", NULL },
	{ "- a\n", "line 1: not a map" },
	{ "text\n", "line 1: not a map" },
	{ "computers: [1]\n", "line 1: computers is no map" },
	{ "computers: x\n", "line 1: computers is no map" },
	{ "computers:\n  0: {}\n", "line 2: a computer is a number" },
	{ "computers:\n  01: {}\n", "line 2: a computer is" },
	{ "computers:\n  1000: {}\n", "line 2: a computer is" },
	{ "computers:\n  one: {}\n", "line 2: a computer is" },
	{ "computers:\n  1: Mechanic\n", "line 2: a computer is written" },
	{ "computers:\n  1: {name: [a]}\n", "line 2: name is no text" },
	{ "computers:\n  1: {}\n  1: {}\n", "line 3" },
	{ "owners: {path: a, owner: 1}\n", "line 1: owners is no list" },
	{ "owners: [a]\n", "line 1: a rule is written" },
	{ "owners:\n  - {owner: 1}\n", "line 2: a rule without a usable path" },
	{ "owners:\n  - {path: \"\", owner: 1}\n", "line 2: a rule without" },
	{ "owners:\n  - {path: [a], owner: 1}\n", "line 2: path is no text" },
	{ "owners:\n  - {path: a}\n", "line 2: a rule without an owner" },
	{ "owners:\n  - {path: a, owner: 0}\n", "line 2: owner is no number" },
	{ "owners:\n  - {path: a, owner: ALL}\n", "line 2: owner is no number" },
	{ "owners:\n  - {path: a, owner: [1]}\n", "line 2: owner is no number" },
	{ "routes: [a]\n", "line 1: a route is written" },
	{ "routes:\n  - {to: 1}\n", "line 2: a route without a usable label" },
	{ "routes:\n  - {label: \"a b\", to: 1}\n", "line 2: a route without" },
	{ "routes:\n  - {label: a}\n", "line 2: a route that leads nowhere" },
	{ "routes:\n  - {label: a, to: Mechanic}\n", "line 2: work goes to" },
	{ "routes:\n  - {label: a, to: 1/}\n", "line 2: work goes to" },
	{ "routes:\n  - {label: a, to: 1/a/b}\n", "line 2: work goes to" },
	{ "routes:\n  - {label: a, to: {b: 1}}\n", "line 2: work goes to" },
	{ "routes:\n  - {label: a, to: [1, [2]]}\n", "line 2: " },
	{ "routes:\n  - {label: a, stages: [1/x]}\n", "line 2: work goes to" },
	{ "routes:\n  - {label: a, to: 1, review: x}\n", "line 2: review is no" },
	{ "retired: 4\n", "line 1: retired is no list" },
	{ "retired: [x]\n", "line 1: retired lists numbers" },
	{ "retired: [[4]]\n", "line 1: retired lists numbers" },
	{ "a: &x 1\nb: *x\n", "line 1" },
	{ "retired: [4\n", "line" },
};

static void rows_are_judged(void **state)
{
	struct fleet f;
	struct error err;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		error_clear(&err);
		rc = fleet_parse(span_str(rows[i].text), &f, &err);
		if (rows[i].fault == NULL) {
			if (rc == -1)
				fail_msg("%s: %s", rows[i].text, err.text);
		} else if (rc == 0 || err.code != ERR_DATA ||
			   strncmp(err.text, rows[i].fault,
				   strlen(rows[i].fault)) != 0) {
			fail_msg("%s: %s", rows[i].text, err.text);
		}
		fleet_release(&f);
	}
}

static void any_byte_is_answered(void **state)
{
	static const char bytes[] = "\0\n\t []{}:,-&*!#\"'\xff\x80x";
	struct error err = ERROR_INIT;
	struct fleet f;
	char bad[sizeof(example)];

	(void)state;
	for (size_t at = 0; at < sizeof(example) - 1; at++)
		for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
			struct span s = { bad, sizeof(example) - 1 };
			struct buf out = BUF_INIT;

			memcpy(bad, example, sizeof(bad));
			bad[at] = bytes[b];
			if (fleet_parse(s, &f, &err) == 0)
				fleet_release(&f);
			fleet_retire(s, 9, &out, &err);
			s.len = at;
			if (fleet_parse(s, &f, &err) == 0)
				fleet_release(&f);
			fleet_retire(s, 9, &out, &err);
			buf_release(&out);
		}
}

static void rules_are_bounded(void **state)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct fleet f;

	(void)state;
	buf_adds(&text, "owners:\n");
	for (int i = 0; i < FLEET_RULES; i++)
		buf_printf(&text, "  - {path: \"a%d\", owner: 1}\n", i);
	assert_int_equal(fleet_parse(span_of(&text), &f, &err), 0);
	assert_int_equal(f.rule_count, FLEET_RULES);
	fleet_release(&f);
	buf_adds(&text, "  - {path: b, owner: 1}\n");
	assert_int_equal(fleet_parse(span_of(&text), &f, &err), -1);
	while (text.len <= LIMIT_FLEET)
		buf_adds(&text, "# more\n");
	assert_int_equal(fleet_parse(span_of(&text), &f, &err), -1);
	buf_release(&text);
}

static void computers_are_found(void **state)
{
	static const char text[] =
		"computers:\n"
		"  1: {name: Mechanic}\n"
		"  2: {name: Twin}\n"
		"  3: {name: twin}\n"
		"  4: {name: \"Evil\\e[31m\"}\n"
		"  5: {}\n";
	static const struct { const char *who; int rc, number; } names[] = {
		{ "1", 0, 1 }, { "77", 0, 77 }, { "999", 0, 999 },
		{ "Mechanic", 0, 1 }, { "mechanic", 0, 1 }, { "MECHANIC", 0, 1 },
		{ "ALL", 0, END_ALL }, { "all", 0, END_ALL },
		{ "0", -1, 0 }, { "1000", -1, 0 }, { "-1", -1, 0 },
		{ "01", -1, 0 }, { "", -1, 0 }, { "Mechanix", -1, 0 },
		{ "Twin", -1, 0 }, { "HUMAN", -1, 0 }, { "a\x1b[1m", -1, 0 },
	};
	struct error err = ERROR_INIT;
	struct fleet f;
	int number;

	(void)state;
	assert_int_equal(fleet_parse(span_str(text), &f, &err), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		error_clear(&err);
		assert_int_equal(fleet_find(&f, names[i].who, &number, &err),
				 names[i].rc);
		if (names[i].rc == 0)
			assert_int_equal(number, names[i].number);
		else
			assert_int_equal(err.code, ERR_NOTFOUND);
		assert_null(strchr(err.text, '\x1b'));
	}
	fleet_find(&f, "nobody", &number, &err);
	assert_string_equal(err.text, "no computer is called 'nobody'; there "
			    "are: 1 Mechanic, 2 Twin, 3 twin, 4 Evil\\x1b[31m, "
			    "5, ALL");
	fleet_find(&f, "twin", &number, &err);
	assert_non_null(strstr(err.text, "more than one"));
	fleet_release(&f);
	assert_int_equal(fleet_find(NULL, "3", &number, &err), 0);
	assert_int_equal(fleet_find(NULL, "Mechanic", &number, &err), -1);
}

static void first_label_with_a_route_leads(void **state)
{
	struct list labels = LIST_INIT;
	struct error err = ERROR_INIT;
	struct fleet f;

	(void)state;
	assert_int_equal(fleet_parse(span_str(example), &f, &err), 0);
	assert_null(fleet_route(&f, &labels));
	list_add(&labels, "none");
	assert_null(fleet_route(&f, &labels));
	list_add(&labels, "ui");
	list_add(&labels, "bug");
	assert_string_equal(fleet_route(&f, &labels)->label, "ui");
	list_release(&labels);
	fleet_release(&f);
}

static void retiring_keeps_the_text(void **state)
{
	static const struct { const char *in, *out; } texts[] = {
		{ "", "retired: [9]\n" },
		{ "# only words\n", "# only words\nretired: [9]\n" },
		{ "computers: {1: {name: A}}", "computers: {1: {name: A}}\nretired: [9]\n" },
		{ "a: 1\n# retired: [4]\n", "a: 1\n# retired: [4]\nretired: [9]\n" },
		{ "retired: [4]  # gone\nb: 2\n", "retired: [4, 9]  # gone\nb: 2\n" },
		{ "retired: []\n", "retired: [9]\n" },
		{ "retired: [ ]\r\nb: 2\r\n", "retired: [ 9]\r\nb: 2\r\n" },
		{ "retired:\nb: 2\n", "retired: [9]\nb: 2\n" },
		{ "retired: # none yet\n", "retired: [9] # none yet\n" },
		{ "retired:", "retired: [9]" },
		{ "retired:\n  # the old ones\n  - 4 # box\n  - 5\nb: 2\n",
		  "retired:\n  - 9\n  # the old ones\n  - 4 # box\n  - 5\nb: 2\n" },
		{ "retired:\n- 4\n", "retired:\n- 9\n- 4\n" },
		{ "retired: [\n  4, # box\n  5\n]\n", "retired: [9, \n  4, # box\n  5\n]\n" },
		{ "retired: [4, 9]\n", "retired: [4, 9]\n" },
	};
	struct error err = ERROR_INIT;
	struct fleet f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf out = BUF_INIT;

		if (fleet_retire(span_str(texts[i].in), 9, &out, &err) == -1)
			fail_msg("%s: %s", texts[i].in, err.text);
		assert_string_equal(out.data, texts[i].out);
		assert_int_equal(fleet_parse(span_of(&out), &f, &err), 0);
		assert_true(fleet_retired(&f, 9));
		fleet_release(&f);
		buf_release(&out);
	}
}

static void retiring_refuses_what_it_cannot(void **state)
{
	static const char *const texts[] = {
		"{computers: {1: {name: A}}}\n",	/* no place for a line */
		"\"retired\": [4]\n",
		"a: 1\n...\n",
		"retired: ~\n",
		"retired: [4\n",			/* not readable at all */
		"x: \"\nretired: [4]\n\"\n",		/* inside a text */
	};
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		error_clear(&err);
		if (fleet_retire(span_str(texts[i]), 9, &out, &err) == 0)
			fail_msg("%s: %s", texts[i], out.data);
		assert_int_equal(err.code, ERR_DATA);
		assert_int_equal(out.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_is_read),
		cmocka_unit_test(rows_are_judged),
		cmocka_unit_test(any_byte_is_answered),
		cmocka_unit_test(rules_are_bounded),
		cmocka_unit_test(computers_are_found),
		cmocka_unit_test(first_label_with_a_route_leads),
		cmocka_unit_test(retiring_keeps_the_text),
		cmocka_unit_test(retiring_refuses_what_it_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
