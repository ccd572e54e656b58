/* Who owns which path: built-in rules first, then fleet.yaml in its order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trine/owner.h"

static const char fleet_yaml[] =
	"owners:\n"
	"  - {path: \"shared/backend/**\", owner: 1}\n"
	"  - {path: \"shared/**/api.md\", owner: 2}\n"
	"  - {path: \"shared/backend/api.md\", owner: 3}\n"
	"  - {path: \"COMPUTER_2.md\", owner: 3}\n"
	"  - {path: \"messages/**\", owner: 3}\n"
	"  - {path: \"conflicts/**\", owner: 3}\n"
	"  - {path: \"fleet.yaml\", owner: 3}\n"
	"  - {path: \"README.md\", owner: 4}\n";

static const struct {
	const char *path;
	struct owner with, without;	/* rules of fleet.yaml */
} rows[] = {
	{ "COMPUTER_1.md", { OWNER_COMPUTER, 1 }, { OWNER_COMPUTER, 1 } },
	{ "COMPUTER_2.md", { OWNER_COMPUTER, 2 }, { OWNER_COMPUTER, 2 } },
	{ "COMPUTER_0.md", { OWNER_SHARED, 0 }, { OWNER_SHARED, 0 } },
	{ "messages/1_TO_2.md", { OWNER_COMPUTER, 1 }, { OWNER_COMPUTER, 1 } },
	{ "messages/2_TO_ALL.md", { OWNER_COMPUTER, 2 }, { OWNER_COMPUTER, 2 } },
	{ "messages/HUMAN_TO_2.md", { OWNER_SHARED, 0 }, { OWNER_SHARED, 0 } },
	{ "messages/notes.md", { OWNER_RULE, 3 }, { OWNER_SHARED, 0 } },
	{ "archive/7_TO_1/0001.md", { OWNER_COMPUTER, 7 }, { OWNER_COMPUTER, 7 } },
	{ "archive/7_TO_1/a/b.md", { OWNER_COMPUTER, 7 }, { OWNER_COMPUTER, 7 } },
	{ "conflicts/2/a.md", { OWNER_CONFLICTS, 2 }, { OWNER_CONFLICTS, 2 } },
	{ "fleet.yaml", { OWNER_SHARED, 0 }, { OWNER_SHARED, 0 } },
	{ "README.md", { OWNER_RULE, 4 }, { OWNER_SHARED, 0 } },
	{ "shared/backend/api.md", { OWNER_RULE, 1 }, { OWNER_SHARED, 0 } },
	{ "shared/x/api.md", { OWNER_RULE, 2 }, { OWNER_SHARED, 0 } },
	{ "shared/x/other.md", { OWNER_SHARED, 0 }, { OWNER_SHARED, 0 } },
	{ "", { OWNER_SHARED, 0 }, { OWNER_SHARED, 0 } },
};

static void first_that_matches_decides(void **state)
{
	struct error err = ERROR_INIT;
	struct owner got;
	struct fleet f;

	(void)state;
	assert_int_equal(fleet_parse(span_str(fleet_yaml), &f, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		got = owner_of(rows[i].path, &f);
		assert_int_equal(got.kind, rows[i].with.kind);
		assert_int_equal(got.computer, rows[i].with.computer);
		got = owner_of(rows[i].path, NULL);
		assert_int_equal(got.kind, rows[i].without.kind);
		assert_int_equal(got.computer, rows[i].without.computer);
	}
	fleet_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_that_matches_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
