/*
 * Questions about claims in the whole fleet (trine/store_claim.h), answered from the
 * view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/store_claim.h"

void own_claim_list_release(struct own_claim_list *l)
{
	free(l->item);
	*l = (struct own_claim_list){ 0 };
}

bool own_claim_passed(const struct own_claim *c)
{
	return c->held != 0 && c->passed > c->held;
}

/* The columns of CLAIMS in sql.c. */
static void claim_of_row(sqlite3_stmt *q, struct own_claim *out)
{
	*out = (struct own_claim){
		.claim = {
			.generation = (uint64_t)column_number(q, 1),
			.beat = (uint64_t)column_number(q, 2),
			.lease = column_number(q, 3),
		},
		.session = (uint64_t)column_number(q, 5),
		.process = column_process(q, 6),
		.since = column_number(q, 9),
		.asked = column_number(q, 11),
		.held = (uint64_t)column_number(q, 13),
		.from = column_number(q, 14),
		.passed = (uint64_t)column_number(q, 16),
		.passed_by = (int)column_number(q, 17),
	};
	column_copy(q, 0, out->claim.name, sizeof(out->claim.name));
	column_copy(q, 4, out->claim.by, sizeof(out->claim.by));
	column_copy(q, 10, out->commit, sizeof(out->commit));
	column_copy(q, 12, out->boot, sizeof(out->boot));
	column_copy(q, 15, out->from_boot, sizeof(out->from_boot));
}

static int list_claims(struct store *s, enum statement which,
		       struct own_claim_list *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, which, BINDS_NONE, err);
	int result = 0;

	*out = (struct own_claim_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		claim_of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		own_claim_list_release(out);
	return result;
}

int view_claims(struct store *s, struct own_claim_list *out, struct error *err)
{
	return list_claims(s, SQL_CLAIMS, out, err);
}

int view_claims_seen(struct store *s, struct own_claim_list *out, struct error *err)
{
	return list_claims(s, SQL_CLAIMS_SEEN, out, err);
}

int view_claim(struct store *s, const char *name, struct own_claim *out, bool *found,
	       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_CLAIM, BINDS(TEXT(name)), err);
	int result = 0;

	*out = (struct own_claim){ .session = 0 };
	*found = query_row(s, q, &result, err);
	if (*found)
		claim_of_row(q, out);
	query_end(q);
	return result;
}

int view_rivals(struct store *s, struct rival **out, size_t *count, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_RIVALS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct rival *r;

		ARRAY_GROW(*out, *count, cap);
		r = &(*out)[(*count)++];
		*r = (struct rival){
			.computer = (int)column_number(q, 0),
			.claim = {
				.generation = (uint64_t)column_number(q, 2),
				.beat = (uint64_t)column_number(q, 3),
				.lease = column_number(q, 4),
			},
			.seen = column_number(q, 6),
		};
		column_copy(q, 1, r->claim.name, sizeof(r->claim.name));
		column_copy(q, 5, r->claim.by, sizeof(r->claim.by));
		column_copy(q, 7, r->boot, sizeof(r->boot));
	}
	query_end(q);
	if (result == -1) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_generations(struct store *s, struct generations *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_GENERATIONS, BINDS_NONE, err);
	int result = 0;

	*out = (struct generations){ 0 };
	if (query_row(s, q, &result, err)) {
		out->seen = (uint64_t)column_number(q, 0);
		out->taken = (uint64_t)column_number(q, 1);
	}
	query_end(q);
	return result;
}
